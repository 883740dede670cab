//! How sure one can be that calls which follow one another do not need one another's results.
//!
//! A trace shows an order, never a reason for it. Independence is only called seen where another trace shows
//! the same calls in another order; everything else is a guess from what they are, and told as one.

use rustc_hash::FxHashSet;

use super::facts::{Access, Facts};
use crate::model::index::SpanIdx;
use crate::model::trace::Trace;

/// How sure one can be that the calls of a sequence do not need one another's results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Independence {
    /// In another trace the same calls ran together or the other way round.
    Observed,
    /// They do the same, or read different things.
    Likely,
    /// Nothing speaks against it.
    Possible,
    /// One that others come after changes something, or lets them go on at all.
    Unlikely,
}

/// Beyond so many different calls, not every pair of them is looked up in other traces.
pub(super) const MOST_PAIRS: usize = 24;

/// How independent the calls of a sequence are. `was_seen_otherwise` says of two calls whether some other
/// trace has the same two without the first ending before the second starts; none where there is no other
/// trace.
pub fn independence(
    trace: &Trace,
    facts: &Facts,
    members: &[SpanIdx],
    was_seen_otherwise: Option<&dyn Fn(SpanIdx, SpanIdx) -> bool>,
) -> Independence {
    let [waited_for @ .., _] = members else { return Independence::Possible };
    if was_seen_otherwise.is_some_and(|seen| were_all_seen_otherwise(facts, members, seen)) {
        return Independence::Observed;
    }
    if waited_for.iter().any(|&m| facts.access(m) == Access::Write || is_gate(trace.name(m))) {
        return Independence::Unlikely;
    }
    let do_the_same = members.windows(2).all(|pair| facts.fingerprint(pair[0]) == facts.fingerprint(pair[1]));
    if do_the_same || are_different_reads(facts, members) {
        return Independence::Likely;
    }
    Independence::Possible
}

/// Whether each two different calls were seen in another order. Where a call comes again and again, one of
/// each stands for all.
fn were_all_seen_otherwise(
    facts: &Facts,
    members: &[SpanIdx],
    seen: &dyn Fn(SpanIdx, SpanIdx) -> bool,
) -> bool {
    let mut known = FxHashSet::default();
    let different: Vec<SpanIdx> = members
        .iter()
        .copied()
        .filter(|&m| known.insert((facts.fingerprint(m), facts.normal_name(m))))
        .collect();
    let pairs =
        || different.iter().enumerate().flat_map(|(at, &a)| different[at + 1..].iter().map(move |&b| (a, b)));
    (2..=MOST_PAIRS).contains(&different.len()) && pairs().all(|(a, b)| seen(a, b))
}

/// Whether all calls read, and no two of them the same.
fn are_different_reads(facts: &Facts, members: &[SpanIdx]) -> bool {
    let mut known = FxHashSet::default();
    members.iter().all(|&m| {
        facts.access(m) == Access::Read && known.insert((facts.fingerprint(m), facts.identical_key(m)))
    })
}

/// Whether a call of this name decides if others may be made at all.
fn is_gate(name: &str) -> bool {
    let name = name.to_lowercase();
    let parts = |stem| name.match_indices(stem).map(|(at, _)| name.split_at(at));
    ["login", "token", "validate", "begin"].iter().any(|word| name.contains(word))
        // Authors are no authorisation, blocks and clocks no locks.
        || parts("auth").any(|(_, rest)| !rest.starts_with("author") || rest.starts_with("authori"))
        || parts("lock").any(|(before, _)| !before.ends_with(['b', 'c']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gates_are_told_by_their_names() {
        for name in
            ["POST /login", "Authorize", "oauth2 token", "validateCart", "BEGIN", "lock cart", "tryLock"]
        {
            assert!(is_gate(name), "{name}");
        }
        for name in ["GET /authors", "read block", "clock in", "GET /cart", ""] {
            assert!(!is_gate(name), "{name}");
        }
    }
}
