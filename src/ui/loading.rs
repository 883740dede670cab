//! Reading is under way: how far, how fast, and the way to stop it. The page stays usable.

use leptos::prelude::*;

use super::services::{Reading, Services};
use super::widgets::{Button, Symbol};
use crate::view::loading::{Amounts, LoadingTexts, texts};
use crate::wire::Phase;

/// Least time between two messages to screen readers.
const PAUSE_MILLIS: f64 = 2_000.0;

/// What stands in the top bar while files are read.
#[component]
pub fn Loading(
    /// What is read.
    services: Services,
) -> impl IntoView {
    let shown = Memo::new(move |_| services.reading.get().filter(|r| !r.progress.phase.is_over()));
    let of = move |part: fn(&LoadingTexts) -> String| {
        move || shown.with(|r| r.as_ref().map(|r| part(&texts(amounts(r))))).unwrap_or_default()
    };
    let percent = move || shown.with(|r| r.as_ref().and_then(|r| texts(amounts(r)).percent));
    let phase = move || shown.with(|r| r.as_ref().map(|r| phase_name(r))).unwrap_or_default();
    announce(services);
    view! {
        <Show when=move || shown.with(Option::is_some)>
            <section class="loading" aria-label="Loading">
                <progress
                    max="100"
                    aria-label="Share of the input that was read"
                    value=move || percent().map(|p| p.to_string())
                ></progress>
                <p class="facts">
                    <strong class="phase">{phase}</strong>
                    <span class="share">{of(|t| t.share.clone())}</span>
                    <span>{of(|t| t.read.clone())}</span>
                    <span class="spare">{of(|t| t.rate.clone())}</span>
                    <span>{of(|t| t.spans.clone())}</span>
                    <span class="spare">{of(|t| t.traces.clone())}</span>
                </p>
                <Button label="Cancel" symbol=Symbol::Stop on_press=move |()| services.cancel() />
            </section>
        </Show>
    }
}

/// Tells screen readers how far the reading is: at most every two seconds, and when it ends.
fn announce(services: Services) {
    let last_millis = StoredValue::new(f64::NEG_INFINITY);
    Effect::new(move |was_reading: Option<bool>| {
        let Some(reading) = services.reading.get() else { return false };
        let texts = texts(amounts(&reading));
        if reading.progress.phase.is_over() {
            if was_reading == Some(true) {
                last_millis.set_value(f64::NEG_INFINITY);
                services.notices.say(format!("Loaded: {}, {}", texts.spans, texts.traces));
            }
            return false;
        }
        if reading.elapsed_millis - last_millis.get_value() >= PAUSE_MILLIS && reading.elapsed_millis > 0.0 {
            last_millis.set_value(reading.elapsed_millis);
            services.notices.say(format!("{} {}, {}", phase_name(&reading), texts.share, texts.spans));
        }
        true
    });
}

fn amounts(reading: &Reading) -> Amounts {
    let p = &reading.progress;
    Amounts {
        bytes: p.bytes,
        total: p.total,
        spans: p.records,
        traces: p.traces,
        elapsed_millis: reading.elapsed_millis,
    }
}

/// What is being done, with the file where there are several.
fn phase_name(reading: &Reading) -> String {
    let p = &reading.progress;
    match p.phase {
        Phase::Reading if p.files > 1 => {
            format!("Reading file {} of {}: {}", p.files_done + 1, p.files, p.file)
        }
        Phase::Reading => "Reading".to_owned(),
        Phase::Linking => "Building traces".to_owned(),
        Phase::Done | Phase::Cancelled => String::new(),
    }
}
