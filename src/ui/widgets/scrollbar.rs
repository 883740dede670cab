//! A scrollbar for lists with a scroll model of their own.

use leptos::ev::{PointerEvent, WheelEvent};
use leptos::prelude::*;

use crate::view::scroll::Scroll;

/// A scrollbar as long as its list's window; nothing when everything is in sight.
#[component]
pub fn Scrollbar(
    /// What it scrolls, for its accessible name.
    #[prop(into)]
    label: Signal<String>,
    /// The id of the list.
    controls: &'static str,
    /// Whether it lies below its list, for what is too wide.
    #[prop(optional)]
    across: bool,
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

    let along =
        move |event: &PointerEvent| f64::from(if across { event.offset_x() } else { event.offset_y() });

    let on_down = move |event: PointerEvent| {
        let Some(thumb) = thumb.get_untracked().filter(|_| event.button() == 0) else { return };
        event.prevent_default();
        let y = along(&event);
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
            moved.drag_thumb_to(offset + along(&event) - y, moved.window_px());
            on_scroll.run(moved);
        }
    };
    let axis = if across { "X" } else { "Y" };
    let offset = move || thumb.get().map(|t| format!("translate{axis}({:.1}px)", t.offset_px));
    let length =
        move |is_mine: bool| thumb.get().filter(|_| is_mine).map(|t| format!("{:.1}px", t.length_px));
    let percent = move || format!("{:.0}", scroll.with(Scroll::percent));
    let said = move || if across { format!("{} %", percent()) } else { scroll.with(Scroll::sentence) };
    view! {
        <div
            class="scrollbar"
            role="scrollbar"
            aria-label=move || label.get()
            aria-orientation=if across { "horizontal" } else { "vertical" }
            aria-controls=controls
            aria-valuemin="0"
            aria-valuemax="100"
            aria-valuenow=percent
            aria-valuetext=said
            data-idle=move || thumb.get().is_none().to_string()
            on:pointerdown=on_down
            on:pointermove=on_move
            on:pointerup=move |_| from.set_value(None)
            on:pointercancel=move |_| from.set_value(None)
        >
            <div
                class="thumb"
                style:transform=offset
                style:height=move || length(!across)
                style:width=move || length(across)
            ></div>
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
