//! Jaeger JSON, as Jaeger's query service answers.

use std::io::{Result, Write};

use crate::Writer;
use crate::attributes::{self, Value};
use crate::tree::{SERVICES, Trace};

#[derive(Default)]
pub(crate) struct Jaeger {
    any: bool,
}

impl Writer for Jaeger {
    fn begin(&mut self, out: &mut dyn Write) -> Result<()> {
        out.write_all(b"{\"data\":[")
    }

    fn trace(&mut self, out: &mut dyn Write, trace: &Trace, n_attributes: usize) -> Result<()> {
        if self.any {
            out.write_all(b",")?;
        }
        self.any = true;
        write!(out, "{{\"traceID\":\"{:032x}\",\"spans\":[", trace.id)?;
        for at in 0..trace.spans.len() {
            if at > 0 {
                out.write_all(b",")?;
            }
            span(out, trace, at, n_attributes)?;
        }
        out.write_all(b"],\"processes\":{")?;
        for (nth, service) in SERVICES.iter().enumerate() {
            let comma = if nth > 0 { "," } else { "" };
            write!(
                out,
                "{comma}\"p{nth}\":{{\"serviceName\":\"{service}\",\"tags\":[{{\"key\":\"host.name\",\"type\":\"string\",\"value\":\"{service}-0\"}}]}}"
            )?;
        }
        out.write_all(b"},\"warnings\":null}")
    }

    fn end(&mut self, out: &mut dyn Write) -> Result<()> {
        out.write_all(b"],\"total\":0,\"limit\":0,\"offset\":0,\"errors\":null}\n")
    }
}

fn span(out: &mut dyn Write, trace: &Trace, at: usize, n_attributes: usize) -> Result<()> {
    let id = trace.span_id(at);
    let span = &trace.spans[at];
    write!(
        out,
        "{{\"traceID\":\"{0:032x}\",\"spanID\":\"{id:016x}\",\"flags\":1,\"operationName\":\"{1}\",\"references\":[",
        trace.id,
        span.name()
    )?;
    if let Some(parent) = span.parent {
        let parent = trace.span_id(parent);
        write!(
            out,
            "{{\"refType\":\"CHILD_OF\",\"traceID\":\"{:032x}\",\"spanID\":\"{parent:016x}\"}}",
            trace.id
        )?;
    }
    let kind = ["internal", "internal", "server", "client"][usize::from(span.kind()) % 4];
    write!(
        out,
        "],\"startTime\":{},\"duration\":{},\"tags\":[{{\"key\":\"span.kind\",\"type\":\"string\",\"value\":\"{kind}\"}}",
        span.start / 1000,
        (span.end - span.start) / 1000
    )?;
    for (key, value) in attributes::of(span, id, n_attributes) {
        tag(out, &key, &value)?;
    }
    if span.is_error {
        tag(out, "error", &Value::Bool(true))?;
        write!(
            out,
            "],\"logs\":[{{\"timestamp\":{},\"fields\":[{{\"key\":\"event\",\"type\":\"string\",\"value\":\"exception\"}},\
             {{\"key\":\"exception.message\",\"type\":\"string\",\"value\":\"no answer from {} within its deadline\"}}]}}]",
            span.end / 1000,
            span.thing()
        )?;
    } else {
        out.write_all(b"],\"logs\":[]")?;
    }
    write!(out, ",\"processID\":\"p{}\",\"warnings\":null}}", span.service)
}

fn tag(out: &mut dyn Write, key: &str, value: &Value) -> Result<()> {
    write!(out, ",{{\"key\":\"{key}\",\"type\":")?;
    match value {
        Value::Text(v) => write!(out, "\"string\",\"value\":\"{v}\"}}"),
        Value::Int(v) => write!(out, "\"int64\",\"value\":{v}}}"),
        Value::Float(v) => write!(out, "\"float64\",\"value\":{v}}}"),
        Value::Bool(v) => write!(out, "\"bool\",\"value\":{v}}}"),
    }
}
