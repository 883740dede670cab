//! OTLP in protobuf: what exporters send, what the Collector writes, what Tempo answers.
//!
//! A resource or scope may come after its spans, so both are reserved when their message begins and filled when
//! they are read. Field numbers are those of `opentelemetry/proto/trace/v1/trace.proto`.

use super::Format;
use super::context::Context;
use super::proto::{Broken, Field, Reader, text};
use super::proto_stream::{Action, Messages, ProtoStage};
use super::proto_values::{Ids, attribute, service_name};
use crate::model::ids::TraceId;
use crate::model::index::{ResourceIdx, ScopeIdx};
use crate::model::record::{ResourceRecord, ScopeRecord, SpanRecord};
use crate::model::span::{Flags, SpanKind, Status};
use crate::model::strings::Strings;
use crate::model::warning::WarningCode;

/// The file: Tempo's v2 answer, which holds a `Trace`, or a trace itself.
const FILE: u8 = 0;
/// `ResourceSpans`.
const RESOURCE_SPANS: u8 = 1;
/// `ScopeSpans`.
const SCOPE_SPANS: u8 = 2;
/// `TracesData`, `ExportTraceServiceRequest`, Tempo's `Trace`.
const TRACE: u8 = 3;

const VARINT: u8 = 0;
const LEN: u8 = 2;

/// Reader of OTLP protobuf.
pub(super) type OtlpProto = ProtoStage<Otlp>;

impl OtlpProto {
    pub(super) fn otlp() -> Self {
        Self::with(Otlp::default())
    }

    /// For Tempo's v2 answer, with the trace one level deeper.
    pub(super) fn tempo() -> Self {
        Self::with(Otlp { is_tempo: true, ..Otlp::default() })
    }
}

/// State between the fields of a file.
#[derive(Default)]
pub(super) struct Otlp {
    is_tempo: bool,
    resource: ResourceRecord,
    resource_idx: ResourceIdx,
    scope: ScopeRecord,
    scope_idx: ScopeIdx,
    /// Strings that were not UTF-8.
    mended: u64,
    mended_at: u64,
    /// Tempo's verdict, and the trace it is about.
    is_partial: bool,
    message: String,
    trace_id: TraceId,
}

impl Messages for Otlp {
    const FORMAT: Format = Format::OtlpProtobuf;

    fn action(&self, level: u8, number: u32, wire: u8) -> Action {
        let level = if level == FILE && !self.is_tempo { TRACE } else { level };
        match (level, number, wire) {
            (FILE, 1, LEN) => Action::Enter(TRACE),
            (TRACE, 1, LEN) => Action::Enter(RESOURCE_SPANS),
            (RESOURCE_SPANS, 2 | 1000, LEN) => Action::Enter(SCOPE_SPANS),
            (FILE, 3, VARINT) | (FILE, 4, LEN) | (RESOURCE_SPANS, 1 | 3, LEN) | (SCOPE_SPANS, 1..=3, LEN) => {
                Action::Take
            }
            _ => Action::Skip,
        }
    }

    fn enter(&mut self, ctx: &mut Context, level: u8) {
        match level {
            RESOURCE_SPANS => {
                self.resource_idx = ctx.builder.reserve_resource();
                clear_resource(&mut self.resource);
            }
            SCOPE_SPANS => {
                self.scope_idx = ctx.builder.reserve_scope();
                clear_scope(&mut self.scope);
            }
            _ => {}
        }
    }

    fn leave(&mut self, _ctx: &mut Context, _level: u8) {}

    fn take(&mut self, ctx: &mut Context, level: u8, number: u32, value: &[u8], offset: u64) {
        let mended = self.mended;
        let result = match (level, number) {
            (SCOPE_SPANS, 2) => self.span(ctx, value, offset),
            (SCOPE_SPANS, 1) => {
                let result = read_scope(value, &mut self.scope, &mut ctx.builder.strings, &mut self.mended);
                ctx.builder.fill_scope(self.scope_idx, &self.scope);
                result
            }
            (SCOPE_SPANS, _) => {
                set_text(&mut self.scope.schema_url, value, &mut self.mended);
                ctx.builder.fill_scope(self.scope_idx, &self.scope);
                Ok(())
            }
            (RESOURCE_SPANS, 1) => {
                let strings = &mut ctx.builder.strings;
                let result = read_resource(value, &mut self.resource, strings, &mut self.mended);
                service_name(&self.resource.attributes, strings, &mut self.resource.service);
                ctx.builder.fill_resource(self.resource_idx, &self.resource);
                result
            }
            (RESOURCE_SPANS, _) => {
                set_text(&mut self.resource.schema_url, value, &mut self.mended);
                ctx.builder.fill_resource(self.resource_idx, &self.resource);
                Ok(())
            }
            (_, 3) => {
                self.is_partial = *value == [1];
                Ok(())
            }
            _ => {
                set_text(&mut self.message, value, &mut self.mended);
                Ok(())
            }
        };
        if mended == 0 && self.mended > 0 {
            self.mended_at = offset;
        }
        if let Err(broken) = result {
            let at = offset + broken.at as u64;
            ctx.warn(WarningCode::BrokenValue, at, || format!("byte {at}: {}", broken.reason));
        }
    }

    fn too_large(&mut self, ctx: &mut Context, level: u8, number: u32) {
        if (level, number) == (SCOPE_SPANS, 2) {
            ctx.file.refused += 1;
        }
    }

    fn finish(&mut self, ctx: &mut Context) {
        if self.mended > 0 {
            let n = self.mended;
            ctx.warn(WarningCode::InvalidUtf8, self.mended_at, || format!("{n} texts are not UTF-8"));
        }
        if self.is_partial {
            ctx.builder.mark_partial(self.trace_id, &self.message);
        }
    }
}

impl Otlp {
    fn span(&mut self, ctx: &mut Context, bytes: &[u8], offset: u64) -> Result<(), Broken> {
        let mut ids = Ids::default();
        let Context { record, builder, .. } = &mut *ctx;
        record.resource = self.resource_idx;
        record.scope = self.scope_idx;
        record.offset = offset;
        let result = read_span(bytes, record, &mut builder.strings, &mut self.mended, &mut ids);
        if result.is_err() {
            ctx.record.clear();
            ctx.file.refused += 1;
            return result;
        }
        ids.resolve(ctx);
        if self.is_tempo && self.trace_id.is_none() {
            self.trace_id = ctx.record.trace_id;
        }
        ctx.push_record();
        Ok(())
    }
}

fn read_span<'a>(
    bytes: &'a [u8],
    record: &mut SpanRecord,
    strings: &mut Strings,
    mended: &mut u64,
    ids: &mut Ids<'a>,
) -> Result<(), Broken> {
    let mut reader = Reader::new(bytes);
    while let Some((number, field)) = reader.next()? {
        match (number, field) {
            (1, Field::Bytes(id)) => ids.trace = id,
            (2, Field::Bytes(id)) => ids.span = id,
            (3, Field::Bytes(b)) => set_text(&mut record.trace_state, b, mended),
            (4, Field::Bytes(id)) => ids.parent = id,
            (5, Field::Bytes(b)) => set_text(&mut record.name, b, mended),
            (6, Field::Varint(kind)) => record.kind = SpanKind::from_otlp(kind),
            (7, Field::Fixed64(time)) => record.start = nanos(time),
            (8, Field::Fixed64(time)) => record.end = nanos(time),
            (9, Field::Bytes(b)) => attribute(b, strings, &mut record.attributes, mended)?,
            (10, Field::Varint(n)) => record.dropped_attributes = n as u32,
            (11, Field::Bytes(b)) => read_event(b, record, strings, mended)?,
            (12, Field::Varint(n)) => record.dropped_events = n as u32,
            (13, Field::Bytes(b)) => read_link(b, record, strings, mended)?,
            (14, Field::Varint(n)) => record.dropped_links = n as u32,
            (15, Field::Bytes(b)) => read_status(b, record, mended)?,
            (16, Field::Fixed32(flags)) => {
                record.trace_flags = flags;
                // Bit 8: whether the parent is remote is known; bit 9: it is.
                match flags >> 8 & 3 {
                    1 => record.flags.set(Flags::PARENT_LOCAL),
                    3 => record.flags.set(Flags::PARENT_REMOTE),
                    _ => {}
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn read_event(
    bytes: &[u8],
    record: &mut SpanRecord,
    strings: &mut Strings,
    mended: &mut u64,
) -> Result<(), Broken> {
    let event = record.add_event();
    let mut reader = Reader::new(bytes);
    while let Some((number, field)) = reader.next()? {
        match (number, field) {
            (1, Field::Fixed64(time)) => event.time = nanos(time),
            (2, Field::Bytes(b)) => set_text(&mut event.name, b, mended),
            (3, Field::Bytes(b)) => attribute(b, strings, &mut event.attributes, mended)?,
            (4, Field::Varint(n)) => event.dropped_attributes = n as u32,
            _ => {}
        }
    }
    Ok(())
}

fn read_link(
    bytes: &[u8],
    record: &mut SpanRecord,
    strings: &mut Strings,
    mended: &mut u64,
) -> Result<(), Broken> {
    let link = record.add_link();
    let mut reader = Reader::new(bytes);
    while let Some((number, field)) = reader.next()? {
        match (number, field) {
            (1, Field::Bytes(id)) => link.trace_id = super::proto_values::trace_id(id),
            (2, Field::Bytes(id)) => link.span_id = super::proto_values::span_id(id),
            (3, Field::Bytes(b)) => set_text(&mut link.trace_state, b, mended),
            (4, Field::Bytes(b)) => attribute(b, strings, &mut link.attributes, mended)?,
            (5, Field::Varint(n)) => link.dropped_attributes = n as u32,
            (6, Field::Fixed32(flags)) => link.flags = flags,
            _ => {}
        }
    }
    Ok(())
}

fn read_status(bytes: &[u8], record: &mut SpanRecord, mended: &mut u64) -> Result<(), Broken> {
    let mut reader = Reader::new(bytes);
    while let Some((number, field)) = reader.next()? {
        match (number, field) {
            (2, Field::Bytes(b)) => set_text(&mut record.status_message, b, mended),
            (3, Field::Varint(code)) => record.status = Status::from_otlp(code),
            _ => {}
        }
    }
    Ok(())
}

fn read_resource(
    bytes: &[u8],
    resource: &mut ResourceRecord,
    strings: &mut Strings,
    mended: &mut u64,
) -> Result<(), Broken> {
    let mut reader = Reader::new(bytes);
    while let Some((number, field)) = reader.next()? {
        match (number, field) {
            (1, Field::Bytes(b)) => attribute(b, strings, &mut resource.attributes, mended)?,
            (2, Field::Varint(n)) => resource.dropped_attributes = n as u32,
            _ => {}
        }
    }
    Ok(())
}

fn read_scope(
    bytes: &[u8],
    scope: &mut ScopeRecord,
    strings: &mut Strings,
    mended: &mut u64,
) -> Result<(), Broken> {
    let mut reader = Reader::new(bytes);
    while let Some((number, field)) = reader.next()? {
        match (number, field) {
            (1, Field::Bytes(b)) => set_text(&mut scope.name, b, mended),
            (2, Field::Bytes(b)) => set_text(&mut scope.version, b, mended),
            (3, Field::Bytes(b)) => attribute(b, strings, &mut scope.attributes, mended)?,
            (4, Field::Varint(n)) => scope.dropped_attributes = n as u32,
            _ => {}
        }
    }
    Ok(())
}

fn clear_resource(resource: &mut ResourceRecord) {
    resource.service.clear();
    resource.attributes.clear();
    resource.schema_url.clear();
    resource.dropped_attributes = 0;
}

fn clear_scope(scope: &mut ScopeRecord) {
    scope.name.clear();
    scope.version.clear();
    scope.attributes.clear();
    scope.schema_url.clear();
    scope.dropped_attributes = 0;
}

fn set_text(out: &mut String, bytes: &[u8], mended: &mut u64) {
    out.clear();
    out.push_str(&text(bytes, mended));
}

/// Times beyond 2262 do not fit; they are absurd anyway, and stay so.
fn nanos(time: u64) -> i64 {
    i64::try_from(time).unwrap_or(i64::MAX)
}
