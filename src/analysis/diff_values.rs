//! Attribute values that only one of two sides has: what a deployment, a region or another input changed.
//!
//! Keys whose values hardly repeat (ids, times, sizes) say nothing here; of them only that a side has the key at
//! all is told.

use std::cmp::Reverse;

use crate::base::hash::{self, Numbers};
use crate::base::sort::CompactSort as _;
use crate::model::index::StringIdx;
use crate::model::strings::Strings;

use super::diff::Side;
use super::normalise::looks_like_id;

/// Keys, and values of all keys, that are told apart.
const MOST_KEYS: usize = 20_000;
const MOST_VALUES: usize = 1 << 18;
/// A key with more values than these on either side is one of ids or measurements.
const MOST_VALUES_OF_KEY: usize = 12;
/// Longest value that is compared.
const MOST_BYTES: usize = 300;

/// Takes in the attributes of either side.
#[derive(Debug, Default)]
pub struct ValueSets {
    texts: Strings,
    keys: Vec<Key>,
    known_keys: Numbers,
    values: Vec<(u32, StringIdx, [u32; 2])>,
    known_values: Numbers,
}

#[derive(Debug)]
struct Key {
    service: StringIdx,
    text: StringIdx,
    counts: [u32; 2],
    /// Distinct values; counted no further than it takes to know that they are many.
    n_values: usize,
    is_varied: bool,
}

/// A key whose values differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyChange {
    /// Service of the spans.
    pub service: String,
    /// The key.
    pub key: String,
    /// Spans or resources with it, on either side.
    pub counts: [u32; 2],
    /// Values that only this side has, with how often; the most frequent first. Empty for a key of ids.
    pub values: [Vec<(String, u32)>; 2],
}

impl ValueSets {
    /// An attribute that `count` spans of a service have on a side.
    pub fn add(&mut self, side: Side, service: &str, key: &str, value: &str, count: u32) {
        let hash = hash::text(hash::text(0, service), key);
        if self.keys.len() >= MOST_KEYS && self.known_keys.get(hash).is_none() {
            return;
        }
        let at = self.known_keys.get_or(hash, self.keys.len());
        if at as usize == self.keys.len() {
            let (service, text) = (self.texts.intern(service), self.texts.intern(key));
            self.keys.push(Key { service, text, counts: [0; 2], n_values: 0, is_varied: false });
        }
        let known = &mut self.keys[at as usize];
        known.counts[side as usize] = known.counts[side as usize].saturating_add(count);
        if known.is_varied {
            return;
        }
        let value_hash = hash::text(hash::mix(u64::from(at), 1), value);
        let found = self.known_values.get(value_hash);
        let is_new = found.is_none();
        let is_one_too_many = is_new && known.n_values >= 2 * MOST_VALUES_OF_KEY;
        if is_one_too_many
            || value.len() > MOST_BYTES
            || looks_like_id(value)
            || self.values.len() >= MOST_VALUES
        {
            known.is_varied = true;
            return;
        }
        let value_at = self.known_values.get_or(value_hash, self.values.len()) as usize;
        if is_new {
            known.n_values += 1;
            let text = self.texts.intern(value);
            self.values.push((at, text, [0; 2]));
        }
        let of_side = &mut self.values[value_at].2[side as usize];
        *of_side = of_side.saturating_add(count);
    }

    /// Keys that only one side has or whose values differ, those of most spans first. O(n log n).
    pub fn finish(mut self) -> Vec<KeyChange> {
        self.values.sort_unstable_by_key(|&(key, value, _)| (key, value));
        let mut changes: Vec<KeyChange> = Vec::new();
        for (key, at) in self.keys.iter().zip(0_u32..) {
            let has_key_vanished_or_come = key.counts.contains(&0);
            let from = self.values.partition_point(|v| v.0 < at);
            let to = self.values.partition_point(|v| v.0 <= at);
            let of_side = |side: usize| {
                let only = self.values[from..to].iter().filter(|v| v.2[side] > 0 && v.2[1 - side] == 0);
                let mut only: Vec<(String, u32)> =
                    only.map(|v| (self.texts.get(v.1).to_owned(), v.2[side])).collect();
                only.compact_sort_by(|a, b| (Reverse(a.1), &a.0).cmp(&(Reverse(b.1), &b.0)));
                only
            };
            let values = if key.is_varied { Default::default() } else { [of_side(0), of_side(1)] };
            // Values that hardly repeat within a side would differ between any two sides.
            let is_varied = key.is_varied
                || values.iter().any(|only: &Vec<(String, u32)>| only.len() > MOST_VALUES_OF_KEY);
            let values = if is_varied { Default::default() } else { values };
            if has_key_vanished_or_come || values.iter().any(|only| !only.is_empty()) {
                let text = |idx| self.texts.get(idx).to_owned();
                let (service, text) = (text(key.service), text(key.text));
                changes.push(KeyChange { service, key: text, counts: key.counts, values });
            }
        }
        changes.compact_sort_by(|a, b| {
            let weight = |c: &KeyChange| Reverse(u64::from(c.counts[0]) + u64::from(c.counts[1]));
            weight(a).cmp(&weight(b)).then_with(|| (&a.service, &a.key).cmp(&(&b.service, &b.key)))
        });
        changes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_one_side_are_told_and_ids_are_not() {
        let mut sets = ValueSets::default();
        for side in Side::BOTH {
            let version = if side == Side::A { "1.2" } else { "1.3" };
            sets.add(side, "web", "service.version", version, 4);
            sets.add(side, "web", "http.route", "/users", 3);
            sets.add(side, "web", "peer", &format!("550e8400-e29b-41d4-a716-44665544000{}", side as u8), 1);
            for n in 0..40 {
                sets.add(side, "web", "size", &format!("{n} of {}", side as u8), 1);
            }
        }
        sets.add(Side::B, "web", "cache", "miss", 2);
        let found = sets.finish();
        let keys: Vec<&str> = found.iter().map(|c| c.key.as_str()).collect();
        assert_eq!(keys, ["service.version", "cache"]);
        assert_eq!(found[0].values, [vec![("1.2".to_owned(), 4)], vec![("1.3".to_owned(), 4)]]);
        assert_eq!((found[1].counts, found[1].values[1].len()), ([0, 2], 1));
    }
}
