//! Whole traces as Jaeger's older paths answer a search, read as summaries.

use serde_json::Value;

use super::read::{count_of, items, json, list, number, text, trace_id};
use super::search::{Found, ServiceCount, TraceSummary};
use super::{Answer, Problem};

/// Reads the answer to [`super::jaeger::search`] of the older paths.
///
/// # Errors
/// When it is an error or another answer.
pub(super) fn read_traces(answer: &Answer<'_>) -> Result<Found, Problem> {
    let value = json(answer)?;
    let mut found = Found::default();
    for trace in list(&value, "data")? {
        match summary(trace) {
            Some(trace) => found.traces.push(trace),
            None => found.n_unreadable += 1,
        }
    }
    Ok(found)
}

fn summary(trace: &Value) -> Option<TraceSummary> {
    const NANOS_PER_MICRO: u64 = 1000;
    let spans = items(trace, "spans");
    let mut ids: Vec<&str> = spans.iter().map(|span| text(span, "spanID")).collect();
    ids.sort_unstable();
    let mut services: Vec<ServiceCount> = Vec::new();
    let (mut start, mut end) = (u64::MAX, 0);
    let (mut root, mut n_errors, mut n_orphans): (Option<&Value>, u32, u32) = (None, 0, 0);
    for span in spans {
        let from = number(span, "startTime");
        (start, end) = (start.min(from), end.max(from.saturating_add(number(span, "duration"))));
        let has_error = items(span, "tags").iter().any(is_error);
        n_errors += u32::from(has_error);
        let service = service_of(trace, span);
        let at = services.iter().position(|s| s.name == service).unwrap_or_else(|| {
            services.push(ServiceCount { name: service.to_owned(), ..ServiceCount::default() });
            services.len() - 1
        });
        if let Some(service) = services.get_mut(at) {
            service.n_spans += 1;
            service.n_errors += u32::from(has_error);
        }
        match parent_of(span) {
            Some(parent) if ids.binary_search(&parent).is_ok() => {}
            Some(_) => n_orphans += 1,
            None if root.is_none_or(|root| number(root, "startTime") > from) => root = Some(span),
            None => {}
        }
    }
    services.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    Some(TraceSummary {
        id: trace_id(text(trace, "traceID"))?,
        root_service: root.map(|root| service_of(trace, root).to_owned()).unwrap_or_default(),
        root_name: root.map(|root| text(root, "operationName").to_owned()).unwrap_or_default(),
        start: i64::try_from(if spans.is_empty() { 0 } else { start.saturating_mul(NANOS_PER_MICRO) })
            .unwrap_or(i64::MAX),
        duration: end.saturating_sub(start.min(end)).saturating_mul(NANOS_PER_MICRO),
        n_spans: Some(count_of(spans.len())),
        n_errors: Some(n_errors),
        n_orphans: Some(n_orphans),
        n_matched: None,
        services,
    })
}

/// The span above; links to other traces are no parents.
fn parent_of(span: &Value) -> Option<&str> {
    let of_trace = |reference: &&Value| text(reference, "traceID") == text(span, "traceID");
    let reference = items(span, "references").iter().filter(of_trace).map(|r| text(r, "spanID")).next();
    reference.or(Some(text(span, "parentSpanID"))).filter(|id| !id.is_empty())
}

fn service_of<'a>(trace: &'a Value, span: &'a Value) -> &'a str {
    let process = trace.get("processes").and_then(|p| p.get(text(span, "processID")));
    process.or_else(|| span.get("process")).map(|process| text(process, "serviceName")).unwrap_or_default()
}

fn is_error(tag: &Value) -> bool {
    let value = tag.get("value");
    match text(tag, "key") {
        "error" => value.is_some_and(|v| v == true || v == "true"),
        "otel.status_code" => value.is_some_and(|v| v == "ERROR"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_traces_are_summed_up() {
        let body = r#"{"data":[{"traceID":"ab","spans":[
            {"traceID":"ab","spanID":"2","operationName":"SELECT","startTime":1500,"duration":100,"processID":"p2",
             "references":[{"refType":"CHILD_OF","traceID":"ab","spanID":"1"}],"tags":[{"key":"error","value":true}]},
            {"traceID":"ab","spanID":"1","operationName":"GET /","startTime":1000,"duration":900,"processID":"p1",
             "references":[{"refType":"FOLLOWS_FROM","traceID":"cd","spanID":"9"}]},
            {"traceID":"ab","spanID":"3","operationName":"late","startTime":1800,"duration":500,"processID":"p1",
             "parentSpanID":"7"}],
            "processes":{"p1":{"serviceName":"web"},"p2":{"serviceName":"db"}}},{"traceID":""}],"errors":null}"#;
        let answer = Answer { status: 200, content_type: "", body: body.as_bytes() };
        let found = read_traces(&answer).unwrap();
        assert_eq!(found.n_unreadable, 1);
        let [trace] = found.traces.as_slice() else { panic!("one trace") };
        assert_eq!((trace.root_service.as_str(), trace.root_name.as_str()), ("web", "GET /"));
        assert_eq!((trace.start, trace.duration), (1_000_000, 1_300_000));
        assert_eq!((trace.n_spans, trace.n_errors, trace.n_orphans), (Some(3), Some(1), Some(1)));
        let services: Vec<_> =
            trace.services.iter().map(|s| (s.name.as_str(), s.n_spans, s.n_errors)).collect();
        assert_eq!(services, [("db", 1, 1), ("web", 2, 0)]);
    }
}
