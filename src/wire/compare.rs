//! Two traces, or two sets of traces, side by side.

use serde::{Deserialize, Serialize};

use super::pack::{Reader, Writer};
use super::{TraceHead, WireError};

/// A part of the answer to [`super::Request::Compare`], in this order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ComparePart {
    /// How far it is.
    Progress {
        /// So many spans,
        done: u64,
        /// of so many.
        of: u64,
    },
    /// What changed.
    Table(Box<CompareTable>),
    /// The tree of both: begin an [`super::Assembly`].
    Tree(Box<CompareTree>),
    /// Columns of the tree, see [`super::pack_part`].
    TreePart {
        /// From 0.
        part: u32,
    },
    /// Where the entries of that part come from, see [`Entries`].
    TreeEntries {
        /// From 0.
        part: u32,
    },
    /// Attributes whose values differ; the last part.
    Values {
        /// Those of most spans first.
        keys: Vec<KeyChange>,
        /// Keys that were found beyond those.
        n_more: u32,
        /// Attributes of every so manieth span were read.
        every: u32,
    },
}

/// An operation.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Operation {
    /// Service.
    pub service: String,
    /// Name without ids.
    pub name: String,
}

/// What changed, by call path.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompareTable {
    /// Number of traces of either side.
    pub n_traces: [u32; 2],
    /// Duration of the root, or of an average one.
    pub root_ns: [i64; 2],
    /// The change in one sentence.
    pub sentence: String,
    /// Operations of the roots that are compared, where each side has a single one.
    pub roots: [Option<Operation>; 2],
    /// Call paths, the largest change first.
    pub rows: Vec<CompareRow>,
    /// Rows that were left out: their number, and their time on the critical path on either side.
    pub others: (u32, [i64; 2]),
    /// Operations that only one side has, with the number of spans of either.
    pub operations: Vec<(Operation, [u64; 2])>,
    /// Services that only one side has.
    pub services: [Vec<String>; 2],
    /// Kinds of errors of which the sides have different numbers.
    pub errors: Vec<ErrorChange>,
}

/// What became of a call path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum RowStatus {
    /// Only the second side has it.
    Added,
    /// Only the first side has it.
    Removed,
    /// The same call below one operation more, or one less.
    Moved,
    /// Count, times or errors differ.
    Changed,
    /// Nothing differs.
    #[default]
    Same,
}

/// One call path of both sides.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompareRow {
    /// Operations from the root down, or the last of them.
    pub path: Vec<Operation>,
    /// Whether `path` begins at the root.
    pub is_whole: bool,
    /// The path that the first side has instead, for a call that moved.
    pub from: Vec<Operation>,
    /// What became of it.
    pub status: RowStatus,
    /// Both sides.
    pub sides: [CompareTally; 2],
    /// The span of either side that tells most.
    pub examples: [Option<SpanPlace>; 2],
}

impl CompareRow {
    /// Change of the time on the critical path.
    pub fn delta_cp_ns(&self) -> i64 {
        self.sides[1].cp_ns.saturating_sub(self.sides[0].cp_ns)
    }
}

/// Numbers of one side: counts in all, times of an average trace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompareTally {
    /// Spans.
    pub count: u64,
    /// Sum of their durations.
    pub total_ns: i64,
    /// Sum of their self times.
    pub self_ns: i64,
    /// Time on the critical path.
    pub cp_ns: i64,
    /// Spans that are errors.
    pub errors: u64,
}

/// A span by ids, so that it is found in a list that has changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpanPlace {
    /// Trace id in hex.
    pub trace: String,
    /// Span id in hex.
    pub span: String,
}

/// A kind of error.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorChange {
    /// Where it begins.
    pub operation: Operation,
    /// Type, or message; may be empty.
    pub what: String,
    /// Spans of either side.
    pub counts: [u64; 2],
}

/// An attribute whose values differ.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyChange {
    /// Service of the spans.
    pub service: String,
    /// Key.
    pub key: String,
    /// Spans with it, on either side.
    pub counts: [u32; 2],
    /// Values that only this side has, with how often.
    pub values: [Vec<(String, u32)>; 2],
}

/// The tree of both sides is about to come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CompareTree {
    /// As for a trace; its id is that of B's.
    pub head: TraceHead,
    /// Trace ids in hex. Of sets these are their traces of middle length.
    pub traces: [String; 2],
}

/// Where the entries of the tree come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entries {
    /// Start of the entry on the first side; [`super::analysis::NO_TIME`] where it has none.
    pub former_starts: Vec<i64>,
    /// Its end there.
    pub former_ends: Vec<i64>,
    /// The span's id on either side; 0 where there is none.
    pub ids: [Vec<u64>; 2],
}

impl Entries {
    /// Packs a part.
    pub fn pack(former_starts: &[i64], former_ends: &[i64], ids: [&[u64]; 2]) -> Vec<u8> {
        let mut w = Writer::default();
        w.i64s(former_starts);
        w.i64s(former_ends);
        w.u64s(ids[0]);
        w.u64s(ids[1]);
        w.into_bytes()
    }

    /// Appends a part.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), WireError> {
        let mut r = Reader::new(bytes);
        let lengths = [
            r.i64s(&mut self.former_starts)?,
            r.i64s(&mut self.former_ends)?,
            r.u64s(&mut self.ids[0])?,
            r.u64s(&mut self.ids[1])?,
        ];
        r.end()?;
        if lengths.iter().any(|&n| n != lengths[0]) {
            return Err(WireError::Broken { reason: format!("columns of {lengths:?} entries") });
        }
        Ok(())
    }

    /// Number of entries so far.
    pub fn len(&self) -> usize {
        self.former_starts.len()
    }

    /// Whether none has come.
    pub fn is_empty(&self) -> bool {
        self.former_starts.is_empty()
    }
}

/// Answer to [`super::Request::CompareRow`]: the calls of a path side by side.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instances {
    /// The row.
    pub row: u32,
    /// The first with the first, in order of start; those without a counterpart at the end.
    pub pairs: Vec<InstancePair>,
    /// Number of spans on either side.
    pub counts: [u64; 2],
    /// Whether these are only the most telling spans, since each side has many traces.
    pub is_example: bool,
}

/// A call of the one side and a call of the other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstancePair {
    /// Both, where both exist.
    pub sides: [Option<Instance>; 2],
    /// Attributes that differ.
    pub changes: Vec<AttributeChange>,
}

/// A span.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    /// Where it is.
    pub place: SpanPlace,
    /// Name as recorded.
    pub name: String,
    /// Start after the start of the main root.
    pub start_ns: i64,
    /// Duration.
    pub duration_ns: i64,
}

/// An attribute that the two have not in common.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttributeChange {
    /// Key.
    pub key: String,
    /// Value on either side, cut where it is long.
    pub values: [Option<String>; 2],
}
