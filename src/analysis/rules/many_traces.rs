//! What only many traces of one endpoint show: what to keep of them, when to raise an alert, what the slow
//! ones have in common.

use super::{Find, Rule};
use crate::analysis::finding::{Confidence, Finding, Severity, severity_of};
use crate::analysis::sampling::{Policy, Sampled, alert, simulate};
use crate::analysis::set_context::SetContext;
use crate::analysis::wording::{add, counted, grouped, permille, share, short, time};

/// SAMP-1.
pub(super) const SAMPLING: Rule = Rule {
    code: "SAMP-1",
    name: "Sampling advice",
    checks: "what tail sampling would keep",
    fires: "at least 20 traces of an endpoint are loaded",
    stake: "spans kept",
    advice: "Configure tail sampling in the collector: errors, slow traces, a small part of the rest.",
    find: Find::Set(sampling),
};

/// ALERT-1.
pub(super) const ALERT: Rule = Rule {
    code: "ALERT-1",
    name: "Alert on the request",
    checks: "a threshold for alerts on whole requests",
    fires: "at least 20 traces of an endpoint are loaded",
    stake: "nothing",
    advice: "Alert on the 95th percentile of the request, not on single spans.",
    find: Find::Set(alerting),
};

/// AGG-1.
pub(super) const SLOW_PATH: Rule = Rule {
    code: "AGG-1",
    name: "Slow traces differ here",
    checks: "what slow traces spend more time in",
    fires: "one call path has at least 20 % of the difference between slow and typical traces (10 traces or more)",
    stake: "the difference",
    advice: "Start there.",
    find: Find::Set(slow_path),
};

/// AGG-2.
pub(super) const GOES_TOGETHER: Rule = Rule {
    code: "AGG-2",
    name: "Goes together with being slow",
    checks: "attributes that go together with slow traces",
    fires: "an attribute value's share among slow traces differs from that among the rest by at least 30 points",
    stake: "nothing",
    advice: "Compare one trace of each.",
    find: Find::Set(goes_together),
};

/// Fewer traces have no slow ones to speak of.
const FEWEST_TO_COMPARE: usize = 10;
const SPAN_ALERT_NS: i64 = 500_000_000;

fn sampling(ctx: &SetContext) -> Vec<Finding> {
    let Some(alert) = alert(&mut ctx.group.durations.clone()) else { return Vec::new() };
    let policy = Policy { slow_ns: Some(alert.threshold_ns), ..Policy::default() };
    let sampled = |t: &crate::model::trace_set::TraceSummary| Sampled {
        id: t.id,
        duration_ns: t.duration.0,
        is_error: t.n_errors > 0,
        n_spans: u64::from(t.n_spans),
    };
    let kept = simulate(ctx.traces().map(sampled), &policy);
    let rest = policy.baseline_permille / 10;
    let slow = time(alert.threshold_ns);
    let title = format!(
        "Errors, traces above {slow} and {rest} % of the rest would keep {} of {} traces ({} of spans)",
        grouped(kept.kept()),
        grouped(kept.traces),
        share(kept.spans_kept as i64, kept.spans as i64)
    );
    vec![
        Finding::new(SAMPLING.code, title)
            .severity(Severity::Info)
            .confidence(Confidence::Possible)
            .says(
                format!(
                    "{} for errors, {} for being slow, {} of the rest. The loaded traces may be sampled already.",
                    grouped(kept.errors),
                    grouped(kept.slow),
                    grouped(kept.baseline)
                ),
                format!(
                    "Give the collector's tail_sampling three policies: status_code ERROR, latency with threshold_ms \
                     {}, probabilistic with sampling_percentage {rest}.",
                    alert.threshold_ns / 1_000_000
                ),
            )
            .named(ctx, ""),
    ]
}

fn alerting(ctx: &SetContext) -> Vec<Finding> {
    let Some(alert) = alert(&mut ctx.group.durations.clone()) else { return Vec::new() };
    let (service, name) = ctx.endpoint();
    let (mut fired, mut good) = (0_u64, 0_u64);
    let columns = ctx.set.columns();
    for (summary, &duration) in ctx.traces().zip(&ctx.group.durations) {
        if duration <= alert.threshold_ns {
            let spans = columns.duration.get(summary.range()).unwrap_or_default();
            let n = spans.iter().filter(|&&d| d > SPAN_ALERT_NS).count() as u64;
            fired += n;
            good += u64::from(n > 0);
        }
    }
    let mut meaning = format!(
        "Half of {} take up to {}, 95 of 100 up to {}, 99 up to {}.",
        counted(ctx.group.durations.len() as u64, "request"),
        time(alert.p50_ns),
        time(alert.p95_ns),
        time(alert.p99_ns)
    );
    if fired > 0 {
        let (times, requests) = (counted(fired, "time"), counted(good, "request"));
        add(
            &mut meaning,
            format_args!(" A 500 ms span alert would have fired {times} for {requests} that were fine."),
        );
    }
    let name = short(name, 80);
    let title = format!("Alert when p95 of {name} exceeds {}", time(alert.threshold_ns));
    let advice = format!(
        "TraceQL: {{ resource.service.name = \"{service}\" && name = \"{name}\" }} | quantile_over_time(duration, .95). \
         Span metrics: histogram_quantile(0.95, sum by (le) (rate(traces_spanmetrics_latency_bucket{{service=\"{service}\", \
         span_name=\"{name}\"}}[5m])))."
    );
    let alert = Finding::new(ALERT.code, title).severity(Severity::Info);
    vec![alert.says(meaning, advice).named(ctx, "")]
}

fn slow_path(ctx: &SetContext) -> Vec<Finding> {
    let band = |name: &str| ctx.group.bands.iter().find(|b| b.name == name).map(|b| b.mean_ns);
    let (Some(typical), Some(slow)) = (band("P50"), band("P95")) else { return Vec::new() };
    let Some(top) = ctx.group.differences.first() else { return Vec::new() };
    if ctx.group.traces.len() < FEWEST_TO_COMPARE || top.ns() <= 0 || top.ns() * 5 < slow - typical {
        return Vec::new();
    }
    let path = ctx.paths.path(top.node);
    let from = path.len().saturating_sub(3);
    let shown = short(&path.get(from..).unwrap_or_default().join(" › "), 160);
    let mut finding =
        Finding::new(SLOW_PATH.code, format!("Slow requests spend {} more in {shown}", time(top.ns())))
            .says(
                format!(
                    "Of the {} that slow requests take longer, this is {}.",
                    time(slow - typical),
                    share(top.ns(), slow - typical)
                ),
                format!("Start there; typical {}, slow {}.", time(top.typical_ns), time(top.slow_ns)),
            )
            .named(ctx, &path.join("/"));
    finding.stake_ns = Some(top.ns());
    finding.share_permille = Some(permille(top.ns(), slow));
    finding.severity = severity_of(top.ns(), slow);
    vec![finding]
}

fn goes_together(ctx: &SetContext) -> Vec<Finding> {
    let Some(top) = ctx.goes_together.filter(|c| c.difference().abs() >= 300) else { return Vec::new() };
    let part = |permille: u32| share(i64::from(permille), 1000);
    let what = format!("{}={}", short(&top.key, 80), short(&top.value, 80));
    let title = format!(
        "{what}: {} of the slow, {} of the rest",
        part(top.selected_permille),
        part(top.rest_permille)
    );
    vec![
        Finding::new(GOES_TOGETHER.code, title)
            .severity(Severity::Low)
            .confidence(Confidence::Possible)
            .says(
                "It goes together with being slow; whether it is the reason, a comparison shows.".to_owned(),
                "Compare one trace of each.".to_owned(),
            )
            .named(ctx, &top.key),
    ]
}

impl Finding {
    /// The key of a finding about an endpoint.
    fn named(mut self, ctx: &SetContext, what: &str) -> Self {
        let (service, name) = ctx.endpoint();
        self.key = format!("{}|{}|{}", self.code, short(&format!("{service} {name}"), 120), short(what, 200));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::aggregate::Aggregator;
    use crate::analysis::correlation::Correlation;
    use crate::analysis::rules::{of_group, testing::set};
    use crate::analysis::settings::Settings;
    use crate::model::index::TraceIdx;

    fn titles(n: u32, correlation: Option<&Correlation>) -> Vec<String> {
        let lines: Vec<String> = (0..n)
            .map(|at| {
                // Every tenth waits long in its query.
                let end = if at % 10 == 9 { 900 } else { 100 };
                format!(
                    "@t{at} a 0..{} web/server name=list\n@t{at} b<a 5..{end} web/client name=load",
                    end + 10
                )
            })
            .collect();
        let set = set(&lines.join("\n"));
        let mut aggregator = Aggregator::new(Settings::default());
        (0..n).for_each(|at| aggregator.add(&set, TraceIdx(at)));
        let all = aggregator.finish();
        let context =
            SetContext { set: &set, paths: &all.paths, group: &all.groups[0], goes_together: correlation };
        of_group(&context).into_iter().map(|f| f.title).collect()
    }

    #[test]
    fn many_traces_show_what_to_keep_and_where_slow_ones_differ() {
        let told = titles(40, None).join("\n");
        assert!(told.contains("Slow requests spend 800 ms more in web:list › web:load"), "{told}");
        assert!(told.contains("Alert when p95 of list exceeds 910 ms"), "{told}");
        assert!(told.contains("would keep"), "{told}");
        assert!(titles(8, None).is_empty());
    }

    #[test]
    fn what_goes_together_is_told_when_the_difference_is_large() {
        let found = |rest_permille| {
            let c = Correlation {
                key: "region".into(),
                value: "eu".into(),
                selected_permille: 900,
                rest_permille,
                count: 9,
            };
            titles(5, Some(&c))
        };
        assert_eq!(found(100), ["region=eu: 90.0 % of the slow, 10.0 % of the rest"]);
        assert!(found(700).is_empty());
    }
}
