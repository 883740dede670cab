//! The name column: what each row in sight says, to the eye and to a screen reader.

use std::ops::Range;

use super::cover::self_time;
use super::folding::Folding;
use super::format;
use super::outline::{Outline, Run};
use super::path::CriticalPath;
use super::rows::{Row, RowFacts, Rows, facts};
use super::text::{shortened, visible};
use super::theme::{Looks, letter_tag};
use crate::base::text::{counted, grouped};
use crate::model::index::SpanIdx;
use crate::model::span::{Flags, SpanKind};
use crate::model::time::DurationNanos;
use crate::model::trace::Trace;

/// Characters of a name that a row shows; the details show all.
const MAX_NAME: usize = 200;

/// Indentation of a level.
pub const INDENT_PX: f64 = 12.0;
/// Width that a name is given beside its indentation before the column scrolls sideways.
const NAME_PX: f64 = 220.0;

/// Width of the names of a trace that is `deepest` levels deep.
pub fn sideways_px(deepest: u32) -> f64 {
    f64::from(deepest) * INDENT_PX + NAME_PX
}

/// How far names are moved to the left, so that deep rows are in sight in a column of `width_px`: that of the
/// cursor, else the shallowest of those in sight; no further than needed from `now`.
pub fn revealed_indent(now: f64, width_px: f64, of_cursor: Option<u32>, shallowest: u32) -> f64 {
    let indent = |level: u32| f64::from(level) * INDENT_PX;
    let room = (width_px - NAME_PX).max(0.0);
    match of_cursor.map(indent) {
        Some(indent) if indent < now => indent,
        Some(indent) => now.max(indent - room),
        None if indent(shallowest) > now + room || indent(shallowest) < now => {
            (indent(shallowest) - room / 2.0).max(0.0)
        }
        None => now,
    }
}

/// What a row of the name column shows and says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowText {
    /// Position from the top of the list.
    pub at: usize,
    /// Which row.
    pub row: Row,
    /// Steps of indentation.
    pub level: u32,
    /// Which of its siblings it is, from 1.
    pub position: u32,
    /// Number of its siblings, itself included.
    pub siblings: u32,
    /// Whether it has rows below, and shows them.
    pub is_open: Option<bool>,
    /// In the count box: children of a span, members of a run.
    pub count: Option<String>,
    /// Operation.
    pub name: String,
    /// Service; empty when there is none.
    pub service: String,
    /// Look of the service, see [`Looks`].
    pub slot: u8,
    /// One or two letters for the service.
    pub tag: String,
    /// Role in a call.
    pub kind: SpanKind,
    /// Whether the span itself, or a member of the run, is an error.
    pub is_error: bool,
    /// Errors hidden below it.
    pub n_errors_hidden: u32,
    /// Whether it stands for a span that is not in the input.
    pub is_placeholder: bool,
    /// `error`, `ok`, `unset`.
    pub status: &'static str,
    /// Start after the trace's start.
    pub start: String,
    /// Duration.
    pub duration: String,
    /// The whole row in a sentence.
    pub sentence: String,
}

/// What a tooltip says about a row: a heading and pairs of label and value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tooltip {
    /// Operation, or number of members and operation.
    pub title: String,
    /// Service.
    pub service: String,
    /// Look of the service.
    pub slot: u8,
    /// Labels and values.
    pub facts: Vec<(&'static str, String)>,
}

/// Texts of the rows at `in_sight`.
pub fn row_texts(
    trace: &Trace,
    outline: &Outline,
    folding: &Folding,
    rows: &Rows,
    looks: &Looks,
    path: Option<&CriticalPath>,
    in_sight: Range<usize>,
) -> Vec<RowText> {
    let facts = facts(trace, outline, folding, rows, in_sight.clone());
    in_sight.zip(&facts).map(|(at, f)| row_text(trace, outline, looks, path, at, f)).collect()
}

/// Texts of one row.
pub fn row_text(
    trace: &Trace,
    outline: &Outline,
    looks: &Looks,
    path: Option<&CriticalPath>,
    at: usize,
    facts: &RowFacts,
) -> RowText {
    let span = facts.row.span();
    let service = trace.service(span);
    let is_placeholder = trace.is_placeholder(span);
    let n_children = outline.n_children(span);
    let (count, duration) = match facts.run {
        Some(run) => (Some(format!("× {}", grouped(run.count.into()))), format::duration(run.total)),
        None => (
            (n_children > 0).then(|| grouped(n_children.into())),
            if trace.flags(span).has(Flags::UNFINISHED) || is_placeholder {
                String::new()
            } else {
                format::duration(trace.span_duration(span))
            },
        ),
    };
    let service_name = visible(trace.service_name(service), false);
    RowText {
        at,
        row: facts.row,
        level: facts.level,
        position: outline.sibling_number(span) + 1,
        siblings: outline.n_siblings(trace, span),
        is_open: facts.is_open,
        count,
        name: shown_name(trace, span),
        tag: letter_tag(&service_name),
        service: service_name.into_owned(),
        slot: looks.slot(service),
        kind: trace.kind(span),
        is_error: facts.is_error,
        n_errors_hidden: facts.n_errors_hidden,
        is_placeholder,
        status: if facts.is_error { "error" } else { trace.status(span).word() },
        start: format::offset(trace.start(span)),
        duration,
        sentence: {
            let sentence = match facts.run {
                Some(run) => run_sentence(trace, outline, run),
                None => span_sentence(trace, outline, span, facts.n_errors_hidden),
            };
            let hidden = span.0..facts.run.map_or(span.0 + trace.subtree_size(span), |run| run.end);
            match path {
                Some(path) if facts.run.is_none() && path.contains(span) => {
                    format!("{sentence}, on critical path")
                }
                Some(path) if facts.is_open == Some(false) && path.touches(hidden) => {
                    format!("{sentence}, critical path below")
                }
                _ => sentence,
            }
        },
    }
}

/// What the tooltip of a row says. O(children), so for one row at a time.
pub fn tooltip(
    trace: &Trace,
    outline: &Outline,
    looks: &Looks,
    path: Option<&CriticalPath>,
    row: Row,
) -> Tooltip {
    let span = row.span();
    let service = trace.service(span);
    let run = if matches!(row, Row::Run(_)) { outline.run(span) } else { None };
    let name = shown_name(trace, span);
    let (title, mut facts) = match run {
        Some(run) => (format!("× {} {name}", grouped(run.count.into())), run_tooltip(trace, outline, run)),
        None => (name, span_tooltip(trace, outline, span)),
    };
    if let Some(time) = path.map(|p| p.time(span)).filter(|time| run.is_none() && time.0 > 0) {
        facts.push(("On critical path", format::duration(time)));
    }
    let service_name = visible(trace.service_name(service), false).into_owned();
    Tooltip { title, service: service_name, slot: looks.slot(service), facts }
}

/// The operation as a row shows it: without what cannot be seen, cut, never empty.
pub fn shown_name(trace: &Trace, span: SpanIdx) -> String {
    let name = trace.name(span);
    if trace.is_placeholder(span) {
        return "missing parent".to_owned();
    }
    if name.is_empty() {
        return "(no name)".to_owned();
    }
    shortened(&visible(&shortened(name, MAX_NAME), false), MAX_NAME)
}

/// `GET /cart, service checkout, 132 ms, 12 % of trace, error, 4 children`.
pub fn span_sentence(trace: &Trace, outline: &Outline, span: SpanIdx, n_errors_hidden: u32) -> String {
    let flags = trace.flags(span);
    let mut parts = vec![shown_name(trace, span)];
    let service = visible(trace.service_name(trace.service(span)), false);
    if !service.is_empty() {
        parts.push(format!("service {service}"));
    }
    match () {
        () if flags.has(Flags::PLACEHOLDER) => parts.push("not in the input".to_owned()),
        () if flags.has(Flags::UNFINISHED) => parts.push("unfinished".to_owned()),
        () => {
            parts.push(format::duration(trace.span_duration(span)));
            let share = format::percent(trace.span_duration(span).0, trace.duration().0);
            if !share.is_empty() {
                parts.push(format!("{share} of trace"));
            }
        }
    }
    if trace.is_error(span) {
        parts.push("error".to_owned());
    }
    if flags.has(Flags::NEGATIVE) {
        parts.push("ends before it starts".to_owned());
    }
    if flags.has(Flags::START_MISSING) {
        parts.push("start unknown".to_owned());
    }
    match outline.n_children(span) {
        0 => {}
        1 => parts.push("1 child".to_owned()),
        n => parts.push(format!("{} children", grouped(n.into()))),
    }
    push_hidden_errors(&mut parts, n_errors_hidden);
    parts.join(", ")
}

fn run_sentence(trace: &Trace, outline: &Outline, run: Run) -> String {
    let mut parts = vec![format!("{} times {}", grouped(run.count.into()), shown_name(trace, run.first))];
    let service = visible(trace.service_name(trace.service(run.first)), false);
    if !service.is_empty() {
        parts.push(format!("service {service}"));
    }
    parts.push(format!("{} in all", format::duration(run.total)));
    let between = run.until - trace.start(run.first);
    parts.push(format!("within {}", format::duration(between)));
    push_hidden_errors(&mut parts, outline.errors_in(run.first.0, run.end));
    parts.join(", ")
}

fn push_hidden_errors(parts: &mut Vec<String>, n: u32) {
    if n > 0 {
        parts.push(format!("{} below", counted(n.into(), "error")));
    }
}

fn span_tooltip(trace: &Trace, outline: &Outline, span: SpanIdx) -> Vec<(&'static str, String)> {
    let flags = trace.flags(span);
    let mut facts = Vec::new();
    if flags.has(Flags::PLACEHOLDER) {
        facts.push(("Span", "named as a parent, not in the input".to_owned()));
    } else if flags.has(Flags::UNFINISHED) {
        facts.push(("Duration", "unfinished".to_owned()));
    } else {
        let duration = trace.span_duration(span);
        facts.push(("Duration", format::duration(duration)));
        facts.push(("Self time", format::duration(self_time(trace, span))));
        facts.push(("Share of trace", format::percent(duration.0, trace.duration().0)));
    }
    facts.push(("Start", format::offset(trace.start(span))));
    if trace.kind(span) != SpanKind::Unspecified {
        facts.push(("Kind", trace.kind(span).word().to_owned()));
    }
    if trace.is_error(span) {
        facts.push(("Status", "error".to_owned()));
    }
    let below = outline.errors_within(trace, span) - u32::from(trace.is_error(span));
    if below > 0 {
        facts.push(("Errors below", grouped(below.into())));
    }
    for (flag, words) in DOUBTS {
        if flags.has(*flag) {
            facts.push(("Note", (*words).to_owned()));
        }
    }
    facts
}

/// What was guessed or mended about a span, in words.
const DOUBTS: &[(Flags, &str)] = &[
    (Flags::START_MISSING, "the input has no start; it was derived"),
    (Flags::NEGATIVE, "ends before it starts; shown without length"),
    (Flags::TIME_ABSURD, "a time outside 2001 to 2100 was left out"),
    (Flags::CLOCK_CORRECTED, "clock corrected"),
    (Flags::UNIT_GUESSED, "times were read in another unit than the format's"),
    (Flags::CYCLE_CUT, "its parent link led back to itself and was cut"),
    (Flags::DUPLICATE_ID, "another span has the same id"),
    (Flags::NESTED_BY_TIME, "its parent was found by time"),
];

fn run_tooltip(trace: &Trace, outline: &Outline, run: Run) -> Vec<(&'static str, String)> {
    let between = run.until - trace.start(run.first);
    let mean = DurationNanos(run.total.0 / i64::from(run.count.max(1)));
    let mut facts = vec![
        ("In all", format::duration(run.total)),
        ("Mean", format::duration(mean)),
        ("From first to last", format::duration(between)),
        ("Share of trace", format::percent(between.0, trace.duration().0)),
        ("Start", format::offset(trace.start(run.first))),
    ];
    let errors = outline.errors_in(run.first.0, run.end);
    if errors > 0 {
        facts.push(("Errors", grouped(errors.into())));
    }
    facts
}

#[cfg(test)]
mod tests {
    use super::super::drawing;
    use super::super::folding::FoldRule;
    use super::*;

    #[test]
    fn deep_names_are_moved_no_further_than_needed() {
        // A column of 400 px has room for 15 levels beside a name.
        assert_eq!(revealed_indent(0.0, 400.0, Some(10), 0), 0.0);
        assert_eq!(revealed_indent(0.0, 400.0, Some(30), 0), 180.0);
        assert_eq!(revealed_indent(200.0, 400.0, Some(30), 0), 200.0);
        assert_eq!(revealed_indent(500.0, 400.0, Some(30), 0), 360.0);
        assert_eq!(revealed_indent(100.0, 400.0, None, 10), 100.0);
        assert_eq!(revealed_indent(0.0, 400.0, None, 100), 1110.0);
        assert_eq!(revealed_indent(0.0, 100.0, Some(3), 0), 36.0);
        assert_eq!(sideways_px(300), 3820.0);
    }

    #[test]
    fn rows_are_sentences() {
        let trace = drawing::trace(
            "web GET 0..100
  cart load 5..60 !
    db SELECT 10..11
    db SELECT 11..12
    db SELECT 12..13 !
    db SELECT 13..14
    db SELECT 14..15
  pay charge 70..70 ?
  x gone 80..80 ~",
        );
        let outline = Outline::new(&trace);
        let mut folding = Folding::new(&trace, &outline, FoldRule::default());
        let texts = |folding: &Folding| {
            let rows = Rows::build(&trace, &outline, folding);
            row_texts(&trace, &outline, folding, &rows, &Looks::by_rank(5), None, 0..rows.len())
        };
        let sentences: Vec<String> = texts(&folding).into_iter().map(|t| t.sentence).collect();
        assert_eq!(
            sentences,
            [
                "GET, service web, 100 ms, 100 % of trace, 3 children",
                "load, service cart, 55.0 ms, 55 % of trace, error, 5 children",
                "5 times SELECT, service db, 5.00 ms in all, within 5.00 ms, 1 error below",
                "charge, service pay, unfinished",
                "missing parent, service x, not in the input",
            ]
        );
        folding.set_rule(&trace, &outline, FoldRule::Depth(1));
        let texts = texts(&folding);
        assert_eq!(texts[0].sentence, "GET, service web, 100 ms, 100 % of trace, 3 children, 2 errors below");
        assert_eq!((texts[0].is_open, texts[0].n_errors_hidden, texts[0].siblings), (Some(false), 2, 1));
    }

    #[test]
    fn tooltips_tell_self_time_and_share() {
        let trace = drawing::trace("web GET 0..100\n  db get 10..40 @client");
        let outline = Outline::new(&trace);
        let tip = tooltip(&trace, &outline, &Looks::by_rank(2), None, Row::Span(SpanIdx(0)));
        assert_eq!(tip.facts[1], ("Self time", "70.0 ms".to_owned()));
        assert_eq!(tip.facts[2], ("Share of trace", "100 %".to_owned()));
    }
}
