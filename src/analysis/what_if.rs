//! How long a request would have taken, had some of its spans been faster, parallel or merged.
//!
//! What was seen to end before a child started is taken to be what that child waited for; the time between
//! the last such end (or the parent's start) and the child's start, its *lag*, is the parent's own work, as is
//! the time after the last child. A replay keeps orders and lags and lets lengths change, children before
//! parents. With nothing changed it gives back every position exactly, so that a difference is always one that
//! the scenario made. Since observed orders are kept, savings are never promised too high.

use std::sync::Arc;

use super::prepared::Prepared;
use super::recorded::Recorded;
use super::scenario::{Changes, Scenario};
use crate::base::bitset::BitSet;
use crate::base::heap;
use crate::model::index::SpanIdx;
use crate::model::trace::Trace;

/// Not part of the request.
pub const ABSENT: i64 = i64::MIN;

const NO_POSITION: u32 = u32::MAX;

/// A time from 4.29 s up, which the tree tells instead.
const LONG: u32 = u32::MAX;

fn short(time: i64) -> u32 {
    u32::try_from(time).unwrap_or(LONG)
}

/// A span whose caller stopped waiting: how much of it the caller did not see.
#[derive(Clone, Copy, Debug)]
struct Cut<T> {
    at: u32,
    /// Recorded before the caller's own start.
    before: T,
    /// Recorded after the caller stopped waiting.
    beyond: T,
}

/// The orders and lags of a prepared tree, sorted once, so that every further question is one linear pass.
///
/// Positions count breadth first: the children of a span are neighbours, and come after it. 16 bytes a span beyond the tree.
#[derive(Clone, Debug, Default)]
pub struct Replay {
    tree: Arc<Prepared>,
    parent: Vec<u32>,
    /// How many of its siblings, by end, a position waits for.
    waits: Vec<u32>,
    /// The parent's own work before the start, or [`LONG`].
    lag: Vec<u32>,
    /// Length of a leaf; of an inner span the time after its last child; or [`LONG`].
    own: Vec<u32>,
    /// Half as wide as those with a time from 4.29 s up.
    cuts: Vec<Cut<u32>>,
    long_cuts: Vec<Cut<i64>>,
    /// The next position that is sorted.
    next: usize,
}

/// How a request would have gone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Length of the request as it was.
    pub before_ns: i64,
    /// Length as it would have been.
    pub after_ns: i64,
    /// Difference; negative when it would have taken longer.
    pub saving_ns: i64,
    /// New start of each span after the trace's start; [`ABSENT`] for what the request did not wait for.
    pub starts: Vec<i64>,
    /// New end of each span.
    pub ends: Vec<i64>,
}

impl Replay {
    /// Sorts the tree for replays. O(n log n).
    pub fn new(tree: &Prepared, recorded: &Recorded) -> Self {
        let mut replay = Self::unsorted(Arc::new(tree.clone()));
        replay.sort(recorded, usize::MAX);
        replay
    }

    /// Nothing is sorted yet: see [`Self::sort`].
    pub fn unsorted(tree: Arc<Prepared>) -> Self {
        let n = tree.order().len();
        Self {
            parent: vec![NO_POSITION; n],
            waits: vec![0; n],
            lag: vec![0; n],
            own: vec![0; n],
            cuts: Vec::new(),
            long_cuts: Vec::new(),
            next: 0,
            tree,
        }
    }

    /// Sorts the children of the next spans, until there were `n` of both; returns whether that were all.
    pub fn sort(&mut self, recorded: &Recorded, n: usize) -> bool {
        let tree = Arc::clone(&self.tree);
        let mut work = 0;
        while let Some(&span) = tree.order().get(self.next) {
            if work >= n {
                return false;
            }
            let at = self.next;
            self.next += 1;
            let children = tree.children_at(at);
            work += 1 + children.len();
            self.measure(&tree, at, children);
            if tree.is_cut(span) {
                let before = (tree.start(span) - recorded.start(span)).max(0);
                let beyond = (recorded.end(span) - tree.end(span)).max(0);
                let at = at as u32;
                match (u32::try_from(before), u32::try_from(beyond)) {
                    (Ok(before), Ok(beyond)) => self.cuts.push(Cut { at, before, beyond }),
                    _ => self.long_cuts.push(Cut { at, before, beyond }),
                }
            }
        }
        self.cuts.shrink_to_fit();
        self.long_cuts.shrink_to_fit();
        true
    }

    /// The lags of the children at these positions, and what is left of the parent's time after them.
    fn measure(&mut self, tree: &Prepared, parent: usize, children: std::ops::Range<usize>) {
        let Some(&span) = tree.order().get(parent) else { return };
        let (from, to) = (tree.start(span), tree.end(span));
        let end = |at: u32| tree.end(tree.order()[at as usize]);
        let by_end = tree.by_end(children.clone());
        let mut ended = by_end.iter().rev().map(|&at| end(at)).peekable();
        let mut n_ended = 0;
        let mut trigger = from;
        for at in children {
            let start = tree.start(tree.order()[at]);
            while let Some(end) = ended.next_if(|&end| end <= start) {
                trigger = end;
                n_ended += 1;
            }
            self.parent[at] = parent as u32;
            self.waits[at] = n_ended;
            self.lag[at] = short(start - trigger);
        }
        self.own[parent] = short(to - by_end.first().map_or(from, |&at| end(at)));
    }

    /// The parent's own work between the latest end that a child waited for, or the parent's start, and its start.
    #[inline]
    fn lag_at(&self, at: usize) -> i64 {
        match self.lag[at] {
            LONG => self.long_lag(at),
            lag => i64::from(lag),
        }
    }

    /// The length of a leaf; of an inner span the time after its last child.
    #[inline]
    fn own_at(&self, at: usize) -> i64 {
        match self.own[at] {
            LONG => self.long_own(at),
            own => i64::from(own),
        }
    }

    #[cold]
    fn long_lag(&self, at: usize) -> i64 {
        let Some(parent) = self.parent(at as u32) else { return 0 };
        let by_end = self.tree.by_end(self.children(parent as usize));
        // The latest of those that were waited for.
        let waited =
            (self.waits[at] as usize).checked_sub(1).and_then(|before| by_end.iter().rev().nth(before));
        self.start(at as u32) - waited.map_or(self.start(parent), |&at| self.end(at))
    }

    #[cold]
    fn long_own(&self, at: usize) -> i64 {
        let last = self.tree.by_end(self.children(at)).first();
        self.end(at as u32) - last.map_or(self.start(at as u32), |&last| self.end(last))
    }

    /// Bytes held on the heap.
    pub fn heap_bytes(&self) -> usize {
        let columns = [&self.parent, &self.waits, &self.lag, &self.own].map(heap::bytes);
        columns.iter().sum::<usize>() + heap::bytes(&self.cuts) + heap::bytes(&self.long_cuts)
    }

    /// Number of spans that the request waited for.
    pub fn len(&self) -> usize {
        self.tree.order().len()
    }

    /// Whether there is no span.
    pub fn is_empty(&self) -> bool {
        self.tree.order().is_empty()
    }

    /// Length of the request as it was.
    pub fn before_ns(&self) -> i64 {
        self.tree.root().map_or(0, |root| self.tree.length(root))
    }

    /// Lets the request run again under these scenarios, with every new position. O(n).
    pub fn run(&self, trace: &Trace, scenarios: &[Scenario]) -> Outcome {
        let (length, mut end) = self.lengths(&Changes::new(self, trace, scenarios));
        let (before_ns, after_ns) = (self.before_ns(), length.first().copied().unwrap_or_default());
        let n_columns = self.tree.n_columns();
        let (mut starts, mut ends) = (vec![ABSENT; n_columns], vec![ABSENT; n_columns]);
        // Relative ends become absolute ones position by position, where parent and siblings are near in memory.
        let mut start = length;
        for at in 0..self.len() {
            (start[at], end[at]) = match self.parent(at as u32) {
                Some(parent) => {
                    let parent = parent as usize;
                    // What goes on after its caller stopped waiting, or has been merged away, ends there.
                    let within = |t: i64| start[parent].saturating_add(t).min(end[parent]);
                    (within(end[at] - start[at]), within(end[at]))
                }
                None => (self.start(at as u32), self.start(at as u32).saturating_add(after_ns)),
            };
            let span = self.span(at as u32).at();
            (starts[span], ends[span]) = (start[at], end[at]);
        }
        Outcome { before_ns, after_ns, saving_ns: before_ns - after_ns, starts, ends }
    }

    /// How much shorter the request would have been; negative for longer. O(n); who asks several questions
    /// keeps a [`Trial`].
    pub fn saving(&self, trace: &Trace, scenarios: &[Scenario]) -> i64 {
        Trial::default().saving(self, &Changes::new(self, trace, scenarios))
    }

    /// New length of every position, and its end after its parent's start.
    fn lengths(&self, changes: &Changes) -> (Vec<i64>, Vec<i64>) {
        let (mut length, mut end) = (vec![0; self.len()], vec![0; self.len()]);
        for at in (0..self.len()).rev() {
            length[at] = self.length_of(at, changes, &length, &mut end);
        }
        (length, end)
    }

    /// New length of a position, from those of its children; their ends, after its start, go into `end`.
    fn length_of(&self, at: usize, changes: &Changes, length: &[i64], end: &mut [i64]) -> i64 {
        let children = self.children(at);
        let permille = changes.faster(at);
        let own = |own: i64| shortened(own, permille).saturating_add(changes.added(at)).max(0);
        let cut = if self.has_cuts() && self.tree.is_cut(self.span(at as u32)) {
            self.cut(at as u32)
        } else {
            None
        };
        let seen = || self.length(at as u32);
        let new_length = if children.is_empty() {
            match cut {
                Some(cut) => seen().min(own(cut.before + seen() + cut.beyond) - cut.before).max(0),
                None => own(self.own_at(at)),
            }
        } else {
            let last = if changes.grouped_among(&children).is_empty() {
                self.end_of_children(children, permille, length, end)
            } else {
                self.end_of_parted(children, permille, changes, length, end)
            };
            let within = last.saturating_add(own(self.own_at(at)));
            match cut {
                Some(cut) => {
                    let scaled = if changes.is_with_subtree(at) { permille } else { 0 };
                    seen().min(within.saturating_add(shortened(cut.beyond, scaled)))
                }
                None => within,
            }
        };
        changes.fixed(at).map_or(new_length, own)
    }

    /// When the last of these children ends, after their parent's start.
    fn end_of_children(
        &self,
        children: std::ops::Range<usize>,
        permille: i32,
        length: &[i64],
        end: &mut [i64],
    ) -> i64 {
        let by_end = self.tree.by_end(children.clone());
        let (mut n_ended, mut trigger, mut last) = (0, 0, 0);
        for at in children {
            let waits = self.waits[at] as usize;
            while n_ended < waits {
                trigger = end[by_end[by_end.len() - 1 - n_ended] as usize].max(trigger);
                n_ended += 1;
            }
            let start = shortened(self.lag_at(at), permille).saturating_add(trigger);
            end[at] = length[at].saturating_add(start);
            last = end[at].max(last);
        }
        last
    }

    /// The same where some of the children do not wait for others of their group.
    fn end_of_parted(
        &self,
        children: std::ops::Range<usize>,
        permille: i32,
        changes: &Changes,
        length: &[i64],
        end: &mut [i64],
    ) -> i64 {
        let by_end = self.tree.by_end(children.clone());
        let mut members = changes.grouped_among(&children).iter().peekable();
        let group_of = |at: u32| {
            let found = changes.grouped.binary_search_by_key(&at, |&(at, _)| at).ok()?;
            changes.grouped.get(found).map(|&(_, group)| group)
        };
        // Of each group: new start of its last call so far, and how many siblings that call waits for.
        let mut started: rustc_hash::FxHashMap<u32, (i64, usize)> = rustc_hash::FxHashMap::default();
        let (mut n_ended, mut trigger, mut last) = (0, 0, 0);
        for at in children {
            let waits = self.waits[at] as usize;
            while n_ended < waits {
                trigger = end[by_end[by_end.len() - 1 - n_ended] as usize].max(trigger);
                n_ended += 1;
            }
            let lag = shortened(self.lag_at(at), permille);
            let mut start = lag.saturating_add(trigger);
            if let Some(&(_, group)) = members.next_if(|&&(member, _)| member as usize == at) {
                if let Some(&(previous, waited)) = started.get(&group) {
                    // What lies between two calls of a group is waited for, unless it is of the group too.
                    let n = by_end.len();
                    let between = by_end.get(n - waits..n - waited).unwrap_or_default();
                    let others = between.iter().filter(|&&e| group_of(e) != Some(group));
                    let since = others.map(|&e| end[e as usize]).fold(previous, i64::max);
                    start = start.min(since.saturating_add(lag));
                }
                started.insert(group, (start, waits));
            }
            end[at] = length[at].saturating_add(start);
            last = end[at].max(last);
        }
        last
    }

    #[inline]
    fn children(&self, at: usize) -> std::ops::Range<usize> {
        self.tree.children_at(at)
    }

    #[inline]
    fn has_cuts(&self) -> bool {
        !(self.cuts.is_empty() && self.long_cuts.is_empty())
    }

    fn cut(&self, at: u32) -> Option<Cut<i64>> {
        if let Ok(found) = self.cuts.binary_search_by_key(&at, |cut| cut.at) {
            let cut = self.cuts.get(found)?;
            return Some(Cut { at, before: i64::from(cut.before), beyond: i64::from(cut.beyond) });
        }
        let found = self.long_cuts.binary_search_by_key(&at, |cut| cut.at).ok()?;
        self.long_cuts.get(found).copied()
    }

    pub(super) fn position(&self, span: SpanIdx) -> Option<u32> {
        self.tree.position(span)
    }

    pub(super) fn span(&self, at: u32) -> SpanIdx {
        self.tree.order()[at as usize]
    }

    pub(super) fn parent(&self, at: u32) -> Option<u32> {
        Some(self.parent[at as usize]).filter(|&parent| parent != NO_POSITION)
    }

    pub(super) fn start(&self, at: u32) -> i64 {
        self.tree.start(self.span(at))
    }

    fn end(&self, at: u32) -> i64 {
        self.tree.end(self.span(at))
    }

    pub(super) fn length(&self, at: u32) -> i64 {
        self.tree.length(self.span(at))
    }

    /// The parent's own work between the latest end that this span waited for, or the parent's start, and its
    /// start.
    pub(super) fn lag(&self, span: SpanIdx) -> i64 {
        self.position(span).map_or(0, |at| self.lag_at(at as usize))
    }
}

/// A time with so many parts of a thousand taken off, rounded in favour of what is left.
#[inline]
fn shortened(time: i64, permille: i32) -> i64 {
    if permille == 0 {
        return time;
    }
    // Nearly all times and parts are small, and what is 128 bits wide is made of function calls in wasm.
    if time.unsigned_abs() < 1 << 50 && permille.unsigned_abs() <= 1_000 {
        let (whole, rest) = (time.div_euclid(1000), time.rem_euclid(1000));
        return time - whole * i64::from(permille) - (rest * i64::from(permille)).div_euclid(1000);
    }
    let off = (i128::from(time) * i128::from(permille)).div_euclid(1000);
    i64::try_from(i128::from(time) - off).unwrap_or(i64::MAX)
}

/// One question after another: only what a change reaches is computed again. 24 bytes a span.
#[derive(Debug, Default)]
pub struct Trial {
    /// Lengths as they were, and as they are now.
    before: Vec<i64>,
    length: Vec<i64>,
    end: Vec<i64>,
    /// Positions that are yet to be computed again.
    dirty: BitSet,
    /// Lengths to be put back.
    changed: Vec<(u32, i64)>,
    /// Spans looked at so far.
    work: usize,
}

impl Trial {
    /// How many spans have been looked at for all questions so far: the caller's measure of cost.
    pub(super) fn work(&self) -> usize {
        self.work
    }

    /// How much shorter the request would have been; negative for longer. `replay` is the same every time.
    pub(super) fn saving(&mut self, replay: &Replay, changes: &Changes) -> i64 {
        let n = replay.len();
        if self.length.len() != n {
            self.before = (0..n as u32).map(|at| replay.length(at)).collect();
            self.length.clone_from(&self.before);
            (self.end, self.dirty) = (vec![0; n], BitSet::new(n));
        }
        if changes.touched.len() > n / 4 {
            return self.saving_of_many(replay, changes);
        }
        for &at in &changes.touched {
            self.dirty.insert(at as usize);
        }
        // Looking for set bits is work too, if little.
        self.work += changes.touched.len() + n / 256;
        let mut next = n;
        while let Some(at) = self.dirty.last_before(next) {
            next = at;
            self.dirty.remove(at);
            self.work += 1 + replay.children(at).len();
            let length = replay.length_of(at, changes, &self.length, &mut self.end);
            if length != self.length[at] {
                self.changed.push((at as u32, self.length[at]));
                self.length[at] = length;
                if let Some(parent) = replay.parent(at as u32) {
                    self.dirty.insert(parent as usize);
                }
            }
        }
        let after = self.length.first().copied().unwrap_or_default();
        for (at, length) in self.changed.drain(..) {
            self.length[at as usize] = length;
        }
        replay.before_ns() - after
    }

    /// The same by computing everything again, which is cheaper where much changes.
    fn saving_of_many(&mut self, replay: &Replay, changes: &Changes) -> i64 {
        self.work += replay.len();
        for at in (0..replay.len()).rev() {
            self.length[at] = replay.length_of(at, changes, &self.length, &mut self.end);
        }
        let after = self.length.first().copied().unwrap_or_default();
        self.length.copy_from_slice(&self.before);
        replay.before_ns() - after
    }
}
