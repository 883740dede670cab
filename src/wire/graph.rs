//! Who calls whom, as a message: a graph with its layout as columns.

use serde::{Deserialize, Serialize};

use super::WireError;
use super::analysis::AnalysisSettings;
use super::pack::{Reader, Writer};
use super::scope::Scope;
use crate::analysis::service_graph::{Edge, EdgeKind, Node, NodeKind, ServiceGraph};
use crate::layout::{Layout, Route};

/// What a graph is to show.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GraphWanted {
    /// Which spans count.
    pub scope: Scope,
    /// How traces are analysed.
    pub settings: AnalysisSettings,
    /// The root whose critical path counts in the open trace; the main root when absent.
    pub root: Option<u32>,
    /// The service that is told by its operations.
    pub by_operation: Option<String>,
    /// What is left out.
    pub without: Without,
    /// Height of a node, and the distance between two: the layout is in the page's unit.
    pub heights: (u32, u32),
}

/// What is left out of a graph.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Without {
    /// Edges with fewer calls.
    pub least_calls: u32,
    /// Nodes with a smaller share of the critical path, in thousandths.
    pub least_permille: u32,
    /// Nodes that are more than `depth` edges away from this one: word of its kind, name, operation.
    pub around: Option<(String, String, String)>,
    /// See `around`; 0 for any distance.
    pub depth: u32,
}

/// A part of the answer to [`super::Request::Graph`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum GraphPart {
    /// Traces looked at so far.
    Progress {
        /// So many,
        done: u32,
        /// of so many.
        of: u32,
    },
    /// The graph, see [`unpack`].
    Graph {
        /// Nodes with those that are left out.
        n_nodes: u32,
        /// Calls through the edge with most of them, left out or not.
        most_calls: u32,
    },
}

const NODE_KINDS: [NodeKind; 6] = [
    NodeKind::Database,
    NodeKind::External,
    NodeKind::Messaging,
    NodeKind::Missing,
    NodeKind::Service,
    NodeKind::User,
];
const EDGE_KINDS: [EdgeKind; 5] =
    [EdgeKind::Call, EdgeKind::Database, EdgeKind::Entry, EdgeKind::External, EdgeKind::Messaging];

/// A number that is not there.
const NONE: i64 = i64::MIN;

/// The kind of node that a word stands for.
pub fn node_kind(word: &str) -> Option<NodeKind> {
    NODE_KINDS.into_iter().find(|kind| kind.word() == word)
}

/// Packs a graph with its layout.
pub fn pack(graph: &ServiceGraph, layout: &Layout) -> Vec<u8> {
    let mut w = Writer::default();
    w.i64s(&[graph.critical_ns, i64::from(graph.traces), graph.spans as i64, layout.height]);
    let numbers = |n: &Node| {
        [
            i64::from(n.spans),
            i64::from(n.calls),
            i64::from(n.errors),
            n.p50_ns,
            n.p95_ns,
            n.self_ns,
            n.critical_ns,
        ]
    };
    w.u8s(&graph.nodes.iter().map(|n| n.kind as u8).collect::<Vec<_>>());
    w.i64s(&graph.nodes.iter().flat_map(numbers).collect::<Vec<_>>());
    w.strings(graph.nodes.iter().map(|n| n.name.as_str()));
    w.strings(graph.nodes.iter().map(|n| n.operation.as_str()));
    w.u32s(&layout.rank);
    w.i64s(&layout.middle);
    let numbers = |e: &Edge| {
        [
            i64::from(e.from),
            i64::from(e.to),
            i64::from(e.calls),
            i64::from(e.errors),
            e.p50_ns,
            e.p95_ns,
            e.wait_p50_ns.unwrap_or(NONE),
            e.network_permille.map_or(NONE, i64::from),
            e.critical_ns,
        ]
    };
    w.u8s(&graph.edges.iter().map(|e| e.kind as u8).collect::<Vec<_>>());
    w.i64s(&graph.edges.iter().flat_map(numbers).collect::<Vec<_>>());
    w.u8s(&layout.routes.iter().map(|r| u8::from(r.is_reversed)).collect::<Vec<_>>());
    w.u32s(&layout.routes.iter().map(|r| r.bends.len() as u32).collect::<Vec<_>>());
    w.i64s(&layout.routes.iter().flat_map(|r| r.bends.iter().copied()).collect::<Vec<_>>());
    w.into_bytes()
}

/// The graph and its layout.
pub fn unpack(bytes: &[u8]) -> Result<(ServiceGraph, Layout), WireError> {
    let mut r = Reader::new(bytes);
    let (mut totals, mut kinds, mut numbers) = (Vec::new(), Vec::new(), Vec::new());
    let (mut names, mut operations) = (Vec::new(), Vec::new());
    let mut layout = Layout::default();
    r.i64s(&mut totals)?;
    r.u8s(&mut kinds)?;
    r.i64s(&mut numbers)?;
    r.strings(&mut names)?;
    r.strings(&mut operations)?;
    r.u32s(&mut layout.rank)?;
    r.i64s(&mut layout.middle)?;
    let n = kinds.len();
    let (rows, _) = numbers.as_chunks::<7>();
    let lengths = [rows.len(), names.len(), operations.len(), layout.rank.len(), layout.middle.len()];
    let broken = |what: &str| WireError::Broken { reason: format!("columns of {what} differ in length") };
    if lengths.iter().any(|&len| len != n) {
        return Err(broken("nodes"));
    }
    let count = |n: i64| u32::try_from(n).unwrap_or_default();
    let node = |(((&kind, row), name), operation): (((&u8, &[i64; 7]), String), String)| {
        let &[spans, calls, errors, p50_ns, p95_ns, self_ns, critical_ns] = row;
        Node {
            kind: NODE_KINDS.get(kind as usize).copied().unwrap_or_default(),
            name,
            operation,
            spans: count(spans),
            calls: count(calls),
            errors: count(errors),
            p50_ns,
            p95_ns,
            self_ns,
            critical_ns,
        }
    };
    let nodes: Vec<Node> = kinds.iter().zip(rows).zip(names).zip(operations).map(node).collect();
    let (mut kinds, mut numbers) = (Vec::new(), Vec::new());
    let (mut reversed, mut n_bends, mut bends) = (Vec::new(), Vec::new(), Vec::new());
    r.u8s(&mut kinds)?;
    r.i64s(&mut numbers)?;
    r.u8s(&mut reversed)?;
    r.u32s(&mut n_bends)?;
    r.i64s(&mut bends)?;
    r.end()?;
    let (rows, _) = numbers.as_chunks::<9>();
    if [rows.len(), reversed.len(), n_bends.len()].iter().any(|&len| len != kinds.len()) {
        return Err(broken("edges"));
    }
    let mut edges = Vec::with_capacity(rows.len());
    for (&kind, row) in kinds.iter().zip(rows) {
        let &[from, to, calls, errors, p50_ns, p95_ns, wait, network, critical_ns] = row;
        let (from, to) = (count(from), count(to));
        if from as usize >= n || to as usize >= n {
            return Err(WireError::Broken { reason: format!("an edge from {from} to {to} of {n}") });
        }
        edges.push(Edge {
            from,
            to,
            kind: EDGE_KINDS.get(kind as usize).copied().unwrap_or_default(),
            calls: count(calls),
            errors: count(errors),
            p50_ns,
            p95_ns,
            wait_p50_ns: (wait != NONE).then_some(wait),
            network_permille: (network != NONE).then(|| count(network)),
            critical_ns,
        });
    }
    let mut bends = bends.into_iter();
    let routes = reversed.iter().zip(n_bends).map(|(&reversed, n)| Route {
        is_reversed: reversed != 0,
        bends: bends.by_ref().take(n as usize).collect(),
    });
    layout.routes = routes.collect();
    layout.n_ranks = layout.rank.iter().max().map_or(0, |most| most.saturating_add(1));
    let total = |at: usize| totals.get(at).copied().unwrap_or_default();
    layout.height = total(3);
    let graph = ServiceGraph {
        nodes,
        edges,
        critical_ns: total(0),
        traces: count(total(1)),
        spans: total(2).max(0) as u64,
    };
    Ok((graph, layout))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::{Graph, Spacing, layout};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_graph_survives_the_way(n in 1_u32..12, ends in prop::collection::vec((0_u32..12, 0_u32..12), 0..30)) {
            let node = |at: u32| Node {
                kind: NODE_KINDS[at as usize % 6],
                name: format!("n{at}"),
                operation: "x".repeat(at as usize % 2),
                p50_ns: -1,
                calls: at,
                ..Node::default()
            };
            let edge = |(from, to): &(u32, u32)| Edge {
                from: from % n,
                to: to % n,
                kind: EDGE_KINDS[*to as usize % 5],
                wait_p50_ns: (*from > 5).then_some(-3),
                network_permille: (*to > 5).then_some(0),
                ..Edge::default()
            };
            let graph = ServiceGraph {
                nodes: (0..n).map(node).collect(),
                edges: ends.iter().map(edge).collect(),
                critical_ns: 5,
                traces: 6,
                spans: 7,
            };
            let edges = graph.edges.iter().map(|e| (e.from, e.to)).collect();
            let spacing = Spacing { nodes: 3, edges: 1 };
            let layout = layout(&Graph { heights: vec![7; n as usize], edges }, spacing);
            let bytes = pack(&graph, &layout);
            prop_assert_eq!(unpack(&bytes), Ok((graph, layout)));
            prop_assert!(unpack(&bytes[..bytes.len() - 1]).is_err());
        }

        #[test]
        fn hostile_bytes_give_an_error_and_no_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = unpack(&bytes);
        }
    }

    #[test]
    fn kinds_come_in_the_order_of_their_words() {
        assert!(NODE_KINDS.is_sorted_by_key(|k| k.word()) && NODE_KINDS.is_sorted());
        assert!(EDGE_KINDS.is_sorted_by_key(|k| k.word()) && EDGE_KINDS.is_sorted());
        assert!(NODE_KINDS.iter().all(|&kind| node_kind(kind.word()) == Some(kind)));
    }
}
