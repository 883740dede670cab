//! Charts over many traces, drawn with plotters on any of its back ends.
//!
//! The geometry (axes, marks, bins) is made of plain values that also answer hit tests and brushes; plotters
//! gets pixels. Its own axes are not used: they measure text, which in the browser is done by an element with
//! a `style` attribute, and the page's policy forbids those.

pub mod axis;
pub mod heat_map;
pub mod histogram;
mod pen;
pub mod scatter;

pub use pen::{ChartError, Look};

#[cfg(test)]
mod recorder;
