//! How far a reading is, in words and numbers.

use super::format;
use crate::base::text;

/// What is known while files are read.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Amounts {
    /// Bytes read, before unpacking.
    pub bytes: u64,
    /// Bytes of all files, when known.
    pub total: Option<u64>,
    /// Span records so far.
    pub spans: u64,
    /// Traces so far.
    pub traces: u64,
    /// Milliseconds since the reading began.
    pub elapsed_millis: f64,
}

/// How far a reading is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadingTexts {
    /// 0 to 100; none when the end is not known.
    pub percent: Option<u32>,
    /// `42 %`; empty when the end is not known.
    pub share: String,
    /// `40.1 MB of 95.0 MB`.
    pub read: String,
    /// `61.0 MB/s`; empty in the first moments.
    pub rate: String,
    /// `110,203 spans`.
    pub spans: String,
    /// `412 traces`; empty before the first.
    pub traces: String,
}

/// The texts for these amounts.
pub fn texts(amounts: Amounts) -> LoadingTexts {
    let Amounts { bytes, total, spans, traces, elapsed_millis } = amounts;
    // Never 100 % before it is over, whatever a file grew to meanwhile.
    let percent = total.filter(|&t| t > 0).map(|t| (bytes.saturating_mul(100) / t).min(99) as u32);
    let rate = (elapsed_millis >= 200.0 && bytes > 0)
        .then(|| format!("{}/s", format::bytes((bytes as f64 / elapsed_millis * 1000.0) as u64)));
    LoadingTexts {
        percent,
        share: percent.map(|p| format!("{p} %")).unwrap_or_default(),
        read: match total {
            Some(total) => format!("{} of {}", format::bytes(bytes), format::bytes(total)),
            None => format::bytes(bytes),
        },
        rate: rate.unwrap_or_default(),
        spans: text::counted(spans, "span"),
        traces: if traces == 0 { String::new() } else { text::counted(traces, "trace") },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_told_in_numbers_with_units() {
        let amounts = Amounts {
            bytes: 40_100_000,
            total: Some(95_000_000),
            spans: 110_203,
            traces: 1,
            elapsed_millis: 1000.0,
        };
        let expected = LoadingTexts {
            percent: Some(42),
            share: "42 %".into(),
            read: "40.1 MB of 95.0 MB".into(),
            rate: "40.1 MB/s".into(),
            spans: "110,203 spans".into(),
            traces: "1 trace".into(),
        };
        assert_eq!(texts(amounts), expected);
    }

    #[test]
    fn nothing_is_claimed_that_is_not_known() {
        let unknown = texts(Amounts { bytes: 10, ..Amounts::default() });
        assert_eq!((unknown.percent, unknown.rate.as_str(), unknown.read.as_str()), (None, "", "10 B"));
        let grown = texts(Amounts { bytes: 500, total: Some(100), ..Amounts::default() });
        assert_eq!(grown.percent, Some(99));
    }
}
