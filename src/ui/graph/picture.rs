//! The picture: a canvas, and above it a button for each node.

use leptos::ev::{KeyboardEvent, PointerEvent, WheelEvent};
use leptos::html;
use leptos::prelude::*;

use super::GraphView;
use crate::platform::canvas2d::Canvas2d;
use crate::platform::frame::{self, Frame};
use crate::platform::{dom, resize};
use crate::ui::effect::effect;
use crate::ui::timeline::gesture::{Drag, DragKind, Pinch};
use crate::ui::widgets::scrollbar::wheel_px;
use crate::view::draw::Rect;
use crate::view::graph::Towards;
use crate::view::graph::draw::{Marked, draw};
use crate::view::graph::text::{self, Colouring};
use crate::view::theme::Theme;

/// Each pixel of the wheel changes the scale by this share, on a logarithmic scale.
const ZOOM_PER_PX: f64 = 0.002;
/// Pixels that a key moves the picture by.
const STEP_PX: f32 = 80.0;
/// What a key zooms by.
pub(super) const ZOOM_STEP: f32 = 1.25;

/// The picture of the graph.
#[component]
pub fn PictureArea(
    /// The view.
    view: GraphView,
    /// Colours.
    #[prop(into)]
    theme: Signal<&'static Theme>,
) -> impl IntoView {
    let area = NodeRef::<html::Div>::new();
    let node = NodeRef::<html::Canvas>::new();
    let canvas = StoredValue::new_local(None::<Canvas2d>);
    let observer = StoredValue::new_local(None);
    let hovered = RwSignal::new(None::<usize>);
    // The node that the Tab key reaches.
    let active = RwSignal::new(None::<usize>);
    let drag = StoredValue::new_local(None::<Drag>);
    let pinch = StoredValue::new_local(Pinch::default());
    let was_drawn = StoredValue::new(false);
    let GraphView { picture, viewport, selected, found, choice, .. } = view;
    let colouring = Memo::new(move |_| choice.with(|c| c.colouring));

    let reveal = move |at: usize| {
        view.look(|viewport, picture| {
            if let Some(rect) = picture.nodes.get(at) {
                viewport.reveal(*rect, picture.size);
            }
        });
    };
    effect(move || {
        canvas.set_value(node.get().and_then(Canvas2d::new));
        let watch = |area| {
            resize::observe(&area, move |width, height| {
                let is_first = viewport.with_untracked(|v| v.width < 1.0);
                viewport.update(|v| (v.width, v.height) = (width as f32, height as f32));
                if is_first {
                    view.begin();
                } else if let Some(at) = selected.get_untracked() {
                    // The card takes room.
                    reveal(at);
                }
            })
        };
        observer.set_value(area.get().and_then(|area| watch(area.into())));
    });
    let paint = move || {
        let Some(picture) = picture.get_untracked() else { return };
        let shown = viewport.get_untracked();
        if shown.width < 1.0 {
            return;
        }
        let found = found.get_untracked();
        let marked = Marked {
            hovered: hovered.get_untracked(),
            selected: selected.get_untracked(),
            found: found.as_deref(),
            colouring: colouring.get_untracked(),
        };
        canvas.update_value(|canvas| {
            if let Some(canvas) = canvas {
                canvas.resize(shown.width.into(), shown.height.into());
                canvas.play(&draw(&picture, &shown, marked), theme.get_untracked());
            }
        });
        if !was_drawn.get_value() {
            was_drawn.set_value(true);
            frame::mark("spanscope:graph");
        }
    };
    let frame = StoredValue::new_local(Frame::new(paint));
    effect(move || {
        picture.track();
        viewport.track();
        hovered.track();
        selected.track();
        found.track();
        colouring.track();
        theme.track();
        node.track();
        frame.with_value(Frame::request);
    });
    // Another picture has other nodes.
    effect(move || {
        let start = picture.with(|p| p.as_ref().and_then(|p| p.start()));
        hovered.set(None);
        active.set(selected.get_untracked().or(start));
    });
    effect(move || {
        if let Some(selected) = selected.get() {
            active.set(Some(selected));
        }
    });
    // The first that the search found comes into sight.
    effect(move || {
        let first = found.with(|found| found.as_ref().and_then(|f| f.iter().position(|&is| is)));
        if let Some(first) = first {
            reveal(first);
        }
    });

    let place = move |event: &PointerEvent| {
        area.get_untracked().map_or((0.0, 0.0), |area| {
            let rect = area.get_bounding_client_rect();
            (f64::from(event.client_x()) - rect.x(), f64::from(event.client_y()) - rect.y())
        })
    };
    let on_down = move |event: PointerEvent| {
        let (x, y) = place(&event);
        if event.pointer_type() == "touch" {
            pinch.update_value(|p| p.down(event.pointer_id(), x, y));
        }
        if matches!(event.button(), 0 | 1) {
            drag.set_value(Some(Drag::new(DragKind::Pan, x, y)));
        }
    };
    let on_move = move |event: PointerEvent| {
        let (x, y) = place(&event);
        if let Some((at, by)) = pinch.try_update_value(|p| p.moved(event.pointer_id(), x, y)).flatten() {
            drag.set_value(None);
            return view.look(|v, picture| v.zoom(at as f32, y as f32, by as f32, picture.size));
        }
        let step = drag.try_update_value(|d| d.as_mut().and_then(|d| d.moved(x, y))).flatten();
        let Some(step) = step else { return };
        if step.is_first
            && let Some(area) = area.get_untracked()
        {
            // From here on it is no click. Fails only for a pointer that is gone already.
            drop(area.set_pointer_capture(event.pointer_id()));
        }
        view.look(|v, picture| v.pan(step.by.0 as f32, step.by.1 as f32, picture.size));
    };
    let on_up = move |event: PointerEvent| {
        pinch.update_value(|p| p.up(event.pointer_id()));
        drag.set_value(None);
    };
    let on_wheel = move |event: WheelEvent| {
        event.prevent_default();
        let (dx, dy) = wheel_px(&event);
        let (x, y) = area.get_untracked().map_or((0.0, 0.0), |area| {
            let rect = area.get_bounding_client_rect();
            (f64::from(event.client_x()) - rect.x(), f64::from(event.client_y()) - rect.y())
        });
        view.look(|v, picture| {
            if event.ctrl_key() || event.meta_key() {
                v.zoom(x as f32, y as f32, (-dy * ZOOM_PER_PX).exp() as f32, picture.size);
            } else if event.shift_key() && dx == 0.0 {
                v.pan(-dy as f32, 0.0, picture.size);
            } else {
                v.pan(-dx as f32, -dy as f32, picture.size);
            }
        });
    };
    let go = move |to: Option<usize>| {
        let Some(to) = to else { return };
        active.set(Some(to));
        reveal(to);
        dom::focus_id(&node_id(to));
    };
    let on_key = move |event: KeyboardEvent| {
        if event.ctrl_key() || event.alt_key() || event.meta_key() {
            return;
        }
        let Some(shown) = picture.get_untracked() else { return };
        let at = active.get_untracked().or_else(|| shown.start());
        let middle = viewport.with_untracked(|v| (v.width / 2.0, v.height / 2.0));
        let pan = |dx, dy| view.look(|v, picture| v.pan(dx, dy, picture.size));
        let step = |towards| go(at.and_then(|at| shown.towards(at, towards)));
        match (event.key().as_str(), event.shift_key()) {
            ("ArrowLeft", false) => step(Towards::Left),
            ("ArrowRight", false) => step(Towards::Right),
            ("ArrowUp", false) => step(Towards::Up),
            ("ArrowDown", false) => step(Towards::Down),
            ("ArrowLeft", true) => pan(STEP_PX, 0.0),
            ("ArrowRight", true) => pan(-STEP_PX, 0.0),
            ("ArrowUp", true) => pan(0.0, STEP_PX),
            ("ArrowDown", true) => pan(0.0, -STEP_PX),
            ("Home", _) => go(shown.start()),
            ("Enter", true) => {
                if let Some(at) = at {
                    view.drill(at);
                }
            }
            ("+" | "=", _) => view.look(|v, p| v.zoom(middle.0, middle.1, ZOOM_STEP, p.size)),
            ("-", _) => view.look(|v, p| v.zoom(middle.0, middle.1, 1.0 / ZOOM_STEP, p.size)),
            ("0", _) => view.look(|v, p| v.fit(p.size)),
            ("Escape", _) if selected.get_untracked().is_some() => view.select(None),
            ("Escape", _) if choice.with_untracked(|c| c.service.is_some()) => {
                view.change(|choice| choice.service = None);
            }
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let buttons = move || {
        let Some(shown) = picture.get() else { return Vec::new() };
        let button = |(at, rect): (usize, &Rect)| {
            let name = text::node_name(&shown.graph, &shown.graph.nodes[at]);
            let place = format!("translate({:.1}px, {:.1}px)", rect.x, rect.y);
            view! {
                <button
                    type="button"
                    id=node_id(at)
                    aria-label=name.clone()
                    title=name
                    aria-pressed=move || (selected.get() == Some(at)).to_string()
                    tabindex=move || if active.get() == Some(at) { "0" } else { "-1" }
                    style:transform=place
                    style:width=format!("{:.0}px", rect.w)
                    style:height=format!("{:.0}px", rect.h)
                    on:click=move |_| {
                        view.select((selected.get_untracked() != Some(at)).then_some(at));
                    }
                    on:dblclick=move |_| view.drill(at)
                    on:pointerenter=move |_| hovered.set(Some(at))
                    on:pointerleave=move |_| hovered.set(None)
                    on:focus=move |event| {
                        active.set(Some(at));
                        // The pointer has it in sight, and nothing may move from under it.
                        if dom::has_visible_focus(&event) {
                            reveal(at);
                        }
                    }
                ></button>
            }
        };
        shown.nodes.iter().enumerate().map(button).collect::<Vec<_>>()
    };
    let moved =
        move || viewport.with(|v| format!("translate({:.2}px, {:.2}px) scale({:.4})", v.x, v.y, v.scale));
    let label = move || {
        let n = picture.with(|p| p.as_ref().map_or(0, |p| p.nodes.len()));
        format!(
            "Picture of {}, arrow keys go from one to the next",
            crate::base::text::counted(n as u64, "node")
        )
    };
    let legend = move || match colouring.get() {
        Colouring::Critical => "Ground: share of the critical path",
        Colouring::SelfTime => "Ground: share of the self time",
        Colouring::Errors => "Ground: share of calls that failed",
    };
    view! {
        <div
            class="graph-picture"
            node_ref=area
            role="group"
            aria-label=label
            on:pointerdown=on_down
            on:pointermove=on_move
            on:pointerup=on_up
            on:pointercancel=on_up
            on:wheel=on_wheel
            on:keydown=on_key
        >
            <canvas node_ref=node aria-hidden="true"></canvas>
            <div class="nodes" style:transform=moved>
                {buttons}
            </div>
            {if view.is_calls() {
                view! { <p class="legend">"edges: thicker with more calls"</p> }.into_any()
            } else {
                view! {
            <p class="legend" data-colouring=move || format!("{:?}", colouring.get()).to_lowercase()>
                {legend}
                <span class="scale" aria-hidden="true"></span>
                "edges: thicker with more of the critical path"
            </p>
                }
                    .into_any()
            }}
        </div>
    }
}

pub(super) fn node_id(at: usize) -> String {
    format!("graph-node-{at}")
}
