//! OTLP in JSON, JSON Lines, Tempo's and Jaeger's wraps of it.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| spanscope_fuzz::drive(bytes));
