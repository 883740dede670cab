//! From records to traces: grouping, then one tree per trace, then columns in tree order.
//!
//! The result depends on what the records say, not on their order. Nothing recurses; everything is sorting,
//! or one pass. Memory is what decides how large a file can be opened: structure (four bytes a column) is
//! built first, then each raw column is permuted and freed before the next.

use rustc_hash::FxHashMap;

use crate::base::bitset::BitSet;
use crate::base::blocks::Blocks;
use crate::base::sort::CompactSort as _;

use super::builder::TraceBuilder;
use super::ids::TraceId;
use super::index::{RecordIdx, StringIdx};
use super::raw::{INTERNAL, RawColumns, ResourceEntry, SourceEntry, TraceKey};
use super::span::{Flags, NO_PARENT, SpanColumns};
use super::strings::Strings;
use super::times::Extent;
use super::trace_set::{Totals, TraceSet, TraceSummary};
use super::tree::Scratch;
use super::unpack::NO_COLD;
use super::warning::{Example, WarningCode, Warnings};

/// Marks a placeholder where a record is expected; the rest is its index.
pub(super) const HOLE: u32 = 1 << 31;

/// A placeholder for a missing parent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hole {
    /// The missing id.
    pub(super) id: u64,
    /// A record below it, whose service it takes.
    pub(super) first_child: u32,
    pub(super) start: i64,
    pub(super) end: i64,
}

/// Everything at hand while traces are put together.
#[derive(Debug)]
pub(super) struct Assembly {
    pub(super) strings: Strings,
    pub(super) blocks: Blocks,
    pub(super) raw: RawColumns,
    pub(super) resources: Vec<ResourceEntry>,
    pub(super) scopes: Vec<u32>,
    pub(super) sources: Vec<SourceEntry>,
    pub(super) warnings: Warnings,
    /// Service of each resource, by the rank of its name.
    pub(super) service_of: Vec<u32>,
    pub(super) holes: Vec<Hole>,
    /// Start and end as read of records whose times were mended.
    pub(super) raw_times: Vec<(u32, i64, i64)>,
    /// Lengths of records that have no start.
    pub(super) lone_lengths: Vec<(u32, i64)>,
    late_links: Vec<(u32, u32)>,
    /// Records that were merged, behind those that they were merged into.
    pub(super) pieces: Vec<(u32, u32)>,
    /// Stated parents of records that hang elsewhere.
    pub(super) odd_parents: Vec<(u32, u64)>,
    pub(super) n_merged: u64,
    // What the result will be, so far: record or placeholder, and the tree.
    pub(super) record: Vec<u32>,
    pub(super) parent: Vec<u32>,
    pub(super) subtree_size: Vec<u32>,
    pub(super) depth: Vec<u32>,
}

impl Assembly {
    pub(super) fn hole(&self, node: u32) -> &Hole {
        &self.holes[(node & !HOLE) as usize]
    }

    pub(super) fn hole_mut(&mut self, node: u32) -> &mut Hole {
        &mut self.holes[(node & !HOLE) as usize]
    }

    /// Counts a warning about a record and marks its span.
    pub(super) fn warn(&mut self, code: WarningCode, record: u32, detail: impl FnOnce(&Self) -> String) {
        self.raw.flag(record, Flags::WARNED);
        let mut warnings = std::mem::take(&mut self.warnings);
        warnings.add(code, || {
            let id = super::ids::SpanId(self.raw.span_id[record as usize]);
            let name = self.strings.get(StringIdx(self.raw.name[record as usize]));
            let name: String = name.chars().take(80).collect();
            Example {
                record: Some(RecordIdx(record)),
                offset: None,
                line: None,
                detail: format!("span {id} “{name}” {}", detail(self)),
            }
        });
        self.warnings = warnings;
    }
}

/// Records of one trace.
struct Group {
    id: TraceId,
    source: u32,
    extent: Extent,
    n_events: u32,
    /// Its records in the grouped order.
    first: u32,
    n: u32,
}

/// The traces of everything in the builder.
pub(super) fn assemble(builder: TraceBuilder) -> TraceSet {
    let TraceBuilder {
        strings,
        warnings,
        mut raw,
        packer,
        keys,
        resources,
        scopes,
        sources,
        id_texts,
        partial,
        n_links,
        lone_lengths,
        late_links,
        ..
    } = builder;
    let (services, service_of) = rank_services(&strings, &resources, &raw);
    let key_of_record = std::mem::take(&mut raw.trace);
    raw.trace.clear();
    let mut assembly = Assembly {
        strings,
        blocks: packer.into_blocks(),
        raw,
        resources,
        scopes,
        sources,
        warnings,
        service_of,
        holes: Vec::new(),
        raw_times: Vec::new(),
        lone_lengths,
        late_links,
        pieces: Vec::new(),
        odd_parents: Vec::new(),
        n_merged: 0,
        record: Vec::new(),
        parent: Vec::new(),
        subtree_size: Vec::new(),
        depth: Vec::new(),
    };
    assembly.guess_units(&key_of_record);
    let (mut groups, group_of_key, order) = assembly.group(&keys, key_of_record);
    for group in &mut groups {
        group.extent = assembly.repair_times(records_of(group, &order));
    }
    assembly.raw_times.sort_unstable();
    let mut by_time: Vec<u32> = (0..groups.len() as u32).collect();
    by_time.sort_unstable_by_key(|&g| {
        let group = &groups[g as usize];
        (group.extent.start, group.id, group.source)
    });

    let n = assembly.raw.len();
    let mut summaries = Vec::with_capacity(groups.len());
    let mut trace_of_group = vec![0_u32; groups.len()];
    let mut scratch = Scratch::default();
    for &at in &by_time {
        let group = &groups[at as usize];
        trace_of_group[at as usize] = summaries.len() as u32;
        let mut summary = TraceSummary {
            id: group.id,
            n_records: group.n,
            n_events: group.n_events,
            ..TraceSummary::default()
        };
        assembly.grow(records_of(group, &order), group.extent, &mut scratch, &mut summary);
        summaries.push(summary);
    }
    drop((scratch, order, by_time));
    for (key, text) in id_texts {
        let trace = trace_of_group[group_of_key[key as usize] as usize] as usize;
        if summaries[trace].id_text.is_empty() {
            summaries[trace].id_text = text;
        }
    }
    let group_of_id: FxHashMap<TraceId, u32> = if partial.is_empty() {
        FxHashMap::default()
    } else {
        keys.iter().map(|k| k.id).zip(group_of_key).collect()
    };
    for (id, message) in partial {
        if let Some(&group) = group_of_id.get(&id) {
            summaries[trace_of_group[group as usize] as usize].partial = Some(message);
        }
    }
    drop((group_of_id, trace_of_group));
    let n_events = keys.iter().map(|k| u64::from(k.n_events)).sum();
    drop(keys);
    let totals = Totals { records: n as u64, events: n_events, links: n_links, ..Totals::default() };
    assembly.finish(summaries, services, totals)
}

fn records_of<'a>(group: &Group, order: &'a [u32]) -> &'a [u32] {
    &order[group.first as usize..(group.first + group.n) as usize]
}

/// Names of the services that have records, in alphabetical order, and the service of each resource.
fn rank_services(
    strings: &Strings,
    resources: &[ResourceEntry],
    raw: &RawColumns,
) -> (Vec<StringIdx>, Vec<u32>) {
    let mut is_used = BitSet::new(resources.len());
    for &resource in &raw.resource {
        is_used.insert(resource as usize);
    }
    let mut names: Vec<u32> = is_used.iter().map(|at| resources[at].service).collect();
    names.sort_unstable();
    names.dedup();
    names.compact_sort_by_key(|&name| strings.get(StringIdx(name)));
    let ranks: FxHashMap<u32, u32> = names.iter().copied().zip(0..).collect();
    let service_of = resources.iter().map(|r| ranks.get(&r.service).copied().unwrap_or_default()).collect();
    (names.into_iter().map(StringIdx).collect(), service_of)
}

impl Assembly {
    /// Joins ids of 64 and 128 bits, and sorts the records by trace.
    fn group(&mut self, keys: &[TraceKey], key_of_record: Vec<u32>) -> (Vec<Group>, Vec<u32>, Vec<u32>) {
        let joined = self.join_widths(keys);
        let mut groups: Vec<Group> = Vec::new();
        let mut group_of_key = vec![u32::MAX; keys.len()];
        for (at, key) in keys.iter().enumerate() {
            if !joined.contains_key(&(at as u32)) {
                group_of_key[at] = groups.len() as u32;
                let TraceKey { id, source, n_events } = *key;
                groups.push(Group { id, source, extent: Extent::default(), n_events, first: 0, n: 0 });
            }
        }
        for (at, key) in keys.iter().enumerate() {
            if let Some(&wide) = joined.get(&(at as u32)) {
                group_of_key[at] = group_of_key[wide as usize];
                let group = &mut groups[group_of_key[at] as usize];
                group.n_events = group.n_events.saturating_add(key.n_events);
            }
        }
        for &key in &key_of_record {
            groups[group_of_key[key as usize] as usize].n += 1;
        }
        let mut first = 0;
        for group in &mut groups {
            group.first = first;
            first += group.n;
        }
        let mut next: Vec<u32> = groups.iter().map(|g| g.first).collect();
        let mut order = vec![0; key_of_record.len()];
        for (record, key) in key_of_record.into_iter().enumerate() {
            let place = &mut next[group_of_key[key as usize] as usize];
            order[*place as usize] = record as u32;
            *place += 1;
        }
        (groups, group_of_key, order)
    }

    /// Keys of 64-bit ids with the key of the only 128-bit id that ends in the same bytes.
    fn join_widths(&mut self, keys: &[TraceKey]) -> FxHashMap<u32, u32> {
        let narrow: Vec<usize> =
            (0..keys.len()).filter(|&at| keys[at].id.is_64_bit() && !keys[at].id.is_none()).collect();
        if narrow.is_empty() || narrow.len() == keys.len() {
            return FxHashMap::default();
        }
        let lower = |key: &TraceKey| key.id.0.last_chunk::<8>().copied().unwrap_or_default();
        // `None` once a second wide id has the same end.
        let mut wide: FxHashMap<[u8; 8], Option<u32>> = FxHashMap::default();
        for (at, key) in keys.iter().enumerate().filter(|(_, k)| !k.id.is_64_bit()) {
            wide.entry(lower(key)).and_modify(|w| *w = None).or_insert(Some(at as u32));
        }
        let mut joined = FxHashMap::default();
        for at in narrow {
            if let Some(&Some(wide)) = wide.get(&lower(&keys[at])) {
                joined.insert(at as u32, wide);
                let (narrow, wide) = (keys[at].id, keys[wide as usize].id);
                self.warnings.add(WarningCode::TraceIdWidthsMixed, || {
                    Example::text(format!("{narrow} was joined with {wide}"))
                });
            }
        }
        joined
    }

    /// Permutes the raw columns into tree order, one after the other.
    fn finish(
        mut self,
        mut traces: Vec<TraceSummary>,
        services: Vec<StringIdx>,
        mut totals: Totals,
    ) -> TraceSet {
        self.warn_of_services(&services);
        let record = self.record;
        let (raw, holes) = (self.raw, self.holes);
        let mut columns = SpanColumns {
            parent: self.parent,
            subtree_size: self.subtree_size,
            depth: self.depth,
            ..SpanColumns::default()
        };
        let start = permute(&raw.start, &record, |h| holes[h].start);
        drop(raw.start);
        let mut duration = permute(&raw.end, &record, |h| holes[h].end);
        drop(raw.end);
        for (end, start) in duration.iter_mut().zip(&start) {
            *end = end.saturating_sub(*start);
        }
        columns.start = start;
        columns.duration = duration;
        columns.span_id = permute(&raw.span_id, &record, |h| holes[h].id);
        drop(raw.span_id);
        drop(raw.parent_id);
        columns.name = permute(&raw.name, &record, |_| Strings::EMPTY.0);
        drop(raw.name);
        let service_of = self.service_of;
        columns.service = permute(&raw.resource, &record, |h| raw.resource[holes[h].first_child as usize]);
        drop(raw.resource);
        for service in &mut columns.service {
            *service = service_of[*service as usize];
        }
        columns.flags = permute(&raw.flags, &record, |_| Flags::PLACEHOLDER.0);
        drop(raw.flags);
        for flags in &mut columns.flags {
            *flags &= !INTERNAL;
        }
        columns.kind_status = permute(&raw.kind_status, &record, |_| 0);
        drop(raw.kind_status);
        let place = permute(&raw.cold, &record, |_| NO_COLD);
        let mut pieces: Vec<(u32, u32)> =
            self.pieces.iter().map(|&(whole, piece)| (whole, raw.cold[piece as usize])).collect();
        drop(raw.cold);
        pieces.append(&mut self.late_links);
        // Stable: pieces stay in the order in which they were merged.
        pieces.compact_sort_by_key(|p| p.0);
        self.odd_parents.sort_unstable();
        self.odd_parents.dedup();

        totals.merged = self.n_merged;
        totals.spans = (record.len() - holes.len()) as u64;
        totals.services = services.len() as u64;
        let service_names: Vec<&str> = services.iter().map(|&s| self.strings.get(s)).collect();
        super::services::rank_by_time(&columns, &mut traces, &service_names);
        let mut set = TraceSet {
            traces,
            warnings: self.warnings,
            totals,
            columns,
            record,
            place,
            blocks: self.blocks,
            strings: self.strings,
            services,
            resources: self.resources,
            scopes: self.scopes,
            sources: self.sources,
            raw_times: self.raw_times,
            pieces,
            odd_parents: self.odd_parents,
            ..TraceSet::default()
        };
        set.index();
        set
    }

    /// Services that are missing or were never configured, counted by span.
    fn warn_of_services(&mut self, services: &[StringIdx]) {
        let mut n_spans = vec![0_u64; services.len()];
        for &record in self.record.iter().filter(|&&r| r & HOLE == 0) {
            n_spans[self.service_of[self.raw.resource[record as usize] as usize] as usize] += 1;
        }
        for (&service, n) in services.iter().zip(n_spans) {
            let name = self.strings.get(service);
            if n == 0 {
                continue;
            }
            if name.is_empty() {
                self.warnings.add_many(WarningCode::NoService, n, || {
                    Example::text(format!("{} without a service", crate::base::text::counted(n, "span")))
                });
            } else if name == "unknown_service" || name.starts_with("unknown_service:") {
                self.warnings.add_many(WarningCode::UnknownService, n, || {
                    Example::text(format!("{} of {name}", crate::base::text::counted(n, "span")))
                });
            }
        }
    }
}

fn permute<T: Copy>(column: &[T], records: &[u32], hole: impl Fn(usize) -> T) -> Vec<T> {
    let at = |&r: &u32| if r & HOLE == 0 { column[r as usize] } else { hole((r & !HOLE) as usize) };
    records.iter().map(at).collect()
}

/// The parent column counts from the start of the set.
pub(super) fn parent_within(parent: u32, first: u32) -> u32 {
    if parent == NO_PARENT { NO_PARENT } else { parent - first }
}
