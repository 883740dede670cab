//! What goes together with being slow, or failed, or chosen: attributes that the selected items have more often,
//! or less often, than the rest. Nothing is said of causes.

use std::cmp::Reverse;

use crate::base::hash::{self, Numbers};
use crate::base::sort::CompactSort as _;
use crate::model::index::StringIdx;
use crate::model::strings::Strings;

/// Items that must have a value before it is looked at.
const FEWEST: u32 = 3;
/// The 99 % point of chi-square with one degree of freedom, in thousandths.
const SIGNIFICANT: u128 = 6_635;
/// Values beyond this are not told apart: memory for a million items with a thousand attributes.
const MOST_PAIRS: usize = 1 << 20;

/// An attribute that the selected items have more often, or less, than the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correlation {
    /// The key.
    pub key: String,
    /// The value; `> 12` for numbers that hardly repeat.
    pub value: String,
    /// Share of the selected items with it.
    pub selected_permille: u32,
    /// Share of the rest.
    pub rest_permille: u32,
    /// Items with it.
    pub count: u32,
}

impl Correlation {
    /// Thousandths that the selected items have it more often.
    pub fn difference(&self) -> i64 {
        i64::from(self.selected_permille) - i64::from(self.rest_permille)
    }
}

/// A key with one of its values.
#[derive(Clone, Copy, Debug)]
struct Pair {
    key: StringIdx,
    value: StringIdx,
    /// Items of the rest and of the selection with it.
    counts: [u32; 2],
    /// The last item with it, counted from 1: an item that says a thing twice counts once.
    last: u32,
}

/// Takes in items: traces, or spans of one operation.
#[derive(Debug, Default)]
pub struct Correlator {
    /// Items of the rest and of the selection.
    items: [u32; 2],
    is_selected: bool,
    texts: Strings,
    known: Numbers,
    pairs: Vec<Pair>,
}

impl Correlator {
    /// Begins the next item.
    pub fn begin(&mut self, is_selected: bool) {
        self.is_selected = is_selected;
        self.items[usize::from(is_selected)] += 1;
    }

    /// An attribute of the present item.
    pub fn text(&mut self, key: &str, value: &str) {
        if self.pairs.len() >= MOST_PAIRS {
            return;
        }
        let item = self.items[0] + self.items[1];
        let hash = hash::text(hash::text(0, key), value);
        let at = self.known.get_or(hash, self.pairs.len()) as usize;
        if at == self.pairs.len() {
            let (key, value) = (self.texts.intern(key), self.texts.intern(value));
            self.pairs.push(Pair { key, value, counts: [0; 2], last: 0 });
        }
        let pair = &mut self.pairs[at];
        if pair.last != item {
            pair.last = item;
            pair.counts[usize::from(self.is_selected)] += 1;
        }
    }

    /// What goes together with the selection: the largest difference of shares first, then key and value.
    /// O(n log n) in distinct pairs.
    pub fn finish(mut self) -> Vec<Correlation> {
        let items = self.items[0] + self.items[1];
        self.pairs.sort_unstable_by_key(|pair| pair.key);
        let mut found = Vec::new();
        for pairs in self.pairs.chunk_by(|a, b| a.key == b.key) {
            let key = self.texts.get(pairs[0].key);
            if pairs.len() as u64 * 2 > u64::from(items) {
                found.extend(self.by_limit(key, pairs));
                continue;
            }
            let pairs = pairs.iter().filter(|pair| pair.counts[0] + pair.counts[1] >= FEWEST);
            found.extend(pairs.filter_map(|p| self.row(key, self.texts.get(p.value).to_owned(), p.counts)));
        }
        found.compact_sort_by(|a: &Correlation, b| {
            let order = Reverse(a.difference().abs()).cmp(&Reverse(b.difference().abs()));
            order.then_with(|| (&a.key, &a.value).cmp(&(&b.key, &b.value)))
        });
        found
    }

    /// Numbers that hardly repeat: the limit that parts the selection from the rest best.
    fn by_limit(&self, key: &str, pairs: &[Pair]) -> Option<Correlation> {
        let numbers = pairs.iter().map(|p| Some((self.texts.get(p.value).parse::<f64>().ok()?, p)));
        let mut numbers: Vec<(f64, &Pair)> = numbers.collect::<Option<_>>()?;
        numbers.sort_by(|a, b| a.0.total_cmp(&b.0));
        let total = |side: usize| numbers.iter().map(|n| u64::from(n.1.counts[side])).sum::<u64>();
        let (rest, selected) = (total(0).max(1), total(1).max(1));
        let mut below = [0_u64; 2];
        let mut best = (0, None);
        for (_, pair) in &numbers {
            below = [below[0] + u64::from(pair.counts[0]), below[1] + u64::from(pair.counts[1])];
            let distance = (below[0] * selected).abs_diff(below[1] * rest);
            if distance > best.0 {
                best = (distance, Some((*pair, below)));
            }
        }
        let (pair, below) = best.1?;
        let above = [(total(0) - below[0]) as u32, (total(1) - below[1]) as u32];
        self.row(key, format!("> {}", self.texts.get(pair.value)), above)
    }

    /// A row, where the counts are unlikely to be chance: chi-square of the two by two table, uncorrected.
    fn row(&self, key: &str, value: String, counts: [u32; 2]) -> Option<Correlation> {
        let [rest, selected] = self.items;
        let (b, a) = (i128::from(counts[0]), i128::from(counts[1]));
        let (d, c) = (i128::from(rest) - b, i128::from(selected) - a);
        let product = (a + c).checked_mul(b + d)?.checked_mul(a + b)?.checked_mul(c + d)?.unsigned_abs();
        let cross = (a * d - b * c).unsigned_abs();
        let weighed =
            cross.checked_mul(cross)?.checked_mul(u128::from(rest + selected))?.checked_mul(1_000)?;
        let share = |part: u32, whole: u32| (u64::from(part) * 1_000 / u64::from(whole.max(1))) as u32;
        (product > 0 && weighed >= SIGNIFICANT.checked_mul(product)?).then(|| Correlation {
            key: key.to_owned(),
            value,
            selected_permille: share(counts[1], selected),
            rest_permille: share(counts[0], rest),
            count: counts[0] + counts[1],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(items: impl Iterator<Item = (bool, &'static str, String)>) -> Vec<String> {
        let mut correlator = Correlator::default();
        for (is_selected, key, value) in items {
            correlator.begin(is_selected);
            correlator.text(key, &value);
            correlator.text(key, &value);
        }
        let row =
            |c: Correlation| format!("{}={} {}/{}", c.key, c.value, c.selected_permille, c.rest_permille);
        correlator.finish().into_iter().map(row).collect()
    }

    #[test]
    fn numbers_that_hardly_repeat_are_parted_by_a_limit() {
        let sizes = (0..100_u32).map(|n| (n >= 80, "size", (n * 10).to_string()));
        assert_eq!(found(sizes), ["size=> 790 1000/0"]);
    }

    #[test]
    fn ids_and_chance_are_left_out() {
        let ids = (0..100_u32).map(|n| (n >= 80, "id", format!("id{n}")));
        assert!(found(ids).is_empty());
        let chance = (0..100_u32).map(|n| (n % 5 == 0, "zone", (n % 3).to_string()));
        assert!(found(chance).is_empty());
        let all = (0..100_u32).map(|n| (true, "zone", (n % 3).to_string()));
        assert!(found(all).is_empty());
        assert!(found(std::iter::empty()).is_empty());
    }
}
