//! Who calls whom: trace by trace between other requests, then laid out.
//!
//! The graph stays until another is wanted, so that leaving out more or less of it only lays it out anew.

use crate::analysis::run::Run;
use crate::analysis::service_graph::{GraphBuilder, Narrowing, ServiceGraph, Times};
use crate::layout::{self, Graph, Spacing};
use crate::model::index::TraceIdx;
use crate::model::trace_set::TraceSet;
use crate::wire::Response;
use crate::wire::graph::{GraphPart, GraphWanted, Without, node_kind, pack};
use crate::wire::scope::Scope;

use super::analysis_messages::settings_of;
use super::scope::Resolved;

/// Spans in one turn: some milliseconds, unless a single trace has more.
const SPANS_A_TURN: u32 = 20_000;

/// A graph that is being made, or is there.
#[derive(Debug)]
pub(super) struct Graphing {
    ask: u32,
    wanted: GraphWanted,
    scope: Resolved,
    builder: GraphBuilder,
    /// The next of the traces.
    next: usize,
    /// All of it, once it is there.
    graph: Option<ServiceGraph>,
    is_answered: bool,
}

impl Graphing {
    pub(super) fn new(ask: u32, wanted: GraphWanted, set: &TraceSet) -> Self {
        let scope = Resolved::new(wanted.scope.clone(), set);
        let builder = GraphBuilder::new(wanted.by_operation.clone());
        Self { ask, wanted, scope, builder, next: 0, graph: None, is_answered: false }
    }

    /// Goes on with the same graph if it fits what is wanted now; says whether it does.
    pub(super) fn again(&mut self, ask: u32, wanted: &GraphWanted) -> bool {
        let is_same = self.wanted.scope == wanted.scope
            && self.wanted.settings == wanted.settings
            && self.wanted.root == wanted.root
            && self.wanted.by_operation == wanted.by_operation;
        if is_same {
            (self.ask, self.is_answered) = (ask, false);
            self.wanted.clone_from(wanted);
        }
        is_same
    }

    /// Whether there is anything to do.
    pub(super) fn is_idle(&self) -> bool {
        self.is_answered
    }

    /// The open trace, if the graph is about it and needs its analysis.
    pub(super) fn waits_for(&self) -> Option<TraceIdx> {
        let is_part = matches!(self.wanted.scope, Scope::Part(_)) && self.graph.is_none();
        self.scope.traces.first().copied().filter(|_| is_part)
    }

    /// Does the next piece of work. `run` is the analysis of the open trace, once it knows times.
    pub(super) fn slice(&mut self, set: &TraceSet, run: Option<&Run>, out: &mut Vec<Response>) {
        if let Some(graph) = &self.graph {
            self.is_answered = true;
            return out.push(answer(self.ask, graph, &self.wanted));
        }
        let mut spans = 0;
        while spans < SPANS_A_TURN
            && let Some(&trace) = self.scope.traces.get(self.next)
        {
            self.next += 1;
            spans += set.traces().get(trace.at()).map_or(0, |t| t.n_entries);
            if let Some(run) = run.filter(|run| run.trace_idx() == trace && run.has_times()) {
                self.add(set, run);
            } else {
                let mut run = Run::new(trace, settings_of(&self.wanted.settings), None);
                while !run.has_times() {
                    run.step(set);
                }
                self.add(set, &run);
            }
        }
        if self.next >= self.scope.traces.len() {
            self.graph = Some(std::mem::take(&mut self.builder).finish());
        }
        let (done, of) = (self.next as u32, self.scope.traces.len() as u32);
        out.push(Response::Graph {
            ask: self.ask,
            part: GraphPart::Progress { done, of },
            bytes: Vec::new(),
        });
    }

    fn add(&mut self, set: &TraceSet, run: &Run) {
        let (recorded, found) = (run.recorded(), run.found());
        let kept = self.scope.kept(&recorded);
        let times = Times {
            recorded: &recorded,
            self_times: &found.own_times,
            critical: &found.critical,
            kept: kept.as_ref(),
        };
        self.builder.add(set, run.trace_idx(), times);
    }
}

fn answer(ask: u32, graph: &ServiceGraph, wanted: &GraphWanted) -> Response {
    let Without { least_calls, least_permille, around, depth } = wanted.without.clone();
    let around = around.and_then(|(kind, name, operation)| Some((node_kind(&kind)?, name, operation)));
    let shown = graph.narrowed(&Narrowing { least_calls, least_permille, around, depth });
    let (height, gap) = (i64::from(wanted.heights.0), i64::from(wanted.heights.1));
    let drawn = Graph {
        heights: vec![height; shown.nodes.len()],
        edges: shown.edges.iter().map(|e| (e.from, e.to)).collect(),
    };
    let layout = layout::layout(&drawn, Spacing { nodes: gap, edges: gap / 2 });
    let part = GraphPart::Graph {
        n_nodes: graph.nodes.len() as u32,
        most_calls: graph.edges.iter().map(|e| e.calls).max().unwrap_or_default(),
    };
    Response::Graph { ask, part, bytes: pack(&shown, &layout) }
}
