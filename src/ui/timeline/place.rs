//! Keeps the timeline and the shared state in step: what the reader arranges goes into the address, what the
//! address says is arranged.

use crate::ui::effect::effect;

use super::handle::TimelineHandle;
use crate::model::ids::SpanId;
use crate::model::index::SpanIdx;
use crate::state::action::Action;
use crate::state::view_state::{Fold, RangeSpec};
use crate::ui::store::Store;
use crate::view::timeline::Timeline;

/// Arranges the timeline as the state says: folding, focus, range, marks, selection.
pub fn restore(handle: TimelineHandle, store: Store) {
    store.look(|state| {
        handle.change(|t| {
            if fold_of(t) != state.fold || focus_of(t) != state.focus {
                let find = |id| t.trace().find(id);
                let all = |list: &[(SpanId, bool)]| -> Vec<(SpanIdx, bool)> {
                    list.iter().filter_map(|&(id, open)| Some((find(id)?, open))).collect()
                };
                let (spans, runs) = (all(&state.fold.exceptions), all(&state.fold.runs));
                let focus = state.focus.and_then(find);
                t.restore_folding(state.fold.rule, &spans, &runs, focus);
            }
            t.set_marks(&state.marks);
        });
    });
    restore_range(handle, store);
    select(handle, store.look(|s| s.span));
}

/// Arranges a trace that has just come as [`restore`] does, but for the range: where the selected span lies
/// outside, it stays as the state says. Clocks that are not corrected yet may have it elsewhere.
pub fn restore_anew(handle: TimelineHandle, store: Store) {
    restore(handle, store);
    restore_range(handle, store);
}

fn restore_range(handle: TimelineHandle, store: Store) {
    store.look(|state| {
        handle.change(|t| match state.range {
            Some(range) => {
                let recorded_start = t.trace().start_time() + t.earlier();
                t.show_recorded_range(range.relative_to(recorded_start));
            }
            None => t.show_range(t.whole()),
        });
    });
}

/// Selects a span of the open trace, or none.
pub fn select(handle: TimelineHandle, span: Option<SpanId>) {
    let shown = handle.look(|t| t.selected().map(|s| t.trace().span_id(s))).flatten();
    if shown == span {
        return;
    }
    handle.change(|t| match span.map(|id| t.trace().find(id)) {
        Some(Some(span)) => t.select(span),
        // A run that the cursor stands on is no selection.
        None if t.selected().is_some() => t.clear_selection(),
        // What is not there yet may still come.
        Some(None) | None => {}
    });
}

/// Tells the state what the timeline shows, whenever a frame changed it.
pub fn follow(handle: TimelineHandle, store: Store, is_complete: impl Fn() -> bool + 'static) {
    effect(move || {
        let shown = handle.follow(|t| {
            let range = (!t.is_whole()).then(|| t.recorded_range());
            (t.trace().id(), range, fold_of(t), focus_of(t))
        });
        let Some((trace, range, fold, focus)) = shown.filter(|_| is_complete()) else { return };
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
        store.apply_in_place(Action::SetFocus(focus));
    });
}

/// The only subtree that is shown.
pub fn focus_of(timeline: &Timeline) -> Option<SpanId> {
    timeline.folding().focus().map(|s| timeline.trace().span_id(s))
}

fn fold_of(timeline: &Timeline) -> Fold {
    let folding = timeline.folding();
    let ids = |list: &[(SpanIdx, bool)]| -> Vec<(SpanId, bool)> {
        list.iter().map(|&(span, open)| (timeline.trace().span_id(span), open)).collect()
    };
    Fold { rule: folding.rule(), exceptions: ids(folding.exceptions()), runs: ids(folding.run_exceptions()) }
}
