//! Takes files out of what they are wrapped in, and hands each to the reader of its format.
//!
//! What the bytes are is decided by looking at the first 64 KiB, always the same number, so that the pieces in
//! which they come make no difference. Names never matter.

use super::Stage;
use super::context::Context;
use super::error::ImportError;
use super::frames::Frames;
use super::gzip::Gzip;
use super::otlp_proto::OtlpProto;
use super::sniff::{self, Kind};
use super::tar::Tar;
use super::text::Text;
use super::zip::Zip;
use super::zipkin_proto::ZipkinProto;
use super::zstd::Zstd;
use crate::model::warning::WarningCode;

/// Containers within containers that are opened: a `.tar.gz` in a zip takes three.
const MAX_DEPTH: u8 = 4;

/// Looks at the first bytes, then unpacks them or hands them on.
pub(super) struct Unwrap {
    depth: u8,
    state: State,
    /// The bytes are a file, no longer a container.
    is_content: bool,
}

enum State {
    /// Too few bytes yet to say what they are.
    Looking(Vec<u8>),
    Reading(Box<dyn Stage>),
    /// Nothing in it can be read; why is noted.
    Ignored,
}

impl Unwrap {
    /// For a file as it was given.
    pub(super) fn new() -> Self {
        Self::within(0)
    }

    /// For what is found `depth` containers deep.
    pub(super) fn within(depth: u8) -> Self {
        Self { depth, state: State::Looking(Vec::new()), is_content: false }
    }

    /// Decides by the first bytes; `complete` when nothing follows them.
    fn decide(&mut self, ctx: &mut Context, bytes: &[u8], complete: bool) -> State {
        let look = bytes.get(..sniff::LOOK).unwrap_or(bytes);
        let size = (self.depth == 0).then_some(ctx.file.size).flatten();
        let kind = sniff::sniff(look, complete && bytes.len() <= sniff::LOOK, size);
        let next = self.depth + 1;
        let stage: Box<dyn Stage> = match kind {
            Kind::Empty => {
                ctx.fail(ImportError::Blank);
                return State::Ignored;
            }
            Kind::Refused(error) => {
                ctx.fail(error);
                return State::Ignored;
            }
            Kind::Gzip | Kind::Zstd | Kind::Zip | Kind::Tar | Kind::Frames if next > MAX_DEPTH => {
                ctx.warn(WarningCode::SizeLimit, 0, || {
                    format!("more than {MAX_DEPTH} containers within each other")
                });
                ctx.fail(ImportError::NotSupported {
                    what: format!("the file is packed more than {MAX_DEPTH} times"),
                    advice: "unpack it first".to_owned(),
                });
                return State::Ignored;
            }
            Kind::Gzip => Box::new(Gzip::new(Self::within(next))),
            Kind::Zstd => Box::new(Zstd::new(Self::within(next))),
            Kind::Zip => Box::new(Zip::new(next)),
            Kind::Tar => Box::new(Tar::new(next)),
            Kind::Frames => Box::new(Frames::new(next)),
            Kind::Text(encoding) => {
                self.is_content = true;
                Box::new(Text::new(encoding))
            }
            Kind::Otlp => {
                self.is_content = true;
                Box::new(OtlpProto::otlp())
            }
            Kind::TempoV2 => {
                self.is_content = true;
                Box::new(OtlpProto::tempo())
            }
            Kind::Zipkin => {
                self.is_content = true;
                Box::new(ZipkinProto::zipkin())
            }
        };
        State::Reading(stage)
    }

    fn read(&mut self, ctx: &mut Context, bytes: &[u8]) {
        if let State::Reading(stage) = &mut self.state {
            if self.is_content {
                ctx.file.unpacked += bytes.len() as u64;
            }
            stage.feed(ctx, bytes);
        }
    }
}

impl Stage for Unwrap {
    fn feed(&mut self, ctx: &mut Context, bytes: &[u8]) {
        let State::Looking(held) = &mut self.state else {
            return self.read(ctx, bytes);
        };
        if held.is_empty() && bytes.len() >= sniff::LOOK {
            self.state = self.decide(ctx, bytes, false);
            return self.read(ctx, bytes);
        }
        held.extend_from_slice(bytes);
        if held.len() >= sniff::LOOK {
            let held = std::mem::take(held);
            self.state = self.decide(ctx, &held, false);
            self.read(ctx, &held);
        }
    }

    fn finish(&mut self, ctx: &mut Context) {
        if let State::Looking(held) = &mut self.state {
            let held = std::mem::take(held);
            self.state = self.decide(ctx, &held, true);
            self.read(ctx, &held);
        }
        if let State::Reading(stage) = &mut self.state {
            stage.finish(ctx);
        }
        self.state = State::Ignored;
    }
}

/// One file among several in a container, while it is read: its name stands before warnings, its spans have it
/// as their source, and its failure is a warning if others succeed.
pub(super) struct Member {
    outer_name: String,
    records: u64,
    refused: u64,
    /// Warnings of this kind before: the reader of the member may have said it.
    not_traces: u64,
    error: Option<ImportError>,
}

impl Member {
    /// Starts the member `name` of the current file.
    pub(super) fn enter(ctx: &mut Context, name: &str) -> Self {
        let outer_name = std::mem::take(&mut ctx.file.name);
        ctx.file.name = format!("{outer_name} › {name}");
        ctx.file.members += 1;
        ctx.builder.source(&ctx.file.name);
        Self::unnamed(ctx, outer_name)
    }

    fn unnamed(ctx: &mut Context, outer_name: String) -> Self {
        Self {
            outer_name,
            records: ctx.builder.n_records(),
            refused: ctx.file.refused,
            not_traces: ctx.builder.warnings.count(WarningCode::NotTraces),
            error: ctx.file.error.take(),
        }
    }

    /// Starts a part of the current file that has no name of its own.
    pub(super) fn part(ctx: &mut Context) -> Self {
        let name = ctx.file.name.clone();
        Self::unnamed(ctx, name)
    }

    /// Ends the member.
    pub(super) fn leave(self, ctx: &mut Context) {
        let found = ctx.builder.n_records() != self.records || ctx.file.refused != self.refused;
        let error = ctx.file.error.take().filter(|_| !found);
        let is_told = ctx.builder.warnings.count(WarningCode::NotTraces) != self.not_traces;
        if let Some(error) = error.as_ref().filter(|e| is_other_file(e) && !is_told) {
            ctx.warn(WarningCode::NotTraces, 0, || error.to_string());
        }
        ctx.file.error = self.error.or(error);
        ctx.file.name = self.outer_name;
    }
}

/// Whether the error says that the file is something else, rather than empty or damaged.
fn is_other_file(error: &ImportError) -> bool {
    matches!(
        error,
        ImportError::NotSupported { .. }
            | ImportError::UnknownFormat { .. }
            | ImportError::ErrorAnswer { .. }
    )
}

/// Whether a member of an archive is not meant to be read: a directory, or something hidden.
pub(super) fn is_hidden(name: &str) -> bool {
    let hidden = |part: &str| part.starts_with('.') && part != "." && part != "..";
    name.ends_with(['/', '\\'])
        || name
            .split(['/', '\\'])
            .any(|part| hidden(part) || part == "__MACOSX" || matches!(part, "Thumbs.db" | "desktop.ini"))
}

/// The container ends before its content does; what came out is kept.
pub(super) fn truncated(ctx: &mut Context, container: &'static str, offset: u64) {
    ctx.warn(WarningCode::TruncatedContainer, offset, || format!("the {container} data ends early"));
    let reason = "the file ends before its content does".to_owned();
    ctx.fail(ImportError::Malformed { format: container, offset, reason });
}

/// The container is garbled at `offset`; what came out is kept, what follows is not read.
pub(super) fn damaged(ctx: &mut Context, container: &'static str, offset: u64) {
    ctx.warn(WarningCode::TruncatedContainer, offset, || {
        format!("the {container} data is damaged at byte {offset}")
    });
    let reason = "the compressed data is damaged".to_owned();
    ctx.fail(ImportError::Malformed { format: container, offset, reason });
}
