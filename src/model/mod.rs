//! Traces in columns: what was read, repaired into a tree, with every repair on record.
//!
//! [`builder::TraceBuilder`] is the only way in. It takes records in any order and gives a
//! [`trace_set::TraceSet`]: all spans of everything that was opened, in tree order, with attributes, events
//! and links behind one offset each. [`trace::Trace`] is one trace's share of the hot columns: what rows,
//! bars and analyses need, small enough to be held by the page.

mod assemble;
pub mod attributes;
pub mod builder;
pub mod check;
mod corrected;
mod duplicates;
pub mod ids;
pub mod index;
pub mod numbering;
mod pack;
mod raw;
pub mod reading;
pub mod record;
pub mod sample;
mod services;
pub mod span;
pub mod strings;
pub mod texts;
pub mod time;
mod times;
pub mod trace;
pub mod trace_list;
pub mod trace_set;
mod tree;
mod unpack;
pub mod warning;

#[cfg(test)]
mod order_tests;
#[cfg(test)]
mod repair_tests;
#[cfg(test)]
pub(crate) mod testing;
