//! Jaeger's HTTP API: version 3, and the older paths of 1.x to 2.20.

use serde_json::Value;

use super::exchange::encoded;
use super::read::{self, count, items, json, list, number, text, trace_id};
use super::search::{Dependency, Found, Operation, SearchForm, ServiceCount, TraceSummary};
use super::{Answer, Problem, Query, go_duration};
use crate::base::calendar::rfc3339;
use crate::base::sort::CompactSort as _;

/// Which paths a Jaeger has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Api {
    /// With summaries: from 2.19.
    V3,
    /// `/api/traces` and its like: until 2.20.
    Legacy,
}

/// All services.
pub fn services(api: Api) -> Query {
    Query::json(match api {
        Api::V3 => "api/v3/services",
        Api::Legacy => "api/services",
    })
}

/// Reads the answer to [`services`], in order of name.
///
/// # Errors
/// When it is an error or another answer.
pub fn read_services(api: Api, answer: &Answer<'_>) -> Result<Vec<String>, Problem> {
    let value = json(answer)?;
    let mut names = read::texts(list(&value, if api == Api::V3 { "services" } else { "data" })?);
    names.compact_sort();
    Ok(names)
}

/// The operations of a service.
pub fn operations(api: Api, service: &str) -> Query {
    match api {
        Api::V3 => Query::json("api/v3/operations").with("service", service),
        Api::Legacy => Query::json("api/operations").with("service", service),
    }
}

/// Reads the answer to [`operations`], in order of name, each name once.
///
/// # Errors
/// When it is an error or another answer.
pub fn read_operations(api: Api, answer: &Answer<'_>) -> Result<Vec<Operation>, Problem> {
    let value = json(answer)?;
    let mut operations: Vec<Operation> = list(&value, if api == Api::V3 { "operations" } else { "data" })?
        .iter()
        .map(|entry| match entry.as_str() {
            // The oldest path has plain names.
            Some(name) => Operation { name: name.to_owned(), kind: String::new() },
            None => {
                Operation { name: text(entry, "name").to_owned(), kind: text(entry, "spanKind").to_owned() }
            }
        })
        .collect();
    operations.compact_sort();
    operations.dedup();
    Ok(operations)
}

/// A search. Version 3 answers with summaries, the older paths with whole traces.
pub fn search(api: Api, form: &SearchForm) -> Query {
    let duration = |nanos: Option<u64>| nanos.map(go_duration::print).unwrap_or_default();
    let attributes = if form.attributes.is_empty() {
        String::new()
    } else {
        let object: serde_json::Map<String, Value> =
            form.attributes.iter().map(|(key, value)| (key.clone(), Value::String(value.clone()))).collect();
        Value::Object(object).to_string()
    };
    let limit = form.limit.max(1).to_string();
    match api {
        Api::V3 => Query::json("api/v3/trace-summaries")
            .with_some("query.serviceName", &form.service)
            .with_some("query.operationName", &form.operation)
            .with("query.startTimeMin", &rfc3339(form.from))
            .with("query.startTimeMax", &rfc3339(form.to))
            .with_some("query.durationMin", &duration(form.min_duration))
            .with_some("query.durationMax", &duration(form.max_duration))
            .with_some("query.attributes", &attributes)
            .with("query.searchDepth", &limit),
        Api::Legacy => Query::json("api/traces")
            .with_some("service", &form.service)
            .with_some("operation", &form.operation)
            // Microseconds.
            .with("start", &(form.from / 1000).to_string())
            .with("end", &(form.to / 1000).to_string())
            .with_some("minDuration", &duration(form.min_duration))
            .with_some("maxDuration", &duration(form.max_duration))
            .with_some("tags", &attributes)
            .with("limit", &limit),
    }
}

/// Reads the summaries of [`search`] in version 3.
///
/// # Errors
/// When it is an error or another answer.
pub fn read_summaries(answer: &Answer<'_>) -> Result<Found, Problem> {
    let value = json(answer)?;
    let mut found = Found::default();
    for entry in list(&value, "summaries")? {
        match summary(entry) {
            Some(trace) => found.traces.push(trace),
            None => found.n_unreadable += 1,
        }
    }
    Ok(found)
}

/// Reads the whole traces of [`search`] on the older paths, as summaries.
///
/// # Errors
/// When it is an error or another answer.
pub fn read_traces(answer: &Answer<'_>) -> Result<Found, Problem> {
    super::jaeger_traces::read_traces(answer)
}

fn summary(entry: &Value) -> Option<TraceSummary> {
    let start = number(entry, "minStartTimeUnixNano");
    let services = items(entry, "services").iter().map(|service| ServiceCount {
        name: text(service, "name").to_owned(),
        n_spans: count(service, "spanCount"),
        n_errors: count(service, "errorSpanCount"),
    });
    Some(TraceSummary {
        id: trace_id(text(entry, "traceId"))?,
        root_service: text(entry, "rootServiceName").to_owned(),
        root_name: text(entry, "rootOperationName").to_owned(),
        start: i64::try_from(start).unwrap_or(i64::MAX),
        duration: number(entry, "maxEndTimeUnixNano").saturating_sub(start),
        n_spans: Some(count(entry, "spanCount")),
        n_errors: Some(count(entry, "errorSpanCount")),
        n_orphans: Some(count(entry, "orphanSpanCount")),
        n_matched: None,
        services: services.collect(),
    })
}

/// A trace by id; the range, in nanoseconds since 1970, spares the storage a search.
pub fn trace(api: Api, id: &str, range: Option<(i64, i64)>) -> Query {
    match api {
        Api::V3 => {
            let query = Query::json(format!("api/v3/traces/{}", encoded(id)));
            let Some((from, to)) = range else { return query };
            query.with("startTime", &rfc3339(from)).with("endTime", &rfc3339(to))
        }
        Api::Legacy => {
            let query = Query::json(format!("api/traces/{}", encoded(id)));
            let Some((from, to)) = range else { return query };
            query.with("start", &(from / 1000).to_string()).with("end", &(to / 1000).to_string())
        }
    }
}

/// Who called whom in the `lookback_millis` before `end`, in milliseconds since 1970: of all traces, as the backend
/// has counted it.
pub fn dependencies(end_millis: i64, lookback_millis: i64) -> Query {
    Query::json("api/dependencies")
        .with("endTs", &end_millis.to_string())
        .with("lookback", &lookback_millis.to_string())
}

/// Reads the answer to [`dependencies`].
///
/// # Errors
/// When it is an error or another answer.
pub fn read_dependencies(answer: &Answer<'_>) -> Result<Vec<Dependency>, Problem> {
    let value = json(answer)?;
    Ok(list(&value, "data")?
        .iter()
        .map(|entry| Dependency {
            from: text(entry, "parent").to_owned(),
            to: text(entry, "child").to_owned(),
            n_calls: number(entry, "callCount"),
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Cause;

    fn ok(body: &str) -> Answer<'_> {
        Answer { status: 200, content_type: "application/json", body: body.as_bytes() }
    }

    #[test]
    fn questions_of_both_versions() {
        let form = SearchForm {
            service: "front end".to_owned(),
            attributes: vec![("error".to_owned(), "true".to_owned())],
            min_duration: Some(1_200_000_000),
            from: 1_795_218_998_000_000_000,
            to: 1_795_219_009_500_000_000,
            limit: 20,
            ..SearchForm::default()
        };
        assert_eq!(
            search(Api::V3, &form).path,
            concat!(
                "api/v3/trace-summaries?query.serviceName=front%20end",
                "&query.startTimeMin=2026-11-20T23%3A56%3A38Z&query.startTimeMax=2026-11-20T23%3A56%3A49.5Z",
                "&query.durationMin=1200ms&query.attributes=%7B%22error%22%3A%22true%22%7D&query.searchDepth=20",
            )
        );
        assert_eq!(
            search(Api::Legacy, &form).path,
            concat!(
                "api/traces?service=front%20end&start=1795218998000000&end=1795219009500000",
                "&minDuration=1200ms&tags=%7B%22error%22%3A%22true%22%7D&limit=20",
            )
        );
        assert_eq!(
            trace(Api::V3, "ab", Some((0, 1))).path,
            concat!(
                "api/v3/traces/ab?startTime=1970-01-01T00%3A00%3A00Z",
                "&endTime=1970-01-01T00%3A00%3A00.000000001Z",
            )
        );
        assert_eq!(dependencies(5, 3).path, "api/dependencies?endTs=5&lookback=3");
    }

    #[test]
    fn names_of_both_versions() {
        assert_eq!(
            read_services(Api::V3, &ok(r#"{"services":["b","a"]}"#)),
            Ok(vec!["a".to_owned(), "b".to_owned()])
        );
        assert_eq!(
            read_services(Api::Legacy, &ok(r#"{"data":null,"total":0,"errors":null}"#)),
            Ok(Vec::new())
        );
        let operation = |name: &str, kind: &str| Operation { name: name.to_owned(), kind: kind.to_owned() };
        assert_eq!(
            read_operations(
                Api::V3,
                &ok(r#"{"operations":[{"name":"GET /","spanKind":"server"},{"name":"B"}]}"#)
            ),
            Ok(vec![operation("B", ""), operation("GET /", "server")])
        );
        assert_eq!(read_operations(Api::Legacy, &ok(r#"{"data":["x","x"]}"#)), Ok(vec![operation("x", "")]));
    }

    #[test]
    fn summaries_have_zeros_where_fields_are_left_out() {
        let body = r#"{"summaries":[
            {"traceId":"AB","rootServiceName":"web","rootOperationName":"GET /","minStartTimeUnixNano":"1000",
             "maxEndTimeUnixNano":"4000","spanCount":2,"errorSpanCount":1,"services":[{"name":"web","spanCount":2}]},
            {"traceId":"not an id"}]}"#;
        let found = read_summaries(&ok(body)).unwrap();
        assert_eq!(found.n_unreadable, 1);
        let [trace] = found.traces.as_slice() else { panic!("one trace") };
        assert_eq!(trace.id, "000000000000000000000000000000ab");
        assert_eq!((trace.start, trace.duration), (1000, 3000));
        assert_eq!((trace.n_spans, trace.n_errors, trace.n_orphans), (Some(2), Some(1), Some(0)));
        assert_eq!(trace.services, [ServiceCount { name: "web".to_owned(), n_spans: 2, n_errors: 0 }]);
    }

    #[test]
    fn what_is_not_the_answer_is_said() {
        for body in ["", "{", "[]", r#"{"services":"a"}"#, r#"{"traces":[]}"#] {
            let cause = read_services(Api::V3, &ok(body)).map_err(|p| p.cause);
            assert_eq!(cause, Err(Cause::Unreadable), "{body}");
        }
    }

    #[test]
    fn dependencies_are_counted() {
        let body = r#"{"data":[{"parent":"a","child":"b","callCount":12}]}"#;
        let expected = Dependency { from: "a".to_owned(), to: "b".to_owned(), n_calls: 12 };
        assert_eq!(read_dependencies(&ok(body)), Ok(vec![expected]));
    }
}
