//! Which time is in sight: zooming, panning, fitting, and the way back.

use super::{Direction, MAX_HISTORY, Timeline, facts_of};
use crate::model::time::TimeRange;
use crate::view::rows::Row;
use crate::view::scale::TimeScale;

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

    /// Centres the selection; when it is centred fits it; when it is fitted goes back.
    pub fn fit_selection(&mut self) {
        let Some(row) = self.cursor else { return };
        let range = self.range_of(row);
        let fitted = range.padded((range.duration().0 / 20).max(1)).within(self.whole());
        if let Some(before) = self.before_fit.take()
            && near(self.range(), fitted)
        {
            self.zoom_to(before);
            return;
        }
        let now = self.range();
        let middle = f64::midpoint(range.start.0 as f64, range.end.0 as f64);
        let centred =
            TimeScale { origin_ns: middle - self.scale.nanos_per_px * self.chart_px / 2.0, ..self.scale };
        let centred = centred.clamped(self.whole(), self.chart_px);
        let is_centred = (centred.origin_ns - self.scale.origin_ns).abs() < 2.0 * self.scale.nanos_per_px;
        let fits = range.duration().0 as f64 <= self.scale.nanos_per_px * self.chart_px;
        if is_centred || !fits {
            self.before_fit = Some(now);
            self.zoom_to(fitted);
        } else {
            self.remember();
            self.set_scale(centred);
        }
        self.reveal_cursor();
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
fn near(a: TimeRange, b: TimeRange) -> bool {
    let tolerance = (b.duration().0 / 100).max(2);
    (a.start.0 - b.start.0).abs() <= tolerance && (a.end.0 - b.end.0).abs() <= tolerance
}
