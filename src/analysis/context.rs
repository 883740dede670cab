//! What a rule may look at: one trace with everything that was computed about it.

use std::cell::RefCell;

use super::clock_domain::ClockDomains;
use super::clock_skew::ClockOffset;
use super::completion_path::Stretch;
use super::critical_path::Sections;
use super::errors::Failure;
use super::facts::{CallClass, Facts};
use super::gaps::Gap;
use super::learned_order::SeenOtherwise;
use super::prepared::Prepared;
use super::quality::Quality;
use super::recorded::Recorded;
use super::relation::Relation;
use super::repeats::{IdenticalCalls, RepeatGroup};
use super::retries::RetryGroup;
use super::scenario::{Changes, Matching, Scenario};
use super::sequences::Sequence;
use super::settings::Settings;
use super::statistics::Operations;
use super::what_if::{Replay, Trial};
use super::wording;
use crate::model::attributes::Value;
use crate::model::index::{SpanIdx, TraceIdx};
use crate::model::span::SpanKind;
use crate::model::trace::Trace;
use crate::model::trace_set::{Details, TraceSet};

/// One trace and its analyses. What was not computed yet is empty, and rules then find nothing.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// Everything that is loaded.
    pub set: &'a TraceSet,
    /// The trace's position in it.
    pub trace_idx: TraceIdx,
    /// The settings.
    pub settings: &'a Settings,
    /// Which spans share a clock.
    pub domains: &'a ClockDomains,
    /// What was found out about the clocks; empty where they were not compared.
    pub clocks: &'a [ClockOffset],
    /// The spans with corrected times.
    pub recorded: &'a Recorded<'a>,
    /// How each span is related to its parent.
    pub relations: &'a [Relation],
    /// What the request waited for.
    pub prepared: &'a Prepared,
    /// The critical path.
    pub path: &'a Sections,
    /// Time on it by span.
    pub critical: &'a [i64],
    /// The completion path; empty where nothing outlives the root.
    pub completion: &'a [Stretch],
    /// Self times by span.
    pub own_times: &'a [i64],
    /// Spans by operation.
    pub operations: &'a Operations,
    /// Stretches without anything recorded.
    pub gaps: &'a [Gap],
    /// For trying suppositions.
    pub replay: &'a Replay,
    /// What trying one after the other needs.
    pub trial: &'a RefCell<Trial>,
    /// Calls that could run at the same time.
    pub sequences: &'a [Sequence],
    /// Which of their orders another trace contradicts.
    pub seen_otherwise: &'a SeenOtherwise,
    /// What attributes, events and names say.
    pub facts: &'a Facts,
    /// What is written under which keys.
    pub quality: &'a Quality,
    /// Calls that are repeated.
    pub repeats: &'a [RepeatGroup],
    /// Calls that ask for exactly the same.
    pub identical_calls: &'a [IdenticalCalls],
    /// Calls that were tried again.
    pub retries: &'a [RetryGroup],
    /// What failed, and how far that went.
    pub failures: &'a [Failure],
}

impl<'a> Context<'a> {
    /// The trace itself.
    pub fn trace(&self) -> &'a Trace {
        self.recorded.trace()
    }

    /// The root that is explained.
    pub fn root(&self) -> Option<SpanIdx> {
        self.prepared.root()
    }

    /// How long the request took.
    pub fn root_ns(&self) -> i64 {
        self.root().map_or(0, |root| self.prepared.length(root))
    }

    /// Time of a span on the critical path.
    pub fn cp(&self, span: SpanIdx) -> i64 {
        self.critical.get(span.at()).copied().unwrap_or_default()
    }

    /// Kind.
    pub fn kind(&self, span: SpanIdx) -> SpanKind {
        self.trace().kind(span)
    }

    /// Whether a span is a call to somewhere else.
    pub fn is_call(&self, span: SpanIdx) -> bool {
        matches!(self.kind(span), SpanKind::Client | SpanKind::Producer) || self.facts.has_database(span)
    }

    /// The span's service in words.
    pub fn service(&self, span: SpanIdx) -> &'a str {
        match self.trace().service_name(self.trace().service(span)) {
            "" => "an unnamed service",
            name => name,
        }
    }

    /// What a span is called in a sentence: its name, with whom it calls where the name says nothing else
    /// than how (`POST api.stripe.com`).
    pub fn op(&self, span: SpanIdx) -> String {
        let name = wording::short(self.trace().name(span), 80);
        if name.is_empty() {
            return "a span without a name".to_owned();
        }
        match self.facts.peer_host(span) {
            Some(peer) if self.is_call(span) && wording::is_method(&name) => {
                format!("{name} {}", wording::short(self.facts.peer_text(peer), 60))
            }
            _ => name,
        }
    }

    /// What a span does, in words without ids or literals, at most `most` characters: the statement, the
    /// route, the name.
    pub fn what(&self, span: SpanIdx, most: usize) -> String {
        let text = self.facts.fingerprint_text(self.facts.fingerprint(span));
        match text.split_once('|') {
            Some(("http", rest)) => wording::short(&rest.replacen('|', " ", 1), most),
            Some((_, rest)) => wording::short(rest.split_once('|').map_or(rest, |(_, what)| what), most),
            None => self.op(span),
        }
    }

    /// Whether name or attributes say what a span calls: database, HTTP, RPC or messaging.
    pub fn says_what(&self, span: SpanIdx) -> bool {
        let name = self.trace().name(span);
        self.facts.call_class(span) != CallClass::Other
            || name.split_once(' ').is_some_and(|(method, _)| wording::is_method(method))
    }

    /// Name and service of a span and of what is above it (at most a thousand levels) as one number, the same
    /// in every trace of its kind.
    pub fn path_hash(&self, span: SpanIdx) -> u64 {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        let (mut at, mut levels) = (Some(span), 0);
        while let Some(span) = at.filter(|_| levels < 1_000) {
            levels += 1;
            let trace = self.trace();
            let texts = [
                trace.service_name(trace.service(span)),
                self.facts.normal_name_text(self.facts.normal_name(span)),
            ];
            for text in texts {
                for &byte in text.as_bytes().iter().chain(&[0]) {
                    hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
                }
            }
            at = self.recorded.parent(span);
        }
        hash
    }

    /// What the request would save.
    pub fn saving(&self, scenario: &Scenario) -> i64 {
        let changes = Changes::new(self.replay, self.trace(), std::slice::from_ref(scenario));
        self.trial.borrow_mut().saving(self.replay, &changes)
    }

    /// What is at stake at a span: its time on the critical path, or less where something else would take up
    /// that time if the span were not there.
    pub fn drag(&self, span: SpanIdx) -> i64 {
        let most = self.cp(span);
        if most <= 0 {
            return 0;
        }
        most.min(self.saving(&faster(&[span], 1000))).max(0)
    }

    /// Spans above a span up to the root, the nearest first, at most `most`.
    pub fn callers(&self, span: SpanIdx, most: usize) -> Vec<SpanIdx> {
        let mut callers = Vec::new();
        let mut at = self.recorded.parent(span);
        while let Some(span) = at.filter(|_| callers.len() < most) {
            callers.push(span);
            at = self.recorded.parent(span);
        }
        callers
    }

    /// The cold part of a span. Costs more than a column: for spans that a finding is about.
    pub fn details(&self, span: SpanIdx) -> Details<'a> {
        let first = self.set.traces().get(self.trace_idx.at()).map_or(0, |t| t.first);
        self.set.details(SpanIdx(first + span.0))
    }

    /// The queue or topic that a span names.
    pub fn destination(&self, span: SpanIdx) -> Option<&'a str> {
        let first = self.set.traces().get(self.trace_idx.at()).map_or(0, |t| t.first);
        destination(self.set, SpanIdx(first + span.0))
    }

    /// The language of a span's SDK, as its resource says.
    pub fn language(&self, span: SpanIdx) -> Option<&'a str> {
        let resource = self.set.resource(self.details(span).resource);
        resource.attributes.iter().find_map(|(key, value)| match value {
            Value::Str(text) if *key == "telemetry.sdk.language" => Some(*text),
            _ => None,
        })
    }
}

/// The queue or topic that a span of the set names.
pub fn destination(set: &TraceSet, span: SpanIdx) -> Option<&str> {
    let attributes = set.details(span).attributes;
    ["messaging.destination.name", "messaging.destination"].iter().find_map(|key| {
        attributes.iter().find_map(|(k, value)| match value {
            Value::Str(text) if k == key && !text.is_empty() => Some(*text),
            _ => None,
        })
    })
}

/// These spans faster by so many parts of a thousand of their own time.
pub fn faster(spans: &[SpanIdx], permille: i64) -> Scenario {
    Scenario::Scale { matching: Matching::Spans(spans.to_vec()), faster_permille: permille, subtree: false }
}
