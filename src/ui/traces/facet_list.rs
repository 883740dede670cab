//! What the list of traces can be narrowed by, with how many traces each choice would leave.

use leptos::prelude::*;

use crate::base::text::grouped;
use crate::view::traces::{FacetValue, Facets};

/// Values of a facet that are shown before the reader asks for more.
const FEW: usize = 8;

/// A choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FacetChoice {
    /// A service.
    Service(u32),
    /// Name of a root.
    Operation(u32),
    /// With errors (`1`) or without.
    Status(u32),
}

/// The facets.
#[component]
pub fn FacetList(
    /// Values with counts.
    #[prop(into)]
    facets: Signal<Facets>,
    /// The reader chose, or no longer chooses, a value.
    #[prop(into)]
    on_choose: Callback<FacetChoice>,
) -> impl IntoView {
    view! {
        <aside class="facets" aria-label="Facets">
            <FacetGroup
                title="Status"
                values=Signal::derive(move || facets.with(|f| f.status.clone()))
                on_choose=move |value| on_choose.run(FacetChoice::Status(value))
            />
            <FacetGroup
                title="Service"
                values=Signal::derive(move || facets.with(|f| f.services.clone()))
                on_choose=move |value| on_choose.run(FacetChoice::Service(value))
            />
            <FacetGroup
                title="Operation"
                values=Signal::derive(move || facets.with(|f| f.operations.clone()))
                on_choose=move |value| on_choose.run(FacetChoice::Operation(value))
            />
        </aside>
    }
}

/// One facet.
#[component]
fn FacetGroup(
    /// What it narrows by.
    title: &'static str,
    /// Its values.
    values: Signal<Vec<FacetValue>>,
    /// The reader chose a value.
    #[prop(into)]
    on_choose: Callback<u32>,
) -> impl IntoView {
    let all = RwSignal::new(false);
    let n = move || values.with(Vec::len);
    let line = move |value: FacetValue| {
        let id = value.value;
        view! {
            <li>
                <label>
                    <input
                        type="checkbox"
                        prop:checked=value.is_on
                        on:change=move |_| on_choose.run(id)
                    />
                    <span class="label" title=value.label.clone()>{value.label.clone()}</span>
                    <span class="count">{grouped(value.count.into())}</span>
                </label>
            </li>
        }
    };
    view! {
        <fieldset hidden=move || n() == 0>
            <legend>{title}</legend>
            <ul>
                {move || {
                    let few = if all.get() { usize::MAX } else { FEW };
                    values.get().into_iter().take(few).map(line).collect_view()
                }}
            </ul>
            <Show when=move || FEW < n()>
                <button class="button" data-look="link" on:click=move |_| all.update(|a| *a = !*a)>
                    {move || if all.get() { "Fewer".to_owned() } else { format!("All {}", n()) }}
                </button>
            </Show>
        </fieldset>
    }
}
