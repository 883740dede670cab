//! Cases about two traces and about many.

use serde_json::{Value, json};
use spanscope::analysis::aggregate::{Aggregator, Row};
use spanscope::analysis::correlation::{Correlation, Correlator};
use spanscope::analysis::diff::{Comparer, Side, Status, Tally};
use spanscope::model::index::TraceIdx;

use super::case::{Case, Request, traces};

pub(crate) fn compute(case: &Case) -> Option<Value> {
    match case.kind.as_str() {
        "aggregate" => Some(aggregate(case)),
        "correlate" => Some(correlate(case)),
        "diff" => Some(diff(case)),
        _ => None,
    }
}

fn aggregate(case: &Case) -> Value {
    let set = traces(&case.input["traces"]);
    let mut aggregator = Aggregator::new(case.settings.clone());
    for at in 0..set.traces().len() {
        aggregator.add(&set, TraceIdx::new(at));
    }
    let found = aggregator.finish();
    let Some(group) = found.groups.first() else { return Value::Null };
    let row = |row: &Row| {
        json!({
            "path": found.paths.path(row.node), "traces": row.traces, "cp_total_ns": row.total_ns,
            "cp_mean_ns": row.mean_ns, "cp_p50_ns": row.p50_ns, "cp_p95_ns": row.p95_ns,
            "share_permille": row.share_permille,
        })
    };
    json!({
        "traces": group.traces.len(), "root_p50_ns": group.p50_ns, "root_p95_ns": group.p95_ns,
        "rows": group.rows.iter().map(row).collect::<Vec<_>>(),
    })
}

fn correlate(case: &Case) -> Value {
    let mut correlator = Correlator::default();
    for item in case.input["items"].as_array().into_iter().flatten() {
        correlator.begin(item["sel"] == true);
        for (key, value) in item["attrs"].as_object().into_iter().flatten() {
            correlator.text(key, value.as_str().unwrap_or_default());
        }
    }
    let row = |c: &Correlation| {
        json!({
            "key": c.key, "value": c.value, "sel_permille": c.selected_permille,
            "base_permille": c.rest_permille, "diff_permille": c.difference(),
        })
    };
    correlator.finish().iter().map(row).collect()
}

fn diff(case: &Case) -> Value {
    let mut comparer = Comparer::new(case.settings.clone());
    for (side, spans) in Side::BOTH.into_iter().zip(["a", "b"]) {
        let request = Request::new(&case.input[spans], &case.settings);
        comparer.add(&request.set, TraceIdx(0), side);
    }
    let found = comparer.finish();
    let tally = |t: &Tally| {
        json!({
            "count": t.count, "total_ns": t.total_ns, "self_ns": t.self_ns, "cp_ns": t.cp_ns, "errors": t.errors,
        })
    };
    let status = |status: Status| match status {
        Status::Added => "added",
        Status::Removed => "removed",
        Status::Moved => "moved",
        Status::Changed => "changed",
        Status::Same => "same",
    };
    let rows = found.rows.iter().map(|row| {
        json!({
            "path": found.paths.path(row.node), "status": status(row.status), "a": tally(&row.sides[0]),
            "b": tally(&row.sides[1]), "delta_cp_ns": row.delta_cp_ns,
        })
    });
    json!({
        "root_a_ns": found.root_ns[0], "root_b_ns": found.root_ns[1], "delta_ns": found.delta_ns(),
        "rows": rows.collect::<Vec<_>>(),
    })
}
