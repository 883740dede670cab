//! One trace from its columns to its findings, in steps short enough that others get a turn in between.
//!
//! The same sequence serves the page, the command line and the tests. A run borrows nothing between two steps:
//! it holds a copy of the trace's columns and what was computed so far, and is given the set anew each time.
//! What the screen shows first is computed first; whoever drives a run sends each result on as it comes and
//! can drop the run at any moment.

use std::sync::Arc;

use super::clock_domain::ClockDomains;
use super::clock_skew::{ClockOffset, clock_offsets};
use super::completion_path::{Stretch, completion_path};
use super::context::Context;
use super::critical_path::{Section, critical_path, time_by_span};
use super::errors::{Failure, failures};
use super::facts::Facts;
use super::facts_builder::FactsBuilder;
use super::finding::Finding;
use super::gaps::{Gap, gaps};
use super::headline::{Headline, headline};
use super::prepared::Prepared;
use super::quality::{Quality, QualityBuilder};
use super::ranking;
use super::recorded::{Columns, Recorded};
use super::relation::{Relation, relations};
use super::repeats::{IdenticalCalls, RepeatGroup, drop_told, identical_calls, repeats};
use super::retries::{RetryGroup, retries};
use super::rules::{Find, RULES};
use super::self_time::{SelfTimes, self_times};
use super::sequences::{Sequence, sequences};
use super::settings::Settings;
use super::statistics::Operations;
use super::what_helps::{self, Help, help};
use super::what_if::Replay;
use crate::model::index::{SpanIdx, TraceIdx};
use crate::model::trace::Trace;
use crate::model::trace_set::TraceSet;

/// What a step made that somebody may be waiting for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// [`Found::clocks`] and the times of [`Run::recorded`].
    Clocks,
    /// [`Found::path`] and [`Found::critical`].
    Path,
    /// [`Found::self_times`].
    SelfTimes,
    /// [`Found::completion`].
    Completion,
    /// [`Found::operations`], and again when [`Found::helps`] is there.
    Operations,
    /// [`Found::headline`]; comes again when more is known.
    Headline,
    /// [`Found::findings`].
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
    pub prepared: Prepared,
    /// The critical path of the root.
    pub path: Vec<Section>,
    /// Time on it by span.
    pub critical: Vec<i64>,
    /// Self times by span.
    pub self_times: SelfTimes,
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
    /// Operations, most time on the critical path first.
    pub operations: Operations,
    /// What the request would gain from some of them, by row.
    pub helps: Vec<Option<Help>>,
    /// Those of which that is worked out: the next is the last.
    candidates: Vec<what_helps::Operation>,
    /// What failed, and how far that went.
    pub failures: Vec<Failure>,
    /// What is wrong, merged and in order.
    pub findings: Vec<Finding>,
    /// The answer in one sentence.
    pub headline: Headline,
    /// What the rules found so far, each on its own.
    raw: Vec<Finding>,
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
    /// Until all spans were read.
    reading: Option<FactsBuilder>,
    facts: Facts,
    has_facts: bool,
    found: Found,
    /// The next rule.
    rule: usize,
    /// Until all attributes were looked through.
    sifting: Option<QualityBuilder>,
    /// Does not depend on the settings.
    quality: Quality,
    has_quality: bool,
}

/// What became of a step.
enum Ended {
    /// It wants to be called again.
    NotYet,
    /// It is over, and nobody waits for what it made.
    Quietly,
    /// It is over, and this is there now.
    With(News),
}

/// A step of the work.
type Step = fn(&mut Run, &TraceSet) -> Ended;

/// All steps in order, with what each is called. The first two do not depend on the settings.
const STEPS: &[(&str, Step)] = &[
    ("columns", Run::take_columns),
    ("clock domains", Run::find_domains),
    ("clocks", Run::correct_clocks),
    ("tree", Run::prepare),
    ("critical path", Run::find_path),
    ("self times", Run::add_up_self_times),
    (REPLAY, Run::prepare_replay),
    ("headline", Run::say),
    ("attributes", Run::read_facts),
    (OPERATIONS, Run::add_up_operations),
    ("gaps", Run::find_gaps),
    ("completion path", Run::find_completion),
    ("repeats", Run::find_repeats),
    ("identical calls", Run::find_identical_calls),
    ("retries", Run::find_retries),
    ("sequences", Run::find_sequences),
    ("failures", Run::find_failures),
    ("values", Run::sift_values),
    ("findings", Run::apply_rules),
    ("order of findings", Run::arrange),
    ("headline again", Run::say),
    ("what would help", Run::find_help),
];

/// Spans whose attributes are read in one turn: some milliseconds.
const SPANS_A_TURN: usize = 8_192;

/// The step that makes what-ifs possible.
const REPLAY: &str = "replay";

/// The step after which everything that is told of single spans is known.
const OPERATIONS: &str = "operations";

/// The first step that depends on the settings.
const FIRST_BY_SETTINGS: usize = 2;

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
            reading: None,
            facts: Facts::default(),
            has_facts: false,
            found: Found::default(),
            rule: 0,
            sifting: None,
            quality: Quality::default(),
            has_quality: false,
        }
    }

    /// Begins anew with other settings or another root, and keeps what does not depend on them.
    pub fn again(&mut self, settings: Settings, root: Option<SpanIdx>) {
        (self.settings, self.wanted_root) = (settings, root);
        self.step = self.step.min(FIRST_BY_SETTINGS);
        self.columns = Arc::default();
        self.found = Found::default();
        self.rule = 0;
    }

    /// Does the next piece of work. `set` is the one that the trace was in all the time.
    pub fn step(&mut self, set: &TraceSet) -> Progress {
        let Some((_, step)) = STEPS.get(self.step) else { return Progress { news: None, is_done: true } };
        let news = match step(self, set) {
            Ended::NotYet => return Progress { news: None, is_done: false },
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
        self.is_past(REPLAY)
    }

    /// Whether names, failures, self times and times on the critical path are known.
    pub fn has_operations(&self) -> bool {
        self.is_past(OPERATIONS)
    }

    fn is_past(&self, step: &str) -> bool {
        STEPS.iter().take(self.step).any(|(name, _)| *name == step)
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
            self_times: &found.self_times,
            gaps: &found.gaps,
            replay: &found.replay,
            sequences: &found.sequences,
            facts: &self.facts,
            quality: &self.quality,
            repeats: &found.repeats,
            identical_calls: &found.identical_calls,
            retries: &found.retries,
            failures: &found.failures,
        })
    }

    /// What was computed so far.
    pub fn found(&self) -> &Found {
        &self.found
    }

    fn take_columns(&mut self, set: &TraceSet) -> Ended {
        self.trace = set.trace(self.trace_idx);
        Ended::Quietly
    }

    fn find_domains(&mut self, set: &TraceSet) -> Ended {
        self.domains = ClockDomains::of(set, self.trace_idx);
        Ended::Quietly
    }

    fn correct_clocks(&mut self, _: &TraceSet) -> Ended {
        let recorded = Recorded::new(&self.trace);
        if self.settings.adjust_skew {
            self.found.clocks = clock_offsets(&recorded, &self.domains, &self.settings);
        }
        let clocks = &self.found.clocks;
        let is_corrected = clocks.iter().any(|clock| clock.offset_ns != 0);
        self.columns = if is_corrected {
            let offset = |span| clocks.get(self.domains.domain(span).at()).map_or(0, |c| c.offset_ns);
            Recorded::shifted(&self.trace, offset).columns()
        } else {
            recorded.columns()
        };
        Ended::With(News::Clocks)
    }

    fn prepare(&mut self, _: &TraceSet) -> Ended {
        let recorded = self.recorded();
        let relations = relations(&recorded, &self.settings);
        let is_span = |root: &SpanIdx| root.at() < self.trace.len() && !self.trace.is_placeholder(*root);
        let root = self.wanted_root.filter(is_span).or_else(|| recorded.main_root());
        let prepared =
            root.map(|root| Prepared::new(&recorded, &relations, &self.settings, root)).unwrap_or_default();
        (self.found.relations, self.found.prepared) = (relations, prepared);
        Ended::Quietly
    }

    fn find_path(&mut self, _: &TraceSet) -> Ended {
        self.found.path = critical_path(&self.found.prepared);
        self.found.critical = time_by_span(&self.found.path, self.trace.len());
        Ended::With(News::Path)
    }

    fn add_up_self_times(&mut self, _: &TraceSet) -> Ended {
        self.found.self_times = self_times(&self.recorded(), &self.found.relations);
        Ended::With(News::SelfTimes)
    }

    fn prepare_replay(&mut self, _: &TraceSet) -> Ended {
        self.found.replay = Replay::new(&self.found.prepared, &self.recorded());
        Ended::Quietly
    }

    /// The only step that reads what is not in columns, and the only one whose result no setting touches that
    /// comes after others: it takes longest, and path and headline do not need it.
    fn read_facts(&mut self, set: &TraceSet) -> Ended {
        if self.has_facts {
            return Ended::Quietly;
        }
        let Self { trace, trace_idx, .. } = self;
        let reading = self.reading.get_or_insert_with(|| FactsBuilder::new(set, *trace_idx, trace));
        if !reading.slice(set, trace, SPANS_A_TURN) {
            return Ended::NotYet;
        }
        self.facts = self.reading.take().map(FactsBuilder::finish).unwrap_or_default();
        self.has_facts = true;
        Ended::Quietly
    }

    fn find_gaps(&mut self, _: &TraceSet) -> Ended {
        self.found.gaps = gaps(&self.recorded(), &self.found.path, &self.settings);
        Ended::Quietly
    }

    fn find_completion(&mut self, _: &TraceSet) -> Ended {
        let recorded = self.recorded();
        let Some(root) = self.root() else { return Ended::With(News::Completion) };
        let stretches = completion_path(&recorded, &self.found.relations, &self.settings, root);
        let outlives = stretches.last().is_some_and(|last| last.section().to > recorded.end(root));
        self.found.completion = if outlives { stretches } else { Vec::new() };
        Ended::With(News::Completion)
    }

    fn find_repeats(&mut self, _: &TraceSet) -> Ended {
        let Found { prepared, replay, critical, .. } = &self.found;
        let recorded = self.recorded();
        self.found.repeats = repeats(&recorded, prepared, replay, critical, &self.facts, &self.settings);
        Ended::Quietly
    }

    fn find_identical_calls(&mut self, _: &TraceSet) -> Ended {
        let Found { prepared, replay, critical, .. } = &self.found;
        let recorded = self.recorded();
        self.found.identical_calls =
            identical_calls(&recorded, prepared, replay, critical, &self.facts, &self.settings);
        Ended::Quietly
    }

    fn find_retries(&mut self, _: &TraceSet) -> Ended {
        self.found.retries = retries(&self.recorded(), &self.facts);
        Ended::Quietly
    }

    fn find_sequences(&mut self, _: &TraceSet) -> Ended {
        let Found { prepared, replay, critical, repeats, .. } = &self.found;
        let mut sequences = sequences(prepared, &self.recorded(), replay, critical, &self.settings);
        drop_told(&mut sequences, repeats, self.trace.len());
        self.found.sequences = sequences;
        Ended::Quietly
    }

    fn add_up_operations(&mut self, _: &TraceSet) -> Ended {
        let (recorded, found) = (self.recorded(), &self.found);
        let operations = Operations::new(&recorded, &self.facts, &found.self_times.own, &found.critical);
        // A row is the name here: it stands for service, name and kind.
        let row = |span: SpanIdx| operations.of_span.get(span.at()).copied().unwrap_or(u32::MAX);
        let mut candidates = what_helps::operations(&found.prepared, &self.trace, &found.critical, row);
        candidates.reverse();
        self.found.helps = vec![None; operations.rows.len()];
        (self.found.operations, self.found.candidates) = (operations, candidates);
        Ended::With(News::Operations)
    }

    fn find_failures(&mut self, _: &TraceSet) -> Ended {
        self.found.failures = failures(&self.recorded(), &self.facts);
        Ended::Quietly
    }

    /// Reads all values once more, for what they are worth and whether they may be shown: nothing else needs
    /// that, and it is not done again for other settings.
    fn sift_values(&mut self, set: &TraceSet) -> Ended {
        if self.has_quality {
            return Ended::Quietly;
        }
        let sifting = self.sifting.get_or_insert_with(|| QualityBuilder::new(set, self.trace_idx));
        if !sifting.slice(set, SPANS_A_TURN) {
            return Ended::NotYet;
        }
        self.quality = self.sifting.take().map(QualityBuilder::finish).unwrap_or_default();
        self.has_quality = true;
        Ended::Quietly
    }

    /// One rule a turn.
    fn apply_rules(&mut self, set: &TraceSet) -> Ended {
        let Some(rule) = RULES.get(self.rule) else { return Ended::Quietly };
        self.rule += 1;
        if let Find::Trace(find) = rule.find {
            let mut found = self.with_context(set, find);
            self.found.raw.append(&mut found);
        }
        Ended::NotYet
    }

    fn arrange(&mut self, _: &TraceSet) -> Ended {
        let raw = std::mem::take(&mut self.found.raw);
        self.found.findings = ranking::arrange(&self.recorded(), raw);
        Ended::With(News::Findings)
    }

    /// Where the time went, as soon as that is known, and with what would help once everything is.
    fn say(&mut self, set: &TraceSet) -> Ended {
        let said = self.with_context(set, |context| headline(context, &self.found.findings));
        self.found.headline = said;
        Ended::With(News::Headline)
    }

    /// One operation at a time: each takes two replays.
    fn find_help(&mut self, _: &TraceSet) -> Ended {
        let found = &mut self.found;
        let Some(operation) = found.candidates.pop() else { return Ended::With(News::Operations) };
        if let Some(unknown) = found.helps.get_mut(operation.name as usize) {
            *unknown = Some(help(&found.replay, &self.trace, &operation));
        }
        Ended::NotYet
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample::{Shape, generate};

    #[test]
    fn every_shape_comes_to_an_end() {
        let shapes = [
            Shape::Services,
            Shape::Chain,
            Shape::Wide,
            Shape::BackToBack,
            Shape::Equal,
            Shape::Roots,
            Shape::Orphans,
            Shape::AllMissing,
            Shape::Cycle,
        ];
        for shape in shapes {
            let set = generate(2_000, shape);
            let mut run = Run::new(TraceIdx(0), Settings::default(), None);
            run.finish(&set);
            let root = run.root().expect("a trace has a root");
            let total: i64 = run.found().path.iter().map(|s| s.length()).sum();
            assert_eq!(total, run.recorded().duration(root), "{shape:?}");
        }
    }

    #[test]
    fn a_trace_that_is_not_there_gives_nothing() {
        let mut run = Run::new(TraceIdx(3), Settings::default(), Some(SpanIdx(7)));
        run.finish(&TraceSet::default());
        assert_eq!((run.root(), run.found().path.len()), (None, 0));
    }

    #[test]
    fn other_settings_give_the_same_as_a_new_run() {
        let set = generate(2_000, Shape::Services);
        let other = Settings { adjust_skew: false, overlap_tolerance: false, ..Settings::default() };
        let mut changed = Run::new(TraceIdx(0), Settings::default(), None);
        changed.finish(&set);
        changed.again(other.clone(), Some(SpanIdx(1)));
        assert!(!changed.has_replay());
        changed.finish(&set);
        let mut fresh = Run::new(TraceIdx(0), other, Some(SpanIdx(1)));
        fresh.finish(&set);
        assert_eq!(changed.found().path, fresh.found().path);
        assert_eq!(changed.root(), Some(SpanIdx(1)));
    }
}
