//! The help: every command with its keys, made from the table of commands, and what the mouse does.

use leptos::prelude::*;

use super::store::Store;
use super::widgets::{Icon, Symbol};
use crate::platform::dom;
use crate::state::commands::{Command, GESTURES, Group, matching};
use crate::state::keys::Chord;

const GROUPS: [Group; 5] = [Group::Time, Group::Rows, Group::Fold, Group::Find, Group::Page];

/// The help, to stand in a dialog.
#[component]
pub fn Help(
    /// Which keys are in force.
    store: Store,
) -> impl IntoView {
    let words = RwSignal::new(String::new());
    let is_mac = dom::is_mac();
    let group = move |group: Group| {
        move || {
            let keys = store.keys();
            let rows: Vec<_> = matching(&words.get())
                .into_iter()
                .filter(|command| command.group == group && !command.keys(keys).is_empty())
                .map(|command| row(command, command.keys(keys), is_mac))
                .collect();
            (!rows.is_empty()).then(|| {
                view! {
                    <section>
                        <h3>{group.title()}</h3>
                        <dl>{rows}</dl>
                    </section>
                }
            })
        }
    };
    let gestures = move || {
        let words = words.get().to_lowercase();
        let rows: Vec<_> = GESTURES
            .iter()
            .filter(|(gesture, does)| format!("{gesture} {does}").to_lowercase().contains(&words))
            .map(|(gesture, does)| {
                view! {
                    <div>
                        <dt>{*does}</dt>
                        <dd class="gesture">{*gesture}</dd>
                    </div>
                }
            })
            .collect();
        (!rows.is_empty()).then(|| {
            view! {
                <section>
                    <h3>"Mouse and fingers"</h3>
                    <dl>{rows}</dl>
                </section>
            }
        })
    };
    view! {
        <div class="help">
            <div class="search">
                <Icon symbol=Symbol::Search />
                <input
                    type="search"
                    aria-label="Search the help"
                    placeholder="Search"
                    autofocus
                    prop:value=words
                    on:input=move |event| words.set(event_target_value(&event))
                />
            </div>
            <div class="groups">
                {GROUPS.map(group).into_iter().collect_view()}
                {gestures}
            </div>
        </div>
    }
}

fn row(command: &'static Command, chords: &'static [Chord], is_mac: bool) -> impl IntoView {
    view! {
        <div>
            <dt>{command.title}</dt>
            <dd>{chords.iter().map(|chord| chord_view(chord, is_mac)).collect_view()}</dd>
        </div>
    }
}

/// The caps of a chord.
pub fn chord_view(chord: &Chord, is_mac: bool) -> impl IntoView + use<> {
    let caps = chord.caps(is_mac).into_iter().map(|cap| view! { <kbd>{cap}</kbd> }).collect_view();
    view! { <span class="chord">{caps}</span> }
}
