//! Cases about texts and about lists of values, which need no trace.

use serde_json::{Map, Value};
use spanscope::analysis::normalise;
use spanscope::analysis::statistics::percentile;

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
