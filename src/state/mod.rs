//! What the reader can change, in one plain value, and its place in the URL.
//!
//! [`view_state::ViewState`] changes only by [`action::Action`]s; what can be derived from it and the data is
//! derived. [`url`] carries the part worth sharing, [`settings`] what belongs to the reader, [`commands`] is
//! the one table from which keys, help and palette are made.

pub mod action;
pub mod analysis;
pub mod commands;
pub mod compare;
pub mod compare_texts;
pub mod connections;
pub mod findings;
pub mod flame;
pub mod go_to;
pub mod graph;
pub mod keys;
pub mod list_filter;
pub mod openings;
pub mod search;
pub mod search_form;
pub mod search_results;
pub mod settings;
pub mod table_texts;
pub mod tables;
pub mod traceql;
pub mod url;
pub mod view_state;
pub mod what_if;
