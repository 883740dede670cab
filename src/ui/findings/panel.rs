//! The side panel: a tab for what was found, a tab for the selected span.

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;

use super::explain::{Explain, FINDINGS_TAB};
use super::finding_list::FindingList;
use crate::platform::dom;
use crate::state::action::Action;
use crate::state::view_state::PanelTab;
use crate::ui::widgets::{Button, Look, Symbol};

/// The tabs and what the chosen one shows.
#[component]
pub fn Panel(
    /// The explanation.
    explain: Explain,
    /// Close the panel.
    #[prop(into)]
    on_close: Callback<()>,
    /// The details of the selected span.
    children: ChildrenFn,
) -> impl IntoView {
    let span = StoredValue::new(children);
    let list = NodeRef::<html::Div>::new();
    let is_chosen = move |tab: PanelTab| explain.tab.get() == tab;
    let choose = move |tab: PanelTab| explain.store.apply(Action::ShowPanel(tab));
    // Two tabs: every arrow leads to the other one.
    let on_key = move |event: KeyboardEvent| {
        let tab = match (event.key().as_str(), explain.tab.get_untracked()) {
            ("Home", _) | ("ArrowLeft" | "ArrowRight", PanelTab::Span) => PanelTab::Findings,
            ("End", _) | ("ArrowLeft" | "ArrowRight", PanelTab::Findings) => PanelTab::Span,
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        choose(tab);
        if let Some(list) = list.get_untracked() {
            let at = if tab == PanelTab::Findings { "[data-tab='findings']" } else { "[data-tab='span']" };
            dom::focus_within(&list, at, 0);
        }
    };
    let tab_index = move |tab: PanelTab| if is_chosen(tab) { "0" } else { "-1" };
    let badge = move || explain.count().filter(|&n| n > 0);
    view! {
        <div class="panel">
            <div class="panel-head">
                <div class="tabs" role="tablist" aria-label="Side panel" node_ref=list on:keydown=on_key>
                    <button
                        type="button"
                        role="tab"
                        id=FINDINGS_TAB
                        data-tab="findings"
                        aria-controls="panel-body"
                        aria-selected=move || is_chosen(PanelTab::Findings).to_string()
                        tabindex=move || tab_index(PanelTab::Findings)
                        on:click=move |_| choose(PanelTab::Findings)
                    >
                        "Findings"
                        {move || badge().map(|n| view! { " " <span class="badge">{n}</span> })}
                    </button>
                    <button
                        type="button"
                        role="tab"
                        id="tab-span"
                        data-tab="span"
                        aria-controls="panel-body"
                        aria-selected=move || is_chosen(PanelTab::Span).to_string()
                        tabindex=move || tab_index(PanelTab::Span)
                        on:click=move |_| choose(PanelTab::Span)
                    >
                        "Span"
                    </button>
                </div>
                <Button
                    label="Close panel"
                    symbol=Symbol::Close
                    look=Look::Icon
                    on_press=move |()| on_close.run(())
                />
            </div>
            <div
                class="panel-body"
                id="panel-body"
                role="tabpanel"
                tabindex="-1"
                aria-labelledby=move || if is_chosen(PanelTab::Findings) { FINDINGS_TAB } else { "tab-span" }
            >
                {move || match explain.tab.get() {
                    PanelTab::Findings => view! { <FindingList explain /> }.into_any(),
                    PanelTab::Span => span.with_value(|span| span()),
                }}
            </div>
        </div>
    }
}
