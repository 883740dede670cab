//! Who calls whom: services, and what they call without hearing of it, as nodes; calls as edges.
//!
//! One trace and many follow the same rules, and edges add up. A counterpart that records no spans of its own
//! (a database, a queue, a host elsewhere) is told by the attributes of its callers; who called the first
//! service is a user, or a caller that was lost. One service can be told apart by its operations.
//!
//! **Time on the critical path crosses an edge** while a call through it is under way: what the callee, and
//! everything below it, has of the path. A call within another call through the same edge counts once, so no
//! edge has more than the request. The times of services themselves add up to the time of the requests.

mod builder;
mod counterpart;
mod narrowing;

pub use builder::{GraphBuilder, Times};
pub use narrowing::Narrowing;

/// A time that nobody told: of graphs that somebody else has counted.
pub const UNTOLD: i64 = i64::MIN;

/// What a node stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NodeKind {
    /// A database that records no spans.
    Database,
    /// A host that records no spans.
    External,
    /// A queue or topic.
    Messaging,
    /// A caller that was to be in the trace, but is not.
    Missing,
    /// A service, or one of its operations.
    #[default]
    Service,
    /// An unknown caller of the first service.
    User,
}

impl NodeKind {
    /// The word for it. Kinds are in the order of these words.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Database => "database",
            Self::External => "external",
            Self::Messaging => "messaging",
            Self::Missing => "missing",
            Self::Service => "service",
            Self::User => "user",
        }
    }
}

/// What an edge stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EdgeKind {
    /// One service calls another, or itself.
    #[default]
    Call,
    /// A query.
    Database,
    /// The first service is called.
    Entry,
    /// A call to a host without spans.
    External,
    /// A message is put into a queue or taken from it.
    Messaging,
}

impl EdgeKind {
    /// The word for it. Kinds are in the order of these words.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Database => "database",
            Self::Entry => "entry",
            Self::External => "external",
            Self::Messaging => "messaging",
        }
    }
}

/// A node with what is known of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Node {
    /// What it stands for.
    pub kind: NodeKind,
    /// Name of the service, or of what is called.
    pub name: String,
    /// Operation, ids left out; empty for a service as a whole.
    pub operation: String,
    /// Spans of the service.
    pub spans: u32,
    /// How often it was called; of a caller, how often it called.
    pub calls: u32,
    /// Those that failed.
    pub errors: u32,
    /// Half of them took at most this; may be [`UNTOLD`].
    pub p50_ns: i64,
    /// 95 of 100 took at most this; may be [`UNTOLD`].
    pub p95_ns: i64,
    /// Time in which none of its own calls was waited for.
    pub self_ns: i64,
    /// Its time on the critical path; of what has no spans, the time that was waited for it.
    pub critical_ns: i64,
}

/// All calls from one node to another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edge {
    /// Position of the caller among the nodes.
    pub from: u32,
    /// Position of what is called.
    pub to: u32,
    /// What it stands for.
    pub kind: EdgeKind,
    /// Calls.
    pub calls: u32,
    /// Calls that failed, whichever side says so.
    pub errors: u32,
    /// Half of them took at most this; may be [`UNTOLD`].
    pub p50_ns: i64,
    /// 95 of 100 took at most this; may be [`UNTOLD`].
    pub p95_ns: i64,
    /// Median of the time between sending and receiving; negative where the consumer began first.
    pub wait_p50_ns: Option<i64>,
    /// Share of the callers' time during which the other side was not at work, in thousandths; none where
    /// not both sides are known.
    pub network_permille: Option<u32>,
    /// Time on the critical path while a call was under way: see the module.
    pub critical_ns: i64,
}

/// The graph of one trace or of many.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceGraph {
    /// By kind, name and operation.
    pub nodes: Vec<Node>,
    /// By caller, what is called, and kind.
    pub edges: Vec<Edge>,
    /// Time of the critical paths of all traces.
    pub critical_ns: i64,
    /// Traces that have a part in it.
    pub traces: u32,
    /// Spans that have a part in it.
    pub spans: u64,
}

#[cfg(test)]
mod tests;
