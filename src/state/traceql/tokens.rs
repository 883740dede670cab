//! The words of a query in TraceQL, as far as completion tells them apart.

use std::ops::Range;

/// A word of the query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Open,
    Close,
    LeftParenthesis,
    RightParenthesis,
    Comma,
    Pipe,
    Joint,
    Comparison,
    /// A field, a keyword, a number, a function.
    Name,
    /// In quotes, closed or not.
    Text,
}

#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// Bytes of the query.
    pub(super) at: Range<usize>,
    /// Whether it is a text whose quote is not closed.
    pub(super) is_open: bool,
}

/// Characters that end a name.
fn ends_name(c: char) -> bool {
    c.is_whitespace() || "{}()=~!<>&|^,\"`".contains(c)
}

/// The words of a query, whatever is wrong with it. O(length).
pub(super) fn tokens(query: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut at = 0;
    while let Some(c) = query.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = query.get(at..).unwrap_or_default();
        if c.is_whitespace() {
            at += c.len_utf8();
            continue;
        }
        let (kind, length, is_open) = match c {
            '{' => (Kind::Open, 1, false),
            '}' => (Kind::Close, 1, false),
            '(' => (Kind::LeftParenthesis, 1, false),
            ')' => (Kind::RightParenthesis, 1, false),
            ',' => (Kind::Comma, 1, false),
            '"' | '`' => {
                let (length, is_open) = quoted(rest, c);
                (Kind::Text, length, is_open)
            }
            '=' | '!' | '<' | '>' | '~' | '&' | '|' | '^' => {
                let length = rest.find(|c| !"=!<>~&|^".contains(c)).unwrap_or(rest.len());
                let kind = match rest.get(..length).unwrap_or_default() {
                    "|" => Kind::Pipe,
                    "&&" | "||" | "&" | ">>" | "<<" | "&>>" | "&<<" | "&>" | "&<" | "~" | "&~" => Kind::Joint,
                    _ => Kind::Comparison,
                };
                (kind, length, false)
            }
            _ => (Kind::Name, name(rest), false),
        };
        tokens.push(Token { kind, at: at..at + length, is_open });
        at += length.max(1);
    }
    tokens
}

/// Length of a name, of which parts may stand in quotes.
fn name(text: &str) -> usize {
    let mut at = 0;
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let is_part = c == '"' && text.get(..at).is_some_and(|before| before.ends_with('.'));
        if is_part {
            at += quoted(text.get(at..).unwrap_or_default(), '"').0;
        } else if ends_name(c) {
            break;
        } else {
            at += c.len_utf8();
        }
    }
    at
}

/// Length of a text in quotes, and whether it has no end.
fn quoted(text: &str, quote: char) -> (usize, bool) {
    let mut is_escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' if quote == '"' => is_escaped = true,
            c if c == quote => return (at + 1, false),
            _ => {}
        }
    }
    (text.len(), true)
}
