//! Attributes under names that the conventions have given up, or where they do not belong.

use super::resources::resources;
use super::{Find, Rule};
use crate::analysis::context::Context;
use crate::analysis::finding::{Finding, Severity};
use crate::analysis::quality::KeyUse;
use crate::analysis::wording::{counted, list};
use crate::base::sort::CompactSort as _;
use crate::model::index::SpanIdx;

/// RES-3.
pub(super) const RULE: Rule = Rule {
    code: "RES-3",
    name: "Old names, wrong level",
    checks: "attributes under old names or in the wrong place",
    fires: "spans carry attributes that the semantic conventions renamed, a span carries service.name, or a resource \
            carries http, url, db, rpc or messaging attributes",
    stake: "nothing",
    advice: "Use the new names; update the instrumentation library.",
    find: Find::Trace(find),
};

fn find(ctx: &Context) -> Vec<Finding> {
    let keys = &ctx.quality.keys;
    let mut old: Vec<(&KeyUse, &str)> = keys.iter().filter_map(|k| Some((k, k.new_name?))).collect();
    old.compact_sort_by(|a, b| a.0.key.cmp(&b.0.key));
    let mut found = Vec::new();
    if let Some(&(first, _)) = old.first() {
        let pairs: Vec<String> = old.iter().map(|(old, new)| format!("{new} for {}", old.key)).collect();
        let has_new = keys.iter().any(|k| old.iter().any(|(_, new)| *new == k.key));
        let mixed = if has_new { " Old and new names are mixed in this trace." } else { "" };
        let scope = ctx.set.scope(ctx.details(first.first).scope);
        let library = match (scope.name, scope.version) {
            ("", _) => "the instrumentation library".to_owned(),
            (name, version) => format!("{name} {version}").trim_end().to_owned(),
        };
        let evidence: Vec<SpanIdx> = old.iter().map(|(k, _)| k.first).collect();
        found.push(
            Finding::new(RULE.code, format!("{} under old names", counted(old.len() as u64, "attribute")))
                .severity(Severity::Info)
                .evidence(&evidence)
                .says(
                    format!("Queries and dashboards for the present conventions do not find them.{mixed}"),
                    format!("Use {}; update {library}.", list(&pairs, 4)),
                )
                .key(ctx, "names", None),
        );
    }
    found.extend(wrong_level(ctx));
    found
}

fn wrong_level(ctx: &Context) -> Option<Finding> {
    const OF_SPANS: [&str; 5] = ["http.", "url.", "db.", "rpc.", "messaging."];
    let mut wrong: Vec<(&str, SpanIdx)> =
        ctx.quality.misplaced.iter().take(50).map(|&span| ("service.name", span)).collect();
    for ((_, resource), span) in resources(ctx) {
        let attributes = ctx.set.resource(resource).attributes;
        let misplaced =
            attributes.iter().filter(|(k, _)| OF_SPANS.iter().any(|prefix| k.starts_with(prefix)));
        wrong.extend(misplaced.map(|&(key, _)| (key, span)));
    }
    let (_, first) = *wrong.first()?;
    let mut names: Vec<&str> = wrong.iter().map(|w| w.0).collect();
    names.compact_sort();
    names.dedup();
    let evidence: Vec<SpanIdx> = wrong.iter().map(|w| w.1).collect();
    let title = format!("{} at the wrong level", counted(names.len() as u64, "attribute"));
    let whose = "service.name belongs to the resource, what a call is about to its span.";
    Some(
        Finding::new(RULE.code, title)
            .severity(Severity::Low)
            .evidence(&evidence)
            .says(whose.to_owned(), format!("Move {} where it belongs.", list(&names, 4)))
            .key(ctx, "level", Some(first)),
    )
}

#[cfg(test)]
mod tests {
    use crate::analysis::rules::testing::{find, titles};

    #[test]
    fn old_names_and_wrong_levels_are_told() {
        let old = "a 0..10 web/server http.method=GET http.url=http://h/";
        assert_eq!(titles(old, "RES-3"), ["2 attributes under old names"]);
        assert!(
            find(old, "RES-3")[0]
                .advice
                .starts_with("Use http.request.method for http.method and url.full for")
        );
        assert_eq!(titles("a 0..10 web/server service.name=x", "RES-3"), ["1 attribute at the wrong level"]);
        assert_eq!(titles("a 0..10 web/server r:db.name=x", "RES-3"), ["1 attribute at the wrong level"]);
        assert!(titles("a 0..10 web/server http.request.method=GET", "RES-3").is_empty());
    }
}
