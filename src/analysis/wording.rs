//! Numbers and lists in the sentences of findings.

use std::fmt::{self, Write as _};

use super::sensitive;

pub use crate::base::quantity::{bytes, duration as time, share};
pub use crate::base::text::{counted, grouped};

/// Parts of a thousand, rounded down; 0 where there is no whole.
pub fn permille(part: i64, whole: i64) -> u32 {
    if whole <= 0 {
        return 0;
    }
    let permille = i128::from(part.max(0)) * 1000 / i128::from(whole);
    permille.min(i128::from(u32::MAX)) as u32
}

/// `a`, `a and b`, `a, b and c`; beyond `most`, how many more there are.
pub fn list<T: AsRef<str>>(items: &[T], most: usize) -> String {
    let mut text = String::new();
    let shown = items.len().min(most);
    for (at, item) in items.iter().take(shown).enumerate() {
        let is_last = at + 1 == shown && shown == items.len();
        text.push_str(match at {
            0 => "",
            _ if is_last => " and ",
            _ => ", ",
        });
        text.push_str(item.as_ref());
    }
    if shown < items.len() {
        let _ = write!(text, " and {} more", grouped((items.len() - shown) as u64));
    }
    text
}

/// Adds to a sentence.
pub fn add(text: &mut String, more: fmt::Arguments) {
    let _ = text.write_fmt(more);
}

/// A text on one line, cut after `most` characters.
pub fn short(text: &str, most: usize) -> String {
    let mut out = String::new();
    for (at, word) in text.split_whitespace().enumerate() {
        if at > 0 {
            out.push(' ');
        }
        out.push_str(word);
        if out.len() > most * 4 {
            break;
        }
    }
    if out.chars().count() > most {
        out = out.chars().take(most.saturating_sub(1)).collect();
        out.push('…');
    }
    out
}

/// Whether a name only says how something is called (`GET`, `SELECT`), not what.
pub fn is_method(name: &str) -> bool {
    const METHODS: [&str; 14] = [
        "get",
        "post",
        "put",
        "delete",
        "patch",
        "head",
        "options",
        "http",
        "http get",
        "http post",
        "http put",
        "select",
        "insert",
        "update",
    ];
    METHODS.iter().any(|method| method.eq_ignore_ascii_case(name))
}

/// A text without what must not be shown: names of spans, messages and URLs can hold secrets as well.
pub fn safe(text: &mut String) {
    let is_secret = |text: &str| !sensitive::leaks(false, false, text).is_empty();
    if !is_secret(text) {
        return;
    }
    let words: Vec<String> = text
        .split(' ')
        .map(|word| if is_secret(word) { sensitive::masked(word) } else { word.to_owned() })
        .collect();
    *text = words.join(" ");
    if is_secret(text) {
        // A secret of several words, such as a token after the word that announces it.
        let has_digit = |word: &str| word.bytes().any(|b| b.is_ascii_digit()) || word.len() > 20;
        let words: Vec<String> =
            text.split(' ')
                .map(|word| {
                    if word.len() > 3 && has_digit(word) { sensitive::masked(word) } else { word.to_owned() }
                })
                .collect();
        *text = words.join(" ");
    }
    if is_secret(text) {
        "This is not shown, since it holds a secret.".clone_into(text);
    }
}

/// Hundredths as a number: `87.5`.
pub fn hundredths(n: u64) -> String {
    crate::base::quantity::decimal(n, 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_read_as_people_write() {
        assert_eq!(list::<&str>(&[], 3), "");
        assert_eq!(list(&["a"], 3), "a");
        assert_eq!(list(&["a", "b"], 3), "a and b");
        assert_eq!(list(&["a", "b", "c"], 3), "a, b and c");
        assert_eq!(list(&["a", "b", "c", "d"], 2), "a, b and 2 more");
    }

    #[test]
    fn secrets_are_hidden_wherever_they_stand() {
        for (text, secret) in [
            ("Failed: cannot reach postgres://joe:hunter22@db/x today", "hunter22"),
            ("mail to jane@example.com failed", "jane@example.com"),
            ("sent Bearer abcdefghijklmnopqrstuvwxyz0123 to it", "abcdefghijklmnop"),
            ("card 4111 1111 1111 1111 declined", "1111 1111"),
        ] {
            let mut shown = text.to_owned();
            safe(&mut shown);
            assert!(!shown.contains(secret), "{shown}");
        }
        let mut plain = "GET /cart took 3 ms of 12345678".to_owned();
        safe(&mut plain);
        assert_eq!(plain, "GET /cart took 3 ms of 12345678");
    }

    #[test]
    fn texts_are_cut_at_characters() {
        assert_eq!(short("  SELECT\n 1 ", 20), "SELECT 1");
        assert_eq!(short("äöüß", 3), "äö…");
        assert_eq!(permille(1, 3), 333);
        assert_eq!(permille(i64::MAX, 1), u32::MAX);
    }
}
