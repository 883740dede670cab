//! The change of the latency in one sentence: `+50 ms = +60 ms new call b − 10 ms own work of R`.
//!
//! All terms are written in one unit and rounded to the same digit, and what rounding takes from one it gives to
//! another, so that the sentence adds up as it stands there.

use std::cmp::Reverse;
use std::fmt::Write as _;

use super::diff::{Comparison, Row, Status};
use super::wording::{counted, grouped, safe, short, time};
use crate::base::quantity::Ruler;
use crate::base::sort::CompactSort as _;

/// Terms that are named; the rest is one term more.
const MOST_TERMS: usize = 3;
/// Terms below this share of the largest are not worth a word of their own: one in so many.
const SMALLEST_SHARE: u64 = 20;
/// Longest name of an operation.
const MOST_CHARACTERS: usize = 60;

/// What a term of the sum says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    New,
    Gone,
    Moved,
    /// Other numbers of calls, on either side.
    Calls,
    /// A span that has children: what it does itself.
    OwnWork,
    /// A call without children.
    Call,
}

struct Term {
    operation: u32,
    kind: Kind,
    ns: i64,
    counts: [u64; 2],
}

/// The sentence.
pub fn sentence(comparison: &Comparison) -> String {
    let [a, b] = comparison.root_ns;
    let mut text = match comparison.n_traces {
        [0, _] | [_, 0] => return "There is nothing to compare: one side has no trace.".to_owned(),
        [1, 1] => String::new(),
        _ => "On average: ".to_owned(),
    };
    let terms = terms(comparison);
    if terms.is_empty() {
        let _ = match (a == b, comparison.is_same()) {
            (true, true) => {
                write!(text, "no difference: the same calls, each as long as before, {} in all.", time(a))
            }
            _ => write!(text, "both take {}, and every call has its part of it as before.", time(a)),
        };
        capitalise(&mut text);
        return text;
    }
    let delta = comparison.delta_ns();
    let largest = terms.iter().map(|t| t.ns.unsigned_abs()).max().unwrap_or_default();
    let n_named =
        terms.iter().take(MOST_TERMS).take_while(|t| t.ns.unsigned_abs() >= largest / SMALLEST_SHARE).count();
    let (named, others) = terms.split_at(n_named);
    let ruler = Ruler::for_largest(largest.max(delta.unsigned_abs()));
    let whole = ruler.steps(delta);
    let mut steps: Vec<i64> = named.iter().map(|t| ruler.steps(t.ns)).collect();
    let rest = whole - steps.iter().sum::<i64>();
    if others.is_empty()
        && let Some(first) = steps.first_mut()
    {
        *first += rest;
    }
    let _ = match delta {
        0 => write!(text, "as long as before, {}: ", time(a)),
        _ => write!(text, "{} instead of {}: {} = ", time(b), time(a), ruler.signed(whole)),
    };
    for (at, (term, &steps)) in named.iter().zip(&steps).enumerate() {
        let _ = write!(text, "{} {}", joined(ruler, steps, at), words(comparison, term));
    }
    if !others.is_empty() && rest != 0 {
        let n = others.len() as u64;
        let _ = write!(text, "{} in {}", joined(ruler, rest, named.len()), counted(n, "other place"));
    }
    text.push('.');
    capitalise(&mut text);
    safe(&mut text);
    text
}

/// Changes of the critical path by operation and what became of it, the largest first.
fn terms(comparison: &Comparison) -> Vec<Term> {
    let paths = &comparison.paths;
    let mut has_children = vec![false; paths.len()];
    for row in &comparison.rows {
        if let Some(parent) = paths.parent(row.node) {
            has_children[parent as usize] = true;
        }
    }
    let kind = |row: &Row| match row.status {
        Status::Added => Kind::New,
        Status::Removed => Kind::Gone,
        Status::Moved => Kind::Moved,
        _ if has_children[row.node as usize] => Kind::OwnWork,
        _ if row.sides[0].count != row.sides[1].count => Kind::Calls,
        _ => Kind::Call,
    };
    let mut terms: Vec<Term> = (comparison.rows.iter().filter(|row| row.delta_cp_ns != 0))
        .map(|row| Term {
            operation: paths.operation(row.node),
            kind: kind(row),
            ns: row.delta_cp_ns,
            counts: row.sides.map(|side| side.count),
        })
        .collect();
    terms.compact_sort_by_key(|t| (t.operation, t.kind));
    terms.dedup_by(|next, kept| {
        let is_same = (next.operation, next.kind) == (kept.operation, kept.kind);
        if is_same {
            kept.ns = kept.ns.saturating_add(next.ns);
            kept.counts = [0, 1].map(|side| kept.counts[side] + next.counts[side]);
        }
        is_same
    });
    terms.retain(|t| t.ns != 0);
    terms.compact_sort_by_cached_key(|t| {
        let (service, name) = paths.operation_names(t.operation);
        (Reverse(t.ns.unsigned_abs()), service.to_owned(), name.to_owned(), t.kind)
    });
    terms
}

fn words(comparison: &Comparison, term: &Term) -> String {
    let (service, name) = comparison.paths.operation_names(term.operation);
    let name = short(if name.is_empty() { service } else { name }, MOST_CHARACTERS);
    let [before, after] = term.counts;
    let is_one_to_one = comparison.n_traces == [1, 1];
    match term.kind {
        Kind::New if after == 1 => format!("new call {name}"),
        Kind::New if is_one_to_one => format!("{} new calls {name}", grouped(after)),
        Kind::New => format!("new calls {name}"),
        Kind::Gone if before == 1 => format!("call {name} (gone)"),
        Kind::Gone => format!("calls {name} (gone)"),
        Kind::Moved => format!("{name} (moved)"),
        Kind::Calls if is_one_to_one => {
            format!("{} calls {name} instead of {}", grouped(after), grouped(before))
        }
        Kind::OwnWork => format!("own work of {name}"),
        Kind::Calls | Kind::Call => name,
    }
}

/// The sign and the number as they stand in a sum.
fn joined(ruler: Ruler, steps: i64, at: usize) -> String {
    match at {
        0 => ruler.signed(steps),
        _ => format!(" {} {}", if steps < 0 { "−" } else { "+" }, ruler.text(steps.unsigned_abs())),
    }
}

fn capitalise(text: &mut str) {
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
}
