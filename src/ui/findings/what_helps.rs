//! What would help most: the operations on the critical path, each with a slider that makes it faster.

use std::time::Duration;

use leptos::prelude::*;

use super::explain::{Explain, WHAT_IF};
use crate::base::text::counted;
use crate::model::index::SpanIdx;
use crate::model::time::DurationNanos;
use crate::state::what_if::{ASSUMPTIONS, Operation, faster_words};
use crate::ui::shared::Shared;
use crate::ui::widgets::{Button, Look, ServiceTag};
use crate::view::format;
use crate::wire::analysis::OperationRow;

/// Operations shown before more are asked for.
const FEW: usize = 5;
/// While a slider is dragged it is played through at most this often.
const PAUSE: Duration = Duration::from_millis(120);

/// The sliders.
#[component]
pub fn WhatHelps(
    /// The explanation.
    explain: Explain,
) -> impl IntoView {
    let shows_all = RwSignal::new(false);
    let rows = Memo::new(move |_| explain.services.analyses.operations.get().map(|rows| worth_it(&rows)));
    let n = move || rows.with(|rows| rows.as_ref().map_or(0, |rows| rows.len()));
    let shown = move || {
        let rows = rows.get().map(|rows| rows.to_vec()).unwrap_or_default();
        let n = if shows_all.get() { rows.len() } else { FEW };
        rows.into_iter().take(n).collect::<Vec<_>>()
    };
    let total = move || match explain.outcome.get() {
        Some(outcome) => format!(
            "{} instead of {}",
            format::duration(DurationNanos(outcome.totals.after_ns)),
            format::duration(DurationNanos(outcome.totals.before_ns))
        ),
        None => String::new(),
    };
    let more = move || {
        if shows_all.get() {
            "Show fewer operations".to_owned()
        } else {
            format!("Show {}", counted(n().saturating_sub(FEW) as u64, "more operation"))
        }
    };
    view! {
        <Show when=move || n() != 0>
            <section class="what-helps" aria-labelledby=WHAT_IF>
                <h3 id=WHAT_IF tabindex="-1">"What would help most"</h3>
                <p class="muted">
                    "Operations by their time on the critical path. Move a slider to see the trace with a faster one."
                </p>
                <ul>
                    <For
                        each=shown
                        key=|row| (row.service.clone(), row.name.clone(), row.kind.clone(), row.saving_half_ns)
                        children=move |row| view! { <Slider explain row /> }
                    />
                </ul>
                <Show when=move || { n() > FEW }>
                    <Button
                        label=Signal::derive(more)
                        look=Look::Link
                        on_press=move |()| shows_all.update(|s| *s = !*s)
                    />
                </Show>
                <p class="total">
                    <output aria-label="The request would take">{total}</output>
                    <small>{ASSUMPTIONS}</small>
                </p>
            </section>
        </Show>
    }
}

/// The operations whose change would be felt, or is not known yet.
fn worth_it(rows: &[OperationRow]) -> Shared<Vec<OperationRow>> {
    Shared::new(rows.iter().filter(|row| row.cp_ns > 0).take(20).cloned().collect())
}

/// One operation.
#[component]
fn Slider(explain: Explain, row: OperationRow) -> impl IntoView {
    let operation = StoredValue::new(Operation::from(&row));
    let set = move |permille: i64| {
        if untrack(|| operation.with_value(|o| explain.faster(o))) != permille {
            explain.set_faster(operation.get_value(), permille);
        }
    };
    let faster = move || operation.with_value(|o| explain.faster(o));
    // What the slider shows while it moves, ahead of what is tried.
    let moving = RwSignal::new(None::<i64>);
    let is_due = StoredValue::new(false);
    let on_input = move |value: i64| {
        moving.set(Some(value));
        if is_due.get_value() {
            return;
        }
        is_due.set_value(true);
        set_timeout(
            move || {
                // The slider may be gone by now.
                if is_due.try_update_value(|due| *due = false).is_some()
                    && let Some(value) = moving.try_get_untracked().flatten()
                {
                    set(value);
                }
            },
            PAUSE,
        );
    };
    let on_release = move |value: i64| {
        moving.set(None);
        set(value);
    };
    let percent = move || moving.get().unwrap_or_else(faster) / 10;
    let words = move || faster_words(percent() * 10);
    let look = explain.services.trace.with_untracked(|open| {
        let open = open.as_ref()?;
        let span = SpanIdx(row.span);
        (span.at() < open.trace.len()).then(|| open.looks.slot(open.trace.service(span)))
    });
    let savings = savings(&row);
    let OperationRow { service, name, span, cp_ns, count, .. } = row;
    let label = format!("How much faster {name} is");
    let title =
        if count > 1 { format!("{} × {name}", crate::base::text::grouped(count.into())) } else { name };
    view! {
        <li>
            <div class="operation">
                <ServiceTag service look=look.unwrap_or_default() />
                <Button label=title look=Look::Link on_press=move |()| explain.show_span(span) />
                <span class="time">{format::duration(DurationNanos(cp_ns))}</span>
            </div>
            <div class="slider">
                <input
                    type="range"
                    min="0"
                    max="100"
                    step="5"
                    aria-label=label
                    aria-valuetext=words
                    prop:value=move || percent().to_string()
                    on:input=move |event| on_input(value_of(&event))
                    on:change=move |event| on_release(value_of(&event))
                />
                <span class="words" aria-hidden="true">{words}</span>
            </div>
            <p class="muted">{savings}</p>
        </li>
    }
}

fn value_of(event: &leptos::ev::Event) -> i64 {
    event_target_value(event).parse::<i64>().unwrap_or_default().clamp(0, 100) * 10
}

/// What half the time and no time at all would save.
fn savings(row: &OperationRow) -> String {
    let time = |ns: i64| format::duration(DurationNanos(ns));
    match (row.saving_half_ns, row.saving_removed_ns) {
        (Some(half), Some(all)) => {
            format!("Twice as fast saves {}, without it {}", time(half), time(all))
        }
        (Some(half), None) => format!("Twice as fast saves {}", time(half)),
        (None, Some(all)) => format!("Without it {} less", time(all)),
        (None, None) => String::new(),
    }
}
