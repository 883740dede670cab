//! The time scale: which instant lies at which pixel, how it is zoomed and panned, and the ticks of the ruler.
//!
//! Here integers become floats. The origin is subtracted before the division, so bars stand still at any zoom.

use super::format;
use crate::model::time::{DurationNanos, TimeRange};

/// Closest zoom: a nanosecond is this many pixels wide.
const MAX_PX_PER_NANO: f64 = 50.0;

/// Times after the start of a trace to pixels and back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimeScale {
    /// Time at the left edge; nanoseconds after the trace's start.
    pub origin_ns: f64,
    /// Zoom.
    pub nanos_per_px: f64,
}

/// A line of the ruler.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Distance from the left edge.
    pub x: f64,
    /// When, after the trace's start.
    pub time: DurationNanos,
    /// Text beside the line.
    pub label: String,
}

impl TimeScale {
    /// Shows `range` in `width_px` exactly.
    pub fn fit(range: TimeRange, width_px: f64) -> Self {
        let nanos = (range.end - range.start).0.max(1) as f64;
        let nanos_per_px = (nanos / width_px.max(1.0)).max(1.0 / MAX_PX_PER_NANO);
        Self { origin_ns: range.start.0 as f64, nanos_per_px }
    }

    /// Where `t` lies.
    #[inline]
    pub fn x_from_time(self, t: DurationNanos) -> f64 {
        (t.0 as f64 - self.origin_ns) / self.nanos_per_px
    }

    /// The instant at `x`, to the nearest nanosecond.
    pub fn time_from_x(self, x: f64) -> DurationNanos {
        DurationNanos((self.origin_ns + x * self.nanos_per_px).round() as i64)
    }

    /// How many pixels `d` takes.
    #[inline]
    pub fn px_from_duration(self, d: DurationNanos) -> f64 {
        d.0 as f64 / self.nanos_per_px
    }

    /// What `width_px` show.
    pub fn range(self, width_px: f64) -> TimeRange {
        TimeRange { start: self.time_from_x(0.0), end: self.time_from_x(width_px) }
    }

    /// Zooms in (`factor` > 1) or out so that the instant at `x` stays there.
    #[must_use]
    pub fn zoom_at(self, x: f64, factor: f64) -> Self {
        let factor = if factor.is_finite() && factor > 0.0 { factor } else { 1.0 };
        let nanos_per_px = (self.nanos_per_px / factor).max(1.0 / MAX_PX_PER_NANO);
        Self { origin_ns: self.origin_ns + x * (self.nanos_per_px - nanos_per_px), nanos_per_px }
    }

    /// Moves the picture by `px`, to later times when positive.
    #[must_use]
    pub fn pan(self, px: f64) -> Self {
        Self { origin_ns: self.origin_ns + px * self.nanos_per_px, ..self }
    }

    /// Keeps the picture within `whole`: never wider than it, never beyond its ends.
    #[must_use]
    pub fn clamped(self, whole: TimeRange, width_px: f64) -> Self {
        let widest = Self::fit(whole, width_px);
        let nanos_per_px = self.nanos_per_px.min(widest.nanos_per_px);
        let first = whole.start.0 as f64;
        let last = (whole.end.0 as f64 - nanos_per_px * width_px).max(first);
        Self { origin_ns: self.origin_ns.clamp(first, last), nanos_per_px }
    }

    /// Moves just as far as needed to have `range` in sight; zooms out when it is wider than the picture.
    #[must_use]
    pub fn reveal(self, range: TimeRange, width_px: f64) -> Self {
        let shown = self.nanos_per_px * width_px;
        let (start, end) = (range.start.0 as f64, range.end.0 as f64);
        if end - start > shown {
            return Self::fit(range.padded(range.duration().0 / 20), width_px);
        }
        let origin_ns = self.origin_ns.max(end - shown).min(start);
        Self { origin_ns, ..self }
    }

    /// Distance between ticks so that labels of about `label_px` do not touch.
    pub fn tick_step(self, label_px: f64) -> DurationNanos {
        nice_step(self.nanos_per_px * label_px)
    }

    /// The ticks in `width_px`, labels at least `label_px` apart.
    pub fn ticks(self, width_px: f64, label_px: f64) -> Vec<Tick> {
        // A label grows with the digits that tell it from its neighbours.
        let mut step = self.tick_step(label_px);
        let end = self.time_from_x(width_px).0.max(0).unsigned_abs();
        let widest =
            |step: DurationNanos| tick_label(end / step.0.unsigned_abs() * step.0.unsigned_abs(), end, step);
        let needed = widest(step).chars().count() as f64 * 7.0 + 16.0;
        if needed > label_px {
            step = self.tick_step(needed);
        }
        let first = (self.origin_ns / step.0 as f64).ceil() as i64;
        (first..)
            .map_while(|n| n.checked_mul(step.0).map(DurationNanos))
            .map(|time| (time, self.x_from_time(time)))
            .take_while(|&(_, x)| x <= width_px)
            .take(1000)
            .map(|(time, x)| Tick { x, time, label: tick_label(time.0.unsigned_abs(), end, step) })
            .collect()
    }
}

/// `t` in the unit of `end`, so that all labels of a ruler have one unit; digits as `step` needs them.
fn tick_label(t: u64, end: u64, step: DurationNanos) -> String {
    const SECOND: u64 = 1_000_000_000;
    // A scale of hours is read in hours.
    let step = step.0.unsigned_abs();
    if format::is_long(end) && step >= SECOND {
        return format::long(t / SECOND, step / SECOND);
    }
    let (per_unit, unit) = format::unit_of(end);
    format!("{} {unit}", format::decimal(t, per_unit))
}

/// The smallest round duration of at least `nanos`: 1, 2, 5 and their decades; minutes and hours as on clocks.
pub(super) fn nice_step(nanos: f64) -> DurationNanos {
    const SECOND: i64 = 1_000_000_000;
    const LONG: [i64; 14] =
        [60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800];
    let mut step: i64 = 1;
    while step <= 20 * SECOND {
        for factor in [1, 2, 5] {
            if (step * factor) as f64 >= nanos && step * factor <= 50 * SECOND {
                return DurationNanos(step * factor);
            }
        }
        step *= 10;
    }
    let long = LONG.iter().find(|&&s| (s * SECOND) as f64 >= nanos);
    if let Some(seconds) = long {
        return DurationNanos(seconds * SECOND);
    }
    let week = 604_800 * SECOND;
    DurationNanos(((nanos / week as f64).ceil() as i64).saturating_mul(week))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn range(start: i64, end: i64) -> TimeRange {
        TimeRange { start: DurationNanos(start), end: DurationNanos(end) }
    }

    fn labels(start: i64, end: i64) -> String {
        let ticks = TimeScale::fit(range(start, end), 800.0).ticks(800.0, 120.0);
        ticks.iter().map(|t| t.label.as_str()).collect::<Vec<_>>().join(" | ")
    }

    #[test]
    fn ticks_are_round_and_have_one_unit() {
        assert_eq!(labels(0, 1_000_000_000), "0 s | 0.2 s | 0.4 s | 0.6 s | 0.8 s | 1 s");
        assert_eq!(labels(0, 132_000_000), "0 ms | 20 ms | 40 ms | 60 ms | 80 ms | 100 ms | 120 ms");
        assert_eq!(labels(0, 900), "0 ns | 200 ns | 400 ns | 600 ns | 800 ns");
        assert_eq!(
            labels(1_500_000_000, 1_500_004_000),
            "1.5 s | 1.500001 s | 1.500002 s | 1.500003 s | 1.500004 s"
        );
        assert_eq!(
            labels(3_700_000_000_000, 3_720_000_000_000),
            "1 h 01 min 40 s | 1 h 01 min 45 s | 1 h 01 min 50 s | 1 h 01 min 55 s | 1 h 02 min 00 s"
        );
        assert_eq!(
            labels(0, 3 * 3_600_000_000_000),
            "0 s | 30 min 00 s | 1 h 00 min | 1 h 30 min | 2 h 00 min | 2 h 30 min | 3 h 00 min"
        );
    }

    #[test]
    fn revealing_moves_no_more_than_needed() {
        let scale = TimeScale::fit(range(0, 1000), 100.0);
        assert_eq!(scale.reveal(range(100, 200), 100.0), scale);
        assert_eq!(scale.reveal(range(1500, 1600), 100.0).origin_ns, 600.0);
        assert_eq!(scale.pan(100.0).reveal(range(100, 200), 100.0).origin_ns, 100.0);
        assert!(scale.reveal(range(0, 5000), 100.0).nanos_per_px > 50.0);
    }

    proptest! {
        #[test]
        fn the_instant_under_the_pointer_stays(start in 0_i64..1_000_000_000_000, length in 1000_i64..1_000_000_000_000, x in 0.0_f64..1000.0, factor in 0.1_f64..10.0) {
            let scale = TimeScale::fit(range(start, start + length), 1000.0);
            let zoomed = scale.zoom_at(x, factor);
            let (before, after) = (scale.time_from_x(x).0, zoomed.time_from_x(x).0);
            prop_assert!((before - after).abs() <= 1, "{before} {after}");
        }

        #[test]
        fn a_clamped_scale_stays_within_the_trace(origin in -1e12_f64..1e12, nanos_per_px in 0.02_f64..1e10, width in 1.0_f64..3000.0) {
            let whole = range(0, 1_000_000_000);
            let clamped = TimeScale { origin_ns: origin, nanos_per_px }.clamped(whole, width);
            let shown = clamped.range(width);
            prop_assert!(shown.start.0 >= 0 && shown.end.0 <= 1_000_000_001);
            prop_assert_eq!(clamped.clamped(whole, width), clamped);
        }

        #[test]
        fn ticks_are_in_sight_and_bounded(start in 0_i64..i64::MAX / 4, length in 1_i64..i64::MAX / 4, width in 1.0_f64..4000.0) {
            let ticks = TimeScale::fit(range(start, start.saturating_add(length)), width).ticks(width, 100.0);
            prop_assert!(ticks.len() <= (width / 100.0) as usize + 2);
            prop_assert!(ticks.iter().all(|t| t.x >= -1.0 && t.x <= width));
            let labels: std::collections::BTreeSet<_> = ticks.iter().map(|t| &t.label).collect();
            prop_assert_eq!(labels.len(), ticks.len(), "labels tell ticks apart");
        }
    }
}
