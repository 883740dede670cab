//! Carries out the commands that concern the timeline.

use super::handle::TimelineHandle;
use crate::state::commands::CommandId;
use crate::view::folding::FoldRule;
use crate::view::rows::Row;
use crate::view::timeline::{Direction, Step, Timeline};

/// A key's zoom, and its pan in shares of the chart.
const ZOOM: f64 = 1.5;
const PAN: f64 = 0.1;
const PAN_FAR: f64 = 0.4;

/// What the selection is after a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// As it was.
    Moved,
    /// Another row has the cursor.
    Selected,
    /// The folding changed.
    Folded,
}

/// Carries out `command`; none when it is not the timeline's.
pub fn run(handle: TimelineHandle, command: CommandId) -> Option<Effect> {
    use CommandId as C;
    let moved = |change: &dyn Fn(&mut Timeline)| {
        handle.change(change);
        Some(Effect::Moved)
    };
    let selected = |change: &dyn Fn(&mut Timeline)| {
        handle.change(change);
        Some(Effect::Selected)
    };
    let folded = |change: &dyn Fn(&mut Timeline)| {
        handle.change_measured("spanscope:fold", change);
        Some(Effect::Folded)
    };
    match command {
        C::ZoomIn => moved(&|t| t.zoom_at(zoom_centre(t), ZOOM)),
        C::ZoomOut => moved(&|t| t.zoom_at(zoom_centre(t), 1.0 / ZOOM)),
        C::PanLeft => moved(&|t| t.pan(-PAN * t.chart_px())),
        C::PanRight => moved(&|t| t.pan(PAN * t.chart_px())),
        C::PanLeftFar => moved(&|t| t.pan(-PAN_FAR * t.chart_px())),
        C::PanRightFar => moved(&|t| t.pan(PAN_FAR * t.chart_px())),
        C::FitSelection => moved(&Timeline::fit_selection),
        C::FitTrace => moved(&Timeline::fit_whole),
        C::ZoomUndo => moved(&|t| t.travel(Direction::Previous)),
        C::ZoomRedo => moved(&|t| t.travel(Direction::Next)),
        C::RowUp => selected(&|t| t.step(Step::Rows(-1))),
        C::RowDown => selected(&|t| t.step(Step::Rows(1))),
        C::FirstRow => selected(&|t| t.step(Step::First)),
        C::LastRow => selected(&|t| t.step(Step::Last)),
        C::PageUp => selected(&|t| t.step(Step::Pages(-1))),
        C::PageDown => selected(&|t| t.step(Step::Pages(1))),
        C::ScrollPageUp => moved(&|t| t.scroll_by(-t.scroll().window_px())),
        C::ScrollPageDown => moved(&|t| t.scroll_by(t.scroll().window_px())),
        C::CloseOrParent => selected(&Timeline::close_or_parent),
        C::OpenOrChild => selected(&Timeline::open_or_child),
        C::OpenSiblings => folded(&Timeline::open_siblings),
        C::ToggleRow => folded(&|t| {
            if let Some(at) = t.cursor_row() {
                t.toggle(at);
            }
        }),
        C::NextSibling => selected(&|t| t.go_to_sibling(Direction::Next, false)),
        C::PreviousSibling => selected(&|t| t.go_to_sibling(Direction::Previous, false)),
        C::NextSiblingOfService => selected(&|t| t.go_to_sibling(Direction::Next, true)),
        C::PreviousSiblingOfService => selected(&|t| t.go_to_sibling(Direction::Previous, true)),
        C::OpenLevel => folded(&|t| t.fold_level(Direction::Next)),
        C::CloseLevel => folded(&|t| t.fold_level(Direction::Previous)),
        C::OpenAll => folded(&|t| t.fold(FoldRule::None)),
        C::CloseAll => folded(&|t| t.fold(FoldRule::Depth(1))),
        C::FoldToRuns => folded(&|t| t.fold(FoldRule::Runs)),
        C::FoldToErrors => folded(&|t| t.fold(FoldRule::Errors)),
        C::FoldToPath => folded(&|t| t.fold(FoldRule::Critical)),
        C::EmphasisePath => moved(&|t| t.emphasise_path(!t.is_path_emphasised())),
        C::NextHop => selected(&|t| {
            t.hop(Direction::Next);
        }),
        C::PreviousHop => selected(&|t| {
            t.hop(Direction::Previous);
        }),
        C::FocusSubtree => folded(&|t| {
            let span = t.cursor().map(Row::span);
            t.focus(span);
        }),
        C::FocusWhole => folded(&|t| t.focus(None)),
        C::NextMatch => selected(&|t| {
            t.go_to_match(Direction::Next);
        }),
        C::PreviousMatch => selected(&|t| {
            t.go_to_match(Direction::Previous);
        }),
        C::NextMatchOrRow => selected(&|t| go_to_match_or_row(t, Direction::Next)),
        C::PreviousMatchOrRow => selected(&|t| go_to_match_or_row(t, Direction::Previous)),
        C::NextError => selected(&|t| {
            t.go_to_error(Direction::Next);
        }),
        C::PreviousError => selected(&|t| {
            t.go_to_error(Direction::Previous);
        }),
        _ => None,
    }
}

/// The next match while something is searched for, else the next row in the shown time.
fn go_to_match_or_row(timeline: &mut Timeline, direction: Direction) {
    if timeline.matches().is_some() {
        timeline.go_to_match(direction);
    } else {
        timeline.go_to_visible(direction);
    }
}

/// Keys zoom around the pointer, or the selection when the pointer is elsewhere, or the middle.
fn zoom_centre(timeline: &Timeline) -> f64 {
    let of_selection = || {
        let range = timeline.range_of(timeline.cursor()?);
        let middle = timeline.scale().x_from_time(range.start)
            + timeline.scale().px_from_duration(range.duration()) / 2.0;
        (0.0..=timeline.chart_px()).contains(&middle).then_some(middle)
    };
    let pointer = timeline.pointer().map(|(x, _)| x);
    pointer.or_else(of_selection).unwrap_or(timeline.chart_px() / 2.0)
}
