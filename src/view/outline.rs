//! What rows look up in a trace, computed once when it is opened: children, errors below, runs of equals.
//!
//! A run is five or more siblings in a row that look alike: same name, service and kind, the same statement
//! where that is known, and subtrees of the same shape. It can be shown as one row. All of it is a few passes over the columns, without recursion.

use super::cover::Covers;
use crate::base::bitset::BitSet;
use crate::model::index::SpanIdx;
use crate::model::time::DurationNanos;
use crate::model::trace::Trace;

/// Siblings that must look alike before they are folded into one row.
const LEAST_RUN: u32 = 5;

/// A run of equal siblings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// The first of them.
    pub first: SpanIdx,
    /// Behind the subtree of the last of them.
    pub end: u32,
    /// How many siblings.
    pub count: u32,
    /// When the last of them to end ends, after the trace's start.
    pub until: DurationNanos,
    /// Sum of their durations.
    pub total: DurationNanos,
}

/// Facts about the spans of one trace.
#[derive(Clone, Debug, Default)]
pub struct Outline {
    runs: Vec<Run>,
    /// Depth and position of each run, by depth, then in tree order.
    by_depth: Vec<(u32, u32)>,
    /// Errors before each span in tree order, and in all.
    errors_before: Vec<u32>,
    n_children: Vec<u32>,
    sibling_number: Vec<u32>,
    covers: Covers,
    n_roots: u32,
    n_placeholders: u32,
    max_depth: u32,
}

/// An outline that is being made, in slices: a million spans take longer than a page may stand still.
#[derive(Clone, Debug)]
pub struct OutlineMaker {
    outline: Outline,
    errors: u32,
    /// See [`OutlineMaker::shape`].
    shapes: Vec<u64>,
    /// Spans that a run found earlier goes on with.
    continued: BitSet,
    phase: Phase,
    /// Spans that the phase has been through.
    done: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Count,
    Shapes,
    Runs,
    Covers,
    Done,
}

impl OutlineMaker {
    /// Nothing looked at yet.
    pub fn new(trace: &Trace) -> Self {
        let n = trace.len();
        let outline = Outline {
            errors_before: Vec::with_capacity(n + 1),
            n_children: vec![0; n],
            sibling_number: vec![0; n],
            ..Outline::default()
        };
        let (shapes, continued) = (vec![0; n], BitSet::new(n));
        Self { outline, errors: 0, shapes, continued, phase: Phase::Count, done: 0 }
    }

    /// The same where it is known what each span does beyond its name, as a number: spans of which that differs
    /// do not look alike.
    pub fn telling_apart(trace: &Trace, statements: &[u32]) -> Self {
        let mut maker = Self::new(trace);
        for (shape, &statement) in maker.shapes.iter_mut().zip(statements) {
            *shape = u64::from(statement);
        }
        maker
    }

    /// Looks at about `budget` spans; a run or a family is never left in the middle. Returns whether all is
    /// done.
    pub fn step(&mut self, trace: &Trace, budget: usize) -> bool {
        let n = trace.len();
        let end = self.done.saturating_add(budget).min(n);
        for at in self.done..end {
            match self.phase {
                Phase::Count => self.count(trace, SpanIdx::new(at)),
                Phase::Shapes => self.shape(trace, SpanIdx::new(n - 1 - at)),
                Phase::Runs => self.find_run(trace, SpanIdx::new(at)),
                Phase::Covers => {
                    self.outline.covers.keep(trace, SpanIdx::new(at), self.outline.n_children[at]);
                }
                Phase::Done => {}
            }
        }
        self.done = end;
        if end == n {
            self.next_phase(trace);
        }
        self.phase == Phase::Done
    }

    /// The outline; [`Self::step`] must have been through.
    pub fn finish(self) -> Outline {
        debug_assert_eq!(self.phase, Phase::Done, "an outline was used before it was made");
        self.outline
    }

    fn next_phase(&mut self, trace: &Trace) {
        self.done = 0;
        self.phase = match self.phase {
            Phase::Count => {
                self.outline.errors_before.push(self.errors);
                Phase::Shapes
            }
            Phase::Shapes => Phase::Runs,
            Phase::Runs => {
                self.outline.by_depth.sort_unstable();
                for run in &self.outline.runs {
                    self.outline.covers.keep_run(trace, *run);
                }
                Phase::Covers
            }
            Phase::Covers | Phase::Done => Phase::Done,
        };
    }

    fn count(&mut self, trace: &Trace, span: SpanIdx) {
        let outline = &mut self.outline;
        outline.errors_before.push(self.errors);
        self.errors += u32::from(trace.is_error(span));
        outline.n_placeholders += u32::from(trace.is_placeholder(span));
        outline.max_depth = outline.max_depth.max(trace.depth(span));
        let count = match trace.parent(span) {
            Some(parent) => &mut outline.n_children[parent.at()],
            None => &mut outline.n_roots,
        };
        outline.sibling_number[span.at()] = *count;
        *count += 1;
    }

    /// Gives `span` a number that is equal where name, service, kind and the shapes of the children are.
    ///
    /// Children come after their parents, so one pass backwards has each child's shape before its parent's.
    /// Two shapes that differ agree with a probability of 2⁻⁶⁴; the cost would be a row folded too early.
    fn shape(&mut self, trace: &Trace, span: SpanIdx) {
        let below = self.shapes[span.at()];
        let own = u64::from(trace.name_idx(span)) << 32
            | u64::from(trace.service(span).0) << 3
            | trace.kind(span) as u64;
        let shape = scrambled(own ^ scrambled(below));
        self.shapes[span.at()] = shape;
        if let Some(parent) = trace.parent(span) {
            let above = &mut self.shapes[parent.at()];
            *above = scrambled(above.wrapping_add(shape));
        }
    }

    fn find_run(&mut self, trace: &Trace, first: SpanIdx) {
        if self.continued.contains(first.at()) {
            return;
        }
        let siblings_end = trace.parent(first).map_or(trace.len() as u32, |p| p.0 + trace.subtree_size(p));
        let shape = self.shapes[first.at()];
        let (mut next, mut count) = (first.0 + trace.subtree_size(first), 1);
        let (mut until, mut total) = (trace.end(first), trace.span_duration(first));
        while next < siblings_end && self.shapes[next as usize] == shape {
            let span = SpanIdx(next);
            self.continued.insert(span.at());
            until = until.max(trace.end(span));
            total = total + trace.span_duration(span);
            next += trace.subtree_size(span);
            count += 1;
        }
        if count >= LEAST_RUN {
            let outline = &mut self.outline;
            outline.by_depth.push((trace.depth(first), outline.runs.len() as u32));
            outline.runs.push(Run { first, end: next, count, until, total });
        }
    }
}

impl Outline {
    /// Looks through `trace` at once. O(n).
    pub fn new(trace: &Trace) -> Self {
        let mut maker = OutlineMaker::new(trace);
        while !maker.step(trace, usize::MAX) {}
        maker.finish()
    }

    /// The runs in tree order. A run may lie within a member of another.
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// The run that begins at `first`.
    pub fn run(&self, first: SpanIdx) -> Option<Run> {
        self.runs.binary_search_by_key(&first, |r| r.first).ok().map(|at| self.runs[at])
    }

    /// The run that `span` is a member of. O(log runs).
    pub fn run_of(&self, trace: &Trace, span: SpanIdx) -> Option<Run> {
        // At one depth, runs follow each other without overlap.
        let key = (trace.depth(span), span);
        let behind =
            self.by_depth.partition_point(|&(depth, at)| (depth, self.runs[at as usize].first) <= key);
        let (depth, at) = *self.by_depth.get(behind.checked_sub(1)?)?;
        let run = self.runs[at as usize];
        (depth == key.0 && span.0 < run.end).then_some(run)
    }

    /// The run that began at `first` when spans were told apart otherwise, by names alone or by what they do: it
    /// begins there, or has `first` as a member, or comes next among its namesakes.
    pub fn run_now(&self, trace: &Trace, first: SpanIdx) -> Option<Run> {
        if first.at() >= trace.len() {
            return None;
        }
        let look = |s: SpanIdx| (trace.name_idx(s), trace.service(s), trace.kind(s));
        let siblings_end = trace.parent(first).map_or(trace.len() as u32, |p| p.0 + trace.subtree_size(p));
        let next = |s: &SpanIdx| Some(SpanIdx(s.0 + trace.subtree_size(*s))).filter(|s| s.0 < siblings_end);
        let namesakes = std::iter::successors(Some(first), next).take_while(|&s| look(s) == look(first));
        self.run_of(trace, first).or_else(|| namesakes.into_iter().find_map(|s| self.run(s)))
    }

    /// Errors in the subtree of `span`, itself included. O(1).
    pub fn errors_within(&self, trace: &Trace, span: SpanIdx) -> u32 {
        self.errors_in(span.0, span.0 + trace.subtree_size(span))
    }

    /// Errors among the spans `first..end` in tree order. O(1).
    pub fn errors_in(&self, first: u32, end: u32) -> u32 {
        let at = |i: u32| self.errors_before.get(i as usize).copied().unwrap_or(0);
        at(end).saturating_sub(at(first))
    }

    /// Errors in the whole trace.
    pub fn n_errors(&self) -> u32 {
        self.errors_before.last().copied().unwrap_or(0)
    }

    /// When spans wait for their children.
    pub fn covers(&self) -> &Covers {
        &self.covers
    }

    /// Direct children.
    pub fn n_children(&self, span: SpanIdx) -> u32 {
        self.n_children.get(span.at()).copied().unwrap_or(0)
    }

    /// Which of its siblings a span is, from 0.
    pub fn sibling_number(&self, span: SpanIdx) -> u32 {
        self.sibling_number.get(span.at()).copied().unwrap_or(0)
    }

    /// How many siblings a span has, itself included.
    pub fn n_siblings(&self, trace: &Trace, span: SpanIdx) -> u32 {
        trace.parent(span).map_or(self.n_roots, |p| self.n_children(p))
    }

    /// Spans, without the placeholders of missing parents.
    pub fn n_spans(&self) -> u32 {
        self.n_children.len() as u32 - self.n_placeholders
    }

    /// Largest number of ancestors of any span.
    pub fn max_depth(&self) -> u32 {
        self.max_depth
    }
}

/// Whether one of `sorted` is `span`, or lies in the run that it begins.
pub(super) fn is_among(sorted: &[SpanIdx], span: SpanIdx, run: Option<Run>) -> bool {
    let end = run.map_or(span.0 + 1, |run| run.end);
    sorted.get(sorted.partition_point(|&s| s < span)).is_some_and(|found| found.0 < end)
}

/// The members of `run`.
pub fn run_members(trace: &Trace, run: Run) -> impl Iterator<Item = SpanIdx> + '_ {
    let mut next = run.first;
    std::iter::from_fn(move || {
        let span = next;
        (span.0 < run.end).then(|| {
            next = SpanIdx(span.0 + trace.subtree_size(span));
            span
        })
    })
}

/// SplitMix64's finisher: every bit of the input moves every bit of the result.
const fn scrambled(x: u64) -> u64 {
    let x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::super::drawing;
    use super::*;
    use std::fmt::Write;

    #[test]
    fn runs_are_equal_siblings_with_equal_children() {
        let trace = drawing::trace(
            "api GET 0..100
  db SELECT 0..1
  db SELECT 1..2
  db SELECT 2..3
  db SELECT 3..4
  db SELECT 4..5 !
  db COMMIT 5..6
  app page 10..20
    db SELECT 10..11
  app page 20..30
    db SELECT 20..21
  app page 30..40
    db SELECT 30..31
  app page 40..50
    db SELECT 40..41
  app page 50..60
    db SELECT 50..51
  app page 60..70
    db SELECT 60..61
    db SELECT 61..62",
        );
        let outline = Outline::new(&trace);
        let runs: Vec<_> = outline.runs().iter().map(|r| (r.first.0, r.end, r.count)).collect();
        assert_eq!(runs, [(1, 6, 5), (7, 17, 5)]);
        assert_eq!(outline.errors_within(&trace, SpanIdx(0)), 1);
        assert_eq!(outline.errors_in(1, 6), 1);
        assert_eq!(outline.n_children(SpanIdx(0)), 12);
        assert_eq!(outline.sibling_number(SpanIdx(6)), 5);
        let members = |span| outline.run_of(&trace, SpanIdx(span)).map(|r| r.first.0);
        assert_eq!(
            [1, 5, 6, 7, 8, 15, 16, 17].map(members),
            [Some(1), Some(1), None, Some(7), None, Some(7), None, None]
        );
    }

    #[test]
    fn what_spans_do_parts_runs() {
        let mut text = String::from("api list 0..100\n  db SELECT 0..1\n");
        for call in 1..7 {
            let _ = writeln!(text, "  db SELECT {call}..{}", call + 1);
        }
        text.push_str("  app page 10..99\n    db SELECT 10..11\n");
        let trace = drawing::trace(&text);
        let runs = |statements: &[u32]| -> Vec<_> {
            let mut maker = OutlineMaker::telling_apart(&trace, statements);
            while !maker.step(&trace, 3) {}
            maker.finish().runs().iter().map(|r| (r.first.0, r.count)).collect()
        };
        // The first one asks for the list, the others for its items.
        assert_eq!(runs(&[0, 1, 2, 2, 2, 2, 2, 2, 0, 2]), [(2, 6)]);
        assert_eq!(runs(&[0, 2, 2, 2, 2, 2, 2, 2, 0, 2]), [(1, 7)]);
        assert_eq!(runs(&[0, 1, 2, 1, 2, 1, 2, 1, 0, 2]), []);
        // A column that is not all there tells of those that it has.
        assert_eq!(runs(&[0, 1]), [(2, 6)]);
    }

    #[test]
    fn pages_of_different_calls_are_no_run() {
        let mut text = String::from("api list 0..100\n");
        for page in 0..6 {
            let _ = writeln!(
                text,
                "  app page {}..{}\n    db get {}..{}",
                page * 10,
                page * 10 + 9,
                page * 10,
                page * 10 + 1
            );
        }
        let trace = drawing::trace(&text);
        let statements: Vec<u32> = (0..13).map(|at| u32::from(at == 2)).collect();
        let mut maker = OutlineMaker::telling_apart(&trace, &statements);
        while !maker.step(&trace, 100) {}
        let runs: Vec<_> = maker.finish().runs().iter().map(|r| (r.first.0, r.count)).collect();
        assert_eq!(runs, [(3, 5)]);
    }

    #[test]
    fn slices_make_the_same_outline() {
        let trace = drawing::wide(500, 7);
        let whole = Outline::new(&trace);
        for budget in [1, 3, 64, 1000] {
            let mut maker = OutlineMaker::new(&trace);
            let mut steps = 1;
            while !maker.step(&trace, budget) {
                steps += 1;
            }
            assert!(steps >= 4, "{steps}");
            let sliced = maker.finish();
            assert_eq!((sliced.runs(), &sliced.errors_before), (whole.runs(), &whole.errors_before));
        }
        assert_eq!(Outline::new(&Trace::default()).n_spans(), 0);
    }

    #[test]
    fn runs_within_runs_are_found() {
        let mut text = String::from("api loop 0..100\n");
        for page in 0..6 {
            let _ = writeln!(text, "  app page {}..{}", page * 10, page * 10 + 9);
            for call in 0..5 {
                let _ = writeln!(text, "    db get {}..{}", page * 10 + call, page * 10 + call + 1);
            }
        }
        let trace = drawing::trace(&text);
        let outline = Outline::new(&trace);
        assert_eq!(outline.runs().len(), 7);
        assert_eq!(outline.run_of(&trace, SpanIdx(31)).map(|r| r.first.0), Some(1));
        assert_eq!(outline.run_of(&trace, SpanIdx(36)).map(|r| r.first.0), Some(32));
    }
}
