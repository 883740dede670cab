//! Links to other spans, and links from them: opened in place where the span is among what was read.

use leptos::prelude::*;

use super::attribute_table::AttributeTable;
use crate::ui::widgets::{Button, Look};
use crate::wire::details::{Link, SpanRef};

/// Links of a span.
#[component]
pub fn LinkList(
    /// The links, in their order.
    links: Vec<Link>,
    /// Go to this span.
    on_span: Callback<SpanRef>,
    /// Copy this text.
    on_copy: Callback<String>,
) -> impl IntoView {
    let items = links.into_iter().map(|link| view! { <LinkItem link on_span on_copy /> }).collect_view();
    view! { <ul class="link-list">{items}</ul> }
}

#[component]
fn LinkItem(link: Link, on_span: Callback<SpanRef>, on_copy: Callback<String>) -> impl IntoView {
    let Link { trace_id, span_id, kind, attributes, dropped_attributes, target, trace_known, .. } = link;
    let has_attributes = !attributes.is_empty() || dropped_attributes > 0;
    let place = if let Some(span) = target {
        view! { <RefButton span on_span /> }.into_any()
    } else {
        let why = if trace_known { "span not in the input" } else { "trace not in the input" };
        view! { <span class="muted">{why}</span> }.into_any()
    };
    view! {
        <li>
            <p class="head">
                {(!kind.is_empty()).then(|| view! { <span class="kind">{kind}</span> })}
                {place}
            </p>
            <p class="ids">
                <code title="Trace id">{trace_id}</code>
                <code title="Span id">{span_id}</code>
            </p>
            {has_attributes
                .then(|| {
                    view! {
                        <AttributeTable
                            label="Attributes of the link"
                            attributes
                            dropped=dropped_attributes
                            on_copy
                        />
                    }
                })}
        </li>
    }
}

/// Spans that link to this one.
#[component]
pub fn BackLinkList(
    /// The spans.
    spans: Vec<SpanRef>,
    /// Go to this span.
    on_span: Callback<SpanRef>,
) -> impl IntoView {
    let items = spans
        .into_iter()
        .map(|span| view! { <li><p class="head"><RefButton span on_span /></p></li> })
        .collect_view();
    view! { <ul class="link-list">{items}</ul> }
}

#[component]
fn RefButton(span: SpanRef, on_span: Callback<SpanRef>) -> impl IntoView {
    let service =
        (!span.service.is_empty()).then(|| view! { <span class="service">{span.service.clone()}</span> });
    let name = if span.name.is_empty() { "(no name)".to_owned() } else { span.name.clone() };
    view! {
        <Button label=name look=Look::Link on_press=move |()| on_span.run(span.clone()) />
        {service}
    }
}
