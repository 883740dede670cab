//! Traces as text for the tests of rules, and what is found in them.
//!
//! A span is a line: `b<a 10..910 shop/client name=pay error http.method=GET` is span b below a, from 10 ms to
//! 910 ms, of service shop and kind client; a `+` in a value is a blank. `@t` in front of a span names another
//! trace, `e:NAME` adds an event, `r:KEY=VALUE` an attribute of the resource, `link=t/b` a link.

use crate::analysis::finding::Finding;
use crate::analysis::headline::Headline;
use crate::analysis::run::Run;
use crate::analysis::settings::Settings;
use crate::model::attributes::Scalar;
use crate::model::builder::TraceBuilder;
use crate::model::ids::{SpanId, TraceId};
use crate::model::index::TraceIdx;
use crate::model::record::{ResourceRecord, SpanRecord};
use crate::model::span::{SpanKind, Status};
use crate::model::trace_set::TraceSet;

const BASE: i64 = 1_700_000_000_000_000_000;

fn id(word: &str) -> SpanId {
    SpanId(word.bytes().take(8).fold(0, |id, b| id << 8 | u64::from(b)))
}

fn trace_id(word: &str) -> TraceId {
    TraceId((1_u128 << 64 | u128::from(id(word).0)).to_be_bytes())
}

pub(crate) fn set(lines: &str) -> TraceSet {
    let mut builder = TraceBuilder::default();
    for line in lines.lines() {
        let mut words = line.split_whitespace();
        let mut word = words.next().unwrap_or_default();
        let mut record = SpanRecord { trace_id: trace_id("t"), ..SpanRecord::default() };
        if let Some(trace) = word.strip_prefix('@') {
            record.trace_id = trace_id(trace);
            word = words.next().unwrap_or_default();
        }
        let (span, parent) = word.split_once('<').unwrap_or((word, ""));
        (record.span_id, record.parent_id) = (id(span), id(parent));
        record.name.push_str(span);
        let mut resource = ResourceRecord::default();
        for word in words {
            let text = |value: &str| value.replace('+', " ");
            if let Some((from, to)) = word.split_once("..") {
                let nanos = |t: &str| BASE + (t.parse::<f64>().unwrap() * 1e6) as i64;
                (record.start, record.end) = (nanos(from), nanos(to));
            } else if word == "error" {
                record.status = Status::Error;
            } else if let Some(name) = word.strip_prefix("e:") {
                let (name, message) = name.split_once('=').unwrap_or((name, ""));
                let event = record.add_event();
                (event.time, event.name) = (BASE, name.to_owned());
                if !message.is_empty() {
                    event.attributes.add(&mut builder.strings, "exception.type", Scalar::Str("Boom"));
                    event.attributes.add(
                        &mut builder.strings,
                        "exception.message",
                        Scalar::Str(&text(message)),
                    );
                }
            } else if let Some((key, value)) = word.strip_prefix("r:").and_then(|w| w.split_once('=')) {
                resource.attributes.add(&mut builder.strings, key, Scalar::Str(&text(value)));
            } else if let Some((trace, span)) = word.strip_prefix("link=").and_then(|l| l.split_once('/')) {
                let link = record.add_link();
                (link.trace_id, link.span_id) = (trace_id(trace), id(span));
            } else if let Some(name) = word.strip_prefix("name=") {
                record.name = text(name);
            } else if let Some(message) = word.strip_prefix("message=") {
                record.status_message = text(message);
            } else if let Some(n) = word.strip_prefix("dropped=") {
                record.dropped_attributes = n.parse().unwrap();
            } else if let Some((key, value)) = word.split_once('=') {
                match value.parse::<i64>() {
                    Ok(number) => record.attributes.add(&mut builder.strings, key, Scalar::I64(number)),
                    Err(_) => record.attributes.add(&mut builder.strings, key, Scalar::Str(&text(value))),
                }
            } else {
                let (service, kind) = word.split_once('/').unwrap_or((word, ""));
                resource.service = service.to_owned();
                record.kind = SpanKind::from_text(kind);
            }
        }
        record.resource = builder.reserve_resource();
        builder.fill_resource(record.resource, &resource);
        builder.push(&record);
    }
    builder.finish()
}

fn run(lines: &str) -> (TraceSet, Run) {
    let set = set(lines);
    let trace = set.find_trace(trace_id("t")).unwrap_or(TraceIdx(0));
    let mut run = Run::new(trace, Settings::default(), None);
    run.finish(&set);
    (set, run)
}

/// Everything found, merged and in order.
pub(crate) fn arranged(lines: &str) -> Vec<Finding> {
    run(lines).1.found().findings.clone()
}

/// The codes of what is found, in order.
pub(crate) fn codes(lines: &str) -> Vec<&'static str> {
    arranged(lines).iter().map(|f| f.code).collect()
}

/// What one rule finds on its own.
pub(crate) fn find(lines: &str, code: &str) -> Vec<Finding> {
    let (set, run) = run(lines);
    let rule = super::RULES.iter().find(|rule| rule.code == code).unwrap();
    let super::Find::Trace(find) = rule.find else { return Vec::new() };
    run.with_context(&set, find)
}

/// The titles of what one rule finds on its own.
pub(crate) fn titles(lines: &str, code: &str) -> Vec<String> {
    find(lines, code).into_iter().map(|f| f.title).collect()
}

pub(crate) fn headline(lines: &str) -> Headline {
    run(lines).1.found().headline.clone()
}
