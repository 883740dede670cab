//! How much of a trace's time each service spent itself: the order of legends and colours.

use super::span::{Flags, NO_PARENT, SpanColumns};
use super::trace_set::TraceSummary;
use crate::base::sort::CompactSort as _;

/// Fills the services of every summary: most self time first, ties by name.
///
/// Self time is the part of a span that no child covers. Children of one parent follow one another by start,
/// so one pass in tree order with the covered end per parent suffices.
pub(super) fn rank_by_time(columns: &SpanColumns, traces: &mut [TraceSummary], names: &[&str]) {
    let mut time = vec![0_i64; names.len()];
    let mut n_spans = vec![0_u32; names.len()];
    let mut covered: Vec<(i64, i64)> = Vec::new();
    for trace in traces {
        let (first, n) = (trace.first as usize, trace.n_entries as usize);
        covered.clear();
        if covered.capacity() > n.max(1 << 16) {
            covered = Vec::new();
        }
        // Per span: covered until, covered in all.
        covered.resize(n, (i64::MIN, 0));
        for at in 0..n {
            let above = columns.parent[first + at];
            if above == NO_PARENT {
                continue;
            }
            let (start, end) = interval(columns, first + at);
            let (low, high) = interval(columns, above as usize);
            let (until, sum) = &mut covered[above as usize - first];
            let (from, to) = (start.max(low).max(*until), end.min(high));
            if to > from {
                *sum = sum.saturating_add(to.saturating_sub(from));
                *until = to;
            }
        }
        let mut used: Vec<u32> = Vec::new();
        for (at, &(_, covered)) in covered.iter().enumerate() {
            if Flags(columns.flags[first + at]).has(Flags::PLACEHOLDER) {
                continue;
            }
            let service = columns.service[first + at] as usize;
            if n_spans[service] == 0 {
                used.push(service as u32);
            }
            n_spans[service] += 1;
            let own = columns.duration[first + at].saturating_sub(covered);
            time[service] = time[service].saturating_add(own);
        }
        // Ranks of services are in the order of their names.
        used.compact_sort_by_key(|&s| (std::cmp::Reverse(time[s as usize]), s));
        for &service in &used {
            time[service as usize] = 0;
            n_spans[service as usize] = 0;
        }
        trace.n_services = used.len() as u32;
        used.shrink_to_fit();
        trace.services = used;
    }
}

fn interval(columns: &SpanColumns, at: usize) -> (i64, i64) {
    (columns.start[at], columns.start[at].saturating_add(columns.duration[at]))
}
