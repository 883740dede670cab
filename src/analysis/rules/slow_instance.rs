//! One instance of an operation that takes much longer than the others.

use rustc_hash::FxHashMap;

use super::{Find, Rule};
use crate::analysis::context::{Context, faster};
use crate::analysis::finding::{Confidence, Finding};
use crate::analysis::wording::time;
use crate::base::sort::CompactSort as _;
use crate::model::attributes::Value;
use crate::model::index::{ServiceIdx, SpanIdx};
use crate::model::span::SpanKind;

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
    let mut operations: FxHashMap<(ServiceIdx, u32, SpanKind), Vec<SpanIdx>> = FxHashMap::default();
    for span in ctx.recorded.spans() {
        let key = (ctx.trace().service(span), ctx.facts.normal_name(span), ctx.kind(span));
        operations.entry(key).or_default().push(span);
    }
    let mut slow: Vec<(i64, SpanIdx, SpanIdx, i64)> = Vec::new();
    for mut spans in operations.into_values().filter(|spans| spans.len() >= 10) {
        let middle = (spans.len() - 1) / 2;
        let (_, &mut typical, _) =
            spans.select_nth_unstable_by_key(middle, |&s| (ctx.recorded.duration(s), ctx.recorded.id(s), s));
        let median = ctx.recorded.duration(typical);
        // The slowest on the path stands for its operation.
        let is_slow = |&&s: &&SpanIdx| ctx.cp(s) > median && ctx.recorded.duration(s) >= 5 * median.max(1);
        if let Some(&slowest) = spans.iter().filter(is_slow).max_by_key(|&&s| (ctx.cp(s), s)) {
            slow.push((ctx.cp(slowest) - median, slowest, typical, median));
        }
    }
    slow.compact_sort_by_key(|&(stake, span, ..)| (std::cmp::Reverse(stake), span));
    slow.truncate(MOST);
    slow.into_iter()
        .map(|(stake, span, typical, median)| {
            let op = ctx.op(span);
            let advice = match differing(ctx, span, typical) {
                Some(key) => format!("Compare their attributes: {key} differs."),
                None => "Compare their attributes and what else ran at that time.".to_owned(),
            };
            let length = time(ctx.recorded.duration(span));
            Finding::new(RULE.code, format!("One {op} took {length}, usually {}", time(median)))
                .stake(ctx, stake)
                .confidence(Confidence::Likely)
                .evidence(&[span])
                .with(&[typical])
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
