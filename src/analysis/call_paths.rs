//! Call paths over many traces: operations from the root down, each path one node of a tree.

use crate::base::hash::{self, Numbers};
use crate::base::sort::CompactSort as _;
use crate::model::index::{SpanIdx, StringIdx};
use crate::model::strings::Strings;
use crate::model::trace::Trace;

use super::normalise;

/// The parent of paths that consist of a root alone.
const ABOVE: u32 = u32::MAX;

/// Elements of a path that are shown; a path of a million would be as long as the trace.
const MOST_ELEMENTS: usize = 1_000;

/// All paths that were met. Nodes and operations are numbered as they are met, parents before children.
#[derive(Debug, Default)]
pub struct CallPaths {
    /// Parent and operation of each node.
    nodes: Vec<(u32, u32)>,
    /// Service and name of each operation.
    operations: Vec<(StringIdx, StringIdx)>,
    texts: Strings,
    known_nodes: Numbers,
    known_operations: Numbers,
}

impl CallPaths {
    /// The operations of one trace's spans, looked up once for each service and name.
    pub fn of<'a>(&'a mut self, trace: &'a Trace) -> PathsOfTrace<'a> {
        PathsOfTrace { paths: self, trace, operations: Numbers::default(), found: Vec::new() }
    }

    /// The path that has `operation` below `parent`, or as its root.
    fn node(&mut self, parent: Option<u32>, operation: u32) -> u32 {
        let parent = parent.unwrap_or(ABOVE);
        let key = hash::mix(u64::from(parent) << 32 | u64::from(operation), 0);
        let node = self.known_nodes.get_or(key, self.nodes.len());
        if node as usize == self.nodes.len() {
            self.nodes.push((parent, operation));
        }
        node
    }

    /// The path that has `operation` below `parent`, if it was met.
    pub(super) fn known(&self, parent: u32, operation: u32) -> Option<u32> {
        self.known_nodes.get(hash::mix(u64::from(parent) << 32 | u64::from(operation), 0))
    }

    /// The path without its last element; none for a root's.
    pub fn parent(&self, node: u32) -> Option<u32> {
        self.nodes.get(node as usize).map(|n| n.0).filter(|&parent| parent != ABOVE)
    }

    /// Number of paths.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether no path was met.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Number of operations.
    pub fn n_operations(&self) -> usize {
        self.operations.len()
    }

    /// The last operation of a path.
    pub fn operation(&self, node: u32) -> u32 {
        self.nodes.get(node as usize).map_or(0, |n| n.1)
    }

    /// Service and name of an operation.
    pub fn operation_names(&self, operation: u32) -> (&str, &str) {
        let (service, name) = self.operations.get(operation as usize).copied().unwrap_or_default();
        (self.texts.get(service), self.texts.get(name))
    }

    /// A number that is the same for all operations of a service.
    pub fn service(&self, operation: u32) -> u32 {
        self.operations.get(operation as usize).map_or(0, |o| o.0.0)
    }

    /// The operations of a path from the root down, the last `most` of them, and whether that is all.
    pub fn last_operations(&self, node: u32, most: usize) -> (Vec<u32>, bool) {
        let mut way: Vec<u32> =
            std::iter::successors(Some(node), |&at| self.parent(at)).take(most + 1).collect();
        let is_whole = way.len() <= most;
        way.truncate(most);
        (way.iter().rev().map(|&at| self.operation(at)).collect(), is_whole)
    }

    fn label(&self, operation: u32) -> String {
        let (service, name) = self.operation_names(operation);
        format!("{service}:{name}")
    }

    /// A path as `service:name` from the root. The middle of a very long one is left out.
    pub fn path(&self, node: u32) -> Vec<String> {
        let mut nodes: Vec<u32> = Vec::new();
        let mut at = node;
        while let Some(&(parent, operation)) = self.nodes.get(at as usize) {
            nodes.push(operation);
            at = parent;
        }
        nodes.reverse();
        if nodes.len() > MOST_ELEMENTS {
            nodes.drain(MOST_ELEMENTS / 2..nodes.len() - MOST_ELEMENTS / 2);
        }
        nodes.iter().map(|&operation| self.label(operation)).collect()
    }

    /// Place of each node when paths are sorted element by element. O(n log n).
    pub fn ranks(&self) -> Vec<u32> {
        let labels: Vec<String> = (0..self.operations.len() as u32).map(|o| self.label(o)).collect();
        let mut order: Vec<u32> = (0..labels.len() as u32).collect();
        order.compact_sort_by(|&a, &b| labels[a as usize].cmp(&labels[b as usize]).then(a.cmp(&b)));
        let mut place = vec![0_u32; labels.len()];
        for (&operation, at) in order.iter().zip(0..) {
            place[operation as usize] = at;
        }
        let key = |node: u32| {
            let (parent, operation) = self.nodes[node as usize];
            (parent, place[operation as usize])
        };
        // The last first, so that a stack gives the first first.
        let mut nodes: Vec<u32> = (0..self.nodes.len() as u32).collect();
        nodes.compact_sort_by_key(|&node| std::cmp::Reverse(key(node)));
        let mut ranks = vec![0; nodes.len()];
        // Where the children of each node stand in that order; looked up, since a search would miss the cache.
        let mut children = vec![0..0; nodes.len()];
        let mut roots = 0..0;
        let mut from = 0;
        for siblings in nodes.chunk_by(|&a, &b| key(a).0 == key(b).0) {
            let range = from..from + siblings.len();
            from = range.end;
            match siblings.first().and_then(|&first| children.get_mut(key(first).0 as usize)) {
                Some(of_parent) => *of_parent = range,
                None => roots = range,
            }
        }
        let below = |node: u32| &nodes[children[node as usize].clone()];
        let mut stack = nodes[roots].to_vec();
        let mut next = 0;
        while let Some(node) = stack.pop() {
            ranks[node as usize] = next;
            next += 1;
            stack.extend_from_slice(below(node));
        }
        ranks
    }
}

/// Finds the paths of one trace's spans.
pub struct PathsOfTrace<'a> {
    paths: &'a mut CallPaths,
    trace: &'a Trace,
    operations: Numbers,
    found: Vec<u32>,
}

impl PathsOfTrace<'_> {
    /// The operation of a span.
    pub fn operation(&mut self, span: SpanIdx) -> u32 {
        let (service, name) = (self.trace.service(span), self.trace.name_idx(span));
        let key = hash::mix(u64::from(service.0) << 32 | u64::from(name), 0);
        let at = self.operations.get_or(key, self.found.len()) as usize;
        if let Some(&operation) = self.found.get(at) {
            return operation;
        }
        let paths = &mut *self.paths;
        let service = paths.texts.intern(self.trace.service_name(service));
        let name = paths.texts.intern(&normalise::span_name(self.trace.name(span)));
        let key = hash::mix(u64::from(service.0) << 32 | u64::from(name.0), 1);
        let operation = paths.known_operations.get_or(key, paths.operations.len());
        if operation as usize == paths.operations.len() {
            paths.operations.push((service, name));
        }
        self.found.push(operation);
        operation
    }

    /// The path of a span whose parent has the path `parent`; none for a root.
    pub fn node(&mut self, parent: Option<u32>, span: SpanIdx) -> u32 {
        let operation = self.operation(span);
        self.paths.node(parent, operation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::index::TraceIdx;
    use crate::model::testing::read;

    #[test]
    fn paths_are_sorted_element_by_element() {
        let set = read(
            "
            r 0..9 web name=a
            s 0..8 db name=b
            t<r 1..2 web name=x/7
            u<r 2..3 web name=x/8
            v<r 3..4 db name=y
            w<t 1..2 db name=y
            ",
            1_600_000_000_000_000_000,
        );
        let trace = set.trace(TraceIdx(0));
        let mut paths = CallPaths::default();
        let mut nodes: Vec<u32> = Vec::new();
        let mut of_trace = paths.of(&trace);
        for span in trace.spans() {
            let parent = trace.parent(span).map(|p| nodes[p.at()]);
            nodes.push(of_trace.node(parent, span));
        }
        assert_eq!((paths.len(), paths.operations.len()), (5, 4));
        let ranks = paths.ranks();
        let mut order: Vec<u32> = (0..5).collect();
        order.sort_by_key(|&n| ranks[n as usize]);
        let texts: Vec<String> = order.iter().map(|&n| paths.path(n).join(" ")).collect();
        assert_eq!(texts, ["db:b", "web:a", "web:a db:y", "web:a web:x/{id}", "web:a web:x/{id} db:y"]);
    }
}
