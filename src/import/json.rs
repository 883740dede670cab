//! Pull reader over JSON text as it is found in files: strict JSON, and everything programs print instead.
//!
//! A [`Cursor`] walks a piece of text without building a tree: the caller asks for keys, items and scalars in
//! order and skips what it does not know. Strings without escapes are borrowed. When the text ends inside a
//! value the answer is [`Stop::NeedMore`] and the caller reads the unit again when more has come.
//!
//! Accepted beyond the standard: missing and trailing commas, control characters in strings, lone surrogates,
//! `NaN` and `Infinity`, and the notation of JavaScript's console (unquoted keys, single quotes, backticks,
//! strings joined by `+`, `undefined`, `[Object]`, class names before a brace, `... 3 more items`).

mod lenient;
mod strings;

use std::borrow::Cow;

pub(crate) use super::number::Number;
use strings::find_end;

/// Why reading stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The text ends within a value.
    NeedMore,
    /// The text cannot be continued to a value.
    Broken {
        /// Byte offset in the cursor's text.
        at: usize,
        /// What was expected.
        reason: &'static str,
    },
}

/// Result of a reading step.
pub(crate) type Step<T> = Result<T, Stop>;

/// Text of a string or literal, borrowed where it has no escapes.
pub(crate) type Text<'a> = Cow<'a, str>;

/// What the next value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Object,
    Array,
    String,
    Number,
    Bool,
    Null,
}

/// Values nested deeper than this are refused, so that no reader needs to fear for its stack.
pub(crate) const MAX_DEPTH: u32 = 512;

/// Position in a piece of text.
#[derive(Clone, Debug)]
pub(crate) struct Cursor<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    depth: u32,
    complete: bool,
}

impl<'a> Cursor<'a> {
    /// Starts at the beginning of `text`; `complete` says that nothing follows it.
    pub(crate) fn new(text: &'a str, complete: bool) -> Self {
        Self { text, bytes: text.as_bytes(), at: 0, depth: 0, complete }
    }

    /// Goes on at `at`, within so many open containers.
    pub(crate) fn resume(text: &'a str, at: usize, depth: usize, complete: bool) -> Self {
        Self { text, bytes: text.as_bytes(), at, depth: depth as u32, complete }
    }

    /// Bytes from here to the end of the text.
    pub(crate) fn remaining(&self) -> usize {
        self.bytes.len().saturating_sub(self.at)
    }

    /// Goes to another place in the text.
    pub(crate) fn seek(&mut self, at: usize) {
        self.at = at;
    }

    /// Byte offset in the text.
    pub(crate) fn offset(&self) -> usize {
        self.at
    }

    /// The text between two offsets of this cursor.
    pub(crate) fn slice(&self, from: usize, to: usize) -> &'a str {
        self.text.get(from..to).unwrap_or_default()
    }

    /// Skips whitespace and says what comes next.
    #[inline]
    pub(crate) fn kind(&mut self) -> Step<Kind> {
        match self.peek()? {
            b'{' => Ok(Kind::Object),
            b'"' | b'\'' | b'`' => Ok(Kind::String),
            b'0'..=b'9' => Ok(Kind::Number),
            b'[' => self.bracket_kind(),
            _ => self.word_kind(),
        }
    }

    /// Enters an object.
    #[inline]
    pub(crate) fn begin_object(&mut self) -> Step<()> {
        self.begin(b'{', "expected an object")
    }

    /// Enters an array.
    #[inline]
    pub(crate) fn begin_array(&mut self) -> Step<()> {
        self.begin(b'[', "expected an array")
    }

    /// The next key of the open object and the colon behind it; `None` when the object ended.
    #[inline]
    pub(crate) fn key(&mut self) -> Step<Option<Text<'a>>> {
        if let Some(key) = self.compact_key() {
            return Ok(Some(Cow::Borrowed(key)));
        }
        self.spaced_key()
    }

    /// A key as most writers have it: behind at most a comma, without spaces and escapes.
    #[inline]
    fn compact_key(&mut self) -> Option<&'a str> {
        let comma = self.bytes.get(self.at) == Some(&b',');
        let quote = self.at + usize::from(comma);
        if self.bytes.get(quote) != Some(&b'"') {
            return None;
        }
        let end = find_end(self.bytes, quote + 1, b'"')?;
        if self.bytes.get(end) != Some(&b'"') || self.bytes.get(end + 1) != Some(&b':') {
            return None;
        }
        self.at = end + 2;
        Some(self.slice(quote + 1, end))
    }

    fn spaced_key(&mut self) -> Step<Option<Text<'a>>> {
        if self.peek_past_commas()? == b'}' {
            self.leave();
            return Ok(None);
        }
        let key = self.key_text()?;
        if self.peek()? != b':' {
            return self.broken("expected ':' after a key");
        }
        self.at += 1;
        Ok(Some(key))
    }

    /// Moves to the next item of the open array; `false` when the array ended.
    #[inline]
    pub(crate) fn item(&mut self) -> Step<bool> {
        match self.peek_past_commas()? {
            b']' => {
                self.leave();
                Ok(false)
            }
            b'}' | b':' => self.broken("expected an item or ']'"),
            _ => Ok(true),
        }
    }

    /// Goes to a value wherever it is: whether the next one is `null` (which is then read).
    pub(crate) fn null(&mut self) -> Step<bool> {
        if self.kind()? != Kind::Null {
            return Ok(false);
        }
        self.skip()?;
        Ok(true)
    }

    /// Enters an object if the next value is one; anything else is skipped.
    #[inline]
    pub(crate) fn object_or_skip(&mut self) -> Step<bool> {
        if self.kind()? == Kind::Object {
            self.begin_object()?;
            return Ok(true);
        }
        self.skip()?;
        Ok(false)
    }

    /// Enters an array if the next value is one; anything else is skipped.
    #[inline]
    pub(crate) fn array_or_skip(&mut self) -> Step<bool> {
        if self.kind()? == Kind::Array {
            self.begin_array()?;
            return Ok(true);
        }
        self.skip()?;
        Ok(false)
    }

    /// A scalar as text: a string's content, a number's or a truth value's literal, nothing for `null`, and
    /// for an object or array its JSON.
    #[inline]
    pub(crate) fn text(&mut self) -> Step<Text<'a>> {
        let first = self.peek()?;
        if first == b'"' { self.string(first) } else { self.other_text() }
    }

    /// A number, or a string that should hold one; check with the methods of [`Number`].
    #[inline]
    pub(crate) fn number(&mut self) -> Step<Number<'a>> {
        Ok(match self.peek()? {
            b'0'..=b'9' | b'-' => Number::new(self.word()?),
            b'"' => match self.string(b'"')? {
                Cow::Borrowed(text) => Number::new(text.trim()),
                Cow::Owned(_) => Number::new(""),
            },
            _ => match self.text()? {
                Cow::Borrowed(text) => Number::new(text),
                Cow::Owned(_) => Number::new(""),
            },
        })
    }

    /// An integer; 0 where there is none.
    pub(crate) fn i64(&mut self) -> Step<i64> {
        Ok(self.number()?.as_i64().unwrap_or(0))
    }

    /// An unsigned integer; 0 where there is none.
    pub(crate) fn u64(&mut self) -> Step<u64> {
        Ok(self.number()?.as_u64().unwrap_or(0))
    }

    /// An unsigned integer that fits a counter; larger ones are cut off.
    pub(crate) fn u32(&mut self) -> Step<u32> {
        Ok(u32::try_from(self.u64()?).unwrap_or(u32::MAX))
    }

    /// A truth value: `true`, `"true"`, `"True"`, or a number other than 0.
    pub(crate) fn bool(&mut self) -> Step<bool> {
        let text = self.text()?;
        Ok(text.eq_ignore_ascii_case("true") || Number::new(&text).as_i64().is_some_and(|n| n != 0))
    }

    /// Takes `literal` if exactly that comes next. With [`Self::rest_of_string`] and [`Self::plain_word`] this
    /// reads small objects by a guess at how they are written; a wrong guess goes back with [`Self::seek`].
    #[inline]
    pub(crate) fn eat(&mut self, literal: &[u8]) -> bool {
        let comes = self.rest().starts_with(literal);
        if comes {
            self.at += literal.len();
        }
        comes
    }

    /// A string whose opening quote was taken, if it is all there and has no escapes.
    #[inline]
    pub(crate) fn rest_of_string(&mut self) -> Option<&'a str> {
        let from = self.at;
        let end = find_end(self.bytes, from, b'"')?;
        if self.bytes.get(end) != Some(&b'"') {
            return None;
        }
        self.at = end + 1;
        Some(self.slice(from, end))
    }

    /// A number or literal, if it is all there.
    #[inline]
    pub(crate) fn plain_word(&mut self) -> Option<&'a str> {
        self.word().ok().filter(|word| !word.is_empty())
    }

    /// Skips a value of any kind.
    pub(crate) fn skip(&mut self) -> Step<()> {
        let base = self.depth;
        // One bit per open container: whether it is an object.
        let mut objects = [0_u64; (MAX_DEPTH as usize + 64) / 64];
        loop {
            match self.kind()? {
                Kind::Object => {
                    self.begin_object()?;
                    set_bit(&mut objects, self.depth, true);
                }
                Kind::Array => {
                    self.begin_array()?;
                    set_bit(&mut objects, self.depth, false);
                }
                Kind::String => self.skip_string()?,
                Kind::Number | Kind::Bool | Kind::Null => {
                    self.word()?;
                }
            }
            loop {
                if self.depth == base {
                    return Ok(());
                }
                let more = if bit(&objects, self.depth) { self.skip_key()? } else { self.item()? };
                if more {
                    break;
                }
            }
        }
    }

    /// Skips a value and gives its text.
    pub(crate) fn raw(&mut self) -> Step<&'a str> {
        self.peek()?;
        let from = self.at;
        self.skip()?;
        Ok(self.slice(from, self.at))
    }

    pub(crate) fn broken<T>(&self, reason: &'static str) -> Step<T> {
        Err(Stop::Broken { at: self.at, reason })
    }

    /// The next byte that is not whitespace, without taking it.
    #[inline]
    pub(crate) fn peek(&mut self) -> Step<u8> {
        while let Some(&byte) = self.bytes.get(self.at) {
            if byte > b' ' {
                return Ok(byte);
            }
            self.at += 1;
        }
        Err(Stop::NeedMore)
    }

    #[inline]
    fn peek_past_commas(&mut self) -> Step<u8> {
        while let Some(&byte) = self.bytes.get(self.at) {
            if byte == b'.' {
                self.past_ellipsis()?;
            } else if byte > b' ' && byte != b',' {
                return Ok(byte);
            } else {
                self.at += 1;
            }
        }
        Err(Stop::NeedMore)
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    #[inline]
    fn begin(&mut self, open: u8, reason: &'static str) -> Step<()> {
        if self.peek()? != open {
            // A class name may stand before the brace; `kind` steps over it.
            self.kind()?;
            if self.peek()? != open {
                return self.broken(reason);
            }
        }
        if self.depth >= MAX_DEPTH {
            return self.broken("nested too deeply");
        }
        if self.depth > 1 && open == b'{' && self.at_next_line() {
            return self.broken("the line before was cut off");
        }
        self.depth += 1;
        self.at += 1;
        Ok(())
    }

    /// Whether a line of OTLP starts here. Within a value it can only be the one after a line that was cut
    /// off; without this it would be taken for an item of that one, since commas may be missing.
    #[inline]
    fn at_next_line(&self) -> bool {
        self.at > 0
            && self.bytes.get(self.at - 1) == Some(&b'\n')
            && (self.rest().starts_with(b"{\"resourceSpans\"")
                || self.rest().starts_with(b"{\"resource_spans\""))
    }

    #[inline]
    fn leave(&mut self) {
        self.at += 1;
        self.depth = self.depth.saturating_sub(1);
    }

    #[inline]
    fn key_text(&mut self) -> Step<Text<'a>> {
        match self.bytes.get(self.at) {
            Some(b'"') => self.string(b'"'),
            Some(&quote @ (b'\'' | b'`')) => self.string(quote),
            Some(b'[') => {
                // `[Symbol(name)]: …`
                let from = self.at;
                let Some(end) = memchr::memchr(b']', self.rest()) else { return Err(Stop::NeedMore) };
                self.at += end + 1;
                Ok(Cow::Borrowed(self.slice(from, self.at)))
            }
            _ => {
                let word = self.word()?;
                if word.is_empty() { self.broken("expected a key or '}'") } else { Ok(Cow::Borrowed(word)) }
            }
        }
    }

    fn skip_key(&mut self) -> Step<bool> {
        if self.peek_past_commas()? == b'}' {
            self.leave();
            return Ok(false);
        }
        if self.bytes.get(self.at) == Some(&b'"') {
            self.skip_string()?;
        } else {
            self.key_text()?;
        }
        if self.peek()? != b':' {
            return self.broken("expected ':' after a key");
        }
        self.at += 1;
        Ok(true)
    }

    /// A word without quotes: a number, `true`, `undefined`, an unquoted key. Empty when none is there.
    #[inline]
    fn word(&mut self) -> Step<&'a str> {
        let from = self.at;
        let mut at = from;
        while self.bytes.get(at).is_some_and(|&b| WORD[b as usize]) {
            at += 1;
        }
        if at == self.bytes.len() && !self.complete {
            return Err(Stop::NeedMore);
        }
        self.at = at;
        Ok(self.slice(from, at))
    }
}

/// Characters of words without quotes: numbers, literals, keys and dates of JavaScript.
const WORD: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let b = byte as u8;
        table[byte] = b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$' | b'-' | b'+' | b'.') || b >= 0x80;
        byte += 1;
    }
    table
};

fn set_bit(bits: &mut [u64], at: u32, on: bool) {
    if let Some(word) = bits.get_mut(at as usize / 64) {
        let mask = 1 << (at % 64);
        *word = if on { *word | mask } else { *word & !mask };
    }
}

fn bit(bits: &[u64], at: u32) -> bool {
    bits.get(at as usize / 64).is_some_and(|word| word >> (at % 64) & 1 == 1)
}

#[cfg(test)]
mod tests;
