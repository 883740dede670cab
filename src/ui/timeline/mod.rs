//! The timeline screen: minimap, toolbar, name column, bars, scrollbar.
//!
//! The parts share a [`TimelineHandle`]; what moves them is [`crate::view::timeline::Timeline`].

pub mod actions;
pub mod chart;
pub mod find;
pub mod gesture;
pub mod grid;
pub mod handle;
pub mod marks;
pub mod minimap;
pub mod place;
pub mod sideways;
pub mod toolbar;
pub mod tooltip;

use std::sync::Arc;

use crate::ui::effect::effect;
use leptos::html;
use leptos::prelude::*;

pub use handle::TimelineHandle;

use crate::model::ids::SpanId;
use crate::model::index::SpanIdx;
use crate::model::time::TimeRange;
use crate::platform::{dom, frame, resize};
use crate::state::action::Action;
use crate::state::commands::CommandId;
use crate::state::findings::evidence_of;
use crate::state::view_state::QueryMode;
use crate::ui::commands::Commands;
use crate::ui::services::{OpenTrace, Services};
use crate::ui::store::Store;
use crate::ui::widgets::{Scrollbar, Splitter};
use crate::view::path::{CriticalPath, Section};
use crate::view::replayed::Replayed;
use crate::view::scroll::Scroll;
use crate::view::theme::{Palette, Theme};
use crate::view::timeline::Timeline;
use crate::wire::analysis::PathSections;
use chart::{Chart, ChartEvent};
use grid::{Grid, RowEvent};
use marks::{MarkList, NoteDialog};
use minimap::MinimapStrip;
use place::Place;
use sideways::{Sideways, SidewaysBar};
use toolbar::Toolbar;
use tooltip::BarTooltip;

/// The id of the treegrid.
pub(super) const GRID_ID: &str = "timeline-grid";
/// Least and greatest width of the name column.
pub(super) const NAMES_PX: (f64, f64) = (160.0, 900.0);

/// The timeline of the open trace.
#[component]
pub fn TimelineScreen(
    /// The timeline.
    handle: TimelineHandle,
    /// The engine.
    services: Services,
    /// The state.
    store: Store,
    /// Where its commands come from.
    commands: Commands,
    /// Whether it is in sight: another view of the trace may be.
    #[prop(into)]
    is_shown: Signal<bool>,
    /// Counts critical paths.
    path_version: RwSignal<u32>,
    /// Colours.
    #[prop(into)]
    theme: Signal<&'static Theme>,
    /// The details of the selected span are wanted.
    #[prop(into)]
    on_details: Callback<()>,
) -> impl IntoView {
    let chart_node = NodeRef::<html::Div>::new();
    let strip_node = NodeRef::<html::Div>::new();
    let sideways = Sideways::new(handle);
    let find_node = NodeRef::<html::Input>::new();
    let strip_px = RwSignal::new(0.0);
    let version = RwSignal::new(0_u32);
    let observers = StoredValue::new_local(Vec::new());
    let place = Place::new(handle, store);

    effect(move || {
        let Some(open) = services.trace.get() else { return handle.replace(None) };
        place.notice();
        let is_later_state = show(handle, &open, untrack(|| store.palette()));
        if let Some(node) = chart_node.get_untracked() {
            let (width, height) = (f64::from(node.client_width()), f64::from(node.client_height()));
            handle.change(|t| t.resize(width, height));
        }
        place.restore_anew(is_later_state);
        version.update(|v| *v += 1);
        frame::mark("spanscope:first-rows");
        if open.head.complete {
            frame::mark("spanscope:complete");
        }
    });
    // Back, Forward and links change the state from outside.
    effect(move || {
        store.track_arrangements();
        place.restore();
    });
    let span = Memo::new(move |_| store.with(|s| s.span));
    effect(move || place::select(handle, span.get()));
    let marks = marks::shown_marks(handle, store);
    effect(move || {
        marks.track();
        handle.change(|t| store.look(|s| t.set_marks(&s.marks)));
    });
    let minimap_marks = Signal::derive(move || {
        marks.with(|marks| marks.iter().map(|mark| mark.shown.clone()).collect::<Vec<_>>())
    });
    let column = Memo::new(move |_| store.with(|s| s.column.clone()));
    effect(move || {
        services.trace.track();
        let key = column.get();
        handle.change(|t| t.set_column(key));
    });
    effect(move || {
        let wanted = handle.follow(|t| (t.column().map(str::to_owned), t.values_wanted()));
        if let Some((Some(key), spans)) = wanted.filter(|(_, spans)| !spans.is_empty()) {
            services.ask_values(key, spans.into_iter().map(|s| s.0).collect());
        }
    });
    effect(move || {
        let Some(known) = services.values.get() else { return };
        let values = known.values.iter().map(|(span, text)| (SpanIdx(*span), text.clone()));
        handle.change(|t| t.set_values(&known.key, values));
    });
    effect(move || {
        let palette = store.palette();
        handle.change(|t| t.set_palette(palette));
    });
    // Another screen or view has taken the place of the one with the focus: rows obey the keys at once.
    effect(move || {
        if is_shown.get() {
            request_animation_frame(|| {
                dom::focus_id(GRID_ID);
            });
        }
    });
    place.follow(move || services.trace.with_untracked(|t| t.as_ref().is_some_and(|t| t.head.complete)));
    effect(move || {
        let (Some(chart), Some(strip)) = (chart_node.get(), strip_node.get()) else { return };
        let of_chart = resize::observe(&chart, move |width, height| {
            // Out of sight it has no size, and keeps the one that it had.
            if width > 0.0 {
                handle.change(|t| t.resize(width, height));
            }
        });
        let of_strip = resize::observe(&strip, move |width, _| strip_px.set(width.floor()));
        observers.set_value(of_chart.into_iter().chain(of_strip).collect());
    });
    effect(move || {
        let Some(open) = services.trace.get() else { return };
        let shifts = services.analyses.shifts.get();
        services.refine(shifts.clone(), services.analyses.statements.get());
        // Sections tell times of corrected clocks: they wait for the spans to be shown so.
        let fits = open.correction.as_ref().map(|c| &c.shifts) == shifts.as_ref();
        let path = services.analyses.path.get().filter(|_| fits);
        let path = path.map(|sections| Arc::new(critical_path(&open, &sections)));
        handle.change(|t| t.set_path(path));
        path_version.update(|v| *v += 1);
    });
    // What is tried is shown above what is, also when that comes to be known better.
    effect(move || {
        services.trace.track();
        let answer = services.analyses.what_if.get();
        handle.change(|t| {
            let replayed = answer.and_then(|answer| {
                Replayed::new(t.trace(), t.outline(), t.earlier(), &answer.starts, &answer.ends)
            });
            t.set_replayed(replayed.map(Arc::new));
        });
    });
    // All evidence of the open finding is marked, in sight or not.
    let evidence = Memo::new(move |_| {
        let key = store.with(|s| s.finding.clone());
        let of = |key: String| services.analyses.findings.with(|f| f.as_ref().map(|f| evidence_of(f, &key)));
        key.and_then(of).unwrap_or_default()
    });
    effect(move || {
        services.trace.track();
        handle.change(|t| t.set_evidence(evidence.get()));
    });
    // Times of events come from the engine, for the rows in sight only.
    effect(move || {
        let wanted = handle.follow(Timeline::events_wanted).unwrap_or_default();
        if !wanted.is_empty() {
            services.ask_events(wanted.into_iter().map(|s| s.0).collect());
        }
    });
    effect(move || {
        let Some(marks) = services.marks.get() else { return };
        let Some(open) = services.trace.get_untracked() else { return };
        handle.change(|t| {
            for mark in marks.iter() {
                let times = mark.times.iter().map(|&time| open.shown_event(mark.span, time)).collect();
                t.set_events(SpanIdx(mark.span), times);
            }
        });
    });

    // The cursor is a selection; only a deliberate choice is worth a step of the history.
    let select = move |is_deliberate: bool| {
        let span = handle.look(|t| t.selected().map(|s| t.trace().span_id(s))).flatten();
        let action = Action::Select(span);
        if is_deliberate { store.apply(action) } else { store.apply_in_place(action) }
    };
    let note_at = RwSignal::new(None);
    // Memos: another change of the state is no new search.
    let query = Memo::new(move |_| store.with(|s| s.query.clone()));
    let on_query = move |text: String| store.apply(Action::SetQuery(text));
    let filters = Memo::new(move |_| store.with(|s| s.query_mode == QueryMode::Filter));
    let on_filters = move |filters: bool| {
        let mode = if filters { QueryMode::Filter } else { QueryMode::Mark };
        store.apply(Action::SetQueryMode(mode));
    };
    commands.register(move |command| {
        if handle.look(|_| ()).is_none() || !is_shown.get_untracked() {
            return false;
        }
        match command {
            CommandId::Find => {
                if let Some(input) = find_node.get_untracked() {
                    drop(input.focus());
                    input.select();
                }
                true
            }
            CommandId::OnlyMatches => {
                on_filters(!filters.get_untracked());
                true
            }
            CommandId::ShowDetails => {
                select(true);
                on_details.run(());
                true
            }
            CommandId::Escape => escape(handle, store),
            CommandId::MarkSelection => {
                marks::mark_selection(handle, store, services.notices);
                true
            }
            CommandId::Note => {
                note_at.set(marks::instant_at_pointer(handle));
                true
            }
            CommandId::FocusSubtree | CommandId::FocusWhole => {
                actions::run(handle, command);
                select(false);
                // A choice: Back leads out of the subtree.
                store.apply(Action::SetFocus(handle.look(place::focus_of).flatten()));
                true
            }
            CommandId::NamesLeft => {
                sideways.step(-1.0);
                true
            }
            CommandId::NamesRight => {
                sideways.step(1.0);
                true
            }
            _ => match actions::run(handle, command) {
                Some(actions::Effect::Selected | actions::Effect::Folded) => {
                    select(false);
                    true
                }
                Some(actions::Effect::Moved) => true,
                None => false,
            },
        }
    });

    let on_row = move |event: RowEvent| match event {
        RowEvent::Open(at) => {
            handle.change(|t| t.go_to_row(at));
            select(true);
            on_details.run(());
        }
        RowEvent::Toggle(at) => {
            handle.change_measured("spanscope:fold", |t| t.toggle(at));
        }
    };
    let on_chart = move |event: ChartEvent| match event {
        ChartEvent::Click(at) => on_row(RowEvent::Open(at)),
        ChartEvent::Section(x) => {
            let section = handle.look(|t| t.section_at(x)).flatten();
            if let Some(at) = section {
                handle.change(|t| t.go_to_section(at));
                select(true);
            }
        }
        ChartEvent::Fit(row) => {
            handle.change(|t| t.fit_row(row));
        }
    };
    let scroll = Memo::new(move |_| handle.follow(|t| *t.scroll()).unwrap_or_default());
    let on_scroll = move |moved: Scroll| {
        handle.change(|t| t.scroll_mut().set_top_px(moved.top_px()));
    };
    let names_px = Signal::derive(move || f64::from(store.with_settings(|s| s.names_px)));
    view! {
        <section class="timeline" aria-label="Timeline" hidden=move || !is_shown.get()>
            <div class="timeline-strip" node_ref=strip_node>
                <MinimapStrip handle theme trace_version=version path_version width_px=strip_px marks=minimap_marks />
            </div>
            <Toolbar
                handle
                services
                query
                on_query
                filters
                on_filters
                find_node
                on_go=move |()| select(false)
            />
            <MarkList handle store marks />
            <NoteDialog handle at=note_at store notices=services.notices />
            <div class="timeline-body" style:--names=move || format!("{:.0}px", names_px.get())>
                <div class="timeline-names">
                    <Grid
                        handle
                        sideways
                        on_row
                        column
                        on_remove_column=move |()| store.apply(Action::SetColumn(None))
                    />
                    <SidewaysBar sideways />
                </div>
                <Splitter
                    label="Width of the name column"
                    width_px=names_px
                    limits_px=Signal::stored(NAMES_PX)
                    on_resize=move |px: f64| store.change_settings(|s| s.names_px = px as u32)
                />
                <div class="timeline-chart-area">
                    <Chart handle is_shown theme on_event=on_chart />
                    <div class="timeline-chart-size" node_ref=chart_node></div>
                    <BarTooltip handle />
                </div>
                <Scrollbar label="Rows" controls=GRID_ID scroll on_scroll />
            </div>
        </section>
    }
}

/// The path as the timeline looks it up.
fn critical_path(open: &OpenTrace, sections: &PathSections) -> CriticalPath {
    CriticalPath::new(sections.iter().map(|(span, from, to)| Section {
        span: SpanIdx(span),
        range: TimeRange { start: open.shown(from), end: open.shown(to) },
    }))
}

/// Shows `open`. Returns whether it is a later state of the same trace, which keeps the reader's place.
fn show(handle: TimelineHandle, open: &OpenTrace, palette: Palette) -> bool {
    let (trace, outline) = (open.trace.clone(), open.outline.clone());
    let is_known = handle.look(|t| t.trace().id() == trace.id()).unwrap_or_default();
    let successor = is_known.then(|| handle.look(|t| t.successor(trace.clone(), outline.clone()))).flatten();
    let mut timeline = successor.unwrap_or_else(|| Timeline::with_outline(trace, outline));
    timeline.set_earlier(open.shown(0));
    timeline.set_looks(open.looks.clone().in_palette(palette));
    handle.replace(Some(timeline));
    is_known
}

/// Takes back one thing: what was measured, the search, the selection. Says whether there was one.
fn escape(handle: TimelineHandle, store: Store) -> bool {
    if handle.look(|t| t.measured().is_some()) == Some(true) {
        handle.change(Timeline::clear_measured);
    } else if store.look(|s| !s.query.is_empty()) {
        store.apply(Action::SetQuery(String::new()));
    } else if handle.look(|t| t.cursor().is_some()) == Some(true) {
        handle.change(Timeline::clear_selection);
        store.apply_in_place(Action::Select(None::<SpanId>));
    } else {
        return false;
    }
    true
}
