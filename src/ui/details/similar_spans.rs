//! Spans like this one, as a sentence, three numbers and a small histogram.

use leptos::prelude::*;

use crate::view::details::Fact;
use crate::view::similar::{N_BARS, Similar};

/// Where a span lies in the distribution of its operation.
#[component]
pub fn SimilarSpans(
    /// What was found.
    similar: Similar,
) -> impl IntoView {
    let Similar { sentence, facts, bars, own_bar } = similar;
    let bar = |(at, height): (usize, f32)| {
        let [x, y, h] = [at as f32 * 6.0, 30.0 - height * 28.0, height * 28.0].map(|n| format!("{n:.1}"));
        view! { <rect x=x y=y width="5" height=h data-own=(at == own_bar).then_some("true") /> }
    };
    let row = |fact: Fact| {
        view! {
            <div>
                <dt>{fact.label}</dt>
                <dd title=fact.exact>{fact.value}</dd>
            </div>
        }
    };
    let width = N_BARS * 6;
    view! {
        <div class="similar-spans">
            <p>{sentence}</p>
            // The sentence and the numbers say the same.
            <svg viewBox=format!("0 0 {width} 30") preserveAspectRatio="none" aria-hidden="true">
                {bars.into_iter().enumerate().map(bar).collect_view()}
            </svg>
            <dl>{facts.into_iter().map(row).collect_view()}</dl>
        </div>
    }
}
