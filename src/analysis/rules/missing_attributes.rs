//! Services that do not say which version they are, where they run, and in which pod.

use std::collections::BTreeMap;

use super::resources::resources;
use super::{Find, Rule};
use crate::analysis::context::Context;
use crate::analysis::finding::{Finding, Severity};
use crate::analysis::wording::list;
use crate::model::index::{ServiceIdx, SpanIdx};

/// RES-2.
pub(super) const RULE: Rule = Rule {
    code: "RES-2",
    name: "Missing resource attributes",
    checks: "services without version, environment or pod",
    fires: "a resource lacks service.version or deployment.environment.name or, with other Kubernetes attributes, both \
            k8s.pod.name and k8s.pod.uid",
    stake: "nothing",
    advice: "Set them in OTEL_RESOURCE_ATTRIBUTES or a collector processor.",
    find: Find::Trace(find),
};

const MOST: usize = 20;

fn find(ctx: &Context) -> Vec<Finding> {
    let mut lacking: BTreeMap<ServiceIdx, (Vec<&str>, SpanIdx)> = BTreeMap::new();
    for ((service, resource), span) in resources(ctx) {
        let attributes = ctx.set.resource(resource).attributes;
        let has = |key: &str| attributes.iter().any(|(k, _)| *k == key);
        let entry = lacking.entry(service).or_insert((Vec::new(), span));
        let mut lacks = |is_missing: bool, key| {
            if is_missing && !entry.0.contains(&key) {
                entry.0.push(key);
            }
        };
        lacks(!has("service.version"), "service.version");
        lacks(
            !has("deployment.environment.name") && !has("deployment.environment"),
            "deployment.environment.name",
        );
        let in_kubernetes = attributes.iter().any(|(k, _)| k.starts_with("k8s."));
        lacks(in_kubernetes && !has("k8s.pod.name") && !has("k8s.pod.uid"), "k8s.pod.name");
    }
    lacking
        .into_values()
        .filter(|(keys, _)| !keys.is_empty())
        .take(MOST)
        .map(|(keys, span)| {
            let service = ctx.service(span);
            Finding::new(RULE.code, format!("{service} lacks {}", list(&keys, 3)))
                .severity(Severity::Info)
                .evidence(&[span])
                .says(
                    "Without them, spans of different releases, environments or instances cannot be told apart.".to_owned(),
                    "Set them in OTEL_RESOURCE_ATTRIBUTES or a collector processor.".to_owned(),
                )
                .key(ctx, service, None)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::analysis::rules::testing::titles;

    #[test]
    fn what_a_resource_lacks_is_told() {
        let all = "a 0..10 web/server r:service.version=1 r:deployment.environment=prod";
        assert!(titles(all, "RES-2").is_empty());
        assert_eq!(titles(&format!("{all} r:k8s.namespace.name=x"), "RES-2"), ["web lacks k8s.pod.name"]);
        assert_eq!(
            titles("a 0..10 web/server", "RES-2"),
            ["web lacks service.version and deployment.environment.name"]
        );
    }
}
