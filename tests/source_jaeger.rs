//! Every exchange with a Jaeger, of version 3 and before, read by what the product asks it with; and the traces
//! among them read as files are.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod common;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use common::shared;
use serde_json::Value;
use spanscope::import::{Import, read};
use spanscope::source::discover::{Backend, Discovery, Product, Step};
use spanscope::source::jaeger::{self, Api};
use spanscope::source::search::SearchForm;
use spanscope::source::{Answer, Cause, Problem};

/// What an exchange of each error has to be called, and its message.
const PROBLEMS: &[(&str, Cause, &str)] = &[
    (
        "both/err-dependencies.json",
        Cause::Request,
        "unable to parse endTimestamp: strconv.ParseInt: parsing \"\": invalid syntax",
    ),
    ("both/err-no-such-path.txt", Cause::NoSuchPath, "404 page not found"),
    ("both/err-no-tenant.txt", Cause::NoTenant, "missing tenant header"),
    ("both/err-not-supported.json", Cause::NotSupported, "dependencies are not supported by this storage"),
    ("both/err-trace-id.json", Cause::Request, "strconv.ParseUint: parsing \"nothexatall\": invalid syntax"),
    ("both/err-trace-not-found.json", Cause::NotFound, "trace not found"),
    ("both/err-unknown-tenant.txt", Cause::NotAuthorised, "unknown tenant"),
    ("legacy/err-operations-no-service.json", Cause::Request, "parameter 'service' is required"),
    ("legacy/err-storage.json", Cause::Server, "no available connection: no Elasticsearch node available"),
    (
        "legacy/err-traces-duration.json",
        Cause::Request,
        "unable to parse param 'minDuration': time: invalid duration \"long\"",
    ),
    ("legacy/err-traces-no-service.json", Cause::Request, "parameter 'service' is required"),
    ("legacy/err-v3-path.txt", Cause::NoSuchPath, "404 page not found"),
    ("v3/err-legacy-path.txt", Cause::NoSuchPath, "404 page not found"),
    ("v3/err-operations-no-service.json", Cause::Request, "malformed parameter service: service is required"),
    ("v3/err-storage.json", Cause::Server, "dial tcp 10.0.0.7:9200: connect: connection refused"),
    (
        "v3/err-summaries-duration.json",
        Cause::Request,
        "malformed parameter query.durationMin: time: invalid duration \"long\"",
    ),
    (
        "v3/err-summaries-no-service.json",
        Cause::Request,
        "malformed parameter query.serviceName: service name is required",
    ),
    (
        "v3/err-summaries-no-times.json",
        Cause::Request,
        "query.startTimeMin and query.startTimeMax are required",
    ),
    (
        "v3/err-trace-id.json",
        Cause::Request,
        "malformed parameter trace_id: strconv.ParseUint: parsing \"nothexatall\": invalid syntax",
    ),
    ("v3/err-trace-not-found.json", Cause::NotFound, "No traces found"),
];

/// One exchange.
struct Exchange {
    file: String,
    api: String,
    path: String,
    status: u16,
    content_type: String,
    body: Vec<u8>,
}

impl Exchange {
    fn answer(&self) -> Answer<'_> {
        Answer { status: self.status, content_type: &self.content_type, body: &self.body }
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/jaeger")
}

fn exchanges() -> Vec<Exchange> {
    let manifest: Value =
        serde_json::from_slice(&std::fs::read(folder().join("manifest.json")).unwrap()).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned();
    manifest
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| Exchange {
            file: text(&entry["file"]),
            api: text(&entry["api"]),
            path: text(&entry["path"]),
            status: u16::try_from(entry["status"].as_u64().unwrap()).unwrap(),
            content_type: text(&entry["contentType"]),
            body: std::fs::read(folder().join(text(&entry["file"]))).unwrap(),
        })
        .collect()
}

fn exchange(file: &str) -> Exchange {
    exchanges().into_iter().find(|e| e.file == file).unwrap_or_else(|| panic!("no exchange {file}"))
}

#[test]
fn every_exchange_is_answered() {
    let expected: BTreeMap<&str, _> =
        PROBLEMS.iter().map(|&(file, cause, message)| (file, (cause, message.to_owned()))).collect();
    let exchanges = exchanges();
    assert_eq!(exchanges.len(), 54);
    let mut n_problems = 0;
    for exchange in &exchanges {
        let told = ask(exchange).err().map(|p| (p.cause, p.message));
        assert_eq!(told, expected.get(exchange.file.as_str()).cloned(), "{}", exchange.file);
        n_problems += usize::from(told.is_some());
    }
    assert_eq!(n_problems, PROBLEMS.len());
}

/// Reads an exchange with the reader of its path, and compares what can be counted apart.
fn ask(exchange: &Exchange) -> Result<(), Problem> {
    let answer = exchange.answer();
    let n_items = |field: &str| {
        let value: Value = serde_json::from_slice(&exchange.body).unwrap();
        value.get(field).and_then(Value::as_array).map_or(0, Vec::len)
    };
    let file = exchange.file.as_str();
    match exchange.path.split('?').next().unwrap_or_default() {
        "/api/v3/services" => {
            assert_eq!(jaeger::read_services(Api::V3, &answer)?.len(), n_items("services"), "{file}");
        }
        // What was removed is not there in version 3.
        "/api/services" => {
            assert_eq!(jaeger::read_services(Api::Legacy, &answer)?.len(), n_items("data"), "{file}");
        }
        "/api/v3/operations" => {
            assert_eq!(jaeger::read_operations(Api::V3, &answer)?.len(), n_items("operations"), "{file}");
        }
        "/api/operations" | "/api/services/frontend/operations" => {
            assert_eq!(jaeger::read_operations(Api::Legacy, &answer)?.len(), n_items("data"), "{file}");
        }
        "/api/v3/trace-summaries" => {
            let found = jaeger::read_summaries(&answer)?;
            assert_eq!((found.traces.len(), found.n_unreadable), (n_items("summaries"), 0), "{file}");
        }
        "/api/dependencies" => {
            assert_eq!(jaeger::read_dependencies(&answer)?.len(), n_items("data"), "{file}");
        }
        // Traces go into the import; here only whether they are an answer.
        _ => Problem::check(&answer)?,
    }
    Ok(())
}

#[test]
fn what_summaries_say_of_a_trace_is_kept() {
    let found = |file: &str| jaeger::read_summaries(&exchange(file).answer()).unwrap().traces;
    let frontend = found("v3/summaries-frontend.json");
    let declined = frontend.first().unwrap();
    assert_eq!(declined.id, "c0ffee00000000000000000000000a02");
    assert_eq!((declined.root_service.as_str(), declined.root_name.as_str()), ("frontend", "POST /checkout"));
    assert_eq!((declined.start, declined.duration), (1_795_168_861_000_000_000, 2_310_000_000));
    assert_eq!((declined.n_spans, declined.n_errors, declined.n_orphans), (Some(9), Some(7), Some(0)));
    let services: Vec<_> =
        declined.services.iter().map(|s| (s.name.as_str(), s.n_spans, s.n_errors)).collect();
    assert_eq!(services, [("cart", 1, 0), ("frontend", 5, 4), ("payment", 3, 3)]);

    // A root that has not come.
    let worker = found("v3/summaries-worker.json");
    let [orphan] = worker.as_slice() else { panic!("one trace") };
    assert_eq!((orphan.root_name.as_str(), orphan.n_orphans), ("", Some(1)));

    // Zeros that were left out.
    let odd = found("v3/summaries-odd.json");
    let [odd] = odd.as_slice() else { panic!("one trace") };
    assert_eq!((odd.duration, odd.n_spans, odd.n_errors), (0, Some(1), Some(0)));
    assert_eq!(odd.root_name, "<img src=x onerror=alert(1)>");
}

/// Each trace by its name among the fixtures: spans, errors, services.
const TRACES: &[(&str, u64, u64, u64)] =
    &[("checkout", 13, 0, 3), ("declined", 9, 7, 3), ("orphan", 2, 0, 1), ("odd", 1, 0, 1)];

#[test]
fn a_trace_is_the_same_from_both_versions() {
    for &(name, n_spans, n_errors, n_services) in TRACES {
        let [v3, old] = ["v3", "both"].map(|folder| {
            let exchange = exchange(&format!("{folder}/trace-{name}.json"));
            read("", &exchange.body)
        });
        for import in [&v3, &old] {
            let errors: u32 = import.set.traces().iter().map(|t| t.n_errors).sum();
            let counted = (import.set.totals().spans, u64::from(errors), import.set.totals().services);
            assert_eq!(counted, (n_spans, n_errors, n_services), "{name}");
        }
        assert_eq!(shapes(&v3), shapes(&old), "{name}");
    }
}

/// Ids and times of the traces of an import.
fn shapes(import: &Import) -> Vec<(String, i64, i64)> {
    import.set.traces().iter().map(|t| (t.id.to_string(), t.start.0, t.duration.0)).collect()
}

#[test]
fn a_search_that_answers_with_traces_gives_all_of_them() {
    for (file, n_traces) in
        [("v3/traces-merged.json", 2), ("legacy/traces-frontend.json", 2), ("legacy/traces-worker.json", 1)]
    {
        let import = read("", &exchange(file).body);
        assert_eq!(import.set.traces().len(), n_traces, "{file}");
    }
}

#[test]
fn real_answers_of_version_3_are_read() {
    let Some(root) = shared("traces/jaeger-v3-json") else { return };
    for (file, n_spans) in [("jaeger-apiv3-GetTrace.json", 1), ("jaeger-ui-getTrace-response.json", 40)] {
        let body = std::fs::read(root.join(file)).unwrap();
        let answer = Answer { status: 200, content_type: "application/json", body: &body };
        assert_eq!(Problem::check(&answer), Ok(()), "{file}");
        assert_eq!(read("", &body).set.totals().spans, n_spans, "{file}");
    }
}

/// Asks until it is known what is there; the exchanges of `api` answer, by path and first words of the query.
fn discovered(api: &str, product: Product) -> (Step, Vec<String>) {
    let exchanges = exchanges();
    let (mut discovery, mut query) = Discovery::new(product);
    let mut asked = Vec::new();
    loop {
        let path = format!("/{}", query.path);
        let bare = path.split('?').next().unwrap_or_default();
        let found = exchanges
            .iter()
            .filter(|e| e.api == api || e.api == "both")
            .find(|e| e.path == path || e.path.split('?').next() == Some(bare));
        let missing = Answer { status: 404, content_type: "text/plain", body: b"404 page not found\n" };
        asked.push(bare.to_owned());
        match discovery.take(&found.map_or(missing, Exchange::answer)) {
            Step::Ask(next) => query = next,
            step => return (step, asked),
        }
    }
}

#[test]
fn the_version_is_found_out_by_the_exchanges() {
    let v3 = (Step::Is(Backend::Jaeger { api: Api::V3 }), vec!["/api/v3/trace-summaries".to_owned()]);
    assert_eq!(discovered("v3", Product::Jaeger), v3);
    let (step, asked) = discovered("legacy", Product::Jaeger);
    assert_eq!(step, Step::Is(Backend::Jaeger { api: Api::Legacy }));
    assert_eq!(asked, ["/api/v3/trace-summaries", "/api/services"]);
    assert_eq!(discovered("v3", Product::Tempo).0, Step::IsOther(Product::Jaeger));
}

#[test]
fn questions_are_those_of_the_exchanges() {
    let form = SearchForm {
        service: "frontend".to_owned(),
        from: 1_795_168_800_000_000_000,
        to: 1_795_172_400_000_000_000,
        limit: 20,
        ..SearchForm::default()
    };
    let failed = SearchForm { attributes: vec![("error".to_owned(), "true".to_owned())], ..form.clone() };
    for (query, file) in [
        (jaeger::services(Api::V3), "v3/services.json"),
        (jaeger::services(Api::Legacy), "legacy/services.json"),
        (jaeger::operations(Api::V3, "cart"), "v3/operations-cart.json"),
        (jaeger::operations(Api::Legacy, "cart"), "legacy/operations-cart.json"),
        (jaeger::search(Api::V3, &form), "v3/summaries-frontend.json"),
        (jaeger::search(Api::V3, &failed), "v3/summaries-errors.json"),
        (jaeger::search(Api::Legacy, &form), "legacy/traces-frontend.json"),
        (jaeger::trace(Api::V3, "c0ffee00000000000000000000000a01", None), "v3/trace-checkout.json"),
        (jaeger::trace(Api::Legacy, "c0ffee00000000000000000000000a01", None), "both/trace-checkout.json"),
        (jaeger::dependencies(1_795_172_400_000, 3_600_000), "both/dependencies.json"),
    ] {
        assert_eq!(format!("/{}", query.path), exchange(file).path, "{file}");
    }
}
