//! Traces to choose from, wherever they come from: plots that show which are slow, a filter, the list, facets.

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;

use super::facet_list::{FacetChoice, FacetList};
use super::latency_histogram::LatencyHistogram;
use super::scatter_plot::ScatterPlot;
use super::ticks::Ticks;
use super::trace_list::TraceTable;
use super::{Selection, Shown};
use crate::model::ids::TraceId;
use crate::model::trace_list::TraceList;
use crate::state::action::Action;
use crate::state::commands::CommandId;
use crate::state::list_filter::ListFilter;
use crate::ui::commands::Commands;
use crate::ui::services::TraceIndex;
use crate::ui::shared::Shared;
use crate::ui::store::Store;
use crate::view::charts::scatter::Brushed;
use crate::view::find::Words;
use crate::view::format;
use crate::view::theme::Theme;
use crate::view::traces;

/// The plots, the filter, the list and the facets.
#[component]
pub fn TraceBrowser(
    /// What the traces are, as a heading.
    label: &'static str,
    /// The traces.
    index: RwSignal<Option<Shared<TraceIndex>>>,
    /// Which of them are ticked.
    ticks: Ticks,
    /// What can be done with those that are ticked, beside the filter.
    tick_bar: Callback<Memo<Option<Selection>>, AnyView>,
    /// Who carries out commands.
    commands: Commands,
    /// The state.
    store: Store,
    /// Colours.
    #[prop(into)]
    theme: Signal<&'static Theme>,
    /// The window in which there is room for few services of a trace.
    narrow: &'static str,
    /// Whether the list has the focus as soon as it is there.
    takes_focus: bool,
    /// A trace was chosen.
    #[prop(into)]
    on_open: Callback<TraceId>,
) -> impl IntoView {
    let query = Memo::new(move |_| store.with(|s| s.list_query.clone()));
    let narrowed = Memo::new(move |_| store.with(|s| s.list.clone()));
    let filter = Memo::new(move |_| {
        let words = Words::parse(&query.get());
        let index = index.get();
        index.map(|i| narrowed.with(|n| n.over(&i.list, words))).unwrap_or_default()
    });
    let sort = Memo::new(move |_| store.with(|s| s.sort));
    let passing = Memo::new(move |_| {
        let index = index.get()?;
        let order = filter.with(|f| traces::filtered(&index.list, f));
        Some(Selection { list: index, order: Shared::new(order) })
    });
    let shown = Memo::new(move |_| {
        let passing = passing.get()?;
        let mut order = passing.order.to_vec();
        traces::sort(passing.list(), &mut order, sort.get());
        Some(Selection { order: Shared::new(order), ..passing })
    });
    let looks = Memo::new(move |_| {
        let looks = index.with(|i| i.as_ref().map(|i| i.looks.clone())).unwrap_or_default();
        looks.in_palette(store.palette())
    });
    let threshold = Memo::new(move |_| store.with(|s| s.threshold));
    let parts = Shown { traces: shown, looks, threshold };

    let brushed = move || narrowed.with(|n| n.brush.is_some());
    let is_filtered = move || narrowed.with(ListFilter::is_narrow) || !query.with(String::is_empty);
    let on_brush = move |range: Option<Brushed>| store.apply(Action::Brush(range));
    let on_facet = move |choice: FacetChoice| {
        let name = |names: fn(&TraceList) -> &Vec<String>, at: u32| {
            index.with_untracked(|i| names(&i.as_ref()?.list).get(at as usize).cloned())
        };
        let action = match choice {
            FacetChoice::Service(at) => name(|l| &l.service_names, at).map(Action::ToggleService),
            FacetChoice::Operation(at) => name(|l| &l.root_names, at).map(Action::ToggleOperation),
            FacetChoice::Status(value) => Some(Action::ToggleErrors(value == 1)),
        };
        if let Some(action) = action {
            store.apply(action);
        }
    };
    let search = NodeRef::<html::Input>::new();
    commands.register(move |command| match command {
        CommandId::Escape => escape(store),
        CommandId::Find => {
            if let Some(input) = search.get_untracked() {
                drop(input.focus());
                input.select();
            }
            true
        }
        _ => false,
    });
    let on_key = move |event: KeyboardEvent| {
        // Within the words Escape takes back the words.
        if event.key() == "Escape" && !query.with_untracked(String::is_empty) {
            event.prevent_default();
            store.apply_as_step(Action::SetListQuery(String::new()));
        }
    };
    let facets = Memo::new(move |_| {
        index.with(|i| i.as_ref().map(|i| filter.with(|f| traces::facets(&i.list, f)))).unwrap_or_default()
    });
    let count = move || {
        shown
            .with(|s| s.as_ref().map(|s| traces::count_sentence(s.order.len(), s.list().len())))
            .unwrap_or_default()
    };
    let range = move || {
        narrowed.with(|n| {
            let (least, most) = n.brush?.duration;
            Some(format!("{} to {}", format::duration(least), format::duration(most)))
        })
    };
    view! {
        <section class="traces" aria-label=label>
            <h1 class="visually-hidden">{label}</h1>
            <div class="charts">
                <ScatterPlot parts theme on_brush on_open />
                <LatencyHistogram
                    parts
                    theme
                    on_threshold=move |threshold| store.apply(Action::SetThreshold(threshold))
                />
            </div>
            <div class="filter" role="search">
                <input
                    type="search"
                    aria-label="Filter traces"
                    placeholder="Filter by operation, service or trace id"
                    spellcheck="false"
                    autocomplete="off"
                    node_ref=search
                    on:keydown=on_key
                    prop:value=move || query.get()
                    on:input=move |event| store.apply(Action::SetListQuery(event_target_value(&event)))
                />
                <output role="status">{count}</output>
                {tick_bar.run(shown)}
                <Show when=brushed>
                    <button class="button" data-look="plain" on:click=move |_| on_brush(None)>
                        "Brushed " {range} " ×"
                    </button>
                </Show>
                <Show when=is_filtered>
                    <button
                        class="button"
                        data-look="plain"
                        on:click=move |_| store.apply_as_step(Action::ClearList)
                    >
                        "Clear filters"
                    </button>
                </Show>
            </div>
            <div class="listing">
                <TraceTable parts store ticks narrow takes_focus on_open />
                <FacetList facets on_choose=on_facet />
            </div>
        </section>
    }
}

/// Takes back one thing: the brush, all other filters, the threshold. Says whether there was one. Back brings
/// it back.
fn escape(store: Store) -> bool {
    let (is_brushed, is_filtered, has_threshold) = store.look(|s| {
        let is_filtered = s.list.is_narrow() || !s.list_query.is_empty();
        (s.list.brush.is_some(), is_filtered, s.threshold.is_some())
    });
    let action = match () {
        () if is_brushed => Action::Brush(None),
        () if is_filtered => Action::ClearList,
        () if has_threshold => Action::SetThreshold(None),
        () => return false,
    };
    store.apply_as_step(action);
    true
}
