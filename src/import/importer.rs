//! The door of the import: files come in as pieces of bytes, traces and a report per file go out.

use super::container::Unwrap;
use super::context::{Context, FileState};
use super::{Format, ImportError, Options, Stage};
use crate::model::builder::TraceBuilder;
use crate::model::ids::TraceId;
use crate::model::trace_set::TraceSet;

/// Reads any number of files into one set of traces.
///
/// It never fails midway: what cannot be read is in the file's report and in the warnings of the set.
///
/// ```
/// use spanscope::import::{Importer, Options};
///
/// let mut importer = Importer::new(Options::default());
/// importer.begin_file("traces.json", None);
/// importer.feed(b"{\"resourceSpans\"");
/// importer.feed(b":[]}");
/// let report = importer.end_file();
/// assert_eq!(report.records, 0);
/// assert!(importer.finish().set.traces().is_empty());
/// ```
pub struct Importer {
    ctx: Context,
    stage: Option<Unwrap>,
    files: Vec<FileReport>,
    bytes_read: u64,
    bytes_unpacked: u64,
}

/// What became of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileReport {
    /// Name as it was given.
    pub name: String,
    /// Formats found, in order of appearance.
    pub formats: Vec<Format>,
    /// Files found within archives; 0 for a file that is none.
    pub members: u32,
    /// Bytes of the file.
    pub bytes: u64,
    /// Bytes after unpacking.
    pub unpacked: u64,
    /// Span records found: those in the set and those refused.
    pub records: u64,
    /// Span records that could not be used.
    pub refused: u64,
    /// Why there is no record; never set when there is one.
    pub error: Option<ImportError>,
}

/// How far an import is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes taken so far, all files.
    pub bytes_read: u64,
    /// Bytes after unpacking, all files.
    pub bytes_unpacked: u64,
    /// Span records so far.
    pub records: u64,
    /// Distinct trace ids so far.
    pub traces: usize,
}

/// Everything that was read.
#[derive(Debug)]
pub struct Import {
    /// The traces and the warnings.
    pub set: TraceSet,
    /// A report for each file, in the order of reading.
    pub files: Vec<FileReport>,
}

impl Importer {
    /// An importer without files.
    pub fn new(options: Options) -> Self {
        Self {
            ctx: Context { options, ..Context::default() },
            stage: None,
            files: Vec::new(),
            bytes_read: 0,
            bytes_unpacked: 0,
        }
    }

    /// Starts a file; an open one is ended. The name is for the reader only, nothing is derived from it;
    /// the size saves copies of archives.
    pub fn begin_file(&mut self, name: &str, size: Option<u64>) {
        if self.stage.is_some() {
            self.end_file();
        }
        self.ctx.file = FileState {
            name: name.to_owned(),
            size,
            records_before: self.ctx.builder.n_records(),
            ..FileState::default()
        };
        self.ctx.builder.source(name);
        self.stage = Some(Unwrap::new());
    }

    /// Takes the next bytes of the open file, in pieces of any size.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.bytes_read += bytes.len() as u64;
        self.ctx.file.bytes += bytes.len() as u64;
        if let Some(stage) = &mut self.stage {
            stage.feed(&mut self.ctx, bytes);
        }
    }

    /// Ends the open file and says what became of it.
    pub fn end_file(&mut self) -> FileReport {
        let Some(mut stage) = self.stage.take() else {
            return FileReport::default();
        };
        stage.finish(&mut self.ctx);
        let file = std::mem::take(&mut self.ctx.file);
        self.bytes_unpacked += file.unpacked;
        let records = self.ctx.builder.n_records() - file.records_before + file.refused;
        let error = file.error.unwrap_or(ImportError::Empty { what: "the file".to_owned() });
        let report = FileReport {
            name: file.name,
            formats: file.formats,
            members: file.members,
            bytes: file.bytes,
            unpacked: file.unpacked,
            records,
            refused: file.refused,
            error: (records == 0).then_some(error),
        };
        self.files.push(report.clone());
        report
    }

    /// What is read of this trace is known to be a part of it.
    pub fn mark_partial(&mut self, trace: TraceId, why: &str) {
        self.ctx.builder.mark_partial(trace, why);
    }

    /// Makes room for about so many records in all files; more or fewer may come.
    pub fn expect(&mut self, n_records: usize) {
        self.ctx.builder.expect(n_records);
    }

    /// How far the import is.
    pub fn progress(&self) -> Progress {
        Progress {
            bytes_read: self.bytes_read,
            bytes_unpacked: self.bytes_unpacked + self.ctx.file.unpacked,
            records: self.ctx.builder.n_records(),
            traces: self.ctx.builder.n_traces(),
        }
    }

    /// The traces of what was read so far.
    pub fn snapshot(&self) -> TraceSet {
        self.ctx.builder.snapshot()
    }

    /// Ends the open file and gives the traces and the reports.
    pub fn finish(mut self) -> Import {
        if self.stage.is_some() {
            self.end_file();
        }
        let builder: TraceBuilder = self.ctx.builder;
        Import { set: builder.finish(), files: self.files }
    }
}

/// Reads one file that is in memory: what tests and tools want.
pub fn read(name: &str, bytes: &[u8]) -> Import {
    let mut importer = Importer::new(Options::default());
    importer.begin_file(name, Some(bytes.len() as u64));
    importer.feed(bytes);
    importer.finish()
}
