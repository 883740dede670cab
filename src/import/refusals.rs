//! JSON that is known and cannot be read: what it is, and what to export instead.

use super::ImportError;
use super::json::Kind;
use super::recognise::{Fits, Keys};

/// A kind of object that holds no spans, or spans in a form that is not supported.
pub(super) struct Refusal {
    /// How to know it.
    pub(super) fits: Fits,
    /// Completes "this is …".
    pub(super) what: &'static str,
    pub(super) advice: &'static str,
}

impl Refusal {
    /// The error of a file that holds nothing else.
    pub(super) fn error(&self) -> ImportError {
        ImportError::NotSupported { what: format!("this is {}", self.what), advice: self.advice.to_owned() }
    }
}

const OTLP: &str = "export the spans as OTLP, for instance by sending them through an OpenTelemetry Collector with \
                    a file exporter";

/// The first that fits counts.
pub(super) const REFUSALS: &[Refusal] = &[
    Refusal {
        fits: |k| k.has_any(&["rootServiceName", "rootTraceName"]) && k.has_any(&["traceID", "traceId"]),
        what: "a list of search results of Tempo, without spans",
        advice: "download a trace itself, from /api/v2/traces/<id>",
    },
    Refusal {
        fits: |k| k.has_all(&["parent", "child", "callCount"]),
        what: "a list of dependencies between services",
        advice: "download a trace itself, in Jaeger from /api/traces/<id>",
    },
    Refusal {
        fits: |k| k.has_all(&["nodes", "samples"]) && k.has_any(&["timeDeltas", "startTime"]),
        what: "a CPU profile",
        advice: "open it in the browser's developer tools or a profiler; here, open traces",
    },
    Refusal {
        fits: |k| k.has_all(&["$schema", "profiles", "shared"]),
        what: "a profile of speedscope",
        advice: "open it in speedscope; here, open traces",
    },
    Refusal {
        fits: |k| {
            k.has_all(&["span_id", "trace_id", "start", "duration"]) && k.has_any(&["resource", "meta"])
        },
        what: "a trace of Datadog",
        advice: OTLP,
    },
    Refusal {
        fits: |k| {
            k.has("Segments")
                || k.has_all(&["trace_id", "start_time"]) && k.text("trace_id").starts_with("1-")
                || k.has_all(&["Id", "Document"])
        },
        what: "a trace of AWS X-Ray",
        advice: OTLP,
    },
    Refusal {
        fits: |k| {
            k.has("spanId") && k.text("name").starts_with("projects/")
                || k.has_all(&["spanId", "startTime", "endTime"]) && k.has_any(&["labels", "name"])
        },
        what: "a trace of Google Cloud Trace",
        advice: OTLP,
    },
    Refusal {
        fits: |k| {
            k.kind("transaction") == Some(Kind::Object)
                || k.kind("metadata") == Some(Kind::Object) && k.raw("metadata").contains("\"agent\"")
                || k.kind("span") == Some(Kind::Object) && k.raw("span").contains("\"duration\"")
                || k.has_all(&["processor", "trace", "timestamp"])
                || k.kind("metricset") == Some(Kind::Object)
        },
        what: "a trace of Elastic APM",
        advice: OTLP,
    },
    Refusal {
        fits: |k| {
            k.has("sent_at") && k.has_any(&["dsn", "event_id", "sdk"])
                || k.has("contexts") && k.has_any(&["spans", "event_id", "platform"])
                || k.has_all(&["span_id", "op", "start_timestamp"])
        },
        what: "a Sentry envelope",
        advice: OTLP,
    },
    Refusal {
        fits: |k| k.has("segmentId") && k.has_any(&["endpointName", "serviceCode", "parentSegmentId"]),
        what: "a trace of SkyWalking",
        advice: OTLP,
    },
    Refusal {
        fits: |k| k.has_all(&["traceId", "id", "startTime"]) && k.kind("id") == Some(Kind::Number),
        what: "a build trace of Next.js",
        advice: "turn on OpenTelemetry in Next.js (instrumentation.ts) and export the spans as OTLP",
    },
    Refusal {
        fits: |k| {
            k.has_any(&["trace_id", "traceid", "TraceId", "trace.trace_id"])
                && k.has_any(&["span_id", "spanid", "SpanId", "trace.span_id"])
        },
        what: "a table of spans as JSON rows",
        advice: OTLP,
    },
];

/// The message of a server's error answer, if these are its keys.
pub(super) fn error_answer(keys: &Keys<'_>) -> Option<String> {
    let has_error = ["errors", "error"].into_iter().find(|key| {
        !matches!(keys.kind(key), None | Some(Kind::Null | Kind::Bool | Kind::Number))
            && keys.raw(key) != "[]"
    });
    if let Some(key) = has_error {
        return Some(message(keys.raw(key)));
    }
    let is_answer = keys.kind("message") == Some(Kind::String)
        && (keys.has_any(&["code", "status", "statusCode", "details", "traceID"])
            || keys.first(2) == "message");
    is_answer.then(|| keys.text("message"))
}

/// The words in an error: a text, or what stands under `message` and its like in an object or a list's first.
pub(super) fn message(raw: &str) -> String {
    use super::json::Cursor;
    let mut c = Cursor::new(raw, true);
    let found = (|| {
        while c.kind()? == Kind::Array {
            c.begin_array()?;
            if !c.item()? {
                return Ok(None);
            }
        }
        if c.kind()? != Kind::Object {
            return c.text().map(|text| Some(text.into_owned()));
        }
        c.begin_object()?;
        while let Some(key) = c.key()? {
            if matches!(key.as_ref(), "message" | "msg" | "reason" | "detail" | "error")
                && c.kind()? == Kind::String
            {
                return c.text().map(|text| Some(text.into_owned()));
            }
            c.skip()?;
        }
        Ok::<_, super::json::Stop>(None)
    })();
    match found {
        Ok(Some(text)) => text,
        _ => super::ids::excerpt(raw),
    }
}
