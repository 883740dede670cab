//! The page's side of graphs: the newest question, and what was answered to it.

use leptos::prelude::*;

use super::analyses::Stage;
use super::shared::Shared;
use crate::view::graph::{Layout, ServiceGraph};
use crate::wire::graph::{GraphPart, GraphWanted, unpack};
use crate::wire::{Request, WireError};

/// A graph that came.
#[derive(Debug)]
pub struct GraphAnswer {
    /// The graph.
    pub graph: ServiceGraph,
    /// Where its nodes stand.
    pub layout: Layout,
    /// Nodes with those that are left out.
    pub n_nodes: u32,
    /// Calls through the edge with most of them.
    pub most_calls: u32,
}

/// A copyable handle to the graph that was asked for.
#[derive(Clone, Copy, Debug)]
pub struct Graphs {
    ask: StoredValue<u32>,
    /// What came last; stays while the next one is worked out.
    pub shown: RwSignal<Option<Shared<GraphAnswer>>>,
    /// How far the next one is.
    pub stage: RwSignal<Stage>,
}

impl Default for Graphs {
    fn default() -> Self {
        Self { ask: StoredValue::new(0), shown: RwSignal::new(None), stage: RwSignal::new(Stage::Idle) }
    }
}

impl Graphs {
    /// The request for a graph.
    pub(super) fn ask(self, revision: u32, wanted: GraphWanted) -> Request {
        self.ask.update_value(|ask| *ask = ask.wrapping_add(1));
        self.stage.set(Stage::Running { step: String::new(), done: 0, of: 1 });
        Request::Graph { ask: self.ask.get_value(), revision, wanted }
    }

    /// What was asked for is of no interest any more.
    pub(super) fn forget(self) {
        self.ask.update_value(|ask| *ask = ask.wrapping_add(1));
        self.shown.set(None);
        self.stage.set(Stage::Idle);
    }

    /// Takes an answer.
    pub(super) fn take(self, ask: u32, part: &GraphPart, bytes: &[u8]) -> Result<(), WireError> {
        if ask != self.ask.get_value() {
            return Ok(());
        }
        match *part {
            GraphPart::Progress { done, of } => {
                self.stage.set(Stage::Running { step: String::new(), done, of });
            }
            GraphPart::Graph { n_nodes, most_calls } => {
                let (graph, layout) = unpack(bytes)?;
                self.stage.set(Stage::Done);
                self.shown.set(Some(Shared::new(GraphAnswer { graph, layout, n_nodes, most_calls })));
            }
        }
        Ok(())
    }
}
