//! The line above the graph: what is shown of it, and how.

use leptos::html;
use leptos::prelude::*;

use super::GraphView;
use super::picture::ZOOM_STEP;
use crate::base::text::{counted, grouped};
use crate::platform::download;
use crate::state::action::Action;
use crate::state::commands::CommandId;
use crate::state::graph::Form;
use crate::ui::widgets::{Button, Look, Symbol};
use crate::view::graph::draw::{Marked, draw};
use crate::view::graph::svg::svg;
use crate::view::graph::text::Colouring;
use crate::view::graph::viewport::Viewport;
use crate::view::theme::Theme;

/// The forms with the words for them.
const FORMS: [(Form, &str); 3] = [(Form::Picture, "Picture"), (Form::Nodes, "Nodes"), (Form::Calls, "Calls")];
/// Numbers of calls below which edges can be left out.
const LEAST: [u32; 8] = [0, 2, 5, 10, 100, 1_000, 10_000, 100_000];

/// The line above the graph.
#[component]
pub fn Toolbar(
    /// The view.
    view: GraphView,
    /// Colours.
    #[prop(into)]
    theme: Signal<&'static Theme>,
) -> impl IntoView {
    let GraphView { services, store, handle, choice, picture, query, found, answer, .. } = view;
    let search = NodeRef::<html::Input>::new();
    services.commands.register(move |command| {
        if command != CommandId::Find {
            return false;
        }
        let Some(input) = search.get_untracked() else { return false };
        drop(input.focus());
        input.select();
        true
    });
    let form = move |(form, word): (Form, &'static str)| {
        view! {
            <Button
                label=word
                look=Look::Plain
                pressed=Signal::derive(move || choice.with(|c| c.form == form))
                on_press=move |()| view.change(|choice| choice.form = form)
            />
        }
    };
    let most = Memo::new(move |_| answer.with(|g| g.as_ref().map_or(0, |g| g.most_calls)));
    let least = move || {
        let option = |n: u32| {
            let word =
                if n == 0 { "All calls".to_owned() } else { format!("At least {} calls", grouped(n.into())) };
            view! {
                <option value=n.to_string() selected=move || choice.with(|c| c.least_calls == n)>
                    {word}
                </option>
            }
        };
        let chosen = choice.with(|c| c.least_calls);
        let mut offered: Vec<u32> = LEAST.into_iter().filter(|n| *n == chosen || *n <= most.get()).collect();
        if !offered.contains(&chosen) {
            offered.push(chosen);
        }
        offered.into_iter().map(option).collect_view()
    };
    let shown = Memo::new(move |_| {
        let n = picture.with(|p| p.as_ref().map(|p| p.nodes.len() as u64))?;
        let all = answer.with(|g| g.as_ref().map_or(0, |g| u64::from(g.n_nodes)));
        let edges = picture.with(|p| p.as_ref().map_or(0, |p| p.graph.edges.len() as u64));
        let nodes =
            if n < all { format!("{} of {}", grouped(n), counted(all, "node")) } else { counted(n, "node") };
        let matches = found.with(|f| f.as_ref().map(|f| f.iter().filter(|is| **is).count() as u64));
        Some(match matches {
            Some(n) => format!("{} found", grouped(n)),
            None => format!("{nodes}, {}", counted(edges, "edge")),
        })
    });
    // What the timeline leaves out is left out here, too, and that is said.
    let part = Memo::new(move |_| {
        let handle = handle?;
        let focus = handle.follow(|t| t.folding().focus().map(|s| t.trace().name(s).to_owned())).flatten();
        let has_range = handle.follow(|t| !t.is_whole()) == Some(true);
        let range = handle.follow(crate::view::timeline::Timeline::range).filter(|_| has_range);
        let filter = store.with(|s| {
            let is_on = s.query_mode == crate::state::view_state::QueryMode::Filter && !s.query.is_empty();
            is_on.then(|| s.query.clone())
        });
        let mut parts: Vec<String> = Vec::new();
        parts.extend(focus.map(|name| format!("below {name}")));
        parts.extend(range.map(|r| crate::view::format::range(r.start, r.end)));
        parts.extend(filter.map(|query| format!("found by {query}")));
        (!parts.is_empty()).then(|| parts.join(", "))
    });
    let whole = move |()| {
        if let Some(handle) = handle {
            handle.change(|t| {
                t.focus(None);
                t.fit_whole();
            });
        }
        store.apply_in_place(Action::SetFocus(None));
        store.apply_in_place(Action::ShowRange(None));
        store.apply(Action::SetQueryMode(crate::state::view_state::QueryMode::Mark));
    };
    let export = move |()| {
        let Some(picture) = picture.get_untracked() else { return };
        let whole = Viewport { width: picture.size.0, height: picture.size.1, ..Viewport::default() };
        let marked = Marked { colouring: choice.with_untracked(|c| c.colouring), ..Marked::default() };
        let file = svg(&draw(&picture, &whole, marked), picture.size, "Services", theme.get_untracked());
        if download::save("graph.svg", "image/svg+xml", &[file.into_bytes()]) {
            services.notices.done("The picture was saved as graph.svg");
        } else {
            services.notices.error("The picture cannot be saved here");
        }
    };
    let zoom = move |factor: f32| {
        view.look(|v, picture| v.zoom(v.width / 2.0, v.height / 2.0, factor, picture.size));
    };
    let is_table = Signal::derive(move || choice.with(|c| c.form != Form::Picture));
    view! {
        <div class="graph-toolbar" role="toolbar" aria-label="Graph">
            <div class="choices" role="group" aria-label="Show as">
                {FORMS.map(form).collect_view()}
            </div>
            {move || {
                let service = choice.with(|c| c.service.clone())?;
                Some(
                    view! {
                        <span class="focus">
                            "Operations of " <strong>{service}</strong>
                            <Button
                                label="Show all services"
                                symbol=Signal::stored(Symbol::Close)
                                look=Look::Icon
                                on_press=move |()| {
                                    view.change(|choice| {
                                        (choice.service, choice.node, choice.depth) = (None, None, 0);
                                    });
                                }
                            />
                        </span>
                    },
                )
            }}
            {move || {
                let part = part.get()?;
                Some(
                    view! {
                        <span class="focus">
                            "Only " <strong>{part}</strong>
                            <Button
                                label="Count the whole trace"
                                symbol=Signal::stored(Symbol::Close)
                                look=Look::Icon
                                on_press=whole
                            />
                        </span>
                    },
                )
            }}
            <span class="rows" role="status">
                {move || shown.get()}
            </span>
            <span class="spring"></span>
            <div class="find-box" role="search">
                <input
                    type="search"
                    aria-label="Find nodes"
                    placeholder="Find service or operation"
                    spellcheck="false"
                    autocomplete="off"
                    node_ref=search
                    prop:value=move || query.get()
                    on:input=move |event| query.set(event_target_value(&event))
                />
            </div>
            <label>
                <span class="visually-hidden">"Least traffic"</span>
                <select on:change=move |event| {
                    let least = event_target_value(&event).parse().unwrap_or_default();
                    view.change(|choice| choice.least_calls = least);
                }>{least}</select>
            </label>
            {(!view.is_calls()).then(|| view! { <Times view /> })}
            <Button
                label="Zoom out"
                symbol=Signal::stored(Symbol::ZoomOut)
                look=Look::Icon
                disabled=is_table
                on_press=move |()| zoom(1.0 / ZOOM_STEP)
            />
            <Button
                label="Zoom in"
                symbol=Signal::stored(Symbol::ZoomIn)
                look=Look::Icon
                disabled=is_table
                on_press=move |()| zoom(ZOOM_STEP)
            />
            <Button
                label="Fit"
                look=Look::Plain
                disabled=is_table
                on_press=move |()| view.look(|v, picture| v.fit(picture.size))
            />
            <Button
                label="Save as SVG"
                look=Look::Plain
                on_press=export
            />
        </div>
    }
}

/// What needs times: which nodes are small, and what the grounds show.
#[component]
fn Times(view: GraphView) -> impl IntoView {
    let choice = view.choice;
    let colouring = move |(colouring, word): (Colouring, &'static str)| {
        view! {
            <option value=word selected=move || choice.with(|c| c.colouring == colouring)>
                {word}
            </option>
        }
    };
    let on_colouring = move |event| {
        let word = event_target_value(&event);
        if let Some((colouring, _)) = Colouring::ALL.into_iter().find(|c| c.1 == word) {
            view.change(|choice| choice.colouring = colouring);
        }
    };
    view! {
            <Button
                label="Hide < 1 %"
                look=Look::Plain
                hint="Leaves out nodes with less than 1 % of the critical path"
                pressed=Signal::derive(move || choice.with(|c| c.hides_small))
                on_press=move |()| view.change(|choice| choice.hides_small = !choice.hides_small)
            />
            <label>
                "Colour "
                <select on:change=on_colouring>{Colouring::ALL.map(colouring).collect_view()}</select>
            </label>
    }
}
