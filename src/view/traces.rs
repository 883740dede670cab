//! The list of traces: which are shown, in which order, and what is said of them together.
//!
//! A shown list is a `Vec<u32>` of positions in the [`TraceList`]; a million of them are filtered in one pass.
//! Names are compared once each: words are looked up in the tables of names, traces are then numbers.

use super::find::Words;
use super::format;
use super::text::{shortened, visible};
use super::theme::{Looks, RememberedLooks, letter_tag};
use crate::base::bitset::BitSet;
use crate::base::sort::CompactSort as _;
use crate::base::text::{counted, grouped};
use crate::model::index::{ServiceIdx, TraceIdx};
use crate::model::time::{DurationNanos, UnixNanos};
use crate::model::trace_list::TraceList;

/// Values that a facet offers.
const MAX_FACET: usize = 50;
/// Characters of a name in a row.
const MAX_NAME: usize = 200;
/// Fewest digits that are searched for in ids.
const LEAST_ID_DIGITS: usize = 6;

/// By what the list is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum SortKey {
    /// Earliest start.
    Start,
    /// Latest end − earliest start.
    #[default]
    Duration,
    /// Number of spans.
    Spans,
    /// Number of errors.
    Errors,
    /// Number of services.
    Services,
    /// Service and name of the root.
    Name,
}

/// Order of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// By what.
    pub key: SortKey,
    /// Largest first.
    pub is_descending: bool,
}

/// What a trace must be like to be shown; the default lets all through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TraceFilter {
    /// Words in the names of root and services, or the beginning of an id.
    pub words: Words,
    /// Started from here to here.
    pub start: Option<(UnixNanos, UnixNanos)>,
    /// Took from this to this long.
    pub duration: Option<(DurationNanos, DurationNanos)>,
    /// Takes part of one of these services; none means any. Positions in the list's names.
    pub services: Vec<u32>,
    /// Root has one of these names; none means any. Positions in the list's names.
    pub operations: Vec<u32>,
    /// With errors, or without.
    pub with_errors: Option<bool>,
    /// Asks for a service or an operation that no trace of the list has: none passes.
    pub is_impossible: bool,
}

/// A value that a filter can ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FacetValue {
    /// Position in the list's names; for the status 1 with errors and 0 without.
    pub value: u32,
    /// The name.
    pub label: String,
    /// How many traces have it, of those that the rest of the filter lets through.
    pub count: u32,
    /// Whether the filter asks for it.
    pub is_on: bool,
}

/// What the list can be narrowed by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facets {
    /// Services.
    pub services: Vec<FacetValue>,
    /// Names of roots.
    pub operations: Vec<FacetValue>,
    /// With and without errors.
    pub status: Vec<FacetValue>,
}

/// Durations that so many percent of the traces do not exceed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Percentiles {
    /// The median.
    pub p50: DurationNanos,
    /// 95 %.
    pub p95: DurationNanos,
    /// 99 %.
    pub p99: DurationNanos,
    /// The longest.
    pub max: DurationNanos,
}

/// A service in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceChip {
    /// Name.
    pub name: String,
    /// Look, see [`Looks`].
    pub slot: u8,
    /// One or two letters.
    pub tag: String,
}

/// What a row of the list shows and says.
#[derive(Clone, Debug, PartialEq)]
pub struct TraceRow {
    /// Which trace.
    pub trace: TraceIdx,
    /// Id as written.
    pub id: String,
    /// Service of the root.
    pub service: String,
    /// Name of the root.
    pub name: String,
    /// Duration.
    pub duration: String,
    /// Duration as a share of the longest shown, 0 to 1.
    pub bar: f32,
    /// Number of spans.
    pub spans: String,
    /// Number of errors; empty when there are none.
    pub errors: String,
    /// First services by name, so that traces alike look alike.
    pub services: Vec<ServiceChip>,
    /// Services that are not named.
    pub more_services: usize,
    /// Start.
    pub start: String,
    /// Why it is not whole; empty when it is.
    pub partial: &'static str,
    /// The whole row in a sentence.
    pub sentence: String,
}

impl Default for Sort {
    fn default() -> Self {
        Self { key: SortKey::Duration, is_descending: true }
    }
}

/// The traces that pass, in the order of the list. O(n).
pub fn filtered(list: &TraceList, filter: &TraceFilter) -> Vec<u32> {
    let test = Test::new(list, filter);
    (0..list.len() as u32).filter(|&t| test.passes(t, Facet::None)).collect()
}

/// Sorts; ties keep the order of start, then of the list.
pub fn sort(list: &TraceList, traces: &mut [u32], sort: Sort) {
    let at = |column: &[u32], t: u32| i64::from(column.get(t as usize).copied().unwrap_or(0));
    let value: Box<dyn Fn(u32) -> i64> = match sort.key {
        SortKey::Start => Box::new(|t| list.start[t as usize]),
        SortKey::Duration => Box::new(|t| list.duration[t as usize]),
        SortKey::Spans => Box::new(|t| at(&list.n_spans, t)),
        SortKey::Errors => Box::new(|t| at(&list.n_errors, t)),
        SortKey::Services => Box::new(|t| list.services(TraceIdx(t)).len() as i64),
        SortKey::Name => {
            let (services, names) = (ranks(&list.service_names), ranks(&list.root_names));
            let rank = |ranks: &[u32], at: u32| i64::from(ranks.get(at as usize).copied().unwrap_or(0));
            Box::new(move |t| {
                let service = rank(&services, list.root_service[t as usize]);
                service << 32 | rank(&names, list.root_name[t as usize])
            })
        }
    };
    let sign = if sort.is_descending { -1 } else { 1 };
    // With the key beside it, an entry is compared without looking it up again.
    let mut keyed: Vec<(i64, i64, u32)> =
        traces.iter().map(|&t| (value(t).saturating_mul(sign), list.start[t as usize], t)).collect();
    keyed.sort_unstable();
    for (slot, (_, _, trace)) in traces.iter_mut().zip(keyed) {
        *slot = trace;
    }
}

/// Nearest-rank percentiles of the durations; none of no traces. O(n).
pub fn percentiles(list: &TraceList, traces: &[u32]) -> Option<Percentiles> {
    let mut durations: Vec<i64> = traces.iter().map(|&t| list.duration[t as usize]).collect();
    let n = durations.len();
    let mut rank = |percent: usize| {
        let at = (n * percent).div_ceil(100).clamp(1, n) - 1;
        DurationNanos(*durations.select_nth_unstable(at).1)
    };
    (n > 0).then(|| Percentiles { p50: rank(50), p95: rank(95), p99: rank(99), max: rank(100) })
}

/// `12 of 400 traces exceed 1.00 s`.
pub fn threshold_sentence(list: &TraceList, traces: &[u32], threshold: DurationNanos) -> String {
    let above = traces.iter().filter(|&&t| list.duration[t as usize] > threshold.0).count() as u64;
    let verb = if above == 1 { "exceeds" } else { "exceed" };
    let all = counted(traces.len() as u64, "trace");
    format!("{} of {all} {verb} {}", grouped(above), format::duration(threshold))
}

/// `37 of 400 traces`, or `400 traces` when all are shown.
pub fn count_sentence(n_shown: usize, n_all: usize) -> String {
    let all = counted(n_all as u64, "trace");
    if n_shown == n_all { all } else { format!("{} of {all}", grouped(n_shown as u64)) }
}

/// Values with counts to narrow the list by. Each facet counts what the rest of the filter lets through, so
/// that its numbers say what choosing them would give.
pub fn facets(list: &TraceList, filter: &TraceFilter) -> Facets {
    let test = Test::new(list, filter);
    let mut services = vec![0_u32; list.service_names.len()];
    let mut operations = vec![0_u32; list.root_names.len()];
    let mut status = [0_u32; 2];
    for trace in 0..list.len() as u32 {
        if test.passes(trace, Facet::Services) {
            for &service in list.services(TraceIdx(trace)) {
                bump(&mut services, service);
            }
        }
        if test.passes(trace, Facet::Operations) {
            bump(&mut operations, list.root_name[trace as usize]);
        }
        let is_counted = list.marks[trace as usize] & TraceList::UNCOUNTED == 0;
        if is_counted && test.passes(trace, Facet::Status) {
            status[usize::from(list.n_errors[trace as usize] > 0)] += 1;
        }
    }
    let status_value = |value: u32, label: &str| FacetValue {
        value,
        label: label.to_owned(),
        count: status[value as usize],
        is_on: filter.with_errors == Some(value == 1),
    };
    let mut statuses = vec![status_value(1, "With errors"), status_value(0, "Without errors")];
    if statuses.iter().all(|s| s.count == 0 && !s.is_on) {
        statuses.clear();
    }
    Facets {
        services: facet_values(&list.service_names, &services, &filter.services),
        operations: facet_values(&list.root_names, &operations, &filter.operations),
        status: statuses,
    }
}

/// Looks of the list's services, by how much of the traces' time they take part in.
pub fn looks(list: &TraceList, remembered: &mut RememberedLooks) -> Looks {
    let mut weights = vec![0_i128; list.service_names.len()];
    for trace in list.traces() {
        // Services come by time spent: the first had most of it.
        for (rank, &service) in list.services(trace).iter().enumerate() {
            if let Some(weight) = weights.get_mut(service as usize) {
                *weight += i128::from(list.duration(trace).0) / (rank as i128 + 1) + 1;
            }
        }
    }
    let mut order: Vec<u32> = (0..list.service_names.len() as u32).collect();
    order.compact_sort_by(|&a, &b| weights[b as usize].cmp(&weights[a as usize]).then(a.cmp(&b)));
    Looks::assign_in_order(&list.service_names, &order, remembered)
}

/// Texts of the traces `shown`, which are those in sight; `longest` is the longest duration of the whole list,
/// `max_chips` the room for services.
pub fn rows(
    list: &TraceList,
    shown: &[u32],
    looks: &Looks,
    longest: DurationNanos,
    max_chips: usize,
) -> Vec<TraceRow> {
    shown.iter().map(|&t| row(list, TraceIdx(t), looks, longest, max_chips)).collect()
}

fn row(
    list: &TraceList,
    trace: TraceIdx,
    looks: &Looks,
    longest: DurationNanos,
    max_chips: usize,
) -> TraceRow {
    let (service, name) = (name_of(list.root_service(trace)), name_of(list.root_name(trace)));
    let n_spans = list.n_spans[trace.at()];
    let n_errors = list.n_errors[trace.at()];
    let duration = duration_of(list, trace);
    let is_counted = !list.has_mark(trace, TraceList::UNCOUNTED);
    let services = list.services(trace);
    let mut by_name = services.to_vec();
    by_name.compact_sort_by_key(|&s| list.service_name(s));
    let chips = by_name.iter().take(max_chips).map(|&s| {
        let name = name_of(list.service_name(s));
        ServiceChip { tag: letter_tag(&name), name, slot: looks.slot(ServiceIdx(s)) }
    });
    let partial = match () {
        () if list.has_mark(trace, TraceList::PARTIAL) => "incomplete",
        () if list.has_mark(trace, TraceList::ROOTLESS) => "root not received",
        () if list.has_mark(trace, TraceList::ORPHANED) => "parents missing",
        () => "",
    };
    let mut parts = vec![format!("{service}: {name}"), duration.clone()];
    if is_counted {
        parts.push(counted(n_spans.into(), "span"));
        if n_errors > 0 {
            parts.push(counted(n_errors.into(), "error"));
        }
        parts.push(counted(services.len() as u64, "service"));
    } else {
        parts.push("number of spans unknown".to_owned());
    }
    if !partial.is_empty() {
        parts.push(partial.to_owned());
    }
    TraceRow {
        trace,
        id: list.id_text(trace),
        duration,
        bar: (list.duration(trace).0 as f64 / longest.0.max(1) as f64).clamp(0.0, 1.0) as f32,
        spans: if is_counted { grouped(n_spans.into()) } else { "?".to_owned() },
        errors: if n_errors > 0 { grouped(n_errors.into()) } else { String::new() },
        services: chips.collect(),
        more_services: services.len().saturating_sub(max_chips),
        start: format::started(list.start(trace)),
        partial,
        sentence: parts.join(", "),
        service,
        name,
    }
}

/// A duration as precise as it is known: a backend that counts whole milliseconds says nothing of those below one.
pub(super) fn duration_of(list: &TraceList, trace: TraceIdx) -> String {
    let duration = list.duration(trace);
    match duration.0 / 1_000_000 {
        0 if list.has_mark(trace, TraceList::COARSE) => "< 1 ms".to_owned(),
        millis @ ..100 if list.has_mark(trace, TraceList::COARSE) => format!("{millis} ms"),
        _ => format::duration(duration),
    }
}

fn name_of(text: &str) -> String {
    if text.is_empty() { "(no name)".to_owned() } else { shortened(&visible(text, false), MAX_NAME) }
}

/// Position of each name in alphabetical order; equal names have equal ranks.
fn ranks(names: &[String]) -> Vec<u32> {
    let mut order: Vec<u32> = (0..names.len() as u32).collect();
    order.compact_sort_by(|&a, &b| names[a as usize].cmp(&names[b as usize]));
    let mut ranks = vec![0; names.len()];
    for (rank, &name) in order.iter().enumerate() {
        ranks[name as usize] = rank as u32;
    }
    ranks
}

fn bump(counts: &mut [u32], at: u32) {
    if let Some(count) = counts.get_mut(at as usize) {
        *count += 1;
    }
}

fn facet_values(names: &[String], counts: &[u32], on: &[u32]) -> Vec<FacetValue> {
    let mut order: Vec<u32> =
        (0..names.len() as u32).filter(|v| counts[*v as usize] > 0 || on.contains(v)).collect();
    order.compact_sort_by(|&a, &b| {
        let is_on = |v| on.contains(&v);
        let key = |v: u32| (std::cmp::Reverse(is_on(v)), std::cmp::Reverse(counts[v as usize]));
        key(a).cmp(&key(b)).then_with(|| names[a as usize].cmp(&names[b as usize]))
    });
    let value = |v: u32| FacetValue {
        value: v,
        label: name_of(&names[v as usize]),
        count: counts[v as usize],
        is_on: on.contains(&v),
    };
    order.into_iter().take(MAX_FACET).map(value).collect()
}

/// The facet whose own part of the filter does not count.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Facet {
    None,
    Services,
    Operations,
    Status,
}

/// A filter with its names looked up.
struct Test<'a> {
    list: &'a TraceList,
    filter: &'a TraceFilter,
    services: BitSet,
    operations: BitSet,
    /// Words in service names and names of roots, one bit each; words that are the beginning of an id.
    service_words: Vec<u32>,
    root_words: Vec<u32>,
    ids: Vec<(u32, Vec<u8>)>,
    wanted: u32,
    unwanted: u32,
}

impl<'a> Test<'a> {
    fn new(list: &'a TraceList, filter: &'a TraceFilter) -> Self {
        let set = |members: &[u32], len: usize| {
            let mut set = BitSet::new(len);
            for &member in members {
                set.insert(member as usize);
            }
            set
        };
        let (wanted, unwanted) = filter.words.wanted_and_unwanted();
        Self {
            list,
            filter,
            services: set(&filter.services, list.service_names.len()),
            operations: set(&filter.operations, list.root_names.len()),
            service_words: filter.words.masks(&list.service_names),
            root_words: filter.words.masks(&list.root_names),
            ids: filter.words.hex_words(LEAST_ID_DIGITS),
            wanted,
            unwanted,
        }
    }

    fn passes(&self, trace: u32, without: Facet) -> bool {
        let (list, filter, at) = (self.list, self.filter, trace as usize);
        let within_start = filter.start.is_none_or(|(from, to)| (from.0..=to.0).contains(&list.start[at]));
        let within_duration =
            filter.duration.is_none_or(|(from, to)| (from.0..=to.0).contains(&list.duration[at]));
        let has_error = list.n_errors[at] > 0;
        // Of a trace that nobody counted neither is known.
        let is_counted = list.marks[at] & TraceList::UNCOUNTED == 0;
        !filter.is_impossible
            && within_start
            && within_duration
            && (without == Facet::Status
                || filter.with_errors.is_none_or(|wanted| is_counted && wanted == has_error))
            && (without == Facet::Operations
                || filter.operations.is_empty()
                || self.operations.contains(list.root_name[at] as usize))
            && (without == Facet::Services
                || filter.services.is_empty()
                || list.services(TraceIdx(trace)).iter().any(|&s| self.services.contains(s as usize)))
            && (filter.words.is_empty() || self.words_fit(trace))
    }

    fn words_fit(&self, trace: u32) -> bool {
        let of = |masks: &[u32], at: u32| masks.get(at as usize).copied().unwrap_or(0);
        let mut mask = of(&self.root_words, self.list.root_name[trace as usize]);
        for &service in self.list.services(TraceIdx(trace)) {
            mask |= of(&self.service_words, service);
        }
        let id = self.list.id[trace as usize];
        for (bit, digits) in &self.ids {
            let begins = |bytes: &[u8]| {
                digits.iter().enumerate().all(|(n, &digit)| {
                    let byte = bytes.get(n / 2).copied().unwrap_or(0);
                    digit == if n % 2 == 0 { byte >> 4 } else { byte & 15 }
                })
            };
            // Ids of 64 bits are known by their lower half.
            let fits = digits.len() <= 32 && begins(&id.0)
                || (id.is_64_bit() && digits.len() <= 16 && begins(&id.0[8..]));
            mask |= u32::from(fits) << bit;
        }
        mask & (self.wanted | self.unwanted) == self.wanted
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::model::ids::TraceId;

    /// A list of traces given as `service name start_ms duration_ms spans errors services,…`.
    pub(crate) fn list(text: &str) -> TraceList {
        let mut list = TraceList::default();
        let intern = |names: &mut Vec<String>, name: &str| {
            names.iter().position(|n| n == name).unwrap_or_else(|| {
                names.push(name.to_owned());
                names.len() - 1
            }) as u32
        };
        for (n, line) in text.lines().filter(|l| !l.trim().is_empty()).enumerate() {
            let words: Vec<&str> = line.split_whitespace().collect();
            let number = |at: usize| words[at].parse::<i64>().expect("a number");
            list.id.push(TraceId((0xabc0_0000_0000_0000_0000_0000_0000_0000_u128 + n as u128).to_be_bytes()));
            list.start.push(1_772_368_496_000_000_000 + number(2) * 1_000_000);
            list.duration.push(number(3) * 1_000_000);
            list.n_spans.push(number(4) as u32);
            list.n_entries.push(number(4) as u32);
            list.n_errors.push(number(5) as u32);
            for service in words[6].split(',') {
                list.services.push(intern(&mut list.service_names, service));
            }
            list.services_end.push(list.services.len() as u32);
            list.root_service.push(intern(&mut list.service_names, words[0]));
            list.root_name.push(intern(&mut list.root_names, words[1]));
            list.marks.push(0);
        }
        list.check().expect("a list");
        list
    }

    const SHOP: &str = "
web GET:/cart 0 100 10 0 web,cart,db
web GET:/cart 10 900 12 2 web,cart,db
jobs mail 20 50 3 0 jobs,smtp
web POST:/pay 30 2000 40 1 web,pay,bank,db
";

    fn shown(filter: &TraceFilter, key: SortKey, is_descending: bool) -> Vec<u32> {
        let list = list(SHOP);
        let mut traces = filtered(&list, filter);
        sort(&list, &mut traces, Sort { key, is_descending });
        traces
    }

    #[test]
    fn traces_are_filtered_by_words_ids_and_ranges() {
        let words = |text| TraceFilter { words: Words::parse(text), ..TraceFilter::default() };
        for (text, expected) in [
            ("", vec![0, 1, 2, 3]),
            ("cart", vec![0, 1]),
            ("DB -pay", vec![0, 1]),
            ("get bank", vec![]),
            ("abc000", vec![0, 1, 2, 3]),
            ("abc00000000000000000000000000002", vec![2]),
            ("abc00f", vec![]),
        ] {
            assert_eq!(shown(&words(text), SortKey::Start, false), expected, "{text}");
        }
        let slow = TraceFilter {
            duration: Some((DurationNanos(500_000_000), DurationNanos(i64::MAX))),
            with_errors: Some(true),
            ..TraceFilter::default()
        };
        assert_eq!(shown(&slow, SortKey::Duration, true), [3, 1]);
        let brushed = TraceFilter {
            start: Some((UnixNanos(1_772_368_496_010_000_000), UnixNanos(1_772_368_496_020_000_000))),
            ..TraceFilter::default()
        };
        assert_eq!(shown(&brushed, SortKey::Start, false), [1, 2]);
    }

    #[test]
    fn traces_are_sorted_by_every_column() {
        let all = TraceFilter::default();
        for (key, expected) in [
            (SortKey::Start, [0, 1, 2, 3]),
            (SortKey::Duration, [2, 0, 1, 3]),
            (SortKey::Spans, [2, 0, 1, 3]),
            (SortKey::Errors, [0, 2, 3, 1]),
            (SortKey::Services, [2, 0, 1, 3]),
            (SortKey::Name, [2, 0, 1, 3]),
        ] {
            assert_eq!(shown(&all, key, false), expected, "{key:?}");
        }
        assert_eq!(shown(&all, SortKey::Spans, true), [3, 1, 0, 2]);
    }

    #[test]
    fn facets_count_what_choosing_them_would_give() {
        let list = list(SHOP);
        let cart = list.service_names.iter().position(|s| s == "cart").unwrap() as u32;
        let filter = TraceFilter { services: vec![cart], with_errors: Some(true), ..TraceFilter::default() };
        let facets = facets(&list, &filter);
        let text = |values: &[FacetValue]| {
            let value = |v: &FacetValue| format!("{}{} {}", if v.is_on { "*" } else { "" }, v.label, v.count);
            values.iter().map(value).collect::<Vec<_>>().join(", ")
        };
        assert_eq!(text(&facets.services), "*cart 1, db 2, web 2, bank 1, pay 1");
        assert_eq!(text(&facets.operations), "GET:/cart 1");
        assert_eq!(text(&facets.status), "*With errors 1, Without errors 1");
    }

    #[test]
    fn facets_of_nothing_have_no_values() {
        let filter = TraceFilter { words: Words::parse("nowhere"), ..TraceFilter::default() };
        assert_eq!(facets(&list(SHOP), &filter), Facets::default());
    }

    #[test]
    fn durations_are_summed_up() {
        let list = list(SHOP);
        let all = [0, 1, 2, 3];
        let p = percentiles(&list, &all).unwrap();
        let millis = [p.p50, p.p95, p.p99, p.max].map(|d| d.0 / 1_000_000);
        assert_eq!(millis, [100, 2000, 2000, 2000]);
        assert_eq!(percentiles(&list, &[]), None);
        let exceed = |ms: i64| threshold_sentence(&list, &all, DurationNanos(ms * 1_000_000));
        assert_eq!(exceed(100), "2 of 4 traces exceed 100 ms");
        assert_eq!(exceed(1000), "1 of 4 traces exceeds 1.00 s");
        assert_eq!(count_sentence(3, 4), "3 of 4 traces");
    }

    #[test]
    fn rows_are_sentences() {
        let list = list(SHOP);
        let looks = looks(&list, &mut RememberedLooks::new());
        let rows = rows(&list, &[3], &looks, DurationNanos(4_000_000_000), 6);
        assert_eq!(rows[0].sentence, "web: POST:/pay, 2.00 s, 40 spans, 1 error, 4 services");
        assert_eq!((rows[0].bar, rows[0].start.as_str()), (0.5, "2026-03-01 12:34:56.030"));
        assert_eq!(rows[0].services[3], ServiceChip { name: "web".into(), slot: 0, tag: "We".into() });
        let names: Vec<&str> = rows[0].services.iter().map(|s| s.name.as_str()).collect();
        assert_eq!(names, ["bank", "db", "pay", "web"]);
        let narrow = super::rows(&list, &[3], &looks, DurationNanos(1), 3);
        assert_eq!((narrow[0].services.len(), narrow[0].more_services), (3, 1));
    }

    #[test]
    fn what_nobody_counted_is_not_said_to_be_none() {
        let mut list =
            list("web GET:/cart 0 5 0 0 web\nweb GET:/cart 0 0 0 0 web\nweb GET:/pay 0 250 3 0 web");
        list.marks[0] = TraceList::UNCOUNTED | TraceList::COARSE;
        list.marks[1] = TraceList::COARSE | TraceList::ROOTLESS;
        let looks = looks(&list, &mut RememberedLooks::new());
        let rows = rows(&list, &[0, 1], &looks, DurationNanos(1), 3);
        assert_eq!((rows[0].spans.as_str(), rows[0].errors.as_str()), ("?", ""));
        assert_eq!(rows[0].sentence, "web: GET:/cart, 5 ms, number of spans unknown");
        assert_eq!((rows[1].duration.as_str(), rows[1].partial), ("< 1 ms", "root not received"));
        let without = TraceFilter { with_errors: Some(false), ..TraceFilter::default() };
        assert_eq!(filtered(&list, &without), [1, 2]);
        let counts: Vec<u32> = facets(&list, &without).status.iter().map(|v| v.count).collect();
        assert_eq!(counts, [0, 2]);
    }
}
