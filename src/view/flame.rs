//! The flame graph of merged calls: where each call path lies, and the callers and callees of one operation.
//!
//! A frame is as wide as itself and what it called; siblings come widest first. Frames are few (call paths, not
//! spans), so a graph is laid out anew whenever something else is wanted: O(n log n), in one pass over paths
//! sorted by parent and width.

use std::cmp::Reverse;
use std::sync::Arc;

use super::format;
use super::frames::Frames;
use super::icicle::permille;
use super::lanes::Lanes;
use super::text::{shortened, visible};
use super::treegrid::Tooltip;
pub use crate::analysis::call_tree::Weight;
use crate::analysis::call_tree::{CallTree, NO_PARENT};
use crate::base::hash::{self, Numbers};
use crate::base::sort::CompactSort;
use crate::base::text::grouped;
use crate::model::time::DurationNanos;

/// Callers above an operation that are shown.
const MOST_CALLERS: usize = 200;
/// Characters of a name that are shown.
const MAX_NAME: usize = 200;

/// A frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    /// Its node in the tree; the first of several.
    pub node: u32,
    /// Its operation.
    pub operation: u32,
    /// The frame that it lies against, nearer to the root or to the chosen operation, or [`NO_PARENT`].
    pub parent: u32,
    /// Counted from the top.
    pub row: u32,
    /// Left edge, in nanoseconds.
    pub start: i64,
    /// Width.
    pub total: i64,
    /// Its own part of the width.
    pub own: i64,
    /// Spans.
    pub count: u32,
    /// Spans that failed.
    pub errors: u32,
}

/// A laid-out graph.
#[derive(Clone, Debug, Default)]
pub struct FlameGraph {
    tree: Arc<CallTree>,
    frames: Vec<Frame>,
    lanes: Lanes,
    whole: i64,
    /// Row of the roots, or of the chosen operation.
    middle: u32,
}

impl FlameGraph {
    /// All paths.
    pub fn new(tree: Arc<CallTree>, weight: Weight) -> Self {
        let of = weight as usize;
        let frames = (0..tree.len()).map(|at| Frame {
            node: at as u32,
            operation: tree.operations[at],
            parent: tree.parents[at],
            total: tree.total[of][at],
            own: tree.own[of][at],
            count: tree.counts[at],
            errors: tree.errors[at],
            ..Frame::default()
        });
        let frames = laid_out(&tree, &frames.collect::<Vec<_>>());
        Self::of(tree, frames, 0)
    }

    /// What calls an operation, above it, and what it calls, below. Where it calls itself again, the outermost
    /// call counts, so that no time is told twice.
    pub fn around(tree: Arc<CallTree>, weight: Weight, operation: u32) -> Self {
        let of = weight as usize;
        let mut callers = Merger::new(operation);
        let mut callees = Merger::new(operation);
        // The frame of each node that lies below a call of the operation.
        let mut places = vec![NO_PARENT; tree.len()];
        for at in 0..tree.len() {
            let above = tree.parents[at];
            let (total, own) = (tree.total[of][at], tree.own[of][at]);
            let (count, errors) = (tree.counts[at], tree.errors[at]);
            let below = places.get(above as usize).copied().unwrap_or(NO_PARENT);
            if below == NO_PARENT && tree.operations[at] == operation {
                places[at] = 0;
                callees.add(0, at, total, own, count, errors);
                callers.add(0, at, total, own, count, errors);
                let (mut frame, mut node) = (0, above);
                for _ in 0..MOST_CALLERS {
                    let Some(&caller) = tree.operations.get(node as usize) else { break };
                    frame = callers.below(frame, caller);
                    callers.add(frame, node as usize, total, 0, count, errors);
                    node = tree.parents[node as usize];
                }
            } else if below != NO_PARENT {
                let frame = callees.below(below, tree.operations[at]);
                places[at] = frame;
                callees.add(frame, at, total, own, count, errors);
            }
        }
        let above = laid_out(&tree, &callers.frames);
        let middle = above.iter().map(|f| f.row).max().unwrap_or_default();
        let mut frames = laid_out(&tree, &callees.frames);
        for frame in &mut frames {
            frame.row += middle;
        }
        // The operation itself is the first frame of both.
        let offset = (frames.len() as u32).saturating_sub(1);
        frames.extend(above.into_iter().skip(1).map(|frame| Frame {
            row: middle - frame.row,
            parent: if frame.parent == 0 { 0 } else { frame.parent + offset },
            ..frame
        }));
        Self::of(tree, frames, middle)
    }

    fn of(tree: Arc<CallTree>, frames: Vec<Frame>, middle: u32) -> Self {
        let rows: Vec<u32> = frames.iter().map(|f| f.row).collect();
        let lanes = Lanes::new(&rows, |f| frames[f as usize].start, |f| frames[f as usize].errors > 0);
        let roots = frames.iter().filter(|f| f.parent == NO_PARENT);
        let whole = roots.map(|f| f.total).sum::<i64>().max(1);
        Self { tree, frames, lanes, whole, middle }
    }

    /// What it was made of.
    pub fn tree(&self) -> &Arc<CallTree> {
        &self.tree
    }

    /// The frames; one comes behind the one that it lies against.
    pub fn frames(&self) -> &[Frame] {
        &self.frames
    }

    /// A frame.
    pub fn frame(&self, at: u32) -> Option<&Frame> {
        self.frames.get(at as usize)
    }

    /// The frames by row.
    pub fn lanes(&self) -> &Lanes {
        &self.lanes
    }

    /// Width of everything; at least a nanosecond.
    pub fn whole(&self) -> i64 {
        self.whole
    }

    /// The row where reading begins.
    pub fn middle(&self) -> usize {
        self.middle as usize
    }

    /// Service and name of a frame.
    pub fn names(&self, at: u32) -> (&str, &str) {
        let Some(frame) = self.frame(at) else { return ("", "") };
        names_of(&self.tree, frame.operation)
    }

    /// The name of a frame as it is shown: without what cannot be seen, cut, never empty.
    pub fn title(&self, at: u32) -> String {
        let name = self.names(at).1;
        if name.is_empty() { "(no name)".to_owned() } else { shortened(&visible(name, false), MAX_NAME) }
    }

    /// The frames from the outermost to this one.
    pub fn way(&self, at: u32) -> Vec<u32> {
        let mut way = Vec::new();
        let mut frame = at;
        while let Some(found) = self.frame(frame) {
            way.push(frame);
            frame = found.parent;
        }
        way.reverse();
        way
    }

    /// A number for the path of each frame that is the same whenever the graph is made.
    fn keys(&self) -> Vec<u64> {
        let mut keys: Vec<u64> = Vec::with_capacity(self.frames.len());
        for frame in &self.frames {
            let above = keys.get(frame.parent as usize).copied().unwrap_or_default();
            // Callers and callees of one operation may have the same names.
            let side = u64::from(frame.row < self.middle);
            keys.push(hash::mix(above, hash::mix(operation_key(&self.tree, frame.operation), side)));
        }
        keys
    }

    /// What a link calls a frame.
    pub fn key(&self, at: u32) -> Option<u64> {
        self.keys().get(at as usize).copied()
    }

    /// The frame that a link means.
    pub fn find(&self, key: u64) -> Option<u32> {
        self.keys().iter().position(|&k| k == key).map(|at| at as u32)
    }

    /// What there is to say of a frame, beside the pointer and where it is selected.
    pub fn tooltip(&self, at: u32, slot: u8) -> Tooltip {
        let frame = self.frame(at).copied().unwrap_or_default();
        let (service, _) = self.names(at);
        let mut facts = vec![("Total", self.share(frame.total))];
        if frame.row >= self.middle {
            facts.push(("Itself", self.share(frame.own)));
        }
        facts.push(("Spans", grouped(frame.count.into())));
        if frame.errors > 0 {
            facts.push(("Errors", grouped(frame.errors.into())));
        }
        Tooltip { title: self.title(at), service: visible(service, false).into_owned(), slot, facts }
    }

    /// A time and its share of everything: `12 ms · 34 %`.
    pub fn share(&self, ns: i64) -> String {
        format!("{} · {}", format::duration(DurationNanos(ns)), format::percent(ns, self.whole))
    }

    /// Time of the frames whose operation is in `matches`, each counted once where they lie within one
    /// another, and their number.
    pub fn matched(&self, matches: &[bool]) -> (i64, usize) {
        let is_match = |frame: &Frame| matches.get(frame.operation as usize).copied().unwrap_or_default();
        let mut is_within: Vec<bool> = Vec::with_capacity(self.frames.len());
        let (mut time, mut n) = (0_i64, 0);
        for frame in &self.frames {
            let within = is_within.get(frame.parent as usize).copied().unwrap_or_default();
            let matches = is_match(frame);
            n += usize::from(matches);
            if matches && !within {
                time = time.saturating_add(frame.total);
            }
            is_within.push(within || matches);
        }
        (time.min(self.whole), n)
    }
}

/// The flame graph as it is drawn.
#[derive(Clone, Copy, Debug)]
pub struct FlameFrames<'a> {
    /// The graph.
    pub graph: &'a FlameGraph,
    /// Looks of the operations' services, by operation.
    pub slots: &'a [u8],
    /// Whether the search found the operation, by operation.
    pub matches: &'a [bool],
    /// The largest own time of a frame.
    pub most_own: i64,
}

impl Frames for FlameFrames<'_> {
    fn lanes(&self) -> &Lanes {
        &self.graph.lanes
    }

    fn start(&self, frame: u32) -> i64 {
        self.graph.frame(frame).map_or(0, |f| f.start)
    }

    fn length(&self, frame: u32) -> i64 {
        self.graph.frame(frame).map_or(0, |f| f.total)
    }

    fn slot(&self, frame: u32) -> u8 {
        let operation = self.graph.frame(frame).map_or(0, |f| f.operation as usize);
        self.slots.get(operation).copied().unwrap_or_default()
    }

    fn own_permille(&self, frame: u32) -> u32 {
        permille(self.graph.frame(frame).map_or(0, |f| f.own), self.most_own)
    }

    fn name(&self, frame: u32) -> String {
        self.graph.title(frame)
    }

    fn is_match(&self, frame: u32) -> bool {
        let operation = self.graph.frame(frame).map_or(usize::MAX, |f| f.operation as usize);
        self.matches.get(operation).copied().unwrap_or_default()
    }

    fn is_shown(&self, _: u32) -> bool {
        true
    }

    fn is_missing(&self, _: u32) -> bool {
        false
    }

    fn row(&self, frame: u32) -> usize {
        self.graph.frame(frame).map_or(0, |f| f.row as usize)
    }

    /// What lies against it from above: its caller, or among callers the caller's first caller.
    fn above(&self, frame: u32) -> Option<u32> {
        let found = self.graph.frame(frame)?;
        let row = (found.row as usize).checked_sub(1)?;
        let end = found.start.saturating_add(found.total.max(1));
        self.graph.lanes.overlapping(row, found.start, end, &|f| self.length(f))
    }
}

/// Service and name of an operation.
pub fn names_of(tree: &CallTree, operation: u32) -> (&str, &str) {
    let at = operation as usize;
    (tree.services.get(at).map_or("", String::as_str), tree.names.get(at).map_or("", String::as_str))
}

/// What a link calls an operation.
pub fn operation_key(tree: &CallTree, operation: u32) -> u64 {
    let (service, name) = names_of(tree, operation);
    hash::mix(hash::text(0, service), hash::text(0, name))
}

/// The operation that a link means.
pub fn find_operation(tree: &CallTree, key: u64) -> Option<u32> {
    (0..tree.names.len() as u32).find(|&operation| operation_key(tree, operation) == key)
}

/// Merges frames by what they lie against and their operation. Frame 0 is the operation that all lie against.
struct Merger {
    frames: Vec<Frame>,
    known: Numbers,
}

impl Merger {
    fn new(operation: u32) -> Self {
        let first = Frame { operation, parent: NO_PARENT, ..Frame::default() };
        Self { frames: vec![first], known: Numbers::default() }
    }

    /// The frame of `operation` against `parent`.
    fn below(&mut self, parent: u32, operation: u32) -> u32 {
        let key = hash::mix(u64::from(parent) << 32 | u64::from(operation), 0);
        let frame = self.known.get_or(key, self.frames.len());
        if frame as usize == self.frames.len() {
            self.frames.push(Frame { operation, parent, ..Frame::default() });
        }
        frame
    }

    fn add(&mut self, frame: u32, node: usize, total: i64, own: i64, count: u32, errors: u32) {
        let Some(frame) = self.frames.get_mut(frame as usize) else { return };
        if frame.count == 0 {
            frame.node = node as u32;
        }
        frame.total = frame.total.saturating_add(total);
        frame.own = frame.own.saturating_add(own);
        frame.count = frame.count.saturating_add(count);
        frame.errors = frame.errors.saturating_add(errors);
    }
}

/// The frames that have a width, each within the one that it lies against, the widest first. Every frame must
/// come behind the one that it lies against, and does so in what is returned.
fn laid_out(tree: &CallTree, frames: &[Frame]) -> Vec<Frame> {
    let mut by_name: Vec<u32> = (0..tree.names.len() as u32).collect();
    by_name.compact_sort_by(|&a, &b| names_of(tree, a).cmp(&names_of(tree, b)));
    let mut places = vec![0_u32; by_name.len()];
    for (place, &operation) in (0..).zip(&by_name) {
        places[operation as usize] = place;
    }
    let mut order: Vec<u32> = (0..frames.len() as u32).filter(|&f| frames[f as usize].total > 0).collect();
    order.compact_sort_by_key(|&f| {
        let frame = &frames[f as usize];
        // Roots first.
        (frame.parent.wrapping_add(1), Reverse(frame.total), places.get(frame.operation as usize), f)
    });
    let mut new = vec![NO_PARENT; frames.len()];
    let mut laid: Vec<Frame> = Vec::with_capacity(order.len());
    // Where the next frame against each begins; the last is that of the roots.
    let mut free: Vec<i64> = Vec::with_capacity(order.len());
    let mut of_roots = 0_i64;
    for at in order {
        let mut frame = frames[at as usize];
        frame.parent = new.get(frame.parent as usize).copied().unwrap_or(NO_PARENT);
        let place = match free.get_mut(frame.parent as usize) {
            Some(place) => {
                frame.row = laid[frame.parent as usize].row + 1;
                place
            }
            None => &mut of_roots,
        };
        frame.start = *place;
        *place = place.saturating_add(frame.total);
        new[at as usize] = laid.len() as u32;
        free.push(frame.start);
        laid.push(frame);
    }
    laid
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::call_tree::WEIGHTS;
    use crate::analysis::call_tree::tests::tree_of;
    use crate::model::sample::{Shape, generate};
    use crate::model::testing::read;

    fn tree(text: &str) -> Arc<CallTree> {
        Arc::new(tree_of(&read(text, 1_600_000_000_000_000_000), 1_000, 1_000))
    }

    /// `name row start+total`, as they are drawn.
    fn drawn(graph: &FlameGraph) -> Vec<String> {
        let mut frames: Vec<u32> = (0..graph.frames().len() as u32).collect();
        frames.sort_by_key(|&f| (graph.frames[f as usize].row, graph.frames[f as usize].start));
        let told = |&f: &u32| {
            let frame = graph.frames[f as usize];
            format!("{} {} {}+{}", graph.names(f).1, frame.row, frame.start, frame.total)
        };
        frames.iter().map(told).collect()
    }

    const SHOP: &str = "
        r 0..100 web name=page
        s<r 10..20 web name=small
        t<r 30..90 web name=big
        u<s 11..19 db name=row
        v<t 40..60 db name=row
        w<v 50..55 disk name=read
        ";

    #[test]
    fn the_widest_comes_first_and_frames_lie_within_one_another() {
        let graph = FlameGraph::new(tree(SHOP), Weight::SelfTime);
        let expected =
            ["page 0 0+100", "big 1 0+60", "small 1 60+10", "row 2 0+20", "row 2 60+8", "read 3 0+5"];
        assert_eq!(drawn(&graph), expected);
        let row = graph.lanes().overlapping(2, 62, 63, &|f| graph.frames[f as usize].total).unwrap();
        let way: Vec<&str> = graph.way(row).iter().map(|&f| graph.names(f).1).collect();
        assert_eq!(way, ["page", "small", "row"]);
        assert_eq!(graph.find(graph.key(row).unwrap()), Some(row));
    }

    #[test]
    fn callers_and_callees_of_an_operation() {
        let tree = tree(SHOP);
        let row = tree.names.iter().position(|n| n == "row").unwrap() as u32;
        assert_eq!(find_operation(&tree, operation_key(&tree, row)), Some(row));
        let graph = FlameGraph::around(tree, Weight::SelfTime, row);
        let expected =
            ["page 0 0+20", "page 0 20+8", "big 1 0+20", "small 1 20+8", "row 2 0+28", "read 3 0+5"];
        assert_eq!(drawn(&graph), expected);
        assert_eq!((graph.whole(), graph.middle()), (28, 2));
    }

    #[test]
    fn an_operation_that_calls_itself_counts_once() {
        let tree = tree("r 0..100 a name=f\ns<r 10..90 a name=f\nt<s 20..80 a name=g\nu<t 30..40 a name=f");
        let graph = FlameGraph::around(tree.clone(), Weight::SelfTime, 0);
        assert_eq!(drawn(&graph), ["f 0 0+100", "f 1 0+80", "g 2 0+60", "f 3 0+10"]);
        let graph = FlameGraph::new(tree, Weight::SelfTime);
        let f = [true, false];
        assert_eq!(graph.matched(&f), (100, 3));
    }

    #[test]
    fn widths_add_up_whatever_the_trace() {
        for shape in [Shape::Services, Shape::Chain, Shape::Wide, Shape::Roots, Shape::Orphans, Shape::Cycle]
        {
            let tree = Arc::new(tree_of(&generate(3_000, shape), 500, usize::MAX));
            for weight in WEIGHTS {
                let graph = FlameGraph::new(tree.clone(), weight);
                assert_sound(&graph, shape);
                assert_eq!(graph.whole(), tree.whole(weight).max(1), "{shape:?}");
                for operation in 0..tree.names.len().min(5) as u32 {
                    assert_sound(&FlameGraph::around(tree.clone(), weight, operation), shape);
                }
            }
        }
    }

    fn assert_sound(graph: &FlameGraph, shape: Shape) {
        let mut parts: Vec<i64> = graph.frames().iter().map(|f| f.own).collect();
        for frame in graph.frames() {
            if let Some(above) = graph.frame(frame.parent) {
                assert!(above.start <= frame.start, "{shape:?}");
                assert!(frame.start + frame.total <= above.start + above.total, "{shape:?}");
                parts[frame.parent as usize] += frame.total;
            }
        }
        for (frame, part) in graph.frames().iter().zip(parts) {
            // Above the chosen operation a frame is as wide as what leads through it.
            assert!(if (frame.row as usize) < graph.middle() { part <= frame.total } else { true });
            if graph.middle() == 0 {
                assert_eq!(frame.total, part, "{shape:?}");
            }
        }
    }
}
