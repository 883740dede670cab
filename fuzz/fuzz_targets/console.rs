//! What the console exporters of Python, JavaScript and Go print.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| spanscope_fuzz::drive(bytes));
