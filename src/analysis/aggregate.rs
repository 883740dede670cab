//! The critical paths of many traces put together: where requests of one kind spend their time, and what the
//! slow ones do that the others do not.
//!
//! Traces are added one at a time, so that whoever drives it can stop in between. Of each trace only its time
//! per call path is kept.

use std::cmp::Reverse;

use crate::base::hash::{self, Numbers};
use crate::model::index::TraceIdx;
use crate::model::trace_set::TraceSet;

use super::call_paths::CallPaths;
use super::clock_domain::ClockDomains;
use super::clock_skew::clock_offsets;
use super::critical_path::{critical_path, time_by_span};
use super::prepared::Prepared;
use super::recorded::Recorded;
use super::relation::relations;
use super::settings::Settings;
use super::statistics::percentile;

/// Columns of a heat map.
const MOST_COLUMNS: usize = 200;
/// Rows of a heat map.
const MOST_OPERATIONS: usize = 20;
/// Traces that are told apart as outliers.
const MOST_OUTLIERS: usize = 20;
/// Reasons for each of them.
const MOST_REASONS: usize = 3;

/// Time on the critical path under a number: of a call path, an operation or a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cell {
    /// Place of the trace among those of its group.
    trace: u32,
    node: u32,
    ns: i64,
}

/// A trace that was added.
#[derive(Clone, Copy, Debug)]
struct Added {
    trace: TraceIdx,
    root_ns: i64,
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
        let mut recorded = Recorded::new(&trace);
        if self.settings.adjust_skew {
            let domains = ClockDomains::of(set, trace_idx);
            let offsets = clock_offsets(&recorded, &domains, &self.settings);
            if offsets.iter().any(|o| o.offset_ns != 0) {
                let offset = |span| offsets.get(domains.domain(span).at()).map_or(0, |o| o.offset_ns);
                recorded = Recorded::shifted(&trace, offset);
            }
        }
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
            traces.sort_unstable_by_key(|a| (a.root_ns, a.trace));
            let mut cells: Vec<Cell> = Vec::new();
            for (added, trace) in traces.iter().zip(0..) {
                let of_trace = self.cells.get(added.cells.0..added.cells.1).unwrap_or_default();
                cells.extend(of_trace.iter().map(|&(node, ns)| Cell { trace, node, ns }));
            }
            groups.push(group(&self.paths, &ranks, operation, &traces, cells));
        }
        groups.sort_by_cached_key(|g| {
            let (service, name) = self.paths.operation_names(g.operation);
            (Reverse(g.traces.len()), service.to_owned(), name.to_owned())
        });
        Aggregate { paths: self.paths, groups }
    }
}

/// Times of equal numbers added up, by number.
fn summed(mut cells: Vec<(u32, i64)>) -> Vec<(u32, i64)> {
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

fn permille(part: i64, whole: i64) -> u32 {
    (i128::from(part) * 1_000).checked_div(i128::from(whole)).unwrap_or_default() as u32
}

fn mean(sum: i64, n: usize) -> i64 {
    sum.checked_div(n as i64).unwrap_or_default()
}

fn group(paths: &CallPaths, ranks: &[u32], operation: u32, traces: &[Added], mut cells: Vec<Cell>) -> Group {
    let durations: Vec<i64> = traces.iter().map(|a| a.root_ns).collect();
    let all_ns: i64 = durations.iter().sum();
    let at = |permille| percentile(&durations, permille).unwrap_or_default();
    let heat_cells: Vec<Cell> =
        cells.iter().map(|&cell| Cell { node: paths.operation(cell.node), ..cell }).collect();
    let operations = shares(heat_cells.iter().map(|cell| (cell.node, cell.ns)), all_ns, |o| o);
    let services = shares(operations.iter().map(|s| (s.operation, s.total_ns)), all_ns, |o| paths.service(o));
    let bands = bands(&durations, &cells);
    let differences = match bands.as_slice() {
        [typical, slow, ..] => differences(ranks, &typical.paths, &slow.paths),
        _ => Vec::new(),
    };
    let heat = heat_map(&operations, traces, &heat_cells);
    cells.sort_unstable_by_key(|cell| (cell.node, cell.ns, cell.trace));
    let rows = rows(ranks, &cells, traces.len(), all_ns);
    let (typical, outliers) = spread(ranks, &rows, &cells, traces);
    Group {
        operation,
        traces: traces.iter().map(|a| a.trace).collect(),
        p50_ns: at(500),
        p95_ns: at(950),
        durations,
        rows,
        operations,
        services,
        heat,
        bands,
        differences,
        typical,
        outliers,
    }
}

/// One row per path; `cells` are by node and time.
fn rows(ranks: &[u32], cells: &[Cell], n: usize, all_ns: i64) -> Vec<Row> {
    let mut rows: Vec<Row> = cells
        .chunk_by(|a, b| a.node == b.node)
        .map(|cells| {
            let absent = n - cells.len();
            // Rank among all traces; those without the path come first.
            let at = |permille: usize| {
                let rank = (permille * n).div_ceil(1_000).max(1);
                rank.checked_sub(absent + 1).and_then(|at| cells.get(at)).map_or(0, |cell| cell.ns)
            };
            let total_ns = cells.iter().map(|cell| cell.ns).sum();
            Row {
                node: cells[0].node,
                traces: cells.len() as u32,
                total_ns,
                mean_ns: mean(total_ns, n),
                p50_ns: at(500),
                p95_ns: at(950),
                share_permille: permille(total_ns, all_ns),
            }
        })
        .collect();
    rows.sort_unstable_by_key(|row| (Reverse(row.total_ns), ranks[row.node as usize]));
    rows
}

/// Times added up by `key_of` an operation, the most first; each told by its first operation.
fn shares(times: impl Iterator<Item = (u32, i64)>, all_ns: i64, key_of: impl Fn(u32) -> u32) -> Vec<Share> {
    let mut times: Vec<(u32, u32, i64)> = times.map(|(o, ns)| (key_of(o), o, ns)).collect();
    times.sort_unstable();
    let mut shares: Vec<Share> = times
        .chunk_by(|a, b| a.0 == b.0)
        .map(|times| {
            let total_ns = times.iter().map(|t| t.2).sum();
            Share { operation: times[0].1, total_ns, share_permille: permille(total_ns, all_ns) }
        })
        .collect();
    shares.sort_unstable_by_key(|s| (Reverse(s.total_ns), s.operation));
    shares
}

/// `cells` are by trace, with operations as nodes.
fn heat_map(operations: &[Share], traces: &[Added], cells: &[Cell]) -> HeatMap {
    let operations: Vec<u32> = operations.iter().take(MOST_OPERATIONS).map(|s| s.operation).collect();
    let n_columns = traces.len().min(MOST_COLUMNS);
    let from = |column: usize| column * traces.len() / n_columns.max(1);
    let columns: Vec<HeatColumn> = (0..n_columns)
        .map(|column| {
            let binned = &traces[from(column)..from(column + 1)];
            HeatColumn {
                trace: binned[binned.len() / 2].trace,
                n_traces: binned.len() as u32,
                duration_ns: mean(binned.iter().map(|a| a.root_ns).sum(), binned.len()),
            }
        })
        .collect();
    let mut sums = vec![0; operations.len() * n_columns];
    let mut column = 0;
    for cell in cells {
        while column + 1 < n_columns && from(column + 1) <= cell.trace as usize {
            column += 1;
        }
        if let Some(row) = operations.iter().position(|&o| o == cell.node) {
            sums[row * n_columns + column] += cell.ns;
        }
    }
    for (at, sum) in sums.iter_mut().enumerate() {
        *sum = mean(*sum, columns[at % n_columns].n_traces as usize);
    }
    HeatMap { operations, columns, cells: sums }
}

/// Typical and slow traces; `cells` are by trace.
fn bands(durations: &[i64], cells: &[Cell]) -> Vec<Band> {
    let n = durations.len();
    if n < 3 {
        return Vec::new();
    }
    let limits = [("P50", 450, 550), ("P95", 930, 970), ("P99", 985, 1_000)];
    limits
        .map(|(name, from, to)| {
            let (mut from, mut to) = (n * from / 1_000, (n * to).div_ceil(1_000));
            if to - from < 3 {
                from = ((from + to) / 2).saturating_sub(1).min(n - 3);
                to = from + 3;
            }
            let place = |trace: usize| cells.partition_point(|cell| (cell.trace as usize) < trace);
            let of_band = cells.get(place(from)..place(to)).unwrap_or_default();
            let mut paths = summed(of_band.iter().map(|cell| (cell.node, cell.ns)).collect());
            for path in &mut paths {
                path.1 = mean(path.1, to - from);
            }
            let mean_ns = mean(durations[from..to].iter().sum(), to - from);
            Band { name, places: from..to, mean_ns, paths }
        })
        .into()
}

/// `slow` less `typical`, path by path; both are by node.
pub fn differences(ranks: &[u32], typical: &[(u32, i64)], slow: &[(u32, i64)]) -> Vec<Difference> {
    let first = typical.iter().map(|&(node, ns)| Difference { node, typical_ns: ns, slow_ns: 0 });
    let second = slow.iter().map(|&(node, ns)| Difference { node, typical_ns: 0, slow_ns: ns });
    let mut all: Vec<Difference> = first.chain(second).collect();
    all.sort_unstable_by_key(|d| d.node);
    all.dedup_by(|next, kept| {
        let is_same = next.node == kept.node;
        if is_same {
            kept.typical_ns += next.typical_ns;
            kept.slow_ns += next.slow_ns;
        }
        is_same
    });
    all.sort_unstable_by_key(|d| (Reverse(d.ns().abs()), ranks.get(d.node as usize).copied()));
    all
}

/// The trace nearest to the median of all paths, and those that spend more than it.
fn spread(ranks: &[u32], rows: &[Row], cells: &[Cell], traces: &[Added]) -> (Option<TraceIdx>, Vec<Outlier>) {
    let mut medians: Vec<(u32, i64)> = rows.iter().map(|row| (row.node, row.p50_ns)).collect();
    medians.sort_unstable();
    let all: i64 = medians.iter().map(|m| m.1).sum();
    // Distance from the median, and time more than it, by trace.
    let mut distance = vec![(all, 0_i64); traces.len()];
    let mut more: Vec<(u32, Difference)> = Vec::new();
    let mut of_path = medians.iter();
    for cells in cells.chunk_by(|a, b| a.node == b.node) {
        let typical_ns = of_path.find(|m| m.0 == cells[0].node).map_or(0, |m| m.1);
        for cell in cells {
            let (away, above) = &mut distance[cell.trace as usize];
            let difference = Difference { node: cell.node, typical_ns, slow_ns: cell.ns };
            // A trace without the path is away by the whole median, which is in the sum already.
            *away += difference.ns().abs() - typical_ns;
            if difference.ns() > 0 {
                *above += difference.ns();
                more.push((cell.trace, difference));
            }
        }
    }
    let nearest = (0..traces.len()).min_by_key(|&at| (distance[at].0, at));
    let mut slow: Vec<u32> = (0..traces.len() as u32).filter(|&at| distance[at as usize].1 > 0).collect();
    slow.sort_unstable_by_key(|&at| (Reverse(distance[at as usize].1), at));
    slow.truncate(MOST_OUTLIERS);
    let outliers = slow.iter().map(|&at| {
        let mut because: Vec<Difference> = more.iter().filter(|m| m.0 == at).map(|m| m.1).collect();
        because.sort_unstable_by_key(|d| (Reverse(d.ns()), ranks.get(d.node as usize).copied()));
        because.truncate(MOST_REASONS);
        Outlier { trace: traces[at as usize].trace, because }
    });
    (nearest.map(|at| traces[at].trace), outliers.collect())
}

#[cfg(test)]
mod tests {
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
