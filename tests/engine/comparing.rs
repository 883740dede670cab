//! Comparing traces of the list: the whole answer, part by part, and the calls of a row.

use spanscope::wire::compare::{ComparePart, CompareRow, Entries};

use super::*;

#[test]
fn two_traces_and_two_sets_are_compared() {
    let mut talk = Talk::open(&["a"]);
    talk.file("a", &requests());
    talk.finish();
    let revision = talk.revision();
    let ask = |ask, sides| {
        let settings = AnalysisSettings::default();
        Request::Compare { ask, revision, settings, sides }
    };
    talk.engine.handle(ask(1, [vec![0], vec![1]]), &mut talk.said);
    talk.engine.handle(Request::CancelCompare, &mut talk.said);
    assert!(!talk.engine.work(&mut talk.said));

    // Of 11 ms and of 30 ms; an index that is not there is left out.
    let said = talk.ask(ask(2, [vec![0, 77], vec![19]]));
    let parts: Vec<(ComparePart, Vec<u8>)> = said
        .iter()
        .filter_map(|response| match over_the_wire(response) {
            Response::Compare { ask: 2, part, bytes } => Some((part, bytes)),
            _ => None,
        })
        .collect();
    assert_eq!(parts.len(), said.len());
    let table = parts.iter().find_map(|(part, _)| match part {
        ComparePart::Table(table) => Some(table),
        _ => None,
    });
    let table = table.unwrap();
    assert_eq!((table.root_ns, table.n_traces), ([11_000_000, 30_000_000], [1, 1]));
    assert_eq!(table.sentence, "30.0 ms instead of 11.0 ms: +19.0 ms = +19.0 ms SELECT users.");
    assert_eq!(table.rows[0].path.last().unwrap().name, "SELECT users");
    assert_eq!(table.rows.iter().map(CompareRow::delta_cp_ns).sum::<i64>(), 19_000_000);
    let (mut assembly, mut entries) = (None, Entries::default());
    for (part, bytes) in &parts {
        match part {
            ComparePart::Tree(tree) => assembly = Some(Assembly::new(tree.head.clone())),
            ComparePart::TreePart { part } => drop(assembly.as_mut().unwrap().push(*part, bytes).unwrap()),
            ComparePart::TreeEntries { .. } => entries.push(bytes).unwrap(),
            _ => {}
        }
    }
    let (_, tree) = assembly.unwrap().finish().unwrap();
    assert_eq!((tree.len(), entries.len()), (2, 2));
    assert_eq!(
        (entries.former_ends.as_slice(), tree.duration().0),
        ([11_000_000, 10_000_000].as_slice(), 30_000_000)
    );
    let Some((ComparePart::Values { keys, every: 1, .. }, _)) = parts.last() else { panic!("{parts:?}") };
    assert_eq!(keys[0].values, [vec![("near".to_owned(), 2)], vec![("far".to_owned(), 2)]]);

    let said = talk.ask(Request::CompareRow { ask: 3, row: 0 });
    let [Response::Instances { ask: 3, instances }] = said.as_slice() else { panic!("{said:?}") };
    let [pair] = instances.pairs.as_slice() else { panic!("{instances:?}") };
    assert_eq!(
        pair.sides.clone().map(|side| side.map(|s| s.duration_ns)),
        [Some(10_000_000), Some(29_000_000)]
    );
    assert_eq!(pair.changes[0].key, "region");

    let said = talk.ask(ask(4, [(0..18).collect(), vec![18, 19]]));
    let table = said.iter().find_map(|response| match response {
        Response::Compare { part: ComparePart::Table(table), .. } => Some(table),
        _ => None,
    });
    assert_eq!(table.unwrap().root_ns, [19_500_000, 29_500_000]);
    let said = talk.ask(Request::CompareRow { ask: 5, row: 0 });
    let [Response::Instances { instances, .. }] = said.as_slice() else { panic!("{said:?}") };
    assert!(instances.is_example && instances.counts == [18, 2], "{instances:?}");
}
