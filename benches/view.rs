//! What looking at a large trace costs natively: `cargo bench --no-default-features --bench view [-- SPANS]`.
//!
//! Prints the best of several runs, in milliseconds, for traces of different shapes. The browser has its own
//! measurements (`cargo xtask bench`); these are for finding out which pass over the columns became dear.
#![expect(clippy::print_stdout, reason = "a table for the reader")]
#![expect(clippy::disallowed_methods, reason = "measuring needs a clock; nothing here runs in the browser")]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Instant;

use spanscope::model::index::{SpanIdx, TraceIdx};
use spanscope::model::sample::{self, Shape};
use spanscope::model::time::{DurationNanos, TimeRange};
use spanscope::view::find::Words;
use spanscope::view::folding::{FoldRule, Folding, SpanFilter};
use spanscope::view::minimap::Minimap;
use spanscope::view::outline::Outline;
use spanscope::view::rows::Rows;
use spanscope::view::scale::TimeScale;
use spanscope::view::scroll::Scroll;
use spanscope::view::theme::{LIGHT, Looks, RememberedLooks};
use spanscope::view::traces;
use spanscope::view::treegrid;
use spanscope::view::waterfall::{self, Scene};

const RUNS: u32 = 7;

fn main() {
    let n = std::env::args().skip(1).find_map(|a| a.parse().ok()).unwrap_or(1_000_000);
    for shape in [Shape::Services, Shape::Wide, Shape::Chain] {
        println!("\n{n} spans, {shape:?}");
        one_trace(n, shape);
    }
    println!("\n{n} traces");
    list(n);
}

fn one_trace(n: u32, shape: Shape) {
    let set = sample::generate(n, shape);
    let trace = set.trace(TraceIdx(0));
    drop(set);
    let looks = Looks::by_rank(trace.services().len());
    time("outline (once per trace)", || Outline::new(&trace));
    let outline = Outline::new(&trace);
    let mut folding = Folding::new(&trace, &outline, FoldRule::None);
    time("rows, everything open", || Rows::build(&trace, &outline, &folding));
    let all = Rows::build(&trace, &outline, &folding);
    time("close and open the first row (and copy the rows)", || {
        let mut rows = all.clone();
        rows.toggle(&trace, &outline, &mut folding, 0);
        rows.toggle(&trace, &outline, &mut folding, 0);
        rows.len()
    });
    for (name, rule) in [
        ("fold to runs, with rows", FoldRule::Runs),
        ("fold all, with rows", FoldRule::Depth(1)),
        ("unfold all, with rows", FoldRule::None),
        ("fold to errors, with rows", FoldRule::Errors),
    ] {
        time(name, || {
            folding.set_rule(&trace, &outline, rule);
            Rows::build(&trace, &outline, &folding)
        });
    }
    let slow = SpanFilter { services: Vec::new(), least: DurationNanos(trace.duration().0 / 1000) };
    time("filter by duration, with rows", || {
        folding.set_filter(&trace, &slow);
        Rows::build(&trace, &outline, &folding)
    });
    folding.set_filter(&trace, &SpanFilter::default());
    time("find two words", || Words::parse("select cart").find(&trace));
    time("minimap 1600 × 80", || {
        let mut map = Minimap::new(&trace, 1600, 80);
        map.add(&trace, &looks, trace.len());
        map.rgba(&LIGHT)
    });
    frame(&trace, &outline, &folding, &looks);
}

/// A frame of 45 rows in the middle, then at the top.
fn frame(trace: &spanscope::model::trace::Trace, outline: &Outline, folding: &Folding, looks: &Looks) {
    let rows = Rows::build(trace, outline, folding);
    let mut scroll = Scroll::new(rows.len(), 24.0, 1080.0);
    let whole = TimeRange { start: DurationNanos(0), end: trace.duration() };
    let events = BTreeMap::new();
    for (name, row) in [("frame at the top", 0), ("frame in the middle", rows.len() / 2)] {
        scroll.reveal_centred(row);
        let scene = Scene {
            trace,
            outline,
            folding,
            rows: &rows,
            scroll: &scroll,
            scale: TimeScale::fit(whole, 1200.0),
            width_px: 1200.0,
            looks,
            selected: Some(SpanIdx(0)),
            hovered: Some(row),
            crosshair_px: Some(300.0),
            matches: None,
            evidence: &[],
            path: None,
            replayed: None,
            marks: &[],
            is_path_emphasised: false,
            measured: None,
            events: &events,
        };
        time(name, || {
            let ops = waterfall::draw(&scene);
            let texts =
                treegrid::row_texts(trace, outline, folding, &rows, looks, None, scroll.rows_in_sight());
            (ops, texts)
        });
    }
}

fn list(n: u32) {
    let list = sample::generate(n, Shape::Traces).list();
    let words = traces::TraceFilter { words: Words::parse("get cart"), ..traces::TraceFilter::default() };
    time("filter by two words", || traces::filtered(&list, &words));
    let all = traces::filtered(&list, &traces::TraceFilter::default());
    for key in [traces::SortKey::Duration, traces::SortKey::Name] {
        time(&format!("sort by {key:?}"), || {
            let mut shown = all.clone();
            traces::sort(&list, &mut shown, traces::Sort { key, is_descending: true });
            shown
        });
    }
    time("facets", || traces::facets(&list, &words));
    time("percentiles", || traces::percentiles(&list, &all));
    let looks = traces::looks(&list, &mut RememberedLooks::new());
    time("scatter marks", || {
        let axes = spanscope::view::charts::scatter::ScatterAxes::new(&list, &all, 1000.0, 240.0);
        spanscope::view::charts::scatter::marks(&list, &all, &axes, &looks)
    });
    time("histogram", || spanscope::view::charts::histogram::Histogram::new(&list, &all, 600.0, 200.0));
}

fn time<T>(name: &str, mut work: impl FnMut() -> T) {
    let run = |work: &mut dyn FnMut() -> T| {
        let start = Instant::now();
        let result = black_box(work());
        let elapsed = start.elapsed();
        drop(result);
        elapsed.as_secs_f64() * 1000.0
    };
    let best = (0..RUNS).map(|_| run(&mut work)).fold(f64::INFINITY, f64::min);
    println!("{best:>10.2} ms  {name}");
}
