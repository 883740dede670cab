//! Calls merged by path: service and normalised name from the root down, each path one node with the time that
//! was spent in it.
//!
//! What is added up is a span's own share of the time, its self time or its time on the critical path, so that
//! a node is exactly as wide as itself and what it called. Adding is iterative with one hash per parent and
//! operation; the sums do not depend on the order of spans.

use super::call_paths::CallPaths;
use super::recorded::Recorded;
use crate::base::sort::CompactSort;
use crate::model::index::{SpanIdx, TraceIdx};

/// The parent of nodes that are roots.
pub const NO_PARENT: u32 = u32::MAX;

/// Which time the nodes are wide by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weight {
    /// Time in which the span did not wait for another.
    #[default]
    SelfTime,
    /// Time in which the request waited for the span.
    Critical,
}

/// Both, in the order of [`CallTree::own`].
pub const WEIGHTS: [Weight; 2] = [Weight::SelfTime, Weight::Critical];

/// Calls by path, in columns. A parent comes before its children; in which order siblings come is not said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallTree {
    /// Service of each operation.
    pub services: Vec<String>,
    /// Normalised name of each operation.
    pub names: Vec<String>,
    /// Node of the caller, or [`NO_PARENT`].
    pub parents: Vec<u32>,
    /// Operation of each node.
    pub operations: Vec<u32>,
    /// Spans.
    pub counts: Vec<u32>,
    /// Spans that failed.
    pub errors: Vec<u32>,
    /// The trace of the longest span.
    pub traces: Vec<u32>,
    /// The longest span.
    pub spans: Vec<u32>,
    /// Time of the node itself, by [`Weight`].
    pub own: [Vec<i64>; 2],
    /// Time of the node and everything that it called, by [`Weight`].
    pub total: [Vec<i64>; 2],
    /// Nodes with so little time that they were left out; their time is in the totals of those above them.
    pub left_out: u32,
}

/// The spans of one trace with their times.
#[derive(Clone, Copy, Debug)]
pub struct TimedSpans<'a> {
    /// The spans.
    pub recorded: &'a Recorded<'a>,
    /// The trace's position in its set.
    pub trace: TraceIdx,
    /// Self times by span.
    pub own: &'a [i64],
    /// Time on the critical path by span.
    pub critical: &'a [i64],
}

/// Takes in traces, span by span.
#[derive(Debug, Default)]
pub struct CallTreeBuilder {
    paths: CallPaths,
    sums: Vec<Sum>,
    /// Paths of the spans of the trace that is being added.
    nodes: Vec<u32>,
}

/// What is known of a node.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    parent: u32,
    count: u32,
    errors: u32,
    own: [i64; 2],
    longest: Option<(i64, TraceIdx, SpanIdx)>,
}

impl CallTreeBuilder {
    /// Adds up to `most` spans of a trace, of which only those that `keep` lets through count; the others are
    /// still part of the paths. Returns whether the trace is finished, and is to be called with it until then.
    pub fn add(&mut self, spans: &TimedSpans<'_>, most: usize, keep: &dyn Fn(SpanIdx) -> bool) -> bool {
        let trace = spans.recorded.trace();
        let mut of_trace = self.paths.of(trace);
        let first = self.nodes.len();
        let end = first.saturating_add(most).min(trace.len());
        for span in (first..end).map(SpanIdx::new) {
            if trace.is_placeholder(span) {
                self.nodes.push(NO_PARENT);
                continue;
            }
            let parent = spans.recorded.parent(span).and_then(|p| self.nodes.get(p.at()).copied());
            let node = of_trace.node(parent, span);
            self.nodes.push(node);
            if node as usize == self.sums.len() {
                self.sums.push(Sum { parent: parent.unwrap_or(NO_PARENT), ..Sum::default() });
            }
            let Some(sum) = self.sums.get_mut(node as usize).filter(|_| keep(span)) else { continue };
            let of = |column: &[i64]| column.get(span.at()).copied().unwrap_or_default();
            sum.count = sum.count.saturating_add(1);
            sum.errors += u32::from(trace.is_error(span));
            for (own, column) in sum.own.iter_mut().zip([spans.own, spans.critical]) {
                *own = own.saturating_add(of(column));
            }
            let length = trace.span_duration(span).0;
            if sum.longest.is_none_or(|longest| length > longest.0) {
                sum.longest = Some((length, spans.trace, span));
            }
        }
        let is_over = end == trace.len();
        if is_over {
            self.nodes.clear();
        }
        is_over
    }

    /// The tree of everything that was added: at most `most` nodes, those with the most time. O(n log n).
    pub fn finish(self, most: usize) -> CallTree {
        let Self { paths, sums, .. } = self;
        let mut totals: Vec<[i64; 2]> = sums.iter().map(|sum| sum.own).collect();
        let mut is_met: Vec<bool> = sums.iter().map(|sum| sum.count > 0).collect();
        for (at, sum) in sums.iter().enumerate().rev() {
            let (below, met) = (totals[at], is_met[at]);
            if let Some(above) = totals.get_mut(sum.parent as usize) {
                for (above, below) in above.iter_mut().zip(below) {
                    *above = above.saturating_add(below);
                }
                is_met[sum.parent as usize] |= met;
            }
        }
        let mut kept: Vec<u32> = (0..sums.len() as u32).filter(|&node| is_met[node as usize]).collect();
        let n_met = kept.len();
        if n_met > most {
            kept = widest(kept, most, &totals);
        }
        let mut tree = CallTree { left_out: (n_met - kept.len()) as u32, ..CallTree::default() };
        for operation in 0..paths.n_operations() as u32 {
            let (service, name) = paths.operation_names(operation);
            tree.services.push(service.to_owned());
            tree.names.push(name.to_owned());
        }
        let mut new = vec![NO_PARENT; sums.len()];
        for node in kept {
            let at = node as usize;
            let (sum, total) = (&sums[at], totals[at]);
            new[at] = tree.parents.len() as u32;
            tree.parents.push(new.get(sum.parent as usize).copied().unwrap_or(NO_PARENT));
            tree.operations.push(paths.operation(node));
            tree.counts.push(sum.count);
            tree.errors.push(sum.errors);
            let (_, trace, span) = sum.longest.unwrap_or((0, TraceIdx(NO_PARENT), SpanIdx(NO_PARENT)));
            tree.traces.push(trace.0);
            tree.spans.push(span.0);
            let columns = tree.own.iter_mut().chain(&mut tree.total);
            for (column, time) in columns.zip(sum.own.into_iter().chain(total)) {
                column.push(time);
            }
        }
        tree
    }
}

/// The `most` nodes that have the largest share of either time, in order. A caller has at least the share of
/// what it calls and comes before it, so no node is kept without those above it.
fn widest(mut nodes: Vec<u32>, most: usize, totals: &[[i64; 2]]) -> Vec<u32> {
    let whole = WEIGHTS.map(|weight| {
        let longest = totals.iter().map(|total| total[weight as usize]).max();
        i128::from(longest.unwrap_or_default().max(1))
    });
    let share = |node: u32| {
        let of = |weight: usize| i128::from(totals[node as usize][weight]) * 1_000_000_000 / whole[weight];
        of(0).max(of(1))
    };
    let shares: Vec<i128> = (0..totals.len() as u32).map(share).collect();
    // Stable: of equal ones those above come first.
    nodes.compact_sort_by(|&a, &b| shares[b as usize].cmp(&shares[a as usize]));
    nodes.truncate(most);
    nodes.compact_sort();
    nodes
}

impl CallTree {
    /// Number of nodes.
    pub fn len(&self) -> usize {
        self.parents.len()
    }

    /// Whether there is no node.
    pub fn is_empty(&self) -> bool {
        self.parents.is_empty()
    }

    /// Time of all roots.
    pub fn whole(&self, weight: Weight) -> i64 {
        let totals = self.parents.iter().zip(&self.total[weight as usize]);
        totals.filter(|(parent, _)| **parent == NO_PARENT).map(|(_, total)| total).sum()
    }

    /// Whether the columns fit together: what came from another thread is used without further questions
    /// after this.
    pub fn check(&self) -> Result<(), String> {
        let n = self.len();
        let columns = [&self.operations, &self.counts, &self.errors, &self.traces, &self.spans];
        let times = self.own.iter().chain(&self.total);
        if columns.iter().any(|c| c.len() != n) || times.into_iter().any(|c| c.len() != n) {
            return Err(format!("columns of a call tree differ in length from {n}"));
        }
        if self.services.len() != self.names.len() {
            return Err(format!("{} services for {} names", self.services.len(), self.names.len()));
        }
        let is_before = |(at, &parent): (usize, &u32)| parent == NO_PARENT || (parent as usize) < at;
        if !self.parents.iter().enumerate().all(is_before) {
            return Err("a node comes before its parent".to_owned());
        }
        match self.operations.iter().find(|&&o| o as usize >= self.names.len()) {
            Some(operation) => Err(format!("operation {operation} of {}", self.names.len())),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::analysis::run::Run;
    use crate::analysis::settings::Settings;
    use crate::model::sample::{Shape, generate};
    use crate::model::testing::read;
    use crate::model::trace_set::TraceSet;

    /// The tree of the first trace, in slices of `slice` spans.
    pub(crate) fn tree_of(set: &TraceSet, slice: usize, most: usize) -> CallTree {
        let mut run = Run::new(TraceIdx(0), Settings::default(), None);
        run.finish(set);
        let (recorded, found) = (run.recorded(), run.found());
        let spans = TimedSpans {
            recorded: &recorded,
            trace: TraceIdx(0),
            own: &found.own_times,
            critical: &found.critical,
        };
        let mut builder = CallTreeBuilder::default();
        while !builder.add(&spans, slice, &|_| true) {}
        builder.finish(most)
    }

    /// One line for each node, by path.
    fn lines(tree: &CallTree) -> Vec<String> {
        let mut paths: Vec<String> = Vec::new();
        for node in 0..tree.len() {
            let name = &tree.names[tree.operations[node] as usize];
            let above = paths.get(tree.parents[node] as usize).map(|p| format!("{p} ")).unwrap_or_default();
            paths.push(format!("{above}{name}"));
        }
        let told = |node: usize| {
            let [own, critical] = [0, 1].map(|w| format!("{}/{}", tree.own[w][node], tree.total[w][node]));
            format!("{} ×{} {own} {critical}", paths[node], tree.counts[node])
        };
        let mut lines: Vec<String> = (0..tree.len()).map(told).collect();
        lines.sort();
        lines
    }

    #[test]
    fn calls_of_one_path_are_one_node() {
        let set = read(
            "
            r 0..100 web name=page
            s<r 10..30 db name=get/1
            t<r 40..90 db name=get/2
            u<t 50..60 db name=row
            ",
            1_600_000_000_000_000_000,
        );
        let expected =
            ["page get/{id} row ×1 10/10 10/10", "page get/{id} ×2 60/70 60/70", "page ×1 30/100 30/100"];
        let tree = tree_of(&set, 1_000, 1_000);
        assert_eq!(lines(&tree), expected);
        assert_eq!(lines(&tree_of(&set, 1, 1_000)), expected, "in slices");
        assert_eq!(tree.spans[1], 2, "the longest of the path");
        assert_eq!(tree.check(), Ok(()));
    }

    #[test]
    fn what_is_left_out_stays_in_the_totals() {
        for shape in [Shape::Services, Shape::Chain, Shape::Roots, Shape::Orphans, Shape::Wide] {
            let set = generate(5_000, shape);
            let (whole, cut) = (tree_of(&set, 5_000, usize::MAX), tree_of(&set, 5_000, 20));
            assert!(cut.len() <= 20 && cut.left_out as usize == whole.len() - cut.len(), "{shape:?}");
            assert_eq!(cut.check(), Ok(()));
            if shape != Shape::Roots && shape != Shape::Orphans {
                assert_eq!(WEIGHTS.map(|w| cut.whole(w)), WEIGHTS.map(|w| whole.whole(w)), "{shape:?}");
            }
        }
    }
}
