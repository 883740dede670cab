//! Two traces as one tree: spans of both sides that are the same call are one entry, the others stand among them
//! where their parent is.
//!
//! Below a pair, children of the same call path are paired in order of their start, the first with the first. What
//! is left over is new or gone, with everything below it. Both sides count from the start of their main root.

use crate::base::hash::{self, Numbers};
use crate::base::sort::CompactSort as _;
use crate::model::ids::TraceId;
use crate::model::index::SpanIdx;
use crate::model::span::{NO_PARENT, SpanColumns, pack_kind_status};
use crate::model::time::{DurationNanos, UnixNanos};
use crate::model::trace::Trace;

use super::diff::Side;
use super::diff_adding::Taken;
use super::recorded::Recorded;

/// Where a span of one side is in the tree.
pub const ABSENT: u32 = u32::MAX;
/// A start that says that a side does not have the entry.
pub const NO_TIME: i64 = i64::MIN;

/// The tree of both sides.
#[derive(Debug, Default)]
pub struct Merged {
    /// All entries with the times and names of B, of A for those that B does not have.
    pub trace: Trace,
    /// The span of each entry on either side, [`ABSENT`] where there is none.
    pub spans: [Vec<u32>; 2],
    /// Where A has each entry; [`NO_TIME`] where it has not.
    pub former: [Vec<i64>; 2],
}

/// An entry that is about to be written: its span on either side, its parent, its depth.
type Pending = ([u32; 2], u32, u32);

/// Merges two traces whose paths are numbered alike. O(n log n), without recursion.
pub fn merge(a: &Taken, b: &Taken) -> Merged {
    let taken = [a, b];
    let recorded = [a.recorded(), b.recorded()];
    // Times count from the main roots; what lies before them is made room for.
    let zero = [0, 1].map(|s: usize| recorded[s].main_root().map_or(0, |root| recorded[s].start(root)));
    let earliest = (0..2)
        .filter_map(|s| {
            let start_of = |span: SpanIdx| recorded[s].start(span).saturating_sub(zero[s]);
            recorded[s].spans().map(start_of).min()
        })
        .min()
        .unwrap_or_default();
    let start =
        |s: usize, span: SpanIdx| recorded[s].start(span).saturating_sub(zero[s]).saturating_sub(earliest);

    let mut writer = Writer::default();
    let mut merged = Merged::default();
    let mut stack: Vec<Pending> = Vec::new();
    let mut children: Vec<Pending> = Vec::new();
    let roots = |s: usize| -> &[SpanIdx] { recorded[s].roots() };
    pair([roots(0), roots(1)], taken, &start, NO_PARENT, 0, &mut children);
    stack.extend(children.drain(..).rev());
    while let Some((spans, parent, depth)) = stack.pop() {
        let at = writer.columns.len() as u32;
        let side = usize::from(spans[1] != ABSENT);
        let span = SpanIdx(spans[side]);
        writer.push(&taken[side].trace, spans, span, start(side, span), parent, depth);
        for (column, span) in merged.spans.iter_mut().zip(spans) {
            column.push(span);
        }
        let before = (spans[0] != ABSENT).then(|| {
            let from = start(0, SpanIdx(spans[0]));
            (from, from.saturating_add(recorded[0].duration(SpanIdx(spans[0]))))
        });
        let (from, to) = before.unwrap_or((NO_TIME, NO_TIME));
        merged.former[0].push(from);
        merged.former[1].push(to);
        let below = |s: usize| -> &[SpanIdx] {
            if spans[s] == ABSENT { &[] } else { recorded[s].children(SpanIdx(spans[s])) }
        };
        pair([below(0), below(1)], taken, &start, at, depth + 1, &mut children);
        stack.extend(children.drain(..).rev());
    }
    let ends = merged.former[1].iter().copied().max().unwrap_or_default().max(writer.end);
    merged.trace = writer.finish(b.trace.id(), recorded[1].trace().start_time(), ends);
    merged
}

/// Pairs children of both sides; in the order of their start, that of B where there is one.
fn pair(
    sides: [&[SpanIdx]; 2],
    taken: [&Taken; 2],
    start: &impl Fn(usize, SpanIdx) -> i64,
    parent: u32,
    depth: u32,
    out: &mut Vec<Pending>,
) {
    let mut keys: Vec<(u32, usize, i64, u64, SpanIdx)> = Vec::with_capacity(sides[0].len() + sides[1].len());
    for s in 0..2 {
        let key = |&span: &SpanIdx| {
            (taken[s].nodes[span.at()], s, start(s, span), taken[s].trace.span_id(span).0, span)
        };
        keys.extend(sides[s].iter().map(key));
    }
    keys.sort_unstable();
    for group in keys.chunk_by(|x, y| x.0 == y.0) {
        let (before, after) = group.split_at(group.partition_point(|k| k.1 == 0));
        for k in 0..before.len().max(after.len()) {
            let span = |side: &[(u32, usize, i64, u64, SpanIdx)]| side.get(k).map_or(ABSENT, |key| key.4.0);
            out.push(([span(before), span(after)], parent, depth));
        }
    }
    out.compact_sort_by_cached_key(|(spans, ..)| {
        let side = usize::from(spans[1] != ABSENT);
        let span = SpanIdx(spans[side]);
        (start(side, span), side == 0, taken[side].trace.span_id(span).0, span)
    });
}

/// The spans of a path on either side, each in order of start, so that the first stands beside the first. O(n).
pub fn instances(taken: &Taken, node: u32) -> Vec<SpanIdx> {
    let recorded: Recorded<'_> = taken.recorded();
    let mut found: Vec<SpanIdx> = recorded.spans().filter(|s| taken.nodes[s.at()] == node).collect();
    found.compact_sort_by_key(|&span| (recorded.start(span), recorded.id(span), span));
    found
}

/// Writes the columns of the tree.
#[derive(Default)]
struct Writer {
    columns: SpanColumns,
    names: Vec<String>,
    services: Vec<String>,
    known: Numbers,
    end: i64,
}

impl Writer {
    fn push(&mut self, from: &Trace, spans: [u32; 2], span: SpanIdx, start: i64, parent: u32, depth: u32) {
        // What became of a call stands in its name, so that it is read wherever the name is.
        let (side, mark) = match side_of(spans) {
            None => (1, ""),
            Some(Side::A) => (0, "gone: "),
            Some(Side::B) => (1, "new: "),
        };
        let name = numbered(&mut self.known, &mut self.names, mark, from.name(span));
        let service = from.service_name(from.service(span));
        let service = numbered(&mut self.known, &mut self.services, "service", service);
        let (start, duration) = (start.max(0), from.span_duration(span).0);
        self.end = self.end.max(start.saturating_add(duration));
        let c = &mut self.columns;
        // Ids of the two sides may be equal; entries are found by number.
        let id = hash::mix(from.span_id(span).0, side) | 1;
        c.start.push(start);
        c.duration.push(duration.min(i64::MAX - start));
        c.parent.push(parent);
        c.subtree_size.push(1);
        c.depth.push(depth);
        c.name.push(name);
        c.service.push(service);
        c.span_id.push(id);
        c.kind_status.push(pack_kind_status(from.kind(span), from.status(span)));
        c.flags.push(from.flags(span).0);
    }

    fn finish(mut self, id: TraceId, start: UnixNanos, end: i64) -> Trace {
        for at in (0..self.columns.len()).rev() {
            let size = self.columns.subtree_size[at];
            if let Some(parent) = self.columns.subtree_size.get_mut(self.columns.parent[at] as usize) {
                *parent += size;
            }
        }
        Trace::from_parts(id, start, DurationNanos(end), self.columns, self.names, self.services)
    }
}

/// The number of a text in its list; `mark` goes before it, and keeps equal texts of other lists apart.
fn numbered(known: &mut Numbers, list: &mut Vec<String>, mark: &str, text: &str) -> u32 {
    let number = known.get_or(hash::text(hash::text(0, mark), text), list.len());
    if number as usize == list.len() {
        let mark = if mark == "service" { "" } else { mark };
        list.push(format!("{mark}{text}"));
    }
    number
}

/// The side that alone has an entry; none for a pair.
pub fn side_of(spans: [u32; 2]) -> Option<Side> {
    match spans {
        [ABSENT, _] => Some(Side::B),
        [_, ABSENT] => Some(Side::A),
        _ => None,
    }
}
