//! The cold part of a record as bytes: attributes, events, links and rare fields in one run.
//!
//! Text is written once and referred to later where that is cheap to find out: a direct-mapped cache remembers
//! where a text was written last. Texts that repeat cost five bytes, texts that do not cost their length and
//! one or two; interning all of them would cost more than anything else of the import.

use crate::base::{blocks::Blocks, varint};

use super::attributes::{AttributeBuffer, Token};
use super::record::{ResourceRecord, ScopeRecord, SpanRecord};

/// First byte of a value or a text.
pub(super) mod tag {
    pub(crate) const NULL: u8 = 0;
    pub(crate) const FALSE: u8 = 1;
    pub(crate) const TRUE: u8 = 2;
    pub(crate) const I64: u8 = 3;
    pub(crate) const U64: u8 = 4;
    pub(crate) const F64: u8 = 5;
    pub(crate) const BYTES: u8 = 6;
    pub(crate) const ARRAY: u8 = 7;
    pub(crate) const MAP: u8 = 8;
    pub(crate) const END: u8 = 9;
    /// Text elsewhere: where its first byte stands, four bytes, little-endian.
    pub(crate) const TEXT_REF: u8 = 10;
    /// Text with its length before it.
    pub(crate) const LONG_TEXT: u8 = 11;
    /// Text whose length is the tag less this.
    pub(crate) const SHORT_TEXT: u8 = 16;
}

/// Parts of a packed record that are present, in its first byte.
pub(super) mod part {
    pub(crate) const ATTRIBUTES: u8 = 1;
    pub(crate) const EVENTS: u8 = 1 << 1;
    pub(crate) const LINKS: u8 = 1 << 2;
    pub(crate) const RARE: u8 = 1 << 3;
    pub(crate) const TRACE_FLAGS: u8 = 1 << 4;
}

const SLOTS: usize = 1 << 15;
/// A reference takes five bytes; shorter text is written again.
const MIN_REF: usize = 5;
/// Nesting of values beyond this is cut: what reads values back, drops and compares them, recurses.
const MAX_DEPTH: usize = 256;

/// Writes records behind one another.
#[derive(Clone, Debug, Default)]
pub(super) struct Packer {
    pub(super) blocks: Blocks,
    scratch: Vec<u8>,
    /// Check (upper half of the hash) and place of the text last seen with this hash.
    cache: Vec<(u32, u32)>,
    /// Texts of the record at work: slot, check, offset.
    pending: Vec<(u32, u32, u32)>,
}

impl Packer {
    /// Packs the cold part of a span; where it starts, or `None` when there is no more room.
    pub(super) fn record(&mut self, record: &SpanRecord) -> Option<u32> {
        let events = record.events.get(..record.n_events).unwrap_or_default();
        let links = record.links.get(..record.n_links).unwrap_or_default();
        let has_rare = !record.status_message.is_empty()
            || !record.trace_state.is_empty()
            || !record.span_id_text.is_empty()
            || !record.parent_id_text.is_empty()
            || !record.source_warnings.is_empty()
            || record.dropped_attributes | record.dropped_events | record.dropped_links != 0;
        let bit = |present: bool, part: u8| if present { part } else { 0 };
        let parts = bit(!record.attributes.is_empty(), part::ATTRIBUTES)
            | bit(!events.is_empty(), part::EVENTS)
            | bit(!links.is_empty(), part::LINKS)
            | bit(has_rare, part::RARE)
            | bit(record.trace_flags != 0, part::TRACE_FLAGS);
        self.begin();
        self.scratch.push(parts);
        self.number(u64::from(record.resource.0));
        self.number(u64::from(record.scope.0));
        if record.trace_flags != 0 {
            self.number(u64::from(record.trace_flags));
        }
        if !record.attributes.is_empty() {
            self.attributes(&record.attributes);
        }
        if !events.is_empty() {
            self.number(events.len() as u64);
            let mut before = 0;
            for event in events {
                self.number(varint::zigzag(event.time.wrapping_sub(before)));
                before = event.time;
                self.text(event.name.as_bytes());
                self.number(u64::from(event.dropped_attributes));
                self.attributes(&event.attributes);
            }
        }
        if !links.is_empty() {
            self.number(links.len() as u64);
            for link in links {
                self.scratch.extend_from_slice(&link.trace_id.0);
                self.scratch.extend_from_slice(&link.span_id.0.to_le_bytes());
                self.number(link.kind as u64);
                self.text(link.trace_state.as_bytes());
                self.number(u64::from(link.flags));
                self.number(u64::from(link.dropped_attributes));
                self.attributes(&link.attributes);
            }
        }
        if has_rare {
            for text in
                [&record.status_message, &record.trace_state, &record.span_id_text, &record.parent_id_text]
            {
                self.text(text.as_bytes());
            }
            for dropped in [record.dropped_attributes, record.dropped_events, record.dropped_links] {
                self.number(u64::from(dropped));
            }
            self.number(record.source_warnings.len() as u64);
            for warning in &record.source_warnings {
                self.text(warning.as_bytes());
            }
        }
        self.commit()
    }

    /// The bytes of a resource: equal content gives equal bytes, since nothing refers elsewhere.
    pub(super) fn resource(record: &ResourceRecord) -> Vec<u8> {
        let mut packer = Self::default();
        packer.text(record.service.as_bytes());
        packer.text(record.schema_url.as_bytes());
        packer.number(u64::from(record.dropped_attributes));
        packer.attributes(&record.attributes);
        packer.scratch
    }

    /// The bytes of a scope, as for [`Self::resource`].
    pub(super) fn scope(record: &ScopeRecord) -> Vec<u8> {
        let mut packer = Self::default();
        packer.text(record.name.as_bytes());
        packer.text(record.version.as_bytes());
        packer.text(record.schema_url.as_bytes());
        packer.number(u64::from(record.dropped_attributes));
        packer.attributes(&record.attributes);
        packer.scratch
    }

    fn begin(&mut self) {
        if self.cache.is_empty() {
            self.cache = vec![(0, 0); SLOTS];
        }
        self.scratch.clear();
        self.pending.clear();
    }

    /// Places the record and lets later ones refer to its texts.
    fn commit(&mut self) -> Option<u32> {
        let start = self.blocks.push(&self.scratch)?;
        for &(slot, check, offset) in &self.pending {
            if (offset as usize) < Blocks::REACH {
                self.cache[slot as usize] = (check, start + offset);
            }
        }
        Some(start)
    }

    #[inline]
    fn number(&mut self, value: u64) {
        varint::write(&mut self.scratch, value);
    }

    fn text(&mut self, text: &[u8]) {
        if text.len() >= MIN_REF && !self.cache.is_empty() {
            let hash = text_hash(text);
            let (slot, check) = (hash as usize & (SLOTS - 1), (hash >> 32) as u32 | 1);
            let (known, place) = self.cache[slot];
            if known == check && inline_text(self.blocks.from(place)) == Some(text) {
                self.scratch.push(tag::TEXT_REF);
                self.scratch.extend_from_slice(&place.to_le_bytes());
                return;
            }
            self.pending.push((slot as u32, check, self.scratch.len() as u32));
        }
        if text.len() <= usize::from(u8::MAX - tag::SHORT_TEXT) {
            self.scratch.push(tag::SHORT_TEXT + text.len() as u8);
        } else {
            self.scratch.push(tag::LONG_TEXT);
            self.number(text.len() as u64);
        }
        self.scratch.extend_from_slice(text);
    }

    fn attributes(&mut self, attributes: &AttributeBuffer) {
        self.number(attributes.len() as u64);
        for (at, key) in attributes.keys.iter().enumerate() {
            let start = attributes.starts.get(at).map_or(0, |&s| s as usize);
            let end = attributes.starts.get(at + 1).map_or(attributes.tokens.len(), |&e| e as usize);
            self.number(u64::from(key.0));
            self.value(attributes, attributes.tokens.get(start..end).unwrap_or_default());
        }
    }

    /// Writes exactly one value, whatever the tokens are: unclosed ends are closed, what follows is left out.
    fn value(&mut self, buffer: &AttributeBuffer, tokens: &[Token]) {
        // What is open, innermost last: whether it is a map, and whether a key waits for its value.
        let mut open: Vec<(bool, bool)> = Vec::new();
        // Depth of what is being left out.
        let mut skipping = 0_usize;
        let mut is_first = true;
        for &token in tokens {
            if !is_first && open.is_empty() {
                return;
            }
            is_first = false;
            if skipping > 0 {
                match token {
                    Token::Array | Token::Map => skipping += 1,
                    Token::End => skipping -= 1,
                    _ => {}
                }
                continue;
            }
            if let Some((is_map, has_key)) = open.last_mut() {
                match token {
                    Token::Key { start, len } if *is_map && !*has_key => {
                        *has_key = true;
                        self.text(buffer.slice(start, len));
                        continue;
                    }
                    Token::Key { .. } => continue,
                    Token::End => {
                        if *has_key {
                            self.scratch.push(tag::NULL);
                        }
                        open.pop();
                        self.scratch.push(tag::END);
                        continue;
                    }
                    _ if *is_map && !*has_key => {
                        // A value without a key gets an empty one.
                        self.text(b"");
                    }
                    _ => *has_key = false,
                }
            }
            match token {
                Token::Null | Token::Key { .. } | Token::End => self.scratch.push(tag::NULL),
                Token::Bool(value) => self.scratch.push(if value { tag::TRUE } else { tag::FALSE }),
                Token::I64(value) => {
                    self.scratch.push(tag::I64);
                    self.number(varint::zigzag(value));
                }
                Token::U64(value) => {
                    self.scratch.push(tag::U64);
                    self.number(value);
                }
                Token::F64(value) => {
                    self.scratch.push(tag::F64);
                    self.scratch.extend_from_slice(&value.to_bits().to_le_bytes());
                }
                Token::Str { start, len } => self.text(buffer.slice(start, len)),
                Token::Bytes { start, len } => {
                    self.scratch.push(tag::BYTES);
                    self.number(u64::from(len));
                    self.scratch.extend_from_slice(buffer.slice(start, len));
                }
                Token::Array | Token::Map if open.len() >= MAX_DEPTH => {
                    self.scratch.push(tag::NULL);
                    skipping = 1;
                }
                Token::Array => {
                    self.scratch.push(tag::ARRAY);
                    open.push((false, false));
                }
                Token::Map => {
                    self.scratch.push(tag::MAP);
                    open.push((true, false));
                }
            }
        }
        if is_first {
            self.scratch.push(tag::NULL);
        }
        while let Some((_, has_key)) = open.pop() {
            if has_key {
                self.scratch.push(tag::NULL);
            }
            self.scratch.push(tag::END);
        }
    }

    /// A copy that shares the bytes and cannot be written to cheaply: for a snapshot.
    pub(super) fn without_cache(&self) -> Self {
        Self { blocks: self.blocks.clone(), ..Self::default() }
    }

    /// The bytes written; what was needed for writing is freed.
    pub(super) fn into_blocks(self) -> Blocks {
        let mut blocks = self.blocks;
        blocks.shrink();
        blocks
    }
}

/// Hash of a text, 64 bits wide on every machine: `FxHasher` has no more than 32 in wasm, and then each look
/// into the cache would be one into the blocks as well.
#[inline]
fn text_hash(text: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut hash = text.len() as u64;
    let (words, rest) = text.as_chunks::<8>();
    for word in words {
        hash = (hash.rotate_left(29) ^ u64::from_le_bytes(*word)).wrapping_mul(FACTOR);
    }
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    hash = (hash.rotate_left(29) ^ u64::from_le_bytes(last)).wrapping_mul(FACTOR);
    hash ^ hash >> 31
}

/// The text that starts with the first of `bytes`, unless it is a reference or no text.
#[inline]
pub(super) fn inline_text(bytes: &[u8]) -> Option<&[u8]> {
    match *bytes.first()? {
        short if short >= tag::SHORT_TEXT => bytes.get(1..=usize::from(short - tag::SHORT_TEXT)),
        tag::LONG_TEXT => {
            let mut at = 1;
            let len = varint::read(bytes, &mut at)? as usize;
            bytes.get(at..at.checked_add(len)?)
        }
        _ => None,
    }
}
