//! Gzip, zstd, zip, tar and length-prefixed messages, around anything.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| spanscope_fuzz::drive_wrapped(bytes));
