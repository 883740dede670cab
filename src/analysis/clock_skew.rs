//! Clock skew: one offset for each clock, from all calls that cross it together.
//!
//! A server cannot begin before the call that reached it, and cannot end after the answer came back. Every
//! such pair bounds how far the two clocks are apart; the offset is taken from the middle of what all pairs
//! allow, which is the estimate for equal delays on both ways (as in NTP, RFC 5905).

use super::clock_domain::{ClockDomains, DomainIdx};
use super::recorded::Recorded;
use super::relation::{is_call, is_handed_over};
use super::settings::Settings;
use crate::model::index::{SpanIdx, TraceIdx};
use crate::model::span::SpanKind;
use crate::model::trace::Trace;
use crate::model::trace_set::TraceSet;

/// What was found out about one clock. Times are nanoseconds to be added to what the clock says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockOffset {
    /// The clock.
    pub domain: DomainIdx,
    /// The correction; 0 for the clock of the main root and where nothing speaks for another.
    pub offset_ns: i64,
    /// Least offset that all pairs allow, when any bounds it.
    pub low: Option<i64>,
    /// Largest offset that all pairs allow, when any bounds it.
    pub high: Option<i64>,
    /// Whether there is an offset that all pairs allow.
    pub is_consistent: bool,
    /// Whether the offset was larger than permitted, and therefore not used.
    pub is_too_large: bool,
    /// Spans of this clock.
    pub n_spans: u32,
}

impl ClockOffset {
    /// Half of the interval that the pairs leave; none where they leave one side open.
    pub fn uncertainty(&self) -> Option<i64> {
        Some((self.high? - self.low?).abs() / 2)
    }
}

/// A trace with the times of all its clocks corrected, if `settings` say so.
pub fn corrected<'t>(
    set: &TraceSet,
    trace_idx: TraceIdx,
    trace: &'t Trace,
    settings: &Settings,
) -> Recorded<'t> {
    let recorded = Recorded::new(trace);
    if !settings.adjust_skew {
        return recorded;
    }
    let domains = ClockDomains::of(set, trace_idx);
    let offsets = clock_offsets(&recorded, &domains, settings);
    if offsets.iter().all(|o| o.offset_ns == 0) {
        return recorded;
    }
    Recorded::shifted(trace, |span| offsets.get(domains.domain(span).at()).map_or(0, |o| o.offset_ns))
}

/// Offsets of all clocks of a trace, by [`DomainIdx`]. `recorded` has the times as recorded. O(n + e log e)
/// for e calls between clocks.
pub fn clock_offsets(recorded: &Recorded, domains: &ClockDomains, settings: &Settings) -> Vec<ClockOffset> {
    let mut comparison = Comparison::new(recorded, domains);
    comparison.slice(recorded, domains, settings, usize::MAX);
    comparison.finish()
}

/// Compares the clocks of a trace one after the other.
#[derive(Debug, Default)]
pub struct Comparison {
    offsets: Vec<ClockOffset>,
    /// Children whose clock is not their parent's, for both clocks, clock after clock.
    crossings: Vec<SpanIdx>,
    /// Where those of each clock begin; one more than there are clocks.
    first: Vec<u32>,
    /// Clocks in the order in which the walk meets them.
    order: Vec<DomainIdx>,
    is_placed: Vec<bool>,
    /// The next of these.
    next: usize,
}

impl Comparison {
    /// Finds the calls between clocks. O(n).
    pub fn new(recorded: &Recorded, domains: &ClockDomains) -> Self {
        let n = domains.names.len();
        let mut found = Self {
            offsets: (0..n).map(ClockOffset::unplaced).collect(),
            first: vec![0; n + 1],
            is_placed: vec![false; n],
            ..Self::default()
        };
        for span in preorder(recorded) {
            let domain = domains.domain(span);
            let Some(offset) = found.offsets.get_mut(domain.at()) else { continue };
            if offset.n_spans == 0 {
                found.order.push(domain);
            }
            offset.n_spans += 1;
            if let Some(above) = other_clock_above(recorded, domains, span) {
                found.first[domain.at() + 1] += 1;
                found.first[above.at() + 1] += 1;
            }
        }
        for at in 0..n {
            found.first[at + 1] += found.first[at];
        }
        let mut next = found.first.clone();
        found.crossings = vec![SpanIdx(0); found.first.last().map_or(0, |&all| all as usize)];
        for span in recorded.spans() {
            if let Some(above) = other_clock_above(recorded, domains, span) {
                for domain in [domains.domain(span), above] {
                    found.crossings[next[domain.at()] as usize] = span;
                    next[domain.at()] += 1;
                }
            }
        }
        found
    }

    /// Places the next clocks by those that were placed before, until `n` calls were looked at; returns whether
    /// that were all.
    pub fn slice(
        &mut self,
        recorded: &Recorded,
        domains: &ClockDomains,
        settings: &Settings,
        n: usize,
    ) -> bool {
        let mut work = 0;
        while let Some(&domain) = self.order.get(self.next) {
            if work >= n {
                return false;
            }
            self.next += 1;
            work += 1 + self.place(recorded, domains, settings, domain);
        }
        true
    }

    /// Places one clock; returns the number of its calls.
    fn place(
        &mut self,
        recorded: &Recorded,
        domains: &ClockDomains,
        settings: &Settings,
        domain: DomainIdx,
    ) -> usize {
        let range = self.first[domain.at()] as usize..self.first[domain.at() + 1] as usize;
        let n = range.len();
        let mut bounds = Bounds::default();
        for &child in &self.crossings[range] {
            let Some(parent) = recorded.parent(child) else { continue };
            let (above, below) = (domains.domain(parent), domains.domain(child));
            let other = if below == domain { above } else { below };
            if self.is_placed[other.at()] {
                let crossing = Crossing { parent, child, below };
                bounds.add(recorded, &crossing, domain, self.offsets[other.at()].offset_ns);
            }
        }
        self.is_placed[domain.at()] = true;
        bounds.place(&mut self.offsets[domain.at()], settings.max_skew_ns);
        n
    }

    /// What was found out.
    pub fn finish(self) -> Vec<ClockOffset> {
        self.offsets
    }
}

/// The clock of a span's parent, where it is another one.
fn other_clock_above(recorded: &Recorded, domains: &ClockDomains, span: SpanIdx) -> Option<DomainIdx> {
    let above = domains.domain(recorded.parent(span)?);
    let n = domains.names.len();
    let below = domains.domain(span);
    (above != below && above.at() < n && below.at() < n).then_some(above)
}

/// Main root first, then the others as [`Recorded::roots`] orders them; below a root in tree order.
fn preorder<'a>(recorded: &'a Recorded) -> impl Iterator<Item = SpanIdx> + 'a {
    recorded
        .roots()
        .iter()
        .flat_map(|&root| (root.0..root.0 + recorded.trace().subtree_size(root)).map(SpanIdx))
}

/// A call between two clocks.
#[derive(Clone, Copy)]
struct Crossing {
    parent: SpanIdx,
    child: SpanIdx,
    below: DomainIdx,
}

/// Where the offset of a clock may lie.
#[derive(Default)]
struct Bounds {
    lower: Vec<i64>,
    upper: Vec<i64>,
}

impl Bounds {
    /// What one call says about the offset of `domain` when the other clock has the offset `other`.
    fn add(&mut self, recorded: &Recorded, crossing: &Crossing, domain: DomainIdx, other: i64) {
        let &Crossing { parent, child, .. } = crossing;
        let lead = recorded.start(parent) - recorded.start(child);
        let tail = recorded.end(parent) - recorded.end(child);
        let is_bounded = answers(recorded, parent, child);
        if crossing.below == domain {
            self.lower.push(other.saturating_add(lead));
            if is_bounded {
                self.upper.push(other.saturating_add(tail));
            }
        } else {
            self.upper.push(other.saturating_sub(lead));
            if is_bounded {
                self.lower.push(other.saturating_sub(tail));
            }
        }
    }

    fn place(mut self, clock: &mut ClockOffset, most: i64) {
        clock.low = self.lower.iter().copied().max();
        clock.high = self.upper.iter().copied().min();
        let is_above = clock.low.is_none_or(|low| low <= 0);
        let is_below = clock.high.is_none_or(|high| high >= 0);
        let offset = match (clock.low, clock.high) {
            (Some(low), Some(high)) if low > high => {
                clock.is_consistent = false;
                let n_lower = self.lower.len();
                self.lower.append(&mut self.upper);
                let mut ends = self.lower;
                // Between these two ends, the last of as many as there are lower bounds and the one after it, as many
                // bounds are broken on one side as on the other.
                let (mut from, mut to) = (0, None);
                if let Some(at) = n_lower.checked_sub(1) {
                    let (_, &mut last, beyond) = ends.select_nth_unstable(at);
                    (from, to) = (last, beyond.iter().copied().min());
                }
                let to = to.unwrap_or(from);
                0.clamp(from, to)
            }
            _ if is_above && is_below => 0,
            (Some(low), Some(high)) => low + (high - low) / 2,
            (Some(only), None) | (None, Some(only)) => only,
            (None, None) => 0,
        };
        clock.is_too_large = offset.saturating_abs() > most;
        clock.offset_ns = if clock.is_too_large { 0 } else { offset };
    }
}

/// Whether the parent waited for the child's answer, as far as can be told without comparing their clocks.
fn answers(recorded: &Recorded, parent: SpanIdx, child: SpanIdx) -> bool {
    let trace = recorded.trace();
    let is_unknown =
        trace.kind(parent) == SpanKind::Unspecified && trace.kind(child) == SpanKind::Unspecified;
    (is_call(recorded, parent, child) || is_unknown)
        && !is_handed_over(recorded, parent, child)
        && recorded.duration(child) <= recorded.duration(parent)
}

impl ClockOffset {
    fn unplaced(domain: usize) -> Self {
        Self {
            domain: DomainIdx::new(domain),
            offset_ns: 0,
            low: None,
            high: None,
            is_consistent: true,
            is_too_large: false,
            n_spans: 0,
        }
    }
}
