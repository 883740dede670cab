//! The views of the open trace, and those of all traces, to switch between them.

use leptos::prelude::*;

use super::store::Store;
use crate::state::action::Action;
use crate::state::view_state::Screen;

/// The views of one trace, with their names, in the order of their keys.
const VIEWS: [(Screen, &str); 7] = [
    (Screen::Timeline, "Timeline"),
    (Screen::Flame, "Flame"),
    (Screen::Graph, "Graph"),
    (Screen::CriticalPath, "Critical path"),
    (Screen::Statistics, "Statistics"),
    (Screen::Spans, "Spans"),
    (Screen::Compare, "Compare"),
];
/// The views of all traces.
const LISTS: [(Screen, &str); 7] = [
    (Screen::Traces, "Traces"),
    (Screen::Flame, "Flame"),
    (Screen::Graph, "Graph"),
    (Screen::CriticalPath, "Critical paths together"),
    (Screen::Statistics, "Statistics"),
    (Screen::Spans, "Spans"),
    (Screen::Compare, "Compare"),
];

/// A button for each view of the open trace.
#[component]
pub fn ViewTabs(
    /// The state.
    store: Store,
) -> impl IntoView {
    tabs(store, &VIEWS, move |screen| store.apply(Action::ShowView(screen)))
}

/// A button for each view of all traces.
#[component]
pub fn ListTabs(
    /// The state.
    store: Store,
) -> impl IntoView {
    tabs(store, &LISTS, move |screen| {
        store.apply(match screen {
            Screen::Traces => Action::ShowTraces,
            Screen::Compare => Action::ShowView(Screen::Compare),
            _ => Action::ShowTogether(screen),
        });
    })
}

fn tabs(
    store: Store,
    views: &'static [(Screen, &'static str)],
    show: impl Fn(Screen) + Copy + Send + 'static,
) -> impl IntoView {
    let shown = Memo::new(move |_| store.with(|s| s.screen));
    let tab = move |&(screen, name): &(Screen, &'static str)| {
        view! {
            <button
                aria-current=move || (shown.get() == screen).then_some("page")
                on:click=move |_| show(screen)
            >
                {name}
            </button>
        }
    };
    view! {
        <nav class="view-tabs" aria-label="Views">
            {views.iter().map(tab).collect_view()}
        </nav>
    }
}
