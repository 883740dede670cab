//! Cases about time: the tree, critical and completion path, self time, gaps, leaves, clocks.

use serde_json::{Map, Value, json};
use spanscope::analysis::completion_path::{Stretch, completion_path};
use spanscope::analysis::critical_path::{Section, critical_path, time_by_span};
use spanscope::analysis::gaps::{Position, gaps};
use spanscope::analysis::leaves::leaves;
use spanscope::analysis::prepared::Prepared;
use spanscope::analysis::recorded::Recorded;
use spanscope::analysis::relation::Relation;
use spanscope::analysis::self_time::self_times;
use spanscope::model::span::Flags;
use spanscope::model::warning::WarningCode;

use super::case::{Case, Request};

pub(crate) fn compute(case: &Case) -> Option<Value> {
    let analysis = match case.kind.as_str() {
        "critical_path" => path,
        "completion_path" => completion,
        "edge_class" => edges,
        "self_time" => own,
        "gaps" => holes,
        "leaves" => fattest,
        "clock_skew" => clocks,
        "normalise" => tree,
        _ => return None,
    };
    let request = case.request();
    Some(analysis(case, &request, &request.recorded()))
}

pub(crate) fn prepared(case: &Case, request: &Request, recorded: &Recorded) -> Prepared {
    Prepared::new(recorded, &request.relations(recorded), &request.settings, request.root(case, recorded))
}

fn path(case: &Case, request: &Request, recorded: &Recorded) -> Value {
    let path = critical_path(&prepared(case, request, recorded));
    let row = |s: Section| json!([request.word(s.span), request.time(s.from), request.time(s.to)]);
    json!({
        "sections": path.iter().map(row).collect::<Vec<_>>(),
        "total_ns": path.iter().map(Section::length).sum::<i64>(),
    })
}

fn completion(case: &Case, request: &Request, recorded: &Recorded) -> Value {
    let relations = request.relations(recorded);
    let path = completion_path(recorded, &relations, &request.settings, request.root(case, recorded));
    let row = |stretch: &Stretch| {
        let (word, s) = match stretch {
            Stretch::Span(section) => ("span", section),
            Stretch::Wait(section) => ("wait", section),
        };
        json!([word, request.word(s.span), request.time(s.from), request.time(s.to)])
    };
    json!({
        "sections": path.iter().map(row).collect::<Vec<_>>(),
        "total_ns": path.iter().map(|s| s.section().length()).sum::<i64>(),
    })
}

fn edges(_: &Case, request: &Request, recorded: &Recorded) -> Value {
    let relations = request.relations(recorded);
    let with_parent = recorded.spans().filter(|&s| recorded.parent(s).is_some());
    let word = |relation: Relation| match relation {
        Relation::Root => "root",
        Relation::Blocking => "blocking",
        Relation::Async | Relation::Outlives => "async",
        Relation::Instant => "instant",
        Relation::Outside => "outside",
    };
    with_parent.map(|s| (request.word(s), Value::from(word(relations[s.at()])))).collect::<Map<_, _>>().into()
}

fn own(_: &Case, request: &Request, recorded: &Recorded) -> Value {
    let times = self_times(recorded, &request.relations(recorded));
    let row = |at: usize| json!({"self_ns": times.own[at], "self_all_ns": times.without_all_children[at]});
    recorded.spans().map(|s| (request.word(s), row(s.at()))).collect::<Map<_, _>>().into()
}

fn holes(case: &Case, request: &Request, recorded: &Recorded) -> Value {
    let path = critical_path(&prepared(case, request, recorded));
    let found = gaps(recorded, &path, &request.settings);
    let rows = found.iter().map(|gap| {
        let position = match gap.position {
            Position::Before => "before",
            Position::Between => "between",
            Position::After => "after",
        };
        json!({
            "span": request.word(gap.span), "from": request.time(gap.from), "to": request.time(gap.to),
            "ns": gap.length(), "position": position, "cp_ns": gap.critical_ns,
        })
    });
    rows.collect()
}

fn fattest(case: &Case, request: &Request, recorded: &Recorded) -> Value {
    let path = critical_path(&prepared(case, request, recorded));
    let on_path = time_by_span(&path, recorded.len());
    let row = |&s| json!({"span": request.word(s), "cp_ns": on_path[s.at()], "ns": recorded.duration(s)});
    leaves(recorded, &on_path, usize::MAX).iter().map(row).collect()
}

fn clocks(_: &Case, request: &Request, recorded: &Recorded) -> Value {
    let offsets = request.offsets();
    let moved = offsets.iter().filter(|o| o.offset_ns != 0);
    json!({
        "offsets": moved
            .map(|o| (request.clock(o.domain.at()), Value::from(o.offset_ns)))
            .collect::<Map<_, _>>(),
        "starts": recorded
            .spans()
            .map(|s| (request.word(s), Value::from(request.time(recorded.start(s)))))
            .collect::<Map<_, _>>(),
    })
}

fn tree(_: &Case, request: &Request, recorded: &Recorded) -> Value {
    let mut warnings = Map::new();
    let notes = [
        (Flags::DUPLICATE_ID, "duplicate_id"),
        (Flags::CYCLE_CUT, "cycle_cut"),
        (Flags::ORPHAN, "missing_parent"),
        (Flags::SHARED, "shared_id_split"),
        (Flags::NEGATIVE, "negative_duration"),
        (Flags::UNFINISHED, "unfinished"),
    ];
    for span in recorded.spans() {
        let flags = request.trace.flags(span);
        let mut words: Vec<&str> = notes.iter().filter(|n| flags.has(n.0)).map(|n| n.1).collect();
        let word = request.word(span);
        if request.warned(WarningCode::DuplicateIdentical).contains(&word.as_str()) {
            words.push("duplicate_dropped");
        }
        // The smallest cycle.
        if request.warned(WarningCode::SelfParent).contains(&word.as_str()) {
            words.push("cycle_cut");
        }
        if !words.is_empty() {
            warnings.insert(word, json!(words));
        }
    }
    let main = recorded.main_root().map(|root| request.word(root));
    let roots = request.words(recorded.roots());
    let parent = |s| json!(recorded.parent(s).map(|p| request.word(p)));
    json!({
        "roots": roots,
        "main": main,
        "parents": recorded.spans().map(|s| (request.word(s), parent(s))).collect::<Map<_, _>>(),
        "warnings": warnings,
    })
}
