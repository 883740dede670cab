//! A caller that stopped waiting: timeouts, cancellations, answers that came too late.

use super::{Find, Rule};
use crate::analysis::context::Context;
use crate::analysis::errors::{Timeout, timeouts};
use crate::analysis::finding::{Confidence, Finding, Severity};
use crate::analysis::wording::time;
use crate::base::sort::CompactSort as _;

/// ERR-4.
pub(super) const RULE: Rule = Rule {
    code: "ERR-4",
    name: "Caller gave up",
    checks: "calls whose caller gave up",
    fires: "a server goes on clearly after its client has ended, or a failed client span speaks of a timeout, a deadline or \
            a cancellation, or lasted almost exactly as long as a common timeout",
    stake: "how long the client waited",
    advice: "Raise the timeout or make the server faster; what it did was wasted.",
    find: Find::Trace(find),
};

const MOST: usize = 20;

fn find(ctx: &Context) -> Vec<Finding> {
    let mut found = timeouts(ctx.recorded, ctx.facts, ctx.settings);
    found.compact_sort_by_key(|t| (std::cmp::Reverse(ctx.recorded.duration(t.client)), t.client));
    found.truncate(MOST);
    found.iter().map(|timeout| of_call(ctx, timeout)).collect()
}

fn of_call(ctx: &Context, timeout: &Timeout) -> Finding {
    let &Timeout { client, late, is_stated, looks_like_ns } = timeout;
    let (server, late_ns) = (late.map(|l| l.0), late.map_or(0, |l| l.1));
    let confidence = match (is_stated, server) {
        (true, _) => Confidence::Certain,
        (_, Some(_)) => Confidence::Likely,
        _ => Confidence::Possible,
    };
    let length = ctx.recorded.duration(client);
    let from = ctx.service(client);
    let target = server.map_or_else(|| ctx.op(client), |s| ctx.service(s).to_owned());
    let mut meaning = match looks_like_ns {
        Some(timeout) => format!("{} looks like a configured timeout of {}.", time(length), time(timeout)),
        None => format!("{from} stopped waiting for {}.", ctx.op(client)),
    };
    let advice = match server {
        Some(_) => {
            meaning.push_str(" What the server did after that was wasted.");
            format!("{target} answered {} later: raise the timeout or make it faster.", time(late_ns))
        }
        None => format!("Find out why {target} did not answer, then raise the timeout or make it faster."),
    };
    let mut finding = Finding::new(RULE.code, format!("{from} gave up on {target} after {}", time(length)))
        .stake(ctx, length)
        .evidence(&[client])
        .with(server.as_slice())
        .confidence(confidence)
        .says(meaning, advice)
        .key(ctx, &ctx.what(client, 100), Some(client));
    // A failure to be looked at, but what it did to the request is told by others.
    finding.severity = if confidence == Confidence::Possible { Severity::Low } else { Severity::Medium };
    finding
}

#[cfg(test)]
mod tests {
    use crate::analysis::rules::testing::{find, titles};

    #[test]
    fn late_servers_and_timeouts_are_told() {
        let late = "a 0..100 web/server\nb<a 0..50 web/client\nc<b 5..90 shop/server";
        assert_eq!(titles(late, "ERR-4"), ["web gave up on shop after 50.0 ms"]);
        assert!(find(late, "ERR-4")[0].advice.starts_with("shop answered 40.0 ms later"));
        let spoken = "a 0..700 web/server\nb<a 0..620 web/client name=pay error message=deadline+exceeded";
        assert_eq!(titles(spoken, "ERR-4"), ["web gave up on pay after 620 ms"]);
        let configured = "a 0..700 web/server\nb<a 0..501 web/client name=pay error message=oh";
        assert!(find(configured, "ERR-4")[0].meaning.contains("configured timeout of 500 ms"));
        assert!(
            titles("a 0..100 web/server\nb<a 0..50 web/client\nc<b 5..49 shop/server", "ERR-4").is_empty()
        );
    }
}
