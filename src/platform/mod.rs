//! The browser: files, worker, canvas, address bar, storage. The only users of web-sys.
//!
//! Every function here either succeeds or says in words what the browser refused; none of them knows what a
//! span is.

pub mod canvas2d;
pub mod chart_canvas;
pub mod clipboard;
pub mod crash;
pub mod dom;
pub mod download;
pub mod events;
pub mod fetch;
pub mod files;
pub mod frame;
pub mod history;
pub mod raster;
pub mod reading;
pub mod remote;
pub mod resize;
pub mod samples;
pub mod storage;
pub mod timer;
pub mod worker_client;
pub mod worker_port;

mod engine_link;
mod server;

use wasm_bindgen::JsValue;

/// What the browser says went wrong.
pub fn message_of(error: &JsValue) -> String {
    let text = |value: &JsValue| value.as_string().filter(|text| !text.is_empty());
    text(error)
        .or_else(|| text(&property(error, "message")))
        .or_else(|| text(&property(error, "name")))
        .unwrap_or_else(|| "no reason given".to_owned())
}

/// A property of a JavaScript object; undefined when there is none.
pub(crate) fn property(object: &JsValue, name: &str) -> JsValue {
    if !object.is_object() && !object.is_function() {
        return JsValue::UNDEFINED;
    }
    js_sys::Reflect::get(object, &JsValue::from_str(name)).unwrap_or_default()
}

/// The page's window. None in a worker.
pub(crate) fn window() -> Option<web_sys::Window> {
    web_sys::window()
}
