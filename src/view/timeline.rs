//! The timeline of one open trace: rows, scroll position, time range, selection, matches.
//!
//! Everything that moves when a key is pressed or a wheel is turned, without a browser: the page forwards
//! what the reader does and draws what [`Timeline`] then says. Each step costs as much as is in sight; folding
//! everything and searching cost one pass over the trace.

mod critical;
mod evidence;
mod movement;
mod successor;
mod time;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::folding::{FoldRule, Folding};
use super::marks::Mark;
use super::outline::Outline;
use super::path::CriticalPath;
use super::replayed::Replayed;
use super::rows::{Row, RowFacts, Rows, facts};
use super::scale::TimeScale;
use super::scroll::Scroll;
use super::theme::{Looks, Palette};
use super::waterfall::{self, Hit, Scene};
use crate::base::bitset::BitSet;
use crate::model::index::SpanIdx;
use crate::model::span::Flags;
use crate::model::time::{DurationNanos, TimeRange};
use crate::model::trace::Trace;

/// Height of a row.
pub const ROW_PX: f64 = 24.0;
/// Rows that are looked at together when searching upwards.
const BLOCK: usize = 512;
/// Spans whose event times are remembered.
const MAX_EVENT_SPANS: usize = 10_000;
/// Ranges that can be gone back to.
const MAX_HISTORY: usize = 100;

/// A move of the cursor from row to row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// So many rows down; up when negative.
    Rows(i64),
    /// So many pages down; up when negative.
    Pages(i64),
    /// To the first row.
    First,
    /// To the last row.
    Last,
}

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Towards the end.
    Next,
    /// Towards the start.
    Previous,
}

/// An attribute whose values rows show, with those that are known.
#[derive(Clone, Debug)]
struct Column {
    key: String,
    values: BTreeMap<SpanIdx, String>,
}

/// The open trace as the reader has arranged it.
#[derive(Clone, Debug)]
pub struct Timeline {
    trace: Arc<Trace>,
    /// By how much it starts earlier than it was recorded: clocks may have been corrected.
    earlier: DurationNanos,
    outline: Arc<Outline>,
    folding: Folding,
    rows: Rows,
    scroll: Scroll,
    scale: TimeScale,
    chart_px: f64,
    /// Whether the range is the whole trace until the reader changes it.
    is_fitted: bool,
    cursor: Option<Row>,
    matches: Option<BitSet>,
    /// Whether going to a span that is no match has had everything shown again.
    is_filter_lifted: bool,
    /// Spans that prove what was found, in order.
    evidence: Vec<SpanIdx>,
    path: Option<Arc<CriticalPath>>,
    replayed: Option<Arc<Replayed>>,
    /// Section of the path that was gone to last.
    hop: Option<usize>,
    is_path_emphasised: bool,
    /// Ranges before and after the present one.
    history: (Vec<TimeRange>, Vec<TimeRange>),
    /// How far the steps of `F` are.
    fit_cycle: Option<time::FitCycle>,
    marks: Vec<Mark>,
    column: Option<Column>,
    looks: Looks,
    /// Where the pointer is in the chart.
    pointer: Option<(f64, f64)>,
    measured: Option<TimeRange>,
    events: BTreeMap<SpanIdx, Vec<DurationNanos>>,
}

impl Timeline {
    /// The whole trace, runs folded, nothing selected.
    pub fn new(trace: Arc<Trace>) -> Self {
        let outline = Arc::new(Outline::new(&trace));
        Self::with_outline(trace, outline)
    }

    /// As [`Self::new`], with an outline that was made before, in slices.
    pub fn with_outline(trace: Arc<Trace>, outline: Arc<Outline>) -> Self {
        let looks = Looks::by_rank(trace.services().len());
        let folding = Folding::new(&trace, &outline, FoldRule::default());
        let rows = Rows::build(&trace, &outline, &folding);
        let scroll = Scroll::new(rows.len(), ROW_PX, 0.0);
        let mut timeline = Self {
            trace,
            earlier: DurationNanos(0),
            outline,
            folding,
            rows,
            scroll,
            scale: TimeScale { origin_ns: 0.0, nanos_per_px: 1.0 },
            chart_px: 1.0,
            is_fitted: true,
            cursor: None,
            matches: None,
            is_filter_lifted: false,
            evidence: Vec::new(),
            path: None,
            replayed: None,
            hop: None,
            is_path_emphasised: false,
            history: (Vec::new(), Vec::new()),
            fit_cycle: None,
            marks: Vec::new(),
            column: None,
            looks,
            pointer: None,
            measured: None,
            events: BTreeMap::new(),
        };
        timeline.show_range(timeline.whole());
        timeline
    }

    /// The trace.
    pub fn trace(&self) -> &Arc<Trace> {
        &self.trace
    }

    /// Has times that count from the recorded start, as links and analyses say them, shown `earlier` later.
    pub fn set_earlier(&mut self, earlier: DurationNanos) {
        self.earlier = earlier;
    }

    /// By how much the trace is shown to start earlier than it was recorded.
    pub fn earlier(&self) -> DurationNanos {
        self.earlier
    }

    /// The shown time in sight as it was recorded, as far as that is not before the recorded start.
    pub fn recorded_range(&self) -> TimeRange {
        let range = self.range();
        let recorded = |time: DurationNanos, least| DurationNanos((time - self.earlier).0.max(least));
        TimeRange { start: recorded(range.start, 0), end: recorded(range.end, 1) }
    }

    /// Shows a range that counts from the recorded start, without remembering the present one.
    pub fn show_recorded_range(&mut self, range: TimeRange) {
        let earlier = self.earlier;
        self.show_range(TimeRange { start: range.start + earlier, end: range.end + earlier });
    }

    /// Facts about its spans.
    pub fn outline(&self) -> &Outline {
        &self.outline
    }

    /// What is folded.
    pub fn folding(&self) -> &Folding {
        &self.folding
    }

    /// The rows.
    pub fn rows(&self) -> &Rows {
        &self.rows
    }

    /// The vertical position.
    pub fn scroll(&self) -> &Scroll {
        &self.scroll
    }

    /// The horizontal position.
    pub fn scale(&self) -> TimeScale {
        self.scale
    }

    /// Width of the chart.
    pub fn chart_px(&self) -> f64 {
        self.chart_px
    }

    /// What the search found.
    pub fn matches(&self) -> Option<&BitSet> {
        self.matches.as_ref()
    }

    /// The row that keys act on.
    pub fn cursor(&self) -> Option<Row> {
        self.cursor
    }

    /// Position of the cursor's row, if it is in the list.
    pub fn cursor_row(&self) -> Option<usize> {
        self.cursor.and_then(|c| self.rows.find(c))
    }

    /// The selected span: that of the cursor, unless it stands on a run.
    pub fn selected(&self) -> Option<SpanIdx> {
        match self.cursor {
            Some(Row::Span(span)) => Some(span),
            _ => None,
        }
    }

    /// Everything there is to see: at least a nanosecond.
    pub fn whole(&self) -> TimeRange {
        TimeRange { start: DurationNanos(0), end: DurationNanos(self.trace.duration().0.max(1)) }
    }

    /// What is in sight.
    pub fn range(&self) -> TimeRange {
        self.scale.range(self.chart_px)
    }

    /// Whether the whole trace is in sight.
    pub fn is_whole(&self) -> bool {
        self.is_fitted
    }

    /// Rows in sight with what is to be drawn and said of them.
    pub fn facts_in_sight(&self) -> (Range<usize>, Vec<RowFacts>) {
        let in_sight = self.scroll.rows_in_sight();
        let facts = facts(&self.trace, &self.outline, &self.folding, &self.rows, in_sight.clone());
        (in_sight, facts)
    }

    /// What there is to draw.
    pub fn scene(&self) -> Scene<'_> {
        Scene {
            trace: &self.trace,
            outline: &self.outline,
            folding: &self.folding,
            rows: &self.rows,
            scroll: &self.scroll,
            scale: self.scale,
            width_px: self.chart_px,
            looks: &self.looks,
            selected: self.selected(),
            hovered: self.pointer.and_then(|(_, y)| self.scroll.row_at(y)),
            crosshair_px: self.pointer.map(|(x, _)| x),
            matches: self.matches.as_ref(),
            evidence: &self.evidence,
            // The path of the trace as it is would be wrong on bars that lie elsewhere.
            path: self.path().filter(|_| self.replayed.is_none()),
            is_path_emphasised: self.is_path_emphasised() && self.replayed.is_none(),
            replayed: self.replayed.as_deref(),
            measured: self.measured,
            marks: &self.marks,
            events: &self.events,
        }
    }

    /// The colours of the services.
    pub fn looks(&self) -> &Looks {
        &self.looks
    }

    /// Takes other looks for the services.
    pub fn set_looks(&mut self, looks: Looks) {
        self.looks = looks;
    }

    /// Takes other colours for the looks of services.
    pub fn set_palette(&mut self, palette: Palette) {
        self.looks = std::mem::take(&mut self.looks).in_palette(palette);
    }

    /// Where the pointer is in the chart.
    pub fn pointer(&self) -> Option<(f64, f64)> {
        self.pointer
    }

    /// The pointer moved in the chart, or left it.
    pub fn point_at(&mut self, place: Option<(f64, f64)>) {
        self.pointer = place;
    }

    /// What lies under a point of the chart.
    pub fn hit(&self, x: f64, y: f64) -> Option<Hit> {
        waterfall::hit_test(&self.scene(), x, y)
    }

    /// The time that was measured last.
    pub fn measured(&self) -> Option<TimeRange> {
        self.measured
    }

    /// Measures from `from` to `to` of the chart; ends snap to bars unless `exact`.
    pub fn measure(&mut self, from: f64, to: f64, exact: bool) {
        let scene = self.scene();
        let at = |x: f64| if exact { self.scale.time_from_x(x) } else { waterfall::snap(&scene, x) };
        let (a, b) = (at(from), at(to));
        self.measured = Some(TimeRange { start: a.min(b), end: a.max(b) }.within(self.whole()));
    }

    /// Shows the value of an attribute in each row, or of none.
    pub fn set_column(&mut self, key: Option<String>) {
        if self.column.as_ref().map(|c| &c.key) != key.as_ref() {
            self.column = key.map(|key| Column { key, values: BTreeMap::new() });
        }
    }

    /// The attribute whose values rows show.
    pub fn column(&self) -> Option<&str> {
        self.column.as_ref().map(|c| c.key.as_str())
    }

    /// What a row shows of it: nothing for runs and for spans whose value is not known.
    pub fn value(&self, row: Row) -> Option<&str> {
        let Row::Span(span) = row else { return None };
        self.column.as_ref()?.values.get(&span).map(String::as_str)
    }

    /// Spans in sight whose values are not known yet.
    pub fn values_wanted(&self) -> Vec<SpanIdx> {
        let Some(column) = &self.column else { return Vec::new() };
        let rows = self.scroll.rows_in_sight().filter_map(|at| self.rows.get(at));
        rows.filter_map(|row| match row {
            Row::Span(span) if !column.values.contains_key(&span) => Some(span),
            _ => None,
        })
        .collect()
    }

    /// Takes values of the attribute `key`; those of another are of no use any more.
    pub fn set_values(&mut self, key: &str, values: impl Iterator<Item = (SpanIdx, String)>) {
        if let Some(column) = self.column.as_mut().filter(|c| c.key == key) {
            if column.values.len() >= MAX_EVENT_SPANS {
                column.values.clear();
            }
            column.values.extend(values);
        }
    }

    /// The marked instants.
    pub fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// Takes other marks, which count from the recorded start.
    pub fn set_marks(&mut self, recorded: &[Mark]) {
        self.marks = recorded.iter().map(|mark| mark.moved(self.earlier)).collect();
    }

    /// Forgets what was measured.
    pub fn clear_measured(&mut self) {
        self.measured = None;
    }

    /// Spans in sight whose event times are not known yet.
    pub fn events_wanted(&self) -> Vec<SpanIdx> {
        let (_, facts) = self.facts_in_sight();
        let spans = facts.iter().filter(|f| f.run.is_none()).map(|f| f.row.span());
        spans
            .filter(|&s| self.trace.flags(s).has(Flags::HAS_EVENTS) && !self.events.contains_key(&s))
            .collect()
    }

    /// Takes the times of the events of a span, after the trace's start.
    pub fn set_events(&mut self, span: SpanIdx, times: Vec<DurationNanos>) {
        if self.events.len() >= MAX_EVENT_SPANS {
            self.events.clear();
        }
        self.events.insert(span, times);
    }

    /// Fits to a new size, keeping the range and the topmost row.
    pub fn resize(&mut self, chart_px: f64, rows_px: f64) {
        let range = self.range();
        self.chart_px = chart_px.max(1.0);
        self.scale = if self.is_fitted {
            TimeScale::fit(self.whole(), self.chart_px)
        } else {
            TimeScale::fit(range, self.chart_px).clamped(self.whole(), self.chart_px)
        };
        self.scroll.set_window_px(rows_px);
    }
}

fn facts_of(timeline: &Timeline, rows: Range<usize>) -> Vec<RowFacts> {
    facts(&timeline.trace, &timeline.outline, &timeline.folding, &timeline.rows, rows)
}
