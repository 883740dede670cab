//! Start × duration of every trace: a brush narrows the list, a click opens a trace.

use crate::ui::effect::effect;
use leptos::ev::PointerEvent;
use leptos::html;
use leptos::prelude::*;

use super::Shown;
use crate::model::ids::TraceId;
use crate::platform::{chart_canvas, resize};
use crate::view::charts::Look;
use crate::view::charts::scatter::{self, Brushed, Mark, ScatterAxes, ScatterState};
use crate::view::draw::Rect;
use crate::view::theme::Theme;

/// Height of the plot.
const HEIGHT_PX: f32 = 190.0;
/// Movement below this is a click.
const THRESHOLD_PX: f32 = 5.0;

/// The plot.
#[component]
pub fn ScatterPlot(
    /// What is shown.
    parts: Shown,
    /// Colours.
    #[prop(into)]
    theme: Signal<&'static Theme>,
    /// The reader chose a range, or no range.
    #[prop(into)]
    on_brush: Callback<Option<Brushed>>,
    /// The reader chose a trace.
    #[prop(into)]
    on_open: Callback<TraceId>,
) -> impl IntoView {
    let node = NodeRef::<html::Canvas>::new();
    let width = RwSignal::new(0.0_f64);
    let state = RwSignal::new(ScatterState::default());
    let from = StoredValue::new(None::<(f32, f32)>);
    let observer = StoredValue::new_local(None);
    effect(move || {
        let parent = node.get().and_then(|canvas| canvas.parent_element());
        observer.set_value(parent.and_then(|p| resize::observe(&p, move |w, _| width.set(w.floor()))));
    });
    let axes = Memo::new(move |_| {
        let shown = parts.traces.get()?;
        (width.get() > 0.0)
            .then(|| ScatterAxes::new(shown.list(), &shown.order, width.get() as f32, HEIGHT_PX))
    });
    let marks = Memo::new(move |_| -> Vec<Mark> {
        let (Some(shown), Some(axes)) = (parts.traces.get(), axes.get()) else { return Vec::new() };
        parts.looks.with(|looks| scatter::marks(shown.list(), &shown.order, &axes, looks))
    });
    effect(move || {
        let (Some(canvas), Some(axes)) = (node.get(), axes.get()) else { return };
        let mut state = state.get();
        state.threshold = parts.threshold.get();
        let theme = theme.get();
        marks.with(|marks| {
            chart_canvas::draw(&canvas, width.get(), HEIGHT_PX.into(), |backend, density| {
                // A canvas that refuses a drawing leaves the chart as it was; the list has the same data.
                drop(scatter::draw(backend, Look { theme, density }, &axes, marks, &state));
            });
        });
    });
    let hovered = move || {
        let at = state.with(|s| s.hovered)?;
        let shown = parts.traces.get()?;
        marks.with(|marks| marks.get(at).map(|m| scatter::mark_sentence(shown.list(), m)))
    };
    let hint = move || {
        if marks.with(Vec::is_empty) { String::new() } else { "drag to choose, click to open".to_owned() }
    };
    let place = |event: &PointerEvent| (event.offset_x() as f32, event.offset_y() as f32);
    let on_down = move |event: PointerEvent| {
        // Without discs the axes mean nothing, nor would a rectangle.
        if event.button() == 0 && marks.with_untracked(|m| !m.is_empty()) {
            from.set_value(Some(place(&event)));
            if let Some(canvas) = node.get_untracked() {
                // Fails only for a pointer that is gone already.
                drop(canvas.set_pointer_capture(event.pointer_id()));
            }
        }
    };
    let on_move = move |event: PointerEvent| {
        let (x, y) = place(&event);
        let hovered = marks.with_untracked(|marks| scatter::hit_test(marks, x, y));
        let brush = from
            .get_value()
            .filter(|f| (f.0 - x).hypot(f.1 - y) >= THRESHOLD_PX)
            .map(|(fx, fy)| Rect::new(fx.min(x), fy.min(y), (fx - x).abs(), (fy - y).abs()));
        let next = ScatterState { hovered, brush, threshold: None };
        if state.get_untracked() != next {
            state.set(next);
        }
    };
    let on_up = move |event: PointerEvent| {
        from.set_value(None);
        let (x, y) = place(&event);
        let brush = state.with_untracked(|s| s.brush);
        state.update(|s| s.brush = None);
        if let (Some(rect), Some(axes)) = (brush, axes.get_untracked()) {
            on_brush.run(Some(axes.brushed(rect)));
        } else if let Some(at) = marks.with_untracked(|marks| scatter::hit_test(marks, x, y)) {
            let mark = marks.with_untracked(|marks| marks.get(at).copied());
            match (mark, parts.traces.get_untracked()) {
                (Some(mark), Some(shown)) if mark.n_traces == 1 => {
                    if let Some(&id) = shown.list().id.get(mark.trace.at()) {
                        on_open.run(id);
                    }
                }
                _ => {}
            }
        }
    };
    view! {
        <figure class="chart">
            <figcaption>
                "Start and duration"
                <span class="muted">{move || hovered().unwrap_or_else(hint)}</span>
            </figcaption>
            <div class="canvas-box">
                <canvas
                    node_ref=node
                    aria-hidden="true"
                    on:pointerdown=on_down
                    on:pointermove=on_move
                    on:pointerup=on_up
                    on:pointerleave=move |_| state.update(|s| s.hovered = None)
                ></canvas>
            </div>
        </figure>
    }
}
