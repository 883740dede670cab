//! What every fuzz target does with its bytes: reads them with the whole import, in one piece and in many, and
//! checks what must hold for every input.

use spanscope::import::{Import, Importer, Options};
use spanscope::model::index::{SpanIdx, TraceIdx};

/// Unpacked bytes; an input is far smaller, and a bomb must not slow down the search.
const MAX_UNPACKED: u64 = 16 << 20;

/// Reads `bytes` as a file.
pub fn drive(bytes: &[u8]) {
    let whole = read(bytes, &[usize::MAX]);
    check(&whole);
    // Sizes that change with the input and are the same for the same input.
    let sum = bytes.iter().fold(7_usize, |sum, &b| sum.wrapping_mul(31).wrapping_add(b.into()));
    let parts = read(bytes, &[1 + sum % 5, 1 + sum / 5 % 200, 1 + sum / 1000 % 9]);
    check(&parts);
    assert_eq!(whole.files, parts.files, "the pieces make a difference");
    assert_eq!(whole.set.totals(), parts.set.totals(), "the pieces make a difference");
    assert_eq!(whole.set.traces(), parts.set.traces(), "the pieces make a difference");
    assert_eq!(whole.set.warnings(), parts.set.warnings(), "the pieces make a difference");
}

/// Reads `bytes` as a file, or as the content of a container that the first byte chooses.
pub fn drive_wrapped(bytes: &[u8]) {
    let Some((&choice, content)) = bytes.split_first() else {
        return;
    };
    match choice {
        // Two messages, cut where the second byte says.
        1 => {
            let cut = content.len().min(content.first().map_or(0, |&b| usize::from(b) * 4));
            let (a, b) = content.split_at(cut);
            drive(&[framed(a), framed(b)].concat());
        }
        2 => drive(&framed(content)),
        3 => drive(&tar(content)),
        4 => drive(&zip(content)),
        _ => drive(bytes),
    }
}

/// Reads `bytes` as they are and as UTF-16.
pub fn drive_text(bytes: &[u8]) {
    drive(bytes);
    if bytes.len() < 2000
        && let Ok(text) = std::str::from_utf8(bytes)
    {
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        drive(&[b"\xff\xfe", &wide[..]].concat());
    }
}

fn read(mut bytes: &[u8], sizes: &[usize]) -> Import {
    let mut importer = Importer::new(Options { max_unpacked: MAX_UNPACKED, ..Options::default() });
    importer.begin_file("input", None);
    for size in sizes.iter().cycle() {
        let (piece, rest) = bytes.split_at(bytes.len().min(*size));
        importer.feed(piece);
        bytes = rest;
        if bytes.is_empty() {
            break;
        }
    }
    importer.finish()
}

fn check(import: &Import) {
    let set = &import.set;
    let records: u64 = import.files.iter().map(|f| f.records).sum();
    let refused: u64 = import.files.iter().map(|f| f.refused).sum();
    let totals = set.totals();
    assert_eq!(records, totals.spans + totals.merged + refused, "the books do not balance: {totals:?}");
    for (at, summary) in set.traces().iter().enumerate() {
        let trace = set.trace(TraceIdx(at as u32));
        if let Err(error) = trace.check() {
            panic!("trace {}: {error}", summary.id);
        }
        for span in summary.first..summary.first + summary.n_entries {
            let details = set.details(SpanIdx(span));
            set.resource(details.resource);
            set.scope(details.scope);
        }
    }
}

fn framed(content: &[u8]) -> Vec<u8> {
    [&(content.len() as u32).to_be_bytes()[..], content].concat()
}

fn tar(content: &[u8]) -> Vec<u8> {
    let mut out = vec![0; 512];
    out[0] = b'a';
    out[124..136].copy_from_slice(format!("{:011o}\0", content.len()).as_bytes());
    out[148..156].fill(b' ');
    out[156] = b'0';
    out[257..263].copy_from_slice(b"ustar\0");
    let sum: u32 = out.iter().map(|&b| u32::from(b)).sum();
    out[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    out.extend(content);
    out
}

/// One stored member whose sizes follow its data, without a directory.
fn zip(content: &[u8]) -> Vec<u8> {
    let mut out = b"PK\x03\x04\x14\0\x08\0\0\0".to_vec();
    out.extend([0; 16]);
    out.extend([1, 0, 0, 0, b'a']);
    out.extend(content);
    out.extend(b"PK\x07\x08");
    out.extend([0; 12]);
    out
}
