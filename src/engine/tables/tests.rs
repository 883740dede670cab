//! Tables as the page asks for them, through the engine's own doors.

use crate::engine::{Engine, Shown};
use crate::model::testing::read;
use crate::wire::analysis::{AnalysisPart, AnalysisSettings};
use crate::wire::scope::{Part, Scope};
use crate::wire::table::{
    GroupBy, Member, NO_ROW, SpanColumn, StatColumn, StatisticsRows, Subject, TableFacts, TablePart,
    TableRequest,
};
use crate::wire::{Request, Response};

const LINES: &str = "
    r 0..100 web/server t=1
    a<r 10..40 db/client error name=load/7 region=eu size=9 t=1
    b<r 50..90 db/client name=load/8 region=us size=10 t=1
    c<b 60..70 db/internal name==1+1 t=1
    s 200..250 web/server t=2
    d<s 210..220 db/client name=load/9 region=eu size=-1 t=2
";

fn engine() -> Engine {
    let set = read(LINES, 1_600_000_000_000_000_000);
    Engine { shown: Shown { set, revision: 1 }, ..Engine::default() }
}

fn ask(engine: &mut Engine, what: TableRequest) -> Vec<(TablePart, Vec<u8>)> {
    let mut out = Vec::new();
    engine.handle(Request::Table { ask: 5, revision: 1, what: Box::new(what) }, &mut out);
    while engine.work(&mut out) {}
    let part = |response| match response {
        Response::Table { ask: 5, part, bytes } if !matches!(part, TablePart::Progress { .. }) => {
            Some((part, bytes))
        }
        _ => None,
    };
    out.into_iter().filter_map(part).collect()
}

fn statistics(engine: &mut Engine, scope: Scope, by: &[GroupBy]) -> (TableFacts, StatisticsRows) {
    let subject = Subject { scope, ..Subject::default() };
    let answer = ask(engine, TableRequest::Statistics { subject, by: by.to_vec() });
    let [(TablePart::Statistics(facts), bytes)] = answer.as_slice() else { panic!("{answer:?}") };
    (facts.clone(), StatisticsRows::unpack(bytes).unwrap())
}

fn spans(engine: &mut Engine, of: Vec<Member>, words: &str, sort: Option<(SpanColumn, bool)>) -> TableFacts {
    let what = TableRequest::Spans { subject: Subject::default(), of, words: words.to_owned(), sort };
    let answer = ask(engine, what);
    let [(TablePart::Spans(facts), _)] = answer.as_slice() else { panic!("{answer:?}") };
    facts.clone()
}

/// Names of the rows, with the values of `key`.
fn names(engine: &mut Engine, key: &str) -> Vec<String> {
    let answer = ask(engine, TableRequest::Rows { first: 0, n: 100, keys: vec![key.to_owned()] });
    let [(TablePart::Rows { first: 0, rows }, _)] = answer.as_slice() else { panic!("{answer:?}") };
    let name = |row: &crate::wire::table::SpanRow| {
        let value = row.values.first().cloned().flatten();
        value.map_or_else(|| row.name.clone(), |value| format!("{} {value}", row.name))
    };
    rows.iter().map(name).collect()
}

fn lines(rows: &StatisticsRows) -> Vec<String> {
    let line = |row: usize| {
        let indent = if rows.above[row] == NO_ROW { "" } else { "  " };
        let label = if rows.is_missing[row] == 1 { "(none)" } else { &rows.label[row] };
        let times: Vec<String> = rows.times.iter().map(|t| t[row].to_string()).collect();
        let (count, errors) = (rows.count[row], rows.errors[row]);
        let owner = [rows.service[row].as_str(), &rows.kind[row]].join("/");
        format!("{indent}{label} {owner} {count} {errors} | {}", times.join(" "))
    };
    (0..rows.len()).map(line).collect()
}

#[test]
fn operations_of_all_traces_are_added_up_most_important_first() {
    let (facts, rows) = statistics(&mut engine(), Scope::All, &[GroupBy::Operation]);
    assert_eq!((facts.n_spans, facts.n_traces, facts.window_ns), (6, 2, 250));
    assert_eq!(facts.keys, ["region", "size"]);
    assert_eq!(
        lines(&rows),
        [
            "load/{id} db/client 3 1 | 80 70 70 30 40 40 40",
            "s web/server 1 0 | 50 40 40 50 50 50 50",
            "r web/server 1 0 | 100 30 30 100 100 100 100",
            "=1+1 db/internal 1 0 | 10 10 10 10 10 10 10",
        ]
    );
}

#[test]
fn the_second_level_adds_up_to_the_first() {
    let by = [GroupBy::Attribute("region".into()), GroupBy::Service];
    let (_, rows) = statistics(&mut engine(), Scope::All, &by);
    assert_eq!(
        lines(&rows),
        [
            "(none) / 3 0 | 160 80 80 50 100 100 100",
            "eu / 2 1 | 40 40 40 10 30 30 30",
            "us / 1 0 | 40 30 30 40 40 40 40",
            "  web / 2 0 | 150 70 70 50 100 100 100",
            "  db / 2 1 | 40 40 40 10 30 30 30",
            "  db / 1 0 | 40 30 30 40 40 40 40",
            "  db / 1 0 | 10 10 10 10 10 10 10",
        ]
    );
    assert_eq!(rows.above[3..], [0, 1, 2, 0]);
}

#[test]
fn statistics_of_a_part_of_a_trace() {
    let part = Part { trace: 0, focus: Some(2), ..Part::default() };
    let (facts, rows) = statistics(&mut engine(), Scope::Part(part), &[GroupBy::Service]);
    assert_eq!((facts.n_spans, facts.n_traces), (2, 1));
    assert_eq!(lines(&rows), ["db / 2 0 | 50 40 40 10 40 40 40"]);
}

#[test]
fn spans_are_sorted_by_anything() {
    let engine = &mut engine();
    let sorted = |engine: &mut Engine, column, is_descending| {
        spans(engine, Vec::new(), "", Some((column, is_descending)));
        names(engine, "size")
    };
    let by_duration = sorted(engine, SpanColumn::Duration, true);
    assert_eq!(by_duration, ["r", "s", "load/8 10", "load/7 9", "=1+1", "load/9 -1"]);
    let by_start = sorted(engine, SpanColumn::Start, false);
    assert_eq!(by_start, ["r", "load/7 9", "load/8 10", "=1+1", "s", "load/9 -1"]);
    // Numbers by their value, spans without the attribute last in both directions.
    let size = SpanColumn::Attribute("size".into());
    let by_size = sorted(engine, size.clone(), false);
    assert_eq!(by_size[..3], ["load/9 -1", "load/7 9", "load/8 10"]);
    assert_eq!(sorted(engine, size, true)[..3], ["load/8 10", "load/7 9", "load/9 -1"]);
    assert_eq!(sorted(engine, SpanColumn::Operation, false)[0], "=1+1");
    assert_eq!(sorted(engine, SpanColumn::Service, true)[..2], ["r", "s"]);
    assert_eq!(sorted(engine, SpanColumn::Status, true)[0], "load/7 9");
    assert_eq!(sorted(engine, SpanColumn::Kind, true)[0], "load/7 9");
    assert_eq!(sorted(engine, SpanColumn::SelfTime, true)[0], "s");
    assert_eq!(sorted(engine, SpanColumn::Critical, true)[0], "s");
    assert_eq!(sorted(engine, SpanColumn::TraceId, true)[0], "s");
    assert_eq!(sorted(engine, SpanColumn::SpanId, false)[0], "load/7 9");
}

#[test]
fn spans_of_a_group_are_found_and_a_span_has_a_place_among_them() {
    let engine = &mut engine();
    let load = Member::Operation { service: "db".into(), name: "load/{id}".into(), kind: "client".into() };
    let facts = spans(engine, vec![load.clone()], "", Some((SpanColumn::Duration, true)));
    assert_eq!((facts.n_spans, facts.of_spans), (3, 6));
    assert_eq!(names(engine, ""), ["load/8", "load/7", "load/9"]);
    let place =
        |engine: &mut Engine, trace, span| match ask(engine, TableRequest::Place { trace, span }).pop() {
            Some((TablePart::Place(at), _)) => at,
            other => panic!("{other:?}"),
        };
    assert_eq!(place(engine, 0, 1), Some(1));
    assert_eq!(place(engine, 1, 1), Some(2));
    assert_eq!(place(engine, 0, 0), None);
    assert_eq!(place(engine, 9, u32::MAX), None);

    let eu = Member::Attribute { key: "region".into(), value: Some("eu".into()) };
    assert_eq!(spans(engine, vec![load, eu], "", None).n_spans, 2);
    let without = Member::Attribute { key: "region".into(), value: None };
    assert_eq!(spans(engine, vec![without], "", None).n_spans, 3);
    assert_eq!(spans(engine, vec![Member::Service("gone".into())], "", None).n_spans, 0);
    assert_eq!(spans(engine, Vec::new(), "DB load/8", None).n_spans, 1);
}

#[test]
fn csv_has_all_rows_and_no_formula() {
    let engine = &mut engine();
    spans(engine, vec![Member::Service("db".into())], "", Some((SpanColumn::Duration, false)));
    let columns = vec![
        SpanColumn::Operation,
        SpanColumn::Attribute("region".into()),
        SpanColumn::Start,
        SpanColumn::Duration,
        SpanColumn::Status,
    ];
    let parts = ask(engine, TableRequest::SpansCsv { columns });
    let text: Vec<u8> = parts.into_iter().flat_map(|(_, bytes)| bytes).collect();
    assert_eq!(
        String::from_utf8(text).unwrap(),
        "Operation,region,Start (ns since 1970),Duration (ns),Status\r
'=1+1,,1600000000000000060,10,unset\r
load/9,eu,1600000000000000210,10,unset\r
load/7,eu,1600000000000000010,30,error\r
load/8,us,1600000000000000050,40,unset\r
"
    );

    let by = [GroupBy::Service, GroupBy::Operation];
    statistics(engine, Scope::All, &by);
    let columns = vec![StatColumn::Group, StatColumn::Count, StatColumn::Rate, StatColumn::Max];
    let parts = ask(engine, TableRequest::StatisticsCsv { rows: vec![0, 5, 99], columns });
    let [(TablePart::Csv { is_last: true }, bytes)] = parts.as_slice() else { panic!("{parts:?}") };
    assert_eq!(
        std::str::from_utf8(bytes).unwrap(),
        "Group,Within,Service,Kind,Count,Spans per second of the loaded sample,Max (ns)\r
db,,,,4,16000000.000,40\r
db,'=1+1,db,internal,1,4000000.000,10\r
"
    );
}

#[test]
fn a_table_of_a_trace_that_is_analysed_waits_for_the_analysis_and_agrees_with_it() {
    let mut engine = engine();
    let mut out = Vec::new();
    let settings = AnalysisSettings::default();
    engine.handle(Request::Analyse { ask: 1, revision: 1, trace: 0, settings, root: None }, &mut out);
    let scope = Scope::Part(Part { trace: 0, ..Part::default() });
    let subject = Subject { scope: scope.clone(), ..Subject::default() };
    let what = TableRequest::Statistics { subject, by: vec![GroupBy::Operation] };
    engine.handle(Request::Table { ask: 5, revision: 1, what: Box::new(what) }, &mut out);
    while engine.work(&mut out) {}
    let at = |is: fn(&Response) -> bool| out.iter().position(is).unwrap();
    let told = at(|r| matches!(r, Response::Analysis { part: AnalysisPart::Operations(_), .. }));
    let table = at(|r| matches!(r, Response::Table { part: TablePart::Statistics(_), .. }));
    let done = at(|r| matches!(r, Response::Analysis { part: AnalysisPart::Done { .. }, .. }));
    assert!(told < table && table < done, "{told} {table} {done}");

    let Response::Analysis { part: AnalysisPart::Operations(operations), .. } = &out[told] else { panic!() };
    let Response::Table { bytes, .. } = &out[table] else { panic!() };
    let rows = StatisticsRows::unpack(bytes).unwrap();
    assert_eq!(rows.len(), operations.len());
    for (row, operation) in operations.iter().enumerate() {
        let o = operation;
        assert_eq!((&rows.label[row], &rows.service[row], &rows.kind[row]), (&o.name, &o.service, &o.kind));
        let times = [o.total_ns, o.self_ns, o.cp_ns, o.p50_ns, o.p95_ns, o.p99_ns, o.max_ns];
        assert_eq!(rows.times.each_ref().map(|column| column[row]), times);
        assert_eq!((rows.count[row], rows.errors[row]), (o.count, o.errors));
    }
    // The same without an analysis under way.
    let alone = statistics(&mut self::engine(), scope, &[GroupBy::Operation]).1;
    assert_eq!(alone, rows);
}

#[test]
fn an_older_list_gets_no_table() {
    let mut engine = engine();
    let mut out = Vec::new();
    let what = TableRequest::Rows { first: 0, n: 9, keys: Vec::new() };
    engine.handle(Request::Table { ask: 1, revision: 0, what: Box::new(what.clone()) }, &mut out);
    engine.handle(Request::Table { ask: 2, revision: 1, what: Box::new(what) }, &mut out);
    assert!(!engine.work(&mut out) && out.is_empty());
}
