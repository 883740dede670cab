//! Records as they were read: one column per field, in the order of reading.

use super::ids::TraceId;
use super::span::Flags;

/// The record came from a format in which both sides of a call share one id. Internal: never leaves assembly.
pub(super) const ZIPKIN: Flags = Flags(1 << 31);
/// The record took its parent from another piece of the same span. Internal as well.
pub(super) const ADOPTED: Flags = Flags(1 << 30);
/// All flags that only assembly uses.
pub(super) const INTERNAL: u32 = ZIPKIN.0 | ADOPTED.0;

/// Columns of records; all have the same length.
#[derive(Clone, Debug, Default)]
pub(super) struct RawColumns {
    /// Index of the [`TraceKey`].
    pub(super) trace: Vec<u32>,
    pub(super) start: Vec<i64>,
    pub(super) end: Vec<i64>,
    pub(super) span_id: Vec<u64>,
    pub(super) parent_id: Vec<u64>,
    pub(super) name: Vec<u32>,
    pub(super) resource: Vec<u32>,
    pub(super) cold: Vec<u32>,
    pub(super) flags: Vec<u32>,
    pub(super) kind_status: Vec<u8>,
}

impl RawColumns {
    pub(super) fn len(&self) -> usize {
        self.start.len()
    }

    /// Makes room for one more record. Doubling would hold up to twice of what is needed, and memory of a
    /// wasm instance never shrinks again.
    #[inline]
    pub(super) fn make_room(&mut self) {
        let n = self.start.len();
        if n < self.start.capacity() {
            return;
        }
        self.reserve((n / 2).max(64));
    }

    /// Makes room for exactly so many more records.
    pub(super) fn reserve(&mut self, more: usize) {
        for column in [&mut self.trace, &mut self.name, &mut self.resource, &mut self.cold, &mut self.flags] {
            column.reserve_exact(more);
        }
        for column in [&mut self.start, &mut self.end] {
            column.reserve_exact(more);
        }
        for column in [&mut self.span_id, &mut self.parent_id] {
            column.reserve_exact(more);
        }
        self.kind_status.reserve_exact(more);
    }

    #[inline]
    pub(super) fn has(&self, record: u32, flag: Flags) -> bool {
        Flags(self.flags[record as usize]).has(flag)
    }

    #[inline]
    pub(super) fn flag(&mut self, record: u32, flag: Flags) {
        self.flags[record as usize] |= flag.0;
    }
}

/// What records are grouped by, and what is counted while they come in.
#[derive(Clone, Copy, Debug)]
pub(super) struct TraceKey {
    pub(super) id: TraceId,
    /// The source, for spans without a trace id; else 0.
    pub(super) source: u32,
    pub(super) n_events: u32,
}

/// A resource that may not have been read yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct ResourceEntry {
    pub(super) service: u32,
    pub(super) place: u32,
}

/// A file, or a member of an archive.
#[derive(Clone, Debug)]
pub(super) struct SourceEntry {
    pub(super) name: String,
    /// The first record that came from it.
    pub(super) first: u32,
    /// What times were multiplied by: see `times`.
    pub(super) time_factor: i64,
}
