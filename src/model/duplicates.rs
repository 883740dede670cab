//! Several records with one id in one trace: repeats, halves, the two sides of a call, or different spans.

use rustc_hash::{FxHashMap, FxHashSet};

use super::assemble::Assembly;
use super::raw::{ADOPTED, ZIPKIN};
use super::span::{Flags, SpanKind, Status, pack_kind_status, unpack_kind_status};
use super::times::UNPLACED;
use super::tree::Scratch;
use super::unpack::{Cold, Digest};
use super::warning::WarningCode;
use crate::base::sort::CompactSort as _;

/// Flags that a span has if any of its pieces has them.
const UNITED: u32 = Flags::HAS_EVENTS.0
    | Flags::HAS_LINKS.0
    | Flags::HAS_EXCEPTION.0
    | Flags::SHARED.0
    | Flags::PARENT_REMOTE.0
    | Flags::PARENT_LOCAL.0;

/// Stands for every kind.
const ANY: u8 = u8::MAX;

/// One of several records with the same id.
#[derive(Clone, Copy)]
struct Member {
    record: u32,
    digest: u128,
    service: u32,
}

impl Assembly {
    /// A digest of all fields of a record. Equal for records that say the same, whatever the order of reading.
    pub(super) fn digest(&self, record: u32) -> u128 {
        let at = record as usize;
        let raw = &self.raw;
        let cold = Cold { blocks: &self.blocks, strings: &self.strings };
        let mut digest = Digest::default();
        digest.number(raw.parent_id[at]);
        digest.number(raw.start[at] as u64);
        digest.number(raw.end[at] as u64);
        if let Ok(at) = self.lone_lengths.binary_search_by_key(&record, |l| l.0) {
            digest.number(self.lone_lengths[at].1 as u64);
        }
        if let Ok(at) = self.raw_times.binary_search_by_key(&record, |t| t.0) {
            let (_, start, end) = self.raw_times[at];
            digest.number(start as u64);
            digest.number(end as u64);
        }
        digest.number(u64::from(raw.kind_status[at]));
        digest.number(u64::from(raw.flags[at]));
        digest.text(self.strings.get(super::index::StringIdx(raw.name[at])));
        let (resource, scope) = digest.record(cold, raw.cold[at]);
        if let Some(entry) = self.resources.get(resource.at()) {
            digest.owner(cold, entry.place, 2);
        }
        if let Some(&place) = self.scopes.get(scope.at()) {
            digest.owner(cold, place, 3);
        }
        digest.finish()
    }

    /// Settles the records of one id: appends those that remain to the nodes, in an order that depends on
    /// their content only.
    pub(super) fn settle_duplicates(&mut self, run: &[(u64, u32)], scratch: &mut Scratch) {
        let mut members: Vec<Member> = run
            .iter()
            .map(|&(_, record)| Member {
                record,
                digest: self.digest(record),
                service: self.service_of[self.raw.resource[record as usize] as usize],
            })
            .collect();
        members.compact_sort_by_cached_key(|m| {
            let at = m.record as usize;
            let (start, end) = (self.raw.start[at], self.raw.end[at]);
            (start == UNPLACED, start, std::cmp::Reverse(end), self.raw.kind_status[at], m.digest, m.record)
        });
        self.merge_identical(&mut members, scratch);
        if members.len() > 1 && members.iter().all(|m| self.raw.has(m.record, ZIPKIN)) {
            self.merge_pieces(&mut members, scratch);
            self.split_sides(&members, scratch, true);
        } else if members.len() > 1 {
            self.unite_unfinished(&mut members, scratch);
            self.split_sides(&members, scratch, false);
        } else {
            scratch.nodes.extend(members.iter().map(|m| m.record));
        }
    }

    fn merge_identical(&mut self, members: &mut Vec<Member>, scratch: &mut Scratch) {
        let mut kept: Option<Member> = None;
        members.retain(|&m| {
            if kept.is_some_and(|k| k.digest == m.digest) {
                scratch.merged.push(m.record);
                self.n_merged += 1;
                self.warn(WarningCode::DuplicateIdentical, m.record, |_| {
                    "recorded more than once".to_owned()
                });
                return false;
            }
            kept = Some(m);
            true
        });
    }

    /// Zipkin: records of one side and service are pieces of one span. Records without a kind belong to the
    /// side that has their service.
    fn merge_pieces(&mut self, members: &mut Vec<Member>, scratch: &mut Scratch) {
        let kind = |a: &Self, m: Member| unpack_kind_status(a.raw.kind_status[m.record as usize]).0;
        // Sides first, so that those without a kind find them.
        members.compact_sort_by_key(|&m| kind(self, m) == SpanKind::Unspecified);
        let mut kept: Vec<Member> = Vec::new();
        // The first of each service and kind; and of each service, whatever its kind.
        let mut known: FxHashMap<(u32, Option<SpanKind>), u32> = FxHashMap::default();
        for &m in members.iter() {
            let kind = Some(kind(self, m)).filter(|&k| k != SpanKind::Unspecified);
            if let Some(&whole) = known.get(&(m.service, kind)) {
                self.merge_into(whole, m.record, scratch);
                continue;
            }
            known.insert((m.service, kind), m.record);
            known.entry((m.service, None)).or_insert(m.record);
            kept.push(m);
        }
        *members = kept;
    }

    /// One that was still running and one that has ended are one span.
    fn unite_unfinished(&mut self, members: &mut Vec<Member>, scratch: &mut Scratch) {
        let key = |a: &Self, m: Member, kind: u8| (a.raw.name[m.record as usize], m.service, kind);
        let kind = |a: &Self, m: Member| a.raw.kind_status[m.record as usize] & 15;
        // The first finished one by kind; `ANY` holds the first whatever its kind.
        let mut finished: FxHashMap<(u32, u32, u8), u32> = FxHashMap::default();
        for &m in members.iter().filter(|m| !self.raw.has(m.record, Flags::UNFINISHED)) {
            finished.entry(key(self, m, kind(self, m))).or_insert(m.record);
            finished.entry(key(self, m, ANY)).or_insert(m.record);
        }
        members.retain(|&m| {
            if finished.is_empty() || !self.raw.has(m.record, Flags::UNFINISHED) {
                return true;
            }
            let of_kind = |kind: u8| finished.get(&key(self, m, kind)).copied();
            let whole = match kind(self, m) {
                0 => of_kind(ANY),
                kind => of_kind(kind).or_else(|| of_kind(0)),
            };
            if let Some(whole) = whole {
                self.merge_into(whole, m.record, scratch);
            }
            whole.is_none()
        });
    }

    /// Fills what `whole` lacks from `piece`, whose attributes, events and links join in.
    fn merge_into(&mut self, whole: u32, piece: u32, scratch: &mut Scratch) {
        let (w, p) = (whole as usize, piece as usize);
        let raw = &mut self.raw;
        let duration = raw.end[w].saturating_sub(raw.start[w]);
        if raw.has(whole, Flags::START_MISSING) && !raw.has(piece, Flags::START_MISSING) {
            raw.start[w] = raw.start[p];
            raw.flags[w] &= !Flags::START_MISSING.0;
            raw.end[w] = raw.end[w].max(raw.start[w]);
        }
        if raw.has(whole, Flags::UNFINISHED) && !raw.has(piece, Flags::UNFINISHED) {
            raw.end[w] = raw.end[p].max(raw.start[w]);
            raw.flags[w] &= !Flags::UNFINISHED.0;
        } else if raw.end[w] < raw.start[w] {
            raw.end[w] = raw.start[w].saturating_add(duration.max(0));
        }
        let length = |record: u32| {
            let at = self.lone_lengths.binary_search_by_key(&record, |l| l.0).ok()?;
            Some(self.lone_lengths[at].1)
        };
        if !raw.has(whole, Flags::START_MISSING)
            && raw.has(whole, Flags::UNFINISHED)
            && let Some(length) = length(whole).or_else(|| length(piece))
        {
            raw.end[w] = raw.start[w].saturating_add(length);
            raw.flags[w] &= !Flags::UNFINISHED.0;
        }
        if raw.parent_id[w] == 0 && raw.parent_id[p] != 0 {
            raw.parent_id[w] = raw.parent_id[p];
            raw.flags[w] |= ADOPTED.0;
        }
        if self.strings.get(super::index::StringIdx(raw.name[w])).is_empty() {
            raw.name[w] = raw.name[p];
        }
        let ((kind, status), (other_kind, other_status)) =
            (unpack_kind_status(raw.kind_status[w]), unpack_kind_status(raw.kind_status[p]));
        let kind = if kind == SpanKind::Unspecified { other_kind } else { kind };
        let status = if status == Status::Unset { other_status } else { status };
        raw.kind_status[w] = pack_kind_status(kind, status.max(other_status));
        raw.flags[w] |= raw.flags[p] & UNITED;
        self.pieces.push((whole, piece));
        scratch.merged.push(piece);
        self.n_merged += 1;
    }

    /// Puts the server side below the client side; what has no side stays with a mark.
    fn split_sides(&mut self, members: &[Member], scratch: &mut Scratch, is_zipkin: bool) {
        let first_node = scratch.nodes.len() as u32;
        scratch.nodes.extend(members.iter().map(|m| m.record));
        let [first, .., _] = members else { return };
        let side = |a: &Self, m: &Member| {
            let kind = unpack_kind_status(a.raw.kind_status[m.record as usize]).0;
            match kind {
                SpanKind::Client | SpanKind::Producer => Side::Client,
                SpanKind::Server | SpanKind::Consumer => Side::Server,
                _ if a.raw.has(m.record, Flags::SHARED) => Side::Server,
                _ => Side::Unknown,
            }
        };
        let client = members
            .iter()
            .position(|m| side(self, m) == Side::Client)
            .or_else(|| members.iter().position(|m| is_zipkin && side(self, m) == Side::Unknown));
        let has_server = members.iter().any(|m| side(self, m) == Side::Server);
        let (start, end) = self.interval(first.record);
        let mut known: FxHashSet<(u32, Side)> = FxHashSet::default();
        for (at, m) in members.iter().enumerate() {
            let node = first_node + at as u32;
            let is_server = side(self, m) == Side::Server;
            let (s, e) = self.interval(m.record);
            let twin = !known.insert((m.service, side(self, m)));
            // Without kinds, another service within the first one's time is its other side.
            let is_inner =
                client.is_none() && !has_server && m.service != first.service && start <= s && e <= end;
            if let Some(client) = client
                && is_server
            {
                self.share(m.record, (node, first_node + client as u32), scratch, is_zipkin);
            } else if is_server && is_zipkin {
                self.raw.flag(m.record, Flags::SHARED);
            } else if at > 0 && is_inner && !is_zipkin {
                self.share(m.record, (node, first_node), scratch, is_zipkin);
            }
            let is_conflict = if is_zipkin {
                twin
            } else {
                let is_main = client.filter(|_| has_server).unwrap_or(0) == at;
                !is_main && (twin || !self.raw.has(m.record, Flags::SHARED))
            };
            if is_conflict {
                self.raw.flag(m.record, Flags::DUPLICATE_ID);
                self.warn(WarningCode::DuplicateSpanId, m.record, |_| {
                    "another, different span has this id".to_owned()
                });
            }
        }
    }

    fn share(&mut self, record: u32, link: (u32, u32), scratch: &mut Scratch, is_zipkin: bool) {
        self.raw.flag(record, Flags::SHARED);
        scratch.fixed.push(link);
        self.odd_parents.push((record, self.raw.parent_id[record as usize]));
        if !is_zipkin {
            self.warn(WarningCode::SharedSpanId, record, |_| {
                "has the id of the other side of its call".to_owned()
            });
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Side {
    Client,
    Server,
    Unknown,
}
