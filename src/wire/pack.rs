//! Columns as little-endian bytes: a count, then the values; strings as their ends and one run of UTF-8.
//!
//! Reading never trusts a count: it is compared with the bytes that are there before anything is reserved.

use crate::base::bitset::BitSet;

use super::WireError;

/// Appends columns to a buffer.
#[derive(Clone, Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

/// Takes columns from a buffer, in the order in which they were written.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

/// Defines the writing and reading of one type of number.
macro_rules! column {
    ($write:ident, $read:ident, $type:ty) => {
        impl Writer {
            #[doc = concat!("Appends a column of `", stringify!($type), "`.")]
            pub fn $write(&mut self, values: &[$type]) {
                self.bytes.reserve(4 + size_of_val(values));
                self.count(values.len());
                for value in values {
                    self.bytes.extend_from_slice(&value.to_le_bytes());
                }
            }
        }

        impl Reader<'_> {
            #[doc = concat!("Takes a column of `", stringify!($type), "` and appends it to `out`; returns its length.")]
            pub fn $read(&mut self, out: &mut Vec<$type>) -> Result<usize, WireError> {
                const WIDTH: usize = size_of::<$type>();
                let n = self.count()?;
                let bytes = self.take(n.saturating_mul(WIDTH), concat!("a column of ", stringify!($type)))?;
                // The length is a multiple of the width, so there is no remainder.
                let (values, _) = bytes.as_chunks::<WIDTH>();
                out.extend(values.iter().map(|value| <$type>::from_le_bytes(*value)));
                Ok(n)
            }
        }
    };
}

column!(u8s, u8s, u8);
column!(u32s, u32s, u32);
column!(u64s, u64s, u64);
column!(i64s, i64s, i64);

impl Writer {
    /// The bytes written so far.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Appends a column of strings.
    pub fn strings<'s>(&mut self, strings: impl Iterator<Item = &'s str> + Clone) {
        let mut end = 0_u32;
        let ends: Vec<u32> = strings
            .clone()
            .map(|s| {
                end = end.saturating_add(s.len() as u32);
                end
            })
            .collect();
        self.u32s(&ends);
        self.bytes.reserve(end as usize);
        for string in strings {
            self.bytes.extend_from_slice(string.as_bytes());
        }
    }

    /// Appends a set: its length and its words.
    pub fn bitset(&mut self, set: &BitSet) {
        self.count(set.len());
        self.u64s(set.words());
    }

    fn count(&mut self, n: usize) {
        self.bytes.extend_from_slice(&(n as u32).to_le_bytes());
    }
}

impl<'a> Reader<'a> {
    /// Reads `bytes` from their start.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Takes a column of strings and appends it to `out`; returns its length. Bytes that are not UTF-8 are
    /// replaced.
    pub fn strings(&mut self, out: &mut Vec<String>) -> Result<usize, WireError> {
        let mut ends = Vec::new();
        let n = self.u32s(&mut ends)?;
        let bytes = self.take(ends.last().map_or(0, |&end| end as usize), "strings")?;
        let mut start = 0;
        out.reserve(n);
        for end in ends {
            let text = bytes.get(start..end as usize).ok_or_else(|| WireError::Broken {
                reason: format!("a string from {start} to {end} of {} bytes", bytes.len()),
            })?;
            out.push(String::from_utf8_lossy(text).into_owned());
            start = end as usize;
        }
        Ok(n)
    }

    /// Takes a set.
    pub fn bitset(&mut self) -> Result<BitSet, WireError> {
        let len = self.count()?;
        let mut words = Vec::new();
        let n = self.u64s(&mut words)?;
        if n != len.div_ceil(64) {
            return Err(WireError::Broken { reason: format!("{n} words for a set over {len}") });
        }
        Ok(BitSet::from_words(len, words))
    }

    /// Says that nothing may follow.
    pub fn end(self) -> Result<(), WireError> {
        if self.rest.is_empty() {
            return Ok(());
        }
        Err(WireError::Broken { reason: format!("{} bytes too many", self.rest.len()) })
    }

    fn count(&mut self) -> Result<usize, WireError> {
        let bytes = self.take(4, "a count")?;
        Ok(bytes.first_chunk().map_or(0, |four| u32::from_le_bytes(*four) as usize))
    }

    fn take(&mut self, needed: usize, what: &'static str) -> Result<&'a [u8], WireError> {
        let (taken, rest) = self.rest.split_at_checked(needed).ok_or(WireError::Short {
            what,
            needed,
            left: self.rest.len(),
        })?;
        self.rest = rest;
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn reads_what_it_wrote(
            a in prop::collection::vec(any::<u8>(), 0..40),
            b in prop::collection::vec(any::<u32>(), 0..40),
            c in prop::collection::vec(any::<u64>(), 0..40),
            d in prop::collection::vec(any::<i64>(), 0..40),
            e in prop::collection::vec(".{0,12}", 0..20),
            members in prop::collection::btree_set(0_usize..300, 0..50),
            len in 0_usize..300,
        ) {
            let mut set = BitSet::new(len);
            for m in members { set.insert(m); }
            let mut writer = Writer::default();
            writer.u8s(&a);
            writer.u32s(&b);
            writer.u64s(&c);
            writer.i64s(&d);
            writer.strings(e.iter().map(String::as_str));
            writer.bitset(&set);
            let bytes = writer.into_bytes();

            let mut reader = Reader::new(&bytes);
            let (mut a2, mut b2, mut c2, mut d2, mut e2) = (vec![], vec![], vec![], vec![], vec![]);
            prop_assert_eq!(reader.u8s(&mut a2), Ok(a.len()));
            prop_assert_eq!(reader.u32s(&mut b2), Ok(b.len()));
            prop_assert_eq!(reader.u64s(&mut c2), Ok(c.len()));
            prop_assert_eq!(reader.i64s(&mut d2), Ok(d.len()));
            prop_assert_eq!(reader.strings(&mut e2), Ok(e.len()));
            prop_assert_eq!(reader.bitset(), Ok(set));
            prop_assert_eq!(reader.end(), Ok(()));
            prop_assert_eq!((a2, b2, c2, d2, e2), (a, b, c, d, e));
        }

        #[test]
        fn hostile_bytes_give_an_error_and_no_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = Reader::new(&bytes).u64s(&mut Vec::new());
            let _ = Reader::new(&bytes).strings(&mut Vec::new());
            let _ = Reader::new(&bytes).bitset();
        }
    }

    #[test]
    fn a_short_buffer_says_what_is_missing() {
        let mut writer = Writer::default();
        writer.u32s(&[1, 2, 3]);
        let bytes = writer.into_bytes();
        let error = Reader::new(&bytes[..9]).u32s(&mut Vec::new());
        assert_eq!(error, Err(WireError::Short { what: "a column of u32", needed: 12, left: 5 }));
    }
}
