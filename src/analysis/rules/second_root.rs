//! A second root inside the request: the context was lost within a process.

use super::{Find, Rule};
use crate::analysis::context::Context;
use crate::analysis::finding::{Finding, Severity};
use crate::analysis::wording::counted;
use crate::base::sort::CompactSort as _;
use crate::model::index::SpanIdx;

/// PROP-2.
pub(super) const RULE: Rule = Rule {
    code: "PROP-2",
    name: "Several roots",
    checks: "further roots inside the request",
    fires: "a span without a parent lies within the time of the main root, which has no parent either",
    stake: "nothing",
    advice: "Start spans inside the active context (tasks, threads, callbacks).",
    find: Find::Trace(find),
};

const MOST: usize = 10;

fn find(ctx: &Context) -> Vec<Finding> {
    let recorded = ctx.recorded;
    let Some(main) = recorded.main_root().filter(|&root| !recorded.is_orphan(root)) else {
        return Vec::new();
    };
    let (from, to) = (recorded.start(main), recorded.end(main));
    let mut second: Vec<SpanIdx> = recorded
        .roots()
        .iter()
        .copied()
        .filter(|&r| {
            r != main && !recorded.is_orphan(r) && recorded.start(r) >= from && recorded.end(r) <= to
        })
        .collect();
    second.compact_sort_by_key(|&r| (ctx.trace().service(r), recorded.start(r), r));
    let groups = second.chunk_by(|&a, &b| ctx.trace().service(a) == ctx.trace().service(b));
    groups
        .take(MOST)
        .map(|roots| {
            let service = ctx.service(roots[0]);
            let title = match roots {
                [_] => format!("{service} started a second root inside the request"),
                many => format!("{service} started {} inside the request", counted(many.len() as u64, "further root")),
            };
            Finding::new(RULE.code, title)
                .severity(Severity::Medium)
                .evidence(roots)
                .with(&[main])
                .says(
                    format!("They belong to the same trace, but nothing says below what: context is lost in {service}."),
                    format!("Start spans of {service} inside the active context (tasks, threads, callbacks)."),
                )
                .key(ctx, service, Some(roots[0]))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::analysis::rules::testing::titles;

    #[test]
    fn roots_within_the_request_are_told() {
        assert_eq!(
            titles("a 0..100 web/server\nb 10..40 jobs/internal", "PROP-2"),
            ["jobs started a second root inside the request"]
        );
        assert!(titles("a 0..100 web/server\nb 90..140 jobs/internal", "PROP-2").is_empty());
    }
}
