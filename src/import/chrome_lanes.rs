//! Nesting by time: on one lane, a slice is the child of the shortest slice that holds it.

use std::cmp::Reverse;

use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;

use crate::base::sort::CompactSort as _;
use crate::model::builder::TraceBuilder;
use crate::model::ids::SpanId;
use crate::model::index::RecordIdx;

/// A slice of a lane, once its end is known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slice {
    pub(crate) lane: u32,
    pub(crate) start: i64,
    /// `i64::MAX` when it never ended.
    pub(crate) end: i64,
    pub(crate) record: RecordIdx,
    pub(crate) id: SpanId,
    /// Place among the slices of the file, by their beginnings.
    pub(crate) order: u32,
}

/// An end of an arrow, which belongs to the slice that holds it or to the next one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FlowEnd {
    /// The lane of its thread.
    pub(crate) lane: u32,
    pub(crate) time: i64,
    /// The number of its arrow.
    pub(crate) flow: u32,
    pub(crate) phase: FlowPhase,
    /// Belongs to the next slice of the lane.
    pub(crate) is_ahead: bool,
    /// The slice, when it is found.
    pub(crate) slice: Option<(RecordIdx, SpanId)>,
}

/// Which end of an arrow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum FlowPhase {
    Start,
    Step,
    Finish,
}

/// All slices of a file.
#[derive(Debug, Default)]
pub(crate) struct Lanes {
    numbers: HashMap<String, u32, FxBuildHasher>,
    slices: Vec<Slice>,
    /// Reused from name to name.
    name: String,
}

impl Lanes {
    /// The number of the lane whose name has these parts.
    pub(crate) fn number(&mut self, parts: &[&str]) -> u32 {
        self.name.clear();
        for part in parts {
            self.name.push_str(part);
            self.name.push('\0');
        }
        if let Some(&known) = self.numbers.get(self.name.as_str()) {
            return known;
        }
        let next = self.numbers.len() as u32;
        self.numbers.insert(self.name.clone(), next);
        next
    }

    pub(crate) fn add(&mut self, slice: Slice) {
        self.slices.push(slice);
    }

    /// Tells the builder the parents and finds the slices of `flows`. Returns how many slices overlap another
    /// without nesting in it; those are siblings. O(n log n).
    pub(crate) fn nest(&mut self, builder: &mut TraceBuilder, flows: &mut [FlowEnd]) -> u64 {
        let slices = &mut self.slices;
        // Longer first, then as in the file: an enclosing slice comes before what it holds.
        slices.sort_by_key(|s| (s.lane, s.start, Reverse(s.end), s.order));
        flows.compact_sort_by_key(|f| (f.lane, f.time));
        let mut flows = flows.iter_mut().peekable();
        let mut overlaps = 0;
        let mut open: Vec<Slice> = Vec::new();
        let mut ahead: Vec<&mut FlowEnd> = Vec::new();
        for &slice in slices.iter() {
            while let Some(flow) = flows.next_if(|f| (f.lane, f.time) < (slice.lane, slice.start)) {
                hold(&mut open, flow, &mut ahead);
            }
            while let Some(top) = open.last() {
                let over = top.lane != slice.lane || (top.end <= slice.start && top.start < slice.start);
                if !over && slice.end <= top.end {
                    break;
                }
                overlaps += u64::from(!over);
                open.pop();
            }
            if let Some(parent) = open.last() {
                builder.set_nested_parent(slice.record, parent.id);
            }
            for flow in ahead.drain(..).filter(|flow| flow.lane == slice.lane) {
                flow.slice = Some((slice.record, slice.id));
            }
            open.push(slice);
        }
        for flow in flows {
            hold(&mut open, flow, &mut ahead);
        }
        overlaps
    }
}

/// Finds the innermost open slice around an end of an arrow, or lets it wait for the next slice.
fn hold<'a>(open: &mut Vec<Slice>, flow: &'a mut FlowEnd, ahead: &mut Vec<&'a mut FlowEnd>) {
    // What ended before holds nothing that follows either.
    while open.last().is_some_and(|top| top.lane != flow.lane || top.end < flow.time) {
        open.pop();
    }
    let around = open.last().filter(|top| !flow.is_ahead || top.start == flow.time);
    if let Some(slice) = around {
        flow.slice = Some((slice.record, slice.id));
    } else if flow.is_ahead {
        ahead.push(flow);
    }
}
