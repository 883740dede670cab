//! Frames in rows: what lies where, and what is worth drawing of a row at a given zoom.
//!
//! Within a row frames come by start and do not overlap, so everything is found by halving. Frames too narrow
//! to be seen are taken together without being looked at one by one: the cost of a picture depends on its
//! pixels, not on the number of frames.

use super::scale::TimeScale;
use crate::base::sort::CompactSort;
use crate::model::time::DurationNanos;

/// Frames narrower than this are drawn together with their neighbours.
const LEAST_PX: f64 = 3.0;
/// Width of what is drawn together.
const CELL_PX: f64 = 4.0;
/// Frames of a cell among which the longest stands for all.
const LOOKED_AT: usize = 8;

/// Frames in rows.
#[derive(Clone, Debug, Default)]
pub struct Lanes {
    /// Where the frames of each row begin; one more than there are rows.
    firsts: Vec<u32>,
    /// Frames, row by row and by start.
    frames: Vec<u32>,
    starts: Vec<i64>,
    /// Failed frames before each.
    errors: Vec<u32>,
}

/// What is drawn of a row from `left` to `right`, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Piece {
    /// The frame, or the longest of some that are too narrow.
    pub frame: u32,
    /// How many it stands for.
    pub count: u32,
    /// Whether one of them failed.
    pub is_error: bool,
    /// Left edge; may lie outside the picture.
    pub left: f64,
    /// Right edge.
    pub right: f64,
}

impl Lanes {
    /// The frames `0..rows.len()`, each in its row. O(n), and O(n log n) where frames do not come by start.
    pub fn new(rows: &[u32], start: impl Fn(u32) -> i64, is_error: impl Fn(u32) -> bool) -> Self {
        let n_rows = rows.iter().max().map_or(0, |&row| row as usize + 1);
        let mut firsts = vec![0_u32; n_rows + 1];
        for &row in rows {
            firsts[row as usize + 1] += 1;
        }
        for at in 0..n_rows {
            firsts[at + 1] += firsts[at];
        }
        let mut next = firsts.clone();
        let mut frames = vec![0_u32; rows.len()];
        for (frame, &row) in (0..).zip(rows) {
            let place = &mut next[row as usize];
            frames[*place as usize] = frame;
            *place += 1;
        }
        for pair in firsts.windows(2) {
            let row = &mut frames[pair[0] as usize..pair[1] as usize];
            if !row.is_sorted_by_key(|&frame| start(frame)) {
                row.compact_sort_by_key(|&frame| start(frame));
            }
        }
        let starts = frames.iter().map(|&frame| start(frame)).collect();
        let mut n = 0;
        let mut errors = vec![0];
        errors.extend(frames.iter().map(|&frame| {
            n += u32::from(is_error(frame));
            n
        }));
        Self { firsts, frames, starts, errors }
    }

    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.firsts.len().saturating_sub(1)
    }

    /// Number of frames.
    pub fn len(&self) -> usize {
        self.frames.len()
    }

    /// Whether there is no frame.
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    fn places(&self, row: usize) -> (usize, usize) {
        match (self.firsts.get(row), self.firsts.get(row + 1)) {
            (Some(&first), Some(&end)) => (first as usize, end as usize),
            _ => (0, 0),
        }
    }

    /// The first frame of `row` that lies in part between `from` and `to`. O(log n).
    pub fn overlapping(&self, row: usize, from: i64, to: i64, length: &dyn Fn(u32) -> i64) -> Option<u32> {
        let (first, end) = self.places(row);
        let mut at = first + self.starts[first..end].partition_point(|&start| start < from);
        if at > first && self.starts[at - 1].saturating_add(length(self.frames[at - 1])) > from {
            at -= 1;
        }
        (at < end && (self.starts[at] < to || self.starts[at] == from)).then(|| self.frames[at])
    }

    /// The frame before or behind the one that starts at `start` in `row`.
    pub fn beside(&self, row: usize, start: i64, is_forward: bool) -> Option<u32> {
        let (first, end) = self.places(row);
        let row = &self.starts[first..end];
        let at = if is_forward {
            row.partition_point(|&s| s <= start)
        } else {
            row.partition_point(|&s| s < start).checked_sub(1)?
        };
        self.frames[first..end].get(at).copied()
    }

    /// What is to be drawn of `row`, from left to right: at most one piece per few pixels.
    pub fn pieces(
        &self,
        row: usize,
        scale: TimeScale,
        width_px: f64,
        length: &dyn Fn(u32) -> i64,
        take: &mut dyn FnMut(Piece),
    ) {
        let (first, end) = self.places(row);
        let (from, to) = (scale.time_from_x(0.0).0, scale.time_from_x(width_px).0);
        let mut at = first + self.starts[first..end].partition_point(|&start| start < from);
        // Frames do not overlap, so only the one before can reach into the picture.
        at = at.saturating_sub(1).max(first);
        while at < end && self.starts[at] <= to {
            let frame = self.frames[at];
            let left = scale.x_from_time(DurationNanos(self.starts[at]));
            let of_px = |frame: u32| scale.px_from_duration(DurationNanos(length(frame)));
            let wide = of_px(frame);
            if wide >= LEAST_PX {
                if left + wide >= 0.0 {
                    let is_error = self.errors[at + 1] > self.errors[at];
                    take(Piece { frame, count: 1, is_error, left, right: left + wide });
                }
                at += 1;
                continue;
            }
            let border = scale.time_from_x(left + CELL_PX).0;
            let mut next = gallop(&self.starts[..end], at, border.max(self.starts[at].saturating_add(1)));
            // The last of them may begin here and go far beyond: it is drawn for itself.
            if next > at + 1 && of_px(self.frames[next - 1]) >= LEAST_PX {
                next -= 1;
            }
            let looked_at = &self.frames[at..next.min(at + LOOKED_AT)];
            let longest = looked_at.iter().copied().max_by_key(|&frame| length(frame)).unwrap_or(frame);
            let last = next - 1;
            let right = scale.x_from_time(DurationNanos(self.starts[last])) + of_px(self.frames[last]);
            let is_error = self.errors[next] > self.errors[at];
            take(Piece {
                frame: longest,
                count: (next - at) as u32,
                is_error,
                left,
                right: right.max(left + 1.0),
            });
            at = next;
        }
    }
}

/// The first place behind `from` with a start of at least `border`; steps that double, then halving.
fn gallop(starts: &[i64], from: usize, border: i64) -> usize {
    let mut step = 1;
    let mut low = from;
    while low + step < starts.len() && starts[low + step] < border {
        low += step;
        step *= 2;
    }
    let high = (low + step).min(starts.len());
    low + 1 + starts[low + 1..high.max(low + 1)].partition_point(|&start| start < border)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(lanes: &Lanes, row: usize, nanos_per_px: f64, lengths: &[i64]) -> Vec<(u32, u32, f64, f64)> {
        let scale = TimeScale { origin_ns: 0.0, nanos_per_px };
        let mut pieces = Vec::new();
        lanes.pieces(row, scale, 100.0, &|f| lengths[f as usize], &mut |p| {
            pieces.push((p.frame, p.count, p.left, p.right));
        });
        pieces
    }

    #[test]
    fn narrow_frames_are_drawn_together_and_wide_ones_alone() {
        // A wide one, a thousand narrow ones, a wide one.
        let mut starts = vec![0];
        let mut lengths = vec![10_000];
        for n in 0..1_000 {
            starts.push(10_000 + n * 10);
            lengths.push(if n == 3 { 9 } else { 5 });
        }
        starts.push(20_000);
        lengths.push(50_000);
        let rows = vec![0; starts.len()];
        let lanes = Lanes::new(&rows, |f| starts[f as usize], |f| f == 500);
        let drawn = pieces(&lanes, 0, 1_000.0, &lengths);
        assert_eq!(drawn.first(), Some(&(0, 1, 0.0, 10.0)));
        assert_eq!(drawn.last(), Some(&(1_001, 1, 20.0, 70.0)));
        assert_eq!(drawn.iter().map(|p| p.1).sum::<u32>(), 1_002, "none is left out or drawn twice");
        assert!(drawn.len() < 8, "{drawn:?}");
        assert_eq!(drawn[1].0, 4, "the longest that was looked at stands for the others");
        assert_eq!(pieces(&lanes, 0, 1.0, &lengths), [(0, 1, 0.0, 10_000.0)]);
        assert_eq!(pieces(&lanes, 1, 1.0, &lengths), []);
    }

    #[test]
    fn frames_are_found_by_place() {
        let (starts, lengths) = ([0_i64, 10, 20, 0], [5_i64, 5, 0, 100]);
        let lanes = Lanes::new(&[0, 0, 0, 1], |f| starts[f as usize], |_| false);
        let length = |f: u32| lengths[f as usize];
        let at = |row, from, to| lanes.overlapping(row, from, to, &length);
        assert_eq!([at(0, 0, 1), at(0, 4, 5), at(0, 5, 10), at(0, 5, 11)], [Some(0), Some(0), None, Some(1)]);
        assert_eq!([at(0, 20, 20), at(1, 50, 60), at(2, 0, 9)], [Some(2), Some(3), None]);
        let beside = |start, forward| lanes.beside(0, start, forward);
        assert_eq!(
            [beside(0, true), beside(10, false), beside(0, false), beside(20, true)],
            [Some(1), Some(0), None, None]
        );
    }

    proptest::proptest! {
        #[test]
        fn every_frame_in_sight_is_in_a_piece(
            steps in proptest::collection::vec((0_i64..50, 0_i64..50), 0..200),
            nanos_per_px in 0.1_f64..100.0,
        ) {
            let (mut starts, mut lengths, mut at) = (Vec::new(), Vec::new(), 0_i64);
            for (gap, length) in steps {
                starts.push(at + gap);
                lengths.push(length);
                at += gap + length;
            }
            let lanes = Lanes::new(&vec![0; starts.len()], |f| starts[f as usize], |_| false);
            let drawn = pieces(&lanes, 0, nanos_per_px, &lengths);
            let expected = starts.iter().filter(|&&s| s as f64 <= (100.0 * nanos_per_px).round()).count();
            // The last piece may reach a little beyond the picture.
            proptest::prop_assert!(drawn.iter().map(|p| p.1 as usize).sum::<usize>() >= expected);
            proptest::prop_assert!(drawn.len() <= 110, "{}", drawn.len());
            proptest::prop_assert!(drawn.windows(2).all(|p| p[0].2 <= p[1].2));
        }
    }
}
