//! Durations of operations: how often, how long, how many failed.

use std::cmp::Reverse;

use crate::base::hash::{self, Numbers};
use crate::base::sort::CompactSort as _;
use crate::model::index::{ServiceIdx, SpanIdx};
use crate::model::span::SpanKind;

use super::facts::Facts;
use super::recorded::Recorded;

/// The value at nearest rank among `sorted` ones; none when there are none.
pub fn percentile(sorted: &[i64], permille: usize) -> Option<i64> {
    sorted.get(rank(permille, sorted.len())).or(sorted.last()).copied()
}

/// Rank of a percentile among so many values, counted from 0.
fn rank(permille: usize, n: usize) -> usize {
    (permille as u64 * n as u64).div_ceil(1_000).max(1) as usize - 1
}

/// The values at these nearest ranks, ascending; brings `values` out of order, but does not sort them. O(n).
fn percentiles<const N: usize>(values: &mut [i64], permilles: [usize; N]) -> [i64; N] {
    let (n, mut from) = (values.len(), 0);
    permilles.map(|permille| {
        let at = rank(permille, n).min(n.saturating_sub(1));
        // What stands before the last rank is smaller: only the rest has to be looked at.
        let rest = values.get_mut(from..).unwrap_or_default();
        if rest.is_empty() {
            return 0;
        }
        let value = *rest.select_nth_unstable(at - from).1;
        from = at;
        value
    })
}

/// All spans of one service with one name, ids left out, and one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// The service.
    pub service: ServiceIdx,
    /// The name: see [`Facts::normal_name_text`].
    pub name: u32,
    /// The kind.
    pub kind: SpanKind,
    /// Spans.
    pub count: u32,
    /// Spans that failed.
    pub errors: u32,
    /// Sum of durations.
    pub total_ns: i64,
    /// Sum of self times.
    pub self_ns: i64,
    /// Time on the critical path.
    pub critical_ns: i64,
    /// Half of the durations are at most this.
    pub p50_ns: i64,
    /// 95 of 100 are at most this.
    pub p95_ns: i64,
    /// 99 of 100 are at most this.
    pub p99_ns: i64,
    /// The longest.
    pub max_ns: i64,
}

/// The operations of a trace.
#[derive(Clone, Debug, Default)]
pub struct Operations {
    /// Most time on the critical path first, then self time, service, name and kind.
    pub rows: Vec<Operation>,
    /// Position of each span's operation in `rows`; `u32::MAX` for placeholders.
    pub of_span: Vec<u32>,
}

/// What one span took, and the group that it counts in.
#[derive(Clone, Copy, Debug)]
pub struct Spent {
    /// The group.
    pub group: u32,
    /// Duration.
    pub duration_ns: i64,
    /// Self time.
    pub self_ns: i64,
    /// Time on the critical path.
    pub critical_ns: i64,
    /// Whether it failed.
    pub is_error: bool,
}

/// What the spans of a group took together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Spans.
    pub count: u32,
    /// Spans that failed.
    pub errors: u32,
    /// Sum of durations.
    pub total_ns: i64,
    /// Sum of self times.
    pub self_ns: i64,
    /// Time on the critical path.
    pub critical_ns: i64,
    /// Half of the durations are at most this.
    pub p50_ns: i64,
    /// 95 of 100 are at most this.
    pub p95_ns: i64,
    /// 99 of 100 are at most this.
    pub p99_ns: i64,
    /// The longest.
    pub max_ns: i64,
}

/// Adds up spans in `n_groups` groups, numbered from 0; a span of another group counts nowhere. The spans are
/// gone through twice. O(n).
pub fn totals(n_groups: usize, spans: impl Iterator<Item = Spent> + Clone) -> Vec<Totals> {
    let mut groups = vec![Totals::default(); n_groups];
    for span in spans.clone() {
        let Some(group) = groups.get_mut(span.group as usize) else { continue };
        group.count += 1;
        group.errors += u32::from(span.is_error);
        group.total_ns = group.total_ns.saturating_add(span.duration_ns);
        group.self_ns = group.self_ns.saturating_add(span.self_ns);
        group.critical_ns = group.critical_ns.saturating_add(span.critical_ns);
    }
    // The durations are dealt out to the groups.
    let mut ends: Vec<usize> = Vec::with_capacity(n_groups);
    let mut n = 0;
    for group in &groups {
        ends.push(n);
        n += group.count as usize;
    }
    let mut durations = vec![0_i64; n];
    for span in spans {
        if let Some(end) = ends.get_mut(span.group as usize) {
            durations[*end] = span.duration_ns;
            *end += 1;
        }
    }
    for (group, end) in groups.iter_mut().zip(ends) {
        let durations = &mut durations[end - group.count as usize..end];
        [group.p50_ns, group.p95_ns, group.p99_ns, group.max_ns] =
            percentiles(durations, [500, 950, 990, 1_000]);
    }
    groups
}

impl Operations {
    /// Adds up the spans of a trace, with self times and times on the critical path by span. O(n log n).
    pub fn new(recorded: &Recorded, facts: &Facts, self_times: &[i64], critical: &[i64]) -> Self {
        let mut adding = Adding::new(recorded);
        adding.slice(recorded, facts, usize::MAX);
        adding.finish(recorded, facts, self_times, critical)
    }

    fn sort(&mut self, recorded: &Recorded, facts: &Facts) {
        let mut order: Vec<u32> = (0..self.rows.len() as u32).collect();
        order.compact_sort_by_key(|&at| {
            let row = &self.rows[at as usize];
            let service = recorded.trace().service_name(row.service);
            let name = facts.normal_name_text(row.name);
            (Reverse(row.critical_ns), Reverse(row.self_ns), service, name, row.kind.word())
        });
        let mut place = vec![0; order.len()];
        for (&row, at) in order.iter().zip(0..) {
            place[row as usize] = at;
        }
        self.rows = order.iter().map(|&at| self.rows[at as usize]).collect();
        for row in &mut self.of_span {
            *row = place.get(*row as usize).copied().unwrap_or(u32::MAX);
        }
    }

    /// The operation of a span.
    pub fn of(&self, span: SpanIdx) -> Option<&Operation> {
        self.rows.get(*self.of_span.get(span.at())? as usize)
    }
}

/// Finds the operations of a trace in slices.
#[derive(Debug, Default)]
pub struct Adding {
    operations: Operations,
    known: Numbers,
    next: usize,
}

impl Adding {
    /// No span was looked at yet.
    pub fn new(recorded: &Recorded) -> Self {
        let operations = Operations { rows: Vec::new(), of_span: vec![u32::MAX; recorded.len()] };
        Self { operations, ..Self::default() }
    }

    /// Looks at the next `n` spans; returns whether that were all.
    pub fn slice(&mut self, recorded: &Recorded, facts: &Facts, n: usize) -> bool {
        let trace = recorded.trace();
        let Operations { rows, of_span } = &mut self.operations;
        let end = recorded.len().min(self.next.saturating_add(n));
        for span in (self.next..end).map(SpanIdx::new).filter(|&span| !trace.is_placeholder(span)) {
            let (service, name, kind) = (trace.service(span), facts.normal_name(span), trace.kind(span));
            let key = hash::mix(u64::from(service.0) << 32 | u64::from(name), kind as u64);
            let row = self.known.get_or(key, rows.len());
            if row as usize == rows.len() {
                rows.push(Operation::empty(service, name, kind));
            }
            of_span[span.at()] = row;
        }
        self.next = end;
        end == recorded.len()
    }

    /// The operations with what their spans took, in order.
    pub fn finish(
        self,
        recorded: &Recorded,
        facts: &Facts,
        self_times: &[i64],
        critical: &[i64],
    ) -> Operations {
        let mut operations = self.operations;
        let Operations { rows, of_span } = &mut operations;
        let at = |column: &[i64], span: SpanIdx| column.get(span.at()).copied().unwrap_or_default();
        let spent = recorded.spans().map(|span| Spent {
            group: of_span[span.at()],
            duration_ns: recorded.duration(span),
            self_ns: at(self_times, span),
            critical_ns: at(critical, span),
            is_error: facts.is_error(span),
        });
        let totals = totals(rows.len(), spent);
        for (row, totals) in rows.iter_mut().zip(totals) {
            let Totals { count, errors, total_ns, self_ns, critical_ns, .. } = totals;
            let Totals { p50_ns, p95_ns, p99_ns, max_ns, .. } = totals;
            (row.count, row.errors, row.total_ns, row.self_ns) = (count, errors, total_ns, self_ns);
            (row.critical_ns, row.p50_ns, row.p95_ns) = (critical_ns, p50_ns, p95_ns);
            (row.p99_ns, row.max_ns) = (p99_ns, max_ns);
        }
        operations.sort(recorded, facts);
        operations
    }
}

impl Operation {
    fn empty(service: ServiceIdx, name: u32, kind: SpanKind) -> Self {
        Self {
            service,
            name,
            kind,
            count: 0,
            errors: 0,
            total_ns: 0,
            self_ns: 0,
            critical_ns: 0,
            p50_ns: 0,
            p95_ns: 0,
            p99_ns: 0,
            max_ns: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::index::TraceIdx;
    use crate::model::testing::read;

    #[test]
    fn spans_are_added_up_by_operation() {
        let set = read(
            "
            r 0..100 web/server
            a<r 1..9 web/client name=load/7
            b<r 11..39 web/client error name=load/8
            c<gone 1..9 web/client name=load/9
            ",
            1_600_000_000_000_000_000,
        );
        let trace = set.trace(TraceIdx(0));
        let (recorded, facts) = (Recorded::new(&trace), Facts::of(&set, TraceIdx(0), &trace));
        let operations = Operations::new(&recorded, &facts, &[64, 8, 28, 0, 8], &[]);
        let [root, load] = operations.rows.as_slice() else { panic!("{operations:?}") };
        assert_eq!((root.count, root.self_ns, root.kind), (1, 64, SpanKind::Server));
        assert_eq!(facts.normal_name_text(load.name), "load/{id}");
        assert_eq!((load.count, load.errors, load.total_ns, load.p50_ns, load.max_ns), (3, 1, 44, 8, 28));
        let of: Vec<Option<u32>> = trace.spans().map(|s| operations.of(s).map(|o| o.count)).collect();
        assert_eq!(of, [Some(1), Some(3), Some(3), None, Some(3)]);
        assert_eq!(percentile(&[], 500), None);
        for n in 0..30 {
            let mut values: Vec<i64> = (0..n).map(|at| at * 7 % 11).collect();
            let found = percentiles(&mut values, [500, 950, 990, 1_000]);
            values.sort_unstable();
            assert_eq!(found, [500, 950, 990, 1_000].map(|p| percentile(&values, p).unwrap_or_default()));
        }
    }
}
