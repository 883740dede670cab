//! The box for TraceQL: offers what can come next, and shows the place of an error.

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;

use crate::platform::dom;
use crate::platform::timer::{Timer, after};
use crate::source::trouble::Trouble;
use crate::state::traceql::{
    Candidate, Context, Wanted, byte_of_place, byte_of_unit, candidates, completed, context, unit_of_byte,
};
use crate::ui::effect::effect;
use crate::ui::searches::{Searches, Stage};
use crate::ui::widgets::{Button, Look};

/// Values are asked for when the typing has paused so long.
const PAUSE_MILLIS: i32 = 200;
const LIST_ID: &str = "traceql-list";

/// The box.
#[component]
pub fn QueryBox(
    /// What is typed, and what is offered.
    searches: Searches,
) -> impl IntoView {
    let Searches { draft, tags, stage, .. } = searches;
    let node = NodeRef::<html::Input>::new();
    let at = RwSignal::new(None::<Context>);
    let is_open = RwSignal::new(false);
    let active = RwSignal::new(None::<usize>);
    let pause = StoredValue::new_local(None::<Timer>);
    let query = Memo::new(move |_| draft.with(|d| d.traceql.clone()));
    let offered = Memo::new(move |_| {
        let Some(at) = at.get().filter(|_| is_open.get()) else { return Vec::new() };
        let values = match &at.wanted {
            Wanted::Value { field, filter } => searches.values_of(field, filter),
            _ => Vec::new(),
        };
        tags.with(|tags| candidates(&at, tags, &values))
    });
    let is_shown = Memo::new(move |_| offered.with(|o| !o.is_empty()));
    // Where the cursor is, and what can be there.
    let look = move || {
        let Some(area) = node.get_untracked() else { return };
        let text = area.value();
        let unit = area.selection_start().ok().flatten().unwrap_or_default() as usize;
        let next = context(&text, byte_of_unit(&text, unit));
        // With something typed, the first is what Enter takes; without, Enter searches.
        active.set((!next.typed.is_empty()).then_some(0));
        if let Wanted::Value { field, filter } = next.wanted.clone() {
            let ask = move || {
                if let Some(timer) = pause.try_update_value(Option::take).flatten() {
                    timer.release();
                }
                searches.ask_values(field, filter);
            };
            pause.set_value(Some(after(PAUSE_MILLIS, ask)));
        }
        at.set(Some(next));
        is_open.set(true);
    };
    let put_cursor = move |byte: usize| {
        let Some(area) = node.get_untracked() else { return };
        let unit = u32::try_from(unit_of_byte(&area.value(), byte)).unwrap_or(u32::MAX);
        drop(area.focus());
        // Fails for no element of this kind.
        drop(area.set_selection_range(unit, unit));
    };
    let accept = move |candidate: &Candidate| {
        let (Some(area), Some(at)) = (node.get_untracked(), at.get_untracked()) else { return };
        let (text, cursor) = completed(&area.value(), &at, candidate);
        area.set_value(&text);
        draft.update(|d| d.traceql = text);
        put_cursor(cursor);
        look();
    };
    let accept_at = move |index: usize| {
        if let Some(candidate) = offered.with_untracked(|o| o.get(index).cloned()) {
            accept(&candidate);
        }
    };
    let step = move |by: i32| {
        let n = offered.with_untracked(Vec::len) as i32;
        let from = active.get_untracked().map_or(if by > 0 { -1 } else { 0 }, |at| at as i32);
        let to = (from + by).rem_euclid(n.max(1)) as usize;
        active.set(Some(to));
        dom::reveal_id(&option_id(to));
    };
    let on_key = move |event: KeyboardEvent| {
        let is_shown = is_shown.get_untracked();
        let chosen = active.get_untracked().filter(|_| is_shown);
        match event.key().as_str() {
            "ArrowDown" if is_shown => step(1),
            "ArrowUp" if is_shown => step(-1),
            "Tab" if chosen.is_some() && !event.shift_key() => accept_at(chosen.unwrap_or_default()),
            "Enter" if chosen.is_some() && !event.ctrl_key() && !event.meta_key() => {
                accept_at(chosen.unwrap_or_default());
            }
            "Enter" => {
                is_open.set(false);
                searches.submit();
            }
            "Escape" if is_shown => is_open.set(false),
            " " if event.ctrl_key() => look(),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    // Moving the cursor is another place, but only typing opens the list.
    let on_move = move |event: KeyboardEvent| {
        let moves = ["ArrowLeft", "ArrowRight", "Home", "End"];
        if moves.contains(&event.key().as_str()) && is_open.get_untracked() {
            look();
        }
    };
    let option = move |(index, candidate): (usize, Candidate)| {
        let Candidate { text, note, .. } = candidate;
        view! {
            <li
                id=option_id(index)
                role="option"
                aria-selected=move || (active.get() == Some(index)).to_string()
                // The box keeps the focus.
                on:mousedown=move |event| event.prevent_default()
                on:click=move |_| accept_at(index)
            >
                <code>{text}</code>
                <span class="muted">{note}</span>
            </li>
        }
    };
    let fault = Memo::new(move |_| match stage.get() {
        Stage::Failed(Trouble::Answer(problem)) if problem.place.is_some() => Some(problem),
        _ => None,
    });
    effect(move || {
        if query.with(String::is_empty) {
            is_open.set(false);
        }
    });
    let fault_view = move || {
        let problem = fault.get()?;
        let place = problem.place?;
        // It was searched for what the address has; what is typed since may be another text.
        let text = query.get();
        let byte = byte_of_place(&text, place);
        let start = text.get(..byte).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
        let line = text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default().to_owned();
        let before = line.get(..byte - start).unwrap_or_default().to_owned();
        let after = line.get(before.len()..).unwrap_or_default();
        let marked = after.chars().next().map_or_else(|| " ".to_owned(), |c| c.to_string());
        let rest = after.get(marked.len()..).unwrap_or_default().to_owned();
        Some(view! {
            <div class="fault" role="alert">
                <p>{problem.message}</p>
                <pre>{before}<mark>{marked}</mark>{rest}</pre>
                <Button
                    label=format!("Go to line {}, column {}", place.0, place.1)
                    look=Look::Link
                    on_press=move |()| put_cursor(byte)
                />
            </div>
        })
    };
    let said = move || {
        let n = offered.with(Vec::len);
        if is_shown.get() { crate::base::text::counted(n as u64, "suggestion") } else { String::new() }
    };
    view! {
        <div class="field query-box">
            <label for="traceql">"TraceQL"</label>
            <input
                id="traceql"
                type="text"
                node_ref=node
                role="combobox"
                aria-autocomplete="list"
                aria-expanded=move || is_shown.get().to_string()
                aria-controls=LIST_ID
                aria-activedescendant=move || {
                    active.get().filter(|_| is_shown.get()).map(option_id)
                }
                aria-invalid=move || fault.with(Option::is_some).then_some("true")
                aria-describedby="traceql-note"
                spellcheck="false"
                autocomplete="off"
                placeholder="{ resource.service.name = \"checkout\" && status = error }"
                prop:value=query
                on:focus=move |_| searches.ask_tags()
                on:blur=move |_| is_open.set(false)
                on:input=move |event| {
                    let text = event_target_value(&event);
                    draft.update(|d| d.traceql = text);
                    look();
                }
                on:keydown=on_key
                on:keyup=on_move
                on:click=move |_| {
                    if is_open.get_untracked() {
                        look();
                    }
                }
            />
            <ul id=LIST_ID role="listbox" aria-label="Suggestions" hidden=move || !is_shown.get()>
                {move || offered.get().into_iter().enumerate().map(option).collect_view()}
            </ul>
            <p class="visually-hidden" role="status">{said}</p>
            {fault_view}
            <p id="traceql-note" class="note">
                "Enter searches, Tab takes a suggestion, Ctrl+Space shows them. Left empty, it finds any trace."
            </p>
        </div>
    }
}

fn option_id(index: usize) -> String {
    format!("traceql-option-{index}")
}
