//! One value: its type in its colour, JSON and SQL in lines, long texts folded, copied with one press.

use leptos::prelude::*;

use crate::ui::widgets::{Button, Look, Symbol};
use crate::view::values::{Shown, link_target, shown};
use crate::wire::details::ValueType;

/// A typed value.
#[component]
pub fn ValueView(
    /// Its type.
    kind: ValueType,
    /// Its text.
    text: String,
    /// Copy this text.
    on_copy: Callback<String>,
    /// Look for the spans that have this value.
    filter: Option<Callback<()>>,
    /// Show the attribute in every row of the timeline.
    column: Option<Callback<()>>,
) -> impl IntoView {
    let is_text = kind == ValueType::String;
    let Shown { text: full, short, language } = shown(&text, is_text);
    let more = short.is_some();
    let folded = RwSignal::new(more);
    let body = StoredValue::new((full, short));
    let visible = move || {
        body.with_value(|(full, short)| match short {
            Some(short) if folded.get() => short.clone(),
            _ => full.clone(),
        })
    };
    let toggle_label = move || if folded.get() { "Show all" } else { "Show less" }.to_owned();
    let target = link_target(&text).filter(|_| is_text).map(str::to_owned);
    let value = match target {
        // The page is told neither where the link was followed nor given a handle to this one.
        Some(href) => {
            view! { <a href=href target="_blank" rel="noopener noreferrer">{visible}</a> }.into_any()
        }
        None => visible.into_any(),
    };
    let original = StoredValue::new(text);
    view! {
        <div class="value-view" data-type=group(kind) data-language=language.word()>
            <span class="text" title=kind.word()>{value}</span>
            <span class="visually-hidden">{format!(" ({})", kind.word())}</span>
            {more
                .then(|| {
                    view! {
                        <Button
                            label=Signal::derive(toggle_label)
                            look=Look::Link
                            on_press=move |()| folded.update(|f| *f = !*f)
                        />
                    }
                })}
            <span class="tools">
                {filter
                    .map(|on_press| {
                        view! {
                            <Button label="Copy as filter" symbol=Symbol::Search look=Look::Icon on_press />
                        }
                    })}
                {column
                    .map(|on_press| {
                        view! {
                            <Button label="Add as column" symbol=Symbol::Panel look=Look::Icon on_press />
                        }
                    })}
                <Button
                    label="Copy value"
                    symbol=Symbol::Copy
                    look=Look::Icon
                    on_press=move |()| on_copy.run(original.get_value())
                />
            </span>
        </div>
    }
}

/// The group of types that share a colour.
const fn group(kind: ValueType) -> &'static str {
    match kind {
        ValueType::String => "string",
        ValueType::Bool => "bool",
        ValueType::Int | ValueType::Uint | ValueType::Double => "number",
        ValueType::Null | ValueType::Bytes | ValueType::Array | ValueType::Map => "other",
    }
}
