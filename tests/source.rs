//! Every recorded exchange of a real Tempo, read by what the product asks it with.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod common;

use std::collections::BTreeMap;
use std::path::Path;

use common::shared;
use serde_json::Value;
use spanscope::source::{Answer, Cause, Problem, tempo};
use spanscope::state::search_results::trace_list;

/// Line and column.
type Place = Option<(u32, u32)>;

/// What an exchange of each error has to be called, with line and column where the query is at fault.
const PROBLEMS: &[(&str, Cause, Place)] = &[
    ("limits/v1-too-large.txt", Cause::TooLarge, None),
    ("metrics/err-noquery.txt", Cause::Query, None),
    ("metrics/err-parse.txt", Cause::Query, Some((1, 11))),
    ("metrics/err-search-query.txt", Cause::Query, None),
    ("metrics/err-step.txt", Cause::Request, None),
    ("misc/jaeger-style.txt", Cause::NoSuchPath, None),
    ("misc/not-a-path.txt", Cause::NoSuchPath, None),
    ("misc/v3-style.txt", Cause::NoSuchPath, None),
    ("search/err-limit-huge.txt", Cause::Request, None),
    ("search/err-limit0.txt", Cause::Request, None),
    ("search/err-minDuration.txt", Cause::Request, None),
    ("search/err-parse.txt", Cause::Query, Some((1, 10))),
    ("search/err-range-too-long.txt", Cause::Request, None),
    ("search/err-range.txt", Cause::Request, None),
    ("search/err-spss-huge.txt", Cause::Request, None),
    ("search/err-start-not-int.txt", Cause::Request, None),
    ("search/err-tags-and-q.txt", Cause::Request, None),
    ("search/err-unknown-ident.txt", Cause::Query, Some((1, 3))),
    ("search/err-unsupported.txt", Cause::Query, None),
    ("search/err-validate.txt", Cause::Query, None),
    ("tags/err-scope.txt", Cause::Request, None),
    ("tags/err-unquoted.txt", Cause::Query, Some((1, 2))),
    ("tenant/no-org-id-search.txt", Cause::NoTenant, None),
    ("tenant/no-org-id-trace.txt", Cause::NoTenant, None),
    ("tenant/other-tenant-v1.txt", Cause::NotFound, None),
    ("traces/v1-invalid-id.txt", Cause::Request, None),
    ("traces/v1-not-found.txt", Cause::NotFound, None),
    ("traces/v2-bad-range.txt", Cause::Request, None),
    ("traces/v2-invalid-id.txt", Cause::Request, None),
    ("traces/v2-not-found.json", Cause::NotFound, None),
    ("traces/v2-too-long-id.txt", Cause::Request, None),
];

/// One recorded exchange.
struct Exchange {
    file: String,
    path: String,
    status: u16,
    content_type: String,
    body: Vec<u8>,
}

impl Exchange {
    fn answer(&self) -> Answer<'_> {
        Answer { status: self.status, content_type: &self.content_type, body: &self.body }
    }

    /// The list of a field of the body, read apart from the code under test.
    fn n_items(&self, field: &str) -> usize {
        let value: Value = serde_json::from_slice(&self.body).unwrap();
        value
            .get(field)
            .and_then(Value::as_array)
            .unwrap_or_else(|| panic!("{}: no {field}", self.file))
            .len()
    }
}

fn exchanges(root: &Path) -> Vec<Exchange> {
    let manifest: Value =
        serde_json::from_slice(&std::fs::read(root.join("manifest.json")).unwrap()).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    manifest
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            let file = text(&entry["file"]);
            Exchange {
                path: text(&entry["path"]),
                status: u16::try_from(entry["status"].as_u64().unwrap()).unwrap(),
                content_type: text(&entry["responseHeaders"]["Content-Type"]),
                body: std::fs::read(root.join(&file)).unwrap(),
                file,
            }
        })
        .collect()
}

#[test]
fn every_recorded_exchange_of_tempo_is_answered() {
    let Some(root) = shared("fixtures/tempo") else { return };
    let expected: BTreeMap<&str, _> =
        PROBLEMS.iter().map(|&(file, cause, place)| (file, (cause, place))).collect();
    let exchanges = exchanges(&root);
    assert_eq!(exchanges.len(), 182);
    let mut n_problems = 0;
    for exchange in &exchanges {
        let told = read(exchange).err().map(|p| (p.cause, p.place));
        assert_eq!(told, expected.get(exchange.file.as_str()).copied(), "{}", exchange.file);
        n_problems += usize::from(told.is_some());
    }
    assert_eq!(n_problems, PROBLEMS.len());
}

/// Reads an exchange with the reader of its path, and compares what can be counted apart.
fn read(exchange: &Exchange) -> Result<(), Problem> {
    let answer = exchange.answer();
    let path = exchange.path.split('?').next().unwrap_or_default();
    let file = exchange.file.as_str();
    if file == "cors/head-echo.txt" {
        // An answer to HEAD has no body.
        return Problem::check(&answer);
    }
    if path == "/api/search" {
        let found = tempo::read_found(&answer)?;
        assert_eq!(found.traces.len(), exchange.n_items("traces"), "{file}");
        assert_eq!(found.n_unreadable, 0, "{file}");
        assert!(
            found.traces.iter().all(|t| t.id.len() == 32 && t.start > 1_795_218_000_000_000_000),
            "{file}"
        );
    } else if path.ends_with("/values") {
        let values = tempo::read_tag_values(&answer)?;
        if file != "tags/v2-values-llm.json" {
            assert_eq!(values.len(), exchange.n_items("tagValues"), "{file}");
        }
    } else if path.ends_with("/search/tags") {
        tempo::read_tags(&answer)?;
    } else if path.starts_with("/api/metrics/") {
        assert_eq!(tempo::read_series(&answer)?.len(), exchange.n_items("series"), "{file}");
    } else if path.starts_with("/api/traces/") || path.starts_with("/api/v2/traces/") {
        if file == "traces/v2-order-gzip.gz" {
            // The browser unpacks it before it becomes an answer.
            return Problem::check(&answer);
        }
        tempo::check_trace(&answer)?;
    } else if path == "/api/echo" {
        tempo::read_echo(&answer)?;
    } else if path == "/api/status/buildinfo" {
        assert_eq!(tempo::read_build_info(&answer)?, "3.0.3");
    } else {
        Problem::check(&answer)?;
    }
    Ok(())
}

#[test]
fn what_a_search_says_of_a_trace_is_kept() {
    let Some(root) = shared("fixtures/tempo") else { return };
    let exchanges = exchanges(&root);
    let found = |file: &str| {
        let exchange = exchanges.iter().find(|e| e.file == file).unwrap();
        tempo::read_found(&exchange.answer()).unwrap()
    };

    // A root that has not come, and an id whose zero was trimmed.
    let cut = found("search/q-limit2.json").traces;
    let rootless = cut.iter().find(|t| t.root_name.is_empty()).unwrap();
    assert_eq!(
        (rootless.id.as_str(), rootless.root_service.as_str()),
        ("0af7651916cd43dd8448eb211c80319c", "")
    );
    assert_eq!(rootless.duration, 10_000_000);

    // Signs that are escaped for web pages, and a duration of less than a millisecond.
    let all = found("search/q-all-range.json").traces;
    assert_eq!(all.len(), 39);
    assert!(all.iter().any(|t| t.root_name == "GET /order/<int:order_id>"));
    assert_eq!(all.iter().find(|t| t.root_name == "attribute-types").map(|t| t.duration), Some(0));
    assert_eq!(all.iter().map(|t| t.n_spans.unwrap()).sum::<u32>(), 660);

    // Three spans are shown of a set, but more were found.
    let errors = found("search/q-error.json").traces;
    assert!(errors.iter().any(|t| t.n_matched > Some(3)));
    assert!(errors.iter().all(|t| t.n_errors > Some(0)));
}

#[test]
fn what_every_search_found_is_a_list() {
    let Some(root) = shared("fixtures/tempo") else { return };
    let mut n_lists = 0;
    for exchange in exchanges(&root).iter().filter(|e| e.file.starts_with("search/") && e.status == 200) {
        let found = tempo::read_found(&exchange.answer()).unwrap();
        let list = trace_list(&found, true);
        assert_eq!(list.check(), Ok(()), "{}", exchange.file);
        assert_eq!(list.len(), found.traces.len(), "{}", exchange.file);
        let n_spans: u32 = found.traces.iter().filter_map(|t| t.n_spans).sum();
        assert_eq!(list.n_spans.iter().sum::<u32>(), n_spans, "{}", exchange.file);
        n_lists += 1;
    }
    assert_eq!(n_lists, 19);
}

#[test]
fn completion_offers_names_and_values_as_a_query_needs_them() {
    let Some(root) = shared("fixtures/tempo") else { return };
    let exchanges = exchanges(&root);
    let answer = |file: &str| exchanges.iter().find(|e| e.file == file).unwrap().answer();

    let names = tempo::read_tags(&answer("tags/v2-all.json")).unwrap();
    for name in [
        "resource.service.name",
        "span.http.method",
        "span:duration",
        "event.exception.type",
        "link.link.kind",
    ] {
        assert!(names.iter().any(|n| n == name), "{name}");
    }
    let names = tempo::read_tags(&answer("tags/v1-all.json")).unwrap();
    assert!(names.iter().any(|n| n == ".db.system"));

    let values = |file: &str| {
        tempo::read_tag_values(&answer(file))
            .unwrap()
            .iter()
            .map(tempo::TagValue::in_query)
            .collect::<Vec<_>>()
    };
    assert_eq!(values("tags/v2-values-status.json"), ["ok", "error", "unset"]);
    assert_eq!(values("tags/v2-values-float.json"), ["42.0", "5000.0"]);
    assert!(values("tags/v2-values-service.json").contains(&"\"order-service\"".to_owned()));
    assert!(values("tags/v2-values-rootName.json").contains(&"\"\"".to_owned()), "an empty text is left out");
    assert_eq!(values("tags/v2-values-llm.json").len(), 18);
}

#[test]
fn zeros_and_labels_of_metrics_are_read() {
    let Some(root) = shared("fixtures/tempo") else { return };
    let exchanges = exchanges(&root);
    let series = |file: &str| {
        tempo::read_series(&exchanges.iter().find(|e| e.file == file).unwrap().answer()).unwrap()
    };
    let by_service = series("metrics/range-rate-by.json");
    let auth = by_service.first().unwrap();
    assert_eq!(auth.labels, [("resource.service.name".to_owned(), "auth".to_owned())]);
    assert_eq!(
        auth.samples,
        [
            (1_795_218_995_000, 0.0),
            (1_795_219_000_000, 0.0),
            (1_795_219_005_000, 0.0),
            (1_795_219_010_000, 0.2)
        ]
    );
    // 660 spans in 11 seconds.
    let all = series("metrics/instant-rate.json");
    let [one] = all.as_slice() else { panic!("one series") };
    assert_eq!(one.labels, []);
    assert!(one.samples.first().unwrap().1 > 0.0);
}
