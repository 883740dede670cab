//! A button with its symbol, its word and its look.

use leptos::prelude::*;

use super::icon::{Icon, Symbol};

/// How much a button asks for attention.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Look {
    /// A frame.
    #[default]
    Normal,
    /// Filled with the accent: the one step that goes on.
    Main,
    /// A word without frame.
    Plain,
    /// A symbol alone; the label is its name and tooltip.
    Icon,
    /// Like a link within text.
    Link,
}

impl Look {
    /// Value of the `data-look` attribute.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Main => "main",
            Self::Plain => "plain",
            Self::Icon => "icon",
            Self::Link => "link",
        }
    }
}

/// A button.
#[component]
pub fn Button(
    /// The word on it, or its accessible name where only the symbol is shown.
    #[prop(into)]
    label: Signal<String>,
    /// What it does.
    #[prop(into)]
    on_press: Callback<()>,
    /// Symbol before the word.
    #[prop(optional, into)]
    symbol: Option<Signal<Symbol>>,
    /// How it looks.
    #[prop(optional)]
    look: Look,
    /// Tooltip; for a symbol alone the label is used when there is none.
    #[prop(optional, into)]
    hint: Option<Signal<String>>,
    /// Whether it can be pressed now.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// State of a button that stays pressed.
    #[prop(optional, into)]
    pressed: Option<Signal<bool>>,
) -> impl IntoView {
    let alone = look == Look::Icon;
    let title = move || hint.map(|h| h.get()).or_else(|| alone.then(|| label.get()));
    let name = move || alone.then(|| label.get());
    let pressed = move || pressed.map(|p| if p.get() { "true" } else { "false" });
    view! {
        <button
            type="button"
            class="button"
            data-look=look.word()
            title=title
            aria-label=name
            aria-pressed=pressed
            disabled=move || disabled.get()
            on:click=move |_| on_press.run(())
        >
            {symbol.map(|symbol| view! { <Icon symbol /> })}
            {(!alone).then(|| view! { <span class="word">{label}</span> })}
        </button>
    }
}
