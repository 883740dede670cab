//! What the details pane says about a span and the header about a trace, beyond what the engine sends.

use super::cover::self_time;
use super::format;
use crate::model::index::SpanIdx;
use crate::model::span::{Flags, SpanKind};
use crate::model::time::{DurationNanos, UnixNanos};
use crate::model::trace::Trace;

/// A label, its value, and the value without loss for who looks closer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fact {
    /// What it is.
    pub label: &'static str,
    /// The value, to be read at a glance.
    pub value: String,
    /// The value in full; empty when it is the same.
    pub exact: String,
}

impl Fact {
    fn new(label: &'static str, value: String, exact: String) -> Self {
        Self { label, value, exact }
    }
}

/// Times, shares and role of a span. O(children).
pub fn span_facts(trace: &Trace, span: SpanIdx) -> Vec<Fact> {
    let flags = trace.flags(span);
    let mut facts = Vec::new();
    let duration = trace.span_duration(span);
    if flags.has(Flags::PLACEHOLDER) {
        facts.push(Fact::new("Span", "not in the input; named as a parent".to_owned(), String::new()));
        return facts;
    }
    if flags.has(Flags::UNFINISHED) {
        facts.push(Fact::new("Duration", "unfinished".to_owned(), String::new()));
    } else {
        facts.push(Fact::new("Duration", format::duration(duration), format::duration_exact(duration)));
        let own = self_time(trace, span);
        facts.push(Fact::new("Self time", format::duration(own), format::duration_exact(own)));
        let share = format::percent(duration.0, trace.duration().0);
        facts.push(Fact::new("Share of trace", share, String::new()));
    }
    let start = trace.start(span);
    let at = UnixNanos(trace.start_time().0.saturating_add(start.0));
    facts.push(Fact::new("Start", format::offset(start), format::duration_exact(start)));
    facts.push(Fact::new("Started at", format::started(at), format::started_exact(at)));
    if trace.kind(span) != SpanKind::Unspecified {
        facts.push(Fact::new("Kind", trace.kind(span).word().to_owned(), String::new()));
    }
    facts
}

/// Start and end before a repair: `12:34:56.789 to 12:34:57.000`.
pub fn raw_times(start: i64, end: i64) -> String {
    let text = |t: i64| if t == 0 { "none".to_owned() } else { format::date_time_exact(UnixNanos(t)) };
    format!("{} to {}", text(start), text(end))
}

/// When an event was, counted from its span's start.
pub fn event_offset(after_start: i64) -> String {
    format::offset(DurationNanos(after_start))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::drawing;

    #[test]
    fn facts_have_units_and_full_precision_beside_them() {
        let trace = drawing::trace(
            "
            api GET / 0..1000 @server
              db SELECT 100..400
              db COMMIT 400..500 ?
            ",
        );
        let texts = |span| {
            span_facts(&trace, SpanIdx(span)).into_iter().map(|f| (f.label, f.value)).collect::<Vec<_>>()
        };
        let root = texts(0);
        assert_eq!(root[0], ("Duration", "1.00 s".to_owned()));
        assert_eq!(root[2], ("Share of trace", "100 %".to_owned()));
        assert_eq!(root.last(), Some(&("Kind", "server".to_owned())));
        assert_eq!(texts(1)[3], ("Start", "+100 ms".to_owned()));
    }

    #[test]
    fn missing_times_are_named() {
        assert_eq!(raw_times(0, 1_000_000_000), "none to 1970-01-01 00:00:01.000000000 UTC");
        assert_eq!(event_offset(1_200_000), "+1.20 ms");
    }
}
