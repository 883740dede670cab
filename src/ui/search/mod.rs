//! Searching Jaeger or Tempo: the form at the left, what was found beside it, and who calls whom.

pub mod form;
pub mod query_box;
pub mod results;

use leptos::prelude::*;

use super::backends::Connection;
use super::effect::effect;
use super::graph::CallsGraph;
use super::searches::{Searches, Stage};
use super::services::Services;
use super::session::Session;
use super::store::Store;
use super::trouble_card::TroubleCard;
use super::widgets::{Button, Look};
use crate::source::discover::Product;
use crate::source::trouble::Trouble;
use crate::state::action::Action;
use crate::state::search::{CALLS_LOOK_BACKS, Search};
use crate::view::theme::Theme;
use form::SearchForm;
use results::ResultsPane;

/// What the parts of the screen share.
#[derive(Clone, Copy, Debug)]
pub struct Parts {
    services: Services,
    store: Store,
    session: Session,
    searches: Searches,
}

/// The screen.
#[component]
pub fn SearchScreen(
    /// Messages, commands, colours of services.
    services: Services,
    /// The state.
    store: Store,
    /// Opens what was found.
    session: Session,
    /// What is searched for and what was found.
    searches: Searches,
    /// Colours.
    #[prop(into)]
    theme: Signal<&'static Theme>,
) -> impl IntoView {
    let parts = Parts { services, store, session, searches };
    let connection = Memo::new(move |_| session.backends.current());
    let search = Memo::new(move |_| store.with(|s| s.search.clone()));
    effect(move || {
        if let Some(connection) = connection.get() {
            searches.arrive(&connection);
            search.with(|search| searches.follow(search));
        }
    });
    on_cleanup(move || searches.rest());
    let shows_calls = Memo::new(move |_| search.with(|s| s.calls.is_some()));
    let view_of = move |connection: Option<Connection>| match connection {
        None => view! { <p class="search-wait" role="status">"Connecting…"</p> }.into_any(),
        Some(connection) => view! {
            <SearchForm parts connection />
            {move || {
                if shows_calls.get() {
                    view! { <CallsPane parts theme /> }.into_any()
                } else {
                    view! { <ResultsPane parts theme /> }.into_any()
                }
            }}
        }
        .into_any(),
    };
    view! {
        <div class="search">{move || view_of(connection.get())}</div>
    }
}

/// Who calls whom, as Jaeger has counted it.
#[component]
fn CallsPane(
    parts: Parts,
    /// Colours.
    #[prop(into)]
    theme: Signal<&'static Theme>,
) -> impl IntoView {
    let Parts { services, store, searches, .. } = parts;
    let stage = searches.calls_stage;
    let chosen = Memo::new(move |_| store.with(|s| s.search.calls));
    let waiting = move || {
        match stage.get() {
        Stage::Asking | Stage::Idle => "Asking Jaeger who calls whom…".to_owned(),
        _ => "Jaeger has counted no calls in that time. Without its dependencies job, or its memory storage, it counts none; look back further otherwise.".to_owned(),
    }
    };
    let option = move |(nanos, word): (u64, &'static str)| {
        view! {
            <option value=nanos.to_string() selected=move || chosen.get() == Some(nanos)>
                {word}
            </option>
        }
    };
    let on_range = move |event| {
        let calls = event_target_value(&event).parse().ok();
        let search = store.look(|s| Search { calls, ..s.search.clone() });
        store.apply(Action::Search(search));
    };
    let on_service = move |service: String| {
        searches.draft.update(|draft| {
            draft.service = service;
            draft.operation.clear();
        });
        searches.submit();
    };
    let failed = move || match stage.get() {
        Stage::Failed(trouble) => Some(view! { <Failure parts trouble /> }),
        _ => None,
    };
    view! {
        <div class="search-results">
            <header class="bar">
                <h1>"Calls between services"</h1>
                <label>
                    "Counted in the "
                    <select on:change=on_range>{CALLS_LOOK_BACKS.map(option).collect_view()}</select>
                </label>
                <span class="spring"></span>
                <Button
                    label="Back to the traces"
                    on_press=move |()| {
                        store.apply(Action::Search(store.look(|s| Search { calls: None, ..s.search.clone() })));
                    }
                />
            </header>
            {failed}
            <Show when=move || !matches!(stage.get(), Stage::Failed(_))>
                <CallsGraph services store calls=searches.calls waiting=Signal::derive(waiting) on_service theme />
            </Show>
        </div>
    }
}

/// Why there is no answer, and what to do about it.
#[component]
fn Failure(parts: Parts, trouble: Trouble) -> impl IntoView {
    let Parts { services, store, session, .. } = parts;
    let connection = session.backends.current_now()?;
    let told = session.backends.tell(&trouble, &connection);
    let on_copy = move |text: String| super::app::copy(services.notices, text, "Copied");
    let place = connection.base.to_string();
    let reference = connection.reference;
    Some(view! {
        <div class="trouble" role="alert">
            <TroubleCard told place on_copy>
                <Button
                    label="Change connection…"
                    on_press=move |()| store.apply(Action::ShowConnect(Some(reference.clone())))
                />
            </TroubleCard>
        </div>
    })
}

/// The words for a product where a text depends on it.
const fn is_tempo(product: Product) -> bool {
    matches!(product, Product::Tempo)
}

/// A button like a link that leads to the connection.
fn to_connection(store: Store, connection: Connection) -> impl IntoView {
    let reference = connection.reference;
    view! {
        <Button
            label="Change connection…"
            look=Look::Link
            on_press=move |()| store.apply(Action::ShowConnect(Some(reference.clone())))
        />
    }
}
