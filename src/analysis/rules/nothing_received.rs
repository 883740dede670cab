//! A message that nobody seems to have received, although its queue is read.

use super::{Find, Rule};
use crate::analysis::context::{Context, destination};
use crate::analysis::finding::{Confidence, Finding, Severity};
use crate::base::sort::CompactSort as _;
use crate::model::index::SpanIdx;
use crate::model::span::{SpanKind, unpack_kind_status};

/// PROP-5.
pub(super) const RULE: Rule = Rule {
    code: "PROP-5",
    name: "Nothing received",
    checks: "messages that nobody received",
    fires: "a producer has neither a consumer below it nor a link from any loaded span, while consumers of its destination \
            are roots of other loaded traces",
    stake: "nothing",
    advice: "Carry the context in message headers on both sides, or link the consumer.",
    find: Find::Trace(find),
};

const MOST: usize = 10;
/// Traces that are looked at for consumers.
const MOST_TRACES: usize = 5000;

fn find(ctx: &Context) -> Vec<Finding> {
    let Some(summary) = ctx.set.traces().get(ctx.trace_idx.at()) else { return Vec::new() };
    let is_lost = |&span: &SpanIdx| {
        ctx.kind(span) == SpanKind::Producer
            && !ctx.recorded.children(span).iter().any(|&c| ctx.kind(c) == SpanKind::Consumer)
            && ctx.set.back_links(SpanIdx(summary.first + span.0)).is_empty()
    };
    let mut lost: Vec<(&str, SpanIdx)> = ctx
        .recorded
        .spans()
        .filter(is_lost)
        .take(1000)
        .filter_map(|span| Some((destination(ctx.set, SpanIdx(summary.first + span.0))?, span)))
        .collect();
    if lost.is_empty() {
        return Vec::new();
    }
    let read = destinations_read(ctx);
    lost.retain(|(name, _)| read.binary_search(name).is_ok());
    lost.compact_sort();
    lost.chunk_by(|a, b| a.0 == b.0)
        .take(MOST)
        .map(|group| {
            let spans: Vec<SpanIdx> = group.iter().map(|g| g.1).collect();
            let name = group[0].0;
            Finding::new(RULE.code, format!("Nothing received what was sent to {name}"))
                .severity(Severity::Medium)
                .confidence(Confidence::Possible)
                .evidence(&spans)
                .says(
                    format!("Other loaded traces begin with consumers of {name}, and none of them is connected to this."),
                    "Carry the context in message headers on both sides, or link the consumer.".to_owned(),
                )
                .key(ctx, name, Some(spans[0]))
        })
        .collect()
}

/// Destinations with consumers that are roots of loaded traces, sorted.
fn destinations_read<'a>(ctx: &Context<'a>) -> Vec<&'a str> {
    let columns = ctx.set.columns();
    let is_consumer = |root: u32| {
        columns.kind_status.get(root as usize).is_some_and(|&k| unpack_kind_status(k).0 == SpanKind::Consumer)
    };
    let roots = ctx.set.traces().iter().map(|t| t.main_root).filter(|&root| is_consumer(root));
    let mut names: Vec<&str> =
        roots.take(MOST_TRACES).filter_map(|root| destination(ctx.set, SpanIdx(root))).collect();
    names.compact_sort();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use crate::analysis::rules::testing::titles;

    #[test]
    fn a_read_queue_without_a_connection_is_told() {
        let sent = "a 0..10 api/server\nb<a 1..9 api/producer messaging.destination.name=mails";
        let read = "\n@u c 50..60 mail/consumer messaging.destination.name=mails";
        assert_eq!(titles(&format!("{sent}{read}"), "PROP-5"), ["Nothing received what was sent to mails"]);
        assert!(titles(&format!("{sent}{read} link=t/b"), "PROP-5").is_empty());
        assert!(titles(sent, "PROP-5").is_empty());
    }
}
