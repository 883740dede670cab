//! What should not be in a trace: credentials, personal data, statements with their literals. No value is
//! ever shown, only its first and last two characters.

use super::{Find, Rule};
use crate::analysis::context::Context;
use crate::analysis::finding::{Confidence, Finding, Severity};
use crate::analysis::quality::LeakUse;
use crate::analysis::sensitive::{Harm, Leak};
use crate::analysis::wording::{counted, list, short};
use crate::base::sort::CompactSort as _;
use crate::model::index::SpanIdx;

/// SEC-1.
pub(super) const CREDENTIALS: Rule = Rule {
    code: "SEC-1",
    name: "Credentials",
    checks: "credentials",
    fires: "an attribute is named like a secret and has a value, or a value is a token, a key, or a URL with a password",
    stake: "nothing: whoever reads the trace can act as somebody else",
    advice: "Remove it at the source or in a collector processor; rotate credentials.",
    find: Find::Trace(|ctx| find(ctx, &CREDENTIALS, Severity::High)),
};

/// SEC-2.
pub(super) const PERSONAL: Rule = Rule {
    code: "SEC-2",
    name: "Personal data",
    checks: "personal data",
    fires: "a value is a payment card number, a social security number or an e-mail address",
    stake: "nothing",
    advice: "Remove it at the source or in a collector processor.",
    find: Find::Trace(|ctx| find(ctx, &PERSONAL, Severity::Medium)),
};

/// SEC-3.
pub(super) const LITERALS: Rule = Rule {
    code: "SEC-3",
    name: "Unsanitised SQL",
    checks: "statements with their literals",
    fires: "the text of a database query has quoted literals in it",
    stake: "nothing",
    advice: "Use parameters, or let the instrumentation replace literals.",
    find: Find::Trace(|ctx| find(ctx, &LITERALS, Severity::Low)),
};

fn code_of(leak: Leak) -> &'static str {
    match (leak, leak.harm()) {
        (Leak::SqlLiteral, _) => LITERALS.code,
        (_, Harm::High) => CREDENTIALS.code,
        _ => PERSONAL.code,
    }
}

/// One finding for all that is to be done about together.
fn find(ctx: &Context, rule: &Rule, severity: Severity) -> Vec<Finding> {
    let leaks: Vec<&LeakUse> =
        ctx.quality.leaks.iter().filter(|leak| code_of(leak.leak) == rule.code).collect();
    let Some(worst) = leaks.first() else { return Vec::new() };
    let is_one_kind = leaks.iter().all(|leak| leak.leak == worst.leak);
    let mut what = if is_one_kind { worst.leak.words() } else { rule.name }.to_owned();
    // Sentences begin with a capital letter; all of these words are plain letters.
    if let Some(first) = what.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let mut keys: Vec<String> = leaks.iter().map(|leak| short(&leak.key, 60)).collect();
    keys.compact_sort();
    keys.dedup();
    let keys = list(&keys, 4);
    let mut spans: Vec<SpanIdx> = leaks.iter().flat_map(|leak| leak.spans.iter().copied()).collect();
    spans.compact_sort();
    spans.dedup();
    let examples: Vec<&str> = leaks.iter().take(3).map(|leak| leak.masked.as_str()).collect();
    let rotate = if rule.code == CREDENTIALS.code { "; rotate it" } else { "" };
    let is_guess = leaks.iter().all(|leak| leak.leak == Leak::KeyName);
    let title = format!("{what} in {keys} ({})", counted(spans.len() as u64, "span"));
    vec![
        Finding::new(rule.code, title)
            .severity(if worst.leak.harm() == Harm::Low { Severity::Low } else { severity })
            .confidence(if is_guess { Confidence::Likely } else { Confidence::Certain })
            .evidence(&spans)
            .says(
                format!("Everybody who can read this trace can read it: {}.", list(&examples, 3)),
                format!("Remove {keys} at the source or in a collector processor{rotate}."),
            )
            .key(ctx, &keys, None),
    ]
}

#[cfg(test)]
mod tests {
    use crate::analysis::finding::Severity;
    use crate::analysis::rules::testing::{codes, find, titles};

    #[test]
    fn secrets_are_told_without_being_shown() {
        let spans = "a 0..10 s/server password=correcthorse card=4111+1111+1111+1111";
        assert_eq!(titles(spans, "SEC-1"), ["A secret by its name in password (1 span)"]);
        assert_eq!(titles(spans, "SEC-2"), ["A payment card number in card (1 span)"]);
        assert_eq!(find(spans, "SEC-1")[0].severity, Severity::High);
        let text = format!("{:?}{:?}", find(spans, "SEC-1"), find(spans, "SEC-2"));
        assert!(!text.contains("horse") && !text.contains("1111 1111"), "{text}");
        assert_eq!(codes(spans)[0], "SEC-1");
        assert!(titles("a 0..10 s/server user=jane", "SEC-1").is_empty());
        assert!(titles("a 0..10 s/server user=jane", "SEC-2").is_empty());
    }

    #[test]
    fn literals_of_statements_are_told() {
        let spans = "a 0..10 s/client db.system=x db.statement=select+'Lyon'";
        assert_eq!(titles(spans, "SEC-3"), ["A statement with its literals in db.statement (1 span)"]);
        assert!(titles(&spans.replace("'Lyon'", "?"), "SEC-3").is_empty());
    }
}
