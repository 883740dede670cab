//! OTLP as prost sees it, written down from its proto files: the oracle of the reader.

use proptest::prelude::*;
use prost::{Message, Oneof};

#[derive(Clone, PartialEq, Message)]
pub(crate) struct TracesData {
    #[prost(message, repeated, tag = "1")]
    pub(crate) resource_spans: Vec<ResourceSpans>,
}

/// Tempo's answer of version 2.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct TempoAnswer {
    #[prost(message, optional, tag = "1")]
    pub(crate) trace: Option<TracesData>,
    #[prost(message, optional, tag = "2")]
    pub(crate) metrics: Option<Empty>,
    #[prost(int32, tag = "3")]
    pub(crate) status: i32,
    #[prost(string, tag = "4")]
    pub(crate) message: String,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Empty {}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct ResourceSpans {
    #[prost(message, optional, tag = "1")]
    pub(crate) resource: Option<Resource>,
    #[prost(message, repeated, tag = "2")]
    pub(crate) scope_spans: Vec<ScopeSpans>,
    #[prost(string, tag = "3")]
    pub(crate) schema_url: String,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Resource {
    #[prost(message, repeated, tag = "1")]
    pub(crate) attributes: Vec<KeyValue>,
    #[prost(uint32, tag = "2")]
    pub(crate) dropped_attributes_count: u32,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct ScopeSpans {
    #[prost(message, optional, tag = "1")]
    pub(crate) scope: Option<Scope>,
    #[prost(message, repeated, tag = "2")]
    pub(crate) spans: Vec<Span>,
    #[prost(string, tag = "3")]
    pub(crate) schema_url: String,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Scope {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(string, tag = "2")]
    pub(crate) version: String,
    #[prost(message, repeated, tag = "3")]
    pub(crate) attributes: Vec<KeyValue>,
    #[prost(uint32, tag = "4")]
    pub(crate) dropped_attributes_count: u32,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Span {
    #[prost(bytes = "vec", tag = "1")]
    pub(crate) trace_id: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) span_id: Vec<u8>,
    #[prost(string, tag = "3")]
    pub(crate) trace_state: String,
    #[prost(bytes = "vec", tag = "4")]
    pub(crate) parent_span_id: Vec<u8>,
    #[prost(string, tag = "5")]
    pub(crate) name: String,
    #[prost(int32, tag = "6")]
    pub(crate) kind: i32,
    #[prost(fixed64, tag = "7")]
    pub(crate) start_time_unix_nano: u64,
    #[prost(fixed64, tag = "8")]
    pub(crate) end_time_unix_nano: u64,
    #[prost(message, repeated, tag = "9")]
    pub(crate) attributes: Vec<KeyValue>,
    #[prost(uint32, tag = "10")]
    pub(crate) dropped_attributes_count: u32,
    #[prost(message, repeated, tag = "11")]
    pub(crate) events: Vec<Event>,
    #[prost(uint32, tag = "12")]
    pub(crate) dropped_events_count: u32,
    #[prost(message, repeated, tag = "13")]
    pub(crate) links: Vec<Link>,
    #[prost(uint32, tag = "14")]
    pub(crate) dropped_links_count: u32,
    #[prost(message, optional, tag = "15")]
    pub(crate) status: Option<Status>,
    #[prost(fixed32, tag = "16")]
    pub(crate) flags: u32,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Event {
    #[prost(fixed64, tag = "1")]
    pub(crate) time_unix_nano: u64,
    #[prost(string, tag = "2")]
    pub(crate) name: String,
    #[prost(message, repeated, tag = "3")]
    pub(crate) attributes: Vec<KeyValue>,
    #[prost(uint32, tag = "4")]
    pub(crate) dropped_attributes_count: u32,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Link {
    #[prost(bytes = "vec", tag = "1")]
    pub(crate) trace_id: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) span_id: Vec<u8>,
    #[prost(string, tag = "3")]
    pub(crate) trace_state: String,
    #[prost(message, repeated, tag = "4")]
    pub(crate) attributes: Vec<KeyValue>,
    #[prost(uint32, tag = "5")]
    pub(crate) dropped_attributes_count: u32,
    #[prost(fixed32, tag = "6")]
    pub(crate) flags: u32,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Status {
    #[prost(string, tag = "2")]
    pub(crate) message: String,
    #[prost(int32, tag = "3")]
    pub(crate) code: i32,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct KeyValue {
    #[prost(string, tag = "1")]
    pub(crate) key: String,
    #[prost(message, optional, tag = "2")]
    pub(crate) value: Option<AnyValue>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct AnyValue {
    #[prost(oneof = "Any", tags = "1, 2, 3, 4, 5, 6, 7")]
    pub(crate) value: Option<Any>,
}

#[derive(Clone, PartialEq, Oneof)]
pub(crate) enum Any {
    #[prost(string, tag = "1")]
    String(String),
    #[prost(bool, tag = "2")]
    Bool(bool),
    #[prost(int64, tag = "3")]
    Int(i64),
    #[prost(double, tag = "4")]
    Double(f64),
    #[prost(message, tag = "5")]
    Array(ArrayValue),
    #[prost(message, tag = "6")]
    Map(KeyValueList),
    #[prost(bytes, tag = "7")]
    Bytes(Vec<u8>),
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct ArrayValue {
    #[prost(message, repeated, tag = "1")]
    pub(crate) values: Vec<AnyValue>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct KeyValueList {
    #[prost(message, repeated, tag = "1")]
    pub(crate) values: Vec<KeyValue>,
}

/// A small trace of two services: one root with `n - 1` children below it.
pub(crate) fn sample(n: usize) -> TracesData {
    let text = |s: &str| Some(AnyValue { value: Some(Any::String(s.to_owned())) });
    let span = |at: usize| Span {
        trace_id: (1..=16).collect(),
        span_id: (at as u64 + 1).to_be_bytes().to_vec(),
        parent_span_id: if at == 0 { Vec::new() } else { 1_u64.to_be_bytes().to_vec() },
        name: format!("GET /cart/{at}"),
        kind: if at == 0 { 2 } else { 3 },
        start_time_unix_nano: 1_700_000_000_000_000_000 + at as u64 * 1000,
        end_time_unix_nano: 1_700_000_001_000_000_000 + at as u64 * 2000,
        attributes: vec![KeyValue { key: "http.route".to_owned(), value: text("/cart/{id}") }],
        events: vec![Event {
            time_unix_nano: 1_700_000_000_000_500_000,
            name: "e".to_owned(),
            ..Event::default()
        }],
        ..Span::default()
    };
    let part = |service: &str, spans: Vec<Span>| ResourceSpans {
        resource: Some(Resource {
            attributes: vec![KeyValue { key: "service.name".to_owned(), value: text(service) }],
            dropped_attributes_count: 0,
        }),
        scope_spans: vec![ScopeSpans {
            scope: Some(Scope { name: "tests".to_owned(), ..Scope::default() }),
            spans,
            schema_url: String::new(),
        }],
        schema_url: String::new(),
    };
    TracesData { resource_spans: vec![part("shop", vec![span(0)]), part("cart", (1..n).map(span).collect())] }
}

fn value() -> impl Strategy<Value = AnyValue> {
    let leaf = prop_oneof![
        Just(None),
        ".{0,8}".prop_map(|s| Some(Any::String(s))),
        any::<bool>().prop_map(|b| Some(Any::Bool(b))),
        any::<i64>().prop_map(|n| Some(Any::Int(n))),
        prop_oneof![
            Just(f64::INFINITY),
            Just(-0.0),
            any::<f64>().prop_filter("equal to itself", |f| !f.is_nan())
        ]
        .prop_map(|f| Some(Any::Double(f))),
        prop::collection::vec(any::<u8>(), 0..6).prop_map(|b| Some(Any::Bytes(b))),
    ]
    .prop_map(|value| AnyValue { value });
    leaf.prop_recursive(4, 16, 4, |inner| {
        let item = inner.clone();
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(|values| Any::Array(ArrayValue { values })),
            prop::collection::vec(("[a-c]{0,2}", item), 0..4).prop_map(|pairs| {
                let pair = |(key, value)| KeyValue { key, value: Some(value) };
                Any::Map(KeyValueList { values: pairs.into_iter().map(pair).collect() })
            }),
        ]
        .prop_map(|value| AnyValue { value: Some(value) })
    })
}

fn attributes() -> impl Strategy<Value = Vec<KeyValue>> {
    // Few keys, so that duplicates occur.
    let one = ("[a-d]|service.name|http.route", prop::option::of(value()));
    prop::collection::vec(one.prop_map(|(key, value)| KeyValue { key, value }), 0..5)
}

fn bytes(len: usize) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), len).prop_filter("an id", |id| id.iter().any(|&b| b != 0))
}

prop_compose! {
    fn event()(time_unix_nano in 1_u64 << 60..1 << 61, name in ".{0,6}", attributes in attributes(), dropped_attributes_count in 0_u32..3) -> Event {
        Event { time_unix_nano, name, attributes, dropped_attributes_count }
    }
}

prop_compose! {
    fn link()(trace_id in bytes(16), span_id in bytes(8), trace_state in "[a-z=]{0,4}", attributes in attributes(), dropped_attributes_count in 0_u32..3, flags: u32) -> Link {
        Link { trace_id, span_id, trace_state, attributes, dropped_attributes_count, flags }
    }
}

prop_compose! {
    fn span(trace_id: Vec<u8>)(
        trace_id in Just(trace_id),
        span_id in bytes(8),
        parent_span_id in prop_oneof![Just(Vec::new()), bytes(8)],
        texts in ("[a-z=]{0,4}", ".{0,10}", ".{0,5}"),
        kind in 0..6,
        code in 0..3,
        times in (1_u64 << 60..1 << 61, 1_u64 << 60..1 << 61),
        attributes in attributes(),
        events in prop::collection::vec(event(), 0..3),
        links in prop::collection::vec(link(), 0..3),
        dropped in (0_u32..3, 0_u32..3, 0_u32..3),
        flags: u32,
    ) -> Span {
        Span {
            trace_id, span_id, parent_span_id, kind, attributes, events, links, flags,
            trace_state: texts.0,
            name: texts.1,
            status: (code != 0).then_some(Status { message: texts.2, code }),
            start_time_unix_nano: times.0.min(times.1),
            end_time_unix_nano: times.0.max(times.1),
            dropped_attributes_count: dropped.0,
            dropped_events_count: dropped.1,
            dropped_links_count: dropped.2,
        }
    }
}

prop_compose! {
    fn scope_spans()(
        scope in prop::option::of((".{0,4}", ".{0,4}", attributes(), 0_u32..3)),
        spans in prop::collection::vec(bytes(16).prop_flat_map(span), 0..4),
        schema_url in "[a-z]{0,4}",
    ) -> ScopeSpans {
        let scope = scope.map(|(name, version, attributes, dropped_attributes_count)| {
            Scope { name, version, attributes, dropped_attributes_count }
        });
        ScopeSpans { scope, spans, schema_url }
    }
}

prop_compose! {
    fn resource_spans()(
        resource in prop::option::of((attributes(), 0_u32..3)),
        scope_spans in prop::collection::vec(scope_spans(), 0..3),
        schema_url in "[a-z]{0,4}",
    ) -> ResourceSpans {
        let resource = resource
            .map(|(attributes, dropped_attributes_count)| Resource { attributes, dropped_attributes_count });
        ResourceSpans { resource, scope_spans, schema_url }
    }
}

prop_compose! {
    /// Anything OTLP can say, in messages small enough to be compared by eye; no span id occurs twice.
    pub(crate) fn traces_data()(mut resource_spans in prop::collection::vec(resource_spans(), 1..3)) -> TracesData {
        let scopes = resource_spans.iter_mut().flat_map(|part| &mut part.scope_spans);
        for (n, span) in scopes.flat_map(|scope| &mut scope.spans).enumerate() {
            span.span_id[7] = n as u8 + 1;
        }
        TracesData { resource_spans }
    }
}
