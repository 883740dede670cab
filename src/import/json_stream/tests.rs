//! Shapes, quirks and damage, each as a small text and what must come of it, in pieces of every size.

use std::fmt::Write;

use expect_test::{Expect, expect};

use crate::import::{Import, Importer, Options};
use crate::model::attributes::Value;
use crate::model::index::{SpanIdx, TraceIdx};
use crate::model::trace_set::TraceSet;

fn read(text: &[u8], piece: usize) -> Import {
    let mut importer = Importer::new(Options::default());
    importer.begin_file("f", Some(text.len() as u64));
    for piece in text.chunks(piece.max(1)) {
        importer.feed(piece);
    }
    importer.finish()
}

/// The report in one line, then a line for each span.
fn shown(import: &Import) -> String {
    let (set, file) = (&import.set, &import.files[0]);
    let mut out = String::new();
    for format in &file.formats {
        write!(out, "{} ", format.slug()).unwrap();
    }
    write!(out, "{}", file.records).unwrap();
    if file.refused > 0 {
        write!(out, " refused={}", file.refused).unwrap();
    }
    for warning in set.warnings().iter() {
        write!(out, " {}×{}", warning.code.code(), warning.count).unwrap();
    }
    if let Some(error) = &file.error {
        write!(out, " [{} {error}]", error.code()).unwrap();
    }
    out.push('\n');
    for at in 0..set.traces().len() {
        spans(set, TraceIdx(at as u32), &mut out);
    }
    out
}

fn spans(set: &TraceSet, at: TraceIdx, out: &mut String) {
    let summary = &set.traces()[at.0 as usize];
    let trace = set.trace(at);
    let id = summary.id.to_string();
    write!(out, "trace {}", id.trim_start_matches('0')).unwrap();
    if let Some(message) = &summary.partial {
        write!(out, " partial: {message}").unwrap();
    }
    out.push('\n');
    for span in trace.spans() {
        if trace.is_placeholder(span) {
            writeln!(
                out,
                "{}missing {:x}",
                "  ".repeat(trace.depth(span) as usize + 1),
                trace.span_id(span).0
            )
            .unwrap();
            continue;
        }
        let details = set.details(SpanIdx(summary.first + span.0));
        write!(
            out,
            "{}{:x} {}: {} {} {} {}+{}",
            "  ".repeat(trace.depth(span) as usize + 1),
            trace.span_id(span).0,
            trace.service_name(trace.service(span)),
            trace.name(span),
            trace.kind(span).word(),
            trace.status(span).word(),
            trace.start(span).0,
            trace.span_duration(span).0,
        )
        .unwrap();
        for text in [details.status_message, details.trace_state].into_iter().chain(details.id_texts) {
            if !text.is_empty() {
                write!(out, " '{text}'").unwrap();
            }
        }
        let scope = set.scope(details.scope);
        if !scope.name.is_empty() {
            write!(out, " by {}@{}", scope.name, scope.version).unwrap();
        }
        attributes(out, &details.attributes);
        for event in &details.events {
            write!(out, " !{}", event.name).unwrap();
            attributes(out, &event.attributes);
        }
        for link in &details.links {
            let id = link.trace_id.to_string();
            write!(out, " ~{:?} {}/{:x}", link.kind, id.trim_start_matches('0'), link.span_id.0).unwrap();
            attributes(out, &link.attributes);
        }
        for warning in &details.source_warnings {
            write!(out, " ?{warning}").unwrap();
        }
        out.push('\n');
    }
}

fn attributes(out: &mut String, list: &[(&str, Value<'_>)]) {
    for (key, value) in list {
        write!(out, " {key}=").unwrap();
        match value {
            Value::Str(text) => write!(out, "{text}"),
            Value::I64(n) => write!(out, "{n}"),
            Value::Bool(b) => write!(out, "{b}"),
            other => write!(out, "{other:?}"),
        }
        .unwrap();
    }
}

#[expect(clippy::needless_pass_by_value, reason = "an expectation is written where it is passed")]
fn check(text: &str, expected: Expect) {
    check_bytes(text.as_bytes(), &expected);
}

fn check_bytes(text: &[u8], expected: &Expect) {
    let whole = shown(&read(text, text.len()));
    for piece in [1, 2, 3, 7, 64] {
        assert_eq!(
            shown(&read(text, piece)),
            whole,
            "in pieces of {piece}: {}",
            String::from_utf8_lossy(text)
        );
    }
    expected.assert_eq(&whole);
}

const RESOURCE: &str = r#""resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]}"#;

/// One line of OTLP with one span.
fn line(id: u64, name: &str) -> String {
    format!("{{\"resourceSpans\":[{{{RESOURCE},\"scopeSpans\":[{{\"spans\":[{}]}}]}}]}}", span(id, name))
}

fn span(id: u64, name: &str) -> String {
    format!(
        r#"{{"traceId":"{:032x}","spanId":"{id:016x}","name":"{name}","startTimeUnixNano":"1700000000000000{id:03}","endTimeUnixNano":"1700000000000000900"}}"#,
        1
    )
}

#[test]
fn otlp_in_camel_case() {
    check(
        r#"{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},
            "scopeSpans":[{"scope":{"name":"lib","version":"1"},"spans":[
            {"traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"EEE19B7EC3C1B174","parentSpanId":"",
             "traceState":"a=b","flags":768,"name":"GET /","kind":2,"startTimeUnixNano":"1544712660000000000",
             "endTimeUnixNano":1544712661000000000,"attributes":[{"key":"n","value":{"intValue":"7"}}],
             "events":[{"timeUnixNano":"1544712660500000000","name":"e","attributes":[{"key":"k","value":{"boolValue":true}}]}],
             "links":[{"traceId":"000000000000000000000000000000ff","spanId":"00000000000000fe","attributes":[]}],
             "status":{"code":2,"message":"no"}}]}],"schemaUrl":"s"}]}"#,
        expect![[r#"
            otlp-json 1
            trace 5b8efff798038103d269b633813fc60c
              eee19b7ec3c1b174 shop: GET / server error 0+1000000000 'no' 'a=b' by lib@1 n=7 !e k=true ~Link ff/fe
        "#]],
    );
}

#[test]
fn otlp_in_snake_case_with_the_resource_behind() {
    check(
        r#"{"resource_spans":[{"scope_spans":[{"spans":[{"trace_id":"AAAAAAAAAAAAAAAAAAAAAQ==","span_id":"AAAAAAAAAAI=",
            "parent_span_id":"0000000000000000","name":"a","kind":"SPAN_KIND_CLIENT","start_time_unix_nano":"2023-11-14T22:13:20Z",
            "end_time_unix_nano":{"low":1,"high":0},"attributes":{"plain":"x","n":1},"status":"Ok"}],"scope":{"name":"late"}}],
            "resource":{"attributes":{"service.name":"shop"}}}]}"#,
        expect![[r#"
            otlp-json 1 W_TIME_ABSURD×1 W_UNFINISHED×1
            trace 1
              2 shop: a client ok 0+0 by late@ plain=x n=1
        "#]],
    );
}

#[test]
fn otlp_of_old_collectors_and_lone_pieces() {
    check(
        &format!(
            "{}\n{}\n{}\n{}",
            r#"{"resourceSpans":[{"instrumentationLibrarySpans":[{"instrumentationLibrary":{"name":"old"},"spans":[{"traceId":"1","spanId":"a","name":"in a library","startTimeUnixNano":1700000000000000000}]}]}]}"#,
            r#"{"scopeSpans":[{"spans":[{"traceId":"1","spanId":"b","parentSpanId":"a","name":"in a resource","startTimeUnixNano":1700000000000000000,"endTimeUnixNano":1700000000000000001}]}],"resource":{"attributes":[{"key":"service.name","value":"bare"}]}}"#,
            r#"{"name":"alone","traceId":"1","spanId":"c","parentSpanId":"a","startTimeUnixNano":1700000000000000002,"endTimeUnixNano":1700000000000000003}"#,
            r#"[{"name":"in a list","traceId":"1","spanId":"d","parentSpanId":"a","startTimeUnixNano":1700000000000000004,"endTimeUnixNano":1700000000000000005,"resource":{"attributes":{"service.name":"beside"}}}]"#,
        ),
        expect![[r#"
            otlp-json 4 W_UNFINISHED×1 W_NO_SERVICE×2
            trace 1
              a : in a library  unset 0+0 by old@
                b bare: in a resource  unset 0+1
                c : alone  unset 2+1
                d beside: in a list  unset 4+1
        "#]],
    );
}

#[test]
fn lines_documents_sequences_and_logs() {
    let (a, b) = (line(1, "a"), line(2, "b"));
    let expected = "otlp-json 2\ntrace 1\n  1 shop: a  unset 0+899\n  2 shop: b  unset 1+898\n";
    let as_log =
        |text: &str| format!("{{\"log\":{:?},\"stream\":\"stdout\",\"time\":\"x\"}}", text.to_owned() + "\n");
    let halves = a.split_at(a.len() / 2);
    for text in [
        format!("{a}\n{b}\n"),
        format!("{a}\r\n{b}"),
        format!("{a}{b}"),
        format!("[{a},{b}]"),
        format!("[{a} {b},]"),
        format!("\u{1e}{a}\n\u{1e}{b}\n"),
        format!("{a},\n{b};\n"),
        format!("{}\n\n{}\n", a.replace(",\"", ",\n  \"").replace('{', "{\n"), b.replace(",\"", ",\n  \"")),
        format!("service-1  | {a}\n2026-01-02T03:04:05Z stdout F {b}\n"),
        format!("{}\n{}\n", as_log(&a), as_log(&b)),
        format!("{}\n{}\n{}\n", as_log(halves.0), as_log(halves.1), as_log(&b))
            .replace("\\n\",\"stream", "\",\"stream"),
        format!("{:?}", format!("{a}\n{b}")),
        format!("{:?}", format!("{:?}", format!("{a}\n{b}"))),
    ] {
        let whole = shown(&read(text.as_bytes(), text.len())).replace(" W_MULTIPLE_ROOTS×1", "");
        assert_eq!(whole, expected, "{text}");
        for piece in [1, 3, 64] {
            let pieces = shown(&read(text.as_bytes(), piece)).replace(" W_MULTIPLE_ROOTS×1", "");
            assert_eq!(pieces, expected, "in pieces of {piece}: {text}");
        }
    }
}

#[test]
fn broken_values_are_told_with_their_place() {
    let (a, b) = (line(1, "a"), line(2, "b"));
    let text = format!("{a}\n{{this is not JSON\nnor is this\n{{\"a\":1}}\n{{\"cut\": \"off\"\n{b}\n");
    check(
        &text,
        expect![[r#"
            otlp-json 2 W_BROKEN_VALUE×3 W_MULTIPLE_ROOTS×1
            trace 1
              1 shop: a  unset 0+899
              2 shop: b  unset 1+898
        "#]],
    );
    let import = read(text.as_bytes(), 64);
    let warnings: Vec<_> = import.set.warnings().iter().collect();
    let places: Vec<_> = warnings[0].examples.iter().map(|e| (e.line, e.detail.as_str())).collect();
    assert_eq!(
        places,
        [
            (Some(2), "f: expected ':' after a key in \"{this is not JSON\""),
            (Some(4), "f: no span in a JSON object with the keys a"),
            (Some(6), "f: expected a key or '}' in \"{\"cut\": \"off\"\""),
        ]
    );
    let offset = text.find("{this").unwrap() as u64;
    assert_eq!(warnings[0].examples[0].offset, Some(offset + 6));
}

#[test]
fn a_broken_span_costs_itself_alone() {
    let bad = span(2, "b").replace("\"name\":", "\"name\" ");
    check(
        &line(1, "a").replace("]}]}]}", &format!(",{bad},{}]}}]}}]}}", span(3, "c"))),
        expect![[r#"
            otlp-json 3 refused=1 W_BROKEN_VALUE×1 W_MULTIPLE_ROOTS×1
            trace 1
              1 shop: a  unset 0+899
              3 shop: c  unset 2+897
        "#]],
    );
}

#[test]
fn a_line_cut_anywhere_does_not_take_the_next_along() {
    let (a, b) = (line(1, "a"), line(2, "b"));
    for cut in 1..a.len() {
        let text = format!("{}\n{b}\n", &a[..cut]);
        for piece in [1, 5, text.len()] {
            let import = read(text.as_bytes(), piece);
            assert!(import.set.totals().records <= 2, "cut at {cut}: {}", shown(&import));
            let names: Vec<_> = (0..import.set.traces().len())
                .flat_map(|at| import.set.trace(TraceIdx(at as u32)).names().to_vec())
                .collect();
            assert!(names.iter().any(|name| name == "b"), "cut at {cut}: {}", shown(&import));
        }
    }
}

#[test]
fn every_complete_span_before_a_cut_is_kept() {
    let text = line(1, "a").replace("]}]}]}", &format!(",{},{}]}}]}}]}}", span(2, "b"), span(3, "c")));
    let ends: Vec<usize> = text.match_indices("900\"}").map(|(at, found)| at + found.len()).collect();
    for cut in 0..text.len() {
        let import = read(&text.as_bytes()[..cut], 64);
        let complete = ends.iter().filter(|&&end| end <= cut).count() as u64;
        assert_eq!(import.set.totals().records, complete, "cut at {cut}");
        if cut > 0 {
            let shown = shown(&import);
            assert!(shown.contains("W_TRUNCATED_JSON×1"), "cut at {cut}: {shown}");
        }
    }
}

#[test]
fn bytes_that_are_not_utf8_are_replaced_and_counted() {
    let mut text = line(1, "a?b?").into_bytes();
    for byte in text.iter_mut().filter(|b| **b == b'?') {
        *byte = 0xff;
    }
    check_bytes(
        &text,
        &expect![[r#"
            otlp-json 1 W_INVALID_UTF8×1
            trace 1
              1 shop: a�b�  unset 0+899
        "#]],
    );
    check(
        &line(1, "ä€😀"),
        expect![[r#"
            otlp-json 1
            trace 1
              1 shop: ä€😀  unset 0+899
        "#]],
    );
}

#[test]
fn tempo_in_both_versions() {
    let inner = format!("{{{RESOURCE},\"scopeSpans\":[{{\"spans\":[{}]}}]}}", span(1, "a"));
    check(
        &format!("{{\"batches\":[{inner}]}}"),
        expect![[r#"
            tempo-v1 1
            trace 1
              1 shop: a  unset 0+899
        "#]],
    );
    check(
        &format!(
            "{{\"trace\":{{\"resourceSpans\":[{inner}]}},\"metrics\":{{}},\"status\":\"PARTIAL\",\"message\":\"too big\"}}"
        ),
        expect![[r#"
            tempo-v2 1 W_PARTIAL_TRACE×1
            trace 1 partial: too big
              1 shop: a  unset 0+899
        "#]],
    );
    check(
        r#"{"trace":{"traceId":"1","services":[{"serviceName":"shop","resource":{"host.name":"h"},"scopes":[{"name":"lib","version":"2",
           "spans":[{"spanId":"0000000000000001","name":"a","kind":"SPAN_KIND_SERVER","startTimeUnixNano":"1700000000000000000",
           "endTimeUnixNano":"1700000000000000001","attributes":{"n":1},"status":{"code":"STATUS_CODE_UNSET"}}]}]}]}}"#,
        expect![[r#"
            tempo-v2 1
            trace 1
              1 shop: a server unset 0+1 by lib@2 n=1
        "#]],
    );
    check(
        &format!(
            "{{\"result\":{{\"resourceSpans\":[{inner}]}}}}\n{{\"result\":{{\"resourceSpans\":[{inner}]}}}}"
        ),
        expect![[r#"
            jaeger-v3-json 2 W_DUPLICATE_IDENTICAL×1
            trace 1
              1 shop: a  unset 0+899
        "#]],
    );
}

const JAEGER_SPAN: &str = r#"{"traceID":"1","spanID":"a","operationName":"root","references":[],"startTime":1700000000000000,"duration":10,
    "tags":[{"key":"span.kind","type":"string","value":"server"},{"key":"big","type":"int64","value":"9223372036854775222"},
    {"key":"error","type":"bool","value":true},{"key":"blob","type":"binary","value":"AAE="},{"key":"otel.scope.name","value":"lib"}],
    "logs":[{"timestamp":1700000000000005,"fields":[{"key":"event","type":"string","value":"retry"},{"key":"n","type":"int64","value":2}]}],
    "processID":"p1","warnings":["odd"]}"#;

#[test]
fn jaeger_in_all_its_wrappings() {
    let child = r#"{"traceID":"0000000000000001","spanID":"b","operationName":"child","startTime":1700000000000001.5,"duration":2.25,
        "references":[{"refType":"CHILD_OF","traceID":"ff","spanID":"ee"},{"refType":"FOLLOWS_FROM","traceID":"1","spanID":"c"},
        {"refType":"CHILD_OF","traceID":"1","spanID":"a"}],"process":{"serviceName":"inline"},"tags":null,"logs":null}"#;
    let trace = format!(
        r#"{{"traceID":"1","spans":[{JAEGER_SPAN},{child}],"processes":{{"p1":{{"serviceName":"shop","tags":[]}}}},"warnings":null}}"#
    );
    let bare = format!("[{trace}]");
    for text in [
        format!(r#"{{"data":[{trace}],"total":0,"errors":null}}"#),
        trace.clone(),
        format!(r#"{{"data":{trace}}}"#),
    ] {
        assert_eq!(shown(&read(text.as_bytes(), 9)), shown(&read(bare.as_bytes(), 999)), "{text}");
    }
    check(
        &bare,
        expect![[r#"
            jaeger-json 2 W_SOURCE_WARNING×1
            trace 1
              a shop: root server error 0+10000 by lib@ span.kind=server big=9223372036854775222 error=true blob=Bytes([0, 1]) otel.scope.name=lib !retry n=2 ?odd
                b inline: child  unset 1500+2250 ~Link ff/ee ~FollowsFrom 1/c
        "#]],
    );
    check(
        &format!(r#"{{"data":[{{"spans":[{JAEGER_SPAN}]}}]}}"#),
        expect![[r#"
            jaeger-json 1 W_NO_SERVICE×1 W_PROCESS_MISSING×1 W_SOURCE_WARNING×1
            trace 1
              a : root server error 0+10000 by lib@ span.kind=server big=9223372036854775222 error=true blob=Bytes([0, 1]) otel.scope.name=lib !retry n=2 ?odd
        "#]],
    );
}

#[test]
fn of_several_parents_the_first_that_exists_is_taken() {
    let span = |id: &str, references: &str| {
        format!(
            r#"{{"traceID":"1","spanID":"{id}","operationName":"{id}","references":[{references}],"startTime":1700000000000000,"duration":1}}"#
        )
    };
    let to = |id: &str| format!(r#"{{"refType":"CHILD_OF","traceID":"1","spanID":"{id}"}}"#);
    check(
        &format!(
            r#"{{"data":[{{"traceID":"1","spans":[{},{}],"processes":{{}}}}]}}"#,
            span("b", &format!("{},{}", to("c"), to("a"))),
            span("a", "")
        ),
        expect![[r#"
            jaeger-json 2 W_NO_SERVICE×2
            trace 1
              a : a  unset 0+1000
                b : b  unset 0+1000 ~ExtraParent 1/a ~ExtraParent 1/c
        "#]],
    );
}

#[test]
fn jaeger_in_elasticsearch() {
    let document = r#"{"traceID":"1","spanID":"a","operationName":"op","references":[],"startTime":1700000000000000,"duration":5,
        "tags":[{"key":"n","type":"int64","value":"7"},{"key":"ok","type":"bool","value":"true"},{"key":"blob","type":"binary","value":"00ff"}],
        "tag":{"http@status_code":"200","span@kind":"client"},"process":{"serviceName":"shop","tag":{"host@name":"h"}}}"#;
    let expected = shown(&read(document.as_bytes(), 999));
    expect![[r#"
        jaeger-elasticsearch 1
        trace 1
          a shop: op client unset 0+5000 n=7 ok=true blob=Bytes([0, 255]) http.status_code=200 span.kind=client
    "#]]
    .assert_eq(&expected);
    for text in [
        format!(r#"{{"_index":"jaeger","_id":"x","_source":{document}}}"#),
        format!(r#"{{"took":1,"hits":{{"total":1,"hits":[{{"_index":"j","_source":{document}}}]}}}}"#),
        format!(r#"{{"responses":[{{"hits":{{"hits":[{{"_source":{document}}}]}}}}]}}"#),
        format!("{{\"index\":{{\"_index\":\"j\"}}}}\n{document}\n"),
    ] {
        for piece in [1, 7, 9999] {
            assert_eq!(shown(&read(text.as_bytes(), piece)), expected, "{text}");
        }
    }
}

#[test]
fn jaegers_storage_model() {
    let span = r#"{"traceId":"AAAAAAAAAAAAAAAAAAAAAQ==","spanId":"AAAAAAAAAAI=","operationName":"op","references":[{"refType":1,
        "traceId":"AAAAAAAAAAAAAAAAAAAAAQ==","spanId":"AAAAAAAAAAM="}],"startTime":"2017-01-26T16:46:31.639875139-05:00","duration":"0.000005s",
        "tags":[{"key":"error","vType":"BOOL","vBool":true},{"key":"zero","vType":"INT64"},{"key":"blob","vBinary":"AAAwOQ=="}],"processId":"p"}"#;
    check(
        &format!(
            r#"{{"spans":[{span}],"processMap":[{{"processId":"p","process":{{"serviceName":"shop"}}}}]}}"#
        ),
        expect![[r#"
            jaeger-model-json 1 W_ORPHAN×1
            trace 1
              missing 3
                2 shop: op  error 0+5000 error=true zero=0 blob=Bytes([0, 0, 48, 57])
        "#]],
    );
}

#[test]
fn error_answers_give_the_servers_words() {
    for (text, message) in [
        (r#"{"data":null,"errors":[{"code":404,"msg":"trace not found"}]}"#, "trace not found"),
        (r#"{"data":[],"errors":[{"msg":"storage is down"}]}"#, "storage is down"),
        (r#"{"error":{"httpCode":404,"message":"No traces found"}}"#, "No traces found"),
        (r#"{"error":"no org id"}"#, "no org id"),
        (r#"{"code":5,"message":"trace not found","details":[]}"#, "trace not found"),
        (r#"{"message":"Unauthorized"}"#, "Unauthorized"),
        ("trace IDs can't be larger than 128 bits", "trace IDs can't be larger than 128 bits"),
    ] {
        let import = read(text.as_bytes(), 5);
        let error = import.files[0].error.as_ref().map(ToString::to_string);
        assert_eq!(error, Some(format!("this is an error answer: {message}")), "{text}");
    }
}

#[test]
fn what_is_known_and_not_read_is_named() {
    for (text, what) in [
        (
            r#"{"traces":[{"traceID":"1","rootServiceName":"s","rootTraceName":"n","durationMs":1}],"metrics":{}}"#,
            "search results of Tempo",
        ),
        (r#"[{"parent":"a","child":"b","callCount":3}]"#, "dependencies"),
        (r#"{"data":[{"parent":"a","child":"b","callCount":3}]}"#, "dependencies"),
        (r#"{"nodes":[{"id":1}],"startTime":1,"endTime":2,"samples":[1],"timeDeltas":[1]}"#, "CPU profile"),
        (
            r#"[[{"trace_id":1,"span_id":2,"parent_id":0,"name":"n","resource":"r","start":1,"duration":1,"meta":{}}]]"#,
            "Datadog",
        ),
        (r#"{"Traces":[{"Id":"1-2-3","Segments":[{"Id":"a","Document":"{}"}]}]}"#, "X-Ray"),
        (
            r#"{"id":"a","trace_id":"1-5759e988-bd862e3fe1be46a994272793","start_time":1.5,"name":"n"}"#,
            "X-Ray",
        ),
        (r#"{"spans":[{"name":"projects/p/traces/t/spans/s","spanId":"s"}]}"#, "Google Cloud Trace"),
        (
            r#"{"batchWriteSpansRequest":{"name":"p","spans":[{"name":"projects/p/traces/t/spans/s","spanId":"s"}]}}"#,
            "Google Cloud Trace",
        ),
        (
            r#"{"traces":[{"traceId":"t","spans":[{"spanId":"1","startTime":"x","endTime":"y","labels":{}}]}]}"#,
            "Google Cloud Trace",
        ),
        ("{\"metadata\":{\"service\":{\"agent\":{}}}}\n{\"transaction\":{\"id\":\"a\"}}", "Elastic APM"),
        (
            "{\"sent_at\":\"x\",\"sdk\":{}}\n{\"type\":\"transaction\"}\n{\"contexts\":{\"trace\":{}},\"spans\":[{\"span_id\":\"a\"}]}",
            "Sentry",
        ),
        (
            r#"{"data":{"trace":{"spans":[{"traceId":"1","segmentId":"a","spanId":0,"serviceCode":"s","endpointName":"e"}]}}}"#,
            "SkyWalking",
        ),
        (
            r#"[{"traceId":"a","parentId":1,"name":"n","id":2,"timestamp":1,"duration":1,"startTime":1}]"#,
            "Next.js",
        ),
        (r#"{"resourceMetrics":[{"scopeMetrics":[]}]}"#, "OTLP metrics"),
        (r#"{"resourceLogs":[{"scopeLogs":[]}]}"#, "OTLP logs"),
        (r#"{"TraceId":"a","SpanId":"b","Timestamp":"x"}"#, "table of spans"),
    ] {
        for piece in [1, 50, 9999] {
            let import = read(text.as_bytes(), piece);
            let error = import.files[0].error.as_ref().map(ToString::to_string).unwrap_or_default();
            assert!(error.contains(what), "{text}: {error}");
            assert!(shown(&import).contains("W_NOT_TRACES"), "{text}: {}", shown(&import));
        }
    }
}

#[test]
fn metrics_between_traces_are_skipped_and_counted() {
    check(
        &format!(
            "{{\"resourceMetrics\":[{{\"scopeMetrics\":[1,2]}}]}}\n{}\n{{\"resourceLogs\":[]}}\n",
            line(1, "a")
        ),
        expect![[r#"
            otlp-json 1 W_NOT_TRACES×2
            trace 1
              1 shop: a  unset 0+899
        "#]],
    );
}

#[test]
fn what_is_empty_is_no_error_of_format() {
    for text in [
        "[]",
        "{}",
        r#"{"data":[]}"#,
        r#"{"batches":[]}"#,
        r#"{"trace":{}}"#,
        r#"{"resourceSpans":[]}"#,
        "[[]]",
    ] {
        let import = read(text.as_bytes(), 1);
        let code = import.files[0].error.as_ref().map(super::ImportError::code);
        assert_eq!(code, Some("fmt.empty"), "{text}: {}", shown(&import));
        assert_eq!(import.set.warnings().iter().count(), 0, "{text}");
    }
}

#[test]
fn long_values_without_meaning_are_not_kept() {
    let junk = "[1,{\"a\":[2]}],".repeat(40_000);
    let text = format!("{{\"samples\":[{junk}1],\"resourceSpans\":[],\"x\":[{junk}1]}}\n{}", line(1, "a"));
    let mut importer = Importer::new(Options { max_value: 1 << 20, ..Options::default() });
    importer.begin_file("f", None);
    for piece in text.as_bytes().chunks(10_000) {
        importer.feed(piece);
    }
    let import = importer.finish();
    assert_eq!(import.set.totals().records, 1, "{}", shown(&import));
}

#[test]
fn a_value_beyond_the_limit_is_left_out() {
    let text = format!("{}\n{}\n{}\n", line(1, "a"), line(2, &"x".repeat(100_000)), line(3, "c"));
    let mut importer = Importer::new(Options { max_value: 10_000, ..Options::default() });
    importer.begin_file("f", None);
    for piece in text.as_bytes().chunks(1000) {
        importer.feed(piece);
    }
    let import = importer.finish();
    assert_eq!(import.set.totals().records, 2, "{}", shown(&import));
    assert!(shown(&import).contains("W_SIZE_LIMIT"));
}

#[test]
fn cost_is_linear_in_the_size_of_a_value() {
    // A span of 2 MB in pieces of 16 bytes: read anew for each piece this would take hours.
    let text = line(1, &"x".repeat(2 << 20));
    let import = read(text.as_bytes(), 16);
    assert_eq!(import.set.totals().records, 1);
}
