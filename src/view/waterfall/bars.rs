//! Bars: where they lie, how they are dressed, and the signs on them.

use super::Scene;
use crate::model::index::SpanIdx;
use crate::model::span::{Flags, Status};
use crate::model::time::{DurationNanos, TimeRange};
use crate::view::draw::{DrawList, DrawOp, Glyph, Layer, Paint, Pattern, Rect};
use crate::view::rows::RowFacts;

/// Bars are at least this wide, so that nothing vanishes.
pub(super) const MIN_BAR_PX: f32 = 2.0;
/// Bars that are narrower have no room for an edge.
pub(super) const MIN_EDGED_PX: f32 = 4.0;
/// Space above and below a bar.
pub(super) const BAR_MARGIN_PX: f32 = 5.0;
/// Where the lines of the second texture lie, from the upper edge of a bar to its lower, and how strong they are.
const LINES: [f32; 2] = [0.34, 0.66];
const LINE_PX: f32 = 1.5;

/// A bar within the window.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bar {
    pub(super) rect: Rect,
    pub(super) slot: u8,
}

/// The bar of a row, clipped to the window; a sign at the border when it lies outside.
pub(super) fn bar(
    scene: &Scene<'_>,
    list: &mut DrawList,
    y: f32,
    facts: &RowFacts,
    range: TimeRange,
) -> Option<Bar> {
    let (left, right) = (scene.scale.x_from_time(range.start), scene.scale.x_from_time(range.end));
    let span = facts.row.span();
    let status = if facts.is_error { Status::Error } else { scene.trace.status(span) };
    let slot = scene.looks.slot_by(scene.trace.service(span), status);
    let height = scene.scroll.row_px() as f32;
    let middle = y + height / 2.0;
    let outside = match () {
        () if right < 0.0 => Some((Glyph::OffLeft, 6.0)),
        () if left > scene.width_px => Some((Glyph::OffRight, scene.width_px as f32 - 6.0)),
        () => None,
    };
    if let Some((glyph, x)) = outside {
        let paint = if facts.is_error { Paint::Error } else { Paint::Edge(slot) };
        list.push(Layer::Signs, DrawOp::Sign { glyph, x, y: middle, size_px: 8.0, paint });
        return None;
    }
    Some(Bar { rect: rect_of(scene, y, range)?, slot })
}

/// Where the bar of `range` is in the row at `y`; none when it lies outside the window.
pub(super) fn rect_of(scene: &Scene<'_>, y: f32, range: TimeRange) -> Option<Rect> {
    let (left, right) = (scene.scale.x_from_time(range.start), scene.scale.x_from_time(range.end));
    if right < 0.0 || left > scene.width_px {
        return None;
    }
    // A little beyond the window, so that its border shows no edge where the bar goes on.
    let (left, right) = (left.max(-4.0) as f32, right.min(scene.width_px + 4.0) as f32);
    let height = scene.scroll.row_px() as f32 - 2.0 * BAR_MARGIN_PX;
    Some(Rect::new(left, y + BAR_MARGIN_PX, (right - left).max(MIN_BAR_PX), height))
}

/// Lightens the parts in which children run.
pub(super) fn waiting(scene: &Scene<'_>, list: &mut DrawList, facts: &RowFacts, bar: Bar) {
    let span = facts.row.span();
    if !scene.trace.has_children(span) || bar.rect.w < MIN_EDGED_PX {
        return;
    }
    let finest = DurationNanos(scene.scale.nanos_per_px as i64);
    for part in scene.outline.covers().waiting(scene.trace, span, finest) {
        if let Some(part) = clipped(scene, part, bar.rect) {
            list.fill(Layer::Waiting, part, Paint::Waiting(bar.slot));
        }
    }
}

/// The part of `range` within `bar`; none when it is outside or thinner than half a pixel.
pub(super) fn clipped(scene: &Scene<'_>, range: TimeRange, bar: Rect) -> Option<Rect> {
    let left = scene.scale.x_from_time(range.start).max(f64::from(bar.x)) as f32;
    let right = scene.scale.x_from_time(range.end).min(f64::from(bar.right())) as f32;
    (right - left >= 0.5).then(|| Rect::new(left, bar.y, right - left, bar.h))
}

/// The second texture of services: two lines along the bar. Hatches are for errors.
pub(super) fn lines(list: &mut DrawList, rect: Rect, slot: u8) {
    if rect.w >= MIN_EDGED_PX {
        for share in LINES {
            let line = Rect::new(rect.x, rect.y + rect.h * share - LINE_PX / 2.0, rect.w, LINE_PX);
            list.fill(Layer::Textures, line, Paint::Edge(slot));
        }
    }
}

/// Texture and edge: of the service, or of an error.
pub(super) fn dress(scene: &Scene<'_>, list: &mut DrawList, bar: Bar, is_error: bool, is_dashed: bool) {
    let Bar { rect, slot } = bar;
    if scene.looks.is_textured(slot) {
        lines(list, rect, slot);
    }
    if is_error {
        if rect.w >= MIN_EDGED_PX {
            let paint = Paint::Error;
            list.push(Layer::Textures, DrawOp::Texture { rect, pattern: Pattern::Falling, paint });
        }
        frame(list, rect, Paint::Error, 2.0, is_dashed);
    } else {
        frame(list, rect, Paint::Edge(slot), 1.0, is_dashed);
    }
}

pub(super) fn frame(list: &mut DrawList, rect: Rect, paint: Paint, width_px: f32, dashed: bool) {
    if rect.w < MIN_EDGED_PX {
        list.fill(Layer::Edges, rect, paint);
    } else {
        list.push(Layer::Edges, DrawOp::Frame { rect, paint, width_px, dashed });
    }
}

/// A frame around a bar that stands out: selected, or evidence.
pub(super) fn frame_marked(list: &mut DrawList, rect: Rect, width_px: f32) {
    let rect = Rect::new(rect.x - 2.0, rect.y - 2.0, rect.w + 4.0, rect.h + 4.0);
    list.push(Layer::Top, DrawOp::Frame { rect, paint: Paint::Accent, width_px, dashed: false });
}

/// Signs beside the bar: error before it, what is uncertain about its ends at them.
pub(super) fn signs(list: &mut DrawList, rect: Rect, flags: Flags, is_error: bool) {
    let y = rect.y + rect.h / 2.0;
    let before = if rect.x >= 12.0 { rect.x - 8.0 } else { rect.x.max(0.0) + 8.0 };
    let mut sign = |glyph, x, paint| {
        list.push(Layer::Signs, DrawOp::Sign { glyph, x, y, size_px: 10.0, paint });
    };
    if is_error {
        sign(Glyph::Error, before, Paint::Error);
    }
    if flags.has(Flags::START_MISSING) {
        sign(Glyph::StartUnknown, rect.x, Paint::Warning);
    }
    if flags.has(Flags::UNFINISHED) {
        sign(Glyph::Unfinished, rect.right(), Paint::Warning);
    }
    if flags.has(Flags::NEGATIVE) {
        sign(Glyph::Negative, rect.x, Paint::Warning);
    }
    let doubtful = [Flags::TIME_ABSURD, Flags::CYCLE_CUT, Flags::UNIT_GUESSED];
    if doubtful.iter().any(|&f| flags.has(f)) {
        sign(Glyph::Warning, if is_error { before - 12.0 } else { before }, Paint::Warning);
    }
    if flags.has(Flags::CLOCK_CORRECTED) {
        let taken = [is_error, doubtful.iter().any(|&f| flags.has(f))].iter().filter(|&&t| t).count();
        sign(Glyph::Corrected, before - 12.0 * taken as f32, Paint::TextMuted);
    }
}

pub(super) fn events(scene: &Scene<'_>, list: &mut DrawList, span: SpanIdx, rect: Rect) {
    let Some(times) = scene.events.get(&span) else { return };
    let mut last = f32::NEG_INFINITY;
    for &time in times {
        let x = scene.scale.x_from_time(time);
        let is_in_sight = x >= -4.0 && x <= scene.width_px + 4.0;
        let x = x as f32;
        if is_in_sight && x >= last + 3.0 {
            let y = rect.y + rect.h / 2.0;
            list.push(
                Layer::Signs,
                DrawOp::Sign { glyph: Glyph::Event, x, y, size_px: 7.0, paint: Paint::Event },
            );
            last = x;
        }
    }
}
