//! The worker's side of the conversation with the page.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

use crate::wire::{Packet, Response};

use super::property;
use super::server::Server;

/// Serves the page until the worker is ended. Messages are `[text, items]`: items are files and orders to fetch on the way in and
/// buffers, which move, on the way out.
pub fn serve() {
    let Ok(scope) = js_sys::global().dyn_into::<DedicatedWorkerGlobalScope>() else { return };
    report_death();
    let server = Server::new({
        let scope = scope.clone();
        move |packet| post(&scope, &packet)
    });
    let receive = Closure::<dyn FnMut(MessageEvent)>::new({
        let server = server.clone();
        move |event: MessageEvent| {
            let message = Array::from(&event.data());
            server.receive(&Uint8Array::new(&message.get(0)).to_vec(), &message.get(1));
        }
    });
    scope.set_onmessage(Some(receive.as_ref().unchecked_ref()));
    receive.forget();
    // Messages that come before `onmessage` is set are lost, so the page waits for this.
    server.post(Response::Ready);
}

/// Posts a packet with its buffers moved.
fn post(scope: &DedicatedWorkerGlobalScope, packet: &Packet) {
    let buffers: Array =
        packet.buffers.iter().map(|bytes| Uint8Array::from(bytes.as_slice()).buffer()).collect();
    let message = Array::of2(&Uint8Array::from(packet.head.as_slice()), &buffers);
    // Fails only when a buffer was moved before.
    let _ = scope.post_message_with_transfer(&message, &buffers);
}

/// Tells the page of a panic before the worker dies of it.
fn report_death() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        // The hook must be `Send`, which the scope is not; a worker has only one, so it is looked up again.
        if let Ok(scope) = js_sys::global().dyn_into::<DedicatedWorkerGlobalScope>() {
            let response = Response::Failed { message: info.to_string(), out_of_memory: false };
            if let Ok(packet) = Packet::response(u32::MAX, response) {
                post(&scope, &packet);
            }
        }
        before(info);
    }));
}

/// Bytes of the wasm memory, free parts included; it never shrinks.
pub fn memory_bytes() -> u64 {
    let buffer = property(&wasm_bindgen::memory(), "buffer");
    property(&buffer, "byteLength").as_f64().unwrap_or(0.0) as u64
}
