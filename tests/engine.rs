//! The whole conversation between page and engine, without a browser: bytes and requests in, responses out.

use spanscope::engine::Engine;
use spanscope::model::trace::Trace;
use spanscope::wire::aggregate::AggregatePart;
use spanscope::wire::analysis::{
    AnalysisPart, AnalysisSettings, Matching, NO_TIME, PathSections, Relation, Scenario, SpanTimes,
    WhatIfTotals,
};
use spanscope::wire::analysis_columns::unpack_positions;
use spanscope::wire::details::ValueType;
use spanscope::wire::pack::Reader;
use spanscope::wire::report::FileError;
use spanscope::wire::scope::Scope;
use spanscope::wire::{Assembly, Packet, Phase, Request, Response, Sought};

#[path = "engine/comparing.rs"]
mod comparing;
#[path = "engine/fetched.rs"]
mod fetched;
#[path = "engine/flames.rs"]
mod flames;
#[path = "engine/graph.rs"]
mod graph;
#[path = "engine/lookups.rs"]
mod lookups;

/// OTLP JSON of one trace: a root and `n - 1` children, each with an attribute and every tenth with an error.
fn otlp(trace: u32, n: u32) -> String {
    let spans: Vec<String> = (0..n)
        .map(|at| {
            let (start, end) = (u64::from(at), 3_000_000 - u64::from(at));
            let parent = if at == 0 { String::new() } else { format!(r#""parentSpanId":"{:016x}","#, 1) };
            let status = if at % 10 == 9 { r#""status":{"code":2,"message":"went Wrong"},"# } else { "" };
            let event = if at == 0 {
                format!(r#""events":[{{"timeUnixNano":"{}","name":"exception"}}],"#, BASE + 500)
            } else {
                String::new()
            };
            format!(
                r#"{{"traceId":"{trace:032x}","spanId":"{:016x}",{parent}"name":"op {}",{status}{event}"kind":2,
                "startTimeUnixNano":"{}","endTimeUnixNano":"{}",
                "attributes":[{{"key":"cart.Item","value":{{"stringValue":"item-{at}-Ä"}}}},
                {{"key":"list","value":{{"arrayValue":{{"values":[{{"intValue":"7"}}]}}}}}}]}}"#,
                at + 1,
                at % 3,
                BASE + start,
                BASE + end,
            )
        })
        .collect();
    format!(
        r#"{{"resourceSpans":[{{"resource":{{"attributes":[{{"key":"service.name","value":{{"stringValue":"shop"}}}}]}},
        "scopeSpans":[{{"scope":{{"name":"lib"}},"spans":[{}]}}]}}]}}"#,
        spans.join(",")
    )
}

const BASE: u64 = 1_700_000_000_000_000_000;

/// An engine and everything it said.
#[derive(Default)]
struct Talk {
    engine: Engine,
    said: Vec<Response>,
}

impl Talk {
    fn open(names: &[&str]) -> Self {
        let mut talk = Self::default();
        talk.ask(Request::Open {
            names: names.iter().map(|&n| n.to_owned()).collect(),
            total: None,
            first_revision: 8,
        });
        talk
    }

    /// Asks, and lets the engine work until nothing is left; returns what it said to this.
    fn ask(&mut self, request: Request) -> Vec<Response> {
        let before = self.said.len();
        self.engine.handle(request, &mut self.said);
        self.work();
        self.said[before..].to_vec()
    }

    fn work(&mut self) {
        while self.engine.work(&mut self.said) {}
    }

    fn file(&mut self, name: &str, text: &str) {
        self.engine.begin_file(name, Some(text.len() as u64), &mut self.said);
        for piece in text.as_bytes().chunks(100_000) {
            self.engine.feed(piece, &mut self.said);
            self.work();
        }
        self.engine.end_file(&mut self.said);
    }

    fn finish(&mut self) {
        self.engine.finish(&mut self.said);
        self.work();
    }

    /// Revisions of all lists, and whether each is complete.
    fn lists(&self) -> Vec<(u32, bool, u32)> {
        let list = |r: &Response| match r {
            Response::List { revision, complete, n_traces, .. } => Some((*revision, *complete, *n_traces)),
            _ => None,
        };
        self.said.iter().filter_map(list).collect()
    }

    fn revision(&self) -> u32 {
        self.lists().last().map_or(0, |l| l.0)
    }

    /// All traces that were sent, put together, each through the envelope.
    fn traces(&self) -> Vec<(u32, Trace)> {
        let (mut traces, mut assembly) = (Vec::new(), None);
        for response in &self.said {
            match over_the_wire(response) {
                Response::TraceHead(head) => assembly = Some(Assembly::new(head)),
                Response::TracePart { part, bytes, .. } => {
                    let mut begun: Assembly = assembly.take().expect("a head comes before its parts");
                    if begun.push(part, &bytes).expect("parts are readable") {
                        let (head, trace) = begun.finish().expect("a trace is complete after its last part");
                        traces.push((head.revision, trace));
                    } else {
                        assembly = Some(begun);
                    }
                }
                _ => {}
            }
        }
        traces
    }

    fn phase(&self) -> Option<Phase> {
        self.said.iter().rev().find_map(|r| match r {
            Response::Progress(p) => Some(p.phase),
            _ => None,
        })
    }
}

/// The response as it is on the other side.
fn over_the_wire(response: &Response) -> Response {
    let packet = Packet::response(1, response.clone()).expect("responses can be packed");
    packet.read_response().expect("and read").1
}

fn report(said: &[Response]) -> spanscope::wire::report::Report {
    let found = said.iter().rev().find_map(|r| match r {
        Response::Report(report) => Some((**report).clone()),
        _ => None,
    });
    found.expect("a report")
}

#[test]
fn a_file_becomes_a_list_and_the_only_trace_comes_unasked() {
    let mut talk = Talk::open(&["a.json"]);
    talk.file("a.json", &otlp(7, 50));
    talk.engine.announce_linking(&mut talk.said);
    assert_eq!(talk.phase(), Some(Phase::Linking));
    talk.finish();

    assert_eq!(talk.lists(), [(9, true, 1)]);
    assert_eq!(talk.phase(), Some(Phase::Done));
    let traces = talk.traces();
    let [(9, trace)] = traces.as_slice() else { panic!("{traces:?}") };
    assert_eq!(trace.len(), 50);
    assert_eq!(trace.id().to_string(), format!("{:032x}", 7));
    assert_eq!(trace.services(), ["shop"]);
    let report = report(&talk.said);
    assert!(report.complete && !report.cancelled);
    assert_eq!((report.totals.records, report.totals.spans, report.totals.traces), (50, 50, 1));
    assert_eq!(report.files[0].formats, ["OTLP JSON"]);
    assert_eq!(report.files[0].error, None);
}

#[test]
fn first_rows_come_while_the_rest_is_read() {
    let mut talk = Talk::open(&["big.json"]);
    talk.file("big.json", &otlp(7, 14_000));
    let early = talk.lists();
    assert!(early.len() >= 2, "{early:?}");
    assert!(early.iter().all(|&(_, complete, _)| !complete));
    talk.finish();
    let sizes: Vec<usize> = talk.traces().iter().map(|(_, t)| t.len()).collect();
    assert!(sizes.is_sorted() && sizes[0] >= 1_000 && sizes[0] < 2_000, "{sizes:?}");
    assert_eq!(sizes.last(), Some(&14_000));
}

#[test]
fn a_trace_in_several_files_is_one_and_is_sent_when_asked_for() {
    let (mut halves, text) = (Talk::open(&["a", "b", "c"]), otlp(7, 4));
    // The second half names a parent that is in the first.
    let spans = text.match_indices(r#"{"traceId""#).map(|(at, _)| at).collect::<Vec<_>>();
    let end = text.rfind("]}]}]}").unwrap();
    let first = format!("{}{}", &text[..spans[2]].trim_end_matches(','), &text[end..]);
    let second = format!("{}{}{}", &text[..spans[0]], &text[spans[2]..end], &text[end..]);
    halves.ask(Request::OpenTrace { id: "7".to_owned() });
    halves.file("a", &first);
    halves.file("b", &second);
    halves.file("c", &otlp(8, 3));
    halves.finish();
    assert_eq!(halves.lists(), [(9, true, 2)]);
    let traces = halves.traces();
    assert_eq!(traces.iter().map(|(_, t)| t.len()).collect::<Vec<_>>(), [4]);

    halves.ask(Request::OpenTrace { id: "8".to_owned() });
    assert_eq!(halves.traces().last().map(|(_, t)| t.len()), Some(3));
    let said = halves.ask(Request::OpenTrace { id: "abc".to_owned() });
    assert_eq!(said, [Response::NoSuchTrace { id: "abc".to_owned(), complete: true }]);
}

#[test]
fn details_have_values_with_their_types() {
    let mut talk = Talk::open(&["a"]);
    talk.file("a", &otlp(7, 10));
    talk.finish();
    let revision = talk.revision();
    let said = talk.ask(Request::Details { ask: 5, revision, trace: 0, span: 0, first_event: 0 });
    let [Response::Details { ask: 5, details }] = said.as_slice() else { panic!("{said:?}") };
    assert_eq!((details.this.name.as_str(), details.this.service.as_str()), ("op 0", "shop"));
    assert_eq!((details.kind.as_str(), details.parent_id.as_str()), ("server", ""));
    assert_eq!((details.start, details.duration), (BASE as i64, 3_000_000));
    let attributes: Vec<_> =
        details.attributes.iter().map(|a| (a.key.as_str(), a.kind, a.text.as_str())).collect();
    let expected = [("cart.Item", ValueType::String, "item-0-Ä"), ("list", ValueType::Array, "[7]")];
    assert_eq!(attributes, expected);
    assert_eq!(details.resource.service, "shop");
    assert_eq!(details.scope.name, "lib");
    assert_eq!(details.source, "a");
    assert_eq!(details.n_events, 1);
    assert_eq!((details.events[0].after_start, details.events[0].name.as_str()), (500, "exception"));

    let said = talk.ask(Request::Events { ask: 6, revision, trace: 0, spans: vec![0, 1, 2, 99] });
    let [Response::Events { ask: 6, marks }] = said.as_slice() else { panic!("{said:?}") };
    assert_eq!(marks.len(), 1);
    assert_eq!(
        (marks[0].span, marks[0].times.as_slice(), marks[0].exceptions.as_slice()),
        (0, [500].as_slice(), [true].as_slice())
    );

    // Out of range, and of an older list: no answer rather than a wrong one.
    assert_eq!(talk.ask(Request::Details { ask: 7, revision, trace: 0, span: 10, first_event: 0 }), []);
    assert_eq!(talk.ask(Request::Details { ask: 8, revision, trace: 1, span: 0, first_event: 0 }), []);
    assert_eq!(
        talk.ask(Request::Details { ask: 9, revision: revision - 1, trace: 0, span: 0, first_event: 0 }),
        []
    );
}

#[test]
fn cancel_keeps_what_was_read_and_later_bytes_are_nobodys() {
    let mut talk = Talk::open(&["a", "b"]);
    let text = otlp(7, 100);
    talk.engine.begin_file("a", None, &mut talk.said);
    talk.engine.feed(&text.as_bytes()[..text.len() / 2], &mut talk.said);
    talk.ask(Request::Cancel);
    assert!(!talk.engine.is_loading());
    assert_eq!(talk.phase(), Some(Phase::Cancelled));
    let n = talk.traces().last().map_or(0, |(_, t)| t.len());
    assert!((40..60).contains(&n), "{n}");
    let before = talk.said.len();
    talk.engine.feed(text.as_bytes(), &mut talk.said);
    talk.engine.end_file(&mut talk.said);
    talk.finish();
    assert_eq!(talk.said.len(), before);
    let report = report(&talk.said);
    assert!(report.cancelled);
    let codes: Vec<_> =
        report.files.iter().map(|f| f.error.as_ref().map_or("", |e| e.code.as_str())).collect();
    assert_eq!(codes, ["", "file.cancelled"]);
}

#[test]
fn opening_anew_forgets_the_old() {
    let mut talk = Talk::open(&["a"]);
    talk.file("a", &otlp(7, 5));
    talk.finish();
    talk.ask(Request::Open { names: vec!["b".into()], total: None, first_revision: 100 });
    talk.file("b", &otlp(8, 3));
    talk.finish();
    assert_eq!(talk.lists(), [(9, true, 1), (101, true, 1)]);
    assert_eq!(report(&talk.said).files.len(), 1);
    assert_eq!(talk.traces().last().map(|(_, t)| t.len()), Some(3));
}

#[test]
fn bad_files_are_reported_and_the_others_are_read() {
    let mut talk = Talk::open(&["bad", "empty", "gone", "good"]);
    talk.file("bad", "this is no trace");
    talk.file("empty", "");
    talk.engine.begin_file("gone", Some(9), &mut talk.said);
    talk.engine.break_file(FileError::unreadable("NotFoundError"), &mut talk.said);
    talk.file("good", &otlp(7, 2));
    talk.finish();
    let report = report(&talk.said);
    let codes: Vec<_> =
        report.files.iter().map(|f| f.error.as_ref().map_or("", |e| e.code.as_str())).collect();
    assert_eq!(codes, ["fmt.unknown", "fmt.empty", "file.unreadable", ""]);
    let empty = report.files[1].error.as_ref().expect("an empty file is an error");
    assert_eq!(empty.message, "the file is empty");
    assert_eq!(empty.advice, "export or download it again; the export may not have been finished");
    assert_eq!(report.totals.spans, 2);
}

#[test]
fn the_books_hold_for_each_file() {
    let mut talk = Talk::open(&["a", "bad", "b", "c"]);
    talk.file("a", &otlp(7, 30));
    talk.file("bad", "this is no trace");
    // The first thirty once more, one that cannot be read, and twenty that nobody has seen.
    talk.file("b", &otlp(7, 50).replace(r#""spans":["#, r#""spans":[{"name" "cut"},"#));
    talk.file("c", &otlp(8, 4));
    talk.finish();
    let report = report(&talk.said);
    let books: Vec<_> = report.files.iter().map(|f| (f.records, f.shown, f.merged, f.refused)).collect();
    assert_eq!(books, [(30, 30, 0, 0), (0, 0, 0, 0), (51, 20, 30, 1), (4, 4, 0, 0)]);
    let totals = report.totals;
    assert_eq!((totals.records, totals.spans, totals.merged, totals.refused), (85, 54, 30, 1));
}

/// A root of 100 ms that makes two calls one after the other, 10..40 and 50..90; the second one's server has
/// a clock that is 200 ms ahead. A job goes on in the background until 150.
fn shop() -> String {
    let span = |id: u32, parent: u32, name: &str, kind: u32, from: u64, to: u64| {
        let parent = if parent == 0 { String::new() } else { format!(r#""parentSpanId":"{parent:016x}","#) };
        format!(
            r#"{{"traceId":"{:032x}","spanId":"{id:016x}",{parent}"name":"{name}","kind":{kind},
            "startTimeUnixNano":"{}","endTimeUnixNano":"{}"}}"#,
            7,
            BASE + from * 1_000_000,
            BASE + to * 1_000_000,
        )
    };
    let service = |name: &str, spans: &[String]| {
        format!(
            r#"{{"resource":{{"attributes":[{{"key":"service.name","value":{{"stringValue":"{name}"}}}}]}},
            "scopeSpans":[{{"spans":[{}]}}]}}"#,
            spans.join(",")
        )
    };
    let shop = [
        span(1, 0, "POST /checkout", 2, 0, 100),
        span(2, 1, "SELECT cart", 3, 10, 40),
        span(3, 1, "charge", 3, 50, 90),
        span(4, 1, "send mail", 1, 60, 150),
    ];
    let payment = [span(5, 3, "POST /charge", 2, 255, 285)];
    format!(r#"{{"resourceSpans":[{},{}]}}"#, service("shop", &shop), service("payment", &payment))
}

fn analyse(ask: u32, revision: u32, settings: AnalysisSettings) -> Request {
    Request::Analyse { ask, revision, trace: 0, settings, root: None }
}

/// What was answered to this question, each part through the envelope, with its columns.
fn parts(said: &[Response], wanted: u32) -> Vec<(AnalysisPart, Vec<u8>)> {
    let part = |response: &Response| match over_the_wire(response) {
        Response::Analysis { ask, part, bytes } if ask == wanted => Some((part, bytes)),
        _ => None,
    };
    said.iter().filter_map(part).collect()
}

/// The critical path among the parts: span, from and to in milliseconds.
fn path_of(parts: &[(AnalysisPart, Vec<u8>)], n_spans: usize) -> Vec<(u32, i64, i64)> {
    let mut path = PathSections::default();
    for (part, bytes) in parts {
        if let AnalysisPart::Path(piece) = part {
            path.push(*piece, bytes, n_spans).expect("pieces fit");
        }
    }
    path.iter().map(|(span, from, to)| (span, from / 1_000_000, to / 1_000_000)).collect()
}

#[test]
fn an_analysis_comes_in_parts_path_first() {
    let mut talk = Talk::open(&["a"]);
    talk.file("a", &shop());
    talk.finish();
    let said = talk.ask(analyse(4, talk.revision(), AnalysisSettings::default()));
    let parts = parts(&said, 4);
    let shifts = |p: &(AnalysisPart, _)| matches!(p.0, AnalysisPart::Shifts(_));
    let order: Vec<&str> = parts
        .iter()
        .filter_map(|(part, _)| match part {
            AnalysisPart::Step { .. } => None,
            AnalysisPart::Clock(_) => Some("clock"),
            AnalysisPart::Shifts(_) => Some("shifts"),
            AnalysisPart::Path(_) => Some("path"),
            AnalysisPart::Times(_) => Some("times"),
            AnalysisPart::Done { .. } => Some("done"),
            _ => Some("other"),
        })
        .collect();
    assert_eq!(order[..4], ["clock", "shifts", "path", "times"], "{order:?}");
    assert_eq!(order.last(), Some(&"done"));

    // Spans in tree order: checkout, cart, charge, its server, mail.
    let expected =
        [(0, 0, 10), (1, 10, 40), (0, 40, 50), (2, 50, 55), (3, 55, 85), (2, 85, 90), (0, 90, 100)];
    assert_eq!(path_of(&parts, 5), expected);
    let clock = parts.iter().find_map(|(part, _)| match part {
        AnalysisPart::Clock(clock) => Some(clock.as_slice()),
        _ => None,
    });
    let [_, payment] = clock.expect("clocks are told") else { panic!("{clock:?}") };
    assert_eq!((payment.offset_ns, payment.n_spans), (-200_000_000, 1));
    assert!(payment.is_consistent && payment.low_ns == Some(-205_000_000));
    assert_eq!(parts.iter().filter(|p| shifts(p)).count(), 1);
    let mut times = SpanTimes::default();
    for (part, bytes) in &parts {
        if let AnalysisPart::Times(piece) = part {
            times.push(*piece, bytes).unwrap();
        }
    }
    assert_eq!(times.cp, [30_000_000, 30_000_000, 10_000_000, 30_000_000, 0]);
    assert_eq!(times.self_time, [30_000_000, 30_000_000, 10_000_000, 30_000_000, 90_000_000]);
    let completion = parts.iter().find_map(|(part, _)| match part {
        AnalysisPart::Completion(sections) => sections.last(),
        _ => None,
    });
    assert_eq!(completion.map(|s| (s.span, s.is_wait, s.to)), Some((4, false, 150_000_000)));

    let tables: Vec<_> = parts
        .iter()
        .filter_map(|(part, _)| match part {
            AnalysisPart::Operations(rows) => Some(rows),
            _ => None,
        })
        .collect();
    // First the table, then what would help.
    let [early, late] = tables.as_slice() else { panic!("{tables:?}") };
    assert!(early.iter().all(|row| row.saving_half_ns.is_none()));
    let told: Vec<_> = late
        .iter()
        .map(|r| (r.span, r.name.as_str(), r.kind.as_str(), r.count, r.cp_ns / 1_000_000))
        .collect();
    let expected = [
        (3, "POST /charge", "server", 1, 30),
        (0, "POST /checkout", "server", 1, 30),
        (1, "SELECT cart", "client", 1, 30),
        (2, "charge", "client", 1, 10),
        (4, "send mail", "internal", 1, 0),
    ];
    assert_eq!(told, expected);
    let help: Vec<_> = late.iter().map(|r| (r.saving_half_ns, r.saving_removed_ns)).collect();
    let millis = |half: i64, removed: i64| (Some(half * 1_000_000), Some(removed * 1_000_000));
    // Nothing is left of a call without what it waits for; the background costs nothing.
    let expected = [millis(15, 30), millis(15, 100), millis(15, 30), millis(5, 40), (None, None)];
    assert_eq!(help, expected);

    let revision = talk.revision();
    let said = talk.ask(Request::Insight { ask: 9, revision, trace: 0, span: 4 });
    let [Response::Insight { ask: 9, span: 4, insight }] = said.as_slice() else { panic!("{said:?}") };
    assert_eq!((insight.relation, insight.cp_ns, insight.slack_ns), (Relation::Outlives, 0, None));
    assert_eq!(talk.ask(Request::Insight { ask: 10, revision, trace: 0, span: 5 }), []);
}

#[test]
fn an_analysis_says_what_it_found_and_what_it_looked_for() {
    let mut talk = Talk::open(&["a"]);
    talk.file("a", &shop());
    talk.finish();
    let parts = parts(&talk.ask(analyse(1, talk.revision(), AnalysisSettings::default())), 1);
    let place = |wanted: fn(&AnalysisPart) -> bool| parts.iter().position(|(part, _)| wanted(part));
    let path = place(|part| matches!(part, AnalysisPart::Path(_))).expect("a path");
    let headline = place(|part| matches!(part, AnalysisPart::Headline(_))).expect("a headline");
    let read = place(|part| matches!(part, AnalysisPart::Operations(_))).expect("operations");
    // The sentence waits for nothing that has to read attributes.
    assert!(path < headline && headline < read);
    let last = parts.iter().rev().find_map(|(part, _)| match part {
        AnalysisPart::Headline(headline) => Some(headline),
        _ => None,
    });
    let headline = last.expect("a headline");
    assert!(headline.text.starts_with("POST /checkout took 100 ms"), "{headline:?}");
    assert!(headline.span.is_some_and(|span| span < 5));

    let findings = parts.iter().rev().find_map(|(part, _)| match part {
        AnalysisPart::Findings { findings, is_all: true } => Some(findings.as_slice()),
        _ => None,
    });
    let findings = findings.expect("findings");
    let clock = findings.iter().find(|f| f.code == "TIME-1").expect("a clock that is off");
    assert_eq!((clock.evidence.as_slice(), clock.evidence_count), ([3].as_slice(), 1));
    let Some((AnalysisPart::Done { checked, .. }, _)) = parts.last() else { panic!("{parts:?}") };
    let found = |code: &str| checked.iter().find(|check| check.code == code).map(|check| check.found);
    assert_eq!((found("TIME-1"), found("PERF-4")), (Some(1), Some(0)));
    assert!(checked.iter().all(|check| !check.checks.is_empty() && !check.name.is_empty()));
}

#[test]
fn other_settings_replace_the_analysis() {
    let mut talk = Talk::open(&["a"]);
    talk.file("a", &shop());
    talk.finish();
    let revision = talk.revision();
    let raw = AnalysisSettings { adjust_skew: false, ..AnalysisSettings::default() };
    // Asked while the first is still under way: it never comes to its end.
    talk.engine.handle(analyse(1, revision, AnalysisSettings::default()), &mut talk.said);
    for _ in 0..3 {
        assert!(talk.engine.work(&mut talk.said));
    }
    let said = talk.ask(analyse(2, revision, raw));
    assert_eq!(parts(&said, 1), []);
    let raw = parts(&said, 2);
    assert_eq!(path_of(&raw, 5), [(0, 0, 10), (1, 10, 40), (0, 40, 50), (2, 50, 90), (0, 90, 100)]);
    assert!(raw.iter().all(|(part, _)| !matches!(part, AnalysisPart::Shifts(_))));
    // Back again: the same as if nothing had been in between.
    let said = talk.ask(analyse(3, revision, AnalysisSettings::default()));
    assert_eq!(path_of(&parts(&said, 3), 5).len(), 7);
}

#[test]
fn what_spans_do_is_told_to_each_who_asks() {
    let mut talk = Talk::open(&["a"]);
    talk.file("a", include_str!("../public/samples/n-plus-one.json"));
    talk.finish();
    let revision = talk.revision();
    // The page forgets what it knew of a trace that comes again, and asks again with the same settings.
    for ask in 1..=3 {
        let said = talk.ask(analyse(ask, revision, AnalysisSettings::default()));
        let is_told = |(part, _): &(AnalysisPart, Vec<u8>)| matches!(part, AnalysisPart::Statements(_));
        assert!(parts(&said, ask).iter().any(is_told), "question {ask}");
    }
}

#[test]
fn what_is_no_longer_open_is_not_analysed() {
    let mut talk = Talk::open(&["a"]);
    talk.file("a", &shop());
    talk.finish();
    let revision = talk.revision();
    assert_eq!(talk.ask(analyse(1, revision - 1, AnalysisSettings::default())), []);
    talk.engine.handle(analyse(2, revision, AnalysisSettings::default()), &mut talk.said);
    assert!(talk.engine.work(&mut talk.said));
    let said = talk.ask(Request::CloseTrace);
    assert_eq!(parts(&said, 2), []);
    assert_eq!(talk.ask(Request::Insight { ask: 3, revision, trace: 0, span: 0 }), []);
}

#[test]
fn columns_come_before_the_analysis() {
    let mut talk = Talk::open(&["a"]);
    talk.file("a", &otlp(7, 70_000));
    talk.engine.finish(&mut talk.said);
    // The page asks as soon as it hears of the trace.
    talk.engine.handle(analyse(1, talk.revision(), AnalysisSettings::default()), &mut talk.said);
    talk.work();
    let place = |wanted: fn(&Response) -> bool| talk.said.iter().rposition(wanted).expect("it came");
    let first = talk.said.iter().position(|r| matches!(r, Response::Analysis { .. })).expect("it came");
    assert!(place(|r| matches!(r, Response::TracePart { .. })) < first);
    // More spans than go into a piece.
    let parts = parts(&talk.said, 1);
    assert_eq!(parts.iter().filter(|(part, _)| matches!(part, AnalysisPart::Times(_))).count(), 2);
}

/// "Twice as fast", for what matches.
fn half(matching: Matching) -> Vec<Scenario> {
    vec![Scenario::Scale { matching, faster_permille: 500, subtree: false }]
}

/// The only what-if in the answers: its number, totals in milliseconds, positions.
#[track_caller]
fn outcome(said: &[Response]) -> (u32, [i64; 3], Vec<i64>, Vec<i64>) {
    let answers: Vec<_> = said.iter().filter(|r| matches!(r, Response::WhatIf { .. })).collect();
    assert_eq!(answers.len(), 1, "{answers:?}");
    let Response::WhatIf { ask, totals, bytes } = over_the_wire(answers[0]) else { unreachable!() };
    let WhatIfTotals { before_ns, after_ns, saving_ns } = totals;
    let (starts, ends) = unpack_positions(&bytes, 5).expect("positions of all spans");
    (ask, [before_ns, after_ns, saving_ns].map(|ns| ns / 1_000_000), starts, ends)
}

#[test]
fn a_what_if_is_answered_from_the_analysis() {
    let mut talk = Talk::open(&["a"]);
    talk.file("a", &shop());
    talk.finish();
    let revision = talk.revision();
    let ask = |ask, scenarios| Request::WhatIf { ask, revision, trace: 0, scenarios };
    // Without an analysis there is nothing to answer from.
    assert_eq!(talk.ask(ask(1, half(Matching::Spans(vec![1])))), []);

    // Asked before the path is known: the newer question is answered, once it can be.
    talk.engine.handle(analyse(2, revision, AnalysisSettings::default()), &mut talk.said);
    talk.engine.handle(ask(3, half(Matching::Spans(vec![0]))), &mut talk.said);
    let said = talk.ask(ask(4, half(Matching::Spans(vec![1]))));
    let (number, totals, starts, ends) = outcome(&said);
    assert_eq!((number, totals), (4, [100, 85, 15]));
    let millis = |times: &[i64]| {
        times.iter().map(|&t| if t == NO_TIME { -1 } else { t / 1_000_000 }).collect::<Vec<_>>()
    };
    // What goes on in the background takes no part.
    assert_eq!((millis(&starts), millis(&ends)), (vec![0, 10, 35, 40, -1], vec![85, 25, 75, 70, -1]));

    let operation = |service: &str, name: Option<&str>, kind: Option<&str>| Matching::Operation {
        service: Some(service.to_owned()),
        name: name.map(str::to_owned),
        kind: kind.map(str::to_owned),
    };
    for (matching, after) in [
        (operation("payment", Some("POST /charge"), Some("server")), 85),
        (operation("payment", Some("POST /charge"), Some("client")), 100),
        (operation("payment", None, None), 85),
        (operation("shop", Some("send mail"), None), 100),
        (operation("shop", Some("nothing"), None), 100),
        (Matching::Spans(vec![1, 77]), 85),
    ] {
        let said = talk.ask(ask(5, half(matching.clone())));
        assert_eq!(outcome(&said).1[1], after, "{matching:?}");
    }
    let said = talk.ask(ask(6, vec![Scenario::Parallel { members: vec![1, 2] }]));
    assert_eq!(outcome(&said).1, [100, 70, 30]);
    let said = talk.ask(Request::Insight { ask: 7, revision, trace: 0, span: 1 });
    let [Response::Insight { insight, .. }] = said.as_slice() else { panic!("{said:?}") };
    assert_eq!((insight.slack_ns, insight.cp_ns), (Some(0), 30_000_000));
}

/// Twenty requests of 11 to 30 ms, all but 1 ms of each in a query; the two slowest come from one region. One
/// request of another kind.
fn requests() -> String {
    let span = |trace: u32, id: u32, name: &str, to: u32, region: &str| {
        let parent = if id == 1 { "" } else { r#""parentSpanId":"0000000000000001","# };
        format!(
            r#"{{"traceId":"{trace:032x}","spanId":"{id:016x}",{parent}"name":"{name}","kind":{},
            "startTimeUnixNano":"{}","endTimeUnixNano":"{}",
            "attributes":[{{"key":"region","value":{{"stringValue":"{region}"}}}}]}}"#,
            id + 1,
            BASE + u64::from(trace) * 1_000_000_000,
            BASE + u64::from(trace) * 1_000_000_000 + u64::from(to) * 1_000_000,
        )
    };
    let mut spans: Vec<String> = Vec::new();
    for trace in 1..=20 {
        let region = if trace > 18 { "far" } else { "near" };
        spans.push(span(trace, 1, &format!("GET /users/{}", 1_000 + trace), 10 + trace, region));
        spans.push(span(trace, 2, "SELECT users", 9 + trace, region));
    }
    spans.push(span(21, 1, "GET /health", 1, "near"));
    format!(
        r#"{{"resourceSpans":[{{"resource":{{"attributes":[{{"key":"service.name","value":{{"stringValue":"shop"}}}}]}},
        "scopeSpans":[{{"spans":[{}]}}]}}]}}"#,
        spans.join(",")
    )
}

#[test]
fn all_traces_are_analysed_together() {
    let mut talk = Talk::open(&["a"]);
    talk.file("a", &requests());
    talk.finish();
    let revision = talk.revision();
    let settings = AnalysisSettings::default;
    let ask = |ask, revision| Request::Aggregate { ask, revision, scope: Scope::All, settings: settings() };
    assert_eq!(talk.ask(ask(1, revision - 1)), []);
    talk.engine.handle(ask(2, revision), &mut talk.said);
    talk.engine.handle(Request::CancelAggregate, &mut talk.said);
    assert!(!talk.engine.work(&mut talk.said));

    let said = talk.ask(ask(3, revision));
    let part = |response: &Response| match over_the_wire(response) {
        Response::Aggregate { ask: 3, part } => Some(part),
        _ => None,
    };
    let parts: Vec<_> = said.iter().filter_map(part).collect();
    assert_eq!(parts.len(), said.len());
    assert_eq!(parts.first(), Some(&AggregatePart::Progress { done: 21, of: 21 }));
    let Some(AggregatePart::Groups(groups)) = parts.last() else { panic!("{parts:?}") };
    let [users, health] = groups.as_slice() else { panic!("{groups:?}") };
    assert_eq!((health.name.as_str(), health.traces.as_slice()), ("GET /health", [20].as_slice()));
    assert_eq!((users.service.as_str(), users.name.as_str()), ("shop", "GET /users/{id}"));
    assert_eq!(users.traces, (0..20).collect::<Vec<_>>());
    assert_eq!((users.p50_ns, users.p95_ns), (20_000_000, 29_000_000));
    let paths: Vec<_> = users.paths.iter().map(|p| (p.path.join(" > "), p.traces, p.mean_ns)).collect();
    let expected = [
        ("shop:GET /users/{id} > shop:SELECT users".to_owned(), 20, 19_500_000),
        ("shop:GET /users/{id}".to_owned(), 20, 1_000_000),
    ];
    assert_eq!(paths, expected);
    assert_eq!(users.operations[0].name, "SELECT users");
    assert_eq!((users.services.len(), users.services[0].share_permille), (1, 1_000));
    assert_eq!((users.heat.operations.len(), users.heat.columns.len(), users.heat.cells.len()), (2, 20, 40));
    assert_eq!(users.bands.iter().map(|b| b.name.as_str()).collect::<Vec<_>>(), ["P50", "P95", "P99"]);
    let together: Vec<_> = users
        .goes_together
        .iter()
        .map(|c| (c.key.as_str(), c.value.as_str(), c.selected_permille, c.rest_permille))
        .collect();
    // Of the root, and of the query below it.
    assert!(together.contains(&("region", "near", 0, 1_000)), "{together:?}");
    assert!(together.contains(&("shop: region", "near", 0, 1_000)), "{together:?}");
}
