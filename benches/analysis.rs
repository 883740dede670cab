//! What each step of an analysis costs natively:
//! `cargo bench --no-default-features --bench analysis [-- SPANS]`.
//!
//! Prints milliseconds, one run, for the usual shape and for the extremes. The browser has its own measurement
//! (`cargo xtask bench --part analysis`); this one is for finding the pass that became dear.
#![expect(clippy::print_stdout, reason = "a table for the reader")]
#![expect(clippy::disallowed_methods, reason = "measuring needs a clock; nothing here runs in the browser")]

use std::time::{Duration, Instant};

use spanscope::analysis::diff::{Comparer, Side};
use spanscope::analysis::diff_merged::merge;
use spanscope::analysis::diff_sentence::sentence;
use spanscope::analysis::run::Run;
use spanscope::analysis::service_graph::{GraphBuilder, Times};
use spanscope::analysis::settings::Settings;
use spanscope::model::index::TraceIdx;
use spanscope::model::sample::{self, Shape};
use spanscope::model::trace_set::TraceSet;

const SHAPES: [Shape; 8] = [
    Shape::Services,
    Shape::BackToBack,
    Shape::Wide,
    Shape::Chain,
    Shape::Roots,
    Shape::Equal,
    Shape::Orphans,
    Shape::Cycle,
];

fn main() {
    let n = std::env::args().skip(1).find_map(|a| a.parse().ok()).unwrap_or(1_000_000);
    for shape in SHAPES {
        println!("\n{n} spans, {shape:?}");
        let set = sample::generate(n, shape);
        let (steps, bytes) = steps(&set);
        for (name, took, longest) in steps {
            let (took, longest) = (took.as_secs_f64() * 1e3, longest.as_secs_f64() * 1e3);
            println!("{name:24} {took:8.1} ms, longest turn {longest:8.1} ms");
        }
        println!("{:24} {:8} bytes a span", "kept for questions", bytes / n as usize);
    }
    println!("\ntwo traces of {} spans compared", n / 2);
    for (name, took) in compared(&sample::generate(n / 2, Shape::Services)) {
        println!("{name:24} {:8.1} ms", took.as_secs_f64() * 1e3);
    }
}

/// Time to compare a trace with itself: its table, and the tree of both.
fn compared(set: &TraceSet) -> [(&'static str, Duration); 3] {
    let begun = Instant::now();
    let mut comparer = Comparer::new(Settings::default());
    let taken = Side::BOTH.map(|side| comparer.add(set, TraceIdx(0), side));
    let added = begun.elapsed();
    let found = comparer.finish();
    std::hint::black_box(sentence(&found));
    let table = begun.elapsed();
    if let [Some(a), Some(b)] = &taken {
        std::hint::black_box(merge(a, b));
    }
    [("both taken in", added), ("table and sentence", table), ("the tree of both", begun.elapsed())]
}

/// Time of each step and of its longest turn, and of all together; and the memory that is held in the end.
fn steps(set: &TraceSet) -> (Vec<(&'static str, Duration, Duration)>, usize) {
    let mut run = Run::new(TraceIdx(0), Settings::default(), None);
    let mut steps: Vec<(&'static str, Duration, Duration)> = Vec::new();
    let all = Instant::now();
    while !run.is_done() {
        let (name, ..) = run.progress();
        let begun = Instant::now();
        run.step(set);
        let took = begun.elapsed();
        match steps.last_mut().filter(|step| step.0 == name) {
            Some(step) => (step.1, step.2) = (step.1 + took, step.2.max(took)),
            None => steps.push((name, took, took)),
        }
    }
    let longest = steps.iter().map(|step| step.2).max().unwrap_or_default();
    steps.push(("all", all.elapsed(), longest));
    let begun = Instant::now();
    let (recorded, found) = (run.recorded(), run.found());
    let (self_times, critical) = (&found.own_times, &found.critical);
    let mut builder = GraphBuilder::new(None);
    builder.add(set, TraceIdx(0), Times { recorded: &recorded, self_times, critical, kept: None });
    let graph = builder.finish();
    let took = begun.elapsed();
    std::hint::black_box(graph);
    steps.push(("graph of services", took, took));
    (steps, run.heap_bytes())
}
