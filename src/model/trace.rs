//! One trace in hot columns: what rows, bars, search by name and analyses need.
//!
//! The page holds one of these for the open trace, so that scrolling, folding and zooming never wait for the
//! worker; tests build them natively. Times count from the trace's start, parents from its first span, names
//! and services are tables of its own.

use super::check::Check;
use super::ids::{SpanId, TraceId};
use super::index::{ServiceIdx, SpanIdx};
use super::span::{Flags, NO_PARENT, SpanColumns, SpanKind, Status, unpack_kind_status};
use super::time::{DurationNanos, UnixNanos};

/// One trace, in tree order: a parent's index is smaller than its children's, a subtree is a contiguous range.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    pub(crate) id: TraceId,
    pub(crate) start: UnixNanos,
    pub(crate) duration: DurationNanos,
    pub(crate) columns: SpanColumns,
    pub(crate) names: Vec<String>,
    pub(crate) services: Vec<String>,
}

impl Trace {
    /// Puts a trace together from parts that crossed a thread: whoever calls this has the parts from
    /// [`super::trace_set::TraceSet::trace`] and calls [`Self::check`] when all are there.
    pub fn from_parts(
        id: TraceId,
        start: UnixNanos,
        duration: DurationNanos,
        columns: SpanColumns,
        names: Vec<String>,
        services: Vec<String>,
    ) -> Self {
        Self { id, start, duration, columns, names, services }
    }

    /// The trace id.
    pub fn id(&self) -> TraceId {
        self.id
    }

    /// The earliest start; all other times count from here.
    pub fn start_time(&self) -> UnixNanos {
        self.start
    }

    /// From the earliest start to the latest end.
    pub fn duration(&self) -> DurationNanos {
        self.duration
    }

    /// Number of rows when everything is open: spans and placeholders.
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// Whether there is no span.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// All spans in tree order.
    pub fn spans(&self) -> impl DoubleEndedIterator<Item = SpanIdx> + ExactSizeIterator + Clone + use<> {
        (0..self.columns.len() as u32).map(SpanIdx)
    }

    /// Start after the trace's start.
    #[inline]
    pub fn start(&self, span: SpanIdx) -> DurationNanos {
        DurationNanos(self.columns.start[span.at()])
    }

    /// Duration; zero where the input has no end.
    #[inline]
    pub fn span_duration(&self, span: SpanIdx) -> DurationNanos {
        DurationNanos(self.columns.duration[span.at()])
    }

    /// End after the trace's start.
    #[inline]
    pub fn end(&self, span: SpanIdx) -> DurationNanos {
        self.start(span) + self.span_duration(span)
    }

    /// The parent; none for a root.
    #[inline]
    pub fn parent(&self, span: SpanIdx) -> Option<SpanIdx> {
        let raw = self.columns.parent[span.at()];
        (raw != NO_PARENT).then_some(SpanIdx(raw))
    }

    /// Spans in the subtree, `span` included: the subtree is `span .. span + subtree_size`.
    #[inline]
    pub fn subtree_size(&self, span: SpanIdx) -> u32 {
        self.columns.subtree_size[span.at()]
    }

    /// Number of ancestors.
    #[inline]
    pub fn depth(&self, span: SpanIdx) -> u32 {
        self.columns.depth[span.at()]
    }

    /// Whether `span` has children.
    #[inline]
    pub fn has_children(&self, span: SpanIdx) -> bool {
        self.subtree_size(span) > 1
    }

    /// Direct children in display order: start ascending, longer first, id.
    pub fn children(&self, span: SpanIdx) -> impl Iterator<Item = SpanIdx> + '_ {
        self.siblings(span.0 + 1, span.0 + self.subtree_size(span))
    }

    /// Roots in display order.
    pub fn roots(&self) -> impl Iterator<Item = SpanIdx> + '_ {
        self.siblings(0, self.len() as u32)
    }

    fn siblings(&self, first: u32, end: u32) -> impl Iterator<Item = SpanIdx> + '_ {
        let mut next = first;
        std::iter::from_fn(move || {
            let span = SpanIdx(next);
            (next < end).then(|| {
                next += self.subtree_size(span);
                span
            })
        })
    }

    /// Whether `ancestor` lies on the way from `span` to its root, or is `span`. O(1).
    pub fn is_within(&self, span: SpanIdx, ancestor: SpanIdx) -> bool {
        span >= ancestor && span.0 - ancestor.0 < self.subtree_size(ancestor)
    }

    /// Index of the span's name among [`Self::names`]: equal names have equal indices.
    #[inline]
    pub fn name_idx(&self, span: SpanIdx) -> u32 {
        self.columns.name[span.at()]
    }

    /// The span's name; may be empty.
    #[inline]
    pub fn name(&self, span: SpanIdx) -> &str {
        self.names.get(self.name_idx(span) as usize).map_or("", String::as_str)
    }

    /// Distinct span names.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The span's service.
    #[inline]
    pub fn service(&self, span: SpanIdx) -> ServiceIdx {
        ServiceIdx(self.columns.service[span.at()])
    }

    /// The name of a service; empty for spans without one.
    pub fn service_name(&self, service: ServiceIdx) -> &str {
        self.services.get(service.at()).map_or("", String::as_str)
    }

    /// Service names by [`ServiceIdx`], most time-consuming first (see `TraceSet::trace`).
    pub fn services(&self) -> &[String] {
        &self.services
    }

    /// Span id; for a placeholder that of the missing parent.
    pub fn span_id(&self, span: SpanIdx) -> SpanId {
        SpanId(self.columns.span_id[span.at()])
    }

    /// The first span with this id. O(n).
    pub fn find(&self, id: SpanId) -> Option<SpanIdx> {
        self.columns.span_id.iter().position(|&raw| raw == id.0).map(SpanIdx::new)
    }

    /// Kind.
    #[inline]
    pub fn kind(&self, span: SpanIdx) -> SpanKind {
        unpack_kind_status(self.columns.kind_status[span.at()]).0
    }

    /// Status.
    #[inline]
    pub fn status(&self, span: SpanIdx) -> Status {
        unpack_kind_status(self.columns.kind_status[span.at()]).1
    }

    /// Whether the status is error.
    #[inline]
    pub fn is_error(&self, span: SpanIdx) -> bool {
        self.columns.kind_status[span.at()] >> 4 == Status::Error as u8
    }

    /// Flags.
    #[inline]
    pub fn flags(&self, span: SpanIdx) -> Flags {
        Flags(self.columns.flags[span.at()])
    }

    /// Whether this row stands for a parent that is not in the input.
    #[inline]
    pub fn is_placeholder(&self, span: SpanIdx) -> bool {
        self.flags(span).has(Flags::PLACEHOLDER)
    }

    /// The hot columns, for sending them elsewhere.
    pub fn columns(&self) -> &SpanColumns {
        &self.columns
    }

    /// All invariants: equal lengths, tree order, subtree sizes, depths, indices within their tables, times
    /// within the trace. O(n). The error says which does not hold, and where.
    pub fn check(&self) -> Result<(), String> {
        let mut check = Check::new(self.columns.len() as u32, self.duration, self.services.len());
        check.advance(&self.columns, self.names.len())
    }
}
