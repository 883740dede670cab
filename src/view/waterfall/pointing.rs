//! What lies under the pointer, and which instant it means.

use super::bars::MIN_BAR_PX;
use super::{Scene, shown_range};
use crate::model::time::DurationNanos;
use crate::view::rows::{self, Row};

/// How near the pointer must come to a bar.
const GRAB_PX: f64 = 3.0;
/// How near the pointer must come to an edge to snap to it.
const SNAP_PX: f64 = 6.0;

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
