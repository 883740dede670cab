//! What could have been in the standard library; knows nothing of traces.

pub mod bitset;
pub mod blocks;
pub mod calendar;
pub mod hash;
pub mod heap;
pub mod index;
pub mod later;
pub mod narrow;
pub mod quantity;
pub mod sort;
pub mod text;
pub mod varint;
