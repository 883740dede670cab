//! The resources of a trace, for the rules that look at what services say of themselves.

use std::collections::BTreeMap;

use crate::analysis::context::Context;
use crate::model::index::{ResourceIdx, ServiceIdx, SpanIdx};

/// Each resource with its service and the first span of it, by service. O(resources).
pub(super) fn resources(ctx: &Context) -> BTreeMap<(ServiceIdx, ResourceIdx), SpanIdx> {
    let owners = ctx.domains.owners.iter();
    owners.filter_map(|o| Some(((ctx.trace().service(o.first), o.resource?), o.first))).collect()
}
