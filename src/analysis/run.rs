//! One trace from its columns to its findings, in steps short enough that others get a turn in between.
//!
//! The same sequence serves the page, the command line and the tests. A run borrows nothing between two steps:
//! it holds a copy of the trace's columns and what was computed so far, and is given the set anew each time.
//! What the screen shows first is computed first; whoever drives a run sends each result on as it comes and
//! can drop the run at any moment.

mod steps;

use std::cell::RefCell;
use std::sync::Arc;

use super::attribute_pass::AttributePass;
use super::clock_domain::{ClockDomains, DomainSearch};
use super::clock_skew::{ClockOffset, Comparison};
use super::completion_path::Stretch;
use super::context::Context;
use super::critical_path::Sections;
use super::errors::Failure;
use super::facts::Facts;
use super::finding::Finding;
use super::gaps::Gap;
use super::headline::Headline;
use super::learned_order::{Learning, SeenOtherwise};
use super::prepared::{Prepared, Preparing};
use super::quality::Quality;
use super::recorded::{Columns, Recorded};
use super::relation::Relation;
use super::repeats::{IdenticalCalls, IdenticalSearch, RepeatGroup, RepeatSearch};
use super::retries::RetryGroup;
use super::sequences::Sequence;
use super::settings::Settings;
use super::statistics::{Adding, Operations};
use super::what_helps::{self, Help};
use super::what_if::{Replay, Trial};
use crate::base::heap;
use crate::model::index::{SpanIdx, TraceIdx};
use crate::model::trace::Trace;
use crate::model::trace_set::TraceSet;
use steps::{ARRANGE, Ended, FIRST_BY_SETTINGS, OPERATIONS, REPLAY, SELF_TIMES, STEPS};

/// What a step made that somebody may be waiting for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// [`Found::clocks`] and the times of [`Run::recorded`].
    Clocks,
    /// [`Found::path`] and [`Found::critical`].
    Path,
    /// [`Found::own_times`].
    SelfTimes,
    /// [`Found::completion`].
    Completion,
    /// [`Found::operations`], and again when [`Found::helps`] is there.
    Operations,
    /// [`Found::headline`]; comes again when more is known.
    Headline,
    /// [`Found::findings`]: those of the rules so far, in a large trace, and in the end all.
    Findings,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is there now.
    pub news: Option<News>,
    /// Whether nothing is left to do.
    pub is_done: bool,
}

/// What was computed so far; what was not is empty.
#[derive(Debug, Default)]
pub struct Found {
    /// Clocks of the trace, by domain; empty where they are taken as they are.
    pub clocks: Vec<ClockOffset>,
    /// How each span is related to its parent.
    pub relations: Vec<Relation>,
    /// What the request waited for.
    pub prepared: Arc<Prepared>,
    /// The critical path of the root.
    pub path: Sections,
    /// Time on it by span.
    pub critical: Vec<i64>,
    /// Self times by span: see [`super::self_time::SelfTimes::own`].
    pub own_times: Vec<i64>,
    /// The orders in which the request went, to ask what would be if.
    pub replay: Replay,
    /// Stretches without anything recorded.
    pub gaps: Vec<Gap>,
    /// The completion path; empty where nothing outlives the root.
    pub completion: Vec<Stretch>,
    /// Calls that are made again and again below one ancestor.
    pub repeats: Vec<RepeatGroup>,
    /// The same question asked again, anywhere in the request.
    pub identical_calls: Vec<IdenticalCalls>,
    /// Calls that were tried again.
    pub retries: Vec<RetryGroup>,
    /// Calls that could run at the same time; those that are repeats are told of there.
    pub sequences: Vec<Sequence>,
    /// Which of their orders another loaded trace contradicts.
    pub seen_otherwise: SeenOtherwise,
    /// Operations, most time on the critical path first.
    pub operations: Operations,
    /// What the request would gain from some of them, by row.
    pub helps: Vec<Option<Help>>,
    /// What trying one supposition after the other needs.
    trial: RefCell<Trial>,
    /// Those of which that is worked out, once it is known which: the next is the last.
    candidates: Option<Vec<what_helps::Operation>>,
    /// What failed, and how far that went.
    pub failures: Vec<Failure>,
    /// What is wrong, merged and in order.
    pub findings: Vec<Finding>,
    /// The answer in one sentence.
    pub headline: Headline,
    /// What the rules found so far, each on its own.
    raw: Vec<Finding>,
    /// Spans that rules looked at since findings were told, and whether there are new ones.
    untold: (usize, bool),
}

/// An analysis of one trace that is under way or over.
#[derive(Debug)]
pub struct Run {
    settings: Settings,
    wanted_root: Option<SpanIdx>,
    trace_idx: TraceIdx,
    /// The next step.
    step: usize,
    trace: Trace,
    domains: ClockDomains,
    columns: Arc<Columns>,
    /// Work that is under way.
    searching: Option<DomainSearch>,
    comparing: Option<Comparison>,
    preparing: Option<Preparing>,
    sorting: Option<Replay>,
    reading: Option<AttributePass>,
    adding: Option<Adding>,
    repeating: Option<RepeatSearch>,
    asking: Option<IdenticalSearch>,
    learning: Option<Learning>,
    /// These two do not depend on the settings.
    facts: Facts,
    quality: Quality,
    has_facts: bool,
    found: Found,
    /// The next rule.
    rule: usize,
}

impl Run {
    /// A run that has not begun. It explains `root`, or the main root.
    pub fn new(trace: TraceIdx, settings: Settings, root: Option<SpanIdx>) -> Self {
        Self {
            settings,
            wanted_root: root,
            trace_idx: trace,
            step: 0,
            trace: Trace::default(),
            domains: ClockDomains::default(),
            columns: Arc::default(),
            searching: None,
            comparing: None,
            preparing: None,
            sorting: None,
            reading: None,
            adding: None,
            repeating: None,
            asking: None,
            learning: None,
            facts: Facts::default(),
            quality: Quality::default(),
            has_facts: false,
            found: Found::default(),
            rule: 0,
        }
    }

    /// Begins anew with other settings or another root, and keeps what does not depend on them.
    pub fn again(&mut self, settings: Settings, root: Option<SpanIdx>) {
        (self.settings, self.wanted_root) = (settings, root);
        self.step = self.step.min(FIRST_BY_SETTINGS);
        self.columns = Arc::default();
        self.found = Found::default();
        (self.comparing, self.preparing) = (None, None);
        (self.sorting, self.adding, self.repeating, self.learning) = (None, None, None, None);
        self.asking = None;
        self.rule = 0;
    }

    /// Does the next piece of work. `set` is the one that the trace was in all the time.
    pub fn step(&mut self, set: &TraceSet) -> Progress {
        let Some((_, step)) = STEPS.get(self.step) else { return Progress { news: None, is_done: true } };
        let news = match step(self, set) {
            Ended::NotYet => return Progress { news: None, is_done: false },
            Ended::SoFar(news) => return Progress { news: Some(news), is_done: false },
            Ended::Quietly => None,
            Ended::With(news) => Some(news),
        };
        self.step += 1;
        Progress { news, is_done: self.is_done() }
    }

    /// Does everything that is left.
    pub fn finish(&mut self, set: &TraceSet) {
        while !self.step(set).is_done {}
    }

    /// Whether nothing is left to do.
    pub fn is_done(&self) -> bool {
        self.step >= STEPS.len()
    }

    /// Whether a what-if can be asked, and anything about a span.
    pub fn has_replay(&self) -> bool {
        self.is_over(REPLAY)
    }

    /// Whether names, failures, self times and times on the critical path are known.
    pub fn has_operations(&self) -> bool {
        self.is_over(OPERATIONS)
    }

    /// Whether [`Found::findings`] are all.
    pub fn has_all_findings(&self) -> bool {
        self.is_over(ARRANGE)
    }

    fn is_over(&self, step: &str) -> bool {
        STEPS.iter().take(self.step).any(|(name, _)| *name == step)
    }

    /// Whether times on the critical path and self times are there.
    pub fn has_times(&self) -> bool {
        self.is_over(SELF_TIMES)
    }

    /// The next step's name, how many are done, and how many there are.
    pub fn progress(&self) -> (&'static str, usize, usize) {
        (STEPS.get(self.step).map_or("", |(name, _)| name), self.step, STEPS.len())
    }

    /// The trace's position in its set.
    pub fn trace_idx(&self) -> TraceIdx {
        self.trace_idx
    }

    /// The trace; without spans before the first step.
    pub fn trace(&self) -> &Trace {
        &self.trace
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Names of the clocks.
    pub fn domains(&self) -> &ClockDomains {
        &self.domains
    }

    /// The spans with corrected times. Not before the clocks are known.
    pub fn recorded(&self) -> Recorded<'_> {
        Recorded::again(&self.trace, &self.columns)
    }

    /// The root that is explained; none in a trace without spans.
    pub fn root(&self) -> Option<SpanIdx> {
        self.found.prepared.root()
    }

    /// What attributes, events and names say; empty until all spans were read.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// What rules look at, as far as it is known.
    pub fn with_context<R>(&self, set: &TraceSet, look: impl FnOnce(&Context) -> R) -> R {
        let found = &self.found;
        look(&Context {
            set,
            trace_idx: self.trace_idx,
            settings: &self.settings,
            domains: &self.domains,
            clocks: &found.clocks,
            recorded: &self.recorded(),
            relations: &found.relations,
            prepared: &found.prepared,
            path: &found.path,
            critical: &found.critical,
            completion: &found.completion,
            own_times: &found.own_times,
            gaps: &found.gaps,
            replay: &found.replay,
            trial: &found.trial,
            operations: &found.operations,
            sequences: &found.sequences,
            seen_otherwise: &found.seen_otherwise,
            facts: &self.facts,
            quality: &self.quality,
            repeats: &found.repeats,
            identical_calls: &found.identical_calls,
            retries: &found.retries,
            failures: &found.failures,
        })
    }

    /// Bytes held on the heap by columns of spans, without those of [`Self::trace`]: what grows with the trace.
    pub fn heap_bytes(&self) -> usize {
        let found = &self.found;
        self.columns.heap_bytes()
            + self.domains.heap_bytes()
            + self.facts.heap_bytes()
            + found.prepared.heap_bytes()
            + found.replay.heap_bytes()
            + heap::bytes(&found.relations)
            + found.path.heap_bytes()
            + heap::bytes(&found.critical)
            + heap::bytes(&found.own_times)
            + heap::bytes(&found.gaps)
            + heap::bytes(&found.completion)
            + heap::bytes(&found.operations.of_span)
            + heap::bytes(&found.failures)
            + found.repeats.iter().map(|group| heap::bytes(&group.calls)).sum::<usize>()
            + found.identical_calls.iter().map(|group| heap::bytes(&group.calls)).sum::<usize>()
            + found.findings.iter().map(|finding| heap::bytes(&finding.about)).sum::<usize>()
    }

    /// What was computed so far.
    pub fn found(&self) -> &Found {
        &self.found
    }
}

#[cfg(test)]
#[path = "run_tests.rs"]
mod tests;
