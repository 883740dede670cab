//! Puts a trace together from the parts that arrive one after the other.

use crate::model::check::Check;
use crate::model::ids::TraceId;
use crate::model::span::SpanColumns;
use crate::model::time::{DurationNanos, UnixNanos};
use crate::model::trace::Trace;

use super::columns::{PART, n_parts, reserve, unpack_part};
use super::{TraceHead, WireError};

/// A trace that is still arriving.
#[derive(Clone, Debug)]
pub struct Assembly {
    head: TraceHead,
    columns: SpanColumns,
    names: Vec<String>,
    n_parts: u32,
    check: Check,
}

impl Assembly {
    /// Begins with the trace that `head` announces.
    pub fn new(head: TraceHead) -> Self {
        let check = Check::new(head.n_entries, DurationNanos(head.duration), head.services.len());
        Self { head, columns: SpanColumns::default(), names: Vec::new(), n_parts: 0, check }
    }

    /// What was announced.
    pub fn head(&self) -> &TraceHead {
        &self.head
    }

    /// Adds part number `part`; they must come in order. Returns whether it was the last.
    pub fn push(&mut self, part: u32, bytes: &[u8]) -> Result<bool, WireError> {
        if part != self.n_parts {
            return Err(WireError::Broken { reason: format!("part {part} where {} was due", self.n_parts) });
        }
        if part == 0 {
            // The head says how much is to come; it is believed only as far as its number of parts.
            reserve(
                &mut self.columns,
                self.head.n_entries.min(self.head.n_parts.saturating_mul(PART as u32)) as usize,
            );
        }
        unpack_part(bytes, &mut self.columns, &mut self.names)?;
        // Names are numbered as they first occur, so a part refers only to names that have come.
        let checked = self.check.advance(&self.columns, self.names.len());
        checked.map_err(|reason| WireError::Broken { reason })?;
        self.n_parts += 1;
        Ok(self.n_parts == self.head.n_parts)
    }

    /// Spans that have arrived.
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// Whether no span has arrived.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// The trace. What is in it was checked as it came: doing that now would hold up a frame.
    pub fn finish(self) -> Result<(TraceHead, Trace), WireError> {
        let Self { mut head, columns, names, n_parts: arrived, .. } = self;
        if arrived as usize != n_parts(columns.len()) || columns.len() != head.n_entries as usize {
            return Err(WireError::Broken {
                reason: format!("{arrived} parts with {} of {} spans", columns.len(), head.n_entries),
            });
        }
        let id = TraceId::from_hex(&head.id).unwrap_or_default();
        let services = std::mem::take(&mut head.services);
        let (start, duration) = (UnixNanos(head.start), DurationNanos(head.duration));
        let trace = Trace::from_parts(id, start, duration, columns, names, services);
        debug_assert_eq!(trace.check(), Ok(()), "each part was checked");
        Ok((head, trace))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A trace of `n` spans: a chain of parents, `n_names` names, two services.
    fn chain(n: u32, n_names: u32) -> Trace {
        let mut c = SpanColumns::default();
        for at in 0..n {
            c.start.push(i64::from(at));
            c.duration.push(i64::from(n - at));
            c.parent.push(at.wrapping_sub(1));
            c.subtree_size.push(n - at);
            c.depth.push(at);
            c.name.push(at % n_names);
            c.service.push(at % 2);
            c.span_id.push(u64::from(at) << 40 | 5);
            c.kind_status.push((at % 3) as u8);
            c.flags.push(at << 3);
        }
        let names = (0..n_names).map(|at| format!("n\u{e4}me {at}")).collect();
        let services = vec!["a".to_owned(), String::new()];
        let id = TraceId([7; 16]);
        Trace::from_parts(id, UnixNanos(1 << 60), DurationNanos(i64::from(n)), c, names, services)
    }

    /// Part number `part`, with the names that first occur in it.
    fn pack_part(trace: &Trace, part: usize) -> Vec<u8> {
        fn cut<T: Clone>(column: &[T], part: usize) -> Vec<T> {
            column.iter().skip(part * PART).take(PART).cloned().collect()
        }
        let c = trace.columns();
        let columns = SpanColumns {
            start: cut(&c.start, part),
            duration: cut(&c.duration, part),
            parent: cut(&c.parent, part),
            subtree_size: cut(&c.subtree_size, part),
            depth: cut(&c.depth, part),
            name: cut(&c.name, part),
            service: cut(&c.service, part),
            span_id: cut(&c.span_id, part),
            kind_status: cut(&c.kind_status, part),
            flags: cut(&c.flags, part),
        };
        super::super::pack_part(&columns, &cut(trace.names(), part))
    }

    fn head(trace: &Trace) -> TraceHead {
        TraceHead {
            revision: 1,
            id: trace.id().to_string(),
            start: trace.start_time().0,
            duration: trace.duration().0,
            n_entries: trace.len() as u32,
            n_parts: n_parts(trace.len()) as u32,
            services: trace.services().to_vec(),
            ..TraceHead::default()
        }
    }

    #[test]
    fn a_trace_survives_the_way_in_parts() {
        for (n, n_names) in [(0, 1), (1, 1), (PART as u32, 3), (PART as u32 * 2 + 5, PART as u32 * 2)] {
            let trace = chain(n, n_names);
            let mut assembly = Assembly::new(head(&trace));
            for part in 0..assembly.head().n_parts {
                let last = assembly.push(part, &pack_part(&trace, part as usize)).unwrap();
                assert_eq!(last, part + 1 == assembly.head().n_parts);
            }
            assert_eq!(assembly.finish().map(|(_, t)| t), Ok(trace), "{n} spans, {n_names} names");
        }
    }

    #[test]
    fn parts_out_of_order_or_missing_are_refused() {
        let trace = chain(PART as u32 + 1, 2);
        let mut assembly = Assembly::new(head(&trace));
        assert!(assembly.push(1, &pack_part(&trace, 1)).is_err());
        assert_eq!(assembly.push(0, &pack_part(&trace, 0)), Ok(false));
        assert!(assembly.finish().is_err());
    }

    proptest! {
        #[test]
        fn a_damaged_part_gives_an_error_or_another_sound_trace(at in 0_usize..900, byte in any::<u8>(), cut in 0_usize..900) {
            let trace = chain(12, 3);
            let mut bytes = pack_part(&trace, 0);
            if let Some(b) = bytes.get_mut(at) { *b = byte; }
            let mut assembly = Assembly::new(head(&trace));
            if assembly.push(0, &bytes).is_ok() && let Ok((_, read)) = assembly.finish() {
                prop_assert_eq!(read.check(), Ok(()));
            }
            bytes.truncate(cut.min(bytes.len() - 1));
            prop_assert!(Assembly::new(head(&trace)).push(0, &bytes).is_err());
        }
    }
}
