//! A trace that is fetched from a backend when it is read: a handle like that of a file, which can be read again.
//!
//! What is secret stays in the handle's cell, is sent to the worker only with an order to fetch, and is never
//! printed. Where the person changes it, handles of before have the new one, so that Back and a restarted worker
//! ask with what is valid now.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use gloo_net::http::Response;
use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};

use super::fetch::{Chunks, Stop, content_type, headers, open, page_origin};
use crate::source::access::Access;
use crate::source::address::BaseAddress;
use crate::source::discover::{Backend, Product};
use crate::source::trouble::Trouble;
use crate::source::words::{About, told};
use crate::source::{Answer, Cause, Problem, Query, jaeger, tempo};
use crate::wire::report::FileError;

/// Most bytes of an error that are read.
const MOST_OF_ERROR: usize = 64 << 10;

/// How somebody asks a backend, shared by all that ask it.
#[derive(Clone, Default)]
pub struct SharedAccess(Rc<RefCell<Access>>);

impl SharedAccess {
    /// What is sent now.
    pub fn get(&self) -> Access {
        self.0.borrow().clone()
    }

    /// Is sent from now on.
    pub fn set(&self, access: Access) {
        self.0.replace(access);
    }
}

impl fmt::Debug for SharedAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedAccess")
    }
}

/// A trace of a backend.
#[derive(Clone, Debug)]
pub struct Remote {
    /// Which product.
    pub product: Product,
    /// Where it is.
    pub base: BaseAddress,
    /// The backend for people.
    pub label: String,
    /// What was found out about it, if anything was.
    pub backend: Option<Backend>,
    /// Id of the trace, in hexadecimal digits.
    pub trace: String,
    /// Where to look for it, in nanoseconds since 1970.
    pub range: Option<(i64, i64)>,
    /// Who asks.
    pub access: SharedAccess,
}

impl Remote {
    /// The order to fetch it, for the worker: texts only.
    pub(super) fn message(&self) -> JsValue {
        let queries = match (self.product, &self.backend) {
            (Product::Jaeger, Some(Backend::Jaeger { api })) => {
                vec![jaeger::trace(*api, &self.trace, self.range)]
            }
            (Product::Jaeger, _) => [jaeger::Api::V3, jaeger::Api::Legacy]
                .map(|api| jaeger::trace(api, &self.trace, self.range))
                .to_vec(),
            (Product::Tempo, _) => {
                vec![tempo::trace(&self.trace, self.range), tempo::trace_v1(&self.trace, self.range)]
            }
        };
        let accept = queries.first().map(|query| query.accept).unwrap_or_default();
        let text = |text: &str| JsValue::from_str(text);
        let paths: Array = queries.iter().map(|query| text(&query.path)).collect();
        let headers: Array = headers(&self.access.get(), accept)
            .iter()
            .flat_map(|(name, value)| [text(name), text(value)])
            .collect();
        Array::of5(
            &text(self.product.word()),
            &text(&self.base.to_string()),
            &text(&self.trace),
            &paths,
            &headers,
        )
        .into()
    }
}

/// An order as the worker has it.
pub(super) struct Order {
    product: Product,
    base: BaseAddress,
    trace: String,
    paths: Vec<String>,
    headers: Vec<(String, String)>,
}

impl Order {
    /// Reads a message; none when it is something else.
    pub(super) fn read(message: &JsValue) -> Option<Self> {
        let parts: &Array = message.dyn_ref()?;
        let text = |at| parts.get(at).as_string();
        let texts =
            |at| Array::from(&parts.get(at)).iter().filter_map(|text| text.as_string()).collect::<Vec<_>>();
        let product = text(0)?;
        let mut words = texts(4).into_iter();
        let mut headers = Vec::new();
        while let (Some(name), Some(value)) = (words.next(), words.next()) {
            headers.push((name, value));
        }
        Some(Self {
            product: Product::ALL.into_iter().find(|known| known.word() == product)?,
            base: BaseAddress::parse(&text(1)?).ok()?,
            trace: text(2)?,
            paths: texts(3),
            headers,
        })
    }

    /// The trace's id.
    pub(super) fn trace(&self) -> &str {
        &self.trace
    }

    /// What is wrong, as the report of an opening has it.
    pub(super) fn error(&self, trouble: &Trouble) -> FileError {
        let page = page_origin();
        let about = About {
            product: self.product,
            base: &self.base,
            page: &page,
            trace: Some(&self.trace),
            has_credentials: self.headers.iter().any(|(name, _)| name == "Authorization"),
        };
        let told = told(trouble, &about);
        FileError {
            code: told.code.to_owned(),
            message: format!("{}. {}", told.title, told.reason),
            advice: told.advice,
            offset: None,
        }
    }
}

/// A trace that is being fetched.
pub(super) struct Fetched {
    chunks: Chunks,
    /// The piece that was needed to see whether it is a trace.
    first: Option<Vec<u8>>,
    /// Bytes in all, where that is known for certain.
    pub(super) size: Option<u64>,
}

impl Fetched {
    /// Sends the order; comes back when the trace begins to arrive. Where the backend does not know the first path,
    /// the next is tried.
    pub(super) async fn begin(order: &Order, stop: &Stop) -> Result<Self, Trouble> {
        let mut first = None;
        for path in &order.paths {
            match Self::from_path(order, path, stop).await {
                Err(Trouble::Answer(problem)) if is_other_version(&problem) => {
                    first.get_or_insert(Trouble::Answer(problem));
                }
                other => return other,
            }
        }
        Err(first.unwrap_or(Trouble::Stopped))
    }

    async fn from_path(order: &Order, path: &str, stop: &Stop) -> Result<Self, Trouble> {
        // The form that is wanted is among the headers already.
        let response = open(&order.base, &order.headers, &Query::text(path), stop).await?;
        let (status, content_type) = (response.status(), content_type(&response));
        let mut chunks = Chunks::of(&response, stop);
        let mut body = Vec::new();
        // Two bytes tell whether a trace is in it; of an error everything is wanted.
        let wanted = if response.ok() { 2 } else { MOST_OF_ERROR };
        while body.len() < wanted {
            match chunks.next().await? {
                Some(chunk) if body.is_empty() => body = chunk,
                Some(chunk) => body.extend_from_slice(&chunk),
                None => break,
            }
        }
        let answer = Answer { status, content_type: &content_type, body: &body };
        match order.product {
            Product::Tempo => tempo::check_trace(&answer)?,
            Product::Jaeger => Problem::check(&answer)?,
        }
        Ok(Self { chunks, first: Some(body), size: size(&response, &order.base) })
    }

    /// The next piece; none at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<u8>>, Trouble> {
        match self.first.take() {
            Some(first) => Ok(Some(first)),
            None => self.chunks.next().await,
        }
    }
}

fn is_other_version(problem: &Problem) -> bool {
    matches!(problem.cause, Cause::NoSuchPath | Cause::WebPage)
}

/// The length of what arrives. Pages see of other origins only the length, not whether it is that of packed bytes.
fn size(response: &Response, base: &BaseAddress) -> Option<u64> {
    let headers = response.headers();
    if base.origin() != page_origin() || headers.has("Content-Encoding") {
        return None;
    }
    headers.get("Content-Length")?.parse().ok()
}
