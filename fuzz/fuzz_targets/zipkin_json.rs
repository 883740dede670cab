//! Zipkin's JSON, versions 1 and 2.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| spanscope_fuzz::drive(bytes));
