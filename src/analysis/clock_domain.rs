//! Which spans share a clock.
//!
//! Everything recorded by one clock is moved together. A domain finer than the true clocks costs only
//! precision, a coarser one is wrong, so the most specific name that a resource has is taken.

use rustc_hash::FxHashMap;

use crate::model::attributes::Value;
use crate::model::index::{ResourceIdx, SpanIdx, TraceIdx};
use crate::model::trace_set::TraceSet;

crate::index_type! {
    /// A clock domain of a trace.
    DomainIdx
}

/// Resource attributes that name a clock, the best first.
const KEYS: &[&str] =
    &["host.id", "host.name", "k8s.pod.uid", "k8s.pod.name", "container.id", "service.instance.id"];

/// The clock domains of a trace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClockDomains {
    /// Domain by span of the trace.
    pub of_span: Vec<DomainIdx>,
    /// `host.name:web-1`, or `svc:checkout` where the resource says nothing.
    pub names: Vec<String>,
}

impl ClockDomains {
    /// Finds the domains of a trace. Each resource is looked at once; O(n).
    pub fn of(set: &TraceSet, trace: TraceIdx) -> Self {
        let mut domains = Self::default();
        let Some(summary) = set.traces().get(trace.at()) else { return domains };
        let mut by_name: FxHashMap<String, DomainIdx> = FxHashMap::default();
        let mut by_owner: FxHashMap<(ResourceIdx, u32), DomainIdx> = FxHashMap::default();
        let mut last = None;
        for at in summary.range() {
            let resource = set.owners(SpanIdx::new(at)).map_or_else(ResourceIdx::default, |owners| owners.0);
            let owner = (resource, set.columns().service.get(at).copied().unwrap_or_default());
            // Spans of one resource mostly follow one another.
            let domain = match last {
                Some((previous, domain)) if previous == owner => domain,
                _ => *by_owner.entry(owner).or_insert_with(|| {
                    let name = name(set, owner.0, owner.1);
                    *by_name.entry(name).or_insert_with_key(|name| {
                        domains.names.push(name.clone());
                        DomainIdx::new(domains.names.len() - 1)
                    })
                }),
            };
            last = Some((owner, domain));
            domains.of_span.push(domain);
        }
        domains
    }

    /// The domain of a span.
    pub fn domain(&self, span: SpanIdx) -> DomainIdx {
        self.of_span.get(span.at()).copied().unwrap_or_default()
    }
}

fn name(set: &TraceSet, resource: ResourceIdx, service: u32) -> String {
    let resource = set.resource(resource);
    let value = |key: &str| {
        resource.attributes.iter().rev().find_map(|(k, value)| match value {
            Value::Str(text) if *k == key && !text.is_empty() => Some(*text),
            _ => None,
        })
    };
    KEYS.iter()
        .find_map(|key| Some(format!("{key}:{}", value(key)?)))
        .unwrap_or_else(|| format!("svc:{}", set.service_name(service)))
}
