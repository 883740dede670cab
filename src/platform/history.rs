//! The address bar: reads and writes the fragment, hears Back and Forward.

use std::cell::RefCell;
use std::rc::Rc;

use web_sys::Event;

use super::events::{Listener, listen};
use super::timer::{Timer, after};
use super::window;

/// Zooming and panning change the address at most this often; browsers complain about more.
const DEBOUNCE_MILLIS: i32 = 250;

/// Writes the fragment.
#[derive(Clone, Default)]
pub struct Address {
    pending: Rc<RefCell<Option<(String, Timer)>>>,
}

/// What stands behind the `#`, without it.
pub fn fragment() -> String {
    let hash = window().and_then(|w| w.location().hash().ok()).unwrap_or_default();
    hash.strip_prefix('#').unwrap_or(&hash).to_owned()
}

/// The page's whole address, for copying.
pub fn address() -> String {
    window().and_then(|w| w.location().href().ok()).unwrap_or_default()
}

/// Calls `action` with the fragment when the reader goes back or forward or changes it by hand.
pub fn on_change(action: impl Fn(String) + 'static) -> Option<Listener> {
    // `popstate` covers all three; `hashchange` comes after it and brings nothing new.
    Some(listen(&window()?.into(), "popstate", move |_: Event| action(fragment())))
}

impl Address {
    /// Makes a new entry in the history, unless the fragment is the same: Back leads to what is there now.
    pub fn push(&self, fragment: &str) {
        self.flush();
        write(fragment, true);
    }

    /// Changes the current entry, soon: what comes within a quarter of a second replaces this.
    pub fn replace(&self, fragment: &str) {
        let pending = Rc::downgrade(&self.pending);
        let timer = after(DEBOUNCE_MILLIS, move || {
            let due = pending.upgrade().and_then(|pending| pending.borrow_mut().take());
            if let Some((fragment, timer)) = due {
                write(&fragment, false);
                timer.release();
            }
        });
        *self.pending.borrow_mut() = Some((fragment.to_owned(), timer));
    }

    /// Does at once what waits: before the address is read or pushed.
    pub fn flush(&self) {
        let due = self.pending.borrow_mut().take();
        if let Some((fragment, _timer)) = due {
            write(&fragment, false);
        }
    }

    /// Forgets what waits: the reader went elsewhere.
    pub fn forget(&self) {
        *self.pending.borrow_mut() = None;
    }
}

fn write(fragment_text: &str, push: bool) {
    if fragment() == fragment_text {
        return;
    }
    let Some(history) = window().and_then(|w| w.history().ok()) else { return };
    let url = format!("#{fragment_text}");
    // A browser that refuses (too many changes, a sandboxed frame) leaves the address as it is.
    let _ = if push {
        history.push_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&url))
    } else {
        history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&url))
    };
}
