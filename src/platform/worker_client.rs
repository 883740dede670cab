//! The page's side: starts engines, gives them files, hands their answers on, survives their death.
//!
//! One opening is one worker. To open other files instead, the worker is ended, which is the only way to give
//! its memory back. To add files, a second worker reads the earlier ones again together with the new ones while
//! the first goes on answering; when the second has everything it takes over. Files are handles, so keeping
//! them costs nothing, and a worker that died can be replaced at any time. Without a worker (a policy or a
//! `file:` address forbids it) the same engine runs in slices in the page.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Array, ArrayBuffer, Uint8Array};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, ErrorEvent, MessageEvent, Worker, WorkerOptions, WorkerType};

use crate::wire::{Packet, Request, Response};

use super::files::Source;
use super::property;
use super::server::Server;

/// What the page learns.
#[derive(Debug)]
pub enum News {
    /// Other files are being read; what was shown is gone.
    Opening,
    /// Files are being added; what is shown stays until the list that has everything.
    Adding,
    /// An answer of the engine, or progress.
    Response(Response),
    /// The engine died. What the page holds stays; [`Client::restart`] reads the files again.
    Died {
        /// What it said, in words.
        message: String,
        /// Whether the memory was full, as far as can be told.
        out_of_memory: bool,
    },
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
    /// The engine that reads everything anew, with files added.
    incoming: RefCell<Option<Engine>>,
    /// An engine without files, started before it is needed.
    spare: RefCell<Option<Engine>>,
    /// A worker could not be started; all engines run in the page.
    no_worker: Cell<bool>,
    sources: RefCell<Vec<Source>>,
    generation: Cell<u32>,
    /// The trace whose columns are wanted, for an engine that takes over.
    wanted: RefCell<Option<String>>,
}

/// An engine in a worker or in the page.
struct Engine {
    generation: u32,
    link: Link,
    /// Messages that wait until the worker listens.
    waiting: Option<Vec<(String, Array)>>,
}

type Closures = (Closure<dyn FnMut(MessageEvent)>, Closure<dyn FnMut(ErrorEvent)>);

enum Link {
    Worker {
        worker: Worker,
        /// Called by the worker as long as it lives.
        _closures: Box<Closures>,
    },
    Page(Rc<Server>),
}

impl Client {
    /// A client without files that hands news to `on_news`.
    pub fn new(on_news: impl Fn(News) + 'static) -> Self {
        Self {
            inner: Rc::new(Inner {
                on_news: Box::new(on_news),
                serving: RefCell::default(),
                incoming: RefCell::default(),
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

    /// Reads these files and forgets all others.
    pub fn open(&self, sources: Vec<Source>) {
        self.close();
        *self.inner.sources.borrow_mut() = sources;
        (self.inner.on_news)(News::Opening);
        let engine = self.inner.start();
        *self.inner.serving.borrow_mut() = Some(engine);
        self.inner.send_files(&self.inner.serving);
    }

    /// Reads these files in addition to those that are open.
    pub fn add(&self, sources: Vec<Source>) {
        if self.inner.serving.borrow().is_none() {
            // Nothing is open, or the engine died: then the earlier files are still known.
            return self.open([self.sources(), sources].concat());
        }
        self.inner.sources.borrow_mut().extend(sources);
        (self.inner.on_news)(News::Adding);
        *self.inner.incoming.borrow_mut() = None;
        let engine = self.inner.start();
        *self.inner.incoming.borrow_mut() = Some(engine);
        self.inner.send_files(&self.inner.incoming);
    }

    /// Reads all files again, in a fresh worker.
    pub fn restart(&self) {
        let sources = self.sources();
        let wanted = self.inner.wanted.borrow().clone();
        self.open(sources);
        if let Some(id) = wanted {
            self.send(&Request::OpenTrace { id });
        }
    }

    /// Forgets everything and gives the memory back.
    pub fn close(&self) {
        *self.inner.serving.borrow_mut() = None;
        *self.inner.incoming.borrow_mut() = None;
        self.inner.sources.borrow_mut().clear();
        *self.inner.wanted.borrow_mut() = None;
        // Whatever is still on its way belongs to an older generation now.
        self.inner.generation.set(self.inner.generation.get() + 1);
    }

    /// Stops reading; what was read is shown.
    pub fn cancel(&self) {
        let adding = self.inner.incoming.borrow().is_some();
        let slot = if adding { &self.inner.incoming } else { &self.inner.serving };
        send_to(slot, &Request::Cancel);
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
            Some(Ok(link)) => Engine { generation, link, waiting: Some(Vec::new()) },
            // No address or no permission: slower, and the page is busy meanwhile, but it works.
            Some(Err(_)) | None => self.start_in_page(generation),
        }
    }

    fn start_worker(self: &Rc<Self>, url: &str, generation: u32) -> Result<Link, JsValue> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        options.set_name("engine");
        let worker = Worker::new_with_options(url, &options)?;
        let weak = Rc::downgrade(self);
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some(inner) = weak.upgrade() {
                inner.receive(generation, packet(&event.data()));
            }
        });
        let weak = Rc::downgrade(self);
        let on_error = Closure::<dyn FnMut(ErrorEvent)>::new(move |event: ErrorEvent| {
            event.prevent_default();
            if let Some(inner) = weak.upgrade() {
                let message = property(&event, "message").as_string().unwrap_or_default();
                inner.died(generation, &message);
            }
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Ok(Link::Worker { worker, _closures: Box::new((on_message, on_error)) })
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
        Engine { generation, link: Link::Page(server), waiting: None }
    }

    /// Sends all files to an engine that has just been started.
    fn send_files(&self, slot: &RefCell<Option<Engine>>) {
        let sources = self.sources.borrow();
        let names = sources.iter().map(|source| source.name.clone()).collect();
        let total = sources.iter().map(|source| source.blob.size() as u64).sum();
        let blobs: Array = sources.iter().map(|source| source.blob.clone()).collect();
        if let Some(engine) = slot.borrow_mut().as_mut() {
            // Revisions of different engines must never be taken for each other.
            let first_revision = engine.generation << 12;
            engine.send(&Request::Open { names, total: Some(total), first_revision }, blobs);
        }
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
            Ok((_, response)) if serving => (self.on_news)(News::Response(response)),
            Ok((_, response)) => self.receive_incoming(response),
            Err(error) => self.bury(generation, error.to_string(), false),
        }
    }

    /// Of an engine that reads files anew only the progress is shown, until it has everything.
    fn receive_incoming(&self, response: Response) {
        match &response {
            Response::Progress(_) => {}
            Response::List { complete: true, .. } => {
                let engine = self.incoming.borrow_mut().take();
                *self.serving.borrow_mut() = engine;
                let wanted = self.wanted.borrow().clone();
                (self.on_news)(News::Response(response));
                if let Some(id) = wanted {
                    send_to(&self.serving, &Request::OpenTrace { id });
                }
                return;
            }
            _ => return,
        }
        (self.on_news)(News::Response(response));
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
            for (head, blobs) in &waiting {
                instead.post(head, blobs);
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
        *slot.borrow_mut() = None;
        if !std::ptr::eq(slot, &raw const self.spare) {
            (self.on_news)(News::Died { message, out_of_memory });
        }
    }
}

impl Engine {
    fn send(&mut self, request: &Request, blobs: Array) {
        // A request always serialises.
        let Ok(Packet { head, .. }) = Packet::request(self.generation, request) else { return };
        match &mut self.waiting {
            Some(waiting) => waiting.push((head, blobs)),
            None => self.post(&head, &blobs),
        }
    }

    fn is_ready(&mut self) {
        for (head, blobs) in self.waiting.take().into_iter().flatten() {
            self.post(&head, &blobs);
        }
    }

    fn post(&self, head: &str, blobs: &Array) {
        match &self.link {
            // Fails only for what cannot be copied; texts and files can.
            Link::Worker { worker, .. } => {
                let _ = worker.post_message(&Array::of2(&JsValue::from_str(head), blobs));
            }
            Link::Page(server) => {
                let blobs: Vec<Blob> = blobs.iter().filter_map(|blob| blob.dyn_into().ok()).collect();
                server.receive(head, blobs);
            }
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        match &self.link {
            Link::Worker { worker, .. } => {
                worker.set_onmessage(None);
                worker.set_onerror(None);
                worker.terminate();
            }
            Link::Page(server) => server.stop(),
        }
    }
}

fn send_to(slot: &RefCell<Option<Engine>>, request: &Request) {
    if let Some(engine) = slot.borrow_mut().as_mut() {
        engine.send(request, Array::new());
    }
}

/// A message of the worker: `[text, buffers]`.
fn packet(data: &JsValue) -> Packet {
    let message = Array::from(data);
    let buffers = Array::from(&message.get(1));
    let buffers =
        buffers.iter().map(|b| Uint8Array::new(b.unchecked_ref::<ArrayBuffer>()).to_vec()).collect();
    Packet { head: message.get(0).as_string().unwrap_or_default(), buffers }
}

/// The address of the worker's script, which `boot.js` knows.
fn worker_address() -> Option<String> {
    property(&property(&js_sys::global(), "spanscope"), "worker").as_string()
}
