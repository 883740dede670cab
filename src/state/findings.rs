//! Findings as the panel lists them: what is shown, what is kept back, and how numbers and spans are said.

use std::collections::BTreeSet;

use crate::base::sort::CompactSort as _;
use crate::base::text::counted;
use crate::model::index::SpanIdx;
use crate::model::time::{DurationNanos, TimeRange};
use crate::model::trace::Trace;
use crate::view::details::Fact;
use crate::view::format;
use crate::wire::analysis::{FindingMessage, Relation, Severity, SpanInsight};

/// Findings below this share of the request are kept back until they are asked for, in parts of a thousand.
const SMALL_PERMILLE: u32 = 20;

/// Findings in the order in which they came, by where they stand in the panel.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listing {
    /// In sight.
    pub shown: Vec<FindingMessage>,
    /// Too small to be shown unasked.
    pub small: Vec<FindingMessage>,
    /// The reader does not want to see them.
    pub ignored: Vec<FindingMessage>,
}

impl Listing {
    /// Sorts findings into their places.
    pub fn new(findings: &[FindingMessage], ignored: &BTreeSet<String>) -> Self {
        let mut listing = Self::default();
        for finding in findings.iter().cloned() {
            let place = match () {
                () if ignored.contains(&finding.key) => &mut listing.ignored,
                () if is_small(&finding) => &mut listing.small,
                () => &mut listing.shown,
            };
            place.push(finding);
        }
        listing
    }

    /// The finding with this key, wherever it stands, also inside another one. The outer one is given.
    pub fn find(&self, key: &str) -> Option<&FindingMessage> {
        let all = self.shown.iter().chain(&self.small).chain(&self.ignored);
        all.clone().find(|f| f.key == key).or_else(|| {
            let mut outer = all;
            outer.find(|f| f.contains.iter().any(|inner| inner.key == key))
        })
    }

    /// The finding after (`forward`) or before the open one among those in sight, around the ends.
    pub fn neighbour(&self, open: Option<&str>, forward: bool) -> Option<&FindingMessage> {
        let n = self.shown.len();
        let now = open.and_then(|key| self.shown.iter().position(|f| f.key == key));
        let at = match (now, forward) {
            (None, true) => 0,
            (None, false) => n.checked_sub(1)?,
            (Some(at), true) => (at + 1) % n,
            (Some(at), false) => (at + n - 1) % n,
        };
        self.shown.get(at)
    }

    /// How many are in sight, as a sentence for those who do not see them.
    pub fn announcement(&self) -> String {
        match self.shown.as_slice() {
            [] => "Nothing found".to_owned(),
            [first, ..] => {
                format!("{}. First: {}", counted(self.shown.len() as u64, "finding"), first.title)
            }
        }
    }
}

/// Whether a trace with these findings begins with the list of them.
pub fn deserve_attention(findings: &[FindingMessage]) -> bool {
    findings.iter().any(|f| f.severity <= Severity::Medium)
}

fn is_small(finding: &FindingMessage) -> bool {
    let is_minor = finding.severity >= Severity::Low;
    is_minor && finding.stake_ns.is_some() && finding.share_permille.is_some_and(|p| p < SMALL_PERMILLE)
}

/// What is at stake: "1.95 s, 46 %"; empty when nothing can be said.
pub fn stake(finding: &FindingMessage) -> String {
    let time = finding.stake_ns.filter(|&ns| ns > 0).map(|ns| format::duration(DurationNanos(ns)));
    let share = finding.share_permille.filter(|&p| p > 0).map(|p| format::percent(i64::from(p), 1000));
    time.into_iter().chain(share).collect::<Vec<_>>().join(", ")
}

/// A sentence cut around the name of a span in it: before, name, after. Without the name everything is
/// before.
pub fn around_name<'a>(text: &'a str, name: &str) -> (&'a str, &'a str, &'a str) {
    let at = if name.is_empty() { None } else { text.rfind(name) };
    match at {
        Some(at) => (&text[..at], &text[at..at + name.len()], &text[at + name.len()..]),
        None => (text, "", ""),
    }
}

/// All evidence of the finding with this key, also where it is part of another one.
pub fn evidence_of(findings: &[FindingMessage], key: &str) -> Vec<SpanIdx> {
    let all = findings.iter().flat_map(|f| std::iter::once(f).chain(&f.contains));
    let found = all.filter(|f| f.key == key).take(1);
    found.flat_map(|f| f.evidence.iter().map(|&span| SpanIdx(span))).collect()
}

/// The spans of the evidence that lie innermost: callers that are part of it say where, not what. In the order
/// of the evidence.
pub fn innermost(trace: &Trace, evidence: &[u32]) -> Vec<SpanIdx> {
    let mut sorted: Vec<SpanIdx> =
        evidence.iter().map(|&s| SpanIdx(s)).filter(|s| s.at() < trace.len()).collect();
    sorted.compact_sort();
    sorted.dedup();
    // In preorder, a span that holds any other holds the one after it.
    let inner: BTreeSet<SpanIdx> = sorted
        .iter()
        .zip(sorted.iter().skip(1).map(Some).chain([None]))
        .filter(|(span, next)| !next.is_some_and(|next| trace.is_within(*next, **span)))
        .map(|(span, _)| *span)
        .collect();
    let mut seen = BTreeSet::new();
    evidence.iter().map(|&s| SpanIdx(s)).filter(|s| inner.contains(s) && seen.insert(*s)).collect()
}

/// The shown time that a finding is about: its own, which counts from the recorded start and so `earlier` after
/// the shown one, or that of its innermost spans.
pub fn time_of(trace: &Trace, earlier: DurationNanos, finding: &FindingMessage) -> Option<TimeRange> {
    if let Some((from, to)) = finding.interval.filter(|(from, to)| from < to) {
        return Some(TimeRange { start: DurationNanos(from) + earlier, end: DurationNanos(to) + earlier });
    }
    let spans = innermost(trace, &finding.evidence);
    let start = spans.iter().map(|&s| trace.start(s)).min()?;
    let end = spans.iter().map(|&s| trace.end(s)).max()?;
    Some(TimeRange { start, end })
}

/// What the details of a span say about its part in the request: the times beyond its own duration.
pub fn span_facts(insight: Option<&SpanInsight>, request_ns: i64) -> Vec<Fact> {
    // The lines are there before their values, so that nothing moves when these come.
    let value = |read: &dyn Fn(&SpanInsight) -> String| insight.map_or_else(|| "…".to_owned(), read);
    let fact = |label, value| Fact { label, value, exact: String::new() };
    vec![
        fact("On critical path", value(&|i| critical_time(i.cp_ns, request_ns))),
        fact("Slack", value(&slack)),
    ]
}

/// How long a span would take if what is tried were so.
pub fn tried_fact(before: TimeRange, after: TimeRange) -> Fact {
    let (now, then) = (before.duration(), after.duration());
    let value = if now == then {
        format!("{}, as it is", format::duration(then))
    } else {
        format!("{} instead of {}", format::duration(then), format::duration(now))
    };
    Fact { label: "What if", value, exact: String::new() }
}

/// How much later a span may end, in words.
pub fn slack(insight: &SpanInsight) -> String {
    match (insight.slack_ns, insight.relation) {
        (Some(0), _) => "none: any longer, and the request takes longer".to_owned(),
        (Some(ns), _) => format!("could take {} longer without effect", format::duration(DurationNanos(ns))),
        (None, Relation::Async | Relation::Outlives) => "the request does not wait for it".to_owned(),
        (None, _) => "not part of what the request waits for".to_owned(),
    }
}

/// The time of a span on the critical path, with its share of the request.
pub fn critical_time(cp_ns: i64, request_ns: i64) -> String {
    match format::percent(cp_ns, request_ns) {
        _ if cp_ns <= 0 => "not on the critical path".to_owned(),
        share if share.is_empty() => format::duration(DurationNanos(cp_ns)),
        share => format!("{} ({share} of the request)", format::duration(DurationNanos(cp_ns))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::drawing;

    fn finding(key: &str, severity: Severity, permille: Option<u32>) -> FindingMessage {
        FindingMessage {
            key: key.into(),
            title: format!("title of {key}"),
            severity,
            stake_ns: permille.map(|p| i64::from(p) * 1_000_000),
            share_permille: permille,
            ..FindingMessage::default()
        }
    }

    fn keys(findings: &[FindingMessage]) -> String {
        findings.iter().map(|f| f.key.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn small_and_ignored_findings_are_kept_back() {
        let mut outer = finding("a", Severity::High, Some(400));
        outer.contains = vec![finding("inner", Severity::Low, Some(300))];
        let all = [
            outer,
            finding("b", Severity::Medium, Some(150)),
            finding("c", Severity::Low, Some(19)),
            finding("d", Severity::Low, Some(20)),
            finding("e", Severity::Info, None),
            finding("f", Severity::High, Some(1)),
        ];
        let listing = Listing::new(&all, &BTreeSet::from(["b".to_owned()]));
        assert_eq!(keys(&listing.shown), "a d e f");
        assert_eq!((keys(&listing.small), keys(&listing.ignored)), ("c".into(), "b".into()));
        for (key, found) in [("a", Some("a")), ("c", Some("c")), ("inner", Some("a")), ("x", None)] {
            assert_eq!(listing.find(key).map(|f| f.key.as_str()), found, "{key}");
        }
        let next = |open, forward| listing.neighbour(open, forward).map(|f| f.key.as_str());
        assert_eq!(next(None, true), Some("a"));
        assert_eq!(next(Some("a"), true), Some("d"));
        assert_eq!(next(Some("f"), true), Some("a"));
        assert_eq!(next(Some("a"), false), Some("f"));
        assert_eq!(next(None, false), Some("f"));
        assert_eq!(next(Some("gone"), true), Some("a"));
        assert_eq!(Listing::default().neighbour(Some("a"), true), None);
        assert_eq!(Listing::default().neighbour(None, false), None);
        assert_eq!(listing.announcement(), "4 findings. First: title of a");
        assert_eq!(Listing::default().announcement(), "Nothing found");
    }

    #[test]
    fn only_what_matters_opens_the_list() {
        assert!(deserve_attention(&[finding("a", Severity::Medium, None)]));
        assert!(deserve_attention(&[finding("a", Severity::High, None)]));
        assert!(!deserve_attention(&[finding("a", Severity::Low, None), finding("b", Severity::Info, None)]));
        assert!(!deserve_attention(&[]));
    }

    #[test]
    fn stakes_have_time_and_share() {
        assert_eq!(stake(&finding("a", Severity::High, Some(929))), "929 ms, 93 %");
        assert_eq!(stake(&finding("a", Severity::High, None)), "");
        let share_only = FindingMessage { stake_ns: Some(0), ..finding("a", Severity::High, Some(50)) };
        assert_eq!(stake(&share_only), "5.0 %");
    }

    #[test]
    fn a_name_is_found_in_its_sentence() {
        let text = "GET took 4 s; 93 % of it is one call, GET, made by web.";
        assert_eq!(
            around_name(text, "GET"),
            ("GET took 4 s; 93 % of it is one call, ", "GET", ", made by web.")
        );
        assert_eq!(around_name(text, "POST"), (text, "", ""));
        assert_eq!(around_name(text, ""), (text, "", ""));
        assert_eq!(around_name("größer: ü", "ü"), ("größer: ", "ü", ""));
    }

    #[test]
    fn callers_in_the_evidence_do_not_widen_its_time() {
        let trace = drawing::trace(
            "
api GET 0..1000
  db SELECT 100..200
  db SELECT 300..400
  pay POST 500..900
    bank CALL 600..800
",
        );
        let spans = |evidence: &[u32]| innermost(&trace, evidence).iter().map(|s| s.0).collect::<Vec<_>>();
        assert_eq!(spans(&[4, 3, 0]), [4]);
        assert_eq!(spans(&[2, 1, 0]), [2, 1]);
        assert_eq!(spans(&[0, 99, 0]), [0]);
        assert_eq!(spans(&[]), Vec::<u32>::new());
        let time = |evidence: &[u32], interval| {
            let finding =
                FindingMessage { evidence: evidence.to_vec(), interval, ..FindingMessage::default() };
            let time = time_of(&trace, DurationNanos(-1_000_000), &finding);
            time.map(|t| (t.start.0 / 1_000_000, t.end.0 / 1_000_000))
        };
        assert_eq!(time(&[4, 3, 0], None), Some((600, 800)));
        assert_eq!(time(&[1, 2, 0], None), Some((100, 400)));
        assert_eq!(time(&[0], Some((2_000_000, 5_000_000))), Some((1, 4)));
        assert_eq!(time(&[], None), None);
    }

    #[test]
    fn evidence_is_that_of_the_open_finding() {
        let finding = |key: &str, evidence: &[u32]| FindingMessage {
            key: key.into(),
            evidence: evidence.to_vec(),
            ..FindingMessage::default()
        };
        let mut outer = finding("a", &[1, 2]);
        outer.contains.push(finding("b", &[2]));
        let all = [outer, finding("c", &[3])];
        let of = |key| evidence_of(&all, key).iter().map(|s| s.0).collect::<Vec<_>>();
        assert_eq!([of("a"), of("b"), of("c"), of("d")], [vec![1, 2], vec![2], vec![3], vec![]]);
    }

    #[test]
    fn slack_is_said_as_what_it_allows() {
        let of = |slack_ns, relation| slack(&SpanInsight { slack_ns, relation, ..SpanInsight::default() });
        assert_eq!(of(Some(20_000_000), Relation::Blocking), "could take 20.0 ms longer without effect");
        assert_eq!(of(Some(0), Relation::Root), "none: any longer, and the request takes longer");
        assert_eq!(of(None, Relation::Async), "the request does not wait for it");
        assert_eq!(of(None, Relation::Instant), "not part of what the request waits for");
        let range = |start, end| TimeRange { start: DurationNanos(start), end: DurationNanos(end) };
        assert_eq!(tried_fact(range(0, 9), range(5, 9)).value, "4 ns instead of 9 ns");
        assert_eq!(tried_fact(range(0, 9), range(5, 14)).value, "9 ns, as it is");
        let facts = |insight| {
            let facts = span_facts(insight, 4);
            facts.into_iter().map(|f| format!("{}: {}", f.label, f.value)).collect::<Vec<_>>().join("; ")
        };
        assert_eq!(facts(None), "On critical path: …; Slack: …");
        let known = SpanInsight { slack_ns: Some(5), cp_ns: 1, ..SpanInsight::default() };
        assert_eq!(
            facts(Some(&known)),
            "On critical path: 1 ns (25 % of the request); Slack: could take 5 ns longer without effect"
        );
        assert_eq!(critical_time(500, 1000), "500 ns (50 % of the request)");
        assert_eq!(critical_time(0, 1000), "not on the critical path");
        assert_eq!(critical_time(5, 0), "5 ns");
    }
}
