//! Drawing directed graphs in layers from left to right, as numbers: no names, no pixels, no screen.
//!
//! The method of Sugiyama, Tagawa and Toda (1981) in its textbook form: edges that close a cycle are turned
//! round, nodes get ranks by longest path, edges over several ranks go through a bend in each rank between,
//! ranks are sorted by barycentres until crossings no longer become fewer, and places within a rank come as
//! close to their neighbours as the distances allow. Everything is iterative and in whole numbers, and every
//! tie is broken by the order of the input, so equal graphs always look the same.

mod bends;
mod cycles;
mod order;
mod places;
mod ranks;

use bends::Layered;

/// A graph to be laid out.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// Height of each node.
    pub heights: Vec<i64>,
    /// From, to: positions of nodes. Loops and several edges between two nodes are allowed.
    pub edges: Vec<(u32, u32)>,
}

/// Distances to be kept.
#[derive(Clone, Copy, Debug)]
pub struct Spacing {
    /// Between two nodes of a rank.
    pub nodes: i64,
    /// Between an edge that passes through a rank and what lies beside it.
    pub edges: i64,
}

/// Where everything is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// Number of ranks.
    pub n_ranks: u32,
    /// Rank of each node, from the left.
    pub rank: Vec<u32>,
    /// Middle of each node, downwards from 0.
    pub middle: Vec<i64>,
    /// From the upper edge of the uppermost node to the lower edge of the lowest.
    pub height: i64,
    /// By edge.
    pub routes: Vec<Route>,
}

/// The way of an edge.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Route {
    /// Whether it leads from right to left, against the direction of the others.
    pub is_reversed: bool,
    /// Where it passes through the ranks between its ends, from the left one on.
    pub bends: Vec<i64>,
}

/// Lays a graph out. O((nodes + bends) log) per sweep; edges over many ranks lose their bends when there
/// would be more than a quarter of a million.
pub fn layout(graph: &Graph, spacing: Spacing) -> Layout {
    let n = graph.heights.len();
    let edges: Vec<(u32, u32)> =
        graph.edges.iter().copied().filter(|&(a, b)| (a as usize) < n && (b as usize) < n).collect();
    // An edge that leads nowhere is drawn nowhere.
    let is_sound = edges.len() == graph.edges.len();
    debug_assert!(is_sound, "edges lie between nodes");
    let reversed = cycles::edges_to_turn(n, &edges);
    let turned: Vec<(u32, u32)> =
        edges.iter().zip(&reversed).map(|(&(a, b), &turn)| if turn { (b, a) } else { (a, b) }).collect();
    let rank = ranks::ranks(n, &turned);
    let mut layered = Layered::new(&graph.heights, &turned, &rank);
    order::sort(&mut layered);
    let middle = places::middles(&layered, spacing);
    let routes = reversed.iter().enumerate().map(|(at, &is_reversed)| Route {
        is_reversed,
        bends: layered.bends_of(at).map(|bend| middle[bend]).collect(),
    });
    let routes = routes.collect();
    let lowest = (0..n).map(|at| middle[at] + graph.heights[at] / 2).max().unwrap_or_default();
    Layout {
        n_ranks: rank.iter().max().map_or(0, |most| most + 1),
        rank,
        height: lowest.max(0),
        middle: middle.into_iter().take(n).collect(),
        routes,
    }
}

#[cfg(test)]
mod tests;
