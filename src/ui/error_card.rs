//! An error as a card: what, where, why, and what to do next.

use leptos::attr::custom::custom_attribute;
use leptos::prelude::*;

use super::widgets::{Button, Icon, Symbol};

/// What a card says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problem {
    /// What happened, in a few words.
    pub title: String,
    /// Where: a file, a byte.
    pub place: String,
    /// Why, in a sentence.
    pub reason: String,
    /// What to do next.
    pub advice: String,
    /// Stable code.
    pub code: String,
}

impl Problem {
    /// Everything as text, for a report.
    pub fn as_text(&self) -> String {
        [&self.code, &self.title, &self.place, &self.reason, &self.advice]
            .into_iter()
            .filter(|line| !line.is_empty())
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join("\n")
    }
}

/// A card.
#[component]
pub fn ErrorCard(
    /// What it says.
    problem: Problem,
    /// Level of its heading where it stands.
    #[prop(default = "2")]
    level: &'static str,
    /// Copies the text of the card.
    #[prop(into)]
    on_copy: Callback<String>,
    /// Buttons that go on from here.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let text = problem.as_text();
    let Problem { title, place, reason, advice, code } = problem;
    let line =
        |class: &'static str, text: String| (!text.is_empty()).then(|| view! { <p class=class>{text}</p> });
    view! {
        <article class="error-card">
            <Icon symbol=Symbol::Error />
            <div class="what">
                <p class="title" role="heading" {..custom_attribute("aria-level", level)}>{title}</p>
                {line("place", place)}
                {line("reason", reason)}
                {line("advice", advice)}
            </div>
            <footer>
                {children.map(|children| children())}
                <Button
                    label="Copy details"
                    symbol=Symbol::Copy
                    on_press=move |()| on_copy.run(text.clone())
                />
                {line("code", code)}
            </footer>
        </article>
    }
}
