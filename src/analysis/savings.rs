//! What a request would save if groups of calls were one call each.
//!
//! A replay of a million siblings takes long, and there are many groups: they are replayed one after the other, those
//! that promise most first, in parts and within a budget.

use std::cmp::Reverse;

use super::prepared::Prepared;
use super::recorded::Recorded;
use super::scenario::Changes;
use super::sequences::path_time_below;
use super::what_if::{Replay, Trial};
use crate::base::sort::CompactSort as _;
use crate::model::index::SpanIdx;

/// Spans that may be looked at in replays. The groups that can save most are replayed first.
const MOST_REPLAY_WORK: usize = 20_000_000;

/// Spans that are looked at in replays in one turn.
const REPLAYED_A_TURN: usize = 1 << 20;

/// What the request would save if one call of each group did the work of all: 0 if that would not make it
/// faster, or if it did not wait for all of them. Worked out in parts.
#[derive(Debug, Default)]
pub(super) struct Savings {
    /// By group.
    pub(super) found: Vec<i64>,
    /// No more than this can be saved by which group, the most first.
    by_promise: Vec<(i64, usize)>,
    next: usize,
    trial: Trial,
}

impl Savings {
    fn new(recorded: &Recorded, tree: &Prepared, path_time: &[i64], groups: &[&[SpanIdx]]) -> Self {
        if groups.is_empty() {
            return Self::default();
        }
        let below = path_time_below(tree, recorded, path_time);
        let mut by_promise: Vec<(i64, usize)> = Vec::new();
        for (at, calls) in groups.iter().enumerate() {
            if !calls.iter().all(|&c| tree.includes(c)) {
                continue;
            }
            // No more can be saved than the calls have on the path, nor than all but the longest take.
            let on_path: i64 = calls.iter().filter_map(|c| below.get(c.at())).sum();
            let total: i64 = calls.iter().map(|&c| tree.length(c)).sum();
            let longest = calls.iter().map(|&c| tree.length(c)).max().unwrap_or_default();
            let promise = on_path.min(total - longest);
            if promise > 0 {
                by_promise.push((promise, at));
            }
        }
        let first = |at: usize| groups.get(at).and_then(|calls| calls.first()).map(|&c| (recorded.id(c), c));
        by_promise.compact_sort_by_key(|&(promise, at)| (Reverse(promise), first(at)));
        Self { found: vec![0; groups.len()], by_promise, ..Self::default() }
    }

    /// Begins, or replays the next of these groups; returns whether those were the last.
    pub(super) fn step(
        savings: &mut Option<Self>,
        recorded: &Recorded,
        tree: &Prepared,
        replay: &Replay,
        path_time: &[i64],
        groups: &[&[SpanIdx]],
    ) -> bool {
        let Some(Self { found, by_promise, next, trial }) = savings else {
            *savings = Some(Self::new(recorded, tree, path_time, groups));
            return groups.is_empty();
        };
        let begun = trial.work();
        while let Some(&(_, at)) = by_promise.get(*next).filter(|_| trial.work() <= MOST_REPLAY_WORK) {
            if trial.work() - begun > REPLAYED_A_TURN {
                return false;
            }
            *next += 1;
            let Some((saving, calls)) = found.get_mut(at).zip(groups.get(at)) else { continue };
            *saving = trial.saving(replay, &Changes::batch(replay, calls)).max(0);
        }
        true
    }
}
