//! Tests of the pass that finds the facts of a trace.

use super::attribute_pass::AttributePass;
use super::facts::{Access, Body, CallClass, Facts};
use super::facts_builder::access;
use crate::model::attributes::AttributeBuffer;
use crate::model::attributes::Scalar;
use crate::model::builder::TraceBuilder;
use crate::model::ids::{SpanId, TraceId};
use crate::model::index::{SpanIdx, TraceIdx};
use crate::model::record::SpanRecord;
use crate::model::span::{SpanKind, Status};
use crate::model::strings::Strings;

fn add(to: &mut AttributeBuffer, strings: &mut Strings, attributes: &[(&str, &str)]) {
    for (key, text) in attributes {
        let value = text.parse().map_or(Scalar::Str(text), Scalar::I64);
        to.add(strings, key, value);
    }
}

/// Kind, name and attributes of a span.
type Made<'a> = (SpanKind, &'a str, &'a [(&'a str, &'a str)]);

/// The facts of spans that stand side by side: kind, name, attributes.
fn facts(spans: &[Made<'_>]) -> Facts {
    made(spans.len(), |record, strings, at| {
        record.kind = spans[at].0;
        record.name.push_str(spans[at].1);
        add(&mut record.attributes, strings, spans[at].2);
    })
}

fn made(n: usize, fill: impl Fn(&mut SpanRecord, &mut Strings, usize)) -> Facts {
    let mut builder = TraceBuilder::default();
    for at in 0..n {
        let mut record = SpanRecord {
            trace_id: TraceId([1; 16]),
            span_id: SpanId(at as u64 + 1),
            start: 1_600_000_000_000_000_000 + at as i64,
            end: 1_600_000_000_000_000_000 + at as i64 + 1,
            ..SpanRecord::default()
        };
        fill(&mut record, &mut builder.strings, at);
        builder.push(&record);
    }
    let set = builder.finish();
    let trace = set.trace(TraceIdx(0));
    // One span at a time must give the same as all at once.
    let mut pass = AttributePass::new(&set, TraceIdx(0), &trace);
    while !pass.slice(&set, &trace, 1) {}
    let (sliced, whole) = (pass.finish().0, Facts::of(&set, TraceIdx(0), &trace));
    assert_eq!((&sliced.call, &sliced.name, &sliced.peer), (&whole.call, &whole.name, &whole.peer));
    whole
}

#[test]
fn calls_are_told_by_what_they_do() {
    use SpanKind::{Client, Internal, Producer, Server};
    let sql = ("db.statement", "SELECT * FROM t WHERE id = 7");
    for (kind, name, attributes, expected) in [
        (Client, "q", &[("db.system", "mysql"), sql][..], "db|mysql|select * from t where id = ?"),
        (Client, "q", &[sql, ("db.query.text", "COMMIT")], "db||commit"),
        (Client, "q", &[("db.system.name", "redis"), ("db.operation", "GET")], "db|redis|GET"),
        (
            Client,
            "q",
            &[("db.system", "m"), ("db.operation", "find"), ("db.mongodb.collection", "c")],
            "db|m|find c",
        ),
        (Client, "load 7", &[("db.system", "m")], "db|m|load {id}"),
        (
            Client,
            "x",
            &[("rpc.system", "grpc"), ("rpc.service", "Cart"), ("rpc.method", "Get")],
            "rpc|grpc|Cart/Get",
        ),
        (Client, "x", &[("rpc.system", "grpc"), ("rpc.method", "Cart/Get")], "rpc|grpc|Cart/Get"),
        (
            Server,
            "x",
            &[("http.method", "get"), ("http.route", "/u/{u}"), ("http.url", "http://h/u/7")],
            "http|GET|/u/{u}",
        ),
        (Client, "x", &[("http.method", "GET"), ("http.url", "http://h/u/7?x=1")], "http|GET|h/u/{id}"),
        (Server, "x", &[("http.method", "GET"), ("http.target", "/u/7?x=1")], "http|GET|/u/{id}"),
        (Server, "GET 7", &[("http.method", "GET")], "http|GET|GET {id}"),
        (
            Producer,
            "x",
            &[
                ("messaging.system", "kafka"),
                ("messaging.operation", "send"),
                ("messaging.destination", "orders"),
            ],
            "msg|kafka|send orders",
        ),
        (Internal, "job 7", &[("thread", "3")], "op||job {id}"),
    ] {
        let facts = facts(&[(kind, name, attributes)]);
        let found = facts.fingerprint_text(facts.fingerprint(SpanIdx(0)));
        assert_eq!(found, expected);
    }
}

#[test]
fn the_same_text_is_told_from_the_same_kind_of_text() {
    use SpanKind::Client;
    let facts = facts(&[
        (Client, "a", &[("db.statement", "SELECT 1")]),
        (Client, "b", &[("db.statement", "SELECT 1")]),
        (Client, "c", &[("db.statement", "SELECT 2")]),
        (Client, "c", &[("db.statement", "select x from t for update")]),
        (Client, "d", &[("http.method", "POST"), ("http.url", "https://u:p@cart:80/x")]),
        (Client, "d 1", &[]),
        (Client, "d 2", &[("peer.service", "cart"), ("server.address", "10.0.0.1")]),
    ]);
    let span = SpanIdx;
    assert_eq!(facts.fingerprint(span(0)), facts.fingerprint(span(2)));
    assert_eq!(facts.fingerprint(span(5)), facts.fingerprint(span(6)));
    assert!(facts.identical_key(span(0)).is_some());
    assert_eq!(facts.identical_key(span(0)), facts.identical_key(span(1)));
    assert_ne!(facts.identical_key(span(0)), facts.identical_key(span(2)));
    assert_eq!(facts.identical_key(span(5)), None);
    assert_eq!(
        [0, 3, 4, 5].map(|at| facts.access(span(at))),
        [Access::Read, Access::Write, Access::Write, Access::Unknown]
    );
    assert!(facts.has_database(span(0)) && !facts.has_database(span(4)));
    assert_eq!(facts.peer_text(facts.peer_host(span(4)).unwrap()), "cart");
    assert_eq!(facts.peer_host(span(6)), facts.peer_host(span(4)));
    assert_eq!(facts.peer_host(span(5)), None);
    assert_eq!(facts.normal_name(span(5)), facts.normal_name(span(6)));
    assert_eq!(facts.normal_name_text(facts.normal_name(span(5))), "d {id}");
}

#[test]
fn failures_are_told_by_status_then_by_the_answer() {
    use SpanKind::{Client, Internal, Server};
    for (kind, attributes, is_error) in [
        (Server, &[("http.status_code", "404")][..], false),
        (Server, &[("http.status_code", "500")], true),
        (Client, &[("http.response.status_code", "404")], true),
        (Client, &[("http.status_code", "500"), ("http.response.status_code", "200")], false),
        (Internal, &[("http.status_code", "500")], false),
        (Server, &[("rpc.grpc.status_code", "5")], false),
        (Server, &[("rpc.grpc.status_code", "13")], true),
        (Server, &[("rpc.grpc.status_code", "UNAVAILABLE")], true),
        (Internal, &[("rpc.grpc.status_code", "not_found")], true),
        (Client, &[("rpc.response.status_code", "OK"), ("http.status_code", "200")], false),
        (Internal, &[("error", "no such host")], true),
        (Internal, &[("error", "false")], false),
        (Internal, &[("error", "0")], false),
        (Internal, &[("error", "1")], true),
    ] {
        assert_eq!(
            facts(&[(kind, "x", attributes)]).is_error(SpanIdx(0)),
            is_error,
            "{kind:?} {attributes:?}"
        );
    }
    let ok = made(1, |record, strings, _| {
        record.status = Status::Ok;
        add(&mut record.attributes, strings, &[("error", "true")]);
    });
    assert!(!ok.is_error(SpanIdx(0)));
}

#[test]
fn the_last_exception_says_why() {
    let found = made(3, |record, strings, at| {
        record.status = Status::Error;
        record.status_message = "status".into();
        add(
            &mut record.attributes,
            strings,
            &[
                ("error.type", "timeout"),
                ("http.response.body.size", "70"),
                ("http.request.body.size", "700"),
            ],
        );
        record.dropped_events = at as u32;
        if at == 0 {
            for (name, attributes) in [
                ("exception", &[("exception.type", "First"), ("exception.message", "one")][..]),
                ("exception", &[("exception.type", "Last"), ("exception.message", "two")]),
                ("log", &[("exception.type", "Other")]),
            ] {
                let mut buffer = AttributeBuffer::default();
                add(&mut buffer, strings, attributes);
                let event = record.add_event();
                event.name.push_str(name);
                event.attributes = buffer;
            }
        }
        if at == 2 {
            record.attributes.clear();
            record.status_message.clear();
        }
    });
    let [a, b, c] = [0, 1, 2].map(SpanIdx);
    assert_eq!((found.error_type(a), found.error_message(a)), (Some("Last"), Some("two")));
    assert_eq!((found.error_type(b), found.error_message(b)), (Some("timeout"), Some("status")));
    assert_eq!((found.error_type(c), found.error_message(c)), (None, None));
    assert!(found.has_exception(a) && !found.has_exception(b));
    assert_eq!(found.errors().count(), 3);
    assert_eq!(found.body(a), Some(Body { bytes: 700, is_request: true }));
    assert_eq!(found.body(c), None);
    assert_eq!(found.dropped(), [(1, [0, 1, 0]), (2, [0, 2, 0])]);
}

#[test]
fn words_are_in_order() {
    assert_eq!(access(CallClass::Http, "HEAD", ""), Access::Read);
    for word in ["count", "zrange", "add", "zadd", "findandmodify", "hget"] {
        assert_ne!(access(CallClass::Database, "", word), Access::Unknown, "{word}");
    }
}

#[test]
fn failures_alone_are_those_of_all_facts() {
    let set = crate::model::testing::read(
        "
        r 0..9 web/server http.status_code=503 error.type=gone
        a<r 1..2 web/client http.status_code=404 http.url=http://x/1
        b<r 2..3 web error error.message=broken
        c<gone 3..4 web/client rpc.grpc.status_code=5
        d<r 4..5 web/client http.status_code=200
        ",
        1_600_000_000_000_000_000,
    );
    let trace = set.trace(TraceIdx(0));
    let mut pass = AttributePass::of_failures(&set, TraceIdx(0), &trace);
    while !pass.slice(&set, &trace, 2) {}
    let (few, all) = (pass.finish().0, Facts::of(&set, TraceIdx(0), &trace));
    assert_eq!(all.errors().count(), 4);
    let told = |facts: &Facts| {
        let of_span = |s| {
            (
                facts.is_error(s),
                facts.error_type(s).map(str::to_owned),
                facts.error_message(s).map(str::to_owned),
            )
        };
        trace.spans().map(of_span).collect::<Vec<_>>()
    };
    assert_eq!(told(&few), told(&all));
}
