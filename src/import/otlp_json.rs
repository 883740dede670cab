//! OTLP in JSON, as the standard has it and as it is found: either spelling of keys, enums as words, ids in
//! base64, attributes as plain objects.

use super::Format;
use super::context::Context;
use super::ids;
use super::json::{Cursor, Kind, Step};
use super::time::nanos_from_rfc3339;
use super::values::otlp_attributes;
use crate::model::index::{ResourceIdx, ScopeIdx};
use crate::model::record::{EventRecord, LinkRecord, ResourceRecord, ScopeRecord, SpanRecord};
use crate::model::span::{Flags, SpanKind, Status};
use crate::model::strings::Strings;

/// Reads a span that stands alone, perhaps with its resource and scope beside its own fields.
pub(super) fn decode(c: &mut Cursor<'_>, ctx: &mut Context) -> Step<()> {
    span(c, ctx, ResourceIdx::default(), ScopeIdx::default())?;
    ctx.saw(Format::OtlpJson);
    ctx.push_record();
    Ok(())
}

/// Reads a span into the record.
pub(super) fn span(
    c: &mut Cursor<'_>,
    ctx: &mut Context,
    resource: ResourceIdx,
    scope: ScopeIdx,
) -> Step<()> {
    c.begin_object()?;
    ctx.record.resource = resource;
    ctx.record.scope = scope;
    while let Some(key) = c.key()? {
        let record = &mut ctx.record;
        let strings = &mut ctx.builder.strings;
        match key.as_ref() {
            "traceId" | "trace_id" => ids::set_trace_id(ctx, &c.text()?),
            "spanId" | "span_id" => ids::set_span_id(ctx, &c.text()?),
            "parentSpanId" | "parent_span_id" => ids::set_parent_id(ctx, &c.text()?),
            "name" => set(&mut record.name, c)?,
            "kind" => record.kind = kind(c)?,
            "startTimeUnixNano" | "start_time_unix_nano" => record.start = time(c)?,
            "endTimeUnixNano" | "end_time_unix_nano" => record.end = time(c)?,
            "attributes" => {
                record.attributes.clear();
                otlp_attributes(c, strings, &mut record.attributes)?;
            }
            "status" => status(c, record)?,
            "events" => events(c, record, strings)?,
            "links" => links(c, record, strings)?,
            "flags" => {
                let flags = c.u32()?;
                record.trace_flags = flags;
                // Bit 8: whether the parent is remote is known; bit 9: it is.
                match flags >> 8 & 3 {
                    1 => record.flags.set(Flags::PARENT_LOCAL),
                    3 => record.flags.set(Flags::PARENT_REMOTE),
                    _ => {}
                }
            }
            "traceState" | "trace_state" => set(&mut record.trace_state, c)?,
            "droppedAttributesCount" | "dropped_attributes_count" => record.dropped_attributes = c.u32()?,
            "droppedEventsCount" | "dropped_events_count" => record.dropped_events = c.u32()?,
            "droppedLinksCount" | "dropped_links_count" => record.dropped_links = c.u32()?,
            "resource" => inline_resource(c, ctx)?,
            "scope" | "instrumentationScope" | "instrumentation_scope" | "instrumentationLibrary" => {
                inline_scope(c, ctx)?;
            }
            _ => c.skip()?,
        }
    }
    Ok(())
}

/// A resource's fields into `record`, which is cleared first. `c` is at the object.
pub(super) fn resource(c: &mut Cursor<'_>, strings: &mut Strings, record: &mut ResourceRecord) -> Step<()> {
    record.service.clear();
    record.attributes.clear();
    record.dropped_attributes = 0;
    if c.kind()? != Kind::Object {
        return c.skip();
    }
    if is_plain(c)? {
        otlp_attributes(c, strings, &mut record.attributes)?;
    } else {
        c.begin_object()?;
        while let Some(key) = c.key()? {
            match key.as_ref() {
                "attributes" => otlp_attributes(c, strings, &mut record.attributes)?,
                "droppedAttributesCount" | "dropped_attributes_count" => {
                    record.dropped_attributes = c.u32()?;
                }
                "schemaUrl" | "schema_url" => set(&mut record.schema_url, c)?,
                _ => c.skip()?,
            }
        }
    }
    if let Some(name) = record.attributes.last_str(strings, "service.name") {
        record.service.push_str(name);
    }
    Ok(())
}

/// Whether the object that comes next is the attributes themselves: it has keys, and none of a resource's.
fn is_plain(c: &Cursor<'_>) -> Step<bool> {
    let mut c = c.clone();
    let mut any = false;
    c.begin_object()?;
    while let Some(key) = c.key()? {
        any = true;
        if matches!(
            key.as_ref(),
            "attributes" | "droppedAttributesCount" | "dropped_attributes_count" | "entityRefs" | "schemaUrl"
        ) {
            return Ok(false);
        }
        c.skip()?;
    }
    Ok(any)
}

/// A scope's fields into `record`. `c` is at the object.
pub(super) fn scope(c: &mut Cursor<'_>, strings: &mut Strings, record: &mut ScopeRecord) -> Step<()> {
    if !c.object_or_skip()? {
        return Ok(());
    }
    while let Some(key) = c.key()? {
        match key.as_ref() {
            "name" => set(&mut record.name, c)?,
            "version" => set(&mut record.version, c)?,
            "attributes" => {
                record.attributes.clear();
                otlp_attributes(c, strings, &mut record.attributes)?;
            }
            "droppedAttributesCount" | "dropped_attributes_count" => record.dropped_attributes = c.u32()?,
            _ => c.skip()?,
        }
    }
    Ok(())
}

#[cold]
fn inline_resource(c: &mut Cursor<'_>, ctx: &mut Context) -> Step<()> {
    let mut again = c.clone();
    let raw = c.raw()?;
    ctx.record.resource = ctx.inline.resource(&mut ctx.builder, raw.as_bytes(), |strings| {
        let mut record = ResourceRecord::default();
        // It was passed once, so it can be read.
        let _ = resource(&mut again, strings, &mut record);
        record
    });
    Ok(())
}

#[cold]
fn inline_scope(c: &mut Cursor<'_>, ctx: &mut Context) -> Step<()> {
    let mut again = c.clone();
    let raw = c.raw()?;
    ctx.record.scope = ctx.inline.scope(&mut ctx.builder, raw.as_bytes(), |strings| {
        let mut record = ScopeRecord::default();
        let _ = scope(&mut again, strings, &mut record);
        record
    });
    Ok(())
}

/// Replaces `out` by the next text.
#[inline]
pub(super) fn set(out: &mut String, c: &mut Cursor<'_>) -> Step<()> {
    let text = c.text()?;
    out.clear();
    out.push_str(&text);
    Ok(())
}

fn events(c: &mut Cursor<'_>, record: &mut SpanRecord, strings: &mut Strings) -> Step<()> {
    record.n_events = 0;
    if !c.array_or_skip()? {
        return Ok(());
    }
    while c.item()? {
        if c.object_or_skip()? {
            event(c, record.add_event(), strings)?;
        }
    }
    Ok(())
}

fn event(c: &mut Cursor<'_>, event: &mut EventRecord, strings: &mut Strings) -> Step<()> {
    while let Some(key) = c.key()? {
        match key.as_ref() {
            "timeUnixNano" | "time_unix_nano" => event.time = time(c)?,
            "name" => set(&mut event.name, c)?,
            "attributes" => {
                event.attributes.clear();
                otlp_attributes(c, strings, &mut event.attributes)?;
            }
            "droppedAttributesCount" | "dropped_attributes_count" => event.dropped_attributes = c.u32()?,
            _ => c.skip()?,
        }
    }
    Ok(())
}

fn links(c: &mut Cursor<'_>, record: &mut SpanRecord, strings: &mut Strings) -> Step<()> {
    record.n_links = 0;
    if !c.array_or_skip()? {
        return Ok(());
    }
    while c.item()? {
        if c.object_or_skip()? {
            link(c, record.add_link(), strings)?;
        }
    }
    Ok(())
}

fn link(c: &mut Cursor<'_>, link: &mut LinkRecord, strings: &mut Strings) -> Step<()> {
    while let Some(key) = c.key()? {
        match key.as_ref() {
            "traceId" | "trace_id" => link.trace_id = ids::parse_trace_id(&c.text()?).id,
            "spanId" | "span_id" => link.span_id = ids::parse_span_id(&c.text()?).id,
            "traceState" | "trace_state" => set(&mut link.trace_state, c)?,
            "flags" => link.flags = c.u32()?,
            "attributes" => {
                link.attributes.clear();
                otlp_attributes(c, strings, &mut link.attributes)?;
            }
            "droppedAttributesCount" | "dropped_attributes_count" => link.dropped_attributes = c.u32()?,
            _ => c.skip()?,
        }
    }
    Ok(())
}

fn kind(c: &mut Cursor<'_>) -> Step<SpanKind> {
    let text = c.text()?;
    Ok(match text.as_bytes() {
        [digit @ b'0'..=b'9'] => SpanKind::from_otlp(u64::from(digit - b'0')),
        _ => SpanKind::from_text(&text),
    })
}

fn status(c: &mut Cursor<'_>, record: &mut SpanRecord) -> Step<()> {
    if c.kind()? != Kind::Object {
        record.status = status_code(&c.text()?);
        return Ok(());
    }
    c.begin_object()?;
    while let Some(key) = c.key()? {
        match key.as_ref() {
            "code" | "Code" => record.status = status_code(&c.text()?),
            "message" | "Message" => set(&mut record.status_message, c)?,
            _ => c.skip()?,
        }
    }
    Ok(())
}

/// A status by its number or any of its names.
pub(super) fn status_code(text: &str) -> Status {
    let name = text.strip_prefix("STATUS_CODE_").or_else(|| text.strip_prefix("StatusCode.")).unwrap_or(text);
    match name {
        "1" => Status::Ok,
        "2" => Status::Error,
        _ if name.eq_ignore_ascii_case("ok") => Status::Ok,
        _ if name.eq_ignore_ascii_case("error") => Status::Error,
        _ => Status::Unset,
    }
}

/// A time in nanoseconds: a number, a text, an ISO time, or JavaScript's pairs.
pub(super) fn time(c: &mut Cursor<'_>) -> Step<i64> {
    match c.peek()? {
        b'{' => halves(c),
        b'[' => seconds_and_nanos(c),
        _ => {
            let number = c.number()?;
            Ok(match number.as_i64() {
                Some(time) => time,
                None => nanos_from_rfc3339(number.text()).unwrap_or(0),
            })
        }
    }
}

/// `{"low": 1, "high": 2}`: 64 bits where the language has none.
fn halves(c: &mut Cursor<'_>) -> Step<i64> {
    let (mut low, mut high) = (0, 0);
    c.begin_object()?;
    while let Some(key) = c.key()? {
        match key.as_ref() {
            "low" => low = c.i64()?,
            "high" => high = c.i64()?,
            _ => c.skip()?,
        }
    }
    Ok(i64::from(high as u32) << 32 | i64::from(low as u32))
}

/// `[1700000000, 123456789]`.
fn seconds_and_nanos(c: &mut Cursor<'_>) -> Step<i64> {
    let mut parts = [0_i64; 2];
    let mut n = 0;
    c.begin_array()?;
    while c.item()? {
        let part = c.i64()?;
        if let Some(slot) = parts.get_mut(n) {
            *slot = part;
        }
        n += 1;
    }
    Ok(parts[0].saturating_mul(1_000_000_000).saturating_add(parts[1]))
}
