//! A picture as an SVG file: the same commands as on the screen, with the colours of a theme.

use std::fmt::Write as _;

use crate::view::draw::{Align, DrawOp, Glyph, Paint, PathStep, Rect, VEIL, curve, outline};
use crate::view::theme::Theme;

/// Width of a character where nothing can be measured.
const CHAR_PX: f32 = 6.2;

/// The file. Texts are escaped; textures, which graphs do not have, are left out.
pub fn svg(ops: &[DrawOp], (width, height): (f32, f32), title: &str, theme: &Theme) -> String {
    let ground = theme.colour(Paint::Background).css();
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
         viewBox=\"0 0 {width:.0} {height:.0}\" font-family=\"system-ui, sans-serif\" font-size=\"11.5\">\n\
         <title>{}</title>\n<rect width=\"100%\" height=\"100%\" fill=\"{ground}\"/>\n",
        escaped(title)
    );
    for op in ops {
        // Writing to a string does not fail.
        let _ = write_op(&mut out, op, theme);
    }
    out.push_str("</svg>\n");
    out
}

fn write_op(out: &mut String, op: &DrawOp, theme: &Theme) -> std::fmt::Result {
    let colour = theme.colour(op.paint()).css();
    match op {
        DrawOp::Fill { rect: Rect { x, y, w, h }, paint } => {
            let opacity = if *paint == Paint::Veil { VEIL } else { 1.0 };
            writeln!(
                out,
                "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{w:.1}\" height=\"{h:.1}\" fill=\"{colour}\" opacity=\"{opacity}\"/>"
            )
        }
        DrawOp::Frame { rect: Rect { x, y, w, h }, width_px, .. } => writeln!(
            out,
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{w:.1}\" height=\"{h:.1}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width_px}\"/>"
        ),
        DrawOp::Node { rect, shape, width_px, dashed, .. } => {
            path(out, &outline(*shape, *rect), &colour, *width_px, *dashed)
        }
        DrawOp::Curve { points, width_px, dashed, .. } => {
            path(out, &curve(points), &colour, *width_px, *dashed)
        }
        DrawOp::Sign { glyph, x, y, size_px, .. } => {
            let half = size_px / 2.0;
            match glyph {
                Glyph::OffRight | Glyph::OffLeft => {
                    let to = if *glyph == Glyph::OffRight { half } else { -half };
                    let (back, tip) = (x - to * 0.5, x + to * 0.6);
                    let (top, bottom) = (y - half, y + half);
                    writeln!(
                        out,
                        "<path d=\"M{back:.1} {top:.1}L{tip:.1} {y:.1}L{back:.1} {bottom:.1}Z\" fill=\"{colour}\"/>"
                    )
                }
                _ => {
                    let ground = theme.colour(Paint::Background).css();
                    writeln!(
                        out,
                        "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{half:.1}\" fill=\"{colour}\"/>\
                         <text x=\"{x:.1}\" y=\"{y:.1}\" fill=\"{ground}\" text-anchor=\"middle\" \
                         dominant-baseline=\"central\" font-weight=\"bold\" font-size=\"{size_px:.0}\">!</text>"
                    )
                }
            }
        }
        DrawOp::Label { x, y, text, max_width_px, align, .. } => {
            let anchor = if *align == Align::End { "end" } else { "start" };
            let most = (max_width_px / CHAR_PX).max(1.0) as usize;
            let text = escaped(&crate::view::text::shortened(text, most));
            writeln!(
                out,
                "<text x=\"{x:.1}\" y=\"{y:.1}\" fill=\"{colour}\" text-anchor=\"{anchor}\" dominant-baseline=\"central\">{text}</text>"
            )
        }
        DrawOp::Texture { .. } => Ok(()),
    }
}

fn path(out: &mut String, steps: &[PathStep], colour: &str, width_px: f32, dashed: bool) -> std::fmt::Result {
    out.push_str("<path d=\"");
    for step in steps {
        match step {
            PathStep::Move([x, y]) => write!(out, "M{x:.1} {y:.1}")?,
            PathStep::Line([x, y]) => write!(out, "L{x:.1} {y:.1}")?,
            PathStep::Curve(first, second, end) => {
                let mut sign = 'C';
                for [x, y] in [first, second, end] {
                    write!(out, "{sign}{x:.1} {y:.1}")?;
                    sign = ' ';
                }
            }
            PathStep::Close => out.push('Z'),
        }
    }
    if width_px > 0.0 {
        let dashes = if dashed { " stroke-dasharray=\"3 2\"" } else { "" };
        writeln!(out, "\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width_px:.2}\"{dashes}/>")
    } else {
        writeln!(out, "\" fill=\"{colour}\"/>")
    }
}

/// Text that cannot become markup; what XML does not allow at all is replaced.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
