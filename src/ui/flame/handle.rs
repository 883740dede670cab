//! The flame view as its components share it: change it, and the next frame shows it.

use leptos::prelude::*;

use crate::model::index::SpanIdx;
use crate::platform::frame::Frame;
use crate::ui::timeline::TimelineHandle;
use crate::view::flame_view::FlameView;
use crate::view::timeline::Timeline;

/// A copyable handle to the flame view.
#[derive(Clone, Copy)]
pub struct FlameHandle {
    view: StoredValue<FlameView, LocalStorage>,
    /// The timeline of the open trace; none where all traces are shown together.
    pub timeline: Option<TimelineHandle>,
    /// Counts changes.
    version: RwSignal<u32>,
    frame: StoredValue<Option<Frame>, LocalStorage>,
}

impl std::fmt::Debug for FlameHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FlameHandle").finish_non_exhaustive()
    }
}

impl FlameHandle {
    /// An empty view.
    pub fn new(timeline: Option<TimelineHandle>) -> Self {
        let version = RwSignal::new(0_u32);
        let bump = Frame::new(move || version.update(|v| *v = v.wrapping_add(1)));
        let view = StoredValue::new_local(FlameView::default());
        Self { view, timeline, version, frame: StoredValue::new_local(Some(bump)) }
    }

    /// Changes the view; the next frame shows it.
    pub fn change(self, change: impl FnOnce(&mut FlameView)) {
        self.view.try_update_value(change);
        self.frame.with_value(|f| {
            if let Some(f) = f {
                f.request();
            }
        });
    }

    /// Zooms around `x`: spans in their time with the timeline, merged calls for themselves.
    pub fn zoom_at(self, x: f64, factor: f64) {
        match self.time() {
            Some((timeline, share)) => drop(timeline.change(|t| t.zoom_at(x * share(t), factor))),
            None => self.change(|view| view.zoom_at(x, factor)),
        }
    }

    /// Moves sideways.
    pub fn pan(self, px: f64) {
        match self.time() {
            Some((timeline, share)) => drop(timeline.change(|t| t.pan(px * share(t)))),
            None => self.change(|view| view.pan(px)),
        }
    }

    /// Whether everything is in sight.
    pub fn is_whole(self) -> bool {
        let is_whole = |view: &FlameView, timeline: Option<&Timeline>| match timeline {
            Some(timeline) if view.is_time() => timeline.is_whole(),
            _ => view.is_whole(),
        };
        self.look(is_whole).unwrap_or(true)
    }

    /// The timeline where spans are shown in their time, and what a pixel here is there.
    fn time(self) -> Option<(TimelineHandle, impl Fn(&Timeline) -> f64)> {
        let (is_time, width) = self.look(|view, _| (view.is_time(), view.width_px()))?;
        let share = move |t: &Timeline| t.chart_px() / width;
        self.timeline.filter(|_| is_time).map(|timeline| (timeline, share))
    }

    /// Has a span of the icicle in sight.
    pub fn reveal(self, span: SpanIdx) {
        let before = self.look(|view, _| view.scroll().top_px());
        self.view.try_update_value(|view| {
            if let Some(timeline) = self.timeline {
                timeline.look(|t| view.reveal_span(t, span));
            }
        });
        if before != self.look(|view, _| view.scroll().top_px()) {
            self.change(|_| ());
        }
    }

    /// Has the rows fit what is shown.
    pub fn fit_rows(self) {
        let fitted = self.view.try_update_value(|view| match self.timeline {
            Some(timeline) => timeline.look(|t| view.fit_rows(Some(t))).unwrap_or_default(),
            None => view.fit_rows(None),
        });
        if fitted == Some(true) {
            self.change(|_| ());
        }
    }

    /// Looks at the view, and at the timeline of the open trace, without following them.
    pub fn look<T>(self, look: impl FnOnce(&FlameView, Option<&Timeline>) -> T) -> Option<T> {
        self.view
            .try_with_value(|view| match self.timeline {
                Some(timeline) => timeline.look(|t| look(view, Some(t))),
                None => Some(look(view, None)),
            })
            .flatten()
    }

    /// As [`Self::look`], and is called again after the next frame that changes them.
    pub fn follow<T>(self, look: impl FnOnce(&FlameView, Option<&Timeline>) -> T) -> Option<T> {
        self.version.track();
        if let Some(timeline) = self.timeline {
            timeline.follow(|_| ());
        }
        self.look(look)
    }
}
