//! The bars of the timeline and the ruler above them, with every gesture of pointer, wheel and touch.
//!
//! Drawn on two canvases from draw lists; what they show is also in the grid beside them as text, so they are
//! hidden from assistive technology.

use crate::ui::effect::effect;
use leptos::ev::{MouseEvent, PointerEvent, WheelEvent};
use leptos::html;
use leptos::prelude::*;

use super::gesture::{Drag, DragKind, Pinch};
use super::handle::TimelineHandle;
use crate::model::time::TimeRange;
use crate::platform::canvas2d::Canvas2d;
use crate::ui::widgets::scrollbar::wheel_px;
use crate::view::rows::Row;
use crate::view::theme::Theme;
use crate::view::{format, waterfall};

/// Height of the ruler with its strip; that of the grid's header.
const RULER_PX: f64 = 36.0;
/// Height of the strip of the critical path along the ruler's lower edge.
const STRIP_PX: f64 = 8.0;
/// Wheel notches to zoom: each pixel of the wheel changes the scale by this share, on a logarithmic scale.
const ZOOM_PER_PX: f64 = 0.002;

/// What the pointer does to the timeline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ChartEvent {
    /// Clicked on this row of the list.
    Click(usize),
    /// Clicked on the critical path's strip, so many pixels from the left.
    Section(f64),
    /// Double-clicked on this row's bar.
    Fit(Row),
}

/// Ruler and bars.
#[component]
pub fn Chart(
    /// The timeline.
    handle: TimelineHandle,
    /// Whether it is in sight; out of sight nothing is drawn.
    #[prop(default = Signal::stored(true))]
    is_shown: Signal<bool>,
    /// Colours.
    #[prop(into)]
    theme: Signal<&'static Theme>,
    /// Something was clicked.
    #[prop(into)]
    on_event: Callback<ChartEvent>,
) -> impl IntoView {
    let ruler_node = NodeRef::<html::Canvas>::new();
    let bars_node = NodeRef::<html::Canvas>::new();
    let ruler = StoredValue::new_local(None::<Canvas2d>);
    let bars = StoredValue::new_local(None::<Canvas2d>);
    let drag = StoredValue::new_local(None::<Drag>);
    let pinch = StoredValue::new_local(Pinch::default());
    let is_space_down = StoredValue::new_local(false);

    effect(move || {
        ruler.set_value(ruler_node.get().and_then(Canvas2d::new));
        bars.set_value(bars_node.get().and_then(Canvas2d::new));
        handle.request_frame();
    });
    effect(move || {
        if !is_shown.get() {
            return;
        }
        let theme = theme.get();
        handle.follow(|timeline| {
            let (width, height) = (timeline.chart_px(), timeline.scroll().window_px());
            let x = timeline.pointer().map(|(x, _)| x);
            ruler.update_value(|canvas| {
                if let Some(canvas) = canvas {
                    canvas.resize(width, RULER_PX);
                    let ticks_px = RULER_PX - STRIP_PX;
                    let mut picture =
                        waterfall::ruler(timeline.scale(), width, ticks_px, timeline.marks(), x);
                    picture.extend(waterfall::path_strip(
                        &timeline.scene(),
                        ticks_px as f32,
                        STRIP_PX as f32 - 1.0,
                    ));
                    canvas.play(&picture, theme);
                }
            });
            bars.update_value(|canvas| {
                if let Some(canvas) = canvas {
                    canvas.resize(width, height);
                    canvas.play(&waterfall::draw(&timeline.scene()), theme);
                }
            });
        });
    });

    let place = move |event: &MouseEvent| (f64::from(event.offset_x()), f64::from(event.offset_y()));

    let on_down = move |event: PointerEvent, on_ruler: bool| {
        let (x, y) = place(&event);
        if event.pointer_type() == "touch" && !on_ruler {
            pinch.update_value(|p| p.down(event.pointer_id(), x, y));
        }
        let wants_pan = event.button() == 1 || (event.button() == 0 && is_space_down.get_value());
        let kind = match (event.button(), on_ruler, wants_pan) {
            (_, _, true) => DragKind::Pan,
            (0, true, _) => DragKind::Zoom,
            (0, false, _) if event.pointer_type() == "touch" => DragKind::Pan,
            (0, false, _) => DragKind::Measure,
            _ => return,
        };
        event.prevent_default();
        if let Some(element) = event_element(&event) {
            // Fails only for a pointer that is gone already.
            drop(element.set_pointer_capture(event.pointer_id()));
        }
        drag.set_value(Some(Drag::new(kind, x, y)));
    };

    let on_move = move |event: PointerEvent, on_ruler: bool| {
        let (x, y) = place(&event);
        if pinch.try_update_value(|p| p.moved(event.pointer_id(), x, y)).flatten().is_some_and(|(at, by)| {
            handle.change(|t| t.zoom_at(at, by));
            true
        }) {
            drag.set_value(None);
            return;
        }
        let step = drag.try_update_value(|d| d.as_mut().and_then(|d| d.moved(x, y))).flatten();
        handle.change(|t| {
            t.point_at(Some((x, if on_ruler { -1.0 } else { y })));
            let Some(step) = step else { return };
            if step.is_first {
                t.remember();
            }
            match step.kind {
                DragKind::Pan => {
                    t.pan(-step.by.0);
                    t.scroll_by(-step.by.1);
                }
                DragKind::Measure => t.measure(step.from.0, x, event.alt_key()),
                DragKind::Zoom => t.measure(step.from.0, x, true),
            }
        });
    };

    let on_up = move |event: PointerEvent| {
        pinch.update_value(|p| p.up(event.pointer_id()));
        let Some(ended) = drag.try_update_value(Option::take).flatten() else { return };
        let (x, y) = place(&event);
        if ended.kind == DragKind::Zoom && !ended.is_moving && y >= RULER_PX - STRIP_PX {
            on_event.run(ChartEvent::Section(x));
        } else if ended.kind == DragKind::Zoom {
            handle.change(|t| {
                if let Some(range) = t.measured().filter(|_| ended.is_moving) {
                    t.clear_measured();
                    t.zoom_to(range);
                }
            });
        } else if !ended.is_moving {
            handle.change(crate::view::timeline::Timeline::clear_measured);
            if let Some(hit) = handle.look(|t| t.hit(x, y)).flatten() {
                on_event.run(ChartEvent::Click(hit.at));
            }
        }
    };

    let on_cancel = move |event: PointerEvent| {
        pinch.update_value(|p| p.up(event.pointer_id()));
        drag.set_value(None);
        handle.change(|t| t.point_at(None));
    };

    let on_double = move |event: MouseEvent| {
        let (x, y) = place(&event);
        if let Some(hit) = handle.look(|t| t.hit(x, y)).flatten().filter(|h| h.is_on_bar) {
            on_event.run(ChartEvent::Fit(hit.row));
        }
    };

    let on_wheel = move |event: WheelEvent| {
        event.prevent_default();
        let (dx, dy) = wheel_px(&event);
        let x = f64::from(event.offset_x());
        handle.change(|t| {
            if event.ctrl_key() || event.meta_key() {
                t.zoom_at(x, (-dy * ZOOM_PER_PX).exp());
            } else if event.shift_key() {
                t.pan(if dx == 0.0 { dy } else { dx });
            } else {
                if dx != 0.0 {
                    t.pan(dx);
                }
                t.scroll_by(dy);
            }
        });
    };

    let space_down = window_event_listener(leptos::ev::keydown, move |event| {
        if event.code() == "Space" {
            is_space_down.set_value(true);
        }
    });
    let space_up = window_event_listener(leptos::ev::keyup, move |event| {
        if event.code() == "Space" {
            is_space_down.set_value(false);
        }
    });
    on_cleanup(move || {
        space_down.remove();
        space_up.remove();
    });

    view! {
        <div class="timeline-chart" aria-hidden="true" on:wheel=on_wheel>
            <canvas
                class="ruler"
                node_ref=ruler_node
                on:pointerdown=move |e| on_down(e, true)
                on:pointermove=move |e| on_move(e, true)
                on:pointerup=on_up
                on:pointercancel=on_cancel
                on:pointerleave=on_cancel
            ></canvas>
            <canvas
                class="bars"
                node_ref=bars_node
                on:pointerdown=move |e| on_down(e, false)
                on:pointermove=move |e| on_move(e, false)
                on:pointerup=on_up
                on:pointercancel=on_cancel
                on:pointerleave=move |e| {
                    if drag.with_value(Option::is_none) {
                        on_cancel(e);
                    }
                }
                on:dblclick=on_double
            ></canvas>
            <Measured handle/>
        </div>
    }
}

/// The measured time with a way to zoom to it.
#[component]
fn Measured(
    /// The timeline.
    handle: TimelineHandle,
) -> impl IntoView {
    let measured = Memo::new(move |_| {
        let range = handle.follow(|t| t.measured().map(|r| (r, t.scale(), t.chart_px()))).flatten()?;
        Some(MeasuredView::new(range.0, range.1.x_from_time(range.0.end).clamp(0.0, range.2)))
    });
    move || {
        measured.get().map(|m| {
            view! {
                <div class="measured" style:left=m.left>
                    <output>{m.text}</output>
                    <button
                        class="link"
                        tabindex="-1"
                        on:click=move |_| {
                            handle
                                .change(|t| {
                                    t.clear_measured();
                                    t.zoom_to(m.range);
                                });
                        }
                    >
                        "Zoom"
                    </button>
                </div>
            }
        })
    }
}

#[derive(Clone, PartialEq)]
struct MeasuredView {
    range: TimeRange,
    left: String,
    text: String,
}

impl MeasuredView {
    fn new(range: TimeRange, right_px: f64) -> Self {
        Self { range, left: format!("{right_px:.0}px"), text: format::duration(range.duration()) }
    }
}

fn event_element(event: &PointerEvent) -> Option<web_sys::Element> {
    use wasm_bindgen::JsCast;
    event.target()?.dyn_into().ok()
}
