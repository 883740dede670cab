//! Jaeger's JSON: what its UI downloads and its HTTP API answers.
//!
//! Spans name their process by an id that is explained beside them, mostly behind them. The process of an id
//! is therefore reserved when it is first named and filled when it comes.

use std::hash::BuildHasher;

use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;

use super::Format;
use super::context::Context;
use super::ids::{self, Form};
use super::jaeger_tags::{self, Flavor};
use super::json::{Cursor, Kind, Step};
use super::otlp_json::set;
use crate::base::sort::CompactSort as _;
use crate::model::builder::TraceBuilder;
use crate::model::ids::{SpanId, TraceId};
use crate::model::index::{RecordIdx, ResourceIdx, ScopeIdx};
use crate::model::record::{LinkKind, ResourceRecord, ScopeRecord, SpanRecord};
use crate::model::span::Flags;
use crate::model::strings::Strings;
use crate::model::warning::WarningCode;

/// What the spans of one trace share.
#[derive(Debug, Default)]
pub(crate) struct Jaeger {
    /// Id of the trace that the open object states.
    pub(super) trace_id: String,
    processes: HashMap<String, ResourceIdx, FxBuildHasher>,
    /// Processes that were named and not explained, with one that names them.
    missing: Vec<String>,
    /// The last process, since most spans have that of the span before.
    last: (String, ResourceIdx),
    /// References of the span at work.
    references: Vec<Reference>,
    /// Spans of the trace so far, hashed with their trace, for those that name several parents.
    span_keys: Vec<u64>,
    /// Spans that name several parents.
    undecided: Vec<Undecided>,
    /// Name and version of the span's scope, then the version's start.
    pub(super) scope: (String, String),
    /// Scratch for a process.
    process: ResourceRecord,
}

/// One of the references of a span.
#[derive(Debug)]
pub(super) struct Reference {
    pub(super) follows: bool,
    pub(super) trace_id: TraceId,
    pub(super) span_id: SpanId,
    /// The span's id as written, where it is no encoding of bytes.
    pub(super) text: String,
}

/// A span that names several parents of one kind: the first that exists is the one.
#[derive(Debug)]
struct Undecided {
    record: RecordIdx,
    trace_id: TraceId,
    parents: Vec<SpanId>,
}

fn span_key(trace_id: TraceId, span_id: SpanId) -> u64 {
    FxBuildHasher.hash_one((trace_id, span_id))
}

impl Jaeger {
    /// The resource of the process `id`.
    pub(super) fn process(&mut self, builder: &mut TraceBuilder, id: &str) -> ResourceIdx {
        if self.last.0 == id && !id.is_empty() {
            return self.last.1;
        }
        let resource = if let Some(&known) = self.processes.get(id) {
            known
        } else {
            let reserved = builder.reserve_resource();
            self.processes.insert(id.to_owned(), reserved);
            self.missing.push(id.to_owned());
            reserved
        };
        self.last.0.clear();
        self.last.0.push_str(id);
        self.last.1 = resource;
        resource
    }

    fn explain(&mut self, builder: &mut TraceBuilder, id: &str) {
        let resource = self.process(builder, id);
        self.missing.retain(|missing| missing != id);
        builder.fill_resource(resource, &self.process);
    }

    /// Takes a reference of the span at work.
    pub(super) fn refer(&mut self, follows: bool, trace_id: &str, span_id: &str) {
        let read = ids::parse_span_id(span_id);
        let text = if read.form == Form::Hashed { span_id.to_owned() } else { String::new() };
        let trace_id = ids::parse_trace_id(trace_id).id;
        self.references.push(Reference { follows, trace_id, span_id: read.id, text });
    }
}

/// Forgets the processes of the trace before; reports those that were never explained.
pub(super) fn end_trace(ctx: &mut Context) {
    decide(ctx);
    let jaeger = &mut ctx.jaeger;
    jaeger.processes.clear();
    jaeger.last = Default::default();
    jaeger.trace_id.clear();
    if jaeger.missing.is_empty() {
        return;
    }
    let missing = std::mem::take(&mut jaeger.missing);
    let offset = ctx.record.offset;
    ctx.warn(WarningCode::ProcessMissing, offset, || {
        format!("{} named and not in the file: {}", missing.len(), ids::excerpt(&missing.join(", ")))
    });
}

/// Gives spans with several parents the first that is there.
fn decide(ctx: &mut Context) {
    let Context { jaeger, builder, .. } = &mut *ctx;
    let undecided = std::mem::take(&mut jaeger.undecided);
    if !undecided.is_empty() {
        jaeger.span_keys.compact_sort();
    }
    for Undecided { record, trace_id, parents } in undecided {
        let exists = |&&id: &&SpanId| jaeger.span_keys.binary_search(&span_key(trace_id, id)).is_ok();
        let (Some(&first), Some(&found)) = (parents.first(), parents.iter().find(exists)) else { continue };
        if found != first {
            builder.set_parent(record, found);
            let mut late = SpanRecord::default();
            let link = late.add_link();
            (link.trace_id, link.span_id, link.kind) = (trace_id, first, LinkKind::ExtraParent);
            builder.add_links(record, &late);
        }
    }
    jaeger.span_keys.clear();
}

/// Reads `processes: {p1: {serviceName, tags}}`.
pub(super) fn processes(c: &mut Cursor<'_>, ctx: &mut Context) -> Step<()> {
    if !c.object_or_skip()? {
        return Ok(());
    }
    while let Some(id) = c.key()? {
        let Context { jaeger, builder, .. } = &mut *ctx;
        process(c, &mut builder.strings, &mut jaeger.process, Flavor::Api)?;
        jaeger.explain(builder, &id);
    }
    Ok(())
}

/// Reads `processMap: [{processId, process}]`, as the storage model has it.
pub(super) fn process_map(c: &mut Cursor<'_>, ctx: &mut Context) -> Step<()> {
    if !c.array_or_skip()? {
        return Ok(());
    }
    while c.item()? {
        if !c.object_or_skip()? {
            continue;
        }
        let mut id = String::new();
        while let Some(key) = c.key()? {
            let Context { jaeger, builder, .. } = &mut *ctx;
            match key.as_ref() {
                "processId" | "process_id" | "processID" => set(&mut id, c)?,
                "process" => process(c, &mut builder.strings, &mut jaeger.process, Flavor::Model)?,
                _ => c.skip()?,
            }
        }
        let Context { jaeger, builder, .. } = &mut *ctx;
        jaeger.explain(builder, &id);
    }
    Ok(())
}

/// Reads a process into `record`, which is cleared first.
pub(super) fn process(
    c: &mut Cursor<'_>,
    strings: &mut Strings,
    record: &mut ResourceRecord,
    flavor: Flavor,
) -> Step<()> {
    record.service.clear();
    record.attributes.clear();
    if !c.object_or_skip()? {
        return Ok(());
    }
    while let Some(key) = c.key()? {
        match key.as_ref() {
            "serviceName" | "service_name" => set(&mut record.service, c)?,
            "tags" => jaeger_tags::list(c, strings, &mut record.attributes, flavor, |_, _| {})?,
            "tag" => jaeger_tags::object(c, strings, &mut record.attributes, |_, _| {})?,
            _ => c.skip()?,
        }
    }
    Ok(())
}

/// Reads a process that stands in its span.
pub(super) fn inline_process(c: &mut Cursor<'_>, ctx: &mut Context, flavor: Flavor) -> Step<()> {
    let mut again = c.clone();
    let raw = c.raw()?;
    ctx.record.resource = ctx.inline.resource(&mut ctx.builder, raw.as_bytes(), |strings| {
        let mut record = ResourceRecord::default();
        // It was passed once, so it can be read.
        let _ = process(&mut again, strings, &mut record, flavor);
        record
    });
    Ok(())
}

/// Reads a span of the API.
pub(super) fn decode(c: &mut Cursor<'_>, ctx: &mut Context) -> Step<()> {
    ctx.saw(Format::JaegerJson);
    decode_as(c, ctx, Flavor::Api)
}

/// Reads a span of the API or of Elasticsearch.
pub(super) fn decode_as(c: &mut Cursor<'_>, ctx: &mut Context, flavor: Flavor) -> Step<()> {
    begin(ctx);
    let mut parent = String::new();
    let mut duration = None;
    c.begin_object()?;
    while let Some(key) = c.key()? {
        match key.as_ref() {
            "traceID" => ids::set_trace_id(ctx, &c.text()?),
            "spanID" => ids::set_span_id(ctx, &c.text()?),
            "parentSpanID" => set(&mut parent, c)?,
            "operationName" => set(&mut ctx.record.name, c)?,
            "flags" => ctx.record.trace_flags = c.u32()?,
            "references" => references(c, ctx)?,
            "startTime" => ctx.record.start = c.number()?.scaled(3).unwrap_or(0),
            "duration" => duration = c.number()?.scaled(3),
            "tags" => tags(c, ctx, flavor)?,
            "tag" => {
                let Context { record, builder, jaeger, .. } = &mut *ctx;
                let (attributes, mut meaning) = jaeger_tags::split(record, jaeger);
                jaeger_tags::object(c, &mut builder.strings, attributes, |k, v| meaning.note(k, v))?;
            }
            "logs" => logs(c, ctx, flavor)?,
            "processID" => {
                let id = c.text()?;
                if !id.is_empty() {
                    ctx.record.resource = ctx.jaeger.process(&mut ctx.builder, &id);
                }
            }
            "process" if c.kind()? == Kind::Object => inline_process(c, ctx, flavor)?,
            "warnings" => warnings(c, ctx)?,
            _ => c.skip()?,
        }
    }
    if let Some(duration) = duration {
        ctx.record.end = ctx.record.start.saturating_add(duration);
    }
    finish(ctx, &parent);
    Ok(())
}

/// Forgets what is left of a span that was cut off.
pub(super) fn begin(ctx: &mut Context) {
    ctx.jaeger.references.clear();
    ctx.jaeger.scope.0.clear();
    ctx.jaeger.scope.1.clear();
}

/// Reads the tags of the span.
pub(super) fn tags(c: &mut Cursor<'_>, ctx: &mut Context, flavor: Flavor) -> Step<()> {
    let Context { record, builder, jaeger, .. } = &mut *ctx;
    let (attributes, mut meaning) = jaeger_tags::split(record, jaeger);
    jaeger_tags::list(c, &mut builder.strings, attributes, flavor, |k, v| meaning.note(k, v))
}

/// Resolves parent, links and scope, and pushes the span.
pub(super) fn finish(ctx: &mut Context, parent: &str) {
    if ctx.record.trace_id.is_none() && !ctx.jaeger.trace_id.is_empty() {
        let trace_id = std::mem::take(&mut ctx.jaeger.trace_id);
        ids::set_trace_id(ctx, &trace_id);
        ctx.jaeger.trace_id = trace_id;
    }
    let references = std::mem::take(&mut ctx.jaeger.references);
    let own = ctx.record.trace_id;
    let is_here = |r: &Reference| (r.trace_id == own || r.trace_id.is_none()) && !r.span_id.is_none();
    let chosen = references
        .iter()
        .position(|r| is_here(r) && !r.follows)
        .or_else(|| references.iter().position(is_here));
    match chosen.and_then(|at| references.get(at)) {
        Some(reference) => {
            ctx.record.parent_id = reference.span_id;
            ctx.record.parent_id_text.push_str(&reference.text);
            if reference.follows {
                ctx.record.flags.set(Flags::FOLLOWS_FROM);
            }
        }
        None => ids::set_parent_id(ctx, parent),
    }
    let follows = ctx.record.flags.has(Flags::FOLLOWS_FROM);
    let parents = || references.iter().filter(|r| is_here(r) && r.follows == follows).map(|r| r.span_id);
    let parents: Vec<SpanId> = if parents().nth(1).is_some() { parents().collect() } else { Vec::new() };
    ctx.jaeger.span_keys.push(span_key(own, ctx.record.span_id));
    for (at, reference) in references.iter().enumerate() {
        if Some(at) == chosen || reference.span_id.is_none() {
            continue;
        }
        let here = is_here(reference);
        let link = ctx.record.add_link();
        link.trace_id = if here { own } else { reference.trace_id };
        link.span_id = reference.span_id;
        link.kind = match (here, reference.follows) {
            (false, _) => LinkKind::Link,
            (true, true) => LinkKind::FollowsFrom,
            (true, false) => LinkKind::ExtraParent,
        };
    }
    ctx.jaeger.references = references;
    scope(ctx);
    if let Some(record) = ctx.push_record()
        && !parents.is_empty()
    {
        ctx.jaeger.undecided.push(Undecided { record, trace_id: own, parents });
    }
}

fn scope(ctx: &mut Context) {
    let (name, version) = &ctx.jaeger.scope;
    if name.is_empty() && version.is_empty() {
        return;
    }
    let key = format!("{name}\0{version}");
    let scope: ScopeIdx = ctx.inline.scope(&mut ctx.builder, key.as_bytes(), |_| ScopeRecord {
        name: name.clone(),
        version: version.clone(),
        ..ScopeRecord::default()
    });
    ctx.record.scope = scope;
}

fn references(c: &mut Cursor<'_>, ctx: &mut Context) -> Step<()> {
    ctx.jaeger.references.clear();
    if !c.array_or_skip()? {
        return Ok(());
    }
    while c.item()? {
        if !c.object_or_skip()? {
            continue;
        }
        let (mut follows, mut trace_id, mut span_id) = (false, "".into(), "".into());
        while let Some(key) = c.key()? {
            match key.as_ref() {
                "refType" | "ref_type" => follows = is_follows(&c.text()?),
                "traceID" | "traceId" | "trace_id" => trace_id = c.text()?,
                "spanID" | "spanId" | "span_id" => span_id = c.text()?,
                _ => c.skip()?,
            }
        }
        ctx.jaeger.refer(follows, &trace_id, &span_id);
    }
    Ok(())
}

/// References of the storage model have the same shape.
pub(super) fn model_references(c: &mut Cursor<'_>, ctx: &mut Context) -> Step<()> {
    references(c, ctx)
}

fn is_follows(text: &str) -> bool {
    text == "1" || text.eq_ignore_ascii_case("FOLLOWS_FROM") || text.eq_ignore_ascii_case("followsFrom")
}

fn logs(c: &mut Cursor<'_>, ctx: &mut Context, flavor: Flavor) -> Step<()> {
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
                "timestamp" => event.time = c.number()?.scaled(3).unwrap_or(0),
                "fields" => jaeger_tags::fields(c, &mut ctx.builder.strings, event, flavor)?,
                _ => c.skip()?,
            }
        }
        jaeger_tags::name_event(event, &ctx.builder.strings);
    }
    Ok(())
}

/// Warnings that the backend attached.
pub(super) fn warnings(c: &mut Cursor<'_>, ctx: &mut Context) -> Step<()> {
    ctx.record.source_warnings.clear();
    if !c.array_or_skip()? {
        return Ok(());
    }
    while c.item()? {
        let text = c.text()?;
        if !text.is_empty() {
            ctx.record.source_warnings.push(text.into_owned());
        }
    }
    Ok(())
}
