//! Connecting Jaeger or Tempo: by address or from a list, with a test that says exactly what is wrong, and the way
//! to a trace whose id is known.

pub mod form;

use crate::ui::effect::effect;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

use self::form::{Fields, Form, SignIn};
use super::app::copy;
use super::backends::{Backends, Connection, RemoteTrace};
use super::error_card::{ErrorCard, Problem};
use super::import_report::problem_of;
use super::services::Services;
use super::session::Session;
use super::store::Store;
use super::trouble_card::TroubleCard;
use super::widgets::{Button, Icon, Look, Symbol};
use crate::model::ids::TraceId;
use crate::platform::fetch::{Stop, page_origin};
use crate::platform::frame;
use crate::source::Cause;
use crate::source::discover::{Backend, Product};
use crate::source::jaeger::Api;
use crate::source::trouble::Trouble;
use crate::source::words::NO_TENANT;
use crate::state::action::Action;
use crate::state::go_to::{Place, parse};
use crate::state::view_state::Screen;

/// What a connection is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Goal {
    /// To see whether it works.
    Test,
    /// To go on: to the search, or to what the link waits for.
    GoOn,
    /// To see this trace.
    Trace(TraceId),
}

/// What came of it.
#[derive(Clone, Debug, PartialEq)]
enum Outcome {
    /// Nothing was tried.
    None,
    /// It is being tried.
    Asking(Connection),
    /// It works: what is there.
    Works(Connection, String),
    /// It does not.
    Failed(Connection, Trouble),
    /// What the link named was not given out, as the report has it.
    Refused(Problem),
}

/// The screen.
#[component]
pub fn ConnectScreen(
    /// Opens traces.
    session: Session,
    /// The state.
    store: Store,
    /// The engine.
    services: Services,
) -> impl IntoView {
    let backends = session.backends;
    let form = Form::new();
    // A link leads here when the backend wants to know who asks.
    let is_waiting = store.look(|s| s.screen.shows_data());
    let problem = first_problem(services).filter(|_| is_waiting);
    let needs_access = problem.as_ref().is_some_and(|problem| problem.code == "fetch.auth");
    let outcome = RwSignal::new(problem.map_or(Outcome::None, |problem| refused(backends, problem)));
    let error = RwSignal::new(String::new());
    let stop = StoredValue::new_local(Stop::new());
    on_cleanup(move || {
        stop.try_with_value(Stop::abort);
    });
    prefill(session, store, form);
    // Whoever is to sign in finds the field for it open.
    effect(move || {
        let wants_sign_in = outcome.with(|outcome| match outcome {
            Outcome::Failed(_, Trouble::Answer(problem)) => problem.cause == Cause::NotAuthorised,
            Outcome::Refused(problem) => problem.title != NO_TENANT,
            _ => false,
        });
        if wants_sign_in && form.sign_in.get_untracked() == SignIn::None {
            form.sign_in.set(SignIn::Bearer);
        }
    });

    let run = move |goal: Goal| {
        error.set(String::new());
        let connection = match form.connection() {
            Ok(connection) => connection,
            Err(reason) => return error.set(super::import_report::sentence(&reason)),
        };
        let access = form.access(backends, &connection);
        let stopping = Stop::new();
        stop.with_value(Stop::abort);
        stop.set_value(stopping.clone());
        outcome.set(Outcome::Asking(connection.clone()));
        let began = frame::now_millis();
        spawn_local(async move {
            let result = backends.connect(&connection, access, &stopping).await;
            // The screen may be gone, or something else be tried.
            if stopping.is_aborted() {
                return;
            }
            let backend = match result {
                Ok(backend) => backend,
                Err(trouble) => return outcome.set(Outcome::Failed(connection, trouble)),
            };
            if form.keeps.get_untracked() {
                backends.keep(&connection);
            }
            let took = frame::now_millis() - began;
            outcome.set(Outcome::Works(connection.clone(), what_is_there(&backend, took)));
            match goal {
                Goal::Test => {}
                Goal::GoOn if is_waiting => session.fetch_waiting(&connection),
                Goal::GoOn => store.apply(Action::ShowSearch(connection.reference)),
                Goal::Trace(id) => session.open_remote(&[RemoteTrace { id, range: None }], None),
            }
        });
    };
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        run(Goal::GoOn);
    };
    let choose = move |connection: Connection| {
        form.fill(&connection, &backends.access(&connection));
        run(Goal::GoOn);
    };
    let wants_access = move || match &*outcome.read() {
        Outcome::Failed(_, trouble) => trouble.is_about_access(),
        Outcome::Refused(_) => true,
        _ => false,
    };
    let title = match (is_waiting, needs_access) {
        (true, true) => "This link needs a tenant or a sign-in",
        (true, false) => "This link needs a connection that works",
        (false, _) => "Connect to Jaeger or Tempo",
    };
    let lead = if is_waiting {
        "The trace is loaded as soon as the connection works."
    } else {
        "Search and open traces where they are kept. This page asks the server directly, and nobody else."
    };
    let go_on = if is_waiting { "Connect and load" } else { "Connect" };
    view! {
        <section class="connect" aria-labelledby="connect-title">
            <div class="column">
                <header>
                    <h1 id="connect-title">{title}</h1>
                    <p class="lead">{lead}</p>
                </header>
                {(!is_waiting).then(|| view! { <Places session on_choose=choose /> })}
                <form on:submit=on_submit aria-label="Connection">
                    <Fields form error wants_access=Signal::derive(wants_access) />
                    <div class="ways">
                        <button type="submit" class="button" data-look="main">{go_on}</button>
                        <Button label="Test connection" on_press=move |()| run(Goal::Test) />
                    </div>
                </form>
                <div class="outcome" role="status">
                    {move || {
                        let stop = move |()| {
                            stop.with_value(Stop::abort);
                            outcome.set(Outcome::None);
                        };
                        outcome_view(session, services, form, outcome.get(), run, stop)
                    }}
                </div>
                {(!is_waiting).then(|| view! { <ByTraceId on_open=move |id| run(Goal::Trace(id)) /> })}
            </div>
        </section>
    }
}

/// What came of the try.
fn outcome_view(
    session: Session,
    services: Services,
    form: Form,
    outcome: Outcome,
    run: impl Fn(Goal) + Copy + Send + Sync + 'static,
    stop: impl Fn(()) + Copy + Send + Sync + 'static,
) -> AnyView {
    let on_copy = Callback::new(move |text: String| copy(services.notices, text, "Copied"));
    match outcome {
        Outcome::None => ().into_any(),
        Outcome::Asking(connection) => view! {
            <p class="asking">
                <span>{format!("Asking {}…", connection.base)}</span>
                <Button label="Stop" symbol=Symbol::Stop on_press=stop />
            </p>
        }
        .into_any(),
        Outcome::Works(connection, text) => view! {
            <p class="works">
                <Icon symbol=Symbol::Check />
                <span>{text} " " <small>{connection.base.to_string()}</small></span>
            </p>
        }
        .into_any(),
        Outcome::Refused(problem) => view! { <ErrorCard problem on_copy /> }.into_any(),
        Outcome::Failed(connection, trouble) => {
            let told = session.backends.tell(&trouble, &connection);
            let place = connection.base.to_string();
            let other = match &trouble {
                Trouble::WrongProduct(product) => Some(*product),
                _ => None,
            };
            let change = move |product: Product| {
                view! {
                    <Button
                        label=format!("Connect as {}", product.name())
                        look=Look::Main
                        on_press=move |()| {
                            form.product.set(product);
                            run(Goal::GoOn);
                        }
                    />
                }
            };
            let href = place.clone();
            // Only a tab of its own shows a certificate, a sign-in, or a name that does not exist.
            let look = matches!(trouble, Trouble::Unreachable | Trouble::Redirected | Trouble::TimedOut(_));
            let tab = look.then(|| {
                view! {
                    <a class="button" href=href target="_blank" rel="noopener noreferrer">
                        "Open the address in a tab"
                    </a>
                }
            });
            view! { <TroubleCard told place on_copy>{other.map(change)} {tab}</TroubleCard> }.into_any()
        }
    }
}

/// Backends that need not be typed.
#[component]
fn Places(session: Session, #[prop(into)] on_choose: Callback<Connection>) -> impl IntoView {
    let backends = session.backends;
    let row = move |connection: Connection, forgets: bool| {
        let (filled, forgotten) = (connection.clone(), connection.base.clone());
        let forget = forgets.then(|| {
            let label = format!("Forget {}", connection.label);
            view! {
                <Button
                    label
                    symbol=Symbol::Close
                    look=Look::Icon
                    on_press=move |()| backends.forget(&forgotten)
                />
            }
        });
        view! {
            <li>
                <button type="button" class="place" on:click=move |_| on_choose.run(filled.clone())>
                    <span class="title">{connection.label.clone()}</span>
                    <span class="where">{connection.base.to_string()}</span>
                    <Icon symbol=Symbol::Chevron />
                </button>
                {forget}
            </li>
        }
    };
    let listed = move || {
        let presets = backends.presets().unwrap_or_default();
        presets.iter().filter_map(|preset| backends.of_preset(preset)).collect::<Vec<_>>()
    };
    let rows = move |list: Vec<Connection>, title: &'static str, forgets: bool| {
        (!list.is_empty()).then(|| {
            view! {
                <section class="places" aria-label=title>
                    <h2>{title}</h2>
                    <ul>{list.into_iter().map(|connection| row(connection, forgets)).collect_view()}</ul>
                </section>
            }
        })
    };
    view! {
        {move || rows(listed(), "Of this page", false)}
        {move || rows(backends.kept(), "Kept in this browser", true)}
    }
}

/// A trace whose id is known needs no search.
#[component]
fn ByTraceId(#[prop(into)] on_open: Callback<TraceId>) -> impl IntoView {
    let text = RwSignal::new(String::new());
    let error = RwSignal::new("");
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        match trace_id(&text.get_untracked()) {
            Some(id) => on_open.run(id),
            None => error.set("This is no trace id: up to 32 hexadecimal digits, or a traceparent."),
        }
    };
    view! {
        <form class="by-id" on:submit=on_submit aria-label="Open by trace id">
            <div class="field">
                <label for="connect-trace">"Or open a trace by its id"</label>
                <div class="line">
                    <input
                        id="connect-trace"
                        type="text"
                        autocomplete="off"
                        spellcheck="false"
                        aria-invalid=move || (!error.get().is_empty()).then_some("true")
                        aria-describedby="connect-trace-hint"
                        prop:value=text
                        on:input=move |event| {
                            error.set("");
                            text.set(event_target_value(&event));
                        }
                    />
                    <button type="submit" class="button">"Open trace"</button>
                </div>
                <p id="connect-trace-hint" class="hint error" role="alert">
                    {error}
                </p>
            </div>
        </form>
    }
}

/// The trace that is meant by an id of 64 or 128 bits, or by a traceparent.
pub fn trace_id(text: &str) -> Option<TraceId> {
    match parse(text) {
        Some(Place::Trace(id) | Place::SpanOf(id, _)) => Some(id),
        // Backends leave zeros before an id out.
        _ => TraceId::from_hex(text.trim()).filter(|id| *id != TraceId::NONE),
    }
}

/// Fills the form with what the address names, with what is connected, or with the first that is listed.
fn prefill(session: Session, store: Store, form: Form) {
    let backends = session.backends;
    let named = Memo::new(move |_| store.with(|s| s.backend.clone()));
    effect(move || {
        let reference = named.get();
        spawn_local(async move {
            backends.load_config().await;
            let named = reference.map(|reference| backends.resolve(&reference));
            let connection = match named {
                Some(Ok(connection)) => Some(connection),
                Some(Err(Trouble::NoSuchName(name))) => {
                    let text = format!("This page knows no backend named “{name}”");
                    return session.say_error(text);
                }
                _ => backends.current_now().or_else(|| first_listed(backends)),
            };
            // What the reader typed meanwhile stays.
            if let Some(connection) = connection.filter(|_| form.address.with_untracked(String::is_empty)) {
                form.fill(&connection, &backends.access(&connection));
            }
        });
    });
}

/// The first backend that need not be typed: what the reader kept counts more.
fn first_listed(backends: Backends) -> Option<Connection> {
    let kept = backends.kept_now().into_iter().next();
    kept.or_else(|| backends.presets_now().iter().find_map(|preset| backends.of_preset(preset)))
}

/// What the report says of a link, with the mend where there is one.
fn refused(backends: Backends, problem: Problem) -> Outcome {
    let trouble = match problem.code.as_str() {
        "fetch.cors" => Trouble::Cors { only_headers: false },
        "fetch.mixed" if page_origin().starts_with("https:") => Trouble::MixedContent,
        "fetch.mixed" => Trouble::Policy,
        _ => return Outcome::Refused(problem),
    };
    match backends.current_now() {
        Some(connection) => Outcome::Failed(connection, trouble),
        None => Outcome::Refused(problem),
    }
}

/// Why the link's trace was not given out.
fn first_problem(services: Services) -> Option<Problem> {
    services.report.with_untracked(|report| report.as_ref()?.files.iter().find_map(problem_of))
}

/// What was found, in words.
fn what_is_there(backend: &Backend, took_millis: f64) -> String {
    let name = match backend {
        Backend::Jaeger { api: Api::V3 } => "Jaeger, with its API of version 3,".to_owned(),
        Backend::Jaeger { api: Api::Legacy } => "Jaeger, with its older API,".to_owned(),
        Backend::Tempo { version } if version.is_empty() => "Tempo".to_owned(),
        Backend::Tempo { version } => format!("Tempo {version}"),
    };
    format!("{name} answers, within {} ms.", took_millis.round() as u64)
}

/// Whether what is on the screen waits for a connection that can be mended: a sign-in, CORS, https.
pub fn is_refused(store: Store, services: Services) -> bool {
    store.with(|s| s.backend.is_some() && s.screen != Screen::Open)
        && services.report.with(|report| {
            report.as_ref().is_some_and(|report| {
                let codes = report.files.iter().filter_map(|file| Some(file.error.as_ref()?.code.as_str()));
                codes.into_iter().any(|code| matches!(code, "fetch.auth" | "fetch.cors" | "fetch.mixed"))
            })
        })
}
