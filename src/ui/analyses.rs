//! What the engine's analyses said: signals that only its answers write, and the questions that are open.
//!
//! The open trace is analysed as soon as it arrives, unasked. Each question has a number; answers to any but
//! the newest of its kind are dropped, so nothing of another trace or of earlier settings is ever shown.

use leptos::prelude::*;

use super::shared::Shared;
use crate::wire::aggregate::{AggregateGroup, AggregatePart};
use crate::wire::analysis::{
    AnalysisPart, AnalysisSettings, Check, ClockCorrection, CompletionSection, FindingMessage, Headline,
    OperationRow, PathSections, Scenario, SpanInsight, SpanTimes, WhatIfTotals,
};
use crate::wire::scope::Scope;
use crate::wire::{Request, Response, WireError, analysis_columns};

/// How far an analysis is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    /// Nothing was asked for.
    #[default]
    Idle,
    /// It is being made.
    Running {
        /// What is being done, in a few words.
        step: String,
        /// Steps before.
        done: u32,
        /// All steps.
        of: u32,
    },
    /// Everything is there.
    Done,
    /// It could not be made.
    Failed(String),
}

/// The request as it would be.
#[derive(Debug)]
pub struct WhatIf {
    /// What is otherwise.
    pub scenarios: Vec<Scenario>,
    /// Durations of the request.
    pub totals: WhatIfTotals,
    /// Where each span would begin; [`crate::wire::analysis::NO_TIME`] for spans that take no part.
    pub starts: Vec<i64>,
    /// Where each span would end.
    pub ends: Vec<i64>,
}

/// The trace that questions are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Subject {
    revision: u32,
    trace: u32,
    n_spans: usize,
}

/// Questions that are open, and columns that are only partly here.
#[derive(Debug, Default)]
struct Open {
    /// Counts the questions of all kinds.
    asks: u32,
    subject: Option<Subject>,
    analysis: u32,
    what_if: u32,
    scenarios: Vec<Scenario>,
    insight: u32,
    aggregate: u32,
    path: PathSections,
    times: SpanTimes,
    shifts: Vec<i64>,
    statements: Vec<u32>,
}

/// A copyable handle to what the analyses said.
#[derive(Clone, Copy, Debug)]
pub struct Analyses {
    open: StoredValue<Open>,
    /// How to analyse; changed by [`super::services::Services::analyse`].
    pub settings: RwSignal<AnalysisSettings>,
    /// The root that is explained; the main root when absent.
    pub root: RwSignal<Option<u32>>,
    /// How far the analysis of the open trace is.
    pub stage: RwSignal<Stage>,
    /// The answer in one sentence.
    pub headline: RwSignal<Option<Headline>>,
    /// What was found so far, in order.
    pub findings: RwSignal<Option<Shared<Vec<FindingMessage>>>>,
    /// Whether that is all.
    pub has_all_findings: RwSignal<bool>,
    /// The critical path.
    pub path: RwSignal<Option<Shared<PathSections>>>,
    /// Critical-path time and self time of each span.
    pub times: RwSignal<Option<Shared<SpanTimes>>>,
    /// By how much each span was shifted; none when no clock was corrected.
    pub shifts: RwSignal<Option<Shared<Vec<i64>>>>,
    /// A number for what each span does; none when names tell that.
    pub statements: RwSignal<Option<Shared<Vec<u32>>>>,
    /// Operations, most critical-path time first.
    pub operations: RwSignal<Option<Shared<Vec<OperationRow>>>>,
    /// The completion path; empty when nothing outlives the request.
    pub completion: RwSignal<Option<Shared<Vec<CompletionSection>>>>,
    /// What was found out about clocks.
    pub clock: RwSignal<Option<Shared<Vec<ClockCorrection>>>>,
    /// What was looked for; once the analysis is done.
    pub checked: RwSignal<Option<Shared<Vec<Check>>>>,
    /// The what-if that was asked for last; none while it is worked out and when none is tried.
    pub what_if: RwSignal<Option<Shared<WhatIf>>>,
    /// What is known of the span that was asked for last, with its index.
    pub insight: RwSignal<Option<(u32, SpanInsight)>>,
    /// All traces together, the largest group first.
    pub aggregate: RwSignal<Option<Shared<Vec<AggregateGroup>>>>,
    /// How far that is.
    pub aggregate_stage: RwSignal<Stage>,
    /// Which traces these are; none before they are asked for.
    pub aggregate_of: StoredValue<Option<Scope>>,
}

impl Default for Analyses {
    fn default() -> Self {
        Self {
            open: StoredValue::new(Open::default()),
            settings: RwSignal::new(AnalysisSettings::default()),
            root: RwSignal::new(None),
            stage: RwSignal::new(Stage::Idle),
            headline: RwSignal::new(None),
            findings: RwSignal::new(None),
            has_all_findings: RwSignal::new(false),
            path: RwSignal::new(None),
            times: RwSignal::new(None),
            shifts: RwSignal::new(None),
            statements: RwSignal::new(None),
            operations: RwSignal::new(None),
            completion: RwSignal::new(None),
            clock: RwSignal::new(None),
            checked: RwSignal::new(None),
            what_if: RwSignal::new(None),
            insight: RwSignal::new(None),
            aggregate: RwSignal::new(None),
            aggregate_stage: RwSignal::new(Stage::Idle),
            aggregate_of: StoredValue::new(None),
        }
    }
}

impl Analyses {
    /// Forgets everything about the open trace.
    pub(super) fn forget_trace(self) {
        self.open.update_value(|open| {
            *open = Open { asks: open.asks, aggregate: open.aggregate, ..Open::default() };
        });
        self.root.set(None);
        self.stage.set(Stage::Idle);
        self.headline.set(None);
        self.findings.set(None);
        self.has_all_findings.set(false);
        self.path.set(None);
        self.times.set(None);
        self.shifts.set(None);
        self.statements.set(None);
        self.operations.set(None);
        self.completion.set(None);
        self.clock.set(None);
        self.checked.set(None);
        self.what_if.set(None);
        self.insight.set(None);
    }

    /// Forgets what is known of all traces together.
    pub(super) fn forget_all(self) {
        self.forget_trace();
        self.open.update_value(|open| open.aggregate = 0);
        self.aggregate.set(None);
        self.aggregate_of.set_value(None);
        self.aggregate_stage.set(Stage::Idle);
    }

    /// A state of a trace is shown: the request that has it analysed, unless that is under way. What is said of
    /// it counts spans as this state does, so it must not come before.
    pub(super) fn begin(self, revision: u32, trace: u32, n_spans: usize) -> Option<Request> {
        let subject = Some(Subject { revision, trace, n_spans });
        let is_new =
            self.open.try_update_value(|open| std::mem::replace(&mut open.subject, subject) != subject);
        if is_new == Some(true) { self.again() } else { None }
    }

    /// The request that has the open trace analysed anew; what was said before stays until its successor
    /// comes, so that the screen does not flicker.
    pub(super) fn again(self) -> Option<Request> {
        let (ask, subject) = self.ask(|open| &mut open.analysis)?;
        self.what_if.set(None);
        self.insight.set(None);
        self.stage.set(Stage::Running { step: String::new(), done: 0, of: 1 });
        Some(Request::Analyse {
            ask,
            revision: subject.revision,
            trace: subject.trace,
            settings: self.settings.get_untracked(),
            root: self.root.get_untracked(),
        })
    }

    /// The request for a what-if; none without a trace or without scenarios, which takes the last one back.
    pub(super) fn try_out(self, scenarios: Vec<Scenario>) -> Option<Request> {
        let (ask, subject) = self.ask(|open| &mut open.what_if)?;
        if scenarios.is_empty() {
            self.what_if.set(None);
            return None;
        }
        self.open.update_value(|open| open.scenarios.clone_from(&scenarios));
        Some(Request::WhatIf { ask, revision: subject.revision, trace: subject.trace, scenarios })
    }

    /// The request for what is known of a span.
    pub(super) fn look_into(self, span: u32) -> Option<Request> {
        let (ask, subject) = self.ask(|open| &mut open.insight)?;
        self.insight.set(None);
        Some(Request::Insight { ask, revision: subject.revision, trace: subject.trace, span })
    }

    /// The request that has traces of the list of this revision analysed together.
    pub(super) fn together(self, revision: u32, scope: Scope) -> Option<Request> {
        let ask = self.open.try_update_value(|open| {
            open.asks = open.asks.wrapping_add(1);
            open.aggregate = open.asks;
            open.asks
        })?;
        self.aggregate_stage.set(Stage::Running { step: String::new(), done: 0, of: 1 });
        self.aggregate_of.set_value(Some(scope.clone()));
        Some(Request::Aggregate { ask, revision, scope, settings: self.settings.get_untracked() })
    }

    fn ask(self, which: impl FnOnce(&mut Open) -> &mut u32) -> Option<(u32, Subject)> {
        self.open
            .try_update_value(|open| {
                let subject = open.subject?;
                open.asks = open.asks.wrapping_add(1);
                let ask = open.asks;
                *which(open) = ask;
                Some((ask, subject))
            })
            .flatten()
    }

    /// Takes an answer that is about analyses, and gives any other back.
    pub(super) fn take(self, response: Response) -> Result<Option<Response>, WireError> {
        match response {
            Response::Analysis { ask, part, bytes } => {
                if self.open.with_value(|open| open.analysis == ask) {
                    self.take_part(part, &bytes)?;
                }
            }
            Response::WhatIf { ask, totals, bytes } => {
                let asked = self.open.with_value(|open| {
                    let n_spans = open.subject.filter(|_| open.what_if == ask)?.n_spans;
                    Some((n_spans, open.scenarios.clone()))
                });
                if let Some((n_spans, scenarios)) = asked {
                    let (starts, ends) = analysis_columns::unpack_positions(&bytes, n_spans)?;
                    self.what_if.set(Some(Shared::new(WhatIf { scenarios, totals, starts, ends })));
                }
            }
            Response::Insight { ask, span, insight } => {
                if self.open.with_value(|open| open.insight == ask) {
                    self.insight.set(Some((span, insight)));
                }
            }
            Response::Aggregate { ask, part } => {
                if self.open.with_value(|open| open.aggregate == ask) {
                    self.take_together(part);
                }
            }
            other => return Ok(Some(other)),
        }
        Ok(None)
    }

    fn take_part(self, part: AnalysisPart, bytes: &[u8]) -> Result<(), WireError> {
        match part {
            AnalysisPart::Step { name, done, of } => {
                self.stage.set(Stage::Running { step: name, done, of });
            }
            AnalysisPart::Clock(clock) => {
                // Whether there are shifts is known with the clocks.
                if clock.iter().all(|c| c.offset_ns == 0) {
                    self.shifts.set(None);
                }
                self.clock.set(Some(Shared::new(clock)));
            }
            AnalysisPart::Shifts(piece) => {
                let whole = self.with_open(|open| {
                    analysis_columns::push_shifts(&mut open.shifts, piece, bytes)?;
                    Ok(piece.is_last().then(|| std::mem::take(&mut open.shifts)))
                })?;
                if let Some(shifts) = whole {
                    self.shifts.set(Some(Shared::new(shifts)));
                }
            }
            AnalysisPart::Statements(piece) => {
                let whole = self.with_open(|open| {
                    analysis_columns::push_statements(&mut open.statements, piece, bytes)?;
                    Ok(piece.is_last().then(|| std::mem::take(&mut open.statements)))
                })?;
                if let Some(statements) = whole {
                    self.statements.set(Some(Shared::new(statements)));
                }
            }
            AnalysisPart::Path(piece) => {
                let whole = self.with_open(|open| {
                    let n_spans = open.subject.map_or(0, |subject| subject.n_spans);
                    open.path.push(piece, bytes, n_spans)?;
                    Ok(piece.is_last().then(|| std::mem::take(&mut open.path)))
                })?;
                if let Some(path) = whole {
                    self.path.set(Some(Shared::new(path)));
                }
            }
            AnalysisPart::Times(piece) => {
                let whole = self.with_open(|open| {
                    open.times.push(piece, bytes)?;
                    Ok(piece.is_last().then(|| std::mem::take(&mut open.times)))
                })?;
                if let Some(times) = whole {
                    self.times.set(Some(Shared::new(times)));
                }
            }
            AnalysisPart::Headline(headline) => self.headline.set(Some(headline)),
            AnalysisPart::Findings { findings, is_all } => {
                self.has_all_findings.set(is_all);
                self.findings.set(Some(Shared::new(findings)));
            }
            AnalysisPart::Operations(rows) => self.operations.set(Some(Shared::new(rows))),
            AnalysisPart::Completion(sections) => self.completion.set(Some(Shared::new(sections))),
            AnalysisPart::Done { checked, .. } => {
                self.checked.set(Some(Shared::new(checked)));
                self.stage.set(Stage::Done);
            }
            AnalysisPart::Failed(reason) => self.stage.set(Stage::Failed(reason)),
        }
        Ok(())
    }

    fn take_together(self, part: AggregatePart) {
        match part {
            AggregatePart::Progress { done, of } => {
                self.aggregate_stage.set(Stage::Running { step: String::new(), done, of });
            }
            AggregatePart::Groups(groups) => {
                self.aggregate.set(Some(Shared::new(groups)));
                self.aggregate_stage.set(Stage::Done);
            }
        }
    }

    fn with_open<T>(
        self,
        change: impl FnOnce(&mut Open) -> Result<Option<T>, WireError>,
    ) -> Result<Option<T>, WireError> {
        self.open.try_update_value(change).unwrap_or(Ok(None))
    }
}
