//! Histogram of durations, on a logarithmic scale, with percentiles and a threshold.

use plotters::prelude::DrawingBackend;

use super::axis::LogAxis;
use super::pen::{ChartError, Look, Pen};
use crate::base::text::counted;
use crate::model::index::TraceIdx;
use crate::model::time::DurationNanos;
use crate::model::trace_list::TraceList;
use crate::view::draw::{Align, Paint, Rect};
use crate::view::format;
use crate::view::traces::Percentiles;

/// Width of a bar, about.
const BAR_PX: f32 = 10.0;
/// Room for labels: of percentiles above, of durations below.
const TOP_PX: f32 = 18.0;
const BOTTOM_PX: f32 = 22.0;
const LEFT_PX: f32 = 8.0;
/// Width of a character of a label, about, and the least room between two labels.
const CHAR_PX: f32 = 6.5;
const GAP_PX: f32 = 8.0;

/// Traces whose durations fall together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bin {
    /// How many.
    pub n_traces: u32,
    /// How many of them have errors.
    pub n_errors: u32,
}

/// The counted durations and where they lie.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    plot: Rect,
    axis: LogAxis,
    bins: Vec<Bin>,
}

impl Histogram {
    /// Counts `traces`. O(n).
    pub fn new(list: &TraceList, traces: &[u32], width_px: f32, height_px: f32) -> Self {
        let plot = Rect::new(
            LEFT_PX,
            TOP_PX,
            (width_px - 2.0 * LEFT_PX).max(1.0),
            (height_px - TOP_PX - BOTTOM_PX).max(1.0),
        );
        let axis = LogAxis::new(traces.iter().map(|&t| list.duration(TraceIdx(t))), plot.w.into());
        let mut bins = vec![Bin::default(); (plot.w / BAR_PX).max(1.0) as usize];
        for &trace in traces {
            let share = axis.px_from(list.duration(TraceIdx(trace))) / f64::from(plot.w);
            let at = ((share * bins.len() as f64) as usize).min(bins.len() - 1);
            bins[at].n_traces += 1;
            bins[at].n_errors += u32::from(list.n_errors[trace as usize] > 0);
        }
        Self { plot, axis, bins }
    }

    /// Where the bars lie.
    pub fn plot(&self) -> Rect {
        self.plot
    }

    /// The bars, from short to long.
    pub fn bins(&self) -> &[Bin] {
        &self.bins
    }

    /// Where a duration lies.
    pub fn x_from_duration(&self, d: DurationNanos) -> f32 {
        self.plot.x + self.axis.px_from(d) as f32
    }

    /// The duration at `x`.
    pub fn duration_at(&self, x: f32) -> DurationNanos {
        self.axis.duration_at(f64::from(x - self.plot.x))
    }

    /// Whether nothing is counted: then the axis means nothing either.
    pub fn is_empty(&self) -> bool {
        self.bins.iter().all(|b| b.n_traces == 0)
    }

    /// From where to where a bar counts.
    pub fn range(&self, bin: usize) -> (DurationNanos, DurationNanos) {
        let edge =
            |n: usize| self.axis.duration_at(f64::from(self.plot.w) * n as f64 / self.bins.len() as f64);
        (edge(bin), edge(bin + 1))
    }

    /// The bar at `x`, if it counts anything.
    pub fn bin_at(&self, x: f32) -> Option<usize> {
        let share = (x - self.plot.x) / self.plot.w;
        let at = (share * self.bins.len() as f32) as usize;
        ((0.0..1.0).contains(&share) && self.bins.get(at)?.n_traces > 0).then_some(at)
    }

    /// `12 traces between 100 ms and 126 ms, 3 with errors`.
    pub fn bin_sentence(&self, bin: usize) -> String {
        let Bin { n_traces, n_errors } = self.bins.get(bin).copied().unwrap_or_default();
        let (from, to) = self.range(bin);
        let errors = if n_errors > 0 { format!(", {n_errors} with errors") } else { String::new() };
        let traces = counted(n_traces.into(), "trace");
        format!("{traces} between {} and {}{errors}", format::duration(from), format::duration(to))
    }

    /// The chart as a table: a sentence per bar that counts anything.
    pub fn table(&self) -> Vec<String> {
        let counting = (0..self.bins.len()).filter(|&bin| self.bins[bin].n_traces > 0);
        counting.map(|bin| self.bin_sentence(bin)).collect()
    }

    fn bar(&self, bin: usize, count: u32, most: u32) -> Rect {
        let width = self.plot.w / self.bins.len() as f32;
        // Even one of a million is seen.
        let height = if count == 0 { 0.0 } else { (self.plot.h * count as f32 / most as f32).max(2.0) };
        Rect::new(self.plot.x + bin as f32 * width, self.plot.bottom() - height, width - 1.0, height)
    }
}

/// Draws the histogram; nothing when it counts nothing.
pub fn draw<B: DrawingBackend>(
    backend: B,
    look: Look<'_>,
    histogram: &Histogram,
    percentiles: Option<Percentiles>,
    threshold: Option<DurationNanos>,
) -> Result<(), ChartError<B>> {
    let pen = Pen::new(backend, look);
    pen.clear()?;
    if histogram.is_empty() {
        return pen.finish();
    }
    let plot = histogram.plot;
    let most = histogram.bins.iter().map(|b| b.n_traces).max().unwrap_or(0).max(1);
    for (px, label) in histogram.axis.ticks(64.0) {
        let x = plot.x + px as f32;
        pen.line((x, plot.y), (x, plot.bottom() + 4.0), Paint::Grid, 1.0)?;
        if x + 50.0 < plot.right() + LEFT_PX {
            pen.text((x + 3.0, plot.bottom() + BOTTOM_PX / 2.0), &label, Paint::TextMuted, Align::Start)?;
        }
    }
    pen.line((plot.x, plot.bottom()), (plot.right(), plot.bottom()), Paint::TextMuted, 1.0)?;
    for (at, bin) in histogram.bins.iter().enumerate().filter(|(_, b)| b.n_traces > 0) {
        let exceeds = threshold.is_some_and(|t| histogram.range(at).0 >= t);
        let paint = if exceeds { Paint::Accent } else { Paint::TextMuted };
        pen.fill(histogram.bar(at, bin.n_traces, most), paint, if exceeds { 0.8 } else { 0.5 })?;
        if bin.n_errors > 0 {
            pen.fill(histogram.bar(at, bin.n_errors, most), Paint::Error, 1.0)?;
        }
    }
    if let Some(p) = percentiles {
        draw_percentiles(&pen, histogram, p)?;
    }
    if let Some(threshold) = threshold {
        let x = histogram.x_from_duration(threshold);
        pen.line((x, plot.y), (x, plot.bottom()), Paint::Accent, 2.0)?;
        pen.fill(Rect::new(x - 4.0, plot.bottom() - 4.0, 8.0, 8.0), Paint::Accent, 1.0)?;
    }
    pen.finish()
}

fn draw_percentiles<B: DrawingBackend>(
    pen: &Pen<'_, B>,
    histogram: &Histogram,
    percentiles: Percentiles,
) -> Result<(), ChartError<B>> {
    for duration in [percentiles.p50, percentiles.p95, percentiles.p99] {
        let x = histogram.x_from_duration(duration);
        pen.line((x, TOP_PX - 4.0), (x, histogram.plot.bottom()), Paint::Text, 1.0)?;
    }
    for label in percentile_labels(histogram, percentiles) {
        pen.text((label.x, TOP_PX / 2.0), &label.text, Paint::Text, Align::Start)?;
    }
    Ok(())
}

/// A label above the bars.
struct Label {
    /// Where it begins.
    x: f32,
    text: String,
    /// The first and the last of the lines that it names.
    lines: (f32, f32),
}

impl Label {
    /// A label in the middle above its lines, as far as the plot allows.
    fn new(text: String, lines: (f32, f32), plot: Rect) -> Self {
        let width = text.len() as f32 * CHAR_PX;
        let middle = f32::midpoint(lines.0, lines.1);
        let x = (middle - width / 2.0).min(plot.right() + LEFT_PX - width).max(0.0);
        Self { x, text, lines }
    }

    fn right(&self) -> f32 {
        self.x + self.text.len() as f32 * CHAR_PX
    }
}

/// Labels of the percentiles; those that would cover each other become one.
fn percentile_labels(histogram: &Histogram, Percentiles { p50, p95, p99, .. }: Percentiles) -> Vec<Label> {
    let mut labels: Vec<Label> = Vec::new();
    for (text, duration) in [("p50", p50), ("p95", p95), ("p99", p99)] {
        let x = histogram.x_from_duration(duration);
        let mut label = Label::new(text.to_owned(), (x, x), histogram.plot);
        while let Some(before) = labels.pop_if(|before| before.right() + GAP_PX > label.x) {
            let lines = (before.lines.0, label.lines.1);
            label = Label::new(format!("{}, {}", before.text, label.text), lines, histogram.plot);
        }
        labels.push(label);
    }
    labels
}

#[cfg(test)]
mod tests {
    use super::super::recorder::Recorder;
    use super::*;
    use crate::view::theme::LIGHT;
    use crate::view::traces;
    use crate::view::traces::tests::list;
    use expect_test::expect;

    const LIST: &str = "
web a 0 10 1 0 web
web a 0 10 1 0 web
web a 0 100 1 1 web
web a 0 1000 1 0 web
";

    #[test]
    fn bars_percentiles_and_threshold_are_drawn() {
        let list = list(LIST);
        let all = [0, 1, 2, 3];
        let histogram = Histogram::new(&list, &all, 216.0, 100.0);
        let percentiles = traces::percentiles(&list, &all);
        let mut lines = Vec::new();
        let recorder = Recorder::new(&mut lines, (216, 100));
        let look = Look { theme: &LIGHT, density: 1.0 };
        let threshold = DurationNanos(500_000_000);
        draw(recorder, look, &histogram, percentiles, Some(threshold)).expect("a recorder never fails");
        expect![[r#"
            fill 0,0 216,100 #ffffff
            path 19,18 19,82 1px #dde0e5
            text 10.0 ms 22,89 11px Left #5a5f6b
            path 108,18 108,82 1px #dde0e5
            text 100 ms 111,89 11px Left #5a5f6b
            path 197,18 197,82 1px #dde0e5
            path 8,78 208,78 1px #5a5f6b
            fill 18,18 27,78 #5a5f6b 50%
            fill 108,48 117,78 #5a5f6b 50%
            fill 108,48 117,78 #a80f0f
            fill 188,48 197,78 #1259c3 80%
            path 19,14 19,78 1px #1b1b1f
            path 197,14 197,78 1px #1b1b1f
            path 197,14 197,78 1px #1b1b1f
            text p50 9,9 11px Left #1b1b1f
            text p95, p99 164,9 11px Left #1b1b1f
            path 170,18 170,78 2px #1259c3
            fill 166,74 174,82 #1259c3"#]]
        .assert_eq(&lines.join("\n"));
        expect![[r#"
            2 traces between 9.82 ms and 12.7 ms
            1 trace between 100 ms and 129 ms, 1 with errors
            1 trace between 787 ms and 1.02 s"#]]
        .assert_eq(&histogram.table().join("\n"));
        let x = histogram.x_from_duration(threshold);
        assert!((histogram.duration_at(x).0 - threshold.0).abs() < 1000);
    }

    #[test]
    fn every_trace_is_counted_once() {
        let list = list(LIST);
        for width in [1.0, 50.0, 2000.0] {
            let histogram = Histogram::new(&list, &[0, 1, 2, 3], width, 80.0);
            assert_eq!(histogram.bins().iter().map(|b| b.n_traces).sum::<u32>(), 4);
        }
        assert!(Histogram::new(&list, &[], 100.0, 80.0).table().is_empty());
    }

    #[test]
    fn nothing_has_no_axis() {
        let list = list(LIST);
        let histogram = Histogram::new(&list, &[], 216.0, 100.0);
        let mut lines = Vec::new();
        let look = Look { theme: &LIGHT, density: 1.0 };
        let recorder = Recorder::new(&mut lines, (216, 100));
        draw(recorder, look, &histogram, None, Some(DurationNanos(5))).expect("a recorder never fails");
        assert_eq!(lines, ["fill 0,0 216,100 #ffffff"]);
    }

    #[test]
    fn labels_that_would_cover_each_other_are_one() {
        let list = list(LIST);
        let texts = |width: f32, [p50, p95, p99]: [i64; 3]| {
            let histogram = Histogram::new(&list, &[0, 1, 2, 3], width, 80.0);
            let [p50, p95, p99] = [p50, p95, p99].map(|ms| DurationNanos(ms * 1_000_000));
            let labels = percentile_labels(&histogram, Percentiles { p50, p95, p99, max: p99 });
            labels.into_iter().map(|l| l.text).collect::<Vec<_>>()
        };
        assert_eq!(texts(400.0, [10, 100, 1000]), ["p50", "p95", "p99"]);
        assert_eq!(texts(400.0, [10, 900, 1000]), ["p50", "p95, p99"]);
        assert_eq!(texts(400.0, [10, 11, 1000]), ["p50, p95", "p99"]);
        assert_eq!(texts(60.0, [10, 100, 1000]), ["p50, p95, p99"]);
        assert_eq!(texts(400.0, [10, 10, 10]), ["p50, p95, p99"]);
        assert_eq!(texts(400.0, [997, 998, 1000]), ["p50, p95, p99"]);
        for values in [[10, 10, 10], [10, 997, 1000], [990, 995, 1000], [10, 11, 12]] {
            let histogram = Histogram::new(&list, &[0, 1, 2, 3], 400.0, 80.0);
            let [p50, p95, p99] = values.map(|ms| DurationNanos(ms * 1_000_000));
            let labels = percentile_labels(&histogram, Percentiles { p50, p95, p99, max: p99 });
            let is_within = |l: &Label| l.x >= 0.0 && l.right() <= 400.0 && l.lines.0 <= l.lines.1;
            assert!(labels.iter().all(is_within), "{values:?}");
            assert!(labels.windows(2).all(|l| l[0].right() + GAP_PX <= l[1].x), "{values:?}");
        }
    }
}
