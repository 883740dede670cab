//! Search in what the page does not hold: attributes, events, status messages, resources and scopes.
//!
//! Each word is searched for itself, without regard to case, and its set goes to the page, which joins it with
//! what it finds in names and services: a span is a match when every word is found somewhere. An attribute
//! is compared with those of the span, its resource and its scope, not with those of its events and links.

use rustc_hash::FxHashMap;

use crate::base::bitset::BitSet;
use crate::model::attributes::Value;
use crate::model::index::{ResourceIdx, ScopeIdx, SpanIdx, StringIdx, TraceIdx};
use crate::model::texts::Written;
use crate::model::trace_set::TraceSet;
use crate::wire::pack::Writer;
use crate::wire::{Response, Sought};

use super::value::text;

/// Spans searched in one slice: a few milliseconds.
const SLICE: u32 = 4_096;

/// Slices between two answers: the sets go over in full, so not with every slice.
const SLICES_PER_ANSWER: u32 = 16;

/// Words beyond this are not searched: the sets of a slice are bits of one number.
const MOST_WORDS: usize = 64;

/// What numbers, `true`, `false`, `null`, `NaN` and `Infinity` are written with, in lower case.
const NUMERIC: &[u8] = b"0123456789.+-eaflnrstuiy";

/// A search under way.
#[derive(Debug)]
pub(super) struct Search {
    ask: u32,
    first: u32,
    n: u32,
    next: u32,
    words: Vec<Word>,
    /// The words that are attributes, one bit each.
    attributes: u64,
    found: Vec<BitSet>,
    /// Whether a word may be part of a number or of `true`, `false`, `null`.
    numeric: bool,
    /// Words found in a key, a resource and a scope: they are shared by many spans.
    keys: FxHashMap<StringIdx, u64>,
    resources: FxHashMap<ResourceIdx, u64>,
    scopes: FxHashMap<ScopeIdx, u64>,
    slices: u32,
}

/// What is searched for.
#[derive(Debug)]
enum Word {
    /// In lower case.
    Text(String),
    /// Key and value, as they are.
    Attribute(String, String),
}

impl Search {
    pub(super) fn new(set: &TraceSet, trace: TraceIdx, ask: u32, words: &[Sought]) -> Self {
        let (first, n) = set.traces().get(trace.at()).map_or((0, 0), |t| (t.first, t.n_entries));
        let word = |sought: &Sought| match sought {
            Sought::Text(text) => Word::Text(text.to_lowercase()),
            Sought::Attribute { key, value } => Word::Attribute(key.clone(), value.clone()),
        };
        let words: Vec<Word> = words.iter().take(MOST_WORDS).map(word).collect();
        Self {
            ask,
            first,
            n,
            next: 0,
            found: words.iter().map(|_| BitSet::new(n as usize)).collect(),
            numeric: words
                .iter()
                .any(|word| matches!(word, Word::Text(word) if word.bytes().all(|b| NUMERIC.contains(&b)))),
            attributes: bits(&words, |word| matches!(word, Word::Attribute(..))),
            words,
            keys: FxHashMap::default(),
            resources: FxHashMap::default(),
            scopes: FxHashMap::default(),
            slices: 0,
        }
    }

    /// Searches the next spans; returns whether all were searched.
    pub(super) fn slice(&mut self, set: &TraceSet, out: &mut Vec<Response>) -> bool {
        let end = self.n.min(self.next + SLICE);
        for span in self.next..end {
            let mut hits = self.search(set, SpanIdx(self.first + span));
            while hits != 0 {
                let word = hits.trailing_zeros() as usize;
                hits &= hits - 1;
                if let Some(set) = self.found.get_mut(word) {
                    set.insert(span as usize);
                }
            }
        }
        self.next = end;
        self.slices += 1;
        let complete = self.next >= self.n;
        if complete || self.slices.is_multiple_of(SLICES_PER_ANSWER) {
            let mut writer = Writer::default();
            for set in &self.found {
                writer.bitset(set);
            }
            let bytes = writer.into_bytes();
            out.push(Response::Found { ask: self.ask, searched: self.next, complete, bytes });
        }
        complete
    }

    /// The words found in a span, one bit each.
    fn search(&mut self, set: &TraceSet, span: SpanIdx) -> u64 {
        let Self { words, numeric, keys, attributes, .. } = self;
        let mut hits = 0;
        // Keys of attributes that are sought, wherever in the span they stand.
        let mut seen = 0;
        let owners = set.visit(span, &mut |written| {
            hits |= match written {
                Written::Text(text) => in_text(words, text),
                Written::Key(key) => {
                    let found = *keys.entry(key).or_insert_with(|| in_key(words, set.key(key)));
                    seen |= found & *attributes;
                    found & !*attributes
                }
                // Most words cannot be part of a number, and writing numbers out is what takes long.
                Written::Scalar(value @ Value::Bytes(_)) => in_text(words, &text(value).1),
                Written::Scalar(value) if *numeric => in_text(words, &text(value).1),
                Written::Scalar(_) => 0,
            }
        });
        let Some((resource, scope)) = owners else { return 0 };
        // Few spans have the key, so reading them again as a whole costs little.
        if seen != 0 {
            hits |= in_pairs(words, &set.details(span).attributes) & seen;
        }
        hits |= *self
            .resources
            .entry(resource)
            .or_insert_with(|| in_attributes(words, &set.resource(resource).attributes));
        hits |= *self.scopes.entry(scope).or_insert_with(|| {
            let scope = set.scope(scope);
            in_text(words, scope.name) | in_attributes(words, &scope.attributes)
        });
        hits
    }
}

/// Words and attributes found in the attributes of a resource or a scope.
fn in_attributes(words: &[Word], attributes: &[(&str, Value<'_>)]) -> u64 {
    attributes.iter().fold(in_pairs(words, attributes), |hits, (key, value)| {
        let in_value = match value {
            Value::Str(value) => in_text(words, value),
            other => in_text(words, &text(other).1),
        };
        hits | in_text(words, key) | in_value
    })
}

/// Attributes that stand among these with the very value.
fn in_pairs(words: &[Word], attributes: &[(&str, Value<'_>)]) -> u64 {
    bits(words, |word| match word {
        Word::Text(_) => false,
        Word::Attribute(key, wanted) => attributes.iter().filter(|(k, _)| k == key).any(|(_, v)| match v {
            Value::Str(value) => value == wanted,
            other => text(other).1 == *wanted,
        }),
    })
}

/// Words found in a key, and attributes that have it.
fn in_key(words: &[Word], text: &str) -> u64 {
    in_text(words, text) | bits(words, |word| matches!(word, Word::Attribute(key, _) if key == text))
}

fn in_text(words: &[Word], text: &str) -> u64 {
    bits(words, |word| matches!(word, Word::Text(word) if contains(text, word)))
}

/// The words that `is_hit`, one bit each.
fn bits(words: &[Word], is_hit: impl Fn(&Word) -> bool) -> u64 {
    words.iter().enumerate().fold(0, |hits, (n, word)| hits | u64::from(is_hit(word)) << n)
}

/// Whether `text` contains `word`, which is in lower case.
fn contains(text: &str, word: &str) -> bool {
    let Some(&first) = word.as_bytes().first() else { return true };
    if !text.is_ascii() || !word.is_ascii() {
        return text.to_lowercase().contains(word);
    }
    let (text, word) = (text.as_bytes(), word.as_bytes());
    let Some(last) = text.len().checked_sub(word.len()) else { return false };
    let starts = text.get(..=last).unwrap_or_default();
    memchr::memchr2_iter(first, first.to_ascii_uppercase(), starts)
        .any(|at| text.get(at..at + word.len()).is_some_and(|part| part.eq_ignore_ascii_case(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_whatever_their_case() {
        for (text, word, found) in [
            ("SELECT * FROM Orders", "orders", true),
            ("orders", "orders", true),
            ("order", "orders", false),
            ("", "a", false),
            ("a", "", true),
            ("\u{c4}rger", "\u{e4}rger", true),
            ("GET /cart", "t /c", true),
        ] {
            assert_eq!(contains(text, word), found, "{word} in {text}");
        }
    }
}
