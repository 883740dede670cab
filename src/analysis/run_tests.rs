//! Runs over every shape, in pieces and again.

use super::*;
use crate::analysis::critical_path::Section;
use crate::analysis::relation::relations;
use crate::model::sample::{Shape, generate};

#[test]
fn every_shape_comes_to_an_end() {
    let shapes = [
        Shape::Services,
        Shape::Chain,
        Shape::Wide,
        Shape::BackToBack,
        Shape::Equal,
        Shape::Roots,
        Shape::Orphans,
        Shape::AllMissing,
        Shape::Cycle,
    ];
    for shape in shapes {
        let set = generate(2_000, shape);
        let mut run = Run::new(TraceIdx(0), Settings::default(), None);
        run.finish(&set);
        let root = run.root().expect("a trace has a root");
        let total: i64 = run.found().path.iter().map(Section::length).sum();
        assert_eq!(total, run.recorded().duration(root), "{shape:?}");
    }
}

#[test]
fn pieces_give_the_same_as_the_whole() {
    let (set, settings) = (generate(500, Shape::Services), Settings::default());
    let (idx, trace) = (TraceIdx(0), set.trace(TraceIdx(0)));
    let mut search = DomainSearch::default();
    while !search.slice(&set, idx, 7) {}
    assert_eq!(search.finish(), ClockDomains::of(&set, idx));

    let recorded = Recorded::new(&trace);
    let relations = relations(&recorded, &settings);
    let root = recorded.main_root().expect("a trace has a root");
    let tree = Prepared::new(&recorded, &relations, &settings, root);
    let mut preparing = Preparing::new(&recorded, root);
    while !preparing.slice(&recorded, &relations, &settings, 7) {}
    assert_eq!(format!("{:?}", preparing.finish()), format!("{tree:?}"));

    let mut replay = Replay::unsorted(Arc::new(tree.clone()));
    while !replay.sort(&recorded, 7) {}
    assert_eq!(format!("{replay:?}"), format!("{:?}", Replay::new(&tree, &recorded)));

    let facts = Facts::of(&set, idx, &trace);
    let mut adding = Adding::new(&recorded);
    while !adding.slice(&recorded, &facts, 7) {}
    let whole = Operations::new(&recorded, &facts, &[], &[]);
    assert_eq!(format!("{:?}", adding.finish(&recorded, &facts, &[], &[])), format!("{whole:?}"));
}

#[test]
fn findings_come_one_by_one_where_that_takes_long() {
    for (n, is_told_once) in [(2_000, true), (150_000, false)] {
        let set = generate(n, Shape::Services);
        let mut run = Run::new(TraceIdx(0), Settings::default(), None);
        let mut told = Vec::new();
        while !run.is_done() {
            if run.step(&set).news == Some(News::Findings) {
                told.push((run.found().findings.len(), run.has_all_findings()));
            }
        }
        let (last, before) = told.split_last().expect("findings are told in the end");
        assert_eq!(before.is_empty(), is_told_once, "{told:?}");
        assert!(last.1 && before.iter().all(|&(n, is_all)| n > 0 && !is_all), "{told:?}");
    }
}

#[test]
fn a_trace_that_is_not_there_gives_nothing() {
    let mut run = Run::new(TraceIdx(3), Settings::default(), Some(SpanIdx(7)));
    run.finish(&TraceSet::default());
    assert_eq!((run.root(), run.found().path.len()), (None, 0));
}

#[test]
fn other_settings_give_the_same_as_a_new_run() {
    let set = generate(2_000, Shape::Services);
    let other = Settings { adjust_skew: false, overlap_tolerance: false, ..Settings::default() };
    let mut changed = Run::new(TraceIdx(0), Settings::default(), None);
    changed.finish(&set);
    changed.again(other.clone(), Some(SpanIdx(1)));
    assert!(!changed.has_replay());
    changed.finish(&set);
    let mut fresh = Run::new(TraceIdx(0), other, Some(SpanIdx(1)));
    fresh.finish(&set);
    assert_eq!(changed.found().path, fresh.found().path);
    assert_eq!(changed.root(), Some(SpanIdx(1)));
}
