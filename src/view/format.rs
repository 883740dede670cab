//! Durations, times, shares and sizes as text: three significant digits, always with a unit.
//!
//! All arithmetic is on integers, so that no rounding of floats ever shows. Numbers with a unit are made in
//! [`crate::base::quantity`], which the analyses use as well; here they get the types of the model.

use crate::base::calendar::date_from_days;
use crate::base::quantity::{self, rounded};
use crate::model::time::{DurationNanos, UnixNanos};

pub use crate::base::quantity::{bytes, percent};
pub(crate) use crate::base::quantity::{decimal, unit_of};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// A duration to be read at a glance: `4.20 s`, `812 ms`, `36.5 µs`, `0 ns`, `3 min 05 s`.
pub fn duration(d: DurationNanos) -> String {
    quantity::duration(d.0)
}

/// A duration without loss, for hover and details: `4.203117482 s`, `812.5 ms`.
pub fn duration_exact(d: DurationNanos) -> String {
    let nanos = d.0.unsigned_abs();
    let (per_unit, unit) = unit_of(nanos);
    let sign = if d.0 < 0 { "−" } else { "" };
    format!("{sign}{} {unit}", decimal(nanos, per_unit))
}

/// An instant after a trace's start as precise as `finest_ns`, in the unit of `end`, so that the instants of a
/// scale have one unit and as many digits: `23.46 ms`, `1 h 05 min 30 s`.
pub fn instant(t: DurationNanos, finest_ns: f64, end: DurationNanos) -> String {
    let (nanos, sign) = (t.0.unsigned_abs(), if t.0 < 0 { "−" } else { "" });
    let end = end.0.unsigned_abs();
    if is_long(end) && finest_ns >= 1e9 {
        return format!("{sign}{}", long(rounded(nanos, 1_000_000_000), 1));
    }
    let (per_unit, unit) = unit_of(end);
    let n_digits = per_unit.ilog10();
    let n_lost = (finest_ns.max(1.0).log10().floor() as u32).min(n_digits);
    let step = 10_u64.pow(n_lost);
    let steps = rounded(nanos, step);
    let per_unit = per_unit / step;
    let (whole, part, n_kept) = (steps / per_unit, steps % per_unit, (n_digits - n_lost) as usize);
    if n_kept == 0 {
        return format!("{sign}{whole} {unit}");
    }
    format!("{sign}{whole}.{part:0n_kept$} {unit}")
}

/// From when to when, with digits enough to tell the two apart: `1.500001 s to 1.500004 s`.
pub fn range(start: DurationNanos, end: DurationNanos) -> String {
    let finest_ns = (end.0.saturating_sub(start.0)) as f64 / 100.0;
    let [start, end] = [start, end].map(|t| without_zeros(instant(t, finest_ns, end)));
    format!("{start} to {end}")
}

/// `20.50 ms` as `20.5 ms`.
fn without_zeros(text: String) -> String {
    let Some((number, unit)) = text.split_once(' ').filter(|(number, _)| number.contains('.')) else {
        return text;
    };
    format!("{} {unit}", number.trim_end_matches('0').trim_end_matches('.'))
}

/// Whether a scale up to `end_ns` is read in minutes and hours.
pub(crate) const fn is_long(end_ns: u64) -> bool {
    end_ns >= 600_000_000_000
}

/// Seconds in days, hours, minutes and seconds, down to what a step of `step_seconds` needs:
/// `1 h 05 min 30 s`.
pub(crate) fn long(seconds: u64, step_seconds: u64) -> String {
    const PARTS: [(u64, &str); 4] = [(DAY, "d"), (HOUR, "h"), (MINUTE, "min"), (1, "s")];
    let first = PARTS.iter().position(|&(per, _)| seconds >= per).unwrap_or(PARTS.len() - 1);
    let needed = PARTS.iter().position(|&(per, _)| step_seconds >= per).unwrap_or(PARTS.len() - 1);
    let mut rest = seconds;
    let mut texts = Vec::new();
    for (at, &(per, unit)) in PARTS.iter().enumerate().skip(first) {
        if at > needed.max(first + 1) {
            break;
        }
        texts.push(if at == first {
            format!("{} {unit}", rest / per)
        } else {
            format!("{:02} {unit}", rest / per)
        });
        rest %= per;
    }
    texts.join(" ")
}

/// A time relative to another, with its sign: `+1.20 ms`, `−36.5 µs`, `+0 ns`.
pub fn offset(d: DurationNanos) -> String {
    if d.0 < 0 { duration(d) } else { format!("+{}", duration(d)) }
}

/// A count in short: `812`, `1.2k`, `34k`, `1.0M`.
pub fn short_count(n: u64) -> String {
    match n {
        0..1_000 => n.to_string(),
        1_000..9_950 => format!("{}.{}k", rounded(n, 100) / 10, rounded(n, 100) % 10),
        9_950..999_500 => format!("{}k", rounded(n, 1_000)),
        _ => format!("{}.{}M", rounded(n, 100_000) / 10, rounded(n, 100_000) % 10),
    }
}

/// Before this, in 2001, no trace was recorded: smaller numbers count from an origin that the file does not
/// tell, such as the start of a browser.
const FIRST_DATE: UnixNanos = UnixNanos(978_307_200_000_000_000);

/// Whether `t` is a time on a clock without a date.
pub fn is_relative(t: UnixNanos) -> bool {
    t < FIRST_DATE
}

/// When something started, as a date where there is one: `2026-03-01 12:34:56.789`, `relative clock`.
pub fn started(t: UnixNanos) -> String {
    if is_relative(t) { "relative clock".to_owned() } else { date_time(t) }
}

/// As [`started`], without loss: `2026-03-01 12:34:56.789012345 UTC`, `12.5 s on a clock without a date`.
pub fn started_exact(t: UnixNanos) -> String {
    if is_relative(t) {
        format!("{} on a clock without a date", duration_exact(DurationNanos(t.0)))
    } else {
        date_time_exact(t)
    }
}

/// An instant in UTC to the nearest millisecond: `2026-03-01 12:34:56.789`.
pub fn date_time(t: UnixNanos) -> String {
    let (date, time) = split(to_millis(t));
    format!("{date} {}", &time[..12])
}

/// An instant in UTC without loss: `2026-03-01 12:34:56.789012345 UTC`.
pub fn date_time_exact(t: UnixNanos) -> String {
    let (date, time) = split(t);
    format!("{date} {time} UTC")
}

/// The time of day in UTC to the nearest millisecond: `12:34:56.789`.
pub fn clock(t: UnixNanos) -> String {
    let (_, mut time) = split(to_millis(t));
    time.truncate(12);
    time
}

/// The nearest whole millisecond.
const fn to_millis(t: UnixNanos) -> UnixNanos {
    UnixNanos(t.0.saturating_add(500_000))
}

/// Date and time of day (with nine decimals) in UTC.
fn split(t: UnixNanos) -> (String, String) {
    let seconds = t.0.div_euclid(1_000_000_000);
    let nanos = t.0.rem_euclid(1_000_000_000);
    let (days, second) = (seconds.div_euclid(DAY as i64), seconds.rem_euclid(DAY as i64));
    let (year, month, day) = date_from_days(days);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    (format!("{year:04}-{month:02}-{day:02}"), format!("{hour:02}:{minute:02}:{second:02}.{nanos:09}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn durations_have_three_digits_and_a_unit() {
        for (nanos, expected) in [
            (0, "0 ns"),
            (999, "999 ns"),
            (1_000, "1.00 µs"),
            (36_512, "36.5 µs"),
            (9_994, "9.99 µs"),
            (9_995, "10.0 µs"),
            (99_950, "100 µs"),
            (999_499, "999 µs"),
            (999_500, "1.00 ms"),
            (812_000_000, "812 ms"),
            (999_600_000, "1.00 s"),
            (4_203_117_482, "4.20 s"),
            (59_400_000_000, "59.4 s"),
            (59_600_000_000, "1 min 00 s"),
            (185_000_000_000, "3 min 05 s"),
            (7_500_000_000_000, "2 h 05 min"),
            (100_000_000_000_000, "1 d 03 h"),
            (-1_200_000, "−1.20 ms"),
        ] {
            assert_eq!(duration(DurationNanos(nanos)), expected, "{nanos}");
        }
        assert_eq!(offset(DurationNanos(1_200_000)), "+1.20 ms");
        assert_eq!(duration_exact(DurationNanos(4_203_117_482)), "4.203117482 s");
        assert_eq!(duration_exact(DurationNanos(812_500_000)), "812.5 ms");
        assert_eq!(duration_exact(DurationNanos(2_000)), "2 µs");
    }

    #[test]
    fn instants_of_a_scale_have_its_unit_and_its_precision() {
        let at = |t: i64, finest_ns: f64, end: i64| instant(DurationNanos(t), finest_ns, DurationNanos(end));
        assert_eq!(at(23_456_789, 40_000.0, 59_000_000), "23.46 ms");
        assert_eq!(at(23_400_000, 40_000.0, 59_000_000), "23.40 ms");
        assert_eq!(at(0, 40_000.0, 59_000_000), "0.00 ms");
        assert_eq!(at(23_456_789, 0.02, 59_000_000), "23.456789 ms");
        assert_eq!(at(23_456_789, 3e6, 59_000_000), "23 ms");
        assert_eq!(at(999_600, 1e5, 3_000_000_000), "0.0010 s");
        assert_eq!(at(3_930_400_000_000, 2e9, 7_200_000_000_000), "1 h 05 min 30 s");
        assert_eq!(at(3_930_400_000_000, 2e8, 7_200_000_000_000), "3930.4 s");
        assert_eq!(at(-1_500, 100.0, 2_000), "−1.5 µs");
        let of = |start: i64, end: i64| range(DurationNanos(start), DurationNanos(end));
        assert_eq!(of(0, 157_000_000), "0 ms to 157 ms");
        assert_eq!(of(1_500_001_000, 1_500_004_000), "1.500001 s to 1.500004 s");
        assert_eq!(of(41_099_999_998, 41_100_000_000), "41.099999998 s to 41.1 s");
        assert_eq!(of(0, 7_200_000_000_000), "0 s to 2 h 00 min 00 s");
    }

    #[test]
    fn a_clock_without_a_date_is_named() {
        assert_eq!(started(UnixNanos(12_500_000_000)), "relative clock");
        assert_eq!(started_exact(UnixNanos(12_500_000_000)), "12.5 s on a clock without a date");
        assert_eq!(started(UnixNanos(1_772_368_496_789_012_345)), "2026-03-01 12:34:56.789");
        assert_eq!(started_exact(UnixNanos(1_772_368_496_000_000_000)), "2026-03-01 12:34:56.000000000 UTC");
    }

    #[test]
    fn shares_never_claim_nothing_or_everything_wrongly() {
        for (part, whole, expected) in [
            (0, 100, "0 %"),
            (1, 100_000, "< 0.1 %"),
            (14, 1_000, "1.4 %"),
            (12, 100, "12 %"),
            (9_999, 10_000, "> 99 %"),
            (10, 10, "100 %"),
            (15, 10, "150 %"),
            (1, 0, ""),
        ] {
            assert_eq!(percent(part, whole), expected, "{part} of {whole}");
        }
    }

    #[test]
    fn sizes_and_counts_are_short() {
        assert_eq!(bytes(812), "812 B");
        assert_eq!(bytes(1_204), "1.20 kB");
        assert_eq!(bytes(340_000_000), "340 MB");
        assert_eq!(bytes(12_345_000_000_000), "12345 GB");
        assert_eq!(short_count(999), "999");
        assert_eq!(short_count(1_249), "1.2k");
        assert_eq!(short_count(33_700), "34k");
        assert_eq!(short_count(999_999), "1.0M");
    }

    #[test]
    fn instants_are_utc() {
        let t = UnixNanos(1_772_368_496_789_012_345);
        assert_eq!(date_time_exact(t), "2026-03-01 12:34:56.789012345 UTC");
        assert_eq!(date_time(t), "2026-03-01 12:34:56.789");
        assert_eq!(clock(t), "12:34:56.789");
        assert_eq!(date_time(UnixNanos(-1_000_000)), "1969-12-31 23:59:59.999");
        assert_eq!(date_time(UnixNanos(1_772_368_496_789_500_000)), "2026-03-01 12:34:56.790");
        assert_eq!(date_time(UnixNanos(951_782_400_000_000_000)), "2000-02-29 00:00:00.000");
    }

    proptest! {
        #[test]
        fn any_number_has_a_text(n in any::<i64>(), whole in any::<i64>()) {
            prop_assert!(duration(DurationNanos(n)).contains(' '));
            prop_assert!(!date_time_exact(UnixNanos(n)).is_empty());
            percent(n, whole);
            started_exact(UnixNanos(n));
            prop_assert!(!instant(DurationNanos(n), whole as f64, DurationNanos(whole)).is_empty());
            prop_assert!(range(DurationNanos(n), DurationNanos(whole)).contains(" to "));
            bytes(n.unsigned_abs());
        }
    }
}
