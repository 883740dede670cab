//! What the rules about repeated calls have in common.

use crate::analysis::context::Context;
use crate::analysis::repeats::RepeatGroup;
use crate::analysis::settings::MILLISECOND;
use crate::analysis::wording::time;
use crate::model::index::SpanIdx;

/// From the first start to the last end.
pub(super) fn window(ctx: &Context, group: &RepeatGroup) -> (i64, i64) {
    let from = group.calls.first().map_or(0, |&c| ctx.recorded.start(c));
    (from, from + group.window_ns)
}

/// `; saves about 1.20 s`, or nothing where nothing is saved.
pub(super) fn saves_about(saving: i64) -> String {
    if saving >= MILLISECOND / 100 { format!("; saves about {}", time(saving)) } else { String::new() }
}

/// Whether a statement leaves its values out: that two of them read the same says nothing then.
pub(super) fn has_parameters(ctx: &Context, call: SpanIdx) -> bool {
    ctx.facts.has_database(call) && ctx.facts.fingerprint_text(ctx.facts.fingerprint(call)).contains('?')
}
