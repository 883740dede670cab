//! How well each service is instrumented, as far as traces show.

use super::{Find, Rule};
use crate::analysis::context::Context;
use crate::analysis::finding::{Finding, Severity};
use crate::analysis::instrumentation_score::{Score, scores};
use crate::analysis::resources::services;
use crate::analysis::wording::{hundredths, list};

/// SCORE.
pub(super) const RULE: Rule = Rule {
    code: "SCORE",
    name: "Instrumentation score",
    checks: "rules of the community's instrumentation score",
    fires: "of the rules of the Instrumentation Score that traces can show, a service passes less than 75 % by weight",
    stake: "nothing",
    advice: "Mend the failed rules, the heaviest first.",
    find: Find::Trace(find),
};

const MOST: usize = 20;
/// From here on the specification calls a score good.
const GOOD: u32 = 7_500;

fn find(ctx: &Context) -> Vec<Finding> {
    let services = services(ctx.set, ctx.domains, ctx.recorded);
    let scores = scores(ctx.trace(), &services, ctx.quality);
    let failed = scores.iter().filter(|score| score.score_x100 < GOOD).take(MOST);
    failed
        .map(|score| {
            let first = services.iter().find(|s| s.service == score.service).map(|s| s.first);
            of_service(ctx, score, first.as_slice())
        })
        .collect()
}

fn of_service(ctx: &Context, score: &Score, first: &[crate::model::index::SpanIdx]) -> Finding {
    let service = first.first().map_or("", |&span| ctx.service(span));
    let number = hundredths(u64::from(score.score_x100));
    let title = format!("Instrumentation of {service}: {number} ({}, trace rules only)", score.word());
    Finding::new(RULE.code, title)
        .severity(Severity::Info)
        .evidence(first)
        .says(
            format!("{} of {} rules failed.", score.failed.len(), score.evaluated.len()),
            format!("Mend {}; each is explained in the Instrumentation Score.", list(&score.failed, 9)),
        )
        .key(ctx, service, None)
}

#[cfg(test)]
mod tests {
    use crate::analysis::rules::testing::titles;

    #[test]
    fn failed_rules_lower_the_score() {
        assert!(titles("a 0..10 web/server r:service.instance.id=one", "SCORE").is_empty());
        let told = titles("a 0..10 /client", "SCORE");
        assert!(told[0].starts_with("Instrumentation of an unnamed service: 59.09 (needs impr"), "{told:?}");
    }
}
