//! How the flame view is arranged.

/// What frames are wide by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Widths {
    /// Spans of the open trace in their time.
    #[default]
    Time,
    /// Calls merged by path, by the time that was their own.
    SelfTime,
    /// Calls merged by path, by the time that the request waited for them.
    Critical,
}

/// How the flame view is arranged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FlameChoice {
    /// What frames are wide by.
    pub widths: Widths,
    /// The operation whose callers and callees are shown, see `view::flame::operation_key`.
    pub around: Option<u64>,
    /// The call path that fills the picture, see `view::flame::FlameGraph::key`.
    pub zoom: Option<u64>,
    /// Whether colours say how much time is a frame's own, not whose it is.
    pub by_own: bool,
}

impl FlameChoice {
    /// Whether Back has nothing to go back to between the two.
    pub fn has_same_place(&self, other: &Self) -> bool {
        Self { by_own: other.by_own, ..*self } == *other
    }
}
