//! What the analyses know, as messages, and what the page asks, in their terms.

use crate::analysis::clock_skew::ClockOffset;
use crate::analysis::completion_path::Stretch;
use crate::analysis::relation::Relation;
use crate::analysis::run::Run;
use crate::analysis::settings::{Overflow, Settings};
use crate::model::index::SpanIdx;
use crate::wire::analysis::{
    self as wire, AnalysisSettings, ClockCorrection, CompletionSection, OperationRow,
};

/// Operations that are told: a trace of a million spans can have as many names.
const MOST_ROWS: usize = 2_000;

/// Settings as the analyses have them.
pub(super) fn settings_of(wire: &AnalysisSettings) -> Settings {
    Settings {
        overflow: match wire.overflow {
            wire::Overflow::Auto => Overflow::Auto,
            wire::Overflow::Truncate => Overflow::Truncate,
            wire::Overflow::Async => Overflow::Async,
        },
        overflow_jitter_ns: wire.overflow_jitter_ns,
        overflow_jitter_div: wire.overflow_jitter_div,
        overlap_tolerance: wire.overlap_tolerance,
        overlap_tolerance_ns: wire.overlap_tolerance_ns,
        adjust_skew: wire.adjust_skew,
        max_skew_ns: wire.max_skew_ns,
        gap_min_ns: wire.gap_min_ns,
        sequence_min_members: wire.sequence_min_members,
        sequence_min_member_ns: wire.sequence_min_member_ns,
        sequence_min_saving_ns: wire.sequence_min_saving_ns,
        sequence_gap_floor_ns: wire.sequence_gap_floor_ns,
        repeat_min_count: wire.repeat_min_count,
        repeat_min_total_ns: wire.repeat_min_total_ns,
        repeat_max_depth: wire.repeat_max_depth,
    }
}

/// What was found out about a clock.
pub(super) fn correction(clock: &ClockOffset, names: &[String]) -> ClockCorrection {
    ClockCorrection {
        domain: names.get(clock.domain.at()).cloned().unwrap_or_default(),
        offset_ns: clock.offset_ns,
        low_ns: clock.low,
        high_ns: clock.high,
        is_consistent: clock.is_consistent,
        is_too_large: clock.is_too_large,
        n_spans: clock.n_spans,
    }
}

/// A stretch of the completion path.
pub(super) fn stretch(stretch: &Stretch) -> CompletionSection {
    let section = stretch.section();
    CompletionSection {
        span: section.span.0,
        is_wait: matches!(stretch, Stretch::Wait(_)),
        from: section.from,
        to: section.to,
    }
}

/// The table of operations; at most [`MOST_ROWS`].
pub(super) fn operation_rows(run: &Run) -> Vec<OperationRow> {
    let (trace, facts, found) = (run.trace(), run.facts(), run.found());
    let operations = &found.operations;
    // Of each row the span with the most time on the path, then the longest, then the first.
    let mut best: Vec<Option<SpanIdx>> = vec![None; operations.rows.len()];
    let weight = |span: SpanIdx| {
        let critical = found.critical.get(span.at()).copied().unwrap_or_default();
        (critical, trace.span_duration(span))
    };
    for span in trace.spans() {
        let row = operations.of_span.get(span.at()).and_then(|&row| best.get_mut(row as usize));
        if let Some(best) = row
            && best.is_none_or(|best| weight(best) < weight(span))
        {
            *best = Some(span);
        }
    }
    let rows = operations.rows.iter().zip(best).zip(&found.helps).take(MOST_ROWS);
    rows.map(|((row, best), help)| OperationRow {
        service: trace.service_name(row.service).to_owned(),
        name: facts.normal_name_text(row.name).to_owned(),
        kind: row.kind.word().to_owned(),
        span: best.unwrap_or_default().0,
        count: row.count,
        errors: row.errors,
        total_ns: row.total_ns,
        self_ns: row.self_ns,
        cp_ns: row.critical_ns,
        p50_ns: row.p50_ns,
        p95_ns: row.p95_ns,
        p99_ns: row.p99_ns,
        max_ns: row.max_ns,
        saving_half_ns: help.map(|help| help.saving_half_ns),
        saving_removed_ns: help.map(|help| help.saving_removed_ns),
    })
    .collect()
}

/// How a span is related to its parent.
pub(super) fn relation_of(relation: Relation) -> wire::Relation {
    match relation {
        Relation::Root => wire::Relation::Root,
        Relation::Blocking => wire::Relation::Blocking,
        Relation::Async => wire::Relation::Async,
        Relation::Outlives => wire::Relation::Outlives,
        Relation::Instant => wire::Relation::Instant,
        Relation::Outside => wire::Relation::Outside,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_begins_with_the_settings_of_the_analyses() {
        assert_eq!(settings_of(&AnalysisSettings::default()), Settings::default());
    }
}
