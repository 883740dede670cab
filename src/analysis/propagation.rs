//! Where the context was lost: parents that never arrived, second roots, calls whose other side recorded
//! nothing.

use std::cmp::Reverse;

use crate::model::attributes::Value;
use crate::model::index::{ServiceIdx, SpanIdx, TraceIdx};
use crate::model::span::{NO_PARENT, SpanKind, unpack_kind_status};
use crate::model::trace_set::TraceSet;

use super::facts::{CallClass, Facts};
use super::recorded::Recorded;
use super::resources::is_unknown;

/// Missing parents that are told apart.
const MOST_GROUPS: usize = 1_000;
/// Spans kept as evidence.
const EVIDENCE: usize = 50;
/// Spans that are read for the names of queues.
const MOST_QUEUES: usize = 10_000;

/// Spans that name one parent, which is not in the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrphanGroup {
    /// The row that stands for the parent.
    pub placeholder: SpanIdx,
    /// The service of the first orphan.
    pub service: ServiceIdx,
    /// The orphans, at most fifty.
    pub orphans: Vec<SpanIdx>,
    /// How many there are.
    pub n_orphans: u32,
    /// Spans that hang below, themselves included.
    pub n_spans: u32,
}

/// A call whose other side recorded nothing here, although it does elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unanswered {
    /// The call.
    pub client: SpanIdx,
    /// Name of the service that it seems to have called.
    pub service: String,
}

/// See the module. Lists are in tree order unless they say otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Propagation {
    /// By missing parent, most spans first; at most a thousand.
    pub orphans: Vec<OrphanGroup>,
    /// All spans whose parent is missing.
    pub n_orphans: u32,
    /// True roots besides the main one that began while it ran.
    pub second_roots: Vec<SpanIdx>,
    /// True roots of kind client.
    pub client_roots: Vec<SpanIdx>,
    /// Calls that nobody answered.
    pub unanswered: Vec<Unanswered>,
    /// Messages that nobody received, although the destination has consumers: with its name.
    pub unreceived: Vec<(SpanIdx, String)>,
}

impl Propagation {
    /// Looks through a trace, and through the consumers of all loaded ones. O(n).
    pub fn of(set: &TraceSet, trace_idx: TraceIdx, recorded: &Recorded, facts: &Facts) -> Self {
        let mut found = Self::default();
        found.orphans(recorded);
        found.roots(recorded);
        let services: Vec<&str> = (0..set.totals().services as u32)
            .map(|at| set.service_name(at))
            .filter(|name| !is_unknown(name))
            .collect();
        found.unanswered(recorded, facts, &services);
        found.unreceived(set, trace_idx, recorded);
        found
    }

    fn orphans(&mut self, recorded: &Recorded) {
        let trace = recorded.trace();
        for placeholder in trace.spans().filter(|&span| trace.is_placeholder(span)) {
            let mut orphans = trace.children(placeholder);
            let Some(first) = orphans.next() else { continue };
            let n_orphans = 1 + trace.children(placeholder).skip(1).count() as u32;
            self.n_orphans += n_orphans;
            self.orphans.push(OrphanGroup {
                placeholder,
                service: trace.service(first),
                orphans: Vec::new(),
                n_orphans,
                n_spans: trace.subtree_size(placeholder) - 1,
            });
        }
        self.orphans.sort_by_key(|group| (Reverse(group.n_spans), group.placeholder));
        self.orphans.truncate(MOST_GROUPS);
        for group in &mut self.orphans {
            group.orphans = trace.children(group.placeholder).take(EVIDENCE).collect();
        }
    }

    fn roots(&mut self, recorded: &Recorded) {
        let Some(main) = recorded.main_root() else { return };
        let (from, to) = (recorded.start(main), recorded.end(main));
        for &root in recorded.roots().iter().filter(|&&root| !recorded.is_orphan(root)) {
            if root != main && (from..to).contains(&recorded.start(root)) {
                self.second_roots.push(root);
            }
            if recorded.trace().kind(root) == SpanKind::Client {
                self.client_roots.push(root);
            }
        }
        self.second_roots.sort_unstable();
        self.client_roots.sort_unstable();
    }

    fn unanswered(&mut self, recorded: &Recorded, facts: &Facts, services: &[&str]) {
        let trace = recorded.trace();
        // Peers are few: what each may be is found out once.
        let mut known: Vec<Option<Option<usize>>> = Vec::new();
        for span in recorded.spans() {
            let is_call = matches!(facts.call_class(span), CallClass::Http | CallClass::Rpc);
            if trace.kind(span) != SpanKind::Client || !is_call || is_paired(recorded, span) {
                continue;
            }
            let Some(peer) = facts.peer_host(span) else { continue };
            if known.len() <= peer as usize {
                known.resize(peer as usize + 1, None);
            }
            let service =
                known[peer as usize].get_or_insert_with(|| service_of(facts.peer_text(peer), services));
            if let Some(service) = service.and_then(|at| services.get(at)) {
                self.unanswered.push(Unanswered { client: span, service: (*service).to_owned() });
            }
        }
    }

    fn unreceived(&mut self, set: &TraceSet, trace_idx: TraceIdx, recorded: &Recorded) {
        let first = set.traces().get(trace_idx.at()).map_or(0, |t| t.first);
        let in_set = |span: SpanIdx| SpanIdx(first + span.0);
        let producers = recorded.spans().filter(|&span| {
            let is_consumer = |&child: &SpanIdx| recorded.trace().kind(child) == SpanKind::Consumer;
            recorded.trace().kind(span) == SpanKind::Producer
                && !recorded.children(span).iter().any(is_consumer)
        });
        let mut lost: Vec<(SpanIdx, String)> = producers
            .filter(|&span| set.back_links(in_set(span)).is_empty())
            .take(MOST_QUEUES)
            .filter_map(|span| Some((span, destination(set, in_set(span))?)))
            .collect();
        if lost.is_empty() {
            return;
        }
        let columns = set.columns();
        let is_root = |at: &usize| columns.parent.get(*at) == Some(&NO_PARENT);
        let is_consumer = |at: &usize| {
            columns.kind_status.get(*at).is_some_and(|&byte| unpack_kind_status(byte).0 == SpanKind::Consumer)
        };
        let roots = (0..set.n_entries()).filter(is_consumer).filter(is_root).take(MOST_QUEUES);
        let mut received: Vec<String> = roots.filter_map(|at| destination(set, SpanIdx::new(at))).collect();
        received.sort_unstable();
        lost.retain(|(_, name)| received.binary_search(name).is_ok());
        self.unreceived = lost;
    }
}

/// Whether the other side of a call is there: a child of another service, or one that receives.
fn is_paired(recorded: &Recorded, span: SpanIdx) -> bool {
    let trace = recorded.trace();
    recorded.children(span).iter().any(|&child| {
        matches!(trace.kind(child), SpanKind::Server | SpanKind::Consumer)
            || trace.service(child) != trace.service(span)
    })
}

/// The service that a host seems to be: its first label is the name, or part of it.
fn service_of(host: &str, services: &[&str]) -> Option<usize> {
    let label = host.split(['.', ':']).next()?.to_lowercase();
    if label.len() < 2 || label.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let is_equal = |name: &&str| name.to_lowercase() == label;
    let holds = |name: &&str| label.len() > 2 && name.to_lowercase().contains(&label);
    services.iter().position(is_equal).or_else(|| services.iter().position(holds))
}

/// Where a message went to or came from.
fn destination(set: &TraceSet, span: SpanIdx) -> Option<String> {
    let details = set.details(span);
    ["messaging.destination.name", "messaging.destination"].iter().find_map(|name| {
        details.attributes.iter().find_map(|(key, value)| match value {
            Value::Str(text) if key == name && !text.is_empty() => Some((*text).to_owned()),
            _ => None,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing::read;

    #[test]
    fn every_way_to_lose_the_context_is_told() {
        let set = read(
            "
            r 0..100 web/server
            a<r 1..9 web/client http.method=GET server.address=cart.shop.svc
            b<r 11..19 web/client http.method=GET server.address=pay.shop.svc
            s<b 12..18 pay/server
            c<r 21..29 web/client http.method=GET server.address=10.0.0.7
            d<r 31..39 web/client http.method=GET server.address=elsewhere
            q<r 40..41 web/producer messaging.destination=orders
            u<r 42..43 web/producer messaging.destination=unheard
            v<r 44..45 web/producer messaging.destination=orders
            w<v 46..47 mail/consumer
            x 50..60 job/client
            o<gone 5..6 mail
            p<o 5..6 mail
            n<gone 7..8 mail
            k 0..9 cart/server t=9
            l 0..9 mail/consumer messaging.destination.name=orders t=9
            ",
            1_600_000_000_000_000_000,
        );
        let (idx, trace) = (0..2)
            .map(|at| (TraceIdx(at), set.trace(TraceIdx(at))))
            .find(|(_, trace)| trace.len() > 5)
            .unwrap();
        let (recorded, facts) = (Recorded::new(&trace), Facts::of(&set, idx, &trace));
        let found = Propagation::of(&set, idx, &recorded, &facts);
        let name = |span: SpanIdx| trace.name(span).to_owned();
        let answers: Vec<_> = found.unanswered.iter().map(|u| (name(u.client), u.service.as_str())).collect();
        assert_eq!(answers, [("a".to_owned(), "cart")]);
        assert_eq!(found.unreceived.iter().map(|u| name(u.0)).collect::<Vec<_>>(), ["q"]);
        assert_eq!(found.second_roots.iter().map(|&s| name(s)).collect::<Vec<_>>(), ["x"]);
        assert_eq!(found.client_roots, found.second_roots);
        let [group] = found.orphans.as_slice() else { panic!("{found:?}") };
        assert_eq!((group.n_orphans, group.n_spans, found.n_orphans), (2, 3, 2));
        assert_eq!(group.orphans.iter().map(|&s| name(s)).collect::<Vec<_>>(), ["o", "n"]);
    }
}
