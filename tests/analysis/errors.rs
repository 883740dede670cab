//! Cases about failures, durations of operations and the score of services.

use serde_json::{Map, Value, json};
use spanscope::analysis::clock_domain::ClockDomains;
use spanscope::analysis::critical_path::{critical_path, time_by_span};
use spanscope::analysis::errors::failures;
use spanscope::analysis::facts::Facts;
use spanscope::analysis::instrumentation_score;
use spanscope::analysis::prepared::Prepared;
use spanscope::analysis::quality::Quality;
use spanscope::analysis::resources::services;
use spanscope::analysis::self_time::self_times;
use spanscope::analysis::statistics::{Operation, Operations};
use spanscope::model::index::TraceIdx;

use super::case::Case;

pub(crate) fn compute(case: &Case) -> Option<Value> {
    match case.kind.as_str() {
        "errors" => Some(errors(case)),
        "score" => Some(scores(case)),
        "red" => Some(red(case)),
        _ => None,
    }
}

fn errors(case: &Case) -> Value {
    let request = case.request();
    let recorded = request.recorded();
    let facts = Facts::of(&request.set, TraceIdx(0), &request.trace);
    let found = failures(&recorded, &facts);
    let rows = found.iter().map(|f| {
        json!({
            "origin": request.word(f.origin), "chain": request.words(&f.chain(&recorded)),
            "reaches_root": f.reaches_root(), "handled_by": f.handled_by.map(|s| request.word(s)),
            "type": facts.error_type(f.origin), "message": facts.error_message(f.origin),
        })
    });
    rows.collect()
}

fn red(case: &Case) -> Value {
    let request = case.request();
    let recorded = request.recorded();
    let facts = Facts::of(&request.set, TraceIdx(0), &request.trace);
    let relations = request.relations(&recorded);
    let root = request.root(case, &recorded);
    let path = critical_path(&Prepared::new(&recorded, &relations, &request.settings, root));
    let own = self_times(&recorded, &relations).own;
    let operations = Operations::new(&recorded, &facts, &own, &time_by_span(&path, recorded.len()));
    let row = |o: &Operation| {
        json!({
            "service": request.trace.service_name(o.service), "name": facts.normal_name_text(o.name),
            "kind": o.kind.word().to_uppercase(), "count": o.count, "errors": o.errors,
            "total_ns": o.total_ns, "self_ns": o.self_ns, "cp_ns": o.critical_ns, "p50_ns": o.p50_ns,
            "p95_ns": o.p95_ns, "p99_ns": o.p99_ns, "max_ns": o.max_ns,
        })
    };
    operations.rows.iter().map(row).collect()
}

fn scores(case: &Case) -> Value {
    let request = case.request();
    let recorded = request.recorded();
    let services = services(&request.set, &ClockDomains::of(&request.set, TraceIdx(0)), &recorded);
    let quality = Quality::of(&request.set, TraceIdx(0));
    let found = instrumentation_score::scores(&request.trace, &services, &quality);
    let row = |s: &instrumentation_score::Score| {
        let row = json!({"score_x100": s.score_x100, "failed": s.failed, "evaluated": s.evaluated});
        (request.trace.service_name(s.service).to_owned(), row)
    };
    found.iter().map(row).collect::<Map<_, _>>().into()
}
