//! Numbers with a unit as text: three significant digits, the largest unit that fits.
//!
//! All arithmetic is on integers, so that no rounding of floats ever shows. This is the only place where
//! numbers with a fraction become text.

/// Nanoseconds per unit and the unit, ascending.
const UNITS: [(u64, &str); 4] = [(1, "ns"), (1_000, "µs"), (1_000_000, "ms"), (1_000_000_000, "s")];

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// A duration to be read at a glance: `4.20 s`, `812 ms`, `36.5 µs`, `0 ns`, `3 min 05 s`.
pub fn duration(nanos: i64) -> String {
    let sign = if nanos < 0 { "−" } else { "" };
    let nanos = nanos.unsigned_abs();
    let seconds = rounded(nanos, 1_000_000_000);
    let text = if seconds < MINUTE {
        significant(nanos, &UNITS)
    } else if seconds < HOUR {
        format!("{} min {:02} s", seconds / MINUTE, seconds % MINUTE)
    } else if seconds < DAY {
        format!("{} h {:02} min", seconds / HOUR, seconds % HOUR / MINUTE)
    } else {
        format!("{} d {:02} h", seconds / DAY, seconds % DAY / HOUR)
    };
    format!("{sign}{text}")
}

/// Bytes in decimal units: `812 B`, `1.20 kB`, `340 MB`.
pub fn bytes(n: u64) -> String {
    significant(n, &[(1, "B"), (1_000, "kB"), (1_000_000, "MB"), (1_000_000_000, "GB")])
}

/// Share of `part` in `whole`: `12 %`, `1.4 %`, `< 0.1 %`, `0 %`; empty when there is no whole.
pub fn percent(part: i64, whole: i64) -> String {
    if whole <= 0 {
        return String::new();
    }
    let permille = rounded(part.max(0).unsigned_abs().saturating_mul(1000), whole.unsigned_abs());
    match permille {
        0 if part <= 0 => "0 %".to_owned(),
        0 => "< 0.1 %".to_owned(),
        // Rounding must not claim the whole where a part is missing.
        1..100 => format!("{}.{} %", permille / 10, permille % 10),
        995.. if part < whole => "> 99 %".to_owned(),
        _ => format!("{} %", (permille + 5) / 10),
    }
}

/// Share of `part` in `whole` to three significant digits: `92.9 %`, `9.30 %`, `100 %`; for sentences, where
/// [`percent`] would be too coarse.
pub fn share(part: i64, whole: i64) -> String {
    if whole <= 0 {
        return String::new();
    }
    let hundredths = rounded(part.max(0).unsigned_abs().saturating_mul(10_000), whole.unsigned_abs());
    match hundredths {
        0 if part > 0 => "< 0.01 %".to_owned(),
        0..1_000 => format!("{}.{:02} %", hundredths / 100, hundredths % 100),
        9_995.. if part < whole => "> 99.9 %".to_owned(),
        1_000..10_000 => format!("{}.{} %", (hundredths + 5) / 100, (hundredths + 5) / 10 % 10),
        _ => format!("{} %", (hundredths + 50) / 100),
    }
}

/// `value` in units of `per_unit`, exactly, without trailing zeros: `decimal(1_500, 1_000)` is `1.5`.
pub fn decimal(value: u64, per_unit: u64) -> String {
    let digits = per_unit.ilog10() as usize;
    if value.is_multiple_of(per_unit) {
        return (value / per_unit).to_string();
    }
    let mut text = format!("{}.{:0digits$}", value / per_unit, value % per_unit);
    text.truncate(text.trim_end_matches('0').len());
    text
}

/// The largest unit of time that `nanos` reaches, with its nanoseconds.
pub fn unit_of(nanos: u64) -> (u64, &'static str) {
    UNITS.into_iter().rev().find(|&(per_unit, _)| nanos >= per_unit).unwrap_or(UNITS[0])
}

/// One unit and one smallest step for durations that are to be added up or compared by eye.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ruler {
    per_unit: u64,
    unit: &'static str,
    /// Digits behind the point.
    digits: u32,
}

impl Ruler {
    /// The unit in which the largest of them has three significant digits.
    pub fn for_largest(nanos: u64) -> Self {
        let (per_unit, unit) = unit_of(nanos);
        let digits = match nanos / per_unit {
            _ if per_unit == 1 => 0,
            0..10 => 2,
            10..100 => 1,
            _ => 0,
        };
        Self { per_unit, unit, digits }
    }

    /// The same with one digit more, as far as there are any.
    #[must_use]
    pub fn finer(self) -> Self {
        Self { digits: (self.digits + 1).min(self.per_unit.ilog10()), ..self }
    }

    /// A duration in smallest steps, rounded.
    pub fn steps(self, nanos: i64) -> i64 {
        let steps = rounded(nanos.unsigned_abs(), self.per_unit / 10_u64.pow(self.digits)) as i64;
        if nanos < 0 { -steps } else { steps }
    }

    /// So many steps as text, such as `60.0 ms`.
    pub fn text(self, steps: u64) -> String {
        let (scale, digits) = (10_u64.pow(self.digits), self.digits as usize);
        match digits {
            0 => format!("{steps} {}", self.unit),
            _ => format!("{}.{:0digits$} {}", steps / scale, steps % scale, self.unit),
        }
    }

    /// So many steps with their sign: `+60.0 ms`, `−3.2 ms`, `0.0 ms`.
    pub fn signed(self, steps: i64) -> String {
        let sign = match steps {
            0 => "",
            1.. => "+",
            _ => "−",
        };
        format!("{sign}{}", self.text(steps.unsigned_abs()))
    }
}

/// `value` with three significant digits in the largest unit that it reaches after rounding.
fn significant(value: u64, units: &[(u64, &str)]) -> String {
    let reached = units.iter().rposition(|&(per_unit, _)| value >= per_unit).unwrap_or(0);
    for (n, &(per_unit, unit)) in units.iter().enumerate().skip(reached) {
        if per_unit == 1 {
            return format!("{value} {unit}");
        }
        // Hundredths below 10, tenths below 100, else whole units; each step after rounding.
        let [hundredths, tenths, whole] = [100, 10, 1].map(|scale| rounded(value, per_unit / scale));
        if hundredths < 1_000 {
            return format!("{}.{:02} {unit}", hundredths / 100, hundredths % 100);
        }
        if tenths < 1_000 {
            return format!("{}.{} {unit}", tenths / 10, tenths % 10);
        }
        if whole < 1_000 || n + 1 == units.len() {
            return format!("{whole} {unit}");
        }
    }
    value.to_string()
}

/// `value / per`, rounded half up.
pub const fn rounded(value: u64, per: u64) -> u64 {
    (value as u128 + per as u128 / 2).div_euclid(per as u128) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ruler_writes_everything_in_one_unit() {
        let ruler = Ruler::for_largest(60_000_000);
        assert_eq!(
            [60_000_000, -10_040_000, 4, 0].map(|n| ruler.signed(ruler.steps(n))),
            ["+60.0 ms", "−10.0 ms", "0.0 ms", "0.0 ms"]
        );
        assert_eq!(ruler.finer().signed(ruler.finer().steps(-10_040_000)), "−10.04 ms");
        let small = Ruler::for_largest(999).finer();
        assert_eq!(small.signed(small.steps(7)), "+7 ns");
    }

    #[test]
    fn shares_have_three_digits() {
        for (part, whole, expected) in [
            (0, 10, "0.00 %"),
            (1, 1_000_000_000, "< 0.01 %"),
            (1, 1_000, "0.10 %"),
            (93, 1_000, "9.30 %"),
            (3_900, 4_200, "92.9 %"),
            (9_999, 10_000, "> 99.9 %"),
            (10, 10, "100 %"),
            (25, 10, "250 %"),
            (1, 0, ""),
        ] {
            assert_eq!(share(part, whole), expected, "{part} of {whole}");
        }
    }
}
