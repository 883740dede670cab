//! Two services that talk a lot within one request.

use rustc_hash::FxHashMap;

use super::{Find, Rule};
use crate::analysis::context::Context;
use crate::analysis::finding::Finding;
use crate::analysis::wording::time;
use crate::base::sort::CompactSort as _;
use crate::model::index::{ServiceIdx, SpanIdx};

/// PERF-11.
pub(super) const RULE: Rule = Rule {
    code: "PERF-11",
    name: "Chatty pair of services",
    checks: "services that call one another very often",
    fires: "at least 20 calls go from one service to another within the request",
    stake: "the time of these calls on the critical path that is spent outside of the called service",
    advice: "Merge them into coarser calls.",
    find: Find::Trace(find),
};

const MOST: usize = 10;

fn find(ctx: &Context) -> Vec<Finding> {
    let (recorded, trace) = (ctx.recorded, ctx.trace());
    let mut pairs: FxHashMap<(ServiceIdx, ServiceIdx), (i64, Vec<SpanIdx>)> = FxHashMap::default();
    for &callee in ctx.prepared.order() {
        let Some(caller) = recorded.parent(callee) else { continue };
        let (from, to) = (trace.service(caller), trace.service(callee));
        if from != to {
            let (overhead, calls) = pairs.entry((from, to)).or_default();
            *overhead += (recorded.duration(caller) - recorded.duration(callee)).clamp(0, ctx.cp(caller));
            calls.push(callee);
        }
    }
    let mut chatty: Vec<_> = pairs.into_iter().filter(|(_, (_, calls))| calls.len() >= 20).collect();
    chatty.compact_sort_by_key(|((from, to), (overhead, _))| (std::cmp::Reverse(*overhead), *from, *to));
    chatty.truncate(MOST);
    chatty
        .into_iter()
        .map(|((from, to), (overhead, calls))| {
            let name = |service: ServiceIdx| trace.service_name(service).to_owned();
            let (from, to) = (name(from), name(to));
            Finding::new(RULE.code, format!("{} calls between {from} and {to} in one request", calls.len()))
                .stake(ctx, overhead)
                .evidence(&calls)
                .says(
                    format!(
                        "Every call costs connection, serialising and queueing on top of {to}'s own work."
                    ),
                    format!("Merge them into coarser calls; {} is spent on the way.", time(overhead)),
                )
                .key(ctx, &format!("{from} {to}"), None)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::analysis::rules::testing::titles;
    use std::fmt::Write as _;

    #[test]
    fn many_calls_between_two_services_are_told() {
        let calls = |n: usize| {
            let mut spans = "a 0..1000 web/server".to_owned();
            for at in 0..n {
                let from = at * 30;
                let _ = write!(spans, "\nc{at}<a {from}..{} web/client", from + 20);
                let _ = write!(spans, "\ns{at}<c{at} {}..{} shop/server", from + 5, from + 15);
            }
            spans
        };
        assert_eq!(titles(&calls(25), "PERF-11"), ["25 calls between web and shop in one request"]);
        assert!(titles(&calls(19), "PERF-11").is_empty());
    }
}
