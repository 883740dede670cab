//! What the reader tries out: operations that are faster, and what a finding proposes. Said as a sentence and
//! as the scenarios that the engine plays through.

use crate::base::text::counted;
use crate::model::time::DurationNanos;
use crate::view::format;
use crate::wire::analysis::{Matching, OperationRow, Scenario, WhatIfTotals};

/// Stands beneath every what-if.
pub const ASSUMPTIONS: &str = "Assumes the observed order is necessary, the caller's own work stays the same, \
                               and load does not change.";

/// Without the operation at all, in parts of a thousand.
const REMOVED: i64 = 1000;

/// Which operation: a row of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Service; empty when there is none.
    pub service: String,
    /// Name with its ids replaced.
    pub name: String,
    /// Kind, in the words of OpenTelemetry.
    pub kind: String,
}

impl From<&OperationRow> for Operation {
    fn from(row: &OperationRow) -> Self {
        Self { service: row.service.clone(), name: row.name.clone(), kind: row.kind.clone() }
    }
}

/// What a finding proposes.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Proposal {
    key: String,
    words: String,
    scenario: Scenario,
}

/// Everything that is tried out together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trial {
    /// By how many parts of a thousand operations are faster, in the order in which they were tried.
    operations: Vec<(Operation, i64)>,
    proposal: Option<Proposal>,
}

impl Trial {
    /// Whether nothing is tried.
    pub fn is_empty(&self) -> bool {
        self.operations.is_empty() && self.proposal.is_none()
    }

    /// By how many parts of a thousand an operation is tried faster.
    pub fn faster(&self, operation: &Operation) -> i64 {
        self.operations.iter().find(|(known, _)| known == operation).map_or(0, |(_, permille)| *permille)
    }

    /// Tries an operation; 0 leaves it as it is.
    pub fn set_faster(&mut self, operation: Operation, permille: i64) {
        let permille = permille.clamp(0, REMOVED);
        match self.operations.iter().position(|(known, _)| *known == operation) {
            Some(at) if permille == 0 => drop(self.operations.remove(at)),
            Some(at) => self.operations[at].1 = permille,
            None if permille == 0 => {}
            None => self.operations.push((operation, permille)),
        }
    }

    /// The key of the finding whose proposal is tried.
    pub fn proposal(&self) -> Option<&str> {
        self.proposal.as_ref().map(|p| p.key.as_str())
    }

    /// Tries what the finding with this key proposes, in place of an earlier proposal.
    pub fn propose(&mut self, key: &str, scenario: &Scenario, name_of: impl Fn(u32) -> String) {
        let words = scenario_words(scenario, name_of);
        self.proposal = Some(Proposal { key: key.to_owned(), words, scenario: scenario.clone() });
    }

    /// Takes back what a finding proposed; the sliders stay.
    pub fn withdraw(&mut self) {
        self.proposal = None;
    }

    /// What the engine is asked to play through.
    pub fn scenarios(&self) -> Vec<Scenario> {
        let of_operations = self.operations.iter().map(|(operation, permille)| Scenario::Scale {
            matching: Matching::Operation {
                service: Some(operation.service.clone()),
                name: Some(operation.name.clone()),
                kind: Some(operation.kind.clone()),
            },
            faster_permille: *permille,
            // What is left out takes everything that it calls with it.
            subtree: *permille == REMOVED,
        });
        let proposed = self.proposal.iter().map(|p| p.scenario.clone());
        // The sliders come last: where both are about one span the later one counts.
        proposed.chain(of_operations).collect()
    }

    /// The result in a sentence.
    pub fn sentence(&self, totals: WhatIfTotals) -> String {
        let proposed = self.proposal.iter().map(|p| p.words.clone());
        let faster = self.operations.iter().map(|(operation, permille)| match *permille {
            REMOVED => format!("{} were not there", operation.name),
            permille => format!("{} were {}", operation.name, faster_words(permille)),
        });
        let changes: Vec<String> = proposed.chain(faster).collect();
        let time = |ns: i64| format::duration(DurationNanos(ns));
        let outcome = match totals.saving_ns {
            0 => format!("this trace would still take {}", time(totals.before_ns)),
            _ => format!(
                "this trace would take {} instead of {} ({})",
                time(totals.after_ns),
                time(totals.before_ns),
                change(totals)
            ),
        };
        format!("If {}, {outcome}.", changes.join(" and "))
    }
}

/// `50 % faster`; `as it is`, `left out`.
pub fn faster_words(permille: i64) -> String {
    match permille {
        0 => "as it is".to_owned(),
        REMOVED => "left out".to_owned(),
        permille => format!("{} % faster", permille / 10),
    }
}

/// By how much the total changes: `−46 %`.
fn change(totals: WhatIfTotals) -> String {
    let sign = if totals.saving_ns > 0 { '−' } else { '+' };
    let share = format::percent(totals.saving_ns.saturating_abs(), totals.before_ns);
    match share.strip_prefix(['<', '>']) {
        // A sign before "< 0.1 %" would read as nonsense.
        Some(_) => share,
        None => format!("{sign}{share}"),
    }
}

/// What a scenario changes, to follow "if".
fn scenario_words(scenario: &Scenario, name_of: impl Fn(u32) -> String) -> String {
    let spans = |members: &[u32]| match members {
        [one] => name_of(*one),
        [first, ..] => format!("{} of {}", counted(members.len() as u64, "call"), name_of(*first)),
        [] => "nothing".to_owned(),
    };
    let matched = |matching: &Matching| match matching {
        Matching::Spans(members) => spans(members),
        Matching::Operation { service, name, .. } => {
            name.clone().or_else(|| service.clone()).unwrap_or_else(|| "everything".to_owned())
        }
    };
    match scenario {
        Scenario::Scale { matching, faster_permille: REMOVED, .. } => {
            format!("{} were not there", matched(matching))
        }
        Scenario::Scale { matching, faster_permille, .. } if *faster_permille >= 0 => {
            format!("{} were {}", matched(matching), faster_words(*faster_permille))
        }
        Scenario::Scale { matching, faster_permille, .. } => {
            format!("{} were {} % slower", matched(matching), faster_permille.saturating_neg() / 10)
        }
        Scenario::Delta { matching, add_ns } => {
            let word = if *add_ns < 0 { "shorter" } else { "longer" };
            let by = format::duration(DurationNanos(add_ns.saturating_abs()));
            format!("{} were {by} {word}", matched(matching))
        }
        Scenario::Parallel { members } => format!("{} ran side by side", spans(members)),
        Scenario::Batch { members } => format!("{} were one", spans(members)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operation(name: &str) -> Operation {
        Operation { service: "pay".into(), name: name.into(), kind: "CLIENT".into() }
    }

    const fn totals(before_ms: i64, after_ms: i64) -> WhatIfTotals {
        const MS: i64 = 1_000_000;
        WhatIfTotals {
            before_ns: before_ms * MS,
            after_ns: after_ms * MS,
            saving_ns: (before_ms - after_ms) * MS,
        }
    }

    #[test]
    fn the_sentence_is_the_specified_one() {
        let mut trial = Trial::default();
        trial.set_faster(operation("POST /charge"), 500);
        assert_eq!(
            trial.sentence(totals(4200, 2250)),
            "If POST /charge were 50 % faster, this trace would take 2.25 s instead of 4.20 s (−46 %)."
        );
        assert_eq!(
            trial.sentence(totals(4200, 4200)),
            "If POST /charge were 50 % faster, this trace would still take 4.20 s."
        );
        trial.set_faster(operation("SELECT"), 1000);
        assert_eq!(
            trial.sentence(totals(4200, 5200)),
            "If POST /charge were 50 % faster and SELECT were not there, \
             this trace would take 5.20 s instead of 4.20 s (+24 %)."
        );
    }

    #[test]
    fn sliders_combine_and_go_back() {
        let mut trial = Trial::default();
        assert!(trial.is_empty());
        trial.set_faster(operation("a"), 500);
        trial.set_faster(operation("b"), 5000);
        trial.set_faster(operation("a"), 300);
        trial.set_faster(operation("c"), 0);
        assert_eq!([trial.faster(&operation("a")), trial.faster(&operation("b"))], [300, 1000]);
        let of = |name: &str, faster_permille, subtree| Scenario::Scale {
            matching: Matching::Operation {
                service: Some("pay".into()),
                name: Some(name.into()),
                kind: Some("CLIENT".into()),
            },
            faster_permille,
            subtree,
        };
        assert_eq!(trial.scenarios(), [of("a", 300, false), of("b", 1000, true)]);
        trial.set_faster(operation("a"), 0);
        trial.set_faster(operation("b"), -5);
        assert!(trial.is_empty() && trial.scenarios().is_empty());
    }

    #[test]
    fn proposals_are_said_in_words() {
        let spans = |n: u32| Matching::Spans((0..n).collect());
        for (scenario, words) in [
            (Scenario::Parallel { members: vec![1, 2, 3] }, "3 calls of span 1 ran side by side"),
            (Scenario::Batch { members: vec![4, 5] }, "2 calls of span 4 were one"),
            (
                Scenario::Scale { matching: spans(1), faster_permille: 500, subtree: false },
                "span 0 were 50 % faster",
            ),
            (
                Scenario::Scale { matching: spans(2), faster_permille: 1000, subtree: true },
                "2 calls of span 0 were not there",
            ),
            (
                Scenario::Scale { matching: spans(1), faster_permille: -200, subtree: false },
                "span 0 were 20 % slower",
            ),
            (Scenario::Delta { matching: spans(1), add_ns: -2_000_000 }, "span 0 were 2.00 ms shorter"),
        ] {
            let mut trial = Trial::default();
            trial.propose("key", &scenario, |span| format!("span {span}"));
            assert_eq!(trial.proposal(), Some("key"));
            assert_eq!(
                trial.sentence(totals(1000, 500)),
                format!("If {words}, this trace would take 500 ms instead of 1.00 s (−50 %).")
            );
            trial.set_faster(operation("a"), 100);
            assert_eq!(trial.scenarios()[0], scenario);
            assert_eq!(trial.scenarios().len(), 2);
            trial.withdraw();
            assert_eq!((trial.proposal(), trial.scenarios().len()), (None, 1));
        }
    }

    #[test]
    fn tiny_changes_are_not_said_to_be_nothing() {
        let mut trial = Trial::default();
        trial.set_faster(operation("a"), 50);
        let tiny = WhatIfTotals { before_ns: 1_000_000_000, after_ns: 999_999_000, saving_ns: 1000 };
        assert!(trial.sentence(tiny).ends_with("(< 0.1 %)."), "{}", trial.sentence(tiny));
        assert_eq!(faster_words(0), "as it is");
        assert_eq!(faster_words(1000), "left out");
    }
}
