//! The graph as tables: its nodes, and the calls between them.

use leptos::prelude::*;

use super::GraphView;
use crate::ui::widgets::long_grid::TableSort;
use crate::ui::widgets::{DataTable, TableColumn, TableRow};
use crate::view::graph::text::{COLUMNS, Column, NODE_COLUMNS, NodeColumn, sorted, sorted_nodes};
use crate::view::graph::{NodeKind, Picture};

/// The columns where nothing but numbers of calls is known.
const CALLS_NODES: [NodeColumn; 2] = [NodeColumn::Name, NodeColumn::Calls];
const CALLS_EDGES: [Column; 3] = [Column::From, Column::To, Column::Calls];

fn shown<C: Copy>(all: &'static [C], of_calls: &'static [C], view: GraphView) -> &'static [C] {
    if view.is_calls() { of_calls } else { all }
}

/// The nodes.
#[component]
pub fn NodeTable(
    /// The view.
    view: GraphView,
) -> impl IntoView {
    let order = RwSignal::new(None::<TableSort>);
    let rows = move |picture: &Picture, by: Option<TableSort>| {
        let by = by.and_then(|(at, down)| Some((*shown(&NODE_COLUMNS, &CALLS_NODES, view).get(at)?, down)));
        sorted_nodes(&picture.graph, by)
    };
    let row = move |picture: &Picture, at: u32| {
        let node = &picture.graph.nodes[at as usize];
        let slot = picture.slots.get(at as usize).copied().unwrap_or_default();
        TableRow {
            cells: shown(&NODE_COLUMNS, &CALLS_NODES, view)
                .iter()
                .map(|c| c.text(&picture.graph, node))
                .collect(),
            service: (node.kind == NodeKind::Service).then(|| (node.name.clone(), slot)),
            permille: share(node.critical_ns, picture.graph.critical_ns),
            note: String::new(),
        }
    };
    let shown = shown(&NODE_COLUMNS, &CALLS_NODES, view);
    let columns = shown.iter().map(|c| TableColumn { heading: c.heading(), is_number: c.is_number() });
    table(view, "Nodes of the graph", columns.collect(), order, rows, row, |_, at| at)
}

/// The calls.
#[component]
pub fn CallTable(
    /// The view.
    view: GraphView,
) -> impl IntoView {
    let order = RwSignal::new(None::<TableSort>);
    let rows = move |picture: &Picture, by: Option<TableSort>| {
        let by = by.and_then(|(at, down)| Some((*shown(&COLUMNS, &CALLS_EDGES, view).get(at)?, down)));
        sorted(&picture.graph, by)
    };
    let row = move |picture: &Picture, at: u32| {
        let edge = &picture.graph.edges[at as usize];
        TableRow {
            cells: shown(&COLUMNS, &CALLS_EDGES, view).iter().map(|c| c.text(&picture.graph, edge)).collect(),
            permille: share(edge.critical_ns, picture.graph.critical_ns),
            ..TableRow::default()
        }
    };
    let shown = shown(&COLUMNS, &CALLS_EDGES, view);
    let columns = shown.iter().map(|c| TableColumn { heading: c.heading(), is_number: c.is_number() });
    let called = |picture: &Picture, at: u32| picture.graph.edges[at as usize].to;
    table(view, "Calls of the graph", columns.collect(), order, rows, row, called)
}

fn share(part: i64, whole: i64) -> u32 {
    (i128::from(part.max(0)) * 1_000 / i128::from(whole.max(1))).min(1_000) as u32
}

fn table(
    view: GraphView,
    label: &'static str,
    columns: Vec<TableColumn>,
    order: RwSignal<Option<TableSort>>,
    rows: impl Fn(&Picture, Option<TableSort>) -> Vec<u32> + Copy + Send + Sync + 'static,
    row: impl Fn(&Picture, u32) -> TableRow + Copy + Send + Sync + 'static,
    node_of: impl Fn(&Picture, u32) -> u32 + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let picture = view.picture;
    let sorted =
        Memo::new(move |_| picture.with(|p| p.as_ref().map(|p| rows(p, order.get()))).unwrap_or_default());
    let row = move |at: usize| {
        let at = sorted.with(|rows| rows.get(at).copied());
        picture.with(|p| Some(row(p.as_ref()?, at?))).unwrap_or_default()
    };
    let on_choose = move |at: usize| {
        let at = sorted.with_untracked(|rows| rows.get(at).copied());
        let node = picture.with_untracked(|p| Some(node_of(p.as_ref()?, at?)));
        view.select(node.map(|node| node as usize));
    };
    let is_number: Vec<bool> = columns.iter().map(|c| c.is_number).collect();
    let on_sort = move |at: usize| {
        order.update(|order| {
            let turned = order.filter(|o| o.0 == at).map(|o| !o.1);
            *order = Some((at, turned.unwrap_or(is_number.get(at) == Some(&true))));
        });
    };
    view! {
        <DataTable
            label
            id="graph-table"
            columns=Signal::stored(columns)
            n_rows=Signal::derive(move || sorted.with(Vec::len))
            row
            sort=order
            on_sort
            on_choose
        />
    }
}
