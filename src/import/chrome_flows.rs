//! Arrows of Chrome traces: each leads from the slice that caused something to the slice where it went on.

use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;

use crate::base::sort::CompactSort as _;
use crate::model::builder::TraceBuilder;
use crate::model::ids::{SpanId, TraceId};
use crate::model::index::RecordIdx;
use crate::model::record::SpanRecord;

use super::chrome_lanes::{FlowEnd, FlowPhase};

/// All ends of arrows of a file.
#[derive(Debug, Default)]
pub(crate) struct Flows {
    numbers: HashMap<String, u32, FxBuildHasher>,
    pub(crate) ends: Vec<FlowEnd>,
}

impl Flows {
    /// Adds the end of an arrow whose name is `name`.
    pub(crate) fn add(&mut self, name: String, lane: u32, time: i64, phase: FlowPhase, is_ahead: bool) {
        let next = self.numbers.len() as u32;
        let flow = *self.numbers.entry(name).or_insert(next);
        self.ends.push(FlowEnd { lane, time, flow, phase, is_ahead, slice: None });
    }

    /// Makes a link of every arrow between two slices: the later names the earlier. Returns the number of
    /// ends without a slice.
    pub(crate) fn link(mut self, builder: &mut TraceBuilder, trace_id: TraceId) -> u64 {
        let n_all = self.ends.len();
        self.ends.retain(|end| end.slice.is_some());
        let n_lost = n_all - self.ends.len();
        self.ends.compact_sort_by_key(|end| (end.flow, end.time, end.phase));
        let mut links: Vec<(RecordIdx, SpanId)> = Vec::new();
        for pair in self.ends.windows(2) {
            let [from, to] = pair else { continue };
            let (Some((source, id)), Some((target, _))) = (from.slice, to.slice) else { continue };
            // The same number can be used again for another arrow.
            let goes_on = to.phase != FlowPhase::Start && from.phase != FlowPhase::Finish;
            if from.flow == to.flow && goes_on && source != target {
                links.push((target, id));
            }
        }
        links.compact_sort();
        links.dedup();
        let mut late = SpanRecord::default();
        for group in links.chunk_by(|a, b| a.0 == b.0) {
            late.clear();
            for &(_, id) in group {
                let link = late.add_link();
                link.trace_id = trace_id;
                link.span_id = id;
            }
            if let Some(&(target, _)) = group.first() {
                builder.add_links(target, &late);
            }
        }
        n_lost as u64
    }
}
