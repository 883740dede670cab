//! Tables of spans: statistics by group, and the spans themselves in any order.
//!
//! A table is about a [`Subject`]; the engine keeps what it measured of one, so that another order or another
//! grouping of the same subject costs no second analysis. Of a table of spans only rows that are in sight
//! travel; statistics travel whole, as columns.

use serde::{Deserialize, Serialize};

use super::WireError;
use super::analysis::AnalysisSettings;
use super::pack::{Reader, Writer};
use super::scope::Scope;

/// No row above: the row is of the first level.
pub const NO_ROW: u32 = u32::MAX;

/// Spans with the times that an analysis gives them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Which spans.
    pub scope: Scope,
    /// How they are analysed.
    pub settings: AnalysisSettings,
    /// The root whose critical path counts in the open trace; the main root when absent.
    pub root: Option<u32>,
}

/// What the spans of a group have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum GroupBy {
    /// Their service.
    Service,
    /// Service, name without ids, and kind.
    Operation,
    /// The value of the attribute with this key: the span's, else its resource's, else its scope's.
    Attribute(String),
}

/// One group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Member {
    /// Spans of a service.
    Service(String),
    /// Spans of an operation.
    Operation {
        /// Service.
        service: String,
        /// Name without ids.
        name: String,
        /// Kind in words; empty when not specified.
        kind: String,
    },
    /// Spans with a value of an attribute.
    Attribute {
        /// Key.
        key: String,
        /// The value; none for spans without the attribute.
        value: Option<String>,
    },
}

/// A column of a table of spans.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "see `heading`")]
pub enum SpanColumn {
    Operation,
    Service,
    Start,
    Duration,
    SelfTime,
    Critical,
    Kind,
    Status,
    SpanId,
    TraceId,
    /// The value of the attribute with this key.
    Attribute(String),
}

impl SpanColumn {
    /// All but attributes, in the order in which they are offered.
    pub const ALL: [Self; 10] = [
        Self::Operation,
        Self::Service,
        Self::Start,
        Self::Duration,
        Self::SelfTime,
        Self::Critical,
        Self::Kind,
        Self::Status,
        Self::SpanId,
        Self::TraceId,
    ];

    /// The heading.
    pub fn heading(&self) -> &str {
        match self {
            Self::Operation => "Operation",
            Self::Service => "Service",
            Self::Start => "Start",
            Self::Duration => "Duration",
            Self::SelfTime => "Self time",
            Self::Critical => "Critical path",
            Self::Kind => "Kind",
            Self::Status => "Status",
            Self::SpanId => "Span id",
            Self::TraceId => "Trace id",
            Self::Attribute(key) => key,
        }
    }

    /// Whether it holds times, which stand at the right and are sorted from the longest.
    pub const fn is_number(&self) -> bool {
        matches!(self, Self::Start | Self::Duration | Self::SelfTime | Self::Critical)
    }
}

/// A column of statistics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[expect(missing_docs, reason = "see `heading`")]
pub enum StatColumn {
    Group,
    Count,
    Rate,
    Errors,
    Total,
    SelfTime,
    Critical,
    P50,
    P95,
    P99,
    Max,
}

impl StatColumn {
    /// All, in order.
    pub const ALL: [Self; 11] = [
        Self::Group,
        Self::Count,
        Self::Errors,
        Self::Total,
        Self::SelfTime,
        Self::Critical,
        Self::P50,
        Self::P95,
        Self::P99,
        Self::Max,
        Self::Rate,
    ];

    /// The heading.
    pub const fn heading(self) -> &'static str {
        match self {
            Self::Group => "Group",
            Self::Count => "Count",
            Self::Rate => "Per second*",
            Self::Errors => "Errors",
            Self::Total => "Total",
            Self::SelfTime => "Self time",
            Self::Critical => "Critical path",
            Self::P50 => "p50",
            Self::P95 => "p95",
            Self::P99 => "p99",
            Self::Max => "Max",
        }
    }
}

/// What is asked of the tables.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TableRequest {
    /// Spans by group, of one or two levels.
    Statistics {
        /// Of these spans.
        subject: Subject,
        /// By the first level, then by the second.
        by: Vec<GroupBy>,
    },
    /// Spans in an order, to be looked at by [`Self::Rows`].
    Spans {
        /// These spans,
        subject: Subject,
        /// of which only those that are in all of these groups,
        of: Vec<Member>,
        /// and have all of these words in the names of service and operation;
        words: String,
        /// by this column, from the largest (`true`); as they stand in their trees when absent.
        sort: Option<(SpanColumn, bool)>,
    },
    /// Rows of the table of spans that was made last.
    Rows {
        /// From this one,
        first: u32,
        /// so many,
        n: u32,
        /// with the values of these attributes.
        keys: Vec<String>,
    },
    /// Where a span stands in the table of spans.
    Place {
        /// Index of the trace in the list.
        trace: u32,
        /// Index of the span in the trace.
        span: u32,
    },
    /// The statistics that were made last, as CSV.
    StatisticsCsv {
        /// These rows in this order.
        rows: Vec<u32>,
        /// With these columns.
        columns: Vec<StatColumn>,
    },
    /// The table of spans that was made last, as CSV.
    SpansCsv {
        /// With these columns.
        columns: Vec<SpanColumn>,
    },
}

/// A part of the answer to [`super::Request::Table`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TablePart {
    /// Being measured or put in order.
    Progress {
        /// Traces done,
        done: u32,
        /// of so many.
        of: u32,
    },
    /// Statistics; the rows are columns beside: see [`StatisticsRows`].
    Statistics(TableFacts),
    /// A table of spans is ready.
    Spans(TableFacts),
    /// Rows of it.
    Rows {
        /// From this one.
        first: u32,
        /// The rows.
        rows: Vec<SpanRow>,
    },
    /// The row of a span; none when it is not in the table.
    Place(Option<u32>),
    /// A piece of CSV, in UTF-8, beside.
    Csv {
        /// Whether no piece follows.
        is_last: bool,
    },
}

/// What is said of a table as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableFacts {
    /// Spans in the table.
    pub n_spans: u32,
    /// Spans of its subject.
    pub of_spans: u32,
    /// Traces that it is about.
    pub n_traces: u32,
    /// From the first start to the last end.
    pub window_ns: i64,
    /// Groups that are left out because there are too many.
    pub n_left_out: u32,
    /// Keys of attributes that spans of it have, most frequent first.
    pub keys: Vec<String>,
}

/// A row of a table of spans.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpanRow {
    /// Index of the trace in the list.
    pub trace: u32,
    /// Index of the span in the trace.
    pub span: u32,
    /// Trace id in hex.
    pub trace_id: String,
    /// Span id in hex.
    pub span_id: String,
    /// Nanoseconds since 1970, corrected.
    pub start_ns: i64,
    /// The same after the start of its trace.
    pub offset_ns: i64,
    /// Duration.
    pub duration_ns: i64,
    /// Self time.
    pub self_ns: i64,
    /// Time on the critical path.
    pub critical_ns: i64,
    /// Service.
    pub service: String,
    /// Name.
    pub name: String,
    /// Kind in words.
    pub kind: String,
    /// Status in words.
    pub status: String,
    /// Whether it failed, by its status or by what its attributes say.
    pub is_error: bool,
    /// Values of the attributes asked for; none without the attribute.
    pub values: Vec<Option<String>>,
}

/// Statistics in columns: rows of the first level in order, then those of the second.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatisticsRows {
    /// The row above; [`NO_ROW`] in the first level.
    pub above: Vec<u32>,
    /// Service, name without ids, or value.
    pub label: Vec<String>,
    /// Service of an operation; else empty.
    pub service: Vec<String>,
    /// Kind of an operation in words; else empty.
    pub kind: Vec<String>,
    /// 1 for spans without the attribute.
    pub is_missing: Vec<u8>,
    /// Spans.
    pub count: Vec<u32>,
    /// Spans that failed.
    pub errors: Vec<u32>,
    /// Sum of durations, of self times, of times on the critical path; p50, p95, p99 and the longest duration.
    pub times: [Vec<i64>; 7],
}

impl StatisticsRows {
    /// Number of rows.
    pub fn len(&self) -> usize {
        self.count.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.count.is_empty()
    }

    /// The time of a row in a column; none for columns without times.
    pub fn time(&self, row: usize, column: StatColumn) -> Option<i64> {
        let at = match column {
            StatColumn::Total => 0,
            StatColumn::SelfTime => 1,
            StatColumn::Critical => 2,
            StatColumn::P50 => 3,
            StatColumn::P95 => 4,
            StatColumn::P99 => 5,
            StatColumn::Max => 6,
            StatColumn::Group | StatColumn::Count | StatColumn::Rate | StatColumn::Errors => return None,
        };
        self.times.get(at)?.get(row).copied()
    }

    /// The columns in bytes.
    pub fn pack(&self) -> Vec<u8> {
        let mut w = Writer::default();
        w.u32s(&self.above);
        for texts in [&self.label, &self.service, &self.kind] {
            w.strings(texts.iter().map(String::as_str));
        }
        w.u8s(&self.is_missing);
        w.u32s(&self.count);
        w.u32s(&self.errors);
        for times in &self.times {
            w.i64s(times);
        }
        w.into_bytes()
    }

    /// Takes the columns; they are of equal length, and a row above is one of the first level before it.
    pub fn unpack(bytes: &[u8]) -> Result<Self, WireError> {
        let mut rows = Self::default();
        let mut r = Reader::new(bytes);
        let n = r.u32s(&mut rows.above)?;
        let mut lengths = vec![
            r.strings(&mut rows.label)?,
            r.strings(&mut rows.service)?,
            r.strings(&mut rows.kind)?,
            r.u8s(&mut rows.is_missing)?,
            r.u32s(&mut rows.count)?,
            r.u32s(&mut rows.errors)?,
        ];
        for times in &mut rows.times {
            lengths.push(r.i64s(times)?);
        }
        r.end()?;
        let first = rows.above.iter().take_while(|&&above| above == NO_ROW).count();
        let is_tree = rows.above.iter().skip(first).all(|&above| (above as usize) < first);
        if lengths.iter().any(|&len| len != n) || !is_tree {
            return Err(WireError::Broken { reason: format!("{n} rows of statistics, columns {lengths:?}") });
        }
        Ok(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn statistics_come_back_and_what_does_not_fit_is_refused() {
        let rows = StatisticsRows {
            above: vec![NO_ROW, 0],
            label: vec!["web".into(), "GET /{id}".into()],
            service: vec![String::new(), "web".into()],
            kind: vec![String::new(), "server".into()],
            is_missing: vec![0, 1],
            count: vec![3, 2],
            errors: vec![1, 0],
            times: std::array::from_fn(|at| vec![at as i64, -1]),
        };
        assert_eq!(StatisticsRows::unpack(&rows.pack()), Ok(rows.clone()));
        assert_eq!((rows.time(0, StatColumn::Max), rows.time(1, StatColumn::Count)), (Some(6), None));
        let broken = |change: fn(&mut StatisticsRows)| {
            let mut rows = rows.clone();
            change(&mut rows);
            StatisticsRows::unpack(&rows.pack()).is_err()
        };
        assert!(broken(|rows| rows.above = vec![NO_ROW, 1]));
        assert!(broken(|rows| rows.above = vec![1, NO_ROW]));
        assert!(broken(|rows| rows.times[3].clear()));
        assert!(broken(|rows| rows.label.clear()));
    }

    proptest! {
        #[test]
        fn hostile_bytes_give_an_error_and_no_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = StatisticsRows::unpack(&bytes);
        }
    }
}
