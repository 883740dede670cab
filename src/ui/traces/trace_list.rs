//! The list of traces: a million rows are as good as ten.

use crate::ui::effect::effect;
use leptos::prelude::*;

use super::ticks::Ticks;
use super::{Selection, Shown};
use crate::model::ids::TraceId;
use crate::model::time::DurationNanos;
use crate::platform::dom;
use crate::state::action::Action;
use crate::ui::store::Store;
use crate::ui::widgets::{GridPlace, GridRow, Heading, LongGrid};
use crate::view::scroll::Scroll;
use crate::view::theme::Looks;
use crate::view::traces::{self, ServiceChip, SortKey, TraceRow};

/// The id of the grid.
const LIST_ID: &str = "trace-list";
/// Height of a row.
const ROW_PX: f64 = 32.0;
/// Services that a row names in a wide window and in a narrow one. The columns of `trace_list.css` have room for
/// these and for the number of the others.
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
    /// Which traces are ticked.
    ticks: Ticks,
    /// The window in which a row names few services.
    narrow: &'static str,
    /// Whether the list has the focus as soon as it is there.
    takes_focus: bool,
    /// The reader chose a trace.
    #[prop(into)]
    on_open: Callback<TraceId>,
) -> impl IntoView {
    let place = GridPlace::new(ROW_PX);
    let n_chips = RwSignal::new(LISTED[0]);
    effect(move || {
        // The window is another when the list is.
        place.scroll.with(Scroll::window_px);
        n_chips.set(LISTED[usize::from(dom::media(narrow))]);
    });
    let left = StoredValue::new(store.take_left());
    // What comes while the reader fills in a form takes no focus from it.
    if takes_focus || left.with_value(Option::is_some) {
        request_animation_frame(|| {
            dom::focus_id(LIST_ID);
        });
    }
    let n_rows = Memo::new(move |_| parts.traces.with(|t| t.as_ref().map_or(0, |t| t.order.len())));
    // Who comes back from a trace finds its row again, in sight and with the cursor on it.
    effect(move || {
        let is_laid_out = place.is_laid_out();
        let Some(id) = left.get_value().filter(|_| is_laid_out) else { return };
        left.set_value(None);
        let at = parts.traces.with_untracked(|t| {
            let shown = t.as_ref()?;
            let trace = shown.list().id.iter().position(|i| *i == id)? as u32;
            shown.order.iter().position(|t| *t == trace)
        });
        if let Some(at) = at {
            place.arrive(at);
        }
    });
    let id_at = move |at: usize| {
        parts.traces.with(|t| {
            let shown = t.as_ref()?;
            shown.list().id.get(*shown.order.get(at)? as usize).copied()
        })
    };
    // The row that the keys act on stays the same trace when another list comes, such as a reloaded one.
    let chosen = StoredValue::new(None::<TraceId>);
    effect(move || {
        let at = place.active.get();
        chosen.set_value(at.and_then(|at| untrack(|| id_at(at))));
    });
    effect(move || {
        parts.traces.track();
        let Some(id) = chosen.get_value() else { return };
        let Some(active) = place.active.get_untracked() else { return };
        let next = parts.traces.with_untracked(|t| t.as_ref().and_then(|t| t.ids().position(|i| i == id)));
        let Some(next) = next.filter(|next| *next != active) else { return };
        place.scroll.update(|scroll| {
            let rows = next as f64 - active as f64;
            scroll.set_n_rows(n_rows.get_untracked());
            scroll.scroll_by(rows * ROW_PX);
        });
        place.active.set(Some(next));
    });
    let longest = Memo::new(move |_| {
        parts.traces.with(|t| {
            let longest = t.as_ref().and_then(|t| t.list().duration.iter().copied().max());
            DurationNanos(longest.unwrap_or_default())
        })
    });
    let key = move |at: usize| {
        let id = id_at(at).map(|id| id.to_string()).unwrap_or_default();
        format!("{id} {}", n_chips.get())
    };
    let row = move |at: usize| {
        let text = parts.traces.with(|t| {
            let shown = t.as_ref()?;
            let order = shown.order.get(at..=at)?;
            let row =
                |looks: &Looks| traces::rows(shown.list(), order, looks, longest.get(), n_chips.get()).pop();
            parts.looks.with(row)
        });
        let label = text.as_ref().map(|text| text.sentence.clone());
        let tick = untrack(|| id_at(at)).map(|id| tick(ticks, id));
        GridRow { label, level: 0, is_open: None, cells: view! { {tick} {text.map(cells)} }.into_any() }
    };
    let open = move |at: usize| {
        if let Some(id) = untrack(|| id_at(at)) {
            on_open.run(id);
        }
    };
    let mut headings = vec![Heading { text: "Tick".into(), ..Heading::default() }];
    headings.extend(COLUMNS.map(|(key, text)| heading(key, text)));
    let headings = Signal::stored(headings);
    let sort = Signal::derive(move || {
        let sort = store.with(|s| s.sort);
        let at = COLUMNS.iter().position(|(key, _)| *key == sort.key)?;
        Some((at + 1, sort.is_descending))
    });
    let on_sort = move |at: usize| {
        if let Some((key, _)) = at.checked_sub(1).and_then(|at| COLUMNS.get(at)) {
            store.apply(Action::SortBy(*key));
        } else {
            let shown: Vec<TraceId> =
                parts.traces.with_untracked(|t| t.iter().flat_map(Selection::ids).collect());
            ticks.toggle_all(&shown);
        }
    };
    let empty = move || parts.traces.with(|t| t.as_ref().is_some_and(|t| t.order.is_empty()));
    view! {
        <div class="trace-list">
            <LongGrid
                label="List of traces"
                rows_label="Traces"
                id=LIST_ID
                place
                headings
                n_rows
                key
                row
                sort
                on_sort
                on_choose=open
                on_tick=move |at: usize| {
                    if let Some(id) = untrack(|| id_at(at)) {
                        ticks.toggle(id);
                    }
                }
            >
                <Show when=empty>
                    <p class="nothing">"No trace fits the filter. “Clear filters”, above, shows all of them again."</p>
                </Show>
            </LongGrid>
        </div>
    }
}

/// A heading; the widths of the columns are in `trace_list.css`, since they depend on the window.
fn heading(key: SortKey, text: &'static str) -> Heading {
    let is_number = matches!(key, SortKey::Spans | SortKey::Errors);
    Heading { text: text.into(), is_number, ..Heading::default() }
}

/// The box that has a trace compared.
fn tick(ticks: Ticks, id: TraceId) -> impl IntoView {
    view! {
        <div role="gridcell" class="tick" on:click=move |event| event.stop_propagation()>
            <input
                type="checkbox"
                tabindex="-1"
                aria-label="Tick to compare"
                prop:checked=move || ticks.has(id)
                on:change=move |_| ticks.toggle(id)
            />
        </div>
    }
}

/// The cells of a row.
fn cells(row: TraceRow) -> impl IntoView {
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
    }
}
