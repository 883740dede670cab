//! Draw lists: what a picture consists of, in roles instead of colours and without a canvas.
//!
//! A list is played by a back end (`platform::canvas2d`) or printed by a test. It is ordered in layers and
//! within a layer by paint, so that playing it changes the colour of the canvas a few times per picture.

use std::fmt;

use crate::base::sort::CompactSort as _;

/// A rectangle in CSS pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rect {
    /// Left edge.
    pub x: f32,
    /// Upper edge.
    pub y: f32,
    /// Width.
    pub w: f32,
    /// Height.
    pub h: f32,
}

impl Rect {
    /// The rectangle at `x`, `y` of `w` by `h`.
    pub const fn new(x: f32, y: f32, w: f32, h: f32) -> Self {
        Self { x, y, w, h }
    }

    /// Right edge.
    pub fn right(self) -> f32 {
        self.x + self.w
    }

    /// Lower edge.
    pub fn bottom(self) -> f32 {
        self.y + self.h
    }
}

/// The highest step of [`Paint::Heat`].
pub const HEAT_LEVELS: u8 = 8;

/// How opaque [`Paint::Veil`] is.
pub const VEIL: f64 = 0.7;

/// What is painted; [`super::theme::Theme::colour`] says with which colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Paint {
    /// Ground of the picture.
    Background,
    /// Ground of every other row.
    Stripe,
    /// Lines of the ruler going down.
    Grid,
    /// Line between rows, axis.
    Hairline,
    /// Ground of the row under the pointer.
    Hover,
    /// Ground of the selected row.
    Selection,
    /// Frame of the selected bar, the focus.
    Accent,
    /// Ground of a row that the search found.
    Match,
    /// A service's bar where it works itself; the number is the colour's slot, see [`super::theme::slot`].
    Service(u8),
    /// A service's bar while it waits for its children.
    Waiting(u8),
    /// Edge of a service's bar; reaches 3:1 against the ground.
    Edge(u8),
    /// Edge, hatch and glyph of an error.
    Error,
    /// A parent that is missing from the input, a gap.
    Missing,
    /// Events on a bar.
    Event,
    /// Lines from parent to child.
    Connector,
    /// Text.
    Text,
    /// Text of second rank: durations, ticks.
    TextMuted,
    /// Text on a service's bar.
    TextOn(u8),
    /// The vertical line at the pointer.
    Crosshair,
    /// Parts of the minimap that are out of sight.
    Shade,
    /// The line of the critical path.
    Critical,
    /// The ground, drawn with [`VEIL`] over what is not on the critical path.
    Veil,
    /// A span that was cut off, corrected or guessed.
    Warning,
    /// Much or little: of [`HEAT_LEVELS`] steps from little (0) to much.
    Heat(u8),
    /// Text on [`Paint::Heat`].
    TextOnHeat(u8),
    /// Ground of what has a share of the time: the number is the step of [`STEPS`].
    Tint(u8),
    /// Ground of what failed: likewise.
    Fault(u8),
}

/// Steps of grounds that stand for a share.
pub const STEPS: u8 = 8;

/// The outline of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shape {
    /// A box with round corners.
    Box,
    /// A drum.
    Drum,
    /// A drum on its side: what goes in on the left comes out on the right.
    Pipe,
    /// A box with cut corners.
    Hexagon,
    /// Round ends.
    Pill,
}

/// How a surface is textured above its fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pattern {
    /// Diagonal lines falling to the right: errors, and nothing else.
    Falling,
    /// Dots: nothing is known here.
    Dotted,
}

/// A small sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Glyph {
    /// An error: a disc with an exclamation mark, readable without colour.
    Error,
    /// An event: a small diamond.
    Event,
    /// Goes on to the right of its end: unfinished.
    Unfinished,
    /// Begins at an unknown time.
    StartUnknown,
    /// Ended before it started.
    Negative,
    /// Moved because its clock was off: a clock face.
    Corrected,
    /// Something about it was repaired or guessed.
    Warning,
    /// Lies to the left of the picture.
    OffLeft,
    /// Lies to the right of the picture.
    OffRight,
}

/// On which side of its point a text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Align {
    /// The text begins at the point.
    Start,
    /// The text ends at the point.
    End,
}

/// One command. Positions are CSS pixels; a back end rounds to device pixels.
#[derive(Clone, Debug, PartialEq)]
pub enum DrawOp {
    /// A filled rectangle.
    Fill {
        /// Where.
        rect: Rect,
        /// With what.
        paint: Paint,
    },
    /// A frame, drawn inside the rectangle.
    Frame {
        /// Where.
        rect: Rect,
        /// With what.
        paint: Paint,
        /// Thickness.
        width_px: f32,
        /// Broken line: this is not certain.
        dashed: bool,
    },
    /// A texture above a fill.
    Texture {
        /// Where.
        rect: Rect,
        /// Which texture.
        pattern: Pattern,
        /// With what.
        paint: Paint,
    },
    /// A small sign, centred.
    Sign {
        /// Which.
        glyph: Glyph,
        /// Middle.
        x: f32,
        /// Middle.
        y: f32,
        /// Width and height.
        size_px: f32,
        /// With what.
        paint: Paint,
    },
    /// A node, filled or as an outline that is drawn inside the rectangle.
    Node {
        /// Where.
        rect: Rect,
        /// Which outline.
        shape: Shape,
        /// With what.
        paint: Paint,
        /// Thickness of the outline; 0 fills it.
        width_px: f32,
        /// Broken line.
        dashed: bool,
    },
    /// A line through points that leaves and reaches each of them horizontally.
    Curve {
        /// At least two.
        points: Vec<[f32; 2]>,
        /// With what.
        paint: Paint,
        /// Thickness.
        width_px: f32,
        /// Broken line.
        dashed: bool,
    },
    /// One line of text, vertically centred on `y`.
    Label {
        /// Point of alignment.
        x: f32,
        /// Middle of the line.
        y: f32,
        /// The text.
        text: String,
        /// With what.
        paint: Paint,
        /// Cut with an ellipsis beyond this.
        max_width_px: f32,
        /// Side.
        align: Align,
    },
}

/// What lies over what, from below to above.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// Grounds of rows.
    Ground,
    /// Lines of the ruler.
    Grid,
    /// Lines between parents and children.
    Connectors,
    /// Bars.
    Bars,
    /// Parts of bars that wait for children.
    Waiting,
    /// Hatches.
    Textures,
    /// Edges of bars.
    Edges,
    /// What takes the strength of the bars below.
    Veil,
    /// The critical path.
    Path,
    /// Events, errors, marks.
    Signs,
    /// Grounds of texts that stand on a hatch.
    Plates,
    /// Texts.
    Labels,
    /// Selection, crosshair.
    Top,
}

/// Collects commands and gives them back in the order of layers and paints.
#[derive(Clone, Debug, Default)]
pub struct DrawList {
    ops: Vec<(Layer, DrawOp)>,
}

impl DrawOp {
    /// What it is painted with.
    pub fn paint(&self) -> Paint {
        match *self {
            Self::Fill { paint, .. }
            | Self::Frame { paint, .. }
            | Self::Texture { paint, .. }
            | Self::Sign { paint, .. }
            | Self::Node { paint, .. }
            | Self::Curve { paint, .. }
            | Self::Label { paint, .. } => paint,
        }
    }
}

impl DrawList {
    /// Adds a command to a layer.
    pub fn push(&mut self, layer: Layer, op: DrawOp) {
        self.ops.push((layer, op));
    }

    /// Adds a filled rectangle; nothing when it is empty.
    pub fn fill(&mut self, layer: Layer, rect: Rect, paint: Paint) {
        if rect.w > 0.0 && rect.h > 0.0 {
            self.push(layer, DrawOp::Fill { rect, paint });
        }
    }

    /// Adds a vertical hairline.
    pub fn vertical(&mut self, layer: Layer, x: f32, y: f32, h: f32, paint: Paint) {
        self.fill(layer, Rect::new(x, y, 1.0, h), paint);
    }

    /// Adds a horizontal hairline.
    pub fn horizontal(&mut self, layer: Layer, x: f32, y: f32, w: f32, paint: Paint) {
        self.fill(layer, Rect::new(x, y, w, 1.0), paint);
    }

    /// The commands, from the lowest layer up; within a layer by paint, then as they were added.
    pub fn finish(mut self) -> Vec<DrawOp> {
        self.ops.compact_sort_by_key(|(layer, op)| (*layer, op.paint()));
        self.ops.into_iter().map(|(_, op)| op).collect()
    }
}

impl fmt::Display for Rect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.0},{:.0} {:.0}x{:.0}", self.x, self.y, self.w, self.h)
    }
}

/// A step of an outline or a line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PathStep {
    /// Begins anew.
    Move([f32; 2]),
    /// Straight on.
    Line([f32; 2]),
    /// A cubic curve: two control points and its end.
    Curve([f32; 2], [f32; 2], [f32; 2]),
    /// Back to where it began.
    Close,
}

/// The line through points that leaves and reaches each of them horizontally.
pub fn curve(points: &[[f32; 2]]) -> Vec<PathStep> {
    let mut steps: Vec<PathStep> = points.first().map(|&p| PathStep::Move(p)).into_iter().collect();
    for pair in points.windows(2) {
        let [[x, y], [to_x, to_y]] = [pair[0], pair[1]];
        if (y - to_y).abs() < 0.5 {
            steps.push(PathStep::Line(pair[1]));
            continue;
        }
        let middle = f32::midpoint(x, to_x);
        steps.push(PathStep::Curve([middle, y], [middle, to_y], pair[1]));
    }
    steps
}

/// The outline of a node.
pub fn outline(shape: Shape, rect: Rect) -> Vec<PathStep> {
    use PathStep::{Close, Curve, Line, Move};
    let Rect { x, y, w, h } = rect;
    let (right, bottom) = (rect.right(), rect.bottom());
    match shape {
        Shape::Box | Shape::Pill => {
            let r = if shape == Shape::Pill { h / 2.0 } else { 5.0 }.min(w / 2.0).min(h / 2.0);
            // Control points of a quarter of a circle.
            let k = r * 0.448;
            vec![
                Move([x + r, y]),
                Line([right - r, y]),
                Curve([right - k, y], [right, y + k], [right, y + r]),
                Line([right, bottom - r]),
                Curve([right, bottom - k], [right - k, bottom], [right - r, bottom]),
                Line([x + r, bottom]),
                Curve([x + k, bottom], [x, bottom - k], [x, bottom - r]),
                Line([x, y + r]),
                Curve([x, y + k], [x + k, y], [x + r, y]),
                Close,
            ]
        }
        Shape::Drum => {
            let r = (h / 14.0).min(5.0);
            vec![
                Move([x, y + r]),
                Curve([x, y - r / 3.0], [right, y - r / 3.0], [right, y + r]),
                Line([right, bottom - r]),
                Curve([right, bottom + r / 3.0], [x, bottom + r / 3.0], [x, bottom - r]),
                Close,
                Move([x, y + r]),
                Curve([x, y + r * 2.3], [right, y + r * 2.3], [right, y + r]),
            ]
        }
        Shape::Pipe => {
            let r = (h / 5.0).min(9.0);
            vec![
                Move([x + r, y]),
                Line([right - r, y]),
                Curve([right + r / 3.0, y], [right + r / 3.0, bottom], [right - r, bottom]),
                Line([x + r, bottom]),
                Curve([x - r / 3.0, bottom], [x - r / 3.0, y], [x + r, y]),
                Close,
                Move([right - r, y]),
                Curve([right - r * 2.3, y], [right - r * 2.3, bottom], [right - r, bottom]),
            ]
        }
        Shape::Hexagon => {
            let (r, middle) = ((h / 4.0).min(12.0), y + h / 2.0);
            vec![
                Move([x + r, y]),
                Line([right - r, y]),
                Line([right, middle]),
                Line([right - r, bottom]),
                Line([x + r, bottom]),
                Line([x, middle]),
                Close,
            ]
        }
    }
}

/// One line per command, for snapshots.
impl fmt::Display for DrawOp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fill { rect, paint } => write!(f, "fill {rect} {paint:?}"),
            Self::Frame { rect, paint, width_px, dashed } => {
                write!(f, "frame {rect} {paint:?} {width_px}px{}", if *dashed { " dashed" } else { "" })
            }
            Self::Texture { rect, pattern, paint } => write!(f, "texture {rect} {pattern:?} {paint:?}"),
            Self::Sign { glyph, x, y, paint, .. } => write!(f, "sign {glyph:?} {x:.0},{y:.0} {paint:?}"),
            Self::Node { rect, shape, paint, width_px, dashed } => {
                write!(
                    f,
                    "node {rect} {shape:?} {paint:?} {width_px}px{}",
                    if *dashed { " dashed" } else { "" }
                )
            }
            Self::Curve { points, paint, width_px, dashed } => {
                write!(f, "curve")?;
                for [x, y] in points {
                    write!(f, " {x:.0},{y:.0}")?;
                }
                write!(f, " {paint:?} {width_px:.1}px{}", if *dashed { " dashed" } else { "" })
            }
            Self::Label { x, y, text, paint, max_width_px, align } => {
                write!(f, "label {x:.0},{y:.0} {align:?} <{max_width_px:.0} {paint:?} «{text}»")
            }
        }
    }
}
