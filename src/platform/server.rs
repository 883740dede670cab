//! Serves an engine: takes messages, reads files, posts what the engine answers.
//!
//! The same code runs in the worker and, where there is none, in the page. The engine is never borrowed across
//! a wait, so a request is always answered between two pieces of a file.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, File};

use crate::engine::Engine;
use crate::wire::analysis::AnalysisPart;
use crate::wire::report::FileError;
use crate::wire::{Packet, Request, Response};

use super::frame;
use super::reading::{Pieces, breathe};

/// An engine and the way back to whoever asks it.
pub(super) struct Server {
    engine: RefCell<Engine>,
    /// The opening that answers belong to.
    generation: Cell<u32>,
    working: Cell<bool>,
    /// Milliseconds of the longest turn since an analysis began: as long a request may go unheard.
    longest_turn: Cell<u64>,
    post: Box<dyn Fn(Packet)>,
}

impl Server {
    pub(super) fn new(post: impl Fn(Packet) + 'static) -> Rc<Self> {
        Rc::new(Self {
            engine: RefCell::default(),
            generation: Cell::new(0),
            working: Cell::new(false),
            longest_turn: Cell::new(0),
            post: Box::new(post),
        })
    }

    /// Takes a packed message and, for an opening, the files.
    pub(super) fn receive(self: &Rc<Self>, head: &[u8], files: Vec<Blob>) {
        match Packet::read_request(head) {
            Ok((generation, request)) => {
                self.generation.set(generation);
                let names = match &request {
                    Request::Open { names, .. } => Some(names.clone()),
                    _ => None,
                };
                if request == Request::Cancel {
                    // What was read is put together next, in one piece of work.
                    self.with(Engine::announce_linking);
                }
                self.with(|engine, out| engine.handle(request, out));
                if let Some(names) = names {
                    spawn_local(Rc::clone(self).read(names, files));
                }
                self.start_working();
            }
            Err(error) => self.post(Response::Failed { message: error.to_string(), out_of_memory: false }),
        }
    }

    /// Makes an end: what is being read is left.
    pub(super) fn stop(&self) {
        self.generation.set(u32::MAX);
    }

    /// Posts a response.
    pub(super) fn post(&self, mut response: Response) {
        match &mut response {
            Response::Memory(memory) => memory.worker = super::worker_port::memory_bytes(),
            Response::Progress(progress) => progress.memory = super::worker_port::memory_bytes(),
            Response::Analysis { part: AnalysisPart::Step { name, done, .. }, .. } => {
                if *done == 0 {
                    self.longest_turn.set(0);
                }
                frame::mark_once(&format!("spanscope:analysis:{name}"));
            }
            Response::Analysis { part: AnalysisPart::Done { bytes, .. }, .. } => {
                frame::mark_once(&format!("spanscope:analysis:turn={}", self.longest_turn.get()));
                frame::mark_once(&format!("spanscope:analysis:bytes={bytes}"));
                frame::mark_once("spanscope:analysis:done");
            }
            _ => {}
        }
        // A response always serialises; if not there is nobody to tell.
        if let Ok(packet) = Packet::response(self.generation.get(), response) {
            (self.post)(packet);
        }
    }

    fn with<T>(&self, action: impl FnOnce(&mut Engine, &mut Vec<Response>) -> T) -> T {
        let mut out = Vec::new();
        let result = action(&mut self.engine.borrow_mut(), &mut out);
        for response in out {
            self.post(response);
        }
        result
    }

    /// Works in slices until nothing is left, hearing requests in between.
    fn start_working(self: &Rc<Self>) {
        if self.working.replace(true) {
            return;
        }
        let server = Rc::clone(self);
        spawn_local(async move {
            loop {
                let begun = frame::unix_millis();
                let is_more = server.with(Engine::work);
                let took = frame::unix_millis().saturating_sub(begun);
                server.longest_turn.set(server.longest_turn.get().max(took));
                if !is_more {
                    break;
                }
                breathe().await;
            }
            server.working.set(false);
        });
    }

    /// Reads the files of an opening one after the other, until the end or until it was cancelled or replaced.
    async fn read(self: Rc<Self>, names: Vec<String>, files: Vec<Blob>) {
        let generation = self.generation.get();
        let stopped = || generation != self.generation.get() || !self.engine.borrow().is_loading();
        for (at, blob) in files.into_iter().enumerate() {
            let name = names.get(at).cloned().unwrap_or_else(|| name_of(&blob));
            self.with(|engine, out| engine.begin_file(&name, Some(blob.size() as u64), out));
            let mut pieces = Pieces::new(blob);
            loop {
                let piece = pieces.next().await;
                if stopped() {
                    return;
                }
                match piece {
                    Ok(Some(bytes)) => {
                        self.with(|engine, out| engine.feed(&bytes, out));
                        self.start_working();
                        breathe().await;
                    }
                    Ok(None) => break self.with(Engine::end_file),
                    Err(reason) => {
                        break self
                            .with(|engine, out| engine.break_file(FileError::unreadable(&reason), out));
                    }
                }
                if stopped() {
                    return;
                }
            }
        }
        self.with(Engine::announce_linking);
        breathe().await;
        if !stopped() {
            self.with(Engine::finish);
            self.start_working();
        }
    }
}

fn name_of(blob: &Blob) -> String {
    blob.dyn_ref::<File>().map_or_else(|| "pasted text".to_owned(), File::name)
}

/// The blobs in a message; anything else in it is left out.
pub(super) fn blobs(list: &JsValue) -> Vec<Blob> {
    js_sys::Array::from(list).iter().filter_map(|item| item.dyn_into().ok()).collect()
}
