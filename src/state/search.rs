//! A search of a backend as it was submitted, as a link carries it, and what is to be said of its results.
//!
//! What stands in the form is a [`super::search_form::Draft`]; submitting reads it into a [`SearchChoice`], which is
//! state: the address has it, and Back returns to it. A relative range becomes times when the question is asked,
//! never before, so that a link to "the last hour" means the hour before it is opened.

use crate::base::calendar::rfc3339;
use crate::base::text::grouped;
use crate::source::discover::{Backend, Product};
use crate::source::search::{Found, SearchForm};
use crate::source::{Answer, Problem, Query, attributes, go_duration, jaeger, tempo};
use crate::state::go_to;

/// Longest text of one field in a link.
const MAX_TEXT: usize = 2000;
/// Traces that a search asks for, unless the reader says otherwise: as both backends do.
pub const DEFAULT_LIMIT: u32 = 20;
/// More are not asked for: the list shows them, but a backend would take minutes.
pub const MAX_LIMIT: u32 = 10_000;
/// Traces that are loaded together, unless the reader says otherwise.
pub const DEFAULT_LOAD: u32 = 200;
const SECOND: u64 = 1_000_000_000;
const HOUR: u64 = 3600 * SECOND;
/// No link looks back further: a hundred years.
const MAX_LAST: u64 = 876_000 * HOUR;
/// The end of a range that has none: in 2199.
const LATEST: i64 = 7_250_000_000_000_000_000;

/// When the traces began that are searched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// In so many nanoseconds before the search is asked.
    Last(u64),
    /// Whenever the backend looks without being told: Tempo in its most recent data only.
    Any,
    /// Between two instants, nanoseconds since 1970.
    Between(i64, i64),
}

impl Default for When {
    fn default() -> Self {
        Self::Last(HOUR)
    }
}

/// A search as it was submitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchChoice {
    /// Service; empty for any.
    pub service: String,
    /// Operation; empty for any.
    pub operation: String,
    /// Attributes in logfmt.
    pub tags: String,
    /// No shorter traces, in nanoseconds.
    pub min: Option<u64>,
    /// No longer ones.
    pub max: Option<u64>,
    /// When they began.
    pub when: When,
    /// Most traces to find.
    pub limit: u32,
    /// A query in TraceQL, in place of the fields.
    pub traceql: Option<String>,
    /// Seconds after which it is asked again; 0 for never.
    pub every: u32,
}

/// What the screen of a backend shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// The search; none as long as nobody submitted one.
    pub submitted: Option<SearchChoice>,
    /// Who calls whom, as Jaeger has counted it in so many nanoseconds, in place of the results.
    pub calls: Option<u64>,
}

impl Search {
    /// Whether it is the same search, perhaps asked at other intervals.
    pub(super) fn has_same_results(&self, other: &Self) -> bool {
        let still =
            |search: &Self| search.submitted.clone().map(|choice| SearchChoice { every: 0, ..choice });
        still(self) == still(other)
    }

    /// Whether it shows the same, so that Back need not return to it.
    pub(super) fn has_same_place(&self, other: &Self) -> bool {
        self.calls == other.calls && self.has_same_results(other)
    }

    /// The keys of a link.
    pub(super) fn print(&self) -> Vec<(&'static str, String)> {
        let mut pairs = self.submitted.as_ref().map(SearchChoice::print).unwrap_or_default();
        pairs.extend(self.calls.map(|nanos| ("search.calls", go_duration::print(nanos))));
        pairs
    }

    /// Takes a key of a link, without its prefix; none where the value is none of it.
    pub(super) fn read(&mut self, key: &str, value: &str) -> Option<()> {
        if key == "calls" {
            self.calls = Some(look_back(value)?);
            return Some(());
        }
        let mut choice = self.submitted.clone().unwrap_or_default();
        choice.read(key, value)?;
        self.submitted = Some(choice);
        Some(())
    }
}

/// What stands before the keys of a search in a link.
pub(super) const PREFIX: &str = "search.";

impl Default for SearchChoice {
    fn default() -> Self {
        Self {
            service: String::new(),
            operation: String::new(),
            tags: String::new(),
            min: None,
            max: None,
            when: When::default(),
            limit: DEFAULT_LIMIT,
            traceql: None,
            every: 0,
        }
    }
}

/// Seconds between two reloads that can be chosen, with their words.
pub const INTERVALS: [(u32, &str); 5] =
    [(0, "Off"), (10, "Every 10 s"), (30, "Every 30 s"), (60, "Every minute"), (300, "Every 5 min")];

/// Ranges before now that can be chosen, with their words.
pub const LOOK_BACKS: [(&str, &str); 10] = [
    ("5m", "Last 5 minutes"),
    ("15m", "Last 15 minutes"),
    ("1h", "Last hour"),
    ("3h", "Last 3 hours"),
    ("6h", "Last 6 hours"),
    ("12h", "Last 12 hours"),
    ("24h", "Last 24 hours"),
    ("48h", "Last 2 days"),
    ("168h", "Last 7 days"),
    ("720h", "Last 30 days"),
];

/// Times before now in which calls between services can be counted, with their words; nanoseconds.
pub const CALLS_LOOK_BACKS: [(u64, &str); 4] = [
    (HOUR, "last hour"),
    (24 * HOUR, "last 24 hours"),
    (168 * HOUR, "last 7 days"),
    (720 * HOUR, "last 30 days"),
];

impl SearchChoice {
    /// The form with its times, asked at `now`, nanoseconds since 1970.
    pub fn form(&self, now: i64) -> SearchForm {
        const SECOND: i64 = 1_000_000_000;
        let (from, to) = match self.when {
            When::Any => (0, 0),
            When::Between(from, to) => (from, to),
            When::Last(nanos) => {
                // Whole seconds, since Tempo rounds outwards and refuses what is then a second too long.
                let to = now.saturating_add(SECOND - 1) / SECOND * SECOND;
                (to.saturating_sub(i64::try_from(nanos).unwrap_or(i64::MAX)).max(0), to)
            }
        };
        SearchForm {
            service: self.service.clone(),
            operation: self.operation.clone(),
            // What was submitted can be read.
            attributes: attributes::parse(&self.tags).unwrap_or_default(),
            min_duration: self.min,
            max_duration: self.max,
            from,
            to,
            limit: self.limit,
        }
    }

    /// What to ask the backend.
    pub fn query(&self, backend: &Backend, now: i64) -> Query {
        let form = self.form(now);
        match backend {
            Backend::Jaeger { api } => jaeger::search(*api, &form),
            Backend::Tempo { .. } => match &self.traceql {
                Some(traceql) => tempo::search(traceql, &form),
                None => tempo::search(&tempo::traceql(&form), &form),
            },
        }
    }

    /// Whether a backend with that product can answer it.
    pub fn suits(&self, product: Product) -> bool {
        product == Product::Tempo || (self.traceql.is_none() && !self.service.is_empty())
    }

    /// The search in a few words, for headings and history.
    pub fn title(&self) -> String {
        if let Some(traceql) = &self.traceql {
            return traceql.clone();
        }
        let parts = [&self.service, &self.operation, &self.tags];
        let parts: Vec<&str> = parts.into_iter().filter(|p| !p.is_empty()).map(String::as_str).collect();
        if parts.is_empty() { "all services".to_owned() } else { parts.join(" \u{b7} ") }
    }

    /// The keys of a link, for what is not as it is anyway.
    fn print(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        let texts = [
            ("search.service", &self.service),
            ("search.operation", &self.operation),
            ("search.tags", &self.tags),
        ];
        let texts = texts.into_iter().filter(|(_, text)| !text.is_empty());
        pairs.extend(texts.map(|(key, text)| (key, text.clone())));
        pairs.extend(self.traceql.iter().map(|q| ("search.q", q.clone())));
        pairs.retain(|(_, text)| text.chars().count() <= MAX_TEXT);
        pairs.extend(self.min.map(|nanos| ("search.min", go_duration::print(nanos))));
        pairs.extend(self.max.map(|nanos| ("search.max", go_duration::print(nanos))));
        match self.when {
            // Always there: a link without any key is a form that was not submitted.
            When::Last(nanos) => pairs.push(("search.last", go_duration::print(nanos))),
            When::Any => pairs.push(("search.last", "any".to_owned())),
            When::Between(from, to) => {
                pairs.push(("search.from", rfc3339(from)));
                pairs.push(("search.to", rfc3339(to)));
            }
        }
        if self.limit != DEFAULT_LIMIT {
            pairs.push(("search.limit", self.limit.to_string()));
        }
        if self.every > 0 {
            pairs.push(("search.every", self.every.to_string()));
        }
        pairs
    }

    /// Takes a key of a link, without its prefix; none where the value is none of it.
    fn read(&mut self, key: &str, value: &str) -> Option<()> {
        let is_short = value.chars().count() <= MAX_TEXT;
        match key {
            "service" if is_short => value.clone_into(&mut self.service),
            "operation" if is_short => value.clone_into(&mut self.operation),
            "tags" if is_short && attributes::parse(value).is_ok() => value.clone_into(&mut self.tags),
            "q" if is_short => self.traceql = Some(value.to_owned()),
            "min" => self.min = Some(go_duration::parse(value)?),
            "max" => self.max = Some(go_duration::parse(value)?),
            "last" if value == "any" => self.when = When::Any,
            "last" => self.when = When::Last(look_back(value)?),
            "from" | "to" => {
                let at = go_to::date_time(value)?.0;
                let (from, to) = match self.when {
                    When::Between(from, to) => (from, to),
                    _ => (0, LATEST),
                };
                self.when = if key == "from" { When::Between(at, to) } else { When::Between(from, at) };
            }
            "limit" => self.limit = value.parse().ok().filter(|n| (1..=MAX_LIMIT).contains(n))?,
            "every" => {
                self.every = INTERVALS.iter().map(|i| i.0).find(|i| *i > 0 && i.to_string() == value)?;
            }
            _ => return None,
        }
        Some(())
    }
}

pub(super) fn look_back(text: &str) -> Option<u64> {
    go_duration::parse(text).filter(|nanos| (SECOND..=MAX_LAST).contains(nanos))
}

/// Reads the answer to [`SearchChoice::query`].
///
/// # Errors
/// When it is an error or another answer.
pub fn read_found(backend: &Backend, answer: &Answer<'_>) -> Result<Found, Problem> {
    match backend {
        Backend::Jaeger { api: jaeger::Api::V3 } => jaeger::read_summaries(answer),
        Backend::Jaeger { api: jaeger::Api::Legacy } => jaeger::read_traces(answer),
        Backend::Tempo { .. } => tempo::read_found(answer),
    }
}

/// What is to be known about the results besides their number, each a sentence.
pub fn remarks(choice: &SearchChoice, backend: &Backend, found: &Found) -> Vec<String> {
    let n = found.traces.len();
    let is_tempo = matches!(backend, Backend::Tempo { .. });
    let mut remarks = Vec::new();
    if n > 0 && n >= choice.limit as usize {
        let which = if is_tempo { ", and not always the newest" } else { "" };
        remarks.push(format!("{} of possibly more: the limit is reached{which}.", grouped(n as u64)));
    }
    if choice.when == When::Any && is_tempo {
        remarks.push("Without a time range Tempo looks only in its most recent data.".to_owned());
    }
    if found.n_unreadable > 0 {
        let entries = crate::base::text::counted(found.n_unreadable.into(), "entry of the answer")
            .replace("entry of the answers", "entries of the answer");
        remarks.push(format!("{entries} had no readable trace id and cannot be shown."));
    }
    if is_metrics(choice) {
        remarks.push("The metrics part of the query was not used: a search finds traces only.".to_owned());
    }
    remarks
}

/// Tempo answers a metrics query to its search as if the metrics part were not there.
fn is_metrics(choice: &SearchChoice) -> bool {
    let metrics = ["rate()", "_over_time(", "compare("];
    choice.traceql.as_ref().is_some_and(|q| q.contains('|') && metrics.iter().any(|m| q.contains(m)))
}

/// Why nothing may have been found, and what to try next.
pub fn advice(choice: &SearchChoice, backend: &Backend) -> Vec<&'static str> {
    let mut advice = Vec::new();
    match choice.when {
        When::Last(_) => advice.push("Look back further: traces may be older than the chosen range."),
        When::Any => {
            advice.push("Choose a time range: without one Tempo looks only in its most recent data.");
        }
        When::Between(..) => advice.push("Widen the time range; it is in UTC."),
    }
    if choice.traceql.is_none() {
        if !choice.tags.is_empty() {
            advice.push("Check the attributes: names and values have to be exactly as they were recorded.");
        }
        if choice.min.is_some() || choice.max.is_some() {
            advice.push("Take the bounds of the duration away.");
        }
        if !choice.operation.is_empty() {
            advice.push("Search all operations of the service.");
        }
    }
    if matches!(backend, Backend::Tempo { .. }) && choice.traceql.is_some() {
        advice.push("Values of different types never match: 500 and \"500\" are not the same.");
    }
    advice.push("Traces that were just recorded can take some seconds to be found.");
    advice
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEMPO: Backend = Backend::Tempo { version: String::new() };
    const JAEGER: Backend = Backend::Jaeger { api: jaeger::Api::V3 };

    #[test]
    fn a_look_back_is_never_longer_than_it_says() {
        let choice = SearchChoice { when: When::Last(168 * HOUR), ..SearchChoice::default() };
        let query = choice.query(&TEMPO, 1_795_219_009_400_000_000).path;
        assert!(query.ends_with("start=1794614210&end=1795219010&limit=20"), "{query}");
        let any = SearchChoice { when: When::Any, ..SearchChoice::default() };
        assert_eq!(any.query(&TEMPO, 5).path, "api/search?q=%7B%7D&limit=20");
    }

    #[test]
    fn what_is_not_the_whole_truth_is_said() {
        let found = |n: usize| Found {
            traces: vec![crate::source::search::TraceSummary::default(); n],
            n_unreadable: 2,
            ..Found::default()
        };
        let choice = SearchChoice {
            when: When::Any,
            limit: 3,
            traceql: Some("{} | rate()".to_owned()),
            ..SearchChoice::default()
        };
        let said = remarks(&choice, &TEMPO, &found(3)).join(" ");
        for words in [
            "3 of possibly more: the limit is reached, and not always the newest.",
            "only in its most recent data",
            "2 entries of the answer had no readable trace id",
            "The metrics part",
        ] {
            assert!(said.contains(words), "{said}");
        }
        let whole = Found { n_unreadable: 0, ..found(2) };
        assert_eq!(remarks(&SearchChoice::default(), &JAEGER, &whole), Vec::<String>::new());
        assert_eq!(advice(&SearchChoice::default(), &JAEGER).len(), 2);
    }

    proptest! {
        #[test]
        fn a_link_gives_the_search_again(
            service in "\\PC{0,12}", operation in "\\PC{0,12}", traceql in proptest::option::of("\\PC{0,20}"),
            min in proptest::option::of(any::<u64>()), max in proptest::option::of(any::<u64>()),
            kind in 0_u8..3, at in 0_i64..4_000_000_000, length in 1_i64..100_000_000_000, limit in 1_u32..=MAX_LIMIT,
            every in 0_usize..5,
        ) {
            let when = match kind {
                0 => When::Any,
                1 => When::Last(length as u64 + SECOND),
                _ => When::Between(at * 1_000_000_000, at * 1_000_000_000 + length),
            };
            let choice = SearchChoice {
                service, operation, tags: "a=b c=\"d e\"".to_owned(), min, max, when, limit, traceql,
                every: INTERVALS[every].0,
            };
            let mut again = SearchChoice::default();
            for (key, value) in choice.print().into_iter().rev() {
                let key = key.strip_prefix(PREFIX).unwrap();
                prop_assert_eq!(again.read(key, &value), Some(()), "{}={}", key, value);
            }
            prop_assert_eq!(again, choice);
        }
    }
}
