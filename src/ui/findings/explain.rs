//! What headline, panel and timeline share about the explanation of a trace.

use crate::ui::effect::effect;
use leptos::prelude::*;

use crate::base::text::counted;
use crate::model::ids::SpanId;
use crate::model::index::SpanIdx;
use crate::model::time::TimeRange;
use crate::platform::dom;
use crate::state::action::Action;
use crate::state::commands::CommandId;
use crate::state::findings::{Listing, deserve_attention, innermost, time_of, tried_fact};
use crate::state::view_state::PanelTab;
use crate::state::what_if::{Operation, Trial, Tried};
use crate::ui::analyses::Stage;
use crate::ui::services::Services;
use crate::ui::store::Store;
use crate::ui::timeline::TimelineHandle;
use crate::view::details::Fact;
use crate::view::timeline::Timeline;
use crate::view::treegrid::shown_name;
use crate::wire::analysis::{FindingMessage, WhatIfTotals};

/// The id of the tab with the findings.
pub const FINDINGS_TAB: &str = "tab-findings";
/// The id of the heading above the sliders.
pub const WHAT_IF: &str = "what-if";

/// A what-if that was worked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The result in a sentence.
    pub sentence: String,
    /// The totals.
    pub totals: WhatIfTotals,
}

/// A copyable handle to the explanation of the open trace.
#[derive(Clone, Copy, Debug)]
pub struct Explain {
    /// The state.
    pub store: Store,
    /// The engine.
    pub services: Services,
    handle: TimelineHandle,
    /// Findings by their places in the panel; none until there are any news of them.
    pub listing: Memo<Option<Listing>>,
    /// What is tried out, as far as the trace knows it.
    pub trial: Memo<Trial>,
    /// The what-if that was worked out last; none when nothing is tried.
    pub outcome: Memo<Option<Outcome>>,
    /// What the panel shows.
    pub tab: Memo<PanelTab>,
}

impl Explain {
    /// The explanation of whatever trace is open.
    pub fn new(store: Store, services: Services, handle: TimelineHandle) -> Self {
        let analyses = services.analyses;
        let listing = Memo::new(move |_| {
            let findings = analyses.findings.get()?;
            Some(store.with_ignored(|ignored| Listing::new(&findings, ignored)))
        });
        let name_of = move |span: u32| name_in(services, span);
        let trial = Memo::new(move |_| {
            let tried = store.with(|s| s.tried.clone());
            let scenario = tried.finding.as_ref().and_then(|key| {
                let found = |f: &Vec<FindingMessage>| f.iter().find(|f| f.key == *key)?.scenario.clone();
                analyses.findings.with(|f| f.as_ref().and_then(|f| found(f)))
            });
            Trial::new(&tried, scenario.as_ref(), name_of)
        });
        let outcome = Memo::new(move |before: Option<&Option<Outcome>>| {
            let answer = analyses.what_if.get();
            trial.with(|trial| match answer {
                _ if trial.is_empty() => None,
                Some(answer) if answer.scenarios == trial.scenarios() => {
                    let totals = answer.totals;
                    Some(Outcome { sentence: trial.sentence(totals), totals })
                }
                // Until the answer comes the one before stands.
                _ => before.cloned().flatten(),
            })
        });
        let tab = Memo::new(move |_| {
            let chosen = store.with(|s| s.panel.or(s.finding.as_ref().map(|_| PanelTab::Findings)));
            // With nothing selected there is nothing else to show than what was found, however small.
            let is_idle = store.with(|s| s.span.is_none());
            let deserve = |f: &[FindingMessage]| deserve_attention(f) || (is_idle && !f.is_empty());
            let found = || analyses.findings.with(|f| f.as_ref().is_some_and(|f| deserve(f)));
            chosen.unwrap_or_else(|| if found() { PanelTab::Findings } else { PanelTab::Span })
        });
        let explain = Self { store, services, handle, listing, trial, outcome, tab };
        explain.follow();
        explain
    }

    /// Keeps engine and state in step, and says what has come.
    fn follow(self) {
        let Self { store, services, .. } = self;
        let analyses = services.analyses;
        // The engine follows the choices in the state; a root is known by its id, and to the engine by index.
        let choice = Memo::new(move |_| store.with(|s| s.analysis));
        effect(move || {
            let choice = choice.get();
            let root = services.trace.with(|open| {
                let trace = &open.as_ref()?.trace;
                trace.find(choice.root?).map(|span| span.0)
            });
            let settings = choice.settings();
            let is_so =
                analyses.settings.with_untracked(|s| *s == settings) && analyses.root.get_untracked() == root;
            if !is_so {
                services.analyse(settings, root);
            }
        });
        // Operations go by names without their ids, and those are known together with the table of them.
        let knows_names = Memo::new(move |_| analyses.operations.with(Option::is_some));
        effect(move || {
            analyses.settings.track();
            analyses.root.track();
            let scenarios = self.trial.with(Trial::scenarios);
            if knows_names.get() || scenarios.is_empty() {
                services.ask_what_if(scenarios);
            }
        });
        let notices = services.notices;
        let is_done = Memo::new(move |_| analyses.stage.with(|stage| *stage == Stage::Done));
        effect(move || {
            if is_done.get() {
                let text = self.listing.with_untracked(|l| l.as_ref().map(Listing::announcement));
                notices.say(text.unwrap_or_else(|| "Nothing found".to_owned()));
            }
        });
        effect(move || {
            if let Some(outcome) = self.outcome.get() {
                notices.say(outcome.sentence);
            }
        });
    }

    /// Carries out a command; says whether it was one of these.
    pub fn run(self, command: CommandId) -> bool {
        match command {
            CommandId::ShowFindings => {
                self.show_panel(PanelTab::Findings);
                // The panel may only just appear.
                request_animation_frame(|| dom::focus_id(FINDINGS_TAB));
            }
            CommandId::WhatIf => {
                self.show_panel(PanelTab::Findings);
                request_animation_frame(|| {
                    dom::reveal_id(WHAT_IF);
                    dom::focus_id(WHAT_IF);
                });
            }
            CommandId::NextFinding => return self.step(true),
            CommandId::PreviousFinding => return self.step(false),
            CommandId::Escape if self.store.look(|s| !s.tried.is_empty()) => self.take_back(),
            _ => return false,
        }
        true
    }

    /// Shows the panel with this tab.
    pub fn show_panel(self, tab: PanelTab) {
        self.store.apply(Action::ShowPanel(tab));
        self.store.change_settings(|s| s.panel_open = true);
    }

    /// Everything is as it was.
    pub fn take_back(self) {
        self.store.apply(Action::Try(Tried::default()));
        self.services.notices.say("As it was");
    }

    /// Opens the finding after or before the open one; says whether there is any.
    fn step(self, forward: bool) -> bool {
        let open = self.store.look(|s| s.finding.clone());
        let next = self.listing.with_untracked(|listing| {
            listing.as_ref().and_then(|l| l.neighbour(open.as_deref(), forward)).cloned()
        });
        let Some(finding) = next else { return false };
        self.services.notices.say(finding.title.clone());
        self.store.change_settings(|s| s.panel_open = true);
        self.open(&finding);
        true
    }

    /// Opens a finding and shows its evidence.
    pub fn open(self, finding: &FindingMessage) {
        self.store.apply(Action::OpenFinding(Some(finding.key.clone())));
        self.show(finding);
    }

    /// Closes the open finding.
    pub fn close(self) {
        self.store.apply(Action::OpenFinding(None));
    }

    /// Selects the spans of a finding, brings them into sight and zooms to their time.
    pub fn show(self, finding: &FindingMessage) {
        self.handle.change(|t| {
            let spans = innermost(t.trace(), &finding.evidence);
            if let Some(time) = time_of(t.trace(), t.earlier(), finding) {
                t.show_evidence(&spans, time);
            }
        });
        self.tell_selection();
    }

    /// Selects a span, brings it into sight and zooms to it.
    pub fn show_span(self, span: u32) {
        self.handle.change(|t| t.show_span(SpanIdx(span)));
        self.tell_selection();
    }

    fn tell_selection(self) {
        let id: Option<SpanId> =
            self.handle.look(|t| t.selected().map(|span| t.trace().span_id(span))).flatten();
        self.store.apply_in_place(Action::Select(id));
    }

    /// Does not list a finding again in this visit.
    pub fn ignore(self, finding: &FindingMessage) {
        self.store.change_ignored(|ignored| {
            ignored.insert(finding.key.clone());
        });
        if self.store.look(|s| s.finding.as_deref() == Some(finding.key.as_str())) {
            self.close();
        }
        self.services.notices.say(format!("Ignored: {}", finding.title));
    }

    /// Lists a finding again.
    pub fn restore(self, key: &str) {
        self.store.change_ignored(|ignored| {
            ignored.remove(key);
        });
    }

    /// Whether what the finding with this key proposes is tried.
    pub fn is_proposed(self, key: &str) -> bool {
        self.store.with(|s| s.tried.finding.as_deref() == Some(key))
    }

    /// Tries what the finding with this key proposes, or nothing that a finding proposes.
    pub fn propose(self, key: Option<String>) {
        let tried = self.store.look(|s| s.tried.clone());
        self.store.apply(Action::Try(Tried { finding: key, ..tried }));
    }

    /// By how many parts of a thousand an operation is tried faster.
    pub fn faster(self, operation: &Operation) -> i64 {
        self.store.with(|s| s.tried.faster(operation))
    }

    /// Tries an operation; 0 leaves it as it is.
    pub fn set_faster(self, operation: Operation, permille: i64) {
        let mut tried = self.store.look(|s| s.tried.clone());
        tried.set_faster(operation, permille);
        self.store.apply(Action::Try(tried));
    }

    /// How long a span would take if what is tried were so.
    pub fn tried(self, span: SpanIdx) -> Option<Fact> {
        self.outcome.with(|outcome| outcome.as_ref().map(|_| ()))?;
        let look = |t: &Timeline| {
            let before = TimeRange { start: t.trace().start(span), end: t.trace().end(span) };
            Some(tried_fact(before, t.replayed()?.range(span)?))
        };
        self.handle.follow(look).flatten()
    }

    /// The name of a span as the rows show it.
    pub fn name_of(self, span: u32) -> String {
        name_in(self.services, span)
    }

    /// How many findings are in sight: `3 findings`.
    pub fn count(self) -> Option<usize> {
        self.listing.with(|listing| listing.as_ref().map(|l| l.shown.len()))
    }

    /// The words for [`Self::count`].
    pub fn count_words(self) -> String {
        match self.count() {
            None => "Findings".to_owned(),
            Some(0) => "No findings".to_owned(),
            Some(n) => counted(n as u64, "finding"),
        }
    }
}

/// The name of a span of the open trace, as the rows show it.
fn name_in(services: Services, span: u32) -> String {
    let name = services.trace.with_untracked(|open| {
        let trace = &open.as_ref()?.trace;
        ((span as usize) < trace.len()).then(|| shown_name(trace, SpanIdx(span)))
    });
    name.unwrap_or_default()
}
