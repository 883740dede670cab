//! Looking things up in the open traces: words, attributes, values of spans, spans by their id.

use super::*;

#[test]
fn attributes_are_found_by_their_very_value() {
    let mut talk = Talk::open(&["a"]);
    talk.file("a", &otlp(7, 40));
    talk.finish();
    let revision = talk.revision();
    let attribute = |key: &str, value: &str| Sought::Attribute { key: key.into(), value: value.into() };
    let words = vec![
        attribute("cart.Item", "item-13-\u{c4}"),
        attribute("cart.Item", "item-1"),
        attribute("cart.item", "item-13-\u{c4}"),
        attribute("service.name", "shop"),
    ];
    let said = talk.ask(Request::Find { ask: 3, revision, trace: 0, words });
    let Some(Response::Found { bytes, .. }) = said.last() else { panic!("{said:?}") };
    let mut reader = Reader::new(bytes);
    assert_eq!([0; 4].map(|_| reader.bitset().unwrap().count()), [1, 0, 0, 40]);
}

#[test]
fn values_come_from_span_resource_and_scope() {
    let mut talk = Talk::open(&["a"]);
    talk.file("a", &otlp(7, 4));
    talk.finish();
    let revision = talk.revision();
    let mut ask = |key: &str, spans: &[u32]| {
        let request = Request::Values { ask: 2, revision, trace: 0, key: key.into(), spans: spans.to_vec() };
        let said = talk.ask(request);
        let [Response::Values { ask: 2, values }] = said.as_slice() else { panic!("{said:?}") };
        values.iter().map(|(span, text)| format!("{span} {text}")).collect::<Vec<_>>()
    };
    assert_eq!(ask("cart.Item", &[2, 1, 99]), ["2 item-2-\u{c4}", "1 item-1-\u{c4}"]);
    assert_eq!(ask("service.name", &[0]), ["0 shop"]);
    assert_eq!(ask("list", &[0]), ["0 [7]"]);
    assert_eq!(ask("nowhere", &[3]), ["3 "]);
}

#[test]
fn a_span_is_located_in_whichever_trace_it_is() {
    let mut talk = Talk::open(&["a", "b"]);
    talk.file("a", &otlp(7, 4));
    talk.file("b", &otlp(9, 4));
    talk.finish();
    let revision = talk.revision();
    for trace in 0..2 {
        let said = talk.ask(Request::Details { ask: 1, revision, trace, span: 2, first_event: 0 });
        let Some(Response::Details { details, .. }) = said.first() else { panic!("{said:?}") };
        let located = talk.ask(Request::Locate { ask: 5, span_id: details.this.span_id.clone() });
        let [Response::Located { ask: 5, span: Some(span) }] = located.as_slice() else {
            panic!("{located:?}")
        };
        assert_eq!(span.span_id, details.this.span_id);
    }
    for id in ["00000000deadbeef", "no id"] {
        let said = talk.ask(Request::Locate { ask: 6, span_id: id.to_owned() });
        assert_eq!(said, [Response::Located { ask: 6, span: None }], "{id}");
    }
}

#[test]
fn words_are_found_in_attributes_each_for_itself() {
    let mut talk = Talk::open(&["a"]);
    talk.file("a", &otlp(7, 40));
    talk.finish();
    let revision = talk.revision();
    let words = ["ITEM-13-ä", "cart.item", "went wrong", "nowhere", "7"];
    let words = words.map(|word| Sought::Text(word.to_owned())).to_vec();
    let said = talk.ask(Request::Find { ask: 3, revision, trace: 0, words });
    let Some(Response::Found { ask: 3, searched: 40, complete: true, bytes }) = said.last() else {
        panic!("{said:?}")
    };
    let mut reader = Reader::new(bytes);
    let counts: Vec<usize> = (0..5).map(|_| reader.bitset().unwrap().count()).collect();
    assert_eq!(counts, [1, 40, 4, 0, 40]);
    reader.end().unwrap();
}
