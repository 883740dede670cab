//! gzip: all members of the file, back to back, as log shippers and rotation write them.

use super::Stage;
use super::container::{Unwrap, damaged, truncated};
use super::context::Context;
use super::inflate::{Flow, Inflate};
use crate::model::warning::WarningCode;

/// Unpacks gzip members one after the other into one stream.
pub(super) struct Gzip {
    at: At,
    flags: u8,
    trailer: [u8; 8],
    inflate: Inflate,
    inner: Box<Unwrap>,
    offset: u64,
}

/// Where in a member the next byte belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// Before a member; the first must follow at once, later ones after zeros if need be.
    Start {
        first: bool,
    },
    /// Within the ten fixed bytes of the header.
    Fixed(u8),
    ExtraLen(u8, u16),
    Extra(u16),
    Name,
    Comment,
    HeaderSum(u8),
    Body,
    Trailer(u8),
    /// Nothing more is read.
    Done,
}

const HAS_HEADER_SUM: u8 = 2;
const HAS_EXTRA: u8 = 4;
const HAS_NAME: u8 = 8;
const HAS_COMMENT: u8 = 16;

impl Gzip {
    pub(super) fn new(inner: Unwrap) -> Self {
        Self {
            at: At::Start { first: true },
            flags: 0,
            trailer: [0; 8],
            inflate: Inflate::new(),
            inner: Box::new(inner),
            offset: 0,
        }
    }

    /// The part of the header after the one that is done; optional parts are there by the flags.
    fn after(&self, done: At) -> At {
        let has = |flag| self.flags & flag != 0;
        match done {
            At::Fixed(_) if has(HAS_EXTRA) => At::ExtraLen(0, 0),
            At::Fixed(_) | At::Extra(_) if has(HAS_NAME) => At::Name,
            At::Fixed(_) | At::Extra(_) | At::Name if has(HAS_COMMENT) => At::Comment,
            At::Fixed(_) | At::Extra(_) | At::Name | At::Comment if has(HAS_HEADER_SUM) => At::HeaderSum(0),
            _ => At::Body,
        }
    }

    /// Takes one byte outside of the compressed body.
    fn byte(&mut self, ctx: &mut Context, byte: u8) -> At {
        match self.at {
            At::Start { first: false } if byte == 0 => self.at,
            At::Start { .. } if byte == 0x1f => At::Fixed(1),
            At::Start { .. } => {
                let offset = self.offset;
                ctx.warn(WarningCode::BrokenValue, offset, || {
                    "bytes after the end of the gzip data were ignored".to_owned()
                });
                At::Done
            }
            At::Fixed(n) => {
                if n == 3 {
                    self.flags = byte;
                }
                if n == 1 && byte != 0x8b || n == 2 && byte != 8 {
                    damaged(ctx, "gzip", self.offset);
                    return At::Done;
                }
                if n == 9 { self.after(self.at) } else { At::Fixed(n + 1) }
            }
            At::ExtraLen(0, _) => At::ExtraLen(1, u16::from(byte)),
            At::ExtraLen(_, low) => match low | u16::from(byte) << 8 {
                0 => self.after(At::Extra(0)),
                len => At::Extra(len),
            },
            At::Extra(1) => self.after(self.at),
            At::Extra(n) => At::Extra(n - 1),
            At::Name | At::Comment if byte == 0 => self.after(self.at),
            At::Name | At::Comment | At::Body | At::Done => self.at,
            At::HeaderSum(0) => At::HeaderSum(1),
            At::HeaderSum(_) => At::Body,
            At::Trailer(n) => {
                if let Some(slot) = self.trailer.get_mut(usize::from(n)) {
                    *slot = byte;
                }
                if n < 7 {
                    return At::Trailer(n + 1);
                }
                let (crc, len) = self.trailer.split_at(4);
                let sums = self.inflate.sums();
                if (crc, len) != (&sums.0.to_le_bytes()[..], &sums.1.to_le_bytes()[..]) {
                    damaged(ctx, "gzip", self.offset);
                }
                self.inflate.reset();
                At::Start { first: false }
            }
        }
    }
}

impl Stage for Gzip {
    fn feed(&mut self, ctx: &mut Context, mut bytes: &[u8]) {
        while !bytes.is_empty() && self.at != At::Done && !ctx.stopped {
            if self.at == At::Body {
                let before = bytes.len();
                let flow = self.inflate.run(ctx, &mut bytes, &mut self.inner);
                self.offset += (before - bytes.len()) as u64;
                match flow {
                    Flow::More => {}
                    Flow::End => self.at = At::Trailer(0),
                    Flow::Stopped => self.at = At::Done,
                    Flow::Damaged => {
                        damaged(ctx, "gzip", self.offset);
                        self.at = At::Done;
                    }
                }
            } else if let Some((&byte, rest)) = bytes.split_first() {
                self.at = self.byte(ctx, byte);
                self.offset += 1;
                bytes = rest;
            }
        }
    }

    fn finish(&mut self, ctx: &mut Context) {
        if !matches!(self.at, At::Start { .. } | At::Done) && !ctx.stopped {
            truncated(ctx, "gzip", self.offset);
        }
        self.inner.finish(ctx);
    }
}
