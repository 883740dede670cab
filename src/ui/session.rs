//! What is opened, and which screen that leads to.

mod remote;

use std::sync::Arc;

use crate::base::sort::CompactSort as _;
use crate::ui::effect::effect;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::backends::Backends;
use super::guess::Guess;
use super::import_report::sentence;
use super::notices::Way;
use super::refused::sentence_of;
use super::services::{Event, Services};
use super::shared::Shared;
use super::store::Store;
use crate::base::text::counted;
use crate::model::ids::TraceId;
use crate::platform::files::Source;
use crate::platform::worker_client::{Kept, Refusal};
use crate::platform::{clipboard, files, frame, history, samples};
use crate::source::backend::BackendRef;
use crate::state::action::Action;
use crate::state::commands::CommandId;
use crate::state::compare::{Compare, Other};
use crate::state::openings::{OpeningId, Openings};
use crate::state::url::Notice;
use crate::state::view_state::{Screen, ViewState};

/// A copyable handle: opens files, samples and links.
#[derive(Clone, Copy, Debug)]
pub struct Session {
    store: Store,
    services: Services,
    guess: Guess,
    /// Who is asked for traces.
    pub backends: Backends,
    /// Where what is open came from.
    loaded: StoredValue<Origin>,
    /// What was opened during this visit.
    openings: StoredValue<Openings<Opening>, LocalStorage>,
    /// What is being opened.
    coming: StoredValue<Coming, LocalStorage>,
    /// What is compared once the files that are added are there.
    adding: StoredValue<Option<Adding>>,
}

/// Files are added to be compared with what is there.
#[derive(Clone, Debug)]
struct Adding {
    /// What is there.
    before: Vec<TraceId>,
    /// Why.
    purpose: Purpose,
    has_joined: bool,
}

#[derive(Clone, Debug)]
enum Purpose {
    /// The link names the address of the second side.
    Link,
    /// What was there before is compared with what is open now; this trace of it, if it was open.
    Former(Option<TraceId>),
}

/// What is open, as far as it takes to open it again.
#[derive(Clone, Debug, Default)]
struct Opening {
    name: String,
    sources: Vec<Source>,
    origin: Origin,
    /// What is done when it is open.
    then: Option<Action>,
}

/// Where something came from, as far as a link can say it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Origin {
    urls: Vec<String>,
    remote: Option<(BackendRef, Arc<[TraceId]>)>,
}

/// What is about to be open.
#[derive(Clone, Debug)]
enum Coming {
    /// The reader opens something else: the state starts afresh.
    Else(Opening),
    /// What the state speaks of already.
    Expected(Opening),
    /// What was open before.
    Again(OpeningId),
}

impl Session {
    /// A session over these handles; begins with what the address asks for.
    pub fn begin(store: Store, services: Services, notices: &[Notice]) -> Self {
        let session = Self {
            store,
            services,
            guess: Guess::new(),
            backends: Backends::new(services.notices),
            loaded: StoredValue::new(Origin::default()),
            openings: StoredValue::new_local(Openings::new(frame::unix_millis())),
            coming: StoredValue::new_local(Coming::Expected(Opening::default())),
            adding: StoredValue::new(None),
        };
        services.listen(move |event| session.hear(event));
        session.say(notices);
        session.load_link();
        if let Some(listener) = history::on_change(move |fragment, opening| session.go_to(&fragment, opening))
        {
            listener.forever();
        }
        // The engine follows the state: it sends the columns of the trace that is shown.
        let shown = Memo::new(move |_| store.with(|s| (s.screen, s.trace)));
        effect(move || match shown.get() {
            (screen, Some(trace)) if screen.is_trace() => services.open_trace(&trace.to_string()),
            _ => services.close_trace(),
        });
        session
    }

    /// Opens files of the reader.
    pub fn open(self, sources: Vec<Source>) {
        if sources.is_empty() {
            return self.services.notices.error("There are no files in what was given");
        }
        self.services.notices.about_link(None);
        let opening = Opening::of(sources, Origin::default());
        // A link to a file that the link cannot carry: this is the file.
        let is_expected = untrack(|| self.is_waiting_for_file());
        self.begin_opening(if is_expected { Coming::Expected(opening) } else { Coming::Else(opening) });
    }

    /// Opens files of the reader in addition to what is open.
    pub fn add(self, sources: Vec<Source>) {
        if !self.services.has_traces() {
            return self.open(sources);
        }
        self.services.add(sources);
    }

    /// Opens a sample.
    pub fn open_sample(self, file: &str) {
        self.services.notices.about_link(None);
        let urls = vec![format!("samples/{file}")];
        if !self.services.has_traces() {
            self.store.apply(Action::Load(urls));
            return self.load_link();
        }
        spawn_local(async move {
            let sources = self.fetch(&urls).await;
            if !sources.is_empty() {
                let origin = Origin { urls, remote: None };
                self.begin_opening(Coming::Else(Opening::of(sources, origin)));
            }
        });
    }

    /// Fetches or reads what is open anew, after it failed.
    pub fn try_again(self) {
        if let Some(current) = self.openings.with_value(Openings::current) {
            self.begin_opening(Coming::Again(current));
        }
    }

    /// The state in which everything is listed that is open.
    pub fn list_state(self) -> ViewState {
        let mut state = self.store.with(Clone::clone);
        if !state.screen.shows_data() {
            let origin = self.openings.with_value(|openings| openings.now().map(|o| o.origin.clone()));
            state.apply(origin.unwrap_or_default().action());
        }
        state.apply(Action::ShowTraces);
        state
    }

    /// Shows the picker for files that are to be added.
    pub fn choose_more(self) {
        files::choose(false, move |sources| self.add(sources));
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
        self.loaded.set_value(Origin::default());
        self.services.close();
        self.openings.update_value(Openings::close);
        self.store.apply(Action::Close);
        self.store.stamp(None);
    }

    /// Reads all files again after the engine died.
    pub fn restart(self) {
        // Where nothing is shown that could stay, it is an opening like any other.
        if let Some(current) = self.openings.with_value(Openings::current) {
            self.coming.set_value(Coming::Again(current));
        }
        self.services.restart();
    }

    /// Whether the address shows something of a file that is not here.
    pub fn is_waiting_for_file(self) -> bool {
        self.store.with(|s| s.screen.shows_data() && s.urls.is_empty() && s.backend.is_none())
            && !self.services.is_open()
    }

    /// The reader went to another entry of the history, which may be about another opening.
    fn go_to(self, fragment: &str, opening: Option<f64>) {
        let notices = self.store.restore(fragment);
        self.say(&notices);
        let (shows_data, is_remote) = self.store.look(|s| (s.screen.shows_data(), s.backend.is_some()));
        match opening {
            // A link within the page leads to what is open.
            None => self.store.stamp(self.openings.with_value(Openings::current)),
            Some(number) if shows_data => {
                if let Some(other) = self.openings.with_value(|openings| openings.other(number)) {
                    return self.begin_opening(Coming::Again(other));
                }
                let current = self.openings.with_value(Openings::current);
                // A link carries only so many traces; what is open may be more.
                if is_remote && current.is_some_and(|id| id.number() == number) {
                    return;
                }
            }
            Some(_) => {}
        }
        self.load_link();
    }

    /// Fetches what the state names, unless it is open already.
    fn load_link(self) {
        let (origin, screen, backend) = self.store.look(|s| (Origin::of(s), s.screen, s.backend.clone()));
        if screen == Screen::Search {
            return self.admit_searched(backend);
        }
        let is_loaded = self.loaded.with_value(|loaded| *loaded == origin);
        if !screen.shows_data() || origin.is_empty() || is_loaded {
            return;
        }
        self.loaded.set_value(origin.clone());
        spawn_local(async move {
            let mut sources = self.fetch(&origin.urls).await;
            if let Some((backend, traces)) = &origin.remote {
                sources.extend(self.fetched(backend, traces).await);
            }
            // The reader may have gone elsewhere meanwhile.
            if !self.loaded.with_value(|loaded| *loaded == origin) {
                return;
            }
            if sources.is_empty() {
                self.loaded.set_value(Origin::default());
                return self.store.apply(Action::Close);
            }
            self.begin_opening(Coming::Expected(Opening::of(sources, origin)));
        });
    }

    /// The files at these addresses; what cannot be fetched is said.
    async fn fetch(self, urls: &[String]) -> Vec<Source> {
        let mut sources = Vec::new();
        for url in urls {
            match samples::fetch(url).await {
                Ok(source) => sources.push(source),
                Err(reason) => self.services.notices.error(sentence(&reason)),
            }
        }
        sources
    }

    /// Has the files read. What is shown stays until there is something else to show, unless the reader left it
    /// already.
    fn begin_opening(self, coming: Coming) {
        let again = |id| self.openings.with_value(|openings| openings.get(id).map(|o| o.sources.clone()));
        let sources = match &coming {
            Coming::Else(opening) | Coming::Expected(opening) => opening.sources.clone(),
            Coming::Again(id) => again(*id).unwrap_or_default(),
        };
        let is_asked_for_beside = matches!(coming, Coming::Else(_));
        self.coming.set_value(coming);
        if is_asked_for_beside {
            self.services.open(sources);
        } else {
            self.services.replace(sources);
        }
    }

    fn hear(self, event: Event) {
        match event {
            Event::Opening { replaces } => self.opened(replaces),
            Event::Joined => {
                self.joined();
                self.adding.update_value(|adding| {
                    if let Some(adding) = adding {
                        adding.has_joined = true;
                    }
                });
            }
            Event::Kept(kept) => self.kept(&kept),
            Event::Stopped => self.stopped(),
            Event::Listed => {
                self.guess.listed(self.store, self.services);
                self.compare_added();
            }
            Event::Reported => say_failures(self.services),
        }
    }

    /// What was coming is open: state and history follow.
    fn opened(self, replaces: bool) {
        self.guess.forget();
        self.adding.set_value(None);
        match self.coming.get_value() {
            Coming::Else(opening) => {
                let before = self.openings.with_value(Openings::current).filter(|_| replaces);
                let mut opening = opening;
                let (origin, name, then) =
                    (opening.origin.clone(), opening.name.clone(), opening.then.take());
                self.loaded.set_value(origin.clone());
                if let Some(id) = self.openings.try_update_value(|openings| openings.begin(opening)) {
                    let former_state = self.store.look(ViewState::clone);
                    let mut state = former_state.clone();
                    state.apply(origin.action());
                    if let Some(then) = then {
                        state.apply(then);
                    }
                    self.store.enter(state, id, replaces);
                    if let Some(before) = before.filter(|before| !self.is_of_same_backend(*before, &origin)) {
                        self.offer_both(&name, before, former_state);
                    }
                }
            }
            Coming::Expected(opening) => {
                self.loaded.set_value(opening.origin.clone());
                self.store.stamp(self.openings.try_update_value(|openings| openings.begin(opening)));
            }
            Coming::Again(id) => {
                self.openings.update_value(|openings| openings.go_to(id));
                let origin = self.openings.with_value(|openings| openings.now().map(|o| o.origin.clone()));
                self.loaded.set_value(origin.unwrap_or_default());
                self.store.stamp(Some(id));
            }
        }
        self.ask_for_trace();
    }

    /// Says that something else is open now, with the ways to have the former again.
    fn offer_both(self, name: &str, before: OpeningId, state: ViewState) {
        let former = self.openings.with_value(|openings| openings.get(before).cloned());
        let Some(Opening { name: former_name, sources, .. }) = former else { return };
        let sources = StoredValue::new_local(sources);
        let former_trace = state.trace.filter(|_| state.shows_trace());
        let ways = vec![
            Way::new("Compare", move || {
                let before = self.services.trace_ids();
                let purpose = Purpose::Former(former_trace);
                self.adding.set_value(Some(Adding { before, purpose, has_joined: false }));
                self.services.add(sources.get_value());
            }),
            Way::new("Open both", move || self.services.add(sources.get_value())),
            Way::new("Go back", move || {
                self.store.enter(state.clone(), before, true);
                self.begin_opening(Coming::Again(before));
            }),
        ];
        self.services.notices.done_with(format!("{name} is open instead of {former_name}."), ways);
    }

    /// All that is to be compared is there, or can be fetched: goes on with it.
    fn compare_added(self) {
        let is_complete = self.services.index.with_untracked(|i| i.as_ref().is_some_and(|i| i.complete));
        if !is_complete {
            return;
        }
        let ids = self.services.trace_ids();
        match self.adding.get_value() {
            Some(adding) if adding.has_joined => {
                self.adding.set_value(None);
                match adding.purpose {
                    Purpose::Link => self.services.before_added.set(Some(Shared::new(adding.before))),
                    Purpose::Former(trace) => self.compare_with_former(ids, adding.before, trace),
                }
            }
            Some(_) => {}
            None => self.fetch_other(ids),
        }
    }

    /// Compares what was there with what is open since.
    fn compare_with_former(self, ids: Vec<TraceId>, mut newer: Vec<TraceId>, trace: Option<TraceId>) {
        newer.compact_sort();
        let mut former: Vec<TraceId> =
            ids.into_iter().filter(|id| newer.binary_search(id).is_err()).collect();
        if former.is_empty() {
            let text = "Both files hold the same traces, which are one now: there is nothing to compare.";
            return self.services.notices.error(text);
        }
        if let Some(trace) = trace.filter(|trace| former.contains(trace)) {
            former = vec![trace];
        }
        self.store.apply(Action::Compare(Compare::of(former, newer)));
    }

    /// Adds the file that the link names as the second side.
    fn fetch_other(self, before: Vec<TraceId>) {
        let url = self.store.look(|s| match s.compare.as_ref().map(|c| &c.other) {
            Some(Other::Url(url)) if s.screen == Screen::Compare => Some(url.clone()),
            _ => None,
        });
        let is_known = self.services.before_added.with_untracked(Option::is_some);
        let Some(url) = url.filter(|_| !is_known && !before.is_empty()) else { return };
        self.adding.set_value(Some(Adding { before, purpose: Purpose::Link, has_joined: false }));
        spawn_local(async move {
            let sources = self.fetch(&[url]).await;
            if sources.is_empty() {
                return self.adding.set_value(None);
            }
            self.services.add(sources);
        });
    }

    /// Files were added, or all were read again.
    fn joined(self) {
        let sources = self.services.sources();
        self.openings.update_value(|openings| {
            if let Some(now) = openings.now_mut() {
                (now.name, now.sources) = (files::name_of(&sources), sources);
            }
        });
        self.services.death.set(None);
    }

    /// The traces were not put together: says what is left.
    fn stopped(self) {
        let notices = self.services.notices;
        if !self.services.has_traces() {
            self.close();
            return notices.error("The reading was stopped before there was anything to show.");
        }
        let text = "The reading was stopped: what is shown is its beginning, without details of spans.";
        notices.error_with(text, vec![Way::new("Read again", move || self.restart())]);
    }

    /// Files were not opened: says why.
    fn kept(self, kept: &Kept) {
        self.adding.set_value(None);
        let notices = self.services.notices;
        let text = sentence_of(kept);
        match &kept.why {
            Refusal::Cancelled => notices.done(text),
            Refusal::Died { .. } => notices.error(text),
            Refusal::NoTrace(report) => {
                self.services.refused.set(Some(Shared::new((**report).clone())));
                let commands = self.services.commands;
                let show = move || {
                    commands.run(CommandId::ShowRefused);
                };
                notices.error_with(text, vec![Way::new("Show why", show)]);
            }
        }
    }

    /// A fresh engine does not know which trace is shown.
    fn ask_for_trace(self) {
        if let Some(trace) = self.store.look(|s| s.trace) {
            self.services.open_trace(&trace.to_string());
        }
    }

    /// Says what in the link was not understood, in one message however much it is.
    fn say(self, notices: &[Notice]) {
        let one = |Notice { key, reason }: &Notice| format!("“{key}” in the link was left out: {reason}");
        let all: Vec<String> = notices.iter().map(one).collect();
        self.services.notices.about_link((!all.is_empty()).then(|| all.join("; ")));
    }
}

impl Opening {
    fn of(sources: Vec<Source>, origin: Origin) -> Self {
        Self { name: files::name_of(&sources), sources, origin, then: None }
    }
}

impl Origin {
    /// As the state names it.
    fn of(state: &ViewState) -> Self {
        let remote = state.backend.clone().filter(|_| !state.fetched.is_empty());
        Self { urls: state.urls.clone(), remote: remote.map(|backend| (backend, Arc::clone(&state.fetched))) }
    }

    const fn is_empty(&self) -> bool {
        self.urls.is_empty() && self.remote.is_none()
    }

    /// Begins a state over it.
    fn action(&self) -> Action {
        match &self.remote {
            Some((backend, traces)) => Action::LoadRemote(backend.clone(), traces.to_vec()),
            None => Action::Load(self.urls.clone()),
        }
    }
}

/// Names the files that gave no span, where others did: without others the screen says so.
fn say_failures(services: Services) {
    services.report.with_untracked(|report| {
        let Some(report) = report.as_ref().filter(|r| r.totals.spans > 0) else { return };
        // Of what broke off on its way, a part is there: the reader must know that it is one.
        let broken = report.files.iter().find(|f| f.is_unfetched() && f.shown > 0);
        if let Some(error) = broken.and_then(|file| file.error.as_ref()) {
            services.notices.error(error.message.clone());
        }
        let failed: Vec<&str> = report
            .files
            .iter()
            .filter(|f| f.error.is_some() && !(f.is_unfetched() && f.shown > 0))
            .map(|f| f.name.as_str())
            .collect();
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
