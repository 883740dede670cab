//! What one side of a comparison is.

use leptos::prelude::*;

use crate::base::text::counted;
use crate::model::time::DurationNanos;
use crate::state::compare_texts::label;
use crate::ui::services::Services;
use crate::view::format;

/// Its letter, its root, its duration; how many traces it has.
#[component]
pub fn SideHeading(
    /// The engine.
    services: Services,
    /// 0 for A, 1 for B.
    side: usize,
) -> impl IntoView {
    let letter = if side == 0 { "A" } else { "B" };
    let table = services.compare.table;
    let name = move || {
        table.with(|t| {
            let t = t.as_ref()?;
            let root = t.roots[side].as_ref().map_or_else(|| "several roots".to_owned(), label);
            Some(match t.n_traces[side] {
                1 => root,
                n => format!("{} of {root}", counted(n.into(), "trace")),
            })
        })
    };
    let id = move || {
        let n = table.with(|t| t.as_ref().map(|t| t.n_traces[side]))?;
        let id = services.compare.tree.with(|tree| tree.as_ref().map(|t| t.traces[side].clone()))?;
        // An id of 64 bits begins with zeros that tell nothing.
        let short: String = id.trim_start_matches('0').chars().take(8).collect();
        Some(if n == 1 { short } else { format!("typical {short}") })
    };
    let duration = move || {
        table.with(|t| {
            let t = t.as_ref()?;
            let text = format::duration(DurationNanos(t.root_ns[side]));
            Some(if t.n_traces[side] == 1 { text } else { format!("{text} on average") })
        })
    };
    view! {
        <div class="side">
            <span class="letter" aria-hidden="true">{letter}</span>
            <span class="visually-hidden">{format!("Side {letter}: ")}</span>
            <span class="name">{name}</span>
            <span class="muted">{duration}</span>
            <span class="muted id">{id}</span>
        </div>
    }
}
