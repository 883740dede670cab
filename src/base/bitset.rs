//! A set of indices as bits: one bit per span for matches, folds and marks.

/// A set of numbers below a fixed length.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BitSet {
    words: Vec<u64>,
    len: usize,
}

impl BitSet {
    /// The empty set over `0..len`.
    pub fn new(len: usize) -> Self {
        Self { words: vec![0; len.div_ceil(64)], len }
    }

    /// The set of all of `0..len`.
    pub fn full(len: usize) -> Self {
        let mut set = Self { words: vec![u64::MAX; len.div_ceil(64)], len };
        if !len.is_multiple_of(64)
            && let Some(last) = set.words.last_mut()
        {
            *last = (1 << (len % 64)) - 1;
        }
        set
    }

    /// The length given at creation: one more than the largest possible member.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether no number can be a member.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether `at` is a member; `false` beyond the length.
    #[inline]
    pub fn contains(&self, at: usize) -> bool {
        self.words.get(at / 64).is_some_and(|w| w >> (at % 64) & 1 == 1)
    }

    /// Adds `at`; ignored beyond the length. Returns whether it was new.
    #[inline]
    pub fn insert(&mut self, at: usize) -> bool {
        let was = self.contains(at);
        if at < self.len {
            self.words[at / 64] |= 1 << (at % 64);
        }
        !was && at < self.len
    }

    /// Removes `at`. Returns whether it was there.
    #[inline]
    pub fn remove(&mut self, at: usize) -> bool {
        let was = self.contains(at);
        if was {
            self.words[at / 64] &= !(1 << (at % 64));
        }
        was
    }

    /// Number of members.
    pub fn count(&self) -> usize {
        self.words.iter().map(|w| w.count_ones() as usize).sum()
    }

    /// Members in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(|(n, &word)| {
            let mut rest = word;
            std::iter::from_fn(move || {
                let bit = rest.trailing_zeros() as usize;
                (rest != 0).then(|| {
                    rest &= rest - 1;
                    n * 64 + bit
                })
            })
        })
    }

    /// The first member at or after `at`.
    pub fn next_from(&self, at: usize) -> Option<usize> {
        let first = at / 64;
        let head = *self.words.get(first)? & (u64::MAX << (at % 64));
        if head != 0 {
            return Some(first * 64 + head.trailing_zeros() as usize);
        }
        let rest = self.words.get(first + 1..)?;
        rest.iter().position(|&w| w != 0).map(|n| (first + 1 + n) * 64 + rest[n].trailing_zeros() as usize)
    }

    /// The last member before `at`.
    pub fn last_before(&self, at: usize) -> Option<usize> {
        let at = at.min(self.len);
        (0..at.div_ceil(64)).rev().find_map(|n| {
            let kept = at - n * 64;
            let word = if kept >= 64 { self.words[n] } else { self.words[n] & ((1 << kept) - 1) };
            (word != 0).then(|| n * 64 + 63 - word.leading_zeros() as usize)
        })
    }

    /// The words behind the set, 64 members each, for sending it elsewhere.
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// The set over `0..len` whose members are the bits of `words`; missing words are empty.
    pub fn from_words(len: usize, mut words: Vec<u64>) -> Self {
        words.resize(len.div_ceil(64), 0);
        if !len.is_multiple_of(64)
            && let Some(last) = words.last_mut()
        {
            *last &= (1 << (len % 64)) - 1;
        }
        Self { words, len }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn agrees_with_an_ordered_set(len in 0_usize..300, members in prop::collection::btree_set(0_usize..300, 0..50), at in 0_usize..320) {
            let mut set = BitSet::new(len);
            for &m in &members { set.insert(m); }
            let expected: Vec<usize> = members.iter().copied().filter(|&m| m < len).collect();
            prop_assert_eq!(set.iter().collect::<Vec<_>>(), expected.clone());
            prop_assert_eq!(set.count(), expected.len());
            prop_assert_eq!(set.next_from(at), expected.iter().copied().find(|&m| m >= at));
            prop_assert_eq!(set.last_before(at), expected.iter().copied().rfind(|&m| m < at));
            prop_assert_eq!(BitSet::full(len).count(), len);
        }
    }
}
