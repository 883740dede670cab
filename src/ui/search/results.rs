//! What was found: how much of it, what to do with it, and the traces themselves.

use leptos::prelude::*;

use super::{Failure, Parts};
use crate::base::text::{counted, grouped};
use crate::model::ids::TraceId;
use crate::source::trouble::Trouble;
use crate::state::action::Action;
use crate::state::compare::Compare;
use crate::state::search::{DEFAULT_LOAD, INTERVALS, MAX_LIMIT};
use crate::ui::searches::Stage;
use crate::ui::traces::{Selection, TraceBrowser};
use crate::ui::widgets::{Button, Look};
use crate::view::theme::Theme;

/// The window in which a row names few services: the form takes its part of it.
const NARROW: &str = "(max-width: 1580px)";

/// The results.
#[component]
pub fn ResultsPane(
    /// The screen.
    parts: Parts,
    /// Colours.
    #[prop(into)]
    theme: Signal<&'static Theme>,
) -> impl IntoView {
    let Parts { services, store, session, searches } = parts;
    let stage = searches.stage;
    let n = Memo::new(move |_| searches.index.with(|i| i.as_ref().map(|i| i.list.len())));
    let said = move || {
        let found = n.get().map(|n| match n {
            0 => "No trace found".to_owned(),
            n => format!("{} found", counted(n as u64, "trace")),
        });
        match (stage.get(), found) {
            (Stage::Asking, Some(found)) => format!("{found}; asking again…"),
            (Stage::Asking, None) => "Searching…".to_owned(),
            (_, found) => found.unwrap_or_default(),
        }
    };
    let remarks = move || {
        searches.results.with(|results| {
            let lines = results.as_ref().map(|r| r.remarks.clone()).unwrap_or_default();
            lines.into_iter().map(|line| view! { <p class="remark">{line}</p> }).collect_view()
        })
    };
    let every = Memo::new(move |_| searches.draft.with(|d| d.every));
    let interval = move |(seconds, word): (u32, &'static str)| {
        view! {
            <option value=seconds.to_string() selected=move || every.get() == seconds>
                {word}
            </option>
        }
    };
    let on_interval =
        move |event| searches.set_interval(event_target_value(&event).parse().unwrap_or_default());
    let failed = move || match stage.get() {
        // A fault of the query stands beside the query.
        Stage::Failed(Trouble::Answer(problem)) if problem.place.is_some() => Some(
            view! {
                <div class="search-hint">
                    <h1>"The query was not understood"</h1>
                    <p>"Its fault is marked below the query."</p>
                </div>
            }
            .into_any(),
        ),
        // What stopped the search is no news to who stopped it.
        Stage::Failed(Trouble::Stopped) => None,
        Stage::Failed(trouble) => Some(view! { <Failure parts trouble /> }.into_any()),
        // Without services the form can hardly be filled in.
        _ => match searches.names_stage.get() {
            Stage::Failed(trouble) => Some(view! { <Failure parts trouble /> }.into_any()),
            _ => None,
        },
    };
    let open = move |ids: &[TraceId], then: Option<Action>| session.open_remote(&searches.remote(ids), then);
    let tick_bar = move |shown: Memo<Option<Selection>>| view! { <ResultTools parts shown /> }.into_any();
    let is_empty = Memo::new(move |_| n.get() == Some(0));
    let is_listed = Memo::new(move |_| n.get().is_some_and(|n| n > 0));
    let is_unasked = Memo::new(move |_| {
        let has_names = searches.names_stage.with(|s| !matches!(s, Stage::Failed(_)));
        n.get().is_none() && has_names && stage.with(|s| *s == Stage::Idle)
    });
    let is_tempo = super::is_tempo(session.backends.current_now().map(|c| c.product).unwrap_or_default());
    let hint = move || {
        let has_none = searches.names_stage.get() == Stage::Done && searches.names.with(Vec::is_empty);
        match (is_tempo, has_none) {
            (true, _) => "Fill in what you know and search. What is left empty finds anything.",
            (false, true) => {
                "Jaeger names no service: nothing was recorded yet, or it belongs to another tenant."
            }
            (false, false) => "Choose a service and search. What else is left empty finds anything.",
        }
    };
    let advice = move || {
        searches.results.with(|results| {
            let lines = results.as_ref().map(|r| r.advice.clone()).unwrap_or_default();
            lines.into_iter().map(|line| view! { <li>{line}</li> }).collect_view()
        })
    };
    view! {
        <div class="search-results">
            <header class="bar">
                <div class="said">
                    <p class="found" role="status">{said}</p>
                    {remarks}
                </div>
                <label>
                    "Reload "
                    <select on:change=on_interval>{INTERVALS.map(interval).collect_view()}</select>
                </label>
            </header>
            {failed}
            <Show when=move || is_unasked.get()>
                <div class="search-hint">
                    <h1>"Search for traces"</h1>
                    <p>{hint}</p>
                </div>
            </Show>
            <Show when=move || is_empty.get()>
                <div class="search-hint">
                    <h1>"No trace found"</h1>
                    <ul>{advice}</ul>
                </div>
            </Show>
            <Show when=move || is_listed.get()>
                <TraceBrowser
                    label="Search results"
                    index=searches.index
                    ticks=searches.ticks
                    tick_bar=Callback::new(tick_bar)
                    commands=services.commands
                    store
                    theme
                    narrow=NARROW
                    takes_focus=false
                    on_open=move |id: TraceId| open(&[id], None)
                />
            </Show>
        </div>
    }
}

/// What can be done with what is ticked, and with all that is listed.
#[component]
fn ResultTools(
    parts: Parts,
    /// The traces that are listed.
    shown: Memo<Option<Selection>>,
) -> impl IntoView {
    let Parts { session, searches, .. } = parts;
    let ticks = searches.ticks;
    let most = RwSignal::new(DEFAULT_LOAD);
    let n_ticked = Memo::new(move |_| ticks.len());
    let n_shown = Memo::new(move |_| shown.with(|s| s.as_ref().map_or(0, |s| s.order.len())));
    let load = move |ids: Vec<TraceId>, then: Option<Action>| {
        session.open_remote(&searches.remote(&ids), then);
    };
    let compare = move |()| {
        let ids = ticks.in_order();
        if let [a, b] = ids[..] {
            load(ids, Some(Action::Compare(Compare::of([a], [b]))));
        }
    };
    let all = move |()| {
        let most = most.get_untracked() as usize;
        load(shown.with_untracked(|s| s.iter().flat_map(Selection::ids).take(most).collect()), None);
    };
    let all_label = Signal::derive(move || match (n_shown.get() as u64, u64::from(most.get())) {
        (n, most) if n > most => format!("Load the first {} of {}", grouped(most), grouped(n)),
        (n, _) => format!("Load all {}", grouped(n)),
    });
    let ticked_label = Signal::derive(move || format!("Load the {} ticked", grouped(n_ticked.get() as u64)));
    let is_many = move || n_shown.get() > DEFAULT_LOAD as usize;
    view! {
        <Show when=move || n_ticked.get().gt(&0)>
            <div class="ticks" role="group" aria-label="Ticked traces">
                <output role="status">{move || format!("{} ticked", counted(n_ticked.get() as u64, "trace"))}</output>
                <Show when=move || n_ticked.get().eq(&2)>
                    <Button label="Compare the two" look=Look::Main on_press=compare />
                </Show>
                <Button label=ticked_label on_press=move |()| load(ticks.in_order(), None) />
                <Button label="Clear ticks" look=Look::Plain on_press=move |()| ticks.forget() />
            </div>
        </Show>
        <span class="load-all">
            <Button
                label=all_label
                hint="Fetches them all, to be analysed together"
                disabled=Signal::derive(move || n_shown.get() == 0)
                on_press=all
            />
            <Show when=is_many>
                <label>
                    "at most "
                    <input
                        type="number"
                        min="1"
                        max=MAX_LIMIT.to_string()
                        prop:value=move || most.get().to_string()
                        on:change=move |event| {
                            let wanted = event_target_value(&event).parse::<u32>().unwrap_or(DEFAULT_LOAD);
                            most.set(wanted.clamp(1, MAX_LIMIT));
                        }
                    />
                </label>
            </Show>
        </span>
    }
}
