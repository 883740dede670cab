//! Time that a call spends outside of the server that answers it: connecting, queueing, on the wire.

use super::{Find, Rule};
use crate::analysis::context::{Context, faster};
use crate::analysis::finding::Finding;
use crate::analysis::relation;
use crate::analysis::settings::MILLISECOND;
use crate::analysis::wording::{share, time};
use crate::base::sort::CompactSort as _;
use crate::model::index::SpanIdx;

/// PERF-8.
pub(super) const RULE: Rule = Rule {
    code: "PERF-8",
    name: "Network or queueing before the server",
    checks: "calls that spend much of their time outside of the server",
    fires: "a client span is longer than its server span by at least 10 ms and 20 % of itself, and at least 5 % of \
            the request is the client's own time on the critical path",
    stake: "the client's own time on the critical path",
    advice: "Look at connection setup, load balancer and queueing; reuse connections.",
    find: Find::Trace(find),
};

const MOST: usize = 20;

fn find(ctx: &Context) -> Vec<Finding> {
    let (recorded, root_ns) = (ctx.recorded, ctx.root_ns());
    let mut pairs: Vec<(i64, SpanIdx, SpanIdx)> = recorded
        .spans()
        .filter_map(|server| {
            let client = recorded.parent(server).filter(|&p| relation::is_call(recorded, p, server))?;
            let length = recorded.duration(client);
            let overhead = length - recorded.duration(server);
            let on_path = ctx.cp(client).min(overhead);
            // A client with several servers below it is retried or redirected, not delayed.
            let is_only = recorded.children(client).len() == 1;
            (is_only
                && overhead >= 10 * MILLISECOND
                && overhead >= length / 5
                && on_path > 0
                && on_path >= root_ns / 20)
                .then_some((on_path, client, server))
        })
        .collect();
    pairs.compact_sort_by_key(|&(on_path, client, _)| (std::cmp::Reverse(on_path), client));
    pairs.truncate(MOST);
    pairs.into_iter().map(|(on_path, client, server)| of_pair(ctx, on_path, client, server)).collect()
}

fn of_pair(ctx: &Context, on_path: i64, client: SpanIdx, server: SpanIdx) -> Finding {
    let overhead = ctx.recorded.duration(client) - ctx.recorded.duration(server);
    let (from, to) = (ctx.service(client), ctx.service(server));
    Finding::new(
        RULE.code,
        format!("{} between {from} and {to} outside the server's own time", time(overhead)),
    )
    .stake(ctx, on_path)
    .evidence(&[client, server])
    .says(
        format!(
            "{} takes {}, the server only {}: {} of the call is spent on the way.",
            ctx.op(client),
            time(ctx.recorded.duration(client)),
            time(ctx.recorded.duration(server)),
            share(overhead, ctx.recorded.duration(client))
        ),
        format!("Look at connection setup, load balancer, queueing at {to}; reuse connections."),
    )
    .supposes(faster(&[client], 1000))
    .key(ctx, &ctx.what(client, 100), Some(client))
}

#[cfg(test)]
mod tests {
    use crate::analysis::rules::testing::titles;

    #[test]
    fn a_server_that_is_much_shorter_than_its_client_is_told() {
        let slow = "a 0..200 web/server\nb<a 10..190 web/client\nc<b 110..185 shop/server";
        assert_eq!(titles(slow, "PERF-8"), ["105 ms between web and shop outside the server's own time"]);
        let quick = "a 0..200 web/server\nb<a 10..190 web/client\nc<b 15..185 shop/server";
        assert!(titles(quick, "PERF-8").is_empty());
    }
}
