//! The minimap: the whole trace as a small picture of densities, and the brush over it.
//!
//! Each line of the picture stands for a slice of the rows, each pixel for a slice of time; its colour is the
//! mean of the services that run there, stronger the more of them do. Errors have a strip of their own along
//! the lower edge, so that none is lost in the crowd; the critical path is a line above it. Spans are counted by differences at their ends, which
//! costs two entries a span whatever their length, and can be done in slices. Unfinished spans go on to the end
//! of the trace, as in the timeline, but weigh little.

use super::draw::Paint;
use super::path::CriticalPath;
use super::scale::TimeScale;
use super::theme::{Looks, Theme};
use crate::model::index::SpanIdx;
use crate::model::span::Flags;
use crate::model::time::{DurationNanos, TimeRange};
use crate::model::trace::Trace;

/// Lines of a trace with few spans are at most this thick.
const MAX_LINE_PX: usize = 6;
/// Height of the line of the critical path, and of the ground that sets it off.
const PATH_PX: usize = 4;
const PATH_GROUND_PX: usize = 1;
/// Height of the strip of errors.
const ERROR_STRIP_PX: usize = 5;
/// What a span counts, and one whose end is not known.
const WEIGHT: i32 = 4;
const WEIGHT_UNFINISHED: i32 = 1;
/// How near the pointer must come to an end of the brush.
const GRAB_PX: f64 = 5.0;

/// Sums over the spans that run in a pixel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Cell {
    weight: i32,
    rgb: [i32; 3],
}

/// A minimap that is being made.
#[derive(Clone, Debug)]
pub struct Minimap {
    width: usize,
    height: usize,
    lines: usize,
    /// Differences at the ends of spans, a line after the other, one entry more than pixels.
    cells: Vec<Cell>,
    errors: Vec<i32>,
    /// Look of the service that the request depended on, by pixel; empty while the path is not known.
    path: Vec<Option<u8>>,
    next: usize,
}

impl Minimap {
    /// An empty picture of `width` × `height` pixels for `trace`.
    pub fn new(trace: &Trace, width: usize, height: usize) -> Self {
        let (width, height) = (width.clamp(1, 8192), height.clamp(ERROR_STRIP_PX + 1, 1024));
        let lines = trace.len().clamp(1, height - ERROR_STRIP_PX);
        let cells = vec![Cell::default(); (width + 1) * lines];
        Self { width, height, lines, cells, errors: vec![0; width + 1], path: Vec::new(), next: 0 }
    }

    /// Width and height of the picture.
    pub fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    /// Adds up to `budget` more spans. Returns whether all are in.
    pub fn add(&mut self, trace: &Trace, looks: &Looks, budget: usize) -> bool {
        let end = (self.next + budget).min(trace.len());
        let px_per_nano = self.width as f64 / trace.duration().0.max(1) as f64;
        let last = self.width - 1;
        for at in self.next..end {
            let span = SpanIdx::new(at);
            if trace.is_placeholder(span) {
                continue;
            }
            let left = ((trace.start(span).0 as f64 * px_per_nano) as usize).min(last);
            let end = ((trace.end(span).0 as f64 * px_per_nano) as usize).clamp(left, last) + 1;
            let is_unfinished = trace.flags(span).has(Flags::UNFINISHED);
            let (right, weight) = if is_unfinished { (self.width, WEIGHT_UNFINISHED) } else { (end, WEIGHT) };
            let line = (at as u64 * self.lines as u64 / trace.len() as u64) as usize;
            let slot = looks.slot_by(trace.service(span), trace.status(span));
            let rgb = looks.palette().rgb(slot).map(i32::from);
            let row = &mut self.cells[line * (self.width + 1)..(line + 1) * (self.width + 1)];
            row[left].weight += weight;
            row[right].weight -= weight;
            for (n, &part) in rgb.iter().enumerate() {
                row[left].rgb[n] += part * weight;
                row[right].rgb[n] -= part * weight;
            }
            if trace.is_error(span) {
                self.errors[left] += 1;
                self.errors[end] -= 1;
            }
        }
        self.next = end;
        end == trace.len()
    }

    /// Takes the critical path, or forgets it.
    pub fn set_path(&mut self, trace: &Trace, looks: &Looks, path: Option<&CriticalPath>) {
        self.path.clear();
        let Some(path) = path else { return };
        self.path.resize(self.width, None);
        let whole = TimeRange { start: DurationNanos(0), end: DurationNanos(trace.duration().0.max(1)) };
        let scale = TimeScale::fit(whole, self.width as f64);
        for (section, left, right) in path.strip_px(scale, self.width as f64) {
            let slot = looks.slot_by(trace.service(section.span), trace.status(section.span));
            let pixels = left as usize..(right.ceil() as usize).max(left as usize + 1).min(self.width);
            self.path.get_mut(pixels).unwrap_or_default().fill(Some(slot));
        }
    }

    /// The picture: four bytes (red, green, blue, opacity) a pixel, line after line.
    pub fn rgba(&self, theme: &Theme) -> Vec<u8> {
        let background = theme.colour(Paint::Background);
        let [red, green, blue] = background.rgb();
        let mut pixels = [red, green, blue, 255].repeat(self.width * self.height);
        let map_px = self.height - ERROR_STRIP_PX;
        let line_px = (map_px / self.lines).clamp(1, MAX_LINE_PX);
        for line in 0..self.lines {
            // Few lines are stacked from the top, many fill the height.
            let top = if line_px * self.lines <= map_px { line * line_px } else { line };
            let colours = self.line(line, background.rgb());
            // A gap between thick lines keeps them apart.
            let thick = if line_px >= 3 { line_px - 1 } else { line_px };
            for y in top..(top + thick).min(map_px) {
                self.put(&mut pixels, y, &colours);
            }
        }
        let set_off = vec![Some([red, green, blue]); if self.path.is_empty() { 0 } else { self.width }];
        let service = |slot: &Option<u8>| slot.map(|slot| theme.palette.rgb(slot));
        let path: Vec<_> = self.path.iter().map(service).collect();
        let path_top = map_px.saturating_sub(PATH_PX);
        for y in path_top.saturating_sub(PATH_GROUND_PX)..path_top {
            self.put(&mut pixels, y, &set_off);
        }
        for y in path_top..map_px {
            self.put(&mut pixels, y, &path);
        }
        let error = theme.colour(Paint::Error).rgb();
        let mut running = 0;
        let strip: Vec<Option<[u8; 3]>> = (0..self.width)
            .map(|x| {
                running += self.errors[x];
                (running > 0).then_some(error)
            })
            .collect();
        for y in map_px + 1..self.height {
            self.put(&mut pixels, y, &strip);
        }
        pixels
    }

    /// Colours of one line; none where nothing runs.
    fn line(&self, line: usize, background: [u8; 3]) -> Vec<Option<[u8; 3]>> {
        let cells = &self.cells[line * (self.width + 1)..(line + 1) * (self.width + 1)];
        let mut sums: Vec<Cell> = Vec::with_capacity(self.width);
        let mut running = Cell::default();
        for cell in &cells[..self.width] {
            running.weight += cell.weight;
            for n in 0..3 {
                running.rgb[n] += cell.rgb[n];
            }
            sums.push(running);
        }
        let spans = |weight: i32| f64::from(weight) / f64::from(WEIGHT);
        let most = sums.iter().map(|c| c.weight).max().unwrap_or(0).max(WEIGHT);
        let full = spans(most).ln_1p();
        sums.iter()
            .map(|cell| {
                let strength = 0.35 + 0.65 * spans(cell.weight).ln_1p() / full;
                let mix = |n: usize| {
                    let mean = f64::from(cell.rgb[n]) / f64::from(cell.weight);
                    let ground = f64::from(background[n]);
                    (ground + (mean - ground) * strength).round() as u8
                };
                (cell.weight > 0).then(|| [mix(0), mix(1), mix(2)])
            })
            .collect()
    }

    fn put(&self, pixels: &mut [u8], y: usize, colours: &[Option<[u8; 3]>]) {
        let row = &mut pixels[y * self.width * 4..(y + 1) * self.width * 4];
        for (pixel, colour) in row.chunks_exact_mut(4).zip(colours) {
            if let Some(rgb) = colour {
                pixel[..3].copy_from_slice(rgb);
            }
        }
    }
}

/// What the pointer holds of the brush.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grip {
    /// The start of the range.
    Start,
    /// The end of the range.
    End,
    /// The range as a whole: it is moved.
    Inside,
    /// Nothing: dragging makes a new range.
    Outside,
}

/// The shown range over the whole trace, on `width_px`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Brush {
    scale: TimeScale,
    whole: TimeRange,
    range: TimeRange,
}

impl Brush {
    /// The brush for `range` of `whole`.
    pub fn new(range: TimeRange, whole: TimeRange, width_px: f64) -> Self {
        Self { scale: TimeScale::fit(whole, width_px), whole, range }
    }

    /// From where to where it reaches; at least two pixels.
    pub fn edges_px(&self) -> (f64, f64) {
        let left = self.scale.x_from_time(self.range.start);
        (left, self.scale.x_from_time(self.range.end).max(left + 2.0))
    }

    /// What lies at `x`. A brush over everything cannot be moved, so dragging in it makes a new one.
    pub fn grip(&self, x: f64) -> Grip {
        let (left, right) = self.edges_px();
        match () {
            () if (x - left).abs() <= GRAB_PX && self.range.start > self.whole.start => Grip::Start,
            () if (x - right).abs() <= GRAB_PX && self.range.end < self.whole.end => Grip::End,
            () if x > left && x < right && self.range != self.whole => Grip::Inside,
            () => Grip::Outside,
        }
    }

    /// The range after dragging from `from` to `to`, holding `grip`.
    pub fn dragged(&self, grip: Grip, from: f64, to: f64) -> TimeRange {
        let [a, b] = [from, to].map(|x| self.scale.time_from_x(x));
        let range = self.range;
        let dragged = match grip {
            Grip::Start => ordered(b, range.end),
            Grip::End => ordered(range.start, b),
            Grip::Outside => ordered(a, b),
            Grip::Inside => {
                let latest = self.whole.end - range.duration();
                let start = (range.start + (b - a)).clamp(self.whole.start, latest.max(self.whole.start));
                TimeRange { start, end: start + range.duration() }
            }
        };
        dragged.within(self.whole)
    }
}

fn ordered(a: DurationNanos, b: DurationNanos) -> TimeRange {
    TimeRange { start: a.min(b), end: a.max(b) }
}

#[cfg(test)]
mod tests {
    use super::super::drawing;
    use super::super::theme::LIGHT;
    use super::*;

    /// The picture in letters: `.` nothing, `#` something, `!` an error.
    fn drawn(text: &str, width: usize, height: usize, budget: usize) -> String {
        let trace = drawing::trace(text);
        let mut map = Minimap::new(&trace, width, height);
        while !map.add(&trace, &Looks::by_rank(3), budget) {}
        let pixels = map.rgba(&LIGHT);
        let letter = |p: &[u8]| match &p[..3] {
            rgb if rgb == LIGHT.colour(Paint::Background).rgb() => '.',
            rgb if rgb == LIGHT.colour(Paint::Error).rgb() => '!',
            _ => '#',
        };
        let rows =
            pixels.chunks_exact(width * 4).map(|row| row.chunks_exact(4).map(letter).collect::<String>());
        rows.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn spans_are_lines_and_errors_have_a_strip() {
        let text = "a x 0..100\n  b y 20..40\n  b z 60..80 !";
        let expected = "\
##########
..###.....
......###.
..........
......!!!.
......!!!.
......!!!.
......!!!.";
        assert_eq!(drawn(text, 10, 8, 1), expected);
        assert_eq!(drawn(text, 10, 8, 100), expected);
    }

    #[test]
    fn the_critical_path_is_a_line_of_its_own() {
        let trace = drawing::trace("a x 0..100\n  b y 20..40");
        let mut map = Minimap::new(&trace, 10, 16);
        map.add(&trace, &Looks::by_rank(2), 10);
        let range = |from, to| TimeRange { start: DurationNanos(from), end: DurationNanos(to) };
        let ms = 1_000_000;
        let sections = [(0, range(0, 20 * ms)), (1, range(20 * ms, 40 * ms)), (0, range(40 * ms, 100 * ms))]
            .map(|(span, range)| super::super::path::Section { span: SpanIdx(span), range });
        map.set_path(&trace, &Looks::by_rank(2), Some(&CriticalPath::new(sections)));
        let pixels = map.rgba(&LIGHT);
        let line = (16 - ERROR_STRIP_PX - 1) * 10;
        let at = |x: usize| [0, 1, 2].map(|n| pixels[(line + x) * 4 + n]);
        let [a, b] = [0, 1].map(|slot| LIGHT.palette.rgb(slot));
        assert_eq!([0, 1, 2, 3, 4, 9].map(at), [a, a, b, b, a, a]);
    }

    #[test]
    fn unfinished_spans_go_on_lightly() {
        let text = "a x 0..100\n  b y 60..60 ? !";
        let expected = "\
##########
##########
......####
......####
..........
..........
......!...
......!...
......!...
......!...";
        assert_eq!(drawn(text, 10, 10, 100), expected);
        let row = |text| {
            let trace = drawing::trace(text);
            let mut map = Minimap::new(&trace, 4, 6);
            map.add(&trace, &Looks::by_rank(1), 10);
            map.line(0, [255; 3])[3]
        };
        let (finished, unfinished) = (row("a x 0..100"), row("a x 0..100 ?"));
        assert!(finished < unfinished, "{finished:?} is darker than {unfinished:?}");
    }

    #[test]
    fn the_brush_is_moved_stretched_and_made_anew() {
        let range = |a: i64, b: i64| TimeRange { start: DurationNanos(a), end: DurationNanos(b) };
        let brush = Brush::new(range(200, 400), range(0, 1000), 1000.0);
        assert_eq!(
            [199.0, 402.0, 300.0, 600.0].map(|x| brush.grip(x)),
            [Grip::Start, Grip::End, Grip::Inside, Grip::Outside]
        );
        assert_eq!(brush.dragged(Grip::Inside, 300.0, 350.0), range(250, 450));
        assert_eq!(brush.dragged(Grip::Inside, 300.0, 5000.0), range(800, 1000));
        assert_eq!(brush.dragged(Grip::Start, 200.0, 500.0), range(400, 500));
        assert_eq!(brush.dragged(Grip::Outside, 900.0, 700.0), range(700, 900));
        assert_eq!(Brush::new(range(0, 1000), range(0, 1000), 1000.0).grip(500.0), Grip::Outside);
    }
}
