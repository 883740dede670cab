//! Findings as messages.

use crate::analysis::finding::{Confidence, Finding, Severity};
use crate::analysis::ranking;
use crate::analysis::scenario::{Matching, Scenario};
use crate::model::index::SpanIdx;
use crate::wire::analysis::{self as wire, Check, FindingMessage};

/// A finding with everything that is part of it.
pub(super) fn message(finding: &Finding) -> FindingMessage {
    FindingMessage {
        // What is part of another one has no parts of its own.
        contains: finding.contains.iter().map(alone).collect(),
        ..alone(finding)
    }
}

fn alone(finding: &Finding) -> FindingMessage {
    FindingMessage {
        code: finding.code.to_owned(),
        title: finding.title.clone(),
        severity: match finding.severity {
            Severity::High => wire::Severity::High,
            Severity::Medium => wire::Severity::Medium,
            Severity::Low => wire::Severity::Low,
            Severity::Info => wire::Severity::Info,
        },
        confidence: match finding.confidence {
            Confidence::Certain => wire::Confidence::Certain,
            Confidence::Observed => wire::Confidence::Observed,
            Confidence::Likely => wire::Confidence::Likely,
            Confidence::Possible => wire::Confidence::Possible,
        },
        stake_ns: finding.stake_ns,
        share_permille: finding.share_permille,
        evidence: numbers(&finding.evidence),
        evidence_count: finding.evidence_count,
        interval: finding.interval,
        meaning: finding.meaning.clone(),
        advice: finding.advice.clone(),
        snippets: finding.snippets.iter().map(|(title, text)| ((*title).to_owned(), text.clone())).collect(),
        assumes: finding.assumes.map(str::to_owned),
        scenario: finding.scenario.as_ref().and_then(scenario),
        key: finding.key.clone(),
        contains: Vec::new(),
    }
}

/// What was looked for, and how often it was found.
pub(super) fn checks(findings: &[Finding]) -> Vec<Check> {
    let check = |(rule, found): (&'static crate::analysis::rules::Rule, u32)| Check {
        code: rule.code.to_owned(),
        name: rule.name.to_owned(),
        checks: rule.checks.to_owned(),
        found,
    };
    ranking::checked(findings).into_iter().map(check).collect()
}

fn scenario(scenario: &Scenario) -> Option<wire::Scenario> {
    Some(match scenario {
        Scenario::Scale { matching: Matching::Spans(spans), faster_permille, subtree } => {
            wire::Scenario::Scale {
                matching: wire::Matching::Spans(numbers(spans)),
                faster_permille: *faster_permille,
                subtree: *subtree,
            }
        }
        Scenario::Parallel { members } => wire::Scenario::Parallel { members: numbers(members) },
        Scenario::Batch { members } => wire::Scenario::Batch { members: numbers(members) },
        // No rule supposes anything else.
        Scenario::Scale { .. } | Scenario::Delta { .. } => return None,
    })
}

fn numbers(spans: &[SpanIdx]) -> Vec<u32> {
    spans.iter().map(|s| s.0).collect()
}
