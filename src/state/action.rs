//! Everything that can change the state, and how it does.

use std::sync::Arc;

use super::analysis::AnalysisChoice;
use super::compare::Compare;
use super::flame::FlameChoice;
use super::graph::GraphChoice;
use super::list_filter::{ListFilter, bounded};
use super::search::Search;
use super::settings::{KeyPreset, PaletteChoice, ThemeChoice};
use super::tables::{SpansChoice, StatisticsChoice};
use super::view_state::{Fold, Grouping, PanelTab, QueryMode, RangeSpec, Screen, Sort, SortKey, ViewState};
use super::what_if::Tried;
use crate::base::sort::CompactSort as _;
use crate::model::ids::{SpanId, TraceId};
use crate::model::time::{DurationNanos, TimeRange};
use crate::source::backend::BackendRef;
use crate::view::charts::scatter::Brushed;
use crate::view::marks::{self, Mark};
use crate::wire::table::Member;

/// A change of the state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Data is being read from these addresses; from files when there are none.
    Load(Vec<String>),
    /// These traces of a backend are being fetched.
    LoadRemote(BackendRef, Vec<TraceId>),
    /// A backend is to be connected: this one, or one that is still to be named.
    ShowConnect(Option<BackendRef>),
    /// This backend is searched.
    ShowSearch(BackendRef),
    /// Everything that was loaded is closed.
    Close,
    /// The list of traces is shown.
    ShowTraces,
    /// All traces are shown together in this view.
    ShowTogether(Screen),
    /// A trace is shown.
    OpenTrace(TraceId),
    /// The open trace is shown in this view.
    ShowView(Screen),
    /// This is searched for in the backend.
    Search(Search),
    /// Traces are compared.
    Compare(Compare),
    /// What is compared takes the other's place.
    SwapCompared,
    /// The table of the critical path is grouped otherwise.
    GroupPath(Grouping),
    /// The flame view is arranged otherwise.
    ArrangeFlame(FlameChoice),
    /// The statistics are arranged otherwise.
    ArrangeStatistics(StatisticsChoice),
    /// The table of spans is arranged otherwise.
    ArrangeSpans(SpansChoice),
    /// The spans of these groups are shown as a table.
    ShowSpansOf(Vec<Member>),
    /// The graph is looked at otherwise.
    SetGraph(GraphChoice),
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
    /// This is tried, in place of what was tried before.
    Try(Tried),
    /// The trace is analysed otherwise.
    Analyse(AnalysisChoice),
    /// Only the subtree of a span is shown; none is the whole trace.
    SetFocus(Option<SpanId>),
    /// An instant is marked.
    AddMark(Mark),
    /// A mark is taken away.
    RemoveMark(Mark),
    /// Each row shows the value of the attribute with this key; none is no attribute.
    SetColumn(Option<String>),
    /// The search in the list changes.
    SetListQuery(String),
    /// The list is narrowed to this service too, or no longer.
    ToggleService(String),
    /// The list is narrowed to roots of this name too, or no longer.
    ToggleOperation(String),
    /// The list is narrowed to traces with errors (or without), or no longer.
    ToggleErrors(bool),
    /// The list is narrowed to a rectangle of start and duration, or no longer.
    Brush(Option<Brushed>),
    /// Everything that narrows the list is taken back.
    ClearList,
    /// Durations above this are too long; none is no threshold.
    SetThreshold(Option<DurationNanos>),
    /// The list is sorted by this; in the other direction when it is already.
    SortBy(SortKey),
    /// The reader chooses a theme: what the link forced ends.
    ChooseTheme(ThemeChoice),
    /// The reader chooses keys: what the link forced ends.
    ChooseKeys(KeyPreset),
    /// The reader chooses colours of services: what the link forced ends.
    ChoosePalette(PaletteChoice),
    /// The state of another entry of the history, or of a link.
    Restore(Box<ViewState>),
}

impl ViewState {
    /// Changes the state.
    pub fn apply(&mut self, action: Action) {
        match action {
            Action::Load(urls) => {
                self.forget_all();
                self.urls = urls;
                self.screen = Screen::Traces;
            }
            Action::LoadRemote(backend, mut traces) => {
                self.forget_all();
                traces.compact_sort();
                traces.dedup();
                self.backend = Some(backend);
                (self.screen, self.trace) = match traces.as_slice() {
                    [only] => (Screen::Timeline, Some(*only)),
                    _ => (Screen::Traces, None),
                };
                self.fetched = traces.into();
            }
            Action::ShowConnect(backend) => {
                self.forget_all();
                (self.screen, self.backend) = (Screen::Connect, backend);
            }
            Action::ShowSearch(backend) => {
                self.forget_all();
                (self.screen, self.backend) = (Screen::Search, Some(backend));
            }
            Action::Close => {
                self.forget_all();
                self.screen = Screen::Open;
            }
            Action::ShowTraces => {
                self.forget_trace();
                self.screen = Screen::Traces;
            }
            Action::ShowTogether(screen) => {
                self.forget_trace();
                self.screen = screen;
            }
            Action::OpenTrace(trace) => {
                // A link may say what is to be shown of its only trace without naming it.
                if self.trace.is_some_and(|open| open != trace) {
                    self.forget_trace();
                }
                self.trace = Some(trace);
                self.screen = Screen::Timeline;
            }
            // Any two traces can be compared, whatever is open.
            Action::ShowView(Screen::Compare) if self.screen.shows_data() => self.screen = Screen::Compare,
            Action::Search(search) => {
                // What narrows the results of one search may hide those of the next.
                if !self.search.has_same_results(&search) {
                    self.list = ListFilter::default();
                    self.list_query.clear();
                }
                self.search = search;
            }
            Action::Compare(compare) => {
                self.compare = Some(compare);
                self.screen = Screen::Compare;
            }
            Action::SwapCompared => {
                if let Some(compare) = &mut self.compare {
                    compare.is_swapped = !compare.is_swapped;
                }
            }
            Action::ShowView(screen) if self.shows_trace() && screen.is_trace() => self.screen = screen,
            Action::ShowView(_) => {}
            Action::GroupPath(grouping) => self.path_grouping = grouping,
            Action::ArrangeFlame(choice) => self.flame = choice,
            Action::ArrangeStatistics(choice) => self.statistics = choice,
            Action::ArrangeSpans(choice) => self.spans = choice,
            Action::ShowSpansOf(of) => {
                self.spans.of = of;
                self.screen = Screen::Spans;
            }
            Action::SetGraph(choice) => self.graph = choice,
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
            Action::Try(tried) => self.tried = tried,
            Action::Analyse(choice) => self.analysis = choice,
            Action::SetFocus(span) => self.focus = span,
            Action::AddMark(mark) => drop(marks::insert(&mut self.marks, mark)),
            Action::RemoveMark(mark) => self.marks.retain(|m| *m != mark),
            Action::SetColumn(key) => self.column = key.filter(|key| !key.is_empty()),
            Action::SetListQuery(text) => self.list_query = text,
            Action::ToggleService(name) => self.list.toggle_service(name),
            Action::ToggleOperation(name) => self.list.toggle_operation(name),
            Action::ToggleErrors(with_errors) => self.list.toggle_errors(with_errors),
            Action::Brush(brush) => self.list.brush = brush.map(bounded),
            Action::ClearList => {
                self.list = ListFilter::default();
                self.list_query.clear();
            }
            Action::SetThreshold(threshold) => self.threshold = threshold.filter(|t| t.0 > 0),
            Action::SortBy(key) if self.sort.key == key => self.sort.is_descending = !self.sort.is_descending,
            // Names are read from A, numbers from the largest.
            Action::SortBy(key) => self.sort = Sort { key, is_descending: key != SortKey::Name },
            Action::ChooseTheme(_) => self.theme = None,
            Action::ChooseKeys(_) => self.keys = None,
            Action::ChoosePalette(_) => self.palette = None,
            Action::Restore(state) => *self = *state,
        }
    }

    /// What belongs to one trace starts afresh with another.
    fn forget_trace(&mut self) {
        (self.trace, self.span, self.range) = (None, None, None);
        self.query.clear();
        (self.query_mode, self.fold) = (QueryMode::default(), Fold::default());
        self.path_grouping = Grouping::default();
        self.flame = FlameChoice::default();
        self.spans.of.clear();
        self.spans.words.clear();
        self.statistics.words.clear();
        self.graph = GraphChoice::default();
        (self.panel, self.finding, self.analysis.root) = (None, None, None);
        self.tried = Tried::default();
        self.focus = None;
        self.marks.clear();
    }

    /// What belongs to one opening starts afresh with another.
    fn forget_all(&mut self) {
        self.forget_trace();
        self.compare = None;
        self.search = Search::default();
        self.urls.clear();
        (self.backend, self.fetched) = (None, Arc::default());
        self.column = None;
        self.list_query.clear();
        self.list = ListFilter::default();
        self.threshold = None;
    }
}

#[cfg(test)]
mod tests {
    use super::super::search::SearchChoice;
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
        let tried = Tried { finding: Some("PERF-4".into()), ..Tried::default() };
        assert_eq!(step(Action::Try(tried)), HistoryStep::Replace);
        let mark = Mark::new(DurationNanos(5), "here");
        assert_eq!(step(Action::SetFocus(Some(SpanId(1)))), HistoryStep::Push);
        assert_eq!(step(Action::AddMark(mark.clone())), HistoryStep::Push);
        assert_eq!(step(Action::RemoveMark(mark)), HistoryStep::Nothing);
        assert_eq!(step(Action::ToggleService("web".into())), HistoryStep::Push);
        assert_eq!(step(Action::SetThreshold(Some(DurationNanos(5)))), HistoryStep::Replace);
        assert_eq!(step(Action::SetListQuery("cart".into())), HistoryStep::Replace);
    }

    #[test]
    fn clearing_the_list_keeps_order_and_threshold() {
        let mut state = opened();
        for action in [
            Action::ToggleService("web".into()),
            Action::ToggleErrors(true),
            Action::SetListQuery("cart".into()),
            Action::SetThreshold(Some(DurationNanos(5))),
            Action::SortBy(SortKey::Spans),
        ] {
            state.apply(action);
        }
        state.apply(Action::ClearList);
        assert_eq!((&state.list, state.list_query.as_str()), (&ListFilter::default(), ""));
        assert_eq!((state.threshold, state.sort.key), (Some(DurationNanos(5)), SortKey::Spans));
    }

    #[test]
    fn marks_and_focus_belong_to_one_trace() {
        let mut state = opened();
        state.apply(Action::AddMark(Mark::new(DurationNanos(5), "here")));
        state.apply(Action::SetFocus(Some(SpanId(1))));
        state.apply(Action::SetColumn(Some("http.route".into())));
        state.apply(Action::Try(Tried { finding: Some("PERF-4".into()), ..Tried::default() }));
        state.apply(Action::OpenTrace(TraceId([8; 16])));
        assert_eq!((state.marks.len(), state.focus), (0, None));
        assert!(state.tried.is_empty());
        assert_eq!(state.column.as_deref(), Some("http.route"));
        state.apply(Action::SetColumn(Some(String::new())));
        assert_eq!(state.column, None);
    }

    #[test]
    fn another_search_is_not_narrowed_by_what_narrowed_the_last() {
        let search = |service: &str, every, calls| Search {
            submitted: Some(SearchChoice { service: service.into(), every, ..SearchChoice::default() }),
            calls,
        };
        let mut state = ViewState::default();
        state.apply(Action::Search(search("web", 0, None)));
        state.apply(Action::ToggleErrors(true));
        let before = state.clone();
        state.apply(Action::Search(search("web", 30, None)));
        assert_eq!(
            (history_step(&before, &state), state.list.with_errors),
            (HistoryStep::Replace, Some(true))
        );
        state.apply(Action::Search(search("web", 30, Some(5))));
        assert_eq!((history_step(&before, &state), state.list.with_errors), (HistoryStep::Push, Some(true)));
        state.apply(Action::Search(search("cart", 30, None)));
        assert_eq!(state.list.with_errors, None);
        let connect = ViewState::default();
        state.apply(Action::Load(Vec::new()));
        assert_eq!(state.search, connect.search, "what is opened is not the search");
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
    fn a_link_need_not_name_its_only_trace() {
        let mut state = crate::state::url::parse("#/waterfall?url=a.json&span=5&q=x").0;
        state.apply(Action::OpenTrace(TraceId([7; 16])));
        assert_eq!((state.trace, state.span), (Some(TraceId([7; 16])), Some(SpanId(5))));
        assert_eq!(state.query, "x");
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
