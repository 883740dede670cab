//! What a span is besides its times: kind, status, flags; and the hot columns that hold spans.

/// The role of a span in a call, as OpenTelemetry defines it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
#[expect(missing_docs, reason = "the words of the specification")]
pub enum SpanKind {
    #[default]
    Unspecified = 0,
    Internal = 1,
    Server = 2,
    Client = 3,
    Producer = 4,
    Consumer = 5,
}

impl SpanKind {
    /// The kind with this number in OTLP; unknown numbers are unspecified.
    pub const fn from_otlp(number: u64) -> Self {
        match number {
            1 => Self::Internal,
            2 => Self::Server,
            3 => Self::Client,
            4 => Self::Producer,
            5 => Self::Consumer,
            _ => Self::Unspecified,
        }
    }

    /// The kind named `text`: `SPAN_KIND_SERVER`, `SpanKind.SERVER`, `Server`, `server`, `2`.
    pub fn from_text(text: &str) -> Self {
        const NAMES: [(SpanKind, &str, &str); 5] = [
            (SpanKind::Internal, "internal", "1"),
            (SpanKind::Server, "server", "2"),
            (SpanKind::Client, "client", "3"),
            (SpanKind::Producer, "producer", "4"),
            (SpanKind::Consumer, "consumer", "5"),
        ];
        let name = text.strip_prefix("SPAN_KIND_").or_else(|| text.strip_prefix("SpanKind.")).unwrap_or(text);
        let found = NAMES.iter().find(|(_, word, digit)| name.eq_ignore_ascii_case(word) || name == *digit);
        found.map_or(Self::Unspecified, |&(kind, ..)| kind)
    }

    /// The word shown to the reader; empty when unspecified.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unspecified => "",
            Self::Internal => "internal",
            Self::Server => "server",
            Self::Client => "client",
            Self::Producer => "producer",
            Self::Consumer => "consumer",
        }
    }
}

/// The outcome of a span as its format states it; never derived from HTTP codes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
#[expect(missing_docs, reason = "the words of the specification")]
pub enum Status {
    #[default]
    Unset = 0,
    Ok = 1,
    Error = 2,
}

impl Status {
    /// The status with this number in OTLP; unknown numbers are unset.
    pub const fn from_otlp(number: u64) -> Self {
        match number {
            1 => Self::Ok,
            2 => Self::Error,
            _ => Self::Unset,
        }
    }

    /// The word shown to the reader.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unset => "unset",
            Self::Ok => "ok",
            Self::Error => "error",
        }
    }
}

/// Facts about a span, one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags(pub u32);

impl Flags {
    /// The input has no usable start; the start shown was derived.
    pub const START_MISSING: Self = Self(1);
    /// The input has no end: the span was still running.
    pub const UNFINISHED: Self = Self(1 << 1);
    /// The input ends before it starts; shown without length.
    pub const NEGATIVE: Self = Self(1 << 2);
    /// The times were read in another unit than the format's.
    pub const UNIT_GUESSED: Self = Self(1 << 3);
    /// Not a span: stands for a parent that is not in the input. Counts nowhere.
    pub const PLACEHOLDER: Self = Self(1 << 4);
    /// Its parent is not in the input; it hangs below a placeholder.
    pub const ORPHAN: Self = Self(1 << 5);
    /// Its parent link was cut because it led back to itself.
    pub const CYCLE_CUT: Self = Self(1 << 6);
    /// The server side of a span id that both sides of a call share.
    pub const SHARED: Self = Self(1 << 7);
    /// Another, different span has the same id; this one came later.
    pub const DUPLICATE_ID: Self = Self(1 << 8);
    /// Has at least one event.
    pub const HAS_EVENTS: Self = Self(1 << 9);
    /// Has at least one link.
    pub const HAS_LINKS: Self = Self(1 << 10);
    /// Has an event named `exception`.
    pub const HAS_EXCEPTION: Self = Self(1 << 11);
    /// The parent reference is of the FOLLOWS_FROM type: the parent did not wait.
    pub const FOLLOWS_FROM: Self = Self(1 << 12);
    /// The parent was found by containment in time (Chrome traces), not named by the input.
    pub const NESTED_BY_TIME: Self = Self(1 << 13);
    /// The input says that the parent is in another process.
    pub const PARENT_REMOTE: Self = Self(1 << 14);
    /// The input says that the parent is in the same process.
    pub const PARENT_LOCAL: Self = Self(1 << 15);
    /// Something about it was reported as a warning.
    pub const WARNED: Self = Self(1 << 16);
    /// The span id was made up, since the input has none.
    pub const ID_SYNTHETIC: Self = Self(1 << 17);
    /// Start or end were outside 2001 to 2100 and treated as missing.
    pub const TIME_ABSURD: Self = Self(1 << 18);
    /// Shown where its clock would have put it had it agreed with the others: see `Trace::with_shifts`.
    pub const CLOCK_CORRECTED: Self = Self(1 << 19);

    /// Whether all bits of `other` are set.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Sets the bits of `other`.
    pub const fn set(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

/// The hot columns: one entry per span and column, in tree order.
///
/// All columns have the same length. `parent` counts from the start of the column set it stands in, which is
/// why [`super::trace::Trace`] and [`super::trace_set::TraceSet`] hide it behind getters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpanColumns {
    /// Start; nanoseconds since 1970 in a set, since the trace's start in a trace.
    pub start: Vec<i64>,
    /// Nanoseconds, never negative.
    pub duration: Vec<i64>,
    /// Index of the parent, or [`NO_PARENT`].
    pub parent: Vec<u32>,
    /// Spans in the subtree, itself included.
    pub subtree_size: Vec<u32>,
    /// Ancestors.
    pub depth: Vec<u32>,
    /// Span name: index into the strings of the owner.
    pub name: Vec<u32>,
    /// Service: index into the services of the owner.
    pub service: Vec<u32>,
    /// Span id; 0 for a placeholder's is the missing parent's id.
    pub span_id: Vec<u64>,
    /// [`SpanKind`] in the low 4 bits, [`Status`] in the high 4.
    pub kind_status: Vec<u8>,
    /// [`Flags`].
    pub flags: Vec<u32>,
}

/// The parent of a root in [`SpanColumns::parent`].
pub const NO_PARENT: u32 = u32::MAX;

/// Kind and status in one byte.
pub const fn pack_kind_status(kind: SpanKind, status: Status) -> u8 {
    kind as u8 | (status as u8) << 4
}

/// The inverse of [`pack_kind_status`].
pub const fn unpack_kind_status(byte: u8) -> (SpanKind, Status) {
    (SpanKind::from_otlp((byte & 15) as u64), Status::from_otlp((byte >> 4) as u64))
}

impl SpanColumns {
    /// Number of spans, placeholders included.
    pub fn len(&self) -> usize {
        self.start.len()
    }

    /// Whether there is no span.
    pub fn is_empty(&self) -> bool {
        self.start.is_empty()
    }

    /// The columns of some spans, cut at the last.
    #[must_use]
    pub fn part(&self, range: std::ops::Range<usize>) -> Self {
        let end = range.end.min(self.len());
        let range = range.start.min(end)..end;
        Self {
            start: self.start[range.clone()].to_vec(),
            duration: self.duration[range.clone()].to_vec(),
            parent: self.parent[range.clone()].to_vec(),
            subtree_size: self.subtree_size[range.clone()].to_vec(),
            depth: self.depth[range.clone()].to_vec(),
            name: self.name[range.clone()].to_vec(),
            service: self.service[range.clone()].to_vec(),
            span_id: self.span_id[range.clone()].to_vec(),
            kind_status: self.kind_status[range.clone()].to_vec(),
            flags: self.flags[range].to_vec(),
        }
    }

    /// Bytes held on the heap.
    pub fn heap_bytes(&self) -> usize {
        (self.start.capacity() + self.duration.capacity() + self.span_id.capacity()) * 8
            + (self.parent.capacity()
                + self.subtree_size.capacity()
                + self.depth.capacity()
                + self.name.capacity()
                + self.service.capacity()
                + self.flags.capacity())
                * 4
            + self.kind_status.capacity()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_read_from_every_spelling() {
        for text in ["SPAN_KIND_SERVER", "SpanKind.SERVER", "Server", "server", "2"] {
            assert_eq!(SpanKind::from_text(text), SpanKind::Server, "{text}");
        }
        assert_eq!(SpanKind::from_text("?"), SpanKind::Unspecified);
    }

    #[test]
    fn kind_and_status_share_a_byte() {
        let packed = pack_kind_status(SpanKind::Consumer, Status::Error);
        assert_eq!(unpack_kind_status(packed), (SpanKind::Consumer, Status::Error));
    }
}
