//! tar: members one after the other, read as they come.

use super::Stage;
use super::container::{Member, Unwrap, damaged, is_hidden, truncated};
use super::context::Context;
use super::error::ImportError;

const BLOCK: usize = 512;
/// Longest name that an extension header may give.
const MAX_NAME: u64 = 64 << 10;

/// Reads the members of a tar archive.
pub(super) struct Tar {
    depth: u8,
    at: At,
    header: Vec<u8>,
    /// Name for the next member, from an extension header.
    long_name: Option<String>,
    n_members: u32,
    offset: u64,
}

enum At {
    Header,
    Content { left: u64, content: Content },
    Padding(u64),
    Done,
}

enum Content {
    File(Box<Unwrap>, Member),
    /// GNU long name, or pax records with a path.
    Name {
        bytes: Vec<u8>,
        pax: bool,
    },
    Skipped,
}

impl Tar {
    pub(super) fn new(depth: u8) -> Self {
        Self {
            depth,
            at: At::Header,
            header: Vec::with_capacity(BLOCK),
            long_name: None,
            n_members: 0,
            offset: 0,
        }
    }

    fn header(&mut self, ctx: &mut Context) -> At {
        let header = std::mem::take(&mut self.header);
        if header.iter().all(|&b| b == 0) {
            return At::Done;
        }
        let field = |from: usize, len: usize| header.get(from..from + len).unwrap_or_default();
        if !is_sum_right(&header) {
            damaged(ctx, "tar", self.offset);
            return At::Done;
        }
        let size = number(field(124, 12));
        let name = match self.long_name.take() {
            Some(name) => name,
            None if field(257, 6) == b"ustar\0" && !text(field(345, 155)).is_empty() => {
                format!("{}/{}", text(field(345, 155)), text(field(0, 100)))
            }
            None => text(field(0, 100)),
        };
        let content = match header.get(156) {
            Some(b'L') if size <= MAX_NAME => Content::Name { bytes: Vec::new(), pax: false },
            Some(b'x') if size <= MAX_NAME => Content::Name { bytes: Vec::new(), pax: true },
            Some(b'0' | 0 | b'7') if !is_hidden(&name) => {
                self.n_members += 1;
                Content::File(Box::new(Unwrap::within(self.depth)), Member::enter(ctx, &name))
            }
            _ => Content::Skipped,
        };
        At::Content { left: size, content }
    }

    fn end_content(&mut self, ctx: &mut Context, content: Content) {
        match content {
            Content::File(mut inner, member) => {
                inner.finish(ctx);
                member.leave(ctx);
            }
            Content::Name { bytes, pax } => {
                self.long_name = if pax { pax_path(&bytes) } else { Some(text(&bytes)) };
            }
            Content::Skipped => {}
        }
    }
}

impl Stage for Tar {
    fn feed(&mut self, ctx: &mut Context, mut bytes: &[u8]) {
        loop {
            match std::mem::replace(&mut self.at, At::Done) {
                At::Done => return,
                At::Header => {
                    let (head, rest) = bytes.split_at(bytes.len().min(BLOCK - self.header.len()));
                    self.header.extend_from_slice(head);
                    (bytes, self.offset) = (rest, self.offset + head.len() as u64);
                    if self.header.len() < BLOCK {
                        self.at = At::Header;
                        return;
                    }
                    self.at = self.header(ctx);
                }
                At::Content { left: 0, content } => {
                    self.end_content(ctx, content);
                    let over = self.offset % BLOCK as u64;
                    self.at = At::Padding(if over == 0 { 0 } else { BLOCK as u64 - over });
                }
                At::Content { left, mut content } => {
                    let n = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
                    let (piece, rest) = bytes.split_at(n);
                    match &mut content {
                        Content::File(inner, _) => inner.feed(ctx, piece),
                        Content::Name { bytes, .. } => bytes.extend_from_slice(piece),
                        Content::Skipped => {}
                    }
                    (bytes, self.offset) = (rest, self.offset + n as u64);
                    self.at = At::Content { left: left - n as u64, content };
                    if bytes.is_empty() && left > n as u64 {
                        return;
                    }
                }
                At::Padding(0) => self.at = At::Header,
                At::Padding(left) => {
                    let n = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
                    (bytes, self.offset) = (bytes.get(n..).unwrap_or_default(), self.offset + n as u64);
                    self.at = At::Padding(left - n as u64);
                    if left > n as u64 {
                        return;
                    }
                }
            }
        }
    }

    fn finish(&mut self, ctx: &mut Context) {
        match std::mem::replace(&mut self.at, At::Done) {
            At::Content { content, .. } => {
                self.end_content(ctx, content);
                truncated(ctx, "tar", self.offset);
            }
            At::Header if !self.header.is_empty() => truncated(ctx, "tar", self.offset),
            _ => {}
        }
        if self.n_members == 0 {
            ctx.fail(ImportError::Empty { what: "the archive".to_owned() });
        }
    }
}

/// Text up to the first NUL.
fn text(field: &[u8]) -> String {
    let end = field.iter().position(|&b| b == 0).unwrap_or(field.len());
    String::from_utf8_lossy(field.get(..end).unwrap_or_default()).into_owned()
}

/// Octal digits, or a big-endian number when the first bit is set.
fn number(field: &[u8]) -> u64 {
    match field.split_first() {
        Some((&first, rest)) if first & 0x80 != 0 => {
            rest.iter().fold(u64::from(first & 0x7f), |n, &b| n << 8 | u64::from(b))
        }
        _ => field
            .iter()
            .filter(|b| (b'0'..=b'7').contains(b))
            .fold(0, |n: u64, &b| n << 3 | u64::from(b - b'0')),
    }
}

/// Whether the header has the sum it states; its own field counts as blanks.
pub(super) fn is_sum_right(header: &[u8]) -> bool {
    let stated = number(header.get(148..156).unwrap_or_default());
    let sum = |bytes: &[u8]| bytes.iter().map(|&b| u64::from(b)).sum::<u64>();
    let (head, tail) = (header.get(..148).unwrap_or_default(), header.get(156..BLOCK).unwrap_or_default());
    stated == sum(head) + sum(tail) + 8 * u64::from(b' ')
}

/// The path among pax records: `LEN path=VALUE\n`.
fn pax_path(records: &[u8]) -> Option<String> {
    let records = String::from_utf8_lossy(records);
    let path = records.lines().find_map(|line| line.split_once(" path=").map(|(_, path)| path));
    path.map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_octal_or_binary() {
        assert_eq!(number(b"0000644\0"), 0o644);
        assert_eq!(number(&[0x80, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2]), 0x1_0002);
    }

    #[test]
    fn pax_gives_the_path() {
        assert_eq!(pax_path(b"27 mtime=1600000000.123\n16 path=a/b.json\n"), Some("a/b.json".to_owned()));
    }
}
