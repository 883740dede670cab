//! Which traces and which of their spans a view is about.

use crate::analysis::recorded::Recorded;
use crate::base::bitset::BitSet;
use crate::model::index::{SpanIdx, TraceIdx};
use crate::model::trace_set::TraceSet;
use crate::wire::scope::{Part, Scope};

/// A [`Scope`] whose traces are in the set.
#[derive(Clone, Debug, Default)]
pub struct Resolved {
    /// The traces, in the order of the list, each once.
    pub traces: Vec<TraceIdx>,
    part: Part,
}

impl Resolved {
    /// What `scope` means in `set`; traces that are not there are left out.
    pub fn new(scope: Scope, set: &TraceSet) -> Self {
        let n = set.traces().len();
        match scope {
            Scope::All => Self { traces: (0..n).map(TraceIdx::new).collect(), part: Part::default() },
            Scope::Traces(mut traces) => {
                traces.retain(|&trace| (trace as usize) < n);
                traces.sort_unstable();
                traces.dedup();
                Self { traces: traces.into_iter().map(TraceIdx).collect(), part: Part::default() }
            }
            Scope::Part(part) => {
                let trace = Some(TraceIdx(part.trace)).filter(|trace| trace.at() < n);
                Self { traces: trace.into_iter().collect(), part }
            }
        }
    }

    /// The spans of one of the traces that the view is about; none stands for all of them. O(n) for a part
    /// of a trace, else O(1).
    pub fn kept(&self, recorded: &Recorded) -> Option<BitSet> {
        let Part { focus, range, spans, .. } = &self.part;
        if focus.is_none() && range.is_none() && spans.is_none() {
            return None;
        }
        let n = recorded.len();
        let mut kept = spans.as_ref().map_or_else(|| BitSet::full(n), |spans| spans.unpack(n));
        let trace = recorded.trace();
        let focus = focus.map(SpanIdx).filter(|focus| focus.at() < n);
        for span in trace.spans() {
            let is_within = focus.is_none_or(|focus| trace.is_within(span, focus));
            if !is_within || !range.is_none_or(|range| is_in(recorded, span, range)) {
                kept.remove(span.at());
            }
        }
        Some(kept)
    }
}

/// Whether a span has a part of its time within a range, or, without length, lies in it.
fn is_in(recorded: &Recorded, span: SpanIdx, (from, to): (i64, i64)) -> bool {
    let (start, end) = (recorded.start(span), recorded.end(span));
    if start == end { from <= start && start <= to } else { start < to && end > from }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing::read;
    use crate::wire::scope::SpanSet;

    fn kept(part: Part) -> Option<Vec<usize>> {
        let lines = "r 0..100\na<r 10..40\nb<a 20..30\nc<r 40..90\nd<c 60..60";
        let set = read(lines, 1_600_000_000_000_000_000);
        let trace = set.trace(TraceIdx(0));
        let kept = Resolved::new(Scope::Part(part), &set).kept(&Recorded::new(&trace));
        kept.map(|kept| kept.iter().collect())
    }

    #[test]
    fn a_part_is_what_all_that_narrows_it_leaves() {
        assert_eq!(kept(Part::default()), None);
        let focus = Part { focus: Some(1), ..Part::default() };
        assert_eq!(kept(focus.clone()), Some(vec![1, 2]));
        let range = Part { range: Some((40, 60)), ..Part::default() };
        assert_eq!(kept(range.clone()), Some(vec![0, 3, 4]));
        let mut found = BitSet::new(5);
        found.insert(2);
        found.insert(4);
        let found = Some(SpanSet::new(&found));
        assert_eq!(kept(Part { spans: found.clone(), ..range }), Some(vec![4]));
        assert_eq!(kept(Part { spans: found, ..focus }), Some(vec![2]));
        assert_eq!(kept(Part { focus: Some(99), ..Part::default() }), Some(vec![0, 1, 2, 3, 4]));
    }

    #[test]
    fn traces_that_are_not_there_are_left_out() {
        let set = read("r 0..9 t=1\ns 0..9 t=2", 1_600_000_000_000_000_000);
        let traces = |scope| Resolved::new(scope, &set).traces;
        assert_eq!(traces(Scope::All), [TraceIdx(0), TraceIdx(1)]);
        assert_eq!(traces(Scope::Traces(vec![7, 1, 1, 0])), [TraceIdx(0), TraceIdx(1)]);
        assert_eq!(traces(Scope::Part(Part { trace: 2, ..Part::default() })), []);
    }
}
