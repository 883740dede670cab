//! Frames drawn: those of the icicle and those of the flame graph look alike and are found alike.

use super::draw::{Align, DrawList, DrawOp, Glyph, HEAT_LEVELS, Layer, Paint, Pattern, Rect};
use super::lanes::{Lanes, Piece};
use super::scale::TimeScale;
use super::scroll::Scroll;
use super::theme::Looks;
use crate::model::time::DurationNanos;

/// Height of a row.
pub const ROW_PX: f64 = 22.0;
/// Narrower frames have no edge of their own.
const EDGED_PX: f32 = 4.0;
/// Narrower frames have no text.
const TEXT_PX: f32 = 26.0;
/// Distance of the text from the edge.
const PAD_PX: f32 = 4.0;
/// Width that the sign of an error takes.
const SIGN_PX: f32 = 14.0;
/// Lines along a frame that tell services beyond the tenth, from the upper and the lower edge.
const LINE_PX: f32 = 1.5;

/// What frames are, by number.
pub trait Frames {
    /// Where they lie.
    fn lanes(&self) -> &Lanes;
    /// Left edge.
    fn start(&self, frame: u32) -> i64;
    /// Width.
    fn length(&self, frame: u32) -> i64;
    /// Look of the service.
    fn slot(&self, frame: u32) -> u8;
    /// Its own time among that of all, in thousandths of the largest.
    fn own_permille(&self, frame: u32) -> u32;
    /// The text on it.
    fn name(&self, frame: u32) -> String;
    /// Whether the search found it.
    fn is_match(&self, frame: u32) -> bool;
    /// Whether it is to be seen at all.
    fn is_shown(&self, frame: u32) -> bool;
    /// Whether it stands for something that is not in the input.
    fn is_missing(&self, frame: u32) -> bool;
    /// Its row.
    fn row(&self, frame: u32) -> usize;
    /// The frame that a step up leads to.
    fn above(&self, frame: u32) -> Option<u32>;
}

/// What there is to draw.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// The frames.
    pub frames: &'a dyn Frames,
    /// Their colours.
    pub looks: &'a Looks,
    /// Which part of the width is in sight.
    pub scale: TimeScale,
    /// Which rows are in sight.
    pub scroll: &'a Scroll,
    /// The row that is shown first: those above are not part of what is shown.
    pub first_row: usize,
    /// Width of the picture.
    pub width_px: f64,
    /// The frame that keys act on.
    pub selected: Option<u32>,
    /// The frame under the pointer.
    pub hovered: Option<u32>,
    /// Whether frames that the search did not find are drawn faintly.
    pub is_searching: bool,
    /// Whether the colour says how much time is a frame's own.
    pub by_own: bool,
}

impl std::fmt::Debug for Scene<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scene").field("scale", &self.scale).finish_non_exhaustive()
    }
}

/// A step of the keyboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// To what it lies below.
    Up,
    /// To what lies below it.
    Down,
    /// To the frame before in its row.
    Left,
    /// To the frame behind in its row.
    Right,
}

/// Draws the frames in sight.
pub fn draw(scene: &Scene<'_>) -> Vec<DrawOp> {
    let mut list = DrawList::default();
    let length = |frame| scene.frames.length(frame);
    for at in scene.scroll.rows_in_sight() {
        let y = scene.scroll.y_of(at) as f32;
        // Narrow neighbours that look alike are one rectangle.
        let mut open: Option<(Rect, Paint)> = None;
        let mut take = |piece: Piece| {
            if !scene.frames.is_shown(piece.frame) {
                return;
            }
            let rect = rect_of(scene, &piece, y);
            let paint = ground(scene, piece.frame);
            if rect.w >= EDGED_PX && piece.count == 1 {
                frame(scene, &mut list, &piece, rect, paint);
                return;
            }
            if piece.is_error {
                list.fill(Layer::Signs, Rect::new(rect.x, rect.bottom() - 3.0, rect.w, 3.0), Paint::Error);
            }
            match &mut open {
                Some((last, of)) if *of == paint && rect.x <= last.right() + 1.0 => {
                    last.w = rect.right() - last.x;
                }
                _ => {
                    if let Some((last, of)) = open.replace((rect, paint)) {
                        list.fill(Layer::Bars, last, of);
                    }
                }
            }
        };
        scene.frames.lanes().pieces(scene.first_row + at, scene.scale, scene.width_px, &length, &mut take);
        if let Some((last, of)) = open {
            list.fill(Layer::Bars, last, of);
        }
    }
    for (frame, width_px) in [(scene.hovered, 1.0), (scene.selected, 2.0)] {
        if let Some(rect) = frame.and_then(|f| place(scene, f)) {
            let paint = if width_px > 1.0 { Paint::Accent } else { Paint::Text };
            list.push(Layer::Top, DrawOp::Frame { rect, paint, width_px, dashed: false });
            if width_px > 1.0 && rect.w > 3.0 * EDGED_PX {
                // Services may have the colour of the accent.
                let rect = Rect::new(rect.x + 2.0, rect.y + 2.0, rect.w - 4.0, rect.h - 4.0);
                let paint = Paint::Background;
                list.push(Layer::Signs, DrawOp::Frame { rect, paint, width_px: 1.0, dashed: false });
            }
        }
    }
    list.finish()
}

/// Where a frame is in the picture; none when it is out of sight.
fn place(scene: &Scene<'_>, frame: u32) -> Option<Rect> {
    let at = scene.frames.row(frame).checked_sub(scene.first_row)?;
    let left = scene.scale.x_from_time(DurationNanos(scene.frames.start(frame)));
    let px = scene.scale.px_from_duration(DurationNanos(scene.frames.length(frame)));
    let piece = Piece { frame, count: 1, is_error: false, left, right: left + px };
    let is_in_sight = piece.right >= 0.0 && left <= scene.width_px;
    is_in_sight.then(|| rect_of(scene, &piece, scene.scroll.y_of(at) as f32))
}

fn rect_of(scene: &Scene<'_>, piece: &Piece, y: f32) -> Rect {
    // A little beyond the window, so that its border shows no edge where the frame goes on.
    let (left, right) = (piece.left.max(-3.0) as f32, piece.right.min(scene.width_px + 3.0) as f32);
    Rect::new(left, y + 1.0, (right - left).max(1.0), scene.scroll.row_px() as f32 - 1.0)
}

fn is_faint(scene: &Scene<'_>, frame: u32) -> bool {
    scene.is_searching && !scene.frames.is_match(frame)
}

fn ground(scene: &Scene<'_>, frame: u32) -> Paint {
    match () {
        () if is_faint(scene, frame) || scene.frames.is_missing(frame) => Paint::Shade,
        () if scene.by_own => Paint::Heat(level(scene, frame)),
        () => Paint::Service(scene.frames.slot(frame)),
    }
}

fn level(scene: &Scene<'_>, frame: u32) -> u8 {
    let share = scene.frames.own_permille(frame).min(1000) * u32::from(HEAT_LEVELS);
    share.div_ceil(1000) as u8
}

/// A frame for itself, with its edge and its text.
fn frame(scene: &Scene<'_>, list: &mut DrawList, piece: &Piece, rect: Rect, paint: Paint) {
    // Neighbours of one service stay apart.
    let rect = Rect::new(rect.x, rect.y, rect.w - 1.0, rect.h);
    list.fill(Layer::Bars, rect, paint);
    let slot = scene.frames.slot(piece.frame);
    let is_plain = paint == Paint::Shade || scene.by_own;
    if !is_plain && scene.looks.is_textured(slot) {
        for y in [rect.y + 2.0, rect.bottom() - 2.0 - LINE_PX] {
            list.fill(Layer::Textures, Rect::new(rect.x, y, rect.w, LINE_PX), Paint::Edge(slot));
        }
    }
    let (edge, width_px) = match () {
        () if piece.is_error && !is_faint(scene, piece.frame) => (Paint::Error, 2.0),
        () if is_plain => (Paint::Connector, 1.0),
        () => (Paint::Edge(slot), 1.0),
    };
    let dashed = scene.frames.is_missing(piece.frame);
    list.push(Layer::Edges, DrawOp::Frame { rect, paint: edge, width_px, dashed });
    // The text stays in sight while the frame goes on to the left of the window.
    let mut left = rect.x.max(0.0) + PAD_PX;
    let right = rect.right().min(scene.width_px as f32) - PAD_PX;
    let middle = rect.y + rect.h / 2.0;
    if right - left < TEXT_PX - 2.0 * PAD_PX {
        if piece.is_error {
            list.push(
                Layer::Textures,
                DrawOp::Texture { rect, pattern: Pattern::Falling, paint: Paint::Error },
            );
        }
        return;
    }
    if piece.is_error {
        // On a ground of its own, since services may be red.
        let plate = Rect::new(left - 1.0, rect.y + 3.0, SIGN_PX, rect.h - 6.0);
        list.fill(Layer::Plates, plate, Paint::Background);
        let (x, paint) = (left + SIGN_PX / 2.0 - 1.0, Paint::Error);
        list.push(Layer::Labels, DrawOp::Sign { glyph: Glyph::Error, x, y: middle, size_px: 10.0, paint });
        left += SIGN_PX + 2.0;
    }
    let ink = match paint {
        Paint::Service(slot) => Paint::TextOn(slot),
        Paint::Heat(level) => Paint::TextOnHeat(level),
        _ => Paint::TextMuted,
    };
    let (text, max_width_px) = (scene.frames.name(piece.frame), right - left);
    if max_width_px > PAD_PX {
        list.push(
            Layer::Labels,
            DrawOp::Label { x: left, y: middle, text, paint: ink, max_width_px, align: Align::Start },
        );
    }
}

/// The frame at `x`, `y` of the picture.
pub fn hit_test(scene: &Scene<'_>, x: f64, y: f64) -> Option<u32> {
    let row = scene.first_row + scene.scroll.row_at(y)?;
    let (from, to) = (scene.scale.time_from_x(x).0, scene.scale.time_from_x(x + 1.0).0);
    let length = |frame| scene.frames.length(frame);
    // What is narrow is drawn wider than it is.
    let near = || scene.frames.lanes().overlapping(row, scene.scale.time_from_x(x - 3.0).0, to, &length);
    let found = scene.frames.lanes().overlapping(row, from, to.max(from + 1), &length).or_else(near);
    found.filter(|&frame| scene.frames.is_shown(frame))
}

/// The frame that a key leads to from `frame`.
pub fn step(frames: &dyn Frames, frame: u32, way: Way) -> Option<u32> {
    let (row, start) = (frames.row(frame), frames.start(frame));
    let end = start.saturating_add(frames.length(frame)).max(start.saturating_add(1));
    let length = |frame| frames.length(frame);
    let found = match way {
        Way::Up => frames.above(frame),
        Way::Down => (row + 1..frames.lanes().n_rows())
            .find_map(|row| frames.lanes().overlapping(row, start, end, &length)),
        Way::Left => frames.lanes().beside(row, start, false),
        Way::Right => frames.lanes().beside(row, start, true),
    };
    found.filter(|&frame| frames.is_shown(frame))
}
