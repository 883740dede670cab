//! Zstandard: all frames of the file, skippable ones left out, one block at a time.
//!
//! The decoder of `ruzstd` wants whole blocks and would unpack everything it is given before anything is taken
//! out of it. Blocks are therefore cut out here, at most 128 KiB of input and output each, so that neither a
//! large file nor a bomb is ever in memory at once. Checksums of frames are not verified: that would take another
//! dependency, and damage to compressed data nearly always shows before.

use std::io::Read;

use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::Stage;
use super::container::{Unwrap, damaged, truncated};
use super::context::Context;
use super::error::ImportError;
use crate::model::warning::WarningCode;

const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// What a frame may ask to look back at; `zstd --long` stays below it, `--ultra` can be above.
const MAX_WINDOW: u64 = 128 << 20;
const OUT: usize = 128 << 10;

/// Unpacks zstd frames one after the other into one stream.
pub(super) struct Zstd {
    decoder: FrameDecoder,
    at: At,
    has_sum: bool,
    /// Bytes that do not make up a whole part yet.
    held: Vec<u8>,
    out: Vec<u8>,
    inner: Box<Unwrap>,
    offset: u64,
    n_frames: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    FrameHeader,
    Block,
    Skip(u64),
    Done,
}

impl Zstd {
    pub(super) fn new(inner: Unwrap) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(MAX_WINDOW);
        Self {
            decoder,
            at: At::FrameHeader,
            has_sum: false,
            held: Vec::new(),
            out: vec![0; OUT],
            inner: Box::new(inner),
            offset: 0,
            n_frames: 0,
        }
    }

    /// Does the next part if `bytes` hold it as a whole; returns the bytes it took, 0 when more are needed.
    fn part(&mut self, ctx: &mut Context, bytes: &[u8]) -> usize {
        match self.at {
            At::FrameHeader => self.frame_header(ctx, bytes),
            At::Block => self.block(ctx, bytes),
            At::Skip(left) => {
                let n = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
                let left = left - n as u64;
                self.at = if left == 0 { At::FrameHeader } else { At::Skip(left) };
                n
            }
            At::Done => bytes.len(),
        }
    }

    fn frame_header(&mut self, ctx: &mut Context, bytes: &[u8]) -> usize {
        let Some((magic, rest)) = bytes.split_first_chunk::<4>() else {
            return 0;
        };
        if magic[0] & 0xf0 == 0x50 && magic[1..] == [0x2a, 0x4d, 0x18] {
            let Some(len) = rest.first_chunk::<4>() else {
                return 0;
            };
            let len = u32::from_le_bytes(*len);
            if len > 0 {
                self.at = At::Skip(u64::from(len));
            }
            return 8;
        }
        if *magic != MAGIC {
            self.at = At::Done;
            if self.n_frames == 0 {
                damaged(ctx, "zstd", self.offset);
            } else if rest.iter().chain(magic).any(|&b| b != 0) {
                ctx.warn(WarningCode::BrokenValue, self.offset, || {
                    "bytes after the end of the zstd data were ignored".to_owned()
                });
            }
            return bytes.len();
        }
        let Some(&descriptor) = rest.first() else {
            return 0;
        };
        let single = descriptor & 0x20 != 0;
        let content_size = match descriptor >> 6 {
            0 => usize::from(single),
            n => 1 << n,
        };
        let dictionary = [0, 1, 2, 4][usize::from(descriptor & 3)];
        let len = 5 + usize::from(!single) + dictionary + content_size;
        let Some(header) = bytes.get(..len) else {
            return 0;
        };
        self.n_frames += 1;
        self.has_sum = descriptor & 4 != 0;
        match self.decoder.reset(header) {
            Ok(()) => self.at = At::Block,
            Err(error) => {
                let reason = error.to_string();
                ctx.warn(WarningCode::BrokenValue, self.offset, || format!("zstd frame: {reason}"));
                ctx.fail(ImportError::Malformed { format: "zstd", offset: self.offset, reason });
                self.at = At::Done;
            }
        }
        len
    }

    fn block(&mut self, ctx: &mut Context, bytes: &[u8]) -> usize {
        let Some(head) = bytes.first_chunk::<3>() else {
            return 0;
        };
        let head = u32::from_le_bytes([head[0], head[1], head[2], 0]);
        let last = head & 1 != 0;
        let content = if head >> 1 & 3 == 1 { 1 } else { (head >> 3) as usize };
        if content > 128 << 10 {
            damaged(ctx, "zstd", self.offset);
            self.at = At::Done;
            return bytes.len();
        }
        let len = 3 + content + if last && self.has_sum { 4 } else { 0 };
        let Some(block) = bytes.get(..len) else {
            return 0;
        };
        if self.decoder.decode_blocks(block, BlockDecodingStrategy::UptoBlocks(1)).is_err() {
            damaged(ctx, "zstd", self.offset);
            self.flush(ctx);
            self.at = At::Done;
            return bytes.len();
        }
        self.drain(ctx);
        if last && self.at != At::Done {
            self.at = At::FrameHeader;
        }
        len
    }

    /// Hands on what is unpacked; the decoder keeps the window back until the frame ends.
    fn drain(&mut self, ctx: &mut Context) {
        while self.decoder.can_collect() > 0 {
            let n = self.decoder.read(&mut self.out).unwrap_or(0);
            let Some(bytes) = self.out.get(..n).filter(|b| !b.is_empty()) else {
                return;
            };
            let within = ctx.inflated(n);
            self.inner.feed(ctx, bytes);
            if !within {
                self.at = At::Done;
                return;
            }
        }
    }

    /// Ends the frame before its time: an empty last block makes the decoder give out the window that it keeps
    /// back.
    fn flush(&mut self, ctx: &mut Context) {
        let end = [1, 0, 0, 0, 0, 0, 0];
        let end = end.get(..if self.has_sum { 7 } else { 3 }).unwrap_or_default();
        if self.decoder.decode_blocks(end, BlockDecodingStrategy::All).is_ok() {
            self.drain(ctx);
        }
    }

    /// Does as many parts as `bytes` hold; returns the bytes they took.
    fn parts(&mut self, ctx: &mut Context, bytes: &[u8]) -> usize {
        let mut at = 0;
        while let Some(rest) = bytes.get(at..).filter(|r| !r.is_empty()) {
            let n = if ctx.stopped { rest.len() } else { self.part(ctx, rest) };
            if n == 0 {
                break;
            }
            at += n;
            self.offset += n as u64;
        }
        at
    }
}

impl Stage for Zstd {
    fn feed(&mut self, ctx: &mut Context, bytes: &[u8]) {
        if self.held.is_empty() {
            let n = self.parts(ctx, bytes);
            self.held.extend_from_slice(bytes.get(n..).unwrap_or_default());
        } else {
            let mut held = std::mem::take(&mut self.held);
            held.extend_from_slice(bytes);
            let n = self.parts(ctx, &held);
            held.drain(..n);
            self.held = held;
        }
    }

    fn finish(&mut self, ctx: &mut Context) {
        let cut = !self.held.is_empty() || matches!(self.at, At::Block | At::Skip(_));
        if cut && !ctx.stopped {
            truncated(ctx, "zstd", self.offset + self.held.len() as u64);
            if self.at == At::Block {
                self.flush(ctx);
            }
        }
        self.inner.finish(ctx);
    }
}
