//! A part of a graph that is small enough to be read.

use super::{NodeKind, ServiceGraph};

/// What is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Narrowing {
    /// Edges with fewer calls.
    pub least_calls: u32,
    /// Nodes with a smaller share of the critical path, in thousandths.
    pub least_permille: u32,
    /// Nodes that are further than so many edges away from this one, in either direction: kind, name and
    /// operation.
    pub around: Option<(NodeKind, String, String)>,
    /// See `around`; 0 for any distance.
    pub depth: u32,
}

impl ServiceGraph {
    /// The graph without what is to be left out, in the same order. A node that loses all its edges goes with
    /// them. A centre that is not there narrows nothing. O(nodes + edges).
    #[must_use]
    pub fn narrowed(&self, by: &Narrowing) -> Self {
        let n = self.nodes.len();
        let is_large = |at: usize| {
            let share = i128::from(self.nodes[at].critical_ns) * 1_000;
            share >= i128::from(by.least_permille) * i128::from(self.critical_ns)
        };
        let mut is_kept: Vec<bool> = (0..n).map(|at| by.least_permille == 0 || is_large(at)).collect();
        // Who calls from outside has no time of its own, and stays with what it calls.
        for edge in &self.edges {
            let (from, to) = (edge.from as usize, edge.to as usize);
            if matches!(self.nodes[from].kind, NodeKind::User | NodeKind::Missing) && is_kept[to] {
                is_kept[from] = true;
            }
        }
        let mut edges: Vec<bool> = self.edges.iter().map(|e| e.calls >= by.least_calls).collect();
        let centre = by.around.as_ref().and_then(|(kind, name, operation)| {
            self.nodes.iter().position(|n| n.kind == *kind && n.name == *name && n.operation == *operation)
        });
        if let Some(centre) = centre {
            is_kept[centre] = true;
            for (kept, is_near) in is_kept.iter_mut().zip(self.near(centre, by.depth, &edges)) {
                *kept &= is_near;
            }
        }
        let (mut had_edge, mut has_edge) = (vec![false; n], vec![false; n]);
        for (edge, kept) in self.edges.iter().zip(&mut edges) {
            let (from, to) = (edge.from as usize, edge.to as usize);
            (had_edge[from], had_edge[to]) = (true, true);
            *kept &= is_kept[from] && is_kept[to];
            if *kept {
                (has_edge[from], has_edge[to]) = (true, true);
            }
        }
        for (at, kept) in is_kept.iter_mut().enumerate() {
            *kept &= has_edge[at] || !had_edge[at] || Some(at) == centre;
        }
        let edges = self.edges.iter().zip(edges).filter(|(_, kept)| *kept).map(|(edge, _)| edge.clone());
        self.clone().only(&is_kept, edges.collect())
    }

    /// The operations of one service with what calls them and what they call.
    pub(super) fn around_operations(self) -> Self {
        let is_operation = |at: u32| !self.nodes[at as usize].operation.is_empty();
        let mut is_kept: Vec<bool> = (0..self.nodes.len() as u32).map(is_operation).collect();
        let edges: Vec<_> =
            self.edges.iter().filter(|e| is_operation(e.from) || is_operation(e.to)).cloned().collect();
        for edge in &edges {
            (is_kept[edge.from as usize], is_kept[edge.to as usize]) = (true, true);
        }
        self.only(&is_kept, edges)
    }

    /// The nodes that are kept; `edges` must lie between them.
    pub(super) fn only(self, is_kept: &[bool], mut edges: Vec<super::Edge>) -> Self {
        let mut place = vec![0_u32; self.nodes.len()];
        let mut nodes = Vec::new();
        for (at, node) in self.nodes.into_iter().enumerate() {
            if is_kept.get(at) == Some(&true) {
                place[at] = nodes.len() as u32;
                nodes.push(node);
            }
        }
        for edge in &mut edges {
            (edge.from, edge.to) = (place[edge.from as usize], place[edge.to as usize]);
        }
        Self { nodes, edges, ..self }
    }

    /// The nodes at most so many edges away, in either direction.
    fn near(&self, centre: usize, depth: u32, edges: &[bool]) -> Vec<bool> {
        let n = self.nodes.len();
        let mut neighbours: Vec<Vec<u32>> = vec![Vec::new(); n];
        for (edge, _) in self.edges.iter().zip(edges).filter(|(_, kept)| **kept) {
            neighbours[edge.from as usize].push(edge.to);
            neighbours[edge.to as usize].push(edge.from);
        }
        let mut is_near = vec![false; n];
        is_near[centre] = true;
        let mut frontier = vec![centre as u32];
        let mut steps = 0;
        while !frontier.is_empty() && (depth == 0 || steps < depth) {
            steps += 1;
            let mut next = Vec::new();
            for at in frontier {
                for &other in &neighbours[at as usize] {
                    if !std::mem::replace(&mut is_near[other as usize], true) {
                        next.push(other);
                    }
                }
            }
            frontier = next;
        }
        is_near
    }
}
