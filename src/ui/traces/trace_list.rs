//! The list of traces: a grid with a scroll model of its own, so that a million rows are as good as ten.

use crate::ui::effect::effect;
use leptos::ev::{KeyboardEvent, WheelEvent};
use leptos::html;
use leptos::prelude::*;

use super::Shown;
use crate::model::ids::TraceId;
use crate::model::time::DurationNanos;
use crate::platform::{dom, resize};
use crate::state::action::Action;
use crate::ui::store::Store;
use crate::ui::widgets::Scrollbar;
use crate::ui::widgets::scrollbar::wheel_px;
use crate::view::scroll::Scroll;
use crate::view::traces::{self, ServiceChip, SortKey, TraceRow};

/// The id of the grid.
const LIST_ID: &str = "trace-list";
/// Height of a row.
const ROW_PX: f64 = 32.0;
/// Services that a row names in a wide window and in a narrow one. The columns of `trace_list.css` have room for
/// these and for the number of the others.
const NARROW: &str = "(max-width: 1200px)";
const LISTED: [usize; 2] = [6, 3];

/// The columns: what they sort by, and their heading.
const COLUMNS: [(SortKey, &str); 6] = [
    (SortKey::Name, "Root"),
    (SortKey::Duration, "Duration"),
    (SortKey::Spans, "Spans"),
    (SortKey::Errors, "Errors"),
    (SortKey::Services, "Services"),
    (SortKey::Start, "Start"),
];

/// The list.
#[component]
pub fn TraceTable(
    /// What is shown.
    parts: Shown,
    /// The state.
    store: Store,
    /// The reader chose a trace.
    #[prop(into)]
    on_open: Callback<TraceId>,
) -> impl IntoView {
    let body = NodeRef::<html::Div>::new();
    let scroll = RwSignal::new(Scroll::new(0, ROW_PX, 0.0));
    let active = RwSignal::new(None::<usize>);
    let observer = StoredValue::new_local(None);
    let n_chips = RwSignal::new(LISTED[0]);
    effect(move || {
        let watch = |body| {
            resize::observe(&body, move |_, h| {
                scroll.update(|s| s.set_window_px(h));
                n_chips.set(LISTED[usize::from(dom::media(NARROW))]);
            })
        };
        observer.set_value(body.get().and_then(|b| watch(b.into())));
    });
    request_animation_frame(|| {
        dom::focus_id(LIST_ID);
    });
    let n_rows = Memo::new(move |_| parts.traces.with(|t| t.as_ref().map_or(0, |t| t.order.len())));
    effect(move || {
        let n = n_rows.get();
        scroll.update(|s| s.set_n_rows(n));
        active.update(|a| *a = a.filter(|&at| at < n));
    });
    // Who comes back from a trace finds its row again, in sight and with the cursor on it.
    let left = StoredValue::new(store.take_left());
    effect(move || {
        let has_room = scroll.with(|s| s.window_px() > 0.0 && s.n_rows() > 0);
        let Some(id) = left.get_value().filter(|_| has_room) else { return };
        left.set_value(None);
        let at = parts.traces.with_untracked(|t| {
            let shown = t.as_ref()?;
            let trace = shown.list().id.iter().position(|i| *i == id)? as u32;
            shown.order.iter().position(|t| *t == trace)
        });
        if let Some(at) = at {
            active.set(Some(at));
            scroll.update(|s| s.reveal_centred(at));
        }
    });
    let longest = Memo::new(move |_| {
        parts.traces.with(|t| {
            let longest = t.as_ref().and_then(|t| t.list().duration.iter().copied().max());
            DurationNanos(longest.unwrap_or_default())
        })
    });
    let in_sight = Memo::new(move |_| scroll.with(Scroll::rows_in_sight));
    let rows = Memo::new(move |_| -> Vec<(usize, TraceRow)> {
        let Some(shown) = parts.traces.get() else { return Vec::new() };
        let range = in_sight.get();
        let range = range.start.min(shown.order.len())..range.end.min(shown.order.len());
        let chips = n_chips.get();
        let texts = parts.looks.with(|looks| {
            traces::rows(shown.list(), &shown.order[range.clone()], looks, longest.get(), chips)
        });
        range.zip(texts).collect()
    });
    let open = move |at: usize| {
        let id = parts.traces.with_untracked(|t| {
            let shown = t.as_ref()?;
            shown.list().id.get(*shown.order.get(at)? as usize).copied()
        });
        if let Some(id) = id {
            on_open.run(id);
        }
    };
    let go = move |at: usize| {
        active.set(Some(at));
        scroll.update(|s| s.reveal(at));
    };
    let on_key = move |event: KeyboardEvent| {
        if event.ctrl_key() || event.alt_key() || event.meta_key() || n_rows.get_untracked() == 0 {
            return;
        }
        let last = n_rows.get_untracked() - 1;
        let page = scroll.with_untracked(Scroll::rows_per_page);
        let now = active.get_untracked();
        let from = now.unwrap_or(0);
        let to = match event.key().as_str() {
            "ArrowDown" => now.map_or(0, |at| at + 1),
            "ArrowUp" => from.saturating_sub(1),
            "PageDown" => from + page,
            "PageUp" => from.saturating_sub(page),
            "Home" => 0,
            "End" => last,
            "Enter" if now.is_some() => {
                event.prevent_default();
                event.stop_propagation();
                return open(from);
            }
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        go(to.min(last));
    };
    let on_wheel = move |event: WheelEvent| {
        if !event.ctrl_key() {
            event.prevent_default();
            scroll.update(|s| s.scroll_by(wheel_px(&event).1));
        }
    };
    let heading = move |(key, label): (SortKey, &'static str)| {
        let order = move || {
            let sort = store.with(|s| s.sort);
            match (sort.key == key, sort.is_descending) {
                (true, true) => "descending",
                (true, false) => "ascending",
                _ => "none",
            }
        };
        view! {
            <div role="columnheader" aria-sort=order data-column=label>
                <button tabindex="0" on:click=move |_| store.apply(Action::SortBy(key))>
                    {label}
                </button>
            </div>
        }
    };
    let line = move |(at, row): (usize, TraceRow)| {
        let top = move || format!("translateY({:.1}px)", scroll.with(|s| s.y_of(at)));
        view! { <TraceLine at row active top=Signal::derive(top) on_open=open /> }
    };
    let empty = move || parts.traces.with(|t| t.as_ref().is_some_and(|t| t.order.is_empty()));
    view! {
        <div class="trace-list">
        <div
            class="grid"
            role="grid"
            id=LIST_ID
            tabindex="0"
            aria-label="List of traces"
            aria-rowcount=move || n_rows.get() + 1
            aria-activedescendant=move || active.get().map(|at| format!("trace-row-{at}"))
            on:keydown=on_key
            on:focus=move |_| {
                if active.get_untracked().is_none() && n_rows.get_untracked() > 0 {
                    active.set(Some(scroll.with_untracked(|s| s.rows_in_sight().start)));
                }
            }
        >
            <div class="head" role="row" aria-rowindex="1">
                {COLUMNS.map(heading).collect_view()}
            </div>
            <div class="body" role="rowgroup" node_ref=body on:wheel=on_wheel>
                <For each=move || rows.get() key=|(at, row)| (*at, row.id.clone()) children=line />
                <Show when=empty>
                    <p class="nothing">"No trace fits the filter. “Clear filters”, above, shows all of them again."</p>
                </Show>
            </div>
            </div>
            <Scrollbar
                label="Traces"
                controls=LIST_ID
                scroll
                on_scroll=move |moved: Scroll| scroll.set(moved)
            />
        </div>
    }
}

/// A row.
#[component]
fn TraceLine(
    /// Position in the list.
    at: usize,
    /// Its texts.
    row: TraceRow,
    /// The row that the keys act on.
    active: RwSignal<Option<usize>>,
    /// Where it lies.
    top: Signal<String>,
    /// The reader chose it.
    #[prop(into)]
    on_open: Callback<usize>,
) -> impl IntoView {
    let chip = |chip: ServiceChip| {
        view! {
            <span class="tag" data-slot=chip.slot.to_string() title=chip.name>
                {chip.tag}
            </span>
        }
    };
    let more = (row.more_services > 0).then(|| format!("+{}", row.more_services));
    let partial = (!row.partial.is_empty()).then(|| view! { <span class="partial">{row.partial}</span> });
    let errors = (!row.errors.is_empty()).then(|| view! { <span class="errors">"! " {row.errors}</span> });
    let share = format!("{:.2}%", f64::from(row.bar) * 100.0);
    view! {
        <div
            role="row"
            class="row"
            id=format!("trace-row-{at}")
            aria-rowindex=at + 2
            aria-selected=move || (active.get() == Some(at)).to_string()
            aria-label=row.sentence
            style:transform=top
            on:click=move |_| {
                active.set(Some(at));
                on_open.run(at);
            }
        >
            <div role="gridcell" class="root">
                <span class="service">{row.service}</span>
                <span class="name">{row.name}</span>
                {partial}
            </div>
            <div role="gridcell" class="duration">
                <span class="bar" style:width=share></span>
                <span class="text">{row.duration}</span>
            </div>
            <div role="gridcell" class="numeric">{row.spans}</div>
            <div role="gridcell" class="numeric">{errors}</div>
            <div role="gridcell" class="chips">{row.services.into_iter().map(chip).collect_view()} {more}</div>
            <div role="gridcell" class="start">{row.start}</div>
        </div>
    }
}
