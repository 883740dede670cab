//! What the page knows of what is open: the engine behind signals that only its answers write.

mod arrival;
mod questions;

use leptos::prelude::*;

use super::analyses::Analyses;
pub use super::answers::{Correction, Death, Event, Found, OpenTrace, TraceIndex, Values};
use super::commands::Commands;
use super::compare::Answers;
use super::flame::answers::FlameAnswers;
use super::graphs::Graphs;
use super::loading::{Reading, finished};
use super::notices::Notices;
use super::shared::Shared;
use super::store::Store;
use super::table_answers::TableAnswers;
use super::traces::ticks::Ticks;
use crate::model::ids::TraceId;
use crate::platform::files::{Source, name_of};
use crate::platform::frame;
use crate::platform::worker_client::{Client, News};
use crate::view::traces;
use crate::wire::details::{SpanDetails, SpanRef};
use crate::wire::report::Report;
use crate::wire::{Assembly, EventMarks, Phase, Request, Response, list};

/// What the analysis knows beyond the columns of a trace: see [`OpenTrace`].
#[derive(Clone, Debug, PartialEq, Eq)]
struct Refinement {
    shifts: Option<Shared<Vec<i64>>>,
    statements: Option<Shared<Vec<u32>>>,
}

/// The numbers of the newest questions: only their answers count.
#[derive(Clone, Copy, Debug, Default)]
struct Asks {
    details: u32,
    events: u32,
    find: u32,
    locate: u32,
    values: u32,
}

/// A copyable handle to the engine and to what it answered.
#[derive(Clone, Copy)]
pub struct Services {
    client: StoredValue<Option<Client>, LocalStorage>,
    assembly: StoredValue<Option<Assembly>>,
    /// Counts the traces that began to arrive: what is made of an older one is dropped.
    arrivals: StoredValue<u32>,
    /// What the open trace is being refined by.
    refining: StoredValue<Option<Refinement>>,
    asks: StoredValue<Asks>,
    /// The attribute whose values were last asked for.
    asked_key: StoredValue<String>,
    began_millis: StoredValue<f64>,
    /// When the reading beside what is shown began.
    beside_began_millis: StoredValue<f64>,
    on_event: StoredValue<Option<Callback<Event>>>,
    store: Store,
    /// Messages of the page.
    pub notices: Notices,
    /// Who carries out commands.
    pub commands: Commands,
    /// Names of the open files.
    pub source: RwSignal<String>,
    /// How far the reading is; none before anything was opened.
    pub reading: RwSignal<Option<Shared<Reading>>>,
    /// How far the reading beside what is shown is; none when nothing is read beside it.
    pub beside: RwSignal<Option<Shared<Reading>>>,
    /// All traces; none until the first list has come.
    pub index: RwSignal<Option<Shared<TraceIndex>>>,
    /// The open trace; none until all its columns are here.
    pub trace: RwSignal<Option<Shared<OpenTrace>>>,
    /// The id of a trace that was asked for and is not there.
    pub missing_trace: RwSignal<Option<String>>,
    /// The span that was last asked for.
    pub details: RwSignal<Option<Shared<SpanDetails>>>,
    /// Events of the spans that were last asked for.
    pub marks: RwSignal<Option<Shared<Vec<EventMarks>>>>,
    /// Values of an attribute, with its key, of the spans that were last asked for.
    pub values: RwSignal<Option<Shared<Values>>>,
    /// What the search in attributes has found so far.
    pub found: RwSignal<Option<Shared<Found>>>,
    /// What the analyses of the open trace said.
    pub analyses: Analyses,
    /// Traces that are ticked in the list.
    pub ticks: Ticks,
    /// What the comparison said.
    pub compare: Answers,
    /// The traces that were there before those of another file were added to be compared with them.
    pub before_added: RwSignal<Option<Shared<Vec<TraceId>>>>,
    /// Merged calls for the flame view.
    pub flame: FlameAnswers,
    /// What the tables of spans and statistics say.
    pub tables: TableAnswers,
    /// Who calls whom.
    pub graphs: Graphs,
    /// Where the span is that was asked for: the outer none until the answer has come.
    pub located: RwSignal<Option<Option<SpanRef>>>,
    /// The import report; none until everything was read.
    pub report: RwSignal<Option<Shared<Report>>>,
    /// What became of the files that were last refused while something is shown.
    pub refused: RwSignal<Option<Shared<Report>>>,
    /// Why the engine is gone; none while it lives.
    pub death: RwSignal<Option<Death>>,
}

impl std::fmt::Debug for Services {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Services").finish_non_exhaustive()
    }
}

impl Services {
    /// Services without files.
    pub fn new(store: Store, notices: Notices) -> Self {
        let services = Self {
            client: StoredValue::new_local(None),
            assembly: StoredValue::new(None),
            arrivals: StoredValue::new(0),
            refining: StoredValue::new(None),
            asks: StoredValue::new(Asks::default()),
            asked_key: StoredValue::new(String::new()),
            began_millis: StoredValue::new(0.0),
            beside_began_millis: StoredValue::new(0.0),
            on_event: StoredValue::new(None),
            store,
            notices,
            commands: Commands::new(),
            source: RwSignal::new(String::new()),
            reading: RwSignal::new(None),
            beside: RwSignal::new(None),
            index: RwSignal::new(None),
            trace: RwSignal::new(None),
            missing_trace: RwSignal::new(None),
            details: RwSignal::new(None),
            marks: RwSignal::new(None),
            values: RwSignal::new(None),
            found: RwSignal::new(None),
            analyses: Analyses::default(),
            ticks: Ticks::default(),
            compare: Answers::default(),
            before_added: RwSignal::new(None),
            flame: FlameAnswers::default(),
            tables: TableAnswers::default(),
            graphs: Graphs::default(),
            located: RwSignal::new(None),
            report: RwSignal::new(None),
            refused: RwSignal::new(None),
            death: RwSignal::new(None),
        };
        let client = Client::new(move |news| services.take(news));
        client.prepare();
        services.client.set_value(Some(client));
        services
    }

    /// Has `action` hear what may change the screen.
    pub fn listen(self, action: impl Fn(Event) + Send + Sync + 'static) {
        self.on_event.set_value(Some(Callback::new(action)));
    }

    /// Reads these files. What is shown stays until there is a trace in them.
    pub fn open(self, sources: Vec<Source>) {
        self.with_client(|client| client.open(sources));
    }

    /// Reads these files and forgets at once what is shown.
    pub fn replace(self, sources: Vec<Source>) {
        self.with_client(|client| client.replace(sources));
    }

    /// Reads these files in addition to those that are open.
    pub fn add(self, sources: Vec<Source>) {
        self.with_client(|client| client.add(sources));
    }

    /// The files that are open.
    pub fn sources(self) -> Vec<Source> {
        let client = self.client.try_with_value(Clone::clone).flatten();
        client.map(|client| client.sources()).unwrap_or_default()
    }

    /// Reads all files again in a fresh worker; what is shown stays meanwhile.
    pub fn restart(self) {
        self.death.set(None);
        self.with_client(Client::restart);
    }

    /// Forgets everything.
    pub fn close(self) {
        self.with_client(Client::close);
        self.clear();
        self.source.set(String::new());
    }

    /// Stops reading: what was shown stays, and of what was opened first that which was read.
    pub fn cancel(self) {
        self.with_client(Client::cancel);
    }

    /// Whether files are open or being read.
    pub fn is_open(self) -> bool {
        self.reading.with(Option::is_some)
    }

    /// Whether there are traces that could be lost.
    pub fn has_traces(self) -> bool {
        self.index.with_untracked(|index| index.as_ref().is_some_and(|i| !i.list.is_empty()))
    }

    /// Ids of all traces of the list.
    pub fn trace_ids(self) -> Vec<TraceId> {
        self.index.with_untracked(|index| index.as_ref().map(|i| i.list.id.clone())).unwrap_or_default()
    }

    /// How far the reading is of which the reader is told: what was chosen last.
    pub fn newest_reading(self) -> Option<Shared<Reading>> {
        self.beside.get().or_else(|| self.reading.get())
    }

    /// Whether the reader stopped the reading.
    pub fn was_cancelled(self) -> bool {
        self.report.with(|report| report.as_ref().is_some_and(|r| r.cancelled))
            || self.reading.with(|r| r.as_ref().is_some_and(|r| r.progress.phase == Phase::Cancelled))
    }

    /// Has the columns of a trace sent.
    pub fn open_trace(self, id: &str) {
        self.missing_trace.set(None);
        let is_open = self.trace.with_untracked(|t| t.as_ref().is_some_and(|t| t.head.id == id));
        if !is_open {
            self.forget_trace();
            self.send(&Request::OpenTrace { id: id.to_owned() });
        }
    }

    /// Lets go of the open trace.
    pub fn close_trace(self) {
        self.forget_trace();
        self.send(&Request::CloseTrace);
    }

    fn send(self, request: &Request) {
        self.with_client(|client| client.send(request));
    }

    fn with_client(self, action: impl FnOnce(&Client)) {
        // A copy is a pointer; the client calls back, so it must not be borrowed meanwhile.
        let client = self.client.try_with_value(Clone::clone).flatten();
        if let Some(client) = client {
            action(&client);
        }
    }

    fn forget_trace(self) {
        self.next_arrival();
        self.assembly.set_value(None);
        self.trace.set(None);
        self.details.set(None);
        self.marks.set(None);
        self.found.set(None);
        self.tables.forget();
        self.analyses.forget_trace();
        self.flame.forget();
    }

    fn clear(self) {
        self.forget_trace();
        self.analyses.forget_all();
        self.compare.forget();
        self.missing_trace.set(None);
        self.reading.set(None);
        self.beside.set(None);
        self.index.set(None);
        self.report.set(None);
        self.death.set(None);
    }

    fn take(self, news: News) {
        match news {
            News::Opening => {
                let replaces = self.has_traces();
                let read = self.beside.get_untracked();
                self.clear();
                self.before_added.set(None);
                self.ticks.forget();
                self.notices.clear();
                if read.is_none() {
                    self.beside_began_millis.set_value(frame::now_millis());
                }
                self.go_on_reading(Some(read.unwrap_or_default()));
                self.source.set(name_of(&self.sources()));
                self.tell(Event::Opening { replaces });
            }
            News::Beside(progress) => {
                if self.beside.with_untracked(Option::is_none) {
                    self.beside_began_millis.set_value(frame::now_millis());
                }
                let began = self.beside_began_millis.get_value();
                let reading =
                    self.beside.with_untracked(|before| Reading::now(progress, before.as_deref(), began));
                self.beside.set(Some(Shared::new(reading)));
            }
            News::Joined => {
                self.go_on_reading(self.beside.get_untracked());
                self.beside.set(None);
                self.missing_trace.set(None);
                self.source.set(name_of(&self.sources()));
                self.tell(Event::Joined);
            }
            News::Kept(kept) => {
                self.beside.set(None);
                self.tell(Event::Kept(Box::new(kept)));
            }
            News::Response(response) => self.take_response(response),
            News::Stopped => self.stopped(),
            News::Died { message, out_of_memory } => {
                self.beside.set(None);
                self.death.set(Some(Death { message, out_of_memory }));
            }
        }
    }

    /// The engine was ended while it put traces together: there is what came before, or nothing.
    fn stopped(self) {
        if !self.has_traces() {
            return self.tell(Event::Stopped);
        }
        let read = self.reading.with_untracked(|r| r.as_ref().map(|r| Shared::new(r.cancelled())));
        self.reading.set(read);
        self.tell(Event::Stopped);
    }

    fn tell(self, event: Event) {
        // A copy, since whoever hears it may listen anew.
        if let Some(action) = self.on_event.get_value() {
            action.run(event);
        }
    }

    /// What was read beside is what is shown.
    fn go_on_reading(self, read: Option<Shared<Reading>>) {
        self.began_millis.set_value(self.beside_began_millis.get_value());
        self.reading.set(read);
    }

    fn take_response(self, response: Response) {
        let asks = self.asks.get_value();
        let response = match self
            .analyses
            .take(response)
            .and_then(|left| left.map_or(Ok(None), |response| self.compare.take(response)))
            .and_then(|left| left.map_or(Ok(None), |response| self.flame.take(response)))
        {
            Ok(Some(response)) => response,
            Ok(None) => return,
            Err(error) => {
                return self.notices.error(format!("The analysis did not arrive whole: {error}"));
            }
        };
        match response {
            Response::Progress(progress) => {
                let began = self.began_millis.get_value();
                let reading =
                    self.reading.with_untracked(|before| Reading::now(progress, before.as_deref(), began));
                if reading.progress.phase.is_over() {
                    self.notices.say(finished(&reading));
                }
                self.reading.set(Some(Shared::new(reading)));
            }
            Response::List { revision, complete, bytes, .. } => match list::unpack(&bytes) {
                Ok(list) => {
                    let looks = self.looks(|known| traces::looks(&list, known));
                    self.analyses.forget_all();
                    self.compare.forget();
                    self.flame.forget();
                    self.tables.forget();
                    self.index.set(Some(Shared::new(TraceIndex { revision, complete, list, looks })));
                    self.tell(Event::Listed);
                }
                Err(error) => self.notices.error(format!("The list of traces did not arrive whole: {error}")),
            },
            Response::TraceHead(head) => {
                self.next_arrival();
                self.analyses.forget_trace();
                self.assembly.set_value(Some(Assembly::new(head)));
            }
            Response::TracePart { revision, part, bytes } => self.take_part(revision, part, &bytes),
            Response::NoSuchTrace { id, complete } if complete => {
                self.missing_trace.set(Some(id));
            }
            Response::Details { ask, details } if ask == asks.details => {
                self.details.set(Some(Shared::new(*details)));
            }
            Response::Events { ask, marks } if ask == asks.events => {
                self.marks.set(Some(Shared::new(marks)));
            }
            Response::Values { ask, values } if ask == asks.values => {
                let key = self.asked_key.get_value();
                self.values.set(Some(Shared::new(Values { key, values })));
            }
            Response::Found { ask, searched, complete, bytes } if ask == asks.find => {
                self.found.set(Some(Shared::new(Found { ask, searched, complete, bytes })));
            }
            Response::Table { ask, part, bytes } => {
                if let Err(error) = self.tables.take(ask, part, bytes) {
                    self.notices.error(format!("The table did not arrive whole: {error}"));
                }
            }
            Response::Graph { ask, part, bytes } => {
                if let Err(error) = self.graphs.take(ask, &part, &bytes) {
                    self.notices.error(format!("The graph did not arrive whole: {error}"));
                }
            }
            Response::Located { ask, span } if ask == asks.locate => self.located.set(Some(span)),
            Response::Report(report) => {
                self.report.set(Some(Shared::new(*report)));
                self.tell(Event::Reported);
            }
            // Answers to questions that are no longer asked, and what only the link itself needs.
            _ => {}
        }
    }
}
