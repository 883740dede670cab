//! Zipkin's spans in protobuf (`zipkin.proto3.ListOfSpans`): another notation of what its JSON says.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::Format;
use super::context::Context;
use super::proto::{Broken, Field, Reader, text};
use super::proto_stream::{Action, Messages, ProtoStage};
use super::proto_values::Ids;
use super::zipkin::{self, Endpoint};
use crate::model::attributes::Scalar;
use crate::model::span::{Flags, SpanKind};
use crate::model::warning::WarningCode;

/// Reader of Zipkin protobuf.
pub(super) type ZipkinProto = ProtoStage<Zipkin>;

impl ZipkinProto {
    pub(super) fn zipkin() -> Self {
        Self::with(Zipkin::default())
    }
}

/// State between the spans of a file.
#[derive(Default)]
pub(super) struct Zipkin {
    /// Strings that were not UTF-8.
    mended: u64,
    mended_at: u64,
}

const LEN: u8 = 2;

impl Messages for Zipkin {
    const FORMAT: Format = Format::ZipkinProtobuf;

    fn action(&self, _level: u8, number: u32, wire: u8) -> Action {
        if (number, wire) == (1, LEN) { Action::Take } else { Action::Skip }
    }

    fn enter(&mut self, _ctx: &mut Context, _level: u8) {}

    fn leave(&mut self, _ctx: &mut Context, _level: u8) {}

    fn take(&mut self, ctx: &mut Context, _level: u8, _number: u32, value: &[u8], offset: u64) {
        let mended = self.mended;
        ctx.record.offset = offset;
        match read_span(ctx, value, &mut self.mended) {
            Ok(ids) => {
                ids.resolve(ctx);
                ctx.push_record();
            }
            Err(broken) => {
                ctx.record.clear();
                ctx.file.refused += 1;
                let at = offset + broken.at as u64;
                ctx.warn(WarningCode::BrokenValue, at, || format!("byte {at}: {}", broken.reason));
            }
        }
        if mended == 0 && self.mended > 0 {
            self.mended_at = offset;
        }
    }

    fn too_large(&mut self, ctx: &mut Context, _level: u8, _number: u32) {
        ctx.file.refused += 1;
    }

    fn finish(&mut self, ctx: &mut Context) {
        if self.mended > 0 {
            let n = self.mended;
            ctx.warn(WarningCode::InvalidUtf8, self.mended_at, || format!("{n} texts are not UTF-8"));
        }
    }
}

fn read_span<'a>(ctx: &mut Context, bytes: &'a [u8], mended: &mut u64) -> Result<Ids<'a>, Broken> {
    let mut ids = Ids::default();
    let (mut local, mut remote) = (Endpoint::default(), Endpoint::default());
    let (mut start, mut duration) = (None, None);
    let mut reader = Reader::new(bytes);
    while let Some((number, field)) = reader.next()? {
        match (number, field) {
            (1, Field::Bytes(id)) => ids.trace = id,
            (2, Field::Bytes(id)) => ids.parent = id,
            (3, Field::Bytes(id)) => ids.span = id,
            (4, Field::Varint(kind)) => ctx.record.kind = kind_of(kind),
            (5, Field::Bytes(b)) => {
                ctx.record.name.clear();
                ctx.record.name.push_str(&text(b, mended));
            }
            (6, Field::Fixed64(micros)) => start = Some(nanos(micros)),
            (7, Field::Varint(micros)) => duration = Some(nanos(micros)),
            (8, Field::Bytes(b)) => local = endpoint(b, mended)?,
            (9, Field::Bytes(b)) => remote = endpoint(b, mended)?,
            (10, Field::Bytes(b)) => annotation(ctx, b, mended)?,
            (11, Field::Bytes(b)) => tag(ctx, b, mended)?,
            (12, Field::Varint(1)) => {
                ctx.record.attributes.add(&mut ctx.builder.strings, "debug", Scalar::Bool(true));
            }
            (13, Field::Varint(1)) => ctx.record.flags.set(Flags::SHARED),
            _ => {}
        }
    }
    zipkin::finish(ctx, start, duration, &local, &remote);
    Ok(ids)
}

fn kind_of(number: u64) -> SpanKind {
    match number {
        1 => SpanKind::Client,
        2 => SpanKind::Server,
        3 => SpanKind::Producer,
        4 => SpanKind::Consumer,
        _ => SpanKind::Unspecified,
    }
}

fn nanos(micros: u64) -> i64 {
    i64::try_from(micros).unwrap_or(i64::MAX).saturating_mul(1000)
}

fn endpoint(bytes: &[u8], mended: &mut u64) -> Result<Endpoint, Broken> {
    let mut endpoint = Endpoint::default();
    let mut reader = Reader::new(bytes);
    while let Some((number, field)) = reader.next()? {
        match (number, field) {
            (1, Field::Bytes(b)) => endpoint.service = text(b, mended).into_owned(),
            (2, Field::Bytes(b)) => {
                endpoint.ipv4 =
                    <[u8; 4]>::try_from(b).map(|a| Ipv4Addr::from(a).to_string()).unwrap_or_default();
            }
            (3, Field::Bytes(b)) => {
                endpoint.ipv6 =
                    <[u8; 16]>::try_from(b).map(|a| Ipv6Addr::from(a).to_string()).unwrap_or_default();
            }
            (4, Field::Varint(port)) if port != 0 => endpoint.port = port.to_string(),
            _ => {}
        }
    }
    Ok(endpoint)
}

fn annotation(ctx: &mut Context, bytes: &[u8], mended: &mut u64) -> Result<(), Broken> {
    let (mut time, mut value): (i64, &[u8]) = (0, &[]);
    let mut reader = Reader::new(bytes);
    while let Some((number, field)) = reader.next()? {
        match (number, field) {
            (1, Field::Fixed64(micros)) => time = nanos(micros),
            (2, Field::Bytes(b)) => value = b,
            _ => {}
        }
    }
    zipkin::annotation(ctx, time, &text(value, mended));
    Ok(())
}

fn tag(ctx: &mut Context, bytes: &[u8], mended: &mut u64) -> Result<(), Broken> {
    let (mut key, mut value): (&[u8], &[u8]) = (&[], &[]);
    let mut reader = Reader::new(bytes);
    while let Some((number, field)) = reader.next()? {
        match (number, field) {
            (1, Field::Bytes(b)) => key = b,
            (2, Field::Bytes(b)) => value = b,
            _ => {}
        }
    }
    let key = text(key, mended);
    zipkin::tag(ctx, &key, &text(value, mended));
    Ok(())
}
