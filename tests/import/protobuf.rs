//! Protobuf: what prost writes is read back field by field, and what prost would refuse is read too.

use proptest::prelude::*;
use prost::Message;
use spanscope::import::{Format, Import, Importer, Options, read};
use spanscope::model::attributes::Value;
use spanscope::model::ids::SpanId;
use spanscope::model::index::{RecordIdx, SpanIdx};
use spanscope::model::span::unpack_kind_status;
use spanscope::model::trace_set::TraceSet;
use spanscope::model::warning::WarningCode as Code;

use crate::otlp::{self, Any, AnyValue, ArrayValue, KeyValue, KeyValueList, TempoAnswer, sample};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_prost_writes_is_read(data in otlp::traces_data(), piece in 1_usize..200) {
        let bytes = data.encode_to_vec();
        let mut importer = Importer::new(Options::default());
        importer.begin_file("data", None);
        for piece in bytes.chunks(piece) {
            importer.feed(piece);
        }
        let Import { set, files } = importer.finish();
        let mut n = 0;
        for part in &data.resource_spans {
            for scope in &part.scope_spans {
                for span in &scope.spans {
                    let at = set.span_of_record(RecordIdx(n)).unwrap();
                    prop_assert_eq!(&span_of(&set, at), &usual(span.clone()));
                    let details = set.details(at);
                    let resource = set.resource(details.resource);
                    let expected = part.resource.clone().unwrap_or_default();
                    prop_assert_eq!(attributes(&resource.attributes), usual_attributes(expected.attributes));
                    prop_assert_eq!(resource.dropped_attributes, expected.dropped_attributes_count);
                    prop_assert_eq!(resource.schema_url, &part.schema_url);
                    let read = set.scope(details.scope);
                    let expected = scope.scope.clone().unwrap_or_default();
                    prop_assert_eq!((read.name, read.version), (&expected.name[..], &expected.version[..]));
                    prop_assert_eq!(attributes(&read.attributes), usual_attributes(expected.attributes));
                    prop_assert_eq!(read.dropped_attributes, expected.dropped_attributes_count);
                    prop_assert_eq!(read.schema_url, &scope.schema_url);
                    n += 1;
                }
            }
        }
        prop_assert_eq!(files[0].records, u64::from(n));
    }
}

/// The span as prost has it, from what the model says of it.
fn span_of(set: &TraceSet, at: SpanIdx) -> otlp::Span {
    let (details, columns) = (set.details(at), set.columns());
    let trace = set.trace_of(at).map(|t| set.traces()[t.at()].id).unwrap();
    let (kind, status) = unpack_kind_status(columns.kind_status[at.at()]);
    let status = otlp::Status { message: details.status_message.to_owned(), code: status as i32 };
    let event = |event: &spanscope::model::trace_set::Event<'_>| otlp::Event {
        time_unix_nano: event.time.0 as u64,
        name: event.name.to_owned(),
        attributes: attributes(&event.attributes),
        dropped_attributes_count: event.dropped_attributes,
    };
    let link = |link: &spanscope::model::trace_set::Link<'_>| otlp::Link {
        trace_id: link.trace_id.0.to_vec(),
        span_id: link.span_id.0.to_be_bytes().to_vec(),
        trace_state: link.trace_state.to_owned(),
        attributes: attributes(&link.attributes),
        dropped_attributes_count: link.dropped_attributes,
        flags: link.flags,
    };
    otlp::Span {
        trace_id: trace.0.to_vec(),
        span_id: columns.span_id[at.at()].to_be_bytes().to_vec(),
        trace_state: details.trace_state.to_owned(),
        parent_span_id: match details.parent_id {
            SpanId::NONE => Vec::new(),
            SpanId(id) => id.to_be_bytes().to_vec(),
        },
        name: set.name(at).to_owned(),
        kind: kind as i32,
        start_time_unix_nano: columns.start[at.at()] as u64,
        end_time_unix_nano: (columns.start[at.at()] + columns.duration[at.at()]) as u64,
        attributes: attributes(&details.attributes),
        dropped_attributes_count: details.dropped[0],
        events: details.events.iter().map(event).collect(),
        dropped_events_count: details.dropped[1],
        links: details.links.iter().map(link).collect(),
        dropped_links_count: details.dropped[2],
        status: Some(status),
        flags: details.trace_flags,
    }
}

fn attributes(list: &[(&str, Value<'_>)]) -> Vec<KeyValue> {
    list.iter()
        .map(|(key, value)| KeyValue { key: (*key).to_owned(), value: Some(any_value(value)) })
        .collect()
}

fn any_value(value: &Value<'_>) -> AnyValue {
    let value = match value {
        Value::Null => None,
        Value::Str(text) => Some(Any::String((*text).to_owned())),
        Value::Bool(b) => Some(Any::Bool(*b)),
        Value::I64(n) => Some(Any::Int(*n)),
        Value::U64(n) => Some(Any::Int(*n as i64)),
        Value::F64(f) => Some(Any::Double(*f)),
        Value::Bytes(bytes) => Some(Any::Bytes(bytes.to_vec())),
        Value::Array(items) => Some(Any::Array(ArrayValue { values: items.iter().map(any_value).collect() })),
        Value::Map(pairs) => Some(Any::Map(KeyValueList { values: attributes(pairs) })),
    };
    AnyValue { value }
}

/// What absence means is written out.
fn usual(mut span: otlp::Span) -> otlp::Span {
    span.status.get_or_insert_default();
    span.attributes = usual_attributes(span.attributes);
    for event in &mut span.events {
        event.attributes = usual_attributes(std::mem::take(&mut event.attributes));
    }
    for link in &mut span.links {
        link.attributes = usual_attributes(std::mem::take(&mut link.attributes));
    }
    span
}

fn usual_attributes(mut list: Vec<KeyValue>) -> Vec<KeyValue> {
    for pair in &mut list {
        pair.value.get_or_insert_default();
    }
    list
}

#[test]
fn a_resource_may_come_after_its_spans() {
    let mut data = sample(3);
    let part = data.resource_spans.remove(1);
    let resource = otlp::ResourceSpans { resource: part.resource.clone(), ..Default::default() };
    let spans = otlp::ResourceSpans { resource: None, ..part };
    // Fields of one message may come in any order.
    let body = [spans.encode_to_vec(), resource.encode_to_vec()].concat();
    let mut bytes = vec![0x0a];
    prost::encoding::encode_varint(body.len() as u64, &mut bytes);
    bytes.extend(body);
    let import = read("reversed", &bytes);
    assert_eq!(import.files[0].records, 2);
    let span = import.set.span_of_record(RecordIdx(0)).unwrap();
    assert_eq!(import.set.resource(import.set.details(span).resource).service, "cart");
}

#[test]
fn tempos_answer_has_a_verdict() {
    for (status, partial) in [(0, None), (1, Some("cut to the limit".to_owned()))] {
        let message = partial.clone().unwrap_or_default();
        let answer = TempoAnswer { trace: Some(sample(5)), metrics: Some(otlp::Empty {}), status, message };
        let import = read("tempo", &answer.encode_to_vec());
        assert_eq!(import.files[0].records, 5);
        assert_eq!(import.set.traces()[0].partial, partial);
        assert_eq!(import.set.warnings().count(Code::PartialTrace), u64::from(status == 1));
    }
}

#[test]
fn text_that_is_not_utf8_is_mended_and_the_span_is_kept() {
    let mut bytes = sample(3).encode_to_vec();
    let at = bytes.windows(7).position(|w| w == b"GET /ca").unwrap();
    bytes[at] = 0xff;
    let import = read("bad text", &bytes);
    assert_eq!(import.files[0].records, 3);
    assert_eq!(import.set.warnings().count(Code::InvalidUtf8), 1);
    let span = import.set.span_of_record(RecordIdx(0)).unwrap();
    assert_eq!(import.set.name(span), "\u{fffd}ET /cart/0");
}

#[test]
fn a_damaged_span_is_refused_and_its_neighbours_are_read() {
    let mut bytes = sample(5).encode_to_vec();
    // The length of the name of the third span becomes longer than the span.
    let at = bytes.windows(11).position(|w| w == b"GET /cart/2").unwrap();
    bytes[at - 1] = 0x7f;
    let import = read("damaged", &bytes);
    let file = &import.files[0];
    assert_eq!((file.records, file.refused), (5, 1));
    assert_eq!(import.set.totals().spans, 4);
    assert_eq!(import.set.warnings().count(Code::BrokenValue), 1);
}

#[test]
fn nesting_has_no_bottom() {
    let wrap = |tag: u8, inner: &[u8]| {
        let mut out = vec![tag];
        prost::encoding::encode_varint(inner.len() as u64, &mut out);
        out.extend(inner);
        out
    };
    // An array in an array, and so on: field 5 of the value, field 1 of the array.
    let value = (0..3000).fold(wrap(0x0a, b"x"), |value, _| wrap(0x2a, &wrap(0x0a, &value)));
    let attribute = [wrap(0x0a, b"k"), wrap(0x12, &value)].concat();
    let mut span = sample(1).resource_spans.remove(0).scope_spans.remove(0).spans.remove(0).encode_to_vec();
    span.extend(wrap(0x4a, &attribute));
    let import = read("deep", &wrap(0x0a, &wrap(0x12, &wrap(0x12, &span))));
    assert_eq!(import.files[0].records, 1);
    assert_eq!(import.set.details(SpanIdx(0)).attributes.len(), 2);
}

#[derive(Clone, PartialEq, Message)]
struct ZipkinSpans {
    #[prost(message, repeated, tag = "1")]
    spans: Vec<ZipkinSpan>,
}

#[derive(Clone, PartialEq, Message)]
struct ZipkinSpan {
    #[prost(bytes = "vec", tag = "1")]
    trace_id: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    parent_id: Vec<u8>,
    #[prost(bytes = "vec", tag = "3")]
    id: Vec<u8>,
    #[prost(int32, tag = "4")]
    kind: i32,
    #[prost(string, tag = "5")]
    name: String,
    #[prost(fixed64, tag = "6")]
    timestamp: u64,
    #[prost(uint64, tag = "7")]
    duration: u64,
    #[prost(message, optional, tag = "8")]
    local: Option<Endpoint>,
    #[prost(message, optional, tag = "9")]
    remote: Option<Endpoint>,
    #[prost(message, repeated, tag = "10")]
    annotations: Vec<Annotation>,
    #[prost(map = "string, string", tag = "11")]
    tags: std::collections::HashMap<String, String>,
    #[prost(bool, tag = "13")]
    shared: bool,
}

#[derive(Clone, PartialEq, Message)]
struct Endpoint {
    #[prost(string, tag = "1")]
    service: String,
    #[prost(bytes = "vec", tag = "2")]
    ipv4: Vec<u8>,
    #[prost(bytes = "vec", tag = "3")]
    ipv6: Vec<u8>,
    #[prost(int32, tag = "4")]
    port: i32,
}

#[derive(Clone, PartialEq, Message)]
struct Annotation {
    #[prost(fixed64, tag = "1")]
    timestamp: u64,
    #[prost(string, tag = "2")]
    value: String,
}

#[test]
fn zipkins_spans_are_read_with_both_sides() {
    let endpoint = |service: &str| {
        Some(Endpoint {
            service: service.to_owned(),
            ipv4: vec![10, 0, 0, 1],
            port: 8080,
            ..Endpoint::default()
        })
    };
    let client = ZipkinSpan {
        trace_id: vec![7; 8],
        id: vec![1; 8],
        kind: 1,
        name: "get /cart".to_owned(),
        timestamp: 1_700_000_000_000_000,
        duration: 1500,
        local: endpoint("shop"),
        remote: endpoint("cart"),
        annotations: vec![Annotation { timestamp: 1_700_000_000_000_100, value: "sent".to_owned() }],
        tags: [("error".to_owned(), "timeout".to_owned())].into(),
        ..ZipkinSpan::default()
    };
    let server = ZipkinSpan {
        kind: 2,
        shared: true,
        local: endpoint("cart"),
        remote: None,
        tags: [].into(),
        annotations: Vec::new(),
        timestamp: 1_700_000_000_000_200,
        duration: 1000,
        ..client.clone()
    };
    let bytes = ZipkinSpans { spans: vec![client, server] }.encode_to_vec();
    for piece in [1, 1000] {
        let mut importer = Importer::new(Options::default());
        importer.begin_file("zipkin", None);
        bytes.chunks(piece).for_each(|piece| importer.feed(piece));
        let Import { set, files } = importer.finish();
        assert_eq!(files[0].formats, [Format::ZipkinProtobuf]);
        assert_eq!((files[0].records, set.totals().spans), (2, 2));
        let (client, server) = (SpanIdx(0), SpanIdx(1));
        assert_eq!(set.columns().duration, [1_500_000, 1_000_000]);
        assert_eq!(set.details(client).status_message, "timeout");
        assert_eq!(set.details(client).events[0].name, "sent");
        assert_eq!(set.details(client).events[0].time.0, 1_700_000_000_000_100_000);
        assert_eq!(set.columns().parent, [u32::MAX, 0]);
        assert_eq!(set.resource(set.details(server).resource).service, "cart");
        let peer = set.details(client).attributes.into_iter().find(|(key, _)| *key == "peer.service");
        assert_eq!(peer, Some(("peer.service", Value::Str("cart"))));
    }
}
