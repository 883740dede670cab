//! Retries: the same call again and again until it succeeds or its caller gives up.
//!
//! What is lost is the time from the first attempt to the last one, pauses in between included. Calls that do
//! the same for other things are no attempts at one: where the statement or URL is known, it has to be the same
//! letter by letter.

use std::cmp::Reverse;

use super::facts::{Facts, FingerprintIdx};
use super::recorded::Recorded;
use crate::base::sort::CompactSort as _;
use crate::model::index::SpanIdx;

/// A call with its repetitions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryGroup {
    /// The caller.
    pub parent: SpanIdx,
    /// What was tried.
    pub fingerprint: FingerprintIdx,
    /// The attempts in order; all but the last failed.
    pub attempts: Vec<SpanIdx>,
    /// Whether the last one did not fail.
    pub succeeded: bool,
    /// From the start of the first attempt to that of the last.
    pub wasted_ns: i64,
}

/// What is done, and to what exactly, where that is known.
type Call = (FingerprintIdx, Option<u32>);

/// All retries, those that lost most time first. O(n log n).
pub fn retries(recorded: &Recorded, facts: &Facts) -> Vec<RetryGroup> {
    let mut found = Vec::new();
    let mut siblings: Vec<(Call, SpanIdx)> = Vec::new();
    for parent in recorded.spans() {
        let children = recorded.children(parent);
        if children.len() < 2 || !children.iter().any(|&c| facts.is_error(c)) {
            continue;
        }
        siblings.clear();
        siblings.extend(children.iter().map(|&c| ((facts.fingerprint(c), facts.identical_key(c)), c)));
        // Stable: siblings that do the same stay in the order of time.
        siblings.compact_sort_by_key(|&(call, _)| call);
        for same in siblings.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() > 1) {
            attempts(recorded, facts, parent, same, &mut found);
        }
    }
    found.compact_sort_by_key(|group| {
        let first = group.attempts.first().copied().unwrap_or(group.parent);
        (Reverse(group.wasted_ns), recorded.start(first), recorded.id(first), first)
    });
    found
}

/// Parts siblings that make the same call where an attempt does not fail or the next one does not wait for its
/// end.
fn attempts(
    recorded: &Recorded,
    facts: &Facts,
    parent: SpanIdx,
    same: &[(Call, SpanIdx)],
    found: &mut Vec<RetryGroup>,
) {
    let is_retry = |&(_, before): &(_, SpanIdx), &(_, next): &(_, SpanIdx)| {
        facts.is_error(before) && recorded.start(next) >= recorded.end(before)
    };
    for group in same.chunk_by(is_retry) {
        if let [((fingerprint, _), first), .., (_, last)] = *group {
            found.push(RetryGroup {
                parent,
                fingerprint,
                attempts: group.iter().map(|&(_, span)| span).collect(),
                succeeded: !facts.is_error(last),
                wasted_ns: recorded.start(last) - recorded.start(first),
            });
        }
    }
}
