//! A finding: something that is wrong or slow, with the spans that show it, what is at stake and what to do.

use super::context::Context;
use super::scenario::Scenario;
use super::wording;
use crate::model::index::SpanIdx;

/// Spans that a finding shows; beyond these it only counts.
pub const MOST_EVIDENCE: usize = 50;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// A quarter of the request, a failure, a leaked credential.
    High,
    /// A tenth of the request; data that should not be there.
    Medium,
    /// Worth knowing.
    Low,
    /// Nothing to do, or too little to matter.
    #[default]
    Info,
}

/// How sure a finding is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// Follows from what was recorded.
    #[default]
    Certain,
    /// Another loaded trace shows it.
    Observed,
    /// What was recorded speaks for it.
    Likely,
    /// Nothing speaks against it.
    Possible,
}

/// Something found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Finding {
    /// Code of the rule.
    pub code: &'static str,
    /// One line, with numbers.
    pub title: String,
    /// How much it matters.
    pub severity: Severity,
    /// How sure it is.
    pub confidence: Confidence,
    /// What the request would win, or the time that is in question.
    pub stake_ns: Option<i64>,
    /// The stake in parts of a thousand of the request.
    pub share_permille: Option<u32>,
    /// The spans that show it, the main one first.
    pub evidence: Vec<SpanIdx>,
    /// How many there are.
    pub evidence_count: u32,
    /// The time that it is about, after the trace's start, where that is not the spans' own.
    pub interval: Option<(i64, i64)>,
    /// What it means.
    pub meaning: String,
    /// What to do.
    pub advice: String,
    /// Texts to be copied: configurations and queries, each with what it is.
    pub snippets: Vec<(&'static str, String)>,
    /// What the number rests on.
    pub assumes: Option<&'static str>,
    /// What would have to change for the stake to be won.
    pub scenario: Option<Scenario>,
    /// The same for the same finding in another trace.
    pub key: String,
    /// What was found at the same spans and is part of this.
    pub contains: Vec<Finding>,
    /// All spans that it is about, ascending: what another finding at one of them may be part of.
    pub about: Vec<SpanIdx>,
    /// The span that all this happens in, if its own time there is part of it.
    pub around: Option<SpanIdx>,
}

/// What every replay takes for granted.
pub const REPLAY_ASSUMES: &str = "Assumes the observed order is necessary, the caller's own work stays the same, and load does not change.";

impl Finding {
    /// A finding with nothing but its title.
    pub(crate) fn new(code: &'static str, title: String) -> Self {
        Self { code, title, ..Self::default() }
    }

    /// A finding about time: how much of the request is at stake decides how much it matters.
    pub(crate) fn stake(mut self, ctx: &Context, ns: i64) -> Self {
        self.stake_ns = Some(ns);
        self.share_permille = Some(wording::permille(ns, ctx.root_ns()));
        self.severity = severity_of(ns, ctx.root_ns());
        self
    }

    /// The spans that show it, the main one first. What the finding is about is the same.
    pub(crate) fn evidence(mut self, spans: &[SpanIdx]) -> Self {
        self.about = spans.to_vec();
        if !self.about.is_sorted() {
            self.about.sort_unstable();
        }
        self.about.dedup();
        self.evidence_count = self.about.len() as u32;
        for &span in spans {
            if self.evidence.len() == MOST_EVIDENCE {
                break;
            }
            if !self.evidence.contains(&span) {
                self.evidence.push(span);
            }
        }
        self
    }

    /// Further spans to show that the finding is not about.
    pub(crate) fn with(mut self, spans: &[SpanIdx]) -> Self {
        for &span in spans {
            if !self.evidence.contains(&span) {
                self.evidence_count += 1;
                if self.evidence.len() < MOST_EVIDENCE {
                    self.evidence.push(span);
                }
            }
        }
        self
    }

    /// What it means and what to do.
    pub(crate) fn says(mut self, meaning: String, advice: String) -> Self {
        (self.meaning, self.advice) = (meaning, advice);
        self
    }

    /// The supposition behind the number.
    pub(crate) fn supposes(mut self, scenario: Scenario) -> Self {
        self.scenario = Some(scenario);
        self.assumes = Some(REPLAY_ASSUMES);
        self
    }

    /// How much it matters.
    pub(crate) fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// How sure it is.
    pub(crate) fn confidence(mut self, confidence: Confidence) -> Self {
        self.confidence = confidence;
        self
    }

    /// The time that it is about.
    pub(crate) fn interval(mut self, from: i64, to: i64) -> Self {
        self.interval = Some((from, to));
        self
    }

    /// The key: the code, what it is about in words without ids, and the path to a span.
    pub(crate) fn key(mut self, ctx: &Context, what: &str, at: Option<SpanIdx>) -> Self {
        self.key = format!("{}|{}", self.code, wording::short(what, 100));
        if let Some(span) = at {
            use std::fmt::Write as _;
            let _ = write!(self.key, "|{:016x}", ctx.path_hash(span));
        }
        self
    }

    /// Masks what its texts may hold of secrets: names, messages and URLs can be anything.
    pub(crate) fn hide_secrets(&mut self) {
        let told = [&mut self.title, &mut self.meaning, &mut self.advice, &mut self.key];
        for text in told.into_iter().chain(self.snippets.iter_mut().map(|(_, text)| text)) {
            wording::safe(text);
        }
    }

    /// The main span.
    pub fn subject(&self) -> Option<SpanIdx> {
        self.evidence.first().copied()
    }
}

const MILLISECOND: i64 = 1_000_000;

/// How much a part of a request matters. Nobody feels a few milliseconds, whatever their share: what is
/// less than that is never more than low.
pub fn severity_of(stake: i64, whole: i64) -> Severity {
    let severity = match wording::permille(stake, whole) {
        250.. => Severity::High,
        100.. => Severity::Medium,
        20.. => Severity::Low,
        _ => Severity::Info,
    };
    match stake {
        ..MILLISECOND => Severity::Info,
        MILLISECOND..10_000_000 => severity.max(Severity::Low),
        _ => severity,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_decide_unless_nobody_feels_them() {
        for (millis, whole, expected) in [
            (25, 100, Severity::High),
            (24, 100, Severity::Medium),
            (10, 100, Severity::Medium),
            (2, 100, Severity::Low),
            (19, 1000, Severity::Info),
            (9, 10, Severity::Low),
            (0, 0, Severity::Info),
        ] {
            assert_eq!(
                severity_of(millis * MILLISECOND, whole * MILLISECOND),
                expected,
                "{millis} of {whole}"
            );
        }
        assert_eq!(severity_of(900_000, 1_000_000), Severity::Info);
    }

    #[test]
    fn evidence_is_cut_but_counted() {
        let spans: Vec<SpanIdx> = (0..80).map(SpanIdx).collect();
        let finding = Finding::new("X", String::new()).evidence(&spans).with(&[SpanIdx(3), SpanIdx(90)]);
        assert_eq!((finding.evidence.len(), finding.evidence_count), (MOST_EVIDENCE, 81));
        assert_eq!(finding.about.len(), 80);
    }
}
