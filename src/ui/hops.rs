//! Following causality from span to span: into the called service and back, and along links, which may lead
//! into another trace.
//!
//! The tree is at hand; links are in the engine's answer about the selected span, which may be on its way.

use crate::ui::effect::effect;
use leptos::prelude::*;

use super::notices::Notices;
use super::services::Services;
use super::timeline::TimelineHandle;
use crate::model::index::SpanIdx;
use crate::model::span::SpanKind;
use crate::view::causality::{called, caller};
use crate::wire::details::{SpanDetails, SpanRef};

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// To what this caused.
    Forward,
    /// To what caused this.
    Back,
}

/// A copyable handle that takes the reader along.
#[derive(Clone, Copy, Debug)]
pub struct Hops {
    handle: TimelineHandle,
    services: Services,
    notices: Notices,
    /// A hop that waits for the links of its span.
    pending: StoredValue<Option<(SpanIdx, Way)>>,
    on_span: Callback<SpanRef>,
}

impl Hops {
    /// Takes the reader along by `on_span`, for as long as the present component lives.
    pub fn new(
        handle: TimelineHandle,
        services: Services,
        notices: Notices,
        on_span: impl Fn(SpanRef) + Send + Sync + 'static,
    ) -> Self {
        let on_span = Callback::new(on_span);
        let hops = Self { handle, services, notices, pending: StoredValue::new(None), on_span };
        effect(move || {
            let Some(details) = services.details.get() else { return };
            let pending = hops.pending.get_value();
            if let Some((span, way)) = pending.filter(|(span, _)| span.0 == details.this.span) {
                hops.pending.set_value(None);
                hops.along(span, way, &details);
            }
        });
        hops
    }

    /// Follows the selected span.
    pub fn follow(self, way: Way) {
        let Some(span) = self.handle.look(crate::view::timeline::Timeline::selected).flatten() else {
            return self.notices.error("Select a span to follow its calls");
        };
        // Whoever sends or takes a message is joined by a link, if by anything.
        let has_links_first = self.handle.look(|t| {
            let kind = t.trace().kind(span);
            kind == if way == Way::Forward { SpanKind::Producer } else { SpanKind::Consumer }
        });
        if has_links_first != Some(true) && self.within(span, way) {
            return;
        }
        let details = self.services.details.get_untracked();
        match details.filter(|d| d.this.span == span.0) {
            Some(details) => self.along(span, way, &details),
            None => self.pending.set_value(Some((span, way))),
        }
    }

    /// Goes along the tree. Returns whether there is a way.
    fn within(self, span: SpanIdx, way: Way) -> bool {
        let to = self.handle.look(|t| match way {
            Way::Forward => called(t.trace(), span),
            Way::Back => caller(t.trace(), span),
        });
        let Some(to) = to.flatten() else { return false };
        let reference = self.handle.look(|t| SpanRef {
            trace_id: t.trace().id().to_string(),
            span: to.0,
            span_id: t.trace().span_id(to).to_string(),
            ..SpanRef::default()
        });
        if let Some(reference) = reference {
            self.on_span.run(reference);
        }
        true
    }

    /// Goes along a link, else along the tree.
    fn along(self, span: SpanIdx, way: Way, details: &SpanDetails) {
        let linked = match way {
            Way::Forward => details.back_links.first().cloned(),
            Way::Back => details.links.iter().find_map(|link| link.target.clone()),
        };
        match linked {
            Some(target) => self.on_span.run(target),
            None if self.within(span, way) => {}
            None => self.notices.done(match way {
                Way::Forward => "Nothing leads on from here: no other service is called, no span links here",
                Way::Back => "Nothing leads back from here: no other service calls, nothing is linked",
            }),
        }
    }
}
