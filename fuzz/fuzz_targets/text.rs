//! Text in any encoding, with anything between its JSON.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| spanscope_fuzz::drive_text(bytes));
