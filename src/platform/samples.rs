//! Fetching files that lie beside the page: samples, and what a link names. No other host is ever asked.

use gloo_net::http::Request;

use super::files::Source;
use super::window;

/// Fetches the file at `address`, relative to the page. The error is a sentence.
pub async fn fetch(address: &str) -> Result<Source, String> {
    let address = own_address(address)
        .ok_or_else(|| format!("the link names a file on another host, which is not fetched: {address}"))?;
    let answer = Request::get(&address)
        .send()
        .await
        .map_err(|error| format!("{address} cannot be fetched: {error}"))?;
    if !answer.ok() {
        return Err(format!("the server answers {} {} for {address}", answer.status(), answer.status_text()));
    }
    let bytes = answer.binary().await.map_err(|error| format!("{address} breaks off: {error}"))?;
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or(path);
    Source::from_bytes(name, &bytes).ok_or_else(|| format!("{address} cannot be held in memory"))
}

/// The text of a file beside the page; none when there is no such file. The error is a sentence.
pub async fn text(address: &str) -> Result<Option<String>, String> {
    let answer = Request::get(address).send().await.map_err(|error| error.to_string())?;
    match answer.status() {
        200 => answer.text().await.map(Some).map_err(|error| error.to_string()),
        404 => Ok(None),
        status => Err(format!("the server answers {status} for {address}")),
    }
}

/// The whole address, if it is of the page's own origin.
fn own_address(address: &str) -> Option<String> {
    let window = window()?;
    let base = window.document()?.base_uri().ok()??;
    let url = web_sys::Url::new_with_base(address, &base).ok()?;
    let own = web_sys::Url::new(&base).ok()?;
    (url.origin() == own.origin() && url.protocol() == own.protocol()).then(|| url.href())
}
