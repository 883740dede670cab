//! The picture of small graphs.

use super::draw::{Marked, draw};
use super::svg::svg;
use super::text::{self, Colouring, Column};
use super::viewport::Viewport;
use super::*;
use crate::analysis::service_graph::{Edge, EdgeKind, Node};
use crate::layout::{Graph, Spacing, layout};
use crate::view::draw::{DrawOp, Paint};
use crate::view::theme::LIGHT;

fn node(kind: NodeKind, name: &str, calls: u32, critical_ns: i64) -> Node {
    let name = name.to_owned();
    Node { kind, name, calls, spans: calls, p50_ns: 5, p95_ns: 9, critical_ns, ..Node::default() }
}

fn picture() -> Picture {
    let edge = |from, to, errors, critical_ns| Edge {
        from,
        to,
        kind: EdgeKind::Call,
        calls: 2,
        errors,
        p50_ns: 5_000_000,
        p95_ns: 9_000_000,
        critical_ns,
        ..Edge::default()
    };
    let graph = ServiceGraph {
        nodes: vec![
            node(NodeKind::Database, "redis", 2, 10),
            Node { errors: 1, ..node(NodeKind::Service, "cart", 2, 30) },
            node(NodeKind::Service, "<web> & \"co\"", 1, 60),
            node(NodeKind::User, "user", 1, 0),
        ],
        edges: vec![
            edge(1, 0, 0, 10),
            edge(2, 1, 1, 40),
            edge(1, 2, 0, 0),
            edge(3, 2, 0, 100),
            edge(1, 1, 0, 0),
        ],
        critical_ns: 100,
        traces: 1,
        spans: 5,
    };
    let heights = vec![i64::from(NODE_PX); graph.nodes.len()];
    let edges = graph.edges.iter().map(|e| (e.from, e.to)).collect();
    let spacing = Spacing { nodes: i64::from(GAP_PX), edges: 10 };
    Picture::new(graph, &layout(&Graph { heights, edges }, spacing), |_| 3)
}

fn window(picture: &Picture, width: f32, height: f32) -> Viewport {
    let mut viewport = Viewport { width, height, ..Viewport::default() };
    viewport.begin(picture.size, picture.start().map(|at| picture.nodes[at]));
    viewport
}

fn labels(ops: &[DrawOp]) -> Vec<&str> {
    let text = |op: &'_ DrawOp| matches!(op, DrawOp::Label { .. });
    let labels = ops.iter().filter(|op| text(op));
    labels
        .filter_map(|op| if let DrawOp::Label { text, .. } = op { Some(text.as_str()) } else { None })
        .collect()
}

#[test]
fn edges_meet_their_nodes_and_lead_to_the_right() {
    let picture = picture();
    assert_eq!(picture.start(), Some(3));
    for (edge, points) in picture.graph.edges.iter().zip(&picture.edges) {
        let (from, to) = (picture.nodes[edge.from as usize], picture.nodes[edge.to as usize]);
        let (first, last) = (points[0], points[points.len() - 1]);
        assert!(from.y <= first[1] && first[1] <= from.bottom(), "{edge:?}");
        assert!(to.y <= last[1] && last[1] <= to.bottom(), "{edge:?}");
        if to.x > from.x {
            assert_eq!((first[0], last[0]), (from.right(), to.x));
        }
    }
    assert_eq!(picture.towards(3, Towards::Right), Some(2));
    assert_eq!(picture.towards(2, Towards::Left), Some(3));
    assert_eq!(picture.neighbours(0), [true, true, false, false]);
    assert_eq!(picture.node_at(picture.nodes[1].x + 5.0, picture.nodes[1].y + 5.0), Some(1));
}

#[test]
fn what_can_be_read_is_shown_whole_and_what_cannot_at_its_true_size() {
    let picture = picture();
    let whole = window(&picture, 2_000.0, 900.0);
    assert!(whole.scale >= 0.9 && picture.nodes.iter().all(|n| whole.sees(whole.place(*n))));
    let mut part = window(&picture, 500.0, 300.0);
    assert!((part.scale - 1.0).abs() < f32::EPSILON);
    assert!(part.sees(part.place(picture.nodes[3])));
    part.reveal(picture.nodes[0], picture.size);
    let shown = part.place(picture.nodes[0]);
    assert!(shown.x >= 0.0 && shown.right() <= 500.0);
    // No zoom makes names vanish.
    part.zoom(0.0, 0.0, 0.000_1, picture.size);
    let ops = draw(&picture, &part, Marked::default());
    assert!(labels(&ops).contains(&"redis"));
    part.pan(1e6, -1e6, picture.size);
    assert!(picture.nodes.iter().any(|n| part.sees(part.place(*n))));
}

#[test]
fn a_picture_tells_what_the_graph_knows() {
    let picture = picture();
    let ops = draw(&picture, &window(&picture, 2_000.0, 900.0), Marked::default());
    let labels = labels(&ops);
    for wanted in ["user", "2 calls · 1 error", "p50 5 ns · max 9 ns", "30 %", "2 × 5.00 ms · 1 err"] {
        assert!(labels.contains(&wanted), "{wanted} in {labels:?}");
    }
    let errors = Marked { colouring: Colouring::Errors, selected: Some(0), ..Marked::default() };
    let ops = draw(&picture, &window(&picture, 2_000.0, 900.0), errors);
    assert!(ops.iter().any(|op| matches!(op, DrawOp::Node { paint: Paint::Fault(_), .. })));
    assert!(ops.iter().filter(|op| op.paint() == Paint::Veil).count() == 2);
    // Nothing is drawn that is out of sight.
    let away = Viewport { x: 1e5, y: 0.0, scale: 1.0, width: 100.0, height: 100.0 };
    assert!(draw(&picture, &away, Marked::default()).is_empty());
}

#[test]
fn an_exported_picture_is_text_that_cannot_become_markup() {
    let picture = picture();
    let ops = draw(&picture, &window(&picture, 2_000.0, 900.0), Marked::default());
    let file = svg(&ops, picture.size, "a <b>", &LIGHT);
    assert!(file.starts_with("<svg xmlns=") && file.ends_with("</svg>\n"));
    assert!(file.contains("&lt;web&gt; &amp; &quot;co&quot;") && !file.contains("<web>"));
    assert!(file.contains("<title>a &lt;b&gt;</title>") && file.contains("stroke-dasharray"));
}

#[test]
fn tables_say_the_same_and_sort() {
    let picture = picture();
    let graph = &picture.graph;
    let row = |at: usize| super::text::COLUMNS.map(|c| c.text(graph, &graph.edges[at])).join("|");
    assert_eq!(row(1), "<web> & \"co\"|cart|call|2|1, 50 %|5.00 ms|9.00 ms|||40 ns, 40 %");
    assert_eq!(text::sorted(graph, None)[0], 3);
    assert_eq!(text::sorted(graph, Some((Column::Errors, true)))[0], 1);
    let name = text::node_name(graph, &graph.nodes[1]);
    assert_eq!(name, "service cart, 2 calls · 1 error, p50 5 ns · max 9 ns, 30 % of the critical path");
}
