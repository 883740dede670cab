//! The community's instrumentation score, as far as traces can show it.
//!
//! The specification wants incomplete evaluation to be declared: see [`LABEL`]. Own rules are forbidden, so
//! the other checks of this product stand beside it, not in it.

use crate::model::index::ServiceIdx;
use crate::model::trace::Trace;

use super::quality::Quality;
use super::resources::{Expected, ServiceUse, is_unknown};

/// What has to stand next to every score.
pub const LABEL: &str = "trace rules only (partial)";

/// The score of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Score {
    /// The service.
    pub service: ServiceIdx,
    /// Passed weight of a hundred, times a hundred.
    pub score_x100: u32,
    /// Rules that were looked at, in order.
    pub evaluated: Vec<&'static str>,
    /// Rules that were not met, in order.
    pub failed: Vec<&'static str>,
}

impl Score {
    /// The score in a word.
    pub fn word(&self) -> &'static str {
        match self.score_x100 {
            9_000.. => "excellent",
            7_500.. => "good",
            5_000.. => "needs improvement",
            _ => "poor",
        }
    }
}

/// Every rule that traces can show, with what it asks for.
pub const RULES: &[(&str, &str)] = &[
    ("RES-001", "service.instance.id is set"),
    ("RES-002", "one service.instance.id belongs to one pod"),
    ("RES-003", "k8s.pod.uid is set on Kubernetes"),
    ("RES-004", "attributes stand at the right level"),
    ("RES-005", "service.name is set"),
    ("SPA-001", "at most 10 internal spans of a service in a trace"),
    ("SPA-002", "no span whose parent is missing"),
    ("SPA-004", "no root of kind client"),
    ("SPA-005", "at most 20 spans below 5 ms of a service in a trace"),
];

const IMPORTANT: u32 = 30;
const NORMAL: u32 = 20;
const CRITICAL: u32 = 40;

/// The scores of all services, by service.
pub fn scores(trace: &Trace, services: &[ServiceUse], quality: &Quality) -> Vec<Score> {
    let mut has_misplaced = vec![false; trace.services().len()];
    for &span in &quality.misplaced {
        if let Some(has) = has_misplaced.get_mut(trace.service(span).at()) {
            *has = true;
        }
    }
    services.iter().map(|s| score(trace, s, has_misplaced.get(s.service.at()) == Some(&true))).collect()
}

fn score(trace: &Trace, s: &ServiceUse, has_misplaced: bool) -> Score {
    // In the order of `RULES`: weight, and whether the rule is met; none for one that does not apply.
    let results: [Option<(u32, bool)>; RULES.len()] = [
        Some((NORMAL, !s.lacks(Expected::Instance))),
        Some((IMPORTANT, !s.shares_instance)),
        s.on_kubernetes.then_some((IMPORTANT, !s.lacks(Expected::PodUid))),
        Some((IMPORTANT, s.misplaced.is_empty() && !has_misplaced)),
        Some((CRITICAL, !is_unknown(trace.service_name(s.service)))),
        Some((NORMAL, s.n_internal <= 10)),
        Some((NORMAL, s.n_orphans == 0)),
        Some((IMPORTANT, s.n_client_roots == 0)),
        Some((IMPORTANT, s.n_short <= 20)),
    ];
    let (mut all, mut passed) = (0, 0);
    let mut score = Score { service: s.service, score_x100: 0, evaluated: Vec::new(), failed: Vec::new() };
    for (&(rule, _), result) in RULES.iter().zip(results) {
        let Some((weight, is_met)) = result else { continue };
        all += weight;
        score.evaluated.push(rule);
        if is_met {
            passed += weight;
        } else {
            score.failed.push(rule);
        }
    }
    score.score_x100 = passed * 10_000 / all;
    score
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_is_the_part_of_the_weight_that_passed() {
        let trace = Trace::default();
        let service = ServiceUse { on_kubernetes: true, n_internal: 11, ..ServiceUse::default() };
        let found = score(&trace, &service, true);
        assert_eq!(found.failed, ["RES-004", "RES-005", "SPA-001"]);
        assert_eq!((found.score_x100, found.word()), (160 * 10_000 / 250, "needs improvement"));
        assert_eq!(found.evaluated.len(), RULES.len());
    }
}
