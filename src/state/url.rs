//! The state in the address: `#/<view>?key=value&…`, after the `#`, so it never reaches a server.
//!
//! Every key is read by itself: one that is not understood is reported by name and the others still count.
//! Links of older versions are brought up to date by one function per version; links of newer ones are read
//! as far as possible, with a notice.

mod values;

use std::sync::Arc;

use super::analysis::OVERFLOWS;
use super::compare::{Compare, MOST_LINKED, Other, parse_ids, parse_other};
use super::flame::{FlameChoice, Widths};
use super::graph;
use super::list_filter::ListFilter;
use super::search;
use super::settings::{KeyPreset, PaletteChoice, ThemeChoice};
use super::tables;
use super::view_state::{Fold, Grouping, PanelTab, QueryMode, Screen, Sort, ViewState};
use super::what_if::Tried;
use crate::base::sort::CompactSort as _;
use crate::model::ids::{SpanId, TraceId};
use crate::model::time::DurationNanos;
use crate::source::backend::BackendRef;
use crate::wire::analysis::Overflow;

pub(super) use values::without_credentials;
use values::{
    add_name, decoded, encoded, linked_names, nonzero, parse_brush, parse_faster, parse_fold, parse_marks,
    parse_nanos, parse_range, parse_sort, print_brush, print_faster, print_fold, print_marks, print_range,
    print_sort, scheme_of, short, word_of,
};

/// Version of the keys that this program writes.
pub const VERSION: u32 = 1;
/// Longest search text in a link.
const MAX_QUERY: usize = 1000;
/// Longest key of a finding in a link.
const MAX_FINDING: usize = 500;
/// Most addresses in a link.
const MAX_URLS: usize = 32;
/// Most traces of a backend in a link.
pub const MAX_FETCHED: usize = 200;
/// Longest key of an attribute in a link.
const MAX_KEY: usize = 200;
/// Keys that may stand in a link more than once.
const REPEATABLE: [&str; 5] = ["url", "trace", "service", "op", "faster"];

type Pairs = Vec<(String, String)>;

/// From version to the next: entry `n` reads links of version `n + 1`.
const UPGRADERS: &[fn(Pairs) -> Pairs] = &[];

/// Something in a link that was not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The key.
    pub key: String,
    /// Why it was left out.
    pub reason: String,
}

/// Words for the screens; the first of each is written.
const SCREEN_WORDS: [(Screen, &str); 11] = [
    (Screen::Open, ""),
    (Screen::Traces, "traces"),
    (Screen::Timeline, "waterfall"),
    (Screen::Flame, "flame"),
    (Screen::Graph, "graph"),
    (Screen::CriticalPath, "critical"),
    (Screen::Statistics, "table"),
    (Screen::Spans, "spans"),
    (Screen::Compare, "compare"),
    (Screen::Connect, "connect"),
    (Screen::Search, "search"),
];

/// Words for the tables of the critical path.
const GROUPING_WORDS: [(Grouping, &str); 3] =
    [(Grouping::Sections, "section"), (Grouping::Operations, "operation"), (Grouping::Services, "service")];

/// Words for what the flame view is wide by.
const WIDTH_WORDS: [(Widths, &str); 3] =
    [(Widths::Time, "time"), (Widths::SelfTime, "self"), (Widths::Critical, "critical")];

/// Words for what the side panel shows.
const PANEL_WORDS: [(PanelTab, &str); 2] = [(PanelTab::Findings, "findings"), (PanelTab::Span, "span")];

/// The fragment for `state`, with its `#`. The smallest one that gives `state` again.
pub fn print(state: &ViewState) -> String {
    let mut pairs: Vec<(&str, String)> = Vec::new();
    pairs.extend(state.urls.iter().map(|u| ("url", u.clone())));
    pairs.extend(state.backend.as_ref().map(|backend| (backend.key(), backend.value())));
    pairs.extend(state.trace.map(|t| ("trace", t.to_string())));
    if state.backend.is_some() && !state.fetched.iter().eq(&state.trace) {
        let ids: Vec<String> = state.fetched.iter().take(MAX_FETCHED).map(TraceId::to_string).collect();
        pairs.extend((!ids.is_empty()).then(|| ("load", ids.join(","))));
    }
    if let Some(compare) = &state.compare {
        compare.print(state.trace, &mut pairs);
    }
    pairs.extend(state.span.map(|s| ("span", s.to_string())));
    pairs.extend(state.range.map(|r| ("t", print_range(r))));
    let query = if state.screen.is_trace() { &state.query } else { &state.list_query };
    if !query.is_empty() {
        pairs.push(("q", query.chars().take(MAX_QUERY).collect()));
    }
    // Over a trace the list keeps its words for the way back.
    if state.screen.is_trace() && !state.list_query.is_empty() {
        pairs.push(("lq", state.list_query.chars().take(MAX_QUERY).collect()));
    }
    if state.query_mode == QueryMode::Filter {
        pairs.push(("qm", "filter".to_owned()));
    }
    if state.fold != Fold::default() {
        pairs.push(("fold", print_fold(&state.fold)));
    }
    if state.path_grouping != Grouping::default() {
        pairs.push(("by", word_of(&GROUPING_WORDS, state.path_grouping).to_owned()));
    }
    print_flame(&state.flame, &mut pairs);
    tables::print(&state.statistics, &state.spans, &mut pairs);
    pairs.extend(graph::print(&state.graph));
    pairs.extend(state.panel.map(|tab| ("panel", word_of(&PANEL_WORDS, tab).to_owned())));
    let finding = state.finding.as_ref().filter(|key| key.chars().count() <= MAX_FINDING);
    pairs.extend(finding.map(|key| ("finding", key.clone())));
    let tried = &state.tried;
    pairs.extend(tried.operations.iter().filter_map(print_faster).map(|faster| ("faster", faster)));
    let proposal = tried.finding.as_ref().filter(|key| key.chars().count() <= MAX_FINDING);
    pairs.extend(proposal.map(|key| ("try", key.clone())));
    let analysis = &state.analysis;
    if let Some(overflow) = OVERFLOWS.iter().find(|o| o.0 == analysis.overflow && o.0 != Overflow::Auto) {
        pairs.push(("late", overflow.1.to_owned()));
    }
    if analysis.recorded_clocks {
        pairs.push(("clocks", "recorded".to_owned()));
    }
    if analysis.strict_order {
        pairs.push(("overlaps", "strict".to_owned()));
    }
    pairs.extend(analysis.root.map(|root| ("root", root.to_string())));
    pairs.extend(state.focus.map(|s| ("focus", s.to_string())));
    if !state.marks.is_empty() {
        pairs.push(("mark", print_marks(&state.marks)));
    }
    pairs.extend(state.column.iter().map(|key| ("col", key.chars().take(MAX_KEY).collect())));
    print_list(&state.list, &mut pairs);
    pairs.extend(state.threshold.map(|t| ("over", t.0.to_string())));
    if state.sort != Sort::default() {
        pairs.push(("sort", print_sort(state.sort)));
    }
    pairs.extend(state.search.print());
    pairs.extend(state.theme.map(|t| ("theme", t.word().to_owned())));
    pairs.extend(state.palette.map(|p| ("palette", p.word().to_owned())));
    pairs.extend(state.keys.map(|k| ("keys", k.word().to_owned())));
    let screen = word_of(&SCREEN_WORDS, state.screen);
    if pairs.is_empty() {
        return format!("#/{screen}");
    }
    pairs.insert(0, ("v", VERSION.to_string()));
    let parts: Vec<String> = pairs.iter().map(|(key, value)| format!("{key}={}", encoded(value))).collect();
    format!("#/{screen}?{}", parts.join("&"))
}

/// How the flame view is arranged.
fn print_flame(flame: &FlameChoice, pairs: &mut Vec<(&str, String)>) {
    if flame.widths != Widths::default() {
        pairs.push(("widths", word_of(&WIDTH_WORDS, flame.widths).to_owned()));
    }
    pairs.extend(flame.around.map(|operation| ("around", format!("{operation:016x}"))));
    pairs.extend(flame.zoom.map(|path| ("at", format!("{path:016x}"))));
    if flame.by_own {
        pairs.push(("color", "self".to_owned()));
    }
}

/// What the list of traces is narrowed by.
fn print_list(list: &ListFilter, pairs: &mut Vec<(&str, String)>) {
    pairs.extend(linked_names(&list.services).map(|name| ("service", name.clone())));
    pairs.extend(linked_names(&list.operations).map(|name| ("op", name.clone())));
    pairs.extend(list.with_errors.map(|with| ("status", if with { "error" } else { "ok" }.to_owned())));
    pairs.extend(list.brush.map(|brush| ("brush", print_brush(brush))));
}

/// The state that `fragment` (with or without its `#`) describes, and what in it was not understood.
pub fn parse(fragment: &str) -> (ViewState, Vec<Notice>) {
    let fragment = fragment.strip_prefix('#').unwrap_or(fragment);
    let fragment = fragment.strip_prefix('/').unwrap_or(fragment);
    let (screen, query) = fragment.split_once('?').unwrap_or((fragment, ""));
    let mut reader = Reader::default();
    let known = SCREEN_WORDS.iter().find(|(_, word)| *word == screen).map(|(screen, _)| *screen);
    if known.is_none() {
        reader.refuse("view", &format!("there is no view named “{}”", short(screen)));
    }
    let pairs: Pairs = query
        .split('&')
        .filter(|part| !part.is_empty())
        .map(|part| part.split_once('=').unwrap_or((part, "")))
        .map(|(key, value)| (decoded(key), decoded(value)))
        .collect();
    let pairs = reader.upgraded(pairs);
    // A trace without a view means its waterfall; so does a view that is not there yet. A backend without a trace
    // is searched.
    let count = |key: &str| pairs.iter().filter(|(k, _)| k == key).count();
    let has = |key: &str| count(key) > 0;
    let of_backend = BackendRef::KEYS.into_iter().any(has);
    reader.state.screen = match known {
        Some(Screen::Open) | None if has("vs") => Screen::Compare,
        Some(Screen::Open) | None if of_backend && (has("load") || count("trace") > 1) => Screen::Traces,
        Some(Screen::Open) | None if of_backend && !has("trace") => Screen::Search,
        Some(Screen::Open) | None if has("trace") => Screen::Timeline,
        Some(Screen::Open) | None if has("url") => Screen::Traces,
        other => other.unwrap_or_default(),
    };
    for (key, value) in pairs {
        reader.read(&key, &value);
    }
    reader.backend();
    reader.compare();
    graph::finish(&mut reader.state.graph);
    (reader.state, reader.notices)
}

/// Whether `url` may be read: relative to the page, or http(s).
pub fn is_readable_url(url: &str) -> bool {
    match scheme_of(url) {
        Some(scheme) => matches!(scheme.to_ascii_lowercase().as_str(), "http" | "https"),
        None => !url.is_empty() && !url.starts_with("//") && !url.contains('\\'),
    }
}

#[derive(Default)]
struct Reader {
    state: ViewState,
    notices: Vec<Notice>,
    seen: Vec<String>,
    /// All traces that are named, and those that are merely fetched.
    traces: Vec<TraceId>,
    fetched: Arc<[TraceId]>,
    /// What is compared, until all keys that say so were read.
    base: Arc<[TraceId]>,
    other: Option<Other>,
    is_swapped: bool,
}

impl Reader {
    fn upgraded(&mut self, mut pairs: Pairs) -> Pairs {
        let stated = pairs.iter().find(|(key, _)| key == "v").map(|(_, v)| v.parse::<u32>());
        let version = match stated {
            None => VERSION,
            Some(Ok(version)) if version >= 1 => version,
            Some(_) => {
                self.refuse("v", "it is not a version");
                VERSION
            }
        };
        if version > VERSION {
            self.refuse("v", "the link was made by a newer version; some of it may be missing");
        }
        for upgrade in UPGRADERS.iter().skip(version as usize - 1) {
            pairs = upgrade(pairs);
        }
        pairs.retain(|(key, _)| key != "v");
        pairs
    }

    fn read(&mut self, key: &str, value: &str) {
        let is_first = !self.seen.iter().any(|k| k == key);
        if !REPEATABLE.contains(&key) {
            if !is_first && !tables::REPEATED.contains(&key) {
                return self.refuse(key, "it stands there twice; the first one counts");
            }
            self.seen.push(key.to_owned());
        }
        let state = &mut self.state;
        let understood = match key {
            "url" => {
                let readable = is_readable_url(value) && state.urls.len() < MAX_URLS;
                readable.then(|| state.urls.push(without_credentials(value)))
            }
            "trace" => {
                let id = nonzero(TraceId::from_hex(value), TraceId::NONE);
                id.filter(|_| self.traces.len() < MAX_FETCHED).map(|id| self.traces.push(id))
            }
            "load" => {
                // Backends leave zeros before an id out, so any length is one.
                let id = |id: &str| nonzero(TraceId::from_hex(id), TraceId::NONE);
                let ids: Option<Vec<_>> = value.split(',').take(MAX_FETCHED + 1).map(id).collect();
                ids.filter(|ids| ids.len() <= MAX_FETCHED).map(|ids| self.fetched = ids.into())
            }
            "jaeger" | "tempo" | "backend" if state.backend.is_none() => {
                BackendRef::parse(key, value).map(|backend| state.backend = Some(backend))
            }
            "jaeger" | "tempo" | "backend" => {
                return self.refuse(key, "another backend stands there already; the first one counts");
            }
            "base" => parse_ids(value, MOST_LINKED).map(|ids| self.base = ids),
            "vs" => parse_other(value).map(|other| self.other = Some(other)),
            "swap" => (value == "1").then(|| self.is_swapped = true),
            "span" => nonzero(SpanId::from_hex(value), SpanId::NONE).map(|id| state.span = Some(id)),
            "t" => parse_range(value).map(|range| state.range = Some(range)),
            "q" if value.chars().count() <= MAX_QUERY => {
                let query = if state.screen.is_trace() { &mut state.query } else { &mut state.list_query };
                value.clone_into(query);
                Some(())
            }
            "lq" if value.chars().count() <= MAX_QUERY && state.screen.is_trace() => {
                value.clone_into(&mut state.list_query);
                Some(())
            }
            "q" | "lq" => None,
            "qm" => match value {
                "mark" => Some(QueryMode::Mark),
                "filter" => Some(QueryMode::Filter),
                _ => None,
            }
            .map(|mode| state.query_mode = mode),
            "fold" => parse_fold(value).map(|fold| state.fold = fold),
            "by" => {
                let known = GROUPING_WORDS.iter().find(|(_, word)| *word == value);
                known.map(|(grouping, _)| state.path_grouping = *grouping)
            }
            "widths" => {
                let known = WIDTH_WORDS.iter().find(|(_, word)| *word == value);
                known.map(|(widths, _)| state.flame.widths = *widths)
            }
            "around" => u64::from_str_radix(value, 16).ok().map(|key| state.flame.around = Some(key)),
            "at" => u64::from_str_radix(value, 16).ok().map(|key| state.flame.zoom = Some(key)),
            "color" if value == "self" => {
                state.flame.by_own = true;
                Some(())
            }
            "as" | "ground" | "in" | "node" | "near" | "calls" | "small" => {
                graph::read(&mut state.graph, key, value)
            }
            "panel" => PANEL_WORDS.iter().find(|(_, w)| *w == value).map(|(tab, _)| state.panel = Some(*tab)),
            "finding" if !value.is_empty() && value.chars().count() <= MAX_FINDING => {
                state.finding = Some(value.to_owned());
                Some(())
            }
            "faster" => {
                let is_room = state.tried.operations.len() < Tried::MAX_OPERATIONS;
                let faster = parse_faster(value).filter(|_| is_room);
                faster.map(|(operation, permille)| state.tried.set_faster(operation, permille))
            }
            "try" if !value.is_empty() && value.chars().count() <= MAX_FINDING => {
                state.tried.finding = Some(value.to_owned());
                Some(())
            }
            "late" => OVERFLOWS.iter().find(|o| o.1 == value).map(|o| state.analysis.overflow = o.0),
            "clocks" if value == "recorded" => {
                state.analysis.recorded_clocks = true;
                Some(())
            }
            "overlaps" if value == "strict" => {
                state.analysis.strict_order = true;
                Some(())
            }
            "root" => nonzero(SpanId::from_hex(value), SpanId::NONE).map(|id| state.analysis.root = Some(id)),
            "focus" => nonzero(SpanId::from_hex(value), SpanId::NONE).map(|id| state.focus = Some(id)),
            "mark" => parse_marks(value).map(|marks| state.marks = marks),
            "col" => {
                let is_key = !value.is_empty() && value.chars().count() <= MAX_KEY;
                is_key.then(|| state.column = Some(value.to_owned()))
            }
            "service" => add_name(&mut state.list.services, value),
            "op" => add_name(&mut state.list.operations, value),
            "status" => match value {
                "error" => Some(true),
                "ok" => Some(false),
                _ => None,
            }
            .map(|with| state.list.with_errors = Some(with)),
            "brush" => parse_brush(value).map(|brush| state.list.brush = Some(brush)),
            "over" => {
                let nanos = parse_nanos(value).filter(|n| *n > 0);
                nanos.map(|n| state.threshold = Some(DurationNanos(n)))
            }
            "sort" => parse_sort(value).map(|sort| state.sort = sort),
            "theme" => [ThemeChoice::Auto, ThemeChoice::Light, ThemeChoice::Dark]
                .into_iter()
                .find(|t| t.word() == value)
                .map(|theme| state.theme = Some(theme)),
            "palette" => PaletteChoice::ALL
                .into_iter()
                .find(|p| p.word() == value)
                .map(|palette| state.palette = Some(palette)),
            "keys" => [KeyPreset::Perfetto, KeyPreset::Jaeger]
                .into_iter()
                .find(|k| k.word() == value)
                .map(|keys| state.keys = Some(keys)),
            _ if tables::is_key(key) => {
                tables::read(&mut state.statistics, &mut state.spans, is_first, key, value)
            }
            _ if let Some(key) = key.strip_prefix(search::PREFIX) => state.search.read(key, value),
            _ => return self.refuse(key, "there is no such key"),
        };
        if understood.is_none() {
            self.refuse(key, &format!("“{}” is not a value of it", short(value)));
        }
    }

    /// What is fetched from where, and which trace is open.
    fn backend(&mut self) {
        if self.state.backend.is_none() {
            if self.traces.len() > 1 {
                self.refuse("trace", "it stands there twice; the first one counts");
            }
            if !self.fetched.is_empty() {
                self.refuse("load", "no backend is named to fetch from");
            }
            self.state.trace = self.traces.first().copied();
            return;
        }
        if !self.state.screen.shows_data() {
            return;
        }
        let mut all = [self.traces.as_slice(), &self.fetched].concat();
        all.compact_sort();
        all.dedup();
        all.truncate(MAX_FETCHED);
        // On the list several are named to be fetched, not to be opened.
        let is_list = self.state.screen == Screen::Traces;
        self.state.trace = self.traces.first().copied().filter(|_| !is_list);
        if all.is_empty() && self.state.urls.is_empty() {
            self.state.screen = Screen::Search;
        }
        self.state.fetched = all.into();
    }

    /// What is compared; without a base it is the trace of the link.
    fn compare(&mut self) {
        let Some(other) = self.other.take() else { return };
        let mut base = std::mem::take(&mut self.base);
        if base.is_empty() {
            base = self.state.trace.into_iter().collect();
        }
        self.state.compare = Some(Compare { base, other, is_swapped: self.is_swapped });
    }

    fn refuse(&mut self, key: &str, reason: &str) {
        if self.notices.len() < 20 {
            self.notices.push(Notice { key: short(key), reason: reason.to_owned() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::analysis::AnalysisChoice;
    use super::super::graph::{Form, GraphChoice, NodeName};
    use super::super::search::{Search, SearchChoice, When};
    use super::super::tables::{SpansChoice, StatisticsChoice};
    use super::super::view_state::{RangeSpec, SortKey};
    use super::super::what_if::Operation;
    use super::*;
    use crate::model::time::{TimeRange, UnixNanos};
    use crate::view::charts::scatter::Brushed;
    use crate::view::folding::FoldRule;
    use crate::view::graph::NodeKind;
    use crate::view::graph::text::Colouring;
    use crate::view::marks::Mark;
    use crate::wire::table::{GroupBy, Member, SpanColumn, StatColumn};
    use proptest::prelude::*;

    fn state() -> ViewState {
        ViewState {
            urls: vec!["samples/a b.json".into(), "https://host/x?y=1&z=2".into()],
            backend: BackendRef::parse("tempo", "https://host:3200/base/"),
            fetched: [TraceId([1; 16]), TraceId::from_hex("4bf92f3577b34da6a3ce929d0e0e4736").unwrap()]
                .into(),
            screen: Screen::CriticalPath,
            path_grouping: Grouping::Services,
            trace: TraceId::from_hex("4bf92f3577b34da6a3ce929d0e0e4736"),
            span: Some(SpanId(0xf0)),
            range: Some(RangeSpec::Relative(TimeRange { start: DurationNanos(5), end: DurationNanos(90) })),
            query: "a&b=c %20 ü#?".into(),
            query_mode: QueryMode::Filter,
            flame: FlameChoice {
                widths: Widths::Critical,
                around: Some(7),
                zoom: Some(u64::MAX),
                by_own: true,
            },
            statistics: StatisticsChoice {
                by: vec![GroupBy::Service, GroupBy::Attribute("http.route".into())],
                columns: vec![StatColumn::Count, StatColumn::P95],
                sort: Some((StatColumn::Group, false)),
                words: "cart & co".into(),
            },
            spans: SpansChoice {
                columns: vec![SpanColumn::Duration, SpanColumn::Attribute("a,b=c".into())],
                sort: Some((SpanColumn::Attribute("a.desc".into()), true)),
                of: vec![Member::Service("s:1".into()), Member::Attribute { key: "k".into(), value: None }],
                words: "x".into(),
            },
            graph: GraphChoice {
                form: Form::Calls,
                colouring: Colouring::Errors,
                node: Some(NodeName {
                    kind: NodeKind::Service,
                    name: "cart".into(),
                    operation: "GET /{id}".into(),
                }),
                depth: 2,
                service: Some("cart".into()),
                least_calls: 10,
                hides_small: true,
            },
            panel: Some(PanelTab::Findings),
            finding: Some("PERF-4:GET /x>SELECT ?".into()),
            tried: Tried {
                operations: vec![
                    (
                        Operation {
                            service: "pay, 10 %".into(),
                            name: "GET /a,b".into(),
                            kind: "CLIENT".into(),
                        },
                        500,
                    ),
                    (
                        Operation { service: String::new(), name: String::new(), kind: "UNSPECIFIED".into() },
                        1000,
                    ),
                ],
                finding: Some("PERF-3:web>a".into()),
            },
            analysis: AnalysisChoice {
                overflow: Overflow::Truncate,
                recorded_clocks: true,
                strict_order: true,
                root: Some(SpanId(3)),
            },
            fold: Fold {
                rule: FoldRule::Depth(3),
                exceptions: vec![(SpanId(1), true), (SpanId(2), false)],
                runs: vec![(SpanId(3), true), (SpanId(4), false)],
            },
            focus: Some(SpanId(9)),
            marks: vec![
                Mark::new(DurationNanos(7), "deploy; 50 % off"),
                Mark::new(DurationNanos(90), ""),
                Mark::new(DurationNanos(91), "a:b"),
            ],
            column: Some("http.route".into()),
            list_query: "checkout".into(),
            list: ListFilter {
                services: vec!["web".into(), "cart & co".into()],
                operations: vec!["GET /".into()],
                with_errors: Some(true),
                brush: Some(Brushed {
                    start: (UnixNanos(5), UnixNanos(9)),
                    duration: (DurationNanos(1), DurationNanos(3)),
                }),
            },
            threshold: Some(DurationNanos(1_000_000_000)),
            compare: Some(Compare {
                is_swapped: true,
                ..Compare::of([TraceId([3; 16])], [TraceId([5; 16])])
            }),
            palette: Some(PaletteChoice::OkabeIto),
            theme: Some(ThemeChoice::Dark),
            keys: Some(KeyPreset::Jaeger),
            sort: Sort { key: SortKey::Name, is_descending: false },
            search: Search {
                submitted: Some(SearchChoice {
                    service: "a & b".into(),
                    traceql: Some("{ .a = \"%\" }".into()),
                    when: When::Between(1_767_225_600_500_000_000, 1_767_225_700_000_000_000),
                    ..SearchChoice::default()
                }),
                calls: Some(3_600_000_000_000),
            },
        }
    }

    #[test]
    fn links_name_a_backend_and_what_is_fetched_from_it() {
        const A: &str = "000000000000000000000000000000aa";
        const B: &str = "000000000000000000000000000000bb";
        let tempo = "tempo=http://localhost:3200/";
        for (link, screen, trace, fetched, printed) in [
            ("#/?TEMPO&trace=A", Screen::Timeline, "A", "A", "#/waterfall?v=1&TEMPO&trace=A"),
            ("#/?TEMPO&trace=B&trace=A", Screen::Traces, "", "AB", "#/traces?v=1&TEMPO&load=A,B"),
            ("#/flame?TEMPO&trace=B&trace=A", Screen::Flame, "B", "AB", "#/flame?v=1&TEMPO&trace=B&load=A,B"),
            ("#/flame?TEMPO&load=bb,aa", Screen::Flame, "", "AB", "#/flame?v=1&TEMPO&load=A,B"),
            ("#/flame?TEMPO&load=A,B", Screen::Flame, "", "AB", "#/flame?v=1&TEMPO&load=A,B"),
            ("#/?TEMPO", Screen::Search, "", "", "#/search?v=1&TEMPO"),
            ("#/waterfall?TEMPO", Screen::Search, "", "", "#/search?v=1&TEMPO"),
            ("#/connect?backend=prod", Screen::Connect, "", "", "#/connect?v=1&backend=prod"),
        ] {
            let whole = |text: &str| text.replace("TEMPO", tempo).replace('A', A).replace('B', B);
            let (state, notices) = parse(&whole(link));
            assert_eq!(notices, [], "{link}");
            assert_eq!(state.screen, screen, "{link}");
            let ids = |ids: &[TraceId]| ids.iter().map(TraceId::to_string).collect::<String>();
            let open: Vec<TraceId> = state.trace.into_iter().collect();
            assert_eq!((ids(&open), ids(&state.fetched)), (whole(trace), whole(fetched)), "{link}");
            assert_eq!(print(&state), whole(printed), "{link}");
            assert_eq!(parse(&print(&state)).0, state, "{link}");
        }
        for (link, key) in [
            ("#/waterfall?trace=A&trace=B", "trace"),
            ("#/traces?load=A", "load"),
            ("#/?tempo=http://localhost:3200&jaeger=http://localhost:16686&trace=A", "jaeger"),
            ("#/?tempo=https://user:marker@host&trace=A", "tempo"),
        ] {
            let (state, notices) = parse(&link.replace('A', A).replace('B', B));
            assert_eq!(notices.iter().map(|n| n.key.as_str()).collect::<Vec<_>>(), [key], "{link}");
            assert!(!print(&state).contains("marker"));
        }
    }

    #[test]
    fn a_link_gives_the_state_again() {
        let text = print(&state());
        assert_eq!(
            text,
            "#/critical?v=1&url=samples/a%20b.json&url=https://host/x%3Fy%3D1%26z%3D2\
             &tempo=https://host:3200/base/&trace=4bf92f3577b34da6a3ce929d0e0e4736\
             &load=01010101010101010101010101010101,4bf92f3577b34da6a3ce929d0e0e4736\
             &base=03030303030303030303030303030303&vs=05050505050505050505050505050505&swap=1&span=00000000000000f0&t=5-90\
             &q=a%26b%3Dc%20%2520%20%C3%BC%23%3F&lq=checkout&qm=filter\
             &fold=depth:3,%2B0000000000000001,-0000000000000002,*0000000000000003,!0000000000000004\
             &by=service&widths=critical&around=0000000000000007&at=ffffffffffffffff&color=self\
             &group=service&group=a:http.route&gcols=count,p95&gsort=group.asc\
             &gq=cart%20%26%20co&cols=duration&cols=a:a,b%3Dc&rsort=a:a.desc.desc&of=s3:s:1&of=n1:k&rq=x\
             &as=calls&ground=errors&in=cart&node=operation:GET%20/%7Bid%7D&near=2&calls=10&small=hide\
             &panel=findings&finding=PERF-4:GET%20/x%3ESELECT%20%3F\
             &faster=500,CLIENT,pay%252C%2010%20%2525,GET%20/a,b&faster=1000,UNSPECIFIED,,&try=PERF-3:web%3Ea\
             &late=truncate&clocks=recorded&overlaps=strict&root=0000000000000003\
             &focus=0000000000000009&mark=7:deploy%253B%2050%20%2525%20off;90;91:a:b&col=http.route\
             &service=web&service=cart%20%26%20co&op=GET%20/&status=error&brush=abs:5-9,1-3&over=1000000000\
             &sort=name&search.service=a%20%26%20b\
             &search.q=%7B%20.a%20%3D%20%22%25%22%20%7D&search.from=2026-01-01T00:00:00.5Z\
             &search.to=2026-01-01T00:01:40Z&search.calls=1h&theme=dark&palette=okabe-ito&keys=jaeger"
        );
        assert_eq!(parse(&text), (state(), Vec::new()));
        assert_eq!(print(&ViewState::default()), "#/");
    }

    #[test]
    fn keys_are_read_one_by_one() {
        for (fragment, keys) in [
            ("", ""),
            ("#", ""),
            ("#/", ""),
            ("#/waterfall?trace=xyz&span=1&t=9-5", "trace t"),
            ("#/nowhere?trace=1", "view"),
            ("#/?url=javascript:alert(1)&url=//host/x&url=data:x&url=a.json", "url url url"),
            ("#/?v=2&q=x", "v"),
            ("#/?v=x", "v"),
            ("#/?theme=sepia&keys=vim&fold=all&sort=luck&nope=1", "theme keys fold sort nope"),
            ("#/?q=a&q=b", "q"),
            (
                "#/?faster=1,CLIENT,a&faster=0,,,&faster=2000,,,&faster=x,,,&faster=5,,,b&try=",
                "faster faster faster faster try",
            ),
            ("#/?trace=0&span=0", "trace span"),
            ("#/?t=abs:5-9&fold=none", ""),
            ("#/?t=1--5", "t"),
            ("#/?fold=errors,+1,-2", ""),
            (
                "#/?panel=x&finding=&late=never&clocks=1&overlaps=1&root=0",
                "panel finding late clocks overlaps root",
            ),
            ("#/?fold=-1,errors", "fold"),
            ("#/?fold=errors,*1,!2,+3", ""),
            ("#/?fold=*x", "fold"),
            ("#/?focus=0&focus=1", "focus focus"),
            ("#/?mark=5:a;x:b&span=1", "mark"),
            ("#/?mark=5;5:a;9:", ""),
            ("#/?mark=1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16;17", "mark"),
            ("#/traces?service=a&service=b&op=&status=error&over=5", ""),
            ("#/traces?status=fine&brush=abs:9-5,1-2&over=0&lq=x", "status brush over lq"),
            ("#/traces?brush=5-9,1-2", "brush"),
            ("#/compare?trace=1&vs=x.json&swap=0&base=1", "swap base"),
            ("#/compare?vs=rest", ""),
            ("#/waterfall?lq=x&col=&palette=grey", "col palette"),
            ("#/graph?as=x&ground=x&in=&node=x&near=0&calls=1&small=x", "as ground in node near calls small"),
            ("#/graph?node=operation:a&as=nodes", ""),
        ] {
            let (_, notices) = parse(fragment);
            let named: Vec<_> = notices.iter().map(|n| n.key.as_str()).collect();
            assert_eq!(named.join(" "), keys, "{fragment}");
        }
    }

    #[test]
    fn a_trace_means_its_waterfall_and_credentials_are_dropped() {
        assert_eq!(parse("#/?trace=1").0.screen, Screen::Timeline);
        assert_eq!(parse("#/nowhere?url=x").0.screen, Screen::Traces);
        assert_eq!(parse("#/?url=https://user:pw@host/a@b").0.urls, ["https://host/a@b"]);
        assert_eq!(parse("#/traces?q=x").0.list_query, "x");
    }

    proptest! {
        #[test]
        fn any_fragment_is_read(text in ".*") {
            let (state, _) = parse(&text);
            let (again, notices) = parse(&print(&state));
            prop_assert_eq!(again, state);
            prop_assert_eq!(notices, Vec::new());
        }

        #[test]
        fn any_query_and_address_survive(query in ".{0,50}", url in "[a-z%&=#? ü+]{1,20}") {
            let state = ViewState { screen: Screen::Timeline, query, urls: vec![url], ..ViewState::default() };
            prop_assert_eq!(parse(&print(&state)).0, state);
        }
    }
}
