//! The attributes of one span that mean something to the analyses, under whatever names they were written.

use crate::model::attributes::Scalar;
use crate::model::index::StringIdx;
use crate::model::reading::{Owner, Reader};
use crate::model::span::{SpanKind, Status};
use crate::model::trace_set::TraceSet;

use super::aliases::{Meaning as M, Meanings, N_MEANINGS};
use super::normalise;

/// What was found in one span.
pub(super) struct Written<'a> {
    set: &'a TraceSet,
    pub(super) meanings: Meanings,
    /// Bits of the meanings that are looked for.
    wanted: u64,
    /// Bits of the meanings that have a value.
    present: u64,
    values: [Scalar<'a>; N_MEANINGS],
    ranks: [u8; N_MEANINGS],
    /// The meaning of the attribute at hand, and its place among the names with that meaning.
    current: Option<(M, u8)>,
    in_exception: bool,
    pub(super) has_exception: bool,
    pub(super) message: &'a str,
    pub(super) dropped: [u32; 3],
}

/// The meanings as bits.
pub(super) const fn bits(meanings: &[M]) -> u64 {
    let (mut bits, mut at) = (0, 0);
    while at < meanings.len() {
        bits |= 1 << meanings[at] as u32;
        at += 1;
    }
    bits
}

/// What says whether and why a span failed.
const OUTCOME: u64 =
    EXCEPTION | bits(&[M::HttpStatus, M::RpcStatus, M::Error, M::ErrorType, M::ErrorMessage]);

const EXCEPTION: u64 = bits(&[M::ExceptionType, M::ExceptionMessage]);

impl<'a> Reader<'a> for Written<'a> {
    #[inline]
    fn wants(&mut self, owner: Owner, key: StringIdx) -> bool {
        self.current = match owner {
            Owner::Span => self.meanings.of(self.set, key, false),
            Owner::Event if self.in_exception => self.meanings.of(self.set, key, true),
            Owner::Event | Owner::Link => None,
        }
        .filter(|&(meaning, _)| self.wanted & bits(&[meaning]) != 0);
        self.current.is_some()
    }

    #[inline]
    fn value(&mut self, _: Owner, _: StringIdx, _: Option<&'a str>, value: Scalar<'a>) {
        let Some((meaning, rank)) = self.current else { return };
        let (at, bit) = (meaning as usize, 1 << meaning as u32);
        let is_empty = matches!(value, Scalar::Null | Scalar::Str(""));
        if !is_empty && (self.present & bit == 0 || rank < self.ranks[at]) {
            self.present |= bit;
            self.values[at] = value;
            self.ranks[at] = rank;
        }
    }

    fn event(&mut self, name: &'a str) {
        self.in_exception = matches!(name, "exception" | "error");
        if self.in_exception {
            // The last one counts.
            self.present &= !EXCEPTION;
            self.has_exception = true;
        }
    }

    fn status_message(&mut self, text: &'a str) {
        self.message = text;
    }

    fn dropped(&mut self, counts: [u32; 3]) {
        for (sum, count) in self.dropped.iter_mut().zip(counts) {
            *sum = sum.saturating_add(count);
        }
    }
}

impl<'a> Written<'a> {
    pub(super) fn new(set: &'a TraceSet, meanings: Meanings) -> Self {
        Self {
            set,
            meanings,
            wanted: u64::MAX,
            present: 0,
            values: [Scalar::Null; N_MEANINGS],
            ranks: [0; N_MEANINGS],
            current: None,
            in_exception: false,
            has_exception: false,
            message: "",
            dropped: [0; 3],
        }
    }

    /// Looks for nothing but what says whether and why spans failed.
    pub(super) fn only_outcomes(self) -> Self {
        Self { wanted: OUTCOME, ..self }
    }

    /// Forgets the span before.
    pub(super) fn begin(&mut self) {
        self.present = 0;
        (self.in_exception, self.has_exception) = (false, false);
        self.message = "";
        self.dropped = [0; 3];
    }

    /// Whether any of these was found: see [`bits`].
    #[inline]
    pub(super) fn has(&self, meanings: u64) -> bool {
        self.present & meanings != 0
    }

    fn value_of(&self, meaning: M) -> Scalar<'a> {
        if self.has(bits(&[meaning])) { self.values[meaning as usize] } else { Scalar::Null }
    }

    pub(super) fn text(&self, meaning: M) -> Option<&'a str> {
        match self.value_of(meaning) {
            Scalar::Str(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn number(&self, meaning: M) -> Option<i64> {
        match self.value_of(meaning) {
            Scalar::I64(n) => Some(n),
            Scalar::U64(n) => i64::try_from(n).ok(),
            Scalar::F64(n) => (n.abs() < 1e18).then_some(n as i64),
            Scalar::Str(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    pub(super) fn is_error(&self, status: Status, kind: SpanKind) -> bool {
        let flag = match self.value_of(M::Error) {
            Scalar::Bool(flag) => flag,
            Scalar::Str(text) => !matches!(text, "false" | "0"),
            Scalar::I64(n) => n != 0,
            Scalar::U64(n) => n != 0,
            _ => false,
        };
        let http = self.number(M::HttpStatus).unwrap_or_default();
        let rpc = || match self.text(M::RpcStatus) {
            Some(word) if word.parse::<i64>().is_err() => grpc_number(word),
            _ => self.number(M::RpcStatus).unwrap_or_default(),
        };
        match (status, kind) {
            (Status::Error, _) => true,
            (Status::Ok, _) => false,
            _ if flag => true,
            (_, SpanKind::Server) => http >= 500 || matches!(rpc(), 2 | 4 | 12..=15),
            (_, SpanKind::Client) => http >= 400 || rpc() != 0,
            _ => rpc() != 0,
        }
    }

    /// The other side as a caller names it.
    pub(super) fn peer(&self, kind: SpanKind) -> Option<&'a str> {
        if matches!(kind, SpanKind::Server | SpanKind::Consumer) {
            return None;
        }
        self.text(M::PeerName)
            .or_else(|| self.text(M::UrlFull).and_then(normalise::host))
            .or_else(|| self.text(M::HttpHost))
            .or_else(|| self.text(M::PeerAddress))
    }
}

/// The number of a gRPC status given by its name; 0, which is no error, for other words.
fn grpc_number(word: &str) -> i64 {
    const WORDS: &[&str] = &[
        "ok",
        "cancelled",
        "unknown",
        "invalid_argument",
        "deadline_exceeded",
        "not_found",
        "already_exists",
        "permission_denied",
        "resource_exhausted",
        "failed_precondition",
        "aborted",
        "out_of_range",
        "unimplemented",
        "internal",
        "unavailable",
        "data_loss",
        "unauthenticated",
    ];
    WORDS.iter().position(|w| w.eq_ignore_ascii_case(word)).unwrap_or_default() as i64
}
