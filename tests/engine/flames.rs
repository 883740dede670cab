//! Merged calls: of the open trace while it is analysed, of a part of it, of all traces.

use super::*;
use spanscope::wire::call_tree::{self, CallTree};
use spanscope::wire::scope::{Part, Scope};

fn flame(ask: u32, revision: u32, scope: Scope) -> Request {
    Request::Flame { ask, revision, scope, settings: AnalysisSettings::default() }
}

/// The tree that came as the answer to `ask`.
fn tree(said: &[Response], wanted: u32) -> Option<CallTree> {
    said.iter().find_map(|response| match over_the_wire(response) {
        Response::Flame { ask, bytes, .. } if ask == wanted && !bytes.is_empty() => {
            Some(call_tree::unpack(&bytes).expect("a tree"))
        }
        _ => None,
    })
}

/// `name ×spans self/critical` in milliseconds, totals.
fn lines(tree: &CallTree) -> Vec<String> {
    let line = |node: usize| {
        let [own, critical] = [0, 1].map(|w| tree.total[w][node] / 1_000_000);
        format!("{} ×{} {own}/{critical}", tree.names[tree.operations[node] as usize], tree.counts[node])
    };
    let mut lines: Vec<String> = (0..tree.len()).map(line).collect();
    lines.sort();
    lines
}

#[test]
fn calls_are_merged_as_soon_as_their_times_are_known() {
    let mut talk = Talk::open(&["a"]);
    talk.file("a", &shop());
    talk.finish();
    let revision = talk.revision();
    assert_eq!(talk.ask(flame(1, revision - 1, Scope::All)), []);
    let part = |part: Part| Scope::Part(part);
    talk.engine.handle(analyse(2, revision, AnalysisSettings::default()), &mut talk.said);
    let from = talk.said.len();
    talk.engine.handle(flame(3, revision, part(Part::default())), &mut talk.said);
    talk.work();
    let said = talk.said[from..].to_vec();
    let expected = [
        "POST /charge ×1 30/30",
        "POST /checkout ×1 190/100",
        "SELECT cart ×1 30/30",
        "charge ×1 40/40",
        "send mail ×1 90/0",
    ];
    assert_eq!(lines(&tree(&said, 3).unwrap()), expected);
    let place = |wanted: fn(&Response) -> bool| said.iter().position(wanted);
    let merged = place(|r| matches!(r, Response::Flame { .. }));
    let done = place(|r| matches!(r, Response::Analysis { part: AnalysisPart::Done { .. }, .. }));
    assert!(merged < done, "before the last finding");

    // From the analysis that is over, and without one.
    let focus = part(Part { focus: Some(2), ..Part::default() });
    let of_focus = ["POST /charge ×1 30/30", "POST /checkout ×0 40/40", "charge ×1 40/40"];
    assert_eq!(lines(&tree(&talk.ask(flame(4, revision, focus.clone())), 4).unwrap()), of_focus);
    talk.engine.handle(Request::CloseTrace, &mut talk.said);
    assert_eq!(lines(&tree(&talk.ask(flame(5, revision, focus)), 5).unwrap()), of_focus);
    assert_eq!(lines(&tree(&talk.ask(flame(6, revision, Scope::All)), 6).unwrap()), expected);
}

#[test]
fn calls_of_all_traces_are_merged() {
    let mut talk = Talk::open(&["a"]);
    talk.file("a", &requests());
    talk.finish();
    let revision = talk.revision();
    let said = talk.ask(flame(1, revision, Scope::All));
    let expected = ["GET /health ×1 1/1", "GET /users/{id} ×20 410/410", "SELECT users ×20 390/390"];
    assert_eq!(lines(&tree(&said, 1).unwrap()), expected);
    assert!(matches!(said.last(), Some(Response::Flame { ask: 1, done: 21, of: 21, .. })));
    let some = talk.ask(flame(2, revision, Scope::Traces(vec![20, 99])));
    assert_eq!(lines(&tree(&some, 2).unwrap()), expected[..1]);
}
