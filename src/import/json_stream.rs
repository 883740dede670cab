//! Text to values to records: the reader of all JSON formats.
//!
//! Holds no more text than the unit at work: a span, an event, a small object. One document, lines of JSON,
//! documents one after the other, log lines around them and broken values between them all go the same way.

use super::context::Context;
use super::json::{Cursor, Step, Stop};
use super::json_walk::{Note, Walker};
use super::{ImportError, Stage};
use crate::model::warning::{Example, WarningCode};

/// A line without JSON is not waited for beyond this.
const MAX_LINE: usize = 1 << 20;
/// Lines of the input are counted up to here; beyond, a warning has its byte offset only.
const COUNT_LINES: u64 = 64 << 20;
/// How often reading starts anew after a value that swallowed the rest of the file.
const MAX_RESTARTS: u32 = 64;

/// Reads UTF-8 text that holds JSON values.
#[derive(Debug, Default)]
pub(crate) struct JsonStage {
    /// Text that is not done with, and some that is, before `start`.
    text: String,
    start: usize,
    /// Bytes of a character that is not complete.
    held: Vec<u8>,
    walker: Walker,
    place: Place,
    /// Text that must be there before the unit at work is tried again: it grows with the unit, so that the
    /// cost stays linear.
    wanted: usize,
    /// Skip to the next line that starts a value.
    is_lost: bool,
    restarts: u32,
    bytes_fed: u64,
    /// Sequences that are not UTF-8, and where the first stood.
    n_invalid: u64,
    first_invalid: u64,
    /// The first line without JSON.
    first_words: Option<String>,
}

/// Where the text stands in the input.
#[derive(Debug, Default)]
struct Place {
    /// Offset of the text's first byte.
    base: u64,
    /// Line feeds before the text.
    lines: u64,
}

impl Place {
    fn advance(&mut self, done: &str) {
        if self.base < COUNT_LINES {
            self.lines += count_lines(done);
        }
        self.base += done.len() as u64;
    }

    fn warn(&self, ctx: &mut Context, text: &str, note: Note) {
        let Note { code, at, text: words } = note;
        let name = &ctx.file.name;
        ctx.builder.warnings.add(code, || Example {
            record: None,
            offset: Some(self.base + at as u64),
            line: (self.base < COUNT_LINES)
                .then(|| self.lines + count_lines(text.get(..at).unwrap_or_default()) + 1),
            detail: format!("{name}: {words}"),
        });
    }
}

fn count_lines(text: &str) -> u64 {
    memchr::memchr_iter(b'\n', text.as_bytes()).count() as u64
}

impl JsonStage {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// For text that was wrapped in strings, so many times.
    pub(super) fn nested(level: u8) -> Self {
        Self { walker: Walker::new(level), ..Self::default() }
    }

    /// Appends the bytes as text.
    fn append(&mut self, bytes: &[u8]) {
        if self.start > 0 && self.start >= self.text.len() / 2 {
            self.place.advance(self.text.get(..self.start).unwrap_or_default());
            self.text.drain(..self.start);
            self.start = 0;
        }
        let joined;
        let mut rest = bytes;
        let mut at = self.bytes_fed;
        if !self.held.is_empty() {
            at -= self.held.len() as u64;
            let mut held = std::mem::take(&mut self.held);
            held.extend_from_slice(bytes);
            joined = held;
            rest = &joined;
        }
        self.bytes_fed += bytes.len() as u64;
        loop {
            match std::str::from_utf8(rest) {
                Ok(text) => return self.text.push_str(text),
                Err(error) => {
                    let (valid, invalid) = rest.split_at(error.valid_up_to());
                    self.text.push_str(std::str::from_utf8(valid).unwrap_or_default());
                    let Some(n) = error.error_len() else {
                        self.held = invalid.to_vec();
                        return;
                    };
                    self.invalid(at + valid.len() as u64);
                    at += (valid.len() + n) as u64;
                    rest = invalid.get(n..).unwrap_or_default();
                }
            }
        }
    }

    fn invalid(&mut self, at: u64) {
        if self.n_invalid == 0 {
            self.first_invalid = at;
        }
        self.n_invalid += 1;
        self.text.push(char::REPLACEMENT_CHARACTER);
    }

    /// Reads as far as the text goes.
    fn run(&mut self, ctx: &mut Context, complete: bool) {
        loop {
            let (mark, stop) = self.advance(ctx, complete);
            ctx.record.clear();
            match stop {
                Some(Stop::Broken { at, reason }) => self.recover(ctx, mark, at, reason),
                Some(Stop::NeedMore) if complete => {
                    if !self.cut_off(ctx, mark) {
                        return;
                    }
                }
                Some(Stop::NeedMore) => {
                    let pending = self.text.len() - mark;
                    self.wanted = pending * 2;
                    if pending > ctx.options.max_value {
                        self.too_large(ctx, mark);
                    }
                    return;
                }
                None => {
                    self.wanted = 0;
                    return;
                }
            }
        }
    }

    /// Does steps until one fails; gives where it began and why. No reason: all text is done with.
    fn advance(&mut self, ctx: &mut Context, complete: bool) -> (usize, Option<Stop>) {
        let Self { text, start, walker, place, is_lost, first_words, .. } = self;
        let mut c = Cursor::resume(text, *start, walker.depth(), complete);
        loop {
            let mark = c.offset();
            let result = if walker.depth() > 0 {
                walker.step(&mut c, ctx, place.base).map(|()| true)
            } else {
                let mut top = Top { text, walker, is_lost, first_words, complete };
                top.step(&mut c, ctx, place.base)
            };
            if !walker.notes.is_empty() {
                let notes = std::mem::take(&mut walker.notes);
                if result.is_ok() {
                    for note in notes {
                        place.warn(ctx, text, note);
                    }
                }
            }
            match result {
                Ok(true) => *start = c.offset(),
                Ok(false) => {
                    *start = c.offset();
                    return (*start, None);
                }
                Err(stop) => return (mark, Some(stop)),
            }
        }
    }

    fn warn(&self, ctx: &mut Context, code: WarningCode, at: usize, words: String) {
        self.place.warn(ctx, &self.text, Note { code, at, text: words });
    }

    /// Goes on behind a broken value: the item alone is left out where its end can be found, else all up to
    /// the next line that starts a value.
    fn recover(&mut self, ctx: &mut Context, mark: usize, at: usize, reason: &'static str) {
        let from = mark + leading_separators(self.text.get(mark..).unwrap_or_default());
        self.warn(ctx, WarningCode::BrokenValue, at, format!("{reason} in {}", self.shown(from)));
        self.walker.blame(ImportError::Malformed {
            format: "JSON",
            offset: self.place.base + at as u64,
            reason: reason.to_owned(),
        });
        let bytes = self.text.as_bytes();
        let line = memchr::memrchr(b'\n', bytes.get(from..at).unwrap_or_default()).map(|n| from + n + 1);
        let line = line.or((at == from && is_line_start(bytes, at) && at > mark).then_some(at));
        let starts_value = |at: usize| matches!(bytes.get(at), Some(b'{' | b'['));
        if self.walker.depth() > 0
            && !line.is_some_and(starts_value)
            && let Some(end) = behind_value(bytes, from, self.walker.in_object())
        {
            if self.walker.in_spans() {
                ctx.file.refused += 1;
            }
            self.start = end;
            return;
        }
        self.walker.abandon(ctx);
        self.is_lost = true;
        self.start = line.unwrap_or_else(|| {
            memchr::memchr(b'\n', bytes.get(at..).unwrap_or_default()).map_or(bytes.len(), |n| at + n + 1)
        });
    }

    /// The text ends within a value. Whether there is a later line to go on from.
    fn cut_off(&mut self, ctx: &mut Context, mark: usize) -> bool {
        let rest = self.text.get(mark..).unwrap_or_default();
        let is_blank = leading_separators(rest) == rest.len();
        let next = [b"\n{", b"\n["]
            .iter()
            .filter_map(|start| memchr::memmem::find(rest.get(1..).unwrap_or_default().as_bytes(), *start))
            .min();
        let (goes_on, code, words) = match next {
            Some(next) if self.restarts < MAX_RESTARTS => {
                self.restarts += 1;
                self.start = mark + 1 + next + 1;
                (true, WarningCode::BrokenValue, "the value does not end:")
            }
            _ => {
                self.start = self.text.len();
                (false, WarningCode::TruncatedJson, "the file ends within a value:")
            }
        };
        if !(is_blank && self.walker.may_end()) {
            let shown = self.shown(mark + leading_separators(rest));
            self.warn(ctx, code, mark, format!("{words} {shown}"));
            let offset = self.place.base + mark as u64;
            let reason = "the file ends within a value".to_owned();
            self.walker.blame(ImportError::Malformed { format: "JSON", offset, reason });
        }
        self.walker.abandon(ctx);
        goes_on
    }

    fn too_large(&mut self, ctx: &mut Context, mark: usize) {
        let limit = format!("{} MiB", ctx.options.max_value >> 20);
        self.warn(ctx, WarningCode::SizeLimit, mark, format!("a value larger than {limit} was left out"));
        self.walker.blame(ImportError::TooLarge { what: "a value".to_owned(), limit });
        if self.walker.in_spans() {
            ctx.file.refused += 1;
        }
        self.walker.abandon(ctx);
        self.is_lost = true;
        self.start = self.text.len();
        self.wanted = 0;
    }

    /// The line from `at` on for a message.
    fn shown(&self, at: usize) -> String {
        let text = self.text.get(at..).unwrap_or_default();
        let line: String = text.chars().take_while(|c| !matches!(c, '\n' | '\r')).take(60).collect();
        format!("\"{line}\"")
    }
}

impl Stage for JsonStage {
    fn feed(&mut self, ctx: &mut Context, bytes: &[u8]) {
        if ctx.stopped {
            return;
        }
        self.append(bytes);
        if self.text.len() - self.start >= self.wanted {
            self.run(ctx, false);
        }
    }

    fn finish(&mut self, ctx: &mut Context) {
        if !self.held.is_empty() {
            let at = self.bytes_fed - self.held.len() as u64;
            self.held.clear();
            self.invalid(at);
        }
        self.run(ctx, true);
        self.walker.abandon(ctx);
        if self.n_invalid > 0 {
            let n = self.n_invalid;
            ctx.warn(WarningCode::InvalidUtf8, self.first_invalid, || {
                format!("{n} sequences of bytes are not UTF-8")
            });
        }
        if self.walker.n_values == 0
            && self.bytes_fed < 1024
            && let Some(words) = self.first_words.take().filter(|words| is_complaint(words))
        {
            self.walker.blame(ImportError::ErrorAnswer { message: words });
        }
        self.walker.finish(ctx);
    }
}

/// Reader of what stands between values.
struct Top<'s> {
    text: &'s str,
    walker: &'s mut Walker,
    is_lost: &'s mut bool,
    first_words: &'s mut Option<String>,
    complete: bool,
}

impl Top<'_> {
    /// Skips separators, or reads the start of a value, or passes a line without one. `false` at the end.
    fn step(&mut self, c: &mut Cursor<'_>, ctx: &mut Context, base: u64) -> Step<bool> {
        let rest = self.text.get(c.offset()..).unwrap_or_default();
        let separators = leading_separators(rest);
        if separators > 0 {
            c.seek(c.offset() + separators);
            return Ok(separators < rest.len());
        }
        let Some(&first) = rest.as_bytes().first() else { return Ok(false) };
        if matches!(first, b'{' | b'[') || (first == b'"' && !*self.is_lost) {
            self.walker.any(c, ctx, base)?;
            *self.is_lost = false;
            return Ok(true);
        }
        let end = match memchr::memchr2(b'\n', b'\r', rest.as_bytes()) {
            Some(end) => end,
            None if !self.complete && rest.len() < MAX_LINE => return Err(Stop::NeedMore),
            None => rest.len(),
        };
        let at = c.offset();
        let line = rest.get(..end).unwrap_or_default();
        // Within the ruins of a value, braces do not start one.
        let is_ruin = *self.is_lost && line.starts_with(['"', '\'']);
        if !is_ruin && let Some(brace) = line.find(['{', '[']) {
            c.seek(at + brace);
            self.walker.any(c, ctx, base)?;
            *self.is_lost = false;
            return Ok(true);
        }
        if !*self.is_lost {
            let words = super::ids::excerpt(line.trim());
            let note = format!("no JSON in \"{words}\"");
            self.walker.notes.push(Note { code: WarningCode::BrokenValue, at, text: note });
            self.first_words.get_or_insert_with(|| line.trim().to_owned());
        }
        c.seek(at + end);
        Ok(true)
    }
}

/// Bytes of whitespace, separators and stray brackets at the beginning of `text`.
fn leading_separators(text: &str) -> usize {
    text.bytes().take_while(|b| *b <= b' ' || matches!(b, b',' | b';' | b']' | b'}')).count()
}

fn is_line_start(bytes: &[u8], at: usize) -> bool {
    at == 0 || bytes.get(at - 1).is_some_and(|&b| b == b'\n')
}

/// Behind the value at `from`, found by brackets and quotes alone; `None` where the rest does not look like
/// the continuation of a list or object. Before a member, its key is passed first.
fn behind_value(bytes: &[u8], from: usize, is_member: bool) -> Option<usize> {
    let mut at = from;
    if is_member {
        if bytes.get(at) != Some(&b'"') {
            return None;
        }
        at = behind_string(bytes, at)?;
        at += bytes.get(at..)?.iter().position(|&b| b > b' ' && b != b':')?;
    }
    let mut depth = 0_u32;
    loop {
        let byte = *bytes.get(at)?;
        match byte {
            b'"' => {
                at = behind_string(bytes, at)?;
                if depth == 0 {
                    break;
                }
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' | b',' if depth == 0 => break,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
        if depth == 0 && matches!(byte, b'}' | b']') {
            break;
        }
    }
    let next = bytes.get(at..)?.iter().find(|&&b| b > b' ')?;
    (at > from && matches!(next, b',' | b']' | b'}' | b'{')).then_some(at)
}

fn behind_string(bytes: &[u8], quote: usize) -> Option<usize> {
    let mut at = quote + 1;
    loop {
        at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes.get(at) == Some(&b'"') {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// Whether a short text is what a server says when it has no trace.
fn is_complaint(words: &str) -> bool {
    const WORDS: &[&str] = &[
        "error",
        "not found",
        "invalid",
        "trace id",
        "exceed",
        "unauthor",
        "forbidden",
        "denied",
        "must be",
        "parameter",
        "org id",
        "timeout",
        "timed out",
        "unavailable",
        "bad request",
        "http",
    ];
    let words = words.to_ascii_lowercase();
    WORDS.iter().any(|word| words.contains(word))
}

#[cfg(test)]
mod tests;
