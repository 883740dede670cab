//! Reading is under way: how far, how fast, and the way to stop it. The page stays usable.

use crate::ui::effect::effect;
use leptos::prelude::*;

use super::services::Services;
use super::widgets::{Button, Symbol};
use crate::platform::frame;
use crate::view::loading::{Amounts, LoadingTexts, MemoryMark, memory_warning, texts};
use crate::wire::{Phase, Progress};

/// Least time between two messages to screen readers.
const PAUSE_MILLIS: f64 = 2_000.0;

/// How far the reading is, and when that was.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// As the engine says.
    pub progress: Progress,
    /// Milliseconds since the reading began.
    pub elapsed_millis: f64,
    /// Memory at the point from which its growth is measured.
    first: Option<MemoryMark>,
}

impl Reading {
    /// How far it is now, `before` being how far it was.
    pub fn now(progress: Progress, before: Option<&Self>, began_millis: f64) -> Self {
        let first = before.and_then(|b| b.first);
        let first = first.or_else(|| MemoryMark::first(progress.bytes, progress.memory));
        Self { progress, elapsed_millis: frame::now_millis() - began_millis, first }
    }

    /// Where it was when the reader stopped it.
    #[must_use]
    pub fn cancelled(&self) -> Self {
        let progress = Progress { phase: Phase::Cancelled, ..self.progress.clone() };
        Self { progress, ..self.clone() }
    }

    /// A warning when it is not going to fit into the memory.
    pub fn memory_warning(&self) -> Option<String> {
        let Progress { bytes, memory, total, .. } = self.progress;
        memory_warning(self.first?, MemoryMark { bytes, memory }, total)
    }
}

/// What stands in the top bar while files are read.
#[component]
pub fn Loading(
    /// What is read.
    services: Services,
) -> impl IntoView {
    let shown = Memo::new(move |_| services.newest_reading().filter(|r| !r.progress.phase.is_over()));
    let of = move |part: fn(&LoadingTexts) -> String| {
        move || shown.with(|r| r.as_ref().map(|r| part(&texts(amounts(r))))).unwrap_or_default()
    };
    let percent = move || shown.with(|r| r.as_ref().and_then(|r| texts(amounts(r)).percent));
    let phase = move || shown.with(|r| r.as_ref().map(|r| phase_name(services, r))).unwrap_or_default();
    // The first words stay as long as they hold: an alert that counts would be read out again and again.
    let warning = Memo::new(move |before: Option<&Option<String>>| {
        let text = shown.with(|r| r.as_ref().and_then(|r| r.memory_warning()))?;
        let keeps = if services.beside.with(Option::is_some) { "is shown" } else { "was read by then" };
        before.cloned().flatten().or_else(|| Some(format!("{text} Cancel keeps what {keeps}.")))
    });
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
                {move || warning.get().map(|text| view! { <p class="warning" role="alert">{text}</p> })}
                <Button label="Cancel" symbol=Symbol::Stop on_press=move |()| services.cancel() />
            </section>
        </Show>
    }
}

/// Tells screen readers how far the reading is, at most every two seconds.
fn announce(services: Services) {
    let last_millis = StoredValue::new(f64::NEG_INFINITY);
    effect(move || {
        let Some(reading) = services.newest_reading().filter(|r| !r.progress.phase.is_over()) else {
            return last_millis.set_value(f64::NEG_INFINITY);
        };
        let (now, last) = (reading.elapsed_millis, last_millis.get_value());
        // Time goes back where another reading came between.
        if now > 0.0 && (now - last >= PAUSE_MILLIS || now < last) {
            last_millis.set_value(now);
            let texts = texts(amounts(&reading));
            let phase = phase_name(services, &reading);
            services.notices.say(format!("{phase} {}, {}", texts.share, texts.spans));
        }
    });
}

/// What screen readers are told when everything was read.
pub fn finished(reading: &Reading) -> String {
    let texts = texts(amounts(reading));
    format!("Loaded: {}, {}", texts.spans, texts.traces)
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

/// What is being done, with the file where it is not the one that is named beside it.
fn phase_name(services: Services, reading: &Reading) -> String {
    let p = &reading.progress;
    match p.phase {
        Phase::Reading if p.files > 1 => {
            format!("Reading file {} of {}: {}", p.files_done + 1, p.files, p.file)
        }
        Phase::Reading if services.beside.with(Option::is_some) => format!("Reading {}", p.file),
        // A file's first bytes come at once, those of a backend when it has found the trace.
        Phase::Reading if p.bytes == 0 => "Waiting for the first bytes".to_owned(),
        Phase::Reading => "Reading".to_owned(),
        Phase::Linking => "Building traces".to_owned(),
        Phase::Done | Phase::Cancelled => String::new(),
    }
}
