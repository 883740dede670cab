//! A grid of any length with a scroll model of its own: only the rows in sight exist, headings sort, the keys go
//! from row to row. What stands in a row is the affair of who uses it.
//!
//! The focus stays on the grid and the current row is named by `aria-activedescendant`, so it is never lost with
//! a row that leaves the window.

use std::borrow::Cow;

use crate::ui::effect::effect;
use leptos::attr::custom::custom_attribute;
use leptos::ev::{KeyboardEvent, WheelEvent};
use leptos::html;
use leptos::prelude::*;

use super::Scrollbar;
use super::scrollbar::wheel_px;
use crate::platform::resize;
use crate::view::scroll::Scroll;

/// Space between two columns and at both ends of a row: in `long_grid.css`, `--space-5` and twice `--space-6`.
const GAP_PX: u32 = 12;
const ENDS_PX: u32 = 32;

/// By which column, and whether from the largest.
pub type TableSort = (usize, bool);

/// The heading of a column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heading {
    /// What it says.
    pub text: Cow<'static, str>,
    /// Whether the column holds numbers, which stand at its right.
    pub is_number: bool,
    /// Least width; with 0 for all columns the style sheet decides.
    pub least_px: u32,
    /// Its part of the room that is left; 0 for a column of fixed width.
    pub grows: u32,
}

/// A row besides its position.
pub struct GridRow {
    /// Its name, where that is not just its cells.
    pub label: Option<String>,
    /// Level in a tree, from 1; 0 in a list.
    pub level: u32,
    /// Whether rows below it are shown, if there are any.
    pub is_open: Option<bool>,
    /// Its cells, each with the role `gridcell`.
    pub cells: AnyView,
}

impl std::fmt::Debug for GridRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GridRow").field("label", &self.label).finish_non_exhaustive()
    }
}

/// Where a grid stands.
#[derive(Clone, Copy, Debug)]
pub struct GridPlace {
    /// Its position.
    pub scroll: RwSignal<Scroll>,
    /// The row that the keys act on.
    pub active: RwSignal<Option<usize>>,
}

impl GridPlace {
    /// The beginning of a grid with rows of this height.
    pub fn new(row_px: f64) -> Self {
        Self { scroll: RwSignal::new(Scroll::new(0, row_px, 0.0)), active: RwSignal::new(None) }
    }

    /// Goes to a row.
    pub fn go(self, at: usize) {
        self.active.set(Some(at));
        self.scroll.update(|s| s.reveal(at));
    }

    /// Goes to a row that may be far away.
    pub fn arrive(self, at: usize) {
        self.active.set(Some(at));
        self.scroll.update(|s| s.reveal_centred(at));
    }

    /// Whether the grid has rows and room for them; follows both.
    pub fn is_laid_out(self) -> bool {
        self.scroll.with(|s| s.window_px() > 0.0 && s.n_rows() > 0)
    }
}

/// The grid.
#[component]
pub fn LongGrid(
    /// Its name.
    #[prop(into)]
    label: Signal<String>,
    /// The name of its scrollbar.
    #[prop(optional, into)]
    rows_label: Option<&'static str>,
    /// Id of the grid, one on the page; rows have it with their position.
    id: &'static str,
    /// Where it stands.
    place: GridPlace,
    /// The headings.
    #[prop(into)]
    headings: Signal<Vec<Heading>>,
    /// Number of rows.
    #[prop(into)]
    n_rows: Signal<usize>,
    /// What a position shows, so that a row is made anew when that changes; follows what it depends on.
    #[prop(into)]
    key: Callback<usize, String>,
    /// Makes the row at a position.
    #[prop(into)]
    row: Callback<usize, GridRow>,
    /// The order, if it is one by a column.
    #[prop(into)]
    sort: Signal<Option<TableSort>>,
    /// A heading was pressed.
    #[prop(into)]
    on_sort: Callback<usize>,
    /// A row was chosen: by Enter, and by a click unless there is `on_move`.
    #[prop(into)]
    on_choose: Callback<usize>,
    /// The reader went to a row: by the keys or by a click; then a double click chooses.
    #[prop(optional, into)]
    on_move: Option<Callback<usize>>,
    /// A row is to be ticked, or no longer: by Space.
    #[prop(optional, into)]
    on_tick: Option<Callback<usize>>,
    /// In a tree: the row is to be opened (`true`) or closed.
    #[prop(optional, into)]
    on_open: Option<Callback<(usize, bool)>>,
    /// Shown in place of rows, such as why there is none.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let GridPlace { scroll, active } = place;
    let body = NodeRef::<html::Div>::new();
    let observer = StoredValue::new_local(None);
    effect(move || {
        let watch = |body| resize::observe(&body, move |_, h| scroll.update(|s| s.set_window_px(h)));
        observer.set_value(body.get().and_then(|b| watch(b.into())));
    });
    effect(move || {
        let n = n_rows.get();
        scroll.update(|s| s.set_n_rows(n));
        active.update(|a| *a = a.filter(|&at| at < n));
    });
    let in_sight = Memo::new(move |_| scroll.with(Scroll::rows_in_sight));
    let keys = Memo::new(move |_| -> Vec<(usize, String)> {
        let n = n_rows.get();
        in_sight.get().filter(|&at| at < n).map(|at| (at, key.run(at))).collect()
    });
    let go = move |at: usize| {
        place.go(at);
        if let Some(on_move) = on_move {
            on_move.run(at);
        }
    };
    let on_key = move |event: KeyboardEvent| {
        let n = n_rows.get_untracked();
        if event.ctrl_key() || event.alt_key() || event.meta_key() || n == 0 {
            return;
        }
        let page = scroll.with_untracked(Scroll::rows_per_page);
        let now = active.get_untracked();
        let from = now.unwrap_or(0);
        let to = match (event.key().as_str(), on_open) {
            ("ArrowDown", _) => now.map_or(0, |at| at + 1),
            ("ArrowUp", _) => from.saturating_sub(1),
            ("PageDown", _) => from + page,
            ("PageUp", _) => from.saturating_sub(page),
            ("Home", _) => 0,
            ("End", _) => n - 1,
            ("Enter", _) if now.is_some() => {
                event.prevent_default();
                event.stop_propagation();
                return on_choose.run(from);
            }
            (" ", _) if on_tick.is_some() && now.is_some() => {
                event.prevent_default();
                event.stop_propagation();
                if let Some(on_tick) = on_tick {
                    on_tick.run(from);
                }
                return;
            }
            (arrow @ ("ArrowRight" | "ArrowLeft"), Some(on_open)) if now.is_some() => {
                event.prevent_default();
                event.stop_propagation();
                return on_open.run((from, arrow == "ArrowRight"));
            }
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        go(to.min(n - 1));
    };
    let on_wheel = move |event: WheelEvent| {
        let (dx, dy) = wheel_px(&event);
        // What is too wide the browser scrolls.
        if !event.ctrl_key() && dx.abs() <= dy.abs() {
            event.prevent_default();
            scroll.update(|s| s.scroll_by(dy));
        }
    };
    let heading = move |(at, heading): (usize, Heading)| {
        let order = move || match sort.get() {
            Some((by, true)) if by == at => "descending",
            Some((by, false)) if by == at => "ascending",
            _ => "none",
        };
        view! {
            <div role="columnheader" aria-sort=order data-number=heading.is_number.then_some("")>
                <button title=heading.text.to_string() on:click=move |_| on_sort.run(at)>
                    {heading.text.to_string()}
                </button>
            </div>
        }
    };
    let row_height = move || format!("{:.0}px", scroll.with_untracked(Scroll::row_px));
    let line = move |(at, _): (usize, String)| {
        let GridRow { label, level, is_open, cells } = untrack(|| row.run(at));
        let top = move || format!("translateY({:.1}px)", scroll.with(|s| s.y_of(at)));
        view! {
            <div
                role="row"
                class="row"
                id=format!("{id}-{at}")
                aria-rowindex=at + 2
                aria-selected=move || (active.get() == Some(at)).to_string()
                aria-expanded=is_open.map(|open| open.to_string())
                {..custom_attribute("aria-level", (level > 0).then_some(level))}
                aria-label=label
                style:transform=top
                on:click=move |_| {
                    active.set(Some(at));
                    on_move.unwrap_or(on_choose).run(at);
                }
                on:dblclick=move |_| {
                    if on_move.is_some() {
                        on_choose.run(at);
                    }
                }
            >
                {cells}
            </div>
        }
    };
    view! {
        <div class="long-grid">
            <div
                class="grid"
                role=if on_open.is_some() { "treegrid" } else { "grid" }
                id=id
                tabindex="0"
                aria-label=label
                aria-rowcount=move || n_rows.get() + 1
                aria-activedescendant=move || active.get().map(|at| format!("{id}-{at}"))
                style:--row=row_height
                style:--columns=move || headings.with(|h| template(h))
                style:--least=move || headings.with(|h| format!("{}px", least_px(h)))
                on:keydown=on_key
                on:focus=move |_| {
                    if active.get_untracked().is_none() && n_rows.get_untracked() > 0 {
                        active.set(Some(scroll.with_untracked(|s| s.rows_in_sight().start)));
                    }
                }
            >
                <div class="head" role="row" aria-rowindex="1">
                    {move || headings.get().into_iter().enumerate().map(heading).collect_view()}
                </div>
                <div class="body" role="rowgroup" node_ref=body on:wheel=on_wheel>
                    <For each=move || keys.get() key=|line| line.clone() children=line />
                    {children.map(|children| children())}
                </div>
            </div>
            <Scrollbar
                label=rows_label.unwrap_or("Rows")
                controls=id
                scroll
                on_scroll=move |moved: Scroll| scroll.set(moved)
            />
        </div>
    }
}

/// The columns for the style sheet; none when it decides itself.
fn template(headings: &[Heading]) -> Option<String> {
    let track = |h: &Heading| match h.grows {
        0 => format!("{}px", h.least_px),
        parts => format!("minmax({}px, {parts}fr)", h.least_px),
    };
    let is_given = headings.iter().any(|h| h.least_px > 0);
    is_given.then(|| headings.iter().map(track).collect::<Vec<_>>().join(" "))
}

/// The least width of a row.
fn least_px(headings: &[Heading]) -> u32 {
    headings.iter().map(|h| h.least_px + GAP_PX).sum::<u32>() + ENDS_PX - GAP_PX
}
