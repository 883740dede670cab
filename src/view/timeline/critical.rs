//! The critical path in the timeline: where it is shown, how it folds, how one goes along it.

use std::sync::Arc;

use super::{Direction, Timeline};
use crate::model::time::DurationNanos;
use crate::view::folding::FoldRule;
use crate::view::path::CriticalPath;

impl Timeline {
    /// The critical path, once it is known.
    pub fn path(&self) -> Option<&CriticalPath> {
        self.path.as_deref()
    }

    /// Takes the critical path, or forgets it. A trace that is folded to the path is folded to this one, with
    /// what was opened and closed by hand.
    pub fn set_path(&mut self, path: Option<Arc<CriticalPath>>) {
        self.path = path;
        self.hop = None;
        if self.folding.rule() == FoldRule::Critical {
            let spans = self.folding.exceptions().to_vec();
            let runs = self.folding.run_exceptions().to_vec();
            self.restore_folding(FoldRule::Critical, &spans, &runs, self.folding.focus());
            self.reveal_cursor();
        }
    }

    /// Whether everything but the critical path is drawn faintly.
    pub fn is_path_emphasised(&self) -> bool {
        self.is_path_emphasised && self.path.is_some()
    }

    /// Draws everything but the critical path faintly, or as strongly as ever.
    pub fn emphasise_path(&mut self, is_on: bool) {
        self.is_path_emphasised = is_on;
    }

    /// Selects the span of the next section of the path, with the section in sight. Says whether there is one.
    pub fn hop(&mut self, direction: Direction) -> bool {
        let Some(path) = self.path.clone() else { return false };
        let forward = direction == Direction::Next;
        let Some(at) = path.hop(self.hop, self.selected(), forward) else { return false };
        self.go_to_section(at);
        true
    }

    /// Selects the span of the section at `at` of the path, with the section in sight.
    pub fn go_to_section(&mut self, at: usize) {
        let section = self.path.as_ref().and_then(|path| path.sections().get(at).copied());
        let Some(section) = section else { return };
        self.select(section.span);
        self.hop = Some(at);
        let shown = self.range();
        if section.range.end <= shown.start || section.range.start >= shown.end {
            self.set_scale(self.scale.reveal(section.range, self.chart_px));
        }
    }

    /// The section of the path that lies at `x` of the chart.
    pub fn section_at(&self, x: f64) -> Option<usize> {
        let time = self.scale.time_from_x(x);
        self.path.as_ref()?.at(time.max(DurationNanos(0)))
    }
}
