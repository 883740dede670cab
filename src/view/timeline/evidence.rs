//! Showing what proves a finding: spans are selected, brought into sight, and their time fills the chart.

use std::sync::Arc;

use super::Timeline;
use crate::model::index::SpanIdx;
use crate::model::time::TimeRange;
use crate::view::outline::is_among;
use crate::view::replayed::Replayed;
use crate::view::rows::Row;

impl Timeline {
    /// Shows `spans` together: the first is selected and `time` fills the chart with a margin. Where it is one
    /// of several from a closed run, the run's one row stands for them, so that what is told as one is seen as
    /// one.
    pub fn show_evidence(&mut self, spans: &[SpanIdx], time: TimeRange) {
        let Some(&first) = spans.first() else { return };
        self.remember();
        if !self.show_run(spans) {
            self.select(first);
        }
        self.show_time_of(time);
    }

    /// Marks all these spans, wherever they are; none marks nothing any more.
    pub fn set_evidence(&mut self, mut spans: Vec<SpanIdx>) {
        spans.sort_unstable();
        self.evidence = spans;
    }

    /// Whether a row shows a marked span, or a run with one.
    pub fn is_evidence(&self, row: Row) -> bool {
        let run = if let Row::Run(first) = row { self.outline.run(first) } else { None };
        is_among(&self.evidence, row.span(), run)
    }

    /// Shows one span of several.
    pub fn show_span(&mut self, span: SpanIdx) {
        if span.at() >= self.trace.len() {
            return;
        }
        self.remember();
        self.select(span);
        self.show_time_of(TimeRange { start: self.trace.start(span), end: self.trace.end(span) });
    }

    /// Shows where spans would lie above where they are; none shows the trace as it is.
    pub fn set_replayed(&mut self, replayed: Option<Arc<Replayed>>) {
        self.replayed = replayed;
    }

    /// Where spans would lie, while something is tried.
    pub fn replayed(&self) -> Option<&Replayed> {
        self.replayed.as_deref()
    }

    fn show_time_of(&mut self, time: TimeRange) {
        // A tenth on each side: what came before and after is part of the picture.
        self.show_range(time.padded((time.duration().0 / 10).max(1)));
    }

    /// Puts the cursor on the closed run that the first and others of `spans` are members of; says whether
    /// there is one.
    fn show_run(&mut self, spans: &[SpanIdx]) -> bool {
        let run_of =
            |s: &SpanIdx| (s.at() < self.trace.len()).then(|| self.outline.run_of(&self.trace, *s)).flatten();
        let Some(run) = spans.first().and_then(run_of) else { return false };
        let n_members = spans.iter().filter(|s| run_of(s) == Some(run)).count();
        if !self.folding.folds_runs() || self.folding.is_run_open(run.first) || n_members < 2 {
            return false;
        }
        if let Some(parent) = self.trace.parent(run.first) {
            self.folding.reveal(&self.trace, &self.outline, parent);
            self.folding.set_collapsed(parent, false);
        }
        self.rebuild();
        let row = Row::Run(run.first);
        if self.rows.find(row).is_none() {
            return false;
        }
        self.cursor = Some(row);
        self.fit_cycle = None;
        self.reveal_cursor();
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::time::DurationNanos;
    use crate::view::drawing;
    use crate::view::folding::FoldRule;

    const SHOP: &str = "
web GET 0..100
  cart load 5..60
    db SELECT 10..11
    db SELECT 11..12
    db SELECT 12..13
    db SELECT 13..14
    db SELECT 14..15
    db COMMIT 20..21
  pay charge 60..90
";

    const MS: i64 = 1_000_000;

    fn range(start: i64, end: i64) -> TimeRange {
        TimeRange { start: DurationNanos(start * MS), end: DurationNanos(end * MS) }
    }

    fn timeline() -> Timeline {
        let mut timeline = Timeline::new(Arc::new(drawing::trace(SHOP)));
        timeline.resize(1000.0, 480.0);
        timeline
    }

    fn spans(ids: std::ops::Range<u32>) -> Vec<SpanIdx> {
        ids.map(SpanIdx).collect()
    }

    #[test]
    fn calls_of_a_run_are_shown_as_the_run_and_fill_the_chart() {
        let mut timeline = timeline();
        timeline.fold(FoldRule::Runs);
        // The last one is what the calls belong to, and no member.
        timeline.show_evidence(&spans(2..8), range(10, 15));
        assert_eq!(timeline.cursor(), Some(Row::Run(SpanIdx(2))));
        let shown = timeline.range();
        assert!((shown.start.0 - 9_500_000).abs() < 1000, "{shown:?}");
        assert!((shown.end.0 - 15_500_000).abs() < 1000, "{shown:?}");
        timeline.travel(super::super::Direction::Previous);
        assert!(timeline.is_whole(), "one step leads back");
        // Hidden below a closed row it is found as well.
        timeline.toggle(0);
        timeline.show_evidence(&spans(2..7), range(10, 15));
        assert_eq!(timeline.cursor(), Some(Row::Run(SpanIdx(2))));
    }

    #[test]
    fn a_trace_that_is_otherwise_shows_no_path_of_what_is() {
        let mut timeline = timeline();
        let path = crate::view::path::CriticalPath::default();
        timeline.set_path(Some(Arc::new(path)));
        assert!(timeline.scene().path.is_some());
        let replayed =
            Replayed::new(timeline.trace(), timeline.outline(), DurationNanos(0), &[0; 9], &[1; 9]);
        timeline.set_replayed(replayed.map(Arc::new));
        assert!(timeline.scene().path.is_none() && timeline.scene().replayed.is_some());
        timeline.set_replayed(None);
        assert!(timeline.scene().path.is_some() && timeline.replayed().is_none());
    }

    #[test]
    fn all_evidence_is_marked_also_in_closed_runs() {
        let mut timeline = timeline();
        timeline.fold(FoldRule::Runs);
        timeline.set_evidence(vec![SpanIdx(8), SpanIdx(4)]);
        let marked = |t: &Timeline| t.rows().iter().filter(|&r| t.is_evidence(r)).collect::<Vec<_>>();
        assert_eq!(marked(&timeline), [Row::Run(SpanIdx(2)), Row::Span(SpanIdx(8))]);
        timeline.fold(FoldRule::None);
        assert_eq!(marked(&timeline), [Row::Span(SpanIdx(4)), Row::Span(SpanIdx(8))]);
        assert_eq!(timeline.scene().evidence, [SpanIdx(4), SpanIdx(8)]);
        timeline.set_evidence(Vec::new());
        assert_eq!(marked(&timeline), []);
    }

    #[test]
    fn other_spans_are_selected_one_by_one() {
        let mut timeline = timeline();
        timeline.fold(FoldRule::Depth(1));
        timeline.show_evidence(&[SpanIdx(7), SpanIdx(1)], range(20, 21));
        assert_eq!(timeline.selected(), Some(SpanIdx(7)));
        timeline.show_span(SpanIdx(3));
        assert_eq!(timeline.selected(), Some(SpanIdx(3)), "a single call is shown as itself");
        timeline.show_evidence(&spans(2..7), range(10, 15));
        assert_eq!(timeline.selected(), Some(SpanIdx(2)), "the run is open now");
        timeline.show_evidence(&[], range(0, 1));
        timeline.show_span(SpanIdx(99));
        timeline.show_evidence(&[SpanIdx(99)], range(0, 1));
        assert_eq!(timeline.selected(), Some(SpanIdx(2)));
    }
}
