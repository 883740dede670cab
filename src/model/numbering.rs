//! One trace's share of a set: its hot columns, with names and services in tables of its own.
//!
//! Names are numbered as they first occur, so a trace can be taken in parts. What that costs depends on the
//! trace and not on the set: among thousands of small traces each is as cheap as if it were alone.

use std::ops::Range;

use rustc_hash::FxHashMap;

use super::assemble::parent_within;
use super::index::{StringIdx, TraceIdx};
use super::span::SpanColumns;
use super::trace::Trace;
use super::trace_set::TraceSet;

/// A string that the trace at hand has not used yet.
const UNNAMED: u32 = u32::MAX;

/// Numbers of some of the set's strings: a table where a trace may use many of them, else a map.
#[derive(Clone, Debug)]
enum Ranks {
    Table(Vec<u32>),
    Map(FxHashMap<u32, u32>),
}

impl Default for Ranks {
    fn default() -> Self {
        Self::Map(FxHashMap::default())
    }
}

impl Ranks {
    /// No string has a number yet. `n_used` bounds how many will get one of the `n_strings` that there are.
    fn new(n_strings: usize, n_used: usize) -> Self {
        if n_used >= n_strings / 16 { Self::Table(vec![UNNAMED; n_strings]) } else { Self::default() }
    }

    /// The number of a string, [`UNNAMED`] at first.
    #[inline]
    fn of(&mut self, string: u32) -> &mut u32 {
        match self {
            Self::Table(ranks) => &mut ranks[string as usize],
            Self::Map(ranks) => ranks.entry(string).or_insert(UNNAMED),
        }
    }
}

/// Numbers that names and services have within one trace.
#[derive(Clone, Debug, Default)]
pub struct Numbering {
    service_rank: Ranks,
    name_rank: Ranks,
    /// The names so far, by number.
    pub names: Vec<String>,
}

impl TraceSet {
    /// One trace's hot columns, times from its start, names and services in tables of its own, services
    /// ordered by the time spent in them (sum of self times), ties by name. O(spans of the trace).
    pub fn trace(&self, trace: TraceIdx) -> Trace {
        let Some(summary) = self.traces.get(trace.at()) else { return Trace::default() };
        let mut numbering = self.numbering(trace);
        let columns = self.part(trace, 0..summary.n_entries as usize, &mut numbering);
        let services = summary.services.iter().map(|&s| self.service_name(s).to_owned()).collect();
        Trace::from_parts(summary.id, summary.start, summary.duration, columns, numbering.names, services)
    }

    /// Begins to number the names of a trace, for [`Self::part`].
    pub fn numbering(&self, trace: TraceIdx) -> Numbering {
        let Some(summary) = self.traces.get(trace.at()) else { return Numbering::default() };
        let mut service_rank = Ranks::new(self.services.len(), summary.services.len());
        for (&service, rank) in summary.services.iter().zip(0..) {
            *service_rank.of(service) = rank;
        }
        let name_rank = Ranks::new(self.strings.len(), summary.n_entries as usize);
        Numbering { service_rank, name_rank, names: Vec::new() }
    }

    /// The columns of some spans of a trace, as [`Self::trace`] has them. Parts are taken from the first span
    /// on: names are numbered as they first occur. `range` counts from the trace's first span and is cut at
    /// its last.
    pub fn part(&self, trace: TraceIdx, range: Range<usize>, numbering: &mut Numbering) -> SpanColumns {
        let Some(summary) = self.traces.get(trace.at()) else { return SpanColumns::default() };
        let all = &self.columns;
        let whole = summary.range();
        let end = whole.end.min(whole.start.saturating_add(range.end));
        let range = whole.start.saturating_add(range.start).min(end)..end;
        let Numbering { service_rank, name_rank, names } = numbering;
        let mut name_of = |name: u32| {
            let rank = name_rank.of(name);
            if *rank == UNNAMED {
                *rank = names.len() as u32;
                names.push(self.strings.get(StringIdx(name)).to_owned());
            }
            *rank
        };
        let name = all.name[range.clone()].iter().map(|&n| name_of(n)).collect();
        let start = summary.start.0;
        SpanColumns {
            start: all.start[range.clone()].iter().map(|s| s.saturating_sub(start)).collect(),
            duration: all.duration[range.clone()].to_vec(),
            parent: all.parent[range.clone()].iter().map(|&p| parent_within(p, summary.first)).collect(),
            subtree_size: all.subtree_size[range.clone()].to_vec(),
            depth: all.depth[range.clone()].to_vec(),
            name,
            service: all.service[range.clone()].iter().map(|&s| *service_rank.of(s)).collect(),
            span_id: all.span_id[range.clone()].to_vec(),
            kind_status: all.kind_status[range.clone()].to_vec(),
            flags: all.flags[range].to_vec(),
        }
    }
}
