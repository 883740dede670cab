//! The frames on their canvas, with the gestures of pointer, wheel, touch and keys.
//!
//! The canvas is hidden from assistive technology; the frame that keys act on is told as an item of a tree.

use leptos::attr::custom::custom_attribute;
use leptos::ev::{KeyboardEvent, MouseEvent, PointerEvent, WheelEvent};
use leptos::html;
use leptos::prelude::*;

use super::handle::FlameHandle;
use crate::platform::canvas2d::Canvas2d;
use crate::platform::resize;
use crate::ui::effect::effect;
use crate::ui::timeline::gesture::{Drag, DragKind, Pinch};
use crate::ui::timeline::tooltip::{Pointed, Tip};
use crate::ui::widgets::Scrollbar;
use crate::ui::widgets::scrollbar::wheel_px;
use crate::view::flame_view::{FlameView, sentence};
use crate::view::frames::{self, Way};
use crate::view::scale::TimeScale;
use crate::view::scroll::Scroll;
use crate::view::theme::Theme;
use crate::view::waterfall;

/// The id of the tree.
pub(super) const TREE_ID: &str = "flame-frames";
/// Height of the ruler above spans in their time.
const RULER_PX: f64 = 24.0;
/// A wheel's pixel changes the scale by this share, on a logarithmic scale.
const ZOOM_PER_PX: f64 = 0.002;

/// What the reader does to a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameEvent {
    /// Has keys act on it.
    Select(u32),
    /// Has it fill the width.
    Zoom(u32),
    /// One step back out.
    Out,
}

/// The frames.
#[component]
pub fn FlameChart(
    /// The view.
    handle: FlameHandle,
    /// Colours.
    #[prop(into)]
    theme: Signal<&'static Theme>,
    /// Something is to be done with a frame.
    #[prop(into)]
    on_event: Callback<FrameEvent>,
) -> impl IntoView {
    let ruler_node = NodeRef::<html::Canvas>::new();
    let node = NodeRef::<html::Canvas>::new();
    let frame_node = NodeRef::<html::Div>::new();
    let ruler = StoredValue::new_local(None::<Canvas2d>);
    let canvas = StoredValue::new_local(None::<Canvas2d>);
    let observer = StoredValue::new_local(None);
    let drag = StoredValue::new_local(None::<Drag>);
    let pinch = StoredValue::new_local(Pinch::default());
    effect(move || {
        ruler.set_value(ruler_node.get().and_then(Canvas2d::new));
        canvas.set_value(node.get().and_then(Canvas2d::new));
        let watch = |frame: web_sys::HtmlDivElement| {
            resize::observe(&frame, move |w, h| handle.change(|view| view.resize(w.floor(), h.floor())))
        };
        observer.set_value(frame_node.get().and_then(watch));
    });
    effect(move || {
        let theme = theme.get();
        handle.follow(|view, timeline| {
            let (width, height) = (view.width_px(), view.scroll().window_px());
            let picture = view.with_scene(timeline, frames::draw).unwrap_or_default();
            canvas.update_value(|canvas| {
                if let Some(canvas) = canvas {
                    canvas.resize(width, height);
                    canvas.play(&picture, theme);
                }
            });
            let Some(timeline) = timeline.filter(|_| view.is_time()) else { return };
            ruler.update_value(|canvas| {
                if let Some(canvas) = canvas {
                    let x = view.pointer().map(|(x, _)| x);
                    let scale = TimeScale::fit(timeline.range(), width);
                    canvas.resize(width, RULER_PX);
                    canvas.play(&waterfall::ruler(scale, width, RULER_PX, timeline.marks(), x), theme);
                }
            });
        });
    });
    // Focus and trace decide how many rows there are.
    effect(move || {
        handle.follow(|_, _| ());
        handle.fit_rows();
    });

    let place = |event: &MouseEvent| (f64::from(event.offset_x()), f64::from(event.offset_y()));
    let zoom_at = move |x: f64, factor: f64| handle.zoom_at(x, factor);
    let on_down = move |event: PointerEvent| {
        let (x, y) = place(&event);
        if event.pointer_type() == "touch" {
            pinch.update_value(|p| p.down(event.pointer_id(), x, y));
        }
        if event.button() > 1 {
            return;
        }
        if let Some(node) = node.get_untracked() {
            // Fails only for a pointer that is gone already.
            drop(node.set_pointer_capture(event.pointer_id()));
        }
        drag.set_value(Some(Drag::new(DragKind::Pan, x, y)));
    };
    let on_move = move |event: PointerEvent| {
        let (x, y) = place(&event);
        if let Some((at, by)) = pinch.try_update_value(|p| p.moved(event.pointer_id(), x, y)).flatten() {
            drag.set_value(None);
            return zoom_at(at, by);
        }
        let step = drag.try_update_value(|d| d.as_mut().and_then(|d| d.moved(x, y))).flatten();
        handle.change(|view| {
            view.point_at(Some((x, y)));
            if let Some(step) = step {
                view.scroll_mut().scroll_by(-step.by.1);
            }
        });
        if let Some(step) = step {
            handle.pan(-step.by.0);
        }
    };
    let hit = move |x: f64, y: f64| handle.look(|view, timeline| view.hit(timeline, x, y)).flatten();
    let on_up = move |event: PointerEvent| {
        pinch.update_value(|p| p.up(event.pointer_id()));
        let ended = drag.try_update_value(Option::take).flatten().filter(|d| !d.is_moving);
        let (x, y) = place(&event);
        if let Some(frame) = ended.and_then(|_| hit(x, y)) {
            on_event.run(FrameEvent::Select(frame));
        }
    };
    let on_leave = move |event: PointerEvent| {
        if drag.with_value(Option::is_none) {
            pinch.update_value(|p| p.up(event.pointer_id()));
            handle.change(|view| view.point_at(None));
        }
    };
    let on_double = move |event: MouseEvent| {
        let (x, y) = place(&event);
        if let Some(frame) = hit(x, y) {
            on_event.run(FrameEvent::Zoom(frame));
        }
    };
    let on_wheel = move |event: WheelEvent| {
        event.prevent_default();
        let (dx, dy) = wheel_px(&event);
        if event.ctrl_key() || event.meta_key() {
            return zoom_at(f64::from(event.offset_x()), (-dy * ZOOM_PER_PX).exp());
        }
        let (dx, dy) = if event.shift_key() && dx == 0.0 { (dy, 0.0) } else { (dx, dy) };
        if dx != 0.0 {
            handle.pan(dx);
        }
        handle.change(|view| view.scroll_mut().scroll_by(dy));
    };
    let on_key = move |event: KeyboardEvent| {
        if event.ctrl_key() || event.alt_key() || event.meta_key() || event.shift_key() {
            return;
        }
        let selected = handle.look(FlameView::selected).flatten();
        let way = match event.key().as_str() {
            "ArrowUp" => Way::Up,
            "ArrowDown" => Way::Down,
            "ArrowLeft" => Way::Left,
            "ArrowRight" => Way::Right,
            "Enter" if selected.is_some() => {
                event.prevent_default();
                event.stop_propagation();
                return selected.into_iter().for_each(|frame| on_event.run(FrameEvent::Zoom(frame)));
            }
            "Backspace" => {
                event.prevent_default();
                event.stop_propagation();
                return on_event.run(FrameEvent::Out);
            }
            "Escape" if !handle.is_whole() => {
                event.stop_propagation();
                return on_event.run(FrameEvent::Out);
            }
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        if let Some(frame) = handle.look(|view, timeline| view.step(timeline, way)).flatten() {
            on_event.run(FrameEvent::Select(frame));
        }
    };
    let item = Memo::new(move |_| {
        handle
            .follow(|view, timeline| {
                let selected = view.selected(timeline);
                let frame = selected.or_else(|| view.step(timeline, Way::Down))?;
                let text = sentence(&view.tooltip(timeline, frame)?);
                Some((text, view.level(timeline, frame), selected.is_some()))
            })
            .flatten()
    });
    let pointed = Memo::new(move |_| {
        handle
            .follow(|view, timeline| {
                let (x, y) = view.pointer()?;
                let tip = view.pointed(timeline)?;
                Some(Pointed { tip, at: (x, y), room: (view.width_px(), view.scroll().window_px()) })
            })
            .flatten()
    });
    let is_time = Memo::new(move |_| handle.follow(|view, _| view.is_time()).unwrap_or_default());
    let scroll = Memo::new(move |_| handle.follow(|view, _| *view.scroll()).unwrap_or_default());
    let tree_item = move || {
        item.get().map(|(text, level, is_selected)| {
            view! {
                <div
                    role="treeitem"
                    id="flame-frame"
                    class="visually-hidden"
                    {..custom_attribute("aria-level", level.to_string())}
                    aria-selected=is_selected.to_string()
                >
                    {text}
                </div>
            }
        })
    };
    view! {
        <div class="flame-body" data-time=move || is_time.get().then_some("")>
            <canvas class="ruler" node_ref=ruler_node aria-hidden="true" hidden=move || !is_time.get()></canvas>
            <div
                class="flame-frames"
                node_ref=frame_node
                role="tree"
                id=TREE_ID
                tabindex="0"
                aria-label="Frames"
                aria-activedescendant=move || item.with(Option::is_some).then_some("flame-frame")
                on:keydown=on_key
            >
                <canvas
                    node_ref=node
                    aria-hidden="true"
                    on:pointerdown=on_down
                    on:pointermove=on_move
                    on:pointerup=on_up
                    on:pointercancel=on_leave
                    on:pointerleave=on_leave
                    on:dblclick=on_double
                    on:wheel=on_wheel
                ></canvas>
                {tree_item}
                <Tip pointed />
            </div>
            <Scrollbar
                label="Rows"
                controls=TREE_ID
                scroll
                on_scroll=move |moved: Scroll| {
                    handle.change(|view| view.scroll_mut().set_top_px(moved.top_px()));
                }
            />
        </div>
    }
}
