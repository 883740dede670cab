//! Texts without their variable parts, so that calls which differ only in ids or literals count as one.
//!
//! Scanners by hand: each text is read once, and whoever calls them does so once per distinct text.

/// Takes the place of what looks like an id.
const ID: &str = "{id}";

/// Whether a piece of text is an id rather than a word: all digits, a UUID, long hexadecimal, an e-mail
/// address, or a long token with digits in it.
pub fn looks_like_id(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digits = bytes.iter().filter(|b| b.is_ascii_digit()).count();
    let hex = bytes.iter().filter(|b| b.is_ascii_hexdigit()).count();
    let is_uuid = || {
        let is_dash = |at: usize| matches!(at, 8 | 13 | 18 | 23);
        bytes.len() == 36
            && bytes
                .iter()
                .enumerate()
                .all(|(at, b)| if is_dash(at) { *b == b'-' } else { b.is_ascii_hexdigit() })
    };
    let is_token = || bytes.iter().all(|b| b.is_ascii_alphanumeric() || b"_-=.~".contains(b));
    !bytes.is_empty()
        && (digits == bytes.len()
            || (hex == bytes.len() && hex >= 8 && digits > 0)
            || (bytes.contains(&b'@') && bytes.contains(&b'.'))
            || (bytes.len() >= 16 && digits >= 4 && is_token())
            || is_uuid())
}

/// A span name with `{id}` for its variable parts.
pub fn span_name(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    pieces(text, &mut out, |c| c.is_whitespace() || matches!(c, '/' | ':' | ','));
    out
}

/// A URL as host and path with `{id}` for variable segments: no scheme, credentials, query or fragment.
pub fn url(text: &str) -> String {
    let text = text.split(['?', '#']).next().unwrap_or_default();
    let is_scheme = |s: &str| s.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    let after_scheme = match text.split_once("//") {
        Some(("", rest)) => Some(rest),
        Some((scheme, rest)) if scheme.strip_suffix(':').is_some_and(is_scheme) => Some(rest),
        _ => None,
    };
    let mut out = String::with_capacity(text.len());
    let path = match after_scheme {
        None => text,
        Some(rest) => {
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            out.push_str(authority.rsplit('@').next().unwrap_or_default());
            out.make_ascii_lowercase();
            path
        }
    };
    if path.is_empty() {
        out.push('/');
    }
    pieces(path, &mut out, |c| c == '/');
    out
}

/// Host and port of a URL, as they are written, without credentials; none for a mere path.
pub fn authority(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("//")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    authority.rsplit('@').next().filter(|host| !host.is_empty())
}

/// The host of a URL without port, as it is written; none for a mere path.
pub fn host(text: &str) -> Option<&str> {
    let host = authority(text)?;
    let host = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next()?,
        None => host.split(':').next()?,
    };
    (!host.is_empty()).then_some(host)
}

/// Copies `text`, its parts between separators replaced where they look like ids.
fn pieces(text: &str, out: &mut String, is_separator: impl Fn(char) -> bool) {
    for piece in text.split_inclusive(&is_separator) {
        let body = piece.trim_end_matches(&is_separator);
        out.push_str(if looks_like_id(body) { ID } else { body });
        out.push_str(piece.get(body.len()..).unwrap_or_default());
    }
}

/// A statement with `?` for its literals, in lower case, white space evened out.
pub fn sql(text: &str) -> String {
    let mut scan = Sql { text, at: 0, out: String::with_capacity(text.len()), blank: false };
    while let Some(byte) = scan.peek(0) {
        scan.step(byte);
    }
    let mut out = scan.out;
    out.truncate(out.trim_end_matches([';', ' ']).len());
    if out.is_ascii() {
        out.make_ascii_lowercase();
        return out;
    }
    out.to_lowercase()
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'#') || !byte.is_ascii()
}

struct Sql<'a> {
    text: &'a str,
    at: usize,
    out: String,
    /// Whether a blank stands between what is written and what comes.
    blank: bool,
}

impl Sql<'_> {
    fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    /// Bytes from `from` after the present place for which `is` holds.
    fn run(&self, from: usize, is: impl Fn(u8) -> bool) -> usize {
        let rest = self.text.as_bytes().get(self.at + from..).unwrap_or_default();
        rest.iter().take_while(|b| is(**b)).count()
    }

    /// Bytes until `end` has been passed, searched from `from` on; all that is left when there is none.
    fn until(&self, from: usize, end: &str) -> usize {
        let rest = self.text.get(self.at + from..).unwrap_or_default();
        rest.find(end).map_or(rest.len(), |found| found + end.len()) + from
    }

    fn begin(&mut self) {
        if std::mem::take(&mut self.blank) && !self.out.is_empty() && !self.out.ends_with('(') {
            self.out.push(' ');
        }
    }

    fn copy(&mut self, len: usize) {
        self.begin();
        let end = self.at.saturating_add(len).min(self.text.len());
        self.out.push_str(self.text.get(self.at..end).unwrap_or_default());
        self.at = end;
    }

    fn literal(&mut self, len: usize) {
        self.begin();
        self.out.push('?');
        self.at += len;
    }

    /// Reads one token. Every branch ends at an ASCII byte or the end, so cuts never fall within a character.
    fn step(&mut self, byte: u8) {
        let next = self.peek(1);
        let before = self.at.checked_sub(1).and_then(|at| self.text.as_bytes().get(at));
        match (byte, next) {
            (b'/', Some(b'*')) => {
                self.at += self.until(2, "*/");
                self.blank = true;
            }
            (b'-', Some(b'-')) => {
                self.at += self.until(2, "\n");
                self.blank = true;
            }
            _ if byte.is_ascii_whitespace() => {
                self.at += 1;
                self.blank = true;
            }
            (b'\'', _) => {
                let mut len = self.until(1, "'");
                while self.peek(len) == Some(b'\'') {
                    len = self.until(len + 1, "'");
                }
                self.literal(len);
            }
            (b'"' | b'`', _) => self.copy(self.until(1, if byte == b'"' { "\"" } else { "`" })),
            (b':', Some(b':')) => self.copy(2),
            (b':' | b'@' | b'$', Some(name)) if is_word(name) && before != Some(&byte) => {
                self.literal(1 + self.run(1, is_word));
            }
            (b'%', Some(b's')) if !self.peek(2).is_some_and(is_word) => self.literal(2),
            (b'%', Some(b'(')) => self.literal(self.until(2, ")") + 1),
            (b'?', _) => self.literal(1 + self.run(1, |b| b.is_ascii_digit())),
            (b'-' | b'+', Some(b'0'..=b'9' | b'.')) if !before.is_some_and(|&b| is_word(b) || b == b')') => {
                match self.number(1) {
                    0 => self.copy(1),
                    len => self.literal(1 + len),
                }
            }
            (b'0'..=b'9' | b'.', _) => match self.number(0) {
                0 => self.copy(1),
                len => self.literal(len),
            },
            (b',', _) => {
                self.blank = false;
                self.copy(1);
                self.blank = true;
            }
            (b')', _) => self.close(),
            _ if is_word(byte) => {
                let len = self.run(0, is_word);
                let word = self.text.get(self.at..self.at + len).unwrap_or_default();
                if word.eq_ignore_ascii_case("true") || word.eq_ignore_ascii_case("false") {
                    self.literal(len);
                } else {
                    self.copy(len);
                }
            }
            _ => self.copy(1),
        }
    }

    /// Length of the number `from` bytes ahead; 0 when there is none.
    fn number(&self, from: usize) -> usize {
        let is_digit = |b: u8| b.is_ascii_digit();
        if self.peek(from) == Some(b'0') && matches!(self.peek(from + 1), Some(b'x' | b'X')) {
            return 2 + self.run(from + 2, |b| b.is_ascii_hexdigit());
        }
        let mut len = self.run(from, is_digit);
        if self.peek(from + len) == Some(b'.') {
            let fraction = self.run(from + len + 1, is_digit);
            if len + fraction > 0 {
                len += 1 + fraction;
            }
        }
        if len > 0 && matches!(self.peek(from + len), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(self.peek(from + len + 1), Some(b'+' | b'-')));
            let digits = self.run(from + len + 1 + sign, is_digit);
            if digits > 0 {
                len += 1 + sign + digits;
            }
        }
        len
    }

    /// Writes `)` and makes one `(?)` of a list of literals, and of a list of such lists.
    fn close(&mut self) {
        self.blank = false;
        let open = self.out.rfind(['(', ')']).filter(|&at| self.out.as_bytes().get(at) == Some(&b'('));
        if let Some(open) = open
            && self.out.get(open + 1..).is_some_and(|list| list.split(", ").all(|item| item == "?"))
        {
            self.out.truncate(open + 2);
        }
        self.copy(1);
        if self.out.ends_with("(?), (?)") {
            self.out.truncate(self.out.len() - 5);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_lose_their_literals() {
        for (text, expected) in [
            ("SELECT *  FROM t WHERE id = 42", "select * from t where id = ?"),
            (
                "select a from b where n='O''Brien' and x in (1, 2,3)",
                "select a from b where n=? and x in (?)",
            ),
            ("INSERT INTO t (a,b) VALUES (1,'x'), (2,'y')", "insert into t (a, b) values (?)"),
            ("SELECT 1 -- note\n FROM /* c */ dual;", "select ? from dual"),
            (
                "SELECT col1 FROM tab2 WHERE f = -1.5e3 AND ok = TRUE",
                "select col1 from tab2 where f = ? and ok = ?",
            ),
            ("SELECT a::text FROM t WHERE b = $1::int", "select a::text from t where b = ?::int"),
            (
                "a = $1, b = :name, c = @p, d = 0xFF, e = %s, f = %(x)s",
                "a = ?, b = ?, c = ?, d = ?, e = ?, f = ?",
            ),
            (
                "SELECT \"Col 1\" FROM `T 2` WHERE a-1 > b - 2 AND c=.5",
                "select \"col 1\" from `t 2` where a-? > b - ? and c=?",
            ),
            ("f( 1 , 2 ) , g ( a , 1 )", "f(?), g (a, ?)"),
            ("WHERE t.a = 'open", "where t.a = ?"),
            ("/* open", ""),
            ("-", "-"),
            ("%(", "?"),
            (" ; ", ""),
            ("SELECT Ä FROM Ö WHERE Ü='ß'", "select ä from ö where ü=?"),
        ] {
            assert_eq!(sql(text), expected, "{text}");
        }
    }

    #[test]
    fn a_statement_that_is_nothing_but_parentheses_takes_no_longer() {
        for part in ["(", ")", "(?, ", "?)", "'", "::", "%(", "-", "/*"] {
            let text = part.repeat(50_000);
            assert!(sql(&text).len() <= text.len() * 2);
        }
    }

    #[test]
    fn urls_are_host_and_path() {
        for (text, expected) in [
            (
                "https://api.example.com/users/123/orders/9f8b1c2d3e?x=1#y",
                "api.example.com/users/{id}/orders/{id}",
            ),
            ("http://u:p@Host:8080/a/550e8400-e29b-41d4-a716-446655440000", "host:8080/a/{id}"),
            ("https://h?x=1", "h/"),
            ("//h/x/ZXhhbXBsZV9pZF8xMjM0NTY3", "h/x/{id}"),
            ("/Feb2026report", "/Feb2026report"),
            ("/a//b", "/a//b"),
            ("", "/"),
        ] {
            assert_eq!(url(text), expected, "{text}");
        }
        assert_eq!(host("https://u:p@Cart.shop:80/x"), Some("Cart.shop"));
        assert_eq!(host("http://[::1]:80/"), Some("::1"));
        assert_eq!(host("/x"), None);
    }

    #[test]
    fn names_keep_their_words() {
        for (text, expected) in [
            ("GET /users/17", "GET /users/{id}"),
            ("job:42 retry", "job:{id} retry"),
            ("fetch-user-profile, SELECT shop.items", "fetch-user-profile, SELECT shop.items"),
            ("deadbeef deadbee1 jane@example.org", "deadbeef {id} {id}"),
            ("550e8400-e29b-41d4-a716-446655440000", "{id}"),
            ("", ""),
        ] {
            assert_eq!(span_name(text), expected, "{text}");
        }
    }
}
