//! Reading a file or a trace of a backend piece by piece, the next piece under way while the last one is worked on.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use js_sys::{Array, ArrayBuffer, Promise, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::{Blob, MessageChannel};

use super::fetch::Stop;
use super::message_of;
use super::remote::{Fetched, Order};
use crate::source::Cause;
use crate::source::trouble::Trouble;
use crate::wire::report::FileError;

/// Bytes of a piece: large enough that asking for it costs nothing beside reading it, small enough that the
/// first rows come soon and Cancel is heard at once.
const PIECE: f64 = (1 << 20) as f64;

/// Answers of backends that are waited for while the first of them is read: many small traces would otherwise take
/// as long as all the ways there and back.
const AHEAD: usize = 4;

/// What an opening is to read, in its order.
pub(super) struct Inputs {
    waiting: VecDeque<Input>,
    begun: VecDeque<Begun>,
    stop: Stop,
}

/// One thing to read, as a message brings it.
enum Input {
    File(Blob),
    Remote(Order),
}

/// Something that is being opened.
enum Begun {
    File(Blob),
    Remote { order: Rc<Order>, fetched: Rc<RefCell<Option<Result<Fetched, Trouble>>>>, done: Promise },
}

/// Something that is read.
pub(super) enum Pieces {
    /// A file.
    File(BlobPieces),
    /// A trace of a backend.
    Remote(Rc<Order>, Box<Fetched>),
}

impl Inputs {
    /// The items of a message; what is neither a file nor an order is left out.
    pub(super) fn new(items: &JsValue, stop: Stop) -> Self {
        let input = |item: JsValue| match item.dyn_into::<Blob>() {
            Ok(blob) => Some(Input::File(blob)),
            Err(item) => Order::read(&item).map(Input::Remote),
        };
        let waiting = Array::from(items).iter().filter_map(input).collect();
        Self { waiting, begun: VecDeque::new(), stop }
    }

    /// Opens the next one; none at the end. The inner error says why it cannot be read.
    pub(super) async fn next(&mut self) -> Option<Result<Pieces, FileError>> {
        while self.begun.len() < AHEAD
            && let Some(input) = self.waiting.pop_front()
        {
            self.begun.push_back(Begun::begin(input, &self.stop));
        }
        Some(match self.begun.pop_front()? {
            Begun::File(blob) => Ok(Pieces::File(BlobPieces::new(blob))),
            Begun::Remote { order, fetched, done } => {
                // It is never rejected.
                drop(JsFuture::from(done).await);
                match fetched.take() {
                    Some(Ok(fetched)) => Ok(Pieces::Remote(order, Box::new(fetched))),
                    Some(Err(trouble)) => Err(order.error(&trouble)),
                    None => Err(order.error(&Trouble::Stopped)),
                }
            }
        })
    }
}

impl Begun {
    fn begin(input: Input, stop: &Stop) -> Self {
        let order = match input {
            Input::File(blob) => return Self::File(blob),
            Input::Remote(order) => Rc::new(order),
        };
        let fetched = Rc::new(RefCell::new(None));
        let done = future_to_promise({
            let (order, fetched, stop) = (Rc::clone(&order), Rc::clone(&fetched), stop.clone());
            async move {
                let result = Fetched::begin(&order, &stop).await;
                fetched.replace(Some(result));
                Ok(JsValue::UNDEFINED)
            }
        });
        Self::Remote { order, fetched, done }
    }
}

impl Pieces {
    /// Bytes in all, where that is known.
    pub(super) fn size(&self) -> Option<u64> {
        match self {
            Self::File(pieces) => Some(pieces.blob.size() as u64),
            Self::Remote(_, fetched) => fetched.size,
        }
    }

    /// The next piece; none at the end. An error says why it cannot go on.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<u8>>, FileError> {
        match self {
            Self::File(pieces) => pieces.next().await.map_err(|reason| FileError::unreadable(&reason)),
            Self::Remote(order, fetched) => fetched.next().await.map_err(|trouble| order.error(&trouble)),
        }
    }

    /// The trace that is fetched, by its id.
    pub(super) fn trace(&self) -> Option<&str> {
        match self {
            Self::File(_) => None,
            Self::Remote(order, _) => Some(order.trace()),
        }
    }

    /// Why there is not one span in what was read, where that means something: a backend has not the trace.
    pub(super) fn without_spans(&self) -> Option<FileError> {
        match self {
            Self::File(_) => None,
            Self::Remote(order, _) => Some(order.error(&Trouble::from(Cause::NotFound))),
        }
    }
}

/// A file that is being read. The file itself is never copied: the browser hands out slices of it.
#[derive(Debug)]
pub(super) struct BlobPieces {
    blob: Blob,
    at: f64,
    /// The piece after the one handed out last.
    next: Option<Promise>,
}

impl BlobPieces {
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
