//! The Python SDK's console exporter: pretty-printed JSON objects one after the other.

use crate::model::record::{EventRecord, LinkRecord};
use crate::model::span::{Flags, SpanKind, Status};
use crate::model::strings::Strings;

use super::Format;
use super::context::Context;
use super::json::{Cursor, Step};
use super::time::nanos_from_rfc3339;
use super::values::plain_attributes;
use super::{console, ids};

/// Reads one span object.
pub(crate) fn decode(c: &mut Cursor<'_>, ctx: &mut Context) -> Step<()> {
    c.begin_object()?;
    while let Some(key) = c.key()? {
        match key.as_ref() {
            "name" => ctx.record.name.push_str(&c.text()?),
            "context" => context(c, ctx)?,
            "kind" => ctx.record.kind = SpanKind::from_text(&c.text()?),
            "parent_id" => ids::set_parent_id(ctx, &c.text()?),
            "start_time" => ctx.record.start = time(c)?,
            "end_time" => ctx.record.end = time(c)?,
            "status" => status(c, ctx)?,
            "attributes" => plain_attributes(c, &mut ctx.builder.strings, &mut ctx.record.attributes)?,
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
            "resource" => console::resource(c, ctx)?,
            _ => c.skip()?,
        }
    }
    if ctx.record.start == 0 {
        ctx.record.flags.set(Flags::START_MISSING);
    }
    ctx.saw(Format::PythonConsole);
    ctx.push_record();
    Ok(())
}

/// A time; null, while the span is still running, is 0.
fn time(c: &mut Cursor<'_>) -> Step<i64> {
    Ok(nanos_from_rfc3339(&c.text()?).unwrap_or(0))
}

fn context(c: &mut Cursor<'_>, ctx: &mut Context) -> Step<()> {
    if !c.object_or_skip()? {
        return Ok(());
    }
    while let Some(key) = c.key()? {
        match key.as_ref() {
            "trace_id" => ids::set_trace_id(ctx, &c.text()?),
            "span_id" => ids::set_span_id(ctx, &c.text()?),
            "trace_state" => ctx.record.trace_state.push_str(trace_state(&c.text()?)),
            _ => c.skip()?,
        }
    }
    Ok(())
}

/// The trace state is printed as a list of pairs; an empty one is none.
fn trace_state(text: &str) -> &str {
    if matches!(text, "[]" | "{}") { "" } else { text }
}

fn status(c: &mut Cursor<'_>, ctx: &mut Context) -> Step<()> {
    if !c.object_or_skip()? {
        return Ok(());
    }
    while let Some(key) = c.key()? {
        match key.as_ref() {
            "status_code" => {
                ctx.record.status = match c.text()?.trim_start_matches("StatusCode.") {
                    "OK" => Status::Ok,
                    "ERROR" => Status::Error,
                    _ => Status::Unset,
                }
            }
            "description" => ctx.record.status_message.push_str(&c.text()?),
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
            "timestamp" => event.time = time(c)?,
            "attributes" => plain_attributes(c, strings, &mut event.attributes)?,
            _ => c.skip()?,
        }
    }
    Ok(())
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
                        "trace_id" => link.trace_id = ids::parse_trace_id(&c.text()?).id,
                        "span_id" => link.span_id = ids::parse_span_id(&c.text()?).id,
                        "trace_state" => link.trace_state.push_str(trace_state(&c.text()?)),
                        _ => c.skip()?,
                    }
                }
            }
            "context" => {}
            "attributes" => plain_attributes(c, strings, &mut link.attributes)?,
            _ => c.skip()?,
        }
    }
    Ok(())
}
