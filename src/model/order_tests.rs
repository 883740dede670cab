//! Whatever the records and their order: the same valid traces, and nothing lost.

use proptest::prelude::*;

use super::attributes::{Scalar, Value};
use super::builder::TraceBuilder;
use super::ids::{SpanId, TraceId};
use super::index::{SpanIdx, TraceIdx};
use super::record::{ResourceRecord, SideRule, SpanRecord};
use super::span::{Flags, SpanKind, Status};
use super::testing::describe;
use super::trace_set::TraceSet;

/// 2026-01-01.
const REAL: i64 = 1_767_225_600_000_000_000;

/// A record in few bits, so that ids, times and contents meet often.
#[derive(Clone, Debug)]
struct Seed {
    trace: u8,
    id: u8,
    parent: u8,
    start: u8,
    length: u8,
    service: u8,
    kind: u8,
    text: u8,
    oddity: u8,
}

fn seeds() -> impl Strategy<Value = Vec<Seed>> {
    let seed = (0_u8..3, 0_u8..12, 0_u8..14, any::<u8>(), 0_u8..40, 0_u8..3, 0_u8..6, 0_u8..3, any::<u8>());
    let seed = seed.prop_map(|(trace, id, parent, start, length, service, kind, text, oddity)| Seed {
        trace,
        id,
        parent,
        start: start % 64,
        length,
        service,
        kind,
        text,
        oddity,
    });
    prop::collection::vec(seed, 0..60)
}

fn build(seeds: &[Seed], is_zipkin: bool, base: i64) -> TraceSet {
    let mut builder = TraceBuilder::default();
    builder.source("seeds");
    for s in seeds {
        let mut record = SpanRecord {
            // Two of the three ids end alike, one of them has 64 bits.
            trace_id: TraceId([7_u128, 7 << 64 | 7, 9][usize::from(s.trace)].to_be_bytes()),
            span_id: SpanId(u64::from(s.id)),
            parent_id: SpanId(u64::from(s.parent)),
            name: ["a", "b", ""][usize::from(s.text)].to_owned(),
            kind: SpanKind::from_otlp(u64::from(s.kind)),
            start: base + i64::from(s.start),
            end: base + i64::from(s.start) + i64::from(s.length),
            ..SpanRecord::default()
        };
        if is_zipkin {
            record.side_rule = SideRule::Zipkin;
        }
        match s.oddity % 16 {
            0 => record.start = 0,
            1 => record.end = 0,
            2 => (record.start, record.end) = (0, 0),
            3 => record.end = record.start - 1,
            4 => record.start = i64::from(s.oddity),
            5 => record.flags.set(Flags::SHARED),
            6 => record.status = Status::Error,
            7 => record.add_event().time = record.start + 1,
            8 => record.start = i64::MAX - 1,
            9 => record.end = i64::MIN,
            12 => record.start = i64::MIN,
            13 => (record.start, record.end) = (i64::MIN + 2, i64::MAX),
            11 => {
                record.flags.set(Flags::START_MISSING);
                (record.start, record.end) = (0, i64::from(s.length));
            }
            10 => record.add_link().span_id = SpanId(3),
            _ => {}
        }
        let key = ["x", "y", "z"][usize::from(s.oddity >> 4) % 3];
        record.attributes.add(
            &mut builder.strings,
            key,
            Scalar::Str(["long text", "s"][usize::from(s.text & 1)]),
        );
        if s.service > 0 {
            let service = ["", "db", "web"][usize::from(s.service)].to_owned();
            record.resource = builder.reserve_resource();
            builder.fill_resource(record.resource, &ResourceRecord { service, ..Default::default() });
        }
        builder.push(&record);
    }
    builder.finish()
}

fn contents(set: &TraceSet) -> Vec<String> {
    (0..set.n_entries()).map(|at| describe(set, SpanIdx::new(at))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn order_of_records_does_not_matter(
        (seeds, shuffled) in seeds().prop_flat_map(|s| (Just(s.clone()), Just(s).prop_shuffle())),
        is_zipkin: bool,
        is_real: bool,
    ) {
        let base = if is_real { REAL } else { 1 };
        let (one, other) = (build(&seeds, is_zipkin, base), build(&shuffled, is_zipkin, base));
        prop_assert_eq!(one.traces(), other.traces());
        for at in 0..one.traces().len() {
            let trace = one.trace(TraceIdx::new(at));
            prop_assert_eq!(trace.check(), Ok(()));
            prop_assert_eq!(&trace, &other.trace(TraceIdx::new(at)));
        }
        prop_assert_eq!(contents(&one), contents(&other));
        let totals = one.totals();
        prop_assert_eq!(totals, other.totals());
        prop_assert_eq!(totals.records, seeds.len() as u64);
        prop_assert_eq!(totals.records, totals.spans + totals.merged);
        let n_spans: u64 = one.traces().iter().map(|t| u64::from(t.n_spans)).sum();
        prop_assert_eq!(n_spans, totals.spans);
        let counts = |set: &TraceSet| set.warnings().iter().map(|w| (w.code, w.count)).collect::<Vec<_>>();
        prop_assert_eq!(counts(&one), counts(&other));
    }

    #[test]
    fn a_snapshot_is_what_finishing_would_give(seeds in seeds(), cut in 0_usize..60) {
        let (first, _) = seeds.split_at(cut.min(seeds.len()));
        let set = build(first, false, REAL);
        let mut builder = TraceBuilder::default();
        super::sample::fill(&mut builder, 50, super::sample::Shape::Services);
        let snapshot = builder.snapshot();
        prop_assert_eq!(contents(&snapshot), contents(&builder.finish()));
        prop_assert_eq!(set.list().check(), Ok(()));
    }
}

/// A value of any shape, owned.
#[derive(Clone, Debug)]
enum Any {
    Scalar(u8, u64, String),
    Array(Vec<Any>),
    Map(Vec<(String, Any)>),
}

fn values() -> impl Strategy<Value = Any> {
    let scalar = (0_u8..7, any::<u64>(), ".{0,12}|[a-c]{250,400}").prop_map(|(k, n, t)| Any::Scalar(k, n, t));
    scalar.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Any::Array),
            prop::collection::vec((".{0,6}", inner), 0..5).prop_map(Any::Map),
        ]
    })
}

fn scalar(kind: u8, number: u64, text: &str) -> Scalar<'_> {
    match kind {
        0 => Scalar::Null,
        1 => Scalar::Bool(number & 1 == 1),
        2 => Scalar::I64(number as i64),
        3 => Scalar::U64(number),
        // Not NaN: the values are compared.
        4 => Scalar::F64(number as f64),
        5 => Scalar::Bytes(text.as_bytes()),
        _ => Scalar::Str(text),
    }
}

fn write(record: &mut SpanRecord, value: &Any) {
    match value {
        Any::Scalar(kind, number, text) => record.attributes.scalar(scalar(*kind, *number, text)),
        Any::Array(items) => {
            record.attributes.begin_array();
            for item in items {
                write(record, item);
            }
            record.attributes.end();
        }
        Any::Map(pairs) => {
            record.attributes.begin_map();
            for (key, value) in pairs {
                record.attributes.map_key(key);
                write(record, value);
            }
            record.attributes.end();
        }
    }
}

fn expected(value: &Any) -> Value<'_> {
    match value {
        Any::Scalar(kind, number, text) => match scalar(*kind, *number, text) {
            Scalar::Null => Value::Null,
            Scalar::Bool(v) => Value::Bool(v),
            Scalar::I64(v) => Value::I64(v),
            Scalar::U64(v) => Value::U64(v),
            Scalar::F64(v) => Value::F64(v),
            Scalar::Bytes(v) => Value::Bytes(v),
            Scalar::Str(v) => Value::Str(v),
        },
        Any::Array(items) => Value::Array(items.iter().map(expected).collect()),
        Any::Map(pairs) => Value::Map(pairs.iter().map(|(k, v)| (k.as_str(), expected(v))).collect()),
    }
}

proptest! {
    #[test]
    fn every_value_comes_back(lists in prop::collection::vec(prop::collection::vec((".{0,8}", values()), 0..6), 1..6)) {
        let mut builder = TraceBuilder::default();
        let mut record = SpanRecord::default();
        // Twice, so that texts are found again.
        for list in lists.iter().chain(&lists) {
            record.clear();
            record.trace_id = TraceId(1_u128.to_be_bytes());
            // In order of the records: each starts after the one before.
            record.start = builder.n_records() as i64 + 1;
            record.end = record.start;
            record.span_id = SpanId(record.start as u64);
            for (key, value) in list {
                record.attributes.key(&mut builder.strings, key);
                write(&mut record, value);
            }
            builder.push(&record);
        }
        let set = builder.finish();
        for (at, list) in lists.iter().chain(&lists).enumerate() {
            let expected: Vec<(&str, Value<'_>)> = list.iter().map(|(k, v)| (k.as_str(), expected(v))).collect();
            prop_assert_eq!(set.details(SpanIdx::new(at)).attributes, expected);
        }
    }

    #[test]
    fn unbalanced_values_are_closed(steps in prop::collection::vec(0_u8..6, 0..40)) {
        let mut builder = TraceBuilder::default();
        let mut record = SpanRecord { span_id: SpanId(1), ..SpanRecord::default() };
        record.attributes.key(&mut builder.strings, "wild");
        for step in steps {
            match step {
                0 => record.attributes.begin_array(),
                1 => record.attributes.begin_map(),
                2 => record.attributes.map_key("k"),
                3 => record.attributes.end(),
                _ => record.attributes.scalar(Scalar::I64(1)),
            }
        }
        record.attributes.add(&mut builder.strings, "last", Scalar::Bool(true));
        builder.push(&record);
        let set = builder.finish();
        let details = set.details(SpanIdx(0));
        prop_assert_eq!(details.attributes.len(), 2);
        prop_assert_eq!(&details.attributes[1], &("last", Value::Bool(true)));
    }
}

#[test]
fn deep_values_are_cut_and_long_ones_kept() {
    let mut builder = TraceBuilder::default();
    let mut record = SpanRecord { span_id: SpanId(1), ..SpanRecord::default() };
    record.attributes.key(&mut builder.strings, "deep");
    for _ in 0..100_000 {
        record.attributes.begin_array();
    }
    let long = "x".repeat(5 << 20);
    record.attributes.add(&mut builder.strings, "long", Scalar::Str(&long));
    record.attributes.add(&mut builder.strings, "after", Scalar::Str("long text"));
    builder.push(&record);
    record.clear();
    record.span_id = SpanId(2);
    record.attributes.add(&mut builder.strings, "again", Scalar::Str("long text"));
    builder.push(&record);
    let set = builder.finish();
    let details = set.details(SpanIdx(0));
    assert_eq!(details.attributes[1].1, Value::Str(&long));
    assert_eq!(details.attributes[2].1, Value::Str("long text"));
    assert_eq!(set.details(SpanIdx(1)).attributes[0].1, Value::Str("long text"));
}
