//! Walks what holds spans: a stack of open objects and lists, span by span, so that a cut costs one span.
//!
//! A step takes one key with its value, one item, or one closing brace. It either succeeds as a whole or asks
//! for more text and is done again; the stack changes only when it succeeds.

mod otlp;

use std::borrow::Cow;

use super::context::Context;
use super::json::{Cursor, Kind, Step, Stop};
use super::json_stream::JsonStage;
use super::recognise::{Decode, Found, Inside, Keys, inside, look};
use super::{Format, ImportError, chrome, ids, jaeger, otlp_json, refusals};
use crate::model::ids::TraceId;
use crate::model::index::{ResourceIdx, ScopeIdx};
use crate::model::record::{ResourceRecord, ScopeRecord};
use crate::model::warning::WarningCode;

/// A value with more text than this is passed over piece by piece when nothing in it is wanted.
const PIECE: usize = 64 << 10;
/// Containers within containers.
const MAX_FRAMES: usize = 512;
/// JSON in strings of JSON.
const MAX_LEVEL: u8 = 2;

/// What is open.
#[derive(Debug)]
enum Frame {
    List {
        items: Items,
        guess: Option<Guess>,
    },
    Object(Object),
    ResourceSpans {
        resource: ResourceIdx,
        spans: SpansKey,
    },
    ScopeSpans {
        resource: ResourceIdx,
        scope: ScopeIdx,
    },
    /// Something that holds nothing wanted.
    Pass {
        is_object: bool,
    },
}

/// What a list holds.
#[derive(Clone, Copy, Debug)]
enum Items {
    Any,
    ResourceSpans,
    ScopeSpans(ResourceIdx),
    Spans(ResourceIdx, ScopeIdx),
    Chrome,
}

/// An object of no particular format.
#[derive(Debug)]
struct Object {
    /// Format of the OTLP in it.
    format: Format,
    /// Every value in it may be or hold spans, whatever its key.
    every: bool,
    /// It is a trace of Jaeger: processes end with it.
    is_trace: bool,
    status: String,
    message: String,
    error: Option<String>,
}

/// Under which key the spans of a resource were found: transitional writers wrote them twice.
#[derive(Debug, Default)]
struct SpansKey {
    key: String,
    records_before: u64,
}

/// How the last record of a list was read. Records that begin with the same key are of the same kind.
#[derive(Debug)]
struct Guess {
    first: String,
    decode: Decode,
}

/// A warning to be placed by the stage, which knows lines.
#[derive(Debug)]
pub(super) struct Note {
    pub(super) code: WarningCode,
    pub(super) at: usize,
    pub(super) text: String,
}

/// The open containers and what was found in them.
#[derive(Debug, Default)]
pub(super) struct Walker {
    frames: Vec<Frame>,
    guess: Option<Guess>,
    resource: ResourceRecord,
    service: String,
    scope: ScopeRecord,
    /// The trace of the last span, for what is said of it behind it.
    trace_id: TraceId,
    /// Reader of the lines that a container runtime wrapped.
    lines: Option<Box<JsonStage>>,
    /// How many strings this text was wrapped in.
    level: u8,
    /// Values that were read.
    pub(super) n_values: u64,
    pub(super) notes: Vec<Note>,
    /// The most telling reason for an empty file.
    verdict: Option<ImportError>,
}

impl Walker {
    pub(super) fn new(level: u8) -> Self {
        Self { level, ..Self::default() }
    }

    /// Containers that are open.
    pub(super) fn depth(&self) -> usize {
        self.frames.len()
    }

    /// Whether the innermost container is an object, so that a key comes next.
    pub(super) fn in_object(&self) -> bool {
        match self.frames.last() {
            None | Some(Frame::List { .. } | Frame::Pass { is_object: false }) => false,
            Some(_) => true,
        }
    }

    /// Whether a span would come next.
    pub(super) fn in_spans(&self) -> bool {
        matches!(self.frames.last(), Some(Frame::List { items: Items::Spans(..), .. }))
    }

    /// Whether the end of the text is an end here: writers of Chrome traces leave the bracket open.
    pub(super) fn may_end(&self) -> bool {
        match self.frames.last() {
            None | Some(Frame::List { items: Items::Chrome, .. }) => true,
            Some(Frame::List { guess: Some(guess), .. }) => guess.first == "ph" || self.frames.len() == 1,
            _ => false,
        }
    }

    /// Keeps the most telling of the reasons for an empty file.
    pub(super) fn blame(&mut self, error: ImportError) {
        let rank = |error: &ImportError| match error {
            ImportError::ErrorAnswer { .. } => 4,
            ImportError::TooLarge { .. } => 3,
            ImportError::NotSupported { .. } => 2,
            ImportError::Malformed { .. } => 1,
            ImportError::UnknownFormat { .. } | ImportError::Empty { .. } | ImportError::Blank => 0,
        };
        if self.verdict.as_ref().is_none_or(|known| rank(known) < rank(&error)) {
            self.verdict = Some(error);
        }
    }

    fn note(&mut self, code: WarningCode, at: usize, text: impl Into<String>) {
        self.notes.push(Note { code, at, text: text.into() });
    }

    /// Closes everything, since the text breaks off or cannot be followed.
    pub(super) fn abandon(&mut self, ctx: &mut Context) {
        while let Some(frame) = self.frames.pop() {
            self.close(frame, ctx, 0);
        }
    }

    /// Ends the file: what is left in the lines, and the reason if there was nothing.
    pub(super) fn finish(&mut self, ctx: &mut Context) {
        if let Some(mut lines) = self.lines.take() {
            super::Stage::finish(&mut *lines, ctx);
        }
        jaeger::end_trace(ctx);
        if self.level == 0 {
            chrome::finish(ctx);
        }
        if let Some(error) = self.verdict.take() {
            ctx.fail(error);
        } else if self.n_values > 0 && self.level == 0 {
            ctx.fail(ImportError::Empty { what: "the file".to_owned() });
        }
    }

    /// Does one step in the innermost container. There must be one.
    pub(super) fn step(&mut self, c: &mut Cursor<'_>, ctx: &mut Context, base: u64) -> Step<()> {
        match self.frames.last() {
            None => Ok(()),
            Some(&Frame::List { items, .. }) => {
                if c.item()? {
                    self.item(c, ctx, items, base)
                } else {
                    self.pop(ctx, c.offset());
                    Ok(())
                }
            }
            Some(Frame::Pass { is_object: false }) => {
                if c.item()? {
                    self.pass(c)
                } else {
                    self.pop(ctx, c.offset());
                    Ok(())
                }
            }
            Some(_) => {
                let Some(key) = c.key()? else {
                    self.pop(ctx, c.offset());
                    return Ok(());
                };
                match self.frames.last() {
                    Some(Frame::Object(_)) => self.member(&key, c, ctx, base),
                    Some(&Frame::ResourceSpans { resource, .. }) => {
                        self.resource_member(&key, resource, c, ctx)
                    }
                    Some(&Frame::ScopeSpans { resource, scope }) => {
                        self.scope_member(&key, resource, scope, c, ctx)
                    }
                    _ => self.pass(c),
                }
            }
        }
    }

    /// Reads a value of unknown kind: one that is or holds spans, or none of our business.
    pub(super) fn any(&mut self, c: &mut Cursor<'_>, ctx: &mut Context, base: u64) -> Step<()> {
        match c.kind()? {
            Kind::Object => self.object(c, ctx, base),
            Kind::Array => {
                self.list(c, Items::Any)?;
                self.n_values += 1;
                Ok(())
            }
            Kind::String if self.level < MAX_LEVEL => {
                let text = c.text()?;
                if text.trim_start().starts_with(['{', '[', '"']) {
                    self.n_values += 1;
                    let mut inner = JsonStage::nested(self.level + 1);
                    super::Stage::feed(&mut inner, ctx, text.as_bytes());
                    super::Stage::finish(&mut inner, ctx);
                }
                Ok(())
            }
            _ => c.skip(),
        }
    }

    fn item(&mut self, c: &mut Cursor<'_>, ctx: &mut Context, items: Items, base: u64) -> Step<()> {
        if matches!(items, Items::Any) {
            return self.any(c, ctx, base);
        }
        if c.kind()? != Kind::Object {
            return self.pass(c);
        }
        match items {
            Items::Spans(resource, scope) => {
                ctx.record.offset = base + c.offset() as u64;
                otlp_json::span(c, ctx, resource, scope)?;
                if ctx.record.trace_id.is_none() && !ctx.jaeger.trace_id.is_empty() {
                    let trace_id = std::mem::take(&mut ctx.jaeger.trace_id);
                    ids::set_trace_id(ctx, &trace_id);
                    ctx.jaeger.trace_id = trace_id;
                }
                self.trace_id = ctx.record.trace_id;
                ctx.push_record();
                Ok(())
            }
            Items::Chrome => {
                ctx.record.offset = base + c.offset() as u64;
                chrome::decode(c, ctx)
            }
            Items::ResourceSpans => {
                not_a_new_line(c)?;
                c.begin_object()?;
                self.open_resource_spans(ctx);
                Ok(())
            }
            Items::ScopeSpans(resource) => {
                not_a_new_line(c)?;
                c.begin_object()?;
                self.scope.name.clear();
                self.scope.version.clear();
                self.scope.attributes.clear();
                self.scope.schema_url.clear();
                self.scope.dropped_attributes = 0;
                let scope = ctx.builder.reserve_scope();
                self.push(Frame::ScopeSpans { resource, scope });
                Ok(())
            }
            Items::Any => Ok(()),
        }
    }

    fn object(&mut self, c: &mut Cursor<'_>, ctx: &mut Context, base: u64) -> Step<()> {
        ctx.record.offset = base + c.offset() as u64;
        let at = c.offset();
        let guess = match self.frames.last() {
            Some(Frame::List { guess, .. }) => guess.as_ref(),
            _ => self.guess.as_ref(),
        };
        if let Some(guess) = guess {
            let mut ahead = c.clone();
            ahead.begin_object()?;
            if ahead.key()?.is_some_and(|key| key == guess.first) {
                let decode = guess.decode;
                decode(c, ctx)?;
                self.n_values += 1;
                return Ok(());
            }
        }
        match look(c)? {
            Found::Record(decode) => {
                let mut ahead = c.clone();
                ahead.begin_object()?;
                let first = ahead.key()?.map(Cow::into_owned).unwrap_or_default();
                decode(c, ctx)?;
                let new = Some(Guess { first, decode });
                match self.frames.last_mut() {
                    Some(Frame::List { guess, .. }) => *guess = new,
                    _ => self.guess = new,
                }
            }
            Found::Container { is_resource_spans } => {
                c.begin_object()?;
                if is_resource_spans {
                    ctx.saw(Format::OtlpJson);
                    self.open_resource_spans(ctx);
                } else {
                    self.push(Frame::Object(Object::new(Format::OtlpJson)));
                }
            }
            Found::Refused(refusal) => {
                c.skip()?;
                self.note(WarningCode::NotTraces, at, refusal.what);
                self.blame(refusal.error());
            }
            Found::Unknown(keys) => {
                c.skip()?;
                self.unknown(&keys, at, ctx);
            }
        }
        self.n_values += 1;
        Ok(())
    }

    fn unknown(&mut self, keys: &Keys<'_>, at: usize, ctx: &mut Context) {
        const ACTIONS: &[&str] = &["index", "create", "update", "delete"];
        if keys.kind("log") == Some(Kind::String) && keys.has_any(&["stream", "time", "attrs"]) {
            if self.level < MAX_LEVEL {
                let level = self.level + 1;
                let lines = self.lines.get_or_insert_with(|| Box::new(JsonStage::nested(level)));
                super::Stage::feed(&mut **lines, ctx, keys.text("log").as_bytes());
            }
        } else if let Some(message) = refusals::error_answer(keys) {
            self.answered(at, message);
        } else if keys.is_empty() || keys.is_empty_container() || ACTIONS.contains(&keys.first(2).as_str()) {
            // Nothing is missing here.
        } else {
            let found = format!("a JSON object with the keys {}", ids::excerpt(&keys.first(8)));
            self.note(WarningCode::BrokenValue, at, format!("no span in {found}"));
            self.blame(ImportError::UnknownFormat { found });
        }
    }

    fn answered(&mut self, at: usize, message: String) {
        self.note(WarningCode::ErrorAnswer, at, message.clone());
        self.blame(ImportError::ErrorAnswer { message });
    }

    /// A key of an object of no particular format.
    fn member(&mut self, key: &str, c: &mut Cursor<'_>, ctx: &mut Context, base: u64) -> Step<()> {
        let Some(Frame::Object(object)) = self.frames.last_mut() else { return Ok(()) };
        let format = object.format;
        let kind = c.kind()?;
        match inside(key) {
            Some(Inside::ResourceSpans | Inside::Batches | Inside::Services)
                if matches!(kind, Kind::Array | Kind::Object) =>
            {
                let format = match inside(key) {
                    Some(Inside::Batches) if format == Format::OtlpJson => Format::TempoV1,
                    Some(Inside::Services) => Format::TempoV2,
                    _ => format,
                };
                if kind == Kind::Array {
                    self.list(c, Items::ResourceSpans)?;
                } else {
                    not_a_new_line(c)?;
                    c.begin_object()?;
                    self.open_resource_spans(ctx);
                }
                ctx.saw(format);
                Ok(())
            }
            Some(Inside::ScopeSpans) if kind == Kind::Array => {
                let resource = ctx.builder.reserve_resource();
                self.list(c, Items::ScopeSpans(resource))
            }
            Some(Inside::ChromeEvents) if kind == Kind::Array => {
                self.list(c, Items::Chrome)?;
                ctx.saw(Format::ChromeTrace);
                Ok(())
            }
            Some(Inside::Any) if kind == Kind::Array => {
                object.is_trace |= key == "spans";
                self.list(c, Items::Any)
            }
            Some(Inside::Any) if kind == Kind::Object && key == "_source" => self.object(c, ctx, base),
            Some(Inside::Any) if kind == Kind::Object => {
                c.begin_object()?;
                let format = match key {
                    "trace" => Format::TempoV2,
                    "result" => Format::JaegerApiV3,
                    _ => Format::OtlpJson,
                };
                let every = matches!(key, "results" | "spans");
                self.push(Frame::Object(Object { every, ..Object::new(format) }));
                Ok(())
            }
            Some(Inside::Any) if kind == Kind::String => self.any(c, ctx, base),
            Some(Inside::Other(what)) => {
                let at = c.offset();
                self.pass(c)?;
                self.note(WarningCode::NotTraces, at, what);
                self.blame(ImportError::NotSupported {
                    what: format!("these are {what}, not traces"),
                    advice: "export the traces of the same system".to_owned(),
                });
                Ok(())
            }
            _ => self.plain_member(key, kind, c, ctx, base),
        }
    }

    fn plain_member(
        &mut self,
        key: &str,
        kind: Kind,
        c: &mut Cursor<'_>,
        ctx: &mut Context,
        base: u64,
    ) -> Step<()> {
        let Some(Frame::Object(object)) = self.frames.last_mut() else { return Ok(()) };
        match (key, kind) {
            ("processes", Kind::Object) => {
                object.is_trace = true;
                jaeger::processes(c, ctx)
            }
            ("processMap" | "process_map", Kind::Array) => {
                object.is_trace = true;
                jaeger::process_map(c, ctx)
            }
            ("traceID" | "traceId" | "trace_id", Kind::String) => {
                let text = c.text()?;
                object.is_trace = true;
                ctx.jaeger.trace_id.clear();
                ctx.jaeger.trace_id.push_str(&text);
                Ok(())
            }
            ("status", Kind::String) => otlp_json::set(&mut object.status, c),
            ("message", Kind::String) => otlp_json::set(&mut object.message, c),
            ("errors" | "error", Kind::Array | Kind::Object | Kind::String) => {
                let raw = c.raw()?;
                if !matches!(raw, "[]" | "{}" | "\"\"") {
                    object.error = Some(refusals::message(raw));
                }
                Ok(())
            }
            ("warnings", Kind::Array) => {
                let at = c.offset();
                let mut texts = Vec::new();
                c.begin_array()?;
                while c.item()? {
                    texts.push(c.text()?.into_owned());
                }
                for text in texts {
                    self.note(WarningCode::SourceWarning, at, text);
                }
                Ok(())
            }
            (_, Kind::Object | Kind::Array) if object.every => {
                if kind == Kind::Object && look(c).is_ok_and(|found| matches!(found, Found::Unknown(_))) {
                    return self.pass(c);
                }
                self.any(c, ctx, base)
            }
            _ => self.pass(c),
        }
    }

    /// Passes over a value; a long one piece by piece.
    fn pass(&mut self, c: &mut Cursor<'_>) -> Step<()> {
        let mut ahead = c.clone();
        match ahead.skip() {
            Err(Stop::NeedMore) if c.remaining() > PIECE => {
                let is_object = match c.kind()? {
                    Kind::Object => true,
                    Kind::Array => false,
                    _ => return Err(Stop::NeedMore),
                };
                if is_object {
                    c.begin_object()?;
                } else {
                    c.begin_array()?;
                }
                self.push(Frame::Pass { is_object });
                Ok(())
            }
            result => {
                *c = ahead;
                result
            }
        }
    }

    fn list(&mut self, c: &mut Cursor<'_>, items: Items) -> Step<()> {
        if self.frames.len() >= MAX_FRAMES {
            return c.broken("nested too deeply");
        }
        c.begin_array()?;
        self.push(Frame::List { items, guess: None });
        Ok(())
    }

    fn push(&mut self, frame: Frame) {
        self.frames.push(frame);
    }

    fn pop(&mut self, ctx: &mut Context, at: usize) {
        if let Some(frame) = self.frames.pop() {
            self.close(frame, ctx, at);
        }
    }

    fn close(&mut self, frame: Frame, ctx: &mut Context, at: usize) {
        let Frame::Object(object) = frame else { return };
        if object.is_trace {
            jaeger::end_trace(ctx);
        }
        if object.status.eq_ignore_ascii_case("PARTIAL") && !self.trace_id.is_none() {
            ctx.builder.mark_partial(self.trace_id, &object.message);
        }
        if let Some(message) = object.error {
            self.answered(at, message);
        }
    }
}

/// Stops at an object that holds `resourceSpans` where a part of those should be: the line before was cut
/// off, and this is the next one.
fn not_a_new_line(c: &Cursor<'_>) -> Step<()> {
    let mut ahead = c.clone();
    ahead.begin_object()?;
    match ahead.key()? {
        Some(key) if matches!(key.as_ref(), "resourceSpans" | "resource_spans") => {
            c.broken("expected the rest of the line before")
        }
        _ => Ok(()),
    }
}

impl Object {
    fn new(format: Format) -> Self {
        Self {
            format,
            every: false,
            is_trace: false,
            status: String::new(),
            message: String::new(),
            error: None,
        }
    }
}
