//! Everything that is looked for, one rule a file, in one table: findings, the list of what was checked and
//! the manual (`docs/findings.md`) are made from it.

mod after_response;
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
mod second_root;
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

use super::context::Context;
use super::finding::Finding;

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
    too_many_of_one::RULE,
    too_many_spans::RULE,
    limits_hit::RULE,
];
