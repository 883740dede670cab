//! Tags of Jaeger in their three notations, and the tags that mean more than an attribute.

use super::ids::decode_base64;
use super::jaeger::Jaeger;
use super::json::{Cursor, Kind, Number, Step, Text};
use super::values::{any_json, typed_text};
use crate::model::attributes::{AttributeBuffer, Scalar};
use crate::model::record::{EventRecord, SpanRecord};
use crate::model::span::{SpanKind, Status};
use crate::model::strings::Strings;

/// Which of Jaeger's notations the tags have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flavor {
    /// `{key, type, value}`, binary in base64.
    Api,
    /// As above with every value as text, binary in hex.
    Elasticsearch,
    /// `{key, vType, vStr | vBool | …}`.
    Model,
}

/// Where tags with a meaning go.
pub(super) struct Meaning<'a> {
    kind: &'a mut SpanKind,
    status: &'a mut Status,
    message: &'a mut String,
    trace_state: &'a mut String,
    scope: &'a mut (String, String),
}

/// The attributes of a record apart from the fields that some tags set.
pub(super) fn split<'a>(
    record: &'a mut SpanRecord,
    jaeger: &'a mut Jaeger,
) -> (&'a mut AttributeBuffer, Meaning<'a>) {
    let SpanRecord { attributes, kind, status, status_message: message, trace_state, .. } = record;
    (attributes, Meaning { kind, status, message, trace_state, scope: &mut jaeger.scope })
}

impl Meaning<'_> {
    /// Takes a tag by its key and its value as text.
    pub(super) fn note(&mut self, key: &str, value: &str) {
        // Most keys are none of these, and the first letter tells.
        if !matches!(key.as_bytes().first(), Some(b's' | b'e' | b'o' | b'w')) {
            return;
        }
        let replace = |out: &mut String| {
            out.clear();
            out.push_str(value);
        };
        match key {
            "span.kind" => *self.kind = SpanKind::from_text(value),
            "error" if value.eq_ignore_ascii_case("true") || value == "1" => *self.status = Status::Error,
            "otel.status_code" if value.eq_ignore_ascii_case("ERROR") => *self.status = Status::Error,
            "otel.status_code" if value.eq_ignore_ascii_case("OK") && *self.status == Status::Unset => {
                *self.status = Status::Ok;
            }
            "otel.status_description" => replace(self.message),
            "w3c.tracestate" => replace(self.trace_state),
            "otel.scope.name" => replace(&mut self.scope.0),
            "otel.scope.version" => replace(&mut self.scope.1),
            "otel.library.name" if self.scope.0.is_empty() => replace(&mut self.scope.0),
            "otel.library.version" if self.scope.1.is_empty() => replace(&mut self.scope.1),
            _ => {}
        }
    }
}

/// Reads a list of tags; `note` sees each scalar as text.
pub(super) fn list(
    c: &mut Cursor<'_>,
    strings: &mut Strings,
    out: &mut AttributeBuffer,
    flavor: Flavor,
    mut note: impl FnMut(&str, &str),
) -> Step<()> {
    if !c.array_or_skip()? {
        return Ok(());
    }
    while c.item()? {
        let start = c.offset();
        if let Some((key, kind, value)) = compact_tag(c) {
            out.key(strings, key);
            match value {
                Plain::Text(text) => write_text(key, kind, text, out, flavor, &mut note),
                Plain::Number(number) => write_number(key, kind, number, out, &mut note),
                Plain::Truth(truth) => write_truth(key, truth, out, &mut note),
            }
            continue;
        }
        c.seek(start);
        if c.object_or_skip()? {
            let tag = Tag::read(c)?;
            tag.write(strings, out, flavor, &mut note)?;
        }
    }
    Ok(())
}

/// A value of the tag's usual notation.
enum Plain<'a> {
    Text(&'a str),
    Number(Number<'a>),
    Truth(bool),
}

/// Reads `{"key":…,"type":…,"value":…}` written in this order and without spaces: most of the text of a file.
#[inline]
fn compact_tag<'a>(c: &mut Cursor<'a>) -> Option<(&'a str, &'a str, Plain<'a>)> {
    c.eat(b"{\"key\":\"").then_some(())?;
    let key = c.rest_of_string()?;
    c.eat(b",\"type\":\"").then_some(())?;
    let kind = c.rest_of_string()?;
    c.eat(b",\"value\":").then_some(())?;
    let value = if c.eat(b"\"") {
        Plain::Text(c.rest_of_string()?)
    } else {
        match c.plain_word()? {
            "true" => Plain::Truth(true),
            "false" => Plain::Truth(false),
            word if word.starts_with(|c: char| c.is_ascii_digit() || c == '-') => {
                Plain::Number(Number::new(word))
            }
            _ => return None,
        }
    };
    c.eat(b"}").then_some((key, kind, value))
}

fn write_text(
    key: &str,
    kind: &str,
    text: &str,
    out: &mut AttributeBuffer,
    flavor: Flavor,
    note: &mut impl FnMut(&str, &str),
) {
    note(key, text);
    match kind {
        "string" => out.scalar(Scalar::Str(text)),
        "binary" => match binary(text, flavor) {
            Some(bytes) => out.scalar(Scalar::Bytes(&bytes)),
            None => out.scalar(Scalar::Str(text)),
        },
        kind => typed_text(text, kind, out),
    }
}

fn write_number(
    key: &str,
    kind: &str,
    number: Number<'_>,
    out: &mut AttributeBuffer,
    note: &mut impl FnMut(&str, &str),
) {
    note(key, number.text());
    if kind == "float64" {
        typed_text(number.text(), "float64", out);
    } else {
        super::values::number(number, out);
    }
}

fn write_truth(key: &str, truth: bool, out: &mut AttributeBuffer, note: &mut impl FnMut(&str, &str)) {
    note(key, if truth { "true" } else { "false" });
    out.scalar(Scalar::Bool(truth));
}

/// Reads tags as an object, in which Elasticsearch does not like dots: `{"http@status_code": "200"}`.
pub(super) fn object(
    c: &mut Cursor<'_>,
    strings: &mut Strings,
    out: &mut AttributeBuffer,
    mut note: impl FnMut(&str, &str),
) -> Step<()> {
    if !c.object_or_skip()? {
        return Ok(());
    }
    while let Some(key) = c.key()? {
        let key = key.replace('@', ".");
        out.key(strings, &key);
        if !matches!(c.kind()?, Kind::Object | Kind::Array) {
            note(&key, &c.clone().text()?);
        }
        any_json(c, out)?;
    }
    Ok(())
}

/// Reads the fields of a log: `event` is its name, the others its attributes.
pub(super) fn fields(
    c: &mut Cursor<'_>,
    strings: &mut Strings,
    event: &mut EventRecord,
    flavor: Flavor,
) -> Step<()> {
    event.name.clear();
    event.attributes.clear();
    if !c.array_or_skip()? {
        return Ok(());
    }
    while c.item()? {
        if !c.object_or_skip()? {
            continue;
        }
        let mut tag = Tag::read(c)?;
        if tag.key == "event" && event.name.is_empty() && tag.is_scalar()? {
            event.name.push_str(&tag.text()?);
        } else {
            tag.write(strings, &mut event.attributes, flavor, &mut |_, _| {})?;
        }
    }
    Ok(())
}

/// Names an event that has no field `event`.
pub(super) fn name_event(event: &mut EventRecord, strings: &Strings) {
    if event.name.is_empty() {
        let message = event.attributes.last_str(strings, "message").unwrap_or("log");
        event.name.push_str(message);
    }
}

/// A tag: its key, its stated type, and a cursor at its value.
struct Tag<'a> {
    key: Text<'a>,
    kind: Text<'a>,
    value: Option<Cursor<'a>>,
}

impl<'a> Tag<'a> {
    /// Reads the tag whose brace was just read. Its value is passed over and read again when its type is known.
    fn read(c: &mut Cursor<'a>) -> Step<Self> {
        let mut tag = Self { key: "".into(), kind: "".into(), value: None };
        while let Some(key) = c.key()? {
            match key.as_ref() {
                "key" => tag.key = c.text()?,
                "type" => tag.kind = c.text()?,
                "vType" | "v_type" => {
                    if tag.kind.is_empty() {
                        tag.kind = c.text()?;
                    } else {
                        c.skip()?;
                    }
                }
                "value" => tag.take(c)?,
                "vStr" | "v_str" => tag.take_as("string", c)?,
                "vBool" | "v_bool" => tag.take_as("bool", c)?,
                "vInt64" | "v_int64" => tag.take_as("int64", c)?,
                "vFloat64" | "v_float64" => tag.take_as("float64", c)?,
                "vBinary" | "v_binary" => tag.take_as("binary", c)?,
                _ => c.skip()?,
            }
        }
        Ok(tag)
    }

    fn take(&mut self, c: &mut Cursor<'a>) -> Step<()> {
        c.kind()?;
        self.value = Some(c.clone());
        c.skip()
    }

    fn take_as(&mut self, kind: &'static str, c: &mut Cursor<'a>) -> Step<()> {
        if c.kind()? == Kind::Null {
            return c.skip();
        }
        self.kind = kind.into();
        self.take(c)
    }

    fn is_scalar(&mut self) -> Step<bool> {
        Ok(match &mut self.value {
            Some(value) => !matches!(value.kind()?, Kind::Object | Kind::Array),
            None => false,
        })
    }

    fn text(&mut self) -> Step<Text<'a>> {
        match &mut self.value {
            Some(value) => value.text(),
            None => Ok("".into()),
        }
    }

    fn write(
        self,
        strings: &mut Strings,
        out: &mut AttributeBuffer,
        flavor: Flavor,
        note: &mut impl FnMut(&str, &str),
    ) -> Step<()> {
        out.key(strings, &self.key);
        let Some(mut value) = self.value else {
            // Protobuf leaves out what is zero.
            out.scalar(match self.kind.as_ref() {
                "BOOL" => Scalar::Bool(false),
                "INT64" => Scalar::I64(0),
                "FLOAT64" => Scalar::F64(0.0),
                "STRING" => Scalar::Str(""),
                _ => Scalar::Null,
            });
            return Ok(());
        };
        match value.kind()? {
            Kind::Object | Kind::Array => any_json(&mut value, out),
            Kind::String => {
                write_text(&self.key, &self.kind, &value.text()?, out, flavor, note);
                Ok(())
            }
            Kind::Number => {
                write_number(&self.key, &self.kind, value.number()?, out, note);
                Ok(())
            }
            Kind::Bool => {
                write_truth(&self.key, value.bool()?, out, note);
                Ok(())
            }
            Kind::Null => {
                out.scalar(Scalar::Null);
                Ok(())
            }
        }
    }
}

fn binary(text: &str, flavor: Flavor) -> Option<Vec<u8>> {
    if flavor != Flavor::Elasticsearch {
        return decode_base64(text);
    }
    let digit = |b: u8| char::from(b).to_digit(16).map(|d| d as u8);
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| match *pair {
            [high, low] => Some(digit(high)? << 4 | digit(low)?),
            _ => None,
        })
        .collect()
}
