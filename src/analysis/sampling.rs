//! What a policy of tail sampling would keep of the loaded traces, and when to raise an alert.

use crate::base::sort::CompactSort as _;
use crate::model::ids::TraceId;

use super::statistics::percentile;

/// A trace as a sampler sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sampled {
    /// Its id, whose last 56 bits decide on the baseline.
    pub id: TraceId,
    /// From its first start to its last end.
    pub duration_ns: i64,
    /// Whether any span failed.
    pub is_error: bool,
    /// Spans.
    pub n_spans: u64,
}

/// Traces with errors, traces that took long, and some of the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Keep every trace with an error.
    pub keeps_errors: bool,
    /// Keep what takes longer than this.
    pub slow_ns: Option<i64>,
    /// Keep so many of a thousand of the rest.
    pub baseline_permille: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self { keeps_errors: true, slow_ns: Some(1_000_000_000), baseline_permille: 50 }
    }
}

/// What a policy keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Traces in all.
    pub traces: u64,
    /// Spans in all.
    pub spans: u64,
    /// Spans of the traces kept.
    pub spans_kept: u64,
    /// Traces kept for their errors; the first reason counts.
    pub errors: u64,
    /// Traces kept for their duration.
    pub slow: u64,
    /// Traces kept of the rest.
    pub baseline: u64,
}

impl Kept {
    /// Traces kept for any reason.
    pub fn kept(&self) -> u64 {
        self.errors + self.slow + self.baseline
    }
}

/// What `policy` would keep.
pub fn simulate(traces: impl Iterator<Item = Sampled>, policy: &Policy) -> Kept {
    const ALL: u64 = 1 << 56;
    let threshold = ALL - (u128::from(ALL) * u128::from(policy.baseline_permille.min(1_000)) / 1_000) as u64;
    let mut kept = Kept::default();
    for trace in traces {
        let random = u128::from_be_bytes(trace.id.0) as u64 & (ALL - 1);
        let reason = if policy.keeps_errors && trace.is_error {
            Some(&mut kept.errors)
        } else if policy.slow_ns.is_some_and(|slow| trace.duration_ns > slow) {
            Some(&mut kept.slow)
        } else {
            (random >= threshold).then_some(&mut kept.baseline)
        };
        if let Some(count) = reason {
            *count += 1;
            kept.spans_kept += trace.n_spans;
        }
        kept.traces += 1;
        kept.spans += trace.n_spans;
    }
    kept
}

/// Traces of one endpoint that are too few to say anything about.
pub const FEWEST_TRACES: usize = 20;

/// When to raise an alert on an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Half of the endpoint's traces take no longer.
    pub p50_ns: i64,
    /// 95 of 100 take no longer.
    pub p95_ns: i64,
    /// 99 of 100 take no longer.
    pub p99_ns: i64,
    /// The p95, rounded up to two digits.
    pub threshold_ns: i64,
}

/// A threshold for an endpoint from the durations of its traces, in any order; none for fewer than
/// [`FEWEST_TRACES`].
pub fn alert(durations: &mut [i64]) -> Option<Alert> {
    if durations.len() < FEWEST_TRACES {
        return None;
    }
    durations.compact_sort();
    let p95_ns = percentile(durations, 950)?;
    Some(Alert {
        p50_ns: percentile(durations, 500)?,
        p95_ns,
        p99_ns: percentile(durations, 990)?,
        threshold_ns: rounded_up(p95_ns),
    })
}

/// The next number with no more than two digits that are not zero.
fn rounded_up(value: i64) -> i64 {
    let mut unit = 1;
    while value / unit >= 100 {
        unit *= 10;
    }
    value.max(0).saturating_add(unit - 1) / unit * unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_are_rounded_up_to_two_digits() {
        for (value, expected) in
            [(0, 0), (7, 7), (99, 99), (100, 100), (101, 110), (1_234_567, 1_300_000), (999, 1_000)]
        {
            assert_eq!(rounded_up(value), expected, "{value}");
        }
        let mut durations: Vec<i64> = (1..=19).collect();
        assert_eq!(alert(&mut durations), None);
        durations.push(1_000);
        let found = alert(&mut durations).unwrap();
        assert_eq!((found.p50_ns, found.p95_ns, found.p99_ns, found.threshold_ns), (10, 19, 1_000, 19));
    }

    #[test]
    fn everything_and_nothing_can_be_kept() {
        let traces = || {
            (0..100_u8).map(|n| Sampled {
                id: TraceId([n.wrapping_mul(37); 16]),
                n_spans: 2,
                ..Sampled::default()
            })
        };
        let policy = |baseline_permille| Policy { keeps_errors: true, slow_ns: None, baseline_permille };
        assert_eq!(simulate(traces(), &policy(1_000)).kept(), 100);
        assert_eq!(simulate(traces(), &policy(0)).kept(), 0);
        assert_eq!(simulate(traces(), &policy(5_000)).spans_kept, 200);
    }
}
