//! The traces of what was opened: plots that show which are slow, and the list to choose from.

pub mod facet_list;
pub mod latency_histogram;
pub mod scatter_plot;
pub mod trace_list;

use leptos::prelude::*;

use crate::model::ids::TraceId;
use crate::model::time::DurationNanos;
use crate::model::trace_list::TraceList;
use crate::state::action::Action;
use crate::ui::services::Services;
use crate::ui::shared::Shared;
use crate::ui::store::Store;
use crate::view::charts::scatter::Brushed;
use crate::view::find::Words;
use crate::view::format;
use crate::view::theme::{Looks, Theme};
use crate::view::traces::{self, TraceFilter};

use facet_list::{FacetChoice, FacetList};
use latency_histogram::LatencyHistogram;
use scatter_plot::ScatterPlot;
use trace_list::TraceTable;

/// What the parts of the screen look at.
#[derive(Clone, Copy)]
pub struct Shown {
    /// All traces and those that pass the filter, in order; none before the first list has come.
    pub traces: Memo<Option<Selection>>,
    /// Colours of the services.
    pub looks: Memo<Looks>,
    /// Durations above this are too long, as the reader says.
    pub threshold: RwSignal<Option<DurationNanos>>,
}

/// Traces that pass a filter.
#[derive(Clone, Debug)]
pub struct Selection {
    list: Shared<crate::ui::services::TraceIndex>,
    /// Positions in the list, in the order of the table.
    pub order: Shared<Vec<u32>>,
}

impl PartialEq for Selection {
    fn eq(&self, other: &Self) -> bool {
        self.list == other.list && self.order == other.order
    }
}

impl Selection {
    /// All traces.
    pub fn list(&self) -> &TraceList {
        &self.list.list
    }
}

/// The screen.
#[component]
pub fn TracesScreen(
    /// The engine.
    services: Services,
    /// The state.
    store: Store,
    /// Colours.
    #[prop(into)]
    theme: Signal<&'static Theme>,
    /// A trace was chosen.
    #[prop(into)]
    on_open: Callback<TraceId>,
) -> impl IntoView {
    let filter = RwSignal::new(TraceFilter::default());
    let query = Memo::new(move |_| store.with(|s| s.list_query.clone()));
    let whole = Memo::new(move |_| TraceFilter { words: Words::parse(&query.get()), ..filter.get() });
    let sort = Memo::new(move |_| store.with(|s| s.sort));
    let passing = Memo::new(move |_| {
        let index = services.index.get()?;
        let order = whole.with(|f| traces::filtered(&index.list, f));
        Some(Selection { list: index, order: Shared::new(order) })
    });
    let shown = Memo::new(move |_| {
        let passing = passing.get()?;
        let mut order = passing.order.to_vec();
        traces::sort(passing.list(), &mut order, sort.get());
        Some(Selection { order: Shared::new(order), ..passing })
    });
    let looks =
        Memo::new(move |_| services.index.with(|i| i.as_ref().map(|i| i.looks.clone())).unwrap_or_default());
    let parts = Shown { traces: shown, looks, threshold: RwSignal::new(None) };

    let brushed = move || filter.with(|f| f.start.is_some() || f.duration.is_some());
    let is_filtered = move || whole.get() != TraceFilter::default();
    let on_brush = move |range: Option<Brushed>| {
        filter.update(|f| {
            (f.start, f.duration) = range.map_or((None, None), |r| (Some(r.start), Some(r.duration)));
        });
    };
    let on_facet = move |choice: FacetChoice| filter.update(|f| choice.toggle(f));
    let clear = move |_| {
        filter.set(TraceFilter::default());
        store.apply(Action::SetListQuery(String::new()));
    };
    let facets = Memo::new(move |_| {
        services
            .index
            .with(|i| i.as_ref().map(|i| whole.with(|f| traces::facets(&i.list, f))))
            .unwrap_or_default()
    });
    let count = move || {
        shown
            .with(|s| s.as_ref().map(|s| traces::count_sentence(s.order.len(), s.list().len())))
            .unwrap_or_default()
    };
    let range = move || {
        filter
            .with(|f| f.duration.map(|(a, b)| format!("{} to {}", format::duration(a), format::duration(b))))
    };
    view! {
        <section class="traces" aria-label="Traces">
            <h1 class="visually-hidden">"Traces"</h1>
            <div class="charts">
                <ScatterPlot parts theme on_brush on_open />
                <LatencyHistogram parts theme />
            </div>
            <div class="filter" role="search">
                <input
                    type="search"
                    aria-label="Filter traces"
                    placeholder="Filter by operation, service or trace id"
                    spellcheck="false"
                    autocomplete="off"
                    prop:value=move || query.get()
                    on:input=move |event| store.apply(Action::SetListQuery(event_target_value(&event)))
                />
                <output role="status">{count}</output>
                <Show when=brushed>
                    <button class="button" data-look="plain" on:click=move |_| on_brush(None)>
                        "Brushed " {range} " ×"
                    </button>
                </Show>
                <Show when=is_filtered>
                    <button class="button" data-look="plain" on:click=clear>
                        "Clear filters"
                    </button>
                </Show>
            </div>
            <div class="listing">
                <TraceTable parts store on_open />
                <FacetList facets on_choose=on_facet />
            </div>
        </section>
    }
}
