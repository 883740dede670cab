//! The same call, letter by letter, several times in one request: its result could be kept.

use super::repeated::{has_parameters, saves_about};
use super::{Find, Rule};
use crate::analysis::context::Context;
use crate::analysis::finding::{Confidence, Finding};
use crate::analysis::repeats::IdenticalCalls;
use crate::analysis::scenario::Scenario;
use crate::analysis::wording::time;

/// PERF-5.
pub(super) const RULE: Rule = Rule {
    code: "PERF-5",
    name: "Identical repeated call",
    checks: "calls that ask for exactly the same again",
    fires: "at least 3 calls of a request have the same statement or URL, values included, and change nothing",
    stake: "what the whole request would save if one of them did for all, by replay",
    advice: "Keep the result for the length of the request.",
    find: Find::Trace(find),
};

const MOST: usize = 10;

fn find(ctx: &Context) -> Vec<Finding> {
    let says_values = |group: &&IdenticalCalls| group.calls.first().is_some_and(|&c| !has_parameters(ctx, c));
    let groups = ctx.identical_calls.iter().filter(says_values).take(MOST);
    groups
        .map(|group| {
            let (calls, saving) = (&group.calls, group.root_saving_ns);
            let what = ctx.what(calls[0], 80);
            let service = ctx.service(calls[0]);
            let total = time(group.total_ns);
            Finding::new(RULE.code, format!("The same {what} {} times", calls.len()))
                .stake(ctx, saving)
                .confidence(Confidence::Likely)
                .evidence(calls)
                .says(
                    format!("{service} asks for exactly the same each time, {total} in all."),
                    format!("Keep the result for the length of the request{}.", saves_about(saving)),
                )
                .supposes(Scenario::Batch { members: calls.clone() })
                .key(ctx, ctx.facts.fingerprint_text(group.fingerprint), None)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::analysis::rules::testing::titles;

    #[test]
    fn the_same_url_three_times_is_told() {
        let get = |at: u32, path: &str| {
            format!(
                "\nc{at}<a {}..{} s/client http.method=GET url.full=http://h/{path}",
                at * 100,
                at * 100 + 90
            )
        };
        let same = format!("a 0..1000 s/server{}{}{}", get(1, "x"), get(3, "x"), get(6, "x"));
        assert_eq!(titles(&same, "PERF-5"), ["The same GET h/x 3 times"]);
        let others = format!("a 0..1000 s/server{}{}{}", get(1, "x"), get(3, "y"), get(6, "x"));
        assert!(titles(&others, "PERF-5").is_empty());
    }
}
