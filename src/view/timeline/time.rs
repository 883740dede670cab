//! Which time is in sight: zooming, panning, fitting, and the way back.

use super::{Direction, MAX_HISTORY, Timeline, facts_of};
use crate::model::time::{DurationNanos, TimeRange};
use crate::view::rows::Row;
use crate::view::scale::TimeScale;

/// The steps of `F` that were taken on a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct FitCycle {
    /// Shown before the first step.
    before: TimeRange,
    /// Shown after the last one: whoever moved since begins anew.
    shown: TimeRange,
    is_fitted: bool,
}

impl Timeline {
    /// Shows `range` without remembering the present one.
    pub fn show_range(&mut self, range: TimeRange) {
        self.set_scale(TimeScale::fit(range.within(self.whole()), self.chart_px));
    }

    /// Shows `range`; the present one can be gone back to.
    pub fn zoom_to(&mut self, range: TimeRange) {
        self.remember();
        self.show_range(range);
    }

    /// Zooms by `factor` around `x`.
    pub fn zoom_at(&mut self, x: f64, factor: f64) {
        self.set_scale(self.scale.zoom_at(x, factor));
    }

    /// Moves by `px` to later times.
    pub fn pan(&mut self, px: f64) {
        self.set_scale(self.scale.pan(px));
    }

    /// Shows the whole trace.
    pub fn fit_whole(&mut self) {
        if !self.is_fitted {
            self.zoom_to(self.whole());
        }
    }

    /// Shows the time of a row with a margin.
    pub fn fit_row(&mut self, row: Row) {
        let range = self.range_of(row);
        let margin = (range.duration().0 / 20).max(1);
        self.zoom_to(range.padded(margin));
    }

    /// Centres the selection, row and time; the second time fits it; the third time goes back to what was
    /// shown before the first. Where the time cannot be centred, at the ends of the trace, it stays and the
    /// steps are the same.
    pub fn fit_selection(&mut self) {
        let Some(row) = self.cursor else { return };
        let now = self.range();
        let cycle = self.fit_cycle.take().filter(|c| near(now, c.shown));
        let range = self.range_of(row);
        match cycle {
            Some(cycle) if cycle.is_fitted => {
                self.zoom_to(cycle.before);
                return;
            }
            Some(cycle) => {
                self.zoom_to(range.padded((range.duration().0 / 20).max(1)));
                self.fit_cycle = Some(FitCycle { shown: self.range(), is_fitted: true, ..cycle });
            }
            None => {
                let middle = f64::midpoint(range.start.0 as f64, range.end.0 as f64);
                let half = self.scale.nanos_per_px * self.chart_px / 2.0;
                self.remember();
                self.set_scale(TimeScale { origin_ns: middle - half, ..self.scale });
                if let Some(at) = self.cursor_row() {
                    self.scroll.centre(at);
                }
                self.fit_cycle = Some(FitCycle { before: now, shown: self.range(), is_fitted: false });
            }
        }
        self.reveal_cursor();
    }

    /// Has `time` in the middle, as far as the ends of the trace allow.
    pub fn centre_time(&mut self, time: DurationNanos) {
        self.remember();
        let x = self.scale.x_from_time(time);
        self.pan(x - self.chart_px / 2.0);
    }

    /// Goes back to the range before the last zoom, or forward again.
    pub fn travel(&mut self, direction: Direction) {
        let now = self.range();
        let (back, forth) = &mut self.history;
        let (from, to) = if direction == Direction::Previous { (back, forth) } else { (forth, back) };
        if let Some(range) = from.pop() {
            to.push(now);
            self.show_range(range);
        }
    }

    /// Remembers the present range before a gesture changes it bit by bit.
    pub fn remember(&mut self) {
        let now = self.range();
        let (back, forth) = &mut self.history;
        if back.last() != Some(&now) {
            back.push(now);
            forth.clear();
            if back.len() > MAX_HISTORY {
                back.remove(0);
            }
        }
    }

    /// From start to end of what a row shows.
    pub fn range_of(&self, row: Row) -> TimeRange {
        let at = self.rows.find(row);
        match at.and_then(|at| facts_of(self, at..at + 1).into_iter().next()) {
            Some(facts) => facts.range,
            None => TimeRange { start: self.trace.start(row.span()), end: self.trace.end(row.span()) },
        }
    }

    pub(super) fn set_scale(&mut self, scale: TimeScale) {
        let whole = TimeScale::fit(self.whole(), self.chart_px);
        self.scale = scale.clamped(self.whole(), self.chart_px);
        self.is_fitted = self.scale.nanos_per_px >= whole.nanos_per_px * (1.0 - 1e-9);
    }
}

/// Whether two ranges look alike: their ends differ by less than a hundredth.
pub(super) fn near(a: TimeRange, b: TimeRange) -> bool {
    let tolerance = (b.duration().0 / 100).max(2);
    (a.start.0 - b.start.0).abs() <= tolerance && (a.end.0 - b.end.0).abs() <= tolerance
}
