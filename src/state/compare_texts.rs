//! A comparison in words: the rows of its table, what is new and what is gone.

use std::fmt::Write as _;

use crate::base::quantity::Ruler;
use crate::base::sort::CompactSort as _;
use crate::base::text::{counted, grouped};
use crate::model::time::DurationNanos;
use crate::view::format;
use crate::wire::compare::{CompareRow, CompareTable, KeyChange, Operation, RowStatus};

/// Values that are named of a key.
const MOST_VALUES: usize = 4;

/// The headings of the table; all but the first two hold numbers.
pub const HEADINGS: [&str; 8] =
    ["Call path", "Change", "Calls A", "Calls B", "Errors", "Path A", "Path B", "Δ path"];

/// A row in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowText {
    /// One text for each heading.
    pub cells: Vec<String>,
    /// The way from the root.
    pub note: String,
    /// Share of the largest change, in thousandths.
    pub permille: u32,
}

/// The rows of a table as they are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows {
    /// Positions in the table.
    pub order: Vec<u32>,
    ruler: Ruler,
    largest: i64,
}

/// A word for what became of a call path.
pub const fn word_of(status: RowStatus) -> &'static str {
    match status {
        RowStatus::Added => "new",
        RowStatus::Removed => "gone",
        RowStatus::Moved => "moved",
        RowStatus::Changed => "changed",
        RowStatus::Same => "same",
    }
}

impl Rows {
    /// The rows of `table`: all, or those that differ; by a column, or the largest change first.
    pub fn new(table: &CompareTable, all: bool, sort: Option<(usize, bool)>) -> Self {
        let mut order: Vec<u32> = (0..table.rows.len() as u32)
            .filter(|&at| all || table.rows[at as usize].status != RowStatus::Same)
            .collect();
        if let Some((column, is_descending)) = sort {
            let key = |&at: &u32| (number(&table.rows[at as usize], column), at);
            match column {
                0 => order.compact_sort_by_cached_key(|&at| last_of(&table.rows[at as usize].path)),
                1 => order.compact_sort_by_key(|&at| (table.rows[at as usize].status, at)),
                _ => order.compact_sort_by_key(key),
            }
            if is_descending {
                order.reverse();
            }
        }
        let largest =
            table.rows.iter().map(|row| row.delta_cp_ns().saturating_abs()).max().unwrap_or_default();
        let delta = table.root_ns[1].saturating_sub(table.root_ns[0]).saturating_abs();
        let ruler = Ruler::for_largest(largest.max(delta).unsigned_abs()).finer();
        Self { order, ruler, largest }
    }

    /// The row at a position from the top.
    pub fn row(&self, table: &CompareTable, at: usize) -> Option<RowText> {
        let row = table.rows.get(*self.order.get(at)? as usize)?;
        let calls = |side: usize| match (row.sides[side].count, table.n_traces[side]) {
            (0, _) => "–".to_owned(),
            (n, 0 | 1) => grouped(n),
            (n, traces) => per_trace(n, traces),
        };
        let time = |side: usize| match row.sides[side].count {
            0 => "–".to_owned(),
            _ => format::duration(DurationNanos(row.sides[side].cp_ns)),
        };
        let errors = match row.sides.map(|side| side.errors) {
            [0, 0] => String::new(),
            [a, b] if a == b => grouped(a),
            [a, b] => format!("{} → {}", grouped(a), grouped(b)),
        };
        let delta = row.delta_cp_ns();
        let above = way(&row.path, row.is_whole);
        let note = if row.from.is_empty() {
            above
        } else {
            format!("{above}; was {}", way(&row.from, row.is_whole))
        };
        let permille = i128::from(delta.saturating_abs()) * 1000 / i128::from(self.largest.max(1));
        Some(RowText {
            cells: vec![
                last_of(&row.path),
                word_of(row.status).to_owned(),
                calls(0),
                calls(1),
                errors,
                time(0),
                time(1),
                self.ruler.signed(self.ruler.steps(delta)),
            ],
            note,
            permille: permille.min(1000) as u32,
        })
    }

    /// What the column of changes adds up to: `All 34 call paths together: +50.0 ms = 150 ms − 100 ms`.
    pub fn sum(&self, table: &CompareTable) -> String {
        let [a, b] = table.root_ns;
        let n = table.rows.len() as u64 + u64::from(table.others.0);
        let hidden = table.rows.len() - self.order.len();
        let delta = self.ruler.signed(self.ruler.steps(b.saturating_sub(a)));
        let [a, b] = [a, b].map(|ns| format::duration(DurationNanos(ns)));
        let mut text = format!("{} add up to {delta} = {b} − {a}", counted(n, "call path"));
        if table.others.0 > 0 {
            let [a, b] = table.others.1;
            let rest = self.ruler.signed(self.ruler.steps(b.saturating_sub(a)));
            let n = grouped(table.others.0.into());
            let _ = write!(text, "; {n} of them are not listed and have {rest}");
        }
        if hidden > 0 {
            let _ = write!(text, "; {} not shown", counted(hidden as u64, "unchanged row"));
        }
        text
    }
}

/// What a column holds of a row, for sorting.
fn number(row: &CompareRow, column: usize) -> i64 {
    let [a, b] = &row.sides;
    match column {
        2 => a.count as i64,
        3 => b.count as i64,
        4 => b.errors as i64 - a.errors as i64,
        5 => a.cp_ns,
        6 => b.cp_ns,
        _ => row.delta_cp_ns(),
    }
}

/// `2.5` calls in each of several traces.
fn per_trace(n: u64, traces: u32) -> String {
    let tenths = crate::base::quantity::rounded(n.saturating_mul(10), u64::from(traces.max(1)));
    match tenths {
        0 => "< 0.1".to_owned(),
        _ => format!("{}.{}", grouped(tenths / 10), tenths % 10),
    }
}

/// `service: name`.
pub fn label(operation: &Operation) -> String {
    let name = if operation.name.is_empty() { "(no name)" } else { &operation.name };
    if operation.service.is_empty() { name.to_owned() } else { format!("{}: {name}", operation.service) }
}

fn last_of(path: &[Operation]) -> String {
    path.last().map(label).unwrap_or_default()
}

/// The way to the last of a path.
fn way(path: &[Operation], is_whole: bool) -> String {
    let above: Vec<String> =
        path.split_last().map(|(_, above)| above.iter().map(label).collect()).unwrap_or_default();
    match (above.is_empty(), is_whole) {
        (true, _) => "root".to_owned(),
        (_, true) => format!("below {}", above.join(" › ")),
        (_, false) => format!("below … › {}", above.join(" › ")),
    }
}

/// What only one side has: a heading and lines, without the empty ones.
pub fn lists(table: &CompareTable) -> Vec<(&'static str, Vec<String>)> {
    let operations = |side: usize| -> Vec<String> {
        let only = table.operations.iter().filter(|(_, counts)| counts[1 - side] == 0);
        only.map(|(operation, counts)| format!("{}, {}", label(operation), counted(counts[side], "span")))
            .collect()
    };
    let errors = |keep: fn([u64; 2]) -> bool| -> Vec<String> {
        let found = table.errors.iter().filter(|e| keep(e.counts));
        found
            .map(|e| {
                let what = if e.what.is_empty() { "error" } else { &e.what };
                let [a, b] = e.counts.map(grouped);
                format!("{what} in {}, {a} → {b}", label(&e.operation))
            })
            .collect()
    };
    [
        ("New services", table.services[1].clone()),
        ("Services that are gone", table.services[0].clone()),
        ("New operations", operations(1)),
        ("Operations that are gone", operations(0)),
        ("New errors", errors(|[a, _]| a == 0)),
        ("Errors that are gone", errors(|[_, b]| b == 0)),
        ("Errors, more or fewer", errors(|[a, b]| a > 0 && b > 0)),
    ]
    .into_iter()
    .filter(|(_, lines)| !lines.is_empty())
    .collect()
}

/// A key whose values differ, in words: what A alone has and what B alone has.
pub fn key_texts(change: &KeyChange) -> [String; 3] {
    let values = |side: usize| -> String {
        let list = &change.values[side];
        match (change.counts[side], list.is_empty()) {
            (0, _) => "not there".to_owned(),
            (n, true) if change.counts[1 - side] == 0 => counted(n.into(), "span"),
            (_, true) => "no other".to_owned(),
            _ => {
                let named: Vec<&str> =
                    list.iter().take(MOST_VALUES).map(|(value, _)| value.as_str()).collect();
                let more = list.len().saturating_sub(MOST_VALUES);
                let rest =
                    if more > 0 { format!(" and {} more", grouped(more as u64)) } else { String::new() };
                format!("{}{rest}", named.join(", "))
            }
        }
    };
    let key = if change.service.is_empty() {
        change.key.clone()
    } else {
        format!("{}: {}", change.service, change.key)
    };
    [key, values(0), values(1)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::compare::{CompareTally, ErrorChange};

    fn operation(name: &str) -> Operation {
        Operation { service: "shop".into(), name: name.into() }
    }

    fn table() -> CompareTable {
        let side = |count, cp_ns| CompareTally { count, cp_ns, ..CompareTally::default() };
        let row = |path: &[&str], status, a, b| CompareRow {
            path: path.iter().map(|name| operation(name)).collect(),
            is_whole: true,
            status,
            sides: [a, b],
            ..CompareRow::default()
        };
        CompareTable {
            n_traces: [1, 1],
            root_ns: [100_000_000, 150_000_000],
            rows: vec![
                row(&["R", "b"], RowStatus::Added, side(0, 0), side(1, 60_000_000)),
                row(&["R"], RowStatus::Changed, side(1, 60_000_000), side(1, 50_000_000)),
                row(&["R", "a"], RowStatus::Same, side(1, 40_000_000), side(1, 40_000_000)),
            ],
            operations: vec![(operation("b"), [0, 1])],
            errors: vec![ErrorChange { operation: operation("b"), what: String::new(), counts: [0, 2] }],
            ..CompareTable::default()
        }
    }

    #[test]
    fn rows_show_both_sides_and_add_up() {
        let table = table();
        let rows = Rows::new(&table, false, None);
        assert_eq!(rows.order, [0, 1]);
        let first = rows.row(&table, 0).unwrap();
        assert_eq!(first.cells, ["shop: b", "new", "–", "1", "", "–", "60.0 ms", "+60.00 ms"]);
        assert_eq!((first.note.as_str(), first.permille), ("below shop: R", 1000));
        assert_eq!(
            rows.sum(&table),
            "3 call paths add up to +50.00 ms = 150 ms − 100 ms; 1 unchanged row not shown"
        );
        let by_delta = Rows::new(&table, true, Some((7, false)));
        assert_eq!(by_delta.order, [1, 2, 0]);
        assert_eq!(by_delta.row(&table, 9), None);
    }

    #[test]
    fn sets_show_calls_per_trace() {
        let mut table = table();
        table.n_traces = [10, 4];
        table.rows[1].sides[0].count = 25;
        let text = Rows::new(&table, true, None).row(&table, 1).unwrap();
        assert_eq!(text.cells[2..4], ["2.5", "0.3"]);
    }

    #[test]
    fn what_one_side_has_is_listed() {
        assert_eq!(
            lists(&table()),
            [
                ("New operations", vec!["shop: b, 1 span".to_owned()]),
                ("New errors", vec!["error in shop: b, 0 → 2".to_owned()]),
            ]
        );
        let change = KeyChange {
            service: "shop".into(),
            key: "version".into(),
            counts: [2, 2],
            values: [vec![("1".into(), 2)], vec![("2".into(), 2)]],
        };
        assert_eq!(key_texts(&change), ["shop: version", "1", "2"]);
    }
}
