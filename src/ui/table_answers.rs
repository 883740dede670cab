//! What the engine answered about tables, and the questions about them that are open.
//!
//! Rows of the table of spans come in pages of [`PAGE`] rows as they come into sight, and the last few pages
//! are kept. Each question has a number; what answers a question of an earlier table is dropped.

use std::collections::BTreeMap;

use leptos::prelude::*;

use super::shared::Shared;
use crate::wire::table::{SpanRow, StatisticsRows, TableFacts, TablePart, TableRequest};
use crate::wire::{Request, WireError};

/// Rows of a page.
pub const PAGE: u32 = 128;

/// Pages that are kept.
const MOST_PAGES: usize = 24;

/// Statistics as they came.
#[derive(Debug)]
pub struct Statistics {
    /// Their rows.
    pub rows: StatisticsRows,
    /// What is said of them as a whole.
    pub facts: TableFacts,
}

/// Open questions, and rows that are here.
#[derive(Debug, Default)]
struct Open {
    asks: u32,
    revision: u32,
    /// The statistics or the table of spans asked for last.
    table: u32,
    /// Rows that were asked for before are of another table, or have other values.
    rows_from: u32,
    rows: u32,
    place: u32,
    csv: u32,
    /// Pages that were asked for and are not here.
    awaited: Vec<u32>,
    pages: BTreeMap<u32, Vec<SpanRow>>,
    keys: Vec<String>,
    pieces: Vec<Vec<u8>>,
}

/// A copyable handle to what is known of tables.
#[derive(Clone, Copy, Debug)]
pub struct TableAnswers {
    open: StoredValue<Open>,
    /// Traces measured of all, while a table is made.
    pub progress: RwSignal<Option<(u32, u32)>>,
    /// The statistics; none until they were first made.
    pub statistics: RwSignal<Option<Shared<Statistics>>>,
    /// The table of spans; none until it was first made. Told anew for each order.
    pub spans: RwSignal<Option<Shared<TableFacts>>>,
    /// Counts the arrivals of rows.
    pub arrivals: RwSignal<u32>,
    /// Where the span stands that was asked for last.
    pub place: RwSignal<Option<u32>>,
    /// A table as CSV, complete.
    pub csv: RwSignal<Option<Shared<Vec<Vec<u8>>>>>,
}

impl Default for TableAnswers {
    fn default() -> Self {
        Self {
            open: StoredValue::new(Open::default()),
            progress: RwSignal::new(None),
            statistics: RwSignal::new(None),
            spans: RwSignal::new(None),
            arrivals: RwSignal::new(0),
            place: RwSignal::new(None),
            csv: RwSignal::new(None),
        }
    }
}

impl TableAnswers {
    /// Forgets everything: the tables are about something else from now on.
    pub(super) fn forget(self) {
        self.open.update_value(|open| *open = Open { asks: open.asks, ..Open::default() });
        self.progress.set(None);
        self.statistics.set(None);
        self.spans.set(None);
        self.place.set(None);
        self.csv.set(None);
    }

    /// The request for statistics or a table of spans of a list.
    pub(super) fn make(self, revision: u32, what: TableRequest) -> Request {
        self.open.update_value(|open| open.revision = revision);
        let ask = self.next(|open| &mut open.table);
        self.progress.set(Some((0, 1)));
        self.request(ask, what)
    }

    /// The requests for these rows of the table of spans, and the pages around them, with the values of these
    /// attributes; nothing for what is here or on its way.
    pub(super) fn want(self, rows: std::ops::Range<usize>, keys: &[String]) -> Vec<Request> {
        let n_rows = self.spans.with_untracked(|spans| spans.as_ref().map_or(0, |facts| facts.n_spans));
        let (first, last) = ((rows.start as u32) / PAGE, (rows.end as u32) / PAGE);
        let wanted = self.open.try_update_value(|open| {
            if open.keys != keys {
                open.keys = keys.to_vec();
                open.pages.clear();
                open.awaited.clear();
                open.rows_from = open.asks;
            }
            // What went out of sight before it came is not waited for, so that it can be asked for again.
            let near = first.saturating_sub(1)..=last + 1;
            let is_new = |page: &u32| !open.pages.contains_key(page) && !open.awaited.contains(page);
            let pages: Vec<u32> = near.filter(|page| page * PAGE < n_rows).filter(is_new).collect();
            open.awaited.extend(&pages);
            pages
        });
        let request = |page: u32| {
            let ask = self.next(|open| &mut open.rows);
            self.request(ask, TableRequest::Rows { first: page * PAGE, n: PAGE, keys: keys.to_vec() })
        };
        wanted.unwrap_or_default().into_iter().map(request).collect()
    }

    /// The request for the place of a span in the table of spans.
    pub(super) fn locate(self, trace: u32, span: u32) -> Request {
        let ask = self.next(|open| &mut open.place);
        self.request(ask, TableRequest::Place { trace, span })
    }

    /// The request for a table as CSV.
    pub(super) fn write(self, what: TableRequest) -> Request {
        let ask = self.next(|open| &mut open.csv);
        self.open.update_value(|open| open.pieces.clear());
        self.csv.set(None);
        self.request(ask, what)
    }

    /// Reads a row of the table of spans; none while it is not here.
    pub fn with_row<T>(self, at: usize, read: impl FnOnce(&SpanRow) -> T) -> Option<T> {
        let at = at as u32;
        let row = |open: &Open| Some(read(open.pages.get(&(at / PAGE))?.get((at % PAGE) as usize)?));
        self.open.try_with_value(row).flatten()
    }

    fn request(self, ask: u32, what: TableRequest) -> Request {
        let revision = self.open.with_value(|open| open.revision);
        Request::Table { ask, revision, what: Box::new(what) }
    }

    fn next(self, which: impl FnOnce(&mut Open) -> &mut u32) -> u32 {
        self.open
            .try_update_value(|open| {
                open.asks = open.asks.wrapping_add(1);
                let ask = open.asks;
                *which(open) = ask;
                ask
            })
            .unwrap_or_default()
    }

    /// Takes an answer.
    pub(super) fn take(self, ask: u32, part: TablePart, bytes: Vec<u8>) -> Result<(), WireError> {
        let (table, place, csv, rows_from) =
            self.open.with_value(|open| (open.table, open.place, open.csv, open.rows_from));
        match part {
            TablePart::Progress { done, of } if ask == table => self.progress.set(Some((done, of))),
            TablePart::Statistics(facts) if ask == table => {
                let rows = StatisticsRows::unpack(&bytes)?;
                self.progress.set(None);
                self.statistics.set(Some(Shared::new(Statistics { rows, facts })));
            }
            TablePart::Spans(facts) if ask == table => {
                self.open.update_value(|open| {
                    open.pages.clear();
                    open.awaited.clear();
                    open.rows_from = open.asks;
                });
                self.progress.set(None);
                self.spans.set(Some(Shared::new(facts)));
            }
            TablePart::Rows { first, rows } if ask > rows_from => {
                self.open.update_value(|open| {
                    let page = first / PAGE;
                    open.awaited.retain(|awaited| *awaited != page);
                    open.pages.insert(page, rows);
                    // The one farthest from what came last is the first to go.
                    if open.pages.len() > MOST_PAGES {
                        let far = open.pages.keys().copied().max_by_key(|other| other.abs_diff(page));
                        far.and_then(|far| open.pages.remove(&far));
                    }
                });
                self.arrivals.update(|n| *n = n.wrapping_add(1));
            }
            TablePart::Place(at) if ask == place => self.place.set(at),
            TablePart::Csv { is_last } if ask == csv => {
                let pieces = self.open.try_update_value(|open| {
                    open.pieces.push(bytes);
                    is_last.then(|| std::mem::take(&mut open.pieces))
                });
                if let Some(pieces) = pieces.flatten() {
                    self.csv.set(Some(Shared::new(pieces)));
                }
            }
            _ => {}
        }
        Ok(())
    }
}
