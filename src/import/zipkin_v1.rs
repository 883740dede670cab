//! Zipkin v1 JSON: a record holds what both sides of a call reported, told apart by annotations.
//!
//! The core annotations (`cs`, `cr`, `sr`, `ss`, …) decide the sides and the times. They stay visible as
//! events, since their times are what the file really says.

use crate::model::span::{Flags, SpanKind};

use super::Format;
use super::context::Context;
use super::ids;
use super::json::{Cursor, Step};
use super::values::any_json;
use super::zipkin::{Endpoint, annotation, endpoint, finish};

#[derive(Debug, Default)]
struct Annotation {
    time: i64,
    value: String,
    endpoint: Endpoint,
}

/// A tag; its value is read when it is known which span it belongs to.
#[derive(Debug)]
struct Tag<'a> {
    key: String,
    value: &'a str,
    endpoint: Endpoint,
}

/// What a record says, before it is known how many spans it is.
#[derive(Debug, Default)]
struct Parsed<'a> {
    start: Option<i64>,
    duration: Option<i64>,
    annotations: Vec<Annotation>,
    tags: Vec<Tag<'a>>,
}

/// One side of a call, or the whole record where it names none.
struct Side {
    kind: SpanKind,
    /// Core annotations of this side.
    core: &'static [&'static str],
    /// The tag that names whom this side talks to.
    address: &'static str,
}

const CLIENT: Side = Side { kind: SpanKind::Client, core: &["cs", "cr"], address: "sa" };
const SERVER: Side = Side { kind: SpanKind::Server, core: &["sr", "ss"], address: "ca" };
const PRODUCER: Side = Side { kind: SpanKind::Producer, core: &["ms", "ws"], address: "ma" };
const CONSUMER: Side = Side { kind: SpanKind::Consumer, core: &["mr", "wr"], address: "ma" };
const LOCAL: Side = Side { kind: SpanKind::Unspecified, core: &[], address: "sa" };

/// Reads one record and pushes the one or two spans that it holds.
pub(crate) fn decode(c: &mut Cursor<'_>, ctx: &mut Context) -> Step<()> {
    let mut parsed = Parsed::default();
    c.begin_object()?;
    while let Some(key) = c.key()? {
        match key.as_ref() {
            "traceId" => ids::set_trace_id(ctx, &c.text()?),
            "id" => ids::set_span_id(ctx, &c.text()?),
            "parentId" => ids::set_parent_id(ctx, &c.text()?),
            "name" => ctx.record.name.push_str(&c.text()?),
            "timestamp" => parsed.start = c.number()?.scaled(3).filter(|&t| t != 0),
            "duration" => parsed.duration = c.number()?.scaled(3),
            "annotations" => annotations(c, &mut parsed)?,
            "binaryAnnotations" => tags(c, &mut parsed)?,
            _ => c.skip()?,
        }
    }
    ctx.saw(Format::ZipkinV1);
    let has = |side: &Side| parsed.annotations.iter().any(|a| side.core.contains(&a.value.as_str()));
    match (has(&CLIENT), has(&SERVER)) {
        (true, true) => {
            let same_ids = ctx.record.clone();
            push(ctx, &parsed, &CLIENT, Some(&SERVER));
            ctx.record = same_ids;
            ctx.record.flags.set(Flags::SHARED);
            push(ctx, &parsed, &SERVER, Some(&CLIENT));
        }
        (true, false) => push(ctx, &parsed, &CLIENT, None),
        (false, true) => push(ctx, &parsed, &SERVER, None),
        (false, false) if parsed.annotations.iter().any(|a| a.value == "ms") => {
            push(ctx, &parsed, &PRODUCER, None);
        }
        (false, false) if has(&CONSUMER) => push(ctx, &parsed, &CONSUMER, None),
        (false, false) => push(ctx, &parsed, &LOCAL, None),
    }
    Ok(())
}

fn annotations(c: &mut Cursor<'_>, parsed: &mut Parsed<'_>) -> Step<()> {
    if !c.array_or_skip()? {
        return Ok(());
    }
    while c.item()? {
        if !c.object_or_skip()? {
            continue;
        }
        let mut found = Annotation::default();
        while let Some(key) = c.key()? {
            match key.as_ref() {
                "timestamp" => found.time = c.number()?.scaled(3).unwrap_or(0),
                "value" => found.value.push_str(&c.text()?),
                "endpoint" => found.endpoint = endpoint(c)?,
                _ => c.skip()?,
            }
        }
        parsed.annotations.push(found);
    }
    Ok(())
}

fn tags<'a>(c: &mut Cursor<'a>, parsed: &mut Parsed<'a>) -> Step<()> {
    if !c.array_or_skip()? {
        return Ok(());
    }
    while c.item()? {
        if !c.object_or_skip()? {
            continue;
        }
        let mut found = Tag { key: String::new(), value: "null", endpoint: Endpoint::default() };
        while let Some(key) = c.key()? {
            match key.as_ref() {
                "key" => found.key.push_str(&c.text()?),
                "value" => found.value = c.raw()?,
                "endpoint" => found.endpoint = endpoint(c)?,
                _ => c.skip()?,
            }
        }
        parsed.tags.push(found);
    }
    Ok(())
}

impl Tag<'_> {
    /// `ca`, `sa` and `ma` with the value `true` only carry the endpoint of somebody else.
    fn is_address(&self) -> bool {
        matches!(self.key.as_str(), "ca" | "sa" | "ma") && matches!(self.value, "true" | "\"true\"")
    }

    /// `lc` names the local component, often without a value; then it only carries an endpoint.
    fn is_empty_component(&self) -> bool {
        self.key == "lc" && matches!(self.value, "\"\"" | "null")
    }
}

/// Pushes one side. With another side in the same record, each gets what its own endpoint reported; what
/// nobody claims goes to the side that is pushed first, the client.
fn push(ctx: &mut Context, parsed: &Parsed<'_>, side: &Side, other: Option<&Side>) {
    let core = || parsed.annotations.iter().filter(|a| side.core.contains(&a.value.as_str()));
    let endpoint_of = |side: &Side| {
        let core = parsed.annotations.iter().find(|a| side.core.contains(&a.value.as_str()));
        core.map(|a| a.endpoint.service.as_str())
    };
    // Whether only this side, of two, runs where `service` is.
    let only = |a: &Side, b: &Side, service: &str| {
        endpoint_of(a) == Some(service) && endpoint_of(b) != Some(service)
    };
    let is_mine = |value: &str, service: &str| match other {
        None => true,
        Some(_) if side.core.contains(&value) => true,
        Some(other) if other.core.contains(&value) => false,
        Some(other) if side.kind == SpanKind::Client => !only(other, side, service),
        Some(other) => only(side, other, service),
    };
    ctx.record.kind = side.kind;
    for found in parsed.annotations.iter().filter(|a| is_mine(&a.value, &a.endpoint.service)) {
        annotation(ctx, found.time, &found.value);
    }
    for tag in parsed.tags.iter().filter(|t| !t.is_address() && !t.is_empty_component()) {
        if is_mine("", &tag.endpoint.service) {
            ctx.record.attributes.key(&mut ctx.builder.strings, &tag.key);
            // The text was read once before, so it is a whole value.
            let _ = any_json(&mut Cursor::new(tag.value, true), &mut ctx.record.attributes);
        }
    }
    let first_time = core().map(|a| a.time).filter(|&t| t != 0).min();
    let last_time = core().map(|a| a.time).max().filter(|last| Some(*last) > first_time);
    let between = first_time.zip(last_time).map(|(first, last)| last - first);
    let (start, duration) = if other.is_some() && between.is_some() {
        (first_time, between)
    } else {
        (parsed.start.or(first_time), parsed.duration.or(between))
    };
    let locals = parsed.tags.iter().filter(|t| !t.is_address()).map(|t| &t.endpoint);
    let all = core().map(|a| &a.endpoint).chain(parsed.annotations.iter().map(|a| &a.endpoint)).chain(locals);
    let nowhere = Endpoint::default();
    let local = all.into_iter().find(|e| **e != nowhere).unwrap_or(&nowhere);
    let addresses = || parsed.tags.iter().filter(|t| t.is_address());
    let remote =
        addresses().find(|t| t.key == side.address).or_else(|| addresses().find(|_| other.is_none()));
    finish(ctx, start, duration, local, remote.map_or(&nowhere, |t| &t.endpoint));
    ctx.push_record();
}
