//! Leaves, the fattest first: "find the widest bar without children" is the first advice anybody gives.

use std::cmp::Reverse;

use super::recorded::Recorded;
use crate::base::sort::first_by_key;
use crate::model::index::SpanIdx;

/// The first `most` spans without children: most time on the critical path first, then the longest, earliest,
/// id. `critical` is that time by span. O(n), and sorting as many as are wanted.
pub fn leaves(recorded: &Recorded, critical: &[i64], most: usize) -> Vec<SpanIdx> {
    let leaves = recorded.spans().filter(|&s| recorded.children(s).is_empty());
    first_by_key(leaves, most, |&span: &SpanIdx| {
        let on_path = critical.get(span.at()).copied().unwrap_or_default();
        (Reverse(on_path), Reverse(recorded.duration(span)), recorded.start(span), recorded.id(span), span)
    })
}
