//! Comparing two traces or two sets of traces: trace by trace between other requests, then the table, the tree of
//! both, and which attribute values differ.
//!
//! What was found stays until another comparison, so that the calls of a row can be looked at side by side.

use std::collections::BTreeMap;

use crate::analysis::diff::{Comparer, Comparison, Side};
use crate::analysis::diff_adding::Taken;
use crate::analysis::diff_merged::{Merged, merge};
use crate::analysis::diff_values::ValueSets;
use crate::base::sort::CompactSort as _;
use crate::model::index::{ResourceIdx, SpanIdx, TraceIdx};
use crate::model::trace_set::{TraceSet, TraceSummary};
use crate::wire::analysis::AnalysisSettings;
use crate::wire::compare::{ComparePart, Entries};
use crate::wire::{PART, Response, pack_part};

use super::analysis_messages::settings_of;
use super::comparing_messages::{instances, table, tree, values};
use super::value::text;

/// Spans of small traces in one turn.
const SPANS_A_TURN: u64 = 20_000;
/// Spans whose attributes are compared in one turn.
const ATTRIBUTES_A_TURN: usize = 4_000;
/// With more spans on both sides together, the attributes of every second, third … are compared.
const MOST_TO_READ: u64 = 400_000;

/// A comparison: under way, or done and asked about.
#[derive(Debug)]
pub(super) struct Comparing {
    ask: u32,
    /// All traces of both sides, A's first.
    traces: Vec<(Side, TraceIdx)>,
    /// The next of them.
    next: usize,
    /// The trace of each side whose spans are kept: the only one, or that of middle length.
    typical: [Option<TraceIdx>; 2],
    kept: [Option<Taken>; 2],
    comparer: Comparer,
    is_adding: bool,
    spans: (u64, u64),
    found: Comparison,
    stage: Stage,
    question: Option<(u32, u32)>,
}

#[derive(Debug)]
enum Stage {
    Adding,
    /// The table is made.
    Table,
    /// The tree is made, then sent from this part on.
    Merging,
    Sending(Box<Merged>, usize),
    /// Attributes are read, of the trace `next` from this span on.
    Reading(Box<Reading>),
    Done,
}

#[derive(Debug, Default)]
struct Reading {
    sets: ValueSets,
    /// Spans of each side by resource.
    resources: BTreeMap<ResourceIdx, [u32; 2]>,
    span: usize,
    every: usize,
}

impl Comparing {
    pub(super) fn new(ask: u32, set: &TraceSet, settings: &AnalysisSettings, sides: &[Vec<u32>; 2]) -> Self {
        let summary = |trace: TraceIdx| set.traces().get(trace.at());
        let known = |side: Side| -> Vec<TraceIdx> {
            let indices = sides[side as usize].iter().copied().map(TraceIdx);
            indices.filter(|&trace| summary(trace).is_some()).collect()
        };
        let typical = Side::BOTH.map(|side| {
            let mut traces = known(side);
            traces.compact_sort_by_key(|&trace| (summary(trace).map(|s| s.duration), trace));
            traces.get(traces.len() / 2).copied()
        });
        let traces: Vec<(Side, TraceIdx)> =
            Side::BOTH.into_iter().flat_map(|side| known(side).into_iter().map(move |t| (side, t))).collect();
        let all = traces.iter().filter_map(|(_, t)| summary(*t)).map(|s| u64::from(s.n_entries)).sum();
        Self {
            ask,
            traces,
            next: 0,
            typical,
            kept: [None, None],
            comparer: Comparer::new(settings_of(settings)),
            is_adding: false,
            spans: (0, all),
            found: Comparison::default(),
            stage: Stage::Adding,
            question: None,
        }
    }

    /// Asks for the calls of a row; the answer comes from [`Self::slice`].
    pub(super) fn look_into(&mut self, ask: u32, row: u32) {
        self.question = Some((ask, row));
    }

    /// Whether [`Self::slice`] has nothing to do.
    pub(super) fn is_idle(&self) -> bool {
        matches!(self.stage, Stage::Done) && self.question.is_none()
    }

    /// Does the next piece of work.
    pub(super) fn slice(&mut self, set: &TraceSet, revision: u32, out: &mut Vec<Response>) {
        if !matches!(self.stage, Stage::Adding | Stage::Table)
            && let Some((ask, row)) = self.question.take()
        {
            if let Some(instances) = instances(set, &self.found, &self.kept, row) {
                out.push(Response::Instances { ask, instances });
            }
            return;
        }
        match std::mem::replace(&mut self.stage, Stage::Done) {
            Stage::Adding => {
                self.stage = if self.add(set) { Stage::Table } else { Stage::Adding };
                let (done, of) = self.spans;
                self.say(ComparePart::Progress { done, of }, Vec::new(), out);
            }
            Stage::Table => {
                self.found = std::mem::take(&mut self.comparer).finish();
                self.say(ComparePart::Table(Box::new(table(set, &self.found))), Vec::new(), out);
                self.stage = Stage::Merging;
            }
            Stage::Merging => {
                if let [Some(a), Some(b)] = &self.kept {
                    let merged = merge(a, b);
                    let ids = [a, b].map(|t| t.trace.id().to_string());
                    self.say(
                        ComparePart::Tree(Box::new(tree(&merged.trace, revision, ids))),
                        Vec::new(),
                        out,
                    );
                    self.stage = Stage::Sending(Box::new(merged), 0);
                } else {
                    self.stage = self.reading();
                }
            }
            Stage::Sending(merged, part) => {
                let is_last = self.send_part(&merged, part, out);
                self.stage = if is_last { self.reading() } else { Stage::Sending(merged, part + 1) };
            }
            Stage::Reading(mut reading) => {
                if self.read(set, &mut reading) {
                    let every = reading.every as u32;
                    self.say(
                        values(&self.found, std::mem::take(&mut reading.sets).finish(), every),
                        Vec::new(),
                        out,
                    );
                } else {
                    self.stage = Stage::Reading(reading);
                }
            }
            Stage::Done => {}
        }
    }

    fn say(&self, part: ComparePart, bytes: Vec<u8>, out: &mut Vec<Response>) {
        out.push(Response::Compare { ask: self.ask, part, bytes });
    }

    /// Takes in some traces, or does one step of a large one; returns whether all were taken in.
    fn add(&mut self, set: &TraceSet) -> bool {
        let mut spans = 0;
        while spans < SPANS_A_TURN {
            let Some(&(side, trace)) = self.traces.get(self.next) else { return true };
            if !self.is_adding {
                self.comparer.begin(set, trace, side);
                self.is_adding = true;
            }
            let n = set.traces().get(trace.at()).map_or(0, |summary| u64::from(summary.n_entries));
            if let Some(taken) = self.comparer.step(set) {
                (self.is_adding, self.next) = (false, self.next + 1);
                self.spans.0 += n;
                if self.typical[side as usize] == Some(trace) {
                    self.kept[side as usize] = Some(taken);
                }
            }
            // A trace is taken in in steps, of which one costs about a fifth of it.
            spans += n / 5 + 1;
        }
        self.next >= self.traces.len()
    }

    fn send_part(&self, merged: &Merged, part: usize, out: &mut Vec<Response>) -> bool {
        let n = merged.trace.len();
        let range = (part * PART).min(n)..((part + 1) * PART).min(n);
        let columns = merged.trace.columns().part(range.clone());
        // Names are numbered as they first occur, so a part brings those that no earlier one has.
        let highest = |from: usize, to: usize| {
            merged
                .trace
                .columns()
                .name
                .get(from..to)
                .unwrap_or_default()
                .iter()
                .max()
                .map_or(0, |&n| n as usize + 1)
        };
        let known = highest(0, range.start);
        let names = merged.trace.names().get(known..highest(0, range.end)).unwrap_or_default();
        let part = part as u32;
        self.say(ComparePart::TreePart { part }, pack_part(&columns, names), out);
        let of = |column: &'_ [i64]| column.get(range.clone()).unwrap_or_default().to_vec();
        let ids = |side: usize| -> Vec<u64> {
            let spans = merged.spans[side].get(range.clone()).unwrap_or_default();
            let taken = self.kept[side].as_ref();
            let id = |&span: &u32| {
                let taken = taken.filter(|t| (span as usize) < t.trace.len());
                taken.map_or(0, |t| t.trace.span_id(SpanIdx(span)).0)
            };
            spans.iter().map(id).collect()
        };
        let bytes = Entries::pack(&of(&merged.former[0]), &of(&merged.former[1]), [&ids(0), &ids(1)]);
        self.say(ComparePart::TreeEntries { part }, bytes, out);
        range.end >= n
    }

    fn reading(&mut self) -> Stage {
        self.next = 0;
        let every = self.spans.1.div_ceil(MOST_TO_READ).max(1) as usize;
        Stage::Reading(Box::new(Reading { every, ..Reading::default() }))
    }

    /// Reads attributes of some spans; returns whether all were read.
    fn read(&mut self, set: &TraceSet, reading: &mut Reading) -> bool {
        let mut n = 0;
        while let Some(&(side, trace)) = self.traces.get(self.next) {
            let range = set.traces().get(trace.at()).map(TraceSummary::range).unwrap_or_default();
            let mut at = range.start + reading.span;
            while at < range.end {
                if n >= ATTRIBUTES_A_TURN {
                    reading.span = at - range.start;
                    return false;
                }
                reading.add(set, side, SpanIdx::new(at));
                at += reading.every;
                n += 1;
            }
            // The next trace goes on where this one would have.
            reading.span = at - range.end;
            self.next += 1;
        }
        reading.add_resources(set);
        true
    }
}

impl Reading {
    fn add(&mut self, set: &TraceSet, side: Side, span: SpanIdx) {
        let details = set.details(span);
        let service = set.resource(details.resource).service;
        for (key, value) in &details.attributes {
            self.sets.add(side, service, key, &text(value).1, 1);
        }
        let of_side = &mut self.resources.entry(details.resource).or_default()[side as usize];
        *of_side = of_side.saturating_add(1);
    }

    fn add_resources(&mut self, set: &TraceSet) {
        for (resource, counts) in std::mem::take(&mut self.resources) {
            let resource = set.resource(resource);
            for (key, value) in &resource.attributes {
                let value = text(value).1;
                for (side, count) in Side::BOTH.into_iter().zip(counts).filter(|(_, count)| *count > 0) {
                    self.sets.add(side, resource.service, key, &value, count);
                }
            }
        }
    }
}
