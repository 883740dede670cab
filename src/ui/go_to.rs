//! Going to a span, a trace or a time that the reader has the id or the clock of.

use crate::ui::effect::effect;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::backends::RemoteTrace;
use super::services::Services;
use super::session::Session;
use super::store::Store;
use crate::base::text::counted;
use crate::model::ids::{SpanId, TraceId};
use crate::model::time::{DurationNanos, TimeRange};
use crate::state::action::Action;
use crate::state::go_to::{Place, parse};
use crate::view::format;

/// Where nothing is zoomed, this share of the trace is shown around a time.
const SHARE: i64 = 10;

/// The question, to stand in a dialog.
#[component]
pub fn GoTo(
    /// The state.
    store: Store,
    /// The engine.
    services: Services,
    /// Fetches what is not open.
    session: Session,
    /// The reader is there.
    #[prop(into)]
    on_done: Callback<()>,
) -> impl IntoView {
    let text = RwSignal::new(String::new());
    let error = RwSignal::new(String::new());
    let wanted = StoredValue::new(None::<SpanId>);
    let settle = move |result: Result<(), String>| match result {
        Ok(()) => on_done.run(()),
        Err(reason) => error.set(reason),
    };
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        error.set(String::new());
        wanted.set_value(None);
        match parse(&text.get_untracked()) {
            None => error.set(NOT_UNDERSTOOD.to_owned()),
            Some(Place::Trace(id)) => {
                settle(open_trace(store, services, id, None).or_else(|reason| fetch(session, id, reason)));
            }
            // Where nothing is open there is nobody to ask for a span.
            Some(Place::Span(id)) if services.index.with_untracked(Option::is_none) => {
                settle(fetch_short(session, id));
            }
            Some(Place::SpanOf(trace, span)) => settle(open_trace(store, services, trace, Some(span))),
            Some(Place::After(after)) => settle(show_time(store, services, after)),
            Some(Place::At(at)) => {
                let start = services.trace.with_untracked(|t| t.as_ref().map(|t| t.trace.start_time()));
                settle(match start {
                    Some(start) => show_time(store, services, at - start),
                    None => Err(NO_TRACE.to_owned()),
                });
            }
            Some(Place::Span(id)) if is_in_open_trace(services, id) => {
                store.arrange(Action::Select(Some(id)));
                settle(Ok(()));
            }
            // Only the engine knows the spans of other traces.
            Some(Place::Span(id)) => {
                wanted.set_value(Some(id));
                services.ask_located(id.to_string());
            }
        }
    };
    effect(move || {
        let Some(answer) = services.located.get() else { return };
        let Some(id) = wanted.try_update_value(Option::take).flatten() else { return };
        let found = answer.and_then(|span| TraceId::from_hex(&span.trace_id));
        settle(match found.or_else(|| trace_of_64_bits(services, id)) {
            Some(trace) => {
                let is_span = found.is_some();
                open_trace(store, services, trace, is_span.then_some(id))
            }
            None => fetch_short(session, id),
        });
    });
    view! {
        <form class="go-to" on:submit=on_submit>
            <label>
                "Span id, trace id or time"
                <input
                    type="text"
                    autofocus
                    autocomplete="off"
                    spellcheck="false"
                    aria-invalid=move || (!error.with(String::is_empty)).then_some("true")
                    aria-describedby="go-to-hint"
                    prop:value=text
                    on:input=move |event| {
                        error.set(String::new());
                        text.set(event_target_value(&event));
                    }
                />
            </label>
            <p id="go-to-hint" class="muted">
                "16 or 32 hexadecimal digits, a traceparent, a time after the start (1.5 s), or a date and time in UTC"
            </p>
            <p class="error" role="alert">
                {error}
            </p>
            <div class="tools">
                <button type="submit" class="button" data-look="main">"Go"</button>
            </div>
        </form>
    }
}

const NOT_UNDERSTOOD: &str = "This is neither an id nor a time.";
const NO_TRACE: &str = "Open a trace first: a time is one within a trace.";

fn is_in_open_trace(services: Services, id: SpanId) -> bool {
    services.trace.with_untracked(|t| t.as_ref().is_some_and(|t| t.trace.find(id).is_some()))
}

fn trace_of_64_bits(services: Services, id: SpanId) -> Option<TraceId> {
    services.index.with_untracked(|index| {
        let ids = &index.as_ref()?.list.id;
        ids.iter().copied().find(|trace| trace.0[8..] == id.0.to_be_bytes())
    })
}

/// Fetches a trace that is not open, where a backend is connected; `reason` is what is said otherwise.
fn fetch(session: Session, id: TraceId, reason: String) -> Result<(), String> {
    if session.backends.current_now().is_none() {
        return Err(reason);
    }
    session.open_remote(&[RemoteTrace { id, range: None }], None);
    Ok(())
}

/// Fetches a trace whose id has 64 bits.
fn fetch_short(session: Session, id: SpanId) -> Result<(), String> {
    let reason = format!("No span and no trace in what is open has the id {id}.");
    match TraceId::from_hex(&id.to_string()) {
        Some(trace) => fetch(session, trace, reason),
        None => Err(reason),
    }
}

/// Shows a trace, and a span of it.
fn open_trace(store: Store, services: Services, id: TraceId, span: Option<SpanId>) -> Result<(), String> {
    let (is_there, n) = services.index.with_untracked(|index| {
        index.as_ref().map_or((false, 0), |i| (i.list.id.contains(&id), i.list.len()))
    });
    if !is_there {
        return Err(format!("None of the {} that are open has the id {id}.", counted(n as u64, "trace")));
    }
    store.apply(Action::OpenTrace(id));
    if span.is_some() {
        store.apply_in_place(Action::Select(span));
    }
    Ok(())
}

/// Shows a time in the middle, as closely as time is shown now.
fn show_time(store: Store, services: Services, at: DurationNanos) -> Result<(), String> {
    let open =
        services.trace.with_untracked(|t| t.as_ref().map(|t| (t.trace.start_time(), t.trace.duration())));
    let is_timeline = store.look(crate::state::view_state::ViewState::shows_trace);
    let Some((start, duration)) = open.filter(|_| is_timeline) else { return Err(NO_TRACE.to_owned()) };
    if at.0 < 0 || at > duration {
        let offset = format::offset(at);
        return Err(format!("{offset} is outside the trace, which takes {}.", format::duration(duration)));
    }
    let shown = store.look(|s| s.range).map(|range| range.relative_to(start).duration().0);
    let half = shown.unwrap_or(duration.0 / SHARE).max(2) / 2;
    // A range that reaches beyond an end is moved, not cut: it is to stay as wide as it is.
    let first = (at.0 - half).clamp(0, (duration.0 - 2 * half).max(0));
    let range = TimeRange { start: DurationNanos(first), end: DurationNanos(first + 2 * half) };
    store.arrange(Action::ShowRange(Some(range)));
    Ok(())
}
