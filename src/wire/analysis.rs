//! What the analyses of one trace say, as messages: the page never sees the analyses themselves.
//!
//! An analysis is asked for with [`super::Request::Analyse`] and answered in parts, the ones that the screen
//! shows first coming first. Spans are indices in the open trace; times are nanoseconds after the trace's
//! start, after clock correction where one was made. What is large travels as columns in pieces of at most
//! [`PIECE`] rows, so that taking one in does not hold up a frame.

use serde::{Deserialize, Serialize};

use crate::analysis::settings::{self, Settings};

/// Rows in a piece of a column: about a megabyte.
pub const PIECE: usize = 1 << 16;

/// Position of a span that has none, in a column of times: it takes no part in what was computed.
pub const NO_TIME: i64 = i64::MIN;

/// What counts as work that the request does not wait for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Overflow {
    /// A child that ends clearly after its parent is background work, unless client and server disagree.
    #[default]
    Auto,
    /// Such children are cut at their parent's end.
    Truncate,
    /// Every child that ends after its parent is background work.
    Async,
}

/// What the reader can change about an analysis. `None` stands for a value that depends on the trace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AnalysisSettings {
    /// See [`Overflow`].
    pub overflow: Overflow,
    /// A child may end this much later than its parent, or the share below, and still count as within.
    pub overflow_jitter_ns: i64,
    /// The share: the parent's duration divided by this.
    pub overflow_jitter_div: i64,
    /// Whether calls that overlap by a hair count as one after the other.
    pub overlap_tolerance: bool,
    /// The longest such overlap.
    pub overlap_tolerance_ns: i64,
    /// Whether clocks are corrected.
    pub adjust_skew: bool,
    /// A larger correction is not believed.
    pub max_skew_ns: i64,
    /// The shortest stretch without spans that is worth naming.
    pub gap_min_ns: Option<i64>,
    /// Calls in a sequence that could run in parallel.
    pub sequence_min_members: usize,
    /// Duration of a call that counts in it.
    pub sequence_min_member_ns: Option<i64>,
    /// Time to be won by it.
    pub sequence_min_saving_ns: Option<i64>,
    /// A pause between two calls up to this is no pause.
    pub sequence_gap_floor_ns: i64,
    /// Calls that make a repeat.
    pub repeat_min_count: usize,
    /// Their time together.
    pub repeat_min_total_ns: Option<i64>,
    /// Levels between the calls and what they are grouped below.
    pub repeat_max_depth: usize,
}

impl Default for AnalysisSettings {
    /// What the analyses start from.
    fn default() -> Self {
        let settings = Settings::default();
        Self {
            overflow: match settings.overflow {
                settings::Overflow::Auto => Overflow::Auto,
                settings::Overflow::Truncate => Overflow::Truncate,
                settings::Overflow::Async => Overflow::Async,
            },
            overflow_jitter_ns: settings.overflow_jitter_ns,
            overflow_jitter_div: settings.overflow_jitter_div,
            overlap_tolerance: settings.overlap_tolerance,
            overlap_tolerance_ns: settings.overlap_tolerance_ns,
            adjust_skew: settings.adjust_skew,
            max_skew_ns: settings.max_skew_ns,
            gap_min_ns: settings.gap_min_ns,
            sequence_min_members: settings.sequence_min_members,
            sequence_min_member_ns: settings.sequence_min_member_ns,
            sequence_min_saving_ns: settings.sequence_min_saving_ns,
            sequence_gap_floor_ns: settings.sequence_gap_floor_ns,
            repeat_min_count: settings.repeat_min_count,
            repeat_min_total_ns: settings.repeat_min_total_ns,
            repeat_max_depth: settings.repeat_max_depth,
        }
    }
}

/// A part of an analysis, in the order in which they come. Parts that do not apply come empty, except
/// [`Self::Shifts`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum AnalysisPart {
    /// What is being done; for a line of progress and for measuring.
    Step {
        /// In a few words, such as "critical path".
        name: String,
        /// Steps before this one.
        done: u32,
        /// All steps.
        of: u32,
    },
    /// What was found out about the clocks; empty when they agree or only one is known.
    Clock(Vec<ClockCorrection>),
    /// Only where a clock was corrected: by how much each span was shifted. See [`super::analysis_columns`].
    Shifts(Piece),
    /// Sections of the critical path, first to last: see [`PathSections`].
    Path(Piece),
    /// The answer in one sentence. May come again when more is known.
    Headline(Headline),
    /// Times of each span: see [`SpanTimes`].
    Times(Piece),
    /// Only where spans of the same name do different things: a number for what each span does, equal for
    /// equal statements. See [`super::analysis_columns`].
    Statements(Piece),
    /// Everything found so far, in order; replaces the findings before.
    Findings {
        /// What was found.
        findings: Vec<FindingMessage>,
        /// Whether nothing more will be.
        is_all: bool,
    },
    /// Operations, most critical-path time first. May come again with what would help.
    Operations(Vec<OperationRow>),
    /// Until everything that the request set off was finished; empty when nothing outlives the request.
    Completion(Vec<CompletionSection>),
    /// The analysis is over.
    Done {
        /// What was looked for.
        checked: Vec<Check>,
        /// Memory that the engine keeps for questions about it, in bytes.
        bytes: u64,
    },
    /// The analysis could not be made.
    Failed(String),
}

/// Which rows of a column a message carries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// The first row. A piece with 0 begins the column anew.
    pub first: u32,
    /// Rows of the whole column.
    pub total: u32,
}

/// The answer in one sentence.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Headline {
    /// The sentence or two.
    pub text: String,
    /// The span that it is about.
    pub span: Option<u32>,
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "see `word`")]
pub enum Severity {
    High,
    Medium,
    Low,
    #[default]
    Info,
}

impl Severity {
    /// The word shown.
    pub const fn word(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
            Self::Info => "info",
        }
    }
}

/// How sure a finding is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "see `word`")]
pub enum Confidence {
    #[default]
    Certain,
    Observed,
    Likely,
    Possible,
}

impl Confidence {
    /// The word shown.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Certain => "certain",
            Self::Observed => "observed",
            Self::Likely => "likely",
            Self::Possible => "possible",
        }
    }
}

/// Something found in a trace.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FindingMessage {
    /// Code of the rule, such as `PERF-4`.
    pub code: String,
    /// One line, with numbers.
    pub title: String,
    /// How much it matters.
    pub severity: Severity,
    /// How sure it is.
    pub confidence: Confidence,
    /// What the whole request would win, or what is at stake.
    pub stake_ns: Option<i64>,
    /// The stake in parts of a thousand of the request.
    pub share_permille: Option<u32>,
    /// The spans that show it, at most 50.
    pub evidence: Vec<u32>,
    /// How many there are.
    pub evidence_count: u32,
    /// The time that it is about, where that is not the spans' own.
    pub interval: Option<(i64, i64)>,
    /// What it means.
    pub meaning: String,
    /// What to do.
    pub advice: String,
    /// Texts to be copied: configurations and queries, each with what it is.
    pub snippets: Vec<(String, String)>,
    /// What the number rests on.
    pub assumes: Option<String>,
    /// What would have to change for the stake to be won: can be tried with [`super::Request::WhatIf`].
    pub scenario: Option<Scenario>,
    /// The same for the same finding in another trace.
    pub key: String,
    /// What was found at the same spans and is part of this.
    pub contains: Vec<FindingMessage>,
}

/// One row of the table of operations (RED and what would help most).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperationRow {
    /// Service; empty when there is none.
    pub service: String,
    /// Name with its ids replaced.
    pub name: String,
    /// Kind in words, such as `server`; empty when not specified.
    pub kind: String,
    /// The span of it with the most time on the critical path.
    pub span: u32,
    /// Spans.
    pub count: u32,
    /// Of which errors.
    pub errors: u32,
    /// Sum of durations.
    pub total_ns: i64,
    /// Sum of self times.
    pub self_ns: i64,
    /// Sum of times on the critical path.
    pub cp_ns: i64,
    /// Median duration, nearest rank.
    pub p50_ns: i64,
    /// 95th percentile.
    pub p95_ns: i64,
    /// 99th percentile.
    pub p99_ns: i64,
    /// Longest.
    pub max_ns: i64,
    /// What the request would win if this took half the time; known for the twenty with the most time on the
    /// critical path.
    pub saving_half_ns: Option<i64>,
    /// What the request would win without it.
    pub saving_removed_ns: Option<i64>,
}

/// A stretch of the completion path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompletionSection {
    /// The span that was at work or, for a wait, the one that was waited for.
    pub span: u32,
    /// Whether nothing was at work: a queue, a scheduler, a pool of threads.
    pub is_wait: bool,
    /// From here,
    pub from: i64,
    /// to here.
    pub to: i64,
}

/// What was found out about one clock.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockCorrection {
    /// Whose clock, as in `host b`.
    pub domain: String,
    /// Added to every time of it; 0 when it was left alone.
    pub offset_ns: i64,
    /// The smallest offset that fits, if there is one.
    pub low_ns: Option<i64>,
    /// The largest offset that fits, if there is one.
    pub high_ns: Option<i64>,
    /// Whether one offset explains everything.
    pub is_consistent: bool,
    /// The offset was larger than the settings allow; it was not applied.
    pub is_too_large: bool,
    /// Spans of this clock.
    pub n_spans: u32,
}

/// Something that was looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Code of the rule.
    pub code: String,
    /// Its name.
    pub name: String,
    /// What it looks for, to follow "looked for".
    pub checks: String,
    /// How often it was found, swallowed findings included.
    pub found: u32,
}

/// Which spans a scenario is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Matching {
    /// These.
    Spans(Vec<u32>),
    /// All of a row of the table of operations.
    Operation {
        /// See [`OperationRow::service`]; any when absent.
        service: Option<String>,
        /// See [`OperationRow::name`], or a name as recorded; any when absent.
        name: Option<String>,
        /// See [`OperationRow::kind`]; any when absent.
        kind: Option<String>,
    },
}

/// Something that could be otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scenario {
    /// Faster or, with a negative number, slower.
    Scale {
        /// Which spans.
        matching: Matching,
        /// By how many parts of a thousand of their own time: 500 is twice as fast, 1000 is without them.
        faster_permille: i64,
        /// Whether everything below them changes as well.
        subtree: bool,
    },
    /// Longer or shorter by a fixed time.
    Delta {
        /// Which spans.
        matching: Matching,
        /// Added to each.
        add_ns: i64,
    },
    /// These calls start without waiting for one another.
    Parallel {
        /// The calls.
        members: Vec<u32>,
    },
    /// These calls become one.
    Batch {
        /// The calls.
        members: Vec<u32>,
    },
}

/// The totals of a what-if.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhatIfTotals {
    /// Duration of the request as it was.
    pub before_ns: i64,
    /// Duration as it would be.
    pub after_ns: i64,
    /// The difference, negative when it would take longer.
    pub saving_ns: i64,
}

/// How a span is related to its parent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// It has none.
    #[default]
    Root,
    /// The parent waits for it.
    Blocking,
    /// The parent hands over and goes on.
    Async,
    /// It goes on clearly after its parent, so nobody waits for it.
    Outlives,
    /// It takes no time.
    Instant,
    /// It lies outside its parent's time.
    Outside,
}

/// What the analysis knows of one span.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpanInsight {
    /// How much later it may end before the request ends later; none outside of what the request waits for.
    pub slack_ns: Option<i64>,
    /// Its time less that of the children that it waits for.
    pub self_ns: i64,
    /// Its time less that of all children: what most viewers call self time.
    pub self_all_ns: i64,
    /// Its time on the critical path.
    pub cp_ns: i64,
    /// How it is related to its parent.
    pub relation: Relation,
    /// By how much its clock was corrected.
    pub shift_ns: i64,
    /// It goes on after its caller stopped waiting.
    pub is_cut: bool,
}

/// Sections of the critical path in columns: in order, without gaps or overlaps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PathSections {
    /// The span that the request depended on,
    pub span: Vec<u32>,
    /// from here,
    pub from: Vec<i64>,
    /// to here.
    pub to: Vec<i64>,
}

impl PathSections {
    /// Number of sections.
    pub fn len(&self) -> usize {
        self.span.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.span.is_empty()
    }

    /// All sections: span, from, to.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (u32, i64, i64)> + ExactSizeIterator + '_ {
        self.span.iter().zip(&self.from).zip(&self.to).map(|((&span, &from), &to)| (span, from, to))
    }
}

/// Times of each span of the trace, by index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpanTimes {
    /// On the critical path.
    pub cp: Vec<i64>,
    /// Self time: without the children that the span waits for.
    pub self_time: Vec<i64>,
}
