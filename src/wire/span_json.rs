//! A span as OTLP JSON, for the clipboard: whatever reads OTLP, this program included, reads it again.

use serde_json::{Value, json};

use super::details::{Attribute, SpanDetails, ValueType};

/// The span with its resource and scope, as a document of its own.
pub fn span_json(d: &SpanDetails) -> String {
    let end = d.start.saturating_add(d.duration);
    let events: Vec<Value> = d
        .events
        .iter()
        .map(|e| {
            json!({ "timeUnixNano": e.time.to_string(), "name": e.name, "attributes": attributes(&e.attributes) })
        })
        .collect();
    let links: Vec<Value> = d
        .links
        .iter()
        .map(|l| {
            json!({ "traceId": l.trace_id, "spanId": l.span_id, "attributes": attributes(&l.attributes) })
        })
        .collect();
    let mut span = json!({
        "traceId": d.this.trace_id,
        "spanId": d.this.span_id,
        "parentSpanId": d.parent_id,
        "name": d.this.name,
        "kind": kind(&d.kind),
        "startTimeUnixNano": d.start.to_string(),
        "endTimeUnixNano": end.to_string(),
        "attributes": attributes(&d.attributes),
        "events": events,
        "links": links,
        "status": { "code": status(&d.status), "message": d.status_message },
    });
    if !d.trace_state.is_empty() {
        span["traceState"] = json!(d.trace_state);
    }
    let document = json!({
        "resourceSpans": [{
            "resource": { "attributes": attributes(&d.resource.attributes) },
            "scopeSpans": [{
                "scope": {
                    "name": d.scope.name,
                    "version": d.scope.version,
                    "attributes": attributes(&d.scope.attributes),
                },
                "spans": [span],
            }],
        }],
    });
    format!("{document:#}")
}

fn kind(word: &str) -> u8 {
    ["internal", "server", "client", "producer", "consumer"]
        .iter()
        .position(|k| *k == word)
        .map_or(0, |at| at as u8 + 1)
}

fn status(word: &str) -> u8 {
    match word {
        "ok" => 1,
        "error" => 2,
        _ => 0,
    }
}

fn attributes(list: &[Attribute]) -> Value {
    list.iter().map(|a| json!({ "key": a.key, "value": value(a) })).collect()
}

fn value(attribute: &Attribute) -> Value {
    let text = &attribute.text;
    match attribute.kind {
        ValueType::Null => json!({}),
        ValueType::Bool => json!({ "boolValue": text == "true" }),
        ValueType::Int => json!({ "intValue": text }),
        ValueType::Double => match text.parse::<f64>() {
            Ok(number) if number.is_finite() => json!({ "doubleValue": number }),
            _ => json!({ "doubleValue": text }),
        },
        ValueType::Bytes => json!({ "bytesValue": text }),
        // Numbers beyond 64 bits with sign, arrays and maps have no short form in OTLP: text keeps all digits.
        ValueType::String | ValueType::Uint | ValueType::Array | ValueType::Map => {
            json!({ "stringValue": text })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::{Importer, Options};

    #[test]
    fn what_is_copied_can_be_opened_again() {
        let attribute = |kind, text: &str| Attribute { key: "k".into(), kind, text: text.into() };
        let mut details = SpanDetails {
            kind: "client".into(),
            status: "error".into(),
            start: 1_772_368_496_000_000_000,
            duration: 5_000,
            attributes: vec![attribute(ValueType::Int, "-5"), attribute(ValueType::Map, "{\"a\":1}")],
            ..SpanDetails::default()
        };
        details.this.trace_id = "4bf92f3577b34da6a3ce929d0e0e4736".into();
        details.this.span_id = "00f067aa0ba902b7".into();
        details.this.name = "GET /\"quoted\"".into();
        let mut importer = Importer::new(Options::default());
        importer.begin_file("copied.json", None);
        importer.feed(span_json(&details).as_bytes());
        assert_eq!(importer.end_file().records, 1);
        let set = importer.finish().set;
        assert_eq!(set.list().n_errors, [1]);
        assert_eq!(set.list().duration, [5_000]);
        assert_eq!(set.list().root_names, ["GET /\"quoted\""]);
    }
}
