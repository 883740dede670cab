//! One instance of an operation that takes much longer than the others.

use rustc_hash::FxHashMap;

use super::{Find, Rule};
use crate::analysis::context::{Context, faster};
use crate::analysis::finding::{Confidence, Finding};
use crate::analysis::statistics::Operation;
use crate::analysis::wording::time;
use crate::base::sort::CompactSort as _;
use crate::model::attributes::Value;
use crate::model::index::SpanIdx;

/// PERF-14.
pub(super) const RULE: Rule = Rule {
    code: "PERF-14",
    name: "Slow instance",
    checks: "single calls that take far longer than others of their kind",
    fires: "of at least 10 spans of an operation one takes at least 5 times the median and is on the critical path",
    stake: "its time on the critical path beyond the median",
    advice: "Compare its attributes with those of the others.",
    find: Find::Trace(find),
};

const MOST: usize = 10;

fn find(ctx: &Context) -> Vec<Finding> {
    let (operations, recorded) = (ctx.operations, ctx.recorded);
    // Of each operation that can have one, the slow instance with most time on the path, which stands for all.
    let can_have = |o: &Operation| o.count >= 10 && o.max_ns >= 5 * o.p50_ns.max(1);
    let can_have: Vec<bool> = operations.rows.iter().map(can_have).collect();
    let mut slowest: FxHashMap<u32, (i64, SpanIdx)> = FxHashMap::default();
    for span in recorded.spans() {
        let (row, cp) = (operations.of_span.get(span.at()).copied().unwrap_or(u32::MAX), ctx.cp(span));
        if can_have.get(row as usize) != Some(&true) {
            continue;
        }
        let median = operations.rows.get(row as usize).map_or(0, |o| o.p50_ns);
        if cp > median && recorded.duration(span) >= 5 * median.max(1) {
            let most = slowest.entry(row).or_insert((cp, span));
            *most = (*most).max((cp, span));
        }
    }
    let mut slow: Vec<(i64, SpanIdx, u32, i64)> = slowest
        .into_iter()
        .filter_map(|(row, (cp, span))| {
            let median = operations.rows.get(row as usize)?.p50_ns;
            Some((cp - median, span, row, median))
        })
        .collect();
    slow.compact_sort_by_key(|&(stake, span, ..)| (std::cmp::Reverse(stake), span));
    slow.truncate(MOST);
    slow.into_iter()
        .map(|(stake, span, row, median)| {
            let op = ctx.op(span);
            let typical = typical(ctx, row, median);
            let advice = match typical.and_then(|typical| differing(ctx, span, typical)) {
                Some(key) => format!("Compare their attributes: {key} differs."),
                None => "Compare their attributes and what else ran at that time.".to_owned(),
            };
            let length = time(ctx.recorded.duration(span));
            Finding::new(RULE.code, format!("One {op} took {length}, usually {}", time(median)))
                .stake(ctx, stake)
                .confidence(Confidence::Likely)
                .evidence(&[span])
                .with(typical.as_slice())
                .says(
                    "Others of this kind in the same trace are at least five times as fast as this one."
                        .to_owned(),
                    advice,
                )
                .supposes(faster(&[span], 800))
                .key(ctx, "", Some(span))
        })
        .collect()
}

/// A span of the operation's median duration: of several the one with the smallest id.
fn typical(ctx: &Context, row: u32, median: i64) -> Option<SpanIdx> {
    let is_one = |span: &SpanIdx| {
        ctx.operations.of_span.get(span.at()) == Some(&row) && ctx.recorded.duration(*span) == median
    };
    ctx.recorded.spans().filter(is_one).min_by_key(|&span| (ctx.recorded.id(span), span))
}

/// The first attribute in which two spans differ, without its values: they may be secret.
fn differing<'a>(ctx: &Context<'a>, span: SpanIdx, other: SpanIdx) -> Option<&'a str> {
    let others = ctx.details(other).attributes;
    let is_other = |(key, value): &(&str, Value)| !others.iter().any(|(k, v)| k == key && v == value);
    ctx.details(span).attributes.into_iter().find(is_other).map(|(key, _)| key)
}

#[cfg(test)]
mod tests {
    use crate::analysis::rules::testing::{find, titles};
    use std::fmt::Write as _;

    #[test]
    fn one_much_slower_than_the_others_is_told() {
        let spans = |slow: usize| {
            let mut spans = "a 0..1000 s/server".to_owned();
            for at in 0..12 {
                let from = at * 20;
                let to = if at == 11 { from + slow } else { from + 10 };
                let _ = write!(spans, "\nc{at}<a {from}..{to} s/client name=load shard={at}");
            }
            spans
        };
        assert_eq!(titles(&spans(300), "PERF-14"), ["One load took 300 ms, usually 10.0 ms"]);
        assert_eq!(find(&spans(300), "PERF-14")[0].advice, "Compare their attributes: shard differs.");
        assert!(titles(&spans(40), "PERF-14").is_empty());
    }
}
