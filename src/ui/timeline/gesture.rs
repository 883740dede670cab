//! Dragging and pinching as plain state, so that the chart only forwards events.

/// Movement below this is a click.
const THRESHOLD_PX: f64 = 5.0;

/// What a drag does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DragKind {
    /// Moves time and rows.
    Pan,
    /// Chooses the range to zoom to.
    Zoom,
    /// Measures a time.
    Measure,
}

/// A drag that is under way.
#[derive(Clone, Copy, Debug)]
pub struct Drag {
    /// What it does.
    pub kind: DragKind,
    /// Whether it has passed the threshold.
    pub is_moving: bool,
    from: (f64, f64),
    last: (f64, f64),
}

/// One movement of a drag.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DragStep {
    /// What it does.
    pub kind: DragKind,
    /// Whether it is the first beyond the threshold.
    pub is_first: bool,
    /// Where the drag began.
    pub from: (f64, f64),
    /// Movement since the step before.
    pub by: (f64, f64),
}

impl Drag {
    /// A drag that begins at `x`, `y`.
    pub fn new(kind: DragKind, x: f64, y: f64) -> Self {
        Self { kind, is_moving: false, from: (x, y), last: (x, y) }
    }

    /// The pointer moved; none below the threshold.
    pub fn moved(&mut self, x: f64, y: f64) -> Option<DragStep> {
        let is_first = !self.is_moving;
        if is_first && (x - self.from.0).hypot(y - self.from.1) < THRESHOLD_PX {
            return None;
        }
        self.is_moving = true;
        let by = (x - self.last.0, y - self.last.1);
        self.last = (x, y);
        Some(DragStep { kind: self.kind, is_first, from: self.from, by })
    }
}

/// Fingers on the chart.
#[derive(Clone, Debug, Default)]
pub struct Pinch {
    fingers: Vec<(i32, f64, f64)>,
}

impl Pinch {
    /// A finger came.
    pub fn down(&mut self, id: i32, x: f64, y: f64) {
        self.up(id);
        self.fingers.push((id, x, y));
    }

    /// A finger went.
    pub fn up(&mut self, id: i32) {
        self.fingers.retain(|f| f.0 != id);
    }

    /// A finger moved: with two fingers, where to zoom and by how much.
    pub fn moved(&mut self, id: i32, x: f64, y: f64) -> Option<(f64, f64)> {
        let before = self.spread();
        let finger = self.fingers.iter_mut().find(|f| f.0 == id)?;
        (finger.1, finger.2) = (x, y);
        let [a, b] = self.fingers.as_slice() else { return None };
        let middle = f64::midpoint(a.1, b.1);
        let (before, after) = (before?, self.spread()?);
        Some((middle, after / before))
    }

    fn spread(&self) -> Option<f64> {
        let [a, b] = self.fingers.as_slice() else { return None };
        Some((a.1 - b.1).abs().max(1.0))
    }
}
