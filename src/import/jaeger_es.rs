//! Jaeger's documents in Elasticsearch: the API's spans with the process inside and values as text.

use super::Format;
use super::context::Context;
use super::jaeger::decode_as;
use super::jaeger_tags::Flavor;
use super::json::{Cursor, Step};

/// Reads one document.
pub(super) fn decode(c: &mut Cursor<'_>, ctx: &mut Context) -> Step<()> {
    ctx.saw(Format::JaegerElasticsearch);
    decode_as(c, ctx, Flavor::Elasticsearch)
}
