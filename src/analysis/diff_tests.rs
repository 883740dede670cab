//! Comparisons of drawn traces: rows, moves, sentences, the tree of both.

use std::fmt::Write as _;

use super::diff::{Comparer, Comparison, Side, Status};
use super::diff_adding::Taken;
use super::diff_merged::{NO_TIME, instances, merge};
use super::diff_sentence::sentence;
use super::settings::Settings;
use crate::model::index::TraceIdx;
use crate::model::testing::read;
use expect_test::{Expect, expect};

fn compared(a: &str, b: &str) -> (Comparison, [Vec<Taken>; 2]) {
    let mut comparer = Comparer::new(Settings::default());
    let mut taken = [Vec::new(), Vec::new()];
    for (side, lines) in [(Side::A, a), (Side::B, b)] {
        let set = read(lines, 1_600_000_000_000_000_000);
        for at in 0..set.traces().len() {
            taken[side as usize].extend(comparer.add(&set, TraceIdx::new(at), side));
        }
    }
    (comparer.finish(), taken)
}

fn check(a: &str, b: &str, expected: &Expect) {
    let (found, _) = compared(a, b);
    let sum: i64 = found.rows.iter().map(|row| row.delta_cp_ns).sum();
    assert_eq!(sum, found.delta_ns());
    let mut text = sentence(&found);
    for row in &found.rows {
        let from = row.from.map(|from| format!(" from {}", found.paths.path(from).join(" ")));
        let path = found.paths.path(row.node).join(" ");
        let _ = write!(text, "\n{:?} {path}{} {}", row.status, from.unwrap_or_default(), row.delta_cp_ns);
    }
    expected.assert_eq(&text);
}

#[test]
fn a_sentence_says_what_the_rows_add_up_to() {
    check(
        "
        r 0..100 svc name=R
        a<r 10..50 svc name=a
        ",
        "
        r 0..150 svc name=R
        a<r 10..50 svc name=a
        b<r 60..120 svc name=b
        ",
        &expect![[r#"
            150 ns instead of 100 ns: +50 ns = +60 ns new call b − 10 ns own work of R.
            Added svc:R svc:b 60
            Changed svc:R -10
            Same svc:R svc:a 0"#]],
    );
}

#[test]
fn a_call_within_a_new_wrapper_has_moved() {
    check(
        "
        r 0..100 web name=GET
        a<r 10..50 db name=query
        c<a 20..30 disk name=read
        ",
        "
        r 0..110 web name=GET
        w<r 10..60 web name=retry
        a<w 15..55 db name=query
        c<a 20..40 disk name=read
        ",
        &expect![[r#"
            110 ns instead of 100 ns: +10 ns = −10 ns query (moved) + 10 ns read (moved) + 10 ns new call retry.
            Added web:GET web:retry 10
            Moved web:GET web:retry db:query from web:GET db:query -10
            Moved web:GET web:retry db:query disk:read from web:GET db:query disk:read 10
            Changed web:GET 0"#]],
    );
}

#[test]
fn calls_of_another_number_did_not_move() {
    check(
        "
        r 0..100 web name=GET
        a<r 10..20 db name=query
        ",
        "
        r 0..100 web name=GET
        w<r 10..60 web name=retry
        a<w 15..25 db name=query
        b<w 35..45 db name=query
        ",
        &expect![[r#"
            As long as before, 100 ns: −40 ns own work of GET + 30 ns new call retry + 20 ns 2 new calls query − 10 ns in 1 other place.
            Changed web:GET -40
            Added web:GET web:retry 30
            Added web:GET web:retry db:query 20
            Removed web:GET db:query -10"#]],
    );
}

#[test]
fn sets_are_compared_on_average() {
    check(
        "
        r 0..100 web name=GET t=1
        a<r 10..20 db name=query t=1
        s 0..101 web name=GET t=2
        b<s 10..20 db name=query t=2
        ",
        "
        r 0..150 web name=GET t=3
        a<r 10..70 db name=query t=3
        s 0..150 web name=GET t=4
        b<s 10..70 db name=query t=4
        u 0..150 web name=GET t=5
        c<u 10..70 db name=query t=5
        ",
        &expect![[r#"
            On average: 150 ns instead of 100 ns: +50 ns = +50 ns query.
            Changed web:GET db:query 50
            Changed web:GET 0"#]],
    );
}

#[test]
fn nothing_to_tell_is_said() {
    let one = "r 0..100 web name=GET";
    check(
        one,
        one,
        &expect![[r#"
            No difference: the same calls, each as long as before, 100 ns in all.
            Same web:GET 0"#]],
    );
    assert!(sentence(&compared(one, "").0).contains("nothing to compare"));
    let failed = compared(one, "r 0..100 web name=GET error").0;
    assert_eq!(failed.rows[0].status, Status::Changed);
    assert_eq!((failed.errors.len(), failed.errors[0].counts), (1, [0, 1]));
}

#[test]
fn the_tree_of_both_pairs_calls_and_keeps_the_rest() {
    let (_, taken) = compared(
        "
        r 100..200 web name=GET
        a<r 110..120 db name=query
        b<r 130..140 db name=query
        c<r 150..160 log name=audit
        d<c 151..152 disk name=write
        ",
        "
        q 5..155 web name=GET
        x<q 15..45 db name=query
        y<q 50..60 pay name=charge
        ",
    );
    let [a, b] = [&taken[0][0], &taken[1][0]];
    let merged = merge(a, b);
    merged.trace.check().unwrap();
    let mut text = String::new();
    for span in merged.trace.spans() {
        let trace = &merged.trace;
        let [from, to] = [0, 1].map(|c: usize| merged.former[c][span.at()]);
        let before = if from == NO_TIME { "none".to_owned() } else { format!("{from}..{to}") };
        let _ = writeln!(
            text,
            "{}{} {}..{} before {before}",
            "  ".repeat(trace.depth(span) as usize),
            trace.name(span),
            trace.start(span).0,
            trace.end(span).0,
        );
    }
    expect![[r#"
        GET 0..150 before 0..100
          query 10..40 before 10..20
          gone: query 30..40 before 30..40
          new: charge 45..55 before none
          gone: audit 50..60 before 50..60
            gone: write 51..52 before 51..52
    "#]]
    .assert_eq(&text);
    let node = a.nodes[1];
    assert_eq!((instances(a, node).len(), instances(b, node).len()), (2, 1));
}
