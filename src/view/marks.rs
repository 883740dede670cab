//! Marks: instants of a trace that the reader has named, for others who open the link.

use super::draw::{Align, DrawList, DrawOp, Layer, Paint, Rect};
use super::format;
use super::scale::TimeScale;
use crate::model::time::DurationNanos;

/// Most marks: as many as a link carries.
pub const MAX_MARKS: usize = 16;
/// Longest label.
pub const MAX_LABEL: usize = 80;
/// Width of a character of a label, about.
const CHAR_PX: f32 = 6.6;
/// Longest label that is drawn.
const MAX_DRAWN_PX: f32 = 160.0;
/// Height of a flag on the ruler.
const FLAG_PX: f32 = 13.0;

/// An instant with a label. In the state it counts from the start of the trace as it was recorded, so that it
/// stays where it is when clocks are corrected; as it is shown, from the shown start.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    /// After the trace's start; before it when negative.
    pub at: DurationNanos,
    /// What the reader says about it; may be empty.
    pub label: String,
}

/// A mark as the list of marks says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkText {
    /// When.
    pub time: String,
    /// What.
    pub label: String,
    /// Both, for a screen reader.
    pub sentence: String,
}

impl Mark {
    /// A mark; of the label only what can be seen is kept, on one line.
    pub fn new(at: DurationNanos, label: &str) -> Self {
        let visible: String = label.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let short: String = visible.trim().chars().take(MAX_LABEL).collect();
        Self { at, label: short.trim_end().to_owned() }
    }

    /// The same, so much later.
    #[must_use]
    pub fn moved(&self, by: DurationNanos) -> Self {
        Self { at: self.at + by, label: self.label.clone() }
    }

    /// Its texts.
    pub fn text(&self) -> MarkText {
        let time = format::duration(self.at);
        let sentence = match self.label.as_str() {
            "" => format!("Mark at {time}"),
            label => format!("Mark at {time}: {label}"),
        };
        MarkText { time, label: self.label.clone(), sentence }
    }
}

/// Adds a mark in its place; the same one twice is one. Returns whether there was room.
pub fn insert(marks: &mut Vec<Mark>, mark: Mark) -> bool {
    match marks.binary_search(&mark) {
        Ok(_) => true,
        Err(at) if marks.len() < MAX_MARKS => {
            marks.insert(at, mark);
            true
        }
        Err(_) => false,
    }
}

/// Adds the flags of marks to the ruler, each cut where the next begins.
pub(super) fn flags(list: &mut DrawList, marks: &[Mark], scale: TimeScale, width_px: f64, height_px: f64) {
    let x_of = |mark: &Mark| scale.x_from_time(mark.at) as f32;
    for (n, mark) in marks.iter().enumerate() {
        let x = x_of(mark);
        if !(0.0..=width_px as f32).contains(&x) {
            continue;
        }
        list.vertical(Layer::Top, x, 0.0, height_px as f32, Paint::Accent);
        let room = marks.get(n + 1).map_or(width_px as f32, x_of).min(width_px as f32) - x;
        let wanted = mark.label.chars().count() as f32 * CHAR_PX + 8.0;
        let w = wanted.min(MAX_DRAWN_PX).min(room - 2.0);
        if mark.label.is_empty() || w < 3.0 * CHAR_PX {
            continue;
        }
        list.fill(Layer::Top, Rect::new(x, 0.0, w, FLAG_PX), Paint::Selection);
        list.push(
            Layer::Top,
            DrawOp::Label {
                x: x + 4.0,
                y: FLAG_PX / 2.0,
                text: mark.label.clone(),
                paint: Paint::Text,
                max_width_px: w - 6.0,
                align: Align::Start,
            },
        );
    }
}

/// Adds a line for each mark in sight, over the bars.
pub(super) fn lines(list: &mut DrawList, marks: &[Mark], scale: TimeScale, width_px: f64, height_px: f64) {
    for mark in marks {
        let x = scale.x_from_time(mark.at);
        if (0.0..=width_px).contains(&x) {
            list.vertical(Layer::Top, x as f32, 0.0, height_px as f32, Paint::Accent);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_one_short_line() {
        let mark = Mark::new(DurationNanos(-4), " a\nb\t ");
        assert_eq!(mark, Mark { at: DurationNanos(-4), label: "a b".into() });
        assert_eq!(mark.moved(DurationNanos(5)).at, DurationNanos(1));
        let long = Mark::new(DurationNanos(1), &format!("{} tail", "x".repeat(79)));
        assert_eq!(long.label, "x".repeat(79));
        assert_eq!(Mark::new(DurationNanos(1_500_000), "deploy").text().sentence, "Mark at 1.50 ms: deploy");
        assert_eq!(Mark::new(DurationNanos(0), "").text().sentence, "Mark at 0 ns");
    }

    #[test]
    fn marks_stand_in_order_and_are_bounded() {
        let mut marks = Vec::new();
        for at in [5, 3, 5, 9] {
            assert!(insert(&mut marks, Mark::new(DurationNanos(at), "m")));
        }
        assert_eq!(marks.iter().map(|m| m.at.0).collect::<Vec<_>>(), [3, 5, 9]);
        for at in 0..20 {
            insert(&mut marks, Mark::new(DurationNanos(100 + at), ""));
        }
        assert_eq!(marks.len(), MAX_MARKS);
        assert!(!insert(&mut marks, Mark::new(DurationNanos(1), "late")));
    }

    #[test]
    fn flags_are_cut_where_the_next_begins() {
        let scale = TimeScale { origin_ns: 0.0, nanos_per_px: 1.0 };
        let marks = [10, 40, 200, 900].map(|at| Mark::new(DurationNanos(at), "a long label"));
        let mut list = DrawList::default();
        flags(&mut list, &marks, scale, 400.0, 28.0);
        let widths: Vec<f32> = list
            .finish()
            .into_iter()
            .filter_map(
                |op| if let DrawOp::Label { max_width_px, .. } = op { Some(max_width_px) } else { None },
            )
            .collect();
        assert_eq!(widths.len(), 3, "one is out of sight");
        assert!(widths[0] < 30.0 && widths[1] > 60.0, "{widths:?}");
    }
}
