//! The critical paths of all loaded traces together: what they spend their time on, and how slow ones differ.
//!
//! Traces with the same root operation form a group. Everything comes ready-made from the engine; here it is
//! put into tables and a heat map.

pub mod heat_map;
mod table;

use leptos::prelude::*;

use crate::base::text::counted;
use crate::model::ids::TraceId;
use crate::model::index::TraceIdx;
use crate::model::time::DurationNanos;
use crate::ui::analyses::Stage;
use crate::ui::effect::effect;
use crate::ui::findings::finding_card::snippets;
use crate::ui::notices::Notices;
use crate::ui::scope::in_view;
use crate::ui::services::Services;
use crate::ui::store::Store;
use crate::ui::widgets::{Button, DataTable, Look};
use crate::view::format;
use crate::view::theme::Theme;
use crate::wire::aggregate::AggregateGroup;
use crate::wire::analysis::FindingMessage;
use heat_map::HeatMapPicture;
use table::{Kind, Table};

/// All traces together.
#[component]
pub fn TogetherScreen(
    /// The engine.
    services: Services,
    /// The state.
    store: Store,
    /// Colours.
    #[prop(into)]
    theme: Signal<&'static Theme>,
    /// A trace was chosen.
    #[prop(into)]
    on_open: Callback<TraceId>,
) -> impl IntoView {
    let analyses = services.analyses;
    // Asked for when the screen is first seen, and again when another list has come or it is narrowed otherwise.
    let wanted = Memo::new(move |_| in_view(services, store, None));
    effect(move || {
        let Some((revision, scope)) = wanted.get() else { return };
        let is_there = analyses.aggregate.with_untracked(Option::is_some);
        if !is_there || analyses.aggregate_of.with_value(|of| of.as_ref() != Some(&scope)) {
            services.ask_aggregate(revision, scope);
        }
    });
    let chosen = RwSignal::new(0_usize);
    let kind = RwSignal::new(Kind::Paths);
    let group = Memo::new(move |_| {
        let groups = analyses.aggregate.get()?;
        groups.get(chosen.get()).or_else(|| groups.first()).cloned()
    });
    let table = Memo::new(move |_| {
        let id_of = |trace: u32| trace_id(services, trace).map(|id| id.to_string()).unwrap_or_default();
        group.with(|g| g.as_ref().map(|g| Table::new(g, kind.get(), &id_of))).unwrap_or_default()
    });
    let order = RwSignal::new(None::<(usize, bool)>);
    effect(move || {
        kind.track();
        chosen.track();
        order.set(None);
    });
    let sorted = Memo::new(move |_| table.with(|t| t.sorted(order.get())));
    let open = move |trace: u32| {
        if let Some(id) = trace_id(services, trace) {
            on_open.run(id);
        }
    };
    let on_choose = move |at: usize| {
        let row = sorted.with_untracked(|rows| rows.get(at).copied());
        if let Some(trace) = row.and_then(|row| table.with_untracked(|t| t.trace(row))) {
            open(trace);
        }
    };
    let on_sort = move |at: usize| {
        order.update(|order| {
            let turned = order.filter(|o| o.0 == at).map(|o| !o.1);
            *order = Some((at, turned.unwrap_or(at > 0)));
        });
    };
    let row = move |at: usize| {
        let row = sorted.with(|rows| rows.get(at).copied());
        row.map(|row| table.with(|t| t.row(row))).unwrap_or_default()
    };
    let waiting = move || match analyses.aggregate_stage.get() {
        Stage::Failed(reason) => format!("The traces could not be analysed: {reason}"),
        Stage::Running { done, of, .. } => format!("Analysing trace {done} of {of}…"),
        Stage::Idle => "Waiting for all traces…".to_owned(),
        Stage::Done => "There is no trace with a root that takes time.".to_owned(),
    };
    let is_running = move || matches!(analyses.aggregate_stage.get(), Stage::Running { .. });
    let choice = move |(which, word): (Kind, &'static str)| {
        let count = move || group.with(|g| g.as_ref().map_or(0, |g| which.len(g)));
        view! {
            <Show when=move || count() != 0>
                <Button
                    label=word
                    look=Look::Plain
                    pressed=Signal::derive(move || kind.get() == which)
                    on_press=move |()| kind.set(which)
                />
            </Show>
        }
    };
    view! {
        <section class="together" aria-label="Critical paths of all traces">
            <h1 class="visually-hidden">"Critical paths together"</h1>
            {move || match group.get() {
                None => {
                    view! {
                        <p class="muted" role="status">{waiting}</p>
                        <Show when=is_running>
                            <Button label="Cancel" on_press=move |()| services.cancel_aggregate() />
                        </Show>
                    }
                        .into_any()
                }
                Some(group) => {
                    view! {
                        <div class="overview">
                            <Groups services chosen />
                            <p class="summary">{summary(&group)}</p>
                            {group.findings.iter().map(|f| finding(f, services.notices)).collect_view()}
                            <HeatMapPicture group theme on_trace=open />
                        </div>
                    }
                        .into_any()
                }
            }}
            <Show when=move || group.with(Option::is_some)>
                <div class="choices" role="group" aria-label="Table">
                    {Kind::ALL.map(choice).collect_view()}
                </div>
                <p class="muted explanation">{move || kind.get().explanation()}</p>
                <DataTable
                    label="Critical paths together"
                    id="together-table"
                    columns=Signal::derive(move || kind.get().columns())
                    n_rows=Signal::derive(move || sorted.with(Vec::len))
                    row
                    sort=order
                    on_sort
                    on_choose
                />
            </Show>
        </section>
    }
}

/// The choice among the groups, where there are several.
#[component]
fn Groups(services: Services, chosen: RwSignal<usize>) -> impl IntoView {
    let option = move |(at, group): (usize, &AggregateGroup)| {
        let label =
            format!("{} {}, {}", group.service, group.name, counted(group.traces.len() as u64, "trace"));
        view! {
            <option value=at.to_string() selected=move || chosen.get() == at>
                {label}
            </option>
        }
    };
    let groups = services.analyses.aggregate.get_untracked();
    groups.filter(|groups| groups.len() > 1).map(|groups| {
        view! {
            <label class="groups">
                "Endpoint "
                <select on:change=move |event| {
                    chosen.set(event_target_value(&event).parse().unwrap_or_default());
                }>{groups.iter().enumerate().map(option).collect_view()}</select>
            </label>
        }
    })
}

/// `12 traces of GET /order, median 35.6 ms, 95 % within 412 ms. 61 % of their time is …`
fn summary(group: &AggregateGroup) -> String {
    let n = group.traces.len() as u64;
    let median = format::duration(DurationNanos(group.p50_ns));
    let mut text = format!("{} of {}, median {median}", counted(n, "trace"), group.name);
    if n >= 20 {
        let within = format::duration(DurationNanos(group.p95_ns));
        text.extend([", 95 % within ", within.as_str()]);
    }
    if let Some(most) = group.operations.first() {
        let share = format::percent(i64::from(most.share_permille), 1000);
        text.extend([
            "; ",
            share.as_str(),
            " of their time is ",
            most.service.as_str(),
            " ",
            most.name.as_str(),
        ]);
    }
    text + "."
}

/// What is found and what to do; where there is something to be copied, that and what it means on demand.
fn finding(finding: &FindingMessage, notices: Notices) -> AnyView {
    if finding.snippets.is_empty() {
        return view! {
            <p class="finding" data-severity=finding.severity.word()>
                <strong>{finding.title.clone()}</strong>
                " "
                {finding.advice.clone()}
            </p>
        }
        .into_any();
    }
    let texts = snippets(finding, notices);
    view! {
        <details class="finding" data-severity=finding.severity.word()>
            <summary>
                <strong>{finding.title.clone()}</strong>
            </summary>
            <p>{finding.meaning.clone()}</p>
            <p>{finding.advice.clone()}</p>
            {texts}
        </details>
    }
    .into_any()
}

fn trace_id(services: Services, trace: u32) -> Option<TraceId> {
    services.index.with_untracked(|index| index.as_ref()?.list.id.get(TraceIdx(trace).at()).copied())
}
