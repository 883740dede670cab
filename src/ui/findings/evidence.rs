//! The spans that show a finding: all at once, or one by one.

use leptos::prelude::*;

use super::explain::Explain;
use crate::base::text::counted;
use crate::ui::widgets::{Button, Look, Symbol};
use crate::wire::analysis::FindingMessage;

/// Buttons that lead to the spans.
#[component]
pub fn Evidence(
    /// The explanation.
    explain: Explain,
    /// The finding.
    finding: FindingMessage,
) -> impl IntoView {
    let spans = finding.evidence.clone();
    let n = spans.len();
    let first = spans.first().map(|&span| explain.name_of(span)).unwrap_or_default();
    let all = match n {
        0 => return ().into_any(),
        1 => format!("Show {first}"),
        _ => format!("Show the {}", counted(u64::from(finding.evidence_count.max(n as u32)), "span")),
    };
    let cut = (finding.evidence_count as usize > n)
        .then(|| format!("The first {n} of {} can be stepped through.", finding.evidence_count));
    let spans = StoredValue::new(spans);
    let at = RwSignal::new(None::<usize>);
    let step = move |by: isize| {
        let next = match at.get_untracked() {
            Some(at) => (at as isize + by).rem_euclid(n as isize) as usize,
            None if by < 0 => n - 1,
            None => 0,
        };
        at.set(Some(next));
        if let Some(span) = spans.with_value(|spans| spans.get(next).copied()) {
            explain.show_span(span);
        }
    };
    let place = move || {
        let at = at.get()?;
        let span = spans.with_value(|spans| spans.get(at).copied())?;
        Some(format!("{} of {n}: {}", at + 1, explain.name_of(span)))
    };
    let show_all = move |()| {
        at.set(None);
        explain.show(&finding);
    };
    view! {
        <div class="evidence" role="group" aria-label="Evidence">
            <Button label=all on_press=show_all />
            {(n > 1)
                .then(|| {
                    view! {
                        <Button
                            label="Previous span"
                            symbol=Symbol::Up
                            look=Look::Icon
                            on_press=move |()| step(-1)
                        />
                        <Button
                            label="Next span"
                            symbol=Symbol::Down
                            look=Look::Icon
                            on_press=move |()| step(1)
                        />
                        <output>{place}</output>
                    }
                })}
            {cut.map(|words| view! { <p class="muted">{words}</p> })}
        </div>
    }
    .into_any()
}
