//! How far a reading is, in words and numbers.

use super::format;
use crate::base::text;

/// What a wasm memory may have: its addresses have 32 bits.
const MOST_MEMORY: u64 = 4 << 30;

/// Bytes of input that must have been read before memory is foretold: columns are given their room early, so the
/// first growth says nothing about the rest.
const FORETELL_FROM: u64 = 32 << 20;

/// Bytes of input between the two points that a prophecy rests on.
const FORETELL_OVER: u64 = 32 << 20;

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

/// How much memory the reading had taken at some point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryMark {
    /// Bytes read, before unpacking.
    pub bytes: u64,
    /// Bytes of memory.
    pub memory: u64,
}

impl MemoryMark {
    /// The point to measure from, if this is one.
    pub const fn first(bytes: u64, memory: u64) -> Option<Self> {
        if bytes >= FORETELL_FROM && memory > 0 { Some(Self { bytes, memory }) } else { None }
    }
}

/// A warning when what is being read is not going to fit, as far as the growth between two points tells.
pub fn memory_warning(first: MemoryMark, now: MemoryMark, total: Option<u64>) -> Option<String> {
    let read = now.bytes.checked_sub(first.bytes).filter(|&read| read >= FORETELL_OVER)?;
    let left = total?.checked_sub(now.bytes)?;
    let grown = now.memory.saturating_sub(first.memory);
    let rest = u128::from(grown) * u128::from(left) / u128::from(read);
    // Putting the traces together takes a third of what the spans take, for a moment.
    let needed = (u128::from(now.memory) + rest) * 4 / 3;
    let needed = u64::try_from(needed).unwrap_or(u64::MAX);
    (needed > MOST_MEMORY).then(|| {
        format!(
            "This will probably not fit: all of it needs about {} of memory, and a page gets at most {}.",
            format::bytes(needed),
            format::bytes(MOST_MEMORY),
        )
    })
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
    fn what_will_not_fit_is_said_early() {
        let at = |bytes: u64, memory: u64| MemoryMark { bytes: bytes << 20, memory: memory << 20 };
        let first = at(32, 100);
        let warning = |now, total: u64| memory_warning(first, now, Some(total << 20));
        // Half a byte of memory for each byte that is read.
        assert_eq!(warning(at(96, 132), 774), None);
        assert_eq!(warning(at(96, 132), 5_900), None);
        let text = warning(at(96, 132), 20_000).expect("ten gigabytes do not fit");
        assert!(text.contains("needs about 14.1 GB") && text.contains("at most 4.29 GB"), "{text}");
        assert_eq!(warning(at(40, 1_000), 20_000), None, "too early to tell");
        assert_eq!(memory_warning(first, at(96, 132), None), None, "the end is not known");
        assert_eq!(MemoryMark::first(1 << 20, 100), None);
    }

    #[test]
    fn nothing_is_claimed_that_is_not_known() {
        let unknown = texts(Amounts { bytes: 10, ..Amounts::default() });
        assert_eq!((unknown.percent, unknown.rate.as_str(), unknown.read.as_str()), (None, "", "10 B"));
        let grown = texts(Amounts { bytes: 500, total: Some(100), ..Amounts::default() });
        assert_eq!(grown.percent, Some(99));
    }
}
