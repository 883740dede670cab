//! What becomes of the reader's place when the trace is shown anew: more of it was read, or its clocks were
//! corrected.

use std::sync::Arc;

use super::{Timeline, time};
use crate::model::index::SpanIdx;
use crate::model::time::TimeRange;
use crate::model::trace::Trace;
use crate::view::outline::Outline;
use crate::view::rows::Row;

/// A row of the window and how far below its upper edge it lies: what is to stay where it is seen.
#[derive(Clone, Copy, Debug)]
pub struct Anchor {
    row: Row,
    y_px: f64,
}

impl Timeline {
    /// The timeline of a later state of the same trace, with the reader's place kept: selection, rows in sight,
    /// range and the way back, rule of folding and what was folded by hand, colours.
    #[must_use]
    pub fn successor(&self, trace: Arc<Trace>, outline: Arc<Outline>) -> Self {
        let mut next = Self::with_outline(trace, outline);
        next.chart_px = self.chart_px;
        next.is_path_emphasised = self.is_path_emphasised;
        next.pointer = self.pointer;
        next.scroll.set_window_px(self.scroll.window_px());
        let found = |span: SpanIdx| next.trace.find(self.trace.span_id(span));
        let all_found = |list: &[(SpanIdx, bool)]| -> Vec<(SpanIdx, bool)> {
            list.iter().filter_map(|&(s, open)| Some((found(s)?, open))).collect()
        };
        let exceptions = all_found(self.folding.exceptions());
        let runs = all_found(self.folding.run_exceptions());
        let focus = self.folding.focus().and_then(found);
        let selected = self.selected().and_then(found);
        next.restore_folding(self.folding.rule(), &exceptions, &runs, focus);
        next.marks.clone_from(&self.marks);
        next.set_column(self.column().map(str::to_owned));
        if let Some(span) = selected {
            next.select(span);
        } else {
            next.cursor = self.cursor.and_then(|row| self.found_row(&next, row));
        }
        // After the selection, which would bring itself into sight.
        if let Some(Anchor { row, y_px }) = self.anchor() {
            match self.found_row(&next, row) {
                Some(row) => next.hold(Anchor { row, y_px }),
                None => next.scroll.set_top_px(self.scroll.top_px()),
            }
        }
        // Times count from the trace's start, which may lie earlier now.
        let moved = self.trace.start_time() - next.trace.start_time();
        let shifted = |range: TimeRange| TimeRange { start: range.start + moved, end: range.end + moved };
        next.show_range(if self.is_fitted { next.whole() } else { shifted(self.range()) });
        next.measured = self.measured.map(shifted);
        let all_shifted = |ranges: &[TimeRange]| ranges.iter().copied().map(shifted).collect();
        next.history = (all_shifted(&self.history.0), all_shifted(&self.history.1));
        next
    }

    /// What is to stay where it is when rows come or go: the cursor's row where it is in sight, else the first
    /// row in sight. None at the top of the list, which is a place of its own.
    pub fn anchor(&self) -> Option<Anchor> {
        let cursor = self.cursor_row().filter(|&at| self.scroll.is_in_sight(at));
        let first = || (self.scroll.top_px() > 0.0).then_some(self.scroll.rows_in_sight().start);
        let at = cursor.or_else(first)?;
        Some(Anchor { row: self.rows.get(at)?, y_px: self.scroll.y_of(at) })
    }

    /// Scrolls so that a row lies where it lay, or that which hides it now.
    pub fn hold(&mut self, anchor: Anchor) {
        let exact = self.rows.find(anchor.row);
        let place = || self.rows.place(&self.trace, &self.outline, anchor.row.span()).map(|place| place.row);
        if let Some(at) = exact.or_else(place) {
            self.scroll.set_top_px(at as f64 * self.scroll.row_px() - anchor.y_px);
        }
    }

    /// Whether this range is in sight, but for roundings; none is the whole trace.
    pub fn shows(&self, range: Option<TimeRange>) -> bool {
        range.map_or(self.is_fitted, |range| !self.is_fitted && time::near(self.range(), range))
    }

    /// The row in the list of `next` that stands for the same span or run.
    fn found_row(&self, next: &Self, row: Row) -> Option<Row> {
        let span = next.trace.find(self.trace.span_id(row.span()))?;
        let row = match row {
            Row::Span(_) => return Some(Row::Span(span)),
            Row::Run(_) => Row::Run(next.outline.run_now(&next.trace, span)?.first),
        };
        next.rows.find(row).map(|_| row)
    }
}
