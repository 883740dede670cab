//! Cases about texts and about lists of values, which need no trace.

use serde_json::Value;
use spanscope::analysis::normalise;

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
        _ => return None,
    })
}
