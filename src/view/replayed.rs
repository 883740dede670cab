//! The trace as it would be if something were otherwise: where each span and each run of equals would lie.
//!
//! Made once per what-if, so that a frame looks up what is in sight and nothing else.

use super::outline::{Outline, Run, run_members};
use crate::base::bitset::BitSet;
use crate::model::index::SpanIdx;
use crate::model::time::{DurationNanos, TimeRange};
use crate::model::trace::Trace;

/// Start of a span that takes no part in what was worked out.
const ABSENT: i64 = i64::MIN;

/// Other positions of spans, after the shown start of the trace.
#[derive(Clone, Debug, Default)]
pub struct Replayed {
    /// Whether they are where spans were, not where they would be.
    is_former: bool,
    /// Spans that were there and are no more.
    gone: BitSet,
    starts: Vec<i64>,
    ends: Vec<i64>,
    /// Of the outline's runs, in their order.
    runs: Vec<Option<TimeRange>>,
}

impl Replayed {
    /// The positions in these columns, where `i64::MIN` stands for none; nothing when they are not of `trace`.
    /// They count from the recorded start, which lies `earlier` after the shown one.
    pub fn new(
        trace: &Trace,
        outline: &Outline,
        earlier: DurationNanos,
        starts: &[i64],
        ends: &[i64],
    ) -> Option<Self> {
        if starts.len() != trace.len() || ends.len() != trace.len() {
            return None;
        }
        let shown = |times: &[i64]| -> Vec<i64> {
            times.iter().map(|&t| if t == ABSENT { ABSENT } else { t.saturating_add(earlier.0) }).collect()
        };
        let (starts, ends) = (shown(starts), shown(ends));
        let mut replayed = Self { starts, ends, ..Self::default() };
        replayed.runs = outline
            .runs()
            .iter()
            .map(|&run| {
                let ranges = run_members(trace, run).filter_map(|span| replayed.range(span));
                ranges.reduce(|a, b| TimeRange { start: a.start.min(b.start), end: a.end.max(b.end) })
            })
            .collect();
        Some(replayed)
    }

    /// The positions that spans had before, in columns as for [`Self::new`] but after the shown start; those in
    /// `gone` are no more.
    pub fn former(
        trace: &Trace,
        outline: &Outline,
        starts: &[i64],
        ends: &[i64],
        gone: BitSet,
    ) -> Option<Self> {
        Some(Self { is_former: true, gone, ..Self::new(trace, outline, DurationNanos(0), starts, ends)? })
    }

    /// Whether these are former positions: what is drawn below the bars, not in their place.
    pub fn is_former(&self) -> bool {
        self.is_former
    }

    /// Whether a span is no more.
    pub fn is_gone(&self, span: SpanIdx) -> bool {
        span.at() < self.gone.len() && self.gone.contains(span.at())
    }

    /// Where a span would lie; none when it takes no part.
    pub fn range(&self, span: SpanIdx) -> Option<TimeRange> {
        let (start, end) = (*self.starts.get(span.at())?, *self.ends.get(span.at())?);
        (start != ABSENT && end != ABSENT)
            .then(|| TimeRange { start: DurationNanos(start), end: DurationNanos(end.max(start)) })
    }

    /// Where a run would lie, from its first start to its last end.
    pub fn range_of_run(&self, outline: &Outline, run: Run) -> Option<TimeRange> {
        let at = outline.runs().binary_search_by_key(&run.first, |r| r.first).ok()?;
        self.runs.get(at).copied().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::drawing;

    const RUN: &str = "
api GET 0..100
  db SELECT 0..10
  db SELECT 10..20
  db SELECT 20..30
  db SELECT 30..40
  db SELECT 40..50
";

    #[test]
    fn spans_and_runs_have_new_places_and_absent_ones_have_none() {
        let trace = drawing::trace(RUN);
        let outline = Outline::new(&trace);
        let starts = vec![0, ABSENT, 5, 7, 9, 11];
        let ends = vec![60, ABSENT, 7, 9, 11, 8];
        let at = |earlier| Replayed::new(&trace, &outline, DurationNanos(earlier), &starts, &ends);
        let replayed = at(0).unwrap();
        let range = |start, end| Some(TimeRange { start: DurationNanos(start), end: DurationNanos(end) });
        assert_eq!(replayed.range(SpanIdx(0)), range(0, 60));
        assert_eq!(replayed.range(SpanIdx(1)), None);
        assert_eq!(replayed.range(SpanIdx(5)), range(11, 11), "an end never lies before its start");
        assert_eq!(replayed.range(SpanIdx(9)), None);
        let run = outline.run(SpanIdx(1)).unwrap();
        assert_eq!(replayed.range_of_run(&outline, run), range(5, 11));
        let moved = at(-5).unwrap();
        assert_eq!([moved.range(SpanIdx(1)), moved.range(SpanIdx(2))], [None, range(0, 2)]);
        assert_eq!(moved.range_of_run(&outline, run), range(0, 6));
        assert!(Replayed::new(&trace, &outline, DurationNanos(0), &[0], &[0]).is_none());
    }
}
