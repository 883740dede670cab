//! Analysing all loaded traces together: trace by trace between other requests, then what goes together with
//! being slow, group by group.

use crate::analysis::aggregate::{Aggregate, Aggregator, Difference, Group, Share};
use crate::analysis::call_paths::CallPaths;
use crate::analysis::correlation::{self, Correlator};
use crate::analysis::rules::of_group;
use crate::analysis::set_context::SetContext;
use crate::model::attributes::Value;
use crate::model::index::{SpanIdx, TraceIdx};
use crate::model::trace_set::TraceSet;
use crate::wire::Response;
use crate::wire::aggregate::{
    AggregateGroup, AggregatePart, AggregatePath, AggregateShare, Band, Correlation, HeatColumn, HeatMap,
    Outlier, PathDifference,
};
use crate::wire::analysis::AnalysisSettings;
use crate::wire::scope::Scope;

use super::analysis_messages::settings_of;
use super::findings;
use super::scope::Resolved;
use super::value::text;

/// Spans in one turn: some milliseconds, unless a single trace has more.
const SPANS_A_TURN: u32 = 20_000;

/// Spans whose attributes are compared in one turn.
const ATTRIBUTES_A_TURN: u32 = 4_000;

/// Groups that are told: the largest.
const MOST_GROUPS: usize = 50;

/// Call paths of a group, and rows of its other tables, that are told.
const MOST_ROWS: usize = 500;

/// Attributes that are told.
const MOST_CORRELATIONS: usize = 30;

/// Groups with fewer traces have no slow tenth to compare with the rest.
const FEWEST_TO_CORRELATE: usize = 10;

/// With more spans in a group, only its roots are compared.
const MOST_TO_CORRELATE: u64 = 300_000;

/// The analysis of all traces of a list.
#[derive(Debug)]
pub(super) struct Aggregating {
    ask: u32,
    /// Those that are added.
    traces: Vec<TraceIdx>,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// Adding traces, up to this one so far.
    Adding(Box<Aggregator>, usize),
    /// Comparing the attributes of slow traces with those of the rest.
    Comparing(Box<Comparing>),
}

/// The groups with what goes together with the slow traces of those that were dealt with.
#[derive(Debug)]
struct Comparing {
    aggregate: Aggregate,
    done: Vec<Vec<Correlation>>,
    correlator: Correlator,
    /// The next trace of the group that is being dealt with.
    next: usize,
}

impl Aggregating {
    pub(super) fn new(ask: u32, settings: &AnalysisSettings, scope: Scope, set: &TraceSet) -> Self {
        let traces = Resolved::new(scope, set).traces;
        Self { ask, traces, stage: Stage::Adding(Box::new(Aggregator::new(settings_of(settings))), 0) }
    }

    /// Does the next piece of work; returns whether that was all.
    pub(super) fn slice(&mut self, set: &TraceSet, out: &mut Vec<Response>) -> bool {
        let n_traces = self.traces.len();
        let part = match &mut self.stage {
            Stage::Adding(aggregator, next) => {
                let mut spans = 0;
                while spans < SPANS_A_TURN
                    && let Some(&trace) = self.traces.get(*next)
                {
                    spans += set.traces().get(trace.at()).map_or(0, |summary| summary.n_entries);
                    aggregator.add(set, trace);
                    *next += 1;
                }
                let (done, of) = (*next as u32, n_traces as u32);
                if *next >= n_traces {
                    let aggregate = std::mem::take(&mut **aggregator).finish();
                    self.stage = Stage::Comparing(Box::new(Comparing::new(aggregate)));
                }
                AggregatePart::Progress { done, of }
            }
            Stage::Comparing(comparing) => {
                if !comparing.slice(set) {
                    return false;
                }
                AggregatePart::Groups(comparing.groups(set))
            }
        };
        let is_over = matches!(part, AggregatePart::Groups(_));
        out.push(Response::Aggregate { ask: self.ask, part });
        is_over
    }
}

impl Comparing {
    fn new(aggregate: Aggregate) -> Self {
        Self { aggregate, done: Vec::new(), correlator: Correlator::default(), next: 0 }
    }

    /// Compares some traces of the next group; returns whether all groups were dealt with.
    fn slice(&mut self, set: &TraceSet) -> bool {
        let groups = self.aggregate.groups.get(..MOST_GROUPS).unwrap_or(&self.aggregate.groups);
        let Some(group) = groups.get(self.done.len()) else { return true };
        let n = group.traces.len();
        if n >= FEWEST_TO_CORRELATE {
            let entries =
                |trace: &TraceIdx| set.traces().get(trace.at()).map_or(0, |t| u64::from(t.n_entries));
            let only_roots = group.traces.iter().map(entries).sum::<u64>() > MOST_TO_CORRELATE;
            // Traces come by duration: the slowest tenth is at the end.
            let first_slow = n - n.div_ceil(10);
            let mut spans = 0;
            while spans < ATTRIBUTES_A_TURN
                && let Some(&trace) = group.traces.get(self.next)
            {
                self.correlator.begin(self.next >= first_slow);
                spans += add_attributes(&mut self.correlator, set, trace, only_roots);
                self.next += 1;
            }
            if self.next < n {
                return false;
            }
        }
        let found = std::mem::take(&mut self.correlator).finish();
        let found = found.into_iter().take(MOST_CORRELATIONS).map(|c| Correlation {
            key: c.key,
            value: c.value,
            selected_permille: c.selected_permille,
            rest_permille: c.rest_permille,
            count: c.count,
        });
        self.done.push(found.collect());
        self.next = 0;
        false
    }

    fn groups(&mut self, set: &TraceSet) -> Vec<AggregateGroup> {
        let together = std::mem::take(&mut self.done);
        let groups = self.aggregate.groups.iter().zip(together);
        groups.map(|(group, together)| message(set, &self.aggregate.paths, group, together)).collect()
    }
}

/// Gives the attributes of a trace to the correlator: those of the root as they are, those of other spans after
/// the name of their service. Returns the number of spans read.
fn add_attributes(to: &mut Correlator, set: &TraceSet, trace: TraceIdx, only_roots: bool) -> u32 {
    let Some(summary) = set.traces().get(trace.at()) else { return 0 };
    let mut add = |prefix: &str, attributes: &[(&str, Value<'_>)]| {
        for (key, value) in attributes {
            let value = text(value).1;
            match prefix {
                "" => to.text(key, &value),
                service => to.text(&format!("{service}: {key}"), &value),
            }
        }
    };
    let root = set.details(SpanIdx(summary.main_root));
    add("", &root.attributes);
    add("", &set.resource(root.resource).attributes);
    if only_roots {
        return 1;
    }
    let mut last = root.resource;
    for at in summary.range().filter(|&at| at != summary.main_root as usize) {
        let details = set.details(SpanIdx::new(at));
        let resource = set.resource(details.resource);
        add(resource.service, &details.attributes);
        // Spans of one resource mostly follow one another.
        if details.resource != last {
            last = details.resource;
            add(resource.service, &resource.attributes);
        }
    }
    summary.n_entries
}

fn message(
    set: &TraceSet,
    paths: &CallPaths,
    group: &Group,
    goes_together: Vec<Correlation>,
) -> AggregateGroup {
    let top = goes_together.first().map(|c| correlation::Correlation {
        key: c.key.clone(),
        value: c.value.clone(),
        selected_permille: c.selected_permille,
        rest_permille: c.rest_permille,
        count: c.count,
    });
    let found = of_group(&SetContext { set, paths, group, goes_together: top.as_ref() });
    let names = |operation: u32| {
        let (service, name) = paths.operation_names(operation);
        (service.to_owned(), name.to_owned())
    };
    let share = |share: &Share, is_service: bool| {
        let (service, name) = names(share.operation);
        let name = if is_service { String::new() } else { name };
        let Share { total_ns, share_permille, .. } = *share;
        AggregateShare { service, name, total_ns, share_permille }
    };
    let difference = |d: &Difference| PathDifference {
        path: paths.path(d.node),
        typical_ns: d.typical_ns,
        slow_ns: d.slow_ns,
    };
    let (service, name) = names(group.operation);
    let heat = &group.heat;
    AggregateGroup {
        service,
        name,
        traces: group.traces.iter().map(|t| t.0).collect(),
        durations: group.durations.clone(),
        p50_ns: group.p50_ns,
        p95_ns: group.p95_ns,
        paths: (group.rows.iter().take(MOST_ROWS))
            .map(|row| AggregatePath {
                path: paths.path(row.node),
                traces: row.traces,
                total_ns: row.total_ns,
                mean_ns: row.mean_ns,
                p50_ns: row.p50_ns,
                p95_ns: row.p95_ns,
                share_permille: row.share_permille,
            })
            .collect(),
        operations: group.operations.iter().take(MOST_ROWS).map(|s| share(s, false)).collect(),
        services: group.services.iter().take(MOST_ROWS).map(|s| share(s, true)).collect(),
        heat: HeatMap {
            operations: heat.operations.iter().map(|&operation| names(operation)).collect(),
            columns: (heat.columns.iter())
                .map(|c| HeatColumn { trace: c.trace.0, n_traces: c.n_traces, duration_ns: c.duration_ns })
                .collect(),
            cells: heat.cells.clone(),
        },
        bands: (group.bands.iter())
            .map(|band| Band {
                name: band.name.to_owned(),
                traces: (group.traces.get(band.places.clone()).unwrap_or_default().iter())
                    .map(|t| t.0)
                    .collect(),
                mean_ns: band.mean_ns,
            })
            .collect(),
        differences: group.differences.iter().take(MOST_ROWS).map(difference).collect(),
        typical: group.typical.map(|t| t.0),
        outliers: (group.outliers.iter())
            .map(|outlier| Outlier {
                trace: outlier.trace.0,
                because: outlier.because.iter().map(difference).collect(),
            })
            .collect(),
        goes_together,
        findings: found.iter().map(findings::message).collect(),
    }
}
