//! Events in order with their time; exceptions with a stack that can be read.

use leptos::prelude::*;

use super::attribute_table::AttributeTable;
use crate::ui::widgets::{Button, Icon, Look, Symbol};
use crate::view::details::event_offset;
use crate::view::values::{StackLine, stack_lines};
use crate::wire::details::{Attribute, Event};

/// Events.
#[component]
pub fn EventList(
    /// The events of this page.
    events: Vec<Event>,
    /// Copy this text.
    on_copy: Callback<String>,
) -> impl IntoView {
    let items = events.into_iter().map(|event| view! { <EventItem event on_copy /> }).collect_view();
    view! { <ol class="event-list">{items}</ol> }
}

#[component]
fn EventItem(event: Event, on_copy: Callback<String>) -> impl IntoView {
    let Event { after_start, name, attributes, dropped_attributes, .. } = event;
    let is_exception = name == "exception" || attributes.iter().any(|a| a.key == "exception.type");
    let (exception, rest) =
        if is_exception { split_exception(attributes) } else { (Exception::default(), attributes) };
    let name = if name.is_empty() { "(no name)".to_owned() } else { name };
    let n_rest = rest.len();
    view! {
        <li data-exception=is_exception.to_string()>
            <p class="head">
                {is_exception.then(|| view! { <Icon symbol=Symbol::Error /> })}
                <span class="name">{name}</span>
                <span class="time">{event_offset(after_start)}</span>
            </p>
            {is_exception.then(|| view! { <ExceptionView exception on_copy /> })}
            {(n_rest > 0 || dropped_attributes > 0)
                .then(|| {
                    view! {
                        <AttributeTable
                            label="Attributes of the event"
                            attributes=rest
                            dropped=dropped_attributes
                            on_copy
                        />
                    }
                })}
        </li>
    }
}

/// The attributes that describe an exception.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Exception {
    kind: String,
    message: String,
    stack: String,
}

#[component]
fn ExceptionView(exception: Exception, on_copy: Callback<String>) -> impl IntoView {
    let Exception { kind, message, stack } = exception;
    let lines = stack_lines(&stack);
    let n_library = lines.iter().filter(|line| line.is_library).count();
    let has_own = n_library < lines.len();
    let all = RwSignal::new(!has_own || n_library == 0);
    let has_stack = !lines.is_empty();
    let lines = StoredValue::new(lines);
    let shown = move || {
        let all = all.get();
        lines.with_value(|lines| {
            lines.iter().filter(|line| all || !line.is_library).cloned().map(stack_line).collect_view()
        })
    };
    let toggle_label = move || {
        let n = crate::base::text::counted(n_library as u64, "library frame");
        if all.get() { format!("Hide {n}") } else { format!("Show {n}") }
    };
    view! {
        <div class="exception">
            <p class="kind">{kind}</p>
            <p class="message">{message}</p>
            {has_stack
                .then(|| {
                    view! {
                        <div class="stack" role="group" aria-label="Stack trace">
                            <pre tabindex="0">{shown}</pre>
                            <div class="tools">
                                {(n_library > 0 && has_own)
                                    .then(|| {
                                        view! {
                                            <Button
                                                label=Signal::derive(toggle_label)
                                                look=Look::Link
                                                on_press=move |()| all.update(|a| *a = !*a)
                                            />
                                        }
                                    })}
                                <Button
                                    label="Copy stack trace"
                                    look=Look::Link
                                    on_press=move |()| on_copy.run(stack.clone())
                                />
                            </div>
                        </div>
                    }
                })}
        </div>
    }
}

fn stack_line(line: StackLine) -> impl IntoView {
    let StackLine { text, is_library } = line;
    view! { <span data-library=is_library.to_string()>{text + "\n"}</span> }
}

/// The exception, and the attributes that say something else.
fn split_exception(attributes: Vec<Attribute>) -> (Exception, Vec<Attribute>) {
    let mut exception = Exception::default();
    let mut rest = Vec::new();
    for attribute in attributes {
        match attribute.key.as_str() {
            "exception.type" => exception.kind = attribute.text,
            "exception.message" => exception.message = attribute.text,
            "exception.stacktrace" => exception.stack = attribute.text,
            _ => rest.push(attribute),
        }
    }
    (exception, rest)
}
