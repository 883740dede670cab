//! Keeps the timeline and the shared state in step: what the reader arranges goes into the address, what the
//! address says is arranged.

use crate::ui::effect::effect;

use super::handle::TimelineHandle;
use crate::model::index::SpanIdx;
use crate::state::action::Action;
use crate::state::view_state::{Fold, RangeSpec};
use crate::ui::store::Store;
use crate::view::timeline::Timeline;

/// Arranges the timeline as the state says: folding, range, selection.
pub fn restore(handle: TimelineHandle, store: Store) {
    store.look(|state| {
        handle.change(|t| {
            let find = |id| t.trace().find(id);
            let exceptions: Vec<(SpanIdx, bool)> =
                state.fold.exceptions.iter().filter_map(|&(id, open)| Some((find(id)?, open))).collect();
            if fold_of(t) != state.fold {
                t.restore_folding(state.fold.rule, &exceptions);
            }
            match state.range {
                Some(range) => t.show_range(range.relative_to(t.trace().start_time())),
                None => t.show_range(t.whole()),
            }
            match state.span.map(|id| t.trace().find(id)) {
                Some(Some(span)) if t.selected() != Some(span) => t.select(span),
                None => t.clear_selection(),
                Some(_) => {}
            }
        });
    });
}

/// Tells the state what the timeline shows, whenever a frame changed it.
pub fn follow(handle: TimelineHandle, store: Store, is_complete: impl Fn() -> bool + 'static) {
    effect(move || {
        let shown = handle.follow(|t| {
            let range = (!t.is_whole()).then(|| t.range());
            (t.trace().id(), range, fold_of(t))
        });
        let Some((trace, range, fold)) = shown.filter(|_| is_complete()) else { return };
        // While another trace is on its way the old one must not speak for it.
        if store.look(|s| s.trace) != Some(trace) {
            return;
        }
        let (same_range, same_fold) =
            store.look(|s| (s.range == range.map(RangeSpec::Relative), s.fold == fold));
        if !same_range {
            store.apply(Action::ShowRange(range));
        }
        if !same_fold {
            store.apply(Action::SetFold(fold));
        }
    });
}

fn fold_of(timeline: &Timeline) -> Fold {
    let folding = timeline.folding();
    let id = |&(span, open): &(SpanIdx, bool)| (timeline.trace().span_id(span), open);
    Fold { rule: folding.rule(), exceptions: folding.exceptions().iter().map(id).collect() }
}
