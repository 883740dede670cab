//! What is different between two traces, or two sets of traces: one row per call path.
//!
//! Time on the critical path adds up to the duration of the root on either side, so the changes of that column
//! add up to the change of the latency: the table explains all of it. For sets of traces the times are those of
//! an average trace, and the same holds for the average latency.

use std::cmp::Reverse;

use super::call_paths::CallPaths;
pub use super::diff_adding::Comparer;
use super::diff_moved;
use crate::base::sort::CompactSort as _;
use crate::model::index::{SpanIdx, TraceIdx};

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// What is compared with: before.
    A,
    /// What is looked at: after.
    B,
}

impl Side {
    /// Both, in order.
    pub const BOTH: [Self; 2] = [Self::A, Self::B];
}

/// What one side has of a call path, added up over its traces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tally {
    /// Spans.
    pub count: u64,
    /// Their durations, in nanoseconds.
    pub total_ns: i64,
    /// Their self times.
    pub self_ns: i64,
    /// Their time on the critical path.
    pub cp_ns: i64,
    /// Spans that are errors.
    pub errors: u64,
}

impl Tally {
    /// Takes in one more span, or those of another tally.
    pub(super) fn add(&mut self, other: &Self) {
        self.count += other.count;
        self.total_ns = self.total_ns.saturating_add(other.total_ns);
        self.self_ns = self.self_ns.saturating_add(other.self_ns);
        self.cp_ns = self.cp_ns.saturating_add(other.cp_ns);
        self.errors += other.errors;
    }

    fn numbers(&self) -> [i128; 5] {
        let Self { count, total_ns, self_ns, cp_ns, errors } = *self;
        [count.into(), total_ns.into(), self_ns.into(), cp_ns.into(), errors.into()]
    }

    /// Whether an average of `n` is the same as an average of `others_n` of `other`.
    fn is_same(&self, n: u32, other: &Self, others_n: u32) -> bool {
        let scaled = |numbers: [i128; 5], by: u32| numbers.map(|number| number * i128::from(by.max(1)));
        scaled(self.numbers(), others_n) == scaled(other.numbers(), n)
    }
}

/// What became of a call path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Only the second side has it.
    Added,
    /// Only the first side has it.
    Removed,
    /// The same call below one operation more, or one less.
    Moved,
    /// Count, times or errors differ.
    Changed,
    /// Nothing differs.
    Same,
}

/// A call path of both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The path: see [`CallPaths::path`].
    pub node: u32,
    /// The path that the first side has instead, for a call that moved.
    pub from: Option<u32>,
    /// What became of it.
    pub status: Status,
    /// Both sides: counts and errors in all, times of an average trace.
    pub sides: [Tally; 2],
    /// Time on the critical path, B less A.
    pub delta_cp_ns: i64,
}

/// A span of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// The trace.
    pub trace: TraceIdx,
    /// The span, within it.
    pub span: SpanIdx,
}

/// An operation by its number of spans on either side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OperationCount {
    /// The operation: see [`CallPaths::operation_names`].
    pub operation: u32,
    /// Spans in all, on either side.
    pub counts: [u64; 2],
}

/// A kind of error by how often either side has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorCount {
    /// Where: see [`CallPaths::operation_names`].
    pub operation: u32,
    /// Type, else message without ids; empty when the span says nothing.
    pub what: String,
    /// Spans in all, on either side.
    pub counts: [u64; 2],
}

/// Two traces or sets of traces side by side.
#[derive(Debug, Default)]
pub struct Comparison {
    /// The paths by which everything is told.
    pub paths: CallPaths,
    /// Number of traces.
    pub n_traces: [u32; 2],
    /// Duration of an average main root.
    pub root_ns: [i64; 2],
    /// All call paths, the largest change on the critical path first, then by path.
    pub rows: Vec<Row>,
    /// Operations that only one side has, by service and name.
    pub operations: Vec<OperationCount>,
    /// Kinds of errors of which the two sides have different numbers, by service and name.
    pub errors: Vec<ErrorCount>,
    /// The span of each path and side that tells most: the one with the most time on the critical path.
    pub(super) examples: Vec<[Option<Placed>; 2]>,
}

impl Comparison {
    /// How much longer B takes.
    pub fn delta_ns(&self) -> i64 {
        self.root_ns[1].saturating_sub(self.root_ns[0])
    }

    /// Whether nothing differs but names and ids.
    pub fn is_same(&self) -> bool {
        self.rows.iter().all(|row| row.status == Status::Same)
    }

    /// The span of a row that tells most of one side.
    pub fn example(&self, row: &Row, side: Side) -> Option<Placed> {
        let node = if side == Side::A { row.from.unwrap_or(row.node) } else { row.node };
        self.examples.get(node as usize)?[side as usize]
    }
}

/// Averages of whole numbers that add up to the average of their sum, whatever is rounded: each takes the part of
/// the running sum that came to be whole with it.
struct Shares {
    n: i128,
    sum: i128,
}

impl Shares {
    fn new(n: u32) -> Self {
        Self { n: i128::from(n.max(1)), sum: 0 }
    }

    fn next(&mut self, ns: i64) -> i64 {
        let before = self.sum.div_euclid(self.n);
        self.sum += i128::from(ns);
        (self.sum.div_euclid(self.n) - before) as i64
    }
}

/// The rows from what either side has of each path. O(n log n) in paths.
pub(super) fn rows(paths: &CallPaths, tallies: &[[Tally; 2]], n: [u32; 2]) -> Vec<Row> {
    let ranks = paths.ranks();
    let moved = diff_moved::moves(paths, tallies, &ranks);
    // Ranks are places: each node goes to its own.
    let mut order: Vec<u32> = vec![0; tallies.len()];
    for (&rank, node) in ranks.iter().zip(0..) {
        if let Some(place) = order.get_mut(rank as usize) {
            *place = node;
        }
    }
    let mut shares = n.map(Shares::new);
    let mut averages = tallies.to_vec();
    for &node in &order {
        for (tally, (shares, n)) in averages[node as usize].iter_mut().zip(shares.iter_mut().zip(n)) {
            let average = |ns: i64| ns.checked_div(i64::from(n)).unwrap_or_default();
            (tally.total_ns, tally.self_ns) = (average(tally.total_ns), average(tally.self_ns));
            tally.cp_ns = shares.next(tally.cp_ns);
        }
    }
    let mut rows: Vec<Row> = Vec::with_capacity(order.len());
    for &node in &order {
        let [a, b] = tallies[node as usize];
        let mut sides = averages[node as usize];
        let (status, from) = match (a.count > 0, b.count > 0) {
            (false, false) => continue,
            (true, false) if moved.is_source(node) => continue,
            (true, false) => (Status::Removed, None),
            (false, true) => match moved.source(node) {
                Some(from) => {
                    sides[0] = averages[from as usize][0];
                    (Status::Moved, Some(from))
                }
                None => (Status::Added, None),
            },
            (true, true) if a.is_same(n[0], &b, n[1]) => (Status::Same, None),
            (true, true) => (Status::Changed, None),
        };
        let delta_cp_ns = sides[1].cp_ns - sides[0].cp_ns;
        rows.push(Row { node, from, status, sides, delta_cp_ns });
    }
    // Stable: by path where the changes are equal.
    rows.compact_sort_by_key(|row| Reverse(row.delta_cp_ns.unsigned_abs()));
    rows
}
