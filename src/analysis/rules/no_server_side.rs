//! A call to a service that is known to record spans, but recorded nothing here: headers were not passed on,
//! or not read.

use std::collections::BTreeMap;

use super::{Find, Rule};
use crate::analysis::context::Context;
use crate::analysis::facts::CallClass;
use crate::analysis::finding::{Confidence, Finding, Severity};
use crate::base::sort::CompactSort as _;
use crate::model::index::SpanIdx;
use crate::model::span::{NO_PARENT, SpanKind, unpack_kind_status};

/// PROP-4.
pub(super) const RULE: Rule = Rule {
    code: "PROP-4",
    name: "Call without server side",
    checks: "calls to known services that recorded nothing here",
    fires: "a client span without children calls a host that is named like a service of a loaded trace; or it names no \
            other side, and is all of its trace or the only call around the only other trace of that time",
    stake: "nothing",
    advice: "Check that the client sends and the server reads the trace headers.",
    find: Find::Trace(find),
};

const MOST: usize = 10;

fn find(ctx: &Context) -> Vec<Finding> {
    let mut calls: BTreeMap<(String, String), Vec<SpanIdx>> = BTreeMap::new();
    let mut unnamed = Vec::new();
    let mut services: Option<Vec<&str>> = None;
    let mut matches: BTreeMap<u32, Option<&str>> = BTreeMap::new();
    for client in ctx.recorded.spans() {
        if ctx.kind(client) != SpanKind::Client || !ctx.recorded.children(client).is_empty() {
            continue;
        }
        let class = ctx.facts.call_class(client);
        match ctx.facts.peer_host(client) {
            Some(peer) if matches!(class, CallClass::Http | CallClass::Rpc) => {
                let services = services.get_or_insert_with(|| known_services(ctx));
                let own = ctx.service(client);
                let named =
                    matches.entry(peer).or_insert_with(|| named_like(services, ctx.facts.peer_text(peer)));
                if let Some(service) = named.filter(|&service| service != own) {
                    calls.entry((own.to_owned(), service.to_owned())).or_default().push(client);
                }
            }
            None if class == CallClass::Other || class == CallClass::Http => unnamed.push(client),
            _ => {}
        }
    }
    let mut found: Vec<Finding> = calls
        .into_iter()
        .take(MOST)
        .map(|((_, to), clients)| of_calls(ctx, &clients, &to, Confidence::Likely))
        .collect();
    for client in unnamed.into_iter().take(MOST) {
        if let Some(server) = only_other(ctx, client) {
            found.push(of_calls(ctx, &[client], server, Confidence::Likely));
        } else if ctx.recorded.spans().nth(1).is_none() {
            found.push(of_calls(ctx, &[client], "something", Confidence::Possible));
        }
    }
    found
}

fn of_calls(ctx: &Context, clients: &[SpanIdx], to: &str, confidence: Confidence) -> Finding {
    let from = ctx.service(clients[0]);
    let library = ctx.set.scope(ctx.details(clients[0]).scope).name;
    let sender = if library.is_empty() { "the client" } else { library };
    let reader = if to == "something" { "the server" } else { to };
    Finding::new(RULE.code, format!("{from} called {to}, which recorded nothing here"))
        .severity(Severity::Medium)
        .confidence(confidence)
        .evidence(clients)
        .says(
            format!("{} has no server span below it, so the trace ends there.", ctx.op(clients[0])),
            format!("Check that {sender} sends and {reader} reads the trace headers."),
        )
        .key(ctx, to, Some(clients[0]))
}

/// Names of services in all loaded traces.
fn known_services<'a>(ctx: &Context<'a>) -> Vec<&'a str> {
    let mut known: Vec<u32> = ctx.set.traces().iter().flat_map(|t| t.services.iter().copied()).collect();
    known.compact_sort();
    known.dedup();
    known.into_iter().map(|s| ctx.set.service_name(s)).filter(|name| !name.is_empty()).collect()
}

/// The service that a host is named like: its first label is the service's name or part of it.
fn named_like<'a>(services: &[&'a str], host: &str) -> Option<&'a str> {
    let host = host.split([':', '/']).next().unwrap_or_default();
    let label = host.split('.').next().unwrap_or_default().to_lowercase();
    let says_nothing = label.len() < 3
        || label.bytes().all(|b| b.is_ascii_digit())
        || ["localhost", "www", "api", "service", "server", "app"].contains(&label.as_str());
    if says_nothing {
        return None;
    }
    let equal = services.iter().find(|s| s.eq_ignore_ascii_case(&label));
    equal.or_else(|| services.iter().find(|s| s.to_lowercase().contains(&label))).copied()
}

/// The service of the only loaded trace that began and ended during a call which names no other side.
fn only_other<'a>(ctx: &Context<'a>, client: SpanIdx) -> Option<&'a str> {
    let traces = ctx.set.traces();
    let base = ctx.trace().start_time().0;
    let from = base.saturating_add(ctx.recorded.start(client));
    let to = from.saturating_add(ctx.recorded.duration(client));
    let after = traces.get(traces.partition_point(|t| t.start.0 < from)..)?;
    let this = ctx.set.traces().get(ctx.trace_idx.at())?.first;
    let mut within = after.iter().take_while(|t| t.start.0 <= to).filter(|t| t.first != this);
    let other = within.next()?;
    let columns = ctx.set.columns();
    let root = other.main_root as usize;
    let (kind, _) = unpack_kind_status(*columns.kind_status.get(root)?);
    let is_its_server = within.next().is_none()
        && kind == SpanKind::Server
        && columns.parent.get(root) == Some(&NO_PARENT)
        && other.start.0.saturating_add(other.duration.0) <= to
        && other.duration.0 >= (to - from) / 2;
    is_its_server.then(|| ctx.set.service_name(columns.service.get(root).copied().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use crate::analysis::rules::testing::titles;

    const CALL: &str =
        "a 0..100 web/server\nb<a 5..95 web/client http.method=GET server.address=shop.prod.svc";

    #[test]
    fn a_known_service_that_recorded_nothing_is_told() {
        let known = format!("{CALL}\n@u x 500..600 shop-service/server");
        assert_eq!(titles(&known, "PROP-4"), ["web called shop-service, which recorded nothing here"]);
        assert!(titles(CALL, "PROP-4").is_empty());
        assert!(titles(&format!("{known}\nc<b 6..90 shop-service/server"), "PROP-4").is_empty());
    }

    #[test]
    fn a_call_around_another_trace_is_told() {
        let around = "a 0..100 web/client\n@u x 5..95 shop/server";
        assert_eq!(titles(around, "PROP-4"), ["web called shop, which recorded nothing here"]);
        assert_eq!(
            titles("a 0..100 web/client", "PROP-4"),
            ["web called something, which recorded nothing here"]
        );
    }
}
