//! Reads files through the importer and says what came out, in forms that can be compared.

use std::path::Path;

use spanscope::import::{Import, Importer, Options};
use spanscope::model::index::{SpanIdx, TraceIdx};

/// The numbers of the collection's README.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) traces: u64,
    pub(crate) records: u64,
    pub(crate) biggest: u64,
    pub(crate) services: u64,
    pub(crate) roots: u64,
    pub(crate) orphans: u64,
    pub(crate) errors: u64,
    pub(crate) events: u64,
    pub(crate) extent: u64,
}

impl Counts {
    pub(crate) fn of(import: &Import) -> Self {
        let (traces, totals) = (import.set.traces(), import.set.totals());
        let sum = |count: fn(&spanscope::model::trace_set::TraceSummary) -> u32| {
            traces.iter().map(|t| u64::from(count(t))).sum()
        };
        Self {
            traces: traces.len() as u64,
            records: import.files.iter().map(|f| f.records).sum(),
            biggest: traces.iter().map(|t| u64::from(t.n_records)).max().unwrap_or(0),
            services: totals.services,
            roots: sum(|t| t.n_roots),
            orphans: sum(|t| t.n_orphans),
            errors: sum(|t| t.n_errors),
            events: totals.events,
            extent: traces.iter().map(|t| t.duration.0 as u64).max().unwrap_or(0),
        }
    }
}

/// Reads a file in pieces, as the page does.
pub(crate) fn read_file(path: &Path) -> Import {
    let bytes = std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut importer = Importer::new(Options::default());
    importer.begin_file(&path.to_string_lossy(), Some(bytes.len() as u64));
    for piece in bytes.chunks(64 * 1024) {
        importer.feed(piece);
    }
    importer.finish()
}

/// Everything an import says of its spans, a line each, in the order of the set. Where two files hold the
/// same data, these are equal.
pub(crate) fn spans_of(import: &Import) -> Vec<String> {
    let set = &import.set;
    let mut lines = Vec::new();
    for (at, summary) in set.traces().iter().enumerate() {
        let trace = set.trace(TraceIdx::new(at));
        for span in trace.spans().filter(|&s| !trace.is_placeholder(s)) {
            let details = set.details(SpanIdx(summary.first + span.0));
            let (resource, scope) = (set.resource(details.resource), set.scope(details.scope));
            lines.push(format!(
                "{} {} < {} {:?} {:?} {:?} {} +{} {} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
                summary.id,
                trace.span_id(span),
                details.parent_id,
                trace.name(span),
                trace.kind(span),
                trace.status(span),
                summary.start.0 + trace.start(span).0,
                trace.span_duration(span).0,
                trace.service_name(trace.service(span)),
                details.status_message,
                details.trace_state,
                details.attributes,
                details.events,
                details.links,
                resource.attributes,
                (scope.name, scope.version, scope.attributes),
            ));
        }
    }
    lines.sort();
    lines
}
