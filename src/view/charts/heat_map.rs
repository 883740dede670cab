//! The heat map: which operation took how long on the critical path of which trace.
//!
//! A row for each operation, a column for each trace, the shortest first; the darker half of the scale is little
//! time; see [`cividis`].

use crate::view::draw::Paint;
use crate::view::theme::{Theme, cividis};

/// Height of a row.
pub const ROW_PX: usize = 20;
/// Space between rows.
const GAP_PX: usize = 2;

/// A grid of times to be drawn.
#[derive(Clone, Copy, Debug)]
pub struct HeatMap<'a> {
    /// Times, row after row.
    pub cells: &'a [i64],
    /// Number of columns.
    pub n_columns: usize,
}

impl HeatMap<'_> {
    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.cells.len().checked_div(self.n_columns).unwrap_or_default()
    }

    /// The picture of so many pixels' width: four bytes (red, green, blue, opacity) a pixel, and its height.
    /// Colours go with the square root of the time, so that small ones are told apart.
    pub fn rgba(&self, width: usize, theme: &Theme) -> (Vec<u8>, usize) {
        let height = self.n_rows() * ROW_PX;
        let [red, green, blue] = theme.colour(Paint::Background).rgb();
        let mut pixels = [red, green, blue, 255].repeat(width * height);
        let most = self.cells.iter().copied().max().unwrap_or(0).max(1) as f64;
        for row in 0..self.n_rows() {
            for x in 0..width {
                let Some(&time) = self.cells.get(row * self.n_columns + x * self.n_columns / width.max(1))
                else {
                    continue;
                };
                if time <= 0 {
                    continue;
                }
                let [r, g, b] = cividis((time as f64 / most).sqrt()).rgb();
                for y in row * ROW_PX..(row + 1) * ROW_PX - GAP_PX {
                    if let Some(pixel) = pixels.get_mut((y * width + x) * 4..(y * width + x) * 4 + 3) {
                        pixel.copy_from_slice(&[r, g, b]);
                    }
                }
            }
        }
        (pixels, height)
    }

    /// Row and column at a point of a picture of so many pixels' width.
    pub fn hit(&self, x: f64, y: f64, width: f64) -> Option<(usize, usize)> {
        if x < 0.0 || y < 0.0 || x >= width {
            return None;
        }
        let (row, column) = ((y / ROW_PX as f64) as usize, (x / width * self.n_columns as f64) as usize);
        (row < self.n_rows() && column < self.n_columns).then_some((row, column))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::theme::LIGHT;

    #[test]
    fn more_time_is_lighter_and_no_time_is_the_ground() {
        let map = HeatMap { cells: &[0, 100, 25, 0], n_columns: 2 };
        let (pixels, height) = map.rgba(4, &LIGHT);
        assert_eq!(height, 2 * ROW_PX);
        let at = |x: usize, y: usize| [0, 1, 2].map(|n| pixels[(y * 4 + x) * 4 + n]);
        assert_eq!(at(0, 0), LIGHT.colour(Paint::Background).rgb());
        assert_eq!(at(3, 0), cividis(1.0).rgb());
        assert_eq!(at(0, ROW_PX), cividis(0.5).rgb());
        assert_eq!(at(3, ROW_PX - 1), LIGHT.colour(Paint::Background).rgb(), "rows are apart");
    }

    #[test]
    fn points_find_their_cells() {
        let map = HeatMap { cells: &[1, 2, 3, 4, 5, 6], n_columns: 3 };
        assert_eq!(map.hit(0.0, 0.0, 300.0), Some((0, 0)));
        assert_eq!(map.hit(299.0, 25.0, 300.0), Some((1, 2)));
        assert_eq!(map.hit(300.0, 0.0, 300.0), None);
        assert_eq!(map.hit(10.0, 41.0, 300.0), None);
        assert_eq!(HeatMap { cells: &[], n_columns: 0 }.n_rows(), 0);
        assert_eq!(HeatMap { cells: &[], n_columns: 0 }.rgba(10, &LIGHT).0.len(), 0);
    }
}
