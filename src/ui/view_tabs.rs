//! The views of the open trace, and those of all traces, to switch between them.

use leptos::prelude::*;

use super::services::Services;
use super::store::Store;
use super::widgets::{Button, Look};
use crate::state::action::Action;
use crate::state::view_state::Screen;
use crate::view::traces::count_sentence;

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
    tabs(store, &VIEWS, move |screen| store.apply(Action::ShowView(screen)), ())
}

/// A button for each view of all traces. Where the list is narrowed, the others say so: they are about what it
/// shows.
#[component]
pub fn ListTabs(
    /// The state.
    store: Store,
    /// The list.
    services: Services,
) -> impl IntoView {
    let show = move |screen| {
        store.apply(match screen {
            Screen::Traces => Action::ShowTraces,
            Screen::Compare => services.ticks.comparison(),
            _ => Action::ShowTogether(screen),
        });
    };
    let narrowed = Memo::new(move |_| {
        let is_about_all = store.with(|s| !matches!(s.screen, Screen::Traces | Screen::Compare));
        let index = services.index.get().filter(|_| is_about_all)?;
        let n_listed = store.with(|s| s.listed(&index.list))?.len();
        Some(count_sentence(n_listed, index.list.len()))
    });
    let note = move || {
        let text = narrowed.get()?;
        Some(view! {
            <span class="narrowed">
                <span role="status">{text}</span>
                <Button
                    label="Show all"
                    hint="Take the filters of the list back"
                    look=Look::Link
                    on_press=move |()| store.apply_as_step(Action::ClearList)
                />
            </span>
        })
    };
    tabs(store, &LISTS, show, note)
}

fn tabs(
    store: Store,
    views: &'static [(Screen, &'static str)],
    show: impl Fn(Screen) + Copy + Send + 'static,
    note: impl IntoView + 'static,
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
            {note}
        </nav>
    }
}
