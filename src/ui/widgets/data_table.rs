//! A table of any length: only the rows in sight exist, headings sort, the keys go from row to row.

use crate::ui::effect::effect;
use leptos::ev::{KeyboardEvent, WheelEvent};
use leptos::html;
use leptos::prelude::*;

use super::scrollbar::wheel_px;
use super::{Scrollbar, ServiceTag};
use crate::platform::resize;
use crate::view::scroll::Scroll;

/// Height of a row.
const ROW_PX: f64 = 28.0;

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableColumn {
    /// Heading.
    pub heading: &'static str,
    /// Whether it holds numbers, which stand at its right.
    pub is_number: bool,
}

/// A row in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableRow {
    /// One text for each column.
    pub cells: Vec<String>,
    /// Service and its look, for the sign before the first cell that is no number.
    pub service: Option<(String, u8)>,
    /// Length of the bar behind the last cell, in thousandths.
    pub permille: u32,
    /// A second text in the first column that is not a number; may be empty.
    pub note: String,
}

/// By which column, and whether from the largest.
pub type TableSort = (usize, bool);

/// The table.
#[component]
pub fn DataTable(
    /// Its name.
    #[prop(into)]
    label: Signal<String>,
    /// Id of the grid, one on the page.
    id: &'static str,
    /// The columns.
    #[prop(into)]
    columns: Signal<Vec<TableColumn>>,
    /// Number of rows.
    #[prop(into)]
    n_rows: Signal<usize>,
    /// The row at a position; follows what it depends on.
    #[prop(into)]
    row: Callback<usize, TableRow>,
    /// The order, if it is one by a column.
    #[prop(into)]
    sort: Signal<Option<TableSort>>,
    /// A heading was pressed.
    #[prop(into)]
    on_sort: Callback<usize>,
    /// A row was chosen.
    #[prop(into)]
    on_choose: Callback<usize>,
) -> impl IntoView {
    let body = NodeRef::<html::Div>::new();
    let scroll = RwSignal::new(Scroll::new(0, ROW_PX, 0.0));
    let active = RwSignal::new(None::<usize>);
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
    let rows = Memo::new(move |_| -> Vec<(usize, TableRow)> {
        let n = n_rows.get();
        in_sight.get().filter(|&at| at < n).map(|at| (at, row.run(at))).collect()
    });
    let on_key = move |event: KeyboardEvent| {
        let n = n_rows.get_untracked();
        if event.ctrl_key() || event.alt_key() || event.meta_key() || n == 0 {
            return;
        }
        let page = scroll.with_untracked(Scroll::rows_per_page);
        let now = active.get_untracked();
        let from = now.unwrap_or(0);
        let to = match event.key().as_str() {
            "ArrowDown" => now.map_or(0, |at| at + 1),
            "ArrowUp" => from.saturating_sub(1),
            "PageDown" => from + page,
            "PageUp" => from.saturating_sub(page),
            "Home" => 0,
            "End" => n - 1,
            "Enter" if now.is_some() => {
                event.prevent_default();
                event.stop_propagation();
                return on_choose.run(from);
            }
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        let to = to.min(n - 1);
        active.set(Some(to));
        scroll.update(|s| s.reveal(to));
    };
    let on_wheel = move |event: WheelEvent| {
        if !event.ctrl_key() {
            event.prevent_default();
            scroll.update(|s| s.scroll_by(wheel_px(&event).1));
        }
    };
    let heading = move |(at, column): (usize, TableColumn)| {
        let order = move || match sort.get() {
            Some((by, true)) if by == at => "descending",
            Some((by, false)) if by == at => "ascending",
            _ => "none",
        };
        view! {
            <div role="columnheader" aria-sort=order data-number=column.is_number.then_some("")>
                <button on:click=move |_| on_sort.run(at)>{column.heading}</button>
            </div>
        }
    };
    let headings = move || columns.get().into_iter().enumerate().map(heading).collect_view();
    let line = move |(at, row): (usize, TableRow)| {
        let top = move || format!("translateY({:.1}px)", scroll.with(|s| s.y_of(at)));
        let numbers: Vec<bool> = columns.with_untracked(|c| c.iter().map(|c| c.is_number).collect());
        let main = numbers.iter().position(|&is_number| !is_number);
        let share = format!("{:.1}%", f64::from(row.permille) / 10.0);
        let service = row.service;
        let note = row.note;
        let cells = row.cells.into_iter().enumerate().map(|(number, text)| {
            let is_main = main == Some(number);
            let mark = service.clone().filter(|_| is_main).map(|(service, look)| {
                view! { <ServiceTag service look with_name=false /> }
            });
            let note =
                (is_main && !note.is_empty()).then(|| view! { <span class="note">{note.clone()}</span> });
            let title = text.clone();
            view! {
                <div role="gridcell" data-number=numbers.get(number).copied().unwrap_or(false).then_some("")>
                    {mark} <span class="text" title=title>{text}</span> {note}
                </div>
            }
        });
        view! {
            <div
                role="row"
                class="row"
                id=format!("{id}-{at}")
                aria-rowindex=at + 2
                aria-selected=move || (active.get() == Some(at)).to_string()
                style:transform=top
                on:click=move |_| {
                    active.set(Some(at));
                    on_choose.run(at);
                }
            >
                <span class="share" style:width=share aria-hidden="true"></span>
                {cells.collect_view()}
            </div>
        }
    };
    view! {
        <div class="data-table">
            <div
                class="grid"
                role="grid"
                id=id
                tabindex="0"
                aria-label=label
                aria-rowcount=move || n_rows.get() + 1
                aria-activedescendant=move || active.get().map(|at| format!("{id}-{at}"))
                data-columns=move || columns.with(Vec::len).to_string()
                on:keydown=on_key
                on:focus=move |_| {
                    if active.get_untracked().is_none() && n_rows.get_untracked() > 0 {
                        active.set(Some(scroll.with_untracked(|s| s.rows_in_sight().start)));
                    }
                }
            >
                <div class="head" role="row" aria-rowindex="1">
                    {headings}
                </div>
                <div class="body" role="rowgroup" node_ref=body on:wheel=on_wheel>
                    <For each=move || rows.get() key=|(at, row)| (*at, row.cells.clone()) children=line />
                </div>
            </div>
            <Scrollbar
                label="Rows"
                controls=id
                scroll
                on_scroll=move |moved: Scroll| scroll.set(moved)
            />
        </div>
    }
}
