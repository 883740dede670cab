//! Who calls whom, over the wire.

use super::*;
use spanscope::analysis::service_graph::{NodeKind, ServiceGraph};
use spanscope::wire::graph::{GraphPart, GraphWanted, Without, unpack};
use spanscope::wire::scope::{Part, Scope};

fn wanted(scope: Scope, without: Without) -> GraphWanted {
    GraphWanted { scope, without, heights: (56, 20), ..GraphWanted::default() }
}

fn graph(said: &[Response], wanted: u32) -> ServiceGraph {
    let bytes = said.iter().rev().find_map(|response| match over_the_wire(response) {
        Response::Graph { ask, part: GraphPart::Graph { .. }, bytes } if ask == wanted => Some(bytes),
        _ => None,
    });
    let (graph, layout) = unpack(&bytes.expect("a graph comes")).expect("it is readable");
    assert_eq!(layout.middle.len(), graph.nodes.len());
    graph
}

fn names(graph: &ServiceGraph) -> Vec<String> {
    graph.nodes.iter().map(|n| format!("{} {} {}", n.kind.word(), n.name, n.calls)).collect()
}

#[test]
fn a_graph_is_made_of_what_is_looked_at() {
    let mut talk = Talk::open(&["a"]);
    talk.file("a", &shop());
    talk.finish();
    let revision = talk.revision();
    let ask = |ask, scope, without| Request::Graph { ask, revision, wanted: wanted(scope, without) };
    let whole = Part { trace: 0, ..Part::default() };
    // The graph of the open trace waits for its analysis.
    talk.engine.handle(analyse(1, revision, AnalysisSettings::default()), &mut talk.said);
    let said = talk.ask(ask(2, Scope::Part(whole.clone()), Without::default()));
    let found = graph(&said, 2);
    assert_eq!(names(&found), ["external unknown 1", "service payment 1", "service shop 1", "user user 1"]);
    assert_eq!(found.critical_ns, 100_000_000);
    let shop = found.nodes.iter().find(|n| n.name == "shop").expect("shop is there");
    assert_eq!((shop.spans, shop.kind), (4, NodeKind::Service));

    // Leaving out more of it needs no counting.
    let around = Some(("service".to_owned(), "payment".to_owned(), String::new()));
    let said = talk.ask(ask(3, Scope::Part(whole), Without { around, depth: 1, ..Without::default() }));
    assert_eq!(said.len(), 1);
    assert_eq!(names(&graph(&said, 3)), ["service payment 1", "service shop 1"]);

    let focus = Part { trace: 0, focus: Some(3), ..Part::default() };
    let said = talk.ask(ask(4, Scope::Part(focus), Without::default()));
    assert!(graph(&said, 4).spans < 5);
    assert_eq!(
        talk.ask(Request::Graph { ask: 5, revision: revision - 1, wanted: GraphWanted::default() }),
        []
    );
}

#[test]
fn graphs_of_many_traces_add_up() {
    let mut talk = Talk::open(&["a"]);
    talk.file("a", &requests());
    talk.finish();
    let revision = talk.revision();
    let ask = |ask, scope| Request::Graph { ask, revision, wanted: wanted(scope, Without::default()) };
    let all = graph(&talk.ask(ask(1, Scope::All)), 1);
    assert_eq!(names(&all), ["external unknown 20", "service shop 21", "user user 21"]);
    assert_eq!((all.traces, all.spans), (21, 41));
    let two = graph(&talk.ask(ask(2, Scope::Traces(vec![3, 20]))), 2);
    assert_eq!(names(&two), ["external unknown 1", "service shop 2", "user user 2"]);

    talk.engine.handle(ask(3, Scope::All), &mut talk.said);
    talk.engine.handle(Request::CancelGraph, &mut talk.said);
    assert!(!talk.engine.work(&mut talk.said));
}
