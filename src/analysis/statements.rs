//! Spans that look alike and do different things: the same name on another statement, route or destination.

use super::facts::{Facts, FingerprintIdx};
use crate::base::hash::{Numbers, mix};
use crate::model::trace::Trace;

/// Whether there are spans with the same name, service and kind and different fingerprints. Without such the
/// hot columns alone tell what a span does. O(n), mostly one look-up a span.
pub fn differ_among_namesakes(trace: &Trace, facts: &Facts) -> bool {
    let mut looks = Numbers::default();
    let mut first: Vec<FingerprintIdx> = Vec::new();
    trace.spans().filter(|&span| !trace.is_placeholder(span)).any(|span| {
        let owner = u64::from(trace.service(span).0) << 3 | trace.kind(span) as u64;
        let look = looks.get_or(mix(owner, u64::from(trace.name_idx(span))), first.len()) as usize;
        let fingerprint = facts.fingerprint(span);
        if look == first.len() {
            first.push(fingerprint);
        }
        first.get(look) != Some(&fingerprint)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::rules::testing;
    use crate::model::index::TraceIdx;

    #[test]
    fn a_name_that_stands_for_two_statements_is_found() {
        let differs = |lines: &str| {
            let set = testing::set(lines);
            let trace = set.trace(TraceIdx(0));
            differ_among_namesakes(&trace, &Facts::of(&set, TraceIdx(0), &trace))
        };
        let query = "shop/client name=SELECT db.system=mysql db.statement=select";
        let two = format!("a 0..9 shop\nb<a 0..1 {query}+*+from+t\nc<a 1..2 {query}+*+from+t+where+id=4");
        assert!(differs(&two));
        let literals = format!("a 0..9 shop\nb<a 0..1 {query}+3\nc<a 1..2 {query}+4");
        assert!(!differs(&literals));
        assert!(!differs("a 0..9 shop name=x\nb<a 0..1 cart name=x http.route=/a\nc<gone 3..4 cart name=y"));
    }
}
