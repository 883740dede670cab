//! Attribute values as texts with a type.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::model::attributes::{Scalar, Value};
use crate::wire::details::{Attribute, ValueType};

/// Attributes as the details pane shows them, in order.
pub(super) fn attributes(list: &[(&str, Value<'_>)]) -> Vec<Attribute> {
    list.iter()
        .map(|(key, value)| {
            let (kind, text) = text(value);
            Attribute { key: (*key).to_owned(), kind, text }
        })
        .collect()
}

/// Type and text of a value; arrays and maps as compact JSON.
pub(super) fn text(value: &Value<'_>) -> (ValueType, String) {
    match value {
        Value::Null => (ValueType::Null, "null".to_owned()),
        Value::Str(text) => (ValueType::String, (*text).to_owned()),
        Value::Bool(v) => (ValueType::Bool, v.to_string()),
        Value::I64(v) => (ValueType::Int, v.to_string()),
        Value::U64(v) => (ValueType::Uint, v.to_string()),
        Value::F64(v) => (ValueType::Double, double(*v)),
        Value::Bytes(bytes) => (ValueType::Bytes, STANDARD.encode(bytes)),
        Value::Array(_) => (ValueType::Array, json(value)),
        Value::Map(_) => (ValueType::Map, json(value)),
    }
}

/// Text of a scalar.
pub(super) fn scalar_text(value: Scalar<'_>) -> String {
    text(&match value {
        Scalar::Null => Value::Null,
        Scalar::Str(text) => Value::Str(text),
        Scalar::Bool(v) => Value::Bool(v),
        Scalar::I64(v) => Value::I64(v),
        Scalar::U64(v) => Value::U64(v),
        Scalar::F64(v) => Value::F64(v),
        Scalar::Bytes(bytes) => Value::Bytes(bytes),
    })
    .1
}

/// The shortest text that reads as the same number; integers keep a `.0` so that the type shows.
fn double(v: f64) -> String {
    if v.is_nan() {
        "NaN".to_owned()
    } else if v.is_infinite() {
        if v > 0.0 { "Infinity" } else { "-Infinity" }.to_owned()
    } else {
        format!("{v:?}")
    }
}

/// What is left to write of a nested value, innermost last.
enum Open<'v, 'a> {
    Array(std::slice::Iter<'v, Value<'a>>),
    Map(std::slice::Iter<'v, (&'a str, Value<'a>)>),
}

/// Compact JSON. Numbers that JSON does not have become strings.
fn json(value: &Value<'_>) -> String {
    let mut out = String::new();
    let mut stack = Vec::new();
    let mut next = Some(value);
    loop {
        match next.take() {
            Some(Value::Array(items)) => {
                out.push('[');
                stack.push(Open::Array(items.iter()));
            }
            Some(Value::Map(pairs)) => {
                out.push('{');
                stack.push(Open::Map(pairs.iter()));
            }
            Some(Value::Str(text)) => quoted(text, &mut out),
            Some(Value::Bytes(bytes)) => quoted(&STANDARD.encode(bytes), &mut out),
            Some(Value::F64(v)) if !v.is_finite() => quoted(&double(*v), &mut out),
            Some(scalar) => out.push_str(&text(scalar).1),
            None => {}
        }
        let separate = |out: &mut String| {
            if !out.ends_with(['[', '{']) {
                out.push(',');
            }
        };
        next = match stack.last_mut() {
            None => return out,
            Some(Open::Array(items)) => items.next().inspect(|_| separate(&mut out)),
            Some(Open::Map(pairs)) => pairs.next().map(|(key, value)| {
                separate(&mut out);
                quoted(key, &mut out);
                out.push(':');
                value
            }),
        };
        if next.is_none() {
            out.push(match stack.pop() {
                Some(Open::Array(_)) => ']',
                _ => '}',
            });
        }
    }
}

fn quoted(text: &str, out: &mut String) {
    // Strings always serialise.
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_a_type_and_a_text() {
        let nested = Value::Map(vec![
            ("a", Value::Array(vec![Value::I64(1), Value::Str("x\"y"), Value::Array(vec![]), Value::Null])),
            ("b", Value::Map(vec![])),
            ("c", Value::F64(f64::NAN)),
        ]);
        let cases: [(Value<'_>, ValueType, &str); 10] = [
            (Value::Str("x"), ValueType::String, "x"),
            (Value::I64(i64::MIN), ValueType::Int, "-9223372036854775808"),
            (Value::U64(u64::MAX), ValueType::Uint, "18446744073709551615"),
            (Value::F64(1.0), ValueType::Double, "1.0"),
            (Value::F64(1e300), ValueType::Double, "1e300"),
            (Value::F64(f64::NEG_INFINITY), ValueType::Double, "-Infinity"),
            (Value::Bytes(b"\0\xff"), ValueType::Bytes, "AP8="),
            (Value::Null, ValueType::Null, "null"),
            (Value::Array(vec![Value::Bool(true)]), ValueType::Array, "[true]"),
            (nested, ValueType::Map, r#"{"a":[1,"x\"y",[],null],"b":{},"c":"NaN"}"#),
        ];
        for (value, kind, expected) in cases {
            assert_eq!(text(&value), (kind, expected.to_owned()));
        }
    }
}
