//! The state of the page, and what is worth an entry in the browser's history.

use std::sync::Arc;

use super::analysis::AnalysisChoice;
use super::compare::Compare;
use super::flame::FlameChoice;
use super::graph::GraphChoice;
use super::list_filter::ListFilter;
use super::search::Search;
use super::settings::{KeyPreset, PaletteChoice, ThemeChoice};
use super::tables::{SpansChoice, StatisticsChoice};
use super::url;
use super::what_if::Tried;
use crate::model::ids::{SpanId, TraceId};
use crate::model::time::{DurationNanos, TimeRange, UnixNanos};
use crate::source::backend::BackendRef;
use crate::view::folding::FoldRule;
use crate::view::marks::Mark;
pub use crate::view::path_tables::Grouping;
pub use crate::view::traces::{Sort, SortKey};

/// What is on the screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Screen {
    /// Nothing is loaded: choose files or a sample.
    #[default]
    Open,
    /// The traces of what was loaded.
    Traces,
    /// One trace.
    Timeline,
    /// The calls of the open trace below one another, or of all traces together when none is open.
    Flame,
    /// Who calls whom, in the open trace, or in all traces together when none is open.
    Graph,
    /// The critical path of the open trace, or of all traces together when none is open.
    CriticalPath,
    /// Statistics of the spans of the open trace, or of all traces when none is open.
    Statistics,
    /// The spans of the open trace as a table, or of all traces when none is open.
    Spans,
    /// Two traces, or two sets of traces, side by side.
    Compare,
    /// Jaeger or Tempo is to be reached.
    Connect,
    /// Traces of Jaeger or Tempo are searched for.
    Search,
}

impl Screen {
    /// Whether it shows something of what was opened.
    pub const fn shows_data(self) -> bool {
        !matches!(self, Self::Open | Self::Connect | Self::Search)
    }

    /// Whether it is a view of a trace.
    pub const fn is_trace(self) -> bool {
        matches!(
            self,
            Self::Timeline
                | Self::Flame
                | Self::Graph
                | Self::CriticalPath
                | Self::Statistics
                | Self::Spans
                | Self::Compare
        )
    }
}

/// What a search does with the spans that it does not find.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum QueryMode {
    /// Shows them as they are and marks the others.
    #[default]
    Mark,
    /// Leaves them out.
    Filter,
}

/// A time range as a link says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RangeSpec {
    /// After the trace's start, as it was recorded.
    Relative(TimeRange),
    /// Since 1970; becomes relative when the trace is known.
    Absolute(UnixNanos, UnixNanos),
}

/// How the waterfall is folded: a rule, and what was opened (`true`) or closed since. Of each kind of
/// exception there are at most as many as a link carries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fold {
    /// The rule.
    pub rule: FoldRule,
    /// Spans.
    pub exceptions: Vec<(SpanId, bool)>,
    /// Runs of equal siblings, by their first members.
    pub runs: Vec<(SpanId, bool)>,
}

/// What the side panel shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PanelTab {
    /// What was found.
    Findings,
    /// The selected span.
    Span,
}

/// Everything that a link or the Back key can restore.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ViewState {
    /// Where the data came from, as far as it has an address.
    pub urls: Vec<String>,
    /// The backend that is searched, or that the data came from.
    pub backend: Option<BackendRef>,
    /// The traces that were fetched from it, in order.
    pub fetched: Arc<[TraceId]>,
    /// What is on the screen.
    pub screen: Screen,
    /// The open trace.
    pub trace: Option<TraceId>,
    /// The selected span.
    pub span: Option<SpanId>,
    /// The shown time; none is the whole trace.
    pub range: Option<RangeSpec>,
    /// Search within the trace.
    pub query: String,
    /// What the search does.
    pub query_mode: QueryMode,
    /// What is folded.
    pub fold: Fold,
    /// What a line of the table of the critical path stands for.
    pub path_grouping: Grouping,
    /// How the flame view is arranged.
    pub flame: FlameChoice,
    /// How the statistics are arranged.
    pub statistics: StatisticsChoice,
    /// How the table of spans is arranged.
    pub spans: SpansChoice,
    /// How the graph is looked at.
    pub graph: GraphChoice,
    /// What the side panel shows; none as long as nobody chose.
    pub panel: Option<PanelTab>,
    /// Key of the finding that is open.
    pub finding: Option<String>,
    /// What is tried: how the trace would be if something were otherwise.
    pub tried: Tried,
    /// How the trace is analysed.
    pub analysis: AnalysisChoice,
    /// The only subtree that is shown.
    pub focus: Option<SpanId>,
    /// Marked instants of the trace, in order of time.
    pub marks: Vec<Mark>,
    /// Key of the attribute that each row shows beside its name.
    pub column: Option<String>,
    /// Search in the list of traces.
    pub list_query: String,
    /// What else the list of traces is narrowed by.
    pub list: ListFilter,
    /// Durations above this are too long, as the reader says.
    pub threshold: Option<DurationNanos>,
    /// Order of the list of traces.
    pub sort: Sort,
    /// What is searched for in a backend.
    pub search: Search,
    /// What is compared with what; none as long as nobody chose.
    pub compare: Option<Compare>,
    /// A theme that the link forces for this visit.
    pub theme: Option<ThemeChoice>,
    /// Colours of services that the link forces for this visit.
    pub palette: Option<PaletteChoice>,
    /// Keys that the link forces for this visit.
    pub keys: Option<KeyPreset>,
}

/// What a change means for the browser's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HistoryStep {
    /// The address stays as it is.
    Nothing,
    /// The address is brought up to date, after a pause.
    Replace,
    /// Back returns to the state before.
    Push,
}

impl ViewState {
    /// Whether one trace is on the screen.
    pub fn shows_trace(&self) -> bool {
        self.screen == Screen::Timeline || (self.screen.is_trace() && self.trace.is_some())
    }
}

impl RangeSpec {
    /// The range after the recorded start of a trace, at `start`.
    pub fn relative_to(self, start: UnixNanos) -> TimeRange {
        match self {
            Self::Relative(range) => range,
            Self::Absolute(from, to) => TimeRange { start: from - start, end: to - start },
        }
    }
}

/// What the step from `before` to `after` means for the history: what the reader chose is worth going back to,
/// what is scrolled, zoomed, dragged and typed is not.
pub fn history_step(before: &ViewState, after: &ViewState) -> HistoryStep {
    match () {
        () if url::print(before) == url::print(after) => HistoryStep::Nothing,
        () if before.has_same_choices(after) => HistoryStep::Replace,
        () => HistoryStep::Push,
    }
}

impl ViewState {
    /// Whether everything that is chosen rather than moved is the same.
    fn has_same_choices(&self, other: &Self) -> bool {
        let place = |s: &Self| (s.screen, s.trace, s.span, s.focus);
        place(self) == place(other)
            && self.urls == other.urls
            && (&self.backend, &self.fetched) == (&other.backend, &other.fetched)
            && self.list == other.list
            && self.marks == other.marks
            && self.column == other.column
            && self.compare == other.compare
            && self.search.has_same_place(&other.search)
            && self.finding == other.finding
            && self.flame.has_same_place(&other.flame)
            && self.statistics.by == other.statistics.by
            && self.spans.of == other.spans.of
            && (&self.graph.node, &self.graph.service) == (&other.graph.node, &other.graph.service)
    }
}
