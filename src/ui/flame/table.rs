//! The frames of the flame graph as a table: the same widths as numbers.

use leptos::prelude::*;

use super::handle::FlameHandle;
use crate::base::sort::CompactSort;
use crate::base::text::grouped;
use crate::model::time::DurationNanos;
use crate::ui::effect::effect;
use crate::ui::widgets::{DataTable, TableColumn, TableRow};
use crate::view::flame::{FlameGraph, Frame};
use crate::view::flame_view::FlameView;
use crate::view::format;
use crate::view::timeline::Timeline;

const HEADINGS: [&str; 5] = ["Call path", "Total", "Share", "Itself", "Spans"];

/// All frames, the widest first.
#[component]
pub fn FlameTable(
    /// The view.
    handle: FlameHandle,
    /// A frame was chosen.
    #[prop(into)]
    on_choose: Callback<u32>,
) -> impl IntoView {
    let order = RwSignal::new(None::<(usize, bool)>);
    let n_frames = Memo::new(move |_| {
        // The graph is another value whenever it is another graph.
        let graph =
            |view: &FlameView, _: Option<&Timeline>| view.graph().map(|g| std::sync::Arc::as_ptr(g) as usize);
        handle.follow(graph).flatten()
    });
    effect(move || {
        n_frames.track();
        order.set(None);
    });
    let rows = Memo::new(move |_| -> Vec<u32> {
        n_frames.track();
        let (column, is_descending) = order.get().unwrap_or((1, true));
        let sorted = |view: &FlameView, _: Option<&Timeline>| {
            let graph = view.graph()?;
            let mut rows: Vec<u32> = (0..graph.frames().len() as u32).collect();
            rows.compact_sort_by(|&a, &b| {
                let order = key(graph, a, column).cmp(&key(graph, b, column));
                if is_descending { order.reverse() } else { order }
            });
            Some(rows)
        };
        handle.look(sorted).flatten().unwrap_or_default()
    });
    let row = move |at: usize| -> TableRow {
        let frame = rows.with(|rows| rows.get(at).copied());
        let texts = |view: &FlameView, timeline: Option<&Timeline>| {
            let (graph, frame) = (view.graph()?, frame?);
            let found = graph.frame(frame)?;
            let tip = view.tooltip(timeline, frame)?;
            let is_caller = (found.row as usize) < graph.middle();
            let time = |ns| format::duration(DurationNanos(ns));
            let cells = vec![
                tip.title,
                time(found.total),
                format::percent(found.total, graph.whole()),
                if is_caller { "–".to_owned() } else { time(found.own) },
                grouped(found.count.into()),
            ];
            let way = graph.way(found.parent);
            let names: Vec<String> = way.iter().rev().take(5).rev().map(|&f| graph.title(f)).collect();
            let note = match names.len() {
                0 => String::new(),
                _ if is_caller => {
                    format!("leads to {}", names.iter().rev().cloned().collect::<Vec<_>>().join(" › "))
                }
                n if n < way.len() => format!("below … › {}", names.join(" › ")),
                _ => format!("below {}", names.join(" › ")),
            };
            let permille = (i128::from(found.total) * 1000 / i128::from(graph.whole())) as u32;
            Some(TableRow { cells, service: Some((tip.service, tip.slot)), permille, note })
        };
        handle.look(texts).flatten().unwrap_or_default()
    };
    let columns = HEADINGS.iter().enumerate();
    let columns: Vec<TableColumn> =
        columns.map(|(at, heading)| TableColumn { heading, is_number: at > 0 }).collect();
    view! {
        <DataTable
            label="Call paths"
            id="flame-table"
            columns=Signal::stored(columns)
            n_rows=Signal::derive(move || rows.with(Vec::len))
            row
            sort=order
            on_sort=move |at: usize| {
                order.update(|order| {
                    let turned = order.filter(|o| o.0 == at).map(|o| !o.1);
                    *order = Some((at, turned.unwrap_or(at > 0)));
                });
            }
            on_choose=move |at: usize| {
                if let Some(frame) = rows.with_untracked(|rows| rows.get(at).copied()) {
                    on_choose.run(frame);
                }
            }
        />
    }
}

/// What a column is sorted by.
fn key(graph: &FlameGraph, frame: u32, column: usize) -> (i64, &str) {
    let Frame { total, own, count, .. } = graph.frame(frame).copied().unwrap_or_default();
    match column {
        0 => (0, graph.names(frame).1),
        3 => (own, ""),
        4 => (count.into(), ""),
        _ => (total, ""),
    }
}
