//! Spans of one or of many traces side by side, each with the times that tables tell of it.
//!
//! Traces are added one at a time, so that whoever drives it can stop in between. What is not worked out here
//! (durations, services, kinds) stays in the columns of the set.

use crate::base::bitset::BitSet;
use crate::model::index::{StringIdx, TraceIdx};
use crate::model::strings::Strings;
use crate::model::trace_set::TraceSet;

use super::facts::Facts;
use super::recorded::Recorded;
use super::settings::Settings;
use super::statistics::Spent;
use super::timed::Timed;

/// The spans, in columns of equal length; without placeholders.
#[derive(Debug, Default)]
pub struct Measured {
    /// Index in the set.
    pub span: Vec<u32>,
    /// Start since 1970, corrected where clocks were.
    pub start: Vec<i64>,
    /// Self time.
    pub own: Vec<i64>,
    /// Time on the critical path of the trace's root.
    pub critical: Vec<i64>,
    /// The name without ids: see [`Self::name_text`].
    pub name: Vec<u32>,
    /// Whether the span failed: see [`Facts::is_error`].
    pub is_error: Vec<bool>,
    names: Strings,
}

/// What is known of the spans of one trace.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// Times.
    pub recorded: &'a Recorded<'a>,
    /// Names and failures.
    pub facts: &'a Facts,
    /// Self times by span.
    pub own: &'a [i64],
    /// Time on the critical path by span.
    pub critical: &'a [i64],
}

impl Measured {
    /// Number of spans.
    pub fn len(&self) -> usize {
        self.span.len()
    }

    /// Whether there is no span.
    pub fn is_empty(&self) -> bool {
        self.span.is_empty()
    }

    /// A name without ids.
    pub fn name_text(&self, name: u32) -> &str {
        self.names.get(StringIdx(name))
    }

    /// Number of names.
    pub fn n_names(&self) -> usize {
        self.names.len()
    }

    /// Analyses a trace and adds those of its spans that `kept` chooses; none stands for all. O(n log n).
    pub fn add(
        &mut self,
        set: &TraceSet,
        trace_idx: TraceIdx,
        settings: &Settings,
        kept: impl FnOnce(&Recorded) -> Option<BitSet>,
    ) {
        let timed = Timed::new(set, trace_idx, settings);
        let recorded = timed.recorded();
        let known = Known {
            recorded: &recorded,
            facts: &Facts::of(set, trace_idx, &timed.trace),
            own: &timed.own,
            critical: &timed.critical,
        };
        self.add_known(set, trace_idx, &known, kept(&recorded).as_ref());
    }

    /// Adds spans of a trace that was analysed before. O(n).
    pub fn add_known(
        &mut self,
        set: &TraceSet,
        trace_idx: TraceIdx,
        known: &Known<'_>,
        kept: Option<&BitSet>,
    ) {
        let Some(summary) = set.traces().get(trace_idx.at()) else { return };
        let mut numbers = vec![None; known.facts.n_normal_names()];
        for span in known.recorded.spans().filter(|span| kept.is_none_or(|kept| kept.contains(span.at()))) {
            let of = |column: &[i64]| column.get(span.at()).copied().unwrap_or_default();
            let name = known.facts.normal_name(span);
            let number = match numbers.get_mut(name as usize) {
                Some(number) => {
                    *number.get_or_insert_with(|| self.names.intern(known.facts.normal_name_text(name)).0)
                }
                None => 0,
            };
            self.span.push(summary.first + span.0);
            self.start.push(summary.start.0.saturating_add(known.recorded.start(span)));
            self.own.push(of(known.own));
            self.critical.push(of(known.critical));
            self.name.push(number);
            self.is_error.push(known.facts.is_error(span));
        }
    }

    /// What the spans took, each with its group.
    pub fn spent<'a>(
        &'a self,
        set: &'a TraceSet,
        groups: &'a [u32],
    ) -> impl Iterator<Item = Spent> + Clone + 'a {
        let durations = &set.columns().duration;
        groups.iter().enumerate().filter_map(move |(at, &group)| {
            Some(Spent {
                group,
                duration_ns: *durations.get(*self.span.get(at)? as usize)?,
                self_ns: *self.own.get(at)?,
                critical_ns: *self.critical.get(at)?,
                is_error: *self.is_error.get(at)?,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::statistics::totals;
    use crate::model::testing::read;

    #[test]
    fn many_traces_are_measured_like_single_ones() {
        let set = read(
            "
            r 0..100 web/server t=1
            a<r 10..40 db/client error name=load/7 t=1
            s 0..50 web/server t=2
            b<s 20..30 db/client name=load/8 t=2
            c<gone 1..9 db/client t=2
            ",
            1_600_000_000_000_000_000,
        );
        let mut measured = Measured::default();
        for trace in 0..set.traces().len() {
            measured.add(&set, TraceIdx::new(trace), &Settings::default(), |_| None);
        }
        // Five spans; the missing parent is none.
        assert_eq!(measured.len(), 5);
        let names: Vec<&str> = measured.name.iter().map(|&name| measured.name_text(name)).collect();
        assert_eq!(names.iter().filter(|name| **name == "load/{id}").count(), 2);
        let all = totals(1, measured.spent(&set, &[0; 5]));
        // Of the first trace 100, of the second 50.
        assert_eq!((all[0].count, all[0].errors, all[0].critical_ns), (5, 1, 150));
        assert_eq!(all[0].self_ns, 70 + 30 + 40 + 10 + 8);

        let mut part = Measured::default();
        part.add(&set, TraceIdx(0), &Settings::default(), |_| Some(BitSet::from_words(2, vec![0b10])));
        assert_eq!((part.len(), part.own.as_slice(), part.is_error.as_slice()), (1, &[30][..], &[true][..]));
    }
}
