//! What OTLP and Zipkin have in common in protobuf: ids as bytes, attributes with nested values.

use std::fmt::Write;

use super::context::Context;
use super::ids;
use super::proto::{Broken, Field, Reader, text};
use crate::model::attributes::{AttributeBuffer, Scalar};
use crate::model::ids::{SpanId, TraceId};
use crate::model::strings::Strings;

/// Arrays and maps within each other; protobuf libraries stop at the same depth.
const MAX_DEPTH: usize = 100;

/// The ids of a span as bytes of any length.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ids<'a> {
    pub(super) trace: &'a [u8],
    pub(super) span: &'a [u8],
    pub(super) parent: &'a [u8],
}

impl Ids<'_> {
    /// Sets the ids of the scratch record. Those of another length are treated like their text in hex.
    pub(super) fn resolve(self, ctx: &mut Context) {
        match self.trace.len() {
            0 | 8 | 16 => ctx.record.trace_id = trace_id(self.trace),
            _ => ids::set_trace_id(ctx, &hex(self.trace)),
        }
        match self.span.len() {
            0 | 8 => ctx.record.span_id = span_id(self.span),
            _ => ids::set_span_id(ctx, &hex(self.span)),
        }
        match self.parent.len() {
            0 | 8 => ctx.record.parent_id = span_id(self.parent),
            _ => ids::set_parent_id(ctx, &hex(self.parent)),
        }
    }
}

/// A trace id of 16 bytes, or fewer padded on the left; a hash of more.
pub(super) fn trace_id(id: &[u8]) -> TraceId {
    let mut bytes = [0; 16];
    let Some(tail) = 16_usize.checked_sub(id.len()).and_then(|at| bytes.get_mut(at..)) else {
        return ids::parse_trace_id(&hex(id)).id;
    };
    tail.copy_from_slice(id);
    TraceId(bytes)
}

/// A span id of 8 bytes, or fewer padded on the left; a hash of more.
pub(super) fn span_id(id: &[u8]) -> SpanId {
    if id.len() > 8 {
        return ids::parse_span_id(&hex(id)).id;
    }
    SpanId(id.iter().fold(0, |n, &b| n << 8 | u64::from(b)))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, b| {
        // Writing to a string cannot fail.
        let _ = write!(out, "{b:02x}");
        out
    })
}

/// Reads a `KeyValue` and adds it to `out`.
#[inline]
pub(super) fn attribute(
    bytes: &[u8],
    strings: &mut Strings,
    out: &mut AttributeBuffer,
    mended: &mut u64,
) -> Result<(), Broken> {
    let (key, value) = key_value(bytes)?;
    out.key(strings, &text(key, mended));
    any_value(value, out, mended)
}

#[inline]
fn key_value(bytes: &[u8]) -> Result<(&[u8], &[u8]), Broken> {
    let (mut key, mut value): (&[u8], &[u8]) = (&[], &[]);
    let mut reader = Reader::new(bytes);
    while let Some(field) = reader.next()? {
        match field {
            (1, Field::Bytes(b)) => key = b,
            (2, Field::Bytes(b)) => value = b,
            _ => {}
        }
    }
    Ok((key, value))
}

/// Writes an `AnyValue`; one without a field is null.
fn any_value(bytes: &[u8], out: &mut AttributeBuffer, mended: &mut u64) -> Result<(), Broken> {
    // Open arrays and maps: their remaining items, and whether it is a map.
    let mut open: Vec<(Reader<'_>, bool)> = Vec::new();
    let mut value = bytes;
    loop {
        let mut last = None;
        let mut reader = Reader::new(value);
        while let Some(field) = reader.next()? {
            // Of the alternatives the last one counts.
            if (1..=7).contains(&field.0) {
                last = Some(field);
            }
        }
        match last {
            Some((1, Field::Bytes(b))) => out.scalar(Scalar::Str(&text(b, mended))),
            Some((2, Field::Varint(n))) => out.scalar(Scalar::Bool(n != 0)),
            Some((3, Field::Varint(n))) => out.scalar(Scalar::I64(n as i64)),
            Some((4, Field::Fixed64(n))) => out.scalar(Scalar::F64(f64::from_bits(n))),
            // Deeper than any reader goes: kept as it is.
            Some((5 | 6, Field::Bytes(b))) if open.len() >= MAX_DEPTH => out.scalar(Scalar::Bytes(b)),
            Some((5, Field::Bytes(b))) => {
                out.begin_array();
                open.push((Reader::new(b), false));
            }
            Some((6, Field::Bytes(b))) => {
                out.begin_map();
                open.push((Reader::new(b), true));
            }
            Some((7, Field::Bytes(b))) => out.scalar(Scalar::Bytes(b)),
            _ => out.scalar(Scalar::Null),
        }
        loop {
            let Some((items, is_map)) = open.last_mut() else {
                return Ok(());
            };
            match items.next()? {
                Some((1, Field::Bytes(item))) if *is_map => {
                    let (key, item) = key_value(item)?;
                    out.map_key(&text(key, mended));
                    value = item;
                    break;
                }
                Some((1, Field::Bytes(item))) => {
                    value = item;
                    break;
                }
                Some(_) => {}
                None => {
                    out.end();
                    open.pop();
                }
            }
        }
    }
}

/// Sets `out` to the attribute `service.name`, as text whatever its type.
pub(super) fn service_name(attributes: &AttributeBuffer, strings: &Strings, out: &mut String) {
    out.clear();
    match attributes.last_scalar(strings, "service.name") {
        Some(Scalar::Str(name)) => out.push_str(name),
        Some(Scalar::I64(n)) => out.push_str(&n.to_string()),
        Some(Scalar::F64(n)) => out.push_str(&n.to_string()),
        Some(Scalar::Bool(b)) => out.push_str(&b.to_string()),
        _ => {}
    }
}
