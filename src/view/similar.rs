//! Spans like this one: where its duration lies among those of the same operation.

use super::details::Fact;
use super::format;
use crate::base::text::{counted, grouped};
use crate::model::index::SpanIdx;
use crate::model::span::Flags;
use crate::model::time::DurationNanos;
use crate::model::trace::Trace;

/// Bars of the small histogram.
pub const N_BARS: usize = 32;

/// The durations of an operation, and one span's place among them.
#[derive(Clone, Debug, PartialEq)]
pub struct Similar {
    /// `Slower than 93 % of 412 spans`.
    pub sentence: String,
    /// Median, 95th percentile, slowest.
    pub facts: Vec<Fact>,
    /// Heights of the bars, 0 to 1, by duration on a logarithmic scale.
    pub bars: [f32; N_BARS],
    /// The bar that the span is in.
    pub own_bar: usize,
}

/// The place of `span` among the spans of its service and name; none where it is alone. O(n).
pub fn similar(trace: &Trace, span: SpanIdx) -> Option<Similar> {
    let is_alike = |other: &SpanIdx| {
        trace.name_idx(*other) == trace.name_idx(span)
            && trace.service(*other) == trace.service(span)
            && !trace.flags(*other).has(Flags::UNFINISHED)
            && !trace.is_placeholder(*other)
    };
    if !is_alike(&span) {
        return None;
    }
    let mut durations: Vec<i64> =
        trace.spans().filter(is_alike).map(|other| trace.span_duration(other).0).collect();
    if durations.len() < 2 {
        return None;
    }
    durations.sort_unstable();
    let own = trace.span_duration(span).0;
    let n = durations.len();
    let faster = durations.partition_point(|&d| d < own);
    let slower = n - durations.partition_point(|&d| d <= own);
    let others = counted(n as u64 - 1, "other span");
    let sentence = match (faster, slower) {
        (0, 0) => format!("As long as all {others} of this operation"),
        (_, 0) => format!("The slowest of {} of this operation", grouped(n as u64)),
        (0, _) => format!("The fastest of {} of this operation", grouped(n as u64)),
        _ => {
            let share = format::percent(faster as i64, n as i64 - 1);
            format!("Slower than {share} of {others} of this operation")
        }
    };
    let at = |share: usize| durations[(n * share).div_ceil(100).clamp(1, n) - 1];
    let fact = |label, nanos| Fact {
        label,
        value: format::duration(DurationNanos(nanos)),
        exact: format::duration_exact(DurationNanos(nanos)),
    };
    let facts = vec![fact("Median", at(50)), fact("95th percentile", at(95)), fact("Slowest", at(100))];
    let (bars, own_bar) = histogram(&durations, own);
    Some(Similar { sentence, facts, bars, own_bar })
}

/// Bars over the logarithm of ascending durations, and the bar of `own`.
fn histogram(durations: &[i64], own: i64) -> ([f32; N_BARS], usize) {
    let log = |nanos: i64| (nanos.max(1) as f64).ln();
    let (low, high) = (durations.first().map_or(0.0, |&d| log(d)), durations.last().map_or(1.0, |&d| log(d)));
    // Durations that hardly differ are not spread over the whole width.
    let width = (high - low).max(1.0);
    let bar = |nanos: i64| (((log(nanos) - low) / width * N_BARS as f64) as usize).min(N_BARS - 1);
    let mut counts = [0_u32; N_BARS];
    for &duration in durations {
        counts[bar(duration)] += 1;
    }
    let most = counts.iter().copied().max().unwrap_or(1).max(1);
    // The square root keeps a single slow span visible beside a thousand fast ones.
    (counts.map(|count| (f64::from(count) / f64::from(most)).sqrt() as f32), bar(own))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::drawing;

    #[test]
    fn a_span_is_placed_among_its_likes() {
        let trace = drawing::trace(
            "
            api GET / 0..1000
              db SELECT 0..10
              db SELECT 10..30
              db SELECT 30..900
              db SELECT 900..990 ?
              cache SELECT 990..991
            ",
        );
        let sentence = |span| similar(&trace, SpanIdx(span)).map(|s| s.sentence);
        assert_eq!(sentence(0), None, "alone");
        assert_eq!(sentence(1).as_deref(), Some("The fastest of 3 of this operation"));
        assert_eq!(sentence(2).as_deref(), Some("Slower than 50 % of 2 other spans of this operation"));
        assert_eq!(sentence(3).as_deref(), Some("The slowest of 3 of this operation"));
        assert_eq!(sentence(4), None, "unfinished");
        let slowest = similar(&trace, SpanIdx(3)).expect("has likes");
        assert_eq!(slowest.facts[0].value, "20.0 ms");
        assert_eq!(slowest.own_bar, N_BARS - 1);
        assert_eq!(slowest.bars.iter().filter(|b| **b > 0.0).count(), 3);
    }

    #[test]
    fn equal_durations_make_one_bar() {
        let trace = drawing::wide(100, 100);
        let all = similar(&trace, SpanIdx(1)).expect("has likes");
        assert_eq!(all.sentence, "As long as all 99 other spans of this operation");
        assert_eq!(all.bars.iter().filter(|b| **b > 0.0).count(), 1);
    }
}
