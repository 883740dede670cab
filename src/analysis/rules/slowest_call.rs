//! The fattest bar without children: the first thing to look at in any trace.

use super::{Find, Rule};
use crate::analysis::context::{Context, faster};
use crate::analysis::finding::Finding;
use crate::analysis::leaves::leaves;
use crate::analysis::relation;
use crate::analysis::wording::{share, time};

/// PERF-1.
pub(super) const RULE: Rule = Rule {
    code: "PERF-1",
    name: "Slowest call",
    checks: "one call that takes much of the request",
    fires: "the span without children that has the most time on the critical path has at least 10 % of the request",
    stake: "its time on the critical path, less what other work would take up",
    advice: "Cache the call, shorten it or take it out of the request.",
    find: Find::Trace(find),
};

fn find(ctx: &Context) -> Vec<Finding> {
    let Some(&leaf) = leaves(ctx.recorded, ctx.critical, 1).first() else { return Vec::new() };
    let (cp, root_ns) = (ctx.cp(leaf), ctx.root_ns());
    let parent = ctx.recorded.parent(leaf);
    // The request itself, or the other side of it, is no call that it makes.
    let is_request = parent.is_none_or(|p| Some(p) == ctx.root() && relation::is_call(ctx.recorded, p, leaf));
    if is_request || root_ns <= 0 || cp < root_ns / 10 {
        return Vec::new();
    }
    let half = faster(&[leaf], 500);
    let after = root_ns - ctx.saving(&half);
    let op = ctx.op(leaf);
    let title = format!("{op} takes {} of {} ({})", time(cp), time(root_ns), share(cp, root_ns));
    let meaning = format!(
        "No other call keeps the request waiting as long as this one, made by {}.",
        ctx.service(leaf)
    );
    let advice = if after * 100 < root_ns * 99 {
        format!(
            "Look at this call first: cache it, shorten it or take it out of the request. At half the time the \
             request takes {}.",
            time(after)
        )
    } else {
        "Others run at the same time and take nearly as long: only all of them together make the request faster."
            .to_owned()
    };
    let finding = Finding::new(RULE.code, title)
        .stake(ctx, ctx.drag(leaf))
        .evidence(&[leaf])
        .with(&ctx.callers(leaf, 40))
        .says(meaning, advice)
        .supposes(half)
        .key(ctx, &ctx.what(leaf, 100), Some(leaf));
    vec![finding]
}

#[cfg(test)]
mod tests {
    use crate::analysis::rules::testing::{codes, titles};

    #[test]
    fn the_fattest_leaf_is_told_and_the_request_itself_is_not() {
        let calls = "a 0..1000 shop/server\nb<a 10..910 shop/client name=pay\nc<a 920..990 shop/client";
        assert_eq!(titles(calls, "PERF-1"), ["pay takes 900 ms of 1.00 s (90.0 %)"]);
        assert!(titles("a 0..1000 shop/client\nb<a 10..990 db/server", "PERF-1").is_empty());
        assert!(!codes("a 0..1000 shop/server").contains(&"PERF-1"));
        let even = "a 0..1000 s/server\nb<a 5..90 s/client\nc<a 100..180 s/client\nd<a 200..280 s/client";
        assert!(titles(even, "PERF-1").is_empty());
    }
}
