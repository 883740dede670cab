//! What becomes of traces that a backend did not give out, or not whole.

use spanscope::wire::report::FileError;

use super::{Talk, otlp, report};

fn error(code: &str) -> FileError {
    FileError { code: code.to_owned(), message: "Title. Reason.".to_owned(), ..FileError::default() }
}

#[test]
fn what_was_fetched_without_a_span_is_missing_and_what_broke_off_is_a_part() {
    let mut talk = Talk::open(&["none", "odd", "whole", "part"]);
    for (name, body) in [
        ("none", r#"{"result":{"resourceSpans":[]}}"#.to_owned()),
        ("odd", "this is no trace".to_owned()),
        ("whole", otlp(7, 3)),
    ] {
        talk.engine.begin_file(name, None, &mut talk.said);
        talk.engine.feed(body.as_bytes(), &mut talk.said);
        talk.engine.end_fetched(error("fetch.notfound"), &mut talk.said);
    }
    talk.engine.begin_file("part", None, &mut talk.said);
    let body = otlp(8, 2);
    talk.engine.feed(&body.as_bytes()[..body.len() - 3], &mut talk.said);
    talk.engine.break_fetched(&format!("{:032x}", 8), error("fetch.network"), &mut talk.said);
    talk.finish();

    let report = report(&talk.said);
    let codes: Vec<_> =
        report.files.iter().map(|f| f.error.as_ref().map_or("", |e| e.code.as_str())).collect();
    assert_eq!(codes, ["fetch.notfound", "fmt.unknown", "", "fetch.network"]);
    assert_eq!(report.files.iter().map(|f| f.shown).collect::<Vec<_>>(), [0, 0, 3, 2]);
    let is_unfetched: Vec<_> = report.files.iter().map(spanscope::wire::report::File::is_unfetched).collect();
    assert_eq!(is_unfetched, [true, false, false, true]);
    assert!(report.warnings.iter().any(|w| w.code == "W_PARTIAL_TRACE" && w.count == 1), "{report:?}");
}
