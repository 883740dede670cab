//! What the traces of one group say: rows, shares, heat map, bands, outliers.

use std::cmp::Reverse;

use crate::base::sort::CompactSort as _;
use crate::model::index::TraceIdx;

use super::aggregate::{Added, Band, Difference, Group, HeatColumn, HeatMap, Outlier, Row, Share, summed};
use super::call_paths::CallPaths;
use super::statistics::percentile;

/// Columns of a heat map.
pub(super) const MOST_COLUMNS: usize = 200;
/// Rows of a heat map.
const MOST_OPERATIONS: usize = 20;
/// Traces that are told apart as outliers.
pub(super) const MOST_OUTLIERS: usize = 20;
/// Reasons for each of them.
const MOST_REASONS: usize = 3;

/// Time on the critical path under a number: of a call path, an operation or a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    /// Place of the trace among those of its group.
    pub(super) trace: u32,
    pub(super) node: u32,
    pub(super) ns: i64,
}

fn permille(part: i64, whole: i64) -> u32 {
    (i128::from(part) * 1_000).checked_div(i128::from(whole)).unwrap_or_default() as u32
}

fn mean(sum: i64, n: usize) -> i64 {
    sum.checked_div(n as i64).unwrap_or_default()
}

/// Everything about the traces of a group, the shortest root first; `cells` are by trace.
pub(super) fn group(
    paths: &CallPaths,
    ranks: &[u32],
    operation: u32,
    traces: &[Added],
    mut cells: Vec<Cell>,
) -> Group {
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
    rows.compact_sort_by_key(|row| (Reverse(row.total_ns), ranks[row.node as usize]));
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
    shares.compact_sort_by_key(|s| (Reverse(s.total_ns), s.operation));
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
                from = usize::midpoint(from, to).saturating_sub(1).min(n - 3);
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
fn differences(ranks: &[u32], typical: &[(u32, i64)], slow: &[(u32, i64)]) -> Vec<Difference> {
    let first = typical.iter().map(|&(node, ns)| Difference { node, typical_ns: ns, slow_ns: 0 });
    let second = slow.iter().map(|&(node, ns)| Difference { node, typical_ns: 0, slow_ns: ns });
    let mut all: Vec<Difference> = first.chain(second).collect();
    all.compact_sort_by_key(|d| d.node);
    all.dedup_by(|next, kept| {
        let is_same = next.node == kept.node;
        if is_same {
            kept.typical_ns += next.typical_ns;
            kept.slow_ns += next.slow_ns;
        }
        is_same
    });
    all.compact_sort_by_key(|d| (Reverse(d.ns().abs()), ranks.get(d.node as usize).copied()));
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
    slow.compact_sort_by_key(|&at| (Reverse(distance[at as usize].1), at));
    slow.truncate(MOST_OUTLIERS);
    let outliers = slow.iter().map(|&at| {
        let mut because: Vec<Difference> = more.iter().filter(|m| m.0 == at).map(|m| m.1).collect();
        because.compact_sort_by_key(|d| (Reverse(d.ns()), ranks.get(d.node as usize).copied()));
        because.truncate(MOST_REASONS);
        Outlier { trace: traces[at as usize].trace, because }
    });
    (nearest.map(|at| traces[at].trace), outliers.collect())
}
