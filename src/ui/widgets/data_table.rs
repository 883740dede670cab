//! A table of texts of any length, on top of [`LongGrid`].

use leptos::prelude::*;

use super::ServiceTag;
use super::long_grid::{GridPlace, GridRow, Heading, LongGrid, TableSort};

/// Height of a row.
const ROW_PX: f64 = 28.0;

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableColumn {
    /// Heading.
    pub heading: &'static str,
    /// Whether it holds numbers, which stand at its right.
    pub is_number: bool,
}

/// A row in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableRow {
    /// One text for each column.
    pub cells: Vec<String>,
    /// Service and its look, for the sign before the first cell that is no number.
    pub service: Option<(String, u8)>,
    /// Length of the bar below the row, in thousandths.
    pub permille: u32,
    /// A second text in the first column that is not a number; may be empty.
    pub note: String,
}

/// The table.
#[component]
pub fn DataTable(
    /// Its name.
    #[prop(into)]
    label: Signal<String>,
    /// Id of the grid, one on the page.
    id: &'static str,
    /// The columns.
    #[prop(into)]
    columns: Signal<Vec<TableColumn>>,
    /// Number of rows.
    #[prop(into)]
    n_rows: Signal<usize>,
    /// The row at a position; follows what it depends on.
    #[prop(into)]
    row: Callback<usize, TableRow>,
    /// The order, if it is one by a column.
    #[prop(into)]
    sort: Signal<Option<TableSort>>,
    /// A heading was pressed.
    #[prop(into)]
    on_sort: Callback<usize>,
    /// A row was chosen.
    #[prop(into)]
    on_choose: Callback<usize>,
) -> impl IntoView {
    let place = GridPlace::new(ROW_PX);
    let headings = Signal::derive(move || columns.with(|columns| headings(columns)));
    let key = move |at: usize| {
        let row = row.run(at);
        format!("{}\u{1}{}\u{1}{}", row.cells.join("\u{1}"), row.permille, row.note)
    };
    let line = move |at: usize| {
        let row = row.run(at);
        let numbers: Vec<bool> = columns.with(|c| c.iter().map(|c| c.is_number).collect());
        let main = numbers.iter().position(|&is_number| !is_number);
        let share = format!("{:.1}%", f64::from(row.permille) / 10.0);
        let (service, note) = (row.service, row.note);
        let cells = row.cells.into_iter().enumerate().map(|(number, text)| {
            let is_main = main == Some(number);
            let mark = service.clone().filter(|_| is_main).map(|(service, look)| {
                view! { <ServiceTag service look with_name=false /> }
            });
            let note =
                (is_main && !note.is_empty()).then(|| view! { <span class="note">{note.clone()}</span> });
            let title = text.clone();
            view! {
                <div role="gridcell" data-number=numbers.get(number).copied().unwrap_or(false).then_some("")>
                    {mark} <span class="text" title=title>{text}</span> {note}
                </div>
            }
        });
        let cells = view! {
            <span class="share" style:width=share aria-hidden="true"></span>
            {cells.collect_view()}
        };
        GridRow { label: None, level: 0, is_open: None, cells: cells.into_any() }
    };
    view! {
        <div class="data-table">
            <LongGrid label id place headings n_rows key row=line sort on_sort on_choose />
        </div>
    }
}

/// The first text gets most of the room, and a number enough for its heading.
fn headings(columns: &[TableColumn]) -> Vec<Heading> {
    let main = columns.iter().position(|c| !c.is_number);
    let heading = |(at, column): (usize, &TableColumn)| {
        let (least_px, grows) = match () {
            () if column.is_number => (column.heading.len() as u32 * 8 + 24, 0),
            () if main == Some(at) => (160, 4),
            () => (90, 2),
        };
        let TableColumn { heading, is_number } = *column;
        Heading { text: heading.into(), is_number, least_px: least_px.max(84), grows }
    };
    columns.iter().enumerate().map(heading).collect()
}
