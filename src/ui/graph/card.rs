//! What is known of the chosen node, and where it leads.

use leptos::prelude::*;

use super::{GraphView, Subject, spans_of, title_at};
use crate::state::action::Action;
use crate::state::view_state::Screen;
use crate::ui::widgets::{Button, Look, Symbol};
use crate::view::graph::text::facts;
use crate::view::graph::{Node, NodeKind};

/// The distances that can be chosen, with their words.
const DEPTHS: [(u32, &str); 5] =
    [(0, "Everything"), (1, "Neighbours"), (2, "2 calls away"), (3, "3 calls away"), (5, "5 calls away")];

/// The card of the chosen node.
#[component]
pub fn Card(
    /// The view.
    view: GraphView,
) -> impl IntoView {
    let GraphView { picture, selected, choice, store, handle, subject, .. } = view;
    let node = move || -> Option<(usize, Node)> {
        let at = selected.get()?;
        picture.with(|p| Some((at, p.as_ref()?.graph.nodes.get(at)?.clone())))
    };
    let depth = move |(depth, word): (u32, &'static str)| {
        view! {
            <option value=depth.to_string() selected=move || choice.with(|c| c.depth == depth)>
                {word}
            </option>
        }
    };
    let card = move |(at, node): (usize, Node)| {
        let name = crate::state::graph::NodeName::of(&node);
        let service = node.name.clone();
        let can_drill = !view.is_calls()
            && node.kind == NodeKind::Service
            && node.operation.is_empty()
            && !service.is_empty();
        let spans = spans_of(&name);
        let facts = picture.with_untracked(|p| p.as_ref().map(|p| facts(&p.graph, &node)));
        let facts = facts.unwrap_or_default().into_iter().map(|(label, value)| {
            view! {
                <dt>{label}</dt>
                <dd>{value}</dd>
            }
        });
        let heading = picture.with_untracked(|p| p.as_ref().and_then(|p| title_at(p, at)));
        let find = move |()| {
            let query = spans.clone().unwrap_or_default();
            store.apply(Action::SetQuery(query));
            store.apply(Action::ShowView(Screen::Timeline));
        };
        let has_spans = spans_of(&name).is_some();
        let to_traces = if view.is_calls() { "Search its traces" } else { "Show its traces" };
        let traces = {
            let service = service.clone();
            move |()| {
                if let Subject::Calls { on_service } = subject {
                    return on_service.run(service.clone());
                }
                let is_there = store.look(|s| s.list.services.contains(&service));
                if !is_there {
                    store.apply_in_place(Action::ToggleService(service.clone()));
                }
                store.apply(Action::ShowTraces);
            }
        };
        view! {
            <aside class="graph-card" aria-label="Chosen node">
                <header>
                    <h2>{heading}</h2>
                    <Button
                        label="Choose no node"
                        symbol=Signal::stored(Symbol::Close)
                        look=Look::Icon
                        on_press=move |()| view.select(None)
                    />
                </header>
                <dl>{facts.collect_view()}</dl>
                <label>
                    "Show "
                    <select on:change=move |event| {
                        let depth = event_target_value(&event).parse().unwrap_or_default();
                        view.change(|choice| choice.depth = depth);
                    }>{DEPTHS.map(depth).collect_view()}</select>
                </label>
                {can_drill
                    .then(|| {
                        view! { <Button label="Show its operations" on_press=move |()| view.drill(at) /> }
                    })}
                {(handle.is_some() && has_spans)
                    .then(|| view! { <Button label="Find its spans" on_press=find /> })}
                {(handle.is_none() && node.kind == NodeKind::Service)
                    .then(|| view! { <Button label=to_traces on_press=traces /> })}
            </aside>
        }
    };
    move || node().map(card)
}
