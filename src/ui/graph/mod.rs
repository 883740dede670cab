//! Who calls whom, as a view: a picture, and the same as tables.
//!
//! The engine counts and lays out what is in view and large enough; here it is drawn, moved and pointed at. A
//! node on the canvas is a button above it, so that it has a name, takes the focus and hears the pointer.

pub mod card;
pub mod picture;
pub mod tables;
pub mod toolbar;

use leptos::prelude::*;

use super::analyses::Stage;
use super::effect::{effect, focus_once};
use super::graphs::GraphAnswer;
use super::scope;
use super::services::Services;
use super::shared::Shared;
use super::store::Store;
use super::timeline::TimelineHandle;
use super::widgets::Button;
use crate::model::index::ServiceIdx;
use crate::state::action::Action;
use crate::state::graph::{Form, GraphChoice, NodeName};
use crate::view::find::Words;
use crate::view::graph::calls::laid_out;
use crate::view::graph::text::title;
use crate::view::graph::viewport::Viewport;
use crate::view::graph::{GAP_PX, NODE_PX, Narrowing, NodeKind, Picture, ServiceGraph};
use crate::view::theme::{Looks, Theme};
use crate::wire::graph::{GraphWanted, Without};
use card::Card;
use picture::PictureArea;
use tables::{CallTable, NodeTable};
use toolbar::Toolbar;

/// A share of the critical path below which nodes can be left out, in thousandths.
const SMALL_PERMILLE: u32 = 10;

/// What the parts of the view share.
#[derive(Clone, Copy, Debug)]
pub struct GraphView {
    services: Services,
    store: Store,
    handle: Option<TimelineHandle>,
    choice: Memo<GraphChoice>,
    /// What is drawn.
    picture: RwSignal<Option<Shared<Picture>>>,
    viewport: RwSignal<Viewport>,
    /// Position of the chosen node.
    selected: Memo<Option<usize>>,
    /// What is searched for.
    query: RwSignal<String>,
    /// Nodes that the search found; none without a search.
    found: Memo<Option<Vec<bool>>>,
    /// What was made for this view.
    answer: RwSignal<Option<Shared<GraphAnswer>>>,
    /// What the graph is of.
    subject: Subject,
}

/// What a graph is of.
#[derive(Clone, Copy, Debug)]
enum Subject {
    /// What is open.
    Traces,
    /// Calls that a backend has counted; shows the traces of a service there.
    Calls { on_service: Callback<String> },
}

/// The graph of the open trace, or of all traces together.
#[component]
pub fn GraphScreen(
    /// The engine.
    services: Services,
    /// The state.
    store: Store,
    /// The timeline, where a trace is open.
    handle: Option<TimelineHandle>,
    /// Colours.
    #[prop(into)]
    theme: Signal<&'static Theme>,
) -> impl IntoView {
    let view = GraphView::new(services, store, handle, services.graphs.shown, Subject::Traces);
    let choice = view.choice;
    let wanted = Memo::new(move |_| {
        let (revision, scope) = scope::in_view(services, store, handle)?;
        Some((revision, choice.with(|choice| view.wanted(scope, choice))))
    });
    effect(move || {
        if let Some((revision, wanted)) = wanted.get() {
            services.ask_graph(revision, wanted);
        }
    });
    on_cleanup(move || services.cancel_graph());
    let waiting = move || match services.graphs.stage.get() {
        Stage::Failed(reason) => format!("The graph could not be made: {reason}"),
        Stage::Running { done, of, .. } if of > 1 => format!("Counting calls: trace {done} of {of}…"),
        Stage::Idle | Stage::Running { .. } => "Counting calls…".to_owned(),
        Stage::Done => {
            "No call is left of what is looked at. Show more of it, or fewer restrictions.".to_owned()
        }
    };
    focus_once(move || view.picture.with(|p| p.as_ref()?.start().map(picture::node_id)));
    view! {
        <section class="graph" aria-label="Graph">
            {handle.is_none().then(|| view! { <h1 class="visually-hidden">"Graph of all traces"</h1> })}
            <GraphBody view theme waiting=Signal::derive(waiting) />
        </section>
    }
}

/// The graph of calls that a backend has counted.
#[component]
pub fn CallsGraph(
    /// Messages and commands.
    services: Services,
    /// The state.
    store: Store,
    /// All calls; none until they are there.
    calls: RwSignal<Option<Shared<ServiceGraph>>>,
    /// What is said when there is nothing to be seen.
    #[prop(into)]
    waiting: Signal<String>,
    /// The reader wants the traces of a service.
    #[prop(into)]
    on_service: Callback<String>,
    /// Colours.
    #[prop(into)]
    theme: Signal<&'static Theme>,
) -> impl IntoView {
    let answer = RwSignal::new(None::<Shared<GraphAnswer>>);
    let view = GraphView::new(services, store, None, answer, Subject::Calls { on_service });
    let narrowed = Memo::new(move |_| view.choice.with(narrowing));
    let made = Memo::new(move |_| {
        let graph = calls.get()?;
        let (shown, layout) = laid_out(&graph, &narrowed.get());
        let (n_nodes, edges) = (graph.nodes.len() as u32, graph.edges.iter());
        let most_calls = edges.map(|e| e.calls).max().unwrap_or_default();
        Some(Shared::new(GraphAnswer { graph: shown, layout, n_nodes, most_calls }))
    });
    effect(move || answer.set(made.get()));
    view! {
        <section class="graph" aria-label="Calls between services">
            <GraphBody view theme waiting />
        </section>
    }
}

/// Toolbar, picture or table, and the card of the chosen node.
#[component]
fn GraphBody(
    view: GraphView,
    #[prop(into)] theme: Signal<&'static Theme>,
    /// What is said when there is nothing to be seen.
    #[prop(into)]
    waiting: Signal<String>,
) -> impl IntoView {
    let GraphView { choice, picture, .. } = view;
    let form = Memo::new(move |_| choice.with(|c| c.form));
    let is_empty = Memo::new(move |_| picture.with(|p| p.as_ref().is_none_or(|p| p.nodes.is_empty())));
    view! {
        <Toolbar view theme />
        <Show when=move || is_empty.get()>
            <p class="muted waiting" role="status">
                {waiting}
            </p>
            <Show when=move || choice.with(is_narrowed)>
                <Button label="Show everything" on_press=move |()| view.show_everything() />
            </Show>
        </Show>
        <div class="graph-body" hidden=move || is_empty.get()>
            {move || match form.get() {
                Form::Picture => view! { <PictureArea view theme /> }.into_any(),
                Form::Nodes => view! { <NodeTable view /> }.into_any(),
                Form::Calls => view! { <CallTable view /> }.into_any(),
            }}
            <Card view />
        </div>
    }
}

impl GraphView {
    /// The view of what comes into `answer`.
    fn new(
        services: Services,
        store: Store,
        handle: Option<TimelineHandle>,
        answer: RwSignal<Option<Shared<GraphAnswer>>>,
        subject: Subject,
    ) -> Self {
        let choice = Memo::new(move |_| store.with(|s| s.graph.clone()));
        let picture = RwSignal::new(None::<Shared<Picture>>);
        let query = RwSignal::new(String::new());
        let selected = Memo::new(move |_| {
            let node = choice.with(|c| c.node.clone())?;
            picture.with(|p| p.as_ref()?.graph.nodes.iter().position(|n| node.is(n)))
        });
        let found = Memo::new(move |_| {
            let words = Words::parse(&query.get());
            let fit = |p: &Shared<Picture>| {
                p.graph.nodes.iter().map(|n| words.fit(&format!("{} {}", n.name, n.operation))).collect()
            };
            if words.is_empty() { None } else { picture.with(|p| p.as_ref().map(fit)) }
        });
        let viewport = RwSignal::new(Viewport::default());
        let view = Self {
            services,
            store,
            handle,
            choice,
            picture,
            viewport,
            selected,
            query,
            found,
            answer,
            subject,
        };
        effect(move || {
            let Some(answer) = answer.get() else { return picture.set(None) };
            let slots = view.slots();
            let slot_of = |name: &str| slots.iter().find(|s| s.0 == name).map_or(0, |s| s.1);
            let next = Picture::new(answer.graph.clone(), &answer.layout, slot_of);
            let is_same = picture.with_untracked(|p| {
                p.as_ref()
                    .is_some_and(|p| p.nodes == next.nodes && p.graph.nodes.len() == next.graph.nodes.len())
            });
            picture.set(Some(Shared::new(next)));
            if !is_same {
                view.begin();
            }
        });
        view
    }

    /// Whether nothing but numbers of calls is known.
    const fn is_calls(self) -> bool {
        matches!(self.subject, Subject::Calls { .. })
    }

    /// What the engine is asked for.
    fn wanted(self, scope: crate::wire::scope::Scope, choice: &GraphChoice) -> GraphWanted {
        let analyses = self.services.analyses;
        let around = choice.node.as_ref().filter(|_| choice.depth > 0);
        GraphWanted {
            scope,
            settings: analyses.settings.get(),
            root: analyses.root.get(),
            by_operation: choice.service.clone(),
            without: Without {
                least_calls: choice.least_calls,
                least_permille: if choice.hides_small { SMALL_PERMILLE } else { 0 },
                around: around.map(|n| (n.kind.word().to_owned(), n.name.clone(), n.operation.clone())),
                depth: if around.is_some() { choice.depth } else { 0 },
            },
            heights: (NODE_PX, GAP_PX),
        }
    }

    /// Changes what is chosen.
    fn change(self, change: impl FnOnce(&mut GraphChoice)) {
        let mut choice = self.choice.get_untracked();
        change(&mut choice);
        self.store.apply(Action::SetGraph(choice));
    }

    /// Takes back everything that leaves something out.
    fn show_everything(self) {
        self.change(|choice| {
            *choice =
                GraphChoice { form: choice.form, colouring: choice.colouring, ..GraphChoice::default() };
        });
    }

    /// Chooses a node, or none. In an open trace the timeline marks the spans of a service.
    fn select(self, node: Option<usize>) {
        let name = self.picture.with_untracked(|p| {
            let picture = p.as_ref()?;
            picture.graph.nodes.get(node?).map(NodeName::of)
        });
        let earlier = self.choice.with_untracked(|c| c.node.clone());
        let spans_of = |node: Option<&NodeName>| node.and_then(spans_of).unwrap_or_default();
        if self.handle.is_some() {
            let query = self.store.look(|s| s.query.clone());
            // What somebody wrote stays.
            if query.is_empty() || query == spans_of(earlier.as_ref()) {
                self.store.apply_in_place(Action::SetQuery(spans_of(name.as_ref())));
            }
        }
        self.change(|choice| {
            if name.is_none() {
                choice.depth = 0;
            }
            choice.node = name;
        });
    }

    /// Shows a service by its operations.
    fn drill(self, node: usize) {
        let service = self.picture.with_untracked(|p| {
            let node = p.as_ref()?.graph.nodes.get(node)?;
            (node.kind == NodeKind::Service && node.operation.is_empty()).then(|| node.name.clone())
        });
        if let Some(service) = service.filter(|name| !name.is_empty()) {
            self.change(|choice| {
                (choice.service, choice.node, choice.depth) = (Some(service), None, 0);
            });
        }
    }

    /// Brings the start of the picture into sight, or the chosen node.
    fn begin(self) {
        let Some(picture) = self.picture.get_untracked() else { return };
        let start = picture.start().and_then(|at| picture.nodes.get(at).copied());
        let selected = self.selected.get_untracked().and_then(|at| picture.nodes.get(at).copied());
        self.viewport.update(|viewport| {
            viewport.begin(picture.size, start);
            if let Some(selected) = selected {
                viewport.reveal(selected, picture.size);
            }
        });
    }

    /// Changes what is in sight; does nothing without a picture.
    fn look(self, change: impl FnOnce(&mut Viewport, &Picture)) {
        if let Some(picture) = self.picture.get_untracked() {
            self.viewport.update(|viewport| change(viewport, &picture));
        }
    }

    /// Names and looks of the services.
    fn slots(self) -> Vec<(String, u8)> {
        if let Subject::Calls { .. } = self.subject {
            let names = self.answer.with(|a| {
                let nodes = a.iter().flat_map(|a| &a.graph.nodes);
                nodes.map(|n| n.name.clone()).collect::<Vec<_>>()
            });
            let order: Vec<u32> = (0..names.len() as u32).collect();
            let looks = self.services.looks(|known| Looks::assign_in_order(&names, &order, known));
            let slot = |(at, name)| (name, looks.slot(ServiceIdx::new(at)));
            return names.into_iter().enumerate().map(slot).collect();
        }
        if self.handle.is_some() {
            return self.services.trace.with(|open| {
                let services = open.as_ref().map(|open| (open.trace.services(), &open.looks));
                let all = services.into_iter().flat_map(|(names, looks)| {
                    names.iter().enumerate().map(|(at, name)| (name.clone(), looks.slot(ServiceIdx::new(at))))
                });
                all.collect()
            });
        }
        self.services.index.with(|index| {
            let all = index.as_ref().into_iter().flat_map(|index| {
                let names = index.list.service_names.iter().enumerate();
                names.map(|(at, name)| (name.clone(), index.looks.slot(ServiceIdx::new(at))))
            });
            all.collect()
        })
    }
}

/// Whether anything is left out that could be shown.
fn is_narrowed(choice: &GraphChoice) -> bool {
    choice.least_calls > 1 || choice.hides_small || choice.depth > 0 || choice.service.is_some()
}

/// What of a graph of calls is left out.
fn narrowing(choice: &GraphChoice) -> Narrowing {
    let around = choice.node.as_ref().filter(|_| choice.depth > 0);
    Narrowing {
        least_calls: choice.least_calls,
        least_permille: 0,
        around: around.map(|n| (n.kind, n.name.clone(), n.operation.clone())),
        depth: choice.depth,
    }
}

/// What finds the spans of a node in the timeline; only services have some.
fn spans_of(node: &NodeName) -> Option<String> {
    let word = if node.operation.is_empty() { &node.name } else { &node.operation };
    (node.kind == NodeKind::Service && !word.is_empty()).then(|| format!("\"{}\"", word.replace('"', " ")))
}

/// The title of the node at a position.
fn title_at(picture: &Picture, at: usize) -> Option<String> {
    picture.graph.nodes.get(at).map(title)
}
