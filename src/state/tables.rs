//! How the reader arranges the tables of spans and of their statistics, what of it stands in a link, and which
//! rows of statistics are shown in which order.

use std::collections::BTreeSet;

use crate::base::sort::CompactSort as _;
use crate::wire::table::{GroupBy, Member, NO_ROW, SpanColumn, StatColumn, StatisticsRows};

/// Most groups that the spans are narrowed to, and most columns, of a link.
const MOST: usize = 16;

/// How the statistics are arranged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatisticsChoice {
    /// By what the spans are grouped: one level or two.
    pub by: Vec<GroupBy>,
    /// The columns besides the group.
    pub columns: Vec<StatColumn>,
    /// The order, and whether from the largest; most important first when absent.
    pub sort: Option<(StatColumn, bool)>,
    /// Only groups with these words.
    pub words: String,
}

impl Default for StatisticsChoice {
    fn default() -> Self {
        let columns = StatColumn::ALL.into_iter().skip(1).collect();
        Self { by: vec![GroupBy::Operation], columns, sort: None, words: String::new() }
    }
}

/// How the table of spans is arranged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpansChoice {
    /// The columns.
    pub columns: Vec<SpanColumn>,
    /// The order, and whether from the largest; as they stand in their trees when absent.
    pub sort: Option<(SpanColumn, bool)>,
    /// Only spans in all of these groups.
    pub of: Vec<Member>,
    /// Of all traces only spans with these words in their names; within a trace its search counts.
    pub words: String,
}

impl Default for SpansChoice {
    fn default() -> Self {
        use SpanColumn as C;
        let columns = vec![C::Operation, C::Service, C::Start, C::Duration, C::SelfTime, C::Critical];
        Self { columns, sort: None, of: Vec::new(), words: String::new() }
    }
}

/// The next order when a heading is pressed: the other way round when it is that one already, else numbers from
/// the largest and texts from A; times of day from the earliest.
pub fn turned<C: PartialEq>(sort: Option<&(C, bool)>, column: C, is_number: bool) -> (C, bool) {
    match sort {
        Some((by, is_descending)) if *by == column => (column, !is_descending),
        _ => (column, is_number),
    }
}

/// Puts a column in, in the order of `all`, or takes it out.
pub fn toggle<C: PartialEq + Clone>(columns: &mut Vec<C>, column: &C, all: &[C]) {
    if columns.contains(column) {
        columns.retain(|c| c != column);
    } else {
        columns.push(column.clone());
    }
    // What is not among all, attributes, stays behind in the order of choosing.
    let place = |c: &C| all.iter().position(|a| a == c).unwrap_or(all.len());
    columns.compact_sort_by_key(place);
}

/// What a row of statistics stands for, the group above it first.
pub fn members(rows: &StatisticsRows, by: &[GroupBy], row: usize) -> Vec<Member> {
    let member = |row: usize, by: &GroupBy| {
        let text = |texts: &[String]| texts.get(row).cloned().unwrap_or_default();
        match by {
            GroupBy::Service => Member::Service(text(&rows.label)),
            GroupBy::Operation => Member::Operation {
                service: text(&rows.service),
                name: text(&rows.label),
                kind: text(&rows.kind),
            },
            GroupBy::Attribute(key) => Member::Attribute {
                key: key.clone(),
                value: (rows.is_missing.get(row) != Some(&1)).then(|| text(&rows.label)),
            },
        }
    };
    match (rows.above.get(row).copied(), by) {
        (Some(NO_ROW), [first, ..]) => vec![member(row, first)],
        (Some(above), [first, second, ..]) => vec![member(above as usize, first), member(row, second)],
        _ => Vec::new(),
    }
}

/// A group in words.
pub fn member_text(member: &Member) -> String {
    match member {
        Member::Service(service) if service.is_empty() => "(no service)".to_owned(),
        Member::Service(service) => service.clone(),
        Member::Operation { service, name, .. } if service.is_empty() => name.clone(),
        Member::Operation { service, name, .. } => format!("{service} {name}"),
        Member::Attribute { key, value: Some(value) } => format!("{key} = {value}"),
        Member::Attribute { key, value: None } => format!("without {key}"),
    }
}

/// What a row of statistics is called.
pub fn label(rows: &StatisticsRows, row: usize) -> &str {
    let text = rows.label.get(row).map_or("", String::as_str);
    match rows.is_missing.get(row) {
        Some(1) => "(none)",
        _ if text.is_empty() => "(empty)",
        _ => text,
    }
}

/// The rows in order: groups with all words, each followed by the groups below it where it is open. A group
/// below counts for the words of the one above, and is shown alone when only it has them. O(n log n).
pub fn shown_rows(
    rows: &StatisticsRows,
    sort: Option<(StatColumn, bool)>,
    words: &str,
    open: &BTreeSet<u32>,
) -> Vec<u32> {
    let words: Vec<String> = words.split_whitespace().map(str::to_lowercase).collect();
    let fits = |row: usize| {
        let service = rows.service.get(row).map_or("", String::as_str);
        let text = format!("{} {service}", label(rows, row)).to_lowercase();
        words.iter().all(|word| text.contains(word.as_str()))
    };
    let n_first = rows.above.iter().take_while(|&&above| above == NO_ROW).count();
    let mut below: Vec<Vec<u32>> = vec![Vec::new(); n_first];
    let mut has_fitting = vec![false; n_first];
    let outer_fits: Vec<bool> = (0..n_first).map(fits).collect();
    for (row, &above) in rows.above.iter().enumerate().skip(n_first) {
        let above = above as usize;
        let is_wanted = outer_fits.get(above) == Some(&true) || fits(row);
        if let (Some(list), Some(has), true) = (below.get_mut(above), has_fitting.get_mut(above), is_wanted) {
            list.push(row as u32);
            *has = true;
        }
    }
    let is_wanted = |&row: &u32| {
        let at = row as usize;
        outer_fits.get(at) == Some(&true) || has_fitting.get(at) == Some(&true)
    };
    let mut first: Vec<u32> = (0..n_first as u32).filter(is_wanted).collect();
    let order = |list: &mut Vec<u32>| {
        if let Some((column, is_descending)) = sort {
            sort_rows(rows, list, column, is_descending);
        }
    };
    order(&mut first);
    let mut shown = Vec::new();
    for row in first {
        shown.push(row);
        let is_found_below = !words.is_empty() && outer_fits.get(row as usize) != Some(&true);
        if (open.contains(&row) || is_found_below)
            && let Some(list) = below.get_mut(row as usize)
        {
            order(list);
            shown.append(list);
        }
    }
    shown
}

fn sort_rows(rows: &StatisticsRows, list: &mut [u32], column: StatColumn, is_descending: bool) {
    let number = |row: u32| {
        let row = row as usize;
        let count = |counts: &[u32]| counts.get(row).copied().map(i64::from);
        match column {
            StatColumn::Group => None,
            StatColumn::Count | StatColumn::Rate => count(&rows.count),
            StatColumn::Errors => count(&rows.errors),
            column => rows.time(row, column),
        }
    };
    let text = |row: u32| (label(rows, row as usize).to_lowercase(), rows.service.get(row as usize));
    // Equal rows stay by importance, in which they came.
    match (column, is_descending) {
        (StatColumn::Group, false) => list.compact_sort_by_cached_key(|&row| text(row)),
        (StatColumn::Group, true) => list.compact_sort_by_cached_key(|&row| std::cmp::Reverse(text(row))),
        (_, false) => list.compact_sort_by_key(|&row| number(row)),
        (_, true) => list.compact_sort_by_key(|&row| std::cmp::Reverse(number(row))),
    }
}

/// Words for columns of statistics in a link.
const STAT_WORDS: [(StatColumn, &str); 11] = [
    (StatColumn::Group, "group"),
    (StatColumn::Count, "count"),
    (StatColumn::Rate, "rate"),
    (StatColumn::Errors, "errors"),
    (StatColumn::Total, "total"),
    (StatColumn::SelfTime, "self"),
    (StatColumn::Critical, "cp"),
    (StatColumn::P50, "p50"),
    (StatColumn::P95, "p95"),
    (StatColumn::P99, "p99"),
    (StatColumn::Max, "max"),
];

/// Words for columns of spans in a link; an attribute is `a:` and its key.
const SPAN_WORDS: [(SpanColumn, &str); 10] = [
    (SpanColumn::Operation, "operation"),
    (SpanColumn::Service, "service"),
    (SpanColumn::Start, "start"),
    (SpanColumn::Duration, "duration"),
    (SpanColumn::SelfTime, "self"),
    (SpanColumn::Critical, "cp"),
    (SpanColumn::Kind, "kind"),
    (SpanColumn::Status, "status"),
    (SpanColumn::SpanId, "span"),
    (SpanColumn::TraceId, "trace"),
];

/// What of the arrangements differs from the usual, as keys and values of a link.
pub(super) fn print(
    statistics: &StatisticsChoice,
    spans: &SpansChoice,
    pairs: &mut Vec<(&'static str, String)>,
) {
    let usual = StatisticsChoice::default();
    if statistics.by != usual.by {
        pairs.extend(statistics.by.iter().map(|by| ("group", group_word(by))));
    }
    if statistics.columns != usual.columns {
        let words: Vec<&str> = statistics.columns.iter().map(|column| stat_word(*column)).collect();
        pairs.push(("gcols", words.join(",")));
    }
    pairs.extend(statistics.sort.map(|(column, down)| ("gsort", ordered(stat_word(column), down))));
    if !statistics.words.is_empty() {
        pairs.push(("gq", statistics.words.chars().take(MAX_TEXT).collect()));
    }
    let usual = SpansChoice::default();
    if spans.columns != usual.columns {
        pairs.extend(spans.columns.iter().take(MOST).map(|column| ("cols", span_word(column))));
    }
    pairs.extend(spans.sort.as_ref().map(|(column, down)| ("rsort", ordered(&span_word(column), *down))));
    pairs.extend(spans.of.iter().take(MOST).map(|member| ("of", member_word(member))));
    if !spans.words.is_empty() {
        pairs.push(("rq", spans.words.chars().take(MAX_TEXT).collect()));
    }
}

/// Keys of a link that stand there once for each value.
pub(super) const REPEATED: [&str; 3] = ["group", "cols", "of"];

/// Longest text of a link.
const MAX_TEXT: usize = 500;

/// Whether a key of a link is one of [`print`].
pub(super) fn is_key(key: &str) -> bool {
    matches!(key, "group" | "gcols" | "gsort" | "gq" | "cols" | "rsort" | "of" | "rq")
}

/// Reads a value of such a key; none when it is not understood.
pub(super) fn read(
    statistics: &mut StatisticsChoice,
    spans: &mut SpansChoice,
    is_first: bool,
    key: &str,
    value: &str,
) -> Option<()> {
    if value.chars().count() > MAX_TEXT {
        return None;
    }
    match key {
        "group" => {
            if is_first {
                statistics.by.clear();
            }
            let by = read_group(value).filter(|_| statistics.by.len() < 2);
            by.map(|by| statistics.by.push(by))
        }
        "gcols" => {
            let word = |word: &str| STAT_WORDS.iter().find(|(_, w)| *w == word).map(|(column, _)| *column);
            let mut columns: Vec<StatColumn> = Vec::new();
            for column in value.split(',').filter(|word| !word.is_empty()) {
                let column = word(column)?;
                if column != StatColumn::Group && !columns.contains(&column) {
                    columns.push(column);
                }
            }
            statistics.columns = columns;
            Some(())
        }
        "gsort" => read_ordered(value).and_then(|(word, down)| {
            let (column, _) = STAT_WORDS.iter().find(|(_, w)| *w == word)?;
            statistics.sort = Some((*column, down));
            Some(())
        }),
        "gq" => {
            value.clone_into(&mut statistics.words);
            Some(())
        }
        "cols" => {
            if is_first {
                spans.columns.clear();
            }
            let column =
                read_column(value).filter(|c| spans.columns.len() < MOST && !spans.columns.contains(c));
            column.map(|column| spans.columns.push(column))
        }
        "rsort" => read_ordered(value).and_then(|(word, down)| {
            spans.sort = Some((read_column(word)?, down));
            Some(())
        }),
        "of" => {
            let member = read_member(value).filter(|_| spans.of.len() < MOST);
            member.map(|member| spans.of.push(member))
        }
        _ => {
            value.clone_into(&mut spans.words);
            Some(())
        }
    }
}

fn stat_word(column: StatColumn) -> &'static str {
    STAT_WORDS.iter().find(|(c, _)| *c == column).map_or("", |(_, word)| word)
}

fn span_word(column: &SpanColumn) -> String {
    match column {
        SpanColumn::Attribute(key) => format!("a:{key}"),
        column => SPAN_WORDS.iter().find(|(c, _)| c == column).map_or("", |(_, word)| word).to_owned(),
    }
}

fn read_column(word: &str) -> Option<SpanColumn> {
    match word.strip_prefix("a:") {
        Some("") => None,
        Some(key) => Some(SpanColumn::Attribute(key.to_owned())),
        None => SPAN_WORDS.iter().find(|(_, w)| *w == word).map(|(column, _)| column.clone()),
    }
}

/// A group as a word: for links and for choices.
pub fn group_word(by: &GroupBy) -> String {
    match by {
        GroupBy::Service => "service".to_owned(),
        GroupBy::Operation => "operation".to_owned(),
        GroupBy::Attribute(key) => format!("a:{key}"),
    }
}

/// The group that a word stands for.
pub fn read_group(word: &str) -> Option<GroupBy> {
    match (word, word.strip_prefix("a:")) {
        ("service", _) => Some(GroupBy::Service),
        ("operation", _) => Some(GroupBy::Operation),
        (_, Some(key)) if !key.is_empty() => Some(GroupBy::Attribute(key.to_owned())),
        _ => None,
    }
}

fn ordered(word: &str, is_descending: bool) -> String {
    format!("{word}{}", if is_descending { ".desc" } else { ".asc" })
}

fn read_ordered(value: &str) -> Option<(&str, bool)> {
    let descending = value.strip_suffix(".desc").map(|word| (word, true));
    descending.or_else(|| value.strip_suffix(".asc").map(|word| (word, false)))
}

/// A kind of group and its parts, each with its length before it, so that any text can stand there.
fn member_word(member: &Member) -> String {
    let part = |text: &str| format!("{}:{text}", text.chars().count());
    match member {
        Member::Service(service) => format!("s{}", part(service)),
        Member::Operation { service, name, kind } => {
            format!("o{}{}{}", part(service), part(name), part(kind))
        }
        Member::Attribute { key, value: Some(value) } => format!("a{}{}", part(key), part(value)),
        Member::Attribute { key, value: None } => format!("n{}", part(key)),
    }
}

fn read_member(word: &str) -> Option<Member> {
    let mut rest = word.chars();
    let kind = rest.next()?;
    let mut rest = rest.as_str();
    let mut part = || -> Option<String> {
        let (length, text) = rest.split_once(':')?;
        let length: usize = length.parse().ok()?;
        let end = text.char_indices().nth(length).map_or(text.len(), |(at, _)| at);
        let (part, after) = text.split_at(end);
        if part.chars().count() != length {
            return None;
        }
        rest = after;
        Some(part.to_owned())
    };
    let member = match kind {
        's' => Member::Service(part()?),
        'o' => Member::Operation { service: part()?, name: part()?, kind: part()? },
        'a' => Member::Attribute { key: part()?, value: Some(part()?) },
        'n' => Member::Attribute { key: part()?, value: None },
        _ => return None,
    };
    rest.is_empty().then_some(member)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rows() -> StatisticsRows {
        let text = |texts: [&str; 5]| texts.map(str::to_owned).to_vec();
        let mut rows = StatisticsRows {
            above: vec![NO_ROW, NO_ROW, 1, 0, 0],
            label: text(["web", "db", "SELECT", "GET /cart", "POST /cart"]),
            service: text(["", "", "db", "web", "web"]),
            kind: text(["", "", "client", "server", "server"]),
            is_missing: vec![0; 5],
            count: vec![3, 9, 9, 2, 1],
            errors: vec![0; 5],
            ..StatisticsRows::default()
        };
        rows.times = std::array::from_fn(|_| vec![30, 9, 9, 10, 20]);
        rows
    }

    #[test]
    fn rows_are_shown_below_what_is_open_in_their_order() {
        let rows = rows();
        let open = BTreeSet::from([0]);
        let shown = |sort, words, open: &BTreeSet<u32>| shown_rows(&rows, sort, words, open);
        assert_eq!(shown(None, "", &BTreeSet::new()), [0, 1]);
        assert_eq!(shown(None, "", &open), [0, 3, 4, 1]);
        assert_eq!(shown(Some((StatColumn::Total, true)), "", &open), [0, 4, 3, 1]);
        assert_eq!(shown(Some((StatColumn::Count, true)), "", &open), [1, 0, 3, 4]);
        assert_eq!(shown(Some((StatColumn::Group, true)), "", &open), [0, 4, 3, 1]);
        // A word of a group below shows it without opening anything.
        assert_eq!(shown(None, "post", &BTreeSet::new()), [0, 4]);
        assert_eq!(shown(None, "web", &open), [0, 3, 4]);
        assert!(shown(None, "nothing", &open).is_empty());
    }

    #[test]
    fn a_row_stands_for_its_group_and_the_one_above() {
        let (rows, by) = (rows(), [GroupBy::Service, GroupBy::Operation]);
        assert_eq!(members(&rows, &by, 1), [Member::Service("db".into())]);
        let texts = |row| members(&rows, &by, row).iter().map(member_text).collect::<Vec<_>>();
        assert_eq!(texts(4), ["web", "web POST /cart"]);
        assert!(members(&rows, &by, 99).is_empty());
        let by = [GroupBy::Attribute("k".into())];
        let mut rows = rows;
        rows.is_missing[0] = 1;
        let texts = |row| members(&rows, &by, row).iter().map(member_text).collect::<Vec<_>>();
        assert_eq!((texts(0), texts(1)), (vec!["without k".to_owned()], vec!["k = db".to_owned()]));
    }

    #[test]
    fn a_heading_turns_its_order_round() {
        let first = turned(None, StatColumn::Total, true);
        assert_eq!(first, (StatColumn::Total, true));
        assert_eq!(turned(Some(&first), StatColumn::Total, true), (StatColumn::Total, false));
        assert_eq!(turned(Some(&first), StatColumn::Group, false), (StatColumn::Group, false));
        let mut columns = SpansChoice::default().columns;
        toggle(&mut columns, &SpanColumn::Attribute("k".into()), &SpanColumn::ALL);
        toggle(&mut columns, &SpanColumn::Kind, &SpanColumn::ALL);
        toggle(&mut columns, &SpanColumn::Start, &SpanColumn::ALL);
        assert_eq!(columns[4..], [SpanColumn::Critical, SpanColumn::Kind, SpanColumn::Attribute("k".into())]);
    }

    proptest! {
        #[test]
        fn groups_come_back_from_a_link(service in ".{0,9}", name in ".{0,9}", kind in "[a-z]{0,9}") {
            for member in [
                Member::Service(service.clone()),
                Member::Attribute { key: service.clone(), value: Some(name.clone()) },
                Member::Attribute { key: service.clone(), value: None },
                Member::Operation { service: service.clone(), name: name.clone(), kind: kind.clone() },
            ] {
                prop_assert_eq!(read_member(&member_word(&member)), Some(member));
            }
        }

        #[test]
        fn any_text_is_read_without_panic(text in ".{0,30}") {
            read_member(&text);
            let mut statistics = StatisticsChoice::default();
            let mut spans = SpansChoice::default();
            for key in ["group", "gcols", "gsort", "gq", "cols", "rsort", "of", "rq", "x"] {
                read(&mut statistics, &mut spans, true, key, &text);
            }
        }
    }
}
