//! What a reader may change about the analyses, with the defaults that the product starts from.

/// What becomes of a child that ends after its parent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Overflow {
    /// By how much it ends later decides: see [`super::relation`].
    #[default]
    Auto,
    /// The parent waited until its own end: the child is clipped there.
    Truncate,
    /// The parent did not wait for it.
    Async,
}

/// Settings of all analyses. Times are nanoseconds; `None` stands for a threshold derived from the trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Children that end after their parent.
    pub overflow: Overflow,
    /// Least time by which a child must outlive its parent to count as work of its own.
    pub overflow_jitter_ns: i64,
    /// The same as a part of the parent's duration: one in this many.
    pub overflow_jitter_div: i64,
    /// Whether siblings that overlap by a trifle are taken to follow one another.
    pub overlap_tolerance: bool,
    /// The largest such trifle.
    pub overlap_tolerance_ns: i64,
    /// Whether clocks are corrected.
    pub adjust_skew: bool,
    /// A larger offset between clocks is not believed.
    pub max_skew_ns: i64,
    /// Shortest stretch without children that counts as a gap.
    pub gap_min_ns: Option<i64>,
    /// Fewest calls of a sequence.
    pub sequence_min_members: usize,
    /// Shortest call that makes a sequence worth telling.
    pub sequence_min_member_ns: Option<i64>,
    /// Least saving for the whole request.
    pub sequence_min_saving_ns: Option<i64>,
    /// A pause up to this long never ends a sequence.
    pub sequence_gap_floor_ns: i64,
    /// Fewest calls that count as repeated.
    pub repeat_min_count: usize,
    /// Least time that repeated calls take together.
    pub repeat_min_total_ns: Option<i64>,
    /// How many ancestors up repeated calls may have in common.
    pub repeat_max_depth: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            overflow: Overflow::Auto,
            overflow_jitter_ns: MILLISECOND,
            overflow_jitter_div: 100,
            overlap_tolerance: true,
            overlap_tolerance_ns: MILLISECOND,
            adjust_skew: true,
            max_skew_ns: 86_400_000 * MILLISECOND,
            gap_min_ns: None,
            sequence_min_members: 2,
            sequence_min_member_ns: None,
            sequence_min_saving_ns: None,
            sequence_gap_floor_ns: MILLISECOND,
            repeat_min_count: 5,
            repeat_min_total_ns: None,
            repeat_max_depth: 3,
        }
    }
}

/// Nanoseconds of a millisecond.
pub const MILLISECOND: i64 = 1_000_000;

impl Settings {
    /// By how much a child may outlive a parent of this duration and still be what the parent waited for.
    pub fn jitter(&self, parent_duration: i64) -> i64 {
        self.overflow_jitter_ns.max(parent_duration / self.overflow_jitter_div.max(1))
    }

    /// The shortest stretch that counts as a gap in a request of this duration: 5 % of it, at least 1 ms and
    /// at most 50 ms.
    pub fn gap_min(&self, root_duration: i64) -> i64 {
        self.gap_min_ns.unwrap_or_else(|| MILLISECOND.max((root_duration / 20).min(50 * MILLISECOND)))
    }
}
