//! What should not be in a trace: credentials, personal data, statements with their literals.
//!
//! Nothing found here leaves this file but under a mask: the first and the last two characters at most.

/// Why a value is sensitive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names of the specification, see `code`")]
pub enum Leak {
    AwsAccessKey,
    BasicAuth,
    BearerToken,
    Email,
    GithubToken,
    Jwt,
    KeyName,
    PaymentCard,
    PrivateKey,
    SlackToken,
    SqlLiteral,
    UrlCredentials,
    UrlSecretParam,
    UsSsn,
}

/// How bad it is that a value was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Harm {
    /// E-mail addresses, literals of statements.
    Low,
    /// Numbers of cards and people.
    Medium,
    /// Whoever reads it can act as somebody else.
    High,
}

use Leak as L;

impl Leak {
    /// Every kind in alphabetical order, with its stable name and what it is called.
    const TABLE: &'static [(Leak, &'static str, &'static str)] = &[
        (L::AwsAccessKey, "aws-access-key", "an AWS access key"),
        (L::BasicAuth, "basic-auth", "a user name with its password"),
        (L::BearerToken, "bearer-token", "a bearer token"),
        (L::Email, "email", "an e-mail address"),
        (L::GithubToken, "github-token", "a GitHub token"),
        (L::Jwt, "jwt", "a signed token (JWT)"),
        (L::KeyName, "key-name", "a secret by its name"),
        (L::PaymentCard, "payment-card", "a payment card number"),
        (L::PrivateKey, "private-key", "a private key"),
        (L::SlackToken, "slack-token", "a Slack token"),
        (L::SqlLiteral, "sql-literal", "a statement with its literals"),
        (L::UrlCredentials, "url-credentials", "a password in a URL"),
        (L::UrlSecretParam, "url-secret-param", "a secret in a URL"),
        (L::UsSsn, "us-ssn", "a social security number"),
    ];

    /// Its stable name.
    pub fn code(self) -> &'static str {
        Self::TABLE.get(self as usize).map_or("", |row| row.1)
    }

    /// What it is called in a sentence.
    pub fn words(self) -> &'static str {
        Self::TABLE.get(self as usize).map_or("", |row| row.2)
    }

    /// How bad it is.
    pub fn harm(self) -> Harm {
        match self {
            L::Email | L::SqlLiteral => Harm::Low,
            L::PaymentCard | L::UsSsn => Harm::Medium,
            _ => Harm::High,
        }
    }
}

/// Kinds found in one value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Leaks(u32);

impl Leaks {
    /// Whether nothing was found.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    fn add(&mut self, leak: Leak, is_there: bool) {
        self.0 |= u32::from(is_there) << leak as u32;
    }

    /// Whether `leak` was found.
    pub fn has(self, leak: Leak) -> bool {
        self.0 >> leak as u32 & 1 == 1
    }

    /// What was found, in alphabetical order.
    pub fn iter(self) -> impl Iterator<Item = Leak> {
        Leak::TABLE.iter().map(|row| row.0).filter(move |&leak| self.has(leak))
    }
}

/// The value with all but its first and last two characters hidden; wholly hidden when it is short.
pub fn masked(value: &str) -> String {
    let n = value.chars().count();
    if n < 8 {
        return "•".repeat(4);
    }
    let first = value.chars().take(2);
    first.chain("••••".chars()).chain(value.chars().skip(n - 2)).collect()
}

/// Last segments of keys that name a secret, in alphabetical order.
const SECRETS: &[&str] = &[
    "access_key",
    "access_token",
    "api_key",
    "apikey",
    "auth_token",
    "authorization",
    "card_number",
    "client_secret",
    "cookie",
    "credit_card",
    "cvc",
    "cvv",
    "iban",
    "id_token",
    "passphrase",
    "passwd",
    "password",
    "pin",
    "private_key",
    "pwd",
    "refresh_token",
    "secret",
    "secret_key",
    "session_id",
    "sessionid",
    "set_cookie",
    "social_security_number",
    "ssn",
    "token",
];

/// Whether a key names a secret by its last segment: `user.password`, `apiKey`, `x-auth-token`.
pub fn is_secret_key(key: &str) -> bool {
    let is_end = |c| matches!(c, '.' | '[' | ']' | '/' | ':');
    let Some(segment) = key.trim_end_matches(is_end).rsplit(is_end).next() else { return false };
    let mut name = String::with_capacity(segment.len() + 4);
    let mut was_lower = false;
    for c in segment.chars() {
        if c.is_ascii_uppercase() && was_lower {
            name.push('_');
        }
        was_lower = c.is_ascii_lowercase() || c.is_ascii_digit();
        name.push(if c == '-' { '_' } else { c.to_ascii_lowercase() });
    }
    let ends_so = |secret: &&str| {
        !matches!(*secret, "pin" | "cookie")
            && name.strip_suffix(secret).is_some_and(|rest| rest.ends_with('_'))
    };
    SECRETS.binary_search(&name.as_str()).is_ok() || SECRETS.iter().any(ends_so)
}

/// Whether a value was hidden before it was recorded, or says nothing.
fn is_redacted(value: &str) -> bool {
    let value = value.trim();
    let is_bracketed = |open, close| value.starts_with(open) && value.ends_with(close);
    value.bytes().all(|b| matches!(b, b'*' | b'x' | b'X' | b'?' | b'.'))
        || matches!(
            value.to_ascii_lowercase().as_str(),
            "true" | "false" | "null" | "none" | "nil" | "redacted" | "filtered"
        )
        || is_bracketed('<', '>')
        || (is_bracketed('[', ']') && value.to_ascii_lowercase().contains("redacted"))
        || (is_bracketed('[', ']') && value.to_ascii_lowercase().contains("filtered"))
        || is_bracketed('{', '}') && value.len() < 32
}

fn is_number(value: &str) -> bool {
    value.parse::<f64>().is_ok()
}

/// What a byte counts for in [`leaks`]: a bit of its own for each that the tests ask for, one for all that may
/// part `Bearer` from what follows (white space and the marks in [`tokens`]).
const fn classes() -> [u32; 256] {
    let mut classes = [0; 256];
    let mut at = 0;
    while at < ASKED.len() {
        classes[ASKED[at] as usize] |= 1 << at;
        at += 1;
    }
    at = 0;
    while at < SEPARATORS.len() {
        classes[SEPARATORS[at] as usize] |= SEPARATOR;
        at += 1;
    }
    at = b'0' as usize;
    while at <= b'9' as usize {
        classes[at] |= DIGIT | IN_RUN;
        at += 1;
    }
    classes[b' ' as usize] |= IN_RUN;
    classes[b'-' as usize] |= IN_RUN;
    classes
}

const CLASSES: [u32; 256] = classes();
static CLASS_OF: [u32; 256] = CLASSES;
const ASKED: &[u8] = b".?&:/@AIgh_xo-apBEGNJ";
const SEPARATORS: &[u8] = b"\t\n\r \"'(),;=";
/// May be part of a number that is written in groups.
const IN_RUN: u32 = 1 << 29;
const SEPARATOR: u32 = 1 << 30;
const DIGIT: u32 = 1 << 31;
/// All that is asked for but letters and digits.
const MARKS: u32 = !(DIGIT | IN_RUN) & !bits(b"AIghxoapBEGNJ");

/// The bits of these bytes, each of which is in [`ASKED`].
const fn bits(bytes: &[u8]) -> u32 {
    let (mut bits, mut at) = (0, 0);
    while at < bytes.len() {
        bits |= CLASSES[bytes[at] as usize];
        at += 1;
    }
    bits
}

/// What is sensitive in a text under a key. Statements are keys of their own kind: `is_statement`.
pub fn leaks(key_is_secret: bool, is_statement: bool, value: &str) -> Leaks {
    let mut found = Leaks::default();
    if value.is_empty() {
        return found;
    }
    found.add(L::KeyName, key_is_secret && !is_redacted(value) && !is_number(value));
    found.add(L::SqlLiteral, is_statement && has_literal(value));
    if value.len() < 6 {
        return found;
    }
    let (mut seen, mut digits) = (0_u32, 0);
    for &b in value.as_bytes() {
        let class = CLASS_OF[usize::from(b)];
        seen |= class;
        digits += class >> 31;
    }
    // Words without a mark hold nothing but some tokens and numbers.
    if seen & MARKS == 0 && digits < 9 && seen & bits(b"AI") != bits(b"AI") {
        return found;
    }
    let has = |bits: u32| seen & bits == bits;
    // Each test is made only where the characters that it needs are there at all.
    if has(const { bits(b".J") }) {
        found.add(L::Jwt, words(value).any(is_jwt));
    }
    if seen & const { bits(b"?&") } != 0 || has(const { bits(b":/@") }) {
        url(value, &mut found);
    }
    if has(const { bits(b"@.") }) && !found.has(L::UrlCredentials) {
        found.add(L::Email, has_email(value));
    }
    if digits >= 9 && longest_run(value) >= SHORTEST_RUN {
        for run in runs_of_digits(value) {
            found.add(L::PaymentCard, is_card(run));
            found.add(L::UsSsn, is_ssn(run));
        }
    }
    if seen & SEPARATOR != 0 && announces_credentials(value.as_bytes())
        || has(const { bits(b"AI") })
        || has(const { bits(b"gh_") })
        || has(const { bits(b"xo-") })
        || has(const { bits(b"xap-") })
        || has(const { bits(b"-BEGIN") })
    {
        tokens(value, &mut found);
    }
    found
}

/// Whether `bearer` or `basic` is in a text, in whatever case and within whatever word.
fn announces_credentials(text: &[u8]) -> bool {
    let begins =
        |rest: &[u8], word: &[u8]| rest.get(..word.len()).is_some_and(|r| r.eq_ignore_ascii_case(word));
    memchr::memchr2_iter(b'b', b'B', text)
        .filter_map(|at| text.get(at..))
        .any(|rest| begins(rest, b"bearer") || begins(rest, b"basic"))
}

/// Tokens that are known by how they begin.
fn tokens(value: &str, found: &mut Leaks) {
    let mut before = "";
    for word in
        value.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '"' | '\'' | '(' | ')' | '='))
    {
        let run = word.bytes().take_while(|b| b.is_ascii_alphanumeric() || b"-._~+/".contains(b)).count();
        found.add(L::BearerToken, run >= 16 && before.eq_ignore_ascii_case("bearer"));
        found.add(
            L::BasicAuth,
            run >= 12 && before.eq_ignore_ascii_case("basic") && is_user_and_password(word),
        );
        let rest = |prefix: &str| {
            let rest = word.strip_prefix(prefix)?;
            Some(rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')).count())
        };
        match word.as_bytes() {
            [b'A', b'K' | b'S', b'I', b'A', key @ ..] => {
                let is_key = |b: &u8| b.is_ascii_uppercase() || b.is_ascii_digit();
                found.add(L::AwsAccessKey, key.len() == 16 && key.iter().all(is_key));
            }
            [b'g', b'h' | b'i', ..] => {
                let github = ["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"];
                found.add(L::GithubToken, github.iter().any(|p| rest(p).is_some_and(|n| n >= 16)));
            }
            [b'x', b'o' | b'a', ..] => {
                let slack = ["xoxb-", "xoxa-", "xoxp-", "xoxr-", "xoxs-", "xapp-"];
                found.add(L::SlackToken, slack.iter().any(|p| rest(p).is_some_and(|n| n >= 10)));
            }
            [b'-', b'-', ..] if word.starts_with("-----BEGIN") => {
                found.add(L::PrivateKey, value.contains("PRIVATE KEY-----"));
            }
            _ => {}
        }
        if !word.is_empty() {
            before = word;
        }
    }
}

/// Whether a word is base64 of printable text with a colon.
fn is_user_and_password(word: &str) -> bool {
    let (mut bits, mut n_bits, mut has_colon) = (0_u32, 0, false);
    for b in word.bytes() {
        let six = match b {
            b'A'..=b'Z' => b - b'A',
            b'a'..=b'z' => b - b'a' + 26,
            b'0'..=b'9' => b - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return false,
        };
        bits = bits << 6 | u32::from(six);
        n_bits += 6;
        if n_bits >= 8 {
            n_bits -= 8;
            let byte = (bits >> n_bits) as u8;
            if !(b' '..=b'~').contains(&byte) {
                return false;
            }
            has_colon |= byte == b':';
        }
    }
    has_colon
}

fn words(value: &str) -> impl Iterator<Item = &str> {
    value.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')))
}

/// Three parts of base64url, the first two of which are objects.
fn is_jwt(word: &str) -> bool {
    let mut parts = word.split('.');
    let is_object = |part: Option<&str>| part.is_some_and(|p| p.starts_with("eyJ") && p.len() > 5);
    is_object(parts.next()) && is_object(parts.next()) && parts.next().is_some_and(|p| !p.is_empty())
}

/// Credentials before the host, secrets among the parameters.
fn url(value: &str, found: &mut Leaks) {
    for (at, _) in value.match_indices("://") {
        let rest = value.get(at + 3..).unwrap_or_default();
        let end = |c: char| c.is_whitespace() || matches!(c, '/' | '?' | '#' | '"' | '\'');
        let authority = rest.split(end).next().unwrap_or_default();
        let user = authority.rsplit_once('@').and_then(|(user, _)| user.split_once(':'));
        found.add(L::UrlCredentials, user.is_some_and(|(_, password)| !is_redacted(password)));
    }
    for pair in value.split(['?', '&', ';']).skip(1) {
        let Some((name, secret)) = pair.split_once('=') else { continue };
        let end = |c: char| c.is_whitespace() || matches!(c, '#' | '"' | '\'');
        let secret = secret.split(end).next().unwrap_or_default();
        let is_secret = is_secret_key(name)
            || ["sig", "signature", "key", "auth"].iter().any(|known| name.eq_ignore_ascii_case(known));
        found.add(L::UrlSecretParam, is_secret && !is_redacted(secret));
    }
}

/// Letters around an `@`, a dot and two letters after it.
fn has_email(value: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '%');
    value.match_indices('@').any(|(at, _)| {
        let before = value.get(..at).unwrap_or_default().chars().next_back();
        let domain = value.get(at + 1..).unwrap_or_default();
        let domain = domain.split(|c| !is_part(c)).next().unwrap_or_default().trim_end_matches(['.', '-']);
        let top = domain.rsplit_once('.').filter(|(host, _)| !host.is_empty()).map_or("", |d| d.1);
        before.is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+' | '%'))
            && top.len() >= 2
            && top.bytes().all(|b| b.is_ascii_alphabetic())
    })
}

/// No social security number and no card is shorter than this.
const SHORTEST_RUN: usize = 11;

/// Bytes of the longest stretch of digits, blanks and dashes. Without branches: of ids, whose digits come at random,
/// most would be guessed wrongly.
fn longest_run(value: &str) -> usize {
    let (mut run, mut longest) = (0_usize, 0);
    for &b in value.as_bytes() {
        let is_inner = (CLASS_OF[usize::from(b)] & IN_RUN) >> IN_RUN.trailing_zeros();
        run = (run + 1) & (is_inner as usize).wrapping_neg();
        longest = longest.max(run);
    }
    longest
}

/// Maximal stretches of digits, blanks and dashes that touch no letter and are no part of a fraction; those that
/// are too short to be told of are left out.
fn runs_of_digits(value: &str) -> impl Iterator<Item = &str> {
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let bytes = value.as_bytes();
            let start = at + bytes.get(at..)?.iter().position(u8::is_ascii_digit)?;
            let rest = bytes.get(start..)?;
            let is_inner = |b: &u8| b.is_ascii_digit() || matches!(b, b' ' | b'-');
            let len = rest.iter().position(|b| !is_inner(b)).unwrap_or(rest.len());
            at = start + len;
            if len < SHORTEST_RUN {
                continue;
            }
            let run = value.get(start..at)?.trim_end_matches([' ', '-']);
            let (before, after) = (value.get(..start)?, value.get(at..)?);
            let touches_after = run.len() == len
                && (is_word(after.chars().next())
                    || after.strip_prefix('.').is_some_and(|f| f.starts_with(|c: char| c.is_ascii_digit())));
            let before = before.chars().next_back();
            if !is_word(before) && before != Some('.') && !touches_after {
                return Some(run);
            }
        }
    })
}

/// 13 to 19 digits, the first from 3 to 6, whose check digit is right.
fn is_card(run: &str) -> bool {
    let digits = run.bytes().rev().filter(u8::is_ascii_digit);
    let n = digits.clone().count();
    let sum: u32 = digits
        .enumerate()
        .map(|(at, b)| {
            let digit = u32::from(b - b'0') << (at % 2);
            if digit > 9 { digit - 9 } else { digit }
        })
        .sum();
    // Lists of small numbers are none; the groups of a card have three digits and more.
    let is_grouped = run.split([' ', '-']).all(|group| group.len() >= 3);
    (13..=19).contains(&n)
        && is_grouped
        && matches!(run.bytes().next(), Some(b'3'..=b'6'))
        && sum.is_multiple_of(10)
}

/// `078-05-1120`, in that form only.
fn is_ssn(run: &str) -> bool {
    let shape = run.len() == 11
        && run
            .bytes()
            .enumerate()
            .all(|(at, b)| if at == 3 || at == 6 { b == b'-' } else { b.is_ascii_digit() });
    shape
        && !run.starts_with("000")
        && !run.starts_with("666")
        && !run.starts_with('9')
        && !run.ends_with("0000")
        && run.get(4..6) != Some("00")
}

/// Whether a statement has a quoted text that is not empty.
fn has_literal(statement: &str) -> bool {
    let mut quotes = statement.match_indices('\'').map(|(at, _)| at);
    while let (Some(open), Some(close)) = (quotes.next(), quotes.next()) {
        let text = statement.get(open + 1..close).unwrap_or_default();
        if !text.is_empty() && !is_redacted(text) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(key: &str, value: &str) -> Vec<&'static str> {
        leaks(is_secret_key(key), key == "db.statement", value).iter().map(Leak::code).collect()
    }

    #[test]
    fn a_mask_never_shows_more_than_four_characters() {
        for value in ["", "a", "hunter2", "hunter22", "Bearer abcdefghijklmnop1234", "ääääääääää"] {
            let mask = masked(value);
            let shown: Vec<char> = mask.chars().filter(|&c| c != '•').collect();
            assert!(shown.len() <= 4, "{mask}");
            assert!(value.chars().count() >= 8 || shown.is_empty(), "{mask}");
        }
        assert_eq!(masked("Bearer abcdefghijklmnop1234"), "Be••••34");
    }

    #[test]
    fn tables_are_in_order() {
        assert!(SECRETS.is_sorted());
        for (at, row) in Leak::TABLE.iter().enumerate() {
            assert_eq!(row.0 as usize, at);
        }
        assert!(Leak::TABLE.is_sorted_by_key(|row| row.1));
    }

    #[test]
    fn secrets_are_found_and_other_things_are_not() {
        for (key, value, expected) in [
            ("user.password", "hunter2", &["key-name"][..]),
            ("password", "***", &[]),
            ("password", "[REDACTED]", &[]),
            ("password", "<hidden>", &[]),
            ("db.client_secret", "abc", &["key-name"]),
            ("x-auth-token", "abc", &["key-name"]),
            ("http.request.header[cookie]", "a=b", &["key-name"]),
            ("ui.pin", "1234x", &["key-name"]),
            ("shopping_pin", "x", &[]),
            ("note", "Basic dXNlcjpwYXNzd29yZA==", &["basic-auth"]),
            ("note", "a basic understanding of things", &[]),
            ("note", "ghp_abcdefghijklmnop1234", &["github-token"]),
            ("note", "xoxb-1234567890-abc", &["slack-token"]),
            ("note", "-----BEGIN RSA PRIVATE KEY-----\nabc", &["private-key"]),
            ("note", "-----BEGIN CERTIFICATE-----", &[]),
            ("note", "mail jane@example.org now", &["email"]),
            ("note", "jane@localhost, @example.org", &[]),
            ("note", "postgres://u:secret@db/x", &["url-credentials"]),
            ("note", "postgres://u:****@db/x", &[]),
            ("note", "/cb?token=abc&x=1", &["url-secret-param"]),
            ("note", "/cb?token=***&key=", &[]),
            ("note", "card 4111-1111-1111-1111.", &["payment-card"]),
            ("note", "id4111111111111111", &[]),
            ("note", "0.4111111111111111", &[]),
            ("note", "4111111111111111.", &["payment-card"]),
            ("note", "4 11 11 11 11 11 11 11 1", &[]),
            ("note", "x 3782 822463 10005", &["payment-card"]),
            ("note", "is 078-05-1120, a", &["us-ssn"]),
            ("note", "1767225600000000000", &[]),
            ("note", "00000000-0000-0000-0000-000000000000", &[]),
            ("note", "2026-01-02 10:11:12.123456", &[]),
            ("db.statement", "SELECT '' || '?'", &[]),
            ("db.statement", "SELECT 'Jane'", &["sql-literal"]),
        ] {
            assert_eq!(found(key, value), expected, "{key}={value}");
        }
    }

    #[test]
    fn hostile_texts_take_no_longer() {
        for part in ["'", "@.", "://", "?a=", "eyJ.", "4-", "ghp_", "Bearer ", "ä"] {
            let value = part.repeat(50_000);
            let _ = leaks(true, true, &value);
        }
    }
}
