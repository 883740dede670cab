//! Finds the [`Facts`] of a trace span by span.

use crate::base::bitset::BitSet;
use crate::base::hash::{self, Numbers};
use crate::model::index::{SpanIdx, StringIdx};
use crate::model::trace::Trace;

use super::aliases::Meaning as M;
use super::facts::{Access, Body, Call, CallClass, Facts, Fault};
use super::normalise;
use super::written::{Written, bits};

/// What says that a span is a call of a kind, the first that holds.
const DATABASE: u64 =
    bits(&[M::DbSystem, M::DbText, M::DbSummary, M::DbOperation, M::DbCollection, M::DbName]);
const RPC: u64 = bits(&[M::RpcSystem, M::RpcService, M::RpcMethod]);
const HTTP: u64 = bits(&[M::HttpMethod, M::HttpStatus, M::UrlFull]);
const MESSAGING: u64 = bits(&[M::MessagingSystem, M::MessagingDestination]);

/// Outlines that are remembered: where there are more, what differs is no number.
const MOST_OUTLINES: usize = 1 << 16;

/// Finds the facts of a trace, given its spans one after the other.
#[derive(Debug, Default)]
pub(super) struct FactsBuilder {
    facts: Facts,
    /// Calls by the hash of what was written.
    known: Numbers,
    /// Normalised name by the trace's name, once it was met.
    names: Vec<Option<u32>>,
    /// Fingerprints by the outline of a statement or URL: see [`normalise::outline_of_sql`].
    outlines: Numbers,
    n_outlines: usize,
    /// The text of the call at hand.
    text: String,
}

impl FactsBuilder {
    /// Nothing is known yet.
    pub(super) fn new(trace: &Trace) -> Self {
        let n = trace.len();
        let mut builder = Self { names: vec![None; trace.names().len()], ..Self::default() };
        let facts = &mut builder.facts;
        facts.errors = BitSet::new(n);
        for column in [&mut facts.call, &mut facts.name, &mut facts.peer] {
            column.reserve_exact(n);
        }
        facts.calls.push(Call { fingerprint: 0, is_whole: false });
        facts.classes.push((CallClass::Other, Access::Unknown));
        builder
    }

    /// The same for who asks for failures alone.
    pub(super) fn of_failures(trace: &Trace) -> Self {
        let facts = Facts { errors: BitSet::new(trace.len()), ..Facts::default() };
        Self { facts, ..Self::default() }
    }

    /// Adds the next span, of which nothing is looked at but whether and why it failed.
    pub(super) fn add_failure(&mut self, cold: &Written<'_>, trace: &Trace, span: SpanIdx) {
        self.outcome(cold, trace, span);
    }

    /// Adds the next span, which is a placeholder.
    pub(super) fn add_placeholder(&mut self) {
        for column in [&mut self.facts.call, &mut self.facts.name, &mut self.facts.peer] {
            column.push(0);
        }
    }

    /// Adds the next span, with what was written about it.
    pub(super) fn add(&mut self, cold: &Written<'_>, trace: &Trace, span: SpanIdx) {
        let name = self.name(trace, span);
        self.facts.name.push(name);
        let call = self.call(cold, trace, span);
        self.facts.call.push(call);
        let peer = cold.peer(trace.kind(span)).map_or(0, |peer| self.facts.texts.intern(peer).0);
        self.facts.peer.push(peer);
        self.outcome(cold, trace, span);
    }

    /// The facts; what was needed to find them is freed.
    pub(super) fn finish(self) -> Facts {
        self.facts
    }

    fn name(&mut self, trace: &Trace, span: SpanIdx) -> u32 {
        let Some(slot) = self.names.get_mut(trace.name_idx(span) as usize) else { return 0 };
        *slot.get_or_insert_with(|| self.facts.names.intern(&normalise::span_name(trace.name(span))).0)
    }

    /// Errors, exceptions, bodies, what was dropped.
    fn outcome(&mut self, cold: &Written<'_>, trace: &Trace, span: SpanIdx) {
        let facts = &mut self.facts;
        let is_error = cold.is_error(trace.status(span), trace.kind(span));
        if is_error {
            facts.errors.insert(span.at());
        }
        if cold.has_exception {
            facts.exceptions.push(span.0);
        }
        if is_error || cold.has_exception {
            let kind = cold.text(M::ExceptionType).or_else(|| cold.text(M::ErrorType));
            let status = Some(cold.message).filter(|m| !m.is_empty());
            // Zipkin writes the message where others write `true`.
            let in_flag = || cold.text(M::Error).filter(|t| !matches!(*t, "true" | "false" | "0" | "1"));
            let message = cold
                .text(M::ExceptionMessage)
                .or_else(|| cold.text(M::ErrorMessage))
                .or(status)
                .or_else(in_flag);
            if kind.is_some() || message.is_some() {
                let mut intern = |text: Option<&str>| text.map_or(0, |t| facts.texts.intern(shortened(t)).0);
                facts.faults.push(Fault { span: span.0, kind: intern(kind), message: intern(message) });
            }
        }
        let sizes = [(M::RequestSize, true), (M::ResponseSize, false)];
        let bodies = sizes.map(|(size, is_request)| {
            let bytes = u64::try_from(cold.number(size)?).ok()?;
            Some(Body { bytes, is_request })
        });
        if let Some(body) = bodies.into_iter().flatten().max_by_key(|b| b.bytes) {
            facts.bodies.push((span.0, body));
        }
        if cold.dropped != [0; 3] {
            facts.dropped.push((span.0, cold.dropped));
        }
    }

    /// The call of a span: found by what is written, its fingerprint made when it is new.
    fn call(&mut self, cold: &Written<'_>, trace: &Trace, span: SpanIdx) -> u32 {
        use CallClass::{Database, Http, Messaging, Other, Rpc};
        let text = |meaning| cold.text(meaning).unwrap_or_default();
        let (class, parts): (_, [&str; 4]) = if cold.has(DATABASE) {
            let whole = text(M::DbText);
            let brief = |meaning| if whole.is_empty() { text(meaning) } else { "" };
            (Database, [text(M::DbSystem), whole, brief(M::DbOperation), brief(M::DbCollection)])
        } else if cold.has(RPC) {
            (Rpc, [text(M::RpcSystem), text(M::RpcService), text(M::RpcMethod), ""])
        } else if cold.has(HTTP) {
            let url = cold.text(M::UrlFull).unwrap_or_else(|| text(M::UrlPath));
            (Http, [text(M::HttpMethod), url, text(M::Route), ""])
        } else if cold.has(MESSAGING) {
            let operation = text(M::MessagingOperation);
            (Messaging, [text(M::MessagingSystem), operation, text(M::MessagingDestination), ""])
        } else {
            (Other, [""; 4])
        };
        let mut key = hash::mix(class as u64, 0);
        for part in parts {
            key = hash::text(key, part);
        }
        // The name counts where nothing else says what is done.
        let is_named = parts[1..].iter().all(|part| part.is_empty());
        if is_named {
            key = hash::mix(key, u64::from(trace.name_idx(span)) + 1);
        }
        if class == Other {
            key = hash::mix(key, u64::from(trace.service(span).0));
        }
        let n_calls = self.facts.calls.len();
        let call = self.known.get_or(key, n_calls);
        if (call as usize) < n_calls {
            return call;
        }
        let [_, second, third, _] = parts;
        let is_whole = matches!(class, Database | Http) && !second.is_empty();
        // Most that are new differ from others in nothing but numbers.
        let outline = match class {
            Database if is_whole => normalise::outline_of_sql(second),
            Http if is_whole && third.is_empty() => Some(normalise::outline_of_url(second)),
            _ => None,
        };
        let outline = outline.map(|outline| hash::text(hash::mix(outline, class as u64), parts[0]));
        let known = outline.and_then(|outline| self.outlines.get(outline));
        let fingerprint = known.unwrap_or_else(|| {
            let new = self.fingerprint(class, parts, is_named, trace, span);
            if let Some(outline) = outline.filter(|_| self.n_outlines < MOST_OUTLINES) {
                self.n_outlines += 1;
                self.outlines.get_or(outline, new as usize);
            }
            new
        });
        self.facts.calls.push(Call { fingerprint, is_whole });
        call
    }

    /// What a call does, put into words.
    fn fingerprint(
        &mut self,
        class: CallClass,
        parts: [&str; 4],
        is_named: bool,
        trace: &Trace,
        span: SpanIdx,
    ) -> u32 {
        use CallClass::{Database, Http, Messaging, Other, Rpc};
        let facts = &mut self.facts;
        let name = || facts.names.get(StringIdx(facts.name.get(span.at()).unwrap_or_default()));
        let [first, second, third, fourth] = parts;
        let out = &mut self.text;
        out.clear();
        out.push_str(match class {
            Database => "db|",
            Rpc => "rpc|",
            Http => "http|",
            Messaging => "msg|",
            Other => "op|",
        });
        let from = out.len();
        out.push_str(if class == Other { trace.service_name(trace.service(span)) } else { first });
        if let (Http, Some(method)) = (class, out.get_mut(from..)) {
            method.make_ascii_uppercase();
        }
        out.push('|');
        let action = out.len();
        match class {
            Database if !second.is_empty() => normalise::add_sql(second, out),
            Database if !is_named => out.push_str(format!("{third} {fourth}").trim()),
            Rpc if !is_named => {
                let between = if second.is_empty() || third.is_empty() { "" } else { "/" };
                out.extend([second, between, third]);
            }
            Http if !third.is_empty() => out.push_str(third),
            Http if !second.is_empty() => normalise::add_url(second, out),
            Messaging if !is_named => out.push_str(format!("{second} {third}").trim()),
            _ => out.push_str(name()),
        }
        let fingerprint = facts.fingerprints.intern(out).0;
        if fingerprint as usize == facts.classes.len() {
            let method = first.to_ascii_uppercase();
            facts.classes.push((class, access(class, &method, out.get(action..).unwrap_or_default())));
        }
        fingerprint
    }
}

/// Messages can hold whole pages; their beginning is enough to tell them apart.
fn shortened(text: &str) -> &str {
    text.get(..text.floor_char_boundary(2_000)).unwrap_or(text)
}

/// Whether a call reads or writes, by its method or its first word.
pub(super) fn access(class: CallClass, method: &str, action: &str) -> Access {
    const READS: &[&str] = &[
        "count", "describe", "exists", "explain", "fetch", "find", "get", "head", "hget", "hgetall", "hmget",
        "keys", "lrange", "mget", "options", "query", "read", "scan", "select", "show", "smembers", "ttl",
        "zrange",
    ];
    const WRITES: &[&str] = &[
        "add",
        "alter",
        "begin",
        "bulkwrite",
        "call",
        "commit",
        "create",
        "decr",
        "del",
        "delete",
        "drop",
        "eval",
        "exec",
        "expire",
        "findandmodify",
        "hset",
        "incr",
        "insert",
        "lock",
        "lpop",
        "lpush",
        "merge",
        "multi",
        "patch",
        "post",
        "put",
        "remove",
        "replace",
        "rollback",
        "rpop",
        "rpush",
        "sadd",
        "set",
        "setex",
        "setnx",
        "start",
        "truncate",
        "update",
        "upsert",
        "write",
        "zadd",
    ];
    let word = match class {
        CallClass::Http => method,
        CallClass::Database => action.split([' ', '(', '.']).next().unwrap_or_default(),
        _ => return Access::Unknown,
    };
    let word = word.to_ascii_lowercase();
    let is_among = |words: &[&str]| words.binary_search(&word.as_str()).is_ok();
    if is_among(WRITES) || (word == "select" && action.contains(" for update")) {
        Access::Write
    } else if is_among(READS) {
        Access::Read
    } else {
        Access::Unknown
    }
}
