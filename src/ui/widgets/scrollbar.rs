//! A scrollbar for lists with a scroll model of their own.

use leptos::ev::{PointerEvent, WheelEvent};
use leptos::prelude::*;

use crate::view::scroll::Scroll;

/// A vertical scrollbar as tall as its list's window; nothing when everything is in sight.
#[component]
pub fn Scrollbar(
    /// What it scrolls, for its accessible name.
    #[prop(into)]
    label: Signal<String>,
    /// The id of the list.
    controls: &'static str,
    /// Where the list stands.
    #[prop(into)]
    scroll: Signal<Scroll>,
    /// The reader moved it there.
    #[prop(into)]
    on_scroll: Callback<Scroll>,
) -> impl IntoView {
    let thumb = Memo::new(move |_| scroll.with(|s| s.thumb(s.window_px())));
    // Where the drag began: pointer and thumb.
    let from = StoredValue::new(None::<(f64, f64)>);

    let on_down = move |event: PointerEvent| {
        let Some(thumb) = thumb.get_untracked().filter(|_| event.button() == 0) else { return };
        event.prevent_default();
        let y = f64::from(event.offset_y());
        let mut moved = scroll.get_untracked();
        if (thumb.offset_px..thumb.offset_px + thumb.length_px).contains(&y) {
            from.set_value(Some((y, thumb.offset_px)));
        } else {
            // Beside the thumb: it jumps there, as a person who aims at a place expects.
            moved.drag_thumb_to(y - thumb.length_px / 2.0, moved.window_px());
            from.set_value(moved.thumb(moved.window_px()).map(|t| (y, t.offset_px)));
            on_scroll.run(moved);
        }
        if let Some(track) = event_target_of(&event) {
            // Fails only for a pointer that is gone already.
            drop(track.set_pointer_capture(event.pointer_id()));
        }
    };
    let on_move = move |event: PointerEvent| {
        if let Some((y, offset)) = from.get_value() {
            let mut moved = scroll.get_untracked();
            moved.drag_thumb_to(offset + f64::from(event.offset_y()) - y, moved.window_px());
            on_scroll.run(moved);
        }
    };
    let offset = move || thumb.get().map(|t| format!("translateY({:.1}px)", t.offset_px));
    let length = move || thumb.get().map(|t| format!("{:.1}px", t.length_px));
    view! {
        <div
            class="scrollbar"
            role="scrollbar"
            aria-label=move || label.get()
            aria-orientation="vertical"
            aria-controls=controls
            aria-valuemin="0"
            aria-valuemax="100"
            aria-valuenow=move || format!("{:.0}", scroll.with(Scroll::percent))
            data-idle=move || thumb.get().is_none().to_string()
            on:pointerdown=on_down
            on:pointermove=on_move
            on:pointerup=move |_| from.set_value(None)
            on:pointercancel=move |_| from.set_value(None)
        >
            <div class="thumb" style:transform=offset style:height=length></div>
        </div>
    }
}

fn event_target_of(event: &PointerEvent) -> Option<web_sys::Element> {
    use wasm_bindgen::JsCast;
    event.current_target()?.dyn_into().ok()
}

/// Pixels of a line and a page, for wheels that count in those.
const LINE_PX: f64 = 24.0;

/// The wheel's movement in pixels, whatever it counts in.
pub fn wheel_px(event: &WheelEvent) -> (f64, f64) {
    let unit = match event.delta_mode() {
        WheelEvent::DOM_DELTA_LINE => LINE_PX,
        WheelEvent::DOM_DELTA_PAGE => 20.0 * LINE_PX,
        _ => 1.0,
    };
    (event.delta_x() * unit, event.delta_y() * unit)
}
