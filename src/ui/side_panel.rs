//! The panel at the side: closed or as wide as the reader likes; a drawer in narrow windows.

use leptos::prelude::*;

use super::store::Store;
use super::widgets::Splitter;

/// Least and greatest width.
const LIMITS_PX: (f64, f64) = (260.0, 900.0);

/// The panel.
#[component]
pub fn SidePanel(
    /// Where its width is kept.
    store: Store,
    /// What it is, for its accessible name.
    label: &'static str,
    /// Whether there is nothing in it: a drawer hides then.
    #[prop(into)]
    is_empty: Signal<bool>,
    /// What is in it.
    children: ChildrenFn,
) -> impl IntoView {
    let children = StoredValue::new(children);
    let width = Signal::derive(move || f64::from(store.with_settings(|s| s.panel_px)));
    let empty = move || is_empty.get().then_some("true");
    view! {
        <Show when=move || store.with_settings(|s| s.panel_open)>
            <Splitter
                label="Width of the side panel"
                width_px=width
                limits_px=Signal::stored(LIMITS_PX)
                after=true
                on_resize=move |px: f64| store.change_settings(|s| s.panel_px = px as u32)
            />
            <aside
                class="side-panel"
                id="side-panel"
                aria-label=label
                data-empty=empty
                style:--panel-width=move || format!("{}px", width.get())
            >
                {children.with_value(|children| children())}
            </aside>
        </Show>
    }
}
