//! The import report: the books, the files, and everything that was mended, merged or refused.

use leptos::prelude::*;

use super::error_card::{ErrorCard, Problem};
use super::shared::Shared;
use super::widgets::{Button, Icon, Look, Symbol};
use crate::base::text::{counted, grouped};
use crate::view::format;
use crate::wire::details::SpanRef;
use crate::wire::report::{Example, File, FileError, Report, Totals, Warning};

/// The report, to stand in a dialog.
#[component]
pub fn ImportReport(
    /// What it says.
    report: Shared<Report>,
    /// Go to this span.
    #[prop(into)]
    on_span: Callback<SpanRef>,
    /// Copy this text.
    #[prop(into)]
    on_copy: Callback<String>,
) -> impl IntoView {
    let problems = report.files.iter().filter_map(problem_of).collect::<Vec<_>>();
    let cards =
        problems.into_iter().map(|problem| view! { <ErrorCard problem level="3" on_copy /> }).collect_view();
    let none = report.warnings.is_empty();
    let warnings = report
        .warnings
        .iter()
        .map(|warning| view! { <WarningItem warning=warning.clone() on_span /> })
        .collect_view();
    let (totals, cancelled) = (report.totals, report.cancelled);
    let files = move || report.files.iter().map(file_row).collect_view();
    view! {
        <div class="import-report">
            <Books totals />
            {cancelled
                .then(|| {
                    view! { <p class="note">"Reading was cancelled: only what was read until then is shown."</p> }
                })}
            <div class="error-cards">{cards}</div>
            <section aria-labelledby="report-warnings">
                <h3 id="report-warnings">"What was mended, merged or left out"</h3>
                {none.then(|| view! { <p class="muted">"Nothing: every record was used as it stands."</p> })}
                <ul class="warnings">{warnings}</ul>
            </section>
            <section aria-labelledby="report-files">
                <h3 id="report-files">"Files"</h3>
                <div class="scroller">
                    <table>
                        <thead>
                            <tr>
                                <th scope="col">"File"</th>
                                <th scope="col">"Format"</th>
                                <th scope="col" class="numeric">"Size"</th>
                                <th scope="col" class="numeric">"Unpacked"</th>
                                <th scope="col" class="numeric">"Records"</th>
                                <th scope="col" class="numeric">"Shown"</th>
                                <th scope="col" class="numeric">"Merged"</th>
                                <th scope="col" class="numeric">"Refused"</th>
                            </tr>
                        </thead>
                        <tbody>{files}</tbody>
                    </table>
                </div>
            </section>
        </div>
    }
}

/// `records read = shown + merged + refused`, and what is in them.
#[component]
fn Books(totals: Totals) -> impl IntoView {
    let entry = |n: u64, word: &'static str| view! { <dt>{word}</dt> <dd>{grouped(n)}</dd> };
    let contents = [
        counted(totals.traces, "trace"),
        counted(totals.services, "service"),
        counted(totals.events, "event"),
        counted(totals.links, "link"),
    ]
    .join(" · ");
    view! {
        <section class="books" aria-label="Records">
            <dl>
                <div>{entry(totals.records, "records read")}</div>
                <span aria-hidden="true">"="</span>
                <div>{entry(totals.spans, "spans shown")}</div>
                <span aria-hidden="true">"+"</span>
                <div>{entry(totals.merged, "merged")}</div>
                <span aria-hidden="true">"+"</span>
                <div>{entry(totals.refused, "refused")}</div>
            </dl>
            <p class="muted">{contents}</p>
        </section>
    }
}

/// One code of warning with its examples.
#[component]
fn WarningItem(warning: Warning, on_span: Callback<SpanRef>) -> impl IntoView {
    let Warning { code, sentence, info, count, examples } = warning;
    let symbol = if info { Symbol::Help } else { Symbol::Warning };
    let kept = examples.len() as u64;
    let rest = (count > kept && kept > 0).then(
        || view! { <p class="muted">{format!("{}, {} in all.", counted(kept, "example"), grouped(count))}</p> },
    );
    let n_spans = examples.iter().filter(|e| e.span.is_some()).count();
    let items = StoredValue::new(examples);
    let open = RwSignal::new(false);
    let ways = move || match (n_spans, open.get()) {
        (0, _) => "",
        (_, true) => "Hide spans",
        (_, false) => "Show spans",
    };
    view! {
        <li data-info=info.to_string()>
            <details on:toggle=move |_| open.update(|o| *o = !*o)>
                <summary>
                    <Icon symbol />
                    <span class="sentence">{sentence}</span>
                    <span class="ways">{ways}</span>
                    <span class="count">{grouped(count)}</span>
                    <code>{code}</code>
                </summary>
                <Show when=move || open.get()>
                    <ul class="examples">
                        {items
                            .get_value()
                            .into_iter()
                            .map(|example| view! { <ExampleItem example on_span /> })
                            .collect_view()}
                    </ul>
                </Show>
                {rest}
            </details>
        </li>
    }
}

/// One occurrence.
#[component]
fn ExampleItem(example: Example, on_span: Callback<SpanRef>) -> impl IntoView {
    let place = place_of(example.line, example.offset);
    let span = example.span.map(|span| {
        let label = format!("Show {} {}", span.service, span.name);
        view! {
            <Button label=label look=Look::Link on_press=move |()| on_span.run(span.clone()) />
        }
    });
    view! {
        <li>
            <span>{example.detail}</span>
            <span class="place">{place}</span>
            {span}
        </li>
    }
}

fn file_row(file: &File) -> impl IntoView + use<> {
    let formats = if file.formats.is_empty() { "—".to_owned() } else { file.formats.join(", ") };
    let name = if file.members > 0 {
        format!("{} ({})", file.name, counted(u64::from(file.members), "file"))
    } else {
        file.name.clone()
    };
    view! {
        <tr>
            <th scope="row">{name}</th>
            <td>{formats}</td>
            <td class="numeric">{format::bytes(file.bytes)}</td>
            <td class="numeric">{format::bytes(file.unpacked)}</td>
            {[file.records, file.shown, file.merged, file.refused]
                .map(|n| view! { <td class="numeric">{grouped(n)}</td> })}
        </tr>
    }
}

/// The card for a file that gave no span.
pub fn problem_of(file: &File) -> Option<Problem> {
    let error = file.error.as_ref()?;
    if let Some((title, reason)) = error.message.split_once(". ").filter(|_| file.is_unfetched()) {
        // What a backend did not give out is told by its cause, which comes first.
        return Some(Problem {
            title: title.to_owned(),
            place: file.name.clone(),
            reason: reason.to_owned(),
            advice: advice(error),
            code: error.code.clone(),
        });
    }
    Some(Problem {
        title: format!("{} gave no spans", file.name),
        place: place_of(None, error.offset),
        reason: sentence(&error.message),
        advice: advice(error),
        code: error.code.clone(),
    })
}

/// What to do next, where the import itself knows nothing better.
fn advice(error: &FileError) -> String {
    if !error.advice.is_empty() {
        return sentence(&error.advice);
    }
    match error.code.as_str() {
        "fmt.unknown" => {
            "Open an export of OpenTelemetry, Jaeger, Zipkin, Tempo or Grafana, or a Chrome trace"
        }
        "fmt.corrupt" => "Export or download the file again; this copy is damaged",
        "fmt.empty" => {
            "Look at what wrote the file: a search that found nothing, or a program that ended before it exported"
        },
        "fmt.toolarge" => "Split the file, or export a shorter time range",
        "fmt.error-answer" => "Repeat the download; look at the address and the access rights",
        _ => "",
    }
    .to_owned()
}

/// Where in the input something is.
pub fn place_of(line: Option<u64>, offset: Option<u64>) -> String {
    match (line, offset) {
        (Some(line), Some(offset)) => format!("line {}, byte {}", grouped(line), grouped(offset)),
        (Some(line), None) => format!("line {}", grouped(line)),
        (None, Some(offset)) => format!("byte {}", grouped(offset)),
        (None, None) => String::new(),
    }
}

/// The text with a capital first letter.
pub fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
