//! One trace: header, timeline, and the details of the selected span beside it.

use crate::ui::effect::effect;
use leptos::prelude::*;

use super::app::copy;
use super::compare::CompareScreen;
use super::critical::CriticalPathScreen;
use super::details::SpanDetailsPanel;
use super::details::span_details::DetailsActions;
use super::error_card::{ErrorCard, Problem};
use super::findings::{Explain, Headline, Panel};
use super::flame::FlameScreen;
use super::graph::GraphScreen;
use super::hops::{Hops, Way};
use super::services::Services;
use super::side_panel::SidePanel;
use super::store::Store;
use super::tables::About;
use super::tables::spans::SpansScreen;
use super::tables::statistics::StatisticsScreen;
use super::timeline::{TimelineHandle, TimelineScreen};
use super::trace_header::TraceHeader;
use super::view_tabs::ViewTabs;
use super::widgets::Button;
use crate::model::ids::{SpanId, TraceId};
use crate::model::index::SpanIdx;
use crate::state::action::Action;
use crate::state::commands::CommandId;
use crate::state::findings::span_facts;
use crate::state::view_state::{PanelTab, Screen};
use crate::view::timeline::Timeline;
use crate::wire::details::SpanRef;
use crate::wire::span_json::span_json;

/// One trace.
#[component]
pub fn TraceScreen(
    /// The state.
    store: Store,
    /// The engine.
    services: Services,
) -> impl IntoView {
    let handle = TimelineHandle::new();
    let path_version = RwSignal::new(0_u32);
    let theme = Signal::derive(move || store.colours());
    let selected = Memo::new(move |_| handle.follow(Timeline::selected).flatten());
    let explain = Explain::new(store, services, handle);
    // The engine is asked for what the panel shows.
    effect(move || {
        services.trace.track();
        if let Some(span) = selected.get() {
            services.ask_details(span, 0);
        }
    });
    let select = move |span: SpanIdx| {
        let id = handle.look(|t| t.trace().span_id(span));
        handle.change(|t| t.select(span));
        store.apply(Action::Select(id));
    };
    let go_to = move |span: SpanRef| {
        let trace = TraceId::from_hex(&span.trace_id);
        if let Some(trace) = trace.filter(|trace| store.look(|s| s.trace) != Some(*trace)) {
            store.apply(Action::OpenTrace(trace));
            store.apply_in_place(Action::Select(SpanId::from_hex(&span.span_id)));
        } else {
            select(SpanIdx(span.span));
        }
    };
    let notices = services.notices;
    let copy_span = move || {
        if let Some(json) = services.details.with_untracked(|d| d.as_ref().map(|d| span_json(d))) {
            copy(notices, json, "Span copied as JSON");
        }
    };
    let copy_link = move || copy(notices, store.link(), "Link copied");
    let actions = DetailsActions {
        on_span: Callback::new(go_to),
        on_parent: Callback::new(move |()| {
            let parent = handle.look(|t| t.selected().and_then(|s| t.trace().parent(s))).flatten();
            if let Some(parent) = parent {
                select(parent);
            }
        }),
        on_events: Callback::new(move |first| {
            if let Some(span) = selected.get_untracked() {
                services.ask_details(span, first);
            }
        }),
        on_copy: Callback::new(move |text| copy(notices, text, "Copied")),
        on_filter: Callback::new(move |filter: String| {
            store.apply(Action::SetQuery(filter.clone()));
            copy(notices, filter, "Filter copied, and put into the find box");
        }),
        on_column: Callback::new(move |key: String| store.apply(Action::SetColumn(Some(key)))),
        on_copy_span: Callback::new(move |()| copy_span()),
        on_copy_link: Callback::new(move |()| copy_link()),
    };
    let hops = Hops::new(handle, services, notices, go_to);
    services.commands.register(move |command| {
        if let Some(view) = command.view() {
            store.apply(Action::ShowView(view));
            return true;
        }
        match command {
            CommandId::ShowDetails => explain.show_panel(PanelTab::Span),
            CommandId::FollowCall => hops.follow(Way::Forward),
            CommandId::FollowCaller => hops.follow(Way::Back),
            CommandId::CopySpan if selected.get_untracked().is_some() => copy_span(),
            _ => return false,
        }
        true
    });
    // What the analysis knows of the selected span is there once it knows the critical path.
    let analyses = services.analyses;
    let is_known = Memo::new(move |_| analyses.path.with(Option::is_some));
    effect(move || {
        if let Some(span) = selected.get().filter(|_| is_known.get()) {
            services.ask_insight(span);
        }
    });
    let part = Signal::derive(move || {
        let request_ns = analyses.path.with(|path| {
            let path = path.as_ref()?;
            Some(path.to.last()?.saturating_sub(*path.from.first()?))
        });
        let span = selected.get();
        let mut facts = analyses.insight.with(|insight| {
            let of_selected = insight.as_ref().filter(|(of, _)| span.is_some_and(|s| s.0 == *of));
            span_facts(of_selected.map(|(_, insight)| insight), request_ns.unwrap_or_default())
        });
        facts.extend(span.and_then(|span| explain.tried(span)));
        facts
    });
    // A drawer over a narrow window opens when somebody asks for something in it.
    let is_empty = Signal::derive(move || selected.get().is_none() && store.with(|s| s.panel.is_none()));
    let is_timeline = Memo::new(move |_| store.with(|s| s.screen == Screen::Timeline));
    let is = move |screen| move || store.with(|s| s.screen == screen);
    let about = About { services, store, handle: Some(handle) };
    let is_missing = move || services.missing_trace.with(Option::is_some);
    let screen = view! {
        <section class="trace-screen" aria-label="Trace" data-missing=move || is_missing().then_some("true")>
            {move || services.missing_trace.get().map(|id| view! { <MissingTrace id store services /> })}
            <TraceHeader
                trace=services.trace
                cancelled=Signal::derive(move || services.was_cancelled())
                on_copy=move |id| copy(notices, id, "Trace id copied")
            />
            <Headline explain />
            <ViewTabs store />
            <div class="workbench">
                <Show when=is(Screen::Flame)>
                    <FlameScreen handle=Some(handle) services store theme />
                </Show>
                <Show when=is(Screen::CriticalPath)>
                    <CriticalPathScreen handle services store path_version theme />
                </Show>
                <Show when=is(Screen::Statistics)>
                    <StatisticsScreen about />
                </Show>
                <Show when=is(Screen::Spans)>
                    <SpansScreen about />
                </Show>
                <Show when=is(Screen::Compare)>
                    <CompareScreen services store />
                </Show>
                <Show when=is(Screen::Graph)>
                    <GraphScreen services store handle=Some(handle) theme />
                </Show>
                <TimelineScreen
                    handle
                    services
                    store
                    commands=services.commands
                    is_shown=is_timeline
                    path_version
                    theme
                    on_details=move |()| explain.show_panel(PanelTab::Span)
                />
                <SidePanel store label="Findings and span" is_empty>
                    <Panel explain on_close=move |()| store.change_settings(|s| s.panel_open = false)>
                        <SpanDetailsPanel
                            trace=services.trace
                            span=selected
                            details=services.details
                            part
                            actions
                        />
                    </Panel>
                </SidePanel>
            </div>
        </section>
    };
    // After the timeline's own, so that Escape takes back a what-if before the selection.
    services.commands.register(move |command| explain.run(command));
    screen
}

/// The link names a trace that is not in what is open.
#[component]
fn MissingTrace(id: String, store: Store, services: Services) -> impl IntoView {
    let problem = Problem {
        title: "The trace is not in what is open".to_owned(),
        place: id,
        reason: "None of the open files has a trace with this id.".to_owned(),
        advice: "Open the file that the link was made from, or choose another trace.".to_owned(),
        code: "trace.missing".to_owned(),
    };
    let notices = services.notices;
    view! {
        <div class="error-cards">
            <ErrorCard problem on_copy=move |text| copy(notices, text, "Details copied")>
                <Button label="Show all traces" on_press=move |()| store.apply(Action::ShowTraces) />
            </ErrorCard>
        </div>
    }
}
