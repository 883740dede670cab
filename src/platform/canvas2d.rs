//! Plays draw lists on a canvas: the only code that knows how a paint becomes a fill style.
//!
//! Lists are sorted by layer and paint, so fills of one paint become one path, and the fill style is set some
//! thirty times a frame instead of some thousand. The backing store is capped at two device pixels per CSS
//! pixel: beyond that only memory grows.

use std::collections::HashMap;

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CanvasPattern, CanvasRenderingContext2d, HtmlCanvasElement, Window};

use crate::view::draw::{Align, DrawOp, Glyph, Paint, PathStep, Pattern, Rect, VEIL, curve, outline};
use crate::view::theme::Theme;

const MAX_DEVICE_PIXELS: f64 = 2.0;
/// Edge of the tile that a texture repeats, in CSS pixels.
const TILE_PX: f64 = 6.0;
const FONT: &str = "11.5px system-ui, -apple-system, \"Segoe UI\", Roboto, sans-serif";
/// Width of a character before it was measured, and of what cannot be measured.
const TYPICAL_CHAR_PX: f32 = 6.2;

/// A canvas with what was measured and made for it.
#[derive(Debug)]
pub struct Canvas2d {
    canvas: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
    scale: f64,
    width_px: f64,
    height_px: f64,
    char_widths: HashMap<char, f32>,
    tiles: HashMap<(Pattern, u32), Option<CanvasPattern>>,
}

impl Canvas2d {
    /// Takes over `canvas`. `None` when the browser refuses a context.
    pub fn new(canvas: HtmlCanvasElement) -> Option<Self> {
        let context = context_of(&canvas)?;
        let (char_widths, tiles) = (HashMap::new(), HashMap::new());
        Some(Self { canvas, context, scale: 1.0, width_px: 0.0, height_px: 0.0, char_widths, tiles })
    }

    /// Fits the backing store to `width_px` × `height_px` of CSS pixels; cheap when nothing changed.
    pub fn resize(&mut self, width_px: f64, height_px: f64) {
        let density = web_sys::window().map_or(1.0, |w: Window| w.device_pixel_ratio());
        let scale = density.clamp(1.0, MAX_DEVICE_PIXELS);
        let (w, h) = ((width_px * scale).round() as u32, (height_px * scale).round() as u32);
        if (self.canvas.width(), self.canvas.height()) != (w, h) {
            self.canvas.set_width(w);
            self.canvas.set_height(h);
        }
        (self.scale, self.width_px, self.height_px) = (scale, width_px, height_px);
    }

    /// Clears the canvas and plays `ops` with the colours of `theme`.
    pub fn play(&mut self, ops: &[DrawOp], theme: &Theme) {
        let context = self.context.clone();
        let _ = context.set_transform(self.scale, 0.0, 0.0, self.scale, 0.0, 0.0);
        context.clear_rect(0.0, 0.0, self.width_px, self.height_px);
        context.set_font(FONT);
        context.set_text_baseline("middle");
        let mut rest = ops;
        while let Some(first) = rest.first() {
            let same = rest.iter().take_while(|op| is_same_style(first, op)).count();
            let (batch, later) = rest.split_at(same.max(1));
            rest = later;
            self.play_batch(batch, first, theme);
        }
    }

    fn play_batch(&mut self, batch: &[DrawOp], first: &DrawOp, theme: &Theme) {
        let colour = theme.colour(first.paint()).css();
        match *first {
            DrawOp::Fill { .. } => {
                self.context.set_fill_style_str(&colour);
                let is_veil = first.paint() == Paint::Veil;
                if is_veil {
                    self.context.set_global_alpha(VEIL);
                }
                self.fill_rects(batch);
                if is_veil {
                    self.context.set_global_alpha(1.0);
                }
            }
            DrawOp::Texture { pattern, paint, .. } => {
                if let Some(tile) = self.tile(pattern, theme.colour(paint).0, &colour) {
                    self.context.set_fill_style_canvas_pattern(&tile);
                    self.fill_rects(batch);
                }
            }
            DrawOp::Frame { width_px, dashed, .. } => self.frames(batch, &colour, width_px, dashed),
            DrawOp::Node { .. } | DrawOp::Curve { .. } => {
                self.context.set_fill_style_str(&colour);
                self.context.set_stroke_style_str(&colour);
                for op in batch {
                    match *op {
                        DrawOp::Node { rect, shape, width_px, dashed, .. } => {
                            let inset = width_px / 2.0;
                            let Rect { x, y, w, h } = rect;
                            let inner = Rect::new(x + inset, y + inset, w - width_px, h - width_px);
                            self.path(&outline(shape, inner), width_px, dashed);
                        }
                        DrawOp::Curve { ref points, width_px, dashed, .. } => {
                            self.path(&curve(points), width_px, dashed);
                        }
                        _ => {}
                    }
                }
            }
            DrawOp::Sign { .. } => {
                self.context.set_fill_style_str(&colour);
                self.context.set_stroke_style_str(&colour);
                let ground = theme.colour(Paint::Background).css();
                for op in batch {
                    if let DrawOp::Sign { glyph, x, y, size_px, .. } = *op {
                        self.sign(glyph, f64::from(x), f64::from(y), f64::from(size_px), &colour, &ground);
                    }
                }
            }
            DrawOp::Label { .. } => {
                self.context.set_fill_style_str(&colour);
                for op in batch {
                    if let DrawOp::Label { x, y, ref text, max_width_px, align, .. } = *op {
                        self.label(text, x, y, max_width_px, align);
                    }
                }
            }
        }
    }

    fn fill_rects(&self, batch: &[DrawOp]) {
        // A path of its own pays from the second rectangle on.
        if let [DrawOp::Fill { rect, .. } | DrawOp::Texture { rect, .. }] = batch {
            self.context.fill_rect(rect.x.into(), rect.y.into(), rect.w.into(), rect.h.into());
            return;
        }
        self.context.begin_path();
        for op in batch {
            if let DrawOp::Fill { rect, .. } | DrawOp::Texture { rect, .. } = op {
                self.context.rect(rect.x.into(), rect.y.into(), rect.w.into(), rect.h.into());
            }
        }
        self.context.fill();
    }

    /// Fills a path, or draws it as a line of this thickness.
    fn path(&self, steps: &[PathStep], width_px: f32, dashed: bool) {
        let context = &self.context;
        context.begin_path();
        for step in steps {
            let at = |p: [f32; 2]| (f64::from(p[0]), f64::from(p[1]));
            match *step {
                PathStep::Move(to) => context.move_to(at(to).0, at(to).1),
                PathStep::Line(to) => context.line_to(at(to).0, at(to).1),
                PathStep::Curve(one, two, to) => {
                    let (one, two, to) = (at(one), at(two), at(to));
                    context.bezier_curve_to(one.0, one.1, two.0, two.1, to.0, to.1);
                }
                PathStep::Close => context.close_path(),
            }
        }
        if width_px <= 0.0 {
            return context.fill();
        }
        context.set_line_width(width_px.into());
        self.dash(dashed);
        context.stroke();
        self.dash(false);
    }

    fn dash(&self, dashed: bool) {
        let dashes = js_sys::Array::new();
        if dashed {
            dashes.push(&JsValue::from_f64(3.0));
            dashes.push(&JsValue::from_f64(2.0));
        }
        let _ = self.context.set_line_dash(&dashes);
    }

    fn frames(&self, batch: &[DrawOp], colour: &str, width_px: f32, dashed: bool) {
        let context = &self.context;
        context.set_stroke_style_str(colour);
        context.set_line_width(width_px.into());
        self.dash(dashed);
        context.begin_path();
        for op in batch {
            if let DrawOp::Frame { rect: Rect { x, y, w, h }, .. } = *op {
                // A line is centred on its path; half its width inwards keeps it inside, and sharp.
                let inset = f64::from(width_px) / 2.0;
                let (w, h) = (f64::from(w) - 2.0 * inset, f64::from(h) - 2.0 * inset);
                context.rect(f64::from(x) + inset, f64::from(y) + inset, w.max(0.0), h.max(0.0));
            }
        }
        context.stroke();
        self.dash(false);
    }

    fn sign(&self, glyph: Glyph, x: f64, y: f64, size: f64, colour: &str, ground: &str) {
        let (context, half) = (&self.context, size / 2.0);
        context.begin_path();
        match glyph {
            Glyph::Error => {
                let _ = context.arc(x, y, half, 0.0, std::f64::consts::TAU);
                context.fill();
                self.exclamation(x, y, half, ground);
                context.set_fill_style_str(colour);
            }
            Glyph::Warning => {
                self.polygon(&[(x, y - half), (x + half, y + half * 0.8), (x - half, y + half * 0.8)]);
                self.exclamation(x, y + half * 0.15, half * 0.8, ground);
                context.set_fill_style_str(colour);
            }
            Glyph::Event => self.polygon(&[(x, y - half), (x + half, y), (x, y + half), (x - half, y)]),
            Glyph::Unfinished | Glyph::OffRight => {
                self.polygon(&[(x - half * 0.5, y - half), (x + half * 0.6, y), (x - half * 0.5, y + half)]);
            }
            Glyph::OffLeft => {
                self.polygon(&[(x + half * 0.5, y - half), (x - half * 0.6, y), (x + half * 0.5, y + half)]);
            }
            Glyph::StartUnknown => {
                let _ = context.arc(x, y, half * 0.7, 0.0, std::f64::consts::TAU);
                context.set_line_width(1.5);
                context.stroke();
            }
            Glyph::Corrected => {
                let _ = context.arc(x, y, half, 0.0, std::f64::consts::TAU);
                context.move_to(x, y - half * 0.6);
                context.line_to(x, y);
                context.line_to(x + half * 0.5, y);
                context.set_line_width(1.0);
                context.stroke();
            }
            Glyph::Negative => {
                context.move_to(x - half * 0.7, y - half * 0.7);
                context.line_to(x + half * 0.7, y + half * 0.7);
                context.move_to(x + half * 0.7, y - half * 0.7);
                context.line_to(x - half * 0.7, y + half * 0.7);
                context.set_line_width(1.5);
                context.stroke();
            }
        }
    }

    fn polygon(&self, points: &[(f64, f64)]) {
        self.context.begin_path();
        for &(x, y) in points {
            self.context.line_to(x, y);
        }
        self.context.close_path();
        self.context.fill();
    }

    fn exclamation(&self, x: f64, y: f64, half: f64, ground: &str) {
        self.context.set_fill_style_str(ground);
        self.context.fill_rect(x - half * 0.16, y - half * 0.6, half * 0.32, half * 0.68);
        self.context.fill_rect(x - half * 0.16, y + half * 0.28, half * 0.32, half * 0.32);
    }

    fn label(&mut self, text: &str, x: f32, y: f32, max_width_px: f32, align: Align) {
        let (shown, width) = self.shortened(text, max_width_px);
        let left = if align == Align::End { x - width } else { x };
        let _ = match shown {
            Some(cut) => self.context.fill_text(&cut, left.into(), y.into()),
            None => self.context.fill_text(text, left.into(), y.into()),
        };
    }

    /// The text cut to `max_px` with an ellipsis, where it has to be cut, and its width.
    fn shortened(&mut self, text: &str, max_px: f32) -> (Option<String>, f32) {
        let ellipsis = self.char_width('…');
        let (mut width, mut fits) = (0.0, 0);
        for (at, c) in text.char_indices() {
            let wider = width + self.char_width(c);
            if wider > max_px {
                return (Some(format!("{}…", &text[..fits])), width.min(max_px) + ellipsis);
            }
            width = wider;
            if width + ellipsis <= max_px {
                fits = at + c.len_utf8();
            }
        }
        (None, width)
    }

    fn char_width(&mut self, c: char) -> f32 {
        let context = &self.context;
        *self.char_widths.entry(c).or_insert_with(|| {
            let measured = context.measure_text(c.encode_utf8(&mut [0; 4]));
            measured.map_or(TYPICAL_CHAR_PX, |m| m.width() as f32)
        })
    }

    fn tile(&mut self, pattern: Pattern, key: u32, colour: &str) -> Option<CanvasPattern> {
        let context = &self.context;
        self.tiles.entry((pattern, key)).or_insert_with(|| make_tile(context, pattern, colour)).clone()
    }
}

/// Whether two commands can share one style, and so one path.
fn is_same_style(left: &DrawOp, right: &DrawOp) -> bool {
    let same_kind = match (left, right) {
        (DrawOp::Texture { pattern, .. }, DrawOp::Texture { pattern: other, .. }) => pattern == other,
        (
            DrawOp::Frame { width_px, dashed, .. },
            DrawOp::Frame { width_px: other_px, dashed: other_dashed, .. },
        ) => width_px.to_bits() == other_px.to_bits() && dashed == other_dashed,
        _ => std::mem::discriminant(left) == std::mem::discriminant(right),
    };
    same_kind && left.paint() == right.paint()
}

fn context_of(canvas: &HtmlCanvasElement) -> Option<CanvasRenderingContext2d> {
    canvas.get_context("2d").ok()??.dyn_into().ok()
}

/// A small canvas with one period of a texture, as a repeating pattern.
fn make_tile(context: &CanvasRenderingContext2d, pattern: Pattern, colour: &str) -> Option<CanvasPattern> {
    let document = web_sys::window()?.document()?;
    let canvas: HtmlCanvasElement = document.create_element("canvas").ok()?.dyn_into().ok()?;
    canvas.set_width(TILE_PX as u32);
    canvas.set_height(TILE_PX as u32);
    let tile = context_of(&canvas)?;
    tile.set_stroke_style_str(colour);
    tile.set_fill_style_str(colour);
    tile.set_line_width(1.2);
    tile.begin_path();
    match pattern {
        // Each line is drawn three times, one tile apart, so that it meets itself at the edges.
        Pattern::Falling => {
            for shift in [-TILE_PX, 0.0, TILE_PX] {
                tile.move_to(shift, 0.0);
                tile.line_to(shift + TILE_PX, TILE_PX);
            }
            tile.stroke();
        }
        Pattern::Dotted => tile.fill_rect(2.0, 2.0, 1.5, 1.5),
    }
    context.create_pattern_with_html_canvas_element(&canvas, "repeat").ok()?
}
