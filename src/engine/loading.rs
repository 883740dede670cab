//! Reading files, with snapshots on the way so that the first rows appear long before the last byte is read.

use crate::import::{Importer, Options};
use crate::model::ids::TraceId;
use crate::model::trace_set::TraceSet;
use crate::wire::report::{File, FileError};
use crate::wire::{Phase, Progress, Response, list};

use super::{Engine, Shown, report};

/// Records before the first snapshot: enough to fill the screen many times over.
const FIRST_SNAPSHOT: u64 = 1_000;

/// Each snapshot has this many times the records of the one before, so that all of them together cost about
/// a ninth of putting the whole together once.
const SNAPSHOT_FACTOR: u64 = 10;

/// No snapshot beyond: it would hold every span a second time, and memory of a worker never shrinks.
const LAST_SNAPSHOT: u64 = 50_000;

/// Bytes given to the importer at once. A megabyte of gzip may be a gigabyte of text; small bites keep the
/// time until the next request is heard within bounds.
const BITE: usize = 64 << 10;

/// Bytes after which the number of records is estimated. Growing columns leave holes behind them: for a million
/// spans a quarter of the memory.
const ESTIMATE_AFTER: u64 = 4 << 20;

/// Estimates beyond this are not believed.
const MOST_EXPECTED: u64 = 16_000_000;

/// Code of a file of a known form without a span.
const EMPTY: &str = "fmt.empty";

/// An opening whose files are being read.
pub(super) struct Loading {
    importer: Importer,
    next_snapshot: u64,
    /// Room was made for the records to come.
    estimated: bool,
    /// A file was begun and not ended.
    in_file: bool,
}

impl Engine {
    /// Begins to read the files of these names anew.
    pub(super) fn open(
        &mut self,
        names: Vec<String>,
        total: Option<u64>,
        first_revision: u32,
        out: &mut Vec<Response>,
    ) {
        let wanted = self.wanted.take();
        *self = Self {
            loading: Some(Loading {
                importer: Importer::new(Options::default()),
                next_snapshot: FIRST_SNAPSHOT,
                estimated: false,
                in_file: false,
            }),
            progress: Progress { files: names.len() as u32, total, ..Progress::default() },
            shown: Shown { set: TraceSet::default(), revision: first_revision },
            names,
            wanted,
            ..Self::default()
        };
        out.push(Response::Progress(self.progress.clone()));
    }

    /// Begins a file; all bytes until [`Self::end_file`] are its.
    pub fn begin_file(&mut self, name: &str, size: Option<u64>, out: &mut Vec<Response>) {
        let Some(loading) = &mut self.loading else { return };
        loading.importer.begin_file(name, size);
        loading.in_file = true;
        // Of what is fetched the size is known only now.
        if self.progress.files == 1 && self.progress.total.is_none() {
            self.progress.total = size;
        }
        name.clone_into(&mut self.progress.file);
        out.push(Response::Progress(self.progress.clone()));
    }

    /// Takes the next bytes of the file, in pieces of any size.
    pub fn feed(&mut self, bytes: &[u8], out: &mut Vec<Response>) {
        let Some(loading) = &mut self.loading else { return };
        for bite in bytes.chunks(BITE) {
            loading.importer.feed(bite);
        }
        let now = loading.importer.progress();
        self.progress.bytes = now.bytes_read;
        self.progress.unpacked = now.bytes_unpacked;
        self.progress.records = now.records;
        self.progress.traces = now.traces as u64;
        out.push(Response::Progress(self.progress.clone()));
        if !loading.estimated && now.bytes_read >= ESTIMATE_AFTER {
            loading.estimated = true;
            loading.importer.expect(expected(now.records, now.bytes_read, self.progress.total));
        }
        if now.records >= loading.next_snapshot && now.records <= LAST_SNAPSHOT {
            loading.next_snapshot = now.records.saturating_mul(SNAPSHOT_FACTOR);
            let set = loading.importer.snapshot();
            self.show(set, out);
        }
    }

    /// Ends the file.
    pub fn end_file(&mut self, out: &mut Vec<Response>) {
        let Some(loading) = self.loading.as_mut().filter(|l| l.in_file) else { return };
        loading.in_file = false;
        self.reports.push(report::file(&loading.importer.end_file()));
        self.progress.files_done += 1;
        out.push(Response::Progress(self.progress.clone()));
    }

    /// Ends what was fetched; `is_missing` says what it means when there is nothing in it.
    pub fn end_fetched(&mut self, is_missing: FileError, out: &mut Vec<Response>) {
        self.end_file(out);
        if let Some(File { records: 0, error, .. }) = self.reports.last_mut()
            && error.as_ref().is_none_or(|error| error.code == EMPTY)
        {
            *error = Some(is_missing);
        }
    }

    /// What was fetched of a trace, by its id in hex, broke off: what came stays, marked as a part.
    pub fn break_fetched(&mut self, trace: &str, error: FileError, out: &mut Vec<Response>) {
        let id = TraceId::from_hex(trace);
        if let (Some(id), Some(loading)) = (id, &mut self.loading) {
            loading.importer.mark_partial(id, "the connection broke off");
        }
        self.break_file(error, out);
    }

    /// The file cannot be read any further; what was read of it stays.
    pub fn break_file(&mut self, error: FileError, out: &mut Vec<Response>) {
        self.end_file(out);
        if let Some(File { error: slot, .. }) = self.reports.last_mut() {
            *slot = Some(error);
        }
    }

    /// All files were read: makes the traces.
    pub fn finish(&mut self, out: &mut Vec<Response>) {
        self.end(Phase::Done, out);
    }

    /// Ends the reading; what was read is shown. Without a reading under way nothing happens.
    pub(super) fn cancel(&mut self, out: &mut Vec<Response>) {
        if self.loading.is_none() {
            return;
        }
        self.end_file(out);
        for name in self.names.drain(..).skip(self.reports.len()) {
            self.reports.push(File { name, error: Some(FileError::cancelled()), ..File::default() });
        }
        self.end(Phase::Cancelled, out);
    }

    /// Announces the phase that [`Self::finish`] is about to begin: it is one piece of work, so the driver
    /// posts this before.
    pub fn announce_linking(&mut self, out: &mut Vec<Response>) {
        if self.loading.is_some() {
            self.progress.phase = Phase::Linking;
            out.push(Response::Progress(self.progress.clone()));
        }
    }

    fn end(&mut self, phase: Phase, out: &mut Vec<Response>) {
        self.end_file(out);
        let Some(loading) = self.loading.take() else { return };
        // The last snapshot goes before the full set comes, and with it whatever refers to it.
        (self.shown.set, self.sending, self.search) = (TraceSet::default(), None, None);
        (self.analysing, self.aggregating, self.tables) = (None, None, None);
        (self.comparing, self.flaming, self.graphing) = (None, None, None);
        let set = loading.importer.finish().set;
        self.progress.phase = phase;
        self.progress.records = set.totals().records;
        self.progress.traces = set.traces().len() as u64;
        self.progress.file.clear();
        self.show(set, out);
        out.push(self.report());
        out.push(Response::Progress(self.progress.clone()));
    }

    /// Makes `set` what is shown: its list, and the columns of the trace that the page wants.
    fn show(&mut self, set: TraceSet, out: &mut Vec<Response>) {
        self.shown = Shown { set, revision: self.shown.revision + 1 };
        self.search = None;
        (self.analysing, self.aggregating, self.tables) = (None, None, None);
        (self.comparing, self.flaming, self.graphing) = (None, None, None);
        out.push(Response::List {
            revision: self.shown.revision,
            complete: self.progress.phase.is_over(),
            n_traces: self.shown.set.traces().len() as u32,
            bytes: list::pack(&self.shown.set.list()),
        });
        self.begin_sending(out);
    }
}

/// How many records there will be, if the rest of the files is like what was read; 0 when that is not known.
fn expected(records: u64, bytes: u64, total: Option<u64>) -> usize {
    // A little more than the estimate, since growing once costs more than the room.
    let estimate = |total: u64| {
        (u128::from(records) * u128::from(total)).saturating_mul(26) / (u128::from(bytes.max(1)) * 25)
    };
    total.map(estimate).filter(|&n| n <= u128::from(MOST_EXPECTED)).map_or(0, |n| n as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_estimated_by_the_share_of_bytes() {
        assert_eq!(expected(100, 10, Some(1_000)), 10_400);
        assert_eq!(expected(100, 10, None), 0);
        assert_eq!(expected(u64::MAX, 1, Some(u64::MAX)), 0);
        assert_eq!(expected(0, 0, Some(5)), 0);
    }
}
