//! Deflate: the compression inside gzip and zip, unpacked in pieces.

use flate2::{Crc, Decompress, FlushDecompress, Status};

use super::Stage;
use super::container::Unwrap;
use super::context::Context;

const OUT: usize = 64 << 10;

/// One deflate stream.
pub(super) struct Inflate {
    stream: Decompress,
    out: Vec<u8>,
    crc: Crc,
}

/// How far [`Inflate::run`] came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    /// All input is used up.
    More,
    /// The stream is complete; what is left of the input comes after it.
    End,
    /// The stream is damaged.
    Damaged,
    /// The limit on unpacked bytes is reached.
    Stopped,
}

impl Inflate {
    pub(super) fn new() -> Self {
        Self { stream: Decompress::new(false), out: vec![0; OUT], crc: Crc::new() }
    }

    /// Ready for another stream.
    pub(super) fn reset(&mut self) {
        self.stream.reset(false);
        self.crc.reset();
    }

    /// Checksum and length, modulo 2^32, of what came out.
    pub(super) fn sums(&self) -> (u32, u32) {
        (self.crc.sum(), self.crc.amount())
    }

    /// Unpacks `input`, moving it forward, and hands the result to `inner`.
    pub(super) fn run(&mut self, ctx: &mut Context, input: &mut &[u8], inner: &mut Unwrap) -> Flow {
        loop {
            let (read, written) = (self.stream.total_in(), self.stream.total_out());
            let status = self.stream.decompress(input, &mut self.out, FlushDecompress::None);
            let n_read = (self.stream.total_in() - read) as usize;
            let n_written = (self.stream.total_out() - written) as usize;
            *input = input.get(n_read..).unwrap_or_default();
            let bytes = self.out.get(..n_written).unwrap_or_default();
            if !bytes.is_empty() {
                self.crc.update(bytes);
                let within = ctx.inflated(bytes.len());
                inner.feed(ctx, bytes);
                if !within {
                    return Flow::Stopped;
                }
            }
            match status {
                Err(_) => return Flow::Damaged,
                Ok(Status::StreamEnd) => return Flow::End,
                // Output may be waiting although the input is used up, as long as there was no room for it.
                Ok(_) if n_written == OUT => {}
                Ok(_) if input.is_empty() => return Flow::More,
                Ok(_) if n_read == 0 && n_written == 0 => return Flow::Damaged,
                Ok(_) => {}
            }
        }
    }
}
