//! Texts beside and in bars, placed without measuring.

use super::Scene;
use super::bars::Bar;
use crate::model::time::DurationNanos;
use crate::view::draw::{Align, DrawList, DrawOp, Layer, Paint, Rect};
use crate::view::rows::RowFacts;

/// Space between a bar and the text beside it.
const LABEL_GAP_PX: f32 = 6.0;
/// Width of a character of a duration, on average; labels are placed without measuring.
pub(super) const CHAR_PX: f32 = 6.6;
/// Width that the sign of an error takes within a bar.
const SIGN_PX: f32 = 14.0;

/// How a text within a bar is made readable.
#[derive(Clone, Copy, Debug)]
pub(super) enum Inside {
    /// In this colour, on the plain bar.
    On(Paint),
    /// On a ground of its own: the bar is hatched.
    Plate,
}

/// The colour of text at the right end of a bar: there it works itself, or waits.
pub(super) fn inside_paint(scene: &Scene<'_>, facts: &RowFacts, bar: Bar) -> Paint {
    let finest = DurationNanos(scene.scale.nanos_per_px as i64);
    let x = f64::from(bar.rect.right()).min(scene.width_px) - f64::from(4.0 * CHAR_PX);
    let at = scene.scale.time_from_x(x);
    let waits = scene.outline.covers().waiting(scene.trace, facts.row.span(), finest);
    let is_waiting = waits.iter().any(|w| w.start <= at && at <= w.end);
    if is_waiting { Paint::Text } else { Paint::TextOn(bar.slot) }
}

/// Text after the bar where there is room, else before it, else in it.
pub(super) fn side_label(
    scene: &Scene<'_>,
    list: &mut DrawList,
    rect: Rect,
    text: String,
    inside: Inside,
    is_error: bool,
) {
    let width = scene.width_px as f32;
    let needed = text_px(&text) + LABEL_GAP_PX;
    let y = rect.y + rect.h / 2.0;
    let sign = if is_error { 16.0 } else { 0.0 };
    let max = needed + CHAR_PX;
    // A sign that has no room before the bar stands at its beginning, and may reach beyond its end.
    let end =
        if is_error && rect.x < 12.0 { rect.right().max(rect.x.max(0.0) + SIGN_PX) } else { rect.right() };
    if end + needed <= width {
        label(list, end + LABEL_GAP_PX, y, text, Paint::TextMuted, max, Align::Start);
    } else if rect.x - sign >= needed {
        label(list, rect.x - sign - LABEL_GAP_PX, y, text, Paint::TextMuted, max, Align::End);
    } else if rect.right().min(width) - rect.x.max(0.0) >= needed + sign + LABEL_GAP_PX {
        let right = rect.right().min(width) - LABEL_GAP_PX;
        let paint = match inside {
            Inside::On(paint) => paint,
            Inside::Plate => {
                let plate =
                    Rect::new(right - text_px(&text) - 3.0, rect.y + 2.0, text_px(&text) + 6.0, rect.h - 4.0);
                list.fill(Layer::Plates, plate, Paint::Background);
                Paint::Text
            }
        };
        label(list, right, y, text, paint, max, Align::End);
    }
}

pub(super) fn label(
    list: &mut DrawList,
    x: f32,
    y: f32,
    text: String,
    paint: Paint,
    max_width_px: f32,
    align: Align,
) {
    list.push(Layer::Labels, DrawOp::Label { x, y, text, paint, max_width_px, align });
}

pub(super) fn text_px(text: &str) -> f32 {
    text.chars().count() as f32 * CHAR_PX
}
