//! Which parts of a span its children cover, and which parts of a run its members do.
//!
//! A span works itself where no child runs; elsewhere it waits. Small families are looked at when they are
//! drawn; those of the few spans with thousands of children are kept, merged where no screen shows the gap.

use std::collections::BTreeMap;

use super::outline::{Run, run_members};
use crate::model::index::SpanIdx;
use crate::model::time::{DurationNanos, TimeRange};
use crate::model::trace::Trace;

/// Families up to this size are looked at when drawn.
const SMALL: u32 = 2048;
/// Gaps of large families below this part of the whole are closed.
const FINEST_PART: i64 = 8192;

/// Covered times of large families, computed once per trace.
#[derive(Clone, Debug, Default)]
pub struct Covers {
    children: BTreeMap<SpanIdx, Vec<TimeRange>>,
    members: BTreeMap<SpanIdx, Vec<TimeRange>>,
}

impl Covers {
    /// Keeps the children of `span` if they are many.
    pub(super) fn keep(&mut self, trace: &Trace, span: SpanIdx, n_children: u32) {
        if n_children > SMALL {
            let whole = TimeRange { start: trace.start(span), end: trace.end(span) };
            self.children.insert(span, merged(trace, trace.children(span), whole, finest(whole)));
        }
    }

    /// Keeps the members of `run` if they are many.
    pub(super) fn keep_run(&mut self, trace: &Trace, run: Run) {
        if run.count > SMALL {
            let whole = TimeRange { start: trace.start(run.first), end: run.until };
            self.members.insert(run.first, merged(trace, run_members(trace, run), whole, finest(whole)));
        }
    }

    /// When `span` waits for children; gaps shorter than `finest` may be closed. Ordered, without overlap.
    pub fn waiting(&self, trace: &Trace, span: SpanIdx, finest: DurationNanos) -> Vec<TimeRange> {
        if let Some(kept) = self.children.get(&span) {
            return union(kept.iter().copied(), finest);
        }
        let whole = TimeRange { start: trace.start(span), end: trace.end(span) };
        merged(trace, trace.children(span), whole, finest)
    }

    /// When a member of `run` runs; gaps shorter than `finest` may be closed. Ordered, without overlap.
    pub fn running(&self, trace: &Trace, run: Run, finest: DurationNanos) -> Vec<TimeRange> {
        if let Some(kept) = self.members.get(&run.first) {
            return union(kept.iter().copied(), finest);
        }
        let whole = TimeRange { start: trace.start(run.first), end: run.until };
        merged(trace, run_members(trace, run), whole, finest)
    }
}

/// The time of `span` that no child covers, exactly. O(children).
pub fn self_time(trace: &Trace, span: SpanIdx) -> DurationNanos {
    let whole = TimeRange { start: trace.start(span), end: trace.end(span) };
    let waits = merged(trace, trace.children(span), whole, DurationNanos(0));
    let waited = waits.iter().map(|w| w.duration().0).sum();
    trace.span_duration(span) - DurationNanos(waited)
}

fn finest(whole: TimeRange) -> DurationNanos {
    DurationNanos(whole.duration().0 / FINEST_PART)
}

/// The union of the spans' times within `whole`; gaps up to `finest` are closed. The spans come by start.
fn merged(
    trace: &Trace,
    spans: impl Iterator<Item = SpanIdx>,
    whole: TimeRange,
    finest: DurationNanos,
) -> Vec<TimeRange> {
    let ranges = spans.map(|s| TimeRange { start: trace.start(s), end: trace.end(s) }.within(whole));
    union(ranges, finest)
}

/// The union of ranges that come by start; gaps up to `finest` are closed.
fn union(ranges: impl Iterator<Item = TimeRange>, finest: DurationNanos) -> Vec<TimeRange> {
    let mut union: Vec<TimeRange> = Vec::new();
    for range in ranges.filter(|r| r.end > r.start) {
        match union.last_mut() {
            Some(last) if range.start <= last.end + finest => last.end = last.end.max(range.end),
            _ => union.push(range),
        }
    }
    union
}

#[cfg(test)]
mod tests {
    use super::super::drawing;
    use super::super::outline::Outline;
    use super::*;

    #[test]
    fn self_time_is_what_no_child_covers() {
        let trace = drawing::trace(
            "api GET 0..100
  db a 10..30
  db b 20..40
  db c 60..70
  db late 95..130",
        );
        assert_eq!(self_time(&trace, SpanIdx(0)), DurationNanos(55_000_000));
        assert_eq!(self_time(&trace, SpanIdx(1)), DurationNanos(20_000_000));
        let outline = Outline::new(&trace);
        let waits = outline.covers().waiting(&trace, SpanIdx(0), DurationNanos(20_000_000));
        let millis: Vec<_> = waits.iter().map(|w| (w.start.0 / 1_000_000, w.end.0 / 1_000_000)).collect();
        assert_eq!(millis, [(10, 70), (95, 100)]);
    }

    #[test]
    fn large_families_are_kept_in_few_parts() {
        let trace = drawing::wide(20_000, 20_000);
        let outline = Outline::new(&trace);
        let waits = outline.covers().waiting(&trace, SpanIdx(0), DurationNanos(0));
        assert!(!waits.is_empty() && waits.len() < 8192, "{}", waits.len());
    }
}
