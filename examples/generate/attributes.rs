//! Attributes of a span: half of them nearly unique, as request ids and URLs are, half from a small set.

use crate::random::mix;
use crate::tree::{Role, Span};

pub(crate) enum Value {
    Text(String),
    Int(i64),
    Float(f64),
    Bool(bool),
}

/// The first `n` attributes of a span; `id` makes the unique ones unique.
pub(crate) fn of(span: &Span, id: u64, n: usize) -> Vec<(String, Value)> {
    (0..n).map(|nth| if nth < 8 { one(span, id, nth) } else { further(id, nth) }).collect()
}

fn one(span: &Span, id: u64, nth: usize) -> (String, Value) {
    let unique = mix(id ^ nth as u64);
    let text = |key: &str, value: String| (key.to_owned(), Value::Text(value));
    match (nth, span.role) {
        (0, Role::Query) => text("db.system", "postgresql".to_owned()),
        (0, _) => text("http.request.method", span.method().to_owned()),
        (1, Role::Query) => text(
            "db.statement",
            format!(
                "SELECT id, name, price FROM {} WHERE id = {} LIMIT 1",
                span.thing(),
                unique % 10_000_000
            ),
        ),
        (1, _) => text(
            "url.full",
            format!(
                "https://{}.shop.example/api/v1/{}/{}",
                span.service_name(),
                span.thing(),
                unique % 10_000_000
            ),
        ),
        (2, Role::Query) => ("db.rows".to_owned(), Value::Int((unique % 40) as i64)),
        (2, _) => {
            let code = if span.is_error { 500 } else { 200 + (unique % 2) as i64 * 4 };
            ("http.response.status_code".to_owned(), Value::Int(code))
        }
        (3, _) => text(
            "request.id",
            format!(
                "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
                unique as u32,
                unique >> 48,
                unique >> 20 & 0xfff,
                unique >> 8 & 0xfff,
                mix(unique) >> 16
            ),
        ),
        (4, _) => ("thread.pool".to_owned(), Value::Int((unique % 16) as i64)),
        (5, _) => text("user.id", format!("user-{:07}", unique % 10_000_000)),
        (6, _) => ("cache.hit".to_owned(), Value::Bool(!unique.is_multiple_of(3))),
        _ => ("work.units".to_owned(), Value::Float((unique % 1_000_000) as f64 / 128.0)),
    }
}

fn further(id: u64, nth: usize) -> (String, Value) {
    let unique = mix(id ^ nth as u64);
    let value =
        if nth.is_multiple_of(2) { format!("value-{}", unique % 8) } else { format!("{unique:016x}") };
    (format!("custom.attribute.{nth}"), Value::Text(value))
}
