//! Tables of spans: statistics by group, the spans in any order, and both as CSV.
//!
//! What a table is about is measured once, trace by trace, and kept: another order or grouping of the same
//! spans begins there. A trace that is being analysed anyway is not analysed again; its table waits until the
//! analysis knows of each span what a table tells.

mod attribute;
mod groups;
mod span_list;
mod statistics;

use crate::analysis::measured::{Known, Measured};
use crate::analysis::run::Run;
use crate::export::csv::{self, Field};
use crate::model::index::TraceIdx;
use crate::model::trace_set::TraceSet;
use crate::wire::Response;
use crate::wire::table::{
    GroupBy, Member, SpanColumn, StatColumn, StatisticsRows, Subject, TableFacts, TablePart, TableRequest,
};

use super::analysis_messages::settings_of;
use super::scope::Resolved;
use attribute::AttributeColumn;

/// Spans measured in one turn: some milliseconds, unless a single trace has more.
const SPANS_A_TURN: u32 = 10_000;

/// Spans of which an attribute is read in one turn.
const VALUES_A_TURN: usize = 16_384;

/// Rows written as CSV in one turn.
const LINES_A_TURN: usize = 8_192;

/// Rows that are sent at once: no window has more.
const MOST_ROWS: u32 = 1_000;

/// Attributes whose values are kept for another order or grouping.
const MOST_COLUMNS: usize = 4;

/// What was asked for and is not there yet.
#[derive(Debug)]
enum Job {
    Statistics { by: Vec<GroupBy> },
    Spans { of: Vec<Member>, words: String, sort: Option<(SpanColumn, bool)> },
    SpansCsv { columns: Vec<SpanColumn>, next: usize },
}

/// The tables of one subject.
#[derive(Debug)]
pub(super) struct Tables {
    ask: u32,
    subject: Subject,
    scope: Resolved,
    measured: Measured,
    /// Traces that were measured.
    n_done: usize,
    keys: Option<Vec<String>>,
    attributes: Vec<AttributeColumn>,
    job: Option<Job>,
    /// Rows of the table of spans, by row of what was measured.
    order: Vec<u32>,
    statistics: StatisticsRows,
}

impl Tables {
    /// Takes a request about tables; `tables` are those of the subject before.
    pub(super) fn take(
        tables: &mut Option<Self>,
        ask: u32,
        what: TableRequest,
        set: &TraceSet,
        out: &mut Vec<Response>,
    ) {
        let (subject, job) = match what {
            TableRequest::Statistics { subject, by } => (subject, Job::Statistics { by }),
            TableRequest::Spans { subject, of, words, sort } => (subject, Job::Spans { of, words, sort }),
            other => {
                if let Some(tables) = tables {
                    tables.answer(ask, other, set, out);
                }
                return;
            }
        };
        let tables = match tables {
            Some(tables) if tables.subject == subject => tables,
            other => other.insert(Self::new(subject, set)),
        };
        (tables.ask, tables.job) = (ask, Some(job));
    }

    fn new(subject: Subject, set: &TraceSet) -> Self {
        Self {
            ask: 0,
            scope: Resolved::new(subject.scope.clone(), set),
            subject,
            measured: Measured::default(),
            n_done: 0,
            keys: None,
            attributes: Vec::new(),
            job: None,
            order: Vec::new(),
            statistics: StatisticsRows::default(),
        }
    }

    /// Answers what is at hand.
    fn answer(&mut self, ask: u32, what: TableRequest, set: &TraceSet, out: &mut Vec<Response>) {
        let part = match what {
            TableRequest::Rows { first, n, keys } => {
                let from = (first as usize).min(self.order.len());
                let until = from.saturating_add(n.min(MOST_ROWS) as usize).min(self.order.len());
                let rows = self.order.get(from..until).unwrap_or_default();
                let row = |&row: &u32| span_list::row(set, &self.measured, row, &keys);
                TablePart::Rows { first, rows: rows.iter().filter_map(row).collect() }
            }
            TableRequest::Place { trace, span } => {
                let first = set.traces().get(trace as usize).map(|summary| summary.first);
                let wanted = first.and_then(|first| first.checked_add(span));
                let is_wanted = |&row: &u32| self.measured.span.get(row as usize).copied() == wanted;
                let place = wanted.and_then(|_| self.order.iter().position(is_wanted));
                TablePart::Place(place.map(|at| at as u32))
            }
            TableRequest::StatisticsCsv { rows, columns } => {
                let window_ns = self.facts(set).window_ns;
                let bytes = statistics_csv(&self.statistics, &rows, &columns, window_ns);
                let part = TablePart::Csv { is_last: true };
                return out.push(Response::Table { ask, part, bytes: bytes.into_bytes() });
            }
            TableRequest::SpansCsv { columns } => {
                self.ask = ask;
                self.job = Some(Job::SpansCsv { columns, next: 0 });
                return;
            }
            TableRequest::Statistics { .. } | TableRequest::Spans { .. } => return,
        };
        out.push(Response::Table { ask, part, bytes: Vec::new() });
    }

    /// Whether [`Self::slice`] has something to do; `running` is the analysis of a trace that is under way.
    pub(super) fn can_go_on(&self, running: Option<&Run>) -> bool {
        let is_waiting = || {
            let next = self.scope.traces.get(self.n_done).copied();
            running.is_some_and(|run| Some(run.trace_idx()) == next && !run.has_operations())
        };
        self.job.is_some() && !is_waiting()
    }

    /// Does the next piece of work.
    pub(super) fn slice(&mut self, set: &TraceSet, running: Option<&Run>, out: &mut Vec<Response>) {
        if self.n_done < self.scope.traces.len() {
            return self.measure(set, running, out);
        }
        let Some(job) = self.job.take() else { return };
        if let Some(key) = self.unread(&job) {
            self.read(set, &key);
            self.job = Some(job);
            return;
        }
        match job {
            Job::Statistics { by } => {
                let (rows, n_left_out) = statistics::statistics(set, &self.measured, &by, &self.attributes);
                let facts = TableFacts { n_left_out: n_left_out as u32, ..self.facts(set) };
                let bytes = rows.pack();
                self.statistics = rows;
                out.push(Response::Table { ask: self.ask, part: TablePart::Statistics(facts), bytes });
            }
            Job::Spans { of, words, sort } => {
                self.order = span_list::chosen(set, &self.measured, &of, &words, &self.attributes);
                if let Some(sort) = sort {
                    span_list::sort(set, &self.measured, &mut self.order, &sort, &self.attributes);
                }
                let facts = TableFacts { n_spans: self.order.len() as u32, ..self.facts(set) };
                out.push(Response::Table { ask: self.ask, part: TablePart::Spans(facts), bytes: Vec::new() });
            }
            Job::SpansCsv { columns, next } => {
                let until = (next + LINES_A_TURN).min(self.order.len());
                let is_last = until == self.order.len();
                let bytes = self.spans_csv(set, &columns, next..until).into_bytes();
                if !is_last {
                    self.job = Some(Job::SpansCsv { columns, next: until });
                }
                out.push(Response::Table { ask: self.ask, part: TablePart::Csv { is_last }, bytes });
            }
        }
    }

    /// Measures some traces; one that is analysed anyway is not analysed again.
    fn measure(&mut self, set: &TraceSet, running: Option<&Run>, out: &mut Vec<Response>) {
        let settings = settings_of(&self.subject.settings);
        let mut n_spans = 0;
        while n_spans < SPANS_A_TURN
            && let Some(&trace) = self.scope.traces.get(self.n_done)
        {
            n_spans += set.traces().get(trace.at()).map_or(0, |summary| summary.n_entries);
            self.n_done += 1;
            match running.filter(|run| run.trace_idx() == trace && run.has_operations()) {
                Some(run) => self.take_known(set, trace, run),
                None => self.measured.add(set, trace, &settings, |recorded| self.scope.kept(recorded)),
            }
        }
        let part = TablePart::Progress { done: self.n_done as u32, of: self.scope.traces.len() as u32 };
        out.push(Response::Table { ask: self.ask, part, bytes: Vec::new() });
    }

    fn take_known(&mut self, set: &TraceSet, trace: TraceIdx, run: &Run) {
        let (recorded, found) = (run.recorded(), run.found());
        let known = Known {
            recorded: &recorded,
            facts: run.facts(),
            own: &found.own_times,
            critical: &found.critical,
        };
        self.measured.add_known(set, trace, &known, self.scope.kept(&recorded).as_ref());
    }

    /// The first attribute that a job needs and that was not read to its end.
    fn unread(&self, job: &Job) -> Option<String> {
        let mut keys: Vec<&str> = Vec::new();
        match job {
            Job::Statistics { by } => keys.extend(by.iter().filter_map(|by| match by {
                GroupBy::Attribute(key) => Some(key.as_str()),
                _ => None,
            })),
            Job::Spans { of, sort, .. } => {
                keys.extend(of.iter().filter_map(|member| match member {
                    Member::Attribute { key, .. } => Some(key.as_str()),
                    _ => None,
                }));
                if let Some((SpanColumn::Attribute(key), _)) = sort {
                    keys.push(key);
                }
            }
            Job::SpansCsv { .. } => {}
        }
        let is_read = |key: &&str| {
            let column = self.attributes.iter().find(|column| column.key == **key);
            column.is_some_and(|column| column.value.len() >= self.measured.len())
        };
        keys.into_iter().find(|key| !is_read(key)).map(str::to_owned)
    }

    fn read(&mut self, set: &TraceSet, key: &str) {
        if !self.attributes.iter().any(|column| column.key == key) {
            if self.attributes.len() >= MOST_COLUMNS {
                self.attributes.remove(0);
            }
            self.attributes.push(AttributeColumn::new(key));
        }
        if let Some(column) = self.attributes.iter_mut().find(|column| column.key == key) {
            column.slice(set, &self.measured, VALUES_A_TURN);
        }
    }

    fn facts(&mut self, set: &TraceSet) -> TableFacts {
        let keys = self.keys.get_or_insert_with(|| span_list::keys(set, &self.measured)).clone();
        let ends = self.measured.span.iter().zip(&self.measured.start).filter_map(|(&span, &start)| {
            Some(start.saturating_add(*set.columns().duration.get(span as usize)?))
        });
        let first = self.measured.start.iter().min().copied().unwrap_or_default();
        TableFacts {
            n_spans: self.measured.len() as u32,
            of_spans: self.measured.len() as u32,
            n_traces: self.scope.traces.len() as u32,
            window_ns: ends.max().map_or(0, |last| last.saturating_sub(first)),
            n_left_out: 0,
            keys,
        }
    }

    /// Some rows of the table of spans; the first ones with a heading.
    fn spans_csv(&self, set: &TraceSet, columns: &[SpanColumn], rows: std::ops::Range<usize>) -> String {
        let mut out = String::new();
        if rows.start == 0 {
            let heading = |column: &SpanColumn| match column {
                SpanColumn::Start => "Start (ns since 1970)".to_owned(),
                column if column.is_number() => format!("{} (ns)", column.heading()),
                column => column.heading().to_owned(),
            };
            let headings: Vec<String> = columns.iter().map(heading).collect();
            csv::record(&mut out, headings.iter().map(|text| Field::Text(text)));
        }
        let keys: Vec<String> = columns
            .iter()
            .filter_map(|column| match column {
                SpanColumn::Attribute(key) => Some(key.clone()),
                _ => None,
            })
            .collect();
        for &row in self.order.get(rows).unwrap_or_default() {
            let Some(row) = span_list::row(set, &self.measured, row, &keys) else { continue };
            let mut values = row.values.iter();
            let cells: Vec<(String, bool)> = columns
                .iter()
                .map(|column| {
                    let is_attribute = matches!(column, SpanColumn::Attribute(_));
                    let value = if is_attribute { values.next().and_then(Option::as_ref) } else { None };
                    span_list::cell(&row, column, value)
                })
                .collect();
            csv::record(&mut out, cells.iter().map(field));
        }
        out
    }
}

fn field((text, is_number): &(String, bool)) -> Field<'_> {
    if *is_number { Field::Number(text) } else { Field::Text(text) }
}

/// Rows of statistics. A row of the second level repeats what the row above is called, so that a spreadsheet
/// can sort and filter it by itself.
fn statistics_csv(rows: &StatisticsRows, order: &[u32], columns: &[StatColumn], window_ns: i64) -> String {
    let has_levels = rows.above.iter().any(|&above| above != crate::wire::table::NO_ROW);
    let mut out = String::new();
    let mut headings: Vec<String> = vec!["Group".into()];
    if has_levels {
        headings.push("Within".into());
    }
    headings.extend(["Service".into(), "Kind".into()]);
    let numbers: Vec<StatColumn> = columns.iter().copied().filter(|c| *c != StatColumn::Group).collect();
    headings.extend(numbers.iter().map(|column| match column {
        StatColumn::Rate => "Spans per second of the loaded sample".to_owned(),
        StatColumn::Count | StatColumn::Errors => column.heading().to_owned(),
        column => format!("{} (ns)", column.heading()),
    }));
    csv::record(&mut out, headings.iter().map(|text| Field::Text(text)));
    let label = |row: usize| match rows.is_missing.get(row) {
        Some(1) => "(none)",
        _ => rows.label.get(row).map_or("", String::as_str),
    };
    for &row in order {
        let row = row as usize;
        let Some(&above) = rows.above.get(row) else { continue };
        let mut cells: Vec<(String, bool)> = Vec::new();
        if has_levels {
            let is_outer = above == crate::wire::table::NO_ROW;
            let [outer, inner] =
                if is_outer { [label(row), ""] } else { [label(above as usize), label(row)] };
            cells.extend([(outer.to_owned(), false), (inner.to_owned(), false)]);
        } else {
            cells.push((label(row).to_owned(), false));
        }
        let text = |texts: &[String]| (texts.get(row).cloned().unwrap_or_default(), false);
        cells.extend([text(&rows.service), text(&rows.kind)]);
        let count = |counts: &[u32]| counts.get(row).copied().unwrap_or_default();
        cells.extend(numbers.iter().map(|&column| {
            let number = match column {
                StatColumn::Count => count(&rows.count).to_string(),
                StatColumn::Errors => count(&rows.errors).to_string(),
                StatColumn::Rate => rate(count(&rows.count), window_ns),
                column => rows.time(row, column).unwrap_or_default().to_string(),
            };
            (number, true)
        }));
        csv::record(&mut out, cells.iter().map(field));
    }
    out
}

/// Spans per second with three decimals, in whole numbers: floats are for pixels.
fn rate(count: u32, window_ns: i64) -> String {
    let thousandths = i128::from(count) * 1_000_000_000_000 / i128::from(window_ns.max(1));
    format!("{}.{:03}", thousandths / 1000, thousandths % 1000)
}

#[cfg(test)]
mod tests;
