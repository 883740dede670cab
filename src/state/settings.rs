//! What belongs to the reader and not to a trace: kept in the browser, never in a link.

use serde::{Deserialize, Serialize};

use crate::view::theme::{Palette, RememberedLooks};

/// Services whose looks are remembered; more would only slow the start.
const MAX_LOOKS: usize = 2000;

/// Light, dark, or as the system has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ThemeChoice {
    /// As the system has it.
    #[default]
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// Which keys do what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyPreset {
    /// WASD moves and zooms.
    #[default]
    Perfetto,
    /// As in Jaeger's own viewer.
    Jaeger,
}

/// Which colours services have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PaletteChoice {
    /// Matthew Petroff's ten colours.
    #[default]
    Petroff,
    /// The seven colours of Okabe and Ito.
    OkabeIto,
    /// One colour for all services; errors stand out.
    Status,
}

/// The reader's settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Colours.
    pub theme: ThemeChoice,
    /// Colours of services.
    pub palette: PaletteChoice,
    /// Keys.
    pub keys: KeyPreset,
    /// Whether single letters are commands.
    pub single_keys: bool,
    /// Width of the side panel.
    pub panel_px: u32,
    /// Whether the side panel is open.
    pub panel_open: bool,
    /// Width of the name column.
    pub names_px: u32,
    /// Looks of services.
    pub looks: RememberedLooks,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: ThemeChoice::default(),
            palette: PaletteChoice::default(),
            keys: KeyPreset::default(),
            single_keys: true,
            panel_px: 380,
            panel_open: true,
            names_px: 420,
            looks: RememberedLooks::new(),
        }
    }
}

impl ThemeChoice {
    /// The word in links and settings.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The next choice of a switch with three positions.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::Auto => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::Auto,
        }
    }

    /// Whether it comes out dark, given the system's preference.
    pub const fn is_dark(self, system_is_dark: bool) -> bool {
        match self {
            Self::Auto => system_is_dark,
            Self::Light => false,
            Self::Dark => true,
        }
    }
}

impl KeyPreset {
    /// The word in links and settings.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Perfetto => "perfetto",
            Self::Jaeger => "jaeger",
        }
    }
}

impl PaletteChoice {
    /// All, in the order of the settings.
    pub const ALL: [Self; 3] = [Self::Petroff, Self::OkabeIto, Self::Status];

    /// The word in links and settings.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Petroff => "petroff",
            Self::OkabeIto => "okabe-ito",
            Self::Status => "status",
        }
    }

    /// The colours.
    pub const fn palette(self) -> Palette {
        match self {
            Self::Petroff => Palette::Petroff,
            Self::OkabeIto => Palette::OkabeIto,
            Self::Status => Palette::Status,
        }
    }
}

impl Settings {
    /// Reads what [`Self::to_json`] wrote; what is missing or not understood has its default.
    pub fn from_json(text: &str) -> Self {
        let Ok(serde_json::Value::Object(stored)) = serde_json::from_str(text) else {
            return Self::default();
        };
        // Field by field, so that one that another version wrote does not cost all others.
        let mut kept = serde_json::Map::new();
        for (key, value) in stored {
            let alone = serde_json::Map::from_iter([(key.clone(), value.clone())]);
            if serde_json::from_value::<Self>(alone.into()).is_ok() {
                kept.insert(key, value);
            }
        }
        let settings = serde_json::from_value::<Self>(kept.into()).unwrap_or_default();
        settings.bounded()
    }

    /// As stored in the browser.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Sizes within what a window can show.
    fn bounded(mut self) -> Self {
        self.panel_px = self.panel_px.clamp(240, 1200);
        self.names_px = self.names_px.clamp(140, 1600);
        if self.looks.len() > MAX_LOOKS {
            self.looks.clear();
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_stored_comes_back() {
        let mut settings = Settings { theme: ThemeChoice::Dark, names_px: 500, ..Settings::default() };
        settings.looks.insert("cart".into(), 3);
        assert_eq!(Settings::from_json(&settings.to_json()), settings);
    }

    #[test]
    fn a_palette_has_one_word_in_links_and_settings() {
        for choice in PaletteChoice::ALL {
            let settings = Settings { palette: choice, ..Settings::default() };
            assert!(settings.to_json().contains(&format!("\"palette\":\"{}\"", choice.word())));
        }
    }

    #[test]
    fn what_is_not_understood_has_its_default() {
        for text in ["", "null", "[]", "{\"theme\":", "{\"from_the_future\":1}"] {
            assert_eq!(Settings::from_json(text), Settings::default(), "{text}");
        }
        let mixed = Settings::from_json(r#"{"theme":"sepia","keys":"jaeger","panel_px":5,"new":[]}"#);
        assert_eq!((mixed.theme, mixed.keys, mixed.panel_px), (ThemeChoice::Auto, KeyPreset::Jaeger, 240));
    }
}
