//! Whether a parent waited for its child: what the critical path, the replay and self time all ask.

use super::recorded::Recorded;
use super::settings::{Overflow, Settings};
use crate::model::index::SpanIdx;
use crate::model::span::{Flags, SpanKind};

/// How a span relates to its parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// It has no parent.
    Root,
    /// The parent waited for it.
    Blocking,
    /// Handed over: the parent did not wait.
    Async,
    /// It ends clearly after its parent, so the parent cannot have waited for its end.
    Outlives,
    /// Without length, inside its parent.
    Instant,
    /// Outside its parent's time.
    Outside,
}

/// The relation of every span to its parent. O(n).
pub fn relations(recorded: &Recorded, settings: &Settings) -> Vec<Relation> {
    recorded
        .trace()
        .spans()
        .map(|span| recorded.parent(span).map_or(Relation::Root, |p| relation(recorded, settings, p, span)))
        .collect()
}

/// Whether the reference itself says that the parent does not wait, whatever the times are.
pub fn is_handed_over(recorded: &Recorded, parent: SpanIdx, child: SpanIdx) -> bool {
    let trace = recorded.trace();
    trace.flags(child).has(Flags::FOLLOWS_FROM)
        || (trace.kind(parent) == SpanKind::Producer && trace.kind(child) == SpanKind::Consumer)
}

/// Whether the two are both sides of one call.
pub fn is_call(recorded: &Recorded, parent: SpanIdx, child: SpanIdx) -> bool {
    let trace = recorded.trace();
    trace.kind(parent) == SpanKind::Client && trace.kind(child) == SpanKind::Server
}

fn relation(recorded: &Recorded, settings: &Settings, parent: SpanIdx, child: SpanIdx) -> Relation {
    let (from, to) = (recorded.start(parent), recorded.end(parent));
    let (start, end) = (recorded.start(child), recorded.end(child));
    if is_handed_over(recorded, parent, child) {
        Relation::Async
    } else if start == end {
        if from <= start && start <= to { Relation::Instant } else { Relation::Outside }
    } else if start >= to || end <= from {
        Relation::Outside
    } else {
        let outlives = match settings.overflow {
            Overflow::Truncate => false,
            Overflow::Async => end > to,
            // Two exceptions: coarse clocks, and a client whose timeout fired while the server went on.
            Overflow::Auto => {
                end - to > settings.jitter(recorded.duration(parent)) && !is_call(recorded, parent, child)
            }
        };
        if outlives { Relation::Outlives } else { Relation::Blocking }
    }
}
