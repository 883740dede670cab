//! The flame view: spans below one another in their time, or calls merged by path, of the open trace or of all
//! traces; the callers and callees of an operation.
//!
//! What it shows follows the state: range, focus, search and selection are those of the timeline. What moves is
//! [`crate::view::flame_view::FlameView`].

pub mod answers;
pub mod chart;
pub mod handle;
pub mod table;

use std::sync::Arc;

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::base::text::counted;
use crate::model::ids::TraceId;
use crate::model::index::SpanIdx;
use crate::platform::reading::breathe;
use crate::platform::{dom, frame};
use crate::state::action::Action;
use crate::state::commands::CommandId;
use crate::state::flame::{FlameChoice, Widths};
use crate::state::view_state::Screen;
use crate::ui::analyses::Stage;
use crate::ui::effect::effect;
use crate::ui::scope::in_view;
use crate::ui::services::Services;
use crate::ui::store::Store;
use crate::ui::timeline::{TimelineHandle, actions};
use crate::ui::widgets::{Button, Look, Symbol};
use crate::view::find::Words;
use crate::view::flame::{self, FlameGraph, Weight};
use crate::view::flame_view::FlameView;
use crate::view::format;
use crate::view::icicle::IcicleMaker;
use crate::view::rows::Row;
use crate::view::theme::{Looks, Theme};
use crate::view::timeline::Timeline;
use chart::{FlameChart, FrameEvent, TREE_ID};
use handle::FlameHandle;
use table::FlameTable;

/// Spans that get their place before the page gets its turn: some milliseconds.
const ICICLE_SLICE: usize = 100_000;
/// A key's zoom.
const ZOOM: f64 = 1.5;
/// Steps of the way to a frame that are shown.
const MOST_STEPS: usize = 8;

/// What frames can be wide by, and the words for it.
const WIDTHS: [(Widths, &str); 3] =
    [(Widths::Time, "In time"), (Widths::SelfTime, "By self time"), (Widths::Critical, "By critical path")];

/// What is left open of the choice is filled in: without a trace there is no time.
fn choice_of(store: Store, is_together: bool) -> FlameChoice {
    let choice = store.with(|s| s.flame);
    if is_together && choice.widths == Widths::Time {
        return FlameChoice { widths: Widths::SelfTime, ..choice };
    }
    choice
}

/// The flame view of the open trace, or of all traces.
#[component]
pub fn FlameScreen(
    /// The timeline of the open trace; none for all traces.
    handle: Option<TimelineHandle>,
    /// The engine.
    services: Services,
    /// The state.
    store: Store,
    /// Colours.
    #[prop(into)]
    theme: Signal<&'static Theme>,
) -> impl IntoView {
    let timeline = handle;
    let is_together = timeline.is_none();
    let handle = FlameHandle::new(timeline);
    let choice = Memo::new(move |_| choice_of(store, is_together));
    let is_time = Memo::new(move |_| choice.get().widths == Widths::Time);
    let find_node = NodeRef::<html::Input>::new();
    let query = Memo::new(move |_| store.with(|s| s.query.clone()));
    let is_table = RwSignal::new(false);
    fill(handle, services, store, choice);

    let arrange = move |change: &dyn Fn(&mut FlameChoice)| {
        let mut choice = store.look(|s| s.flame);
        change(&mut choice);
        store.apply(Action::ArrangeFlame(choice));
    };
    let select = move |frame: u32| {
        let span = if is_time.get_untracked() {
            Some(SpanIdx(frame))
        } else {
            handle.change(|view| view.select(Some(frame)));
            // Its longest span is the one that details tell of.
            handle.look(|view, t| longest(view, frame).filter(|_| t.is_some()).map(|l| l.1)).flatten()
        };
        let Some((timeline, span)) = timeline.zip(span) else { return };
        let id = timeline.look(|t| (span.at() < t.trace().len()).then(|| t.trace().span_id(span))).flatten();
        if id.is_some() {
            timeline.change(|t| t.select(span));
            store.apply(Action::Select(id));
        }
    };
    let zoom = move |frame: Option<u32>| {
        if is_time.get_untracked() {
            let Some(timeline) = timeline else { return };
            timeline.change(|t| match frame {
                Some(frame) => t.fit_row(Row::Span(SpanIdx(frame))),
                None => t.fit_whole(),
            });
        } else {
            let key = frame.and_then(|f| handle.look(|view, _| view.graph()?.key(f)).flatten());
            arrange(&|choice| choice.zoom = key);
            // Where the frame fills the width already, wheel and keys may have moved the picture.
            handle.change(|view| view.zoom_to(frame));
        }
    };
    let on_event = move |event: FrameEvent| match event {
        FrameEvent::Select(frame) => select(frame),
        FrameEvent::Zoom(frame) => {
            select(frame);
            zoom(Some(frame));
        }
        FrameEvent::Out => zoom(handle.look(outer).flatten()),
    };
    let selected = Memo::new(move |_| handle.follow(FlameView::selected).flatten());
    let show_in_timeline = move || {
        let Some(frame) = selected.get_untracked() else { return };
        if is_together {
            let found = handle.look(|view, _| longest(view, frame)).flatten();
            let id = found.and_then(|(trace, _)| trace_id(services, trace));
            // The span is found once the trace is here, by its place in it.
            if let Some(id) = id {
                store.apply(Action::OpenTrace(id));
            }
        } else {
            store.apply(Action::ShowView(Screen::Timeline));
        }
    };
    let around = move || {
        let now = choice.get_untracked().around;
        let operation = selected.get_untracked().and_then(|frame| {
            handle
                .look(|view, _| {
                    let graph = view.graph()?;
                    Some(flame::operation_key(graph.tree(), graph.frame(frame)?.operation))
                })
                .flatten()
        });
        arrange(&|choice| {
            choice.around = if now.is_some() { None } else { operation };
            choice.zoom = None;
        });
        dom::focus_id(TREE_ID);
    };
    services.commands.register(move |command| {
        match command {
            CommandId::Find => {
                if let Some(input) = find_node.get_untracked() {
                    drop(input.focus());
                    input.select();
                }
            }
            CommandId::Escape if store.look(|s| !s.query.is_empty()) => {
                store.apply(Action::SetQuery(String::new()));
            }
            CommandId::Escape => return false,
            _ if is_time.get_untracked() => {
                let Some(timeline) = timeline else { return false };
                let Some(done) = actions::run(timeline, command) else { return false };
                if done == actions::Effect::Selected {
                    let id = timeline.look(|t| t.selected().map(|s| t.trace().span_id(s))).flatten();
                    store.apply_in_place(Action::Select(id));
                }
            }
            CommandId::ZoomIn | CommandId::ZoomOut => {
                let x = handle.look(|view, _| view.pointer().map_or(view.width_px() / 2.0, |p| p.0));
                let factor = if command == CommandId::ZoomIn { ZOOM } else { 1.0 / ZOOM };
                handle.zoom_at(x.unwrap_or_default(), factor);
            }
            CommandId::PanLeft => handle.pan(-100.0),
            CommandId::PanRight => handle.pan(100.0),
            CommandId::PanLeftFar => handle.pan(-400.0),
            CommandId::PanRightFar => handle.pan(400.0),
            CommandId::FitTrace => zoom(None),
            _ => return false,
        }
        true
    });
    // Whoever comes here by key goes on by key.
    request_animation_frame(|| {
        dom::focus_id(TREE_ID);
    });

    let has_picture = Memo::new(move |_| {
        choice.track();
        handle.follow(|view, _| view.has_picture()).unwrap_or_default()
    });
    let is_empty = Memo::new(move |_| {
        let is_empty = |view: &FlameView| view.graph().is_some_and(|g| g.frames().is_empty());
        !is_time.get() && handle.follow(|view, _| is_empty(view)).unwrap_or_default()
    });
    let waiting = move || match services.flame.stage.get() {
        _ if is_time.get() => "Placing spans…".to_owned(),
        Stage::Failed(reason) => format!("The calls could not be merged: {reason}"),
        Stage::Running { done, of, .. } if of > 1 => format!("Merging the calls of trace {done} of {of}…"),
        Stage::Idle | Stage::Running { .. } | Stage::Done if is_empty.get() => {
            "Nothing in view takes time: widen the range, the focus or the filter.".to_owned()
        }
        _ => "Merging calls…".to_owned(),
    };
    let width_choice = move |(which, word): (Widths, &'static str)| {
        view! {
            <Button
                label=word
                look=Look::Plain
                pressed=Signal::derive(move || choice.get().widths == which)
                on_press=move |()| {
                    arrange(&|choice| (choice.widths, choice.zoom) = (which, None));
                    dom::focus_id(TREE_ID);
                }
            />
        }
    };
    let choices = WIDTHS.iter().copied().filter(move |w| !is_together || w.0 != Widths::Time);
    let said = Memo::new(move |_| {
        let is_searching = !query.with(|q| q.trim().is_empty());
        handle.follow(|view, t| is_searching.then(|| matched(view, t))).flatten().unwrap_or_default()
    });
    let is_around = Memo::new(move |_| choice.get().around.is_some() && !is_time.get());
    let is_whole = Memo::new(move |_| {
        handle.follow(|_, _| ());
        handle.is_whole()
    });
    let on_zoom = move |frame: Option<u32>| zoom(frame);
    let middle = move || handle.look(|view, _| view.width_px() / 2.0).unwrap_or_default();
    view! {
        <section class="flame" aria-label="Flame graph">
            {is_together.then(|| view! { <h1 class="visually-hidden">"Flame graph of all traces"</h1> })}
            <div class="flame-toolbar" role="toolbar" aria-label="Flame graph">
                <div class="choices" role="group" aria-label="Widths">
                    {choices.map(width_choice).collect_view()}
                </div>
                <Show when=move || !is_time.get()>
                    <Button
                        label="Callers and callees"
                        look=Look::Plain
                        pressed=is_around
                        disabled=Signal::derive(move || selected.get().is_none() && !is_around.get())
                        hint="What calls the selected operation, and what it calls"
                        on_press=move |()| around()
                    />
                    <Button
                        label="Table"
                        look=Look::Plain
                        pressed=is_table
                        on_press=move |()| is_table.update(|t| *t = !*t)
                    />
                </Show>
                <Button
                    label="Colour by self time"
                    look=Look::Plain
                    pressed=Signal::derive(move || choice.get().by_own)
                    on_press=move |()| arrange(&|choice| choice.by_own = !choice.by_own)
                />
                <span class="spring"></span>
                <div class="find-box" role="search">
                    <input
                        type="search"
                        aria-label="Find frames"
                        placeholder="Find name or service"
                        spellcheck="false"
                        autocomplete="off"
                        node_ref=find_node
                        prop:value=move || query.get()
                        on:input=move |event| store.apply(Action::SetQuery(event_target_value(&event)))
                    />
                    <output role="status">{move || said.get()}</output>
                </div>
                <Button
                    label="Zoom out"
                    symbol=Signal::stored(Symbol::ZoomOut)
                    look=Look::Icon
                    disabled=is_whole
                    on_press=move |()| handle.zoom_at(middle(), 0.5)
                />
                <Button
                    label="Zoom in"
                    symbol=Signal::stored(Symbol::ZoomIn)
                    look=Look::Icon
                    on_press=move |()| handle.zoom_at(middle(), 2.0)
                />
            </div>
            <Way handle choice on_zoom />
            <Show when=move || !has_picture.get() || is_empty.get()>
                <p class="muted" role="status">{waiting}</p>
            </Show>
            <FlameChart handle theme on_event />
            <Selected handle selected>
                <Button
                    label=if is_together { "Open the trace of its longest span" } else { "Show in the timeline" }
                    look=Look::Link
                    on_press=move |()| show_in_timeline()
                />
            </Selected>
            <Show when=move || is_table.get() && !is_time.get()>
                <FlameTable handle on_choose=select />
            </Show>
        </section>
    }
}

/// Keeps the view filled with what there is to be seen.
fn fill(handle: FlameHandle, services: Services, store: Store, choice: Memo<FlameChoice>) {
    let timeline = handle.timeline;
    let answers = services.flame;
    let is_time = Memo::new(move |_| choice.get().widths == Widths::Time);
    effect(move || {
        let is_time = is_time.get();
        handle.change(|view| view.set_time(is_time));
    });
    // Spans in their time.
    effect(move || {
        let Some(open) = services.trace.get() else {
            return handle.change(|view| view.set_icicle(None));
        };
        if !is_time.get() {
            return;
        }
        if let Some(known) = answers.icicle_of(&open.trace) {
            return handle.change(|view| view.set_icicle(Some(known)));
        }
        let trace = Arc::clone(&open.trace);
        spawn_local(async move {
            let mut maker = IcicleMaker::new(&trace);
            while !maker.step(&trace, ICICLE_SLICE) {
                breathe().await;
                let is_shown = services
                    .trace
                    .try_with_untracked(|t| t.as_ref().is_some_and(|t| Arc::ptr_eq(&t.trace, &trace)));
                if is_shown != Some(true) {
                    return;
                }
            }
            let icicle = Arc::new(maker.finish(&trace));
            answers.keep_icicle(trace, Arc::clone(&icicle));
            handle.change(|view| view.set_icicle(Some(icicle)));
            frame::mark("spanscope:flame");
        });
    });
    // Merged calls.
    let wanted = Memo::new(move |_| if is_time.get() { None } else { in_view(services, store, timeline) });
    effect(move || {
        // Another way to analyse gives other times.
        services.analyses.path.track();
        if let Some((revision, scope)) = wanted.get() {
            services.ask_flame(revision, scope);
        }
    });
    let looks = Memo::new(move |_| {
        let palette = store.palette();
        let looks = match timeline {
            Some(_) => services.trace.with(|t| t.as_ref().map(|t| t.looks.clone())),
            None => services.index.with(|i| i.as_ref().map(|i| i.looks.clone())),
        };
        looks.unwrap_or_default().in_palette(palette)
    });
    let arranged = Memo::new(move |_| {
        let choice = choice.get();
        (choice.widths == Widths::Critical, choice.around)
    });
    effect(move || {
        let (is_critical, around) = arranged.get();
        let Some(tree) = answers.tree.get().filter(|_| !is_time.get()) else { return };
        let weight = if is_critical { Weight::Critical } else { Weight::SelfTime };
        let around = around.and_then(|key| flame::find_operation(&tree, key));
        let slots = slots(&tree.services, services, &looks.get(), timeline.is_some());
        let graph = Arc::new(match around {
            Some(operation) => FlameGraph::around(tree, weight, operation),
            None => FlameGraph::new(tree, weight),
        });
        let zoom = untrack(|| choice.get()).zoom.and_then(|key| graph.find(key));
        handle.change(|view| {
            view.set_graph(Some(graph), slots);
            view.zoom_to(zoom);
            if around.is_some() {
                view.select(Some(0));
            }
        });
        frame::mark("spanscope:flame-merged");
    });
    let zoom = Memo::new(move |_| choice.get().zoom);
    effect(move || {
        let key = zoom.get();
        let frame = key.and_then(|key| handle.look(|view, _| view.graph()?.find(key)).flatten());
        if handle.look(|view, _| view.zoomed()).flatten() != frame {
            handle.change(|view| view.zoom_to(frame));
        }
    });
    effect(move || {
        let (looks, by_own) = (looks.get(), choice.get().by_own);
        let own = services.analyses.times.with(|t| match t {
            Some(times) if by_own => times.self_time.clone(),
            _ => Vec::new(),
        });
        handle.change(|view| {
            view.set_colours(looks, by_own);
            view.set_own(own);
        });
    });
    effect(move || {
        let words = Words::parse(&store.with(|s| s.query.clone()));
        let matches = answers.tree.with(|tree| {
            let tree = tree.as_ref().filter(|_| !words.is_empty())?;
            let names = tree.services.iter().zip(&tree.names);
            Some(names.map(|(service, name)| words.fit(&format!("{name} {service}"))).collect::<Vec<_>>())
        });
        handle.change(|view| view.set_matches(matches));
    });
    // The selected span comes into sight, wherever it was selected.
    let Some(timeline) = timeline else { return };
    let selected = Memo::new(move |_| timeline.follow(Timeline::selected).flatten());
    let has_icicle = Memo::new(move |_| handle.follow(|view, _| view.is_time() && view.has_picture()));
    effect(move || {
        has_icicle.track();
        if let Some(span) = selected.get() {
            handle.fit_rows();
            handle.reveal(span);
        }
    });
}

/// Looks of the services of operations.
fn slots(names: &[String], services: Services, looks: &Looks, is_trace: bool) -> Vec<u8> {
    let find = |known: &[String]| {
        let place = |name: &String| known.iter().position(|k| k == name).unwrap_or_default();
        names.iter().map(|name| looks.slot(crate::model::index::ServiceIdx::new(place(name)))).collect()
    };
    if is_trace {
        services.trace.with_untracked(|t| t.as_ref().map(|t| find(t.trace.services()))).unwrap_or_default()
    } else {
        services.index.with_untracked(|i| i.as_ref().map(|i| find(&i.list.service_names))).unwrap_or_default()
    }
}

/// The frame that one step out leads to; none is everything.
fn outer(view: &FlameView, timeline: Option<&Timeline>) -> Option<u32> {
    if !view.is_time() {
        let frame = view.graph()?.frame(view.zoomed()?)?;
        return Some(frame.parent).filter(|&parent| view.graph().is_some_and(|g| g.frame(parent).is_some()));
    }
    let (timeline, mut at) = (timeline?, timeline?.selected()?);
    let shown = timeline.range().duration();
    // The first above the selection that is wider than what is in sight.
    while timeline.trace().span_duration(at) <= shown {
        at = timeline.trace().parent(at)?;
    }
    Some(at.0)
}

/// Trace and place of the longest span of a merged frame.
fn longest(view: &FlameView, frame: u32) -> Option<(u32, SpanIdx)> {
    let graph = view.graph()?;
    let node = graph.frame(frame)?.node as usize;
    let (trace, span) = (*graph.tree().traces.get(node)?, *graph.tree().spans.get(node)?);
    Some((trace, SpanIdx(span))).filter(|_| trace != u32::MAX)
}

fn trace_id(services: Services, trace: u32) -> Option<TraceId> {
    services.index.with_untracked(|index| index.as_ref()?.list.id.get(trace as usize).copied())
}

/// What the search found: `3 frames, 45 % of the time`.
fn matched(view: &FlameView, timeline: Option<&Timeline>) -> String {
    let Some(timeline) = timeline.filter(|_| view.is_time()) else {
        let Some(graph) = view.graph() else { return String::new() };
        let (time, n) = graph.matched(view.matches());
        let share = format::percent(time, graph.whole());
        return if n == 0 {
            "no match".to_owned()
        } else {
            format!("{}, {share}", counted(n as u64, "frame"))
        };
    };
    match timeline.match_position() {
        None | Some((_, 0)) => "no match".to_owned(),
        Some((_, n)) => counted(n as u64, "span"),
    }
}

/// The way from everything to what fills the width, each step a button.
#[component]
fn Way(
    handle: FlameHandle,
    choice: Memo<FlameChoice>,
    /// This frame, or everything, is to fill the width.
    #[prop(into)]
    on_zoom: Callback<Option<u32>>,
) -> impl IntoView {
    let steps = Memo::new(move |_| {
        choice.track();
        let way = |view: &FlameView, timeline: Option<&Timeline>| -> Vec<(u32, String)> {
            if !view.is_time() {
                let graph = view.graph();
                let way = graph.zip(view.zoomed()).map(|(g, frame)| g.way(frame)).unwrap_or_default();
                return way.into_iter().filter_map(|f| Some((f, graph?.title(f)))).collect();
            }
            let Some(timeline) = timeline else { return Vec::new() };
            let mut way = Vec::new();
            let mut at = timeline.selected().filter(|_| !timeline.is_whole());
            while let Some(span) = at.filter(|_| way.len() < MOST_STEPS) {
                way.push((span.0, crate::view::treegrid::shown_name(timeline.trace(), span)));
                at = timeline.trace().parent(span);
            }
            way.reverse();
            way
        };
        let mut steps = handle.follow(way).unwrap_or_default();
        let too_many = steps.len().saturating_sub(MOST_STEPS);
        drop(steps.drain(..too_many));
        steps
    });
    let is_whole = Memo::new(move |_| {
        handle.follow(|_, _| ());
        handle.is_whole()
    });
    let step = move |(frame, name): (u32, String)| {
        view! {
            <li>
                <Button label=name look=Look::Plain on_press=move |()| on_zoom.run(Some(frame)) />
            </li>
        }
    };
    view! {
        <nav class="flame-way" aria-label="Zoom">
            <ol>
                <li>
                    <Button
                        label="Everything"
                        look=Look::Plain
                        disabled=is_whole
                        on_press=move |()| on_zoom.run(None)
                    />
                </li>
                {move || steps.get().into_iter().map(step).collect_view()}
            </ol>
        </nav>
    }
}

/// What is known of the frame that keys act on, and what can be done with it.
#[component]
fn Selected(handle: FlameHandle, selected: Memo<Option<u32>>, children: ChildrenFn) -> impl IntoView {
    let children = StoredValue::new(children);
    let tip = Memo::new(move |_| {
        let frame = selected.get()?;
        handle.follow(|view, timeline| view.tooltip(timeline, frame)).flatten()
    });
    move || {
        tip.get().map(|tip| {
            let facts = tip.facts.into_iter().map(|(label, value)| {
                view! { <span class="fact"><span class="muted">{label}</span>" "{value}</span> }
            });
            view! {
                <p class="flame-selected">
                    <i class="swatch" data-slot=tip.slot.to_string()></i>
                    <strong>{tip.title}</strong>
                    <span class="muted">{tip.service}</span>
                    {facts.collect_view()}
                    {children.with_value(|children| children())}
                </p>
            }
        })
    }
}
