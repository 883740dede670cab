//! Leaves, the fattest first: "find the widest bar without children" is the first advice anybody gives.

use std::cmp::Reverse;

use super::recorded::Recorded;
use crate::base::sort::CompactSort as _;
use crate::model::index::SpanIdx;

/// The first `most` spans without children: most time on the critical path first, then the longest, earliest,
/// id. `critical` is that time by span. O(n), and sorting as many as are wanted.
pub fn leaves(recorded: &Recorded, critical: &[i64], most: usize) -> Vec<SpanIdx> {
    let mut leaves: Vec<SpanIdx> = recorded.spans().filter(|&s| recorded.children(s).is_empty()).collect();
    let key = |&span: &SpanIdx| {
        let on_path = critical.get(span.at()).copied().unwrap_or_default();
        (Reverse(on_path), Reverse(recorded.duration(span)), recorded.start(span), recorded.id(span), span)
    };
    if most < leaves.len() {
        leaves.select_nth_unstable_by_key(most, key);
        leaves.truncate(most);
    }
    leaves.compact_sort_by_key(key);
    leaves
}
