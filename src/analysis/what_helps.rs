//! What would help most: the operations with the most time on the critical path, and what the request would
//! gain if they were faster or not there at all.
//!
//! Time on the path alone misleads: what is removed from it uncovers what was hidden behind. So each gain is
//! a replay.

use std::cmp::Reverse;

use super::prepared::Prepared;
use super::scenario::{Changes, Matching, Scenario};
use super::what_if::{Replay, Trial};
use crate::base::sort::CompactSort as _;
use crate::model::index::{ServiceIdx, SpanIdx};
use crate::model::trace::Trace;

/// Operations that are worth a replay each.
pub const MOST_OPERATIONS: usize = 20;

/// An operation on the critical path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Service.
    pub service: ServiceIdx,
    /// What its span names have in common; a number of the caller's.
    pub name: u32,
    /// Its spans that the request waited for, in tree order.
    pub spans: Vec<SpanIdx>,
    /// Their time on the critical path.
    pub path_ns: i64,
}

/// What the request would gain from one operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Help {
    /// Were its own time half of what it was.
    pub saving_half_ns: i64,
    /// Were it not there, with everything below it: its drag on the request.
    pub saving_removed_ns: i64,
}

/// The operations with most time on the critical path, the longest first. `path_time` is that time by span,
/// `name_of` tells which names are one. O(n).
pub fn operations(
    tree: &Prepared,
    trace: &Trace,
    path_time: &[i64],
    name_of: impl Fn(SpanIdx) -> u32,
) -> Vec<Operation> {
    let key_of = |span: SpanIdx| (trace.service(span), name_of(span));
    let mut times: rustc_hash::FxHashMap<(ServiceIdx, u32), i64> = rustc_hash::FxHashMap::default();
    for &span in tree.order() {
        let time = path_time.get(span.at()).copied().unwrap_or_default();
        if time > 0 {
            *times.entry(key_of(span)).or_default() += time;
        }
    }
    let mut found: Vec<_> = times.into_iter().collect();
    found.compact_sort_by_key(|&((service, name), time)| (Reverse(time), service, name));
    found.truncate(MOST_OPERATIONS);
    let place: rustc_hash::FxHashMap<_, _> = found.iter().zip(0..).map(|(&(key, _), at)| (key, at)).collect();
    let mut operations: Vec<Operation> = found
        .into_iter()
        .map(|((service, name), path_ns)| Operation { service, name, spans: Vec::new(), path_ns })
        .collect();
    for &span in tree.order() {
        if let Some(operation) = place.get(&key_of(span)).and_then(|&at: &usize| operations.get_mut(at)) {
            operation.spans.push(span);
        }
    }
    for operation in &mut operations {
        if !operation.spans.is_sorted() {
            operation.spans.compact_sort();
        }
    }
    operations
}

/// What one operation would gain: two replays, so that a caller can do one operation at a time.
pub fn help(trial: &mut Trial, replay: &Replay, trace: &Trace, operation: &Operation) -> Help {
    let mut saving = |faster_permille, subtree| {
        let matching = Matching::Spans(operation.spans.clone());
        let scenario = Scenario::Scale { matching, faster_permille, subtree };
        trial.saving(replay, &Changes::new(replay, trace, &[scenario]))
    };
    Help { saving_half_ns: saving(500, false), saving_removed_ns: saving(1000, true) }
}
