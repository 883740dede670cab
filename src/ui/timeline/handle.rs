//! The timeline of the open trace as the components share it: change it, and the next frame shows it.
//!
//! The value itself is [`crate::view::timeline::Timeline`]; here it gets a place in the page, a counter that
//! components can follow, and one animation frame for however many changes.

use leptos::prelude::*;

use crate::platform::frame::{self, Frame};
use crate::view::timeline::Timeline;

/// A copyable handle to the open timeline.
#[derive(Clone, Copy)]
pub struct TimelineHandle {
    timeline: StoredValue<Option<Timeline>, LocalStorage>,
    /// Counts changes of what is in sight.
    version: RwSignal<u32>,
    frame: StoredValue<Option<Frame>, LocalStorage>,
}

impl std::fmt::Debug for TimelineHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TimelineHandle").finish_non_exhaustive()
    }
}

impl Default for TimelineHandle {
    fn default() -> Self {
        Self::new()
    }
}

impl TimelineHandle {
    /// A handle without a trace.
    pub fn new() -> Self {
        let version = RwSignal::new(0_u32);
        let bump = Frame::new(move || version.update(|v| *v = v.wrapping_add(1)));
        Self { timeline: StoredValue::new_local(None), version, frame: StoredValue::new_local(Some(bump)) }
    }

    /// Shows another trace, or none.
    pub fn replace(self, timeline: Option<Timeline>) {
        self.timeline.set_value(timeline);
        self.request_frame();
    }

    /// Changes the timeline; the next frame shows it. `None` without a trace.
    pub fn change<T>(self, change: impl FnOnce(&mut Timeline) -> T) -> Option<T> {
        let result = self.timeline.try_update_value(|t| t.as_mut().map(change)).flatten();
        self.request_frame();
        result
    }

    /// Like [`Self::change`], for what takes a pass over the trace: its time shows as the measure `name`.
    pub fn change_measured<T>(self, name: &str, change: impl FnOnce(&mut Timeline) -> T) -> Option<T> {
        frame::measured(name, || self.change(change))
    }

    /// Looks at the timeline without following it.
    pub fn look<T>(self, look: impl FnOnce(&Timeline) -> T) -> Option<T> {
        self.timeline.try_with_value(|t| t.as_ref().map(look)).flatten()
    }

    /// Looks at the timeline and is called again after the next frame that changes it.
    pub fn follow<T>(self, look: impl FnOnce(&Timeline) -> T) -> Option<T> {
        self.version.track();
        self.look(look)
    }

    /// Has the next frame drawn.
    pub fn request_frame(self) {
        self.frame.with_value(|f| {
            if let Some(f) = f {
                f.request();
            }
        });
    }
}
