//! Sending the columns of a trace, part by part.

use crate::model::ids::TraceId;
use crate::model::index::{SpanIdx, TraceIdx};
use crate::model::numbering::Numbering;
use crate::model::span::{Status, unpack_kind_status};
use crate::model::trace_set::{TraceSet, TraceSummary};
use crate::wire::{PART, Response, TraceFacts, TraceHead, n_parts, pack_part};

use super::Engine;

/// A trace on its way to the page. Parts are cut from the set one by one: a copy of the whole trace would stay
/// in the worker's memory for good.
#[derive(Debug)]
pub(super) struct Sending {
    trace: TraceIdx,
    numbering: Numbering,
    revision: u32,
    next: usize,
    n_parts: usize,
}

impl Sending {
    /// Sends the next part; returns whether it was the last.
    pub(super) fn slice(&mut self, set: &TraceSet, out: &mut Vec<Response>) -> bool {
        let named = self.numbering.names.len();
        let spans = self.next * PART..(self.next + 1) * PART;
        let columns = set.part(self.trace, spans, &mut self.numbering);
        let names = self.numbering.names.get(named..).unwrap_or_default();
        let bytes = pack_part(&columns, names);
        out.push(Response::TracePart { revision: self.revision, part: self.next as u32, bytes });
        self.next += 1;
        self.next >= self.n_parts
    }
}

impl Engine {
    /// Begins to send the trace that the page wants or, when it wants none, the only one there is.
    pub(super) fn begin_sending(&mut self, out: &mut Vec<Response>) {
        self.sending = None;
        let set = &self.shown.set;
        let found = match &self.wanted {
            Some(id) => find(set, id),
            None => (set.traces().len() == 1).then_some(TraceIdx(0)),
        };
        let complete = self.progress.phase.is_over();
        let Some(at) = found else {
            // Before the first list nothing can be said.
            if let Some(id) = self.wanted.clone().filter(|_| complete || !set.traces().is_empty()) {
                out.push(Response::NoSuchTrace { id, complete });
            }
            return;
        };
        let Some(summary) = set.traces().get(at.at()) else { return };
        let n_parts = n_parts(summary.n_entries as usize);
        out.push(Response::TraceHead(TraceHead {
            revision: self.shown.revision,
            complete,
            trace: at.0,
            id: summary.id.to_string(),
            start: summary.start.0,
            duration: summary.duration.0,
            n_entries: summary.n_entries,
            n_parts: n_parts as u32,
            services: summary.services.iter().map(|&s| set.service_name(s).to_owned()).collect(),
            facts: facts(set, summary),
        }));
        let numbering = set.numbering(at);
        self.sending =
            Some(Sending { trace: at, numbering, revision: self.shown.revision, next: 0, n_parts });
    }
}

fn facts(set: &TraceSet, summary: &TraceSummary) -> TraceFacts {
    let c = set.columns();
    let root = SpanIdx(summary.main_root);
    let statuses = c.kind_status.get(summary.range()).unwrap_or_default();
    let is_error = |&&byte: &&u8| unpack_kind_status(byte).1 == Status::Error;
    let root_service = c.service.get(root.at()).map_or("", |&service| set.service_name(service));
    TraceFacts {
        id_text: summary.id_text.clone(),
        main_root: summary.main_root.saturating_sub(summary.first),
        root_service: root_service.to_owned(),
        root_name: set.name(root).to_owned(),
        n_spans: summary.n_spans,
        n_services: summary.n_services,
        n_errors: statuses.iter().filter(is_error).count() as u32,
        depth: summary.depth,
        partial: summary.partial.clone(),
    }
}

/// The trace with this id: as written, in hex, or by the lower half, since an id of 64 bits may have been
/// joined with one of 128.
pub(super) fn find(set: &TraceSet, id: &str) -> Option<TraceIdx> {
    let traces = set.traces();
    let wanted = TraceId::from_hex(id);
    let exact =
        traces.iter().position(|t| Some(t.id) == wanted || (!t.id_text.is_empty() && t.id_text == id));
    let half = || {
        let wanted = wanted.filter(|w| w.is_64_bit() && !w.is_none())?;
        traces.iter().position(|t| t.id.0[8..] == wanted.0[8..])
    };
    exact.or_else(half).map(TraceIdx::new)
}
