//! What the engine answers.

use serde::{Deserialize, Serialize};

use super::aggregate::AggregatePart;
use super::analysis::{AnalysisPart, SpanInsight, WhatIfTotals};
use super::compare::{ComparePart, Instances};
use super::details::{SpanDetails, SpanRef};
use super::graph::GraphPart;
use super::report::Report;
use super::table::TablePart;

/// An answer, or news while loading.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Response {
    /// The engine listens: messages sent before would be lost.
    Ready,
    /// How far the reading is.
    Progress(Progress),
    /// All traces so far. Packed by [`super::list::pack`]; rows are in the order that indices of traces refer to.
    List {
        /// Counts the lists of one opening; later ones replace earlier ones.
        revision: u32,
        /// Whether everything was read.
        complete: bool,
        /// Number of traces.
        n_traces: u32,
        /// The columns.
        #[serde(skip)]
        bytes: Vec<u8>,
    },
    /// The columns of a trace are about to come: begin an [`super::Assembly`].
    TraceHead(TraceHead),
    /// A part of the columns of a trace.
    TracePart {
        /// Of the head before.
        revision: u32,
        /// From 0.
        part: u32,
        /// See [`super::pack_part`].
        #[serde(skip)]
        bytes: Vec<u8>,
    },
    /// The trace that was to be opened is not there.
    NoSuchTrace {
        /// The id as asked.
        id: String,
        /// Whether everything was read: if not, it may still come.
        complete: bool,
    },
    /// Answer to [`super::Request::Details`].
    Details {
        /// Of the request.
        ask: u32,
        /// The answer.
        details: Box<SpanDetails>,
    },
    /// Answer to [`super::Request::Events`].
    Events {
        /// Of the request.
        ask: u32,
        /// One entry for each span that has events.
        marks: Vec<EventMarks>,
    },
    /// Answer to [`super::Request::Values`].
    Values {
        /// Of the request.
        ask: u32,
        /// For each span that was asked for its value, cut where it is long; empty without the attribute.
        values: Vec<(u32, String)>,
    },
    /// Answer to [`super::Request::Find`].
    Found {
        /// Of the request.
        ask: u32,
        /// Spans searched; the set is final when this is the number of spans.
        searched: u32,
        /// Whether the search is over.
        complete: bool,
        /// One packed set for each word, in order.
        #[serde(skip)]
        bytes: Vec<u8>,
    },
    /// A part of the answer to [`super::Request::Analyse`].
    Analysis {
        /// Of the request.
        ask: u32,
        /// What came.
        part: AnalysisPart,
        /// Columns of the parts that have some, see [`super::analysis_columns`]; else empty.
        #[serde(skip)]
        bytes: Vec<u8>,
    },
    /// Answer to [`super::Request::WhatIf`].
    WhatIf {
        /// Of the request.
        ask: u32,
        /// Durations of the request.
        totals: WhatIfTotals,
        /// Where each span would be, see [`super::analysis_columns::unpack_positions`].
        #[serde(skip)]
        bytes: Vec<u8>,
    },
    /// Answer to [`super::Request::Insight`].
    Insight {
        /// Of the request.
        ask: u32,
        /// Index of the span in the trace.
        span: u32,
        /// The answer.
        insight: SpanInsight,
    },
    /// A part of the answer to [`super::Request::Aggregate`].
    Aggregate {
        /// Of the request.
        ask: u32,
        /// What came.
        part: AggregatePart,
    },
    /// A part of the answer to [`super::Request::Table`].
    Table {
        /// Of the request.
        ask: u32,
        /// What came.
        part: TablePart,
        /// Statistics or CSV; else empty.
        #[serde(skip)]
        bytes: Vec<u8>,
    },
    /// A part of the answer to [`super::Request::Compare`].
    Compare {
        /// Of the request.
        ask: u32,
        /// What came.
        part: ComparePart,
        /// Columns of the parts that have some; else empty.
        #[serde(skip)]
        bytes: Vec<u8>,
    },
    /// Answer to [`super::Request::CompareRow`].
    Instances {
        /// Of the request.
        ask: u32,
        /// The answer.
        instances: Instances,
    },
    /// A part of the answer to [`super::Request::Flame`].
    Flame {
        /// Of the request.
        ask: u32,
        /// Traces so far,
        done: u32,
        /// of so many.
        of: u32,
        /// The tree, see [`super::call_tree`]; empty until it is whole.
        #[serde(skip)]
        bytes: Vec<u8>,
    },
    /// A part of the answer to [`super::Request::Graph`].
    Graph {
        /// Of the request.
        ask: u32,
        /// What came.
        part: GraphPart,
        /// See [`super::graph::unpack`]; empty with news of the progress.
        #[serde(skip)]
        bytes: Vec<u8>,
    },
    /// Answer to [`super::Request::Locate`].
    Located {
        /// Of the request.
        ask: u32,
        /// The span; none when no trace has it.
        span: Option<SpanRef>,
    },
    /// The import report: sent when everything was read, and on request.
    Report(Box<Report>),
    /// Answer to [`super::Request::Memory`].
    Memory(Memory),
    /// The engine died; it answers no more.
    Failed {
        /// What it said.
        message: String,
        /// Whether it ran out of memory.
        out_of_memory: bool,
    },
}

impl Response {
    /// The field that travels as a buffer, if the response has one.
    pub(super) fn buffer_mut(&mut self) -> Option<&mut Vec<u8>> {
        match self {
            Self::List { bytes, .. }
            | Self::TracePart { bytes, .. }
            | Self::Found { bytes, .. }
            | Self::Analysis { bytes, .. }
            | Self::Table { bytes, .. }
            | Self::Compare { bytes, .. }
            | Self::Flame { bytes, .. }
            | Self::Graph { bytes, .. }
            | Self::WhatIf { bytes, .. } => Some(bytes),
            _ => None,
        }
    }
}

/// What is being done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// Files are read; spans go into columns.
    #[default]
    Reading,
    /// Spans are put into traces, trees are made.
    Linking,
    /// Everything was read.
    Done,
    /// The reader stopped it; what was read is shown.
    Cancelled,
}

impl Phase {
    /// Whether nothing more will come.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Cancelled)
    }
}

/// How far the reading is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// What is being done.
    pub phase: Phase,
    /// Name of the file that is being read.
    pub file: String,
    /// Files that were read to their end.
    pub files_done: u32,
    /// Number of files.
    pub files: u32,
    /// Bytes read, before unpacking.
    pub bytes: u64,
    /// Bytes of all files, when known.
    pub total: Option<u64>,
    /// Bytes after unpacking.
    pub unpacked: u64,
    /// Span records so far.
    pub records: u64,
    /// Traces so far.
    pub traces: u64,
    /// All memory of the worker, free parts included; 0 where it cannot be told.
    #[serde(default)]
    pub memory: u64,
}

/// A trace that is about to be sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceHead {
    /// Of the list that the trace is in.
    pub revision: u32,
    /// Whether everything was read: if not, another head may follow.
    pub complete: bool,
    /// Index in the list.
    pub trace: u32,
    /// Trace id in hex.
    pub id: String,
    /// Nanoseconds since 1970.
    pub start: i64,
    /// Nanoseconds.
    pub duration: i64,
    /// Rows when everything is open.
    pub n_entries: u32,
    /// Parts to come.
    pub n_parts: u32,
    /// Service names; moved into the trace by [`super::Assembly::finish`].
    pub services: Vec<String>,
    /// For the header above the waterfall.
    pub facts: TraceFacts,
}

/// What the header of a trace says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceFacts {
    /// The id as written, where it is not hex.
    pub id_text: String,
    /// Index of the main root in the trace.
    pub main_root: u32,
    /// Its service.
    pub root_service: String,
    /// Its name.
    pub root_name: String,
    /// Spans, placeholders not counted.
    pub n_spans: u32,
    /// Services.
    pub n_services: u32,
    /// Spans with status error.
    pub n_errors: u32,
    /// Levels of the tree.
    pub depth: u32,
    /// The backend said that the trace is incomplete, in its words.
    pub partial: Option<String>,
}

/// The events of one span.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventMarks {
    /// Index of the span in the trace.
    pub span: u32,
    /// Nanoseconds after the trace's start, ascending; at most [`Self::MOST`].
    pub times: Vec<i64>,
    /// Whether each is an exception.
    pub exceptions: Vec<bool>,
}

impl EventMarks {
    /// More marks than this cannot be told apart on a bar.
    pub const MOST: usize = 256;
}

/// Bytes held by the engine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    /// Traces, attributes, strings.
    pub traces: u64,
    /// All memory of the worker, free parts included; 0 where it cannot be told.
    pub worker: u64,
}
