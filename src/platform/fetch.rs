//! Asking backends, from the page and from the worker: sends only what is named, follows nothing, and finds out as
//! far as a browser lets it why there is no answer.
//!
//! No credential is ever part of an address, and none is sent where it does not belong: redirects are not followed,
//! and the requests that look for a cause carry no header at all.

use std::cell::Cell;
use std::rc::Rc;

use gloo_net::http::{Request, RequestBuilder, Response};
use js_sys::Uint8Array;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, AbortSignal, Event, Headers, ReadableStreamDefaultReader, ReferrerPolicy, RequestCache,
    RequestCredentials, RequestMode, RequestRedirect, ResponseType,
};

use super::events::listen;
use super::property;
use super::timer::{after, sleep};
use crate::source::access::Access;
use crate::source::address::BaseAddress;
use crate::source::trouble::Trouble;
use crate::source::{Accept, Answer, Query, retry};

/// Seconds that a question may take.
pub const PATIENCE_SECONDS: u32 = 30;
/// Seconds that a question of the connection test may take.
pub const TEST_SECONDS: u32 = 10;
/// Most bytes of an answer that is held as a whole.
const MOST_BYTES: u64 = 64 << 20;
/// Seconds for the search for a cause.
const PROBE_SECONDS: u32 = 5;

/// Ends requests from outside.
#[derive(Clone, Debug)]
pub struct Stop(Option<AbortController>);

impl Stop {
    /// Nothing is ended yet.
    pub fn new() -> Self {
        // Every browser that runs this has one.
        Self(AbortController::new().ok())
    }

    /// Ends all requests that were given this.
    pub fn abort(&self) {
        if let Some(controller) = &self.0 {
            controller.abort();
        }
    }

    /// Whether it was called.
    pub fn is_aborted(&self) -> bool {
        self.0.as_ref().is_some_and(|controller| controller.signal().aborted())
    }

    pub(super) fn signal(&self) -> Option<AbortSignal> {
        self.0.as_ref().map(AbortController::signal)
    }
}

impl Default for Stop {
    fn default() -> Self {
        Self::new()
    }
}

/// An answer that is held as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Status of HTTP.
    pub status: u16,
    /// The header of that name.
    pub content_type: String,
    /// The body.
    pub body: Vec<u8>,
}

impl Reply {
    /// For the functions that read answers.
    pub fn answer(&self) -> Answer<'_> {
        Answer { status: self.status, content_type: &self.content_type, body: &self.body }
    }
}

/// Asks a backend, again when it says that it is busy. Errors of the backend are replies, too.
///
/// # Errors
/// When nothing came that could be read, with the cause as far as it can be told.
pub async fn ask(
    base: &BaseAddress,
    access: &Access,
    query: &Query,
    seconds: u32,
    stop: &Stop,
) -> Result<Reply, Trouble> {
    let hurry = Stop::new();
    let is_late = Rc::new(Cell::new(false));
    let timer = after(i32::try_from(seconds.saturating_mul(1000)).unwrap_or(i32::MAX), {
        let (hurry, is_late) = (hurry.clone(), Rc::clone(&is_late));
        move || {
            is_late.set(true);
            hurry.abort();
        }
    });
    let listener = stop.signal().map(|signal| {
        let hurry = hurry.clone();
        listen(&signal, "abort", move |_: Event| hurry.abort())
    });
    if stop.is_aborted() {
        return Err(Trouble::Stopped);
    }
    let asked = ask_until(base, &headers(access, query.accept), query, &hurry).await;
    drop((timer, listener));
    match asked {
        Err(Trouble::Stopped) if is_late.get() => Err(Trouble::TimedOut(seconds)),
        other => other,
    }
}

async fn ask_until(
    base: &BaseAddress,
    headers: &[(String, String)],
    query: &Query,
    stop: &Stop,
) -> Result<Reply, Trouble> {
    let response = open(base, headers, query, stop).await?;
    let (status, content_type) = (response.status(), content_type(&response));
    let mut body = Vec::new();
    let mut chunks = Chunks::of(&response, stop);
    while let Some(chunk) = chunks.next().await? {
        if (body.len() + chunk.len()) as u64 > MOST_BYTES {
            return Err(Trouble::TooLong(MOST_BYTES));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Reply { status, content_type, body })
}

/// All headers of a request.
pub(super) fn headers(access: &Access, accept: Accept) -> Vec<(String, String)> {
    let own = [("Accept", accept.header().to_owned())];
    own.into_iter().chain(access.headers()).map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Sends a request, again when the backend says that it is busy; gives the answer as soon as it begins.
pub(super) async fn open(
    base: &BaseAddress,
    headers: &[(String, String)],
    query: &Query,
    stop: &Stop,
) -> Result<Response, Trouble> {
    refuse_beforehand(base)?;
    let mut attempt = 1;
    loop {
        let response = send_once(base, headers, query, stop).await?;
        let retry_after = response.headers().get("Retry-After");
        let spread = (js_sys::Math::random() * 1000.0) as u32;
        match retry::wait_millis(response.status(), attempt, retry_after.as_deref(), spread) {
            Some(millis) => sleep(millis).await,
            None => return Ok(response),
        }
        if stop.is_aborted() {
            return Err(Trouble::Stopped);
        }
        attempt += 1;
    }
}

async fn send_once(
    base: &BaseAddress,
    headers: &[(String, String)],
    query: &Query,
    stop: &Stop,
) -> Result<Response, Trouble> {
    let raw = Headers::new().map_err(|_| Trouble::BadHeader)?;
    for (name, value) in headers {
        // The browser's own check; its message would repeat the value.
        raw.set(name, value).map_err(|_| Trouble::BadHeader)?;
    }
    let request = request(&base.url(query), stop)
        .headers(gloo_net::http::Headers::from_raw(raw))
        .redirect(RequestRedirect::Manual)
        .credentials(RequestCredentials::SameOrigin);
    match request.send().await {
        Ok(response) if response.type_() == ResponseType::Opaqueredirect => Err(Trouble::Redirected),
        Ok(response) => Ok(response),
        Err(_) if stop.is_aborted() => Err(Trouble::Stopped),
        // `Accept` needs no permission; everything else does.
        Err(_) => Err(cause(base, headers.len() > 1).await),
    }
}

/// What is common to all requests.
fn request(url: &str, stop: &Stop) -> RequestBuilder {
    Request::get(url)
        .cache(RequestCache::NoStore)
        .referrer_policy(ReferrerPolicy::NoReferrer)
        .abort_signal(stop.signal().as_ref())
}

/// What the browser is going to forbid, and would not give a reason for.
fn refuse_beforehand(base: &BaseAddress) -> Result<(), Trouble> {
    let page = page_origin();
    if base.origin() == page || !base.origin().starts_with("http:") || base.is_this_computer() {
        return Ok(());
    }
    Err(if page.starts_with("https:") { Trouble::MixedContent } else { Trouble::Policy })
}

/// Why a request failed without an answer: a second one without headers, whose answer cannot be read, tells
/// whether anything is there.
async fn cause(base: &BaseAddress, has_headers: bool) -> Trouble {
    if property(&property(&js_sys::global(), "navigator"), "onLine").as_bool() == Some(false) {
        return Trouble::Offline;
    }
    if base.origin() == page_origin() || !probe(base, RequestMode::NoCors).await {
        return Trouble::Unreachable;
    }
    Trouble::Cors { only_headers: has_headers && probe(base, RequestMode::Cors).await }
}

/// Whether a request without any header gets through.
async fn probe(base: &BaseAddress, mode: RequestMode) -> bool {
    let hurry = Stop::new();
    let late = hurry.clone();
    let probing = async {
        request(&base.to_string(), &hurry)
            .mode(mode)
            .credentials(RequestCredentials::Omit)
            .send()
            .await
            .is_ok()
    };
    wasm_bindgen_futures::spawn_local(async move {
        sleep(PROBE_SECONDS * 1000).await;
        late.abort();
    });
    let is_there = probing.await;
    // The body is of no use.
    hurry.abort();
    is_there
}

/// The origin of the page, also in its worker.
pub fn page_origin() -> String {
    property(&property(&js_sys::global(), "location"), "origin").as_string().unwrap_or_default()
}

/// The whole address of what is named relative to the page.
pub fn absolute(address: &str) -> Option<String> {
    let base = super::window()?.document()?.base_uri().ok()??;
    Some(web_sys::Url::new_with_base(address, &base).ok()?.href())
}

pub(super) fn content_type(response: &Response) -> String {
    response.headers().get("Content-Type").unwrap_or_default()
}

/// The body of an answer, piece by piece as it comes. Its rest is given up when this is dropped.
pub(super) struct Chunks {
    reader: Option<ReadableStreamDefaultReader>,
    n_bytes: u64,
    stop: Stop,
}

impl Chunks {
    pub(super) fn of(response: &Response, stop: &Stop) -> Self {
        let reader = response.body().map(|body| body.get_reader().unchecked_into());
        Self { reader, n_bytes: 0, stop: stop.clone() }
    }

    /// The next piece; none at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<u8>>, Trouble> {
        let Some(reader) = &self.reader else { return Ok(None) };
        let Ok(part) = JsFuture::from(reader.read()).await else {
            self.reader = None;
            let stopped = self.stop.is_aborted();
            return Err(if stopped { Trouble::Stopped } else { Trouble::BrokenOff(self.n_bytes) });
        };
        if property(&part, "done").as_bool() != Some(false) {
            self.reader = None;
            return Ok(None);
        }
        let bytes = Uint8Array::new(&property(&part, "value")).to_vec();
        self.n_bytes += bytes.len() as u64;
        Ok(Some(bytes))
    }
}

impl Drop for Chunks {
    fn drop(&mut self) {
        if let Some(reader) = &self.reader {
            // A stream that failed already says so again, to nobody.
            let promise = reader.cancel();
            wasm_bindgen_futures::spawn_local(async move { drop(JsFuture::from(promise).await) });
        }
    }
}
