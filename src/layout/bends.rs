//! The graph with a bend in every rank that an edge passes through, so that edges lead from rank to rank.

use crate::base::sort::CompactSort as _;

/// More bends than this are not made.
const MOST_BENDS: usize = 250_000;

/// Nodes and, after them, bends.
#[derive(Debug, Default)]
pub(super) struct Layered {
    /// Height of each; 0 for a bend.
    pub(super) heights: Vec<i64>,
    /// Number of nodes that are no bends.
    pub(super) n_nodes: usize,
    /// What stands in each rank, from above.
    pub(super) ranks: Vec<Vec<u32>>,
    /// Neighbours in the rank to the left and in that to the right.
    pub(super) left: Vec<Vec<u32>>,
    pub(super) right: Vec<Vec<u32>>,
    /// The first bend of each edge, and how many it has.
    bends: Vec<(u32, u32)>,
}

impl Layered {
    /// `edges` lead to the right, except loops. Ranks are in the order of a walk along the edges, which keeps
    /// together what hangs together.
    pub(super) fn new(heights: &[i64], edges: &[(u32, u32)], rank: &[u32]) -> Self {
        let n = heights.len();
        let span = |&(from, to): &(u32, u32)| rank[to as usize].saturating_sub(rank[from as usize]) as usize;
        let all: usize = edges.iter().map(|edge| span(edge).saturating_sub(1)).sum();
        let has_bends = all <= MOST_BENDS;
        let mut layered = Self {
            heights: heights.to_vec(),
            n_nodes: n,
            left: vec![Vec::new(); n],
            right: vec![Vec::new(); n],
            ..Self::default()
        };
        let mut rank = rank.to_vec();
        for edge in edges {
            let (from, to) = *edge;
            let n_bends = if has_bends { span(edge).saturating_sub(1) } else { 0 };
            layered.bends.push((layered.heights.len() as u32, n_bends as u32));
            if span(edge) == 0 || (span(edge) > 1 && !has_bends) {
                continue;
            }
            let mut at = from;
            for _ in 0..n_bends {
                let bend = layered.heights.len() as u32;
                layered.heights.push(0);
                layered.left.push(Vec::new());
                layered.right.push(Vec::new());
                rank.push(rank[at as usize] + 1);
                layered.join(at, bend);
                at = bend;
            }
            layered.join(at, to);
        }
        layered.deal(&rank);
        layered
    }

    fn join(&mut self, from: u32, to: u32) {
        self.right[from as usize].push(to);
        self.left[to as usize].push(from);
    }

    /// Puts everything into its rank, in the order of a depth-first walk.
    fn deal(&mut self, rank: &[u32]) {
        let n = self.heights.len();
        self.ranks = vec![Vec::new(); rank.iter().max().map_or(0, |most| *most as usize + 1)];
        let mut is_dealt = vec![false; n];
        let mut stack: Vec<u32> = Vec::new();
        let mut starts: Vec<u32> = (0..n as u32).collect();
        starts.compact_sort_by_key(|&at| (!self.left[at as usize].is_empty(), at));
        for start in starts {
            stack.push(start);
            while let Some(at) = stack.pop() {
                if std::mem::replace(&mut is_dealt[at as usize], true) {
                    continue;
                }
                self.ranks[rank[at as usize] as usize].push(at);
                stack.extend(self.right[at as usize].iter().rev());
            }
        }
    }

    /// The bends of an edge, from the left.
    pub(super) fn bends_of(&self, edge: usize) -> std::ops::Range<usize> {
        let (first, n) = self.bends.get(edge).copied().unwrap_or_default();
        first as usize..(first + n) as usize
    }
}
