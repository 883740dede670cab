//! The whole trace as a strip of density with errors, and the brush that says what is in sight.

use crate::ui::effect::effect;
use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::html;
use leptos::prelude::*;

use super::handle::TimelineHandle;
use crate::platform::frame::Frame;
use crate::platform::raster;
use crate::view::format;
use crate::view::marks::Mark;
use crate::view::minimap::{Brush, Grip, Minimap};
use crate::view::theme::Theme;

/// Height of the strip.
const HEIGHT_PX: usize = 48;
/// Spans that are added to the picture in one frame: about two milliseconds of work.
const SPANS_PER_FRAME: usize = 100_000;

/// The minimap with its brush.
#[component]
pub fn MinimapStrip(
    /// The timeline.
    handle: TimelineHandle,
    /// Colours.
    #[prop(into)]
    theme: Signal<&'static Theme>,
    /// Changes when another trace is shown.
    #[prop(into)]
    trace_version: Signal<u32>,
    /// Changes when the critical path does.
    #[prop(into)]
    path_version: Signal<u32>,
    /// Width of the strip.
    #[prop(into)]
    width_px: Signal<f64>,
    /// Marked instants.
    #[prop(into)]
    marks: Signal<Vec<Mark>>,
) -> impl IntoView {
    let node = NodeRef::<html::Canvas>::new();
    let picture = StoredValue::new_local(None::<Minimap>);
    let worker = StoredValue::new_local(None::<Frame>);
    let held = StoredValue::new(None::<(Grip, f64, Brush)>);

    let show = move || {
        let rgba = picture.with_value(|p| p.as_ref().map(|p| (p.rgba(theme.get_untracked()), p.size())));
        if let (Some((rgba, (width, height))), Some(canvas)) = (rgba, node.get_untracked()) {
            raster::show(&canvas, &rgba, width as u32, height as u32);
        }
    };
    worker.set_value(Some(Frame::new(move || {
        let done = picture.try_update_value(|picture| {
            let picture = picture.as_mut()?;
            handle.look(|t| picture.add(t.trace(), t.looks(), SPANS_PER_FRAME))
        });
        show();
        if done.flatten() == Some(false) {
            worker.with_value(|w| w.iter().for_each(Frame::request));
        }
    })));
    effect(move || {
        trace_version.track();
        let width = width_px.get();
        theme.track();
        if node.get().is_none() || width < 1.0 {
            return;
        }
        let fresh = handle.look(|t| {
            let mut map = Minimap::new(t.trace(), width as usize, HEIGHT_PX);
            map.set_path(t.trace(), t.looks(), t.path());
            map
        });
        picture.set_value(fresh);
        worker.with_value(|w| w.iter().for_each(Frame::request));
    });

    // The path comes later than the spans; it needs no new count of them.
    effect(move || {
        path_version.track();
        picture.update_value(|picture| {
            if let Some(picture) = picture {
                handle.look(|t| picture.set_path(t.trace(), t.looks(), t.path()));
            }
        });
        show();
    });

    let brush = move || handle.follow(|t| Brush::new(t.range(), t.whole(), width_px.get()));
    let edges = Memo::new(move |_| brush().map(|b| b.edges_px()));
    let left = move || edges.get().map(|(left, _)| format!("{left:.1}px"));
    let width = move || edges.get().map(|(left, right)| format!("{:.1}px", right - left));
    let rest = move || edges.get().map(|(_, right)| format!("{right:.1}px"));

    let ticks = Memo::new(move |_| {
        let whole = handle.follow(|t| t.whole().duration().0 as f64).unwrap_or(1.0);
        let left = |m: &Mark| format!("{:.1}px", m.at.0 as f64 / whole * width_px.get());
        marks.with(|marks| marks.iter().map(left).collect::<Vec<_>>())
    });
    let tick = |left: String| view! { <div class="mark" style:left=left></div> };

    let on_down = move |event: PointerEvent| {
        if event.button() != 0 {
            return;
        }
        event.prevent_default();
        let x = f64::from(event.offset_x());
        if let Some(canvas) = node.get_untracked() {
            // Fails only for a pointer that is gone already.
            drop(canvas.set_pointer_capture(event.pointer_id()));
        }
        handle.change(|t| {
            let brush = Brush::new(t.range(), t.whole(), width_px.get_untracked());
            held.set_value(Some((brush.grip(x), x, brush)));
            t.remember();
        });
    };
    let on_move = move |event: PointerEvent| {
        let x = f64::from(event.offset_x());
        if let Some((grip, from, brush)) = held.get_value()
            && (x - from).abs() >= 1.0
        {
            handle.change(|t| t.show_range(brush.dragged(grip, from, x)));
        }
    };
    let on_up = move |event: PointerEvent| {
        if let Some((_, from, _)) = held.try_update_value(Option::take).flatten()
            && (f64::from(event.offset_x()) - from).abs() < 3.0
        {
            // A click centres what is in sight there.
            handle.change(|t| {
                let width = width_px.get_untracked().max(1.0);
                let share = from / width - 0.5;
                let whole_px = t.whole().duration().0 as f64 / t.scale().nanos_per_px;
                let centre = t.scale().x_from_time(t.whole().start) + whole_px * (share + 0.5);
                t.pan(centre - t.chart_px() / 2.0);
            });
        }
    };
    let on_key = move |event: KeyboardEvent| {
        let step = if event.shift_key() { 0.5 } else { 0.1 };
        let handled = handle.change(|t| {
            let px = t.chart_px() * step;
            match event.key().as_str() {
                "ArrowLeft" => t.pan(-px),
                "ArrowRight" => t.pan(px),
                "ArrowUp" | "+" => t.zoom_at(t.chart_px() / 2.0, 1.25),
                "ArrowDown" | "-" => t.zoom_at(t.chart_px() / 2.0, 0.8),
                "Home" => t.fit_whole(),
                _ => return false,
            }
            true
        });
        if handled == Some(true) {
            event.prevent_default();
            event.stop_propagation();
        }
    };
    let said = move || {
        handle
            .follow(|t| {
                let (range, whole) = (t.range(), t.whole());
                let share = if t.is_whole() {
                    "the whole trace".to_owned()
                } else {
                    format!("{} of the trace", format::percent(range.duration().0, whole.duration().0))
                };
                format!("{}, {share}", format::range(range.start, range.end))
            })
            .unwrap_or_default()
    };
    let share = move || {
        handle
            .follow(|t| t.range().start.0 as f64 / t.whole().duration().0 as f64 * 100.0)
            .unwrap_or_default()
    };
    view! {
        <div
            class="minimap"
            role="slider"
            tabindex="0"
            aria-label="Time range in sight"
            aria-valuemin="0"
            aria-valuemax="100"
            aria-valuenow=move || format!("{:.0}", share())
            aria-valuetext=said
            on:keydown=on_key
        >
            <canvas
                node_ref=node
                aria-hidden="true"
                on:pointerdown=on_down
                on:pointermove=on_move
                on:pointerup=on_up
                on:pointercancel=move |_| held.set_value(None)
                on:dblclick=move |_| {
                    handle.change(crate::view::timeline::Timeline::fit_whole);
                }
            ></canvas>
            <div class="shade" style:width=left></div>
            <div class="brush" style:left=left style:width=width></div>
            <div class="shade after" style:left=rest></div>
            {move || ticks.get().into_iter().map(tick).collect_view()}
        </div>
    }
}
