//! The find box: words over names, services and, through the engine, attributes; next, previous and a count.

use crate::ui::effect::effect;
use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;

use super::handle::TimelineHandle;
use crate::base::bitset::BitSet;
use crate::base::text::grouped;
use crate::platform::dom;
use crate::ui::services::Services;
use crate::ui::widgets::{Button, Look, Symbol};
use crate::view::find::{Term, Words};
use crate::view::timeline::{Direction, Timeline};
use crate::wire::Sought;
use crate::wire::pack::Reader;

/// Milliseconds without typing before attributes are searched.
const PAUSE_MILLIS: u64 = 150;

/// The find box.
#[component]
pub fn FindBox(
    /// The timeline.
    handle: TimelineHandle,
    /// The engine.
    services: Services,
    /// What is searched for.
    #[prop(into)]
    query: Signal<String>,
    /// The reader searches for something else.
    #[prop(into)]
    on_query: Callback<String>,
    /// Whether the rows are only the matches.
    #[prop(into)]
    filters: Signal<bool>,
    /// The reader wants only the matches, or all rows again.
    #[prop(into)]
    on_filters: Callback<bool>,
    /// The input, for the key that goes there.
    node: NodeRef<html::Input>,
    /// A match was gone to.
    #[prop(into)]
    on_go: Callback<()>,
) -> impl IntoView {
    let searching = RwSignal::new(false);
    let asked = StoredValue::new(0_u32);
    let search = move |elsewhere: &[BitSet]| {
        let words = Words::parse_with_attributes(&query.get_untracked());
        handle.change_measured("spanscope:find", |t| {
            let found = (!words.is_empty()).then(|| words.find_with(t.trace(), elsewhere));
            t.set_matches(found, filters.get_untracked());
        });
    };
    let pause = StoredValue::new_local(None::<TimeoutHandle>);
    effect(move || {
        let words = Words::parse_with_attributes(&query.get());
        services.trace.track();
        search(&[]);
        searching.set(!words.is_empty());
        pause.update_value(|p| {
            if let Some(p) = p.take() {
                p.clear();
            }
        });
        let words: Vec<Sought> = words.terms().cloned().map(sought).collect();
        let ask = move || asked.set_value(services.ask_find(words));
        pause.set_value(set_timeout_with_handle(ask, std::time::Duration::from_millis(PAUSE_MILLIS)).ok());
    });
    effect(move || {
        let Some(found) = services.found.get().filter(|f| f.ask == asked.get_value()) else { return };
        searching.set(!found.complete);
        let mut reader = Reader::new(&found.bytes);
        let n_words = Words::parse_with_attributes(&query.get_untracked()).terms().count();
        let sets: Vec<BitSet> = (0..n_words).map_while(|_| reader.bitset().ok()).collect();
        search(&sets);
    });

    effect(move || {
        let filters = filters.get();
        handle.change_measured("spanscope:find", |t| t.set_matches(t.matches().cloned(), filters));
    });
    effect(move || {
        if handle.follow(Timeline::is_filter_lifted) == Some(true) {
            on_filters.run(false);
        }
    });

    let go = move |direction: Direction| {
        if handle.change(|t| t.go_to_match(direction)) == Some(true) {
            on_go.run(());
        }
    };
    let on_key = move |event: KeyboardEvent| {
        match (event.key().as_str(), event.shift_key()) {
            ("Enter", false) => go(Direction::Next),
            ("Enter", true) => go(Direction::Previous),
            ("Escape", _) if !query.with_untracked(String::is_empty) => on_query.run(String::new()),
            ("Escape", _) => {
                dom::focus_id(super::GRID_ID);
            }
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let position = Memo::new(move |_| handle.follow(Timeline::match_position).flatten());
    let said = move || match position.get() {
        None => String::new(),
        Some((_, 0)) if searching.get() => "searching…".to_owned(),
        Some((_, 0)) => "no match".to_owned(),
        Some((0, n)) => format!("{} found", grouped(n as u64)),
        Some((at, n)) => format!("{} of {}", grouped(at as u64), grouped(n as u64)),
    };
    let nothing = Signal::derive(move || position.get().is_none_or(|(_, n)| n == 0));
    view! {
        <div class="find-box" role="search">
            <input
                type="search"
                aria-label="Find spans"
                placeholder="Find name, service, key=value"
                spellcheck="false"
                autocomplete="off"
                node_ref=node
                prop:value=move || query.get()
                on:input=move |event| on_query.run(event_target_value(&event))
                on:keydown=on_key
            />
            <output role="status" aria-busy=move || searching.get().to_string()>
                {said}
            </output>
            <Button
                label="Show only matches"
                symbol=Signal::stored(Symbol::Filter)
                look=Look::Icon
                pressed=filters
                on_press=move |()| on_filters.run(!filters.get_untracked())
            />
            <Button
                label="Previous match"
                symbol=Signal::stored(Symbol::Up)
                look=Look::Icon
                disabled=nothing
                on_press=move |()| go(Direction::Previous)
            />
            <Button
                label="Next match"
                symbol=Signal::stored(Symbol::Down)
                look=Look::Icon
                disabled=nothing
                on_press=move |()| go(Direction::Next)
            />
        </div>
    }
}

/// A word as the engine is asked for it.
fn sought(term: Term) -> Sought {
    match term {
        Term::Text(text) => Sought::Text(text),
        Term::Attribute { key, value } => Sought::Attribute { key, value },
    }
}
