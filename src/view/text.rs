//! Texts of a trace made fit for the eye: escapes for what cannot be seen, JSON and SQL in lines, stack traces
//! with own code apart from libraries.

/// Text with everything that cannot be seen, or turns other text around, written as an escape.
///
/// Control characters, terminal colours and bidirectional marks could otherwise hide or forge what a row says.
/// Line breaks and tabs stay when `keeps_lines`.
pub fn visible(text: &str, keeps_lines: bool) -> std::borrow::Cow<'_, str> {
    let is_plain = |c: char| !is_hidden(c) || (keeps_lines && (c == '\n' || c == '\t'));
    if text.chars().all(is_plain) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if keeps_lines && chars.peek() == Some(&'\n') => {}
            _ if is_plain(c) => out.push(c),
            '\n' => out.push('⏎'),
            '\t' => out.push(' '),
            _ => out.extend(c.escape_unicode()),
        }
    }
    out.into()
}

/// `text` cut to `max` characters, with an ellipsis where it was cut.
pub fn shortened(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
    }
}

fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{61c}')
        || ('\u{e0000}'..='\u{e007f}').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_hides_in_a_text() {
        for (text, row, block) in [
            ("GET /käse 🧀", "GET /käse 🧀", "GET /käse 🧀"),
            ("a\nb\tc", "a⏎b c", "a\nb\tc"),
            ("a\r\nb", "a\\u{d}⏎b", "a\nb"),
            ("\u{1b}[31mred", "\\u{1b}[31mred", "\\u{1b}[31mred"),
            ("abc\u{202e}fed", "abc\\u{202e}fed", "abc\\u{202e}fed"),
            ("\0", "\\u{0}", "\\u{0}"),
        ] {
            assert_eq!(visible(text, false), row);
            assert_eq!(visible(text, true), block);
        }
        assert_eq!(shortened("häuser", 3), "häu…");
        assert_eq!(shortened("häu", 3), "häu");
    }
}
