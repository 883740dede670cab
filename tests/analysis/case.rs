//! A worked case, and its spans put through the builder as an importer would.
//!
//! Ids in cases are short words. They become span ids whose order is that of the words' bytes, and come back
//! as words; a span that the builder gave a name of its own (`a#2`, `x/server`) comes back as that.

use serde_json::Value;
use spanscope::analysis::clock_domain::ClockDomains;
use spanscope::analysis::clock_skew::{ClockOffset, clock_offsets};
use spanscope::analysis::recorded::Recorded;
use spanscope::analysis::relation::{Relation, relations};
use spanscope::analysis::settings::{Overflow, Settings};
use spanscope::model::attributes::{AttributeBuffer, Scalar};
use spanscope::model::builder::TraceBuilder;
use spanscope::model::ids::{SpanId, TraceId};
use spanscope::model::index::{SpanIdx, TraceIdx};
use spanscope::model::record::{ResourceRecord, SideRule, SpanRecord};
use spanscope::model::span::{Flags, SpanKind, Status};
use spanscope::model::trace::Trace;
use spanscope::model::trace_set::TraceSet;
use spanscope::model::warning::WarningCode;

/// Where time 0 of the cases lies: real input has no spans of 1970.
const BASE: i64 = 1_600_000_000_000_000_000;

/// One worked case.
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) about: String,
    /// The analysis.
    pub(crate) kind: String,
    pub(crate) input: Value,
    pub(crate) expected: Value,
    pub(crate) settings: Settings,
}

impl Case {
    /// All cases of a file.
    pub(crate) fn all(document: &Value) -> Vec<Self> {
        let defaults = settings(&Settings::default(), &document["defaults"]["settings"]);
        let cases = document["cases"].as_array().map(Vec::as_slice).unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        cases
            .iter()
            .map(|case| Self {
                id: text(&case["id"]),
                about: text(&case["description"]),
                kind: text(&case["analysis"]),
                input: case["input"].clone(),
                expected: case["expected"].clone(),
                settings: settings(&defaults, &case["settings"]),
            })
            .collect()
    }

    /// The trace of the case's spans.
    pub(crate) fn request(&self) -> Request {
        Request::new(&self.input["spans"], &self.settings)
    }
}

/// `from` with what `changes` names. A setting that is not known fails the case.
fn settings(from: &Settings, changes: &Value) -> Settings {
    let mut settings = from.clone();
    let Some(changes) = changes.as_object() else { return settings };
    for (key, value) in changes {
        let number = || value.as_i64().unwrap_or_else(|| panic!("{key} is {value}"));
        let count = || usize::try_from(number()).unwrap();
        match key.as_str() {
            "overflow" => {
                settings.overflow = match value.as_str() {
                    Some("auto") => Overflow::Auto,
                    Some("truncate") => Overflow::Truncate,
                    Some("async") => Overflow::Async,
                    _ => panic!("{key} is {value}"),
                }
            }
            "overflow_jitter_ns" => settings.overflow_jitter_ns = number(),
            "overflow_jitter_div" => settings.overflow_jitter_div = number(),
            "overlap_tolerance" => settings.overlap_tolerance = value == true,
            "overlap_tol_ns" => settings.overlap_tolerance_ns = number(),
            "adjust_skew" => settings.adjust_skew = value == true,
            "max_skew_ns" => settings.max_skew_ns = number(),
            "gap_min_ns" => settings.gap_min_ns = value.as_i64(),
            "seq_min_len" => settings.sequence_min_members = count(),
            "seq_min_member_ns" => settings.sequence_min_member_ns = value.as_i64(),
            "seq_min_saving_ns" => settings.sequence_min_saving_ns = value.as_i64(),
            "seq_gap_floor_ns" => settings.sequence_gap_floor_ns = number(),
            "n1_min_count" => settings.repeat_min_count = count(),
            "n1_min_total_ns" => settings.repeat_min_total_ns = value.as_i64(),
            "n1_max_depth" => settings.repeat_max_depth = count(),
            _ => panic!("the setting {key} is not known"),
        }
    }
    settings
}

/// The spans of a case as a trace.
pub(crate) struct Request {
    pub(crate) set: TraceSet,
    pub(crate) trace: Trace,
    pub(crate) domains: ClockDomains,
    pub(crate) settings: Settings,
    /// Domains that the case names by a host of its own.
    hosts: Vec<String>,
    /// The id of each record in the order of the case.
    records: Vec<String>,
    /// What the cases' time 0 is in the trace.
    zero: i64,
}

impl Request {
    pub(crate) fn new(spans: &Value, settings: &Settings) -> Self {
        let mut builder = TraceBuilder::default();
        let mut hosts = Vec::new();
        for span in spans.as_array().map(Vec::as_slice).unwrap_or_default() {
            push(&mut builder, 7, span, &mut hosts);
        }
        let set = builder.finish();
        let trace = set.trace(TraceIdx(0));
        let domains = ClockDomains::of(&set, TraceIdx(0));
        let zero = BASE - trace.start_time().0;
        let id = |span: &Value| span["id"].as_str().unwrap_or_default().to_owned();
        let records = spans.as_array().into_iter().flatten().map(id).collect();
        Self { set, trace, domains, settings: settings.clone(), hosts, records, zero }
    }

    /// Ids of the records that a warning names.
    pub(crate) fn warned(&self, code: WarningCode) -> Vec<&str> {
        let warnings = self.set.warnings().iter().filter(|w| w.code == code);
        let records = warnings.flat_map(|w| &w.examples).filter_map(|example| example.record);
        records.map(|record| self.records[record.at()].as_str()).collect()
    }

    /// Clocks, when the settings want them corrected.
    pub(crate) fn offsets(&self) -> Vec<ClockOffset> {
        if !self.settings.adjust_skew {
            return Vec::new();
        }
        clock_offsets(&Recorded::new(&self.trace), &self.domains, &self.settings)
    }

    /// The trace with corrected clocks.
    pub(crate) fn recorded(&self) -> Recorded<'_> {
        let offsets = self.offsets();
        if offsets.iter().all(|o| o.offset_ns == 0) {
            return Recorded::new(&self.trace);
        }
        Recorded::shifted(&self.trace, |span| offsets[self.domains.domain(span).at()].offset_ns)
    }

    pub(crate) fn relations(&self, recorded: &Recorded) -> Vec<Relation> {
        relations(recorded, &self.settings)
    }

    /// The root that the case names, else the main root.
    pub(crate) fn root(&self, case: &Case, recorded: &Recorded) -> SpanIdx {
        let named = case.input["root"].as_str().map(|word| self.span(word));
        named.or_else(|| recorded.main_root()).unwrap_or_default()
    }

    /// A time as the case tells it.
    pub(crate) fn time(&self, time: i64) -> i64 {
        time - self.zero
    }

    /// The span with this word as id.
    pub(crate) fn span(&self, word: &str) -> SpanIdx {
        let found = self.trace.spans().find(|&s| !self.trace.is_placeholder(s) && self.word(s) == word);
        found.unwrap_or_else(|| panic!("no span {word}"))
    }

    pub(crate) fn words(&self, spans: &[SpanIdx]) -> Vec<String> {
        spans.iter().map(|&span| self.word(span)).collect()
    }

    /// The id of a span as the case writes it.
    pub(crate) fn word(&self, span: SpanIdx) -> String {
        let id = self.trace.span_id(span);
        let bytes = id.0.to_be_bytes();
        let word = String::from_utf8_lossy(&bytes).trim_end_matches('\0').to_owned();
        let flags = self.trace.flags(span);
        if flags.has(Flags::SHARED) {
            return format!("{word}/server");
        }
        if flags.has(Flags::DUPLICATE_ID) {
            let record = |s: SpanIdx| self.set.details(s).record;
            let earlier = self
                .trace
                .spans()
                .filter(|&s| self.trace.span_id(s) == id && !self.trace.is_placeholder(s))
                .filter(|&s| record(s) < record(span));
            return format!("{word}#{}", earlier.count() + 1);
        }
        word
    }

    /// The name of a clock as the case writes it.
    pub(crate) fn clock(&self, domain: usize) -> String {
        let name = &self.domains.names[domain];
        let host = name.strip_prefix("host.id:").filter(|host| self.hosts.iter().any(|h| h == host));
        host.map_or_else(|| name.clone(), |host| format!("h:{host}"))
    }
}

/// The span id that a word stands for: its bytes from the left, so that ids are ordered as words are.
fn span_id(word: &str) -> SpanId {
    assert!(word.len() <= 8, "the id {word} is longer than a span id");
    let mut bytes = [0; 8];
    bytes[..word.len()].copy_from_slice(word.as_bytes());
    SpanId(u64::from_be_bytes(bytes))
}

/// Several traces in one set.
pub(crate) fn traces(traces: &Value) -> TraceSet {
    let mut builder = TraceBuilder::default();
    for (spans, id) in traces.as_array().into_iter().flatten().zip(1..) {
        for span in spans.as_array().into_iter().flatten() {
            push(&mut builder, id, span, &mut Vec::new());
        }
    }
    builder.finish()
}

fn push(builder: &mut TraceBuilder, trace_id: u128, span: &Value, hosts: &mut Vec<String>) {
    let text = |key: &str| span[key].as_str().unwrap_or_default();
    let mut resource = ResourceRecord { service: text("service").into(), ..ResourceRecord::default() };
    if let Some(host) = span["host"].as_str() {
        resource.attributes.add(&mut builder.strings, "host.id", Scalar::Str(host));
        hosts.push(host.to_owned());
    }
    add_attributes(builder, &mut resource.attributes, &span["resource"]);
    let resource_idx = builder.reserve_resource();
    builder.fill_resource(resource_idx, &resource);
    let mut record = SpanRecord {
        trace_id: TraceId(trace_id.to_be_bytes()),
        span_id: span_id(text("id")),
        parent_id: span["parent"].as_str().map_or(SpanId::NONE, span_id),
        name: text("name").to_owned(),
        kind: SpanKind::from_text(text("kind")),
        start: BASE + span["start"].as_i64().unwrap(),
        end: BASE + span["end"].as_i64().unwrap(),
        status: match text("status") {
            "ERROR" => Status::Error,
            "OK" => Status::Ok,
            _ => Status::Unset,
        },
        status_message: text("status_message").to_owned(),
        resource: resource_idx,
        side_rule: SideRule::OneSpan,
        ..SpanRecord::default()
    };
    if text("ref") == "FOLLOWS_FROM" {
        record.flags.set(Flags::FOLLOWS_FROM);
    }
    let mut attributes = AttributeBuffer::default();
    add_attributes(builder, &mut attributes, &span["attrs"]);
    record.attributes = attributes;
    for event in span["events"].as_array().map(Vec::as_slice).unwrap_or_default() {
        let mut attributes = AttributeBuffer::default();
        add_attributes(builder, &mut attributes, &event["attrs"]);
        let time = record.start;
        let added = record.add_event();
        event["name"].as_str().unwrap_or_default().clone_into(&mut added.name);
        added.time = time;
        added.attributes = attributes;
    }
    builder.push(&record).unwrap();
}

fn add_attributes(builder: &mut TraceBuilder, to: &mut AttributeBuffer, from: &Value) {
    for (key, value) in from.as_object().into_iter().flatten() {
        let scalar = match value {
            Value::String(text) => Scalar::Str(text),
            Value::Bool(value) => Scalar::Bool(*value),
            Value::Number(number) => {
                number.as_i64().map_or_else(|| Scalar::F64(number.as_f64().unwrap()), Scalar::I64)
            }
            _ => Scalar::Null,
        };
        to.add(&mut builder.strings, key, scalar);
    }
}
