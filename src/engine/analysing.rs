//! Analysing the open trace: an answer in parts, what the screen shows first coming first.
//!
//! The analysis runs in slices between other requests, after the trace's columns were sent. Its state stays
//! until another trace is opened, so that a what-if or a question about a span is answered from it, and another
//! setting repeats only what depends on it.

use std::collections::VecDeque;

use crate::analysis::run::{News, Run};
use crate::analysis::scenario::{Matching, Scenario};
use crate::analysis::self_time;
use crate::analysis::slack::slack;
use crate::analysis::statements::differ_among_namesakes;
use crate::model::index::{SpanIdx, TraceIdx};
use crate::model::trace_set::TraceSet;
use crate::wire::Response;

use super::analysis_messages::{correction, operation_rows, relation_of, settings_of, stretch};
use super::findings;
use crate::wire::analysis::{
    self as wire, AnalysisPart, AnalysisSettings, Headline, Piece, SpanInsight, WhatIfTotals,
};
use crate::wire::analysis_columns::{
    pack_path, pack_positions, pack_shifts, pack_statements, pack_times, pieces,
};

/// Stretches of the completion path that are sent: no screen shows more.
const MOST_STRETCHES: usize = 20_000;

/// A column on its way to the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Shifts,
    Path,
    Times,
    Statements,
}

/// The analysis of the open trace.
#[derive(Debug)]
pub(super) struct Analysing {
    ask: u32,
    run: Run,
    /// The step that was announced last.
    announced: Option<usize>,
    columns: VecDeque<(Column, Piece)>,
    /// Questions that wait until they can be answered; the newest of each kind.
    insight: Option<(u32, SpanIdx)>,
    what_if: Option<(u32, Vec<wire::Scenario>)>,
    /// How much later each span may end; made when a span is first asked about.
    slack: Vec<Option<i64>>,
    /// What spans do was told in answer to this request, if that is worth telling. No setting changes it, but who
    /// asks again may have forgotten it, or not have got it yet.
    has_told_statements: bool,
    is_over: bool,
    /// Whether it was made before, with other settings.
    is_again: bool,
}

impl Analysing {
    pub(super) fn new(ask: u32, trace: TraceIdx, settings: &AnalysisSettings, root: Option<u32>) -> Self {
        let run = Run::new(trace, settings_of(settings), root.map(SpanIdx));
        Self {
            ask,
            run,
            announced: None,
            columns: VecDeque::new(),
            insight: None,
            what_if: None,
            slack: Vec::new(),
            has_told_statements: false,
            is_over: false,
            is_again: false,
        }
    }

    /// Begins again with other settings.
    pub(super) fn again(&mut self, ask: u32, settings: &AnalysisSettings, root: Option<u32>) {
        self.run.again(settings_of(settings), root.map(SpanIdx));
        (self.ask, self.announced, self.is_over) = (ask, None, false);
        (self.is_again, self.has_told_statements) = (true, false);
        self.columns.clear();
        self.slack = Vec::new();
        (self.insight, self.what_if) = (None, None);
    }

    /// The trace that is analysed.
    pub(super) fn trace(&self) -> TraceIdx {
        self.run.trace_idx()
    }

    /// The analysis itself.
    pub(super) fn run(&self) -> &Run {
        &self.run
    }

    /// Asks about a span; the answer comes from [`Self::slice`].
    pub(super) fn look_into(&mut self, ask: u32, span: u32) {
        self.insight = Some((ask, SpanIdx(span)));
    }

    /// Asks what would be if; the answer comes from [`Self::slice`].
    pub(super) fn try_out(&mut self, ask: u32, scenarios: Vec<wire::Scenario>) {
        self.what_if = Some((ask, scenarios));
    }

    /// What the analysis knows, once it knows all times.
    pub(super) fn times(&self) -> Option<&Run> {
        Some(&self.run).filter(|run| run.has_times())
    }

    /// Whether [`Self::slice`] has nothing to do.
    pub(super) fn is_idle(&self) -> bool {
        self.is_over && self.columns.is_empty() && self.insight.is_none() && self.what_if.is_none()
    }

    /// Does the next piece of work.
    pub(super) fn slice(&mut self, set: &TraceSet, out: &mut Vec<Response>) {
        if let Some((column, piece)) = self.columns.pop_front() {
            let response = self.column(column, piece);
            return out.push(response);
        }
        if self.run.has_replay() {
            self.answer(out);
        }
        if self.run.is_done() {
            if !self.is_over {
                self.is_over = true;
                let checked = findings::checks(&self.run.found().findings);
                let bytes = self.run.heap_bytes() as u64;
                self.say(AnalysisPart::Done { checked, bytes }, out);
            }
            return;
        }
        let (name, done, of) = self.run.progress();
        if self.announced != Some(done) {
            self.announced = Some(done);
            // Alone in its slice, so that it is heard before the step begins, not after.
            return self
                .say(AnalysisPart::Step { name: name.to_owned(), done: done as u32, of: of as u32 }, out);
        }
        if let Some(news) = self.run.step(set).news {
            self.publish(news, out);
        }
    }

    fn say(&self, part: AnalysisPart, out: &mut Vec<Response>) {
        out.push(Response::Analysis { ask: self.ask, part, bytes: Vec::new() });
    }

    fn publish(&mut self, news: News, out: &mut Vec<Response>) {
        let found = self.run.found();
        match news {
            News::Clocks => {
                let names = &self.run.domains().names;
                let clocks = found.clocks.iter().filter(|c| c.n_spans > 0).map(|c| correction(c, names));
                self.say(AnalysisPart::Clock(clocks.collect()), out);
                if self.run.recorded().is_shifted() {
                    self.send(Column::Shifts, self.run.trace().len());
                }
            }
            News::Path => self.send(Column::Path, found.path.len()),
            News::SelfTimes => self.send(Column::Times, self.run.trace().len()),
            News::Completion => {
                let sections = found.completion.iter().take(MOST_STRETCHES).map(stretch);
                self.say(AnalysisPart::Completion(sections.collect()), out);
            }
            News::Headline => {
                let said = &found.headline;
                let headline = Headline { text: said.text.clone(), span: said.span.map(|s| s.0) };
                self.say(AnalysisPart::Headline(headline), out);
            }
            News::Findings => {
                let is_all = self.run.has_all_findings();
                // What is there from before stands until it can be replaced as a whole.
                if is_all || !self.is_again {
                    let findings = found.findings.iter().map(findings::message).collect();
                    self.say(AnalysisPart::Findings { findings, is_all }, out);
                }
            }
            News::Operations => {
                let rows = operation_rows(&self.run);
                self.say(AnalysisPart::Operations(rows), out);
                self.tell_statements();
            }
        }
    }

    /// Sends what each span does, once, where the columns that the page has cannot tell.
    fn tell_statements(&mut self) {
        let (trace, facts) = (self.run.trace(), self.run.facts());
        if !self.has_told_statements && differ_among_namesakes(trace, facts) {
            self.send(Column::Statements, self.run.trace().len());
        }
        self.has_told_statements = true;
    }

    fn send(&mut self, column: Column, total: usize) {
        self.columns.extend(pieces(total).map(|piece| (column, piece)));
    }

    fn column(&self, column: Column, piece: Piece) -> Response {
        let (found, rows) = (self.run.found(), piece.range());
        let part = |column: &[i64]| column.get(rows.clone()).unwrap_or_default().to_vec();
        let (part, bytes) = match column {
            Column::Shifts => {
                let (recorded, trace) = (self.run.recorded(), self.run.trace());
                let shift = |at| recorded.start(SpanIdx::new(at)) - trace.start(SpanIdx::new(at)).0;
                (AnalysisPart::Shifts(piece), pack_shifts(&rows.map(shift).collect::<Vec<_>>()))
            }
            Column::Path => {
                let sections = found.path.range(rows);
                let spans: Vec<u32> = sections.clone().map(|s| s.span.0).collect();
                let from: Vec<i64> = sections.clone().map(|s| s.from).collect();
                let to: Vec<i64> = sections.map(|s| s.to).collect();
                (AnalysisPart::Path(piece), pack_path(&spans, &from, &to))
            }
            Column::Times => {
                let bytes = pack_times(&part(&found.critical), &part(&found.own_times));
                (AnalysisPart::Times(piece), bytes)
            }
            Column::Statements => {
                let facts = self.run.facts();
                let statements = rows.map(|at| facts.fingerprint(SpanIdx::new(at)).0);
                (AnalysisPart::Statements(piece), pack_statements(&statements.collect::<Vec<_>>()))
            }
        };
        Response::Analysis { ask: self.ask, part, bytes }
    }

    /// Answers what was asked meanwhile.
    fn answer(&mut self, out: &mut Vec<Response>) {
        if let Some((ask, span)) = self.insight.take()
            && span.at() < self.run.trace().len()
        {
            if self.slack.is_empty() {
                self.slack = slack(&self.run.found().prepared);
            }
            out.push(Response::Insight { ask, span: span.0, insight: self.insight_of(span) });
        }
        if let Some((ask, scenarios)) = self.what_if.take() {
            let scenarios: Vec<Scenario> = scenarios.into_iter().map(|s| self.scenario(s)).collect();
            let outcome = self.run.found().replay.run(self.run.trace(), &scenarios);
            let totals = WhatIfTotals {
                before_ns: outcome.before_ns,
                after_ns: outcome.after_ns,
                saving_ns: outcome.saving_ns,
            };
            let bytes = pack_positions(&outcome.starts, &outcome.ends);
            out.push(Response::WhatIf { ask, totals, bytes });
        }
    }

    fn scenario(&self, scenario: wire::Scenario) -> Scenario {
        let n = self.run.trace().len();
        let spans = |spans: Vec<u32>| spans.into_iter().map(SpanIdx).filter(|s| s.at() < n).collect();
        match scenario {
            wire::Scenario::Scale { matching, faster_permille, subtree } => {
                Scenario::Scale { matching: self.matching(matching), faster_permille, subtree }
            }
            wire::Scenario::Delta { matching, add_ns } => {
                Scenario::Delta { matching: self.matching(matching), add_ns }
            }
            wire::Scenario::Parallel { members } => Scenario::Parallel { members: spans(members) },
            wire::Scenario::Batch { members } => Scenario::Batch { members: spans(members) },
        }
    }

    /// The spans that the page means.
    fn matching(&self, matching: wire::Matching) -> Matching {
        let trace = self.run.trace();
        Matching::Spans(match matching {
            wire::Matching::Spans(spans) => {
                spans.into_iter().map(SpanIdx).filter(|s| s.at() < trace.len()).collect()
            }
            wire::Matching::Operation { service, name, kind } => {
                let facts = self.run.facts();
                let is = |wanted: &Option<String>, text: &str| wanted.as_ref().is_none_or(|w| w == text);
                let matches = |&span: &SpanIdx| {
                    is(&service, trace.service_name(trace.service(span)))
                        && is(&kind, trace.kind(span).word())
                        && (is(&name, trace.name(span))
                            || is(&name, facts.normal_name_text(facts.normal_name(span))))
                };
                self.run.found().prepared.order().iter().copied().filter(matches).collect()
            }
        })
    }

    fn insight_of(&self, span: SpanIdx) -> SpanInsight {
        let found = self.run.found();
        let shift = self.run.recorded().start(span) - self.run.trace().start(span).0;
        let (self_ns, self_all_ns) = self_time::of_span(&self.run.recorded(), &found.relations, span);
        SpanInsight {
            slack_ns: self.slack.get(span.at()).copied().flatten(),
            self_ns,
            self_all_ns,
            cp_ns: found.critical.get(span.at()).copied().unwrap_or_default(),
            relation: found.relations.get(span.at()).copied().map(relation_of).unwrap_or_default(),
            shift_ns: shift,
            is_cut: found.prepared.is_cut(span),
        }
    }
}
