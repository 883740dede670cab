//! Times and durations written as text, read exactly: no float ever touches them.

use crate::base::calendar::days_from_date;

/// Nanoseconds since 1970 of an RFC 3339 time such as `2017-01-26T16:46:31.639875-04:00`.
///
/// Also accepts a space in place of the `T`, lower case, a space before the offset, no offset (read as UTC)
/// and any number of decimals, of which the first nine count. The zero date of Go (year 1) is 0, which means
/// "missing" everywhere; other times beyond the range of an `i64` are not read.
pub fn nanos_from_rfc3339(text: &str) -> Option<i64> {
    let mut rest = text.trim().as_bytes();
    let year = digits(&mut rest, 4)?;
    byte(&mut rest, b"-")?;
    let month = digits(&mut rest, 2)?;
    byte(&mut rest, b"-")?;
    let day = digits(&mut rest, 2)?;
    byte(&mut rest, b"Tt ")?;
    let hour = digits(&mut rest, 2)?;
    byte(&mut rest, b":")?;
    let minute = digits(&mut rest, 2)?;
    byte(&mut rest, b":")?;
    let second = digits(&mut rest, 2)?;
    let nanos = if byte(&mut rest, b".,").is_some() { fraction(&mut rest)? } else { 0 };
    while byte(&mut rest, b" ").is_some() {}
    let offset = offset_minutes(&mut rest)?;
    let in_range = (1..=12).contains(&month)
        && (1..=days_in_month(year, month)).contains(&day)
        && hour <= 24
        && minute < 60
        // A leap second is the first second of the next minute.
        && second <= 60;
    if !in_range {
        return None;
    }
    if year <= 1 {
        return Some(0);
    }
    let seconds = days_from_date(year, month, day) * 86_400 + hour * 3600 + (minute - offset) * 60 + second;
    i64::try_from(i128::from(seconds) * 1_000_000_000 + i128::from(nanos)).ok()
}

/// Nanoseconds of a duration as Go and protobuf write it: `5000ns`, `0.209603s`, `1h2m3.5s`, `-1.5ms`.
///
/// A lone `0` is a duration too; any other number without a unit is not.
pub fn nanos_from_duration(text: &str) -> Option<i64> {
    let text = text.trim();
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    if text == "0" {
        return Some(0);
    }
    let mut rest = text.as_bytes();
    let mut total = 0_i128;
    loop {
        let unit_at = rest.iter().position(|b| !b.is_ascii_digit() && *b != b'.')?;
        let (number, tail) = rest.split_at_checked(unit_at)?;
        let unit_end = tail.iter().position(u8::is_ascii_digit).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at_checked(unit_end)?;
        let scale: i128 = match std::str::from_utf8(unit).ok()? {
            "ns" => 1,
            "us" | "\u{b5}s" | "\u{3bc}s" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => return None,
        };
        total = total.checked_add(scaled(number, scale)?)?;
        rest = tail;
        if rest.is_empty() {
            return i64::try_from(sign * total).ok();
        }
    }
}

/// `number`, digits with at most one point, times `scale`; digits below one are cut.
fn scaled(number: &[u8], scale: i128) -> Option<i128> {
    let mut value = 0_i128;
    let mut unit = None;
    for &b in number {
        match (b, unit) {
            (b'.', None) => unit = Some(scale),
            (b'0'..=b'9', None) => {
                value = value.checked_mul(10)?.checked_add(i128::from(b - b'0') * scale)?;
            }
            (b'0'..=b'9', Some(last)) => {
                value = value.checked_add(i128::from(b - b'0') * last / 10)?;
                unit = Some(last / 10);
            }
            _ => return None,
        }
    }
    (!number.is_empty() && number != b".").then_some(value)
}

fn digits(rest: &mut &[u8], n: usize) -> Option<i64> {
    let (head, tail) = rest.split_at_checked(n)?;
    let mut value = 0;
    for &b in head {
        value = value * 10 + i64::from(b.is_ascii_digit().then(|| b - b'0')?);
    }
    *rest = tail;
    Some(value)
}

fn byte(rest: &mut &[u8], any_of: &[u8]) -> Option<()> {
    let (&first, tail) = rest.split_first()?;
    any_of.contains(&first).then(|| *rest = tail)
}

/// Decimals of a second in nanoseconds; those beyond the ninth are cut.
fn fraction(rest: &mut &[u8]) -> Option<i64> {
    let n = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    let (head, tail) = rest.split_at_checked(n)?;
    *rest = tail;
    let nanos = (0..9).fold(0, |sum, at| sum * 10 + head.get(at).map_or(0, |b| i64::from(b - b'0')));
    (n > 0).then_some(nanos)
}

/// Minutes east of Greenwich at the end of a time: `Z`, `+02:00`, `-0400`, `+02`; nothing is UTC. What Go
/// appends to a printed time (` UTC`, ` m=+0.01`) is passed over.
fn offset_minutes(rest: &mut &[u8]) -> Option<i64> {
    let sign = match rest.first() {
        None => return Some(0),
        Some(b'Z' | b'z') => return (rest.len() == 1).then_some(0),
        Some(b'U') if *rest == b"UTC" => return Some(0),
        Some(b'+') => 1,
        Some(b'-') => -1,
        Some(_) => return None,
    };
    *rest = rest.get(1..)?;
    let hours = digits(rest, 2)?;
    let _ = byte(rest, b":");
    let minutes = digits(rest, 2).unwrap_or(0);
    let ends = rest.first().is_none_or(|&b| b == b' ');
    (ends && hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_exactly() {
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("1970-01-01T00:00:00.000000001Z", Some(1)),
            ("2017-01-26T16:46:31.639875-04:00", Some(1_485_463_591_639_875_000)),
            ("2017-01-26T20:46:31.639875Z", Some(1_485_463_591_639_875_000)),
            ("2024-02-29 23:59:59.1234567899 +0000 UTC", Some(1_709_251_199_123_456_789)),
            ("2024-02-29t23:59:60z", Some(1_709_251_200_000_000_000)),
            ("2000-03-01T00:00:00", Some(951_868_800_000_000_000)),
            ("2026-11-21T07:30:00+0530", Some(1_795_226_400_000_000_000)),
            ("1969-12-31T23:59:59.5Z", Some(-500_000_000)),
            ("0001-01-01T00:00:00Z", Some(0)),
            ("2262-04-11T23:47:16.854775807Z", Some(i64::MAX)),
            ("2262-04-11T23:47:16.854775808Z", None),
            ("2023-02-29T00:00:00Z", None),
            ("2023-13-01T00:00:00Z", None),
            ("2023-01-01T00:00:00.Z", None),
            ("2023-01-01T00:00:00Zulu", None),
            ("2023-01-01", None),
            ("", None),
            ("2023-01-01T00:00:00+2é", None),
        ] {
            assert_eq!(nanos_from_rfc3339(text), expected, "{text}");
        }
    }

    #[test]
    fn durations_are_read_exactly() {
        for (text, expected) in [
            ("5000ns", Some(5_000)),
            ("0.209603s", Some(209_603_000)),
            ("1h2m", Some(3_720_000_000_000)),
            ("1h2m3.5s", Some(3_723_500_000_000)),
            ("-1.5ms", Some(-1_500_000)),
            ("1.5\u{b5}s", Some(1_500)),
            (".5s", Some(500_000_000)),
            ("0.0000000019s", Some(1)),
            ("0", Some(0)),
            ("5", None),
            ("s", None),
            (".s", None),
            ("1..5s", None),
            ("3 days", None),
            ("", None),
            ("999999999999999999999h", None),
        ] {
            assert_eq!(nanos_from_duration(text), expected, "{text}");
        }
    }

    #[test]
    fn every_day_follows_the_one_before() {
        let mut expected = days_from_date(1600, 1, 1);
        for year in 1600..2400 {
            for month in 1..=12 {
                for day in 1..=days_in_month(year, month) {
                    assert_eq!(days_from_date(year, month, day), expected, "{year}-{month}-{day}");
                    expected += 1;
                }
            }
        }
    }
}
