//! What is written in a trace's attributes, key by key: how often, how much, how different, how sensitive.
//!
//! What repeats is packed once: a value that stands where one of the same key was met shortly before is that
//! one, and not tested again. How many differ is counted by hashes and among the first of each key only, so
//! that a million spans with a million different values take bounded memory.

use hashbrown::HashTable;

use crate::base::hash;
use crate::base::sort::CompactSort as _;
use crate::model::attributes::Scalar;
use crate::model::index::{SpanIdx, StringIdx, TraceIdx};
use crate::model::reading::Owner;
use crate::model::trace_set::TraceSet;

use super::aliases::new_name;
use super::attribute_pass::AttributePass;
use super::normalise::looks_like_id;
use super::sensitive::{self, Leak, Leaks};

/// Values of a key that are told apart.
const COUNTED: u32 = 20_000;
/// Values of all keys that are told apart.
const MOST_HASHES: usize = 1 << 20;
/// Values of which it is remembered what they hold; a power of two.
const REMEMBERED: usize = 1 << 12;
/// Spans kept as evidence.
const EVIDENCE: usize = 50;
/// Kinds of leaks of which examples are kept.
const MOST_LEAKS: usize = 1_000;

/// One attribute key of a trace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyUse {
    /// The key.
    pub key: String,
    /// The present name, where the key is an old one.
    pub new_name: Option<&'static str>,
    /// Attributes of spans and events with it.
    pub count: u32,
    /// Bytes of their values.
    pub bytes: u64,
    /// Values among which distinct ones were counted: the first of all.
    pub counted: u32,
    /// Distinct values among them.
    pub distinct: u32,
    /// Distinct values that look like ids, or are URLs with a query.
    pub ids: u32,
    /// The first span with it.
    pub first: SpanIdx,
}

/// Something sensitive under one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeakUse {
    /// The key, or what else holds the text.
    pub key: String,
    /// What it is.
    pub leak: Leak,
    /// Values with it.
    pub count: u32,
    /// Spans with it, at most fifty.
    pub spans: Vec<SpanIdx>,
    /// The first value, masked.
    pub masked: String,
}

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quality {
    /// Most bytes first, then by key.
    pub keys: Vec<KeyUse>,
    /// What does most harm first, then what is there most often, then by key.
    pub leaks: Vec<LeakUse>,
    /// Bytes of all values.
    pub bytes: u64,
    /// Spans with `service.name`, which belongs to a resource.
    pub misplaced: Vec<SpanIdx>,
}

impl Quality {
    /// Looks through a whole trace.
    pub fn of(set: &TraceSet, trace_idx: TraceIdx) -> Self {
        let trace = set.trace(trace_idx);
        let mut pass = AttributePass::new(set, trace_idx, &trace);
        pass.slice(set, &trace, usize::MAX);
        pass.finish().1
    }

    /// The key with this name.
    pub fn key(&self, key: &str) -> Option<&KeyUse> {
        self.keys.iter().find(|k| k.key == key)
    }
}

/// What is known of a key while the pass runs.
#[derive(Clone, Copy, Debug, Default)]
struct Known {
    /// One more than its place among the keys in use; 0 for a key that was not met.
    place: u32,
    is_secret: bool,
    is_statement: bool,
    is_service_name: bool,
}

/// A text that was weighed and tested under one key, by where it stands: what repeats is packed once.
#[derive(Clone, Copy, Debug, Default)]
struct Tested {
    address: usize,
    len: u32,
    /// Place of the key and whether that or one around the text names a secret.
    key: u32,
    leaks: Leaks,
}

/// Takes in the values of a trace one after the other. Owns all it needs in between.
#[derive(Debug, Default)]
pub(super) struct QualityBuilder {
    known: Vec<Known>,
    /// The key of the values that come.
    current: Known,
    found: Quality,
    distinct: HashTable<u64>,
    tested: Vec<Tested>,
}

impl QualityBuilder {
    /// Nothing is known yet.
    pub(super) fn new() -> Self {
        Self { tested: vec![Tested::default(); REMEMBERED], ..Self::default() }
    }

    /// What was found, in order.
    pub(super) fn finish(self) -> Quality {
        let mut found = self.found;
        found.keys.compact_sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.key.cmp(&b.key)));
        found.leaks.compact_sort_by(|a, b| {
            let order = (b.leak.harm(), b.count).cmp(&(a.leak.harm(), a.count));
            order.then_with(|| (&a.key, a.leak).cmp(&(&b.key, b.leak)))
        });
        found
    }

    /// An attribute begins; its values follow.
    #[inline]
    pub(super) fn begin(&mut self, set: &TraceSet, span: SpanIdx, key: StringIdx) {
        self.current = match self.known.get(key.at()) {
            Some(known) if known.place != 0 => *known,
            _ => self.meet(set, span, key),
        };
        if let Some(of_key) = self.found.keys.get_mut(self.current.place as usize - 1) {
            of_key.count += 1;
        }
    }

    #[cold]
    fn meet(&mut self, set: &TraceSet, span: SpanIdx, key: StringIdx) -> Known {
        let text = set.key(key);
        let is_text_of_call = matches!(text, "db.query.text" | "db.statement");
        self.found.keys.push(KeyUse {
            key: text.to_owned(),
            new_name: new_name(text),
            first: span,
            ..KeyUse::default()
        });
        let known = Known {
            place: self.found.keys.len() as u32,
            is_secret: sensitive::is_secret_key(text),
            is_statement: is_text_of_call,
            is_service_name: text == "service.name",
        };
        if self.known.len() <= key.at() {
            self.known.resize(key.at() + 1, Known::default());
        }
        self.known[key.at()] = known;
        known
    }

    /// A value of the attribute; `inner` is the nearest key of a map around it.
    #[inline]
    pub(super) fn value(&mut self, span: SpanIdx, owner: Owner, inner: Option<&str>, value: Scalar<'_>) {
        let known = self.current;
        if known.is_service_name && owner == Owner::Span && self.found.misplaced.last() != Some(&span) {
            self.found.misplaced.push(span);
        }
        let bytes = match value {
            Scalar::Str(text) => {
                let is_secret = known.is_secret || inner.is_some_and(sensitive::is_secret_key);
                self.text(span, known, is_secret, text);
                text.len()
            }
            Scalar::Bytes(bytes) => bytes.len(),
            Scalar::Null | Scalar::Bool(_) => 1,
            Scalar::I64(_) | Scalar::U64(_) | Scalar::F64(_) => 8,
        };
        self.found.bytes += bytes as u64;
        if let Some(of_key) = self.found.keys.get_mut(known.place as usize - 1) {
            of_key.bytes += bytes as u64;
        }
    }

    /// The description of a status.
    pub(super) fn status_message(&mut self, span: SpanIdx, text: &str) {
        let leaks = sensitive::leaks(false, false, text);
        if !leaks.is_empty() {
            self.leak(span, "status message", leaks, text);
        }
    }

    /// Tells a text from others of its key and tests what it holds, unless it is one that was met before.
    fn text(&mut self, span: SpanIdx, known: Known, is_secret: bool, text: &str) {
        let Some(of_key) = self.found.keys.get_mut((known.place as usize).wrapping_sub(1)) else { return };
        let is_counted = of_key.counted < COUNTED && self.distinct.len() < MOST_HASHES;
        let (address, len) = (text.as_ptr() as usize, text.len() as u32);
        let key = known.place << 1 | u32::from(is_secret);
        let at = (address ^ (address >> 12)).wrapping_add(key as usize * 97) % REMEMBERED;
        let tested = self.tested.get_mut(at);
        let is_known = |t: &Tested| t.address == address && t.len == len && t.key == key;
        let leaks = match tested {
            Some(tested) if is_known(tested) => tested.leaks,
            tested => {
                if is_counted {
                    let hash = hash::text(key.into(), text);
                    if self.distinct.find(hash, |&h| h == hash).is_none() {
                        self.distinct.insert_unique(hash, hash, |&h| h);
                        of_key.distinct += 1;
                        of_key.ids += u32::from(looks_like_id(text) || is_url_with_query(text));
                    }
                }
                let leaks = sensitive::leaks(is_secret, known.is_statement, text);
                if let Some(tested) = tested {
                    *tested = Tested { address, len, key, leaks };
                }
                leaks
            }
        };
        of_key.counted += u32::from(is_counted);
        if !leaks.is_empty() {
            let name = of_key.key.clone();
            self.leak(span, &name, leaks, text);
        }
    }

    fn leak(&mut self, span: SpanIdx, key: &str, leaks: Leaks, text: &str) {
        for leak in leaks.iter() {
            let all = &mut self.found.leaks;
            let at = all.iter().position(|l| l.leak == leak && l.key == key);
            if at.is_none() && all.len() < MOST_LEAKS {
                let masked = sensitive::masked(text);
                all.push(LeakUse { key: key.to_owned(), leak, count: 0, spans: Vec::new(), masked });
            }
            let found = match at {
                Some(at) => all.get_mut(at),
                None => all.last_mut().filter(|l| l.leak == leak && l.key == key),
            };
            let Some(found) = found else { continue };
            found.count += 1;
            if found.spans.len() < EVIDENCE && found.spans.last() != Some(&span) {
                found.spans.push(span);
            }
        }
    }
}

fn is_url_with_query(text: &str) -> bool {
    text.contains('?') && text.contains('=') && text.contains('/')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing::read;

    fn quality(lines: &str) -> Quality {
        let set = read(lines, 1_600_000_000_000_000_000);
        let (trace, whole) = (set.trace(TraceIdx(0)), Quality::of(&set, TraceIdx(0)));
        let mut pass = AttributePass::new(&set, TraceIdx(0), &trace);
        while !pass.slice(&set, &trace, 1) {}
        assert_eq!(pass.finish().1, whole);
        whole
    }

    #[test]
    fn keys_are_weighed_and_their_values_told_apart() {
        let found = quality(
            "
            r 0..9 web http.method=GET user.key=0123456789abcdef
            a<r 1..2 web http.method=GET user.key=1123456789abcdef
            b<r 2..3 web http.method=PUT user.key=1123456789abcdef service.name=web
            ",
        );
        let row = |k: &KeyUse| (k.key.clone(), k.count, k.bytes, k.distinct, k.ids);
        assert_eq!(
            found.keys.iter().map(row).collect::<Vec<_>>(),
            [
                ("user.key".into(), 3, 48, 2, 2),
                ("http.method".into(), 3, 9, 2, 0),
                ("service.name".into(), 1, 3, 1, 0)
            ]
        );
        assert_eq!(found.key("http.method").unwrap().new_name, Some("http.request.method"));
        assert_eq!((found.bytes, found.misplaced), (60, vec![SpanIdx(2)]));
    }

    #[test]
    fn a_secret_is_told_without_being_shown() {
        let found = quality(
            "
            r 0..9 web password=correcthorsebattery
            a<r 1..2 web password=correcthorsebattery note=jane@example.org
            b<r 2..3 web password=**** note=nothing
            ",
        );
        let row = |l: &LeakUse| (l.key.clone(), l.leak.code(), l.count, l.spans.len());
        assert_eq!(
            found.leaks.iter().map(row).collect::<Vec<_>>(),
            [("password".into(), "key-name", 2, 2), ("note".into(), "email", 1, 1)]
        );
        let text = format!("{:?}", found.leaks);
        for word in ["correct", "horse", "battery", "jane", "example"] {
            assert!(!text.contains(word), "{text}");
        }
    }
}
