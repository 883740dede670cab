//! A large body on a call that takes long.

use super::{Find, Rule};
use crate::analysis::context::Context;
use crate::analysis::finding::{Confidence, Finding};
use crate::analysis::settings::MILLISECOND;
use crate::analysis::wording::{bytes, time};
use crate::base::sort::CompactSort as _;

/// PERF-10.
pub(super) const RULE: Rule = Rule {
    code: "PERF-10",
    name: "Large payload",
    checks: "large bodies on slow calls",
    fires: "a request or response body has at least 300 kB and the span takes at least 100 ms",
    stake: "its time on the critical path",
    advice: "Page, compress or trim the body.",
    find: Find::Trace(find),
};

const MOST: usize = 10;
const LARGE: u64 = 300_000;

fn find(ctx: &Context) -> Vec<Finding> {
    let is_slow = |span| ctx.recorded.duration(span) >= 100 * MILLISECOND;
    let mut large: Vec<_> =
        ctx.facts.bodies().filter(|&(span, body)| body.bytes >= LARGE && is_slow(span)).collect();
    large.compact_sort_by_key(|&(span, body)| (std::cmp::Reverse((ctx.cp(span), body.bytes)), span));
    large.truncate(MOST);
    large
        .into_iter()
        .map(|(span, body)| {
            let side = if body.is_request { "request" } else { "response" };
            let op = ctx.op(span);
            Finding::new(RULE.code, format!("{} {side} body on {op}", bytes(body.bytes)))
                .stake(ctx, ctx.cp(span))
                .confidence(Confidence::Possible)
                .evidence(&[span])
                .says(
                    format!(
                        "{op} took {}; moving and parsing the body is part of it.",
                        time(ctx.recorded.duration(span))
                    ),
                    "Page, compress or trim it.".to_owned(),
                )
                .key(ctx, &ctx.what(span, 100), Some(span))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::analysis::rules::testing::titles;

    #[test]
    fn large_bodies_are_told() {
        let call = |size: &str| {
            format!("a 0..400 s/server\nb<a 10..390 s/client name=export http.response.body.size={size}")
        };
        assert_eq!(titles(&call("2500000"), "PERF-10"), ["2.50 MB response body on export"]);
        assert!(titles(&call("2500"), "PERF-10").is_empty());
    }
}
