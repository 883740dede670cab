//! The line between two panes: dragged with the pointer, moved with the arrow keys.

use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::html;
use leptos::prelude::*;

/// Step of the arrow keys.
const STEP_PX: f64 = 16.0;

/// A splitter that sets the width of the pane on one of its sides.
#[component]
pub fn Splitter(
    /// What it resizes, for its accessible name.
    #[prop(into)]
    label: Signal<String>,
    /// Width of the pane.
    #[prop(into)]
    width_px: Signal<f64>,
    /// Least and greatest width.
    #[prop(into)]
    limits_px: Signal<(f64, f64)>,
    /// Whether the pane is to the right of the line.
    #[prop(optional)]
    after: bool,
    /// The reader wants this width.
    #[prop(into)]
    on_resize: Callback<f64>,
) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    // Where the drag began: pointer and width.
    let from = StoredValue::new(None::<(f64, f64)>);
    let towards = if after { -1.0 } else { 1.0 };
    let resize = move |width: f64| {
        let (least, most) = limits_px.get_untracked();
        on_resize.run(width.clamp(least, most.max(least)).round());
    };
    let on_down = move |event: PointerEvent| {
        if event.button() != 0 {
            return;
        }
        event.prevent_default();
        from.set_value(Some((f64::from(event.client_x()), width_px.get_untracked())));
        if let Some(node) = node.get_untracked() {
            // Fails only for a pointer that is gone already.
            drop(node.set_pointer_capture(event.pointer_id()));
        }
    };
    let on_move = move |event: PointerEvent| {
        if let Some((x, width)) = from.get_value() {
            resize(width + (f64::from(event.client_x()) - x) * towards);
        }
    };
    let on_key = move |event: KeyboardEvent| {
        let (least, most) = limits_px.get_untracked();
        let width = width_px.get_untracked();
        let width = match event.key().as_str() {
            "ArrowRight" => width + STEP_PX * towards,
            "ArrowLeft" => width - STEP_PX * towards,
            "Home" => least,
            "End" => most,
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        resize(width);
    };
    view! {
        <div
            node_ref=node
            class="splitter"
            role="separator"
            tabindex="0"
            aria-orientation="vertical"
            aria-label=label
            aria-valuenow=move || width_px.get().to_string()
            aria-valuemin=move || limits_px.get().0.to_string()
            aria-valuemax=move || limits_px.get().1.to_string()
            on:pointerdown=on_down
            on:pointermove=on_move
            on:pointerup=move |_| from.set_value(None)
            on:pointercancel=move |_| from.set_value(None)
            on:keydown=on_key
        ></div>
    }
}
