//! What nodes and edges say: on the picture, in names, in tooltips and in tables.

use std::cmp::Ordering;

use crate::analysis::service_graph::{Edge, Node, NodeKind, ServiceGraph, UNTOLD};
use crate::base::sort::CompactSort as _;
use crate::base::text::counted;
use crate::model::time::DurationNanos;
use crate::view::format;
use crate::view::text::{shortened, visible};

/// Longest name that is shown.
const MAX_NAME: usize = 200;
/// With fewer calls, a 95th percentile is the slowest one, and says so by its count.
const FEW: u32 = 20;

/// What a node's ground shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Colouring {
    /// Its share of the critical path.
    #[default]
    Critical,
    /// Its self time as a share of that of all.
    SelfTime,
    /// The share of its calls that failed.
    Errors,
}

impl Colouring {
    /// All, with the words for them.
    pub const ALL: [(Self, &'static str); 3] =
        [(Self::Critical, "Critical path"), (Self::SelfTime, "Self time"), (Self::Errors, "Errors")];

    /// The share of a node that the ground shows, in thousandths.
    pub fn permille(self, graph: &ServiceGraph, node: &Node) -> u32 {
        let share = |part: i64, whole: i64| {
            let share = i128::from(part.max(0)) * 1_000 / i128::from(whole.max(1));
            share.min(1_000) as u32
        };
        match self {
            Self::Critical => share(node.critical_ns, graph.critical_ns),
            Self::SelfTime => {
                let all: i64 = graph.nodes.iter().map(|n| n.self_ns).fold(0, i64::saturating_add);
                share(node.self_ns, all)
            }
            Self::Errors => share(i64::from(node.errors), i64::from(node.calls)),
        }
    }
}

fn time(ns: i64) -> String {
    format::duration(DurationNanos(ns))
}

/// Tenths of a percent as text.
pub fn percent(permille: u32) -> String {
    format::percent(i64::from(permille), 1_000)
}

/// A text of the trace, fit for one line.
fn line(text: &str) -> String {
    shortened(&visible(text, false), MAX_NAME)
}

/// The name of a node; of an operation alone where its service is told by them.
pub fn title(node: &Node) -> String {
    let name = if node.operation.is_empty() { &node.name } else { &node.operation };
    let name = line(name);
    match name.as_str() {
        "" if node.kind == NodeKind::Service => "(no service)".to_owned(),
        "" => "(no name)".to_owned(),
        _ => name,
    }
}

/// What kind of thing a node is, in the words of the page.
pub fn kind(node: &Node) -> &'static str {
    match node.kind {
        NodeKind::Service if !node.operation.is_empty() => "operation",
        NodeKind::Database => "database",
        NodeKind::External => "external",
        NodeKind::Messaging => "queue",
        NodeKind::Missing => "missing caller",
        NodeKind::Service => "service",
        NodeKind::User => "user",
    }
}

/// The second line of a node: `1,204 calls · 3 errors`.
pub fn calls(node: &Node) -> String {
    // Of calls alone it is known who calls whom, not how often somebody calls from outside.
    if node.calls == 0 && node.p50_ns == UNTOLD {
        return "calls others".to_owned();
    }
    let calls = if node.calls > 0 || node.spans == 0 {
        counted(u64::from(node.calls), "call")
    } else {
        counted(u64::from(node.spans), "span")
    };
    if node.errors == 0 { calls } else { format!("{calls} · {}", counted(u64::from(node.errors), "error")) }
}

/// The third line of a node: `p50 12 ms · p95 80 ms`, or the time of its only call.
pub fn latency(node: &Node) -> String {
    latencies(node.calls, node.p50_ns, node.p95_ns)
}

fn latencies(calls: u32, p50_ns: i64, p95_ns: i64) -> String {
    match calls {
        _ if p50_ns == UNTOLD => String::new(),
        0 => String::new(),
        1 => time(p50_ns),
        _ if calls < FEW => format!("p50 {} · max {}", time(p50_ns), time(p95_ns)),
        _ => format!("p50 {} · p95 {}", time(p50_ns), time(p95_ns)),
    }
}

/// What stands beside an edge: `12 × 40.0 ms`.
pub fn edge_label(edge: &Edge) -> String {
    let calls = format::short_count(u64::from(edge.calls));
    let failed = if edge.errors > 0 {
        format!(" · {} err", format::short_count(u64::from(edge.errors)))
    } else {
        String::new()
    };
    match edge.calls {
        1 if edge.p50_ns == UNTOLD => "1 call".to_owned(),
        _ if edge.p50_ns == UNTOLD => format!("{calls} calls"),
        1 => format!("{}{failed}", time(edge.p50_ns)),
        _ => format!("{calls} × {}{failed}", time(edge.p50_ns)),
    }
}

/// Facts about a node with what each is, for the card of the selected one.
pub fn facts(graph: &ServiceGraph, node: &Node) -> Vec<(&'static str, String)> {
    let n = |n: u32| crate::base::text::grouped(u64::from(n));
    let mut facts = vec![("Kind", kind(node).to_owned())];
    if !node.operation.is_empty() {
        facts.push(("Service", line(&node.name)));
    }
    if node.p50_ns == UNTOLD {
        facts.push(("Calls", if node.calls > 0 { n(node.calls) } else { calls(node) }));
        return facts;
    }
    facts.push(("Calls", n(node.calls)));
    facts.push(("Errors", failed(node.errors, node.calls)));
    if node.calls > 0 {
        facts.push(("Latency", latency(node)));
    }
    if node.spans > 0 {
        facts.push(("Spans", n(node.spans)));
        facts.push(("Self time", time(node.self_ns)));
    }
    if graph.critical_ns > 0 && !matches!(node.kind, NodeKind::User | NodeKind::Missing) {
        let what = if node.kind == NodeKind::Service { "Critical path" } else { "Waited for" };
        let share = percent(Colouring::Critical.permille(graph, node));
        facts.push((what, format!("{}, {share}", time(node.critical_ns))));
    }
    facts
}

fn failed(errors: u32, calls: u32) -> String {
    let n = crate::base::text::grouped(u64::from(errors));
    if errors == 0 {
        n
    } else {
        format!("{n}, {}", format::percent(i64::from(errors), i64::from(calls.max(1))))
    }
}

/// A node as a sentence: what its button is called.
pub fn node_name(graph: &ServiceGraph, node: &Node) -> String {
    let mut parts = vec![format!("{} {}", kind(node), title(node)), calls(node)];
    if node.calls > 0 && node.p50_ns != UNTOLD {
        parts.push(latency(node));
    }
    if graph.critical_ns > 0 && node.critical_ns > 0 {
        parts.push(format!("{} of the critical path", percent(Colouring::Critical.permille(graph, node))));
    }
    parts.join(", ")
}

/// A column of the table of nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the headings say it")]
pub enum NodeColumn {
    Name,
    Kind,
    Calls,
    Errors,
    P50,
    P95,
    SelfTime,
    Critical,
}

/// The columns of the table of nodes, in order.
pub const NODE_COLUMNS: [NodeColumn; 8] = [
    NodeColumn::Name,
    NodeColumn::Kind,
    NodeColumn::Calls,
    NodeColumn::Errors,
    NodeColumn::P50,
    NodeColumn::P95,
    NodeColumn::SelfTime,
    NodeColumn::Critical,
];

impl NodeColumn {
    /// The heading.
    pub const fn heading(self) -> &'static str {
        match self {
            Self::Name => "Name",
            Self::Kind => "Kind",
            Self::Calls => "Calls",
            Self::Errors => "Errors",
            Self::P50 => "p50",
            Self::P95 => "p95",
            Self::SelfTime => "Self time",
            Self::Critical => "Critical path",
        }
    }

    /// Whether it holds numbers.
    pub const fn is_number(self) -> bool {
        !matches!(self, Self::Name | Self::Kind)
    }

    /// The text of a node.
    pub fn text(self, graph: &ServiceGraph, node: &Node) -> String {
        let time_or_nothing = |ns: i64, is_there: bool| if is_there { time(ns) } else { String::new() };
        match self {
            Self::Name => title(node),
            Self::Kind => kind(node).to_owned(),
            Self::Calls => crate::base::text::grouped(u64::from(node.calls)),
            Self::Errors => failed(node.errors, node.calls),
            Self::P50 => time_or_nothing(node.p50_ns, node.calls > 0),
            Self::P95 => time_or_nothing(node.p95_ns, node.calls > 0),
            Self::SelfTime => time_or_nothing(node.self_ns, node.spans > 0),
            Self::Critical if node.critical_ns == 0 => String::new(),
            Self::Critical => share(graph, node.critical_ns),
        }
    }

    /// The order of two nodes by this column, from small to large.
    pub fn compare(self, graph: &ServiceGraph, a: &Node, b: &Node) -> Ordering {
        match self {
            Self::Name | Self::Kind => self.text(graph, a).cmp(&self.text(graph, b)),
            Self::Calls => a.calls.cmp(&b.calls),
            Self::Errors => a.errors.cmp(&b.errors),
            Self::P50 => a.p50_ns.cmp(&b.p50_ns),
            Self::P95 => a.p95_ns.cmp(&b.p95_ns),
            Self::SelfTime => a.self_ns.cmp(&b.self_ns),
            Self::Critical => a.critical_ns.cmp(&b.critical_ns),
        }
    }
}

/// A time on the critical path with its share.
fn share(graph: &ServiceGraph, ns: i64) -> String {
    format!("{}, {}", time(ns), format::percent(ns, graph.critical_ns.max(1)))
}

/// A column of the table of edges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the headings say it")]
pub enum Column {
    From,
    To,
    Kind,
    Calls,
    Errors,
    P50,
    P95,
    Wait,
    Network,
    Critical,
}

/// The columns of the table, in order.
pub const COLUMNS: [Column; 10] = [
    Column::From,
    Column::To,
    Column::Kind,
    Column::Calls,
    Column::Errors,
    Column::P50,
    Column::P95,
    Column::Wait,
    Column::Network,
    Column::Critical,
];

impl Column {
    /// The heading.
    pub const fn heading(self) -> &'static str {
        match self {
            Self::From => "Caller",
            Self::To => "Called",
            Self::Kind => "Kind",
            Self::Calls => "Calls",
            Self::Errors => "Errors",
            Self::P50 => "p50",
            Self::P95 => "p95",
            Self::Wait => "Wait p50",
            Self::Network => "Network",
            Self::Critical => "Critical path",
        }
    }

    /// Whether it holds numbers.
    pub const fn is_number(self) -> bool {
        !matches!(self, Self::From | Self::To | Self::Kind)
    }

    /// The text of an edge.
    pub fn text(self, graph: &ServiceGraph, edge: &Edge) -> String {
        let name = |at: u32| graph.nodes.get(at as usize).map(title).unwrap_or_default();
        match self {
            Self::From => name(edge.from),
            Self::To => name(edge.to),
            Self::Kind => edge.kind.word().to_owned(),
            Self::Calls => crate::base::text::grouped(u64::from(edge.calls)),
            Self::Errors => failed(edge.errors, edge.calls),
            Self::P50 => time(edge.p50_ns),
            Self::P95 => time(edge.p95_ns),
            Self::Wait => edge.wait_p50_ns.map(time).unwrap_or_default(),
            Self::Network => edge.network_permille.map(percent).unwrap_or_default(),
            Self::Critical if edge.critical_ns == 0 => String::new(),
            Self::Critical => share(graph, edge.critical_ns),
        }
    }

    /// The order of two edges by this column, from small to large.
    pub fn compare(self, graph: &ServiceGraph, a: &Edge, b: &Edge) -> Ordering {
        match self {
            Self::From | Self::To | Self::Kind => self.text(graph, a).cmp(&self.text(graph, b)),
            Self::Calls => a.calls.cmp(&b.calls),
            Self::Errors => a.errors.cmp(&b.errors),
            Self::P50 => a.p50_ns.cmp(&b.p50_ns),
            Self::P95 => a.p95_ns.cmp(&b.p95_ns),
            Self::Wait => a.wait_p50_ns.cmp(&b.wait_p50_ns),
            Self::Network => a.network_permille.cmp(&b.network_permille),
            Self::Critical => a.critical_ns.cmp(&b.critical_ns),
        }
    }
}

/// The edges in the order of a column, or those with most time on the critical path and most calls first.
pub fn sorted(graph: &ServiceGraph, by: Option<(Column, bool)>) -> Vec<u32> {
    let edge = |at: u32| &graph.edges[at as usize];
    order(graph.edges.len(), by.map(|b| b.1), |a, b| match by {
        None => (edge(b).critical_ns, edge(b).calls).cmp(&(edge(a).critical_ns, edge(a).calls)),
        Some((column, _)) => column.compare(graph, edge(a), edge(b)),
    })
}

/// The nodes, likewise.
pub fn sorted_nodes(graph: &ServiceGraph, by: Option<(NodeColumn, bool)>) -> Vec<u32> {
    let node = |at: u32| &graph.nodes[at as usize];
    order(graph.nodes.len(), by.map(|b| b.1), |a, b| match by {
        None => (node(b).critical_ns, node(b).calls).cmp(&(node(a).critical_ns, node(a).calls)),
        Some((column, _)) => column.compare(graph, node(a), node(b)),
    })
}

fn order(n: usize, is_descending: Option<bool>, compare: impl Fn(u32, u32) -> Ordering) -> Vec<u32> {
    let mut order: Vec<u32> = (0..n as u32).collect();
    order.compact_sort_by(|&a, &b| {
        let order = compare(a, b);
        if is_descending == Some(true) { order.reverse() } else { order }
    });
    order
}
