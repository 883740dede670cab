//! The waterfall: bars of the rows in sight as a draw list, and what lies under a point.
//!
//! The cost depends on the window: rows outside it and bars outside the shown time cost nothing, and a family
//! of a million children is looked at once per trace, not per frame.

mod bars;
mod labels;
mod pointing;
mod ruler;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::draw::{DrawList, DrawOp, Layer, Paint, Pattern, Rect};
use super::folding::Folding;
use super::format;
use super::marks::{self, Mark};
use super::outline::{Outline, Run, is_among, run_members};
use super::path::CriticalPath;
use super::replayed::Replayed;
use super::rows::{self, Row, RowFacts, Rows};
use super::scale::TimeScale;
use super::scroll::Scroll;
use super::theme::Looks;
use crate::base::bitset::BitSet;
use crate::model::index::SpanIdx;
use crate::model::span::Flags;
use crate::model::time::{DurationNanos, TimeRange};
use crate::model::trace::Trace;

use bars::{
    BAR_MARGIN_PX, Bar, MIN_BAR_PX, bar, clipped, dress, events, frame, frame_marked, rect_of, signs, waiting,
};
use labels::{Inside, inside_paint, side_label};
pub use pointing::{Hit, hit_test, snap};
pub use ruler::{path_strip, ruler};

/// Members of a run whose errors are marked one by one.
const MAX_ERROR_MARKS: usize = 4096;
/// Thickness of the critical path's line.
const PATH_PX: f32 = 3.0;

/// What there is to draw: a trace, how it is folded and shown, and where the reader points.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'a> {
    /// The trace.
    pub trace: &'a Trace,
    /// What was computed about it.
    pub outline: &'a Outline,
    /// What is folded.
    pub folding: &'a Folding,
    /// The rows that follow from it.
    pub rows: &'a Rows,
    /// Which of them are in sight.
    pub scroll: &'a Scroll,
    /// Which times are in sight.
    pub scale: TimeScale,
    /// Width of the picture.
    pub width_px: f64,
    /// Colours of the services.
    pub looks: &'a Looks,
    /// The selected span.
    pub selected: Option<SpanIdx>,
    /// The row under the pointer.
    pub hovered: Option<usize>,
    /// Where the pointer stands.
    pub crosshair_px: Option<f64>,
    /// Spans that the search found.
    pub matches: Option<&'a BitSet>,
    /// Spans that prove the open finding, in order.
    pub evidence: &'a [SpanIdx],
    /// The critical path, once it is known.
    pub path: Option<&'a CriticalPath>,
    /// Whether everything else is drawn faintly.
    pub is_path_emphasised: bool,
    /// Where spans would lie if what is tried were so.
    pub replayed: Option<&'a Replayed>,
    /// A measured time.
    pub measured: Option<TimeRange>,
    /// Marked instants.
    pub marks: &'a [Mark],
    /// Times of the events of spans in sight, after the trace's start, as far as they are known.
    pub events: &'a BTreeMap<SpanIdx, Vec<DurationNanos>>,
}

/// Draws the rows in sight.
pub fn draw(scene: &Scene<'_>) -> Vec<DrawOp> {
    let mut list = DrawList::default();
    let height = scene.scroll.window_px() as f32;
    for tick in scene.scale.ticks(scene.width_px, 90.0) {
        list.vertical(Layer::Grid, tick.x as f32, 0.0, height, Paint::Grid);
    }
    let in_sight = scene.scroll.rows_in_sight();
    let facts = rows::facts(scene.trace, scene.outline, scene.folding, scene.rows, in_sight.clone());
    for (at, facts) in in_sight.zip(&facts) {
        let y = scene.scroll.y_of(at) as f32;
        ground(scene, &mut list, at, y, facts);
        match facts.run {
            _ if draw_replayed(scene, &mut list, y, facts) => {}
            Some(run) => draw_run(scene, &mut list, y, facts, run),
            None => draw_span(scene, &mut list, y, facts),
        }
        if is_evidence(scene, facts)
            && let Some(rect) = rect_of(scene, y, shown_range(scene, facts))
        {
            frame_marked(&mut list, rect, 1.0);
        }
        connect(scene, &mut list, at, y, facts);
        critical(scene, &mut list, y, facts);
    }
    measure(scene, &mut list, height);
    marks::lines(&mut list, scene.marks, scene.scale, scene.width_px, scene.scroll.window_px());
    if let Some(x) = scene.crosshair_px {
        list.vertical(Layer::Top, x as f32, 0.0, height, Paint::Crosshair);
    }
    list.finish()
}

fn ground(scene: &Scene<'_>, list: &mut DrawList, at: usize, y: f32, facts: &RowFacts) {
    let span = facts.row.span();
    let is_match = scene.matches.is_some_and(|m| match facts.run {
        Some(run) => m.next_from(run.first.at()).is_some_and(|found| found < run.end as usize),
        None => m.contains(span.at()),
    });
    let is_selected = scene.selected == Some(span) && facts.run.is_none();
    let paint = match () {
        () if is_selected || is_evidence(scene, facts) => Paint::Selection,
        () if scene.hovered == Some(at) => Paint::Hover,
        () if is_match => Paint::Match,
        () => return,
    };
    let rect = Rect::new(0.0, y, scene.width_px as f32, scene.scroll.row_px() as f32);
    list.fill(Layer::Ground, rect, paint);
}

fn is_evidence(scene: &Scene<'_>, facts: &RowFacts) -> bool {
    is_among(scene.evidence, facts.row.span(), facts.run)
}

fn draw_span(scene: &Scene<'_>, list: &mut DrawList, y: f32, facts: &RowFacts) {
    let (trace, span) = (scene.trace, facts.row.span());
    let flags = trace.flags(span);
    let range = shown_range(scene, facts);
    let Some(bar) = bar(scene, list, y, facts, range) else { return };
    let Bar { rect, slot } = bar;
    let is_hollow = flags.has(Flags::UNFINISHED) || flags.has(Flags::PLACEHOLDER);
    if flags.has(Flags::PLACEHOLDER) {
        list.push(Layer::Textures, DrawOp::Texture { rect, pattern: Pattern::Dotted, paint: Paint::Missing });
        frame(list, rect, Paint::Missing, 1.0, true);
    } else if flags.has(Flags::UNFINISHED) {
        frame(list, rect, if facts.is_error { Paint::Error } else { Paint::Edge(slot) }, 1.0, true);
    } else {
        list.fill(Layer::Bars, rect, Paint::Service(slot));
        waiting(scene, list, facts, bar);
        dress(scene, list, bar, facts.is_error, flags.has(Flags::START_MISSING));
    }
    let (text, muted) = match () {
        () if flags.has(Flags::PLACEHOLDER) => ("missing".to_owned(), true),
        () if flags.has(Flags::UNFINISHED) => ("unfinished".to_owned(), true),
        () => (format::duration(trace.span_duration(span)), false),
    };
    signs(list, rect, flags, facts.is_error);
    events(scene, list, span, rect);
    let is_plain = !facts.is_error && !scene.looks.is_textured(slot);
    let inside = match () {
        () if is_hollow || muted => Inside::On(Paint::Text),
        () if is_plain => Inside::On(inside_paint(scene, facts, bar)),
        () => Inside::Plate,
    };
    side_label(scene, list, rect, text, inside, facts.is_error);
    if scene.selected == Some(span) {
        frame_marked(list, rect, 2.0);
    }
}

/// The bar where it would be, above the ghost of where it is; or the ghost of where it was, below the bar. Says
/// whether there is no more to draw.
fn draw_replayed(scene: &Scene<'_>, list: &mut DrawList, y: f32, facts: &RowFacts) -> bool {
    let span = facts.row.span();
    let after = scene.replayed.and_then(|replayed| match facts.run {
        Some(run) => replayed.range_of_run(scene.outline, run),
        None => replayed.range(span),
    });
    let before = shown_range(scene, facts);
    if let Some(former) = scene.replayed.filter(|replayed| replayed.is_former()) {
        let is_gone = former.is_gone(span);
        if let Some(was) = after.filter(|was| is_gone || *was != before) {
            ghost(scene, list, y, was);
        }
        if let Some(rect) = rect_of(scene, y, before).filter(|_| is_gone) {
            let text = format!("{} before", format::duration(before.duration()));
            side_label(scene, list, rect, text, Inside::On(Paint::Text), facts.is_error);
            if scene.selected == Some(span) {
                frame_marked(list, rect, 2.0);
            }
        }
        return is_gone;
    }
    let Some(after) = after.filter(|after| *after != before) else { return false };
    ghost(scene, list, y, before);
    let Some(bar) = bar(scene, list, y, facts, after) else { return true };
    let waits = facts.run.is_some() || scene.trace.has_children(span);
    let paint = if waits { Paint::Waiting(bar.slot) } else { Paint::Service(bar.slot) };
    list.fill(Layer::Bars, bar.rect, paint);
    dress(scene, list, bar, facts.is_error, false);
    let inside = match () {
        () if facts.is_error || scene.looks.is_textured(bar.slot) => Inside::Plate,
        () if waits => Inside::On(Paint::Text),
        () => Inside::On(Paint::TextOn(bar.slot)),
    };
    side_label(scene, list, bar.rect, format::duration(after.duration()), inside, facts.is_error);
    if scene.selected == Some(span) && facts.run.is_none() {
        frame_marked(list, bar.rect, 2.0);
    }
    true
}

/// What is no longer, or would not be: an empty bar with a broken edge.
fn ghost(scene: &Scene<'_>, list: &mut DrawList, y: f32, range: TimeRange) {
    if let Some(rect) = rect_of(scene, y, range) {
        list.fill(Layer::Grid, rect, Paint::Shade);
        let paint = Paint::TextMuted;
        list.push(Layer::Connectors, DrawOp::Frame { rect, paint, width_px: 1.0, dashed: true });
    }
}

/// A run is a strip: light from the first start to the last end, solid where a member runs.
fn draw_run(scene: &Scene<'_>, list: &mut DrawList, y: f32, facts: &RowFacts, run: Run) {
    let Some(bar) = bar(scene, list, y, facts, facts.range) else { return };
    let Bar { rect, slot } = bar;
    list.fill(Layer::Bars, rect, Paint::Waiting(slot));
    let finest = DurationNanos(scene.scale.nanos_per_px as i64);
    for part in scene.outline.covers().running(scene.trace, run, finest) {
        if let Some(part) = clipped(scene, part, rect) {
            list.fill(Layer::Waiting, part, Paint::Service(slot));
        }
    }
    dress(scene, list, bar, false, false);
    if facts.is_error {
        let erring = run_members(scene.trace, run).take(MAX_ERROR_MARKS).filter(|&s| scene.trace.is_error(s));
        let mut last = f32::NEG_INFINITY;
        for span in erring {
            let x = scene.scale.x_from_time(scene.trace.start(span)) as f32;
            if x >= last + 2.0 && x >= rect.x && x <= rect.right() {
                list.fill(Layer::Signs, Rect::new(x, rect.y, 2.0, rect.h), Paint::Error);
                last = x;
            }
        }
    }
    let text = format!("{} in all", format::duration(run.total));
    // Marks of errors and the lines of a texture would run through it.
    side_label(scene, list, rect, text, Inside::Plate, facts.is_error);
}

/// A line from the parent's bar down to the child's, for the selected and the hovered span and their children.
fn connect(scene: &Scene<'_>, list: &mut DrawList, at: usize, y: f32, facts: &RowFacts) {
    let span = facts.row.span();
    let Some(parent) = scene.trace.parent(span) else { return };
    let is_of = |other: Option<SpanIdx>| other == Some(span) || other == Some(parent);
    let hovered = scene.hovered.and_then(|h| scene.rows.get(h)).map(Row::span);
    if !is_of(scene.selected) && !is_of(hovered) {
        return;
    }
    let Some(parent_at) = scene.rows.find(Row::Span(parent)).filter(|&p| p < at) else { return };
    let x = scene.scale.x_from_time(facts.range.start);
    if x < 0.0 || x > scene.width_px {
        return;
    }
    let row_px = scene.scroll.row_px() as f32;
    let top = (scene.scroll.y_of(parent_at) as f32 + row_px - BAR_MARGIN_PX).max(0.0);
    list.vertical(Layer::Connectors, x as f32, top, (y + BAR_MARGIN_PX - top).max(0.0), Paint::Connector);
}

/// The critical path as a strong line along the lower edge of the bar: of the span itself or, where its children
/// are folded away, of everything below it. With emphasis, the rest of the row is veiled.
fn critical(scene: &Scene<'_>, list: &mut DrawList, y: f32, facts: &RowFacts) {
    let Some(path) = scene.path else { return };
    let span = facts.row.span();
    let stretches = match facts.run {
        Some(run) => path.stretches_px(run.first.0..run.end, scene.scale, scene.width_px),
        None if facts.is_open == Some(false) => {
            let stretch = path.stretch(scene.trace, span);
            let edges = stretch.map(|s| (scene.scale.x_from_time(s.start), scene.scale.x_from_time(s.end)));
            edges.into_iter().filter(|e| e.1 >= 0.0 && e.0 <= scene.width_px).collect()
        }
        None => path.stretches_px(span.0..span.0 + 1, scene.scale, scene.width_px),
    };
    let row_px = scene.scroll.row_px() as f32;
    let bottom = y + row_px - BAR_MARGIN_PX;
    let beyond = scene.width_px as f32 + 4.0;
    let mut veiled_to = 0.0_f32;
    let mut veil = |from: f32, to: f32| {
        if scene.is_path_emphasised && from < to {
            list.fill(Layer::Veil, Rect::new(from, y, to - from, row_px), Paint::Veil);
        }
    };
    for &(left, right) in &stretches {
        veil(veiled_to, (left as f32).max(0.0));
        veiled_to = (right as f32).max(left as f32 + MIN_BAR_PX);
    }
    veil(veiled_to, scene.width_px as f32);
    for (left, right) in stretches {
        let (left, right) = ((left as f32).max(-4.0), (right as f32).min(beyond));
        let rect = Rect::new(left, bottom, (right - left).max(MIN_BAR_PX), PATH_PX);
        list.fill(Layer::Path, rect, Paint::Critical);
    }
}

/// Marks the measured time; how long it is stands beside the marks, where it can be clicked.
fn measure(scene: &Scene<'_>, list: &mut DrawList, height: f32) {
    let Some(range) = scene.measured else { return };
    let (left, right) =
        (scene.scale.x_from_time(range.start) as f32, scene.scale.x_from_time(range.end) as f32);
    let (left, right) = (left.max(-2.0), right.min(scene.width_px as f32 + 2.0));
    if right < left {
        return;
    }
    list.fill(Layer::Ground, Rect::new(left, 0.0, right - left, height), Paint::Hover);
    list.vertical(Layer::Top, left, 0.0, height, Paint::Accent);
    list.vertical(Layer::Top, right, 0.0, height, Paint::Accent);
}

/// What the bar covers: an unfinished span goes on until the trace ends.
fn shown_range(scene: &Scene<'_>, facts: &RowFacts) -> TimeRange {
    let is_unfinished = facts.run.is_none() && scene.trace.flags(facts.row.span()).has(Flags::UNFINISHED);
    let end = if is_unfinished { scene.trace.duration() } else { facts.range.end };
    TimeRange { start: facts.range.start, end: end.max(facts.range.start) }
}
