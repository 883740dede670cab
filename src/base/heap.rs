//! How much memory things hold: for what the reader is told and for keeping to budgets.

/// Bytes that a list holds on the heap, not counting what its items hold themselves.
pub fn bytes<T>(list: &Vec<T>) -> usize {
    list.capacity() * size_of::<T>()
}
