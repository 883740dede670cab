//! Text in every encoding gives what it gives in UTF-8.

use spanscope::import::{Import, Importer, Options, read};
use spanscope::model::index::SpanIdx;
use spanscope::model::warning::WarningCode as Code;

const TEXT: &str = r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c",
    "spanId":"eee19b7ec3c1b174","name":"Käse 🧀 kaufen","startTimeUnixNano":"1700000000000000000",
    "endTimeUnixNano":"1700000000000001000"}]}]}]}"#;

fn wide<const N: usize>(units: impl IntoIterator<Item = [u8; N]>) -> Vec<u8> {
    units.into_iter().flatten().collect()
}

#[test]
fn every_encoding_is_read_with_and_without_its_mark() {
    let utf16 = |f: fn(u16) -> [u8; 2]| wide(TEXT.encode_utf16().map(f));
    let utf32 = |f: fn(u32) -> [u8; 4]| wide(TEXT.chars().map(|c| f(c as u32)));
    for (what, mark, bytes) in [
        ("UTF-8", &b"\xef\xbb\xbf"[..], TEXT.as_bytes().to_vec()),
        ("UTF-16 LE", b"\xff\xfe", utf16(u16::to_le_bytes)),
        ("UTF-16 BE", b"\xfe\xff", utf16(u16::to_be_bytes)),
        ("UTF-32 LE", b"\xff\xfe\0\0", utf32(u32::to_le_bytes)),
        ("UTF-32 BE", b"\0\0\xfe\xff", utf32(u32::to_be_bytes)),
    ] {
        for mark in [mark, b""] {
            for size in [1, 3, 1000] {
                let mut importer = Importer::new(Options::default());
                importer.begin_file(what, None);
                importer.feed(mark);
                bytes.chunks(size).for_each(|piece| importer.feed(piece));
                let import = importer.finish();
                assert_eq!(name(&import), "Käse 🧀 kaufen", "{what} with mark {mark:?} in pieces of {size}");
                assert_eq!(import.set.warnings().count(Code::InvalidUtf8), 0);
            }
        }
    }
}

fn name(import: &Import) -> &str {
    assert_eq!(import.files[0].records, 1, "{:?}", import.files[0].error);
    import.set.name(SpanIdx(0))
}

#[test]
fn what_cannot_be_decoded_is_replaced_and_counted() {
    let high = u16::from_str_radix("d83e", 16).unwrap();
    let units: Vec<u16> = TEXT.encode_utf16().collect();
    let at = units.iter().position(|&u| u == high).unwrap();
    // A surrogate without its other half, at the first and at the second place.
    for (without, shown) in [(at, "Käse \u{fffd} kaufen"), (at + 1, "Käse \u{fffd} kaufen")] {
        let mut units = units.clone();
        units.remove(without);
        let import = read("cut", &[&b"\xff\xfe"[..], &wide(units.iter().map(|u| u.to_le_bytes()))].concat());
        assert_eq!(name(&import), shown);
        assert_eq!(import.set.warnings().count(Code::InvalidUtf8), 1);
    }
    // Half a unit at the end.
    let import =
        read("cut", &[&b"\xff\xfe"[..], &wide(units.iter().map(|u| u.to_le_bytes())), b"\n"].concat());
    assert_eq!(import.set.warnings().count(Code::InvalidUtf8), 1);
    // Latin-1.
    let latin: Vec<u8> = TEXT.replace('🧀', "").chars().map(|c| c as u8).collect();
    let import = read("latin", &latin);
    assert_eq!(name(&import), "K\u{fffd}se  kaufen");
    assert_eq!(import.set.warnings().count(Code::InvalidUtf8), 1);
}
