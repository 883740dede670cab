//! Text in any encoding that Windows shells and browsers write, as UTF-8 for the reader of JSON.
//!
//! Bytes that are not UTF-8 in a file that says nothing else are left to that reader, which knows where strings
//! begin and end.

use super::Stage;
use super::context::Context;
use super::json_stream::JsonStage;
use super::sniff;
use crate::model::warning::WarningCode;

/// How the characters of a text are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// Also everything that looks like no other: ASCII, Latin-1, damaged UTF-8.
    Utf8,
    Utf16 {
        big: bool,
    },
    Utf32 {
        big: bool,
    },
}

/// Decodes text and hands it to the reader of JSON.
pub(super) struct Text {
    encoding: Encoding,
    /// Bytes of the byte order mark that are still to be left out.
    mark: usize,
    /// Bytes of a unit that is not complete.
    held: Vec<u8>,
    /// First half of a surrogate pair.
    high: Option<u16>,
    out: String,
    n_bad: u64,
    first_bad: u64,
    offset: u64,
    start: Vec<u8>,
    /// What the file had given before this text.
    found_before: Option<(u64, usize)>,
    inner: JsonStage,
}

impl Text {
    /// For text in `encoding`, with a byte order mark of so many bytes in front.
    pub(super) fn new((encoding, mark): (Encoding, usize)) -> Self {
        Self {
            encoding,
            mark,
            held: Vec::new(),
            high: None,
            out: String::new(),
            n_bad: 0,
            first_bad: 0,
            offset: 0,
            start: Vec::new(),
            found_before: None,
            inner: JsonStage::new(),
        }
    }

    fn bad(&mut self, at: u64) {
        if self.n_bad == 0 {
            self.first_bad = at;
        }
        self.n_bad += 1;
        self.out.push(char::REPLACEMENT_CHARACTER);
    }

    fn unit_16(&mut self, unit: u16, at: u64) {
        match (self.high.take(), unit) {
            (Some(high), 0xdc00..=0xdfff) => {
                let code = 0x1_0000 + (u32::from(high & 0x3ff) << 10 | u32::from(unit & 0x3ff));
                self.out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            (high, unit) => {
                if high.is_some() {
                    self.bad(at);
                }
                match unit {
                    0xd800..=0xdbff => self.high = Some(unit),
                    _ => match char::from_u32(u32::from(unit)) {
                        Some(c) => self.out.push(c),
                        None => self.bad(at),
                    },
                }
            }
        }
    }

    fn unit(&mut self, unit: &[u8], at: u64) {
        match (self.encoding, unit) {
            (Encoding::Utf16 { big: true }, &[a, b]) => self.unit_16(u16::from_be_bytes([a, b]), at),
            (Encoding::Utf16 { big: false }, &[a, b]) => self.unit_16(u16::from_le_bytes([a, b]), at),
            (Encoding::Utf32 { big }, &[a, b, c, d]) => {
                let code =
                    if big { u32::from_be_bytes([a, b, c, d]) } else { u32::from_le_bytes([a, b, c, d]) };
                match char::from_u32(code) {
                    Some(c) => self.out.push(c),
                    None => self.bad(at),
                }
            }
            _ => self.bad(at),
        }
    }

    fn pass(&mut self, ctx: &mut Context, bytes: &[u8]) {
        let room = sniff::SHOWN.saturating_sub(self.start.len());
        self.start.extend_from_slice(bytes.get(..room.min(bytes.len())).unwrap_or_default());
        self.inner.feed(ctx, bytes);
    }
}

impl Stage for Text {
    fn feed(&mut self, ctx: &mut Context, mut bytes: &[u8]) {
        self.found_before.get_or_insert_with(|| found(ctx));
        let n = self.mark.min(bytes.len());
        self.mark -= n;
        self.offset += n as u64;
        bytes = bytes.get(n..).unwrap_or_default();
        let width = match self.encoding {
            Encoding::Utf8 => return self.pass(ctx, bytes),
            Encoding::Utf16 { .. } => 2,
            Encoding::Utf32 { .. } => 4,
        };
        // In slices, so that the copy stays small beside a large piece.
        for piece in bytes.chunks(64 << 10) {
            let mut held = std::mem::take(&mut self.held);
            let head = if held.is_empty() { 0 } else { piece.len().min(width - held.len()) };
            held.extend_from_slice(piece.get(..head).unwrap_or_default());
            if held.len() == width {
                let at = self.offset;
                self.unit(&held, at);
                self.offset += width as u64;
                held.clear();
            }
            let rest = piece.get(head..).unwrap_or_default();
            let units = rest.chunks_exact(width);
            held.extend_from_slice(units.remainder());
            for unit in units {
                let at = self.offset;
                self.unit(unit, at);
                self.offset += width as u64;
            }
            self.held = held;
            let mut out = std::mem::take(&mut self.out);
            self.pass(ctx, out.as_bytes());
            out.clear();
            self.out = out;
        }
    }

    fn finish(&mut self, ctx: &mut Context) {
        if !self.held.is_empty() || self.high.is_some() {
            let at = self.offset;
            self.bad(at);
            let out = std::mem::take(&mut self.out);
            self.pass(ctx, out.as_bytes());
        }
        if self.n_bad > 0 {
            let (n, at) = (self.n_bad, self.first_bad);
            ctx.warn(WarningCode::InvalidUtf8, at, || format!("{n} characters could not be decoded"));
        }
        self.inner.finish(ctx);
        if self.found_before.is_none_or(|before| before == found(ctx)) {
            ctx.fail(sniff::unknown_text(&String::from_utf8_lossy(&self.start)));
        }
    }
}

/// Records and formats of the file so far.
fn found(ctx: &Context) -> (u64, usize) {
    (ctx.builder.n_records() + ctx.file.refused, ctx.file.formats.len())
}
