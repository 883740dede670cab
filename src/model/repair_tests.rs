//! Every repair as a picture: records, the tree they become, the warnings.

use super::index::{SpanIdx, TraceIdx};
use super::sample::{Shape, generate};
use super::testing::{draw, id, read, warnings};

/// 2026-01-01.
const REAL: i64 = 1_767_225_600_000_000_000;

#[track_caller]
fn check_at(base: i64, records: &str, tree: &str, expected_warnings: &str) {
    let set = read(records, base);
    let tidy = |text: &str| text.lines().map(str::trim_start).collect::<Vec<_>>().join("\n") + "\n";
    assert_eq!(draw(&set), tidy(tree));
    assert_eq!(warnings(&set), expected_warnings);
    let totals = set.totals();
    assert_eq!(totals.records, totals.spans + totals.merged);
}

#[track_caller]
fn check(records: &str, tree: &str, expected_warnings: &str) {
    check_at(0, records, tree, expected_warnings);
}

#[test]
fn children_are_ordered_by_start_then_length_then_id() {
    check(
        "d<a 5..6 s
         c<a 5..7 s
         a 1..9 s
         f<a 2..3 s
         e<a 2..3 s
         g<f 2..3 s",
        "a 0..8 s
         . e 1..2 s
         . f 1..2 s
         . . g 1..2 s
         . c 4..6 s
         . d 4..5 s",
        "",
    );
}

#[test]
fn orphans_of_one_missing_parent_share_a_placeholder() {
    check(
        "b<x 20..30 s
         c<x 10..25 s
         d<y 12..13 s
         e<b 21..22 s",
        "x 0..20 s placeholder
         . c 0..15 s orphan
         . b 10..20 s orphan
         . . e 11..12 s
         y 2..3 s placeholder
         . d 2..3 s orphan",
        "ORPHAN 3",
    );
}

#[test]
fn who_names_itself_is_a_root() {
    check("a<a 1..9 s\nb<a 2..3 s", "a 0..8 s\n. b 1..2 s", "SELF_PARENT 1");
}

#[test]
fn cycles_are_cut_at_the_earliest_member() {
    check(
        "a<c 3..9 s
         b<a 2..9 s
         c<b 4..9 s
         d<c 5..6 s",
        "b 0..7 s cut
         . c 2..7 s
         . . a 1..7 s
         . . d 3..4 s",
        "CYCLE 1",
    );
    check("b<a 1..9 s\na<b 1..9 s", "a 0..8 s cut\n. b 0..8 s", "CYCLE 1");
}

#[test]
fn equal_records_are_merged() {
    check(
        "a 1..9 s k=v
         b<a 2..3 s
         a 1..9 s k=v
         a 1..9 s k=v",
        "a 0..8 s
         . b 1..2 s",
        "DUPLICATE_IDENTICAL 2",
    );
}

#[test]
fn an_unfinished_and_a_finished_record_are_united() {
    let set = read("a 1..? s half=one\na 1..9 s other=two", 0);
    assert_eq!(draw(&set), "a 0..8 s\n");
    let details = set.details(SpanIdx(0));
    let keys: Vec<&str> = details.attributes.iter().map(|a| a.0).collect();
    assert_eq!(keys, ["other", "half"]);
    assert_eq!((set.totals().spans, set.totals().merged), (1, 1));
    assert_eq!(warnings(&set), "");
}

#[test]
fn the_server_side_of_a_shared_id_goes_below_the_client_side() {
    check(
        "r 0..100 web
         a<r 10..90 web/client
         a<r 20..80 api/server
         b<a 30..40 api
         c<a 12..13 web",
        "r 0..100 web
         . a 10..90 web
         . . c 12..13 web
         . . a 20..80 api shared
         . . . b 30..40 api",
        "SHARED_SPAN_ID 1",
    );
    check(
        "r 0..100 web
         a<r 10..90 web/client zipkin
         a<r 20..80 api/server zipkin
         b<a 30..40 api
         c<a 12..13 web",
        "r 0..100 web
         . a 10..90 web
         . . a 20..80 api shared
         . . . c 12..13 web
         . . . b 30..40 api",
        "",
    );
}

#[test]
fn several_receivers_of_one_message_are_all_children() {
    check(
        "a 10..20 p/producer zipkin
         a 30..40 q/consumer zipkin
         a 31..41 r/consumer zipkin
         b<a 32..33 r zipkin",
        "a 0..10 p
         . a 20..30 q shared
         . a 21..31 r shared
         . . b 22..23 r",
        "",
    );
}

#[test]
fn a_server_side_without_its_client_keeps_the_stated_parent() {
    check("r 1..9 web zipkin\na<r 2..3 api/server zipkin shared", "r 0..8 web\n. a 1..2 api shared", "");
}

#[test]
fn pieces_of_one_side_are_merged() {
    check_at(
        REAL,
        "a 10..20 api/server zipkin k=v
         a ?..? api zipkin name=x e=15
         a 5..25 web/client zipkin",
        "a 0..20 web
         . a 5..15 api shared",
        "",
    );
}

#[test]
fn pieces_may_know_one_end_each() {
    check_at(
        REAL,
        "a 10..? api zipkin
         a length=40 api zipkin
         b<a 20..30 api zipkin",
        "a 0..40 api
         . b 10..20 api",
        "",
    );
}

#[test]
fn different_spans_with_one_id_are_kept_and_their_children_go_by_time() {
    check(
        "r 0..100 s
         a<r 10..20 s name=x
         a<r 30..40 s name=y
         b<a 32..33 s
         c<a 50..51 s",
        "r 0..100 s
         . a 10..20 s
         . . c 50..51 s
         . a 30..40 s duplicate
         . . b 32..33 s",
        "DUPLICATE_SPAN_ID 1",
    );
}

#[test]
fn spans_without_an_id_get_one_and_are_never_merged() {
    check(
        "- 1..2 s\n- 1..2 s\n- 3..4 s",
        "- 0..1 s made-up\n- 0..1 s made-up\n- 2..3 s made-up",
        "MISSING_ID 3, MULTIPLE_ROOTS 1",
    );
}

#[test]
fn impossible_times_are_mended() {
    // Small numbers are times like any other.
    check("a 0..10 s\nb<a 0..5 s", "a 0..10 s\n. b 0..5 s", "");
    check("a 5..3 s", "a 0..0 s negative", "NEGATIVE_DURATION 1");
    check_at(REAL, "a 10..? s\nb<a 20..30 s", "a 0..0 s unfinished\n. b 10..20 s", "UNFINISHED 1");
    check_at(
        REAL,
        "a 10..90 s
         b<a ?..? s
         c<b ?..? s e=50
         d<c ?..60 s
         e<x ?..? s",
        "a 0..80 s
         . b 0..0 s start-missing unfinished
         . . c 40..40 s start-missing unfinished
         . . . d 40..50 s start-missing
         x 0..0 s placeholder
         . e 0..0 s orphan start-missing unfinished",
        "ORPHAN 1, START_MISSING 4",
    );
    check("a ?..? s", "a 0..0 s start-missing unfinished", "START_MISSING 1");
}

#[test]
fn absurd_times_beside_real_ones_are_missing() {
    let mut builder = super::builder::TraceBuilder::default();
    super::testing::push(&mut builder, "a 10..90 s", REAL);
    super::testing::push(&mut builder, "b<a 1..2 s", 0);
    let set = builder.finish();
    assert_eq!(draw(&set), "a 0..80 s\n. b 0..0 s start-missing unfinished absurd\n");
    assert_eq!(warnings(&set), "TIME_ABSURD 1, START_MISSING 1");
    assert_eq!(set.details(SpanIdx(1)).raw_times, Some((1, 2)));
}

#[test]
fn times_in_another_unit_are_read_in_that_unit() {
    // Milliseconds and microseconds where nanoseconds should be.
    for (factor, offset) in [(1_000_000, REAL / 1_000_000), (1_000, REAL / 1_000)] {
        let set = read("a 0..90 s\nb<a 10..20 s e=15", offset);
        let expected = format!(
            "a 0..{} s unit-guessed\n. b {}..{} s unit-guessed\n",
            90 * factor,
            10 * factor,
            20 * factor
        );
        assert_eq!(draw(&set), expected);
        assert_eq!(warnings(&set), "TIME_UNIT_GUESSED 2");
        assert_eq!(set.details(SpanIdx(1)).events[0].time.0, REAL + 15 * factor);
    }
    // Durations that fit only as documented stay.
    let set = read("a 0..90000000 s\nb<a 10..70000010 s", REAL / 1_000_000);
    assert_eq!(draw(&set).lines().next(), Some("a 0..90000000 s unit-guessed"));
}

#[test]
fn a_span_far_from_the_rest_is_reported() {
    check_at(
        REAL,
        "a 0..1000 s\nb<a 10..20 s\nc<a 20..30 s\nd<a 30..40 s\ne<a 864000000000..864000000001 s",
        "a 0..1000 s\n. b 10..20 s\n. c 20..30 s\n. d 30..40 s\n. e 864000000000..864000000001 s",
        "TIME_OUTLIER 1",
    );
}

#[test]
fn ids_of_two_widths_are_one_trace() {
    let wide = "t=00000000000000aa00000000000000bb";
    let set = read(&format!("a 1..9 s {wide}\nb<a 2..3 s t=bb"), 0);
    assert_eq!(draw(&set), "a 0..8 s\n. b 1..2 s\n");
    assert_eq!(warnings(&set), "TRACE_ID_WIDTHS_MIXED 1");
    let narrow = super::ids::TraceId(0xbb_u128.to_be_bytes());
    assert_eq!(set.find(narrow, id("b")), Some(SpanIdx(1)));
    // Two wide ids with one end: nothing says which.
    let set = read(&format!("a 1..9 s {wide}\nb 2..3 s t=bb\nc 4..5 s t=cc00000000000000bb"), 0);
    assert_eq!(set.traces().len(), 3);
}

#[test]
fn services_that_were_never_named_are_reported() {
    let set = read("a 1..9 unknown_service:java\nb<a 2..3\nc<a 2..3", 0);
    assert_eq!(warnings(&set), "NO_SERVICE 2, UNKNOWN_SERVICE 1");
}

#[test]
fn counts_are_those_before_merging() {
    let set = read("a 1..9 s error e=2\na 1..9 s error e=2\nb<x 2..3 s\nb<x 2..3 s\nc<a 4..5 s", 0);
    let t = &set.traces()[0];
    assert_eq!((t.n_records, t.n_spans, t.n_roots, t.n_orphans, t.n_errors, t.n_events), (5, 3, 2, 2, 2, 2));
    assert_eq!((t.duration.0, t.depth), (8, 2));
}

#[test]
fn the_main_root_is_the_longest_true_root() {
    for (records, name) in [
        ("a 1..5 s\nb 2..9 s\nc<x 0..100 s", "b"),
        ("b<y 5..9 s\nc<x 1..3 s", "b"),
        ("b 1..3 s\na 1..3 s", "a"),
    ] {
        let set = read(records, 0);
        assert_eq!(set.name(SpanIdx(set.traces()[0].main_root)), name, "{records}");
    }
}

#[test]
fn services_are_ordered_by_their_own_time() {
    let set = read("a 0..100 web\nb<a 10..90 api\nc<b 20..30 db\nd<b 25..80 db", 0);
    assert_eq!(set.trace(TraceIdx(0)).services(), ["db", "api", "web"]);
}

#[test]
fn links_can_be_followed_back() {
    let mut builder = super::builder::TraceBuilder::default();
    super::testing::push(&mut builder, "a 1..9 s", 0);
    let mut record = super::record::SpanRecord { span_id: id("b"), start: 2, end: 3, ..Default::default() };
    record.trace_id = super::ids::TraceId(9_u128.to_be_bytes());
    let link = record.add_link();
    (link.trace_id, link.span_id) = (super::ids::TraceId(7_u128.to_be_bytes()), id("a"));
    builder.push(&record);
    let set = builder.snapshot();
    assert_eq!(set.back_links(SpanIdx(0)), [SpanIdx(1)]);
    assert_eq!(set.back_links(SpanIdx(1)), []);
    assert_eq!(set.totals().links, 1);
}

#[test]
fn giants_are_trees_too() {
    for shape in [Shape::Chain, Shape::Wide, Shape::Cycle, Shape::Orphans] {
        let set = generate(100_000, shape);
        assert_eq!(set.trace(TraceIdx(0)).check(), Ok(()), "{shape:?}");
    }
    // All records with one id.
    let mut builder = super::builder::TraceBuilder::default();
    for at in 0..20_000 {
        super::testing::push(&mut builder, &format!("a<a {}..{} s", at / 2, at + 5), 0);
    }
    let set = builder.finish();
    assert_eq!(set.trace(TraceIdx(0)).check(), Ok(()));
    assert_eq!(set.totals().spans, 20_000);
}
