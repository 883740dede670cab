//! What every decoder needs while it reads: the builder, a scratch record, and the books that must balance.

use crate::model::builder::TraceBuilder;
use crate::model::record::SpanRecord;
use crate::model::warning::{Example, WarningCode};

use super::chrome::Chrome;
use super::inline::Inline;
use super::jaeger::Jaeger;
use super::{Format, ImportError, Options};

/// Handed down through all stages of one import.
#[derive(Debug, Default)]
pub(crate) struct Context {
    /// Where records go.
    pub(crate) builder: TraceBuilder,
    /// Filled by the decoder at work, pushed, cleared.
    pub(crate) record: SpanRecord,
    /// Limits.
    pub(crate) options: Options,
    /// Resources and scopes that stand in every span.
    pub(crate) inline: Inline,
    /// What a Chrome trace leaves open until its end.
    pub(crate) chrome: Option<Box<Chrome>>,
    /// What the spans of a trace of Jaeger share.
    pub(crate) jaeger: Jaeger,
    /// The current file.
    pub(crate) file: FileState,
    /// Bytes made by unpacking at any level, over all files.
    pub(crate) inflated: u64,
    /// A limit was reached: stages may stop looking at their input.
    pub(crate) stopped: bool,
}

/// The books of the current file.
#[derive(Clone, Debug, Default)]
pub(crate) struct FileState {
    /// Name as the reader knows it.
    pub(crate) name: String,
    /// Formats seen, in order of appearance.
    pub(crate) formats: Vec<Format>,
    /// Span records that were recognised and could not be used.
    pub(crate) refused: u64,
    /// Bytes after unpacking.
    pub(crate) unpacked: u64,
    /// Members of archives and files within containers.
    pub(crate) members: u32,
    /// The most telling reason why there is no span, should there be none at the end.
    pub(crate) error: Option<ImportError>,
    /// Records in the builder when the file began.
    pub(crate) records_before: u64,
    /// Bytes of the file as it was given, so far.
    pub(crate) bytes: u64,
    /// Size of the file as it was announced.
    pub(crate) size: Option<u64>,
}

impl Context {
    /// Notes that `format` was seen.
    pub(crate) fn saw(&mut self, format: Format) {
        if !self.file.formats.contains(&format) {
            self.file.formats.push(format);
        }
    }

    /// Counts a warning with its place; `detail` is made only while examples are kept.
    pub(crate) fn warn(&mut self, code: WarningCode, offset: u64, detail: impl FnOnce() -> String) {
        let name = &self.file.name;
        self.builder.warnings.add(code, || Example {
            record: None,
            offset: Some(offset),
            line: None,
            detail: format!("{name}: {}", detail()),
        });
    }

    /// Counts bytes that came out of a decompressor; `false`, with one warning, when the limit is passed.
    pub(crate) fn inflated(&mut self, n: usize) -> bool {
        self.inflated += n as u64;
        if self.inflated > self.options.max_unpacked && !self.stopped {
            self.stopped = true;
            let (limit, read) = (self.options.max_unpacked >> 20, self.file.bytes.max(1));
            let ratio = self.inflated / read;
            self.warn(WarningCode::SizeLimit, read, || {
                format!("unpacking was stopped at {limit} MiB ({ratio} times the size of the file)")
            });
            let what = "the unpacked content".to_owned();
            self.fail(ImportError::TooLarge { what, limit: format!("{limit} MiB") });
        }
        !self.stopped
    }

    /// Keeps `error` as the reason for an empty file unless an earlier one is there.
    pub(crate) fn fail(&mut self, error: ImportError) {
        self.file.error.get_or_insert(error);
    }

    /// Pushes the scratch record and clears it; counts it as refused when the builder does not take it.
    pub(crate) fn push_record(&mut self) -> Option<crate::model::index::RecordIdx> {
        let pushed = self.builder.push(&self.record);
        if pushed.is_none() {
            self.file.refused += 1;
        }
        self.record.clear();
        pushed
    }
}
