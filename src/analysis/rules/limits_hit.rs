//! Data that the SDK cut off at its limits.

use super::{Find, Rule};
use crate::analysis::context::Context;
use crate::analysis::finding::{Finding, Severity};
use crate::analysis::wording::{counted, list};
use crate::model::index::SpanIdx;

/// VOL-3.
pub(super) const RULE: Rule = Rule {
    code: "VOL-3",
    name: "Limits hit",
    checks: "data that limits of the SDK cut off",
    fires: "a span says that attributes, events or links were dropped",
    stake: "nothing",
    advice: "Raise the SDK's limits or record less.",
    find: Find::Trace(find),
};

fn find(ctx: &Context) -> Vec<Finding> {
    let dropped = ctx.facts.dropped();
    let mut sums = [0_u64; 3];
    for (_, counts) in dropped {
        for (sum, &count) in sums.iter_mut().zip(counts) {
            *sum += u64::from(count);
        }
    }
    let parts: Vec<String> = sums
        .iter()
        .zip(["attribute", "event", "link"])
        .filter(|&(&n, _)| n > 0)
        .map(|(&n, word)| counted(n, word))
        .collect();
    let spans: Vec<SpanIdx> = dropped.iter().map(|d| SpanIdx(d.0)).collect();
    if parts.is_empty() {
        return Vec::new();
    }
    vec![
        Finding::new(RULE.code, format!("Limits cut {}", list(&parts, 3)))
            .severity(Severity::Low)
            .evidence(&spans)
            .says(
                "What is missing here was recorded and thrown away before it was sent.".to_owned(),
                "Raise the SDK limits or record less.".to_owned(),
            )
            .key(ctx, "", None),
    ]
}

#[cfg(test)]
mod tests {
    use crate::analysis::rules::testing::titles;

    #[test]
    fn dropped_data_is_told() {
        assert_eq!(titles("a 0..10 s/server dropped=3", "VOL-3"), ["Limits cut 3 attributes"]);
        assert!(titles("a 0..10 s/server", "VOL-3").is_empty());
    }
}
