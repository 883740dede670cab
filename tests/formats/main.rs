//! The formats, as a reader of files sees them: what goes in as bytes comes out as these spans.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

#[path = "../common/mod.rs"]
mod common;
mod pairs;
mod reading;
mod samples;
mod small;
