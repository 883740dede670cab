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

/// What the reader tries, as a link carries it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tried {
    /// By how many parts of a thousand operations are faster, in the order in which they were tried.
    pub operations: Vec<(Operation, i64)>,
    /// Key of the finding whose proposal is tried.
    pub finding: Option<String>,
}

impl Tried {
    /// Most operations that are tried together: as many as there are sliders.
    pub const MAX_OPERATIONS: usize = 20;

    /// Whether nothing is tried.
    pub fn is_empty(&self) -> bool {
        self.operations.is_empty() && self.finding.is_none()
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
            None if permille == 0 || self.operations.len() >= Self::MAX_OPERATIONS => {}
            None => self.operations.push((operation, permille)),
        }
    }
}

/// What a finding proposes.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Proposal {
    words: String,
    scenario: Scenario,
}

/// Everything that is tried out together, as far as the trace knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trial {
    operations: Vec<(Operation, i64)>,
    proposal: Option<Proposal>,
}

impl Trial {
    /// What `tried` says, with the proposal of its finding, once that was found.
    pub fn new(tried: &Tried, proposal: Option<&Scenario>, name_of: impl Fn(u32) -> String) -> Self {
        let proposal = proposal.map(|scenario| Proposal {
            words: scenario_words(scenario, name_of),
            scenario: scenario.clone(),
        });
        Self { operations: tried.operations.clone(), proposal }
    }

    /// Whether nothing is tried.
    pub fn is_empty(&self) -> bool {
        self.operations.is_empty() && self.proposal.is_none()
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

    /// Without a proposal.
    fn of(tried: &Tried) -> Trial {
        Trial::new(tried, None, |_| String::new())
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
        let mut tried = Tried::default();
        tried.set_faster(operation("POST /charge"), 500);
        let trial = of(&tried);
        assert_eq!(
            trial.sentence(totals(4200, 2250)),
            "If POST /charge were 50 % faster, this trace would take 2.25 s instead of 4.20 s (−46 %)."
        );
        assert_eq!(
            trial.sentence(totals(4200, 4200)),
            "If POST /charge were 50 % faster, this trace would still take 4.20 s."
        );
        tried.set_faster(operation("SELECT"), 1000);
        assert_eq!(
            of(&tried).sentence(totals(4200, 5200)),
            "If POST /charge were 50 % faster and SELECT were not there, \
             this trace would take 5.20 s instead of 4.20 s (+24 %)."
        );
    }

    #[test]
    fn sliders_combine_and_go_back() {
        let mut tried = Tried::default();
        assert!(tried.is_empty());
        tried.set_faster(operation("a"), 500);
        tried.set_faster(operation("b"), 5000);
        tried.set_faster(operation("a"), 300);
        tried.set_faster(operation("c"), 0);
        assert_eq!([tried.faster(&operation("a")), tried.faster(&operation("b"))], [300, 1000]);
        let scale = |name: &str, faster_permille, subtree| Scenario::Scale {
            matching: Matching::Operation {
                service: Some("pay".into()),
                name: Some(name.into()),
                kind: Some("CLIENT".into()),
            },
            faster_permille,
            subtree,
        };
        assert_eq!(of(&tried).scenarios(), [scale("a", 300, false), scale("b", 1000, true)]);
        tried.set_faster(operation("a"), 0);
        tried.set_faster(operation("b"), -5);
        assert!(tried.is_empty() && of(&tried).is_empty());
        for at in 0..30 {
            tried.set_faster(operation(&at.to_string()), 10);
        }
        assert_eq!(tried.operations.len(), Tried::MAX_OPERATIONS);
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
            let mut tried = Tried { finding: Some("key".into()), ..Tried::default() };
            let proposed = |tried: &Tried| Trial::new(tried, Some(&scenario), |span| format!("span {span}"));
            assert_eq!(
                proposed(&tried).sentence(totals(1000, 500)),
                format!("If {words}, this trace would take 500 ms instead of 1.00 s (−50 %).")
            );
            tried.set_faster(operation("a"), 100);
            let scenarios = proposed(&tried).scenarios();
            assert_eq!((&scenarios[0], scenarios.len()), (&scenario, 2));
            // Until the finding is there, the sliders count alone.
            assert_eq!(of(&tried).scenarios(), scenarios[1..]);
        }
    }

    #[test]
    fn tiny_changes_are_not_said_to_be_nothing() {
        let mut tried = Tried::default();
        tried.set_faster(operation("a"), 50);
        let trial = of(&tried);
        let tiny = WhatIfTotals { before_ns: 1_000_000_000, after_ns: 999_999_000, saving_ns: 1000 };
        assert!(trial.sentence(tiny).ends_with("(< 0.1 %)."), "{}", trial.sentence(tiny));
        assert_eq!(faster_words(0), "as it is");
        assert_eq!(faster_words(1000), "left out");
    }
}
