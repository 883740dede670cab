//! A database statement that takes long on its own.

use super::{Find, Rule};
use crate::analysis::context::{Context, faster};
use crate::analysis::finding::Finding;
use crate::analysis::settings::MILLISECOND;
use crate::analysis::wording::{add, share, time};
use crate::base::sort::first_by_key;
use crate::model::index::SpanIdx;

/// PERF-7.
pub(super) const RULE: Rule = Rule {
    code: "PERF-7",
    name: "Slow database statement",
    checks: "slow database statements",
    fires: "a database call without children takes at least 500 ms, or has at least 10 % of the request (and 50 ms) \
            on the critical path",
    stake: "its time on the critical path, less what other work would take up",
    advice: "Check the plan and the indexes; fetch fewer rows or columns.",
    find: Find::Trace(find),
};

/// Statements that are worth a finding each.
const MOST: usize = 20;

fn find(ctx: &Context) -> Vec<Finding> {
    let root_ns = ctx.root_ns();
    let is_slow = |&span: &SpanIdx| {
        let on_path = ctx.cp(span);
        (ctx.recorded.duration(span) >= 500 * MILLISECOND
            || on_path >= 50 * MILLISECOND && on_path >= root_ns / 10)
            && ctx.facts.has_database(span)
            && ctx.recorded.children(span).is_empty()
    };
    let time = |&s: &SpanIdx| std::cmp::Reverse((ctx.cp(s), ctx.recorded.duration(s)));
    let slow = first_by_key(ctx.recorded.spans().filter(is_slow), MOST, time);
    slow.into_iter().map(|span| of_span(ctx, span, root_ns)).collect()
}

fn of_span(ctx: &Context, span: SpanIdx, root_ns: i64) -> Finding {
    let half = faster(&[span], 500);
    let statement = ctx.what(span, 80);
    let fingerprint = ctx.facts.fingerprint_text(ctx.facts.fingerprint(span));
    let system = fingerprint.split('|').nth(1).unwrap_or_default();
    let database = if system.is_empty() { ctx.op(span) } else { system.to_owned() };
    let mut meaning = format!("{} of {} runs {statement}.", ctx.op(span), ctx.service(span));
    let cp = ctx.cp(span);
    if cp > 0 {
        add(&mut meaning, format_args!(" The request waits {} for it ({}).", time(cp), share(cp, root_ns)));
    }
    let mut advice = format!("Check the plan and indexes for {statement}; fetch fewer rows or columns.");
    let after = root_ns - ctx.saving(&half);
    if after < root_ns {
        add(&mut advice, format_args!(" At half the time the request takes {}.", time(after)));
    }
    Finding::new(RULE.code, format!("Slow query in {database}: {}", time(ctx.recorded.duration(span))))
        .stake(ctx, ctx.drag(span))
        .evidence(&[span])
        .with(&ctx.callers(span, 40))
        .says(meaning, advice)
        .supposes(half)
        .key(ctx, fingerprint, Some(span))
}

#[cfg(test)]
mod tests {
    use crate::analysis::rules::testing::{find, titles};

    #[test]
    fn slow_statements_are_told_without_their_literals() {
        let spans = "a 0..400 s/server\nb<a 10..390 s/client db.system=postgresql db.statement=select+1";
        assert_eq!(titles(spans, "PERF-7"), ["Slow query in postgresql: 380 ms"]);
        assert!(find(spans, "PERF-7")[0].advice.contains("select ?"));
        assert!(titles("a 0..400 s/server\nb<a 10..30 s/client db.system=postgresql", "PERF-7").is_empty());
        assert!(titles("a 0..400 s/server\nb<a 10..390 s/client", "PERF-7").is_empty());
    }
}
