//! The waterfall: bars of the rows in sight as a draw list, and what lies under a point.
//!
//! The cost depends on the window: rows outside it and bars outside the shown time cost nothing, and a family
//! of a million children is looked at once per trace, not per frame.

use std::collections::BTreeMap;

use super::draw::{Align, DrawList, DrawOp, Glyph, Layer, Paint, Pattern, Rect};
use super::folding::Folding;
use super::format;
use super::marks::{self, Mark};
use super::outline::{Outline, Run, run_members};
use super::path::CriticalPath;
use super::replayed::Replayed;
use super::rows::{self, Row, RowFacts, Rows};
use super::scale::TimeScale;
use super::scroll::Scroll;
use super::theme::Looks;
use crate::base::bitset::BitSet;
use crate::model::index::SpanIdx;
use crate::model::span::{Flags, Status};
use crate::model::time::{DurationNanos, TimeRange};
use crate::model::trace::Trace;

/// Bars are at least this wide, so that nothing vanishes.
const MIN_BAR_PX: f32 = 2.0;
/// Bars that are narrower have no room for an edge.
const MIN_EDGED_PX: f32 = 4.0;
/// Space above and below a bar.
const BAR_MARGIN_PX: f32 = 5.0;
/// Space between a bar and the text beside it.
const LABEL_GAP_PX: f32 = 6.0;
/// Width of a character of a duration, on average; labels are placed without measuring.
const CHAR_PX: f32 = 6.6;
/// How near the pointer must come to a bar.
const GRAB_PX: f64 = 3.0;
/// How near the pointer must come to an edge to snap to it.
const SNAP_PX: f64 = 6.0;
/// Members of a run whose errors are marked one by one.
const MAX_ERROR_MARKS: usize = 4096;
/// Thickness of the critical path's line.
const PATH_PX: f32 = 3.0;
/// Where the lines of the second texture lie, from the upper edge of a bar to its lower, and how strong they are.
const LINES: [f32; 2] = [0.34, 0.66];
const LINE_PX: f32 = 1.5;
/// Width that the sign of an error takes within a bar.
const SIGN_PX: f32 = 14.0;
/// Height of the ruler's long ticks.
const TICK_PX: f32 = 6.0;

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

/// What lies under a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The row, counted from the top of the list.
    pub at: usize,
    /// What it shows.
    pub row: Row,
    /// Whether the point is on the bar, not merely in the row.
    pub is_on_bar: bool,
}

/// A bar within the window.
#[derive(Clone, Copy, Debug)]
struct Bar {
    rect: Rect,
    slot: u8,
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

/// What lies at `x`, `y` of the picture.
pub fn hit_test(scene: &Scene<'_>, x: f64, y: f64) -> Option<Hit> {
    let at = scene.scroll.row_at(y)?;
    let facts = rows::facts(scene.trace, scene.outline, scene.folding, scene.rows, at..at + 1);
    let facts = facts.first()?;
    let range = shown_range(scene, facts);
    let left = scene.scale.x_from_time(range.start);
    let right = scene.scale.x_from_time(range.end).max(left + f64::from(MIN_BAR_PX));
    let is_on_bar = x >= left - GRAB_PX && x <= right + GRAB_PX;
    Some(Hit { at, row: facts.row, is_on_bar })
}

/// The instant at `x`, moved to the nearest start or end of a bar in sight when one is near.
pub fn snap(scene: &Scene<'_>, x: f64) -> DurationNanos {
    let in_sight = scene.scroll.rows_in_sight();
    let facts = rows::facts(scene.trace, scene.outline, scene.folding, scene.rows, in_sight);
    let edges = facts.iter().flat_map(|f| [f.range.start, f.range.end]);
    let nearest = edges
        .map(|t| (t, (scene.scale.x_from_time(t) - x).abs()))
        .filter(|&(_, distance)| distance <= SNAP_PX)
        .min_by(|a, b| a.1.total_cmp(&b.1));
    nearest.map_or_else(|| scene.scale.time_from_x(x), |(t, _)| t)
}

fn ground(scene: &Scene<'_>, list: &mut DrawList, at: usize, y: f32, facts: &RowFacts) {
    let span = facts.row.span();
    let is_match = scene.matches.is_some_and(|m| match facts.run {
        Some(run) => m.next_from(run.first.at()).is_some_and(|found| found < run.end as usize),
        None => m.contains(span.at()),
    });
    let is_selected = scene.selected == Some(span) && facts.run.is_none();
    let paint = match () {
        () if is_selected => Paint::Selection,
        () if scene.hovered == Some(at) => Paint::Hover,
        () if is_match => Paint::Match,
        () => return,
    };
    let rect = Rect::new(0.0, y, scene.width_px as f32, scene.scroll.row_px() as f32);
    list.fill(Layer::Ground, rect, paint);
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
    marks(list, rect, flags, facts.is_error);
    events(scene, list, span, rect);
    let is_plain = !facts.is_error && !scene.looks.is_textured(slot);
    let inside = match () {
        () if is_hollow || muted => Inside::On(Paint::Text),
        () if is_plain => Inside::On(inside_paint(scene, facts, bar)),
        () => Inside::Plate,
    };
    side_label(scene, list, rect, text, inside, facts.is_error);
    if scene.selected == Some(span) {
        frame_selected(list, rect);
    }
}

/// The bar where it would be, above the ghost of where it is; says whether that is another place.
fn draw_replayed(scene: &Scene<'_>, list: &mut DrawList, y: f32, facts: &RowFacts) -> bool {
    let span = facts.row.span();
    let after = scene.replayed.and_then(|replayed| match facts.run {
        Some(run) => replayed.range_of_run(scene.outline, run),
        None => replayed.range(span),
    });
    let before = shown_range(scene, facts);
    let Some(after) = after.filter(|after| *after != before) else { return false };
    if let Some(rect) = rect_of(scene, y, before) {
        list.fill(Layer::Grid, rect, Paint::Shade);
        let paint = Paint::TextMuted;
        list.push(Layer::Connectors, DrawOp::Frame { rect, paint, width_px: 1.0, dashed: true });
    }
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
        frame_selected(list, bar.rect);
    }
    true
}

fn frame_selected(list: &mut DrawList, rect: Rect) {
    let rect = Rect::new(rect.x - 2.0, rect.y - 2.0, rect.w + 4.0, rect.h + 4.0);
    list.push(Layer::Top, DrawOp::Frame { rect, paint: Paint::Accent, width_px: 2.0, dashed: false });
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

/// The bar of a row, clipped to the window; a sign at the border when it lies outside.
fn bar(scene: &Scene<'_>, list: &mut DrawList, y: f32, facts: &RowFacts, range: TimeRange) -> Option<Bar> {
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
fn rect_of(scene: &Scene<'_>, y: f32, range: TimeRange) -> Option<Rect> {
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
fn waiting(scene: &Scene<'_>, list: &mut DrawList, facts: &RowFacts, bar: Bar) {
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
fn clipped(scene: &Scene<'_>, range: TimeRange, bar: Rect) -> Option<Rect> {
    let left = scene.scale.x_from_time(range.start).max(f64::from(bar.x)) as f32;
    let right = scene.scale.x_from_time(range.end).min(f64::from(bar.right())) as f32;
    (right - left >= 0.5).then(|| Rect::new(left, bar.y, right - left, bar.h))
}

/// The second texture of services: two lines along the bar. Hatches are for errors.
fn lines(list: &mut DrawList, rect: Rect, slot: u8) {
    if rect.w >= MIN_EDGED_PX {
        for share in LINES {
            let line = Rect::new(rect.x, rect.y + rect.h * share - LINE_PX / 2.0, rect.w, LINE_PX);
            list.fill(Layer::Textures, line, Paint::Edge(slot));
        }
    }
}

/// Texture and edge: of the service, or of an error.
fn dress(scene: &Scene<'_>, list: &mut DrawList, bar: Bar, is_error: bool, is_dashed: bool) {
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

fn frame(list: &mut DrawList, rect: Rect, paint: Paint, width_px: f32, dashed: bool) {
    if rect.w < MIN_EDGED_PX {
        list.fill(Layer::Edges, rect, paint);
    } else {
        list.push(Layer::Edges, DrawOp::Frame { rect, paint, width_px, dashed });
    }
}

/// Signs beside the bar: error before it, what is uncertain about its ends at them.
fn marks(list: &mut DrawList, rect: Rect, flags: Flags, is_error: bool) {
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

fn events(scene: &Scene<'_>, list: &mut DrawList, span: SpanIdx, rect: Rect) {
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

/// The colour of text at the right end of a bar: there it works itself, or waits.
fn inside_paint(scene: &Scene<'_>, facts: &RowFacts, bar: Bar) -> Paint {
    let finest = DurationNanos(scene.scale.nanos_per_px as i64);
    let x = f64::from(bar.rect.right()).min(scene.width_px) - f64::from(4.0 * CHAR_PX);
    let at = scene.scale.time_from_x(x);
    let waits = scene.outline.covers().waiting(scene.trace, facts.row.span(), finest);
    let is_waiting = waits.iter().any(|w| w.start <= at && at <= w.end);
    if is_waiting { Paint::Text } else { Paint::TextOn(bar.slot) }
}

/// How a text within a bar is made readable.
#[derive(Clone, Copy, Debug)]
enum Inside {
    /// In this colour, on the plain bar.
    On(Paint),
    /// On a ground of its own: the bar is hatched.
    Plate,
}

/// Text after the bar where there is room, else before it, else in it.
fn side_label(
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

fn label(list: &mut DrawList, x: f32, y: f32, text: String, paint: Paint, max_width_px: f32, align: Align) {
    list.push(Layer::Labels, DrawOp::Label { x, y, text, paint, max_width_px, align });
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

fn text_px(text: &str) -> f32 {
    text.chars().count() as f32 * CHAR_PX
}

#[cfg(test)]
mod tests {
    use super::super::drawing;
    use super::super::folding::FoldRule;
    use super::*;
    use expect_test::{Expect, expect};

    fn check(text: &str, range_ms: (i64, i64), selected: Option<u32>, expected: &Expect) {
        with_scene(text, range_ms, |scene| {
            let scene = Scene { selected: selected.map(SpanIdx), ..*scene };
            let ops = draw(&scene);
            let lines: Vec<String> =
                ops.iter().filter(|op| op.paint() != Paint::Grid).map(ToString::to_string).collect();
            expected.assert_eq(&(lines.join("\n") + "\n"));
        });
    }

    fn with_scene(text: &str, range_ms: (i64, i64), test: impl FnOnce(&Scene<'_>)) {
        let trace = drawing::trace(text);
        let outline = Outline::new(&trace);
        let folding = Folding::new(&trace, &outline, FoldRule::default());
        let rows = Rows::build(&trace, &outline, &folding);
        let scroll = Scroll::new(rows.len(), 24.0, 240.0);
        let [start, end] = [range_ms.0, range_ms.1].map(|t| DurationNanos(t * 1_000_000));
        let events = BTreeMap::from([(SpanIdx(1), vec![DurationNanos(20_000_000)])]);
        test(&Scene {
            trace: &trace,
            outline: &outline,
            folding: &folding,
            rows: &rows,
            scroll: &scroll,
            scale: TimeScale::fit(TimeRange { start, end }, 1000.0),
            width_px: 1000.0,
            looks: &Looks::by_rank(trace.services().len()),
            selected: None,
            hovered: None,
            crosshair_px: None,
            matches: None,
            path: None,
            is_path_emphasised: false,
            replayed: None,
            measured: None,
            marks: &[],
            events: &events,
        });
    }

    #[test]
    fn what_would_be_stands_above_the_ghost_of_what_is() {
        const MS: i64 = 1_000_000;
        let text = "
web GET 0..100
  cart load 10..60
  web log 95..120
  pay charge 60..90
";
        with_scene(text, (0, 120), |scene| {
            let starts = vec![0, 10 * MS, i64::MIN, 35 * MS];
            let ends = vec![75 * MS, 35 * MS, i64::MIN, 65 * MS];
            let replayed = Replayed::new(scene.trace, scene.outline, starts, ends).unwrap();
            let ops = draw(&Scene { replayed: Some(&replayed), selected: Some(SpanIdx(1)), ..*scene });
            let lines: Vec<String> =
                ops.iter().filter(|op| op.paint() != Paint::Grid).map(ToString::to_string).collect();
            expect![[r#"
                fill 0,24 1000x24 Selection
                fill 0,5 833x14 Shade
                fill 83,29 417x14 Shade
                fill 500,77 250x14 Shade
                fill 83,19 1x10 Connector
                frame 0,5 833x14 TextMuted 1px dashed
                frame 83,29 417x14 TextMuted 1px dashed
                frame 500,77 250x14 TextMuted 1px dashed
                fill 792,53 208x14 Service(0)
                fill 83,29 208x14 Service(1)
                fill 292,77 250x14 Service(2)
                fill 0,5 625x14 Waiting(0)
                frame 0,5 625x14 Edge(0) 1px
                frame 792,53 208x14 Edge(0) 1px
                frame 83,29 208x14 Edge(1) 1px
                frame 292,77 250x14 Edge(2) 1px
                label 631,12 Start <59 TextMuted «75.0 ms»
                label 298,36 Start <59 TextMuted «25.0 ms»
                label 786,60 End <59 TextMuted «25.0 ms»
                label 548,84 Start <59 TextMuted «30.0 ms»
                frame 81,27 212x18 Accent 2px
            "#]]
            .assert_eq(&(lines.join("\n") + "\n"));
            // Unchanged spans are drawn as ever.
            let (starts, ends) = (vec![0; 4], vec![100 * MS; 4]);
            let same = Replayed::new(scene.trace, scene.outline, starts, ends).unwrap();
            let ops = draw(&Scene { replayed: Some(&same), ..*scene });
            assert_eq!(
                ops.iter().filter(|op| op.paint() == Paint::Shade).count(),
                3,
                "all but the root moved"
            );
        });
    }

    #[test]
    fn bars_show_work_waiting_errors_and_what_is_unknown() {
        let text = "
web GET 0..100
  cart load 10..60 !
    db SELECT 20..30
  pay charge 70..70 ?
";
        check(
            text,
            (0, 100),
            Some(1),
            &expect![[r#"
            fill 0,24 1000x24 Selection
            fill 100,19 1x10 Connector
            fill 200,43 1x10 Connector
            fill 0,5 1000x14 Service(0)
            fill 100,29 500x14 Service(1)
            fill 200,53 100x14 Service(2)
            fill 100,5 500x14 Waiting(0)
            fill 200,29 100x14 Waiting(1)
            texture 100,29 500x14 Falling Error
            frame 0,5 1000x14 Edge(0) 1px
            frame 200,53 100x14 Edge(2) 1px
            frame 700,77 300x14 Edge(3) 1px dashed
            frame 100,29 500x14 Error 2px
            sign Error 92,36 Error
            sign Event 200,36 Event
            sign Unfinished 1000,84 Warning
            label 606,36 Start <59 TextMuted «50.0 ms»
            label 306,60 Start <59 TextMuted «10.0 ms»
            label 694,84 End <79 TextMuted «unfinished»
            label 994,12 End <52 TextOn(0) «100 ms»
            frame 98,27 504x18 Accent 2px
        "#]],
        );
    }

    #[test]
    fn the_critical_path_runs_along_the_bars_and_may_stand_alone() {
        let text = "
web GET 0..100
  cart load 10..60
    db SELECT 20..30
  pay charge 70..90
";
        with_scene(text, (0, 100), |scene| {
            let section = |&(span, from, to): &(u32, i64, i64)| crate::view::path::Section {
                span: SpanIdx(span),
                range: TimeRange {
                    start: DurationNanos(from * 1_000_000),
                    end: DurationNanos(to * 1_000_000),
                },
            };
            let sections = [(0, 0, 70), (3, 70, 90), (0, 90, 100)];
            let path = CriticalPath::new(sections.iter().map(section));
            let drawn = |emphasised| -> String {
                let ops = draw(&Scene { path: Some(&path), is_path_emphasised: emphasised, ..*scene });
                let of_path = ops.iter().filter(|op| matches!(op.paint(), Paint::Critical | Paint::Veil));
                of_path.map(ToString::to_string).collect::<Vec<_>>().join("\n") + "\n"
            };
            expect![[r#"
                fill 0,19 700x3 Critical
                fill 900,19 100x3 Critical
                fill 700,91 200x3 Critical
            "#]]
            .assert_eq(&drawn(false));
            expect![[r#"
                fill 700,0 200x24 Veil
                fill 0,24 1000x24 Veil
                fill 0,48 1000x24 Veil
                fill 0,72 700x24 Veil
                fill 900,72 100x24 Veil
                fill 0,19 700x3 Critical
                fill 900,19 100x3 Critical
                fill 700,91 200x3 Critical
            "#]]
            .assert_eq(&drawn(true));
        });
    }

    #[test]
    fn bars_out_of_sight_leave_a_sign() {
        check(
            "web GET 0..100\n  db early 0..5\n  db late 90..95",
            (40, 60),
            None,
            &expect![[r#"
            fill -4,5 1008x14 Service(0)
            frame -4,5 1008x14 Edge(0) 1px
            sign OffLeft 6,36 Edge(1)
            sign OffRight 994,60 Edge(1)
            label 994,12 End <52 TextOn(0) «100 ms»
        "#]],
        );
    }

    #[test]
    fn runs_are_strips() {
        let text = "
web GET 0..100
  db get 0..10
  db get 20..30 !
  db get 40..50
  db get 60..70
  db get 70..80
";
        check(
            text,
            (0, 100),
            None,
            &expect![[r#"
            fill 0,5 1000x14 Service(0)
            fill 0,29 800x14 Waiting(1)
            fill 0,29 100x14 Service(1)
            fill 200,29 100x14 Service(1)
            fill 400,29 100x14 Service(1)
            fill 600,29 200x14 Service(1)
            fill 0,5 100x14 Waiting(0)
            fill 200,5 100x14 Waiting(0)
            fill 400,5 100x14 Waiting(0)
            fill 600,5 200x14 Waiting(0)
            frame 0,5 1000x14 Edge(0) 1px
            frame 0,29 800x14 Edge(1) 1px
            fill 200,29 2x14 Error
            label 806,36 Start <105 TextMuted «50.0 ms in all»
            label 994,12 End <52 TextOn(0) «100 ms»
        "#]],
        );
    }

    #[test]
    fn labels_on_a_hatch_have_a_ground() {
        let lines = |text: &str, slots: &Looks| {
            let mut lines = Vec::new();
            with_scene(text, (0, 100), |scene| {
                let ops = draw(&Scene { looks: slots, ..*scene });
                let wanted =
                    |op: &&DrawOp| op.to_string().contains("Background") || op.to_string().contains('«');
                lines = ops.iter().filter(wanted).map(ToString::to_string).collect();
            });
            lines
        };
        let plain = Looks::by_rank(1);
        assert_eq!(lines("web GET 0..100", &plain), ["label 994,12 End <52 TextOn(0) «100 ms»"]);
        assert_eq!(
            lines("web GET 0..100 !", &plain),
            ["fill 951,7 46x10 Background", "label 994,12 End <52 Text «100 ms»"]
        );
    }

    #[test]
    fn the_sign_of_a_short_error_at_the_border_leaves_its_label_free() {
        with_scene("web GET 0..100\n  db get 0..1 !", (0, 1000), |scene| {
            let label = draw(scene).iter().map(ToString::to_string).find(|op| op.contains("1.00 ms"));
            assert_eq!(label.as_deref(), Some("label 20,36 Start <59 TextMuted «1.00 ms»"));
        });
    }

    #[test]
    fn the_second_ten_services_have_lines_and_errors_a_hatch() {
        let twelve = (0..12).map(|n| format!("s{n:02} GET 0..50\n")).collect::<Vec<_>>().concat();
        with_scene(&twelve, (0, 100), |scene| {
            let scroll = Scroll::new(12, 24.0, 300.0);
            let ops: Vec<String> =
                draw(&Scene { scroll: &scroll, ..*scene }).iter().map(ToString::to_string).collect();
            let of = |slot: u8| {
                ops.iter()
                    .filter(|op| op.starts_with("fill") && op.ends_with(&format!("x2 Edge({slot})")))
                    .count()
            };
            assert_eq!([of(0), of(9), of(10)], [0, 0, 2]);
            assert!(ops.iter().all(|op| !op.starts_with("texture")), "{ops:?}");
        });
    }

    #[test]
    fn the_time_at_the_pointer_is_as_precise_as_a_pixel() {
        let at = |end: i64| {
            let range = TimeRange { start: DurationNanos(0), end: DurationNanos(end) };
            let ops = ruler(TimeScale::fit(range, 1000.0), 1000.0, 28.0, &[], Some(333.0));
            ops.iter().filter(|op| op.paint() == Paint::Text).map(ToString::to_string).collect::<String>()
        };
        assert!(at(59_000_000).contains("«19.65 ms»"), "{}", at(59_000_000));
        assert!(at(1_000).contains("«0.333 µs»"), "{}", at(1_000));
    }

    #[test]
    fn the_pointer_finds_rows_bars_and_edges() {
        with_scene("web GET 0..100\n  db get 50..51", (0, 100), |scene| {
            let on = |x, y| hit_test(scene, x, y).map(|h| (h.at, h.is_on_bar));
            assert_eq!(on(500.0, 10.0), Some((0, true)));
            assert_eq!(on(498.0, 30.0), Some((1, true)));
            assert_eq!(on(400.0, 30.0), Some((1, false)));
            assert_eq!(on(400.0, 60.0), None);
            assert_eq!(snap(scene, 504.0), DurationNanos(50_000_000));
            assert_eq!(snap(scene, 600.0), DurationNanos(60_000_000));
        });
    }

    #[test]
    fn the_cost_does_not_depend_on_the_trace() {
        let trace = drawing::wide(100_000, 3);
        let outline = Outline::new(&trace);
        let folding = Folding::new(&trace, &outline, FoldRule::default());
        let rows = Rows::build(&trace, &outline, &folding);
        let scroll = Scroll::new(rows.len(), 24.0, 1080.0);
        let whole = TimeRange { start: DurationNanos(0), end: trace.duration() };
        let ops = draw(&Scene {
            trace: &trace,
            outline: &outline,
            folding: &folding,
            rows: &rows,
            scroll: &scroll,
            scale: TimeScale::fit(whole, 1600.0),
            width_px: 1600.0,
            looks: &Looks::by_rank(2),
            selected: None,
            hovered: None,
            crosshair_px: None,
            matches: None,
            replayed: None,
            path: None,
            is_path_emphasised: false,
            measured: None,
            marks: &[],
            events: &BTreeMap::new(),
        });
        assert!(ops.len() < 2000, "{}", ops.len());
    }

    proptest::proptest! {
        #[test]
        fn no_trace_breaks_a_picture(
            spans in proptest::collection::vec((0_usize..4, proptest::num::i64::ANY, proptest::num::i64::ANY, 0_u32..1 << 20), 0..40),
            width_px in 0.0_f64..2000.0,
            zoom in 1e-6_f64..1e12,
            x in -10.0_f64..2000.0,
        ) {
            let trace = drawing::wild(&spans);
            let outline = Outline::new(&trace);
            let looks = Looks::by_rank(1);
            for rule in [FoldRule::Runs, FoldRule::None, FoldRule::Depth(2), FoldRule::Errors] {
                let folding = Folding::new(&trace, &outline, rule);
                let rows = Rows::build(&trace, &outline, &folding);
                let scroll = Scroll::new(rows.len(), 24.0, 500.0);
                let whole = TimeRange { start: DurationNanos(0), end: trace.duration() };
                let scale = TimeScale::fit(whole, width_px).zoom_at(x, zoom).clamped(whole, width_px);
                let scene = Scene {
                    trace: &trace,
                    outline: &outline,
                    folding: &folding,
                    rows: &rows,
                    scroll: &scroll,
                    scale,
                    width_px,
                    looks: &looks,
                    selected: Some(SpanIdx(0)),
                    hovered: Some(1),
                    crosshair_px: Some(x),
                    matches: None,
                    replayed: None,
                    path: None,
                    is_path_emphasised: false,
                    measured: Some(whole),
                    marks: &[],
                    events: &BTreeMap::new(),
                };
                let ops = draw(&scene);
                proptest::prop_assert!(ops.iter().all(|op| !op.to_string().contains("NaN")));
                hit_test(&scene, x, 30.0);
                snap(&scene, x);
                ruler(scale, width_px, 24.0, &[], Some(x));
                path_strip(&scene, 24.0, 7.0);
                super::super::treegrid::row_texts(&trace, &outline, &folding, &rows, &looks, None, 0..rows.len());
            }
            for span in trace.spans() {
                let own = super::super::cover::self_time(&trace, span);
                proptest::prop_assert!(own >= DurationNanos(0) && own <= trace.span_duration(span));
            }
            let mut map = super::super::minimap::Minimap::new(&trace, width_px as usize, 40);
            while !map.add(&trace, &looks, 7) {}
            proptest::prop_assert_eq!(map.rgba(&super::super::theme::DARK).len(), map.size().0 * map.size().1 * 4);
        }
    }
}
