//! OTLP protobuf: one `TracesData` message, written field by field.

use std::io::{Result, Write};

use spanscope::base::varint;

use crate::Writer;
use crate::attributes::{self, Value};
use crate::otlp::batches;
use crate::tree::Trace;

/// Buffers of the levels of the message, kept from span to span.
#[derive(Default)]
pub(crate) struct Protobuf {
    resource_spans: Vec<u8>,
    scope_spans: Vec<u8>,
    span: Vec<u8>,
    inner: Vec<u8>,
    value: Vec<u8>,
}

impl Writer for Protobuf {
    fn begin(&mut self, _: &mut dyn Write) -> Result<()> {
        Ok(())
    }

    fn trace(&mut self, out: &mut dyn Write, trace: &Trace, n_attributes: usize) -> Result<()> {
        for batch in batches(trace) {
            let service = trace.spans[batch[0]].service_name();
            self.resource_spans.clear();
            self.scope_spans.clear();
            self.span.clear();
            self.attribute(1, "service.name", &Value::Text(service.to_owned()));
            self.attribute(1, "host.name", &Value::Text(format!("{service}-0")));
            bytes(&mut self.resource_spans, 1, &self.span);
            self.inner.clear();
            bytes(&mut self.inner, 1, format!("shop.{service}").as_bytes());
            bytes(&mut self.inner, 2, b"0.9.0");
            bytes(&mut self.scope_spans, 1, &self.inner);
            for at in batch {
                self.span(trace, at, n_attributes);
                bytes(&mut self.scope_spans, 2, &self.span);
            }
            bytes(&mut self.resource_spans, 2, &self.scope_spans);
            self.span.clear();
            bytes(&mut self.span, 1, &self.resource_spans);
            out.write_all(&self.span)?;
        }
        Ok(())
    }

    fn end(&mut self, _: &mut dyn Write) -> Result<()> {
        Ok(())
    }
}

impl Protobuf {
    fn span(&mut self, trace: &Trace, at: usize, n_attributes: usize) {
        let id = trace.span_id(at);
        let span = &trace.spans[at];
        self.span.clear();
        bytes(&mut self.span, 1, &trace.id.to_be_bytes());
        bytes(&mut self.span, 2, &id.to_be_bytes());
        if let Some(parent) = span.parent {
            bytes(&mut self.span, 4, &trace.span_id(parent).to_be_bytes());
        }
        bytes(&mut self.span, 5, span.name().as_bytes());
        number(&mut self.span, 6, u64::from(span.kind()));
        fixed64(&mut self.span, 7, span.start);
        fixed64(&mut self.span, 8, span.end);
        for (key, value) in attributes::of(span, id, n_attributes) {
            self.attribute(9, &key, &value);
        }
        if span.is_error {
            let mut event = Vec::new();
            fixed64(&mut event, 1, span.end);
            bytes(&mut event, 2, b"exception");
            bytes(&mut self.span, 11, &event);
            let mut status = Vec::new();
            bytes(&mut status, 2, b"timeout");
            number(&mut status, 3, 2);
            bytes(&mut self.span, 15, &status);
        }
        varint::write(&mut self.span, 16 << 3 | 5);
        self.span.extend_from_slice(&257_u32.to_le_bytes());
    }

    /// Appends a `KeyValue` as `field` of the span.
    fn attribute(&mut self, field: u64, key: &str, value: &Value) {
        self.value.clear();
        match value {
            Value::Text(v) => bytes(&mut self.value, 1, v.as_bytes()),
            Value::Bool(v) => number(&mut self.value, 2, u64::from(*v)),
            Value::Int(v) => number(&mut self.value, 3, *v as u64),
            Value::Float(v) => fixed64(&mut self.value, 4, v.to_bits()),
        }
        self.inner.clear();
        bytes(&mut self.inner, 1, key.as_bytes());
        bytes(&mut self.inner, 2, &self.value);
        bytes(&mut self.span, field, &self.inner);
    }
}

fn bytes(out: &mut Vec<u8>, field: u64, value: &[u8]) {
    varint::write(out, field << 3 | 2);
    varint::write(out, value.len() as u64);
    out.extend_from_slice(value);
}

fn number(out: &mut Vec<u8>, field: u64, value: u64) {
    varint::write(out, field << 3);
    varint::write(out, value);
}

fn fixed64(out: &mut Vec<u8>, field: u64, value: u64) {
    varint::write(out, field << 3 | 1);
    out.extend_from_slice(&value.to_le_bytes());
}
