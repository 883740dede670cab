//! Spans in an order: numbers of rows, so that a million of them are sorted without being moved.

use crate::analysis::measured::Measured;
use crate::base::sort::CompactSort as _;
use crate::model::index::SpanIdx;
use crate::model::span::{Status, unpack_kind_status};
use crate::model::trace_set::TraceSet;
use crate::wire::table::{Member, SpanColumn, SpanRow};

use super::attribute::{self, AttributeColumn, MISSING};
use super::groups::{Groups, by_of};

/// Characters of a value in a row.
const MAX_VALUE: usize = 300;

/// Behind everything, in whichever direction it is sorted.
const LAST: i64 = i64::MAX;

/// Numbers of the rows that are in all of these groups and have all these words, as they stand in `measured`.
pub(super) fn chosen(
    set: &TraceSet,
    measured: &Measured,
    of: &[Member],
    words: &str,
    attributes: &[AttributeColumn],
) -> Vec<u32> {
    let mut rows: Vec<u32> = (0..measured.len() as u32).collect();
    for member in of {
        let groups = Groups::new(set, measured, &by_of(member), attributes);
        let wanted = groups.find(member);
        rows.retain(|&row| wanted.is_some() && groups.of_row.get(row as usize).copied() == wanted);
    }
    let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
    if !words.is_empty() {
        rows.retain(|&row| {
            let Some(&span) = measured.span.get(row as usize) else { return false };
            let service = set.columns().service.get(span as usize).copied().unwrap_or_default();
            let text = format!("{} {}", set.service_name(service), set.name(SpanIdx(span))).to_lowercase();
            words.iter().all(|word| text.contains(word.as_str()))
        });
    }
    rows
}

/// Sorts numbers of rows by a column; equal ones stay as they stand, and those without a value come last.
/// O(n log n).
pub(super) fn sort(
    set: &TraceSet,
    measured: &Measured,
    rows: &mut Vec<u32>,
    (column, is_descending): &(SpanColumn, bool),
    attributes: &[AttributeColumn],
) {
    let c = set.columns();
    let span = |row: u32| measured.span.get(row as usize).copied().unwrap_or_default() as usize;
    let time = |column: &[i64], row: u32| column.get(row as usize).copied().unwrap_or_default();
    let by_text: Vec<i64>;
    let key: &dyn Fn(u32) -> i64 = match column {
        SpanColumn::Start => &|row| time(&measured.start, row),
        SpanColumn::Duration => &|row| c.duration.get(span(row)).copied().unwrap_or_default(),
        SpanColumn::SelfTime => &|row| time(&measured.own, row),
        SpanColumn::Critical => &|row| time(&measured.critical, row),
        SpanColumn::Service => {
            let n = c.service.iter().max().map_or(0, |&most| most + 1);
            by_text = ranks((0..n).map(|service| set.service_name(service)));
            &|row| rank(&by_text, c.service.get(span(row)))
        }
        SpanColumn::Operation => {
            // Names have numbers in the set; only those that occur have a text here.
            let n = c.name.iter().max().map_or(0, |&most| most as usize + 1);
            let mut texts = vec![""; n];
            for &row in rows.iter() {
                let at = span(row);
                if let Some(text) = c.name.get(at).and_then(|&name| texts.get_mut(name as usize)) {
                    *text = set.name(SpanIdx::new(at));
                }
            }
            by_text = ranks(texts.into_iter());
            &|row| rank(&by_text, c.name.get(span(row)))
        }
        SpanColumn::Kind => {
            &|row| c.kind_status.get(span(row)).map_or(0, |&b| unpack_kind_status(b).0 as i64)
        }
        // Errors before all others when sorted from the largest.
        SpanColumn::Status => &|row| {
            let status = c.kind_status.get(span(row)).map_or(Status::Unset, |&b| unpack_kind_status(b).1);
            let failed = measured.is_error.get(row as usize).copied().unwrap_or_default();
            i64::from(failed) * 4 + status as i64
        },
        SpanColumn::SpanId => {
            // The order of unsigned numbers in signed ones.
            &|row| (c.span_id.get(span(row)).copied().unwrap_or_default() ^ 1 << 63).cast_signed()
        }
        SpanColumn::TraceId => {
            let ids: Vec<String> = set.traces().iter().map(|t| t.id.to_string()).collect();
            by_text = ranks(ids.iter().map(String::as_str));
            &|row| set.trace_of(SpanIdx::new(span(row))).map_or(0, |trace| rank(&by_text, Some(&trace.0)))
        }
        SpanColumn::Attribute(key) => {
            let Some(column) = attributes.iter().find(|column| column.key == *key) else { return };
            by_text = attribute_ranks(column);
            &|row| match column.value.get(row as usize) {
                Some(&value) if value != MISSING => rank(&by_text, Some(&value)),
                _ => LAST,
            }
        }
    };
    let keyed = |&row: &u32| match key(row) {
        LAST => (LAST, row),
        key if *is_descending => (!key, row),
        key => (key, row),
    };
    let mut keyed: Vec<(i64, u32)> = rows.iter().map(keyed).collect();
    keyed.sort_unstable();
    *rows = keyed.into_iter().map(|(_, row)| row).collect();
}

fn rank(ranks: &[i64], at: Option<&u32>) -> i64 {
    at.and_then(|&at| ranks.get(at as usize)).copied().unwrap_or_default()
}

/// The place of each text in alphabetical order.
fn ranks<'t>(texts: impl Iterator<Item = &'t str>) -> Vec<i64> {
    let mut order: Vec<(&str, usize)> = texts.zip(0..).collect();
    order.sort_unstable();
    let mut ranks = vec![0; order.len()];
    for ((_, at), rank) in order.into_iter().zip(0..) {
        ranks[at] = rank;
    }
    ranks
}

/// The place of each value: by number where all are numbers, else by text.
fn attribute_ranks(column: &AttributeColumn) -> Vec<i64> {
    let texts: Vec<&str> = (0..column.n_values() as u32).map(|value| column.text(value)).collect();
    // The first is the empty text, which is no value unless a span has it.
    let numbers: Option<Vec<f64>> = texts.iter().skip(1).map(|text| text.parse().ok()).collect();
    let Some(numbers) = numbers else { return ranks(texts.into_iter()) };
    let mut order: Vec<(f64, usize)> = numbers.into_iter().zip(1..).collect();
    order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let mut ranks = vec![-1; texts.len()];
    for ((_, at), rank) in order.into_iter().zip(0..) {
        ranks[at] = rank;
    }
    ranks
}

/// A row as it is shown, with the values of these attributes.
pub(super) fn row(set: &TraceSet, measured: &Measured, row: u32, keys: &[String]) -> Option<SpanRow> {
    let at = row as usize;
    let span = SpanIdx(*measured.span.get(at)?);
    let trace = set.trace_of(span)?;
    let summary = set.traces().get(trace.at())?;
    let c = set.columns();
    let (kind, status) = unpack_kind_status(*c.kind_status.get(span.at())?);
    let short = |text: String| -> String { text.chars().take(MAX_VALUE).collect() };
    let start_ns = *measured.start.get(at)?;
    Some(SpanRow {
        trace: trace.0,
        span: span.0.checked_sub(summary.first)?,
        trace_id: summary.id.to_string(),
        span_id: crate::model::ids::SpanId(*c.span_id.get(span.at())?).to_string(),
        start_ns,
        offset_ns: start_ns.saturating_sub(summary.start.0),
        duration_ns: *c.duration.get(span.at())?,
        self_ns: *measured.own.get(at)?,
        critical_ns: *measured.critical.get(at)?,
        service: set.service_name(*c.service.get(span.at())?).to_owned(),
        name: set.name(span).to_owned(),
        kind: kind.word().to_owned(),
        status: status.word().to_owned(),
        is_error: *measured.is_error.get(at)?,
        values: keys.iter().map(|key| attribute::value(set, span, key).map(short)).collect(),
    })
}

/// Keys of attributes, most frequent first, from spans spread over all of `measured`.
pub(super) fn keys(set: &TraceSet, measured: &Measured) -> Vec<String> {
    /// Spans that are looked at: enough to meet what is worth grouping by.
    const LOOKED_AT: usize = 2_000;
    /// Keys that are offered.
    const MOST_KEYS: usize = 200;
    let step = measured.len().div_ceil(LOOKED_AT).max(1);
    let mut counts = std::collections::BTreeMap::<String, u32>::new();
    for &span in measured.span.iter().step_by(step) {
        let details = set.details(SpanIdx(span));
        let resource = set.resource(details.resource);
        for (key, _) in details.attributes.iter().chain(&resource.attributes) {
            match counts.get_mut(*key) {
                Some(count) => *count += 1,
                None => drop(counts.insert((*key).to_owned(), 1)),
            }
        }
    }
    let mut keys: Vec<(String, u32)> = counts.into_iter().collect();
    keys.compact_sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    keys.into_iter().take(MOST_KEYS).map(|(key, _)| key).collect()
}

/// How a value of a column is written for machines.
pub(super) fn cell(row: &SpanRow, column: &SpanColumn, value: Option<&String>) -> (String, bool) {
    match column {
        SpanColumn::Operation => (row.name.clone(), false),
        SpanColumn::Service => (row.service.clone(), false),
        SpanColumn::Start => (row.start_ns.to_string(), true),
        SpanColumn::Duration => (row.duration_ns.to_string(), true),
        SpanColumn::SelfTime => (row.self_ns.to_string(), true),
        SpanColumn::Critical => (row.critical_ns.to_string(), true),
        SpanColumn::Kind => (row.kind.clone(), false),
        SpanColumn::Status => (if row.is_error { "error".to_owned() } else { row.status.clone() }, false),
        SpanColumn::SpanId => (row.span_id.clone(), false),
        SpanColumn::TraceId => (row.trace_id.clone(), false),
        SpanColumn::Attribute(_) => (value.cloned().unwrap_or_default(), false),
    }
}
