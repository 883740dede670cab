//! What stands in the cells of the tables of spans and of their statistics.

use crate::base::text::grouped;
use crate::model::time::{DurationNanos, UnixNanos};
use crate::view::format;
use crate::view::text::visible;
use crate::wire::table::{SpanColumn, SpanRow, StatColumn, StatisticsRows};

/// With fewer values a high percentile says little, and is shown with their number.
const FEW: u32 = 20;

/// A cell in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// What it says.
    pub text: String,
    /// What is to be known with it; may be empty.
    pub note: String,
    /// Without loss, where that is more; else empty.
    pub exact: String,
}

/// A number of a row of statistics; `window_ns` is the time that the spans are from.
pub fn statistic(rows: &StatisticsRows, row: usize, column: StatColumn, window_ns: i64) -> Cell {
    let of = |counts: &[u32]| counts.get(row).copied().unwrap_or_default();
    let count = of(&rows.count);
    let plain = |text: String| Cell { text, ..Cell::default() };
    match column {
        StatColumn::Group => Cell::default(),
        StatColumn::Count => plain(grouped(count.into())),
        StatColumn::Rate => plain(rate(count, window_ns)),
        StatColumn::Errors => match of(&rows.errors) {
            0 => Cell::default(),
            n => Cell {
                text: grouped(n.into()),
                note: format::percent(i64::from(n), i64::from(count.max(1))),
                exact: String::new(),
            },
        },
        column => {
            let time = DurationNanos(rows.time(row, column).unwrap_or_default());
            let is_rare = matches!(column, StatColumn::P95 | StatColumn::P99) && count < FEW;
            Cell {
                text: format::duration(time),
                note: if is_rare { format!("of {count}") } else { String::new() },
                exact: format::duration_exact(time),
            }
        }
    }
}

/// Spans per second, three digits: floats are for pixels.
fn rate(count: u32, window_ns: i64) -> String {
    if window_ns <= 0 {
        return "–".to_owned();
    }
    let thousandths = u64::try_from(i128::from(count) * 1_000_000_000_000 / i128::from(window_ns));
    match thousandths.unwrap_or(u64::MAX) {
        0 => "< 0.001".to_owned(),
        n @ 1..10_000 => format!("{}.{:03}", n / 1000, n % 1000),
        n @ 10_000..100_000 => format!("{}.{}", n / 1000, n % 1000 / 100),
        n => grouped(n / 1000),
    }
}

/// A cell of a row of spans. `earlier_ns` is by how much the shown trace begins before its recorded start;
/// spans of several traces (none) start at a time of day.
pub fn span(row: &SpanRow, column: &SpanColumn, value: Option<&String>, earlier_ns: Option<i64>) -> Cell {
    let time = |ns: i64| Cell {
        text: format::duration(DurationNanos(ns)),
        note: String::new(),
        exact: format::duration_exact(DurationNanos(ns)),
    };
    let plain = |text: &str| Cell { text: visible(text, false).into_owned(), ..Cell::default() };
    let or = |text: &str, missing: &str| plain(if text.is_empty() { missing } else { text });
    match column {
        SpanColumn::Operation => or(&row.name, "(no name)"),
        SpanColumn::Service => or(&row.service, "(no service)"),
        SpanColumn::Start => match earlier_ns {
            Some(earlier) => Cell {
                text: format::offset(DurationNanos(row.offset_ns.saturating_add(earlier))),
                note: String::new(),
                exact: format::started_exact(UnixNanos(row.start_ns)),
            },
            None => Cell {
                text: format::started(UnixNanos(row.start_ns)),
                note: String::new(),
                exact: format::started_exact(UnixNanos(row.start_ns)),
            },
        },
        SpanColumn::Duration => time(row.duration_ns),
        SpanColumn::SelfTime => time(row.self_ns),
        SpanColumn::Critical if row.critical_ns == 0 => Cell::default(),
        SpanColumn::Critical => time(row.critical_ns),
        SpanColumn::Kind => plain(&row.kind),
        SpanColumn::Status if row.is_error => plain("error"),
        SpanColumn::Status => plain(&row.status),
        SpanColumn::SpanId => plain(&row.span_id),
        SpanColumn::TraceId => plain(&row.trace_id),
        SpanColumn::Attribute(_) => plain(value.map_or("", String::as_str)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_percentiles_say_how_rare() {
        let rows = StatisticsRows {
            count: vec![19, 20],
            errors: vec![1, 0],
            times: std::array::from_fn(|_| vec![1_500_000, 2]),
            ..StatisticsRows::default()
        };
        let text = |row, column| {
            let cell = statistic(&rows, row, column, 1_000_000_000);
            [cell.text, cell.note].join("|")
        };
        assert_eq!(text(0, StatColumn::P95), "1.50 ms|of 19");
        assert_eq!(text(0, StatColumn::P50), "1.50 ms|");
        assert_eq!(text(1, StatColumn::P99), "2 ns|");
        assert_eq!(text(0, StatColumn::Errors), "1|5.3 %");
        assert_eq!(text(1, StatColumn::Errors), "|");
        assert_eq!(text(1, StatColumn::Rate), "20.0|");
    }

    #[test]
    fn rates_have_three_digits() {
        let second = 1_000_000_000;
        assert_eq!(rate(5, second), "5.000");
        assert_eq!(rate(1_234, second), "1,234");
        assert_eq!(rate(1, 3_600 * 1_000 * second), "< 0.001");
        assert_eq!(rate(1, 0), "–");
    }

    #[test]
    fn starts_are_relative_within_a_trace() {
        let row = SpanRow { start_ns: 1_700_000_000_000_000_000, offset_ns: 5, ..SpanRow::default() };
        let start = |earlier| span(&row, &SpanColumn::Start, None, earlier).text;
        assert_eq!((start(Some(2)), start(None)), ("+7 ns".to_owned(), "2023-11-14 22:13:20.000".to_owned()));
        assert_eq!(span(&row, &SpanColumn::Operation, None, None).text, "(no name)");
    }
}
