//! Both traces as one waterfall: B as bars, A as the broken outlines below them.
//!
//! It is a timeline like that of a trace, with the same keys and gestures, over the tree of both sides.

use std::sync::Arc;

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::SpanLink;
use super::answers::Tree;
use crate::base::bitset::BitSet;
use crate::model::ids::SpanId;
use crate::model::index::SpanIdx;
use crate::model::time::DurationNanos;
use crate::platform::reading::breathe;
use crate::platform::resize;
use crate::ui::effect::effect;
use crate::ui::services::Services;
use crate::ui::shared::Shared;
use crate::ui::store::Store;
use crate::ui::timeline::actions;
use crate::ui::timeline::chart::{Chart, ChartEvent};
use crate::ui::timeline::grid::{Grid, RowEvent};
use crate::ui::timeline::sideways::{Sideways, SidewaysBar};
use crate::ui::timeline::{GRID_ID, NAMES_PX, TimelineHandle};
use crate::ui::widgets::{Scrollbar, Splitter};
use crate::view::format;
use crate::view::outline::OutlineMaker;
use crate::view::replayed::Replayed;
use crate::view::scroll::Scroll;
use crate::view::theme::Looks;
use crate::view::timeline::Timeline;
use crate::wire::compare::SpanPlace;

/// Entries looked at before the page gets its turn: some milliseconds.
const SLICE: usize = 100_000;

/// The waterfall of both.
#[component]
pub fn BothWaterfall(
    /// The engine.
    services: Services,
    /// The state.
    store: Store,
) -> impl IntoView {
    let handle = TimelineHandle::new();
    let sideways = Sideways::new(handle);
    let chart_node = NodeRef::<html::Div>::new();
    let observer = StoredValue::new_local(None);
    let theme = Signal::derive(move || store.colours());
    let tree = services.compare.tree;
    effect(move || {
        let watch = |node| {
            resize::observe(&node, move |width, height| {
                if width > 0.0 {
                    handle.change(|t| t.resize(width, height));
                }
            })
        };
        observer.set_value(chart_node.get().and_then(|node| watch(node.into())));
    });
    effect(move || {
        let Some(tree) = tree.get() else { return handle.replace(None) };
        spawn_local(async move {
            let mut maker = OutlineMaker::new(&tree.trace);
            while !maker.step(&tree.trace, SLICE) {
                breathe().await;
            }
            // Another comparison may have taken its place meanwhile.
            if services.compare.tree.try_get_untracked().flatten() == Some(tree.clone()) {
                let looks = services.looks(|known| Looks::assign(tree.trace.services(), known));
                show(handle, &tree, maker, looks.in_palette(untrack(|| store.palette())));
                if let Some(node) = chart_node.get_untracked() {
                    let (width, height) = (f64::from(node.client_width()), f64::from(node.client_height()));
                    handle.change(|t| t.resize(width, height));
                }
            }
        });
    });
    effect(move || {
        let palette = store.palette();
        handle.change(|t| t.set_palette(palette));
    });
    services.commands.register(move |command| actions::run(handle, command).is_some());
    let on_row = move |event: RowEvent| match event {
        RowEvent::Open(at) => drop(handle.change(|t| t.go_to_row(at))),
        RowEvent::Toggle(at) => drop(handle.change(|t| t.toggle(at))),
    };
    let on_chart = move |event: ChartEvent| match event {
        ChartEvent::Click(at) => on_row(RowEvent::Open(at)),
        ChartEvent::Fit(row) => drop(handle.change(|t| t.fit_row(row))),
        ChartEvent::Section(_) => {}
    };
    let scroll = Memo::new(move |_| handle.follow(|t| *t.scroll()).unwrap_or_default());
    let on_scroll = move |moved: Scroll| {
        handle.change(|t| t.scroll_mut().set_top_px(moved.top_px()));
    };
    let names_px = Signal::derive(move || f64::from(store.with_settings(|s| s.names_px)));
    let chosen = Memo::new(move |_| handle.follow(Timeline::selected).flatten());
    let said = move || {
        let tree = tree.get()?;
        Some(view! { <Chosen tree span=chosen.get()? store /> })
    };
    view! {
        <section class="both" aria-label="Both traces">
            <p class="legend muted">
                <span class="bar"></span> "B " <span class="ghost"></span>
                " A, where it was otherwise; both begin with their roots"
            </p>
            <div class="chosen" role="status">{said}</div>
            <div class="timeline-body" style:--names=move || format!("{:.0}px", names_px.get())>
                <div class="timeline-names">
                    <Grid
                        handle
                        sideways
                        on_row
                        column=Signal::stored(None::<String>)
                        on_remove_column=|()| ()
                    />
                    <SidewaysBar sideways />
                </div>
                <Splitter
                    label="Width of the name column"
                    width_px=names_px
                    limits_px=Signal::stored(NAMES_PX)
                    on_resize=move |px: f64| store.change_settings(|s| s.names_px = px as u32)
                />
                <div class="timeline-chart-area">
                    <Chart handle theme on_event=on_chart />
                    <div class="timeline-chart-size" node_ref=chart_node></div>
                </div>
                <Scrollbar label="Rows" controls=GRID_ID scroll on_scroll />
            </div>
        </section>
    }
}

/// Shows the tree with the outlines of where A was.
fn show(handle: TimelineHandle, tree: &Shared<Tree>, maker: OutlineMaker, looks: Looks) {
    let (trace, outline) = (Arc::new(tree.trace.clone()), Arc::new(maker.finish()));
    let entries = &tree.entries;
    let mut gone = BitSet::new(trace.len());
    for (at, &id) in entries.ids[1].iter().enumerate() {
        if id == 0 {
            gone.insert(at);
        }
    }
    let former = Replayed::former(&trace, &outline, &entries.former_starts, &entries.former_ends, gone);
    let mut timeline = Timeline::with_outline(trace, outline);
    timeline.set_replayed(former.map(Arc::new));
    timeline.set_looks(looks);
    handle.replace(Some(timeline));
}

/// The chosen entry in words, with ways to its spans.
#[component]
fn Chosen(tree: Shared<Tree>, span: SpanIdx, store: Store) -> impl IntoView {
    let at = span.at();
    let entries = &tree.entries;
    let times = [0, 1].map(|side: usize| {
        let id = entries.ids[side].get(at).copied().filter(|&id| id != 0)?;
        let duration = match side {
            0 => entries.former_ends.get(at)?.saturating_sub(*entries.former_starts.get(at)?),
            _ => tree.trace.span_duration(span).0,
        };
        Some((SpanId(id), format::duration(DurationNanos(duration))))
    });
    let name = tree.trace.name(span).to_owned();
    let [a, b] = times.clone().map(|time| time.map(|(_, text)| text));
    let text = match (a, b) {
        (Some(a), Some(b)) => format!("{name}: {a} in A, {b} in B"),
        (Some(a), None) => format!("{name}: {a} in A, not in B"),
        (None, Some(b)) => format!("{name}: {b} in B, not in A"),
        (None, None) => name,
    };
    let links = [0, 1].map(|side: usize| {
        let (id, _) = times[side].clone()?;
        let place = SpanPlace { trace: tree.traces[side].clone(), span: id.to_string() };
        Some(view! { <SpanLink store place side /> })
    });
    view! { <span class="text">{text}</span> {links.into_iter().collect_view()} }
}
