//! The hot columns of a trace in parts, small enough that unpacking one does not hold up a frame.

use crate::model::span::SpanColumns;

use super::WireError;
use super::pack::{Reader, Writer};

/// Spans in a part: about 3 MB, unpacked in about 3 ms.
pub const PART: usize = 1 << 16;

/// Number of parts of a trace: at least one, so that an empty trace arrives too.
pub fn n_parts(n_spans: usize) -> usize {
    n_spans.div_ceil(PART).max(1)
}

/// Packs a part: columns of some spans, and the names that first occur in it.
pub fn pack_part(c: &SpanColumns, names: &[String]) -> Vec<u8> {
    let mut w = Writer::default();
    w.i64s(&c.start);
    w.i64s(&c.duration);
    w.u32s(&c.parent);
    w.u32s(&c.subtree_size);
    w.u32s(&c.depth);
    w.u32s(&c.name);
    w.u32s(&c.service);
    w.u64s(&c.span_id);
    w.u8s(&c.kind_status);
    w.u32s(&c.flags);
    w.strings(names.iter().map(String::as_str));
    w.into_bytes()
}

/// Appends a part to the columns and the names.
pub(super) fn unpack_part(
    bytes: &[u8],
    c: &mut SpanColumns,
    names: &mut Vec<String>,
) -> Result<(), WireError> {
    let mut r = Reader::new(bytes);
    let n = r.i64s(&mut c.start)?;
    let lengths = [
        r.i64s(&mut c.duration)?,
        r.u32s(&mut c.parent)?,
        r.u32s(&mut c.subtree_size)?,
        r.u32s(&mut c.depth)?,
        r.u32s(&mut c.name)?,
        r.u32s(&mut c.service)?,
        r.u64s(&mut c.span_id)?,
        r.u8s(&mut c.kind_status)?,
        r.u32s(&mut c.flags)?,
    ];
    if lengths.iter().any(|&len| len != n) {
        return Err(WireError::Broken { reason: format!("{n} starts, other columns {lengths:?}") });
    }
    r.strings(names)?;
    r.end()
}

/// Reserves room for `n` spans, so that the columns do not move while they grow.
pub(super) fn reserve(c: &mut SpanColumns, n: usize) {
    for column in [&mut c.start, &mut c.duration] {
        column.reserve_exact(n);
    }
    for column in
        [&mut c.parent, &mut c.subtree_size, &mut c.depth, &mut c.name, &mut c.service, &mut c.flags]
    {
        column.reserve_exact(n);
    }
    c.span_id.reserve_exact(n);
    c.kind_status.reserve_exact(n);
}
