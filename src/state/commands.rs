//! The one table of commands: keys, help overlay and palette are made from it.

use super::keys::{Chord, Focus, KeyPress};
use super::settings::KeyPreset;
use super::view_state::Screen;

/// Everything that a key or the palette can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the titles are in `COMMANDS`")]
pub enum CommandId {
    ZoomIn,
    ZoomOut,
    PanLeft,
    PanRight,
    PanLeftFar,
    PanRightFar,
    FitSelection,
    FitTrace,
    ZoomUndo,
    ZoomRedo,
    RowUp,
    RowDown,
    FirstRow,
    LastRow,
    PageUp,
    PageDown,
    ScrollPageUp,
    ScrollPageDown,
    CloseOrParent,
    OpenOrChild,
    NamesLeft,
    NamesRight,
    OpenSiblings,
    ShowDetails,
    ToggleRow,
    NextSibling,
    PreviousSibling,
    NextSiblingOfService,
    PreviousSiblingOfService,
    OpenLevel,
    CloseLevel,
    OpenAll,
    CloseAll,
    FoldToRuns,
    FoldToErrors,
    FoldToPath,
    FocusSubtree,
    FocusWhole,
    Find,
    NextMatch,
    PreviousMatch,
    NextMatchOrRow,
    PreviousMatchOrRow,
    OnlyMatches,
    NextError,
    PreviousError,
    EmphasisePath,
    NextHop,
    PreviousHop,
    ShowFindings,
    NextFinding,
    PreviousFinding,
    WhatIf,
    ViewTimeline,
    ViewFlame,
    ViewGraph,
    ViewCriticalPath,
    ViewStatistics,
    ViewSpans,
    ViewCompare,
    FollowCall,
    FollowCaller,
    GoTo,
    MarkSelection,
    Note,
    Palette,
    Help,
    ShowTraces,
    ShowReport,
    ShowRefused,
    ShowSettings,
    OpenFiles,
    OpenFolder,
    AddFiles,
    CloseFiles,
    Connect,
    Search,
    Theme,
    CopyLink,
    CopySpan,
    NextRegion,
    PreviousRegion,
    Escape,
}

/// Heading under which a command stands in the help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Zooming and panning.
    Time,
    /// Moving from row to row.
    Rows,
    /// Opening and closing.
    Fold,
    /// Search, errors, calls, marks.
    Find,
    /// The page.
    Page,
}

/// Where a command has something to act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// On every screen.
    Everywhere,
    /// Where something is loaded.
    Loaded,
    /// Where a trace is open.
    Timeline,
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Command {
    /// Which.
    pub id: CommandId,
    /// What it does, in the imperative.
    pub title: &'static str,
    /// Heading in the help.
    pub group: Group,
    /// Where it can be used.
    pub scope: Scope,
    /// Keys of the preset Perfetto.
    pub perfetto: &'static [Chord],
    /// Keys of the preset Jaeger.
    pub jaeger: &'static [Chord],
}

const fn both(
    id: CommandId,
    title: &'static str,
    group: Group,
    scope: Scope,
    keys: &'static [Chord],
) -> Command {
    Command { id, title, group, scope, perfetto: keys, jaeger: keys }
}

const fn differing(
    id: CommandId,
    title: &'static str,
    group: Group,
    scope: Scope,
    perfetto: &'static [Chord],
    jaeger: &'static [Chord],
) -> Command {
    Command { id, title, group, scope, perfetto, jaeger }
}

const fn key(key: &'static str) -> Chord {
    Chord::key(key)
}

const fn place(code: &'static str) -> Chord {
    Chord::place(code)
}

impl CommandId {
    /// The view of one trace that the command shows, if that is what it does.
    pub const fn view(self) -> Option<Screen> {
        match self {
            Self::ViewTimeline => Some(Screen::Timeline),
            Self::ViewFlame => Some(Screen::Flame),
            Self::ViewGraph => Some(Screen::Graph),
            Self::ViewCriticalPath => Some(Screen::CriticalPath),
            Self::ViewStatistics => Some(Screen::Statistics),
            Self::ViewSpans => Some(Screen::Spans),
            _ => None,
        }
    }
}

use CommandId as C;
use Group::{Find, Fold, Page, Rows, Time};
use Scope::{Everywhere, Loaded, Timeline};

/// All commands, in the order of the help.
pub const COMMANDS: &[Command] = &[
    differing(
        C::ZoomIn,
        "Zoom in",
        Time,
        Timeline,
        &[place("KeyW"), key("+").any_shift(), key("=")],
        &[key("ArrowUp").alt(), key("+").any_shift(), key("=")],
    ),
    differing(
        C::ZoomOut,
        "Zoom out",
        Time,
        Timeline,
        &[place("KeyS"), key("-").any_shift()],
        &[key("ArrowDown").alt(), key("-").any_shift()],
    ),
    both(C::PanLeft, "Move to earlier times", Time, Timeline, &[place("KeyA")]),
    both(C::PanRight, "Move to later times", Time, Timeline, &[place("KeyD")]),
    both(C::PanLeftFar, "Move far to earlier times", Time, Timeline, &[place("KeyA").shift()]),
    both(C::PanRightFar, "Move far to later times", Time, Timeline, &[place("KeyD").shift()]),
    differing(
        C::FitSelection,
        "Centre the selection; again to fit it; again to go back",
        Time,
        Timeline,
        &[key("f")],
        &[],
    ),
    both(C::FitTrace, "Show the whole trace", Time, Timeline, &[key("0"), key("f").shift()]),
    both(C::ZoomUndo, "Back to the previous zoom", Time, Timeline, &[key("z")]),
    both(C::ZoomRedo, "Forward to the next zoom", Time, Timeline, &[key("z").shift()]),
    both(C::RowUp, "Previous row", Rows, Timeline, &[key("ArrowUp")]),
    both(C::RowDown, "Next row", Rows, Timeline, &[key("ArrowDown")]),
    both(C::FirstRow, "First row", Rows, Timeline, &[key("Home")]),
    both(C::LastRow, "Last row", Rows, Timeline, &[key("End")]),
    both(C::PageUp, "A page up", Rows, Timeline, &[key("PageUp")]),
    both(C::PageDown, "A page down", Rows, Timeline, &[key("PageDown")]),
    differing(C::ScrollPageUp, "Scroll a page up", Rows, Timeline, &[], &[place("KeyW")]),
    differing(C::ScrollPageDown, "Scroll a page down", Rows, Timeline, &[], &[place("KeyS")]),
    both(C::CloseOrParent, "Close the row, then go to its parent", Rows, Timeline, &[key("ArrowLeft")]),
    both(C::OpenOrChild, "Open the row, then go to its first child", Rows, Timeline, &[key("ArrowRight")]),
    both(C::NamesLeft, "Move deep names to the left", Rows, Timeline, &[key("ArrowLeft").shift()]),
    both(C::NamesRight, "Move deep names to the right", Rows, Timeline, &[key("ArrowRight").shift()]),
    both(C::ShowDetails, "Show the details of the span", Rows, Timeline, &[key("Enter")]),
    both(C::ToggleRow, "Open or close the row", Rows, Timeline, &[key(" ")]),
    both(C::NextSibling, "Next sibling in time", Rows, Timeline, &[key(".")]),
    both(C::PreviousSibling, "Previous sibling in time", Rows, Timeline, &[key(",")]),
    both(
        C::NextSiblingOfService,
        "Next sibling of the same service",
        Rows,
        Timeline,
        &[place("Period").shift()],
    ),
    both(
        C::PreviousSiblingOfService,
        "Previous sibling of the same service",
        Rows,
        Timeline,
        &[place("Comma").shift()],
    ),
    both(C::OpenLevel, "Open one level", Fold, Timeline, &[key("o")]),
    both(C::CloseLevel, "Close one level", Fold, Timeline, &[key("p")]),
    differing(
        C::OpenAll,
        "Open everything",
        Fold,
        Timeline,
        &[key("o").shift()],
        &[key("["), key("o").shift()],
    ),
    differing(
        C::CloseAll,
        "Close everything",
        Fold,
        Timeline,
        &[key("p").shift()],
        &[key("]"), key("p").shift()],
    ),
    both(C::OpenSiblings, "Open all siblings", Fold, Timeline, &[key("*").any_shift()]),
    both(C::FoldToRuns, "Open everything but runs of equal siblings", Fold, Timeline, &[]),
    both(C::FoldToErrors, "Open only the ways to errors", Fold, Timeline, &[]),
    both(C::FoldToPath, "Open only the ways to the critical path", Fold, Timeline, &[]),
    both(C::FocusSubtree, "Show only the subtree of the selected span", Fold, Timeline, &[]),
    both(C::FocusWhole, "Show the whole trace again", Fold, Timeline, &[]),
    differing(
        C::Find,
        "Search",
        Find,
        Loaded,
        &[key("/").any_shift(), key("f").primary()],
        &[key("/").any_shift(), key("f").primary(), key("b").primary()],
    ),
    both(C::NextMatch, "Next match", Find, Timeline, &[key("n")]),
    both(C::PreviousMatch, "Previous match", Find, Timeline, &[key("n").shift()]),
    differing(
        C::NextMatchOrRow,
        "Next match; without a search, next span in the shown time",
        Find,
        Timeline,
        &[],
        &[key("f")],
    ),
    differing(
        C::PreviousMatchOrRow,
        "Previous match; without a search, previous span in the shown time",
        Find,
        Timeline,
        &[],
        &[key("b")],
    ),
    both(C::OnlyMatches, "Show only what the search finds, or everything again", Find, Timeline, &[]),
    both(C::NextError, "Next error", Find, Timeline, &[key("e")]),
    both(C::PreviousError, "Previous error", Find, Timeline, &[key("e").shift()]),
    both(C::EmphasisePath, "Emphasise the critical path", Find, Timeline, &[key("c")]),
    both(C::NextHop, "Next section of the critical path", Find, Timeline, &[key("x")]),
    both(C::PreviousHop, "Previous section of the critical path", Find, Timeline, &[key("x").shift()]),
    both(C::ShowFindings, "Show findings", Find, Timeline, &[key("i")]),
    both(C::NextFinding, "Next finding", Find, Timeline, &[key("j")]),
    both(C::PreviousFinding, "Previous finding", Find, Timeline, &[key("j").shift()]),
    both(C::WhatIf, "What if an operation were faster", Find, Timeline, &[]),
    both(C::ViewTimeline, "Show the timeline", Page, Timeline, &[key("1")]),
    both(C::ViewFlame, "Show the flame graph", Page, Timeline, &[key("2")]),
    both(C::ViewGraph, "Show who calls whom", Page, Timeline, &[key("3")]),
    both(C::ViewCriticalPath, "Show the critical path", Page, Timeline, &[key("4")]),
    both(
        C::ViewStatistics,
        "Show statistics by operation, service or attribute",
        Page,
        Timeline,
        &[key("5")],
    ),
    both(C::ViewSpans, "Show the spans as a table", Page, Timeline, &[key("6")]),
    both(C::ViewCompare, "Compare traces", Page, Loaded, &[key("7")]),
    differing(
        C::FollowCall,
        "Follow the call: to the service that was called, or along a link",
        Find,
        Timeline,
        &[key("]")],
        &[],
    ),
    differing(
        C::FollowCaller,
        "Follow the call back: to the caller, or along a link",
        Find,
        Timeline,
        &[key("[")],
        &[],
    ),
    both(C::GoTo, "Go to a span id, a trace id or a time", Find, Loaded, &[key("g")]),
    both(C::MarkSelection, "Mark the start of the selection, or unmark it", Find, Timeline, &[key("m")]),
    both(C::Note, "Write a note at the pointer", Find, Timeline, &[key("m").shift()]),
    both(C::Palette, "Find a command", Page, Everywhere, &[key("k").primary()]),
    both(C::Help, "Show keys and gestures", Page, Everywhere, &[key("?").any_shift()]),
    both(C::ShowTraces, "Show all traces", Page, Loaded, &[]),
    both(C::ShowReport, "Show the import report", Page, Loaded, &[]),
    both(C::ShowRefused, "Show why files were not opened", Page, Loaded, &[]),
    both(C::ShowSettings, "Show the settings", Page, Everywhere, &[]),
    both(C::OpenFiles, "Open files", Page, Everywhere, &[]),
    both(C::OpenFolder, "Open a folder", Page, Everywhere, &[]),
    both(C::AddFiles, "Add files to what is open", Page, Loaded, &[]),
    both(C::CloseFiles, "Close what is open", Page, Loaded, &[]),
    both(C::Connect, "Connect to Jaeger or Tempo", Page, Everywhere, &[]),
    both(C::Search, "Search for traces in Jaeger or Tempo", Page, Everywhere, &[]),
    both(C::Theme, "Switch the theme", Page, Everywhere, &[key("t")]),
    both(C::CopyLink, "Copy a link to this view", Page, Loaded, &[key("y")]),
    both(C::CopySpan, "Copy the span as JSON", Page, Timeline, &[key("y").shift()]),
    both(C::NextRegion, "To the next region of the page", Page, Everywhere, &[key("F6")]),
    both(C::PreviousRegion, "To the previous region of the page", Page, Everywhere, &[key("F6").shift()]),
    both(
        C::Escape,
        "Clear the search, then the selection; in the list the brush, then all filters",
        Page,
        Everywhere,
        &[key("Escape")],
    ),
];

/// What the mouse and fingers do, for the help.
pub const GESTURES: &[(&str, &str)] = &[
    ("Ctrl + wheel, pinch", "Zoom around the pointer"),
    ("Wheel", "Scroll the rows"),
    ("Shift + wheel, wheel sideways, middle drag, Space + drag", "Move in time"),
    ("Drag on the ruler or the minimap", "Zoom to the range"),
    ("Drag on an empty part of the waterfall", "Measure; snaps to the ends of bars, not with Alt"),
    ("Double click on a bar", "Zoom to the bar"),
    ("Double click on a frame, Enter", "Zoom to the frame of the flame graph; Backspace goes out again"),
    ("Click on the count of a row", "Open or close it"),
    ("Space in the list of traces", "Tick the trace, to compare it"),
    ("Double click on a span of the table, Enter", "Go to it in the timeline"),
    ("Double click on a row of the statistics, Enter", "Show its spans"),
    ("Click on a node of the graph, double click", "Choose it; show its operations"),
    ("Arrows in the graph, Enter, Shift + Enter", "Go from node to node; choose; show the operations"),
];

impl Group {
    /// The heading.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Time => "Time",
            Self::Rows => "Rows",
            Self::Fold => "Folding",
            Self::Find => "Search and marks",
            Self::Page => "Page",
        }
    }
}

impl Command {
    /// The row of `id`.
    pub fn of(id: CommandId) -> Option<&'static Self> {
        COMMANDS.iter().find(|c| c.id == id)
    }

    /// Its keys in a preset.
    pub const fn keys(&self, preset: KeyPreset) -> &'static [Chord] {
        match preset {
            KeyPreset::Perfetto => self.perfetto,
            KeyPreset::Jaeger => self.jaeger,
        }
    }
}

/// The command that a key stands for, if it may be used there.
///
/// A text field keeps its keys: only escape, the palette and the search reach through, and a second search key
/// in the search field goes to the browser. Controls keep Enter, Space, arrows and the like.
pub fn resolve(preset: KeyPreset, single_keys: bool, press: &KeyPress<'_>) -> Option<CommandId> {
    let (command, chord) = COMMANDS
        .iter()
        .flat_map(|c| c.keys(preset).iter().map(move |chord| (c, chord)))
        .find(|(_, chord)| chord.fits(press))?;
    if chord.is_single() && !single_keys {
        return None;
    }
    let reaches = match press.focus {
        Focus::Page => true,
        Focus::Control => chord.is_single() || chord.primary || matches!(chord.key, "Escape" | "F6"),
        Focus::Text => reaches_through_text(chord),
        Focus::Search => reaches_through_text(chord) && command.id != C::Find,
    };
    reaches.then_some(command.id)
}

/// Commands whose titles contain all words of `text`, for palette and help.
pub fn matching(text: &str) -> Vec<&'static Command> {
    let words = crate::view::find::Words::parse(text);
    COMMANDS
        .iter()
        .filter(|c| c.id != C::Escape)
        .filter(|c| words.is_empty() || words.fit(&format!("{} {}", c.title, c.group.title())))
        .collect()
}

fn reaches_through_text(chord: &Chord) -> bool {
    chord.key == "Escape" || chord.key == "F6" || (chord.primary && matches!(chord.key, "k" | "f" | "b"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_command_of_a_view_shows_another_one() {
        let views: Vec<Screen> = COMMANDS.iter().filter_map(|command| command.id.view()).collect();
        let keys = |id: CommandId| format!("{id:?}").starts_with("View");
        let n_commands = COMMANDS.iter().filter(|command| keys(command.id)).count();
        // All but the comparison are views of one trace.
        assert_eq!(views.len(), n_commands - 1);
        assert!((1..views.len()).all(|at| !views[..at].contains(&views[at])));
    }

    fn press(text: &str) -> KeyPress<'_> {
        let mut press = KeyPress::default();
        let mut rest = text;
        while let Some((modifier, tail)) = rest.split_once('+').filter(|(m, _)| !m.is_empty()) {
            match modifier {
                "ctrl" => press.ctrl = true,
                "meta" => press.meta = true,
                "alt" => press.alt = true,
                "shift" => press.shift = true,
                "text" => press.focus = Focus::Text,
                "search" => press.focus = Focus::Search,
                "control" => press.focus = Focus::Control,
                _ => break,
            }
            rest = tail;
        }
        if rest.starts_with("Key") || rest == "Period" {
            press.code = rest;
        } else {
            press.key = rest;
        }
        press
    }

    #[test]
    fn keys_do_what_the_presets_say() {
        use KeyPreset::{Jaeger, Perfetto};
        for (preset, keys, expected) in [
            (Perfetto, "KeyW", Some(C::ZoomIn)),
            (Jaeger, "KeyW", Some(C::ScrollPageUp)),
            (Jaeger, "alt+ArrowUp", Some(C::ZoomIn)),
            (Perfetto, "alt+ArrowUp", None),
            (Perfetto, "shift+KeyD", Some(C::PanRightFar)),
            (Perfetto, "f", Some(C::FitSelection)),
            (Perfetto, "F", Some(C::FitSelection)),
            (Jaeger, "f", Some(C::NextMatchOrRow)),
            (Jaeger, "b", Some(C::PreviousMatchOrRow)),
            (Jaeger, "n", Some(C::NextMatch)),
            (Perfetto, "m", Some(C::MarkSelection)),
            (Perfetto, "shift+M", Some(C::Note)),
            (Jaeger, "g", Some(C::GoTo)),
            (Perfetto, "shift+F", Some(C::FitTrace)),
            (Perfetto, "ctrl+f", Some(C::Find)),
            (Perfetto, "ctrl+b", None),
            (Jaeger, "ctrl+b", Some(C::Find)),
            (Perfetto, "meta+k", Some(C::Palette)),
            (Perfetto, "shift+?", Some(C::Help)),
            (Perfetto, "?", Some(C::Help)),
            (Perfetto, "shift+*", Some(C::OpenSiblings)),
            (Jaeger, "[", Some(C::OpenAll)),
            (Jaeger, "]", Some(C::CloseAll)),
            (Perfetto, "]", Some(C::FollowCall)),
            (Perfetto, "[", Some(C::FollowCaller)),
            (Perfetto, "ctrl+n", None),
            (Perfetto, "alt+n", None),
            (Perfetto, "text+n", None),
            (Perfetto, "text+ArrowDown", None),
            (Perfetto, "text+Escape", Some(C::Escape)),
            (Perfetto, "text+ctrl+k", Some(C::Palette)),
            (Perfetto, "search+ctrl+f", None),
            (Perfetto, "control+Enter", None),
            (Perfetto, "control+ ", None),
            (Perfetto, "control+e", Some(C::NextError)),
            (Perfetto, "shift+Period", Some(C::NextSiblingOfService)),
            (Perfetto, "+", Some(C::ZoomIn)),
            (Perfetto, "Shift", None),
        ] {
            assert_eq!(resolve(preset, true, &press(keys)), expected, "{preset:?} {keys}");
        }
    }

    #[test]
    fn single_keys_can_be_turned_off() {
        for (keys, expected) in [
            ("f", None),
            ("KeyW", None),
            ("?", None),
            ("ArrowDown", Some(C::RowDown)),
            (" ", Some(C::ToggleRow)),
            ("ctrl+k", Some(C::Palette)),
        ] {
            assert_eq!(resolve(KeyPreset::Perfetto, false, &press(keys)), expected, "{keys}");
        }
    }

    #[test]
    fn the_table_is_complete_and_unambiguous() {
        let ids: BTreeSet<CommandId> = COMMANDS.iter().map(|c| c.id).collect();
        assert_eq!(ids.len(), COMMANDS.len(), "a command stands there twice");
        assert_eq!(ids.len(), C::Escape as usize + 1, "a command is missing");
        for preset in [KeyPreset::Perfetto, KeyPreset::Jaeger] {
            let mut keys = BTreeSet::new();
            for chord in COMMANDS.iter().flat_map(|c| c.keys(preset)) {
                assert!(keys.insert(chord.aria()), "{} means two things", chord.aria());
                let cap = chord.caps(false);
                assert!(cap.last().is_some_and(|c| !c.starts_with("Key")), "{cap:?}");
            }
        }
    }

    #[test]
    fn keys_are_written_as_on_their_caps() {
        let caps = |id, is_mac| Command::of(id).map(|c| c.perfetto[0].caps(is_mac).join(" "));
        assert_eq!(caps(C::PanLeftFar, false).as_deref(), Some("Shift A"));
        assert_eq!(caps(C::Palette, true).as_deref(), Some("⌘ K"));
        assert_eq!(caps(C::ToggleRow, false).as_deref(), Some("Space"));
        let all = COMMANDS.iter().flat_map(|c| c.perfetto.iter().chain(c.jaeger));
        let small: Vec<_> = all.flat_map(|chord| chord.caps(false)).filter(|cap| cap.len() == 1).collect();
        assert!(small.iter().all(|cap| !cap.chars().all(char::is_lowercase)), "{small:?}");
        assert_eq!(matching("next match").first().map(|c| c.id), Some(C::NextMatch));
        assert_eq!(matching("").len(), COMMANDS.len() - 1);
    }
}
