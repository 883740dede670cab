//! Cases about what could be otherwise: replays, slack, calls in a row, repeated and retried calls.

use serde_json::{Map, Value, json};
use spanscope::analysis::critical_path::{critical_path, time_by_span};
use spanscope::analysis::facts::Facts;
use spanscope::analysis::prepared::Prepared;
use spanscope::analysis::recorded::Recorded;
use spanscope::analysis::repeats::repeats;
use spanscope::analysis::retries::retries;
use spanscope::analysis::scenario::{Matching, Scenario};
use spanscope::analysis::sequences::sequences;
use spanscope::analysis::slack::slack;
use spanscope::analysis::what_if::{ABSENT, Replay};
use spanscope::model::index::{SpanIdx, TraceIdx};

use super::case::{Case, Request};
use super::time::prepared;

pub(crate) fn compute(case: &Case) -> Option<Value> {
    let analysis = match case.kind.as_str() {
        "what_if" => what_if,
        "slack" => room,
        "sequences" => in_a_row,
        "n_plus_one" => again,
        "retries" => tries,
        _ => return None,
    };
    let request = case.request();
    let recorded = request.recorded();
    let tree = prepared(case, &request, &recorded);
    Some(analysis(case, &request, &recorded, &tree))
}

fn what_if(case: &Case, request: &Request, recorded: &Recorded, tree: &Prepared) -> Value {
    let scenarios = case.input["scenarios"].as_array().unwrap();
    let scenarios: Vec<Scenario> = scenarios.iter().map(|value| scenario(request, value)).collect();
    let outcome = Replay::new(tree, recorded).run(&request.trace, &scenarios);
    let mut found = json!({
        "before_ns": outcome.before_ns, "after_ns": outcome.after_ns, "saving_ns": outcome.saving_ns,
    });
    if case.input["positions"] == true {
        let included = recorded.spans().filter(|s| outcome.starts[s.at()] != ABSENT);
        let times =
            |s: SpanIdx| json!([request.time(outcome.starts[s.at()]), request.time(outcome.ends[s.at()])]);
        found["positions"] = included.map(|s| (request.word(s), times(s))).collect::<Map<_, _>>().into();
    }
    found
}

fn scenario(request: &Request, value: &Value) -> Scenario {
    let spans = |list: &Value| -> Vec<SpanIdx> {
        list.as_array().unwrap().iter().map(|word| request.span(word.as_str().unwrap())).collect()
    };
    let matching = || {
        let of = &value["match"];
        let text = |key: &str| of[key].as_str().map(str::to_owned);
        match &of["ids"] {
            Value::Null => Matching::Operation { service: text("service"), name: text("name") },
            ids => Matching::Spans(spans(ids)),
        }
    };
    match value["kind"].as_str().unwrap() {
        "scale" => Scenario::Scale {
            matching: matching(),
            faster_permille: value["faster_permille"].as_i64().unwrap(),
            subtree: match value["scope"].as_str().unwrap() {
                "self" => false,
                "subtree" => true,
                other => panic!("the scope {other} is not known"),
            },
        },
        "delta" => Scenario::Delta { matching: matching(), add_ns: value["add_ns"].as_i64().unwrap() },
        "parallel" => Scenario::Parallel { members: spans(&value["members"]) },
        "batch" => Scenario::Batch { members: spans(&value["members"]) },
        other => panic!("the scenario {other} is not known"),
    }
}

fn room(_: &Case, request: &Request, recorded: &Recorded, tree: &Prepared) -> Value {
    let slack = slack(tree);
    let rows = recorded.spans().filter_map(|s| slack[s.at()].map(|ns| (request.word(s), Value::from(ns))));
    rows.collect::<Map<_, _>>().into()
}

fn in_a_row(_: &Case, request: &Request, recorded: &Recorded, tree: &Prepared) -> Value {
    let replay = Replay::new(tree, recorded);
    let path_time = time_by_span(&critical_path(tree), recorded.len());
    let found = sequences(tree, recorded, &replay, &path_time, &request.settings);
    let rows = found.iter().map(|s| {
        json!({
            "parent": request.word(s.parent), "members": request.words(&s.members),
            "window_ns": s.window_ns, "parallel_ns": s.parallel_ns, "local_saving_ns": s.local_saving_ns,
            "root_saving_ns": s.root_saving_ns, "root_after_ns": s.root_after_ns,
        })
    });
    rows.collect()
}

fn facts(request: &Request) -> Facts {
    Facts::of(&request.set, TraceIdx(0), &request.trace)
}

fn again(_: &Case, request: &Request, recorded: &Recorded, tree: &Prepared) -> Value {
    let facts = facts(request);
    let replay = Replay::new(tree, recorded);
    let path_time = time_by_span(&critical_path(tree), recorded.len());
    let found = repeats(recorded, tree, &replay, &path_time, &facts, &request.settings);
    let rows = found.iter().map(|group| {
        json!({
            "ancestor": request.word(group.ancestor), "depth": group.depth,
            "fingerprint": facts.fingerprint_text(group.fingerprint), "count": group.calls.len(),
            "total_ns": group.total_ns, "sequential": group.sequential, "identical": group.identical,
            "spans": request.words(&group.calls), "saving_ns": group.root_saving_ns,
        })
    });
    rows.collect()
}

fn tries(_: &Case, request: &Request, recorded: &Recorded, _: &Prepared) -> Value {
    let found = retries(recorded, &facts(request));
    let rows = found.iter().map(|group| {
        json!({
            "parent": request.word(group.parent), "attempts": request.words(&group.attempts),
            "succeeded": group.succeeded, "wasted_ns": group.wasted_ns,
        })
    });
    rows.collect()
}
