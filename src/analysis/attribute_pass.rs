//! The one pass over what is packed with a trace's spans: attributes, events, status messages.
//!
//! Reading a million spans back is dearer than anything else of an analysis, so it is done once, in slices, and
//! everything that looks at attributes takes its part on the way: [`Facts`] what means something, [`Quality`]
//! every value.

use crate::model::attributes::Scalar;
use crate::model::index::{SpanIdx, StringIdx, TraceIdx};
use crate::model::reading::{Owner, Reader};
use crate::model::trace::Trace;
use crate::model::trace_set::TraceSet;

use super::aliases::Meanings;
use super::facts::Facts;
use super::facts_builder::FactsBuilder;
use super::quality::{Quality, QualityBuilder};
use super::written::Written;

/// Reads a trace in slices. Owns all it needs between them.
#[derive(Debug, Default)]
pub struct AttributePass {
    facts: FactsBuilder,
    /// None where only facts are wanted.
    quality: Option<QualityBuilder>,
    meanings: Meanings,
    only_failures: bool,
    /// The trace's first span in the set.
    first: u32,
    next: u32,
}

impl AttributePass {
    /// Nothing was read yet.
    pub fn new(set: &TraceSet, trace_idx: TraceIdx, trace: &Trace) -> Self {
        Self { quality: Some(QualityBuilder::new()), ..Self::of_facts(set, trace_idx, trace) }
    }

    /// The same without a look at what means nothing: for who wants no more than [`Facts`].
    pub fn of_facts(set: &TraceSet, trace_idx: TraceIdx, trace: &Trace) -> Self {
        Self {
            facts: FactsBuilder::new(trace),
            first: set.traces().get(trace_idx.at()).map_or(0, |t| t.first),
            ..Self::default()
        }
    }

    /// The same for who wants to know no more than which spans failed and why; the columns of other facts are empty.
    pub fn of_failures(set: &TraceSet, trace_idx: TraceIdx, trace: &Trace) -> Self {
        Self {
            facts: FactsBuilder::of_failures(trace),
            first: set.traces().get(trace_idx.at()).map_or(0, |t| t.first),
            only_failures: true,
            ..Self::default()
        }
    }

    /// Reads the next `n` spans; returns whether that were all.
    pub fn slice(&mut self, set: &TraceSet, trace: &Trace, n: usize) -> bool {
        let end = trace.len().min((self.next as usize).saturating_add(n)) as u32;
        let mut written = Written::new(set, std::mem::take(&mut self.meanings));
        if self.only_failures {
            written = written.only_outcomes();
        }
        let mut both = Both { set, span: SpanIdx(0), written, quality: self.quality.as_mut() };
        while self.next < end {
            let span = SpanIdx(self.next);
            self.next += 1;
            both.span = span;
            both.written.begin();
            let is_there = set.read(SpanIdx(self.first + span.0), &mut both);
            if self.only_failures {
                if is_there {
                    self.facts.add_failure(&both.written, trace, span);
                }
            } else if is_there {
                self.facts.add(&both.written, trace, span);
            } else {
                self.facts.add_placeholder();
            }
        }
        self.meanings = both.written.meanings;
        end as usize == trace.len()
    }

    /// What was found; what was needed to find it is freed.
    pub fn finish(self) -> (Facts, Quality) {
        (self.facts.finish(), self.quality.map(QualityBuilder::finish).unwrap_or_default())
    }
}

/// Hands what is read of one span to both.
struct Both<'a, 'q> {
    set: &'a TraceSet,
    span: SpanIdx,
    written: Written<'a>,
    quality: Option<&'q mut QualityBuilder>,
}

impl<'a> Reader<'a> for Both<'a, '_> {
    #[inline]
    fn wants(&mut self, owner: Owner, key: StringIdx) -> bool {
        let means_something = self.written.wants(owner, key);
        let Some(quality) = &mut self.quality else { return means_something };
        quality.begin(self.set, self.span, key);
        true
    }

    #[inline]
    fn value(&mut self, owner: Owner, key: StringIdx, inner: Option<&'a str>, value: Scalar<'a>) {
        self.written.value(owner, key, inner, value);
        if let Some(quality) = &mut self.quality {
            quality.value(self.span, owner, inner, value);
        }
    }

    fn event(&mut self, name: &'a str) {
        self.written.event(name);
    }

    fn status_message(&mut self, text: &'a str) {
        self.written.status_message(text);
        if let Some(quality) = &mut self.quality {
            quality.status_message(self.span, text);
        }
    }

    fn dropped(&mut self, counts: [u32; 3]) {
        self.written.dropped(counts);
    }
}
