//! The search form, as people know it from Jaeger.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::query_box::QueryBox;
use super::{Parts, is_tempo, to_connection};
use crate::state::action::Action;
use crate::state::search::{CALLS_LOOK_BACKS, LOOK_BACKS, Search};
use crate::state::search_form::{Draft, Field};
use crate::ui::backends::Connection;
use crate::ui::effect::effect;
use crate::ui::searches::{Searches, Stage};
use crate::ui::widgets::{Button, Look};

/// A text of the draft.
type Text = fn(&mut Draft) -> &mut String;

/// The form.
#[component]
pub fn SearchForm(
    /// The screen.
    parts: Parts,
    /// What is searched.
    connection: Connection,
) -> impl IntoView {
    let Parts { store, searches, .. } = parts;
    let Connection { product, ref label, .. } = connection;
    let is_tempo = is_tempo(product);
    let label = label.clone();
    let change = to_connection(store, connection);
    let Searches { draft, names, operations, stage, .. } = searches;
    // Operations follow the service, as soon as it is one.
    let service = Memo::new(move |_| {
        let service = draft.with(|d| d.service.trim().to_owned());
        let is_known = names.with(|names| names.binary_search(&service).is_ok());
        if is_known { service } else { String::new() }
    });
    effect(move || searches.ask_operations(service.get()));
    let uses_traceql = Memo::new(move |_| is_tempo && draft.with(|d| d.uses_traceql));
    let has_range = Memo::new(move |_| draft.with(|d| d.when == "range"));
    let is_asking = Memo::new(move |_| stage.get() == Stage::Asking);
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        searches.submit();
    };
    let when = move |(value, word): (String, String)| {
        let same = value.clone();
        view! {
            <option value=value selected=move || draft.with(|d| d.when == same)>
                {word}
            </option>
        }
    };
    let ranges = move || {
        let mut ranges: Vec<(String, String)> =
            LOOK_BACKS.iter().map(|&(value, word)| (value.to_owned(), word.to_owned())).collect();
        if is_tempo {
            ranges.push(("any".to_owned(), "Most recent data".to_owned()));
        }
        ranges.push(("range".to_owned(), "From … to …".to_owned()));
        let chosen = draft.with(|d| d.when.clone());
        if ranges.iter().all(|(value, _)| *value != chosen) {
            ranges.insert(0, (chosen.clone(), format!("Last {chosen}")));
        }
        ranges.into_iter().map(when).collect_view()
    };
    let mode = move |(to_traceql, word): (bool, &'static str)| {
        view! {
            <Button
                label=word
                look=Look::Plain
                pressed=Signal::derive(move || uses_traceql.get() == to_traceql)
                on_press=move |()| draft.update(|d| {
                    if to_traceql && d.traceql.trim().is_empty() {
                        d.traceql = d.as_traceql().unwrap_or_default();
                    }
                    d.uses_traceql = to_traceql;
                })
            />
        }
    };
    let fields = move || {
        let services = if is_tempo { "Any service" } else { "Choose a service" };
        view! {
            <TextField searches label="Service" id="search-service" field=Field::Service text=|d| &mut d.service placeholder=services
                choices=names />
            <TextField searches label="Operation" id="search-operation" text=|d| &mut d.operation placeholder="All operations"
                choices=operations />
            <TextField searches label="Attributes" id="search-tags" field=Field::Tags text=|d| &mut d.tags
                placeholder="error=true http.status_code=500" hint="logfmt: key=value, quotes around blanks" />
            <div class="pair">
                <TextField searches label="Min duration" id="search-min" field=Field::Min text=|d| &mut d.min placeholder="100ms" />
                <TextField searches label="Max duration" id="search-max" field=Field::Max text=|d| &mut d.max placeholder="1.2s" />
            </div>
        }
    };
    let to_calls = move |()| {
        let calls = Some(CALLS_LOOK_BACKS[1].0);
        store.apply(Action::Search(store.look(|s| Search { calls, ..s.search.clone() })));
    };
    view! {
        <form class="search-form" aria-label="Search" novalidate on:submit=on_submit>
            <header>
                <h2>{label}</h2>
                {change}
            </header>
            {is_tempo.then(|| view! {
                <div class="modes" role="group" aria-label="Search by">
                    {mode((false, "Fields"))} {mode((true, "TraceQL"))}
                </div>
            })}
            {move || {
                if uses_traceql.get() {
                    view! { <QueryBox searches /> }.into_any()
                } else {
                    fields().into_any()
                }
            }}
            <label class="field">
                <span>"Time range"</span>
                <select on:change=move |event| {
                    let when = event_target_value(&event);
                    draft.update(|d| d.when = when);
                }>{ranges}</select>
            </label>
            <Show when=move || has_range.get()>
                <div class="pair">
                    <TextField searches label="From (UTC)" id="search-from" field=Field::From text=|d| &mut d.from
                        placeholder="2026-03-01 12:00:00" />
                    <TextField searches label="To (UTC)" id="search-to" field=Field::To text=|d| &mut d.to
                        placeholder="2026-03-01 13:00:00" />
                </div>
            </Show>
            <TextField searches label="Limit" id="search-limit" field=Field::Limit text=|d| &mut d.limit placeholder="20" />
            <div class="tools">
                <button type="submit" class="button" data-look="main">"Search"</button>
                <Show when=move || is_asking.get()>
                    <Button label="Cancel search" on_press=move |()| searches.cancel() />
                </Show>
            </div>
            {(!is_tempo).then(|| view! {
                <Button label="Calls between services" look=Look::Link on_press=to_calls />
            })}
        </form>
    }
}

/// A line to be filled in, with what is wrong with it.
#[component]
fn TextField(
    searches: Searches,
    label: &'static str,
    /// One on the page.
    id: &'static str,
    /// What errors of it are filed under.
    #[prop(optional, into)]
    field: Option<Field>,
    /// Where it stands in the draft.
    text: Text,
    placeholder: &'static str,
    /// What is offered.
    #[prop(optional, into)]
    choices: Option<RwSignal<Vec<String>>>,
    /// How it is written.
    #[prop(optional)]
    hint: &'static str,
) -> impl IntoView {
    let Searches { draft, wrong, .. } = searches;
    let error = Memo::new(move |_| {
        wrong.with(|w| w.iter().find(|(of, _)| Some(*of) == field).map(|(_, text)| text.clone()))
    });
    let list = format!("{id}-list");
    let note = format!("{id}-note");
    let value = move || draft.with(|d| text(&mut d.clone()).clone());
    let options = choices.map(|choices| {
        view! {
            <datalist id=list.clone()>
                {move || choices.get().into_iter().map(|name| view! { <option value=name></option> }).collect_view()}
            </datalist>
        }
    });
    let has_note = move || error.with(Option::is_some) || !hint.is_empty();
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <input
                id=id
                type="text"
                spellcheck="false"
                autocomplete="off"
                placeholder=placeholder
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                aria-describedby=note.clone()
                prop:value=value
                on:input=move |event| {
                    let value = event_target_value(&event);
                    draft.update(|d| *text(d) = value);
                }
                list=choices.is_some().then_some(list)
            />
            {options}
            <p id=note class="note" data-error=move || error.with(Option::is_some).then_some("") hidden=move || !has_note()>
                {move || error.get().unwrap_or_else(|| hint.to_owned())}
            </p>
        </div>
    }
}
