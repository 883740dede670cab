//! The critical path: for each instant of a request, the one span whose progress it depended on.
//!
//! Found backwards from the end: a span waits for the child that ended last, and is itself responsible between
//! that end and now. The sections cover the root's time exactly, so times on the path can be added up over
//! spans, operations and traces. The rule is the one of Jaeger and of CRISP (Zhang et al., USENIX ATC 2022)
//! with a partition of overlapping time; it walks with a stack and looks at each child once.

use super::prepared::Prepared;
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

/// The sections of the root's critical path, in order of time. O(n log n) together with the preparation.
pub fn critical_path(tree: &Prepared) -> Vec<Section> {
    let Some(root) = tree.root() else { return Vec::new() };
    let mut sections = Vec::new();
    let mut stack = vec![(root, tree.end(root), 0_usize)];
    while let Some(top) = stack.last_mut() {
        let (span, t, cursor) = *top;
        let children = tree.children_by_end(span);
        let skipped = children.get(cursor..).unwrap_or_default().iter().position(|&c| tree.end(c) <= t);
        if let Some(skipped) = skipped {
            let child = children[cursor + skipped];
            push(&mut sections, span, tree.end(child), t);
            *top = (span, tree.start(child), cursor + skipped + 1);
            stack.push((child, tree.end(child), 0));
        } else {
            push(&mut sections, span, tree.start(span), t);
            stack.pop();
        }
    }
    sections.reverse();
    sections.shrink_to_fit();
    sections
}

pub(super) fn push(sections: &mut Vec<Section>, span: SpanIdx, from: i64, to: i64) {
    if from < to {
        sections.push(Section { span, from, to });
    }
}

/// Time on the path by span; `n` is the length of a column.
pub fn time_by_span(sections: &[Section], n: usize) -> Vec<i64> {
    let mut time = vec![0; n];
    for section in sections {
        if let Some(time) = time.get_mut(section.span.at()) {
            *time += section.length();
        }
    }
    time
}
