//! The state of the page in a signal, the address bar that follows it, and the reader's settings.

use std::collections::BTreeSet;

use leptos::prelude::*;

use crate::model::ids::TraceId;
use crate::platform::history::{self, Address};
use crate::platform::{dom, storage};
use crate::state::action::Action;
use crate::state::openings::OpeningId;
use crate::state::settings::{KeyPreset, PaletteChoice, Settings, ThemeChoice};
use crate::state::url::{self, Notice};
use crate::state::view_state::{HistoryStep, Screen, ViewState, history_step};
use crate::view::theme::{Palette, Theme};

/// Under this key the browser keeps the settings.
const SETTINGS_KEY: &str = "settings";

/// A copyable handle to the state. It changes only by [`Self::apply`].
#[derive(Clone, Copy)]
pub struct Store {
    state: RwSignal<ViewState>,
    settings: RwSignal<Settings>,
    /// Keys of findings that are not to be listed again in this visit.
    ignored: RwSignal<BTreeSet<String>>,
    system_is_dark: RwSignal<bool>,
    address: StoredValue<Address, LocalStorage>,
    /// Counts the states that came from elsewhere than what shows them.
    arrangements: RwSignal<u32>,
    /// The trace that was open before the list was shown again.
    left: StoredValue<Option<TraceId>>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

impl Store {
    /// The state in the address, the settings in the browser, and what in the address was not understood.
    pub fn from_browser() -> (Self, Vec<Notice>) {
        let (state, notices) = url::parse(&history::fragment());
        let settings = storage::read(SETTINGS_KEY).map(|json| Settings::from_json(&json));
        let store = Self {
            state: RwSignal::new(state),
            settings: RwSignal::new(settings.unwrap_or_default()),
            ignored: RwSignal::new(BTreeSet::new()),
            system_is_dark: RwSignal::new(dom::prefers_dark()),
            address: StoredValue::new_local(Address::default()),
            arrangements: RwSignal::new(0),
            left: StoredValue::new(None),
        };
        if let Some(listener) = dom::on_prefers_dark(move |is_dark| store.system_is_dark.set(is_dark)) {
            listener.forever();
        }
        (store, notices)
    }

    /// Changes the state and has the address follow.
    pub fn apply(self, action: Action) {
        self.change(action, history_step);
    }

    /// Changes the state without a step of the history: for what happens many times in a row.
    pub fn apply_in_place(self, action: Action) {
        self.change(action, |before, after| match history_step(before, after) {
            HistoryStep::Push => HistoryStep::Replace,
            step => step,
        });
    }

    /// Changes the state with a step of the history, whatever the change: for what is given up at one press.
    pub fn apply_as_step(self, action: Action) {
        self.change(action, |before, after| match history_step(before, after) {
            HistoryStep::Replace => HistoryStep::Push,
            step => step,
        });
    }

    /// Changes what the timeline keeps itself, from outside: it then arranges itself by the state.
    pub fn arrange(self, action: Action) {
        self.apply(action);
        self.arrangements.update(|n| *n = n.wrapping_add(1));
    }

    /// Has the present effect run again whenever the timeline has to arrange itself by the state.
    pub fn track_arrangements(self) {
        self.arrangements.track();
    }

    /// The trace from which the reader came back to the list; asked for once.
    pub fn take_left(self) -> Option<TraceId> {
        self.left.try_update_value(Option::take).flatten()
    }

    fn change(self, action: Action, step: impl FnOnce(&ViewState, &ViewState) -> HistoryStep) {
        let before = self.state.get_untracked();
        let mut after = before.clone();
        // Going back must not write the history that it reads.
        let is_restore = matches!(action, Action::Restore(_));
        after.apply(action);
        if after == before {
            return;
        }
        let step = if is_restore { HistoryStep::Nothing } else { step(&before, &after) };
        let fragment = url::print(&after);
        // The address bar adds the sign itself.
        let fragment = fragment.trim_start_matches('#');
        if before.screen.is_trace() && matches!(after.screen, Screen::Traces | Screen::Search) {
            self.left.set_value(before.trace);
        }
        self.state.set(after);
        self.address.with_value(|address| match step {
            HistoryStep::Nothing => {}
            HistoryStep::Replace => address.replace(fragment),
            HistoryStep::Push => address.push(fragment),
        });
    }

    /// Another opening is open now, in this state: an entry of the history of its own, even where the address
    /// says the same, unless there is nothing to go back to.
    pub fn enter(self, after: ViewState, opening: OpeningId, replaces: bool) {
        let fragment = url::print(&after);
        let is_other = replaces || self.state.with_untracked(|before| fragment != url::print(before));
        self.state.set(after);
        self.address.with_value(|address| {
            address.set_opening(Some(opening.number()));
            if is_other {
                address.push(fragment.trim_start_matches('#'));
            } else {
                address.stamp();
            }
        });
    }

    /// Entries of the history are about this opening from now on, the present one included.
    pub fn stamp(self, opening: Option<OpeningId>) {
        self.address.with_value(|address| {
            address.set_opening(opening.map(OpeningId::number));
            address.stamp();
        });
    }

    /// Reads from the state, and again when it changes.
    pub fn with<T>(self, read: impl FnOnce(&ViewState) -> T) -> T {
        self.state.with(read)
    }

    /// Reads from the state once.
    pub fn look<T>(self, read: impl FnOnce(&ViewState) -> T) -> T {
        self.state.with_untracked(read)
    }

    /// The whole address of this view.
    pub fn link(self) -> String {
        self.address.with_value(Address::flush);
        history::address()
    }

    /// The reader went back or forward, or changed the address by hand. Returns what was not understood.
    pub fn restore(self, fragment: &str) -> Vec<Notice> {
        self.address.with_value(Address::forget);
        let (state, notices) = url::parse(fragment);
        self.arrange(Action::Restore(Box::new(state)));
        notices
    }

    /// Reads from the settings, and again when they change.
    pub fn with_settings<T>(self, read: impl FnOnce(&Settings) -> T) -> T {
        self.settings.with(read)
    }

    /// Reads from the settings once.
    pub fn with_settings_untracked<T>(self, read: impl FnOnce(&Settings) -> T) -> T {
        self.settings.with_untracked(read)
    }

    /// Changes the settings and has the browser keep them.
    pub fn change_settings(self, change: impl FnOnce(&mut Settings)) {
        self.settings.update(change);
        // A browser that keeps nothing still has them for this visit.
        self.settings.with_untracked(|settings| storage::write(SETTINGS_KEY, &settings.to_json()));
    }

    /// Reads which findings are ignored, and again when that changes.
    pub fn with_ignored<T>(self, read: impl FnOnce(&BTreeSet<String>) -> T) -> T {
        self.ignored.with(read)
    }

    /// Changes which findings are ignored in this visit.
    pub fn change_ignored(self, change: impl FnOnce(&mut BTreeSet<String>)) {
        self.ignored.update(change);
    }

    /// The theme in force: the link's, else the reader's.
    pub fn theme(self) -> ThemeChoice {
        self.with(|state| state.theme).unwrap_or_else(|| self.settings.with(|s| s.theme))
    }

    /// Whether the page is dark.
    pub fn is_dark(self) -> bool {
        self.theme().is_dark(self.system_is_dark.get())
    }

    /// The colours of services in force: the link's, else the reader's.
    pub fn palette_choice(self) -> PaletteChoice {
        self.with(|state| state.palette).unwrap_or_else(|| self.settings.with(|s| s.palette))
    }

    /// The colours of services in force.
    pub fn palette(self) -> Palette {
        self.palette_choice().palette()
    }

    /// All colours in force.
    pub fn colours(self) -> &'static Theme {
        Theme::of(self.is_dark(), self.palette())
    }

    /// The keys in force: the link's, else the reader's.
    pub fn keys(self) -> KeyPreset {
        self.with(|state| state.keys).unwrap_or_else(|| self.settings.with(|s| s.keys))
    }

    /// The reader chooses a theme.
    pub fn choose_theme(self, theme: ThemeChoice) {
        self.apply(Action::ChooseTheme(theme));
        self.change_settings(|settings| settings.theme = theme);
    }

    /// The reader chooses colours of services.
    pub fn choose_palette(self, palette: PaletteChoice) {
        self.apply(Action::ChoosePalette(palette));
        self.change_settings(|settings| settings.palette = palette);
    }

    /// The reader chooses keys.
    pub fn choose_keys(self, keys: KeyPreset) {
        self.apply(Action::ChooseKeys(keys));
        self.change_settings(|settings| settings.keys = keys);
    }
}
