//! Messages between the page and the engine, and the packing of columns into buffers.
//!
//! A message is a packed value and some byte buffers beside it: what is small and has many shapes goes through
//! serde, what is big is columns as little-endian bytes that change threads without being copied.
//! This module knows nothing of how messages travel. Page and worker run the same build, so a message is never
//! stored and the format may change with any commit; [`VERSION`] guards against a stale worker script.

pub mod aggregate;
pub mod analysis;
pub mod analysis_columns;
mod assembly;
pub mod call_tree;
mod columns;
pub mod compare;
pub mod details;
mod error;
pub mod graph;
pub mod list;
mod packet;
pub mod report;
mod request;
mod response;
pub mod scope;
pub mod span_json;
pub mod table;

pub mod pack;

pub use assembly::Assembly;
pub use columns::{PART, n_parts, pack_part};
pub use error::WireError;
pub use packet::Packet;
pub use request::{Request, Sought};
pub use response::{EventMarks, Memory, Phase, Progress, Response, TraceFacts, TraceHead};

/// Raised when a message changes its meaning.
pub const VERSION: u32 = 3;
