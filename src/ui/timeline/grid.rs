//! The name column: a treegrid whose rows exist only while they are in sight.
//!
//! A fixed pool of row elements is moved and refilled; an element is touched only when its row changed, so
//! scrolling by one row rewrites one element. The focus stays on the container and is passed on by
//! `aria-activedescendant`, so it is never lost with a recycled row. Keys reach it as commands.

use crate::ui::effect::effect;
use leptos::attr::custom::custom_attribute;
use leptos::ev::{MouseEvent, WheelEvent};
use leptos::html;
use leptos::prelude::*;

use super::handle::TimelineHandle;
use super::sideways::Sideways;
use crate::model::span::SpanKind;
use crate::platform::resize;
use crate::ui::widgets::scrollbar::wheel_px;
use crate::ui::widgets::{Button, Look, Symbol};
use crate::view::timeline::{ROW_PX, Step};
use crate::view::treegrid::{INDENT_PX, RowText, row_texts};

/// What happens to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowEvent {
    /// Clicked: open its details.
    Open(usize),
    /// Its fold box was clicked.
    Toggle(usize),
}

/// A row of the pool.
#[derive(Clone, Copy)]
struct Slot {
    text: RwSignal<Option<RowText>>,
    is_current: RwSignal<bool>,
    is_hovered: RwSignal<bool>,
    is_match: RwSignal<bool>,
    /// Whether it is evidence of the open finding.
    is_evidence: RwSignal<bool>,
    value: RwSignal<String>,
}

/// The treegrid.
#[component]
pub fn Grid(
    /// The timeline.
    handle: TimelineHandle,
    /// How far the names are scrolled sideways.
    sideways: Sideways,
    /// Something happened to a row.
    #[prop(into)]
    on_row: Callback<RowEvent>,
    /// The attribute whose values the rows show.
    #[prop(into)]
    column: Signal<Option<String>>,
    /// They are to show it no longer.
    #[prop(into)]
    on_remove_column: Callback<()>,
) -> impl IntoView {
    let body = NodeRef::<html::Div>::new();
    let slots = RwSignal::new(Vec::<Slot>::new());
    let top = Memo::new(move |_| handle.follow(|t| t.scroll().top_px()).unwrap_or_default());
    let n_rows = Memo::new(move |_| handle.follow(|t| t.rows().len()).unwrap_or_default());
    let active = Memo::new(move |_| handle.follow(crate::view::timeline::Timeline::cursor_row).flatten());
    let page = Memo::new(move |_| handle.follow(|t| t.scroll().rows_per_page() + 3).unwrap_or_default());

    effect(move || {
        let wanted = page.get();
        if slots.with_untracked(Vec::len) != wanted {
            let slot = |_| Slot {
                text: RwSignal::new(None),
                is_current: RwSignal::new(false),
                is_hovered: RwSignal::new(false),
                is_match: RwSignal::new(false),
                is_evidence: RwSignal::new(false),
                value: RwSignal::new(String::new()),
            };
            slots.set((0..wanted).map(slot).collect());
        }
    });
    effect(move || {
        slots.with(|slots| {
            handle.follow(|timeline| {
                let in_sight = timeline.scroll().rows_in_sight();
                let texts = row_texts(
                    timeline.trace(),
                    timeline.outline(),
                    timeline.folding(),
                    timeline.rows(),
                    timeline.looks(),
                    timeline.path(),
                    in_sight.clone(),
                );
                let cursor = timeline.cursor_row();
                let hovered = timeline.scene().hovered;
                for text in texts {
                    if slots.is_empty() {
                        return;
                    }
                    let slot = slots[text.at % slots.len()];
                    let is_match = timeline.matches().is_some_and(|m| m.contains(text.row.span().at()));
                    set(slot.is_current, cursor == Some(text.at));
                    set(slot.is_hovered, hovered == Some(text.at));
                    set(slot.is_match, is_match);
                    set(slot.is_evidence, timeline.is_evidence(text.row));
                    set(slot.value, timeline.value(text.row).unwrap_or_default().to_owned());
                    set(slot.text, Some(text));
                }
                // Elements beyond the last row would show what they showed before.
                let n = slots.len();
                for at in (in_sight.end..in_sight.start + n).filter(|_| n > 0) {
                    set(slots[at % n].text, None);
                }
            });
        });
    });
    let observer = StoredValue::new_local(None);
    effect(move || {
        let watch = |body| resize::observe(&body, move |width, _| sideways.set_width_px(width));
        observer.set_value(body.get().and_then(|b| watch(b.into())));
    });

    let on_wheel = move |event: WheelEvent| {
        event.prevent_default();
        let (dx, dy) = wheel_px(&event);
        let (dx, dy) = if event.shift_key() && dx == 0.0 { (dy, 0.0) } else { (dx, dy) };
        if dx != 0.0 {
            sideways.scroll_by(dx);
        }
        handle.change(|t| t.scroll_by(dy));
    };

    let transform = move || format!("translateY({:.2}px)", base_of(top.get(), page.get()) - top.get());
    view! {
        <div
            class="timeline-grid"
            role="treegrid"
            id=super::GRID_ID
            tabindex="0"
            aria-label="Spans"
            aria-rowcount=move || n_rows.get() + 1
            aria-activedescendant=move || active.get().map(|at| format!("span-row-{at}"))
            on:wheel=on_wheel
            on:focus=move |_| {
                handle
                    .change(|t| {
                        if t.cursor().is_none() {
                            t.step(Step::Rows(1));
                        }
                    });
            }
        >
            <div class="head" role="row" aria-rowindex="1">
                <span role="columnheader">"Operation"</span>
                <span role="columnheader">"Service"</span>
                {move || {
                    let key = column.get()?;
                    Some(
                        view! {
                            <span role="columnheader" class="column">
                                <span class="key">{key.clone()}</span>
                                <Button
                                    label=format!("Remove the column {key}")
                                    symbol=Symbol::Close
                                    look=Look::Icon
                                    on_press=on_remove_column
                                />
                            </span>
                        },
                    )
                }}
                <span role="columnheader" class="visually-hidden">"Start"</span>
                <span role="columnheader" class="visually-hidden">"Duration"</span>
                <span role="columnheader" class="visually-hidden">"Status"</span>
            </div>
            <div class="body" role="rowgroup" node_ref=body>
                <div class="rows" role="presentation" style:transform=transform>
                    {move || {
                        slots
                            .get()
                            .into_iter()
                            .map(|slot| view! { <GridRow cell=slot sideways top page on_row column/> })
                            .collect_view()
                    }}
                </div>
            </div>
        </div>
    }
}

/// Rows are placed from a row that changes only every page or so: scrolling moves one element, not all.
fn base_of(top_px: f64, page: usize) -> f64 {
    let block = (page.max(1) * 64) as f64 * ROW_PX;
    (top_px / block).floor() * block
}

/// One element of the pool.
#[component]
fn GridRow(
    /// What it shows.
    cell: Slot,
    /// How far the column is scrolled sideways.
    sideways: Sideways,
    /// Position of the list.
    top: Memo<f64>,
    /// Rows of a page.
    page: Memo<usize>,
    /// Something happened to the row.
    on_row: Callback<RowEvent>,
    /// The attribute whose values the rows show.
    column: Signal<Option<String>>,
) -> impl IntoView {
    let base = Memo::new(move |_| base_of(top.get(), page.get()));
    let row =
        move |read: fn(&RowText) -> String| cell.text.with(|t| t.as_ref().map(read)).unwrap_or_default();
    let number = move |read: fn(&RowText) -> usize| cell.text.with(|t| t.as_ref().map(read));
    let flag = move |read: fn(&RowText) -> bool| cell.text.with(|t| t.as_ref().is_some_and(read));
    let at = move || cell.text.with_untracked(|t| t.as_ref().map(|t| t.at));
    let transform = move || {
        let at = number(|t| t.at).unwrap_or_default();
        format!("translateY({:.0}px)", at as f64 * ROW_PX - base.get())
    };
    let indent = move || {
        let level = cell.text.with(|t| t.as_ref().map_or(0, |t| t.level));
        format!("{:.0}px", f64::from(level) * INDENT_PX)
    };
    let shift = move || format!("translateX({:.0}px)", -sideways.px());
    // As much wider as it is shifted: what is in sight always reaches to the edge of the column.
    let width = move || format!("calc(100% + {:.0}px)", sideways.px());
    let on_click = move |_: MouseEvent| {
        if let Some(at) = at() {
            on_row.run(RowEvent::Open(at));
        }
    };
    let on_fold = move |event: MouseEvent| {
        event.stop_propagation();
        if let Some(at) = at() {
            on_row.run(RowEvent::Toggle(at));
        }
    };
    let kind = move || match cell.text.with(|t| t.as_ref().map(|t| t.kind)) {
        Some(SpanKind::Server) => "S",
        Some(SpanKind::Client) => "C",
        Some(SpanKind::Producer) => "P",
        Some(SpanKind::Consumer) => "Q",
        _ => "",
    };
    let expanded =
        move || cell.text.with(|t| t.as_ref().and_then(|t| t.is_open)).map(|open| open.to_string());
    let error = move || {
        cell.text.with(|t| {
            t.as_ref().and_then(|t| match (t.is_error, t.n_errors_hidden) {
                (true, _) => Some("own"),
                (false, 1..) => Some("below"),
                _ => None,
            })
        })
    };
    let count = move || cell.text.with(|t| t.as_ref().and_then(|t| t.count.clone()));
    let sentence = move || {
        let sentence = row(|t| t.sentence.clone());
        if cell.is_evidence.get() { sentence + ", evidence of the open finding" } else { sentence }
    };
    view! {
        <div
            role="row"
            class="row"
            id=move || number(|t| t.at).map(|at| format!("span-row-{at}"))
            hidden=move || cell.text.with(Option::is_none)
            aria-rowindex=move || number(|t| t.at + 2)
            {..custom_attribute("aria-level", move || number(|t| t.level as usize + 1))}
            aria-posinset=move || number(|t| t.position as usize)
            aria-setsize=move || number(|t| t.siblings as usize)
            aria-expanded=expanded
            aria-selected=move || cell.is_current.get().to_string()
            aria-label=sentence
            data-hovered=move || cell.is_hovered.get().to_string()
            data-match=move || cell.is_match.get().to_string()
            data-evidence=move || cell.is_evidence.get().to_string()
            data-error=error
            data-placeholder=move || flag(|t| t.is_placeholder).to_string()
            style:transform=transform
            on:click=on_click
        >
            <div class="content" style:transform=shift style:width=width>
                <span class="guides" style:width=indent></span>
                <span
                    class="fold"
                    data-open=expanded
                    data-leaf=move || count().is_none().to_string()
                    on:click=on_fold
                >
                    {count}
                </span>
                <span class="tag" data-slot=move || number(|t| usize::from(t.slot))>
                    {move || row(|t| t.tag.clone())}
                </span>
                <span role="gridcell" class="name">
                    {move || row(|t| t.name.clone())}
                </span>
                <span class="kind" title=move || row(|t| t.kind.word().to_owned())>{kind}</span>
                <span role="gridcell" class="service">
                    {move || row(|t| t.service.clone())}
                </span>
                <span class="glyph" data-error=error></span>
            </div>
            {move || {
                column
                    .with(Option::is_some)
                    .then(|| view! { <span role="gridcell" class="value" title=cell.value>{cell.value}</span> })
            }}
            <span role="gridcell" class="visually-hidden">{move || row(|t| t.start.clone())}</span>
            <span role="gridcell" class="visually-hidden">{move || row(|t| t.duration.clone())}</span>
            <span role="gridcell" class="visually-hidden">{move || row(|t| t.status.to_owned())}</span>
        </div>
    }
}

/// Sets a signal only when the value differs: every set wakes what follows it.
fn set<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.with_untracked(|now| *now != value) {
        signal.set(value);
    }
}
