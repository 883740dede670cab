//! Pictures as text: what is drawn of small traces, and that no trace breaks one.

use std::collections::BTreeMap;

use super::*;
use crate::base::bitset::BitSet;
use crate::view::drawing;
use crate::view::folding::FoldRule;
use crate::view::rows::Rows;
use crate::view::scale::TimeScale;
use crate::view::scroll::Scroll;
use crate::view::theme::Looks;
use expect_test::{Expect, expect};

fn check(text: &str, range_ms: (i64, i64), selected: Option<u32>, expected: &Expect) {
    with_scene(text, range_ms, |scene| {
        let scene = Scene { selected: selected.map(SpanIdx), ..*scene };
        let ops = draw(&scene);
        let lines: Vec<String> =
            ops.iter().filter(|op| op.paint() != Paint::Grid).map(ToString::to_string).collect();
        expected.assert_eq(&(lines.join("\n") + "\n"));
    });
}

fn with_scene(text: &str, range_ms: (i64, i64), test: impl FnOnce(&Scene<'_>)) {
    let trace = drawing::trace(text);
    let outline = Outline::new(&trace);
    let folding = Folding::new(&trace, &outline, FoldRule::default());
    let rows = Rows::build(&trace, &outline, &folding);
    let scroll = Scroll::new(rows.len(), 24.0, 240.0);
    let [start, end] = [range_ms.0, range_ms.1].map(|t| DurationNanos(t * 1_000_000));
    let events = BTreeMap::from([(SpanIdx(1), vec![DurationNanos(20_000_000)])]);
    test(&Scene {
        trace: &trace,
        outline: &outline,
        folding: &folding,
        rows: &rows,
        scroll: &scroll,
        scale: TimeScale::fit(TimeRange { start, end }, 1000.0),
        width_px: 1000.0,
        looks: &Looks::by_rank(trace.services().len()),
        selected: None,
        hovered: None,
        crosshair_px: None,
        matches: None,
        evidence: &[],
        path: None,
        is_path_emphasised: false,
        replayed: None,
        measured: None,
        marks: &[],
        events: &events,
    });
}

#[test]
fn what_would_be_stands_above_the_ghost_of_what_is() {
    const MS: i64 = 1_000_000;
    let text = "
web GET 0..100
  cart load 10..60
  web log 95..120
  pay charge 60..90
";
    with_scene(text, (0, 120), |scene| {
        let starts = vec![0, 10 * MS, i64::MIN, 35 * MS];
        let ends = vec![75 * MS, 35 * MS, i64::MIN, 65 * MS];
        let replayed = Replayed::new(scene.trace, scene.outline, DurationNanos(0), &starts, &ends).unwrap();
        let ops = draw(&Scene { replayed: Some(&replayed), selected: Some(SpanIdx(1)), ..*scene });
        let lines: Vec<String> =
            ops.iter().filter(|op| op.paint() != Paint::Grid).map(ToString::to_string).collect();
        expect![[r#"
            fill 0,24 1000x24 Selection
            fill 0,5 833x14 Shade
            fill 83,29 417x14 Shade
            fill 500,77 250x14 Shade
            fill 83,19 1x10 Connector
            frame 0,5 833x14 TextMuted 1px dashed
            frame 83,29 417x14 TextMuted 1px dashed
            frame 500,77 250x14 TextMuted 1px dashed
            fill 792,53 208x14 Service(0)
            fill 83,29 208x14 Service(1)
            fill 292,77 250x14 Service(2)
            fill 0,5 625x14 Waiting(0)
            frame 0,5 625x14 Edge(0) 1px
            frame 792,53 208x14 Edge(0) 1px
            frame 83,29 208x14 Edge(1) 1px
            frame 292,77 250x14 Edge(2) 1px
            label 631,12 Start <59 TextMuted «75.0 ms»
            label 298,36 Start <59 TextMuted «25.0 ms»
            label 786,60 End <59 TextMuted «25.0 ms»
            label 548,84 Start <59 TextMuted «30.0 ms»
            frame 81,27 212x18 Accent 2px
        "#]]
        .assert_eq(&(lines.join("\n") + "\n"));
        // Unchanged spans are drawn as ever.
        let (starts, ends) = (vec![0; 4], vec![100 * MS; 4]);
        let same = Replayed::new(scene.trace, scene.outline, DurationNanos(0), &starts, &ends).unwrap();
        let ops = draw(&Scene { replayed: Some(&same), ..*scene });
        assert_eq!(ops.iter().filter(|op| op.paint() == Paint::Shade).count(), 3, "all but the root moved");
    });
}

#[test]
fn bars_stand_above_the_ghost_of_what_was() {
    const MS: i64 = 1_000_000;
    let text = "
web GET 0..100
  cart load 10..60
  web log 95..100
  pay charge 60..90
";
    with_scene(text, (0, 100), |scene| {
        // The call of the cart took longer, the log is new, the charge is gone.
        let starts = [0, 10 * MS, i64::MIN, 60 * MS];
        let ends = [100 * MS, 80 * MS, i64::MIN, 90 * MS];
        let mut gone = BitSet::new(4);
        gone.insert(3);
        let former = Replayed::former(scene.trace, scene.outline, &starts, &ends, gone).unwrap();
        let ops = draw(&Scene { replayed: Some(&former), ..*scene });
        let ghosts: Vec<String> =
            ops.iter().filter(|op| op.paint() == Paint::Shade).map(ToString::to_string).collect();
        assert_eq!(ghosts, ["fill 100,29 700x14 Shade", "fill 600,77 300x14 Shade"]);
        let bars: Vec<String> = ops
            .iter()
            .filter(|op| matches!((op, op.paint()), (DrawOp::Fill { .. }, Paint::Service(_))))
            .map(ToString::to_string)
            .collect();
        assert_eq!(bars.len(), 3, "what is gone has no bar: {bars:?}");
        assert!(ops.iter().any(|op| matches!(op, DrawOp::Label { text, .. } if text == "30.0 ms before")));
    });
}

#[test]
fn bars_show_work_waiting_errors_and_what_is_unknown() {
    let text = "
web GET 0..100
  cart load 10..60 !
    db SELECT 20..30
  pay charge 70..70 ?
";
    check(
        text,
        (0, 100),
        Some(1),
        &expect![[r#"
        fill 0,24 1000x24 Selection
        fill 100,19 1x10 Connector
        fill 200,43 1x10 Connector
        fill 0,5 1000x14 Service(0)
        fill 100,29 500x14 Service(1)
        fill 200,53 100x14 Service(2)
        fill 100,5 500x14 Waiting(0)
        fill 200,29 100x14 Waiting(1)
        texture 100,29 500x14 Falling Error
        frame 0,5 1000x14 Edge(0) 1px
        frame 200,53 100x14 Edge(2) 1px
        frame 700,77 300x14 Edge(3) 1px dashed
        frame 100,29 500x14 Error 2px
        sign Error 92,36 Error
        sign Event 200,36 Event
        sign Unfinished 1000,84 Warning
        label 606,36 Start <59 TextMuted «50.0 ms»
        label 306,60 Start <59 TextMuted «10.0 ms»
        label 694,84 End <79 TextMuted «unfinished»
        label 994,12 End <52 TextOn(0) «100 ms»
        frame 98,27 504x18 Accent 2px
    "#]],
    );
}

#[test]
fn the_critical_path_runs_along_the_bars_and_may_stand_alone() {
    let text = "
web GET 0..100
  cart load 10..60
    db SELECT 20..30
  pay charge 70..90
";
    with_scene(text, (0, 100), |scene| {
        let section = |&(span, from, to): &(u32, i64, i64)| crate::view::path::Section {
            span: SpanIdx(span),
            range: TimeRange { start: DurationNanos(from * 1_000_000), end: DurationNanos(to * 1_000_000) },
        };
        let sections = [(0, 0, 70), (3, 70, 90), (0, 90, 100)];
        let path = CriticalPath::new(sections.iter().map(section));
        let drawn = |emphasised| -> String {
            let ops = draw(&Scene { path: Some(&path), is_path_emphasised: emphasised, ..*scene });
            let of_path = ops.iter().filter(|op| matches!(op.paint(), Paint::Critical | Paint::Veil));
            of_path.map(ToString::to_string).collect::<Vec<_>>().join("\n") + "\n"
        };
        expect![[r#"
            fill 0,19 700x3 Critical
            fill 900,19 100x3 Critical
            fill 700,91 200x3 Critical
        "#]]
        .assert_eq(&drawn(false));
        expect![[r#"
            fill 700,0 200x24 Veil
            fill 0,24 1000x24 Veil
            fill 0,48 1000x24 Veil
            fill 0,72 700x24 Veil
            fill 900,72 100x24 Veil
            fill 0,19 700x3 Critical
            fill 900,19 100x3 Critical
            fill 700,91 200x3 Critical
        "#]]
        .assert_eq(&drawn(true));
    });
}

#[test]
fn evidence_is_marked_on_every_bar() {
    with_scene("web GET 0..100\n  db get 10..20\n  db put 30..40\n  db get 50..60", (0, 100), |scene| {
        let evidence = [SpanIdx(1), SpanIdx(3)];
        let ops = draw(&Scene { evidence: &evidence, selected: Some(SpanIdx(1)), ..*scene });
        let marked: Vec<String> = ops
            .iter()
            .filter(|op| matches!(op.paint(), Paint::Selection | Paint::Accent))
            .map(ToString::to_string)
            .collect();
        expect![[r#"
            fill 0,24 1000x24 Selection
            fill 0,72 1000x24 Selection
            frame 98,27 104x18 Accent 2px
            frame 98,27 104x18 Accent 1px
            frame 498,75 104x18 Accent 1px
        "#]]
        .assert_eq(&(marked.join("\n") + "\n"));
    });
}

#[test]
fn bars_out_of_sight_leave_a_sign() {
    check(
        "web GET 0..100\n  db early 0..5\n  db late 90..95",
        (40, 60),
        None,
        &expect![[r#"
        fill -4,5 1008x14 Service(0)
        frame -4,5 1008x14 Edge(0) 1px
        sign OffLeft 6,36 Edge(1)
        sign OffRight 994,60 Edge(1)
        label 994,12 End <52 TextOn(0) «100 ms»
    "#]],
    );
}

#[test]
fn runs_are_strips() {
    let text = "
web GET 0..100
  db get 0..10
  db get 20..30 !
  db get 40..50
  db get 60..70
  db get 70..80
";
    check(
        text,
        (0, 100),
        None,
        &expect![[r#"
        fill 0,5 1000x14 Service(0)
        fill 0,29 800x14 Waiting(1)
        fill 0,29 100x14 Service(1)
        fill 200,29 100x14 Service(1)
        fill 400,29 100x14 Service(1)
        fill 600,29 200x14 Service(1)
        fill 0,5 100x14 Waiting(0)
        fill 200,5 100x14 Waiting(0)
        fill 400,5 100x14 Waiting(0)
        fill 600,5 200x14 Waiting(0)
        frame 0,5 1000x14 Edge(0) 1px
        frame 0,29 800x14 Edge(1) 1px
        fill 200,29 2x14 Error
        label 806,36 Start <105 TextMuted «50.0 ms in all»
        label 994,12 End <52 TextOn(0) «100 ms»
    "#]],
    );
}

#[test]
fn labels_on_a_hatch_have_a_ground() {
    let lines = |text: &str, slots: &Looks| {
        let mut lines = Vec::new();
        with_scene(text, (0, 100), |scene| {
            let ops = draw(&Scene { looks: slots, ..*scene });
            let wanted = |op: &&DrawOp| op.to_string().contains("Background") || op.to_string().contains('«');
            lines = ops.iter().filter(wanted).map(ToString::to_string).collect();
        });
        lines
    };
    let plain = Looks::by_rank(1);
    assert_eq!(lines("web GET 0..100", &plain), ["label 994,12 End <52 TextOn(0) «100 ms»"]);
    assert_eq!(
        lines("web GET 0..100 !", &plain),
        ["fill 951,7 46x10 Background", "label 994,12 End <52 Text «100 ms»"]
    );
}

#[test]
fn the_sign_of_a_short_error_at_the_border_leaves_its_label_free() {
    with_scene("web GET 0..100\n  db get 0..1 !", (0, 1000), |scene| {
        let label = draw(scene).iter().map(ToString::to_string).find(|op| op.contains("1.00 ms"));
        assert_eq!(label.as_deref(), Some("label 20,36 Start <59 TextMuted «1.00 ms»"));
    });
}

#[test]
fn the_second_ten_services_have_lines_and_errors_a_hatch() {
    let twelve = (0..12).map(|n| format!("s{n:02} GET 0..50\n")).collect::<Vec<_>>().concat();
    with_scene(&twelve, (0, 100), |scene| {
        let scroll = Scroll::new(12, 24.0, 300.0);
        let ops: Vec<String> =
            draw(&Scene { scroll: &scroll, ..*scene }).iter().map(ToString::to_string).collect();
        let of = |slot: u8| {
            ops.iter()
                .filter(|op| op.starts_with("fill") && op.ends_with(&format!("x2 Edge({slot})")))
                .count()
        };
        assert_eq!([of(0), of(9), of(10)], [0, 0, 2]);
        assert!(ops.iter().all(|op| !op.starts_with("texture")), "{ops:?}");
    });
}

#[test]
fn the_time_at_the_pointer_is_as_precise_as_a_pixel() {
    let at = |end: i64| {
        let range = TimeRange { start: DurationNanos(0), end: DurationNanos(end) };
        let ops = ruler(TimeScale::fit(range, 1000.0), 1000.0, 28.0, &[], Some(333.0));
        ops.iter().filter(|op| op.paint() == Paint::Text).map(ToString::to_string).collect::<String>()
    };
    assert!(at(59_000_000).contains("«19.65 ms»"), "{}", at(59_000_000));
    assert!(at(1_000).contains("«0.333 µs»"), "{}", at(1_000));
}

#[test]
fn the_pointer_finds_rows_bars_and_edges() {
    with_scene("web GET 0..100\n  db get 50..51", (0, 100), |scene| {
        let on = |x, y| hit_test(scene, x, y).map(|h| (h.at, h.is_on_bar));
        assert_eq!(on(500.0, 10.0), Some((0, true)));
        assert_eq!(on(498.0, 30.0), Some((1, true)));
        assert_eq!(on(400.0, 30.0), Some((1, false)));
        assert_eq!(on(400.0, 60.0), None);
        assert_eq!(snap(scene, 504.0), DurationNanos(50_000_000));
        assert_eq!(snap(scene, 600.0), DurationNanos(60_000_000));
    });
}

#[test]
fn the_cost_does_not_depend_on_the_trace() {
    let trace = drawing::wide(100_000, 3);
    let outline = Outline::new(&trace);
    let folding = Folding::new(&trace, &outline, FoldRule::default());
    let rows = Rows::build(&trace, &outline, &folding);
    let scroll = Scroll::new(rows.len(), 24.0, 1080.0);
    let whole = TimeRange { start: DurationNanos(0), end: trace.duration() };
    let ops = draw(&Scene {
        trace: &trace,
        outline: &outline,
        folding: &folding,
        rows: &rows,
        scroll: &scroll,
        scale: TimeScale::fit(whole, 1600.0),
        width_px: 1600.0,
        looks: &Looks::by_rank(2),
        selected: None,
        hovered: None,
        crosshair_px: None,
        matches: None,
        evidence: &[],
        replayed: None,
        path: None,
        is_path_emphasised: false,
        measured: None,
        marks: &[],
        events: &BTreeMap::new(),
    });
    assert!(ops.len() < 2000, "{}", ops.len());
}

proptest::proptest! {
    #[test]
    fn no_trace_breaks_a_picture(
        spans in proptest::collection::vec((0_usize..4, proptest::num::i64::ANY, proptest::num::i64::ANY, 0_u32..1 << 20), 0..40),
        width_px in 0.0_f64..2000.0,
        zoom in 1e-6_f64..1e12,
        x in -10.0_f64..2000.0,
    ) {
        let trace = drawing::wild(&spans);
        let outline = Outline::new(&trace);
        let looks = Looks::by_rank(1);
        for rule in [FoldRule::Runs, FoldRule::None, FoldRule::Depth(2), FoldRule::Errors] {
            let folding = Folding::new(&trace, &outline, rule);
            let rows = Rows::build(&trace, &outline, &folding);
            let scroll = Scroll::new(rows.len(), 24.0, 500.0);
            let whole = TimeRange { start: DurationNanos(0), end: trace.duration() };
            let scale = TimeScale::fit(whole, width_px).zoom_at(x, zoom).clamped(whole, width_px);
            let scene = Scene {
                trace: &trace,
                outline: &outline,
                folding: &folding,
                rows: &rows,
                scroll: &scroll,
                scale,
                width_px,
                looks: &looks,
                selected: Some(SpanIdx(0)),
                hovered: Some(1),
                crosshair_px: Some(x),
                matches: None,
        evidence: &[],
                replayed: None,
                path: None,
                is_path_emphasised: false,
                measured: Some(whole),
                marks: &[],
                events: &BTreeMap::new(),
            };
            let ops = draw(&scene);
            proptest::prop_assert!(ops.iter().all(|op| !op.to_string().contains("NaN")));
            hit_test(&scene, x, 30.0);
            snap(&scene, x);
            ruler(scale, width_px, 24.0, &[], Some(x));
            path_strip(&scene, 24.0, 7.0);
            crate::view::treegrid::row_texts(&trace, &outline, &folding, &rows, &looks, None, 0..rows.len());
        }
        for span in trace.spans() {
            let own = crate::view::cover::self_time(&trace, span);
            proptest::prop_assert!(own >= DurationNanos(0) && own <= trace.span_duration(span));
        }
        let mut map = crate::view::minimap::Minimap::new(&trace, width_px as usize, 40);
        while !map.add(&trace, &looks, 7) {}
        proptest::prop_assert_eq!(map.rgba(&crate::view::theme::DARK).len(), map.size().0 * map.size().1 * 4);
    }
}
