//! Learned order: which calls that follow one another here ran together, or the other way round, in another
//! loaded trace of the same endpoint.
//!
//! An order holds as long as no trace contradicts it; one that does decides for good. Only orders that a
//! sequence of the open trace raises are asked after, so a trace without sequences costs nothing here.

use std::collections::BTreeSet;

use super::call_paths::CallPaths;
use super::clock_skew::corrected;
use super::independence::MOST_PAIRS;
use super::sequences::Sequence;
use super::settings::Settings;
use crate::base::bitset::BitSet;
use crate::base::sort::CompactSort as _;
use crate::model::index::{SpanIdx, TraceIdx};
use crate::model::trace::Trace;
use crate::model::trace_set::TraceSet;

/// Spans of other traces that are looked at in all: some tens of milliseconds for each ten thousand.
const MOST_SPANS: usize = 300_000;

/// Larger traces are left out: one is looked at as a whole, and whoever asks something else must not wait.
const LARGEST_TRACE: u32 = 50_000;

/// Two calls of the open trace whose order another trace contradicts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeenOtherwise {
    /// Path of each call of a sequence, by span.
    paths: Vec<(SpanIdx, u32)>,
    /// Paths whose first calls did not always end before the second ones began.
    pairs: BTreeSet<(u32, u32)>,
}

impl SeenOtherwise {
    /// Whether some other trace has `first` and `second` without the first ending before the second starts.
    pub fn contains(&self, first: SpanIdx, second: SpanIdx) -> bool {
        let path = |span| {
            let at = self.paths.binary_search_by_key(&span, |&(s, _)| s).ok()?;
            self.paths.get(at).map(|&(_, path)| path)
        };
        path(first).zip(path(second)).is_some_and(|pair| self.pairs.contains(&pair))
    }
}

/// Asking other traces, one after the other.
#[derive(Debug, Default)]
pub struct Learning {
    paths: CallPaths,
    /// Paths of the calls, by span.
    members: Vec<(SpanIdx, u32)>,
    /// Pairs that are asked after and not contradicted yet.
    asked: BTreeSet<(u32, u32)>,
    contradicted: BTreeSet<(u32, u32)>,
    /// By path: whether one of the calls lies below it, and whether it is one of them.
    leads: Vec<bool>,
    /// Operation of the open trace's root.
    endpoint: Option<u32>,
    next: usize,
    looked_at: usize,
}

impl Learning {
    /// Asks after the orders of `sequences`, which are of `trace` with this root.
    pub fn new(trace: &Trace, root: Option<SpanIdx>, sequences: &[Sequence]) -> Self {
        let mut learning = Self::default();
        let mut calls: Vec<SpanIdx> = sequences.iter().flat_map(|s| s.members.iter().copied()).collect();
        calls.compact_sort();
        calls.dedup();
        // The calls and what is above them; what is there already has everything above it there.
        let mut needed = BitSet::new(trace.len());
        for &call in &calls {
            let mut at = Some(call);
            while let Some(span) = at.filter(|s| !needed.contains(s.at())) {
                needed.insert(span.at());
                at = trace.parent(span);
            }
        }
        let mut of_trace = learning.paths.of(trace);
        let mut known: Vec<(SpanIdx, u32)> = Vec::with_capacity(needed.count());
        let path_of = |known: &[(SpanIdx, u32)], span: SpanIdx| {
            let at = known.binary_search_by_key(&span, |&(s, _)| s).ok()?;
            known.get(at).map(|&(_, path)| path)
        };
        for span in needed.iter().map(SpanIdx::new) {
            let parent = trace.parent(span).and_then(|p| path_of(&known, p));
            known.push((span, of_trace.node(parent, span)));
        }
        learning.endpoint = root.map(|root| of_trace.operation(root));
        learning.leads = vec![true; learning.paths.len()];
        for sequence in sequences {
            let mut paths: Vec<u32> = Vec::new();
            for path in sequence.members.iter().filter_map(|&m| path_of(&known, m)) {
                if !paths.contains(&path) && paths.len() <= MOST_PAIRS {
                    paths.push(path);
                }
            }
            // Of more different calls nobody asks for every pair.
            if (2..=MOST_PAIRS).contains(&paths.len()) {
                for (at, &first) in paths.iter().enumerate() {
                    learning.asked.extend(paths[at + 1..].iter().map(|&second| (first, second)));
                }
            }
        }
        learning.members = calls.into_iter().filter_map(|c| Some((c, path_of(&known, c)?))).collect();
        learning
    }

    /// Looks at other traces of `set` until about `most` spans were seen. Returns whether that is all.
    pub fn slice(&mut self, set: &TraceSet, open: TraceIdx, settings: &Settings, most: usize) -> bool {
        let until = self.looked_at + most;
        while self.looked_at < until {
            let Some(summary) = set.traces().get(self.next).filter(|_| !self.asked.is_empty()) else {
                return true;
            };
            let other = TraceIdx::new(self.next);
            self.next += 1;
            self.looked_at += 1;
            if other == open || summary.n_entries > LARGEST_TRACE {
                continue;
            }
            if self.looked_at + summary.n_entries as usize > MOST_SPANS {
                return true;
            }
            self.looked_at += self.look_at(set, other, settings);
        }
        false
    }

    /// What was seen.
    pub fn finish(self) -> SeenOtherwise {
        SeenOtherwise { paths: self.members, pairs: self.contradicted }
    }

    /// Looks at one trace, if it is of the same endpoint; returns how many spans that cost.
    fn look_at(&mut self, set: &TraceSet, other: TraceIdx, settings: &Settings) -> usize {
        let trace = set.trace(other);
        let mut of_trace = self.paths.of(&trace);
        let recorded = corrected(set, other, &trace, settings);
        if recorded.main_root().map(|root| of_trace.operation(root)) != self.endpoint {
            return trace.len() / 8;
        }
        // Parents come before their children; what leads to no call is not followed.
        let mut paths: Vec<Option<u32>> = Vec::with_capacity(trace.len());
        let mut calls: Vec<(SpanIdx, u32, i64, i64)> = Vec::new();
        for span in trace.spans() {
            let parent = recorded.parent(span);
            let above = parent.and_then(|p| paths.get(p.at()).copied().flatten());
            let path = (parent.is_none() || above.is_some())
                .then(|| of_trace.node(above, span))
                .filter(|&path| self.leads.get(path as usize) == Some(&true));
            paths.push(path);
            if let (Some(path), Some(parent)) = (path, parent) {
                calls.push((parent, path, recorded.start(span), recorded.end(span)));
            }
        }
        calls.compact_sort();
        for siblings in calls.chunk_by(|a, b| a.0 == b.0) {
            let kinds: Vec<_> = siblings.chunk_by(|a, b| a.1 == b.1).collect();
            for first in kinds.iter().take(MOST_PAIRS) {
                for second in kinds.iter().take(MOST_PAIRS) {
                    let Some(pair) = first.first().zip(second.first()).map(|(a, b)| (a.1, b.1)) else {
                        continue;
                    };
                    // Where both come again and again, in a loop, the first of one belongs to the first of the
                    // other.
                    if first.iter().zip(*second).any(|(a, b)| a.3 > b.2) && self.asked.remove(&pair) {
                        self.contradicted.insert(pair);
                    }
                }
            }
        }
        trace.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::rules::testing::set;
    use crate::analysis::run::Run;

    /// The open trace calls one, then two; others as `others` say.
    fn seen(others: &str) -> bool {
        let open = "@t a 0..230 s/server name=list\n@t b<a 10..110 s/client name=one\n\
                    @t c<a 115..215 s/client name=two\n";
        let set = set(&format!("{open}{others}"));
        let at = (0..set.traces().len()).map(TraceIdx::new);
        let open = at.max_by_key(|t| set.traces()[t.at()].duration.0).unwrap();
        let mut run = Run::new(open, Settings::default(), None);
        run.finish(&set);
        let sequence = run.found().sequences.first().expect("a sequence");
        run.found().seen_otherwise.contains(sequence.members[0], sequence.members[1])
    }

    #[test]
    fn one_trace_that_contradicts_decides() {
        assert!(!seen(""), "nothing else is loaded");
        let same = "@u a 0..60 s/server name=list\n@u b<a 0..10 s/client name=one\n\
                    @u c<a 10..20 s/client name=two";
        assert!(!seen(same), "one ended before two began there, too");
        assert!(seen(&same.replace("10..20", "9..20")), "they overlap");
        assert!(seen(&same.replace("0..10", "30..40")), "the other way round");
        assert!(
            !seen(&same.replace("10..20", "9..20").replace("name=list", "name=other")),
            "another endpoint"
        );
        assert!(!seen(&same.replace("name=two", "name=three")), "one of them says nothing");
        assert!(!seen(&same.replace("c<a 10..20", "c<b 9..20")), "not siblings there");
        let agreeing = same.replace("@u", "@v");
        assert!(seen(&format!("{agreeing}\n{}", same.replace("10..20", "9..20"))), "once is enough");
    }

    #[test]
    fn calls_of_a_loop_belong_together_in_turn() {
        let turns = "@u a 0..60 s/server name=list\n@u b<a 0..10 s/client name=one\n\
                     @u c<a 10..20 s/client name=two\n@u d<a 20..30 s/client name=one\n\
                     @u e<a 30..40 s/client name=two";
        assert!(!seen(turns));
        assert!(seen(&turns.replace("20..30", "20..31")));
    }
}
