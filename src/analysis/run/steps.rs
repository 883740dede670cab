//! The steps of a run, in their order. A step that takes long on a large trace does a part of its work each time
//! it is called, so that nobody waits for it.

use std::sync::Arc;

use super::{Found, News, Run};
use crate::analysis::attribute_pass::AttributePass;
use crate::analysis::clock_domain::DomainSearch;
use crate::analysis::clock_skew::Comparison;
use crate::analysis::completion_path::{completion_path, is_outlived};
use crate::analysis::critical_path::{critical_path, time_by_span};
use crate::analysis::errors::failures;
use crate::analysis::gaps::gaps;
use crate::analysis::headline::headline;
use crate::analysis::learned_order::Learning;
use crate::analysis::prepared::Preparing;
use crate::analysis::ranking;
use crate::analysis::recorded::Recorded;
use crate::analysis::relation::relations;
use crate::analysis::repeats::{IdenticalSearch, RepeatSearch, drop_told};
use crate::analysis::retries::retries;
use crate::analysis::rules::{Find, RULES};
use crate::analysis::self_time::own_times;
use crate::analysis::sequences::sequences;
use crate::analysis::statistics::Adding;
use crate::analysis::what_helps::{self, help};
use crate::analysis::what_if::Replay;
use crate::model::index::SpanIdx;
use crate::model::trace_set::TraceSet;

/// What became of a step.
pub(super) enum Ended {
    /// It wants to be called again.
    NotYet,
    /// Likewise, and this is there now.
    SoFar(News),
    /// It is over, and nobody waits for what it made.
    Quietly,
    /// It is over, and this is there now.
    With(News),
}

/// A step of the work.
pub(super) type Step = fn(&mut Run, &TraceSet) -> Ended;

/// All steps in order, with what each is called. The first two do not depend on the settings.
pub(super) const STEPS: &[(&str, Step)] = &[
    ("columns", Run::take_columns),
    ("clock domains", Run::find_domains),
    ("children", Run::find_children),
    ("clocks", Run::compare_clocks),
    ("corrected clocks", Run::correct_clocks),
    ("relations", Run::relate),
    ("tree", Run::prepare),
    ("critical path", Run::find_path),
    (SELF_TIMES, Run::add_up_self_times),
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
    ("learned order", Run::learn_order),
    ("failures", Run::find_failures),
    ("findings", Run::apply_rules),
    (ARRANGE, Run::arrange),
    ("headline again", Run::say),
    ("what would help", Run::find_help),
];

/// Spans whose attributes are read in one turn: some ten milliseconds.
const READ_A_TURN: usize = 4_096;

/// Spans of other traces in one turn: some ten milliseconds, unless a single trace has more.
const OTHERS_A_TURN: usize = 10_000;

/// Spans that are looked at in one turn where it takes nothing but columns.
const SPANS_A_TURN: usize = 1 << 16;

/// The step after which all findings are there.
pub(super) const ARRANGE: &str = "order of findings";

/// Spans that rules look at between two tellings of what they found: they come one by one where a rule takes
/// as long as a reader may notice, and otherwise all together.
const WORTH_TELLING: usize = 5_000_000;

/// The step after which all times are there.
pub(super) const SELF_TIMES: &str = "self times";

/// The step that makes what-ifs possible.
pub(super) const REPLAY: &str = "replay";

/// The step after which everything that is told of single spans is known.
pub(super) const OPERATIONS: &str = "operations";

/// The first step that depends on the settings.
pub(super) const FIRST_BY_SETTINGS: usize = 2;

impl Run {
    fn take_columns(&mut self, set: &TraceSet) -> Ended {
        self.trace = set.trace(self.trace_idx);
        Ended::Quietly
    }

    fn find_domains(&mut self, set: &TraceSet) -> Ended {
        if !self.searching.get_or_insert_default().slice(set, self.trace_idx, SPANS_A_TURN) {
            return Ended::NotYet;
        }
        self.domains = self.searching.take().map(DomainSearch::finish).unwrap_or_default();
        Ended::Quietly
    }

    fn find_children(&mut self, _: &TraceSet) -> Ended {
        self.columns = Recorded::new(&self.trace).columns();
        Ended::Quietly
    }

    fn compare_clocks(&mut self, _: &TraceSet) -> Ended {
        if self.settings.adjust_skew {
            let recorded = Recorded::again(&self.trace, &self.columns);
            let Some(comparing) = &mut self.comparing else {
                self.comparing = Some(Comparison::new(&recorded, &self.domains));
                return Ended::NotYet;
            };
            if !comparing.slice(&recorded, &self.domains, &self.settings, SPANS_A_TURN) {
                return Ended::NotYet;
            }
            self.found.clocks = self.comparing.take().map(Comparison::finish).unwrap_or_default();
        }
        Ended::Quietly
    }

    fn correct_clocks(&mut self, _: &TraceSet) -> Ended {
        let clocks = &self.found.clocks;
        if clocks.iter().any(|clock| clock.offset_ns != 0) {
            let offset = |span| clocks.get(self.domains.domain(span).at()).map_or(0, |c| c.offset_ns);
            self.columns = Recorded::shifted(&self.trace, offset).columns();
        }
        Ended::With(News::Clocks)
    }

    fn relate(&mut self, _: &TraceSet) -> Ended {
        self.found.relations = relations(&self.recorded(), &self.settings);
        Ended::Quietly
    }

    fn prepare(&mut self, _: &TraceSet) -> Ended {
        let recorded = Recorded::again(&self.trace, &self.columns);
        let is_span = |root: &SpanIdx| root.at() < self.trace.len() && !self.trace.is_placeholder(*root);
        let Some(root) = self.wanted_root.filter(is_span).or_else(|| recorded.main_root()) else {
            return Ended::Quietly;
        };
        let preparing = self.preparing.get_or_insert_with(|| Preparing::new(&recorded, root));
        if !preparing.slice(&recorded, &self.found.relations, &self.settings, SPANS_A_TURN) {
            return Ended::NotYet;
        }
        let tree = self.preparing.take().map(Preparing::finish).unwrap_or_default();
        self.found.prepared = Arc::new(tree);
        Ended::Quietly
    }

    fn find_path(&mut self, _: &TraceSet) -> Ended {
        self.found.path = critical_path(&self.found.prepared);
        self.found.critical = time_by_span(&self.found.path, self.trace.len());
        Ended::With(News::Path)
    }

    fn add_up_self_times(&mut self, _: &TraceSet) -> Ended {
        self.found.own_times = own_times(&self.recorded(), &self.found.relations);
        Ended::With(News::SelfTimes)
    }

    fn prepare_replay(&mut self, _: &TraceSet) -> Ended {
        let recorded = Recorded::again(&self.trace, &self.columns);
        let prepared = &self.found.prepared;
        let replay = self.sorting.get_or_insert_with(|| Replay::unsorted(Arc::clone(prepared)));
        if !replay.sort(&recorded, SPANS_A_TURN) {
            return Ended::NotYet;
        }
        self.found.replay = self.sorting.take().unwrap_or_default();
        Ended::Quietly
    }

    /// The only step that reads what is not in columns, and the only one whose result no setting touches that
    /// comes after others: it takes longest, and path and headline do not need it.
    fn read_facts(&mut self, set: &TraceSet) -> Ended {
        if self.has_facts {
            return Ended::Quietly;
        }
        let Self { trace, trace_idx, .. } = self;
        let reading = self.reading.get_or_insert_with(|| AttributePass::new(set, *trace_idx, trace));
        if !reading.slice(set, trace, READ_A_TURN) {
            return Ended::NotYet;
        }
        (self.facts, self.quality) = self.reading.take().map(AttributePass::finish).unwrap_or_default();
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
        if is_outlived(&recorded, root) {
            self.found.completion = completion_path(&recorded, &self.found.relations, &self.settings, root);
        }
        Ended::With(News::Completion)
    }

    /// Level of ancestors by level of ancestors, then what the groups would save.
    fn find_repeats(&mut self, _: &TraceSet) -> Ended {
        let Found { prepared, replay, critical, .. } = &self.found;
        let recorded = Recorded::again(&self.trace, &self.columns);
        let Some(search) = &mut self.repeating else {
            self.repeating = Some(RepeatSearch::new(&recorded, &self.facts));
            return Ended::NotYet;
        };
        if !search.climb(&recorded, replay, &self.facts, &self.settings)
            || !search.try_out(&recorded, prepared, replay, critical)
        {
            return Ended::NotYet;
        }
        let search = self.repeating.take().unwrap_or_default();
        self.found.repeats = search.finish(&recorded, &self.facts);
        Ended::Quietly
    }

    fn find_identical_calls(&mut self, _: &TraceSet) -> Ended {
        let Found { prepared, replay, critical, .. } = &self.found;
        let recorded = Recorded::again(&self.trace, &self.columns);
        let Some(search) = &mut self.asking else {
            self.asking = Some(IdenticalSearch::new(&recorded, replay, &self.facts, &self.settings));
            return Ended::NotYet;
        };
        if !search.try_out(&recorded, prepared, replay, critical) {
            return Ended::NotYet;
        }
        self.found.identical_calls = self.asking.take().unwrap_or_default().finish(&recorded);
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

    /// Some traces a turn.
    fn learn_order(&mut self, set: &TraceSet) -> Ended {
        let found = &self.found;
        let root = found.prepared.root();
        let learning =
            self.learning.get_or_insert_with(|| Learning::new(&self.trace, root, &found.sequences));
        if !learning.slice(set, self.trace_idx, &self.settings, OTHERS_A_TURN) {
            return Ended::NotYet;
        }
        self.found.seen_otherwise = self.learning.take().map(Learning::finish).unwrap_or_default();
        Ended::Quietly
    }

    fn add_up_operations(&mut self, _: &TraceSet) -> Ended {
        let (recorded, found) = (Recorded::again(&self.trace, &self.columns), &self.found);
        let adding = self.adding.get_or_insert_with(|| Adding::new(&recorded));
        if !adding.slice(&recorded, &self.facts, SPANS_A_TURN) {
            return Ended::NotYet;
        }
        let adding = self.adding.take();
        let operations =
            adding.unwrap_or_default().finish(&recorded, &self.facts, &found.own_times, &found.critical);
        self.found.helps = vec![None; operations.rows.len()];
        self.found.operations = operations;
        Ended::With(News::Operations)
    }

    fn find_failures(&mut self, _: &TraceSet) -> Ended {
        self.found.failures = failures(&self.recorded(), &self.facts);
        Ended::Quietly
    }

    /// One rule a turn.
    fn apply_rules(&mut self, set: &TraceSet) -> Ended {
        let Some(rule) = RULES.get(self.rule) else { return Ended::Quietly };
        self.rule += 1;
        let Find::Trace(find) = rule.find else { return Ended::NotYet };
        let mut new = self.with_context(set, find);
        let found = &mut self.found;
        found.untold.0 += self.trace.len();
        found.untold.1 |= !new.is_empty();
        found.raw.append(&mut new);
        if found.untold.0 < WORTH_TELLING || !found.untold.1 {
            return Ended::NotYet;
        }
        found.untold = (0, false);
        let raw = found.raw.clone();
        self.found.findings = ranking::arrange(&self.recorded(), raw);
        Ended::SoFar(News::Findings)
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
        let Some(candidates) = &mut found.candidates else {
            // A row is the name here: it stands for service, name and kind.
            let row = |span: SpanIdx| found.operations.of_span.get(span.at()).copied().unwrap_or(u32::MAX);
            let mut candidates = what_helps::operations(&found.prepared, &self.trace, &found.critical, row);
            candidates.reverse();
            found.candidates = Some(candidates);
            return Ended::NotYet;
        };
        let Some(operation) = candidates.pop() else {
            found.trial = std::cell::RefCell::default();
            return Ended::With(News::Operations);
        };
        if let Some(unknown) = found.helps.get_mut(operation.name as usize) {
            *unknown = Some(help(found.trial.get_mut(), &found.replay, &self.trace, &operation));
        }
        Ended::NotYet
    }
}
