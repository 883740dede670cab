//! Everything about one span, read back from the columns.

use crate::base::sort::CompactSort as _;
use crate::model::attributes::Value;
use crate::model::index::{SpanIdx, TraceIdx};
use crate::model::record::LinkKind;
use crate::model::span::{Flags, unpack_kind_status};
use crate::model::trace_set::{Details, Event, Link, TraceSet};
use crate::wire::EventMarks;
use crate::wire::details::{self as wire, EVENTS, LINKS, SpanDetails, SpanRef};

use super::value::{attributes, text};

/// Characters of a value beside a row, and spans that are asked for at once: more than a window shows.
const MAX_VALUE: usize = 120;
const MAX_VALUES: usize = 1000;

/// What is said of a span when it has a flag; the report says the same of all spans together.
const NOTES: &[(Flags, &str)] = &[
    (Flags::START_MISSING, "The input has no start time; the one shown was derived."),
    (Flags::UNFINISHED, "The input has no end time: the span was not finished when it was recorded."),
    (Flags::NEGATIVE, "The input ends before it starts; shown without length."),
    (Flags::UNIT_GUESSED, "The times were read in another unit than the format's."),
    (Flags::TIME_ABSURD, "A time outside 2001 to 2100 was treated as missing."),
    (Flags::ORPHAN, "The parent is not in the input."),
    (Flags::CYCLE_CUT, "Its parent link led back to the span itself and was cut."),
    (Flags::SHARED, "Both sides of the call have this span id; this is the server side."),
    (Flags::DUPLICATE_ID, "Another, different span has the same id."),
    (Flags::ID_SYNTHETIC, "The input has no span id; this one was made up."),
    (Flags::NESTED_BY_TIME, "The parent was found by containment in time, not named by the input."),
    (
        Flags::FOLLOWS_FROM,
        "The reference to the parent is of the kind FOLLOWS_FROM: the parent did not wait.",
    ),
];

/// Everything about span number `span` of a trace, with the events from number `first_event` on.
pub(super) fn of_span(set: &TraceSet, trace: TraceIdx, span: u32, first_event: usize) -> Option<SpanDetails> {
    let summary = set.traces().get(trace.at()).filter(|s| span < s.n_entries)?;
    let at = SpanIdx(summary.first + span);
    let this = span_ref(set, at)?;
    let c = set.columns();
    let (start, duration) = (*c.start.get(at.at())?, *c.duration.get(at.at())?);
    let (kind, status) = unpack_kind_status(*c.kind_status.get(at.at())?);
    let flags = Flags(*c.flags.get(at.at())?);
    let cold = set.details(at);
    let back_links = set.back_links(at);
    Some(SpanDetails {
        revision: 0,
        this,
        placeholder: flags.has(Flags::PLACEHOLDER),
        parent_id: if cold.parent_id.is_none() { String::new() } else { cold.parent_id.to_string() },
        id_texts: cold.id_texts.map(str::to_owned),
        kind: kind.word().to_owned(),
        status: status.word().to_owned(),
        status_message: cold.status_message.to_owned(),
        start,
        duration,
        raw_times: cold.raw_times,
        attributes: attributes(&cold.attributes),
        resource: resource(set, &cold),
        scope: scope(set, &cold),
        events: cold.events.iter().skip(first_event).take(EVENTS).map(|e| event(e, start)).collect(),
        first_event: first_event as u32,
        n_events: cold.events.len() as u32,
        links: cold.links.iter().take(LINKS).map(|l| link(set, l)).collect(),
        n_links: cold.links.len() as u32,
        back_links: back_links.iter().take(LINKS).filter_map(|&from| span_ref(set, from)).collect(),
        n_back_links: back_links.len() as u32,
        trace_state: cold.trace_state.to_owned(),
        trace_flags: cold.trace_flags,
        dropped: cold.dropped,
        warnings: warnings(flags, &cold),
        source: set.source(cold.source).to_owned(),
    })
}

/// When the events of these spans are.
pub(super) fn event_marks(set: &TraceSet, trace: TraceIdx, spans: &[u32]) -> Vec<EventMarks> {
    let Some(summary) = set.traces().get(trace.at()) else { return Vec::new() };
    let has_events = |&span: &u32| {
        let flags = set.columns().flags.get((summary.first + span) as usize);
        span < summary.n_entries && flags.is_some_and(|&f| Flags(f).has(Flags::HAS_EVENTS))
    };
    let marks = |span: u32| {
        let mut events: Vec<(i64, bool)> = set
            .details(SpanIdx(summary.first + span))
            .events
            .iter()
            .filter(|e| e.time.0 != 0)
            .map(|e| ((e.time - summary.start).0, e.name == "exception"))
            .collect();
        events.compact_sort();
        events.truncate(EventMarks::MOST);
        let (times, exceptions) = events.into_iter().unzip();
        EventMarks { span, times, exceptions }
    };
    spans.iter().copied().filter(has_events).map(marks).filter(|m| !m.times.is_empty()).collect()
}

/// The value of the attribute `key` of each of these spans: its own, else its resource's, else its scope's.
pub(super) fn values(set: &TraceSet, trace: TraceIdx, key: &str, spans: &[u32]) -> Vec<(u32, String)> {
    let Some(summary) = set.traces().get(trace.at()) else { return Vec::new() };
    let value = |span: u32| {
        let cold = set.details(SpanIdx(summary.first + span));
        let of = |list: &[(&str, Value<'_>)]| list.iter().find(|(k, _)| *k == key).map(|(_, v)| text(v).1);
        let found = of(&cold.attributes)
            .or_else(|| of(&set.resource(cold.resource).attributes))
            .or_else(|| of(&set.scope(cold.scope).attributes));
        let short: String = found.unwrap_or_default().chars().take(MAX_VALUE).collect();
        (span, short)
    };
    spans.iter().copied().filter(|&span| span < summary.n_entries).take(MAX_VALUES).map(value).collect()
}

/// How the page refers to a span of the set.
pub(super) fn span_ref(set: &TraceSet, span: SpanIdx) -> Option<SpanRef> {
    let trace = set.trace_of(span)?;
    let summary = set.traces().get(trace.at())?;
    let c = set.columns();
    Some(SpanRef {
        trace: trace.0,
        trace_id: summary.id.to_string(),
        span: span.0.checked_sub(summary.first)?,
        span_id: crate::model::ids::SpanId(*c.span_id.get(span.at())?).to_string(),
        name: set.name(span).to_owned(),
        service: set.service_name(*c.service.get(span.at())?).to_owned(),
    })
}

fn resource(set: &TraceSet, cold: &Details<'_>) -> wire::Resource {
    let r = set.resource(cold.resource);
    wire::Resource {
        service: r.service.to_owned(),
        attributes: attributes(&r.attributes),
        schema_url: r.schema_url.to_owned(),
        dropped_attributes: r.dropped_attributes,
    }
}

fn scope(set: &TraceSet, cold: &Details<'_>) -> wire::Scope {
    let s = set.scope(cold.scope);
    wire::Scope {
        name: s.name.to_owned(),
        version: s.version.to_owned(),
        attributes: attributes(&s.attributes),
        schema_url: s.schema_url.to_owned(),
        dropped_attributes: s.dropped_attributes,
    }
}

fn event(event: &Event<'_>, span_start: i64) -> wire::Event {
    wire::Event {
        time: event.time.0,
        after_start: if event.time.0 == 0 { 0 } else { event.time.0.saturating_sub(span_start) },
        name: event.name.to_owned(),
        attributes: attributes(&event.attributes),
        dropped_attributes: event.dropped_attributes,
    }
}

fn link(set: &TraceSet, link: &Link<'_>) -> wire::Link {
    let target = set.find(link.trace_id, link.span_id).and_then(|span| span_ref(set, span));
    let kind = match link.kind {
        LinkKind::Link => "link",
        LinkKind::FollowsFrom => "follows from",
        LinkKind::ExtraParent => "further parent",
    };
    wire::Link {
        trace_id: link.trace_id.to_string(),
        span_id: link.span_id.to_string(),
        kind: kind.to_owned(),
        trace_state: link.trace_state.to_owned(),
        flags: link.flags,
        attributes: attributes(&link.attributes),
        dropped_attributes: link.dropped_attributes,
        trace_known: target.is_some() || set.find_trace(link.trace_id).is_some(),
        target,
    }
}

fn warnings(flags: Flags, cold: &Details<'_>) -> Vec<String> {
    let notes = NOTES.iter().filter(|(flag, _)| flags.has(*flag)).map(|(_, note)| (*note).to_owned());
    notes.chain(cold.source_warnings.iter().map(|w| (*w).to_owned())).collect()
}
