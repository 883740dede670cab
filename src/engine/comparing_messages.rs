//! What a comparison found, as messages.

use std::collections::BTreeMap;

use crate::analysis::diff::{Comparison, OperationCount, Placed, Row, Side, Status, Tally};
use crate::analysis::diff_adding::Taken;
use crate::analysis::diff_merged;
use crate::analysis::diff_sentence::sentence;
use crate::analysis::diff_values;
use crate::model::ids::SpanId;
use crate::model::index::SpanIdx;
use crate::model::trace::Trace;
use crate::model::trace_set::TraceSet;
use crate::wire::compare::{
    AttributeChange, ComparePart, CompareRow, CompareTable, CompareTally, CompareTree, ErrorChange, Instance,
    InstancePair, Instances, KeyChange, Operation, RowStatus, SpanPlace,
};
use crate::wire::{TraceFacts, TraceHead, n_parts};

use super::value::text;

/// Rows that are told; more would be read by nobody. The sums of the others are told.
const MOST_ROWS: usize = 2_000;
/// Elements of a path that are told.
const MOST_ELEMENTS: usize = 12;
/// Operations, errors and keys that are told.
const MOST_LISTED: usize = 300;
/// Calls of a row that are shown side by side.
const MOST_PAIRS: usize = 100;
/// Attributes of a pair.
const MOST_ATTRIBUTES: usize = 60;
/// Characters of a value.
const MOST_CHARACTERS: usize = 200;

/// The table. O(n log n) in call paths.
pub(super) fn table(set: &TraceSet, found: &Comparison) -> CompareTable {
    let (shown, others) = found.rows.split_at(found.rows.len().min(MOST_ROWS));
    let sum = |side: usize| others.iter().map(|row| row.sides[side].cp_ns).sum();
    let services = services(found);
    let only = |side: usize| -> Vec<String> {
        let only = services.iter().filter(|(_, counts)| counts[side] > 0 && counts[1 - side] == 0);
        only.map(|(service, _)| service.clone()).take(MOST_LISTED).collect()
    };
    CompareTable {
        n_traces: found.n_traces,
        root_ns: found.root_ns,
        sentence: sentence(found),
        roots: [0, 1].map(|side: usize| root(found, side)),
        rows: shown.iter().map(|row| row_message(set, found, row)).collect(),
        others: (others.len() as u32, [sum(0), sum(1)]),
        operations: found
            .operations
            .iter()
            .take(MOST_LISTED)
            .map(|&OperationCount { operation: o, counts }| (operation(found, o), counts))
            .collect(),
        services: [only(0), only(1)],
        errors: found
            .errors
            .iter()
            .take(MOST_LISTED)
            .map(|e| ErrorChange {
                operation: operation(found, e.operation),
                what: e.what.clone(),
                counts: e.counts,
            })
            .collect(),
    }
}

/// Spans of each service on either side.
fn services(found: &Comparison) -> BTreeMap<String, [u64; 2]> {
    let mut services: BTreeMap<String, [u64; 2]> = BTreeMap::new();
    for row in &found.rows {
        // What moved counts on both sides, under the same service.
        let (service, _) = found.paths.operation_names(found.paths.operation(row.node));
        let counts = services.entry(service.to_owned()).or_default();
        for (sum, side) in counts.iter_mut().zip(&row.sides) {
            *sum += side.count;
        }
    }
    services
}

/// The operation of the roots of a side, where all of them are the same.
fn root(found: &Comparison, side: usize) -> Option<Operation> {
    let is_root = |row: &&Row| found.paths.parent(row.node).is_none() && row.sides[side].count > 0;
    let mut roots = found.rows.iter().filter(is_root);
    let first = roots.next()?;
    roots.next().is_none().then(|| operation(found, found.paths.operation(first.node)))
}

fn operation(found: &Comparison, operation: u32) -> Operation {
    let (service, name) = found.paths.operation_names(operation);
    Operation { service: service.to_owned(), name: name.to_owned() }
}

fn row_message(set: &TraceSet, found: &Comparison, row: &Row) -> CompareRow {
    let path = |node: u32| {
        let (operations, is_whole) = found.paths.last_operations(node, MOST_ELEMENTS);
        (operations.into_iter().map(|o| operation(found, o)).collect::<Vec<_>>(), is_whole)
    };
    let (elements, is_whole) = path(row.node);
    CompareRow {
        path: elements,
        is_whole,
        from: row.from.map(|from| path(from).0).unwrap_or_default(),
        status: match row.status {
            Status::Added => RowStatus::Added,
            Status::Removed => RowStatus::Removed,
            Status::Moved => RowStatus::Moved,
            Status::Changed => RowStatus::Changed,
            Status::Same => RowStatus::Same,
        },
        sides: row.sides.map(|t: Tally| CompareTally {
            count: t.count,
            total_ns: t.total_ns,
            self_ns: t.self_ns,
            cp_ns: t.cp_ns,
            errors: t.errors,
        }),
        examples: Side::BOTH.map(|side| found.example(row, side).and_then(|placed| place(set, placed))),
    }
}

fn place(set: &TraceSet, placed: Placed) -> Option<SpanPlace> {
    let summary = set.traces().get(placed.trace.at())?;
    let id = set.columns().span_id.get(summary.first as usize + placed.span.at())?;
    Some(SpanPlace { trace: summary.id.to_string(), span: SpanId(*id).to_string() })
}

/// The tree of both is about to come.
pub(super) fn tree(trace: &Trace, revision: u32, traces: [String; 2]) -> CompareTree {
    let head = TraceHead {
        revision,
        complete: true,
        trace: 0,
        id: trace.id().to_string(),
        start: trace.start_time().0,
        duration: trace.duration().0,
        n_entries: trace.len() as u32,
        n_parts: n_parts(trace.len()) as u32,
        services: trace.services().to_vec(),
        facts: TraceFacts::default(),
    };
    CompareTree { head, traces }
}

/// Attributes whose values differ.
///
/// Those of a service that only one side has say no more than that.
pub(super) fn values(
    found: &Comparison,
    mut changes: Vec<diff_values::KeyChange>,
    every: u32,
) -> ComparePart {
    let services = services(found);
    changes.retain(|change| services.get(&change.service).is_none_or(|counts| !counts.contains(&0)));
    let n_more = changes.len().saturating_sub(MOST_LISTED) as u32;
    let values = |list: Vec<(String, u32)>| list.into_iter().map(|(v, n)| (cut(&v), n)).collect();
    let keys = changes.into_iter().take(MOST_LISTED).map(|change| KeyChange {
        service: change.service,
        key: change.key,
        counts: change.counts,
        values: change.values.map(values),
    });
    ComparePart::Values { keys: keys.collect(), n_more, every }
}

/// The calls of a row side by side: all of them where each side is one trace, else the most telling ones. O(n).
pub(super) fn instances(
    set: &TraceSet,
    found: &Comparison,
    kept: &[Option<Taken>; 2],
    row: u32,
) -> Option<Instances> {
    let told = found.rows.get(row as usize)?;
    let counts = told.sides.map(|side| side.count);
    let is_example = found.n_traces != [1, 1];
    let spans: [Vec<Placed>; 2] = Side::BOTH.map(|side| {
        if is_example {
            return found.example(told, side).into_iter().collect();
        }
        let node = if side == Side::A { told.from.unwrap_or(told.node) } else { told.node };
        let Some(taken) = &kept[side as usize] else { return Vec::new() };
        let spans = diff_merged::instances(taken, node);
        spans.into_iter().map(|span| Placed { trace: taken.trace_idx, span }).collect()
    });
    let n = spans[0].len().max(spans[1].len()).min(MOST_PAIRS);
    let pairs = (0..n).map(|k| {
        let both = [0, 1].map(|side: usize| spans[side].get(k).copied());
        InstancePair {
            sides: both.map(|placed| placed.and_then(|placed| instance(set, placed))),
            changes: match both {
                [Some(a), Some(b)] => changes(set, a, b),
                _ => Vec::new(),
            },
        }
    });
    Some(Instances { row, pairs: pairs.collect(), counts, is_example })
}

fn instance(set: &TraceSet, placed: Placed) -> Option<Instance> {
    let summary = set.traces().get(placed.trace.at())?;
    let at = SpanIdx(summary.first + placed.span.0);
    let c = set.columns();
    let root = c.start.get(summary.main_root as usize)?;
    Some(Instance {
        place: place(set, placed)?,
        name: set.name(at).to_owned(),
        start_ns: c.start.get(at.at())?.saturating_sub(*root),
        duration_ns: *c.duration.get(at.at())?,
    })
}

/// Attributes, status message and name that differ, by key.
fn changes(set: &TraceSet, a: Placed, b: Placed) -> Vec<AttributeChange> {
    let mut all: BTreeMap<String, [Option<String>; 2]> = BTreeMap::new();
    for (side, placed) in [a, b].into_iter().enumerate() {
        let Some(summary) = set.traces().get(placed.trace.at()) else { continue };
        let details = set.details(SpanIdx(summary.first + placed.span.0));
        let resource = set.resource(details.resource);
        for (key, value) in details.attributes.iter().chain(&resource.attributes) {
            all.entry((*key).to_owned()).or_default()[side] = Some(cut(&text(value).1));
        }
        if !details.status_message.is_empty() {
            all.entry("status message".to_owned()).or_default()[side] = Some(cut(details.status_message));
        }
    }
    let differ = all.into_iter().filter(|(_, values)| values[0] != values[1]);
    differ.map(|(key, values)| AttributeChange { key, values }).take(MOST_ATTRIBUTES).collect()
}

fn cut(text: &str) -> String {
    let mut short: String = text.chars().take(MOST_CHARACTERS).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
