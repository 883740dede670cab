//! Taking in the traces of a comparison, in steps, so that whoever drives it can stop in between.

use std::sync::Arc;

use super::attribute_pass::AttributePass;
use super::call_paths::CallPaths;
use super::clock_skew::corrected;
use super::critical_path::{critical_path, time_by_span};
use super::diff::{Comparison, ErrorCount, OperationCount, Placed, Side, Tally, rows};
use super::facts::Facts;
use super::normalise;
use super::prepared::Prepared;
use super::recorded::{Columns, Recorded};
use super::relation::{Relation, relations};
use super::self_time::self_times;
use super::settings::Settings;
use super::wording::short;
use crate::base::hash::{self, Numbers};
use crate::base::sort::CompactSort as _;
use crate::model::index::{SpanIdx, TraceIdx};
use crate::model::trace::Trace;
use crate::model::trace_set::TraceSet;

/// Spans whose attributes are read in one step.
const SPANS_A_STEP: usize = 20_000;
/// Kinds of errors that are told apart.
const MOST_ERRORS: usize = 10_000;
/// Longest text of an error.
const MOST_CHARACTERS: usize = 120;

/// Takes in traces of either side.
#[derive(Debug, Default)]
pub struct Comparer {
    settings: Settings,
    paths: CallPaths,
    tallies: Vec<[Tally; 2]>,
    examples: Vec<[Option<Example>; 2]>,
    n_traces: [u32; 2],
    root_ns: [i64; 2],
    errors: Vec<ErrorCount>,
    known_errors: Numbers,
    adding: Option<Adding>,
}

#[derive(Clone, Copy, Debug)]
struct Example {
    placed: Placed,
    /// Time on the critical path, then duration.
    weight: (i64, i64),
}

/// The trace that is being taken in.
#[derive(Debug)]
struct Adding {
    side: Side,
    trace_idx: TraceIdx,
    trace: Trace,
    columns: Arc<Columns>,
    relations: Vec<Relation>,
    critical: Vec<i64>,
    own: Vec<i64>,
    reading: AttributePass,
    facts: Facts,
    next: Step,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Clocks,
    Path,
    SelfTimes,
    Facts,
    Tallies,
}

/// A trace that was taken in: what it takes to look at its spans again.
#[derive(Debug)]
pub struct Taken {
    /// Which one.
    pub trace_idx: TraceIdx,
    /// Its columns.
    pub trace: Trace,
    /// See [`Recorded::again`].
    pub columns: Arc<Columns>,
    /// The call path of each span; [`u32::MAX`] for placeholders.
    pub nodes: Vec<u32>,
}

impl Taken {
    /// The trace as the comparison sees it.
    pub fn recorded(&self) -> Recorded<'_> {
        Recorded::again(&self.trace, &self.columns)
    }
}

impl Comparer {
    /// Nothing was taken in yet.
    pub fn new(settings: Settings) -> Self {
        Self { settings, ..Self::default() }
    }

    /// Begins with a trace; [`Self::step`] goes on.
    pub fn begin(&mut self, set: &TraceSet, trace_idx: TraceIdx, side: Side) {
        let trace = set.trace(trace_idx);
        self.adding = Some(Adding {
            side,
            trace_idx,
            reading: AttributePass::of_failures(set, trace_idx, &trace),
            trace,
            columns: Arc::default(),
            relations: Vec::new(),
            critical: Vec::new(),
            own: Vec::new(),
            facts: Facts::default(),
            next: Step::Clocks,
        });
    }

    /// Does the next step; gives the trace once it was taken in. All steps together take O(n log n).
    pub fn step(&mut self, set: &TraceSet) -> Option<Taken> {
        let adding = self.adding.as_mut()?;
        let trace = &adding.trace;
        match adding.next {
            Step::Clocks => {
                let recorded = corrected(set, adding.trace_idx, trace, &self.settings);
                adding.relations = relations(&recorded, &self.settings);
                adding.columns = recorded.columns();
                adding.next = Step::Path;
            }
            Step::Path => {
                let recorded = Recorded::again(trace, &adding.columns);
                let prepared = recorded
                    .main_root()
                    .map(|root| Prepared::new(&recorded, &adding.relations, &self.settings, root));
                adding.critical = time_by_span(&critical_path(&prepared.unwrap_or_default()), trace.len());
                adding.next = Step::SelfTimes;
            }
            Step::SelfTimes => {
                let recorded = Recorded::again(trace, &adding.columns);
                adding.own = self_times(&recorded, &adding.relations).own;
                adding.next = Step::Facts;
            }
            Step::Facts => {
                if adding.reading.slice(set, trace, SPANS_A_STEP) {
                    adding.facts = std::mem::take(&mut adding.reading).finish().0;
                    adding.next = Step::Tallies;
                }
            }
            Step::Tallies => {
                let adding = self.adding.take()?;
                return Some(self.take_in(adding));
            }
        }
        None
    }

    /// All steps of a trace at once.
    pub fn add(&mut self, set: &TraceSet, trace_idx: TraceIdx, side: Side) -> Option<Taken> {
        self.begin(set, trace_idx, side);
        while self.adding.is_some() {
            if let Some(taken) = self.step(set) {
                return Some(taken);
            }
        }
        None
    }

    fn take_in(&mut self, adding: Adding) -> Taken {
        let Adding { side, trace_idx, trace, columns, critical, own, facts, .. } = adding;
        let recorded = Recorded::again(&trace, &columns);
        let at = side as usize;
        if let Some(root) = recorded.main_root() {
            self.n_traces[at] += 1;
            self.root_ns[at] = self.root_ns[at].saturating_add(recorded.duration(root));
        }
        let mut nodes = vec![u32::MAX; trace.len()];
        let mut of_trace = self.paths.of(&trace);
        for span in recorded.spans() {
            let above = recorded.parent(span).map(|parent| nodes[parent.at()]);
            nodes[span.at()] = of_trace.node(above, span);
        }
        self.tallies.resize(self.paths.len(), Default::default());
        self.examples.resize(self.paths.len(), Default::default());
        for span in recorded.spans() {
            let (node, duration) = (nodes[span.at()], recorded.duration(span));
            let (cp_ns, self_ns) = (critical[span.at()], own[span.at()]);
            let errors = u64::from(facts.is_error(span));
            let tally = Tally { count: 1, total_ns: duration, self_ns, cp_ns, errors };
            self.tallies[node as usize][at].add(&tally);
            let weight = (cp_ns, duration);
            let best = &mut self.examples[node as usize][at];
            if best.is_none_or(|best| best.weight < weight) {
                *best = Some(Example { placed: Placed { trace: trace_idx, span }, weight });
            }
        }
        for span in facts.errors() {
            self.count_error(&facts, span, self.paths.operation(nodes[span.at()]), at);
        }
        Taken { trace_idx, trace, columns, nodes }
    }

    fn count_error(&mut self, facts: &Facts, span: SpanIdx, operation: u32, side: usize) {
        let message = || facts.error_message(span).map(normalise::span_name);
        let what = facts.error_type(span).map(str::to_owned).or_else(message).unwrap_or_default();
        let what = short(&what, MOST_CHARACTERS);
        let key = hash::text(hash::mix(u64::from(operation), 0), &what);
        if self.errors.len() >= MOST_ERRORS && self.known_errors.get(key).is_none() {
            return;
        }
        let at = self.known_errors.get_or(key, self.errors.len()) as usize;
        if at == self.errors.len() {
            self.errors.push(ErrorCount { operation, what, counts: [0; 2] });
        }
        self.errors[at].counts[side] += 1;
    }

    /// Both sides together. O(n log n) in paths.
    pub fn finish(self) -> Comparison {
        let Self { paths, tallies, examples, n_traces: n, root_ns, mut errors, .. } = self;
        let rows = rows(&paths, &tallies, n);
        let mut counts = vec![[0_u64; 2]; paths.n_operations()];
        for (node, sides) in tallies.iter().enumerate() {
            let of_operation = &mut counts[paths.operation(node as u32) as usize];
            for (sum, tally) in of_operation.iter_mut().zip(sides) {
                *sum += tally.count;
            }
        }
        let names = |operation: u32| {
            let (service, name) = paths.operation_names(operation);
            (service.to_owned(), name.to_owned())
        };
        let mut operations: Vec<OperationCount> = (0..)
            .zip(counts)
            .filter(|(_, counts)| counts.contains(&0) && *counts != [0, 0])
            .map(|(operation, counts)| OperationCount { operation, counts })
            .collect();
        operations.compact_sort_by_cached_key(|o| names(o.operation));
        let per_trace =
            |counts: [u64; 2]| counts[0] * u64::from(n[1].max(1)) != counts[1] * u64::from(n[0].max(1));
        errors.retain(|error| per_trace(error.counts));
        errors.compact_sort_by_cached_key(|error| (names(error.operation), error.what.clone()));
        let average = |at: usize| root_ns[at].checked_div(i64::from(n[at])).unwrap_or_default();
        Comparison {
            n_traces: n,
            root_ns: [average(0), average(1)],
            rows,
            operations,
            errors,
            examples: examples.into_iter().map(|sides| sides.map(|e| e.map(|e| e.placed))).collect(),
            paths,
        }
    }
}
