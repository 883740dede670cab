//! Files that describe the same data in two encodings agree wherever both carry a field.

use std::collections::BTreeMap;

use spanscope::import::Import;
use spanscope::model::attributes::Value;
use spanscope::model::index::{SpanIdx, TraceIdx};

use crate::common::shared;
use crate::reading::{read_file, spans_of};

/// What every encoding of a span carries.
#[derive(Debug, PartialEq)]
struct Core {
    id: String,
    parent: String,
    name: String,
    kind: &'static str,
    is_error: bool,
    start: i64,
    duration: i64,
    service: String,
    attributes: BTreeMap<String, String>,
    events: Vec<(i64, String)>,
}

fn cores(import: &Import) -> Vec<Core> {
    let set = &import.set;
    let mut cores = Vec::new();
    for (at, summary) in set.traces().iter().enumerate() {
        let trace = set.trace(TraceIdx::new(at));
        for span in trace.spans().filter(|&s| !trace.is_placeholder(s)) {
            let details = set.details(SpanIdx(summary.first + span.0));
            cores.push(Core {
                id: trace.span_id(span).to_string(),
                parent: details.parent_id.to_string(),
                name: trace.name(span).to_owned(),
                kind: trace.kind(span).word(),
                is_error: trace.is_error(span),
                start: summary.start.0 + trace.start(span).0,
                duration: trace.span_duration(span).0,
                service: trace.service_name(trace.service(span)).to_owned(),
                attributes: details
                    .attributes
                    .iter()
                    .map(|(key, value)| ((*key).to_owned(), text(value)))
                    .collect(),
                events: details.events.iter().map(|e| (e.time.0, e.name.to_owned())).collect(),
            });
        }
    }
    cores.sort_by(|a, b| (&a.id, a.kind, &a.name).cmp(&(&b.id, b.kind, &b.name)));
    cores
}

fn text(value: &Value<'_>) -> String {
    match value {
        Value::Str(text) => (*text).to_owned(),
        other => format!("{other:?}"),
    }
}

#[test]
fn otlp_protobuf_and_json_lines_hold_the_same_spans() {
    let Some(root) = shared("traces") else { return };
    let lines = read_file(&root.join("otlp-json/otlp2parquet-traces.jsonl"));
    let protobuf = read_file(&root.join("otlp-proto/otlp2parquet-traces.pb"));
    assert_eq!(spans_of(&lines), spans_of(&protobuf));
}

#[test]
fn zipkin_versions_agree_but_for_case_and_core_annotations() {
    let Some(root) = shared("traces") else { return };
    let mut first = cores(&read_file(&root.join("zipkin-v1/zipkin-ui-messaging-kafka.json")));
    let second = cores(&read_file(&root.join("zipkin-v2/zipkin-messaging-kafka.json")));
    for span in &mut first {
        span.service.make_ascii_lowercase();
        // In version 2 these have become kind, start and duration.
        span.events.retain(|(_, name)| !["ms", "ws", "wr", "mr"].contains(&name.as_str()));
    }
    for (one, two) in first.iter().zip(&second) {
        assert_eq!(one, two);
    }
    assert_eq!(first.len(), second.len());
}

#[test]
fn the_elasticsearch_document_has_what_the_json_of_the_same_span_has() {
    let Some(root) = shared("traces") else { return };
    let documents = cores(&read_file(&root.join("jaeger-es/jaeger-es_01.json")));
    let answer = cores(&read_file(&root.join("jaeger-json/jaeger-ui_01.json")));
    let document = &documents[0];
    // The answer holds two spans with this id; the tags are on the one with the other name.
    let tagged = answer.iter().find(|s| s.id == document.id && !s.attributes.is_empty()).unwrap();
    for key in ["peer.service", "peer.ipv4", "error", "temperature", "blob"] {
        assert_eq!(document.attributes.get(key), tagged.attributes.get(key), "{key}");
    }
    assert_eq!((document.start, document.duration), (tagged.start, tagged.duration));
    assert_eq!((document.is_error, &document.service), (tagged.is_error, &tagged.service));
}

#[test]
fn the_storage_model_of_jaeger_holds_what_its_json_holds() {
    let Some(root) = shared("traces") else { return };
    let mut model = cores(&read_file(&root.join("jaeger-model-json/jaeger-domain_01.json")));
    for span in &mut model {
        // The model has nanoseconds where the JSON has microseconds.
        span.start -= span.start % 1000;
        for (time, _) in &mut span.events {
            *time -= *time % 1000;
        }
    }
    let answer = cores(&read_file(&root.join("jaeger-json/jaeger-ui_01.json")));
    assert_eq!(model, answer);
}

#[test]
fn tempo_gives_back_what_was_sent_to_it() {
    let Some(root) = shared("fixtures") else { return };
    for (sent, answers) in [
        ("sequential-01", ["v1-sequential.json", "v2-sequential.json"]),
        ("attribute-types-01", ["v1-attribute-types.json", "v2-attribute-types-accept-protobuf.pb"]),
        ("checkout-declined-01", ["v1-checkout-declined-accept-protobuf.pb", "v2-checkout-declined.json"]),
        ("queue-batch-links-01d", ["v1-queue-batch-links-json.json", "v2-queue-batch-links-accept-llm.json"]),
    ] {
        let expected = cores(&read_file(&root.join(format!("otlp/traces/{sent}.json"))));
        for answer in answers {
            assert_eq!(cores(&read_file(&root.join("tempo/traces").join(answer))), expected, "{answer}");
        }
    }
}
