//! What must hold for replays, slack and sequences on any tree, however odd, and on very long ones.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use proptest::prelude::*;
use spanscope::analysis::critical_path::{critical_path, time_by_span};
use spanscope::analysis::prepared::Prepared;
use spanscope::analysis::recorded::Recorded;
use spanscope::analysis::relation::relations;
use spanscope::analysis::scenario::{Matching, Scenario};
use spanscope::analysis::sequences::{Sequence, sequences};
use spanscope::analysis::settings::{Overflow, Settings};
use spanscope::analysis::slack::slack;
use spanscope::analysis::what_helps::{help, operations};
use spanscope::analysis::what_if::{ABSENT, Outcome, Replay, Trial};
use spanscope::model::builder::TraceBuilder;
use spanscope::model::ids::{SpanId, TraceId};
use spanscope::model::index::{SpanIdx, TraceIdx};
use spanscope::model::record::SpanRecord;
use spanscope::model::span::{Flags, SpanKind};
use spanscope::model::trace::Trace;

const BASE: i64 = 1_600_000_000_000_000_000;

/// A span of a random tree; its id is its place in the list.
#[derive(Clone, Debug)]
struct Seed {
    id: u64,
    parent: u64,
    start: i64,
    end: i64,
    kind: u64,
    follows: bool,
}

fn trace_of(seeds: &[Seed]) -> Trace {
    let mut builder = TraceBuilder::default();
    for seed in seeds {
        let mut record = SpanRecord {
            trace_id: TraceId(7_u128.to_be_bytes()),
            span_id: SpanId(seed.id + 1),
            parent_id: SpanId(seed.parent),
            name: format!("n{}", seed.id % 5),
            kind: SpanKind::from_otlp(seed.kind),
            start: BASE + seed.start,
            end: BASE + seed.end,
            ..SpanRecord::default()
        };
        if seed.follows {
            record.flags.set(Flags::FOLLOWS_FROM);
        }
        builder.push(&record);
    }
    builder.finish().trace(TraceIdx(0))
}

/// Trees with calls in a row, at once, clipped, cut, outliving, without length, handed over and orphaned.
fn trees() -> impl Strategy<Value = Vec<Seed>> {
    let span = (any::<u16>(), -5_i64..100, 0_i64..100, 0_u64..6, 0_u8..20, any::<bool>());
    prop::collection::vec(span, 1..40).prop_map(|spans| {
        let mut seeds = vec![Seed { id: 0, parent: 0, start: 0, end: 40_000, kind: 2, follows: false }];
        for (id, (pick, from, long, kind, oddity, coarse)) in (1_u64..).zip(spans) {
            // Mostly near the root, where there is time to share.
            let parent = seeds[usize::from(pick) % seeds.len().min(1 + usize::from(pick >> 8) % 12)].clone();
            let length = parent.end - parent.start;
            // Parts of a hundred of the parent, some of them beyond its end; coarse ones meet exactly.
            let place = |part: i64| {
                let part = if coarse { part / 10 * 10 } else { part };
                parent.start + length * part / 100
            };
            // Mostly short, so that some run alone; some until after their parent's end.
            let to = (from + if oddity < 5 { long } else { long / 7 }).min(108);
            let (start, end) = (place(from), place(to));
            seeds.push(Seed {
                id,
                parent: if oddity == 1 { 999 } else { parent.id + 1 },
                start: if oddity == 2 { start - 30 } else { start },
                end,
                kind,
                follows: oddity == 3,
            });
        }
        seeds
    })
}

fn settings() -> impl Strategy<Value = Settings> {
    let overflow = prop_oneof![Just(Overflow::Auto), Just(Overflow::Truncate), Just(Overflow::Async)];
    (overflow, prop_oneof![Just(0_i64), Just(2000)], any::<bool>()).prop_map(
        |(overflow, jitter, tolerance)| Settings {
            overflow,
            overflow_jitter_ns: jitter,
            overlap_tolerance: tolerance,
            overlap_tolerance_ns: 300,
            sequence_min_member_ns: Some(1),
            sequence_min_saving_ns: Some(1),
            sequence_gap_floor_ns: 10,
            ..Settings::default()
        },
    )
}

/// A trace with everything that replays need.
struct Request {
    trace: Trace,
    tree: Prepared,
    replay: Replay,
    path_time: Vec<i64>,
    settings: Settings,
}

impl Request {
    fn new(trace: Trace, settings: &Settings) -> Self {
        let recorded = Recorded::new(&trace);
        let root = recorded.main_root().unwrap();
        let tree = Prepared::new(&recorded, &relations(&recorded, settings), settings, root);
        let replay = Replay::new(&tree, &recorded);
        let path_time = time_by_span(&critical_path(&tree), recorded.len());
        Self { tree, replay, path_time, settings: settings.clone(), trace }
    }

    fn run(&self, scenario: Scenario) -> Outcome {
        let outcome = self.replay.run(&self.trace, std::slice::from_ref(&scenario));
        assert_eq!(self.replay.saving(&self.trace, &[scenario]), outcome.saving_ns);
        outcome
    }

    fn scale(&self, spans: Vec<SpanIdx>, faster_permille: i64, subtree: bool) -> i64 {
        self.run(Scenario::Scale { matching: Matching::Spans(spans), faster_permille, subtree }).saving_ns
    }

    fn sequences(&self) -> Vec<Sequence> {
        let recorded = Recorded::new(&self.trace);
        sequences(&self.tree, &recorded, &self.replay, &self.path_time, &self.settings)
    }

    /// Included spans for which `pick` has a bit.
    fn some(&self, pick: u64) -> Vec<SpanIdx> {
        let order = self.tree.order().iter().enumerate();
        order.filter(|(at, _)| pick >> (at % 64) & 1 == 1).map(|(_, &span)| span).collect()
    }

    fn is_below(&self, span: SpanIdx, tops: &[SpanIdx]) -> bool {
        tops.iter().any(|&top| self.trace.is_within(span, top))
    }

    fn has_cuts(&self) -> bool {
        self.tree.order().iter().any(|&s| self.tree.is_cut(s))
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn nothing_changed_gives_every_position_back(seeds in trees(), settings in settings()) {
        let request = Request::new(trace_of(&seeds), &settings);
        let outcome = request.replay.run(&request.trace, &[]);
        prop_assert_eq!((outcome.saving_ns, outcome.before_ns), (0, outcome.after_ns));
        for span in request.trace.spans() {
            let found = (outcome.starts[span.at()], outcome.ends[span.at()]);
            let expected = if request.tree.includes(span) {
                (request.tree.start(span), request.tree.end(span))
            } else {
                (ABSENT, ABSENT)
            };
            prop_assert_eq!(found, expected);
        }
    }

    /// Nanoseconds become seconds: too long for the columns of times that are short.
    #[test]
    fn long_times_are_replayed_as_short_ones_are(
        seeds in trees(), settings in settings(), pick: u64, subtree: bool,
    ) {
        const LONGER: i64 = 1_000_000_000;
        let settings = Settings { overlap_tolerance: false, ..settings };
        let overflow_jitter_ns = settings.overflow_jitter_ns * LONGER;
        let long_settings = Settings { overflow_jitter_ns, ..settings.clone() };
        let longer = |s: &Seed| Seed { start: s.start * LONGER, end: s.end * LONGER, ..s.clone() };
        let long_seeds: Vec<Seed> = seeds.iter().map(longer).collect();
        let outcome = |seeds: &[Seed], settings: &Settings| {
            let request = Request::new(trace_of(seeds), settings);
            let matching = Matching::Spans(request.some(pick));
            request.run(Scenario::Scale { matching, faster_permille: 1000, subtree })
        };
        let (short, long) = (outcome(&seeds, &settings), outcome(&long_seeds, &long_settings));
        let longer = |times: &[i64]| -> Vec<i64> {
            times.iter().map(|&time| if time == ABSENT { time } else { time * LONGER }).collect()
        };
        prop_assert_eq!(long.saving_ns, short.saving_ns * LONGER);
        prop_assert_eq!((long.starts, long.ends), (longer(&short.starts), longer(&short.ends)));
    }

    #[test]
    fn a_faster_span_saves_no_more_than_its_time_on_the_path(
        seeds in trees(), settings in settings(), pick: u64, permille in 0_i64..=1000, subtree: bool,
    ) {
        let request = Request::new(trace_of(&seeds), &settings);
        let spans = request.some(pick);
        let saving = request.scale(spans.clone(), permille, subtree);
        let counts = |s: SpanIdx| if subtree { request.is_below(s, &spans) } else { spans.contains(&s) };
        let on_path: i64 =
            request.trace.spans().filter(|&s| counts(s)).map(|s| request.path_time[s.at()]).sum();
        prop_assert!(saving >= 0);
        // A cut span may be shortened by more than what its caller saw of it, and still never saves more.
        prop_assert!(saving <= on_path, "{saving} of {on_path}");
        if permille == 1000 && spans.contains(&request.tree.order()[0]) && subtree {
            prop_assert_eq!(saving, request.replay.before_ns());
        }
        prop_assert!(request.scale(spans, -permille, subtree) <= 0, "slower spans save nothing");
    }

    #[test]
    fn slack_is_exact(seeds in trees(), settings in settings(), pick: u16) {
        let request = Request::new(trace_of(&seeds), &settings);
        let order = request.tree.order();
        let span = order[usize::from(pick) % order.len()];
        let slack = slack(&request.tree);
        let room = slack[span.at()].unwrap();
        let cut: Vec<SpanIdx> = order.iter().copied().filter(|&s| request.tree.is_cut(s)).collect();
        if !request.is_below(span, &cut) {
            let later = |add_ns| Scenario::Delta { matching: Matching::Spans(vec![span]), add_ns };
            prop_assert_eq!(request.run(later(room)).saving_ns, 0);
            prop_assert_eq!(request.run(later(room + 1)).saving_ns, -1);
        }
        for span in request.trace.spans() {
            prop_assert_eq!(slack[span.at()].is_some(), request.tree.includes(span));
            if request.path_time[span.at()] > 0 {
                prop_assert_eq!(slack[span.at()], Some(0), "what is on the path has no room");
            }
        }
    }

    #[test]
    fn sequences_save_what_their_replay_saves(seeds in trees(), settings in settings(), pick: u64) {
        let request = Request::new(trace_of(&seeds), &settings);
        for sequence in request.sequences() {
            let outcome = request.run(Scenario::Parallel { members: sequence.members.clone() });
            prop_assert_eq!(outcome.saving_ns, sequence.root_saving_ns);
            prop_assert_eq!(outcome.after_ns, sequence.root_after_ns);
            prop_assert!(sequence.root_saving_ns <= sequence.local_saving_ns);
            for pair in sequence.members.windows(2) {
                prop_assert!(request.tree.end(pair[0]) <= request.tree.start(pair[1]));
            }
        }
        // Whatever is named, waiting for less never takes longer.
        let at_once = Scenario::Parallel { members: request.some(pick) };
        prop_assert!(request.run(at_once).saving_ns >= 0);
    }

    #[test]
    fn removing_an_operation_gains_at_least_what_halving_it_does(seeds in trees(), settings in settings()) {
        let request = Request::new(trace_of(&seeds), &settings);
        let found = operations(&request.tree, &request.trace, &request.path_time, |s| request.trace.name_idx(s));
        prop_assert_eq!(found.iter().map(|o| o.path_ns).sum::<i64>(), request.replay.before_ns());
        for operation in found {
            let help = help(&mut Trial::default(), &request.replay, &request.trace, &operation);
            prop_assert!(0 <= help.saving_half_ns && help.saving_half_ns <= operation.path_ns);
            if !request.has_cuts() {
                prop_assert!(help.saving_half_ns <= help.saving_removed_ns);
            }
        }
    }

    #[test]
    fn the_order_of_arrival_does_not_matter(
        (seeds, shuffled) in trees().prop_flat_map(|s| (Just(s.clone()), Just(s).prop_shuffle())),
        settings in settings(),
    ) {
        let (one, other) = (Request::new(trace_of(&seeds), &settings), Request::new(trace_of(&shuffled), &settings));
        prop_assert_eq!(slack(&one.tree), slack(&other.tree));
        prop_assert_eq!(one.sequences(), other.sequences());
    }
}

/// A few spans from the first to the last.
fn only_a_few(tree: &Prepared, few: usize) -> Vec<SpanIdx> {
    let order = tree.order();
    (1..=few).filter_map(|at| order.get(order.len() * at / few - 1).copied()).collect()
}

/// What a trace of so many spans must survive: every question once.
fn ask_everything(seeds: &[Seed]) {
    let request = Request::new(trace_of(seeds), &Settings::default());
    let n = request.tree.order().len();
    assert_eq!(n, seeds.len(), "every span is waited for");
    let outcome = request.replay.run(&request.trace, &[]);
    assert!(request.tree.order().iter().all(|&s| outcome.starts[s.at()] == request.tree.start(s)));
    let all = request.tree.order().to_vec();
    assert_eq!(request.scale(all.clone(), 1000, true), request.replay.before_ns());
    assert!(request.run(Scenario::Batch { members: all }).after_ns >= 0);
    // One span is asked about by another way than many are; both must agree.
    let some = only_a_few(&request.tree, 4);
    assert!(request.scale(some.clone(), 500, false) >= 0);
    assert!(request.scale(some.clone(), -500, true) <= 0);
    let delta = Scenario::Delta { matching: Matching::Spans(some), add_ns: 7 };
    assert!(request.run(delta).saving_ns <= 0);
    assert_eq!(slack(&request.tree).iter().flatten().count(), n);
    request.sequences();
}

#[test]
fn a_hundred_thousand_calls_in_a_row_are_an_ordinary_request() {
    let n = 100_000;
    let mut seeds = vec![Seed { id: 0, parent: 0, start: 0, end: n * 1_000_000, kind: 2, follows: false }];
    seeds.extend((0..n).map(|at| Seed {
        id: at as u64 + 1,
        parent: 1,
        start: at * 1_000_000,
        end: (at + 1) * 1_000_000,
        kind: 3,
        follows: false,
    }));
    ask_everything(&seeds);
    let request =
        Request::new(trace_of(&seeds), &Settings { sequence_min_member_ns: Some(1), ..Settings::default() });
    let found = request.sequences();
    assert_eq!(found.iter().map(|s| s.members.len()).collect::<Vec<_>>(), [n as usize]);
    assert_eq!(found[0].root_saving_ns, (n - 1) * 1_000_000);
}

#[test]
fn a_hundred_thousand_nested_spans_are_an_ordinary_request() {
    let n = 100_000_i64;
    let nested = |at: i64| Seed {
        id: at as u64,
        parent: at as u64,
        start: at * 10,
        end: n * 40 - at * 10,
        kind: 1,
        follows: false,
    };
    ask_everything(&(0..n).map(nested).collect::<Vec<_>>());
}
