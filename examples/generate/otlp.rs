//! OTLP JSON, as one document or one request per line.

use std::io::{Result, Write};

use crate::attributes::{self, Value};
use crate::tree::{Span, Trace};
use crate::{BATCH, Writer};

pub(crate) struct Json {
    lines: bool,
    any: bool,
}

impl Json {
    pub(crate) fn document() -> Self {
        Self { lines: false, any: false }
    }

    pub(crate) fn lines() -> Self {
        Self { lines: true, any: false }
    }
}

impl Writer for Json {
    fn begin(&mut self, out: &mut dyn Write) -> Result<()> {
        if self.lines { Ok(()) } else { out.write_all(b"{\"resourceSpans\":[") }
    }

    fn trace(&mut self, out: &mut dyn Write, trace: &Trace, n_attributes: usize) -> Result<()> {
        for batch in batches(trace) {
            match (self.lines, self.any) {
                (true, _) => out.write_all(b"{\"resourceSpans\":[")?,
                (false, true) => out.write_all(b",")?,
                (false, false) => {}
            }
            self.any = true;
            let service = trace.spans[batch[0]].service_name();
            write!(
                out,
                "{{\"resource\":{{\"attributes\":[{{\"key\":\"service.name\",\"value\":{{\"stringValue\":\"{service}\"}}}},\
                 {{\"key\":\"service.version\",\"value\":{{\"stringValue\":\"1.4.2\"}}}},\
                 {{\"key\":\"host.name\",\"value\":{{\"stringValue\":\"{service}-0\"}}}}]}},\
                 \"scopeSpans\":[{{\"scope\":{{\"name\":\"shop.{service}\",\"version\":\"0.9.0\"}},\"spans\":["
            )?;
            for (nth, &at) in batch.iter().enumerate() {
                if nth > 0 {
                    out.write_all(b",")?;
                }
                span(out, trace, at, n_attributes)?;
            }
            out.write_all(if self.lines { b"]}]}]}\n" } else { b"]}]}" })?;
        }
        Ok(())
    }

    fn end(&mut self, out: &mut dyn Write) -> Result<()> {
        if self.lines { Ok(()) } else { out.write_all(b"]}\n") }
    }
}

/// Spans in pieces of the trace, grouped by service: what batching exporters send.
pub(crate) fn batches(trace: &Trace) -> impl Iterator<Item = Vec<usize>> {
    (0..trace.spans.len()).step_by(BATCH * 8).flat_map(|from| {
        let window = from..(from + BATCH * 8).min(trace.spans.len());
        (0..20_u8)
            .map(|service| {
                window.clone().filter(|&at| trace.spans[at].service == service).collect::<Vec<_>>()
            })
            .filter(|batch| !batch.is_empty())
            .collect::<Vec<_>>()
    })
}

fn span(out: &mut dyn Write, trace: &Trace, at: usize, n_attributes: usize) -> Result<()> {
    let id = trace.span_id(at);
    let span @ Span { start, end, .. } = &trace.spans[at];
    write!(out, "{{\"traceId\":\"{:032x}\",\"spanId\":\"{id:016x}\",", trace.id)?;
    if let Some(parent) = span.parent {
        write!(out, "\"parentSpanId\":\"{:016x}\",", trace.span_id(parent))?;
    }
    write!(
        out,
        "\"flags\":257,\"name\":\"{}\",\"kind\":{},\"startTimeUnixNano\":\"{start}\",\"endTimeUnixNano\":\"{end}\",\"attributes\":[",
        span.name(),
        span.kind()
    )?;
    for (nth, (key, value)) in attributes::of(span, id, n_attributes).iter().enumerate() {
        if nth > 0 {
            out.write_all(b",")?;
        }
        attribute(out, key, value)?;
    }
    if span.is_error {
        write!(
            out,
            "],\"events\":[{{\"timeUnixNano\":\"{end}\",\"name\":\"exception\",\"attributes\":[{{\"key\":\"exception.type\",\
             \"value\":{{\"stringValue\":\"TimeoutError\"}}}},{{\"key\":\"exception.message\",\"value\":{{\"stringValue\":\
             \"no answer from {} within its deadline\"}}}}]}}],\"status\":{{\"code\":2,\"message\":\"timeout\"}}}}",
            span.thing()
        )
    } else {
        out.write_all(b"],\"status\":{}}")
    }
}

fn attribute(out: &mut dyn Write, key: &str, value: &Value) -> Result<()> {
    write!(out, "{{\"key\":\"{key}\",\"value\":{{")?;
    match value {
        Value::Text(v) => write!(out, "\"stringValue\":\"{v}\"}}}}"),
        Value::Int(v) => write!(out, "\"intValue\":\"{v}\"}}}}"),
        Value::Float(v) => write!(out, "\"doubleValue\":{v}}}}}"),
        Value::Bool(v) => write!(out, "\"boolValue\":{v}}}}}"),
    }
}
