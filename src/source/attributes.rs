//! The box for attributes of the search form: logfmt, `key=value key="with spaces"`.

use thiserror::Error;

/// Why a text is not logfmt.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AttributesError {
    /// A word without an equals sign.
    #[error("`{word}` has no value: write {word}=value")]
    NoValue {
        /// The word.
        word: String,
    },
    /// A quote that is not closed.
    #[error("a quote is not closed after `{key}=`")]
    OpenQuote {
        /// The key before it.
        key: String,
    },
    /// A value without a key.
    #[error("a key is missing before `=`")]
    NoKey,
}

/// The pairs of a text in logfmt, in order.
///
/// # Errors
/// At the first word that is no pair.
pub fn parse(text: &str) -> Result<Vec<(String, String)>, AttributesError> {
    let mut pairs = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
        let (key, after) = rest.split_at(end);
        let Some(value) = after.strip_prefix('=') else {
            return Err(AttributesError::NoValue { word: key.to_owned() });
        };
        if key.is_empty() {
            return Err(AttributesError::NoKey);
        }
        let (value, after) = if let Some(quoted) = value.strip_prefix('"') {
            unquote(quoted).ok_or_else(|| AttributesError::OpenQuote { key: key.to_owned() })?
        } else {
            let (value, after) = value.split_at(value.find(char::is_whitespace).unwrap_or(value.len()));
            (value.to_owned(), after)
        };
        pairs.push((key.to_owned(), value));
        rest = after.trim_start();
    }
    Ok(pairs)
}

/// The text before the closing quote, with `\"` and `\\` as what they stand for, and what comes after it.
fn unquote(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((value, text.get(at + 1..)?)),
            '\\' => value.push(chars.next()?.1),
            c => value.push(c),
        }
    }
    None
}

/// The pairs as logfmt, with quotes where they are needed.
pub fn print(pairs: &[(String, String)]) -> String {
    let mut out = String::new();
    for (key, value) in pairs {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(key);
        out.push('=');
        if value.is_empty() || value.contains(|c: char| c.is_whitespace() || matches!(c, '"' | '\\' | '=')) {
            out.push('"');
            for c in value.chars() {
                if matches!(c, '"' | '\\') {
                    out.push('\\');
                }
                out.push(c);
            }
            out.push('"');
        } else {
            out.push_str(value);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn pairs_are_read_in_order() {
        let pairs = parse(r#" error=true  http.url="GET \"/a b\"" empty= "#).unwrap();
        let expected = [("error", "true"), ("http.url", "GET \"/a b\""), ("empty", "")];
        assert_eq!(pairs, expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
    }

    #[test]
    fn what_is_no_pair_is_named() {
        assert_eq!(parse("error"), Err(AttributesError::NoValue { word: "error".to_owned() }));
        assert_eq!(parse("a=\"b"), Err(AttributesError::OpenQuote { key: "a".to_owned() }));
        assert_eq!(parse("=b"), Err(AttributesError::NoKey));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(pairs in prop::collection::vec(("[a-z.]{1,8}", "\\PC{0,12}"), 0..5)) {
            prop_assert_eq!(parse(&print(&pairs)), Ok(pairs));
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,40}") {
            let _ = parse(&text);
        }
    }
}
