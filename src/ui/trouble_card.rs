//! What is wrong with a backend, as a card, with the piece of configuration that mends it.

use leptos::prelude::*;

use super::error_card::{ErrorCard, Problem};
use super::widgets::{Button, Symbol};
use crate::source::words::{Snippet, Told};

/// The card, and the mend below it.
#[component]
pub fn TroubleCard(
    /// What is wrong.
    told: Told,
    /// Whom it is about: an address.
    place: String,
    /// Copy this text.
    #[prop(into)]
    on_copy: Callback<String>,
    /// Buttons that go on from here.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let Told { code, title, reason, advice, snippet } = told;
    let place = if reason.contains(&place) { String::new() } else { place };
    let problem = Problem { title, place, reason, advice, code: code.to_owned() };
    let mend = snippet.map(|Snippet { title, text }| {
        let copied = text.clone();
        let name = title.clone();
        view! {
            <figure class="mend">
                <figcaption>
                    <span>{title}</span>
                    <Button label="Copy" symbol=Symbol::Copy on_press=move |()| on_copy.run(copied.clone()) />
                </figcaption>
                <pre tabindex="0" role="region" aria-label=name>{text}</pre>
            </figure>
        }
    });
    view! {
        <div class="trouble-card">
            <ErrorCard problem on_copy>{children.map(|children| children())}</ErrorCard>
            {mend}
        </div>
    }
}
