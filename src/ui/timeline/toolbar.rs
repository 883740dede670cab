//! The line above the timeline: folding, focus, zoom, number of rows, find.

use leptos::html;
use leptos::prelude::*;

use super::find::FindBox;
use super::handle::TimelineHandle;
use crate::base::text::counted;
use crate::platform::dom;
use crate::state::commands::CommandId;
use crate::ui::services::Services;
use crate::ui::widgets::{Button, Choice, Look, Menu, Symbol};
use crate::view::folding::FoldRule;
use crate::view::timeline::{Direction, Timeline};

/// The rules that the menu offers.
const RULES: [(&str, &str, FoldRule); 7] = [
    ("runs", "Open, repeats in one row", FoldRule::Runs),
    ("none", "Everything open", FoldRule::None),
    ("critical", "Only the ways to the critical path", FoldRule::Critical),
    ("errors", "Only the ways to errors", FoldRule::Errors),
    ("depth:1", "Roots only", FoldRule::Depth(1)),
    ("depth:2", "Two levels", FoldRule::Depth(2)),
    ("depth:3", "Three levels", FoldRule::Depth(3)),
];

/// The toolbar.
#[component]
pub fn Toolbar(
    /// The timeline.
    handle: TimelineHandle,
    /// The engine.
    services: Services,
    /// What is searched for.
    #[prop(into)]
    query: Signal<String>,
    /// The reader searches for something else.
    #[prop(into)]
    on_query: Callback<String>,
    /// Whether the rows are only what the search finds.
    #[prop(into)]
    filters: Signal<bool>,
    /// The reader wants only that, or all rows again.
    #[prop(into)]
    on_filters: Callback<bool>,
    /// The find box, for the key that goes there.
    find_node: NodeRef<html::Input>,
    /// The selection changed.
    #[prop(into)]
    on_go: Callback<()>,
) -> impl IntoView {
    let rule = Memo::new(move |_| handle.follow(|t| t.folding().rule()));
    let choices = move || {
        RULES
            .map(|(id, label, r)| Choice {
                id,
                label: label.to_owned(),
                checked: Some(rule.get() == Some(r)),
            })
            .to_vec()
    };
    let fold = move |id: &'static str| {
        if let Some(&(_, _, rule)) = RULES.iter().find(|r| r.0 == id) {
            handle.change_measured("spanscope:fold", |t| t.fold(rule));
        }
    };
    let level = move |direction: Direction| {
        handle.change_measured("spanscope:fold", |t| t.fold_level(direction));
    };
    let rows = Memo::new(move |_| {
        handle.follow(|t| {
            // Rows of runs and of missing parents are no spans, so neither number is part of the other.
            let (rows, spans) = (t.rows().len() as u64, u64::from(t.outline().n_spans()));
            if rows == spans {
                counted(rows, "row")
            } else {
                format!("{} · {}", counted(rows, "row"), counted(spans, "span"))
            }
        })
    });
    let focus = Memo::new(move |_| {
        handle.follow(|t| t.folding().focus().map(|s| t.trace().name(s).to_owned())).flatten()
    });
    let can_focus = Signal::derive(move || {
        handle.follow(|t| t.selected().is_some_and(|s| t.trace().has_children(s))) != Some(true)
    });
    let is_whole = Signal::derive(move || handle.follow(Timeline::is_whole).unwrap_or(true));
    view! {
        <div class="timeline-toolbar" role="toolbar" aria-label="Timeline">
            <Menu label="Fold" symbol=Symbol::Fold choices=Signal::derive(choices) on_choose=fold />
            <Button
                label="Close one level"
                symbol=Signal::stored(Symbol::Minus)
                look=Look::Icon
                on_press=move |()| level(Direction::Previous)
            />
            <Button
                label="Open one level"
                symbol=Signal::stored(Symbol::Plus)
                look=Look::Icon
                on_press=move |()| level(Direction::Next)
            />
            {move || match focus.get() {
                Some(name) => {
                    view! {
                        <span class="focus">
                            "Only below " <strong>{name}</strong>
                            <Button
                                label="Show the whole trace"
                                symbol=Signal::stored(Symbol::Close)
                                look=Look::Icon
                                on_press=move |()| {
                                    services.commands.run(CommandId::FocusWhole);
                                    dom::focus_id(super::GRID_ID);
                                }
                            />
                        </span>
                    }
                        .into_any()
                }
                None => {
                    view! {
                        <Button
                            label="Focus subtree"
                            look=Look::Plain
                            disabled=can_focus
                            on_press=move |()| {
                                services.commands.run(CommandId::FocusSubtree);
                                // The button goes away; the focus must not go with it.
                                dom::focus_id(super::GRID_ID);
                            }
                        />
                    }
                        .into_any()
                }
            }}
            <span class="rows">{move || rows.get()}</span>
            <span class="spring"></span>
            <FindBox handle services query on_query filters on_filters node=find_node on_go />
            <Button
                label="Zoom out"
                symbol=Signal::stored(Symbol::ZoomOut)
                look=Look::Icon
                disabled=is_whole
                on_press=move |()| {
                    handle
                        .change(|t| {
                            t.remember();
                            t.zoom_at(t.chart_px() / 2.0, 0.5);
                        });
                }
            />
            <Button
                label="Zoom in"
                symbol=Signal::stored(Symbol::ZoomIn)
                look=Look::Icon
                on_press=move |()| {
                    handle
                        .change(|t| {
                            t.remember();
                            t.zoom_at(t.chart_px() / 2.0, 2.0);
                        });
                }
            />
            <Button
                label="Whole trace"
                look=Look::Plain
                disabled=is_whole
                on_press=move |()| {
                    handle.change(Timeline::fit_whole);
                }
            />
        </div>
    }
}
