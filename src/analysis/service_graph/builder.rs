//! Adding the spans of one trace after the other to a graph.

use std::cmp::Reverse;

use super::counterpart::Counterpart;
use super::{Edge, EdgeKind, Node, NodeKind, ServiceGraph};
use crate::analysis::aliases::Meanings;
use crate::analysis::normalise;
use crate::analysis::recorded::Recorded;
use crate::analysis::statistics::percentile;
use crate::analysis::written::Written;
use crate::base::bitset::BitSet;
use crate::base::hash::{self, Numbers};
use crate::base::sort::CompactSort as _;
use crate::model::index::{SpanIdx, StringIdx, TraceIdx};
use crate::model::span::SpanKind;
use crate::model::strings::Strings;
use crate::model::trace::Trace;
use crate::model::trace_set::TraceSet;

/// What is known of the spans of a trace, by span; an empty column is one of zeros.
#[derive(Clone, Copy, Debug)]
pub struct Times<'a> {
    /// The spans with corrected times.
    pub recorded: &'a Recorded<'a>,
    /// Self times.
    pub self_times: &'a [i64],
    /// Times on the critical path.
    pub critical: &'a [i64],
    /// The spans that count; all of them when absent.
    pub kept: Option<&'a BitSet>,
}

/// Takes in traces.
#[derive(Debug, Default)]
pub struct GraphBuilder {
    /// The service that is told by its operations.
    by_operation: Option<String>,
    texts: Strings,
    keys: Vec<(NodeKind, StringIdx, StringIdx)>,
    /// As in the graph, without names.
    nodes: Vec<Node>,
    known_nodes: Numbers,
    edges: Vec<EdgeTotals>,
    known_edges: Numbers,
    /// Node of each counterpart as it was written.
    counterparts: Vec<u32>,
    known_counterparts: Numbers,
    meanings: Meanings,
    /// Durations of calls by edge, of calls of services by node, and waits by edge.
    calls: Samples,
    handled: Samples,
    waits: Samples,
    critical_ns: i64,
    traces: u32,
    spans: u64,
}

/// Numbers of many owners in the order in which they came.
#[derive(Debug, Default)]
struct Samples {
    of: Vec<u32>,
    ns: Vec<i64>,
}

#[derive(Clone, Copy, Debug, Default)]
struct EdgeTotals {
    from: u32,
    to: u32,
    kind: EdgeKind,
    calls: u32,
    errors: u32,
    /// Time of callers whose other side is known, and of it what the other side did not take.
    paired_ns: i64,
    network_ns: i64,
    critical_ns: i64,
    /// The trace in which, and the span until which, a call through the edge is under way.
    open: (u32, u32),
}

/// A call through an edge.
#[derive(Clone, Copy)]
struct Call {
    from: u32,
    to: u32,
    kind: EdgeKind,
    ns: i64,
    failed: bool,
    /// What is waited for: the span, of whose subtree the time on the critical path counts.
    below: SpanIdx,
}

/// One trace while it is added.
struct Adding<'a> {
    trace: &'a Trace,
    times: Times<'a>,
    /// Node of each span.
    node: Vec<u32>,
    /// Node of each service of the trace, once it was met.
    services: Vec<Option<u32>>,
    /// Node of each name of an operation of the service that is told by them.
    operations: Vec<Option<u32>>,
    failed: BitSet,
    /// Topic of each producer that names one: span and node, by span.
    topics: Vec<(SpanIdx, u32)>,
    /// Time on the critical path of the spans before each one.
    critical_before: Vec<i64>,
}

impl GraphBuilder {
    /// An empty graph; with the operations of the service `by_operation` instead of that service.
    pub fn new(by_operation: Option<String>) -> Self {
        Self { by_operation, ..Self::default() }
    }

    /// Adds a trace. O(n).
    pub fn add(&mut self, set: &TraceSet, trace_idx: TraceIdx, times: Times<'_>) {
        let recorded = times.recorded;
        let (trace, n) = (recorded.trace(), recorded.len());
        let is_kept = |span: SpanIdx| times.kept.is_none_or(|kept| kept.contains(span.at()));
        let of = |column: &[i64], span: SpanIdx| column.get(span.at()).copied().unwrap_or_default();
        let mut sum = 0_i64;
        let mut critical_before = Vec::with_capacity(n + 1);
        critical_before.push(0);
        critical_before.extend(trace.spans().map(|span| {
            if is_kept(span) {
                sum = sum.saturating_add(of(times.critical, span));
            }
            sum
        }));
        let mut adding = Adding {
            trace,
            times,
            node: vec![0; n],
            services: vec![None; trace.services().len()],
            operations: vec![None; trace.names().len()],
            failed: BitSet::new(n),
            topics: Vec::new(),
            critical_before,
        };
        self.traces += 1;
        self.critical_ns = self.critical_ns.saturating_add(sum);
        let first = set.traces().get(trace_idx.at()).map_or(0, |t| t.first);
        let mut written = Written::new(set, std::mem::take(&mut self.meanings));
        for span in recorded.spans() {
            let kind = trace.kind(span);
            let parent = recorded.parent(span);
            let is_entry = parent.is_none_or(|parent| is_crossing(trace, parent, span));
            adding.node[span.at()] = match parent.filter(|_| !is_entry) {
                Some(parent) => adding.node[parent.at()],
                None => self.service_node(&mut adding, span),
            };
            let is_kept = is_kept(span);
            let is_caller = matches!(kind, SpanKind::Client | SpanKind::Producer);
            let is_leaf = recorded.children(span).is_empty();
            // Whether a caller failed counts for its callee, which may be kept alone.
            if is_kept && (is_entry || is_leaf) || is_caller {
                written.begin();
                set.read(SpanIdx(first + span.0), &mut written);
                if written.is_error(trace.status(span), kind) {
                    adding.failed.insert(span.at());
                }
                if kind == SpanKind::Producer
                    && let Some(topic) = Counterpart::topic(&written)
                {
                    let topic = self.counterpart(topic);
                    adding.topics.push((span, topic));
                }
            } else {
                written.begin();
            }
            if !is_kept {
                continue;
            }
            self.spans += 1;
            let node = adding.node[span.at()] as usize;
            self.nodes[node].spans += 1;
            self.nodes[node].self_ns = self.nodes[node].self_ns.saturating_add(of(times.self_times, span));
            self.nodes[node].critical_ns =
                self.nodes[node].critical_ns.saturating_add(of(times.critical, span));
            if is_entry {
                self.entry(&adding, span, parent, &written);
            }
            if is_caller {
                self.leaving(&adding, span, &written);
            } else if is_leaf
                && matches!(kind, SpanKind::Internal | SpanKind::Unspecified)
                && let Some(database) = Counterpart::database(&written)
            {
                self.leave_to(&adding, span, database);
            }
        }
        self.meanings = written.meanings;
    }

    /// A service is entered: a call from its caller, from a user, or from a queue.
    fn entry(&mut self, adding: &Adding<'_>, span: SpanIdx, parent: Option<SpanIdx>, written: &Written<'_>) {
        let Adding { trace, times, .. } = adding;
        let (recorded, kind) = (times.recorded, trace.kind(span));
        let (ns, failed, to) =
            (recorded.duration(span), adding.failed.contains(span.at()), adding.node[span.at()]);
        let node = &mut self.nodes[to as usize];
        node.calls += 1;
        node.errors += u32::from(failed);
        self.handled.push(to, ns);
        let call = |from, kind| Call { from, to, kind, ns, failed, below: span };
        let Some(parent) = parent else {
            let from = match kind {
                SpanKind::Server if recorded.is_orphan(span) => {
                    (self.node(NodeKind::Missing, "missing parent", ""), EdgeKind::Entry)
                }
                SpanKind::Server => (self.node(NodeKind::User, "user", ""), EdgeKind::Entry),
                SpanKind::Consumer => match Counterpart::messaging(written) {
                    Some(topic) => (self.counterpart(topic), EdgeKind::Messaging),
                    None => return,
                },
                _ => return,
            };
            self.count(adding, call(from.0, from.1));
            return;
        };
        let caller = adding.node[parent.at()];
        let either_failed = failed || adding.failed.contains(parent.at());
        match (trace.kind(parent), kind) {
            (SpanKind::Producer, SpanKind::Consumer) => {
                let topic = adding.topics.binary_search_by_key(&parent, |t| t.0);
                let call = match topic.ok().and_then(|at| adding.topics.get(at)) {
                    Some(&(_, topic)) => call(topic, EdgeKind::Messaging),
                    None => Call { failed: either_failed, ..call(caller, EdgeKind::Messaging) },
                };
                let edge = self.count(adding, call);
                self.waits.push(edge, recorded.start(span).saturating_sub(recorded.end(parent)));
            }
            (SpanKind::Client, SpanKind::Server) => {
                let client_ns = recorded.duration(parent);
                let call = Call {
                    ns: client_ns,
                    failed: either_failed,
                    below: parent,
                    ..call(caller, EdgeKind::Call)
                };
                let edge = self.count(adding, call);
                let edge = &mut self.edges[edge as usize];
                edge.paired_ns = edge.paired_ns.saturating_add(client_ns);
                edge.network_ns = edge.network_ns.saturating_add(client_ns.saturating_sub(ns).max(0));
            }
            _ => {
                self.count(adding, call(caller, EdgeKind::Call));
            }
        }
    }

    /// A caller: its message goes to a topic, its call to a counterpart unless that is in the trace.
    fn leaving(&mut self, adding: &Adding<'_>, span: SpanIdx, written: &Written<'_>) {
        let (trace, kind) = (adding.trace, adding.trace.kind(span));
        if kind == SpanKind::Producer
            && let Some(topic) = Counterpart::topic(written)
        {
            return self.leave_to(adding, span, topic);
        }
        let is_other_side = |&child: &SpanIdx| {
            trace.service(child) != trace.service(span)
                || matches!(trace.kind(child), SpanKind::Server | SpanKind::Consumer)
        };
        if !adding.times.recorded.children(span).iter().any(is_other_side) {
            self.leave_to(adding, span, Counterpart::of_call(written, kind));
        }
    }

    fn leave_to(&mut self, adding: &Adding<'_>, span: SpanIdx, counterpart: Counterpart<'_>) {
        let call = Call {
            from: adding.node[span.at()],
            to: self.counterpart(counterpart),
            kind: counterpart.edge,
            ns: adding.times.recorded.duration(span),
            failed: adding.failed.contains(span.at()),
            below: span,
        };
        self.count(adding, call);
    }

    /// Counts a call; returns its edge.
    fn count(&mut self, adding: &Adding<'_>, call: Call) -> u32 {
        let Call { from, to, kind, ns, failed, below } = call;
        let key = hash::mix(u64::from(from) << 32 | u64::from(to), kind as u64);
        let at = self.known_edges.get_or(key, self.edges.len());
        if at as usize == self.edges.len() {
            self.edges.push(EdgeTotals { from, to, kind, ..EdgeTotals::default() });
        }
        let edge = &mut self.edges[at as usize];
        edge.calls += 1;
        edge.errors += u32::from(failed);
        let (first, end) = (below.0, below.0 + adding.trace.subtree_size(below));
        let is_within = edge.open.0 == self.traces && first < edge.open.1;
        if !is_within {
            let before = |at: u32| adding.critical_before.get(at as usize).copied().unwrap_or_default();
            edge.critical_ns = edge.critical_ns.saturating_add(before(end).saturating_sub(before(first)));
            edge.open = (self.traces, end);
        }
        self.calls.push(at, ns);
        at
    }

    fn service_node(&mut self, adding: &mut Adding<'_>, span: SpanIdx) -> u32 {
        let trace = adding.trace;
        let service = trace.service_name(trace.service(span));
        let is_told_apart = self.by_operation.as_deref() == Some(service);
        let slot = if is_told_apart {
            adding.operations.get_mut(trace.name_idx(span) as usize)
        } else {
            adding.services.get_mut(trace.service(span).at())
        };
        if let Some(&mut Some(node)) = slot {
            return node;
        }
        let operation = if is_told_apart { normalise::span_name(trace.name(span)) } else { String::new() };
        let operation =
            if is_told_apart && operation.is_empty() { "(no name)".to_owned() } else { operation };
        let node = self.node(NodeKind::Service, service, &operation);
        if let Some(slot) = slot {
            *slot = Some(node);
        }
        node
    }

    fn counterpart(&mut self, counterpart: Counterpart<'_>) -> u32 {
        let known = self.known_counterparts.get_or(counterpart.key(), self.counterparts.len()) as usize;
        if let Some(&node) = self.counterparts.get(known) {
            return node;
        }
        let node = self.node(counterpart.node, &counterpart.name(), "");
        self.counterparts.push(node);
        node
    }

    fn node(&mut self, kind: NodeKind, name: &str, operation: &str) -> u32 {
        let (name, operation) = (self.texts.intern(name), self.texts.intern(operation));
        let key = hash::mix(u64::from(name.0) << 32 | u64::from(operation.0), kind as u64);
        let node = self.known_nodes.get_or(key, self.nodes.len());
        if node as usize == self.nodes.len() {
            self.nodes.push(Node { kind, ..Node::default() });
            self.keys.push((kind, name, operation));
        }
        node
    }

    /// The graph of the traces that were added. O(calls), and sorting nodes and edges.
    pub fn finish(mut self) -> ServiceGraph {
        for (node, (_, name, operation)) in self.nodes.iter_mut().zip(&self.keys) {
            self.texts.get(*name).clone_into(&mut node.name);
            self.texts.get(*operation).clone_into(&mut node.operation);
        }
        self.measure_nodes();
        let n_edges = self.edges.len();
        let durations = self.calls.quantiles(n_edges);
        let waits = self.waits.quantiles(n_edges);
        let edges = self.edges.iter().zip(durations).zip(waits).map(|((edge, durations), waits)| {
            let (p50_ns, p95_ns) = durations.unwrap_or_default();
            let permille = |part: i64| (i128::from(part) * 1_000 / i128::from(edge.paired_ns)) as u32;
            Edge {
                from: edge.from,
                to: edge.to,
                kind: edge.kind,
                calls: edge.calls,
                errors: edge.errors,
                p50_ns,
                p95_ns,
                wait_p50_ns: waits.map(|w| w.0),
                network_permille: (edge.paired_ns > 0).then(|| permille(edge.network_ns)),
                critical_ns: edge.critical_ns,
            }
        });
        let edges = edges.collect();
        let is_told_apart = self.by_operation.is_some();
        let graph = ServiceGraph {
            nodes: self.nodes,
            edges,
            critical_ns: self.critical_ns,
            traces: self.traces,
            spans: self.spans,
        };
        let graph = graph.sorted();
        if is_told_apart { graph.around_operations() } else { graph }
    }

    /// Services are measured by the calls that they handled; what has no spans, by the calls to it, and
    /// callers from outside by theirs.
    fn measure_nodes(&mut self) {
        let mut of_edge: Vec<Option<u32>> = Vec::with_capacity(self.edges.len());
        let mut is_called = vec![false; self.nodes.len()];
        for edge in &self.edges {
            is_called[edge.to as usize] = true;
        }
        for edge in &self.edges {
            let is_bare = |node: u32| self.nodes[node as usize].kind != NodeKind::Service;
            let node = match () {
                () if is_bare(edge.to) => Some(edge.to),
                () if is_bare(edge.from) && !is_called[edge.from as usize] => Some(edge.from),
                () => None,
            };
            of_edge.push(node);
            if let Some(node) = node {
                let node = &mut self.nodes[node as usize];
                node.calls += edge.calls;
                node.errors += edge.errors;
                // Who calls from outside is not waited for.
                if !matches!(node.kind, NodeKind::User | NodeKind::Missing) {
                    node.critical_ns = node.critical_ns.saturating_add(edge.critical_ns);
                }
            }
        }
        for (&edge, &ns) in self.calls.of.iter().zip(&self.calls.ns) {
            if let Some(node) = of_edge[edge as usize] {
                self.handled.of.push(node);
                self.handled.ns.push(ns);
            }
        }
        let quantiles = self.handled.quantiles(self.nodes.len());
        for (node, quantiles) in self.nodes.iter_mut().zip(quantiles) {
            (node.p50_ns, node.p95_ns) = quantiles.unwrap_or_default();
        }
    }
}

impl ServiceGraph {
    /// Nodes and edges in their order, without nodes that only spans have which do not count.
    fn sorted(self) -> Self {
        let mut is_kept: Vec<bool> = self.nodes.iter().map(|node| node.spans > 0).collect();
        for edge in &self.edges {
            (is_kept[edge.from as usize], is_kept[edge.to as usize]) = (true, true);
        }
        let mut order: Vec<u32> = (0..self.nodes.len() as u32).collect();
        order.compact_sort_by_key(|&at| {
            let node = &self.nodes[at as usize];
            (node.kind, node.name.as_str(), node.operation.as_str())
        });
        let mut place = vec![0_u32; order.len()];
        for (&node, at) in order.iter().zip(0..) {
            place[node as usize] = at;
        }
        let mut edges = self.edges;
        for edge in &mut edges {
            (edge.from, edge.to) = (place[edge.from as usize], place[edge.to as usize]);
        }
        edges.compact_sort_by_key(|edge| (edge.from, edge.to, edge.kind, Reverse(edge.calls)));
        let nodes = order.iter().map(|&at| self.nodes[at as usize].clone()).collect();
        let is_kept: Vec<bool> = order.iter().map(|&at| is_kept[at as usize]).collect();
        Self { nodes, edges: Vec::new(), ..self }.only(&is_kept, edges)
    }
}

impl Samples {
    #[inline]
    fn push(&mut self, of: u32, ns: i64) {
        self.of.push(of);
        self.ns.push(ns);
    }

    /// Median and 95th percentile of each of `n` owners; none of those without a number. Frees the numbers.
    fn quantiles(&mut self, n: usize) -> Vec<Option<(i64, i64)>> {
        let (of, ns) = (std::mem::take(&mut self.of), std::mem::take(&mut self.ns));
        let mut ends = vec![0_usize; n + 1];
        for &owner in &of {
            ends[owner as usize + 1] += 1;
        }
        for at in 0..n {
            ends[at + 1] += ends[at];
        }
        let mut next = ends.clone();
        let mut dealt = vec![0_i64; ns.len()];
        for (&owner, ns) in of.iter().zip(ns) {
            let place = &mut next[owner as usize];
            dealt[*place] = ns;
            *place += 1;
        }
        ends.windows(2)
            .map(|pair| {
                let numbers = dealt.get_mut(pair[0]..pair[1])?;
                numbers.sort_unstable();
                Some((percentile(numbers, 500)?, percentile(numbers, 950)?))
            })
            .collect()
    }
}

/// Whether the step from parent to child enters a service, maybe the same again.
fn is_crossing(trace: &Trace, parent: SpanIdx, child: SpanIdx) -> bool {
    trace.service(parent) != trace.service(child)
        || matches!(
            (trace.kind(parent), trace.kind(child)),
            (SpanKind::Client, SpanKind::Server) | (SpanKind::Producer, SpanKind::Consumer)
        )
}
