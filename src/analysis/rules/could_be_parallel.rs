//! Calls that wait for one another although nothing shows that they must.

use super::{Find, Rule};
use crate::analysis::context::Context;
use crate::analysis::finding::{Confidence, Finding};
use crate::analysis::independence::{Independence, independence};
use crate::analysis::scenario::Scenario;
use crate::analysis::sequences::Sequence;
use crate::analysis::wording::time;
use crate::model::index::SpanIdx;

/// PERF-3.
pub(super) const RULE: Rule = Rule {
    code: "PERF-3",
    name: "Could run in parallel",
    checks: "calls that run one after the other and could run at the same time",
    fires: "at least two calls of one parent follow one another without overlap, and running them together would \
            make the request at least 5 % (and 5 ms) shorter",
    stake: "what the whole request would save, by replay",
    advice: "Start the calls together if they do not need each other's result.",
    find: Find::Trace(find),
};

fn find(ctx: &Context) -> Vec<Finding> {
    ctx.sequences.iter().filter_map(|sequence| of_sequence(ctx, sequence)).collect()
}

fn of_sequence(ctx: &Context, sequence: &Sequence) -> Option<Finding> {
    let confidence = confidence(ctx, &sequence.members)?;
    let sure = match confidence {
        Confidence::Observed => {
            "In another loaded trace of this endpoint they ran together or the other way round, so none needs another's \
             result."
        }
        Confidence::Possible => "Only if the later call does not need the earlier one's result.",
        _ => "They read different things in the same way, so probably none needs another's result.",
    };
    let condition =
        if confidence == Confidence::Observed { "" } else { " if they do not need each other's result" };
    let after = time(sequence.root_after_ns);
    let advice = format!("Start them together{condition}. The request would take {after}. {sure}");
    let title = format!(
        "{} calls one after the other: {} instead of {}",
        sequence.members.len(),
        time(sequence.window_ns),
        time(sequence.parallel_ns)
    );
    let names: Vec<String> = sequence.members.iter().take(4).map(|&m| ctx.op(m)).collect();
    let meaning = format!(
        "{} waits for {} in turn.",
        ctx.op(sequence.parent),
        crate::analysis::wording::list(&names, 3)
    );
    let first = sequence.members.first().copied();
    Some(
        Finding::new(RULE.code, title)
            .stake(ctx, sequence.root_saving_ns)
            .confidence(confidence)
            .evidence(&sequence.members)
            .with(&[sequence.parent])
            .says(meaning, advice)
            .supposes(Scenario::Parallel { members: sequence.members.clone() })
            .key(ctx, &first.map(|s| ctx.what(s, 100)).unwrap_or_default(), Some(sequence.parent)),
    )
}

/// How sure it is that the calls do not need one another; none where that is unlikely.
fn confidence(ctx: &Context, members: &[SpanIdx]) -> Option<Confidence> {
    let seen_otherwise = |first, second| ctx.seen_otherwise.contains(first, second);
    match independence(ctx.trace(), ctx.facts, members, Some(&seen_otherwise)) {
        Independence::Observed => Some(Confidence::Observed),
        Independence::Likely => Some(Confidence::Likely),
        Independence::Possible => Some(Confidence::Possible),
        Independence::Unlikely => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::analysis::finding::Confidence;
    use crate::analysis::rules::testing::{find, titles};

    #[test]
    fn sequences_are_told_with_how_sure_that_is() {
        let spans = "a 0..330 s/server\nb<a 10..110 s/client name=one\nc<a 115..215 s/client name=two\n\
                     d<a 220..320 s/client name=three";
        assert_eq!(titles(spans, "PERF-3"), ["3 calls one after the other: 310 ms instead of 110 ms"]);
        let found = find(spans, "PERF-3");
        assert_eq!(found[0].confidence, Confidence::Possible);
        assert_eq!(found[0].stake_ns, Some(200_000_000));
        let alike = find(&spans.replace("two", "one").replace("three", "one"), "PERF-3");
        assert_eq!(alike[0].confidence, Confidence::Likely);
    }

    #[test]
    fn another_trace_shows_what_this_one_cannot() {
        let open = "a 0..230 s/server\nb<a 10..110 s/client name=login\nc<a 115..215 s/client name=two";
        let other = "@u a 0..60 s/server\n@u b<a 0..20 s/client name=login\n@u c<a 5..30 s/client name=two";
        assert!(titles(open, "PERF-3").is_empty());
        let found = find(&format!("{open}\n{other}"), "PERF-3");
        assert_eq!(found[0].confidence, Confidence::Observed);
        assert!(found[0].advice.contains("In another loaded trace"), "{}", found[0].advice);
        assert!(!found[0].advice.contains(" if they"), "{}", found[0].advice);
    }

    #[test]
    fn what_must_come_first_is_no_sequence() {
        let spans = "a 0..330 s/server\nb<a 10..110 s/client name=login\nc<a 115..215 s/client name=two";
        assert!(titles(spans, "PERF-3").is_empty());
        assert!(titles("a 0..330 s/server\nb<a 0..200 s/client\nc<a 50..300 s/client", "PERF-3").is_empty());
    }
}
