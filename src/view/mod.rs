//! What is to be seen, as values: rows, scales, draw lists and texts, without a browser.
//!
//! Nothing here keeps anything: each function makes values from a trace and what the reader chose. The cost of
//! a picture depends on the window, not on the trace; what needs a pass over the trace ([`outline::Outline`],
//! [`rows::Rows`], search) is made once per trace, fold or query.

pub mod causality;
pub mod charts;
pub mod cover;
pub mod details;
pub mod draw;
pub mod find;
pub mod flame;
pub mod flame_view;
pub mod folding;
pub mod format;
pub mod frames;
pub mod graph;
pub mod icicle;
pub mod lanes;
pub mod loading;
pub mod marks;
pub mod minimap;
pub mod outline;
pub mod path;
pub mod path_tables;
pub mod replayed;
pub mod rows;
pub mod scale;
pub mod scroll;
pub mod similar;
pub mod text;
pub mod theme;
pub mod timeline;
pub mod traces;
pub mod treegrid;
pub mod values;
pub mod waterfall;

#[cfg(test)]
pub(crate) mod drawing;
