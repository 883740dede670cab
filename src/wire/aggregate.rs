//! What the critical paths of all loaded traces say together (many traces of one endpoint, each a group).

use serde::{Deserialize, Serialize};

use super::analysis::FindingMessage;

/// A part of the answer to [`super::Request::Aggregate`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum AggregatePart {
    /// Traces looked at so far.
    Progress {
        /// So many,
        done: u32,
        /// of so many.
        of: u32,
    },
    /// Everything, the largest group first.
    Groups(Vec<AggregateGroup>),
}

/// Traces with the same main root: service and name with its ids replaced.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AggregateGroup {
    /// Service of the root.
    pub service: String,
    /// Name of the root.
    pub name: String,
    /// Indices in the list of its traces, shortest root first.
    pub traces: Vec<u32>,
    /// Durations of their roots.
    pub durations: Vec<i64>,
    /// Median duration, nearest rank.
    pub p50_ns: i64,
    /// 95th percentile.
    pub p95_ns: i64,
    /// Call paths on the critical path, most time first.
    pub paths: Vec<AggregatePath>,
    /// Operations, wherever they are called from, most time first.
    pub operations: Vec<AggregateShare>,
    /// Services, most time first.
    pub services: Vec<AggregateShare>,
    /// Which operation took how long in which trace.
    pub heat: HeatMap,
    /// Typical and slow traces side by side; empty with fewer than three traces.
    pub bands: Vec<Band>,
    /// Slow less typical, by call path, largest difference first.
    pub differences: Vec<PathDifference>,
    /// Index in the list of the trace that is nearest to the middle.
    pub typical: Option<u32>,
    /// Traces that differ, most first.
    pub outliers: Vec<Outlier>,
    /// Attributes that go together with slow traces.
    pub goes_together: Vec<Correlation>,
    /// What is found only over many traces.
    pub findings: Vec<FindingMessage>,
}

/// One call path over the traces of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AggregatePath {
    /// From the root, each as `service:name`.
    pub path: Vec<String>,
    /// Traces that have it on their critical path.
    pub traces: u32,
    /// Time on the critical path, over all traces.
    pub total_ns: i64,
    /// Per trace.
    pub mean_ns: i64,
    /// Median, traces without it counting 0.
    pub p50_ns: i64,
    /// 95th percentile, likewise.
    pub p95_ns: i64,
    /// Part of all roots' time, in thousandths.
    pub share_permille: u32,
}

/// What an operation or a service has of the critical paths.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AggregateShare {
    /// Service.
    pub service: String,
    /// Operation; empty in a table of services.
    pub name: String,
    /// Time on the critical path, over all traces.
    pub total_ns: i64,
    /// Part of all roots' time, in thousandths.
    pub share_permille: u32,
}

/// Operations by traces.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeatMap {
    /// Rows: service and name of the operations with the most time.
    pub operations: Vec<(String, String)>,
    /// Columns, shortest root first.
    pub columns: Vec<HeatColumn>,
    /// Time on the critical path, row after row; the mean where a column stands for several traces.
    pub cells: Vec<i64>,
}

/// A column of the heat map.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeatColumn {
    /// Index in the list of the trace that a click opens.
    pub trace: u32,
    /// Traces that it stands for.
    pub n_traces: u32,
    /// Mean duration of their roots.
    pub duration_ns: i64,
}

/// Traces of a range of ranks by duration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Band {
    /// Such as `P95`.
    pub name: String,
    /// Indices in the list.
    pub traces: Vec<u32>,
    /// Mean duration of their roots.
    pub mean_ns: i64,
}

/// How much longer slow traces spend in a call path than typical ones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathDifference {
    /// From the root, each as `service:name`.
    pub path: Vec<String>,
    /// Mean time in typical traces.
    pub typical_ns: i64,
    /// Mean time in slow traces.
    pub slow_ns: i64,
}

/// A trace that differs from the others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outlier {
    /// Index in the list.
    pub trace: u32,
    /// Where it took longer than the median, most first, at most three.
    pub because: Vec<PathDifference>,
}

/// An attribute that slow traces have more often, or less, than the rest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correlation {
    /// Key.
    pub key: String,
    /// Value.
    pub value: String,
    /// Share of the slow ones that have it, in thousandths.
    pub selected_permille: u32,
    /// Share of the rest.
    pub rest_permille: u32,
    /// Items with it.
    pub count: u32,
}
