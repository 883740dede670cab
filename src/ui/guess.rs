//! Opening the only trace there is without being asked, and taking that back when it was not the only one.

use leptos::ev;
use leptos::prelude::*;

use super::services::Services;
use super::store::Store;
use crate::model::ids::TraceId;
use crate::state::action::Action;
use crate::state::view_state::Screen;

/// A trace that was opened without being asked for, since it was the only one so far.
#[derive(Clone, Copy, Debug)]
pub struct Guess(StoredValue<Option<TraceId>>);

impl Guess {
    /// Nothing was guessed.
    pub fn new() -> Self {
        let guess = Self(StoredValue::new(None));
        // Whatever the reader does makes the guess theirs.
        for listener in [
            window_event_listener(ev::pointerdown, move |_| guess.0.set_value(None)),
            window_event_listener(ev::keydown, move |_| guess.0.set_value(None)),
            window_event_listener(ev::wheel, move |_| guess.0.set_value(None)),
        ] {
            on_cleanup(move || listener.remove());
        }
        guess
    }

    /// Something else is open.
    pub fn forget(self) {
        self.0.set_value(None);
    }

    /// A list has come: opens the only trace at once, and goes back to the list when it does not stay the only
    /// one.
    pub fn listed(self, store: Store, services: Services) {
        let (n_traces, first) = services.index.with_untracked(|index| {
            index.as_ref().map_or((0, None), |i| (i.list.len(), i.list.id.first().copied()))
        });
        let (screen, trace) = store.look(|s| (s.screen, s.trace));
        // A link to a trace that does not say which.
        let is_unnamed = screen == Screen::Timeline && trace.is_none();
        match (n_traces, first, self.0.get_value()) {
            (1, Some(only), _) if screen == Screen::Traces || is_unnamed => {
                store.apply_in_place(Action::OpenTrace(only));
                self.0.set_value(Some(only));
            }
            (2.., _, None) if is_unnamed => store.apply_in_place(Action::ShowTraces),
            (2.., _, Some(guessed)) if trace == Some(guessed) => {
                store.apply_in_place(Action::ShowTraces);
                self.0.set_value(None);
            }
            _ => {}
        }
    }
}

impl Default for Guess {
    fn default() -> Self {
        Self::new()
    }
}
