//! Effects of one type: every `Effect` of leptos compiles its own copy of the loop that runs it.

use leptos::prelude::{Effect, GetValue as _, SetValue as _, StoredValue, request_animation_frame};

use crate::platform::dom;

/// Runs `action` now and whenever a signal that it read changes, for as long as the present component lives.
///
/// Boxed, since the loop around a closure is some two kilobytes, and there are dozens.
pub fn effect(action: impl FnMut() + 'static) {
    let action: Box<dyn FnMut()> = Box::new(action);
    Effect::new(action);
}

/// Puts the focus on the element with the id that `id` gives as soon as it gives one, once, so that a view that
/// was just opened obeys the keys. Who has gone somewhere else meanwhile is left there.
pub fn focus_once(id: impl Fn() -> Option<String> + 'static) {
    let is_done = StoredValue::new(false);
    effect(move || {
        if let Some(id) = id().filter(|_| !is_done.get_value()) {
            is_done.set_value(true);
            request_animation_frame(move || {
                if dom::is_focus_free() {
                    dom::focus_id(&id);
                }
            });
        }
    });
}
