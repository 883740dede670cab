//! The icicle of one trace: every span below its parent, time from left to right.
//!
//! Siblings that run at the same time lie in lanes below one another, each as high as what lies below it, so
//! that a span is always found under its parent and never covers another. Lanes are given greedily by start,
//! which takes as few as possible: O(n log n) with two heaps a family, no recursion.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::frames::Frames;
use super::lanes::Lanes;
use super::theme::Looks;
use super::treegrid::shown_name;
use crate::base::bitset::BitSet;
use crate::base::sort::CompactSort;
use crate::model::index::SpanIdx;
use crate::model::trace::Trace;

/// Where each span lies.
#[derive(Clone, Debug, Default)]
pub struct Icicle {
    rows: Vec<u32>,
    heights: Vec<u32>,
    lanes: Lanes,
}

/// The icicle as it is drawn.
#[derive(Clone, Copy, Debug)]
pub struct IcicleFrames<'a> {
    /// Where spans lie.
    pub icicle: &'a Icicle,
    /// The spans.
    pub trace: &'a Trace,
    /// Their colours.
    pub looks: &'a Looks,
    /// What the search found.
    pub matches: Option<&'a BitSet>,
    /// Self times, as far as they are known.
    pub own: &'a [i64],
    /// The largest of them.
    pub most_own: i64,
    /// The only subtree that is shown.
    pub focus: Option<SpanIdx>,
}

impl Frames for IcicleFrames<'_> {
    fn lanes(&self) -> &Lanes {
        &self.icicle.lanes
    }

    fn start(&self, frame: u32) -> i64 {
        self.trace.start(SpanIdx(frame)).0
    }

    fn length(&self, frame: u32) -> i64 {
        self.trace.span_duration(SpanIdx(frame)).0
    }

    fn slot(&self, frame: u32) -> u8 {
        let span = SpanIdx(frame);
        self.looks.slot_by(self.trace.service(span), self.trace.status(span))
    }

    fn own_permille(&self, frame: u32) -> u32 {
        permille(self.own.get(frame as usize).copied().unwrap_or_default(), self.most_own)
    }

    fn name(&self, frame: u32) -> String {
        shown_name(self.trace, SpanIdx(frame))
    }

    fn is_match(&self, frame: u32) -> bool {
        self.matches.is_some_and(|m| m.contains(frame as usize))
    }

    fn is_shown(&self, frame: u32) -> bool {
        self.focus.is_none_or(|focus| self.trace.is_within(SpanIdx(frame), focus))
    }

    fn is_missing(&self, frame: u32) -> bool {
        self.trace.is_placeholder(SpanIdx(frame))
    }

    fn row(&self, frame: u32) -> usize {
        self.icicle.row(SpanIdx(frame))
    }

    fn above(&self, frame: u32) -> Option<u32> {
        self.trace.parent(SpanIdx(frame)).map(|s| s.0)
    }
}

/// `part` in thousandths of `whole`.
pub(super) fn permille(part: i64, whole: i64) -> u32 {
    (i128::from(part.max(0)) * 1000 / i128::from(whole.max(1))).min(1000) as u32
}

/// Makes an [`Icicle`] in steps.
#[derive(Clone, Debug)]
pub struct IcicleMaker {
    /// Spans that have no place yet: families are made from the last to the first.
    left: usize,
    /// Rows below the parent, later from the top.
    rows: Vec<u32>,
    /// Rows of the subtree.
    heights: Vec<u32>,
    /// First start and last end in the subtree.
    extents: Vec<(i64, i64)>,
    family: Family,
}

/// What is needed to put one family into lanes; kept, so that a million families take memory once.
#[derive(Clone, Debug, Default)]
struct Family {
    members: Vec<u32>,
    /// Lanes in use, with the end of their last member.
    busy: BinaryHeap<Reverse<(i64, u32)>>,
    free: BinaryHeap<Reverse<u32>>,
    lane_of: Vec<u32>,
    /// Height of each lane, then its distance from the first.
    lanes: Vec<u32>,
}

impl IcicleMaker {
    /// Nothing has a place yet.
    pub fn new(trace: &Trace) -> Self {
        let n = trace.len();
        let extents = trace.spans().map(|s| (trace.start(s).0, trace.end(s).0)).collect();
        Self { left: n, rows: vec![0; n], heights: vec![1; n], extents, family: Family::default() }
    }

    /// Gives places to the families of about `n_spans` spans; returns whether all have theirs.
    pub fn step(&mut self, trace: &Trace, n_spans: usize) -> bool {
        let until = self.left.saturating_sub(n_spans);
        for at in (until..self.left).rev() {
            let span = SpanIdx::new(at);
            if trace.has_children(span) {
                self.family.members.clear();
                self.family.members.extend(trace.children(span).map(|s| s.0));
                let below = self.arrange();
                self.heights[at] = below.saturating_add(1);
                for &member in &self.family.members {
                    let (start, end) = self.extents[member as usize];
                    let extent = &mut self.extents[at];
                    *extent = (extent.0.min(start), extent.1.max(end));
                }
            }
        }
        self.left = until;
        until == 0
    }

    /// Everything in its place.
    pub fn finish(mut self, trace: &Trace) -> Icicle {
        self.family.members.clear();
        self.family.members.extend(trace.roots().map(|s| s.0));
        self.arrange();
        for span in trace.spans() {
            if let Some(parent) = trace.parent(span) {
                let above = self.rows[parent.at()];
                let row = &mut self.rows[span.at()];
                *row = row.saturating_add(above).saturating_add(1);
            }
        }
        let Self { rows, heights, .. } = self;
        let lanes = Lanes::new(&rows, |f| trace.start(SpanIdx(f)).0, |f| trace.is_error(SpanIdx(f)));
        Icicle { rows, heights, lanes }
    }

    /// Puts the members of the family into lanes and says how many rows that takes. A lane that is free again
    /// is used again, the uppermost first.
    fn arrange(&mut self) -> u32 {
        let Self { rows, heights, extents, family, .. } = self;
        let Family { members, busy, free, lane_of, lanes } = family;
        busy.clear();
        free.clear();
        lane_of.clear();
        lanes.clear();
        // Clocks that disagree can have a child begin before its parent.
        if !members.is_sorted_by_key(|&m| extents[m as usize].0) {
            members.compact_sort_by_key(|&m| extents[m as usize].0);
        }
        for &member in members.iter() {
            let (start, end) = extents[member as usize];
            while let Some(&Reverse((ended, lane))) = busy.peek()
                && ended <= start
            {
                busy.pop();
                free.push(Reverse(lane));
            }
            let lane = free.pop().map_or(lanes.len() as u32, |Reverse(lane)| lane);
            // An instant takes its place too.
            busy.push(Reverse((end.max(start.saturating_add(1)), lane)));
            let height = heights[member as usize];
            match lanes.get_mut(lane as usize) {
                Some(highest) => *highest = height.max(*highest),
                None => lanes.push(height),
            }
            lane_of.push(lane);
        }
        let mut below = 0_u32;
        for lane in lanes.iter_mut() {
            let height = std::mem::replace(lane, below);
            below = below.saturating_add(height);
        }
        for (&member, &lane) in members.iter().zip(lane_of.iter()) {
            rows[member as usize] = lanes[lane as usize];
        }
        below
    }
}

impl Icicle {
    /// All at once.
    pub fn new(trace: &Trace) -> Self {
        let mut maker = IcicleMaker::new(trace);
        maker.step(trace, trace.len());
        maker.finish(trace)
    }

    /// The row of a span.
    pub fn row(&self, span: SpanIdx) -> usize {
        self.rows.get(span.at()).map_or(0, |&row| row as usize)
    }

    /// Rows that a span takes with everything below it.
    pub fn height(&self, span: SpanIdx) -> usize {
        self.heights.get(span.at()).map_or(0, |&rows| rows as usize)
    }

    /// The spans by row.
    pub fn lanes(&self) -> &Lanes {
        &self.lanes
    }
}

#[cfg(test)]
mod tests {
    use super::super::drawing;
    use super::*;

    fn rows(text: &str) -> Vec<usize> {
        let trace = drawing::trace(text);
        let icicle = Icicle::new(&trace);
        trace.spans().map(|span| icicle.row(span)).collect()
    }

    #[test]
    fn siblings_share_a_row_unless_they_run_at_the_same_time() {
        let one_after_the_other = "a a 0..9\n  a b 0..4\n    a c 1..2\n  a d 4..8\n    a e 5..6";
        assert_eq!(rows(one_after_the_other), [0, 1, 2, 1, 2]);
        let together = "a a 0..9\n  a b 0..4\n    a c 1..2\n  a d 3..8\n    a e 5..6\n  a f 8..9";
        assert_eq!(rows(together), [0, 1, 2, 3, 4, 1]);
        let outliving = "a a 0..9\n  a b 0..4\n    a c 1..7\n  a d 5..8\n    a e 6..7";
        assert_eq!(rows(outliving), [0, 1, 2, 3, 4], "what is below b would cover e");
        assert_eq!(rows("a a 0..5\na b 2..9\na c 5..6"), [0, 1, 0], "roots are siblings too");
    }

    proptest::proptest! {
        #[test]
        fn no_span_covers_another_and_each_is_below_its_parent(
            spans in proptest::collection::vec((0_usize..4, 0_i64..60, 0_i64..40, 0_u32..1), 1..60)
        ) {
            let trace = drawing::wild(&spans);
            let icicle = Icicle::new(&trace);
            for a in trace.spans() {
                if let Some(parent) = trace.parent(a) {
                    proptest::prop_assert!(icicle.row(a) > icicle.row(parent));
                    let last = icicle.row(parent) + icicle.height(parent);
                    proptest::prop_assert!(icicle.row(a) + icicle.height(a) <= last);
                }
                for b in trace.spans().filter(|&b| b > a && icicle.row(a) == icicle.row(b)) {
                    let apart = trace.end(a) <= trace.start(b) || trace.end(b) <= trace.start(a);
                    proptest::prop_assert!(apart, "{a:?} {b:?}");
                }
            }
        }
    }
}
