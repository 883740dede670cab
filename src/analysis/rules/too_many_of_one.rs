//! One span for every item of a loop.

use rustc_hash::FxHashMap;

use super::{Find, Rule};
use crate::analysis::context::Context;
use crate::analysis::finding::{Finding, Severity};
use crate::analysis::settings::MILLISECOND;
use crate::analysis::wording::{grouped, share, time};
use crate::base::sort::CompactSort as _;
use crate::model::index::{ServiceIdx, SpanIdx};

/// VOL-1.
pub(super) const RULE: Rule = Rule {
    code: "VOL-1",
    name: "Span per item",
    checks: "a span for every item of a loop",
    fires: "one operation has at least 300 spans and 30 % of the trace, and their median is below 1 ms",
    stake: "spans",
    advice: "Record one span with an item count.",
    find: Find::Trace(find),
};

/// From this many spans on; what an SDK does for each of them takes longer than the loop itself by then.
const LEAST: usize = 300;

fn find(ctx: &Context) -> Vec<Finding> {
    let recorded = ctx.recorded;
    let mut counts: FxHashMap<(ServiceIdx, u32), u32> = FxHashMap::default();
    let key = |s: SpanIdx| (ctx.trace().service(s), ctx.facts.normal_name(s));
    let mut n_spans = 0_usize;
    for span in recorded.spans() {
        *counts.entry(key(span)).or_default() += 1;
        n_spans += 1;
    }
    // At most three operations can have 30 % each.
    let mut many: Vec<_> =
        counts.into_iter().filter(|&(_, n)| n as usize >= LEAST && n as usize * 10 >= n_spans * 3).collect();
    many.compact_sort_by_key(|&(key, n)| (std::cmp::Reverse(n), key));
    many.into_iter()
        .filter_map(|(of, _)| {
            of_operation(ctx, n_spans, &recorded.spans().filter(|&s| key(s) == of).collect::<Vec<_>>())
        })
        .collect()
}

fn of_operation(ctx: &Context, n_spans: usize, spans: &[SpanIdx]) -> Option<Finding> {
    let mut durations: Vec<i64> = spans.iter().map(|&s| ctx.recorded.duration(s)).collect();
    let middle = durations.len().checked_sub(1)? / 2;
    let (_, &mut median, _) = durations.select_nth_unstable(middle);
    let first = *spans.first()?;
    if median >= MILLISECOND {
        return None;
    }
    let op = ctx.op(first);
    let n = grouped(spans.len() as u64);
    let part = share(spans.len() as i64, n_spans as i64);
    let mut finding = Finding::new(
        RULE.code,
        format!("{n} spans of {op} in one request, median {}", time(median)),
    )
    .severity(Severity::Medium)
    .evidence(spans)
    .says(
        format!(
            "{part} of all spans of the trace say next to nothing, and recording them takes time of its own."
        ),
        "One span with an item count.".to_owned(),
    )
    .key(ctx, "", Some(first));
    finding.around = ctx.recorded.parent(first);
    finding.interval = None;
    Some(finding)
}

#[cfg(test)]
mod tests {
    use crate::analysis::rules::testing::{arranged, titles};
    use std::fmt::Write as _;

    fn items(n: usize) -> String {
        let mut spans = "a 0..200 s/server\nb<a 1..199 s/internal name=export".to_owned();
        for at in 0..n {
            let from = 2.0 + at as f64 * 0.4;
            let _ = write!(spans, "\nc{at}<b {from:.3}..{:.3} s/internal name=process_item", from + 0.02);
        }
        spans
    }

    #[test]
    fn a_span_for_every_item_is_told_first() {
        let many = items(400);
        assert_eq!(titles(&many, "VOL-1"), ["400 spans of process_item in one request, median 20.0 µs"]);
        let arranged = arranged(&many);
        assert_eq!(arranged[0].code, "VOL-1", "{:?}", arranged.iter().map(|f| f.code).collect::<Vec<_>>());
        assert!(titles(&items(100), "VOL-1").is_empty());
    }
}
