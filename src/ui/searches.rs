//! Searching the connected backend: what is filled in, what was found, and who calls whom.
//!
//! It outlives the screen, so that Back returns to the results without asking again. Each question has a number;
//! answers to any but the newest are dropped.

mod names;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::backends::{Backends, Connection, RemoteTrace};
use super::services::{Services, TraceIndex};
use super::shared::Shared;
use super::store::Store;
use super::traces::ticks::Ticks;
use crate::base::sort::CompactSort as _;
use crate::model::ids::TraceId;
use crate::platform::fetch::Stop;
use crate::platform::frame;
use crate::platform::timer::{Timer, after};
use crate::source::backend::BackendRef;
use crate::source::discover::{Backend, Product};
use crate::source::jaeger;
use crate::source::tempo::TagValue;
use crate::source::trouble::Trouble;
use crate::state::action::Action;
use crate::state::search::{Search, SearchChoice, advice, read_found, remarks};
use crate::state::search_form::{Draft, Field};
use crate::state::search_results::trace_list;
use crate::state::url;
use crate::state::view_state::{Screen, ViewState};
use crate::view::graph::ServiceGraph;
use crate::view::graph::calls::of_calls;
use crate::view::traces;

/// How far a question is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    /// Nothing was asked.
    #[default]
    Idle,
    /// The answer has not come; whether results are shown meanwhile.
    Asking,
    /// It has.
    Done,
    /// There is none.
    Failed(Trouble),
}

/// What was found, besides the list.
#[derive(Debug)]
pub struct Results {
    /// Where.
    reference: BackendRef,
    /// By which search.
    choice: SearchChoice,
    /// The address of the results.
    link: String,
    /// Where each trace is to be looked for.
    ranges: Vec<(TraceId, (i64, i64))>,
    /// What is to be known of them.
    pub remarks: Vec<String>,
    /// What to try when there are none.
    pub advice: Vec<&'static str>,
}

/// The attribute of which values were asked for, the filter with it, and the values.
type Values = (String, String, Vec<TagValue>);

/// A copyable handle to the search.
#[derive(Clone, Copy)]
pub struct Searches {
    backends: Backends,
    services: Services,
    store: Store,
    /// Where the names below come from.
    names_of: StoredValue<Option<BackendRef>>,
    /// What was searched for last, as the state had it.
    followed: StoredValue<Option<Search>>,
    /// Numbers of the newest questions: search, names, operations, calls.
    asks: StoredValue<[u32; 4]>,
    stop: StoredValue<Stop, LocalStorage>,
    timer: StoredValue<Option<Timer>, LocalStorage>,
    /// Values of attributes with what was asked for, the newest last.
    values: RwSignal<Vec<Values>>,
    /// What is filled in.
    pub draft: RwSignal<Draft>,
    /// What is wrong with it.
    pub wrong: RwSignal<Vec<(Field, String)>>,
    /// Services of the backend.
    pub names: RwSignal<Vec<String>>,
    /// Whether the services are there.
    pub names_stage: RwSignal<Stage>,
    /// Operations of the service that is filled in.
    pub operations: RwSignal<Vec<String>>,
    /// Attributes for completion.
    pub tags: RwSignal<Vec<String>>,
    /// How far the search is.
    pub stage: RwSignal<Stage>,
    /// What was found last; stays while the next search runs.
    pub results: RwSignal<Option<Shared<Results>>>,
    /// The same as a list.
    pub index: RwSignal<Option<Shared<TraceIndex>>>,
    /// Which of them are ticked.
    pub ticks: Ticks,
    /// Calls between services.
    pub calls: RwSignal<Option<Shared<ServiceGraph>>>,
    /// How far they are.
    pub calls_stage: RwSignal<Stage>,
}

impl std::fmt::Debug for Searches {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Searches").finish_non_exhaustive()
    }
}

impl Searches {
    /// Nothing is filled in, nothing was found.
    pub fn new(backends: Backends, services: Services, store: Store) -> Self {
        Self {
            backends,
            services,
            store,
            names_of: StoredValue::new(None),
            followed: StoredValue::new(None),
            asks: StoredValue::new([0; 4]),
            stop: StoredValue::new_local(Stop::new()),
            timer: StoredValue::new_local(None),
            values: RwSignal::new(Vec::new()),
            draft: RwSignal::new(Draft::of(&SearchChoice::default())),
            wrong: RwSignal::new(Vec::new()),
            names: RwSignal::new(Vec::new()),
            names_stage: RwSignal::new(Stage::Idle),
            operations: RwSignal::new(Vec::new()),
            tags: RwSignal::new(Vec::new()),
            stage: RwSignal::new(Stage::Idle),
            results: RwSignal::new(None),
            index: RwSignal::new(None),
            ticks: Ticks::default(),
            calls: RwSignal::new(None),
            calls_stage: RwSignal::new(Stage::Idle),
        }
    }

    /// The product that is connected.
    pub fn product(self) -> Product {
        self.backends.current().map(|c| c.product).unwrap_or_default()
    }

    /// Another backend may be connected: begins afresh if so.
    pub fn arrive(self, connection: &Connection) {
        if self.names_of.with_value(|of| of.as_ref() == Some(&connection.reference)) {
            return;
        }
        self.names_of.set_value(Some(connection.reference.clone()));
        self.followed.set_value(None);
        self.cancel();
        self.draft.set(Draft::of(&SearchChoice::default()));
        self.wrong.set(Vec::new());
        self.results.set(None);
        self.index.set(None);
        self.ticks.forget();
        self.calls.set(None);
        self.calls_stage.set(Stage::Idle);
        self.operations.set(Vec::new());
        self.tags.set(Vec::new());
        self.values.set(Vec::new());
        self.ask_names();
    }

    /// What the state says is searched for, unless its results are here already.
    pub fn follow(self, search: &Search) {
        let still = Search {
            submitted: search.submitted.clone().map(|c| SearchChoice { every: 0, ..c }),
            ..search.clone()
        };
        let is_new = self.followed.with_value(|followed| followed.as_ref() != Some(&still));
        self.followed.set_value(Some(still));
        if let Some(choice) = &search.submitted {
            // What is being filled in stays as long as nothing else was searched for.
            if is_new {
                self.wrong.set(Vec::new());
                self.draft.set(Draft::of(choice));
            }
            if self.is_answered(choice) {
                self.keep_on(choice);
            } else if is_new || self.stage.get_untracked() != Stage::Asking {
                self.ask(choice.clone());
            }
        } else {
            self.cancel();
            self.results.set(None);
            self.index.set(None);
            self.stage.set(Stage::Idle);
        }
        if let Some(nanos) = search.calls.filter(|_| is_new || self.calls.with_untracked(Option::is_none)) {
            self.ask_calls(nanos);
        }
    }

    /// Submits what is filled in; the same again is asked again.
    pub fn submit(self) {
        let Some(connection) = self.backends.current_now() else { return };
        match self.draft.with_untracked(|draft| draft.read(connection.product)) {
            Ok(choice) => {
                self.wrong.set(Vec::new());
                let is_same = self
                    .store
                    .look(|s| s.search.calls.is_none() && s.search.submitted.as_ref() == Some(&choice));
                if is_same {
                    return self.ask(choice);
                }
                self.store.apply(Action::Search(Search { submitted: Some(choice), calls: None }));
            }
            Err(wrong) => self.wrong.set(wrong),
        }
    }

    /// Asks again after so many seconds from now on; 0 for never.
    pub fn set_interval(self, every: u32) {
        self.draft.update(|draft| draft.every = every);
        let mut search = self.store.look(|s| s.search.clone());
        if let Some(choice) = &mut search.submitted {
            choice.every = every;
            self.store.apply_in_place(Action::Search(search));
        }
    }

    /// Stops the search; what was found before stays.
    pub fn cancel(self) {
        self.stop.with_value(Stop::abort);
        self.timer.set_value(None);
        self.next_ask(0);
        let has_results = self.results.with_untracked(Option::is_some);
        self.stage.set(if has_results { Stage::Done } else { Stage::Idle });
    }

    /// Nobody looks: nothing is asked again.
    pub fn rest(self) {
        self.timer.set_value(None);
        if self.stage.get_untracked() == Stage::Asking {
            self.cancel();
        }
    }

    /// Goes to the search of the connected backend, as it was left; without one, a backend is to be connected.
    pub fn show_screen(self) {
        let Some(connection) = self.backends.current_now() else {
            return self.store.apply(Action::ShowConnect(None));
        };
        self.store.apply(Action::ShowSearch(connection.reference.clone()));
        let is_its_own = self.names_of.with_value(|of| of.as_ref() == Some(&connection.reference));
        if let Some(search) = self.followed.get_value().filter(|_| is_its_own) {
            self.store.apply_in_place(Action::Search(search));
        }
    }

    /// These traces with what is known of where they are.
    pub fn remote(self, ids: &[TraceId]) -> Vec<RemoteTrace> {
        let range = |id: TraceId| {
            self.results.with_untracked(|results| {
                let ranges = &results.as_ref()?.ranges;
                ranges.binary_search_by_key(&id, |r| r.0).ok().and_then(|at| ranges.get(at)).map(|r| r.1)
            })
        };
        ids.iter().map(|&id| RemoteTrace { id, range: range(id) }).collect()
    }

    /// The address of the results that what is open came from.
    pub fn link(self) -> Option<String> {
        let backend = self.store.with(|s| s.backend.clone())?;
        self.results.with(|r| r.as_ref().filter(|r| r.reference == backend).map(|r| r.link.clone()))
    }

    fn is_answered(self, choice: &SearchChoice) -> bool {
        let reference = self.backends.current_now().map(|c| c.reference);
        self.results.with_untracked(|results| {
            let of = results.as_ref().map(|r| (&r.reference, SearchChoice { every: 0, ..r.choice.clone() }));
            of.is_some_and(|(backend, of)| {
                Some(backend) == reference.as_ref() && of == SearchChoice { every: 0, ..choice.clone() }
            })
        })
    }

    fn next_ask(self, kind: usize) -> u32 {
        let next = |asks: &mut [u32; 4]| {
            let ask = asks.get_mut(kind)?;
            *ask = ask.wrapping_add(1);
            Some(*ask)
        };
        self.asks.try_update_value(next).flatten().unwrap_or_default()
    }

    fn is_newest(self, kind: usize, ask: u32) -> bool {
        self.asks.try_with_value(|asks| asks.get(kind) == Some(&ask)).unwrap_or_default()
    }

    fn ask(self, choice: SearchChoice) {
        self.stop.with_value(Stop::abort);
        self.timer.set_value(None);
        let stop = Stop::new();
        self.stop.set_value(stop.clone());
        let ask = self.next_ask(0);
        let Some(connection) = self.backends.current_now() else { return };
        if !choice.suits(connection.product) {
            return self.stage.set(Stage::Idle);
        }
        // Results of another search are not shown as if they were of this one.
        if !self.is_answered(&choice) {
            self.results.set(None);
            self.index.set(None);
            self.ticks.forget();
        }
        self.stage.set(Stage::Asking);
        spawn_local(async move {
            let found = self.found(&choice, &stop).await;
            if !self.is_newest(0, ask) {
                return;
            }
            match found {
                Ok(found) => {
                    self.show(connection.reference, &choice, found);
                    self.stage.set(Stage::Done);
                }
                Err(trouble) => {
                    let is_about_access = trouble.is_about_access();
                    self.stage.set(Stage::Failed(trouble));
                    // Asking again and again with the wrong password locks people out.
                    if is_about_access {
                        return;
                    }
                }
            }
            self.keep_on(&choice);
        });
    }

    async fn found(
        self,
        choice: &SearchChoice,
        stop: &Stop,
    ) -> Result<(Backend, crate::source::search::Found), Trouble> {
        let backend = self.backends.backend(stop).await?;
        let reply = self.backends.ask(&choice.query(&backend, now()), stop).await?;
        let found = read_found(&backend, &reply.answer())?;
        Ok((backend, found))
    }

    fn show(
        self,
        reference: BackendRef,
        choice: &SearchChoice,
        (backend, found): (Backend, crate::source::search::Found),
    ) {
        let list = trace_list(&found, matches!(backend, Backend::Tempo { .. }));
        let range = |t: &crate::source::search::TraceSummary| Some((TraceId::from_hex(&t.id)?, t.range()));
        let mut ranges: Vec<_> = found.traces.iter().filter_map(range).collect();
        ranges.compact_sort();
        let link = url::print(&ViewState {
            screen: Screen::Search,
            backend: Some(reference.clone()),
            search: Search { submitted: Some(choice.clone()), calls: None },
            ..ViewState::default()
        });
        self.results.set(Some(Shared::new(Results {
            link,
            reference,
            choice: choice.clone(),
            ranges,
            remarks: remarks(choice, &backend, &found),
            advice: advice(choice, &backend),
        })));
        let revision = self.index.with_untracked(|i| i.as_ref().map_or(0, |i| i.revision.wrapping_add(1)));
        let looks = self.services.looks(|known| traces::looks(&list, known));
        self.index.set(Some(Shared::new(TraceIndex { revision, complete: true, list, looks })));
    }

    /// Asks again later, if the reader wants that.
    fn keep_on(self, choice: &SearchChoice) {
        let next = choice.clone();
        let again = move || {
            if let Some(timer) = self.timer.try_update_value(Option::take).flatten() {
                timer.release();
            }
            self.ask(next);
        };
        let millis = i32::try_from(choice.every.saturating_mul(1000)).unwrap_or(i32::MAX);
        self.timer.set_value((millis > 0).then(|| after(millis, again)));
    }

    fn ask_calls(self, nanos: u64) {
        let ask = self.next_ask(3);
        self.calls_stage.set(Stage::Asking);
        spawn_local(async move {
            let stop = Stop::new();
            let millis = i64::try_from(nanos / 1_000_000).unwrap_or(i64::MAX);
            let query = jaeger::dependencies(now() / 1_000_000, millis);
            let calls = match self.backends.ask(&query, &stop).await {
                Ok(reply) => jaeger::read_dependencies(&reply.answer()).map_err(Trouble::from),
                Err(trouble) => Err(trouble),
            };
            if !self.is_newest(3, ask) {
                return;
            }
            match calls {
                Ok(calls) => {
                    let calls = calls.iter().map(|c| (c.from.as_str(), c.to.as_str(), c.n_calls));
                    self.calls.set(Some(Shared::new(of_calls(calls))));
                    self.calls_stage.set(Stage::Done);
                }
                Err(trouble) => self.calls_stage.set(Stage::Failed(trouble)),
            }
        });
    }
}

/// Nanoseconds since 1970.
fn now() -> i64 {
    i64::try_from(frame::unix_millis()).unwrap_or(i64::MAX).saturating_mul(1_000_000)
}
