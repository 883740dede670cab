//! Repeated calls: N+1, the same statement over and over, fan-outs, fan-outs with a limit.
//!
//! Calls are grouped by what they do and by the ancestor they have in common, not by adjacency: repeats that
//! are interleaved with others, or wrapped in a span each, are found too. A call counts once, for the nearest
//! ancestor below which it is repeated.

use std::cmp::Reverse;

use rustc_hash::FxHashMap;

use super::facts::{Access, Facts, FingerprintIdx};
use super::prepared::Prepared;
use super::recorded::Recorded;
use super::savings::Savings;
use super::sequences::Sequence;
use super::settings::{MILLISECOND, Settings};
use super::what_if::Replay;
use crate::base::bitset::BitSet;
use crate::base::hash;
use crate::base::sort::CompactSort as _;
use crate::model::index::{ServiceIdx, SpanIdx};
use crate::model::span::SpanKind;

/// Spans that may be looked at in the search for what the repeats come from, the greatest savings first.
const MOST_SOURCE_WORK: usize = 5_000_000;

/// Fewest equal questions that are worth remembering the answer for.
const MIN_IDENTICAL: usize = 3;

/// Calls that are grouped in one turn.
const CALLS_A_TURN: usize = 1 << 17;

/// Fewest calls that tell a limit from chance.
const MIN_CAPPED: usize = 10;

/// Calls that do the same below one ancestor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepeatGroup {
    /// What they have in common.
    pub ancestor: SpanIdx,
    /// How many levels below it they are.
    pub depth: usize,
    /// What they do.
    pub fingerprint: FingerprintIdx,
    /// The calls in order of their starts.
    pub calls: Vec<SpanIdx>,
    /// Their durations together.
    pub total_ns: i64,
    /// From the first start to the last end.
    pub window_ns: i64,
    /// Whether they mostly follow one another.
    pub sequential: bool,
    /// Whether they all say the same, literals included.
    pub identical: bool,
    /// What the request would save if one call did the work of all; 0 if that would not make it faster, or if
    /// the request did not wait for all of them.
    pub root_saving_ns: i64,
    /// The call that the repeats may have been made for: the last other one that ended before them.
    pub probable_source: Option<SpanIdx>,
    /// How many run at a time where that looks like a limit.
    pub capped_at: Option<u32>,
}

/// The groups of repeated calls, the greatest saving first. `path_time` is the time on the critical path by
/// span. O(n log n).
pub fn repeats(
    recorded: &Recorded,
    tree: &Prepared,
    replay: &Replay,
    path_time: &[i64],
    facts: &Facts,
    settings: &Settings,
) -> Vec<RepeatGroup> {
    let mut search = RepeatSearch::new(recorded, facts);
    while !search.climb(recorded, replay, facts, settings) {}
    while !search.try_out(recorded, tree, replay, path_time) {}
    search.finish(recorded, facts)
}

/// Looks for repeated calls level by level.
#[derive(Debug, Default)]
pub struct RepeatSearch {
    /// Calls that are not in a group yet.
    climbers: Vec<Climber>,
    /// Levels that were climbed.
    depth: usize,
    /// The level at hand.
    level: Option<Level>,
    groups: Vec<RepeatGroup>,
    savings: Option<Savings>,
}

impl RepeatSearch {
    /// Nothing was grouped yet.
    pub fn new(recorded: &Recorded, facts: &Facts) -> Self {
        let calls = recorded.spans().filter(|&s| is_call(recorded, facts, s));
        let climber = |s: SpanIdx| Climber { call: s, ancestor: s, pattern: facts.fingerprint(s).0 };
        Self { climbers: calls.map(climber).collect(), ..Self::default() }
    }

    /// Groups the calls below the next ancestors up, a part of them each time; returns whether those were the last.
    /// What is in a group is not grouped again.
    pub fn climb(
        &mut self,
        recorded: &Recorded,
        replay: &Replay,
        facts: &Facts,
        settings: &Settings,
    ) -> bool {
        let Some(level) = &mut self.level else {
            self.depth += 1;
            if self.depth > settings.repeat_max_depth {
                return true;
            }
            rise(&mut self.climbers, recorded, facts, self.depth);
            let used = BitSet::new(self.climbers.len());
            self.level = Some(Level { same: candidates(&self.climbers, settings), next: 0, used });
            return false;
        };
        let min_total = min_total(settings, replay);
        let mut calls = Vec::new();
        let rest = level.same.get(level.next..).unwrap_or_default();
        let begun = level.next;
        for same in rest.chunk_by(|a, b| a.0 == b.0) {
            if level.next - begun > CALLS_A_TURN {
                return false;
            }
            level.next += same.len();
            if same.len() < settings.repeat_min_count.max(2) {
                continue;
            }
            let members = || same.iter().filter_map(|&(_, at)| self.climbers.get(at as usize));
            calls.clear();
            calls.extend(members().map(|climber| climber.call));
            let total_ns: i64 = calls.iter().map(|&c| recorded.duration(c)).sum();
            let Some(ancestor) = members().next().map(|c| c.ancestor).filter(|_| total_ns >= min_total)
            else {
                continue;
            };
            self.groups.push(describe(recorded, facts, ancestor, self.depth, &mut calls, total_ns));
            for &(_, at) in same {
                level.used.insert(at as usize);
            }
        }
        let mut at = 0;
        self.climbers.retain(|_| {
            at += 1;
            !level.used.contains(at - 1)
        });
        self.level = None;
        self.depth == settings.repeat_max_depth
    }

    /// Works out what the next groups would save, once all are known; returns whether those were the last.
    pub fn try_out(
        &mut self,
        recorded: &Recorded,
        tree: &Prepared,
        replay: &Replay,
        path_time: &[i64],
    ) -> bool {
        let calls: Vec<&[SpanIdx]> = self.groups.iter().map(|g| g.calls.as_slice()).collect();
        Savings::step(&mut self.savings, recorded, tree, replay, path_time, &calls)
    }

    /// The groups, the greatest saving first.
    pub fn finish(self, recorded: &Recorded, facts: &Facts) -> Vec<RepeatGroup> {
        let mut groups = self.groups;
        for (group, saving) in groups.iter_mut().zip(self.savings.unwrap_or_default().found) {
            group.root_saving_ns = saving;
        }
        groups.compact_sort_by(|a, b| {
            let key = |g: &RepeatGroup| {
                (Reverse(g.root_saving_ns), Reverse(g.total_ns), recorded.id(g.ancestor), g.ancestor)
            };
            let text = |g: &RepeatGroup| facts.fingerprint_text(g.fingerprint);
            key(a).cmp(&key(b)).then_with(|| text(a).cmp(text(b))).then_with(|| a.calls.cmp(&b.calls))
        });
        add_sources(recorded, facts, &mut groups);
        groups
    }
}

/// The calls below one level of ancestors, while they are grouped.
#[derive(Debug)]
struct Level {
    /// Keys and places of those that may be in a group, by key.
    same: Vec<(u64, u32)>,
    /// How many of them were looked at.
    next: usize,
    /// Places of those that are in a group.
    used: BitSet,
}

/// The same question asked again, anywhere in a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdenticalCalls {
    /// What they do.
    pub fingerprint: FingerprintIdx,
    /// The calls in order of their starts.
    pub calls: Vec<SpanIdx>,
    /// Their durations together.
    pub total_ns: i64,
    /// What the request would save if it asked once; see [`RepeatGroup::root_saving_ns`].
    pub root_saving_ns: i64,
}

/// Calls that say the same letter by letter, wherever they are made, the greatest saving first. Calls that
/// change something are not asked for their answer, and do not count. O(n log n).
pub fn identical_calls(
    recorded: &Recorded,
    tree: &Prepared,
    replay: &Replay,
    path_time: &[i64],
    facts: &Facts,
    settings: &Settings,
) -> Vec<IdenticalCalls> {
    let mut search = IdenticalSearch::new(recorded, replay, facts, settings);
    while !search.try_out(recorded, tree, replay, path_time) {}
    search.finish(recorded)
}

/// Looks for [`identical_calls`].
#[derive(Debug, Default)]
pub struct IdenticalSearch {
    groups: Vec<IdenticalCalls>,
    savings: Option<Savings>,
}

impl IdenticalSearch {
    /// The groups, of which it is not known yet what they would save.
    pub fn new(recorded: &Recorded, replay: &Replay, facts: &Facts, settings: &Settings) -> Self {
        Self { groups: frequent_calls(recorded, replay, facts, settings), savings: None }
    }

    /// Works out what the next groups would save; returns whether those were the last.
    pub fn try_out(
        &mut self,
        recorded: &Recorded,
        tree: &Prepared,
        replay: &Replay,
        path_time: &[i64],
    ) -> bool {
        let calls: Vec<&[SpanIdx]> = self.groups.iter().map(|g| g.calls.as_slice()).collect();
        Savings::step(&mut self.savings, recorded, tree, replay, path_time, &calls)
    }

    /// The groups, the greatest saving first.
    pub fn finish(self, recorded: &Recorded) -> Vec<IdenticalCalls> {
        let mut groups = self.groups;
        for (group, saving) in groups.iter_mut().zip(self.savings.unwrap_or_default().found) {
            group.root_saving_ns = saving;
        }
        groups.compact_sort_by_key(|g| {
            let first = g.calls.first().map(|&c| (recorded.start(c), recorded.id(c), c));
            (Reverse(g.root_saving_ns), Reverse(g.total_ns), first)
        });
        groups
    }
}

fn frequent_calls(
    recorded: &Recorded,
    replay: &Replay,
    facts: &Facts,
    settings: &Settings,
) -> Vec<IdenticalCalls> {
    let mut asked: Vec<(u32, SpanIdx)> = recorded
        .spans()
        .filter(|&s| is_call(recorded, facts, s) && facts.access(s) != Access::Write)
        .filter_map(|s| facts.identical_key(s).map(|key| (key, s)))
        .collect();
    keep_frequent(&mut asked, MIN_IDENTICAL);
    asked.sort_unstable_by_key(|&(key, s)| (key, recorded.start(s), recorded.id(s), s));
    let min_total = min_total(settings, replay);
    asked
        .chunk_by(|a, b| a.0 == b.0)
        .filter(|same| same.len() >= MIN_IDENTICAL)
        .map(|same| IdenticalCalls {
            fingerprint: facts.fingerprint(same[0].1),
            calls: same.iter().map(|&(_, s)| s).collect(),
            total_ns: same.iter().map(|&(_, s)| recorded.duration(s)).sum(),
            root_saving_ns: 0,
        })
        .filter(|group| group.total_ns >= min_total)
        .collect()
}

/// Leaves out what is there less than `least` times, at most 255: most is asked once, and need not be sorted.
fn keep_frequent(asked: &mut Vec<(u32, SpanIdx)>, least: usize) {
    let mut counts: Vec<u8> = Vec::new();
    for &(key, _) in &*asked {
        if counts.len() <= key as usize {
            counts.resize(key as usize + 1, 0);
        }
        counts[key as usize] = counts[key as usize].saturating_add(1);
    }
    asked.retain(|&(key, _)| usize::from(counts[key as usize]) >= least);
}

/// Leaves out the sequences whose calls are all of one group of repeats: they are told of there.
pub fn drop_told(sequences: &mut Vec<Sequence>, groups: &[RepeatGroup], n: usize) {
    if sequences.is_empty() || groups.is_empty() {
        return;
    }
    // No call is in two groups.
    let mut group_of = vec![u32::MAX; n];
    for (group, number) in groups.iter().zip(0..) {
        for call in &group.calls {
            if let Some(of) = group_of.get_mut(call.at()) {
                *of = number;
            }
        }
    }
    let group = |&m: &SpanIdx| group_of.get(m.at()).copied().filter(|&g| g != u32::MAX);
    sequences.retain(|s| {
        let first = s.members.first().and_then(group);
        first.is_none() || s.members.iter().any(|m| group(m) != first)
    });
}

/// Least time of repeated calls together: 5 % of the request, at least 1 ms and at most 50 ms.
fn min_total(settings: &Settings, replay: &Replay) -> i64 {
    let usual = MILLISECOND.max((replay.before_ns() / 20).min(50 * MILLISECOND));
    settings.repeat_min_total_ns.unwrap_or(usual)
}

/// Whether a span asks something of somebody else.
pub fn is_call(recorded: &Recorded, facts: &Facts, span: SpanIdx) -> bool {
    match recorded.trace().kind(span) {
        SpanKind::Client | SpanKind::Producer => true,
        SpanKind::Internal | SpanKind::Unspecified => facts.has_database(span),
        SpanKind::Server | SpanKind::Consumer => false,
    }
}

/// A call on its way up: the ancestor it has reached, and a number for what it does and for the operations
/// of the spans in between.
#[derive(Clone, Copy, Debug)]
struct Climber {
    call: SpanIdx,
    ancestor: SpanIdx,
    pattern: u32,
}

impl Climber {
    fn key(self) -> u64 {
        u64::from(self.ancestor.0) << 32 | u64::from(self.pattern)
    }
}

/// Lets every call rise to the next ancestor; those without one are left.
fn rise(climbers: &mut Vec<Climber>, recorded: &Recorded, facts: &Facts, depth: usize) {
    let mut patterns: FxHashMap<(ServiceIdx, u32, u32), u32> = FxHashMap::default();
    climbers.retain_mut(|climber| {
        let Some(parent) = recorded.parent(climber.ancestor) else { return false };
        if depth > 1 {
            let passed = climber.ancestor;
            let service = recorded.trace().service(passed);
            let next = patterns.len() as u32;
            let key = (service, facts.normal_name(passed), climber.pattern);
            climber.pattern = *patterns.entry(key).or_insert(next);
        }
        climber.ancestor = parent;
        true
    });
}

/// Keys and places of the calls that may be in a large enough group, by key. Most calls are in none: they are
/// told by counting in a table too small for all keys, so that only the others have to be sorted.
fn candidates(climbers: &[Climber], settings: &Settings) -> Vec<(u64, u32)> {
    let n_slots = climbers.len().next_power_of_two() * 2;
    let slot = |climber: &Climber| hash::mix(climber.key(), 0) as usize & (n_slots - 1);
    let least = settings.repeat_min_count.clamp(2, 255) as u8;
    let mut counts = vec![0_u8; n_slots];
    for climber in climbers {
        let count = &mut counts[slot(climber)];
        *count = count.saturating_add(1);
    }
    let is_candidate = |&(climber, _): &(&Climber, u32)| counts[slot(climber)] >= least;
    let found = climbers.iter().zip(0..).filter(is_candidate);
    let mut found: Vec<(u64, u32)> = found.map(|(climber, at)| (climber.key(), at)).collect();
    found.sort_unstable();
    found
}

fn describe(
    recorded: &Recorded,
    facts: &Facts,
    ancestor: SpanIdx,
    depth: usize,
    calls: &mut [SpanIdx],
    total_ns: i64,
) -> RepeatGroup {
    calls.sort_unstable_by_key(|&c| (recorded.start(c), recorded.id(c), c));
    let first = calls.first().copied().unwrap_or(ancestor);
    let last_end = calls.iter().map(|&c| recorded.end(c)).max().unwrap_or_default();
    let window_ns = last_end - recorded.start(first);
    let follows = |pair: &&[SpanIdx]| recorded.start(pair[1]) >= recorded.end(pair[0]);
    let n_following = calls.windows(2).filter(follows).count();
    let sequential = n_following * 5 >= (calls.len() - 1) * 4;
    let key = facts.identical_key(first);
    RepeatGroup {
        ancestor,
        depth,
        fingerprint: facts.fingerprint(first),
        total_ns,
        window_ns,
        sequential,
        identical: key.is_some() && calls.iter().all(|&c| facts.identical_key(c) == key),
        root_saving_ns: 0,
        probable_source: None,
        capped_at: if sequential { None } else { limit(recorded, calls, total_ns, window_ns) },
        calls: calls.to_vec(),
    }
}

/// The number of calls at a time, if there are many more of them and nearly always as many as that.
fn limit(recorded: &Recorded, calls: &[SpanIdx], total_ns: i64, window_ns: i64) -> Option<u32> {
    let mut ends: Vec<i64> = calls.iter().map(|&c| recorded.end(c)).collect();
    ends.sort_unstable();
    let (mut n_ended, mut most) = (0, 0);
    for (at, &call) in calls.iter().enumerate() {
        let start = recorded.start(call);
        while ends.get(n_ended).is_some_and(|&end| end <= start) {
            n_ended += 1;
        }
        // A call without length has ended before it starts.
        most = most.max((at + 1).saturating_sub(n_ended));
    }
    let is_full = i128::from(total_ns) * 5 >= i128::from(window_ns) * most as i128 * 4;
    (calls.len() >= MIN_CAPPED && most >= 2 && calls.len() >= 3 * most && is_full).then_some(most as u32)
}

fn add_sources(recorded: &Recorded, facts: &Facts, groups: &mut [RepeatGroup]) {
    let trace = recorded.trace();
    let mut work = 0;
    for group in groups {
        let size = trace.subtree_size(group.ancestor);
        work += size as usize;
        if work > MOST_SOURCE_WORK {
            break;
        }
        let Some(&first) = group.calls.first() else { continue };
        let from = recorded.start(first);
        group.probable_source = (group.ancestor.0 + 1..group.ancestor.0 + size)
            .map(SpanIdx)
            .filter(|&s| recorded.end(s) <= from && is_call(recorded, facts, s))
            .filter(|&s| facts.fingerprint(s) != group.fingerprint)
            .max_by_key(|&s| (recorded.end(s), recorded.start(s), recorded.id(s), s));
    }
}

#[cfg(test)]
#[path = "repeats_tests.rs"]
mod tests;
