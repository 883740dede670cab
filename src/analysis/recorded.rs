//! A trace as the analyses see it: spans only, with the times their clocks would have shown had they agreed.
//!
//! A placeholder stands for a parent that is not in the input: it carries no time and takes part in nothing,
//! so its children are roots here.

use std::cmp::Reverse;
use std::sync::Arc;

use crate::base::heap;
use crate::base::sort::CompactSort as _;
use crate::model::ids::SpanId;
use crate::model::index::SpanIdx;
use crate::model::span::Flags;
use crate::model::trace::Trace;

/// The spans of a trace with corrected times, children and roots. Made in O(n), or O(n log n) where clocks
/// are corrected; 8 bytes a span, 16 with corrected clocks.
#[derive(Clone, Debug)]
pub struct Recorded<'a> {
    trace: &'a Trace,
    columns: Arc<Columns>,
}

/// What a [`Recorded`] has besides the trace: kept by an analysis that is made in slices, since it cannot hold
/// on to the trace in between. A copy of the pointer is all that it takes to go on.
#[derive(Debug, Default)]
pub struct Columns {
    /// Starts after the correction; empty where nothing is corrected.
    starts: Vec<i64>,
    /// Where each span's children begin in `children`; one more than there are entries.
    first_child: Vec<u32>,
    children: Vec<SpanIdx>,
    roots: Vec<SpanIdx>,
}

impl Columns {
    fn new(trace: &Trace, starts: Vec<i64>) -> Self {
        let mut columns = Self { starts, ..Self::default() };
        columns.sort_children(trace);
        columns.sort_roots(trace);
        columns
    }

    /// Bytes held on the heap.
    pub fn heap_bytes(&self) -> usize {
        heap::bytes(&self.starts)
            + heap::bytes(&self.first_child)
            + heap::bytes(&self.children)
            + heap::bytes(&self.roots)
    }

    #[inline]
    fn start(&self, trace: &Trace, span: SpanIdx) -> i64 {
        if self.starts.is_empty() { trace.start(span).0 } else { self.starts[span.at()] }
    }

    /// Counts the children of each span, then deals them out in tree order, which is the order of display.
    fn sort_children(&mut self, trace: &Trace) {
        let n = trace.len();
        let mut first = vec![0_u32; n + 1];
        for span in trace.spans() {
            match parent(trace, span) {
                Some(parent) => first[parent.at() + 1] += 1,
                None if trace.is_placeholder(span) => {}
                None => self.roots.push(span),
            }
        }
        for at in 0..n {
            first[at + 1] += first[at];
        }
        let mut next = first.clone();
        let mut children = vec![SpanIdx(0); first.last().map_or(0, |&n| n as usize)];
        for span in trace.spans() {
            if let Some(parent) = parent(trace, span) {
                let place = &mut next[parent.at()];
                children[*place as usize] = span;
                *place += 1;
            }
        }
        if !self.starts.is_empty() {
            for pair in first.windows(2) {
                children[pair[0] as usize..pair[1] as usize].sort_unstable_by_key(|&c| {
                    (self.start(trace, c), Reverse(trace.span_duration(c)), trace.span_id(c), c)
                });
            }
        }
        (self.first_child, self.children) = (first, children);
    }

    fn sort_roots(&mut self, trace: &Trace) {
        let mut roots = std::mem::take(&mut self.roots);
        roots.compact_sort_by_key(|&r| {
            let is_orphan = trace.flags(r).has(Flags::ORPHAN);
            (is_orphan, Reverse(trace.span_duration(r)), self.start(trace, r), trace.span_id(r), r)
        });
        self.roots = roots;
    }
}

/// The parent; none for a root, orphans included.
#[inline]
fn parent(trace: &Trace, span: SpanIdx) -> Option<SpanIdx> {
    trace.parent(span).filter(|&parent| !trace.is_placeholder(parent))
}

impl<'a> Recorded<'a> {
    /// The trace with the times as they were recorded.
    pub fn new(trace: &'a Trace) -> Self {
        Self { trace, columns: Arc::new(Columns::new(trace, Vec::new())) }
    }

    /// The trace with every span moved by `shift`, in nanoseconds.
    pub fn shifted(trace: &'a Trace, shift: impl Fn(SpanIdx) -> i64) -> Self {
        let starts = trace.spans().map(|span| trace.start(span).0.saturating_add(shift(span))).collect();
        Self { trace, columns: Arc::new(Columns::new(trace, starts)) }
    }

    /// The trace with columns that were made of it before.
    pub fn again(trace: &'a Trace, columns: &Arc<Columns>) -> Self {
        Self { trace, columns: Arc::clone(columns) }
    }

    /// What it takes to go on with [`Self::again`].
    pub fn columns(&self) -> Arc<Columns> {
        Arc::clone(&self.columns)
    }

    /// The trace itself.
    pub fn trace(&self) -> &'a Trace {
        self.trace
    }

    /// Length of a column by span, placeholders included.
    pub fn len(&self) -> usize {
        self.trace.len()
    }

    /// Whether the trace has no span.
    pub fn is_empty(&self) -> bool {
        self.columns.roots.is_empty()
    }

    /// All spans in tree order, without placeholders.
    pub fn spans(&self) -> impl DoubleEndedIterator<Item = SpanIdx> + Clone + use<'a> {
        let trace = self.trace;
        trace.spans().filter(|&span| !trace.is_placeholder(span))
    }

    /// Whether any clock was corrected.
    pub fn is_shifted(&self) -> bool {
        !self.columns.starts.is_empty()
    }

    /// Start after the trace's start; may be negative where a clock was corrected.
    #[inline]
    pub fn start(&self, span: SpanIdx) -> i64 {
        self.columns.start(self.trace, span)
    }

    /// Duration.
    #[inline]
    pub fn duration(&self, span: SpanIdx) -> i64 {
        self.trace.span_duration(span).0
    }

    /// End after the trace's start.
    #[inline]
    pub fn end(&self, span: SpanIdx) -> i64 {
        self.start(span) + self.duration(span)
    }

    /// The parent; none for a root, orphans included.
    #[inline]
    pub fn parent(&self, span: SpanIdx) -> Option<SpanIdx> {
        parent(self.trace, span)
    }

    /// Whether the parent that the input names is not in it.
    pub fn is_orphan(&self, span: SpanIdx) -> bool {
        self.trace.flags(span).has(Flags::ORPHAN)
    }

    /// Children of any relation: start ascending, longer first, id.
    #[inline]
    pub fn children(&self, span: SpanIdx) -> &[SpanIdx] {
        let columns = &*self.columns;
        let (from, to) = (columns.first_child[span.at()], columns.first_child[span.at() + 1]);
        &columns.children[from as usize..to as usize]
    }

    /// All roots, the main one first: true roots before orphans, then the longest, the earliest, the id.
    pub fn roots(&self) -> &[SpanIdx] {
        &self.columns.roots
    }

    /// The root that stands for the request; none in a trace without spans.
    pub fn main_root(&self) -> Option<SpanIdx> {
        self.columns.roots.first().copied()
    }

    /// Span id: the last tie-break of every order.
    #[inline]
    pub fn id(&self, span: SpanIdx) -> SpanId {
        self.trace.span_id(span)
    }
}
