//! What a trace means: where its time went, what was waited for, what is wrong with it.
//!
//! Everything stands on one view of a trace ([`recorded::Recorded`], times after clock correction) and one
//! preparation of its tree ([`prepared::Prepared`]), so that two analyses can never contradict one another.
//! Times are whole nanoseconds from the trace's start, indices are those of the [`crate::model::trace::Trace`],
//! results are columns by span. Nothing here recurses: a chain of a million spans is as good as a bush.

pub mod aggregate;
mod aggregate_group;
pub mod aliases;
pub mod attribute_pass;
pub mod call_paths;
pub mod call_tree;
pub mod clock_domain;
pub mod clock_skew;
pub mod completion_path;
pub mod context;
pub mod correlation;
pub mod critical_path;
pub mod diff;
pub mod diff_adding;
pub mod diff_merged;
mod diff_moved;
pub mod diff_sentence;
pub mod diff_values;
pub mod errors;
pub mod facts;
mod facts_builder;
pub mod finding;
pub mod gaps;
pub mod headline;
pub mod independence;
pub mod instrumentation_score;
pub mod learned_order;
pub mod leaves;
pub mod measured;
pub mod normalise;
pub mod prepared;
pub mod quality;
pub mod ranking;
pub mod recorded;
pub mod relation;
pub mod repeats;
pub mod resources;
pub mod retries;
pub mod rules;
pub mod run;
pub mod sampling;
mod savings;
pub mod scenario;
pub mod self_time;
pub mod sensitive;
pub mod sequences;
pub mod service_graph;
pub mod set_context;
pub mod settings;
pub mod slack;
pub mod statements;
pub mod statistics;
pub mod timed;
pub mod vague_names;
pub mod what_helps;
pub mod what_if;
pub mod wording;
mod written;

#[cfg(test)]
mod diff_tests;
#[cfg(test)]
mod facts_tests;
