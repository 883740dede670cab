//! Attributes as rows of key and typed value, narrowed by the panel's search.

use leptos::prelude::*;

use super::value_view::ValueView;
use crate::view::find::attribute_filter;
use crate::wire::details::Attribute;

/// The longest search that a link carries in full.
const MAX_FILTER: usize = 500;

/// A table of attributes.
#[component]
pub fn AttributeTable(
    /// What it is a table of, for its accessible name.
    label: &'static str,
    /// The attributes, in their order.
    attributes: Vec<Attribute>,
    /// Attributes that the SDK dropped: said below the table.
    #[prop(optional)]
    dropped: u32,
    /// Copy this text.
    on_copy: Callback<String>,
    /// Look for the spans with this attribute; none where the search does not look.
    #[prop(optional)]
    on_filter: Option<Callback<String>>,
    /// Show the attribute with this key in every row of the timeline.
    #[prop(optional)]
    on_column: Option<Callback<String>>,
) -> impl IntoView {
    let rows = attributes
        .into_iter()
        .map(|attribute| {
            let Attribute { key, kind, text } = attribute;
            let filter = on_filter.and_then(|on_filter| {
                let filter = attribute_filter(&key, &text);
                let is_short = filter.chars().count() <= MAX_FILTER;
                is_short.then(|| Callback::new(move |()| on_filter.run(filter.clone())))
            });
            let column = on_column.map(|on_column| {
                let key = key.clone();
                Callback::new(move |()| on_column.run(key.clone()))
            });
            view! {
                <tr>
                    <th scope="row">{breakable(&key)}</th>
                    <td>
                        <ValueView kind text on_copy filter column />
                    </td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <table class="attribute-table" aria-label=label>
            <tbody>{rows}</tbody>
        </table>
        {(dropped > 0).then(|| view! { <p class="dropped">{dropped_text(dropped)}</p> })}
    }
}

/// The attributes that have `query` in key or value, in any case.
pub fn matching(attributes: &[Attribute], query: &str) -> Vec<Attribute> {
    let query = query.trim().to_lowercase();
    let fits = |a: &&Attribute| {
        query.is_empty() || a.key.to_lowercase().contains(&query) || a.text.to_lowercase().contains(&query)
    };
    attributes.iter().filter(fits).cloned().collect()
}

/// Says that the SDK dropped some.
fn dropped_text(n: u32) -> String {
    format!("The SDK dropped {} more", crate::base::text::counted(u64::from(n), "attribute"))
}

/// A key that breaks between its parts, not within words.
fn breakable(key: &str) -> impl IntoView + use<> {
    key.split_inclusive(['.', '_', '/', '-', ':'])
        .map(|part| view! { {part.to_owned()} <wbr /> })
        .collect_view()
}
