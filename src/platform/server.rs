//! Serves an engine: takes messages, reads files, posts what the engine answers.
//!
//! The same code runs in the worker and, where there is none, in the page. The engine is never borrowed across
//! a wait, so a request is always answered between two pieces of a file.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use crate::engine::Engine;
use crate::wire::analysis::AnalysisPart;
use crate::wire::{Packet, Request, Response};

use super::fetch::Stop;
use super::frame;
use super::reading::{Inputs, breathe};

/// An engine and the way back to whoever asks it.
pub(super) struct Server {
    engine: RefCell<Engine>,
    /// The opening that answers belong to.
    generation: Cell<u32>,
    working: Cell<bool>,
    /// Milliseconds of the longest turn since an analysis began: as long a request may go unheard.
    longest_turn: Cell<u64>,
    /// Ends what is being fetched for the opening.
    fetching: RefCell<Stop>,
    post: Box<dyn Fn(Packet)>,
}

impl Server {
    pub(super) fn new(post: impl Fn(Packet) + 'static) -> Rc<Self> {
        Rc::new(Self {
            engine: RefCell::default(),
            generation: Cell::new(0),
            working: Cell::new(false),
            longest_turn: Cell::new(0),
            fetching: RefCell::default(),
            post: Box::new(post),
        })
    }

    /// Takes a packed message and, for an opening, the list of what is to be read.
    pub(super) fn receive(self: &Rc<Self>, head: &[u8], items: &JsValue) {
        match Packet::read_request(head) {
            Ok((generation, request)) => {
                self.generation.set(generation);
                let names = match &request {
                    Request::Open { names, .. } => Some(names.clone()),
                    _ => None,
                };
                if names.is_some() || request == Request::Cancel {
                    self.fetching.take().abort();
                }
                if request == Request::Cancel {
                    // What was read is put together next, in one piece of work.
                    self.with(Engine::announce_linking);
                }
                self.with(|engine, out| engine.handle(request, out));
                if let Some(names) = names {
                    let inputs = Inputs::new(items, self.fetching.borrow().clone());
                    spawn_local(Rc::clone(self).read(names, inputs));
                }
                self.start_working();
            }
            Err(error) => self.post(Response::Failed { message: error.to_string(), out_of_memory: false }),
        }
    }

    /// Makes an end: what is being read is left.
    pub(super) fn stop(&self) {
        self.generation.set(u32::MAX);
        self.fetching.take().abort();
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

    /// Reads the inputs of an opening one after the other, until the end or until it was cancelled or replaced.
    async fn read(self: Rc<Self>, names: Vec<String>, mut inputs: Inputs) {
        let generation = self.generation.get();
        let stopped = || generation != self.generation.get() || !self.engine.borrow().is_loading();
        let mut names = names.into_iter();
        while let Some(opened) = inputs.next().await {
            if stopped() {
                return;
            }
            let name = names.next().unwrap_or_default();
            let mut pieces = match opened {
                Ok(pieces) => pieces,
                Err(error) => {
                    self.with(|engine, out| engine.begin_file(&name, None, out));
                    self.with(|engine, out| engine.break_file(error, out));
                    continue;
                }
            };
            self.with(|engine, out| engine.begin_file(&name, pieces.size(), out));
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
                    Ok(None) => {
                        break match pieces.without_spans() {
                            Some(error) => self.with(|engine, out| engine.end_fetched(error, out)),
                            None => self.with(Engine::end_file),
                        };
                    }
                    Err(error) => {
                        break self.with(|engine, out| match pieces.trace() {
                            Some(trace) => engine.break_fetched(trace, error, out),
                            None => engine.break_file(error, out),
                        });
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
