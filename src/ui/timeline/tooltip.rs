//! What the pointer is over, in a few words beside it.

use leptos::prelude::*;

use super::handle::TimelineHandle;
use crate::view::treegrid::{Tooltip, tooltip};

/// Distance of the tooltip from the pointer.
const GAP_PX: f64 = 14.0;
/// Room that a tooltip takes at most; it turns to the other side of the pointer where this is not left.
const SIZE_PX: (f64, f64) = (300.0, 150.0);

/// What the pointer is over, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct Pointed {
    /// What it is.
    pub tip: Tooltip,
    /// Where the pointer is.
    pub at: (f64, f64),
    /// Width and height of the picture.
    pub room: (f64, f64),
}

/// The tooltip of the bar under the pointer.
#[component]
pub fn BarTooltip(
    /// The timeline.
    handle: TimelineHandle,
) -> impl IntoView {
    let pointed = Memo::new(move |_| {
        handle
            .follow(|t| {
                let (x, y) = t.pointer().filter(|_| t.measured().is_none())?;
                let hit = t.hit(x, y).filter(|h| h.is_on_bar)?;
                let tip = tooltip(t.trace(), t.outline(), t.looks(), t.path(), hit.row);
                Some(Pointed { tip, at: (x, y), room: (t.chart_px(), t.scroll().window_px()) })
            })
            .flatten()
    });
    view! { <Tip pointed /> }
}

/// A few words beside the pointer.
#[component]
pub fn Tip(
    /// What the pointer is over; none hides it.
    #[prop(into)]
    pointed: Signal<Option<Pointed>>,
) -> impl IntoView {
    // The words stay as they are while the pointer moves over the same thing.
    let shown = Memo::new(move |_| pointed.with(|p| p.as_ref().map(|p| p.tip.clone())));
    let place = move || {
        pointed.with(|pointed| {
            let Pointed { at: (x, y), room, .. } = *pointed.as_ref()?;
            let left = if x + SIZE_PX.0 > room.0 { x - GAP_PX - SIZE_PX.0 } else { x + GAP_PX };
            let top = if y + SIZE_PX.1 < room.1 { y + GAP_PX } else { y - GAP_PX - SIZE_PX.1 };
            Some(format!("translate({:.0}px, {:.0}px)", left.max(0.0), top.max(0.0)))
        })
    };
    let content = move |tip: Tooltip| {
        let facts = tip.facts.into_iter().map(|(label, value)| {
            view! {
                <dt>{label}</dt>
                <dd>{value}</dd>
            }
        });
        view! {
            <strong>{tip.title}</strong>
            <span class="service">
                <i class="swatch" data-slot=tip.slot.to_string()></i>
                {tip.service}
            </span>
            <dl>{facts.collect_view()}</dl>
        }
    };
    view! {
        <div
            class="bar-tooltip"
            aria-hidden="true"
            hidden=move || shown.with(Option::is_none)
            style:transform=place
        >
            {move || shown.get().map(content)}
        </div>
    }
}
