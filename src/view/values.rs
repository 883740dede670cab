//! Values of attributes made readable: JSON and SQL in lines, long texts folded, stacks with own code apart.
//!
//! All of it is for the eye: what is copied is always the text as it was read.

use super::text::visible;

/// Characters of a value that are shown before it is unfolded.
const FOLDED: usize = 400;
/// Lines of a value that are shown before it is unfolded.
const FOLDED_LINES: usize = 12;
/// Longer texts are not put in lines: nobody reads them here.
const MAX_PRETTY: usize = 200_000;

/// What a text was recognised as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// Just text.
    #[default]
    Plain,
    /// JSON, put in lines.
    Json,
    /// SQL, put in lines.
    Sql,
}

impl Language {
    /// Value of the `data-language` attribute.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Json => "json",
            Self::Sql => "sql",
        }
    }
}

/// A value as it is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// All of it.
    pub text: String,
    /// Its beginning, where it is too long to be shown at once.
    pub short: Option<String>,
    /// What it was recognised as.
    pub language: Language,
}

/// A value for the eye. Strings are searched for JSON and SQL; arrays and maps are JSON anyway.
pub fn shown(text: &str, is_string: bool) -> Shown {
    let (text, language) = match pretty_json(text).filter(|_| text.len() <= MAX_PRETTY) {
        Some(json) => (json, Language::Json),
        None if is_string && is_sql(text) && text.len() <= MAX_PRETTY => (pretty_sql(text), Language::Sql),
        None if is_string && text.is_empty() => ("\"\"".to_owned(), Language::Plain),
        None => (text.to_owned(), Language::Plain),
    };
    let text = visible(&text, true).into_owned();
    Shown { short: folded(&text), text, language }
}

/// Longer addresses are no links: nobody made them to be followed.
const MAX_LINK: usize = 2_000;

/// The address that a value leads to, when all of it is an address of the web. Any other scheme could run a
/// script or show what it likes, so only http and https are followed.
pub fn link_target(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_once("://")?;
    let is_web = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    let has_host = rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[');
    let is_one_word =
        !text.contains(|c: char| c.is_whitespace() || c.is_control() || "<>\"`\\{}|^".contains(c));
    (is_web && has_host && is_one_word && text.len() <= MAX_LINK).then_some(text)
}

/// The beginning of a text that is too long.
fn folded(text: &str) -> Option<String> {
    let by_lines = text.match_indices('\n').nth(FOLDED_LINES - 1).map(|(at, _)| at);
    let by_chars = text.char_indices().nth(FOLDED).map(|(at, _)| at);
    let end = match (by_lines, by_chars) {
        (Some(a), Some(b)) => a.min(b),
        (a, b) => a.or(b)?,
    };
    // Folding the last few characters away would cost more room than it saves.
    (text.len() - end > 80 || by_lines.is_some()).then(|| format!("{}…", &text[..end]))
}

/// JSON objects and arrays in lines, as they are written but for white space; none for anything else.
fn pretty_json(text: &str) -> Option<String> {
    let text = text.trim();
    let outer = (text.as_bytes().first()?, text.as_bytes().last()?);
    if text.len() < 3 || !matches!(outer, (b'{', b'}') | (b'[', b']')) {
        return None;
    }
    let mut out = String::with_capacity(text.len() * 2);
    let mut open: Vec<char> = Vec::new();
    let mut chars = text.chars().peekable();
    let indent = |out: &mut String, depth: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth.min(40)));
    };
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                out.push('"');
                loop {
                    let c = chars.next()?;
                    out.push(c);
                    match c {
                        '\\' => out.push(chars.next()?),
                        '"' => break,
                        _ => {}
                    }
                }
            }
            '{' | '[' => {
                open.push(if c == '{' { '}' } else { ']' });
                out.push(c);
                while chars.peek().is_some_and(|c| c.is_whitespace()) {
                    chars.next();
                }
                if chars.peek() != open.last() {
                    indent(&mut out, open.len());
                }
            }
            '}' | ']' => {
                if open.pop() != Some(c) {
                    return None;
                }
                if !out.ends_with(['{', '[']) {
                    indent(&mut out, open.len());
                }
                out.push(c);
            }
            ',' => {
                out.push(',');
                indent(&mut out, open.len());
            }
            ':' => out.push_str(": "),
            // Two words side by side are prose.
            c if c.is_whitespace() && !follows_word(&out, &mut chars) => {}
            // Of a value without quotes only what JSON has: otherwise it was not JSON.
            c if c.is_alphanumeric() || matches!(c, '-' | '+' | '.') => out.push(c),
            _ => return None,
        }
        if open.is_empty() {
            break;
        }
    }
    (open.is_empty() && chars.next().is_none()).then_some(out)
}

/// Whether white space stands between two words. Skips it.
fn follows_word(before: &str, rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> bool {
    while rest.peek().is_some_and(|c| c.is_whitespace()) {
        rest.next();
    }
    before.ends_with(char::is_alphanumeric) && rest.peek().is_some_and(|c| c.is_alphanumeric())
}

const SQL_STARTS: &[&str] =
    &["select", "insert", "update", "delete", "with", "create", "alter", "merge", "replace", "explain"];

/// Keywords that begin a line.
const SQL_CLAUSES: &[&str] = &[
    "select",
    "from",
    "where",
    "group by",
    "order by",
    "having",
    "limit",
    "offset",
    "union",
    "left join",
    "right join",
    "inner join",
    "full join",
    "cross join",
    "join",
    "values",
    "set",
    "returning",
    "on conflict",
    "insert into",
    "update",
    "delete from",
    "for update",
    "with",
];

fn is_sql(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let first = words.next().unwrap_or_default();
    // A span called "update" is no SQL: there must be something to put in lines.
    SQL_STARTS.iter().any(|s| first.eq_ignore_ascii_case(s)) && words.count() >= 3
}

/// SQL with each clause on its own line. Clauses within parentheses stay where they are; text in quotes is
/// never touched.
fn pretty_sql(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    let mut depth = 0_usize;
    let mut rest = text.trim();
    while let Some(c) = rest.chars().next() {
        match c {
            '\'' | '"' | '`' => {
                let end = rest[1..].find(c).map_or(rest.len(), |at| at + 2);
                out.push_str(&rest[..end]);
                rest = &rest[end..];
                continue;
            }
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            c if c.is_whitespace() => {
                rest = rest.trim_start();
                let clause = SQL_CLAUSES.iter().find_map(|clause| clause_len(rest, clause));
                let len = clause.filter(|_| depth == 0).unwrap_or(0);
                if !rest.is_empty() {
                    out.push(if len > 0 { '\n' } else { ' ' });
                }
                out.push_str(&rest[..len].split_whitespace().collect::<Vec<_>>().join(" "));
                rest = &rest[len..];
                continue;
            }
            _ => {}
        }
        out.push(c);
        rest = &rest[c.len_utf8()..];
    }
    out
}

/// Bytes of `text` that are the words of `clause`, in any case and with any space between.
fn clause_len(text: &str, clause: &str) -> Option<usize> {
    let mut rest = text;
    for word in clause.split(' ') {
        rest = rest.trim_start();
        let head = rest.get(..word.len())?;
        rest = &rest[word.len()..];
        if !head.eq_ignore_ascii_case(word) || rest.starts_with(|c: char| c.is_alphanumeric() || c == '_') {
            return None;
        }
    }
    Some(text.len() - rest.len())
}

/// One line of a stack trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackLine {
    /// The line.
    pub text: String,
    /// Whether it is a frame of a library or the runtime, not of the program itself.
    pub is_library: bool,
}

/// Parts of a frame that belong to libraries and runtimes, by language.
const LIBRARY: &[&str] = &[
    // JavaScript
    "node_modules/",
    "node:",
    "<anonymous>",
    "internal/process",
    // Python
    "site-packages/",
    "dist-packages/",
    "/lib/python",
    "<frozen ",
    // Java, Kotlin, Scala
    " java.",
    " javax.",
    " jdk.",
    " sun.",
    " com.sun.",
    " org.springframework.",
    " org.apache.",
    " org.eclipse.",
    " io.netty.",
    " reactor.",
    " kotlin.",
    " kotlinx.",
    " scala.",
    " akka.",
    " org.hibernate.",
    " io.grpc.",
    " java.base/",
    " jakarta.",
    " com.zaxxer.",
    " org.postgresql.",
    " io.opentelemetry.",
    "$$FastClass",
    "$$Enhancer",
    // .NET
    " System.",
    " Microsoft.",
    " Npgsql.",
    " Grpc.",
    // Go
    "/usr/local/go/",
    "/pkg/mod/",
    "runtime.",
    "net/http.",
    "google.golang.org/",
    // Ruby, PHP
    "/gems/",
    "/vendor/",
    "lib/ruby",
    // Rust
    "/rustc/",
    "/.cargo/registry/",
    "core::",
    "std::",
    "tokio::",
    "hyper::",
];

/// A stack trace in lines. Frames of libraries are marked, so that the reader's own code can stand out; lines
/// that are no frames (messages, `Caused by`) never are.
pub fn stack_lines(stack: &str) -> Vec<StackLine> {
    let mut was_library = false;
    stack
        .lines()
        .map(|line| {
            let trimmed = line.trim_start();
            let is_indented = trimmed.len() < line.len();
            let is_frame = trimmed.starts_with("at ") || trimmed.starts_with("File \"") || is_indented;
            let names_place = LIBRARY.iter().any(|part| trimmed.contains(part));
            // Python writes the source below its frame; it goes with it.
            let is_source = is_indented && !trimmed.starts_with("at ") && !trimmed.starts_with("File ");
            let is_library = is_frame && (names_place || (is_source && was_library));
            was_library = is_library;
            StackLine { text: visible(line, true).into_owned(), is_library }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_web_addresses_are_links() {
        for good in [
            "http://a",
            "https://example.com/a?b=c#d",
            "HTTPS://Example.com",
            "http://127.0.0.1:80/",
            "http://[::1]/",
        ] {
            assert_eq!(link_target(good), Some(good));
        }
        for bad in [
            "",
            "example.com",
            "javascript:alert(1)",
            "javascript://example.com/%0aalert(1)",
            "data:text/html,<b>",
            "data://example.com",
            "ftp://example.com",
            "file:///etc/passwd",
            "https://",
            "https:///path",
            " https://example.com",
            "see https://example.com",
            "https://example.com and more",
            "https://example.com\n",
            "https://{host}/path",
            "\u{1}https://example.com",
        ] {
            assert_eq!(link_target(bad), None, "{bad}");
        }
        assert_eq!(link_target(&format!("https://a/{}", "b".repeat(MAX_LINK))), None);
    }

    #[test]
    fn json_is_put_in_lines() {
        for (text, expected) in [
            (r#"{"a":1,"b":[true,null]}"#, Some("{\n  \"a\": 1,\n  \"b\": [\n    true,\n    null\n  ]\n}")),
            (r#"[ ]"#, Some("[]")),
            (r#"{"a":"}\"{"}"#, Some("{\n  \"a\": \"}\\\"{\"\n}")),
            ("{not json at all}", None),
            ("[1, 2", None),
            ("[1]]", None),
            ("plain", None),
            ("", None),
        ] {
            assert_eq!(pretty_json(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn sql_has_a_line_per_clause() {
        let text =
            "SELECT a, (select 1 from t) FROM x  LEFT JOIN y ON x.id = y.id WHERE n = ' from ' order   by a";
        assert_eq!(
            shown(text, true).text,
            "SELECT a, (select 1 from t)\nFROM x\nLEFT JOIN y ON x.id = y.id\nWHERE n = ' from '\norder by a"
        );
        assert_eq!(shown("update cart", true).language, Language::Plain);
        assert_eq!(shown("WITH 'unclosed from here on", true).text, "WITH 'unclosed from here on");
    }

    #[test]
    fn long_values_are_folded() {
        let long = "x".repeat(2_000);
        let value = shown(&long, true);
        assert_eq!(value.text.len(), 2_000);
        assert_eq!(value.short.map(|s| s.chars().count()), Some(FOLDED + 1));
        assert_eq!(shown(&"y".repeat(FOLDED + 10), true).short, None);
        assert_eq!(shown("", true).text, "\"\"");
        assert!(shown(&"line\n".repeat(30), true).short.is_some());
    }

    #[test]
    fn frames_of_libraries_are_told_apart() {
        let stack = "java.lang.IllegalStateException: no stock\n\tat com.shop.Cart.add(Cart.java:12)\n\tat org.springframework.web.Servlet.run(Servlet.java:9)\nCaused by: java.io.IOException\n  File \"/usr/lib/python3/site-packages/x.py\", line 3, in f\n    g()\n  File \"/app/main.py\", line 1, in h\n    f()";
        let library: Vec<bool> = stack_lines(stack).iter().map(|l| l.is_library).collect();
        assert_eq!(library, [false, false, true, false, true, true, false, false]);
        assert!(stack_lines("").is_empty());
    }
}
