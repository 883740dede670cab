//! What an object is, by its keys: one table for everything that is one value, one for what holds others.

use super::context::Context;
use super::json::{Cursor, Kind, Step, Text};
use super::refusals::{REFUSALS, Refusal};
use super::{
    chrome, go_stdout, grafana_frame, jaeger, jaeger_es, jaeger_model, js_console, otlp_json, python_console,
    zipkin, zipkin_v1,
};

/// Whether an object with these keys is of one kind.
pub(super) type Fits = fn(&Keys<'_>) -> bool;

/// Reads one object and pushes what it holds.
pub(super) type Decode = fn(&mut Cursor<'_>, &mut Context) -> Step<()>;

/// The keys of an object with the text of their values.
#[derive(Debug, Default)]
pub(super) struct Keys<'a> {
    entries: Vec<(Text<'a>, Kind, &'a str)>,
}

impl<'a> Keys<'a> {
    /// Whether `key` is there.
    pub(super) fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|(k, ..)| k == key)
    }

    /// Whether one of `keys` is there.
    pub(super) fn has_any(&self, keys: &[&str]) -> bool {
        keys.iter().any(|key| self.has(key))
    }

    /// Whether all of `keys` are there.
    pub(super) fn has_all(&self, keys: &[&str]) -> bool {
        keys.iter().all(|key| self.has(key))
    }

    /// The kind of the value of `key`.
    pub(super) fn kind(&self, key: &str) -> Option<Kind> {
        self.entries.iter().find(|(k, ..)| k == key).map(|&(_, kind, _)| kind)
    }

    /// The value of `key` as it is written.
    pub(super) fn raw(&self, key: &str) -> &'a str {
        self.entries.iter().find(|(k, ..)| k == key).map_or("", |&(_, _, raw)| raw)
    }

    /// The value of `key` as text.
    pub(super) fn text(&self, key: &str) -> String {
        Cursor::new(self.raw(key), true).text().map(Text::into_owned).unwrap_or_default()
    }

    /// The first `n` keys, for messages.
    pub(super) fn first(&self, n: usize) -> String {
        let names: Vec<&str> = self.entries.iter().take(n).map(|(key, ..)| key.as_ref()).collect();
        names.join(", ")
    }

    /// Whether there is no key.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether it would hold spans if it were not empty: `{"data": null}`.
    pub(super) fn is_empty_container(&self) -> bool {
        self.entries.iter().any(|(key, ..)| inside(key).is_some())
    }

    fn is_text(&self, key: &str) -> bool {
        self.kind(key) == Some(Kind::String)
    }
}

/// Objects that are one span, or one event of which spans are made: how to know them, how to read them. The
/// first that fits counts, so the particular stand before the general.
pub(super) const RECORDS: &[(Fits, Decode)] = &[
    (|k| k.has("ph") && k.has_any(&["ts", "pid", "name"]), chrome::decode),
    (
        |k| {
            k.has_any(&["traceId", "trace_id"])
                && k.has_any(&["spanId", "span_id"])
                && k.has_any(&["startTimeUnixNano", "start_time_unix_nano"])
        },
        otlp_json::decode,
    ),
    (
        |k| k.has_all(&["operationName", "spanID"]) && k.kind("process") == Some(Kind::Object),
        jaeger_es::decode,
    ),
    (|k| k.has("spanID") && k.has_any(&["operationName", "processID", "traceID"]), jaeger::decode),
    (
        |k| {
            k.has_any(&["operationName", "operation_name"])
                && (k.is_text("traceId") || k.is_text("trace_id"))
                && k.has_any(&["spanId", "span_id"])
        },
        jaeger_model::decode,
    ),
    (|k| k.kind("context") == Some(Kind::Object) && k.has("start_time"), python_console::decode),
    (|k| k.has("SpanContext") && k.has_any(&["SpanKind", "StartTime", "Name"]), go_stdout::decode),
    (
        |k| {
            k.has_all(&["traceId", "id", "kind"]) && k.kind("kind") == Some(Kind::Number)
                || k.has_all(&["traceId", "id"]) && k.has_any(&["parentSpanContext", "instrumentationScope"])
        },
        js_console::decode,
    ),
    (
        |k| {
            k.is_text("traceId")
                && k.is_text("id")
                && (k.has("binaryAnnotations") || k.raw("annotations").contains("\"endpoint\""))
        },
        zipkin_v1::decode,
    ),
    (|k| k.is_text("traceId") && k.is_text("id"), zipkin::decode),
    (
        |k| {
            (k.has_all(&["schema", "data"]) && k.raw("schema").contains("\"fields\""))
                || k.kind("fields") == Some(Kind::Array) && k.raw("fields").contains("\"values\"")
        },
        |c, ctx| grafana_frame::decode(c, ctx).map(|_| ()),
    ),
];

/// What stands behind a key that holds spans or leads to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Inside {
    /// `resourceSpans: […]`.
    ResourceSpans,
    /// `batches: […]`: as above, in Tempo's first version.
    Batches,
    /// `services: […]`: as above, in Tempo's answer for language models.
    Services,
    /// `scopeSpans: […]`: the object itself is one of `resourceSpans`.
    ScopeSpans,
    /// `traceEvents: […]`.
    ChromeEvents,
    /// An object or list to be looked into.
    Any,
    /// Telemetry of another kind, to be passed over: what it is.
    Other(&'static str),
}

/// What `key` leads to; `None` for a key without meaning here.
pub(super) fn inside(key: &str) -> Option<Inside> {
    Some(match key {
        "resourceSpans" | "resource_spans" => Inside::ResourceSpans,
        "batches" => Inside::Batches,
        "services" => Inside::Services,
        "scopeSpans" | "scope_spans" | "instrumentationLibrarySpans" | "instrumentation_library_spans" => {
            Inside::ScopeSpans
        }
        "traceEvents" => Inside::ChromeEvents,
        "data"
        | "result"
        | "results"
        | "trace"
        | "traces"
        | "spans"
        | "hits"
        | "_source"
        | "responses"
        | "frames"
        | "Traces"
        | "batchWriteSpansRequest" => Inside::Any,
        "resourceMetrics" | "resource_metrics" => Inside::Other("OTLP metrics"),
        "resourceLogs" | "resource_logs" => Inside::Other("OTLP logs"),
        "resourceProfiles" | "resource_profiles" => Inside::Other("OTLP profiles"),
        _ => return None,
    })
}

/// What an object is.
pub(super) enum Found<'a> {
    /// To be entered and walked key by key. Whether it is one of `resourceSpans` itself.
    Container { is_resource_spans: bool },
    /// To be read as a whole.
    Record(Decode),
    /// Known and not supported.
    Refused(&'static Refusal),
    /// Nothing known; its keys say more.
    Unknown(Keys<'a>),
}

/// Objects with more text than this before anything telling are walked key by key and not kept as a whole.
const LOOK: usize = 32 << 20;

/// Looks at the object that comes next, without taking it.
pub(super) fn look<'a>(c: &Cursor<'a>) -> Step<Found<'a>> {
    let mut c = c.clone();
    let start = c.offset();
    let mut keys = Keys::default();
    c.begin_object()?;
    while let Some(key) = c.key()? {
        let kind = c.kind()?;
        if leads_on(&key, kind, &c, &keys)? {
            let is_resource_spans = inside(&key) == Some(Inside::ScopeSpans);
            return Ok(Found::Container { is_resource_spans });
        }
        let raw = match c.raw() {
            Err(super::json::Stop::NeedMore) if c.remaining() > LOOK => {
                return Ok(Found::Container { is_resource_spans: false });
            }
            raw => raw?,
        };
        if keys.entries.len() < 64 {
            keys.entries.push((key, kind, raw));
        }
        if c.offset() - start > LOOK {
            return Ok(Found::Container { is_resource_spans: false });
        }
    }
    if let Some((_, decode)) = RECORDS.iter().find(|(fits, _)| fits(&keys)) {
        return Ok(Found::Record(*decode));
    }
    if let Some(refusal) = REFUSALS.iter().find(|refusal| (refusal.fits)(&keys)) {
        return Ok(Found::Refused(refusal));
    }
    Ok(Found::Unknown(keys))
}

/// Whether the value of `key`, at which `c` stands, makes its object a container.
fn leads_on(key: &str, kind: Kind, c: &Cursor<'_>, before: &Keys<'_>) -> Step<bool> {
    let Some(inside) = inside(key) else { return Ok(false) };
    Ok(match (inside, kind) {
        (Inside::Services, Kind::Array) => before.has("traceId"),
        // The data of a frame are its columns; the spans of a transaction belong to it.
        (Inside::Any, Kind::Array) => !(before.has("schema") || key == "spans" && before.has("contexts")),
        (Inside::Any, Kind::Object) if matches!(key, "results" | "_source" | "batchWriteSpansRequest") => {
            true
        }
        (Inside::Any, Kind::Object) => {
            // Elastic documents have `trace: {id}`, frames `data: {values}`: look one key further.
            let mut c = c.clone();
            c.begin_object()?;
            let Some(first) = c.key()? else { return Ok(true) };
            super::recognise::inside(&first).is_some()
                || matches!(first.as_ref(), "traceID" | "processes" | "total" | "traceId")
        }
        (_, Kind::Array | Kind::Object) => true,
        _ => false,
    })
}
