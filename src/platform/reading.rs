//! Reading a file piece by piece, the next piece under way while the last one is worked on.

use js_sys::{ArrayBuffer, Promise, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, MessageChannel};

use super::message_of;

/// Bytes of a piece: large enough that asking for it costs nothing beside reading it, small enough that the
/// first rows come soon and Cancel is heard at once.
const PIECE: f64 = (1 << 20) as f64;

/// A file that is being read. The file itself is never copied: the browser hands out slices of it.
#[derive(Debug)]
pub(super) struct Pieces {
    blob: Blob,
    at: f64,
    /// The piece after the one handed out last.
    next: Option<Promise>,
}

impl Pieces {
    pub(super) fn new(blob: Blob) -> Self {
        let mut pieces = Self { blob, at: 0.0, next: None };
        pieces.prefetch();
        pieces
    }

    /// The next piece; none at the end. An error says why the browser cannot go on, say because the file was
    /// changed since it was chosen.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<u8>>, String> {
        let Some(promise) = self.next.take() else { return Ok(None) };
        let buffer = JsFuture::from(promise).await.map_err(|e| message_of(&e))?;
        self.prefetch();
        Ok(Some(Uint8Array::new(buffer.unchecked_ref::<ArrayBuffer>()).to_vec()))
    }

    fn prefetch(&mut self) {
        let size = self.blob.size();
        if self.at >= size {
            return;
        }
        let end = (self.at + PIECE).min(size);
        // Slicing does not fail: both ends are within the file.
        self.next = self.blob.slice_with_f64_and_f64(self.at, end).ok().map(|slice| slice.array_buffer());
        self.at = end;
    }
}

/// Waits until the messages that have arrived were handled.
///
/// A message to oneself goes to the end of the queue at once, while timers are delayed to 4 ms when nested.
pub async fn breathe() {
    let promise = Promise::new(&mut |resolve, _| {
        if let Ok(channel) = MessageChannel::new() {
            channel.port1().set_onmessage(Some(&resolve));
            if channel.port2().post_message(&JsValue::NULL).is_ok() {
                return;
            }
        }
        let _ = resolve.call0(&JsValue::NULL);
    });
    // Cannot be rejected.
    let _ = JsFuture::from(promise).await;
}
