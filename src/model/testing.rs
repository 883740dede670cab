//! Records and trees as text, for tests.
//!
//! A record is a line: `b<a 10..20 db/server name=x error` is span b below a, from 10 to 20, of service db and
//! kind server. `?` stands for a missing time, `t=` names the trace, `k=v` with another key is an attribute,
//! `e=` an event's time, `length=` that of a piece
//! without times. A tree is a line per entry, a dot per ancestor, with its flags.

use super::attributes::Scalar;
use super::builder::TraceBuilder;
use super::ids::{SpanId, TraceId};
use super::index::{SpanIdx, TraceIdx};
use super::record::{ResourceRecord, SideRule, SpanRecord};
use super::span::{Flags, SpanKind, Status};
use super::trace_set::TraceSet;

const NAMES: [(Flags, &str); 12] = [
    (Flags::PLACEHOLDER, "placeholder"),
    (Flags::ORPHAN, "orphan"),
    (Flags::START_MISSING, "start-missing"),
    (Flags::UNFINISHED, "unfinished"),
    (Flags::NEGATIVE, "negative"),
    (Flags::TIME_ABSURD, "absurd"),
    (Flags::UNIT_GUESSED, "unit-guessed"),
    (Flags::CYCLE_CUT, "cut"),
    (Flags::SHARED, "shared"),
    (Flags::DUPLICATE_ID, "duplicate"),
    (Flags::NESTED_BY_TIME, "nested"),
    (Flags::ID_SYNTHETIC, "made-up"),
];

/// The span id that a letter or word stands for.
pub(super) fn id(word: &str) -> SpanId {
    let bytes = word.bytes().take(8).fold(0, |id, b| id << 8 | u64::from(b));
    SpanId(bytes)
}

fn word(id: SpanId) -> String {
    String::from_utf8_lossy(&id.0.to_be_bytes()).trim_start_matches('\0').to_owned()
}

/// Pushes one line; numbers are added to `base` unless they are zero or missing.
pub(super) fn push(builder: &mut TraceBuilder, line: &str, base: i64) {
    let mut words = line.split_whitespace();
    let (span, parent) = words.next().map_or(("", ""), |w| w.split_once('<').unwrap_or((w, "")));
    let mut record = SpanRecord {
        trace_id: TraceId(7_u128.to_be_bytes()),
        span_id: if span == "-" { SpanId::NONE } else { id(span) },
        parent_id: id(parent),
        ..SpanRecord::default()
    };
    record.name.push_str(span);
    let time = |text: &str| text.parse::<i64>().map_or(0, |t| base + t);
    if line.contains("..")
        && let Some((start, end)) = words.next().and_then(|w| w.split_once(".."))
    {
        (record.start, record.end) = (time(start), time(end));
    }
    for option in words {
        match (option, option.split_once('=')) {
            ("zipkin", _) => record.side_rule = SideRule::Zipkin,
            ("shared", _) => record.flags.set(Flags::SHARED),
            ("error", _) => record.status = Status::Error,
            (_, Some(("name", name))) => record.name = name.to_owned(),
            (_, Some(("t", trace))) => {
                record.trace_id = TraceId(u128::from_str_radix(trace, 16).unwrap().to_be_bytes());
            }
            (_, Some(("length", length))) => {
                record.flags.set(Flags::START_MISSING);
                record.end = length.parse().unwrap();
            }
            (_, Some(("e", at))) => record.add_event().time = time(at),
            (_, Some((key, value))) => {
                record.attributes.add(&mut builder.strings, key, Scalar::Str(value));
            }
            (service, None) => {
                let (service, kind) = service.split_once('/').unwrap_or((service, ""));
                record.kind = SpanKind::from_text(kind);
                record.resource = builder.reserve_resource();
                let service = ResourceRecord { service: service.to_owned(), ..ResourceRecord::default() };
                builder.fill_resource(record.resource, &service);
            }
        }
    }
    builder.push(&record);
}

/// The traces of these lines.
pub(crate) fn read(lines: &str, base: i64) -> TraceSet {
    let mut builder = TraceBuilder::default();
    builder.source("test");
    for line in lines.lines().filter(|l| !l.trim().is_empty()) {
        push(&mut builder, line, base);
    }
    builder.finish()
}

/// The trees as text; traces are parted by a line.
pub(super) fn draw(set: &TraceSet) -> String {
    let mut out = String::new();
    for at in 0..set.traces().len() {
        let trace = set.trace(TraceIdx::new(at));
        assert_eq!(trace.check(), Ok(()));
        if at > 0 {
            out.push_str("--\n");
        }
        for span in trace.spans() {
            let indent = ". ".repeat(trace.depth(span) as usize);
            let (start, end) = (trace.start(span).0, trace.end(span).0);
            let flags: Vec<&str> =
                NAMES.iter().filter(|(flag, _)| trace.flags(span).has(*flag)).map(|n| n.1).collect();
            let service = trace.service_name(trace.service(span));
            let made_up = trace.flags(span).has(Flags::ID_SYNTHETIC);
            let id = if made_up { "-".to_owned() } else { word(trace.span_id(span)) };
            let line = format!("{indent}{id} {start}..{end} {service} {}", flags.join(" "));
            out.push_str(line.trim_end());
            out.push('\n');
        }
    }
    out
}

/// Warnings as `CODE count`, in one line.
pub(super) fn warnings(set: &TraceSet) -> String {
    let parts: Vec<String> =
        set.warnings().iter().map(|w| format!("{} {}", &w.code.code()[2..], w.count)).collect();
    parts.join(", ")
}

/// Everything a reader can see of a span, as text that does not depend on the order of reading.
pub(super) fn describe(set: &TraceSet, span: SpanIdx) -> String {
    let mut details = set.details(span);
    let (resource, scope) = (set.resource(details.resource), set.scope(details.scope));
    details.resource.0 = 0;
    details.scope.0 = 0;
    details.record.0 = 0;
    format!("{details:?} {resource:?} {scope:?}")
}
