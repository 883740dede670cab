//! Tempo's HTTP API (3.x and 2.x): search by TraceQL and by fields, tags, traces, metrics.

use serde_json::Value;

use super::exchange::encoded;
use super::read::{self, count, items, json, list, number, text, trace_id};
use super::search::{Found, SearchForm, ServiceCount, TraceSummary};
use super::{Accept, Answer, Cause, Problem, Query, attributes, go_duration};

/// What stands for the root's service while the root has not come.
const NO_ROOT: &str = "<root span not yet received>";

/// Answers `echo` without asking who asks: the cheapest sign that Tempo is there.
pub fn echo() -> Query {
    Query::text("api/echo")
}

/// Reads the answer to [`echo`].
///
/// # Errors
/// When something else answered.
pub fn read_echo(answer: &Answer<'_>) -> Result<(), Problem> {
    Problem::check(answer)?;
    if answer.text().trim() == "echo" {
        return Ok(());
    }
    Err(Problem { message: "expected the word echo".to_owned(), ..Problem::from(Cause::Unreadable) })
}

/// The version.
pub fn build_info() -> Query {
    Query::json("api/status/buildinfo")
}

/// Reads the answer to [`build_info`]: the version without its `v`.
///
/// # Errors
/// When it is an error, or has no version.
pub fn read_build_info(answer: &Answer<'_>) -> Result<String, Problem> {
    let value = json(answer)?;
    let version = text(&value, "version");
    if version.is_empty() {
        return Err(read::unexpected("version"));
    }
    Ok(version.trim_start_matches('v').to_owned())
}

/// A search in TraceQL, within the form's times and limit.
pub fn search(traceql: &str, form: &SearchForm) -> Query {
    let traceql = if traceql.trim().is_empty() { "{}" } else { traceql.trim() };
    within(Query::json("api/search").with("q", traceql), form).with("limit", &form.limit.max(1).to_string())
}

/// The TraceQL that a filled form means. Strings are quoted, so nothing typed can change the query's meaning.
pub fn traceql(form: &SearchForm) -> String {
    let mut conditions = Vec::new();
    if !form.service.is_empty() {
        conditions.push(format!("resource.service.name = {}", quoted(&form.service)));
    }
    if !form.operation.is_empty() {
        conditions.push(format!("name = {}", quoted(&form.operation)));
    }
    for (key, value) in &form.attributes {
        conditions.push(condition(key, value));
    }
    // The older name of `trace:duration`: every version that has TraceQL knows it.
    if let Some(least) = form.min_duration {
        conditions.push(format!("traceDuration >= {}", go_duration::print(least)));
    }
    if let Some(most) = form.max_duration {
        conditions.push(format!("traceDuration <= {}", go_duration::print(most)));
    }
    if conditions.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", conditions.join(" && ")) }
}

/// One attribute of the form. What Jaeger's users type as `error=true` is a status here; numbers and booleans are
/// tried as such and as text, since the form does not know the attribute's type.
fn condition(key: &str, value: &str) -> String {
    if key == "error" && matches!(value, "true" | "false") {
        return format!("status {} error", if value == "true" { "=" } else { "!=" });
    }
    let name =
        if ["resource.", "span.", "event.", "link.", "instrumentation."].iter().any(|s| key.starts_with(s)) {
            attribute_name(key)
        } else {
            attribute_name(&format!(".{key}"))
        };
    let as_text = format!("{name} = {}", quoted(value));
    if value.parse::<f64>().is_ok_and(f64::is_finite) || matches!(value, "true" | "false") {
        return format!("({name} = {value} || {as_text})");
    }
    as_text
}

/// A scoped attribute; names with other characters than identifiers have are quoted behind the scope.
fn attribute_name(scoped: &str) -> String {
    let (scope, name) = scoped.split_once('.').unwrap_or(("", scoped));
    let is_plain = !name.is_empty()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/'));
    if is_plain { scoped.to_owned() } else { format!("{scope}.{}", quoted(name)) }
}

/// A string of TraceQL, which follows Go.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A search as versions without TraceQL take it: fields only, values found as parts of texts.
pub fn search_by_tags(form: &SearchForm) -> Query {
    let mut pairs = Vec::new();
    if !form.service.is_empty() {
        pairs.push(("service.name".to_owned(), form.service.clone()));
    }
    if !form.operation.is_empty() {
        pairs.push(("name".to_owned(), form.operation.clone()));
    }
    pairs.extend(form.attributes.iter().cloned());
    let duration = |nanos: Option<u64>| nanos.map(go_duration::print).unwrap_or_default();
    let query = Query::json("api/search")
        .with_some("tags", &attributes::print(&pairs))
        .with_some("minDuration", &duration(form.min_duration))
        .with_some("maxDuration", &duration(form.max_duration));
    within(query, form).with("limit", &form.limit.max(1).to_string())
}

/// Whole seconds around the form's times: Tempo takes nothing finer here, and refuses an empty range.
fn within(query: Query, form: &SearchForm) -> Query {
    if form.to <= 0 {
        return query;
    }
    let from = form.from.max(0) / 1_000_000_000;
    let to = (form.to.saturating_add(999_999_999) / 1_000_000_000).max(from + 1);
    query.with("start", &from.to_string()).with("end", &to.to_string())
}

/// Reads the answer to [`search`] and [`search_by_tags`].
///
/// # Errors
/// When it is an error or another answer.
pub fn read_found(answer: &Answer<'_>) -> Result<Found, Problem> {
    let value = json(answer)?;
    let mut found = Found::default();
    for entry in list(&value, "traces")? {
        match summary(entry) {
            Some(trace) => found.traces.push(trace),
            None => found.n_unreadable += 1,
        }
    }
    found.inspected_bytes = value.get("metrics").map_or(0, |metrics| number(metrics, "inspectedBytes"));
    Ok(found)
}

fn summary(entry: &Value) -> Option<TraceSummary> {
    let root_service = text(entry, "rootServiceName");
    let services: Vec<ServiceCount> = entry
        .get("serviceStats")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(name, stats)| ServiceCount {
            name: name.clone(),
            n_spans: count(stats, "spanCount"),
            n_errors: count(stats, "errorCount"),
        })
        .collect();
    let total = |of: fn(&ServiceCount) -> u32| {
        (!services.is_empty()).then(|| services.iter().map(of).fold(0, u32::saturating_add))
    };
    // `spanSet` repeats the first of `spanSets`; versions before had only the former.
    let sets = items(entry, "spanSets");
    let sets =
        if sets.is_empty() { entry.get("spanSet").map_or(&[][..], std::slice::from_ref) } else { sets };
    Some(TraceSummary {
        id: trace_id(text(entry, "traceID"))?,
        root_service: if root_service == NO_ROOT { String::new() } else { root_service.to_owned() },
        root_name: text(entry, "rootTraceName").to_owned(),
        start: i64::try_from(number(entry, "startTimeUnixNano")).unwrap_or(i64::MAX),
        duration: number(entry, "durationMs").saturating_mul(1_000_000),
        n_spans: total(|s| s.n_spans),
        n_errors: total(|s| s.n_errors),
        n_orphans: None,
        n_matched: (!sets.is_empty())
            .then(|| sets.iter().map(|set| count(set, "matched")).fold(0, u32::saturating_add)),
        services,
    })
}

/// Names of attributes by scope, for completion.
pub fn tags(form: &SearchForm) -> Query {
    within(Query::json("api/v2/search/tags"), form)
}

/// Reads the answer to [`tags`]: names with their scope before them, as TraceQL writes them; also that of the
/// older path, which has no scopes.
///
/// # Errors
/// When it is an error or another answer.
pub fn read_tags(answer: &Answer<'_>) -> Result<Vec<String>, Problem> {
    let value = json(answer)?;
    if value.get("tagNames").is_some() {
        return Ok(read::texts(list(&value, "tagNames")?)
            .iter()
            .map(|name| attribute_name(&format!(".{name}")))
            .collect());
    }
    let mut names = Vec::new();
    for scope in list(&value, "scopes")? {
        let scope_name = text(scope, "name");
        for name in read::texts(items(scope, "tags")) {
            names.push(match scope_name {
                "intrinsic" | "" => name,
                scope_name => attribute_name(&format!("{scope_name}.{name}")),
            });
        }
    }
    Ok(names)
}

/// Values of an attribute, named as TraceQL does (`resource.service.name`); `filter` is TraceQL and may be
/// unfinished.
pub fn tag_values(name: &str, filter: &str, form: &SearchForm) -> Query {
    let path = format!("api/v2/search/tag/{}/values", encoded(name));
    within(Query::json(path).with_some("q", filter), form)
}

/// A value that occurs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagValue {
    /// As text.
    pub text: String,
    /// Whether TraceQL wants it in quotes.
    pub is_text: bool,
}

impl TagValue {
    /// The value as it is written in a query.
    pub fn in_query(&self) -> String {
        if self.is_text { quoted(&self.text) } else { self.text.clone() }
    }
}

/// Reads the answer to [`tag_values`]; also that of the older path and of the form for language models.
///
/// # Errors
/// When it is an error or another answer.
pub fn read_tag_values(answer: &Answer<'_>) -> Result<Vec<TagValue>, Problem> {
    let value = json(answer)?;
    let by_kind = |kind: &str, text: &str| TagValue { text: text.to_owned(), is_text: kind == "string" };
    if let Some(kinds) = value.get("tagValues").and_then(Value::as_object) {
        let values = kinds.iter().flat_map(|(kind, values)| {
            values
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(move |text| by_kind(kind, text))
        });
        return Ok(values.collect());
    }
    Ok(list(&value, "tagValues")?
        .iter()
        .map(|entry| match entry.as_str() {
            Some(plain) => by_kind("string", plain),
            // An empty text has no field `value`.
            None => by_kind(text(entry, "type"), text(entry, "value")),
        })
        .collect())
}

/// A trace by id, in protobuf; the range, in nanoseconds since 1970, decides in large installations whether it is
/// found.
pub fn trace(id: &str, range: Option<(i64, i64)>) -> Query {
    in_range(Query::protobuf(format!("api/v2/traces/{}", encoded(id))), range)
}

/// The same from versions before 2.7, which answer [`trace`] with [`Cause::NoSuchPath`].
pub fn trace_v1(id: &str, range: Option<(i64, i64)>) -> Query {
    in_range(Query::protobuf(format!("api/traces/{}", encoded(id))), range)
}

fn in_range(query: Query, range: Option<(i64, i64)>) -> Query {
    let Some((from, to)) = range else { return query };
    within(query, &SearchForm { from, to, ..SearchForm::default() })
}

/// Whether the answer to [`trace`] or [`trace_v1`] has a trace in it, by its first bytes: the new path says
/// "not found" by an empty trace.
///
/// # Errors
/// [`Cause::NotFound`] for an empty one, and for errors what they mean.
pub fn check_trace(answer: &Answer<'_>) -> Result<(), Problem> {
    Problem::check(answer)?;
    // The first byte of protobuf's field 1 is a line feed, so only JSON may be trimmed.
    let json = answer.body.trim_ascii_start();
    let is_empty = if json.first() == Some(&b'{') && answer.content_type != Accept::Protobuf.header() {
        let value: Value = serde_json::from_slice(json).unwrap_or_default();
        let trace = value.get("trace").or(Some(&value));
        trace.and_then(Value::as_object).is_some_and(serde_json::Map::is_empty)
    } else {
        // Field 1, the trace, is missing or has no bytes.
        !matches!(answer.body, [0x0a, length, ..] if *length > 0)
    };
    if is_empty { Err(Problem { status: answer.status, ..Problem::from(Cause::NotFound) }) } else { Ok(()) }
}

/// A metrics query over the form's times; `step_seconds` 0 leaves the choice to Tempo.
pub fn query_range(traceql: &str, step_seconds: u32, form: &SearchForm) -> Query {
    let step = if step_seconds == 0 { String::new() } else { format!("{step_seconds}s") };
    within(Query::json("api/metrics/query_range").with("q", traceql).with_some("step", &step), form)
}

/// One line of a metrics query.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// Names and values, without the line's own name when there is only that.
    pub labels: Vec<(String, String)>,
    /// Milliseconds since 1970, the end of the step, and the value; durations are in seconds.
    pub samples: Vec<(i64, f64)>,
}

/// Reads the answer to [`query_range`], and to the query for one instant, which has one value each.
///
/// # Errors
/// When it is an error or another answer.
pub fn read_series(answer: &Answer<'_>) -> Result<Vec<Series>, Problem> {
    let value = json(answer)?;
    // A value of 0 is left out.
    let measured = |entry: &Value| entry.get("value").and_then(Value::as_f64).unwrap_or_default();
    Ok(list(&value, "series")?
        .iter()
        .map(|series| {
            let mut samples: Vec<(i64, f64)> = items(series, "samples")
                .iter()
                .map(|sample| {
                    (i64::try_from(number(sample, "timestampMs")).unwrap_or_default(), measured(sample))
                })
                .collect();
            if samples.is_empty() {
                samples.push((0, measured(series)));
            }
            let mut labels = read::attributes(items(series, "labels"));
            labels.retain(|(name, _)| name != "__name__");
            Series { labels, samples }
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> SearchForm {
        SearchForm {
            from: 1_795_218_998_000_000_000,
            to: 1_795_219_009_000_000_000,
            limit: 20,
            ..SearchForm::default()
        }
    }

    #[test]
    fn a_filled_form_becomes_traceql_that_nothing_typed_can_break() {
        let filled = SearchForm {
            service: "a\"} || {".to_owned(),
            operation: "GET /".to_owned(),
            attributes: vec![
                ("error".to_owned(), "true".to_owned()),
                ("http.status_code".to_owned(), "500".to_owned()),
                ("odd key".to_owned(), "x".to_owned()),
                ("resource.host.name".to_owned(), "h".to_owned()),
            ],
            min_duration: Some(1_500_000_000),
            max_duration: Some(60_000_000_000),
            ..form()
        };
        assert_eq!(
            traceql(&filled),
            concat!(
                r#"{ resource.service.name = "a\"} || {" && name = "GET /" && status = error"#,
                r#" && (.http.status_code = 500 || .http.status_code = "500") && ."odd key" = "x""#,
                r#" && resource.host.name = "h" && traceDuration >= 1500ms && traceDuration <= 1m }"#,
            )
        );
        assert_eq!(traceql(&form()), "{}");
    }

    #[test]
    fn questions_are_those_that_tempo_takes() {
        for (query, expected) in [
            (search("", &form()), "api/search?q=%7B%7D&start=1795218998&end=1795219009&limit=20"),
            (
                search_by_tags(&SearchForm {
                    service: "order service".to_owned(),
                    min_duration: Some(300_000_000),
                    ..form()
                }),
                "api/search?tags=service.name%3D%22order%20service%22&minDuration=300ms&start=1795218998&end=1795219009&limit=20",
            ),
            (
                tag_values("resource.service.name", "", &SearchForm::default()),
                "api/v2/search/tag/resource.service.name/values",
            ),
            (trace("ab", Some((1, 2))), "api/v2/traces/ab?start=0&end=1"),
            (trace_v1("../x", None), "api/traces/..%2Fx"),
        ] {
            assert_eq!(query.path, expected);
        }
    }
}
