//! Everything that is looked for, one rule a file, in one table: findings, the list of what was checked and
//! the manual (`docs/findings.md`) are made from it.

mod after_response;
mod attribute_values;
mod chatty_pair;
mod client_root;
mod clock_corrected;
mod could_be_parallel;
mod failed;
mod fan_out;
mod gave_up;
mod hidden_time;
mod identical_calls;
mod impossible_times;
mod large_payload;
mod limits_hit;
mod many_names;
mod many_traces;
mod missing_attributes;
mod n_plus_one;
mod network_overhead;
mod no_server_side;
mod nothing_received;
mod old_names;
mod orphans;
mod own_code;
mod queue_wait;
mod repeated;
mod resources;
mod retried;
mod score;
mod second_root;
mod sensitive_data;
mod service_cycle;
mod slow_instance;
mod slow_statement;
mod slowest_call;
mod status_unset;
#[cfg(test)]
pub(crate) mod testing;
mod too_many_of_one;
mod too_many_spans;
mod unknown_service;
mod vague_name;

use super::context::Context;
use super::finding::Finding;
use super::set_context::SetContext;
use crate::base::sort::CompactSort as _;

/// What is looked for, how, and what is said of it in the manual.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Code, stable for ever.
    pub code: &'static str,
    /// Name.
    pub name: &'static str,
    /// What it looks for, to follow "looked for".
    pub checks: &'static str,
    /// When it reports.
    pub fires: &'static str,
    /// What the number beside it is.
    pub stake: &'static str,
    /// What to do about it.
    pub advice: &'static str,
    /// How it is found.
    pub find: Find,
}

/// How a rule finds.
#[derive(Clone, Copy, Debug)]
pub enum Find {
    /// In one trace.
    Trace(fn(&Context) -> Vec<Finding>),
    /// Over the loaded traces of one endpoint.
    Set(fn(&SetContext) -> Vec<Finding>),
}

/// What the traces of one endpoint show together, the most important first.
pub fn of_group(context: &SetContext) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    for rule in RULES {
        if let Find::Set(find) = rule.find {
            found.extend(find(context));
        }
    }
    for finding in &mut found {
        finding.hide_secrets();
    }
    found.compact_sort_by_key(|f| (f.severity, std::cmp::Reverse(f.stake_ns)));
    found
}

/// Everything that is looked for.
pub(super) const RULES: &[Rule] = &[
    slowest_call::RULE,
    hidden_time::RULE,
    could_be_parallel::RULE,
    n_plus_one::RULE,
    identical_calls::RULE,
    fan_out::RULE,
    slow_statement::RULE,
    network_overhead::RULE,
    queue_wait::RULE,
    large_payload::RULE,
    chatty_pair::RULE,
    after_response::RULE,
    own_code::RULE,
    slow_instance::RULE,
    service_cycle::RULE,
    failed::RULE,
    failed::ABSORBED,
    retried::RULE,
    gave_up::RULE,
    status_unset::RULE,
    clock_corrected::RULE,
    impossible_times::RULE,
    orphans::RULE,
    second_root::RULE,
    client_root::RULE,
    no_server_side::RULE,
    nothing_received::RULE,
    unknown_service::RULE,
    missing_attributes::RULE,
    old_names::RULE,
    sensitive_data::CREDENTIALS,
    sensitive_data::PERSONAL,
    sensitive_data::LITERALS,
    many_names::RULE,
    attribute_values::DISTINCT,
    attribute_values::WEIGHT,
    vague_name::RULE,
    too_many_of_one::RULE,
    too_many_spans::RULE,
    limits_hit::RULE,
    many_traces::SAMPLING,
    many_traces::ALERT,
    score::RULE,
    many_traces::SLOW_PATH,
    many_traces::GOES_TOGETHER,
];

/// The manual of findings, from the table.
#[cfg(test)]
fn manual() -> String {
    use super::wording::add;
    let mut text = String::from(
        "# Findings\n\nMade from the table of rules (`src/analysis/rules/mod.rs`); a test keeps the two equal. To write \
         it anew:\n`UPDATE_MANUAL=1 cargo test --no-default-features --lib manual`\n\nEvery finding has a code, a \
         severity, a confidence and, where time is in question, what is at stake: what the\nwhole request would win \
         or waits for, found by replaying it, never a sum of durations. A quarter of the request is\nhigh, a tenth \
         medium, a fiftieth low; what is shorter than 10 ms is never more than low. Where several rules see the\nsame \
         spans, the one that says most about them lists the others inside.\n",
    );
    for rule in RULES {
        let fields = [
            ("Looks for", rule.checks),
            ("Reported when", rule.fires),
            ("At stake", rule.stake),
            ("What to do", rule.advice),
        ];
        add(&mut text, format_args!("\n## {} {}\n\n", rule.code, rule.name));
        for (name, value) in fields {
            add(
                &mut text,
                format_args!("- **{name}**: {value}{}\n", if value.ends_with('.') { "" } else { "." }),
            );
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manual_is_made_from_the_table() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/findings.md");
        if std::env::var_os("UPDATE_MANUAL").is_some() {
            std::fs::write(path, manual()).unwrap();
        }
        let written = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            written == manual(),
            "docs/findings.md is not what the table says: UPDATE_MANUAL=1 writes it"
        );
    }

    #[test]
    fn codes_are_told_once() {
        let mut codes: Vec<&str> = RULES.iter().map(|rule| rule.code).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), RULES.len());
    }
}
