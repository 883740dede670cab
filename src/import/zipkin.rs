//! Zipkin v2 JSON: one object per side of a call.
//!
//! Both sides of a call have the same id; the builder tells them apart by `shared`, kind and service
//! ([`SideRule::Zipkin`]). What tags mean by convention of OpenTelemetry's exporters is read here, also for
//! the other encodings of Zipkin.

use crate::model::attributes::{AttributeBuffer, Scalar};
use crate::model::record::{ResourceRecord, ScopeRecord, SideRule};
use crate::model::span::{Flags, SpanKind, Status};
use crate::model::strings::Strings;

use super::Format;
use super::context::Context;
use super::ids;
use super::json::{Cursor, Step};
use super::values::plain_attributes;

/// Where a span ran or whom it called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub(crate) service: String,
    pub(crate) ipv4: String,
    pub(crate) ipv6: String,
    pub(crate) port: String,
}

/// Reads one span object.
pub(crate) fn decode(c: &mut Cursor<'_>, ctx: &mut Context) -> Step<()> {
    let (mut local, mut remote) = (Endpoint::default(), Endpoint::default());
    let (mut start, mut duration) = (None, None);
    c.begin_object()?;
    while let Some(key) = c.key()? {
        match key.as_ref() {
            "traceId" => ids::set_trace_id(ctx, &c.text()?),
            "id" => ids::set_span_id(ctx, &c.text()?),
            "parentId" => ids::set_parent_id(ctx, &c.text()?),
            "name" => ctx.record.name.push_str(&c.text()?),
            "kind" => ctx.record.kind = SpanKind::from_text(&c.text()?),
            "timestamp" => start = c.number()?.scaled(3),
            "duration" => duration = c.number()?.scaled(3),
            "localEndpoint" => local = endpoint(c)?,
            "remoteEndpoint" => remote = endpoint(c)?,
            "shared" => {
                if c.bool()? {
                    ctx.record.flags.set(Flags::SHARED);
                }
            }
            "debug" => {
                if c.bool()? {
                    ctx.record.attributes.add(&mut ctx.builder.strings, "debug", Scalar::Bool(true));
                }
            }
            "annotations" => annotations(c, ctx)?,
            "tags" => tags(c, ctx)?,
            _ => c.skip()?,
        }
    }
    ctx.saw(Format::ZipkinV2);
    finish(ctx, start, duration, &local, &remote);
    ctx.push_record();
    Ok(())
}

/// What all encodings of Zipkin have in common once a span's fields are read: times, sides, resource and the
/// tags with a meaning.
pub(crate) fn finish(
    ctx: &mut Context,
    start: Option<i64>,
    duration: Option<i64>,
    local: &Endpoint,
    remote: &Endpoint,
) {
    let record = &mut ctx.record;
    record.side_rule = SideRule::Zipkin;
    if let Some(start) = start.filter(|&s| s != 0) {
        record.start = start;
        record.end = duration.map_or(0, |d| start.saturating_add(d));
    } else {
        record.flags.set(Flags::START_MISSING);
        // Another piece of the span may know the start.
        record.end = duration.unwrap_or(0);
    }
    let strings = &mut ctx.builder.strings;
    for (key, value) in [
        ("peer.service", &remote.service),
        ("network.peer.address", if remote.ipv4.is_empty() { &remote.ipv6 } else { &remote.ipv4 }),
        ("network.peer.port", &remote.port),
    ] {
        let is_tag = record.attributes.last_scalar(strings, key).is_some();
        if !value.is_empty() && !is_tag {
            record.attributes.add(strings, key, scalar(key, value));
        }
    }
    outcome(ctx);
    scope(ctx);
    resource(ctx, local);
}

/// A part of an endpoint: text, except for the port.
fn scalar<'a>(key: &str, value: &'a str) -> Scalar<'a> {
    let is_port = key.rsplit('.').next() == Some("port");
    let number = if is_port { value.parse().ok() } else { None };
    number.map_or(Scalar::Str(value), Scalar::I64)
}

/// Reads an endpoint; null is one without anything.
pub(crate) fn endpoint(c: &mut Cursor<'_>) -> Step<Endpoint> {
    let mut endpoint = Endpoint::default();
    if !c.object_or_skip()? {
        return Ok(endpoint);
    }
    while let Some(key) = c.key()? {
        let field = match key.as_ref() {
            "serviceName" => &mut endpoint.service,
            "ipv4" => &mut endpoint.ipv4,
            "ipv6" => &mut endpoint.ipv6,
            "port" => &mut endpoint.port,
            _ => {
                c.skip()?;
                continue;
            }
        };
        field.push_str(&c.text()?);
    }
    if endpoint.port == "0" {
        endpoint.port.clear();
    }
    Ok(endpoint)
}

fn annotations(c: &mut Cursor<'_>, ctx: &mut Context) -> Step<()> {
    if !c.array_or_skip()? {
        return Ok(());
    }
    while c.item()? {
        if !c.object_or_skip()? {
            continue;
        }
        let (mut time, mut value) = (0, String::new());
        while let Some(key) = c.key()? {
            match key.as_ref() {
                "timestamp" => time = c.number()?.scaled(3).unwrap_or(0),
                "value" => value.push_str(&c.text()?),
                _ => c.skip()?,
            }
        }
        annotation(ctx, time, &value);
    }
    Ok(())
}

/// Adds an annotation as an event. OpenTelemetry's exporters write `name|{attributes}|dropped` into it.
pub(crate) fn annotation(ctx: &mut Context, time: i64, value: &str) {
    let event = ctx.record.add_event();
    event.time = time;
    if let Some((name, json, dropped)) = three_parts(value)
        && object_into(json, &mut ctx.builder.strings, &mut event.attributes)
    {
        event.name.push_str(name);
        event.dropped_attributes = dropped;
    } else {
        event.attributes.clear();
        event.name.push_str(value);
    }
}

/// `text|{json}|count`, where text and JSON may contain the bar themselves.
fn three_parts(value: &str) -> Option<(&str, &str, u32)> {
    let (head, dropped) = value.rsplit_once('|')?;
    let (name, json) = head.split_once('|')?;
    Some((name, json, dropped.parse().ok()?))
}

/// Adds the members of a JSON object as attributes; `false` when it is none.
fn object_into(json: &str, strings: &mut Strings, out: &mut AttributeBuffer) -> bool {
    let read = plain_attributes(&mut Cursor::new(json, true), strings, out);
    json.starts_with('{') && read.is_ok()
}

fn tags(c: &mut Cursor<'_>, ctx: &mut Context) -> Step<()> {
    if !c.object_or_skip()? {
        return Ok(());
    }
    while let Some(key) = c.key()? {
        let value = c.text()?;
        tag(ctx, &key, &value);
    }
    Ok(())
}

/// Adds a tag as an attribute, or as the link that it encodes.
pub(crate) fn tag(ctx: &mut Context, key: &str, value: &str) {
    if key.starts_with("otlp.link.") && link(ctx, value).is_some() {
        return;
    }
    ctx.record.attributes.add(&mut ctx.builder.strings, key, Scalar::Str(value));
}

/// Reads `trace|span|tracestate|{attributes}|dropped`.
fn link(ctx: &mut Context, value: &str) -> Option<()> {
    let mut parts = value.splitn(4, '|');
    let trace_id = ids::parse_trace_id(parts.next()?).id;
    let span_id = ids::parse_span_id(parts.next()?).id;
    if trace_id.is_none() || span_id.is_none() {
        return None;
    }
    let trace_state = parts.next()?;
    let (json, dropped) = parts.next()?.rsplit_once('|')?;
    let link = ctx.record.add_link();
    link.trace_id = trace_id;
    link.span_id = span_id;
    link.trace_state.push_str(trace_state);
    link.dropped_attributes = dropped.parse().unwrap_or(0);
    if !object_into(json, &mut ctx.builder.strings, &mut link.attributes) {
        link.attributes.clear();
    }
    Some(())
}

/// Status from the tags `error` and `otel.status_code`, which stay visible as attributes.
pub(crate) fn outcome(ctx: &mut Context) {
    let record = &mut ctx.record;
    let strings = &ctx.builder.strings;
    match record.attributes.last_str(strings, "otel.status_code") {
        Some(code) if code.eq_ignore_ascii_case("error") => record.status = Status::Error,
        Some(code) if code.eq_ignore_ascii_case("ok") => record.status = Status::Ok,
        _ => {}
    }
    if let Some(message) = record.attributes.last_str(strings, "otel.status_description") {
        record.status_message.push_str(message);
    }
    match record.attributes.last_scalar(strings, "error") {
        None | Some(Scalar::Bool(false) | Scalar::Str("false")) => {}
        Some(error) => {
            record.status = Status::Error;
            if let Scalar::Str(text) = error
                && text != "true"
                && record.status_message.is_empty()
            {
                record.status_message.push_str(text);
            }
        }
    }
}

fn scope(ctx: &mut Context) {
    let attributes = &ctx.record.attributes;
    let strings = &ctx.builder.strings;
    let first =
        |keys: [&str; 2]| keys.iter().find_map(|k| attributes.last_str(strings, k)).unwrap_or_default();
    let name = first(["otel.scope.name", "otel.library.name"]).to_owned();
    let version = first(["otel.scope.version", "otel.library.version"]).to_owned();
    let key = format!("zipkin\0{name}\0{version}");
    ctx.record.scope = ctx.inline.scope(&mut ctx.builder, key.as_bytes(), |_| ScopeRecord {
        name,
        version,
        ..ScopeRecord::default()
    });
}

fn resource(ctx: &mut Context, local: &Endpoint) {
    let Endpoint { service, ipv4, ipv6, port } = local;
    let key = format!("zipkin\0{service}\0{ipv4}\0{ipv6}\0{port}");
    ctx.record.resource = ctx.inline.resource(&mut ctx.builder, key.as_bytes(), |strings| {
        let mut resource = ResourceRecord { service: service.clone(), ..ResourceRecord::default() };
        for (key, value) in [
            ("service.name", service),
            ("network.local.address", if ipv4.is_empty() { ipv6 } else { ipv4 }),
            ("network.local.port", port),
        ] {
            if !value.is_empty() {
                resource.attributes.add(strings, key, scalar(key, value));
            }
        }
        resource
    });
}
