//! What the services of a trace say of themselves: names, instances, versions, and what stands in the wrong
//! place.

use crate::base::hash;
use crate::base::sort::CompactSort as _;
use crate::model::attributes::Value;
use crate::model::index::{ResourceIdx, ServiceIdx, SpanIdx};
use crate::model::span::{Flags, SpanKind};
use crate::model::trace_set::TraceSet;

use super::clock_domain::ClockDomains;
use super::recorded::Recorded;
use super::settings::MILLISECOND;

/// Spans shorter than this are many for what they tell.
pub const SHORT_NS: i64 = 5 * MILLISECOND;

/// What a resource should say; the last two count on Kubernetes only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are in `EXPECTED`")]
pub enum Expected {
    Instance,
    Version,
    Environment,
    PodUid,
    PodName,
}

/// Everything that a resource should say, with its names.
pub const EXPECTED: &[(Expected, &[&str])] = &[
    (Expected::Instance, &["service.instance.id"]),
    (Expected::Version, &["service.version"]),
    (Expected::Environment, &["deployment.environment.name", "deployment.environment"]),
    (Expected::PodUid, &["k8s.pod.uid"]),
    (Expected::PodName, &["k8s.pod.name"]),
];

/// Beginnings of keys that belong to spans.
const OF_SPANS: &[&str] = &["http.", "url.", "db.", "rpc.", "messaging."];

/// A service of a trace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceUse {
    /// The service.
    pub service: ServiceIdx,
    /// Its first span.
    pub first: SpanIdx,
    /// Its spans.
    pub n_spans: u32,
    /// Those of kind internal.
    pub n_internal: u32,
    /// Those shorter than [`SHORT_NS`].
    pub n_short: u32,
    /// Those whose parent is missing.
    pub n_orphans: u32,
    /// Roots of kind client whose parent is not missing.
    pub n_client_roots: u32,
    /// Spans whose resource does not say what is expected, in the order of [`EXPECTED`].
    pub n_lacking: [u32; EXPECTED.len()],
    /// Whether any resource speaks of Kubernetes.
    pub on_kubernetes: bool,
    /// Whether one instance id is shared by several pods.
    pub shares_instance: bool,
    /// Keys of resources that belong to spans.
    pub misplaced: Vec<String>,
    /// Old names in its resources.
    pub old_names: Vec<&'static str>,
    /// Language of the SDK; may be empty.
    pub language: String,
}

impl ServiceUse {
    /// Whether spans lack what is expected; what counts on Kubernetes only is not missed elsewhere.
    pub fn lacks(&self, expected: Expected) -> bool {
        let counts = self.on_kubernetes || !matches!(expected, Expected::PodUid | Expected::PodName);
        counts && self.n_lacking[expected as usize] > 0
    }
}

/// Whether a service was never given a name.
pub fn is_unknown(service: &str) -> bool {
    service.trim().is_empty() || service.starts_with("unknown_service")
}

/// What one resource says.
#[derive(Default)]
struct Said {
    /// Bits of [`EXPECTED`].
    has: u8,
    on_kubernetes: bool,
    /// Hashes of instance id and pod; 0 for none.
    instance: u64,
    pod: u64,
    misplaced: Vec<String>,
    old_names: Vec<&'static str>,
    language: String,
}

impl Said {
    fn of(set: &TraceSet, resource: ResourceIdx) -> Self {
        let mut said = Self::default();
        for (key, value) in &set.resource(resource).attributes {
            let text = if let Value::Str(text) = value { text } else { "" };
            let is_named = |(_, names): &(_, &[&str])| names.contains(key);
            if let Some(at) = EXPECTED.iter().position(is_named) {
                said.has |= 1 << at;
            }
            match *key {
                "service.instance.id" => said.instance = hash::text(1, text),
                "k8s.pod.uid" | "k8s.pod.name" => said.pod = hash::mix(said.pod, hash::text(1, text)),
                "telemetry.sdk.language" => text.clone_into(&mut said.language),
                "deployment.environment" => said.old_names.push("deployment.environment"),
                _ if OF_SPANS.iter().any(|start| key.starts_with(start)) => {
                    said.misplaced.push((*key).to_owned());
                }
                _ => {}
            }
            said.on_kubernetes |= key.starts_with("k8s.");
        }
        said
    }
}

/// The services of a trace, by their index. Each resource is looked at once; O(n).
pub fn services(set: &TraceSet, domains: &ClockDomains, recorded: &Recorded) -> Vec<ServiceUse> {
    let trace = recorded.trace();
    let mut services: Vec<ServiceUse> = vec![ServiceUse::default(); trace.services().len()];
    let said = |resource: Option<ResourceIdx>| Said::of(set, resource.unwrap_or_default());
    let resources: Vec<Said> = domains.owners.iter().map(|owner| said(owner.resource)).collect();
    // What spans are is counted for each of them, what their resources say once for all spans with one.
    let mut of_owner = vec![0_u32; domains.owners.len()];
    for span in recorded.spans() {
        let (owner, idx) = (domains.owner_at(span), trace.service(span));
        let (Some(n), Some(service)) = (of_owner.get_mut(owner), services.get_mut(idx.at())) else {
            continue;
        };
        *n += 1;
        if service.n_spans == 0 {
            (service.service, service.first) = (idx, span);
        }
        service.n_spans += 1;
        service.n_internal += u32::from(trace.kind(span) == SpanKind::Internal);
        service.n_short += u32::from(recorded.duration(span) < SHORT_NS);
        let is_orphan = trace.flags(span).has(Flags::ORPHAN);
        service.n_orphans += u32::from(is_orphan);
        let is_client = trace.kind(span) == SpanKind::Client;
        service.n_client_roots += u32::from(is_client && !is_orphan && recorded.parent(span).is_none());
    }
    let mut pods: Vec<(ServiceIdx, u64, u64)> = Vec::new();
    for ((said, n_spans), owner) in resources.iter().zip(of_owner).zip(&domains.owners) {
        let idx = trace.service(owner.first);
        let Some(service) = services.get_mut(idx.at()).filter(|_| n_spans > 0) else { continue };
        for (at, n) in service.n_lacking.iter_mut().enumerate() {
            *n += n_spans * u32::from(said.has >> at & 1 == 0);
        }
        service.on_kubernetes |= said.on_kubernetes;
        for key in &said.misplaced {
            if !service.misplaced.contains(key) {
                service.misplaced.push(key.clone());
            }
        }
        for &key in &said.old_names {
            if !service.old_names.contains(&key) {
                service.old_names.push(key);
            }
        }
        if service.language.is_empty() {
            service.language.clone_from(&said.language);
        }
        if said.instance != 0 && said.pod != 0 {
            pods.push((idx, said.instance, said.pod));
        }
    }
    pods.compact_sort();
    pods.dedup();
    for pair in pods.windows(2) {
        if (pair[0].0, pair[0].1) == (pair[1].0, pair[1].1) {
            services[pair[0].0.at()].shares_instance = true;
        }
    }
    services.retain(|service| service.n_spans > 0);
    services
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::attributes::Scalar;
    use crate::model::builder::TraceBuilder;
    use crate::model::ids::{SpanId, TraceId};
    use crate::model::index::TraceIdx;
    use crate::model::record::{ResourceRecord, SpanRecord};

    /// Services of spans side by side, each with a resource of its own.
    fn found(resources: &[(&str, &[(&str, &str)])]) -> Vec<ServiceUse> {
        let mut builder = TraceBuilder::default();
        for ((service, attributes), at) in resources.iter().zip(1..) {
            let mut resource = ResourceRecord { service: (*service).to_owned(), ..ResourceRecord::default() };
            for (key, value) in *attributes {
                resource.attributes.add(&mut builder.strings, key, Scalar::Str(value));
            }
            let idx = builder.reserve_resource();
            builder.fill_resource(idx, &resource);
            builder.push(&SpanRecord {
                trace_id: TraceId([1; 16]),
                span_id: SpanId(at),
                start: 1_600_000_000_000_000_000,
                end: 1_600_000_000_000_000_000 + at as i64,
                resource: idx,
                ..SpanRecord::default()
            });
        }
        let set = builder.finish();
        let trace = set.trace(TraceIdx(0));
        let domains = ClockDomains::of(&set, TraceIdx(0));
        let mut services = services(&set, &domains, &Recorded::new(&trace));
        services.sort_by_key(|s| trace.service_name(s.service).to_owned());
        services
    }

    #[test]
    fn what_is_missing_is_counted_by_service() {
        let found = found(&[
            ("a", &[("service.version", "1"), ("deployment.environment", "live"), ("http.method", "GET")]),
            ("a", &[("service.instance.id", "i"), ("telemetry.sdk.language", "go")]),
            ("b", &[("k8s.pod.name", "b-1")]),
        ]);
        assert_eq!(found[0].n_lacking, [1, 1, 1, 2, 2]);
        assert!(found[0].lacks(Expected::Instance) && !found[0].lacks(Expected::PodUid));
        assert!(found[1].lacks(Expected::PodUid) && !found[1].lacks(Expected::PodName));
        assert_eq!((found[0].misplaced.len(), found[0].old_names.len(), &*found[0].language), (1, 1, "go"));
    }

    #[test]
    fn an_instance_belongs_to_one_pod() {
        let same: &[(&str, &str)] = &[("service.instance.id", "i"), ("k8s.pod.name", "p1")];
        let other = &[("service.instance.id", "i"), ("k8s.pod.name", "p2")];
        let found = found(&[("a", same), ("a", other), ("b", same), ("b", same), ("c", other)]);
        let shares: Vec<bool> = found.iter().map(|s| s.shares_instance).collect();
        assert_eq!(shares, [true, false, false]);
        assert!(is_unknown("unknown_service:java") && is_unknown(" ") && !is_unknown("web"));
    }
}
