//! Timers that end with the value that holds them.

use js_sys::{Function, Promise};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::{property, window};

/// A timer; it never fires when this is dropped before.
#[must_use = "the timer is cancelled when this is dropped"]
pub struct Timer {
    id: i32,
    closure: Option<Closure<dyn FnMut()>>,
}

/// Calls `action` after so many milliseconds.
pub fn after(millis: i32, action: impl FnOnce() + 'static) -> Timer {
    let closure = Closure::once(action);
    let function = closure.as_ref().unchecked_ref();
    let id =
        window().and_then(|w| w.set_timeout_with_callback_and_timeout_and_arguments_0(function, millis).ok());
    Timer { id: id.unwrap_or_default(), closure: Some(closure) }
}

/// Waits so many milliseconds, in the page or in a worker.
pub async fn sleep(millis: u32) {
    let promise = Promise::new(&mut |resolve, _| {
        let global = js_sys::global();
        // Both have it.
        let timer: Function = property(&global, "setTimeout").unchecked_into();
        let _ = timer.call2(&global, &resolve, &JsValue::from(millis));
    });
    // Cannot be rejected.
    let _ = JsFuture::from(promise).await;
}

impl Timer {
    /// Lets go of the timer from within its own action.
    pub(crate) fn release(mut self) {
        // Dropping the closure while it runs is an error of the glue.
        if let Some(closure) = self.closure.take() {
            wasm_bindgen_futures::spawn_local(async move { drop(closure) });
        }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        if let (Some(window), Some(_)) = (window(), &self.closure) {
            window.clear_timeout_with_handle(self.id);
        }
    }
}
