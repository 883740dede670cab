//! Times that cannot be true: wrong units, missing, absurd or swapped ends, spans without a start.

use std::ops::RangeInclusive;

use rustc_hash::FxHashMap;

use super::assemble::Assembly;
use super::raw::ZIPKIN;
use super::span::Flags;
use super::tree::time_of;
use super::unpack::Cold;
use super::warning::{Example, WarningCode};

const SECOND: i64 = 1_000_000_000;
/// 2001 to 2100: what a time of a real trace can be.
const REAL: RangeInclusive<i64> = 978_307_200 * SECOND..=4_102_444_800 * SECOND;
/// As seconds, small numbers of made-up traces look real too soon; 2008 to 2036 does for those.
const REAL_SECONDS: RangeInclusive<i64> = 1_200_000_000..=2_100_000_000;
/// The start of a span that has none, until it is placed.
pub(super) const UNPLACED: i64 = i64::MIN;

/// From the earliest start to the latest end of the spans that have a start.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Extent {
    pub(super) start: i64,
    pub(super) end: i64,
}

impl Assembly {
    /// Sources whose times are all before 2001, and all real in another unit, are read in that unit.
    pub(super) fn guess_units(&mut self, key_of_record: &[u32]) {
        let n = self.raw.len() as u32;
        for at in 0..self.sources.len() {
            let first = self.sources[at].first;
            let end = self.sources.get(at + 1).map_or(n, |s| s.first);
            let Some(factor) = self.unit_factor(first..end) else { continue };
            let scales_durations = self.durations_scale(first..end, factor, key_of_record);
            for record in first as usize..end as usize {
                let (start, finish) = (self.raw.start[record], self.raw.end[record]);
                let scaled = start.saturating_mul(factor);
                self.raw.start[record] = scaled;
                if finish != 0 {
                    self.raw.end[record] = if scales_durations {
                        finish.saturating_mul(factor)
                    } else {
                        scaled.saturating_add(finish.saturating_sub(start))
                    };
                }
                self.raw.flags[record] |= Flags::UNIT_GUESSED.0;
            }
            self.sources[at].time_factor = factor;
            let name = &self.sources[at].name;
            self.warnings.add_many(WarningCode::TimeUnitGuessed, u64::from(end - first), || {
                Example::text(format!("{name}: times were multiplied by {factor}"))
            });
        }
    }

    fn unit_factor(&self, records: std::ops::Range<u32>) -> Option<i64> {
        let mut bounds: Option<(i64, i64)> = None;
        for record in records.start as usize..records.end as usize {
            // Times of these count from the start of a machine.
            if Flags(self.raw.flags[record]).has(Flags::NESTED_BY_TIME) {
                return None;
            }
            let start = self.raw.start[record];
            if start != 0 {
                let (low, high) = bounds.get_or_insert((start, start));
                (*low, *high) = ((*low).min(start), (*high).max(start));
            }
        }
        let (low, high) = bounds?;
        let within = |range: RangeInclusive<i64>| range.contains(&low) && range.contains(&high);
        let scaled = |factor: i64| REAL.start() / factor..=REAL.end() / factor;
        if within(scaled(1_000)) {
            Some(1_000)
        } else if within(scaled(1_000_000)) {
            Some(1_000_000)
        } else {
            within(REAL_SECONDS).then_some(SECOND)
        }
    }

    /// Whether more children fit into their parents when durations are in the other unit as well. Without
    /// any child: formats that write both ends are read consistently; Zipkin writes durations.
    fn durations_scale(&self, records: std::ops::Range<u32>, factor: i64, keys: &[u32]) -> bool {
        let raw = &self.raw;
        let key = |r: u32, id: u64| (keys[r as usize], id);
        let by_id: FxHashMap<(u32, u64), u32> =
            records.clone().map(|r| (key(r, raw.span_id[r as usize]), r)).collect();
        let (mut fits_scaled, mut fits_plain) = (0_u32, 0_u32);
        for child in records.clone() {
            let Some(&parent) = by_id.get(&key(child, raw.parent_id[child as usize])) else { continue };
            let span = |r: u32, factor_of_duration: i64| {
                let start = raw.start[r as usize].saturating_mul(factor);
                let duration = raw.end[r as usize].saturating_sub(raw.start[r as usize]);
                (start, start.saturating_add(duration.saturating_mul(factor_of_duration)))
            };
            let fits = |f: i64| {
                let ((start, end), (from, to)) = (span(child, f), span(parent, f));
                u32::from(from <= start && end <= to)
            };
            fits_scaled += fits(factor);
            fits_plain += fits(1);
        }
        if fits_scaled + fits_plain == 0 {
            return records.start < records.end && !raw.has(records.start, ZIPKIN);
        }
        fits_scaled > fits_plain
    }

    /// Mends the times of one trace's records and finds the extent. Records without a start keep
    /// [`UNPLACED`] there until their parents are known.
    pub(super) fn repair_times(&mut self, records: &[u32]) -> Extent {
        let raw = &self.raw;
        let (mut has_real, mut all_zero) = (false, true);
        for &r in records {
            let (start, end) = (raw.start[r as usize], raw.end[r as usize]);
            has_real |= REAL.contains(&start) || REAL.contains(&end);
            all_zero &= start == 0 && end == 0;
        }
        let is_missing = |time: i64| time == 0 && (has_real || all_zero);
        let is_absurd = |time: i64| has_real && time != 0 && !REAL.contains(&time);
        let mut extent: Option<Extent> = None;
        for &r in records {
            let at = r as usize;
            let (start, end) = (self.raw.start[at], self.raw.end[at]);
            let mut flags = Flags(self.raw.flags[at]);
            if is_absurd(start) {
                flags.set(Flags::TIME_ABSURD);
                flags.set(Flags::START_MISSING);
            } else if is_missing(start) {
                flags.set(Flags::START_MISSING);
            }
            if is_absurd(end) {
                flags.set(Flags::TIME_ABSURD);
                flags.set(Flags::UNFINISHED);
            } else if is_missing(end) || end == 0 && start > 0 {
                flags.set(Flags::UNFINISHED);
            }
            let has_start = !flags.has(Flags::START_MISSING);
            let has_end = !flags.has(Flags::UNFINISHED);
            let mut mended = (if has_start { start } else { UNPLACED }, end);
            if !has_end {
                mended.1 = mended.0;
            } else if has_start && end < start {
                flags.set(Flags::NEGATIVE);
                mended.1 = start;
            }
            if has_start {
                let known = extent.get_or_insert(Extent { start, end: start });
                known.start = known.start.min(start);
                known.end = known.end.max(mended.1);
            }
            if flags.has(Flags::NEGATIVE) || flags.has(Flags::TIME_ABSURD) {
                self.raw_times.push((r, start, end));
            }
            self.raw.flags[at] = flags.0;
            (self.raw.start[at], self.raw.end[at]) = mended;
        }
        extent.unwrap_or_else(|| {
            // Nothing has a start: the earliest event or end is the best there is.
            let ends = records.iter().map(|&r| self.raw.end[r as usize]).filter(|&e| e != UNPLACED);
            let events = records.iter().filter_map(|&r| self.first_event(r));
            let start = ends.chain(events).min().unwrap_or_default();
            Extent { start, end: start }
        })
    }

    /// The earliest event of a record.
    pub(super) fn first_event(&self, record: u32) -> Option<i64> {
        if !self.raw.has(record, Flags::HAS_EVENTS) {
            return None;
        }
        let factor = self.time_factor(record);
        let cold = Cold { blocks: &self.blocks, strings: &self.strings };
        let events = cold.details(self.raw.cold[record as usize]).events;
        events.iter().map(|e| e.time.0.saturating_mul(factor)).filter(|&t| t != 0).min()
    }

    fn time_factor(&self, record: u32) -> i64 {
        let after = self.sources.partition_point(|s| s.first <= record);
        after.checked_sub(1).map_or(1, |at| self.sources[at].time_factor)
    }

    /// Places the spans without a start at their first event or their parent. `parent` is free of cycles.
    pub(super) fn place_missing(&mut self, nodes: &[u32], parent: &[u32], extent: Extent) {
        let is_hole = |node: u32| nodes[node as usize] & super::assemble::HOLE != 0;
        let n = nodes.len() as u32;
        let missing: Vec<u32> = (0..n)
            .filter(|&node| !is_hole(node) && self.raw.has(nodes[node as usize], Flags::START_MISSING))
            .collect();
        for &node in &missing {
            let record = nodes[node as usize];
            if let Some(time) = self.first_event(record) {
                self.place(record, time, extent);
            }
        }
        self.cover_holes(nodes, parent, extent);
        let mut way = Vec::new();
        for &node in &missing {
            let mut at = node;
            let start = loop {
                if at == super::span::NO_PARENT {
                    break extent.start;
                }
                if is_hole(at) {
                    break self.hole(nodes[at as usize]).start;
                }
                let start = self.raw.start[nodes[at as usize] as usize];
                if start != UNPLACED {
                    break start;
                }
                way.push(at);
                at = parent[at as usize];
            };
            for placed in way.drain(..) {
                self.place(nodes[placed as usize], start, extent);
            }
        }
    }

    fn place(&mut self, record: u32, time: i64, extent: Extent) {
        let at = record as usize;
        let (mut start, mut end) = (time.clamp(extent.start, extent.end), self.raw.end[at]);
        if end == UNPLACED {
            end = start;
        }
        end = end.clamp(extent.start, extent.end);
        start = start.min(end);
        (self.raw.start[at], self.raw.end[at]) = (start, end);
    }

    /// Placeholders cover the spans directly below them.
    fn cover_holes(&mut self, nodes: &[u32], parent: &[u32], extent: Extent) {
        let is_hole = |node: u32| nodes.get(node as usize).is_some_and(|n| n & super::assemble::HOLE != 0);
        if nodes.last().is_none_or(|n| n & super::assemble::HOLE == 0) {
            return;
        }
        for (node, &above) in parent.iter().enumerate() {
            if !is_hole(above) {
                continue;
            }
            let record = nodes[node] as usize;
            let (start, end) = (self.raw.start[record], self.raw.end[record]);
            if start != UNPLACED {
                let hole = self.hole_mut(nodes[above as usize]);
                hole.start = hole.start.min(start);
                hole.end = hole.end.max(end);
            }
        }
        for node in nodes.iter().rev().take_while(|n| **n & super::assemble::HOLE != 0) {
            let hole = self.hole_mut(*node);
            if hole.start > hole.end {
                (hole.start, hole.end) = (extent.start, extent.start);
            }
        }
    }

    /// Warns of the repaired times of one span.
    pub(super) fn warn_of_times(&mut self, record: u32) {
        const WATCHED: u32 =
            Flags::START_MISSING.0 | Flags::UNFINISHED.0 | Flags::NEGATIVE.0 | Flags::TIME_ABSURD.0;
        let flags = Flags(self.raw.flags[record as usize]);
        if flags.0 & WATCHED == 0 {
            return;
        }
        if flags.has(Flags::TIME_ABSURD) {
            self.warn(WarningCode::TimeAbsurd, record, |_| "start or end outside 2001 to 2100".to_owned());
        }
        if flags.has(Flags::START_MISSING) {
            self.warn(WarningCode::StartMissing, record, |_| "no start".to_owned());
        } else if flags.has(Flags::UNFINISHED) {
            self.warn(WarningCode::Unfinished, record, |_| "no end".to_owned());
        }
        if flags.has(Flags::NEGATIVE) {
            self.warn(WarningCode::NegativeDuration, record, |_| "ends before it starts".to_owned());
        }
    }

    /// Spans whose start is further from the others than ten times what these take: at most one in a
    /// hundred, and one at least, at either end.
    pub(super) fn warn_of_outliers(&mut self, by_start: &[(u64, u32)], nodes: &[u32]) {
        let n = by_start.len();
        if n < 4 {
            return;
        }
        let few = (n / 100).max(1);
        let time = |at: usize| time_of(by_start[at].0);
        let (low, high) = (time(few), time(n - 1 - few));
        let mut latest = high;
        for &(key, node) in &by_start[few..n - few] {
            let node = nodes[node as usize];
            let end =
                if node & super::assemble::HOLE == 0 { self.raw.end[node as usize] } else { time_of(key) };
            latest = latest.max(end);
        }
        let far = latest.saturating_sub(low).max(1_000_000).saturating_mul(10);
        let first = (1..=few).rev().find(|&i| time(i).saturating_sub(time(i - 1)) > far);
        let last = (n - 1 - few..n - 1).find(|&i| time(i + 1).saturating_sub(time(i)) > far);
        let early = by_start[..first.unwrap_or(0)].iter();
        let late = by_start[last.map_or(n, |at| at + 1)..].iter();
        for &(key, node) in early.chain(late) {
            let node = nodes[node as usize];
            if node & super::assemble::HOLE == 0 {
                let seconds = time_of(key).saturating_sub(low) / SECOND;
                self.warn(WarningCode::TimeOutlier, node, |_| {
                    format!(
                        "starts {} s {} the rest",
                        seconds.abs(),
                        if seconds < 0 { "before" } else { "after" }
                    )
                });
            }
        }
    }
}
