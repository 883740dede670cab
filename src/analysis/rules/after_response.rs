//! Work that goes on after its caller has ended.

use super::{Find, Rule};
use crate::analysis::context::Context;
use crate::analysis::finding::{Finding, Severity};
use crate::analysis::relation::Relation;
use crate::analysis::wording::time;
use crate::base::sort::CompactSort as _;
use crate::model::index::SpanIdx;

/// PERF-12.
pub(super) const RULE: Rule = Rule {
    code: "PERF-12",
    name: "Work after the response",
    checks: "work that goes on after its caller has ended",
    fires: "a child ends clearly after its parent, and the two are not both sides of a call",
    stake: "nothing: the request does not wait for it",
    advice: "Nothing to do if meant so; it does not count towards the request.",
    find: Find::Trace(find),
};

const MOST: usize = 10;

fn find(ctx: &Context) -> Vec<Finding> {
    let recorded = ctx.recorded;
    let mut late: Vec<(i64, SpanIdx, SpanIdx)> = recorded
        .spans()
        .filter(|span| ctx.relations.get(span.at()) == Some(&Relation::Outlives))
        .filter_map(|span| {
            let parent = recorded.parent(span)?;
            Some((recorded.end(span) - recorded.end(parent), span, parent))
        })
        .collect();
    late.compact_sort_by_key(|&(by, span, _)| (std::cmp::Reverse(by), span));
    late.truncate(MOST);
    late.into_iter()
        .map(|(by, span, parent)| {
            let op = ctx.op(span);
            Finding::new(RULE.code, format!("{op} goes on {} after its caller ended", time(by)))
                .severity(Severity::Info)
                .evidence(&[span])
                .with(&[parent])
                .interval(recorded.end(parent), recorded.end(span))
                .says(
                    format!("{} did not wait for it, so it is background work.", ctx.op(parent)),
                    "Nothing to do if meant so; it does not count towards the request.".to_owned(),
                )
                .key(ctx, "", Some(span))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::analysis::rules::testing::titles;

    #[test]
    fn background_work_is_named() {
        let spans = "a 0..20 s/server\nb<a 1..120 s/internal name=flush";
        assert_eq!(titles(spans, "PERF-12"), ["flush goes on 100 ms after its caller ended"]);
        assert!(titles("a 0..20 s/client\nb<a 1..120 s/server", "PERF-12").is_empty());
        assert!(titles("a 0..120 s/server\nb<a 1..119 s/internal", "PERF-12").is_empty());
    }
}
