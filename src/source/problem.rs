//! What is wrong with an answer, told apart as far as status and text allow.

use serde_json::Value;

use super::Answer;

/// Longest message of a backend that is kept: some wrap whole queries into their errors.
const LONGEST_MESSAGE: usize = 600;

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// 401: who asks is not known.
    NotAuthorised,
    /// 401 of a backend with several tenants, and none was named.
    NoTenant,
    /// 403: who asks may not.
    Forbidden,
    /// The trace is not there.
    NotFound,
    /// There is no such path: another product, another version, or a base path is missing.
    NoSuchPath,
    /// A web page came: a login, a proxy, or the app of another path.
    WebPage,
    /// The query has a fault; see the place.
    Query,
    /// Something else of the request is not taken.
    Request,
    /// The trace is larger than the backend gives out.
    TooLarge,
    /// 429 or 503: too much to do.
    Busy,
    /// 501: the storage cannot do that.
    NotSupported,
    /// The backend, or a proxy before it, failed.
    Server,
    /// The answer is not what was asked for, or is cut off.
    Unreadable,
}

/// What is wrong, in the backend's words where it has some.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Told apart.
    pub cause: Cause,
    /// Status of HTTP; 0 when that is not what is wrong.
    pub status: u16,
    /// What the backend says, cut where it is long; may be empty.
    pub message: String,
    /// Line and column of the query, from 1.
    pub place: Option<(u32, u32)>,
}

impl From<Cause> for Problem {
    fn from(cause: Cause) -> Self {
        Self { cause, status: 0, message: String::new(), place: None }
    }
}

impl Problem {
    /// Whether an answer is one.
    ///
    /// # Errors
    /// When its status is an error, or a web page came instead.
    pub fn check(answer: &Answer<'_>) -> Result<(), Self> {
        let status = answer.status;
        if (200..300).contains(&status) {
            if answer.is_page() {
                return Err(Self { status, ..Self::from(Cause::WebPage) });
            }
            return Ok(());
        }
        let message = message(answer);
        let cause = match status {
            // Tempo's words, and those of a Jaeger with tenancy.
            401 if message.contains("no org id") || message.contains("missing tenant") => Cause::NoTenant,
            401 => Cause::NotAuthorised,
            403 => Cause::Forbidden,
            404 if is_no_path(answer, &message) => Cause::NoSuchPath,
            404 => Cause::NotFound,
            405 | 410 => Cause::NoSuchPath,
            // Tempo said 500 in older versions.
            _ if message.contains("exceeds max size") => Cause::TooLarge,
            413 | 422 => Cause::TooLarge,
            429 | 503 => Cause::Busy,
            501 => Cause::NotSupported,
            400 if is_about_query(&message) => Cause::Query,
            300..=499 => Cause::Request,
            _ => Cause::Server,
        };
        let place = (cause == Cause::Query).then(|| place(&message)).flatten();
        Err(Self { cause, status, message, place })
    }
}

/// What an error says: the text itself, or the message within the JSON of Jaeger, old and new.
fn message(answer: &Answer<'_>) -> String {
    if answer.is_page() {
        return String::new();
    }
    let text = answer.text();
    let json: Option<Value> = serde_json::from_str(&text).ok();
    let told = json.as_ref().and_then(|json| {
        if let Some(errors) = json.get("errors").and_then(Value::as_array) {
            let each: Vec<&str> = errors.iter().filter_map(|e| e.get("msg")?.as_str()).collect();
            return Some(each.join("; "));
        }
        let error = json.get("error")?;
        Some(error.as_str().or_else(|| error.get("message")?.as_str())?.to_owned())
    });
    cut(told.as_deref().unwrap_or(&text).trim())
}

/// At most [`LONGEST_MESSAGE`] bytes.
fn cut(text: &str) -> String {
    if text.len() <= LONGEST_MESSAGE {
        return text.to_owned();
    }
    let mut end = LONGEST_MESSAGE;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{} \u{2026}", text.get(..end).unwrap_or_default())
}

/// Both servers say it in Go's words when they have no such path; a page says it in its own way. An empty body
/// is Tempo's way to say that it has no such trace.
fn is_no_path(answer: &Answer<'_>, message: &str) -> bool {
    answer.is_page() || message.contains("page not found")
}

/// Whether the query itself is at fault, rather than one of the other parameters.
fn is_about_query(message: &str) -> bool {
    ["TraceQL", "parse error", "not a metrics query", "not yet supported"]
        .iter()
        .any(|words| message.contains(words))
}

/// Line and column out of `parse error at line 1, col 10: …`.
fn place(message: &str) -> Option<(u32, u32)> {
    let after = message.split_once("at line ")?.1;
    let (line, after) = after.split_once(", col ")?;
    let column = after.split(|c: char| !c.is_ascii_digit()).next()?;
    Some((line.parse().ok()?, column.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    type Told = (Cause, String, Option<(u32, u32)>);

    fn problem(status: u16, content_type: &str, body: &str) -> Option<Told> {
        let answer = Answer { status, content_type, body: body.as_bytes() };
        Problem::check(&answer).err().map(|p| (p.cause, p.message, p.place))
    }

    #[test]
    fn answers_are_told_apart() {
        for (status, content_type, body, expected) in [
            (200, "application/json", "{}", None),
            (401, "", "missing tenant header", Some((Cause::NoTenant, "missing tenant header", None))),
            (401, "", "unknown tenant", Some((Cause::NotAuthorised, "unknown tenant", None))),
            (200, "text/html", "<html>login</html>", Some((Cause::WebPage, "", None))),
            (401, "text/plain", "no org id\n", Some((Cause::NoTenant, "no org id", None))),
            (401, "text/html", "<html>Authorization Required</html>", Some((Cause::NotAuthorised, "", None))),
            (403, "text/plain", "RBAC: access denied", Some((Cause::Forbidden, "RBAC: access denied", None))),
            (404, "", "", Some((Cause::NotFound, "", None))),
            (
                404,
                "text/plain",
                "404 page not found\n",
                Some((Cause::NoSuchPath, "404 page not found", None)),
            ),
            (
                404,
                "text/plain",
                r#"{"data":null,"total":0,"errors":[{"code":404,"msg":"trace not found"}]}"#,
                Some((Cause::NotFound, "trace not found", None)),
            ),
            (
                404,
                "text/plain",
                r#"{"error":{"httpCode":404,"message":"No traces found"}}"#,
                Some((Cause::NotFound, "No traces found", None)),
            ),
            (429, "text/plain", "too many requests", Some((Cause::Busy, "too many requests", None))),
            (501, "text/plain", "{\"errors\":[]}", Some((Cause::NotSupported, "", None))),
            (502, "text/html", "<html>Bad Gateway</html>", Some((Cause::Server, "", None))),
            (
                500,
                "text/plain",
                "trace exceeds max size (max bytes: 5)",
                Some((Cause::TooLarge, "trace exceeds max size (max bytes: 5)", None)),
            ),
        ] {
            let expected = expected.map(|(cause, message, place)| (cause, message.to_owned(), place));
            assert_eq!(problem(status, content_type, body), expected, "{status} {body}");
        }
    }

    #[test]
    fn long_messages_are_cut_between_characters() {
        let (_, message, _) = problem(500, "text/plain", &"\u{e4}".repeat(5000)).unwrap();
        assert!(message.len() <= LONGEST_MESSAGE + 4);
        assert!(message.ends_with('\u{2026}'));
    }
}
