//! An engine as the page holds it: a worker, or the same code in the page, and the way messages go there.

use std::rc::Rc;

use js_sys::{Array, ArrayBuffer, Uint8Array};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{ErrorEvent, MessageEvent, Worker, WorkerOptions, WorkerType};

use crate::wire::{Packet, Request};

use super::property;
use super::server::Server;

/// An engine in a worker or in the page.
pub(super) struct Engine {
    /// Belongs to this engine alone.
    pub(super) generation: u32,
    link: Link,
    /// Messages that wait until the worker listens.
    pub(super) waiting: Option<Vec<(Vec<u8>, Array)>>,
}

type Closures = (Closure<dyn FnMut(MessageEvent)>, Closure<dyn FnMut(ErrorEvent)>);

/// Where an engine runs.
pub(super) enum Link {
    Worker {
        worker: Worker,
        /// Called by the worker as long as it lives.
        _closures: Box<Closures>,
    },
    Page(Rc<Server>),
}

/// Starts a worker. `on_packet` takes what it sends, `on_death` what it says when it dies.
pub(super) fn start_worker(
    url: &str,
    on_packet: impl Fn(Packet) + 'static,
    on_death: impl Fn(&str) + 'static,
) -> Result<Link, JsValue> {
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    options.set_name("engine");
    let worker = Worker::new_with_options(url, &options)?;
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        on_packet(packet(&event.data()));
    });
    let on_error = Closure::<dyn FnMut(ErrorEvent)>::new(move |event: ErrorEvent| {
        event.prevent_default();
        on_death(&property(&event, "message").as_string().unwrap_or_default());
    });
    worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
    Ok(Link::Worker { worker, _closures: Box::new((on_message, on_error)) })
}

impl Engine {
    /// An engine in a worker, which does not listen yet.
    pub(super) fn in_worker(generation: u32, link: Link) -> Self {
        Self { generation, link, waiting: Some(Vec::new()) }
    }

    /// An engine in the page.
    pub(super) fn in_page(generation: u32, server: Rc<Server>) -> Self {
        Self { generation, link: Link::Page(server), waiting: None }
    }

    /// Sends a request, now or as soon as the worker listens.
    pub(super) fn send(&mut self, request: &Request, items: Array) {
        // A request always serialises.
        let Ok(Packet { head, .. }) = Packet::request(self.generation, request) else { return };
        match &mut self.waiting {
            Some(waiting) => waiting.push((head, items)),
            None => self.post(&head, &items),
        }
    }

    /// The worker listens.
    pub(super) fn is_ready(&mut self) {
        for (head, items) in self.waiting.take().into_iter().flatten() {
            self.post(&head, &items);
        }
    }

    /// Sends a message that was packed before.
    pub(super) fn post(&self, head: &[u8], items: &Array) {
        match &self.link {
            // Fails only for what cannot be copied; texts and files can.
            Link::Worker { worker, .. } => {
                let _ = worker.post_message(&Array::of2(&Uint8Array::from(head), items));
            }
            Link::Page(server) => {
                server.receive(head, items);
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

/// A message of the worker: `[packed message, buffers]`.
fn packet(data: &JsValue) -> Packet {
    let message = Array::from(data);
    let buffers = Array::from(&message.get(1));
    let buffers =
        buffers.iter().map(|b| Uint8Array::new(b.unchecked_ref::<ArrayBuffer>()).to_vec()).collect();
    Packet { head: Uint8Array::new(&message.get(0)).to_vec(), buffers }
}

/// The address of the worker's script, which `boot.js` knows.
pub(super) fn worker_address() -> Option<String> {
    property(&property(&js_sys::global(), "spanscope"), "worker").as_string()
}
