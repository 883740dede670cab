//! Attribute values from JSON: plain values, and OTLP's wrapped ones in all the spellings that occur.

use super::ids::decode_base64;
use super::json::{Cursor, Kind, Number, Step};
use crate::model::attributes::{AttributeBuffer, Scalar};
use crate::model::strings::Strings;

/// Writes the next JSON value as an attribute's value.
pub(crate) fn any_json(c: &mut Cursor<'_>, out: &mut AttributeBuffer) -> Step<()> {
    // Whether each open container is a map.
    let mut open: Vec<bool> = Vec::new();
    loop {
        match c.kind()? {
            Kind::Object => {
                c.begin_object()?;
                out.begin_map();
                open.push(true);
            }
            Kind::Array => {
                c.begin_array()?;
                out.begin_array();
                open.push(false);
            }
            Kind::String => out.scalar(Scalar::Str(&c.text()?)),
            Kind::Number => number(c.number()?, out),
            Kind::Bool => out.scalar(Scalar::Bool(c.bool()?)),
            Kind::Null => {
                c.skip()?;
                out.scalar(Scalar::Null);
            }
        }
        while let Some(&is_map) = open.last() {
            let more = if is_map {
                match c.key()? {
                    Some(key) => {
                        out.map_key(&key);
                        true
                    }
                    None => false,
                }
            } else {
                c.item()?
            };
            if more {
                break;
            }
            out.end();
            open.pop();
        }
        if open.is_empty() {
            return Ok(());
        }
    }
}

/// Writes a number: as an integer when it is one, as text when it is too long for 64 bits.
pub(crate) fn number(number: Number<'_>, out: &mut AttributeBuffer) {
    if number.is_integer() {
        integer(number, out);
    } else {
        double(number, out);
    }
}

fn integer(number: Number<'_>, out: &mut AttributeBuffer) {
    if let Some(value) = number.as_i64() {
        out.scalar(Scalar::I64(value));
    } else if let Some(value) = number.as_u64() {
        out.scalar(Scalar::U64(value));
    } else {
        out.scalar(Scalar::Str(number.text()));
    }
}

fn double(number: Number<'_>, out: &mut AttributeBuffer) {
    out.scalar(number.as_f64().map_or(Scalar::Str(number.text()), Scalar::F64));
}

/// Writes text that stands for a value of the type named `kind`, as vendors' tags have it.
pub(crate) fn typed_text(text: &str, kind: &str, out: &mut AttributeBuffer) {
    match kind {
        "bool" => match text {
            "true" | "True" => out.scalar(Scalar::Bool(true)),
            "false" | "False" => out.scalar(Scalar::Bool(false)),
            _ => out.scalar(Scalar::Str(text)),
        },
        "int64" | "int" | "long" => integer(Number::new(text), out),
        "float64" | "double" => double(Number::new(text), out),
        _ => out.scalar(Scalar::Str(text)),
    }
}

/// Reads the members of a plain object as attributes; anything else is skipped.
pub(crate) fn plain_attributes(
    c: &mut Cursor<'_>,
    strings: &mut Strings,
    out: &mut AttributeBuffer,
) -> Step<()> {
    if c.object_or_skip()? {
        while let Some(key) = c.key()? {
            out.key(strings, &key);
            any_json(c, out)?;
        }
    }
    Ok(())
}

/// Reads a list of attributes: OTLP's list of pairs, or a plain object.
pub(crate) fn otlp_attributes(
    c: &mut Cursor<'_>,
    strings: &mut Strings,
    out: &mut AttributeBuffer,
) -> Step<()> {
    match c.kind()? {
        Kind::Array => {
            c.begin_array()?;
            while c.item()? {
                let start = c.offset();
                if compact_pair(c, strings, out).is_none() {
                    c.seek(start);
                    if c.object_or_skip()? {
                        pair(c, strings, out)?;
                    }
                }
            }
        }
        Kind::Object => {
            c.begin_object()?;
            while let Some(key) = c.key()? {
                out.key(strings, &key);
                plain_or_wrapped(c, out)?;
            }
        }
        _ => c.skip()?,
    }
    Ok(())
}

/// In an object of attributes the values are plain, but some writers wrap them nevertheless.
fn plain_or_wrapped(c: &mut Cursor<'_>, out: &mut AttributeBuffer) -> Step<()> {
    if c.kind()? == Kind::Object {
        let mut ahead = c.clone();
        ahead.begin_object()?;
        if let Some(key) = ahead.key()?
            && wrapper(&key) != Wrapper::Unknown
        {
            return otlp_value(c, out);
        }
    }
    any_json(c, out)
}

/// Reads a pair with a scalar that is written as the standard and nearly all writers have it. Most of the text
/// of a file are such pairs, and this costs a fifth of reading them token by token. Writes nothing unless the
/// whole pair fits.
#[inline]
fn compact_pair(c: &mut Cursor<'_>, strings: &mut Strings, out: &mut AttributeBuffer) -> Option<()> {
    if !c.eat(b"{\"key\":\"") {
        return None;
    }
    let key = c.rest_of_string()?;
    if !c.eat(b",\"value\":{\"") {
        return None;
    }
    if c.eat(b"stringValue\":\"") {
        let text = c.rest_of_string()?;
        c.eat(b"}}").then_some(())?;
        out.add(strings, key, Scalar::Str(text));
    } else if c.eat(b"intValue\":\"") {
        let text = c.rest_of_string()?;
        c.eat(b"}}").then_some(())?;
        out.key(strings, key);
        integer(Number::new(text), out);
    } else if c.eat(b"intValue\":") {
        let word = c.plain_word()?;
        c.eat(b"}}").then_some(())?;
        let number = Number::new(word);
        number.is_integer().then_some(())?;
        out.key(strings, key);
        integer(number, out);
    } else if c.eat(b"doubleValue\":") {
        let value = Number::new(c.plain_word()?).as_f64()?;
        c.eat(b"}}").then_some(())?;
        out.add(strings, key, Scalar::F64(value));
    } else if c.eat(b"boolValue\":") {
        let truth = match c.plain_word()? {
            "true" => true,
            "false" => false,
            _ => return None,
        };
        c.eat(b"}}").then_some(())?;
        out.add(strings, key, Scalar::Bool(truth));
    } else {
        return None;
    }
    Some(())
}

/// The pair whose brace was just read.
#[inline]
fn pair(c: &mut Cursor<'_>, strings: &mut Strings, out: &mut AttributeBuffer) -> Step<()> {
    let mut named = false;
    let mut written = false;
    while let Some(key) = c.key()? {
        match key.as_ref() {
            "key" | "Key" if !named => {
                out.key(strings, &c.text()?);
                named = true;
            }
            "value" | "Value" if !written => {
                if !named {
                    out.key(strings, &key_ahead(c)?);
                    named = true;
                }
                otlp_value(c, out)?;
                written = true;
            }
            _ => c.skip()?,
        }
    }
    if named && !written {
        out.scalar(Scalar::Null);
    }
    Ok(())
}

/// The key of a pair whose value comes first.
#[cold]
fn key_ahead<'a>(c: &Cursor<'a>) -> Step<super::json::Text<'a>> {
    let mut ahead = c.clone();
    ahead.skip()?;
    while let Some(key) = ahead.key()? {
        if matches!(key.as_ref(), "key" | "Key") {
            return ahead.text();
        }
        ahead.skip()?;
    }
    Ok("".into())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Wrapper {
    Str,
    Bool,
    Int,
    Double,
    Bytes,
    Array,
    Map,
    /// `{"Value": {"StringValue": …}}`, as Go prints the structs of the protocol.
    Outer,
    Unknown,
}

#[inline]
fn wrapper(key: &str) -> Wrapper {
    match key {
        "stringValue" | "string_value" | "StringValue" => Wrapper::Str,
        "intValue" | "int_value" | "IntValue" => Wrapper::Int,
        "boolValue" | "bool_value" | "BoolValue" => Wrapper::Bool,
        "doubleValue" | "double_value" | "DoubleValue" => Wrapper::Double,
        "arrayValue" | "array_value" | "ArrayValue" => Wrapper::Array,
        "kvlistValue" | "kvlist_value" | "KvlistValue" => Wrapper::Map,
        "bytesValue" | "bytes_value" | "BytesValue" => Wrapper::Bytes,
        "Value" | "value" => Wrapper::Outer,
        _ => Wrapper::Unknown,
    }
}

/// What an open brace or bracket of a wrapped value is.
enum Open {
    /// `{"stringValue": …}`; whether its value was written.
    Wrapper { written: bool },
    /// `{"values": …}` of an array or a map.
    Body { is_map: bool },
    /// A list without that object around it.
    Bare,
    /// The list of values.
    List { is_map: bool },
    /// A pair of a map; whether its key was written, whether its value.
    Pair { named: bool, written: bool },
}

/// Writes an OTLP value; a bare JSON value in its place is taken as it is, an empty wrapper is null.
#[inline]
pub(crate) fn otlp_value(c: &mut Cursor<'_>, out: &mut AttributeBuffer) -> Step<()> {
    if c.kind()? != Kind::Object {
        return any_json(c, out);
    }
    // Nearly every value is one scalar in its wrapper.
    c.begin_object()?;
    let Some(key) = c.key()? else {
        out.scalar(Scalar::Null);
        return Ok(());
    };
    let wrapper = wrapper(&key);
    if matches!(wrapper, Wrapper::Str | Wrapper::Int | Wrapper::Bool | Wrapper::Double | Wrapper::Bytes)
        && c.kind()? != Kind::Null
    {
        scalar(c, wrapper, out)?;
        while c.key()?.is_some() {
            c.skip()?;
        }
        return Ok(());
    }
    let mut open = vec![Open::Wrapper { written: false }];
    enter(c, wrapper, &mut open, out)?;
    nested(c, open, out)
}

#[inline]
fn scalar(c: &mut Cursor<'_>, wrapper: Wrapper, out: &mut AttributeBuffer) -> Step<()> {
    match wrapper {
        Wrapper::Int => integer(c.number()?, out),
        Wrapper::Bool => out.scalar(Scalar::Bool(c.bool()?)),
        Wrapper::Double => double(c.number()?, out),
        Wrapper::Bytes => {
            let text = c.text()?;
            match decode_base64(&text) {
                Some(bytes) => out.scalar(Scalar::Bytes(&bytes)),
                None => out.scalar(Scalar::Str(&text)),
            }
        }
        _ => out.scalar(Scalar::Str(&c.text()?)),
    }
    Ok(())
}

/// Reads what stands behind the key of a wrapper and opens what is nested.
fn enter(c: &mut Cursor<'_>, wrapper: Wrapper, open: &mut Vec<Open>, out: &mut AttributeBuffer) -> Step<()> {
    let Some(Open::Wrapper { written }) = open.last_mut() else { return c.skip() };
    if *written || c.kind()? == Kind::Null || wrapper == Wrapper::Unknown {
        return c.skip();
    }
    *written = true;
    match wrapper {
        Wrapper::Array | Wrapper::Map => {
            let is_map = wrapper == Wrapper::Map;
            if is_map {
                out.begin_map();
            } else {
                out.begin_array();
            }
            match c.kind()? {
                Kind::Object => {
                    c.begin_object()?;
                    open.push(Open::Body { is_map });
                }
                Kind::Array => {
                    c.begin_array()?;
                    open.push(Open::Bare);
                    open.push(Open::List { is_map });
                }
                _ => {
                    c.skip()?;
                    out.end();
                }
            }
            Ok(())
        }
        Wrapper::Outer => {
            if c.kind()? != Kind::Object {
                return any_json(c, out);
            }
            c.begin_object()?;
            open.push(Open::Wrapper { written: false });
            Ok(())
        }
        _ => scalar(c, wrapper, out),
    }
}

/// Goes on until everything open is closed.
fn nested(c: &mut Cursor<'_>, mut open: Vec<Open>, out: &mut AttributeBuffer) -> Step<()> {
    while let Some(top) = open.last_mut() {
        match top {
            Open::Wrapper { written } => {
                if let Some(key) = c.key()? {
                    enter(c, wrapper(&key), &mut open, out)?;
                } else {
                    if !*written {
                        out.scalar(Scalar::Null);
                    }
                    open.pop();
                }
            }
            Open::Body { is_map } => {
                let is_map = *is_map;
                match c.key()? {
                    Some(key) if matches!(key.as_ref(), "values" | "Values") && c.kind()? == Kind::Array => {
                        c.begin_array()?;
                        open.push(Open::List { is_map });
                    }
                    Some(_) => c.skip()?,
                    None => {
                        out.end();
                        open.pop();
                    }
                }
            }
            Open::Bare => {
                out.end();
                open.pop();
            }
            Open::List { is_map } => {
                let is_map = *is_map;
                if !c.item()? {
                    open.pop();
                } else if c.kind()? != Kind::Object {
                    if is_map { c.skip()? } else { any_json(c, out)? }
                } else {
                    c.begin_object()?;
                    open.push(if is_map {
                        Open::Pair { named: false, written: false }
                    } else {
                        Open::Wrapper { written: false }
                    });
                }
            }
            Open::Pair { named, written } => {
                let Some(key) = c.key()? else {
                    if *named && !*written {
                        out.scalar(Scalar::Null);
                    }
                    open.pop();
                    continue;
                };
                match key.as_ref() {
                    "key" | "Key" if !*named => {
                        out.map_key(&c.text()?);
                        *named = true;
                    }
                    "value" | "Value" if !*written => {
                        if !*named {
                            out.map_key(&key_ahead(c)?);
                            *named = true;
                        }
                        *written = true;
                        if c.kind()? == Kind::Object {
                            c.begin_object()?;
                            open.push(Open::Wrapper { written: false });
                        } else {
                            any_json(c, out)?;
                        }
                    }
                    _ => c.skip()?,
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::attributes::Token;

    /// Keys and values as compact text.
    fn attributes(text: &str) -> String {
        let (mut strings, mut out) = (Strings::default(), AttributeBuffer::default());
        let read = otlp_attributes(&mut Cursor::new(text, true), &mut strings, &mut out);
        assert_eq!(read, Ok(()), "{text}");
        let word = |start: u32, len: u32| String::from_utf8_lossy(out.slice(start, len)).into_owned();
        let mut shown = Vec::new();
        for (at, token) in out.tokens.iter().enumerate() {
            if let Some(n) = out.starts.iter().position(|&s| s as usize == at) {
                shown.push(format!("{}=", strings.get(out.keys[n])));
            }
            shown.push(match *token {
                Token::Null => "null".into(),
                Token::Str { start, len } => format!("{:?}", word(start, len)),
                Token::Bool(v) => v.to_string(),
                Token::I64(v) => v.to_string(),
                Token::U64(v) => format!("{v}u"),
                Token::F64(v) => format!("{v:?}"),
                Token::Bytes { start, len } => format!("{:?}", out.slice(start, len)),
                Token::Array => "[".into(),
                Token::Map => "{".into(),
                Token::Key { start, len } => format!("{}:", word(start, len)),
                Token::End => "end".into(),
            });
        }
        assert_eq!(out.keys.len(), out.starts.len());
        shown.join(" ")
    }

    #[test]
    fn otlp_values_in_every_spelling() {
        for (text, expected) in [
            (r#"[{"key":"a","value":{"stringValue":"x"}}]"#, r#"a= "x""#),
            (r#"[{"key":"a","value":{"string_value":"x"}}]"#, r#"a= "x""#),
            (r#"[{"Key":"a","Value":{"Value":{"StringValue":"x"}}}]"#, r#"a= "x""#),
            (r#"[{"value":{"intValue":"7"},"key":"a"}]"#, "a= 7"),
            (r#"[{"key":"a","value":{"intValue":7}},{"key":"a","value":{"intValue":8}}]"#, "a= 7 a= 8"),
            (r#"[{"key":"a","value":{"intValue":"18446744073709551615"}}]"#, "a= 18446744073709551615u"),
            (r#"[{"key":"a","value":{"intValue":"99999999999999999999"}}]"#, r#"a= "99999999999999999999""#),
            (r#"[{"key":"a","value":{"doubleValue":1}}]"#, "a= 1.0"),
            (r#"[{"key":"a","value":{"doubleValue":"-Infinity"}}]"#, "a= -inf"),
            (r#"[{"key":"a","value":{"doubleValue":NaN}}]"#, "a= NaN"),
            (r#"[{"key":"a","value":{"boolValue":false}}]"#, "a= false"),
            (r#"[{"key":"a","value":{"bytesValue":"AAE="}}]"#, "a= [0, 1]"),
            (r#"[{"key":"a","value":{}},{"key":"b"},{"key":"c","value":null}]"#, "a= null b= null c= null"),
            (r#"[{"key":"a","value":"bare"},{"key":"b","value":[1,"x"]}]"#, r#"a= "bare" b= [ 1 "x" end"#),
            (
                r#"[{"key":"a","value":{"arrayValue":{"values":[{"intValue":1},{},{"stringValue":"x"}]}}}]"#,
                r#"a= [ 1 null "x" end"#,
            ),
            (r#"[{"key":"a","value":{"arrayValue":{}}}]"#, "a= [ end"),
            (r#"[{"key":"a","value":{"arrayValue":[{"intValue":1}]}}]"#, "a= [ 1 end"),
            (
                r#"[{"key":"a","value":{"kvlistValue":{"values":[{"value":{"intValue":1},"key":"k"},
                   {"key":"l","value":{"arrayValue":{"values":[{"boolValue":true}]}}},{"key":"m"}]}}}]"#,
                "a= { k: 1 l: [ true end m: null end",
            ),
            (
                r#"{"a":"x","b":1,"c":1.5,"d":[true],"e":{"f":null}}"#,
                r#"a= "x" b= 1 c= 1.5 d= [ true end e= { f: null end"#,
            ),
            (r#"{"a":{"stringValue":"x"}}"#, r#"a= "x""#),
            (r#"[{"key":"a","value":{"stringValue":null,"intValue":3}}]"#, "a= 3"),
            ("null", ""),
            ("[]", ""),
        ] {
            assert_eq!(attributes(text), expected, "{text}");
        }
    }

    #[test]
    fn deep_values_are_read_without_recursion() {
        let n = 100;
        let text = format!(
            r#"[{{"key":"a","value":{}{{"intValue":1}}{}}}]"#,
            r#"{"arrayValue":{"values":["#.repeat(n),
            "]}}".repeat(n)
        );
        assert_eq!(attributes(&text), format!("a= {}1{}", "[ ".repeat(n), " end".repeat(n)));
    }
}
