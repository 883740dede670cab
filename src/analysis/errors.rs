//! Where failures began, how far they went, and who dealt with them; calls that were given up.

use std::cmp::Reverse;

use crate::base::bitset::BitSet;
use crate::base::hash::{self, Numbers};
use crate::base::sort::CompactSort as _;
use crate::model::index::SpanIdx;
use crate::model::span::SpanKind;

use super::facts::Facts;
use super::normalise;
use super::recorded::Recorded;
use super::settings::{MILLISECOND, Settings};

/// A failure: the span where it began and the failed spans above it, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure {
    /// A failed span without failed children.
    pub origin: SpanIdx,
    /// The last failed span above the origin, or the origin.
    pub top: SpanIdx,
    /// Spans from the origin to `top`.
    pub n_spans: u32,
    /// The parent of `top`, which did not fail; none when the failure reached a root.
    pub handled_by: Option<SpanIdx>,
}

impl Failure {
    /// Whether a root failed with it.
    pub fn reaches_root(&self) -> bool {
        self.handled_by.is_none()
    }

    /// The spans from the origin up.
    pub fn chain(&self, recorded: &Recorded) -> Vec<SpanIdx> {
        let above = std::iter::successors(Some(self.origin), |&span| recorded.parent(span));
        above.take(self.n_spans as usize).collect()
    }
}

/// All failures: those that reach a root first, then by length of the chain, start and id. O(n).
pub fn failures(recorded: &Recorded, facts: &Facts) -> Vec<Failure> {
    let mut has_failed_child = BitSet::new(recorded.len());
    // Of failed spans: the last failed span above, and how many lie between.
    let mut above: Vec<(SpanIdx, u32)> = vec![(SpanIdx(0), 0); recorded.len()];
    for span in facts.errors() {
        above[span.at()] = match recorded.parent(span).filter(|&parent| facts.is_error(parent)) {
            Some(parent) => {
                has_failed_child.insert(parent.at());
                let (top, n) = above[parent.at()];
                (top, n + 1)
            }
            None => (span, 1),
        };
    }
    let origins = facts.errors().filter(|span| !has_failed_child.contains(span.at()));
    let mut failures: Vec<Failure> = origins
        .map(|origin| {
            let (top, n_spans) = above[origin.at()];
            Failure { origin, top, n_spans, handled_by: recorded.parent(top) }
        })
        .collect();
    failures.compact_sort_by_key(|f| {
        let (start, id) = (recorded.start(f.origin), recorded.id(f.origin));
        (!f.reaches_root(), Reverse(f.n_spans), start, id, f.origin)
    });
    failures
}

/// Failures that began in the same operation for the same reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailureGroup {
    /// Positions among the failures, in their order.
    pub members: Vec<u32>,
}

/// Groups failures by service, name, type and message without ids, in the order of their first members.
pub fn failure_groups(recorded: &Recorded, facts: &Facts, failures: &[Failure]) -> Vec<FailureGroup> {
    let mut groups: Vec<FailureGroup> = Vec::new();
    let mut known = Numbers::default();
    for (failure, at) in failures.iter().zip(0..) {
        let span = failure.origin;
        let names = u64::from(recorded.trace().service(span).0) << 32 | u64::from(facts.normal_name(span));
        let mut key = hash::mix(names, 0);
        key = hash::text(key, facts.error_type(span).unwrap_or_default());
        key = hash::text(key, &normalise::span_name(facts.error_message(span).unwrap_or_default()));
        let group = known.get_or(key, groups.len());
        if group as usize == groups.len() {
            groups.push(FailureGroup { members: Vec::new() });
        }
        groups[group as usize].members.push(at);
    }
    groups
}

/// A call that its caller gave up, or that looks as if.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeout {
    /// The call.
    pub client: SpanIdx,
    /// The server side that went on, and by how much it was late.
    pub late: Option<(SpanIdx, i64)>,
    /// Whether type or message of the failure speak of it.
    pub is_stated: bool,
    /// A round duration after which the call failed.
    pub looks_like_ns: Option<i64>,
}

/// Durations that people configure, in milliseconds.
const USUAL: &[i64] = &[100, 250, 500, 1_000, 2_000, 3_000, 5_000, 10_000, 15_000, 20_000, 30_000, 60_000];

/// Calls that were given up, by start and id. O(n).
pub fn timeouts(recorded: &Recorded, facts: &Facts, settings: &Settings) -> Vec<Timeout> {
    let is_client = |&span: &SpanIdx| recorded.trace().kind(span) == SpanKind::Client;
    let mut found: Vec<Timeout> = recorded
        .spans()
        .filter(is_client)
        .filter_map(|client| timeout(recorded, facts, settings, client))
        .collect();
    found.compact_sort_by_key(|t| (recorded.start(t.client), recorded.id(t.client), t.client));
    found
}

fn timeout(recorded: &Recorded, facts: &Facts, settings: &Settings, client: SpanIdx) -> Option<Timeout> {
    let duration = recorded.duration(client);
    let late = |server: SpanIdx| recorded.end(server).saturating_sub(recorded.end(client));
    let late = recorded
        .children(client)
        .iter()
        .filter(|&&server| recorded.trace().kind(server) == SpanKind::Server)
        .map(|&server| (server, late(server)))
        .max_by_key(|&(server, late)| (late, Reverse(server)))
        .filter(|&(_, late)| late > settings.jitter(duration));
    let is_error = facts.is_error(client);
    let speaks = |text: Option<&str>| {
        let text = text.unwrap_or_default().to_ascii_lowercase();
        ["timeout", "timed out", "deadline", "cancel"].iter().any(|word| text.contains(word))
    };
    let is_stated = is_error && (speaks(facts.error_type(client)) || speaks(facts.error_message(client)));
    let near = |usual: &i64| (duration - usual).abs() <= usual / 100;
    let looks_like_ns = if is_error { USUAL.iter().map(|ms| ms * MILLISECOND).find(near) } else { None };
    (late.is_some() || is_stated || looks_like_ns.is_some()).then_some(Timeout {
        client,
        late,
        is_stated,
        looks_like_ns,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::index::TraceIdx;
    use crate::model::testing::read;

    const MS: i64 = 1_000_000;
    const BASE: i64 = 1_600_000_000_000_000_000;

    #[test]
    fn failures_of_one_kind_are_told_once() {
        let set = read(
            "
            r 0..100 web/server error
            a<r 1..9 web/client error name=a error.type=refused error.message=peer/17
            b<r 11..19 web/client error name=a error.type=refused error.message=peer/18
            c<r 21..29 web/client error name=a error.type=closed
            m 0..50 web
            h<m 1..9 web
            d<h 2..3 web/client error name=a error.type=refused error.message=peer/19
            o<gone 60..70 web error
            ",
            BASE,
        );
        let trace = set.trace(TraceIdx(0));
        let (recorded, facts) = (Recorded::new(&trace), Facts::of(&set, TraceIdx(0), &trace));
        let found = failures(&recorded, &facts);
        let spans = |f: &Failure| (f.n_spans, f.reaches_root());
        assert_eq!(
            found.iter().map(spans).collect::<Vec<_>>(),
            [(2, true), (2, true), (2, true), (1, true), (1, false)]
        );
        let groups = failure_groups(&recorded, &facts, &found);
        let members: Vec<&[u32]> = groups.iter().map(|g| g.members.as_slice()).collect();
        assert_eq!(members, [&[0, 1, 4][..], &[2], &[3]]);
    }

    #[test]
    fn calls_that_were_given_up_are_found() {
        let lines = format!(
            "
            r 0..{} web/server
            a<r 0..{} web/client error name=a
            s<a 1..{} db/server name=s
            b<r 0..{} web/client error name=b error.type=DeadlineExceeded
            c<r 0..{} web/client name=c
            d<r 0..{} web/client error name=d
            ",
            9_000 * MS,
            500 * MS,
            800 * MS,
            77 * MS,
            500 * MS,
            77 * MS,
        );
        let set = read(&lines, BASE);
        let trace = set.trace(TraceIdx(0));
        let (recorded, facts) = (Recorded::new(&trace), Facts::of(&set, TraceIdx(0), &trace));
        let found = timeouts(&recorded, &facts, &Settings::default());
        let row =
            |t: &Timeout| (trace.name(t.client), t.late.map(|l| l.1 / MS), t.is_stated, t.looks_like_ns);
        assert_eq!(
            found.iter().map(row).collect::<Vec<_>>(),
            [("a", Some(300), false, Some(500 * MS)), ("b", None, true, None)]
        );
    }
}
