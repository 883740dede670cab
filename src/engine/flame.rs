//! Merging calls by path for the flame graph: those of the open trace from what its analysis knows, those of
//! many traces one trace after the other.

use crate::analysis::call_tree::{CallTreeBuilder, TimedSpans};
use crate::analysis::run::Run;
use crate::analysis::settings::Settings;
use crate::analysis::timed::Timed;
use crate::base::bitset::BitSet;
use crate::model::index::TraceIdx;
use crate::model::trace_set::TraceSet;
use crate::wire::analysis::AnalysisSettings;
use crate::wire::scope::Scope;
use crate::wire::{Response, call_tree};

use super::analysis_messages::settings_of;
use super::scope::Resolved;

/// Spans in one turn: some milliseconds, unless a single small trace has to be analysed first.
const SPANS_A_TURN: usize = 30_000;

/// Paths that are sent: no screen shows more, and the page lays them out anew at every switch.
const MOST_PATHS: usize = 50_000;

/// Merging that is under way.
#[derive(Debug)]
pub(super) struct Flaming {
    ask: u32,
    settings: Settings,
    about: Resolved,
    /// Traces that were added.
    done: usize,
    builder: CallTreeBuilder,
    /// What is being added.
    current: Option<Current>,
}

/// The trace that is being added.
#[derive(Debug)]
struct Current {
    /// Its times, unless the analysis of the open trace has them.
    timed: Option<Timed>,
    kept: Option<BitSet>,
}

impl Flaming {
    pub(super) fn new(ask: u32, settings: &AnalysisSettings, scope: Scope, set: &TraceSet) -> Self {
        Self {
            ask,
            settings: settings_of(settings),
            about: Resolved::new(scope, set),
            done: 0,
            builder: CallTreeBuilder::default(),
            current: None,
        }
    }

    /// The only trace that it is about.
    pub(super) fn only_trace(&self) -> Option<TraceIdx> {
        match self.about.traces.as_slice() {
            [only] => Some(*only),
            _ => None,
        }
    }

    /// Does the next piece of work; returns whether that was all. `run` is the analysis of the open trace.
    pub(super) fn slice(&mut self, set: &TraceSet, run: Option<&Run>, out: &mut Vec<Response>) -> bool {
        let mut left = SPANS_A_TURN;
        while left > 0
            && let Some(&trace) = self.about.traces.get(self.done)
        {
            let run = run.filter(|run| run.trace_idx() == trace && run.has_replay());
            let (settings, about) = (&self.settings, &self.about);
            let current = self.current.get_or_insert_with(|| {
                let timed = run.is_none().then(|| Timed::new(set, trace, settings));
                let recorded = timed.as_ref().map(Timed::recorded).or_else(|| run.map(Run::recorded));
                Current { kept: recorded.and_then(|recorded| about.kept(&recorded)), timed }
            });
            let keep = |span: crate::model::index::SpanIdx| {
                current.kept.as_ref().is_none_or(|kept| kept.contains(span.at()))
            };
            let (recorded, own, critical) = match (&current.timed, run) {
                (Some(timed), _) => (timed.recorded(), timed.own.as_slice(), timed.critical.as_slice()),
                (None, Some(run)) => {
                    (run.recorded(), run.found().own_times.as_slice(), run.found().critical.as_slice())
                }
                // The analysis went away meanwhile: the page is about to ask anew.
                (None, None) => return true,
            };
            let spans = TimedSpans { recorded: &recorded, trace, own, critical };
            if self.builder.add(&spans, left, &keep) {
                left = left.saturating_sub(recorded.len().max(1));
                self.current = None;
                self.done += 1;
            } else {
                left = 0;
            }
        }
        let of = self.about.traces.len();
        let is_over = self.done >= of;
        let bytes = if is_over {
            call_tree::pack(&std::mem::take(&mut self.builder).finish(MOST_PATHS))
        } else {
            Vec::new()
        };
        let (done, of) = (self.done as u32, of as u32);
        out.push(Response::Flame { ask: self.ask, done, of, bytes });
        is_over
    }
}
