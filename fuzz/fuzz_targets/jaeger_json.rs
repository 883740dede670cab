//! Jaeger's JSON, its documents in Elasticsearch, its storage model.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| spanscope_fuzz::drive(bytes));
