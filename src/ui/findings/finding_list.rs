//! Everything that was found, the gravest first, and what would help most.

use leptos::prelude::*;

use super::checks::Checks;
use super::explain::Explain;
use super::finding_card::FindingCard;
use super::what_helps::WhatHelps;
use crate::base::text::counted;
use crate::state::findings::Listing;
use crate::ui::analyses::Stage;
use crate::ui::widgets::{Button, Look};
use crate::wire::analysis::FindingMessage;

/// The list.
#[component]
pub fn FindingList(
    /// The explanation.
    explain: Explain,
) -> impl IntoView {
    let shows_small = RwSignal::new(false);
    let of = move |read: fn(&Listing) -> &Vec<FindingMessage>| {
        explain.listing.with(|l| l.as_ref().map(|l| read(l).clone())).unwrap_or_default()
    };
    let shown = Memo::new(move |_| of(|l| &l.shown));
    let small = Memo::new(move |_| of(|l| &l.small));
    let ignored = Memo::new(move |_| of(|l| &l.ignored));
    let small_words = move || {
        let words = counted(small.with(Vec::len) as u64, "smaller finding");
        if shows_small.get() { format!("Hide {words}") } else { format!("Show {words} (below 2 %)") }
    };
    let card = move |finding: FindingMessage| view! { <FindingCard explain finding /> };
    let undo = move |finding: FindingMessage| {
        let FindingMessage { key, title, .. } = finding;
        view! {
            <li>
                <span>{title}</span>
                <Button label="List again" look=Look::Link on_press=move |()| explain.restore(&key) />
            </li>
        }
    };
    view! {
        <section class="finding-list" aria-label="Findings">
            <h2 class="visually-hidden">"Findings"</h2>
            // The whole finding is its key: a later word on it makes its card anew.
            <ol>
                <For each=move || shown.get() key=|finding| (finding.key.clone(), finding.title.clone()) children=card />
            </ol>
            {move || state_words(explain).map(|words| view! { <p class="state">{words}</p> })}
            <Show when=move || small.with(|s| !s.is_empty())>
                <div class="more">
                    <Button
                        label=Signal::derive(small_words)
                        look=Look::Link
                        on_press=move |()| shows_small.update(|s| *s = !*s)
                    />
                </div>
                <Show when=move || shows_small.get()>
                    <ol>
                        <For
                            each=move || small.get()
                            key=|finding| (finding.key.clone(), finding.title.clone())
                            children=card
                        />
                    </ol>
                </Show>
            </Show>
            <Show when=move || ignored.with(|i| !i.is_empty())>
                <h3>"Ignored"</h3>
                <ul class="ignored">{move || ignored.get().into_iter().map(undo).collect_view()}</ul>
            </Show>
            <Checks explain />
            <WhatHelps explain />
        </section>
    }
}

/// What is to be said where findings are missing.
fn state_words(explain: Explain) -> Option<String> {
    let n_shown = explain.count().unwrap_or_default();
    match explain.services.analyses.stage.get() {
        Stage::Failed(reason) => Some(format!("This trace could not be analysed: {reason}")),
        Stage::Running { .. } | Stage::Idle => {
            let is_partial = n_shown == 0 || !explain.services.analyses.has_all_findings.get();
            is_partial.then(|| "Still looking…".to_owned())
        }
        Stage::Done if n_shown > 0 => None,
        Stage::Done => {
            let is_ignored = explain.listing.with(|l| l.as_ref().is_some_and(|l| !l.ignored.is_empty()));
            Some(if is_ignored { "Nothing found but what is ignored." } else { "Nothing found." }.to_owned())
        }
    }
}
