//! The critical path as rows, strip and minimap look it up.
//!
//! The sections come from the engine in order of time. A second order, by span, answers what a row asks: the
//! sections of one span, or of a whole subtree when it is folded. Every look-up costs a few binary searches and
//! as many steps as there are pixels, however many sections there are.

use std::ops::Range;

use super::scale::TimeScale;
use crate::base::sort::CompactSort as _;
use crate::model::index::SpanIdx;
use crate::model::time::{DurationNanos, TimeRange};
use crate::model::trace::Trace;

/// Sections that are looked at one by one; longer lists are stepped through pixel by pixel.
const MOST_SINGLY: usize = 4096;

/// One section: a span, and the time in which the request depended on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Section {
    /// The span.
    pub span: SpanIdx,
    /// The time, after the trace's start.
    pub range: TimeRange,
}

/// The critical path of the open trace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CriticalPath {
    /// In order of time, without gaps or overlaps.
    sections: Vec<Section>,
    /// Positions in `sections`, by span and time.
    by_span: Vec<u32>,
}

impl CriticalPath {
    /// Takes sections in order of time. Whatever does not fit that order is left out. O(n log n).
    pub fn new(sections: impl IntoIterator<Item = Section>) -> Self {
        let mut path = Self::default();
        for section in sections {
            let until = path.sections.last().map_or(DurationNanos(i64::MIN), |s| s.range.end);
            if section.range.start >= until && section.range.start < section.range.end {
                path.sections.push(section);
            }
        }
        path.by_span = (0..path.sections.len() as u32).collect();
        path.by_span.sort_by_key(|&at| path.sections[at as usize].span);
        path
    }

    /// All sections in order of time.
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.sections.is_empty()
    }

    /// How long the path is.
    pub fn length(&self) -> DurationNanos {
        match (self.sections.first(), self.sections.last()) {
            (Some(first), Some(last)) => last.range.end - first.range.start,
            _ => DurationNanos(0),
        }
    }

    /// Whether the request depended on `span` at any time.
    pub fn contains(&self, span: SpanIdx) -> bool {
        !self.within(span.0..span.0 + 1).is_empty()
    }

    /// Whether it depended on any of the spans with these indices.
    pub fn touches(&self, spans: Range<u32>) -> bool {
        !self.within(spans).is_empty()
    }

    /// For how long the request depended on `span`.
    pub fn time(&self, span: SpanIdx) -> DurationNanos {
        let own = self.within(span.0..span.0 + 1).iter();
        own.map(|&at| self.section(at).range.duration()).fold(DurationNanos(0), |sum, d| sum + d)
    }

    /// The time that a whole subtree has on the path, which is one stretch: see
    /// [`crate::analysis::critical_path`].
    pub fn stretch(&self, trace: &Trace, span: SpanIdx) -> Option<TimeRange> {
        let &any = self.within(span.0..span.0 + trace.subtree_size(span)).first()?;
        let is_within = |s: &Section| trace.is_within(s.span, span);
        let (before, after) = self.sections.split_at(any as usize);
        let first = before.partition_point(|s| !is_within(s));
        let n_after = after.partition_point(is_within);
        let last = any as usize + n_after.max(1) - 1;
        Some(TimeRange { start: self.sections[first].range.start, end: self.sections[last].range.end })
    }

    /// The sections of spans with these indices as stretches of pixels from 0 to `width_px`, those that touch
    /// each other joined.
    pub fn stretches_px(&self, spans: Range<u32>, scale: TimeScale, width_px: f64) -> Vec<(f64, f64)> {
        let mut stretches = Vec::new();
        let found = self.within(spans.clone());
        if found.len() <= MOST_SINGLY {
            for &at in found {
                join(&mut stretches, scale, self.section(at).range, width_px);
            }
            // Sections of several spans come span by span.
            if spans.len() > 1 {
                stretches.compact_sort_by(|a, b| a.0.total_cmp(&b.0));
            }
            return stretches;
        }
        self.steps(scale, width_px, |section| {
            if spans.contains(&section.span.0) {
                join(&mut stretches, scale, section.range, width_px);
            }
        });
        stretches
    }

    /// The sections in sight for a strip of `width_px`: at most one a pixel, each with the pixels it fills.
    pub fn strip_px(&self, scale: TimeScale, width_px: f64) -> Vec<(Section, f64, f64)> {
        let mut strip: Vec<(Section, f64, f64)> = Vec::new();
        self.steps(scale, width_px, |section| {
            let (left, right) = edges(scale, section.range);
            strip.push((section, left.max(0.0), right.min(width_px)));
        });
        strip
    }

    /// The section in which `time` lies.
    pub fn at(&self, time: DurationNanos) -> Option<usize> {
        let at = self.sections.partition_point(|s| s.range.end <= time);
        self.sections.get(at).filter(|s| s.range.start <= time).map(|_| at)
    }

    /// The next section in time after the last look at `span`, or before it; the first or the last of the path
    /// when `span` is not on it. `from` is where the reader stands.
    pub fn hop(&self, from: Option<usize>, span: Option<SpanIdx>, forward: bool) -> Option<usize> {
        let last = self.sections.len().checked_sub(1)?;
        let here = from.filter(|&at| self.sections.get(at).map(|s| s.span) == span);
        let here = here.or_else(|| {
            let own = span.map(|s| self.within(s.0..s.0 + 1)).unwrap_or_default();
            if forward { own.first() } else { own.last() }.map(|&at| at as usize)
        });
        Some(match (here, forward) {
            (Some(at), true) => (at + 1).min(last),
            (Some(at), false) => at.saturating_sub(1),
            (None, true) => 0,
            (None, false) => last,
        })
    }

    fn section(&self, at: u32) -> Section {
        self.sections[at as usize]
    }

    /// Positions of the sections of spans with these indices.
    fn within(&self, spans: Range<u32>) -> &[u32] {
        let from = self.by_span.partition_point(|&at| self.section(at).span.0 < spans.start);
        let rest = &self.by_span[from..];
        let n = rest.partition_point(|&at| self.section(at).span.0 < spans.end);
        &rest[..n]
    }

    /// Visits sections in sight, skipping what lies within a pixel that was visited.
    fn steps(&self, scale: TimeScale, width_px: f64, mut visit: impl FnMut(Section)) {
        let start = scale.time_from_x(0.0);
        let mut at = self.sections.partition_point(|s| s.range.end <= start);
        while let Some(&section) = self.sections.get(at) {
            let (left, right) = edges(scale, section.range);
            if left > width_px {
                break;
            }
            visit(section);
            let behind = scale.time_from_x(right.max(left + 1.0));
            let skipped = self.sections[at + 1..].partition_point(|s| s.range.end <= behind);
            at += 1 + skipped;
        }
    }
}

fn edges(scale: TimeScale, range: TimeRange) -> (f64, f64) {
    (scale.x_from_time(range.start), scale.x_from_time(range.end))
}

fn join(stretches: &mut Vec<(f64, f64)>, scale: TimeScale, range: TimeRange, width_px: f64) {
    let (left, right) = edges(scale, range);
    if right < 0.0 || left > width_px {
        return;
    }
    let (left, right) = (left.max(-4.0), right.min(width_px + 4.0));
    match stretches.last_mut() {
        Some(last) if left >= last.0 && left <= last.1 + 0.5 => last.1 = last.1.max(right),
        _ => stretches.push((left, right)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::drawing;
    use super::*;

    fn range(start: i64, end: i64) -> TimeRange {
        TimeRange { start: DurationNanos(start), end: DurationNanos(end) }
    }

    fn path(sections: &[(u32, i64, i64)]) -> CriticalPath {
        CriticalPath::new(
            sections.iter().map(|&(span, from, to)| Section { span: SpanIdx(span), range: range(from, to) }),
        )
    }

    #[test]
    fn a_span_has_its_sections_and_a_subtree_one_stretch() {
        let trace = drawing::trace("a r 0..100\n  b x 10..60\n    c y 20..30\n  d z 70..90");
        let path = path(&[
            (0, 0, 10),
            (1, 10, 20),
            (2, 20, 30),
            (1, 30, 60),
            (0, 60, 70),
            (3, 70, 90),
            (0, 90, 100),
        ]);
        assert_eq!(path.time(SpanIdx(0)), DurationNanos(30));
        assert_eq!(path.time(SpanIdx(1)), DurationNanos(40));
        assert_eq!(path.stretch(&trace, SpanIdx(1)), Some(range(10, 60)));
        assert_eq!(path.stretch(&trace, SpanIdx(0)), Some(range(0, 100)));
        assert_eq!(path.length(), DurationNanos(100));
        assert_eq!(path.at(DurationNanos(20)), Some(2));
        assert_eq!(path.at(DurationNanos(100)), None);
        let scale = TimeScale::fit(range(0, 100), 100.0);
        assert_eq!(path.stretches_px(1..2, scale, 100.0), [(10.0, 20.0), (30.0, 60.0)]);
        assert_eq!(path.stretches_px(1..3, scale, 100.0).len(), 3);
        assert!(path.touches(2..4) && !path.touches(4..9));
    }

    #[test]
    fn hops_go_along_the_path_and_start_where_the_reader_is() {
        let path = path(&[(0, 0, 10), (1, 10, 20), (0, 20, 30)]);
        let hop = |from, span: Option<u32>, forward| path.hop(from, span.map(SpanIdx), forward);
        assert_eq!(hop(None, None, true), Some(0));
        assert_eq!(hop(None, Some(0), true), Some(1));
        assert_eq!(hop(Some(2), Some(0), true), Some(2));
        assert_eq!(hop(Some(2), Some(0), false), Some(1));
        // The reader went elsewhere in between.
        assert_eq!(hop(Some(2), Some(1), true), Some(2));
        assert_eq!(hop(None, Some(9), true), Some(0));
        assert_eq!(CriticalPath::default().hop(None, None, true), None);
    }

    #[test]
    fn a_million_sections_cost_as_many_steps_as_pixels() {
        let n = 1_000_000_i64;
        let path = CriticalPath::new(
            (0..n).map(|at| Section { span: SpanIdx((at % 2) as u32), range: range(at * 10, at * 10 + 10) }),
        );
        let scale = TimeScale::fit(range(0, n * 10), 1000.0);
        assert!(path.strip_px(scale, 1000.0).len() <= 1001);
        let stretches = path.stretches_px(0..2, scale, 1000.0);
        assert!(!stretches.is_empty() && stretches.len() <= 1001);
        // From close by each is drawn.
        let near = TimeScale::fit(range(0, 100), 1000.0);
        assert_eq!(path.strip_px(near, 1000.0).len(), 11);
    }

    #[test]
    fn sections_that_do_not_fit_are_left_out() {
        let path = path(&[(0, 0, 10), (1, 5, 8), (2, 10, 10), (3, 20, 30)]);
        assert_eq!(path.sections().iter().map(|s| s.span.0).collect::<Vec<_>>(), [0, 3]);
    }
}
