//! The critical paths of many traces put together: where requests of one kind spend their time, and what the
//! slow ones do that the others do not.
//!
//! Traces are added one at a time, so that whoever drives it can stop in between. Of each trace only its time
//! per call path is kept.

use std::cmp::Reverse;

use crate::base::hash::{self, Numbers};
use crate::base::sort::CompactSort as _;
use crate::model::index::TraceIdx;
use crate::model::trace_set::TraceSet;

use super::aggregate_group::{Cell, group};
use super::call_paths::CallPaths;
use super::clock_skew::corrected;
use super::critical_path::{critical_path, time_by_span};
use super::prepared::Prepared;
use super::relation::relations;
use super::settings::Settings;

/// A trace that was added.
#[derive(Clone, Copy, Debug)]
pub(super) struct Added {
    pub(super) trace: TraceIdx,
    pub(super) root_ns: i64,
    /// Where its cells begin and end.
    cells: (usize, usize),
}

/// Takes in traces.
#[derive(Debug, Default)]
pub struct Aggregator {
    settings: Settings,
    paths: CallPaths,
    known: Numbers,
    /// Operation of the root and the traces of each group.
    groups: Vec<(u32, Vec<Added>)>,
    /// Path and time, trace after trace.
    cells: Vec<(u32, i64)>,
}

/// What many traces say together.
#[derive(Debug, Default)]
pub struct Aggregate {
    /// The paths by which everything is told.
    pub paths: CallPaths,
    /// Largest group first.
    pub groups: Vec<Group>,
}

/// Traces with the same main root: service, and name without ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// Operation of the root.
    pub operation: u32,
    /// Traces, the shortest root first.
    pub traces: Vec<TraceIdx>,
    /// Durations of their roots.
    pub durations: Vec<i64>,
    /// Median of the durations.
    pub p50_ns: i64,
    /// 95th percentile of the durations.
    pub p95_ns: i64,
    /// Call paths with time on the critical path: most time first, then by path.
    pub rows: Vec<Row>,
    /// The same by operation, wherever it is called from.
    pub operations: Vec<Share>,
    /// The same by service; told by one of its operations.
    pub services: Vec<Share>,
    /// Operations by traces.
    pub heat: HeatMap,
    /// Typical and slow traces: P50, P95, P99; empty for fewer than three.
    pub bands: Vec<Band>,
    /// P95 less P50, the largest difference first.
    pub differences: Vec<Difference>,
    /// The trace nearest to the median of all paths.
    pub typical: Option<TraceIdx>,
    /// Traces that spend more than the median, most first.
    pub outliers: Vec<Outlier>,
}

/// One call path over the traces of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The path: see [`CallPaths::path`].
    pub node: u32,
    /// Traces that have it on their critical path.
    pub traces: u32,
    /// Time in all.
    pub total_ns: i64,
    /// Time per trace.
    pub mean_ns: i64,
    /// Median; a trace without it counts 0.
    pub p50_ns: i64,
    /// 95th percentile, likewise.
    pub p95_ns: i64,
    /// Thousandths of all roots' time.
    pub share_permille: u32,
}

/// What an operation or a service has of the critical paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// The operation.
    pub operation: u32,
    /// Time in all.
    pub total_ns: i64,
    /// Thousandths of all roots' time.
    pub share_permille: u32,
}

/// Operations by traces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeatMap {
    /// Rows.
    pub operations: Vec<u32>,
    /// Columns, the shortest root first.
    pub columns: Vec<HeatColumn>,
    /// Mean time on the critical path, row after row.
    pub cells: Vec<i64>,
}

/// One or several neighbours by duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeatColumn {
    /// The trace in the middle.
    pub trace: TraceIdx,
    /// Traces that it stands for.
    pub n_traces: u32,
    /// Mean duration of their roots.
    pub duration_ns: i64,
}

/// Traces of a range of ranks by duration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Band {
    /// `P50`, `P95` or `P99`.
    pub name: &'static str,
    /// Places among the traces of the group.
    pub places: std::ops::Range<usize>,
    /// Mean duration of their roots.
    pub mean_ns: i64,
    /// Mean time per path: node and time, by node.
    pub paths: Vec<(u32, i64)>,
}

/// How long a path takes in typical traces and in others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The path.
    pub node: u32,
    /// Time in typical traces.
    pub typical_ns: i64,
    /// Time in the others.
    pub slow_ns: i64,
}

impl Difference {
    /// How much longer the others take.
    pub fn ns(&self) -> i64 {
        self.slow_ns - self.typical_ns
    }
}

/// A trace that spends more than the median.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlier {
    /// The trace.
    pub trace: TraceIdx,
    /// The paths with most more than the median, three at most.
    pub because: Vec<Difference>,
}

impl Aggregator {
    /// Nothing was added yet.
    pub fn new(settings: Settings) -> Self {
        Self { settings, ..Self::default() }
    }

    /// Adds the critical path of a trace; one without spans is left out. O(n log n) in its spans.
    pub fn add(&mut self, set: &TraceSet, trace_idx: TraceIdx) {
        let trace = set.trace(trace_idx);
        let recorded = corrected(set, trace_idx, &trace, &self.settings);
        let Some(root) = recorded.main_root() else { return };
        let tree = Prepared::new(&recorded, &relations(&recorded, &self.settings), &self.settings, root);
        let time = time_by_span(&critical_path(&tree), recorded.len());
        // Paths are made only for spans with time and those above them.
        let mut is_needed: Vec<bool> = time.iter().map(|&ns| ns > 0).collect();
        for &span in tree.order().iter().rev() {
            if is_needed[span.at()]
                && span != root
                && let Some(parent) = recorded.parent(span)
            {
                is_needed[parent.at()] = true;
            }
        }
        let mut of_trace = self.paths.of(&trace);
        let mut nodes = vec![u32::MAX; recorded.len()];
        let operation = of_trace.operation(root);
        let mut cells: Vec<(u32, i64)> = Vec::new();
        for &span in tree.order() {
            if !is_needed[span.at()] {
                continue;
            }
            let parent = recorded.parent(span).filter(|_| span != root).map(|p| nodes[p.at()]);
            let node = of_trace.node(parent, span);
            nodes[span.at()] = node;
            if time[span.at()] > 0 {
                cells.push((node, time[span.at()]));
            }
        }
        let first_cell = self.cells.len();
        self.cells.extend(summed(cells));
        let group = self.known.get_or(hash::mix(u64::from(operation), 0), self.groups.len()) as usize;
        if group == self.groups.len() {
            self.groups.push((operation, Vec::new()));
        }
        let added = Added {
            trace: trace_idx,
            root_ns: recorded.duration(root),
            cells: (first_cell, self.cells.len()),
        };
        self.groups[group].1.push(added);
    }

    /// Everything about the traces that were added.
    pub fn finish(self) -> Aggregate {
        let ranks = self.paths.ranks();
        let mut groups: Vec<Group> = Vec::with_capacity(self.groups.len());
        for (operation, mut traces) in self.groups {
            traces.compact_sort_by_key(|a| (a.root_ns, a.trace));
            let mut cells: Vec<Cell> = Vec::new();
            for (added, trace) in traces.iter().zip(0..) {
                let of_trace = self.cells.get(added.cells.0..added.cells.1).unwrap_or_default();
                cells.extend(of_trace.iter().map(|&(node, ns)| Cell { trace, node, ns }));
            }
            groups.push(group(&self.paths, &ranks, operation, &traces, cells));
        }
        groups.compact_sort_by_key(|g| {
            let (service, name) = self.paths.operation_names(g.operation);
            (Reverse(g.traces.len()), service.to_owned(), name.to_owned())
        });
        Aggregate { paths: self.paths, groups }
    }
}

/// Times of equal numbers added up, by number.
pub(super) fn summed(mut cells: Vec<(u32, i64)>) -> Vec<(u32, i64)> {
    cells.sort_unstable();
    cells.dedup_by(|next, kept| {
        let is_same = next.0 == kept.0;
        if is_same {
            kept.1 += next.1;
        }
        is_same
    });
    cells
}

#[cfg(test)]
mod tests {
    use super::super::aggregate_group::{MOST_COLUMNS, MOST_OUTLIERS};
    use super::*;
    use crate::model::testing::read;

    /// Requests of these lengths, the last fifth of each in a call; long ones also wait for a payment.
    fn aggregate(lengths: &[i64]) -> Aggregate {
        let mut lines = String::new();
        for (length, at) in lengths.iter().zip(1..) {
            use std::fmt::Write;
            let (call, payment) = (length - length / 5, if *length > 1_000 { 900 } else { 0 });
            writeln!(lines, "r 0..{length} web name=GET/{at}7 t={at:x}").unwrap();
            writeln!(lines, "a<r {call}..{length} db name=query t={at:x}").unwrap();
            if payment > 0 {
                writeln!(lines, "b<r 0..{payment} pay name=charge t={at:x}").unwrap();
            }
        }
        let set = read(&lines, 1_600_000_000_000_000_000);
        let mut aggregator = Aggregator::new(Settings::default());
        for at in 0..set.traces().len() {
            aggregator.add(&set, TraceIdx::new(at));
        }
        aggregator.finish()
    }

    #[test]
    fn times_add_up_to_the_durations_of_the_roots() {
        let lengths: Vec<i64> = (1..=60).map(|n| n * 100).chain([0]).collect();
        let Aggregate { paths, groups } = aggregate(&lengths);
        let [group] = groups.as_slice() else { panic!("{} groups", groups.len()) };
        let all: i64 = lengths.iter().sum();
        assert_eq!(group.rows.iter().map(|r| r.total_ns).sum::<i64>(), all);
        assert_eq!(group.operations.iter().map(|r| r.total_ns).sum::<i64>(), all);
        assert_eq!(group.services.iter().map(|r| r.total_ns).sum::<i64>(), all);
        assert_eq!(group.heat.cells.iter().sum::<i64>(), all);
        assert_eq!((group.heat.columns.len(), group.traces.len()), (61, 61));
        assert_eq!(paths.path(group.rows[0].node), ["web:GET/{id}"]);
        let [typical, slow, slowest] = group.bands.as_slice() else { panic!("{:?}", group.bands) };
        assert_eq!(
            (typical.places.clone(), slow.places.clone(), slowest.places.clone()),
            (27..34, 56..60, 58..61)
        );
        let more: i64 = group.differences.iter().map(Difference::ns).sum();
        assert!((more - (slow.mean_ns - typical.mean_ns)).abs() <= 3);
        let most = &group.outliers[0];
        assert_eq!(most.because[0].slow_ns, 6_000 - 1_200 - 900);
        assert_eq!(group.outliers.len(), MOST_OUTLIERS);
    }

    #[test]
    fn many_traces_are_neighbours_in_the_heat_map() {
        let lengths: Vec<i64> = (1..=450).map(|n| n * 10).collect();
        let aggregate = aggregate(&lengths);
        let heat = &aggregate.groups[0].heat;
        assert_eq!(heat.columns.len(), MOST_COLUMNS);
        assert_eq!(heat.columns.iter().map(|c| c.n_traces).sum::<u32>(), 450);
        assert_eq!(heat.cells.len(), heat.operations.len() * MOST_COLUMNS);
        assert!(heat.columns.is_sorted_by_key(|c| c.duration_ns));
    }

    #[test]
    fn too_few_traces_have_no_bands() {
        assert!(aggregate(&[]).groups.is_empty());
        let two = aggregate(&[100, 200]);
        assert!(two.groups[0].bands.is_empty() && two.groups[0].differences.is_empty());
        assert_eq!(aggregate(&[0]).groups[0].rows, []);
    }
}
