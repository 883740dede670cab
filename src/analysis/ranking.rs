//! What is told, and in which order: no span twice, the worst first.
//!
//! Several rules often see the same thing. The one that says most about it stays and lists the others inside;
//! [`MERGES`] says who may take in whom.

use std::cmp::Reverse;

use rustc_hash::FxHashMap;

use super::finding::{Finding, Severity};
use super::recorded::Recorded;
use super::rules::{Find, RULES, Rule};
use crate::base::sort::CompactSort as _;

/// When a finding is part of another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    /// Its main span is one that the other is about.
    Same,
    /// As above, or its main span lies below one of those and the other has more at stake.
    Below,
    /// Its main span is what the other lies in, and its time, if it names one, begins within the other's.
    Around,
    /// Both have the same main span and the other has more at stake.
    Outweighed,
}

use When::{Around, Below, Outweighed, Same};

/// Who takes in whom, what is told most specifically last: a failure is told before the time it took, retries
/// before what they repeat, then N+1, parallel, statement, leaf.
const MERGES: &[(&str, &[(&str, When)])] = &[
    ("PERF-13", &[("PERF-2", Outweighed)]),
    ("PERF-2", &[("PERF-13", Outweighed)]),
    ("PERF-1", &[("PERF-2", Same), ("PERF-10", Same), ("PERF-14", Same)]),
    ("PERF-7", &[("PERF-1", Same), ("PERF-2", Same), ("PERF-10", Same), ("PERF-14", Same)]),
    (
        "PERF-3",
        &[("PERF-7", Below), ("PERF-1", Below), ("PERF-2", Below), ("PERF-14", Below), ("PERF-8", Below)],
    ),
    (
        "PERF-4",
        &[
            ("PERF-5", Same),
            ("PERF-6", Same),
            ("PERF-3", Same),
            ("PERF-7", Below),
            ("PERF-1", Below),
            ("PERF-14", Below),
            ("PERF-11", Below),
            ("PERF-2", Around),
            ("PERF-13", Around),
        ],
    ),
    ("PERF-5", &[("PERF-6", Same), ("PERF-3", Same), ("PERF-7", Same), ("PERF-1", Same), ("PERF-14", Same)]),
    (
        "VOL-1",
        &[
            ("PERF-1", Same),
            ("PERF-2", Same),
            ("PERF-14", Same),
            ("NAME-1", Same),
            ("PERF-2", Around),
            ("PERF-13", Around),
        ],
    ),
    (
        "ERR-3",
        &[
            ("PERF-4", Same),
            ("PERF-5", Same),
            ("PERF-6", Same),
            ("PERF-3", Same),
            ("PERF-7", Same),
            ("PERF-1", Below),
            ("ERR-2", Same),
            ("ERR-4", Same),
            ("PERF-2", Around),
            ("PERF-13", Around),
        ],
    ),
    ("ERR-1", &[("PERF-7", Same), ("PERF-1", Same), ("PERF-2", Same), ("ERR-4", Same), ("ERR-3", Same)]),
    ("PROP-1", &[("PERF-2", Same)]),
];

/// Puts each finding where it belongs: into another one, or into the list, the most important first.
pub fn arrange(recorded: &Recorded, mut findings: Vec<Finding>) -> Vec<Finding> {
    for finding in &mut findings {
        finding.hide_secrets();
    }
    for &(host, guests) in MERGES {
        take_in(recorded, &mut findings, host, guests);
    }
    let place = places();
    let at = |code: &str| place.get(code).copied().unwrap_or(usize::MAX);
    for finding in &mut findings {
        finding.contains.compact_sort_by_key(|f| (f.severity, Reverse(f.stake_ns), at(f.code)));
    }
    findings.compact_sort_by_key(|f| {
        let stake = if order(f) == Order::Performance { f.stake_ns.unwrap_or(-1) } else { 0 };
        (f.severity, order(f), Reverse(stake), at(f.code), Reverse(f.stake_ns), f.subject())
    });
    findings
}

/// How often each rule found something, what is part of another finding included.
pub fn checked(findings: &[Finding]) -> Vec<(&'static Rule, u32)> {
    let place = places();
    let mut counts = vec![0; RULES.len()];
    for finding in findings.iter().flat_map(|f| std::iter::once(f).chain(&f.contains)) {
        if let Some(count) = place.get(finding.code).and_then(|&at| counts.get_mut(at)) {
            *count += 1;
        }
    }
    // What needs many traces is not looked for in one.
    RULES.iter().zip(counts).filter(|(rule, _)| matches!(rule.find, Find::Trace(_))).collect()
}

fn places() -> FxHashMap<&'static str, usize> {
    RULES.iter().zip(0..).map(|(rule, at)| (rule.code, at)).collect()
}

/// The parts of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Order {
    Failure,
    Credentials,
    Performance,
    Errors,
    Structure,
    Rest,
}

fn order(finding: &Finding) -> Order {
    let (family, _) = finding.code.split_once('-').unwrap_or((finding.code, ""));
    match family {
        "ERR" if finding.code == "ERR-1" => Order::Failure,
        "ERR" => Order::Errors,
        "SEC" if finding.severity == Severity::High => Order::Credentials,
        "PERF" => Order::Performance,
        "TIME" | "PROP" => Order::Structure,
        _ => Order::Rest,
    }
}

/// Moves findings into the first one of `host` that they are part of.
fn take_in(recorded: &Recorded, findings: &mut Vec<Finding>, host: &str, guests: &[(&str, When)]) {
    if !findings.iter().any(|f| f.code == host) {
        return;
    }
    // A guest is never a host of the same turn: no rule takes in its own findings.
    let (mut hosts, rest): (Vec<Finding>, Vec<Finding>) = findings.drain(..).partition(|f| f.code == host);
    for guest in rest {
        let mut ways = guests.iter().filter(|(code, _)| *code == guest.code).map(|&(_, when)| when);
        let found = ways.find_map(|when| hosts.iter().position(|host| is_part(recorded, host, &guest, when)));
        match found.and_then(|at| hosts.get_mut(at)) {
            Some(host) => {
                let mut guest = guest;
                let inner = std::mem::take(&mut guest.contains);
                host.contains.push(guest);
                host.contains.extend(inner);
            }
            None => findings.push(guest),
        }
    }
    findings.append(&mut hosts);
}

fn is_part(recorded: &Recorded, host: &Finding, guest: &Finding, when: When) -> bool {
    let Some(span) = guest.subject() else { return false };
    let is_about = |span| host.about.binary_search(&span).is_ok();
    match when {
        Same => is_about(span),
        Below => {
            is_about(span)
                || host.stake_ns >= guest.stake_ns && {
                    // The nearest one before it in tree order is above it if any of them is.
                    let mut above = Some(span);
                    let mut steps = 0;
                    while let Some(span) = above.filter(|&span| !is_about(span) && steps < 10_000) {
                        above = recorded.parent(span);
                        steps += 1;
                    }
                    above.is_some_and(is_about)
                }
        }
        Around => {
            let begins_within = match (host.interval, guest.interval) {
                (Some((from, to)), Some((start, _))) => from <= start && start <= to,
                _ => true,
            };
            host.around == Some(span) && begins_within
        }
        Outweighed => {
            // Time without spans is said more exactly than own time, unless it is the lesser part of it.
            let weight =
                |f: &Finding| f.stake_ns.unwrap_or_default() * if f.code == "PERF-2" { 2 } else { 1 };
            host.subject() == Some(span) && weight(host) >= weight(guest)
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::analysis::rules::testing::{arranged, codes};

    #[test]
    fn what_says_most_takes_in_the_rest() {
        // The leaf below a member of a sequence that saves more than the leaf takes.
        let spans = "a 0..330 s/server\nb<a 10..110 s/client\nbb<b 12..108 t/server\nc<a 115..215 s/client\n\
                     d<a 220..320 s/client";
        assert_eq!(codes(spans)[0], "PERF-3");
        assert!(!codes(spans).contains(&"PERF-1"));
        let inside: Vec<&str> = arranged(spans)[0].contains.iter().map(|f| f.code).collect();
        assert_eq!(inside, ["PERF-1", "PERF-2"]);
    }

    #[test]
    fn a_sequence_does_not_hide_what_outweighs_it() {
        let spans = "a 0..450 s/server\nb<a 1..409 s/client\nbb<b 5..405 t/server\nc<a 410..450 s/client";
        let codes = codes(spans);
        assert_eq!(&codes[..2], ["PERF-1", "PERF-3"]);
    }

    #[test]
    fn nothing_stands_below_what_matters_less() {
        // A secret of an e-mail address is low, a clock that is 300 ms off is medium.
        let spans = "a 0..900 s/server r:host.name=one\nb<a 10..400 s/client r:host.name=one user=x@example.org\n\
                     c<b 800..900 t/server r:host.name=two\nd<a 500..530 s/client r:host.name=one";
        let severities: Vec<_> = arranged(spans).iter().map(|f| f.severity).collect();
        assert!(
            severities.is_sorted(),
            "{:?}",
            arranged(spans).iter().map(|f| (f.code, f.severity)).collect::<Vec<_>>()
        );
        assert!(severities.len() > 2, "{:?}", codes(spans));
    }

    #[test]
    fn a_gap_and_own_code_are_one_finding() {
        let gap = codes("a 0..250 s/server\nb<a 0..20 s/client\nc<a 225..250 s/client");
        assert!(gap.contains(&"PERF-2") && !gap.contains(&"PERF-13"), "{gap:?}");
    }
}
