//! What keys and gestures do to a timeline.

use super::super::drawing;
use super::super::marks::Mark;
use super::*;

fn timeline() -> Timeline {
    let mut timeline = Timeline::new(Arc::new(drawing::trace(
        "api GET 0..100
  auth check 0..10
    db SELECT 1..2 !
  app page 10..20
  db SELECT 20..21
  db SELECT 21..22
  db SELECT 22..23
  db SELECT 23..24
  db SELECT 24..25 !
  app render 90..100",
    )));
    timeline.resize(1000.0, 120.0);
    timeline
}

fn names(timeline: &Timeline) -> String {
    let show = |row: Row| match row {
        Row::Span(s) => timeline.trace().name(s).to_owned(),
        Row::Run(s) => format!("×{}", timeline.trace().name(s)),
    };
    timeline.rows().iter().map(show).collect::<Vec<_>>().join(" ")
}

#[test]
fn only_matches_are_shown_until_another_span_is_gone_to() {
    let mut t = timeline();
    let mut found = BitSet::new(t.trace().len());
    found.insert(2);
    t.set_matches(Some(found.clone()), false);
    assert_eq!(names(&t), "GET check SELECT page ×SELECT render", "marking hides nothing");
    t.set_matches(Some(found.clone()), true);
    assert_eq!((names(&t).as_str(), t.is_filter_lifted()), ("GET check SELECT", false));
    assert!(t.go_to_match(Direction::Next));
    assert_eq!((t.selected(), t.is_filter_lifted()), (Some(SpanIdx(2)), false));
    t.select(SpanIdx(3));
    assert_eq!(names(&t), "GET check SELECT page ×SELECT render");
    assert!(t.is_filter_lifted());
    t.set_matches(Some(found), true);
    assert_eq!((names(&t).as_str(), t.is_filter_lifted()), ("GET check SELECT", false));
    t.set_matches(Some(BitSet::new(t.trace().len())), true);
    assert_eq!(names(&t), "GET check SELECT page ×SELECT render", "no match leaves the rows as they are");
    t.set_matches(None, true);
    assert_eq!(names(&t), "GET check SELECT page ×SELECT render");
}

#[test]
fn the_cursor_walks_the_tree_as_in_a_treegrid() {
    let mut t = timeline();
    assert_eq!(names(&t), "GET check SELECT page ×SELECT render");
    t.step(Step::Rows(1));
    assert_eq!(t.cursor_row(), Some(0), "the first step lands on the first row in sight");
    t.open_or_child();
    assert_eq!(t.cursor_row(), Some(1));
    t.close_or_parent();
    assert_eq!(names(&t), "GET check page ×SELECT render");
    t.step(Step::Last);
    t.close_or_parent();
    assert_eq!(t.cursor_row(), Some(0), "a leaf's left is its parent");
    t.step(Step::Rows(3));
    assert_eq!((t.cursor(), t.selected()), (Some(Row::Run(SpanIdx(4))), None));
    t.open_or_child();
    assert_eq!(names(&t), "GET check page ×SELECT SELECT SELECT SELECT SELECT SELECT render");
    t.open_or_child();
    assert_eq!(t.selected(), Some(SpanIdx(4)));
    t.close_or_parent();
    assert_eq!(t.cursor(), Some(Row::Run(SpanIdx(4))), "a member's left is its run");
}

#[test]
fn a_cursor_that_is_folded_away_moves_to_what_hides_it() {
    let mut t = timeline();
    t.select(SpanIdx(2));
    t.fold(FoldRule::Depth(1));
    assert_eq!(t.selected(), Some(SpanIdx(0)));
    t.select(SpanIdx(2));
    assert_eq!(t.selected(), Some(SpanIdx(2)), "selecting opens what hides a span");
}

#[test]
fn errors_are_gone_to_in_turn_also_within_runs() {
    let mut t = timeline();
    assert!(t.go_to_error(Direction::Next));
    assert_eq!(t.selected(), Some(SpanIdx(2)));
    assert!(t.go_to_error(Direction::Next));
    assert_eq!(t.selected(), Some(SpanIdx(8)));
    assert!(names(&t).contains("SELECT SELECT SELECT"), "the run was opened");
    assert!(t.go_to_error(Direction::Next));
    assert_eq!(t.selected(), Some(SpanIdx(2)), "round to the first");
    assert!(t.go_to_error(Direction::Previous));
    assert_eq!(t.selected(), Some(SpanIdx(8)));
    let mut quiet = Timeline::new(Arc::new(drawing::trace("a b 0..1")));
    assert!(!quiet.go_to_error(Direction::Next));
}

#[test]
fn zooming_is_gone_back_from_and_keeps_what_is_under_the_pointer() {
    let mut t = timeline();
    let before = t.scale().time_from_x(250.0);
    t.remember();
    t.zoom_at(250.0, 4.0);
    assert_eq!(t.scale().time_from_x(250.0), before);
    assert!(!t.is_whole());
    let zoomed = t.range();
    t.travel(Direction::Previous);
    assert_eq!((t.range(), t.is_whole()), (t.whole(), true));
    t.travel(Direction::Next);
    assert_eq!(t.range(), zoomed);
    t.zoom_at(0.0, 1e-9);
    assert_eq!(t.range(), t.whole(), "never wider than the trace");
    t.resize(500.0, 120.0);
    assert_eq!(t.range(), t.whole(), "the whole stays the whole in another width");
}

#[test]
fn f_centres_then_fits_then_goes_back() {
    let mut t = timeline();
    t.select(SpanIdx(3));
    let steps = |t: &mut Timeline| -> Vec<TimeRange> {
        (0..3)
            .map(|_| {
                t.fit_selection();
                t.range()
            })
            .collect()
    };
    let around = |range: TimeRange, from: i64, to: i64| {
        let [from, to] = [from, to].map(|ms| DurationNanos(ms * 1_000_000));
        range.start <= from && range.end >= to && range.duration() < DurationNanos((to - from).0 * 6 / 5)
    };
    // The whole trace cannot be centred otherwise, but the steps are the same.
    let [centred, fitted, back] = steps(&mut t)[..] else { panic!("three steps") };
    assert_eq!((centred, back), (t.whole(), t.whole()));
    assert!(around(fitted, 10, 20), "{fitted:?}");
    assert!(t.is_whole());
    // Within the trace the third step leads to where the first began, not to the middle.
    t.show_range(TimeRange { start: DurationNanos(0), end: DurationNanos(20_000_000) });
    let before = t.range();
    let [centred, fitted, back] = steps(&mut t)[..] else { panic!("three steps") };
    assert_eq!(centred.start, DurationNanos(5_000_000));
    assert!(around(fitted, 10, 20), "{fitted:?}");
    assert_eq!(back, before);
    // Whoever moved in between begins anew.
    t.fit_selection();
    t.pan(40.0);
    t.fit_selection();
    assert_eq!(t.range(), centred);
}

#[test]
fn a_link_restores_runs_and_focus() {
    let mut t = timeline();
    t.restore_folding(
        FoldRule::Runs,
        &[(SpanIdx(1), false)],
        &[(SpanIdx(4), true), (SpanIdx(1), true)],
        None,
    );
    assert_eq!(names(&t), "GET check page ×SELECT SELECT SELECT SELECT SELECT SELECT render");
    assert_eq!(t.folding().run_exceptions(), [(SpanIdx(4), true)], "what is no run is left out");
    t.restore_folding(FoldRule::None, &[], &[], Some(SpanIdx(1)));
    assert_eq!(names(&t), "check SELECT");
    t.restore_folding(FoldRule::Runs, &[], &[], Some(SpanIdx(999)));
    assert_eq!(names(&t), "GET check SELECT page ×SELECT render");
}

#[test]
fn a_run_that_was_parted_keeps_the_cursor_and_what_is_open() {
    let text = "api GET 0..100\n".to_owned() + &"  db SELECT 0..1\n".repeat(9);
    let by_name = Arc::new(drawing::trace(&text));
    let mut maker =
        crate::view::outline::OutlineMaker::telling_apart(&by_name, &[0, 1, 2, 2, 2, 2, 2, 2, 2, 2]);
    while !maker.step(&by_name, 10) {}
    let told_apart = Arc::new(maker.finish());
    let mut t = Timeline::new(by_name.clone());
    t.resize(1000.0, 120.0);
    t.go_to_row(1);
    assert_eq!(t.cursor(), Some(Row::Run(SpanIdx(1))));
    let mut next = t.successor(by_name.clone(), told_apart.clone());
    assert_eq!((names(&next).as_str(), next.cursor()), ("GET SELECT ×SELECT", Some(Row::Run(SpanIdx(2)))));
    t.toggle(1);
    next.restore_folding(FoldRule::Runs, &[], t.folding().run_exceptions(), None);
    assert_eq!(next.folding().run_exceptions(), [(SpanIdx(2), true)]);
    // And the other way round: a link is read before it is known what the spans do.
    t.restore_folding(FoldRule::Runs, &[], next.folding().run_exceptions(), None);
    assert_eq!(t.folding().run_exceptions(), [(SpanIdx(1), true)]);
    let next = t.successor(by_name, told_apart);
    assert_eq!(next.folding().run_exceptions(), [(SpanIdx(2), true)]);
}

#[test]
fn what_differs_from_the_critical_path_waits_for_it() {
    use crate::view::path::Section;
    let section =
        Section { span: SpanIdx(1), range: TimeRange { start: DurationNanos(0), end: DurationNanos(9) } };
    let path = || Some(Arc::new(CriticalPath::new([section])));
    let (spans, runs) = ([(SpanIdx(0), false), (SpanIdx(1), true)], [(SpanIdx(4), true)]);
    let mut t = timeline();
    t.restore_folding(FoldRule::Critical, &spans, &runs, None);
    // Nothing is folded before the path is there, so nothing differs yet: what a link says must not be lost.
    assert_eq!((t.folding().exceptions(), t.folding().run_exceptions()), (&spans[..], &runs[..]));
    let mut next = t.successor(t.trace().clone(), Arc::new(Outline::new(t.trace())));
    for t in [&mut t, &mut next] {
        t.set_path(path());
        assert_eq!((t.folding().exceptions(), t.folding().run_exceptions()), (&spans[..], &runs[..]));
        assert_eq!(names(t), "GET");
        t.toggle(0);
        assert_eq!(names(t), "GET check SELECT page ×SELECT SELECT SELECT SELECT SELECT SELECT render");
    }
}

#[test]
fn marks_and_links_count_from_the_recorded_start() {
    let mut t = timeline();
    let ms = |ms: i64| DurationNanos(ms * 1_000_000);
    // Clocks were corrected: what had seemed to come first comes 30 ms later.
    t.set_earlier(ms(-30));
    t.set_marks(&[Mark::new(ms(50), "here"), Mark::new(ms(10), "before")]);
    assert_eq!(t.marks().iter().map(|m| m.at).collect::<Vec<_>>(), [ms(20), ms(-20)]);
    t.show_recorded_range(TimeRange { start: ms(40), end: ms(60) });
    assert_eq!(t.range(), TimeRange { start: ms(10), end: ms(30) });
    assert_eq!(t.recorded_range(), TimeRange { start: ms(40), end: ms(60) });
    t.set_earlier(ms(20));
    assert_eq!(t.recorded_range(), TimeRange { start: ms(0), end: ms(10) }, "a link has no time before");
}

#[test]
fn a_trace_that_grew_keeps_focus_runs_and_marks() {
    let mut t = timeline();
    t.select(SpanIdx(6));
    t.set_marks(&[Mark::new(DurationNanos(5), "here")]);
    let next = t.successor(t.trace().clone(), Arc::new(Outline::new(t.trace())));
    assert_eq!((names(&next), next.marks()), (names(&t), t.marks()));
    t.focus(Some(SpanIdx(1)));
    let next = t.successor(t.trace().clone(), Arc::new(Outline::new(t.trace())));
    assert_eq!(names(&next), "check SELECT");
}

#[test]
fn rows_in_sight_are_gone_to_by_time() {
    let mut t = timeline();
    t.show_range(TimeRange { start: DurationNanos(0), end: DurationNanos(5_000_000) });
    let visited: Vec<_> = (0..4)
        .map(|_| {
            assert!(t.go_to_visible(Direction::Next));
            t.cursor_row()
        })
        .collect();
    assert_eq!(visited, [0, 1, 2, 0].map(Some), "only what runs at that time, then round");
    t.go_to_visible(Direction::Previous);
    assert_eq!(t.cursor_row(), Some(2));
}

#[test]
fn a_trace_that_grew_keeps_the_place() {
    let mut t = Timeline::new(Arc::new(drawing::trace("api GET 0..100\n  db SELECT 1..2")));
    t.resize(1000.0, 120.0);
    t.select(SpanIdx(1));
    t.zoom_at(0.0, 4.0);
    let grown = Arc::new(drawing::trace("api GET 0..100\n  db SELECT 1..2\n  db SELECT 3..200"));
    let outline = |trace: &Trace| Arc::new(Outline::new(trace));
    let next = t.successor(grown.clone(), outline(&grown));
    assert_eq!(next.selected(), Some(SpanIdx(1)));
    assert_eq!(next.range(), t.range());
    assert_eq!(next.history.0, t.history.0, "the way back");
    t.fit_whole();
    let longer = Arc::new(drawing::trace("api GET 0..300\n  db SELECT 1..2"));
    let whole = t.successor(longer.clone(), outline(&longer));
    assert_eq!(whole.range(), whole.whole());
}

#[test]
fn a_trace_that_grew_keeps_what_is_in_sight() {
    let calls = |of: std::ops::Range<i64>| -> String {
        let lines: Vec<_> = of.map(|at| format!("\n  db{at} SELECT {at}..{}", at + 1)).collect();
        lines.concat()
    };
    // Ids are given in the order of the lines, so the later calls come first in both.
    let read = |from: i64| {
        let text = format!("api GET {from}..100{}{}", calls(30..60), calls(from..30));
        Arc::new(drawing::trace(&text))
    };
    let outline = |trace: &Trace| Arc::new(Outline::new(trace));
    let first_in_sight = |t: &Timeline| {
        let at = t.scroll().rows_in_sight().start;
        let row = t.rows().get(at).map(Row::span);
        (row.map(|s| t.trace().start_time() + t.trace().start(s)), t.scroll().y_of(at))
    };
    let (half, all) = (read(30), read(0));
    let mut t = Timeline::new(half);
    t.resize(1000.0, 5.0 * ROW_PX);
    t.select(SpanIdx(2));
    t.scroll_by(10.5 * ROW_PX);
    let seen = first_in_sight(&t);
    t.zoom_to(TimeRange { start: DurationNanos(10_000_000), end: DurationNanos(20_000_000) });
    let next = t.successor(all.clone(), outline(&all));
    assert_eq!(first_in_sight(&next), seen, "though the selection is elsewhere and rows came above");
    assert!(next.shows(Some(t.range())) && !next.shows(None));
    t.scroll_by(-1e9);
    t.clear_selection();
    assert_eq!(t.successor(all.clone(), outline(&all)).scroll().top_px(), 0.0, "the top stays the top");
}

#[test]
fn siblings_are_gone_to_in_time_order() {
    let mut t = timeline();
    t.select(SpanIdx(3));
    t.go_to_sibling(Direction::Next, true);
    assert_eq!(t.selected(), Some(SpanIdx(9)));
    t.go_to_sibling(Direction::Previous, false);
    assert_eq!(t.selected(), Some(SpanIdx(8)));
}

#[test]
fn values_are_asked_for_once_and_only_in_sight() {
    let mut t = timeline();
    assert_eq!(t.values_wanted(), []);
    t.set_column(Some("db.system".into()));
    let wanted = t.values_wanted();
    assert_eq!(wanted, [0, 1, 2, 3].map(SpanIdx), "not the run, and not what is below");
    t.set_values("http.route", wanted.iter().map(|&s| (s, "late".to_owned())));
    assert_eq!(t.values_wanted(), wanted, "an answer about another attribute");
    t.set_values("db.system", wanted.iter().map(|&s| (s, "mysql".to_owned())));
    assert_eq!((t.values_wanted(), t.value(Row::Span(SpanIdx(2)))), (Vec::new(), Some("mysql")));
    assert_eq!(t.value(Row::Run(SpanIdx(4))), None);
    t.set_column(None);
    assert_eq!(t.value(Row::Span(SpanIdx(2))), None);
}
