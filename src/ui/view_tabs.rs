//! The views of the open trace, to switch between them.

use leptos::prelude::*;

use super::store::Store;
use crate::state::action::Action;
use crate::state::view_state::Screen;

/// The views, with their names, in the order of their keys.
const VIEWS: [(Screen, &str); 2] = [(Screen::Timeline, "Timeline"), (Screen::CriticalPath, "Critical path")];

/// A row of buttons, one for each view.
#[component]
pub fn ViewTabs(
    /// The state.
    store: Store,
) -> impl IntoView {
    let shown = Memo::new(move |_| store.with(|s| s.screen));
    let tab = move |(screen, name): (Screen, &'static str)| {
        view! {
            <button
                aria-current=move || (shown.get() == screen).then_some("page")
                on:click=move |_| store.apply(Action::ShowView(screen))
            >
                {name}
            </button>
        }
    };
    view! {
        <nav class="view-tabs" aria-label="Views">
            {VIEWS.map(tab).collect_view()}
        </nav>
    }
}
