//! Why the request failed: the deepest failed span, not the ones above it that only passed it on.

use super::{Find, Rule};
use crate::analysis::context::Context;
use crate::analysis::errors::{Failure, failure_groups};
use crate::analysis::finding::{Finding, Severity};
use crate::analysis::wording::{add, counted, short, time};
use crate::model::index::SpanIdx;

/// ERR-1.
pub(super) const RULE: Rule = Rule {
    code: "ERR-1",
    name: "Request failed",
    checks: "failures that reach the root",
    fires: "a chain of failed spans ends at a root; the deepest of them, without failed children, is the origin",
    stake: "nothing: a failure matters whatever it costs",
    advice: "Start with the origin; the spans above only passed it on.",
    find: Find::Trace(|ctx| find(ctx, true)),
};

/// ERR-2.
pub(super) const ABSORBED: Rule = Rule {
    code: "ERR-2",
    name: "Failure absorbed",
    checks: "failures that somebody dealt with",
    fires: "a chain of failed spans ends below a span that did not fail",
    stake: "the critical-path time of the failed call",
    advice: "Fine if intended; look at what the failed calls cost.",
    find: Find::Trace(|ctx| find(ctx, false)),
};

/// Groups of like failures that are worth a finding each.
const MOST: usize = 20;

fn find(ctx: &Context, reaches_root: bool) -> Vec<Finding> {
    let groups = failure_groups(ctx.recorded, ctx.facts, ctx.failures);
    let members = groups.iter().map(|group| {
        let of_kind = |&&at: &&u32| {
            ctx.failures.get(at as usize).is_some_and(|failure| failure.reaches_root() == reaches_root)
        };
        group
            .members
            .iter()
            .filter(of_kind)
            .filter_map(|&at| ctx.failures.get(at as usize))
            .collect::<Vec<_>>()
    });
    let told = members.filter(|members| !members.is_empty()).take(MOST);
    told.map(|members| if reaches_root { failed(ctx, &members) } else { absorbed(ctx, &members) }).collect()
}

fn failed(ctx: &Context, members: &[&Failure]) -> Finding {
    let failure = members[0];
    let origin = failure.origin;
    let (op, service) = (ctx.op(origin), ctx.service(origin));
    let mut title = format!("Failed in {service} {op}");
    let details = [ctx.facts.error_type(origin), ctx.facts.error_message(origin)];
    for text in details.into_iter().flatten() {
        // A type often begins the message: said once is enough.
        let text = short(text, 160);
        if !title.ends_with(&text) {
            title.push_str(": ");
            title.push_str(text.strip_prefix(&format!("{}: ", details[0].unwrap_or("\0"))).unwrap_or(&text));
        }
    }
    let above = u64::from(failure.n_spans.saturating_sub(1));
    let mut meaning = match above {
        0 => format!("{op} failed, and with it the request."),
        _ => format!("The failure began in {op} and went up through {}.", counted(above, "span")),
    };
    if members.len() > 1 {
        add(&mut meaning, format_args!(" It happened {} times.", members.len()));
    }
    let mut advice = match above {
        0 => format!("Start with {op}."),
        1 => format!("Start with {op}; the span above only passed it on."),
        _ => format!("Start with {op}; the {above} spans above only passed it on."),
    };
    if ctx.facts.has_exception(origin) {
        advice.push_str(" Its exception is among the events of the span.");
    }
    let origins: Vec<SpanIdx> = members.iter().map(|f| f.origin).collect();
    Finding::new(RULE.code, title)
        .severity(Severity::High)
        .evidence(&origins)
        .with(&failure.chain(ctx.recorded))
        .says(meaning, advice)
        .key(ctx, details[0].unwrap_or_default(), Some(origin))
}

fn absorbed(ctx: &Context, members: &[&Failure]) -> Finding {
    let failure = members[0];
    let (op, cp) = (ctx.op(failure.top), members.iter().map(|f| ctx.cp(f.origin)).sum());
    let handler = failure.handled_by.map(|h| ctx.op(h)).unwrap_or_default();
    let mut title = format!("{op} failed, {handler} carried on");
    if members.len() > 1 {
        title = format!("{op} failed {} times, {handler} carried on", members.len());
    }
    let reason = match (ctx.facts.error_type(failure.origin), ctx.facts.error_message(failure.origin)) {
        (Some(kind), Some(message)) => format!("{kind}: {}", short(message, 160)),
        (Some(text), None) | (None, Some(text)) => short(text, 160),
        _ => "No reason was recorded".to_owned(),
    };
    let advice = if cp > 0 {
        format!("Fine if intended; the failed call still cost {}.", time(cp))
    } else {
        "Fine if intended; the request did not wait for it.".to_owned()
    };
    let origins: Vec<SpanIdx> = members.iter().map(|f| f.origin).collect();
    let mut finding = Finding::new(ABSORBED.code, title)
        .stake(ctx, cp)
        .evidence(&origins)
        .with(&failure.chain(ctx.recorded))
        .with(failure.handled_by.as_slice())
        .says(format!("{reason}."), advice)
        .key(ctx, ctx.facts.error_type(failure.origin).unwrap_or_default(), Some(failure.origin));
    // Dealt with: what it cost may matter, the failure itself does not.
    finding.severity = finding.severity.clamp(Severity::Medium, Severity::Low);
    finding
}

#[cfg(test)]
mod tests {
    use crate::analysis::rules::testing::{codes, find, titles};

    #[test]
    fn the_deepest_failure_is_the_reason() {
        let spans = "a 0..100 web/server error\nb<a 5..95 web/client error\nc<b 10..90 pay/server name=charge error \
                     e:exception=card+declined";
        assert_eq!(titles(spans, "ERR-1"), ["Failed in pay charge: Boom: card declined"]);
        assert_eq!(codes(spans)[0], "ERR-1");
        assert!(find(spans, "ERR-1")[0].advice.starts_with("Start with charge; the 2 spans above"));
        assert!(titles(spans, "ERR-2").is_empty());
    }

    #[test]
    fn a_failure_that_was_dealt_with_is_no_failed_request() {
        let spans = "a 0..100 web/server name=list\nb<a 5..45 web/client name=lookup error message=gone";
        assert_eq!(titles(spans, "ERR-2"), ["lookup failed, list carried on"]);
        assert_eq!(find(spans, "ERR-2")[0].advice, "Fine if intended; the failed call still cost 40.0 ms.");
        assert!(titles(spans, "ERR-1").is_empty());
        assert!(titles("a 0..100 web/server", "ERR-2").is_empty());
    }
}
