//! The state in the address: `#/<view>?key=value&…`, after the `#`, so it never reaches a server.
//!
//! Every key is read by itself: one that is not understood is reported by name and the others still count.
//! Links of older versions are brought up to date by one function per version; links of newer ones are read
//! as far as possible, with a notice.

use super::analysis::OVERFLOWS;
use super::settings::{KeyPreset, ThemeChoice};
use super::view_state::{Fold, Grouping, PanelTab, QueryMode, RangeSpec, Screen, Sort, SortKey, ViewState};
use crate::model::ids::{SpanId, TraceId};
use crate::model::time::{DurationNanos, TimeRange, UnixNanos};
use crate::view::folding::{FoldRule, Folding};
use crate::wire::analysis::Overflow;

/// Version of the keys that this program writes.
pub const VERSION: u32 = 1;
/// Longest search text in a link.
const MAX_QUERY: usize = 1000;
/// Longest key of a finding in a link.
const MAX_FINDING: usize = 500;
/// Most addresses in a link.
const MAX_URLS: usize = 32;

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

/// Words for the orders of the list.
const SORT_WORDS: [(SortKey, &str); 6] = [
    (SortKey::Start, "start"),
    (SortKey::Duration, "duration"),
    (SortKey::Spans, "spans"),
    (SortKey::Errors, "errors"),
    (SortKey::Services, "services"),
    (SortKey::Name, "name"),
];

/// Words for the screens; the first of each is written.
const SCREEN_WORDS: [(Screen, &str); 4] = [
    (Screen::Open, ""),
    (Screen::Traces, "traces"),
    (Screen::Timeline, "waterfall"),
    (Screen::CriticalPath, "critical"),
];

/// Words for the tables of the critical path.
const GROUPING_WORDS: [(Grouping, &str); 3] =
    [(Grouping::Sections, "section"), (Grouping::Operations, "operation"), (Grouping::Services, "service")];

/// Words for what the side panel shows.
const PANEL_WORDS: [(PanelTab, &str); 2] = [(PanelTab::Findings, "findings"), (PanelTab::Span, "span")];

/// The fragment for `state`, with its `#`. The smallest one that gives `state` again.
pub fn print(state: &ViewState) -> String {
    let mut pairs: Vec<(&str, String)> = Vec::new();
    pairs.extend(state.urls.iter().map(|u| ("url", u.clone())));
    pairs.extend(state.trace.map(|t| ("trace", t.to_string())));
    pairs.extend(state.span.map(|s| ("span", s.to_string())));
    pairs.extend(state.range.map(|r| ("t", print_range(r))));
    let query = if state.screen.is_trace() { &state.query } else { &state.list_query };
    if !query.is_empty() {
        pairs.push(("q", query.chars().take(MAX_QUERY).collect()));
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
    pairs.extend(state.panel.map(|tab| ("panel", word_of(&PANEL_WORDS, tab).to_owned())));
    let finding = state.finding.as_ref().filter(|key| key.chars().count() <= MAX_FINDING);
    pairs.extend(finding.map(|key| ("finding", key.clone())));
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
    if state.sort != Sort::default() {
        pairs.push(("sort", print_sort(state.sort)));
    }
    pairs.extend(state.theme.map(|t| ("theme", t.word().to_owned())));
    pairs.extend(state.keys.map(|k| ("keys", k.word().to_owned())));
    let screen = word_of(&SCREEN_WORDS, state.screen);
    if pairs.is_empty() {
        return format!("#/{screen}");
    }
    pairs.insert(0, ("v", VERSION.to_string()));
    let parts: Vec<String> = pairs.iter().map(|(key, value)| format!("{key}={}", encoded(value))).collect();
    format!("#/{screen}?{}", parts.join("&"))
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
    // A trace without a view means its waterfall; so does a view that is not there yet.
    let has = |key: &str| pairs.iter().any(|(k, _)| k == key);
    reader.state.screen = match known {
        Some(Screen::Open) | None if has("trace") => Screen::Timeline,
        Some(Screen::Open) | None if has("url") => Screen::Traces,
        other => other.unwrap_or_default(),
    };
    for (key, value) in pairs {
        reader.read(&key, &value);
    }
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
        if key != "url" {
            if self.seen.iter().any(|k| k == key) {
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
            "trace" => nonzero(TraceId::from_hex(value), TraceId::NONE).map(|id| state.trace = Some(id)),
            "span" => nonzero(SpanId::from_hex(value), SpanId::NONE).map(|id| state.span = Some(id)),
            "t" => parse_range(value).map(|range| state.range = Some(range)),
            "q" if value.chars().count() <= MAX_QUERY => {
                let query = if state.screen.is_trace() { &mut state.query } else { &mut state.list_query };
                value.clone_into(query);
                Some(())
            }
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
            "panel" => PANEL_WORDS.iter().find(|(_, w)| *w == value).map(|(tab, _)| state.panel = Some(*tab)),
            "finding" if !value.is_empty() && value.chars().count() <= MAX_FINDING => {
                state.finding = Some(value.to_owned());
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
            "sort" => parse_sort(value).map(|sort| state.sort = sort),
            "theme" => [ThemeChoice::Auto, ThemeChoice::Light, ThemeChoice::Dark]
                .into_iter()
                .find(|t| t.word() == value)
                .map(|theme| state.theme = Some(theme)),
            "keys" => [KeyPreset::Perfetto, KeyPreset::Jaeger]
                .into_iter()
                .find(|k| k.word() == value)
                .map(|keys| state.keys = Some(keys)),
            _ => return self.refuse(key, "there is no such key"),
        };
        if understood.is_none() {
            self.refuse(key, &format!("“{}” is not a value of it", short(value)));
        }
    }

    fn refuse(&mut self, key: &str, reason: &str) {
        if self.notices.len() < 20 {
            self.notices.push(Notice { key: short(key), reason: reason.to_owned() });
        }
    }
}

fn print_range(range: RangeSpec) -> String {
    match range {
        RangeSpec::Relative(r) => format!("{}-{}", r.start.0, r.end.0),
        RangeSpec::Absolute(from, to) => format!("abs:{}-{}", from.0, to.0),
    }
}

fn parse_range(text: &str) -> Option<RangeSpec> {
    let (text, is_absolute) = text.strip_prefix("abs:").map_or((text, false), |rest| (rest, true));
    let (start, end) = text.split_once('-')?;
    let [start, end] = [start, end].map(|t| t.parse::<u64>().ok().and_then(|n| i64::try_from(n).ok()));
    let (start, end) = (start?, end?);
    if end <= start {
        return None;
    }
    Some(if is_absolute {
        RangeSpec::Absolute(UnixNanos(start), UnixNanos(end))
    } else {
        RangeSpec::Relative(TimeRange { start: DurationNanos(start), end: DurationNanos(end) })
    })
}

fn print_fold(fold: &Fold) -> String {
    let rule = match fold.rule {
        FoldRule::Runs => None,
        FoldRule::None => Some("none".to_owned()),
        FoldRule::Depth(levels) => Some(format!("depth:{levels}")),
        FoldRule::Errors => Some("errors".to_owned()),
        FoldRule::Critical => Some("critical".to_owned()),
    };
    let exceptions = fold.exceptions.iter().take(Folding::MAX_EXCEPTIONS);
    let exceptions = exceptions.map(|(span, open)| format!("{}{span}", if *open { '+' } else { '-' }));
    rule.into_iter().chain(exceptions).collect::<Vec<_>>().join(",")
}

fn parse_fold(text: &str) -> Option<Fold> {
    let mut fold = Fold::default();
    for (n, part) in text.split(',').enumerate() {
        // A plus sign that something took for a space is one all the same.
        let exception = part.strip_prefix(['+', ' ']).map(|id| (id, true));
        let exception = exception.or_else(|| part.strip_prefix('-').map(|id| (id, false)));
        match (part, exception) {
            (_, Some((id, open))) if fold.exceptions.len() < Folding::MAX_EXCEPTIONS => {
                fold.exceptions.push((SpanId::from_hex(id)?, open));
            }
            ("runs", _) if n == 0 => fold.rule = FoldRule::Runs,
            ("none", _) if n == 0 => fold.rule = FoldRule::None,
            ("errors", _) if n == 0 => fold.rule = FoldRule::Errors,
            ("critical", _) if n == 0 => fold.rule = FoldRule::Critical,
            _ if n == 0 => fold.rule = FoldRule::Depth(part.strip_prefix("depth:")?.parse().ok()?),
            _ => return None,
        }
    }
    Some(fold)
}

fn print_sort(sort: Sort) -> String {
    let sign = if sort.is_descending { "-" } else { "" };
    format!("{sign}{}", word_of(&SORT_WORDS, sort.key))
}

fn parse_sort(text: &str) -> Option<Sort> {
    let (word, is_descending) = text.strip_prefix('-').map_or((text, false), |rest| (rest, true));
    let key = SORT_WORDS.iter().find(|(_, w)| *w == word)?.0;
    Some(Sort { key, is_descending })
}

fn word_of<T>(words: &[(T, &'static str)], value: T) -> &'static str
where
    T: Copy + PartialEq,
{
    words.iter().find(|(v, _)| *v == value).map_or("", |(_, word)| word)
}

fn nonzero<T: Copy + PartialEq>(id: Option<T>, none: T) -> Option<T> {
    id.filter(|id| *id != none)
}

/// The scheme of an address: what stands before its first colon, when that is no part of a path.
fn scheme_of(url: &str) -> Option<&str> {
    let (scheme, _) = url.split_once(':')?;
    (!scheme.contains(['/', '?', '#'])).then_some(scheme)
}

/// The address without `user:password@`.
fn without_credentials(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        Some(at) => format!("{scheme}://{}", &rest[at + 1..]),
        None => url.to_owned(),
    }
}

fn short(text: &str) -> String {
    crate::view::text::shortened(&crate::view::text::visible(text, false), 40)
}

/// Percent-encodes what would end a value or change in passing; the rest stays readable.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => out.push(byte.into()),
            b'-' | b'_' | b'.' | b'~' | b'/' | b':' | b',' | b'!' | b'*' | b'(' | b')' => {
                out.push(byte.into());
            }
            _ => {
                const HEX: &[u8; 16] = b"0123456789ABCDEF";
                out.push('%');
                out.push(HEX[usize::from(byte >> 4)].into());
                out.push(HEX[usize::from(byte & 15)].into());
            }
        }
    }
    out
}

fn decoded(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = |at: usize| tail.get(at).and_then(|&b| char::from(b).to_digit(16));
        if let (b'%', Some(high), Some(low)) = (first, hex(0), hex(1)) {
            out.push((high * 16 + low) as u8);
            rest = &tail[2..];
        } else {
            out.push(*first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::super::analysis::AnalysisChoice;
    use super::*;
    use proptest::prelude::*;

    fn state() -> ViewState {
        ViewState {
            urls: vec!["samples/a b.json".into(), "https://host/x?y=1&z=2".into()],
            screen: Screen::CriticalPath,
            path_grouping: Grouping::Services,
            trace: TraceId::from_hex("4bf92f3577b34da6a3ce929d0e0e4736"),
            span: Some(SpanId(0xf0)),
            range: Some(RangeSpec::Relative(TimeRange { start: DurationNanos(5), end: DurationNanos(90) })),
            query: "a&b=c %20 ü#?".into(),
            query_mode: QueryMode::Filter,
            fold: Fold { rule: FoldRule::Depth(3), exceptions: vec![(SpanId(1), true), (SpanId(2), false)] },
            panel: Some(PanelTab::Findings),
            finding: Some("PERF-4:GET /x>SELECT ?".into()),
            analysis: AnalysisChoice {
                overflow: Overflow::Truncate,
                recorded_clocks: true,
                strict_order: true,
                root: Some(SpanId(3)),
            },
            theme: Some(ThemeChoice::Dark),
            keys: Some(KeyPreset::Jaeger),
            sort: Sort { key: SortKey::Name, is_descending: false },
            ..ViewState::default()
        }
    }

    #[test]
    fn a_link_gives_the_state_again() {
        let text = print(&state());
        assert_eq!(
            text,
            "#/critical?v=1&url=samples/a%20b.json&url=https://host/x%3Fy%3D1%26z%3D2\
             &trace=4bf92f3577b34da6a3ce929d0e0e4736&span=00000000000000f0&t=5-90\
             &q=a%26b%3Dc%20%2520%20%C3%BC%23%3F&qm=filter\
             &fold=depth:3,%2B0000000000000001,-0000000000000002\
             &panel=findings&finding=PERF-4:GET%20/x%3ESELECT%20%3F\
             &late=truncate&clocks=recorded&overlaps=strict&root=0000000000000003&sort=name&theme=dark&keys=jaeger"
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
            ("#/flame?trace=1", "view"),
            ("#/?url=javascript:alert(1)&url=//host/x&url=data:x&url=a.json", "url url url"),
            ("#/?v=2&q=x", "v"),
            ("#/?v=x", "v"),
            ("#/?theme=sepia&keys=vim&fold=all&sort=luck&nope=1", "theme keys fold sort nope"),
            ("#/?q=a&q=b", "q"),
            ("#/?trace=0&span=0", "trace span"),
            ("#/?t=abs:5-9&fold=none", ""),
            ("#/?t=1--5", "t"),
            ("#/?fold=errors,+1,-2", ""),
            (
                "#/?panel=x&finding=&late=never&clocks=1&overlaps=1&root=0",
                "panel finding late clocks overlaps root",
            ),
            ("#/?fold=-1,errors", "fold"),
        ] {
            let (_, notices) = parse(fragment);
            let named: Vec<_> = notices.iter().map(|n| n.key.as_str()).collect();
            assert_eq!(named.join(" "), keys, "{fragment}");
        }
    }

    #[test]
    fn a_trace_means_its_waterfall_and_credentials_are_dropped() {
        assert_eq!(parse("#/?trace=1").0.screen, Screen::Timeline);
        assert_eq!(parse("#/flame?url=x").0.screen, Screen::Traces);
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
