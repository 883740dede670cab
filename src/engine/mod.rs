//! Answers the page's requests: bytes to traces, a trace to the columns and texts that the page shows.
//!
//! Synchronous and without a browser: whoever drives it feeds bytes and requests and takes responses from a
//! list, so the whole conversation is tested natively. Long work is cut into slices ([`Engine::work`]) between
//! which new requests are taken.
//!
//! **One opening per engine.** An opening is all files that are shown together. To add files the page opens
//! the earlier files anew together with the new ones, in a second engine, while the first goes on answering;
//! a trace that is spread over both is one trace then. The alternative, keeping the unfinished columns for
//! later files, would hold every span twice for the rest of the visit.

mod aggregating;
mod analysing;
mod analysis_messages;
mod comparing;
mod comparing_messages;
mod details;
mod find;
mod findings;
mod flame;
mod graphing;
mod loading;
mod report;
pub mod scope;
mod sending;
mod tables;
mod value;

use crate::analysis::run::Run;
use crate::model::ids::SpanId;
use crate::model::index::TraceIdx;
use crate::model::trace_set::TraceSet;
use crate::wire::{Memory, Phase, Progress, Request, Response};

use aggregating::Aggregating;
use analysing::Analysing;
use comparing::Comparing;
use find::Search;
use flame::Flaming;
use graphing::Graphing;
use loading::Loading;
use sending::Sending;
use tables::Tables;

/// What the page is shown at the moment.
#[derive(Debug, Default)]
struct Shown {
    set: TraceSet,
    /// Counts the sets of one opening; 0 is the empty one before the first.
    revision: u32,
}

/// The engine: imports, holds everything, answers.
///
/// ```
/// use spanscope::engine::Engine;
/// use spanscope::wire::Request;
///
/// let (mut engine, mut answers) = (Engine::default(), Vec::new());
/// engine.handle(Request::Open { names: vec!["a.json".into()], total: None, first_revision: 0 }, &mut answers);
/// engine.begin_file("a.json", None, &mut answers);
/// engine.feed(b"{\"resourceSpans\":[]}", &mut answers);
/// engine.end_file(&mut answers);
/// engine.finish(&mut answers);
/// while engine.work(&mut answers) {}
/// ```
#[derive(Default)]
pub struct Engine {
    loading: Option<Loading>,
    progress: Progress,
    /// Names of all files, for those that are never reached.
    names: Vec<String>,
    reports: Vec<crate::wire::report::File>,
    shown: Shown,
    /// Hex id of the trace whose columns the page wants.
    wanted: Option<String>,
    sending: Option<Sending>,
    search: Option<Search>,
    analysing: Option<Analysing>,
    aggregating: Option<Aggregating>,
    tables: Option<Tables>,
    comparing: Option<Comparing>,
    flaming: Option<Flaming>,
    graphing: Option<Graphing>,
}

impl Engine {
    /// Takes a request. Answers that are at hand are appended to `out`, others come from [`Self::work`].
    pub fn handle(&mut self, request: Request, out: &mut Vec<Response>) {
        match request {
            Request::Open { names, total, first_revision } => {
                self.open(names, total, first_revision, out);
            }
            Request::Cancel => self.cancel(out),
            Request::OpenTrace { id } => {
                self.wanted = Some(id);
                (self.analysing, self.tables) = (None, None);
                self.begin_sending(out);
            }
            Request::CloseTrace => {
                self.wanted = None;
                self.sending = None;
                (self.analysing, self.tables) = (None, None);
            }
            Request::Details { ask, revision, trace, span, first_event } => {
                let found = self
                    .trace(revision, trace)
                    .and_then(|trace| details::of_span(&self.shown.set, trace, span, first_event as usize));
                if let Some(mut details) = found {
                    details.revision = revision;
                    out.push(Response::Details { ask, details: Box::new(details) });
                }
            }
            Request::Events { ask, revision, trace, spans } => {
                if let Some(trace) = self.trace(revision, trace) {
                    out.push(Response::Events {
                        ask,
                        marks: details::event_marks(&self.shown.set, trace, &spans),
                    });
                }
            }
            Request::Values { ask, revision, trace, key, spans } => {
                if let Some(trace) = self.trace(revision, trace) {
                    let values = details::values(&self.shown.set, trace, &key, &spans);
                    out.push(Response::Values { ask, values });
                }
            }
            Request::Find { ask, revision, trace, words } => {
                self.search =
                    self.trace(revision, trace).map(|trace| Search::new(&self.shown.set, trace, ask, &words));
            }
            Request::CancelFind => self.search = None,
            Request::Analyse { ask, revision, trace, settings, root } => {
                let same = self.trace(revision, trace);
                match (&mut self.analysing, same) {
                    (Some(analysing), Some(trace)) if analysing.trace() == trace => {
                        analysing.again(ask, &settings, root);
                    }
                    (analysing, same) => {
                        *analysing = same.map(|trace| Analysing::new(ask, trace, &settings, root));
                    }
                }
            }
            Request::Insight { ask, revision, trace, span } => {
                if let Some(analysing) = self.analysing(revision, trace) {
                    analysing.look_into(ask, span);
                }
            }
            Request::WhatIf { ask, revision, trace, scenarios } => {
                if let Some(analysing) = self.analysing(revision, trace) {
                    analysing.try_out(ask, scenarios);
                }
            }
            Request::Aggregate { ask, revision, scope, settings } => {
                let is_current = revision == self.shown.revision;
                self.aggregating =
                    is_current.then(|| Aggregating::new(ask, &settings, scope, &self.shown.set));
            }
            Request::Flame { ask, revision, scope, settings } => {
                let is_current = revision == self.shown.revision;
                self.flaming = is_current.then(|| Flaming::new(ask, &settings, scope, &self.shown.set));
            }
            Request::CancelAggregate => self.aggregating = None,
            Request::Table { ask, revision, what } => {
                if revision == self.shown.revision {
                    Tables::take(&mut self.tables, ask, *what, &self.shown.set, out);
                }
            }
            Request::Compare { ask, revision, settings, sides } => {
                let is_current = revision == self.shown.revision;
                self.comparing = is_current.then(|| Comparing::new(ask, &self.shown.set, &settings, &sides));
            }
            Request::CompareRow { ask, row } => {
                if let Some(comparing) = &mut self.comparing {
                    comparing.look_into(ask, row);
                }
            }
            Request::CancelCompare => self.comparing = None,
            Request::Graph { ask, revision, wanted } if revision == self.shown.revision => {
                if !self.graphing.as_mut().is_some_and(|graphing| graphing.again(ask, &wanted)) {
                    self.graphing = Some(Graphing::new(ask, wanted, &self.shown.set));
                }
            }
            Request::Graph { .. } | Request::CancelGraph => self.graphing = None,
            Request::Locate { ask, span_id } => {
                let found = SpanId::from_hex(&span_id).and_then(|id| self.shown.set.find_span(id));
                let span = found.and_then(|span| details::span_ref(&self.shown.set, span));
                out.push(Response::Located { ask, span });
            }
            Request::Report => out.push(self.report()),
            Request::Memory => {
                out.push(Response::Memory(Memory { traces: self.shown.set.heap_bytes() as u64, worker: 0 }));
            }
        }
    }

    /// Does one slice of the work that is waiting, a few milliseconds long; returns whether there is more.
    pub fn work(&mut self, out: &mut Vec<Response>) -> bool {
        // The columns first: without them the page has nothing to mark as found.
        if let Some(sending) = &mut self.sending {
            if sending.slice(&self.shown.set, out) {
                self.sending = None;
            }
        } else if let Some(search) = &mut self.search {
            if search.slice(&self.shown.set, out) {
                self.search = None;
            }
        } else if self.can_make_tables() {
            let running = self.analysing.as_ref().map(Analysing::run);
            if let Some(tables) = &mut self.tables {
                tables.slice(&self.shown.set, running, out);
            }
        } else if self.can_merge() {
            let run = self.analysing.as_ref().map(Analysing::run);
            let flaming = self.flaming.as_mut();
            if flaming.is_none_or(|flaming| flaming.slice(&self.shown.set, run, out)) {
                self.flaming = None;
            }
        } else if let Some(comparing) = self.comparing.as_mut().filter(|comparing| !comparing.is_idle()) {
            // Before the analysis of the open trace: who compares looks at the comparison.
            comparing.slice(&self.shown.set, self.shown.revision, out);
        } else if let Some((graphing, run)) = Self::ready(&mut self.graphing, self.analysing.as_ref()) {
            graphing.slice(&self.shown.set, run, out);
        } else if let Some(analysing) = self.analysing.as_mut().filter(|analysing| !analysing.is_idle()) {
            analysing.slice(&self.shown.set, out);
        } else if let Some(aggregating) = &mut self.aggregating
            && aggregating.slice(&self.shown.set, out)
        {
            self.aggregating = None;
        }
        let is_analysing = self.analysing.as_ref().is_some_and(|analysing| !analysing.is_idle());
        let is_busy = self.sending.is_some() || self.search.is_some() || self.aggregating.is_some();
        let is_comparing = self.comparing.as_ref().is_some_and(|comparing| !comparing.is_idle());
        let is_graphing = Self::ready(&mut self.graphing, self.analysing.as_ref()).is_some();
        is_busy || is_analysing || is_comparing || is_graphing || self.can_make_tables() || self.can_merge()
    }

    /// Whether there is a table to be made that does not wait for an analysis.
    fn can_make_tables(&self) -> bool {
        let running = self.analysing.as_ref().map(Analysing::run);
        self.tables.as_ref().is_some_and(|tables| tables.can_go_on(running))
    }

    /// Whether calls are to be merged and what that needs is there: a trace that is being analysed brings its
    /// times, and the reader waits for the merged calls rather than for the last finding.
    fn can_merge(&self) -> bool {
        self.flaming.as_ref().is_some_and(|flaming| {
            let same = self.analysing.as_ref().filter(|a| flaming.only_trace() == Some(a.trace()));
            same.is_none_or(|analysing| analysing.run().has_replay())
        })
    }

    /// The graph that can be worked on, with the analysis that it is about if there is one.
    fn ready<'a>(
        graphing: &'a mut Option<Graphing>,
        analysing: Option<&'a Analysing>,
    ) -> Option<(&'a mut Graphing, Option<&'a Run>)> {
        let graphing = graphing.as_mut().filter(|graphing| !graphing.is_idle())?;
        let wanted = graphing.waits_for();
        let analysing = analysing.filter(|analysing| Some(analysing.trace()) == wanted);
        let run = analysing.and_then(Analysing::times);
        (analysing.is_none() || run.is_some()).then_some((graphing, run))
    }

    /// Whether files are being read.
    pub fn is_loading(&self) -> bool {
        self.loading.is_some()
    }

    /// The trace at `trace` of the list, unless the request is about an older list.
    fn trace(&self, revision: u32, trace: u32) -> Option<TraceIdx> {
        (revision == self.shown.revision && (trace as usize) < self.shown.set.traces().len())
            .then_some(TraceIdx(trace))
    }

    /// The analysis of that trace, if there is one.
    fn analysing(&mut self, revision: u32, trace: u32) -> Option<&mut Analysing> {
        let trace = self.trace(revision, trace)?;
        self.analysing.as_mut().filter(|analysing| analysing.trace() == trace)
    }

    fn report(&self) -> Response {
        let mut report = report::of(&self.shown.set, &self.reports);
        report.revision = self.shown.revision;
        report.complete = self.progress.phase.is_over();
        report.cancelled = self.progress.phase == Phase::Cancelled;
        Response::Report(Box::new(report))
    }
}
