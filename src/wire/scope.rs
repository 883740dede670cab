//! What a view is about: the open trace or the part of it that the reader looks at, some traces, or all.
//!
//! The part is what the timeline shows: a subtree (focus), a stretch of time (range) and the spans that a
//! filtering search leaves. The search travels as its result, so that no view can disagree with the timeline
//! about what a query means.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::base::bitset::BitSet;

/// What a view is about. Indices are those of the list of the revision that the request names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scope {
    /// All traces of the list.
    #[default]
    All,
    /// These traces, whole.
    Traces(Vec<u32>),
    /// One trace, or a part of it.
    Part(Part),
}

/// The part of a trace that the reader looks at. What is absent does not narrow it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Index of the trace in the list.
    pub trace: u32,
    /// Only the subtree of this span.
    pub focus: Option<u32>,
    /// Only spans that have a part of their time within: nanoseconds after the trace's recorded start, where
    /// clocks were corrected compared with the corrected times.
    pub range: Option<(i64, i64)>,
    /// Only these spans.
    pub spans: Option<SpanSet>,
}

/// A set of spans of a trace, as short text: requests have no buffers beside them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpanSet(String);

impl SpanSet {
    /// Packs a set; 4 bytes for 24 spans at most.
    pub fn new(spans: &BitSet) -> Self {
        let mut bytes: Vec<u8> = spans.words().iter().flat_map(|word| word.to_le_bytes()).collect();
        bytes.truncate(bytes.iter().rposition(|&b| b != 0).map_or(0, |last| last + 1));
        Self(STANDARD_NO_PAD.encode(bytes))
    }

    /// The set over `0..len`; empty where the text is damaged.
    pub fn unpack(&self, len: usize) -> BitSet {
        let bytes = STANDARD_NO_PAD.decode(&self.0).unwrap_or_default();
        let word = |bytes: &[u8]| bytes.iter().rev().fold(0_u64, |word, &byte| word << 8 | u64::from(byte));
        BitSet::from_words(len, bytes.chunks(8).map(word).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_set_comes_back(len in 0_usize..300, members in prop::collection::btree_set(0_usize..300, 0..60)) {
            let mut set = BitSet::new(len);
            for m in members { set.insert(m); }
            prop_assert_eq!(SpanSet::new(&set).unpack(len), set);
        }

        #[test]
        fn a_damaged_set_gives_no_panic(text in ".{0,40}", len in 0_usize..300) {
            prop_assert_eq!(SpanSet(text).unpack(len).len(), len);
        }
    }
}
