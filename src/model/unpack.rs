//! Reads packed records back: as values for the reader, or as a digest for comparing records.

use crate::base::{blocks::Blocks, varint};

use super::attributes::{Scalar, Value};
use super::ids::{SpanId, TraceId};
use super::index::{ResourceIdx, ScopeIdx, StringIdx};
use super::pack::{inline_text, part, tag};
use super::record::LinkKind;
use super::strings::Strings;
use super::time::UnixNanos;
use super::trace_set::{Details, Event, Link, Resource, Scope};

/// Where a packed record stands when there is none.
pub(super) const NO_COLD: u32 = u32::MAX;

/// Bytes and the strings that they refer to.
#[derive(Clone, Copy)]
pub(super) struct Cold<'a> {
    pub(super) blocks: &'a Blocks,
    pub(super) strings: &'a Strings,
}

/// A packed value, one step at a time; map keys are texts.
pub(super) enum Step<'a> {
    Scalar(Scalar<'a>),
    Array,
    Map,
    End,
}

/// Something open while a value is put together.
enum Open<'a> {
    Array(Vec<Value<'a>>),
    Map(Vec<(&'a str, Value<'a>)>, Option<&'a str>),
}

/// Reads a packed record from its first byte on.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a> {
    cold: Cold<'a>,
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cold<'a> {
    pub(super) fn cursor(self, place: u32) -> Cursor<'a> {
        let bytes = if place == NO_COLD { &[] } else { self.blocks.from(place) };
        Cursor { cold: self, bytes, at: 0 }
    }

    /// The packed fields of a record; the rest of [`Details`] is for the caller.
    pub(super) fn details(self, place: u32) -> Details<'a> {
        let mut details = Details::default();
        // Packed by this crate, so it cannot fail; if it did, what was read so far is shown.
        let _ = self.cursor(place).details(&mut details);
        details
    }

    pub(super) fn resource(self, place: u32) -> Resource<'a> {
        let mut resource = Resource::default();
        let mut cursor = self.cursor(place);
        let mut read = || -> Option<()> {
            resource.service = cursor.text()?;
            resource.schema_url = cursor.text()?;
            resource.dropped_attributes = cursor.number()? as u32;
            resource.attributes = cursor.attributes()?;
            Some(())
        };
        let _ = read();
        resource
    }

    pub(super) fn scope(self, place: u32) -> Scope<'a> {
        let mut scope = Scope::default();
        let mut cursor = self.cursor(place);
        let mut read = || -> Option<()> {
            scope.name = cursor.text()?;
            scope.version = cursor.text()?;
            scope.schema_url = cursor.text()?;
            scope.dropped_attributes = cursor.number()? as u32;
            scope.attributes = cursor.attributes()?;
            Some(())
        };
        let _ = read();
        scope
    }
}

impl<'a> Cursor<'a> {
    #[inline]
    pub(super) fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    #[inline]
    pub(super) fn number(&mut self) -> Option<u64> {
        varint::read(self.bytes, &mut self.at)
    }

    pub(super) fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(len)?;
        let bytes = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(bytes)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    /// A text after its tag.
    fn text_after(&mut self, first: u8) -> Option<&'a str> {
        let bytes = match first {
            tag::TEXT_REF => {
                let place = u32::from_le_bytes(self.array()?);
                inline_text(self.cold.blocks.from(place))?
            }
            tag::LONG_TEXT => {
                let len = self.number()? as usize;
                self.take(len)?
            }
            short => self.take(usize::from(short.checked_sub(tag::SHORT_TEXT)?))?,
        };
        std::str::from_utf8(bytes).ok()
    }

    pub(super) fn text(&mut self) -> Option<&'a str> {
        let first = self.byte()?;
        self.text_after(first)
    }

    #[inline]
    pub(super) fn step(&mut self) -> Option<Step<'a>> {
        let value = match self.byte()? {
            tag::NULL => Scalar::Null,
            tag::FALSE => Scalar::Bool(false),
            tag::TRUE => Scalar::Bool(true),
            tag::I64 => Scalar::I64(varint::unzigzag(self.number()?)),
            tag::U64 => Scalar::U64(self.number()?),
            tag::F64 => Scalar::F64(f64::from_bits(u64::from_le_bytes(self.array()?))),
            tag::BYTES => {
                let len = self.number()? as usize;
                Scalar::Bytes(self.take(len)?)
            }
            tag::ARRAY => return Some(Step::Array),
            tag::MAP => return Some(Step::Map),
            tag::END => return Some(Step::End),
            text => Scalar::Str(self.text_after(text)?),
        };
        Some(Step::Scalar(value))
    }

    /// Passes over a value of any depth without decoding it.
    pub(super) fn skip(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            let len = match self.byte()? {
                tag::NULL | tag::FALSE | tag::TRUE => 0,
                tag::I64 | tag::U64 => {
                    self.number()?;
                    0
                }
                tag::F64 => 8,
                tag::BYTES | tag::LONG_TEXT => self.number()? as usize,
                tag::TEXT_REF => 4,
                tag::ARRAY | tag::MAP => {
                    depth += 1;
                    continue;
                }
                tag::END => {
                    depth = depth.saturating_sub(1);
                    0
                }
                short => usize::from(short.checked_sub(tag::SHORT_TEXT)?),
            };
            self.at = self.at.checked_add(len)?;
            if depth == 0 {
                return Some(());
            }
        }
    }

    fn value(&mut self) -> Option<Value<'a>> {
        let mut open: Vec<Open<'a>> = Vec::new();
        loop {
            let step = self.step()?;
            let value = match (step, open.last_mut()) {
                (Step::End, _) => match open.pop()? {
                    Open::Array(items) => Value::Array(items),
                    Open::Map(pairs, _) => Value::Map(pairs),
                },
                (Step::Scalar(Scalar::Str(key)), Some(Open::Map(_, wanted @ None))) => {
                    *wanted = Some(key);
                    continue;
                }
                (Step::Scalar(value), _) => value.into(),
                (Step::Array, _) => {
                    open.push(Open::Array(Vec::new()));
                    continue;
                }
                (Step::Map, _) => {
                    open.push(Open::Map(Vec::new(), None));
                    continue;
                }
            };
            match open.last_mut() {
                None => return Some(value),
                Some(Open::Array(items)) => items.push(value),
                Some(Open::Map(pairs, key)) => pairs.push((key.take().unwrap_or_default(), value)),
            }
        }
    }

    fn attributes(&mut self) -> Option<Vec<(&'a str, Value<'a>)>> {
        let n = self.number()?;
        let mut attributes = Vec::with_capacity(n.min(1024) as usize);
        for _ in 0..n {
            let key = self.cold.strings.get(StringIdx(self.number()? as u32));
            attributes.push((key, self.value()?));
        }
        Some(attributes)
    }

    fn details(&mut self, details: &mut Details<'a>) -> Option<()> {
        let parts = self.byte()?;
        details.resource = ResourceIdx(self.number()? as u32);
        details.scope = ScopeIdx(self.number()? as u32);
        if parts & part::TRACE_FLAGS != 0 {
            details.trace_flags = self.number()? as u32;
        }
        if parts & part::ATTRIBUTES != 0 {
            details.attributes = self.attributes()?;
        }
        if parts & part::EVENTS != 0 {
            let mut before = 0_i64;
            for _ in 0..self.number()? {
                before = before.wrapping_add(varint::unzigzag(self.number()?));
                details.events.push(Event {
                    time: UnixNanos(before),
                    name: self.text()?,
                    dropped_attributes: self.number()? as u32,
                    attributes: self.attributes()?,
                });
            }
        }
        if parts & part::LINKS != 0 {
            for _ in 0..self.number()? {
                details.links.push(Link {
                    trace_id: TraceId(self.array()?),
                    span_id: SpanId(u64::from_le_bytes(self.array()?)),
                    kind: match self.number()? {
                        1 => LinkKind::FollowsFrom,
                        2 => LinkKind::ExtraParent,
                        _ => LinkKind::Link,
                    },
                    trace_state: self.text()?,
                    flags: self.number()? as u32,
                    dropped_attributes: self.number()? as u32,
                    attributes: self.attributes()?,
                });
            }
        }
        if parts & part::RARE != 0 {
            details.status_message = self.text()?;
            details.trace_state = self.text()?;
            details.id_texts = [self.text()?, self.text()?];
            for dropped in &mut details.dropped {
                *dropped = self.number()? as u32;
            }
            for _ in 0..self.number()? {
                details.source_warnings.push(self.text()?);
            }
        }
        Some(())
    }
}

/// 128 bits that stand for a record's content: FNV-1a. Equal content gives equal digests whatever the order
/// of reading was.
pub(super) struct Digest(u128);

impl Default for Digest {
    fn default() -> Self {
        Self(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d)
    }
}

impl Digest {
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
        }
    }

    pub(super) fn number(&mut self, value: u64) {
        self.bytes(&value.to_le_bytes());
    }

    pub(super) fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.bytes(text.as_bytes());
    }

    pub(super) fn finish(&self) -> u128 {
        self.0
    }

    fn attributes(&mut self, cursor: &mut Cursor<'_>) -> Option<()> {
        let n = cursor.number()?;
        self.number(n);
        for _ in 0..n {
            self.text(cursor.cold.strings.get(StringIdx(cursor.number()? as u32)));
            let mut depth = 0_usize;
            loop {
                match cursor.step()? {
                    Step::Array => {
                        self.bytes(&[tag::ARRAY]);
                        depth += 1;
                    }
                    Step::Map => {
                        self.bytes(&[tag::MAP]);
                        depth += 1;
                    }
                    Step::End => {
                        self.bytes(&[tag::END]);
                        depth = depth.saturating_sub(1);
                    }
                    Step::Scalar(value) => self.scalar(value),
                }
                if depth == 0 {
                    break;
                }
            }
        }
        Some(())
    }

    fn scalar(&mut self, value: Scalar<'_>) {
        let (kind, number) = match value {
            Scalar::Bool(v) => (tag::TRUE, u64::from(v)),
            Scalar::I64(v) => (tag::I64, v as u64),
            Scalar::U64(v) => (tag::U64, v),
            Scalar::F64(v) => (tag::F64, v.to_bits()),
            Scalar::Str(text) => {
                self.bytes(&[tag::SHORT_TEXT]);
                return self.text(text);
            }
            Scalar::Bytes(bytes) => {
                self.bytes(&[tag::BYTES]);
                self.number(bytes.len() as u64);
                return self.bytes(bytes);
            }
            Scalar::Null => (tag::NULL, 0),
        };
        self.bytes(&[kind]);
        self.number(number);
    }

    /// Adds a packed record without its resource and scope, whose numbers depend on the order of reading;
    /// they are returned.
    pub(super) fn record(&mut self, cold: Cold<'_>, place: u32) -> (ResourceIdx, ScopeIdx) {
        let mut cursor = cold.cursor(place);
        let mut owners = (ResourceIdx(0), ScopeIdx(0));
        let _ = self.record_parts(&mut cursor, &mut owners);
        owners
    }

    fn record_parts(&mut self, c: &mut Cursor<'_>, owners: &mut (ResourceIdx, ScopeIdx)) -> Option<()> {
        let parts = c.byte()?;
        self.bytes(&[parts]);
        owners.0 = ResourceIdx(c.number()? as u32);
        owners.1 = ScopeIdx(c.number()? as u32);
        if parts & part::TRACE_FLAGS != 0 {
            self.number(c.number()?);
        }
        if parts & part::ATTRIBUTES != 0 {
            self.attributes(c)?;
        }
        if parts & part::EVENTS != 0 {
            let n = c.number()?;
            self.number(n);
            for _ in 0..n {
                self.number(c.number()?);
                self.text(c.text()?);
                self.number(c.number()?);
                self.attributes(c)?;
            }
        }
        if parts & part::LINKS != 0 {
            let n = c.number()?;
            self.number(n);
            for _ in 0..n {
                self.bytes(c.take(24)?);
                self.number(c.number()?);
                self.text(c.text()?);
                self.number(c.number()?);
                self.number(c.number()?);
                self.attributes(c)?;
            }
        }
        if parts & part::RARE != 0 {
            for _ in 0..4 {
                self.text(c.text()?);
            }
            for _ in 0..3 {
                self.number(c.number()?);
            }
            let n = c.number()?;
            self.number(n);
            for _ in 0..n {
                self.text(c.text()?);
            }
        }
        Some(())
    }

    /// Adds a packed resource (two texts) or scope (three texts).
    pub(super) fn owner(&mut self, cold: Cold<'_>, place: u32, n_texts: usize) {
        let mut cursor = cold.cursor(place);
        let mut read = || -> Option<()> {
            for _ in 0..n_texts {
                self.text(cursor.text()?);
            }
            self.number(cursor.number()?);
            self.attributes(&mut cursor)
        };
        let _ = read();
    }
}
