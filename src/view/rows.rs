//! The rows of the waterfall: which spans and runs are in the list, in which order.
//!
//! One entry of four bytes per row, in tree order, so a span's row is found by binary search. The list is made
//! in one pass over the spans that are not hidden; opening or closing one row replaces only the part below it.

use super::folding::Folding;
use super::outline::{Outline, Run};
use crate::model::index::SpanIdx;
use crate::model::time::TimeRange;
use crate::model::trace::Trace;

/// Marks an entry as the row of a run; the rest is the run's first span.
const RUN: u32 = 1 << 31;

/// A row of the waterfall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// A span, or the placeholder of a missing parent.
    Span(SpanIdx),
    /// A run of equal siblings, by the first of them.
    Run(SpanIdx),
}

/// Where a span is to be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The row that shows the span, or the closed one that hides it.
    pub row: usize,
    /// Whether the row shows the span itself.
    pub is_exact: bool,
}

/// The rows, from top to bottom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    visible: Vec<u32>,
}

impl Row {
    /// The span of the row; for a run its first member.
    pub fn span(self) -> SpanIdx {
        match self {
            Self::Span(span) | Self::Run(span) => span,
        }
    }
}

impl Rows {
    /// The rows that `folding` leaves. O(n), in practice a few milliseconds for a million spans.
    pub fn build(trace: &Trace, outline: &Outline, folding: &Folding) -> Self {
        let (first, end) = whole(trace, folding);
        let mut visible = Vec::new();
        fill(trace, outline, folding, first, end, &mut visible);
        Self { visible }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.visible.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.visible.is_empty()
    }

    /// The row at `at` from the top.
    #[inline]
    pub fn get(&self, at: usize) -> Option<Row> {
        self.visible.get(at).map(|&entry| row(entry))
    }

    /// The rows from top to bottom.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Row> + '_ {
        self.visible.iter().map(|&entry| row(entry))
    }

    /// Where `wanted` is. O(log n).
    pub fn find(&self, wanted: Row) -> Option<usize> {
        let entry = match wanted {
            Row::Span(span) => span.0,
            Row::Run(first) => first.0 | RUN,
        };
        self.visible.binary_search_by_key(&key(entry), |&e| key(e)).ok()
    }

    /// The row that shows or hides `span`; none when it is outside the focus or filtered out. O(log n + depth).
    pub fn place(&self, trace: &Trace, outline: &Outline, span: SpanIdx) -> Option<Place> {
        if let Some(row) = self.find(Row::Span(span)) {
            return Some(Place { row, is_exact: true });
        }
        // The nearest row above is the one that hides it, if it reaches that far.
        let above = self.visible.partition_point(|&e| key(e) < key(span.0)).checked_sub(1)?;
        let hides = match row(self.visible[above]) {
            Row::Span(hider) => trace.is_within(span, hider),
            Row::Run(first) => outline.run(first).is_some_and(|r| span.0 < r.end),
        };
        hides.then_some(Place { row: above, is_exact: false })
    }

    /// Opens or closes the row at `at` in `folding`, and replaces the rows below it. Returns whether anything
    /// changed: rows without anything below do not open.
    pub fn toggle(&mut self, trace: &Trace, outline: &Outline, folding: &mut Folding, at: usize) -> bool {
        match self.get(at) {
            Some(Row::Span(span)) if trace.has_children(span) => {
                folding.set_collapsed(span, !folding.is_collapsed(span));
            }
            Some(Row::Run(first)) => {
                let Some(run) = outline.run(first) else { return false };
                folding.set_run_open(run, !folding.is_run_open(first));
            }
            _ => return false,
        }
        self.refresh_below(trace, outline, folding, at);
        true
    }

    /// Makes the rows below the row at `at` anew.
    fn refresh_below(&mut self, trace: &Trace, outline: &Outline, folding: &Folding, at: usize) {
        let mut below = Vec::new();
        let end = match self.get(at) {
            Some(Row::Span(span)) => {
                let end = span.0 + trace.subtree_size(span);
                if !folding.is_collapsed(span) {
                    fill(trace, outline, folding, span.0 + 1, end, &mut below);
                }
                end
            }
            Some(Row::Run(first)) => {
                let Some(run) = outline.run(first) else { return };
                fill(trace, outline, folding, run.first.0, run.end, &mut below);
                // The run's own row stands there already.
                below.remove(0);
                run.end
            }
            None => return,
        };
        let behind = at + 1 + self.visible[at + 1..].partition_point(|&e| (e & !RUN) < end);
        self.visible.splice(at + 1..behind, below);
    }
}

/// A row with everything that drawing and texts need to know about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowFacts {
    /// Which row.
    pub row: Row,
    /// Steps of indentation: depth below the focus, members of an open run one more.
    pub level: u32,
    /// The run, when the row is one.
    pub run: Option<Run>,
    /// Whether rows can be shown below it, and are.
    pub is_open: Option<bool>,
    /// Errors that are hidden below it.
    pub n_errors_hidden: u32,
    /// From start to end, after the trace's start; of all members for a run.
    pub range: TimeRange,
    /// Whether the span itself, or any member of the run, is an error.
    pub is_error: bool,
}

/// Facts about the rows at `in_sight`, positions from the top.
pub fn facts(
    trace: &Trace,
    outline: &Outline,
    folding: &Folding,
    rows: &Rows,
    in_sight: std::ops::Range<usize>,
) -> Vec<RowFacts> {
    let end = in_sight.end.min(rows.len());
    let start = in_sight.start.min(end);
    let entries = &rows.visible[start..end];
    let (Some(&first), Some(&last)) = (entries.first(), entries.last()) else {
        return Vec::new();
    };
    let open_runs = folding.open_runs_within(row(first).span(), row(last).span());
    let base = folding.focus().map_or(0, |f| trace.depth(f));
    entries
        .iter()
        .map(|&entry| {
            let row = row(entry);
            let span = row.span();
            let is_run = matches!(row, Row::Run(_));
            // The run that the row stands for adds no level to the row itself.
            let around = open_runs
                .iter()
                .filter(|r| r.first <= span && span.0 < r.end && !(is_run && r.first == span))
                .count() as u32;
            let level = trace.depth(span).saturating_sub(base) + around;
            match outline.run(span).filter(|_| is_run) {
                Some(run) => run_facts(trace, outline, folding, run, level),
                None => span_facts(trace, outline, folding, span, level),
            }
        })
        .collect()
}

fn span_facts(trace: &Trace, outline: &Outline, folding: &Folding, span: SpanIdx, level: u32) -> RowFacts {
    let is_open = trace.has_children(span).then(|| !folding.is_collapsed(span));
    let below = outline.errors_within(trace, span) - u32::from(trace.is_error(span));
    RowFacts {
        row: Row::Span(span),
        level,
        run: None,
        is_open,
        n_errors_hidden: if is_open == Some(false) { below } else { 0 },
        range: TimeRange { start: trace.start(span), end: trace.end(span) },
        is_error: trace.is_error(span),
    }
}

fn run_facts(trace: &Trace, outline: &Outline, folding: &Folding, run: Run, level: u32) -> RowFacts {
    let is_open = folding.is_run_open(run.first);
    let errors = outline.errors_in(run.first.0, run.end);
    RowFacts {
        row: Row::Run(run.first),
        level,
        run: Some(run),
        is_open: Some(is_open),
        n_errors_hidden: if is_open { 0 } else { errors },
        range: TimeRange { start: trace.start(run.first), end: run.until },
        is_error: errors > 0,
    }
}

fn row(entry: u32) -> Row {
    if entry & RUN == 0 { Row::Span(SpanIdx(entry)) } else { Row::Run(SpanIdx(entry & !RUN)) }
}

/// Order of entries: a run's row comes right before its first member's.
const fn key(entry: u32) -> u64 {
    ((entry & !RUN) as u64) << 1 | (entry & RUN == 0) as u64
}

/// First and end of the spans that rows are made of.
fn whole(trace: &Trace, folding: &Folding) -> (u32, u32) {
    match folding.focus() {
        Some(focus) if focus.at() < trace.len() => (focus.0, focus.0 + trace.subtree_size(focus)),
        _ => (0, trace.len() as u32),
    }
}

/// Appends the rows for the spans `first..end`.
fn fill(trace: &Trace, outline: &Outline, folding: &Folding, first: u32, end: u32, out: &mut Vec<u32>) {
    let folds_runs = folding.folds_runs();
    let runs = outline.runs();
    // Runs are met in order; each is passed once.
    let mut next_run = if folds_runs { runs.partition_point(|r| r.first.0 < first) } else { runs.len() };
    let mut at = first;
    while at < end {
        let span = SpanIdx(at);
        if folding.is_left_out(at) {
            at += trace.subtree_size(span);
            continue;
        }
        while runs.get(next_run).is_some_and(|r| r.first.0 < at) {
            next_run += 1;
        }
        if let Some(run) = runs.get(next_run).filter(|r| r.first.0 == at)
            && folding.focus() != Some(span)
        {
            out.push(at | RUN);
            if !folding.is_run_open(span) {
                at = run.end;
                continue;
            }
        }
        out.push(at);
        at += if folding.is_collapsed(span) { trace.subtree_size(span) } else { 1 };
    }
}

#[cfg(test)]
mod tests {
    use super::super::drawing;
    use super::super::folding::{FoldRule, SpanFilter};
    use super::*;
    use crate::model::time::DurationNanos;
    use expect_test::{Expect, expect};
    use std::fmt::Write;

    const SHOP: &str = "
web GET 0..100
  cart load 5..60 !
    db SELECT 10..11
    db SELECT 11..12
    db SELECT 12..13 !
    db SELECT 13..14
    db SELECT 14..15
    db COMMIT 20..21
  pay charge 60..90
    bank POST 61..89
";

    fn drawn(trace: &Trace, outline: &Outline, folding: &Folding, rows: &Rows) -> String {
        let mut text = String::new();
        for f in facts(trace, outline, folding, rows, 0..rows.len()) {
            let mark = match f.is_open {
                None => " ",
                Some(true) => "-",
                Some(false) => "+",
            };
            let count = f.run.map(|r| format!("×{} ", r.count)).unwrap_or_default();
            let hidden = if f.n_errors_hidden > 0 {
                format!(" ({} errors)", f.n_errors_hidden)
            } else {
                String::new()
            };
            let indent = "  ".repeat(f.level as usize);
            let _ = writeln!(text, "{indent}{mark}{count}{}{hidden}", trace.name(f.row.span()));
        }
        text
    }

    fn check(text: &str, change: impl FnOnce(&Trace, &Outline, &mut Folding), expected: &Expect) {
        let trace = drawing::trace(text);
        let outline = Outline::new(&trace);
        let mut folding = Folding::new(&trace, &outline, FoldRule::default());
        change(&trace, &outline, &mut folding);
        let rows = Rows::build(&trace, &outline, &folding);
        expected.assert_eq(&drawn(&trace, &outline, &folding, &rows));
    }

    #[test]
    fn runs_are_one_row_until_opened() {
        check(
            SHOP,
            |_, _, _| {},
            &expect![[r#"
            -GET
              -load
                +×5 SELECT (1 errors)
                 COMMIT
              -charge
                 POST
        "#]],
        );
        check(
            SHOP,
            |_, o, f| f.set_run_open(o.run(SpanIdx(2)).unwrap(), true),
            &expect![[r#"
            -GET
              -load
                -×5 SELECT
                   SELECT
                   SELECT
                   SELECT
                   SELECT
                   SELECT
                 COMMIT
              -charge
                 POST
        "#]],
        );
    }

    #[test]
    fn rules_fold_by_level_and_to_errors() {
        check(
            SHOP,
            |t, o, f| f.set_rule(t, o, FoldRule::Depth(2)),
            &expect![[r#"
            -GET
              +load (1 errors)
              +charge
        "#]],
        );
        check(
            SHOP,
            |t, o, f| f.set_rule(t, o, FoldRule::Errors),
            &expect![[r#"
            -GET
              -load
                -×5 SELECT
                   SELECT
                   SELECT
                   SELECT
                   SELECT
                   SELECT
                 COMMIT
              +charge
        "#]],
        );
        check(
            SHOP,
            |t, o, f| {
                f.set_rule(t, o, FoldRule::Depth(1));
                assert!(f.open_one_level(t));
            },
            &expect![[r#"
            -GET
              +load (1 errors)
              +charge
        "#]],
        );
    }

    #[test]
    fn focus_and_filter_leave_the_rest_out() {
        check(
            SHOP,
            |_, _, f| f.set_focus(Some(SpanIdx(8))),
            &expect![[r#"
            -charge
               POST
        "#]],
        );
        let slow = SpanFilter { services: Vec::new(), least: DurationNanos(25_000_000) };
        check(
            SHOP,
            |t, _, f| f.set_filter(t, &slow),
            &expect![[r#"
            -GET
              -load
              -charge
                 POST
        "#]],
        );
    }

    #[test]
    fn revealing_opens_what_hides_a_span() {
        let trace = drawing::trace(SHOP);
        let outline = Outline::new(&trace);
        let mut folding = Folding::new(&trace, &outline, FoldRule::Depth(1));
        let rows = Rows::build(&trace, &outline, &folding);
        assert_eq!(rows.place(&trace, &outline, SpanIdx(4)), Some(Place { row: 0, is_exact: false }));
        assert!(folding.reveal(&trace, &outline, SpanIdx(4)));
        let rows = Rows::build(&trace, &outline, &folding);
        assert_eq!(rows.place(&trace, &outline, SpanIdx(4)), Some(Place { row: 5, is_exact: true }));
        assert_eq!(rows.place(&trace, &outline, SpanIdx(9)), Some(Place { row: 9, is_exact: false }));
        assert!(!folding.reveal(&trace, &outline, SpanIdx(4)));
        assert_eq!(folding.exceptions(), [(SpanIdx(1), true), (SpanIdx(0), true)]);
        assert_eq!(folding.run_exceptions(), [(SpanIdx(2), true)]);
    }

    #[test]
    fn a_run_that_is_closed_again_is_no_exception() {
        let trace = drawing::trace(SHOP);
        let outline = Outline::new(&trace);
        let mut folding = Folding::new(&trace, &outline, FoldRule::Errors);
        let run = outline.run(SpanIdx(2)).unwrap();
        assert!(folding.is_run_open(run.first) && folding.run_exceptions().is_empty());
        folding.set_run_open(run, false);
        assert_eq!(folding.run_exceptions(), [(SpanIdx(2), false)]);
        folding.set_run_open(run, true);
        assert_eq!(folding.run_exceptions(), []);
    }

    proptest::proptest! {
        #[test]
        fn toggling_gives_the_same_rows_as_building(n in 1_usize..200, fan in 1_usize..8, clicks in proptest::collection::vec(0_usize..200, 0..20)) {
            let trace = drawing::bushy(n, fan);
            let outline = Outline::new(&trace);
            let mut folding = Folding::new(&trace, &outline, FoldRule::default());
            let mut rows = Rows::build(&trace, &outline, &folding);
            for click in clicks {
                rows.toggle(&trace, &outline, &mut folding, click % rows.len());
                proptest::prop_assert_eq!(&rows, &Rows::build(&trace, &outline, &folding));
            }
            for (at, row) in rows.iter().enumerate() {
                proptest::prop_assert_eq!(rows.find(row), Some(at));
            }
        }

        #[test]
        fn toggling_runs_gives_the_same_rows_as_building(n in 1_usize..60, batch in 1_usize..12, clicks in proptest::collection::vec(0_usize..200, 0..20)) {
            let trace = drawing::wide(n, batch);
            let outline = Outline::new(&trace);
            let mut folding = Folding::new(&trace, &outline, FoldRule::default());
            let mut rows = Rows::build(&trace, &outline, &folding);
            for click in clicks {
                rows.toggle(&trace, &outline, &mut folding, click % rows.len());
                proptest::prop_assert_eq!(&rows, &Rows::build(&trace, &outline, &folding));
            }
        }
    }
}
