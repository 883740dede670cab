//! Which spans share a clock.
//!
//! Everything recorded by one clock is moved together. A domain finer than the true clocks costs only
//! precision, a coarser one is wrong, so the most specific name that a resource has is taken.

use rustc_hash::FxHashMap;

use crate::base::narrow::Narrow;
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

/// A resource together with a service that its spans name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The resource; none for placeholders.
    pub resource: Option<ResourceIdx>,
    /// Its clock.
    pub domain: DomainIdx,
    /// The first of its spans.
    pub first: SpanIdx,
}

/// The clock domains of a trace, and who recorded its spans.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClockDomains {
    /// Position of each span's owner in `owners`: which resource a span has stands among its attributes, and
    /// is looked up only once.
    of_span: Narrow,
    /// Resources with services, as they first occur. One for all placeholders.
    pub owners: Vec<Owner>,
    /// `host.name:web-1`, or `svc:checkout` where the resource says nothing.
    pub names: Vec<String>,
}

impl ClockDomains {
    /// Finds the domains of a trace. Each resource is looked at once; O(n).
    pub fn of(set: &TraceSet, trace: TraceIdx) -> Self {
        let mut search = DomainSearch::default();
        search.slice(set, trace, usize::MAX);
        search.finish()
    }

    /// Bytes held on the heap by what grows with the trace.
    pub fn heap_bytes(&self) -> usize {
        self.of_span.heap_bytes()
    }

    /// Who recorded a span.
    #[inline]
    pub fn owner(&self, span: SpanIdx) -> Option<&Owner> {
        self.owners.get(self.of_span.get(span.at())? as usize)
    }

    /// Position of a span's owner among all.
    #[inline]
    pub fn owner_at(&self, span: SpanIdx) -> usize {
        self.of_span.get(span.at()).map_or(0, |owner| owner as usize)
    }

    /// The domain of a span.
    pub fn domain(&self, span: SpanIdx) -> DomainIdx {
        self.owner(span).map(|owner| owner.domain).unwrap_or_default()
    }
}

/// Finds the domains of a trace in slices.
#[derive(Debug, Default)]
pub struct DomainSearch {
    found: ClockDomains,
    by_name: FxHashMap<String, DomainIdx>,
    known: FxHashMap<(Option<ResourceIdx>, u32), u32>,
}

impl DomainSearch {
    /// Looks at the next `n` spans of the trace; returns whether that were all.
    pub fn slice(&mut self, set: &TraceSet, trace: TraceIdx, n: usize) -> bool {
        let Some(summary) = set.traces().get(trace.at()) else { return true };
        let Self { found, by_name, known } = self;
        let (from, all) = (found.of_span.len(), summary.n_entries as usize);
        found.of_span.reserve_exact(all - from);
        let mut last = None;
        for first in from..all.min(from.saturating_add(n)) {
            let at = summary.first as usize + first;
            let resource = set.owners(SpanIdx::new(at)).map(|owners| owners.0);
            let key = (resource, set.columns().service.get(at).copied().unwrap_or_default());
            // Spans of one resource mostly follow one another.
            let owner = match last {
                Some((previous, owner)) if previous == key => owner,
                _ => *known.entry(key).or_insert_with(|| {
                    let name = name(set, resource.unwrap_or_default(), key.1);
                    let domain = *by_name.entry(name).or_insert_with_key(|name| {
                        found.names.push(name.clone());
                        DomainIdx::new(found.names.len() - 1)
                    });
                    found.owners.push(Owner { resource, domain, first: SpanIdx::new(first) });
                    found.owners.len() as u32 - 1
                }),
            };
            last = Some((key, owner));
            found.of_span.push(owner);
        }
        found.of_span.len() == all
    }

    /// The domains; what was needed to find them is freed.
    pub fn finish(self) -> ClockDomains {
        self.found
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
