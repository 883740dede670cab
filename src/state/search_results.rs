//! What a search found, as the list that the screen of traces shows.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::base::sort::CompactSort as _;
use crate::model::ids::TraceId;
use crate::model::trace_list::TraceList;
use crate::source::search::{Found, ServiceCount, TraceSummary};

/// The list of what was found, each trace once. `is_coarse` says that the backend gives durations in whole
/// milliseconds. O(n log n).
pub fn trace_list(found: &Found, is_coarse: bool) -> TraceList {
    let mut list = TraceList::default();
    let mut service_names: Vec<&str> = found.traces.iter().flat_map(services_of).collect();
    service_names.compact_sort();
    service_names.dedup();
    let service_at = |name: &str| service_names.binary_search(&name).map_or(0, |at| at as u32);
    let mut root_names: FxHashMap<&str, u32> = FxHashMap::default();
    let mut known: FxHashSet<TraceId> = FxHashSet::default();
    for trace in &found.traces {
        let Some(id) = TraceId::from_hex(&trace.id).filter(|id| known.insert(*id)) else {
            continue;
        };
        list.id.push(id);
        list.start.push(trace.start);
        list.duration.push(i64::try_from(trace.duration).unwrap_or(i64::MAX));
        list.n_spans.push(trace.n_spans.unwrap_or_default());
        list.n_errors.push(trace.n_errors.unwrap_or_default());
        list.n_entries.push(trace.n_spans.unwrap_or_default());
        let services = services_of(trace);
        list.services.extend(services.iter().map(|name| service_at(name)));
        list.services_end.push(list.services.len() as u32);
        list.root_service.push(service_at(services.first().copied().unwrap_or_default()));
        list.root_name.push(*root_names.entry(&trace.root_name).or_insert_with(|| {
            list.root_names.push(trace.root_name.clone());
            list.root_names.len() as u32 - 1
        }));
        list.marks.push(marks(trace, is_coarse));
    }
    list.service_names = service_names.into_iter().map(str::to_owned).collect();
    debug_assert!(list.check().is_ok());
    list
}

/// The service of the root, then the others, those with most spans first: who took how much time is not told.
fn services_of(trace: &TraceSummary) -> Vec<&str> {
    let mut others: Vec<&ServiceCount> =
        trace.services.iter().filter(|s| s.name != trace.root_service).collect();
    others.compact_sort_by_key(|s| (std::cmp::Reverse(s.n_spans), s.name.as_str()));
    let root = Some(trace.root_service.as_str());
    // Of a root that has not come the service is not known: the largest stands for it.
    let root = root.filter(|root| !root.is_empty() || others.is_empty());
    root.into_iter().chain(others.into_iter().map(|s| s.name.as_str())).collect()
}

fn marks(trace: &TraceSummary, is_coarse: bool) -> u8 {
    let mark = |is_set: bool, mark: u8| if is_set { mark } else { 0 };
    let is_rootless = trace.root_service.is_empty() && trace.root_name.is_empty();
    mark(trace.n_orphans.is_some_and(|n| n > 0), TraceList::ORPHANED)
        | mark(trace.n_spans.is_none(), TraceList::UNCOUNTED)
        | mark(is_coarse, TraceList::COARSE)
        | mark(is_rootless, TraceList::ROOTLESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trace(id: &str, root: &str, services: &[(&str, u32, u32)]) -> TraceSummary {
        let count = |&(name, n_spans, n_errors): &(&str, u32, u32)| ServiceCount {
            name: name.to_owned(),
            n_spans,
            n_errors,
        };
        let n_spans = services.iter().map(|s| s.1).sum();
        TraceSummary {
            id: format!("{id:0>32}"),
            root_service: root.to_owned(),
            root_name: if root.is_empty() { String::new() } else { "GET /".to_owned() },
            start: 5,
            duration: 7,
            n_spans: (!services.is_empty()).then_some(n_spans),
            n_errors: (!services.is_empty()).then_some(services.iter().map(|s| s.2).sum()),
            services: services.iter().map(count).collect(),
            ..TraceSummary::default()
        }
    }

    #[test]
    fn what_was_found_is_a_sound_list() {
        let found = Found {
            traces: vec![
                trace("a", "web", &[("db", 3, 1), ("web", 1, 0), ("cart", 5, 0)]),
                trace("b", "web", &[]),
                trace("c", "", &[("db", 2, 0)]),
                trace("a", "again", &[]),
            ],
            ..Found::default()
        };
        let list = trace_list(&found, true);
        assert_eq!(list.check(), Ok(()));
        let services = |at: u32| {
            let trace = crate::model::index::TraceIdx(at);
            list.services(trace).iter().map(|&s| list.service_name(s)).collect::<Vec<_>>().join(" ")
        };
        assert_eq!((list.len(), services(0), services(1)), (3, "web cart db".into(), "web".into()));
        assert_eq!(list.root_service(crate::model::index::TraceIdx(2)), "db");
        assert_eq!((list.n_spans[0], list.n_errors[0]), (9, 1));
        let marks = [
            TraceList::COARSE,
            TraceList::COARSE | TraceList::UNCOUNTED,
            TraceList::COARSE | TraceList::ROOTLESS,
        ];
        assert_eq!(list.marks, marks);
        assert!(list.service_names.is_sorted());
        assert_eq!(list.root_names, ["GET /", ""]);
    }
}
