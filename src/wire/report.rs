//! The import report: what was read, and everything that was mended, merged or refused.

use serde::{Deserialize, Serialize};

use super::details::SpanRef;
use crate::import::ImportError;

/// The import report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Of the list that the indices refer to.
    pub revision: u32,
    /// Whether everything was read.
    pub complete: bool,
    /// Whether the reader stopped the reading.
    pub cancelled: bool,
    /// Files in the order of reading.
    pub files: Vec<File>,
    /// Warnings by code, in the order of the manual.
    pub warnings: Vec<Warning>,
    /// The books.
    pub totals: Totals,
}

/// One file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Name.
    pub name: String,
    /// Names of the formats found in it.
    pub formats: Vec<String>,
    /// Members, for archives.
    pub members: u32,
    /// Size.
    pub bytes: u64,
    /// Size after unpacking.
    pub unpacked: u64,
    /// Span records read: shown, merged and refused ones.
    pub records: u64,
    /// Spans shown. What several files say of one span is counted in the one whose record was kept.
    pub shown: u64,
    /// Span records merged into another span, of this file or of another.
    pub merged: u64,
    /// Span records that could not be used.
    pub refused: u64,
    /// Why it gave no span.
    pub error: Option<FileError>,
}

/// Why a file gave no span.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileError {
    /// Stable code.
    pub code: String,
    /// What and why, in words.
    pub message: String,
    /// What to do instead, when something is known.
    pub advice: String,
    /// Where in the unpacked input.
    pub offset: Option<u64>,
}

/// All warnings of one code.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// Stable code, `W_…`.
    pub code: String,
    /// One sentence for the reader.
    pub sentence: String,
    /// Whether it merely explains what is normal.
    pub info: bool,
    /// How often.
    pub count: u64,
    /// The first occurrences.
    pub examples: Vec<Example>,
}

/// One occurrence.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Example {
    /// What was found and what was done.
    pub detail: String,
    /// Byte offset in the unpacked input.
    pub offset: Option<u64>,
    /// Line in the input, from 1.
    pub line: Option<u64>,
    /// The span it concerns, when it is shown.
    pub span: Option<SpanRef>,
}

/// The books: `records = spans + merged + refused`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Span records read.
    pub records: u64,
    /// Spans shown.
    pub spans: u64,
    /// Records merged into another span.
    pub merged: u64,
    /// Records that could not be used.
    pub refused: u64,
    /// Traces.
    pub traces: u64,
    /// Services.
    pub services: u64,
    /// Events of all records.
    pub events: u64,
    /// Links of all records.
    pub links: u64,
}

/// Code of a file that the browser did not hand out.
const UNREADABLE: &str = "file.unreadable";

/// Codes of what could not be fetched begin so.
const FETCH: &str = "fetch.";

impl File {
    /// Whether it is a trace of a backend that did not arrive, or not whole.
    pub fn is_unfetched(&self) -> bool {
        self.error.as_ref().is_some_and(|error| error.code.starts_with(FETCH))
    }

    /// Whether the browser did not hand out all of it, or the backend did not.
    pub fn is_unreadable(&self) -> bool {
        self.is_unfetched() || self.error.as_ref().is_some_and(|error| error.code == UNREADABLE)
    }
}

impl FileError {
    /// The browser could not hand out the file's contents.
    pub fn unreadable(reason: &str) -> Self {
        Self {
            code: UNREADABLE.to_owned(),
            message: format!("the browser cannot read the file: {reason}"),
            advice: "choose the file again; it may have been moved or changed since".to_owned(),
            offset: None,
        }
    }

    /// The reader stopped before the file was read.
    pub fn cancelled() -> Self {
        Self {
            code: "file.cancelled".to_owned(),
            message: "reading was cancelled".to_owned(),
            ..Self::default()
        }
    }
}

/// What to do with a file without contents.
const BLANK_ADVICE: &str = "export or download it again; the export may not have been finished";

impl From<&ImportError> for FileError {
    fn from(error: &ImportError) -> Self {
        let (message, advice) = match error {
            ImportError::NotSupported { what, advice } => (what.clone(), advice.clone()),
            ImportError::Blank => (error.to_string(), BLANK_ADVICE.to_owned()),
            other => (other.to_string(), String::new()),
        };
        Self { code: error.code().to_owned(), message, advice, offset: error.offset() }
    }
}
