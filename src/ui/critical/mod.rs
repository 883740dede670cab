//! The critical path as a view of its own: the strip of the whole request and its sections in tables.

use leptos::ev::MouseEvent;
use leptos::html;
use leptos::prelude::*;

use crate::model::index::SpanIdx;
use crate::model::time::TimeRange;
use crate::platform::canvas2d::Canvas2d;
use crate::platform::resize;
use crate::state::action::Action;
use crate::state::view_state::{Grouping, Screen};
use crate::ui::analyses::Stage;
use crate::ui::effect::{effect, focus_once};
use crate::ui::services::Services;
use crate::ui::store::Store;
use crate::ui::timeline::TimelineHandle;
use crate::ui::widgets::{Button, DataTable, Look, TableColumn, TableRow};
use crate::view::format;
use crate::view::path_tables::{self, Line};
use crate::view::scale::TimeScale;
use crate::view::theme::Theme;
use crate::view::timeline::Timeline;
use crate::view::waterfall::{self, Scene};

/// Height of the strip.
const STRIP_PX: f64 = 28.0;

/// Id of the table.
const TABLE_ID: &str = "critical-path-table";
/// What lines can stand for, and the word for it.
const GROUPINGS: [(Grouping, &str); 3] = [
    (Grouping::Sections, "Section by section"),
    (Grouping::Operations, "By operation"),
    (Grouping::Services, "By service"),
];

/// The critical path of the open trace.
#[component]
pub fn CriticalPathScreen(
    /// The timeline, which knows the path.
    handle: TimelineHandle,
    /// The engine.
    services: Services,
    /// The state.
    store: Store,
    /// Changes when the path does.
    #[prop(into)]
    path_version: Signal<u32>,
    /// Colours.
    #[prop(into)]
    theme: Signal<&'static Theme>,
) -> impl IntoView {
    let grouping = Memo::new(move |_| store.with(|s| s.path_grouping));
    let order = RwSignal::new(None::<(usize, bool)>);
    effect(move || {
        grouping.track();
        order.set(None);
    });
    let lines = Memo::new(move |_| -> Vec<Line> {
        path_version.track();
        let (grouping, order) = (grouping.get(), order.get());
        let sorted = |t: &Timeline| {
            let mut lines = path_tables::lines(t.trace(), t.path()?, grouping);
            let column = order.and_then(|(at, down)| Some((*grouping.columns().get(at)?, down)));
            if let Some((column, is_descending)) = column {
                path_tables::sort(t.trace(), &mut lines, column, is_descending);
            }
            Some(lines)
        };
        handle.look(sorted).flatten().unwrap_or_default()
    });
    let row = move |at: usize| -> TableRow {
        let grouping = grouping.get();
        let Some(line) = lines.with(|lines| lines.get(at).copied()) else { return TableRow::default() };
        let text = |t: &Timeline| {
            let text = path_tables::text(t.trace(), t.path()?, t.looks(), grouping, &line);
            let service = t.trace().service_name(t.trace().service(line.span)).to_owned();
            Some(TableRow {
                cells: text.cells,
                service: Some((service, text.slot)),
                permille: text.permille,
                note: text.note,
            })
        };
        handle.look(text).flatten().unwrap_or_default()
    };
    let go_to = move |section: usize| {
        handle.change(|t| t.go_to_section(section));
        let span = handle.look(|t| t.selected().map(|s| t.trace().span_id(s))).flatten();
        store.apply(Action::ShowView(Screen::Timeline));
        store.apply_in_place(Action::Select(span));
    };
    let on_choose = move |at: usize| {
        if let Some(line) = lines.with_untracked(|lines| lines.get(at).copied()) {
            go_to(line.section as usize);
        }
    };
    let on_sort = move |at: usize| {
        let is_number = grouping.get_untracked().columns().get(at).is_some_and(|c| c.is_number());
        order.update(|order| {
            let turned = order.filter(|o| o.0 == at).map(|o| !o.1);
            *order =
                Some((at, turned.unwrap_or(is_number && !is_first_column(grouping.get_untracked(), at))));
        });
    };
    let columns = Signal::derive(move || {
        let column = |c: &path_tables::Column| TableColumn { heading: c.heading(), is_number: c.is_number() };
        grouping.get().columns().iter().map(column).collect::<Vec<_>>()
    });
    let n_rows = Signal::derive(move || lines.with(Vec::len));
    let summary = Memo::new(move |_| {
        path_version.track();
        handle.look(summary).flatten()
    });
    let stage = services.analyses.stage;
    let waiting = move || match stage.get() {
        Stage::Failed(reason) => format!("The critical path could not be found: {reason}"),
        Stage::Done => "The request has no critical path: its root takes no time.".to_owned(),
        Stage::Idle | Stage::Running { .. } => "Finding the critical path…".to_owned(),
    };
    let choice = move |(which, word): (Grouping, &'static str)| {
        view! {
            <Button
                label=word
                look=Look::Plain
                pressed=Signal::derive(move || grouping.get() == which)
                on_press=move |()| store.apply(Action::GroupPath(which))
            />
        }
    };
    focus_once(move || summary.with(Option::is_some).then(|| TABLE_ID.to_owned()));
    view! {
        <section class="critical-path" aria-label="Critical path">
            {move || match summary.get() {
                None => view! { <p class="muted" role="status">{waiting}</p> }.into_any(),
                Some(sentence) => {
                    view! {
                        <p class="summary">
                            {sentence}
                            <span class="muted">
                                " At each moment the path is the one span whose progress the request depended on."
                            </span>
                        </p>
                        <PathStrip handle path_version theme on_section=go_to />
                        <div class="choices" role="group" aria-label="Table">
                            {GROUPINGS.map(choice).collect_view()}
                        </div>
                    }
                        .into_any()
                }
            }}
            <Show when=move || summary.with(Option::is_some)>
                <DataTable
                    label="Critical path"
                    id=TABLE_ID
                    columns
                    n_rows
                    row
                    sort=order
                    on_sort
                    on_choose
                />
            </Show>
        </section>
    }
}

/// Times are read from the first; all other numbers from the largest.
fn is_first_column(grouping: Grouping, at: usize) -> bool {
    grouping.columns().get(at) == Some(&path_tables::Column::From)
}

/// How long the path is and what it consists of; none while there is no path.
fn summary(timeline: &Timeline) -> Option<String> {
    let path = timeline.path().filter(|path| !path.is_empty())?;
    let trace = timeline.trace();
    let n = |grouping| path_tables::lines(trace, path, grouping).len() as u64;
    let counted = crate::base::text::counted;
    Some(format!(
        "{} in {} of {} and {}.",
        format::duration(path.length()),
        counted(path.sections().len() as u64, "section"),
        counted(n(Grouping::Operations), "operation"),
        counted(n(Grouping::Services), "service"),
    ))
}

/// The whole path as a strip; what it shows is in the table as text.
#[component]
fn PathStrip(
    handle: TimelineHandle,
    #[prop(into)] path_version: Signal<u32>,
    #[prop(into)] theme: Signal<&'static Theme>,
    /// The section at this position was clicked.
    #[prop(into)]
    on_section: Callback<usize>,
) -> impl IntoView {
    let frame = NodeRef::<html::Div>::new();
    let node = NodeRef::<html::Canvas>::new();
    let canvas = StoredValue::new_local(None::<Canvas2d>);
    let width = RwSignal::new(0.0_f64);
    let observer = StoredValue::new_local(None);
    let pointed = RwSignal::new(None::<String>);
    effect(move || {
        canvas.set_value(node.get().and_then(Canvas2d::new));
        let watch = |frame| resize::observe(&frame, move |w, _| width.set(w.floor()));
        observer.set_value(frame.get().and_then(|f| watch(f.into())));
    });
    effect(move || {
        path_version.track();
        let (width, theme) = (width.get(), theme.get());
        if node.get().is_none() || width < 1.0 {
            return;
        }
        handle.look(|t| {
            let scene = Scene { scale: whole_scale(t, width), width_px: width, ..t.scene() };
            let picture = waterfall::path_strip(&scene, 0.0, STRIP_PX as f32);
            canvas.update_value(|canvas| {
                if let Some(canvas) = canvas {
                    canvas.resize(width, STRIP_PX);
                    canvas.play(&picture, theme);
                }
            });
        });
    });
    let section_at = move |event: &MouseEvent| {
        let x = f64::from(event.offset_x());
        handle.look(|t| t.path()?.at(whole_scale(t, width.get_untracked()).time_from_x(x))).flatten()
    };
    let on_move = move |event: MouseEvent| {
        let text = |at: usize| {
            handle
                .look(|t| {
                    let section = t.path()?.sections().get(at)?;
                    Some(section_text(t, section.span, section.range))
                })
                .flatten()
        };
        pointed.set(section_at(&event).and_then(text));
    };
    view! {
        <div class="path-strip" node_ref=frame aria-hidden="true" title=move || pointed.get()>
            <canvas
                node_ref=node
                on:mousemove=on_move
                on:click=move |event| {
                    if let Some(at) = section_at(&event) {
                        on_section.run(at);
                    }
                }
            ></canvas>
        </div>
    }
}

fn whole_scale(timeline: &Timeline, width: f64) -> TimeScale {
    let whole = timeline.whole();
    let sections = timeline.path().map(crate::view::path::CriticalPath::sections).unwrap_or_default();
    let range = match (sections.first(), sections.last()) {
        (Some(first), Some(last)) => TimeRange { start: first.range.start, end: last.range.end },
        _ => whole,
    };
    TimeScale::fit(range, width)
}

fn section_text(timeline: &Timeline, span: SpanIdx, range: TimeRange) -> String {
    let name = crate::view::treegrid::shown_name(timeline.trace(), span);
    format!("{name}, {} from {}", format::duration(range.duration()), format::offset(range.start))
}
