//! A reader of protobuf that borrows: no message is ever built, fields are handed out as they come.
//!
//! Strings with invalid UTF-8 are the caller's to mend, since a strict reader would lose the whole message for
//! one bad byte. Groups and field number 0 do not occur in any format read here; they mean that the bytes are
//! something else.

use std::borrow::Cow;

/// The bytes are not protobuf from here on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Broken {
    /// Offset in the reader's bytes.
    pub(super) at: usize,
    /// What is wrong.
    pub(super) reason: &'static str,
}

/// The value of a field, by wire type.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Field<'a> {
    Varint(u64),
    Fixed64(u64),
    Fixed32(u32),
    Bytes(&'a [u8]),
}

/// Hands out the fields of one message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The next field with its number; `None` at the end.
    #[inline]
    pub(super) fn next(&mut self) -> Result<Option<(u32, Field<'a>)>, Broken> {
        if self.at >= self.bytes.len() {
            return Ok(None);
        }
        let start = self.at;
        let tag = self.varint()?;
        let Ok(number @ 1..) = u32::try_from(tag >> 3) else {
            return Err(Broken { at: start, reason: "field number 0" });
        };
        let field = match tag & 7 {
            0 => Field::Varint(self.varint()?),
            1 => Field::Fixed64(u64::from_le_bytes(self.array()?)),
            2 => {
                let len = self.varint()?;
                Field::Bytes(self.take(len)?)
            }
            5 => Field::Fixed32(u32::from_le_bytes(self.array()?)),
            _ => return Err(Broken { at: start, reason: "a wire type that does not exist" }),
        };
        Ok(Some((number, field)))
    }

    #[inline]
    fn varint(&mut self) -> Result<u64, Broken> {
        if let Some(&byte) = self.bytes.get(self.at)
            && byte < 0x80
        {
            self.at += 1;
            return Ok(u64::from(byte));
        }
        crate::base::varint::read(self.bytes, &mut self.at)
            .ok_or(Broken { at: self.at, reason: "a number without end" })
    }

    #[inline]
    fn take(&mut self, len: u64) -> Result<&'a [u8], Broken> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        match usize::try_from(len).ok().and_then(|len| rest.get(..len)) {
            Some(bytes) => {
                self.at += bytes.len();
                Ok(bytes)
            }
            None => Err(Broken { at: self.at, reason: "a field that is longer than its message" }),
        }
    }

    #[inline]
    fn array<const N: usize>(&mut self) -> Result<[u8; N], Broken> {
        let at = self.at;
        let bytes = self.take(N as u64)?;
        bytes.try_into().map_err(|_| Broken { at, reason: "a number without end" })
    }
}

/// The head of a field at the start of `bytes`: number, wire type, and for a length-delimited one its length,
/// with the bytes they take. `Ok(None)` when the bytes end within it.
pub(super) fn head(bytes: &[u8]) -> Result<Option<Head>, Broken> {
    let mut at = 0;
    let Some(tag) = crate::base::varint::read(bytes, &mut at) else {
        return endless(bytes, 0);
    };
    let Ok(number @ 1..) = u32::try_from(tag >> 3) else {
        return Err(Broken { at: 0, reason: "field number 0" });
    };
    let len = match tag & 7 {
        0 => {
            let start = at;
            if crate::base::varint::read(bytes, &mut at).is_none() {
                return endless(bytes, start);
            }
            let len = at - start;
            at = start;
            len as u64
        }
        1 => 8,
        2 => match crate::base::varint::read(bytes, &mut at) {
            Some(len) => len,
            None => return endless(bytes, at),
        },
        5 => 4,
        _ => return Err(Broken { at: 0, reason: "a wire type that does not exist" }),
    };
    Ok(Some(Head { number, wire: (tag & 7) as u8, value_at: at, len }))
}

fn endless(bytes: &[u8], at: usize) -> Result<Option<Head>, Broken> {
    if bytes.len() - at >= 10 { Err(Broken { at, reason: "a number without end" }) } else { Ok(None) }
}

/// What [`head`] found: the value follows after `value_at` bytes and is `len` bytes long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) number: u32,
    pub(super) wire: u8,
    pub(super) value_at: usize,
    pub(super) len: u64,
}

/// The text of a string field, mended where it is not UTF-8; `mended` then counts one more.
#[inline]
pub(super) fn text<'a>(bytes: &'a [u8], mended: &mut u64) -> Cow<'a, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    *mended += 1;
    Cow::Owned(String::from_utf8_lossy(bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wire_type_is_read() {
        let bytes = [0x08, 0x96, 0x01, 0x11, 1, 0, 0, 0, 0, 0, 0, 0, 0x1a, 2, b'h', b'i', 0x25, 2, 0, 0, 0];
        let mut reader = Reader::new(&bytes);
        let mut fields = Vec::new();
        while let Some(field) = reader.next().unwrap() {
            fields.push(field);
        }
        let expected = [
            (1, Field::Varint(150)),
            (2, Field::Fixed64(1)),
            (3, Field::Bytes(b"hi")),
            (4, Field::Fixed32(2)),
        ];
        assert_eq!(fields, expected);
    }

    #[test]
    fn what_is_no_protobuf_is_refused_with_its_place() {
        for (bytes, at) in [
            (&[0x00_u8][..], 0),
            (&[0x0b], 0),
            (&[0x0a, 5, 1], 2),
            (&[0x08, 0xff], 1),
            (&[0x0d, 1, 2], 1),
            (&[0x08, 1, 0x04], 2),
        ] {
            let mut reader = Reader::new(bytes);
            let error = loop {
                match reader.next() {
                    Ok(Some(_)) => {}
                    Ok(None) => panic!("{bytes:?} was read"),
                    Err(broken) => break broken,
                }
            };
            assert_eq!(error.at, at, "{bytes:?}: {}", error.reason);
        }
    }

    #[test]
    fn heads_are_the_same_as_fields_and_wait_for_their_bytes() {
        let bytes = [0x12, 0x80, 0x01];
        assert_eq!(head(&bytes), Ok(Some(Head { number: 2, wire: 2, value_at: 3, len: 128 })));
        for cut in 0..bytes.len() {
            assert_eq!(head(&bytes[..cut]), Ok(None));
        }
        assert_eq!(head(&[0x08, 0x96, 0x01]), Ok(Some(Head { number: 1, wire: 0, value_at: 1, len: 2 })));
        assert!(head(&[0xff; 11]).is_err());
    }
}
