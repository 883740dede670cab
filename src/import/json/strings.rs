//! Strings: found by eight bytes at once, borrowed where they have no escapes, joined where JavaScript cuts them.

use std::borrow::Cow;

use super::{Cursor, Step, Stop, Text};

impl<'a> Cursor<'a> {
    pub(super) fn skip_string(&mut self) -> Step<()> {
        let mut quote = self.peek()?;
        if !matches!(quote, b'"' | b'\'' | b'`') {
            // A bare word, or `[Object]`.
            self.other_text()?;
            return Ok(());
        }
        loop {
            self.at += 1;
            loop {
                let end = find_end(self.bytes, self.at, quote).ok_or(Stop::NeedMore)?;
                if self.bytes.get(end) == Some(&quote) {
                    self.at = end + 1;
                    break;
                }
                self.at = end + 2;
            }
            match self.joined()? {
                Some(next) => quote = next,
                None => return Ok(()),
            }
        }
    }

    /// A quoted string at the current place.
    #[inline]
    pub(super) fn string(&mut self, quote: u8) -> Step<Text<'a>> {
        let from = self.at + 1;
        let end = find_end(self.bytes, from, quote).ok_or(Stop::NeedMore)?;
        if self.bytes.get(end) == Some(&quote) {
            self.at = end + 1;
            if self.bytes.get(end + 1).is_some_and(|b| matches!(b, b',' | b':' | b'}' | b']')) {
                return Ok(Cow::Borrowed(self.slice(from, end)));
            }
            return match self.joined()? {
                None => Ok(Cow::Borrowed(self.slice(from, end))),
                Some(quote) => {
                    let mut text = self.slice(from, end).to_owned();
                    self.unescape(quote, self.at + 1, &mut text)?;
                    Ok(Cow::Owned(text))
                }
            };
        }
        let mut text = String::new();
        self.unescape(quote, from, &mut text)?;
        Ok(Cow::Owned(text))
    }

    /// Whether ` +` and another string follow; then the place is at its quote.
    #[inline]
    fn joined(&mut self) -> Step<Option<u8>> {
        let mut at = self.at;
        let mut plus = false;
        while let Some(&byte) = self.bytes.get(at) {
            match byte {
                0..=b' ' => {}
                b'+' if !plus => plus = true,
                b'"' | b'\'' | b'`' if plus => {
                    self.at = at;
                    return Ok(Some(byte));
                }
                _ => return Ok(None),
            }
            at += 1;
        }
        // Within a container something must follow; a string alone may be the end.
        if self.complete || self.depth == 0 { Ok(None) } else { Err(Stop::NeedMore) }
    }

    #[cold]
    fn unescape(&mut self, quote: u8, from: usize, out: &mut String) -> Step<()> {
        let (mut at, mut quote) = (from, quote);
        loop {
            let end = find_end(self.bytes, at, quote).ok_or(Stop::NeedMore)?;
            out.push_str(self.slice(at, end));
            if self.bytes.get(end) == Some(&quote) {
                self.at = end + 1;
                let Some(next) = self.joined()? else { return Ok(()) };
                quote = next;
                at = self.at + 1;
                continue;
            }
            let &code = self.bytes.get(end + 1).ok_or(Stop::NeedMore)?;
            at = end + 2;
            match code {
                b'n' => out.push('\n'),
                b't' => out.push('\t'),
                b'r' => out.push('\r'),
                b'b' => out.push('\u{8}'),
                b'f' => out.push('\u{c}'),
                b'v' => out.push('\u{b}'),
                b'0' => out.push('\0'),
                b'x' => {
                    let byte = self.hex(at, 2)?;
                    out.push(byte.and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER));
                    at += if byte.is_some() { 2 } else { 0 };
                }
                b'u' => at = self.unicode_escape(at, out)?,
                b'\n' => {}
                // The character itself, which may be more than one byte long.
                _ => at = end + 1,
            }
            if at == end + 1 {
                let next = self.text.get(at..).and_then(|t| t.chars().next()).ok_or(Stop::NeedMore)?;
                out.push(next);
                at += next.len_utf8();
            }
        }
    }

    /// Reads behind `\u`; gives the place behind the escape, or behind both halves of a pair.
    fn unicode_escape(&self, at: usize, out: &mut String) -> Step<usize> {
        let Some(first) = self.hex(at, 4)? else {
            out.push(char::REPLACEMENT_CHARACTER);
            return Ok(at);
        };
        let behind = at + 4;
        if (0xd800..0xdc00).contains(&first) {
            let follows = match (self.bytes.get(behind), self.bytes.get(behind + 1)) {
                (Some(b'\\'), Some(b'u')) => self.hex(behind + 2, 4)?,
                (None, _) | (Some(b'\\'), None) => return Err(Stop::NeedMore),
                _ => None,
            };
            if let Some(low) = follows.filter(|low| (0xdc00..0xe000).contains(low)) {
                let code = 0x1_0000 + ((first - 0xd800) << 10) + (low - 0xdc00);
                out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                return Ok(behind + 6);
            }
        }
        out.push(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
        Ok(behind)
    }

    fn hex(&self, at: usize, digits: usize) -> Step<Option<u32>> {
        let bytes = self.bytes.get(at..at + digits).ok_or(Stop::NeedMore)?;
        let value = bytes.iter().try_fold(0, |sum, &b| Some(sum * 16 + char::from(b).to_digit(16)?));
        Ok(value)
    }
}

const fn splat(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// Marks the bytes of `word` that equal those of `pattern`; exact up to the first.
#[inline]
const fn equal_bytes(word: u64, pattern: u64) -> u64 {
    let x = word ^ pattern;
    x.wrapping_sub(splat(1)) & !x & splat(0x80)
}

/// The first `quote` or backslash from `at` on. Most strings are short: eight bytes at once beat a call.
#[inline]
pub(super) fn find_end(bytes: &[u8], at: usize, quote: u8) -> Option<usize> {
    let pattern = splat(quote);
    let mut at = at;
    while let Some(chunk) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let word = u64::from_le_bytes(*chunk);
        let found = equal_bytes(word, pattern) | equal_bytes(word, splat(b'\\'));
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    let rest = bytes.get(at..)?;
    rest.iter().position(|&b| b == quote || b == b'\\').map(|n| at + n)
}
