//! Statistics of spans by group, of one or two levels.

use std::cmp::Reverse;

use crate::analysis::measured::Measured;
use crate::analysis::statistics::{Totals, totals};
use crate::base::sort::CompactSort as _;
use crate::model::trace_set::TraceSet;
use crate::wire::table::{GroupBy, NO_ROW, StatisticsRows};

use super::attribute::AttributeColumn;
use super::groups::{Groups, Label};

/// Groups that are told of each level: an attribute can have a value of its own for each span.
const MOST_GROUPS: usize = 20_000;

/// The statistics, and how many groups are left out of them. Rows come by time on the critical path, then self
/// time, then by what they are called. O(n log n).
pub(super) fn statistics(
    set: &TraceSet,
    measured: &Measured,
    by: &[GroupBy],
    attributes: &[AttributeColumn],
) -> (StatisticsRows, usize) {
    let mut rows = StatisticsRows::default();
    let Some(first) = by.first() else { return (rows, 0) };
    let outer = Groups::new(set, measured, first, attributes);
    // Row of each group of the first level.
    let mut row_of = vec![NO_ROW; outer.labels.len()];
    let order = sorted(&outer.labels, totals(outer.labels.len(), measured.spent(set, &outer.of_row)));
    let mut n_left_out = order.len().saturating_sub(MOST_GROUPS);
    for (group, totals) in order.into_iter().take(MOST_GROUPS) {
        if let (Some(row), Some(label)) = (row_of.get_mut(group), outer.labels.get(group)) {
            *row = rows.len() as u32;
            push(&mut rows, NO_ROW, label, &totals);
        }
    }
    if let Some(second) = by.get(1) {
        let (inner, above) = outer.within(&Groups::new(set, measured, second, attributes));
        let order = sorted(&inner.labels, totals(inner.labels.len(), measured.spent(set, &inner.of_row)));
        n_left_out += order.len().saturating_sub(MOST_GROUPS);
        for (group, totals) in order.into_iter().take(MOST_GROUPS) {
            let row = above.get(group).and_then(|&outer| row_of.get(outer as usize)).copied();
            if let (Some(row), Some(label)) = (row.filter(|&row| row != NO_ROW), inner.labels.get(group)) {
                push(&mut rows, row, label, &totals);
            }
        }
    }
    (rows, n_left_out)
}

/// Groups with what they took, most important first.
fn sorted(labels: &[Label], totals: Vec<Totals>) -> Vec<(usize, Totals)> {
    let mut order: Vec<(usize, Totals)> = totals.into_iter().enumerate().collect();
    order.compact_sort_by_cached_key(|(group, totals)| {
        let label = labels.get(*group).cloned().unwrap_or_default();
        (Reverse(totals.critical_ns), Reverse(totals.self_ns), label.service, label.text, label.kind)
    });
    order
}

fn push(rows: &mut StatisticsRows, above: u32, label: &Label, totals: &Totals) {
    rows.above.push(above);
    rows.label.push(label.text.clone());
    rows.service.push(label.service.clone());
    rows.kind.push(label.kind.to_owned());
    rows.is_missing.push(label.is_missing.into());
    rows.count.push(totals.count);
    rows.errors.push(totals.errors);
    let t = totals;
    let times = [t.total_ns, t.self_ns, t.critical_ns, t.p50_ns, t.p95_ns, t.p99_ns, t.max_ns];
    for (column, time) in rows.times.iter_mut().zip(times) {
        column.push(time);
    }
}
