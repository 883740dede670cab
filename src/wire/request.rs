//! What the page asks of the engine.

use serde::{Deserialize, Serialize};

use super::analysis::{AnalysisSettings, Scenario};
use super::graph::GraphWanted;
use super::scope::Scope;
use super::table::TableRequest;

/// A request. `ask` is a number of the page's choosing that comes back with the answer: the newest wins.
/// `revision` is that of the [`super::TraceHead`] which the indices come from; a request about an older
/// revision is dropped, since the page is about to learn of the newer one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// Read these files, whose contents travel beside the message, and forget all others.
    Open {
        /// Names as the reader knows them, with the folder where there is one.
        names: Vec<String>,
        /// Bytes of all files, when known.
        total: Option<u64>,
        /// Number of the list before the first: lists of different openings must never have the same number.
        first_revision: u32,
    },
    /// Stop reading; what was read stays.
    Cancel,
    /// Send the columns of a trace now, and again whenever a later revision has more of it.
    OpenTrace {
        /// Trace id in hex, full or only the lower half.
        id: String,
    },
    /// Send no more columns.
    CloseTrace,
    /// Everything about a span.
    Details {
        /// See [`Request`].
        ask: u32,
        /// See [`Request`].
        revision: u32,
        /// Index of the trace in the list.
        trace: u32,
        /// Index of the span in the trace.
        span: u32,
        /// The first event to send: they come in pages of [`super::details::EVENTS`].
        first_event: u32,
    },
    /// When the events of these spans are, for marks on the bars.
    Events {
        /// See [`Request`].
        ask: u32,
        /// See [`Request`].
        revision: u32,
        /// Index of the trace in the list.
        trace: u32,
        /// Indices of spans in the trace: those in sight.
        spans: Vec<u32>,
    },
    /// The values of an attribute of these spans, or of their resources and scopes.
    Values {
        /// See [`Request`].
        ask: u32,
        /// See [`Request`].
        revision: u32,
        /// Index of the trace in the list.
        trace: u32,
        /// Key of the attribute.
        key: String,
        /// Indices of spans in the trace: those in sight.
        spans: Vec<u32>,
    },
    /// Which spans have these words in attribute keys, attribute values, event names or status messages.
    /// Replaces the search that is under way.
    Find {
        /// See [`Request`].
        ask: u32,
        /// See [`Request`].
        revision: u32,
        /// Index of the trace in the list.
        trace: u32,
        /// One set comes back for each word, so that the page can join them with what it finds in names.
        words: Vec<Sought>,
    },
    /// Give up the search that is under way.
    CancelFind,
    /// Analyse a trace. Answers come in parts; replaces the analysis that is under way.
    Analyse {
        /// See [`Request`].
        ask: u32,
        /// See [`Request`].
        revision: u32,
        /// Index of the trace in the list.
        trace: u32,
        /// How.
        settings: AnalysisSettings,
        /// The root to be explained; the main root when absent.
        root: Option<u32>,
    },
    /// How long the request would take if something were otherwise. Needs the trace to be analysed: waits
    /// until its critical path is known, and is dropped without an analysis. The newest replaces an earlier
    /// one that still waits.
    WhatIf {
        /// See [`Request`].
        ask: u32,
        /// See [`Request`].
        revision: u32,
        /// Index of the trace in the list.
        trace: u32,
        /// Everything that is otherwise, together.
        scenarios: Vec<Scenario>,
    },
    /// What the analysis knows of a span; waits as [`Request::WhatIf`] does.
    Insight {
        /// See [`Request`].
        ask: u32,
        /// See [`Request`].
        revision: u32,
        /// Index of the trace in the list.
        trace: u32,
        /// Index of the span in the trace.
        span: u32,
    },
    /// Analyse traces together. Replaces the one that is under way.
    Aggregate {
        /// See [`Request`].
        ask: u32,
        /// Of the list.
        revision: u32,
        /// Which traces, each as a whole.
        scope: Scope,
        /// How.
        settings: AnalysisSettings,
    },
    /// Merge the calls of what the view is about by their paths. Replaces the merging that is under way; about
    /// a trace that is being analysed, waits as [`Request::WhatIf`] does.
    Flame {
        /// See [`Request`].
        ask: u32,
        /// Of the list.
        revision: u32,
        /// What the view is about.
        scope: Scope,
        /// How traces are analysed, those that are not open.
        settings: AnalysisSettings,
    },
    /// Give up analysing all traces together.
    CancelAggregate,
    /// A table of spans. The newest replaces an earlier one that is not ready.
    Table {
        /// See [`Request`].
        ask: u32,
        /// Of the list.
        revision: u32,
        /// What is asked.
        what: Box<TableRequest>,
    },
    /// Compare two traces, or two sets of traces. Replaces the comparison that is under way.
    Compare {
        /// See [`Request`].
        ask: u32,
        /// Of the list.
        revision: u32,
        /// How.
        settings: AnalysisSettings,
        /// Indices in the list of the traces of either side.
        sides: [Vec<u32>; 2],
    },
    /// The calls of a row of the comparison side by side. The newest replaces an earlier one that still waits.
    CompareRow {
        /// See [`Request`].
        ask: u32,
        /// Number of the row in the table that was sent.
        row: u32,
    },
    /// Give up the comparison that is under way, or forget the last one.
    CancelCompare,
    /// Who calls whom. Replaces the graph that is under way; one about a part of the open trace waits until
    /// the analysis of that trace knows its times.
    Graph {
        /// See [`Request`].
        ask: u32,
        /// Of the list.
        revision: u32,
        /// What it is to show.
        wanted: GraphWanted,
    },
    /// Give up the graph.
    CancelGraph,
    /// Where the span with this id is, in whichever trace.
    Locate {
        /// See [`Request`].
        ask: u32,
        /// Span id in hex.
        span_id: String,
    },
    /// The import report.
    Report,
    /// Bytes held.
    Memory,
}

/// One thing to search for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sought {
    /// A text, in any case, in whatever is written in a span.
    Text(String),
    /// An attribute of the span, its resource or its scope, with exactly this value.
    Attribute {
        /// Key.
        key: String,
        /// Value as the details show it.
        value: String,
    },
}
