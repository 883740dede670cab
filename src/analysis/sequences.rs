//! Calls that follow one another and could run at the same time.
//!
//! Only calls that ran alone under their parent form a sequence; what already overlaps with something is not
//! one. What is claimed is what the whole request would gain, by replay, and how sure one can be that the
//! calls do not need one another: that was seen in another trace, is likely from what they are, or is a guess.

use std::cmp::Reverse;

use super::prepared::Prepared;
use super::recorded::Recorded;
use super::scenario::Changes;
use super::settings::{MILLISECOND, Settings};
use super::what_if::{Replay, Trial};
use crate::base::sort::CompactSort as _;
use crate::model::index::SpanIdx;

/// Spans that may be looked at in replays for sequences. Beyond it, those that promise least are left out;
/// with the usual least saving of 5 % there are never more than some twenty.
const MOST_WORK: usize = 20_000_000;

/// Calls of one parent, one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sequence {
    /// The caller.
    pub parent: SpanIdx,
    /// The calls in order.
    pub members: Vec<SpanIdx>,
    /// From the first start to the last end.
    pub window_ns: i64,
    /// What they would take if none waited for another.
    pub parallel_ns: i64,
    /// The difference.
    pub local_saving_ns: i64,
    /// What the whole request would save.
    pub root_saving_ns: i64,
    /// How long the whole request would then take.
    pub root_after_ns: i64,
}

/// A sequence without its replay.
struct Candidate<'t> {
    parent: SpanIdx,
    members: &'t [SpanIdx],
    window_ns: i64,
    parallel_ns: i64,
    /// The request cannot save more than this.
    most_ns: i64,
}

/// The sequences whose parallel run would pay, the greatest saving first. `path_time` is the time on the
/// critical path by span. O(n log n) and a replay for each that can pay at all.
pub fn sequences(
    tree: &Prepared,
    recorded: &Recorded,
    replay: &Replay,
    path_time: &[i64],
    settings: &Settings,
) -> Vec<Sequence> {
    let root_ns = replay.before_ns();
    let min_saving = settings.sequence_min_saving_ns.unwrap_or_else(|| (5 * MILLISECOND).max(root_ns / 20));
    let below = path_time_below(tree, recorded, path_time);
    let mut candidates = Vec::new();
    for &parent in tree.order() {
        runs(tree, parent, settings, |members| {
            let candidate = measure(tree, replay, parent, members, &below);
            let is_long = |&&m: &&SpanIdx| tree.length(m) >= min_member(settings, root_ns);
            if members.len() >= settings.sequence_min_members.max(2)
                && members.iter().filter(is_long).nth(1).is_some()
                && candidate.most_ns >= min_saving
            {
                candidates.push(candidate);
            }
        });
    }
    let id = |span| (recorded.id(span), span);
    let start = |members: &[SpanIdx]| members.first().map(|&m| tree.start(m));
    candidates.compact_sort_by_key(|c| (Reverse(c.most_ns), start(c.members), id(c.parent)));

    let mut trial = Trial::default();
    let mut found = Vec::new();
    for candidate in candidates {
        if trial.work() > MOST_WORK {
            break;
        }
        let root_saving_ns = trial.saving(replay, &Changes::parallel(replay, candidate.members));
        if root_saving_ns >= min_saving {
            found.push(Sequence {
                parent: candidate.parent,
                members: candidate.members.to_vec(),
                window_ns: candidate.window_ns,
                parallel_ns: candidate.parallel_ns,
                local_saving_ns: candidate.window_ns - candidate.parallel_ns,
                root_saving_ns,
                root_after_ns: root_ns - root_saving_ns,
            });
        }
    }
    found.compact_sort_by_key(|s| (Reverse(s.root_saving_ns), start(&s.members), id(s.parent)));
    found
}

fn min_member(settings: &Settings, root_ns: i64) -> i64 {
    settings.sequence_min_member_ns.unwrap_or_else(|| MILLISECOND.max(root_ns / 100))
}

/// Time on the critical path of each span with all below it, by span: what can be gained from it at most.
pub(super) fn path_time_below(tree: &Prepared, recorded: &Recorded, path_time: &[i64]) -> Vec<i64> {
    let mut below = path_time.to_vec();
    below.resize(tree.n_columns(), 0);
    for &span in tree.order().iter().rev() {
        if let Some(parent) = recorded.parent(span).filter(|&p| tree.includes(p)) {
            below[parent.at()] += below[span.at()];
        }
    }
    below
}

/// Hands every maximal run of neighbouring calls of `parent` that ran alone to `each`.
fn runs<'t>(tree: &'t Prepared, parent: SpanIdx, settings: &Settings, mut each: impl FnMut(&'t [SpanIdx])) {
    let children = tree.children(parent);
    // The run so far is `first..at`; empty where the last child ran together with others.
    let mut first = 0;
    let mut at = 0;
    while at < children.len() {
        let mut end = tree.end(children[at]);
        let mut next = at + 1;
        while let Some(&child) = children.get(next).filter(|&&c| tree.start(c) < end) {
            end = end.max(tree.end(child));
            next += 1;
        }
        let is_alone = next == at + 1;
        if is_alone && first < at {
            let (before, child) = (children[at - 1], children[at]);
            let longer = tree.length(before).max(tree.length(child));
            if tree.start(child) - tree.end(before) > settings.sequence_gap_floor_ns.max(longer) {
                each(&children[first..at]);
                first = at;
            }
        } else if !is_alone {
            if first < at {
                each(&children[first..at]);
            }
            first = next;
        }
        at = next;
    }
    if first < children.len() {
        each(&children[first..]);
    }
}

fn measure<'t>(
    tree: &Prepared,
    replay: &Replay,
    parent: SpanIdx,
    members: &'t [SpanIdx],
    below: &[i64],
) -> Candidate<'t> {
    let mut candidate = Candidate { parent, members, window_ns: 0, parallel_ns: 0, most_ns: 0 };
    let [head, tail @ ..] = members else { return candidate };
    // The caller's own work between the calls stays: each starts that much after the one before.
    let mut offset = 0;
    candidate.parallel_ns = tree.length(*head);
    candidate.window_ns = tree.length(*head);
    for &member in tail {
        offset += replay.lag(member);
        candidate.parallel_ns = candidate.parallel_ns.max(offset + tree.length(member));
        candidate.window_ns = tree.end(member) - tree.start(*head);
    }
    // Of the time on the path, what lies below the calls can be gained, and no more.
    let on_path: i64 = members.iter().filter_map(|m| below.get(m.at())).sum();
    candidate.most_ns = on_path.min(candidate.window_ns - candidate.parallel_ns);
    candidate
}
