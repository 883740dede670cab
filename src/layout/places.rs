//! Where everything stands within its rank.

use super::Spacing;
use super::bends::Layered;

/// Passes to the right and back.
const PASSES: usize = 10;

/// The middle of every node and bend, downwards; the uppermost edge of a node is at 0.
///
/// Each pass moves every rank as close to the neighbours on one side as distances and order allow: the sum of
/// squared differences is the least possible (isotonic regression by pooling neighbours that would overlap).
/// Bends weigh more than nodes, so that long edges become straight.
pub(super) fn middles(graph: &Layered, spacing: Spacing) -> Vec<i64> {
    let mut middle = vec![0_i64; graph.heights.len()];
    for rank in &graph.ranks {
        let wanted = vec![0; rank.len()];
        settle(graph, rank, &wanted, spacing, &mut middle);
    }
    let n_ranks = graph.ranks.len();
    for pass in 0..PASSES {
        let to_the_right = pass % 2 == 0;
        for step in 0..n_ranks {
            let at = if to_the_right { step } else { n_ranks - 1 - step };
            let rank = &graph.ranks[at];
            let wanted: Vec<i64> = rank
                .iter()
                .map(|&node| {
                    let (left, right) = (&graph.left[node as usize], &graph.right[node as usize]);
                    let (before, after) = if to_the_right { (left, right) } else { (right, left) };
                    // The last pass looks to both sides.
                    let other = if pass + 1 == PASSES || before.is_empty() { after.as_slice() } else { &[] };
                    let sum: i64 = before.iter().chain(other).map(|&n| middle[n as usize]).sum();
                    let n = (before.len() + other.len()) as i64;
                    sum.checked_div_euclid(n).unwrap_or(middle[node as usize])
                })
                .collect();
            settle(graph, rank, &wanted, spacing, &mut middle);
        }
    }
    let top = (0..graph.n_nodes).map(|at| middle[at] - graph.heights[at] / 2).min().unwrap_or_default();
    for middle in &mut middle {
        *middle -= top;
    }
    middle
}

/// Neighbours that stand as close to one another as they may.
struct Block {
    first: usize,
    /// Sum of weights, and of weights times the place at which the first member would have what it wants.
    weight: i64,
    sum: i64,
}

impl Block {
    fn place(&self) -> i64 {
        self.sum.div_euclid(self.weight)
    }
}

/// Places the members of a rank as close to what they want as order and distances allow.
fn settle(graph: &Layered, rank: &[u32], wanted: &[i64], spacing: Spacing, middle: &mut [i64]) {
    let is_bend = |node: u32| node as usize >= graph.n_nodes;
    // How far below the first member each one stands when all stand as close as they may.
    let mut offset = 0;
    let mut offsets: Vec<i64> = Vec::with_capacity(rank.len());
    let mut blocks: Vec<Block> = Vec::new();
    for (at, &node) in rank.iter().enumerate() {
        if let Some(&above) = at.checked_sub(1).and_then(|above| rank.get(above)) {
            let gap = if is_bend(node) || is_bend(above) { spacing.edges } else { spacing.nodes };
            let half = |node: u32| (graph.heights[node as usize] + 1) / 2;
            offset += half(above) + gap + half(node);
        }
        offsets.push(offset);
        let weight = if is_bend(node) { 4 } else { 1 };
        let mut block = Block { first: at, weight, sum: (wanted[at] - offset) * weight };
        while let Some(above) = blocks.pop_if(|above| above.place() > block.place()) {
            block =
                Block { first: above.first, weight: above.weight + block.weight, sum: above.sum + block.sum };
        }
        blocks.push(block);
    }
    let mut end = rank.len();
    for block in blocks.iter().rev() {
        for at in block.first..end {
            middle[rank[at] as usize] = block.place() + offsets[at];
        }
        end = block.first;
    }
}
