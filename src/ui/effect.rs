//! Effects of one type: every `Effect` of leptos compiles its own copy of the loop that runs it.

use leptos::prelude::Effect;

/// Runs `action` now and whenever a signal that it read changes, for as long as the present component lives.
///
/// Boxed, since the loop around a closure is some two kilobytes, and there are dozens.
pub fn effect(action: impl FnMut() + 'static) {
    let action: Box<dyn FnMut()> = Box::new(action);
    Effect::new(action);
}
