//! How the trace is analysed, in words beside the answer, and the switches behind them.

use leptos::ev::{FocusEvent, KeyboardEvent};
use leptos::html;
use leptos::prelude::*;

use super::explain::Explain;
use crate::base::sort::CompactSort as _;
use crate::model::ids::SpanId;
use crate::model::index::SpanIdx;
use crate::model::time::DurationNanos;
use crate::model::trace::Trace;
use crate::platform::dom;
use crate::state::action::Action;
use crate::state::analysis::{AnalysisChoice, OVERFLOWS, clock_sentence};
use crate::ui::widgets::{Icon, Symbol};
use crate::view::format;
use crate::view::treegrid::shown_name;

/// Roots that can be chosen from; the longest.
const MAX_ROOTS: usize = 100;

/// The words, as a button that opens the switches.
#[component]
pub fn Options(
    /// The explanation.
    explain: Explain,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let root = NodeRef::<html::Div>::new();
    let button = NodeRef::<html::Button>::new();
    let analyses = explain.services.analyses;
    let choice = move || explain.store.with(|s| s.analysis);
    let words =
        move || analyses.clock.with(|clock| choice().summary(clock.as_ref().map_or(&[], |c| c.as_slice())));
    let on_key = move |event: KeyboardEvent| {
        if event.key() == "Escape" && open.get_untracked() {
            event.prevent_default();
            event.stop_propagation();
            open.set(false);
            if let Some(button) = button.get_untracked() {
                drop(button.focus());
            }
        }
    };
    let on_blur = move |event: FocusEvent| {
        let inside = root.get_untracked().is_some_and(|root| dom::focus_stays_within(&root, &event));
        // Without a new owner the focus only left the window, or a click went to plain text.
        if !inside && event.related_target().is_some() {
            open.set(false);
        }
    };
    view! {
        <div class="analysis-options" node_ref=root on:keydown=on_key on:focusout=on_blur>
            <button
                type="button"
                class="button"
                data-look="plain"
                node_ref=button
                aria-expanded=move || open.get().to_string()
                title="How this trace is analysed"
                on:click=move |_| open.update(|o| *o = !*o)
            >
                <span class="word">{words}</span>
                <Icon symbol=Symbol::Down />
            </button>
            <Show when=move || open.get()>
                <div class="sheet" role="group" aria-label="How this trace is analysed">
                    <Late explain />
                    <Switches explain />
                    <Roots explain />
                </div>
            </Show>
        </div>
    }
}

fn choose(explain: Explain, change: impl FnOnce(&mut AnalysisChoice)) {
    let mut choice = explain.store.look(|s| s.analysis);
    change(&mut choice);
    explain.store.apply(Action::Analyse(choice));
}

/// What counts as background work.
#[component]
fn Late(explain: Explain) -> impl IntoView {
    let line = move |(overflow, word, label, meaning): (_, &'static str, &'static str, &'static str)| {
        let is_chosen = move || explain.store.with(|s| s.analysis.overflow) == overflow;
        view! {
            <label>
                <input
                    type="radio"
                    name="late-work"
                    value=word
                    prop:checked=is_chosen
                    on:change=move |_| choose(explain, |choice| choice.overflow = overflow)
                />
                <span>{label} <small>{meaning}</small></span>
            </label>
        }
    };
    view! {
        <fieldset>
            <legend>"Work that ends after its caller"</legend>
            {OVERFLOWS.into_iter().map(line).collect_view()}
        </fieldset>
    }
}

/// Clocks and overlaps.
#[component]
fn Switches(explain: Explain) -> impl IntoView {
    let clocks = move || {
        let known = explain.services.analyses.clock.get();
        let lines: Vec<String> = known
            .iter()
            .flat_map(|c| c.iter())
            .filter(|c| c.offset_ns != 0 || c.is_too_large)
            .map(clock_sentence)
            .collect();
        if lines.is_empty() { vec!["Nothing shows that clocks disagree.".to_owned()] } else { lines }
    };
    let corrects = move || explain.store.with(|s| !s.analysis.recorded_clocks);
    let tolerates = move || explain.store.with(|s| !s.analysis.strict_order);
    view! {
        <fieldset>
            <legend>"Times"</legend>
            <label>
                <input
                    type="checkbox"
                    prop:checked=corrects
                    on:change=move |event| {
                        let on = event_target_checked(&event);
                        choose(explain, |choice| choice.recorded_clocks = !on);
                    }
                />
                <span>
                    "Correct clocks that disagree"
                    {move || clocks().into_iter().map(|line| view! { <small>{line}</small> }).collect_view()}
                </span>
            </label>
            <label>
                <input
                    type="checkbox"
                    prop:checked=tolerates
                    on:change=move |event| {
                        let on = event_target_checked(&event);
                        choose(explain, |choice| choice.strict_order = !on);
                    }
                />
                <span>
                    "Overlook tiny overlaps"
                    <small>"Calls that overlap by up to 1 ms count as one after the other."</small>
                </span>
            </label>
        </fieldset>
    }
}

/// Which root is explained, where there are several.
#[component]
fn Roots(explain: Explain) -> impl IntoView {
    let roots = Memo::new(move |_| {
        explain.services.trace.with(|open| open.as_ref().map(|open| roots(&open.trace)).unwrap_or_default())
    });
    let chosen = move || explain.store.with(|s| s.analysis.root.map(|r| r.to_string()).unwrap_or_default());
    let option = move |(id, label): (SpanId, String)| {
        let id = id.to_string();
        let value = id.clone();
        view! {
            <option value=value selected=move || chosen() == id>
                {label}
            </option>
        }
    };
    view! {
        <Show when=move || { roots.with(|r| r.len() > 1) }>
            <label class="root">
                <span>"Explain"</span>
                <select on:change=move |event| {
                    let root = SpanId::from_hex(&event_target_value(&event));
                    choose(explain, |choice| choice.root = root);
                }>
                    <option value="" selected=move || chosen().is_empty()>
                        "the main root"
                    </option>
                    {move || roots.get().into_iter().map(option).collect_view()}
                </select>
            </label>
        </Show>
    }
}

/// Spans without a parent in the input, the longest first, with their names and durations.
fn roots(trace: &Trace) -> Vec<(SpanId, String)> {
    let is_root = |span: &SpanIdx| {
        !trace.is_placeholder(*span) && trace.parent(*span).is_none_or(|parent| trace.is_placeholder(parent))
    };
    let mut spans: Vec<SpanIdx> = trace.spans().filter(is_root).collect();
    spans.compact_sort_by_key(|&span| std::cmp::Reverse(trace.span_duration(span)));
    spans.truncate(MAX_ROOTS);
    let label = |span: SpanIdx| {
        let duration: DurationNanos = trace.span_duration(span);
        format!("{}, {}", shown_name(trace, span), format::duration(duration))
    };
    spans.into_iter().map(|span| (trace.span_id(span), label(span))).collect()
}
