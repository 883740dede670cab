//! Durations as Go writes and reads them (`1h2m`, `400.24014ms`): what both backends take and give.

/// Units by length of name, so that `ms` is not read as `m`.
const UNITS: &[(&str, u64)] = &[
    ("ns", 1),
    ("us", 1_000),
    ("\u{b5}s", 1_000),
    ("\u{3bc}s", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// The nanoseconds of a text such as `1.5s` or `1h30m`; none when it is not one. What is below a nanosecond is
/// cut.
pub fn parse(text: &str) -> Option<u64> {
    let mut rest = text.trim();
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total = 0_u64;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').filter(|&at| at > 0)?;
        let (number, after) = rest.split_at(digits);
        let (unit, nanos) =
            UNITS.iter().filter(|(unit, _)| after.starts_with(unit)).max_by_key(|(unit, _)| unit.len())?;
        total = total.checked_add(scaled(number, *nanos)?)?;
        rest = after.get(unit.len()..)?;
    }
    Some(total)
}

/// A decimal number times `unit`, in integers: a float would lose nanoseconds.
fn scaled(number: &str, unit: u64) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let mut total = whole.checked_mul(unit)?;
    let mut place = unit;
    for digit in fraction.chars() {
        place /= 10;
        total = total.checked_add(u64::from(digit.to_digit(10)?).checked_mul(place)?)?;
    }
    Some(total)
}

/// The shortest exact text: `1500ms`, `2s`, `7us`.
pub fn print(nanos: u64) -> String {
    let units = [
        ("h", 3_600_000_000_000),
        ("m", 60_000_000_000),
        ("s", 1_000_000_000),
        ("ms", 1_000_000),
        ("us", 1_000),
    ];
    for (unit, size) in units {
        if nanos > 0 && nanos.is_multiple_of(size) {
            return format!("{}{unit}", nanos / size);
        }
    }
    format!("{nanos}ns")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn durations_are_read_as_go_reads_them() {
        for (text, expected) in [
            ("1.5s", Some(1_500_000_000)),
            ("400.24014ms", Some(400_240_140)),
            ("1h2m3s", Some(3_723_000_000_000)),
            ("100\u{b5}s", Some(100_000)),
            ("0", Some(0)),
            (".5ms", Some(500_000)),
            ("5", None),
            ("abc", None),
            ("1..5s", None),
            (".s", None),
            ("", None),
            ("-1s", None),
            ("99999999999h", None),
        ] {
            assert_eq!(parse(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(nanos in any::<u64>(), zeros in 0_u32..13) {
            let nanos = nanos / 10_u64.pow(zeros) * 10_u64.pow(zeros);
            prop_assert_eq!(parse(&print(nanos)), Some(nanos));
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,20}") {
            parse(&text);
        }
    }
}
