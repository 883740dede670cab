//! The spans as a table: any order, chosen columns, a million rows. The cursor is the selection of the page.

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;

use super::statistics::focus_search;
use super::{About, Chip, ColumnChooser, Narrowing, ROW_PX};
use crate::base::text::{counted, grouped};
use crate::model::ids::{SpanId, TraceId};
use crate::platform::dom;
use crate::state::action::Action;
use crate::state::commands::CommandId;
use crate::state::table_texts;
use crate::state::tables::{self, SpansChoice, member_text};
use crate::state::view_state::{QueryMode, Screen};
use crate::ui::effect::effect;
use crate::ui::widgets::{Button, GridPlace, GridRow, Heading, LongGrid, ServiceTag};
use crate::view::scroll::Scroll;
use crate::view::timeline::Timeline;
use crate::wire::table::{SpanColumn, SpanRow, TableRequest};

/// Id of the grid.
const GRID_ID: &str = "spans-grid";

/// Most columns: as many as a link carries.
const MOST_COLUMNS: usize = 16;

/// The table of spans.
#[component]
pub fn SpansScreen(
    /// What it is about.
    about: About,
) -> impl IntoView {
    let About { services, store, handle } = about;
    let answers = services.tables;
    let choice = Memo::new(move |_| store.with(|s| s.spans.clone()));
    let arrange = move |change: &dyn Fn(&mut SpansChoice)| {
        let mut next = store.look(|s| s.spans.clone());
        change(&mut next);
        store.apply(Action::ArrangeSpans(next));
    };
    let subject = about.subject();
    let asked = Memo::new(move |_| choice.with(|c| (c.of.clone(), c.words.clone(), c.sort.clone())));
    effect(move || {
        if let Some((revision, subject)) = subject.get() {
            let (of, words, sort) = asked.get();
            // Within a trace its own search counts, which the subject says.
            let words = if handle.is_some() { String::new() } else { words };
            services.make_table(revision, TableRequest::Spans { subject, of, words, sort });
        }
    });
    about.save_csv("spans");

    let columns = Memo::new(move |_| choice.with(|c| c.columns.clone()));
    let attributes = Memo::new(move |_| -> Vec<String> {
        let key = |column: &SpanColumn| match column {
            SpanColumn::Attribute(key) => Some(key.clone()),
            _ => None,
        };
        columns.with(|columns| columns.iter().filter_map(key).collect())
    });
    let n_rows = Memo::new(move |_| answers.spans.with(|s| s.as_ref().map_or(0, |s| s.n_spans as usize)));
    let place = GridPlace::new(ROW_PX);
    let in_sight = Memo::new(move |_| place.scroll.with(Scroll::rows_in_sight));
    effect(move || {
        answers.spans.track();
        services.want_rows(in_sight.get(), &attributes.get());
    });

    let id_at = move |at: usize| {
        answers.with_row(at, |row| (SpanId::from_hex(&row.span_id), TraceId::from_hex(&row.trace_id)))
    };
    // The selection of the page is the row with the cursor, whoever chose it.
    let selected = Memo::new(move |_| {
        let (_, span) = (store.with(|s| s.span)?, handle?.follow(Timeline::selected).flatten()?);
        let trace = services.trace.with(|t| t.as_ref().map(|t| t.head.trace))?;
        Some((trace, span))
    });
    effect(move || {
        answers.spans.track();
        let Some((trace, span)) = selected.get() else { return };
        let is_there = |row: &SpanRow| row.trace == trace && row.span == span.0;
        let at = place.active.get_untracked();
        if at.and_then(|at| answers.with_row(at, is_there)) != Some(true) {
            services.locate_row(trace, span.0);
        }
    });
    effect(move || {
        let is_laid_out = place.is_laid_out();
        if let Some(at) = answers.place.get().filter(|_| is_laid_out) {
            answers.place.set(None);
            place.arrive(at as usize);
        }
    });
    let on_move = move |at: usize| {
        if let Some((span, _)) = id_at(at).filter(|_| handle.is_some()) {
            store.apply_in_place(Action::Select(span));
        }
    };
    let on_choose = move |at: usize| {
        let Some((span, trace)) = id_at(at) else { return };
        match trace.filter(|_| handle.is_none()) {
            Some(trace) => store.apply(Action::OpenTrace(trace)),
            None => store.apply(Action::ShowView(Screen::Timeline)),
        }
        store.apply_in_place(Action::Select(span));
    };

    let key = move |at: usize| {
        answers.arrivals.track();
        let shown = columns.with(Vec::len);
        let id = answers.with_row(at, |row| format!("{}/{} {}", row.trace, row.span, row.values.len()));
        format!("{} {shown} {:?}", id.unwrap_or_default(), about.earlier_ns())
    };
    let row = move |at: usize| {
        let earlier = about.earlier_ns();
        let cells =
            columns.with(|columns| answers.with_row(at, |row| cells_of(about, row, columns, earlier)));
        let cells = cells.unwrap_or_else(|| {
            let empty = |column: &SpanColumn| {
                view! { <div role="gridcell" data-number=column.is_number().then_some("")>"…"</div> }
                    .into_any()
            };
            columns.with(|columns| columns.iter().map(empty).collect::<Vec<_>>()).into_any()
        });
        GridRow { label: None, level: 0, is_open: None, cells }
    };
    let headings = Signal::derive(move || {
        columns.with(|columns| {
            columns.iter().map(|column| heading(column, handle.is_none())).collect::<Vec<_>>()
        })
    });
    let sort = Signal::derive(move || {
        let (column, is_descending) = choice.with(|c| c.sort.clone())?;
        Some((columns.with(|columns| columns.iter().position(|c| *c == column))?, is_descending))
    });
    let on_sort = move |at: usize| {
        if let Some(column) = columns.with_untracked(|c| c.get(at).cloned()) {
            // Texts from A, times from the longest, starts from the earliest.
            let is_number = column.is_number() && column != SpanColumn::Start;
            arrange(&move |c| c.sort = Some(tables::turned(c.sort.as_ref(), column.clone(), is_number)));
        }
    };

    let search = NodeRef::<html::Input>::new();
    services.commands.register(move |command| match command {
        CommandId::Find => focus_search(search),
        _ => false,
    });
    request_animation_frame(|| {
        dom::focus_id(GRID_ID);
    });
    let words = move || match handle {
        None => choice.with(|c| c.words.clone()),
        Some(_) => {
            store.with(|s| if s.query_mode == QueryMode::Filter { s.query.clone() } else { String::new() })
        }
    };
    let set_words = move |words: String| {
        if handle.is_none() {
            return arrange(&move |c| c.words.clone_from(&words));
        }
        let mode = if words.is_empty() { QueryMode::Mark } else { QueryMode::Filter };
        store.apply(Action::SetQueryMode(mode));
        store.apply(Action::SetQuery(words));
    };
    let on_key = move |event: KeyboardEvent| {
        if event.key() == "Escape" && !untrack(words).is_empty() {
            event.prevent_default();
            event.stop_propagation();
            set_words(String::new());
        }
    };
    let said = move || {
        let Some(facts) = answers.spans.get() else { return "Measuring…".to_owned() };
        let all = counted(facts.of_spans.into(), "span");
        if facts.n_spans == facts.of_spans {
            all
        } else {
            format!("{} of {all}", grouped(facts.n_spans.into()))
        }
    };
    let progress = move || match answers.progress.get() {
        Some((done, of)) if of > 1 => format!("Measuring trace {done} of {of}… "),
        _ => String::new(),
    };
    let groups = move || {
        let of = choice.with(|c| c.of.clone());
        let chip = |(at, member): (usize, crate::wire::table::Member)| {
            let on_remove = move |()| {
                arrange(&move |c| {
                    if at < c.of.len() {
                        c.of.remove(at);
                    }
                });
            };
            view! { <Chip text=member_text(&member) on_remove /> }
        };
        of.into_iter().enumerate().map(chip).collect_view()
    };
    let offered = Memo::new(move |_| {
        let mut all = SpanColumn::ALL.to_vec();
        all.extend(attributes.get().into_iter().map(SpanColumn::Attribute));
        all
    });
    let chooser = Signal::derive(move || {
        let shown = |c: SpanColumn| (c.heading().to_owned(), columns.with(|columns| columns.contains(&c)));
        offered.get().into_iter().map(shown).collect::<Vec<_>>()
    });
    let on_toggle = move |at: usize| {
        if let Some(column) = offered.with_untracked(|all| all.get(at).cloned()) {
            arrange(&move |c| {
                tables::toggle(&mut c.columns, &column, &SpanColumn::ALL);
                if c.columns.is_empty() {
                    c.columns.push(SpanColumn::Operation);
                }
            });
        }
    };
    let add = move |event: leptos::ev::Event| {
        let key = event_target_value(&event).trim().to_owned();
        let column = SpanColumn::Attribute(key.clone());
        if !key.is_empty() && columns.with_untracked(|c| c.len() < MOST_COLUMNS && !c.contains(&column)) {
            arrange(&move |c| c.columns.push(column.clone()));
        }
    };
    let keys = move || {
        let keys = answers.spans.with(|s| s.as_ref().map(|s| s.keys.clone())).unwrap_or_default();
        let shown = attributes.get();
        let option = |key: String| {
            let text = key.clone();
            view! { <option value=key>{text}</option> }
        };
        keys.into_iter().filter(|key| !shown.contains(key)).map(option).collect_view()
    };
    let nothing = move || answers.spans.with(|s| s.as_ref().is_some_and(|s| s.n_spans == 0));
    let export = move |()| {
        services.write_table(TableRequest::SpansCsv { columns: columns.get_untracked() });
    };
    let label =
        if handle.is_some() { "Filter by name, service, key=value" } else { "Filter by name or service" };
    view! {
        <section class="tables" aria-label="Spans">
            {handle.is_none().then(|| view! { <h1 class="visually-hidden">"Spans of all traces"</h1> })}
            <div class="toolbar" role="toolbar" aria-label="Spans">
                <input
                    type="search"
                    class="wide"
                    aria-label="Filter spans"
                    placeholder=label
                    spellcheck="false"
                    autocomplete="off"
                    node_ref=search
                    prop:value=words
                    on:input=move |event| set_words(event_target_value(&event))
                    on:keydown=on_key
                />
                {groups}
                <Narrowing about />
                <output role="status">{progress} {said}</output>
                <span class="spring"></span>
                <ColumnChooser columns=chooser on_toggle>
                    <label>
                        "Attribute "
                        <select aria-label="Add an attribute as a column" on:change=add>
                            <option value="">"Add…"</option>
                            {keys}
                        </select>
                    </label>
                </ColumnChooser>
                <Button label="Export CSV" on_press=export />
            </div>
            <LongGrid
                label="Table of spans"
                id=GRID_ID
                place
                headings
                n_rows
                key
                row
                sort
                on_sort
                on_choose
                on_move=Callback::new(on_move)
            >
                <Show when=nothing>
                    <p class="nothing">"No span fits. Take back what narrows the table, above, to see all of them."</p>
                </Show>
            </LongGrid>
        </section>
    }
}

fn heading(column: &SpanColumn, are_many: bool) -> Heading {
    let (least_px, grows) = match column {
        SpanColumn::Operation => (220, 4),
        SpanColumn::Service => (110, 1),
        SpanColumn::Start => (if are_many { 180 } else { 100 }, 0),
        SpanColumn::Duration | SpanColumn::SelfTime => (84, 0),
        SpanColumn::Critical => (96, 0),
        SpanColumn::Kind | SpanColumn::Status => (76, 0),
        SpanColumn::SpanId => (150, 0),
        SpanColumn::TraceId => (280, 0),
        SpanColumn::Attribute(_) => (130, 2),
    };
    let text = column.heading().to_owned();
    Heading { text: text.into(), is_number: column.is_number(), least_px, grows }
}

fn cells_of(about: About, row: &SpanRow, columns: &[SpanColumn], earlier: Option<i64>) -> AnyView {
    let mut values = row.values.iter();
    let has_service = columns.contains(&SpanColumn::Service);
    let cells: Vec<AnyView> = columns
        .iter()
        .map(|column| {
            let is_attribute = matches!(column, SpanColumn::Attribute(_));
            let value = if is_attribute { values.next().and_then(Option::as_ref) } else { None };
            let cell = table_texts::span(row, column, value, earlier);
            let is_name = *column == SpanColumn::Operation;
            // The sign stands where the service does, else before the name.
            let tag = (*column == SpanColumn::Service || is_name && !has_service).then(|| {
                let look = about.look(&row.service);
                view! { <ServiceTag service=row.service.clone() look with_name=false /> }
            });
            let failed = (is_name && row.is_error).then(|| {
                view! {
                    <span class="failed" title="error">
                        "!"
                        <span class="visually-hidden">" error"</span>
                    </span>
                }
            });
            let is_error = (*column == SpanColumn::Status && row.is_error).then_some("");
            let title = if cell.exact.is_empty() { cell.text.clone() } else { cell.exact };
            view! {
                <div role="gridcell" data-number=column.is_number().then_some("") data-error=is_error title=title>
                    {failed} {tag} <span class="text">{cell.text}</span>
                </div>
            }
            .into_any()
        })
        .collect();
    cells.into_any()
}
