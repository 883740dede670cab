//! What is in trace files, one JSON object per line and file: the core at work without a browser.
//!
//! `cargo run --release --no-default-features --example summarize -- [--traces] [--analysis] FILE…`
//!
//! `records`, `roots`, `orphans`, `errors`, `events` and `links` count what the file holds, `spans` what is
//! left after merging duplicates; `records = spans + merged + refused`. `duration_ns` is the longest extent of
//! a trace. `--traces` adds `trace_list`, one object per trace. `--analysis` does too, and adds to each trace
//! what its analysis says with the settings that the page begins with: `headline`; `critical_path`, sections
//! `[span id, from_ns, to_ns]` that cover the main root's time, counted from the trace's `start_unix_ns` after
//! clock correction; `findings`, the most important first, each with the ids of the `spans` that show it.
//! Exit status 0 when every file gave a span.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Write};
use std::process::ExitCode;

use serde::Serialize;
use spanscope::analysis::finding::{Confidence, Severity};
use spanscope::analysis::run::Run;
use spanscope::analysis::settings::Settings;
use spanscope::import::{FileReport, Format, Import, Importer, Options};
use spanscope::model::index::{SpanIdx, TraceIdx};
use spanscope::model::trace_set::TraceSet;

/// One line of output. The order of the fields is the order in the output.
#[derive(Serialize)]
pub(crate) struct Summary {
    file: String,
    format: Option<String>,
    records: u64,
    merged: u64,
    refused: u64,
    traces: usize,
    spans: u64,
    services: u64,
    roots: u64,
    orphans: u64,
    errors: u64,
    events: u64,
    links: u64,
    duration_ns: i64,
    warnings: BTreeMap<&'static str, u64>,
    error: Option<Failure>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_list: Option<Vec<TraceLine>>,
}

#[derive(Serialize)]
struct Failure {
    code: &'static str,
    message: String,
    offset: Option<u64>,
}

#[derive(Serialize)]
struct TraceLine {
    trace_id: String,
    spans: u32,
    services: u32,
    root: Root,
    start_unix_ns: i64,
    duration_ns: i64,
    depth: u32,
    errors: u32,
    #[serde(flatten)]
    analysis: Option<Analysis>,
}

/// What `--analysis` adds to a trace.
#[derive(Serialize)]
struct Analysis {
    headline: String,
    critical_path: Vec<(String, i64, i64)>,
    findings: Vec<FindingLine>,
}

#[derive(Serialize)]
struct FindingLine {
    code: &'static str,
    title: String,
    stake_ns: Option<i64>,
    confidence: &'static str,
    severity: &'static str,
    spans: Vec<String>,
}

/// What is told besides the counts.
#[derive(Clone, Copy, Default)]
pub(crate) struct Wanted {
    pub(crate) traces: bool,
    pub(crate) analysis: bool,
}

#[derive(Serialize)]
struct Root {
    service: String,
    name: String,
}

fn main() -> ExitCode {
    let mut wanted = Wanted::default();
    let mut files = Vec::new();
    for word in std::env::args().skip(1) {
        match word.as_str() {
            "--traces" => wanted.traces = true,
            "--analysis" => wanted = Wanted { traces: true, analysis: true },
            _ => files.push(word),
        }
    }
    let mut out = std::io::stdout().lock();
    let mut all_have_spans = !files.is_empty();
    if files.is_empty() {
        let _ = writeln!(std::io::stderr(), "usage: summarize [--traces] [--analysis] FILE…");
    }
    for file in files {
        let summary = match read(&file) {
            Ok(import) => summarize(file, &import, wanted),
            Err(error) => unreadable(file, &error),
        };
        all_have_spans &= summary.spans > 0;
        let Ok(line) = serde_json::to_string(&summary) else {
            return ExitCode::FAILURE;
        };
        // A reader that has seen enough (`| head`) is no reason to fail.
        if writeln!(out, "{line}").is_err() {
            break;
        }
    }
    if all_have_spans { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Feeds the file in pieces, as the browser does: nothing holds it as a whole.
fn read(path: &str) -> std::io::Result<Import> {
    let mut file = File::open(path)?;
    let size = file.metadata().ok().map(|m| m.len());
    let mut importer = Importer::new(Options::default());
    importer.begin_file(path, size);
    let mut piece = vec![0; 1 << 20];
    loop {
        let n = file.read(&mut piece)?;
        if n == 0 {
            return Ok(importer.finish());
        }
        importer.feed(&piece[..n]);
    }
}

pub(crate) fn summarize(file: String, import: &Import, wanted: Wanted) -> Summary {
    let set = &import.set;
    let (totals, traces) = (set.totals(), set.traces());
    let sum = |count: fn(&spanscope::model::trace_set::TraceSummary) -> u32| {
        traces.iter().map(|t| u64::from(count(t))).sum()
    };
    let report = import.files.first().cloned().unwrap_or_default();
    Summary {
        file,
        format: formats(&report),
        records: report.records,
        merged: totals.merged,
        refused: report.refused,
        traces: traces.len(),
        spans: totals.spans,
        services: totals.services,
        roots: sum(|t| t.n_roots),
        orphans: sum(|t| t.n_orphans),
        errors: sum(|t| t.n_errors),
        events: totals.events,
        links: totals.links,
        duration_ns: traces.iter().map(|t| t.duration.0).max().unwrap_or(0),
        warnings: set.warnings().iter().map(|w| (w.code.code(), w.count)).collect(),
        error: report.error.map(|error| Failure {
            code: error.code(),
            message: error.to_string(),
            offset: error.offset(),
        }),
        trace_list: wanted
            .traces
            .then(|| (0..traces.len()).map(|at| trace_line(set, at, wanted.analysis)).collect()),
    }
}

/// The names of the formats found; an archive can hold several.
fn formats(report: &FileReport) -> Option<String> {
    let slugs: Vec<&str> = report.formats.iter().copied().map(Format::slug).collect();
    (!slugs.is_empty()).then(|| slugs.join("+"))
}

fn trace_line(set: &TraceSet, at: usize, with_analysis: bool) -> TraceLine {
    let summary = &set.traces()[at];
    let trace = set.trace(TraceIdx::new(at));
    let root = SpanIdx(summary.main_root - summary.first);
    TraceLine {
        trace_id: summary.id.to_string(),
        spans: summary.n_spans,
        services: summary.n_services,
        root: Root {
            service: trace.service_name(trace.service(root)).to_owned(),
            name: trace.name(root).to_owned(),
        },
        start_unix_ns: summary.start.0,
        duration_ns: summary.duration.0,
        depth: summary.depth,
        errors: summary.n_errors,
        analysis: with_analysis.then(|| analysis(set, TraceIdx::new(at))),
    }
}

fn analysis(set: &TraceSet, trace: TraceIdx) -> Analysis {
    let mut run = Run::new(trace, Settings::default(), None);
    run.finish(set);
    let id = |span: SpanIdx| run.trace().span_id(span).to_string();
    let found = run.found();
    Analysis {
        headline: found.headline.text.clone(),
        critical_path: found.path.iter().map(|s| (id(s.span), s.from, s.to)).collect(),
        findings: found
            .findings
            .iter()
            .map(|finding| FindingLine {
                code: finding.code,
                title: finding.title.clone(),
                stake_ns: finding.stake_ns,
                confidence: match finding.confidence {
                    Confidence::Certain => "certain",
                    Confidence::Observed => "observed",
                    Confidence::Likely => "likely",
                    Confidence::Possible => "possible",
                },
                severity: match finding.severity {
                    Severity::High => "high",
                    Severity::Medium => "medium",
                    Severity::Low => "low",
                    Severity::Info => "info",
                },
                spans: finding.evidence.iter().map(|&span| id(span)).collect(),
            })
            .collect(),
    }
}

fn unreadable(file: String, error: &std::io::Error) -> Summary {
    let empty = Import { set: TraceSet::default(), files: Vec::new() };
    let failure = Failure { code: "io", message: format!("cannot read the file: {error}"), offset: None };
    Summary { error: Some(failure), ..summarize(file, &empty, Wanted::default()) }
}
