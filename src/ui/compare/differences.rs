//! What only one side has: services, operations, errors, attribute values.

use leptos::prelude::*;

use super::answers::Answers;
use crate::base::text::{counted, grouped};
use crate::state::compare_texts::{key_texts, lists};

/// The lists.
#[component]
pub fn Differences(
    /// What the engine said.
    answers: Answers,
) -> impl IntoView {
    let found = move || {
        let lists = answers.table.with(|t| t.as_ref().map(|t| lists(t))).unwrap_or_default();
        if lists.is_empty() {
            return view! { <p class="muted">"Both sides have the same services, operations and errors."</p> }
                .into_any();
        }
        let list = |(heading, lines): (&'static str, Vec<String>)| {
            let n = lines.len() as u64;
            let items = lines.into_iter().map(|line| view! { <li>{line}</li> }).collect_view();
            view! {
                <section>
                    <h2>{heading} <span class="muted">{format!(" {}", grouped(n))}</span></h2>
                    <ul>{items}</ul>
                </section>
            }
        };
        lists.into_iter().map(list).collect_view().into_any()
    };
    let values = move || match answers.values.get() {
        None => view! { <p class="muted" role="status">"Comparing attributes…"</p> }.into_any(),
        Some(found) if found.keys.is_empty() => {
            view! { <p class="muted">"Both sides have the same values, ids and measurements aside."</p> }
                .into_any()
        }
        Some(found) => {
            let rows = found.keys.iter().map(key_texts).map(|[key, a, b]| {
                view! {
                    <tr>
                        <th scope="row">{key}</th>
                        <td>{a}</td>
                        <td>{b}</td>
                    </tr>
                }
            });
            let more = (found.n_more > 0).then(|| {
                let n = counted(found.n_more.into(), "more attribute");
                view! { <p class="muted">{format!("{n} with other values")}</p> }
            });
            let sampled = (found.every > 1).then(|| {
                let text = format!("Read from one span in {}.", grouped(found.every.into()));
                view! { <p class="muted">{text}</p> }
            });
            view! {
                {sampled}
                <table>
                    <thead>
                        <tr>
                            <th scope="col">"Attribute"</th>
                            <th scope="col">"Only in A"</th>
                            <th scope="col">"Only in B"</th>
                        </tr>
                    </thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
                {more}
            }
            .into_any()
        }
    };
    view! {
        <div class="differences" tabindex="0" role="group" aria-label="New and gone">
            <div class="found">{found}</div>
            <section class="values">
                <h2>"Attribute values"</h2>
                {values}
            </section>
        </div>
    }
}
