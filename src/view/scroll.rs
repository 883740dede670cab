//! Own scroll model: where a list of any length stands, and how its scrollbar looks.
//!
//! Browsers stop at some 16 to 33 million pixels of height, less than a million rows on a dense screen. Here
//! the position is a number of pixels in `f64`, exact far beyond that, and only the rows in sight exist.

use std::ops::Range;

use crate::base::text::grouped;

/// Shortest length of a scrollbar's thumb that can still be caught.
const MIN_THUMB_PX: f64 = 28.0;

/// Position of a list of equally high rows in its window.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Scroll {
    top_px: f64,
    row_px: f64,
    window_px: f64,
    n_rows: usize,
}

/// The thumb of a scrollbar within a track.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thumb {
    /// Distance from the start of the track.
    pub offset_px: f64,
    /// Length of the thumb.
    pub length_px: f64,
}

impl Scroll {
    /// At the top of `n_rows` rows of `row_px` each, seen through a window of `window_px`.
    pub fn new(n_rows: usize, row_px: f64, window_px: f64) -> Self {
        Self { top_px: 0.0, row_px: row_px.max(1.0), window_px: window_px.max(0.0), n_rows }
    }

    /// Pixels of content above the window.
    pub fn top_px(&self) -> f64 {
        self.top_px
    }

    /// Height of a row.
    pub fn row_px(&self) -> f64 {
        self.row_px
    }

    /// Height of the window.
    pub fn window_px(&self) -> f64 {
        self.window_px
    }

    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// Height of all rows.
    pub fn content_px(&self) -> f64 {
        self.n_rows as f64 * self.row_px
    }

    /// Rows that fit as a whole: a page for Page Up and Page Down.
    pub fn rows_per_page(&self) -> usize {
        ((self.window_px / self.row_px) as usize).max(1)
    }

    /// Changes the number of rows, keeping the position where that is still possible.
    pub fn set_n_rows(&mut self, n_rows: usize) {
        self.n_rows = n_rows;
        self.set_top_px(self.top_px);
    }

    /// Changes the height of the window, keeping the position where that is still possible.
    pub fn set_window_px(&mut self, window_px: f64) {
        self.window_px = window_px.max(0.0);
        self.set_top_px(self.top_px);
    }

    /// Moves so that `top_px` of content lie above the window, as far as there is content.
    pub fn set_top_px(&mut self, top_px: f64) {
        let last = (self.content_px() - self.window_px).max(0.0);
        self.top_px = if top_px.is_finite() { top_px.clamp(0.0, last) } else { 0.0 };
    }

    /// Moves by `delta_px`, downwards when positive.
    pub fn scroll_by(&mut self, delta_px: f64) {
        self.set_top_px(self.top_px + delta_px);
    }

    /// Moves just as far as needed to have `row` wholly in sight, with a row of context where there is one.
    pub fn reveal(&mut self, row: usize) {
        let context = if self.window_px >= 5.0 * self.row_px { self.row_px } else { 0.0 };
        let (top, bottom) = (row as f64 * self.row_px, (row + 1) as f64 * self.row_px);
        if top - context < self.top_px {
            self.set_top_px(top - context);
        } else if bottom + context > self.top_px + self.window_px {
            self.set_top_px(bottom + context - self.window_px);
        }
    }

    /// Moves so that `row` is in the middle, unless it is in sight already.
    pub fn reveal_centred(&mut self, row: usize) {
        if !self.is_in_sight(row) {
            self.centre(row);
        }
    }

    /// Moves so that `row` is in the middle.
    pub fn centre(&mut self, row: usize) {
        self.set_top_px((row as f64 + 0.5) * self.row_px - self.window_px / 2.0);
    }

    /// Whether `row` is wholly in sight.
    pub fn is_in_sight(&self, row: usize) -> bool {
        let top = row as f64 * self.row_px;
        top >= self.top_px && top + self.row_px <= self.top_px + self.window_px
    }

    /// Rows that are in sight, if only in part.
    pub fn rows_in_sight(&self) -> Range<usize> {
        let first = ((self.top_px / self.row_px) as usize).min(self.n_rows);
        let last = ((self.top_px + self.window_px) / self.row_px).ceil() as usize;
        first..last.clamp(first, self.n_rows)
    }

    /// Where the upper edge of `row` lies in the window; negative above it.
    pub fn y_of(&self, row: usize) -> f64 {
        row as f64 * self.row_px - self.top_px
    }

    /// The row at `y` in the window.
    pub fn row_at(&self, y: f64) -> Option<usize> {
        let row = (self.top_px + y) / self.row_px;
        (y >= 0.0 && row < self.n_rows as f64).then_some(row as usize)
    }

    /// The thumb in a track of `track_px`; none when everything is in sight.
    pub fn thumb(&self, track_px: f64) -> Option<Thumb> {
        let content = self.content_px();
        if content <= self.window_px || track_px <= 0.0 {
            return None;
        }
        let length_px = (track_px * self.window_px / content).max(MIN_THUMB_PX).min(track_px);
        let share = self.top_px / (content - self.window_px);
        Some(Thumb { offset_px: share * (track_px - length_px), length_px })
    }

    /// Moves as if the thumb's start were dragged to `offset_px` in a track of `track_px`.
    pub fn drag_thumb_to(&mut self, offset_px: f64, track_px: f64) {
        if let Some(thumb) = self.thumb(track_px) {
            let room = track_px - thumb.length_px;
            let share = if room > 0.0 { offset_px / room } else { 0.0 };
            self.set_top_px(share.clamp(0.0, 1.0) * (self.content_px() - self.window_px));
        }
    }

    /// Which rows are in sight: `1 to 30 of 635,173`, for who does not see the scrollbar.
    pub fn sentence(&self) -> String {
        let in_sight = self.rows_in_sight();
        let [first, last, all] = [in_sight.start + 1, in_sight.end, self.n_rows].map(|n| grouped(n as u64));
        if self.n_rows == 0 { "nothing".to_owned() } else { format!("{first} to {last} of {all}") }
    }

    /// How far down the list stands, in percent: the value of the scrollbar.
    pub fn percent(&self) -> f64 {
        let room = self.content_px() - self.window_px;
        if room > 0.0 { self.top_px / room * 100.0 } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_sentence_names_the_rows_in_sight() {
        let mut scroll = Scroll::new(1_000_000, 24.0, 240.0);
        assert_eq!(scroll.sentence(), "1 to 10 of 1,000,000");
        scroll.set_top_px(f64::MAX);
        assert_eq!(scroll.sentence(), "999,991 to 1,000,000 of 1,000,000");
        assert_eq!(Scroll::new(0, 24.0, 240.0).sentence(), "nothing");
    }

    #[test]
    fn a_million_rows_are_reached_exactly() {
        let mut scroll = Scroll::new(1_000_000, 24.0, 600.0);
        scroll.set_top_px(f64::MAX);
        assert_eq!(scroll.rows_in_sight(), 999_975..1_000_000);
        assert_eq!(scroll.row_at(599.0), Some(999_999));
        assert!((scroll.percent() - 100.0).abs() < 1e-9);
        scroll.reveal(500_000);
        assert!(scroll.is_in_sight(500_000));
        assert!(scroll.is_in_sight(499_999), "a row of context");
    }

    #[test]
    fn a_short_list_does_not_scroll() {
        let mut scroll = Scroll::new(3, 24.0, 600.0);
        scroll.scroll_by(1000.0);
        assert_eq!(scroll.top_px(), 0.0);
        assert_eq!(scroll.thumb(600.0), None);
        assert_eq!(scroll.rows_in_sight(), 0..3);
        assert_eq!(scroll.row_at(80.0), None);
    }

    proptest! {
        #[test]
        fn rows_in_sight_cover_the_window(n in 0_usize..2_000_000, window in 0.0_f64..2000.0, top in -100.0_f64..5e7) {
            let mut scroll = Scroll::new(n, 24.0, window);
            scroll.set_top_px(top);
            let rows = scroll.rows_in_sight();
            prop_assert!(rows.end <= n);
            prop_assert!(rows.is_empty() || scroll.y_of(rows.start) <= 0.0);
            prop_assert!(rows.end == n || scroll.y_of(rows.end) >= window);
        }

        #[test]
        fn dragging_the_thumb_where_it_is_changes_nothing(n in 100_usize..2_000_000, top in 0.0_f64..5e7) {
            let mut scroll = Scroll::new(n, 24.0, 700.0);
            scroll.set_top_px(top);
            let before = scroll.top_px();
            if let Some(thumb) = scroll.thumb(700.0) {
                scroll.drag_thumb_to(thumb.offset_px, 700.0);
            }
            prop_assert!((scroll.top_px() - before).abs() < 1e-3 * (1.0 + before / 1e4));
        }
    }
}
