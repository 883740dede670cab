//! Which edges to turn round so that no cycle is left.

use crate::base::sort::CompactSort as _;

/// For each edge whether it is to be turned. Those that lead back to a node on the way from the start of a
/// depth-first walk, and loops. Walks begin at nodes that nobody leads to, then at those which lead on to
/// most more than lead to them: so what is called first stays on the left. O(nodes + edges).
pub(super) fn edges_to_turn(n: usize, edges: &[(u32, u32)]) -> Vec<bool> {
    let (mut first, mut out) = (vec![0_u32; n + 1], vec![0_u32; edges.len()]);
    let mut balance = vec![0_i64; n];
    let mut n_in = vec![0_u32; n];
    for &(from, to) in edges {
        first[from as usize + 1] += 1;
        if from != to {
            balance[from as usize] += 1;
            balance[to as usize] -= 1;
            n_in[to as usize] += 1;
        }
    }
    for at in 0..n {
        first[at + 1] += first[at];
    }
    let mut next = first.clone();
    for (&(from, _), edge) in edges.iter().zip(0..) {
        let place = &mut next[from as usize];
        out[*place as usize] = edge;
        *place += 1;
    }
    let mut starts: Vec<u32> = (0..n as u32).collect();
    starts.compact_sort_by_key(|&at| (n_in[at as usize] > 0, std::cmp::Reverse(balance[at as usize]), at));
    let mut turn = vec![false; edges.len()];
    let mut state = vec![State::New; n];
    let mut stack: Vec<(u32, u32)> = Vec::new();
    for start in starts {
        if state[start as usize] != State::New {
            continue;
        }
        state[start as usize] = State::Open;
        stack.push((start, first[start as usize]));
        while let Some((node, cursor)) = stack.last_mut() {
            if *cursor == first[*node as usize + 1] {
                state[*node as usize] = State::Done;
                stack.pop();
                continue;
            }
            let edge = out[*cursor as usize] as usize;
            *cursor += 1;
            let to = edges[edge].1;
            match state[to as usize] {
                State::New => {
                    state[to as usize] = State::Open;
                    stack.push((to, first[to as usize]));
                }
                State::Open => turn[edge] = true,
                State::Done => {}
            }
        }
    }
    turn
}

/// How far the walk is with a node.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Open,
    Done,
}
