//! Tells when an element gets another size.

use std::rc::Rc;

use js_sys::Array;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, ResizeObserver, ResizeObserverEntry};

/// Watches an element until it is dropped.
#[derive(Clone, Debug)]
#[must_use = "watching ends when this is dropped"]
pub struct Resizes {
    _inner: Rc<Inner>,
}

#[derive(Debug)]
struct Inner {
    observer: ResizeObserver,
    _closure: Closure<dyn FnMut(JsValue)>,
}

/// Calls `on_size` with width and height in CSS pixels, now and whenever they change. `None` where the browser
/// has no such observer.
pub fn observe(element: &Element, mut on_size: impl FnMut(f64, f64) + 'static) -> Option<Resizes> {
    let closure = Closure::<dyn FnMut(JsValue)>::new(move |entries: JsValue| {
        let last = Array::from(&entries).pop();
        if let Ok(entry) = last.dyn_into::<ResizeObserverEntry>() {
            let area = entry.content_rect();
            on_size(area.width(), area.height());
        }
    });
    let observer = ResizeObserver::new(closure.as_ref().unchecked_ref()).ok()?;
    observer.observe(element);
    Some(Resizes { _inner: Rc::new(Inner { observer, _closure: closure }) })
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}
