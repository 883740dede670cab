//! Decimal numbers as written: times and large integers must not pass through a double.

/// The text of a number; empty when there was none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Number<'a> {
    text: &'a str,
}

/// Sign, digits without leading zeros, and the power of ten of the last digit.
struct Decimal {
    negative: bool,
    digits: u128,
    exponent: i64,
}

impl<'a> Number<'a> {
    /// The number written as `text`.
    #[inline]
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text }
    }

    /// As written.
    pub(crate) fn text(self) -> &'a str {
        self.text
    }

    /// Whether this is a decimal number without fraction and exponent.
    pub(crate) fn is_integer(self) -> bool {
        let digits = self.text.strip_prefix(['-', '+']).unwrap_or(self.text);
        !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
    }

    /// The nearest integer, computed exactly; `None` when this is no number or out of range.
    #[inline]
    pub(crate) fn as_i64(self) -> Option<i64> {
        self.scaled(0)
    }

    /// As above, for the unsigned range.
    pub(crate) fn as_u64(self) -> Option<u64> {
        if let Some(value) = self.plain() {
            return Some(value);
        }
        u64::try_from(self.scaled_i128(0)?).ok()
    }

    /// The nearest double; `NaN` and infinities by any of their names.
    pub(crate) fn as_f64(self) -> Option<f64> {
        match self.text.trim_start_matches(['+', '-']) {
            "NaN" | "nan" => Some(f64::NAN),
            "Infinity" | "inf" | "Inf" => {
                Some(if self.text.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY })
            }
            digits if digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') => self.text.parse().ok(),
            _ => None,
        }
    }

    /// The number times `10^power`, rounded to the nearest integer, computed exactly.
    #[inline]
    pub(crate) fn scaled(self, power: i32) -> Option<i64> {
        if let Some(value) = self.plain()
            && let Some(factor) = u32::try_from(power).ok().and_then(|p| 10_u64.checked_pow(p))
        {
            return value.checked_mul(factor).and_then(|v| i64::try_from(v).ok());
        }
        i64::try_from(self.scaled_i128(power)?).ok()
    }

    /// Digits only, at most 19 of them: nearly every number.
    #[inline]
    fn plain(self) -> Option<u64> {
        let bytes = self.text.as_bytes();
        if bytes.is_empty() || bytes.len() > 19 {
            return None;
        }
        let mut value = 0_u64;
        for &byte in bytes {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                return None;
            }
            value = value * 10 + u64::from(digit);
        }
        Some(value)
    }

    fn scaled_i128(self, power: i32) -> Option<i128> {
        let Decimal { negative, digits, exponent } = self.decimal()?;
        let exponent = exponent.checked_add(i64::from(power))?;
        let value = if digits == 0 {
            0
        } else if exponent >= 0 {
            let factor = 10_u128.checked_pow(u32::try_from(exponent).ok()?)?;
            digits.checked_mul(factor)?
        } else {
            match u32::try_from(-exponent).ok().and_then(|e| 10_u128.checked_pow(e)) {
                Some(divisor) => digits / divisor + u128::from(digits % divisor >= divisor.div_ceil(2)),
                None => 0,
            }
        };
        let value = i128::try_from(value).ok()?;
        Some(if negative { -value } else { value })
    }

    fn decimal(self) -> Option<Decimal> {
        let (negative, unsigned) = match self.text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, self.text.strip_prefix('+').unwrap_or(self.text)),
        };
        // `123n` is how JavaScript prints large integers.
        let unsigned = unsigned.strip_suffix('n').unwrap_or(unsigned);
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let mut decimal = Decimal { negative, digits: 0, exponent };
        for (byte, is_fraction) in
            whole.bytes().map(|b| (b, false)).chain(fraction.bytes().map(|b| (b, true)))
        {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                return None;
            }
            // Digits beyond 38 cannot matter for a result of 64 bits; only their places count.
            if let Some(longer) =
                decimal.digits.checked_mul(10).and_then(|d| d.checked_add(u128::from(digit)))
            {
                decimal.digits = longer;
                decimal.exponent = decimal.exponent.checked_sub(i64::from(is_fraction))?;
            } else {
                decimal.exponent = decimal.exponent.checked_add(i64::from(!is_fraction))?;
            }
        }
        Some(decimal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_exact() {
        for (text, expected) in [
            ("0", Some(0)),
            ("1705327800000000123", Some(1_705_327_800_000_000_123)),
            ("-5", Some(-5)),
            ("+5", Some(5)),
            ("1e3", Some(1000)),
            ("1.499473411677E9", Some(1_499_473_412)),
            ("12.5", Some(13)),
            ("-12.4", Some(-12)),
            ("9223372036854775807", Some(i64::MAX)),
            ("-9223372036854775808", Some(i64::MIN)),
            ("9223372036854775808", None),
            ("99999999999999999999999999999999999999999999", None),
            ("1e-400", Some(0)),
            ("123n", Some(123)),
            ("", None),
            ("abc", None),
            ("-", None),
            (".", None),
            ("NaN", None),
        ] {
            assert_eq!(Number::new(text).as_i64(), expected, "{text}");
        }
        assert_eq!(Number::new("18446744073709551615").as_u64(), Some(u64::MAX));
        assert_eq!(Number::new("-1").as_u64(), None);
    }

    #[test]
    fn scaling_is_decimal() {
        for (text, power, expected) in [
            ("1499473411.677", 9, Some(1_499_473_411_677_000_000)),
            ("1.499473411677E9", 9, Some(1_499_473_411_677_000_000)),
            ("1485467191639875", 3, Some(1_485_467_191_639_875_000)),
            ("1700000000000.1234", 6, Some(1_700_000_000_000_123_400)),
            ("0.0004", 3, Some(0)),
            ("0.0005", 3, Some(1)),
            ("92233720368547758", 3, None),
            ("-1.5", 3, Some(-1500)),
            ("1.00000000000000000000000000000000000000000001", 0, Some(1)),
        ] {
            assert_eq!(Number::new(text).scaled(power), expected, "{text}");
        }
    }

    #[test]
    fn doubles_have_their_special_values() {
        assert!(Number::new("NaN").as_f64().is_some_and(f64::is_nan));
        assert_eq!(Number::new("-Infinity").as_f64(), Some(f64::NEG_INFINITY));
        assert_eq!(Number::new("1.5e3").as_f64(), Some(1500.0));
        assert_eq!(Number::new("infinite").as_f64(), None);
        assert_eq!(Number::new("").as_f64(), None);
    }
}
