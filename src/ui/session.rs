//! What is opened, and which screen that leads to.

use crate::ui::effect::effect;
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::import_report::sentence;
use super::services::{Event, Services};
use super::store::Store;
use crate::base::text::counted;
use crate::model::ids::TraceId;
use crate::platform::files::Source;
use crate::platform::{clipboard, files, history, samples};
use crate::state::action::Action;
use crate::state::url::Notice;
use crate::state::view_state::Screen;

/// A copyable handle: opens files, samples and links.
#[derive(Clone, Copy, Debug)]
pub struct Session {
    store: Store,
    services: Services,
    /// The addresses that what is open came from.
    loaded: StoredValue<Vec<String>>,
}

/// A trace that was opened without being asked for, since it was the only one so far.
#[derive(Clone, Copy, Debug)]
pub struct Guess(StoredValue<Option<TraceId>>);

impl Guess {
    /// Nothing was guessed.
    pub fn new() -> Self {
        let guess = Self(StoredValue::new(None));
        // Whatever the reader does makes the guess theirs.
        for listener in [
            window_event_listener(ev::pointerdown, move |_| guess.0.set_value(None)),
            window_event_listener(ev::keydown, move |_| guess.0.set_value(None)),
            window_event_listener(ev::wheel, move |_| guess.0.set_value(None)),
        ] {
            on_cleanup(move || listener.remove());
        }
        guess
    }

    /// Takes news of the engine: opens the only trace at once, and goes back to the list when it does not stay
    /// the only one.
    pub fn take(self, event: Event, store: Store, services: Services) {
        match event {
            Event::Opening => return self.0.set_value(None),
            Event::Reported => return say_failures(services),
            Event::Listed => {}
        }
        let (n_traces, first) = services.index.with_untracked(|index| {
            index.as_ref().map_or((0, None), |i| (i.list.len(), i.list.id.first().copied()))
        });
        let (screen, trace) = store.look(|s| (s.screen, s.trace));
        match (n_traces, first, self.0.get_value()) {
            (1, Some(only), _) if screen == Screen::Traces => {
                store.apply_in_place(Action::OpenTrace(only));
                self.0.set_value(Some(only));
            }
            (2.., _, Some(guessed)) if trace == Some(guessed) => {
                store.apply_in_place(Action::ShowTraces);
                self.0.set_value(None);
            }
            _ => {}
        }
    }
}

impl Default for Guess {
    fn default() -> Self {
        Self::new()
    }
}

impl Session {
    /// A session over these handles; begins with what the address asks for.
    pub fn begin(store: Store, services: Services, notices: Vec<Notice>) -> Self {
        let session = Self { store, services, loaded: StoredValue::new(Vec::new()) };
        session.say(notices);
        session.load_urls();
        if let Some(listener) = history::on_change(move |fragment| session.go_to(&fragment)) {
            listener.forever();
        }
        // The engine follows the state: it sends the columns of the trace that is shown.
        effect(move || match store.with(|s| (s.screen, s.trace)) {
            (Screen::Timeline, Some(trace)) => services.open_trace(&trace.to_string()),
            _ => services.close_trace(),
        });
        session
    }

    /// Opens files of the reader.
    pub fn open(self, sources: Vec<Source>) {
        if sources.is_empty() {
            return self.services.notices.error("There are no files in what was given");
        }
        // A link to a file that the link cannot carry: this is the file.
        if !untrack(|| self.is_waiting_for_file()) {
            self.store.apply(Action::Load(Vec::new()));
        }
        self.loaded.set_value(Vec::new());
        self.read(sources);
    }

    /// Opens a sample.
    pub fn open_sample(self, file: &str) {
        self.store.apply(Action::Load(vec![format!("samples/{file}")]));
        self.load_urls();
    }

    /// Shows the picker for files or a folder.
    pub fn choose(self, folder: bool) {
        files::choose(folder, move |sources| self.open(sources));
    }

    /// Opens what is on the clipboard.
    pub fn paste(self) {
        let notices = self.services.notices;
        spawn_local(async move {
            match clipboard::read().await {
                Ok(text) => match files::from_pasted(&text) {
                    Some(source) => self.open(vec![source]),
                    None => notices.error("The clipboard holds no text"),
                },
                Err(reason) => {
                    notices.error(format!("The clipboard cannot be read ({reason}); press Ctrl+V instead"));
                }
            }
        });
    }

    /// Closes everything.
    pub fn close(self) {
        self.loaded.set_value(Vec::new());
        self.services.close();
        self.store.apply(Action::Close);
    }

    /// Reads all files again after the engine died.
    pub fn restart(self) {
        self.services.restart();
        self.ask_for_trace();
    }

    /// Whether the address shows something of a file that is not here.
    pub fn is_waiting_for_file(self) -> bool {
        self.store.with(|s| s.screen != Screen::Open && s.urls.is_empty()) && !self.services.is_open()
    }

    fn go_to(self, fragment: &str) {
        let notices = self.store.restore(fragment);
        self.say(notices);
        self.load_urls();
    }

    /// Fetches what the state names, unless it is open already.
    fn load_urls(self) {
        let (urls, screen) = self.store.look(|s| (s.urls.clone(), s.screen));
        if urls.is_empty() || screen == Screen::Open || self.loaded.with_value(|loaded| *loaded == urls) {
            return;
        }
        self.loaded.set_value(urls.clone());
        spawn_local(async move {
            let mut sources = Vec::new();
            for url in &urls {
                match samples::fetch(url).await {
                    Ok(source) => sources.push(source),
                    Err(reason) => self.services.notices.error(sentence(&reason)),
                }
            }
            // The reader may have gone elsewhere meanwhile.
            if !self.loaded.with_value(|loaded| *loaded == urls) {
                return;
            }
            if sources.is_empty() {
                self.loaded.set_value(Vec::new());
                return self.store.apply(Action::Close);
            }
            self.read(sources);
        });
    }

    fn read(self, sources: Vec<Source>) {
        self.services.open(sources);
        self.ask_for_trace();
    }

    /// A fresh engine does not know which trace is shown.
    fn ask_for_trace(self) {
        if let Some(trace) = self.store.look(|s| s.trace) {
            self.services.open_trace(&trace.to_string());
        }
    }

    fn say(self, notices: Vec<Notice>) {
        for Notice { key, reason } in notices {
            self.services.notices.error(format!("“{key}” in the link was left out: {reason}"));
        }
    }
}

/// Names the files that gave no span, where others did: without others the screen says so.
fn say_failures(services: Services) {
    services.report.with_untracked(|report| {
        let Some(report) = report.as_ref().filter(|r| r.totals.spans > 0) else { return };
        let failed: Vec<&str> =
            report.files.iter().filter(|f| f.error.is_some()).map(|f| f.name.as_str()).collect();
        match failed.as_slice() {
            [] => {}
            [one] => services.notices.error(format!("{one} gave no spans; the import report says why")),
            [first, rest @ ..] => services.notices.error(format!(
                "{first} and {} gave no spans; the import report says why",
                counted(rest.len() as u64, "other file")
            )),
        }
    });
}
