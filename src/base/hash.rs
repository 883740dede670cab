//! A hash of texts that is 64 bits wide on every machine.
//!
//! `FxHasher` has 32 bits in wasm, too few to let a hash stand for the text itself. Here each word goes through
//! products of 64 bits, which no two of them share; one of twice that width would mix as well, but is a function
//! call in wasm.

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

/// Mixes `value` into `hash`.
#[inline]
pub const fn mix(hash: u64, value: u64) -> u64 {
    // The hash is spread before the value comes in: small numbers for both must not cancel each other.
    let spread = (hash ^ FACTOR).wrapping_mul(0xe703_7ed1_a0b4_28db);
    let product = (spread ^ spread >> 32 ^ value).wrapping_mul(0xa076_1d64_78bd_642f);
    product ^ product >> 32
}

/// Mixes a text into `hash`: its length and its bytes. A million different texts have two equal hashes once
/// in thirty million tries.
#[inline]
pub fn text(mut hash: u64, text: &str) -> u64 {
    let bytes = text.as_bytes();
    let (words, rest) = bytes.as_chunks::<8>();
    for word in words {
        hash = mix(hash, u64::from_le_bytes(*word));
    }
    if !rest.is_empty() {
        // What is left is read with what stands before it, where there is that much.
        let last = match bytes.last_chunk::<8>() {
            Some(last) => u64::from_le_bytes(*last),
            None => rest.iter().rev().fold(0, |last, &byte| last << 8 | u64::from(byte)),
        };
        hash = mix(hash, last);
    }
    mix(hash, bytes.len() as u64)
}

/// Numbers given to hashes, where a hash stands for the thing itself.
///
/// The table holds places in a list: of a million hashes that come once each, most of the time goes into waiting for
/// memory, and a small table has more of itself in the cache.
#[derive(Clone, Debug, Default)]
pub struct Numbers {
    places: HashTable<u32>,
    numbers: Vec<(u64, u32)>,
}

impl Numbers {
    /// The number of `hash`.
    pub fn get(&self, hash: u64) -> Option<u32> {
        let known = |&place: &u32| self.numbers.get(place as usize).filter(|number| number.0 == hash);
        let place = self.places.find(hash, |place| known(place).is_some())?;
        known(place).map(|number| number.1)
    }

    /// The number of `hash`, which becomes `next` when it has none.
    pub fn get_or(&mut self, hash: u64, next: usize) -> u32 {
        let hash_of = |place: u32| self.numbers.get(place as usize).map_or(0, |number| number.0);
        let place = match self.places.entry(hash, |&place| hash_of(place) == hash, |&place| hash_of(place)) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => {
                new.insert(self.numbers.len() as u32);
                self.numbers.push((hash, next as u32));
                return next as u32;
            }
        };
        self.numbers.get(place as usize).map_or(next as u32, |number| number.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_of_small_numbers_have_hashes_of_their_own() {
        let numbers =
            (0..64_u64).chain((0..64).map(|n| n << 32)).chain((0..64).map(|n| (n << 32) | (7 - n % 8)));
        let numbers: std::collections::BTreeSet<u64> = numbers.collect();
        let pairs = || numbers.iter().flat_map(|&a| numbers.iter().map(move |&b| mix(a, b)));
        assert_eq!(pairs().collect::<std::collections::BTreeSet<_>>().len(), pairs().count());
    }

    #[test]
    fn texts_that_count_up_have_hashes_of_their_own() {
        let mut seen: Vec<u64> = Vec::new();
        for n in 0..100_000_u32 {
            for made in [format!("{n}"), format!("/users/{n:08}/orders/{n:08}"), format!("{:016x}", n << 8)] {
                seen.push(text(1, &made));
            }
        }
        let n = seen.len();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), n);
        assert_ne!(text(text(0, "ab"), "c"), text(text(0, "a"), "bc"));
        assert_ne!(text(0, ""), text(0, "\0"));
    }
}
