//! Gaps: stretches inside a span in which nothing was recorded, so that instrumentation is missing there.

use std::cmp::Reverse;

use super::critical_path::{Section, Sections};
use super::recorded::Recorded;
use super::settings::Settings;
use crate::model::index::SpanIdx;

/// Where in its span a gap lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// Before the first child.
    Before,
    /// Between two children.
    Between,
    /// After the last child.
    After,
}

/// A stretch of a span that no child covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The span.
    pub span: SpanIdx,
    /// From, after the trace's start.
    pub from: i64,
    /// To, after the trace's start.
    pub to: i64,
    /// Where it lies among the children.
    pub position: Position,
    /// How much of it the span is on the critical path.
    pub critical_ns: i64,
}

impl Gap {
    /// Its length.
    pub fn length(self) -> i64 {
        self.to - self.from
    }
}

/// All gaps that are long enough ([`Settings::gap_min`]), those that cost the request most first. Children in
/// the background fill a gap, since something can be seen there. O(n log n).
pub fn gaps(recorded: &Recorded, path: &Sections, settings: &Settings) -> Vec<Gap> {
    let least = settings.gap_min(recorded.main_root().map_or(0, |root| recorded.duration(root)));
    let mut gaps = Vec::new();
    for span in recorded.spans() {
        of_span(recorded, span, least, &mut gaps);
    }
    add_critical_time(&mut gaps, path);
    gaps.sort_unstable_by_key(|g| {
        (Reverse(g.critical_ns), Reverse(g.length()), g.from, recorded.id(g.span), g.span)
    });
    gaps
}

fn of_span(recorded: &Recorded, span: SpanIdx, least: i64, gaps: &mut Vec<Gap>) {
    let (from, to) = (recorded.start(span), recorded.end(span));
    let first = gaps.len();
    let mut until = from;
    let mut covered = false;
    for &child in recorded.children(span) {
        let (start, end) = (recorded.start(child).max(from), recorded.end(child).min(to));
        if start >= end {
            continue;
        }
        if start - until >= least {
            let position = if covered { Position::Between } else { Position::Before };
            gaps.push(Gap { span, from: until, to: start, position, critical_ns: 0 });
        }
        until = until.max(end);
        covered = true;
    }
    if !covered {
        gaps.truncate(first);
    } else if to - until >= least {
        gaps.push(Gap { span, from: until, to, position: Position::After, critical_ns: 0 });
    }
}

/// Both lists are by span and time, the gaps as they were found; so each section meets the gaps of its own span only.
fn add_critical_time(gaps: &mut [Gap], path: &Sections) {
    let (Some(from), Some(to)) = (gaps.first(), gaps.last()) else { return };
    let mut sections: Vec<Section> = Vec::new();
    sections.extend(path.iter().filter(|s| (from.span..=to.span).contains(&s.span)));
    sections.sort_unstable_by_key(|s| (s.span, s.from));
    let mut first = 0;
    for gap in gaps {
        while sections.get(first).is_some_and(|s| (s.span, s.to) <= (gap.span, gap.from)) {
            first += 1;
        }
        gap.critical_ns = sections
            .get(first..)
            .unwrap_or_default()
            .iter()
            .take_while(|s| s.span == gap.span && s.from < gap.to)
            .map(|s| s.to.min(gap.to) - s.from.max(gap.from))
            .sum();
    }
}
