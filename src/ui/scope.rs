//! What the views beside the timeline are about: the part of the open trace that the timeline shows, or the
//! traces of the list when none is open.

use leptos::prelude::*;

use super::services::Services;
use super::store::Store;
use super::timeline::TimelineHandle;
use crate::state::view_state::QueryMode;
use crate::wire::scope::{Part, Scope, SpanSet};

/// The number of the list and what of it is in view, followed as it changes; none while nothing is there.
pub fn in_view(services: Services, store: Store, handle: Option<TimelineHandle>) -> Option<(u32, Scope)> {
    let Some(handle) = handle else {
        return services.index.with(|index| {
            let index = index.as_ref().filter(|index| index.complete)?;
            let scope = store.with(|s| s.listed(&index.list)).map_or(Scope::All, Scope::Traces);
            Some((index.revision, scope))
        });
    };
    let (revision, trace, earlier) = services.trace.with(|open| {
        let open = open.as_ref().filter(|open| open.head.complete)?;
        let earlier = open.correction.as_ref().map_or(0, |c| c.earlier.0);
        Some((open.head.revision, open.head.trace, earlier))
    })?;
    let filters = store.with(|s| s.query_mode == QueryMode::Filter && !s.query.trim().is_empty());
    let part = handle.follow(|t| Part {
        trace,
        focus: t.folding().focus().map(|span| span.0),
        // Analyses count from the recorded start.
        range: (!t.is_whole()).then(|| t.range()).map(|r| (r.start.0 - earlier, r.end.0 - earlier)),
        spans: t.matches().filter(|_| filters).map(SpanSet::new),
    })?;
    Some((revision, Scope::Part(part)))
}
