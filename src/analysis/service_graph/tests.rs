//! What must hold for graphs, beside the worked cases.

use super::*;
use crate::analysis::critical_path::{critical_path, time_by_span};
use crate::analysis::prepared::Prepared;
use crate::analysis::recorded::Recorded;
use crate::analysis::relation::relations;
use crate::analysis::self_time::self_times;
use crate::analysis::settings::Settings;
use crate::base::bitset::BitSet;
use crate::model::index::TraceIdx;
use crate::model::testing::read;
use crate::model::trace_set::TraceSet;

const SHOP: &str = "
    r 0..100 web/server name=GET/7
    c<r 10..90 web/client
    s<c 15..85 cart/server name=load
    d<s 20..60 cart/client db.system=redis net.sock.peer.addr=10.0.0.7 net.sock.peer.port=6379
    e<s 60..80 cart/client url.full=https://u:p@Pay.example:8443/x http.status_code=503
    m<r 92..94 web/producer messaging.system=kafka messaging.destination=mails
    n<m 120..150 mail/consumer
";

fn set(lines: &str) -> TraceSet {
    read(lines, 1_600_000_000_000_000_000)
}

fn graph(set: &TraceSet, by_operation: Option<&str>, kept: Option<&BitSet>) -> ServiceGraph {
    let mut builder = GraphBuilder::new(by_operation.map(str::to_owned));
    for at in 0..set.traces().len() {
        let trace = set.trace(TraceIdx::new(at));
        let recorded = Recorded::new(&trace);
        let settings = Settings::default();
        let relations = relations(&recorded, &settings);
        let root = recorded.main_root().unwrap();
        let tree = Prepared::new(&recorded, &relations, &settings, root);
        let critical = time_by_span(&critical_path(&tree), recorded.len());
        let self_times = self_times(&recorded, &relations).own;
        let times = Times { recorded: &recorded, self_times: &self_times, critical: &critical, kept };
        builder.add(set, TraceIdx::new(at), times);
    }
    builder.finish()
}

/// An edge per line: from, to, calls, errors, time on the critical path, network share.
fn edges(graph: &ServiceGraph) -> Vec<String> {
    let name = |at: u32| {
        let node = &graph.nodes[at as usize];
        [node.name.as_str(), node.operation.as_str()].join(" ").trim_end().to_owned()
    };
    let edge = |e: &Edge| {
        let network = e.network_permille.map(|n| format!(" net {n}")).unwrap_or_default();
        let failed = if e.errors > 0 { format!(" failed {}", e.errors) } else { String::new() };
        format!("{} > {} {}{failed} cp {}{network}", name(e.from), name(e.to), e.calls, e.critical_ns)
    };
    graph.edges.iter().map(edge).collect()
}

#[test]
fn calls_have_their_time_on_the_critical_path_and_on_the_network() {
    let graph = graph(&set(SHOP), None, None);
    assert_eq!(
        edges(&graph),
        [
            "kafka:mails > mail 1 cp 0",
            "cart > redis:10.0.0.7:6379 1 cp 40",
            "cart > pay.example:8443 1 failed 1 cp 20",
            "web > kafka:mails 1 cp 2",
            "web > cart 1 cp 80 net 125",
            "user > web 1 cp 100",
        ]
    );
    assert_eq!(graph.critical_ns, 100);
    let own: i64 = graph.nodes.iter().filter(|n| n.kind == NodeKind::Service).map(|n| n.critical_ns).sum();
    assert_eq!(own, 100);
    let database = &graph.nodes[0];
    assert_eq!((database.name.as_str(), database.calls, database.p95_ns), ("redis:10.0.0.7:6379", 1, 40));
    assert_eq!((database.critical_ns, database.spans), (40, 0));
}

#[test]
fn a_call_within_a_call_through_the_same_edge_counts_once() {
    let lines = "
        a 0..100 one/server
        b<a 10..90 two/server
        c<b 20..80 one/server
        d<c 30..70 two/server
    ";
    let graph = graph(&set(lines), None, None);
    assert_eq!(edges(&graph), ["one > two 2 cp 80", "two > one 1 cp 60", "user > one 1 cp 100"]);
}

#[test]
fn a_service_can_be_told_by_its_operations() {
    let graph = graph(&set(SHOP), Some("web"), None);
    assert_eq!(
        edges(&graph),
        [
            "web GET/{id} > kafka:mails 1 cp 2",
            "web GET/{id} > cart 1 cp 80 net 125",
            "user > web GET/{id} 1 cp 100"
        ]
    );
    assert_eq!(graph.nodes.len(), 4);
}

#[test]
fn only_spans_that_count_are_counted() {
    let set = set(SHOP);
    let trace = set.trace(TraceIdx(0));
    let mut kept = BitSet::new(trace.len());
    for span in trace.spans().filter(|&s| trace.service_name(trace.service(s)) == "cart") {
        kept.insert(span.at());
    }
    let graph = graph(&set, None, Some(&kept));
    assert_eq!(
        edges(&graph),
        [
            "cart > redis:10.0.0.7:6379 1 cp 40",
            "cart > pay.example:8443 1 failed 1 cp 20",
            "web > cart 1 cp 70 net 125",
        ]
    );
    assert_eq!(graph.spans, 3);
}

#[test]
fn a_graph_is_narrowed_by_traffic_share_and_distance() {
    let graph = graph(&set(SHOP), None, None);
    let names = |by: Narrowing| {
        graph.narrowed(&by).nodes.iter().map(|n| n.name.clone()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(names(Narrowing::default()).split(' ').count(), graph.nodes.len());
    assert_eq!(names(Narrowing { least_permille: 100, ..Narrowing::default() }).split(' ').count(), 5);
    let around = |depth| Narrowing {
        around: Some((NodeKind::Service, "mail".to_owned(), String::new())),
        depth,
        ..Narrowing::default()
    };
    assert_eq!(names(around(1)), "kafka:mails mail");
    assert_eq!(names(around(2)), "kafka:mails mail web");
    assert_eq!(names(around(0)).split(' ').count(), graph.nodes.len());
    assert_eq!(names(Narrowing { least_calls: 2, ..Narrowing::default() }), "");
}
