//! Listening to events of the browser for as long as a value lives.

use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{AddEventListenerOptions, EventTarget};

/// A listener; it is removed when this is dropped.
#[derive(Debug)]
#[must_use = "the listener is removed when this is dropped"]
pub struct Listener {
    target: EventTarget,
    kind: &'static str,
    closure: Closure<dyn FnMut(JsValue)>,
}

/// Calls `action` for each event of the kind.
///
/// Not passive: the action may prevent what the browser would do, as zooming by wheel needs.
pub fn listen<E: JsCast + 'static>(
    target: &EventTarget,
    kind: &'static str,
    mut action: impl FnMut(E) + 'static,
) -> Listener {
    let closure = Closure::<dyn FnMut(JsValue)>::new(move |event: JsValue| action(event.unchecked_into()));
    let options = AddEventListenerOptions::new();
    options.set_passive(false);
    // Fails only when the function is not callable.
    let function = closure.as_ref().unchecked_ref();
    let _ = target.add_event_listener_with_callback_and_add_event_listener_options(kind, function, &options);
    Listener { target: target.clone(), kind, closure }
}

impl Listener {
    /// Keeps listening for the rest of the visit.
    pub fn forever(self) {
        std::mem::forget(self);
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let function = self.closure.as_ref().unchecked_ref();
        let _ = self.target.remove_event_listener_with_callback(self.kind, function);
    }
}
