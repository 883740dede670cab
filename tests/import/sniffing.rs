//! Files that are told by their content and refused by their name.

use spanscope::import::{ImportError, read};

#[test]
fn what_cannot_be_read_is_named() {
    let png = b"\x89PNG\r\n\x1a\n".to_vec();
    let pprof =
        [&b"\x0a\x04\x08\x01\x10\x02\x12\x08\x0a\x02\x01\x02\x12\x02\x03\x04"[..], b"\x32\x00"].concat();
    let perfetto = b"\x0a\x08\x40\x85\x80\x04\x18\x07\x50\x01\x0a\x04\x40\x02\x50\x01".to_vec();
    // One metric "m" with a gauge, one log record with a body.
    let metrics = b"\x0a\x0e\x0a\x00\x12\x0a\x0a\x00\x12\x06\x0a\x01m\x2a\x01\x00".to_vec();
    let logs =
        b"\x0a\x16\x0a\x00\x12\x12\x0a\x00\x12\x0e\x09\x01\x02\x03\x04\x05\x06\x07\x08\x2a\x03\x0a\x01x"
            .to_vec();
    for (bytes, word) in [
        (b"BZh91AY&SY".to_vec(), "bzip2"),
        (b"\xfd7zXZ\0\0".to_vec(), "xz"),
        (b"\x04\x22\x4d\x18".to_vec(), "lz4"),
        (b"PAR1\x15\x04".to_vec(), "Parquet"),
        (b"ARROW1\0\0".to_vec(), "Arrow"),
        (b"Obj\x01\x04".to_vec(), "Avro"),
        (b"SQLite format 3\0".to_vec(), "SQLite"),
        (png, "picture"),
        (pprof, "pprof"),
        (perfetto, "Perfetto"),
        (metrics, "metrics"),
        (logs, "logs"),
        (b"<!DOCTYPE html><html><body>Log in</body></html>".to_vec(), "web page"),
        (b"\n <html lang=en>".to_vec(), "web page"),
        (b"\xef\xbb\xbf<html>".to_vec(), "web page"),
        (b"<?xml version='1.0'?><Error/>".to_vec(), "XML"),
        (b"TraceID,SpanID,ParentID\n1,2,3\n".to_vec(), "CSV"),
        (b"ResourceSpans #0\nResource SchemaURL: \n".to_vec(), "debug output"),
        (b"Activity.TraceId:  1234\n".to_vec(), ".NET"),
    ] {
        let file = read("file", &bytes).files.remove(0);
        let Some(ImportError::NotSupported { what, advice }) = &file.error else {
            panic!("{word}: {:?}", file.error);
        };
        assert!(what.contains(word), "{word}: {what}");
        assert!(!advice.is_empty());
    }
}

#[test]
fn the_unknown_is_shown() {
    for (bytes, words) in [
        (&b"Lorem ipsum dolor"[..], "Lorem ipsum dolor"),
        (b"\xff\xfeL\0o\0r\0e\0m\0", "Lorem"),
        (b"\x07\x00\x01\x02\x03", "07 00 01 02 03"),
    ] {
        let file = read("file", bytes).files.remove(0);
        let Some(ImportError::UnknownFormat { found }) = &file.error else {
            panic!("{words}: {:?}", file.error);
        };
        assert!(found.contains(words), "{found}");
    }
}

#[test]
fn nothing_is_called_nothing() {
    for bytes in [&b""[..], b" \n\n", b"\xef\xbb\xbf", b"\xff\xfe"] {
        let file = read("file", bytes).files.remove(0);
        assert_eq!(file.error, Some(ImportError::Blank), "{bytes:?}");
    }
}

#[test]
fn what_looks_like_something_else_is_still_read() {
    let json = br#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c",
        "spanId":"eee19b7ec3c1b174","name":"</html>"}]}]}]}"#;
    let long = [b"{\"note\":\"".as_slice(), &vec![b'x'; 70_000], b"\"}"].concat();
    for before in
        [&b"\r\n\r\n"[..], b"\n\n\n\n", b"    ", b"<13>Jan 1 host app: ", b"level=info, traceid=1, x=2\n"]
    {
        for after in [&b""[..], &long] {
            let bytes = [before, json, after].concat();
            // In a stream the size of the file is not known.
            let mut importer = spanscope::import::Importer::new(spanscope::import::Options::default());
            importer.begin_file("file", None);
            importer.feed(&bytes);
            let report = importer.end_file();
            assert_eq!(report.records, 1, "{:?}: {:?}", String::from_utf8_lossy(before), report.error);
        }
    }
}
