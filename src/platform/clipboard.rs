//! The clipboard: copies texts, reads what is to be pasted.

use wasm_bindgen_futures::JsFuture;

use super::{message_of, window};

/// Copies `text`. The error says why the browser refuses, mostly because the page is not served over https.
pub async fn write(text: &str) -> Result<(), String> {
    let clipboard = clipboard().ok_or("this browser gives pages no clipboard here")?;
    JsFuture::from(clipboard.write_text(text)).await.map(|_| ()).map_err(|e| message_of(&e))
}

/// The text on the clipboard; the browser may ask the reader first.
pub async fn read() -> Result<String, String> {
    let clipboard = clipboard().ok_or("this browser gives pages no clipboard here")?;
    let text = JsFuture::from(clipboard.read_text()).await.map_err(|e| message_of(&e))?;
    Ok(text.as_string().unwrap_or_default())
}

fn clipboard() -> Option<web_sys::Clipboard> {
    let navigator = window()?.navigator();
    // Undefined outside secure contexts, which the type does not say.
    super::property(&navigator, "clipboard").is_object().then(|| navigator.clipboard())
}
