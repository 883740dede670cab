//! Jaeger and Tempo without any network: what to ask them, as values, and what their answers mean.
//!
//! A backend is asked by a [`Query`], a path below its base address; whatever carries it there hands the
//! [`Answer`] back, and the functions of [`jaeger`] and [`tempo`] read it into the types of [`search`] or say in
//! a [`Problem`] what is wrong. The bytes of a trace are not read here: they go into the same import as a file.

pub mod access;
pub mod address;
pub mod attributes;
pub mod backend;
pub mod discover;
mod exchange;
pub mod go_duration;
pub mod jaeger;
mod jaeger_traces;
mod problem;
mod read;
pub mod retry;
pub mod search;
pub mod tempo;
pub mod trouble;
pub mod words;

pub use exchange::{Accept, Answer, Query};
pub use problem::{Cause, Problem};
