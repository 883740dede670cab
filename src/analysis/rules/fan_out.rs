//! Many calls of one kind at the same time, and fan-outs that run only so many at a time.

use super::repeated::window;
use super::{Find, Rule};
use crate::analysis::context::Context;
use crate::analysis::finding::{Confidence, Finding};
use crate::analysis::scenario::Scenario;
use crate::analysis::wording::time;

/// PERF-6.
pub(super) const RULE: Rule = Rule {
    code: "PERF-6",
    name: "Fan-out or capped concurrency",
    checks: "many calls of one kind at the same time, and limits on how many",
    fires: "at least 5 calls with the same fingerprint below one ancestor overlap and differ; at least 10 of them, always \
            as many at a time, count as capped",
    stake: "what the whole request would save if one call did the work of all, by replay",
    advice: "Raise the limit or batch the calls, if the other side can take it.",
    find: Find::Trace(find),
};

fn find(ctx: &Context) -> Vec<Finding> {
    let groups = ctx.repeats.iter().filter(|g| !g.sequential && (!g.identical || g.capped_at.is_some()));
    groups
        .map(|group| {
            let n = group.calls.len();
            let what = group.calls.first().map(|&c| ctx.what(c, 80)).unwrap_or_default();
            let (title, advice) = match group.capped_at {
                Some(limit) => (
                    format!("{n} calls to {what}, {limit} at a time"),
                    format!(
                        "Raise the limit of {limit} or batch; about {} with twice the limit, if the other side can \
                         take it.",
                        time(group.window_ns / 2)
                    ),
                ),
                None => (
                    format!("{n} calls to {what} at the same time"),
                    "One batch endpoint would take load off it.".to_owned(),
                ),
            };
            let (from, to) = window(ctx, group);
            Finding::new(RULE.code, title)
                .stake(ctx, group.root_saving_ns)
                .confidence(Confidence::Possible)
                .evidence(&group.calls)
                .with(&[group.ancestor])
                .interval(from, to)
                .says(
                    format!("{} makes them within {}.", ctx.op(group.ancestor), time(group.window_ns)),
                    advice,
                )
                .supposes(Scenario::Batch { members: group.calls.clone() })
                .key(ctx, ctx.facts.fingerprint_text(group.fingerprint), Some(group.ancestor))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::analysis::rules::testing::titles;
    use std::fmt::Write as _;

    #[test]
    fn a_limit_on_concurrency_is_seen() {
        let mut spans = "a 0..500 shop/server".to_owned();
        for at in 0..12 {
            let from = 10 + at / 3 * 100;
            let _ = write!(
                spans,
                "\nc{at}<a {from}..{} shop/client name=q url.full=http://h/items/{at}",
                from + 100
            );
        }
        let told = titles(&spans, "PERF-6");
        assert!(told[0].starts_with("12 calls to ") && told[0].ends_with(", 3 at a time"), "{told:?}");
        assert!(titles("a 0..500 shop/server\nb<a 0..400 shop/client", "PERF-6").is_empty());
    }
}
