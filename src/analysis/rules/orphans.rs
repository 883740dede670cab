//! Spans whose parent never arrived.

use std::collections::BTreeMap;

use super::{Find, Rule};
use crate::analysis::context::Context;
use crate::analysis::finding::{Finding, Severity};
use crate::analysis::wording::{add, counted, list};
use crate::base::sort::CompactSort as _;
use crate::model::index::{ServiceIdx, SpanIdx};
use crate::model::span::SpanKind;

/// PROP-1.
pub(super) const RULE: Rule = Rule {
    code: "PROP-1",
    name: "Orphaned spans",
    checks: "spans whose parent is missing",
    fires: "a span names a parent that is not in the trace",
    stake: "nothing",
    advice: "Find out why the caller's span is missing: not exported, dropped or sampled away.",
    find: Find::Trace(find),
};

const MOST: usize = 10;

fn find(ctx: &Context) -> Vec<Finding> {
    let mut by_service: BTreeMap<ServiceIdx, Vec<SpanIdx>> = BTreeMap::new();
    for &root in ctx.recorded.roots() {
        if ctx.recorded.is_orphan(root) {
            by_service.entry(ctx.trace().service(root)).or_default().push(root);
        }
    }
    let mut groups: Vec<_> = by_service.into_values().collect();
    groups.compact_sort_by_key(|orphans| std::cmp::Reverse(orphans.len()));
    groups.truncate(MOST);
    if groups.is_empty() {
        return Vec::new();
    }
    let open_calls = open_calls(ctx);
    groups.iter().map(|orphans| of_service(ctx, orphans, &open_calls)).collect()
}

fn of_service(ctx: &Context, orphans: &[SpanIdx], open_calls: &[SpanIdx]) -> Finding {
    let trace = ctx.trace();
    let service = ctx.service(orphans[0]);
    let below: u64 = orphans.iter().map(|&o| u64::from(trace.subtree_size(o)) - 1).sum();
    let mut parents: Vec<_> = orphans.iter().filter_map(|&o| trace.parent(o)).collect();
    if !parents.is_sorted() {
        parents.compact_sort();
    }
    parents.dedup();
    let title = if let [only] = orphans {
        format!("{} arrived without its parent", ctx.op(*only))
    } else {
        format!("{} arrived without their parent", counted(orphans.len() as u64, "span"))
    };
    let mut meaning = format!("{service} got a trace id, but its caller's span is missing");
    if parents.len() > 1 {
        add(&mut meaning, format_args!(" ({})", counted(parents.len() as u64, "missing parent")));
    }
    meaning.push_str(": not exported, dropped or sampled away.");
    if below > 0 {
        add(
            &mut meaning,
            format_args!(
                " {} below.",
                if below == 1 { "1 span hangs".into() } else { format!("{} hang", counted(below, "span")) }
            ),
        );
    }
    let candidates = candidates(ctx, orphans[0], open_calls);
    let advice = if candidates.is_empty() {
        format!("Check the exporter and the sampling of whatever calls {service}.")
    } else {
        format!("Check {}: its calls were under way at that time.", list(&candidates, 3))
    };
    Finding::new(RULE.code, title).severity(Severity::Medium).evidence(orphans).says(meaning, advice).key(
        ctx,
        service,
        Some(orphans[0]),
    )
}

/// Calls with nothing below them.
fn open_calls(ctx: &Context) -> Vec<SpanIdx> {
    let is_open = |&s: &SpanIdx| {
        matches!(ctx.kind(s), SpanKind::Client | SpanKind::Producer) && ctx.recorded.children(s).is_empty()
    };
    ctx.recorded.spans().filter(is_open).collect()
}

/// Services with such a call under way when the orphan was at work.
fn candidates<'a>(ctx: &Context<'a>, orphan: SpanIdx, open_calls: &[SpanIdx]) -> Vec<&'a str> {
    let recorded = ctx.recorded;
    let (from, to) = (recorded.start(orphan), recorded.end(orphan));
    let is_around = |&&s: &&SpanIdx| recorded.start(s) <= from && recorded.end(s) >= to;
    let around = open_calls.iter().filter(is_around);
    let mut services: Vec<ServiceIdx> = around.map(|&s| ctx.trace().service(s)).collect();
    services.compact_sort();
    services.dedup();
    services.into_iter().map(|s| ctx.trace().service_name(s)).filter(|name| !name.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use crate::analysis::rules::testing::{codes, find, titles};

    #[test]
    fn orphans_are_told_with_who_may_have_called_them() {
        let spans =
            "a 0..100 web/server\nb<a 5..95 web/client\nc<gone 10..90 shop/server\nd<c 20..30 shop/internal";
        assert_eq!(titles(spans, "PROP-1"), ["c arrived without its parent"]);
        let found = find(spans, "PROP-1");
        assert_eq!(found[0].advice, "Check web: its calls were under way at that time.");
        assert!(found[0].meaning.ends_with("1 span hangs below."), "{}", found[0].meaning);
        assert!(titles("a 0..100 web/server", "PROP-1").is_empty());
    }

    #[test]
    fn an_orphan_alone_is_first() {
        assert_eq!(codes("c<gone 0..10 mail/internal")[0], "PROP-1");
    }
}
