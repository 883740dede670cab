//! The graph of calls that a backend has counted: numbers of calls, and nothing else.
//!
//! It is put together and laid out here, not by the engine, since no trace is needed for it and a backend names some
//! hundred services at most.

use crate::analysis::service_graph::{Edge, Narrowing, Node, ServiceGraph, UNTOLD};
use crate::base::sort::CompactSort as _;
use crate::layout::{self, Graph, Layout, Spacing};
use crate::view::graph::{GAP_PX, NODE_PX};

/// The graph of these calls: who, whom, how often. Calls of a pair that is named twice are added up.
/// O(n log n).
pub fn of_calls<'a>(calls: impl Iterator<Item = (&'a str, &'a str, u64)>) -> ServiceGraph {
    let mut calls: Vec<(&str, &str, u64)> =
        calls.filter(|(from, to, _)| !(from.is_empty() && to.is_empty())).collect();
    calls.compact_sort();
    let mut names: Vec<&str> = calls.iter().flat_map(|&(from, to, _)| [from, to]).collect();
    names.compact_sort();
    names.dedup();
    let node =
        |name: &&str| Node { name: (*name).to_owned(), p50_ns: UNTOLD, p95_ns: UNTOLD, ..Node::default() };
    let mut graph = ServiceGraph { nodes: names.iter().map(node).collect(), ..ServiceGraph::default() };
    let at = |name: &str| names.binary_search(&name).map_or(0, |at| at as u32);
    for (from, to, n) in calls {
        let (from, to, n) = (at(from), at(to), u32::try_from(n).unwrap_or(u32::MAX));
        if let Some(node) = graph.nodes.get_mut(to as usize) {
            node.calls = node.calls.saturating_add(n);
        }
        match graph.edges.last_mut().filter(|edge| (edge.from, edge.to) == (from, to)) {
            Some(edge) => edge.calls = edge.calls.saturating_add(n),
            None => graph.edges.push(Edge {
                from,
                to,
                calls: n,
                p50_ns: UNTOLD,
                p95_ns: UNTOLD,
                ..Edge::default()
            }),
        }
    }
    graph
}

/// The graph without what is to be left out, and where everything is.
pub fn laid_out(graph: &ServiceGraph, by: &Narrowing) -> (ServiceGraph, Layout) {
    let shown = graph.narrowed(by);
    let drawn = Graph {
        heights: vec![i64::from(NODE_PX); shown.nodes.len()],
        edges: shown.edges.iter().map(|e| (e.from, e.to)).collect(),
    };
    let gap = i64::from(GAP_PX);
    let layout = layout::layout(&drawn, Spacing { nodes: gap, edges: gap / 2 });
    (shown, layout)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::graph::text::{edge_label, facts, node_name};

    #[test]
    fn calls_are_added_up_and_nothing_is_made_up() {
        let calls = [
            ("web", "cart", 10),
            ("cart", "db", 40),
            ("web", "cart", 2),
            ("db", "db", u64::MAX),
            ("", "", 3),
        ];
        let graph = of_calls(calls.into_iter());
        let names: Vec<String> = graph.nodes.iter().map(|node| node_name(&graph, node)).collect();
        assert_eq!(
            names,
            ["service cart, 12 calls", "service db, 4,294,967,295 calls", "service web, calls others"]
        );
        let edges: Vec<_> = graph.edges.iter().map(|e| (e.from, e.to, edge_label(e))).collect();
        assert_eq!(
            edges,
            [(0, 1, "40 calls".into()), (1, 1, "4295.0M calls".into()), (2, 0, "12 calls".into())]
        );
        assert_eq!(
            facts(&graph, &graph.nodes[0]),
            [("Kind", "service".to_owned()), ("Calls", "12".to_owned())]
        );
        let few = Narrowing { least_calls: 20, ..Narrowing::default() };
        let (shown, layout) = laid_out(&graph, &few);
        assert_eq!((shown.nodes.len(), shown.edges.len(), layout.rank.len()), (2, 2, 2));
    }
}
