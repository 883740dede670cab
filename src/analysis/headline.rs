//! The answer in one sentence: how long the request took, whether it failed, where its time went and what
//! would help most.

use std::fmt::Write as _;

use rustc_hash::FxHashMap;

use super::context::{Context, faster};
use super::finding::Finding;
use super::scenario::Scenario;
use super::wording::{grouped, share, time};
use crate::model::index::{ServiceIdx, SpanIdx};
use crate::model::span::SpanKind;

/// The sentence, and the span that it is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headline {
    /// One or two sentences.
    pub text: String,
    /// The span where most of the time is.
    pub span: Option<SpanIdx>,
}

/// The headline of a trace. `findings` are those known so far, arranged; without any it says where the time
/// went, and what becomes of it when that is twice as fast. O(n).
pub fn headline(ctx: &Context, findings: &[Finding]) -> Headline {
    let Some(root) = ctx.root() else {
        return Headline { text: "This trace has no spans.".to_owned(), span: None };
    };
    let root_ns = ctx.root_ns();
    let mut text = format!("{} took {}", ctx.op(root), time(root_ns));
    if let Some(origin) = findings.iter().find(|f| f.code == "ERR-1").and_then(Finding::subject) {
        let what = ctx.facts.error_type(origin).unwrap_or("an error");
        let _ = write!(text, " and failed: {} in {}", super::wording::short(what, 80), ctx.service(origin));
    }
    let Some(top) = top_operation(ctx) else {
        text.push('.');
        return Headline { text, span: Some(root) };
    };
    let main = top.spans.iter().copied().max_by_key(|&s| (ctx.cp(s), std::cmp::Reverse(s))).unwrap_or(root);
    let (op, service) = (ctx.op(main), ctx.service(main));
    let _ = write!(text, "; {} of it ({}) is ", share(top.path_ns, root_ns), time(top.path_ns));
    let n = top.spans.len();
    let is_leaf = ctx.recorded.children(main).is_empty();
    let _ = match (main == root, n, ctx.is_call(main) && is_leaf) {
        (true, ..) => write!(text, "its own work in {service}"),
        (_, 1, true) => write!(text, "one call, {op}, made by {service}"),
        (_, 1, false) => write!(text, "{op} in {service}"),
        (.., true) => write!(text, "{op} in {} calls, made by {service}", grouped(n as u64)),
        (.., false) => write!(text, "{op} in {service}, in {} calls", grouped(n as u64)),
    };
    text.push('.');
    if let Some(sentence) = best_saving(ctx, findings, &top, root) {
        let _ = write!(text, " {sentence}");
    }
    super::wording::safe(&mut text);
    Headline { text, span: Some(main) }
}

struct Top {
    spans: Vec<SpanIdx>,
    path_ns: i64,
}

/// The operation with the most time on the critical path: service and name without ids.
fn top_operation(ctx: &Context) -> Option<Top> {
    let trace = ctx.trace();
    let is_known = ctx.facts.n_normal_names() > 1;
    let name = |s: SpanIdx| if is_known { ctx.facts.normal_name(s) } else { trace.name_idx(s) };
    let key = |s: SpanIdx| (trace.service(s), name(s), trace.kind(s));
    let mut times: FxHashMap<(ServiceIdx, u32, SpanKind), (i64, SpanIdx)> = FxHashMap::default();
    for section in ctx.path.iter() {
        let entry = times.entry(key(section.span)).or_insert((0, section.span));
        entry.0 += section.length();
        entry.1 = entry.1.min(section.span);
    }
    // Times first; what comes first in the tree where they are equal.
    let (&top, &(path_ns, _)) =
        times.iter().max_by_key(|&(_, &(time, first))| (time, std::cmp::Reverse(first)))?;
    let spans = ctx.recorded.spans().filter(|&s| ctx.cp(s) > 0 && key(s) == top).collect();
    Some(Top { spans, path_ns })
}

/// What would bring the request down most, if that is at least a tenth of it.
fn best_saving(ctx: &Context, findings: &[Finding], top: &Top, root: SpanIdx) -> Option<String> {
    let root_ns = ctx.root_ns();
    let half = ctx.saving(&faster(&top.spans, 500));
    let what = if top.spans.contains(&root) { "Twice as fast, that" } else { "Twice as fast, it" };
    let mut best = (half, what.to_owned());
    for finding in findings.iter().filter(|f| matches!(f.code, "PERF-3" | "PERF-4" | "PERF-5")) {
        let saving = finding.stake_ns.unwrap_or_default();
        let (Some(Scenario::Parallel { members } | Scenario::Batch { members }), true) =
            (&finding.scenario, saving > best.0)
        else {
            continue;
        };
        let n = members.len();
        best = (
            saving,
            match finding.code {
                "PERF-3" => format!("Started together, its {n} calls in a row"),
                "PERF-4" => format!("One query in place of {n}"),
                _ => format!("Keeping the result of {n} equal calls"),
            },
        );
    }
    let (saving, what) = best;
    (saving > 0 && saving >= root_ns / 10)
        .then(|| format!("{what} would bring the request to about {}.", time(root_ns - saving)))
}

#[cfg(test)]
mod tests {
    use crate::analysis::rules::testing::headline;

    #[test]
    fn the_sentence_names_time_place_and_remedy() {
        let spans = "a 0..4200 gateway/server name=POST+/checkout\nb<a 100..4100 payments/server name=charge\n\
                     c<b 150..4050 payments/client name=external+payment+API";
        assert_eq!(
            headline(spans).text,
            "POST /checkout took 4.20 s; 92.9 % of it (3.90 s) is one call, external payment API, made by payments. \
             Twice as fast, it would bring the request to about 2.25 s."
        );
    }

    #[test]
    fn there_is_always_a_sentence() {
        assert_eq!(headline("a 0..0 s/server").text, "a took 0 ns.");
        assert_eq!(
            headline("a 0..100 s/server").text,
            "a took 100 ms; 100 % of it (100 ms) is its own work in s. Twice as fast, that would bring the request \
             to about 50.0 ms."
        );
    }
}
