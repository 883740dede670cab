//! Every sample trace gives the counts that its collection documents, in every container, or says in plain
//! words why it cannot be shown.

use std::path::Path;

use crate::common::shared;
use crate::reading::{Counts, read_file, spans_of};

/// Formats of the collection that are recognised and refused, and a word that the message must contain.
const REFUSED: &[(&str, &str)] = &[
    ("cloudtrace/opentelemetry-operations-go-traces_basic_expected.json", "Cloud Trace"),
    ("csv/Nezha-2023-01-29-08_43_trace.csv", "table"),
    ("datadog/dd-apm-test-agent-test_trace_distributed_same_payload.json", "Datadog"),
    ("elastic-apm/apm-data-transactions_spans.ndjson", "Elastic APM"),
    ("sentry/spotlight-application_x_sentry_envelope-1701423930091.txt", "Sentry"),
];

/// One row of the table in the collection's README.
struct Row {
    file: String,
    counts: Counts,
    distinct: u64,
}

fn rows(readme: &str) -> Vec<Row> {
    let rows: Vec<Row> = readme.lines().filter_map(row).collect();
    assert!(rows.len() >= 52, "only {} rows were found in the README's table", rows.len());
    rows
}

fn row(line: &str) -> Option<Row> {
    let cells: Vec<&str> = line.trim().trim_matches('|').split('|').map(str::trim).collect();
    let [file, _bytes, numbers @ ..] = cells.as_slice() else { return None };
    let numbers: Option<Vec<u64>> = numbers.iter().map(|n| n.replace(',', "").parse().ok()).collect();
    let [traces, records, distinct, biggest, services, roots, orphans, errors, events, extent] =
        numbers?.as_slice().try_into().ok()?;
    let counts = Counts { traces, records, biggest, services, roots, orphans, errors, events, extent };
    Some(Row { file: (*file).to_owned(), counts, distinct })
}

#[test]
fn every_sample_has_the_counts_of_its_readme() {
    let Some(root) = shared("traces") else { return };
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let mut wrong = Vec::new();
    for Row { file, counts, distinct } in rows(&readme) {
        if REFUSED.iter().any(|(refused, _)| *refused == file) {
            continue;
        }
        let import = read_file(&root.join(&file));
        let found = Counts::of(&import);
        if found != counts {
            wrong.push(format!("{file}\n  expected {counts:?}\n  found    {found:?}\n  {:?}", import.files));
        }
        let spans = import.set.totals().spans;
        // What is merged is at most what the README counts as not distinct.
        if spans < distinct || spans > counts.records {
            wrong.push(format!("{file}: {spans} spans shown, {distinct} distinct of {}", counts.records));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn formats_that_cannot_be_shown_are_named() {
    let Some(root) = shared("traces") else { return };
    for (file, word) in REFUSED {
        let import = read_file(&root.join(file));
        let error = import.files[0].error.clone().unwrap_or_else(|| panic!("{file} was not refused"));
        assert_eq!(error.code(), "fmt.unknown", "{file}: {error}");
        assert!(error.to_string().contains(word), "{file}: {error}");
        assert_eq!(import.set.totals().spans, 0, "{file}");
    }
}

#[test]
fn the_books_balance_for_every_file() {
    for folder in ["traces", "fixtures/otlp", "fixtures/tempo"] {
        let Some(root) = shared(folder) else { return };
        for path in files_below(&root) {
            let import = read_file(&path);
            let (report, totals) = (&import.files[0], import.set.totals());
            assert_eq!(
                report.records,
                totals.spans + totals.merged + report.refused,
                "{}: {report:?} {totals:?}",
                path.display()
            );
            assert_eq!(report.error.is_some(), report.records == 0, "{}: {report:?}", path.display());
            for (at, summary) in import.set.traces().iter().enumerate() {
                let trace = import.set.trace(spanscope::model::index::TraceIdx::new(at));
                assert_eq!(trace.check(), Ok(()), "{} {}", path.display(), summary.id);
            }
        }
    }
}

#[test]
fn containers_give_what_the_plain_file_gives() {
    let Some(root) = shared("traces") else { return };
    for (plain, wrapped) in [
        ("jaeger-json/TraceWeaver-hotel-0d2e4a2f0275d14e.json", "TraceWeaver-hotel.utf16le.json"),
        ("otlp-proto/otlp2parquet-traces.pb", "otlp2parquet-traces.pb.gz"),
        ("otlp-json/pulumi-traces.json", "pulumi-traces.crlf.utf8bom.json"),
        ("otlp-json/pulumi-traces.json", "pulumi-traces.framed-zstd.bin"),
        ("otlp-json/pulumi-traces.json", "pulumi-traces.json.gz"),
        ("otlp-json/pulumi-traces.json", "pulumi-traces.json.zst"),
        ("otlp-json/pulumi-traces.json", "pulumi-traces.two-members.json.gz"),
    ] {
        let expected = spans_of(&read_file(&root.join(plain)));
        let found = spans_of(&read_file(&root.join("containers").join(wrapped)));
        assert_eq!(found, expected, "{wrapped}");
    }
}

#[test]
fn otlp_fixtures_have_the_counts_of_their_index() {
    let Some(root) = shared("fixtures/otlp") else { return };
    let index = json(&root.join("index.json"));
    let entries = index.as_array().unwrap();
    let number = |entry: &serde_json::Value, key: &str| match &entry[key] {
        serde_json::Value::String(text) => text.parse::<u64>().unwrap(),
        other => other.as_u64().unwrap(),
    };
    for entry in entries {
        let file = entry["file"].as_str().unwrap();
        let import = read_file(&root.join(file));
        let counts = Counts::of(&import);
        let expected = Counts {
            traces: 1,
            records: number(entry, "spans"),
            biggest: number(entry, "spans"),
            services: entry["services"].as_array().unwrap().len() as u64,
            roots: number(entry, "roots"),
            orphans: number(entry, "orphans"),
            errors: number(entry, "errorSpans"),
            events: number(entry, "events"),
            extent: number(entry, "durationNano"),
        };
        assert_eq!(counts, expected, "{file}");
        assert_eq!(import.set.totals().links, number(entry, "links"), "{file}");
        let trace = &import.set.traces()[0];
        assert_eq!(trace.id.to_string(), entry["traceId"].as_str().unwrap());
        assert_eq!(trace.start.0 as u64, number(entry, "startUnixNano"), "{file}");
    }
}

#[test]
fn the_otlp_encodings_of_one_set_agree() {
    let Some(root) = shared("fixtures/otlp") else { return };
    let expected = spans_of(&read_file(&root.join("all.otlp.json")));
    assert_eq!(expected.len(), 660);
    for file in ["all.otlp.json.gz", "all.otlp.jsonl", "all.pb"] {
        assert_eq!(spans_of(&read_file(&root.join(file))), expected, "{file}");
    }
    // The exports as they were sent, dropped together, are the same set again.
    let mut importer = spanscope::import::Importer::new(spanscope::import::Options::default());
    for path in files_below(&root.join("raw")) {
        importer.begin_file(&path.to_string_lossy(), None);
        importer.feed(&std::fs::read(&path).unwrap());
        assert_eq!(importer.end_file().error, None, "{}", path.display());
    }
    let together = importer.finish();
    assert_eq!(together.set.traces().len(), 39);
    assert_eq!(spans_of(&together), expected);
}

#[test]
fn every_recorded_trace_of_tempo_opens() {
    let Some(root) = shared("fixtures/tempo") else { return };
    let Some(otlp) = shared("fixtures/otlp/index.json") else { return };
    let index = json(&otlp);
    let spans_in = |trace_id: &str| {
        let entries = index.as_array().unwrap().iter();
        entries.filter(|e| e["traceId"] == trace_id).map(|e| e["spans"].as_u64().unwrap()).sum::<u64>()
    };
    let mut n_opened = 0;
    for exchange in json(&root.join("manifest.json")).as_array().unwrap() {
        let file = exchange["file"].as_str().unwrap();
        if !file.starts_with("traces/") {
            continue;
        }
        let import = read_file(&root.join(file));
        let spans = import.set.totals().spans;
        let path = exchange["path"].as_str().unwrap();
        let id = path.split('?').next().and_then(|p| p.rsplit('/').next()).unwrap().to_lowercase();
        let is_found = exchange["status"] == 200 && file != "traces/v2-not-found.json";
        if is_found {
            assert_eq!(spans, spans_in(&id), "{file}: {:?}", import.files);
            assert_eq!(import.set.traces()[0].id.to_string(), id, "{file}");
            n_opened += 1;
        } else {
            assert_eq!(spans, 0, "{file}");
            let error = import.files[0].error.as_ref().unwrap_or_else(|| panic!("{file} has no error"));
            let expected = match file {
                "traces/v1-not-found.txt" | "traces/v2-not-found.json" => "fmt.empty",
                _ => "fmt.error-answer",
            };
            assert_eq!(error.code(), expected, "{file}: {error}");
        }
    }
    assert!(n_opened >= 60, "only {n_opened} answers held a trace");
}

#[test]
fn a_partial_answer_of_tempo_is_marked() {
    for file in ["fixtures/tempo/limits/v2-partial.json", "fixtures/tempo/limits/v2-partial-protobuf.pb"] {
        let Some(path) = shared(file) else { return };
        let import = read_file(&path);
        let partial = import.set.traces()[0].partial.as_deref().unwrap_or_default();
        assert!(!partial.is_empty(), "{file} is not marked as partial");
    }
}

#[test]
fn the_samples_of_the_app_open_and_teach_what_they_say() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("public/samples");
    let index = json(&root.join("index.json"));
    let listed: Vec<&str> = index.as_array().unwrap().iter().map(|e| e["file"].as_str().unwrap()).collect();
    // Traces, spans, errors, links.
    let expected = [
        ("slow-external-call.json", [1, 6, 0, 0]),
        ("n-plus-one.json", [1, 33, 0, 0]),
        ("sequential-calls.json", [1, 11, 0, 0]),
        ("error-cascade.json", [1, 6, 5, 0]),
        ("clock-skew.json", [1, 2, 0, 0]),
        ("queue-with-links.json", [4, 7, 0, 3]),
    ];
    assert_eq!(listed, expected.map(|(file, _)| file));
    for (file, numbers) in expected {
        let import = read_file(&root.join(file));
        let counts = Counts::of(&import);
        let found = [counts.traces, counts.records, counts.errors, import.set.totals().links];
        assert_eq!(found, numbers, "{file}");
        assert_eq!(import.set.warnings().iter().count(), 0, "{file}");
    }
}

/// All files below a folder, in order.
fn files_below(root: &Path) -> Vec<std::path::PathBuf> {
    let (mut folders, mut files) = (vec![root.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files
}

fn json(path: &Path) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}
