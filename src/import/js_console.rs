//! The JavaScript SDK's console exporter: objects as Node displays them.
//!
//! Kinds are numbered from 0 here, one less than in OTLP; times are microseconds, those of events seconds
//! and nanoseconds.

use crate::model::record::{EventRecord, LinkRecord, ScopeRecord};
use crate::model::span::{Flags, SpanKind, Status};
use crate::model::strings::Strings;

use super::Format;
use super::context::Context;
use super::json::{Cursor, Kind, Step};
use super::values::plain_attributes;
use super::{console, ids};

/// Reads one span object.
pub(crate) fn decode(c: &mut Cursor<'_>, ctx: &mut Context) -> Step<()> {
    let mut duration = None;
    c.begin_object()?;
    while let Some(key) = c.key()? {
        match key.as_ref() {
            "resource" => console::resource(c, ctx)?,
            "instrumentationScope" | "instrumentationLibrary" => scope(c, ctx)?,
            "traceId" => ids::set_trace_id(ctx, &c.text()?),
            "id" => ids::set_span_id(ctx, &c.text()?),
            "parentId" => ids::set_parent_id(ctx, &c.text()?),
            "parentSpanContext" => parent(c, ctx)?,
            "traceState" => ctx.record.trace_state.push_str(&trace_state(c)?),
            "name" => ctx.record.name.push_str(&c.text()?),
            "kind" => {
                ctx.record.kind =
                    c.number()?.as_u64().map_or(SpanKind::Unspecified, |n| SpanKind::from_otlp(n + 1));
            }
            "timestamp" => ctx.record.start = c.number()?.scaled(3).unwrap_or(0),
            "duration" => duration = c.number()?.scaled(3),
            "attributes" => plain_attributes(c, &mut ctx.builder.strings, &mut ctx.record.attributes)?,
            "status" => status(c, ctx)?,
            "events" => {
                if c.array_or_skip()? {
                    while c.item()? {
                        event(c, &mut ctx.builder.strings, ctx.record.add_event())?;
                    }
                }
            }
            "links" => {
                if c.array_or_skip()? {
                    while c.item()? {
                        link(c, &mut ctx.builder.strings, ctx.record.add_link())?;
                    }
                }
            }
            _ => c.skip()?,
        }
    }
    let record = &mut ctx.record;
    if record.start == 0 {
        record.flags.set(Flags::START_MISSING);
    } else {
        record.end = duration.map_or(0, |d| record.start.saturating_add(d));
    }
    ctx.saw(Format::JavaScriptConsole);
    ctx.push_record();
    Ok(())
}

/// A trace state is text, or an object that holds it.
fn trace_state(c: &mut Cursor<'_>) -> Step<String> {
    if c.kind()? == Kind::Object {
        c.skip()?;
        return Ok(String::new());
    }
    Ok(c.text()?.into_owned())
}

fn scope(c: &mut Cursor<'_>, ctx: &mut Context) -> Step<()> {
    let mut scope = ScopeRecord::default();
    let text = c.raw()?;
    let mut inside = Cursor::new(text, true);
    if inside.object_or_skip()? {
        while let Some(key) = inside.key()? {
            match key.as_ref() {
                "name" => scope.name.push_str(&inside.text()?),
                "version" => scope.version.push_str(&inside.text()?),
                "schemaUrl" => scope.schema_url.push_str(&inside.text()?),
                _ => inside.skip()?,
            }
        }
    }
    ctx.record.scope = ctx.inline.scope(&mut ctx.builder, text.as_bytes(), |_| scope);
    Ok(())
}

fn parent(c: &mut Cursor<'_>, ctx: &mut Context) -> Step<()> {
    if !c.object_or_skip()? {
        return Ok(());
    }
    while let Some(key) = c.key()? {
        match key.as_ref() {
            "spanId" => ids::set_parent_id(ctx, &c.text()?),
            "isRemote" if c.kind()? == Kind::Bool => {
                let flag = if c.bool()? { Flags::PARENT_REMOTE } else { Flags::PARENT_LOCAL };
                ctx.record.flags.set(flag);
            }
            _ => c.skip()?,
        }
    }
    Ok(())
}

fn status(c: &mut Cursor<'_>, ctx: &mut Context) -> Step<()> {
    if !c.object_or_skip()? {
        return Ok(());
    }
    while let Some(key) = c.key()? {
        match key.as_ref() {
            "code" => ctx.record.status = Status::from_otlp(c.u64()?),
            "message" => ctx.record.status_message.push_str(&c.text()?),
            _ => c.skip()?,
        }
    }
    Ok(())
}

fn event(c: &mut Cursor<'_>, strings: &mut Strings, event: &mut EventRecord) -> Step<()> {
    if !c.object_or_skip()? {
        return Ok(());
    }
    while let Some(key) = c.key()? {
        match key.as_ref() {
            "name" => event.name.push_str(&c.text()?),
            "time" => event.time = seconds_and_nanos(c)?,
            "attributes" => plain_attributes(c, strings, &mut event.attributes)?,
            "droppedAttributesCount" => event.dropped_attributes = c.u32()?,
            _ => c.skip()?,
        }
    }
    Ok(())
}

/// `[seconds, nanoseconds]`.
fn seconds_and_nanos(c: &mut Cursor<'_>) -> Step<i64> {
    let mut parts = [0_i64; 2];
    let mut at = 0;
    if c.array_or_skip()? {
        while c.item()? {
            let part = c.number()?.as_i64().unwrap_or(0);
            if let Some(slot) = parts.get_mut(at) {
                *slot = part;
            }
            at += 1;
        }
    }
    let [seconds, nanos] = parts;
    Ok(seconds.saturating_mul(1_000_000_000).saturating_add(nanos))
}

fn link(c: &mut Cursor<'_>, strings: &mut Strings, link: &mut LinkRecord) -> Step<()> {
    if !c.object_or_skip()? {
        return Ok(());
    }
    while let Some(key) = c.key()? {
        match key.as_ref() {
            "context" if c.object_or_skip()? => {
                while let Some(key) = c.key()? {
                    match key.as_ref() {
                        "traceId" => link.trace_id = ids::parse_trace_id(&c.text()?).id,
                        "spanId" => link.span_id = ids::parse_span_id(&c.text()?).id,
                        "traceFlags" => link.flags = c.u32()?,
                        "traceState" => link.trace_state.push_str(&trace_state(c)?),
                        _ => c.skip()?,
                    }
                }
            }
            "context" => {}
            "attributes" => plain_attributes(c, strings, &mut link.attributes)?,
            "droppedAttributesCount" => link.dropped_attributes = c.u32()?,
            _ => c.skip()?,
        }
    }
    Ok(())
}
