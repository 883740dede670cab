//! The worked cases of the analyses, exactly as the specification gives them.
//!
//! Reads the case file of the design papers and, when `SPANSCOPE_CASES` names other files of the same format
//! (separated as in `PATH`), those too. A kind of case that is not known is a failure.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

mod analysis;
mod common;

use std::fmt::Write as _;
use std::path::PathBuf;

use analysis::case::Case;
use serde_json::Value;

/// What the product computes for a case; none for a kind that is not known.
fn compute(case: &Case) -> Option<Value> {
    analysis::time::compute(case)
        .or_else(|| analysis::texts::compute(case))
        .or_else(|| analysis::replay::compute(case))
        .or_else(|| analysis::errors::compute(case))
        .or_else(|| analysis::graph::compute(case))
        .or_else(|| analysis::many::compute(case))
}

#[test]
fn every_worked_case_gives_exactly_its_result() {
    let mut files: Vec<PathBuf> = common::shared("design/analysis-cases.json").into_iter().collect();
    if let Some(more) = std::env::var_os("SPANSCOPE_CASES") {
        files.extend(std::env::split_paths(&more));
    }
    let mut faults = String::new();
    let mut n = 0;
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        let document: Value =
            serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        for case in Case::all(&document) {
            n += 1;
            match compute(&case) {
                None => writeln!(faults, "{}: the kind {} is not known", case.id, case.kind).unwrap(),
                Some(found) if found != case.expected => {
                    writeln!(
                        faults,
                        "{} ({})\n  expected {}\n  found    {found}",
                        case.id, case.about, case.expected
                    )
                    .unwrap();
                }
                Some(_) => {}
            }
        }
        assert!(n > 0, "{} has no cases", file.display());
    }
    assert!(faults.is_empty(), "\n{faults}");
}
