//! Saving what the page has made as a file of the reader's.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

/// How long the browser has to fetch the bytes.
const KEPT_MILLIS: i32 = 60_000;

/// Has the browser save these pieces, one after the other, as a file. Returns whether it could be begun.
pub fn save(name: &str, media_type: &str, pieces: &[Vec<u8>]) -> bool {
    begin(name, media_type, pieces).is_some()
}

fn begin(name: &str, media_type: &str, pieces: &[Vec<u8>]) -> Option<()> {
    let parts = Array::new();
    for piece in pieces {
        parts.push(&Uint8Array::from(piece.as_slice()));
    }
    let options = BlobPropertyBag::new();
    options.set_type(media_type);
    let blob = Blob::new_with_u8_array_sequence_and_options(&parts, &options).ok()?;
    let address = Url::create_object_url_with_blob(&blob).ok()?;
    let document = super::window()?.document()?;
    let anchor: HtmlAnchorElement = document.create_element("a").ok()?.dyn_into().ok()?;
    anchor.set_href(&address);
    anchor.set_download(name);
    anchor.click();
    // Browsers fetch the bytes after the click; an address that is kept would hold them for good.
    let later = Closure::once_into_js(move || drop(Url::revoke_object_url(&address)));
    let later = later.unchecked_ref();
    drop(super::window()?.set_timeout_with_callback_and_timeout_and_arguments_0(later, KEPT_MILLIS));
    Some(())
}
