//! Spanscope reads distributed traces and shows where the time went, entirely in the browser.
//!
//! The pipeline, in the order of the layers below: bytes are read by [`import`] into the columns of
//! [`model`]; [`analysis`] says what they mean; [`view`] turns a trace and the reader's state into rows and draw lists; [`engine`] answers
//! the requests of [`wire`] in a worker; [`source`] knows what Jaeger and Tempo are asked; [`platform`] and [`ui`] (feature `ui`) put the result on the page.
//! Everything but the last two is plain Rust without a clock, a network or a browser.

pub mod base;
pub mod model;

pub mod analysis;
pub mod import;
pub mod layout;
pub mod source;

pub mod view;
pub mod wire;

pub mod engine;
pub mod export;
pub mod state;

#[cfg(feature = "ui")]
pub mod platform;
#[cfg(feature = "ui")]
pub mod ui;
