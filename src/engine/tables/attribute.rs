//! The values of one attribute of many spans, read in slices and kept as numbers.

use rustc_hash::FxHashMap;

use crate::analysis::measured::Measured;
use crate::engine::value::{scalar_text, text};
use crate::model::attributes::{Scalar, Value};
use crate::model::index::{ResourceIdx, ScopeIdx, SpanIdx, StringIdx};
use crate::model::reading::{Owner, Reader};
use crate::model::strings::Strings;
use crate::model::trace_set::TraceSet;

/// The number of spans that do not have the attribute.
pub(super) const MISSING: u32 = u32::MAX;

/// Values longer than this are cut: nobody groups or sorts by more.
const MAX_CHARS: usize = 500;

/// The values by row of [`Measured`].
#[derive(Debug, Default)]
pub(super) struct AttributeColumn {
    pub(super) key: String,
    /// Number of the value; [`MISSING`] without one.
    pub(super) value: Vec<u32>,
    texts: Strings,
    /// What is shared by many spans.
    resources: FxHashMap<(ResourceIdx, ScopeIdx), u32>,
}

impl AttributeColumn {
    pub(super) fn new(key: &str) -> Self {
        Self { key: key.to_owned(), ..Self::default() }
    }

    /// Reads the values of the next `n` rows; returns whether that were all.
    pub(super) fn slice(&mut self, set: &TraceSet, measured: &Measured, n: usize) -> bool {
        let next = self.value.len();
        for &span in measured.span.iter().skip(next).take(n) {
            let number = match value_of(set, SpanIdx(span), &self.key) {
                Some(text) => self.number(&text),
                None => self.shared(set, SpanIdx(span)),
            };
            self.value.push(number);
        }
        self.value.len() >= measured.len()
    }

    /// The text of a value.
    pub(super) fn text(&self, value: u32) -> &str {
        self.texts.get(StringIdx(value))
    }

    /// Number of values, the empty one included.
    pub(super) fn n_values(&self) -> usize {
        self.texts.len()
    }

    fn number(&mut self, text: &str) -> u32 {
        let end = text.char_indices().nth(MAX_CHARS).map_or(text.len(), |(at, _)| at);
        self.texts.intern(&text[..end]).0
    }

    fn shared(&mut self, set: &TraceSet, span: SpanIdx) -> u32 {
        let Some(owners) = set.owners(span) else { return MISSING };
        if let Some(&known) = self.resources.get(&owners) {
            return known;
        }
        let number = shared_value(set, owners, &self.key).map_or(MISSING, |text| self.number(&text));
        self.resources.insert(owners, number);
        number
    }
}

/// The value of an attribute of a span: its own, else its resource's, else its scope's.
pub(super) fn value(set: &TraceSet, span: SpanIdx, key: &str) -> Option<String> {
    value_of(set, span, key).or_else(|| shared_value(set, set.owners(span)?, key))
}

fn shared_value(set: &TraceSet, (resource, scope): (ResourceIdx, ScopeIdx), key: &str) -> Option<String> {
    let of = |list: &[(&str, Value<'_>)]| list.iter().find(|(k, _)| *k == key).map(|(_, v)| text(v).1);
    of(&set.resource(resource).attributes).or_else(|| of(&set.scope(scope).attributes))
}

/// The value of an attribute of the span itself; items of an array one after the other.
fn value_of(set: &TraceSet, span: SpanIdx, key: &str) -> Option<String> {
    let mut wanted = Wanted { set, key, found: None };
    set.read(span, &mut wanted);
    wanted.found
}

struct Wanted<'s> {
    set: &'s TraceSet,
    key: &'s str,
    found: Option<String>,
}

impl<'a> Reader<'a> for Wanted<'_> {
    fn wants(&mut self, owner: Owner, key: StringIdx) -> bool {
        owner == Owner::Span && self.set.key(key) == self.key
    }

    fn value(&mut self, _: Owner, _: StringIdx, inner: Option<&'a str>, value: Scalar<'a>) {
        let text = scalar_text(value);
        let text = inner.map_or_else(|| text.clone(), |inner| format!("{inner}={text}"));
        match &mut self.found {
            Some(found) => found.extend([", ", text.as_str()]),
            None => self.found = Some(text),
        }
    }
}
