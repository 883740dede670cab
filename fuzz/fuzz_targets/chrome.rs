//! Chrome Trace Event files.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| spanscope_fuzz::drive(bytes));
