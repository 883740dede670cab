//! The import report, in words and with references to the spans it speaks of.

use crate::import;
use crate::model::index::RecordIdx;
use crate::model::trace_set::TraceSet;
use crate::model::warning::{self as model, Example, Level};
use crate::wire::report::{Example as WireExample, File, FileError, Report, Totals, Warning};

use super::details::span_ref;

/// The report of one file.
pub(super) fn file(report: &import::FileReport) -> File {
    File {
        name: report.name.clone(),
        formats: report.formats.iter().map(|f| f.name().to_owned()).collect(),
        members: report.members,
        bytes: report.bytes,
        unpacked: report.unpacked,
        records: report.records,
        refused: report.refused,
        // Known once all files were read and put together.
        shown: 0,
        merged: 0,
        error: report.error.as_ref().map(FileError::from),
    }
}

/// The whole report.
pub(super) fn of(set: &TraceSet, files: &[File]) -> Report {
    let refused = files.iter().map(|f| f.refused).sum();
    let totals = set.totals();
    Report {
        files: with_books(set, files),
        warnings: set.warnings().iter().map(|w| warning(set, w)).collect(),
        totals: Totals {
            records: totals.records + refused,
            spans: totals.spans,
            merged: totals.merged,
            refused,
            traces: set.traces().len() as u64,
            services: totals.services,
            events: totals.events,
            links: totals.links,
        },
        ..Report::default()
    }
}

/// The files with what became of their records, which were read in this order.
fn with_books(set: &TraceSet, files: &[File]) -> Vec<File> {
    let mut n_used = 0;
    let ends: Vec<u64> = files
        .iter()
        .map(|file| {
            n_used += file.records.saturating_sub(file.refused);
            n_used
        })
        .collect();
    let mut files = files.to_vec();
    for (file, shown) in files.iter_mut().zip(set.shown_of_parts(&ends)) {
        file.shown = shown;
        file.merged = file.records.saturating_sub(file.refused).saturating_sub(shown);
    }
    files
}

fn warning(set: &TraceSet, warning: &model::Warning) -> Warning {
    let records: Vec<RecordIdx> = warning.examples.iter().filter_map(|e| e.record).collect();
    let mut spans = set.spans_of_records(&records).into_iter();
    let example = |e: &Example| WireExample {
        detail: e.detail.clone(),
        offset: e.offset,
        line: e.line,
        span: e.record.and_then(|_| spans.next()?).and_then(|span| span_ref(set, span)),
    };
    Warning {
        code: warning.code.code().to_owned(),
        sentence: warning.code.sentence().to_owned(),
        info: warning.code.level() == Level::Info,
        count: warning.count,
        examples: warning.examples.iter().map(example).collect(),
    }
}
