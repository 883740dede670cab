//! Names and keys with too many different values, and what is written too often.

use std::cmp::Reverse;

use crate::base::hash::{self, Numbers};
use crate::model::index::{ServiceIdx, SpanIdx};
use crate::model::trace::Trace;

use super::facts::Facts;
use super::quality::KeyUse;
use super::settings::MILLISECOND;
use super::statistics::{Operation, Operations};

/// Raw names of one name without ids from which on the ids should go.
const MANY_VARIANTS: u32 = 5;
/// Raw names of a service that are too many.
const MANY_NAMES: u32 = 200;
/// Values of a key from which on they can be judged.
const MANY_VALUES: u32 = 50;
/// Examples of each.
const EXAMPLES: usize = 3;

/// Span names that differ in their ids only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameVariants {
    /// The name without ids: see [`Facts::normal_name_text`].
    pub name: u32,
    /// Different names that become this one.
    pub n_variants: u32,
    /// The first spans with different ones, at most three.
    pub examples: Vec<SpanIdx>,
}

/// Names with ids in them: most variants first, then by name. O(n).
pub fn name_variants(trace: &Trace, facts: &Facts) -> Vec<NameVariants> {
    let mut is_met = vec![false; trace.names().len()];
    let mut found: Vec<NameVariants> = (0..facts.n_normal_names() as u32)
        .map(|name| NameVariants { name, n_variants: 0, examples: Vec::new() })
        .collect();
    for span in trace.spans().filter(|&span| !trace.is_placeholder(span)) {
        let Some(is_met) = is_met.get_mut(trace.name_idx(span) as usize) else { continue };
        if std::mem::replace(is_met, true) {
            continue;
        }
        if let Some(found) = found.get_mut(facts.normal_name(span) as usize) {
            found.n_variants += 1;
            if found.examples.len() < EXAMPLES {
                found.examples.push(span);
            }
        }
    }
    found.retain(|f| f.n_variants >= MANY_VARIANTS);
    found.sort_by_key(|f| (Reverse(f.n_variants), f.name));
    found
}

/// Services with more than two hundred different names, with their number: most first. O(n).
pub fn services_of_many_names(trace: &Trace) -> Vec<(ServiceIdx, u32)> {
    let mut known = Numbers::default();
    let mut counts: Vec<(ServiceIdx, u32)> =
        (0..trace.services().len()).map(|at| (ServiceIdx::new(at), 0)).collect();
    let mut n = 0;
    for span in trace.spans().filter(|&span| !trace.is_placeholder(span)) {
        let service = trace.service(span);
        let key = hash::mix(u64::from(service.0) << 32 | u64::from(trace.name_idx(span)), 0);
        if known.get_or(key, n) as usize == n {
            n += 1;
            if let Some(count) = counts.get_mut(service.at()) {
                count.1 += 1;
            }
        }
    }
    counts.retain(|c| c.1 > MANY_NAMES);
    counts.sort_by_key(|c| (Reverse(c.1), c.0));
    counts
}

impl KeyUse {
    /// Whether nearly every value is another one and they look like ids: dear for a backend that indexes it.
    pub fn is_id(&self) -> bool {
        let is_judged = self.count >= MANY_VALUES && self.counted >= MANY_VALUES;
        is_judged && self.distinct > self.counted / 2 && self.ids > self.distinct / 2
    }
}

/// Operations with a span for each item of a loop: 500 spans and more, nearly a third of the trace, and half
/// of them shorter than a millisecond.
pub fn loops(operations: &Operations, n_spans: usize) -> impl Iterator<Item = &Operation> {
    operations
        .rows
        .iter()
        .filter(move |o| o.count >= 500 && o.count as usize * 10 >= n_spans * 3 && o.p50_ns < MILLISECOND)
}

/// Spans of a request from which on they are many.
pub const MANY_SPANS: usize = 10_000;

/// The three operations with most spans.
pub fn top_sources(operations: &Operations) -> Vec<&Operation> {
    let mut rows: Vec<&Operation> = operations.rows.iter().collect();
    rows.sort_by_key(|o| Reverse(o.count));
    rows.truncate(3);
    rows
}

/// Attributes, events and links that SDKs dropped.
pub fn dropped(facts: &Facts) -> [u64; 3] {
    facts.dropped().iter().fold([0; 3], |mut sums, (_, counts)| {
        for (sum, &count) in sums.iter_mut().zip(counts) {
            *sum += u64::from(count);
        }
        sums
    })
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;
    use crate::analysis::quality::Quality;
    use crate::analysis::recorded::Recorded;
    use crate::model::index::TraceIdx;
    use crate::model::testing::read;

    #[test]
    fn ids_in_names_and_loops_are_found() {
        let mut lines = String::from("r 0..999 web name=main\n");
        for at in 0..600 {
            writeln!(lines, "s{at}<r {at}..{} web name=load/{at} user.key=key-0000-0000-{at:06}", at + 1)
                .unwrap();
        }
        let set = read(&lines, 1_600_000_000_000_000_000);
        let trace = set.trace(TraceIdx(0));
        let (recorded, facts) = (Recorded::new(&trace), Facts::of(&set, TraceIdx(0), &trace));
        let variants = name_variants(&trace, &facts);
        assert_eq!(variants.len(), 1);
        assert_eq!((facts.normal_name_text(variants[0].name), variants[0].n_variants), ("load/{id}", 600));
        assert_eq!(variants[0].examples.len(), EXAMPLES);
        assert_eq!(services_of_many_names(&trace), [(ServiceIdx(0), 601)]);
        let operations = Operations::new(&recorded, &facts, &[], &[]);
        assert_eq!(loops(&operations, 601).map(|o| o.count).collect::<Vec<_>>(), [600]);
        assert_eq!(top_sources(&operations).iter().map(|o| o.count).collect::<Vec<_>>(), [600, 1]);
        assert_eq!(dropped(&facts), [0; 3]);
        assert!(Quality::of(&set, TraceIdx(0)).key("user.key").unwrap().is_id());
    }

    #[test]
    fn few_values_are_not_judged() {
        let key =
            |count, distinct| KeyUse { count, counted: count, distinct, ids: distinct, ..KeyUse::default() };
        assert!(!key(49, 49).is_id());
        assert!(!key(100, 50).is_id());
        assert!(key(100, 51).is_id());
        assert!(!KeyUse { ids: 3, ..key(100, 51) }.is_id());
    }
}
