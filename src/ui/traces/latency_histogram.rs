//! How many traces took how long, with percentiles and a threshold that can be dragged or typed.

use crate::ui::effect::effect;
use leptos::ev::PointerEvent;
use leptos::html;
use leptos::prelude::*;

use super::Shown;
use crate::model::time::DurationNanos;
use crate::platform::{chart_canvas, resize};
use crate::view::charts::Look;
use crate::view::charts::histogram::{self, Histogram};
use crate::view::format;
use crate::view::theme::Theme;
use crate::view::traces;

/// Height of the chart.
const HEIGHT_PX: f32 = 190.0;
/// Steps of the threshold's slider: its position is a share of the chart's width.
const SLIDER_STEPS: f64 = 1000.0;

/// The histogram.
#[component]
pub fn LatencyHistogram(
    /// What is shown.
    parts: Shown,
    /// Colours.
    #[prop(into)]
    theme: Signal<&'static Theme>,
    /// The reader says which durations are too long; none takes it back.
    #[prop(into)]
    on_threshold: Callback<Option<DurationNanos>>,
) -> impl IntoView {
    let node = NodeRef::<html::Canvas>::new();
    let width = RwSignal::new(0.0_f64);
    let is_dragged = StoredValue::new(false);
    let hovered = RwSignal::new(None::<usize>);
    let observer = StoredValue::new_local(None);
    effect(move || {
        let parent = node.get().and_then(|canvas| canvas.parent_element());
        observer.set_value(parent.and_then(|p| resize::observe(&p, move |w, _| width.set(w.floor()))));
    });
    let bins = Memo::new(move |_| {
        let shown = parts.traces.get()?;
        (width.get() > 0.0).then(|| Histogram::new(shown.list(), &shown.order, width.get() as f32, HEIGHT_PX))
    });
    let percentiles = Memo::new(move |_| {
        let shown = parts.traces.get()?;
        traces::percentiles(shown.list(), &shown.order)
    });
    effect(move || {
        let (Some(canvas), Some(bins)) = (node.get(), bins.get()) else { return };
        let theme = theme.get();
        chart_canvas::draw(&canvas, width.get(), HEIGHT_PX.into(), |backend, density| {
            let look = Look { theme, density };
            // A canvas that refuses a drawing leaves the chart as it was; the texts have the same data.
            drop(histogram::draw(backend, look, &bins, percentiles.get(), parts.threshold.get()));
        });
    });
    let threshold_at = move |x: f64| {
        // Where nothing is counted, places mean no durations.
        let counting =
            |b: &Option<Histogram>| b.as_ref().filter(|b| !b.is_empty()).map(|b| b.duration_at(x as f32));
        if let Some(at) = bins.with_untracked(counting) {
            on_threshold.run(Some(DurationNanos(at.0.max(1))));
        }
    };
    let on_down = move |event: PointerEvent| {
        if event.button() == 0 {
            is_dragged.set_value(true);
            threshold_at(event.offset_x().into());
            if let Some(canvas) = node.get_untracked() {
                // Fails only for a pointer that is gone already.
                drop(canvas.set_pointer_capture(event.pointer_id()));
            }
        }
    };
    let on_move = move |event: PointerEvent| {
        if is_dragged.get_value() {
            threshold_at(event.offset_x().into());
        }
        let at = bins.with_untracked(|b| b.as_ref().and_then(|b| b.bin_at(event.offset_x() as f32)));
        if hovered.get_untracked() != at {
            hovered.set(at);
        }
    };
    let said = move || {
        let bin = hovered.get().and_then(|at| bins.with(|b| b.as_ref().map(|b| b.bin_sentence(at))));
        let threshold = || {
            let shown = parts.traces.get().filter(|s| !s.order.is_empty())?;
            parts.threshold.get().map(|t| traces::threshold_sentence(shown.list(), &shown.order, t))
        };
        let marks = || {
            percentiles.get().map(|p| {
                let [p50, p95, p99] = [p.p50, p.p95, p.p99].map(format::duration);
                format!("p50 {p50} · p95 {p95} · p99 {p99}")
            })
        };
        bin.or_else(threshold).or_else(marks).unwrap_or_default()
    };
    let position = move || {
        let at = parts.threshold.get().or_else(|| percentiles.get().map(|p| p.p95));
        let px = at.and_then(|d| bins.with(|b| b.as_ref().map(|b| f64::from(b.x_from_duration(d)))));
        let share = px.map_or(0.0, |px| px / width.get().max(1.0) * SLIDER_STEPS);
        format!("{share:.0}")
    };
    let valued = move || parts.threshold.get().map_or_else(|| "none".to_owned(), format::duration);
    view! {
        <figure class="chart">
            <figcaption>
                "Duration" <span class="muted">{said}</span>
                <label class="threshold">
                    "Threshold "
                    <input
                        type="range"
                        min="0"
                        max="1000"
                        aria-valuetext=valued
                        prop:value=position
                        on:input=move |event| {
                            let share: f64 = event_target_value(&event).parse().unwrap_or_default();
                            threshold_at(share / SLIDER_STEPS * width.get_untracked());
                        }
                    />
                </label>
            </figcaption>
            <div class="canvas-box">
                <canvas
                    node_ref=node
                    aria-hidden="true"
                    on:pointerdown=on_down
                    on:pointermove=on_move
                    on:pointerup=move |_| is_dragged.set_value(false)
                    on:pointerleave=move |_| hovered.set(None)
                    on:dblclick=move |_| on_threshold.run(None)
                ></canvas>
            </div>
            <details class="as-table">
                <summary>"View as table"</summary>
                <ul>
                    {move || {
                        let lines = bins.with(|b| b.as_ref().map(Histogram::table)).unwrap_or_default();
                        lines.into_iter().map(|line| view! { <li>{line}</li> }).collect_view()
                    }}
                </ul>
            </details>
        </figure>
    }
}
