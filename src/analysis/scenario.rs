//! What a reader may suppose about a trace: some spans faster, some calls at once, some merged into one.
//!
//! A scenario names spans; [`Changes`] is what all scenarios of one question do to the columns of a
//! [`super::what_if::Replay`]. Spans that the request did not wait for are named in vain: they change nothing.

use super::what_if::Replay;
use crate::base::bitset::BitSet;
use crate::base::sort::CompactSort as _;
use crate::model::index::SpanIdx;
use crate::model::trace::Trace;

/// One supposition. Several can be combined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scenario {
    /// Own time becomes shorter: a leaf's length, the time of an inner span before and after its calls. Where
    /// two of these name a span, the later one counts.
    Scale {
        /// Which spans.
        matching: Matching,
        /// Parts of a thousand, at most 1000: 500 is half the time, -500 half as much again.
        faster_permille: i64,
        /// Whether everything below the spans becomes shorter too.
        subtree: bool,
    },
    /// Own time becomes longer by a fixed amount, at the end; never shorter than nothing. Amounts add up.
    Delta {
        /// Which spans.
        matching: Matching,
        /// Nanoseconds; negative ones are taken away.
        add_ns: i64,
    },
    /// The calls, which followed one another, start without waiting for one another. Their caller's own work
    /// between them stays, and what came after them still waits for all.
    Parallel {
        /// The calls; those of another parent are a sequence of their own.
        members: Vec<SpanIdx>,
    },
    /// One call takes the place of all: it costs as much as the longest, the others nothing.
    Batch {
        /// The calls.
        members: Vec<SpanIdx>,
    },
}

/// Which spans a scenario is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Matching {
    /// These.
    Spans(Vec<SpanIdx>),
    /// All of an operation; what is missing may be anything.
    Operation {
        /// Service name.
        service: Option<String>,
        /// Span name as recorded.
        name: Option<String>,
    },
}

/// Amounts beyond this (104 days) mean "very much" and must not overflow sums.
const MOST_NANOS: i64 = 1 << 53;

/// Positions that are searched rather than given a column.
const FEW: usize = 64;

/// What scenarios do to the spans of one replay, by position there.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// Parts of a thousand off own time: a few positions, ascending,
    few_faster: Vec<(u32, i32)>,
    /// or, when there are more, all of them.
    faster: Vec<i32>,
    /// Positions that are scaled with all below them.
    with_subtree: BitSet,
    /// Nanoseconds to own time, by position; empty when nothing is added.
    added: Vec<i64>,
    /// Lengths that are given, ascending by position.
    fixed: Vec<(u32, i64)>,
    /// Calls that do not wait for others of their group, ascending by position.
    pub(super) grouped: Vec<(u32, u32)>,
    /// Positions whose length may differ for a reason of their own, not only because of their children.
    pub(super) touched: Vec<u32>,
}

impl Changes {
    /// What these scenarios do.
    pub(super) fn new(replay: &Replay, trace: &Trace, scenarios: &[Scenario]) -> Self {
        let mut changes = Self::default();
        for (at, scenario) in scenarios.iter().enumerate() {
            match scenario {
                Scenario::Scale { matching, faster_permille, subtree } => {
                    changes.scale(replay, trace, matching, *faster_permille, *subtree);
                }
                Scenario::Delta { matching, add_ns } => changes.add(replay, trace, matching, *add_ns),
                Scenario::Parallel { members } => changes.part(replay, members, at as u32),
                Scenario::Batch { members } => changes.merge(replay, members),
            }
        }
        // Stable sorting: of several scenarios about one span the last stays, of several groups the first.
        changes.fixed.reverse();
        changes.fixed.compact_sort_by_key(|&(at, _)| at);
        changes.fixed.dedup_by_key(|&mut (at, _)| at);
        changes.grouped.compact_sort_by_key(|&(at, _)| at);
        changes.grouped.dedup_by_key(|&mut (at, _)| at);
        changes
    }

    /// Only the calls of one sequence.
    pub(super) fn parallel(replay: &Replay, members: &[SpanIdx]) -> Self {
        let mut changes = Self::default();
        changes.part(replay, members, 0);
        changes.grouped.compact_sort();
        changes
    }

    /// Only the calls of one batch.
    pub(super) fn batch(replay: &Replay, members: &[SpanIdx]) -> Self {
        let mut changes = Self::default();
        changes.merge(replay, members);
        changes.fixed.compact_sort();
        changes
    }

    fn scale(&mut self, replay: &Replay, trace: &Trace, matching: &Matching, permille: i64, subtree: bool) {
        let permille = permille.clamp(-1_000_000_000, 1000) as i32;
        let mut matched = positions(replay, trace, matching);
        if subtree {
            matched = with_descendants(replay, trace, &matched);
        }
        let n = replay.len();
        if self.faster.is_empty() && self.few_faster.len() + matched.len() > FEW {
            self.faster = vec![0; n];
            for (at, permille) in self.few_faster.drain(..).rev() {
                self.faster[at as usize] = permille;
            }
        }
        if self.with_subtree.is_empty() {
            self.with_subtree = BitSet::new(n);
        }
        for &at in &matched {
            if self.faster.is_empty() {
                let place = self.few_faster.partition_point(|&(other, _)| other < at);
                self.few_faster.insert(place, (at, permille));
            } else {
                self.faster[at as usize] = permille;
            }
            if subtree {
                self.with_subtree.insert(at as usize);
            } else {
                self.with_subtree.remove(at as usize);
            }
        }
        self.touched.append(&mut matched);
    }

    fn add(&mut self, replay: &Replay, trace: &Trace, matching: &Matching, nanos: i64) {
        if self.added.is_empty() {
            self.added = vec![0; replay.len()];
        }
        let mut matched = positions(replay, trace, matching);
        for &at in &matched {
            let added = &mut self.added[at as usize];
            *added = added.saturating_add(nanos).clamp(-MOST_NANOS, MOST_NANOS);
        }
        self.touched.append(&mut matched);
    }

    fn part(&mut self, replay: &Replay, members: &[SpanIdx], group: u32) {
        for at in members.iter().filter_map(|&m| replay.position(m)) {
            self.grouped.push((at, group));
            self.touched.extend(replay.parent(at));
        }
    }

    fn merge(&mut self, replay: &Replay, members: &[SpanIdx]) {
        let mut calls: Vec<u32> = members.iter().filter_map(|&m| replay.position(m)).collect();
        calls.sort_unstable();
        calls.dedup();
        // Positions of one parent are in the order of time already; calls of several parents are compared.
        let Some(&first) = calls.iter().min_by_key(|&&at| (replay.start(at), at)) else { return };
        let longest = calls.iter().map(|&at| replay.length(at)).max().unwrap_or_default();
        self.fixed.extend(calls.iter().map(|&at| (at, if at == first { longest } else { 0 })));
        self.touched.append(&mut calls);
    }

    #[inline]
    pub(super) fn faster(&self, at: usize) -> i32 {
        if self.few_faster.is_empty() {
            return self.faster.get(at).copied().unwrap_or_default();
        }
        // Of several about one span the last stays, which comes first here.
        let place = self.few_faster.partition_point(|&(other, _)| (other as usize) < at);
        self.few_faster
            .get(place)
            .map_or(0, |&(other, permille)| if other as usize == at { permille } else { 0 })
    }

    #[inline]
    pub(super) fn added(&self, at: usize) -> i64 {
        self.added.get(at).copied().unwrap_or_default()
    }

    pub(super) fn is_with_subtree(&self, at: usize) -> bool {
        self.with_subtree.contains(at)
    }

    /// The length that a batch gives this position.
    #[inline]
    pub(super) fn fixed(&self, at: usize) -> Option<i64> {
        if self.fixed.is_empty() {
            return None;
        }
        let found = self.fixed.binary_search_by_key(&(at as u32), |&(at, _)| at).ok()?;
        self.fixed.get(found).map(|&(_, length)| length)
    }

    /// The calls of groups among these positions.
    pub(super) fn grouped_among(&self, range: &std::ops::Range<usize>) -> &[(u32, u32)] {
        if self.grouped.is_empty() {
            return &[];
        }
        let from = self.grouped.partition_point(|&(at, _)| (at as usize) < range.start);
        let tail = self.grouped.get(from..).unwrap_or_default();
        tail.get(..tail.partition_point(|&(at, _)| (at as usize) < range.end)).unwrap_or_default()
    }
}

/// Positions of what matches, each once, ascending.
fn positions(replay: &Replay, trace: &Trace, matching: &Matching) -> Vec<u32> {
    let mut found: Vec<u32> = match matching {
        Matching::Spans(spans) => spans.iter().filter_map(|&span| replay.position(span)).collect(),
        Matching::Operation { service, name } => {
            // Equal texts have equal indices: each text is compared once, not once per span.
            let named = |texts: &[String], text: &Option<String>| -> Vec<bool> {
                texts.iter().map(|t| text.as_ref().is_none_or(|text| text == t)).collect()
            };
            let (services, names) = (named(trace.services(), service), named(trace.names(), name));
            let is_one = |marks: &[bool], at: usize| marks.get(at).copied().unwrap_or_default();
            (0..replay.len() as u32)
                .filter(|&at| {
                    let span = replay.span(at);
                    is_one(&services, trace.service(span).at())
                        && is_one(&names, trace.name_idx(span) as usize)
                })
                .collect()
        }
    };
    if !found.is_sorted() {
        found.compact_sort();
    }
    found.dedup();
    found
}

/// The same positions and all below them, each once.
fn with_descendants(replay: &Replay, trace: &Trace, tops: &[u32]) -> Vec<u32> {
    let mut spans: Vec<SpanIdx> = tops.iter().map(|&at| replay.span(at)).collect();
    spans.sort_unstable();
    let mut found = Vec::new();
    let mut next = 0;
    for top in spans {
        // A subtree is a range of the trace, and one that lies within another has been counted.
        let end = top.0 + trace.subtree_size(top);
        found.extend((top.0.max(next)..end).filter_map(|span| replay.position(SpanIdx(span))));
        next = next.max(end);
    }
    found
}
