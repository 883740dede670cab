//! The critical path in tables: section by section, by operation, by service.
//!
//! Adding up is sound because the sections neither overlap nor leave a gap: the times of a table are the time
//! of the whole path.

use super::format;
use super::path::{CriticalPath, Section};
use super::theme::Looks;
use super::treegrid::shown_name;
use crate::base::sort::CompactSort as _;
use crate::base::text::grouped;
use crate::model::index::SpanIdx;
use crate::model::time::DurationNanos;
use crate::model::trace::Trace;

/// Children of a span that are looked at for what else was running.
const MOST_CHILDREN: usize = 2000;

/// What a line of the table stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grouping {
    /// One section.
    #[default]
    Sections,
    /// All sections of one operation.
    Operations,
    /// All sections of one service.
    Services,
}

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// Where the section begins.
    From,
    /// Operation.
    Operation,
    /// Service.
    Service,
    /// Number of sections.
    Sections,
    /// Time on the path.
    Time,
    /// Its part of the path.
    Share,
}

impl Grouping {
    /// The columns, in order.
    pub const fn columns(self) -> &'static [Column] {
        use Column as C;
        match self {
            Self::Sections => &[C::From, C::Operation, C::Service, C::Time, C::Share],
            Self::Operations => &[C::Operation, C::Service, C::Sections, C::Time, C::Share],
            Self::Services => &[C::Service, C::Sections, C::Time, C::Share],
        }
    }
}

impl Column {
    /// The heading.
    pub const fn heading(self) -> &'static str {
        match self {
            Self::From => "From",
            Self::Operation => "Operation",
            Self::Service => "Service",
            Self::Sections => "Sections",
            Self::Time => "On the path",
            Self::Share => "Share",
        }
    }

    /// Whether the column holds numbers, which stand at its right and are sorted from the largest.
    pub const fn is_number(self) -> bool {
        !matches!(self, Self::Operation | Self::Service)
    }
}

/// One line, before it is put into words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// The first section of the line: what a click goes to.
    pub section: u32,
    /// Its span.
    pub span: SpanIdx,
    /// Sections in the line.
    pub n_sections: u32,
    /// Their time.
    pub time: DurationNanos,
}

/// A line in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineText {
    /// One text for each column.
    pub cells: Vec<String>,
    /// Look of the service.
    pub slot: u8,
    /// Part of the path, in thousandths, for a bar.
    pub permille: u32,
    /// What else is worth knowing; may be empty.
    pub note: String,
}

/// The lines of a table, in the order of time, or most time first. O(n log n).
pub fn lines(trace: &Trace, path: &CriticalPath, grouping: Grouping) -> Vec<Line> {
    let line = |(at, section): (usize, &Section)| Line {
        section: at as u32,
        span: section.span,
        n_sections: 1,
        time: section.range.duration(),
    };
    let mut lines: Vec<Line> = path.sections().iter().enumerate().map(line).collect();
    let key = |line: &Line| match grouping {
        Grouping::Sections => (0, 0),
        Grouping::Operations => (trace.service(line.span).0, trace.name_idx(line.span)),
        Grouping::Services => (trace.service(line.span).0, 0),
    };
    if grouping == Grouping::Sections {
        return lines;
    }
    // Stable, so that the first section of a group stays its first.
    lines.compact_sort_by_key(key);
    lines.dedup_by(|next, kept| {
        let is_same = key(next) == key(kept);
        if is_same {
            kept.n_sections += 1;
            kept.time = kept.time + next.time;
        }
        is_same
    });
    lines.compact_sort_by_key(|line| (std::cmp::Reverse(line.time), line.section));
    lines
}

/// Sorts lines by a column; ties go by time of the first section.
pub fn sort(trace: &Trace, lines: &mut [Line], column: Column, is_descending: bool) {
    let text = |line: &Line| match column {
        Column::Operation => trace.name(line.span),
        _ => trace.service_name(trace.service(line.span)),
    };
    let number = |line: &Line| match column {
        Column::From => i64::from(line.section),
        Column::Sections => i64::from(line.n_sections),
        _ => line.time.0,
    };
    lines.compact_sort_by(|a, b| {
        let order = if column.is_number() { number(a).cmp(&number(b)) } else { text(a).cmp(text(b)) };
        let order = if is_descending { order.reverse() } else { order };
        order.then(a.section.cmp(&b.section))
    });
}

/// A line as it is shown.
pub fn text(trace: &Trace, path: &CriticalPath, looks: &Looks, grouping: Grouping, line: &Line) -> LineText {
    let whole = path.length().0.max(1);
    let service = trace.service_name(trace.service(line.span));
    let cell = |column: &Column| match column {
        Column::From => path
            .sections()
            .get(line.section as usize)
            .map_or_else(String::new, |section| format::offset(section.range.start)),
        Column::Operation => shown_name(trace, line.span),
        Column::Service if service.is_empty() => "(no service)".to_owned(),
        Column::Service => super::text::visible(service, false).into_owned(),
        Column::Sections => grouped(line.n_sections.into()),
        Column::Time => format::duration(line.time),
        Column::Share => format::percent(line.time.0, whole),
    };
    let note = match (grouping, path.sections().get(line.section as usize)) {
        (Grouping::Sections, Some(section)) => also_running(trace, section),
        _ => String::new(),
    };
    LineText {
        cells: grouping.columns().iter().map(cell).collect(),
        slot: looks.slot(trace.service(line.span)),
        permille: (i128::from(line.time.0) * 1000 / i128::from(whole)).clamp(0, 1000) as u32,
        note,
    }
}

/// A span can be responsible although a child is at work: the child's end was not what it waited for.
fn also_running(trace: &Trace, section: &Section) -> String {
    let range = section.range;
    let mut running = trace
        .children(section.span)
        .take(MOST_CHILDREN)
        .filter(|&c| trace.start(c) < range.end && trace.end(c) > range.start);
    let Some(first) = running.next() else { return String::new() };
    match running.count() {
        0 => format!("also running: {}", shown_name(trace, first)),
        more => format!("also running: {} and {} more", shown_name(trace, first), grouped(more as u64)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::drawing;
    use super::*;
    use crate::model::time::TimeRange;

    fn sample() -> (Trace, CriticalPath) {
        let trace = drawing::trace("web GET 0..100\n  db q 10..30\n  db q 40..90\n  web work 50..60");
        let ms = 1_000_000;
        let sections = [(0, 0, 10), (1, 10, 30), (0, 30, 40), (2, 40, 90), (0, 90, 100)];
        let path = CriticalPath::new(sections.iter().map(|&(span, from, to)| Section {
            span: SpanIdx(span),
            range: TimeRange { start: DurationNanos(from * ms), end: DurationNanos(to * ms) },
        }));
        (trace, path)
    }

    fn shown(grouping: Grouping, by: Option<(Column, bool)>) -> Vec<String> {
        let (trace, path) = sample();
        let mut found = lines(&trace, &path, grouping);
        if let Some((column, is_descending)) = by {
            sort(&trace, &mut found, column, is_descending);
        }
        let looks = Looks::by_rank(2);
        let text = |line| text(&trace, &path, &looks, grouping, line).cells.join(" | ");
        found.iter().map(text).collect()
    }

    #[test]
    fn each_table_adds_up_to_the_path() {
        let (trace, path) = sample();
        for grouping in [Grouping::Sections, Grouping::Operations, Grouping::Services] {
            let sum: i64 = lines(&trace, &path, grouping).iter().map(|line| line.time.0).sum();
            assert_eq!(sum, path.length().0, "{grouping:?}");
        }
    }

    #[test]
    fn lines_are_put_into_words() {
        assert_eq!(
            shown(Grouping::Operations, None),
            ["q | db | 2 | 70.0 ms | 70 %", "GET | web | 3 | 30.0 ms | 30 %"]
        );
        assert_eq!(
            shown(Grouping::Services, Some((Column::Service, true))),
            ["web | 3 | 30.0 ms | 30 %", "db | 2 | 70.0 ms | 70 %"]
        );
        assert_eq!(
            shown(Grouping::Sections, Some((Column::Time, true)))[..2],
            ["+40.0 ms | q | db | 50.0 ms | 50 %", "+10.0 ms | q | db | 20.0 ms | 20 %"]
        );
    }

    #[test]
    fn what_else_is_running_is_said() {
        let (trace, _) = sample();
        let range = TimeRange { start: DurationNanos(45_000_000), end: DurationNanos(55_000_000) };
        assert_eq!(also_running(&trace, &Section { span: SpanIdx(0), range }), "also running: q and 1 more");
        assert_eq!(also_running(&trace, &Section { span: SpanIdx(1), range }), "");
    }
}
