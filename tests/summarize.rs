//! What the command line tells of a trace.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use serde_json::{Value, json};
use spanscope::import::{Importer, Options};

#[path = "../examples/summarize.rs"]
#[expect(dead_code, reason = "its `main` is not called here")]
mod summarize;

/// A request of 100 ms with a call of 60 ms in it.
const REQUEST: &str = r#"{"resourceSpans":[{"resource":{"attributes":[
    {"key":"service.name","value":{"stringValue":"shop"}}]},"scopeSpans":[{"spans":[
    {"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"00000000000000a1","name":"POST /pay","kind":2,
     "startTimeUnixNano":"1700000000000000000","endTimeUnixNano":"1700000000100000000"},
    {"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"00000000000000b2","parentSpanId":"00000000000000a1",
     "name":"charge card","kind":3,
     "startTimeUnixNano":"1700000000020000000","endTimeUnixNano":"1700000000080000000"}
]}]}]}"#;

fn told(wanted: summarize::Wanted) -> Value {
    let mut importer = Importer::new(Options::default());
    importer.begin_file("pay.json", None);
    importer.feed(REQUEST.as_bytes());
    let import = importer.finish();
    serde_json::to_value(summarize::summarize("pay.json".to_owned(), &import, wanted)).unwrap()
}

#[test]
fn traces_and_their_analysis_come_only_when_asked_for() {
    let plain = told(summarize::Wanted::default());
    assert_eq!((&plain["spans"], plain.get("trace_list")), (&json!(2), None));
    let traces = told(summarize::Wanted { traces: true, analysis: false });
    let trace = traces["trace_list"][0].as_object().unwrap();
    assert_eq!(trace["root"], json!({"service": "shop", "name": "POST /pay"}));
    assert!(["headline", "critical_path", "findings"].iter().all(|key| !trace.contains_key(*key)));
}

#[test]
fn an_analysis_is_told_for_each_trace() {
    let told = told(summarize::Wanted { traces: true, analysis: true });
    let trace = &told["trace_list"][0];
    assert_eq!(
        trace["critical_path"],
        json!([
            ["00000000000000a1", 0, 20_000_000],
            ["00000000000000b2", 20_000_000, 80_000_000],
            ["00000000000000a1", 80_000_000, 100_000_000],
        ])
    );
    let headline = trace["headline"].as_str().unwrap();
    assert!(headline.contains("POST /pay took 100 ms") && headline.contains("charge card"), "{headline}");
    let finding = &trace["findings"][0];
    assert_eq!(
        (&finding["code"], &finding["stake_ns"], &finding["severity"], &finding["confidence"]),
        (&json!("PERF-1"), &json!(60_000_000), &json!("high"), &json!("certain"))
    );
    assert!(finding["title"].as_str().unwrap().contains("charge card"), "{finding}");
    assert_eq!(finding["spans"][0], "00000000000000b2");
}
