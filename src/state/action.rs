//! Everything that can change the state, and how it does.

use super::analysis::AnalysisChoice;
use super::settings::{KeyPreset, ThemeChoice};
use super::view_state::{Fold, Grouping, PanelTab, QueryMode, RangeSpec, Screen, Sort, SortKey, ViewState};
use crate::model::ids::{SpanId, TraceId};
use crate::model::time::TimeRange;

/// A change of the state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Data is being read from these addresses; from files when there are none.
    Load(Vec<String>),
    /// Everything that was loaded is closed.
    Close,
    /// The list of traces is shown.
    ShowTraces,
    /// The critical paths of all traces are shown together.
    ShowTogether,
    /// A trace is shown.
    OpenTrace(TraceId),
    /// The open trace is shown in this view.
    ShowView(Screen),
    /// The table of the critical path is grouped otherwise.
    GroupPath(Grouping),
    /// A span is selected, or none.
    Select(Option<SpanId>),
    /// A time range is shown; none is the whole trace.
    ShowRange(Option<TimeRange>),
    /// The search within the trace changes.
    SetQuery(String),
    /// The search marks or filters.
    SetQueryMode(QueryMode),
    /// The waterfall is folded otherwise.
    SetFold(Fold),
    /// The side panel shows this.
    ShowPanel(PanelTab),
    /// A finding is opened by its key, or the open one is closed.
    OpenFinding(Option<String>),
    /// The trace is analysed otherwise.
    Analyse(AnalysisChoice),
    /// The search in the list changes.
    SetListQuery(String),
    /// The list is sorted by this; in the other direction when it is already.
    SortBy(SortKey),
    /// The reader chooses a theme: what the link forced ends.
    ChooseTheme(ThemeChoice),
    /// The reader chooses keys: what the link forced ends.
    ChooseKeys(KeyPreset),
    /// The state of another entry of the history, or of a link.
    Restore(Box<ViewState>),
}

impl ViewState {
    /// Changes the state.
    pub fn apply(&mut self, action: Action) {
        match action {
            Action::Load(urls) => {
                self.forget_trace();
                self.urls = urls;
                self.list_query.clear();
                self.screen = Screen::Traces;
            }
            Action::Close => {
                self.forget_trace();
                self.urls.clear();
                self.list_query.clear();
                self.screen = Screen::Open;
            }
            Action::ShowTraces => {
                self.forget_trace();
                self.screen = Screen::Traces;
            }
            Action::ShowTogether => {
                self.forget_trace();
                self.screen = Screen::CriticalPath;
            }
            Action::OpenTrace(trace) => {
                if self.trace != Some(trace) {
                    self.forget_trace();
                    self.trace = Some(trace);
                }
                self.screen = Screen::Timeline;
            }
            Action::ShowView(screen) if self.shows_trace() && screen.is_trace() => self.screen = screen,
            Action::ShowView(_) => {}
            Action::GroupPath(grouping) => self.path_grouping = grouping,
            Action::Select(span) => self.span = span,
            Action::ShowRange(range) => self.range = range.map(RangeSpec::Relative),
            Action::SetQuery(text) => self.query = text,
            Action::SetQueryMode(mode) => self.query_mode = mode,
            Action::SetFold(fold) => self.fold = fold,
            Action::ShowPanel(tab) => self.panel = Some(tab),
            Action::OpenFinding(key) => {
                if key.is_some() {
                    self.panel = Some(PanelTab::Findings);
                }
                self.finding = key;
            }
            Action::Analyse(choice) => self.analysis = choice,
            Action::SetListQuery(text) => self.list_query = text,
            Action::SortBy(key) if self.sort.key == key => self.sort.is_descending = !self.sort.is_descending,
            // Names are read from A, numbers from the largest.
            Action::SortBy(key) => self.sort = Sort { key, is_descending: key != SortKey::Name },
            Action::ChooseTheme(_) => self.theme = None,
            Action::ChooseKeys(_) => self.keys = None,
            Action::Restore(state) => *self = *state,
        }
    }

    /// What belongs to one trace starts afresh with another.
    fn forget_trace(&mut self) {
        (self.trace, self.span, self.range) = (None, None, None);
        self.query.clear();
        (self.query_mode, self.fold) = (QueryMode::default(), Fold::default());
        self.path_grouping = Grouping::default();
        (self.panel, self.finding, self.analysis.root) = (None, None, None);
    }
}

#[cfg(test)]
mod tests {
    use super::super::view_state::{HistoryStep, history_step};
    use super::*;
    use crate::model::time::DurationNanos;

    fn opened() -> ViewState {
        let mut state = ViewState::default();
        state.apply(Action::Load(vec!["samples/n-plus-one.json".into()]));
        state.apply(Action::OpenTrace(TraceId([7; 16])));
        state
    }

    #[test]
    fn back_returns_to_selections_and_screens_but_not_to_zooms() {
        let before = opened();
        let step = |action: Action| {
            let mut after = before.clone();
            after.apply(action);
            history_step(&before, &after)
        };
        let range = TimeRange { start: DurationNanos(1), end: DurationNanos(2) };
        assert_eq!(step(Action::Select(Some(SpanId(1)))), HistoryStep::Push);
        assert_eq!(step(Action::ShowTraces), HistoryStep::Push);
        assert_eq!(step(Action::Load(vec!["other.json".into()])), HistoryStep::Push);
        assert_eq!(step(Action::ShowRange(Some(range))), HistoryStep::Replace);
        assert_eq!(step(Action::SetQuery("cart".into())), HistoryStep::Replace);
        assert_eq!(step(Action::Select(None)), HistoryStep::Nothing);
        assert_eq!(step(Action::OpenFinding(Some("PERF-1".into()))), HistoryStep::Push);
        assert_eq!(step(Action::ShowPanel(PanelTab::Span)), HistoryStep::Replace);
    }

    #[test]
    fn another_trace_starts_afresh_and_the_list_keeps_its_search() {
        let mut state = opened();
        state.apply(Action::SetListQuery("checkout".into()));
        state.apply(Action::Select(Some(SpanId(1))));
        state.apply(Action::SetQuery("select".into()));
        state.apply(Action::OpenTrace(TraceId([7; 16])));
        assert_eq!(state.span, Some(SpanId(1)), "the same trace stays as it is");
        let root = Some(SpanId(1));
        state.apply(Action::Analyse(AnalysisChoice { strict_order: true, root, ..Default::default() }));
        state.apply(Action::OpenFinding(Some("PERF-1".into())));
        assert_eq!(state.panel, Some(PanelTab::Findings));
        state.apply(Action::OpenTrace(TraceId([8; 16])));
        assert_eq!((state.panel, state.finding.as_deref()), (None, None));
        assert_eq!(state.analysis, AnalysisChoice { strict_order: true, ..Default::default() });
        assert_eq!((state.span, state.query.as_str()), (None, ""));
        assert_eq!(state.list_query, "checkout");
    }

    #[test]
    fn sorting_again_turns_the_order_around() {
        let mut state = ViewState::default();
        state.apply(Action::SortBy(SortKey::Spans));
        assert!(state.sort.is_descending);
        state.apply(Action::SortBy(SortKey::Spans));
        assert!(!state.sort.is_descending);
        state.apply(Action::SortBy(SortKey::Name));
        assert!(!state.sort.is_descending);
    }
}
