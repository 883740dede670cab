//! Compressed copies beside the files, and the gate on what the first visit loads.

use std::io::Write as _;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::pieces::Piece;

/// What the whole app should weigh, compressed: a second on a slow line.
const AIM_KB: usize = 400;

/// What it must not pass: the weight of today and a little more, to be lowered as it shrinks.
const LIMIT_KB: usize = 1270;

/// Writes `.br` and `.gz` beside each file that shrinks; returns the size of each as a host would send it.
pub(crate) fn compress(folder: &Path, pieces: &[Piece]) -> Result<Vec<usize>> {
    pieces.iter().map(|piece| compress_one(folder, piece)).collect()
}

fn compress_one(folder: &Path, piece: &Piece) -> Result<usize> {
    let mut brotli = Vec::new();
    let mut encoder = brotli::CompressorWriter::new(&mut brotli, 1 << 16, 11, 22);
    encoder.write_all(&piece.bytes)?;
    drop(encoder);
    if brotli.len() >= piece.bytes.len() {
        return Ok(piece.bytes.len());
    }
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(&piece.bytes)?;
    for (ending, bytes) in [("br", &brotli), ("gz", &gzip.finish()?)] {
        let path = folder.join(format!("{}.{ending}", piece.name));
        std::fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(brotli.len())
}

/// Prints what the first visit loads and fails when it is too much.
pub(crate) fn gate(pieces: &[Piece], compressed: &[usize]) -> Result<()> {
    println!("\n{:<36} {:>10} {:>10}", "first visit", "bytes", "brotli");
    for (piece, size) in pieces.iter().zip(compressed) {
        println!("{:<36} {:>10} {:>10}", piece.name, piece.bytes.len(), size);
    }
    let plain: usize = pieces.iter().map(|piece| piece.bytes.len()).sum();
    let sent: usize = compressed.iter().sum();
    println!("{:<36} {plain:>10} {sent:>10}  (aim {AIM_KB} kB, limit {LIMIT_KB} kB)\n", "together");
    if sent > LIMIT_KB * 1000 {
        bail!("the first visit loads {sent} bytes, more than {LIMIT_KB} kB");
    }
    Ok(())
}

/// What the first visit loads from a built page, in kB as a host sends it: all files at the top of the
/// folder, each in its smaller form.
pub(crate) fn first_visit_kb(folder: &Path) -> Result<f64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        let is_copy = path.extension().is_some_and(|ending| ending == "br" || ending == "gz");
        if path.is_file() && !is_copy {
            let smaller = std::fs::metadata(format!("{}.br", path.display()));
            bytes += smaller.or_else(|_| std::fs::metadata(&path))?.len();
        }
    }
    Ok(bytes as f64 / 1000.0)
}
