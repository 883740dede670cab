//! Attribute values: how importers write them, how they are packed, how they are read back.
//!
//! A list of attributes is one run of bytes: a count, then for each attribute its key and its value, so that
//! a span's attributes cost no allocation and about as many bytes as their texts. Order and duplicates of
//! keys are kept.

use super::index::StringIdx;
use super::strings::Strings;

/// The value of an attribute as it is read back.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the types of OTLP's AnyValue, and U64 and Null which occur in files")]
pub enum Value<'a> {
    Null,
    Str(&'a str),
    Bool(bool),
    I64(i64),
    U64(u64),
    F64(f64),
    Bytes(&'a [u8]),
    Array(Vec<Value<'a>>),
    Map(Vec<(&'a str, Value<'a>)>),
}

/// A scalar as an importer writes it.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(missing_docs, reason = "as in `Value`")]
pub enum Scalar<'a> {
    Null,
    Str(&'a str),
    Bool(bool),
    I64(i64),
    U64(u64),
    F64(f64),
    Bytes(&'a [u8]),
}

impl<'a> From<Scalar<'a>> for Value<'a> {
    fn from(scalar: Scalar<'a>) -> Self {
        match scalar {
            Scalar::Null => Self::Null,
            Scalar::Str(v) => Self::Str(v),
            Scalar::Bool(v) => Self::Bool(v),
            Scalar::I64(v) => Self::I64(v),
            Scalar::U64(v) => Self::U64(v),
            Scalar::F64(v) => Self::F64(v),
            Scalar::Bytes(v) => Self::Bytes(v),
        }
    }
}

/// One step of writing a value: a scalar, or the start or end of something nested.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Token {
    Null,
    Str {
        start: u32,
        len: u32,
    },
    Bool(bool),
    I64(i64),
    U64(u64),
    F64(f64),
    Bytes {
        start: u32,
        len: u32,
    },
    /// Followed by its items and `End`.
    Array,
    /// Followed by pairs of `Key` and value, and `End`.
    Map,
    Key {
        start: u32,
        len: u32,
    },
    End,
}

/// Attributes being written by an importer: reused from span to span, so writing allocates nothing in the
/// long run.
///
/// ```
/// use spanscope::model::attributes::{AttributeBuffer, Scalar};
/// use spanscope::model::strings::Strings;
///
/// let (mut strings, mut attributes) = (Strings::default(), AttributeBuffer::default());
/// attributes.add(&mut strings, "http.route", Scalar::Str("/cart"));
/// attributes.key(&mut strings, "retries");
/// attributes.begin_array();
/// attributes.scalar(Scalar::I64(1));
/// attributes.end();
/// ```
#[derive(Clone, Debug, Default)]
pub struct AttributeBuffer {
    pub(crate) keys: Vec<StringIdx>,
    /// Where the tokens of each attribute start.
    pub(crate) starts: Vec<u32>,
    pub(crate) tokens: Vec<Token>,
    pub(crate) bytes: Vec<u8>,
    /// Keys of the previous list by position: they mostly repeat.
    guesses: Vec<StringIdx>,
}

impl AttributeBuffer {
    /// Forgets all attributes, keeping the memory.
    pub fn clear(&mut self) {
        if !self.keys.is_empty() {
            std::mem::swap(&mut self.guesses, &mut self.keys);
        }
        self.keys.clear();
        self.starts.clear();
        self.tokens.clear();
        self.bytes.clear();
    }

    /// Number of attributes.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is no attribute.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Adds an attribute with a scalar value.
    pub fn add(&mut self, strings: &mut Strings, key: &str, value: Scalar<'_>) {
        self.key(strings, key);
        self.scalar(value);
    }

    /// Starts an attribute; its value must follow. A key without value reads as null.
    pub fn key(&mut self, strings: &mut Strings, key: &str) {
        let guess = self.guesses.get(self.keys.len()).copied().unwrap_or(Strings::EMPTY);
        self.keys.push(strings.intern_guess(key, guess));
        self.starts.push(self.tokens.len() as u32);
    }

    /// Writes a scalar: the value of the last key, or the next item of the open array or map.
    pub fn scalar(&mut self, value: Scalar<'_>) {
        let token = match value {
            Scalar::Null => Token::Null,
            Scalar::Bool(v) => Token::Bool(v),
            Scalar::I64(v) => Token::I64(v),
            Scalar::U64(v) => Token::U64(v),
            Scalar::F64(v) => Token::F64(v),
            Scalar::Str(text) => {
                let (start, len) = self.text(text.as_bytes());
                Token::Str { start, len }
            }
            Scalar::Bytes(bytes) => {
                let (start, len) = self.text(bytes);
                Token::Bytes { start, len }
            }
        };
        self.tokens.push(token);
    }

    /// Opens an array as the next value.
    pub fn begin_array(&mut self) {
        self.tokens.push(Token::Array);
    }

    /// Opens a map as the next value.
    pub fn begin_map(&mut self) {
        self.tokens.push(Token::Map);
    }

    /// Names the next value of the open map.
    pub fn map_key(&mut self, key: &str) {
        let (start, len) = self.text(key.as_bytes());
        self.tokens.push(Token::Key { start, len });
    }

    /// Closes the innermost open array or map.
    pub fn end(&mut self) {
        self.tokens.push(Token::End);
    }

    /// Appends all attributes of `other`.
    pub fn append(&mut self, other: &Self) {
        let (token_base, byte_base) = (self.tokens.len() as u32, self.bytes.len() as u32);
        self.keys.extend_from_slice(&other.keys);
        self.starts.extend(other.starts.iter().map(|start| start + token_base));
        self.bytes.extend_from_slice(&other.bytes);
        self.tokens.extend(other.tokens.iter().map(|&token| match token {
            Token::Str { start, len } => Token::Str { start: start + byte_base, len },
            Token::Bytes { start, len } => Token::Bytes { start: start + byte_base, len },
            Token::Key { start, len } => Token::Key { start: start + byte_base, len },
            other => other,
        }));
    }

    /// The text of the last value written for `key`, when it is a string: importers look back for tags with
    /// a meaning of their own.
    pub fn last_str<'a>(&'a self, strings: &Strings, key: &str) -> Option<&'a str> {
        let wanted = strings.find(key)?;
        let at = self.keys.iter().rposition(|&k| k == wanted)?;
        match *self.tokens.get(*self.starts.get(at)? as usize)? {
            Token::Str { start, len } => std::str::from_utf8(self.slice(start, len)).ok(),
            _ => None,
        }
    }

    /// The last value written for `key`, when it is a scalar.
    pub fn last_scalar<'a>(&'a self, strings: &Strings, key: &str) -> Option<Scalar<'a>> {
        let wanted = strings.find(key)?;
        let at = self.keys.iter().rposition(|&k| k == wanted)?;
        Some(match *self.tokens.get(*self.starts.get(at)? as usize)? {
            Token::Null => Scalar::Null,
            Token::Bool(v) => Scalar::Bool(v),
            Token::I64(v) => Scalar::I64(v),
            Token::U64(v) => Scalar::U64(v),
            Token::F64(v) => Scalar::F64(v),
            Token::Str { start, len } => Scalar::Str(std::str::from_utf8(self.slice(start, len)).ok()?),
            Token::Bytes { start, len } => Scalar::Bytes(self.slice(start, len)),
            Token::Array | Token::Map | Token::Key { .. } | Token::End => return None,
        })
    }

    pub(crate) fn slice(&self, start: u32, len: u32) -> &[u8] {
        self.bytes.get(start as usize..(start + len) as usize).unwrap_or_default()
    }

    fn text(&mut self, bytes: &[u8]) -> (u32, u32) {
        let start = self.bytes.len() as u32;
        self.bytes.extend_from_slice(bytes);
        (start, bytes.len() as u32)
    }
}
