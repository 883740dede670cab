//! How the columns of a trace become the open trace, at first and when the analysis knows more about it.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{Refinement, Services};
use crate::platform::reading::breathe;
use crate::ui::answers::OpenTrace;
use crate::ui::shared::Shared;
use crate::view::outline::OutlineMaker;
use crate::view::theme::{Looks, RememberedLooks};

/// Looks of services that the browser remembers; beyond this they go by rank again.
const MAX_LOOKS: usize = 300;

/// Spans looked at before the page gets its turn: some milliseconds.
const OUTLINE_SLICE: usize = 100_000;

impl Services {
    /// Services keep the looks that they had in earlier traces and visits, and while the rest is still read.
    pub(in crate::ui) fn looks(self, assign: impl FnOnce(&mut RememberedLooks) -> Looks) -> Looks {
        let mut remembered = self.store.with_settings_untracked(|settings| settings.looks.clone());
        let n_known = remembered.len();
        let looks = assign(&mut remembered);
        if (n_known + 1..=MAX_LOOKS).contains(&remembered.len()) {
            self.store.change_settings(|settings| settings.looks = remembered);
        }
        looks
    }

    pub(super) fn take_part(self, revision: u32, part: u32, bytes: &[u8]) {
        let assembly = self.assembly.try_update_value(Option::take).flatten();
        let Some(mut assembly) = assembly.filter(|a| a.head().revision == revision) else { return };
        let finished = match assembly.push(part, bytes) {
            Ok(false) => return self.assembly.set_value(Some(assembly)),
            Ok(true) => assembly.finish(),
            Err(error) => Err(error),
        };
        match finished {
            Ok((head, trace)) => {
                let looks = self.looks(|known| Looks::assign(trace.services(), known));
                let trace = Arc::new(trace);
                let outline = Arc::default();
                self.show_trace(OpenTrace {
                    head,
                    trace,
                    outline,
                    looks,
                    correction: None,
                    statements: None,
                });
            }
            Err(error) => self.notices.error(format!("The trace did not arrive whole: {error}")),
        }
    }

    /// Shows the open trace as the analysis knows it by now: its clocks corrected by `shifts`, or as they were
    /// recorded; what spans do told apart by `statements`, or by names alone.
    pub fn refine(self, shifts: Option<Shared<Vec<i64>>>, statements: Option<Shared<Vec<u32>>>) {
        let Some(open) = self.trace.get_untracked() else { return };
        let has_clocks = open.correction.as_ref().map(|c| &c.shifts) == shifts.as_ref();
        let wanted = Refinement { shifts, statements };
        let is_under_way = self.refining.with_value(|refining| refining.as_ref() == Some(&wanted));
        if is_under_way || (has_clocks && open.statements == wanted.statements) {
            return;
        }
        let Refinement { shifts, statements } = wanted.clone();
        let (trace, correction) =
            if has_clocks { (open.trace.clone(), open.correction.clone()) } else { open.corrected(shifts) };
        let (head, looks) = (open.head.clone(), open.looks.clone());
        self.show_trace(OpenTrace { head, trace, outline: Arc::default(), looks, correction, statements });
        self.refining.set_value(Some(wanted));
    }

    /// Shows a trace once its outline is made, unless another is asked for meanwhile.
    fn show_trace(self, mut open: OpenTrace) {
        self.next_arrival();
        let arrival = self.arrivals.try_get_value();
        spawn_local(async move {
            let statements = open.statements.as_ref().map_or(&[][..], |statements| statements);
            let mut maker = OutlineMaker::telling_apart(&open.trace, statements);
            while !maker.step(&open.trace, OUTLINE_SLICE) {
                breathe().await;
                if self.arrivals.try_get_value() != arrival {
                    return;
                }
            }
            open.outline = Arc::new(maker.finish());
            self.refining.set_value(None);
            let is_as_before = self.trace.with_untracked(|before| {
                before.as_ref().is_some_and(|before| {
                    Arc::ptr_eq(&before.trace, &open.trace) && before.outline.runs() == open.outline.runs()
                })
            });
            let head = open.head.clone();
            let open = Some(Shared::new(open));
            if is_as_before {
                // What was found out changes no row: nothing has to be arranged and drawn again.
                self.trace.update_untracked(|trace| *trace = open);
            } else {
                self.trace.set(open);
            }
            if head.complete
                && let Some(request) = self.analyses.begin(head.revision, head.trace, head.n_entries as usize)
            {
                self.send(&request);
            }
        });
    }

    /// What is being made of an earlier trace, or of an earlier state of this one, is of no use any more.
    pub(super) fn next_arrival(self) {
        self.arrivals.update_value(|n| *n += 1);
        self.refining.set_value(None);
    }
}
