//! What was looked for: open when nothing was found, one line otherwise.

use leptos::prelude::*;

use super::explain::Explain;
use crate::base::text::counted;
use crate::ui::widgets::{Icon, Symbol};
use crate::wire::analysis::Check;

/// The list of checks, once the analysis is done.
#[component]
pub fn Checks(
    /// The explanation.
    explain: Explain,
) -> impl IntoView {
    let checked = explain.services.analyses.checked;
    move || {
        let checked = checked.get()?;
        let nothing = explain.count().unwrap_or_default() == 0;
        let words = format!("What was checked: {}", counted(checked.len() as u64, "thing"));
        let lines = checked.iter().cloned().map(line).collect_view();
        Some(view! {
            <details class="checks" open=nothing>
                <summary>
                    <Icon symbol=Symbol::Chevron />
                    <span>{words}</span>
                </summary>
                <ul>{lines}</ul>
            </details>
        })
    }
}

fn line(check: Check) -> impl IntoView {
    let Check { code, name, checks, found } = check;
    let found = (found > 0).then(|| format!("{found} found"));
    view! {
        <li>
            <strong>{name}</strong>
            " "
            <span class="code">{code}</span>
            {found.map(|words| view! { " " <span class="found">{words}</span> })}
            <p>"Looked for " {checks} "."</p>
        </li>
    }
}
