//! Axes: durations on a logarithmic scale, instants on a linear one, with round ticks.

use crate::model::time::{DurationNanos, UnixNanos};
use crate::view::format;
use crate::view::scale::nice_step;

/// Multiples of a power of ten that make round ticks, finest first.
const MULTIPLES: [&[i64]; 4] = [&[1, 2, 3, 4, 5, 6, 7, 8, 9], &[1, 2, 5], &[1, 3], &[1]];

/// Durations along `length_px`, logarithmically. Zero lies where the axis begins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogAxis {
    min_ln: f64,
    max_ln: f64,
    length_px: f64,
}

/// Instants along `length_px`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimeAxis {
    start: UnixNanos,
    nanos_per_px: f64,
    length_px: f64,
}

impl LogAxis {
    /// From a little below the least to a little above the largest of `durations`.
    pub fn new(durations: impl Iterator<Item = DurationNanos>, length_px: f64) -> Self {
        let (mut min, mut max) = (i64::MAX, 0);
        for d in durations.filter(|d| d.0 > 0) {
            (min, max) = (min.min(d.0), max.max(d.0));
        }
        if max == 0 {
            (min, max) = (1_000_000, 1_000_000_000);
        }
        let (min_ln, max_ln) = ((min as f64).ln(), (max as f64).ln());
        let margin = ((max_ln - min_ln) * 0.06).max(0.2);
        Self { min_ln: min_ln - margin, max_ln: max_ln + margin, length_px: length_px.max(1.0) }
    }

    /// Distance from the beginning of the axis.
    pub fn px_from(&self, d: DurationNanos) -> f64 {
        let ln = (d.0.max(1) as f64).ln().max(self.min_ln);
        (ln - self.min_ln) / (self.max_ln - self.min_ln) * self.length_px
    }

    /// The duration at this distance.
    pub fn duration_at(&self, px: f64) -> DurationNanos {
        let ln = self.min_ln + (px / self.length_px).clamp(0.0, 1.0) * (self.max_ln - self.min_ln);
        DurationNanos(ln.exp().round() as i64)
    }

    /// Round durations, at least `gap_px` apart where there are many.
    pub fn ticks(&self, gap_px: f64) -> Vec<(f64, String)> {
        let most = (self.length_px / gap_px).max(1.0) as usize;
        // The finest set of multiples that still has room; the last resort are equal steps.
        let mut sets = MULTIPLES.iter().map(|multiples| self.multiples(multiples));
        let mut ticks: Vec<i64> = sets.find(|t| (2..=most).contains(&t.len())).unwrap_or_default();
        if ticks.is_empty() {
            let every = self.multiples(&[1]);
            ticks = if every.len() > most {
                let step = every.len().div_ceil(most);
                every.into_iter().step_by(step).collect()
            } else {
                self.steps(most)
            };
        }
        ticks
            .into_iter()
            .map(|t| (self.px_from(DurationNanos(t)), format::duration(DurationNanos(t))))
            .collect()
    }

    fn multiples(&self, multiples: &[i64]) -> Vec<i64> {
        let decades = (0..19).map(|power| 10_i64.pow(power));
        let all = decades.flat_map(|decade| multiples.iter().map(move |m| decade.saturating_mul(*m)));
        all.filter(|&t| (self.min_ln..=self.max_ln).contains(&(t as f64).ln())).collect()
    }

    fn steps(&self, most: usize) -> Vec<i64> {
        let (min, max) = (self.min_ln.exp(), self.max_ln.exp());
        let step = nice_step((max - min) / most as f64).0;
        let first = (min / step as f64).ceil() as i64;
        (first..)
            .map_while(|n| n.checked_mul(step))
            .take_while(|&t| (t as f64) <= max)
            .take(most + 1)
            .collect()
    }
}

impl TimeAxis {
    /// From the first to the last of `starts`.
    pub fn new(starts: impl Iterator<Item = UnixNanos>, length_px: f64) -> Self {
        let (mut min, mut max) = (i64::MAX, i64::MIN);
        for t in starts {
            (min, max) = (min.min(t.0), max.max(t.0));
        }
        if min > max {
            (min, max) = (0, 0);
        }
        let length_px = length_px.max(1.0);
        let span = (max as f64 - min as f64).max(1_000_000.0);
        let margin = span * 0.04;
        let start = UnixNanos((min as f64 - margin) as i64);
        Self { start, nanos_per_px: (span + 2.0 * margin) / length_px, length_px }
    }

    /// Distance from the beginning of the axis.
    pub fn px_from(&self, t: UnixNanos) -> f64 {
        (i128::from(t.0) - i128::from(self.start.0)) as f64 / self.nanos_per_px
    }

    /// The instant at this distance.
    pub fn time_at(&self, px: f64) -> UnixNanos {
        self.start + DurationNanos((px * self.nanos_per_px) as i64)
    }

    /// Round instants, about `gap_px` apart.
    pub fn ticks(&self, gap_px: f64) -> Vec<(f64, String)> {
        let step = nice_step(self.nanos_per_px * gap_px).0.max(1);
        let first = self.start.0.div_euclid(step) + 1;
        (first..)
            .map_while(|n| n.checked_mul(step).map(UnixNanos))
            .map(|t| (self.px_from(t), t))
            .take_while(|&(px, _)| px <= self.length_px)
            // The longest step there is may still be shorter than the gap.
            .take((self.length_px / gap_px) as usize + 2)
            .map(|(px, t)| (px, self.label(t, step)))
            .collect()
    }

    /// The day on which the axis begins; `relative` on a clock without a date.
    pub fn day(&self) -> String {
        if format::is_relative(self.start) {
            return "relative".to_owned();
        }
        let mut text = format::date_time(self.start);
        text.truncate(10);
        text
    }

    fn label(&self, t: UnixNanos, step: i64) -> String {
        const SECOND: i64 = 1_000_000_000;
        if format::is_relative(self.start) {
            let end = self.time_at(self.length_px);
            return format::instant(DurationNanos(t.0), step as f64, DurationNanos(end.0));
        }
        let clock = format::clock(t);
        match () {
            // Within a millisecond, clocks say nothing: count from the beginning.
            () if step < SECOND / 1000 => format::offset(t - self.start),
            () if step < SECOND => clock,
            () if step < 60 * SECOND => clock[..8].to_owned(),
            () if step < 86_400 * SECOND => clock[..5].to_owned(),
            () => format::date_time(t)[..10].to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn log(min_ns: i64, max_ns: i64) -> String {
        let axis = LogAxis::new([min_ns, max_ns].into_iter().map(DurationNanos), 200.0);
        axis.ticks(28.0).into_iter().map(|(_, label)| label).collect::<Vec<_>>().join(" | ")
    }

    #[test]
    fn durations_have_round_ticks_on_every_scale() {
        assert_eq!(
            log(1_000_000, 1_000_000_000),
            "1.00 ms | 3.00 ms | 10.0 ms | 30.0 ms | 100 ms | 300 ms | 1.00 s"
        );
        assert_eq!(log(100_000_000, 400_000_000), "90.0 ms | 100 ms | 200 ms | 300 ms | 400 ms");
        assert_eq!(log(210_000_000, 211_000_000), "180 ms | 200 ms | 220 ms | 240 ms");
        assert_eq!(
            log(1, 3_600_000_000_000),
            "1 ns | 100 ns | 10.0 µs | 1.00 ms | 100 ms | 10.0 s | 16 min 40 s"
        );
        assert_eq!(log(0, 0), "1.00 ms | 3.00 ms | 10.0 ms | 30.0 ms | 100 ms | 300 ms | 1.00 s");
    }

    #[test]
    fn instants_have_clock_times() {
        let start = 1_772_368_496_000_000_000_i64;
        let labels = |nanos: i64| {
            let axis = TimeAxis::new([start, start + nanos].into_iter().map(UnixNanos), 400.0);
            axis.ticks(100.0).into_iter().map(|(_, label)| label).collect::<Vec<_>>().join(" | ")
        };
        assert_eq!(labels(60_000_000_000), "12:35:00 | 12:35:20 | 12:35:40");
        assert_eq!(labels(7_200_000_000_000), "13:00 | 14:00");
        assert_eq!(labels(2_000_000_000), "12:34:56 | 12:34:57 | 12:34:58");
        let axis = TimeAxis::new([5_000_000_000, 9_000_000_000].into_iter().map(UnixNanos), 400.0);
        let texts: Vec<String> = axis.ticks(100.0).into_iter().map(|(_, label)| label).collect();
        assert_eq!((axis.day().as_str(), texts.join(" | ").as_str()), ("relative", "6 s | 8 s"));
    }

    proptest! {
        #[test]
        fn axes_are_finite_and_ticks_bounded(a in any::<i64>(), b in any::<i64>(), px in 1.0_f64..4000.0) {
            let durations = LogAxis::new([a, b].into_iter().map(DurationNanos), px);
            prop_assert!(durations.px_from(DurationNanos(a)).is_finite());
            prop_assert!(durations.ticks(30.0).len() <= (px / 30.0) as usize + 2);
            let times = TimeAxis::new([a, b].into_iter().map(UnixNanos), px);
            prop_assert!(times.px_from(UnixNanos(a)).is_finite());
            prop_assert!(times.ticks(90.0).len() <= (px / 90.0) as usize + 2);
        }
    }
}
