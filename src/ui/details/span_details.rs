//! Everything about the selected span: what the page knows at once, and what the engine adds.

use leptos::prelude::*;

use super::attribute_table::{AttributeTable, matching};
use super::event_list::EventList;
use super::link_list::{BackLinkList, LinkList};
use super::similar_spans::SimilarSpans;
use crate::base::text::{counted, grouped};
use crate::model::index::SpanIdx;
use crate::ui::services::OpenTrace;
use crate::ui::shared::Shared;
use crate::ui::widgets::{Button, Icon, Look, ServiceTag, Symbol};
use crate::view::details::{Fact, raw_times, span_facts};
use crate::view::similar::similar;
use crate::view::treegrid::shown_name;
use crate::wire::details::{Attribute, EVENTS, SpanDetails, SpanRef};

/// What the panel asks the page to do.
#[derive(Clone, Copy, Debug)]
pub struct DetailsActions {
    /// Go to another span.
    pub on_span: Callback<SpanRef>,
    /// Go to the parent of the selected span.
    pub on_parent: Callback<()>,
    /// Show the events from this one on.
    pub on_events: Callback<u32>,
    /// Copy a value.
    pub on_copy: Callback<String>,
    /// Copy a filter, and look for the spans that pass it.
    pub on_filter: Callback<String>,
    /// Show the attribute with this key in every row of the timeline.
    pub on_column: Callback<String>,
    /// Copy the span as JSON.
    pub on_copy_span: Callback<()>,
    /// Copy a link to the span.
    pub on_copy_link: Callback<()>,
}

/// The panel.
#[component]
pub fn SpanDetailsPanel(
    /// The open trace.
    #[prop(into)]
    trace: Signal<Option<Shared<OpenTrace>>>,
    /// The selected span.
    #[prop(into)]
    span: Signal<Option<SpanIdx>>,
    /// What the engine says about it; none until it has answered.
    #[prop(into)]
    details: Signal<Option<Shared<SpanDetails>>>,
    /// Its part in the request, as far as that is known.
    #[prop(into)]
    part: Signal<Vec<Fact>>,
    /// What the panel asks the page to do.
    actions: DetailsActions,
) -> impl IntoView {
    let filter = RwSignal::new(String::new());
    let selected = Memo::new(move |_| trace.get().zip(span.get()));
    // An answer about the span before would be a lie for a moment.
    let answer = Memo::new(move |_| {
        let span = span.get()?;
        details.get().filter(|d| d.this.span == span.0)
    });
    let body = move || match selected.get() {
        None => view! { <p class="nothing">"Select a span to see its attributes, events and links."</p> }
            .into_any(),
        Some((trace, span)) => view! {
            <SpanHead trace=trace.clone() span actions />
            <SpanFacts trace=trace.clone() span answer part actions />
            {move || {
                let details = answer.get().filter(|d| !d.placeholder)?;
                Some(view! { <Sections details filter actions /> })
            }}
            {similar(&trace.trace, span)
                .map(|similar| {
                    view! {
                        <Section title="Spans like this" count=None>
                            <SimilarSpans similar />
                        </Section>
                    }
                })}
        }
        .into_any(),
    };
    view! {
        <section class="span-details" aria-label="Span details">
            {body}
        </section>
    }
}

/// Service, operation, and what can be done with the span.
#[component]
fn SpanHead(trace: Shared<OpenTrace>, span: SpanIdx, actions: DetailsActions) -> impl IntoView {
    let service = trace.trace.service(span);
    let name = trace.trace.service_name(service).to_owned();
    let look = trace.looks.slot(service);
    let is_error = trace.trace.is_error(span);
    view! {
        <header class="head">
            <div class="title">
                <ServiceTag service=name look with_name=true />
                <h2>
                    {is_error
                        .then(|| {
                            view! {
                                <Icon symbol=Symbol::Error />
                                <span class="visually-hidden">"Error: "</span>
                            }
                        })}
                    {shown_name(&trace.trace, span)}
                </h2>
            </div>
            <div class="tools">
                <Button
                    label="Copy span as JSON"
                    symbol=Symbol::Copy
                    look=Look::Icon
                    on_press=actions.on_copy_span
                />
                <Button
                    label="Copy link to this span"
                    symbol=Symbol::Link
                    look=Look::Icon
                    on_press=actions.on_copy_link
                />
            </div>
        </header>
    }
}

/// Times and shares, which the page knows; status, ids and origin, which the engine adds.
#[component]
fn SpanFacts(
    trace: Shared<OpenTrace>,
    span: SpanIdx,
    answer: Memo<Option<Shared<SpanDetails>>>,
    part: Signal<Vec<Fact>>,
    actions: DetailsActions,
) -> impl IntoView {
    let row = |fact: Fact| {
        let title = (!fact.exact.is_empty()).then_some(fact.exact);
        view! {
            <dt>{fact.label}</dt>
            <dd title=title>{fact.value}</dd>
        }
    };
    let facts = span_facts(&trace.trace, span).into_iter().map(row).collect_view();
    let status = trace.trace.status(span).word();
    let is_placeholder = trace.trace.is_placeholder(span);
    let message = move || answer.with(|a| a.as_ref().map(|a| a.status_message.clone())).unwrap_or_default();
    let id = trace.trace.span_id(span).to_string();
    let parent = trace.trace.parent(span).map(|parent| shown_name(&trace.trace, parent));
    let source = move || answer.with(|a| a.as_ref().map(|a| a.source.clone())).unwrap_or_default();
    view! {
        <dl class="facts">
            {facts}
            {(!is_placeholder).then_some(move || part.get().into_iter().map(row).collect_view())}
            {(!is_placeholder)
                .then(|| {
                    view! {
                        <dt>"Status"</dt>
                        <dd data-status=status>
                            {status}
                            <span class="message">{message}</span>
                        </dd>
                    }
                })}
            {parent
                .map(|name| {
                    view! {
                        <dt>"Parent"</dt>
                        <dd>
                            <Button label=name look=Look::Link on_press=actions.on_parent />
                        </dd>
                    }
                })}
            <dt>"Span id"</dt>
            <dd class="id">
                <code>{id.clone()}</code>
                <Button
                    label="Copy span id"
                    symbol=Symbol::Copy
                    look=Look::Icon
                    on_press=move |()| actions.on_copy.run(id.clone())
                />
            </dd>
            <dt>"Source"</dt>
            <dd class="source">{source}</dd>
        </dl>
    }
}

/// Warnings, attributes, resource, scope, events, links.
#[component]
fn Sections(
    details: Shared<SpanDetails>,
    filter: RwSignal<String>,
    actions: DetailsActions,
) -> impl IntoView {
    let on_copy = actions.on_copy;
    let on_filter = actions.on_filter;
    let on_column = actions.on_column;
    let on_span = actions.on_span;
    let [lost_attributes, lost_events, lost_links] = details.dropped;
    let scope_title = match (details.scope.name.as_str(), details.scope.version.as_str()) {
        ("", _) => "Scope".to_owned(),
        (name, "") => format!("Scope {name}"),
        (name, version) => format!("Scope {name} {version}"),
    };
    let of = StoredValue::new(details.clone());
    let attributes = move || of.with_value(|d| matching(&d.attributes, &filter.get()));
    let resource = move || of.with_value(|d| matching(&d.resource.attributes, &filter.get()));
    let scope = move || of.with_value(|d| matching(&d.scope.attributes, &filter.get()));
    let table = move |label: &'static str, rows: Vec<Attribute>, dropped: u32| {
        let none = rows.is_empty() && dropped == 0;
        let empty = if filter.with(String::is_empty) { "None" } else { "None with these words" };
        view! {
            {none.then(|| view! { <p class="muted">{empty}</p> })}
            <AttributeTable label attributes=rows dropped on_copy on_filter on_column />
        }
    };
    let warnings = warning_texts(&details);
    // Each part is rendered once; the clones are of one page of events at most.
    let all_events = StoredValue::new(details.events.clone());
    let all_links = StoredValue::new(details.links.clone());
    let all_back = StoredValue::new(details.back_links.clone());
    let [n_shown_links, n_shown_back] = [details.links.len(), details.back_links.len()];
    let (first, n_events) = (details.first_event, details.n_events);
    let n_shown_events = details.events.len() as u32;
    let [events, links, back] = [details.n_events, details.n_links, details.n_back_links];
    let (lost_resource, lost_scope) = (details.resource.dropped_attributes, details.scope.dropped_attributes);
    let n_scope = details.scope.attributes.len() as u32;
    let n_resource = details.resource.attributes.len() as u32;
    let (has_scope, trace_state) =
        (!details.scope.name.is_empty() || !details.scope.attributes.is_empty(), details.trace_state.clone());
    // What went wrong comes first; ordinary events come after what the span is.
    let exceptions_first = has_exception(&details);
    let event_section = move || {
        view! {
            <Section title="Events" count=Some(events)>
                <EventList events=all_events.get_value() on_copy />
                <Pages first last=first + n_shown_events n_events on_events=actions.on_events />
                {lost("event", lost_events)}
            </Section>
        }
    };
    view! {
        <ul class="warnings">
            {warnings
                .into_iter()
                .map(|text| view! { <li><Icon symbol=Symbol::Warning /><span>{text}</span></li> })
                .collect_view()}
        </ul>
        <div class="filter">
            <Icon symbol=Symbol::Search />
            <input
                type="search"
                aria-label="Search attributes"
                placeholder="Search attributes"
                prop:value=filter
                on:input=move |event| filter.set(event_target_value(&event))
            />
        </div>
        {exceptions_first.then(event_section)}
        <Section title="Attributes" count=Some(details.attributes.len() as u32)>
            {move || table("Attributes", attributes(), lost_attributes)}
        </Section>
        {(!exceptions_first && (events > 0 || lost_events > 0)).then(event_section)}
        {(links > 0 || lost_links > 0)
            .then(|| {
                view! {
                    <Section title="Links" count=Some(links)>
                        <LinkList links=all_links.get_value() on_span on_copy />
                        {cut("link", links, n_shown_links)}
                        {lost("link", lost_links)}
                    </Section>
                }
            })}
        {(back > 0)
            .then(|| {
                view! {
                    <Section title="Linked from" count=Some(back)>
                        <BackLinkList spans=all_back.get_value() on_span />
                        {cut("span", back, n_shown_back)}
                    </Section>
                }
            })}
        {(n_resource > 0 || lost_resource > 0)
            .then(|| {
                view! {
                    <Section title="Resource" count=Some(n_resource)>
                        {move || table("Resource attributes", resource(), lost_resource)}
                    </Section>
                }
            })}
        {has_scope
            .then(|| {
                view! {
                    <Section title=scope_title count=Some(n_scope)>
                        {move || table("Scope attributes", scope(), lost_scope)}
                    </Section>
                }
            })}
        {(!trace_state.is_empty())
            .then(|| {
                view! {
                    <Section title="Trace state" count=None>
                        <p class="plain">{trace_state}</p>
                    </Section>
                }
            })}
    }
}

/// The way through more events than are shown at once.
#[component]
fn Pages(first: u32, last: u32, n_events: u32, on_events: Callback<u32>) -> impl IntoView {
    let page = EVENTS as u32;
    let text = format!(
        "Events {} to {} of {}",
        grouped(u64::from(first) + 1),
        grouped(u64::from(last)),
        grouped(u64::from(n_events))
    );
    let is_last = last >= n_events;
    (n_events > page).then(|| {
        view! {
            <p class="pages">
                <span>{text}</span>
                <Button
                    label="Earlier"
                    disabled=first == 0
                    on_press=move |()| on_events.run(first.saturating_sub(page))
                />
                <Button label="Later" disabled=is_last on_press=move |()| on_events.run(last) />
            </p>
        }
    })
}

/// Whether one of the events is an exception.
fn has_exception(details: &SpanDetails) -> bool {
    details.events.iter().any(|event| event.name == "exception")
}

/// A part of the panel that can be closed.
#[component]
fn Section(#[prop(into)] title: String, count: Option<u32>, children: Children) -> impl IntoView {
    view! {
        <details class="section" open>
            <summary>
                <Icon symbol=Symbol::Chevron />
                <h3>{title}</h3>
                {count.map(|n| view! { <span class="count">{grouped(u64::from(n))}</span> })}
            </summary>
            <div class="content">{children()}</div>
        </details>
    }
}

/// Says that the SDK dropped some.
fn lost(word: &'static str, n: u32) -> Option<impl IntoView> {
    (n > 0).then(|| {
        view! { <p class="muted">{format!("The SDK dropped {} more", counted(u64::from(n), word))}</p> }
    })
}

/// Says that only the first are shown.
fn cut(word: &'static str, all: u32, shown: usize) -> Option<impl IntoView> {
    (all as usize > shown).then(|| {
        let text = format!("The first {} of {}", grouped(shown as u64), counted(u64::from(all), word));
        view! { <p class="muted">{text}</p> }
    })
}

/// What was repaired, with the times before the repair.
fn warning_texts(details: &SpanDetails) -> Vec<String> {
    let raw = details.raw_times.map(|(start, end)| format!("Times in the input: {}", raw_times(start, end)));
    details.warnings.iter().cloned().chain(raw).collect()
}
