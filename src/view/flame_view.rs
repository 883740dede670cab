//! The flame view as the reader has arranged it: which frames, which part of them, where keys act.
//!
//! Two pictures share everything but their frames: spans in their time, whose range and selection are those of
//! the timeline, and calls merged by path, which keep their own. Without a browser, as the timeline is.

use std::sync::Arc;

use super::flame::{FlameFrames, FlameGraph};
use super::frames::{self, Frames, ROW_PX, Scene, Way};
use super::icicle::{Icicle, IcicleFrames};
use super::rows::Row;
use super::scale::TimeScale;
use super::scroll::Scroll;
use super::theme::Looks;
use super::timeline::Timeline;
use super::treegrid::{self, Tooltip};
use crate::model::index::SpanIdx;
use crate::model::time::{DurationNanos, TimeRange};

/// The flame view.
#[derive(Clone, Debug)]
pub struct FlameView {
    /// Whether spans are shown in their time.
    is_time: bool,
    icicle: Option<Arc<Icicle>>,
    graph: Option<Arc<FlameGraph>>,
    looks: Looks,
    /// By operation: look of the service, and whether the search found it.
    slots: Vec<u8>,
    matches: Vec<bool>,
    is_searching: bool,
    by_own: bool,
    /// Self times by span, and the largest; of the graph the largest alone.
    own: Vec<i64>,
    most_own: (i64, i64),
    scroll: Scroll,
    scale: TimeScale,
    width_px: f64,
    pointer: Option<(f64, f64)>,
    selected: Option<u32>,
    zoomed: Option<u32>,
}

impl Default for FlameView {
    fn default() -> Self {
        Self {
            is_time: true,
            icicle: None,
            graph: None,
            looks: Looks::default(),
            slots: Vec::new(),
            matches: Vec::new(),
            is_searching: false,
            by_own: false,
            own: Vec::new(),
            most_own: (0, 0),
            scroll: Scroll::new(0, ROW_PX, 0.0),
            scale: TimeScale { origin_ns: 0.0, nanos_per_px: 1.0 },
            width_px: 1.0,
            pointer: None,
            selected: None,
            zoomed: None,
        }
    }
}

impl FlameView {
    /// Spans in their time, or calls merged by path.
    pub fn set_time(&mut self, is_time: bool) {
        self.is_time = is_time;
        self.pointer = None;
        self.scroll.set_top_px(0.0);
    }

    /// Whether spans are shown in their time.
    pub fn is_time(&self) -> bool {
        self.is_time
    }

    /// The spans of another trace, or none.
    pub fn set_icicle(&mut self, icicle: Option<Arc<Icicle>>) {
        self.icicle = icicle;
    }

    /// Whether there is something to be seen.
    pub fn has_picture(&self) -> bool {
        if self.is_time { self.icicle.is_some() } else { self.graph.is_some() }
    }

    /// Other merged calls, with the looks of their operations; all of them are in sight.
    pub fn set_graph(&mut self, graph: Option<Arc<FlameGraph>>, slots: Vec<u8>) {
        let own = graph.iter().flat_map(|g| g.frames()).map(|f| f.own);
        self.most_own.1 = own.max().unwrap_or_default();
        (self.slots, self.selected) = (slots, None);
        self.graph = graph;
        self.zoom_to(None);
        let (middle, rows) = self.graph.as_ref().map_or((0, 0), |g| (g.middle(), g.lanes().n_rows()));
        self.scroll.set_n_rows(rows);
        self.scroll.set_top_px(0.0);
        self.scroll.reveal(middle);
    }

    /// The merged calls.
    pub fn graph(&self) -> Option<&Arc<FlameGraph>> {
        self.graph.as_ref()
    }

    /// What colours mean: the services' looks, or how much time is a frame's own.
    pub fn set_colours(&mut self, looks: Looks, by_own: bool) {
        (self.looks, self.by_own) = (looks, by_own);
    }

    /// Self times by span.
    pub fn set_own(&mut self, own: Vec<i64>) {
        self.most_own.0 = own.iter().copied().max().unwrap_or_default();
        self.own = own;
    }

    /// What the search found, by operation; none without a search.
    pub fn set_matches(&mut self, matches: Option<Vec<bool>>) {
        self.is_searching = matches.is_some();
        self.matches = matches.unwrap_or_default();
    }

    /// What the search found, by operation.
    pub fn matches(&self) -> &[bool] {
        &self.matches
    }

    /// The picture has this size now.
    pub fn resize(&mut self, width_px: f64, height_px: f64) {
        let range = self.scale.range(self.width_px);
        self.width_px = width_px.max(1.0);
        self.scroll.set_window_px(height_px);
        self.set_scale(TimeScale::fit(range, self.width_px));
    }

    /// Width of the picture.
    pub fn width_px(&self) -> f64 {
        self.width_px
    }

    /// Which rows are in sight.
    pub fn scroll(&self) -> &Scroll {
        &self.scroll
    }

    /// Scrolls.
    pub fn scroll_mut(&mut self) -> &mut Scroll {
        &mut self.scroll
    }

    /// Where the pointer is.
    pub fn point_at(&mut self, pointer: Option<(f64, f64)>) {
        self.pointer = pointer;
    }

    /// Where the pointer is.
    pub fn pointer(&self) -> Option<(f64, f64)> {
        self.pointer
    }

    fn whole(&self) -> TimeRange {
        let whole = self.graph.as_ref().map_or(1, |g| g.whole());
        TimeRange { start: DurationNanos(0), end: DurationNanos(whole) }
    }

    fn set_scale(&mut self, scale: TimeScale) {
        self.scale = scale.clamped(self.whole(), self.width_px);
    }

    /// Zooms the merged calls around `x`.
    pub fn zoom_at(&mut self, x: f64, factor: f64) {
        self.set_scale(self.scale.zoom_at(x, factor));
    }

    /// Moves the merged calls.
    pub fn pan(&mut self, px: f64) {
        self.set_scale(self.scale.pan(px));
    }

    /// Whether all merged calls are in sight.
    pub fn is_whole(&self) -> bool {
        let whole = TimeScale::fit(self.whole(), self.width_px);
        self.scale.nanos_per_px >= whole.nanos_per_px * (1.0 - 1e-9)
    }

    /// Has a frame of the merged calls fill the width; none is all of them.
    pub fn zoom_to(&mut self, frame: Option<u32>) {
        let found = frame.and_then(|f| Some(*self.graph.as_ref()?.frame(f)?));
        self.zoomed = frame.filter(|_| found.is_some());
        let range = found.map_or_else(
            || self.whole(),
            |f| TimeRange { start: DurationNanos(f.start), end: DurationNanos(f.start + f.total) },
        );
        self.set_scale(TimeScale::fit(range, self.width_px));
        if let Some(frame) = found {
            self.scroll.reveal(frame.row as usize);
        }
    }

    /// The frame of the merged calls that fills the width.
    pub fn zoomed(&self) -> Option<u32> {
        self.zoomed
    }

    /// Has keys act on a frame of the merged calls.
    pub fn select(&mut self, frame: Option<u32>) {
        self.selected = frame;
        if let Some(frame) = frame.and_then(|f| Some(*self.graph.as_ref()?.frame(f)?)) {
            self.scroll.reveal(frame.row as usize);
            let range = TimeRange {
                start: DurationNanos(frame.start),
                end: DurationNanos(frame.start + frame.total),
            };
            let shown = self.scale.range(self.width_px);
            if range.end <= shown.start || range.start >= shown.end {
                self.set_scale(self.scale.reveal(range, self.width_px));
            }
        }
    }

    /// The frame that keys act on: of spans in their time, the selected span.
    pub fn selected(&self, timeline: Option<&Timeline>) -> Option<u32> {
        if self.is_time { timeline?.selected().map(|s| s.0) } else { self.selected }
    }

    /// Looks at the picture; none while there is nothing to be seen. `timeline` is that of the open trace.
    pub fn with_scene<T>(
        &self,
        timeline: Option<&Timeline>,
        look: impl FnOnce(&Scene<'_>) -> T,
    ) -> Option<T> {
        if self.is_time {
            let (timeline, icicle) = (timeline?, self.icicle.as_ref()?);
            let trace = timeline.trace();
            // The icicle of an earlier state of the trace is about to be replaced.
            if icicle.lanes().len() != trace.len() {
                return None;
            }
            let frames = IcicleFrames {
                icicle,
                trace,
                looks: timeline.looks(),
                matches: timeline.matches(),
                own: &self.own,
                most_own: self.most_own.0,
                focus: timeline.folding().focus(),
            };
            let scale = TimeScale::fit(timeline.range(), self.width_px);
            let first_row = frames.focus.map_or(0, |focus| icicle.row(focus));
            let is_searching = timeline.matches().is_some();
            return Some(self.look(
                &frames,
                scale,
                first_row,
                is_searching,
                timeline.looks(),
                Some(timeline),
                look,
            ));
        }
        let graph = self.graph.as_ref()?;
        let frames =
            FlameFrames { graph, slots: &self.slots, matches: &self.matches, most_own: self.most_own.1 };
        Some(self.look(&frames, self.scale, 0, self.is_searching, &self.looks, timeline, look))
    }

    #[expect(clippy::too_many_arguments, reason = "one call for each kind of picture")]
    fn look<T>(
        &self,
        frames: &dyn Frames,
        scale: TimeScale,
        first_row: usize,
        is_searching: bool,
        looks: &Looks,
        timeline: Option<&Timeline>,
        look: impl FnOnce(&Scene<'_>) -> T,
    ) -> T {
        let mut scene = Scene {
            frames,
            looks,
            scale,
            scroll: &self.scroll,
            first_row,
            width_px: self.width_px,
            selected: self.selected(timeline),
            hovered: None,
            is_searching,
            by_own: self.by_own,
        };
        scene.hovered = self.pointer.and_then(|(x, y)| frames::hit_test(&scene, x, y));
        look(&scene)
    }

    /// Keeps the scroll position within the rows that there are, which depend on focus and trace; says whether
    /// their number changed.
    pub fn fit_rows(&mut self, timeline: Option<&Timeline>) -> bool {
        let n_rows = if self.is_time {
            let rows = |timeline: &Timeline, icicle: &Arc<Icicle>| match timeline.folding().focus() {
                Some(focus) => icicle.height(focus),
                None => icicle.lanes().n_rows(),
            };
            timeline.zip(self.icicle.as_ref()).map_or(0, |(timeline, icicle)| rows(timeline, icicle))
        } else {
            self.graph.as_ref().map_or(0, |g| g.lanes().n_rows())
        };
        let is_other = n_rows != self.scroll.n_rows();
        if is_other {
            self.scroll.set_n_rows(n_rows);
        }
        is_other
    }

    /// The frame at `x`, `y`.
    pub fn hit(&self, timeline: Option<&Timeline>, x: f64, y: f64) -> Option<u32> {
        self.with_scene(timeline, |scene| frames::hit_test(scene, x, y)).flatten()
    }

    /// The frame that a key leads to; the first one without a selection.
    pub fn step(&self, timeline: Option<&Timeline>, way: Way) -> Option<u32> {
        let first = || match &self.graph {
            _ if self.is_time => timeline.and_then(|t| t.trace().roots().next()).map(|s| s.0),
            graph => graph.as_ref().filter(|g| !g.frames().is_empty()).map(|_| 0),
        };
        match self.selected(timeline) {
            Some(frame) => {
                self.with_scene(timeline, |scene| frames::step(scene.frames, frame, way)).flatten()
            }
            None => first(),
        }
    }

    /// Scrolls so that a span is in sight.
    pub fn reveal_span(&mut self, timeline: &Timeline, span: SpanIdx) {
        let Some(icicle) = self.icicle.as_ref().filter(|i| i.lanes().len() == timeline.trace().len()) else {
            return;
        };
        let first = timeline.folding().focus().map_or(0, |focus| icicle.row(focus));
        if self.is_time {
            self.scroll.reveal(icicle.row(span).saturating_sub(first));
        }
    }

    /// What there is to say of a frame.
    pub fn tooltip(&self, timeline: Option<&Timeline>, frame: u32) -> Option<Tooltip> {
        if self.is_time {
            let t = timeline.filter(|t| (frame as usize) < t.trace().len())?;
            let row = Row::Span(SpanIdx(frame));
            return Some(treegrid::tooltip(t.trace(), t.outline(), t.looks(), t.path(), row));
        }
        let graph = self.graph.as_ref()?;
        let operation = graph.frame(frame)?.operation as usize;
        Some(graph.tooltip(frame, self.slots.get(operation).copied().unwrap_or_default()))
    }

    /// What there is to say of the frame under the pointer.
    pub fn pointed(&self, timeline: Option<&Timeline>) -> Option<Tooltip> {
        let (x, y) = self.pointer?;
        self.tooltip(timeline, self.hit(timeline, x, y)?)
    }

    /// How deep a frame lies, from 1.
    pub fn level(&self, timeline: Option<&Timeline>, frame: u32) -> usize {
        if self.is_time {
            return timeline.map_or(1, |t| t.trace().depth(SpanIdx(frame)) as usize + 1);
        }
        self.graph.as_ref().and_then(|g| g.frame(frame)).map_or(1, |f| f.row as usize + 1)
    }
}

/// A tooltip as one sentence.
pub fn sentence(tip: &Tooltip) -> String {
    let facts = tip.facts.iter().map(|(label, value)| format!(", {} {value}", label.to_lowercase()));
    format!("{}, {}{}", tip.title, tip.service, facts.collect::<String>())
}
