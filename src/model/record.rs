//! A span as an importer reads it, before anything is known of its trace.
//!
//! One [`SpanRecord`] is filled, pushed and cleared again and again; a record that turns out to be cut off is
//! simply cleared, so nothing half read ever reaches the columns.

use super::attributes::AttributeBuffer;
use super::ids::{SpanId, TraceId};
use super::index::{ResourceIdx, ScopeIdx};
use super::span::{Flags, SpanKind, Status};

/// How a record refers to another span.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum LinkKind {
    /// A link as OpenTelemetry has it.
    #[default]
    Link = 0,
    /// OpenTracing's FOLLOWS_FROM that did not become the parent.
    FollowsFrom = 1,
    /// OpenTracing's further CHILD_OF references.
    ExtraParent = 2,
}

/// Which formats share span ids between the two sides of a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SideRule {
    /// One id, one span: a second record with the same id is a duplicate or a conflict.
    #[default]
    OneSpan,
    /// Zipkin: both sides report one id, and one side may come in pieces.
    Zipkin,
}

/// An event of the record; its attributes are a slice of `SpanRecord::event_attributes`, in order.
#[derive(Clone, Debug, Default)]
pub struct EventRecord {
    /// Nanoseconds since 1970; 0 when missing.
    pub time: i64,
    /// Name as written.
    pub name: String,
    /// Its attributes.
    pub attributes: AttributeBuffer,
    /// Attributes that the SDK dropped.
    pub dropped_attributes: u32,
}

/// A link of the record.
#[derive(Clone, Debug, Default)]
pub struct LinkRecord {
    /// The trace of the other span.
    pub trace_id: TraceId,
    /// The other span.
    pub span_id: SpanId,
    /// What the reference means.
    pub kind: LinkKind,
    /// W3C trace state.
    pub trace_state: String,
    /// W3C trace flags and OTLP's remote bits.
    pub flags: u32,
    /// Its attributes.
    pub attributes: AttributeBuffer,
    /// Attributes that the SDK dropped.
    pub dropped_attributes: u32,
}

/// Everything a file says of one span.
#[derive(Clone, Debug, Default)]
pub struct SpanRecord {
    /// The trace; none when missing.
    pub trace_id: TraceId,
    /// The span; none when missing: the builder makes one up and warns.
    pub span_id: SpanId,
    /// The parent; none for a root.
    pub parent_id: SpanId,
    /// Ids as written, where they are not plain hex of the full width; else empty.
    pub trace_id_text: String,
    /// As above, for the span.
    pub span_id_text: String,
    /// As above, for the parent.
    pub parent_id_text: String,
    /// Span name.
    pub name: String,
    /// Kind.
    pub kind: SpanKind,
    /// Status as the format states it.
    pub status: Status,
    /// Description of the status.
    pub status_message: String,
    /// Nanoseconds since 1970; 0 when missing. Set [`Flags::START_MISSING`] when 0 is known to mean missing;
    /// otherwise the builder decides by the rest of the trace.
    pub start: i64,
    /// Nanoseconds since 1970; 0 when missing. In a [`SideRule::Zipkin`] record with
    /// [`Flags::START_MISSING`], the length: another piece may know the start.
    pub end: i64,
    /// What the importer knows; the builder adds the rest.
    pub flags: Flags,
    /// W3C trace flags and OTLP's remote bits, as written.
    pub trace_flags: u32,
    /// W3C trace state.
    pub trace_state: String,
    /// The resource, from [`super::builder::TraceBuilder::reserve_resource`].
    pub resource: ResourceIdx,
    /// The scope, from [`super::builder::TraceBuilder::reserve_scope`].
    pub scope: ScopeIdx,
    /// Attributes in order, duplicates kept.
    pub attributes: AttributeBuffer,
    /// Number of `events` in use; the rest is kept for its memory.
    pub n_events: usize,
    /// Events; use [`Self::add_event`].
    pub events: Vec<EventRecord>,
    /// Number of `links` in use.
    pub n_links: usize,
    /// Links; use [`Self::add_link`].
    pub links: Vec<LinkRecord>,
    /// Attributes that the SDK dropped.
    pub dropped_attributes: u32,
    /// Events that the SDK dropped.
    pub dropped_events: u32,
    /// Links that the SDK dropped.
    pub dropped_links: u32,
    /// How records with the same id are to be understood.
    pub side_rule: SideRule,
    /// Warnings that the backend attached to the span.
    pub source_warnings: Vec<String>,
    /// Byte offset in the unpacked input, for messages.
    pub offset: u64,
}

impl SpanRecord {
    /// Empties the record, keeping its memory.
    pub fn clear(&mut self) {
        // Field by field, since this is done for each span and moving the whole costs more than all of it. No
        // `..`: a new field has to be thought of here.
        let Self {
            trace_id,
            span_id,
            parent_id,
            trace_id_text,
            span_id_text,
            parent_id_text,
            name,
            kind,
            status,
            status_message,
            start,
            end,
            flags,
            trace_flags,
            trace_state,
            resource,
            scope,
            attributes,
            n_events,
            events: _,
            n_links,
            links: _,
            dropped_attributes,
            dropped_events,
            dropped_links,
            side_rule,
            source_warnings,
            offset,
        } = self;
        *trace_id = TraceId::NONE;
        (*span_id, *parent_id) = (SpanId::NONE, SpanId::NONE);
        for text in [trace_id_text, span_id_text, parent_id_text, name, status_message, trace_state] {
            text.clear();
        }
        *kind = SpanKind::default();
        *status = Status::default();
        (*start, *end, *offset) = (0, 0, 0);
        *flags = Flags::default();
        *resource = ResourceIdx::default();
        *scope = ScopeIdx::default();
        (*n_events, *n_links) = (0, 0);
        (*trace_flags, *dropped_attributes, *dropped_events, *dropped_links) = (0, 0, 0, 0);
        *side_rule = SideRule::default();
        attributes.clear();
        source_warnings.clear();
    }

    /// Adds an event and returns it, emptied, to be filled.
    pub fn add_event(&mut self) -> &mut EventRecord {
        let at = self.n_events;
        self.n_events += 1;
        if at == self.events.len() {
            self.events.push(EventRecord::default());
        }
        let event = &mut self.events[at];
        event.time = 0;
        event.name.clear();
        event.attributes.clear();
        event.dropped_attributes = 0;
        event
    }

    /// Adds a link and returns it, emptied, to be filled.
    pub fn add_link(&mut self) -> &mut LinkRecord {
        let at = self.n_links;
        self.n_links += 1;
        if at == self.links.len() {
            self.links.push(LinkRecord::default());
        }
        let link = &mut self.links[at];
        link.trace_id = TraceId::NONE;
        link.span_id = SpanId::NONE;
        link.kind = LinkKind::Link;
        link.trace_state.clear();
        link.flags = 0;
        link.attributes.clear();
        link.dropped_attributes = 0;
        link
    }
}

/// A resource as an importer reads it. The service name stands in `service`, and also in `attributes` where
/// the input has it there.
#[derive(Clone, Debug, Default)]
pub struct ResourceRecord {
    /// `service.name` or the format's own field; empty when there is none.
    pub service: String,
    /// Attributes in order.
    pub attributes: AttributeBuffer,
    /// Schema of the attributes.
    pub schema_url: String,
    /// Attributes that the SDK dropped.
    pub dropped_attributes: u32,
}

/// An instrumentation scope as an importer reads it.
#[derive(Clone, Debug, Default)]
pub struct ScopeRecord {
    /// Name of the instrumentation library.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Attributes in order.
    pub attributes: AttributeBuffer,
    /// Schema of the attributes.
    pub schema_url: String,
    /// Attributes that the SDK dropped.
    pub dropped_attributes: u32,
}
