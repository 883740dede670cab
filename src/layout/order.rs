//! The order within ranks: as few crossings as some sweeps find.

use super::bends::Layered;
use crate::base::sort::CompactSort as _;

/// Sweeps to the right and back. Crossings rarely become fewer after the first few.
const SWEEPS: usize = 12;
/// Beyond so many nodes and bends, a few sweeps must do.
const MANY: usize = 20_000;

/// Sorts each rank by the barycentres of the neighbours in the rank before, to the right and to the left by
/// turns, and keeps the order with the fewest crossings.
pub(super) fn sort(graph: &mut Layered) {
    let n = graph.heights.len();
    let mut place = vec![0_u32; n];
    let mut best = graph.ranks.clone();
    number(&graph.ranks, &mut place);
    let mut fewest = crossings(graph, &place);
    let sweeps = if n > MANY { 4 } else { SWEEPS };
    for sweep in 0..sweeps {
        if fewest == 0 {
            break;
        }
        let to_the_right = sweep % 2 == 0;
        let n_ranks = graph.ranks.len();
        for step in 1..n_ranks {
            let at = if to_the_right { step } else { n_ranks - 1 - step };
            let before = if to_the_right { &graph.left } else { &graph.right };
            let mut keyed: Vec<(u64, u32)> = graph.ranks[at]
                .iter()
                .map(|&node| (barycentre(&before[node as usize], &place, place[node as usize]), node))
                .collect();
            // Stable: what has equal barycentres stays as it is.
            keyed.compact_sort_by_key(|k| k.0);
            for ((slot, &(_, node)), number) in graph.ranks[at].iter_mut().zip(&keyed).zip(0..) {
                *slot = node;
                place[node as usize] = number;
            }
        }
        let now = crossings(graph, &place);
        if now < fewest {
            fewest = now;
            best.clone_from(&graph.ranks);
        }
    }
    graph.ranks = best;
}

fn number(ranks: &[Vec<u32>], place: &mut [u32]) {
    for rank in ranks {
        for (&node, number) in rank.iter().zip(0..) {
            place[node as usize] = number;
        }
    }
}

/// Mean place of the neighbours in 1024ths; the own place without any.
fn barycentre(neighbours: &[u32], place: &[u32], own: u32) -> u64 {
    let sum: u64 = neighbours.iter().map(|&n| u64::from(place[n as usize])).sum();
    (sum << 10).checked_div(neighbours.len() as u64).unwrap_or(u64::from(own) << 10)
}

/// Crossings between neighbouring ranks, by counting inversions (Barth, Mutzel, Jünger 2004). O(e log n).
pub(super) fn crossings(graph: &Layered, place: &[u32]) -> u64 {
    let mut count = 0;
    let mut tree: Vec<u32> = Vec::new();
    for (at, rank) in graph.ranks.iter().enumerate() {
        let Some(next) = graph.ranks.get(at + 1) else { break };
        tree.clear();
        tree.resize(next.len() + 1, 0);
        let mut n_before = 0_u32;
        let mut ends: Vec<u32> = Vec::new();
        for &node in rank {
            ends.clear();
            ends.extend(graph.right[node as usize].iter().map(|&to| place[to as usize]));
            ends.compact_sort();
            // Edges of one node do not cross one another: all are counted before any is added.
            for &end in &ends {
                let mut not_beyond = 0;
                let mut at = end as usize + 1;
                while at > 0 {
                    not_beyond += tree[at];
                    at &= at - 1;
                }
                count += u64::from(n_before - not_beyond);
            }
            for &end in &ends {
                n_before += 1;
                let mut at = end as usize + 1;
                while at < tree.len() {
                    tree[at] += 1;
                    at += at & at.wrapping_neg();
                }
            }
        }
    }
    count
}
