//! How the open trace is analysed, as far as the reader changes it: kept in the address, said in words.

use crate::model::ids::SpanId;
use crate::model::time::DurationNanos;
use crate::view::format;
use crate::wire::analysis::{AnalysisSettings, ClockCorrection, Overflow};

/// What the reader changed about the analysis; the default is the analysis's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AnalysisChoice {
    /// What counts as background work.
    pub overflow: Overflow,
    /// Times count as they were recorded, whatever the clocks say.
    pub recorded_clocks: bool,
    /// Calls that overlap by a hair count as overlapping.
    pub strict_order: bool,
    /// The root that is explained; the main root when absent.
    pub root: Option<SpanId>,
}

/// Each way of dealing with children that end after their parent: its word in links, and what it means.
pub const OVERFLOWS: [(Overflow, &str, &str, &str); 3] = [
    (
        Overflow::Auto,
        "auto",
        "Background work excluded",
        "Work that clearly goes on after its caller is background work, unless client and server disagree.",
    ),
    (
        Overflow::Truncate,
        "truncate",
        "Late work counted until its caller ends",
        "Nothing is background work: what goes on longer than its caller is cut there.",
    ),
    (
        Overflow::Async,
        "async",
        "All late work excluded",
        "Whatever ends after its caller, by however little, is background work.",
    ),
];

impl AnalysisChoice {
    /// What the engine is asked for.
    pub fn settings(self) -> AnalysisSettings {
        AnalysisSettings {
            overflow: self.overflow,
            adjust_skew: !self.recorded_clocks,
            overlap_tolerance: !self.strict_order,
            ..AnalysisSettings::default()
        }
    }

    /// The choice in a line beside the answer: what is excluded, corrected, not tolerated.
    pub fn summary(self, clocks: &[ClockCorrection]) -> String {
        let overflow = OVERFLOWS.iter().find(|o| o.0 == self.overflow).map_or("", |o| o.2);
        let corrected: Vec<&ClockCorrection> = clocks.iter().filter(|c| c.offset_ns != 0).collect();
        let clock = match corrected.as_slice() {
            _ if self.recorded_clocks => "clocks as recorded".to_owned(),
            [] => String::new(),
            [one] => lower_first(&clock_sentence(one)),
            more => format!("{} clocks corrected", more.len()),
        };
        let order = if self.strict_order { "overlaps taken literally" } else { "" };
        [overflow, &clock, order].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
    }
}

/// What was found out about a clock: "Clock of host b corrected by +35 ms (± 2 ms)".
pub fn clock_sentence(clock: &ClockCorrection) -> String {
    let domain = &clock.domain;
    if clock.is_too_large {
        return format!("Clock of {domain} seems to be off by too much to be believed; left as recorded");
    }
    if clock.offset_ns == 0 {
        return format!("Clock of {domain} agrees");
    }
    let offset = format::offset(DurationNanos(clock.offset_ns));
    let within = match (clock.low_ns, clock.high_ns) {
        _ if !clock.is_consistent => " (no single offset explains all its spans)".to_owned(),
        (Some(low), Some(high)) if low <= high => {
            format!(" (± {})", format::duration(DurationNanos(high.saturating_sub(low) / 2)))
        }
        (Some(_), None) => " (or more)".to_owned(),
        (None, Some(_)) => " (or less)".to_owned(),
        _ => String::new(),
    };
    format!("Clock of {domain} corrected by {offset}{within}")
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(offset_ns: i64, low_ns: Option<i64>, high_ns: Option<i64>) -> ClockCorrection {
        ClockCorrection {
            domain: "host b".into(),
            offset_ns,
            low_ns,
            high_ns,
            is_consistent: true,
            ..ClockCorrection::default()
        }
    }

    #[test]
    fn corrections_are_said_in_words() {
        const MS: i64 = 1_000_000;
        for (clock, expected) in [
            (
                clock(35 * MS, Some(33 * MS), Some(37 * MS)),
                "Clock of host b corrected by +35.0 ms (± 2.00 ms)",
            ),
            (clock(-5 * MS, None, Some(-5 * MS)), "Clock of host b corrected by −5.00 ms (or less)"),
            (clock(5 * MS, Some(5 * MS), None), "Clock of host b corrected by +5.00 ms (or more)"),
            (clock(0, None, None), "Clock of host b agrees"),
            (
                ClockCorrection { is_consistent: false, ..clock(MS, Some(1), Some(2)) },
                "Clock of host b corrected by +1.00 ms (no single offset explains all its spans)",
            ),
            (
                ClockCorrection { is_too_large: true, ..clock(0, None, None) },
                "Clock of host b seems to be off by too much to be believed; left as recorded",
            ),
        ] {
            assert_eq!(clock_sentence(&clock), expected);
        }
    }

    #[test]
    fn the_summary_names_what_differs() {
        let plain = AnalysisChoice::default();
        assert_eq!(plain.summary(&[]), "Background work excluded");
        assert_eq!(plain.summary(&[clock(0, None, None)]), "Background work excluded");
        assert_eq!(
            plain.summary(&[clock(2_000_000, Some(2_000_000), None)]),
            "Background work excluded · clock of host b corrected by +2.00 ms (or more)"
        );
        let two = [clock(1, None, None), clock(2, None, None)];
        assert_eq!(plain.summary(&two), "Background work excluded · 2 clocks corrected");
        let other = AnalysisChoice {
            overflow: Overflow::Truncate,
            recorded_clocks: true,
            strict_order: true,
            root: None,
        };
        assert_eq!(
            other.summary(&two),
            "Late work counted until its caller ends · clocks as recorded · overlaps taken literally"
        );
    }

    #[test]
    fn the_default_choice_asks_for_the_default_analysis() {
        assert_eq!(AnalysisChoice::default().settings(), AnalysisSettings::default());
        let other = AnalysisChoice { recorded_clocks: true, strict_order: true, ..Default::default() };
        assert!(!other.settings().adjust_skew);
        assert!(!other.settings().overlap_tolerance);
    }
}
