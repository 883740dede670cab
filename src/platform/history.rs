//! The address bar: reads and writes the fragment, hears Back and Forward.
//!
//! A fragment cannot carry a file, so each entry also keeps the number of the opening that it speaks of: with it
//! Back finds the files of before as long as the page lives.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen::JsValue;
use web_sys::PopStateEvent;

use super::events::{Listener, listen};
use super::timer::{Timer, after};
use super::window;

/// Zooming and panning change the address at most this often; browsers complain about more.
const DEBOUNCE_MILLIS: i32 = 250;

/// Writes the fragment.
#[derive(Clone, Default)]
pub struct Address {
    pending: Rc<RefCell<Option<(String, Timer)>>>,
    /// The opening that entries speak of from now on.
    opening: Rc<Cell<Option<f64>>>,
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

/// Calls `action` when the reader goes back or forward or changes the fragment by hand: with the fragment and,
/// for an entry that has one, the number of its opening.
pub fn on_change(action: impl Fn(String, Option<f64>) + 'static) -> Option<Listener> {
    // `popstate` covers all three; `hashchange` comes after it and brings nothing new.
    let on_pop = move |event: PopStateEvent| action(fragment(), event.state().as_f64());
    Some(listen(&window()?.into(), "popstate", on_pop))
}

impl Address {
    /// Entries are about this opening from now on. What waits belongs to the one before.
    pub fn set_opening(&self, opening: Option<f64>) {
        self.flush();
        self.opening.set(opening);
    }

    /// The present entry is about the opening that was set last.
    pub fn stamp(&self) {
        self.write(&fragment(), false);
    }

    /// Makes a new entry in the history: Back leads to what is there now.
    pub fn push(&self, fragment: &str) {
        self.flush();
        self.write(fragment, true);
    }

    /// Changes the current entry, soon: what comes within a quarter of a second replaces this.
    pub fn replace(&self, fragment: &str) {
        let address = self.clone();
        let timer = after(DEBOUNCE_MILLIS, move || {
            let due = address.pending.borrow_mut().take();
            if let Some((fragment, timer)) = due {
                address.write(&fragment, false);
                timer.release();
            }
        });
        *self.pending.borrow_mut() = Some((fragment.to_owned(), timer));
    }

    /// Does at once what waits: before the address is read or pushed.
    pub fn flush(&self) {
        let due = self.pending.borrow_mut().take();
        if let Some((fragment, _timer)) = due {
            self.write(&fragment, false);
        }
    }

    /// Forgets what waits: the reader went elsewhere.
    pub fn forget(&self) {
        *self.pending.borrow_mut() = None;
    }

    fn write(&self, fragment: &str, push: bool) {
        let Some(history) = window().and_then(|w| w.history().ok()) else { return };
        let url = format!("#{fragment}");
        let opening = self.opening.get().map_or(JsValue::NULL, JsValue::from_f64);
        // A browser that refuses (too many changes, a sandboxed frame) leaves the address as it is.
        let _ = if push {
            history.push_state_with_url(&opening, "", Some(&url))
        } else {
            history.replace_state_with_url(&opening, "", Some(&url))
        };
    }
}
