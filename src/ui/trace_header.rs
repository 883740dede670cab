//! The header of a trace: what it is, and the numbers that describe it.

use leptos::prelude::*;

use super::services::OpenTrace;
use super::shared::Shared;
use super::widgets::{Button, Icon, Look, ServiceTag, Symbol};
use crate::base::text::grouped;
use crate::model::index::ServiceIdx;
use crate::model::time::{DurationNanos, UnixNanos};
use crate::view::format;

/// A number with its word.
struct Entry {
    label: &'static str,
    value: String,
    exact: Option<String>,
    is_bad: bool,
}

/// The header.
#[component]
pub fn TraceHeader(
    /// The open trace.
    #[prop(into)]
    trace: Signal<Option<Shared<OpenTrace>>>,
    /// Whether the reader stopped the reading, so that spans may be missing.
    #[prop(into)]
    cancelled: Signal<bool>,
    /// Copy the trace id.
    #[prop(into)]
    on_copy: Callback<String>,
) -> impl IntoView {
    view! {
        <header class="trace-header">
            {move || match trace.get() {
                Some(open) => view! { <Heading open cancelled=cancelled.get() on_copy /> }.into_any(),
                None => view! { <p class="muted">"Loading the trace…"</p> }.into_any(),
            }}
        </header>
    }
}

#[component]
fn Heading(open: Shared<OpenTrace>, cancelled: bool, on_copy: Callback<String>) -> impl IntoView {
    let facts = &open.head.facts;
    let service = facts.root_service.clone();
    let at = open.trace.services().iter().position(|known| *known == service);
    let look = at.map_or(0, |at| open.looks.slot(ServiceIdx(at as u32)));
    let name = if facts.root_name.is_empty() { "(no name)".to_owned() } else { facts.root_name.clone() };
    let id = if facts.id_text.is_empty() { open.head.id.clone() } else { facts.id_text.clone() };
    // Eight digits tell traces apart; the rest is in the title and in the copy.
    let title = id.clone();
    let short_id: String = id.chars().take(8).collect();
    let list = entries(&open).into_iter().map(entry_view).collect_view();
    let partial = notes(&open, cancelled).into_iter().map(note_view).collect_view();
    view! {
        <h1>
            <ServiceTag service look with_name=true />
            <span class="operation">{name}</span>
        </h1>
        <dl>
            {list}
            <div>
                <dt>"Trace"</dt>
                <dd title=title>
                    {short_id}
                    <Button
                        label="Copy trace id"
                        symbol=Symbol::Copy
                        look=Look::Icon
                        on_press=move |()| on_copy.run(id.clone())
                    />
                </dd>
            </div>
        </dl>
        {partial}
    }
}

fn entries(open: &OpenTrace) -> Vec<Entry> {
    let facts = &open.head.facts;
    // As it is drawn: with corrected clocks a trace may be shorter than it was recorded.
    let (start, duration) = (open.trace.start_time(), open.trace.duration());
    let (recorded_start, recorded) = (UnixNanos(open.head.start), DurationNanos(open.head.duration));
    let exact_duration = if duration == recorded {
        format::duration_exact(duration)
    } else {
        format!("{}, recorded {}", format::duration_exact(duration), format::duration_exact(recorded))
    };
    let exact_start = if start == recorded_start {
        format::started_exact(start)
    } else {
        format!("{}, recorded {}", format::started_exact(start), format::started_exact(recorded_start))
    };
    let count = |label, n: u32| Entry { label, value: grouped(u64::from(n)), exact: None, is_bad: false };
    vec![
        Entry {
            label: "Duration",
            value: format::duration(duration),
            exact: Some(exact_duration),
            is_bad: false,
        },
        count("Spans", facts.n_spans),
        count("Services", facts.n_services),
        Entry { is_bad: facts.n_errors > 0, ..count("Errors", facts.n_errors) },
        count("Depth", facts.depth),
        Entry { label: "Start", value: format::started(start), exact: Some(exact_start), is_bad: false },
    ]
}

/// What is not whole about the numbers.
fn notes(open: &OpenTrace, cancelled: bool) -> Vec<String> {
    let backend = open.head.facts.partial.as_ref().map(|words| format!("Incomplete: {words}"));
    let loading = (!open.head.complete).then(|| "Still loading: numbers will grow".to_owned());
    let stopped = cancelled.then(|| "Reading was cancelled: spans are missing".to_owned());
    backend.into_iter().chain(loading).chain(stopped).collect()
}

fn entry_view(entry: Entry) -> impl IntoView {
    let Entry { label, value, exact, is_bad } = entry;
    view! {
        <div data-bad=is_bad.then_some("true")>
            <dt>{label}</dt>
            <dd title=exact>
                {is_bad.then(|| view! { <Icon symbol=Symbol::Error /> })}
                {value}
            </dd>
        </div>
    }
}

fn note_view(text: String) -> impl IntoView {
    view! {
        <p class="note">
            <Icon symbol=Symbol::Warning />
            {text}
        </p>
    }
}
