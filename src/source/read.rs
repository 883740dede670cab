//! Small helpers to read the JSON of backends, which is typed loosely: numbers as texts, zeros left out.

use serde_json::Value;

use super::problem::Problem;
use super::{Answer, Cause};

/// The JSON of an answer that is not an error.
pub(super) fn json(answer: &Answer<'_>) -> Result<Value, Problem> {
    Problem::check(answer)?;
    serde_json::from_slice(answer.body).map_err(|e| Problem {
        message: format!("{e} in {} bytes of {}", answer.body.len(), shown_type(answer.content_type)),
        ..Problem::from(Cause::Unreadable)
    })
}

fn shown_type(content_type: &str) -> &str {
    if content_type.is_empty() { "unknown type" } else { content_type }
}

/// A field that has to be a list, for an answer to be what it should be.
pub(super) fn list<'a>(value: &'a Value, field: &str) -> Result<&'a [Value], Problem> {
    match value.get(field) {
        Some(Value::Array(items)) => Ok(items),
        // Both write an empty list as null or not at all where Go has none.
        Some(Value::Null) => Ok(&[]),
        _ => Err(unexpected(field)),
    }
}

/// The list of a field, empty without one.
pub(super) fn items<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value.get(field).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// An answer that is JSON but not the one that was asked for.
pub(super) fn unexpected(field: &str) -> Problem {
    Problem { message: format!("the answer has no list `{field}`"), ..Problem::from(Cause::Unreadable) }
}

/// The text of a field, empty without one.
pub(super) fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// The whole number of a field, also when it is written as a text, as 64 bits are in protobuf's JSON; 0
/// without one.
pub(super) fn number(value: &Value, field: &str) -> u64 {
    match value.get(field) {
        Some(Value::Number(n)) => n.as_u64().unwrap_or_default(),
        Some(Value::String(s)) => s.parse().unwrap_or_default(),
        _ => 0,
    }
}

/// A count; what is beyond 32 bits is no count of spans.
pub(super) fn count(value: &Value, field: &str) -> u32 {
    u32::try_from(number(value, field)).unwrap_or(u32::MAX)
}

/// The length of a list as a count.
pub(super) fn count_of(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// The texts of a list.
pub(super) fn texts(items: &[Value]) -> Vec<String> {
    items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// A trace id with the leading zeros that some answers trim, in lower case; none when it is not one.
pub(super) fn trace_id(text: &str) -> Option<String> {
    let is_id = (1..=32).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit());
    is_id.then(|| format!("{:0>32}", text.to_ascii_lowercase()))
}

/// The text of an attribute's value as protobuf's JSON wraps it.
pub(super) fn attribute(value: &Value) -> String {
    let Some((kind, inner)) = value.as_object().and_then(|o| o.iter().next()) else { return String::new() };
    match (kind.as_str(), inner) {
        (_, Value::String(s)) => s.clone(),
        (_, other) => other.to_string(),
    }
}

/// The pairs of a list of attributes.
pub(super) fn attributes(items: &[Value]) -> Vec<(String, String)> {
    items
        .iter()
        .map(|item| (text(item, "key").to_owned(), item.get("value").map(attribute).unwrap_or_default()))
        .collect()
}
