//! Writes traces of any size, for benchmarks and for looking at what a million spans look like.
//!
//! `cargo run --release --no-default-features --example generate -- --spans 1000000 --format otlp-json
//! [--attributes 8] [--traces 1] [--seed 1] [--shape services] OUT`; formats: `otlp-json`, `otlp-jsonl`,
//! `otlp-protobuf`, `jaeger-json`. Equal arguments give equal bytes. The usual shape, `services`, is that of a
//! load test in a shop of twenty services: requests that fan out, runs of equal queries, one failure in a
//! hundred. The others are extremes: `wide` (one parent, its children back to back), `chain` (each within the
//! one before), `roots`, `equal` (all of the same start and end), `orphans`, `cycle`.

#![expect(clippy::print_stderr, reason = "a command line tool speaks to its terminal")]

mod attributes;
mod jaeger;
mod otlp;
mod otlp_protobuf;
mod random;
mod tree;

use std::fs::File;
use std::io::{BufWriter, Result, Write};
use std::process::ExitCode;

use random::Random;
use tree::{Shape, Trace};

/// Spans of one service, written together as an exporter would.
const BATCH: usize = 2048;

struct Arguments {
    spans: usize,
    traces: usize,
    attributes: usize,
    seed: u64,
    format: String,
    shape: Shape,
    out: String,
}

/// What is written span by span.
trait Writer {
    fn begin(&mut self, out: &mut dyn Write) -> Result<()>;
    fn trace(&mut self, out: &mut dyn Write, trace: &Trace, attributes: usize) -> Result<()>;
    fn end(&mut self, out: &mut dyn Write) -> Result<()>;
}

fn main() -> ExitCode {
    let arguments = match parse(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(message) => {
            eprintln!("{message}");
            eprintln!(
                "usage: generate --spans N --format otlp-json|otlp-jsonl|otlp-protobuf|jaeger-json \
                 [--attributes 8] [--traces 1] [--seed 1] \
                 [--shape services|wide|chain|roots|equal|orphans|cycle] OUT"
            );
            return ExitCode::from(2);
        }
    };
    match generate(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cannot write {}: {error}", arguments.out);
            ExitCode::FAILURE
        }
    }
}

fn parse(mut words: impl Iterator<Item = String>) -> std::result::Result<Arguments, String> {
    let mut arguments = Arguments {
        spans: 1000,
        traces: 1,
        attributes: 8,
        seed: 1,
        format: "otlp-json".to_owned(),
        shape: Shape::Services,
        out: String::new(),
    };
    while let Some(word) = words.next() {
        if !word.starts_with("--") {
            arguments.out = word;
            continue;
        }
        let value = words.next().ok_or(format!("{word} needs a value"))?;
        let number =
            || value.replace('_', "").parse::<usize>().map_err(|_| format!("{word}: not a number: {value}"));
        match word.as_str() {
            "--spans" => arguments.spans = number()?,
            "--traces" => arguments.traces = number()?.max(1),
            "--attributes" => arguments.attributes = number()?,
            "--seed" => arguments.seed = number()? as u64,
            "--format" => arguments.format = value,
            "--shape" => arguments.shape = Shape::named(&value).ok_or(format!("unknown shape {value}"))?,
            _ => return Err(format!("unknown option {word}")),
        }
    }
    if arguments.out.is_empty() {
        return Err("no file to write to".to_owned());
    }
    Ok(arguments)
}

fn generate(arguments: &Arguments) -> Result<()> {
    let mut writer: Box<dyn Writer> = match arguments.format.as_str() {
        "otlp-json" => Box::new(otlp::Json::document()),
        "otlp-jsonl" => Box::new(otlp::Json::lines()),
        "otlp-protobuf" => Box::<otlp_protobuf::Protobuf>::default(),
        "jaeger-json" => Box::<jaeger::Jaeger>::default(),
        other => return Err(std::io::Error::other(format!("unknown format {other}"))),
    };
    let mut random = Random::new(arguments.seed);
    let mut out = BufWriter::with_capacity(1 << 20, File::create(&arguments.out)?);
    writer.begin(&mut out)?;
    for nth in 0..arguments.traces {
        let upto = |n: usize| arguments.spans * n / arguments.traces;
        let n_spans = upto(nth + 1) - upto(nth);
        if n_spans > 0 {
            let trace = match arguments.shape {
                Shape::Services => Trace::grow(&mut random, n_spans, nth as u64),
                extreme => Trace::extreme(&mut random, n_spans, nth as u64, extreme),
            };
            writer.trace(&mut out, &trace, arguments.attributes)?;
        }
    }
    writer.end(&mut out)?;
    out.flush()
}
