//! The graph of services as it is drawn: boxes in columns, edges between them, what is in sight.
//!
//! The engine lays out ranks and heights; here they become pixels. Texts keep their size at every scale, so
//! that a graph which is made small shows fewer words, never smaller ones.

pub mod calls;
pub mod draw;
pub mod svg;
pub mod text;
pub mod viewport;

use std::sync::Arc;

use super::draw::Rect;
pub use crate::analysis::service_graph::{Edge, Narrowing, Node, NodeKind, ServiceGraph, UNTOLD};
use crate::base::sort::CompactSort as _;
pub use crate::layout::Layout;

/// Height of a node.
pub const NODE_PX: u32 = 62;
/// Distance between two nodes of a column.
pub const GAP_PX: u32 = 22;
/// Width of a node.
const NODE_WIDTH_PX: f32 = 240.0;
/// Distance between two columns: room for the text beside an edge.
const COLUMN_GAP_PX: f32 = 120.0;
/// Ground around the graph.
const MARGIN_PX: f32 = 24.0;
/// Distance of edges that reach the same node, at most.
const PORT_PX: f32 = 15.0;

/// A graph with its places, in pixels at scale 1.
#[derive(Clone, Debug, Default)]
pub struct Picture {
    /// What is drawn.
    pub graph: Arc<ServiceGraph>,
    /// Colour slot of each service.
    pub slots: Vec<u8>,
    /// Where each node stands.
    pub nodes: Vec<Rect>,
    /// The points of each edge, from its caller on.
    pub edges: Vec<Vec<[f32; 2]>>,
    /// Width and height with the margin.
    pub size: (f32, f32),
    /// Calls through the edge with most of them, where nothing but calls is known; else 0.
    pub most_calls: u32,
    /// Whether there is room beside an edge for its text: at its end, at its start, or nowhere.
    label_at: Vec<Option<End>>,
}

/// An end of an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    From,
    To,
}

impl Picture {
    /// The picture of a graph with its layout; `slot_of` gives the colour of a service by name.
    pub fn new(graph: ServiceGraph, layout: &Layout, slot_of: impl Fn(&str) -> u8) -> Self {
        let slots = graph.nodes.iter().map(|n| slot_of(&n.name)).collect();
        let top = |middle: i64| MARGIN_PX + middle as f32;
        let left = |rank: u32| MARGIN_PX + rank as f32 * (NODE_WIDTH_PX + COLUMN_GAP_PX);
        let height = NODE_PX as f32;
        let nodes: Vec<Rect> = layout
            .rank
            .iter()
            .zip(&layout.middle)
            .map(|(&rank, &middle)| Rect::new(left(rank), top(middle) - height / 2.0, NODE_WIDTH_PX, height))
            .collect();
        let ports = Ports::new(&graph, layout, &nodes);
        let edges = graph.edges.iter().zip(&layout.routes).enumerate().map(|(at, (edge, route))| {
            let (from, to) = (nodes[edge.from as usize], nodes[edge.to as usize]);
            let (y, to_y) = ports.of(at);
            if edge.from == edge.to {
                // A loop goes out on the right and comes back from above; turned at right angles, since a curve
                // that leaves and reaches its points horizontally cannot turn round.
                let (out, upper, back) = (from.right() + 12.0, from.y, from.right() - 22.0);
                let above = upper - 8.0;
                return vec![[from.right(), y], [out, y], [out, above], [back, above], [back, upper]];
            }
            let ranks = layout.rank[edge.from as usize].min(layout.rank[edge.to as usize]) + 1..;
            let bends = ranks.zip(&route.bends).flat_map(|(rank, &middle)| {
                [[left(rank), top(middle)], [left(rank) + NODE_WIDTH_PX, top(middle)]]
            });
            let mut points = Vec::with_capacity(2 + 2 * route.bends.len());
            if route.is_reversed {
                points.push([to.right(), to_y]);
                points.extend(bends);
                points.push([from.x, y]);
                points.reverse();
            } else {
                points.push([from.right(), y]);
                points.extend(bends);
                points.push([to.x, to_y]);
            }
            points
        });
        let edges = edges.collect();
        let width = nodes.iter().map(|n| n.right()).fold(0.0, f32::max);
        let size = (width + 2.0 * MARGIN_PX, layout.height as f32 + 2.0 * MARGIN_PX);
        let calls = graph.edges.iter().filter(|e| e.p50_ns == UNTOLD).map(|e| e.calls);
        let most_calls = calls.max().unwrap_or_default();
        Self { most_calls, slots, edges, size, label_at: ports.label_at, nodes, graph: Arc::new(graph) }
    }

    /// The node at a point of the picture.
    pub fn node_at(&self, x: f32, y: f32) -> Option<usize> {
        self.nodes.iter().position(|n| n.x <= x && x < n.right() && n.y <= y && y < n.bottom())
    }

    /// The nodes that a node calls and that call it, itself included.
    pub fn neighbours(&self, node: usize) -> Vec<bool> {
        let mut is_near = vec![false; self.nodes.len()];
        for edge in &self.graph.edges {
            let (from, to) = (edge.from as usize, edge.to as usize);
            if from == node || to == node {
                (is_near[from], is_near[to]) = (true, true);
            }
        }
        if let Some(itself) = is_near.get_mut(node) {
            *itself = true;
        }
        is_near
    }

    /// The node that is reached from `node` in a direction: the nearest one on that side.
    pub fn towards(&self, node: usize, direction: Towards) -> Option<usize> {
        let from = self.nodes.get(node)?;
        let distance = |to: &Rect| {
            let (dx, dy) = (to.x - from.x, to.y - from.y);
            let (along, across) = match direction {
                Towards::Left => (-dx, dy),
                Towards::Right => (dx, dy),
                Towards::Up => (-dy, dx),
                Towards::Down => (dy, dx),
            };
            (along > 1.0).then_some(along + 3.0 * across.abs())
        };
        let reachable = self.nodes.iter().enumerate().filter_map(|(at, to)| Some((distance(to)?, at)));
        reachable.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, at)| at)
    }

    /// Where the reading begins: the caller from outside, else the uppermost node on the left.
    pub fn start(&self) -> Option<usize> {
        let user = self.graph.nodes.iter().position(|n| n.kind == NodeKind::User);
        user.or_else(|| {
            let places = self.nodes.iter().enumerate();
            places.min_by(|(_, a), (_, b)| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y))).map(|(at, _)| at)
        })
    }
}

/// A direction in which the keys go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are the names of the keys")]
pub enum Towards {
    Left,
    Right,
    Up,
    Down,
}

/// Where edges leave and reach their nodes: spread over the side, in the order of where they come from.
struct Ports {
    y: Vec<(f32, f32)>,
    label_at: Vec<Option<End>>,
}

impl Ports {
    fn new(graph: &ServiceGraph, layout: &Layout, nodes: &[Rect]) -> Self {
        let n = graph.edges.len();
        let mut y = vec![(0.0, 0.0); n];
        let mut room = vec![(0.0, 0.0); n];
        // Per side of a node: where the next bend or node lies, and which end of which edge it is.
        let mut sides: Vec<[Vec<(i64, usize, End)>; 2]> = vec![[const { Vec::new() }; 2]; nodes.len()];
        for (at, (edge, route)) in graph.edges.iter().zip(&layout.routes).enumerate() {
            let (from, to) = (edge.from as usize, edge.to as usize);
            let (left, right) = if route.is_reversed { (to, from) } else { (from, to) };
            let after_left = route.bends.first().copied().unwrap_or(layout.middle[right]);
            let before_right = route.bends.last().copied().unwrap_or(layout.middle[left]);
            let [end_left, end_right] =
                if route.is_reversed { [End::To, End::From] } else { [End::From, End::To] };
            if from == to {
                sides[from][1].push((i64::MIN, at, End::From));
                continue;
            }
            sides[left][1].push((after_left, at, end_left));
            sides[right][0].push((before_right, at, end_right));
        }
        for (node, sides) in nodes.iter().zip(&mut sides) {
            for side in sides {
                side.compact_sort_by_key(|&(middle, at, _)| (middle, at));
                let gap = PORT_PX.min((node.h - 16.0) / side.len().max(1) as f32);
                let first = node.y + node.h / 2.0 - gap * (side.len().saturating_sub(1)) as f32 / 2.0;
                for (place, &(_, at, end)) in side.iter().enumerate() {
                    let port = first + gap * place as f32;
                    match end {
                        End::From => (y[at].0, room[at].0) = (port, gap),
                        End::To => (y[at].1, room[at].1) = (port, gap),
                    }
                }
            }
        }
        let label_at = room.iter().zip(&graph.edges).map(|(&(from, to), edge)| match () {
            () if edge.from == edge.to => None,
            () if to >= PORT_PX - 2.0 => Some(End::To),
            () if from >= PORT_PX - 2.0 => Some(End::From),
            () => None,
        });
        Self { label_at: label_at.collect(), y }
    }

    fn of(&self, edge: usize) -> (f32, f32) {
        self.y.get(edge).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
