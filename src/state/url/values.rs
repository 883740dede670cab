//! Values of single keys: each is written and read by itself, and reads as what was written.

use crate::model::ids::SpanId;
use crate::model::time::{DurationNanos, TimeRange, UnixNanos};
use crate::state::list_filter::{ListFilter, bounded};
use crate::state::view_state::{Fold, RangeSpec, Sort, SortKey};
use crate::state::what_if::Operation;
use crate::view::charts::scatter::Brushed;
use crate::view::folding::{FoldRule, Folding};
use crate::view::marks::{self, MAX_MARKS, Mark};

/// Longest name of a service or an operation in a link.
const MAX_NAME: usize = 300;

/// Words for the orders of the list.
const SORT_WORDS: [(SortKey, &str); 6] = [
    (SortKey::Start, "start"),
    (SortKey::Duration, "duration"),
    (SortKey::Spans, "spans"),
    (SortKey::Errors, "errors"),
    (SortKey::Services, "services"),
    (SortKey::Name, "name"),
];

/// A range: `start-end`, in nanoseconds after the start of the trace, or since 1970 after `abs:`.
pub(super) fn print_range(range: RangeSpec) -> String {
    match range {
        RangeSpec::Relative(r) => format!("{}-{}", r.start.0, r.end.0),
        RangeSpec::Absolute(from, to) => format!("abs:{}-{}", from.0, to.0),
    }
}

pub(super) fn parse_range(text: &str) -> Option<RangeSpec> {
    let (text, is_absolute) = text.strip_prefix("abs:").map_or((text, false), |rest| (rest, true));
    let (start, end) = text.split_once('-')?;
    let (start, end) = (parse_nanos(start)?, parse_nanos(end)?);
    if end <= start {
        return None;
    }
    Some(if is_absolute {
        RangeSpec::Absolute(UnixNanos(start), UnixNanos(end))
    } else {
        RangeSpec::Relative(TimeRange { start: DurationNanos(start), end: DurationNanos(end) })
    })
}

/// A rule, then what differs from it: `+` and `-` open and close a span, `*` and `!` a run of equal siblings.
pub(super) fn print_fold(fold: &Fold) -> String {
    let rule = match fold.rule {
        FoldRule::Runs => None,
        FoldRule::None => Some("none".to_owned()),
        FoldRule::Depth(levels) => Some(format!("depth:{levels}")),
        FoldRule::Errors => Some("errors".to_owned()),
        FoldRule::Critical => Some("critical".to_owned()),
    };
    let written = |list: &[(SpanId, bool)], [open, close]: [char; 2]| -> Vec<String> {
        let list = list.iter().take(Folding::MAX_EXCEPTIONS);
        list.map(|(span, is_open)| format!("{}{span}", if *is_open { open } else { close })).collect()
    };
    let spans = written(&fold.exceptions, ['+', '-']);
    let runs = written(&fold.runs, ['*', '!']);
    rule.into_iter().chain(spans).chain(runs).collect::<Vec<_>>().join(",")
}

pub(super) fn parse_fold(text: &str) -> Option<Fold> {
    let mut fold = Fold::default();
    for (n, part) in text.split(',').enumerate() {
        let mut letters = part.chars();
        let sign = letters.next();
        let (list, is_open) = match sign {
            // A plus sign that something took for a space is one all the same.
            Some('+' | ' ') => (&mut fold.exceptions, true),
            Some('-') => (&mut fold.exceptions, false),
            Some('*') => (&mut fold.runs, true),
            Some('!') => (&mut fold.runs, false),
            _ if n == 0 => {
                fold.rule = parse_rule(part)?;
                continue;
            }
            _ => return None,
        };
        if list.len() >= Folding::MAX_EXCEPTIONS {
            return None;
        }
        list.push((SpanId::from_hex(letters.as_str())?, is_open));
    }
    Some(fold)
}

fn parse_rule(text: &str) -> Option<FoldRule> {
    match text {
        "runs" => Some(FoldRule::Runs),
        "none" => Some(FoldRule::None),
        "errors" => Some(FoldRule::Errors),
        "critical" => Some(FoldRule::Critical),
        _ => Some(FoldRule::Depth(text.strip_prefix("depth:")?.parse().ok()?)),
    }
}

/// `abs:start-end,least-most`, in nanoseconds.
pub(super) fn print_brush(brush: Brushed) -> String {
    let (start, duration) = (brush.start, brush.duration);
    format!("abs:{}-{},{}-{}", start.0.0, start.1.0, duration.0.0, duration.1.0)
}

pub(super) fn parse_brush(text: &str) -> Option<Brushed> {
    let (start, duration) = text.strip_prefix("abs:")?.split_once(',')?;
    let [start, duration] = [start, duration].map(|range| {
        let (from, to) = range.split_once('-')?;
        Some((parse_nanos(from)?, parse_nanos(to)?))
    });
    let (start, duration) = (start?, duration?);
    let brush = Brushed {
        start: (UnixNanos(start.0), UnixNanos(start.1)),
        duration: (DurationNanos(duration.0), DurationNanos(duration.1)),
    };
    (brush == bounded(brush)).then_some(brush)
}

/// `nanoseconds:label;…`; in a label a semicolon and the percent sign are written by their numbers.
pub(super) fn print_marks(marks: &[Mark]) -> String {
    let written = marks.iter().map(|m| {
        let label = m.label.replace('%', "%25").replace(';', "%3B");
        if label.is_empty() { m.at.0.to_string() } else { format!("{}:{label}", m.at.0) }
    });
    written.collect::<Vec<_>>().join(";")
}

pub(super) fn parse_marks(text: &str) -> Option<Vec<Mark>> {
    let mut found = Vec::new();
    for (n, part) in text.split(';').enumerate() {
        let (at, label) = part.split_once(':').unwrap_or((part, ""));
        let mark = Mark::new(DurationNanos(at.parse().ok()?), &decoded(label));
        if n >= MAX_MARKS || !marks::insert(&mut found, mark) {
            return None;
        }
    }
    Some(found)
}

/// `thousandths,kind,service,name`; in a service a comma and the percent sign are written by their numbers. None
/// where a name is too long for a link.
pub(super) fn print_faster((operation, permille): &(Operation, i64)) -> Option<String> {
    let Operation { service, name, kind } = operation;
    let fits = [service, name].iter().all(|text| text.chars().count() <= MAX_NAME);
    let service = service.replace('%', "%25").replace(',', "%2C");
    fits.then(|| format!("{permille},{kind},{service},{name}"))
}

pub(super) fn parse_faster(text: &str) -> Option<(Operation, i64)> {
    let mut parts = text.splitn(4, ',');
    let mut next = || parts.next();
    let (permille, kind, service, name) = (next()?, next()?, next()?, next()?);
    let operation = Operation { service: decoded(service), name: name.to_owned(), kind: kind.to_owned() };
    let fits = [service, name, kind].iter().all(|text| text.chars().count() <= 3 * MAX_NAME);
    let permille = permille.parse::<i64>().ok().filter(|n| (1..=1000).contains(n) && fits)?;
    Some((operation, permille))
}

/// Adds a name to those that the list is narrowed by; the same one again adds nothing.
pub(super) fn add_name(names: &mut Vec<String>, name: &str) -> Option<()> {
    if names.len() >= ListFilter::MAX_NAMES || name.chars().count() > MAX_NAME {
        return None;
    }
    if !names.iter().any(|n| n == name) {
        names.push(name.to_owned());
    }
    Some(())
}

/// The names that a link carries.
pub(super) fn linked_names(names: &[String]) -> impl Iterator<Item = &String> {
    names.iter().filter(|n| n.chars().count() <= MAX_NAME).take(ListFilter::MAX_NAMES)
}

/// Whole nanoseconds, not negative.
pub(super) fn parse_nanos(text: &str) -> Option<i64> {
    text.parse::<u64>().ok().and_then(|n| i64::try_from(n).ok())
}

pub(super) fn print_sort(sort: Sort) -> String {
    let sign = if sort.is_descending { "-" } else { "" };
    format!("{sign}{}", word_of(&SORT_WORDS, sort.key))
}

pub(super) fn parse_sort(text: &str) -> Option<Sort> {
    let (word, is_descending) = text.strip_prefix('-').map_or((text, false), |rest| (rest, true));
    let key = SORT_WORDS.iter().find(|(_, w)| *w == word)?.0;
    Some(Sort { key, is_descending })
}

pub(super) fn word_of<T>(words: &[(T, &'static str)], value: T) -> &'static str
where
    T: Copy + PartialEq,
{
    words.iter().find(|(v, _)| *v == value).map_or("", |(_, word)| word)
}

pub(super) fn nonzero<T: Copy + PartialEq>(id: Option<T>, none: T) -> Option<T> {
    id.filter(|id| *id != none)
}

/// The scheme of an address: what stands before its first colon, when that is no part of a path.
pub(super) fn scheme_of(url: &str) -> Option<&str> {
    let (scheme, _) = url.split_once(':')?;
    (!scheme.contains(['/', '?', '#'])).then_some(scheme)
}

/// The address without `user:password@`.
pub(in crate::state) fn without_credentials(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        Some(at) => format!("{scheme}://{}", &rest[at + 1..]),
        None => url.to_owned(),
    }
}

pub(super) fn short(text: &str) -> String {
    crate::view::text::shortened(&crate::view::text::visible(text, false), 40)
}

/// Percent-encodes what would end a value or change in passing; the rest stays readable.
pub(super) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => out.push(byte.into()),
            b'-' | b'_' | b'.' | b'~' | b'/' | b':' | b',' | b';' | b'!' | b'*' | b'(' | b')' => {
                out.push(byte.into());
            }
            _ => {
                const HEX: &[u8; 16] = b"0123456789ABCDEF";
                out.push('%');
                out.push(HEX[usize::from(byte >> 4)].into());
                out.push(HEX[usize::from(byte & 15)].into());
            }
        }
    }
    out
}

pub(super) fn decoded(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = |at: usize| tail.get(at).and_then(|&b| char::from(b).to_digit(16));
        if let (b'%', Some(high), Some(low)) = (first, hex(0), hex(1)) {
            out.push((high * 16 + low) as u8);
            rest = &tail[2..];
        } else {
            out.push(*first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
