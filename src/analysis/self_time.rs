//! Self time: what a span did while none of its children was at work.

use super::recorded::Recorded;
use super::relation::Relation;
use crate::model::index::SpanIdx;

/// Self times by span, in nanoseconds; 0 for placeholders.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SelfTimes {
    /// Duration without the time of children that were waited for: a child in the background does not reduce
    /// it, since the parent's code went on.
    pub own: Vec<i64>,
    /// Duration without the time of all direct children: what most other viewers call self time.
    pub without_all_children: Vec<i64>,
}

/// Self times from recorded times. Children that overlap count once; O(n), since children come by start.
pub fn self_times(recorded: &Recorded, relations: &[Relation]) -> SelfTimes {
    let mut times = SelfTimes { own: vec![0; recorded.len()], without_all_children: vec![0; recorded.len()] };
    for span in recorded.spans() {
        (times.own[span.at()], times.without_all_children[span.at()]) = of_span(recorded, relations, span);
    }
    times
}

/// The first of these alone: what every analysis asks for.
pub fn own_times(recorded: &Recorded, relations: &[Relation]) -> Vec<i64> {
    let mut own = vec![0; recorded.len()];
    for span in recorded.spans() {
        own[span.at()] = of_span(recorded, relations, span).0;
    }
    own
}

/// Both times of one span. O(children).
pub fn of_span(recorded: &Recorded, relations: &[Relation], span: SpanIdx) -> (i64, i64) {
    let (from, to) = (recorded.start(span), recorded.end(span));
    let (mut blocking, mut all) = (Covered::new(from, to), Covered::new(from, to));
    for &child in recorded.children(span) {
        let (start, end) = (recorded.start(child), recorded.end(child));
        all.add(start, end);
        if relations.get(child.at()) == Some(&Relation::Blocking) {
            blocking.add(start, end);
        }
    }
    (to - from - blocking.length, to - from - all.length)
}

/// Adds up a union of intervals that come by start, within limits.
struct Covered {
    until: i64,
    to: i64,
    length: i64,
}

impl Covered {
    fn new(from: i64, to: i64) -> Self {
        Self { until: from, to, length: 0 }
    }

    fn add(&mut self, start: i64, end: i64) {
        let (start, end) = (start.max(self.until), end.min(self.to));
        if start < end {
            self.length += end - start;
            self.until = end;
        }
    }
}
