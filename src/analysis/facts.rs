//! What the analyses need of a span's attributes, events and status, found in one pass over a trace.
//!
//! Texts are normalised once for each distinct one, and a span keeps a few small numbers: what it does
//! (fingerprint), its name without ids, whom it calls, whether it failed. The pass can be made in slices.

use crate::base::bitset::BitSet;
use crate::base::heap;
use crate::base::narrow::Narrow;
use crate::model::index::{SpanIdx, StringIdx, TraceIdx};
use crate::model::strings::Strings;
use crate::model::trace::Trace;
use crate::model::trace_set::TraceSet;

use super::attribute_pass::AttributePass;

crate::index_type! {
    /// What a span does, without ids and literals: see [`Facts::fingerprint`].
    FingerprintIdx
}

/// What kind of call a span is, by its attributes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words of the conventions")]
pub enum CallClass {
    Database,
    Rpc,
    Http,
    Messaging,
    #[default]
    Other,
}

/// Whether a call changes something on the other side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Access {
    /// GET, SELECT and the like.
    Read,
    /// POST, INSERT, BEGIN and the like.
    Write,
    /// Cannot be told.
    #[default]
    Unknown,
}

/// A body that a span says it sent or received: the larger of both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Body {
    /// Its size.
    pub bytes: u64,
    /// Whether it belongs to the request.
    pub is_request: bool,
}

/// Why a span failed, in its own words: texts of [`Facts::texts`], 0 for none.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fault {
    pub(super) span: u32,
    pub(super) kind: u32,
    pub(super) message: u32,
}

/// A call as it was written; spans that say the same share it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    pub(super) fingerprint: u32,
    /// Whether it holds a whole statement or URL.
    pub(super) is_whole: bool,
}

/// See the module. Columns are by span of the trace; placeholders have the fingerprint 0, which is empty.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    pub(super) call: Narrow,
    pub(super) name: Narrow,
    pub(super) peer: Narrow,
    pub(super) calls: Vec<Call>,
    pub(super) fingerprints: Strings,
    pub(super) classes: Vec<(CallClass, Access)>,
    pub(super) names: Strings,
    pub(super) texts: Strings,
    pub(super) errors: BitSet,
    pub(super) faults: Vec<Fault>,
    pub(super) exceptions: Vec<u32>,
    pub(super) bodies: Vec<(u32, Body)>,
    pub(super) dropped: Vec<(u32, [u32; 3])>,
}

impl Facts {
    /// The facts of a trace, in one go.
    pub fn of(set: &TraceSet, trace_idx: TraceIdx, trace: &Trace) -> Self {
        let mut pass = AttributePass::of_facts(set, trace_idx, trace);
        pass.slice(set, trace, usize::MAX);
        pass.finish().0
    }

    /// Bytes held on the heap by columns and texts.
    pub fn heap_bytes(&self) -> usize {
        self.call.heap_bytes()
            + self.name.heap_bytes()
            + self.peer.heap_bytes()
            + heap::bytes(&self.calls)
            + heap::bytes(&self.faults)
            + heap::bytes(&self.exceptions)
            + heap::bytes(&self.bodies)
            + heap::bytes(&self.dropped)
            + self.fingerprints.heap_bytes()
            + self.names.heap_bytes()
            + self.texts.heap_bytes()
    }

    fn call(&self, span: SpanIdx) -> Call {
        let call = self.call.get(span.at()).unwrap_or_default();
        self.calls.get(call as usize).copied().unwrap_or(Call { fingerprint: 0, is_whole: false })
    }

    /// What the span does: system and statement, method and route, or service and name.
    #[inline]
    pub fn fingerprint(&self, span: SpanIdx) -> FingerprintIdx {
        FingerprintIdx(self.call(span).fingerprint)
    }

    /// A fingerprint in words, parts separated by `|`.
    pub fn fingerprint_text(&self, fingerprint: FingerprintIdx) -> &str {
        self.fingerprints.get(StringIdx(fingerprint.0))
    }

    /// What kind of call the span is.
    pub fn call_class(&self, span: SpanIdx) -> CallClass {
        self.class(span).0
    }

    /// Whether the span reads or changes something.
    pub fn access(&self, span: SpanIdx) -> Access {
        self.class(span).1
    }

    fn class(&self, span: SpanIdx) -> (CallClass, Access) {
        self.classes.get(self.call(span).fingerprint as usize).copied().unwrap_or_default()
    }

    /// Whether the span has attributes of a database call.
    pub fn has_database(&self, span: SpanIdx) -> bool {
        self.call_class(span) == CallClass::Database
    }

    /// Equal for spans with the same non-empty statement or URL, letter by letter.
    pub fn identical_key(&self, span: SpanIdx) -> Option<u32> {
        self.call.get(span.at()).filter(|_| self.call(span).is_whole)
    }

    /// The name without ids: index for [`Self::normal_name_text`].
    #[inline]
    pub fn normal_name(&self, span: SpanIdx) -> u32 {
        self.name.get(span.at()).unwrap_or_default()
    }

    /// A name without ids.
    pub fn normal_name_text(&self, name: u32) -> &str {
        self.names.get(StringIdx(name))
    }

    /// Distinct names without ids.
    pub fn n_normal_names(&self) -> usize {
        self.names.len()
    }

    /// Whether the span failed: by its status, else by what its attributes say of the answer.
    #[inline]
    pub fn is_error(&self, span: SpanIdx) -> bool {
        self.errors.contains(span.at())
    }

    /// Spans that failed.
    pub fn errors(&self) -> impl Iterator<Item = SpanIdx> + '_ {
        self.errors.iter().map(SpanIdx::new)
    }

    fn fault(&self, span: SpanIdx) -> Option<&Fault> {
        self.faults.get(self.faults.binary_search_by_key(&span.0, |f| f.span).ok()?)
    }

    fn text(&self, text: u32) -> Option<&str> {
        (text != 0).then(|| self.texts.get(StringIdx(text)))
    }

    /// Type of the last exception, else what the attributes say.
    pub fn error_type(&self, span: SpanIdx) -> Option<&str> {
        self.text(self.fault(span)?.kind)
    }

    /// Message of the last exception, else what the attributes or the status say.
    pub fn error_message(&self, span: SpanIdx) -> Option<&str> {
        self.text(self.fault(span)?.message)
    }

    /// Whether an exception was recorded as an event.
    pub fn has_exception(&self, span: SpanIdx) -> bool {
        self.exceptions.binary_search(&span.0).is_ok()
    }

    /// Spans in which an exception was recorded as an event.
    pub fn exceptions(&self) -> impl Iterator<Item = SpanIdx> + '_ {
        self.exceptions.iter().map(|&span| SpanIdx(span))
    }

    /// The larger body of the span.
    pub fn body(&self, span: SpanIdx) -> Option<Body> {
        self.bodies.binary_search_by_key(&span.0, |b| b.0).ok().map(|at| self.bodies[at].1)
    }

    /// All spans that state the size of a body.
    pub fn bodies(&self) -> impl Iterator<Item = (SpanIdx, Body)> + '_ {
        self.bodies.iter().map(|&(span, body)| (SpanIdx(span), body))
    }

    /// Whom a caller names as the other side, as it is written: index for [`Self::peer_text`].
    pub fn peer_host(&self, span: SpanIdx) -> Option<u32> {
        self.peer.get(span.at()).filter(|&peer| peer != 0)
    }

    /// The name of a peer: a service, a host or an address.
    pub fn peer_text(&self, peer: u32) -> &str {
        self.texts.get(StringIdx(peer))
    }

    /// Spans of which the SDK dropped attributes, events or links, with those counts.
    pub fn dropped(&self) -> &[(u32, [u32; 3])] {
        &self.dropped
    }
}
