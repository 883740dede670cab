//! Files that were not opened while something is shown: in a sentence, and in full.

use leptos::prelude::*;

use super::error_card::ErrorCard;
use super::import_report::place_of;
use super::nothing_found::problems;
use super::shared::Shared;
use crate::base::text::counted;
use crate::platform::worker_client::{Kept, Refusal};
use crate::wire::report::Report;

/// What happened to the files, and that it did no harm: which, where and why.
pub fn sentence_of(kept: &Kept) -> String {
    let which = which(&kept.files);
    match &kept.why {
        Refusal::NoTrace(report) => {
            format!("{which} not opened: {}. {STAYS}", reason(report).trim_end_matches('.'))
        }
        Refusal::Cancelled => format!("{which} not opened: the reading was stopped. {STAYS}"),
        Refusal::Died { out_of_memory: true, .. } => {
            format!("{which} not opened: the browser gave no more memory. {STAYS}")
        }
        Refusal::Died { message, .. } => {
            format!("{which} not opened by a fault of Spanscope: {message}. {STAYS}")
        }
    }
}

const STAYS: &str = "What is shown stays as it was.";

/// Everything that is known about files that were refused, to stand in a dialog.
#[component]
pub fn Refused(
    /// What became of them.
    #[prop(into)]
    report: Signal<Option<Shared<Report>>>,
    /// Copy this text.
    #[prop(into)]
    on_copy: Callback<String>,
) -> impl IntoView {
    let cards = move || {
        problems(report.get().as_deref())
            .into_iter()
            .map(|problem| view! { <ErrorCard problem level="3" on_copy /> })
            .collect_view()
    };
    view! { <div class="error-cards">{cards}</div> }
}

/// The files as the subject of a sentence.
fn which(files: &[String]) -> String {
    match files {
        [] => "The files were".to_owned(),
        [one] => format!("{one} was"),
        [first, rest @ ..] => format!("{first} and {} were", counted(rest.len() as u64, "other file")),
    }
}

/// Why, with the place, of the first file that says so.
fn reason(report: &Report) -> String {
    // A file that cannot be read again outweighs the one that was to be added.
    let lost = report.files.iter().find(|file| file.is_unreadable());
    let Some(file) = lost.or_else(|| report.files.iter().find(|file| file.error.is_some())) else {
        return "there are no spans in it".to_owned();
    };
    let Some(error) = &file.error else { return String::new() };
    let place = place_of(None, error.offset);
    // Most messages about a place name it themselves.
    let is_named = place.is_empty() || error.message.contains("at byte");
    let place = if is_named { String::new() } else { format!(" ({place})") };
    let name = if report.files.len() > 1 { format!("{}: ", file.name) } else { String::new() };
    format!("{name}{}{place}", error.message)
}
