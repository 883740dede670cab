//! Warnings: everything that was guessed, mended, merged or left out, counted under a stable code.

/// What kind of thing went wrong; the codes are those of the manual and never change their meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "code and sentence are in `TABLE`")]
pub enum WarningCode {
    TruncatedContainer,
    TruncatedFrame,
    TruncatedJson,
    BrokenValue,
    InvalidUtf8,
    NotTraces,
    EncryptedMember,
    SizeLimit,
    ErrorAnswer,
    MissingId,
    IdNotHex,
    TraceIdWidthsMixed,
    DuplicateIdentical,
    DuplicateSpanId,
    SharedSpanId,
    Orphan,
    SelfParent,
    Cycle,
    MultipleRoots,
    TimeUnitGuessed,
    TimeAbsurd,
    StartMissing,
    Unfinished,
    NegativeDuration,
    TimeOutlier,
    ReducedPrecision,
    NoService,
    UnknownService,
    ProcessMissing,
    PartialTrace,
    Dropped,
    SourceWarning,
    Overlap,
}

/// Whether a warning deserves attention or merely explains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Normal in many traces; explains what is shown.
    Info,
    /// Something was mended, merged or lost.
    Warning,
}

use Level::{Info, Warning as Warn};
use WarningCode as C;

/// Every code with its stable name, level and one sentence for the reader.
pub const TABLE: &[(WarningCode, &str, Level, &str)] = &[
    (
        C::TruncatedContainer,
        "W_TRUNCATED_CONTAINER",
        Warn,
        "The compressed file ends early; what could be unpacked is shown.",
    ),
    (
        C::TruncatedFrame,
        "W_TRUNCATED_FRAME",
        Warn,
        "The last message of the file is cut off and was left out.",
    ),
    (
        C::TruncatedJson,
        "W_TRUNCATED_JSON",
        Warn,
        "The file ends within a value; every complete span before the cut is shown.",
    ),
    (C::BrokenValue, "W_BROKEN_VALUE", Warn, "Part of the file cannot be read and was skipped."),
    (C::InvalidUtf8, "W_INVALID_UTF8", Warn, "Text that is not UTF-8 was shown with replacement characters."),
    (
        C::NotTraces,
        "W_NOT_TRACES",
        Warn,
        "Part of the input holds no spans (metrics, logs, other files) and was skipped.",
    ),
    (C::EncryptedMember, "W_ENCRYPTED_MEMBER", Warn, "A member of the archive is encrypted and was skipped."),
    (C::SizeLimit, "W_SIZE_LIMIT", Warn, "A size limit was reached; what was read before it is shown."),
    (C::ErrorAnswer, "W_ERROR_ANSWER", Warn, "The input is an error answer of a server."),
    (C::MissingId, "W_MISSING_ID", Warn, "Spans without an id were given one."),
    (
        C::IdNotHex,
        "W_ID_NOT_HEX",
        Warn,
        "Ids that are not hexadecimal are shown as written and hashed for linking.",
    ),
    (
        C::TraceIdWidthsMixed,
        "W_TRACE_ID_WIDTHS_MIXED",
        Warn,
        "A 64-bit trace id was joined with the 128-bit id that ends in it.",
    ),
    (
        C::DuplicateIdentical,
        "W_DUPLICATE_IDENTICAL",
        Warn,
        "Spans that were recorded more than once were merged.",
    ),
    (
        C::DuplicateSpanId,
        "W_DUPLICATE_SPAN_ID",
        Warn,
        "Different spans have the same id; all are kept and numbered.",
    ),
    (
        C::SharedSpanId,
        "W_SHARED_SPAN_ID",
        Warn,
        "Both sides of a call have one span id; the server side was put below the client side.",
    ),
    (C::Orphan, "W_ORPHAN", Warn, "Spans name a parent that is not in the input."),
    (C::SelfParent, "W_SELF_PARENT", Warn, "Spans name themselves as parent and are shown as roots."),
    (C::Cycle, "W_CYCLE", Warn, "Spans are each other's ancestors; the cycle was cut."),
    (C::MultipleRoots, "W_MULTIPLE_ROOTS", Info, "The trace has several roots."),
    (
        C::TimeUnitGuessed,
        "W_TIME_UNIT_GUESSED",
        Warn,
        "Times make sense only in another unit than the format's and were read in that unit.",
    ),
    (C::TimeAbsurd, "W_TIME_ABSURD", Warn, "Times outside 2001 to 2100 were treated as missing."),
    (
        C::StartMissing,
        "W_START_MISSING",
        Warn,
        "Spans without a start time were placed by their events or their parent.",
    ),
    (C::Unfinished, "W_UNFINISHED", Warn, "Spans without an end time are shown as unfinished."),
    (
        C::NegativeDuration,
        "W_NEGATIVE_DURATION",
        Warn,
        "Spans that end before they start are shown without length.",
    ),
    (C::TimeOutlier, "W_TIME_OUTLIER", Warn, "Spans lie far away in time from the rest of their trace."),
    (
        C::ReducedPrecision,
        "W_REDUCED_PRECISION",
        Info,
        "The format holds times less exactly than nanoseconds.",
    ),
    (C::NoService, "W_NO_SERVICE", Warn, "Spans name no service."),
    (
        C::UnknownService,
        "W_UNKNOWN_SERVICE",
        Info,
        "The service name was never configured (service.name is the SDK's default).",
    ),
    (C::ProcessMissing, "W_PROCESS_MISSING", Warn, "Spans refer to a process that is not in the file."),
    (C::PartialTrace, "W_PARTIAL_TRACE", Warn, "The backend says that the trace is incomplete."),
    (C::Dropped, "W_DROPPED", Warn, "The SDK dropped attributes, events or links."),
    (C::SourceWarning, "W_SOURCE_WARNING", Warn, "The backend attached a warning."),
    (
        C::Overlap,
        "W_OVERLAP",
        Warn,
        "Slices of one thread overlap without one holding the other; they are shown side by side.",
    ),
];

impl WarningCode {
    fn row(self) -> &'static (WarningCode, &'static str, Level, &'static str) {
        // The table is in the order of the enum; a test holds that.
        &TABLE[self as usize]
    }

    /// The stable name, `W_…`.
    pub fn code(self) -> &'static str {
        self.row().1
    }

    /// How much attention it deserves.
    pub fn level(self) -> Level {
        self.row().2
    }

    /// One sentence for the reader.
    pub fn sentence(self) -> &'static str {
        self.row().3
    }
}

/// One occurrence that is kept as an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// The span it concerns, if there is one, by its record: the order of reading.
    pub record: Option<super::index::RecordIdx>,
    /// Where in the input: byte offset after unpacking.
    pub offset: Option<u64>,
    /// Line in the input, from 1, where lines mean something.
    pub line: Option<u64>,
    /// What was found and what was done, in words; text of the input is quoted and cut.
    pub detail: String,
}

/// All warnings of one code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// What it is.
    pub code: WarningCode,
    /// How often it occurred.
    pub count: u64,
    /// The first occurrences, at most [`Warnings::EXAMPLES`].
    pub examples: Vec<Example>,
}

/// Warnings by code, counted in full and remembered in part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Warnings {
    by_code: std::collections::BTreeMap<WarningCode, Warning>,
}

impl Warnings {
    /// Occurrences of one code that are kept: a million equal warnings must not fill the memory.
    pub const EXAMPLES: usize = 100;

    /// Counts one occurrence; `example` is called only while examples are still kept.
    pub fn add(&mut self, code: WarningCode, example: impl FnOnce() -> Example) {
        self.add_many(code, 1, example);
    }

    /// Counts `count` occurrences with one example for all.
    pub fn add_many(&mut self, code: WarningCode, count: u64, example: impl FnOnce() -> Example) {
        let entry = self.by_code.entry(code).or_insert(Warning { code, count: 0, examples: Vec::new() });
        entry.count += count;
        if entry.examples.len() < Self::EXAMPLES {
            entry.examples.push(example());
        }
    }

    /// The warnings in the order of the table.
    pub fn iter(&self) -> impl Iterator<Item = &Warning> {
        self.by_code.values()
    }

    /// How often `code` occurred.
    pub fn count(&self, code: WarningCode) -> u64 {
        self.by_code.get(&code).map_or(0, |w| w.count)
    }

    /// Adds all of `other`.
    pub fn merge(&mut self, other: Self) {
        for (code, theirs) in other.by_code {
            let entry = self.by_code.entry(code).or_insert(Warning { code, count: 0, examples: Vec::new() });
            entry.count += theirs.count;
            let room = Self::EXAMPLES.saturating_sub(entry.examples.len());
            entry.examples.extend(theirs.examples.into_iter().take(room));
        }
    }
}

impl Example {
    /// An example that is only words.
    pub fn text(detail: impl Into<String>) -> Self {
        Self { record: None, offset: None, line: None, detail: detail.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_codes() {
        for (at, row) in TABLE.iter().enumerate() {
            assert_eq!(row.0 as usize, at, "{}", row.1);
        }
        assert_eq!(TABLE.len(), WarningCode::Overlap as usize + 1);
    }

    #[test]
    fn counts_go_on_when_examples_are_full() {
        let mut warnings = Warnings::default();
        for n in 0..250 {
            warnings.add(WarningCode::Orphan, || Example::text(n.to_string()));
        }
        assert_eq!(warnings.count(WarningCode::Orphan), 250);
        assert_eq!(warnings.iter().next().map(|w| w.examples.len()), Some(Warnings::EXAMPLES));
    }
}
