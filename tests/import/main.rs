//! The import as a whole, from bytes to traces: containers, protobuf against prost, and what holds for every
//! input, however it is cut, mixed or damaged.

#![expect(
    clippy::unwrap_used,
    clippy::struct_field_names,
    reason = "tests; the names are those of proto files"
)]

#[path = "../common/mod.rs"]
mod common;
mod containers;
mod encodings;
mod otlp;
mod pack;
mod properties;
mod protobuf;
mod sniffing;
