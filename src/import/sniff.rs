//! What a file is, by its first bytes. Names never matter.
//!
//! Anything that is known and not readable is refused by its name, with what to do instead; "could not parse" is
//! what a reader can do nothing with.

use super::error::ImportError;
use super::frames::MAX_FRAME;
use super::proto_schema::{self, Message};
use super::text::Encoding;

/// Bytes that are looked at; fewer only when the file is shorter.
pub(super) const LOOK: usize = 64 << 10;
/// Bytes of unknown text that are kept for the message.
pub(super) const SHOWN: usize = 240;

/// What to do with the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Empty,
    Gzip,
    Zstd,
    Zip,
    Tar,
    Frames,
    /// Text, with the length of its byte order mark.
    Text((Encoding, usize)),
    Otlp,
    TempoV2,
    Zipkin,
    Refused(ImportError),
}

const UNPACK: &str = "unpack it first, or pack it with gzip, zstd or zip";
const EXPORT: &str = "export the traces as OTLP (JSON or protobuf), Jaeger or Zipkin JSON";
const PROFILE: &str =
    "it holds samples, not spans; open it in a profiler, and export traces as OTLP or Jaeger JSON";

/// Files known by their first bytes, that cannot be read: where the bytes stand, what it is, what to do.
const KNOWN: &[(usize, &[u8], &str, &str)] = &[
    (0, b"BZh", "this is a bzip2 file", UNPACK),
    (0, b"\xfd7zXZ\0", "this is an xz file", UNPACK),
    (0, b"\x04\x22\x4d\x18", "this is an lz4 file", UNPACK),
    (0, b"7z\xbc\xaf\x27\x1c", "this is a 7z archive", UNPACK),
    (0, b"Rar!\x1a\x07", "this is a RAR archive", UNPACK),
    (0, b"\xff\x06\0\0sNaPpY", "this is a snappy file", UNPACK),
    (0, b"PAR1", "this is a Parquet file", EXPORT),
    (0, b"ARROW1", "this is an Arrow file", EXPORT),
    (0, b"FEA1", "this is a Feather file", EXPORT),
    (0, b"\xff\xff\xff\xff", "this looks like an Arrow stream", EXPORT),
    (0, b"Obj\x01", "this is an Avro file", EXPORT),
    (0, b"ORC", "this is an ORC file", EXPORT),
    (0, b"SQLite format 3\0", "this is an SQLite database", EXPORT),
    (0, b"FLR\0", "this is a Java Flight Recorder file", PROFILE),
    (0, b"JAVA PROFILE", "this is a Java heap dump", PROFILE),
    (0, b"PERFILE2", "this is a Linux perf recording", PROFILE),
    (
        0,
        b"\xc1\x1f\xfc\xc1",
        "this is a CTF (LTTng) trace",
        "convert it with Babeltrace and export spans as OTLP",
    ),
    (0, b"go 1.", "this is a Go execution trace", "open it with `go tool trace`, and export spans as OTLP"),
    (0, b"%PDF-", "this is a PDF document", EXPORT),
    (
        0,
        b"\x89PNG",
        "this is a PNG picture",
        "a picture of a trace cannot be read; download the trace as JSON",
    ),
    (
        0,
        b"\xff\xd8\xff",
        "this is a JPEG picture",
        "a picture of a trace cannot be read; download the trace as JSON",
    ),
    (0, b"GIF8", "this is a GIF picture", "a picture of a trace cannot be read; download the trace as JSON"),
    (8, b"WEBP", "this is a WebP picture", "a picture of a trace cannot be read; download the trace as JSON"),
    (0, b"\x7fELF", "this is a program (ELF)", EXPORT),
    (0, b"\0asm", "this is a WebAssembly module", EXPORT),
    (0, b"MZ\x90\0", "this is a Windows program", EXPORT),
];

/// What `bytes` are, the first [`LOOK`] of a file; `complete` when there are no more. `size` is the file's, where
/// it is known.
pub(super) fn sniff(bytes: &[u8], complete: bool, size: Option<u64>) -> Kind {
    if bytes.is_empty() {
        return Kind::Empty;
    }
    let has = |at: usize, magic: &[u8]| bytes.get(at..).is_some_and(|b| b.starts_with(magic));
    if has(0, b"\x1f\x8b\x08") {
        return Kind::Gzip;
    }
    let is_skippable = bytes.first().is_some_and(|b| b & 0xf0 == 0x50) && has(1, b"\x2a\x4d\x18");
    if has(0, b"\x28\xb5\x2f\xfd") || is_skippable {
        return Kind::Zstd;
    }
    if has(0, b"PK\x03\x04") || has(0, b"PK\x05\x06") || has(0, b"PK\x07\x08PK\x03\x04") {
        return Kind::Zip;
    }
    if let Some(rest) = bytes.strip_prefix(b"\xef\xbb\xbf") {
        return match text(rest, complete) {
            Kind::Text((encoding, _)) => Kind::Text((encoding, 3)),
            other => other,
        };
    }
    if let Some(encoding) = marked(bytes).or_else(|| unmarked_wide(bytes)) {
        return Kind::Text(encoding);
    }
    if has(257, b"ustar") && super::tar::is_sum_right(bytes) {
        return Kind::Tar;
    }
    if let Some((_, _, what, advice)) = KNOWN.iter().find(|(at, magic, ..)| has(*at, magic)) {
        return refused(what, advice);
    }
    if is_framed(bytes, size.or(complete.then_some(bytes.len() as u64))) {
        return Kind::Frames;
    }
    match proto_schema::recognise(bytes) {
        Some(Message::Otlp) => Kind::Otlp,
        Some(Message::TempoV2) => Kind::TempoV2,
        Some(Message::Zipkin) => Kind::Zipkin,
        Some(Message::Metrics) => refused("these are OTLP metrics, not traces", EXPORT),
        Some(Message::Logs) => refused("these are OTLP logs, not traces", EXPORT),
        Some(Message::Perfetto) => refused(
            "this is a Perfetto trace in its binary form",
            "convert it with Perfetto's `traceconv json`, and open the result",
        ),
        Some(Message::Pprof) => refused("this is a pprof profile", PROFILE),
        None => text(bytes, complete),
    }
}

fn refused(what: &str, advice: &str) -> Kind {
    Kind::Refused(ImportError::NotSupported { what: what.to_owned(), advice: advice.to_owned() })
}

/// Encoding by a byte order mark.
fn marked(bytes: &[u8]) -> Option<(Encoding, usize)> {
    const MARKS: &[(&[u8], Encoding)] = &[
        (b"\xff\xfe\0\0", Encoding::Utf32 { big: false }),
        (b"\0\0\xfe\xff", Encoding::Utf32 { big: true }),
        (b"\xff\xfe", Encoding::Utf16 { big: false }),
        (b"\xfe\xff", Encoding::Utf16 { big: true }),
    ];
    MARKS.iter().find(|(mark, _)| bytes.starts_with(mark)).map(|&(mark, encoding)| (encoding, mark.len()))
}

/// UTF-16 or UTF-32 without a mark: JSON begins with ASCII, so that the other bytes of its units are zero.
fn unmarked_wide(bytes: &[u8]) -> Option<(Encoding, usize)> {
    let head = bytes.get(..64).unwrap_or(bytes);
    let all = |width: usize, at: usize| {
        head.len() >= 2 * width
            && head
                .chunks_exact(width)
                .all(|unit| unit.iter().enumerate().all(|(n, &b)| (b != 0) == (n == at)))
    };
    if all(2, 0) {
        Some((Encoding::Utf16 { big: false }, 0))
    } else if all(2, 1) {
        Some((Encoding::Utf16 { big: true }, 0))
    } else if all(4, 0) {
        Some((Encoding::Utf32 { big: false }, 0))
    } else if all(4, 3) {
        Some((Encoding::Utf32 { big: true }, 0))
    } else {
        None
    }
}

/// Whether the bytes are messages with a length in front of each.
fn is_framed(bytes: &[u8], size: Option<u64>) -> bool {
    // Protobuf begins with what would be a length of 167 million and more.
    if bytes.first() == Some(&0x0a) && proto_schema::recognise(bytes).is_some() {
        return false;
    }
    let (mut at, mut n) = (0_u64, 0);
    let limit = size.unwrap_or(u64::MAX);
    while let Some(rest) = usize::try_from(at).ok().and_then(|at| bytes.get(at..)) {
        let Some((prefix, content)) = rest.split_first_chunk::<4>() else {
            break;
        };
        let len = u32::from_be_bytes(*prefix);
        // A file that was cut has a last message longer than the rest, a damaged one has anything. Text and
        // protobuf never begin with a zero, so one good message behind a zero is enough.
        let is_cut = at + 4 + u64::from(len) > limit;
        if len == 0 && n > 0 {
            at += 4;
            continue;
        }
        if len == 0 || len > MAX_FRAME || is_cut && prefix[0] != 0 {
            return n > 0 && bytes.first() == Some(&0);
        }
        let content = content.get(..len as usize).unwrap_or(content);
        let is_message = content.starts_with(b"\x28\xb5\x2f\xfd")
            // Blank lines before JSON read as a length, too.
            || prefix[0] == 0 && content.first() == Some(&b'{')
            || n > 0 && content.first() == Some(&0x0a)
            || proto_schema::recognise(content).is_some();
        if !is_message && !content.is_empty() {
            return n > 0 && bytes.first() == Some(&0);
        }
        n += 1;
        at += 4 + u64::from(len);
    }
    n > 0
}

/// Text, or bytes of no known kind.
fn text(bytes: &[u8], complete: bool) -> Kind {
    let is_control =
        |b: &u8| *b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b | 0x1e) || *b == 0x7f;
    let n_control = bytes.iter().filter(|b| is_control(b)).count();
    let first = bytes.trim_ascii_start();
    if first.is_empty() && complete {
        return Kind::Empty;
    }
    if n_control * 20 > bytes.len() && !first.starts_with(b"{") && !first.starts_with(b"[") {
        let shown: Vec<String> = bytes.iter().take(16).map(|b| format!("{b:02x}")).collect();
        let found = format!("binary data that starts with {}", shown.join(" "));
        return Kind::Refused(ImportError::UnknownFormat { found });
    }
    let head = first.get(..1024).unwrap_or(first).to_ascii_lowercase();
    let has = |word: &[u8]| memchr::memmem::find(&head, word).is_some();
    if head.starts_with(b"<!doctype html") || head.starts_with(b"<html") || head.starts_with(b"<head") {
        return refused(
            "this is a web page, perhaps a login page or a server's error",
            "download the trace again while logged in",
        );
    }
    // Not so `<13>`, the priority that a system log puts before its lines.
    let is_tag = matches!(head.get(..2), Some([b'<', b'a'..=b'z' | b'!']));
    if head.starts_with(b"<?xml") || is_tag && has(b"</") {
        return refused("this is an XML document", EXPORT);
    }
    let line = head.split(|b| matches!(b, b'\n' | b'\r')).next().unwrap_or_default();
    let is_table = [b',', b';', b'\t'].iter().any(|&sep| memchr::memchr_iter(sep, line).count() >= 2)
        && !line.iter().any(|b| matches!(b, b'{' | b'[' | b'='));
    let name: Vec<u8> = line.iter().copied().filter(u8::is_ascii_alphanumeric).collect();
    if is_table && memchr::memmem::find(&name, b"traceid").is_some() {
        return refused("this is a table of spans (CSV)", EXPORT);
    }
    if has(b"activity.traceid:") {
        return refused(
            "this is .NET's console output",
            "use the OTLP exporter, or the Collector's file exporter",
        );
    }
    if has(b"resourcespans #") || has(b"scopespans #") {
        return refused("this is the Collector's debug output", "use the Collector's file exporter instead");
    }
    Kind::Text((Encoding::Utf8, 0))
}

/// The error for text in which nothing was found, with its beginning.
pub(super) fn unknown_text(start: &str) -> ImportError {
    let clean = |c: char| if c.is_control() { ' ' } else { c };
    let words: String = start.trim().chars().map(clean).take(60).collect();
    if words.is_empty() {
        return ImportError::Blank;
    }
    ImportError::UnknownFormat { found: format!("text that starts with “{words}”") }
}
