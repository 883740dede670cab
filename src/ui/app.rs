//! The root: the frame, the screens in it, and what floats above.

use crate::ui::effect::effect;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::compare::CompareScreen;
use super::connect::{ConnectScreen, is_refused};
use super::consent::ConsentDialog;
use super::error_card::{ErrorCard, Problem};
use super::flame::FlameScreen;
use super::go_to::GoTo;
use super::graph::GraphScreen;
use super::help::Help;
use super::import_report::ImportReport;
use super::keys;
use super::loading::Loading;
use super::nothing_found::NothingFound;
use super::notices::{Notices, Toasts};
use super::open_screen::{OpenScreen, Sample};
use super::palette::Palette;
use super::refused::Refused;
use super::search::SearchScreen;
use super::searches::Searches;
use super::services::{Death, Services};
use super::session::Session;
use super::settings::SettingsDialog;
use super::store::Store;
use super::tables::About;
use super::tables::spans::SpansScreen;
use super::tables::statistics::StatisticsScreen;
use super::together::TogetherScreen;
use super::top_bar::{Crumb, TopBar};
use super::trace_screen::TraceScreen;
use super::traces::TracesScreen;
use super::view_tabs::{ListTabs, ViewTabs};
use super::widgets::{Button, Choice, Dialog, DialogSize, Icon, Look, Symbol};
use crate::model::ids::{SpanId, TraceId};
use crate::platform::{clipboard, dom, files};
use crate::source::backend::BackendRef;
use crate::state::action::Action;
use crate::state::commands::CommandId;
use crate::state::search::SearchChoice;
use crate::state::settings::{PaletteChoice, ThemeChoice};
use crate::state::url;
use crate::state::view_state::{Screen, ViewState};
use crate::wire::details::SpanRef;

/// The list of samples is part of the app, so that the first screen needs no further request.
const SAMPLES: &str = include_str!("../../public/samples/index.json");

/// The dialogs, of which one is open at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    Report,
    Refused,
    Settings,
    Help,
    Palette,
    GoTo,
}

/// What the middle of the page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    Open,
    Connect,
    Search,
    Waiting,
    Nothing,
    Traces,
    Flame,
    Together,
    Statistics,
    Spans,
    Compare,
    Graph,
    Timeline,
}

/// The whole page.
#[component]
pub fn App() -> impl IntoView {
    let notices = Notices::new();
    let (store, unread) = Store::from_browser();
    let services = Services::new(store, notices);
    let session = Session::begin(store, services, &unread);
    provide_context(store);
    provide_context(services);
    let searches = Searches::new(session.backends, services, store);
    provide_context(session.backends);

    let dialog = RwSignal::new(None::<Open>);
    let close_dialog = move |()| dialog.set(None);
    let is_open = move |which: Open| Signal::derive(move || dialog.get() == Some(which));

    effect(move || {
        let theme = store.theme();
        dom::set_root_attribute("data-theme", (theme != ThemeChoice::Auto).then(|| theme.word()));
    });
    effect(move || {
        let palette = store.palette_choice();
        dom::set_root_attribute(
            "data-palette",
            (palette != PaletteChoice::default()).then(|| palette.word()),
        );
    });
    effect(move || dom::set_title(&title(store, services)));

    let hovered = RwSignal::new(false);
    let drops = files::accept_drops(
        move |over| hovered.set(over),
        move |sources| {
            dialog.set(None);
            session.open(sources);
        },
    );
    let _drops = StoredValue::new_local(drops);

    services.commands.register(move |command| {
        match command {
            CommandId::Palette => dialog.set(Some(Open::Palette)),
            CommandId::Help => dialog.set(Some(Open::Help)),
            CommandId::ShowSettings => dialog.set(Some(Open::Settings)),
            CommandId::ShowReport if services.report.with_untracked(Option::is_some) => {
                dialog.set(Some(Open::Report));
            }
            CommandId::ShowRefused if services.refused.with_untracked(Option::is_some) => {
                dialog.set(Some(Open::Refused));
            }
            CommandId::ShowTraces if services.index.with_untracked(Option::is_some) => {
                store.apply(Action::ShowTraces);
            }
            CommandId::ViewCompare if services.index.with_untracked(Option::is_some) => {
                store.apply(services.ticks.comparison());
            }
            CommandId::GoTo
                if services.index.with_untracked(Option::is_some)
                    || session.backends.current_now().is_some() =>
            {
                dialog.set(Some(Open::GoTo));
            }
            CommandId::OpenFiles => session.choose(false),
            CommandId::OpenFolder => session.choose(true),
            CommandId::AddFiles => session.choose_more(),
            CommandId::CloseFiles => session.close(),
            CommandId::Search => searches.show_screen(),
            CommandId::Connect => store.apply(Action::ShowConnect(current_backend(session))),
            CommandId::Theme => store.choose_theme(untrack(|| store.theme()).next()),
            CommandId::CopyLink => copy(notices, store.link(), "Link copied"),
            CommandId::NextRegion => dom::focus_region(1),
            CommandId::PreviousRegion => dom::focus_region(-1),
            _ => return false,
        }
        true
    });
    keys::listen(store, services.commands);

    let shown = Memo::new(move |_| shown(store, services, session));
    let run = move |command: CommandId| {
        dialog.set(None);
        services.commands.run(command);
    };
    let go_to = move |span: SpanRef| {
        dialog.set(None);
        if let Some(trace) = TraceId::from_hex(&span.trace_id) {
            store.apply(Action::OpenTrace(trace));
            store.apply_in_place(Action::Select(SpanId::from_hex(&span.span_id)));
        }
    };
    let on_copy = Callback::new(move |text: String| copy(notices, text, "Details copied"));
    let about = About { services, store, handle: None };
    let samples = StoredValue::new(serde_json::from_str::<Vec<Sample>>(SAMPLES).unwrap_or_default());
    let screen = move || {
        match shown.get() {
        Shown::Connect => view! { <ConnectScreen session store services /> }.into_any(),
        Shown::Open | Shown::Waiting => {
            let note = (shown.get() == Shown::Waiting).then_some(WAITING);
            view! {
                <OpenScreen
                    samples=Signal::derive(move || samples.get_value())
                    note
                    on_files=move |()| session.choose(false)
                    on_folder=move |()| session.choose(true)
                    on_paste=move |()| session.paste()
                    on_connect=move |()| store.apply(Action::ShowConnect(None))
                    on_sample=move |file: String| session.open_sample(&file)
                />
            }
            .into_any()
        }
        Shown::Nothing => {
            view! {
                <NothingFound report=services.report on_copy on_open=move |()| session.choose(false) on_close=move |()| session.close()>
                    {store.look(|s| s.backend.clone()).map(|backend| view! {
                        <Button label="Try again" look=Look::Main on_press=move |()| session.try_again() />
                        <Button
                            label="Change the connection…"
                            symbol=Symbol::Server
                            on_press=move |()| store.apply(Action::ShowConnect(Some(backend.clone())))
                        />
                    })}
                </NothingFound>
            }
            .into_any()
        }
        Shown::Search => {
            view! {
                <SearchScreen services store session searches theme=Signal::derive(move || store.colours()) />
            }
            .into_any()
        }
        Shown::Traces => view! {
            <div class="list-screen">
                <ListTabs store services />
                <TracesScreen
                    store
                    services
                    theme=Signal::derive(move || store.colours())
                    on_open=move |id| store.apply(Action::OpenTrace(id))
                />
            </div>
        }
        .into_any(),
        Shown::Flame => {
            view! {
                <div class="list-screen">
                    <ListTabs store services />
                    <FlameScreen
                        handle=None
                        services
                        store
                        theme=Signal::derive(move || store.colours())
                    />
                </div>
            }
                .into_any()
        }
        Shown::Together => {
            view! {
                <div class="list-screen">
                    <ListTabs store services />
                    <TogetherScreen
                        services
                        store
                        theme=Signal::derive(move || store.colours())
                        on_open=move |id| store.apply(Action::OpenTrace(id))
                    />
                </div>
            }
                .into_any()
        }
        Shown::Statistics => view! {
            <div class="list-screen">
                <ListTabs store services />
                <StatisticsScreen about />
            </div>
        }
        .into_any(),
        Shown::Spans => view! {
            <div class="list-screen">
                <ListTabs store services />
                <SpansScreen about />
            </div>
        }
        .into_any(),
        Shown::Compare => view! {
            <div class="list-screen">
                {if store.look(|s| s.trace.is_some()) {
                    view! { <ViewTabs store /> }.into_any()
                } else {
                    view! { <ListTabs store services /> }.into_any()
                }}
                <CompareScreen services store />
            </div>
        }
        .into_any(),
        Shown::Graph => {
            view! {
                <div class="list-screen">
                    <ListTabs store services />
                    <GraphScreen services store handle=None theme=Signal::derive(move || store.colours()) />
                </div>
            }
                .into_any()
        }
        Shown::Timeline => view! { <TraceScreen store services /> }.into_any(),
    }
    };
    let report = move || {
        let report = services.report.get()?;
        Some(view! { <ImportReport report on_span=go_to on_copy /> })
    };
    let n_warnings =
        move || services.report.with(|r| r.as_ref().map(|r| r.warnings.iter().filter(|w| !w.info).count()));
    let report_label = move || match n_warnings() {
        Some(1) => "1 warning".to_owned(),
        Some(n) if n > 0 => format!("{n} warnings"),
        _ => "Import report".to_owned(),
    };
    let has_warnings = move || n_warnings().is_some_and(|n| n > 0);
    let report_symbol = move || if has_warnings() { Symbol::Warning } else { Symbol::Report };
    view! {
        <div class="app">
            <a class="skip-link" href="#main" on:click=move |event| { event.prevent_default(); dom::focus_id("main"); }>
                "Skip to content"
            </a>
            <TopBar
                source=services.source
                crumbs=Signal::derive(move || crumbs(store, services, session, searches))
                themes=Signal::derive(move || themes(store))
                theme_symbol=Signal::derive(move || theme_symbol(store))
                on_theme=move |id: &'static str| store.choose_theme(theme_of(id))
                on_open=move |()| session.choose(false)
                on_settings=move |()| dialog.set(Some(Open::Settings))
                on_help=move |()| dialog.set(Some(Open::Help))
            >
                <Loading services />
                <Show when=move || services.report.with(Option::is_some)>
                    <Button
                        label=Signal::derive(report_label)
                        symbol=Signal::derive(report_symbol)
                        look=Look::Plain
                        hint="Import report: what was read, mended, merged and refused"
                        on_press=move |()| dialog.set(Some(Open::Report))
                    />
                </Show>
            </TopBar>
            <main id="main" tabindex="-1">
                {move || {
                    services.death.get().map(|death| view! { <DeathCard death services session on_copy /> })
                }}
                {screen}
            </main>
            <Show when=move || hovered.get()>
                <div class="drop-veil">
                    <p>
                        <Icon symbol=Symbol::Upload />
                        "Drop to open"
                    </p>
                </div>
            </Show>
            <Dialog open=is_open(Open::Report) on_close=close_dialog title="Import report" size=DialogSize::Wide>
                {report}
            </Dialog>
            <Dialog open=is_open(Open::Refused) on_close=close_dialog title="Why it was not opened">
                <Refused report=services.refused on_copy />
            </Dialog>
            <Dialog open=is_open(Open::Settings) on_close=close_dialog title="Settings" size=DialogSize::Narrow>
                <SettingsDialog store />
            </Dialog>
            <Dialog open=is_open(Open::Help) on_close=close_dialog title="Keys and gestures" size=DialogSize::Wide>
                <Help store />
            </Dialog>
            <Dialog open=is_open(Open::Palette) on_close=close_dialog title="Commands">
                <Palette store on_run=run />
            </Dialog>
            <Dialog open=is_open(Open::GoTo) on_close=close_dialog title="Go to" size=DialogSize::Narrow>
                <GoTo store services session on_done=close_dialog />
            </Dialog>
            <ConsentDialog backends=session.backends />
            <Toasts notices />
        </div>
    }
}

const WAITING: &str =
    "This link shows a trace from a file that a link cannot carry. Open that file to see it.";

/// The engine is gone; what the page holds stays.
#[component]
fn DeathCard(death: Death, services: Services, session: Session, on_copy: Callback<String>) -> impl IntoView {
    let Death { message, out_of_memory } = death;
    let problem = if out_of_memory {
        Problem {
            title: "The memory is full".to_owned(),
            reason: "The browser gave no more memory to read the files.".to_owned(),
            advice: "Open fewer or smaller files, or close other pages and reopen.".to_owned(),
            code: "mem.exhausted".to_owned(),
            place: message,
        }
    } else {
        Problem {
            title: "Something in Spanscope broke".to_owned(),
            reason: "This is a fault of the program, not of your file. What is shown stays; details of spans are not available until the files are reopened.".to_owned(),
            advice: "Reopen to go on; copy the details when you report it.".to_owned(),
            code: "internal".to_owned(),
            place: message,
        }
    };
    view! {
        <div class="death" role="alert">
            <ErrorCard problem on_copy>
                <Button label="Reopen" look=Look::Main on_press=move |()| session.restart() />
                <Button label="Keep working" on_press=move |()| services.death.set(None) />
            </ErrorCard>
        </div>
    }
}

/// The backend that is connected, as links name it.
fn current_backend(session: Session) -> Option<BackendRef> {
    session.backends.current_now().map(|connection| connection.reference)
}

/// What the middle of the page shows.
fn shown(store: Store, services: Services, session: Session) -> Shown {
    if session.is_waiting_for_file() {
        return Shown::Waiting;
    }
    let has_nothing = services.report.with(|report| report.as_ref().is_some_and(|r| r.totals.spans == 0));
    match store.with(|s| s.screen) {
        Screen::Open => Shown::Open,
        Screen::Connect => Shown::Connect,
        Screen::Search => Shown::Search,
        _ if has_nothing && is_refused(store, services) => Shown::Connect,
        _ if has_nothing => Shown::Nothing,
        Screen::Traces => Shown::Traces,
        Screen::Timeline => Shown::Timeline,
        // Before anything is compared, the trace stays where it is.
        Screen::Compare if store.with(|s| s.compare.is_none() && s.trace.is_some()) => Shown::Timeline,
        Screen::Compare => Shown::Compare,
        _ if store.with(ViewState::shows_trace) => Shown::Timeline,
        Screen::Flame => Shown::Flame,
        Screen::Graph => Shown::Graph,
        Screen::CriticalPath => Shown::Together,
        Screen::Statistics => Shown::Statistics,
        Screen::Spans => Shown::Spans,
    }
}

/// The way from the first screen to here, by the search that it came from.
fn crumbs(store: Store, services: Services, session: Session, searches: Searches) -> Vec<Crumb> {
    let mut way = way_within(store, services, session);
    let shows_data = store.with(|s| s.screen.shows_data());
    if let Some(link) = searches.link().filter(|_| shows_data && !way.is_empty()) {
        way.insert(0, Crumb { label: "Search results".to_owned(), href: Some(link) });
    }
    way
}

/// The way through what is open.
fn way_within(store: Store, services: Services, session: Session) -> Vec<Crumb> {
    let n_traces = services.index.with(|index| index.as_ref().map(|i| i.list.len()));
    let Some(n_traces) = n_traces.filter(|n| *n > 0) else { return Vec::new() };
    let label = crate::base::text::counted(n_traces as u64, "trace");
    match store.with(|s| s.screen) {
        Screen::Open | Screen::Connect | Screen::Search => {
            vec![Crumb { label, href: Some(traces_link(session)) }]
        }
        Screen::Traces => vec![Crumb { label, href: None }],
        screen if screen != Screen::Timeline && store.with(|s| s.trace.is_none()) => {
            vec![Crumb { label, href: Some(traces_link(session)) }]
        }
        _ => {
            let name = services.trace.with(|t| t.as_ref().map(|t| t.head.facts.root_name.clone()));
            vec![
                Crumb { label, href: Some(traces_link(session)) },
                Crumb {
                    label: name.filter(|n| !n.is_empty()).unwrap_or_else(|| "trace".to_owned()),
                    href: None,
                },
            ]
        }
    }
}

/// The address of the list of what is open.
fn traces_link(session: Session) -> String {
    url::print(&session.list_state())
}

fn title(store: Store, services: Services) -> String {
    let source = services.source.get();
    let trace = services.trace.with(|t| t.as_ref().map(|t| t.head.facts.root_name.clone()));
    match store.with(|s| s.screen) {
        Screen::Traces => [String::new(), source, "Spanscope".to_owned()],
        Screen::Open => [String::new(), String::new(), "Spanscope".to_owned()],
        Screen::Connect => ["Connect".to_owned(), String::new(), "Spanscope".to_owned()],
        Screen::Search => {
            let searched = store.with(|s| s.search.submitted.as_ref().map(SearchChoice::title));
            [searched.unwrap_or_default(), "Search".to_owned(), "Spanscope".to_owned()]
        }
        _ => [trace.unwrap_or_default(), source, "Spanscope".to_owned()],
    }
    .into_iter()
    .filter(|part| !part.is_empty())
    .collect::<Vec<_>>()
    .join(" · ")
}

const THEMES: [(ThemeChoice, &str); 3] =
    [(ThemeChoice::Auto, "Like the system"), (ThemeChoice::Light, "Light"), (ThemeChoice::Dark, "Dark")];

fn themes(store: Store) -> Vec<Choice> {
    THEMES
        .map(|(theme, label)| Choice {
            id: theme.word(),
            label: label.to_owned(),
            checked: Some(store.theme() == theme),
        })
        .to_vec()
}

fn theme_of(word: &str) -> ThemeChoice {
    THEMES.into_iter().map(|(theme, _)| theme).find(|theme| theme.word() == word).unwrap_or_default()
}

fn theme_symbol(store: Store) -> Symbol {
    match store.theme() {
        ThemeChoice::Auto => Symbol::Auto,
        ThemeChoice::Light => Symbol::Sun,
        ThemeChoice::Dark => Symbol::Moon,
    }
}

/// Copies a text and says so.
pub fn copy(notices: Notices, text: String, done: &'static str) {
    spawn_local(async move {
        match clipboard::write(&text).await {
            Ok(()) => notices.done(done),
            Err(reason) => notices.error(format!("Copying is not possible: {reason}")),
        }
    });
}
