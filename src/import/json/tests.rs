//! Tests of the pull reader of JSON, strict and lenient.

use std::fmt::Write;

use super::*;

/// Everything a cursor says of a value, as strict JSON.
fn echo(text: &str) -> Step<String> {
    let mut c = Cursor::new(text, true);
    let mut out = String::new();
    let mut open: Vec<bool> = Vec::new();
    loop {
        match c.kind()? {
            Kind::Object => {
                c.begin_object()?;
                out.push('{');
                open.push(true);
            }
            Kind::Array => {
                c.begin_array()?;
                out.push('[');
                open.push(false);
            }
            Kind::String => write!(out, "{:?}", c.text()?).unwrap(),
            Kind::Number => out.push_str(c.number()?.text()),
            Kind::Bool => out.push_str(&c.bool()?.to_string()),
            Kind::Null => {
                c.skip()?;
                out.push_str("null");
            }
        }
        while let Some(&is_object) = open.last() {
            let more = if is_object {
                match c.key()? {
                    Some(key) => {
                        write!(out, " {key}:").unwrap();
                        true
                    }
                    None => false,
                }
            } else {
                let more = c.item()?;
                out.push_str(if more { " " } else { "" });
                more
            };
            if more {
                break;
            }
            out.push(if is_object { '}' } else { ']' });
            open.pop();
        }
        if open.is_empty() {
            return Ok(out);
        }
    }
}

#[test]
fn reads_json_and_what_is_nearly_json() {
    for (text, expected) in [
        (r#" {"a": 1, "b":[true,null,"x"]} "#, r#"{ a:1 b:[ true null "x"]}"#),
        (r#"{"a":1,}"#, "{ a:1}"),
        (r#"[1 2,,3,]"#, "[ 1 2 3]"),
        (r#"[{"a":1}{"a":2}]"#, "[ { a:1} { a:2}]"),
        (r#"["a\n\"\\\/\u00e4\ud83d\ude00"]"#, "[ \"a\\n\\\"\\\\/ä😀\"]"),
        (
            r#"["\ud83d", "\ud83dx", "\ud83d\u0041", "\ude00"]"#,
            "[ \"\u{fffd}\" \"\u{fffd}x\" \"\u{fffd}A\" \"\u{fffd}\"]",
        ),
        ("[\"a\nb\u{1}\"]", "[ \"a\\nb\\u{1}\"]"),
        ("[NaN, Infinity, -Infinity, -1.5e3]", "[ NaN Infinity -Infinity -1.5e3]"),
        ("{a: 'it', 'b.c': \"it's\", d: `x`}", r#"{ a:"it" b.c:"it's" d:"x"}"#),
        (
            "{ a: undefined, b: [Object], c: [Array], d: [Function: f] }",
            r#"{ a:null b:"[Object]" c:"[Array]" d:"[Function: f]"}"#,
        ),
        ("{ a: [ 1, 2, ... 3 more items ], b: 1 }", "{ a:[ 1 2] b:1}"),
        ("[ 1,\n  ... 1 more item\n]", "[ 1]"),
        ("{ a: 'one ' +\n    'two' +\n  \"three\" }", r#"{ a:"one twothree"}"#),
        (r#"{ a: "one\n" + 'two' }"#, r#"{ a:"one\ntwo"}"#),
        ("Resource { attributes: { x: 1 } }", "{ attributes:{ x:1}}"),
        ("<ref *1> Span { a: [Circular *1] }", r#"{ a:"[Circular *1]"}"#),
        ("[Object: null prototype] { a: 1 }", "{ a:1}"),
        ("{ at: 2024-01-01T00 }", r#"{ at:2024-01-01T00}"#),
        ("{'a': True, 'b': None}", "{ a:true b:null}"),
        ("\"alone\"", "\"alone\""),
        ("[]", "[]"),
        ("{}", "{}"),
    ] {
        assert_eq!(echo(text).as_deref(), Ok(expected), "{text}");
        let mut c = Cursor::new(text, true);
        assert_eq!(c.skip(), Ok(()), "{text}");
        assert_eq!(c.offset(), text.trim_end().len(), "skip stops behind {text}");
    }
}

#[test]
fn says_what_is_broken_and_where() {
    for (text, at) in [
        ("{this is not valid JSON", 6),
        ("{\"a\": true\n{\"b\": 1}", 11),
        ("[1}", 2),
        ("{\"a\" 1}", 5),
        ("}", 0),
        ("[1, :]", 4),
    ] {
        let stop = echo(text).expect_err(text);
        assert!(matches!(stop, Stop::Broken { at: found, .. } if found == at), "{text}: {stop:?}");
        assert_eq!(Cursor::new(text, true).skip(), Err(stop), "{text}");
    }
}

#[test]
fn every_prefix_of_a_container_needs_more() {
    let text = r#"{"a": [1, -2.5, "x\u00e4\ud83d\ude00y", {"b": null}], 'c': [Object], d: Map(1) { x: 1 }, e: 'a' + 'b'}"#;
    for end in 0..text.len() {
        if let Some(part) = text.get(..end) {
            assert_eq!(Cursor::new(part, false).skip(), Err(Stop::NeedMore), "{part}");
            assert!(Cursor::new(part, true).skip().is_err(), "{part}");
        }
    }
    assert_eq!(Cursor::new(text, false).skip(), Ok(()));
}

#[test]
fn depth_is_limited() {
    let deep = |n: usize| "[".repeat(n) + &"]".repeat(n);
    assert_eq!(Cursor::new(&deep(512), true).skip(), Ok(()));
    assert!(matches!(Cursor::new(&deep(513), true).skip(), Err(Stop::Broken { .. })));
    assert!(matches!(Cursor::new(&"[".repeat(1_000_000), true).skip(), Err(Stop::Broken { .. })));
}

#[test]
fn scalars_are_read_leniently() {
    let mut c = Cursor::new(r#"["12", 12, "x", null, true, "false", 1, {"a": 1}]"#, true);
    c.begin_array().unwrap();
    let mut texts = Vec::new();
    while c.item().unwrap() {
        let mut again = c.clone();
        let number = again.number().unwrap().as_i64();
        let truth = c.clone().bool().unwrap();
        texts.push(format!("{} {number:?} {truth}", c.text().unwrap()));
    }
    let expected = "12 Some(12) true|12 Some(12) true|x None false| None false|true None true|false None false|\
                    1 Some(1) true|{\"a\": 1} None false";
    assert_eq!(texts.join("|"), expected);
}

#[test]
fn nothing_printed_again_and_again_goes_deep() {
    let n = 200_000;
    for text in [
        format!("[{}'x']", "'a' + \"b\" + ".repeat(n)),
        format!("[1, {}]", "... more\n".repeat(n)),
        format!("[{}{{}}]", "[Object: null prototype] ".repeat(n)),
        format!("[{}]", "<ref *1> ".repeat(n)),
        format!("[{}]", "A ".repeat(n)),
    ] {
        let mut c = Cursor::new(&text, true);
        let _ = c.skip();
        let _ = Cursor::new(&text, true).text();
    }
}
