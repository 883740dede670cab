//! Work that waits in a queue before anybody takes it up: by parent and child, and by links.

use super::{Find, Rule};
use crate::analysis::completion_path::Stretch;
use crate::analysis::context::{Context, destination};
use crate::analysis::finding::{Finding, severity_of};
use crate::analysis::settings::MILLISECOND;
use crate::analysis::wording::{permille, share, time};
use crate::model::index::SpanIdx;
use crate::model::span::{Flags, SpanKind};

/// PERF-9.
pub(super) const RULE: Rule = Rule {
    code: "PERF-9",
    name: "Queue wait",
    checks: "work that waited in a queue, a scheduler or a pool of threads",
    fires: "nothing was at work for at least 100 ms and 20 % of the time until everything was finished, between a span \
            and what it set off, or between a producer and the consumer that links to it",
    stake: "the wait",
    advice: "More consumers or partitions, or check for a blocked consumer.",
    find: Find::Trace(find),
};

fn find(ctx: &Context) -> Vec<Finding> {
    let whole = match (ctx.completion.first(), ctx.completion.last()) {
        (Some(first), Some(last)) => last.section().to - first.section().from,
        _ => 0,
    };
    let mut found = Vec::new();
    for stretch in ctx.completion {
        let Stretch::Wait(wait) = stretch else { continue };
        if is_long(wait.length(), whole) {
            let upper = ctx.recorded.parent(wait.span);
            let queue = upper.and_then(|p| ctx.destination(p));
            let finding = of_wait(ctx, wait.span, upper, queue, (wait.length(), whole));
            found.push(finding.interval(wait.from, wait.to));
        }
    }
    found.extend(by_links(ctx));
    found
}

fn is_long(wait: i64, whole: i64) -> bool {
    wait >= 100 * MILLISECOND && wait >= whole / 5
}

fn of_wait(
    ctx: &Context,
    consumer: SpanIdx,
    producer: Option<SpanIdx>,
    queue: Option<&str>,
    (wait, whole): (i64, i64),
) -> Finding {
    let queue = queue.or_else(|| ctx.destination(consumer));
    let place = queue.map_or_else(|| "a queue".to_owned(), |name| format!("queue {name}"));
    let mut finding = Finding::new(
        RULE.code,
        format!("{} in {place} before {} took over", time(wait), ctx.op(consumer)),
    )
    .evidence(&[consumer])
    .with(&producer.into_iter().collect::<Vec<_>>())
    .says(
        format!(
            "Nothing was at work for {} of the {} until everything was finished: {} of {} had not begun.",
            share(wait, whole),
            time(whole),
            ctx.op(consumer),
            ctx.service(consumer)
        ),
        "More consumers or partitions, or check for a blocked consumer.".to_owned(),
    )
    .key(ctx, &place, Some(consumer));
    finding.stake_ns = Some(wait);
    finding.share_permille = Some(permille(wait, whole));
    finding.severity = severity_of(wait, whole);
    finding
}

/// A consumer that is a root and links to the producers of what it processes: their end is known when their
/// traces are loaded.
fn by_links(ctx: &Context) -> Vec<Finding> {
    let Some(summary) = ctx.set.traces().get(ctx.trace_idx.at()) else { return Vec::new() };
    let mut found = Vec::new();
    for &root in ctx.recorded.roots().iter().take(100) {
        if ctx.kind(root) != SpanKind::Consumer || !ctx.trace().flags(root).has(Flags::HAS_LINKS) {
            continue;
        }
        let starts = ctx.trace().start_time().0.saturating_add(ctx.recorded.start(root));
        let columns = ctx.set.columns();
        let sent = ctx.details(root).links.into_iter().filter_map(|link| {
            let producer = ctx.set.find(link.trace_id, link.span_id)?;
            let end = columns.start.get(producer.at())? + columns.duration.get(producer.at())?;
            let is_elsewhere = !summary.range().contains(&producer.at());
            is_elsewhere.then_some((starts.saturating_sub(end), producer))
        });
        if let Some((wait, producer)) = sent.max() {
            let whole = wait.saturating_add(ctx.recorded.duration(root));
            if is_long(wait, whole) {
                let queue = destination(ctx.set, producer);
                found.push(of_wait(ctx, root, None, queue, (wait, whole)));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::analysis::rules::testing::titles;

    #[test]
    fn waiting_is_known_from_links_as_well() {
        let spans = "@p b 2..8 api/producer messaging.destination.name=mails\nc 150..200 mail/consumer name=process link=p/b";
        assert_eq!(titles(spans, "PERF-9"), ["142 ms in queue mails before process took over"]);
    }

    #[test]
    fn waiting_for_a_consumer_is_told() {
        let spans = "a 0..10 api/server\nb<a 2..8 api/producer messaging.system=kafka \
                     messaging.destination.name=emails\nc<b 250..280 mail/consumer name=process";
        assert_eq!(titles(spans, "PERF-9"), ["242 ms in queue emails before process took over"]);
        assert!(
            titles("a 0..10 api/server\nb<a 2..8 api/producer\nc<b 50..280 mail/consumer", "PERF-9")
                .is_empty()
        );
    }
}
