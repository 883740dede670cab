//! The traces of what was opened: plots that show which are slow, and the list to choose from.

pub mod browser;
pub mod facet_list;
pub mod latency_histogram;
pub mod scatter_plot;
pub mod ticks;
pub mod trace_list;

use leptos::prelude::*;

use crate::model::ids::TraceId;
use crate::model::time::DurationNanos;
use crate::model::trace_list::TraceList;
use crate::ui::services::Services;
use crate::ui::shared::Shared;
use crate::ui::store::Store;
use crate::view::theme::{Looks, Theme};

pub use browser::TraceBrowser;
use ticks::TickBar;

/// What the parts of the screen look at.
#[derive(Clone, Copy)]
pub struct Shown {
    /// All traces and those that pass the filter, in order; none before the first list has come.
    pub traces: Memo<Option<Selection>>,
    /// Colours of the services.
    pub looks: Memo<Looks>,
    /// Durations above this are too long, as the reader says.
    pub threshold: Memo<Option<DurationNanos>>,
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

    /// Ids of those that pass, in the order of the table.
    pub fn ids(&self) -> impl Iterator<Item = TraceId> + '_ {
        self.order.iter().filter_map(|&at| self.list().id.get(at as usize).copied())
    }
}

/// The window in which a row names few services.
const NARROW: &str = "(max-width: 1200px)";

/// The screen: all traces of what was opened.
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
    let tick_bar = move |shown: Memo<Option<Selection>>| {
        view! { <TickBar ticks=services.ticks store shown /> }.into_any()
    };
    view! {
        <TraceBrowser
            label="Traces"
            index=services.index
            ticks=services.ticks
            tick_bar=Callback::new(tick_bar)
            commands=services.commands
            store
            theme
            narrow=NARROW
            takes_focus=true
            on_open
        />
    }
}
