//! How far to the right each node stands.

/// The rank of each node of a graph whose only cycles are loops: one more than the largest of those that lead
/// to it, so every edge leads to the right. What nobody leads to stands directly left of what it leads to.
/// O(nodes + edges).
pub(super) fn ranks(n: usize, edges: &[(u32, u32)]) -> Vec<u32> {
    let mut n_open = vec![0_u32; n];
    let mut first = vec![0_u32; n + 1];
    let is_loop = |edge: &(u32, u32)| edge.0 == edge.1;
    for &(from, to) in edges.iter().filter(|e| !is_loop(e)) {
        n_open[to as usize] += 1;
        first[from as usize + 1] += 1;
    }
    for at in 0..n {
        first[at + 1] += first[at];
    }
    let mut next = first.clone();
    let mut out = vec![0_u32; first[n] as usize];
    for &(from, to) in edges.iter().filter(|e| !is_loop(e)) {
        let place = &mut next[from as usize];
        out[*place as usize] = to;
        *place += 1;
    }
    let is_source: Vec<bool> = n_open.iter().map(|&n| n == 0).collect();
    let mut rank = vec![0_u32; n];
    let mut ready: Vec<u32> = (0..n as u32).filter(|&at| is_source[at as usize]).collect();
    let mut done = 0;
    while let Some(&node) = ready.get(done) {
        done += 1;
        let from = node as usize;
        for &to in &out[first[from] as usize..first[from + 1] as usize] {
            let to = to as usize;
            rank[to] = rank[to].max(rank[from] + 1);
            n_open[to] -= 1;
            if n_open[to] == 0 {
                ready.push(to as u32);
            }
        }
    }
    for node in (0..n).filter(|&at| is_source[at]) {
        let nearest = out[first[node] as usize..first[node + 1] as usize].iter().map(|&to| rank[to as usize]);
        if let Some(nearest) = nearest.min() {
            rank[node] = nearest - 1;
        }
    }
    rank
}
