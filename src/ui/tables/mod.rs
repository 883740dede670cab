//! Statistics and spans as tables, for the open trace or for all traces when none is open: what both are about
//! and what both have above their rows.

pub mod spans;
pub mod statistics;

use leptos::ev::FocusEvent;
use leptos::html;
use leptos::prelude::*;

use crate::model::index::ServiceIdx;
use crate::model::time::TimeRange;
use crate::platform::{dom, download};
use crate::state::action::Action;
use crate::state::view_state::QueryMode;
use crate::ui::effect::effect;
use crate::ui::scope::in_view;
use crate::ui::services::Services;
use crate::ui::store::Store;
use crate::ui::timeline::TimelineHandle;
use crate::ui::widgets::{Button, Look, Symbol};
use crate::view::format;
use crate::view::treegrid::shown_name;
use crate::wire::table::Subject;

/// Height of a row.
pub(super) const ROW_PX: f64 = 26.0;

/// What a table is about and whom it asks.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// The engine.
    pub services: Services,
    /// The state.
    pub store: Store,
    /// The timeline of the open trace; none for all traces.
    pub handle: Option<TimelineHandle>,
}

impl About {
    /// The list that a table is of, and what it is about; followed as that changes.
    pub(super) fn subject(self) -> Memo<Option<(u32, Subject)>> {
        let Self { services, store, handle } = self;
        Memo::new(move |_| {
            let (revision, scope) = in_view(services, store, handle)?;
            let settings = services.analyses.settings.get();
            let root = services.analyses.root.get().filter(|_| handle.is_some());
            Some((revision, Subject { scope, settings, root }))
        })
    }

    /// The look of a service.
    pub(super) fn look(self, service: &str) -> u8 {
        let at = |names: &[String]| names.iter().position(|name| name == service).map(ServiceIdx::new);
        if self.handle.is_some() {
            let slot = |t: &crate::ui::services::OpenTrace| Some(t.looks.slot(at(t.trace.services())?));
            self.services.trace.with_untracked(|t| t.as_ref().and_then(|t| slot(t))).unwrap_or_default()
        } else {
            let slot = |i: &crate::ui::services::TraceIndex| Some(i.looks.slot(at(&i.list.service_names)?));
            self.services.index.with_untracked(|i| i.as_ref().and_then(|i| slot(i))).unwrap_or_default()
        }
    }

    /// By how much the open trace is shown to begin before its recorded start; none for all traces.
    pub(super) fn earlier_ns(self) -> Option<i64> {
        self.handle?;
        let of = |t: &crate::ui::services::OpenTrace| t.correction.as_ref().map_or(0, |c| c.earlier.0);
        Some(self.services.trace.with(|t| t.as_ref().map_or(0, |t| of(t))))
    }

    /// Has what comes as CSV saved under a name.
    pub(super) fn save_csv(self, name: &'static str) {
        let Self { services, .. } = self;
        effect(move || {
            let Some(pieces) = services.tables.csv.get() else { return };
            services.tables.csv.set(None);
            let file = format!("{}-{name}.csv", file_stem(&services.source.get_untracked()));
            if download::save(&file, "text/csv;charset=utf-8", &pieces) {
                services.notices.done("Saved as CSV");
            } else {
                services.notices.error("The browser does not let the page save a file".to_owned());
            }
        });
    }
}

/// The name of a file without its ending and without what no file may have.
fn file_stem(source: &str) -> String {
    let stem = source.split(['.', ' ']).next().unwrap_or_default();
    let kept: String =
        stem.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).take(60).collect();
    if kept.is_empty() { "traces".to_owned() } else { kept }
}

/// What narrows the table, each with a way to take it back.
#[component]
pub(super) fn Narrowing(
    /// What the table is about.
    about: About,
) -> impl IntoView {
    let About { store, handle, .. } = about;
    let focus = Memo::new(move |_| {
        handle?
            .follow(|t| t.folding().focus().map(|s| format!("below {}", shown_name(t.trace(), s))))
            .flatten()
    });
    let range = Memo::new(move |_| {
        let of = |r: TimeRange| format::range(r.start, r.end);
        handle?.follow(|t| (!t.is_whole()).then(|| t.range()).map(of)).flatten()
    });
    let query = Memo::new(move |_| {
        store.with(|s| (s.query_mode == QueryMode::Filter && !s.query.is_empty()).then(|| s.query.clone()))
    });
    let query = Memo::new(move |_| handle.and_then(|_| query.get()).map(|query| format!("with “{query}”")));
    let chip = move |text: Memo<Option<String>>, action: Action| {
        move || {
            let action = action.clone();
            text.get().map(|text| view! { <Chip text on_remove=move |()| store.arrange(action.clone()) /> })
        }
    };
    view! {
        {chip(focus, Action::SetFocus(None))}
        {chip(range, Action::ShowRange(None))}
        {chip(query, Action::SetQueryMode(QueryMode::Mark))}
    }
}

/// Something that narrows the table.
#[component]
pub(super) fn Chip(
    /// What it leaves.
    text: String,
    /// It is taken back.
    #[prop(into)]
    on_remove: Callback<()>,
) -> impl IntoView {
    let (label, title) = (format!("Not only {text}"), text.clone());
    view! {
        <span class="chip">
            <span class="text" title=title>"Only " {text}</span>
            <Button label symbol=Signal::stored(Symbol::Close) look=Look::Icon on_press=on_remove />
        </span>
    }
}

/// A choice of columns behind a button.
#[component]
pub(super) fn ColumnChooser(
    /// Names of the columns, and whether each is shown.
    #[prop(into)]
    columns: Signal<Vec<(String, bool)>>,
    /// The column at a position is to be shown or hidden.
    #[prop(into)]
    on_toggle: Callback<usize>,
    /// What stands below the columns.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let root = NodeRef::<html::Details>::new();
    let on_blur = move |event: FocusEvent| {
        if let Some(root) = root.get_untracked().filter(|root| !dom::focus_stays_within(root, &event)) {
            root.set_open(false);
        }
    };
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        if let Some(root) = root.get_untracked().filter(|root| root.open() && event.key() == "Escape") {
            event.stop_propagation();
            root.set_open(false);
            dom::focus_within(&root, "summary", 0);
        }
    };
    let line = move |at: usize| {
        let name = move || columns.with(|c| c.get(at).map(|c| c.0.clone()));
        let is_shown = move || columns.with(|c| c.get(at).is_some_and(|c| c.1));
        view! {
            <label>
                <input type="checkbox" prop:checked=is_shown on:change=move |_| on_toggle.run(at) />
                {name}
            </label>
        }
    };
    let n = Memo::new(move |_| columns.with(Vec::len));
    view! {
        <details class="column-chooser" node_ref=root on:focusout=on_blur on:keydown=on_key>
            <summary class="button" data-look="normal">"Columns"</summary>
            <div class="choices" role="group" aria-label="Columns" tabindex="-1">
                {move || (0..n.get()).map(line).collect_view()}
                {children.map(|children| children())}
            </div>
        </details>
    }
}
