//! What the engine says of a group of traces, as rows of a table.

use crate::base::sort::CompactSort as _;
use crate::base::text::grouped;
use crate::model::time::DurationNanos;
use crate::ui::widgets::{TableColumn, TableRow};
use crate::view::format;
use crate::wire::aggregate::{AggregateGroup, AggregateShare, PathDifference};

/// What the rows are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    /// Call paths.
    #[default]
    Paths,
    /// Operations.
    Operations,
    /// Services.
    Services,
    /// Slow traces less typical ones.
    Differences,
    /// Traces that differ.
    Outliers,
    /// Attributes of slow traces.
    Attributes,
}

impl Kind {
    pub(super) const ALL: [(Self, &'static str); 6] = [
        (Self::Paths, "By call path"),
        (Self::Operations, "By operation"),
        (Self::Services, "By service"),
        (Self::Differences, "Slow minus typical"),
        (Self::Outliers, "Traces that differ"),
        (Self::Attributes, "Goes together with slow"),
    ];

    /// Number of rows.
    pub(super) fn len(self, group: &AggregateGroup) -> usize {
        match self {
            Self::Paths => group.paths.len(),
            Self::Operations => group.operations.len(),
            Self::Services => group.services.len(),
            Self::Differences => group.differences.len(),
            Self::Outliers => group.outliers.len(),
            Self::Attributes => group.goes_together.len(),
        }
    }

    pub(super) fn columns(self) -> Vec<TableColumn> {
        let headings: &[&str] = match self {
            Self::Paths => &["Call path", "Traces", "Mean", "p50", "p95", "Share"],
            Self::Operations => &["Operation", "On the paths", "Share"],
            Self::Services => &["Service", "On the paths", "Share"],
            Self::Differences => &["Call path", "Typical", "Slow", "Difference"],
            Self::Outliers => &["Trace", "More than usual"],
            Self::Attributes => &["Attribute", "Slow", "Rest", "Traces"],
        };
        let column = |(at, heading): (usize, &&'static str)| TableColumn { heading, is_number: at > 0 };
        headings.iter().enumerate().map(column).collect()
    }

    /// What the table says, and its limits.
    pub(super) const fn explanation(self) -> &'static str {
        match self {
            Self::Paths => {
                "Time on the critical path by the way from the root; p50 and p95 count traces without it as 0."
            }
            Self::Operations => "Time on the critical path, wherever the operation is called from.",
            Self::Services => "Time on the critical path by service.",
            Self::Differences => {
                "Mean time of the slowest traces less that of those around the median. The differences add up."
            }
            Self::Outliers => {
                "Traces that spend much more than the median in a call path. Choose one to open it."
            }
            Self::Attributes => {
                "Values that slow traces have more often, or less, than the rest. It goes together; it need not be the cause."
            }
        }
    }
}

/// A table with what its cells are sorted by.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Table {
    rows: Vec<TableRow>,
    /// Values of the cells that are numbers; the first cell of a row has none.
    numbers: Vec<Vec<i64>>,
    /// The trace that a row leads to.
    traces: Vec<Option<u32>>,
}

impl Table {
    pub(super) fn new(group: &AggregateGroup, kind: Kind, id_of: &dyn Fn(u32) -> String) -> Self {
        let mut table = Self::default();
        let roots: i64 = group.durations.iter().sum();
        match kind {
            Kind::Paths => {
                for path in &group.paths {
                    let times = [path.mean_ns, path.p50_ns, path.p95_ns];
                    let mut cells = vec![last_of(&path.path), grouped(path.traces.into())];
                    cells.extend(times.map(time));
                    cells.push(share(path.share_permille));
                    let mut numbers = vec![i64::from(path.traces)];
                    numbers.extend(times);
                    numbers.push(i64::from(path.share_permille));
                    table.push(cells, numbers, path.share_permille, above(&path.path), None);
                }
            }
            Kind::Operations => table.shares(&group.operations, |s| format!("{}: {}", s.service, s.name)),
            Kind::Services => table.shares(&group.services, |s| s.service.clone()),
            Kind::Differences => {
                let whole: i64 = group.differences.iter().map(|d| difference(d).abs()).sum();
                for found in &group.differences {
                    let more = difference(found);
                    let times = [found.typical_ns, found.slow_ns];
                    let mut cells = vec![last_of(&found.path)];
                    cells.extend(times.map(time));
                    cells.push(signed(more));
                    let permille = permille(more.abs(), whole);
                    table.push(cells, vec![times[0], times[1], more], permille, above(&found.path), None);
                }
            }
            Kind::Outliers => {
                for outlier in &group.outliers {
                    let more: i64 = outlier.because.iter().map(difference).sum();
                    let because =
                        |d: &PathDifference| format!("{} {}", last_of(&d.path), signed(difference(d)));
                    let note = outlier.because.iter().map(because).collect::<Vec<_>>().join(", ");
                    let id: String = id_of(outlier.trace).chars().take(8).collect();
                    let cells = vec![id, signed(more)];
                    let permille = permille(more, roots.max(1) / group.durations.len().max(1) as i64);
                    table.push(cells, vec![more], permille, note, Some(outlier.trace));
                }
            }
            Kind::Attributes => {
                for found in &group.goes_together {
                    let shares = [found.selected_permille, found.rest_permille];
                    let cells = vec![
                        format!("{} = {}", found.key, found.value),
                        share(shares[0]),
                        share(shares[1]),
                        grouped(found.count.into()),
                    ];
                    let numbers = vec![i64::from(shares[0]), i64::from(shares[1]), i64::from(found.count)];
                    table.push(cells, numbers, shares[0], String::new(), None);
                }
            }
        }
        table
    }

    fn shares(&mut self, shares: &[AggregateShare], name: impl Fn(&AggregateShare) -> String) {
        for found in shares {
            let cells = vec![name(found), time(found.total_ns), share(found.share_permille)];
            let numbers = vec![found.total_ns, i64::from(found.share_permille)];
            self.push(cells, numbers, found.share_permille, String::new(), None);
        }
    }

    fn push(
        &mut self,
        cells: Vec<String>,
        numbers: Vec<i64>,
        permille: u32,
        note: String,
        trace: Option<u32>,
    ) {
        self.rows.push(TableRow { cells, service: None, permille: permille.min(1000), note });
        self.numbers.push(numbers);
        self.traces.push(trace);
    }

    /// Positions of the rows in the order of a column; as they came without one.
    pub(super) fn sorted(&self, by: Option<(usize, bool)>) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.rows.len()).collect();
        let Some((column, is_descending)) = by else { return order };
        let number = |row: usize| column.checked_sub(1).and_then(|at| self.numbers[row].get(at).copied());
        let text = |row: usize| self.rows[row].cells.first();
        order.compact_sort_by(|&a, &b| {
            let order = if column == 0 { text(a).cmp(&text(b)) } else { number(a).cmp(&number(b)) };
            if is_descending { order.reverse() } else { order }
        });
        order
    }

    pub(super) fn row(&self, at: usize) -> TableRow {
        self.rows.get(at).cloned().unwrap_or_default()
    }

    pub(super) fn trace(&self, at: usize) -> Option<u32> {
        self.traces.get(at).copied().flatten()
    }
}

fn difference(found: &PathDifference) -> i64 {
    found.slow_ns - found.typical_ns
}

fn permille(part: i64, whole: i64) -> u32 {
    (i128::from(part.max(0)) * 1000 / i128::from(whole.max(1))).min(1000) as u32
}

fn time(ns: i64) -> String {
    format::duration(DurationNanos(ns))
}

fn signed(ns: i64) -> String {
    let sign = if ns < 0 { "−" } else { "+" };
    format!("{sign}{}", time(ns.saturating_abs()))
}

fn share(permille: u32) -> String {
    format::percent(i64::from(permille), 1000)
}

fn last_of(path: &[String]) -> String {
    path.last().cloned().unwrap_or_default()
}

/// The way to the last of a path.
fn above(path: &[String]) -> String {
    let way = path.split_last().map(|(_, way)| way).unwrap_or_default();
    if way.is_empty() { String::new() } else { format!("below {}", way.join(" › ")) }
}
