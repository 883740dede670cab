//! The Go SDK's stdout exporter: its structs as JSON, pretty-printed or one per line.

use crate::model::attributes::AttributeBuffer;
use crate::model::record::{EventRecord, LinkRecord, ScopeRecord};
use crate::model::span::{Flags, SpanKind, Status};
use crate::model::strings::Strings;

use super::Format;
use super::context::Context;
use super::json::{Cursor, Step};
use super::time::nanos_from_rfc3339;
use super::values::any_json;
use super::{console, ids};

/// Reads one span object.
pub(crate) fn decode(c: &mut Cursor<'_>, ctx: &mut Context) -> Step<()> {
    c.begin_object()?;
    while let Some(key) = c.key()? {
        match key.as_ref() {
            "Name" => ctx.record.name.push_str(&c.text()?),
            "SpanContext" => context(c, ctx, false)?,
            "Parent" => context(c, ctx, true)?,
            "SpanKind" => ctx.record.kind = SpanKind::from_otlp(c.u64()?),
            "StartTime" => ctx.record.start = nanos_from_rfc3339(&c.text()?).unwrap_or(0),
            "EndTime" => ctx.record.end = nanos_from_rfc3339(&c.text()?).unwrap_or(0),
            "Attributes" => attributes(c, &mut ctx.builder.strings, &mut ctx.record.attributes)?,
            "Events" => {
                if c.array_or_skip()? {
                    while c.item()? {
                        event(c, &mut ctx.builder.strings, ctx.record.add_event())?;
                    }
                }
            }
            "Links" => {
                if c.array_or_skip()? {
                    while c.item()? {
                        link(c, &mut ctx.builder.strings, ctx.record.add_link())?;
                    }
                }
            }
            "Status" => status(c, ctx)?,
            "DroppedAttributes" => ctx.record.dropped_attributes = c.u32()?,
            "DroppedEvents" => ctx.record.dropped_events = c.u32()?,
            "DroppedLinks" => ctx.record.dropped_links = c.u32()?,
            "Resource" => {
                let text = c.raw()?;
                ctx.record.resource = console::resource_of(ctx, text, |c, strings, resource| {
                    attributes(c, strings, &mut resource.attributes)
                });
            }
            "InstrumentationScope" | "InstrumentationLibrary" => scope(c, ctx)?,
            _ => c.skip()?,
        }
    }
    // With timestamps switched off, Go prints the year 1, which reads as 0.
    if ctx.record.start == 0 {
        ctx.record.flags.set(Flags::START_MISSING);
    }
    ctx.saw(Format::GoStdout);
    ctx.push_record();
    Ok(())
}

fn context(c: &mut Cursor<'_>, ctx: &mut Context, is_parent: bool) -> Step<()> {
    if !c.object_or_skip()? {
        return Ok(());
    }
    let mut remote = None;
    while let Some(key) = c.key()? {
        match (key.as_ref(), is_parent) {
            ("TraceID", false) => ids::set_trace_id(ctx, &c.text()?),
            ("SpanID", false) => ids::set_span_id(ctx, &c.text()?),
            ("SpanID", true) => ids::set_parent_id(ctx, &c.text()?),
            ("Remote", true) => remote = Some(c.bool()?),
            ("TraceFlags", false) => {
                ctx.record.trace_flags = u32::from_str_radix(&c.text()?, 16).unwrap_or(0);
            }
            ("TraceState", false) => ctx.record.trace_state.push_str(&c.text()?),
            _ => c.skip()?,
        }
    }
    if let Some(remote) = remote.filter(|_| !ctx.record.parent_id.is_none()) {
        ctx.record.flags.set(if remote { Flags::PARENT_REMOTE } else { Flags::PARENT_LOCAL });
    }
    Ok(())
}

/// `[{Key, Value: {Type, Value}}]`.
fn attributes(c: &mut Cursor<'_>, strings: &mut Strings, out: &mut AttributeBuffer) -> Step<()> {
    if !c.array_or_skip()? {
        return Ok(());
    }
    while c.item()? {
        if !c.object_or_skip()? {
            continue;
        }
        while let Some(key) = c.key()? {
            match key.as_ref() {
                "Key" => out.key(strings, &c.text()?),
                "Value" if c.object_or_skip()? => {
                    while let Some(key) = c.key()? {
                        if key == "Value" { any_json(c, out)? } else { c.skip()? }
                    }
                }
                "Value" => {}
                _ => c.skip()?,
            }
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
            "Name" => event.name.push_str(&c.text()?),
            "Time" => event.time = nanos_from_rfc3339(&c.text()?).unwrap_or(0),
            "Attributes" => attributes(c, strings, &mut event.attributes)?,
            "DroppedAttributeCount" => event.dropped_attributes = c.u32()?,
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
            "SpanContext" if c.object_or_skip()? => {
                while let Some(key) = c.key()? {
                    match key.as_ref() {
                        "TraceID" => link.trace_id = ids::parse_trace_id(&c.text()?).id,
                        "SpanID" => link.span_id = ids::parse_span_id(&c.text()?).id,
                        "TraceFlags" => link.flags = u32::from_str_radix(&c.text()?, 16).unwrap_or(0),
                        "TraceState" => link.trace_state.push_str(&c.text()?),
                        _ => c.skip()?,
                    }
                }
            }
            "SpanContext" => {}
            "Attributes" => attributes(c, strings, &mut link.attributes)?,
            "DroppedAttributeCount" => link.dropped_attributes = c.u32()?,
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
            "Code" => {
                ctx.record.status = match c.text()?.as_ref() {
                    "Ok" | "OK" => Status::Ok,
                    "Error" => Status::Error,
                    _ => Status::Unset,
                }
            }
            "Description" => ctx.record.status_message.push_str(&c.text()?),
            _ => c.skip()?,
        }
    }
    Ok(())
}

fn scope(c: &mut Cursor<'_>, ctx: &mut Context) -> Step<()> {
    let text = c.raw()?;
    let mut scope = ScopeRecord::default();
    let mut inside = Cursor::new(text, true);
    if inside.object_or_skip()? {
        while let Some(key) = inside.key()? {
            match key.as_ref() {
                "Name" => scope.name.push_str(&inside.text()?),
                "Version" => scope.version.push_str(&inside.text()?),
                "SchemaURL" => scope.schema_url.push_str(&inside.text()?),
                "Attributes" => attributes(&mut inside, &mut ctx.builder.strings, &mut scope.attributes)?,
                _ => inside.skip()?,
            }
        }
    }
    ctx.record.scope = ctx.inline.scope(&mut ctx.builder, text.as_bytes(), |_| scope);
    Ok(())
}
