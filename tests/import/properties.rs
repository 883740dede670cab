//! What holds for every input, however it is cut, mixed or damaged.
//!
//! The inputs are the samples of the app, generated protobuf in every container, and the collection of real
//! files beside the repository where it is present.

use std::fmt::Write;
use std::path::Path;

use proptest::prelude::*;
use prost::Message;
use spanscope::import::{Import, Importer, Options};
use spanscope::model::index::{SpanIdx, TraceIdx};
use spanscope::model::warning::WarningCode as Code;

use crate::common::shared;
use crate::otlp::sample;
use crate::pack::{self, Method};

/// Larger files are left to the tests that read them once.
const MAX_SIZE: u64 = 40_000;

/// Names and bytes of all inputs.
fn inputs() -> Vec<(String, Vec<u8>)> {
    let plain = sample(40).encode_to_vec();
    let other = sample(10).encode_to_vec();
    let mut inputs: Vec<(String, Vec<u8>)> = [
        ("protobuf", plain.clone()),
        ("gzip", [pack::gzip(&plain), pack::gzip(&other)].concat()),
        ("zstd", [pack::zstd(&plain), pack::zstd_skippable(40), pack::zstd(&other)].concat()),
        ("framed", pack::framed([&plain[..], &other])),
        ("framed zstd", pack::framed([&pack::zstd(&plain)[..], &pack::zstd(&other)])),
        ("tar.gz", pack::gzip(&pack::tar(&[("a", &plain), ("b", &other)]))),
        ("zip", pack::zip(&[("a", Method::Deflate, &plain), ("b", Method::StoredWithDescriptor, &other)])),
    ]
    .map(|(name, bytes)| (name.to_owned(), bytes))
    .into();
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("public/samples");
    let dirs = [Some(samples), shared("traces"), shared("fixtures/otlp"), shared("fixtures/tempo/traces")];
    for dir in dirs.into_iter().flatten() {
        collect(&dir, MAX_SIZE, &mut inputs);
    }
    inputs
}

fn collect(root: &Path, max_size: u64, inputs: &mut Vec<(String, Vec<u8>)>) {
    let mut dirs = vec![root.to_owned()];
    let mut files = Vec::new();
    while let Some(dir) = dirs.pop() {
        for entry in std::fs::read_dir(&dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                dirs.push(path);
            } else if path.metadata().unwrap().len() <= max_size {
                files.push(path);
            }
        }
    }
    files.sort();
    inputs.extend(files.into_iter().map(|path| (path.display().to_string(), std::fs::read(&path).unwrap())));
}

/// Reads a file in the pieces that `sizes` say, over and over.
fn read(name: &str, bytes: &[u8], sizes: &[usize]) -> Import {
    let mut importer = Importer::new(Options::default());
    feed(&mut importer, name, bytes, sizes);
    importer.finish()
}

fn feed(importer: &mut Importer, name: &str, mut bytes: &[u8], sizes: &[usize]) {
    importer.begin_file(name, None);
    for size in sizes.iter().cycle() {
        let (piece, rest) = bytes.split_at(bytes.len().min((*size).max(1)));
        importer.feed(piece);
        bytes = rest;
        if bytes.is_empty() {
            break;
        }
    }
}

/// Checks what must hold for the result of every import.
fn check(name: &str, import: &Import) {
    let set = &import.set;
    for at in 0..set.traces().len() {
        let trace = set.trace(TraceIdx(at as u32));
        assert_eq!(trace.check(), Ok(()), "{name}");
    }
    let records: u64 = import.files.iter().map(|f| f.records).sum();
    let refused: u64 = import.files.iter().map(|f| f.refused).sum();
    let totals = set.totals();
    assert_eq!(records, totals.spans + totals.merged + refused, "{name}: {totals:?}");
}

/// Everything that is shown, as text; the order of reading leaves no trace in it.
fn shown(import: &Import) -> String {
    let (set, mut out) = (&import.set, String::new());
    for trace in set.traces() {
        writeln!(out, "{} {:?} {} {}", trace.id, trace.start, trace.n_records, trace.id_text).unwrap();
        for at in trace.first..trace.first + trace.n_entries {
            let (span, at, columns) = (SpanIdx(at), at as usize, set.columns());
            let details = set.details(span);
            writeln!(
                out,
                "{} {} {} {:?} {:?} {:x} {} {:?}",
                set.name(span),
                columns.start[at],
                columns.duration[at],
                columns.parent.get(at),
                set.service_name(columns.service[at]),
                columns.span_id[at],
                columns.kind_status[at],
                columns.flags[at],
            )
            .unwrap();
            writeln!(out, "  {:?} {:?} {:?}", details.attributes, details.events, details.links).unwrap();
            writeln!(out, "  {:?} {:?}", set.resource(details.resource), set.scope(details.scope)).unwrap();
        }
    }
    for warning in set.warnings().iter() {
        writeln!(out, "{} {}", warning.code.code(), warning.count).unwrap();
    }
    out
}

/// Whether a warning says that something is missing at the end or was left out.
fn tells_of_a_cut(import: &Import) -> bool {
    let codes = [
        Code::TruncatedContainer,
        Code::TruncatedFrame,
        Code::TruncatedJson,
        Code::BrokenValue,
        Code::NotTraces,
    ];
    codes.iter().any(|&code| import.set.warnings().count(code) > 0)
}

#[test]
fn the_pieces_make_no_difference() {
    for (name, bytes) in inputs() {
        let whole = read(&name, &bytes, &[usize::MAX]);
        check(&name, &whole);
        let sizes: &[&[usize]] = if bytes.len() < 6000 { &[&[1], &[13, 1, 500]] } else { &[&[61, 3, 7000]] };
        for sizes in sizes {
            let pieces = read(&name, &bytes, sizes);
            assert_eq!(pieces.files, whole.files, "{name} in pieces of {sizes:?}");
            assert_eq!(shown(&pieces), shown(&whole), "{name} in pieces of {sizes:?}");
            assert_eq!(pieces.set.warnings(), whole.set.warnings(), "{name} in pieces of {sizes:?}");
        }
    }
}

#[test]
fn what_is_readable_before_a_cut_is_there_with_a_warning() {
    for (name, bytes) in inputs() {
        let whole = read(&name, &bytes, &[usize::MAX]);
        let n_cuts = if bytes.len() < 4000 { 40 } else { 12 };
        let mut before = 0;
        for n in 1..n_cuts {
            let cut = bytes.len() * n / n_cuts;
            let part = read(&name, &bytes[..cut], &[usize::MAX]);
            check(&name, &part);
            let records = part.files[0].records;
            assert!(records <= whole.files[0].records, "{name} cut at {cut}: more than the whole");
            assert!(part.set.totals().spans <= whole.set.totals().spans, "{name} cut at {cut}");
            assert!(records >= before, "{name} cut at {cut}: {records} of {before} records");
            before = records;
            // A cut between two lines or messages is none; the next bytes then begin something new.
            let is_told = |at: usize| {
                let part = bytes.get(..at).map(|bytes| read(&name, bytes, &[usize::MAX]));
                part.is_none_or(|part| tells_of_a_cut(&part) || part.files[0].error.is_some())
            };
            if records < whole.files[0].records {
                assert!((cut..cut + 4).any(is_told), "{name} cut at {cut}: nothing said");
            }
        }
    }
}

#[test]
#[ignore = "minutes; cargo test --release --no-default-features --test import -- --ignored"]
fn no_prefix_of_any_real_file_gives_more_than_the_whole() {
    let Some(dir) = shared("traces") else {
        return;
    };
    let mut files = Vec::new();
    collect(&dir, u64::MAX, &mut files);
    for (name, bytes) in files {
        let whole = read(&name, &bytes, &[1 << 20]);
        check(&name, &whole);
        for cut in (0..bytes.len()).step_by((bytes.len() / 300).max(1000)) {
            let part = read(&name, &bytes[..cut], &[1 << 20]);
            check(&name, &part);
            assert!(part.files[0].records <= whole.files[0].records, "{name} cut at {cut}");
            assert!(part.set.totals().spans <= whole.set.totals().spans, "{name} cut at {cut}");
        }
    }
}

#[test]
fn any_order_of_files_gives_the_same_traces() {
    // One trace is spread over several of the raw files; among all inputs there are also traces that occur in
    // several formats.
    let mut raw = Vec::new();
    if let Some(dir) = shared("fixtures/otlp/raw") {
        collect(&dir, MAX_SIZE, &mut raw);
    }
    for files in [raw, inputs()] {
        check_orders(files);
    }
}

fn check_orders(mut files: Vec<(String, Vec<u8>)>) {
    let order = |files: &[(String, Vec<u8>)]| {
        let mut importer = Importer::new(Options::default());
        for (name, bytes) in files {
            feed(&mut importer, name, bytes, &[usize::MAX]);
        }
        let import = importer.finish();
        check("all", &import);
        shown(&import)
    };
    let expected = order(&files);
    for n in 1..6 {
        let first = n.min(files.len());
        files.rotate_left(first);
        if n % 2 == 0 {
            files.reverse();
        }
        assert_eq!(order(&files), expected, "order {n}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn damage_never_breaks_anything(
        which: prop::sample::Index,
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        sizes in prop::collection::vec(1_usize..3000, 1..4),
    ) {
        thread_local! {
            static INPUTS: Vec<(String, Vec<u8>)> = inputs();
        }
        let (name, mut bytes) = INPUTS.with(|inputs| which.get(inputs).clone());
        if !bytes.is_empty() {
            for (at, byte) in &flips {
                *at.get_mut(&mut bytes) = *byte;
            }
        }
        let import = read(&name, &bytes, &sizes);
        check(&name, &import);
        let whole = read(&name, &bytes, &[usize::MAX]);
        prop_assert_eq!(shown(&import), shown(&whole));
        prop_assert_eq!(import.files, whole.files);
    }
}
