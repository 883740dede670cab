//! What the engine said of a comparison: signals that only its answers write.
//!
//! Each question has a number; answers to any but the newest are dropped, so the screen never mixes two
//! comparisons.

use leptos::prelude::*;

use crate::model::trace::Trace;
use crate::ui::analyses::Stage;
use crate::ui::shared::Shared;
use crate::wire::analysis::AnalysisSettings;
use crate::wire::compare::{ComparePart, CompareTable, Entries, Instances, KeyChange};
use crate::wire::{Assembly, Request, Response, WireError};

/// The tree of both sides.
#[derive(Debug)]
pub struct Tree {
    /// Its columns.
    pub trace: Trace,
    /// Where the entries come from.
    pub entries: Entries,
    /// Ids of the two traces.
    pub traces: [String; 2],
}

/// Attributes whose values differ.
#[derive(Debug)]
pub struct ValueChanges {
    /// Those of most spans first.
    pub keys: Vec<KeyChange>,
    /// Keys beyond those.
    pub n_more: u32,
    /// Attributes of every so manieth span were read.
    pub every: u32,
}

/// What is open.
#[derive(Debug, Default)]
struct Open {
    asks: u32,
    compare: u32,
    row: u32,
    assembly: Option<Assembly>,
    entries: Entries,
    traces: [String; 2],
    /// What was asked last.
    question: Option<Question>,
}

/// A comparison as it was asked for: equal ones are not asked for again.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Question {
    revision: u32,
    settings: AnalysisSettings,
    sides: [Vec<u32>; 2],
}

/// A copyable handle to the answers.
#[derive(Clone, Copy, Debug)]
pub struct Answers {
    open: StoredValue<Open>,
    /// How far it is.
    pub stage: RwSignal<Stage>,
    /// What changed.
    pub table: RwSignal<Option<Shared<CompareTable>>>,
    /// Both sides as one tree.
    pub tree: RwSignal<Option<Shared<Tree>>>,
    /// Attributes whose values differ.
    pub values: RwSignal<Option<Shared<ValueChanges>>>,
    /// The calls of the row that was asked for last.
    pub instances: RwSignal<Option<Shared<Instances>>>,
}

impl Default for Answers {
    fn default() -> Self {
        Self {
            open: StoredValue::new(Open::default()),
            stage: RwSignal::new(Stage::Idle),
            table: RwSignal::new(None),
            tree: RwSignal::new(None),
            values: RwSignal::new(None),
            instances: RwSignal::new(None),
        }
    }
}

impl Answers {
    /// Forgets everything: another list has come.
    pub(in crate::ui) fn forget(self) {
        self.open.update_value(|open| *open = Open { asks: open.asks, ..Open::default() });
        self.stage.set(Stage::Idle);
        self.table.set(None);
        self.tree.set(None);
        self.values.set(None);
        self.instances.set(None);
    }

    /// The request that compares these sides; none when that is what was asked for last.
    pub(in crate::ui) fn ask(
        self,
        revision: u32,
        settings: AnalysisSettings,
        sides: [Vec<u32>; 2],
    ) -> Option<Request> {
        let question = Question { revision, settings, sides };
        if self.open.with_value(|open| open.question.as_ref() == Some(&question)) {
            return None;
        }
        self.forget();
        let ask = self.open.try_update_value(|open| {
            open.asks = open.asks.wrapping_add(1);
            open.compare = open.asks;
            open.question = Some(question.clone());
            open.asks
        })?;
        self.stage.set(Stage::Running { step: String::new(), done: 0, of: 1 });
        let Question { revision, settings, sides } = question;
        Some(Request::Compare { ask, revision, settings, sides })
    }

    /// The request for the calls of a row.
    pub(in crate::ui) fn look_into(self, row: u32) -> Option<Request> {
        self.instances.set(None);
        let ask = self.open.try_update_value(|open| {
            open.asks = open.asks.wrapping_add(1);
            open.row = open.asks;
            open.asks
        })?;
        Some(Request::CompareRow { ask, row })
    }

    /// Takes an answer that is about a comparison, and gives any other back.
    pub(in crate::ui) fn take(self, response: Response) -> Result<Option<Response>, WireError> {
        match response {
            Response::Compare { ask, part, bytes } => {
                if self.open.with_value(|open| open.compare == ask) {
                    self.take_part(part, &bytes)?;
                }
            }
            Response::Instances { ask, instances } => {
                if self.open.with_value(|open| open.row == ask) {
                    self.instances.set(Some(Shared::new(instances)));
                }
            }
            other => return Ok(Some(other)),
        }
        Ok(None)
    }

    fn take_part(self, part: ComparePart, bytes: &[u8]) -> Result<(), WireError> {
        match part {
            ComparePart::Progress { done, of } => {
                let [done, of] = [done, of].map(|n| u32::try_from(n).unwrap_or(u32::MAX));
                self.stage.set(Stage::Running { step: String::new(), done, of });
            }
            ComparePart::Table(table) => {
                self.stage.set(Stage::Done);
                self.table.set(Some(Shared::new(*table)));
            }
            ComparePart::Tree(tree) => self.open.update_value(|open| {
                open.traces = tree.traces;
                (open.assembly, open.entries) = (Some(Assembly::new(tree.head)), Entries::default());
            }),
            ComparePart::TreePart { part } => {
                let push = |open: &mut Open| match &mut open.assembly {
                    Some(assembly) => assembly.push(part, bytes).map(drop),
                    None => Ok(()),
                };
                self.open.try_update_value(push).unwrap_or(Ok(()))?;
            }
            ComparePart::TreeEntries { .. } => {
                let whole = self.open.try_update_value(|open| {
                    open.entries.push(bytes)?;
                    let n = open.entries.len();
                    let is_whole = open.assembly.as_ref().is_some_and(|a| a.head().n_entries as usize == n);
                    Ok(open.assembly.take_if(|_| is_whole).map(|assembly| {
                        (assembly, std::mem::take(&mut open.entries), std::mem::take(&mut open.traces))
                    }))
                });
                if let Some((assembly, entries, traces)) = whole.unwrap_or(Ok(None))? {
                    let (_, trace) = assembly.finish()?;
                    self.tree.set(Some(Shared::new(Tree { trace, entries, traces })));
                }
            }
            ComparePart::Values { keys, n_more, every } => {
                self.values.set(Some(Shared::new(ValueChanges { keys, n_more, every })));
            }
        }
        Ok(())
    }
}
