//! A service that calls itself through another one.

use rustc_hash::FxHashMap;

use super::{Find, Rule};
use crate::analysis::context::Context;
use crate::analysis::finding::{Confidence, Finding};
use crate::analysis::wording::time;
use crate::base::sort::CompactSort as _;
use crate::model::index::{ServiceIdx, SpanIdx};

/// PERF-15.
pub(super) const RULE: Rule = Rule {
    code: "PERF-15",
    name: "Service cycle",
    checks: "services that call themselves through another",
    fires: "on a call path, a service is entered again from another service that it called",
    stake: "the time of the inner calls on the critical path",
    advice: "Pass the data along, or keep it local.",
    find: Find::Trace(find),
};

const MOST: usize = 10;

fn find(ctx: &Context) -> Vec<Finding> {
    let (recorded, trace) = (ctx.recorded, ctx.trace());
    // Time on the critical path of all spans before each, so that the time of any range is a difference.
    let mut until = vec![0_i64; recorded.len() + 1];
    for at in 0..recorded.len() {
        until[at + 1] = until[at] + ctx.cp(SpanIdx::new(at));
    }
    let below = |span: SpanIdx| until[span.at() + trace.subtree_size(span) as usize] - until[span.at()];
    // The nearest span above each of another service: parents come before their children.
    let mut entered_from: Vec<Option<SpanIdx>> = vec![None; recorded.len()];
    let mut cycles: FxHashMap<(ServiceIdx, ServiceIdx), (i64, Vec<SpanIdx>)> = FxHashMap::default();
    for span in recorded.spans() {
        let Some(parent) = recorded.parent(span) else { continue };
        let service = trace.service(span);
        if trace.service(parent) == service {
            entered_from[span.at()] = entered_from[parent.at()];
            continue;
        }
        entered_from[span.at()] = Some(parent);
        let Some(outer) = entered_from[parent.at()].filter(|&outer| trace.service(outer) == service) else {
            continue;
        };
        let (inner_ns, steps) = cycles.entry((service, trace.service(parent))).or_default();
        *inner_ns += below(span);
        if steps.is_empty() {
            steps.extend([span, parent, outer]);
        }
    }
    let mut cycles: Vec<_> = cycles.into_iter().collect();
    cycles.compact_sort_by_key(|((a, b), (inner, _))| (std::cmp::Reverse(*inner), *a, *b));
    cycles.truncate(MOST);
    cycles
        .into_iter()
        .filter(|((a, b), _)| !trace.service_name(*a).is_empty() && !trace.service_name(*b).is_empty())
        .map(|((a, b), (inner_ns, steps))| {
            let (a, b) = (trace.service_name(a), trace.service_name(b));
            Finding::new(RULE.code, format!("{a} calls itself again through {b}"))
                .stake(ctx, inner_ns)
                .confidence(Confidence::Possible)
                .evidence(&steps)
                .says(
                    format!("The request waits {} for the inner calls to {a}.", time(inner_ns)),
                    "Pass the data along, or keep it local.".to_owned(),
                )
                .key(ctx, &format!("{a} {b}"), None)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::analysis::rules::testing::titles;

    #[test]
    fn a_service_that_comes_back_to_itself_is_told() {
        let cycle = "a 0..100 one/server\nb<a 5..95 two/server\nc<b 10..90 one/server";
        assert_eq!(titles(cycle, "PERF-15"), ["one calls itself again through two"]);
        assert!(
            titles("a 0..100 one/server\nb<a 5..95 two/server\nc<b 10..90 three/server", "PERF-15")
                .is_empty()
        );
    }
}
