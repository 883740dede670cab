//! Protobuf files of any size: enters the messages that hold spans without waiting for their end, and reads one
//! span at a time.
//!
//! The file as a whole is one message, and so may be its first field; what has to be in memory is a span.

use super::Format;
use super::Stage;
use super::context::Context;
use super::error::ImportError;
use super::proto;
use crate::model::warning::WarningCode;

/// What to do with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Read its fields one by one, at the level given.
    Enter(u8),
    /// Wait until it is complete, and read it at once.
    Take,
    /// Leave it out.
    Skip,
}

/// The messages of one format, as levels from 0 (the file) inwards.
pub(super) trait Messages {
    /// The format, when `level` 0 has the given field.
    const FORMAT: Format;

    /// What to do with field `number` of wire type `wire` at `level`.
    fn action(&self, level: u8, number: u32, wire: u8) -> Action;

    /// A message at `level` begins.
    fn enter(&mut self, ctx: &mut Context, level: u8);

    /// A message at `level` is over, or the file is.
    fn leave(&mut self, ctx: &mut Context, level: u8);

    /// A field that was asked for with [`Action::Take`]; `offset` is where its value begins. A span that cannot
    /// be read must be counted as refused.
    fn take(&mut self, ctx: &mut Context, level: u8, number: u32, value: &[u8], offset: u64);

    /// A field that was asked for, and is too large to be held.
    fn too_large(&mut self, ctx: &mut Context, level: u8, number: u32);

    /// The file is over.
    fn finish(&mut self, ctx: &mut Context);
}

/// Reads a stream of protobuf.
pub(super) struct ProtoStage<M> {
    messages: M,
    /// Open messages: level and end.
    open: Vec<(u8, u64)>,
    held: Vec<u8>,
    /// Bytes of `held` below which nothing can be done.
    need: usize,
    /// Bytes still to be left out.
    skip: u64,
    offset: u64,
}

impl<M: Messages> ProtoStage<M> {
    pub(super) fn with(messages: M) -> Self {
        Self { messages, open: vec![(0, u64::MAX)], held: Vec::new(), need: 0, skip: 0, offset: 0 }
    }

    /// Reads what `bytes` hold; returns how many bytes are done with.
    fn run(&mut self, ctx: &mut Context, bytes: &[u8]) -> usize {
        let mut at = 0;
        loop {
            let left = bytes.len() - at;
            let n = usize::try_from(self.skip).unwrap_or(usize::MAX).min(left);
            at += n;
            self.skip -= n as u64;
            self.offset += n as u64;
            while let Some(&(level, end)) = self.open.last()
                && self.offset >= end
            {
                self.open.pop();
                self.messages.leave(ctx, level);
            }
            let rest = bytes.get(at..).unwrap_or_default();
            let Some(&(level, end)) = self.open.last().filter(|_| !rest.is_empty()) else {
                self.need = 0;
                return at;
            };
            let head = match proto::head(rest) {
                Ok(Some(head)) if head.len <= end.saturating_sub(self.offset + head.value_at as u64) => head,
                Ok(Some(_)) => {
                    self.broken(ctx, end, "a field that is longer than its message");
                    continue;
                }
                Ok(None) if end - self.offset <= rest.len() as u64 => {
                    self.broken(ctx, end, "a field that is cut off");
                    continue;
                }
                Ok(None) => {
                    self.need = rest.len() + 1;
                    return at;
                }
                Err(broken) => {
                    self.broken(ctx, end, broken.reason);
                    continue;
                }
            };
            match self.messages.action(level, head.number, head.wire) {
                Action::Enter(inner) => {
                    self.messages.enter(ctx, inner);
                    self.offset += head.value_at as u64;
                    at += head.value_at;
                    self.open.push((inner, self.offset + head.len));
                }
                Action::Take if head.len <= ctx.options.max_value as u64 => {
                    let len = head.value_at + head.len as usize;
                    let Some(value) = rest.get(head.value_at..len) else {
                        self.need = len;
                        return at;
                    };
                    let offset = self.offset + head.value_at as u64;
                    self.messages.take(ctx, level, head.number, value, offset);
                    self.offset += len as u64;
                    at += len;
                }
                action => {
                    if action == Action::Take {
                        self.messages.too_large(ctx, level, head.number);
                        ctx.warn(WarningCode::SizeLimit, self.offset, || {
                            format!("a field of {} bytes was left out", head.len)
                        });
                    }
                    self.skip = head.value_at as u64 + head.len;
                }
            }
        }
    }

    /// The rest of the innermost message, which ends at `end`, cannot be read.
    fn broken(&mut self, ctx: &mut Context, end: u64, reason: &'static str) {
        let offset = self.offset;
        ctx.warn(WarningCode::BrokenValue, offset, || format!("byte {offset}: {reason}"));
        let format = M::FORMAT.name();
        ctx.fail(ImportError::Malformed { format, offset, reason: reason.to_owned() });
        self.skip = if end == u64::MAX { u64::MAX } else { end - offset };
    }
}

impl<M: Messages> Stage for ProtoStage<M> {
    fn feed(&mut self, ctx: &mut Context, bytes: &[u8]) {
        ctx.saw(M::FORMAT);
        if self.held.is_empty() {
            let n = self.run(ctx, bytes);
            self.held.extend_from_slice(bytes.get(n..).unwrap_or_default());
            return;
        }
        self.held.extend_from_slice(bytes);
        if self.held.len() >= self.need {
            let mut held = std::mem::take(&mut self.held);
            let n = self.run(ctx, &held);
            held.drain(..n);
            self.held = held;
        }
    }

    fn finish(&mut self, ctx: &mut Context) {
        let is_cut = !self.held.is_empty() || self.open.len() > 1 || self.skip > 0;
        // After something broken at the outermost level everything is left out.
        if is_cut && self.skip < u64::MAX >> 1 {
            let offset = self.offset + self.held.len() as u64;
            ctx.warn(WarningCode::TruncatedFrame, offset, || {
                format!("the file ends within a message at byte {offset}")
            });
            let reason = "the file ends within a message".to_owned();
            ctx.fail(ImportError::Malformed { format: M::FORMAT.name(), offset, reason });
        }
        while let Some((level, _)) = self.open.pop() {
            self.messages.leave(ctx, level);
        }
        self.messages.finish(ctx);
        ctx.fail(ImportError::Empty { what: "the file".to_owned() });
    }
}
