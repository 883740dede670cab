//! A clock that is wrong, seen from the calls that cross it.

use super::{Find, Rule};
use crate::analysis::context::Context;
use crate::analysis::finding::{Confidence, Finding, Severity};
use crate::analysis::wording::{add, counted, permille, time};
use crate::base::sort::CompactSort as _;
use crate::model::index::SpanIdx;

/// TIME-1.
pub(super) const RULE: Rule = Rule {
    code: "TIME-1",
    name: "Clock skew corrected",
    checks: "clocks that disagree",
    fires: "calls between two clocks are only possible if one of them is off",
    stake: "the offset",
    advice: "Run NTP or chrony there; times are corrected in this view.",
    find: Find::Trace(find),
};

const MOST: usize = 20;

fn find(ctx: &Context) -> Vec<Finding> {
    let mut clocks: Vec<_> = ctx.clocks.iter().filter(|c| c.offset_ns != 0 || c.is_too_large).collect();
    clocks.compact_sort_by_key(|c| (std::cmp::Reverse(c.offset_ns.unsigned_abs()), c.domain));
    clocks.truncate(MOST);
    clocks
        .into_iter()
        .map(|clock| {
            let name = ctx.domains.names.get(clock.domain.at()).map_or("", String::as_str);
            let host = name.split_once(':').map_or(name, |(_, host)| host);
            let spans: Vec<SpanIdx> =
                ctx.recorded.spans().filter(|&s| ctx.domains.domain(s) == clock.domain).take(500).collect();
            let mut title = if clock.is_too_large {
                format!("Clock of {host} is off by more than can be corrected")
            } else {
                format!("Clock of {host} is off by {}", time(-clock.offset_ns))
            };
            if let Some(uncertainty) =
                clock.uncertainty().filter(|_| clock.is_consistent && !clock.is_too_large)
            {
                add(&mut title, format_args!(" (± {})", time(uncertainty)));
            }
            let moved = counted(u64::from(clock.n_spans), "span");
            let meaning = match (clock.is_too_large, clock.is_consistent) {
                (true, _) => format!("{moved} of it are shown as they were recorded."),
                (_, true) => {
                    format!("Calls seemed to begin before they were made; {moved} are shown corrected.")
                }
                _ => format!("No single offset explains all calls; {moved} are shown with the best one."),
            };
            let mut finding = Finding::new(RULE.code, title)
                .severity(Severity::Medium)
                .confidence(if clock.is_consistent { Confidence::Certain } else { Confidence::Likely })
                .evidence(&spans)
                .says(meaning, "Run NTP or chrony there; times are corrected in this view.".to_owned())
                .key(ctx, name, None);
            finding.evidence_count = clock.n_spans;
            finding.stake_ns = Some(clock.offset_ns.abs());
            finding.share_permille = Some(permille(clock.offset_ns.abs(), ctx.root_ns()));
            finding
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::analysis::rules::testing::titles;

    #[test]
    fn a_server_that_begins_before_its_client_has_a_wrong_clock() {
        let skewed = "a 180..220 gateway/client\nb<a 0..38 orders/server";
        assert_eq!(titles(skewed, "TIME-1"), ["Clock of orders is off by −181 ms (± 1.00 ms)"]);
        assert!(titles("a 0..40 gateway/client\nb<a 1..39 orders/server", "TIME-1").is_empty());
    }
}
