//! Keys: what was pressed, what a command asks for, and how a key is written.
//!
//! WASD go by the place on the keyboard (`code`), everything else by the letter it gives (`key`), so that both
//! stay where the reader expects them on any layout.

/// A key as the browser reports it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeyPress<'a> {
    /// What it gives: `a`, `A`, `?`, `ArrowUp`.
    pub key: &'a str,
    /// Where it is: `KeyA`.
    pub code: &'a str,
    /// Control is down.
    pub ctrl: bool,
    /// Command or Windows key is down.
    pub meta: bool,
    /// Alt or option is down.
    pub alt: bool,
    /// Shift is down.
    pub shift: bool,
    /// Where the focus is.
    pub focus: Focus,
}

/// What has the focus.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Focus {
    /// Something that takes no text.
    #[default]
    Page,
    /// A control that takes Enter, Space and arrows itself: a button, a menu, a slider.
    Control,
    /// A text field.
    Text,
    /// The search field.
    Search,
}

/// What shift has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shift {
    /// Up.
    No,
    /// Down.
    Yes,
    /// Either: the key itself depends on it (`?`, `+`).
    Any,
}

/// A key with its modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chord {
    /// `code` for a place (`KeyW`), else `key`; letters in lower case.
    pub key: &'static str,
    /// Whether `key` is a place on the keyboard.
    pub is_place: bool,
    /// Control, or command on a Mac.
    pub primary: bool,
    /// Alt.
    pub alt: bool,
    /// Shift.
    pub shift: Shift,
}

impl Chord {
    /// A letter or sign alone.
    pub const fn key(key: &'static str) -> Self {
        Self { key, is_place: false, primary: false, alt: false, shift: Shift::No }
    }

    /// A place on the keyboard alone.
    pub const fn place(code: &'static str) -> Self {
        Self { is_place: true, ..Self::key(code) }
    }

    /// With shift.
    #[must_use]
    pub const fn shift(self) -> Self {
        Self { shift: Shift::Yes, ..self }
    }

    /// With or without shift.
    #[must_use]
    pub const fn any_shift(self) -> Self {
        Self { shift: Shift::Any, ..self }
    }

    /// With control or command.
    #[must_use]
    pub const fn primary(self) -> Self {
        Self { primary: true, ..self }
    }

    /// With alt.
    #[must_use]
    pub const fn alt(self) -> Self {
        Self { alt: true, ..self }
    }

    /// Whether `press` is this chord.
    pub fn fits(&self, press: &KeyPress<'_>) -> bool {
        let same_key = if self.is_place {
            press.code == self.key
        } else {
            press.key == self.key || (press.key.chars().count() == 1 && press.key.to_lowercase() == self.key)
        };
        let same_shift = match self.shift {
            Shift::No => !press.shift,
            Shift::Yes => press.shift,
            Shift::Any => true,
        };
        same_key && same_shift && self.primary == (press.ctrl || press.meta) && self.alt == press.alt
    }

    /// Whether it is a single letter or sign, which a setting can turn off.
    pub fn is_single(&self) -> bool {
        let is_sign = self.is_place || (self.key.chars().count() == 1 && self.key != " ");
        is_sign && !self.primary && !self.alt
    }

    /// The caps to press, in the order in which they are written: `["Ctrl", "Shift", "F"]`.
    pub fn caps(&self, is_mac: bool) -> Vec<&'static str> {
        let mut caps = Vec::new();
        if self.primary {
            caps.push(if is_mac { "⌘" } else { "Ctrl" });
        }
        if self.alt {
            caps.push(if is_mac { "⌥" } else { "Alt" });
        }
        if self.shift == Shift::Yes {
            caps.push(if is_mac { "⇧" } else { "Shift" });
        }
        caps.push(CAPS.iter().find(|(key, _)| *key == self.key).map_or(self.key, |(_, cap)| cap));
        caps
    }

    /// As `aria-keyshortcuts` has it: `Control+Shift+F`.
    pub fn aria(&self) -> String {
        let primary = if self.primary { "Control+" } else { "" };
        let alt = if self.alt { "Alt+" } else { "" };
        let shift = if self.shift == Shift::Yes { "Shift+" } else { "" };
        let key = match self.key {
            " " => "Space".to_owned(),
            key => key.strip_prefix("Key").unwrap_or(key).to_owned(),
        };
        format!("{primary}{alt}{shift}{key}")
    }
}

/// What stands on the caps of keys that have a name.
const CAPS: &[(&str, &str)] = &[
    ("KeyW", "W"),
    ("KeyA", "A"),
    ("KeyS", "S"),
    ("KeyD", "D"),
    ("b", "B"),
    ("c", "C"),
    ("e", "E"),
    ("f", "F"),
    ("g", "G"),
    ("i", "I"),
    ("j", "J"),
    ("k", "K"),
    ("m", "M"),
    ("n", "N"),
    ("o", "O"),
    ("p", "P"),
    ("r", "R"),
    ("s", "S"),
    ("t", "T"),
    ("w", "W"),
    ("x", "X"),
    ("y", "Y"),
    ("z", "Z"),
    ("ArrowUp", "↑"),
    ("ArrowDown", "↓"),
    ("ArrowLeft", "←"),
    ("ArrowRight", "→"),
    ("PageUp", "Page Up"),
    ("PageDown", "Page Down"),
    ("Escape", "Esc"),
    (" ", "Space"),
    ("Period", "."),
    ("Comma", ","),
];
