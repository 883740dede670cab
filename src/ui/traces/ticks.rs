//! Traces that are ticked in the list, and what can be done with them: comparing two, some with the others, or two
//! sets of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use leptos::prelude::*;

use super::Selection;
use crate::base::text::{counted, grouped};
use crate::model::ids::TraceId;
use crate::state::action::Action;
use crate::state::compare::{Compare, Other};
use crate::state::view_state::Screen;
use crate::ui::store::Store;
use crate::ui::widgets::{Button, Look};

/// A copyable handle to the ticks. They stay when the reader looks at a trace and comes back.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ticks {
    /// Ticked traces with the order in which they were ticked.
    ticked: RwSignal<BTreeMap<TraceId, u32>>,
    /// A set that was put aside as the first side.
    base: RwSignal<Option<Arc<[TraceId]>>>,
}

impl Ticks {
    /// Whether a trace is ticked; follows that.
    pub fn has(self, id: TraceId) -> bool {
        self.ticked.with(|ticked| ticked.contains_key(&id))
    }

    /// Ticks a trace, or no longer.
    pub fn toggle(self, id: TraceId) {
        self.ticked.update(|ticked| {
            if ticked.remove(&id).is_none() {
                let next = ticked.values().max().map_or(0, |last| last + 1);
                ticked.insert(id, next);
            }
        });
    }

    /// Ticks all of these, or none when all are.
    pub fn toggle_all(self, ids: &[TraceId]) {
        self.ticked.update(|ticked| {
            if ids.iter().all(|id| ticked.contains_key(id)) {
                for id in ids {
                    ticked.remove(id);
                }
            } else {
                for (&id, order) in ids.iter().zip(0..) {
                    ticked.entry(id).or_insert(order);
                }
            }
        });
    }

    /// What the view that compares is asked for: the two ticked traces, or several with all others; otherwise
    /// whatever was compared last.
    pub fn comparison(self) -> Action {
        match self.in_order()[..] {
            [] | [_] => Action::ShowView(Screen::Compare),
            [a, b] => Action::Compare(Compare::of([a], [b])),
            ref ticked => Action::Compare(with_rest(ticked)),
        }
    }

    /// Forgets everything: other files are open.
    pub fn forget(self) {
        self.ticked.set(BTreeMap::new());
        self.base.set(None);
    }

    /// How many are ticked; follows that.
    pub fn len(self) -> usize {
        self.ticked.with(BTreeMap::len)
    }

    /// Whether none is ticked; follows that.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The ticked traces, in the order in which they were ticked.
    pub fn in_order(self) -> Vec<TraceId> {
        let mut list: Vec<(u32, TraceId)> =
            self.ticked.with_untracked(|ticked| ticked.iter().map(|(&id, &order)| (order, id)).collect());
        list.sort_unstable();
        list.into_iter().map(|(_, id)| id).collect()
    }
}

/// These compared with all others, which are A.
fn with_rest(ticked: &[TraceId]) -> Compare {
    Compare { base: ticked.into(), other: Other::Rest, is_swapped: true }
}

/// What can be done with the ticked traces; nothing as long as none is.
#[component]
pub fn TickBar(
    /// The ticks.
    ticks: Ticks,
    /// The state.
    store: Store,
    /// The traces that are listed.
    shown: Memo<Option<Selection>>,
) -> impl IntoView {
    let n = Memo::new(move |_| ticks.len());
    let n_base = Memo::new(move |_| ticks.base.with(|base| base.as_ref().map(|base| base.len())));
    let n_shown = Memo::new(move |_| shown.with(|s| s.as_ref().map_or(0, |s| s.order.len())));
    let is_whole =
        Memo::new(move |_| shown.with(|s| s.as_ref().is_some_and(|s| s.order.len() == s.list().len())));
    let compare = move |compare: Compare| store.apply(Action::Compare(compare));
    let two = move |()| {
        if let [a, b] = ticks.in_order()[..] {
            compare(Compare::of([a], [b]));
        }
    };
    let with_others = move |()| {
        let ticked = ticks.in_order();
        if is_whole.get_untracked() {
            return compare(with_rest(&ticked));
        }
        let others: Vec<TraceId> = shown.with_untracked(|s| {
            let ids = s.iter().flat_map(Selection::ids);
            ids.filter(|id| !ticks.ticked.with_untracked(|t| t.contains_key(id))).collect()
        });
        compare(Compare::of(others, ticked));
    };
    let keep = move |()| {
        ticks.base.set(Some(ticks.in_order().into()));
        ticks.ticked.set(BTreeMap::new());
    };
    let with_base = move |()| {
        if let Some(base) = ticks.base.get_untracked() {
            compare(Compare::of(base, ticks.in_order()));
        }
    };
    let said = move || {
        let ticked = format!("{} ticked", counted(n.get() as u64, "trace"));
        match n_base.get() {
            Some(base) => format!("A: {}. {ticked}", counted(base as u64, "trace")),
            None => ticked,
        }
    };
    let others = Signal::derive(move || {
        let n = n_shown.get().saturating_sub(n.get()) as u64;
        format!("Compare with the other {}", grouped(n))
    });
    let has_ticks = move || n.get() > 0;
    let has_others = move || n_shown.get() > n.get();
    view! {
        <Show when=move || has_ticks() || n_base.get().is_some()>
            <div class="ticks" role="group" aria-label="Ticked traces">
                <output role="status">{said}</output>
                <Show when=move || n_base.get().is_some() && has_ticks()>
                    <Button label="Compare A with the ticked" look=Look::Main on_press=with_base />
                </Show>
                <Show when=move || n_base.get().is_none() && n.get().eq(&2)>
                    <Button label="Compare the two" look=Look::Main on_press=two />
                </Show>
                <Show when=move || n_base.get().is_none() && has_ticks() && has_others()>
                    <Button label=others on_press=with_others />
                </Show>
                <Show when=move || n_base.get().is_none() && has_ticks()>
                    <Button
                        label="Keep as A"
                        hint="The first of two sets: then tick those to compare it with"
                        on_press=keep
                    />
                </Show>
                <Button label="Clear ticks" look=Look::Plain on_press=move |()| ticks.forget() />
            </div>
        </Show>
    }
}
