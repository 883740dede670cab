//! Ids in all the ways they are written: hex of any length, base64, decimal, UUID, X-Ray, and plain words.

use base64::Engine;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::context::Context;
use crate::model::ids::{SpanId, TraceId};
use crate::model::warning::WarningCode;

/// How an id was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Absent, empty, zero, or a word for "none".
    Missing,
    /// An encoding of the bytes: hex or base64.
    Bytes,
    /// Another notation of a number, which the reader may search for as written.
    Notation,
    /// No encoding of an id at all; the bytes are a hash of the text.
    Hashed,
}

/// An id and how it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct IdRead<T> {
    /// The id; none when missing.
    pub(crate) id: T,
    /// How it was written.
    pub(crate) form: Form,
}

/// Reads the id of a trace.
pub(crate) fn parse_trace_id(text: &str) -> IdRead<TraceId> {
    if let Some(bytes) = exact_hex::<16>(text) {
        return checked(TraceId(bytes), Form::Bytes);
    }
    let read = parse(text, 16);
    checked(TraceId(read.id.to_be_bytes()), read.form)
}

/// Reads the id of a span.
pub(crate) fn parse_span_id(text: &str) -> IdRead<SpanId> {
    if let Some(bytes) = exact_hex::<8>(text) {
        return checked(SpanId(u64::from_be_bytes(bytes)), Form::Bytes);
    }
    let read = parse(text, 8);
    checked(SpanId(read.id as u64), read.form)
}

/// Sets the record's trace id from `text`, with the text itself and a warning where they are needed.
#[inline]
pub(crate) fn set_trace_id(ctx: &mut Context, text: &str) {
    let read = parse_trace_id(text);
    ctx.record.trace_id = read.id;
    keep(ctx, read.form, text, |record| &mut record.trace_id_text);
}

/// Sets the record's span id from `text`.
#[inline]
pub(crate) fn set_span_id(ctx: &mut Context, text: &str) {
    let read = parse_span_id(text);
    ctx.record.span_id = read.id;
    keep(ctx, read.form, text, |record| &mut record.span_id_text);
}

/// Sets the record's parent from `text`; `root`, `-1` and their like mean none.
#[inline]
pub(crate) fn set_parent_id(ctx: &mut Context, text: &str) {
    let read = parse_span_id(text);
    ctx.record.parent_id = read.id;
    keep(ctx, read.form, text, |record| &mut record.parent_id_text);
}

#[inline]
fn keep(
    ctx: &mut Context,
    form: Form,
    text: &str,
    field: fn(&mut crate::model::record::SpanRecord) -> &mut String,
) {
    if matches!(form, Form::Missing | Form::Bytes) {
        return;
    }
    let kept = field(&mut ctx.record);
    kept.clear();
    kept.push_str(text);
    if form == Form::Hashed {
        let offset = ctx.record.offset;
        ctx.warn(WarningCode::IdNotHex, offset, || format!("the id \"{}\"", excerpt(text)));
    }
}

/// The beginning of a text for a message.
pub(crate) fn excerpt(text: &str) -> String {
    let mut out: String = text.chars().take(60).collect();
    if out.len() < text.len() {
        out.push('…');
    }
    out
}

/// An id whose every byte is zero is missing, however it was written.
fn checked<T: Default + PartialEq>(id: T, form: Form) -> IdRead<T> {
    let form = if id == T::default() { Form::Missing } else { form };
    IdRead { id, form }
}

#[inline]
fn exact_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let bytes = text.as_bytes();
    if bytes.len() != 2 * N {
        return None;
    }
    let mut out = [0; N];
    let mut bad = 0_u8;
    for (byte, pair) in out.iter_mut().zip(bytes.chunks_exact(2)) {
        let &[high, low] = pair else { return None };
        let (high, low) = (HEX[high as usize], HEX[low as usize]);
        bad |= high | low;
        *byte = high << 4 | (low & 15);
    }
    (bad < 16).then_some(out)
}

const HEX: [u8; 256] = {
    let mut table = [0xff; 256];
    let mut n = 0;
    while n < 16 {
        let digit = b"0123456789abcdef"[n];
        table[digit as usize] = n as u8;
        table[digit.to_ascii_uppercase() as usize] = n as u8;
        n += 1;
    }
    table
};

/// Reads an id of `width` bytes that is not plain hex of the full width.
#[cold]
fn parse(text: &str, width: usize) -> IdRead<u128> {
    let text = text.trim();
    if matches!(text, "" | "0" | "-1" | "root" | "null" | "None") {
        return IdRead { id: 0, form: Form::Missing };
    }
    let text = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
    if let Some(id) = hex(text, width) {
        return IdRead { id, form: Form::Bytes };
    }
    if let Some(id) = from_base64(text, width) {
        return IdRead { id, form: Form::Bytes };
    }
    let notation = uuid(text).or_else(|| xray(text)).or_else(|| decimal(text, width));
    match notation {
        Some(id) if width == 16 || u64::try_from(id).is_ok() => IdRead { id, form: Form::Notation },
        _ => IdRead { id: hash(text, width), form: Form::Hashed },
    }
}

fn hex(text: &str, width: usize) -> Option<u128> {
    if text.len() > 2 * width || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    u128::from_str_radix(text, 16).ok()
}

fn from_base64(text: &str, width: usize) -> Option<u128> {
    // 8 bytes are 11 characters and a `=`, 16 bytes 22 and two.
    let unpadded = text.trim_end_matches('=').len();
    if !(unpadded == 11 || (unpadded == 22 && width == 16)) {
        return None;
    }
    let bytes = decode_base64(text)?;
    (bytes.len() == 8 || bytes.len() == 16).then(|| bytes.iter().fold(0, |id, &b| id << 8 | u128::from(b)))
}

/// Decodes base64 with either alphabet, padded or not.
pub(crate) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let alphabet = if text.contains(['-', '_']) { &URL_SAFE } else { &STANDARD };
    GeneralPurpose::new(alphabet, LENIENT).decode(text).ok()
}

fn uuid(text: &str) -> Option<u128> {
    let parts = text.split('-').map(str::len);
    parts.eq([8, 4, 4, 4, 12]).then(|| hex(&text.replace('-', ""), 16))?
}

/// `1-5759e988-bd862e3fe1be46a994272793`: a version, then both halves of the id.
fn xray(text: &str) -> Option<u128> {
    let (time, rest) = text.strip_prefix("1-")?.split_once('-')?;
    (time.len() == 8 && rest.len() == 24).then(|| hex(&format!("{time}{rest}"), 16))?
}

fn decimal(text: &str, width: usize) -> Option<u128> {
    if width == 8 { text.parse::<u64>().ok().map(u128::from) } else { text.parse().ok() }
}

/// FNV-1a over 128 bits: the same text has the same id in every file and version.
pub(crate) fn hash(text: &str, width: usize) -> u128 {
    const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let wide = text.bytes().fold(BASIS, |h, b| (h ^ u128::from(b)).wrapping_mul(PRIME));
    if width == 16 { wide } else { (wide >> 64) ^ (wide & u128::from(u64::MAX)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trace_ids_are_read_from_every_notation() {
        use Form::{Bytes, Missing, Notation};
        for (text, expected, form) in [
            ("5B8EFFF798038103D269B633813FC60C", 0x5b8e_fff7_9803_8103_d269_b633_813f_c60c_u128, Bytes),
            ("1", 1, Bytes),
            ("d2e4a2f0275d14e", 0x0d2e_4a2f_0275_d14e, Bytes),
            ("0x0000000000000000000000000000000a", 10, Bytes),
            ("AAAAAAAAAAAAAAAAAAAAAQ==", 1, Bytes),
            ("AAAAAAAAAAAAAAAAAAAAAQ", 1, Bytes),
            ("AAAAAAAAAP8=", 255, Bytes),
            ("5759e988-bd86-2e3f-e1be-46a994272793", 0x5759_e988_bd86_2e3f_e1be_46a9_9427_2793, Notation),
            ("1-5759e988-bd862e3fe1be46a994272793", 0x5759_e988_bd86_2e3f_e1be_46a9_9427_2793, Notation),
            ("340282366920938463463374607431768211455", u128::MAX, Notation),
            ("00000000000000000000000000000000", 0, Missing),
            ("", 0, Missing),
        ] {
            let expected = IdRead { id: TraceId(expected.to_be_bytes()), form };
            assert_eq!(parse_trace_id(text), expected, "{text}");
        }
    }

    #[test]
    fn span_ids_are_read_from_every_notation() {
        use Form::{Bytes, Missing, Notation};
        for (text, expected, form) in [
            ("eee19b7ec3c1b174", 0xeee1_9b7e_c3c1_b174_u64, Bytes),
            ("0x0000000000000002", 2, Bytes),
            ("AAAAAAAAAAI=", 2, Bytes),
            ("GNDBj8-dCOU=", 0x18d0_c18f_cf9d_08e5, Bytes),
            ("18446744073709551615", u64::MAX, Notation),
            ("0", 0, Missing),
            ("-1", 0, Missing),
            ("root", 0, Missing),
            ("0000000000000000", 0, Missing),
            ("AAAAAAAAAAA=", 0, Missing),
        ] {
            assert_eq!(parse_span_id(text), IdRead { id: SpanId(expected), form }, "{text}");
        }
    }

    #[test]
    fn words_are_hashed_apart_and_the_same_every_time() {
        let read = parse_span_id("S1");
        assert_eq!(read.form, Form::Hashed);
        assert_eq!(read, parse_span_id("S1"));
        assert_ne!(read.id, parse_span_id("S2").id);
        assert_eq!(parse_trace_id("zzz").form, Form::Hashed);
        // Sixteen bytes do not fit a span id.
        assert_eq!(parse_span_id("5b8efff798038103d269b633813fc60c").form, Form::Hashed);
    }

    #[test]
    fn hex_wins_over_base64_of_the_same_length() {
        assert_eq!(
            parse_trace_id("abcdefabcdefabcdefabcd").id.to_string(),
            "0000000000abcdefabcdefabcdefabcd"
        );
    }
}
