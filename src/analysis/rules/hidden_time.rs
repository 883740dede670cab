//! Time in which nothing was recorded: a span works, or waits, and nobody can see on what.

use super::{Find, Rule};
use crate::analysis::context::{Context, faster};
use crate::analysis::finding::Finding;
use crate::analysis::gaps::{Gap, Position};
use crate::analysis::leaves::leaves;
use crate::analysis::relation;
use crate::analysis::wording::{counted, time};
use crate::model::index::SpanIdx;
use crate::model::span::SpanKind;

/// PERF-2.
pub(super) const RULE: Rule = Rule {
    code: "PERF-2",
    name: "Uninstrumented time",
    checks: "time in which nothing was recorded",
    fires: "a stretch of a span on the critical path is covered by no child, or a span that is no call has no child \
            at all, for at least 5 % of the request (at least 1 ms, at most 50 ms)",
    stake: "the critical-path time of the stretch: nothing is won by knowing, but it is hidden",
    advice: "Add spans around the code in question.",
    find: Find::Trace(find),
};

/// Gaps that are worth a finding each.
const MOST: usize = 20;

fn find(ctx: &Context) -> Vec<Finding> {
    let least = ctx.settings.gap_min(ctx.recorded.main_root().map_or(0, |root| ctx.recorded.duration(root)));
    // The longest first, so what is left out is less than what is told.
    let told = ctx.gaps.iter().take_while(|gap| gap.critical_ns >= least).take(MOST);
    let mut found: Vec<Finding> = told.map(|gap| of_gap(ctx, gap)).collect();
    let leaves = leaves(ctx.recorded, ctx.critical, MOST);
    for (at, &leaf) in leaves.iter().enumerate() {
        if ctx.cp(leaf) < least {
            break;
        }
        let is_own_work =
            matches!(ctx.kind(leaf), SpanKind::Server | SpanKind::Consumer | SpanKind::Internal)
                && !ctx.facts.has_database(leaf);
        if is_own_work && !(at == 0 && ctx.says_what(leaf)) && !is_other_side(ctx, leaf) {
            found.push(of_whole(ctx, leaf));
        }
    }
    found
}

/// Whether the span is the server of a call whose client says what it is.
fn is_other_side(ctx: &Context, leaf: SpanIdx) -> bool {
    ctx.recorded.parent(leaf).is_some_and(|p| relation::is_call(ctx.recorded, p, leaf)) && ctx.says_what(leaf)
}

fn of_gap(ctx: &Context, gap: &Gap) -> Finding {
    let op = ctx.op(gap.span);
    let (before, after) = neighbours(ctx, gap);
    let place = match (gap.position, before, after) {
        (Position::Before, _, Some(next)) => format!("before {}", ctx.op(next)),
        (Position::After, Some(last), _) => format!("after {}", ctx.op(last)),
        (_, Some(last), Some(next)) => format!("between {} and {}", ctx.op(last), ctx.op(next)),
        _ => "in question".to_owned(),
    };
    let mut meaning =
        format!("For this long nothing below {op} was recorded, and the request waited for it.");
    let orphans = orphans_within(ctx, gap);
    if let Some(&first) = orphans.first() {
        meaning = format!(
            "{} of {} fall into this gap: probably broken propagation, see PROP-1.",
            counted(orphans.len() as u64, "orphaned span"),
            ctx.service(first)
        );
    }
    let neighbours: Vec<SpanIdx> = before.into_iter().chain(after).chain(orphans).collect();
    Finding::new(RULE.code, format!("{} in {op} with nothing recorded", time(gap.length())))
        .stake(ctx, gap.critical_ns)
        .evidence(&[gap.span])
        .with(&neighbours)
        .interval(gap.from, gap.to)
        .says(meaning, format!("Add a span around the code {place}."))
        .key(ctx, &place, Some(gap.span))
}

fn of_whole(ctx: &Context, leaf: SpanIdx) -> Finding {
    let op = ctx.op(leaf);
    Finding::new(RULE.code, format!("{} in {op} with nothing recorded", time(ctx.recorded.duration(leaf))))
        .stake(ctx, ctx.drag(leaf))
        .evidence(&[leaf])
        .says(
            format!("{op} of {} has no child: nothing inside it is instrumented.", ctx.service(leaf)),
            format!("Instrument what {op} does."),
        )
        .supposes(faster(&[leaf], 500))
        .key(ctx, "whole", Some(leaf))
}

/// The children that end and start where the gap does.
fn neighbours(ctx: &Context, gap: &Gap) -> (Option<SpanIdx>, Option<SpanIdx>) {
    let recorded = ctx.recorded;
    let children = recorded.children(gap.span);
    let before = children.iter().copied().filter(|&c| recorded.end(c) <= gap.from);
    let next = children.iter().copied().find(|&c| recorded.start(c) >= gap.to);
    (before.max_by_key(|&c| recorded.end(c)), next)
}

/// Orphans whose time lies within the gap.
fn orphans_within(ctx: &Context, gap: &Gap) -> Vec<SpanIdx> {
    let recorded = ctx.recorded;
    let within = |&&span: &&SpanIdx| {
        recorded.is_orphan(span) && recorded.start(span) >= gap.from && recorded.end(span) <= gap.to
    };
    recorded.roots().iter().filter(within).copied().collect()
}

#[cfg(test)]
mod tests {
    use crate::analysis::rules::testing::{find, titles};

    #[test]
    fn gaps_and_childless_spans_are_told() {
        let spans = "a 0..250 s/server\nb<a 0..20 s/client\nc<a 225..250 s/client";
        assert_eq!(titles(spans, "PERF-2"), ["205 ms in a with nothing recorded"]);
        let found = find(spans, "PERF-2");
        assert_eq!(found[0].advice, "Add a span around the code between b and c.");
        assert_eq!(found[0].stake_ns, Some(205_000_000));
        let whole = "a 0..100 s/server\nb<a 0..60 s/client\nc<a 60..100 s/internal";
        assert_eq!(titles(whole, "PERF-2"), ["40.0 ms in c with nothing recorded"]);
        assert!(titles("a 0..100 s/server\nb<a 0..97 s/client", "PERF-2").is_empty());
    }

    #[test]
    fn orphans_in_a_gap_are_named() {
        let spans = "a 0..250 s/server\nb<a 0..20 s/client\nc<a 225..250 s/client\nd<zz 30..200 late/server";
        let found = find(spans, "PERF-2");
        assert!(found[0].meaning.starts_with("1 orphaned span of late fall"), "{}", found[0].meaning);
    }
}
