//! Calls that moved: the same call below one operation more or less than before, since something was wrapped
//! around it or taken away.

use super::call_paths::CallPaths;
use super::diff::Tally;
use crate::base::sort::CompactSort as _;

/// Ways to leave out one operation that are followed for a path. A path of equal names has as many as it has
/// elements, and they all lead to the same shorter path.
const MOST_WAYS: usize = 4;

const NONE: u32 = u32::MAX;

/// Which removed path each added one takes the place of.
#[derive(Debug, Default)]
pub(super) struct Moves {
    source: Vec<u32>,
    is_source: Vec<bool>,
}

impl Moves {
    /// The removed path that `added` takes the place of.
    pub(super) fn source(&self, added: u32) -> Option<u32> {
        self.source.get(added as usize).copied().filter(|&from| from != NONE)
    }

    /// Whether a removed path is told with an added one.
    pub(super) fn is_source(&self, removed: u32) -> bool {
        self.is_source.get(removed as usize).copied().unwrap_or_default()
    }
}

/// Pairs of an added and a removed path that differ by exactly one inner element and have the same last
/// operation and count; each path is in one pair at most. O(n log n).
pub(super) fn moves(paths: &CallPaths, tallies: &[[Tally; 2]], ranks: &[u32]) -> Moves {
    let n = tallies.len();
    let only = |node: u32| -> Option<(usize, u64)> {
        match tallies.get(node as usize)?.map(|tally| tally.count) {
            [0, 0] => None,
            [count, 0] => Some((0, count)),
            [0, count] => Some((1, count)),
            _ => None,
        }
    };
    // Paths that are as a path is without one of its inner elements. Parents come before children.
    let mut shorter = vec![[NONE; MOST_WAYS]; n];
    let mut pairs: Vec<(u32, u32)> = Vec::new();
    for node in 0..n as u32 {
        let Some(parent) = paths.parent(node) else { continue };
        let operation = paths.operation(node);
        let mut ways = [NONE; MOST_WAYS];
        let mut n_ways = 0;
        let without_parent = paths.parent(parent);
        for above in shorter[parent as usize].into_iter().chain(without_parent) {
            let Some(found) = Some(above).filter(|&a| a != NONE).and_then(|a| paths.known(a, operation))
            else {
                continue;
            };
            if n_ways < MOST_WAYS && !ways.contains(&found) {
                ways[n_ways] = found;
                n_ways += 1;
                if let (Some((side, count)), Some((other_side, other_count))) = (only(node), only(found))
                    && side != other_side
                    && count == other_count
                {
                    pairs.push((node, found));
                }
            }
        }
        shorter[node as usize] = ways;
    }
    pairs.compact_sort_by_key(|&(longer, shorter)| (ranks.get(longer as usize), ranks.get(shorter as usize)));
    let mut moves = Moves { source: vec![NONE; n], is_source: vec![false; n] };
    let mut is_taken = vec![false; n];
    for (longer, shorter) in pairs {
        if is_taken[longer as usize] || is_taken[shorter as usize] {
            continue;
        }
        (is_taken[longer as usize], is_taken[shorter as usize]) = (true, true);
        let is_added = only(longer).is_some_and(|(side, _)| side == 1);
        let (added, removed) = if is_added { (longer, shorter) } else { (shorter, longer) };
        moves.source[added as usize] = removed;
        moves.is_source[removed as usize] = true;
    }
    moves
}
