//! The heat map on the page: names of the operations beside the picture, a click opens the trace.

use leptos::ev::MouseEvent;
use leptos::html;
use leptos::prelude::*;

use crate::base::text::counted;
use crate::model::time::DurationNanos;
use crate::platform::{raster, resize};
use crate::ui::effect::effect;
use crate::view::charts::heat_map::HeatMap;
use crate::view::format;
use crate::view::theme::Theme;
use crate::wire::aggregate::AggregateGroup;

/// The heat map of a group; nothing for a single trace. The tables below say the same as text.
#[component]
pub fn HeatMapPicture(
    /// The group.
    group: AggregateGroup,
    /// Colours.
    #[prop(into)]
    theme: Signal<&'static Theme>,
    /// A trace was chosen, by its position in the list.
    #[prop(into)]
    on_trace: Callback<u32>,
) -> impl IntoView {
    if group.heat.columns.len() < 2 {
        return None;
    }
    let names: Vec<String> =
        group.heat.operations.iter().map(|(service, name)| format!("{service}: {name}")).collect();
    let shown_names = names.clone();
    let heat = StoredValue::new(group.heat);
    let frame = NodeRef::<html::Div>::new();
    let node = NodeRef::<html::Canvas>::new();
    let width = RwSignal::new(0.0_f64);
    let observer = StoredValue::new_local(None);
    effect(move || {
        let watch = |frame| resize::observe(&frame, move |w, _| width.set(w.floor()));
        observer.set_value(frame.get().and_then(|f| watch(f.into())));
    });
    effect(move || {
        let (Some(canvas), width, theme) = (node.get(), width.get() as usize, theme.get()) else { return };
        let (pixels, height) =
            heat.with_value(|h| HeatMap { cells: &h.cells, n_columns: h.columns.len() }.rgba(width, theme));
        raster::show(&canvas, &pixels, width as u32, height as u32);
    });
    let at = move |event: &MouseEvent| {
        let (x, y) = (f64::from(event.offset_x()), f64::from(event.offset_y()));
        let width = width.get_untracked();
        heat.with_value(|h| HeatMap { cells: &h.cells, n_columns: h.columns.len() }.hit(x, y, width))
    };
    let pointed = RwSignal::new(None::<String>);
    let on_move = move |event: MouseEvent| {
        pointed.set(at(&event).and_then(|(row, column)| {
            let name = names.get(row)?.clone();
            heat.with_value(|h| {
                let cell = *h.cells.get(row * h.columns.len() + column)?;
                let of = h.columns.get(column)?;
                let traces = counted(of.n_traces.into(), "trace");
                let [cell, whole] = [cell, of.duration_ns].map(|t| format::duration(DurationNanos(t)));
                Some(format!("{name}: {cell} of {whole}, {traces}"))
            })
        }));
    };
    let on_click = move |event: MouseEvent| {
        let trace =
            at(&event).and_then(|(_, column)| heat.with_value(|h| Some(h.columns.get(column)?.trace)));
        if let Some(trace) = trace {
            on_trace.run(trace);
        }
    };
    Some(view! {
        <figure class="heat-map" aria-hidden="true">
            <figcaption>"Time on the critical path: operations by traces, the fastest trace at the left"</figcaption>
            <div class="names">
                {shown_names
                    .into_iter()
                    .map(|name| view! { <span title=name.clone()>{name.clone()}</span> })
                    .collect_view()}
            </div>
            <div class="picture" node_ref=frame title=move || pointed.get()>
                <canvas node_ref=node on:mousemove=on_move on:click=on_click></canvas>
            </div>
        </figure>
    })
}
