//! A pen over plotters: CSS pixels, roles instead of colours.

use plotters::coord::Shift;
use plotters::prelude::{
    Circle, Color, DrawingArea, DrawingAreaErrorKind, DrawingBackend, IntoDrawingArea, IntoFont, PathElement,
    RGBColor, Rectangle, ShapeStyle, Text, TextStyle,
};
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::view::draw::{Align, Paint, Rect};
use crate::view::theme::Theme;

/// What a back end reports.
pub type ChartError<B> = DrawingAreaErrorKind<<B as DrawingBackend>::ErrorType>;

/// Height of text.
const TEXT_PX: f64 = 11.0;

/// How a chart is to look.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// Colours.
    pub theme: &'a Theme,
    /// Pixels of the back end per CSS pixel.
    pub density: f64,
}

/// Draws in CSS pixels.
pub(super) struct Pen<'a, B: DrawingBackend> {
    area: DrawingArea<B, Shift>,
    look: Look<'a>,
}

impl<'a, B: DrawingBackend> Pen<'a, B> {
    pub(super) fn new(backend: B, look: Look<'a>) -> Self {
        Self { area: backend.into_drawing_area(), look }
    }

    pub(super) fn clear(&self) -> Result<(), ChartError<B>> {
        self.area.fill(&self.colour(Paint::Background))
    }

    pub(super) fn fill(&self, rect: Rect, paint: Paint, opacity: f64) -> Result<(), ChartError<B>> {
        let style = self.colour(paint).mix(opacity).filled();
        self.area.draw(&Rectangle::new(self.corners(rect), style))
    }

    pub(super) fn line(
        &self,
        from: (f32, f32),
        to: (f32, f32),
        paint: Paint,
        width_px: f64,
    ) -> Result<(), ChartError<B>> {
        let points = vec![self.point(from.0, from.1), self.point(to.0, to.1)];
        self.area.draw(&PathElement::new(points, self.stroke(paint, width_px)))
    }

    pub(super) fn disc(
        &self,
        (x, y): (f32, f32),
        radius: f32,
        paint: Paint,
        opacity: f64,
    ) -> Result<(), ChartError<B>> {
        let style = self.colour(paint).mix(opacity).filled();
        self.area.draw(&Circle::new(self.point(x, y), self.length(radius), style))
    }

    pub(super) fn ring(
        &self,
        (x, y): (f32, f32),
        radius: f32,
        paint: Paint,
        width_px: f64,
    ) -> Result<(), ChartError<B>> {
        self.area.draw(&Circle::new(self.point(x, y), self.length(radius), self.stroke(paint, width_px)))
    }

    /// One line of text, vertically centred on `y`.
    pub(super) fn text(
        &self,
        (x, y): (f32, f32),
        text: &str,
        paint: Paint,
        align: Align,
    ) -> Result<(), ChartError<B>> {
        let side = if align == Align::End { HPos::Right } else { HPos::Left };
        let colour = self.colour(paint);
        let style = TextStyle::from(("system-ui", TEXT_PX * self.look.density).into_font());
        let style = style.color(&colour).pos(Pos::new(side, VPos::Center));
        self.area.draw(&Text::new(text.to_owned(), self.point(x, y), style))
    }

    pub(super) fn finish(&self) -> Result<(), ChartError<B>> {
        self.area.present()
    }

    fn colour(&self, paint: Paint) -> RGBColor {
        let [red, green, blue] = self.look.theme.colour(paint).rgb();
        RGBColor(red, green, blue)
    }

    fn stroke(&self, paint: Paint, width_px: f64) -> ShapeStyle {
        let width = (width_px * self.look.density).round().max(1.0) as u32;
        self.colour(paint).stroke_width(width)
    }

    fn corners(&self, rect: Rect) -> [(i32, i32); 2] {
        [self.point(rect.x, rect.y), self.point(rect.right(), rect.bottom())]
    }

    fn point(&self, x: f32, y: f32) -> (i32, i32) {
        let scaled = |v: f32| (f64::from(v) * self.look.density).round() as i32;
        (scaled(x), scaled(y))
    }

    fn length(&self, px: f32) -> i32 {
        (f64::from(px) * self.look.density).round().max(1.0) as i32
    }
}
