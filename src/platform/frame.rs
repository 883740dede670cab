//! Animation frames, the page's clock, and marks for whoever measures.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Performance, Window};

/// A callback that runs once before the next picture, however often it is asked for.
#[derive(Clone)]
pub struct Frame(Rc<Asked>);

struct Asked {
    /// The browser's number of the frame that is due.
    due: Rc<Cell<Option<i32>>>,
    callback: Closure<dyn FnMut()>,
}

impl Drop for Asked {
    /// The screen may go away between the request and the picture; the browser must not call into nothing.
    fn drop(&mut self) {
        if let (Some(due), Some(window)) = (self.due.get(), web_sys::window()) {
            let _ = window.cancel_animation_frame(due);
        }
    }
}

impl std::fmt::Debug for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Frame").field("due", &self.0.due).finish_non_exhaustive()
    }
}

impl Frame {
    /// `draw` is called in the frame after [`Self::request`]; its time shows as the measure
    /// `spanscope:frame`.
    pub fn new(mut draw: impl FnMut() + 'static) -> Self {
        let due = Rc::new(Cell::new(None));
        let running = Rc::clone(&due);
        let callback = Closure::new(move || {
            running.set(None);
            let begin = begin("spanscope:frame");
            draw();
            if let Some(begin) = begin {
                // What the drawing set off in the DOM runs as microtasks before the picture is made: the
                // measure ends behind them.
                wasm_bindgen_futures::spawn_local(async move { end("spanscope:frame", &begin) });
            }
        });
        Self(Rc::new(Asked { due, callback }))
    }

    /// Asks for a frame; does nothing when one is due already.
    pub fn request(&self) {
        let Asked { due, callback } = &*self.0;
        if due.get().is_none() {
            let ask = |w: Window| w.request_animation_frame(callback.as_ref().unchecked_ref()).ok();
            due.set(web_sys::window().and_then(ask));
        }
    }
}

thread_local! {
    static IS_MEASURING: RefCell<Option<bool>> = const { RefCell::new(None) };
}

fn performance() -> Option<Performance> {
    web_sys::window().as_ref().and_then(Window::performance)
}

/// Milliseconds since 1970, by the reader's clock.
pub fn unix_millis() -> u64 {
    js_sys::Date::now() as u64
}

/// Milliseconds since the page was opened; 0 where there is no clock.
pub fn now_millis() -> f64 {
    performance().map_or(0.0, |p| p.now())
}

/// Leaves a mark in the browser's timeline.
pub fn mark(name: &str) {
    if let Some(performance) = performance() {
        let _ = performance.mark(name);
    }
}

/// Leaves a mark, in the page or in a worker, in place of an earlier one of the same name.
pub(super) fn mark_once(name: &str) {
    let performance = super::property(&js_sys::global(), "performance");
    if let Ok(performance) = performance.dyn_into::<Performance>() {
        performance.clear_marks_with_mark_name(name);
        let _ = performance.mark(name);
    }
}

/// Runs `work` and, when the page was opened with `?measure`, leaves its time in the browser's timeline: a
/// measure per frame would otherwise fill the memory of a page that stays open for days.
pub fn measured<T>(name: &str, work: impl FnOnce() -> T) -> T {
    let begin = begin(name);
    let result = work();
    if let Some(begin) = begin {
        end(name, &begin);
    }
    result
}

/// Sets the mark where a measure begins, if the page measures.
fn begin(name: &str) -> Option<String> {
    let performance = performance().filter(|_| is_measuring())?;
    let begin = format!("{name}:begin");
    let _ = performance.mark(&begin);
    Some(begin)
}

fn end(name: &str, begin: &str) {
    if let Some(performance) = performance() {
        let _ = performance.measure_with_start_mark(name, begin);
        performance.clear_marks_with_mark_name(begin);
    }
}

fn is_measuring() -> bool {
    IS_MEASURING.with(|cached| {
        *cached.borrow_mut().get_or_insert_with(|| {
            let search = web_sys::window().and_then(|w| w.location().search().ok()).unwrap_or_default();
            search.contains("measure")
        })
    })
}
