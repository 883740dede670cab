//! A span that is itself at work for much of the request, although it makes calls.

use super::{Find, Rule};
use crate::analysis::context::{Context, faster};
use crate::analysis::finding::Finding;
use crate::analysis::relation::Relation;
use crate::analysis::wording::{share, time};
use crate::model::index::SpanIdx;

/// PERF-13.
pub(super) const RULE: Rule = Rule {
    code: "PERF-13",
    name: "Own code dominates",
    checks: "spans whose own code takes much of the request",
    fires: "a span that waits for children is itself on the critical path for at least 30 % of the request",
    stake: "its own time on the critical path",
    advice: "Profile this code, or add spans inside it.",
    find: Find::Trace(find),
};

fn find(ctx: &Context) -> Vec<Finding> {
    let root_ns = ctx.root_ns();
    let waits = |span: SpanIdx| {
        ctx.recorded.children(span).iter().any(|c| ctx.relations.get(c.at()) == Some(&Relation::Blocking))
    };
    let is_busy = |&span: &SpanIdx| root_ns > 0 && ctx.cp(span) * 10 >= root_ns * 3 && waits(span);
    ctx.recorded
        .spans()
        .filter(is_busy)
        .map(|span| {
            let (op, cp) = (ctx.op(span), ctx.cp(span));
            Finding::new(RULE.code, format!("{op} itself works for {}", time(cp)))
                .stake(ctx, cp)
                .evidence(&[span])
                .says(
                    format!("{} of the request is neither a call nor a child of {op}.", share(cp, root_ns)),
                    "Profile this code, or add spans inside it.".to_owned(),
                )
                .supposes(faster(&[span], 500))
                .key(ctx, "", Some(span))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::analysis::rules::testing::titles;

    #[test]
    fn own_code_with_children_is_told() {
        let busy = "a 0..100 s/server\nb<a 0..30 s/client\nc<a 40..60 s/client\nd<a 70..75 s/client";
        assert_eq!(titles(busy, "PERF-13"), ["a itself works for 45.0 ms"]);
        assert!(titles("a 0..100 s/server", "PERF-13").is_empty());
        assert!(titles("a 0..100 s/server\nb<a 1..200 s/internal", "PERF-13").is_empty());
    }
}
