//! What the page asks the engine about what is open. Each question has a number, so that only the answer to the
//! newest of its kind counts.

use std::ops::Range;

use leptos::prelude::*;

use super::{Asks, Services};
use crate::model::index::SpanIdx;
use crate::wire::analysis::{AnalysisSettings, Scenario};
use crate::wire::graph::GraphWanted;
use crate::wire::scope::Scope;
use crate::wire::table::TableRequest;
use crate::wire::{Request, Sought};

impl Services {
    /// Asks for everything about a span; the answer comes to [`Self::details`].
    pub fn ask_details(self, span: SpanIdx, first_event: u32) {
        let ask = self.next_ask(|asks| &mut asks.details);
        self.about_trace(|revision, trace| Request::Details {
            ask,
            revision,
            trace,
            span: span.0,
            first_event,
        });
    }

    /// Asks for the events of these spans; the answer comes to [`Self::marks`].
    pub fn ask_events(self, spans: Vec<u32>) {
        let ask = self.next_ask(|asks| &mut asks.events);
        self.about_trace(|revision, trace| Request::Events { ask, revision, trace, spans });
    }

    /// Asks for the values of an attribute of these spans; the answer comes to [`Self::values`].
    pub fn ask_values(self, key: String, spans: Vec<u32>) {
        let ask = self.next_ask(|asks| &mut asks.values);
        self.asked_key.set_value(key.clone());
        self.about_trace(|revision, trace| Request::Values { ask, revision, trace, key, spans });
    }

    /// Searches attributes for these words; answers come to [`Self::found`]. Returns the number of the
    /// question.
    pub fn ask_find(self, words: Vec<Sought>) -> u32 {
        let ask = self.next_ask(|asks| &mut asks.find);
        self.found.set(None);
        if words.is_empty() {
            self.send(&Request::CancelFind);
        } else {
            self.about_trace(|revision, trace| Request::Find { ask, revision, trace, words });
        }
        ask
    }

    /// Has the open trace analysed in this way, from this root (the main root when absent).
    pub fn analyse(self, settings: AnalysisSettings, root: Option<u32>) {
        self.analyses.settings.set(settings);
        self.analyses.root.set(root);
        if let Some(request) = self.analyses.again() {
            self.send(&request);
        }
    }

    /// Tries what would be if all this were otherwise; nothing takes the last what-if back. The answer comes
    /// to `analyses.what_if`.
    pub fn ask_what_if(self, scenarios: Vec<Scenario>) {
        if let Some(request) = self.analyses.try_out(scenarios) {
            self.send(&request);
        }
    }

    /// Asks what the analysis knows of a span; the answer comes to `analyses.insight`.
    pub fn ask_insight(self, span: SpanIdx) {
        if let Some(request) = self.analyses.look_into(span.0) {
            self.send(&request);
        }
    }

    /// Has traces of the list analysed together; the answer comes to `analyses.aggregate`.
    pub fn ask_aggregate(self, revision: u32, scope: Scope) {
        if let Some(request) = self.analyses.together(revision, scope) {
            self.send(&request);
        }
    }

    /// Has the calls of what is in view merged by path; the answer comes to `flame.tree`.
    pub fn ask_flame(self, revision: u32, scope: Scope) {
        let (ask, settings) = (self.flame.next_ask(), self.analyses.settings.get_untracked());
        self.send(&Request::Flame { ask, revision, scope, settings });
    }

    /// Gives up analysing all traces together.
    pub fn cancel_aggregate(self) {
        self.send(&Request::CancelAggregate);
    }

    /// Has two sets of traces compared, given by their positions in the list of this revision; the answer comes
    /// to `compare`. Asks nothing when that is what was asked last.
    pub fn ask_compare(self, revision: u32, sides: [Vec<u32>; 2]) {
        let settings = self.analyses.settings.get_untracked();
        if let Some(request) = self.compare.ask(revision, settings, sides) {
            self.send(&request);
        }
    }

    /// Asks for the calls of a row of the comparison; the answer comes to `compare.instances`.
    pub fn ask_compared_row(self, row: u32) {
        if let Some(request) = self.compare.look_into(row) {
            self.send(&request);
        }
    }

    /// Gives up the comparison.
    pub fn cancel_compare(self) {
        self.compare.forget();
        self.send(&Request::CancelCompare);
    }

    /// Has statistics or a table of spans of a list made; the answer comes to `tables`.
    pub fn make_table(self, revision: u32, what: TableRequest) {
        self.send(&self.tables.make(revision, what));
    }

    /// Asks for rows of the table of spans that are not here, with the values of these attributes.
    pub fn want_rows(self, rows: Range<usize>, keys: &[String]) {
        for request in self.tables.want(rows, keys) {
            self.send(&request);
        }
    }

    /// Asks where a span stands in the table of spans.
    pub fn locate_row(self, trace: u32, span: u32) {
        self.send(&self.tables.locate(trace, span));
    }

    /// Has the last table of its kind written as CSV; it comes to `tables.csv`.
    pub fn write_table(self, what: TableRequest) {
        self.send(&self.tables.write(what));
    }

    /// Asks who calls whom in a part of the list with this number; the answer comes to `graphs`.
    pub fn ask_graph(self, revision: u32, wanted: GraphWanted) {
        let request = self.graphs.ask(revision, wanted);
        self.send(&request);
    }

    /// Gives the graph up.
    pub fn cancel_graph(self) {
        self.graphs.forget();
        self.send(&Request::CancelGraph);
    }

    /// Asks in which trace a span is; the answer comes to [`Self::located`].
    pub fn ask_located(self, span_id: String) {
        let ask = self.next_ask(|asks| &mut asks.locate);
        self.located.set(None);
        self.send(&Request::Locate { ask, span_id });
    }

    fn next_ask(self, which: impl FnOnce(&mut Asks) -> &mut u32) -> u32 {
        self.asks
            .try_update_value(|asks| {
                let ask = which(asks);
                *ask = ask.wrapping_add(1);
                *ask
            })
            .unwrap_or_default()
    }

    /// Sends a request about the open trace, if there is one.
    fn about_trace(self, request: impl FnOnce(u32, u32) -> Request) {
        let at = self.trace.with_untracked(|t| t.as_ref().map(|t| (t.head.revision, t.head.trace)));
        if let Some((revision, trace)) = at {
            self.send(&request(revision, trace));
        }
    }
}
