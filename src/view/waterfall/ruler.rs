//! What stands above the bars on their time scale: the ruler, and the critical path as a strip.

use super::Scene;
use super::bars::{MIN_EDGED_PX, lines};
use super::labels::{label, text_px};
use crate::view::draw::{Align, DrawList, DrawOp, Layer, Paint, Rect};
use crate::view::format;
use crate::view::marks::{self, Mark};
use crate::view::scale::TimeScale;

/// Height of the ruler's long ticks.
const TICK_PX: f32 = 6.0;

/// Draws the ruler: ticks with their times, marks, and the time under the pointer.
pub fn ruler(
    scale: TimeScale,
    width_px: f64,
    height_px: f64,
    marked: &[Mark],
    crosshair_px: Option<f64>,
) -> Vec<DrawOp> {
    let mut list = DrawList::default();
    marks::flags(&mut list, marked, scale, width_px, height_px);
    let (width, height) = (width_px as f32, height_px as f32);
    list.horizontal(Layer::Grid, 0.0, height - 1.0, width, Paint::Hairline);
    let pointed = crosshair_px.map(|x| {
        // As precise as a pixel: more digits would be noise.
        let end = scale.time_from_x(width_px);
        let text = format::instant(scale.time_from_x(x), scale.nanos_per_px, end);
        let half = text_px(&text) / 2.0 + 4.0;
        let left = (x as f32 - half).clamp(0.0, (width - 2.0 * half).max(0.0));
        (text, left, 2.0 * half)
    });
    for tick in scale.ticks(width_px, 90.0) {
        let x = tick.x as f32;
        list.vertical(Layer::Grid, x, height - TICK_PX, TICK_PX, Paint::TextMuted);
        let max = text_px(&tick.label) + 8.0;
        // The time under the pointer covers what it would collide with.
        let is_covered = pointed.as_ref().is_some_and(|&(_, left, w)| x + 4.0 < left + w && x + max > left);
        if !is_covered && x + max <= width {
            label(&mut list, x + 4.0, height / 2.0, tick.label, Paint::TextMuted, max, Align::Start);
        }
    }
    if let (Some((text, left, w)), Some(x)) = (pointed, crosshair_px) {
        list.vertical(Layer::Top, x as f32, height - TICK_PX, TICK_PX, Paint::Crosshair);
        label(&mut list, left + 4.0, height / 2.0, text, Paint::Text, w, Align::Start);
    }
    list.finish()
}

/// Draws the critical path as a strip in the colours of the services, from `top_px` down, on the time scale of
/// the bars: who the request depended on at each moment.
pub fn path_strip(scene: &Scene<'_>, top_px: f32, height_px: f32) -> Vec<DrawOp> {
    let mut list = DrawList::default();
    let Some(path) = scene.path else { return Vec::new() };
    for (section, left, right) in path.strip_px(scene.scale, scene.width_px) {
        let service = scene.trace.service(section.span);
        let slot = scene.looks.slot_by(service, scene.trace.status(section.span));
        let (left, right) = (left as f32, (right as f32).max(left as f32 + 1.0));
        let rect = Rect::new(left, top_px, right - left, height_px);
        list.fill(Layer::Bars, rect, Paint::Service(slot));
        if scene.looks.is_textured(slot) {
            lines(&mut list, rect, slot);
        }
        if rect.w >= MIN_EDGED_PX {
            list.push(
                Layer::Edges,
                DrawOp::Frame { rect, paint: Paint::Edge(slot), width_px: 1.0, dashed: false },
            );
        }
        if scene.selected == Some(section.span) {
            list.fill(Layer::Top, Rect::new(left, top_px + height_px - 2.0, rect.w, 2.0), Paint::Accent);
        }
    }
    list.finish()
}
