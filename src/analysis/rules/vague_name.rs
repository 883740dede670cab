//! Spans whose name says nothing of what was done.

use rustc_hash::FxHashMap;

use super::{Find, Rule};
use crate::analysis::context::Context;
use crate::analysis::finding::{Finding, Severity};
use crate::analysis::vague_names::is_vague;
use crate::analysis::wording::{counted, short};
use crate::base::sort::CompactSort as _;
use crate::model::index::SpanIdx;

/// NAME-1.
pub(super) const RULE: Rule = Rule {
    code: "NAME-1",
    name: "Vague names",
    checks: "names that say nothing",
    fires: "spans have a name such as process, handle or GET; one is on the critical path, or they are 5 % of the trace",
    stake: "nothing",
    advice: "Verb and noun, or method and route.",
    find: Find::Trace(find),
};

const MOST: usize = 10;

fn find(ctx: &Context) -> Vec<Finding> {
    let trace = ctx.trace();
    let vague: Vec<bool> = trace.names().iter().map(|name| is_vague(name)).collect();
    if !vague.contains(&true) {
        return Vec::new();
    }
    let mut by_name: FxHashMap<u32, (Vec<SpanIdx>, bool)> = FxHashMap::default();
    let mut n_spans = 0_usize;
    for span in ctx.recorded.spans() {
        n_spans += 1;
        let name = trace.name_idx(span);
        if vague.get(name as usize) == Some(&true) {
            let (spans, is_on_path) = by_name.entry(name).or_default();
            spans.push(span);
            *is_on_path |= ctx.cp(span) > 0;
        }
    }
    let mut told: Vec<(u32, Vec<SpanIdx>)> = by_name
        .into_iter()
        .filter(|(_, (spans, is_on_path))| *is_on_path || spans.len() * 20 >= n_spans)
        .map(|(name, (spans, _))| (name, spans))
        .collect();
    told.compact_sort_by_key(|(name, spans)| (std::cmp::Reverse(spans.len()), *name));
    told.truncate(MOST);
    told.into_iter()
        .map(|(name, spans)| {
            let name = trace.names().get(name as usize).map_or("", String::as_str);
            let quoted = if name.is_empty() { "nothing".to_owned() } else { short(name, 60) };
            let (n, verb) =
                (counted(spans.len() as u64, "span"), if spans.len() == 1 { "is" } else { "are" });
            Finding::new(RULE.code, format!("{n} {verb} called {quoted}"))
                .severity(Severity::Info)
                .evidence(&spans)
                .says(
                    "Each has to be opened to learn what it did, and all count as one operation.".to_owned(),
                    "Verb and noun, or method and route.".to_owned(),
                )
                .key(ctx, name, None)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::analysis::rules::testing::titles;

    #[test]
    fn names_that_say_nothing_are_told() {
        assert_eq!(
            titles("a 0..10 s/server\nb<a 1..9 s/internal name=handle", "NAME-1"),
            ["1 span is called handle"]
        );
        assert!(titles("a 0..10 s/server\nb<a 1..9 s/internal name=load+cart", "NAME-1").is_empty());
    }
}
