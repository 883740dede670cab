//! A text to be copied: a query, a piece of configuration.

use leptos::prelude::*;

use super::{Button, Look, Symbol};

/// The text below its name, with a button that copies it.
#[component]
pub fn Snippet(
    /// What it is.
    title: String,
    /// The text.
    text: String,
    /// Copy this text.
    #[prop(into)]
    on_copy: Callback<String>,
) -> impl IntoView {
    let (name, copied) = (title.clone(), text.clone());
    view! {
        <figure class="snippet">
            <figcaption>
                <span>{title}</span>
                <Button
                    label="Copy"
                    symbol=Symbol::Copy
                    look=Look::Plain
                    on_press=move |()| on_copy.run(copied.clone())
                />
            </figcaption>
            <pre tabindex="0" role="region" aria-label=name>
                {text}
            </pre>
        </figure>
    }
}
