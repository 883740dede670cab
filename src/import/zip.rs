//! zip: every member that is a file, read as the archive comes.
//!
//! Local headers stand before the members, so most archives need not be held. Where such a header does not say
//! where its member ends (stored, with the sizes after the data) or where something else follows than a member,
//! the rest is held until the directory at its end is there. An archive without directory was cut off; what
//! its local headers say is all there is then.

use super::Stage;
use super::container::{Member, Unwrap, damaged, is_hidden, truncated};
use super::context::Context;
use super::error::ImportError;
use super::inflate::{Flow, Inflate};
use super::zip_entries::{DESCRIPTOR, Entry, LOCAL, descriptor_len, directory, find, is_directory, local};
use super::zstd::Zstd;
use crate::model::warning::WarningCode;

/// Packed bytes that are held at most; unpacked ones are not.
const MAX_HELD: usize = 1 << 30;
const PIECE: usize = 64 << 10;
/// Longest descriptor and the sign of what follows it.
const DESCRIPTOR_AND_SIGN: usize = 24 + 4;

const STORED: u16 = 0;
const DEFLATE: u16 = 8;
const ZSTD: u16 = 93;

/// Reads the members of an archive.
pub(super) struct Zip {
    depth: u8,
    at: At,
    inflate: Inflate,
    /// Bytes that cannot be read yet, and their offset.
    held: Vec<u8>,
    offset: u64,
    n_members: u32,
    is_too_large: bool,
}

enum At {
    Header,
    Data(Box<Data>),
    Descriptor,
    /// All members are read.
    Directory,
    /// Only the directory can tell what follows.
    Held,
}

/// A member that is being read.
struct Data {
    entry: Entry,
    /// Packed bytes that are still to come, where that is known.
    left: Option<u64>,
    sink: Sink,
    member: Option<Member>,
}

/// Where the packed bytes go.
enum Sink {
    Nowhere,
    Stored(Unwrap),
    Deflate(Unwrap),
    /// The deflate stream is over.
    Deflated(Unwrap),
    Zstd(Box<Zstd>),
}

impl Data {
    /// Closes the member.
    fn end(&mut self, ctx: &mut Context) {
        match std::mem::replace(&mut self.sink, Sink::Nowhere) {
            Sink::Nowhere => {}
            Sink::Stored(mut inner) | Sink::Deflate(mut inner) | Sink::Deflated(mut inner) => {
                inner.finish(ctx);
            }
            Sink::Zstd(mut stage) => stage.finish(ctx),
        }
        if let Some(member) = self.member.take() {
            member.leave(ctx);
        }
    }
}

impl Zip {
    pub(super) fn new(depth: u8) -> Self {
        Self {
            depth,
            at: At::Header,
            inflate: Inflate::new(),
            held: Vec::new(),
            offset: 0,
            n_members: 0,
            is_too_large: false,
        }
    }

    /// Reads what `bytes` hold; returns how many bytes are done with.
    fn run(&mut self, ctx: &mut Context, bytes: &[u8]) -> usize {
        let mut done = 0;
        loop {
            let rest = bytes.get(done..).unwrap_or_default();
            let before = std::mem::discriminant(&self.at);
            let n = match std::mem::replace(&mut self.at, At::Directory) {
                At::Directory => rest.len(),
                At::Held => {
                    self.at = At::Held;
                    return done;
                }
                At::Header => self.header(ctx, rest),
                At::Descriptor => self.descriptor(rest),
                At::Data(mut data) => {
                    let n = self.data(ctx, &mut data, rest);
                    if matches!(self.at, At::Directory) {
                        self.at = At::Data(data);
                    }
                    n
                }
            };
            done += n;
            self.offset += n as u64;
            if n == 0 && before == std::mem::discriminant(&self.at) {
                return done;
            }
        }
    }

    /// Begins the member whose header `bytes` start with; 0 when they are too few or something else follows.
    fn header(&mut self, ctx: &mut Context, bytes: &[u8]) -> usize {
        self.at = At::Header;
        if bytes.len() < 4 {
            return 0;
        }
        // The sign of an archive that was meant to be split, and was not.
        if self.offset == 0 && bytes.starts_with(DESCRIPTOR) {
            return 4;
        }
        if is_directory(bytes) {
            self.at = At::Directory;
            return bytes.len();
        }
        if !bytes.starts_with(LOCAL) {
            self.at = At::Held;
            return 0;
        }
        let Some(entry) = local(bytes, 0) else {
            return 0;
        };
        let ends_itself = entry.method == DEFLATE && !entry.is_encrypted && !is_hidden(&entry.name);
        if entry.size.is_none() && !ends_itself {
            self.at = At::Held;
            return 0;
        }
        let start = entry.start;
        self.at = At::Data(Box::new(self.begin(ctx, entry)));
        start
    }

    /// Opens a member.
    fn begin(&mut self, ctx: &mut Context, entry: Entry) -> Data {
        let left = entry.size;
        if is_hidden(&entry.name) {
            return Data { entry, left, sink: Sink::Nowhere, member: None };
        }
        self.n_members += 1;
        if entry.is_encrypted {
            ctx.file.members += 1;
            ctx.warn(WarningCode::EncryptedMember, self.offset, || entry.name.clone());
            ctx.fail(ImportError::NotSupported {
                what: format!("{} is encrypted", entry.name),
                advice: "unpack the archive with its password first".to_owned(),
            });
            return Data { entry, left, sink: Sink::Nowhere, member: None };
        }
        let member = Some(Member::enter(ctx, &entry.name));
        let inner = Unwrap::within(self.depth);
        let sink = match entry.method {
            STORED => Sink::Stored(inner),
            DEFLATE => {
                self.inflate.reset();
                Sink::Deflate(inner)
            }
            ZSTD => Sink::Zstd(Box::new(Zstd::new(inner))),
            method => {
                ctx.fail(ImportError::NotSupported {
                    what: format!("the member is packed by method {method}"),
                    advice: "pack it with deflate, or unpack the archive first".to_owned(),
                });
                Sink::Nowhere
            }
        };
        Data { entry, left, sink, member }
    }

    /// Reads packed bytes of a member; when it is over, sets what comes next. Returns the bytes taken.
    fn data(&mut self, ctx: &mut Context, data: &mut Data, bytes: &[u8]) -> usize {
        let most = data.left.and_then(|left| usize::try_from(left).ok()).unwrap_or(usize::MAX);
        let piece = bytes.get(..most.min(PIECE).min(bytes.len())).unwrap_or_default();
        let mut unread = piece;
        let mut is_over = false;
        match std::mem::replace(&mut data.sink, Sink::Nowhere) {
            Sink::Nowhere => unread = &[],
            Sink::Stored(mut inner) => {
                inner.feed(ctx, piece);
                unread = &[];
                data.sink = Sink::Stored(inner);
            }
            Sink::Zstd(mut stage) => {
                stage.feed(ctx, piece);
                unread = &[];
                data.sink = Sink::Zstd(stage);
            }
            Sink::Deflate(mut inner) => {
                let flow = self.inflate.run(ctx, &mut unread, &mut inner);
                let at = self.offset + (piece.len() - unread.len()) as u64;
                is_over = flow == Flow::End && data.left.is_none();
                data.sink = match flow {
                    Flow::More => Sink::Deflate(inner),
                    Flow::End => {
                        if !data.entry.has_descriptor && self.inflate.sums().0 != data.entry.crc {
                            damaged(ctx, "zip", at);
                        }
                        Sink::Deflated(inner)
                    }
                    Flow::Damaged => {
                        damaged(ctx, "zip", at);
                        Sink::Deflated(inner)
                    }
                    Flow::Stopped => Sink::Deflated(inner),
                };
                if flow == Flow::Damaged && data.left.is_none() {
                    // Where the next member begins, only the directory knows.
                    data.end(ctx);
                    self.at = At::Held;
                }
            }
            Sink::Deflated(inner) => {
                unread = &[];
                data.sink = Sink::Deflated(inner);
            }
        }
        let n = piece.len() - unread.len();
        if let Some(left) = &mut data.left {
            *left -= n as u64;
            is_over = *left == 0;
        }
        if is_over {
            if let Sink::Deflate(_) = data.sink {
                damaged(ctx, "zip", self.offset + n as u64);
            }
            data.end(ctx);
            self.at = if data.entry.has_descriptor { At::Descriptor } else { At::Header };
        }
        n
    }

    fn descriptor(&mut self, bytes: &[u8]) -> usize {
        self.at = At::Descriptor;
        match descriptor_len(bytes) {
            Some(len) => {
                self.at = At::Header;
                len
            }
            None if bytes.len() < DESCRIPTOR_AND_SIGN => 0,
            None => {
                self.at = At::Held;
                0
            }
        }
    }

    /// Reads one member of the held bytes; returns where its data ends, as far as that was found out.
    fn held_member(&mut self, ctx: &mut Context, held: &[u8], entry: Entry) -> usize {
        let start = entry.start;
        let mut data = self.begin(ctx, entry);
        let mut at = start;
        while let Some(rest) = held.get(at..).filter(|r| !r.is_empty())
            && data.left != Some(0)
        {
            self.at = At::Directory;
            let n = self.data(ctx, &mut data, rest);
            at += n;
            if n == 0 || !matches!(self.at, At::Directory) {
                break;
            }
        }
        if matches!(data.sink, Sink::Deflate(_)) || data.left.is_some_and(|left| left > 0) {
            truncated(ctx, "zip", self.offset + at as u64);
        }
        data.end(ctx);
        at
    }

    /// Reads the held bytes by the directory, or by local headers where there is none.
    fn read_held(&mut self, ctx: &mut Context) {
        let held = std::mem::take(&mut self.held);
        if let Some(entries) = directory(&held, self.offset) {
            for entry in entries {
                if ctx.stopped {
                    return;
                }
                self.held_member(ctx, &held, entry);
            }
            return;
        }
        truncated(ctx, "zip", self.offset + held.len() as u64);
        let mut at = 0;
        while let Some(found) = find(&held, LOCAL, at)
            && !ctx.stopped
        {
            let Some(mut entry) = local(&held, found) else {
                break;
            };
            if entry.size.is_none() && entry.method != DEFLATE {
                let end = find(&held, DESCRIPTOR, entry.start).unwrap_or(held.len());
                entry.size = Some((end - entry.start) as u64);
            }
            at = self.held_member(ctx, &held, entry).max(found + 4);
        }
    }
}

impl Stage for Zip {
    fn feed(&mut self, ctx: &mut Context, bytes: &[u8]) {
        if ctx.stopped || self.is_too_large {
            return;
        }
        if self.held.is_empty() {
            let n = self.run(ctx, bytes);
            self.held.extend_from_slice(bytes.get(n..).unwrap_or_default());
        } else if self.held.len() + bytes.len() <= MAX_HELD {
            self.held.extend_from_slice(bytes);
            if !matches!(self.at, At::Held) {
                let mut held = std::mem::take(&mut self.held);
                let n = self.run(ctx, &held);
                held.drain(..n);
                self.held = held;
            }
        } else {
            self.is_too_large = true;
            ctx.warn(WarningCode::SizeLimit, self.offset, || {
                "the archive is too large to be held; its first part is read".to_owned()
            });
            let what = "the archive".to_owned();
            ctx.fail(ImportError::TooLarge { what, limit: format!("{} MiB", MAX_HELD >> 20) });
        }
    }

    fn finish(&mut self, ctx: &mut Context) {
        match std::mem::replace(&mut self.at, At::Directory) {
            At::Directory => {}
            At::Held => self.read_held(ctx),
            At::Header | At::Descriptor => truncated(ctx, "zip", self.offset + self.held.len() as u64),
            At::Data(mut data) => {
                truncated(ctx, "zip", self.offset);
                data.end(ctx);
            }
        }
        if self.n_members == 0 {
            ctx.fail(ImportError::Empty { what: "the archive".to_owned() });
        }
    }
}
