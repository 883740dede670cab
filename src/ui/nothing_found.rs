//! Everything was read and there is not one span: why, file by file, and what to do.

use leptos::prelude::*;

use super::error_card::{ErrorCard, Problem};
use super::import_report::problem_of;
use super::shared::Shared;
use super::widgets::{Button, Look, Symbol};
use crate::wire::report::{File, Report};

/// Files that are shown one by one; a folder of a thousand pictures needs no thousand cards.
const MOST: usize = 20;

/// The screen.
#[component]
pub fn NothingFound(
    /// What became of the files.
    #[prop(into)]
    report: Signal<Option<Shared<Report>>>,
    /// Copy this text.
    on_copy: Callback<String>,
    /// Open other files.
    #[prop(into)]
    on_open: Callback<()>,
    /// Back to the first screen.
    #[prop(into)]
    on_close: Callback<()>,
    /// Ways on that come before these.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    // Where there is a better way on, this is not the first.
    let look = if children.is_some() { Look::Normal } else { Look::Main };
    let title = move || {
        let is_fetched = report.with(|r| r.as_ref().is_some_and(|r| r.files.iter().any(File::is_unfetched)));
        if is_fetched { "Nothing was loaded" } else { "There is no trace in this" }
    };
    let cards = move || {
        problems(report.get().as_deref())
            .into_iter()
            .map(|problem| view! { <ErrorCard problem on_copy /> })
            .collect_view()
    };
    view! {
        <section class="nothing-found" role="alert" aria-labelledby="nothing-title">
            <h1 id="nothing-title">{title}</h1>
            <div class="error-cards">{cards}</div>
            <div class="ways">
                {children.map(|children| children())}
                <Button label="Open other files…" symbol=Symbol::File look on_press=on_open />
                <Button label="Back to the first screen" on_press=on_close />
            </div>
        </section>
    }
}

/// What there is to say about files without a span, the first of them one by one.
pub fn problems(report: Option<&Report>) -> Vec<Problem> {
    let Some(report) = report else { return Vec::new() };
    let mut problems: Vec<Problem> = report.files.iter().filter_map(problem_of).take(MOST).collect();
    let left = report.files.len().saturating_sub(problems.len());
    if problems.is_empty() {
        problems.push(Problem {
            title: if report.cancelled { "Reading was cancelled" } else { "No spans were found" }.to_owned(),
            reason: "Nothing in the input is a span.".to_owned(),
            advice: "Export the trace again, or open another file.".to_owned(),
            code: "fmt.empty".to_owned(),
            ..Problem::default()
        });
    } else if left > 0 {
        problems.push(Problem {
            title: format!("{} more", crate::base::text::counted(left as u64, "file")),
            reason: "They gave no spans either.".to_owned(),
            ..Problem::default()
        });
    }
    problems
}
