//! The list of all traces in columns: what the page holds of traces that are not open.
//!
//! About sixty bytes a trace, so that a million of them can be listed, sorted and filtered by the page itself.

use std::fmt;

use rustc_hash::FxHashMap;

use super::ids::TraceId;
use super::index::{StringIdx, TraceIdx};
use super::time::{DurationNanos, UnixNanos};
use super::trace_set::{TraceSet, TraceSummary};

/// One entry per trace and column, in the order of [`TraceSet::traces`]; made by [`TraceSet::list`].
///
/// Whoever puts one together from columns that crossed a thread calls [`Self::check`] before reading it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TraceList {
    /// Ids.
    pub id: Vec<TraceId>,
    /// Earliest starts; nanoseconds since 1970.
    pub start: Vec<i64>,
    /// Latest end − earliest start, nanoseconds.
    pub duration: Vec<i64>,
    /// Spans, placeholders not counted.
    pub n_spans: Vec<u32>,
    /// Records with status error.
    pub n_errors: Vec<u32>,
    /// Entries with placeholders: what a page must make room for.
    pub n_entries: Vec<u32>,
    /// Where the services of each trace end in `services`; they start where those of the one before end.
    pub services_end: Vec<u32>,
    /// Services of all traces, each trace's most time-consuming first: indices of `service_names`.
    pub services: Vec<u32>,
    /// Service of the main root: index of `service_names`.
    pub root_service: Vec<u32>,
    /// Name of the main root: index of `root_names`.
    pub root_name: Vec<u32>,
    /// Bits: [`Self::PARTIAL`] and those after it.
    pub marks: Vec<u8>,
    /// Names of services, in alphabetical order; a missing one is empty.
    pub service_names: Vec<String>,
    /// Distinct names of main roots.
    pub root_names: Vec<String>,
    /// Ids as written, where they are not plain hex: trace and text, in order.
    pub id_texts: Vec<(u32, String)>,
}

/// What is wrong with columns that are no list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListError(&'static str);

impl fmt::Display for ListError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for ListError {}

impl TraceList {
    /// The backend said that the trace is incomplete.
    pub const PARTIAL: u8 = 1;
    /// Some spans name a parent that is not in the input.
    pub const ORPHANED: u8 = 2;
    /// Nobody counted its spans and errors, and its services are not all known: the numbers mean nothing.
    pub const UNCOUNTED: u8 = 4;
    /// The duration is known in whole milliseconds only.
    pub const COARSE: u8 = 8;
    /// The root has not come.
    pub const ROOTLESS: u8 = 16;

    /// Number of traces.
    pub fn len(&self) -> usize {
        self.id.len()
    }

    /// Whether there is no trace.
    pub fn is_empty(&self) -> bool {
        self.id.is_empty()
    }

    /// All traces.
    pub fn traces(&self) -> impl DoubleEndedIterator<Item = TraceIdx> + ExactSizeIterator + use<> {
        (0..self.id.len() as u32).map(TraceIdx)
    }

    /// The trace with this id.
    pub fn find(&self, id: TraceId) -> Option<TraceIdx> {
        self.id.iter().position(|&known| known == id).map(TraceIdx::new)
    }

    /// The id as it was written.
    pub fn id_text(&self, trace: TraceIdx) -> String {
        match self.id_texts.binary_search_by_key(&trace.0, |t| t.0) {
            Ok(at) => self.id_texts[at].1.clone(),
            Err(_) => self.id[trace.at()].to_string(),
        }
    }

    /// Earliest start.
    pub fn start(&self, trace: TraceIdx) -> UnixNanos {
        UnixNanos(self.start[trace.at()])
    }

    /// Latest end − earliest start.
    pub fn duration(&self, trace: TraceIdx) -> DurationNanos {
        DurationNanos(self.duration[trace.at()])
    }

    /// Services, most time-consuming first: indices of [`Self::service_names`].
    pub fn services(&self, trace: TraceIdx) -> &[u32] {
        let end = self.services_end[trace.at()] as usize;
        let start = trace.at().checked_sub(1).map_or(0, |before| self.services_end[before] as usize);
        &self.services[start..end]
    }

    /// Name of a service; empty for a missing one.
    pub fn service_name(&self, service: u32) -> &str {
        self.service_names.get(service as usize).map_or("", String::as_str)
    }

    /// Service of the main root.
    pub fn root_service(&self, trace: TraceIdx) -> &str {
        self.service_name(self.root_service[trace.at()])
    }

    /// Name of the main root.
    pub fn root_name(&self, trace: TraceIdx) -> &str {
        self.root_names.get(self.root_name[trace.at()] as usize).map_or("", String::as_str)
    }

    /// Whether `mark` is set.
    pub fn has_mark(&self, trace: TraceIdx, mark: u8) -> bool {
        self.marks[trace.at()] & mark != 0
    }

    /// Whether all columns fit together, so that no getter can fail for a trace of the list.
    pub fn check(&self) -> Result<(), ListError> {
        let n = self.len();
        let numbers = [
            &self.n_spans,
            &self.n_errors,
            &self.n_entries,
            &self.services_end,
            &self.root_service,
            &self.root_name,
        ];
        let lengths = [self.start.len(), self.duration.len(), self.marks.len()];
        if numbers.iter().any(|c| c.len() != n) || lengths.iter().any(|&len| len != n) {
            return Err(ListError("columns of the list differ in length"));
        }
        let ends_in_order = self.services_end.is_sorted()
            && self.services_end.last().is_none_or(|&end| end as usize == self.services.len());
        if !ends_in_order {
            return Err(ListError("the services of the list do not end where they should"));
        }
        Ok(())
    }

    /// Bytes held on the heap.
    pub fn heap_bytes(&self) -> usize {
        let texts =
            |texts: &[String]| texts.iter().map(|t| t.capacity() + size_of::<String>()).sum::<usize>();
        self.id.capacity() * 16
            + (self.start.capacity() + self.duration.capacity()) * 8
            + (self.n_spans.capacity()
                + self.n_errors.capacity()
                + self.n_entries.capacity()
                + self.services_end.capacity()
                + self.services.capacity()
                + self.root_service.capacity()
                + self.root_name.capacity())
                * 4
            + self.marks.capacity()
            + texts(&self.service_names)
            + texts(&self.root_names)
            + self.id_texts.iter().map(|t| t.1.capacity() + size_of::<(u32, String)>()).sum::<usize>()
    }
}

impl TraceSet {
    /// The list of all traces.
    pub fn list(&self) -> TraceList {
        let traces = self.traces();
        let numbers = |number: fn(&TraceSummary) -> u32| traces.iter().map(number).collect();
        let mut list = TraceList {
            id: traces.iter().map(|t| t.id).collect(),
            start: traces.iter().map(|t| t.start.0).collect(),
            duration: traces.iter().map(|t| t.duration.0).collect(),
            n_spans: numbers(|t| t.n_spans),
            n_errors: numbers(|t| t.n_errors),
            n_entries: numbers(|t| t.n_entries),
            services_end: Vec::with_capacity(traces.len()),
            services: traces.iter().flat_map(|t| &t.services).copied().collect(),
            root_service: Vec::with_capacity(traces.len()),
            root_name: Vec::with_capacity(traces.len()),
            marks: Vec::with_capacity(traces.len()),
            service_names: self.services.iter().map(|&s| self.strings.get(s).to_owned()).collect(),
            root_names: Vec::new(),
            id_texts: Vec::new(),
        };
        let mut known_names: FxHashMap<u32, u32> = FxHashMap::default();
        let mut end = 0;
        for (trace, at) in traces.iter().zip(0..) {
            end += trace.services.len() as u32;
            list.services_end.push(end);
            let root = trace.main_root as usize;
            list.root_service.push(self.columns.service.get(root).copied().unwrap_or_default());
            let name = self.columns.name.get(root).copied().unwrap_or_default();
            let names = &mut list.root_names;
            list.root_name.push(*known_names.entry(name).or_insert_with(|| {
                names.push(self.strings.get(StringIdx(name)).to_owned());
                names.len() as u32 - 1
            }));
            let mark = |is_set: bool, mark: u8| if is_set { mark } else { 0 };
            let partial = mark(trace.partial.is_some(), TraceList::PARTIAL);
            list.marks.push(partial | mark(trace.n_orphans > 0, TraceList::ORPHANED));
            if !trace.id_text.is_empty() {
                list.id_texts.push((at, trace.id_text.clone()));
            }
        }
        list
    }
}

#[cfg(test)]
mod tests {
    use crate::model::sample::{Shape, generate};

    #[test]
    fn a_million_traces_would_fit() {
        let list = generate(10_000, Shape::Traces).list();
        assert_eq!(list.check(), Ok(()));
        assert!(list.heap_bytes() / 10_000 < 80, "{} bytes a trace", list.heap_bytes() / 10_000);
        let trace = list.traces().next_back().unwrap();
        assert_eq!(list.services(trace).len(), 1);
        assert_eq!(list.service_name(list.services(trace)[0]), list.root_service(trace));
        assert!(!list.root_name(trace).is_empty());
    }

    #[test]
    fn columns_that_do_not_fit_are_noticed() {
        let mut list = generate(10, Shape::Traces).list();
        list.marks.pop();
        assert!(list.check().is_err());
    }
}
