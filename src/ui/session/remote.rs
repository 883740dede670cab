//! Traces of Jaeger and Tempo among what is opened: those that the reader chose, and those of a link.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{Coming, Opening, Origin, Session};
use crate::model::ids::TraceId;
use crate::platform::files::Source;
use crate::source::backend::BackendRef;
use crate::source::trouble::Trouble;
use crate::state::action::Action;
use crate::state::openings::OpeningId;
use crate::state::view_state::ViewState;
use crate::ui::backends::{Connection, RemoteTrace};

impl Session {
    /// Opens traces of the connected backend; what is open already is merely shown. `then` is done as soon as
    /// they take the place of what was shown.
    pub fn open_remote(self, traces: &[RemoteTrace], then: Option<Action>) {
        let notices = self.services.notices;
        let Some(connection) = self.backends.current_now().filter(|_| !traces.is_empty()) else {
            return notices.error("Connect Jaeger or Tempo first");
        };
        notices.about_link(None);
        let ids: Vec<TraceId> = traces.iter().map(|trace| trace.id).collect();
        if self.show_open(&connection.reference, &ids, then.as_ref()) {
            return;
        }
        let mut state = ViewState::default();
        state.apply(Action::LoadRemote(connection.reference.clone(), ids));
        let sources = self.backends.sources(&connection, traces);
        self.begin_opening(Coming::Else(Opening { then, ..Opening::of(sources, Origin::of(&state)) }));
    }

    /// Shows what is open already, if that is all that is wanted.
    fn show_open(self, backend: &BackendRef, ids: &[TraceId], then: Option<&Action>) -> bool {
        let Some((current, origin)) =
            self.openings.with_value(|openings| Some((openings.current()?, openings.now()?.origin.clone())))
        else {
            return false;
        };
        let is_same = origin.remote.as_ref().is_some_and(|(of, _)| of == backend);
        let (is_one, all) = (ids.len() == 1, self.services.trace_ids());
        let is_there = ids.iter().all(|id| all.contains(id)) && (is_one || ids.len() == all.len());
        let is_complete = self.services.report.with_untracked(|r| r.as_ref().is_some_and(|r| r.complete));
        if !(is_same && is_there && is_complete) {
            return false;
        }
        let mut state = self.store.look(ViewState::clone);
        state.apply(origin.action());
        if let [only] = ids {
            state.apply(Action::OpenTrace(*only));
        }
        if let Some(then) = then {
            state.apply(then.clone());
        }
        self.store.enter(state, current, true);
        true
    }

    /// Says that something could not be done.
    pub fn say_error(self, text: String) {
        self.services.notices.error(text);
    }

    /// Fetches what the link wants, now that a connection works: that of the link, or one the reader chose instead.
    pub fn fetch_waiting(self, connection: &Connection) {
        let (backend, ids) = self.store.look(|s| (s.backend.clone(), s.fetched.to_vec()));
        if backend.as_ref() == Some(&connection.reference) {
            return self.try_again();
        }
        let traces: Vec<_> = ids.into_iter().map(|id| RemoteTrace { id, range: None }).collect();
        self.open_remote(&traces, None);
    }

    /// Connects the backend that is to be searched, as the address has it.
    pub(super) fn admit_searched(self, backend: Option<BackendRef>) {
        let is_current = |backend: &BackendRef| {
            self.backends.current_now().is_some_and(|connection| connection.reference == *backend)
        };
        let Some(backend) = backend.filter(|backend| !is_current(backend)) else { return };
        self.backends.disconnect();
        spawn_local(async move {
            if self.admit(&backend).await.is_none() {
                self.store.apply(Action::ShowConnect(None));
            }
        });
    }

    /// Handles to traces of a backend of a link, unless it is not wanted.
    pub(super) async fn fetched(self, backend: &BackendRef, traces: &[TraceId]) -> Vec<Source> {
        let Some(connection) = self.admit(backend).await else { return Vec::new() };
        let traces: Vec<_> = traces.iter().map(|&id| RemoteTrace { id, range: None }).collect();
        self.backends.sources(&connection, &traces)
    }

    /// Connects a backend of a link; why not is said.
    async fn admit(self, backend: &BackendRef) -> Option<Connection> {
        match self.backends.admit(backend).await {
            Ok(connection) => return Some(connection),
            Err(Trouble::NoSuchName(name)) => self.services.notices.error(format!(
                "The link names a backend “{name}” that this page does not know: its config.json has no such entry"
            )),
            Err(_) => self.services.notices.done(format!("Nothing was loaded from {}", backend.value())),
        }
        None
    }

    /// Whether one backend is read, trace after trace: Back is what leads to the one before, nothing is lost.
    pub(super) fn is_of_same_backend(self, before: OpeningId, origin: &Origin) -> bool {
        let of = |origin: &Origin| origin.remote.as_ref().map(|(backend, _)| backend.clone());
        let former =
            self.openings.with_value(|openings| openings.get(before).and_then(|before| of(&before.origin)));
        former.is_some() && former == of(origin)
    }
}
