//! Failures that are only half recorded: an exception without an error status, or a status that says nothing.

use super::{Find, Rule};
use crate::analysis::context::Context;
use crate::analysis::finding::{Finding, Severity};
use crate::analysis::wording::{counted, list};
use crate::base::sort::CompactSort as _;
use crate::model::index::SpanIdx;
use crate::model::span::Status;

/// ERR-5.
pub(super) const RULE: Rule = Rule {
    code: "ERR-5",
    name: "Exception without error status",
    checks: "exceptions without an error status, and errors without a reason",
    fires: "a span has an exception event and its status is not error, or its status is error and neither message nor type say \
            why",
    stake: "nothing",
    advice: "Set the span status where the exception is recorded.",
    find: Find::Trace(find),
};

fn find(ctx: &Context) -> Vec<Finding> {
    let trace = ctx.trace();
    let silent: Vec<SpanIdx> = ctx.facts.exceptions().filter(|&s| trace.status(s) != Status::Error).collect();
    let says_nothing = |&s: &SpanIdx| {
        trace.status(s) == Status::Error
            && !ctx.facts.has_exception(s)
            && ctx.facts.error_type(s).is_none()
            && ctx.facts.error_message(s).is_none()
            // A call that only passes on what failed below it is explained there.
            && !ctx.recorded.children(s).iter().any(|&c| ctx.facts.is_error(c))
    };
    let unexplained: Vec<SpanIdx> = ctx.facts.errors().filter(says_nothing).collect();
    let mut found = Vec::new();
    if let Some(&first) = silent.first() {
        let title = format!("Exception recorded, but no error status on {}", whose(ctx, &silent));
        let meaning = "Backends that count errors by status do not see these.".to_owned();
        let advice = "Set the span status where the exception is recorded.".to_owned();
        found.push(
            Finding::new(RULE.code, title)
                .severity(Severity::Low)
                .evidence(&silent)
                .says(meaning, advice)
                .key(ctx, "silent", Some(first)),
        );
    }
    if let Some(&first) = unexplained.first() {
        let title = format!("Error status without a reason on {}", whose(ctx, &unexplained));
        let meaning = "That something failed is recorded, but not what.".to_owned();
        let advice = "Record the exception, or set a status message.".to_owned();
        found.push(
            Finding::new(RULE.code, title)
                .severity(Severity::Low)
                .evidence(&unexplained)
                .says(meaning, advice)
                .key(ctx, "unexplained", Some(first)),
        );
    }
    found
}

fn whose(ctx: &Context, spans: &[SpanIdx]) -> String {
    match spans {
        [one] => ctx.op(*one),
        many => {
            let mut names: Vec<String> = many.iter().take(20).map(|&s| ctx.op(s)).collect();
            names.compact_sort();
            names.dedup();
            format!("{} ({})", counted(many.len() as u64, "span"), list(&names, 3))
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::analysis::rules::testing::titles;

    #[test]
    fn half_recorded_failures_are_told() {
        let silent = "a 0..10 s/server\nb<a 1..9 s/internal name=load e:exception=oh";
        assert_eq!(titles(silent, "ERR-5"), ["Exception recorded, but no error status on load"]);
        let unexplained = "a 0..10 s/server\nb<a 1..9 s/internal name=load error";
        assert_eq!(titles(unexplained, "ERR-5"), ["Error status without a reason on load"]);
        assert!(titles("a 0..10 s/server\nb<a 1..9 s/internal error message=oh", "ERR-5").is_empty());
    }
}
