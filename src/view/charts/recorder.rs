//! A plotters back end that writes down what it is told, for snapshots.

use plotters_backend::text_anchor::HPos;
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
};
use std::convert::Infallible;

/// One line per command.
pub(super) struct Recorder<'a> {
    lines: &'a mut Vec<String>,
    size: (u32, u32),
}

type Done = Result<(), DrawingErrorKind<Infallible>>;

impl<'a> Recorder<'a> {
    pub(super) fn new(lines: &'a mut Vec<String>, size: (u32, u32)) -> Self {
        Self { lines, size }
    }

    #[expect(clippy::unnecessary_wraps, reason = "it is what every command returns")]
    fn note(&mut self, line: String) -> Done {
        self.lines.push(line);
        Ok(())
    }
}

fn colour(BackendColor { alpha, rgb: (red, green, blue) }: BackendColor) -> String {
    let opacity = if alpha < 1.0 { format!(" {:.0}%", alpha * 100.0) } else { String::new() };
    format!("#{red:02x}{green:02x}{blue:02x}{opacity}")
}

impl DrawingBackend for Recorder<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Done {
        Ok(())
    }

    fn present(&mut self) -> Done {
        Ok(())
    }

    fn draw_pixel(&mut self, (x, y): BackendCoord, c: BackendColor) -> Done {
        self.note(format!("pixel {x},{y} {}", colour(c)))
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Done {
        let ((a, b), (c, d)) = (from, to);
        self.note(format!("line {a},{b} {c},{d} {}px {}", style.stroke_width(), colour(style.color())))
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        (a, b): BackendCoord,
        (c, d): BackendCoord,
        style: &S,
        fill: bool,
    ) -> Done {
        let word = if fill { "fill" } else { "frame" };
        self.note(format!("{word} {a},{b} {c},{d} {}", colour(style.color())))
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Done {
        let points: Vec<String> = path.into_iter().map(|(x, y)| format!("{x},{y}")).collect();
        self.note(format!("path {} {}px {}", points.join(" "), style.stroke_width(), colour(style.color())))
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        (x, y): BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Done {
        let word = if fill { "disc" } else { "ring" };
        self.note(format!("{word} {x},{y} r{radius} {}", colour(style.color())))
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, (x, y): BackendCoord) -> Done {
        let side = match style.anchor().h_pos {
            HPos::Left => "Left",
            HPos::Center => "Center",
            HPos::Right => "Right",
        };
        self.note(format!("text {text} {x},{y} {}px {side} {}", style.size(), colour(style.color())))
    }

    /// Measuring is what must never happen: the browser does it against the page's policy.
    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        text: &str,
        _: &S,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        panic!("measured {text}")
    }
}
