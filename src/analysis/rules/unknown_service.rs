//! Spans of a service without a name.

use super::{Find, Rule};
use crate::analysis::context::Context;
use crate::analysis::finding::{Finding, Severity};
use crate::analysis::wording::counted;
use crate::model::index::SpanIdx;

/// RES-1.
pub(super) const RULE: Rule = Rule {
    code: "RES-1",
    name: "Unknown service",
    checks: "services without a name",
    fires: "the service name of a span is missing, empty, or begins with unknown_service",
    stake: "nothing",
    advice: "Set OTEL_SERVICE_NAME (or service.name).",
    find: Find::Trace(find),
};

fn find(ctx: &Context) -> Vec<Finding> {
    let trace = ctx.trace();
    let is_unnamed: Vec<bool> =
        trace.services().iter().map(|name| name.is_empty() || name.starts_with("unknown_service")).collect();
    if !is_unnamed.contains(&true) {
        return Vec::new();
    }
    let unnamed = |&s: &SpanIdx| is_unnamed.get(trace.service(s).at()).copied().unwrap_or(true);
    let spans: Vec<SpanIdx> = ctx.recorded.spans().filter(unnamed).collect();
    if spans.is_empty() {
        return Vec::new();
    }
    vec![
        Finding::new(RULE.code, format!("{} from an unnamed service", counted(spans.len() as u64, "span")))
            .severity(Severity::Medium)
            .evidence(&spans)
            .says(
                "Nobody can tell which service these come from, and backends put all such services together."
                    .to_owned(),
                "Set OTEL_SERVICE_NAME (or service.name).".to_owned(),
            )
            .key(ctx, "", None),
    ]
}

#[cfg(test)]
mod tests {
    use crate::analysis::rules::testing::titles;

    #[test]
    fn services_without_a_name_are_told() {
        assert_eq!(titles("a 0..10 /server", "RES-1"), ["1 span from an unnamed service"]);
        assert_eq!(titles("a 0..10 unknown_service:python/server", "RES-1").len(), 1);
        assert!(titles("a 0..10 web/server", "RES-1").is_empty());
    }
}
