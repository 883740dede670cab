//! Cases about who calls whom.

use serde_json::{Map, Value, json};
use spanscope::analysis::service_graph::{Edge, GraphBuilder, Times};
use spanscope::model::index::TraceIdx;

use super::case::Case;

pub(crate) fn compute(case: &Case) -> Option<Value> {
    if case.kind != "service_graph" {
        return None;
    }
    let request = case.request();
    let recorded = request.recorded();
    let mut builder = GraphBuilder::new(None);
    let times = Times { recorded: &recorded, self_times: &[], critical: &[], kept: None };
    builder.add(&request.set, TraceIdx(0), times);
    let graph = builder.finish();
    let nodes = graph.nodes.iter().map(|n| json!({"type": n.kind.word(), "name": n.name}));
    let edge = |e: &Edge| {
        let (from, to) = (&graph.nodes[e.from as usize], &graph.nodes[e.to as usize]);
        let mut row: Map<String, Value> = [
            ("from", json!(from.name)),
            ("from_type", json!(from.kind.word())),
            ("to", json!(to.name)),
            ("to_type", json!(to.kind.word())),
            ("type", json!(e.kind.word())),
            ("calls", json!(e.calls)),
            ("errors", json!(e.errors)),
            ("p50_ns", json!(e.p50_ns)),
            ("p95_ns", json!(e.p95_ns)),
        ]
        .map(|(key, value)| (key.to_owned(), value))
        .into_iter()
        .collect();
        row.extend(e.wait_p50_ns.map(|ns| ("wait_p50_ns".to_owned(), json!(ns))));
        Value::Object(row)
    };
    Some(
        json!({"nodes": nodes.collect::<Vec<_>>(), "edges": graph.edges.iter().map(edge).collect::<Vec<_>>()}),
    )
}
