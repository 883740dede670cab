//! What only many traces of one endpoint show: what to keep of them, when to raise an alert, what the slow
//! ones have in common.

use super::{Find, Rule};
use crate::analysis::finding::{Confidence, Finding, Severity, severity_of};
use crate::analysis::sampling::{FEWEST_TRACES, Policy, Sampled, alert, simulate};
use crate::analysis::set_context::SetContext;
use crate::analysis::statistics::percentile;
use crate::analysis::wording::{add, counted, grouped, permille, share, short, time};
use crate::base::bitset::BitSet;
use crate::base::sort::CompactSort as _;
use crate::model::attributes::Value;
use crate::model::index::SpanIdx;
use crate::model::trace_set::TraceSet;

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
    let mut finding = Finding::new(SAMPLING.code, title)
        .severity(Severity::Info)
        .confidence(Confidence::Possible)
        .says(
            format!(
                "{} for errors, {} for being slow, {} of the rest. {}",
                grouped(kept.errors),
                grouped(kept.slow),
                grouped(kept.baseline),
                sampled_before(ctx)
            ),
            "Give the collector's tail_sampling these three policies.".to_owned(),
        )
        .named(ctx, "");
    finding.snippets = vec![("Collector configuration", collector(&policy))];
    vec![finding]
}

/// The policy as the collector's tail-sampling processor takes it. Durations are rounded up to milliseconds.
fn collector(policy: &Policy) -> String {
    let mut text = "processors:\n  tail_sampling:\n    policies:\n".to_owned();
    if policy.keeps_errors {
        text.push_str(
            "      - name: errors\n        type: status_code\n        status_code:\n          \
             status_codes: [ERROR]\n",
        );
    }
    if let Some(slow) = policy.slow_ns {
        add(
            &mut text,
            format_args!(
                "      - name: slow\n        type: latency\n        latency:\n          threshold_ms: {}\n",
                slow.max(0).unsigned_abs().div_ceil(1_000_000)
            ),
        );
    }
    let (whole, tenth) = (policy.baseline_permille / 10, policy.baseline_permille % 10);
    let percent = if tenth == 0 { whole.to_string() } else { format!("{whole}.{tenth}") };
    add(
        &mut text,
        format_args!(
            "      - name: rest\n        type: probabilistic\n        probabilistic:\n          \
             sampling_percentage: {percent}\n"
        ),
    );
    text
}

/// Whether the loaded traces are all that there were: those that were left out by an earlier sampling cannot be
/// counted here.
fn sampled_before(ctx: &SetContext) -> String {
    let n = ctx.traces().filter(|summary| says_sampled(ctx.set, SpanIdx(summary.main_root))).count() as u64;
    if n > 0 {
        return format!(
            "{} that they were sampled already: of what was made, less would be kept.",
            if n == 1 { "1 trace says".to_owned() } else { format!("{} traces say", grouped(n)) }
        );
    }
    let mut is_of_group = BitSet::new(ctx.set.traces().len());
    for trace in &ctx.group.traces {
        is_of_group.insert(trace.at());
    }
    let others = ctx.set.traces().iter().enumerate().filter(|(at, _)| !is_of_group.contains(*at));
    let mut others: Vec<i64> = others.map(|(_, summary)| summary.duration.0).collect();
    others.compact_sort();
    let least = ctx.traces().map(|summary| summary.duration.0).min();
    match percentile(&others, 500).zip(least) {
        Some((median, least)) if others.len() >= FEWEST_TRACES && least > median => {
            "None of them is shorter than the median of the other traces, as if the short ones were sampled \
             already."
                .to_owned()
        }
        _ => "Nothing in them says that they were sampled already.".to_owned(),
    }
}

/// Whether a span carries the mark of a sampler: the threshold of consistent sampling in its trace state, or the
/// attribute of Jaeger's samplers, but for those that keep everything.
fn says_sampled(set: &TraceSet, span: SpanIdx) -> bool {
    let details = set.details(span);
    let mut members = details.trace_state.split(',').filter_map(|member| member.trim().strip_prefix("ot="));
    // A threshold of zero keeps everything.
    let has_threshold = |member: &str| {
        member.split(';').any(|part| part.strip_prefix("th:").is_some_and(|th| th.bytes().any(|b| b != b'0')))
    };
    let by_attribute = details
        .attributes
        .iter()
        .any(|(key, value)| *key == "sampler.type" && !matches!(value, Value::Str("const" | "remote")));
    members.any(has_threshold) || by_attribute
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
    let title = format!("Alert when p95 of {} exceeds {}", short(name, 80), time(alert.threshold_ns));
    let advice =
        "Ask for the 95th percentile of the request with one of these queries, and alert on it.".to_owned();
    let service = quoted(service);
    let name = matcher(ctx, name);
    let mut finding =
        Finding::new(ALERT.code, title).severity(Severity::Info).says(meaning, advice).named(ctx, "");
    finding.snippets = vec![
        (
            "TraceQL",
            format!(
                "{{ resource.service.name = {service} && name {} {} }} | quantile_over_time(duration, .95)",
                name.0, name.1
            ),
        ),
        (
            "Span metrics",
            format!(
                "histogram_quantile(0.95, sum by (le) (rate(traces_spanmetrics_latency_bucket{{service={service}, \
                 span_name{}{}}}[5m]))) > {}",
                name.0,
                name.1,
                seconds(alert.threshold_ns)
            ),
        ),
    ];
    vec![finding]
}

/// How a query finds the roots of the endpoint: by their name, or, where ids in it differ, by a pattern.
fn matcher(ctx: &SetContext, normal: &str) -> (&'static str, String) {
    let mut names = ctx.traces().map(|summary| ctx.set.name(SpanIdx(summary.main_root)));
    let first = names.next().unwrap_or(normal);
    if names.all(|name| name == first) {
        return ("=", quoted(first));
    }
    let mut pattern = String::new();
    let mut rest = normal;
    while let Some((before, after)) = rest.split_once('{') {
        escape(before, &mut pattern);
        pattern.push_str(".+");
        rest = after.split_once('}').map_or("", |(_, after)| after);
    }
    escape(rest, &mut pattern);
    ("=~", quoted(&pattern))
}

/// Adds a text to a pattern that means just that.
fn escape(text: &str, pattern: &mut String) {
    for c in text.chars() {
        if "\\.+*?()|[]{}^$".contains(c) {
            pattern.push('\\');
        }
        pattern.push(c);
    }
}

/// A text as a query writes it.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

/// Nanoseconds in seconds, exactly.
fn seconds(ns: i64) -> String {
    let ns = ns.max(0);
    let text = format!("{}.{:09}", ns / 1_000_000_000, ns % 1_000_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
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
    use expect_test::expect;

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

    /// What is found in traces of these lines, all of one endpoint.
    fn found(lines: &[String]) -> Vec<Finding> {
        let set = set(&lines.join("\n"));
        let mut aggregator = Aggregator::new(Settings::default());
        (0..set.traces().len()).for_each(|at| aggregator.add(&set, TraceIdx::new(at)));
        let all = aggregator.finish();
        of_group(&SetContext { set: &set, paths: &all.paths, group: &all.groups[0], goes_together: None })
    }

    fn snippet(found: &[Finding], code: &str, at: usize) -> String {
        let finding = found.iter().find(|f| f.code == code);
        finding.map(|f| f.snippets[at].1.clone()).unwrap_or_default()
    }

    #[test]
    fn configuration_and_queries_can_be_copied() {
        let traces = |name: &str| -> Vec<String> {
            let line =
                |at: i32| format!("@t{at} a 0..100 we\"b/server {}", name.replace('#', &at.to_string()));
            (0..20).map(line).collect()
        };
        let same = found(&traces("name=GET+/cart?x=\"1\""));
        expect![[r#"
            processors:
              tail_sampling:
                policies:
                  - name: errors
                    type: status_code
                    status_code:
                      status_codes: [ERROR]
                  - name: slow
                    type: latency
                    latency:
                      threshold_ms: 100
                  - name: rest
                    type: probabilistic
                    probabilistic:
                      sampling_percentage: 5
        "#]]
        .assert_eq(&snippet(&same, "SAMP-1", 0));
        expect![[r#"{ resource.service.name = "we\"b" && name = "GET /cart?x=\"1\"" } | quantile_over_time(duration, .95)"#]]
            .assert_eq(&snippet(&same, "ALERT-1", 0));
        let ids = found(&traces("name=GET+/users/1#/a.b"));
        expect![[r#"histogram_quantile(0.95, sum by (le) (rate(traces_spanmetrics_latency_bucket{service="we\"b", span_name=~"GET /users/.+/a\\.b"}[5m]))) > 0.1"#]].assert_eq(&snippet(&ids, "ALERT-1", 1));
    }

    #[test]
    fn traces_that_were_sampled_already_say_so() {
        let says = |more: &str| {
            let line = |at: i32| format!("@t{at} a 0..100 web/server name=list {more}");
            let found = found(&(0..20).map(line).collect::<Vec<_>>());
            found.iter().find(|f| f.code == "SAMP-1").map(|f| f.meaning.clone()).unwrap_or_default()
        };
        assert!(says("").ends_with("Nothing in them says that they were sampled already."), "{}", says(""));
        let sampled = says("sampler.type=probabilistic");
        assert!(sampled.contains("20 traces say that they were sampled already"), "{sampled}");
        assert!(says("sampler.type=const").ends_with("sampled already."));
        assert!(says("sampler.type=const").contains("Nothing"), "it keeps everything");
    }

    #[test]
    fn an_endpoint_without_short_traces_may_be_sampled() {
        let mut lines: Vec<String> =
            (0..30).map(|at| format!("@t{at} a 0..500 web/server name=list")).collect();
        lines.extend((30..50).map(|at| format!("@t{at} a 0..10 web/server name=other")));
        let meaning = found(&lines).iter().find(|f| f.code == "SAMP-1").map(|f| f.meaning.clone());
        assert!(meaning.unwrap_or_default().contains("as if the short ones were sampled"));
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
