//! One question and its answer, as far as both are independent of who carries them.

use std::fmt::Write as _;

/// The form that an answer is wanted in.
///
/// Never more than one: Tempo looks for names in the header in an order of its own and ignores preferences.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Accept {
    /// JSON.
    #[default]
    Json,
    /// Protocol buffers: a third of the bytes, and ids that need no guessing.
    Protobuf,
    /// Whatever there is: texts.
    Any,
}

impl Accept {
    /// The value of the header.
    pub const fn header(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Protobuf => "application/protobuf",
            Self::Any => "*/*",
        }
    }
}

/// What is asked of a backend; always with GET.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Path below the base address, without a leading slash, and the parameters; percent-encoded.
    pub path: String,
    /// The form that the answer is wanted in.
    pub accept: Accept,
}

impl Query {
    /// Asks for JSON.
    pub fn json(path: impl Into<String>) -> Self {
        Self { path: path.into(), accept: Accept::Json }
    }

    /// Asks for protocol buffers.
    pub fn protobuf(path: impl Into<String>) -> Self {
        Self { path: path.into(), accept: Accept::Protobuf }
    }

    /// Asks for a text.
    pub fn text(path: impl Into<String>) -> Self {
        Self { path: path.into(), accept: Accept::Any }
    }

    /// Adds a parameter.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.path.push(if self.path.contains('?') { '&' } else { '?' });
        self.path.push_str(name);
        self.path.push('=');
        encode(&mut self.path, value);
        self
    }

    /// Adds a parameter unless it is empty.
    #[must_use]
    pub fn with_some(self, name: &str, value: &str) -> Self {
        if value.is_empty() { self } else { self.with(name, value) }
    }
}

/// What came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer<'a> {
    /// Status of HTTP.
    pub status: u16,
    /// The header of that name, empty without one. Errors of both backends are JSON or text under `text/plain`.
    pub content_type: &'a str,
    /// The body, as it is after the browser has unpacked it.
    pub body: &'a [u8],
}

impl<'a> Answer<'a> {
    /// The body as text, as far as it is one.
    pub fn text(&self) -> std::borrow::Cow<'a, str> {
        String::from_utf8_lossy(self.body)
    }

    /// Whether a web page came instead of an answer: a login, a proxy's error, the app of another path.
    pub fn is_page(&self) -> bool {
        let start = self.body.trim_ascii_start();
        let is_markup = |tag: &[u8]| start.get(..tag.len()).is_some_and(|s| s.eq_ignore_ascii_case(tag));
        self.content_type.starts_with("text/html") || is_markup(b"<!doctype html") || is_markup(b"<html")
    }
}

/// Appends `text` with everything but letters, digits and `-._~` percent-encoded (RFC 3986, section 2).
pub(super) fn encode(out: &mut String, text: &str) {
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            // Writing to a string never fails.
            _ => drop(write!(out, "%{byte:02X}")),
        }
    }
}

/// `text` as one part of a path.
pub(super) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    encode(&mut out, text);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_encoded_and_joined() {
        let query = Query::json("api/search")
            .with("q", "{ name = \"a&b\" }")
            .with_some("limit", "")
            .with("x", "\u{e4}");
        assert_eq!(query.path, "api/search?q=%7B%20name%20%3D%20%22a%26b%22%20%7D&x=%C3%A4");
    }

    #[test]
    fn pages_are_told_from_answers() {
        let answer = |content_type, body| Answer { status: 200, content_type, body };
        assert!(answer("text/html; charset=utf-8", b"login").is_page());
        assert!(answer("", b" \n<!DOCTYPE HTML><title>x</title>").is_page());
        assert!(!answer("application/json", b"{}").is_page());
        assert!(!answer("", b"").is_page());
    }
}
