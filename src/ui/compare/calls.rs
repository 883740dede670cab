//! The calls of a row side by side, with the attributes in which they differ.

use leptos::prelude::*;

use super::SpanLink;
use crate::base::text::{counted, grouped};
use crate::model::time::DurationNanos;
use crate::state::compare_texts::label;
use crate::ui::services::Services;
use crate::ui::store::Store;
use crate::ui::widgets::{Button, Look, Symbol};
use crate::view::format;
use crate::wire::compare::{Instance, InstancePair, Instances};

/// The panel beside the table.
#[component]
pub fn Calls(
    /// The engine.
    services: Services,
    /// The state.
    store: Store,
    /// It is no longer wanted.
    #[prop(into)]
    on_close: Callback<()>,
) -> impl IntoView {
    let answers = services.compare;
    let title = move || {
        let row = answers.instances.with(|i| i.as_ref().map(|i| i.row))?;
        answers.table.with(|t| t.as_ref()?.rows.get(row as usize)?.path.last().map(label))
    };
    let list = move || match answers.instances.get() {
        None => view! { <p class="muted">"Looking…"</p> }.into_any(),
        Some(found) => {
            let pairs = found.pairs.iter().enumerate();
            view! {
                <p class="muted">{said(&found)}</p>
                <ol>{pairs.map(|(at, pair)| view! { <Pair at pair=pair.clone() store /> }).collect_view()}</ol>
            }
                .into_any()
        }
    };
    view! {
        <aside class="calls" aria-label="Calls side by side">
            <header>
                <h2>{title}</h2>
                <Button
                    label="Close the calls"
                    symbol=Signal::stored(Symbol::Close)
                    look=Look::Icon
                    on_press=on_close
                />
            </header>
            <div class="list" tabindex="0" role="group" aria-label="Pairs of calls">
                {list}
            </div>
        </aside>
    }
}

/// How many calls there are, and which are shown.
fn said(found: &Instances) -> String {
    let [a, b] = found.counts;
    let calls = format!("{} in A, {} in B", counted(a, "call"), grouped(b));
    let n = found.pairs.len() as u64;
    match (found.is_example, n < a.max(b)) {
        (true, _) => format!("{calls}; of each side the one with the most time on the critical path"),
        (_, true) => format!("{calls}; the first {}", grouped(n)),
        _ => calls,
    }
}

#[component]
fn Pair(at: usize, pair: InstancePair, store: Store) -> impl IntoView {
    let InstancePair { sides, changes } = pair;
    let has_both = sides.iter().all(Option::is_some);
    let nothing = (has_both && changes.is_empty()).then(|| view! { <p class="muted">"Same attributes"</p> });
    let sides = sides.into_iter().enumerate().map(|(side, call)| view! { <Call side call store /> });
    let changes = changes.into_iter().map(|change| {
        let [a, b] = change.values.map(|value| value.unwrap_or_else(|| "not there".to_owned()));
        view! {
            <div>
                <dt>{change.key}</dt>
                <dd>
                    <span class="before">{a}</span>
                    " → "
                    <span class="after">{b}</span>
                </dd>
            </div>
        }
    });
    view! {
        <li>
            <h3>{format!("Call {}", at + 1)}</h3>
            <div class="pair">{sides.collect_view()}</div>
            {nothing}
            <dl>{changes.collect_view()}</dl>
        </li>
    }
}

#[component]
fn Call(side: usize, call: Option<Instance>, store: Store) -> impl IntoView {
    let letter = if side == 0 { "A" } else { "B" };
    match call {
        None => view! { <p class="call muted">{format!("{letter}: none")}</p> }.into_any(),
        Some(call) => {
            let [start, duration] =
                [call.start_ns, call.duration_ns].map(|ns| format::duration(DurationNanos(ns)));
            view! {
                <p class="call">
                    <strong>{letter}</strong>
                    " "
                    {duration}
                    <span class="muted">{format!(" from {start}")}</span>
                    <span class="name" title=call.name.clone()>{call.name.clone()}</span>
                    <SpanLink store place=call.place side />
                </p>
            }
            .into_any()
        }
    }
}
