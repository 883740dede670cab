//! Scatter plot of traces: when they started against how long they took.
//!
//! A disc per trace, larger the more spans it has, in the colour of the root's service; errors have a ring and
//! a cross. Beyond a few thousand traces those that fall together share a disc, so that a million cost as much
//! to draw as a few thousand.

use plotters::prelude::DrawingBackend;

use super::axis::{LogAxis, TimeAxis};
use super::pen::{ChartError, Look, Pen};
use crate::base::text::{counted, grouped};
use crate::model::index::{ServiceIdx, TraceIdx};
use crate::model::span::Status;
use crate::model::time::{DurationNanos, UnixNanos};
use crate::model::trace_list::TraceList;
use crate::view::draw::{Align, Paint, Rect};
use crate::view::theme::Looks;
use crate::view::traces::duration_of;

/// More traces than this share discs.
const MAX_SINGLE: usize = 3000;
/// Traces whose middles fall into a square of this size share a disc.
const CELL_PX: f64 = 6.0;
const LEAST_RADIUS: f32 = 2.5;
const LARGEST_RADIUS: f32 = 9.0;
/// Room for the labels of the axes.
const LEFT_PX: f32 = 72.0;
const BOTTOM_PX: f32 = 22.0;
const MARGIN_PX: f32 = 8.0;
/// Width of a character of a label, about.
const CHAR_PX: f32 = 6.5;

/// Where instants and durations lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScatterAxes {
    plot: Rect,
    time: TimeAxis,
    duration: LogAxis,
}

/// A disc.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mark {
    /// Middle.
    pub x: f32,
    /// Middle.
    pub y: f32,
    /// Size, by the number of spans.
    pub radius: f32,
    /// Look of the root's service.
    pub slot: u8,
    /// The trace; the longest of those that share the disc.
    pub trace: TraceIdx,
    /// How many share it.
    pub n_traces: u32,
    /// How many of them have errors.
    pub n_errors: u32,
}

/// What is pointed at and chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ScatterState {
    /// The disc under the pointer.
    pub hovered: Option<usize>,
    /// The rectangle that is being drawn.
    pub brush: Option<Rect>,
    /// Durations above this stand out.
    pub threshold: Option<DurationNanos>,
}

/// What a rectangle chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Brushed {
    /// Started from here to here.
    pub start: (UnixNanos, UnixNanos),
    /// Took from this to this long.
    pub duration: (DurationNanos, DurationNanos),
}

impl ScatterAxes {
    /// Axes on which all of `traces` have room.
    pub fn new(list: &TraceList, traces: &[u32], width_px: f32, height_px: f32) -> Self {
        let plot = Rect::new(
            LEFT_PX,
            MARGIN_PX,
            (width_px - LEFT_PX - MARGIN_PX).max(1.0),
            (height_px - BOTTOM_PX - MARGIN_PX).max(1.0),
        );
        let starts = traces.iter().map(|&t| list.start(TraceIdx(t)));
        let durations = traces.iter().map(|&t| list.duration(TraceIdx(t)));
        let time = TimeAxis::new(starts, plot.w.into());
        Self { plot, time, duration: LogAxis::new(durations, plot.h.into()) }
    }

    /// Where the points lie.
    pub fn plot(&self) -> Rect {
        self.plot
    }

    fn point(&self, start: UnixNanos, duration: DurationNanos) -> (f64, f64) {
        let x = f64::from(self.plot.x) + self.time.px_from(start);
        (x, f64::from(self.plot.bottom()) - self.duration.px_from(duration))
    }

    /// What `rect` chooses.
    pub fn brushed(&self, rect: Rect) -> Brushed {
        let time = |x: f32| self.time.time_at(f64::from(x - self.plot.x));
        let duration = |y: f32| self.duration.duration_at(f64::from(self.plot.bottom() - y));
        Brushed {
            start: (time(rect.x), time(rect.right())),
            duration: (duration(rect.bottom()), duration(rect.y)),
        }
    }
}

/// The discs for `traces`. O(n).
pub fn marks(list: &TraceList, traces: &[u32], axes: &ScatterAxes, looks: &Looks) -> Vec<Mark> {
    let single = traces.iter().map(|&t| mark(list, TraceIdx(t), axes, looks));
    if traces.len() <= MAX_SINGLE {
        return single.collect();
    }
    let columns = (f64::from(axes.plot.w) / CELL_PX) as usize + 2;
    let lines = (f64::from(axes.plot.h) / CELL_PX) as usize + 2;
    let mut cells: Vec<Option<Mark>> = vec![None; columns * lines];
    for mark in single {
        let cell = |from: f32, n: usize| ((f64::from(from).max(0.0) / CELL_PX) as usize).min(n - 1);
        let at = cell(mark.y - axes.plot.y, lines) * columns + cell(mark.x - axes.plot.x, columns);
        cells[at] = Some(match cells[at] {
            None => mark,
            Some(other) => together(list, mark, other),
        });
    }
    cells.into_iter().flatten().collect()
}

/// The disc at `x`, `y`: the nearest, if one is near enough.
pub fn hit_test(marks: &[Mark], x: f32, y: f32) -> Option<usize> {
    let distance = |m: &Mark| ((m.x - x).powi(2) + (m.y - y).powi(2)).sqrt() - m.radius;
    let nearest = marks.iter().enumerate().map(|(at, m)| (at, distance(m)));
    nearest.filter(|&(_, d)| d <= 4.0).min_by(|a, b| a.1.total_cmp(&b.1)).map(|(at, _)| at)
}

/// What a disc stands for: `web: GET /cart, 900 ms, 12 spans, 2 errors`, `37 traces up to 2.00 s, 3 with errors`.
pub fn mark_sentence(list: &TraceList, mark: &Mark) -> String {
    let duration = duration_of(list, mark.trace);
    if mark.n_traces > 1 {
        let errors = if mark.n_errors > 0 {
            format!(", {} with errors", grouped(mark.n_errors.into()))
        } else {
            String::new()
        };
        return format!("{} up to {duration}{errors}", counted(mark.n_traces.into(), "trace"));
    }
    let (service, name) = (list.root_service(mark.trace), list.root_name(mark.trace));
    let name = crate::view::text::shortened(&format!("{service}: {name}"), 120);
    let name = crate::view::text::visible(&name, false);
    if list.has_mark(mark.trace, TraceList::UNCOUNTED) {
        return format!("{name}, {duration}");
    }
    let spans = counted(list.n_spans[mark.trace.at()].into(), "span");
    let n_errors = list.n_errors[mark.trace.at()];
    let errors =
        if n_errors > 0 { format!(", {}", counted(n_errors.into(), "error")) } else { String::new() };
    format!("{name}, {duration}, {spans}{errors}")
}

/// Draws the plot; nothing when there are no discs.
pub fn draw<B: DrawingBackend>(
    backend: B,
    look: Look<'_>,
    axes: &ScatterAxes,
    marks: &[Mark],
    state: &ScatterState,
) -> Result<(), ChartError<B>> {
    let pen = Pen::new(backend, look);
    pen.clear()?;
    if marks.is_empty() {
        return pen.finish();
    }
    let plot = axes.plot;
    for (px, label) in axes.duration.ticks(28.0) {
        let y = plot.bottom() - px as f32;
        pen.line((plot.x, y), (plot.right(), y), Paint::Grid, 1.0)?;
        pen.text((plot.x - 6.0, y), &label, Paint::TextMuted, Align::End)?;
    }
    let baseline = plot.bottom() + BOTTOM_PX / 2.0 + 2.0;
    // Below the labels of the other axis, not among the times: it belongs to no line.
    pen.text((plot.x - 6.0, baseline), &axes.time.day(), Paint::TextMuted, Align::End)?;
    let mut free_from = plot.x;
    for (px, label) in axes.time.ticks(110.0) {
        let x = plot.x + px as f32;
        pen.line((x, plot.y), (x, plot.bottom()), Paint::Grid, 1.0)?;
        let label_px = label.chars().count() as f32 * CHAR_PX + 3.0;
        // The last time stands before its line when there is no room after it.
        if x + label_px <= plot.right() + MARGIN_PX {
            pen.text((x + 3.0, baseline), &label, Paint::TextMuted, Align::Start)?;
            free_from = x + label_px + MARGIN_PX;
        } else if x - label_px >= free_from {
            pen.text((x - 3.0, baseline), &label, Paint::TextMuted, Align::End)?;
        }
    }
    if let Some(threshold) = state.threshold {
        let y = plot.bottom() - axes.duration.px_from(threshold) as f32;
        pen.line((plot.x, y), (plot.right(), y), Paint::Accent, 1.0)?;
    }
    for mark in marks.iter().filter(|m| m.n_errors == 0) {
        disc(&pen, mark)?;
    }
    for mark in marks.iter().filter(|m| m.n_errors > 0) {
        disc(&pen, mark)?;
        cross(&pen, mark)?;
    }
    if let Some(mark) = state.hovered.and_then(|h| marks.get(h)) {
        pen.ring((mark.x, mark.y), mark.radius + 3.0, Paint::Accent, 2.0)?;
    }
    if let Some(rect) = state.brush {
        pen.fill(rect, Paint::Accent, 0.15)?;
    }
    pen.finish()
}

fn disc<B: DrawingBackend>(pen: &Pen<'_, B>, mark: &Mark) -> Result<(), ChartError<B>> {
    let middle = (mark.x, mark.y);
    pen.disc(middle, mark.radius, Paint::Service(mark.slot), 0.75)?;
    pen.ring(middle, mark.radius, Paint::Edge(mark.slot), 1.0)
}

fn cross<B: DrawingBackend>(pen: &Pen<'_, B>, mark: &Mark) -> Result<(), ChartError<B>> {
    let (x, y, half) = (mark.x, mark.y, 3.0);
    pen.ring((x, y), mark.radius + 2.0, Paint::Error, 2.0)?;
    pen.line((x - half, y - half), (x + half, y + half), Paint::Error, 1.5)?;
    pen.line((x - half, y + half), (x + half, y - half), Paint::Error, 1.5)
}

fn mark(list: &TraceList, trace: TraceIdx, axes: &ScatterAxes, looks: &Looks) -> Mark {
    let (x, y) = axes.point(list.start(trace), list.duration(trace));
    let n_spans = list.n_spans[trace.at()];
    let status = if list.n_errors[trace.at()] > 0 { Status::Error } else { Status::Unset };
    // Twice the radius for a hundred times the spans.
    let radius = LEAST_RADIUS * (1.0 + f64::from(n_spans.max(1)).log10() as f32 / 2.0);
    Mark {
        x: x as f32,
        y: y as f32,
        radius: radius.min(LARGEST_RADIUS),
        slot: looks.slot_by(ServiceIdx(list.root_service[trace.at()]), status),
        trace,
        n_traces: 1,
        n_errors: u32::from(list.n_errors[trace.at()] > 0),
    }
}

/// One disc for two: at the longer trace, as large as the larger.
fn together(list: &TraceList, a: Mark, b: Mark) -> Mark {
    let longer = if list.duration(a.trace) > list.duration(b.trace) { a } else { b };
    Mark {
        radius: a.radius.max(b.radius),
        n_traces: a.n_traces + b.n_traces,
        n_errors: a.n_errors + b.n_errors,
        ..longer
    }
}

#[cfg(test)]
mod tests {
    use super::super::recorder::Recorder;
    use super::*;
    use crate::view::theme::{LIGHT, RememberedLooks};
    use crate::view::traces;
    use crate::view::traces::tests::list;
    use expect_test::expect;

    const SHOP: &str = "
web GET:/cart 0 100 10 0 web,cart,db
web POST:/pay 600 900 120 2 web,pay,db
jobs mail 1000 10 1 0 jobs
";

    fn check(density: f64, test: impl FnOnce(&TraceList, &ScatterAxes, &[Mark], Vec<String>)) {
        let list = list(SHOP);
        let all = [0, 1, 2];
        let axes = ScatterAxes::new(&list, &all, 400.0, 160.0);
        let looks = traces::looks(&list, &mut RememberedLooks::new());
        let marks = marks(&list, &all, &axes, &looks);
        let mut lines = Vec::new();
        let recorder = Recorder::new(&mut lines, (800, 320));
        let look = Look { theme: &LIGHT, density };
        draw(recorder, look, &axes, &marks, &ScatterState::default()).expect("a recorder never fails");
        test(&list, &axes, &marks, lines);
    }

    #[test]
    fn errors_have_rings_and_crosses() {
        check(1.0, |_, _, _, lines| {
            expect![[r#"
                fill 0,0 800,320 #ffffff
                path 72,131 392,131 1px #dde0e5
                text 10.0 ms 66,131 11px Right #5a5f6b
                path 72,72 392,72 1px #dde0e5
                text 100 ms 66,72 11px Right #5a5f6b
                path 72,12 392,12 1px #dde0e5
                text 1.00 s 66,12 11px Right #5a5f6b
                text 2026-03-01 66,151 11px Right #5a5f6b
                path 84,8 84,138 1px #dde0e5
                text 12:34:56.000 87,151 11px Left #5a5f6b
                path 232,8 232,138 1px #dde0e5
                text 12:34:56.500 235,151 11px Left #5a5f6b
                path 380,8 380,138 1px #dde0e5
                disc 84,72 r4 #3f90da 75%
                ring 84,72 r4 #367ab9
                disc 380,131 r3 #832db6 75%
                ring 380,131 r3 #6f269b
                disc 262,15 r5 #3f90da 75%
                ring 262,15 r5 #367ab9
                ring 262,15 r7 #a80f0f
                path 259,12 265,18 2px #a80f0f
                path 259,18 265,12 2px #a80f0f"#]]
            .assert_eq(&lines.join("\n"));
        });
    }

    #[test]
    fn dense_screens_get_the_same_picture_in_larger() {
        check(2.0, |_, _, _, lines| {
            assert!(lines.iter().any(|l| l == "text 2026-03-01 132,302 22px Right #5a5f6b"), "{lines:#?}");
        });
    }

    #[test]
    fn nothing_has_no_axes() {
        let list = list(SHOP);
        let axes = ScatterAxes::new(&list, &[], 400.0, 160.0);
        let mut lines = Vec::new();
        let look = Look { theme: &LIGHT, density: 1.0 };
        let recorder = Recorder::new(&mut lines, (400, 160));
        draw(recorder, look, &axes, &[], &ScatterState::default()).expect("a recorder never fails");
        assert_eq!(lines, ["fill 0,0 400,160 #ffffff"]);
    }

    #[test]
    fn discs_are_found_and_chosen() {
        check(1.0, |list, axes, marks, _| {
            let at = hit_test(marks, marks[1].x + 3.0, marks[1].y).unwrap();
            assert_eq!(mark_sentence(list, &marks[at]), "web: POST:/pay, 900 ms, 120 spans, 2 errors");
            assert_eq!(hit_test(marks, marks[1].x, marks[1].y + 60.0), None);
            let brushed = axes.brushed(Rect::new(marks[1].x - 5.0, marks[1].y - 5.0, 10.0, 10.0));
            let filter = traces::TraceFilter {
                start: Some(brushed.start),
                duration: Some(brushed.duration),
                ..traces::TraceFilter::default()
            };
            assert_eq!(traces::filtered(list, &filter), [1]);
        });
    }

    #[test]
    fn many_traces_share_discs() {
        let text: String = (0..10_000)
            .flat_map(|n| [format!("web GET {n} {} 5 {} web", n % 977 + 1, n % 2), "\n".into()])
            .collect();
        let list = list(&text);
        let all: Vec<u32> = (0..10_000).collect();
        let axes = ScatterAxes::new(&list, &all, 600.0, 200.0);
        let marks = marks(&list, &all, &axes, &Looks::by_rank(1));
        assert!(marks.len() < 4000, "{}", marks.len());
        assert_eq!(marks.iter().map(|m| m.n_traces).sum::<u32>(), 10_000);
        assert_eq!(marks.iter().map(|m| m.n_errors).sum::<u32>(), 5_000);
        let shared = marks.iter().find(|m| m.n_traces > 1).unwrap();
        assert!(mark_sentence(&list, shared).contains("traces up to"));
    }
}
