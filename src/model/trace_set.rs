//! All traces of everything that was opened.
//!
//! Lives in the worker. Hot columns of all spans, trace after trace, each trace in tree order; attributes,
//! events, links and rare fields packed behind one offset per span.

use crate::base::blocks::Blocks;

use super::assemble::HOLE;
use super::attributes::Value;
use super::ids::{SpanId, TraceId};
use super::index::{RecordIdx, ResourceIdx, ScopeIdx, SourceIdx, SpanIdx, StringIdx, TraceIdx};
use super::raw::{ResourceEntry, SourceEntry};
use super::record::LinkKind;
use super::span::{Flags, NO_PARENT, SpanColumns};
use super::strings::Strings;
use super::time::{DurationNanos, UnixNanos};
use super::unpack::{Cold, NO_COLD};
use super::warning::Warnings;

/// Facts about one trace, for lists and headers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TraceSummary {
    /// The id; all zero for the group of spans without one.
    pub id: TraceId,
    /// The id as written, where it is not hex.
    pub id_text: String,
    /// First span and number of entries in the set, placeholders included.
    pub first: u32,
    /// See `first`.
    pub n_entries: u32,
    /// Spans after merging, placeholders not counted.
    pub n_spans: u32,
    /// Distinct services, a missing one counting as one more.
    pub n_services: u32,
    /// Indices of the services in the set, most time first.
    pub services: Vec<u32>,
    /// The main root (`analysis.md` 2.3), in the set.
    pub main_root: u32,
    /// Records without a parent id, before merging and repair.
    pub n_roots: u32,
    /// Records whose parent id is not in the trace, before merging.
    pub n_orphans: u32,
    /// Records with status error, before merging.
    pub n_errors: u32,
    /// Events of all records, before merging.
    pub n_events: u32,
    /// Records, before merging.
    pub n_records: u32,
    /// Earliest start; records without a start do not count.
    pub start: UnixNanos,
    /// Latest end − earliest start.
    pub duration: DurationNanos,
    /// Levels of the tree: 1 for a lone root.
    pub depth: u32,
    /// The backend said that the trace is incomplete, in its words.
    pub partial: Option<String>,
}

impl TraceSummary {
    /// Its entries in the set.
    pub fn range(&self) -> std::ops::Range<usize> {
        self.first as usize..(self.first + self.n_entries) as usize
    }
}

/// An event as it is read back.
#[derive(Clone, Debug, PartialEq)]
pub struct Event<'a> {
    /// When; nanoseconds since 1970.
    pub time: UnixNanos,
    /// Name.
    pub name: &'a str,
    /// Attributes in order.
    pub attributes: Vec<(&'a str, Value<'a>)>,
    /// Attributes that the SDK dropped.
    pub dropped_attributes: u32,
}

/// A link as it is read back.
#[derive(Clone, Debug, PartialEq)]
pub struct Link<'a> {
    /// The trace of the other span.
    pub trace_id: TraceId,
    /// The other span.
    pub span_id: SpanId,
    /// What the reference means.
    pub kind: LinkKind,
    /// W3C trace state.
    pub trace_state: &'a str,
    /// Trace flags.
    pub flags: u32,
    /// Attributes in order.
    pub attributes: Vec<(&'a str, Value<'a>)>,
    /// Attributes that the SDK dropped.
    pub dropped_attributes: u32,
}

/// The cold part of a span, read back. Empty for placeholders.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Details<'a> {
    /// Attributes in order, duplicates kept.
    pub attributes: Vec<(&'a str, Value<'a>)>,
    /// Events in the order of the input.
    pub events: Vec<Event<'a>>,
    /// Links in the order of the input.
    pub links: Vec<Link<'a>>,
    /// Description of the status.
    pub status_message: &'a str,
    /// W3C trace state.
    pub trace_state: &'a str,
    /// Trace flags as written.
    pub trace_flags: u32,
    /// Dropped by the SDK: attributes, events, links.
    pub dropped: [u32; 3],
    /// Ids as written, where they are not plain hex; else empty: span and parent.
    pub id_texts: [&'a str; 2],
    /// The parent that the input names; none for a root.
    pub parent_id: SpanId,
    /// Start and end as read, where a repair changed them.
    pub raw_times: Option<(i64, i64)>,
    /// Resource of the span.
    pub resource: ResourceIdx,
    /// Scope of the span.
    pub scope: ScopeIdx,
    /// Where it was read.
    pub source: SourceIdx,
    /// Its number in the order of reading.
    pub record: RecordIdx,
    /// Warnings that the backend attached.
    pub source_warnings: Vec<&'a str>,
}

/// A resource, read back.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resource<'a> {
    /// Service name; empty when there is none.
    pub service: &'a str,
    /// Attributes in order.
    pub attributes: Vec<(&'a str, Value<'a>)>,
    /// Schema.
    pub schema_url: &'a str,
    /// Attributes that the SDK dropped.
    pub dropped_attributes: u32,
}

/// A scope, read back.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scope<'a> {
    /// Name of the instrumentation library.
    pub name: &'a str,
    /// Version.
    pub version: &'a str,
    /// Attributes in order.
    pub attributes: Vec<(&'a str, Value<'a>)>,
    /// Schema.
    pub schema_url: &'a str,
    /// Attributes that the SDK dropped.
    pub dropped_attributes: u32,
}

/// Counts over everything that was read, for `records = spans + merged + refused`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Records pushed.
    pub records: u64,
    /// Records merged into another span.
    pub merged: u64,
    /// Spans shown.
    pub spans: u64,
    /// Events of all records.
    pub events: u64,
    /// Links of all records.
    pub links: u64,
    /// Distinct services, a missing one counting as one more.
    pub services: u64,
}

/// All traces of everything that was opened.
#[derive(Clone, Debug, Default)]
pub struct TraceSet {
    pub(crate) traces: Vec<TraceSummary>,
    pub(crate) warnings: Warnings,
    pub(crate) totals: Totals,
    /// Spans of all traces; starts since 1970, parents from the start of the set.
    pub(super) columns: SpanColumns,
    /// Record of each span; placeholders have the highest bit.
    pub(super) record: Vec<u32>,
    /// Where the cold part of each span is packed.
    pub(super) place: Vec<u32>,
    pub(super) blocks: Blocks,
    pub(super) strings: Strings,
    pub(super) services: Vec<StringIdx>,
    pub(super) resources: Vec<ResourceEntry>,
    pub(super) scopes: Vec<u32>,
    pub(super) sources: Vec<SourceEntry>,
    /// Exceptions, each sorted by record: times as read, packed places of merged records, stated parents.
    pub(super) raw_times: Vec<(u32, i64, i64)>,
    pub(super) pieces: Vec<(u32, u32)>,
    pub(super) odd_parents: Vec<(u32, u64)>,
    /// Traces in the order of their ids.
    pub(super) by_id: Vec<u32>,
    /// Targets of links and the spans they come from, sorted.
    pub(super) links: Vec<(TraceId, u64, u32)>,
}

impl TraceSet {
    /// The traces, by start time, then id.
    pub fn traces(&self) -> &[TraceSummary] {
        &self.traces
    }

    /// What was repaired or guessed while putting the traces together.
    pub fn warnings(&self) -> &Warnings {
        &self.warnings
    }

    /// Counts over everything.
    pub fn totals(&self) -> Totals {
        self.totals
    }

    /// How many spans are shown of the records before each of `ends`, which grow, and from the end before on:
    /// of each file, where `ends` are the numbers of records after each. O(n log ends).
    pub fn shown_of_parts(&self, ends: &[u64]) -> Vec<u64> {
        let mut shown = vec![0; ends.len()];
        for &record in self.record.iter().filter(|&&r| r & HOLE == 0) {
            let part = ends.partition_point(|&end| end <= u64::from(record));
            if let Some(shown) = shown.get_mut(part) {
                *shown += 1;
            }
        }
        shown
    }

    /// Number of entries over all traces, placeholders included.
    pub fn n_entries(&self) -> usize {
        self.columns.len()
    }

    /// The trace that holds `span` of the set.
    pub fn trace_of(&self, span: SpanIdx) -> Option<TraceIdx> {
        let after = self.traces.partition_point(|t| t.first <= span.0);
        let trace = after.checked_sub(1)?;
        (span.at() < self.columns.len()).then_some(TraceIdx::new(trace))
    }

    /// The hot columns of all spans: starts since 1970, parents from the start of the set, names as strings
    /// of the set, services as for [`Self::service_name`].
    pub fn columns(&self) -> &SpanColumns {
        &self.columns
    }

    /// The span's name; may be empty.
    pub fn name(&self, span: SpanIdx) -> &str {
        self.columns.name.get(span.at()).map_or("", |&name| self.strings.get(StringIdx(name)))
    }

    /// Cold part of a span of the set; `span` is the trace's `first` plus the index in the trace.
    pub fn details(&self, span: SpanIdx) -> Details<'_> {
        let Some(&place) = self.place.get(span.at()) else { return Details::default() };
        if place == NO_COLD {
            return Details::default();
        }
        let record = self.record[span.at()];
        let cold = self.cold();
        let mut details = cold.details(place);
        let from = self.pieces.partition_point(|p| p.0 < record);
        for &(_, place) in self.pieces[from..].iter().take_while(|p| p.0 == record) {
            unite(&mut details, cold.details(place));
        }
        details.record = RecordIdx(record);
        let after = self.sources.partition_point(|s| s.first <= record);
        let source = after.saturating_sub(1);
        details.source = SourceIdx::new(source);
        let factor = self.sources.get(source).map_or(1, |s| s.time_factor);
        if factor != 1 {
            for event in &mut details.events {
                event.time.0 = event.time.0.saturating_mul(factor);
            }
        }
        details.parent_id = self.stated_parent(span, record);
        let at = self.raw_times.partition_point(|t| t.0 < record);
        details.raw_times = self.raw_times.get(at).filter(|t| t.0 == record).map(|t| (t.1, t.2));
        details
    }

    fn stated_parent(&self, span: SpanIdx, record: u32) -> SpanId {
        if let Ok(at) = self.odd_parents.binary_search_by_key(&record, |p| p.0) {
            return SpanId(self.odd_parents[at].1);
        }
        match self.columns.parent[span.at()] {
            NO_PARENT => SpanId::NONE,
            parent => SpanId(self.columns.span_id[parent as usize]),
        }
    }

    pub(super) fn cold(&self) -> Cold<'_> {
        Cold { blocks: &self.blocks, strings: &self.strings }
    }

    /// A resource; an empty one when it was reserved and never filled.
    pub fn resource(&self, resource: ResourceIdx) -> Resource<'_> {
        self.resources.get(resource.at()).map_or_else(Resource::default, |r| self.cold().resource(r.place))
    }

    /// A scope.
    pub fn scope(&self, scope: ScopeIdx) -> Scope<'_> {
        self.scopes.get(scope.at()).map_or_else(Scope::default, |&place| self.cold().scope(place))
    }

    /// Name of a source: the file, and the member for archives (`traces.zip › a/b.json`).
    pub fn source(&self, source: SourceIdx) -> &str {
        self.sources.get(source.at()).map_or("", |s| s.name.as_str())
    }

    /// The name of a service by its index in the set.
    pub fn service_name(&self, service: u32) -> &str {
        self.services.get(service as usize).map_or("", |&name| self.strings.get(name))
    }

    /// The span of a record, for warnings that name records; none when it was merged away or refused. O(n).
    pub fn span_of_record(&self, record: RecordIdx) -> Option<SpanIdx> {
        self.record.iter().position(|&r| r == record.0).map(SpanIdx::new)
    }

    /// Spans that link to `span`: trace and span of the linking side, in order. O(log links + found).
    pub fn back_links(&self, span: SpanIdx) -> Vec<SpanIdx> {
        let Some(trace) = self.trace_of(span) else { return Vec::new() };
        let target = (self.traces[trace.at()].id, self.columns.span_id[span.at()]);
        let from = self.links.partition_point(|l| (l.0, l.1) < target);
        self.links[from..].iter().take_while(|l| (l.0, l.1) == target).map(|l| SpanIdx(l.2)).collect()
    }

    /// The trace with this id, or the one whose 128-bit id a 64-bit one was joined with.
    pub fn find_trace(&self, id: TraceId) -> Option<TraceIdx> {
        let id_of = |&t: &u32| self.traces[t as usize].id;
        let found = self.by_id.binary_search_by_key(&id, id_of).ok().map(|at| self.by_id[at]);
        let joined = || {
            let ends_alike = |t: &&u32| id_of(t).0[8..] == id.0[8..];
            self.by_id.iter().find(ends_alike).copied().filter(|_| id.is_64_bit() && !id.is_none())
        };
        found.or_else(joined).map(TraceIdx)
    }

    /// The span with these ids. O(spans of the trace).
    pub fn find(&self, trace: TraceId, span: SpanId) -> Option<SpanIdx> {
        let range = self.traces.get(self.find_trace(trace)?.at())?.range();
        let ids = self.columns.span_id.get(range.clone())?;
        ids.iter().position(|&id| id == span.0).map(|at| SpanIdx::new(range.start + at))
    }

    /// The first span with this id, in whichever trace. O(spans).
    pub fn find_span(&self, span: SpanId) -> Option<SpanIdx> {
        self.columns.span_id.iter().position(|&id| id == span.0).map(SpanIdx::new)
    }

    /// Builds what look-ups by id and links need.
    pub(super) fn index(&mut self) {
        self.by_id = (0..self.traces.len() as u32).collect();
        self.by_id.sort_unstable_by_key(|&t| (self.traces[t as usize].id, t));
        let mut links = Vec::new();
        for (at, &flags) in self.columns.flags.iter().enumerate() {
            if Flags(flags).has(Flags::HAS_LINKS) {
                let found = self.details(SpanIdx::new(at)).links;
                links.extend(found.iter().map(|l| (l.trace_id, l.span_id.0, at as u32)));
            }
        }
        links.sort_unstable();
        links.dedup();
        self.links = links;
    }

    /// Bytes held on the heap.
    pub fn heap_bytes(&self) -> usize {
        let traces = self.traces.capacity() * size_of::<TraceSummary>()
            + self.traces.iter().map(|t| t.services.capacity() * 4 + t.id_text.capacity()).sum::<usize>();
        self.columns.heap_bytes()
            + (self.record.capacity() + self.place.capacity() + self.by_id.capacity()) * 4
            + self.blocks.heap_bytes()
            + self.strings.heap_bytes()
            + self.resources.capacity() * size_of::<ResourceEntry>()
            + (self.services.capacity() + self.scopes.capacity()) * 4
            + self.raw_times.capacity() * size_of::<(u32, i64, i64)>()
            + self.pieces.capacity() * size_of::<(u32, u32)>()
            + self.odd_parents.capacity() * size_of::<(u32, u64)>()
            + self.links.capacity() * size_of::<(TraceId, u64, u32)>()
            + traces
    }
}

/// Adds what `piece` knows and `whole` does not.
fn unite<'a>(whole: &mut Details<'a>, piece: Details<'a>) {
    // Pieces have few attributes, so comparing each with each is no matter; long lists are not compared.
    fn add<T: PartialEq>(whole: &mut Vec<T>, piece: Vec<T>) {
        let known = whole.len().min(256);
        for item in piece {
            if !whole[..known].contains(&item) {
                whole.push(item);
            }
        }
    }
    add(&mut whole.attributes, piece.attributes);
    add(&mut whole.events, piece.events);
    add(&mut whole.links, piece.links);
    add(&mut whole.source_warnings, piece.source_warnings);
    for (ours, theirs) in
        [(&mut whole.status_message, piece.status_message), (&mut whole.trace_state, piece.trace_state)]
    {
        if ours.is_empty() {
            *ours = theirs;
        }
    }
    for (ours, theirs) in whole.id_texts.iter_mut().zip(piece.id_texts) {
        if ours.is_empty() {
            *ours = theirs;
        }
    }
    for (ours, theirs) in whole.dropped.iter_mut().zip(piece.dropped) {
        *ours = (*ours).max(theirs);
    }
    if whole.trace_flags == 0 {
        whole.trace_flags = piece.trace_flags;
    }
}
