//! Cases about texts and about lists of values, which need no trace.

use serde_json::{Map, Value, json};
use spanscope::analysis::normalise;
use spanscope::analysis::sampling::{Policy, Sampled, simulate};
use spanscope::analysis::sensitive::{Leak, is_secret_key, leaks};
use spanscope::analysis::statistics::percentile;
use spanscope::analysis::vague_names::is_vague;
use spanscope::model::ids::TraceId;

use super::case::Case;

pub(crate) fn compute(case: &Case) -> Option<Value> {
    let texts = case.input["values"].as_array().into_iter().flatten();
    let each = |change: &dyn Fn(&str) -> Value| {
        texts.clone().map(|text| change(text.as_str().unwrap_or_default())).collect()
    };
    Some(match case.kind.as_str() {
        "normalise_sql" => each(&|text| normalise::sql(text).into()),
        "normalise_url" => each(&|text| normalise::url(text).into()),
        "normalise_name" => each(&|text| normalise::span_name(text).into()),
        "vague_name" => each(&|text| is_vague(text).into()),
        "sensitive" => secrets(&case.input),
        "sampling" => sampled(&case.input),
        "percentile" => percentiles(&case.input),
        _ => return None,
    })
}

fn percentiles(input: &Value) -> Value {
    let numbers = |key: &str| -> Vec<i64> {
        input[key].as_array().into_iter().flatten().filter_map(Value::as_i64).collect()
    };
    let mut values = numbers("values");
    values.sort_unstable();
    let wanted = numbers("permille").into_iter();
    wanted.map(|p| (p.to_string(), percentile(&values, p as usize).into())).collect::<Map<_, _>>().into()
}

fn secrets(input: &Value) -> Value {
    let pairs = input["pairs"].as_array().into_iter().flatten();
    let found = pairs.map(|pair| {
        let key = pair[0].as_str().unwrap_or_default();
        let is_statement = matches!(key, "db.query.text" | "db.statement");
        let found = leaks(is_secret_key(key), is_statement, pair[1].as_str().unwrap_or_default());
        Value::from(found.iter().map(Leak::code).collect::<Vec<_>>())
    });
    found.collect()
}

fn sampled(input: &Value) -> Value {
    let traces = input["traces"].as_array().into_iter().flatten().map(|trace| Sampled {
        id: trace["trace_id"].as_str().and_then(TraceId::from_hex).unwrap_or_default(),
        duration_ns: trace["duration_ns"].as_i64().unwrap_or_default(),
        is_error: trace["error"] == true,
        n_spans: trace["spans"].as_u64().unwrap_or_default(),
    });
    let policy = Policy {
        keeps_errors: input["policy"]["errors"] == true,
        slow_ns: input["policy"]["slow_ns"].as_i64(),
        baseline_permille: input["policy"]["baseline_permille"].as_u64().unwrap_or_default() as u32,
    };
    let kept = simulate(traces, &policy);
    let reasons = [("errors", kept.errors), ("slow", kept.slow), ("baseline", kept.baseline)];
    let by = reasons.into_iter().filter(|r| r.1 > 0).map(|(word, n)| (word.to_owned(), n.into()));
    json!({
        "traces": kept.traces, "kept": kept.kept(), "spans": kept.spans, "spans_kept": kept.spans_kept,
        "by": by.collect::<Map<_, _>>(),
    })
}
