//! The first screen: nothing is loaded, here are the ways to open something.

use leptos::prelude::*;

use super::widgets::{Button, Icon, Look, Symbol};

/// A sample trace, as `public/samples/index.json` lists it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
pub struct Sample {
    /// File in the folder of samples.
    pub file: String,
    /// A few words.
    pub title: String,
    /// What it teaches, in one line.
    pub teaches: String,
}

/// The first screen.
#[component]
pub fn OpenScreen(
    /// Samples; none until their list is there.
    #[prop(into)]
    samples: Signal<Vec<Sample>>,
    /// Why the reader is here, when that is not plain.
    note: Option<&'static str>,
    /// Show the picker for files.
    #[prop(into)]
    on_files: Callback<()>,
    /// Show the picker for a folder.
    #[prop(into)]
    on_folder: Callback<()>,
    /// Read the clipboard.
    #[prop(into)]
    on_paste: Callback<()>,
    /// Connect a backend.
    #[prop(into)]
    on_connect: Callback<()>,
    /// Open this sample.
    #[prop(into)]
    on_sample: Callback<String>,
) -> impl IntoView {
    view! {
        <section class="open-screen" aria-labelledby="open-title">
            <div class="column">
                <header>
                    <h1 id="open-title">"Open a trace"</h1>
                    <p class="lead">"See where the time of a request went."</p>
                </header>
                {note.map(|note| view! { <p class="note" role="status">{note}</p> })}
                <div class="drop-zone">
                    <Icon symbol=Symbol::Upload />
                    <p class="ask">"Drop trace files or folders anywhere on this page"</p>
                    <div class="ways">
                        <Button
                            label="Open files…"
                            symbol=Symbol::File
                            look=Look::Main
                            on_press=on_files
                        />
                        <Button label="Open folder…" symbol=Symbol::Folder on_press=on_folder />
                        <Button
                            label="Paste"
                            symbol=Symbol::Paste
                            hint="Read trace JSON from the clipboard"
                            on_press=on_paste
                        />
                    </div>
                    <p class="or">
                        <span>"or"</span>
                        <Button
                            label="Connect to Jaeger or Tempo…"
                            symbol=Symbol::Server
                            on_press=on_connect
                        />
                    </p>
                    <p class="formats">
                        "OpenTelemetry, Jaeger, Zipkin, Tempo and Grafana exports, Chrome traces — also as gzip, zstd or zip"
                    </p>
                </div>
                <p class="promise">
                    <Icon symbol=Symbol::Lock />
                    <span>
                        "Your files never leave this browser. They are read and analysed on this page; nothing is uploaded."
                    </span>
                </p>
                <section class="samples" aria-labelledby="samples-title">
                    <h2 id="samples-title">"Or start with a sample"</h2>
                    <ul>
                        <For each=move || samples.get() key=|sample| sample.file.clone() let:sample>
                            <SampleRow sample on_sample />
                        </For>
                    </ul>
                </section>
            </div>
        </section>
    }
}

/// One sample.
#[component]
fn SampleRow(sample: Sample, on_sample: Callback<String>) -> impl IntoView {
    let Sample { file, title, teaches } = sample;
    view! {
        <li>
            <button type="button" class="sample" on:click=move |_| on_sample.run(file.clone())>
                <span class="title">{title}</span>
                <span class="teaches">{teaches}</span>
                <Icon symbol=Symbol::Chevron />
            </button>
        </li>
    }
}
