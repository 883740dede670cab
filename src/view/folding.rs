//! Folding: which subtrees and runs are closed, and what is left out altogether.
//!
//! A rule says how the trace is folded as a whole; what the reader opened and closed since then are its
//! exceptions, so that a link can carry both.

use super::outline::{Outline, Run};
use super::path::CriticalPath;
use crate::base::bitset::BitSet;
use crate::model::index::{ServiceIdx, SpanIdx};
use crate::model::time::DurationNanos;
use crate::model::trace::Trace;

/// How a whole trace is folded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum FoldRule {
    /// Everything open but runs of equal siblings.
    #[default]
    Runs,
    /// Everything open, runs too.
    None,
    /// So many levels in sight; runs closed.
    Depth(u32),
    /// Only the ways to errors open.
    Errors,
    /// Only the ways to what is on the critical path open; everything, until the path is known.
    Critical,
}

/// Leaves spans out of the waterfall; their ancestors stay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpanFilter {
    /// Only spans of these services; none means of all.
    pub services: Vec<ServiceIdx>,
    /// Only spans at least this long.
    pub least: DurationNanos,
}

/// What is closed, and what is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folding {
    rule: FoldRule,
    collapsed: BitSet,
    /// Runs whose members are shown, by their first spans.
    opened_runs: Vec<Run>,
    /// Spans closed (`false`) or opened (`true`) since the rule was applied, last change last.
    exceptions: Vec<(SpanIdx, bool)>,
    /// The same of runs, by their first spans.
    run_exceptions: Vec<(SpanIdx, bool)>,
    focus: Option<SpanIdx>,
    /// Spans that a filter lets through, and their ancestors.
    shown: Option<BitSet>,
}

impl Folding {
    /// The longest list of exceptions that is remembered.
    pub const MAX_EXCEPTIONS: usize = 32;

    /// Folded by `rule`.
    pub fn new(trace: &Trace, outline: &Outline, rule: FoldRule) -> Self {
        let mut folding = Self {
            rule,
            collapsed: BitSet::new(trace.len()),
            opened_runs: Vec::new(),
            exceptions: Vec::new(),
            run_exceptions: Vec::new(),
            focus: None,
            shown: None,
        };
        folding.set_rule(trace, outline, rule);
        folding
    }

    /// Folds everything by `rule`, forgetting what was opened and closed by hand. Focus and filter stay.
    pub fn set_rule(&mut self, trace: &Trace, outline: &Outline, rule: FoldRule) {
        self.rule = rule;
        self.exceptions.clear();
        self.run_exceptions.clear();
        self.opened_runs.clear();
        self.collapsed = BitSet::new(trace.len());
        match rule {
            FoldRule::Runs | FoldRule::None | FoldRule::Critical => {}
            FoldRule::Depth(levels) => self.collapse_where(trace, |s| trace.depth(s) + 1 >= levels.max(1)),
            FoldRule::Errors => {
                let errors_below = |s: SpanIdx| outline.errors_in(s.0 + 1, s.0 + trace.subtree_size(s));
                self.collapse_where(trace, |s| errors_below(s) == 0);
                let with_errors = outline.runs().iter().filter(|r| outline.errors_in(r.first.0, r.end) > 0);
                self.opened_runs = with_errors.copied().collect();
            }
        }
    }

    /// Closes whatever has nothing of the critical path below it. O(n log sections).
    pub fn close_beside(&mut self, trace: &Trace, outline: &Outline, path: &CriticalPath) {
        self.collapse_where(trace, |s| !path.touches(s.0 + 1..s.0 + trace.subtree_size(s)));
        let on_path = outline.runs().iter().filter(|r| path.touches(r.first.0..r.end));
        self.opened_runs = on_path.copied().collect();
    }

    /// The rule that was applied last.
    pub fn rule(&self) -> FoldRule {
        self.rule
    }

    /// What differs from the rule: spans opened (`true`) or closed by hand. Empty when there are too many.
    pub fn exceptions(&self) -> &[(SpanIdx, bool)] {
        if self.exceptions.len() > Self::MAX_EXCEPTIONS { &[] } else { &self.exceptions }
    }

    /// Runs opened (`true`) or closed by hand, by their first spans. Empty when there are too many.
    pub fn run_exceptions(&self) -> &[(SpanIdx, bool)] {
        if self.run_exceptions.len() > Self::MAX_EXCEPTIONS { &[] } else { &self.run_exceptions }
    }

    /// Remembers these exceptions as they are: the rule cannot be applied yet.
    pub(super) fn keep_exceptions(&mut self, spans: &[(SpanIdx, bool)], runs: &[(SpanIdx, bool)]) {
        self.exceptions = spans.to_vec();
        self.run_exceptions = runs.to_vec();
    }

    /// Whether runs are shown as one row until they are opened.
    pub fn folds_runs(&self) -> bool {
        self.rule != FoldRule::None && self.shown.is_none()
    }

    /// Whether the children of `span` are hidden.
    #[inline]
    pub fn is_collapsed(&self, span: SpanIdx) -> bool {
        self.collapsed.contains(span.at())
    }

    /// Whether the members of the run that begins at `first` are shown.
    #[inline]
    pub fn is_run_open(&self, first: SpanIdx) -> bool {
        self.opened_runs.binary_search_by_key(&first, |r| r.first).is_ok()
    }

    /// The open runs that reach into the spans `first..=last` in tree order: each adds a level to its members.
    pub fn open_runs_within(&self, first: SpanIdx, last: SpanIdx) -> Vec<Run> {
        if !self.folds_runs() {
            return Vec::new();
        }
        let begun = self.opened_runs.iter().take_while(|r| r.first <= last);
        begun.filter(|r| r.end > first.0).copied().collect()
    }

    /// Opens or closes one span's children.
    pub fn set_collapsed(&mut self, span: SpanIdx, collapsed: bool) {
        let changed =
            if collapsed { self.collapsed.insert(span.at()) } else { self.collapsed.remove(span.at()) };
        if changed {
            except(&mut self.exceptions, span, !collapsed);
        }
    }

    /// Shows or hides the members of a run.
    pub fn set_run_open(&mut self, run: Run, open: bool) {
        match (self.opened_runs.binary_search_by_key(&run.first, |r| r.first), open) {
            (Err(at), true) => self.opened_runs.insert(at, run),
            (Ok(at), false) => drop(self.opened_runs.remove(at)),
            _ => return,
        }
        except(&mut self.run_exceptions, run.first, open);
    }

    /// Opens whatever hides `span`. Returns whether anything was hidden. O(depth).
    pub fn reveal(&mut self, trace: &Trace, outline: &Outline, span: SpanIdx) -> bool {
        let mut changed = false;
        if self.focus.is_some_and(|f| !trace.is_within(span, f)) {
            self.focus = None;
            changed = true;
        }
        if self.shown.as_ref().is_some_and(|s| !s.contains(span.at())) {
            self.shown = None;
            changed = true;
        }
        let mut at = Some(span);
        while let Some(current) = at {
            if current != span && self.is_collapsed(current) {
                self.set_collapsed(current, false);
                changed = true;
            }
            if self.folds_runs()
                && let Some(run) = outline.run_of(trace, current)
                && !self.is_run_open(run.first)
            {
                self.set_run_open(run, true);
                changed = true;
            }
            at = trace.parent(current);
        }
        changed
    }

    /// Opens the shallowest level that is closed. Returns whether there was one.
    pub fn open_one_level(&mut self, trace: &Trace) -> bool {
        let Some(level) = self.collapsed.iter().map(|s| trace.depth(SpanIdx::new(s))).min() else {
            return false;
        };
        let spans: Vec<usize> =
            self.collapsed.iter().filter(|&s| trace.depth(SpanIdx::new(s)) == level).collect();
        for span in spans {
            self.set_collapsed(SpanIdx::new(span), false);
        }
        true
    }

    /// Closes the deepest level that is open. Returns whether there was one.
    pub fn close_one_level(&mut self, trace: &Trace) -> bool {
        let open = |s: &SpanIdx| trace.has_children(*s) && !self.is_collapsed(*s);
        let Some(level) = trace.spans().filter(open).map(|s| trace.depth(s)).max() else {
            return false;
        };
        let spans: Vec<SpanIdx> = trace.spans().filter(|s| trace.depth(*s) == level).filter(open).collect();
        for span in spans {
            self.set_collapsed(span, true);
        }
        true
    }

    /// Opens all siblings of `span` that have children.
    pub fn open_siblings(&mut self, trace: &Trace, span: SpanIdx) {
        let siblings: Vec<SpanIdx> = match trace.parent(span) {
            Some(parent) => trace.children(parent).collect(),
            None => trace.roots().collect(),
        };
        for sibling in siblings {
            self.set_collapsed(sibling, false);
        }
    }

    /// The only subtree that is shown, if there is one.
    pub fn focus(&self) -> Option<SpanIdx> {
        self.focus
    }

    /// Shows only the subtree of `span`, or the whole trace.
    pub fn set_focus(&mut self, span: Option<SpanIdx>) {
        self.focus = span;
    }

    /// Shows only spans that are in `matches`, and the ways to them. O(n).
    pub fn set_matches(&mut self, trace: &Trace, matches: Option<&BitSet>) {
        self.shown = matches.map(|m| with_ancestors(trace, |s| m.contains(s.at())));
    }

    /// Shows only what `filter` lets through, and the ways to it. O(n).
    pub fn set_filter(&mut self, trace: &Trace, filter: &SpanFilter) {
        if *filter == SpanFilter::default() {
            self.shown = None;
            return;
        }
        let mut services = BitSet::new(trace.services().len());
        for service in &filter.services {
            services.insert(service.at());
        }
        let passes = |s: SpanIdx| {
            trace.span_duration(s) >= filter.least
                && (filter.services.is_empty() || services.contains(trace.service(s).at()))
        };
        self.shown = Some(with_ancestors(trace, passes));
    }

    /// Whether something is left out.
    pub fn is_filtered(&self) -> bool {
        self.shown.is_some()
    }

    /// Whether a filter leaves `span` out.
    #[inline]
    pub(super) fn is_left_out(&self, span: u32) -> bool {
        self.shown.as_ref().is_some_and(|s| !s.contains(span as usize))
    }

    fn collapse_where(&mut self, trace: &Trace, closes: impl Fn(SpanIdx) -> bool) {
        for span in trace.spans().filter(|&s| trace.has_children(s) && closes(s)) {
            self.collapsed.insert(span.at());
        }
    }
}

/// Notes that `span` was opened or closed; what is changed back is no exception any more.
fn except(exceptions: &mut Vec<(SpanIdx, bool)>, span: SpanIdx, open: bool) {
    let before = exceptions.len();
    exceptions.retain(|&(s, _)| s != span);
    if before == exceptions.len() && before <= Folding::MAX_EXCEPTIONS {
        exceptions.push((span, open));
    }
}

/// The spans that `passes`, and all their ancestors. Children come later, so one pass backwards is enough.
fn with_ancestors(trace: &Trace, passes: impl Fn(SpanIdx) -> bool) -> BitSet {
    let mut shown = BitSet::new(trace.len());
    for span in trace.spans().rev() {
        if shown.contains(span.at()) || passes(span) {
            shown.insert(span.at());
            if let Some(parent) = trace.parent(span) {
                shown.insert(parent.at());
            }
        }
    }
    shown
}
