//! The picture as draw commands. The cost of a frame depends on what is in sight.

use super::text::{self, Colouring};
use super::viewport::Viewport;
use super::{End, Picture};
use crate::analysis::service_graph::{Edge, Node, NodeKind};
use crate::view::draw::{Align, DrawList, DrawOp, Glyph, Layer, Paint, Rect, STEPS, Shape};

/// From this scale on a node has all its lines, and from the smaller one two.
const THREE_LINES: f32 = 0.9;
const TWO_LINES: f32 = 0.62;
/// With more edges in the picture, texts stand only beside those that are looked at.
const MOST_LABELS: usize = 120;
/// An edge is drawn as failing when one in so many calls fails.
const FAILING: u32 = 20;
/// Width of a character, for the ground of a text.
const CHAR_PX: f32 = 6.4;
/// Thickness of an edge that the whole critical path crosses, beyond that of any edge.
const CRITICAL_PX: f32 = 4.0;

/// What the reader points at and has chosen.
#[derive(Clone, Copy, Debug, Default)]
pub struct Marked<'a> {
    /// The node under the pointer or with the focus.
    pub hovered: Option<usize>,
    /// The chosen node.
    pub selected: Option<usize>,
    /// Nodes that the search found; all when there is none.
    pub found: Option<&'a [bool]>,
    /// What the grounds show.
    pub colouring: Colouring,
}

/// The commands for what is in sight.
pub fn draw(picture: &Picture, viewport: &Viewport, marked: Marked<'_>) -> Vec<DrawOp> {
    let mut list = DrawList::default();
    let centre = marked.hovered.or(marked.selected).filter(|&at| at < picture.nodes.len());
    let near = centre.map(|centre| picture.neighbours(centre));
    let is_bright = |at: usize| {
        near.as_ref().is_none_or(|near| near[at])
            && marked.found.is_none_or(|found| found.get(at) == Some(&true))
    };
    for (at, edge) in picture.graph.edges.iter().enumerate() {
        let of_centre = centre.map(|c| edge.from as usize == c || edge.to as usize == c);
        let is_found = marked.found.is_none() || is_bright(edge.from as usize) && is_bright(edge.to as usize);
        let is_failing = edge.errors > 0
            && (marked.colouring == Colouring::Errors || edge.errors.saturating_mul(FAILING) >= edge.calls);
        let look = EdgeLook { of_centre, is_found, is_failing };
        draw_edge(&mut list, picture, viewport, at, edge, look);
    }
    for (at, node) in picture.graph.nodes.iter().enumerate() {
        let rect = viewport.place(picture.nodes[at]);
        if !viewport.sees(rect) {
            continue;
        }
        let step = ground(picture, node, marked.colouring);
        draw_node(&mut list, picture, viewport, at, rect, step);
        if !is_bright(at) {
            // With the sign at its corner.
            let veiled = Rect::new(rect.x - 1.0, rect.y - 6.0, rect.w + 8.0, rect.h + 8.0);
            list.fill(Layer::Plates, veiled, Paint::Veil);
        }
        if marked.selected == Some(at) || marked.hovered == Some(at) {
            let width_px = if marked.selected == Some(at) { 2.5 } else { 1.5 };
            let around = Rect::new(rect.x - 3.0, rect.y - 3.0, rect.w + 6.0, rect.h + 6.0);
            list.push(
                Layer::Top,
                DrawOp::Node {
                    rect: around,
                    shape: Shape::Box,
                    paint: Paint::Accent,
                    width_px,
                    dashed: false,
                },
            );
        }
    }
    list.finish()
}

/// The paint of a node's ground: its share of what the grounds show.
fn ground(picture: &Picture, node: &Node, colouring: Colouring) -> Paint {
    let permille = colouring.permille(&picture.graph, node);
    let step = (permille * u32::from(STEPS)).div_ceil(1_000).min(u32::from(STEPS)) as u8;
    match (step, colouring) {
        (0, _) => Paint::Background,
        // What fails at all must be seen.
        (_, Colouring::Errors) => Paint::Fault(step.max(3)),
        _ if matches!(node.kind, NodeKind::User | NodeKind::Missing) => Paint::Background,
        _ => Paint::Tint(step),
    }
}

/// The outline of a kind of node.
pub(super) fn shape(kind: NodeKind) -> Shape {
    match kind {
        NodeKind::Service => Shape::Box,
        NodeKind::Database => Shape::Drum,
        NodeKind::Messaging => Shape::Pipe,
        NodeKind::External => Shape::Hexagon,
        NodeKind::User | NodeKind::Missing => Shape::Pill,
    }
}

fn draw_node(
    list: &mut DrawList,
    picture: &Picture,
    viewport: &Viewport,
    at: usize,
    rect: Rect,
    ground: Paint,
) {
    let (node, scale) = (&picture.graph.nodes[at], viewport.scale);
    let shape = shape(node.kind);
    let slot = picture.slots.get(at).copied().unwrap_or_default();
    let is_service = node.kind == NodeKind::Service;
    let edge = if is_service { Paint::Edge(slot) } else { Paint::TextMuted };
    list.push(Layer::Bars, DrawOp::Node { rect, shape, paint: ground, width_px: 0.0, dashed: false });
    let dashed = node.kind == NodeKind::Missing;
    list.push(Layer::Edges, DrawOp::Node { rect, shape, paint: edge, width_px: 1.25, dashed });
    if is_service {
        let band = Rect::new(rect.x + 1.0, rect.y + 5.0, 5.0 * scale.max(0.7), rect.h - 10.0);
        list.fill(Layer::Edges, band, Paint::Service(slot));
    }
    let inset = if is_service { 14.0 } else { 18.0 } * scale.max(0.6);
    let room = rect.w - 2.0 * inset;
    let middle = rect.y + rect.h / 2.0;
    // A drum has its lid above.
    let middle = if shape == Shape::Drum { middle + 4.0 * scale } else { middle };
    let line_px = 17.0 * scale.clamp(0.85, 1.25);
    let share = (node.critical_ns > 0 && !matches!(node.kind, NodeKind::User | NodeKind::Missing))
        .then(|| text::percent(Colouring::Critical.permille(&picture.graph, node)));
    let mut lines = vec![(text::title(node), Paint::Text, None)];
    if scale >= TWO_LINES {
        let paint = if node.errors > 0 { Paint::Error } else { Paint::Text };
        lines.push((text::calls(node), paint, None));
    }
    let latency = text::latency(node);
    if scale >= THREE_LINES && !(latency.is_empty() && share.is_none()) {
        lines.push((latency, Paint::Text, share));
    }
    let first = middle - line_px * (lines.len() - 1) as f32 / 2.0;
    for (number, (words, paint, right)) in lines.into_iter().enumerate() {
        let y = first + line_px * number as f32;
        let room_right = right.as_ref().map_or(0.0, |text| 8.0 + 6.5 * text.chars().count() as f32);
        let mut label = |x, words, max_width_px, align| {
            list.push(Layer::Labels, DrawOp::Label { x, y, text: words, paint, max_width_px, align });
        };
        label(rect.x + inset, words, room - room_right, Align::Start);
        if let Some(right) = right {
            label(rect.right() - inset, right, room_right, Align::End);
        }
    }
    if node.errors > 0 {
        let (x, y) = (rect.right() - 2.0, rect.y + 2.0);
        let sign = DrawOp::Sign { glyph: Glyph::Error, x, y, size_px: 13.0, paint: Paint::Error };
        list.push(Layer::Signs, sign);
    }
}

/// How an edge is looked at.
#[derive(Clone, Copy)]
struct EdgeLook {
    /// Whether it is one of the node in the middle of attention, if there is such a node.
    of_centre: Option<bool>,
    is_found: bool,
    is_failing: bool,
}

fn draw_edge(
    list: &mut DrawList,
    picture: &Picture,
    viewport: &Viewport,
    at: usize,
    edge: &Edge,
    look: EdgeLook,
) {
    let EdgeLook { of_centre, is_found, is_failing } = look;
    let Some(points) = picture.edges.get(at).filter(|points| points.len() > 1) else { return };
    let points: Vec<[f32; 2]> = points
        .iter()
        .map(|&[x, y]| [x * viewport.scale + viewport.x, y * viewport.scale + viewport.y])
        .collect();
    let bounds = points.iter().fold([f32::MAX, f32::MAX, f32::MIN, f32::MIN], |[l, t, r, b], &[x, y]| {
        [l.min(x), t.min(y), r.max(x), b.max(y)]
    });
    let [left, top, right, bottom] = bounds;
    if !viewport.sees(Rect::new(left - 1.0, top - 10.0, right - left + 2.0, bottom - top + 20.0)) {
        return;
    }
    // Where only calls are known, they make an edge thick.
    let share = match picture.most_calls {
        0 => edge.critical_ns as f32 / picture.graph.critical_ns.max(1) as f32,
        most => edge.calls as f32 / most as f32,
    };
    let is_dim = of_centre == Some(false) || !is_found;
    let paint = match () {
        () if is_dim => Paint::Hairline,
        () if is_failing => Paint::Error,
        () if share > 0.0 || of_centre == Some(true) => Paint::TextMuted,
        () => Paint::Connector,
    };
    let width_px = 1.2 + CRITICAL_PX * share.clamp(0.0, 1.0);
    let end = points.last().copied().unwrap_or_default();
    let before = points[points.len() - 2];
    let layer = if is_dim { Layer::Grid } else { Layer::Connectors };
    let is_loop = edge.from == edge.to;
    list.push(layer, DrawOp::Curve { points, paint, width_px, dashed: is_failing });
    let glyph = if end[0] >= before[0] { Glyph::OffRight } else { Glyph::OffLeft };
    if !is_loop {
        let back = if glyph == Glyph::OffRight { -4.0 } else { 4.0 };
        let size_px = 8.0 + width_px;
        list.push(layer, DrawOp::Sign { glyph, x: end[0] + back, y: end[1], size_px, paint });
    }
    let is_labelled = picture.graph.edges.len() <= MOST_LABELS || of_centre == Some(true);
    let Some(side) = picture.label_at.get(at).copied().flatten() else { return };
    if is_dim || !is_labelled || viewport.scale < TWO_LINES {
        return;
    }
    // Beside the end that has room, above the line.
    let (from_y, to_y) = (picture.edges[at][0][1], end[1]);
    let start_x = picture.edges[at][0][0] * viewport.scale + viewport.x;
    let from_y = from_y * viewport.scale + viewport.y;
    let is_to_the_right = glyph == Glyph::OffRight;
    let (x, y, align) = match (side, is_to_the_right) {
        (End::To, true) => (end[0] - 12.0, to_y, Align::End),
        (End::To, false) => (end[0] + 12.0, to_y, Align::Start),
        (End::From, true) => (start_x + 6.0, from_y, Align::Start),
        (End::From, false) => (start_x - 6.0, from_y, Align::End),
    };
    let paint = if edge.errors > 0 { Paint::Error } else { Paint::TextMuted };
    let words = text::edge_label(edge);
    let max_width_px = 106.0 * viewport.scale.max(0.7);
    let y = y - 7.0 - width_px / 2.0;
    // The line may pass behind its text.
    let width = (words.chars().count() as f32 * CHAR_PX).min(max_width_px);
    let left = if align == Align::End { x - width } else { x };
    list.fill(Layer::Plates, Rect::new(left - 2.0, y - 6.5, width + 4.0, 13.0), Paint::Background);
    list.push(Layer::Labels, DrawOp::Label { x, y, text: words, paint, max_width_px, align });
}
