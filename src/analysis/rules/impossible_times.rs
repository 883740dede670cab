//! Times that cannot be: children before their parents on one clock, ends before starts, no end at all.

use super::{Find, Rule};
use crate::analysis::clock_domain::DomainIdx;
use crate::analysis::context::Context;
use crate::analysis::finding::{Finding, Severity};
use crate::analysis::relation;
use crate::analysis::wording::{counted, list};
use crate::base::sort::CompactSort as _;
use crate::model::index::SpanIdx;
use crate::model::span::Flags;

/// TIME-2.
pub(super) const RULE: Rule = Rule {
    code: "TIME-2",
    name: "Impossible times",
    checks: "times that cannot be",
    fires: "a child begins before its parent on the same clock by more than 1 ms, a span ends before it starts or never, or a time is \
            far from any possible date",
    stake: "nothing",
    advice: "Check how the instrumentation takes its timestamps.",
    find: Find::Trace(find),
};

const REASONS: [&str; 4] =
    ["ends before it starts", "has no end", "has no possible date", "begins before its parent"];

fn find(ctx: &Context) -> Vec<Finding> {
    let trace = ctx.trace();
    let mut of_domain: Vec<(DomainIdx, SpanIdx, usize)> = Vec::new();
    for span in ctx.recorded.spans() {
        let flags = trace.flags(span);
        let reason = if flags.has(Flags::NEGATIVE) {
            0
        } else if flags.has(Flags::UNFINISHED) {
            1
        } else if flags.has(Flags::TIME_ABSURD) {
            2
        } else if is_before_parent(ctx, span) {
            3
        } else {
            continue;
        };
        of_domain.push((ctx.domains.domain(span), span, reason));
    }
    of_domain.compact_sort();
    of_domain
        .chunk_by(|a, b| a.0 == b.0)
        .map(|spans| {
            let name = ctx.domains.names.get(spans[0].0.at()).map_or("", String::as_str);
            let host = name.split_once(':').map_or(name, |(_, host)| host);
            let n = |reason| spans.iter().filter(|s| s.2 == reason).count();
            let reasons: Vec<String> = REASONS
                .iter()
                .enumerate()
                .filter(|&(reason, _)| n(reason) > 0)
                .map(|(reason, words)| format!("{} × {words}", n(reason)))
                .collect();
            let evidence: Vec<SpanIdx> = spans.iter().map(|s| s.1).collect();
            let scope = ctx.set.scope(ctx.details(evidence[0]).scope).name;
            let whose = if scope.is_empty() { "the instrumentation" } else { scope };
            let title = format!("{} with impossible times on {host}", counted(spans.len() as u64, "span"));
            Finding::new(RULE.code, title)
                .severity(Severity::Low)
                .evidence(&evidence)
                .says(format!("{}.", list(&reasons, 4)), format!("Check how {whose} takes its timestamps."))
                .key(ctx, name, None)
        })
        .collect()
}

/// Whether a span begins clearly before its parent although both read the same clock.
fn is_before_parent(ctx: &Context, span: SpanIdx) -> bool {
    let recorded = ctx.recorded;
    recorded.parent(span).is_some_and(|parent| {
        let lead = recorded.start(parent) - recorded.start(span);
        lead > ctx.settings.jitter(recorded.duration(parent))
            && ctx.domains.domain(parent) == ctx.domains.domain(span)
            && !relation::is_handed_over(recorded, parent, span)
    })
}

#[cfg(test)]
mod tests {
    use crate::analysis::rules::testing::{find, titles};

    #[test]
    fn children_before_parents_on_one_clock_are_told() {
        let spans = "a 100..200 s/server\nb<a 50..150 s/internal\nc<a 120..110 s/internal";
        assert_eq!(titles(spans, "TIME-2"), ["2 spans with impossible times on s"]);
        assert_eq!(
            find(spans, "TIME-2")[0].meaning,
            "1 × ends before it starts and 1 × begins before its parent."
        );
        assert!(titles("a 100..200 s/server\nb<a 110..150 s/internal", "TIME-2").is_empty());
    }
}
