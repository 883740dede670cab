//! Instants and durations as integers with a unit: no float before the time scale.

use std::ops::{Add, Sub};

/// Nanoseconds since 1970-01-01T00:00:00Z, or since an unknown origin in files with relative times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixNanos(pub i64);

/// A length of time in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DurationNanos(pub i64);

/// From `start` to `end`, both relative to the start of a trace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimeRange {
    /// Nanoseconds after the trace's start.
    pub start: DurationNanos,
    /// Nanoseconds after the trace's start; never before `start`.
    pub end: DurationNanos,
}

impl TimeRange {
    /// The length of the range.
    pub fn duration(self) -> DurationNanos {
        self.end - self.start
    }

    /// The range with `nanos` more on both sides.
    #[must_use]
    pub fn padded(self, nanos: i64) -> Self {
        Self { start: self.start - DurationNanos(nanos), end: self.end + DurationNanos(nanos) }
    }

    /// Both ends moved into `whole`, in order.
    #[must_use]
    pub fn within(self, whole: Self) -> Self {
        let start = self.start.clamp(whole.start, whole.end);
        Self { start, end: self.end.clamp(start, whole.end) }
    }
}

impl Sub for UnixNanos {
    type Output = DurationNanos;
    fn sub(self, earlier: Self) -> DurationNanos {
        DurationNanos(self.0.saturating_sub(earlier.0))
    }
}

impl Add<DurationNanos> for UnixNanos {
    type Output = Self;
    fn add(self, d: DurationNanos) -> Self {
        Self(self.0.saturating_add(d.0))
    }
}

impl Add for DurationNanos {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for DurationNanos {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}
