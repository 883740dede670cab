//! Jaeger's storage model as JSON: base64 ids, times as text, durations as Go or protobuf write them.

use super::Format;
use super::context::Context;
use super::ids;
use super::jaeger::{self, inline_process};
use super::jaeger_tags::{self, Flavor};
use super::json::{Cursor, Kind, Step};
use super::otlp_json::set;
use super::time::{nanos_from_duration, nanos_from_rfc3339};

/// Reads one span.
pub(super) fn decode(c: &mut Cursor<'_>, ctx: &mut Context) -> Step<()> {
    ctx.saw(Format::JaegerModel);
    jaeger::begin(ctx);
    let mut parent = String::new();
    let mut duration = None;
    c.begin_object()?;
    while let Some(key) = c.key()? {
        match key.as_ref() {
            "traceId" | "trace_id" => ids::set_trace_id(ctx, &c.text()?),
            "spanId" | "span_id" => ids::set_span_id(ctx, &c.text()?),
            "parentSpanId" | "parent_span_id" => set(&mut parent, c)?,
            "operationName" | "operation_name" => set(&mut ctx.record.name, c)?,
            "flags" => ctx.record.trace_flags = c.u32()?,
            "references" => jaeger::model_references(c, ctx)?,
            "startTime" | "start_time" => ctx.record.start = nanos_from_rfc3339(&c.text()?).unwrap_or(0),
            "duration" => {
                let text = c.text()?;
                // A bare number is Go's `time.Duration`, in nanoseconds.
                duration = nanos_from_duration(&text).or_else(|| text.parse().ok());
            }
            "tags" => jaeger::tags(c, ctx, Flavor::Model)?,
            "logs" => logs(c, ctx)?,
            "processId" | "process_id" => {
                let id = c.text()?;
                if !id.is_empty() {
                    ctx.record.resource = ctx.jaeger.process(&mut ctx.builder, &id);
                }
            }
            "process" if c.kind()? == Kind::Object => inline_process(c, ctx, Flavor::Model)?,
            "warnings" => jaeger::warnings(c, ctx)?,
            _ => c.skip()?,
        }
    }
    if let Some(duration) = duration {
        ctx.record.end = ctx.record.start.saturating_add(duration);
    }
    jaeger::finish(ctx, &parent);
    Ok(())
}

fn logs(c: &mut Cursor<'_>, ctx: &mut Context) -> Step<()> {
    ctx.record.n_events = 0;
    if !c.array_or_skip()? {
        return Ok(());
    }
    while c.item()? {
        if !c.object_or_skip()? {
            continue;
        }
        let event = ctx.record.add_event();
        while let Some(key) = c.key()? {
            match key.as_ref() {
                "timestamp" => event.time = nanos_from_rfc3339(&c.text()?).unwrap_or(0),
                "fields" => jaeger_tags::fields(c, &mut ctx.builder.strings, event, Flavor::Model)?,
                _ => c.skip()?,
            }
        }
        jaeger_tags::name_event(event, &ctx.builder.strings);
    }
    Ok(())
}
