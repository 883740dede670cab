//! A hash of texts that is 64 bits wide on every machine.
//!
//! `FxHasher` has 32 bits in wasm, too few to let a hash stand for the text itself. Here each word is folded
//! through a product of twice its width, so that texts which differ in a few digits do not meet again.

use hashbrown::HashTable;

const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

/// Mixes `value` into `hash`.
#[inline]
pub const fn mix(hash: u64, value: u64) -> u64 {
    let product = (hash ^ value ^ FACTOR) as u128 * 0xa076_1d64_78bd_642f_u128;
    (product >> 64) as u64 ^ product as u64 ^ value.rotate_left(32)
}

/// Mixes a text into `hash`: its length and its bytes. A million different texts have two equal hashes once
/// in thirty million tries.
#[inline]
pub fn text(mut hash: u64, text: &str) -> u64 {
    let (words, rest) = text.as_bytes().as_chunks::<8>();
    for word in words {
        hash = mix(hash, u64::from_le_bytes(*word));
    }
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    mix(mix(hash, u64::from_le_bytes(last)), text.len() as u64)
}

/// Numbers given to hashes, where a hash stands for the thing itself.
#[derive(Clone, Debug, Default)]
pub struct Numbers(HashTable<(u64, u32)>);

impl Numbers {
    /// The number of `hash`.
    pub fn get(&self, hash: u64) -> Option<u32> {
        self.0.find(hash, |&(known, _)| known == hash).map(|&(_, number)| number)
    }

    /// The number of `hash`, which becomes `next` when it has none.
    pub fn get_or(&mut self, hash: u64, next: usize) -> u32 {
        self.get(hash).unwrap_or_else(|| {
            self.0.insert_unique(hash, (hash, next as u32), |&(known, _)| known);
            next as u32
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
