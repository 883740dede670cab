//! The answer in one sentence, below the header of the trace; while something is tried out, what that would
//! change. Its place is kept from the beginning, so that nothing jumps when it comes.

use leptos::prelude::*;

use super::explain::{Explain, Outcome};
use super::options::Options;
use crate::state::findings::around_name;
use crate::state::view_state::PanelTab;
use crate::state::what_if::ASSUMPTIONS;
use crate::ui::analyses::Stage;
use crate::ui::widgets::{Button, Icon, Look, Symbol};
use crate::wire::analysis::Headline as Answer;

/// What the line says.
#[derive(Clone, Debug, PartialEq)]
enum Line {
    /// Nothing yet, and why.
    Waiting(&'static str),
    /// The sentence, and the name of its span.
    Answer(Answer, String),
    WhatIf(Outcome),
    Failed(String),
}

/// The headline.
#[component]
pub fn Headline(
    /// The explanation.
    explain: Explain,
) -> impl IntoView {
    let line = Memo::new(move |_| line(explain));
    let body = move || match line.get() {
        Line::Waiting(words) => view! { <p class="muted">{words}</p> }.into_any(),
        Line::Answer(answer, name) => view! { <Sentence explain answer name /> }.into_any(),
        Line::WhatIf(outcome) => view! {
            <p>
                <span class="kicker">"What if"</span>
                {outcome.sentence}
            </p>
            <p class="muted">{ASSUMPTIONS}</p>
        }
        .into_any(),
        Line::Failed(reason) => view! {
            <p class="failed">
                <Icon symbol=Symbol::Warning />
                <span>"This trace could not be explained: " {reason}</span>
                <Button label="Try again" look=Look::Link on_press=move |()| again(explain) />
            </p>
        }
        .into_any(),
    };
    let is_trying = move || matches!(line.get(), Line::WhatIf(_));
    view! {
        <section
            class="headline"
            aria-label="Diagnosis"
            data-trying=move || is_trying().then_some("true")
            aria-busy=move || matches!(line.get(), Line::Waiting(_)).then_some("true")
        >
            <div class="sentence">{body}</div>
            <div class="tools">
                <Show when=is_trying>
                    <Button
                        label="Take it back"
                        hint="Show the trace as it was (Esc)"
                        on_press=move |()| explain.take_back()
                    />
                </Show>
                <Button
                    label=Signal::derive(move || explain.count_words())
                    look=Look::Plain
                    hint="Show what was found"
                    on_press=move |()| explain.show_panel(PanelTab::Findings)
                />
                <Options explain />
            </div>
        </section>
    }
}

/// The answer with the span that it names as a link, and what it does not know.
#[component]
fn Sentence(explain: Explain, answer: Answer, name: String) -> impl IntoView {
    let Answer { text, span } = answer;
    let (before, named, after) = around_name(&text, &name);
    let (before, after) = (before.to_owned(), after.to_owned());
    let label = if named.is_empty() { "Show it".to_owned() } else { named.to_owned() };
    let link = span.map(|span| {
        view! {
            <button class="link" type="button" title="Select this span" on:click=move |_| explain.show_span(span)>
                {label}
            </button>
        }
    });
    let services = explain.services;
    let is_partial = move || {
        services.was_cancelled()
            || services.trace.with(|t| t.as_ref().is_some_and(|t| t.head.facts.partial.is_some()))
    };
    view! {
        <p>
            {before}
            {named.is_empty().then_some(" ")}
            {link}
            {after}
            {move || {
                is_partial()
                    .then(|| view! { <span class="muted">" Spans are missing, so this may not be all."</span> })
            }}
        </p>
    }
}

fn line(explain: Explain) -> Line {
    let analyses = explain.services.analyses;
    if let Some(outcome) = explain.outcome.get() {
        return Line::WhatIf(outcome);
    }
    let stage = analyses.stage.get();
    let is_complete = explain.services.trace.with(|t| t.as_ref().map(|t| t.head.complete));
    match (stage, analyses.headline.get()) {
        (Stage::Failed(reason), _) => Line::Failed(reason),
        (_, Some(answer)) => {
            // The analysis may be faster than the page with the trace, which has the names.
            explain.services.trace.track();
            let name = answer.span.map(|span| explain.name_of(span)).unwrap_or_default();
            Line::Answer(answer, name)
        }
        (Stage::Done, None) => Line::Waiting("There is nothing to explain in this trace."),
        _ if explain.services.death.with(Option::is_some) => {
            Line::Waiting("The explanation stopped with the engine; reopen the files to get it.")
        }
        _ if is_complete == Some(false) => Line::Waiting("The explanation comes when everything is read."),
        _ => Line::Waiting("Looking where the time went…"),
    }
}

fn again(explain: Explain) {
    let analyses = explain.services.analyses;
    explain.services.analyse(analyses.settings.get_untracked(), analyses.root.get_untracked());
}
