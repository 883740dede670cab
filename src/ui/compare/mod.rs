//! Two traces, or two sets of traces, side by side: what the difference is and where it comes from.
//!
//! Everything is worked out by the engine; here it is put into a table, a waterfall and lists.

pub mod answers;
pub mod calls;
pub mod differences;
pub mod sides;
pub mod waterfall;

use leptos::prelude::*;

pub use answers::Answers;

use super::analyses::Stage;
use super::services::Services;
use super::store::Store;
use super::widgets::{Button, DataTable, Look, TableColumn, TableRow};
use crate::base::sort::CompactSort as _;
use crate::base::text::counted;
use crate::model::ids::{SpanId, TraceId};
use crate::state::action::Action;
use crate::state::compare::{Compare, Other};
use crate::state::compare_texts::{HEADINGS, Rows};
use crate::ui::effect::{effect, focus_once};
use crate::view::format;
use crate::wire::compare::SpanPlace;
use calls::Calls;
use differences::Differences;
use sides::SideHeading;
use waterfall::BothWaterfall;

/// Id of the table of call paths.
const TABLE_ID: &str = "compare-table";

/// The parts of the screen, of which one is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Part {
    #[default]
    Paths,
    Waterfall,
    Differences,
}

const PARTS: [(Part, &str); 3] =
    [(Part::Paths, "Call paths"), (Part::Waterfall, "Both traces"), (Part::Differences, "New and gone")];

/// The screen.
#[component]
pub fn CompareScreen(
    /// The engine.
    services: Services,
    /// The state.
    store: Store,
) -> impl IntoView {
    let answers = services.compare;
    let sides = Memo::new(move |_| {
        let index = services.index.get().filter(|index| index.complete)?;
        let before = services.before_added.get();
        let compare = store.with(|s| s.compare.clone())?;
        Some((index.revision, compare.sides(&index.list.id, before.as_deref().map(Vec::as_slice))))
    });
    let ask = move || {
        if let Some((revision, sides)) =
            sides.get_untracked().filter(|(_, s)| s.iter().all(|s| !s.is_empty()))
        {
            services.ask_compare(revision, sides);
        }
    };
    effect(move || {
        sides.track();
        ask();
    });
    let part = RwSignal::new(Part::default());
    services.commands.register(move |command| {
        let view = command.view();
        if let Some(view) = view {
            store.apply(Action::ShowView(view));
        }
        view.is_some()
    });
    let has_table = Memo::new(move |_| answers.table.with(Option::is_some));
    let shown = Memo::new(move |_| match (store.with(|s| s.compare.is_some()), sides.get()) {
        (false, _) => Shown::Unchosen,
        (true, None) => Shown::Waiting,
        (true, Some((_, [a, b]))) if a.is_empty() || b.is_empty() => Shown::Missing(a.is_empty()),
        (true, Some(_)) if has_table.get() => Shown::Table,
        (true, Some(_)) => Shown::Working,
    });
    focus_once(move || has_table.get().then(|| TABLE_ID.to_owned()));
    let choice = move |(which, word): (Part, &'static str)| {
        view! {
            <Button
                label=word
                look=Look::Plain
                pressed=Signal::derive(move || part.get() == which)
                on_press=move |()| part.set(which)
            />
        }
    };
    let body = move || match part.get() {
        Part::Paths => view! { <PathTable services store /> }.into_any(),
        Part::Waterfall => view! { <BothWaterfall services store /> }.into_any(),
        Part::Differences => view! { <Differences answers /> }.into_any(),
    };
    view! {
        <section class="compare" aria-label="Comparison">
            <h1 class="visually-hidden">"Comparison"</h1>
            {move || match shown.get() {
                Shown::Unchosen => view! { <Unchosen services store /> }.into_any(),
                Shown::Waiting => {
                    view! { <p class="muted" role="status">"Waiting for all traces…"</p> }.into_any()
                }
                Shown::Missing(is_a) => view! { <Missing store is_a /> }.into_any(),
                Shown::Working => view! { <Working services on_again=move |()| ask() /> }.into_any(),
                Shown::Table => {
                    view! {
                        <header class="sides">
                            <SideHeading services side=0 />
                            <Button
                                label="Swap A and B"
                                look=Look::Plain
                                on_press=move |()| store.apply(Action::SwapCompared)
                            />
                            <SideHeading services side=1 />
                            <Change answers />
                        </header>
                        <p class="sentence" role="status">
                            {move || answers.table.with(|t| t.as_ref().map(|t| t.sentence.clone()))}
                        </p>
                        <div class="choices" role="group" aria-label="Parts of the comparison">
                            {PARTS.map(choice).collect_view()}
                            <Unlinked store />
                        </div>
                        {body}
                    }
                        .into_any()
                }
            }}
        </section>
    }
}

/// What the screen can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    Unchosen,
    Waiting,
    /// A side has no trace in what is open; whether that is A.
    Missing(bool),
    Working,
    Table,
}

/// The change of the total.
#[component]
fn Change(answers: Answers) -> impl IntoView {
    let text = move || {
        answers.table.with(|table| {
            let [a, b] = table.as_ref()?.root_ns;
            let delta = b.saturating_sub(a);
            let share = format::percent(delta.saturating_abs(), a);
            let sign = if delta < 0 { "−" } else { "+" };
            Some(match (delta, share.as_str()) {
                (0, _) => "no change".to_owned(),
                (_, "") => signed(delta),
                // A tenfold change is told better by the two numbers.
                _ if delta / 10 > a => signed(delta),
                _ => format!("{} ({sign}{share})", signed(delta)),
            })
        })
    };
    let more = move || answers.table.with(|t| t.as_ref().map(|t| t.root_ns[1] > t.root_ns[0]));
    view! {
        <p class="change" data-more=move || more().filter(|more| *more).map(|_| "")>
            <span class="muted">"Change "</span>
            <strong>{text}</strong>
        </p>
    }
}

fn signed(ns: i64) -> String {
    let sign = if ns < 0 { "−" } else { "+" };
    format!("{sign}{}", format::duration(crate::model::time::DurationNanos(ns.saturating_abs())))
}

/// The table of call paths, what it adds up to, and the calls of the chosen row.
#[component]
fn PathTable(services: Services, store: Store) -> impl IntoView {
    let answers = services.compare;
    let all = RwSignal::new(false);
    let sort = RwSignal::new(None::<(usize, bool)>);
    let rows =
        Memo::new(move |_| answers.table.with(|t| t.as_ref().map(|t| Rows::new(t, all.get(), sort.get()))));
    let n_rows = Memo::new(move |_| rows.with(|r| r.as_ref().map_or(0, |r| r.order.len())));
    let row = move |at: usize| {
        let text = answers.table.with(|table| rows.with(|rows| rows.as_ref()?.row(table.as_ref()?, at)));
        let text = text.unwrap_or_default();
        TableRow { cells: text.cells, service: None, permille: text.permille, note: text.note }
    };
    let chosen = RwSignal::new(None::<u32>);
    effect(move || {
        answers.table.track();
        chosen.set(None);
    });
    let on_choose = move |at: usize| {
        if let Some(of_table) = rows.with_untracked(|r| r.as_ref()?.order.get(at).copied()) {
            chosen.set(Some(of_table));
            services.ask_compared_row(of_table);
        }
    };
    let on_sort = move |at: usize| {
        sort.update(|sort| {
            let turned = sort.filter(|o| o.0 == at).map(|o| !o.1);
            *sort = Some((at, turned.unwrap_or(at > 1)));
        });
    };
    let columns: Vec<TableColumn> =
        HEADINGS.iter().enumerate().map(|(at, heading)| TableColumn { heading, is_number: at > 1 }).collect();
    let sum = move || answers.table.with(|table| rows.with(|rows| Some(rows.as_ref()?.sum(table.as_ref()?))));
    view! {
        <div class="paths" data-chosen=move || chosen.get().map(|_| "")>
            <DataTable
                label="Call paths of both sides"
                id=TABLE_ID
                columns=Signal::stored(columns)
                n_rows
                row
                sort
                on_sort
                on_choose
            />
            <Show when=move || chosen.get().is_some()>
                <Calls services store on_close=move |()| chosen.set(None) />
            </Show>
        </div>
        <footer class="sum">
            <Button
                label="Unchanged too"
                look=Look::Plain
                pressed=all
                on_press=move |()| all.update(|all| *all = !*all)
            />
            <output aria-label="Sum of the changes">{sum}</output>
        </footer>
    }
}

/// Says where a comparison begins.
#[component]
fn Unchosen(services: Services, store: Store) -> impl IntoView {
    let n_traces = move || services.index.with(|i| i.as_ref().map_or(0, |i| i.list.len()));
    // A trace is open: another of its kind is at hand.
    let typical = move || {
        let open = store.with(|s| s.trace)?;
        let index = services.index.get()?;
        let list = &index.list;
        let at = list.find(open)?;
        let mut kind: Vec<u32> = (0..list.len() as u32)
            .filter(|&t| {
                let t = t as usize;
                t != at.at()
                    && list.root_name.get(t) == list.root_name.get(at.at())
                    && list.root_service.get(t) == list.root_service.get(at.at())
            })
            .collect();
        kind.compact_sort_by_key(|&t| (list.duration.get(t as usize).copied(), t));
        let other = *list.id.get(*kind.get(kind.len() / 2)? as usize)?;
        let label =
            format!("Compare with the typical one of {} like it", counted(kind.len() as u64, "trace"));
        Some(view! {
            <Button
                label
                look=Look::Main
                on_press=move |()| store.apply(Action::Compare(Compare::of([other], [open])))
            />
        })
    };
    view! {
        <div class="unchosen">
            <h2>"What is to be compared?"</h2>
            <p>
                "Tick two traces in the list and choose “Compare”; or tick several, to compare them with the others. "
                "To compare with another file, drop it on this page and choose “Compare”."
            </p>
            <p class="ways">
                {typical}
                <Show when=move || n_traces().gt(&1)>
                    <Button label="Choose in the list" on_press=move |()| store.apply(Action::ShowTraces) />
                </Show>
            </p>
        </div>
    }
}

/// A side is not in what is open.
#[component]
fn Missing(store: Store, is_a: bool) -> impl IntoView {
    let is_coming = store.look(|s| matches!(s.compare.as_ref().map(|c| &c.other), Some(Other::Url(_))));
    let text = match (is_coming, is_a) {
        (true, _) => "Waiting for the other file…",
        (_, true) => "The traces of side A are not in what is open.",
        (_, false) => "The traces of side B are not in what is open.",
    };
    view! {
        <div class="unchosen">
            <p role="status">{text}</p>
            <p class="ways">
                <Button label="Choose in the list" on_press=move |()| store.apply(Action::ShowTraces) />
            </p>
        </div>
    }
}

/// How far the comparison is.
#[component]
fn Working(services: Services, #[prop(into)] on_again: Callback<()>) -> impl IntoView {
    let stage = services.compare.stage;
    let text = move || match stage.get() {
        Stage::Running { done, of, .. } if of > 0 => {
            format!("Comparing, {}…", format::percent(i64::from(done), i64::from(of)))
        }
        Stage::Failed(reason) => format!("The traces could not be compared: {reason}"),
        Stage::Idle => "The comparison was cancelled.".to_owned(),
        _ => "Comparing…".to_owned(),
    };
    let is_running = Memo::new(move |_| matches!(stage.get(), Stage::Running { .. }));
    view! {
        <div class="unchosen">
            <p role="status">{text}</p>
            <p class="ways">
                <Show
                    when=move || is_running.get()
                    fallback=move || view! { <Button label="Compare again" on_press=on_again /> }
                >
                    <Button label="Cancel" on_press=move |()| services.cancel_compare() />
                </Show>
            </p>
        </div>
    }
}

/// Says that a link cannot carry what is compared.
#[component]
fn Unlinked(store: Store) -> impl IntoView {
    let is_linkable = move || store.with(|s| s.compare.as_ref().is_none_or(Compare::is_linkable));
    view! {
        <Show when=move || !is_linkable()>
            <span class="muted">"A link cannot carry sets as large as these."</span>
        </Show>
    }
}

/// Leads to a span of one side in its timeline.
#[component]
pub fn SpanLink(
    /// The state.
    store: Store,
    /// Where.
    place: SpanPlace,
    /// 0 for A, 1 for B.
    side: usize,
) -> impl IntoView {
    let label = if side == 0 { "Show in A’s timeline" } else { "Show in B’s timeline" };
    let go = move |()| {
        if let Some(trace) = TraceId::from_hex(&place.trace) {
            store.apply(Action::OpenTrace(trace));
            store.apply_in_place(Action::Select(SpanId::from_hex(&place.span)));
        }
    };
    view! { <Button label look=Look::Link on_press=go /> }
}
