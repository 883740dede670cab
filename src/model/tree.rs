//! One trace's records to one tree: parents, placeholders for missing ones, cycles, order.
//!
//! Iterative and O(n log n): a chain of a million spans, a parent of a million children and a cycle of all
//! spans are ordinary inputs. Nodes are the spans that remain after duplicates are settled, in the order of
//! their ids, then placeholders; so ties between nodes are ties between ids, whatever the order of reading.

use super::assemble::{Assembly, HOLE, Hole};
use super::raw::{ADOPTED, RawColumns, ZIPKIN};
use super::span::{Flags, NO_PARENT};
use super::time::UnixNanos;
use super::times::Extent;
use super::trace_set::TraceSummary;
use super::warning::{Example, WarningCode};

/// Scratch memory beyond so many spans is given back as soon as it is free.
const LARGE: usize = 1 << 16;

/// Spans with one id among which children look for their parent.
const MAX_CANDIDATES: u32 = 64;

/// Reused from trace to trace.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// A key and a node or record, for sorting: by id, by the parent's id, by start, one after the other.
    sorted: Vec<(u64, u32)>,
    /// Records, then placeholders with [`HOLE`] set.
    pub(super) nodes: Vec<u32>,
    pub(super) parent: Vec<u32>,
    /// Children of duplicates that are settled already: node and its parent.
    pub(super) fixed: Vec<(u32, u32)>,
    /// Records that were merged into others.
    pub(super) merged: Vec<u32>,
    first_root: u32,
    first_child: Vec<u32>,
    next_sibling: Vec<u32>,
    position: Vec<u32>,
}

impl Scratch {
    fn clear(&mut self) {
        self.sorted.clear();
        self.nodes.clear();
        self.parent.clear();
        self.fixed.clear();
        self.merged.clear();
        self.first_child.clear();
        self.next_sibling.clear();
        self.position.clear();
        if self.nodes.capacity() > LARGE {
            *self = Self::default();
        }
    }
}

impl Assembly {
    /// Appends one trace in tree order and fills the summary's counts.
    pub(super) fn grow(
        &mut self,
        records: &[u32],
        mut extent: Extent,
        scratch: &mut Scratch,
        summary: &mut TraceSummary,
    ) {
        scratch.clear();
        for &r in records {
            let raw = &self.raw;
            let is_root = raw.parent_id[r as usize] == 0 || raw.has(r, Flags::NESTED_BY_TIME);
            summary.n_roots += u32::from(is_root);
            summary.n_errors += u32::from(raw.kind_status[r as usize] >> 4 == 2);
        }
        self.make_ids(records);
        self.collect_nodes(records, scratch);
        // A piece that knew the end only counts once another piece gave the start.
        for &record in scratch.nodes.iter().filter(|_| !scratch.merged.is_empty()) {
            if !self.raw.has(record, Flags::START_MISSING) {
                extent.end = extent.end.max(self.raw.end[record as usize]);
            }
        }
        summary.start = UnixNanos(extent.start);
        summary.duration = UnixNanos(extent.end) - UnixNanos(extent.start);
        summary.n_orphans = self.find_parents(scratch);
        self.cut_cycles(scratch);
        for &record in &scratch.nodes {
            if record & HOLE == 0 {
                self.warn_of_times(record);
            }
        }
        self.place_missing(&scratch.nodes, &scratch.parent, extent);
        self.link_children(scratch);
        self.emit(scratch, summary);
    }

    /// Gives ids to records that have none, from their content: the order of reading must not matter.
    fn make_ids(&mut self, records: &[u32]) {
        let mut nameless: Vec<(u128, u32)> = Vec::new();
        for &r in records {
            if self.raw.span_id[r as usize] == 0 {
                nameless.push((self.digest(r), r));
            }
        }
        nameless.sort_unstable();
        let (mut last, mut n_equal) = (0, 0_u64);
        for (digest, record) in nameless {
            n_equal = if digest == last { n_equal + 1 } else { 0 };
            last = digest;
            let id = (digest as u64 ^ (digest >> 64) as u64).wrapping_add(n_equal);
            self.raw.span_id[record as usize] = id.max(1);
            self.raw.flag(record, Flags::ID_SYNTHETIC);
            self.raw.flag(record, Flags::WARNED);
        }
    }

    fn collect_nodes(&mut self, records: &[u32], scratch: &mut Scratch) {
        scratch.sorted.extend(records.iter().map(|&r| (self.raw.span_id[r as usize], r)));
        scratch.sorted.sort_unstable();
        let by_id = std::mem::take(&mut scratch.sorted);
        scratch.nodes.reserve_exact(by_id.len());
        for run in by_id.chunk_by(|a, b| a.0 == b.0) {
            match run {
                [(_, record)] => scratch.nodes.push(*record),
                _ => self.settle_duplicates(run, scratch),
            }
        }
        scratch.sorted = by_id;
        scratch.sorted.clear();
    }

    /// Finds parents by walking two sorted lists; makes placeholders. Returns the number of records whose
    /// parent is missing.
    fn find_parents(&mut self, scratch: &mut Scratch) -> u32 {
        let n = scratch.nodes.len();
        scratch.parent.resize(n, NO_PARENT);
        for &(node, parent) in &scratch.fixed {
            scratch.parent[node as usize] = parent;
        }
        let asks = &mut scratch.sorted;
        for (node, &record) in scratch.nodes.iter().enumerate() {
            let wanted = self.raw.parent_id[record as usize];
            if wanted != 0 && scratch.parent[node] == NO_PARENT {
                asks.push((wanted, node as u32));
            }
        }
        asks.sort_unstable();
        let asks = std::mem::take(&mut scratch.sorted);
        let mut from = 0;
        let mut n_orphans = 0;
        for children in asks.chunk_by(|a, b| a.0 == b.0) {
            let Some(&(wanted, _)) = children.first() else { continue };
            let id = |raw: &RawColumns, node: usize| raw.span_id[scratch.nodes[node] as usize];
            while from < n && id(&self.raw, from) < wanted {
                from += 1;
            }
            let mut to = from;
            while to < n && id(&self.raw, to) == wanted {
                to += 1;
            }
            if from == to {
                n_orphans += self.hang_below_hole(wanted, children, scratch);
                continue;
            }
            for &(_, child) in children {
                let parent = self.choose_parent(child, from as u32..to as u32, &scratch.nodes);
                scratch.parent[child as usize] = parent;
                if parent == NO_PARENT {
                    let record = scratch.nodes[child as usize];
                    self.odd_parents.push((record, wanted));
                    self.warn(WarningCode::SelfParent, record, |_| "names itself as parent".to_owned());
                }
            }
        }
        scratch.sorted = asks;
        scratch.sorted.clear();
        // Records that were merged away count as they were read.
        for &record in &scratch.merged {
            let wanted = self.raw.parent_id[record as usize];
            let is_there =
                scratch.nodes[..n].binary_search_by_key(&wanted, |&r| self.raw.span_id[r as usize]).is_ok();
            n_orphans += u32::from(wanted != 0 && !is_there && !self.raw.has(record, Flags::NESTED_BY_TIME));
        }
        n_orphans
    }

    fn hang_below_hole(&mut self, wanted: u64, children: &[(u64, u32)], scratch: &mut Scratch) -> u32 {
        let hole = self.holes.len() as u32 | HOLE;
        let node = scratch.nodes.len() as u32;
        let (mut n_orphans, mut n_hung, mut example) = (0, 0_u64, None);
        for &(_, child) in children {
            let record = scratch.nodes[child as usize];
            // A parent found by containment is never missing; were it, the span would be a root.
            if self.raw.has(record, Flags::NESTED_BY_TIME) {
                continue;
            }
            scratch.parent[child as usize] = node;
            self.raw.flag(record, Flags::ORPHAN);
            self.raw.flag(record, Flags::WARNED);
            n_orphans += u32::from(!self.raw.has(record, ADOPTED));
            n_hung += 1;
            example.get_or_insert(record);
        }
        if let Some(record) = example {
            scratch.nodes.push(hole);
            scratch.parent.push(NO_PARENT);
            self.holes.push(Hole { id: wanted, first_child: record, start: i64::MAX, end: i64::MIN });
            self.warnings.add_many(WarningCode::Orphan, n_hung, || Example {
                record: Some(super::index::RecordIdx(record)),
                offset: None,
                line: None,
                detail: format!(
                    "{} below the missing span {}",
                    crate::base::text::counted(n_hung, "span"),
                    super::ids::SpanId(wanted)
                ),
            });
        }
        n_orphans
    }

    /// Which of the spans with the wanted id is the child's parent; [`NO_PARENT`] when it is only itself.
    fn choose_parent(&self, child: u32, run: std::ops::Range<u32>, nodes: &[u32]) -> u32 {
        let raw = &self.raw;
        let record = |node: u32| nodes[node as usize] as usize;
        if run.contains(&child) {
            return NO_PARENT;
        }
        if run.len() == 1 {
            return run.start;
        }
        // So many spans with one id are an attack; each child must not look at all of them.
        let run = run.start..run.end.min(run.start + MAX_CANDIDATES);
        let service = |node: u32| self.service_of[raw.resource[record(node)] as usize];
        let mut servers = run.clone().filter(|&node| raw.has(nodes[node as usize], Flags::SHARED));
        if let Some(first) = servers.next() {
            // Children go by service. Those of neither side: Zipkin's to the server side, since a client span
            // has no children there; others stay with the client.
            let is_zipkin = raw.has(nodes[first as usize], ZIPKIN);
            let client = run.clone().find(|&node| !raw.has(nodes[node as usize], Flags::SHARED));
            return std::iter::once(first)
                .chain(servers)
                .find(|&node| service(node) == service(child))
                .unwrap_or_else(|| client.filter(|_| !is_zipkin).unwrap_or(first));
        }
        let start = raw.start[record(child)];
        let contains =
            |node: u32| raw.start[record(node)] <= start && raw.end[record(child)] <= raw.end[record(node)];
        let first = run.start;
        run.into_iter().find(|&node| contains(node)).unwrap_or(first)
    }

    /// Cuts every cycle at its earliest member (ties: the smallest id).
    fn cut_cycles(&mut self, scratch: &mut Scratch) {
        let n = scratch.nodes.len();
        // The walk that came by first, from 1.
        let visited = &mut scratch.position;
        visited.resize(n, 0);
        for first in 0..n as u32 {
            let walk = first + 1;
            let mut at = first;
            while at != NO_PARENT && visited[at as usize] == 0 {
                visited[at as usize] = walk;
                at = scratch.parent[at as usize];
            }
            if at == NO_PARENT || visited[at as usize] != walk {
                continue;
            }
            let (met, mut earliest, mut n_members, mut ids) = (at, at, 0_u64, Vec::new());
            let key = |raw: &RawColumns, node: u32| {
                // A missing start is the smallest number and must not count as early.
                (raw.start[scratch.nodes[node as usize] as usize].wrapping_sub(1), node)
            };
            loop {
                n_members += 1;
                if key(&self.raw, at) < key(&self.raw, earliest) {
                    earliest = at;
                }
                if ids.len() < 5 {
                    ids.push(super::ids::SpanId(self.raw.span_id[scratch.nodes[at as usize] as usize]));
                }
                at = scratch.parent[at as usize];
                if at == met {
                    break;
                }
            }
            let record = scratch.nodes[earliest as usize];
            self.odd_parents.push((record, self.raw.parent_id[record as usize]));
            scratch.parent[earliest as usize] = NO_PARENT;
            self.raw.flag(record, Flags::CYCLE_CUT);
            self.warn(WarningCode::Cycle, record, |_| {
                let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
                let more = if n_members > ids.len() as u64 { ", …" } else { "" };
                format!("a cycle of {n_members} spans was cut: {}{more}", ids.join(", "))
            });
        }
        scratch.position.clear();
    }

    /// Lists of children in display order: start, longer first, id.
    fn link_children(&mut self, scratch: &mut Scratch) {
        let Scratch { nodes, parent, sorted: by_start, first_root, first_child, next_sibling, .. } = scratch;
        let n = nodes.len();
        by_start.reserve_exact(n);
        by_start
            .extend(nodes.iter().enumerate().map(|(node, &r)| (sort_key(self.interval(r).0), node as u32)));
        by_start.sort_unstable_by(|a, b| {
            let end = |node: u32| self.interval(nodes[node as usize]).1;
            a.0.cmp(&b.0).then_with(|| end(b.1).cmp(&end(a.1))).then_with(|| a.1.cmp(&b.1))
        });
        self.warn_of_outliers(by_start, nodes);
        first_child.resize(n, NO_PARENT);
        next_sibling.resize(n, NO_PARENT);
        // Roots are listed as if one more node were their parent.
        *first_root = NO_PARENT;
        for &(_, node) in by_start.iter().rev() {
            let first = match parent[node as usize] {
                NO_PARENT => &mut *first_root,
                above => &mut first_child[above as usize],
            };
            next_sibling[node as usize] = *first;
            *first = node;
        }
        if by_start.capacity() > LARGE {
            *by_start = Vec::new();
        }
    }

    /// Start and end of a record or placeholder.
    pub(super) fn interval(&self, record: u32) -> (i64, i64) {
        if record & HOLE == 0 {
            (self.raw.start[record as usize], self.raw.end[record as usize])
        } else {
            let hole = self.hole(record);
            (hole.start, hole.end)
        }
    }

    /// Appends the nodes in preorder and finds sizes, depths and the main root.
    fn emit(&mut self, scratch: &mut Scratch, summary: &mut TraceSummary) {
        let Scratch { nodes, parent, first_root, first_child, next_sibling, position, .. } = scratch;
        if self.record.capacity() == 0 {
            let n = self.raw.len();
            for column in [&mut self.record, &mut self.parent, &mut self.subtree_size, &mut self.depth] {
                column.reserve_exact(n);
            }
        }
        let base = self.record.len();
        summary.first = base as u32;
        summary.n_entries = nodes.len() as u32;
        position.resize(nodes.len(), 0);
        let mut main: Option<u32> = None;
        let mut main_is_orphan = true;
        let (mut below_hole, mut n_true_roots, mut n_holes) = (false, 0_u64, 0_u32);
        let mut at = *first_root;
        while at != NO_PARENT {
            let node = at as usize;
            let record = nodes[node];
            let is_hole = record & HOLE != 0;
            let place = self.record.len() as u32;
            position[node] = place;
            let (above, depth) = match parent[node] {
                NO_PARENT => {
                    below_hole = is_hole;
                    (NO_PARENT, 0)
                }
                p => {
                    let above = position[p as usize];
                    (above, self.depth[above as usize] + 1)
                }
            };
            let is_root = above == NO_PARENT && !is_hole;
            let is_orphan = below_hole && depth == 1;
            n_true_roots += u64::from(is_root);
            n_holes += u32::from(is_hole);
            if is_root && main_is_orphan
                || (is_root || is_orphan && main_is_orphan) && self.is_better_root(record, main)
            {
                main = Some(place);
                main_is_orphan = !is_root;
            }
            summary.depth = summary.depth.max(depth + 1 - u32::from(below_hole));
            self.record.push(record);
            self.parent.push(above);
            self.subtree_size.push(1);
            self.depth.push(depth);

            if first_child[node] != NO_PARENT {
                at = first_child[node];
                continue;
            }
            while at != NO_PARENT && next_sibling[at as usize] == NO_PARENT {
                at = parent[at as usize];
            }
            if at != NO_PARENT {
                at = next_sibling[at as usize];
            }
        }
        for place in (base..self.record.len()).rev() {
            if self.parent[place] != NO_PARENT {
                self.subtree_size[self.parent[place] as usize] += self.subtree_size[place];
            }
        }
        summary.n_spans = summary.n_entries - n_holes;
        summary.main_root = main.unwrap_or(base as u32);
        if n_true_roots > 1 {
            self.warnings.add(WarningCode::MultipleRoots, || {
                Example::text(format!("trace {} has {n_true_roots} roots", summary.id))
            });
        }
    }

    /// Whether a root is longer, earlier or smaller by id than the best so far.
    fn is_better_root(&self, record: u32, best: Option<u32>) -> bool {
        let Some(best) = best else { return true };
        let key = |record: u32| {
            let (start, end) = self.interval(record);
            (std::cmp::Reverse(end.saturating_sub(start)), start, self.raw.span_id[record as usize])
        };
        key(record) < key(self.record[best as usize])
    }
}

/// A time as a number with the same order.
fn sort_key(time: i64) -> u64 {
    time as u64 ^ 1 << 63
}

/// The inverse of [`sort_key`].
pub(super) fn time_of(key: u64) -> i64 {
    (key ^ 1 << 63) as i64
}
