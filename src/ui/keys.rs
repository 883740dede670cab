//! Keys become commands, wherever the focus is.

use leptos::ev::{self, KeyboardEvent};
use leptos::prelude::*;

use super::commands::Commands;
use super::store::Store;
use crate::platform::dom::{self, FocusKind};
use crate::state::commands::resolve;
use crate::state::keys::{Focus, KeyPress};

/// Listens to keys for as long as the present component lives.
pub fn listen(store: Store, commands: Commands) {
    let handle = window_event_listener(ev::keydown, move |event: KeyboardEvent| {
        // What a widget has used for itself, or an input method is composing, is no command.
        if event.default_prevented() || event.is_composing() || dom::has_open_dialog() {
            return;
        }
        let (key, code) = (event.key(), event.code());
        let press = KeyPress {
            key: &key,
            code: &code,
            ctrl: event.ctrl_key(),
            meta: event.meta_key(),
            alt: event.alt_key(),
            shift: event.shift_key(),
            focus: focus(dom::focus_kind(&event)),
        };
        let single_keys = store.with_settings_untracked(|settings| settings.single_keys);
        let command = resolve(untrack(|| store.keys()), single_keys, &press);
        if command.is_some_and(|command| commands.run(command)) {
            event.prevent_default();
        }
    });
    on_cleanup(move || handle.remove());
}

const fn focus(kind: FocusKind) -> Focus {
    match kind {
        FocusKind::Page => Focus::Page,
        FocusKind::Control => Focus::Control,
        FocusKind::Text => Focus::Text,
        FocusKind::Search => Focus::Search,
    }
}
