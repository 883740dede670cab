//! Tests of repeated and retried calls.

use super::*;
use crate::analysis::critical_path::{critical_path, time_by_span};
use crate::analysis::independence::Independence::{Likely, Observed, Possible, Unlikely};
use crate::analysis::independence::independence;
use crate::analysis::relation::relations;
use crate::analysis::retries::retries;
use crate::analysis::sequences::sequences;
use crate::model::attributes::Scalar;
use crate::model::builder::TraceBuilder;
use crate::model::ids::{SpanId, TraceId};
use crate::model::index::TraceIdx;
use crate::model::record::SpanRecord;
use crate::model::span::Status;

const BASE: i64 = 1_600_000_000_000_000_000;

/// A trace as text: `b<a 10..20 client` is span b below a; times are milliseconds, further words attributes
/// (`sql=` is a statement with `_` for blanks) or `error`.
fn found<T>(lines: &[&str], ask: impl FnOnce(&Recorded, &Facts, &dyn Fn(SpanIdx) -> String) -> T) -> T {
    let mut builder = TraceBuilder::default();
    for line in lines {
        let mut words = line.split(' ');
        let (id, parent) = words.next().unwrap().split_once('<').unwrap();
        let (start, end) = words.next().unwrap().split_once("..").unwrap();
        let time = |text: &str| BASE + text.parse::<i64>().unwrap() * MILLISECOND;
        let number = |word: &str| word.bytes().fold(0, |id, b| id << 8 | u64::from(b));
        let mut record = SpanRecord {
            trace_id: TraceId([1; 16]),
            span_id: SpanId(number(id)),
            parent_id: SpanId(number(parent)),
            name: id.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned(),
            start: time(start),
            end: time(end),
            ..SpanRecord::default()
        };
        for word in words {
            match word.split_once('=') {
                Some(("sql", text)) => {
                    let text = text.replace('_', " ");
                    record.attributes.add(&mut builder.strings, "db.query.text", Scalar::Str(&text));
                }
                Some((key, text)) => record.attributes.add(&mut builder.strings, key, Scalar::Str(text)),
                None if word == "error" => record.status = Status::Error,
                None => record.kind = SpanKind::from_text(word),
            }
        }
        builder.push(&record);
    }
    let set = builder.finish();
    let trace = set.trace(TraceIdx(0));
    let word = |span: SpanIdx| {
        let bytes = trace.span_id(span).0.to_be_bytes();
        String::from_utf8_lossy(&bytes).trim_start_matches('\0').to_owned()
    };
    ask(&Recorded::new(&trace), &Facts::of(&set, TraceIdx(0), &trace), &word)
}

/// A group per line: ancestor and depth, number of calls, saving in ms, remarks.
fn groups(lines: &[&str]) -> Vec<String> {
    found(lines, |recorded, facts, word| {
        let settings = Settings::default();
        let root = recorded.main_root().unwrap();
        let tree = Prepared::new(recorded, &relations(recorded, &settings), &settings, root);
        let path_time = time_by_span(&critical_path(&tree), recorded.len());
        let replay = Replay::new(&tree, recorded);
        let found = repeats(recorded, &tree, &replay, &path_time, facts, &settings);
        let line = |group: &RepeatGroup| {
            let mut words = vec![
                format!("{}/{}", word(group.ancestor), group.depth),
                group.calls.len().to_string(),
                format!("saves {}", group.root_saving_ns / MILLISECOND),
            ];
            words.extend(group.sequential.then(|| "sequential".into()));
            words.extend(group.identical.then(|| "identical".into()));
            words.extend(group.probable_source.map(|s| format!("after {}", word(s))));
            words.extend(group.capped_at.map(|n| format!("{n} at a time")));
            words.join(" ")
        };
        found.iter().map(line).collect()
    })
}

fn lines(head: &[&str], n: i64, line: impl Fn(i64) -> String) -> Vec<String> {
    head.iter().map(|&l| l.to_owned()).chain((0..n).map(line)).collect()
}

fn refs(lines: &[String]) -> Vec<&str> {
    lines.iter().map(String::as_str).collect()
}

#[test]
fn repeats_name_what_they_were_made_for() {
    let head = ["r< 0..200 server", "list<r 5..20 client", "old<r 1..4 client"];
    let lines = lines(&head, 6, |n| {
        format!("q{n}<r {}..{} client sql=select_x_where_id={n}", 30 + n * 20, 40 + n * 20)
    });
    assert_eq!(groups(&refs(&lines)), ["r/1 6 saves 50 sequential after list"]);
}

#[test]
fn a_call_counts_for_the_nearest_ancestor_only() {
    // Each page has enough calls of its own, so that nothing is left for the root.
    let mut all = vec!["r< 0..200 server".to_owned()];
    for page in 0..5 {
        let at = page * 30;
        all.push(format!("page{page}<r {at}..{}", at + 30));
        all.extend((0..5).map(|n| {
            format!("q{page}{n}<page{page} {}..{} client sql=select_1", at + n * 5, at + 5 + n * 5)
        }));
    }
    let found = groups(&refs(&all));
    assert_eq!(found.len(), 5);
    assert!(found.iter().all(|g| g.ends_with("/1 5 saves 20 sequential identical")), "{found:?}");
}

#[test]
fn wrappers_of_different_names_are_no_loop() {
    let head = ["r< 0..200 server"];
    let wrapped = |same: bool| {
        let mut all = lines(&head, 6, |n| {
            let name = if same { "step" } else { ["a", "b", "c", "d", "e", "f"][n as usize] };
            format!("{name}{n}<r {}..{}", n * 30, n * 30 + 20)
        });
        all.extend((0..6).map(|n| {
            let name = if same { "step" } else { ["a", "b", "c", "d", "e", "f"][n as usize] };
            format!("q{n}<{name}{n} {}..{} client sql=select_{n}", n * 30 + 5, n * 30 + 15)
        }));
        groups(&refs(&all))
    };
    assert_eq!(wrapped(true), ["r/2 6 saves 50 sequential"]);
    assert!(wrapped(false).is_empty());
}

#[test]
fn a_limit_shows_in_how_many_run_at_a_time() {
    let three_at_a_time = lines(&["r< 0..200 server"], 12, |n| {
        format!("get{n}<r {}..{} client http.method=GET http.url=http://a/{n}", n / 3 * 20, n / 3 * 20 + 20)
    });
    let found = groups(&refs(&three_at_a_time));
    assert_eq!(found.len(), 1);
    assert!(found[0].ends_with("3 at a time"), "{found:?}");
    // All at once there is no limit to be seen, and neither where the calls come now and then.
    for (step, long) in [(0, 20), (15, 20)] {
        let lines = lines(&["r< 0..500 server"], 12, |n| {
            format!("get{n}<r {}..{} client http.method=GET http.url=http://a/{n}", n * step, n * step + long)
        });
        assert!(groups(&refs(&lines)).iter().all(|g| !g.contains("at a time")), "{step}");
    }
}

#[test]
fn work_in_the_background_saves_nothing() {
    let lines = lines(&["r< 0..100 server", "job<r 0..900"], 6, |n| {
        format!("q{n}<job {}..{} client sql=select_{n}", n * 20, n * 20 + 20)
    });
    assert_eq!(groups(&refs(&lines)), ["job/1 6 saves 0 sequential"]);
}

#[test]
fn the_same_question_is_found_wherever_it_is_asked() {
    let found = found(
        &[
            "r< 0..100 server",
            "a<r 0..20",
            "q1<a 0..10 client sql=select_1",
            "c1<a 10..11 client sql=commit",
            "b<r 20..60",
            "q2<b 20..30 client sql=select_1",
            "q3<b 30..40 client sql=select_2",
            "c2<b 40..50 client sql=commit",
            "q4<r 60..75 client sql=select_1",
            "c3<r 75..99 client sql=commit",
        ],
        |recorded, facts, word| {
            let settings = Settings::default();
            let root = recorded.main_root().unwrap();
            let tree = Prepared::new(recorded, &relations(recorded, &settings), &settings, root);
            let path_time = time_by_span(&critical_path(&tree), recorded.len());
            let replay = Replay::new(&tree, recorded);
            let found = identical_calls(recorded, &tree, &replay, &path_time, facts, &settings);
            let words = |calls: &[SpanIdx]| calls.iter().map(|&c| word(c)).collect::<Vec<_>>().join(" ");
            let line = |g: &IdenticalCalls| {
                format!(
                    "{} take {} save {}",
                    words(&g.calls),
                    g.total_ns / MILLISECOND,
                    g.root_saving_ns / MILLISECOND
                )
            };
            found.iter().map(line).collect::<Vec<_>>()
        },
    );
    // One of 15 ms instead of 35 ms; nobody wants the answer of a commit.
    assert_eq!(found, ["q1 q2 q4 take 35 save 20"]);
}

#[test]
fn how_independent_calls_are_is_told_with_care() {
    let told = |calls: &[&str], seen: Option<&[(&str, &str)]>| {
        let mut lines = vec!["r< 0..100 server".to_owned()];
        lines.extend(calls.iter().zip(0..).map(|(call, n)| {
            let (name, attributes) = call.split_once(' ').unwrap_or((call, "x=1"));
            format!("{name}<r {}..{} client {attributes}", n * 10, n * 10 + 10)
        }));
        found(&refs(&lines), |recorded, facts, word| {
            let members = recorded.children(recorded.main_root().unwrap());
            let otherwise = seen.map(|pairs| {
                move |a: SpanIdx, b: SpanIdx| pairs.iter().any(|p| *p == (word(a).as_str(), word(b).as_str()))
            });
            let seen = otherwise.as_ref().map(|seen| seen as &dyn Fn(SpanIdx, SpanIdx) -> bool);
            independence(recorded.trace(), facts, members, seen)
        })
    };
    assert_eq!(told(&["a", "b", "c"], None), Possible);
    assert_eq!(told(&["a", "b", "c"], Some(&[("a", "b"), ("b", "c")])), Possible, "a and c were not seen");
    assert_eq!(told(&["a", "b", "c"], Some(&[("a", "b"), ("b", "c"), ("a", "c")])), Observed);
    assert_eq!(told(&["a1", "a2", "a3"], None), Likely, "the same");
    assert_eq!(told(&["a sql=select_1_from_t", "b sql=select_1_from_u"], None), Likely, "reads");
    assert_eq!(told(&["a sql=select_1_from_t", "b sql=update_t_set_x"], None), Possible, "the last one");
    assert_eq!(told(&["a sql=update_t_set_x", "b sql=select_1_from_t"], None), Unlikely);
    assert_eq!(told(&["auth", "b"], None), Unlikely);
    assert_eq!(told(&["b", "auth"], None), Possible);
    assert_eq!(told(&["auth", "b"], Some(&[("auth", "b")])), Observed);
}

#[test]
fn a_sequence_of_repeats_is_told_once() {
    let lines = lines(&["r< 0..100 server", "s<r 0..10 client"], 5, |n| {
        format!("q{n}<r {}..{} client sql=select_{n}", 10 + n * 10, 20 + n * 10)
    });
    found(&refs(&lines), |recorded, facts, _| {
        let settings = Settings::default();
        let root = recorded.main_root().unwrap();
        let tree = Prepared::new(recorded, &relations(recorded, &settings), &settings, root);
        let path_time = time_by_span(&critical_path(&tree), recorded.len());
        let replay = Replay::new(&tree, recorded);
        let groups = repeats(recorded, &tree, &replay, &path_time, facts, &settings);
        let sequences = sequences(&tree, recorded, &replay, &path_time, &settings);
        assert_eq!((groups.len(), sequences.len()), (1, 1));
        let mut with_another = sequences.clone();
        drop_told(&mut with_another, &groups, recorded.len());
        assert_eq!(with_another, sequences, "one of the calls is no repeat");
        let mut same = vec![Sequence { members: groups[0].calls.clone(), ..sequences[0].clone() }];
        drop_told(&mut same, &groups, recorded.len());
        assert!(same.is_empty());
    });
}

/// Attempts and time lost of each group.
fn tries(lines: &[&str]) -> Vec<String> {
    found(lines, |recorded, facts, word| {
        let line = |group: &crate::analysis::retries::RetryGroup| {
            let attempts: Vec<String> = group.attempts.iter().map(|&s| word(s)).collect();
            let outcome = if group.succeeded { "succeeded" } else { "failed" };
            format!("{} {outcome} {}", attempts.join(" "), group.wasted_ns / MILLISECOND)
        };
        retries(recorded, facts).iter().map(line).collect()
    })
}

#[test]
fn attempts_follow_failures_of_the_same_call() {
    let found = tries(&[
        "r< 0..100 server",
        "pay1<r 0..10 client error",
        "log1<r 1..2 client error",
        "pay2<r 10..20 client error",
        "pay3<r 30..40 client error",
        // At the same time as the third attempt, so not because it failed.
        "pay4<r 35..45 client error",
        "pay5<r 50..60 client",
        "pay6<r 60..70 client",
        "log2<r 80..90 client",
    ]);
    assert_eq!(found, ["log1 log2 succeeded 79", "pay1 pay2 pay3 failed 30", "pay4 pay5 succeeded 15"]);
    assert!(tries(&["r< 0..9 server", "a1<r 0..1 client", "a2<r 1..2 client error"]).is_empty());
}
