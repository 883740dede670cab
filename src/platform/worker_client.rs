//! The page's side: starts engines, gives them files, hands their answers on, survives their death.
//!
//! One opening is one worker. While something is shown, a second worker reads what comes beside it, and the
//! first goes on answering until the second takes over: with the first trace of other files, and with
//! everything when files were added or are read again. A file without a trace thus costs nobody what they look
//! at. The worker that is relieved is ended, which is the only way to give its memory back. Files are handles,
//! so keeping them costs nothing, and a worker that died can be replaced at any time. Without a worker (a
//! policy or a `file:` address forbids it) the same engine runs in slices in the page.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::Array;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use crate::wire::report::{File, Report};
use crate::wire::{Packet, Phase, Progress, Request, Response};

use super::engine_link::{Engine, Link, start_worker, worker_address};
use super::files::Source;
use super::server::Server;
use super::timer::{Timer, after};

/// How long an engine that puts traces together may go on after the reader stopped it.
const PATIENCE_MILLIS: i32 = 1_000;

/// What the page learns.
#[derive(Debug)]
pub enum News {
    /// Other files take the place of what was shown, which is gone.
    Opening,
    /// Files are read beside what is shown, which stays.
    Beside(Progress),
    /// What was read beside has everything that is shown, and more: it answers from now on.
    Joined,
    /// What was read beside came to nothing; what is shown stays.
    Kept(Kept),
    /// An answer of the engine, or progress.
    Response(Response),
    /// The reader stopped an engine that was putting traces together. What the page holds stays, without an
    /// engine to ask.
    Stopped,
    /// The engine died. What the page holds stays; [`Client::restart`] reads the files again.
    Died {
        /// What it said, in words.
        message: String,
        /// Whether the memory was full, as far as can be told.
        out_of_memory: bool,
    },
}

/// Why files that were read beside what is shown did not take its place.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Their names.
    pub files: Vec<String>,
    /// Why.
    pub why: Refusal,
}

/// Why files were not taken.
#[derive(Clone, Debug)]
pub enum Refusal {
    /// There is no trace in them.
    NoTrace(Box<Report>),
    /// The reader stopped the reading.
    Cancelled,
    /// The engine that read them died.
    Died {
        /// What it said, in words.
        message: String,
        /// Whether the memory was full, as far as can be told.
        out_of_memory: bool,
    },
}

/// When an engine that reads beside what is shown takes over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Takeover {
    /// With its first trace: nothing of what is shown is in it.
    #[default]
    FirstTrace,
    /// With everything: until then what is shown has more.
    Everything,
}

/// What is read beside what is shown.
#[derive(Default)]
struct Coming {
    takeover: Takeover,
    /// All files that it will have.
    sources: Vec<Source>,
    /// Names of those that the reader just chose.
    names: Vec<String>,
    /// The list that has everything, until the report says that no file is lost.
    list: Option<Response>,
}

/// Starts engines and talks to them.
#[derive(Clone)]
pub struct Client {
    inner: Rc<Inner>,
}

struct Inner {
    on_news: Box<dyn Fn(News)>,
    /// The engine that answers.
    serving: RefCell<Option<Engine>>,
    /// The engine that reads beside what is shown.
    incoming: RefCell<Option<Engine>>,
    /// What it reads.
    coming: RefCell<Coming>,
    /// What the serving engine does.
    phase: Cell<Phase>,
    /// Ends the serving engine if it does not hear that it is to stop.
    patience: RefCell<Option<Timer>>,
    /// The page shows traces, which outlive their engine.
    shows_traces: Cell<bool>,
    /// An engine without files, started before it is needed.
    spare: RefCell<Option<Engine>>,
    /// A worker could not be started; all engines run in the page.
    no_worker: Cell<bool>,
    sources: RefCell<Vec<Source>>,
    generation: Cell<u32>,
    /// The trace whose columns are wanted, for an engine that takes over.
    wanted: RefCell<Option<String>>,
}

impl Client {
    /// A client without files that hands news to `on_news`.
    pub fn new(on_news: impl Fn(News) + 'static) -> Self {
        Self {
            inner: Rc::new(Inner {
                on_news: Box::new(on_news),
                serving: RefCell::default(),
                incoming: RefCell::default(),
                coming: RefCell::default(),
                phase: Cell::new(Phase::Done),
                patience: RefCell::default(),
                shows_traces: Cell::new(false),
                spare: RefCell::default(),
                no_worker: Cell::new(false),
                sources: RefCell::default(),
                generation: Cell::new(0),
                wanted: RefCell::default(),
            }),
        }
    }

    /// Starts a worker now, so that the first file does not wait for it.
    pub fn prepare(&self) {
        let spare = self.inner.start();
        *self.inner.spare.borrow_mut() = Some(spare);
    }

    /// Reads these files. They take the place of what is shown as soon as there is a trace in them, and at once
    /// where nothing is shown.
    pub fn open(&self, sources: Vec<Source>) {
        if !self.inner.shows_traces.get() {
            return self.replace(sources);
        }
        let names = names(&sources);
        self.read_beside(Coming { takeover: Takeover::FirstTrace, sources, names, list: None });
    }

    /// Reads these files and forgets all others at once.
    pub fn replace(&self, sources: Vec<Source>) {
        self.close();
        self.inner.sources.replace(sources);
        let engine = self.inner.start();
        *self.inner.serving.borrow_mut() = Some(engine);
        (self.inner.on_news)(News::Opening);
        send_files(&self.inner.serving, &self.sources());
    }

    /// Reads these files in addition to those that are open.
    pub fn add(&self, sources: Vec<Source>) {
        let names = names(&sources);
        let sources = [self.sources(), sources].concat();
        if !self.inner.shows_traces.get() {
            return self.replace(sources);
        }
        self.read_beside(Coming { takeover: Takeover::Everything, sources, names, list: None });
    }

    /// Reads all files again, in a fresh worker, while the page keeps what it has.
    pub fn restart(&self) {
        self.add(Vec::new());
    }

    fn read_beside(&self, coming: Coming) {
        *self.inner.incoming.borrow_mut() = None;
        let sources = coming.sources.clone();
        *self.inner.coming.borrow_mut() = coming;
        let engine = self.inner.start();
        *self.inner.incoming.borrow_mut() = Some(engine);
        (self.inner.on_news)(News::Beside(Progress::default()));
        send_files(&self.inner.incoming, &sources);
    }

    /// Forgets everything and gives the memory back.
    pub fn close(&self) {
        *self.inner.serving.borrow_mut() = None;
        *self.inner.incoming.borrow_mut() = None;
        self.inner.coming.take();
        self.inner.patience.replace(None);
        self.inner.phase.set(Phase::Reading);
        self.inner.shows_traces.set(false);
        self.inner.sources.borrow_mut().clear();
        *self.inner.wanted.borrow_mut() = None;
        // Whatever is still on its way belongs to an older generation now.
        self.inner.generation.set(self.inner.generation.get() + 1);
    }

    /// Stops reading. What is read beside what is shown is given up; of what is shown itself that which was
    /// read stays, after it was put together: who stops that as well has what was shown until then.
    pub fn cancel(&self) {
        if self.inner.incoming.borrow().is_some() {
            return self.inner.keep(Refusal::Cancelled);
        }
        send_to(&self.inner.serving, &Request::Cancel);
        if self.inner.phase.get() == Phase::Linking {
            self.inner.lose_patience();
        }
    }

    /// Sends a request. Without an engine nothing happens.
    pub fn send(&self, request: &Request) {
        match request {
            Request::OpenTrace { id } => *self.inner.wanted.borrow_mut() = Some(id.clone()),
            Request::CloseTrace => *self.inner.wanted.borrow_mut() = None,
            _ => {}
        }
        send_to(&self.inner.serving, request);
    }

    /// The files that are open, in the order in which they were opened.
    pub fn sources(&self) -> Vec<Source> {
        self.inner.sources.borrow().clone()
    }
}

impl Inner {
    /// The spare engine or a new one; either way of a generation of its own.
    fn start(self: &Rc<Self>) -> Engine {
        if let Some(spare) = self.spare.borrow_mut().take() {
            return spare;
        }
        let generation = self.generation.get() + 1;
        self.generation.set(generation);
        let address = worker_address().filter(|_| !self.no_worker.get());
        match address.map(|url| self.start_worker(&url, generation)) {
            Some(Ok(link)) => Engine::in_worker(generation, link),
            // No address or no permission: slower, and the page is busy meanwhile, but it works.
            Some(Err(_)) | None => self.start_in_page(generation),
        }
    }

    fn start_worker(self: &Rc<Self>, url: &str, generation: u32) -> Result<Link, JsValue> {
        let (hears, mourns) = (Rc::downgrade(self), Rc::downgrade(self));
        let on_packet = move |packet| {
            if let Some(inner) = hears.upgrade() {
                inner.receive(generation, packet);
            }
        };
        let on_death = move |message: &str| {
            if let Some(inner) = mourns.upgrade() {
                inner.died(generation, message);
            }
        };
        start_worker(url, on_packet, on_death)
    }

    fn start_in_page(self: &Rc<Self>, generation: u32) -> Engine {
        let weak = Rc::downgrade(self);
        let server = Server::new(move |packet| {
            let weak = weak.clone();
            // Later, as from a worker: the receiver may be in the middle of a request.
            spawn_local(async move {
                if let Some(inner) = weak.upgrade() {
                    inner.receive(generation, packet);
                }
            });
        });
        Engine::in_page(generation, server)
    }

    /// The place of the engine of that generation, unless it was replaced meanwhile.
    fn slot(&self, generation: u32) -> Option<&RefCell<Option<Engine>>> {
        [&self.serving, &self.incoming, &self.spare]
            .into_iter()
            .find(|slot| slot.borrow().as_ref().is_some_and(|e| e.generation == generation))
    }

    /// Takes a packet of the engine of that generation.
    fn receive(&self, generation: u32, packet: Packet) {
        let Some(slot) = self.slot(generation) else { return };
        let serving = std::ptr::eq(slot, &raw const self.serving);
        match packet.read_response() {
            Ok((_, Response::Ready)) => {
                if let Some(engine) = slot.borrow_mut().as_mut() {
                    engine.is_ready();
                }
            }
            Ok((_, Response::Failed { message, out_of_memory })) => {
                self.bury(generation, message, out_of_memory);
            }
            Ok((_, response)) if serving => self.receive_serving(response),
            Ok((_, response)) => self.receive_incoming(response),
            Err(error) => self.bury(generation, error.to_string(), false),
        }
    }

    fn receive_serving(&self, response: Response) {
        match &response {
            Response::List { n_traces: 1.., .. } => self.shows_traces.set(true),
            Response::Progress(progress) => self.phase.set(progress.phase),
            _ => {}
        }
        (self.on_news)(News::Response(response));
    }

    /// Of an engine that reads beside what is shown only the progress is told, until it takes over.
    fn receive_incoming(&self, response: Response) {
        let takeover = self.coming.borrow().takeover;
        match response {
            Response::Progress(progress) => (self.on_news)(News::Beside(progress)),
            Response::List { n_traces: 1.., .. } if takeover == Takeover::FirstTrace => {
                // What was asked of the engine before was about other files; the page asks anew.
                self.wanted.replace(None);
                self.take_over(takeover);
                self.receive_serving(response);
            }
            Response::List { n_traces: 1.., complete: true, .. } => {
                self.coming.borrow_mut().list = Some(response);
            }
            Response::Report(report) if report.complete => {
                // A file that was moved or changed since it was read first cannot be read again.
                let is_lost = report.files.iter().any(File::is_unreadable);
                let list = self.coming.borrow_mut().list.take().filter(|_| !is_lost);
                let Some(list) = list else { return self.keep(Refusal::NoTrace(report)) };
                self.take_over(takeover);
                self.receive_serving(list);
                self.receive_serving(Response::Report(report));
                let wanted = self.wanted.borrow().clone();
                if let Some(id) = wanted {
                    send_to(&self.serving, &Request::OpenTrace { id });
                }
            }
            _ => {}
        }
    }

    /// What was read beside is served from now on.
    fn take_over(&self, takeover: Takeover) {
        let engine = self.incoming.take();
        self.serving.replace(engine);
        self.patience.replace(None);
        self.phase.set(Phase::Reading);
        self.sources.replace(self.coming.take().sources);
        if takeover == Takeover::Everything {
            return (self.on_news)(News::Joined);
        }
        self.shows_traces.set(false);
        (self.on_news)(News::Opening);
    }

    /// Ends the serving engine unless it is done in a moment: putting traces together is one piece of work, in
    /// which no message is heard.
    fn lose_patience(self: &Rc<Self>) {
        let Some(generation) = self.serving.borrow().as_ref().map(|engine| engine.generation) else { return };
        let weak = Rc::downgrade(self);
        let timer = after(PATIENCE_MILLIS, move || {
            let Some(inner) = weak.upgrade() else { return };
            if let Some(timer) = inner.patience.take() {
                timer.release();
            }
            let is_same = inner.serving.borrow().as_ref().is_some_and(|e| e.generation == generation);
            if is_same && inner.phase.get() == Phase::Linking {
                inner.serving.replace(None);
                inner.phase.set(Phase::Cancelled);
                (inner.on_news)(News::Stopped);
            }
        });
        self.patience.replace(Some(timer));
    }

    /// Gives up what is read beside.
    fn keep(&self, why: Refusal) {
        self.incoming.replace(None);
        let files = self.coming.take().names;
        (self.on_news)(News::Kept(Kept { files, why }));
    }

    /// The worker ended with an error that nobody caught.
    fn died(self: &Rc<Self>, generation: u32, message: &str) {
        let Some(slot) = self.slot(generation) else { return };
        let mut engine = slot.borrow_mut();
        if let Some(waiting) = engine.as_mut().and_then(|engine| engine.waiting.take()) {
            // It never listened: the script is not there or a policy forbids it. What it was to do, the page
            // does itself.
            self.no_worker.set(true);
            let instead = self.start_in_page(generation);
            for (head, items) in &waiting {
                instead.post(head, items);
            }
            *engine = Some(instead);
            return;
        }
        drop(engine);
        // A panic says so itself before; what dies without a word ran out of memory.
        let lower = message.to_lowercase();
        let out_of_memory = ["memory", "unreachable", "allocation"].iter().any(|word| lower.contains(word));
        self.bury(generation, message.to_owned(), out_of_memory);
    }

    fn bury(&self, generation: u32, message: String, out_of_memory: bool) {
        let Some(slot) = self.slot(generation) else { return };
        if std::ptr::eq(slot, &raw const self.incoming) && self.serving.borrow().is_some() {
            return self.keep(Refusal::Died { message, out_of_memory });
        }
        slot.replace(None);
        if !std::ptr::eq(slot, &raw const self.spare) {
            (self.on_news)(News::Died { message, out_of_memory });
        }
    }
}

/// Sends files to an engine that has just been started.
fn send_files(slot: &RefCell<Option<Engine>>, sources: &[Source]) {
    let total = sources.iter().map(Source::size).sum();
    let items: Array = sources.iter().map(Source::message).collect();
    if let Some(engine) = slot.borrow_mut().as_mut() {
        // Revisions of different engines must never be taken for each other.
        let first_revision = engine.generation << 12;
        let names = names(sources);
        engine.send(&Request::Open { names, total, first_revision }, items);
    }
}

fn names(sources: &[Source]) -> Vec<String> {
    sources.iter().map(|source| source.name.clone()).collect()
}

fn send_to(slot: &RefCell<Option<Engine>>, request: &Request) {
    if let Some(engine) = slot.borrow_mut().as_mut() {
        engine.send(request, Array::new());
    }
}
