//! The sign of a service: its colour and, for eyes that do not tell colours, one or two letters.

use leptos::prelude::*;

use crate::view::theme::letter_tag;

/// The sign of a service.
#[component]
pub fn ServiceTag(
    /// Name of the service; may be empty.
    #[prop(into)]
    service: String,
    /// Its look.
    look: u8,
    /// Whether the name stands beside the sign.
    #[prop(optional)]
    with_name: bool,
) -> impl IntoView {
    let letters = letter_tag(&service);
    let name = if service.is_empty() { "(no service)".to_owned() } else { service };
    let title = name.clone();
    view! {
        <span class="service-tag" data-slot=look.to_string() title=title>
            <span class="letters" aria-hidden="true">{letters}</span>
            <span class=if with_name { "name" } else { "visually-hidden" }>{name}</span>
        </span>
    }
}
