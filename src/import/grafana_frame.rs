//! Grafana's trace data frame: a table, one array per column.
//!
//! The frame is held as a whole, since a row is spread over it; the columns are then read side by side, so
//! that no value is copied. Times are milliseconds with a fraction.

use crate::model::attributes::Scalar;
use crate::model::record::{LinkKind, ScopeRecord};
use crate::model::span::{Flags, SpanKind, Status};
use crate::model::warning::WarningCode;

use super::Format;
use super::context::Context;
use super::json::{Cursor, Kind, Step};
use super::values::{any_json, otlp_attributes};
use super::{ids, zipkin};

/// A column: its name in lower case and its cells.
struct Column<'a> {
    name: String,
    cells: Cursor<'a>,
}

/// Reads a frame, `{schema: {fields}, data: {values}}` or `{fields: [{name, values}]}`; `false`, with nothing
/// pushed, when it is no table of spans.
pub(crate) fn decode(c: &mut Cursor<'_>, ctx: &mut Context) -> Step<bool> {
    let mut columns = columns(c)?;
    if !columns.iter().any(|column| column.name == "traceid") {
        return Ok(false);
    }
    ctx.saw(Format::GrafanaFrame);
    let mut n_rows = 0_u64;
    // The column of trace ids decides how many rows there are; a shorter column ends with nulls.
    while row(&mut columns, ctx)? {
        ctx.push_record();
        n_rows += 1;
    }
    ctx.record.clear();
    if n_rows > 0 {
        ctx.warn(WarningCode::ReducedPrecision, 0, || {
            "milliseconds as floating point: about 0.25 µs".to_owned()
        });
    }
    Ok(true)
}

fn columns<'a>(c: &mut Cursor<'a>) -> Step<Vec<Column<'a>>> {
    let (mut names, mut values) = (Vec::new(), Vec::new());
    c.begin_object()?;
    while let Some(key) = c.key()? {
        match key.as_ref() {
            "schema" if c.object_or_skip()? => {
                while let Some(key) = c.key()? {
                    if key == "fields" { fields(c, &mut names, &mut values)? } else { c.skip()? }
                }
            }
            "data" if c.object_or_skip()? => {
                while let Some(key) = c.key()? {
                    if key == "values" && c.array_or_skip()? {
                        while c.item()? {
                            values.push(c.raw()?);
                        }
                    } else if key != "values" {
                        c.skip()?;
                    }
                }
            }
            "schema" | "data" => {}
            "fields" => fields(c, &mut names, &mut values)?,
            _ => c.skip()?,
        }
    }
    let pairs = names.into_iter().zip(values);
    pairs
        .map(|(name, values)| {
            let mut cells = Cursor::new(values, true);
            if cells.kind()? == Kind::Array {
                cells.begin_array()?;
            }
            Ok(Column { name, cells })
        })
        .collect()
}

/// Names of the columns, and their values where they stand beside the name.
fn fields<'a>(c: &mut Cursor<'a>, names: &mut Vec<String>, values: &mut Vec<&'a str>) -> Step<()> {
    if !c.array_or_skip()? {
        return Ok(());
    }
    while c.item()? {
        if !c.object_or_skip()? {
            continue;
        }
        let mut name = String::new();
        while let Some(key) = c.key()? {
            match key.as_ref() {
                "name" => name = c.text()?.to_lowercase(),
                "values" => values.push(c.raw()?),
                _ => c.skip()?,
            }
        }
        names.push(name);
    }
    Ok(())
}

/// Reads the next cell of every column; `false` after the last row.
fn row(columns: &mut [Column<'_>], ctx: &mut Context) -> Step<bool> {
    let (mut service, mut service_tags) = (String::new(), "");
    let (mut scope, mut version) = (String::new(), String::new());
    let (mut start, mut duration, mut any) = (None, None, false);
    for Column { name, cells } in columns {
        // An ended or broken column gives nothing more.
        if !cells.item().unwrap_or(false) {
            continue;
        }
        any |= name == "traceid";
        match name.as_str() {
            "traceid" => ids::set_trace_id(ctx, &cells.text()?),
            "spanid" => ids::set_span_id(ctx, &cells.text()?),
            "parentspanid" => ids::set_parent_id(ctx, &cells.text()?),
            "operationname" => ctx.record.name.push_str(&cells.text()?),
            "servicename" => service = cells.text()?.into_owned(),
            "servicetags" => service_tags = cells.raw()?,
            "starttime" => start = cells.number()?.scaled(6),
            "duration" => duration = cells.number()?.scaled(6),
            "kind" => ctx.record.kind = SpanKind::from_text(&cells.text()?),
            "statuscode" => status(ctx, &cells.text()?),
            "statusmessage" => ctx.record.status_message.push_str(&cells.text()?),
            "instrumentationlibraryname" => scope = cells.text()?.into_owned(),
            "instrumentationlibraryversion" => version = cells.text()?.into_owned(),
            "tracestate" => ctx.record.trace_state.push_str(&cells.text()?),
            "tags" => {
                as_json(cells, |c| otlp_attributes(c, &mut ctx.builder.strings, &mut ctx.record.attributes))?;
            }
            "logs" => as_json(cells, |c| logs(c, ctx))?,
            "references" => as_json(cells, |c| references(c, ctx))?,
            "warnings" => as_json(cells, |c| warnings(c, ctx))?,
            _ => extra(name, cells, ctx)?,
        }
    }
    if !any {
        return Ok(false);
    }
    match start {
        Some(start) => {
            ctx.record.start = start;
            ctx.record.end = duration.map_or(0, |d: i64| start.saturating_add(d));
        }
        None => ctx.record.flags.set(Flags::START_MISSING),
    }
    let key = format!("grafana\0{service}\0{service_tags}");
    ctx.record.resource = ctx.inline.resource(&mut ctx.builder, key.as_bytes(), |strings| {
        let mut resource =
            crate::model::record::ResourceRecord { service: service.clone(), ..Default::default() };
        let _ = as_json(&mut Cursor::new(service_tags, true), |c| {
            otlp_attributes(c, strings, &mut resource.attributes)
        });
        resource
    });
    let key = format!("grafana\0{scope}\0{version}");
    ctx.record.scope = ctx.inline.scope(&mut ctx.builder, key.as_bytes(), |_| ScopeRecord {
        name: scope,
        version,
        ..ScopeRecord::default()
    });
    from_tags(ctx);
    Ok(true)
}

/// Kind and status stand among the tags where they have no column.
fn from_tags(ctx: &mut Context) {
    let record = &mut ctx.record;
    if record.kind == SpanKind::Unspecified
        && let Some(kind) = record.attributes.last_str(&ctx.builder.strings, "span.kind")
    {
        record.kind = SpanKind::from_text(kind);
    }
    if record.status == Status::Unset {
        zipkin::outcome(ctx);
    }
}

fn status(ctx: &mut Context, text: &str) {
    ctx.record.status = match text.trim_start_matches("STATUS_CODE_").to_ascii_lowercase().as_str() {
        "1" | "ok" => Status::Ok,
        "2" | "error" => Status::Error,
        _ => Status::Unset,
    };
}

/// Reads a cell that holds a value or the JSON text of one.
fn as_json(c: &mut Cursor<'_>, read: impl FnOnce(&mut Cursor<'_>) -> Step<()>) -> Step<()> {
    if c.kind()? != Kind::String {
        return read(c);
    }
    let text = c.text()?;
    // A cell that cannot be read costs that cell only.
    let _ = read(&mut Cursor::new(&text, true));
    Ok(())
}

fn logs(c: &mut Cursor<'_>, ctx: &mut Context) -> Step<()> {
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
                "timestamp" => event.time = c.number()?.scaled(6).unwrap_or(0),
                "name" => event.name = c.text()?.into_owned(),
                "fields" => otlp_attributes(c, &mut ctx.builder.strings, &mut event.attributes)?,
                _ => c.skip()?,
            }
        }
        if event.name.is_empty() {
            let field = |key| event.attributes.last_str(&ctx.builder.strings, key);
            event.name = field("event").or_else(|| field("message")).unwrap_or("log").to_owned();
        }
    }
    Ok(())
}

fn references(c: &mut Cursor<'_>, ctx: &mut Context) -> Step<()> {
    if !c.array_or_skip()? {
        return Ok(());
    }
    while c.item()? {
        if !c.object_or_skip()? {
            continue;
        }
        let link = ctx.record.add_link();
        while let Some(key) = c.key()? {
            match key.as_ref() {
                "traceID" | "traceId" => link.trace_id = ids::parse_trace_id(&c.text()?).id,
                "spanID" | "spanId" => link.span_id = ids::parse_span_id(&c.text()?).id,
                "refType" => {
                    link.kind = match c.text()?.as_ref() {
                        "FOLLOWS_FROM" => LinkKind::FollowsFrom,
                        "CHILD_OF" => LinkKind::ExtraParent,
                        _ => LinkKind::Link,
                    }
                }
                "tags" => otlp_attributes(c, &mut ctx.builder.strings, &mut link.attributes)?,
                _ => c.skip()?,
            }
        }
    }
    Ok(())
}

fn warnings(c: &mut Cursor<'_>, ctx: &mut Context) -> Step<()> {
    if !c.array_or_skip()? {
        return Ok(());
    }
    while c.item()? {
        let text = c.text()?;
        ctx.record.source_warnings.push(text.into_owned());
    }
    Ok(())
}

/// A column without a meaning of its own becomes an attribute.
fn extra(name: &str, cells: &mut Cursor<'_>, ctx: &mut Context) -> Step<()> {
    if cells.null()? {
        return Ok(());
    }
    ctx.record.attributes.key(&mut ctx.builder.strings, name);
    if cells.kind()? == Kind::String {
        ctx.record.attributes.scalar(Scalar::Str(&cells.text()?));
        return Ok(());
    }
    any_json(cells, &mut ctx.record.attributes)
}
