//! Comma-separated values as RFC 4180 has them: lines end with CR LF, a field with a comma, a quote or the end of
//! a line stands in quotes, and a quote in it is doubled.
//!
//! Spreadsheets take a text that begins like a formula for one and carry it out; whoever wrote the name of a
//! span would then act on the reader's machine. Such texts get an apostrophe before them, as OWASP advises
//! ("CSV Injection"). Numbers that are ours are left as they are, negative ones included.

/// A field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field<'a> {
    /// Any text.
    Text(&'a str),
    /// A number, written by this program.
    Number(&'a str),
}

/// Appends a record.
pub fn record<'a>(out: &mut String, fields: impl IntoIterator<Item = Field<'a>>) {
    for (at, field) in fields.into_iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        match field {
            Field::Number(number) => out.push_str(number),
            Field::Text(text) => write_text(out, text),
        }
    }
    out.push_str("\r\n");
}

fn write_text(out: &mut String, text: &str) {
    let guard = if is_formula(text) { "'" } else { "" };
    if !text.contains(['"', ',', '\r', '\n']) {
        out.push_str(guard);
        return out.push_str(text);
    }
    out.push('"');
    out.push_str(guard);
    for (at, part) in text.split('"').enumerate() {
        if at > 0 {
            out.push_str("\"\"");
        }
        out.push_str(part);
    }
    out.push('"');
}

/// Whether a spreadsheet may take a text for a formula; some also look behind what cannot be seen, and take the
/// wide forms of the signs.
fn is_formula(text: &str) -> bool {
    let first = text.trim_start_matches([' ', '\u{a0}', '\u{feff}', '\u{200b}']).chars().next();
    matches!(first, Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(fields: &[Field<'_>]) -> String {
        let mut out = String::new();
        record(&mut out, fields.iter().copied());
        out
    }

    #[test]
    fn fields_are_quoted_where_they_must_be() {
        use Field::{Number, Text};
        assert_eq!(
            written(&[
                Text("GET /cart"),
                Number("-5"),
                Text("a,b"),
                Text("say \"x\""),
                Text(""),
                Text("a\nb")
            ]),
            "GET /cart,-5,\"a,b\",\"say \"\"x\"\"\",,\"a\nb\"\r\n"
        );
        assert_eq!(written(&[]), "\r\n");
    }

    #[test]
    fn no_text_is_a_formula() {
        for (text, expected) in [
            ("=1+1", "'=1+1\r\n"),
            ("=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"\r\n"),
            ("-2", "'-2\r\n"),
            ("@SUM(A1)", "'@SUM(A1)\r\n"),
            (" +1", "' +1\r\n"),
            ("\t=1", "'\t=1\r\n"),
            ("a=1", "a=1\r\n"),
        ] {
            assert_eq!(written(&[Field::Text(text)]), expected);
        }
    }

    /// Fields of one record, the way RFC 4180 is read.
    fn read(line: &str) -> Vec<String> {
        let mut fields = vec![String::new()];
        let mut in_quotes = false;
        let mut chars = line.strip_suffix("\r\n").unwrap_or(line).chars().peekable();
        while let Some(c) = chars.next() {
            let field = fields.last_mut().unwrap();
            match c {
                '"' if in_quotes && chars.peek() == Some(&'"') => field.extend(chars.next()),
                '"' => in_quotes = !in_quotes,
                ',' if !in_quotes => fields.push(String::new()),
                c => field.push(c),
            }
        }
        fields
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(texts in prop::collection::vec("(?s).{0,12}", 1..5)) {
            let fields: Vec<Field<'_>> = texts.iter().map(|text| Field::Text(text)).collect();
            let back = read(&written(&fields));
            prop_assert_eq!(back.len(), texts.len());
            for (text, back) in texts.iter().zip(&back) {
                let expected = if is_formula(text) { format!("'{text}") } else { text.clone() };
                prop_assert_eq!(back, &expected);
                prop_assert!(!back.starts_with(['=', '+', '-', '@']));
            }
        }
    }
}
