//! A trace that begins with an outgoing call: what made it is not instrumented.

use super::{Find, Rule};
use crate::analysis::context::Context;
use crate::analysis::finding::{Finding, Severity};
use crate::model::span::SpanKind;

/// PROP-3.
pub(super) const RULE: Rule = Rule {
    code: "PROP-3",
    name: "Client span as root",
    checks: "traces that begin with an outgoing call",
    fires: "the main root has no parent and is of kind CLIENT",
    stake: "nothing",
    advice: "Instrument the entry point.",
    find: Find::Trace(find),
};

fn find(ctx: &Context) -> Vec<Finding> {
    let is_client = |&root: &_| ctx.kind(root) == SpanKind::Client && !ctx.recorded.is_orphan(root);
    let Some(root) = ctx.recorded.main_root().filter(is_client) else { return Vec::new() };
    let service = ctx.service(root);
    vec![
        Finding::new(RULE.code, "The trace begins with an outgoing call".to_owned())
            .severity(Severity::Low)
            .evidence(&[root])
            .says(
                format!("What made {service} call is not recorded, so neither is how long it took."),
                format!("Instrument the entry point of {service}."),
            )
            .key(ctx, service, Some(root)),
    ]
}

#[cfg(test)]
mod tests {
    use crate::analysis::rules::testing::titles;

    #[test]
    fn only_a_client_root_is_told() {
        assert_eq!(titles("a 0..10 web/client", "PROP-3"), ["The trace begins with an outgoing call"]);
        assert!(titles("a 0..10 web/server\nb<a 1..9 web/client", "PROP-3").is_empty());
    }
}
