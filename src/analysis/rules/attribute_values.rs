//! Attributes that cost much: values that hardly ever repeat, and keys that make up most of a trace.

use super::{Find, Rule};
use crate::analysis::context::Context;
use crate::analysis::finding::{Finding, Severity};
use crate::analysis::quality::KeyUse;
use crate::analysis::wording::{bytes, grouped, share, short};

/// CARD-2.
pub(super) const DISTINCT: Rule = Rule {
    code: "CARD-2",
    name: "Attribute with a value of its own each time",
    checks: "attributes that are different almost every time",
    fires: "a key occurs at least 50 times, more than half of its values differ, and they look like ids or URLs with a query",
    stake: "nothing",
    advice: "Use the route template or drop it, where the backend indexes it.",
    find: Find::Trace(distinct),
};

/// CARD-3.
pub(super) const WEIGHT: Rule = Rule {
    code: "CARD-3",
    name: "Heavy attribute",
    checks: "attributes that make up most of the data",
    fires: "one key has at least a third of the bytes of all attribute values of a trace with at least 100 kB of them",
    stake: "bytes",
    advice: "Shorten or drop it first.",
    find: Find::Trace(weight),
};

const MOST: usize = 10;
const HEAVY: u64 = 100_000;

fn distinct(ctx: &Context) -> Vec<Finding> {
    let is_id = |k: &&KeyUse| k.count >= 50 && k.distinct * 2 > k.counted && k.ids * 2 > k.distinct;
    let keys = ctx.quality.keys.iter().filter(is_id).take(MOST);
    keys.map(|k| {
        let (key, n) = (short(&k.key, 80), grouped(k.distinct.into()));
        let title = format!("{key} is different almost every time ({n} of {})", grouped(k.counted.into()));
        Finding::new(DISTINCT.code, title)
            .severity(Severity::Info)
            .evidence(&[k.first])
            .says(
                "Expensive in backends that index attributes; harmless in others.".to_owned(),
                "Use the route template or drop it, where the backend indexes it.".to_owned(),
            )
            .key(ctx, &key, None)
    })
    .collect()
}

fn weight(ctx: &Context) -> Vec<Finding> {
    let all = ctx.quality.bytes;
    let Some(top) = ctx.quality.keys.first().filter(|k| all >= HEAVY && k.bytes >= all / 3) else {
        return Vec::new();
    };
    let key = short(&top.key, 80);
    let part = share(top.bytes as i64, all as i64);
    let others: Vec<String> = ctx
        .quality
        .keys
        .iter()
        .skip(1)
        .take(9)
        .map(|k| format!("{} {}", short(&k.key, 40), bytes(k.bytes)))
        .collect();
    vec![
        Finding::new(WEIGHT.code, format!("{key} makes up {part} of the trace's data"))
            .severity(Severity::Info)
            .evidence(&[top.first])
            .says(
                format!(
                    "{} of {} of attribute values. Next come {}.",
                    bytes(top.bytes),
                    bytes(all),
                    crate::analysis::wording::list(&others, 9)
                ),
                format!("Shorten or drop {key} first."),
            )
            .key(ctx, &key, None),
    ]
}

#[cfg(test)]
mod tests {
    use crate::analysis::rules::testing::titles;
    use crate::analysis::wording::add;

    #[test]
    fn values_that_never_repeat_are_told() {
        let spans = |step: usize| {
            (0..60).fold("a 0..100 s/server".to_owned(), |mut text, at| {
                add(&mut text, format_args!("\nb{at}<a 1..2 s/internal session=c0ffee{:06}", at / step));
                text
            })
        };
        assert_eq!(titles(&spans(1), "CARD-2"), ["session is different almost every time (60 of 60)"]);
        assert!(titles(&spans(10), "CARD-2").is_empty());
    }

    #[test]
    fn a_heavy_key_is_told() {
        let spans = |n: usize| format!("a 0..100 s/server body={} other=x", "long".repeat(n));
        assert_eq!(titles(&spans(30_000), "CARD-3"), ["body makes up > 99.9 % of the trace's data"]);
        assert!(titles(&spans(30), "CARD-3").is_empty());
    }
}
