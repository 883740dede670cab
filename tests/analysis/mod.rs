//! Worked cases: how one is read, and what is computed for each kind.

pub(crate) mod case;
pub(crate) mod errors;
pub(crate) mod graph;
pub(crate) mod many;
pub(crate) mod replay;
pub(crate) mod texts;
pub(crate) mod time;
