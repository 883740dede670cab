//! Sorting whose code exists once in the program.
//!
//! The standard library's sorts are compiled anew for every type and every comparison, 10 kB each; a
//! hundred of them were a sixth of what the first visit loads. These decide the order on positions,
//! through a pointer to the comparison, and then only move the items. That costs an indirect call per
//! comparison and four bytes per item: right for lists that people read, wrong for whole columns of spans.

use std::cmp::Ordering;

/// Stable sorting with little code, for lists of up to some ten thousand items.
pub trait CompactSort<T> {
    /// Sorts as `slice::sort` does, stably, in O(n log n).
    fn compact_sort(&mut self)
    where
        T: Ord;

    /// Sorts as `slice::sort_by` does, stably, in O(n log n).
    fn compact_sort_by(&mut self, compare: impl FnMut(&T, &T) -> Ordering);

    /// Sorts as `slice::sort_by_key` does, stably, in O(n log n).
    fn compact_sort_by_key<K: Ord>(&mut self, key: impl FnMut(&T) -> K);

    /// Sorts as `slice::sort_by_cached_key` does: each key is made once.
    fn compact_sort_by_cached_key<K: Ord>(&mut self, key: impl FnMut(&T) -> K);
}

impl<T> CompactSort<T> for [T] {
    fn compact_sort(&mut self)
    where
        T: Ord,
    {
        self.compact_sort_by(T::cmp);
    }

    fn compact_sort_by(&mut self, mut compare: impl FnMut(&T, &T) -> Ordering) {
        let mut order =
            in_order(self.len(), &mut |a, b| match (self.get(a as usize), self.get(b as usize)) {
                (Some(a), Some(b)) => compare(a, b),
                _ => Ordering::Equal,
            });
        arrange(&mut order, &mut |a, b| self.swap(a, b));
    }

    fn compact_sort_by_key<K: Ord>(&mut self, mut key: impl FnMut(&T) -> K) {
        self.compact_sort_by(|a, b| key(a).cmp(&key(b)));
    }

    fn compact_sort_by_cached_key<K: Ord>(&mut self, key: impl FnMut(&T) -> K) {
        let keys: Vec<K> = self.iter().map(key).collect();
        let mut order = in_order(self.len(), &mut |a, b| keys.get(a as usize).cmp(&keys.get(b as usize)));
        arrange(&mut order, &mut |a, b| self.swap(a, b));
    }
}

/// The `n` items with the smallest keys, in order; of equal ones those that come first. For few of many, which it never
/// holds all at once.
pub fn first_by_key<T, K: Ord>(
    items: impl Iterator<Item = T>,
    n: usize,
    mut key: impl FnMut(&T) -> K,
) -> Vec<T> {
    let mut first: Vec<(K, T)> = Vec::new();
    for item in items {
        let key = key(&item);
        if first.len() >= n && first.last().is_none_or(|last| last.0 <= key) {
            continue;
        }
        let at = first.partition_point(|known| known.0 <= key);
        first.insert(at, (key, item));
        first.truncate(n);
    }
    first.into_iter().map(|(_, item)| item).collect()
}

/// The positions `0..len` in the order that `compare` gives them.
fn in_order(len: usize, compare: &mut dyn FnMut(u32, u32) -> Ordering) -> Vec<u32> {
    // Lists are far below 2³² items: that many would not fit into the memory of the page.
    let mut order: Vec<u32> = (0..u32::try_from(len).unwrap_or(u32::MAX)).collect();
    order.sort_by(|&a, &b| compare(a, b));
    order
}

/// Brings items into `order` by swapping: the item that belongs at a place is where its position was
/// swapped to. Each place is settled once, so O(n).
fn arrange(order: &mut [u32], swap: &mut dyn FnMut(usize, usize)) {
    for start in 0..order.len() {
        let mut at = start;
        loop {
            let from = order[at] as usize;
            order[at] = u32::try_from(at).unwrap_or(u32::MAX);
            if from == start {
                break;
            }
            swap(at, from);
            at = from;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_first_are_those_of_the_sorted_list() {
        let numbers: Vec<(u64, usize)> = (0..200).map(|at| (at as u64 * 7_919 % 31, at)).collect();
        let mut sorted = numbers.clone();
        sorted.sort_by_key(|number| number.0);
        for n in [0, 1, 10, 200, usize::MAX] {
            let first = first_by_key(numbers.iter().copied(), n, |number| number.0);
            assert_eq!(first, sorted[..n.min(200)], "{n}");
        }
    }

    proptest! {
        #[test]
        fn sorts_as_the_standard_library_does(items in prop::collection::vec((0_u8..6, any::<u16>()), 0..80)) {
            let mut expected = items.clone();
            expected.sort_by_key(|item| item.0);
            let mut sorted = items.clone();
            sorted.compact_sort_by_key(|item| item.0);
            prop_assert_eq!(&sorted, &expected, "stable by key");

            let mut cached = items.clone();
            cached.compact_sort_by_cached_key(|item| item.0);
            prop_assert_eq!(&cached, &expected, "stable by cached key");

            expected.sort_by(|a, b| b.cmp(a));
            sorted.compact_sort_by(|a, b| b.cmp(a));
            prop_assert_eq!(&sorted, &expected, "by comparison");

            expected.sort_unstable();
            sorted.compact_sort();
            prop_assert_eq!(&sorted, &expected, "by value");
        }
    }

    #[test]
    fn nothing_and_one_item_are_sorted() {
        let mut none: [u8; 0] = [];
        none.compact_sort();
        let mut one = [7];
        one.compact_sort();
        assert_eq!(one, [7]);
    }
}
