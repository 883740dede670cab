//! The findings of real traces: each recorded scenario yields what happened in it, first in the list and with
//! nothing else of high severity beside it.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use std::fmt::Write as _;
use std::path::Path;

use spanscope::analysis::finding::{Finding, Severity};
use spanscope::analysis::run::Run;
use spanscope::analysis::settings::Settings;
use spanscope::import::{Importer, Options};
use spanscope::model::index::TraceIdx;
use spanscope::model::trace_set::TraceSet;

/// Scenario, the code expected first (none: nothing of high severity), and a part of its title.
const SCENARIOS: &[(&str, &str, &str)] = &[
    ("order-04", "PERF-7", "Slow query in postgresql: 400 ms"),
    ("order-08", "PERF-7", "Slow query in postgresql"),
    ("order-12", "PERF-7", "Slow query in postgresql"),
    ("checkout-ok-01", "PERF-1", "charge-card takes 120 ms"),
    ("checkout-ok-02", "PERF-1", "charge-card takes"),
    ("checkout-ok-03", "PERF-1", "charge-card takes"),
    ("checkout-declined-01", "ERR-1", "Failed in payments-service charge-card: "),
    ("weather-slow-external-01", "PERF-1", "call_external_web_service takes 600 ms of 603 ms (99.5 %)"),
    ("weather-slow-external-02", "PERF-1", "call_external_web_service takes"),
    ("n-plus-one-01", "PERF-4", "30 × select"),
    ("span-per-item-01", "VOL-1", "400 spans of process_item in one request"),
    ("sequential-01", "PERF-3", "3 calls one after the other"),
    ("user-not-found-01", "SEC-1", "A secret by its name in api_key and password (1 span)"),
    ("crash-01", "ERR-1", "Failed in users-service risky-operation: RuntimeError: boom"),
    ("gateway-01", "PERF-1", "POST stripe takes 390 ms of 426 ms"),
    ("queue-batch-links-01d", "PERF-9", "in queue emails before emails process took over"),
    ("queue-continued-trace-01", "PERF-9", "252 ms in queue emails before emails process took over"),
    ("broken-propagation-01a", "PROP-4", "demo-client called"),
    ("missing-parent-01", "PROP-1", "orphan-work arrived without its parent"),
    ("clock-skew-01", "TIME-1", "Clock of "),
    ("asyncio-01", "PERF-1", "fetch-3 takes 120 ms of 121 ms"),
    ("child-outlives-parent-01", "PERF-12", "background-flush goes on 100 ms after its caller ended"),
    ("gap-01", "PERF-2", "205 ms in handle-request with nothing recorded"),
    ("retries-01", "ERR-3", "3 attempts at GET flaky.example, 121 ms lost"),
    ("parallel-01", "", ""),
    ("attribute-types-01", "", ""),
    ("queue-batch-links-01a", "", ""),
    ("queue-batch-links-01b", "", ""),
    ("queue-batch-links-01c", "", ""),
];

fn load(files: &[&Path]) -> TraceSet {
    let mut importer = Importer::new(Options::default());
    for file in files {
        importer.begin_file(&file.display().to_string(), None);
        importer.feed(&std::fs::read(file).unwrap());
        importer.end_file();
    }
    importer.finish().set
}

fn analyse(set: &TraceSet, trace: TraceIdx) -> (Vec<Finding>, String) {
    let mut run = Run::new(trace, Settings::default(), None);
    run.finish(set);
    (run.found().findings.clone(), run.found().headline.text.clone())
}

fn words(findings: &[Finding]) -> String {
    findings.iter().fold(String::new(), |mut text, f| {
        let inside: Vec<&str> = f.contains.iter().map(|f| f.code).collect();
        writeln!(text, "    {:?} {} {} {inside:?}", f.severity, f.code, f.title).unwrap();
        text
    })
}

#[test]
fn each_scenario_yields_its_finding_first_and_no_other_of_high_severity() {
    let Some(folder) = common::shared("fixtures/otlp/traces") else { return };
    let mut faults = String::new();
    for &(scenario, code, title) in SCENARIOS {
        let file = folder.join(format!("{scenario}.json"));
        // Batches tell their waiting time only together with what they link to.
        let linked = ["a", "b", "c"].map(|part| folder.join(format!("queue-batch-links-01{part}.json")));
        let mut files = vec![file.as_path()];
        if scenario.ends_with("01d") {
            files.extend(linked.iter().map(std::path::PathBuf::as_path));
        }
        let set = load(&files);
        let consumer = set.traces().iter().position(|t| t.n_spans == 1).filter(|_| files.len() > 1);
        let (findings, headline) = analyse(&set, TraceIdx::new(consumer.unwrap_or(0)));
        let rest = if code.is_empty() { &findings[..] } else { findings.get(1..).unwrap_or_default() };
        let is_first = findings.first().is_some_and(|f| f.code == code && f.title.contains(title));
        if !(code.is_empty() || is_first) || rest.iter().any(|f| f.severity == Severity::High) {
            writeln!(faults, "{scenario}: wanted {code} {title}\n  {headline}\n{}", words(&findings))
                .unwrap();
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}

#[test]
fn the_parser_test_has_nothing_to_report() {
    let Some(folder) = common::shared("fixtures/otlp/traces") else { return };
    let set = load(&[&folder.join("attribute-types-01.json")]);
    let (findings, headline) = analyse(&set, TraceIdx(0));
    assert_eq!(words(&findings), "", "{headline}");
}

#[test]
fn no_finding_shows_a_secret() {
    let Some(folder) = common::shared("fixtures/otlp/traces") else { return };
    let set = load(&[&folder.join("user-not-found-01.json")]);
    let text = format!("{:?}", analyse(&set, TraceIdx(0)));
    for secret in ["hunter2-not-real", "EXAMPLE-KEY-0000", "jane@example.com"] {
        assert!(!text.contains(secret), "{secret}");
    }
}
