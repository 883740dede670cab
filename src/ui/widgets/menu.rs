//! A button that opens a short list of choices.

use crate::ui::effect::effect;
use leptos::ev::{FocusEvent, KeyboardEvent};
use leptos::html;
use leptos::prelude::*;

use crate::platform::dom;

use super::icon::{Icon, Symbol};

/// One line of a menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Given back when it is chosen.
    pub id: &'static str,
    /// The words.
    pub label: String,
    /// Whether it is the one in force; none for a plain command.
    pub checked: Option<bool>,
}

/// A menu.
#[component]
pub fn Menu(
    /// Name of the button.
    #[prop(into)]
    label: Signal<String>,
    /// Symbol of the button.
    #[prop(into)]
    symbol: Signal<Symbol>,
    /// The lines.
    #[prop(into)]
    choices: Signal<Vec<Choice>>,
    /// The reader chose the line with this id.
    #[prop(into)]
    on_choose: Callback<&'static str>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let root = NodeRef::<html::Div>::new();
    let button = NodeRef::<html::Button>::new();
    let close = move |give_back: bool| {
        open.set(false);
        if give_back && let Some(button) = button.get_untracked() {
            drop(button.focus());
        }
    };
    // The list appears with the next rendering; its first line takes the focus then.
    effect(move || {
        if open.get() {
            request_animation_frame(move || focus_line(root, 0));
        }
    });
    let on_key = move |event: KeyboardEvent| {
        if !open.get_untracked() {
            return;
        }
        match event.key().as_str() {
            "Escape" => close(true),
            "Tab" => close(false),
            "ArrowDown" => focus_line(root, 1),
            "ArrowUp" => focus_line(root, -1),
            _ => return,
        }
        if event.key() != "Tab" {
            event.prevent_default();
        }
        event.stop_propagation();
    };
    let on_blur = move |event: FocusEvent| {
        let inside = root.get_untracked().is_some_and(|root| dom::focus_stays_within(&root, &event));
        if !inside {
            open.set(false);
        }
    };
    let line = move |choice: Choice| {
        let role = if choice.checked.is_some() { "menuitemradio" } else { "menuitem" };
        let checked = choice.checked.map(|c| if c { "true" } else { "false" });
        let choose = move |_| {
            close(true);
            on_choose.run(choice.id);
        };
        view! {
            <button type="button" role=role tabindex="-1" aria-checked=checked on:click=choose>
                {choice.checked.map(|_| view! { <span class="tick"><Icon symbol=Symbol::Check /></span> })}
                {choice.label}
            </button>
        }
    };
    view! {
        <div class="menu" node_ref=root on:keydown=on_key on:focusout=on_blur>
            <button
                type="button"
                class="button"
                data-look="icon"
                node_ref=button
                aria-haspopup="menu"
                aria-expanded=move || if open.get() { "true" } else { "false" }
                aria-label=label
                title=label
                on:click=move |_| open.update(|o| *o = !*o)
            >
                <Icon symbol />
            </button>
            <Show when=move || open.get()>
                <div role="menu" aria-label=label>
                    {move || choices.get().into_iter().map(line).collect_view()}
                </div>
            </Show>
        </div>
    }
}

/// Moves the focus by `step` lines; 0 means the line in force, or the first.
fn focus_line(root: NodeRef<html::Div>, step: i32) {
    if let Some(root) = root.get_untracked() {
        dom::focus_within(&root, "[role^='menuitem']", step);
    }
}
