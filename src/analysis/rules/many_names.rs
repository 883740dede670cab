//! Names of spans with ids in them: every one is an operation of its own.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::{Find, Rule};
use crate::analysis::context::Context;
use crate::analysis::finding::{Finding, Severity};
use crate::analysis::wording::{grouped, short};
use crate::base::sort::CompactSort as _;
use crate::model::index::{ServiceIdx, SpanIdx};

/// CARD-1.
pub(super) const RULE: Rule = Rule {
    code: "CARD-1",
    name: "Ids in span names",
    checks: "span names with ids in them",
    fires: "a name has at least 5 variants that differ only in ids, or a service uses more than 200 names",
    stake: "nothing",
    advice: "Put the id into an attribute, keep the template as name.",
    find: Find::Trace(find),
};

const MOST: usize = 10;
const VARIANTS: usize = 5;
const NAMES: usize = 200;

fn find(ctx: &Context) -> Vec<Finding> {
    let trace = ctx.trace();
    // Equal names have equal indices, so each is looked at once per service.
    let mut first: FxHashMap<(ServiceIdx, u32), SpanIdx> = FxHashMap::default();
    for span in ctx.recorded.spans() {
        first.entry((trace.service(span), trace.name_idx(span))).or_insert(span);
    }
    let mut of_template: BTreeMap<(ServiceIdx, u32), Vec<SpanIdx>> = BTreeMap::new();
    let mut of_service: BTreeMap<ServiceIdx, Vec<SpanIdx>> = BTreeMap::new();
    let mut named: Vec<_> = first.into_iter().collect();
    named.compact_sort_by_key(|&(_, span)| span);
    for ((service, _), span) in named {
        of_template.entry((service, ctx.facts.normal_name(span))).or_default().push(span);
        of_service.entry(service).or_default().push(span);
    }
    let mut groups: Vec<(String, Vec<SpanIdx>)> = of_template
        .into_iter()
        .filter(|(_, spans)| spans.len() >= VARIANTS)
        .map(|((_, name), spans)| (short(ctx.facts.normal_name_text(name), 80), spans))
        .collect();
    let services = of_service.into_values().filter(|spans| spans.len() > NAMES);
    groups.extend(services.map(|spans| (format!("spans of {}", ctx.service(spans[0])), spans)));
    groups.compact_sort_by_key(|(_, spans)| std::cmp::Reverse(spans.len()));
    groups.truncate(MOST);
    groups
        .into_iter()
        .map(|(what, spans)| {
            Finding::new(RULE.code, format!("{} different names for {what}", grouped(spans.len() as u64)))
                .severity(Severity::Low)
                .evidence(&spans)
                .says(
                    "Each is an operation of its own in every statistic, and backends index them all."
                        .to_owned(),
                    "Put the id into an attribute, keep the template as name (such as http.route)."
                        .to_owned(),
                )
                .key(ctx, &what, None)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::analysis::rules::testing::titles;
    use crate::analysis::wording::add;

    #[test]
    fn names_with_ids_are_told() {
        let spans = |n: usize| {
            (0..n).fold("a 0..100 s/server".to_owned(), |mut text, at| {
                add(&mut text, format_args!("\nb{at}<a 1..2 s/internal name=item+{}", 1000 + at));
                text
            })
        };
        assert_eq!(titles(&spans(6), "CARD-1"), ["6 different names for item {id}"]);
        assert!(titles(&spans(4), "CARD-1").is_empty());
    }
}
