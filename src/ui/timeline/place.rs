//! Keeps the timeline and the shared state in step: what the reader arranges goes into the address, what the
//! address says is arranged.

use leptos::prelude::*;

use super::handle::TimelineHandle;
use crate::model::ids::SpanId;
use crate::model::index::SpanIdx;
use crate::model::time::TimeRange;
use crate::state::action::Action;
use crate::state::view_state::{Fold, RangeSpec};
use crate::ui::effect::effect;
use crate::ui::store::Store;
use crate::view::timeline::Timeline;

/// What the reader arranges and a link can say.
#[derive(Clone, Debug, PartialEq)]
struct Arranged {
    range: Option<TimeRange>,
    fold: Fold,
    focus: Option<SpanId>,
}

/// What of it is the reader's own doing.
#[derive(Clone, Copy, Debug, Default)]
struct Own {
    range: bool,
    fold: bool,
    focus: bool,
}

/// Which part of the place was arranged by the state, and which by the reader since. While a trace is still
/// being read, a link may name what is not there yet: that is tried again with every state of the trace that
/// comes. What the reader did meanwhile stays instead.
#[derive(Clone, Copy)]
pub struct Place {
    handle: TimelineHandle,
    store: Store,
    arranged: StoredValue<Option<Arranged>>,
    own: StoredValue<Own>,
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Place").finish_non_exhaustive()
    }
}

impl Place {
    /// A place without a trace.
    pub fn new(handle: TimelineHandle, store: Store) -> Self {
        Self { handle, store, arranged: StoredValue::new(None), own: StoredValue::new(Own::default()) }
    }

    /// Arranges the timeline as the state says: folding, focus, range, marks, selection.
    pub fn restore(self) {
        self.own.set_value(Own::default());
        self.arrange();
        select(self.handle, self.store.look(|s| s.span));
        self.remember();
    }

    /// Arranges a trace that has just come: another, or a later state of the open one. The range stays as the
    /// state says where the selected span lies outside: clocks that are not corrected yet may have it elsewhere.
    pub fn restore_anew(self, is_later_state: bool) {
        if !is_later_state {
            self.own.set_value(Own::default());
        }
        let seen = || self.handle.look(|t| (t.selected().map(|s| t.trace().span_id(s)), t.anchor()));
        let before = seen();
        let range = self.handle.look(Timeline::range);
        self.arrange();
        select(self.handle, self.store.look(|s| s.span));
        match range.filter(|_| self.own.get_value().range) {
            Some(range) => drop(self.handle.change(|t| t.show_range(range))),
            None => self.arrange_range(),
        }
        // Folding brings the cursor into sight, which the reader may have left.
        if let Some((selected, Some(anchor))) = before.filter(|_| is_later_state)
            && seen().is_some_and(|(now, _)| now == selected)
        {
            self.handle.change(|t| t.hold(anchor));
        }
        self.remember();
    }

    /// Notes what is no longer as it was arranged: the reader did that. To be called before the trace is
    /// replaced by a later state, since the next frame may come after it.
    pub fn notice(self) {
        let Some(now) = self.handle.look(arranged) else { return };
        self.arranged.with_value(|arranged| {
            let Some(arranged) = arranged else { return };
            let is_as_arranged = self.handle.look(|t| t.shows(arranged.range)).unwrap_or(true);
            self.own.update_value(|own| {
                own.range |= !is_as_arranged;
                own.fold |= now.fold != arranged.fold;
                own.focus |= now.focus != arranged.focus;
            });
        });
    }

    /// Tells the state what the timeline shows, whenever a frame changed it: of a trace that is still being
    /// read, what the reader did.
    pub fn follow(self, is_complete: impl Fn() -> bool + 'static) {
        let Self { handle, store, own, .. } = self;
        effect(move || {
            let shown = handle.follow(|t| {
                let range = (!t.is_whole()).then(|| t.recorded_range());
                (t.trace().id(), Arranged { range, ..arranged(t) })
            });
            let Some((trace, Arranged { range, fold, focus })) = shown else { return };
            // While another trace is on its way the old one must not speak for it.
            if store.look(|s| s.trace) != Some(trace) {
                return;
            }
            self.notice();
            let (own, is_complete) = (own.get_value(), is_complete());
            let (same_range, same_fold) =
                store.look(|s| (s.range == range.map(RangeSpec::Relative), s.fold == fold));
            if !same_range && (own.range || is_complete) {
                store.apply(Action::ShowRange(range));
            }
            if !same_fold && (own.fold || is_complete) {
                store.apply(Action::SetFold(fold));
            }
            if own.focus || is_complete {
                store.apply_in_place(Action::SetFocus(focus));
            }
        });
    }

    fn remember(self) {
        self.arranged.set_value(self.handle.look(arranged));
    }

    /// Folding, focus and range as the state says, but for what is the reader's own; and the marks.
    fn arrange(self) {
        let own = self.own.get_value();
        self.store.look(|state| {
            self.handle.change(|t| {
                let now = arranged(t);
                let (keeps_fold, keeps_focus) =
                    (own.fold || now.fold == state.fold, own.focus || now.focus == state.focus);
                if !keeps_fold || !keeps_focus {
                    let fold = if keeps_fold { &now.fold } else { &state.fold };
                    let focus = if keeps_focus { now.focus } else { state.focus };
                    let find = |id| t.trace().find(id);
                    let all = |list: &[(SpanId, bool)]| -> Vec<(SpanIdx, bool)> {
                        list.iter().filter_map(|&(id, open)| Some((find(id)?, open))).collect()
                    };
                    let (spans, runs) = (all(&fold.exceptions), all(&fold.runs));
                    let focus = focus.and_then(find);
                    t.restore_folding(fold.rule, &spans, &runs, focus);
                }
                t.set_marks(&state.marks);
            });
        });
        if !own.range {
            self.arrange_range();
        }
    }

    fn arrange_range(self) {
        self.store.look(|state| {
            self.handle.change(|t| match state.range {
                Some(range) => {
                    let recorded_start = t.trace().start_time() + t.earlier();
                    t.show_recorded_range(range.relative_to(recorded_start));
                }
                None => t.show_range(t.whole()),
            });
        });
    }
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

/// The only subtree that is shown.
pub fn focus_of(timeline: &Timeline) -> Option<SpanId> {
    timeline.folding().focus().map(|s| timeline.trace().span_id(s))
}

fn arranged(timeline: &Timeline) -> Arranged {
    let range = (!timeline.is_whole()).then(|| timeline.range());
    Arranged { range, fold: fold_of(timeline), focus: focus_of(timeline) }
}

fn fold_of(timeline: &Timeline) -> Fold {
    let folding = timeline.folding();
    let ids = |list: &[(SpanIdx, bool)]| -> Vec<(SpanId, bool)> {
        list.iter().map(|&(span, open)| (timeline.trace().span_id(span), open)).collect()
    };
    Fold { rule: folding.rule(), exceptions: ids(folding.exceptions()), runs: ids(folding.run_exceptions()) }
}
