//! Texts without their variable parts, so that calls which differ only in ids or literals count as one.
//!
//! Scanners by hand: each text is read once, and whoever calls them does so once per distinct text.

/// Takes the place of what looks like an id.
const ID: &str = "{id}";

const DIGIT: u8 = 1;
const HEX: u8 = 1 << 1;
/// May be part of a long token.
const TOKEN: u8 = 1 << 2;
const AT: u8 = 1 << 3;
const DOT: u8 = 1 << 4;
/// May be part of a word in a statement.
const WORD: u8 = 1 << 5;

/// What each byte counts for.
static CLASS_OF: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut classes = [0; 256];
    let mut at = 0;
    while at < classes.len() {
        let b = at as u8;
        let is_token = b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'=' | b'.' | b'~');
        let is_word = b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$' | b'#') || !b.is_ascii();
        classes[at] = (DIGIT * b.is_ascii_digit() as u8)
            | (HEX * b.is_ascii_hexdigit() as u8)
            | (TOKEN * is_token as u8)
            | (AT * (b == b'@') as u8)
            | (DOT * (b == b'.') as u8)
            | (WORD * is_word as u8);
        at += 1;
    }
    classes
}

fn class(byte: u8) -> u8 {
    CLASS_OF[usize::from(byte)]
}

/// Whether a piece of text is an id rather than a word: all digits, a UUID, long hexadecimal, an e-mail
/// address, or a long token with digits in it.
pub fn looks_like_id(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (mut all, mut any, mut digits) = (!0, 0, 0);
    for &byte in bytes {
        let class = class(byte);
        all &= class;
        any |= class;
        digits += usize::from(class & DIGIT);
    }
    let is_uuid = || {
        let is_dash = |at: usize| matches!(at, 8 | 13 | 18 | 23);
        bytes.len() == 36
            && bytes
                .iter()
                .enumerate()
                .all(|(at, b)| if is_dash(at) { *b == b'-' } else { b.is_ascii_hexdigit() })
    };
    let has = |classes: u8, class: u8| classes & class == class;
    !bytes.is_empty()
        && (has(all, DIGIT)
            || (has(all, HEX) && bytes.len() >= 8 && digits > 0)
            || has(any, AT | DOT)
            || (has(all, TOKEN) && bytes.len() >= 16 && digits >= 4)
            || is_uuid())
}

/// A span name with `{id}` for its variable parts.
pub fn span_name(text: &str) -> String {
    let is_separator = |c: char| c.is_whitespace() || matches!(c, '/' | ':' | ',');
    let mut out = String::with_capacity(text.len());
    for piece in text.split_inclusive(is_separator) {
        let body = piece.trim_end_matches(is_separator);
        out.push_str(if looks_like_id(body) { ID } else { body });
        out.push_str(piece.get(body.len()..).unwrap_or_default());
    }
    out
}

/// What stands before the first byte that `is` an end.
fn head(text: &str, is: impl Fn(u8) -> bool) -> &str {
    let end = text.bytes().position(is).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

/// What stands before and after the first `//`.
fn around_slashes(text: &str) -> Option<(&str, &str)> {
    let at =
        memchr::memchr_iter(b'/', text.as_bytes()).find(|at| text.as_bytes().get(at + 1) == Some(&b'/'))?;
    Some((text.get(..at)?, text.get(at + 2..)?))
}

/// A URL as host and path with `{id}` for variable segments: no scheme, credentials, query or fragment.
pub fn url(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    add_url(text, &mut out);
    out
}

/// Adds what [`url`] says to `out`.
pub fn add_url(text: &str, out: &mut String) {
    let text = head(text, |b| matches!(b, b'?' | b'#'));
    let is_scheme = |s: &str| s.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    let after_scheme = match around_slashes(text) {
        Some(("", rest)) => Some(rest),
        Some((scheme, rest)) if scheme.strip_suffix(':').is_some_and(is_scheme) => Some(rest),
        _ => None,
    };
    let mut path = text;
    if let Some(rest) = after_scheme {
        let authority = head(rest, |b| b == b'/');
        path = rest.get(authority.len()..).unwrap_or_default();
        let from = out.len();
        out.push_str(authority.rsplit('@').next().unwrap_or_default());
        if let Some(host) = out.get_mut(from..) {
            host.make_ascii_lowercase();
        }
    }
    if path.is_empty() {
        out.push('/');
    }
    let mut rest = path;
    loop {
        let segment = head(rest, |b| b == b'/');
        out.push_str(if looks_like_id(segment) { ID } else { segment });
        let Some(next) = rest.get(segment.len() + 1..) else { return };
        out.push('/');
        rest = next;
    }
}

/// A number for a URL without the numbers that are segments of its path. Where two have the same, [`url`] makes the
/// same of them, and it takes a fraction of the time.
pub fn outline_of_url(text: &str) -> u64 {
    let text = head(text, |b| matches!(b, b'?' | b'#')).as_bytes();
    let (mut hash, mut before, mut at) = (FNV_BASE, [b' '; 2], 0);
    while let Some(&byte) = text.get(at) {
        let (mut mark, mut len) = (byte, 1);
        // What follows two slashes may be a host.
        if byte.is_ascii_digit() && before[1] == b'/' && before[0] != b'/' {
            let digits = n_digits(text, at);
            if text.get(at + digits).is_none_or(|&next| next == b'/') {
                (mark, len) = (A_NUMBER, digits);
            }
        }
        hash = add_byte(hash, mark);
        before = [before[1], byte];
        at += len;
    }
    hash
}

/// What stands in an outline for something longer: no text has these bytes.
const A_NUMBER: u8 = 0xfd;
const A_TEXT: u8 = 0xfe;
const AN_OPEN_TEXT: u8 = 0xff;

fn n_digits(text: &[u8], at: usize) -> usize {
    text.get(at..).unwrap_or_default().iter().take_while(|b| b.is_ascii_digit()).count()
}

/// A step of FNV-1a.
fn add_byte(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
}

const FNV_BASE: u64 = 0xcbf2_9ce4_8422_2325;

/// Host and port of a URL, as they are written, without credentials; none for a mere path.
pub fn authority(text: &str) -> Option<&str> {
    let (_, rest) = around_slashes(text)?;
    let authority = head(rest, |b| matches!(b, b'/' | b'?' | b'#'));
    authority.rsplit('@').next().filter(|host| !host.is_empty())
}

/// The host of a URL without port, as it is written; none for a mere path.
pub fn host(text: &str) -> Option<&str> {
    let host = authority(text)?;
    let host = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next()?,
        None => head(host, |b| b == b':'),
    };
    (!host.is_empty()).then_some(host)
}

/// A statement with `?` for its literals, in lower case, white space evened out.
pub fn sql(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    add_sql(text, &mut out);
    out
}

/// Adds what [`sql`] says to `out`.
pub fn add_sql(text: &str, out: &mut String) {
    let from = out.len();
    let mut scan = Sql { text, at: 0, out, from, blank: false };
    while let Some(byte) = scan.peek(0) {
        scan.step(byte);
    }
    let written = out.get(from..).unwrap_or_default();
    out.truncate(from + written.trim_end_matches([';', ' ']).len());
    match out.get_mut(from..) {
        Some(written) if written.is_ascii() => written.make_ascii_lowercase(),
        written => {
            let lower = written.map(|written| written.to_lowercase()).unwrap_or_default();
            out.truncate(from);
            out.push_str(&lower);
        }
    }
}

/// A number for a statement without its numbers and texts. Where two have the same, [`sql`] makes the same of them,
/// and it takes a fraction of the time. None where that is not certain: comments and quoted names.
pub fn outline_of_sql(text: &str) -> Option<u64> {
    let text = text.as_bytes();
    let (mut hash, mut before, mut at) = (FNV_BASE, b' ', 0);
    while let Some(&byte) = text.get(at) {
        let (mark, len) = match (before, byte) {
            (_, b'"' | b'`') | (b'-', b'-') | (b'/', b'*') | (b'%', b'(') => return None,
            (_, b'\'') => match memchr::memchr(b'\'', text.get(at + 1..).unwrap_or_default()) {
                Some(end) => (A_TEXT, end + 2),
                None => (AN_OPEN_TEXT, text.len()),
            },
            // One that begins with 0 may be hexadecimal.
            (before, b'1'..=b'9') if !is_word(before) => (A_NUMBER, n_digits(text, at)),
            _ => (byte, 1),
        };
        hash = add_byte(hash, mark);
        before = byte;
        at += len;
    }
    Some(hash)
}

fn is_word(byte: u8) -> bool {
    class(byte) & WORD != 0
}

struct Sql<'a> {
    text: &'a str,
    at: usize,
    out: &'a mut String,
    /// Where in `out` the statement begins.
    from: usize,
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
        if std::mem::take(&mut self.blank) && self.out.len() > self.from && !self.out.ends_with('(') {
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
        // Most of what is written are words and the blanks between them.
        if byte == b' ' {
            self.at += 1;
            self.blank = true;
            return;
        }
        if byte.is_ascii_alphabetic() {
            return self.word();
        }
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
            _ if is_word(byte) => self.word(),
            _ => self.copy(1),
        }
    }

    fn word(&mut self) {
        let len = self.run(0, is_word);
        let word = self.text.get(self.at..self.at + len).unwrap_or_default();
        if word.eq_ignore_ascii_case("true") || word.eq_ignore_ascii_case("false") {
            self.literal(len);
        } else {
            self.copy(len);
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
        let written = self.out.get(self.from..).unwrap_or_default();
        let open = memchr::memrchr2(b'(', b')', written.as_bytes()).map(|at| self.from + at);
        let open = open.filter(|&at| self.out.as_bytes().get(at) == Some(&b'('));
        if let Some(open) = open
            && self.out.get(open + 1..).is_some_and(|list| list.split(", ").all(|item| item == "?"))
        {
            self.out.truncate(open + 2);
        }
        self.copy(1);
        if self.out.get(self.from..).is_some_and(|written| written.ends_with("(?), (?)")) {
            self.out.truncate(self.out.len() - 5);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is added to a text, which must not depend on what stands there.
    fn written(write: fn(&str, &mut String), text: &str) -> String {
        let mut out = "db|(?, (?), (".to_owned();
        let from = out.len();
        write(text, &mut out);
        out.split_off(from)
    }

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
            assert_eq!(written(add_sql, text), expected, "{text}");
        }
    }

    #[test]
    fn equal_outlines_are_equal_statements_and_urls() {
        use std::collections::BTreeMap;
        let parts = [
            "a", "1", "27", "0x1f", "0", ".", ",", " ", "(", ")", "'", "'b'", ":", "$1", "@", "?", "%", "-",
            "+", "e5", "/", "*", "\n", "ä", "\"", "//", "h:80", "#",
        ];
        let (mut statements, mut urls) = (BTreeMap::new(), BTreeMap::new());
        let mut seed = 1_u64;
        for _ in 0..200_000 {
            let mut text = String::new();
            for _ in 0..6 {
                seed = crate::base::hash::mix(seed, 1);
                text.push_str(parts[(seed >> 20) as usize % parts.len()]);
            }
            if let Some(outline) = outline_of_sql(&text) {
                let known = statements.entry(outline).or_insert_with(|| text.clone());
                assert_eq!(written(add_sql, known), written(add_sql, &text), "{known} {text}");
            }
            let known = urls.entry(outline_of_url(&text)).or_insert_with(|| text.clone());
            assert_eq!(written(add_url, known), written(add_url, &text), "{known} {text}");
        }
        let outline = |id: u32| outline_of_sql(&format!("select * from t where a = {id} and b = '{id}'"));
        assert_eq!(outline(1), outline(27));
        let outline = |id: u32| outline_of_url(&format!("https://shop:80/items/{id}/price?{id}"));
        assert_eq!(outline(1), outline(27));
    }

    #[test]
    fn a_statement_that_is_nothing_but_parentheses_takes_no_longer() {
        for part in ["(", ")", "(?, ", "?)", "'", "::", "%(", "-", "/*"] {
            let text = part.repeat(50_000);
            assert!(written(add_sql, &text).len() <= text.len() * 2);
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
            assert_eq!(written(add_url, text), expected, "{text}");
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
