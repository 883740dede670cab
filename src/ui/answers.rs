//! What the page holds of the engine's answers, and what it is told about them.

use std::sync::Arc;

use super::shared::Shared;
use crate::model::time::DurationNanos;
use crate::model::trace::Trace;
use crate::model::trace_list::TraceList;
use crate::platform::worker_client::Kept;
use crate::view::outline::Outline;
use crate::view::theme::Looks;
use crate::wire::TraceHead;

/// The open trace with what its header says.
#[derive(Debug)]
pub struct OpenTrace {
    /// What the engine says about it.
    pub head: TraceHead,
    /// The hot columns.
    pub trace: Arc<Trace>,
    /// What rows look up in them.
    pub outline: Arc<Outline>,
    /// Which colour and texture each service has.
    pub looks: Looks,
    /// How its clocks were corrected, if they were.
    pub correction: Option<Correction>,
    /// What each span does, as far as the outline heeds it.
    pub statements: Option<Shared<Vec<u32>>>,
}

/// What was done to a trace whose clocks disagree.
#[derive(Clone, Debug)]
pub struct Correction {
    /// The trace as it was recorded.
    recorded: Arc<Trace>,
    /// By how much each span was moved.
    pub shifts: Shared<Vec<i64>>,
    /// By how much the trace starts earlier than it was recorded: analyses count from the recorded start.
    pub earlier: DurationNanos,
}

impl OpenTrace {
    /// Where an instant after the recorded start lies after the start that is shown.
    pub fn shown(&self, time: i64) -> DurationNanos {
        let earlier = self.correction.as_ref().map_or(0, |c| c.earlier.0);
        DurationNanos(time.saturating_add(earlier))
    }

    /// Where an event of `span` is shown that lies so long after the recorded start.
    pub fn shown_event(&self, span: u32, time: i64) -> DurationNanos {
        let shift = self.correction.as_ref().and_then(|c| c.shifts.get(span as usize)).copied();
        self.shown(time.saturating_add(shift.unwrap_or_default()))
    }

    /// The trace with its clocks corrected by `shifts`, or as it was recorded.
    pub fn corrected(&self, shifts: Option<Shared<Vec<i64>>>) -> (Arc<Trace>, Option<Correction>) {
        let recorded = self.correction.as_ref().map_or(&self.trace, |c| &c.recorded).clone();
        let Some(shifts) = shifts else { return (recorded, None) };
        let (trace, earlier) = recorded.with_shifts(&shifts);
        (Arc::new(trace), Some(Correction { recorded, shifts, earlier }))
    }
}

/// The list of traces as it last came.
#[derive(Debug)]
pub struct TraceIndex {
    /// Counts the lists of one opening.
    pub revision: u32,
    /// Whether everything was read.
    pub complete: bool,
    /// The columns.
    pub list: TraceList,
    /// Which colour and texture each service has.
    pub looks: Looks,
}

/// Values of an attribute.
#[derive(Debug)]
pub struct Values {
    /// Its key.
    pub key: String,
    /// Spans with what they have there.
    pub values: Vec<(u32, String)>,
}

/// Which spans a search in attributes found.
#[derive(Debug)]
pub struct Found {
    /// Number of the question.
    pub ask: u32,
    /// Spans searched so far.
    pub searched: u32,
    /// Whether the search is over.
    pub complete: bool,
    /// One packed set for each word.
    pub bytes: Vec<u8>,
}

/// Why the engine is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Death {
    /// What it said.
    pub message: String,
    /// Whether the memory was full.
    pub out_of_memory: bool,
}

/// What may change the screen.
#[derive(Clone, Debug)]
pub enum Event {
    /// Other files take the place of what was shown.
    Opening {
        /// Whether there were traces before.
        replaces: bool,
    },
    /// Files were added to those that are open, or all were read again.
    Joined,
    /// What was read beside what is shown came to nothing.
    Kept(Box<Kept>),
    /// The engine was ended before the traces were put together.
    Stopped,
    /// A list of traces has come.
    Listed,
    /// The import report has come.
    Reported,
}
