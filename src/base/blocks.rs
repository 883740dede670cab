//! Append-only bytes in blocks: grows without copying what is there.
//!
//! A `Vec` that doubles holds both halves while it moves, and memory of a wasm instance never shrinks again;
//! for the hundreds of megabytes of a large trace that peak would stay for good. Full blocks are shared
//! between clones, so that a snapshot while a file is still being read costs one block.

use std::sync::Arc;

const BLOCK_BITS: u32 = 20;
const BLOCK: usize = 1 << BLOCK_BITS;

/// Append-only storage of byte strings. An entry never straddles two blocks.
#[derive(Clone, Debug, Default)]
pub struct Blocks {
    full: Vec<Arc<Vec<u8>>>,
    /// The block being filled; its number is `full.len()`.
    open: Vec<u8>,
}

impl Blocks {
    /// Bytes from the start of an entry within which [`Self::from`] finds its parts.
    pub const REACH: usize = BLOCK;

    /// Appends `bytes` and returns where they start, or `None` when 4 GiB are full.
    ///
    /// An entry longer than a block gets a run of block numbers of its own.
    pub fn push(&mut self, bytes: &[u8]) -> Option<u32> {
        if self.open.len() + bytes.len() > BLOCK && !self.open.is_empty() {
            self.close();
        }
        let start = (self.full.len() as u64) << BLOCK_BITS | self.open.len() as u64;
        if start + bytes.len() as u64 > u64::from(u32::MAX) {
            return None;
        }
        if self.open.capacity() < self.open.len() + bytes.len() {
            self.open.reserve_exact(bytes.len().max(BLOCK) - self.open.len());
        }
        self.open.extend_from_slice(bytes);
        if bytes.len() >= BLOCK {
            self.close();
            // The offset within a long entry must not be taken for one in the next block.
            for _ in 1..bytes.len().div_ceil(BLOCK) {
                self.full.push(Arc::default());
            }
        }
        Some(start as u32)
    }

    fn close(&mut self) {
        self.full.push(Arc::new(std::mem::take(&mut self.open)));
    }

    /// The bytes from `start` to the end of their block: the entry and what follows it.
    #[inline]
    pub fn from(&self, start: u32) -> &[u8] {
        let (number, offset) = ((start >> BLOCK_BITS) as usize, start as usize & (BLOCK - 1));
        let block: &[u8] = match self.full.get(number) {
            Some(block) => block,
            None if number == self.full.len() => &self.open,
            None => &[],
        };
        block.get(offset..).unwrap_or_default()
    }

    /// Bytes held, unused ends of blocks included.
    pub fn heap_bytes(&self) -> usize {
        self.full.iter().map(|b| b.capacity() + 48).sum::<usize>() + self.open.capacity()
    }

    /// Gives back the unused end of the last block.
    pub fn shrink(&mut self) {
        self.open.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_back_also_beyond_a_block() {
        let mut blocks = Blocks::default();
        let long = vec![7; 3 * BLOCK + 5];
        let entries: [&[u8]; 5] = [b"a", b"", &long, b"bc", &long[..BLOCK]];
        let starts: Vec<u32> = entries.iter().map(|e| blocks.push(e).unwrap()).collect();
        let copy = blocks.clone();
        blocks.push(b"later").unwrap();
        blocks.shrink();
        for (start, entry) in starts.iter().zip(entries) {
            assert_eq!(&blocks.from(*start)[..entry.len()], entry);
            assert_eq!(&copy.from(*start)[..entry.len()], entry);
        }
        assert!(blocks.from(u32::MAX).is_empty());
    }
}
