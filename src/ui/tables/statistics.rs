//! Statistics: how often, how long and how often in vain, by operation, service or any attribute.

use std::collections::BTreeSet;

use leptos::ev::{KeyboardEvent, MouseEvent};
use leptos::html;
use leptos::prelude::*;

use super::{About, ColumnChooser, Narrowing, ROW_PX};
use crate::base::text::counted;
use crate::platform::dom;
use crate::state::action::Action;
use crate::state::commands::CommandId;
use crate::state::table_texts;
use crate::state::tables::{self, StatisticsChoice, group_word, label, members, read_group, shown_rows};
use crate::ui::effect::effect;
use crate::ui::widgets::{Button, GridPlace, GridRow, Heading, Icon, LongGrid, ServiceTag, Symbol};
use crate::wire::table::{GroupBy, NO_ROW, StatColumn, TableRequest};

/// Id of the grid.
const GRID_ID: &str = "statistics-grid";

/// The statistics.
#[component]
pub fn StatisticsScreen(
    /// What they are about.
    about: About,
) -> impl IntoView {
    let About { services, store, handle } = about;
    let answers = services.tables;
    let choice = Memo::new(move |_| store.with(|s| s.statistics.clone()));
    let arrange = move |change: &dyn Fn(&mut StatisticsChoice)| {
        let mut next = store.look(|s| s.statistics.clone());
        change(&mut next);
        store.apply(Action::ArrangeStatistics(next));
    };
    let by = Memo::new(move |_| choice.with(|c| c.by.clone()));
    let subject = about.subject();
    effect(move || {
        if let Some((revision, subject)) = subject.get() {
            services.make_table(revision, TableRequest::Statistics { subject, by: by.get() });
        }
    });
    about.save_csv("statistics");

    let open = RwSignal::new(BTreeSet::<u32>::new());
    effect(move || {
        // Numbers of rows are others in other statistics.
        answers.statistics.track();
        open.set(BTreeSet::new());
    });
    let shown = Memo::new(move |_| {
        let (sort, words) = choice.with(|c| (c.sort, c.words.clone()));
        let found = answers.statistics.get();
        found.map(|found| open.with(|open| shown_rows(&found.rows, sort, &words, open))).unwrap_or_default()
    });
    let columns = Memo::new(move |_| {
        // One trace has no rate, and what was loaded of many is a sample.
        let are_many = answers.statistics.with(|s| s.as_ref().is_some_and(|s| s.facts.n_traces > 1));
        let is_shown = |column: &StatColumn| *column != StatColumn::Rate || are_many;
        let chosen = choice.with(|c| c.columns.clone());
        std::iter::once(StatColumn::Group).chain(chosen.into_iter().filter(is_shown)).collect::<Vec<_>>()
    });
    let has_levels = Memo::new(move |_| by.with(|by| by.len() > 1));
    let row_at = move |at: usize| shown.with(|shown| shown.get(at).copied());
    let is_foldable = move |row: u32| {
        has_levels.get()
            && answers
                .statistics
                .with(|s| s.as_ref().is_some_and(|s| s.rows.above.get(row as usize) == Some(&NO_ROW)))
    };
    let fold = move |row: u32, wanted: Option<bool>| {
        open.update(|open| {
            if wanted.unwrap_or(!open.contains(&row)) {
                open.insert(row);
            } else {
                open.remove(&row);
            }
        });
    };
    let show_spans = move |at: usize| {
        let of = untrack(|| {
            let row = row_at(at)? as usize;
            answers.statistics.with(|s| Some(members(&s.as_ref()?.rows, &by.get(), row)))
        });
        if let Some(of) = of {
            store.apply(Action::ShowSpansOf(of));
        }
    };
    let key = move |at: usize| {
        let row = row_at(at).unwrap_or(NO_ROW);
        // Statistics that came anew are other ones, though their rows have the same numbers.
        let made = answers.statistics.with(|s| s.as_ref().map(|s| std::ptr::from_ref(&**s).addr()));
        let is_open = open.with(|open| open.contains(&row));
        format!("{row} {made:?} {is_open} {:?}", columns.get())
    };
    let row = move |at: usize| {
        let cells = answers.statistics.with(|s| {
            let (found, row) = (s.as_ref()?, row_at(at)?);
            let (rows, number) = (&found.rows, row as usize);
            let is_inner = rows.above.get(number) != Some(&NO_ROW);
            let is_open = is_foldable(row).then(|| open.with(|open| open.contains(&row)));
            let whole: i64 =
                rows.times[2].iter().zip(&rows.above).filter(|(_, a)| **a == NO_ROW).map(|(t, _)| *t).sum();
            let share = rows.times[2].get(number).copied().unwrap_or_default();
            let share = i128::from(share) * 1000 / i128::from(whole.max(1));
            let level = usize::from(is_inner);
            let group = by.with(|by| by.get(level).cloned()).unwrap_or(GroupBy::Operation);
            let name = label(rows, number).to_owned();
            let service = match group {
                GroupBy::Operation => rows.service.get(number).cloned(),
                GroupBy::Service => rows.label.get(number).cloned(),
                GroupBy::Attribute(_) => None,
            };
            let note = match group {
                GroupBy::Operation => {
                    let kind = rows.kind.get(number).cloned().unwrap_or_default();
                    [service.clone().unwrap_or_default(), kind]
                        .into_iter()
                        .filter(|t| !t.is_empty())
                        .collect()
                }
                _ => Vec::new(),
            };
            let count = rows.count.get(number).copied().unwrap_or_default();
            let facts = GroupFacts {
                title: name.clone(),
                name: if group == GroupBy::Service && name == "(empty)" {
                    "(no service)".into()
                } else {
                    name
                },
                note: note.join(" · "),
                service,
                is_inner,
                is_open,
                count,
                share: share.clamp(0, 1000) as u32,
            };
            let numbers = columns.with(|columns| {
                let cell = |&column: &StatColumn| {
                    (column, table_texts::statistic(rows, number, column, found.facts.window_ns))
                };
                columns.iter().skip(1).map(cell).collect::<Vec<_>>()
            });
            Some((row, facts, numbers))
        });
        let Some((row, facts, numbers)) = cells else {
            return GridRow { label: None, level: 0, is_open: None, cells: ().into_any() };
        };
        let level = if has_levels.get() { 1 + u32::from(facts.is_inner) } else { 0 };
        let is_open = facts.is_open;
        let cells = cells_of(about, facts, numbers, move || fold(row, None), move || show_spans(at));
        GridRow { label: None, level, is_open, cells }
    };
    let headings = Signal::derive(move || {
        let first = by.with(|by| by.iter().map(by_text).collect::<Vec<_>>().join(" › "));
        let heading = |column: &StatColumn| match column {
            StatColumn::Group => {
                Heading { text: first.clone().into(), is_number: false, least_px: 200, grows: 1 }
            }
            StatColumn::Count => width(*column, 60),
            StatColumn::P95 | StatColumn::P99 => width(*column, 96),
            StatColumn::Errors => width(*column, 78),
            StatColumn::Critical | StatColumn::Rate => width(*column, 88),
            column => width(*column, 70),
        };
        columns.with(|columns| columns.iter().map(heading).collect::<Vec<_>>())
    });
    let sort = Signal::derive(move || {
        let (column, is_descending) = choice.with(|c| c.sort)?;
        Some((columns.with(|columns| columns.iter().position(|c| *c == column))?, is_descending))
    });
    let on_sort = move |at: usize| {
        if let Some(column) = columns.with_untracked(|c| c.get(at).copied()) {
            let is_number = column != StatColumn::Group;
            arrange(&move |c| c.sort = Some(tables::turned(c.sort.as_ref(), column, is_number)));
        }
    };
    let place = GridPlace::new(ROW_PX);
    let search = NodeRef::<html::Input>::new();
    services.commands.register(move |command| match command {
        CommandId::Find => focus_search(search),
        _ => false,
    });
    request_animation_frame(|| {
        dom::focus_id(GRID_ID);
    });
    let said = move || {
        let Some(found) = answers.statistics.get() else { return String::new() };
        let n_groups = found.rows.above.iter().filter(|&&above| above == NO_ROW).count() as u64;
        let mut text =
            format!("{} of {}", counted(n_groups, "group"), counted(found.facts.n_spans.into(), "span"));
        if handle.is_none() {
            text.extend([" in ", counted(found.facts.n_traces.into(), "trace").as_str()]);
        }
        if found.facts.n_left_out > 0 {
            let left_out = counted(found.facts.n_left_out.into(), "smaller group");
            text.extend(["; ", left_out.as_str(), " left out"]);
        }
        text
    };
    let progress = move || match answers.progress.get() {
        Some((done, of)) if of > 1 => format!("Measuring trace {done} of {of}…"),
        Some(_) if answers.statistics.with(Option::is_none) => "Adding up…".to_owned(),
        _ => String::new(),
    };
    let keys = Memo::new(move |_| {
        answers.statistics.with(|s| s.as_ref().map(|s| s.facts.keys.clone())).unwrap_or_default()
    });
    let regroup = move |level: usize, word: String| {
        let group = read_group(&word);
        arrange(&move |c| {
            c.by.truncate(level);
            c.by.extend(group.clone());
            if c.by.is_empty() {
                c.by.push(GroupBy::Operation);
            }
        });
    };
    let export = move |()| {
        let rows = untrack(|| {
            let (sort, words) = choice.with(|c| (c.sort, c.words.clone()));
            // All levels, whatever is open.
            answers.statistics.with(|s| {
                s.as_ref().map(|s| {
                    let all = (0..s.rows.len() as u32).collect();
                    shown_rows(&s.rows, sort, &words, &all)
                })
            })
        });
        let columns = columns.get_untracked();
        services.write_table(TableRequest::StatisticsCsv { rows: rows.unwrap_or_default(), columns });
    };
    let all_columns: Vec<StatColumn> =
        StatColumn::ALL.into_iter().skip(1).filter(|c| *c != StatColumn::Rate || handle.is_none()).collect();
    let all_columns = StoredValue::new(all_columns);
    let chooser = Signal::derive(move || {
        let chosen = choice.with(|c| c.columns.clone());
        all_columns.with_value(|all| {
            all.iter().map(|c| (c.heading().to_owned(), chosen.contains(c))).collect::<Vec<_>>()
        })
    });
    let on_toggle = move |at: usize| {
        if let Some(column) = all_columns.with_value(|all| all.get(at).copied()) {
            arrange(&move |c| tables::toggle(&mut c.columns, &column, &StatColumn::ALL));
        }
    };
    let on_key = move |event: KeyboardEvent| {
        if event.key() == "Escape" && choice.with_untracked(|c| !c.words.is_empty()) {
            event.prevent_default();
            event.stop_propagation();
            arrange(&|c| c.words.clear());
        }
    };
    let nothing = move || answers.statistics.with(Option::is_some) && shown.with(Vec::is_empty);
    let has_rates = move || columns.with(|columns| columns.contains(&StatColumn::Rate));
    view! {
        <section class="tables" aria-label="Statistics">
            {handle.is_none().then(|| view! { <h1 class="visually-hidden">"Statistics of all traces"</h1> })}
            <div class="toolbar" role="toolbar" aria-label="Statistics">
                <GroupChoice
                    label="Group by"
                    keys
                    chosen=Signal::derive(move || by.with(|by| by.first().cloned()))
                    other=Signal::derive(|| None)
                    on_choose=move |word| regroup(0, word)
                />
                <GroupChoice
                    label="then by"
                    is_optional=true
                    keys
                    chosen=Signal::derive(move || by.with(|by| by.get(1).cloned()))
                    other=Signal::derive(move || by.with(|by| by.first().cloned()))
                    on_choose=move |word| regroup(1, word)
                />
                <input
                    type="search"
                    aria-label="Filter groups"
                    placeholder="Filter groups"
                    spellcheck="false"
                    autocomplete="off"
                    node_ref=search
                    prop:value=move || choice.with(|c| c.words.clone())
                    on:input=move |event| {
                        let words = event_target_value(&event);
                        arrange(&move |c| c.words.clone_from(&words));
                    }
                    on:keydown=on_key
                />
                <Narrowing about />
                <output role="status">{progress} {said}</output>
                <span class="spring"></span>
                <ColumnChooser columns=chooser on_toggle />
                <Button label="Export CSV" on_press=export />
            </div>
            <LongGrid
                label="Statistics"
                id=GRID_ID
                place
                headings
                n_rows=Signal::derive(move || shown.with(Vec::len))
                key
                row
                sort
                on_sort
                on_choose=show_spans
                on_move=Callback::new(|_| ())
                on_open=Callback::new(move |(at, wanted): (usize, bool)| {
                    if let Some(row) = untrack(|| row_at(at).filter(|row| is_foldable(*row))) {
                        fold(row, Some(wanted));
                    }
                })
            >
                <Show when=nothing>
                    <p class="nothing">"No group fits. Clear the filter to see all of them."</p>
                </Show>
            </LongGrid>
            <Show when=has_rates>
                <p class="muted foot">
                    "* Spans per second of the loaded sample, from its first start to its last end; what was not loaded is not counted."
                </p>
            </Show>
        </section>
    }
}

/// What the first cell of a row shows.
struct GroupFacts {
    name: String,
    title: String,
    note: String,
    service: Option<String>,
    is_inner: bool,
    is_open: Option<bool>,
    count: u32,
    /// Of the critical path, in thousandths.
    share: u32,
}

fn cells_of(
    about: About,
    facts: GroupFacts,
    numbers: Vec<(StatColumn, table_texts::Cell)>,
    fold: impl Fn() + 'static,
    show_spans: impl Fn() + 'static,
) -> AnyView {
    let tag = facts.service.map(|service| {
        let look = about.look(&service);
        view! { <ServiceTag service look with_name=false /> }
    });
    let fold = facts.is_open.map(|is_open| {
        view! {
            <button
                class="fold"
                tabindex="-1"
                aria-label=if is_open { "Close" } else { "Open" }
                on:click=move |event: MouseEvent| {
                    event.stop_propagation();
                    fold();
                }
            >
                <Icon symbol=Signal::stored(if is_open { Symbol::Down } else { Symbol::Chevron }) />
            </button>
        }
    });
    let share = format!("{:.1}%", f64::from(facts.share) / 10.0);
    let hint = format!("Show {}", counted(facts.count.into(), "span"));
    let mut show_spans = Some(show_spans);
    let numbers: Vec<AnyView> = numbers
        .into_iter()
        .map(|(column, cell)| {
            let is_error = (column == StatColumn::Errors && !cell.text.is_empty()).then_some("");
            let bar = (column == StatColumn::Critical)
                .then(|| view! { <span class="bar" style:width=share.clone() aria-hidden="true"></span> });
            let title = if cell.exact.is_empty() { cell.text.clone() } else { cell.exact };
            let note = (!cell.note.is_empty()).then(|| view! { <span class="note">{cell.note}</span> });
            let text = match show_spans.take_if(|_| column == StatColumn::Count) {
                Some(show_spans) => view! {
                    <button
                        class="count"
                        tabindex="-1"
                        title=hint.clone()
                        on:click=move |event: MouseEvent| {
                            event.stop_propagation();
                            show_spans();
                        }
                    >
                        {cell.text}
                    </button>
                }
                .into_any(),
                None => view! { <span class="text">{cell.text}</span> }.into_any(),
            };
            view! {
                <div role="gridcell" data-number="" data-error=is_error title=title>
                    {note} {text} {bar}
                </div>
            }
            .into_any()
        })
        .collect();
    view! {
        <div role="gridcell" class="main" data-inner=facts.is_inner.then_some("")>
            {fold} {tag} <span class="text" title=facts.title>{facts.name}</span>
            <span class="note">{facts.note}</span>
        </div>
        {numbers}
    }
    .into_any()
}

/// A choice of what to group by.
#[component]
fn GroupChoice(
    /// What it is called.
    label: &'static str,
    /// Whether it may be nothing.
    #[prop(optional)]
    is_optional: bool,
    /// Keys of attributes.
    keys: Memo<Vec<String>>,
    /// What is chosen.
    chosen: Signal<Option<GroupBy>>,
    /// What is chosen elsewhere, and not offered.
    other: Signal<Option<GroupBy>>,
    /// The word of another one was chosen; empty for none.
    #[prop(into)]
    on_choose: Callback<String>,
) -> impl IntoView {
    let options = move || {
        let chosen = chosen.get();
        let mut all = vec![GroupBy::Operation, GroupBy::Service];
        all.extend(keys.get().into_iter().map(GroupBy::Attribute));
        // A link may say a key that only few spans have.
        if let Some(chosen) = chosen.as_ref().filter(|chosen| !all.contains(chosen)) {
            all.push(chosen.clone());
        }
        all.retain(|by| Some(by) != other.get().as_ref());
        let option = |by: GroupBy| {
            let is_chosen = chosen.as_ref() == Some(&by);
            view! { <option value=group_word(&by) selected=is_chosen>{by_text(&by)}</option> }
        };
        all.into_iter().map(option).collect_view()
    };
    let nothing = move || {
        is_optional
            .then(|| view! { <option value="" selected=chosen.with(Option::is_none)>"nothing"</option> })
    };
    view! {
        <label>
            {label} " "
            <select on:change=move |event| on_choose.run(event_target_value(&event))>
                {nothing} {options}
            </select>
        </label>
    }
}

fn by_text(by: &GroupBy) -> String {
    match by {
        GroupBy::Operation => "Operation".to_owned(),
        GroupBy::Service => "Service".to_owned(),
        GroupBy::Attribute(key) => key.clone(),
    }
}

fn width(column: StatColumn, least_px: u32) -> Heading {
    Heading { text: column.heading().into(), is_number: true, least_px, grows: 0 }
}

/// Brings the focus into a search field; says whether there is one.
pub(super) fn focus_search(search: NodeRef<html::Input>) -> bool {
    let Some(input) = search.get_untracked() else { return false };
    drop(input.focus());
    input.select();
    true
}
