//! One trace with its self times and its critical path, all at once: for what looks at many traces, of which
//! each is small.

use std::sync::Arc;

use super::clock_skew;
use super::critical_path::{critical_path, time_by_span};
use super::prepared::Prepared;
use super::recorded::{Columns, Recorded};
use super::relation::relations;
use super::self_time::own_times;
use super::settings::Settings;
use crate::model::index::TraceIdx;
use crate::model::trace::Trace;
use crate::model::trace_set::TraceSet;

/// A trace with its times.
#[derive(Debug)]
pub struct Timed {
    /// The trace.
    pub trace: Trace,
    columns: Arc<Columns>,
    /// Self times by span.
    pub own: Vec<i64>,
    /// Time on the critical path of the main root, by span.
    pub critical: Vec<i64>,
}

impl Timed {
    /// The trace at `trace_idx` of the set. O(n log n) in its spans.
    pub fn new(set: &TraceSet, trace_idx: TraceIdx, settings: &Settings) -> Self {
        let trace = set.trace(trace_idx);
        let columns = clock_skew::corrected(set, trace_idx, &trace, settings).columns();
        let recorded = Recorded::again(&trace, &columns);
        let relations = relations(&recorded, settings);
        let own = own_times(&recorded, &relations);
        let path = recorded.main_root().map(|root| {
            let tree = Prepared::new(&recorded, &relations, settings, root);
            critical_path(&tree)
        });
        let critical = time_by_span(&path.unwrap_or_default(), recorded.len());
        Self { trace, columns, own, critical }
    }

    /// The spans with corrected times.
    pub fn recorded(&self) -> Recorded<'_> {
        Recorded::again(&self.trace, &self.columns)
    }
}
