//! Every command by its name.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::help::chord_view;
use super::store::Store;
use crate::platform::dom;
use crate::state::commands::{Command, CommandId, Scope, matching};
use crate::state::view_state::Screen;

/// The palette, to stand in a dialog.
#[component]
pub fn Palette(
    /// Which keys are in force.
    store: Store,
    /// Carry out this command.
    #[prop(into)]
    on_run: Callback<CommandId>,
) -> impl IntoView {
    let words = RwSignal::new(String::new());
    let at = RwSignal::new(0_usize);
    let found = Memo::new(move |_| {
        let ids = matching(&words.get()).into_iter().map(|command| command.id);
        let can_run = |id: &CommandId| *id != CommandId::Palette && applies(store, *id);
        ids.filter(can_run).collect::<Vec<_>>()
    });
    let run_at = move |at: usize| {
        if let Some(id) = found.with_untracked(|found| found.get(at).copied()) {
            on_run.run(id);
        }
    };
    let step = move |by: i32| {
        let n = found.with_untracked(Vec::len) as i32;
        at.update(|at| *at = (*at as i32 + by).rem_euclid(n.max(1)) as usize);
        dom::reveal_id(&line_id(at.get_untracked()));
    };
    let on_key = move |event: KeyboardEvent| {
        match event.key().as_str() {
            "ArrowDown" => step(1),
            "ArrowUp" => step(-1),
            "Enter" => run_at(at.get_untracked()),
            _ => return,
        }
        event.prevent_default();
    };
    let is_mac = dom::is_mac();
    let line = move |(index, id): (usize, CommandId)| {
        let command = Command::of(id);
        let title = command.map_or("", |c| c.title);
        let group = command.map_or("", |c| c.group.title());
        let keys = move || {
            let chord = command.and_then(|c| c.keys(store.keys()).first());
            chord.map(|chord| chord_view(chord, is_mac))
        };
        view! {
            <li
                id=line_id(index)
                role="option"
                aria-selected=move || if at.get() == index { "true" } else { "false" }
                on:click=move |_| run_at(index)
                on:pointermove=move |_| at.set(index)
            >
                <span class="title">{title}</span>
                <span class="muted">{group}</span>
                {keys}
            </li>
        }
    };
    view! {
        <div class="palette">
            <input
                type="text"
                role="combobox"
                aria-label="Command"
                aria-expanded="true"
                aria-controls="palette-list"
                aria-activedescendant=move || line_id(at.get())
                placeholder="What do you want to do?"
                autocomplete="off"
                spellcheck="false"
                autofocus
                on:input=move |event| {
                    words.set(event_target_value(&event));
                    at.set(0);
                }
                on:keydown=on_key
            />
            <ul id="palette-list" role="listbox" aria-label="Commands">
                {move || found.get().into_iter().enumerate().map(line).collect_view()}
            </ul>
            <Show when=move || found.with(Vec::is_empty)>
                <p class="muted">"No command has these words."</p>
            </Show>
        </div>
    }
}

/// Whether a command has something to act on.
fn applies(store: Store, id: CommandId) -> bool {
    let (screen, shows_trace) = store.with(|s| (s.screen, s.shows_trace()));
    Command::of(id).is_some_and(|command| match command.scope {
        Scope::Everywhere => true,
        Scope::Loaded => screen != Screen::Open,
        Scope::Timeline => shows_trace,
    })
}

fn line_id(index: usize) -> String {
    format!("palette-{index}")
}
