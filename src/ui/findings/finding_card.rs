//! One finding: a line that opens to what it means, what to do, and how sure it is.

use leptos::prelude::*;

use super::evidence::Evidence;
use super::explain::Explain;
use crate::platform::dom;
use crate::state::findings::stake;
use crate::ui::app::copy;
use crate::ui::notices::Notices;
use crate::ui::widgets::{Button, Icon, Look, Snippet, Symbol};
use crate::wire::analysis::{FindingMessage, Severity};

/// A row of the list.
#[component]
pub fn FindingCard(
    /// The explanation.
    explain: Explain,
    /// The finding.
    finding: FindingMessage,
) -> impl IntoView {
    let FindingMessage { severity, share_permille, title, key, .. } = finding.clone();
    let stake = stake(&finding);
    let own_keys: Vec<String> =
        finding.contains.iter().map(|inner| inner.key.clone()).chain([key.clone()]).collect();
    let is_open = Memo::new(move |_| {
        explain.store.with(|s| s.finding.as_ref().is_some_and(|open| own_keys.contains(open)))
    });
    let share = share_permille.filter(|&p| p > 0).map(|p| format!("{}%", f64::from(p.min(1000)) / 10.0));
    let finding = StoredValue::new(finding);
    let on_click = move |_| {
        if is_open.get_untracked() {
            explain.close();
        } else {
            explain.open(&finding.get_value());
        }
    };
    view! {
        <li class="finding" data-severity=severity.word()>
            <h3>
                <button type="button" aria-expanded=move || is_open.get().to_string() on:click=on_click>
                    <span class="top">
                        <span class="severity">
                            <Icon symbol=symbol(severity) />
                            {severity.word()}
                        </span>
                        <span class="stake">{stake}</span>
                    </span>
                    <span class="title">{title}</span>
                    {share
                        .map(|share| {
                            view! {
                                <span class="share" aria-hidden="true">
                                    <span style:width=share></span>
                                </span>
                            }
                        })}
                </button>
            </h3>
            <Show when=move || is_open.get()>
                <Body explain finding=finding.get_value() />
            </Show>
        </li>
    }
}

#[component]
fn Body(explain: Explain, finding: FindingMessage) -> impl IntoView {
    let sure = match &finding.assumes {
        Some(assumes) => format!("{}. {assumes}", finding.confidence.word()),
        None => format!("{}.", finding.confidence.word()),
    };
    let inside = finding.contains.iter().cloned().map(inner).collect_view();
    let has_inside = !finding.contains.is_empty();
    let FindingMessage { code, meaning, advice, key, .. } = finding.clone();
    let can_try = finding.scenario.is_some();
    let is_tried = Signal::derive(move || explain.is_proposed(&key));
    let texts = snippets(&finding, explain.services.notices);
    let finding = StoredValue::new(finding);
    let ignore = move |()| {
        finding.with_value(|finding| explain.ignore(finding));
        // The card goes away; the focus must not go with it.
        dom::focus_id("panel-body");
    };
    let try_it = move |()| {
        let key = finding.with_value(|finding| finding.key.clone());
        explain.propose((!is_tried.get_untracked()).then_some(key));
    };
    view! {
        <div class="body">
            <p>{meaning}</p>
            <p class="advice">
                <strong>"What to do: "</strong>
                {advice}
            </p>
            {texts}
            <p class="sure">
                <strong>"How sure: "</strong>
                {sure}
            </p>
            <Evidence explain finding=finding.get_value() />
            {has_inside
                .then(|| {
                    view! {
                        <p class="inside">"Found at the same spans:"</p>
                        <ul>{inside}</ul>
                    }
                })}
            <div class="tools">
                {can_try
                    .then(|| {
                        view! {
                            <Button
                                label="Try it"
                                hint="Show the trace as it would be"
                                pressed=is_tried
                                on_press=try_it
                            />
                        }
                    })}
                <Button label="Ignore" hint="Do not list it again in this visit" look=Look::Plain on_press=ignore />
                <span class="code">{code}</span>
            </div>
        </div>
    }
}

/// The texts to be copied.
pub fn snippets(finding: &FindingMessage, notices: Notices) -> impl IntoView + use<> {
    let snippet = move |(title, text): &(String, String)| {
        let on_copy = move |text| copy(notices, text, "Copied");
        view! { <Snippet title=title.clone() text=text.clone() on_copy /> }
    };
    finding.snippets.iter().map(snippet).collect_view()
}

/// A finding that is part of another.
fn inner(finding: FindingMessage) -> impl IntoView {
    let words = [finding.title.clone(), stake(&finding)];
    let words: Vec<String> = words.into_iter().filter(|w| !w.is_empty()).collect();
    view! {
        <li>
            {words.join(": ")}
            " "
            <span class="code">{finding.code}</span>
        </li>
    }
}

const fn symbol(severity: Severity) -> Symbol {
    match severity {
        Severity::High => Symbol::Error,
        Severity::Medium => Symbol::Warning,
        // A chevron would look like something to open.
        Severity::Low => Symbol::Minus,
        Severity::Info => Symbol::Help,
    }
}
