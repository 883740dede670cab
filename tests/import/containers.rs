//! Every container of section 3.1 of the formats, alone and within others, whole and cut.

use prost::Message;
use spanscope::import::{FileReport, Import, ImportError, Importer, Options, read};
use spanscope::model::warning::WarningCode as Code;

use crate::otlp::{TracesData, sample};
use crate::pack::{self, Method};

fn protobuf(n: usize) -> Vec<u8> {
    sample(n).encode_to_vec()
}

/// Reads `bytes` in pieces of 7 and checks that they hold `n` records.
fn check(what: &str, bytes: &[u8], n: u64) -> Import {
    let mut importer = Importer::new(Options::default());
    importer.begin_file(what, None);
    for piece in bytes.chunks(7) {
        importer.feed(piece);
    }
    let import = importer.finish();
    let file = &import.files[0];
    assert_eq!(file.records, n, "{what}: {file:?} {:?}", import.set.warnings());
    assert_eq!(file.error.is_none(), n > 0, "{what}: {:?}", file.error);
    assert_eq!(file.bytes, bytes.len() as u64);
    import
}

fn no_warnings(what: &str, import: &Import) {
    let found: Vec<_> = import.set.warnings().iter().filter(|w| w.code < Code::MissingId).collect();
    assert!(found.is_empty(), "{what}: {found:?}");
}

fn count(import: &Import, code: Code) -> u64 {
    import.set.warnings().count(code)
}

#[test]
fn every_container_gives_what_is_in_it() {
    let one = protobuf(3);
    let other = protobuf(2);
    let empty = TracesData::default().encode_to_vec();
    let name = "deep/".repeat(30) + "traces.pb";
    for (what, bytes, n) in [
        ("plain", one.clone(), 3),
        ("concatenated", [one.clone(), other.clone()].concat(), 5),
        ("gzip", pack::gzip(&one), 3),
        ("gzip, two members", [pack::gzip(&one), pack::gzip(&other)].concat(), 5),
        ("gzip, zeros behind", [pack::gzip(&one), vec![0; 100]].concat(), 3),
        ("gzip, zeros between", [pack::gzip(&one), vec![0; 100], pack::gzip(&other)].concat(), 5),
        ("gzip, all parts of the header", pack::gzip_with_all_parts(&one), 3),
        ("zstd", pack::zstd(&one), 3),
        ("zstd, two frames", [pack::zstd(&one), pack::zstd(&other)].concat(), 5),
        (
            "zstd, skippable frames",
            [pack::zstd_skippable(9), pack::zstd(&one), pack::zstd_skippable(0), pack::zstd(&other)].concat(),
            5,
        ),
        ("framed", pack::framed([&one[..], &other]), 5),
        ("framed, an empty one", pack::framed([&one[..], &empty, &other]), 5),
        ("framed zstd", pack::framed([&pack::zstd(&one)[..], &pack::zstd(&other)]), 5),
        ("zstd of framed", pack::zstd(&pack::framed([&one[..], &other])), 5),
        ("tar", pack::tar(&[("dir/", b""), ("dir/a.pb", &one), ("dir/.hidden", &one), (&name, &other)]), 5),
        ("tar.gz", pack::gzip(&pack::tar(&[("a.pb", &one), ("b.pb.zst", &pack::zstd(&other))])), 5),
        (
            "zip in zip in gzip",
            pack::gzip(&pack::zip(&[(
                "in.zip",
                Method::Stored,
                &pack::zip(&[("a", Method::Deflate, &one)]),
            )])),
            3,
        ),
    ] {
        no_warnings(what, &check(what, &bytes, n));
    }
}

#[test]
fn zip_members_come_in_every_method() {
    use Method::{Deflate, DeflateWithDescriptor, Stored, StoredWithDescriptor, Zip64, Zstd};
    let one = protobuf(3);
    for method in [Stored, StoredWithDescriptor, Deflate, DeflateWithDescriptor, Zstd, Zip64] {
        let archive = pack::zip(&[
            ("__MACOSX/._a.pb", Stored, b"junk"),
            ("dir/", Stored, b""),
            ("dir/.DS_Store", Stored, b"junk"),
            ("dir/a.pb", method, &one),
            ("b.pb", method, &protobuf(2)),
        ]);
        let what = format!("{method:?}");
        let import = check(&what, &archive, 5);
        no_warnings(&what, &import);
        assert_eq!(import.files[0].members, 2);
        let shifted = [b"#!/bin/sh\n".as_slice(), &archive].concat();
        assert_eq!(read("behind a script", &shifted).files[0].records, 0, "a script is no archive");
        // Of an archive that was cut, everything before the cut is read, with or without help of its directory.
        check(&what, &archive[..archive.len() - 60], 5);
        let directory = archive.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
        let import = read(&what, &archive[..directory - 40]);
        assert!((3..5).contains(&import.files[0].records), "{method:?}: {}", import.files[0].records);
        assert!(count(&import, Code::TruncatedContainer) > 0, "{method:?}");
    }
}

#[test]
fn an_encrypted_member_is_named_and_the_others_are_read() {
    let archive = pack::zip(&[
        ("secret.pb", Method::Encrypted, b"????"),
        ("open.pb", Method::Stored, &protobuf(3)),
        ("README.md", Method::Stored, b"Traces of the incident"),
    ]);
    let import = check("zip", &archive, 3);
    assert_eq!(count(&import, Code::EncryptedMember), 1);
    assert_eq!(count(&import, Code::NotTraces), 1);
    let detail =
        &import.set.warnings().iter().find(|w| w.code == Code::NotTraces).unwrap().examples[0].detail;
    assert!(detail.starts_with("zip › README.md: "), "{detail}");
}

#[test]
fn other_signals_among_the_messages_are_skipped_and_counted() {
    // One metric with a gauge; logs in JSON.
    let metrics = b"\x0a\x0e\x0a\x00\x12\x0a\x0a\x00\x12\x06\x0a\x01m\x2a\x01\x00";
    let logs = br#"{"resourceLogs":[{"resource":{},"scopeLogs":[]}]}"#;
    let bytes = pack::framed([&protobuf(3)[..], metrics, logs, &pack::zstd(logs), &protobuf(2)]);
    let import = check("mixed", &bytes, 5);
    assert_eq!(count(&import, Code::NotTraces), 3);
}

#[test]
fn an_archive_without_files_says_so() {
    let archive = || ImportError::Empty { what: "the archive".to_owned() };
    for bytes in [pack::zip(&[]), pack::zip(&[("dir/", Method::Stored, b"")]), pack::tar(&[("dir/", b"")])] {
        assert_eq!(check("empty", &bytes, 0).files[0].error, Some(archive()));
    }
}

#[test]
fn what_comes_before_a_cut_is_kept() {
    let spans = 200;
    let plain = protobuf(spans);
    let half = plain.len() / 2;
    let framed = pack::framed([&protobuf(3)[..], &protobuf(5)]);
    for (what, bytes, at_least, code) in [
        ("plain", plain[..half].to_vec(), 90, Code::TruncatedFrame),
        ("gzip", cut(pack::gzip(&plain)), 20, Code::TruncatedContainer),
        ("zstd of two blocks", three_quarters(pack::zstd(&protobuf(3000))), 900, Code::TruncatedContainer),
        ("tar", cut(pack::tar(&[("a", &plain)])), 20, Code::TruncatedContainer),
        ("framed", framed[..framed.len() - 5].to_vec(), 3, Code::TruncatedFrame),
        ("zip, stored", cut(pack::zip(&[("a", Method::Stored, &plain)])), 20, Code::TruncatedContainer),
        ("zip, deflated", cut(pack::zip(&[("a", Method::Deflate, &plain)])), 20, Code::TruncatedContainer),
    ] {
        let import = read(what, &bytes);
        let file = &import.files[0];
        assert!(file.records >= at_least && file.records < 3000, "{what}: {} records", file.records);
        assert!(count(&import, code) > 0, "{what}: {:?}", import.set.warnings());
        assert_eq!(file.error, None, "{what}");
    }
}

fn cut(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.truncate(bytes.len() / 2);
    bytes
}

fn three_quarters(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.truncate(bytes.len() / 4 * 3);
    bytes
}

#[test]
fn damage_is_told_and_what_came_before_is_kept() {
    let plain = protobuf(400);
    let mut gzip = pack::gzip(&plain);
    let sum_at = gzip.len() - 8;
    gzip[sum_at] ^= 1;
    let import = check("wrong checksum", &gzip, 400);
    assert_eq!(count(&import, Code::TruncatedContainer), 1);
    let garbage = [pack::gzip(&plain), b"garbage".to_vec()].concat();
    assert_eq!(count(&check("garbage behind", &garbage, 400), Code::BrokenValue), 1);
    let framed = [pack::framed([&plain[..]]), b"\xff\xff\xff\xff".to_vec()].concat();
    assert_eq!(count(&check("absurd length", &framed, 400), Code::BrokenValue), 1);
}

#[test]
fn unpacking_stops_at_the_limit() {
    let bomb = pack::gzip(&vec![b' '; 10 << 20]);
    for bytes in [bomb.clone(), pack::zip(&[("a", Method::Stored, &bomb)]), pack::zstd(&vec![b' '; 10 << 20])]
    {
        let mut importer = Importer::new(Options { max_unpacked: 1 << 20, ..Options::default() });
        importer.begin_file("bomb", None);
        importer.feed(&bytes);
        let report: FileReport = importer.end_file();
        assert!(matches!(report.error, Some(ImportError::TooLarge { .. })), "{:?}", report.error);
        assert!(report.unpacked < 2 << 20);
        let import = importer.finish();
        let warning = import.set.warnings().iter().find(|w| w.code == Code::SizeLimit).cloned().unwrap();
        assert_eq!(warning.count, 1);
        assert!(warning.examples[0].detail.contains("times the size"), "{warning:?}");
    }
}

#[test]
fn containers_nest_four_deep_and_no_deeper() {
    let mut bytes = protobuf(3);
    for depth in 1..=5 {
        bytes = pack::gzip(&bytes);
        let import = check("nested", &bytes, if depth <= 4 { 3 } else { 0 });
        assert_eq!(count(&import, Code::SizeLimit), u64::from(depth > 4));
    }
}
