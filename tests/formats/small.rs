//! Formats of which no public sample is at hand, and the corners of those of which one is: small inputs as
//! text, and what is made of them.

use std::fmt::Write;

use crate::reading::spans_of;
use spanscope::import::{Format, Import, read};
use spanscope::model::index::{SpanIdx, TraceIdx};

/// The tree of all traces as text: `name service kind start+duration` in microseconds from the trace's start.
fn tree(import: &Import) -> String {
    let set = &import.set;
    let mut out = String::new();
    for at in 0..set.traces().len() {
        let trace = set.trace(TraceIdx::new(at));
        for span in trace.spans() {
            let micros = |nanos: i64| nanos as f64 / 1000.0;
            let _ = writeln!(
                out,
                "{}{} {} {} {}+{}{}",
                "  ".repeat(trace.depth(span) as usize),
                trace.name(span),
                trace.service_name(trace.service(span)),
                trace.kind(span).word(),
                micros(trace.start(span).0),
                micros(trace.span_duration(span).0),
                if trace.is_error(span) { " error" } else { "" },
            );
        }
    }
    out
}

fn check(input: &str, format: Format, expected: &str) -> Import {
    let import = read("input", input.as_bytes());
    assert_eq!(import.files[0].formats, [format], "{:?}", import.files[0]);
    let expected: Vec<&str> = expected.lines().map(str::trim_end).filter(|l| !l.trim().is_empty()).collect();
    let margin = expected.iter().map(|l| l.len() - l.trim_start().len()).min().unwrap_or(0);
    let expected: Vec<&str> = expected.iter().map(|l| &l[margin..]).collect();
    let found = tree(&import);
    assert_eq!(found.lines().map(str::trim_end).collect::<Vec<_>>(), expected, "{:?}", import.files[0]);
    // However the bytes arrive, the result is the same.
    let mut importer = spanscope::import::Importer::new(spanscope::import::Options::default());
    importer.begin_file("input", None);
    for byte in input.as_bytes() {
        importer.feed(std::slice::from_ref(byte));
    }
    assert_eq!(spans_of(&importer.finish()), spans_of(&import));
    import
}

const PYTHON: &str = r#"
starting up
{
    "name": "child",
    "context": {
        "trace_id": "0x5b8efff798038103d269b633813fc60c",
        "span_id": "0xeee19b7ec3c1b174",
        "trace_state": "[]"
    },
    "kind": "SpanKind.CLIENT",
    "parent_id": "0xeee19b7ec3c1b173",
    "start_time": "2024-05-01T10:00:00.000100Z",
    "end_time": "2024-05-01T10:00:00.000300Z",
    "status": {
        "status_code": "ERROR",
        "description": "ValueError: no"
    },
    "attributes": {
        "http.status_code": 200,
        "list": [1, 2]
    },
    "events": [
        {
            "name": "exception",
            "timestamp": "2024-05-01T10:00:00.000200Z",
            "attributes": { "exception.type": "ValueError" }
        }
    ],
    "links": [
        {
            "context": { "trace_id": "0x0000000000000000000000000000000a", "span_id": "0x000000000000000b", "trace_state": "[]" },
            "attributes": { "why": "batch" }
        }
    ],
    "resource": {
        "attributes": { "service.name": "shop", "telemetry.sdk.language": "python" },
        "schema_url": ""
    }
}
a line of the program's own output
{
    "name": "parent",
    "context": {
        "trace_id": "0x5b8efff798038103d269b633813fc60c",
        "span_id": "0xeee19b7ec3c1b173",
        "trace_state": "[]"
    },
    "kind": "SpanKind.SERVER",
    "parent_id": null,
    "start_time": "2024-05-01T10:00:00.000000Z",
    "end_time": "2024-05-01T10:00:00.000500Z",
    "status": { "status_code": "UNSET" },
    "attributes": {},
    "events": [],
    "links": [],
    "resource": {
        "attributes": { "service.name": "shop", "telemetry.sdk.language": "python" },
        "schema_url": ""
    }
}
"#;

#[test]
fn python_console_output_is_read_between_other_output() {
    let import = check(
        PYTHON,
        Format::PythonConsole,
        "
        parent shop server 0+500
          child shop client 100+200 error
        ",
    );
    let child = import.set.details(SpanIdx(1));
    assert_eq!(child.status_message, "ValueError: no");
    assert_eq!(child.events[0].name, "exception");
    assert_eq!(child.events[0].time.0, 1_714_557_600_000_200_000);
    assert_eq!(child.links[0].span_id.to_string(), "000000000000000b");
    assert_eq!(child.attributes.len(), 2);
    assert_eq!(import.set.resource(child.resource).attributes.len(), 2);
}

const JAVASCRIPT: &str = r"
{
  resource: {
    attributes: {
      'service.name': 'shop',
      'process.command_args': [ '/usr/bin/node', '/app/it\'s.js' ],
      'process.pid': 17
    }
  },
  instrumentationScope: { name: 'demo', version: undefined, schemaUrl: undefined },
  traceId: '5b8efff798038103d269b633813fc60c',
  parentSpanContext: {
    traceId: '5b8efff798038103d269b633813fc60c',
    spanId: 'eee19b7ec3c1b173',
    traceFlags: 1,
    isRemote: true
  },
  traceState: undefined,
  name: 'child',
  id: 'eee19b7ec3c1b174',
  kind: 2,
  timestamp: 1714557600000100,
  duration: 200.125,
  attributes: {
    text: 'first part ' +
      'and second part',
    quoted: `it's`,
    nested: [Object],
    many: [ 1, 2, ... 98 more items ]
  },
  status: { code: 2, message: 'no' },
  events: [
    {
      name: 'exception',
      attributes: { 'exception.type': 'Error' },
      time: [ 1714557600, 150000 ],
      droppedAttributesCount: 0
    }
  ],
  links: [
    {
      context: { traceId: '0000000000000000000000000000000a', spanId: '000000000000000b', traceFlags: 1 },
      attributes: {}
    }
  ]
}
{
  resource: { attributes: { 'service.name': 'shop', 'process.pid': 17 } },
  instrumentationLibrary: { name: 'demo', version: '1.0.0' },
  traceId: '5b8efff798038103d269b633813fc60c',
  parentId: undefined,
  name: 'parent',
  id: 'eee19b7ec3c1b173',
  kind: 1,
  timestamp: 1714557600000000,
  duration: 500,
  attributes: {},
  status: { code: 0 },
  events: [],
  links: []
}
";

#[test]
fn javascript_console_output_is_read_as_node_prints_it() {
    let import = check(
        JAVASCRIPT,
        Format::JavaScriptConsole,
        "
        parent shop server 0+500
          child shop client 100+200.125 error
        ",
    );
    let child = import.set.details(SpanIdx(1));
    assert_eq!(format!("{:?}", child.attributes[0]), r#"("text", Str("first part and second part"))"#);
    assert_eq!(format!("{:?}", child.attributes[1]), r#"("quoted", Str("it's"))"#);
    assert_eq!(child.events[0].time.0, 1_714_557_600_000_150_000);
    assert_eq!(child.links[0].trace_id.to_string(), format!("{:032x}", 10));
    assert_eq!(import.set.scope(child.scope).name, "demo");
}

const GO: &str = r#"
{
	"Name": "child",
	"SpanContext": { "TraceID": "5b8efff798038103d269b633813fc60c", "SpanID": "eee19b7ec3c1b174", "TraceFlags": "01", "TraceState": "", "Remote": false },
	"Parent": { "TraceID": "5b8efff798038103d269b633813fc60c", "SpanID": "eee19b7ec3c1b173", "TraceFlags": "01", "TraceState": "", "Remote": false },
	"SpanKind": 3,
	"StartTime": "2024-05-01T12:00:00.0001+02:00",
	"EndTime": "2024-05-01T12:00:00.000300001+02:00",
	"Attributes": [ { "Key": "n", "Value": { "Type": "INT64", "Value": 7 } }, { "Key": "s", "Value": { "Type": "STRINGSLICE", "Value": ["a", "b"] } } ],
	"Events": [ { "Name": "e", "Attributes": null, "DroppedAttributeCount": 0, "Time": "2024-05-01T12:00:00.0002+02:00" } ],
	"Links": null,
	"Status": { "Code": "Error", "Description": "no" },
	"DroppedAttributes": 1, "DroppedEvents": 0, "DroppedLinks": 0, "ChildSpanCount": 0,
	"Resource": [ { "Key": "service.name", "Value": { "Type": "STRING", "Value": "shop" } } ],
	"InstrumentationScope": { "Name": "demo", "Version": "v1", "SchemaURL": "", "Attributes": null }
}
{"Name":"parent","SpanContext":{"TraceID":"5b8efff798038103d269b633813fc60c","SpanID":"eee19b7ec3c1b173","TraceFlags":"01","TraceState":"","Remote":false},"Parent":{"TraceID":"00000000000000000000000000000000","SpanID":"0000000000000000","TraceFlags":"00","TraceState":"","Remote":false},"SpanKind":2,"StartTime":"2024-05-01T10:00:00Z","EndTime":"2024-05-01T10:00:00.0005Z","Attributes":null,"Events":null,"Links":null,"Status":{"Code":"Unset","Description":""},"DroppedAttributes":0,"DroppedEvents":0,"DroppedLinks":0,"ChildSpanCount":1,"Resource":[{"Key":"service.name","Value":{"Type":"STRING","Value":"shop"}}],"InstrumentationLibrary":{"Name":"demo","Version":"v1","SchemaURL":""}}
"#;

#[test]
fn go_stdout_output_is_read() {
    let import = check(
        GO,
        Format::GoStdout,
        "
        parent shop server 0+500
          child shop client 100+200.001 error
        ",
    );
    let child = import.set.details(SpanIdx(1));
    assert_eq!(child.dropped, [1, 0, 0]);
    assert_eq!(format!("{:?}", child.attributes[0]), r#"("n", I64(7))"#);
    assert_eq!(child.events[0].name, "e");
}

#[test]
fn chrome_slices_nest_by_time_within_a_thread() {
    check(
        r#"[
        {"ph":"M","name":"process_name","pid":1,"args":{"name":"browser"}},
        {"ph":"B","pid":1,"tid":1,"ts":0,"name":"outer","args":{"a":1}},
        {"ph":"X","pid":1,"tid":1,"ts":10,"dur":20,"name":"first"}
        {"ph":"X","pid":1,"tid":1,"ts":12,"dur":5.5,"name":"inner"},
        {"ph":"X","pid":1,"tid":1,"ts":30,"dur":10,"name":"second"},
        {"ph":"X","pid":1,"tid":2,"ts":12,"dur":3,"name":"elsewhere"},
        {"ph":"E","pid":1,"tid":1,"ts":100,"args":{"b":2}},
        {"ph":"b","cat":"net","id":"0x1","pid":1,"tid":1,"ts":20,"name":"fetch"},
        {"ph":"b","cat":"net","id":"0x1","pid":1,"tid":1,"ts":25,"name":"wait"},
        {"ph":"e","cat":"net","id":"0x1","pid":1,"tid":1,"ts":35,"name":"wait"},
        {"ph":"e","cat":"net","id":"0x1","pid":1,"tid":2,"ts":90,"name":"fetch"},
        {"ph":"i","pid":1,"tid":1,"ts":20,"name":"instant"},
        {"ph":"C","pid":1,"tid":1,"ts":20,"name":"counter","args":{"n":3}}"#,
        Format::ChromeTrace,
        "
        outer browser internal 0+100
          first browser internal 10+20
            inner browser internal 12+5.5
          second browser internal 30+10
        elsewhere browser internal 12+3
        fetch browser internal 20+70
          wait browser internal 25+10
        ",
    );
}

#[test]
fn chrome_slices_that_overlap_are_siblings_and_unclosed_ones_run_on() {
    let import = check(
        r#"{"displayTimeUnit":"ns","traceEvents":[
        {"ph":"X","pid":"main","tid":"t","ts":1,"dur":10,"name":"left"},
        {"ph":"X","pid":"main","tid":"t","ts":5,"dur":10,"name":"right"},
        {"ph":"B","pid":"main","tid":"t","ts":20,"name":"never ends"},
        {"ph":"X","pid":"main","tid":"t","ts":22,"dur":8,"name":"within"},
        {"ph":"E","pid":"main","tid":"u","ts":23}
        ],"otherData":{"version":1}}"#,
        Format::ChromeTrace,
        "
        left pid main internal 0+10
        right pid main internal 4+10
        never ends pid main internal 19+0
          within pid main internal 21+8
        ",
    );
    let codes: Vec<&str> = import.set.warnings().iter().map(|w| w.code.code()).collect();
    assert!(codes.contains(&"W_UNFINISHED"), "{codes:?}");
}

#[test]
fn chrome_arrows_become_links_to_where_they_come_from() {
    let import = check(
        r#"[
        {"ph":"X","pid":1,"tid":1,"ts":0,"dur":10,"name":"send"},
        {"ph":"s","pid":1,"tid":1,"ts":5,"id":7,"cat":"c","name":"arrow"},
        {"ph":"X","pid":1,"tid":2,"ts":20,"dur":10,"name":"through"},
        {"ph":"t","pid":1,"tid":2,"ts":25,"id":7,"cat":"c","name":"arrow"},
        {"ph":"f","pid":1,"tid":3,"ts":35,"id":7,"cat":"c","name":"arrow"},
        {"ph":"X","pid":1,"tid":3,"ts":40,"dur":10,"name":"next"},
        {"ph":"X","pid":1,"tid":3,"ts":43,"dur":5,"name":"inner"},
        {"ph":"s","pid":1,"tid":1,"ts":6,"id":8,"cat":"c","name":"arrow"},
        {"ph":"f","bp":"e","pid":1,"tid":3,"ts":45,"id":8,"cat":"c","name":"arrow"},
        {"ph":"f","pid":1,"tid":9,"ts":45,"id":9,"cat":"c","name":"lost"}]"#,
        Format::ChromeTrace,
        "
        send pid 1 internal 0+10
        through pid 1 internal 20+10
        next pid 1 internal 40+10
          inner pid 1 internal 43+5
        ",
    );
    let trace = import.set.trace(TraceIdx(0));
    let links = |at: u32| import.set.details(SpanIdx(at)).links.iter().map(|l| l.span_id).collect::<Vec<_>>();
    assert_eq!(links(0), []);
    assert_eq!(links(1), [trace.span_id(SpanIdx(0))]);
    assert_eq!(links(2), [trace.span_id(SpanIdx(1))]);
    assert_eq!(links(3), [trace.span_id(SpanIdx(0))]);
    assert_eq!(import.set.back_links(SpanIdx(0)), [SpanIdx(1), SpanIdx(3)]);
    assert_eq!(import.set.totals().links, 3);
}

#[test]
fn chrome_ends_may_stand_before_their_beginnings() {
    let import = check(
        r#"[
        {"ph":"F","cat":"c","id":1,"pid":1,"tid":1,"ts":30,"name":"late"},
        {"ph":"F","cat":"c","id":1,"pid":1,"tid":1,"ts":900,"name":"late"},
        {"ph":"X","pid":1,"tid":2,"ts":0,"dur":100,"name":"other thread"},
        {"ph":"S","cat":"c","id":1,"pid":1,"tid":1,"ts":10,"name":"late","args":{"n":1}}]"#,
        Format::ChromeTrace,
        "
        other thread pid 1 internal 0+100
        late pid 1 internal 10+20
        ",
    );
    let codes: Vec<&str> = import.set.warnings().iter().map(|w| w.code.code()).collect();
    assert_eq!(codes, ["W_BROKEN_VALUE", "W_MULTIPLE_ROOTS"]);
}

#[test]
fn a_service_whose_name_is_a_number_stays_text() {
    let import = check(
        r#"[{"traceId":"1","id":"2","name":"get","kind":"CLIENT","timestamp":1700000000000000,"duration":100,
        "localEndpoint":{"serviceName":"007","port":80},"remoteEndpoint":{"serviceName":"42","port":443}}]"#,
        Format::ZipkinV2,
        "
        get 007 client 0+100
        ",
    );
    let span = import.set.details(SpanIdx(0));
    let attributes = format!("{:?}", span.attributes);
    assert_eq!(attributes, r#"[("peer.service", Str("42")), ("network.peer.port", I64(443))]"#);
    let resource = format!("{:?}", import.set.resource(span.resource).attributes);
    assert_eq!(resource, r#"[("service.name", Str("007")), ("network.local.port", I64(80))]"#);
}

#[test]
fn zipkin_tags_of_opentelemetry_get_their_meaning_back() {
    let import = check(
        r#"[[{"traceId":"1","id":"2","name":"get","kind":"CLIENT","timestamp":1700000000000000,"duration":100,
        "localEndpoint":{"serviceName":"a","ipv4":"10.0.0.1","port":80},"remoteEndpoint":{"serviceName":"b"},
        "annotations":[{"timestamp":1700000000000050,"value":"retry|{\"n\":2}|1"},{"timestamp":1700000000000060,"value":"a|b"}],
        "tags":{"otlp.link.0":"0000000000000000000000000000000a|000000000000000b|k=v|{\"x\":true}|0","otel.scope.name":"lib",
        "otel.status_code":"ERROR","error":"boom","n":"007"}}]]"#,
        Format::ZipkinV2,
        "
        get a client 0+100 error
        ",
    );
    let span = import.set.details(SpanIdx(0));
    assert_eq!(span.status_message, "boom");
    assert_eq!((span.events[0].name, span.events[0].dropped_attributes), ("retry", 1));
    assert_eq!(format!("{:?}", span.events[0].attributes), r#"[("n", I64(2))]"#);
    assert_eq!(span.events[1].name, "a|b");
    assert_eq!(
        (span.links[0].span_id.to_string().as_str(), span.links[0].trace_state),
        ("000000000000000b", "k=v")
    );
    let attributes = format!("{:?}", span.attributes);
    assert!(attributes.contains(r#"("n", Str("007"))"#), "{attributes}");
    assert!(attributes.contains(r#"("peer.service", Str("b"))"#), "{attributes}");
    assert_eq!(import.set.scope(span.scope).name, "lib");
}

#[test]
fn both_sides_of_a_zipkin_v1_record_become_spans() {
    check(
        r#"[{"traceId":"1","id":"2","name":"get","timestamp":1700000000000000,"duration":100,
        "annotations":[
          {"timestamp":1700000000000000,"value":"cs","endpoint":{"serviceName":"a"}},
          {"timestamp":1700000000000020,"value":"sr","endpoint":{"serviceName":"b"}},
          {"timestamp":1700000000000030,"value":"working","endpoint":{"serviceName":"b"}},
          {"timestamp":1700000000000080,"value":"ss","endpoint":{"serviceName":"b"}},
          {"timestamp":1700000000000100,"value":"cr","endpoint":{"serviceName":"a"}}],
        "binaryAnnotations":[
          {"key":"sa","value":true,"endpoint":{"serviceName":"b"}},
          {"key":"http.path","value":"/","endpoint":{"serviceName":"b"}}]}]"#,
        Format::ZipkinV1,
        "
        get a client 0+100
          get b server 20+60
        ",
    );
}
