//! A request with more spans than anybody will look at.

use rustc_hash::FxHashMap;

use super::{Find, Rule};
use crate::analysis::context::Context;
use crate::analysis::finding::{Finding, Severity};
use crate::analysis::wording::{grouped, list};
use crate::base::sort::CompactSort as _;
use crate::model::index::{ServiceIdx, SpanIdx};

/// VOL-2.
pub(super) const RULE: Rule = Rule {
    code: "VOL-2",
    name: "Too many spans",
    checks: "requests with very many spans",
    fires: "the trace has more than 10,000 spans",
    stake: "spans",
    advice: "Reduce the greatest source first.",
    find: Find::Trace(find),
};

const MANY: usize = 10_000;

fn find(ctx: &Context) -> Vec<Finding> {
    let n = ctx.recorded.spans().count();
    if n <= MANY {
        return Vec::new();
    }
    let mut sources: FxHashMap<(ServiceIdx, u32), (u32, SpanIdx)> = FxHashMap::default();
    for span in ctx.recorded.spans() {
        sources.entry((ctx.trace().service(span), ctx.facts.normal_name(span))).or_insert((0, span)).0 += 1;
    }
    let mut sources: Vec<(u32, SpanIdx)> = sources.into_values().collect();
    sources.compact_sort_by_key(|&(n, first)| (std::cmp::Reverse(n), first));
    sources.truncate(3);
    let names: Vec<String> = sources
        .iter()
        .map(|&(n, first)| format!("{} of {} ({})", ctx.op(first), ctx.service(first), grouped(n.into())))
        .collect();
    let evidence: Vec<SpanIdx> = sources.iter().map(|s| s.1).collect();
    vec![
        Finding::new(RULE.code, format!("{} spans in one request", grouped(n as u64)))
            .severity(Severity::Info)
            .evidence(&evidence)
            .says(
                format!("Most come from {}.", list(&names, 3)),
                format!("Reduce {} first.", evidence.first().map(|&s| ctx.op(s)).unwrap_or_default()),
            )
            .key(ctx, "", None),
    ]
}

#[cfg(test)]
mod tests {
    use crate::analysis::rules::testing::titles;
    use std::fmt::Write as _;

    #[test]
    fn ten_thousand_spans_are_many() {
        let mut spans = "a 0..200 s/server".to_owned();
        for at in 0..9_999 {
            let _ = write!(spans, "\nc{at:x}<a 1..2 s/internal name=step");
        }
        assert!(titles(&spans, "VOL-2").is_empty());
        spans.push_str("\nlast<a 3..4 s/internal");
        assert_eq!(titles(&spans, "VOL-2"), ["10,001 spans in one request"]);
    }
}
