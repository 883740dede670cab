//! Length-prefixed messages, as the Collector's file exporter writes them: four bytes of big-endian length, then
//! protobuf, or a zstd frame of protobuf or JSON.

use super::Stage;
use super::container::{Member, Unwrap};
use super::context::Context;
use super::error::ImportError;
use crate::model::warning::WarningCode;

/// A longer message does not come from the exporter, whose queues are bounded far below.
pub(super) const MAX_FRAME: u32 = 1 << 30;

/// Reads messages one after the other, each as a file of its own.
pub(super) struct Frames {
    depth: u8,
    prefix: Vec<u8>,
    message: Option<(u64, Box<Unwrap>, Member)>,
    n_messages: u64,
    offset: u64,
    done: bool,
}

impl Frames {
    pub(super) fn new(depth: u8) -> Self {
        Self { depth, prefix: Vec::new(), message: None, n_messages: 0, offset: 0, done: false }
    }

    fn begin(&mut self, ctx: &mut Context) {
        let Some(prefix) = self.prefix.first_chunk::<4>() else {
            return;
        };
        let len = u32::from_be_bytes(*prefix);
        self.prefix.clear();
        self.n_messages += 1;
        if len > MAX_FRAME {
            self.done = true;
            ctx.warn(WarningCode::BrokenValue, self.offset, || {
                format!("a message of {len} bytes is announced; the rest of the file was skipped")
            });
        } else if len > 0 {
            self.message = Some((u64::from(len), Box::new(Unwrap::within(self.depth)), Member::part(ctx)));
        }
    }
}

impl Stage for Frames {
    fn feed(&mut self, ctx: &mut Context, mut bytes: &[u8]) {
        while !bytes.is_empty() && !self.done {
            let n = match &mut self.message {
                None => {
                    let n = bytes.len().min(4 - self.prefix.len());
                    self.prefix.extend_from_slice(bytes.get(..n).unwrap_or_default());
                    if self.prefix.len() == 4 {
                        self.begin(ctx);
                    }
                    n
                }
                Some((left, inner, _)) => {
                    let n = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                    inner.feed(ctx, bytes.get(..n).unwrap_or_default());
                    *left -= n as u64;
                    if *left == 0
                        && let Some((_, mut inner, member)) = self.message.take()
                    {
                        inner.finish(ctx);
                        member.leave(ctx);
                    }
                    n
                }
            };
            bytes = bytes.get(n..).unwrap_or_default();
            self.offset += n as u64;
        }
    }

    fn finish(&mut self, ctx: &mut Context) {
        let cut = self.message.is_some() || !self.prefix.is_empty();
        if cut {
            let (n, offset) = (self.n_messages, self.offset);
            ctx.warn(WarningCode::TruncatedFrame, offset, || format!("message {n} ends early"));
        }
        if let Some((_, mut inner, member)) = self.message.take() {
            inner.finish(ctx);
            member.leave(ctx);
        }
        ctx.fail(ImportError::Empty { what: "the file".to_owned() });
    }
}
