//! Search by words over span names and services.
//!
//! Names and services are few and spans many: each distinct name is compared once, then one pass over the
//! name column collects the spans. All words must occur, each in the name or the service; case does not
//! matter; a word after `-` must not occur; quotes keep words together. A span id is found as such.
//!
//! In the find box of a trace `key=value` is an attribute, which only the engine knows: it must have exactly
//! this value. Within quotes it is text like any other.

use crate::base::bitset::BitSet;
use crate::model::ids::SpanId;
use crate::model::trace::Trace;

/// Words beyond this are ignored: one bit each.
const MAX_WORDS: usize = 32;

/// What the reader searches for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// With whether they must be absent.
    words: Vec<(Term, bool)>,
}

/// One word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Term {
    /// Occurs in some text; in lower case.
    Text(String),
    /// An attribute of the span, its resource or its scope.
    Attribute {
        /// Key.
        key: String,
        /// Value as it is written.
        value: String,
    },
}

impl Words {
    /// The words of `text`.
    pub fn parse(text: &str) -> Self {
        Self::parse_terms(text, false)
    }

    /// The words of `text`, and attributes.
    pub fn parse_with_attributes(text: &str) -> Self {
        Self::parse_terms(text, true)
    }

    fn parse_terms(text: &str, with_attributes: bool) -> Self {
        let mut words = Vec::new();
        let mut rest = text.trim_start();
        while !rest.is_empty() && words.len() < MAX_WORDS {
            let is_absent = rest.len() > 1 && rest.starts_with('-');
            rest = &rest[usize::from(is_absent)..];
            if let Some((term, tail)) = attribute(rest).filter(|_| with_attributes) {
                words.push((term, is_absent));
                rest = tail.trim_start();
                continue;
            }
            let (word, tail) = match rest.strip_prefix('"') {
                Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
                None => rest.split_once(char::is_whitespace).unwrap_or((rest, "")),
            };
            if !word.is_empty() {
                words.push((Term::Text(word.to_lowercase()), is_absent));
            }
            rest = tail.trim_start();
        }
        Self { words }
    }

    /// Whether there is nothing to search for.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Whether all words fit one text.
    pub fn fit(&self, text: &str) -> bool {
        let lower = text.to_lowercase();
        self.words.iter().all(|(word, is_absent)| word.occurs_in(&lower) != *is_absent)
    }

    /// The words as they are searched for.
    pub fn terms(&self) -> impl Iterator<Item = &Term> {
        self.words.iter().map(|(word, _)| word)
    }

    /// The spans of `trace` that fit by name and service; placeholders never do. O(n + length of all names).
    pub fn find(&self, trace: &Trace) -> BitSet {
        self.find_with(trace, &[])
    }

    /// The spans that fit when a word may also occur elsewhere: `elsewhere` has for each word, in order, the
    /// spans that it was found in.
    pub fn find_with(&self, trace: &Trace, elsewhere: &[BitSet]) -> BitSet {
        let mut found = BitSet::new(trace.len());
        if self.is_empty() {
            return found;
        }
        let (wanted, unwanted) = self.wanted_and_unwanted();
        let names = self.masks(trace.names());
        let services = self.masks(trace.services());
        let columns = trace.columns();
        for (at, (&name, &service)) in columns.name.iter().zip(&columns.service).enumerate() {
            let mut mask = names.get(name as usize).copied().unwrap_or(0)
                | services.get(service as usize).copied().unwrap_or(0);
            for (bit, spans) in elsewhere.iter().enumerate().take(self.words.len()) {
                mask |= u32::from(spans.contains(at)) << bit;
            }
            if mask & (wanted | unwanted) == wanted {
                found.insert(at);
            }
        }
        if let [(Term::Text(id), false)] = self.words.as_slice()
            && id.len() == 16
            && let Some(span) = SpanId::from_hex(id).and_then(|id| trace.find(id))
        {
            found.insert(span.at());
        }
        let missing: Vec<usize> =
            found.iter().filter(|&s| trace.is_placeholder(crate::model::index::SpanIdx::new(s))).collect();
        for placeholder in missing {
            found.remove(placeholder);
        }
        found
    }

    /// Words that must occur and words that must not, one bit each.
    pub(super) fn wanted_and_unwanted(&self) -> (u32, u32) {
        let bits = |absent: bool| {
            let words = self.words.iter().enumerate().filter(|(_, w)| w.1 == absent);
            words.map(|(bit, _)| 1 << bit).sum()
        };
        (bits(false), bits(true))
    }

    /// Words that are at least so many hexadecimal digits: their bits and digits.
    pub(super) fn hex_words(&self, least: usize) -> Vec<(u32, Vec<u8>)> {
        let digits =
            |word: &str| word.chars().map(|c| c.to_digit(16).map(|d| d as u8)).collect::<Option<Vec<u8>>>();
        let words = self.words.iter().enumerate().filter_map(|(bit, (word, _))| match word {
            Term::Text(word) if word.len() >= least => Some((bit as u32, digits(word)?)),
            _ => None,
        });
        words.collect()
    }

    /// For each text the words that occur in it, one bit each.
    pub(super) fn masks(&self, texts: &[String]) -> Vec<u32> {
        let mask = |text: &String| {
            let lower = text.to_lowercase();
            let occurring = self.words.iter().enumerate().filter(|(_, (word, _))| word.occurs_in(&lower));
            occurring.map(|(bit, _)| 1 << bit).sum()
        };
        texts.iter().map(mask).collect()
    }
}

impl Term {
    /// Whether it occurs in a name, which is in lower case. Names have no attributes.
    fn occurs_in(&self, lower: &str) -> bool {
        matches!(self, Self::Text(word) if lower.contains(word.as_str()))
    }
}

/// What finds the spans with this attribute, to be written into the find box.
pub fn attribute_filter(key: &str, value: &str) -> String {
    let is_plain_key = !key.is_empty() && !key.starts_with('-') && key.chars().all(is_key_char);
    let key = if is_plain_key { key.to_owned() } else { quoted(key) };
    let is_plain_value = !value.is_empty()
        && !value.starts_with('"')
        && !value.chars().any(|c| c.is_whitespace() || c.is_control());
    if is_plain_value { format!("{key}={value}") } else { format!("{key}={}", quoted(value)) }
}

/// `key=value` at the beginning of `text`, and what comes after it.
fn attribute(text: &str) -> Option<(Term, &str)> {
    let (key, rest) = if text.starts_with('"') {
        unquoted(text)?
    } else {
        let end = text.find(|c| !is_key_char(c)).filter(|&end| end > 0)?;
        (text[..end].to_owned(), &text[end..])
    };
    let rest = rest.strip_prefix('=')?;
    let (value, rest) = if rest.starts_with('"') {
        unquoted(rest)?
    } else {
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        // Whoever is about to write the value has not said yet which.
        if end == 0 {
            return None;
        }
        (rest[..end].to_owned(), &rest[end..])
    };
    Some((Term::Attribute { key, value }, rest))
}

fn is_key_char(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '_' | '-')
}

/// Within quotes; what would end or break the line is written after a backslash.
fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match ESCAPES.iter().find(|(plain, _)| *plain == c) {
            Some((_, letter)) => out.extend(['\\', *letter]),
            None => out.push(c),
        }
    }
    out.push('"');
    out
}

/// What stands within the quotes at the beginning of `text`, and what comes after them.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let mut out = String::new();
    let mut chars = text.strip_prefix('"')?.chars();
    loop {
        match chars.next()? {
            '"' => return Some((out, chars.as_str())),
            '\\' => {
                let letter = chars.next()?;
                match ESCAPES.iter().find(|(_, escaped)| *escaped == letter) {
                    Some((plain, _)) => out.push(*plain),
                    None => out.extend(['\\', letter]),
                }
            }
            c => out.push(c),
        }
    }
}

/// Characters with the letters that stand for them after a backslash.
const ESCAPES: [(char, char); 5] = [('"', '"'), ('\\', '\\'), ('\n', 'n'), ('\r', 'r'), ('\t', 't')];

/// The first of `matches` behind `from`, or the first of all; from the end when going back.
pub fn next(matches: &BitSet, from: Option<usize>, is_forward: bool) -> Option<usize> {
    if is_forward {
        from.and_then(|f| matches.next_from(f + 1)).or_else(|| matches.next_from(0))
    } else {
        from.and_then(|f| matches.last_before(f)).or_else(|| matches.last_before(matches.len()))
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_word_may_also_be_found_elsewhere() {
        let trace = drawing::trace("api GET 0..9\n  db SELECT 1..2\n  db INSERT 2..3");
        let words = Words::parse("db cart");
        let in_attributes = [BitSet::new(3), BitSet::from_words(3, vec![0b110])];
        assert_eq!(words.find(&trace).count(), 0);
        assert_eq!(words.find_with(&trace, &in_attributes).iter().collect::<Vec<_>>(), [1, 2]);
        let absent = Words::parse("db -cart");
        let one = [BitSet::new(3), BitSet::from_words(3, vec![0b100])];
        assert_eq!(absent.find_with(&trace, &one).iter().collect::<Vec<_>>(), [1]);
    }

    use super::super::drawing;
    use super::*;

    #[test]
    fn words_are_found_in_names_and_services() {
        let trace = drawing::trace(
            "web GET /cart 0..100
  cart-db SELECT items 5..60
  cart-db SELECT prices 5..60
  web Render Page 60..70
  cart gone 80..80 ~",
        );
        for (query, expected) in [
            ("select", vec![1, 2]),
            ("cart", vec![0, 1, 2]),
            ("cart SELECT items", vec![1]),
            ("select -items", vec![2]),
            ("\"render page\"", vec![3]),
            ("\"page render\"", vec![]),
            ("0000000000000003", vec![2]),
            ("-select", vec![0, 3]),
            ("", vec![]),
            ("-", vec![1, 2]),
            ("\"", vec![]),
        ] {
            assert_eq!(Words::parse(query).find(&trace).iter().collect::<Vec<_>>(), expected, "{query}");
        }
    }

    #[test]
    fn matches_are_visited_in_a_circle() {
        let mut matches = BitSet::new(100);
        for m in [10, 70] {
            matches.insert(m);
        }
        assert_eq!(next(&matches, None, true), Some(10));
        assert_eq!(next(&matches, Some(10), true), Some(70));
        assert_eq!(next(&matches, Some(70), true), Some(10));
        assert_eq!(next(&matches, Some(10), false), Some(70));
        assert_eq!(next(&BitSet::new(5), Some(1), false), None);
    }

    #[test]
    fn attributes_are_told_from_words() {
        let text = |word: &str| Term::Text(word.to_owned());
        let attribute =
            |key: &str, value: &str| Term::Attribute { key: key.to_owned(), value: value.to_owned() };
        for (query, expected) in [
            ("http.method=GET Cart", vec![attribute("http.method", "GET"), text("cart")]),
            ("db=\"select 1\" -a=b", vec![attribute("db", "select 1"), attribute("a", "b")]),
            ("\"my key\"=\"say \\\"x\\\"\\n\" y", vec![attribute("my key", "say \"x\"\n"), text("y")]),
            ("a=", vec![text("a=")]),
            ("a=\"\"", vec![attribute("a", "")]),
            ("\"a=b\"", vec![text("a=b")]),
            ("http://host/?a=b", vec![text("http://host/?a=b")]),
            ("=b", vec![text("=b")]),
        ] {
            let words = Words::parse_with_attributes(query);
            assert_eq!(words.terms().cloned().collect::<Vec<_>>(), expected, "{query}");
        }
        assert_eq!(Words::parse("a=b").terms().cloned().collect::<Vec<_>>(), [text("a=b")]);
    }

    #[test]
    fn an_attribute_is_found_by_the_engine_alone() {
        let trace = drawing::trace("api a=b 0..9\n  db SELECT 1..2\n  db INSERT 2..3");
        let words = Words::parse_with_attributes("a=b");
        assert_eq!(words.find(&trace).count(), 0, "a name is no attribute");
        let found = [BitSet::from_words(3, vec![0b010])];
        assert_eq!(words.find_with(&trace, &found).iter().collect::<Vec<_>>(), [1]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_a_query(text in ".*") {
            Words::parse(&text).fit("some name");
            Words::parse_with_attributes(&text).fit("some name");
        }

        #[test]
        fn a_filter_is_read_as_the_attribute_that_it_was_made_of(key in "\\PC{1,20}", value in "(?s).{0,40}") {
            let words = Words::parse_with_attributes(&format!("{} x", attribute_filter(&key, &value)));
            let expected = [Term::Attribute { key, value }, Term::Text("x".to_owned())];
            proptest::prop_assert_eq!(words.terms().cloned().collect::<Vec<_>>(), expected);
        }
    }
}
