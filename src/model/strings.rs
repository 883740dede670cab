//! Interned strings: names, services and attribute keys are compared and stored as numbers.

use std::hash::{BuildHasher, BuildHasherDefault};

use hashbrown::HashTable;
use rustc_hash::FxHasher;

use super::index::StringIdx;

/// Distinct strings, each with a stable index. Index 0 is the empty string.
#[derive(Clone, Debug)]
pub struct Strings {
    bytes: String,
    ends: Vec<u32>,
    index: HashTable<u32>,
}

impl Default for Strings {
    fn default() -> Self {
        let mut strings = Self { bytes: String::new(), ends: Vec::new(), index: HashTable::new() };
        strings.intern("");
        strings
    }
}

fn hash(text: &str) -> u64 {
    BuildHasherDefault::<FxHasher>::default().hash_one(text)
}

impl Strings {
    /// The empty string, always present.
    pub const EMPTY: StringIdx = StringIdx(0);

    /// The index of `text`, which is added if it is new. Amortised O(length).
    pub fn intern(&mut self, text: &str) -> StringIdx {
        let hash_of = hash(text);
        let found = self.index.find(hash_of, |&at| slice(&self.bytes, &self.ends, at) == text);
        if let Some(&at) = found {
            return StringIdx(at);
        }
        // Text beyond 4 GiB in all would wrap the offsets; it is not kept.
        if self.bytes.len() + text.len() > u32::MAX as usize {
            return Self::EMPTY;
        }
        let at = self.ends.len() as u32;
        self.bytes.push_str(text);
        self.ends.push(self.bytes.len() as u32);
        self.index.insert_unique(hash_of, at, |&at| hash(slice(&self.bytes, &self.ends, at)));
        StringIdx(at)
    }

    /// Like [`Self::intern`], comparing with `guess` first: keys repeat by position from span to span.
    #[inline]
    pub fn intern_guess(&mut self, text: &str, guess: StringIdx) -> StringIdx {
        if self.get(guess) == text { guess } else { self.intern(text) }
    }

    /// The index of `text` if it was interned.
    pub fn find(&self, text: &str) -> Option<StringIdx> {
        self.index.find(hash(text), |&at| slice(&self.bytes, &self.ends, at) == text).map(|&at| StringIdx(at))
    }

    /// The text at `idx`; empty for an index of another table that is too large for this one.
    #[inline]
    pub fn get(&self, idx: StringIdx) -> &str {
        slice(&self.bytes, &self.ends, idx.0)
    }

    /// Number of distinct strings.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Always `false`: the empty string is there from the start.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// All strings in the order of their indices.
    pub fn iter(&self) -> impl Iterator<Item = (StringIdx, &str)> {
        (0..self.ends.len()).map(|at| (StringIdx::new(at), slice(&self.bytes, &self.ends, at as u32)))
    }

    /// Bytes held on the heap.
    pub fn heap_bytes(&self) -> usize {
        self.bytes.capacity() + self.ends.capacity() * 4 + self.index.capacity() * 5
    }
}

#[inline]
fn slice<'a>(bytes: &'a str, ends: &[u32], at: u32) -> &'a str {
    let at = at as usize;
    let start = if at == 0 { 0 } else { ends.get(at - 1).map_or(0, |&e| e as usize) };
    ends.get(at).and_then(|&end| bytes.get(start..end as usize)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_strings_get_one_index() {
        let mut strings = Strings::default();
        let a = strings.intern("GET /cart");
        assert_eq!(strings.intern("GET /cart"), a);
        assert_eq!(strings.intern_guess("GET /cart", a), a);
        assert_ne!(strings.intern_guess("GET /", a), a);
        assert_eq!(strings.intern(""), Strings::EMPTY);
        assert_eq!(strings.get(a), "GET /cart");
        assert_eq!(strings.get(StringIdx(99)), "");
        assert_eq!(strings.len(), 3);
    }
}
