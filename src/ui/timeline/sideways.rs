//! How far the name column is scrolled sideways: rows of deep traces stand further to the right than the column
//! is wide. Moved by wheel, keys and a scrollbar, and by itself so that the name of the row with the cursor is
//! in sight.

use leptos::prelude::*;

use super::GRID_ID;
use super::handle::TimelineHandle;
use crate::ui::effect::effect;
use crate::ui::widgets::Scrollbar;
use crate::view::scroll::Scroll;
use crate::view::treegrid::{INDENT_PX, revealed_indent, sideways_px};

/// A key's step: four levels.
const STEP_PX: f64 = 4.0 * INDENT_PX;

/// A copyable handle to the sideways position.
#[derive(Clone, Copy, Debug)]
pub struct Sideways(RwSignal<Scroll>);

impl Sideways {
    /// The position of the names of `handle`; follows its cursor.
    pub fn new(handle: TimelineHandle) -> Self {
        let sideways = Self(RwSignal::new(Scroll::new(0, 1.0, 0.0)));
        let deepest = Memo::new(move |_| handle.follow(|t| t.outline().max_depth()).unwrap_or_default());
        effect(move || {
            let wide = sideways_px(deepest.get());
            sideways.0.update(|s| s.set_n_rows(wide as usize));
        });
        // Only what changes these moves the names: else the reader could not.
        let width = Memo::new(move |_| sideways.0.with(Scroll::window_px));
        let levels = Memo::new(move |_| {
            handle.follow(|t| {
                let (in_sight, facts) = t.facts_in_sight();
                let of_cursor = t.cursor_row().and_then(|at| facts.get(at.checked_sub(in_sight.start)?));
                (of_cursor.map(|f| f.level), facts.iter().map(|f| f.level).min().unwrap_or_default())
            })
        });
        effect(move || {
            let Some((of_cursor, shallowest)) = levels.get() else { return };
            let wide = width.get();
            let now = sideways.0.with_untracked(Scroll::top_px);
            sideways.go_to(revealed_indent(now, wide, of_cursor, shallowest));
        });
        sideways
    }

    /// Pixels that the names are moved to the left.
    pub fn px(self) -> f64 {
        self.0.with(Scroll::top_px)
    }

    /// The column has this width.
    pub fn set_width_px(self, width: f64) {
        self.0.update(|s| s.set_window_px(width));
    }

    /// Moves by so many pixels.
    pub fn scroll_by(self, px: f64) {
        let now = self.0.with_untracked(Scroll::top_px);
        self.go_to(now + px);
    }

    /// Moves by so many steps of a key.
    pub fn step(self, steps: f64) {
        self.scroll_by(steps * STEP_PX);
    }

    fn go_to(self, px: f64) {
        let mut moved = self.0.get_untracked();
        moved.set_top_px(px.round());
        if moved != self.0.get_untracked() {
            self.0.set(moved);
        }
    }
}

/// The scrollbar below the names; nothing while all of them are in sight.
#[component]
pub fn SidewaysBar(
    /// Where the names stand.
    sideways: Sideways,
) -> impl IntoView {
    view! {
        <Scrollbar
            label="Names sideways"
            controls=GRID_ID
            across=true
            scroll=sideways.0
            on_scroll=move |moved: Scroll| sideways.go_to(moved.top_px())
        />
    }
}
