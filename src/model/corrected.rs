//! A trace with its clocks corrected: the same spans, moved.
//!
//! Which clock is off by how much is for the analysis to find; the trace itself stays as it was recorded.

use super::span::Flags;
use super::time::{DurationNanos, UnixNanos};
use super::trace::Trace;

impl Trace {
    /// The trace with each span moved by so many nanoseconds, in order; spans that were moved are flagged. Also
    /// returns by how much the trace starts earlier than before: what counts from the old start has to be moved
    /// by that as well. Placeholders cover their children, as always. O(n).
    pub fn with_shifts(&self, shifts: &[i64]) -> (Self, DurationNanos) {
        let mut moved = self.clone();
        let columns = &mut moved.columns;
        for (at, start) in columns.start.iter_mut().enumerate() {
            let shift = shifts.get(at).copied().unwrap_or_default();
            *start = start.saturating_add(shift);
            if shift != 0 {
                columns.flags[at] |= Flags::CLOCK_CORRECTED.0;
            }
        }
        let placeholders: Vec<_> = self.spans().filter(|&span| self.is_placeholder(span)).collect();
        for span in placeholders {
            let start_of = |c: super::index::SpanIdx| columns.start[c.at()];
            let end_of = |c: super::index::SpanIdx| start_of(c).saturating_add(columns.duration[c.at()]);
            let (start, end) =
                (self.children(span).map(start_of).min(), self.children(span).map(end_of).max());
            if let (Some(start), Some(end)) = (start, end) {
                columns.start[span.at()] = start;
                columns.duration[span.at()] = end.saturating_sub(start);
            }
        }
        let origin = columns.start.iter().copied().min().unwrap_or_default();
        let mut duration = 0;
        for (start, length) in columns.start.iter_mut().zip(&columns.duration) {
            *start = start.saturating_sub(origin);
            duration = duration.max(start.saturating_add(*length));
        }
        moved.start = UnixNanos(self.start.0.saturating_add(origin));
        moved.duration = DurationNanos(duration);
        (moved, DurationNanos(origin.saturating_neg()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::builder::TraceBuilder;
    use super::super::index::{SpanIdx, TraceIdx};
    use super::super::testing::push;
    use super::*;

    #[test]
    fn spans_move_and_the_trace_starts_with_the_first() {
        let mut builder = TraceBuilder::default();
        let base = 1_600_000_000_000_000_000;
        for line in ["a 0..100", "b<a -20..40", "c<gone 50..60"] {
            push(&mut builder, line, base);
        }
        let trace = builder.finish().trace(TraceIdx(0));
        let at = |id: &str| trace.spans().find(|&s| trace.name(s) == id).unwrap_or_default();
        let (a, b, c) = (at("a"), at("b"), at("c"));
        let mut shifts = vec![0; trace.len()];
        shifts[b.at()] = 30;
        shifts[c.at()] = 1000;
        let (moved, earlier) = trace.with_shifts(&shifts);
        moved.check().unwrap();
        assert_eq!(earlier, DurationNanos(-20));
        let start = |s: SpanIdx| moved.start(s).0;
        assert_eq!([a, b, c].map(start), [0, 10, 1050]);
        assert_eq!(moved.start_time().0, base);
        assert_eq!(moved.duration().0, 1060);
        assert!(moved.flags(b).has(Flags::CLOCK_CORRECTED) && !moved.flags(a).has(Flags::CLOCK_CORRECTED));
        // The row of the missing parent goes with the span that names it.
        assert_eq!(trace.parent(c).map(start), Some(1050));
    }
}
