//! Everything about one span, as the details pane shows it: texts, types and places.

use serde::{Deserialize, Serialize};

/// Events in one answer: a span may have a hundred thousand.
pub const EVENTS: usize = 500;

/// Links of each direction in one answer.
pub const LINKS: usize = 500;

/// The type of an attribute's value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "see `word`")]
pub enum ValueType {
    #[default]
    Null,
    String,
    Bool,
    Int,
    Uint,
    Double,
    Bytes,
    Array,
    Map,
}

impl ValueType {
    /// The word shown beside the value.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::String => "string",
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Uint => "uint",
            Self::Double => "double",
            Self::Bytes => "bytes",
            Self::Array => "array",
            Self::Map => "map",
        }
    }
}

/// One attribute.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribute {
    /// Key.
    pub key: String,
    /// Type of the value.
    pub kind: ValueType,
    /// The value: strings as they are, bytes in base64, arrays and maps as compact JSON.
    pub text: String,
}

/// The resource of a span.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// Service name; empty when there is none.
    pub service: String,
    /// Attributes in order.
    pub attributes: Vec<Attribute>,
    /// Schema of the attributes.
    pub schema_url: String,
    /// Attributes that the SDK dropped.
    pub dropped_attributes: u32,
}

/// The instrumentation scope of a span.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// Name of the instrumentation library.
    pub name: String,
    /// Version.
    pub version: String,
    /// Attributes in order.
    pub attributes: Vec<Attribute>,
    /// Schema of the attributes.
    pub schema_url: String,
    /// Attributes that the SDK dropped.
    pub dropped_attributes: u32,
}

/// An event of a span.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Nanoseconds since 1970; 0 when missing.
    pub time: i64,
    /// Nanoseconds after the span's start.
    pub after_start: i64,
    /// Name.
    pub name: String,
    /// Attributes in order.
    pub attributes: Vec<Attribute>,
    /// Attributes that the SDK dropped.
    pub dropped_attributes: u32,
}

/// A link of a span.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Trace id in hex.
    pub trace_id: String,
    /// Span id in hex.
    pub span_id: String,
    /// What the reference means, in words.
    pub kind: String,
    /// W3C trace state.
    pub trace_state: String,
    /// Trace flags.
    pub flags: u32,
    /// Attributes in order.
    pub attributes: Vec<Attribute>,
    /// Attributes that the SDK dropped.
    pub dropped_attributes: u32,
    /// The other span, when it is among what was opened.
    pub target: Option<SpanRef>,
    /// Whether the other trace is among what was opened, with or without the span.
    pub trace_known: bool,
}

/// A span that something refers to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpanRef {
    /// Index of its trace in the list.
    pub trace: u32,
    /// Id of its trace in hex.
    pub trace_id: String,
    /// Index in its trace.
    pub span: u32,
    /// Span id in hex.
    pub span_id: String,
    /// Name.
    pub name: String,
    /// Service.
    pub service: String,
}

/// Everything about one span.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpanDetails {
    /// Of the list that the indices refer to.
    pub revision: u32,
    /// The span itself.
    pub this: SpanRef,
    /// Whether it only stands for a parent that is not in the input.
    pub placeholder: bool,
    /// Parent id in hex; empty for a root.
    pub parent_id: String,
    /// Span id and parent id as written, where they are not plain hex; else empty.
    pub id_texts: [String; 2],
    /// Kind in a word; empty when unspecified.
    pub kind: String,
    /// Status in a word.
    pub status: String,
    /// Description of the status.
    pub status_message: String,
    /// Nanoseconds since 1970.
    pub start: i64,
    /// Nanoseconds.
    pub duration: i64,
    /// Start and end as read, where a repair changed them.
    pub raw_times: Option<(i64, i64)>,
    /// Attributes in order, duplicates kept.
    pub attributes: Vec<Attribute>,
    /// Its resource.
    pub resource: Resource,
    /// Its instrumentation scope.
    pub scope: Scope,
    /// Events, from `first_event` on, at most [`EVENTS`].
    pub events: Vec<Event>,
    /// Number of the first of `events`.
    pub first_event: u32,
    /// Events in all.
    pub n_events: u32,
    /// Links, at most [`LINKS`].
    pub links: Vec<Link>,
    /// Links in all.
    pub n_links: u32,
    /// Spans that link to this one, at most [`LINKS`].
    pub back_links: Vec<SpanRef>,
    /// Spans that link to this one, in all.
    pub n_back_links: u32,
    /// W3C trace state.
    pub trace_state: String,
    /// Trace flags as written.
    pub trace_flags: u32,
    /// Dropped by the SDK: attributes, events, links.
    pub dropped: [u32; 3],
    /// What was repaired, guessed or reported about this span, in sentences.
    pub warnings: Vec<String>,
    /// File, and member for archives.
    pub source: String,
}
