//! What the flame view has of the engine: the merged calls that were asked for last, and how far they are.

use std::sync::Arc;

use leptos::prelude::*;

use crate::model::trace::Trace;
use crate::ui::analyses::Stage;
use crate::view::icicle::Icicle;
use crate::wire::call_tree::{self, CallTree};
use crate::wire::{Response, WireError};

/// A copyable handle.
#[derive(Clone, Copy, Debug)]
pub struct FlameAnswers {
    ask: StoredValue<u32>,
    /// The merged calls.
    pub tree: RwSignal<Option<Arc<CallTree>>>,
    /// How far they are.
    pub stage: RwSignal<Stage>,
    /// The icicle that was made last, with its trace: switching between views does not make it anew.
    icicle: StoredValue<Option<(Arc<Trace>, Arc<Icicle>)>>,
}

impl Default for FlameAnswers {
    fn default() -> Self {
        Self {
            ask: StoredValue::new(0),
            tree: RwSignal::new(None),
            stage: RwSignal::new(Stage::Idle),
            icicle: StoredValue::new(None),
        }
    }
}

impl FlameAnswers {
    /// The number of the next question. What was answered before stays until its successor comes.
    pub fn next_ask(self) -> u32 {
        self.ask.update_value(|ask| *ask = ask.wrapping_add(1));
        self.stage.set(Stage::Running { step: String::new(), done: 0, of: 1 });
        self.ask.get_value()
    }

    /// Forgets everything: another trace or another list is shown.
    pub fn forget(self) {
        self.ask.update_value(|ask| *ask = ask.wrapping_add(1));
        self.tree.set(None);
        self.stage.set(Stage::Idle);
        self.icicle.set_value(None);
    }

    /// Takes an answer that is about merged calls, and gives any other back.
    pub fn take(self, response: Response) -> Result<Option<Response>, WireError> {
        let Response::Flame { ask, done, of, bytes } = response else { return Ok(Some(response)) };
        if ask == self.ask.get_value() {
            if bytes.is_empty() {
                self.stage.set(Stage::Running { step: String::new(), done, of });
            } else {
                self.tree.set(Some(Arc::new(call_tree::unpack(&bytes)?)));
                self.stage.set(Stage::Done);
            }
        }
        Ok(None)
    }

    /// The icicle of a trace, if it was made.
    pub fn icicle_of(self, trace: &Arc<Trace>) -> Option<Arc<Icicle>> {
        let known = self.icicle.get_value();
        known.filter(|(of, _)| Arc::ptr_eq(of, trace)).map(|(_, icicle)| icicle)
    }

    /// Keeps the icicle of a trace.
    pub fn keep_icicle(self, trace: Arc<Trace>, icicle: Arc<Icicle>) {
        self.icicle.set_value(Some((trace, icicle)));
    }
}
