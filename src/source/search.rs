//! A search as people fill it in, and what is found, whichever backend it was.

/// The search form. Empty fields do not narrow the search.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchForm {
    /// Service; Jaeger needs one.
    pub service: String,
    /// Operation of that service.
    pub operation: String,
    /// Attributes that a span has to have.
    pub attributes: Vec<(String, String)>,
    /// No shorter traces, in nanoseconds.
    pub min_duration: Option<u64>,
    /// No longer traces, in nanoseconds.
    pub max_duration: Option<u64>,
    /// First instant, nanoseconds since 1970.
    pub from: i64,
    /// Last instant.
    pub to: i64,
    /// Most traces to find.
    pub limit: u32,
}

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Traces in the backend's order.
    pub traces: Vec<TraceSummary>,
    /// Entries that are no traces: without a readable id.
    pub n_unreadable: u32,
    /// Bytes that the backend looked through; 0 when it does not say.
    pub inspected_bytes: u64,
}

/// One trace as far as a search tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TraceSummary {
    /// 32 hexadecimal digits in lower case.
    pub id: String,
    /// Service of the root; empty when the root has not come.
    pub root_service: String,
    /// Operation of the root; empty when the root has not come.
    pub root_name: String,
    /// Nanoseconds since 1970.
    pub start: i64,
    /// Nanoseconds; of some backends in whole milliseconds.
    pub duration: u64,
    /// Spans, where the backend counts them.
    pub n_spans: Option<u32>,
    /// Spans with an error, where the backend counts them.
    pub n_errors: Option<u32>,
    /// Spans without their parent, where the backend counts them.
    pub n_orphans: Option<u32>,
    /// Spans that a query matched, in all its sets.
    pub n_matched: Option<u32>,
    /// Per service, by name.
    pub services: Vec<ServiceCount>,
}

/// A service within a trace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceCount {
    /// Name.
    pub name: String,
    /// Its spans.
    pub n_spans: u32,
    /// Those with an error.
    pub n_errors: u32,
}

/// An operation of a service.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Operation {
    /// Name.
    pub name: String,
    /// `server`, `client`, …; empty when the backend does not say.
    pub kind: String,
}

/// One service calls another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dependency {
    /// Who calls.
    pub from: String,
    /// Who is called.
    pub to: String,
    /// How often.
    pub n_calls: u64,
}

impl TraceSummary {
    /// The range in which to look for the trace, in nanoseconds since 1970: its own with some room, since a
    /// backend of many blocks opens only those that the range names, and late spans lie outside.
    pub fn range(&self) -> (i64, i64) {
        const ROOM: i64 = 15 * 60 * 1_000_000_000;
        let end = self.start.saturating_add(i64::try_from(self.duration).unwrap_or(i64::MAX));
        (self.start.saturating_sub(ROOM).max(0), end.saturating_add(ROOM))
    }
}
