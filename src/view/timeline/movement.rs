//! Which rows are in sight: cursor, selection, folding, focus, and walking from one find to the next.

use std::sync::Arc;

use super::{BLOCK, Direction, Step, Timeline, facts_of};
use crate::base::bitset::BitSet;
use crate::model::index::SpanIdx;
use crate::view::folding::{FoldRule, SpanFilter};
use crate::view::rows::{Row, RowFacts, Rows};
use crate::view::scroll::Scroll;

impl Timeline {
    /// Moves the rows by `px`, down when positive.
    pub fn scroll_by(&mut self, px: f64) {
        self.scroll.scroll_by(px);
    }

    /// The scroll position, for dragging its bar.
    pub fn scroll_mut(&mut self) -> &mut Scroll {
        &mut self.scroll
    }

    /// Puts the cursor on the row at `at` and has it in sight.
    pub fn go_to_row(&mut self, at: usize) {
        if let Some(row) = self.rows.get(at) {
            self.cursor = Some(row);
            self.fit_cycle = None;
            self.scroll.reveal(at);
        }
    }

    /// Moves the cursor; without one it starts at the first row in sight.
    pub fn step(&mut self, step: Step) {
        let last = self.rows.len().saturating_sub(1);
        let now = self.cursor_row();
        let page = self.scroll.rows_per_page().saturating_sub(1).max(1) as i64;
        let from = now.unwrap_or(self.scroll.rows_in_sight().start) as i64;
        let to = match step {
            Step::First => 0,
            Step::Last => last as i64,
            Step::Rows(_) | Step::Pages(_) if now.is_none() => from,
            Step::Rows(n) => from.saturating_add(n),
            Step::Pages(n) => from.saturating_add(n.saturating_mul(page)),
        };
        self.go_to_row((to.max(0) as usize).min(last));
    }

    /// Selects `span`, opening whatever hides it, and has it in sight.
    pub fn select(&mut self, span: SpanIdx) {
        if span.at() >= self.trace.len() {
            return;
        }
        let was_filtered = self.folding.is_filtered();
        if self.folding.reveal(&self.trace, &self.outline, span) {
            self.is_filter_lifted |= was_filtered && !self.folding.is_filtered();
            self.rebuild();
        }
        self.cursor = Some(Row::Span(span));
        self.fit_cycle = None;
        self.reveal_cursor();
        let bar = self.range_of(Row::Span(span));
        let shown = self.range();
        if bar.end < shown.start || bar.start > shown.end {
            self.set_scale(self.scale.reveal(bar, self.chart_px));
        }
    }

    /// Selects nothing.
    pub fn clear_selection(&mut self) {
        self.cursor = None;
    }

    /// Opens or closes the row at `at`.
    pub fn toggle(&mut self, at: usize) {
        if self.rows.toggle(&self.trace, &self.outline, &mut self.folding, at) {
            self.after_rows();
        }
    }

    /// Left: closes the row, or goes to its parent.
    pub fn close_or_parent(&mut self) {
        let Some((at, facts)) = self.cursor_facts() else { return };
        if facts.is_open == Some(true) {
            self.toggle(at);
            return;
        }
        // The nearest row above of a lower level is the parent, or the run it is a member of.
        let mut end = at;
        while end > 0 {
            let start = end.saturating_sub(BLOCK);
            let block = facts_of(self, start..end);
            if let Some(found) = block.iter().rposition(|f| f.level < facts.level) {
                self.go_to_row(start + found);
                return;
            }
            end = start;
        }
    }

    /// Right: opens the row, or goes to its first child.
    pub fn open_or_child(&mut self) {
        let Some((at, facts)) = self.cursor_facts() else { return };
        match facts.is_open {
            Some(false) => self.toggle(at),
            Some(true) => self.go_to_row(at + 1),
            None => {}
        }
    }

    /// Opens all siblings of the cursor's span.
    pub fn open_siblings(&mut self) {
        if let Some(row) = self.cursor {
            self.folding.open_siblings(&self.trace, row.span());
            self.rebuild();
        }
    }

    /// Folds everything by a rule.
    pub fn fold(&mut self, rule: FoldRule) {
        self.apply_rule(rule);
        self.rebuild();
    }

    fn apply_rule(&mut self, rule: FoldRule) {
        self.folding.set_rule(&self.trace, &self.outline, rule);
        if let Some(path) = self.path.as_ref().filter(|_| rule == FoldRule::Critical) {
            self.folding.close_beside(&self.trace, &self.outline, path);
        }
    }

    /// Opens (`Next`) or closes one level.
    pub fn fold_level(&mut self, direction: Direction) {
        let changed = match direction {
            Direction::Next => self.folding.open_one_level(&self.trace),
            Direction::Previous => self.folding.close_one_level(&self.trace),
        };
        if changed {
            self.rebuild();
        }
    }

    /// Restores what a link says: a rule, spans and runs opened or closed since, the only subtree shown.
    pub fn restore_folding(
        &mut self,
        rule: FoldRule,
        spans: &[(SpanIdx, bool)],
        runs: &[(SpanIdx, bool)],
        focus: Option<SpanIdx>,
    ) {
        self.apply_rule(rule);
        let n = self.trace.len();
        for &(span, open) in spans.iter().filter(|(s, _)| s.at() < n) {
            self.folding.set_collapsed(span, !open);
        }
        for &(first, open) in runs {
            if let Some(run) = self.outline.run_now(&self.trace, first) {
                self.folding.set_run_open(run, open);
            }
        }
        if rule == FoldRule::Critical && self.path.is_none() {
            // Nothing is folded by the rule yet; what differs from it does so once the path is there.
            self.folding.keep_exceptions(spans, runs);
        }
        self.folding.set_focus(focus.filter(|f| f.at() < n));
        self.rebuild();
    }

    /// Shows only the subtree of `span`, or everything again.
    pub fn focus(&mut self, span: Option<SpanIdx>) {
        self.folding.set_focus(span);
        self.rebuild();
    }

    /// Leaves out what `filter` does not let through.
    pub fn filter(&mut self, filter: &SpanFilter) {
        self.folding.set_filter(&self.trace, filter);
        self.rebuild();
    }

    /// Takes what a search found; with `filters` the rows are only the matches and the ways to them. Where
    /// nothing is found all rows stay: an empty list would tell less. O(n) where rows come or go.
    pub fn set_matches(&mut self, matches: Option<BitSet>, filters: bool) {
        self.is_filter_lifted = false;
        let kept = matches.as_ref().filter(|m| filters && m.count() > 0);
        if kept.is_some() || self.folding.is_filtered() {
            self.folding.set_matches(&self.trace, kept);
            self.rebuild();
        }
        self.matches = matches;
    }

    /// Whether the rows were only the matches until a span was gone to that is none of them.
    pub fn is_filter_lifted(&self) -> bool {
        self.is_filter_lifted
    }

    /// Selects the next error in tree order after the cursor, from the start when there is none behind.
    pub fn go_to_error(&mut self, direction: Direction) -> bool {
        let trace = Arc::clone(&self.trace);
        self.go_to(direction, |span| trace.is_error(span))
    }

    /// Selects the next match.
    pub fn go_to_match(&mut self, direction: Direction) -> bool {
        let Some(matches) = self.matches.take() else { return false };
        let found = self.go_to(direction, |span| matches.contains(span.at()));
        self.matches = Some(matches);
        found
    }

    /// Puts the cursor on the next row whose bar is within the shown time, around the ends. Returns whether
    /// there is one.
    pub fn go_to_visible(&mut self, direction: Direction) -> bool {
        let (n, shown) = (self.rows.len(), self.range());
        let from = self.cursor_row();
        let is_visible = |at: &usize| {
            let facts = facts_of(self, *at..*at + 1);
            facts.first().is_some_and(|f| f.range.end >= shown.start && f.range.start <= shown.end)
        };
        let found = match direction {
            Direction::Next => {
                let first = from.map_or(0, |f| f + 1);
                (first..n).chain(0..first.min(n)).find(is_visible)
            }
            Direction::Previous => {
                let end = from.unwrap_or(n);
                (0..end).rev().chain((end..n).rev()).find(is_visible)
            }
        };
        if let Some(at) = found {
            self.go_to_row(at);
        }
        found.is_some()
    }

    /// Selects the sibling before or after the selected span; with `same_service` only one of its service.
    pub fn go_to_sibling(&mut self, direction: Direction, same_service: bool) {
        let Some(span) = self.selected() else { return };
        let trace = Arc::clone(&self.trace);
        let passes = |s: &SpanIdx| !same_service || trace.service(*s) == trace.service(span);
        let siblings: Box<dyn Iterator<Item = SpanIdx>> = match trace.parent(span) {
            Some(parent) => Box::new(trace.children(parent)),
            None => Box::new(trace.roots()),
        };
        let found = match direction {
            Direction::Next => siblings.filter(passes).find(|&s| s > span),
            Direction::Previous => siblings.filter(passes).take_while(|&s| s < span).last(),
        };
        if let Some(sibling) = found {
            self.select(sibling);
        }
    }

    /// Which match the selected span is, from 1, and how many there are.
    pub fn match_position(&self) -> Option<(usize, usize)> {
        let matches = self.matches.as_ref()?;
        let selected = self.selected().filter(|s| matches.contains(s.at()));
        let position = selected.map_or(0, |s| matches.iter().take_while(|&m| m <= s.at()).count());
        Some((position, matches.count()))
    }

    fn go_to(&mut self, direction: Direction, passes: impl Fn(SpanIdx) -> bool) -> bool {
        let n = self.trace.len() as u32;
        let from = self.cursor.map(|c| c.span().0);
        let found = match direction {
            Direction::Next => {
                let first = from.map_or(0, |f| f + 1);
                (first..n).chain(0..first.min(n)).map(SpanIdx).find(|&s| passes(s))
            }
            Direction::Previous => {
                let end = from.unwrap_or(n);
                (0..end).rev().chain((end..n).rev()).map(SpanIdx).find(|&s| passes(s))
            }
        };
        if let Some(span) = found {
            self.select(span);
        }
        found.is_some()
    }

    fn cursor_facts(&self) -> Option<(usize, RowFacts)> {
        let at = self.cursor_row()?;
        Some((at, facts_of(self, at..at + 1).into_iter().next()?))
    }

    pub(super) fn rebuild(&mut self) {
        self.rows = Rows::build(&self.trace, &self.outline, &self.folding);
        self.after_rows();
    }

    /// After rows changed: a cursor that was folded away moves to the row that hides it.
    fn after_rows(&mut self) {
        self.scroll.set_n_rows(self.rows.len());
        if let Some(row) = self.cursor
            && self.rows.find(row).is_none()
        {
            let place = self.rows.place(&self.trace, &self.outline, row.span());
            self.cursor = place.and_then(|p| self.rows.get(p.row));
        }
        self.reveal_cursor();
    }

    pub(super) fn reveal_cursor(&mut self) {
        if let Some(at) = self.cursor_row() {
            self.scroll.reveal_centred(at);
        }
    }
}
