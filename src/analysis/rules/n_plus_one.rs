//! One query for a list, then one for each of its items: N+1.

use super::repeated::{has_parameters, saves_about, window};
use super::{Find, Rule};
use crate::analysis::context::Context;
use crate::analysis::finding::Finding;
use crate::analysis::scenario::Scenario;
use crate::analysis::wording::{add, counted, time};

/// PERF-4.
pub(super) const RULE: Rule = Rule {
    code: "PERF-4",
    name: "N+1",
    checks: "the same call made for each of many things (N+1)",
    fires: "at least 5 calls with the same fingerprint below one ancestor follow one another and take 5 % of the \
            request together (at least 1 ms, at most 50 ms)",
    stake: "what the whole request would save if one call did the work of all, by replay",
    advice: "Load them with one query (IN list, join, eager loading) or one batch call.",
    find: Find::Trace(find),
};

fn find(ctx: &Context) -> Vec<Finding> {
    let groups = ctx.repeats.iter().filter(|group| group.sequential);
    groups
        .map(|group| {
            let n = group.calls.len();
            let what = group.calls.first().map(|&c| ctx.what(c, 80)).unwrap_or_default();
            let ancestor = ctx.op(group.ancestor);
            let mut meaning = format!(
                "{} that do the same follow one another below {ancestor}, {} in all.",
                counted(n as u64, "call"),
                time(group.total_ns)
            );
            if let Some(source) = group.probable_source {
                add(
                    &mut meaning,
                    format_args!(" They probably belong to what {} found.", ctx.what(source, 60)),
                );
            }
            if group.identical && group.calls.first().is_some_and(|&c| !has_parameters(ctx, c)) {
                meaning.push_str(" All ask for exactly the same: one result could serve them all.");
            }
            let advice = format!(
                "Load them with one query (IN list, join, eager loading) or one batch call{}.",
                saves_about(group.root_saving_ns)
            );
            let (from, to) = window(ctx, group);
            let mut finding = Finding::new(RULE.code, format!("{n} × {what} in {ancestor} (N+1)"))
                .stake(ctx, group.root_saving_ns)
                .evidence(&group.calls)
                .with(&[group.ancestor])
                .with(group.probable_source.as_slice())
                .interval(from, to)
                .says(meaning, advice)
                .supposes(Scenario::Batch { members: group.calls.clone() })
                .key(ctx, ctx.facts.fingerprint_text(group.fingerprint), Some(group.ancestor));
            // The time between the calls is that of the loop which makes them.
            finding.around = Some(group.ancestor);
            finding
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::analysis::rules::testing::{find, titles};
    use std::fmt::Write as _;

    fn calls(n: usize, parallel: bool) -> String {
        let mut spans = "a 0..1000 shop/server name=list".to_owned();
        for at in 0..n {
            let from = if parallel { 10 } else { 10 + at * 20 };
            let _ = write!(
                spans,
                "\nc{at}<a {from}..{} shop/client name=q db.system=mysql db.statement=select+{at}",
                from + 15
            );
        }
        spans
    }

    #[test]
    fn repeats_one_after_the_other_are_one_finding() {
        assert_eq!(titles(&calls(30, false), "PERF-4"), ["30 × select ? in list (N+1)"]);
        let found = find(&calls(30, false), "PERF-4");
        assert_eq!(found[0].stake_ns, Some(29 * 15_000_000));
        assert_eq!(found[0].evidence_count, 31);
        assert!(titles(&calls(4, false), "PERF-4").is_empty());
        assert!(titles(&calls(30, true), "PERF-4").is_empty());
    }
}
