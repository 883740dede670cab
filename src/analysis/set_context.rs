//! What a rule may look at that needs many traces: those of one endpoint.

use super::aggregate::Group;
use super::call_paths::CallPaths;
use super::correlation::Correlation;
use crate::model::trace_set::{TraceSet, TraceSummary};

/// The traces of one endpoint and what they say together.
#[derive(Clone, Copy, Debug)]
pub struct SetContext<'a> {
    /// Everything that is loaded.
    pub set: &'a TraceSet,
    /// The paths by which the group is told.
    pub paths: &'a CallPaths,
    /// The traces.
    pub group: &'a Group,
    /// What goes together most with being slow.
    pub goes_together: Option<&'a Correlation>,
}

impl<'a> SetContext<'a> {
    /// Service and name of the endpoint.
    pub fn endpoint(&self) -> (&'a str, &'a str) {
        self.paths.operation_names(self.group.operation)
    }

    /// The traces, the shortest root first.
    pub fn traces(&self) -> impl Iterator<Item = &'a TraceSummary> + '_ {
        self.group.traces.iter().filter_map(|t| self.set.traces().get(t.at()))
    }
}
