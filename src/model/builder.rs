//! The only way to traces: takes records in any order, gives columns in tree order.

use std::hash::Hasher;

use hashbrown::HashTable;
use rustc_hash::FxHasher;

use super::assemble;
use super::ids::{SpanId, TraceId};
use super::index::{RecordIdx, ResourceIdx, ScopeIdx, SourceIdx, StringIdx};
use super::pack::Packer;
use super::raw::{RawColumns, ResourceEntry, SourceEntry, TraceKey, ZIPKIN};
use super::record::{ResourceRecord, ScopeRecord, SideRule, SpanRecord};
use super::span::{Flags, pack_kind_status};
use super::strings::Strings;
use super::trace_set::TraceSet;
use super::unpack::NO_COLD;
use super::warning::{Example, WarningCode, Warnings};

/// Records beyond this are refused: the bit above marks placeholders while trees are built.
const MAX_RECORDS: usize = (1 << 31) - 1;

/// Collects records; [`Self::finish`] makes the traces, [`Self::snapshot`] those of what is there so far.
///
/// Of the fields of a record that importers fill, the builder itself counts the warnings for dropped items,
/// for messages of the backend and for missing ids; importers warn of what only they can see.
#[derive(Clone, Debug)]
pub struct TraceBuilder {
    /// Names, keys and services; importers intern attribute keys here.
    pub strings: Strings,
    /// Warnings of the importers; those of the repair join them.
    pub warnings: Warnings,
    pub(super) raw: RawColumns,
    pub(super) packer: Packer,
    pub(super) keys: Vec<TraceKey>,
    key_index: HashTable<u32>,
    /// Key of the last record: files mostly hold one trace after another.
    last_key: u32,
    pub(super) resources: Vec<ResourceEntry>,
    pub(super) scopes: Vec<u32>,
    /// Places of packed resources and scopes by their bytes: line-based formats repeat them on each line.
    owner_index: HashTable<(u32, u32)>,
    pub(super) sources: Vec<SourceEntry>,
    /// Trace ids as written, by key.
    pub(super) id_texts: Vec<(u32, String)>,
    /// What backends said of incomplete traces.
    pub(super) partial: Vec<(TraceId, String)>,
    pub(super) n_links: u64,
    /// Records without a start whose length is known, in order.
    pub(super) lone_lengths: Vec<(u32, i64)>,
    /// Links that were found after their record was pushed: record and place.
    pub(super) late_links: Vec<(u32, u32)>,
}

impl Default for TraceBuilder {
    fn default() -> Self {
        // Position 0 of resources and scopes is "none": what a record has that names none.
        Self {
            strings: Strings::default(),
            warnings: Warnings::default(),
            raw: RawColumns::default(),
            packer: Packer::default(),
            keys: Vec::new(),
            key_index: HashTable::new(),
            last_key: u32::MAX,
            resources: vec![ResourceEntry { service: Strings::EMPTY.0, place: NO_COLD }],
            scopes: vec![NO_COLD],
            owner_index: HashTable::new(),
            sources: Vec::new(),
            id_texts: Vec::new(),
            partial: Vec::new(),
            n_links: 0,
            lone_lengths: Vec::new(),
            late_links: Vec::new(),
        }
    }
}

impl TraceBuilder {
    /// Announces a file or a member of an archive: all records until the next call come from it.
    pub fn source(&mut self, name: &str) -> SourceIdx {
        let first = self.raw.len() as u32;
        self.sources.push(SourceEntry { name: name.to_owned(), first, time_factor: 1 });
        SourceIdx::new(self.sources.len() - 1)
    }

    /// A resource to be filled later: in a stream its spans may come first.
    pub fn reserve_resource(&mut self) -> ResourceIdx {
        self.resources.push(ResourceEntry { service: Strings::EMPTY.0, place: NO_COLD });
        ResourceIdx::new(self.resources.len() - 1)
    }

    /// Fills a reserved resource. A second call replaces the first.
    pub fn fill_resource(&mut self, resource: ResourceIdx, record: &ResourceRecord) {
        let service = self.strings.intern(&record.service).0;
        let place = self.place_owner(&Packer::resource(record));
        if let Some(entry) = self.resources.get_mut(resource.at()) {
            *entry = ResourceEntry { service, place };
        }
    }

    /// A scope to be filled later.
    pub fn reserve_scope(&mut self) -> ScopeIdx {
        self.scopes.push(NO_COLD);
        ScopeIdx::new(self.scopes.len() - 1)
    }

    /// Fills a reserved scope.
    pub fn fill_scope(&mut self, scope: ScopeIdx, record: &ScopeRecord) {
        let place = self.place_owner(&Packer::scope(record));
        if let Some(entry) = self.scopes.get_mut(scope.at()) {
            *entry = place;
        }
    }

    /// Where these bytes stand; equal ones are kept once.
    fn place_owner(&mut self, bytes: &[u8]) -> u32 {
        let hash_of = |bytes: &[u8]| {
            let mut hasher = FxHasher::default();
            hasher.write(bytes);
            hasher.finish()
        };
        let (hash, blocks) = (hash_of(bytes), &self.packer.blocks);
        let text = |&(place, len): &(u32, u32)| blocks.from(place).get(..len as usize).unwrap_or_default();
        if let Some(&(place, _)) = self.owner_index.find(hash, |entry| text(entry) == bytes) {
            return place;
        }
        let Some(place) = self.packer.blocks.push(bytes) else { return NO_COLD };
        let blocks = &self.packer.blocks;
        let text = |&(place, len): &(u32, u32)| blocks.from(place).get(..len as usize).unwrap_or_default();
        self.owner_index.insert_unique(hash, (place, bytes.len() as u32), |entry| hash_of(text(entry)));
        place
    }

    /// Adds a record. `None` when it was refused because a limit of the columns is reached (counted as
    /// refused, with a warning).
    pub fn push(&mut self, record: &SpanRecord) -> Option<RecordIdx> {
        let at = self.raw.len();
        let cold = if at < MAX_RECORDS { self.packer.record(record) } else { None };
        let Some(cold) = cold else {
            self.warnings.add(WarningCode::SizeLimit, || {
                Example::text("the room for spans and their attributes is full; later spans were left out")
            });
            return None;
        };
        let key = self.key_of(record.trace_id);
        self.note_trace(key, record);

        let mut flags = record.flags;
        if record.n_events > 0 {
            flags.set(Flags::HAS_EVENTS);
            let events = record.events.get(..record.n_events).unwrap_or_default();
            if events.iter().any(|e| e.name == "exception") {
                flags.set(Flags::HAS_EXCEPTION);
            }
        }
        if record.n_links > 0 {
            flags.set(Flags::HAS_LINKS);
        }
        if record.side_rule == SideRule::Zipkin {
            flags.set(ZIPKIN);
        }
        let last_name = StringIdx(self.raw.name.last().copied().unwrap_or_default());
        let name = self.strings.intern_guess(&record.name, last_name);
        let resource = if record.resource.at() < self.resources.len() { record.resource.0 } else { 0 };

        let raw = &mut self.raw;
        raw.make_room();
        raw.trace.push(key);
        raw.start.push(record.start);
        // A piece without a start can still know how long the span took.
        let is_length = record.side_rule == SideRule::Zipkin && flags.has(Flags::START_MISSING);
        raw.end.push(if is_length { 0 } else { record.end });
        if is_length && record.end > 0 {
            self.lone_lengths.push((at as u32, record.end));
        }
        raw.span_id.push(record.span_id.0);
        raw.parent_id.push(record.parent_id.0);
        raw.name.push(name.0);
        raw.resource.push(resource);
        raw.cold.push(cold);
        raw.flags.push(flags.0);
        raw.kind_status.push(pack_kind_status(record.kind, record.status));
        self.warn_of(record, at);
        Some(RecordIdx::new(at))
    }

    fn note_trace(&mut self, key: u32, record: &SpanRecord) {
        let entry = &mut self.keys[key as usize];
        entry.n_events = entry.n_events.saturating_add(record.n_events as u32);
        self.n_links += record.n_links as u64;
        if !record.trace_id_text.is_empty() && self.id_texts.last().is_none_or(|(k, _)| *k < key) {
            self.id_texts.push((key, record.trace_id_text.clone()));
        }
    }

    fn warn_of(&mut self, record: &SpanRecord, at: usize) {
        let dropped = [
            (record.dropped_attributes, "attribute"),
            (record.dropped_events, "event"),
            (record.dropped_links, "link"),
        ];
        let mut warn = |code, detail: &dyn Fn() -> String| {
            self.raw.flags[at] |= Flags::WARNED.0;
            self.warnings.add(code, || Example {
                record: Some(RecordIdx::new(at)),
                offset: Some(record.offset),
                line: None,
                detail: detail(),
            });
        };
        if dropped.iter().any(|&(n, _)| n > 0) {
            warn(WarningCode::Dropped, &|| {
                let parts: Vec<String> = dropped
                    .iter()
                    .filter(|d| d.0 > 0)
                    .map(|&(n, word)| crate::base::text::counted(u64::from(n), word))
                    .collect();
                format!("{} dropped", parts.join(", "))
            });
        }
        for message in &record.source_warnings {
            warn(WarningCode::SourceWarning, &|| message.chars().take(200).collect());
        }
        if record.trace_id.is_none() {
            warn(WarningCode::MissingId, &|| "no trace id".to_owned());
        }
        if record.span_id.is_none() {
            warn(WarningCode::MissingId, &|| "no span id".to_owned());
        }
    }

    /// The group of records that `id` belongs to.
    #[inline]
    fn key_of(&mut self, id: TraceId) -> u32 {
        // Spans without a trace id form one group per source.
        let source = if id.is_none() { self.sources.len() as u32 } else { 0 };
        if self.keys.get(self.last_key as usize).is_some_and(|k| k.id == id && k.source == source) {
            return self.last_key;
        }
        let hash_of = |id: TraceId, source: u32| {
            let mut hasher = FxHasher::default();
            hasher.write(&id.0);
            hasher.write_u32(source);
            hasher.finish()
        };
        let keys = &mut self.keys;
        let hash = hash_of(id, source);
        let found =
            self.key_index.find(hash, |&k| keys[k as usize].id == id && keys[k as usize].source == source);
        let key = found.copied().unwrap_or_else(|| {
            let key = keys.len() as u32;
            keys.push(TraceKey { id, source, n_events: 0 });
            self.key_index
                .insert_unique(hash, key, |&k| hash_of(keys[k as usize].id, keys[k as usize].source));
            key
        });
        self.last_key = key;
        key
    }

    /// Sets the end of a record that was pushed before: begin and end come as two events in Chrome traces.
    pub fn set_end(&mut self, record: RecordIdx, end: i64) {
        if let (Some(slot), Some(flags)) =
            (self.raw.end.get_mut(record.at()), self.raw.flags.get_mut(record.at()))
        {
            *slot = end;
            *flags &= !Flags::UNFINISHED.0;
        }
    }

    /// Sets the parent of a record that named several, once it is known which of them exist.
    pub fn set_parent(&mut self, record: RecordIdx, parent: SpanId) {
        if let Some(slot) = self.raw.parent_id.get_mut(record.at()) {
            *slot = parent.0;
        }
    }

    /// Sets the parent of a record, found by containment in time; the record still counts as a root.
    pub fn set_nested_parent(&mut self, record: RecordIdx, parent: SpanId) {
        if let (Some(slot), Some(flags)) =
            (self.raw.parent_id.get_mut(record.at()), self.raw.flags.get_mut(record.at()))
        {
            *slot = parent.0;
            *flags |= Flags::NESTED_BY_TIME.0;
        }
    }

    /// Adds the links of `late`, which were found after `record` was pushed.
    pub fn add_links(&mut self, record: RecordIdx, late: &SpanRecord) {
        if let Some(flags) = self.raw.flags.get_mut(record.at())
            && let Some(place) = self.packer.record(late)
        {
            *flags |= Flags::HAS_LINKS.0;
            self.late_links.push((record.0, place));
            self.n_links += late.n_links as u64;
        }
    }

    /// The backend said that this trace is incomplete.
    pub fn mark_partial(&mut self, trace: TraceId, message: &str) {
        self.warnings.add(WarningCode::PartialTrace, || Example::text(format!("trace {trace}: {message}")));
        self.partial.push((trace, message.to_owned()));
    }

    /// Makes room for so many records in all: columns that never move leave no holes in the memory.
    pub fn expect(&mut self, n_records: usize) {
        self.raw.reserve(n_records.saturating_sub(self.raw.len()));
    }

    /// Records pushed so far.
    pub fn n_records(&self) -> u64 {
        self.raw.len() as u64
    }

    /// Distinct trace ids so far.
    pub fn n_traces(&self) -> usize {
        self.keys.len()
    }

    /// The traces of what was pushed so far, leaving the builder as it is. O(n log n).
    pub fn snapshot(&self) -> TraceSet {
        assemble::assemble(Self {
            strings: self.strings.clone(),
            warnings: self.warnings.clone(),
            raw: self.raw.clone(),
            packer: self.packer.without_cache(),
            keys: self.keys.clone(),
            resources: self.resources.clone(),
            scopes: self.scopes.clone(),
            sources: self.sources.clone(),
            id_texts: self.id_texts.clone(),
            partial: self.partial.clone(),
            n_links: self.n_links,
            lone_lengths: self.lone_lengths.clone(),
            late_links: self.late_links.clone(),
            ..Self::default()
        })
    }

    /// The traces of everything pushed. O(n log n). Each raw column is freed as soon as it is permuted.
    pub fn finish(self) -> TraceSet {
        assemble::assemble(self)
    }
}
