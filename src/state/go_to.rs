//! What a reader pastes to go somewhere: the id of a span or a trace, a W3C `traceparent`, or a time.

use crate::base::calendar::days_from_date;
use crate::model::ids::{SpanId, TraceId};
use crate::model::time::{DurationNanos, UnixNanos};

/// Where to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A trace.
    Trace(TraceId),
    /// A span of the open trace, or of another; sixteen digits may also be a trace id of 64 bits.
    Span(SpanId),
    /// A span of a trace that is named with it.
    SpanOf(TraceId, SpanId),
    /// After the start of the open trace.
    After(DurationNanos),
    /// An instant.
    At(UnixNanos),
}

/// Units of time as they are written, with their nanoseconds.
const UNITS: [(&str, f64); 9] = [
    ("ns", 1.0),
    ("us", 1e3),
    ("µs", 1e3),
    ("μs", 1e3),
    ("ms", 1e6),
    ("s", 1e9),
    ("min", 60e9),
    ("m", 60e9),
    ("h", 3600e9),
];

/// The place that `text` names.
pub fn parse(text: &str) -> Option<Place> {
    let text = text.trim();
    traceparent(text)
        .or_else(|| id(text))
        .or_else(|| epoch(text).map(Place::At))
        .or_else(|| date_time(text).map(Place::At))
        .or_else(|| after(text).map(Place::After))
}

/// `00-<trace id>-<span id>-01`.
fn traceparent(text: &str) -> Option<Place> {
    let mut parts = text.split('-');
    let (version, trace, span) = (parts.next()?, parts.next()?, parts.next()?);
    let is_traceparent = version.len() == 2 && trace.len() == 32 && span.len() == 16;
    is_traceparent.then_some(())?;
    let (trace, span) = (TraceId::from_hex(trace)?, SpanId::from_hex(span)?);
    (trace != TraceId::NONE && span != SpanId::NONE).then_some(Place::SpanOf(trace, span))
}

fn id(text: &str) -> Option<Place> {
    let text = text.strip_prefix("0x").unwrap_or(text);
    match text.len() {
        32 => TraceId::from_hex(text).filter(|id| *id != TraceId::NONE).map(Place::Trace),
        16 => SpanId::from_hex(text).filter(|id| *id != SpanId::NONE).map(Place::Span),
        _ => None,
    }
}

/// Digits since 1970: in seconds, milliseconds or nanoseconds, which their number tells.
fn epoch(text: &str) -> Option<UnixNanos> {
    let unit = match text.len() {
        10 => 1_000_000_000,
        13 => 1_000_000,
        19 => 1,
        _ => return None,
    };
    let is_digits = text.bytes().all(|b| b.is_ascii_digit());
    is_digits.then_some(())?;
    text.parse::<i64>().ok()?.checked_mul(unit).map(UnixNanos)
}

/// `2026-03-01T12:34:56.789Z`, in UTC as everywhere on the page; date and time may stand a space apart.
pub(super) fn date_time(text: &str) -> Option<UnixNanos> {
    let text = text.strip_suffix(" UTC").or_else(|| text.strip_suffix(['Z', 'z'])).unwrap_or(text);
    let (date, time) = text.split_once(['T', 't', ' '])?;
    let mut date = date.split('-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let mut clock = time.trim().split(':');
    let (hour, minute) = (clock.next()?.parse::<i64>().ok()?, clock.next()?.parse::<i64>().ok()?);
    let nanos = decimal(clock.next().unwrap_or("0"), 1e9)?;
    let is_possible = (1970..=2200).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && (0..24).contains(&hour)
        && (0..60).contains(&minute)
        && (0..60_000_000_000).contains(&nanos);
    is_possible.then_some(())?;
    let seconds = days_from_date(year, month, day) * 86_400 + hour * 3600 + minute * 60;
    Some(UnixNanos(seconds * 1_000_000_000 + nanos))
}

/// `1.5 s`, `+200ms`, `1 min 5 s`.
fn after(text: &str) -> Option<DurationNanos> {
    let mut rest = text.strip_prefix('+').unwrap_or(text).trim_start();
    let mut nanos = 0_i64;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let number_end = rest.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',')?;
        let (number, tail) = rest.split_at(number_end);
        let tail = tail.trim_start();
        let unit_end = tail.find(|c: char| !c.is_alphabetic()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(unit_end);
        let per_unit = UNITS.iter().find(|(word, _)| *word == unit)?.1;
        nanos = nanos.checked_add(decimal(number, per_unit)?)?;
        rest = tail.trim_start();
    }
    Some(DurationNanos(nanos))
}

/// A decimal number of units, to the nanosecond.
fn decimal(text: &str, per_unit: f64) -> Option<i64> {
    let number: f64 = text.replace(',', ".").parse().ok()?;
    let nanos = (number * per_unit).round();
    (number.is_finite() && (0.0..9e18).contains(&nanos)).then_some(nanos as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::format;

    #[test]
    fn ids_and_times_are_told_apart() {
        let trace = TraceId::from_hex("4bf92f3577b34da6a3ce929d0e0e4736").unwrap();
        let span = SpanId(0x00f0_67aa_0ba9_02b7);
        let after = |nanos| Some(Place::After(DurationNanos(nanos)));
        let at = |nanos| Some(Place::At(UnixNanos(nanos)));
        for (text, expected) in [
            ("4bf92f3577b34da6a3ce929d0e0e4736", Some(Place::Trace(trace))),
            (" 4BF92F3577B34DA6A3CE929D0E0E4736\n", Some(Place::Trace(trace))),
            ("00f067aa0ba902b7", Some(Place::Span(span))),
            ("0x00f067aa0ba902b7", Some(Place::Span(span))),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", Some(Place::SpanOf(trace, span))),
            ("0000000000000000", None),
            ("1.5 s", after(1_500_000_000)),
            ("1,5s", after(1_500_000_000)),
            ("+200ms", after(200_000_000)),
            ("36.5 µs", after(36_500)),
            ("1 min 05 s", after(65_000_000_000)),
            ("0 ns", after(0)),
            ("12", None),
            ("12 parsecs", None),
            ("-5 s", None),
            ("", None),
            ("checkout", None),
            ("1700000000", at(1_700_000_000_000_000_000)),
            ("1700000000123", at(1_700_000_000_123_000_000)),
            ("1700000000123456789", at(1_700_000_000_123_456_789)),
            ("2026-03-01T12:34:56.789Z", at(1_772_368_496_789_000_000)),
            ("2026-03-01 12:34", at(1_772_368_440_000_000_000)),
            ("2026-13-01 12:34", None),
        ] {
            assert_eq!(parse(text), expected, "{text}");
        }
    }

    #[test]
    fn what_the_page_shows_leads_back() {
        for nanos in [0, 951_782_400_000_000_000, 1_772_368_496_789_000_000, 4_102_444_799_000_000_000] {
            let text = format::date_time_exact(UnixNanos(nanos));
            assert_eq!(parse(&text), Some(Place::At(UnixNanos(nanos))), "{text}");
        }
        for nanos in [0, 812_000_000, 4_200_000_000, 185_000_000_000] {
            let text = format::duration(DurationNanos(nanos));
            assert_eq!(parse(&text), Some(Place::After(DurationNanos(nanos))), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in ".*") {
            parse(&text);
        }
    }
}
