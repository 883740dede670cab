//! What must hold for every trace, whatever its spans are: on random trees with clipped, asynchronous,
//! orphaned, cyclic and empty spans in any order, and on giant shapes.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use proptest::prelude::*;
use spanscope::analysis::call_tree::{CallTree, CallTreeBuilder, TimedSpans, WEIGHTS, Weight};
use spanscope::analysis::critical_path::Section;
use spanscope::analysis::diff::{Comparer, Comparison, Side, Status};
use spanscope::analysis::diff_merged::{ABSENT, merge};
use spanscope::analysis::relation::{is_call, is_handed_over};
use spanscope::analysis::run::Run;
use spanscope::analysis::self_time::of_span;
use spanscope::analysis::service_graph::{GraphBuilder, NodeKind, ServiceGraph, Times};
use spanscope::analysis::settings::{Overflow, Settings};
use spanscope::model::builder::TraceBuilder;
use spanscope::model::ids::{SpanId, TraceId};
use spanscope::model::index::{SpanIdx, TraceIdx};
use spanscope::model::record::{ResourceRecord, SpanRecord};
use spanscope::model::sample::{Shape, generate};
use spanscope::model::span::{Flags, SpanKind};
use spanscope::model::trace_set::TraceSet;

const BASE: i64 = 1_700_000_000_000_000_000;

/// Times are multiples of this: many are equal, and clock jitter is within reach.
const STEP: i64 = 100_000;

/// A span as it is made up.
#[derive(Clone, Debug)]
struct Made {
    /// Index of the parent, of itself, or of a span that does not exist; none for a root.
    parent: Option<usize>,
    start: i64,
    length: i64,
    kind: u64,
    service: usize,
    follows: bool,
}

/// Up to forty spans that hang together in any way, good or bad.
fn any_spans() -> impl Strategy<Value = Vec<Made>> {
    let span = (
        prop_oneof![1 => Just(None), 12 => (0_usize..44).prop_map(Some)],
        0_i64..300,
        prop_oneof![1 => Just(0_i64), 8 => 0_i64..200],
        0_u64..6,
        0_usize..3,
        prop::bool::weighted(0.1),
    );
    let span = span.prop_map(|(parent, start, length, kind, service, follows)| Made {
        parent,
        start: start * STEP,
        length: length * STEP,
        kind,
        service,
        follows,
    });
    prop::collection::vec(span, 1..40)
}

/// A tree as programs make it, children mostly within their parents, with each service's clock off by some
/// time.
fn shifted_trees() -> impl Strategy<Value = Vec<Made>> {
    let child = (any::<prop::sample::Index>(), 0_i64..=1000, 0_i64..=1000, 0_usize..3, 0_u64..6);
    (prop::collection::vec(child, 1..25), prop::array::uniform3(-300_i64..300)).prop_map(
        |(children, clocks)| {
            let root =
                Made { parent: None, start: 0, length: 3000 * STEP, kind: 2, service: 0, follows: false };
            let mut spans = vec![root];
            for (parent, from, share, service, kind) in children {
                let at = parent.index(spans.len());
                let Made { start, length, .. } = spans[at];
                let start = start + length * from / 1000 * 9 / 10;
                let length = (spans[at].start + length - start) * share / 1000;
                spans.push(Made { parent: Some(at), start, length, kind, service, follows: false });
            }
            for span in &mut spans {
                span.start += clocks[span.service] * STEP;
            }
            spans
        },
    )
}

/// The spans as a set, pushed in this order.
fn set_of(spans: &[Made], order: &[usize]) -> TraceSet {
    let mut builder = TraceBuilder::default();
    push(&mut builder, 7, spans, order);
    builder.finish()
}

/// Several traces as a set.
fn sets_of(traces: &[Vec<Made>]) -> TraceSet {
    let mut builder = TraceBuilder::default();
    for (spans, id) in traces.iter().zip(1..) {
        push(&mut builder, id, spans, &(0..spans.len()).collect::<Vec<_>>());
    }
    builder.finish()
}

fn push(builder: &mut TraceBuilder, trace_id: u128, spans: &[Made], order: &[usize]) {
    let services: Vec<_> = ["a", "b", "c"]
        .map(|service| {
            let idx = builder.reserve_resource();
            let record = ResourceRecord { service: service.to_owned(), ..ResourceRecord::default() };
            builder.fill_resource(idx, &record);
            idx
        })
        .to_vec();
    let id = |at: usize| SpanId(at as u64 + 1);
    for &at in order {
        let made = &spans[at];
        let mut record = SpanRecord {
            trace_id: TraceId(trace_id.to_be_bytes()),
            span_id: id(at),
            parent_id: made.parent.map_or(SpanId::NONE, id),
            name: format!("op {}", at % 4),
            kind: SpanKind::from_otlp(made.kind),
            start: BASE + made.start,
            end: BASE + made.start + made.length,
            resource: services[made.service],
            ..SpanRecord::default()
        };
        if made.follows {
            record.flags.set(Flags::FOLLOWS_FROM);
        }
        builder.push(&record).unwrap();
    }
}

fn in_order(spans: &[Made]) -> TraceSet {
    set_of(spans, &(0..spans.len()).collect::<Vec<_>>())
}

fn run(set: &TraceSet, settings: &Settings) -> Run {
    let mut run = Run::new(TraceIdx(0), settings.clone(), None);
    run.finish(set);
    run
}

fn compared(a: &TraceSet, b: &TraceSet, settings: &Settings) -> Comparison {
    let mut comparer = Comparer::new(settings.clone());
    for (side, set) in [(Side::A, a), (Side::B, b)] {
        for at in 0..set.traces().len() {
            comparer.add(set, TraceIdx::new(at), side);
        }
    }
    comparer.finish()
}

fn any_settings() -> impl Strategy<Value = Settings> {
    let overflow = prop_oneof![Just(Overflow::Auto), Just(Overflow::Truncate), Just(Overflow::Async)];
    (overflow, any::<bool>(), any::<bool>()).prop_map(|(overflow, overlap_tolerance, adjust_skew)| Settings {
        overflow,
        overlap_tolerance,
        adjust_skew,
        ..Settings::default()
    })
}

/// Everything that a run found, with spans by id and times since 1970, so that two orders can be compared.
fn told(run: &Run) -> Vec<String> {
    let (trace, found) = (run.trace(), run.found());
    let zero = trace.start_time().0;
    let id = |span: SpanIdx| trace.span_id(span).0;
    let mut lines = Vec::new();
    lines.extend(found.path.iter().map(|s| format!("{} {} {}", id(s.span), s.from + zero, s.to + zero)));
    lines.extend(found.completion.iter().map(|s| {
        let section = s.section();
        format!("{} {} {}", id(section.span), section.from + zero, section.to + zero)
    }));
    lines
        .extend(found.gaps.iter().map(|g| format!("gap {} {} {}", id(g.span), g.from + zero, g.critical_ns)));
    let mut times: Vec<String> = trace
        .spans()
        .filter(|&span| !trace.is_placeholder(span))
        .map(|span| {
            let (own, all) = of_span(&run.recorded(), &found.relations, span);
            format!("{} {own} {all}", id(span))
        })
        .collect();
    times.sort();
    lines.extend(times);
    lines
}

/// The calls of a run merged by path.
fn merged(run: &Run) -> CallTree {
    let (recorded, found) = (run.recorded(), run.found());
    let (own, critical) = (found.own_times.as_slice(), found.critical.as_slice());
    let spans = TimedSpans { recorded: &recorded, trace: TraceIdx(0), own, critical };
    let mut builder = CallTreeBuilder::default();
    while !builder.add(&spans, 7, &|_| true) {}
    builder.finish(usize::MAX)
}

/// What is said of each path, in any order.
fn by_path(tree: &CallTree) -> Vec<String> {
    let mut paths: Vec<String> = Vec::new();
    for node in 0..tree.len() {
        let operation = tree.operations[node] as usize;
        let above = paths.get(tree.parents[node] as usize).cloned().unwrap_or_default();
        paths.push(format!("{above}>{}:{}", tree.services[operation], tree.names[operation]));
    }
    let sums = (0..tree.len()).map(|node| {
        let times = [&tree.own[0], &tree.own[1], &tree.total[0], &tree.total[1]].map(|column| column[node]);
        format!("{} {} {times:?}", paths[node], tree.counts[node])
    });
    let mut sums: Vec<String> = sums.collect();
    sums.sort();
    sums
}

proptest! {
    #[test]
    fn the_critical_path_covers_the_root_exactly(spans in any_spans(), settings in any_settings()) {
        let set = in_order(&spans);
        let run = run(&set, &settings);
        let (recorded, path) = (run.recorded(), run.found().path.iter().collect::<Vec<_>>());
        let root = run.root().unwrap();
        prop_assert_eq!(path.iter().map(|s| s.length()).sum::<i64>(), recorded.duration(root));
        prop_assert!(path.iter().all(|s| s.from < s.to));
        for pair in path.windows(2) {
            prop_assert_eq!(pair[0].to, pair[1].from);
            prop_assert_ne!(pair[0].span, pair[1].span);
        }
        if let (Some(first), Some(last)) = (path.first(), path.last()) {
            prop_assert_eq!((first.from, last.to), (recorded.start(root), recorded.end(root)));
        }
        // Every section lies within the span that it names.
        prop_assert!(path.iter().all(|s| recorded.start(s.span) <= s.from && s.to <= recorded.end(s.span)));
        let total: i64 = run.found().critical.iter().sum();
        prop_assert_eq!(total, recorded.duration(root));
    }

    #[test]
    fn the_completion_path_has_no_break(spans in any_spans(), settings in any_settings()) {
        let set = in_order(&spans);
        let run = run(&set, &settings);
        let (recorded, root) = (run.recorded(), run.root().unwrap());
        let within = root.at()..root.at() + run.trace().subtree_size(root) as usize;
        let latest = within.map(|at| recorded.end(SpanIdx::new(at))).max().unwrap();
        let path: Vec<_> = run.found().completion.iter().map(|stretch| stretch.section()).collect();
        if latest == recorded.end(root) {
            prop_assert!(path.is_empty());
            return Ok(());
        }
        prop_assert_eq!(path.first().map(|s| s.from), Some(recorded.start(root)));
        prop_assert_eq!(path.last().map(|s| s.to), Some(latest));
        prop_assert!(path.windows(2).all(|pair| pair[0].to == pair[1].from));
        prop_assert!(path.iter().all(|s| s.from < s.to));
    }

    #[test]
    fn the_order_of_arrival_changes_nothing(
        spans in any_spans(),
        order in Just((0..40).collect::<Vec<usize>>()).prop_shuffle(),
        settings in any_settings(),
    ) {
        let order: Vec<usize> = order.into_iter().filter(|&at| at < spans.len()).collect();
        let (one, other) = (in_order(&spans), set_of(&spans, &order));
        prop_assert_eq!(told(&run(&one, &settings)), told(&run(&other, &settings)));
    }

    #[test]
    fn merged_calls_add_up_whatever_the_order(
        spans in any_spans(),
        order in Just((0..40).collect::<Vec<usize>>()).prop_shuffle(),
        settings in any_settings(),
    ) {
        let order: Vec<usize> = order.into_iter().filter(|&at| at < spans.len()).collect();
        let (one, other) = (in_order(&spans), set_of(&spans, &order));
        let run_of = |set| run(set, &settings);
        let (run, other) = (run_of(&one), run_of(&other));
        let tree = merged(&run);
        prop_assert_eq!(tree.check(), Ok(()));
        for weight in WEIGHTS {
            let (own, total) = (&tree.own[weight as usize], &tree.total[weight as usize]);
            let mut parts = own.clone();
            for node in (0..tree.len()).rev() {
                prop_assert_eq!(parts[node], total[node], "itself and what it called");
                if let Some(above) = parts.get_mut(tree.parents[node] as usize) {
                    *above += total[node];
                }
            }
        }
        let own: i64 = run.found().own_times.iter().sum();
        prop_assert_eq!(tree.whole(Weight::SelfTime), own);
        prop_assert_eq!(tree.whole(Weight::Critical), run.recorded().duration(run.root().unwrap()));
        prop_assert_eq!(by_path(&tree), by_path(&merged(&other)));
    }

    #[test]
    fn self_time_is_within_the_duration(spans in any_spans(), settings in any_settings()) {
        let set = in_order(&spans);
        let run = run(&set, &settings);
        let (recorded, found) = (run.recorded(), run.found());
        for span in recorded.spans() {
            let (own, all) = of_span(&recorded, &found.relations, span);
            prop_assert_eq!(own, found.own_times[span.at()]);
            prop_assert!(0 <= all && all <= own && own <= recorded.duration(span));
        }
        for gap in &run.found().gaps {
            prop_assert!(0 <= gap.critical_ns && gap.critical_ns <= gap.length());
            prop_assert!(gap.length() <= recorded.duration(gap.span));
        }
    }

    #[test]
    fn the_changes_of_the_paths_add_up_to_the_change_of_the_latency(
        a in prop::collection::vec(any_spans(), 1..4),
        b in prop::collection::vec(any_spans(), 1..4),
        settings in any_settings(),
    ) {
        let found = compared(&sets_of(&a), &sets_of(&b), &settings);
        let sum = |side: usize| found.rows.iter().map(|row| row.sides[side].cp_ns).sum::<i64>();
        prop_assert_eq!([sum(0), sum(1)], found.root_ns);
        prop_assert_eq!(found.rows.iter().map(|row| row.delta_cp_ns).sum::<i64>(), found.delta_ns());
        // The other way round everything is the other way round.
        let back = compared(&sets_of(&b), &sets_of(&a), &settings);
        prop_assert_eq!(back.delta_ns(), -found.delta_ns());
        prop_assert_eq!(back.rows.len(), found.rows.len());
        let negated = |rows: &Comparison| {
            let mut told: Vec<_> = rows.rows.iter().map(|row| {
                let path = rows.paths.path(row.node);
                let from = row.from.map(|from| rows.paths.path(from));
                (path, from, row.status, row.sides)
            }).collect();
            told.sort();
            told
        };
        let mut turned: Vec<_> = negated(&back).into_iter().map(|(path, from, status, [b, a])| match status {
            Status::Moved => (from.clone().unwrap_or_default(), Some(path), status, [a, b]),
            Status::Added => (path, None, Status::Removed, [a, b]),
            Status::Removed => (path, None, Status::Added, [a, b]),
            _ => (path, None, status, [a, b]),
        }).collect();
        turned.sort();
        prop_assert_eq!(turned, negated(&found));
    }

    #[test]
    fn a_trace_compared_with_itself_shows_nothing(
        spans in any_spans(),
        order in Just((0..40).collect::<Vec<usize>>()).prop_shuffle(),
        settings in any_settings(),
    ) {
        let order: Vec<usize> = order.into_iter().filter(|&at| at < spans.len()).collect();
        let found = compared(&in_order(&spans), &set_of(&spans, &order), &settings);
        prop_assert!(found.is_same());
        prop_assert!(found.operations.is_empty() && found.errors.is_empty());
        prop_assert_eq!(found.delta_ns(), 0);
        // Twice the same traces are the same on average.
        let (once, twice) = ([spans.clone()], [spans.clone(), spans.clone()]);
        prop_assert!(compared(&sets_of(&once), &sets_of(&twice), &settings).is_same());
    }

    #[test]
    fn the_tree_of_both_has_every_span_once(a in any_spans(), b in any_spans(), settings in any_settings()) {
        let mut comparer = Comparer::new(settings);
        let a = comparer.add(&in_order(&a), TraceIdx(0), Side::A).unwrap();
        let b = comparer.add(&in_order(&b), TraceIdx(0), Side::B).unwrap();
        let merged = merge(&a, &b);
        prop_assert_eq!(merged.trace.check(), Ok(()));
        for (taken, spans) in [&a, &b].into_iter().zip(&merged.spans) {
            let mut known: Vec<u32> = spans.iter().copied().filter(|&span| span != ABSENT).collect();
            known.sort_unstable();
            let all: Vec<u32> = taken.recorded().spans().map(|span| span.0).collect();
            prop_assert_eq!(known, all);
        }
        for at in merged.trace.spans() {
            let of = |side: usize| merged.spans[side][at.at()];
            prop_assert!(of(0) != ABSENT || of(1) != ABSENT);
            if of(0) != ABSENT && of(1) != ABSENT {
                prop_assert_eq!(a.nodes[of(0) as usize], b.nodes[of(1) as usize]);
            }
        }
    }

    #[test]
    fn clocks_that_can_agree_are_made_to(
        spans in prop_oneof![shifted_trees(), any_spans()],
    ) {
        let set = in_order(&spans);
        let settings = Settings::default();
        let run = run(&set, &settings);
        let clocks = &run.found().clocks;
        if clocks.iter().any(|clock| !clock.is_consistent || clock.is_too_large) {
            return Ok(());
        }
        let recorded = run.recorded();
        for child in recorded.spans() {
            let Some(parent) = recorded.parent(child) else { continue };
            if run.domains().domain(child) == run.domains().domain(parent) {
                continue;
            }
            prop_assert!(recorded.start(parent) <= recorded.start(child));
            if is_call(&recorded, parent, child)
                && !is_handed_over(&recorded, parent, child)
                && recorded.duration(child) <= recorded.duration(parent)
            {
                prop_assert!(recorded.end(child) <= recorded.end(parent));
            }
        }
    }
}

/// Comparing giant shapes needs no stack either, and no time to speak of.
#[test]
fn giant_shapes_are_compared() {
    for shape in [Shape::Wide, Shape::Chain, Shape::Roots, Shape::Equal, Shape::Orphans, Shape::Cycle] {
        let (one, other) = (generate(50_000, shape), generate(50_001, shape));
        let small = std::thread::Builder::new().stack_size(256 << 10);
        let sums = small.spawn(move || {
            let mut comparer = Comparer::new(Settings::default());
            let a = comparer.add(&one, TraceIdx(0), Side::A).unwrap();
            let b = comparer.add(&other, TraceIdx(0), Side::B).unwrap();
            let merged = merge(&a, &b);
            let found = comparer.finish();
            let sum: i64 = found.rows.iter().map(|row| row.delta_cp_ns).sum();
            (sum, found.delta_ns(), merged.trace.check())
        });
        let (sum, delta, check) = sums.unwrap().join().unwrap();
        assert_eq!((sum, check), (delta, Ok(())), "{shape:?}");
    }
}

/// The graph of the run's trace, which is added so often.
fn graph(set: &TraceSet, run: &Run, times: usize) -> ServiceGraph {
    let (recorded, found) = (run.recorded(), run.found());
    let (self_times, critical) = (&found.own_times, &found.critical);
    let mut builder = GraphBuilder::new(None);
    for _ in 0..times {
        let times = Times { recorded: &recorded, self_times, critical, kept: None };
        builder.add(set, TraceIdx(0), times);
    }
    builder.finish()
}

proptest! {
    #[test]
    fn the_graph_counts_every_call_once_whatever_the_order(
        spans in any_spans(),
        order in Just((0..40).collect::<Vec<usize>>()).prop_shuffle(),
    ) {
        let order: Vec<usize> = order.into_iter().filter(|&at| at < spans.len()).collect();
        let settings = Settings::default();
        let (one, other) = (in_order(&spans), set_of(&spans, &order));
        let (run, shuffled) = (run(&one, &settings), run(&other, &settings));
        let found = graph(&one, &run, 1);
        prop_assert_eq!(&graph(&other, &shuffled, 1), &found);

        // The rules once more, span by span.
        let (recorded, trace) = (run.recorded(), run.trace());
        let mut calls = 0;
        for span in recorded.spans() {
            let (kind, service) = (trace.kind(span), trace.service(span));
            match recorded.parent(span) {
                None => calls += u32::from(kind == SpanKind::Server),
                Some(parent) => {
                    let hands_over = trace.kind(parent) == SpanKind::Producer && kind == SpanKind::Consumer;
                    let enters = trace.service(parent) != service || is_call(&recorded, parent, span);
                    calls += u32::from(enters || hands_over);
                }
            }
            let answers = |c: &SpanIdx| {
                trace.service(*c) != service || matches!(trace.kind(*c), SpanKind::Server | SpanKind::Consumer)
            };
            let calls_out = matches!(kind, SpanKind::Client | SpanKind::Producer);
            calls += u32::from(calls_out && !recorded.children(span).iter().any(answers));
        }
        prop_assert_eq!(found.edges.iter().map(|e| e.calls).sum::<u32>(), calls);

        // Times of services are those of the path, and no edge has more than the request.
        let services = found.nodes.iter().filter(|n| n.kind == NodeKind::Service);
        let (critical, own) =
            services.fold((0, 0), |(c, own), n| (c + n.critical_ns, own + n.self_ns));
        prop_assert_eq!(critical, run.found().critical.iter().sum::<i64>());
        prop_assert_eq!(own, run.found().own_times.iter().sum::<i64>());
        prop_assert!(found.edges.iter().all(|e| e.errors <= e.calls && e.critical_ns <= found.critical_ns));

        let twice = graph(&one, &run, 2);
        prop_assert_eq!(twice.critical_ns, 2 * found.critical_ns);
        prop_assert_eq!(twice.edges.len(), found.edges.len());
        for (twice, once) in twice.edges.iter().zip(&found.edges) {
            prop_assert_eq!((twice.calls, twice.critical_ns), (2 * once.calls, 2 * once.critical_ns));
            prop_assert_eq!((twice.p50_ns, twice.p95_ns), (once.p50_ns, once.p95_ns));
        }
    }
}

/// Giant shapes on a stack that is too small for anything that recurses over spans.
#[test]
fn giant_shapes_need_no_stack() {
    let shapes = [
        Shape::BackToBack,
        Shape::Wide,
        Shape::Chain,
        Shape::Roots,
        Shape::Equal,
        Shape::Orphans,
        Shape::AllMissing,
        Shape::Cycle,
        Shape::Services,
    ];
    for shape in shapes {
        let set = generate(100_000, shape);
        let small = std::thread::Builder::new().stack_size(256 << 10);
        let analysed = small.spawn(move || {
            let run = run(&set, &Settings::default());
            let total: i64 = run.found().path.iter().map(Section::length).sum();
            let graph = graph(&set, &run, 1);
            assert_eq!(graph.spans, run.recorded().spans().count() as u64, "{shape:?}");
            (total, run.recorded().duration(run.root().unwrap()), run.found().path.len())
        });
        let (total, duration, n_sections) = analysed.unwrap().join().unwrap();
        assert_eq!(total, duration, "{shape:?}");
        let expected = match shape {
            // One call after the other, and the root is never alone.
            Shape::BackToBack => 99_999,
            // Each span until its child begins; all end together.
            Shape::Chain | Shape::Cycle => 1,
            _ => continue,
        };
        assert!(n_sections >= expected, "{shape:?}: {n_sections} sections");
    }
}
