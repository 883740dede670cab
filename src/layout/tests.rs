//! What must hold for every layout.

use proptest::prelude::*;

use super::*;

const SPACING: Spacing = Spacing { nodes: 20, edges: 8 };

fn graphs() -> impl Strategy<Value = Graph> {
    (1_usize..40).prop_flat_map(|n| {
        let edge = (0..n as u32, 0..n as u32);
        (prop::collection::vec(10_i64..60, n), prop::collection::vec(edge, 0..120))
            .prop_map(|(heights, edges)| Graph { heights, edges })
    })
}

/// The first thing that is wrong.
fn fault(graph: &Graph, layout: &Layout) -> Option<String> {
    for (at, (&(from, to), route)) in graph.edges.iter().zip(&layout.routes).enumerate() {
        let (a, b) = (layout.rank[from as usize], layout.rank[to as usize]);
        let (left, right) = if route.is_reversed { (b, a) } else { (a, b) };
        if from == to {
            if !route.bends.is_empty() {
                return Some(format!("the loop {at} bends"));
            }
        } else if left >= right || route.bends.len() as u32 != right - left - 1 {
            return Some(format!("edge {at} from rank {left} to {right}, bends {:?}", route.bends));
        }
    }
    let top = |at: usize| layout.middle[at] - graph.heights[at] / 2;
    let bottom = |at: usize| layout.middle[at] + graph.heights[at] / 2;
    for one in 0..graph.heights.len() {
        if top(one) < 0 || bottom(one) > layout.height || layout.rank[one] >= layout.n_ranks {
            return Some(format!("node {one} is outside"));
        }
        for other in 0..one {
            let is_apart =
                top(one) - bottom(other) >= SPACING.nodes || top(other) - bottom(one) >= SPACING.nodes;
            let is_through = layout.rank[one] != layout.rank[other];
            // Bends between two nodes may take the place of the distance, but not of the nodes.
            let is_beside = top(one) >= bottom(other) || top(other) >= bottom(one);
            if !(is_apart || is_through || is_beside) {
                return Some(format!("nodes {other} and {one} overlap"));
            }
        }
    }
    None
}

proptest! {
    #[test]
    fn nodes_do_not_overlap_and_edges_lead_to_the_right(graph in graphs()) {
        let laid_out = layout(&graph, SPACING);
        prop_assert_eq!(fault(&graph, &laid_out), None);
        prop_assert_eq!(layout(&graph, SPACING), laid_out);
    }

    #[test]
    fn without_a_cycle_no_edge_leads_back(mut graph in graphs()) {
        graph.edges.retain(|(a, b)| a != b);
        for edge in &mut graph.edges {
            *edge = (edge.0.min(edge.1), edge.0.max(edge.1));
        }
        prop_assert!(layout(&graph, SPACING).routes.iter().all(|r| !r.is_reversed));
    }
}

fn of(heights: usize, edges: &[(u32, u32)]) -> Layout {
    layout(&Graph { heights: vec![40; heights], edges: edges.to_vec() }, SPACING)
}

#[test]
fn a_chain_is_a_straight_line_and_a_caller_stands_beside_what_it_calls() {
    let chain = of(4, &[(0, 1), (1, 2), (2, 3)]);
    assert_eq!((chain.rank, chain.middle, chain.height), (vec![0, 1, 2, 3], vec![20; 4], 40));
    // A second caller of the third node.
    let two = of(5, &[(0, 1), (1, 2), (2, 3), (4, 2)]);
    assert_eq!(two.rank, [0, 1, 2, 3, 1]);
}

#[test]
fn crossings_are_undone() {
    let layout = of(6, &[(0, 5), (1, 4), (2, 3)]);
    let order = |a: usize, b: usize| layout.middle[a] < layout.middle[b];
    assert_eq!((order(0, 1), order(1, 2)), (order(5, 4), order(4, 3)));
    assert_eq!(of(0, &[]), Layout::default());
}

#[test]
fn a_cycle_turns_the_edge_that_leads_back() {
    let layout = of(4, &[(0, 1), (1, 2), (2, 3), (3, 1)]);
    assert_eq!(layout.rank, [0, 1, 2, 3]);
    let reversed: Vec<bool> = layout.routes.iter().map(|r| r.is_reversed).collect();
    assert_eq!(reversed, [false, false, false, true]);
    assert_eq!(layout.routes[3].bends.len(), 1);
}

#[test]
fn five_hundred_services_with_cycles_are_laid_out_at_once() {
    let mut state = 7_u64;
    let mut any = |n: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) % n) as u32
    };
    let edges: Vec<(u32, u32)> = (0..2_000).map(|_| (any(500), any(500))).collect();
    let graph = Graph { heights: vec![56; 500], edges };
    let laid_out = layout(&graph, SPACING);
    assert_eq!(fault(&graph, &laid_out), None);
    // A chain as long as a trace may be deep.
    let n = 20_000;
    let chain = Graph { heights: vec![40; n], edges: (1..n as u32).map(|at| (at - 1, at)).collect() };
    assert_eq!(layout(&chain, SPACING).n_ranks as usize, n);
}
