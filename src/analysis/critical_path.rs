//! The critical path: for each instant of a request, the one span whose progress it depended on.
//!
//! Found backwards from the end: a span waits for the child that ended last, and is itself responsible between
//! that end and now. The sections cover the root's time exactly, so times on the path can be added up over
//! spans, operations and traces. The rule is the one of Jaeger and of CRISP (Zhang et al., USENIX ATC 2022)
//! with a partition of overlapping time; it walks with a stack and looks at each child once.

use std::ops::Range;

use super::prepared::Prepared;
use crate::base::heap;
use crate::model::index::SpanIdx;

/// A stretch of time for which one span is responsible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Section {
    /// The span.
    pub span: SpanIdx,
    /// From, after the trace's start.
    pub from: i64,
    /// To, after the trace's start; later than `from`.
    pub to: i64,
}

impl Section {
    /// Its length.
    pub fn length(self) -> i64 {
        self.to - self.from
    }
}

/// Sections in order of time, each of which starts where the one before ends. 12 bytes a section; a path may have
/// two for each span.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sections {
    spans: Vec<SpanIdx>,
    from: Vec<i64>,
    /// Where the last one ends.
    to: i64,
}

impl Sections {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// All of them.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Section> + ExactSizeIterator + Clone {
        self.range(0..self.len())
    }

    /// Those at these places, as far as there are any.
    pub fn range(
        &self,
        places: Range<usize>,
    ) -> impl DoubleEndedIterator<Item = Section> + ExactSizeIterator + Clone {
        (places.start..places.end.min(self.len())).map(|at| Section {
            span: self.spans[at],
            from: self.from[at],
            to: self.from.get(at + 1).copied().unwrap_or(self.to),
        })
    }

    /// Bytes held on the heap.
    pub fn heap_bytes(&self) -> usize {
        heap::bytes(&self.spans) + heap::bytes(&self.from)
    }

    /// Puts one before all others, as long as they are latest first.
    fn push(&mut self, span: SpanIdx, from: i64, to: i64) {
        debug_assert_eq!(to, self.from.last().copied().unwrap_or(self.to), "sections follow one another");
        if from < to {
            self.spans.push(span);
            self.from.push(from);
        }
    }

    /// From latest first to the order of time.
    fn turn(mut self) -> Self {
        self.spans.reverse();
        self.spans.shrink_to_fit();
        self.from.reverse();
        self.from.shrink_to_fit();
        self
    }
}

/// The sections of the root's critical path. O(n log n) together with the preparation.
pub fn critical_path(tree: &Prepared) -> Sections {
    let Some(root) = tree.root() else { return Sections::default() };
    let mut sections = Sections { to: tree.end(root), ..Sections::default() };
    // Spans as places in the order of the tree.
    let span = |at: u32| tree.order()[at as usize];
    let mut stack = vec![(0, tree.end(root), 0_usize)];
    while let Some(top) = stack.last_mut() {
        let (at, t, cursor) = *top;
        let children = tree.by_end(tree.children_at(at as usize));
        let skipped = children.get(cursor..).unwrap_or_default().iter().position(|&c| tree.end(span(c)) <= t);
        if let Some(skipped) = skipped {
            let child = children[cursor + skipped];
            let (start, end) = (tree.start(span(child)), tree.end(span(child)));
            sections.push(span(at), end, t);
            *top = (at, start, cursor + skipped + 1);
            stack.push((child, end, 0));
        } else {
            sections.push(span(at), tree.start(span(at)), t);
            stack.pop();
        }
    }
    sections.turn()
}

/// Time on the path by span; `n` is the length of a column.
pub fn time_by_span(sections: &Sections, n: usize) -> Vec<i64> {
    let mut time = vec![0; n];
    for section in sections.iter() {
        if let Some(time) = time.get_mut(section.span.at()) {
            *time += section.length();
        }
    }
    time
}
