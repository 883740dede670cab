//! A modal dialog on the browser's own `<dialog>`, which keeps focus inside and gives it back.

use crate::ui::effect::effect;
use leptos::ev::MouseEvent;
use leptos::html;
use leptos::prelude::*;

use super::button::{Button, Look};
use super::icon::Symbol;

/// Width of a dialog.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DialogSize {
    /// For a few controls.
    Narrow,
    /// For text.
    #[default]
    Normal,
    /// For tables.
    Wide,
}

impl DialogSize {
    const fn word(self) -> &'static str {
        match self {
            Self::Narrow => "narrow",
            Self::Normal => "normal",
            Self::Wide => "wide",
        }
    }
}

/// A modal dialog. Its contents exist only while it is open.
#[component]
pub fn Dialog(
    /// Whether it is open.
    #[prop(into)]
    open: Signal<bool>,
    /// The reader closed it: by Escape, the button, or a click outside.
    #[prop(into)]
    on_close: Callback<()>,
    /// Heading and accessible name.
    #[prop(into)]
    title: Signal<String>,
    /// How wide it is.
    #[prop(optional)]
    size: DialogSize,
    /// What is in it.
    children: ChildrenFn,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    let children = StoredValue::new(children);
    effect(move || {
        let Some(dialog) = node.get() else { return };
        match (open.get(), dialog.open()) {
            // It fails only for an element that is not in the page, which is then about to go anyway.
            (true, false) => drop(dialog.show_modal()),
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    // Only the backdrop belongs to the dialog element itself; everything inside is another target.
    let on_click = move |event: MouseEvent| {
        if event.target() == event.current_target() {
            on_close.run(());
        }
    };
    view! {
        <dialog
            node_ref=node
            class="dialog"
            data-size=size.word()
            aria-label=title
            on:close=move |_| on_close.run(())
            on:mousedown=on_click
        >
            <Show when=move || open.get()>
                <header>
                    <h2>{title}</h2>
                    <Button
                        label="Close"
                        symbol=Symbol::Close
                        look=Look::Icon
                        on_press=move |()| on_close.run(())
                    />
                </header>
                <div class="body" tabindex="0">{children.with_value(|children| children())}</div>
            </Show>
        </dialog>
    }
}
