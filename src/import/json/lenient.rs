//! What is no JSON and printed by programs nevertheless: bare words, class names, `[Object]`, cut lists.

use std::borrow::Cow;

use super::{Cursor, Kind, Step, Stop, Text};

impl<'a> Cursor<'a> {
    /// `... 3 more items`, as JavaScript's console cuts long lists.
    #[cold]
    pub(super) fn past_ellipsis(&mut self) -> Step<()> {
        if !self.rest().starts_with(b"..") {
            return self.broken("expected a key or an item");
        }
        let Some(end) = memchr::memchr3(b'\n', b']', b'}', self.rest()) else { return Err(Stop::NeedMore) };
        self.at += end;
        Ok(())
    }

    pub(super) fn word_kind(&mut self) -> Step<Kind> {
        let from = self.at;
        if self.bytes.get(from) == Some(&b'<') {
            // `<ref *1> {`
            let Some(end) = memchr::memchr2(b'>', b'\n', self.rest()) else { return Err(Stop::NeedMore) };
            self.at += end + 1;
            return self.prefixed_kind(from);
        }
        let word = self.word()?;
        let after = self.at;
        self.at = from;
        Ok(match word {
            "" => return self.broken("expected a value"),
            "true" | "false" | "True" | "False" => Kind::Bool,
            "null" | "undefined" | "None" => Kind::Null,
            "NaN" | "Infinity" | "inf" => Kind::Number,
            _ if word.starts_with('-') => Kind::Number,
            _ => {
                self.at = after;
                return self.prefixed_kind(from);
            }
        })
    }

    /// After a class name: the container behind it, or the bare word itself, read as a string.
    fn prefixed_kind(&mut self, from: usize) -> Step<Kind> {
        // `Map(2) {`
        if self.at == self.bytes.len() && !self.complete {
            return Err(Stop::NeedMore);
        }
        if self.bytes.get(self.at) == Some(&b'(') {
            let Some(end) = memchr::memchr2(b')', b'\n', self.rest()) else { return Err(Stop::NeedMore) };
            self.at += end + 1;
        }
        if self.at == self.bytes.len() && !self.complete {
            return Err(Stop::NeedMore);
        }
        if self.bytes.get(self.at) == Some(&b' ') {
            match self.bytes.get(self.at + 1) {
                Some(b'{') => {
                    self.at += 1;
                    return Ok(Kind::Object);
                }
                Some(b'[') => {
                    self.at += 1;
                    return Ok(Kind::Array);
                }
                Some(b'A'..=b'Z') if self.bytes.get(from) == Some(&b'<') => {
                    self.at += 1;
                    return self.word_kind();
                }
                None if !self.complete => return Err(Stop::NeedMore),
                _ => {}
            }
        }
        self.at = from;
        if self.bytes.get(from) == Some(&b'<') {
            return self.broken("expected a value");
        }
        Ok(Kind::String)
    }

    /// `[` opens an array, unless it is `[Object]` and its like.
    pub(super) fn bracket_kind(&mut self) -> Step<Kind> {
        match self.bytes.get(self.at + 1) {
            Some(b'A'..=b'Z' | b'c') => {}
            None if !self.complete => return Err(Stop::NeedMore),
            _ => return Ok(Kind::Array),
        }
        let Some(end) = memchr::memchr2(b']', b'\n', self.rest()) else {
            return if self.complete { Ok(Kind::Array) } else { Err(Stop::NeedMore) };
        };
        let inside = self.slice(self.at + 1, self.at + end);
        if inside == "Object: null prototype" {
            self.at += end + 1;
            return match self.peek()? {
                b'{' => Ok(Kind::Object),
                _ => self.broken("expected an object"),
            };
        }
        let name = inside.split([' ', ':', '(']).next().unwrap_or_default();
        let opaque =
            ["Object", "Array", "Function", "AsyncFunction", "Circular", "Getter", "Getter/Setter", "Setter"];
        Ok(if opaque.contains(&name) || name == "class" { Kind::String } else { Kind::Array })
    }

    #[cold]
    pub(super) fn other_text(&mut self) -> Step<Text<'a>> {
        let kind = self.kind()?;
        let first = self.peek()?;
        Ok(match (kind, first) {
            (Kind::String, b'\'' | b'`') => return self.string(first),
            (Kind::String, b'[') => {
                let from = self.at;
                let Some(end) = memchr::memchr(b']', self.rest()) else { return Err(Stop::NeedMore) };
                self.at += end + 1;
                Cow::Borrowed(self.slice(from, self.at))
            }
            (Kind::Null, _) => {
                self.word()?;
                Cow::Borrowed("")
            }
            (Kind::Object | Kind::Array, _) => Cow::Borrowed(self.raw()?),
            _ => Cow::Borrowed(self.word()?),
        })
    }
}
