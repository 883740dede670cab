//! Completion while a TraceQL query is typed, and the place of an error in it.
//!
//! What can come next follows from the words before the cursor; a query need not be complete, nor correct, for
//! that. Names and values are the backend's, asked for by whoever shows them; keywords and operators are TraceQL's.

mod tokens;

use std::ops::Range;

use crate::base::sort::CompactSort as _;
use crate::source::tempo::TagValue;
use tokens::{Kind, Token, tokens};

/// Candidates that are offered at once.
const MOST: usize = 60;

/// Intrinsics with what they are: the scoped forms, which every version since 2.6 knows.
const INTRINSICS: [(&str, &str); 15] = [
    ("event:name", "text"),
    ("event:timeSinceStart", "duration"),
    ("instrumentation:name", "text"),
    ("instrumentation:version", "text"),
    ("link:spanID", "id"),
    ("link:traceID", "id"),
    ("span:duration", "duration"),
    ("span:id", "id"),
    ("span:kind", "kind"),
    ("span:name", "text"),
    ("span:status", "status"),
    ("span:statusMessage", "text"),
    ("trace:duration", "duration"),
    ("trace:rootName", "text"),
    ("trace:rootService", "text"),
];
/// The same in their old forms, which are shorter and as common.
const OLD_INTRINSICS: [(&str, &str); 8] = [
    ("duration", "duration"),
    ("kind", "kind"),
    ("name", "text"),
    ("rootName", "text"),
    ("rootServiceName", "text"),
    ("status", "status"),
    ("statusMessage", "text"),
    ("traceDuration", "duration"),
];
const STATUSES: [&str; 3] = ["error", "ok", "unset"];
const KINDS: [&str; 6] = ["client", "server", "consumer", "producer", "internal", "unspecified"];
const DURATIONS: [&str; 5] = ["10ms", "100ms", "500ms", "1s", "10s"];
const COMPARISONS: [(&str, &str); 8] = [
    ("=", "equal"),
    ("!=", "not equal"),
    (">", "greater"),
    (">=", "greater or equal"),
    ("<", "less"),
    ("<=", "less or equal"),
    ("=~", "fits the regular expression"),
    ("!~", "does not fit it"),
];
const JOINTS: [(&str, &str); 2] = [("&&", "and"), ("||", "or")];
/// Between two sets of spans.
const STRUCTURE: [(&str, &str); 6] = [
    ("|", "next step"),
    (">>", "has descendants"),
    (">", "has children"),
    ("&&", "both in one trace"),
    ("||", "either"),
    ("~", "siblings"),
];
/// Steps after a pipe; the cursor comes to stand between the parentheses.
const STEPS: [(&str, &str); 7] = [
    ("count()", "number of spans"),
    ("avg()", "mean of a field"),
    ("min()", "least"),
    ("max()", "greatest"),
    ("sum()", "sum"),
    ("by()", "group by a field"),
    ("select()", "fields to be told"),
];

/// What can come next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Nothing that could be offered.
    Nothing,
    /// A set of spans: `{ … }`.
    SpanSet,
    /// An attribute or an intrinsic.
    Field,
    /// A comparison.
    Comparison,
    /// A value of a field, among spans that fit the filter; the filter is TraceQL or empty.
    Value {
        /// The field.
        field: String,
        /// What else the spans fit.
        filter: String,
    },
    /// What joins two conditions.
    Joint,
    /// What joins two sets of spans, or leads to the next step.
    Structure,
    /// A step after a pipe.
    Step,
}

/// Where the cursor stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// The word that is being typed, in bytes of the query.
    pub word: Range<usize>,
    /// That word up to the cursor.
    pub typed: String,
    /// What can stand there.
    pub wanted: Wanted,
}

/// Something that can be put in the word's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The text.
    pub text: String,
    /// What it is, in a word; may be empty.
    pub note: &'static str,
    /// What is put in, with the blank or the braces that belong to it.
    pub insert: String,
    /// Where the cursor stands then, in bytes of `insert`.
    pub cursor: usize,
}

/// What is being typed at `cursor`, a byte of `query`. O(length of the query).
pub fn context(query: &str, cursor: usize) -> Context {
    let cursor = (0..=cursor.min(query.len())).rev().find(|&at| query.is_char_boundary(at)).unwrap_or(0);
    let tokens = tokens(query);
    let before = tokens.partition_point(|token| token.at.start < cursor);
    let (before, rest) = tokens.split_at_checked(before).unwrap_or((&tokens, &[]));
    // The word that the cursor touches is replaced, if it is one that can be completed.
    let touched = before.last().filter(|token| {
        let is_within =
            token.at.end > cursor || (token.at.end == cursor && (token.kind != Kind::Text || token.is_open));
        is_within
            && matches!(token.kind, Kind::Name | Kind::Text | Kind::Comparison | Kind::Joint | Kind::Pipe)
    });
    let is_sign = |kind: Kind| matches!(kind, Kind::Comparison | Kind::Joint | Kind::Pipe);
    // A sign is complete as soon as something else begins, so only one that stands at the cursor is open.
    let earlier =
        if touched.is_some() { before.split_last().map_or(before, |(_, rest)| rest) } else { before };
    let wanted = wanted(query, earlier);
    let (word, wanted) = match touched {
        Some(token) if is_sign(token.kind) => {
            let after = self::wanted(query, before);
            // `a =` may become `a =~`, but a value is the likelier wish when nothing follows.
            if matches!(wanted, Wanted::Comparison | Wanted::Joint | Wanted::Structure) && rest.is_empty() {
                (cursor..cursor, after)
            } else {
                (token.at.clone(), wanted)
            }
        }
        Some(token) => (token.at.clone(), wanted),
        None => (cursor..cursor, wanted),
    };
    let typed = query.get(word.start..cursor.max(word.start)).unwrap_or_default().to_owned();
    Context { word, typed, wanted }
}

/// What can come after these words.
fn wanted(query: &str, before: &[Token]) -> Wanted {
    let depth = before.iter().fold(0_i32, |depth, token| match token.kind {
        Kind::Open => depth + 1,
        Kind::Close => depth - 1,
        _ => depth,
    });
    let Some((last, earlier)) = before.split_last() else { return Wanted::SpanSet };
    if depth > 0 {
        return within_braces(query, last, earlier);
    }
    let parentheses = before.iter().fold(0_i32, |depth, token| match token.kind {
        Kind::LeftParenthesis => depth + 1,
        Kind::RightParenthesis => depth - 1,
        _ => depth,
    });
    let is_call = parentheses > 0 && before.iter().any(|token| token.kind == Kind::Pipe);
    match last.kind {
        Kind::LeftParenthesis | Kind::Comma if is_call => Wanted::Field,
        Kind::Close => Wanted::Structure,
        Kind::Pipe => Wanted::Step,
        Kind::RightParenthesis if parentheses == 0 => Wanted::Comparison,
        Kind::Joint | Kind::LeftParenthesis => Wanted::SpanSet,
        // `}` and `>` may lead to children; a step and `>` to a number.
        Kind::Comparison if earlier.last().is_some_and(|token| token.kind == Kind::Close) => Wanted::SpanSet,
        _ => Wanted::Nothing,
    }
}

fn within_braces(query: &str, last: &Token, earlier: &[Token]) -> Wanted {
    let text = |token: &Token| query.get(token.at.clone()).unwrap_or_default();
    match last.kind {
        Kind::Open | Kind::LeftParenthesis | Kind::Joint => Wanted::Field,
        Kind::Comparison => match earlier.last().filter(|token| token.kind == Kind::Name) {
            Some(field) => Wanted::Value { field: text(field).to_owned(), filter: filter(query, earlier) },
            None => Wanted::Nothing,
        },
        Kind::Name | Kind::Text if earlier.last().is_some_and(|token| token.kind == Kind::Comparison) => {
            Wanted::Joint
        }
        Kind::RightParenthesis => Wanted::Joint,
        Kind::Name => Wanted::Comparison,
        _ => Wanted::Nothing,
    }
}

/// The conditions before the one that is being typed, as a query of their own; empty where there is none, or where
/// they do not narrow the one that is being typed.
fn filter(query: &str, before: &[Token]) -> String {
    let Some(open) = before.iter().rposition(|token| token.kind == Kind::Open) else { return String::new() };
    let within = before.get(open..).unwrap_or_default();
    let joined = within.iter().rposition(|token| token.kind == Kind::Joint);
    let Some(joint) = joined.and_then(|at| within.get(at)) else { return String::new() };
    let is_simple = within.iter().all(|token| match token.kind {
        Kind::Joint => query.get(token.at.clone()) == Some("&&"),
        Kind::LeftParenthesis | Kind::RightParenthesis => false,
        _ => true,
    });
    let start = within.first().map_or(0, |token| token.at.start);
    let conditions = query.get(start..joint.at.start).unwrap_or_default();
    if is_simple { format!("{} }}", conditions.trim_end()) } else { String::new() }
}

/// What can be put in, those that begin with what was typed first. `names` are the fields that the backend knows,
/// `values` those of the field of the context.
pub fn candidates(context: &Context, names: &[String], values: &[TagValue]) -> Vec<Candidate> {
    let word = |text: &str, note: &'static str| Candidate {
        text: text.to_owned(),
        note,
        insert: format!("{text} "),
        cursor: text.len() + 1,
    };
    let words = |list: &[(&'static str, &'static str)]| list.iter().map(|(t, n)| word(t, n)).collect();
    let all: Vec<Candidate> = match &context.wanted {
        Wanted::Nothing => Vec::new(),
        Wanted::SpanSet => vec![Candidate {
            text: "{ }".to_owned(),
            note: "spans that fit",
            insert: "{  }".to_owned(),
            cursor: 2,
        }],
        Wanted::Field => fields(names).into_iter().map(|(name, note)| word(&name, note)).collect(),
        Wanted::Comparison => words(&COMPARISONS),
        Wanted::Value { field, .. } => values_of(field, values).iter().map(|text| word(text, "")).collect(),
        Wanted::Joint => words(&JOINTS),
        Wanted::Structure => words(&STRUCTURE),
        Wanted::Step => {
            let step = |&(text, note): &(&str, &'static str)| {
                let has_field = text != "count()";
                let insert = if has_field { text.to_owned() } else { format!("{text} ") };
                let cursor = insert.len() - usize::from(has_field);
                Candidate { text: text.to_owned(), note, insert, cursor }
            };
            STEPS.iter().map(step).collect()
        }
    };
    ranked(all, &context.typed)
}

/// Attributes of the backend and the intrinsics, without doubles.
fn fields(names: &[String]) -> Vec<(String, &'static str)> {
    let known = INTRINSICS.iter().chain(&OLD_INTRINSICS).map(|&(name, note)| (name.to_owned(), note));
    let own = names.iter().map(|name| (name.clone(), ""));
    let mut all: Vec<(String, &'static str)> = known.chain(own).collect();
    // Of two alike the one with a note stays; attributes are what is looked for most, so they come first.
    all.compact_sort_by(|a, b| a.0.cmp(&b.0).then(b.1.len().cmp(&a.1.len())));
    all.dedup_by(|a, b| a.0 == b.0);
    all.compact_sort_by_key(|(_, note)| !note.is_empty());
    all
}

fn values_of(field: &str, values: &[TagValue]) -> Vec<String> {
    let of_kind = |known: &[&str]| known.iter().map(|text| (*text).to_owned()).collect();
    let known =
        INTRINSICS.iter().chain(&OLD_INTRINSICS).find(|(name, _)| *name == field).map(|(_, kind)| *kind);
    match known {
        Some("status") => of_kind(&STATUSES),
        Some("kind") => of_kind(&KINDS),
        Some("duration") => of_kind(&DURATIONS),
        _ => {
            let mut texts: Vec<String> = values.iter().map(TagValue::in_query).collect();
            texts.compact_sort();
            texts.dedup();
            texts
        }
    }
}

/// Those in which what was typed occurs: at the beginning first, then at the beginning of a part of the name.
fn ranked(all: Vec<Candidate>, typed: &str) -> Vec<Candidate> {
    let plain = |text: &str| text.trim_matches('"').to_lowercase();
    let sought = plain(typed);
    let rank = |candidate: &Candidate| {
        let text = plain(&candidate.text);
        let at = text.find(&sought)?;
        let is_part =
            at > 0 && text.get(..at).is_some_and(|before| before.ends_with(['.', ':', '_', '-', '/']));
        // What is there already is not offered.
        let is_whole = candidate.text == typed;
        (!is_whole).then_some(if at == 0 { 0 } else { 2 - u8::from(is_part) })
    };
    let mut ranked: Vec<(u8, Candidate)> = all.into_iter().filter_map(|c| Some((rank(&c)?, c))).collect();
    ranked.compact_sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|(_, candidate)| candidate).take(MOST).collect()
}

/// The query with a candidate in the place of the word, and the byte where the cursor stands then.
pub fn completed(query: &str, context: &Context, candidate: &Candidate) -> (String, usize) {
    let head = query.get(..context.word.start).unwrap_or_default();
    let tail = query.get(context.word.end..).unwrap_or_default();
    // A blank that is there already is not put in twice.
    let insert = if tail.starts_with(' ') { candidate.insert.trim_end() } else { &candidate.insert };
    let is_cut = insert.len() < candidate.cursor;
    let cursor = head.len() + candidate.cursor.min(insert.len()) + usize::from(is_cut);
    (format!("{head}{insert}{tail}"), cursor)
}

/// The byte of a line and a column, both from 1, that an error names; the end when it lies beyond.
pub fn byte_of_place(query: &str, (line, column): (u32, u32)) -> usize {
    let mut start = 0;
    for _ in 1..line {
        match query.get(start..).and_then(|rest| rest.find('\n')) {
            Some(at) => start += at + 1,
            None => return query.len(),
        }
    }
    let text = query.get(start..).unwrap_or_default();
    let line = text.lines().next().unwrap_or_default();
    let column = column.saturating_sub(1) as usize;
    start + line.char_indices().nth(column).map_or(line.len(), |(at, _)| at)
}

/// The byte of a position as the browser counts, in units of UTF-16.
pub fn byte_of_unit(text: &str, unit: usize) -> usize {
    let mut units = 0;
    for (at, c) in text.char_indices() {
        if units >= unit {
            return at;
        }
        units += c.len_utf16();
    }
    text.len()
}

/// The position of a byte as the browser counts.
pub fn unit_of_byte(text: &str, byte: usize) -> usize {
    text.char_indices().take_while(|(at, _)| *at < byte).map(|(_, c)| c.len_utf16()).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The context at the `^` of a text.
    fn at(marked: &str) -> Context {
        let cursor = marked.find('^').unwrap();
        context(&marked.replace('^', ""), cursor)
    }

    fn value(field: &str, filter: &str) -> Wanted {
        Wanted::Value { field: field.to_owned(), filter: filter.to_owned() }
    }

    #[test]
    fn what_can_come_next_follows_from_what_is_there() {
        for (marked, typed, wanted) in [
            ("^", "", Wanted::SpanSet),
            ("{ ^", "", Wanted::Field),
            ("{ ^ }", "", Wanted::Field),
            ("{ res^", "res", Wanted::Field),
            ("{ resource.service.na^me = \"x\" }", "resource.service.na", Wanted::Field),
            ("{ .a ^", "", Wanted::Comparison),
            ("{ .a =^", "", value(".a", "")),
            ("{ .a = ^ }", "", value(".a", "")),
            ("{ .a = \"we^", "\"we", value(".a", "")),
            ("{ .a = \"we^b\" }", "\"we", value(".a", "")),
            ("{ .a = \"web\" ^", "", Wanted::Joint),
            ("{ .a = 5 ^ }", "", Wanted::Joint),
            ("{ .a = 5 && ^", "", Wanted::Field),
            ("{ .a = \"x\" && name = ^", "", value("name", "{ .a = \"x\" }")),
            ("{ .a = \"x\" || name = ^", "", value("name", "")),
            ("{ (.a = 5) ^", "", Wanted::Joint),
            ("{ span.\"odd key\" = ^", "", value("span.\"odd key\"", "")),
            ("{} ^", "", Wanted::Structure),
            ("{} | ^", "", Wanted::Step),
            ("{} | co^", "co", Wanted::Step),
            ("{} | by(^", "", Wanted::Field),
            ("{} | select(.a, sp^)", "sp", Wanted::Field),
            ("{} | count() ^", "", Wanted::Comparison),
            ("{} >> ^", "", Wanted::SpanSet),
            ("{} > ^", "", Wanted::SpanSet),
            ("{ .a = \"x\"^ }", "", Wanted::Joint),
        ] {
            let context = at(marked);
            assert_eq!((context.typed.as_str(), &context.wanted), (typed, &wanted), "{marked}");
        }
    }

    #[test]
    fn candidates_begin_with_what_was_typed_first() {
        let names = ["resource.service.name", "span.http.route", "span.service", "name"].map(str::to_owned);
        let texts = |marked: &str, values: &[TagValue]| {
            let all = candidates(&at(marked), &names, values);
            all.into_iter().map(|c| c.text).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            texts("{ serv^", &[]),
            "resource.service.name span.service rootServiceName trace:rootService"
        );
        let expected = "resource.service.name event:name instrumentation:name span:name rootName rootServiceName trace:rootName";
        assert_eq!(texts("{ name^", &[]), expected);
        assert_eq!(texts("{ status = ^", &[]), "error ok unset");
        assert_eq!(texts("{ span:status = e^", &[]), "error unset");
        let value = |text: &str, is_text| TagValue { text: text.to_owned(), is_text };
        let values = [value("web", true), value("5", false), value("we\"ird", true)];
        assert_eq!(texts("{ .a = ^", &values), r#""we\"ird" "web" 5"#);
        assert_eq!(texts("{ .a = \"we^", &values), r#""we\"ird" "web""#);
        assert_eq!(texts("^", &[]), "{ }");
    }

    #[test]
    fn a_candidate_takes_the_place_of_the_word() {
        let complete = |marked: &str, text: &str| {
            let context = at(marked);
            let values = [TagValue { text: "web".to_owned(), is_text: true }];
            let all = candidates(&context, &["resource.service.name".to_owned()], &values);
            let candidate = all.iter().find(|c| c.text == text).unwrap();
            let (mut query, cursor) = completed(&marked.replace('^', ""), &context, candidate);
            query.insert(cursor, '^');
            query
        };
        assert_eq!(complete("^", "{ }"), "{ ^ }");
        assert_eq!(complete("{ serv^ }", "resource.service.name"), "{ resource.service.name ^}");
        assert_eq!(complete("{ .a = \"w^eb\" }", "\"web\"").replace('^', ""), "{ .a = \"web\" }");
        assert_eq!(complete("{} | av^", "avg()"), "{} | avg(^)");
        assert_eq!(complete("{ .a ^", "="), "{ .a = ^");
    }

    #[test]
    fn places_are_found_again() {
        let query = "{ name = }\n{ \u{e4}\u{1f600}x }";
        assert_eq!(byte_of_place(query, (1, 10)), 9);
        assert_eq!(query.get(byte_of_place(query, (2, 5))..), Some("x }"));
        assert_eq!((byte_of_place(query, (9, 1)), byte_of_place(query, (1, 99))), (query.len(), 10));
        let byte = byte_of_place(query, (2, 5));
        assert_eq!((unit_of_byte(query, byte), byte_of_unit(query, 16)), (16, byte));
    }

    proptest! {
        #[test]
        fn no_query_makes_it_panic(query in "[{}()=~!<>&|a.,\" \\\\\u{e4}]{0,24}", cursor in 0_usize..40) {
            let context = context(&query, cursor);
            prop_assert!(query.get(context.word.clone()).is_some());
            for candidate in candidates(&context, &["span.a".to_owned()], &[]) {
                let (completed, cursor) = completed(&query, &context, &candidate);
                prop_assert!(completed.is_char_boundary(cursor));
            }
        }
    }
}
