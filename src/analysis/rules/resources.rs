//! The resources of a trace, for the rules that look at what services say of themselves.

use std::collections::BTreeMap;

use crate::analysis::context::Context;
use crate::model::index::{ResourceIdx, ServiceIdx, SpanIdx};

/// Each resource with its service and the first span of it, by service. O(n).
pub(super) fn resources(ctx: &Context) -> BTreeMap<(ServiceIdx, ResourceIdx), SpanIdx> {
    let mut found = BTreeMap::new();
    let Some(summary) = ctx.set.traces().get(ctx.trace_idx.at()) else { return found };
    let mut last = None;
    for span in ctx.recorded.spans() {
        let Some((resource, _)) = ctx.set.owners(SpanIdx(summary.first + span.0)) else { continue };
        let key = (ctx.trace().service(span), resource);
        // Spans of one resource mostly follow one another.
        if last != Some(key) {
            found.entry(key).or_insert(span);
            last = Some(key);
        }
    }
    found
}
