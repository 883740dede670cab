//! The tree below one root as all analyses of time see it: who waited for whom, and when.
//!
//! Only children that their parent waited for are in it, each with the part of its time that lies within its
//! parent's. Two calls that follow one another with slightly sloppy timestamps are a sequence again.

use super::recorded::Recorded;
use super::relation::Relation;
use super::settings::Settings;
use crate::base::bitset::BitSet;
use crate::base::heap;
use crate::model::index::SpanIdx;

/// The start of a span that is not part of the tree.
const ABSENT: i64 = i64::MIN;

/// Its place in the order.
const NO_POSITION: u32 = u32::MAX;

/// A child with the part of its time that its parent waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Child {
    pub(super) span: SpanIdx,
    pub(super) start: i64,
    pub(super) end: i64,
    /// Whether it was recorded beyond its parent's end.
    pub(super) is_cut: bool,
}

/// What the preparation of one parent's children needs to know, and room that is used again and again.
pub(super) struct Preparation<'a> {
    pub(super) recorded: &'a Recorded<'a>,
    pub(super) relations: &'a [Relation],
    pub(super) settings: &'a Settings,
    next_later: Vec<usize>,
}

impl<'a> Preparation<'a> {
    pub(super) fn new(recorded: &'a Recorded<'a>, relations: &'a [Relation], settings: &'a Settings) -> Self {
        Self { recorded, relations, settings, next_later: Vec::new() }
    }

    /// Writes the children that `parent` waited for into `out`, by (start, end, id). `from` and `to` are the
    /// parent's own prepared times. O(k log k).
    pub(super) fn children(&mut self, parent: SpanIdx, from: i64, to: i64, out: &mut Vec<Child>) {
        out.clear();
        for &span in self.recorded.children(parent) {
            if self.relations.get(span.at()) != Some(&Relation::Blocking) {
                continue;
            }
            let recorded_end = self.recorded.end(span);
            let (start, end) = (self.recorded.start(span).max(from), recorded_end.min(to));
            if start < end {
                out.push(Child { span, start, end, is_cut: recorded_end > to });
            }
        }
        self.sort(out);
        if self.settings.overlap_tolerance && self.snap(out, to - from) {
            self.sort(out);
        }
    }

    fn sort(&self, children: &mut [Child]) {
        let key = |c: &Child| (c.start, c.end, self.recorded.id(c.span), c.span);
        if !children.is_sorted_by_key(key) {
            children.sort_unstable_by_key(key);
        }
    }

    /// Ends a child where the next one starts if they overlap by no more than clocks are wrong. Says whether
    /// anything moved.
    fn snap(&mut self, children: &mut [Child], parent_length: i64) -> bool {
        let n = children.len();
        let next_later = &mut self.next_later;
        next_later.clear();
        next_later.resize(n, n);
        for at in (0..n.saturating_sub(1)).rev() {
            let is_later = children[at + 1].start > children[at].start;
            next_later[at] = if is_later { at + 1 } else { next_later[at + 1] };
        }
        let most = self.settings.overlap_tolerance_ns.min(parent_length / 100);
        let mut moved = false;
        for at in 0..n {
            let child = children[at];
            let Some(&next) = children.get(next_later[at]) else { continue };
            let overlap = child.end - next.start;
            // The next one still has its whole length: it is looked at later.
            let most = most.min((child.end - child.start) / 10).min((next.end - next.start) / 10);
            if overlap > 0 && overlap <= most {
                children[at].end = next.start;
                moved = true;
            }
        }
        moved
    }
}

/// The prepared tree of one root. O(n log n) to make; 32 bytes a span.
#[derive(Clone, Debug, Default)]
pub struct Prepared {
    start: Vec<i64>,
    end: Vec<i64>,
    cut: BitSet,
    /// Breadth first, so that the children of a span are neighbours.
    order: Vec<SpanIdx>,
    /// Places in `order`: where the children of a span stand there, those places by end.
    by_end: Vec<u32>,
    /// Place in `order` by span.
    position: Vec<u32>,
    /// By place in `order`, where the children begin there; one more than there are spans.
    first_child: Vec<u32>,
}

impl Prepared {
    /// Prepares the tree below `root`, of which every instant counts.
    pub fn new(recorded: &Recorded, relations: &[Relation], settings: &Settings, root: SpanIdx) -> Self {
        let mut preparing = Preparing::new(recorded, root);
        preparing.slice(recorded, relations, settings, usize::MAX);
        preparing.finish()
    }

    /// The root; none in a trace without spans.
    pub fn root(&self) -> Option<SpanIdx> {
        self.order.first().copied()
    }

    /// Whether the root waited for this span.
    #[inline]
    pub fn includes(&self, span: SpanIdx) -> bool {
        self.start.get(span.at()).is_some_and(|&start| start != ABSENT)
    }

    /// Start of a span that is included.
    #[inline]
    pub fn start(&self, span: SpanIdx) -> i64 {
        self.start[span.at()]
    }

    /// End of a span that is included.
    #[inline]
    pub fn end(&self, span: SpanIdx) -> i64 {
        self.end[span.at()]
    }

    /// Length of a span that is included.
    #[inline]
    pub fn length(&self, span: SpanIdx) -> i64 {
        self.end(span) - self.start(span)
    }

    /// Whether the span was recorded beyond the end of what waited for it.
    pub fn is_cut(&self, span: SpanIdx) -> bool {
        span.at() < self.cut.len() && self.cut.contains(span.at())
    }

    /// Children that are included: start, end, id ascending.
    #[inline]
    pub fn children(&self, span: SpanIdx) -> &[SpanIdx] {
        &self.order[self.children_range(span)]
    }

    /// The same children: end descending, start ascending, id.
    #[inline]
    pub fn children_by_end(
        &self,
        span: SpanIdx,
    ) -> impl DoubleEndedIterator<Item = SpanIdx> + ExactSizeIterator {
        self.by_end[self.children_range(span)].iter().map(|&at| self.order[at as usize])
    }

    /// Where the children stand in [`Self::order`].
    #[inline]
    fn children_range(&self, span: SpanIdx) -> std::ops::Range<usize> {
        self.position(span).map_or(0..0, |at| self.children_at(at as usize))
    }

    /// Place of a span in [`Self::order`], if it is included.
    #[inline]
    pub fn position(&self, span: SpanIdx) -> Option<u32> {
        self.position.get(span.at()).copied().filter(|&at| at != NO_POSITION)
    }

    /// Where the children of the span at this place of [`Self::order`] stand there.
    #[inline]
    pub fn children_at(&self, at: usize) -> std::ops::Range<usize> {
        self.first_child[at] as usize..self.first_child[at + 1] as usize
    }

    /// The same children by end, latest first, as places in [`Self::order`].
    #[inline]
    pub(super) fn by_end(&self, children: std::ops::Range<usize>) -> &[u32] {
        &self.by_end[children]
    }

    /// All included spans, every parent before its children.
    pub fn order(&self) -> &[SpanIdx] {
        &self.order
    }

    /// Bytes held on the heap.
    pub fn heap_bytes(&self) -> usize {
        heap::bytes(&self.start)
            + heap::bytes(&self.end)
            + heap::bytes(&self.order)
            + heap::bytes(&self.by_end)
            + heap::bytes(&self.first_child)
            + heap::bytes(&self.position)
    }

    /// Length of a column by span.
    pub fn n_columns(&self) -> usize {
        self.start.len()
    }
}

/// Prepares a tree in slices.
#[derive(Debug, Default)]
pub struct Preparing {
    tree: Prepared,
    /// The next parent, by its place in the order.
    next: usize,
}

impl Preparing {
    /// Only the root is prepared.
    pub fn new(recorded: &Recorded, root: SpanIdx) -> Self {
        let n = recorded.len();
        let mut tree = Prepared {
            start: vec![ABSENT; n],
            end: vec![ABSENT; n],
            cut: BitSet::new(n),
            position: vec![NO_POSITION; n],
            ..Prepared::default()
        };
        if root.at() < n {
            tree.start[root.at()] = recorded.start(root);
            tree.end[root.at()] = recorded.end(root);
            tree.position[root.at()] = 0;
            tree.order.push(root);
            tree.by_end.push(0);
        }
        tree.first_child.push(tree.order.len() as u32);
        Self { tree, next: 0 }
    }

    /// Prepares the children of the next spans, until there were `n` children; returns whether that were all.
    pub fn slice(
        &mut self,
        recorded: &Recorded,
        relations: &[Relation],
        settings: &Settings,
        n: usize,
    ) -> bool {
        let Self { tree, next } = self;
        let enough = next.saturating_add(n);
        let mut preparation = Preparation::new(recorded, relations, settings);
        let mut children = Vec::new();
        let mut work = *next;
        while let Some(&parent) = tree.order.get(*next) {
            if work >= enough {
                return false;
            }
            *next += 1;
            preparation.children(parent, tree.start(parent), tree.end(parent), &mut children);
            work += 1 + children.len();
            for child in &children {
                tree.position[child.span.at()] = tree.order.len() as u32;
                tree.start[child.span.at()] = child.start;
                tree.end[child.span.at()] = child.end;
                if child.is_cut {
                    tree.cut.insert(child.span.at());
                }
                tree.order.push(child.span);
            }
            tree.first_child.push(tree.order.len() as u32);
            sort_by_end(&mut children, recorded);
            tree.by_end.extend(children.iter().map(|c| tree.position[c.span.at()]));
        }
        true
    }

    /// The tree.
    pub fn finish(self) -> Prepared {
        let mut tree = self.tree;
        tree.order.shrink_to_fit();
        tree.by_end.shrink_to_fit();
        tree.first_child.shrink_to_fit();
        tree
    }
}

/// The order in which a path looks for what it waited for: end descending, start ascending, id.
pub(super) fn sort_by_end(children: &mut [Child], recorded: &Recorded) {
    let key = |c: &Child| (std::cmp::Reverse(c.end), c.start, recorded.id(c.span), c.span);
    // Calls that follow one another are in the opposite order already.
    children.reverse();
    if !children.is_sorted_by_key(key) {
        children.sort_unstable_by_key(key);
    }
}
