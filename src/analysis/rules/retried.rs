//! Calls that failed and were tried again.

use super::{Find, Rule};
use crate::analysis::context::Context;
use crate::analysis::critical_path::Section;
use crate::analysis::finding::{Finding, Severity, severity_of};
use crate::analysis::retries::RetryGroup;
use crate::analysis::scenario::Scenario;
use crate::analysis::wording::{add, counted, short, time};
use crate::model::index::SpanIdx;

/// ERR-3.
pub(super) const RULE: Rule = Rule {
    code: "ERR-3",
    name: "Retries",
    checks: "calls that were tried again",
    fires: "siblings that make the same call (same fingerprint and, where known, the same statement or URL letter by \
            letter) follow one another, all but the last failing: 3 attempts, or 5 % of the request",
    stake: "the time from the first to the last attempt, as far as the request waited for it",
    advice: "Fix the cause of the failures; check back-off and limit.",
    find: Find::Trace(find),
};

/// From this many groups with one target on, everybody retries it.
const STORM: usize = 5;
const MOST: usize = 20;

fn find(ctx: &Context) -> Vec<Finding> {
    let is_told = |g: &&RetryGroup| g.attempts.len() >= 3 || g.wasted_ns >= ctx.root_ns() / 20;
    let groups: Vec<&RetryGroup> = ctx.retries.iter().filter(is_told).take(MOST).collect();
    groups.iter().map(|group| of_group(ctx, group, ctx.retries)).collect()
}

fn of_group(ctx: &Context, group: &RetryGroup, all: &[RetryGroup]) -> Finding {
    let (Some(&first), Some(&last)) = (group.attempts.first(), group.attempts.last()) else {
        return Finding::default();
    };
    let (from, to) = (ctx.recorded.start(first), ctx.recorded.start(last));
    let on_path = waited(ctx, group.parent, from, to).min(group.wasted_ns);
    let op = ctx.op(first);
    let n = group.attempts.len();
    let cause = ctx.facts.error_type(first).or_else(|| ctx.facts.error_message(first));
    let cause = cause.map(|c| format!(" ({})", short(c, 60))).unwrap_or_default();
    let end = if group.succeeded { "the last one succeeded" } else { "the last one failed as well" };
    let mut meaning = format!("{op} was tried {n} times by {}; {end}.", ctx.service(first));
    let same = all.iter().filter(|other| other.fingerprint == group.fingerprint).count();
    if same >= STORM {
        add(&mut meaning, format_args!(" {} retry it: a retry storm.", counted(same as u64, "caller")));
    }
    let mut finding =
        Finding::new(RULE.code, format!("{n} attempts at {op}, {} lost", time(group.wasted_ns)))
            .stake(ctx, on_path)
            .evidence(&group.attempts)
            .with(&[group.parent])
            .interval(from, ctx.recorded.end(last))
            .says(meaning, format!("Fix the cause{cause}; check back-off and limit."))
            .key(ctx, ctx.facts.fingerprint_text(group.fingerprint), Some(group.parent));
    finding.severity = severity_of(on_path, ctx.root_ns()).min(Severity::Low);
    finding.scenario = Some(Scenario::Batch { members: group.attempts.clone() });
    // The pauses between the attempts are the caller's.
    finding.around = Some(group.parent);
    finding
}

/// How much of this time the request waited for the caller or something below it.
fn waited(ctx: &Context, parent: SpanIdx, from: i64, to: i64) -> i64 {
    let is_its = |s: &Section| ctx.trace().is_within(s.span, parent);
    ctx.path.iter().filter(is_its).map(|s| (s.to.min(to) - s.from.max(from)).max(0)).sum()
}

#[cfg(test)]
mod tests {
    use crate::analysis::rules::testing::{codes, find, titles};

    #[test]
    fn attempts_are_counted_with_their_pauses() {
        let get = "s/client name=GET http.method=GET url.full=http://h/x";
        let spans =
            format!("a 0..230 s/internal\nb<a 0..30 {get} error\nc<a 50..80 {get} error\nd<a 120..150 {get}");
        assert_eq!(titles(&spans, "ERR-3"), ["3 attempts at GET h, 120 ms lost"]);
        assert_eq!(find(&spans, "ERR-3")[0].stake_ns, Some(120_000_000));
        let told = codes(&spans);
        assert!(!told.contains(&"PERF-2") && !told.contains(&"PERF-13"), "{told:?}");
        // Whoever asks for one thing after the other, and fails each time, tries nothing again.
        let each = || {
            let get = |id: u32| format!("s/client name=GET http.method=GET url.full=http://h/x/{id}");
            let (b, c, d) = (get(17), get(18), get(19));
            format!("a 0..230 s/internal\nb<a 0..30 {b} error\nc<a 50..80 {c} error\nd<a 120..150 {d} error")
        };
        assert!(titles(&each(), "ERR-3").is_empty());
        // Among such calls the one that is made again is found, also where others come in between.
        let again =
            format!("{}\ne<a 160..190 s/client name=GET http.method=GET url.full=http://h/x/17", each());
        assert_eq!(titles(&again, "ERR-3"), ["2 attempts at GET h, 160 ms lost"]);
        let once = format!("a 0..2300 s/internal\nb<a 0..30 {get} error\nc<a 50..80 {get}");
        assert!(titles(&once, "ERR-3").is_empty());
    }
}
