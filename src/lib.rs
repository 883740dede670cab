//! Spanscope reads distributed traces and shows where the time went, entirely in the browser.
//!
//! The pipeline, in the order of the layers below: bytes are read by [`import`] into the columns of
//! [`model`]. Plain Rust without a clock, a network or a browser.

pub mod base;
pub mod model;

pub mod import;
