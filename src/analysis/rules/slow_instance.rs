//! One instance of an operation that takes much longer than the others.

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
    let median = |o: &Operation| if can_have(o) { o.p50_ns } else { i64::MAX };
    let medians: Vec<i64> = operations.rows.iter().map(median).collect();
    let mut slowest: Vec<Option<(i64, SpanIdx)>> = vec![None; medians.len()];
    for span in recorded.spans() {
        let (row, cp) = (row_of(ctx, span), ctx.cp(span));
        let Some(&median) = medians.get(row).filter(|&&median| cp > median) else { continue };
        if recorded.duration(span) >= 5 * median.max(1) {
            slowest[row] = slowest[row].max(Some((cp, span)));
        }
    }
    let mut slow: Vec<(i64, SpanIdx, u32, i64)> = slowest
        .iter()
        .zip(medians)
        .zip(0..)
        .filter_map(|((slowest, median), row)| slowest.map(|(cp, span)| (cp - median, span, row, median)))
        .collect();
    slow.compact_sort_by_key(|&(stake, span, ..)| (std::cmp::Reverse(stake), span));
    slow.truncate(MOST);
    let typical = typical(ctx, &slow);
    slow.into_iter()
        .zip(typical)
        .map(|((stake, span, _, median), typical)| {
            let op = ctx.op(span);
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

fn row_of(ctx: &Context, span: SpanIdx) -> usize {
    ctx.operations.of_span.get(span.at()).copied().unwrap_or(u32::MAX) as usize
}

/// For each, a span of the operation's median duration: of several the one with the smallest id.
fn typical(ctx: &Context, slow: &[(i64, SpanIdx, u32, i64)]) -> Vec<Option<SpanIdx>> {
    let mut typical = vec![None; slow.len()];
    // Few have a slow instance: a table tells the others apart at once.
    let mut place_of = vec![u8::MAX; ctx.operations.rows.len()];
    for (&(_, _, row, _), place) in slow.iter().zip(0..) {
        place_of[row as usize] = place;
    }
    for span in ctx.recorded.spans() {
        let place = usize::from(place_of.get(row_of(ctx, span)).copied().unwrap_or(u8::MAX));
        let Some((_, _, _, median)) = slow.get(place) else { continue };
        if ctx.recorded.duration(span) == *median {
            let this = (ctx.recorded.id(span), span);
            typical[place] = Some(typical[place].map_or(this, |known: (_, SpanIdx)| known.min(this)));
        }
    }
    typical.into_iter().map(|found| found.map(|(_, span)| span)).collect()
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
